// Hold (挂账): what cannot be solved soon is set aside with a plan, a public explanation and a date of its review, by
// the word of another person. The deadline stands still; one that passes meanwhile is replaced when the hold ends.
#include "services/tracking/moves.h"
#include "services/tracking/timers.h"

#include "common/base/clock.h"

#include <assert.h>

// review_of gives when the hold is looked at again: the end of the day asked for, or of the last that is possible.
static wg_status review_of(const struct tracking_case *subject, const Wangge__V1__SuspendRequest *request, int64_t now,
                           const struct tracking_rules *rules, int64_t *review_at, struct wg_error *error) {
  const struct wg_calendar *calendar = wg_calendars_of(rules->calendars, subject->row.district);
  const int64_t last = tracking_limit_end(calendar, rules->clocks->hold, now);
  const int64_t today_ends = tracking_limit_end(calendar, (struct tracking_limit){.days = 1}, now) - WG_DAY_US;
  int64_t day;
  char text[32];
  *review_at = last;
  if (!*request->next_review_on) return WG_OK;
  if (!wg_civil_parse(request->next_review_on, &day))
    return wg_fail(error, WG_INVALID_ARGUMENT, "next_review_on", "must be a civil date, as 2026-11-27");
  *review_at = tracking_limit_end(calendar, (struct tracking_limit){.days = 1}, day) - WG_DAY_US;
  if (*review_at > today_ends && *review_at <= last) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "next_review_on", "must lie behind today and not behind %s",
                 wg_civil_format(last - 1, text));
}

wg_status tracking_suspend(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                           struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__SuspendRequest *request = message;
  const Wangge__V1__Hold *before = subject->row.hold;
  int64_t review_at;
  wg_status status = tracking_must_not_be_asked(before, before ? before->decision : 0, "a hold", error);
  if (status == WG_OK) status = review_of(subject, request, caller->now, rules, &review_at, error);
  if (status != WG_OK) return status;
  Wangge__V1__Hold *hold = wg_arena_alloc(rules->arena, sizeof *hold);
  wangge__v1__hold__init(hold);
  tracking_take_call(subject, step, "hold_asked", caller, request->plan);
  hold->kind = request->kind;
  hold->plan = request->plan;
  hold->public_explanation = request->public_explanation;
  hold->review_at = review_at;
  hold->asked_at = step->at;
  subject->row.hold = hold;
  subject->facts.asked_hold = tracking_actor(caller, rules->arena);
  step->detail = TRACKING_DETAIL(HOLD);
  step->part = hold;
  return WG_OK;
}

static wg_status may_decide(const struct tracking_case *subject, const struct tracking_caller *caller, bool approved,
                            struct wg_error *error) {
  const Wangge__V1__Hold *asked = subject->row.hold;
  char text[32];
  wg_status status = tracking_must_be_asked(asked, asked ? asked->decision : 0, "hold", error);
  if (status == WG_OK) status = tracking_must_differ(caller, subject->facts.asked_hold, "asked for the hold", error);
  if (status != WG_OK || !approved) return status;
  assert(asked && "what was asked for is there");
  if (caller->now < asked->review_at) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "the hold was to be reviewed by %s, which has passed: reject it",
                 wg_civil_format(asked->review_at - 1, text));
}

wg_status tracking_decide_suspension(struct tracking_case *subject, const struct tracking_caller *caller,
                                     const void *message, struct tracking_rules *rules, struct tracking_step *step,
                                     struct wg_error *error) {
  const Wangge__V1__DecideRequest *request = message;
  const bool approved = request->decision == WANGGE__V1__DECISION__DECISION_APPROVED;
  const wg_status status = may_decide(subject, caller, approved, error);
  if (status != WG_OK) return status;
  Wangge__V1__Hold *hold = wg_arena_alloc(rules->arena, sizeof *hold);
  *hold = *subject->row.hold;
  hold->decision = request->decision;
  subject->row.hold = hold;
  subject->facts.asked_hold = NULL;
  if (approved) {
    tracking_clear_asked(subject);
    tracking_go(subject, TRACKING_HOLD, TRACKING_STATE(HELD));
    tracking_timers_again(subject, TRACKING_CLOCK_BIT(HOLD));
  }
  tracking_take_call(subject, step, approved ? "held" : "hold_refused", caller, request->reason);
  if (approved) hold->began_at = step->at;
  step->detail = TRACKING_DETAIL(HOLD);
  step->part = hold;
  return WG_OK;
}

void tracking_hold_end(struct tracking_case *subject, int64_t at, struct tracking_rules *rules) {
  Wangge__V1__Case *row = &subject->row;
  assert(row->hold);
  Wangge__V1__Hold *hold = wg_arena_alloc(rules->arena, sizeof *hold);
  *hold = *row->hold;
  hold->ended_at = at > hold->began_at ? at : hold->began_at;
  row->hold = hold;
  if (row->due_at < hold->began_at || row->due_at >= hold->ended_at) return; // passed before, or not at all
  subject->facts.due_from = hold->ended_at;
  tracking_set_due(subject, "hold ended", rules->clocks->rework.working_days, hold->ended_at, rules);
}

wg_status tracking_resume(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                          struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  (void)error;
  const Wangge__V1__ResumeRequest *request = message;
  const int64_t due_at = subject->row.due_at;
  tracking_go(subject, TRACKING_RESUME, TRACKING_STATE(HANDLING));
  tracking_take_call(subject, step, "resumed", caller, request->reason);
  tracking_hold_end(subject, step->at, rules);
  if (subject->row.due_at != due_at) step->due_at = subject->row.due_at;
  step->detail = TRACKING_DETAIL(HOLD);
  step->part = subject->row.hold;
  return WG_OK;
}
