// Urging (催办), supervision in three levels (督办) with a clock of its own that raises the level, and voiding (作废)
// by two persons.
#include "services/tracking/moves.h"
#include "services/tracking/timers.h"

#include <assert.h>

// --- urging ---
wg_status tracking_urge(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                        struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  (void)rules;
  (void)error;
  const Wangge__V1__UrgeRequest *request = message;
  subject->row.urged++;
  tracking_take_call(subject, step, "urged", caller, request->note);
  return WG_OK;
}

// --- supervision ---
static void supervise(struct tracking_case *subject, int32_t level, const char *reason, int32_t working_days,
                      int64_t at, struct tracking_rules *rules) {
  const struct wg_calendar *calendar = wg_calendars_of(rules->calendars, subject->row.district);
  Wangge__V1__Supervision *supervision = wg_arena_alloc(rules->arena, sizeof *supervision);
  wangge__v1__supervision__init(supervision);
  supervision->level = level;
  supervision->reason = (char *)(uintptr_t)reason;
  supervision->at = at;
  supervision->working_days = working_days;
  supervision->due_at = tracking_limit_end(calendar, (struct tracking_limit){.working_days = working_days}, at);
  subject->row.supervision = supervision;
  tracking_timers_again(subject, TRACKING_CLOCK_BIT(SUPERVISE));
}

wg_status tracking_supervise(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                             struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__SuperviseRequest *request = message;
  const int32_t level = tracking_level(subject);
  if (request->level <= level)
    return wg_fail(error, WG_FAILED_PRECONDITION, "level",
                   "it is supervised at level %d already, and levels only rise, to %d", level, TRACKING_TOP_LEVEL);
  tracking_take_call(subject, step, "supervised", caller, request->reason);
  supervise(subject, request->level, request->reason, request->working_days, step->at, rules);
  step->detail = TRACKING_DETAIL(SUPERVISION);
  step->part = subject->row.supervision;
  return WG_OK;
}

int32_t tracking_level(const struct tracking_case *subject) {
  return subject->row.supervision ? subject->row.supervision->level : 0;
}

void tracking_supervise_up(struct tracking_case *subject, const char *reason, int32_t working_days, int64_t at,
                           struct tracking_rules *rules) {
  const int32_t level = tracking_level(subject);
  supervise(subject, level < TRACKING_TOP_LEVEL ? level + 1 : level, reason, working_days, at, rules);
}

bool tracking_supervise_raised(struct tracking_case *subject, int64_t at, struct tracking_rules *rules,
                               struct tracking_step *step) {
  const char *reason = subject->raise;
  if (!reason) return false;
  subject->raise = NULL;
  tracking_take(subject, step, "supervised", subject->row.department, "rule", reason, at);
  tracking_supervise_up(subject, reason, rules->clocks->rework.working_days, step->at, rules);
  step->detail = TRACKING_DETAIL(SUPERVISION);
  step->part = subject->row.supervision;
  return true;
}

void tracking_supervise_again(struct tracking_case *subject, int64_t at, struct tracking_rules *rules) {
  const Wangge__V1__Supervision *before = subject->row.supervision;
  if (!before) return;
  const int64_t since = before->at;
  supervise(subject, before->level, before->reason, before->working_days, at, rules);
  subject->row.supervision->at = since;
}

// --- voiding ---
wg_status tracking_void(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                        struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__VoidRequest *request = message;
  const Wangge__V1__Voiding *before = subject->row.voiding;
  const wg_status status = tracking_must_not_be_asked(before, before ? before->decision : 0, "a void", error);
  if (status != WG_OK) return status;
  Wangge__V1__Voiding *voiding = wg_arena_alloc(rules->arena, sizeof *voiding);
  wangge__v1__voiding__init(voiding);
  tracking_take_call(subject, step, "void_asked", caller, request->reason);
  voiding->kind = request->kind;
  voiding->reason = request->reason;
  voiding->asked_at = step->at;
  subject->row.voiding = voiding;
  subject->facts.asked_void = tracking_actor(caller, rules->arena);
  step->detail = TRACKING_DETAIL(VOIDING);
  step->part = voiding;
  return WG_OK;
}

wg_status tracking_decide_void(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                               struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__DecideRequest *request = message;
  const Wangge__V1__Voiding *asked = subject->row.voiding;
  const bool approved = request->decision == WANGGE__V1__DECISION__DECISION_APPROVED;
  wg_status status = tracking_must_be_asked(asked, asked ? asked->decision : 0, "void", error);
  if (status == WG_OK) status = tracking_must_differ(caller, subject->facts.asked_void, "asked for the void", error);
  if (status != WG_OK) return status;
  Wangge__V1__Voiding *voiding = wg_arena_alloc(rules->arena, sizeof *voiding);
  assert(asked && "what was asked for is there");
  *voiding = *asked;
  voiding->decision = request->decision;
  subject->row.voiding = voiding;
  subject->facts.asked_void = NULL;
  if (approved) {
    tracking_clear_asked(subject);
    tracking_go(subject, TRACKING_VOID, TRACKING_STATE(VOID));
  }
  tracking_take_call(subject, step, approved ? "voided" : "void_refused", caller, request->reason);
  step->detail = TRACKING_DETAIL(VOIDING);
  step->part = voiding;
  return WG_OK;
}
