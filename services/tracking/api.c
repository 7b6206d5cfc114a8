// The calls of wangge.v1.Tracking: who may call, what is checked before, who answers. Writing calls are decided in
// batch.c.
#include "common/base/text.h"
#include "services/tracking/calls.h"
#include "services/tracking/evidence.h"
#include "services/tracking/lists/files.h"
#include "services/tracking/lists/read.h"
#include "services/tracking/tracking.h"

#include <string.h>

enum { TEXT_BYTES = 8192, NOTE_BYTES = 1024, ID_BYTES = 64, DATE_BYTES = 10, SUPERVISION_DAYS = 30, EVIDENCE = 20 };

// check_call checks what every call has.
static wg_status check_call(const ProtobufCMessage *message, struct wg_error *error) {
  if (tracking_call_order(message) <= 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must be a positive number");
  const wg_status status = wg_text_check(tracking_call_request_id(message), ID_BYTES,
                                         WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "request_id", error);
  if (status != WG_OK) return status;
  return wg_text_check(tracking_call_person(message), ID_BYTES, WG_TEXT_ONE_LINE, "acting_person", error);
}

// check_enum: one of the values of the contract, UNSPECIFIED only where nothing is required.
static wg_status check_enum(const ProtobufCEnumDescriptor *type, int value, bool required, const char *field,
                            struct wg_error *error) {
  if (protobuf_c_enum_descriptor_get_value(type, value) && (value || !required)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be a value of %s%s", type->short_name,
                 required ? " other than UNSPECIFIED" : "");
}
#define CHECK_ENUM(type, value, required, field)                                                                       \
  check_enum(&wangge__v1__##type##__descriptor, (int)(value), required, field, error)

// check_empty refuses a text where none belongs.
static wg_status check_empty(const char *text, const char *field, const char *why, struct wg_error *error) {
  return *text ? wg_fail(error, WG_INVALID_ARGUMENT, field, "must be empty: %s", why) : WG_OK;
}

// check_public: a text that may be published is plain text.
static wg_status check_public(const char *text, size_t most, const char *field, struct wg_error *error) {
  return wg_text_check(text, most, WG_TEXT_REQUIRED | WG_TEXT_PLAIN, field, error);
}

static wg_status check_progress(const struct wg_principal *caller, const ProtobufCMessage *message,
                                struct wg_error *error) {
  (void)caller;
  const wg_status status = check_call(message, error);
  if (status != WG_OK) return status;
  return wg_text_check(((const Wangge__V1__ProgressRequest *)message)->note, TEXT_BYTES, WG_TEXT_REQUIRED, "note",
                       error);
}

static wg_status check_contact(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ContactRequest *request = (const Wangge__V1__ContactRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK) status = CHECK_ENUM(contact_channel, request->channel, true, "channel");
  if (status == WG_OK && request->at < 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "at", "must be a time, or 0 for now");
  if (status == WG_OK) status = wg_text_check(request->note, NOTE_BYTES, 0, "note", error);
  return status;
}

static bool needs_reason(Wangge__V1__Resolution resolution) {
  return resolution == WANGGE__V1__RESOLUTION__RESOLUTION_PARTLY ||
         resolution == WANGGE__V1__RESOLUTION__RESOLUTION_UNSOLVED;
}

// check_evidence: names of attachments, none twice.
static wg_status check_evidence(char *const *hashes, size_t count, struct wg_error *error) {
  if (count > EVIDENCE)
    return wg_fail(error, WG_INVALID_ARGUMENT, "evidence", "at most %d are possible, not %zu", EVIDENCE, count);
  for (size_t i = 0; i < count; i++) {
    const wg_status status = wg_hash_check(hashes[i], "evidence", error);
    if (status != WG_OK) return status;
    for (size_t before = 0; before < i; before++) {
      if (strcmp(hashes[before], hashes[i]) == 0)
        return wg_fail(error, WG_INVALID_ARGUMENT, "evidence", "%s is named twice", hashes[i]);
    }
  }
  return WG_OK;
}

static wg_status check_resolve(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ResolveRequest *request = (const Wangge__V1__ResolveRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK) status = wg_text_check(request->result, TEXT_BYTES, WG_TEXT_REQUIRED, "result", error);
  if (status == WG_OK) status = CHECK_ENUM(substantiated, request->substantiated, true, "substantiated");
  if (status == WG_OK) status = CHECK_ENUM(resolution, request->resolution, true, "resolution");
  if (status == WG_OK)
    status = wg_text_check(request->public_reply, TEXT_BYTES,
                           WG_TEXT_PLAIN | (*request->standard_response ? 0 : WG_TEXT_REQUIRED), "public_reply", error);
  if (status == WG_OK && !needs_reason(request->resolution))
    status = check_empty(request->unresolved_reason, "unresolved_reason", "nothing is left unsolved", error);
  else if (status == WG_OK)
    status = wg_text_check(request->unresolved_reason, NOTE_BYTES, WG_TEXT_REQUIRED, "unresolved_reason", error);
  if (status == WG_OK) status = CHECK_ENUM(beyond_duty, request->beyond_duty, false, "beyond_duty");
  if (status == WG_OK && !request->beyond_duty)
    status = check_empty(request->beyond_duty_basis, "beyond_duty_basis", "beyond_duty is not claimed", error);
  else if (status == WG_OK)
    status = wg_text_check(request->beyond_duty_basis, NOTE_BYTES, WG_TEXT_REQUIRED, "beyond_duty_basis", error);
  if (status == WG_OK)
    status = wg_text_check(request->standard_response, ID_BYTES, WG_TEXT_ONE_LINE, "standard_response", error);
  if (status == WG_OK) status = check_evidence(request->evidence, request->n_evidence, error);
  return status;
}

static wg_status check_decision(Wangge__V1__Decision decision, const char *reason, struct wg_error *error) {
  const bool rejected = decision == WANGGE__V1__DECISION__DECISION_REJECTED;
  const wg_status status = CHECK_ENUM(decision, decision, true, "decision");
  if (status != WG_OK) return status;
  return wg_text_check(reason, NOTE_BYTES, rejected ? WG_TEXT_REQUIRED : 0, "reason", error);
}

static wg_status check_review(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ReviewRequest *request = (const Wangge__V1__ReviewRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK) status = check_decision(request->decision, request->reason, error);
  if (status == WG_OK) status = CHECK_ENUM(decision, request->beyond_duty, false, "beyond_duty");
  return status;
}

static wg_status check_follow_up(const struct wg_principal *caller, const ProtobufCMessage *message,
                                 struct wg_error *error) {
  (void)caller;
  const Wangge__V1__FollowUpRequest *request = (const Wangge__V1__FollowUpRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK && !request->reached && request->solved)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "solved", "must be empty: nobody was reached");
  if (status == WG_OK && !request->reached && request->satisfaction)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "satisfaction", "must be empty: nobody was reached");
  if (status == WG_OK) status = CHECK_ENUM(resolution, request->solved, request->reached, "solved");
  if (status == WG_OK) status = CHECK_ENUM(satisfaction, request->satisfaction, request->reached, "satisfaction");
  if (status == WG_OK) status = CHECK_ENUM(merit, request->merit, false, "merit");
  const bool unmerited = request->merit == WANGGE__V1__MERIT__MERIT_UNMERITED;
  if (status == WG_OK)
    status = wg_text_check(request->note, NOTE_BYTES, unmerited ? WG_TEXT_REQUIRED : 0, "note", error);
  return status;
}

static wg_status check_rate(const struct wg_principal *caller, const ProtobufCMessage *message,
                            struct wg_error *error) {
  (void)caller;
  const Wangge__V1__RateRequest *request = (const Wangge__V1__RateRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK) status = CHECK_ENUM(satisfaction, request->satisfaction, true, "satisfaction");
  return status == WG_OK ? wg_text_check(request->note, NOTE_BYTES, 0, "note", error) : status;
}

static wg_status check_reopen(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const wg_status status = check_call(message, error);
  if (status != WG_OK) return status;
  return wg_text_check(((const Wangge__V1__ReopenRequest *)message)->reason, NOTE_BYTES, WG_TEXT_REQUIRED, "reason",
                       error);
}

static wg_status check_extend(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ExtendRequest *request = (const Wangge__V1__ExtendRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK && request->working_days < 1)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "working_days", "must be at least 1");
  if (status == WG_OK && !request->resident_told)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "resident_told", "the resident must be told before it is asked for");
  if (status == WG_OK) status = wg_text_check(request->reason, NOTE_BYTES, WG_TEXT_REQUIRED, "reason", error);
  return status;
}

static wg_status check_suspend(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  (void)caller;
  const Wangge__V1__SuspendRequest *request = (const Wangge__V1__SuspendRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK) status = CHECK_ENUM(hold_kind, request->kind, true, "kind");
  if (status == WG_OK) status = wg_text_check(request->plan, NOTE_BYTES, WG_TEXT_REQUIRED, "plan", error);
  if (status == WG_OK)
    status = wg_text_check(request->next_review_on, DATE_BYTES, WG_TEXT_ONE_LINE, "next_review_on", error);
  if (status == WG_OK) status = check_public(request->public_explanation, NOTE_BYTES, "public_explanation", error);
  return status;
}

static wg_status check_decide(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__DecideRequest *request = (const Wangge__V1__DecideRequest *)message;
  const wg_status status = check_call(message, error);
  return status == WG_OK ? check_decision(request->decision, request->reason, error) : status;
}

static wg_status check_resume(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const wg_status status = check_call(message, error);
  if (status != WG_OK) return status;
  return wg_text_check(((const Wangge__V1__ResumeRequest *)message)->reason, NOTE_BYTES, WG_TEXT_REQUIRED, "reason",
                       error);
}

static wg_status check_urge(const struct wg_principal *caller, const ProtobufCMessage *message,
                            struct wg_error *error) {
  (void)caller;
  const wg_status status = check_call(message, error);
  if (status != WG_OK) return status;
  return wg_text_check(((const Wangge__V1__UrgeRequest *)message)->note, NOTE_BYTES, WG_TEXT_REQUIRED, "note", error);
}

static wg_status check_supervise(const struct wg_principal *caller, const ProtobufCMessage *message,
                                 struct wg_error *error) {
  (void)caller;
  const Wangge__V1__SuperviseRequest *request = (const Wangge__V1__SuperviseRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK && (request->level < 1 || request->level > TRACKING_TOP_LEVEL))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "level", "must be 1 to %d", TRACKING_TOP_LEVEL);
  if (status == WG_OK && (request->working_days < 1 || request->working_days > SUPERVISION_DAYS))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "working_days", "must be 1 to %d", SUPERVISION_DAYS);
  if (status == WG_OK) status = wg_text_check(request->reason, NOTE_BYTES, WG_TEXT_REQUIRED, "reason", error);
  return status;
}

static wg_status check_void(const struct wg_principal *caller, const ProtobufCMessage *message,
                            struct wg_error *error) {
  (void)caller;
  const Wangge__V1__VoidRequest *request = (const Wangge__V1__VoidRequest *)message;
  wg_status status = check_call(message, error);
  if (status == WG_OK) status = CHECK_ENUM(void_kind, request->kind, true, "kind");
  if (status == WG_OK) status = wg_text_check(request->reason, NOTE_BYTES, WG_TEXT_REQUIRED, "reason", error);
  return status;
}

#define WRITE(method, type, who, checks)                                                                               \
  {                                                                                                                    \
    .name = "wangge.v1.Tracking/" method, .request = &wangge__v1__##type##__descriptor,                                \
    .response = &wangge__v1__case_response__descriptor, .kind = WG_METHOD_WRITE, .roles = (who), .check = (checks)     \
  }
const struct wg_method TRACKING_METHODS[] = {
    WRITE("Progress", progress_request, WG_ROLE_DEPARTMENT, check_progress),
    WRITE("Contact", contact_request, WG_ROLE_DEPARTMENT, check_contact),
    {.name = "wangge.v1.Tracking/Resolve",
     .request = &wangge__v1__resolve_request__descriptor,
     .response = &wangge__v1__case_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DEPARTMENT,
     .check = check_resolve,
     .asks = tracking_evidence_asks,
     .ask = tracking_evidence_ask},
    WRITE("Review", review_request, WG_ROLE_DISPATCHER, check_review),
    WRITE("FollowUp", follow_up_request, WG_ROLE_DISPATCHER | WG_ROLE_SOURCE, check_follow_up),
    WRITE("Rate", rate_request, WG_ROLE_DISPATCHER | WG_ROLE_SOURCE, check_rate),
    WRITE("Reopen", reopen_request, WG_ROLE_DISPATCHER | WG_ROLE_SOURCE, check_reopen),
    WRITE("Extend", extend_request, WG_ROLE_DEPARTMENT, check_extend),
    WRITE("DecideExtension", decide_request, WG_ROLE_DISPATCHER, check_decide),
    WRITE("Suspend", suspend_request, WG_ROLE_DEPARTMENT, check_suspend),
    WRITE("DecideSuspension", decide_request, WG_ROLE_DISPATCHER, check_decide),
    WRITE("Resume", resume_request, WG_ROLE_DEPARTMENT | WG_ROLE_DISPATCHER, check_resume),
    WRITE("Urge", urge_request, WG_ROLE_DISPATCHER | WG_ROLE_SOURCE, check_urge),
    WRITE("Supervise", supervise_request, WG_ROLE_DISPATCHER, check_supervise),
    WRITE("AskVoid", void_request, WG_ROLE_DISPATCHER, check_void),
    WRITE("DecideVoid", decide_request, WG_ROLE_DISPATCHER, check_decide),
    {.name = "wangge.v1.Tracking/Get",
     .request = &wangge__v1__get_case_request__descriptor,
     .response = &wangge__v1__get_case_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT | WG_ROLE_SOURCE,
     .read = tracking_get},
    {.name = "wangge.v1.Tracking/List",
     .request = &wangge__v1__list_cases_request__descriptor,
     .response = &wangge__v1__list_cases_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT,
     .read = tracking_list},
    {.name = "wangge.v1.Lists/Change",
     .request = &wangge__v1__change_entry_request__descriptor,
     .response = &wangge__v1__change_entry_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = LISTS_WRITERS,
     .check = lists_check_change,
     .asks = lists_files_asks,
     .ask = lists_files_ask},
    {.name = "wangge.v1.Lists/IssueTokens",
     .request = &wangge__v1__issue_tokens_request__descriptor,
     .response = &wangge__v1__issue_tokens_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = LISTS_WRITERS,
     .check = lists_check_tokens},
    {.name = "wangge.v1.Lists/Answer",
     .request = &wangge__v1__answer_request__descriptor,
     .response = &wangge__v1__answer_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_ANY,
     .check = lists_check_answer},
    {.name = "wangge.v1.Lists/Results",
     .request = &wangge__v1__results_request__descriptor,
     .response = &wangge__v1__results_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .read = lists_read_results},
    {.name = "wangge.v1.Lists/Entry",
     .request = &wangge__v1__entry_request__descriptor,
     .response = &wangge__v1__entry_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .read = lists_read_entry},
    {.name = "wangge.v1.Lists/Entries",
     .request = &wangge__v1__entries_request__descriptor,
     .response = &wangge__v1__entries_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .read = lists_read_entries},
    {.name = "wangge.v1.Lists/EntryHistory",
     .request = &wangge__v1__entry_history_request__descriptor,
     .response = &wangge__v1__entry_history_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .read = lists_read_history},
    {.name = "wangge.v1.Lists/PledgeFigures",
     .request = &wangge__v1__pledge_figures_request__descriptor,
     .response = &wangge__v1__pledge_figures_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .read = lists_read_figures},
    {.name = "wangge.v1.Evaluation/Evaluate",
     .request = &wangge__v1__evaluate_request__descriptor,
     .response = &wangge__v1__evaluate_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT,
     .read = tracking_evaluate},
    {.name = "wangge.v1.Evaluation/VerifyFigures",
     .request = &wangge__v1__verify_figures_request__descriptor,
     .response = &wangge__v1__verify_figures_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_OPERATOR,
     .read = tracking_verify_figures},
    {.name = NULL},
};
