// Which problem a case is a member of, as routing merges; what its solution hands to each member; and recurrence
// (重复发生): a new order of a problem tells that closes of its other members shortly before were without effect.
#include "services/tracking/moves.h"

#include <inttypes.h>
#include <string.h>

static void join(struct tracking_case *subject, int64_t problem_id, const char *by, const char *reason, int64_t at,
                 struct tracking_step *step) {
  subject->row.problem_id = problem_id;
  tracking_take(subject, step, "merged", subject->row.department, by, reason, at);
}

wg_status tracking_case_problem_opened(struct tracking_case *subject, const void *message, int64_t at,
                                       struct tracking_rules *rules, struct tracking_step *step,
                                       struct wg_error *error) {
  (void)rules;
  const Wangge__V1__Problem *problem = ((const Wangge__V1__ProblemOpened *)message)->problem;
  if (!problem) return wg_fail(error, WG_INVALID_ARGUMENT, "problem", "a problem that opens must be told");
  const wg_status status = tracking_may(subject, TRACKING_MERGED, TRACKING_BY_ROUTING, error);
  if (status == WG_OK && subject->row.problem_id != problem->problem_id)
    join(subject, problem->problem_id, "rule", "", at, step);
  return status;
}

wg_status tracking_case_merged(struct tracking_case *subject, const void *message, int64_t at,
                               struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  (void)rules;
  const Wangge__V1__OrderMerged *event = message;
  const wg_status status = tracking_may(subject, TRACKING_MERGED, TRACKING_BY_ROUTING, error);
  if (status == WG_OK && subject->row.problem_id != event->problem_id)
    join(subject, event->problem_id, event->by, event->reason, at, step);
  return status;
}

wg_status tracking_case_unmerged(struct tracking_case *subject, const void *message, int64_t at,
                                 struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  (void)rules;
  const Wangge__V1__OrderUnmerged *event = message;
  const wg_status status = tracking_may(subject, TRACKING_UNMERGED, TRACKING_BY_ROUTING, error);
  if (status != WG_OK || subject->row.problem_id != event->problem_id) return status;
  subject->row.problem_id = 0;
  if (subject->facts.solution && subject->facts.solution->problem_id == event->problem_id)
    subject->facts.solution = NULL;
  tracking_take(subject, step, "unmerged", subject->row.department, event->by, event->reason, at);
  return WG_OK;
}

// --- solution ---
// take_over hands the shared feedback in as that of the case.
static void take_over(struct tracking_case *subject, const Wangge__V1__SharedSolution *solution, int64_t at,
                      struct tracking_rules *rules, struct tracking_step *step) {
  Wangge__V1__Feedback *feedback = wg_arena_alloc(rules->arena, sizeof *feedback);
  wangge__v1__feedback__init(feedback);
  feedback->round = subject->row.round;
  feedback->substantiated = WANGGE__V1__SUBSTANTIATED__SUBSTANTIATED_YES;
  feedback->resolution = WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED;
  feedback->public_reply = solution->result;
  feedback->evidence = solution->evidence;
  feedback->n_evidence = solution->n_evidence;
  feedback->problem = solution->code;
  if (subject->row.state == TRACKING_STATE(HELD)) tracking_hold_end(subject, at, rules);
  tracking_clear_asked(subject);
  tracking_go(subject, TRACKING_SOLVED, TRACKING_STATE(REVIEW));
  tracking_take(subject, step, "problem_solved", subject->row.department, solution->reporter->by, solution->result, at);
  if (*solution->reporter->person) step->person = solution->reporter->person;
  tracking_hand_in(subject, feedback, solution->result, solution->reporter, step);
}

bool tracking_case_solved(struct tracking_case *subject, const Wangge__V1__SharedSolution *solution, int64_t at,
                          struct tracking_rules *rules, struct tracking_step *step) {
  if (!subject->exists || subject->row.opened_at > solution->solved_at) return false;
  if (!tracking_possible(subject->row.state, TRACKING_SOLVED, TRACKING_BY_LIST)) return false;
  if (tracking_leads_to(subject->row.state, TRACKING_SOLVED, TRACKING_STATE(REVIEW))) {
    take_over(subject, solution, at, rules, step);
    return true;
  }
  if (subject->facts.solution) return false;
  Wangge__V1__SharedSolution *waits = wg_arena_alloc(rules->arena, sizeof *waits);
  *waits = *solution;
  waits->n_order_ids = 0; // those of others
  subject->facts.solution = waits;
  tracking_take(subject, step, "solution_waits", subject->row.department, solution->reporter->by, solution->result, at);
  return true;
}

bool tracking_case_solution_waited(struct tracking_case *subject, int64_t at, struct tracking_rules *rules,
                                   struct tracking_step *step) {
  const Wangge__V1__SharedSolution *solution = subject->facts.solution;
  if (!solution || !tracking_leads_to(subject->row.state, TRACKING_SOLVED, TRACKING_STATE(REVIEW))) return false;
  subject->facts.solution = NULL;
  take_over(subject, solution, at, rules, step);
  return true;
}

// --- recurrence ---
static bool came_again(const struct tracking_case *member, const struct tracking_case *joined,
                       const struct tracking_rules *rules) {
  const Wangge__V1__Case *row = &member->row;
  if (!member->exists || row->order_id == joined->row.order_id || row->problem_id != joined->row.problem_id)
    return false;
  if (strcmp(row->district, joined->row.district) != 0 || row->ineffective_at || !row->closed_at) return false;
  if (!tracking_possible(row->state, TRACKING_RECURRED, TRACKING_BY_ROUTING)) return false;
  const int64_t until =
      tracking_limit_end(wg_calendars_of(rules->calendars, row->district), rules->clocks->recurrence, row->closed_at);
  return joined->row.opened_at > row->closed_at && joined->row.opened_at < until;
}

bool tracking_case_restored(struct tracking_case *member, const struct tracking_case *left, int64_t at,
                            struct tracking_step *step) {
  if (!member->row.ineffective_at || member->facts.ineffective_by != left->row.order_id) return false;
  if (!tracking_possible(member->row.state, TRACKING_RECURRED, TRACKING_BY_ROUTING)) return false;
  tracking_take(member, step, "restored", member->row.department, "rule", "", at);
  member->row.ineffective_at = 0;
  member->facts.ineffective_by = 0;
  return true;
}

bool tracking_case_recurred(struct tracking_case *member, const struct tracking_case *joined, int64_t at,
                            const struct tracking_rules *rules, struct tracking_step *step) {
  if (!joined->row.problem_id || !came_again(member, joined, rules)) return false;
  tracking_take(member, step, "recurred", member->row.department, "rule",
                wg_arena_printf(rules->arena, "order %" PRId64, joined->row.order_id), at);
  member->row.ineffective_at = step->at;
  member->facts.ineffective_by = joined->row.order_id;
  return true;
}
