// Urging, supervision whose level only rises, by a word, by its own clock and by the last round; a void by two persons.
#include "tests/unit/tracking_calls.h"

#include "common/base/clock.h"
#include "services/tracking/timers.h"

#define APPROVED WANGGE__V1__DECISION__DECISION_APPROVED
#define REJECTED WANGGE__V1__DECISION__DECISION_REJECTED
#define CASE bed.subject.row
#define LEVEL tracking_level(&bed.subject)

static int64_t at(int month, int day) {
  return wg_civil_to_us((struct wg_civil){2026, month, day, 0, 0, 0, 0});
}

// risen lets time do what it does and counts the steps that raised the level.
static int risen(int64_t now) {
  int steps = 0;
  bed.now = now;
  while (tracking_timers_fire(&bed.subject, &bed.rules, now, &bed.step))
    steps += strcmp(bed.step.kind, "supervised") == 0;
  return steps;
}

static void urging_is_counted(void **state) {
  (void)state;
  Wangge__V1__UrgeRequest request = WANGGE__V1__URGE_REQUEST__INIT;
  request.note = (char *)"再次来电";
  assert_int_equal(bed_call(TRACKING_BY_SOURCE, "hotline-12345", "", &request.base), WG_OK);
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "", &request.base), WG_OK);
  assert_int_equal(bed_call(TRACKING_BY_LEAD, "water", "", &request.base), WG_FAILED_PRECONDITION);
  assert_int_equal(CASE.urged, 2);
}

static void a_level_only_rises(void **state) {
  (void)state;
  const int levels[] = {1, 1, 3, 2, 3};
  const wg_status wanted[] = {WG_OK, WG_FAILED_PRECONDITION, WG_OK, WG_FAILED_PRECONDITION, WG_FAILED_PRECONDITION};
  for (int i = 0; i < 5; i++) {
    const Wangge__V1__Supervision *before = CASE.supervision;
    assert_int_equal(bed_supervise(levels[i], 2), wanted[i]);
    if (wanted[i] != WG_OK) assert_ptr_equal(before, CASE.supervision);
  }
  assert_int_equal(LEVEL, 3);
}

static void its_clock_raises_the_level_and_begins_anew(void **state) {
  (void)state;
  bed_supervise(1, 2); // Monday 2 March: until the end of Wednesday
  assert_int_equal(CASE.supervision->due_at, at(3, 5));
  assert_int_equal(risen(at(3, 5) - 1), 0);
  assert_int_equal(risen(at(3, 5)), 1);
  assert_int_equal(LEVEL, 2);
  assert_int_equal(CASE.supervision->due_at, at(3, 10)); // counted from Thursday: Friday, Monday
}

static void a_jump_raises_one_level_and_the_top_is_the_end(void **state) {
  (void)state;
  bed_supervise(1, 2);
  assert_int_equal(risen(at(6, 1)), 1);
  assert_int_equal(risen(at(6, 1)), 0);
  assert_int_equal(risen(at(7, 1)), 1);
  assert_int_equal(risen(at(12, 1)), 0);
  assert_int_equal(LEVEL, 3);
}

static void it_stands_still_while_the_department_waits(void **state) {
  (void)state;
  bed_contact(true);
  bed_supervise(1, 2);
  bed_resolve();
  assert_int_equal(risen(at(3, 20)), 0);
  bed_review(REJECTED);
  assert_int_equal(risen(at(3, 20)), 1);
}

static void rework_behind_the_last_round_raises_it(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(FOLLOW_UP));
  for (int round = 1; round <= 5; round++) {
    assert_int_equal(CASE.round, round);
    assert_int_equal(LEVEL, round <= 3 ? 0 : round - 3);
    assert_int_equal(bed_follow_up(WANGGE__V1__RESOLUTION__RESOLUTION_UNSOLVED,
                                   WANGGE__V1__SATISFACTION__SATISFACTION_DISSATISFIED,
                                   WANGGE__V1__MERIT__MERIT_MERITED),
                     WG_OK);
    assert_string_equal(bed.step.kind, "rework");
    assert_int_equal(bed.raised.kind != NULL, round >= 3); // a step of its own, behind the rework
    if (bed.raised.kind)
      assert_true(bed.raised.part == CASE.supervision && bed.raised.detail == TRACKING_DETAIL(SUPERVISION));
    bed_contact(true);
    bed_resolve();
    bed_review(APPROVED);
  }
  assert_int_equal(LEVEL, 3);
  assert_string_equal(CASE.supervision->reason, "rework in round 6");
}

static void a_new_round_starts_its_clock_anew(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(HANDLING));
  bed_supervise(1, 2);
  bed_contact(true);
  bed_resolve();
  bed_review(APPROVED);
  bed_follow_up(WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED, WANGGE__V1__SATISFACTION__SATISFACTION_SATISFIED, 0);
  bed.now = at(3, 20) + 1;
  bed_reopen();
  assert_int_equal(LEVEL, 1);
  assert_int_equal(risen(bed.now), 0);
  assert_true(CASE.supervision->due_at > bed.now);
}

static void a_void_takes_two_persons(void **state) {
  (void)state;
  assert_int_equal(bed_decide("DecideVoid", "0021", APPROVED), WG_FAILED_PRECONDITION);
  assert_int_equal(bed_void(), WG_OK);
  assert_int_equal(bed_void(), WG_FAILED_PRECONDITION);
  assert_int_equal(bed_decide("DecideVoid", "0018", APPROVED), WG_FAILED_PRECONDITION);
  assert_int_equal(bed_decide("DecideVoid", "0021", REJECTED), WG_OK);
  assert_string_equal(bed.step.kind, "void_refused");
  assert_int_equal(CASE.state, TRACKING_STATE(HANDLING));
  bed_contact(true);
  assert_int_equal(bed_void(), WG_OK);
  bed_resolve(); // it does not lapse
  assert_int_equal(bed_decide("DecideVoid", "0021", APPROVED), WG_OK);
  assert_int_equal(CASE.state, TRACKING_STATE(VOID));
  assert_int_equal(risen(at(12, 1)), 0);
  struct tracking_alarm alarm;
  assert_false(tracking_timers_next(&bed.subject, &bed.rules, &alarm));
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_set_up, bed_tear_down)
      TEST(urging_is_counted),
      TEST(a_level_only_rises),
      TEST(its_clock_raises_the_level_and_begins_anew),
      TEST(a_jump_raises_one_level_and_the_top_is_the_end),
      TEST(it_stands_still_while_the_department_waits),
      TEST(rework_behind_the_last_round_raises_it),
      TEST(a_new_round_starts_its_clock_anew),
      TEST(a_void_takes_two_persons),
  };
  return cmocka_run_group_tests_name("tracking_supervise", tests, bed_set_up_group, bed_tear_down_group);
}
