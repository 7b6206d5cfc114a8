// See moves.h.
#include "services/tracking/moves.h"

#include "services/tracking/timers.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

void tracking_case_init(struct tracking_case *subject, int64_t order_id) {
  *subject = (struct tracking_case){.routed_to = "", .routed_by = "", .routed_why = ""};
  wangge__v1__case__init(&subject->row);
  wangge__v1__case_facts__init(&subject->facts);
  subject->row.order_id = order_id;
  subject->row.round = 1;
}

wg_status tracking_may(const struct tracking_case *subject, enum tracking_event event, unsigned parts,
                       struct wg_error *error) {
  const Wangge__V1__CaseState from = subject->exists ? subject->row.state : TRACKING_STATE(UNSPECIFIED);
  if (tracking_possible(from, event, parts)) return WG_OK;
  if (!subject->exists)
    return wg_fail(error, WG_FAILED_PRECONDITION, "order_id",
                   "order %" PRId64 " has no case: its OrderDispatched was not taken in", subject->row.order_id);
  char legal[512];
  const bool routing = parts & TRACKING_BY_ROUTING;
  tracking_legal_text(from, routing ? TRACKING_BY_ROUTING : TRACKING_BY_PEOPLE, legal, sizeof legal);
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                 "%s is not possible: the case of order %" PRId64 " (department \"%s\") is %s; possible: %s",
                 tracking_event_name(event), subject->row.order_id, subject->row.department, tracking_state_name(from),
                 legal);
}

void tracking_go(struct tracking_case *subject, enum tracking_event event, Wangge__V1__CaseState to) {
  assert(tracking_leads_to(subject->exists ? subject->row.state : TRACKING_STATE(UNSPECIFIED), event, to));
  subject->row.state = to;
  subject->exists = true;
  subject->changed = true;
}

static int64_t newest(const struct tracking_case *subject) {
  if (subject->facts.newest_at) return subject->facts.newest_at;
  return subject->routed_at > subject->row.opened_at ? subject->routed_at : subject->row.opened_at;
}

void tracking_take(struct tracking_case *subject, struct tracking_step *step, const char *kind, const char *department,
                   const char *by, const char *note, int64_t at) {
  const int64_t before = newest(subject);
  *step = (struct tracking_step){.kind = kind,
                                 .department = department,
                                 .by = by,
                                 .note = note,
                                 .at = at > before ? at : before,
                                 .state = subject->row.state};
  if (at > before) subject->facts.newest_at = at;
  subject->steps++;
  subject->changed = true;
}

void tracking_take_call(struct tracking_case *subject, struct tracking_step *step, const char *kind,
                        const struct tracking_caller *caller, const char *note) {
  tracking_take(subject, step, kind, subject->row.department, caller->name, note, caller->now);
  if (*caller->person) step->person = caller->person;
}

void tracking_set_due(struct tracking_case *subject, const char *what, int32_t working_days, int64_t from,
                      struct tracking_rules *rules) {
  const struct wg_calendar *calendar = wg_calendars_of(rules->calendars, subject->row.district);
  const struct tracking_limit limit = working_days
                                          ? (struct tracking_limit){.working_days = working_days}
                                          : tracking_by_urgency(rules->clocks->resolve, (int)subject->row.urgency);
  const struct tracking_due due = tracking_due_compute(rules->clocks, calendar, what, limit, from);
  subject->row.due_at = due.at;
  subject->row.due_rule = wg_arena_strdup(rules->arena, due.rule);
  subject->provisional_from = due.provisional ? from : 0;
  subject->facts.due_working_days = working_days;
  tracking_timers_again(subject, TRACKING_DEADLINE_BITS);
  subject->facts.due_what = (char *)(uintptr_t)what;
  rules->provisional += due.provisional;
}

void tracking_clear_round(struct tracking_case *subject) {
  Wangge__V1__Case *row = &subject->row;
  tracking_clear_asked(subject);
  row->resolved_at = 0;
  row->result = (char *)(uintptr_t) "";
  row->feedback = NULL;
  row->reviewed_at = 0;
  row->follow_up_tries = 0;
  subject->facts.handler = NULL;
  subject->facts.reviewer = NULL;
  subject->facts.follow_up_days = 0;
  subject->facts.follow_up_tried_at = 0;
}

void tracking_next_round(struct tracking_case *subject, int64_t at, struct tracking_rules *rules) {
  tracking_clear_round(subject);
  subject->row.contact = NULL; // in every round the resident is spoken to
  subject->row.round++;
  subject->row.closed_at = 0;
  if (subject->row.first_dispatched_at) { // else its first deadline comes with its first dispatch
    subject->facts.due_from = at;
    tracking_set_due(subject, "rework", rules->clocks->rework.working_days, at, rules);
  }
  tracking_supervise_again(subject, at, rules);
}

// --- what is asked for ---
wg_status tracking_must_be_asked(const void *asked, Wangge__V1__Decision decision, const char *what,
                                 struct wg_error *error) {
  if (asked && !decision) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "no %s is asked for that is not decided yet", what);
}

wg_status tracking_must_not_be_asked(const void *asked, Wangge__V1__Decision decision, const char *what,
                                     struct wg_error *error) {
  if (!asked || decision) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "%s is asked for already and not decided yet", what);
}

void tracking_clear_asked(struct tracking_case *subject) {
  Wangge__V1__Case *row = &subject->row;
  if (row->extension && !row->extension->decision) row->extension = NULL;
  if (row->hold && !row->hold->decision) row->hold = NULL;
  subject->facts.asked_extension = NULL;
  subject->facts.asked_hold = NULL;
}

// --- persons ---
Wangge__V1__CaseActor *tracking_actor(const struct tracking_caller *caller, struct wg_arena *arena) {
  Wangge__V1__CaseActor *actor = wg_arena_alloc(arena, sizeof *actor);
  wangge__v1__case_actor__init(actor);
  actor->by = (char *)(uintptr_t)caller->name;
  actor->person = (char *)(uintptr_t)caller->person;
  return actor;
}

wg_status tracking_must_differ(const struct tracking_caller *caller, const Wangge__V1__CaseActor *other,
                               const char *what, struct wg_error *error) {
  if (!other) return WG_OK;
  const bool persons = *caller->person && *other->person;
  const bool same = persons ? strcmp(caller->person, other->person) == 0 : strcmp(caller->name, other->by) == 0;
  if (!same) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, "acting_person",
                 "\"%s\" (person \"%s\") cannot do this: \"%s\" (person \"%s\") has %s, and it takes another person",
                 caller->name, caller->person, other->by, other->person, what);
}
