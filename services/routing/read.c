// Get, List, in reader threads. All SQL of the readers is here.
#include "services/routing/routing.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_DEFAULT = 50, PAGE_MOST = 1000, STATES_MOST = 6 };

#define DISTRICTS                                                                                                      \
  "d(district) AS (SELECT min(district) FROM assignment UNION ALL "                                                    \
  "SELECT (SELECT min(a.district) FROM assignment a WHERE a.district > d.district) FROM d "                            \
  "WHERE d.district IS NOT NULL)"
// Primary key, once per district.
static const struct wg_statement GET = {"routing_get",
                                        "WITH RECURSIVE " DISTRICTS " SELECT " ROUTING_COLUMNS
                                        " FROM d JOIN assignment a ON a.district = d.district AND a.order_id = $1",
                                        1};
static const struct wg_statement GET_STEPS = {
    "routing_get_steps",
    "SELECT n, at, kind, department, by, reason, basis, person, leg FROM step WHERE district = $1 AND order_id = $2 "
    "ORDER BY n",
    2};
// Primary key.
static const struct wg_statement GET_LEGS = {
    "routing_get_legs",
    "SELECT " ROUTING_LEG_COLUMNS " FROM unnest($1::text[], $2::bigint[]) AS w(district, order_id) "
    "JOIN leg l ON l.district = w.district AND l.order_id = w.order_id ORDER BY l.order_id, l.n DESC",
    2};
// Primary key.
static const struct wg_statement GET_RETURNS = {
    "routing_get_returns",
    "SELECT " ROUTING_RETURN_COLUMNS " FROM unnest($1::text[], $2::bigint[]) AS w(district, order_id) "
    "JOIN return_request r ON r.district = w.district AND r.order_id = w.order_id ORDER BY r.order_id, r.n",
    2};

// routing_read_row fills what readers need of an assignment.
struct routing_assignment *routing_read_row(const PGresult *result, int row, struct wg_arena *arena) {
  struct routing_assignment *subject = wg_arena_zalloc(arena, sizeof *subject);
  const char **texts[] = {NULL,
                          &subject->district,
                          &subject->source,
                          &subject->category,
                          NULL,
                          &subject->department,
                          &subject->decided_by,
                          NULL,
                          &subject->reason,
                          NULL,
                          NULL,
                          &subject->routed_to,
                          NULL,
                          &subject->rule_id,
                          &subject->rule_version,
                          &subject->evidence,
                          &subject->first_receiver,
                          &subject->contact};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (texts[i]) *texts[i] = wg_arena_strdup(arena, wg_get_text(result, row, (int)i));
  }
  subject->order_id = wg_get_i64(result, row, 0);
  subject->state = (Wangge__V1__AssignmentState)wg_get_i16(result, row, 4);
  subject->decided_at = wg_get_time(result, row, 7);
  subject->hops = wg_get_i32(result, row, 9);
  subject->steps = wg_get_i32(result, row, 10);
  subject->routed_at = wg_get_time(result, row, 12);
  subject->lead_leg = wg_get_i32(result, row, 18);
  subject->signed_at = wg_get_time(result, row, 19);
  subject->adjudications = wg_get_i32(result, row, 20);
  subject->locked = wg_get_bool(result, row, 21);
  subject->found = routing_found_row(result, row, ROUTING_COLUMN_FOUND, arena);
  subject->exists = true;
  return subject;
}

struct routing_window routing_window_copy(const struct routing *routing) {
  struct routing_window window = routing->window;
  window.known_end = 0;
  return window;
}

// read_of reads what belongs to subjects, and gives the rows to `add`, each with its subject.
static wg_status read_of(struct wg_db *db, const struct wg_statement *statement,
                         struct routing_assignment *const *subjects, size_t count,
                         void (*add)(struct routing_assignment *subject, const PGresult *result, int row,
                                     struct wg_arena *arena),
                         struct wg_arena *arena, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 2);
  struct wg_column *districts = wg_column_text(arena, count), *orders = wg_column_i64(arena, count);
  for (size_t i = 0; i < count; i++) {
    wg_push_text(districts, subjects[i]->district);
    wg_push_i64(orders, subjects[i]->order_id);
  }
  wg_param_column(params, districts);
  wg_param_column(params, orders);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, statement, params, &result, error);
  if (status != WG_OK) return status;
  size_t at = 0;
  for (int row = 0; row < PQntuples(result); row++) {
    const int64_t order_id = wg_get_i64(result, row, 0);
    while (at < count && subjects[at]->order_id != order_id)
      at++;
    if (at == count) break;
    add(subjects[at], result, row, arena);
  }
  PQclear(result);
  return WG_OK;
}

static void add_return(struct routing_assignment *subject, const PGresult *result, int row, struct wg_arena *arena) {
  struct routing_return *one = routing_return_row(result, row, arena);
  one->older = subject->returns;
  subject->returns = one;
}

static void add_leg(struct routing_assignment *subject, const PGresult *result, int row, struct wg_arena *arena) {
  struct routing_leg *leg = routing_leg_row(result, row, arena);
  leg->next = subject->legs;
  subject->legs = leg;
}

wg_status routing_read_parts(struct wg_db *db, struct routing_assignment *const *subjects, size_t count,
                             struct wg_arena *arena, struct wg_error *error) {
  if (count == 0) return WG_OK;
  const wg_status status = read_of(db, &GET_RETURNS, subjects, count, add_return, arena, error);
  return status == WG_OK ? read_of(db, &GET_LEGS, subjects, count, add_leg, arena, error) : status;
}

static bool sees_all(const struct wg_principal *caller) {
  return caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR);
}

// --- Get ---
static bool may_see(const struct wg_principal *caller, const struct routing_assignment *subject,
                    const Wangge__V1__GetAssignmentResponse *response) {
  if (!routing_may_district(caller, subject->district)) return false;
  if (sees_all(caller)) return true;
  if (caller->roles & WG_ROLE_SOURCE && strcmp(caller->name, subject->source) == 0) return true;
  if (!(caller->roles & WG_ROLE_DEPARTMENT) || !*caller->department) return false;
  if (strcmp(caller->department, subject->department) == 0) return true;
  for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
    if (strcmp(caller->department, leg->department) == 0) return true;
  }
  for (size_t i = 0; i < response->n_steps; i++) { // led it before legs were kept
    if (strcmp(response->steps[i]->department, caller->department) == 0) return true;
  }
  return false;
}

static Wangge__V1__AssignmentStep *add_step(Wangge__V1__GetAssignmentResponse *response, struct wg_arena *arena) {
  Wangge__V1__AssignmentStep *step = wg_arena_alloc(arena, sizeof *step);
  wangge__v1__assignment_step__init(step);
  response->steps[response->n_steps++] = step;
  return step;
}

// first_kind: what came of it when it was received. Of what its source has answered no rule was asked.
static const char *first_kind(const struct routing_assignment *subject) {
  if (*subject->routed_to) return "dispatch";
  return *subject->rule_version ? "desk" : "answer";
}

// first_step is the first decision, which stands in the assignment's row.
static void first_step(const struct routing_assignment *subject, Wangge__V1__GetAssignmentResponse *response,
                       struct wg_arena *arena) {
  Wangge__V1__AssignmentStep *step = add_step(response, arena);
  step->n = 1;
  step->at = subject->routed_at;
  step->kind = wg_arena_strdup(arena, first_kind(subject));
  step->department = wg_arena_strdup(arena, subject->routed_to);
  step->by = wg_arena_strdup(arena, *subject->rule_version ? "rule" : subject->source);
  step->reason = *subject->rule_id ? wg_arena_printf(arena, "rule %s: %s", subject->rule_id, subject->evidence)
                                   : wg_arena_strdup(arena, subject->evidence);
}

static wg_status read_steps(struct wg_read_call *call, const struct routing_assignment *subject,
                            Wangge__V1__GetAssignmentResponse *response, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_text(params, subject->district);
  wg_param_i64(params, subject->order_id);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &GET_STEPS, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  response->steps = wg_arena_alloc(call->arena, sizeof *response->steps * ((size_t)rows + 1));
  first_step(subject, response, call->arena);
  for (int row = 0; row < rows; row++) {
    Wangge__V1__AssignmentStep *step = add_step(response, call->arena);
    step->n = wg_get_i32(result, row, 0);
    step->at = wg_get_time(result, row, 1);
    step->kind = wg_arena_strdup(call->arena, wg_get_text(result, row, 2));
    step->department = wg_arena_strdup(call->arena, wg_get_text(result, row, 3));
    step->by = wg_arena_strdup(call->arena, wg_get_text(result, row, 4));
    step->reason = wg_arena_strdup(call->arena, wg_get_text(result, row, 5));
    step->basis = wg_arena_strdup(call->arena, wg_get_text(result, row, 6));
    if (sees_all(call->caller)) step->acting_person = wg_arena_strdup(call->arena, wg_get_text(result, row, 7));
    step->leg = wg_get_i32(result, row, 8);
  }
  PQclear(result);
  return WG_OK;
}

static void add_returns(const struct routing_assignment *subject, bool persons,
                        Wangge__V1__GetAssignmentResponse *response, struct wg_arena *arena) {
  if (!subject->returns) return;
  const size_t count = (size_t)subject->returns->n;
  response->returns = wg_arena_alloc(arena, count * sizeof *response->returns);
  response->n_returns = count;
  for (const struct routing_return *one = subject->returns; one; one = one->older)
    response->returns[one->n - 1] = routing_return_message(one, persons, arena);
}

// show makes the assignment's message, with the window that is in force; `ended`: with legs that have ended.
static Wangge__V1__Assignment *show(struct wg_read_call *call, const struct routing_assignment *subject, bool ended) {
  struct routing *routing = call->service;
  pthread_rwlock_rdlock(&routing->lock);
  struct routing_window window = routing_window_copy(routing);
  const struct routing_view view = {.legs = true, .ended = ended, .persons = sees_all(call->caller), .window = &window};
  Wangge__V1__Assignment *message = routing_assignment_message(subject, &view, call->arena);
  pthread_rwlock_unlock(&routing->lock);
  return message;
}

wg_status routing_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__GetAssignmentRequest *request = (const Wangge__V1__GetAssignmentRequest *)call->request;
  if (request->order_id <= 0) return wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must be a positive number");
  struct wg_params *params = wg_params(call->arena, 1);
  wg_param_i64(params, request->order_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &GET, params, &result, error);
  if (status != WG_OK) return status;
  struct routing_assignment *subject = PQntuples(result) ? routing_read_row(result, 0, call->arena) : NULL;
  PQclear(result);
  Wangge__V1__GetAssignmentResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__get_assignment_response__init(response);
  if (subject) status = read_steps(call, subject, response, error);
  if (subject && status == WG_OK) status = routing_read_parts(call->db, &subject, 1, call->arena, error);
  if (status != WG_OK) return status;
  if (!subject || !may_see(call->caller, subject, response))
    return wg_fail(error, WG_NOT_FOUND, "order_id", "there is no order %" PRId64 " that this caller may know of",
                   request->order_id);
  response->assignment = show(call, subject, true);
  add_returns(subject, sees_all(call->caller), response, call->arena);
  *reply = &response->base;
  return WG_OK;
}

// --- List ---
// Both: $1 district or '', $2 the caller's districts (none: all), $3 after this order id, $4 limit.
#define DISTRICT_FITS(table)                                                                                           \
  "($1 = '' OR " table ".district = $1) AND (cardinality($2::text[]) = 0 OR " table ".district = ANY ($2)) "
#define LIST_END "JOIN assignment a ON a.district = f.district AND a.order_id = f.order_id ORDER BY a.order_id LIMIT $4"

// Primary key, once per district.
static const struct wg_statement LIST_ALL = {
    "routing_list_all",
    "WITH RECURSIVE " DISTRICTS " SELECT " ROUTING_COLUMNS
    " FROM (SELECT r.district, r.order_id FROM d CROSS JOIN LATERAL "
    "(SELECT p.district, p.order_id FROM assignment p WHERE p.district = d.district AND p.order_id > $3 "
    "ORDER BY p.order_id LIMIT $4) r WHERE " DISTRICT_FITS("d") "ORDER BY r.order_id LIMIT $4) f " LIST_END,
    4};
// Index assignment_queue: its pairs of district and department are found one by one, then each is walked by state.
// $5 department or '', $6 states.
static const struct wg_statement LIST_QUEUES = {
    "routing_list_queues",
    "WITH RECURSIVE q AS ((SELECT district, department FROM assignment ORDER BY district, department LIMIT 1) UNION "
    "ALL "
    "SELECT n.district, n.department FROM q CROSS JOIN LATERAL (SELECT a.district, a.department FROM assignment a "
    "WHERE (a.district, a.department) > (q.district, q.department) ORDER BY a.district, a.department LIMIT 1) n) "
    "SELECT " ROUTING_COLUMNS
    " FROM (SELECT r.district, r.order_id FROM q CROSS JOIN unnest($6::smallint[]) AS s(state) "
    "CROSS JOIN LATERAL (SELECT p.district, p.order_id FROM assignment p WHERE p.district = q.district "
    "AND p.department = q.department AND p.state = s.state AND p.order_id > $3 ORDER BY p.order_id LIMIT $4) r "
    "WHERE " DISTRICT_FITS("q") "AND ($5 = '' OR q.department = $5) ORDER BY r.order_id LIMIT $4) f " LIST_END,
    6};

// Index leg_queue. $5 department, $6 role.
static const struct wg_statement LIST_LEGS = {
    "routing_list_legs",
    "WITH RECURSIVE " DISTRICTS " SELECT " ROUTING_COLUMNS " FROM (SELECT r.district, r.order_id FROM d CROSS JOIN "
    "LATERAL (SELECT l.district, l.order_id FROM leg l WHERE l.district = d.district AND l.department = $5 "
    "AND l.state IN (1, 2) AND l.order_id > $3 AND l.role = $6::int ORDER BY l.order_id LIMIT $4) r "
    "WHERE " DISTRICT_FITS("d") "ORDER BY r.order_id LIMIT $4) f " LIST_END,
    6};

static wg_status check_list(const Wangge__V1__ListAssignmentsRequest *request, int64_t *after, struct wg_error *error) {
  if (request->limit < 0 || request->limit > PAGE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", PAGE_MOST);
  if (*request->district && !wg_all_digits(request->district, 6))
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be empty or 6 digits");
  if ((int)request->state < 0 || (int)request->state > STATES_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "state", "must be a value of AssignmentState");
  if ((int)request->role < 0 || (int)request->role > 3)
    return wg_fail(error, WG_INVALID_ARGUMENT, "role", "must be a value of LegRole");
  *after = 0;
  if (!*request->page_token || (wg_parse_i64(request->page_token, after) && *after > 0)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

static bool of_legs(const Wangge__V1__ListAssignmentsRequest *request) {
  return request->role > WANGGE__V1__LEG_ROLE__LEG_ROLE_LEAD;
}

static struct wg_params *list_params(struct wg_read_call *call, const Wangge__V1__ListAssignmentsRequest *request,
                                     const char *department, int64_t after, int32_t limit) {
  struct wg_params *params = wg_params(call->arena, 6);
  struct wg_column *districts = wg_column_text(call->arena, 32), *states = wg_column_i16(call->arena, 4);
  for (int i = 0; i < call->caller->districts; i++)
    wg_push_text(districts, call->caller->district[i]);
  wg_param_text(params, request->district);
  wg_param_column(params, districts);
  wg_param_i64(params, after);
  wg_param_i64(params, limit);
  if (of_legs(request)) {
    wg_param_text(params, department);
    wg_param_i32(params, (int32_t)request->role);
    return params;
  }
  if (!*department && !request->state) return params;
  for (int state = 1; state <= STATES_MOST; state++) {
    if (!request->state || (int)request->state == state) wg_push_i16(states, (int16_t)state);
  }
  wg_param_text(params, department);
  wg_param_column(params, states);
  return params;
}

wg_status routing_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ListAssignmentsRequest *request = (const Wangge__V1__ListAssignmentsRequest *)call->request;
  int64_t after = 0;
  wg_status status = check_list(request, &after, error);
  if (status != WG_OK) return status;
  Wangge__V1__ListAssignmentsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__list_assignments_response__init(response);
  *reply = &response->base;
  const char *department = sees_all(call->caller) ? request->department : call->caller->department;
  // Another department's orders are none of the caller's.
  if (*request->department && strcmp(request->department, department) != 0) return WG_OK;
  if (!sees_all(call->caller) && !*department) return WG_OK;
  if (of_legs(request) && !*department)
    return wg_fail(error, WG_INVALID_ARGUMENT, "department", "must name a unit when role is ASSIST or CHILD");
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  const struct wg_statement *statement = of_legs(request)                  ? &LIST_LEGS
                                         : !*department && !request->state ? &LIST_ALL
                                                                           : &LIST_QUEUES;
  PGresult *result = NULL;
  status = wg_db_run(call->db, statement, list_params(call, request, department, after, limit), &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  response->assignments = wg_arena_alloc(call->arena, sizeof *response->assignments * ((size_t)rows + 1));
  struct routing_assignment **subjects = wg_arena_alloc(call->arena, sizeof *subjects * ((size_t)rows + 1));
  for (int row = 0; row < rows; row++)
    subjects[row] = routing_read_row(result, row, call->arena);
  PQclear(result);
  status = routing_read_parts(call->db, subjects, (size_t)rows, call->arena, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < rows; row++)
    response->assignments[response->n_assignments++] = show(call, subjects[row], false);
  if (rows == limit)
    response->next_page_token = wg_arena_printf(call->arena, "%" PRId64, response->assignments[rows - 1]->order_id);
  return WG_OK;
}
