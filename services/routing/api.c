// The calls of wangge.v1.Routing: who may call, what is checked before, who answers. Writing calls are decided in
// batch.c.
#include "services/routing/routing.h"

#include "common/base/text.h"

enum { REASON_BYTES = 1024, PERSON_BYTES = 64, UNIT_BYTES = 64, ASSISTS_MOST = 16 };

// check_common looks at what every call has: the order, its reason (NULL: none) and the person.
static wg_status check_common(int64_t order_id, const char *reason, const char *person, struct wg_error *error) {
  wg_status status =
      order_id > 0 ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must be a positive number");
  if (status == WG_OK && reason) status = wg_text_check(reason, REASON_BYTES, WG_TEXT_REQUIRED, "reason", error);
  if (status == WG_OK) status = wg_text_check(person, PERSON_BYTES, WG_TEXT_ONE_LINE, "acting_person", error);
  return status;
}

static wg_status check_assists(char *const *assists, size_t count, struct wg_error *error) {
  if (count > ASSISTS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "assists", "must be at most %d units", ASSISTS_MOST);
  wg_status status = WG_OK;
  for (size_t i = 0; i < count && status == WG_OK; i++)
    status = wg_token_check(assists[i], UNIT_BYTES, "assists", error);
  return status;
}

static wg_status check_accept(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__AcceptRequest *request = (const Wangge__V1__AcceptRequest *)message;
  return check_common(request->order_id, NULL, request->acting_person, error);
}

static wg_status check_return(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ReturnRequest *request = (const Wangge__V1__ReturnRequest *)message;
  wg_status status = check_common(request->order_id, request->reason, request->acting_person, error);
  if (status != WG_OK) return status;
  if ((int)request->reason_code < 1 || (int)request->reason_code > WANGGE__V1__RETURN_REASON__RETURN_REASON_OTHER)
    return wg_fail(error, WG_INVALID_ARGUMENT, "reason_code", "is required: a value of ReturnReason");
  status = wg_text_check(request->basis, REASON_BYTES, WG_TEXT_REQUIRED, "basis", error);
  if (status != WG_OK) return status;
  return wg_token_check(request->proposed_department, UNIT_BYTES, "proposed_department", error);
}

static wg_status check_review(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ReviewReturnRequest *request = (const Wangge__V1__ReviewReturnRequest *)message;
  const wg_status status = check_common(request->order_id, request->reason, request->acting_person, error);
  if (status != WG_OK || request->outcome == WANGGE__V1__RETURN_OUTCOME__RETURN_OUTCOME_ACCEPTED ||
      request->outcome == WANGGE__V1__RETURN_OUTCOME__RETURN_OUTCOME_REJECTED)
    return status;
  return wg_fail(error, WG_INVALID_ARGUMENT, "outcome", "must be ACCEPTED or REJECTED; Escalate is a call of its own");
}

static wg_status check_escalate(const struct wg_principal *caller, const ProtobufCMessage *message,
                                struct wg_error *error) {
  (void)caller;
  const Wangge__V1__EscalateRequest *request = (const Wangge__V1__EscalateRequest *)message;
  return check_common(request->order_id, request->reason, request->acting_person, error);
}

static wg_status check_adjudicate(const struct wg_principal *caller, const ProtobufCMessage *message,
                                  struct wg_error *error) {
  (void)caller;
  const Wangge__V1__AdjudicateRequest *request = (const Wangge__V1__AdjudicateRequest *)message;
  wg_status status = check_common(request->order_id, NULL, request->acting_person, error);
  if (status == WG_OK) status = wg_text_check(request->reason, REASON_BYTES, 0, "reason", error);
  if (status == WG_OK) status = wg_text_check(request->basis, REASON_BYTES, WG_TEXT_REQUIRED, "basis", error);
  if (status == WG_OK) status = wg_token_check(request->lead, UNIT_BYTES, "lead", error);
  return status == WG_OK ? check_assists(request->assists, request->n_assists, error) : status;
}

static wg_status check_transfer(const struct wg_principal *caller, const ProtobufCMessage *message,
                                struct wg_error *error) {
  (void)caller;
  const Wangge__V1__TransferRequest *request = (const Wangge__V1__TransferRequest *)message;
  return check_common(request->order_id, request->reason, request->acting_person, error);
}

static wg_status check_transfer_down(const struct wg_principal *caller, const ProtobufCMessage *message,
                                     struct wg_error *error) {
  (void)caller;
  const Wangge__V1__TransferDownRequest *request = (const Wangge__V1__TransferDownRequest *)message;
  if (request->due_at < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "due_at", "must be 0 or a time to come");
  return check_common(request->order_id, request->reason, request->acting_person, error);
}

static wg_status check_add_unit(const struct wg_principal *caller, const ProtobufCMessage *message,
                                struct wg_error *error) {
  (void)caller;
  const Wangge__V1__AddUnitRequest *request = (const Wangge__V1__AddUnitRequest *)message;
  return check_common(request->order_id, request->reason, request->acting_person, error);
}

static wg_status check_remove_unit(const struct wg_principal *caller, const ProtobufCMessage *message,
                                   struct wg_error *error) {
  (void)caller;
  const Wangge__V1__RemoveUnitRequest *request = (const Wangge__V1__RemoveUnitRequest *)message;
  return check_common(request->order_id, request->reason, request->acting_person, error);
}

static wg_status check_assign(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__AssignRequest *request = (const Wangge__V1__AssignRequest *)message;
  const wg_status status = check_common(request->order_id, request->reason, request->acting_person, error);
  return status == WG_OK ? check_assists(request->assists, request->n_assists, error) : status;
}

static wg_status check_merge(const struct wg_principal *caller, const ProtobufCMessage *message,
                             struct wg_error *error) {
  (void)caller;
  const Wangge__V1__MergeRequest *request = (const Wangge__V1__MergeRequest *)message;
  if (request->into <= 0) return wg_fail(error, WG_INVALID_ARGUMENT, "into", "must be a positive number");
  return check_common(request->order_id, request->reason, request->acting_person, error);
}

static wg_status check_unmerge(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  (void)caller;
  const Wangge__V1__UnmergeRequest *request = (const Wangge__V1__UnmergeRequest *)message;
  return check_common(request->order_id, request->reason, request->acting_person, error);
}

static wg_status check_problem_id(int64_t problem_id, struct wg_error *error) {
  return problem_id > 0 ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, "problem_id", "must be a positive number");
}

static wg_status check_decide_suggestion(const struct wg_principal *caller, const ProtobufCMessage *message,
                                         struct wg_error *error) {
  (void)caller;
  const Wangge__V1__DecideSuggestionRequest *request = (const Wangge__V1__DecideSuggestionRequest *)message;
  const wg_status status = check_problem_id(request->problem_id, error);
  return status == WG_OK ? check_common(request->order_id, request->reason, request->acting_person, error) : status;
}

static wg_status check_solve(const struct wg_principal *caller, const ProtobufCMessage *message,
                             struct wg_error *error) {
  (void)caller;
  const Wangge__V1__SolveProblemRequest *request = (const Wangge__V1__SolveProblemRequest *)message;
  const wg_status status = check_problem_id(request->problem_id, error);
  return status == WG_OK ? check_common(request->problem_id, request->reason, request->acting_person, error) : status;
}

// Calls about problems.
#define OF_PROBLEMS(call, in, out, how, who, member, function)                                                         \
  {                                                                                                                    \
    .name = "wangge.v1.Routing/" call, .request = &wangge__v1__##in##__descriptor,                                     \
    .response = &wangge__v1__##out##__descriptor, .kind = (how), .roles = (who), .member = (function)                  \
  }

// A writing call that is answered with the assignment.
#define WRITE(call, type, who, function)                                                                               \
  {                                                                                                                    \
    .name = "wangge.v1.Routing/" call, .request = &wangge__v1__##type##__descriptor,                                   \
    .response = &wangge__v1__assignment_response__descriptor, .kind = WG_METHOD_WRITE, .roles = (who),                 \
    .check = (function)                                                                                                \
  }

const struct wg_method ROUTING_METHODS[] = {
    WRITE("Accept", accept_request, WG_ROLE_DEPARTMENT, check_accept),
    WRITE("RequestReturn", return_request, WG_ROLE_DEPARTMENT, check_return),
    WRITE("Return", return_request, WG_ROLE_DEPARTMENT, check_return),
    WRITE("ReviewReturn", review_return_request, WG_ROLE_DISPATCHER, check_review),
    WRITE("Escalate", escalate_request, WG_ROLE_DISPATCHER | WG_ROLE_DEPARTMENT, check_escalate),
    {.name = "wangge.v1.Routing/Adjudicate",
     .request = &wangge__v1__adjudicate_request__descriptor,
     .response = &wangge__v1__adjudicate_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DISPATCHER,
     .check = check_adjudicate},
    WRITE("Transfer", transfer_request, WG_ROLE_DISPATCHER | WG_ROLE_DEPARTMENT, check_transfer),
    WRITE("TransferDown", transfer_down_request, WG_ROLE_DEPARTMENT, check_transfer_down),
    WRITE("AddUnit", add_unit_request, WG_ROLE_DISPATCHER | WG_ROLE_DEPARTMENT, check_add_unit),
    WRITE("RemoveUnit", remove_unit_request, WG_ROLE_DISPATCHER | WG_ROLE_DEPARTMENT, check_remove_unit),
    WRITE("Assign", assign_request, WG_ROLE_DISPATCHER, check_assign),
    OF_PROBLEMS("Merge", merge_request, merge_response, WG_METHOD_WRITE, WG_ROLE_DISPATCHER, check, check_merge),
    OF_PROBLEMS("Unmerge", unmerge_request, unmerge_response, WG_METHOD_WRITE, WG_ROLE_DISPATCHER, check,
                check_unmerge),
    OF_PROBLEMS("DecideSuggestion", decide_suggestion_request, decide_suggestion_response, WG_METHOD_WRITE,
                WG_ROLE_DISPATCHER, check, check_decide_suggestion),
    OF_PROBLEMS("SolveProblem", solve_problem_request, solve_problem_response, WG_METHOD_WRITE, WG_ROLE_DISPATCHER,
                check, check_solve),
    OF_PROBLEMS("Problems", problems_request, problems_response, WG_METHOD_READ, WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
                read, routing_show_problems),
    OF_PROBLEMS("Problem", problem_request, problem_response, WG_METHOD_READ, WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
                read, routing_show_problem),
    OF_PROBLEMS("Suggestions", suggestions_request, suggestions_response, WG_METHOD_READ,
                WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR, read, routing_show_suggestions),
    OF_PROBLEMS("Themes", themes_request, themes_response, WG_METHOD_READ, WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR, read,
                routing_show_themes),
    OF_PROBLEMS("Theme", theme_request, theme_response, WG_METHOD_READ, WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR, read,
                routing_show_theme),
    OF_PROBLEMS("SweepThemes", sweep_themes_request, sweep_themes_response, WG_METHOD_READ, WG_ROLE_DISPATCHER, read,
                routing_sweep_now),
    {.name = "wangge.v1.Routing/Precedents",
     .request = &wangge__v1__precedents_request__descriptor,
     .response = &wangge__v1__precedents_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT,
     .read = routing_show_precedents},
    {.name = "wangge.v1.Routing/Desk",
     .request = &wangge__v1__desk_request__descriptor,
     .response = &wangge__v1__desk_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
     .read = routing_desk},
    {.name = "wangge.v1.Routing/Get",
     .request = &wangge__v1__get_assignment_request__descriptor,
     .response = &wangge__v1__get_assignment_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT | WG_ROLE_SOURCE,
     .read = routing_get},
    {.name = "wangge.v1.Routing/List",
     .request = &wangge__v1__list_assignments_request__descriptor,
     .response = &wangge__v1__list_assignments_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT,
     .read = routing_list},
    {.name = "wangge.v1.Routing/Rules",
     .request = &wangge__v1__rules_request__descriptor,
     .response = &wangge__v1__rules_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
     .read = routing_show_rules,
     .needs_records = true},
    {.name = "wangge.v1.Routing/Explain",
     .request = &wangge__v1__explain_request__descriptor,
     .response = &wangge__v1__explain_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
     .read = routing_explain,
     .needs_records = true},
    {.name = "wangge.v1.Routing/ReplayRules",
     .request = &wangge__v1__replay_rules_request__descriptor,
     .response = &wangge__v1__replay_rules_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
     .read = routing_replay_rules,
     .needs_records = true},
    {.name = NULL},
};
