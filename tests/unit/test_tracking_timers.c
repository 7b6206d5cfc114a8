// What time alone does to a case: in which order, once, and not when the clock jumps back; the ladder of a deadline on
// the working days of 2026.
#include "tests/unit/tracking_calls.h"

#include "common/base/clock.h"
#include "services/tracking/timers.h"

#define CASE bed.subject.row

static int64_t at(int month, int day, int hour) {
  return wg_civil_to_us((struct wg_civil){2026, month, day, hour, 0, 0, 0});
}

// fired lets everything happen until `now` and gives the kinds of steps, joined by blanks.
static const char *fired(int64_t now) {
  static char kinds[512];
  size_t used = 0;
  kinds[0] = '\0';
  bed.now = now;
  while (tracking_timers_fire(&bed.subject, &bed.rules, now, &bed.step)) {
    used += (size_t)snprintf(kinds + used, sizeof kinds - used, "%s%s", used ? " " : "", bed.step.kind);
    assert_string_equal(bed.step.by, "clock");
    assert_true(bed.step.at <= now || used); // never before the step before
  }
  return kinds;
}

static void the_ladder_of_an_order_nobody_takes(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(DISPATCHED)); // Monday 2 March, 09:00: due at 24:00 of the 9th
  const struct {
    int64_t at;
    const char *kinds;
  } ladder[] = {
      {at(3, 3, 9), "contact_overdue"}, {at(3, 4, 0), "sign_overdue"}, {at(3, 9, 0), "yellow_card"},
      {at(3, 10, 0), "red_card urged"}, {at(3, 17, 0), "criticised"},
  };
  for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++) {
    struct tracking_alarm alarm;
    assert_true(tracking_timers_next(&bed.subject, &bed.rules, &alarm));
    assert_int_equal(alarm.at, ladder[i].at);
    assert_string_equal(fired(ladder[i].at - 1), "");
    assert_string_equal(fired(ladder[i].at), ladder[i].kinds);
    assert_string_equal(fired(ladder[i].at), ""); // once
  }
  struct tracking_alarm alarm;
  assert_false(tracking_timers_next(&bed.subject, &bed.rules, &alarm));
  assert_true(CASE.signed_late && CASE.contacted_late && CASE.late && CASE.criticised);
  assert_true(CASE.yellow_cards == 1 && CASE.red_cards == 1 && CASE.urged == 1);
}

static void a_jump_lets_all_happen_in_order_and_a_jump_back_nothing(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(DISPATCHED));
  assert_string_equal(fired(at(12, 1, 0)), "contact_overdue sign_overdue yellow_card red_card urged criticised");
  assert_string_equal(fired(at(1, 1, 0)), "");
  assert_string_equal(fired(at(12, 1, 0)), "");
}

// event_of gives the row of the table a step of time belongs to.
static enum tracking_event event_of(const char *kind) {
  static const struct {
    const char *kind;
    enum tracking_event event;
  } ALL[] = {{"sign_overdue", TRACKING_SIGN_OVERDUE},
             {"contact_overdue", TRACKING_CONTACT_OVERDUE},
             {"yellow_card", TRACKING_CARD},
             {"red_card", TRACKING_CARD},
             {"urged", TRACKING_CARD},
             {"criticised", TRACKING_CARD},
             {"review_overdue", TRACKING_REVIEW_OVERDUE},
             {"follow_up_overdue", TRACKING_FOLLOW_UP_OVERDUE},
             {"archived", TRACKING_ARCHIVE},
             {"resumed", TRACKING_HOLD_REVIEW},
             {"supervised", TRACKING_SUPERVISION_OVER},
             {"closed", TRACKING_ANSWER_OVER}};
  for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++) {
    if (strcmp(kind, ALL[i].kind) == 0) return ALL[i].event;
  }
  fail_msg("time has caused %s", kind);
  return TRACKING_CARD;
}

// Generated from the table: years pass in every state, with a supervision where one is possible. What happens has a row
// for the state it happens in and leads where that says; the ends stay; and it comes to an end.
static void years_do_in_every_state_what_the_table_says_and_nothing_else(void **state) {
  (void)state;
  bool seen[TRACKING_EVENTS] = {false};
  for (int from = 1; from < TRACKING_STATES; from++) {
    bed_bring((Wangge__V1__CaseState)from);
    if (tracking_possible((Wangge__V1__CaseState)from, TRACKING_SUPERVISE, TRACKING_BY_DISPATCHER))
      assert_int_equal(bed_supervise(1, 5), WG_OK);
    struct tracking_alarm alarm;
    for (int fires = 0; tracking_timers_next(&bed.subject, &bed.rules, &alarm); fires++) {
      const Wangge__V1__CaseState before = CASE.state;
      if (alarm.at > bed.now) bed.now = alarm.at + 366 * WG_DAY_US; // a leap; what it sets anew lies behind it
      assert_true(tracking_timers_fire(&bed.subject, &bed.rules, bed.now, &bed.step));
      const enum tracking_event event = event_of(bed.step.kind);
      if (!tracking_possible(before, event, TRACKING_BY_CLOCK) || !tracking_leads_to(before, event, CASE.state))
        fail_msg("%s in %s leads to %s", bed.step.kind, tracking_state_name(before), tracking_state_name(CASE.state));
      seen[event] = true;
      assert_true(fires < 30);
    }
  }
  for (int event = TRACKING_SIGN_OVERDUE; event < TRACKING_SOLVED; event++) {
    if (!seen[event]) fail_msg("no state let %s happen", tracking_event_name((enum tracking_event)event));
  }
}

static void the_ladder_knows_the_holidays(void **state) {
  (void)state;
  bed.now = at(2, 10, 9); // Tuesday; the 14th is worked, 15 to 23 are off: due at 24:00 of the 24th
  bed_bring(TRACKING_STATE(HANDLING));
  bed_contact(true);
  assert_int_equal(CASE.due_at, at(2, 25, 0));
  assert_string_equal(fired(at(2, 24, 0) - 1), "");
  assert_string_equal(fired(at(2, 24, 0)), "yellow_card");
  assert_string_equal(fired(at(2, 25, 0)), "red_card urged");
  assert_string_equal(fired(at(3, 2, 23)), ""); // 25, 26, 27, 28 (worked), 2 March
  assert_string_equal(fired(at(3, 3, 0)), "criticised");
}

static void what_is_done_in_time_is_not_told(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(HANDLING));
  bed_contact(true);
  assert_string_equal(fired(at(3, 8, 0)), "");
  bed_resolve();
  struct tracking_alarm alarm;
  assert_true(tracking_timers_next(&bed.subject, &bed.rules, &alarm));
  assert_true(alarm.clock == TRACKING_CLOCK_REVIEW && alarm.at == at(3, 10, 0)); // the 9th is the next working day
  bed_review(WANGGE__V1__DECISION__DECISION_APPROVED);
  assert_string_equal(fired(at(3, 10, 0)), "follow_up_overdue");
  bed_follow_up(WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED, WANGGE__V1__SATISFACTION__SATISFACTION_SATISFIED, 0);
  assert_string_equal(fired(at(4, 9, 23)), "");
  assert_string_equal(fired(at(4, 10, 0)), "archived"); // 30 days behind 10 March, the last to its end
  assert_int_equal(CASE.state, TRACKING_STATE(ARCHIVED));
  assert_false(tracking_timers_next(&bed.subject, &bed.rules, &alarm));
}

static void a_new_deadline_tells_anew(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(HANDLING));
  bed_contact(true);
  assert_string_equal(fired(at(3, 10, 0)), "yellow_card red_card urged");
  bed_resolve();
  bed_review(WANGGE__V1__DECISION__DECISION_APPROVED);
  bed_follow_up(WANGGE__V1__RESOLUTION__RESOLUTION_UNSOLVED, WANGGE__V1__SATISFACTION__SATISFACTION_DISSATISFIED,
                WANGGE__V1__MERIT__MERIT_MERITED);
  assert_int_equal(CASE.due_at, at(3, 14, 0));
  assert_string_equal(fired(at(3, 13, 0)), "yellow_card");
  assert_string_equal(fired(at(3, 16, 0)), "red_card urged"); // Monday
  assert_true(CASE.red_cards == 2 && CASE.late);
}

static void a_deadline_in_hours_has_no_yellow_card(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(HANDLING));
  bed_contact(true);
  CASE.urgency = WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT;
  tracking_set_due(&bed.subject, "", 0, bed.now, &bed.rules);
  assert_int_equal(CASE.due_at, at(3, 2, 11));
  assert_string_equal(fired(at(3, 2, 23)), "");
  assert_string_equal(fired(at(3, 3, 0)), "red_card urged"); // the first working day behind it
}

static void a_new_lead_has_its_own_time_to_sign(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(DISPATCHED));
  bed_contact(true);
  assert_string_equal(fired(at(3, 4, 0)), "sign_overdue");
  bed_event(TRACKING_MOVED);
  bed_dispatched("housing");
  assert_string_equal(fired(at(3, 5, 23)), "");
  assert_string_equal(fired(at(3, 6, 0)), "sign_overdue");
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_set_up, bed_tear_down)
      TEST(the_ladder_of_an_order_nobody_takes), TEST(a_jump_lets_all_happen_in_order_and_a_jump_back_nothing),
      TEST(the_ladder_of_an_order_nobody_takes), TEST(years_do_in_every_state_what_the_table_says_and_nothing_else),
      TEST(the_ladder_knows_the_holidays),       TEST(what_is_done_in_time_is_not_told),
      TEST(a_new_deadline_tells_anew),           TEST(a_deadline_in_hours_has_no_yellow_card),
      TEST(a_new_lead_has_its_own_time_to_sign),
  };
  return cmocka_run_group_tests_name("tracking_timers", tests, bed_set_up_group, bed_tear_down_group);
}
