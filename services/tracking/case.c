// The state machine of a case. See case.h.
#include "services/tracking/case.h"

#include <string.h>

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name

static bool on_desk(const struct tracking_case *subject) {
  return subject->row.department[0] == '\0';
}

static void to_desk(struct tracking_case *subject) {
  subject->row.state = STATE(TRIAGE);
  subject->row.department = (char *)"";
  subject->row.dispatched_at = 0;
  subject->row.due_at = 0;
  subject->row.due_rule = (char *)"";
  subject->changed = true;
}

static wg_status unknown(const struct tracking_case *subject, struct wg_error *error) {
  return wg_fail(error, WG_FAILED_PRECONDITION, "order_id", "order %lld has no case: its dispatch was not taken in",
                 (long long)subject->row.order_id);
}

static void open_case(struct tracking_case *subject, const Wangge__V1__OrderDispatched *event, struct wg_arena *arena) {
  const Wangge__V1__Order *order = event->order;
  Wangge__V1__Case *row = &subject->row;
  wangge__v1__case__init(row);
  row->order_id = order->order_id;
  row->district = wg_arena_strdup(arena, order->district);
  row->source = wg_arena_strdup(arena, order->source);
  row->urgency = order->urgency ? order->urgency : WANGGE__V1__URGENCY__URGENCY_NORMAL;
  row->category = wg_arena_strdup(arena, order->category);
  row->title = wg_arena_strdup(arena, order->title);
  row->opened_at = order->received_at;
  subject->exists = true;
}

static void to_department(struct tracking_case *subject, const Wangge__V1__Assignment *assignment,
                          struct tracking_rules *rules, struct wg_arena *arena) {
  Wangge__V1__Case *row = &subject->row;
  row->state = STATE(DISPATCHED);
  row->department = wg_arena_strdup(arena, assignment->department);
  row->dispatched_at = assignment->decided_at;
  const struct tracking_due due =
      tracking_due_compute(rules->clocks, rules->calendar, (int)row->urgency, assignment->decided_at);
  row->due_at = due.at;
  row->due_rule = wg_arena_strdup(arena, due.rule);
  rules->provisional += due.provisional;
}

wg_status tracking_case_dispatched(struct tracking_case *subject, const Wangge__V1__OrderDispatched *event,
                                   struct tracking_rules *rules, struct wg_arena *arena, struct tracking_step *step,
                                   struct wg_error *error) {
  const Wangge__V1__Assignment *assignment = event->assignment;
  if (!event->order || !assignment || event->order->order_id <= 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "a dispatch must hold an order and its assignment");
  const bool fresh = !subject->exists;
  if (fresh) open_case(subject, event, arena);
  else if (subject->row.state == STATE(WITHDRAWN) || subject->row.state == STATE(RESOLVED))
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "order %lld is %s already and cannot be dispatched",
                   (long long)subject->row.order_id, subject->row.state == STATE(RESOLVED) ? "resolved" : "withdrawn");
  if (assignment->department[0]) {
    to_department(subject, assignment, rules, arena);
  } else if (!fresh && on_desk(subject)) {
    return WG_OK; // back on the desk: the return or the revocation before it has said so
  } else {
    to_desk(subject);
  }
  subject->changed = true;
  *step = (struct tracking_step){.kind = assignment->department[0] ? "dispatched" : "opened",
                                 .department = subject->row.department,
                                 .by = assignment->decided_by,
                                 .note = assignment->evidence};
  return WG_OK;
}

wg_status tracking_case_signed(struct tracking_case *subject, const Wangge__V1__OrderSigned *event,
                               struct tracking_step *step, struct wg_error *error) {
  if (!subject->exists) return unknown(subject, error);
  if (subject->row.state != STATE(DISPATCHED) || strcmp(subject->row.department, event->department) != 0)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "only an order dispatched to %s can be signed by it",
                   event->department);
  subject->row.state = STATE(HANDLING);
  subject->changed = true;
  *step = (struct tracking_step){.kind = "signed", .department = event->department, .by = event->by, .note = ""};
  return WG_OK;
}

wg_status tracking_case_returned(struct tracking_case *subject, const Wangge__V1__OrderReturned *event,
                                 struct tracking_step *step, struct wg_error *error) {
  if (!subject->exists) return unknown(subject, error);
  const bool held = subject->row.state == STATE(DISPATCHED) || subject->row.state == STATE(HANDLING);
  if (!held || strcmp(subject->row.department, event->department) != 0)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "only an order that %s holds and has not resolved can be returned by it", event->department);
  to_desk(subject);
  *step = (struct tracking_step){
      .kind = "returned", .department = event->department, .by = event->by, .note = event->reason};
  return WG_OK;
}

wg_status tracking_case_revoked(struct tracking_case *subject, const Wangge__V1__DispatchRevoked *event,
                                struct tracking_step *step, struct wg_error *error) {
  if (!subject->exists) return unknown(subject, error);
  if (subject->row.state == STATE(WITHDRAWN))
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "order %lld is withdrawn already",
                   (long long)subject->row.order_id);
  if (event->withdrawn) {
    subject->row.state = STATE(WITHDRAWN);
    subject->row.due_at = 0;
    subject->row.due_rule = (char *)"";
    subject->changed = true;
  } else if (subject->row.state == STATE(RESOLVED)) {
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "order %lld is resolved already and cannot move",
                   (long long)subject->row.order_id);
  } else {
    to_desk(subject);
  }
  *step = (struct tracking_step){.kind = event->withdrawn ? "withdrawn" : "revoked",
                                 .department = event->department,
                                 .by = event->by,
                                 .note = event->reason};
  return WG_OK;
}

wg_status tracking_case_supplemented(struct tracking_case *subject, const Wangge__V1__DispatchSupplemented *event,
                                     struct tracking_step *step, struct wg_error *error) {
  if (!subject->exists) return unknown(subject, error);
  subject->changed = true; // its number of steps
  *step =
      (struct tracking_step){.kind = "supplemented", .department = event->department, .by = "", .note = event->text};
  return WG_OK;
}

static wg_status must_be_handling(const struct tracking_case *subject, const char *what, struct wg_error *error) {
  switch (subject->row.state) {
  case STATE(HANDLING):
    return WG_OK;
  case STATE(DISPATCHED):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s needs an order that is signed: call Routing.Accept, or Routing.Return if it is not yours", what);
  case STATE(RESOLVED):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "the order is resolved; nothing more can be added by %s", what);
  default:
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "the order is withdrawn; nothing can be added by %s", what);
  }
}

wg_status tracking_case_progress(struct tracking_case *subject, const char *by, const Wangge__V1__ProgressRequest *call,
                                 struct tracking_step *step, struct wg_error *error) {
  const wg_status status = must_be_handling(subject, "Progress", error);
  if (status != WG_OK) return status;
  subject->changed = true;
  *step = (struct tracking_step){.kind = "progress",
                                 .department = subject->row.department,
                                 .by = by,
                                 .note = call->note,
                                 .request_id = call->request_id};
  return WG_OK;
}

wg_status tracking_case_resolve(struct tracking_case *subject, const char *by, const Wangge__V1__ResolveRequest *call,
                                int64_t now, struct tracking_step *step, struct wg_error *error) {
  if (subject->row.state == STATE(RESOLVED)) {
    if (strcmp(subject->row.result, call->result) == 0) return WG_OK;
    return wg_fail(error, WG_FAILED_PRECONDITION, "result", "the order is resolved already, with another result");
  }
  const wg_status status = must_be_handling(subject, "Resolve", error);
  if (status != WG_OK) return status;
  subject->row.state = STATE(RESOLVED);
  subject->row.resolved_at = now;
  subject->row.result = call->result;
  subject->changed = true;
  *step =
      (struct tracking_step){.kind = "resolved", .department = subject->row.department, .by = by, .note = call->result};
  return WG_OK;
}
