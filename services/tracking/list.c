// Lists of cases: what is asked for, and who may see what; walk.c and search.c find it.
#include "services/tracking/list.h"

#include "services/tracking/facts.h"

#include "common/base/text.h"

#include <string.h>

enum { PAGE_DEFAULT = 50, PAGE_MOST = 1000, OID_TIME = 1184 /* timestamptz */, CATEGORY_BYTES = 600 };

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
  return (*wanted.text ? list_search : list_walk)(call, &wanted, response, error);
}
