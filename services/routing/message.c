// Messages of the contract from what decide.h holds.
#include "services/routing/legs.h"

#include "common/wire/wire.h"
#include "services/routing/study.h"

#include <string.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name

static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

Wangge__V1__Leg *routing_leg_message(const struct routing_leg *leg, struct wg_arena *arena) {
  Wangge__V1__Leg *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__leg__init(message);
  message->n = leg->n;
  message->role = leg->role;
  message->department = text(leg->department);
  message->state = leg->state;
  message->parent = leg->parent;
  message->dispatched_at = leg->dispatched_at;
  message->signed_at = leg->signed_at;
  message->ended_at = leg->ended_at;
  message->decided_by = text(leg->decided_by);
  message->reason = text(leg->reason);
  message->due_at = leg->due_at;
  return message;
}

Wangge__V1__ReturnRecord *routing_return_message(const struct routing_return *one, bool persons,
                                                 struct wg_arena *arena) {
  Wangge__V1__ReturnRecord *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__return_record__init(message);
  message->n = one->n;
  message->leg = one->leg;
  message->department = text(one->department);
  message->requested_at = one->at;
  message->requested_by = text(one->by);
  message->reason_code = one->code;
  message->reason = text(one->reason);
  message->basis = text(one->basis);
  message->proposed_department = text(one->proposed);
  message->outcome = one->outcome;
  message->reviewed_at = one->reviewed_at;
  message->reviewed_by = text(one->reviewed_by);
  message->review_reason = text(one->review_reason);
  if (persons) message->acting_person = text(one->person);
  if (persons) message->review_person = text(one->review_person);
  return message;
}

static void add_legs(Wangge__V1__Assignment *message, const struct routing_assignment *subject, bool ended,
                     struct wg_arena *arena) {
  size_t most = 1;
  for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next)
    most++;
  message->legs = wg_arena_alloc(arena, most * sizeof *message->legs);
  const struct routing_leg *lead = routing_lead(subject, arena);
  if (lead) message->legs[message->n_legs++] = routing_leg_message(lead, arena);
  for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
    if (ended || routing_leg_active(leg)) message->legs[message->n_legs++] = routing_leg_message(leg, arena);
  }
}

Wangge__V1__Assignment *routing_assignment_message(const struct routing_assignment *subject,
                                                   const struct routing_view *view, struct wg_arena *arena) {
  Wangge__V1__Assignment *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__assignment__init(message);
  const bool by_rule = strcmp(subject->decided_by, "rule") == 0;
  message->order_id = subject->order_id;
  message->district = text(subject->district);
  message->source = text(subject->source);
  message->category = text(subject->category);
  message->state = subject->state;
  message->department = text(subject->department);
  if (by_rule) message->rule_id = text(subject->rule_id);
  if (by_rule) message->rule_version = text(subject->rule_version);
  message->evidence = text(by_rule ? subject->evidence : subject->reason);
  message->decided_by = text(subject->decided_by);
  message->decided_at = subject->decided_at;
  message->hops = subject->hops;
  message->first_receiver = text(subject->first_receiver);
  message->contact = text(subject->contact);
  message->locked = subject->locked;
  message->returns = subject->returns ? subject->returns->n : 0;
  if (subject->found.place_how != ROUTING_HOW_NONE || subject->found.place_flags)
    message->place = routing_found_message(&subject->found, subject->district, arena);
  if (subject->found.suggested_category) message->suggested_category = text(subject->found.suggested_category);
  message->suggested_confidence = (double)subject->found.suggested_confidence;
  const bool returnable = subject->state == STATE(DISPATCHED) || subject->state == STATE(SIGNED);
  if (view->window && returnable && !subject->locked)
    message->return_until = routing_window_end(view->window, subject->district, subject->decided_at);
  if (view->legs) add_legs(message, subject, view->ended, arena);
  if (subject->state == STATE(RETURN_REVIEW) && subject->returns)
    message->pending_return = routing_return_message(subject->returns, view->persons, arena);
  return message;
}

wg_status routing_received_read(struct wg_bytes packed, struct wg_arena *arena, const Wangge__V1__OrderReceived **event,
                                struct wg_error *error) {
  ProtobufCMessage *message = NULL;
  struct wg_error inner = {0};
  const wg_status status = wg_unpack(&wangge__v1__order_received__descriptor, packed, arena, &message, &inner);
  *event = (const Wangge__V1__OrderReceived *)message;
  if (status == WG_OK && (*event)->order) return WG_OK;
  return wg_fail(error, WG_DATA_LOSS, NULL, "a stored order cannot be read: %s",
                 status == WG_OK ? "it is empty" : inner.message);
}
