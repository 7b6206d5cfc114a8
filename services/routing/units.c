// Units beside the lead: assisting (加派) and handed down (下转). See decide.h.
#include "services/routing/decide.h"

#include "services/routing/legs.h"

#include <inttypes.h>
#include <string.h>

#define LEG(name) WANGGE__V1__LEG_STATE__LEG_STATE_##name
#define ROLE(name) WANGGE__V1__LEG_ROLE__LEG_ROLE_##name

// must_be_free: one unit has one part in an order at a time.
static wg_status must_be_free(const struct routing_assignment *subject, const char *unit, const char *field,
                              struct wg_error *error) {
  if (strcmp(unit, subject->department) == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "leads the order already; name another unit");
  if (routing_leg_of(subject, unit))
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "works on the order already; name another unit");
  return WG_OK;
}

static struct routing_step make_step(const char *kind, const char *unit, const struct wg_principal *caller,
                                     const char *reason, const char *person) {
  return (struct routing_step){.kind = kind,
                               .department = unit,
                               .left = "",
                               .by = caller->name,
                               .reason = reason,
                               .proposed = "",
                               .person = person};
}

// --- hand down ---
// own_leg gives the signed leg that the caller may hand down from, or NULL.
static const struct routing_leg *own_leg(const struct routing_assignment *subject, const struct wg_principal *caller,
                                         unsigned parts, struct wg_arena *arena) {
  const struct routing_leg *own =
      parts & ROUTING_BY_LEAD ? routing_lead(subject, arena) : routing_leg_of(subject, caller->department);
  return own && own->state == LEG(SIGNED) ? own : NULL;
}

static wg_status check_down(const struct routing_assignment *subject, const struct routing_leg *own,
                            const Wangge__V1__TransferDownRequest *request, const struct routing_rulebook *book,
                            struct wg_error *error) {
  const char *to = request->to_department;
  wg_status status = routing_handler_check(subject, to, "to_department", book, error);
  if (status == WG_OK) status = must_be_free(subject, to, "to_department", error);
  if (status != WG_OK) return status;
  if (routing_level_of(subject, to, book) < routing_level_of(subject, own->department, book))
    return wg_fail(error, WG_INVALID_ARGUMENT, "to_department",
                   "%s is of a higher level than %s: down goes only what the other may be told to do; use "
                   "RequestReturn or Transfer",
                   to, own->department);
  if (request->due_at && request->due_at <= book->now)
    return wg_fail(error, WG_INVALID_ARGUMENT, "due_at", "must lie in the future, or be 0: with the order's deadline");
  if (request->due_at && own->due_at && request->due_at > own->due_at)
    return wg_fail(error, WG_INVALID_ARGUMENT, "due_at", "must not be later than that of your own part");
  return WG_OK;
}

wg_status routing_transfer_down(struct routing_assignment *subject, const struct wg_principal *caller,
                                const void *message, struct routing_rulebook *book, struct routing_step *step,
                                struct wg_error *error) {
  const Wangge__V1__TransferDownRequest *request = message;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK || routing_repeats(subject, "transfer_down", caller, request->to_department, request->reason))
    return status;
  const unsigned parts = routing_parts(subject, caller);
  status = routing_must_be_possible(subject, ROUTING_TRANSFER_DOWN, parts, error);
  if (status != WG_OK) return status;
  const struct routing_leg *own = own_leg(subject, caller, parts, book->arena);
  if (!own)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "TransferDown needs your own signature: call Accept first");
  status = check_down(subject, own, request, book, error);
  if (status != WG_OK) return status;
  *step = make_step("transfer_down", request->to_department, caller, request->reason, request->acting_person);
  struct routing_leg *leg =
      routing_leg_open(subject, ROLE(CHILD), own->n, request->to_department, caller->name, request->reason, book, step);
  leg->due_at = request->due_at ? request->due_at : own->due_at;
  step->leg = leg->n;
  routing_go(subject, ROUTING_TRANSFER_DOWN, subject->state);
  routing_take(subject, step);
  return WG_OK;
}

// --- add and remove ---
wg_status routing_add_unit(struct routing_assignment *subject, const struct wg_principal *caller, const void *message,
                           struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  const Wangge__V1__AddUnitRequest *request = message;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK || routing_repeats(subject, "add_unit", caller, request->department, request->reason))
    return status;
  status = routing_must_be_possible(subject, ROUTING_ADD_UNIT, routing_parts(subject, caller), error);
  if (status == WG_OK) status = routing_unit_check(subject, request->department, "department", book, error);
  if (status == WG_OK) status = must_be_free(subject, request->department, "department", error);
  if (status != WG_OK) return status;
  *step = make_step("add_unit", request->department, caller, request->reason, request->acting_person);
  step->leg =
      routing_leg_open(subject, ROLE(ASSIST), 0, request->department, caller->name, request->reason, book, step)->n;
  routing_go(subject, ROUTING_ADD_UNIT, subject->state);
  routing_take(subject, step);
  return WG_OK;
}

// may_remove: the dispatcher and the lead any; a child what it handed down itself.
static bool may_remove(const struct routing_assignment *subject, const struct routing_leg *leg, unsigned parts,
                       const struct wg_principal *caller) {
  if (parts & (ROUTING_BY_DISPATCHER | ROUTING_BY_LEAD)) return true;
  const struct routing_leg *own = routing_leg_of(subject, caller->department);
  return own && leg->parent == own->n;
}

// bound: the adjudication in force named this unit.
static bool bound(const struct routing_assignment *subject, const struct routing_leg *leg) {
  return subject->locked && leg->role == ROLE(ASSIST) && leg->dispatched_at <= subject->decided_at;
}

wg_status routing_remove_unit(struct routing_assignment *subject, const struct wg_principal *caller,
                              const void *message, struct routing_rulebook *book, struct routing_step *step,
                              struct wg_error *error) {
  const Wangge__V1__RemoveUnitRequest *request = message;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK || routing_repeats(subject, "remove_unit", caller, request->department, request->reason))
    return status;
  const unsigned parts = routing_parts(subject, caller);
  status = routing_must_be_possible(subject, ROUTING_REMOVE_UNIT, parts, error);
  if (status != WG_OK) return status;
  struct routing_leg *leg = routing_leg_of(subject, request->department);
  if (!leg)
    return wg_fail(error, WG_INVALID_ARGUMENT, "department",
                   "%s has no assisting or child leg of order %" PRId64 "; Get shows who has", request->department,
                   subject->order_id);
  if (!may_remove(subject, leg, parts, caller))
    return wg_fail(error, WG_PERMISSION_DENIED, "department",
                   "%s was not handed down by you; the lead or a "
                   "dispatcher may remove it",
                   request->department);
  if (bound(subject, leg) && !(parts & ROUTING_BY_DISPATCHER))
    return wg_fail(error, WG_FAILED_PRECONDITION, "department",
                   "RemoveUnit is not possible: the adjudication binds %s to assist; a dispatcher may remove it",
                   leg->department);
  *step = make_step("remove_unit", leg->department, caller, request->reason, request->acting_person);
  step->leg = leg->n;
  routing_leg_end(subject, leg, LEG(RELEASED), book, step);
  routing_go(subject, ROUTING_REMOVE_UNIT, subject->state);
  routing_take(subject, step);
  return WG_OK;
}
