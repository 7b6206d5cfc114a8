// SQL of full views of personal data, and of the record of them: see query.h.
#include "services/intake/query.h"

// Primary keys of reporter and orders, inside the function, which records the view.
static const struct wg_statement REPORTER = {"intake_query_reporter",
                                             "SELECT name, phone FROM reporter_shown($1, $2, $3, $4, $5, $6)", 6};

static const struct wg_statement RECORD_TEXT = {"intake_query_record_text",
                                                "INSERT INTO pii_access (district, order_id, who, person, field, "
                                                "reason, at) VALUES ($1, $2, $3, $4, 'text', $5, $6)",
                                                6};

static struct wg_params *view_params(struct wg_arena *arena, const struct intake_view *view) {
  struct wg_params *params = wg_params(arena, 6);
  wg_param_text(params, view->order->district);
  wg_param_i64(params, view->order->order_id);
  wg_param_text(params, view->who);
  wg_param_text(params, view->person);
  wg_param_text(params, view->reason);
  wg_param_time(params, view->at);
  return params;
}

static char *text_of(const PGresult *result, int row, int column, struct wg_arena *arena) {
  return wg_arena_strdup(arena, wg_get_text(result, row, column));
}

wg_status intake_query_reporter(struct wg_db *db, struct wg_arena *arena, const struct intake_view *view,
                                Wangge__V1__Reporter **reporter, struct wg_error *error) {
  *reporter = NULL;
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &REPORTER, view_params(arena, view), &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) > 0) {
    *reporter = wg_arena_alloc(arena, sizeof **reporter);
    wangge__v1__reporter__init(*reporter);
    (*reporter)->name = text_of(result, 0, 0, arena);
    (*reporter)->phone = text_of(result, 0, 1, arena);
  }
  PQclear(result);
  return WG_OK;
}

wg_status intake_query_record_text(struct wg_db *db, struct wg_arena *arena, const struct intake_view *view,
                                   struct wg_error *error) {
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &RECORD_TEXT, view_params(arena, view), &result, error);
  PQclear(result);
  return status;
}

// --- the record of views ---

#define ACCESS_COLUMNS "a.access_id, a.district, a.order_id, a.who, a.person, a.field, a.reason, a.at "
#define ACCESS_OF                                                                                                      \
  "FROM unnest($1::text[]) AS d(district) CROSS JOIN LATERAL (SELECT * FROM pii_access p "                             \
  "WHERE p.district = d.district AND p.access_id < $2 AND ($4 = '' OR p.who = $4) "
#define ACCESS_END "ORDER BY p.access_id DESC LIMIT $3) a ORDER BY a.access_id DESC LIMIT $3"

// Primary key of pii_access backwards, once per district.
static const struct wg_statement ACCESSES = {"intake_query_accesses", "SELECT " ACCESS_COLUMNS ACCESS_OF ACCESS_END, 4};
// Index pii_access_of_order, once per district.
static const struct wg_statement ACCESSES_OF_ORDER = {
    "intake_query_accesses_of_order", "SELECT " ACCESS_COLUMNS ACCESS_OF "AND p.order_id = $5 " ACCESS_END, 5};

wg_status intake_query_accesses(struct wg_db *db, struct wg_arena *arena, const struct intake_accesses *wanted,
                                Wangge__V1__PiiAccess ***accesses, size_t *count, int64_t *last,
                                struct wg_error *error) {
  const bool of_order = wanted->order_id != 0;
  struct wg_params *params = wg_params(arena, 5);
  intake_param_districts(params, arena, &wanted->scope);
  wg_param_i64(params, wanted->below);
  wg_param_i64(params, wanted->limit);
  wg_param_text(params, wanted->who);
  if (of_order) wg_param_i64(params, wanted->order_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, of_order ? &ACCESSES_OF_ORDER : &ACCESSES, params, &result, error);
  if (status != WG_OK) return status;
  *count = (size_t)PQntuples(result);
  *accesses = wg_arena_alloc(arena, (*count + 1) * sizeof **accesses);
  for (int row = 0; row < (int)*count; row++) {
    Wangge__V1__PiiAccess *access = wg_arena_alloc(arena, sizeof *access);
    wangge__v1__pii_access__init(access);
    *last = wg_get_i64(result, row, 0);
    access->district = text_of(result, row, 1, arena);
    access->order_id = wg_get_i64(result, row, 2);
    access->who = text_of(result, row, 3, arena);
    access->acting_person = text_of(result, row, 4, arena);
    access->field = wg_get_text(result, row, 5)[0] == 't' ? WANGGE__V1__PII_FIELD__PII_FIELD_TEXT
                                                          : WANGGE__V1__PII_FIELD__PII_FIELD_REPORTER;
    access->reason = text_of(result, row, 6, arena);
    access->at = wg_get_time(result, row, 7);
    (*accesses)[row] = access;
  }
  PQclear(result);
  return WG_OK;
}
