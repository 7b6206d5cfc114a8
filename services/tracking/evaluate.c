// Evaluate and VerifyFigures, in reader threads. All their SQL is here.
#include "services/tracking/figures.h"
#include "services/tracking/rates.h"
#include "services/tracking/tracking.h"

#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MONTHS_MOST = 120, ROWS_MOST = 20000, KEY_BYTES = 600, DIFFERENCES_MOST = 100, CASES_AT_ONCE = 2000 };
#define BY(name) WANGGE__V1__FIGURE_DIMENSION__FIGURE_DIMENSION_##name

// One snapshot of both: primary keys. Changes that are not folded yet are few and are told apart by their body.
// $1 district, $2 dimension, $3 and $4 months, $5 the only key or null.
static const struct wg_statement FIGURES_OF = {
    "figures_of",
    "SELECT f.month, f.key, f.counts, NULL::bytea FROM figure f WHERE f.district = $1 AND f.by = $2 "
    "AND f.month BETWEEN $3 AND $4 AND ($5::text IS NULL OR f.key = $5) "
    "UNION ALL SELECT 0, '', '{}', d.body FROM figure_delta d WHERE d.district = $1",
    5};

struct wanted {
  const char *district;
  Wangge__V1__FigureDimension by;
  int32_t from, to;
  const char *key; // NULL: all
};

static void add_counts(struct figures_row *row, const PGresult *result, int at, struct wg_arena *arena) {
  int64_t *values = NULL;
  const size_t count = wg_get_i64_array(result, at, 2, arena, &values);
  for (size_t i = 0; i < count && i < FIGURES; i++)
    row->counts[i] += values[i];
}

// sums_of gathers the sums that are asked for, and of what is not folded everything.
static wg_status sums_of(struct wg_read_call *call, const struct wanted *wanted, struct figures_table *sums,
                         struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 5);
  wg_param_text(params, wanted->district);
  wg_param_i32(params, (int32_t)wanted->by);
  wg_param_i32(params, wanted->from);
  wg_param_i32(params, wanted->to);
  wg_param_text(params, wanted->by == BY(CATEGORY) ? NULL : wanted->key);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &FIGURES_OF, params, &result, error);
  if (status != WG_OK) return status;
  for (int at = 0; at < PQntuples(result) && status == WG_OK; at++) {
    if (!PQgetisnull(result, at, 3)) status = figures_add(sums, wanted->district, wg_get_bytea(result, at, 3), error);
    else
      add_counts(figures_row(sums, wanted->district, wg_get_i32(result, at, 0), wanted->by, wg_get_text(result, at, 1)),
                 result, at, call->arena);
  }
  PQclear(result);
  return status;
}

// is_of: a category that is asked for gives itself and what is directly below it.
static bool is_of(const struct wanted *wanted, const struct figures_row *row) {
  if (row->by != wanted->by || row->month < wanted->from || row->month > wanted->to || !row->counts[0]) return false;
  if (!wanted->key || strcmp(row->key, wanted->key) == 0) return true;
  const size_t size = strlen(wanted->key);
  return wanted->by == BY(CATEGORY) && strncmp(row->key, wanted->key, size) == 0 && row->key[size] == '/' &&
         !strchr(row->key + size + 1, '/');
}

// --- rows of an answer ---
static int by_key_and_month(const void *a, const void *b) {
  const struct figures_row *x = *(const struct figures_row *const *)a, *y = *(const struct figures_row *const *)b;
  const int keys = strcmp(x->key, y->key);
  return keys ? keys : (x->month > y->month) - (x->month < y->month);
}

// selected gathers the rows that are asked for, over all months unless per_month; sorted.
static size_t selected(struct wg_read_call *call, const struct figures_table *sums, const struct wanted *wanted,
                       bool per_month, struct figures_row ***rows) {
  struct figures_table *merged = figures_table_create(call->arena);
  for (size_t i = 0; i < sums->count; i++) {
    const struct figures_row *row = sums->rows[i];
    if (!is_of(wanted, row)) continue;
    struct figures_row *into = figures_row(merged, wanted->district, per_month ? row->month : 0, wanted->by, row->key);
    for (int k = 0; k < FIGURES; k++)
      into->counts[k] += row->counts[k];
  }
  qsort(merged->rows, merged->count, sizeof *merged->rows, by_key_and_month);
  *rows = merged->rows;
  return merged->count;
}

static Wangge__V1__EvaluationRow *answer_row(struct wg_read_call *call, const struct figures_row *row,
                                             const struct wanted *wanted) {
  struct tracking *tracking = call->service;
  char month[16] = "";
  if (row->month) figures_month_format(row->month, month);
  Wangge__V1__EvaluationRow *made = rates_row(row->key, month, row->counts, &tracking->weights, call->arena);
  if (wanted->by != BY(DEPARTMENT)) return made;
  const char *name, *level;
  tracking_units_find(tracking->units, wanted->district, row->key, call->arena, &name, &level);
  made->name = (char *)(uintptr_t)name;
  made->tier = (char *)(uintptr_t)rates_tier(level, made->figures->dispatched, call->arena);
  return made;
}

static int by_tier(const void *a, const void *b) { // else as they stood
  const Wangge__V1__EvaluationRow *x = *(Wangge__V1__EvaluationRow *const *)a,
                                  *y = *(Wangge__V1__EvaluationRow *const *)b;
  int order = strcmp(x->tier, y->tier);
  if (!order) order = strcmp(x->key, y->key);
  return order ? order : strcmp(x->month, y->month);
}

static wg_status read_months(const Wangge__V1__EvaluateRequest *request, struct wanted *wanted,
                             struct wg_error *error) {
  if (!figures_month_parse(request->from_month, &wanted->from))
    return wg_fail(error, WG_INVALID_ARGUMENT, "from_month", "must be a month like 2026-01");
  wanted->to = wanted->from;
  if (*request->to_month && !figures_month_parse(request->to_month, &wanted->to))
    return wg_fail(error, WG_INVALID_ARGUMENT, "to_month", "must be empty or a month like 2026-12");
  if (wanted->to < wanted->from || wanted->to - wanted->from >= MONTHS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "to_month", "must be from_month or at most %d months behind it",
                   MONTHS_MOST - 1);
  return WG_OK;
}

static wg_status check_district(const struct wg_principal *caller, const char *district, struct wg_error *error) {
  if (!wg_all_digits(district, 6)) return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be 6 digits");
  if (!tracking_may_district(caller, district))
    return wg_fail(error, WG_PERMISSION_DENIED, "district", "this key is not for district %s", district);
  return WG_OK;
}

// A department sees its own figures only.
static wg_status read_key(const struct wg_principal *caller, const Wangge__V1__EvaluateRequest *request,
                          struct wanted *wanted, struct wg_error *error) {
  wanted->key = *request->key ? request->key : NULL;
  if (strlen(request->key) > KEY_BYTES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "key", "must have at most %d bytes", KEY_BYTES);
  if (caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR)) return WG_OK;
  if (wanted->by != BY(DEPARTMENT) || (wanted->key && strcmp(wanted->key, caller->department) != 0))
    return wg_fail(error, WG_PERMISSION_DENIED, wanted->by != BY(DEPARTMENT) ? "by" : "key",
                   "a department may see its own figures only: by DEPARTMENT, key %s", caller->department);
  wanted->key = caller->department;
  return WG_OK;
}

wg_status tracking_evaluate(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__EvaluateRequest *request = (const Wangge__V1__EvaluateRequest *)call->request;
  struct wanted wanted = {.district = request->district, .by = request->by ? request->by : BY(ALL)};
  wg_status status = check_district(call->caller, request->district, error);
  if (status == WG_OK && ((int)wanted.by < BY(ALL) || (int)wanted.by > BY(CATEGORY)))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "by", "must be a value of FigureDimension");
  if (status == WG_OK) status = read_months(request, &wanted, error);
  if (status == WG_OK) status = read_key(call->caller, request, &wanted, error);
  struct figures_table *sums = figures_table_create(call->arena);
  if (status == WG_OK) status = sums_of(call, &wanted, sums, error);
  if (status != WG_OK) return status;
  struct figures_row **rows;
  const size_t count = selected(call, sums, &wanted, request->per_month, &rows);
  if (count > ROWS_MOST)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "key",
                   "%zu rows are more than %d: ask for fewer months or for one key", count, ROWS_MOST);
  Wangge__V1__EvaluateResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__evaluate_response__init(response);
  response->rows = wg_arena_alloc(call->arena, sizeof *response->rows * (count + 1));
  for (size_t i = 0; i < count; i++)
    response->rows[response->n_rows++] = answer_row(call, rows[i], &wanted);
  if (wanted.by == BY(DEPARTMENT)) qsort(response->rows, count, sizeof *response->rows, by_tier);
  *reply = &response->base;
  return WG_OK;
}

// --- VerifyFigures ---
static const struct wg_statement ALL_FIGURES = {
    "figures_all",
    "SELECT f.month, f.key, f.counts, NULL::bytea, f.by FROM figure f WHERE f.district = $1 "
    "UNION ALL SELECT 0, '', '{}', d.body, 0 FROM figure_delta d WHERE d.district = $1",
    1};

static wg_status kept_figures(struct wg_read_call *call, const char *district, struct figures_table *kept,
                              struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 1);
  wg_param_text(params, district);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &ALL_FIGURES, params, &result, error);
  if (status != WG_OK) return status;
  for (int at = 0; at < PQntuples(result) && status == WG_OK; at++) {
    if (!PQgetisnull(result, at, 3)) status = figures_add(kept, district, wg_get_bytea(result, at, 3), error);
    else
      add_counts(figures_row(kept, district, wg_get_i32(result, at, 0),
                             (Wangge__V1__FigureDimension)wg_get_i32(result, at, 4), wg_get_text(result, at, 1)),
                 result, at, call->arena);
  }
  PQclear(result);
  return status;
}

static void tell_difference(Wangge__V1__VerifyFiguresResponse *response, const struct figures_row *row, int counter,
                            int64_t kept, int64_t counted, struct wg_arena *arena) {
  char month[16], name[32];
  if (response->n_differences == DIFFERENCES_MOST) return;
  Wangge__V1__FigureDifference *one = wg_arena_alloc(arena, sizeof *one);
  wangge__v1__figure_difference__init(one);
  figures_month_format(row->month, month);
  figures_name(counter, name);
  one->by = row->by;
  one->key = wg_arena_strdup(arena, row->key);
  one->month = wg_arena_strdup(arena, month);
  one->figure = wg_arena_strdup(arena, name);
  one->kept = kept;
  one->counted = counted;
  response->differences[response->n_differences++] = one;
}

// compare looks at every row of either table once: `counted` gets the rows that only `kept` has, as zeros.
static void compare(struct figures_table *kept, struct figures_table *counted, struct wg_arena *arena,
                    Wangge__V1__VerifyFiguresResponse *response) {
  response->differences = wg_arena_alloc(arena, sizeof *response->differences * DIFFERENCES_MOST);
  for (size_t i = 0; i < kept->count; i++)
    figures_row(counted, kept->rows[i]->district, kept->rows[i]->month, kept->rows[i]->by, kept->rows[i]->key);
  for (size_t i = 0; i < counted->count; i++) {
    const struct figures_row *right = counted->rows[i];
    const struct figures_row *ours = figures_row(kept, right->district, right->month, right->by, right->key);
    for (int k = 0; k < FIGURES; k++) {
      if (ours->counts[k] != right->counts[k])
        tell_difference(response, right, k, ours->counts[k], right->counts[k], arena);
    }
  }
  response->rows = (int64_t)counted->count;
}

static wg_status compare_all(struct wg_read_call *call, const char *district,
                             Wangge__V1__VerifyFiguresResponse *response, struct wg_error *error) {
  struct figures_table *kept = figures_table_create(call->arena), *counted = figures_table_create(call->arena);
  wg_status status = kept_figures(call, district, kept, error);
  // A page's cases go into an arena of their own: millions of them would not fit.
  struct wg_arena *page = wg_arena_create(1 << 20);
  for (int64_t after = 0; status == WG_OK;) {
    const Wangge__V1__Case **cases;
    size_t count;
    wg_arena_reset(page);
    status = tracking_read_cases(call->db, page, district, after, CASES_AT_ONCE, &cases, &count, error);
    if (status != WG_OK || count == 0) break;
    for (size_t i = 0; i < count; i++)
      figures_count(counted, cases[i], 1);
    after = cases[count - 1]->order_id;
    response->cases += (int64_t)count;
  }
  wg_arena_destroy(page);
  if (status == WG_OK) compare(kept, counted, call->arena, response);
  return status;
}

wg_status tracking_verify_figures(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__VerifyFiguresRequest *request = (const Wangge__V1__VerifyFiguresRequest *)call->request;
  wg_status status = check_district(call->caller, request->district, error);
  if (status != WG_OK) return status;
  Wangge__V1__VerifyFiguresResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__verify_figures_response__init(response);
  // Figures and cases of one moment.
  status = wg_db_exec(call->db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error);
  if (status != WG_OK) return status;
  status = compare_all(call, request->district, response, error);
  struct wg_error ending = {0};
  if (!wg_db_lost(call->db) && wg_db_exec(call->db, "ROLLBACK", &ending) != WG_OK && status == WG_OK) {
    *error = ending;
    status = ending.code;
  }
  *reply = &response->base;
  return status;
}
