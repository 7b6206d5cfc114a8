// List by deadline. A list is what one key of an index and one state hold, in the order of deadlines: those of a
// department, of a grid or of a category. Which of the three is walked depends on what was asked for; everything else
// is looked at on the way. So the planner has nothing to choose: each way is a statement of its own, and no optional
// filter decides about an index.
//
// Of many lists (a street's grids in each state) not a page of each is read: the earliest row of each is, and then only
// what cannot be later than the page's last row.
#include "services/tracking/list.h"

#include "services/tracking/facts.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <string.h>

enum {
  PAGE_DEFAULT = 50,
  PAGE_MOST = 1000,
  OID_TIME = 1184 /* timestamptz */,
  CATEGORY_BYTES = 600,
  WALK_PARAMETERS = 14
};

// The key after all others: the last character there is.
#define LAST_KEY "\xf4\x8f\xbf\xbf"

// Keys of an index, found one by one. $1 district or '', $2 the caller's districts (none: all), $3 and $4 range of
// keys.
#define KEYS(key)                                                                                                      \
  "WITH RECURSIVE a(district) AS (SELECT min(district) FROM cases UNION ALL "                                          \
  "SELECT (SELECT min(c.district) FROM cases c WHERE c.district > a.district) FROM a WHERE a.district IS NOT NULL), "  \
  "q(district, k) AS (SELECT s.district, s.k FROM a CROSS JOIN LATERAL (SELECT c.district, c." key " AS k "            \
  "FROM cases c WHERE c.district = a.district AND c." key " >= $3 AND c." key " < $4 ORDER BY c." key " LIMIT 1) s "   \
  "WHERE ($1 = '' OR a.district = $1) AND (cardinality($2::text[]) = 0 OR a.district = ANY ($2)) UNION ALL "           \
  "SELECT n.district, n.k FROM q CROSS JOIN LATERAL (SELECT c.district, c." key " AS k FROM cases c "                  \
  "WHERE c.district = q.district AND c." key " > q.k AND c." key " < $4 ORDER BY c." key " LIMIT 1) n) "
// One list. $7 and $8 behind this deadline (null: none) and order, $9 before this deadline (null: no bound).
#define LIST_OF(of, key, filters)                                                                                      \
  "FROM cases p WHERE p.district = " of ".district AND p." key " = " of ".k AND p.state = " of ".state "               \
  "AND p.due_at <= coalesce($9::timestamptz - interval '1 microsecond', 'infinity') " filters
// $5 what a key beside the first begins with, $6 states, $10 limit. m: the earliest row of each list; t: where the page
// ends at the latest.
#define WALK(key, filters)                                                                                             \
  KEYS(key)                                                                                                            \
  ", m AS MATERIALIZED (SELECT l.district, l.k, l.state, f.due_at, f.order_id FROM (SELECT q.district, q.k, s.state "  \
  "FROM q CROSS JOIN unnest($6::smallint[]) AS s(state) WHERE $5 = '' OR q.k = $3 OR starts_with(q.k, $5)) l "         \
  "CROSS JOIN LATERAL (SELECT p.due_at, p.order_id " LIST_OF(                                                          \
      "l", key, filters) "AND (p.due_at, p.order_id) > (coalesce($7::timestamptz, 'infinity'), $8::bigint) "           \
                         "ORDER BY p.due_at, p.order_id LIMIT 1) f), "                                                 \
                         "t(due_at) AS (SELECT m.due_at FROM m ORDER BY m.due_at, m.order_id OFFSET $10 - 1 LIMIT 1) " \
                         "SELECT " TRACKING_COLUMNS " FROM (SELECT r.* FROM m CROSS JOIN LATERAL "                     \
                         "(SELECT p.district, p.order_id, p.due_at " LIST_OF(                                          \
                             "m", key, filters) "AND (p.due_at, p.order_id) >= (m.due_at, m.order_id) "                \
                                                "AND p.due_at <= coalesce((SELECT t.due_at FROM t), 'infinity') "      \
                                                "ORDER BY p.due_at, p.order_id LIMIT $10) r "                          \
                                                "ORDER BY r.due_at, r.order_id LIMIT $10) f "                          \
                                                "JOIN cases c ON c.district = f.district AND c.order_id = f.order_id " \
                                                "ORDER BY c.due_at, c.order_id"
// What is looked at on the way: $11 department, $12 beginning of the grid, $13 and $14 category and what paths below it
// begin with. None is written so that an index could serve it: the walk's is the right one, whatever the planner
// thinks. DEPARTMENT stands in the index.
#define DEPARTMENT "AND ($11 = '' OR p.department = $11) "
#define GRID "AND ($12 = '' OR left(p.grid_code, length($12)) = $12) "
#define CATEGORY "AND ($13 = '' OR p.category = $13 OR starts_with(p.category, $14)) "

// Indexes cases_queue, cases_grid, cases_category; with "rows" the rows of cases are read, too.
static const struct wg_statement WALKS[] = {
    {"tracking_list_queue", WALK("department COLLATE \"C\"", ""), WALK_PARAMETERS},
    {"tracking_list_queue_rows", WALK("department COLLATE \"C\"", GRID), WALK_PARAMETERS},
    {"tracking_list_grid", WALK("grid_code COLLATE \"C\"", DEPARTMENT CATEGORY), WALK_PARAMETERS},
    {"tracking_list_category", WALK("category COLLATE \"C\"", DEPARTMENT GRID), WALK_PARAMETERS}};
enum way { BY_QUEUE, BY_QUEUE_ROWS, BY_GRID, BY_CATEGORY };

// --- ranges ---
static struct list_range grids(const struct list_wanted *wanted, struct wg_arena *arena) {
  if (!*wanted->grid) return (struct list_range){"", LAST_KEY, ""};
  return (struct list_range){wanted->grid, wg_arena_printf(arena, "%s:", wanted->grid), ""}; // ':' follows '9'
}

struct list_range list_categories(const struct list_wanted *wanted, struct wg_arena *arena) {
  if (!*wanted->category) return (struct list_range){"", LAST_KEY, ""};
  return (struct list_range){wanted->category, wg_arena_printf(arena, "%s0", wanted->category), // '0' follows '/'
                             wg_arena_printf(arena, "%s/", wanted->category)};
}

static struct list_range departments(const struct list_wanted *wanted, struct wg_arena *arena) {
  if (!*wanted->department) return (struct list_range){"", LAST_KEY, ""};
  return (struct list_range){wanted->department, wg_arena_printf(arena, "%s\x01", wanted->department), ""};
}

struct wg_column *list_states(const struct list_wanted *wanted, struct wg_arena *arena) {
  struct wg_column *states = wg_column_i16(arena, LIST_STATES);
  for (int state = 1; state <= LIST_STATES; state++) {
    if (!wanted->state || wanted->state == state) wg_push_i16(states, (int16_t)state);
  }
  return states;
}

void list_param_time(struct wg_params *params, bool given, int64_t at) {
  if (given) wg_param_time(params, at);
  else wg_param_null(params, OID_TIME);
}

wg_status list_rows(const PGresult *result, struct wg_arena *arena, Wangge__V1__ListCasesResponse *response,
                    struct wg_error *error) {
  for (int row = 0; row < PQntuples(result); row++) {
    struct tracking_case *subject = wg_arena_alloc(arena, sizeof *subject);
    const wg_status status = tracking_row_read(result, row, arena, subject, error);
    if (status != WG_OK) return status;
    response->cases[response->n_cases++] = &subject->row;
  }
  return WG_OK;
}

// --- by deadline ---
// A page token is "<due_at in µs, 0: none>.<order id>" of the last row.
struct place {
  bool has_due;
  int64_t due_at, order_id;
};

static wg_status read_token(const struct list_wanted *wanted, struct place *after, struct wg_error *error) {
  int64_t numbers[2];
  *after = (struct place){.has_due = true, .due_at = wanted->due_from};
  if (!*wanted->token) return WG_OK;
  if (!wg_parse_numbers(wanted->token, numbers, 2) || numbers[1] == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
  *after = (struct place){.has_due = numbers[0] > 0, .due_at = numbers[0], .order_id = numbers[1]};
  return WG_OK;
}

// way_of chooses the lists that are walked: those whose rows are most likely to fit. A category of several levels names
// few cases, a community or grid fewer than a first level; a department or a street leaves many to look at.
static enum way way_of(const struct list_wanted *wanted) {
  const size_t digits = strlen(wanted->grid);
  if (strchr(wanted->category, '/') || (*wanted->category && digits < 12)) return BY_CATEGORY;
  if (digits >= 12 || (digits && !*wanted->department)) return BY_GRID;
  return digits ? BY_QUEUE_ROWS : BY_QUEUE;
}

static struct wg_params *walk_params(struct wg_read_call *call, const struct list_wanted *wanted, enum way way,
                                     const struct place *after) {
  struct wg_params *params = wg_params(call->arena, WALK_PARAMETERS);
  struct wg_column *districts = wg_column_text(call->arena, 32);
  for (int i = 0; i < call->caller->districts; i++)
    wg_push_text(districts, call->caller->district[i]);
  const struct list_range categories = list_categories(wanted, call->arena);
  const struct list_range range = way == BY_CATEGORY ? categories
                                  : way == BY_GRID   ? grids(wanted, call->arena)
                                                     : departments(wanted, call->arena);
  wg_param_text(params, wanted->district);
  wg_param_column(params, districts);
  wg_param_text(params, range.begin);
  wg_param_text(params, range.end);
  wg_param_text(params, range.inside);
  wg_param_column(params, list_states(wanted, call->arena));
  list_param_time(params, after->has_due, after->due_at);
  wg_param_i64(params, after->order_id);
  list_param_time(params, wanted->due_before > 0, wanted->due_before);
  wg_param_i64(params, wanted->limit);
  wg_param_text(params, wanted->department);
  wg_param_text(params, wanted->grid);
  wg_param_text(params, wanted->category);
  wg_param_text(params, categories.inside);
  return params;
}

static wg_status walk(struct wg_read_call *call, const struct list_wanted *wanted,
                      Wangge__V1__ListCasesResponse *response, struct wg_error *error) {
  struct place after;
  wg_status status = read_token(wanted, &after, error);
  if (status != WG_OK) return status;
  const enum way way = way_of(wanted);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &WALKS[way], walk_params(call, wanted, way, &after), &result, error);
  if (status != WG_OK) return status;
  status = list_rows(result, call->arena, response, error);
  PQclear(result);
  if (status != WG_OK || response->n_cases < (size_t)wanted->limit) return status;
  const Wangge__V1__Case *last = response->cases[response->n_cases - 1];
  response->next_page_token = wg_arena_printf(call->arena, "%" PRId64 ".%" PRId64, last->due_at, last->order_id);
  return WG_OK;
}

// --- what is asked for ---
static wg_status check_grid(const Wangge__V1__ListCasesRequest *request, struct wg_error *error) {
  const size_t digits = strlen(request->grid);
  if (!digits) return WG_OK;
  if ((digits != 9 && digits != 12 && digits != 15) || !wg_all_digits(request->grid, digits))
    return wg_fail(error, WG_INVALID_ARGUMENT, "grid", "must be 15 digits, or 12 of a community, or 9 of a street");
  if (*request->district && strncmp(request->grid, request->district, 6) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "grid", "must lie in the district: begin with its 6 digits");
  return WG_OK;
}

static wg_status check_list(const Wangge__V1__ListCasesRequest *request, struct wg_error *error) {
  if (request->limit < 0 || request->limit > PAGE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", PAGE_MOST);
  if (*request->district && !wg_all_digits(request->district, 6))
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be empty or 6 digits");
  if ((int)request->state < 0 || (int)request->state > LIST_STATES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "state", "must be a value of CaseState");
  if (request->due_from < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "due_from", "must be 0 or a time");
  if (request->due_before < 0 || (request->due_before && request->due_before <= request->due_from))
    return wg_fail(error, WG_INVALID_ARGUMENT, "due_before", "must be 0 or a time behind due_from");
  const wg_status status = wg_text_check(request->category, CATEGORY_BYTES, WG_TEXT_ONE_LINE, "category", error);
  if (status != WG_OK) return status;
  if (*request->text && !*request->district && !*request->grid)
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "is required with text: 6 digits");
  return check_grid(request, error);
}

static bool sees_all(const struct wg_principal *caller) {
  return caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR);
}

// district_of: a grid names its district.
static const char *district_of(const Wangge__V1__ListCasesRequest *request, struct wg_arena *arena) {
  if (*request->district || !*request->grid) return request->district;
  return wg_arena_printf(arena, "%.6s", request->grid);
}

wg_status tracking_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ListCasesRequest *request = (const Wangge__V1__ListCasesRequest *)call->request;
  wg_status status = check_list(request, error);
  if (status != WG_OK) return status;
  const bool all = sees_all(call->caller);
  const struct list_wanted wanted = {.district = district_of(request, call->arena),
                                     .department = all ? request->department : call->caller->department,
                                     .grid = request->grid,
                                     .category = request->category,
                                     .text = request->text,
                                     .due_from = request->due_from,
                                     .due_before = request->due_before,
                                     .state = (int)request->state,
                                     .limit = request->limit ? request->limit : PAGE_DEFAULT,
                                     .token = request->page_token};
  Wangge__V1__ListCasesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__list_cases_response__init(response);
  response->cases = wg_arena_alloc(call->arena, sizeof *response->cases * (size_t)wanted.limit);
  *reply = &response->base;
  // Another department's cases are none of the caller's.
  if (*request->department && strcmp(request->department, wanted.department) != 0) return WG_OK;
  if (!all && !*wanted.department) return WG_OK;
  status = (*wanted.text ? list_search : walk)(call, &wanted, response, error);
  if (status != WG_DEADLINE_EXCEEDED) return status;
  return wg_fail(
      error, WG_DEADLINE_EXCEEDED, NULL,
      "too many cases had to be looked at: narrow the list by department, state, grid, category or deadline");
}
