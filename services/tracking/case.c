// The state machine of a case. See case.h.
#include "services/tracking/case.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <string.h>

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name

static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

// --- refusals ---
static const char *where(const struct tracking_case *subject) {
  switch (subject->row.state) {
  case STATE(TRIAGE):
    return "on the dispatcher's desk: only OrderDispatched can follow, or a withdrawal";
  case STATE(DISPATCHED):
    return "dispatched and not signed: OrderSigned, ReturnRequested, DisputeEscalated or DispatchRevoked can follow";
  case STATE(HANDLING):
    return "being handled: ReturnRequested, DisputeEscalated or DispatchRevoked of its department can follow";
  case STATE(RESOLVED):
    return "resolved: ReturnRequested, DisputeEscalated or DispatchRevoked of its department can follow";
  case STATE(RETURN_REVIEW):
    return "under review of its return: OrderReturned, ReturnRejected, DisputeEscalated or DispatchRevoked can follow";
  case STATE(ADJUDICATING):
    return "being adjudicated: OrderAdjudicated or DispatchRevoked can follow";
  default:
    return "withdrawn: nothing can follow";
  }
}

static wg_status impossible(const struct tracking_case *subject, const char *event, const char *department,
                            struct wg_error *error) {
  if (!subject->exists)
    return wg_fail(error, WG_FAILED_PRECONDITION, "order_id",
                   "order %" PRId64 " has no case: its OrderDispatched was not taken in", subject->row.order_id);
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                 "%s (department \"%s\") does not fit: the case of order %" PRId64 " (department \"%s\") is %s", event,
                 department, subject->row.order_id, subject->row.department, where(subject));
}

static bool held_by(const struct tracking_case *subject, const char *department) {
  const Wangge__V1__CaseState state = subject->row.state;
  const bool held = state != STATE(TRIAGE) && state != STATE(WITHDRAWN);
  return subject->exists && held && *department && strcmp(subject->row.department, department) == 0;
}

static void take_step(struct tracking_case *subject, struct tracking_step *step, const char *kind,
                      const char *department, const char *by, const char *note, int64_t at) {
  *step = (struct tracking_step){.kind = kind, .department = department, .by = by, .note = note, .at = at};
  subject->steps++;
  subject->changed = true;
}

// --- events ---
static void open_case(struct tracking_case *subject, const Wangge__V1__OrderDispatched *event) {
  const Wangge__V1__Order *order = event->order;
  Wangge__V1__Case *row = &subject->row;
  row->district = order->district;
  row->source = order->source;
  row->urgency = order->urgency ? order->urgency : WANGGE__V1__URGENCY__URGENCY_NORMAL;
  row->category = order->category;
  row->title = order->title;
  row->opened_at = order->received_at;
  subject->routed_to = event->assignment->department;
  subject->routed_by = event->assignment->decided_by;
  subject->routed_why = event->assignment->evidence;
  subject->exists = true;
}

static void start_clock(struct tracking_case *subject, int64_t at, struct tracking_rules *rules,
                        struct wg_arena *arena) {
  if (subject->row.due_at) return;
  const struct tracking_due due = tracking_due_compute(
      rules->clocks, wg_calendars_of(rules->calendars, subject->row.district), (int)subject->row.urgency, at);
  subject->row.due_at = due.at;
  subject->row.due_rule = wg_arena_strdup(arena, due.rule);
  subject->provisional_from = due.provisional ? at : 0;
  rules->provisional += due.provisional;
}

static bool is_open(const struct tracking_case *subject) {
  const Wangge__V1__CaseState state = subject->row.state;
  return subject->exists && state != STATE(RESOLVED) && state != STATE(WITHDRAWN);
}

void tracking_case_recount(struct tracking_case *subject, const struct tracking_rules *rules, int64_t now,
                           struct wg_arena *arena, struct tracking_step *step) {
  if (!subject->provisional_from || !is_open(subject)) return;
  const struct tracking_due due =
      tracking_due_compute(rules->clocks, wg_calendars_of(rules->calendars, subject->row.district),
                           (int)subject->row.urgency, subject->provisional_from);
  if (due.provisional) return;
  const bool moved = due.at != subject->row.due_at;
  subject->provisional_from = 0;
  subject->row.due_at = due.at;
  subject->row.due_rule = wg_arena_strdup(arena, due.rule);
  subject->changed = true;
  if (moved) take_step(subject, step, "recounted", subject->row.department, "calendar", subject->row.due_rule, now);
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
static wg_status note_beside(struct tracking_case *subject, const char *event, const char *kind, const char *unit,
                             const char *by, const char *note, int64_t at, struct tracking_step *step,
                             struct wg_error *error) {
  if (!subject->exists || subject->row.state == STATE(WITHDRAWN)) return impossible(subject, event, unit, error);
  take_step(subject, step, kind, unit, by, note, at);
  return WG_OK;
}

wg_status tracking_case_dispatched(struct tracking_case *subject, const Wangge__V1__OrderDispatched *event, int64_t at,
                                   struct tracking_rules *rules, struct wg_arena *arena, struct tracking_step *step,
                                   struct wg_error *error) {
  const wg_status status = check_dispatch(event, error);
  if (status != WG_OK) return status;
  const Wangge__V1__Leg *leg = event->leg;
  if (leg && beside(leg->role))
    return note_beside(subject, "OrderDispatched",
                       leg->role == WANGGE__V1__LEG_ROLE__LEG_ROLE_CHILD ? "handed_down" : "assisting", leg->department,
                       leg->decided_by, leg->reason, at, step, error);
  const Wangge__V1__Assignment *assignment = event->assignment;
  const bool fresh = !subject->exists;
  if (!fresh && subject->row.state == STATE(DISPATCHED) &&
      strcmp(subject->row.department, assignment->department) == 0 && subject->row.dispatched_at == at)
    return WG_OK; // the same event again
  if (!fresh && subject->row.state != STATE(TRIAGE))
    return impossible(subject, "OrderDispatched", assignment->department, error);
  if (!fresh && !*assignment->department) return WG_OK; // on the desk: the return before it has said so
  if (fresh) {
    open_case(subject, event);
    subject->routed_at = at;
    take_step(subject, step, "opened", "", subject->row.source, "", subject->row.opened_at);
  }
  subject->row.state = *assignment->department ? STATE(DISPATCHED) : STATE(TRIAGE);
  subject->row.department = assignment->department;
  if (!*assignment->department) return WG_OK;
  subject->row.dispatched_at = at;
  start_clock(subject, at, rules, arena);
  take_step(subject, step, "dispatched", assignment->department, assignment->decided_by, assignment->evidence, at);
  return WG_OK;
}

wg_status tracking_case_signed(struct tracking_case *subject, const void *message, int64_t at,
                               struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__OrderSigned *event = message;
  if (beside(event->role))
    return note_beside(subject, "OrderSigned", "unit_signed", event->department, event->by, "", at, step, error);
  if (!held_by(subject, event->department) || subject->row.state != STATE(DISPATCHED))
    return impossible(subject, "OrderSigned", event->department, error);
  subject->row.state = STATE(HANDLING);
  take_step(subject, step, "signed", event->department, event->by, "", at);
  return WG_OK;
}

static void clear_result(struct tracking_case *subject) {
  subject->row.resolved_at = 0;
  subject->row.result = text("");
}

static void to_desk(struct tracking_case *subject) {
  subject->row.state = STATE(TRIAGE);
  subject->row.department = text("");
  subject->row.dispatched_at = 0;
  clear_result(subject);
}

// --- returns ---
wg_status tracking_case_return_requested(struct tracking_case *subject, const void *message, int64_t at,
                                         struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__ReturnRequested *event = message;
  const Wangge__V1__ReturnRecord *request = event->request;
  if (!request) return wg_fail(error, WG_INVALID_ARGUMENT, "request", "a request to return must say what it asks");
  const Wangge__V1__CaseState state = subject->row.state;
  if (!held_by(subject, request->department) || state == STATE(RETURN_REVIEW) || state == STATE(ADJUDICATING))
    return impossible(subject, "ReturnRequested", request->department, error);
  subject->row.state = STATE(RETURN_REVIEW);
  clear_result(subject);
  take_step(subject, step, "return_requested", request->department, request->requested_by, request->reason, at);
  return WG_OK;
}

wg_status tracking_case_return_rejected(struct tracking_case *subject, const void *message, int64_t at,
                                        struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__ReturnRejected *event = message;
  if (!held_by(subject, event->department) || subject->row.state != STATE(RETURN_REVIEW))
    return impossible(subject, "ReturnRejected", event->department, error);
  subject->row.state = event->signed_ ? STATE(HANDLING) : STATE(DISPATCHED);
  take_step(subject, step, "return_rejected", event->department, event->by, event->reason, at);
  return WG_OK;
}

wg_status tracking_case_returned(struct tracking_case *subject, const void *message, int64_t at,
                                 struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__OrderReturned *event = message;
  if (!held_by(subject, event->department)) return impossible(subject, "OrderReturned", event->department, error);
  const bool reviewed = *event->reviewed_by; // events from before returns were reviewed name the requester alone
  to_desk(subject);
  take_step(subject, step, "returned", event->department, reviewed ? event->reviewed_by : event->by,
            reviewed ? event->review_reason : event->reason, at);
  return WG_OK;
}

// --- adjudication ---
wg_status tracking_case_escalated(struct tracking_case *subject, const void *message, int64_t at,
                                  struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__DisputeEscalated *event = message;
  const bool on_desk = subject->exists && subject->row.state == STATE(TRIAGE) && !*event->department;
  const bool held = held_by(subject, event->department) && subject->row.state != STATE(ADJUDICATING);
  if (!on_desk && !held) return impossible(subject, "DisputeEscalated", event->department, error);
  subject->row.state = STATE(ADJUDICATING);
  clear_result(subject);
  take_step(subject, step, "escalated", event->department, event->by, event->reason, at);
  return WG_OK;
}

// An adjudication leaves the case where it was; the events beside it tell who loses and who gets the order.
wg_status tracking_case_adjudicated(struct tracking_case *subject, const void *message, int64_t at,
                                    struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__OrderAdjudicated *event = message;
  const Wangge__V1__Precedent *decision = event->precedent;
  if (!decision) return wg_fail(error, WG_INVALID_ARGUMENT, "precedent", "an adjudication must say what was decided");
  if (!subject->exists || subject->row.state != STATE(ADJUDICATING))
    return impossible(subject, "OrderAdjudicated", decision->lead, error);
  if (!*subject->row.department) to_desk(subject);
  take_step(subject, step, "adjudicated", decision->lead, decision->decided_by, decision->basis, at);
  return WG_OK;
}

wg_status tracking_case_revoked(struct tracking_case *subject, const void *message, int64_t at,
                                struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__DispatchRevoked *event = message;
  if (beside(event->role)) {
    if (event->withdrawn) return WG_OK; // the lead's event has said so
    return note_beside(subject, "DispatchRevoked", "unit_released", event->department, event->by, event->reason, at,
                       step, error);
  }
  const bool held = held_by(subject, event->department);
  const bool on_desk =
      subject->exists && !*subject->row.department && !*event->department && subject->row.state != STATE(WITHDRAWN);
  if (!held && !(event->withdrawn && on_desk)) return impossible(subject, "DispatchRevoked", event->department, error);
  if (event->withdrawn) subject->row.state = STATE(WITHDRAWN);
  else to_desk(subject);
  take_step(subject, step, event->withdrawn ? "withdrawn" : "revoked", event->department, event->by, event->reason, at);
  return WG_OK;
}

wg_status tracking_case_supplemented(struct tracking_case *subject, const void *message, int64_t at,
                                     struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__DispatchSupplemented *event = message;
  if (beside(event->role)) return WG_OK; // a copy; the lead's, or the desk's, is noted
  if (!subject->exists || subject->row.state == STATE(WITHDRAWN))
    return impossible(subject, "DispatchSupplemented", event->department, error);
  if (event->again) return WG_OK; // said to another department; the timeline has it
  take_step(subject, step, "supplemented", event->department, "", event->text, at);
  return WG_OK;
}

// --- calls ---
static wg_status must_be_handling(const struct tracking_case *subject, const char *call, struct wg_error *error) {
  switch (subject->row.state) {
  case STATE(HANDLING):
    return WG_OK;
  case STATE(DISPATCHED):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s needs a signed order: call Routing/Accept first, or Routing/RequestReturn if it is not yours",
                   call);
  case STATE(RETURN_REVIEW):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s is not possible: the return of the order is under review; only Progress is until it is decided",
                   call);
  case STATE(ADJUDICATING):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s is not possible: who is responsible is being adjudicated; only Progress is until it is decided",
                   call);
  case STATE(RESOLVED):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s is not possible: the order is resolved; only Routing/RequestReturn and Routing/Transfer are",
                   call);
  default:
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "%s is not possible: the order is withdrawn and no call is",
                   call);
  }
}

wg_status tracking_case_progress(struct tracking_case *subject, const char *by, const Wangge__V1__ProgressRequest *call,
                                 int64_t now, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__CaseState state = subject->row.state;
  const bool disputed = state == STATE(RETURN_REVIEW) || state == STATE(ADJUDICATING);
  const wg_status status = disputed ? WG_OK : must_be_handling(subject, "Progress", error);
  if (status != WG_OK) return status;
  take_step(subject, step, "progress", subject->row.department, by, call->note, now);
  step->request_id = call->request_id;
  return WG_OK;
}

wg_status tracking_case_resolve(struct tracking_case *subject, const char *by, const Wangge__V1__ResolveRequest *call,
                                int64_t now, struct tracking_step *step, struct wg_error *error) {
  if (subject->row.state == STATE(RESOLVED)) {
    if (strcmp(subject->row.result, call->result) == 0) return WG_OK;
    return wg_fail(error, WG_FAILED_PRECONDITION, "result",
                   "the order is resolved with another result; Routing/RequestReturn asks to give it back");
  }
  const wg_status status = must_be_handling(subject, "Resolve", error);
  if (status != WG_OK) return status;
  subject->row.state = STATE(RESOLVED);
  subject->row.resolved_at = now;
  subject->row.result = call->result;
  take_step(subject, step, "resolved", subject->row.department, by, call->result, now);
  return WG_OK;
}
