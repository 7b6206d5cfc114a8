// Returns (退单), their review, and adjudication (职责裁定). See decide.h.
#include "services/routing/decide.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "services/routing/legs.h"
#include "services/routing/study.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name
#define LEG(name) WANGGE__V1__LEG_STATE__LEG_STATE_##name
#define ROLE(name) WANGGE__V1__LEG_ROLE__LEG_ROLE_##name
#define OUTCOME(name) WANGGE__V1__RETURN_OUTCOME__RETURN_OUTCOME_##name

// The second return of an order goes to adjudication (domain practice: after two returns the duty itself is disputed).
enum { RETURNS_BEFORE_ADJUDICATION = 1 };

// --- request ---
static wg_status must_be_open(const struct routing_assignment *subject, struct routing_rulebook *book,
                              struct wg_error *error) {
  if (subject->locked)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "RequestReturn is not possible: order %" PRId64
                   " is locked by its adjudication; possible: Accept, AddUnit, TransferDown",
                   subject->order_id);
  const int64_t end = routing_window_end(&book->window, subject->district, subject->decided_at);
  if (book->now < end) return WG_OK;
  char ended[32], dispatched[32], length[48];
  routing_window_text(&book->window, length, sizeof length);
  return wg_fail(
      error, WG_FAILED_PRECONDITION, NULL,
      "RequestReturn is not possible: the window ended at %s (%s after the dispatch at %s); a dispatcher may "
      "Transfer order %" PRId64,
      wg_civil_format(end, ended), length, wg_civil_format(subject->decided_at, dispatched), subject->order_id);
}

static struct routing_return *add_return(struct routing_assignment *subject, const struct wg_principal *caller,
                                         const Wangge__V1__ReturnRequest *request,
                                         const struct routing_rulebook *book) {
  struct routing_return *made = wg_arena_zalloc(book->arena, sizeof *made);
  *made = (struct routing_return){
      .older = subject->returns,
      .n = subject->returns ? subject->returns->n + 1 : 1,
      .leg = subject->lead_leg,
      .code = request->reason_code,
      .department = subject->department,
      .by = caller->name,
      .person = request->acting_person,
      .reason = request->reason,
      .basis = request->basis,
      .proposed = request->proposed_department,
      .reviewed_by = "",
      .review_person = "",
      .review_reason = "",
      .at = book->now,
      .changed = true,
  };
  subject->returns = made;
  return made;
}

static void review(struct routing_return *one, Wangge__V1__ReturnOutcome outcome, const char *by, const char *person,
                   const char *reason, int64_t now) {
  one->outcome = outcome;
  one->reviewed_by = by;
  one->review_person = person;
  one->review_reason = reason;
  one->reviewed_at = now;
  one->changed = true;
}

static bool repeats_request(const struct routing_assignment *subject, const struct wg_principal *caller,
                            const Wangge__V1__ReturnRequest *request) {
  return subject->returns && routing_repeats(subject, "request_return", caller, caller->department, request->reason) &&
         strcmp(subject->last_proposed, request->proposed_department) == 0 &&
         subject->returns->code == request->reason_code && strcmp(subject->returns->basis, request->basis) == 0;
}

wg_status routing_request_return(struct routing_assignment *subject, const struct wg_principal *caller,
                                 const void *message, struct routing_rulebook *book, struct routing_step *step,
                                 struct wg_error *error) {
  const Wangge__V1__ReturnRequest *request = message;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK || repeats_request(subject, caller, request)) return status;
  const unsigned parts = routing_parts(subject, caller);
  status = routing_must_be_possible(subject, ROUTING_REQUEST_RETURN, parts, error);
  if (status == WG_OK) status = must_be_open(subject, book, error);
  if (status == WG_OK)
    status = routing_handler_check(subject, request->proposed_department, "proposed_department", book, error);
  if (status != WG_OK) return status;
  if (strcmp(request->proposed_department, subject->department) == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "proposed_department", "is the department that returns the order");
  const bool dispute = subject->returns && subject->returns->n >= RETURNS_BEFORE_ADJUDICATION;
  struct routing_return *made = add_return(subject, caller, request, book);
  if (dispute) review(made, OUTCOME(ESCALATED), "rule", "", "second return of the order", book->now);
  *step = (struct routing_step){.kind = "request_return",
                                .department = "",
                                .left = subject->department,
                                .by = caller->name,
                                .reason = request->reason,
                                .proposed = request->proposed_department,
                                .person = request->acting_person,
                                .basis = request->basis,
                                .leg = subject->lead_leg,
                                .request = made,
                                .escalated = dispute};
  routing_go(subject, ROUTING_REQUEST_RETURN, dispute ? STATE(ADJUDICATING) : STATE(RETURN_REVIEW));
  routing_take(subject, step);
  return WG_OK;
}

// --- review ---
static void accept_return(struct routing_assignment *subject, struct routing_rulebook *book, const char *by,
                          const char *reason, struct routing_step *step) {
  routing_lead_end(subject, LEG(RETURNED), book, step);
  routing_legs_end(subject, NULL, 0, LEG(RETURNED), book, step); // the next dispatch decides anew who assists
  subject->decided_by = by;
  subject->decided_at = book->now;
  subject->reason = reason;
  routing_go(subject, ROUTING_ACCEPT_RETURN, STATE(DESK));
}

wg_status routing_review_return(struct routing_assignment *subject, const struct wg_principal *caller,
                                const void *message, struct routing_rulebook *book, struct routing_step *step,
                                struct wg_error *error) {
  const Wangge__V1__ReviewReturnRequest *request = message;
  const bool accepted = request->outcome == OUTCOME(ACCEPTED);
  const char *kind = accepted ? "accept_return" : "reject_return";
  const enum routing_event event = accepted ? ROUTING_ACCEPT_RETURN : ROUTING_REJECT_RETURN;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK) return status;
  struct routing_return *one = subject->returns;
  if (one && routing_repeats(subject, kind, caller, one->department, request->reason)) return WG_OK;
  status = routing_must_be_possible(subject, event, routing_parts(subject, caller), error);
  if (status != WG_OK) return status;
  assert(one); // or the state would not be RETURN_REVIEW
  status = routing_must_differ(caller, request->acting_person, one->by, one->person, "the request to return", error);
  if (status != WG_OK) return status;
  review(one, request->outcome, caller->name, request->acting_person, request->reason, book->now);
  *step = (struct routing_step){.kind = kind,
                                .department = "",
                                .left = subject->department,
                                .by = caller->name,
                                .reason = request->reason,
                                .proposed = "",
                                .person = request->acting_person,
                                .leg = subject->lead_leg,
                                .request = one};
  if (accepted) accept_return(subject, book, caller->name, request->reason, step);
  else routing_go(subject, event, subject->signed_at ? STATE(SIGNED) : STATE(DISPATCHED));
  routing_take(subject, step);
  return WG_OK;
}

// --- escalate ---
// may_object: the lead may do so alone when its return was rejected.
static wg_status may_object(const struct routing_assignment *subject, unsigned parts, struct wg_error *error) {
  if (parts & ROUTING_BY_DISPATCHER) return WG_OK;
  const struct routing_return *one = subject->returns;
  if (!subject->locked && one && one->outcome == OUTCOME(REJECTED) && one->leg == subject->lead_leg) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "Escalate is not possible: %s; possible: %s",
                 subject->locked ? "the order is locked by its adjudication"
                                 : "a department may object only to the rejection of its own return",
                 subject->locked ? "Accept, AddUnit, TransferDown" : "RequestReturn, within its window");
}

wg_status routing_escalate(struct routing_assignment *subject, const struct wg_principal *caller, const void *message,
                           struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  const Wangge__V1__EscalateRequest *request = message;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK) return status;
  if (subject->state == STATE(ADJUDICATING) &&
      routing_repeats(subject, "escalate", caller, subject->department, request->reason))
    return WG_OK;
  const unsigned parts = routing_parts(subject, caller);
  const bool reviewing = subject->state == STATE(RETURN_REVIEW);
  struct routing_return *one = subject->returns;
  status = routing_must_be_possible(subject, ROUTING_ESCALATE, parts, error);
  if (status == WG_OK && reviewing)
    status = routing_must_differ(caller, request->acting_person, one->by, one->person, "the request to return", error);
  else if (status == WG_OK) status = may_object(subject, parts, error);
  if (status != WG_OK) return status;
  if (reviewing) review(one, OUTCOME(ESCALATED), caller->name, request->acting_person, request->reason, book->now);
  *step = (struct routing_step){.kind = "escalate",
                                .department = "",
                                .left = subject->department,
                                .by = caller->name,
                                .reason = request->reason,
                                .proposed = "",
                                .person = request->acting_person,
                                .leg = *subject->department ? subject->lead_leg : 0,
                                .escalated = true};
  routing_go(subject, ROUTING_ESCALATE, STATE(ADJUDICATING));
  routing_take(subject, step);
  return WG_OK;
}

// --- adjudicate ---
// check_place: the precedent must hold for this very order.
static wg_status check_place(const struct routing_assignment *subject, const char *place, struct wg_error *error) {
  const size_t size = strlen(place);
  if (size == 0) return WG_OK;
  const bool whole = size == 6 || size == 9 || size == 12 || size == 15;
  if (!whole || !wg_all_digits(place, size))
    return wg_fail(error, WG_INVALID_ARGUMENT, "place", "must be empty or 6, 9, 12 or 15 digits");
  if (size == 6 && strcmp(place, subject->district) == 0) return WG_OK;
  const char *area = routing_found_area(subject);
  if (strncmp(area, place, size) == 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "place", "the order's area (%s) does not begin with %s",
                 *area ? area : "unknown", place);
}

static struct routing_precedent *make_precedent(const struct routing_assignment *subject,
                                                const struct wg_principal *caller,
                                                const Wangge__V1__AdjudicateRequest *request,
                                                const struct routing_rulebook *book) {
  struct routing_precedent *made = wg_arena_zalloc(book->arena, sizeof *made);
  *made = (struct routing_precedent){
      .district = subject->district,
      .category = subject->category,
      .place = strlen(request->place) > 6 ? request->place : "",
      .lead = request->lead,
      .basis = request->basis,
      .decided_by = caller->name,
      .person = request->acting_person,
      .assists = (const char **)(uintptr_t)request->assists,
      .assist_count = request->n_assists,
      .order_id = subject->order_id,
      .n = subject->adjudications + 1,
      .decided_at = book->now,
  };
  return made;
}

static void open_decided(struct routing_assignment *subject, const struct wg_principal *caller,
                         const Wangge__V1__AdjudicateRequest *request, struct routing_rulebook *book,
                         struct routing_step *step) {
  const char *evidence = *request->reason
                             ? wg_arena_printf(book->arena, "%s; basis: %s", request->reason, request->basis)
                             : wg_arena_printf(book->arena, "adjudicated; basis: %s", request->basis);
  routing_lead_end(subject, LEG(ADJUDICATED), book, step);
  routing_legs_end(subject, request->assists, request->n_assists, LEG(ADJUDICATED), book, step);
  routing_lead_open(subject, request->lead, caller->name, evidence, book, step);
  for (size_t i = 0; i < request->n_assists; i++) {
    if (!routing_leg_of(subject, request->assists[i]))
      routing_leg_open(subject, ROLE(ASSIST), 0, request->assists[i], caller->name, evidence, book, step);
  }
}

wg_status routing_adjudicate(struct routing_assignment *subject, const struct wg_principal *caller, const void *message,
                             struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  const Wangge__V1__AdjudicateRequest *request = message;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK) return status;
  if (subject->locked && subject->state == STATE(DISPATCHED) &&
      routing_repeats(subject, "adjudicate", caller, request->lead, request->reason))
    return WG_OK;
  status = routing_must_be_possible(subject, ROUTING_ADJUDICATE, routing_parts(subject, caller), error);
  const struct routing_return *one = subject->returns;
  if (status == WG_OK && one)
    status = routing_must_differ(caller, request->acting_person, one->by, one->person, "the request to return", error);
  if (status == WG_OK) status = routing_handler_check(subject, request->lead, "lead", book, error);
  if (status == WG_OK)
    status = routing_assists_check(subject, request->lead, request->assists, request->n_assists, book, error);
  if (status == WG_OK) status = check_place(subject, request->place, error);
  if (status != WG_OK) return status;
  *step = (struct routing_step){.kind = "adjudicate",
                                .left = strcmp(subject->department, request->lead) == 0 ? "" : subject->department,
                                .by = caller->name,
                                .reason = request->reason,
                                .proposed = "",
                                .person = request->acting_person,
                                .basis = request->basis,
                                .precedent = make_precedent(subject, caller, request, book)};
  open_decided(subject, caller, request, book, step);
  subject->adjudications++;
  subject->locked = true;
  routing_go(subject, ROUTING_ADJUDICATE, STATE(DISPATCHED));
  step->department = subject->department;
  routing_take(subject, step);
  return WG_OK;
}
