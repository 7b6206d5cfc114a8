// Duties, in reader threads.
#include "services/registry/registry.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <stdio.h>

enum { PAGE_DEFAULT = 50 };

// Indexes duty_newest and duty_newest_of_state, backwards.
static const struct wg_statement ALL = {
    "registry_duties",
    "SELECT duty_no, duty_id, template, area, to_char(due_on, 'YYYY-MM-DD'), state, coalesce(order_id, 0), message, "
    "redriven_by, redriven_reason "
    "FROM duty WHERE district = $1 AND duty_no < $2 ORDER BY duty_no DESC LIMIT $3",
    3};
static const struct wg_statement OF_STATE = {
    "registry_duties_of_state",
    "SELECT duty_no, duty_id, template, area, to_char(due_on, 'YYYY-MM-DD'), state, coalesce(order_id, 0), message, "
    "redriven_by, redriven_reason "
    "FROM duty WHERE district = $1 AND duty_no < $2 AND state = $4 ORDER BY duty_no DESC LIMIT $3",
    4};

static Wangge__V1__Duty *read_duty(const PGresult *result, int row, const char *district, struct wg_arena *arena) {
  Wangge__V1__Duty *duty = wg_arena_alloc(arena, sizeof *duty);
  wangge__v1__duty__init(duty);
  duty->district = wg_arena_strdup(arena, district);
  duty->duty_id = wg_arena_strdup(arena, wg_get_text(result, row, 1));
  duty->template_ = wg_arena_strdup(arena, wg_get_text(result, row, 2));
  duty->area = wg_arena_strdup(arena, wg_get_text(result, row, 3));
  duty->due_on = wg_arena_strdup(arena, wg_get_text(result, row, 4));
  duty->state = (Wangge__V1__DutyState)wg_get_i16(result, row, 5);
  duty->order_id = wg_get_i64(result, row, 6);
  duty->message = wg_arena_strdup(arena, wg_get_text(result, row, 7));
  duty->redriven_by = wg_arena_strdup(arena, wg_get_text(result, row, 8));
  duty->redriven_reason = wg_arena_strdup(arena, wg_get_text(result, row, 9));
  return duty;
}

wg_status registry_duties(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__DutiesRequest *request = (const Wangge__V1__DutiesRequest *)call->request;
  const char state[] = {(char)('0' + request->state), 0};
  const char *const parts[] = {"Registry/Duties", call->caller->name, request->district, state, NULL};
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  const char *after = "";
  int64_t before = INT64_MAX;
  wg_status status = registry_read_token(parts, request->page_token, &after, error);
  if (status != WG_OK) return status;
  if (*after && !wg_parse_i64(after, &before))
    return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
  struct wg_params *params = wg_params(call->arena, 4);
  wg_param_text(params, request->district);
  wg_param_i64(params, before);
  wg_param_i64(params, limit);
  if (request->state) wg_param_i32(params, (int32_t)request->state);
  PGresult *result = NULL;
  status = wg_db_run(call->db, request->state ? &OF_STATE : &ALL, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__DutiesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__duties_response__init(response);
  const int rows = PQntuples(result);
  response->duties = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->duties);
  for (int row = 0; row < rows; row++)
    response->duties[response->n_duties++] = read_duty(result, row, request->district, call->arena);
  if (rows == limit) {
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, wg_get_i64(result, rows - 1, 0));
    response->next_page_token = registry_make_token(parts, number, call->arena);
  }
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}
