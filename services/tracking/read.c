// Get, and all cases of a district, in reader threads.
#include "services/tracking/facts.h"
#include "services/tracking/tracking.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROUTED_TO = 22 /* of TRACKING_COLUMNS */ };

// Primary key, once per district; districts are few and found one by one.
static const struct wg_statement GET_CASE = {
    "tracking_get_case",
    "WITH RECURSIVE d(district) AS (SELECT min(district) FROM cases UNION ALL "
    "SELECT (SELECT min(c.district) FROM cases c WHERE c.district > d.district) FROM d WHERE d.district IS NOT NULL) "
    "SELECT " TRACKING_COLUMNS
    ", c.routed_by, c.routed_why FROM d JOIN cases c ON c.district = d.district AND c.order_id = $1",
    1};
static const struct wg_statement GET_STEPS = {"tracking_get_steps",
                                              "SELECT n, at, kind, department, by, note, person, detail FROM case_step "
                                              "WHERE district = $1 AND order_id = $2 ORDER BY n",
                                              2};
static wg_status case_row(const PGresult *result, int row, struct wg_arena *arena, Wangge__V1__Case **found,
                          struct wg_error *error) {
  struct tracking_case *subject = wg_arena_alloc(arena, sizeof *subject);
  *found = &subject->row;
  return tracking_row_read(result, row, arena, subject, error);
}

// --- who may know ---
bool tracking_may_district(const struct wg_principal *caller, const char *district) {
  for (int i = 0; i < caller->districts; i++) {
    if (strcmp(caller->district[i], district) == 0) return true;
  }
  return caller->districts == 0;
}

static bool sees_all(const struct wg_principal *caller) {
  return caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR);
}

static bool may_see(const struct wg_principal *caller, const Wangge__V1__Case *c) {
  if (!tracking_may_district(caller, c->district)) return false;
  if (sees_all(caller)) return true;
  if (caller->roles & WG_ROLE_DEPARTMENT && *caller->department && strcmp(caller->department, c->department) == 0)
    return true;
  return caller->roles & WG_ROLE_SOURCE && strcmp(caller->name, c->source) == 0;
}

// --- all cases of a district ---
// Primary key.
static const struct wg_statement CASES_BEHIND = {
    "tracking_cases_behind",
    "SELECT " TRACKING_COLUMNS " FROM cases c WHERE c.district = $1 AND c.order_id > $2 ORDER BY c.order_id LIMIT $3",
    3};

wg_status tracking_read_cases(struct wg_db *db, struct wg_arena *arena, const char *district, int64_t after, int limit,
                              const Wangge__V1__Case ***cases, size_t *count, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 3);
  wg_param_text(params, district);
  wg_param_i64(params, after);
  wg_param_i32(params, limit);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &CASES_BEHIND, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  *cases = wg_arena_alloc(arena, sizeof **cases * ((size_t)rows + 1));
  *count = 0;
  for (int row = 0; row < rows && status == WG_OK; row++) {
    struct tracking_case *subject = wg_arena_zalloc(arena, sizeof *subject);
    status = tracking_row_read(result, row, arena, subject, error);
    (*cases)[(*count)++] = &subject->row;
  }
  PQclear(result);
  return status;
}

// --- Get ---
static void add_first(Wangge__V1__GetCaseResponse *response, struct wg_arena *arena, const struct tracking_step *step) {
  Wangge__V1__CaseStep *message = wg_arena_alloc(arena, sizeof *message);
  *message = tracking_step_message(step, (int32_t)response->n_steps + 1);
  response->steps[response->n_steps++] = message;
}

// first_steps are those that the case's own row holds.
static void first_steps(const PGresult *result, struct wg_arena *arena, Wangge__V1__GetCaseResponse *response) {
  const Wangge__V1__Case *found = response->case_;
  add_first(response, arena,
            &(struct tracking_step){.kind = "opened",
                                    .department = "",
                                    .by = found->source,
                                    .note = "",
                                    .at = found->opened_at,
                                    .state = WANGGE__V1__CASE_STATE__CASE_STATE_TRIAGE});
  const char *routed_to = wg_get_text(result, 0, ROUTED_TO);
  if (!*routed_to) return;
  add_first(response, arena,
            &(struct tracking_step){.kind = "dispatched",
                                    .department = wg_arena_strdup(arena, routed_to),
                                    .by = wg_arena_strdup(arena, wg_get_text(result, 0, TRACKING_COLUMN_COUNT)),
                                    .note = wg_arena_strdup(arena, wg_get_text(result, 0, TRACKING_COLUMN_COUNT + 1)),
                                    .at = wg_get_time(result, 0, ROUTED_TO + 1),
                                    .state = WANGGE__V1__CASE_STATE__CASE_STATE_DISPATCHED});
}

static wg_status read_step(const PGresult *result, int row, bool persons, struct wg_arena *arena,
                           Wangge__V1__CaseStep **step, struct wg_error *error) {
  const wg_status status = tracking_detail_read(wg_get_bytea(result, row, 7), arena, step, error);
  if (status != WG_OK) return status;
  (*step)->n = wg_get_i32(result, row, 0);
  (*step)->at = wg_get_time(result, row, 1);
  (*step)->kind = wg_arena_strdup(arena, wg_get_text(result, row, 2));
  (*step)->department = wg_arena_strdup(arena, wg_get_text(result, row, 3));
  (*step)->by = wg_arena_strdup(arena, wg_get_text(result, row, 4));
  (*step)->note = wg_arena_strdup(arena, wg_get_text(result, row, 5));
  if (persons) (*step)->acting_person = wg_arena_strdup(arena, wg_get_text(result, row, 6));
  return WG_OK;
}

static wg_status later_steps(struct wg_read_call *call, Wangge__V1__GetCaseResponse *response, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_text(params, response->case_->district);
  wg_param_i64(params, response->case_->order_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &GET_STEPS, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  Wangge__V1__CaseStep **steps = wg_arena_alloc(call->arena, sizeof *steps * (response->n_steps + (size_t)rows));
  memcpy(steps, response->steps, sizeof *steps * response->n_steps);
  response->steps = steps;
  for (int row = 0; row < rows && status == WG_OK; row++)
    status = read_step(result, row, sees_all(call->caller), call->arena, &steps[response->n_steps++], error);
  PQclear(result);
  return status;
}

// works_beside: the caller's unit was given a part in the order beside the lead.
static bool works_beside(const struct wg_principal *caller, const Wangge__V1__GetCaseResponse *response) {
  if (!(caller->roles & WG_ROLE_DEPARTMENT) || !*caller->department) return false;
  if (!tracking_may_district(caller, response->case_->district)) return false;
  for (size_t i = 0; i < response->n_steps; i++) {
    const Wangge__V1__CaseStep *step = response->steps[i];
    if ((strcmp(step->kind, "assisting") == 0 || strcmp(step->kind, "handed_down") == 0) &&
        strcmp(step->department, caller->department) == 0)
      return true;
  }
  return false;
}

wg_status tracking_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__GetCaseRequest *request = (const Wangge__V1__GetCaseRequest *)call->request;
  if (request->order_id <= 0) return wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must be a positive number");
  struct wg_params *params = wg_params(call->arena, 1);
  wg_param_i64(params, request->order_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &GET_CASE, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__Case *found = NULL;
  if (PQntuples(result)) status = case_row(result, 0, call->arena, &found, error);
  Wangge__V1__GetCaseResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__get_case_response__init(response);
  response->case_ = found;
  response->steps = wg_arena_alloc(call->arena, sizeof *response->steps * 2);
  if (found && status == WG_OK) first_steps(result, call->arena, response);
  PQclear(result);
  if (found && status == WG_OK) status = later_steps(call, response, error);
  if (status != WG_OK) return status;
  if (!found || (!may_see(call->caller, found) && !works_beside(call->caller, response)))
    return wg_fail(error, WG_NOT_FOUND, "order_id",
                   "there is no case of order %" PRId64 " that this caller may know of", request->order_id);
  *reply = &response->base;
  return WG_OK;
}
