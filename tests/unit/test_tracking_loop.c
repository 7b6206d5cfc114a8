// From the feedback to a close that somebody else has verified: contact first, three persons, both questions, rounds,
// reopening; and that routing takes a case back from wherever it is.
#include "tests/unit/tracking_calls.h"

#include "common/base/clock.h"
#include "services/tracking/timers.h"

#define APPROVED WANGGE__V1__DECISION__DECISION_APPROVED
#define REJECTED WANGGE__V1__DECISION__DECISION_REJECTED
#define SOLVED WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED
#define PARTLY WANGGE__V1__RESOLUTION__RESOLUTION_PARTLY
#define EXPLAINED WANGGE__V1__RESOLUTION__RESOLUTION_EXPLAINED
#define SATISFIED WANGGE__V1__SATISFACTION__SATISFACTION_SATISFIED
#define BASICALLY WANGGE__V1__SATISFACTION__SATISFACTION_BASICALLY_SATISFIED
#define DISSATISFIED WANGGE__V1__SATISFACTION__SATISFACTION_DISSATISFIED
#define NOT_RATED WANGGE__V1__SATISFACTION__SATISFACTION_NOT_RATED
#define MERITED WANGGE__V1__MERIT__MERIT_MERITED
#define UNMERITED WANGGE__V1__MERIT__MERIT_UNMERITED

#define assert_state(name) assert_int_equal(bed.subject.row.state, TRACKING_STATE(name))
#define CASE bed.subject.row

static void a_feedback_needs_a_contact_or_three_tries(void **state) {
  (void)state;
  assert_int_equal(bed_resolve(), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(bed.error.message, "Tracking/Contact"));
  for (int tries = 0; tries < 3; tries++) {
    assert_int_equal(bed_resolve(), WG_FAILED_PRECONDITION);
    assert_int_equal(bed_contact(false), WG_OK);
    assert_string_equal(bed.step.kind, "contact_tried");
  }
  assert_int_equal(bed_resolve(), WG_OK);
  assert_state(REVIEW);
  bed_bring(TRACKING_STATE(HANDLING));
  assert_int_equal(bed_contact(true), WG_OK);
  const int64_t first = CASE.contact->contacted_at;
  bed.now += WG_SECOND_US;
  assert_int_equal(bed_contact(true), WG_OK);
  assert_true(CASE.contact->contacted_at == first);
  assert_int_equal(bed_resolve(), WG_OK);
}

static void a_contact_lies_between_dispatch_and_now(void **state) {
  (void)state;
  Wangge__V1__ContactRequest request = WANGGE__V1__CONTACT_REQUEST__INIT;
  request.at = bed.now + 1;
  assert_int_equal(bed_call(TRACKING_BY_LEAD, "water", "", &request.base), WG_INVALID_ARGUMENT);
  request.at = bed.now - 1;
  assert_int_equal(bed_call(TRACKING_BY_LEAD, "water", "", &request.base), WG_INVALID_ARGUMENT);
  assert_null(CASE.contact);
}

static void a_rejected_feedback_goes_back_and_the_clock_goes_on(void **state) {
  (void)state;
  const int64_t due = CASE.due_at;
  bed_contact(true);
  bed_resolve();
  assert_int_equal(bed_review(REJECTED), WG_OK);
  assert_state(HANDLING);
  assert_true(CASE.due_at == due && !CASE.resolved_at && !CASE.feedback && CASE.round == 1 && CASE.contact);
  assert_int_equal(bed_resolve(), WG_OK); // contacted it was
}

static void three_persons_make_a_round(void **state) {
  (void)state;
  Wangge__V1__ReviewRequest review = WANGGE__V1__REVIEW_REQUEST__INIT;
  review.decision = APPROVED;
  Wangge__V1__FollowUpRequest ask = WANGGE__V1__FOLLOW_UP_REQUEST__INIT;
  ask.reached = true;
  ask.solved = SOLVED;
  ask.satisfaction = SATISFIED;
  bed_bring(TRACKING_STATE(REVIEW)); // handled by water, person 0012
  const struct {
    const char *by, *person;
    bool other;
  } table[] = {{"dispatcher", "0012", false}, {"water", "", false}, {"water", "0013", true}, {"dispatcher", "", true}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    bed_bring(TRACKING_STATE(REVIEW));
    const wg_status status = bed_call(TRACKING_BY_DISPATCHER, table[i].by, table[i].person, &review.base);
    assert_int_equal(status, table[i].other ? WG_OK : WG_FAILED_PRECONDITION);
    if (!table[i].other) assert_non_null(strstr(bed.error.message, "person \"0012\""));
  }
  bed_bring(TRACKING_STATE(FOLLOW_UP)); // reviewed by dispatcher, person 0018
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "0012", &ask.base), WG_FAILED_PRECONDITION);
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "0018", &ask.base), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(bed.error.message, "reviewed it"));
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "", &ask.base), WG_FAILED_PRECONDITION);
  assert_state(FOLLOW_UP);
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "0021", &ask.base), WG_OK);
  assert_state(CLOSED);
}

static void what_the_resident_says_decides(void **state) {
  (void)state;
  const struct {
    int solved, satisfaction, merit, to;
  } table[] = {
      {SOLVED, SATISFIED, 0, TRACKING_STATE(CLOSED)},
      {EXPLAINED, BASICALLY, 0, TRACKING_STATE(CLOSED)},
      {SOLVED, NOT_RATED, 0, TRACKING_STATE(CLOSED)},
      {SOLVED, SATISFIED, MERITED, 0},
      {SOLVED, DISSATISFIED, 0, 0},
      {PARTLY, SATISFIED, 0, 0},
      {SOLVED, DISSATISFIED, MERITED, TRACKING_STATE(HANDLING)},
      {PARTLY, SATISFIED, MERITED, TRACKING_STATE(HANDLING)},
      {SOLVED, DISSATISFIED, UNMERITED, TRACKING_STATE(CLOSED)},
      {PARTLY, NOT_RATED, UNMERITED, TRACKING_STATE(CLOSED)},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    bed_bring(TRACKING_STATE(FOLLOW_UP));
    const wg_status status =
        bed_follow_up((Wangge__V1__Resolution)table[i].solved, (Wangge__V1__Satisfaction)table[i].satisfaction,
                      (Wangge__V1__Merit)table[i].merit);
    assert_int_equal(status, table[i].to ? WG_OK : WG_INVALID_ARGUMENT);
    assert_int_equal(CASE.state, table[i].to ? table[i].to : (int)TRACKING_STATE(FOLLOW_UP));
    if (!table[i].to) assert_null(CASE.follow_up);
    else assert_true(CASE.follow_up->satisfaction == (Wangge__V1__Satisfaction)table[i].satisfaction);
  }
}

static void rework_is_a_round_with_a_deadline_of_its_own(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(FOLLOW_UP));
  bed.now = wg_civil_to_us((struct wg_civil){2026, 3, 9, 10, 0, 0, 0});
  assert_int_equal(bed_follow_up(PARTLY, DISSATISFIED, MERITED), WG_OK);
  assert_string_equal(bed.step.kind, "rework");
  assert_int_equal(CASE.round, 2);
  assert_true(CASE.due_at == wg_civil_to_us((struct wg_civil){2026, 3, 13, 0, 0, 0, 0})); // 24:00 of the 12th
  assert_true(bed.step.due_at == CASE.due_at);
  assert_string_equal(CASE.due_rule, "shandong: rework: 3 working days after 2026-03-09, 0 days off skipped");
  assert_true(!CASE.feedback && !CASE.contact && !CASE.reviewed_at && !CASE.closed_at);
  assert_int_equal(bed_resolve(), WG_FAILED_PRECONDITION); // he or she is spoken to in every round
  assert_int_equal(bed_contact(true), WG_OK);
  assert_int_equal(bed_resolve(), WG_OK);
  assert_int_equal(bed_review(APPROVED), WG_OK);
  assert_int_equal(bed_follow_up(SOLVED, SATISFIED, 0), WG_OK);
  assert_state(CLOSED);
  assert_int_equal(CASE.follow_up->round, 2);
}

static void nobody_reached_three_times_on_two_days_closes_unrated(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(FOLLOW_UP));
  for (int tries = 0; tries < 5; tries++) { // all on one day
    assert_int_equal(bed_nobody_reached(), WG_OK);
    assert_string_equal(bed.step.kind, "follow_up_tried");
    assert_state(FOLLOW_UP);
  }
  bed.now += WG_DAY_US;
  assert_int_equal(bed_nobody_reached(), WG_OK);
  assert_state(CLOSED);
  assert_true(!CASE.follow_up->reached && CASE.follow_up->satisfaction == NOT_RATED);
  bed_bring(TRACKING_STATE(FOLLOW_UP)); // two days, two tries, and the clock jumps back in between
  assert_int_equal(bed_nobody_reached(), WG_OK);
  bed.now -= 3 * WG_DAY_US;
  assert_int_equal(bed_nobody_reached(), WG_OK);
  assert_int_equal(bed_nobody_reached(), WG_OK);
  assert_state(FOLLOW_UP);
}

static void a_closed_case_is_reopened_within_thirty_days(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(CLOSED));
  const int64_t closed = CASE.closed_at;
  bed.now = wg_civil_to_us((struct wg_civil){2026, 4, 1, 23, 59, 59, 0}); // the 30th day behind 2 March
  assert_int_equal(bed_reopen(), WG_OK);
  assert_state(HANDLING);
  assert_true(CASE.round == 2 && CASE.reopened == 1 && !CASE.closed_at && CASE.due_at > bed.now);
  bed.now = closed;
  bed_bring(TRACKING_STATE(CLOSED));
  bed.now = wg_civil_to_us((struct wg_civil){2026, 4, 2, 0, 0, 0, 0});
  assert_int_equal(bed_reopen(), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(bed.error.message, "2026-04-02"));
  assert_state(CLOSED);
}

static void what_is_beyond_duty_needs_a_reviewers_word(void **state) {
  (void)state;
  for (int decided = 0; decided < 3; decided++) {
    bed_contact(true);
    Wangge__V1__ResolveRequest request = WANGGE__V1__RESOLVE_REQUEST__INIT;
    request.resolution = EXPLAINED;
    request.beyond_duty = WANGGE__V1__BEYOND_DUTY__BEYOND_DUTY_OUT_OF_SCOPE;
    request.beyond_duty_basis = (char *)"不属行政事项";
    assert_int_equal(bed_call(TRACKING_BY_LEAD, "water", "", &request.base), WG_OK);
    Wangge__V1__ReviewRequest review = WANGGE__V1__REVIEW_REQUEST__INIT;
    review.decision = APPROVED;
    review.beyond_duty = (Wangge__V1__Decision)decided;
    const wg_status status = bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "", &review.base);
    assert_int_equal(status, decided ? WG_OK : WG_INVALID_ARGUMENT);
    assert_int_equal(CASE.feedback->beyond_duty_decision, decided);
    bed_bring(TRACKING_STATE(HANDLING));
  }
  bed_bring(TRACKING_STATE(REVIEW));
  Wangge__V1__ReviewRequest review = WANGGE__V1__REVIEW_REQUEST__INIT;
  review.decision = review.beyond_duty = APPROVED; // of what nobody claims
  assert_int_equal(bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "", &review.base), WG_INVALID_ARGUMENT);
}

static void routing_takes_a_closed_case_back_as_reopened(void **state) {
  (void)state;
  static const enum tracking_event EVENTS[] = {TRACKING_RETURN_REQUESTED, TRACKING_RETURNED, TRACKING_ESCALATED,
                                               TRACKING_MOVED};
  for (size_t i = 0; i < sizeof EVENTS / sizeof *EVENTS; i++) {
    bed_bring(TRACKING_STATE(CLOSED));
    assert_int_equal(bed_event(EVENTS[i]), WG_OK);
    assert_true(CASE.reopened == 1 && CASE.round == 2 && !CASE.closed_at && !CASE.feedback);
    bed_bring(TRACKING_STATE(FOLLOW_UP));
    assert_int_equal(bed_event(EVENTS[i]), WG_OK);
    assert_true(CASE.reopened == 0 && CASE.round == 1 && !CASE.feedback && !CASE.reviewed_at);
  }
  bed_bring(TRACKING_STATE(CLOSED));
  assert_int_equal(bed_event(TRACKING_WITHDRAWN), WG_OK);
  assert_state(CLOSED);
  assert_string_equal(bed.step.kind, "withdrawn");
}

static void times_never_go_backwards(void **state) {
  (void)state;
  const int64_t then = bed.now;
  assert_int_equal(bed_contact(true), WG_OK);
  bed.now -= WG_DAY_US; // the clock was set back
  assert_int_equal(bed_resolve(), WG_OK);
  assert_true(bed.step.at == then && CASE.resolved_at == then);
  bed.now += 2 * WG_DAY_US;
  assert_int_equal(bed_review(APPROVED), WG_OK);
  assert_true(bed.step.at == bed.now);
}

static void a_feedback_behind_its_deadline_is_late(void **state) {
  (void)state;
  bed_contact(true);
  bed.now = CASE.due_at;
  assert_int_equal(bed_resolve(), WG_OK);
  assert_false(CASE.late);
  bed_bring(TRACKING_STATE(HANDLING));
  bed_contact(true);
  bed.now = CASE.due_at + 1;
  assert_int_equal(bed_resolve(), WG_OK);
  assert_true(CASE.late);
}

// --- direct answers ---
static void a_direct_answer_is_closed_by_its_rating(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(ANSWERED));
  assert_string_equal(bed.step.kind, "opened");
  assert_string_equal(CASE.answer->knowledge_item, "KB-0231");
  assert_true(!CASE.due_at && !CASE.first_dispatched_at && !*CASE.department);
  assert_int_equal(bed_rate(WANGGE__V1__SATISFACTION__SATISFACTION_DISSATISFIED), WG_OK);
  assert_int_equal(CASE.state, TRACKING_STATE(CLOSED));
  assert_int_equal(CASE.follow_up->satisfaction, WANGGE__V1__SATISFACTION__SATISFACTION_DISSATISFIED);
  assert_int_equal(CASE.follow_up->solved, WANGGE__V1__RESOLUTION__RESOLUTION_EXPLAINED);
  assert_true(CASE.closed_at == bed.now);
  assert_int_equal(bed_rate(WANGGE__V1__SATISFACTION__SATISFACTION_SATISFIED), WG_FAILED_PRECONDITION); // once
}

static void a_direct_answer_that_nobody_rates_is_closed_by_time(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(ANSWERED)); // on Monday 2 March; two working days
  struct tracking_alarm alarm;
  assert_true(tracking_timers_next(&bed.subject, &bed.rules, &alarm));
  assert_int_equal(alarm.clock, TRACKING_CLOCK_ANSWER);
  assert_true(alarm.at == wg_civil_to_us((struct wg_civil){2026, 3, 5, 0, 0, 0, 0}));
  assert_false(tracking_timers_fire(&bed.subject, &bed.rules, alarm.at - 1, &bed.step));
  assert_true(tracking_timers_fire(&bed.subject, &bed.rules, alarm.at, &bed.step));
  assert_string_equal(bed.step.kind, "closed");
  assert_true(CASE.state == TRACKING_STATE(CLOSED) && !CASE.follow_up && CASE.closed_at == alarm.at);
  assert_true(tracking_timers_next(&bed.subject, &bed.rules, &alarm));
  assert_int_equal(alarm.clock, TRACKING_CLOCK_ARCHIVE);
}

static void a_direct_answer_that_did_not_do_is_dispatched_with_the_whole_limit(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(ANSWERED));
  assert_int_equal(bed_rate(WANGGE__V1__SATISFACTION__SATISFACTION_DISSATISFIED), WG_OK);
  assert_int_equal(bed_reopen(), WG_OK);
  assert_true(CASE.state == TRACKING_STATE(TRIAGE) && CASE.reopened == 1 && !CASE.due_at);
  bed.now++;
  assert_int_equal(bed_dispatched("water"), WG_OK);
  assert_true(CASE.state == TRACKING_STATE(DISPATCHED) && CASE.first_dispatched_at == bed.now);
  assert_string_equal(CASE.first_department, "water");
  assert_true(CASE.due_at == wg_civil_to_us((struct wg_civil){2026, 3, 10, 0, 0, 0, 0})); // five working days
  bed_bring(TRACKING_STATE(ANSWERED)); // the desk may do so before anybody rates it
  bed.now++;
  assert_int_equal(bed_dispatched("water"), WG_OK);
  assert_true(CASE.state == TRACKING_STATE(DISPATCHED) && CASE.due_at && !CASE.reopened);
  bed_bring(TRACKING_STATE(ANSWERED)); // or after it was closed
  assert_int_equal(bed_rate(WANGGE__V1__SATISFACTION__SATISFACTION_SATISFIED), WG_OK);
  bed.now++;
  assert_int_equal(bed_dispatched("water"), WG_OK);
  assert_true(CASE.state == TRACKING_STATE(DISPATCHED) && CASE.due_at && CASE.reopened == 1 && !CASE.closed_at);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_set_up, bed_tear_down)
      TEST(a_feedback_needs_a_contact_or_three_tries),
      TEST(a_contact_lies_between_dispatch_and_now),
      TEST(a_rejected_feedback_goes_back_and_the_clock_goes_on),
      TEST(three_persons_make_a_round),
      TEST(what_the_resident_says_decides),
      TEST(rework_is_a_round_with_a_deadline_of_its_own),
      TEST(nobody_reached_three_times_on_two_days_closes_unrated),
      TEST(a_closed_case_is_reopened_within_thirty_days),
      TEST(what_is_beyond_duty_needs_a_reviewers_word),
      TEST(routing_takes_a_closed_case_back_as_reopened),
      TEST(times_never_go_backwards),
      TEST(a_feedback_behind_its_deadline_is_late),
      TEST(a_direct_answer_is_closed_by_its_rating),
      TEST(a_direct_answer_that_nobody_rates_is_closed_by_time),
      TEST(a_direct_answer_that_did_not_do_is_dispatched_with_the_whole_limit),
  };
  return cmocka_run_group_tests_name("tracking_loop", tests, bed_set_up_group, bed_tear_down_group);
}
