// Merging as tracking follows it; what a solved problem hands to its members in each state; and recurrence: which
// closes a new order of the same problem shows to be ineffective.
#include "tests/unit/tracking_calls.h"

#include "common/base/clock.h"

#define CASE bed.subject.row
enum { PROBLEM = 3 };

static wg_status merged(int64_t problem_id) {
  Wangge__V1__OrderMerged event = WANGGE__V1__ORDER_MERGED__INIT;
  event.problem_id = problem_id;
  event.by = (char *)"dispatcher";
  bed.step = (struct tracking_step){0};
  return tracking_case_merged(&bed.subject, &event, bed.now, &bed.rules, &bed.step, &bed.error);
}

static wg_status unmerged(int64_t problem_id) {
  Wangge__V1__OrderUnmerged event = WANGGE__V1__ORDER_UNMERGED__INIT;
  event.problem_id = problem_id;
  bed.step = (struct tracking_step){0};
  return tracking_case_unmerged(&bed.subject, &event, bed.now, &bed.rules, &bed.step, &bed.error);
}

static void a_case_follows_merging_and_a_repeat_changes_nothing(void **state) {
  (void)state;
  assert_int_equal(merged(PROBLEM), WG_OK);
  assert_string_equal(bed.step.kind, "merged");
  assert_int_equal(CASE.problem_id, PROBLEM);
  assert_int_equal(merged(PROBLEM), WG_OK);
  assert_null(bed.step.kind);
  assert_int_equal(unmerged(PROBLEM + 1), WG_OK); // of another problem, told late
  assert_null(bed.step.kind);
  assert_int_equal(CASE.problem_id, PROBLEM);
  assert_int_equal(unmerged(PROBLEM), WG_OK);
  assert_string_equal(bed.step.kind, "unmerged");
  assert_int_equal(CASE.problem_id, 0);
  tracking_case_init(&bed.subject, 7);
  assert_int_equal(merged(PROBLEM), WG_FAILED_PRECONDITION); // parked: there is no case
}

// joins lets an order of the district come at a time and join the problem of the closed case; true: marked.
static bool joins(int64_t opened_at, int64_t problem_id, const char *district) {
  struct tracking_case joined;
  tracking_case_init(&joined, 8);
  joined.row.problem_id = problem_id;
  joined.row.district = (char *)(uintptr_t)district;
  joined.row.opened_at = opened_at;
  bed.step = (struct tracking_step){0};
  return tracking_case_recurred(&bed.subject, &joined, opened_at, &bed.rules, &bed.step);
}

static void a_close_is_ineffective_when_the_problem_comes_again_soon(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(CLOSED)); // on 2 March; the 90th day behind it is 31 May
  merged(PROBLEM);
  const int64_t over = wg_civil_to_us((struct wg_civil){2026, 6, 1, 0, 0, 0, 0});
  assert_false(joins(CASE.closed_at, PROBLEM, "370117")); // came before the close
  assert_false(joins(over, PROBLEM, "370117"));
  assert_false(joins(over - 1, PROBLEM + 1, "370117"));
  assert_false(joins(over - 1, PROBLEM, "370116"));
  assert_false(joins(over - 1, 0, "370117"));
  assert_true(!CASE.ineffective_at && !bed.step.kind);
  assert_true(joins(over - 1, PROBLEM, "370117"));
  assert_string_equal(bed.step.kind, "recurred");
  assert_string_equal(bed.step.note, "order 8");
  assert_int_equal(CASE.ineffective_at, over - 1);
  assert_int_equal(CASE.state, TRACKING_STATE(CLOSED));
  assert_false(joins(over - 1, PROBLEM, "370117")); // once
}

static void what_is_not_closed_is_not_ineffective(void **state) {
  (void)state;
  for (int one = 1; one < TRACKING_STATES; one++) {
    bed_bring((Wangge__V1__CaseState)one);
    CASE.problem_id = PROBLEM;
    const bool closed = one == TRACKING_STATE(CLOSED) || one == TRACKING_STATE(ARCHIVED);
    if (closed) CASE.closed_at = bed.now;
    assert_int_equal(joins(bed.now + 1, PROBLEM, "370117"), closed);
  }
}

static bool restored(int64_t order_id, int64_t problem_id) {
  struct tracking_case left;
  tracking_case_init(&left, order_id);
  left.row.problem_id = problem_id;
  bed.step = (struct tracking_step){0};
  return tracking_case_restored(&bed.subject, &left, bed.now, &bed.step);
}

static void a_close_counts_again_when_the_order_that_showed_it_leaves(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(CLOSED));
  merged(PROBLEM);
  assert_true(joins(bed.now + 1, PROBLEM, "370117")); // order 8
  assert_false(restored(9, 0));
  assert_true(CASE.ineffective_at != 0);
  assert_true(restored(8, 0));
  assert_string_equal(bed.step.kind, "restored");
  assert_int_equal(CASE.ineffective_at, 0);
  assert_false(restored(8, 0));                       // once
  assert_true(joins(bed.now + 1, PROBLEM, "370117")); // and may be shown anew
}

// --- solutions ---
static bool solved_at(int64_t at) {
  static char *evidence[] = {(char *)"ab"};
  static Wangge__V1__CaseActor reporter;
  static Wangge__V1__SharedSolution solution;
  wangge__v1__case_actor__init(&reporter);
  reporter.by = (char *)"dispatcher";
  reporter.person = (char *)"0031";
  wangge__v1__shared_solution__init(&solution);
  solution.problem_id = PROBLEM;
  solution.result = (char *)"已全面清理";
  solution.evidence = evidence;
  solution.n_evidence = 1;
  solution.reporter = &reporter;
  solution.solved_at = at;
  bed.step = (struct tracking_step){0};
  return tracking_case_solved(&bed.subject, &solution, bed.now, &bed.rules, &bed.step);
}

static bool waited(void) {
  bed.step = (struct tracking_step){0};
  return tracking_case_solution_waited(&bed.subject, bed.now, &bed.rules, &bed.step);
}

static void a_solution_does_in_each_state_what_the_table_says(void **state) {
  (void)state;
  int reviewed = 0, waits = 0;
  for (int one = 1; one < TRACKING_STATES; one++) {
    const Wangge__V1__CaseState before = (Wangge__V1__CaseState)one;
    bed_bring(before);
    struct tracking_case kept;
    memcpy(&kept, &bed.subject, sizeof kept);
    const bool done = solved_at(bed.now);
    assert_int_equal(done, tracking_possible(before, TRACKING_SOLVED, TRACKING_BY_LIST));
    if (!done) {
      // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): nothing at all may have changed
      assert_true(memcmp(&kept, &bed.subject, sizeof kept) == 0 && !bed.step.kind);
      continue;
    }
    assert_true(tracking_leads_to(before, TRACKING_SOLVED, CASE.state) && bed.step.state == CASE.state);
    const bool at_once = CASE.state == TRACKING_STATE(REVIEW);
    assert_string_equal(bed.step.kind, at_once ? "problem_solved" : "solution_waits");
    assert_true(at_once == !bed.subject.facts.solution && at_once == (CASE.feedback != NULL));
    assert_false(solved_at(bed.now)); // once
    reviewed += at_once;
    waits += !at_once;
  }
  assert_true(reviewed == 3 && waits == 3);
}

static void the_shared_text_is_the_feedback_and_another_person_reviews_it(void **state) {
  (void)state;
  assert_int_equal(bed_extend(3), WG_OK);
  assert_false(solved_at(CASE.opened_at - 1)); // the order came afterwards
  assert_true(solved_at(bed.now));
  assert_null(CASE.extension); // what was asked for lapses
  assert_string_equal(CASE.result, "已全面清理");
  assert_string_equal(CASE.feedback->public_reply, "已全面清理");
  assert_string_equal(CASE.feedback->evidence[0], "ab");
  assert_int_equal(CASE.feedback->resolution, WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED);
  assert_true(CASE.resolved_at == bed.now && CASE.first_resolved_at == bed.now);
  Wangge__V1__ReviewRequest request = WANGGE__V1__REVIEW_REQUEST__INIT;
  request.decision = WANGGE__V1__DECISION__DECISION_APPROVED;
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "desk-2", "0031", &request.base), WG_FAILED_PRECONDITION);
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "", &request.base), WG_FAILED_PRECONDITION);
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "0018", &request.base), WG_OK);
  assert_int_equal(CASE.state, TRACKING_STATE(FOLLOW_UP)); // the resident is still asked
}

static void a_solution_ends_a_hold_and_waits_out_a_dispute(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(HELD));
  assert_true(solved_at(bed.now));
  assert_true(CASE.hold->ended_at && CASE.state == TRACKING_STATE(REVIEW));

  bed_bring(TRACKING_STATE(RETURN_REVIEW));
  assert_true(solved_at(bed.now));
  assert_false(waited());
  assert_int_equal(bed_event(TRACKING_RETURNED), WG_OK); // to the desk
  assert_false(waited());
  assert_int_equal(bed_dispatched("housing"), WG_OK);
  assert_true(waited());
  assert_string_equal(bed.step.department, "housing");
  assert_true(CASE.state == TRACKING_STATE(REVIEW) && !bed.subject.facts.solution);
  assert_false(waited());
}

static void a_department_may_sign_what_was_solved_before(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(DISPATCHED));
  assert_true(solved_at(bed.now));
  assert_int_equal(bed_event(TRACKING_SIGNED), WG_OK);
  assert_true(CASE.state == TRACKING_STATE(REVIEW) && CASE.signed_at == bed.now);
  assert_int_equal(bed_review(WANGGE__V1__DECISION__DECISION_REJECTED), WG_OK);
  assert_int_equal(CASE.state, TRACKING_STATE(HANDLING));
}

static void what_leaves_the_problem_leaves_its_solution(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(TRIAGE));
  merged(PROBLEM);
  assert_true(solved_at(bed.now));
  assert_int_equal(unmerged(PROBLEM), WG_OK);
  assert_null(bed.subject.facts.solution);
  assert_int_equal(bed_dispatched("water"), WG_OK);
  assert_false(waited());
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_set_up, bed_tear_down)
      TEST(a_case_follows_merging_and_a_repeat_changes_nothing),
      TEST(a_close_is_ineffective_when_the_problem_comes_again_soon),
      TEST(what_is_not_closed_is_not_ineffective),
      TEST(a_close_counts_again_when_the_order_that_showed_it_leaves),
      TEST(a_solution_does_in_each_state_what_the_table_says),
      TEST(the_shared_text_is_the_feedback_and_another_person_reviews_it),
      TEST(a_solution_ends_a_hold_and_waits_out_a_dispute),
      TEST(a_department_may_sign_what_was_solved_before),
      TEST(what_leaves_the_problem_leaves_its_solution),
  };
  return cmocka_run_group_tests_name("tracking_problem", tests, bed_set_up_group, bed_tear_down_group);
}
