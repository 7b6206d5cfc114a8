// What routing says of a case. See case.h.
#include "services/tracking/moves.h"
#include "services/tracking/timers.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <string.h>

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name

static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

// not_its refuses what is said of a department that does not hold the case.
static wg_status not_its(const struct tracking_case *subject, const char *event, const char *department,
                         struct wg_error *error) {
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                 "%s speaks of department \"%s\", but \"%s\" holds the case of order %" PRId64 " (%s)", event,
                 department, subject->row.department, subject->row.order_id, tracking_state_name(subject->row.state));
}

// may checks an event of routing: possible in this state, and of the department that holds the case.
static wg_status may(const struct tracking_case *subject, enum tracking_event event, const char *department,
                     struct wg_error *error) {
  const wg_status status = tracking_may(subject, event, TRACKING_BY_ROUTING, error);
  if (status != WG_OK || strcmp(subject->row.department, department) == 0) return status;
  return not_its(subject, tracking_event_name(event), department, error);
}

// take_back: routing takes the case out of the state it is in; what the round came to is no longer so.
static void take_back(struct tracking_case *subject, int64_t at, struct tracking_rules *rules) {
  if (subject->row.state == STATE(HELD)) tracking_hold_end(subject, at, rules);
  if (subject->row.state != STATE(CLOSED)) {
    tracking_clear_round(subject);
    return;
  }
  subject->row.reopened++;
  tracking_next_round(subject, at, rules);
}

static void to_desk(struct tracking_case *subject, enum tracking_event event, int64_t at,
                    struct tracking_rules *rules) {
  take_back(subject, at, rules);
  tracking_go(subject, event, STATE(TRIAGE));
  subject->row.department = text("");
  subject->row.dispatched_at = 0;
  subject->row.signed_at = 0;
}

// --- dispatch ---
static void open_case(struct tracking_case *subject, const Wangge__V1__OrderDispatched *event) {
  const Wangge__V1__Order *order = event->order;
  Wangge__V1__Case *row = &subject->row;
  row->district = order->district;
  row->source = order->source;
  row->urgency = order->urgency ? order->urgency : WANGGE__V1__URGENCY__URGENCY_NORMAL;
  row->category = order->category;
  row->title = order->title;
  row->opened_at = order->received_at;
  row->channel = order->channel;
  row->kind = order->kind;
  const Wangge__V1__PlaceDecision *place = event->assignment->place;
  row->grid_code = place && *place->grid_code ? place->grid_code : order->grid_code;
  row->answer = order->answer;
  subject->routed_to = event->assignment->department;
  subject->routed_by = event->assignment->decided_by;
  subject->routed_why = event->assignment->evidence;
}

static void start_clock(struct tracking_case *subject, const char *department, int64_t at,
                        struct tracking_rules *rules) {
  if (subject->row.first_dispatched_at) return;
  tracking_set_due(subject, "", 0, at, rules);
  subject->row.first_department = text(department);
  subject->row.first_dispatched_at = at;
}

static wg_status check_dispatch(const Wangge__V1__OrderDispatched *event, struct wg_error *error) {
  const Wangge__V1__Order *order = event->order;
  if (order && event->assignment && order->order_id > 0 && wg_all_digits(order->district, 6) && order->received_at > 0)
    return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL,
                 "a dispatch must hold an assignment and an order with id, district and time of receipt");
}

// beside is true for what routing says of a unit that is not the lead.
static bool beside(Wangge__V1__LegRole role) {
  return role == WANGGE__V1__LEG_ROLE__LEG_ROLE_ASSIST || role == WANGGE__V1__LEG_ROLE__LEG_ROLE_CHILD;
}

// note_beside: what happens to units beside the lead changes nothing but the timeline.
static wg_status note_beside(struct tracking_case *subject, const char *kind, const char *unit, const char *by,
                             const char *note, int64_t at, struct tracking_step *step, struct wg_error *error) {
  const wg_status status = tracking_may(subject, TRACKING_BESIDE, TRACKING_BY_ROUTING, error);
  if (status == WG_OK) tracking_take(subject, step, kind, unit, by, note, at);
  return status;
}

static wg_status dispatched_beside(struct tracking_case *subject, const Wangge__V1__Leg *leg, int64_t at,
                                   struct tracking_step *step, struct wg_error *error) {
  const bool child = leg->role == WANGGE__V1__LEG_ROLE__LEG_ROLE_CHILD;
  return note_beside(subject, child ? "handed_down" : "assisting", leg->department, leg->decided_by, leg->reason, at,
                     step, error);
}

static bool order_answered(const Wangge__V1__Assignment *assignment) {
  return assignment->state == WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_ANSWERED;
}

wg_status tracking_case_dispatched(struct tracking_case *subject, const void *message, int64_t at,
                                   struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__OrderDispatched *event = message;
  wg_status status = check_dispatch(event, error);
  if (status != WG_OK) return status;
  if (event->leg && beside(event->leg->role)) return dispatched_beside(subject, event->leg, at, step, error);
  const Wangge__V1__Assignment *assignment = event->assignment;
  const bool fresh = !subject->exists, desk = !*assignment->department;
  if (!fresh && subject->row.state == STATE(DISPATCHED) &&
      strcmp(subject->row.department, assignment->department) == 0 && subject->row.dispatched_at == at)
    return WG_OK; // the same event again
  status = tracking_may(subject, TRACKING_DISPATCHED, TRACKING_BY_ROUTING, error);
  if (status != WG_OK || (!fresh && desk)) return status; // on the desk: the return before it has said so
  if (fresh) {
    open_case(subject, event);
    subject->routed_at = at;
  }
  if (subject->row.state == STATE(CLOSED)) take_back(subject, at, rules);
  const Wangge__V1__CaseState without = order_answered(assignment) ? STATE(ANSWERED) : STATE(TRIAGE);
  tracking_go(subject, TRACKING_DISPATCHED, desk ? without : STATE(DISPATCHED));
  subject->row.department = assignment->department;
  if (fresh) tracking_take(subject, step, "opened", "", subject->row.source, "", subject->row.opened_at);
  if (desk) return WG_OK;
  subject->row.dispatched_at = at;
  tracking_timers_again(subject, TRACKING_CLOCK_BIT(SIGN));
  subject->row.redispatches += subject->row.first_dispatched_at != 0;
  start_clock(subject, assignment->department, at, rules);
  tracking_take(subject, step, "dispatched", assignment->department, assignment->decided_by, assignment->evidence, at);
  return WG_OK;
}

wg_status tracking_case_signed(struct tracking_case *subject, const void *message, int64_t at,
                               struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__OrderSigned *event = message;
  if (beside(event->role))
    return note_beside(subject, "unit_signed", event->department, event->by, "", at, step, error);
  const wg_status status = may(subject, TRACKING_SIGNED, event->department, error);
  if (status != WG_OK) return status;
  if (subject->row.state == STATE(DISPATCHED)) tracking_go(subject, TRACKING_SIGNED, STATE(HANDLING));
  subject->row.signed_at = at;
  subject->row.signed_late |=
      at > tracking_limit_end(wg_calendars_of(rules->calendars, subject->row.district),
                              tracking_by_urgency(rules->clocks->sign, (int)subject->row.urgency),
                              subject->row.dispatched_at);
  tracking_take(subject, step, "signed", event->department, event->by, "", at);
  return WG_OK;
}

wg_status tracking_case_late(struct tracking_case *subject, const char *type, int64_t at, struct tracking_rules *rules,
                             struct tracking_step *step, struct wg_error *error) {
  const wg_status status = tracking_may(subject, TRACKING_LATE, TRACKING_BY_ROUTING, error);
  if (status == WG_OK)
    tracking_take(subject, step, "noted", subject->row.department, "routing", wg_arena_strdup(rules->arena, type), at);
  return status;
}

// --- returns ---
wg_status tracking_case_return_requested(struct tracking_case *subject, const void *message, int64_t at,
                                         struct tracking_rules *rules, struct tracking_step *step,
                                         struct wg_error *error) {
  const Wangge__V1__ReturnRecord *request = ((const Wangge__V1__ReturnRequested *)message)->request;
  if (!request) return wg_fail(error, WG_INVALID_ARGUMENT, "request", "a request to return must say what it asks");
  const wg_status status = may(subject, TRACKING_RETURN_REQUESTED, request->department, error);
  if (status != WG_OK) return status;
  take_back(subject, at, rules);
  tracking_go(subject, TRACKING_RETURN_REQUESTED, STATE(RETURN_REVIEW));
  tracking_take(subject, step, "return_requested", request->department, request->requested_by, request->reason, at);
  return WG_OK;
}

wg_status tracking_case_return_rejected(struct tracking_case *subject, const void *message, int64_t at,
                                        struct tracking_rules *rules, struct tracking_step *step,
                                        struct wg_error *error) {
  (void)rules;
  const Wangge__V1__ReturnRejected *event = message;
  const wg_status status = may(subject, TRACKING_RETURN_REJECTED, event->department, error);
  if (status != WG_OK) return status;
  tracking_go(subject, TRACKING_RETURN_REJECTED, event->signed_ ? STATE(HANDLING) : STATE(DISPATCHED));
  tracking_take(subject, step, "return_rejected", event->department, event->by, event->reason, at);
  return WG_OK;
}

wg_status tracking_case_returned(struct tracking_case *subject, const void *message, int64_t at,
                                 struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__OrderReturned *event = message;
  const wg_status status = may(subject, TRACKING_RETURNED, event->department, error);
  if (status != WG_OK) return status;
  const bool reviewed = *event->reviewed_by; // events from before returns were reviewed name the requester alone
  to_desk(subject, TRACKING_RETURNED, at, rules);
  subject->row.returns++;
  tracking_take(subject, step, "returned", event->department, reviewed ? event->reviewed_by : event->by,
                reviewed ? event->review_reason : event->reason, at);
  return WG_OK;
}

// --- adjudication ---
wg_status tracking_case_escalated(struct tracking_case *subject, const void *message, int64_t at,
                                  struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__DisputeEscalated *event = message;
  const wg_status status = may(subject, TRACKING_ESCALATED, event->department, error);
  if (status != WG_OK) return status;
  take_back(subject, at, rules);
  tracking_go(subject, TRACKING_ESCALATED, STATE(ADJUDICATING));
  tracking_take(subject, step, "escalated", event->department, event->by, event->reason, at);
  return WG_OK;
}

// An adjudication leaves the case where it was; the events beside it tell who loses and who gets the order.
wg_status tracking_case_adjudicated(struct tracking_case *subject, const void *message, int64_t at,
                                    struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__Precedent *decision = ((const Wangge__V1__OrderAdjudicated *)message)->precedent;
  if (!decision) return wg_fail(error, WG_INVALID_ARGUMENT, "precedent", "an adjudication must say what was decided");
  const wg_status status = tracking_may(subject, TRACKING_ADJUDICATED, TRACKING_BY_ROUTING, error);
  if (status != WG_OK) return status;
  if (!*subject->row.department) to_desk(subject, TRACKING_ADJUDICATED, at, rules);
  tracking_take(subject, step, "adjudicated", decision->lead, decision->decided_by, decision->basis, at);
  return WG_OK;
}

wg_status tracking_case_revoked(struct tracking_case *subject, const void *message, int64_t at,
                                struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__DispatchRevoked *event = message;
  if (beside(event->role) && event->withdrawn) return WG_OK; // the lead's event has said so
  if (beside(event->role))
    return note_beside(subject, "unit_released", event->department, event->by, event->reason, at, step, error);
  const enum tracking_event what = event->withdrawn ? TRACKING_WITHDRAWN : TRACKING_MOVED;
  const wg_status status = may(subject, what, event->department, error);
  if (status != WG_OK) return status;
  if (!event->withdrawn) to_desk(subject, what, at, rules);
  else if (subject->row.state != STATE(CLOSED)) tracking_go(subject, what, STATE(WITHDRAWN));
  tracking_take(subject, step, event->withdrawn ? "withdrawn" : "revoked", event->department, event->by, event->reason,
                at);
  return WG_OK;
}

wg_status tracking_case_supplemented(struct tracking_case *subject, const void *message, int64_t at,
                                     struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  (void)rules;
  const Wangge__V1__DispatchSupplemented *event = message;
  if (beside(event->role)) return WG_OK; // a copy; the lead's, or the desk's, is noted
  const wg_status status = tracking_may(subject, TRACKING_SUPPLEMENTED, TRACKING_BY_ROUTING, error);
  if (status != WG_OK || event->again) return status; // said to another department; the timeline has it
  tracking_take(subject, step, "supplemented", event->department, "", event->text, at);
  return WG_OK;
}

// --- calendars ---
// counts: the deadline of the case is still of use.
static bool counts(const struct tracking_case *subject) {
  switch (subject->row.state) {
  case STATE(TRIAGE):
  case STATE(DISPATCHED):
  case STATE(HANDLING):
  case STATE(RETURN_REVIEW):
  case STATE(ADJUDICATING):
  case STATE(HELD):
    return subject->exists;
  default:
    return false;
  }
}

void tracking_case_recount(struct tracking_case *subject, struct tracking_rules *rules, int64_t now,
                           struct tracking_step *step) {
  if (!subject->provisional_from || !counts(subject)) return;
  struct tracking_case counted = *subject;
  struct tracking_rules again = *rules; // a deadline that stays a guess was counted as one already
  tracking_set_due(&counted, subject->facts.due_what, subject->facts.due_working_days, subject->provisional_from,
                   &again);
  if (counted.provisional_from) return;
  counted.facts.fired = subject->facts.fired; // what was told was told
  const bool moved = counted.row.due_at != subject->row.due_at;
  *subject = counted;
  subject->changed = true;
  if (!moved) return;
  tracking_take(subject, step, "recounted", subject->row.department, "calendar", subject->row.due_rule, now);
  step->due_at = subject->row.due_at;
}
