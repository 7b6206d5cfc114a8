// Merging as tracking follows it, and recurrence: which closes a new order of the same problem shows to be ineffective.
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

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_set_up, bed_tear_down)
      TEST(a_case_follows_merging_and_a_repeat_changes_nothing),
      TEST(a_close_is_ineffective_when_the_problem_comes_again_soon),
      TEST(what_is_not_closed_is_not_ineffective),
  };
  return cmocka_run_group_tests_name("tracking_problem", tests, bed_set_up_group, bed_tear_down_group);
}
