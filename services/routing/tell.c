// See tell.h. Order of a step's events: what happened, then the legs that ended, then those that begin (the lead
// first), each followed by the supplements that its unit has not heard.
#include "services/routing/tell.h"

#include "services/routing/legs.h"

#include <string.h>

#define STREAM "routing.dispatch"
#define ROLE(name) WANGGE__V1__LEG_ROLE__LEG_ROLE_##name
#define DESK ""

struct teller {
  struct wg_batch *batch;
  const struct wg_item *item;
  const struct routing_assignment *subject;
  const struct routing_step *step;
  struct routing_rulebook *book;
};

static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

static void append(const struct teller *t, const char *topic, const ProtobufCMessage *event) {
  wg_log_append(t->batch->log, STREAM, topic, event, t->item->traceparent);
}

// --- legs that begin ---
static void tell_supplement(const struct teller *t, const char *unit, Wangge__V1__LegRole role,
                            const struct routing_supplement *supplement, bool again) {
  Wangge__V1__DispatchSupplemented event = WANGGE__V1__DISPATCH_SUPPLEMENTED__INIT;
  event.order_id = t->subject->order_id;
  event.district = text(t->subject->district);
  event.department = text(unit);
  event.text = text(supplement->text);
  event.supplement_id = text(supplement->supplement_id);
  event.again = again;
  event.role = role;
  append(t, unit, &event.base);
}

static void tell_dispatch(const struct teller *t, const struct routing_leg *leg) {
  Wangge__V1__OrderDispatched event = WANGGE__V1__ORDER_DISPATCHED__INIT;
  const struct routing_view view = {.window = &t->book->window};
  event.order = (Wangge__V1__Order *)(uintptr_t)t->subject->order;
  event.assignment = routing_assignment_message(t->subject, &view, t->batch->arena);
  if (leg) event.leg = routing_leg_message(leg, t->batch->arena);
  append(t, leg ? leg->department : DESK, &event.base);
  if (t->item->kind != WG_ITEM_CALL) return;
  for (const struct routing_supplement *at = t->subject->supplements; at; at = at->next) {
    if (at->text) tell_supplement(t, leg ? leg->department : DESK, leg ? leg->role : ROLE(UNSPECIFIED), at, true);
  }
}

// --- legs that end ---
static void tell_revoked(const struct teller *t, const char *unit, Wangge__V1__LegRole role, int32_t leg) {
  Wangge__V1__DispatchRevoked event = WANGGE__V1__DISPATCH_REVOKED__INIT;
  event.order_id = t->subject->order_id;
  event.district = text(t->subject->district);
  event.department = text(unit);
  event.by = text(t->step->by);
  event.reason = text(*t->step->reason || !t->step->basis ? t->step->reason : t->step->basis);
  event.withdrawn = strcmp(t->step->kind, "withdraw") == 0;
  event.voided = strcmp(t->step->kind, "void") == 0;
  event.role = role;
  event.leg = leg;
  append(t, unit, &event.base);
}

static void tell_returned(const struct teller *t, const struct routing_leg *leg) {
  const struct routing_return *one = t->step->request;
  Wangge__V1__OrderReturned event = WANGGE__V1__ORDER_RETURNED__INIT;
  event.order_id = t->subject->order_id;
  event.district = text(t->subject->district);
  event.department = text(leg->department);
  event.by = text(one->by);
  event.reason = text(one->reason);
  event.proposed_department = text(one->proposed);
  event.reviewed_by = text(one->reviewed_by);
  event.review_reason = text(one->review_reason);
  event.leg = leg->n;
  append(t, leg->department, &event.base);
}

static void tell_ended(const struct teller *t) {
  const bool returned = strcmp(t->step->kind, "accept_return") == 0;
  for (const struct routing_leg *leg = t->step->ended; leg; leg = leg->step_next) {
    if (returned && leg->role == ROLE(LEAD)) tell_returned(t, leg);
    else tell_revoked(t, leg->department, leg->role, leg->n);
  }
}

// --- what happened ---
static void tell_signed(const struct teller *t) {
  const struct routing_leg *other = routing_leg_of(t->subject, t->step->department);
  Wangge__V1__OrderSigned event = WANGGE__V1__ORDER_SIGNED__INIT;
  event.order_id = t->subject->order_id;
  event.district = text(t->subject->district);
  event.department = text(t->step->department);
  event.by = text(t->step->by);
  event.role = other ? other->role : ROLE(LEAD);
  event.leg = t->step->leg;
  append(t, t->step->department, &event.base);
}

static void tell_return_requested(const struct teller *t) {
  Wangge__V1__ReturnRequested event = WANGGE__V1__RETURN_REQUESTED__INIT;
  event.order_id = t->subject->order_id;
  event.district = text(t->subject->district);
  event.request = routing_return_message(t->step->request, true, t->batch->arena);
  append(t, DESK, &event.base);
}

static void tell_return_rejected(const struct teller *t) {
  Wangge__V1__ReturnRejected event = WANGGE__V1__RETURN_REJECTED__INIT;
  event.order_id = t->subject->order_id;
  event.district = text(t->subject->district);
  event.department = text(t->subject->department);
  event.by = text(t->step->by);
  event.reason = text(t->step->reason);
  event.signed_ = t->subject->signed_at != 0;
  append(t, t->subject->department, &event.base);
}

static void tell_escalated(const struct teller *t) {
  Wangge__V1__DisputeEscalated event = WANGGE__V1__DISPUTE_ESCALATED__INIT;
  event.order_id = t->subject->order_id;
  event.district = text(t->subject->district);
  event.department = text(t->subject->department);
  event.by = text(t->step->by);
  event.reason = text(t->step->reason);
  append(t, DESK, &event.base);
}

static void tell_adjudicated(const struct teller *t) {
  Wangge__V1__OrderAdjudicated event = WANGGE__V1__ORDER_ADJUDICATED__INIT;
  event.order_id = t->subject->order_id;
  event.district = text(t->subject->district);
  event.precedent = routing_precedent_message(t->step->precedent, t->batch->arena);
  event.reason = text(t->step->reason);
  event.left = text(t->step->left);
  append(t, DESK, &event.base);
}

// tell_supplemented: every unit that works on the order, or the desk, hears it once.
static void tell_supplemented(const struct teller *t) {
  const struct routing_supplement *newest = t->subject->supplements;
  while (newest->next)
    newest = newest->next;
  tell_supplement(t, t->subject->department, *t->subject->department ? ROLE(LEAD) : ROLE(UNSPECIFIED), newest, false);
  for (const struct routing_leg *leg = t->subject->legs; leg; leg = leg->next) {
    if (routing_leg_active(leg)) tell_supplement(t, leg->department, leg->role, newest, false);
  }
}

void routing_tell(struct wg_batch *batch, const struct wg_item *item, const struct routing_assignment *subject,
                  const struct routing_step *step, struct routing_rulebook *book) {
  const struct teller t = {batch, item, subject, step, book};
  const char *kind = step->kind;
  if (strcmp(kind, "sign") == 0) tell_signed(&t);
  else if (strcmp(kind, "request_return") == 0) tell_return_requested(&t);
  else if (strcmp(kind, "reject_return") == 0) tell_return_rejected(&t);
  else if (strcmp(kind, "adjudicate") == 0) tell_adjudicated(&t);
  else if (strcmp(kind, "supplement") == 0) tell_supplemented(&t);
  else if (strcmp(kind, "withdraw") == 0 || strcmp(kind, "void") == 0)
    tell_revoked(&t, step->left, *step->left ? ROLE(LEAD) : ROLE(UNSPECIFIED), *step->left ? subject->lead_leg : 0);
  if (step->escalated) tell_escalated(&t);
  tell_ended(&t);
  for (const struct routing_leg *leg = step->opened; leg; leg = leg->step_next)
    tell_dispatch(&t, leg);
  if (strcmp(kind, "answer") == 0 || strcmp(kind, "reopen") == 0) tell_dispatch(&t, NULL);
  if (strcmp(kind, "desk") == 0 || strcmp(kind, "accept_return") == 0) tell_dispatch(&t, NULL);
}
