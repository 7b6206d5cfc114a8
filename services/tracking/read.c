// Get and List, in reader threads. All SQL of the readers is here.
#include "services/tracking/tracking.h"

#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_DEFAULT = 50, PAGE_MOST = 1000 };

#define COLUMNS                                                                                                        \
  "order_id, district, source, state, department, urgency, category, title, opened_at, dispatched_at, "                \
  "nullif(due_at, 'infinity'), due_rule, resolved_at, result"

// Index: primary key.
static const struct wg_statement GET_CASE = {"tracking_get_case", "SELECT " COLUMNS " FROM cases WHERE order_id = $1",
                                             1};
static const struct wg_statement GET_STEPS = {
    "tracking_get_steps",
    "SELECT n, at, kind, department, by, note FROM case_step WHERE order_id = $1 AND district = $2 ORDER BY n", 2};
// Index: cases_of_department, or cases_due when no department is asked for.
#define LIST_TAIL                                                                                                      \
  " AND ($2 = '' OR district = $2) AND (cardinality($3::text[]) = 0 OR district = ANY ($3)) AND ($4 = 0 OR state = "   \
  "$4) "                                                                                                               \
  "AND ($5::timestamptz IS NULL OR due_at < $5) AND (due_at, order_id) > (coalesce($6::timestamptz, CASE WHEN $7 = 0 " \
  "THEN '-infinity' ELSE 'infinity' END::timestamptz), $7) ORDER BY due_at, order_id LIMIT $8"
static const struct wg_statement LIST_OF_DEPARTMENT = {
    "tracking_list_department", "SELECT " COLUMNS " FROM cases WHERE department = $1" LIST_TAIL, 8};
static const struct wg_statement LIST_ALL = {"tracking_list_all",
                                             "SELECT " COLUMNS " FROM cases WHERE $1 = ''" LIST_TAIL, 8};

static Wangge__V1__Case *case_row(const PGresult *result, int row, struct wg_arena *arena) {
  Wangge__V1__Case *c = wg_arena_alloc(arena, sizeof *c);
  wangge__v1__case__init(c);
  c->order_id = wg_get_i64(result, row, 0);
  c->district = wg_arena_strdup(arena, wg_get_text(result, row, 1));
  c->source = wg_arena_strdup(arena, wg_get_text(result, row, 2));
  c->state = (Wangge__V1__CaseState)wg_get_i16(result, row, 3);
  c->department = wg_arena_strdup(arena, wg_get_text(result, row, 4));
  c->urgency = (Wangge__V1__Urgency)wg_get_i16(result, row, 5);
  c->category = wg_arena_strdup(arena, wg_get_text(result, row, 6));
  c->title = wg_arena_strdup(arena, wg_get_text(result, row, 7));
  c->opened_at = wg_get_time(result, row, 8);
  c->dispatched_at = wg_get_time(result, row, 9);
  c->due_at = wg_get_time(result, row, 10);
  c->due_rule = wg_arena_strdup(arena, wg_get_text(result, row, 11));
  c->resolved_at = wg_get_time(result, row, 12);
  c->result = wg_arena_strdup(arena, wg_get_text(result, row, 13));
  return c;
}

static bool may_district(const struct wg_principal *caller, const char *district) {
  for (int i = 0; i < caller->districts; i++) {
    if (strcmp(caller->district[i], district) == 0) return true;
  }
  return caller->districts == 0;
}

static bool may_see(const struct wg_principal *caller, const Wangge__V1__Case *c) {
  if (!may_district(caller, c->district)) return false;
  if (caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR)) return true;
  if (caller->roles & WG_ROLE_DEPARTMENT && strcmp(caller->department, c->department) == 0) return true;
  return caller->roles & WG_ROLE_SOURCE && strcmp(caller->name, c->source) == 0;
}

static wg_status get_steps(struct wg_read_call *call, const Wangge__V1__Case *c, Wangge__V1__GetCaseResponse *response,
                           struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_i64(params, c->order_id);
  wg_param_text(params, c->district);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &GET_STEPS, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  response->steps = wg_arena_alloc(call->arena, sizeof *response->steps * (size_t)(rows + 1));
  for (int row = 0; row < rows; row++) {
    Wangge__V1__CaseStep *step = wg_arena_alloc(call->arena, sizeof *step);
    wangge__v1__case_step__init(step);
    step->n = wg_get_i32(result, row, 0);
    step->at = wg_get_time(result, row, 1);
    step->kind = wg_arena_strdup(call->arena, wg_get_text(result, row, 2));
    step->department = wg_arena_strdup(call->arena, wg_get_text(result, row, 3));
    step->by = wg_arena_strdup(call->arena, wg_get_text(result, row, 4));
    step->note = wg_arena_strdup(call->arena, wg_get_text(result, row, 5));
    response->steps[response->n_steps++] = step;
  }
  PQclear(result);
  return WG_OK;
}

wg_status tracking_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__GetCaseRequest *request = (const Wangge__V1__GetCaseRequest *)call->request;
  struct wg_params *params = wg_params(call->arena, 1);
  wg_param_i64(params, request->order_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &GET_CASE, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__Case *c = PQntuples(result) ? case_row(result, 0, call->arena) : NULL;
  PQclear(result);
  if (!c || !may_see(call->caller, c))
    return wg_fail(error, WG_NOT_FOUND, "order_id", "there is no case of this order that you may see");
  Wangge__V1__GetCaseResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__get_case_response__init(response);
  response->case_ = c;
  status = get_steps(call, c, response, error);
  *reply = &response->base;
  return status;
}

// A page token is "<due_at in µs, 0: none>.<order id>" of the last row.
static wg_status read_token(const char *token, int64_t *due_at, int64_t *order_id, struct wg_error *error) {
  *due_at = *order_id = 0;
  if (!*token) return WG_OK;
  long long due, id;
  int used = 0;
  if (sscanf(token, "%19lld.%19lld%n", &due, &id, &used) == 2 && token[used] == '\0' && id > 0 && due >= 0) {
    *due_at = due;
    *order_id = id;
    return WG_OK;
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

static wg_status check_list(const struct wg_principal *caller, const Wangge__V1__ListCasesRequest *request,
                            struct wg_error *error) {
  if (request->limit < 0 || request->limit > PAGE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", PAGE_MOST);
  if (*request->district && !wg_all_digits(request->district, 6))
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be empty or 6 digits");
  const bool all = caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR);
  if (!all && *request->department && strcmp(request->department, caller->department) != 0)
    return wg_fail(error, WG_PERMISSION_DENIED, "department", "you may list the cases of %s only", caller->department);
  return WG_OK;
}

static struct wg_params *list_params(struct wg_read_call *call, const Wangge__V1__ListCasesRequest *request,
                                     const char *department, int64_t after_due, int64_t after_id, int limit) {
  struct wg_column *districts = wg_column_text(call->arena, 32);
  for (int i = 0; i < call->caller->districts; i++)
    wg_push_text(districts, call->caller->district[i]);
  struct wg_params *params = wg_params(call->arena, 8);
  wg_param_text(params, department);
  wg_param_text(params, request->district);
  wg_param_column(params, districts);
  wg_param_i32(params, (int32_t)request->state);
  if (request->due_before) wg_param_time(params, request->due_before);
  else wg_param_null(params, 1184); // timestamptz
  if (after_due) wg_param_time(params, after_due);
  else wg_param_null(params, 1184);
  wg_param_i64(params, after_id);
  wg_param_i32(params, limit);
  return params;
}

wg_status tracking_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ListCasesRequest *request = (const Wangge__V1__ListCasesRequest *)call->request;
  int64_t after_due, after_id;
  wg_status status = check_list(call->caller, request, error);
  if (status == WG_OK) status = read_token(request->page_token, &after_due, &after_id, error);
  if (status != WG_OK) return status;
  const bool all = call->caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR);
  const char *department = all ? request->department : call->caller->department;
  const int limit = request->limit ? request->limit : PAGE_DEFAULT;
  PGresult *result = NULL;
  status = wg_db_run(call->db, *department ? &LIST_OF_DEPARTMENT : &LIST_ALL,
                     list_params(call, request, department, after_due, after_id, limit), &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__ListCasesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__list_cases_response__init(response);
  const int rows = PQntuples(result);
  response->cases = wg_arena_alloc(call->arena, sizeof *response->cases * (size_t)(rows + 1));
  for (int row = 0; row < rows; row++)
    response->cases[response->n_cases++] = case_row(result, row, call->arena);
  PQclear(result);
  if (rows == limit) {
    const Wangge__V1__Case *last = response->cases[rows - 1];
    response->next_page_token =
        wg_arena_printf(call->arena, "%lld.%lld", (long long)last->due_at, (long long)last->order_id);
  }
  *reply = &response->base;
  return WG_OK;
}
