// See legs.h.
#include "services/routing/legs.h"

#include "common/base/text.h"
#include "services/routing/place/records.h"
#include "services/routing/study.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name
#define LEG(name) WANGGE__V1__LEG_STATE__LEG_STATE_##name
#define ROLE(name) WANGGE__V1__LEG_ROLE__LEG_ROLE_##name

// --- legs ---
bool routing_leg_active(const struct routing_leg *leg) {
  return leg->state == LEG(DISPATCHED) || leg->state == LEG(SIGNED);
}

struct routing_leg *routing_lead(const struct routing_assignment *subject, struct wg_arena *arena) {
  if (!*subject->department) return NULL;
  struct routing_leg *lead = wg_arena_zalloc(arena, sizeof *lead);
  lead->n = subject->lead_leg;
  lead->role = ROLE(LEAD);
  lead->state = subject->state == STATE(WITHDRAWN) ? LEG(WITHDRAWN)
                : subject->signed_at               ? LEG(SIGNED)
                                                   : LEG(DISPATCHED);
  lead->department = subject->department;
  lead->decided_by = subject->decided_by;
  lead->reason = subject->reason;
  lead->dispatched_at = subject->decided_at;
  lead->signed_at = subject->signed_at;
  return lead;
}

struct routing_leg *routing_leg_of(const struct routing_assignment *subject, const char *unit) {
  for (struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
    if (routing_leg_active(leg) && strcmp(leg->department, unit) == 0) return leg;
  }
  return NULL;
}

static void append(struct routing_assignment *subject, struct routing_leg *leg) {
  struct routing_leg **end = &subject->legs;
  while (*end && (*end)->n < leg->n)
    end = &(*end)->next;
  leg->next = *end;
  *end = leg;
  leg->changed = true;
}

static void tell(struct routing_leg **list, struct routing_leg *leg) {
  while (*list)
    list = &(*list)->step_next;
  leg->step_next = NULL;
  *list = leg;
}

static int32_t next_number(const struct routing_assignment *subject) {
  int32_t highest = subject->hops ? subject->lead_leg : 0;
  for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next)
    highest = leg->n > highest ? leg->n : highest;
  return highest + 1;
}

void routing_lead_open(struct routing_assignment *subject, const char *unit, const char *by, const char *reason,
                       struct routing_rulebook *book, struct routing_step *step) {
  assert(!*subject->department);
  subject->lead_leg = next_number(subject);
  subject->department = wg_arena_strdup(book->arena, unit);
  subject->decided_by = by;
  subject->decided_at = book->now;
  subject->reason = reason;
  subject->signed_at = 0;
  subject->hops++;
  if (!*subject->first_receiver) subject->first_receiver = subject->department;
  if (!*subject->contact) subject->contact = subject->first_receiver;
  step->leg = subject->lead_leg;
  tell(&step->opened, routing_lead(subject, book->arena));
}

void routing_lead_end(struct routing_assignment *subject, Wangge__V1__LegState state, struct routing_rulebook *book,
                      struct routing_step *step) {
  struct routing_leg *lead = routing_lead(subject, book->arena);
  if (!lead) return;
  lead->state = state;
  lead->ended_at = book->now;
  append(subject, lead);
  tell(&step->ended, lead);
  routing_children_end(subject, lead->n, state, book, step);
  subject->department = "";
  subject->signed_at = 0;
}

struct routing_leg *routing_leg_open(struct routing_assignment *subject, Wangge__V1__LegRole role, int32_t parent,
                                     const char *unit, const char *by, const char *reason,
                                     struct routing_rulebook *book, struct routing_step *step) {
  struct routing_leg *leg = wg_arena_zalloc(book->arena, sizeof *leg);
  leg->n = next_number(subject);
  leg->role = role;
  leg->parent = parent;
  leg->state = LEG(DISPATCHED);
  leg->department = wg_arena_strdup(book->arena, unit);
  leg->decided_by = by;
  leg->reason = reason;
  leg->dispatched_at = book->now;
  append(subject, leg);
  tell(&step->opened, leg);
  return leg;
}

void routing_children_end(struct routing_assignment *subject, int32_t n, Wangge__V1__LegState state,
                          struct routing_rulebook *book, struct routing_step *step) {
  // A child has a higher number than what it was handed down from, so this ends.
  for (struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
    if (leg->parent == n && routing_leg_active(leg)) routing_leg_end(subject, leg, state, book, step);
  }
}

void routing_leg_end(struct routing_assignment *subject, struct routing_leg *leg, Wangge__V1__LegState state,
                     struct routing_rulebook *book, struct routing_step *step) {
  leg->state = state;
  leg->ended_at = book->now;
  leg->changed = true;
  tell(&step->ended, leg);
  routing_children_end(subject, leg->n, state, book, step);
}

void routing_legs_end(struct routing_assignment *subject, char *const *keep, size_t keep_count,
                      Wangge__V1__LegState state, struct routing_rulebook *book, struct routing_step *step) {
  for (struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
    bool kept = false;
    for (size_t i = 0; i < keep_count && leg->role == ROLE(ASSIST); i++)
      kept = kept || strcmp(keep[i], leg->department) == 0;
    if (!kept && routing_leg_active(leg)) routing_leg_end(subject, leg, state, book, step);
  }
}

// --- units ---
bool routing_is_grid(const char *unit) {
  return wg_all_digits(unit, 15);
}

int routing_level_of(const struct routing_assignment *subject, const char *unit, const struct routing_rulebook *book) {
  const struct routing_department *department = routing_department_find(book->departments, subject->district, unit);
  if (department) return (int)department->level;
  return routing_is_grid(unit) ? ROUTING_LEVEL_GRID : 0;
}

// grid_known: without any grid in the net a code is believed, as that of an order is.
static bool grid_known(const struct routing_places *places, const char *code) {
  if (!places || routing_net_count(places->net, ROUTING_LEVEL_GRID) == 0) return true;
  return routing_net_find(places->net, code) != NULL;
}

wg_status routing_unit_check(const struct routing_assignment *subject, const char *unit, const char *field,
                             const struct routing_rulebook *book, struct wg_error *error) {
  if (!routing_is_grid(unit)) return routing_department_check(book->departments, subject->district, unit, field, error);
  if (strncmp(unit, subject->district, 6) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "grid %s lies in another district than the order (%s)", unit,
                   subject->district);
  if (grid_known(book->places, unit)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field,
                 "there is no grid %s in the net; take a code of `wangge registry list grid`, or register the grid",
                 unit);
}

wg_status routing_handler_check(const struct routing_assignment *subject, const char *unit, const char *field,
                                const struct routing_rulebook *book, struct wg_error *error) {
  const wg_status status = routing_unit_check(subject, unit, field, book, error);
  if (status != WG_OK) return status;
  if (routing_level_of(subject, unit, book) != ROUTING_LEVEL_GRID ||
      !routing_department_duty(book->duties, subject->district, subject->category))
    return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field,
                 "grid %s may not handle the order: category \"%s\" is a department's duty (rule department_duty, "
                 "国办函〔2025〕66号); name a department, and AddUnit the grid to verify or help",
                 unit, subject->category);
}

wg_status routing_assists_check(const struct routing_assignment *subject, const char *lead, char *const *assists,
                                size_t count, const struct routing_rulebook *book, struct wg_error *error) {
  for (size_t i = 0; i < count; i++) {
    const wg_status status = routing_unit_check(subject, assists[i], "assists", book, error);
    if (status != WG_OK) return status;
    if (strcmp(assists[i], lead) == 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, "assists", "%s is to lead; it cannot assist itself", lead);
    for (size_t before = 0; before < i; before++) {
      if (strcmp(assists[i], assists[before]) == 0)
        return wg_fail(error, WG_INVALID_ARGUMENT, "assists", "%s is named twice", assists[i]);
    }
  }
  return WG_OK;
}

// --- who ---
static bool is_unit(const struct wg_principal *caller, const char *unit) {
  return caller->roles & WG_ROLE_DEPARTMENT && *caller->department && strcmp(caller->department, unit) == 0;
}

unsigned routing_parts(const struct routing_assignment *subject, const struct wg_principal *caller) {
  unsigned parts = caller->roles & WG_ROLE_DISPATCHER ? ROUTING_BY_DISPATCHER : 0;
  if (is_unit(caller, subject->department)) parts |= ROUTING_BY_LEAD;
  for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
    if (routing_leg_active(leg) && is_unit(caller, leg->department))
      parts |= leg->role == ROLE(CHILD) ? ROUTING_BY_CHILD : ROUTING_BY_ASSIST;
  }
  return parts;
}

// listed: `code` is an item of a list joined by ",".
static bool listed(const char *list, const char *code) {
  const size_t size = strlen(code);
  for (const char *at = list; *at;) {
    const size_t item = strcspn(at, ",");
    if (item == size && memcmp(at, code, size) == 0) return true;
    at += item + (at[item] == ',');
  }
  return false;
}

static bool had_a_leg(const struct routing_assignment *subject, const struct wg_principal *caller) {
  if (!(caller->roles & WG_ROLE_DEPARTMENT) || !*caller->department) return false;
  for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
    if (strcmp(leg->department, caller->department) == 0) return true;
  }
  return strcmp(subject->routed_to, caller->department) == 0 || listed(subject->held, caller->department);
}

bool routing_may_district(const struct wg_principal *caller, const char *district) {
  for (int i = 0; i < caller->districts; i++) {
    if (strcmp(caller->district[i], district) == 0) return true;
  }
  return caller->districts == 0;
}

wg_status routing_must_know(const struct routing_assignment *subject, const struct wg_principal *caller,
                            struct wg_error *error) {
  const bool knows = subject->exists && routing_may_district(caller, subject->district) &&
                     (routing_parts(subject, caller) || had_a_leg(subject, caller));
  if (knows) return WG_OK;
  return wg_fail(error, WG_NOT_FOUND, "order_id", "there is no order %" PRId64 " that this caller may know of",
                 subject->order_id);
}

static const char *where(const struct routing_assignment *subject) {
  switch (subject->state) {
  case STATE(DESK):
    return "lies on the dispatcher's desk";
  case STATE(DISPATCHED):
    return "is dispatched to";
  case STATE(SIGNED):
    return "is signed by";
  case STATE(RETURN_REVIEW):
    return "waits for the review of its return by";
  case STATE(ADJUDICATING):
    return "is being adjudicated";
  case STATE(ANSWERED):
    return "was answered at once";
  case STATE(VOID):
    return "is void";
  default:
    return "is withdrawn";
  }
}

wg_status routing_refuse(const struct routing_assignment *subject, enum routing_event event, struct wg_error *error) {
  char calls[300];
  routing_calls_text(subject->state, calls, sizeof calls);
  const bool named =
      subject->state == STATE(DISPATCHED) || subject->state == STATE(SIGNED) || subject->state == STATE(RETURN_REVIEW);
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "%s is not possible: order %" PRId64 " %s%s%s; %s%s",
                 routing_event_call(event), subject->order_id, where(subject), named ? " " : "",
                 named ? subject->department : "", *calls ? "possible: " : "no call changes it any more", calls);
}

wg_status routing_must_be_possible(const struct routing_assignment *subject, enum routing_event event, unsigned parts,
                                   struct wg_error *error) {
  return routing_possible(subject->state, event, parts) ? WG_OK : routing_refuse(subject, event, error);
}

wg_status routing_must_differ(const struct wg_principal *caller, const char *person, const char *by,
                              const char *by_person, const char *what, struct wg_error *error) {
  if (strcmp(caller->name, by) == 0)
    return wg_fail(error, WG_PERMISSION_DENIED, NULL, "%s was by %s itself; another principal must decide it", what,
                   by);
  if (*person && strcmp(person, by_person) == 0)
    return wg_fail(error, WG_PERMISSION_DENIED, "acting_person", "%s was by the same person; another must decide it",
                   what);
  return WG_OK;
}

bool routing_repeats(const struct routing_assignment *subject, const char *kind, const struct wg_principal *caller,
                     const char *department, const char *reason) {
  return strcmp(subject->last_kind, kind) == 0 && strcmp(subject->last_by, caller->name) == 0 &&
         strcmp(subject->last_department, department) == 0 && strcmp(subject->last_reason, reason) == 0;
}

// --- steps ---
void routing_go(struct routing_assignment *subject, enum routing_event event, Wangge__V1__AssignmentState to) {
  assert(routing_leads_to(subject->state, event, to));
  subject->state = to;
}

void routing_take(struct routing_assignment *subject, const struct routing_step *step) {
  subject->steps++;
  subject->changed = true;
  subject->last_kind = step->kind;
  subject->last_department = *step->department ? step->department : step->left;
  subject->last_by = step->by;
  subject->last_reason = step->reason;
  subject->last_proposed = step->proposed;
}

const char *routing_cite(const struct routing_assignment *subject, const char *reason, const char *unit,
                         const struct routing_rulebook *book) {
  const struct routing_precedent *found = NULL;
  if (!routing_precedents_count(book->precedents)) return reason;
  if (!routing_precedents_fitting(book->precedents, subject->district, subject->category, routing_found_area(subject),
                                  &found, 1))
    return reason;
  return wg_arena_printf(book->arena, "%s; precedent %s: such an order was adjudicated to %s%s", reason,
                         routing_precedent_id(found, book->arena), found->lead,
                         strcmp(found->lead, unit) == 0 ? "" : ", another unit");
}
