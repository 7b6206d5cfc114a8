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
    return "dispatched and not signed: OrderSigned, OrderReturned or DispatchRevoked of its department can follow";
  case STATE(HANDLING):
    return "being handled: OrderReturned or DispatchRevoked of its department can follow";
  case STATE(RESOLVED):
    return "resolved: OrderReturned or DispatchRevoked of its department can follow";
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
  const bool held = state == STATE(DISPATCHED) || state == STATE(HANDLING) || state == STATE(RESOLVED);
  return subject->exists && held && strcmp(subject->row.department, department) == 0;
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
  rules->provisional += due.provisional;
}

static wg_status check_dispatch(const Wangge__V1__OrderDispatched *event, struct wg_error *error) {
  const Wangge__V1__Order *order = event->order;
  if (order && event->assignment && order->order_id > 0 && wg_all_digits(order->district, 6) && order->received_at > 0)
    return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL,
                 "a dispatch must hold an assignment and an order with id, district and time of receipt");
}

wg_status tracking_case_dispatched(struct tracking_case *subject, const Wangge__V1__OrderDispatched *event, int64_t at,
                                   struct tracking_rules *rules, struct wg_arena *arena, struct tracking_step *step,
                                   struct wg_error *error) {
  const wg_status status = check_dispatch(event, error);
  if (status != WG_OK) return status;
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

wg_status tracking_case_signed(struct tracking_case *subject, const Wangge__V1__OrderSigned *event, int64_t at,
                               struct tracking_step *step, struct wg_error *error) {
  if (!held_by(subject, event->department) || subject->row.state != STATE(DISPATCHED))
    return impossible(subject, "OrderSigned", event->department, error);
  subject->row.state = STATE(HANDLING);
  take_step(subject, step, "signed", event->department, event->by, "", at);
  return WG_OK;
}

static void to_desk(struct tracking_case *subject) {
  subject->row.state = STATE(TRIAGE);
  subject->row.department = text("");
  subject->row.dispatched_at = 0;
  subject->row.resolved_at = 0;
  subject->row.result = text("");
}

wg_status tracking_case_returned(struct tracking_case *subject, const Wangge__V1__OrderReturned *event, int64_t at,
                                 struct tracking_step *step, struct wg_error *error) {
  if (!held_by(subject, event->department)) return impossible(subject, "OrderReturned", event->department, error);
  to_desk(subject);
  take_step(subject, step, "returned", event->department, event->by, event->reason, at);
  return WG_OK;
}

wg_status tracking_case_revoked(struct tracking_case *subject, const Wangge__V1__DispatchRevoked *event, int64_t at,
                                struct tracking_step *step, struct wg_error *error) {
  const bool held = held_by(subject, event->department);
  const bool on_desk = subject->exists && subject->row.state == STATE(TRIAGE) && !*event->department;
  if (!held && !(event->withdrawn && on_desk)) return impossible(subject, "DispatchRevoked", event->department, error);
  if (event->withdrawn) subject->row.state = STATE(WITHDRAWN);
  else to_desk(subject);
  take_step(subject, step, event->withdrawn ? "withdrawn" : "revoked", event->department, event->by, event->reason, at);
  return WG_OK;
}

wg_status tracking_case_supplemented(struct tracking_case *subject, const Wangge__V1__DispatchSupplemented *event,
                                     int64_t at, struct tracking_step *step, struct wg_error *error) {
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
                   "%s needs a signed order: call Routing/Accept first, or Routing/Return if it is not yours", call);
  case STATE(RESOLVED):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s is not possible: the order is resolved; only Routing/Return and Routing/Transfer are", call);
  default:
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "%s is not possible: the order is withdrawn and no call is",
                   call);
  }
}

wg_status tracking_case_progress(struct tracking_case *subject, const char *by, const Wangge__V1__ProgressRequest *call,
                                 int64_t now, struct tracking_step *step, struct wg_error *error) {
  const wg_status status = must_be_handling(subject, "Progress", error);
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
                   "the order is resolved with another result; Routing/Return gives it back to the dispatcher");
  }
  const wg_status status = must_be_handling(subject, "Resolve", error);
  if (status != WG_OK) return status;
  subject->row.state = STATE(RESOLVED);
  subject->row.resolved_at = now;
  subject->row.result = call->result;
  take_step(subject, step, "resolved", subject->row.department, by, call->result, now);
  return WG_OK;
}
