// What is asked for and decided by another person: extension and hold; and the deadline behind each.
#include "tests/unit/tracking_calls.h"

#include "common/base/clock.h"
#include "services/tracking/timers.h"

#define APPROVED WANGGE__V1__DECISION__DECISION_APPROVED
#define REJECTED WANGGE__V1__DECISION__DECISION_REJECTED
#define CASE bed.subject.row
#define assert_state(name) assert_int_equal(CASE.state, TRACKING_STATE(name))

static int64_t at(int month, int day, int hour) {
  return wg_civil_to_us((struct wg_civil){2026, month, day, hour, 0, 0, 0});
}

// fired_until lets time do what it does and gives the number of steps.
static int fired_until(int64_t now) {
  int steps = 0;
  bed.now = now;
  while (tracking_timers_fire(&bed.subject, &bed.rules, now, &bed.step))
    steps++;
  return steps;
}

// --- extension; the case is due at 24:00 of Monday 9 March ---
static void an_extension_counts_from_the_old_deadline(void **state) {
  (void)state;
  assert_int_equal(bed_extend(3), WG_OK);
  assert_string_equal(bed.step.kind, "extension_asked");
  assert_int_equal(CASE.due_at, at(3, 10, 0));
  assert_int_equal(bed_decide("DecideExtension", "0018", APPROVED), WG_OK);
  assert_string_equal(bed.step.kind, "extended");
  assert_int_equal(CASE.due_at, at(3, 13, 0)); // 10, 11, 12
  assert_true(bed.step.due_at == CASE.due_at && CASE.extension->old_due_at == at(3, 10, 0));
  assert_string_equal(CASE.due_rule, "shandong: extension: 3 working days after 2026-03-09, 0 days off skipped");
  assert_int_equal(CASE.extensions, 1);
  bed_contact(true);
  assert_int_equal(fired_until(at(3, 11, 23)), 0); // the yellow card is that of the new deadline
  assert_int_equal(fired_until(at(3, 12, 0)), 1);
  assert_string_equal(bed.step.kind, "yellow_card");
  assert_false(CASE.late);
}

// with_notice_of_2027 makes calendars that know one year more than those of the group.
static struct wg_calendars *with_notice_of_2027(void) {
  struct wg_error failure = {0};
  struct wg_calendars *calendars = NULL;
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  records_add(records, "calendar_day", "code,district,kind,reason\n2027-01-01,370117,REST,元旦\n");
  records_add(records, "calendar_year", "code,district,notice\n2027,370117,通知\n");
  if (wg_calendars_build(RECORDS(records), &calendars, &failure) != WG_OK) fail_msg("%s", failure.message);
  records_destroy(records);
  return calendars;
}

static void an_extension_of_a_provisional_deadline_counts_from_the_one_in_force_when_decided(void **state) {
  (void)state;
  bed.now = wg_civil_to_us((struct wg_civil){2026, 12, 28, 9, 0, 0, 0});
  bed_bring(TRACKING_STATE(HANDLING));
  const int64_t guess = CASE.due_at;
  assert_non_null(strstr(CASE.due_rule, "provisional"));
  assert_int_equal(bed_extend(3), WG_OK);
  struct wg_calendars *calendars = with_notice_of_2027();
  bed.rules.calendars = calendars;
  bed.step = (struct tracking_step){0};
  tracking_case_recount(&bed.subject, &bed.rules, bed.now, &bed.step);
  assert_string_equal(bed.step.kind, "recounted");
  assert_true(CASE.due_at > guess);
  const int64_t counted = CASE.due_at;
  assert_int_equal(bed_decide("DecideExtension", "0018", APPROVED), WG_OK);
  assert_true(CASE.extension->old_due_at == counted);
  assert_true(CASE.due_at == tracking_limit_end(wg_calendars_of(calendars, "370117"),
                                                (struct tracking_limit){.working_days = 3}, counted - 1));
  assert_null(strstr(CASE.due_rule, "provisional"));
  bed.rules.calendars = bed.calendars;
  wg_calendars_close(calendars);
}

static void an_extension_is_asked_in_time_within_cap_and_count(void **state) {
  (void)state;
  assert_int_equal(bed_extend(11), WG_INVALID_ARGUMENT);
  assert_string_equal(bed.error.field, "working_days");
  bed.now = CASE.due_at + 1;
  assert_int_equal(bed_extend(1), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(bed.error.message, "2026-03-10"));
  assert_null(CASE.extension);
  bed.now = CASE.due_at;
  assert_int_equal(bed_extend(10), WG_OK);
  assert_int_equal(bed_extend(10), WG_FAILED_PRECONDITION); // asked for already
  bed.now += WG_DAY_US;                                     // decided late, asked for in time
  assert_int_equal(bed_decide("DecideExtension", "", APPROVED), WG_OK);
  assert_int_equal(CASE.due_at, at(3, 24, 0));
  assert_int_equal(bed_decide("DecideExtension", "", APPROVED), WG_FAILED_PRECONDITION); // once
  assert_int_equal(bed_extend(1), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(bed.error.message, "at most 1"));
}

static void who_asks_does_not_decide_and_a_refusal_changes_nothing(void **state) {
  (void)state;
  const int64_t due = CASE.due_at;
  assert_int_equal(bed_decide("DecideExtension", "0018", APPROVED), WG_FAILED_PRECONDITION); // nothing is asked for
  bed_extend(2);
  assert_int_equal(bed_decide("DecideExtension", "0012", APPROVED), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(bed.error.message, "person \"0012\""));
  assert_int_equal(bed_decide("DecideExtension", "0018", REJECTED), WG_OK);
  assert_string_equal(bed.step.kind, "extension_refused");
  assert_true(CASE.due_at == due && !CASE.extensions && CASE.extension->decision == REJECTED);
  assert_int_equal(bed_extend(2), WG_OK); // it may ask again
  bed_suspend("");
  assert_int_equal(bed_decide("DecideSuspension", "0012", APPROVED), WG_FAILED_PRECONDITION);
  assert_state(HANDLING);
}

static void what_was_asked_for_lapses_with_the_feedback(void **state) {
  (void)state;
  for (int way = 0; way < 3; way++) {
    bed_bring(TRACKING_STATE(HANDLING));
    bed_extend(2);
    bed_suspend("");
    bed_contact(true);
    if (way == 0) bed_resolve();
    else bed_event(way == 1 ? TRACKING_MOVED : TRACKING_RETURN_REQUESTED);
    assert_null(CASE.extension);
    assert_null(CASE.hold);
    assert_null(bed.subject.facts.asked_extension);
    if (way == 0) bed_review(REJECTED);
    assert_int_not_equal(bed_decide("DecideExtension", "0018", APPROVED), WG_OK);
    assert_int_not_equal(bed_decide("DecideSuspension", "0018", APPROVED), WG_OK);
  }
}

// --- hold ---
static void a_hold_has_a_date_of_review_within_the_clock(void **state) {
  (void)state;
  const struct {
    const char *on;
    int64_t review_at; // 0: refused
  } table[] = {
      {"", at(4, 2, 0)}, {"2026-03-03", at(3, 4, 0)}, {"2026-04-01", at(4, 2, 0)},
      {"2026-04-02", 0}, {"2026-03-02", 0},           {"2026-02-30", 0},
      {"soon", 0},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    bed_bring(TRACKING_STATE(HANDLING));
    const wg_status status = bed_suspend(table[i].on);
    assert_int_equal(status, table[i].review_at ? WG_OK : WG_INVALID_ARGUMENT);
    if (table[i].review_at) assert_int_equal(CASE.hold->review_at, table[i].review_at);
    else assert_string_equal(bed.error.field, "next_review_on");
  }
}

static void a_held_case_stands_still_until_its_review(void **state) {
  (void)state;
  bed_contact(true);
  bed_suspend("2026-03-31");
  assert_int_equal(bed_decide("DecideSuspension", "0018", APPROVED), WG_OK);
  assert_string_equal(bed.step.kind, "held");
  assert_state(HELD);
  assert_int_equal(fired_until(at(4, 1, 0) - 1), 0); // no cards, although the deadline was 9 March
  assert_int_equal(fired_until(at(4, 1, 0)), 1);
  assert_string_equal(bed.step.kind, "resumed");
  assert_string_equal(bed.step.by, "clock");
  assert_state(HANDLING);
  assert_int_equal(CASE.due_at, at(4, 8, 0)); // 2, 3, 7 April: the 4th to 6th are off
  assert_true(bed.step.due_at == CASE.due_at && CASE.hold->ended_at == at(4, 1, 0) && !CASE.late);
  assert_string_equal(CASE.due_rule, "shandong: hold ended: 3 working days after 2026-04-01, 3 days off skipped");
}

static void a_hold_that_ends_before_the_deadline_leaves_it(void **state) {
  (void)state;
  const int64_t due = CASE.due_at;
  bed_bring(TRACKING_STATE(HELD));
  bed.now = due; // its last moment
  assert_int_equal(bed_resume(), WG_OK);
  assert_true(CASE.due_at == due && !bed.step.due_at && CASE.hold->ended_at == due);
}

static void a_deadline_missed_before_the_hold_stays_missed(void **state) {
  (void)state;
  const int64_t due = CASE.due_at;
  bed.now = due + WG_DAY_US;
  bed_suspend("");
  bed_decide("DecideSuspension", "0018", APPROVED);
  bed.now += WG_DAY_US;
  assert_int_equal(bed_resume(), WG_OK);
  assert_int_equal(CASE.due_at, due);
}

static void a_hold_is_not_approved_behind_its_own_review(void **state) {
  (void)state;
  bed_suspend("2026-03-03");
  bed.now = at(3, 4, 0);
  assert_int_equal(bed_decide("DecideSuspension", "0018", APPROVED), WG_FAILED_PRECONDITION);
  assert_int_equal(bed_decide("DecideSuspension", "0018", REJECTED), WG_OK);
  assert_state(HANDLING);
}

static void a_second_hold_is_reviewed_too_and_routing_ends_one(void **state) {
  (void)state;
  for (int times = 0; times < 2; times++) {
    assert_int_equal(bed_suspend(""), WG_OK);
    assert_int_equal(bed_decide("DecideSuspension", "0018", APPROVED), WG_OK);
    bed_contact(true);
    while (CASE.state == TRACKING_STATE(HELD))
      fired_until(bed.now + WG_DAY_US);
    assert_string_equal(bed.step.kind, "resumed");
  }
  bed_bring(TRACKING_STATE(HELD));
  bed.now += 10 * WG_DAY_US;
  assert_int_equal(bed_event(TRACKING_MOVED), WG_OK);
  assert_true(CASE.hold->ended_at == bed.now && CASE.due_at > bed.now);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_set_up, bed_tear_down)
      TEST(an_extension_counts_from_the_old_deadline),
      TEST(an_extension_of_a_provisional_deadline_counts_from_the_one_in_force_when_decided),
      TEST(an_extension_is_asked_in_time_within_cap_and_count),
      TEST(who_asks_does_not_decide_and_a_refusal_changes_nothing),
      TEST(what_was_asked_for_lapses_with_the_feedback),
      TEST(a_hold_has_a_date_of_review_within_the_clock),
      TEST(a_held_case_stands_still_until_its_review),
      TEST(a_hold_that_ends_before_the_deadline_leaves_it),
      TEST(a_deadline_missed_before_the_hold_stays_missed),
      TEST(a_hold_is_not_approved_behind_its_own_review),
      TEST(a_second_hold_is_reviewed_too_and_routing_ends_one),
  };
  return cmocka_run_group_tests_name("tracking_requests", tests, bed_set_up_group, bed_tear_down_group);
}
