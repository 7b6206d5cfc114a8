// Follow-up (回访): whether the matter is solved and the resident content, by the resident's word; and what comes of
// it: the close, another round, or a case that is opened again.
#include "services/tracking/moves.h"

#include "common/base/clock.h"

#define SATISFIED WANGGE__V1__SATISFACTION__SATISFACTION_BASICALLY_SATISFIED
#define NOT_RATED WANGGE__V1__SATISFACTION__SATISFACTION_NOT_RATED

static int64_t civil_day(int64_t at) {
  return (at + WG_SHANGHAI_OFFSET_US) / WG_DAY_US;
}

static bool content(const Wangge__V1__FollowUpRequest *request) {
  const Wangge__V1__Resolution solved = request->solved;
  return (solved == WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED ||
          solved == WANGGE__V1__RESOLUTION__RESOLUTION_EXPLAINED) &&
         (request->satisfaction <= SATISFIED || request->satisfaction == NOT_RATED);
}

static const Wangge__V1__FollowUp *answer(struct tracking_case *subject, const Wangge__V1__FollowUpRequest *request,
                                          int64_t at, struct wg_arena *arena) {
  Wangge__V1__FollowUp *made = wg_arena_alloc(arena, sizeof *made);
  wangge__v1__follow_up__init(made);
  made->round = subject->row.round;
  made->at = at;
  made->reached = request->reached;
  made->solved = request->solved;
  made->satisfaction = request->reached ? request->satisfaction : NOT_RATED;
  made->merit = request->merit;
  subject->row.follow_up = made;
  return made;
}

static void close_case(struct tracking_case *subject, const struct tracking_caller *caller, const char *note,
                       struct tracking_step *step) {
  tracking_go(subject, TRACKING_CLOSE, TRACKING_STATE(CLOSED));
  tracking_take_call(subject, step, "closed", caller, note);
  subject->row.closed_at = step->at;
}

// tried notes that nobody was reached; the last try that is needed closes the case.
static void tried(struct tracking_case *subject, const Wangge__V1__FollowUpRequest *request,
                  const struct tracking_caller *caller, struct tracking_rules *rules, struct tracking_step *step) {
  Wangge__V1__CaseFacts *facts = &subject->facts;
  if (!facts->follow_up_tried_at || civil_day(caller->now) > civil_day(facts->follow_up_tried_at))
    facts->follow_up_days++;
  if (caller->now > facts->follow_up_tried_at) facts->follow_up_tried_at = caller->now;
  subject->row.follow_up_tries++;
  if (subject->row.follow_up_tries >= rules->clocks->follow_up_tries &&
      facts->follow_up_days >= rules->clocks->follow_up_days)
    close_case(subject, caller, request->note, step);
  else tracking_take_call(subject, step, "follow_up_tried", caller, request->note);
}

// The last round that is tried without: whoever is asked again after it is supervised one level higher.
static void rework(struct tracking_case *subject, const Wangge__V1__FollowUpRequest *request,
                   const struct tracking_caller *caller, struct tracking_rules *rules, struct tracking_step *step) {
  tracking_go(subject, TRACKING_REWORK, TRACKING_STATE(HANDLING));
  tracking_take_call(subject, step, "rework", caller, request->note);
  const bool last = subject->row.round >= rules->clocks->rounds;
  tracking_next_round(subject, step->at, rules);
  if (last) subject->raise = wg_arena_printf(rules->arena, "rework in round %d", subject->row.round);
  step->due_at = subject->row.due_at;
}

wg_status tracking_follow_up(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                             struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__FollowUpRequest *request = message;
  wg_status status = tracking_must_differ(caller, subject->facts.handler, "handed in the feedback", error);
  if (status == WG_OK) status = tracking_must_differ(caller, subject->facts.reviewer, "reviewed it", error);
  if (status != WG_OK) return status;
  const bool again = request->reached && !content(request);
  if (again != (request->merit != 0))
    return wg_fail(error, WG_INVALID_ARGUMENT, "merit",
                   again ? "the resident is not content: say MERITED or UNMERITED" : "must be empty");
  const Wangge__V1__FollowUp *made = answer(subject, request, caller->now, rules->arena);
  if (!request->reached) tried(subject, request, caller, rules, step);
  else if (request->merit == WANGGE__V1__MERIT__MERIT_MERITED) rework(subject, request, caller, rules, step);
  else close_case(subject, caller, request->note, step);
  step->detail = TRACKING_DETAIL(FOLLOW_UP);
  step->part = made;
  return WG_OK;
}

wg_status tracking_rate(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                        struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  (void)error;
  const Wangge__V1__RateRequest *request = message;
  Wangge__V1__FollowUp *made = wg_arena_alloc(rules->arena, sizeof *made);
  wangge__v1__follow_up__init(made);
  made->round = subject->row.round;
  made->at = caller->now;
  made->reached = true;
  made->solved = WANGGE__V1__RESOLUTION__RESOLUTION_EXPLAINED;
  made->satisfaction = request->satisfaction;
  tracking_go(subject, TRACKING_RATE, TRACKING_STATE(CLOSED));
  tracking_take_call(subject, step, "closed", caller, request->note);
  subject->row.follow_up = made;
  subject->row.closed_at = step->at;
  step->detail = TRACKING_DETAIL(FOLLOW_UP);
  step->part = made;
  return WG_OK;
}

wg_status tracking_reopen(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                          struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__ReopenRequest *request = message;
  const int64_t until = tracking_limit_end(wg_calendars_of(rules->calendars, subject->row.district),
                                           rules->clocks->reopen, subject->row.closed_at);
  char text[32];
  if (caller->now >= until)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "the order could be reopened until %s; a new order is what is possible now",
                   wg_civil_format(until, text));
  tracking_go(subject, TRACKING_REOPEN, *subject->row.department ? TRACKING_STATE(HANDLING) : TRACKING_STATE(TRIAGE));
  tracking_take_call(subject, step, "reopened", caller, request->reason);
  subject->row.reopened++;
  tracking_next_round(subject, step->at, rules);
  step->due_at = subject->row.due_at;
  return WG_OK;
}
