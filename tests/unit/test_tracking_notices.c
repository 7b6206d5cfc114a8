// What notices promise: each step is told to whom it concerns and to nobody else, under the right topic, and none of
// them ever holds more than what was written for the public, with numbers starred.
#include "tests/unit/tracking_calls.h"

#include "common/wire/wire.h"
#include "services/tracking/notices.h"
#include "services/tracking/timers.h"

#define CASE bed.subject.row
#define KIND(name) WANGGE__V1__CASE_NOTICE_KIND__CASE_NOTICE_KIND_##name
#define TO(name) WANGGE__V1__CASE_NOTICE_AUDIENCE__CASE_NOTICE_AUDIENCE_##name
#define GRID "370117001001001"
#define SECRET "李秀英"

static struct tracking_notice told[TRACKING_NOTICES_MOST];

// tell gives how many notices the newest step makes, of a case whose other texts must not get out.
static size_t tell(bool fresh) {
  CASE.grid_code = (char *)GRID;
  CASE.title = CASE.result = (char *)SECRET;
  CASE.due_rule = (char *)SECRET;
  bed.step.note = SECRET;
  bed.step.person = SECRET;
  bed.step.by = SECRET;
  const size_t count = tracking_notices_of(&bed.subject, &bed.step, fresh, bed.arena, told);
  assert_true(count <= TRACKING_NOTICES_MOST);
  for (size_t i = 0; i < count; i++) {
    const struct wg_bytes packed = wg_pack(&told[i].message.base, bed.arena);
    assert_null(memmem(packed.data, packed.size, SECRET, strlen(SECRET)));
    assert_true(told[i].message.order_id == 7 && told[i].message.step == bed.subject.steps && told[i].message.at);
  }
  return count;
}

static void expect(size_t at, Wangge__V1__CaseNoticeAudience to, Wangge__V1__CaseNoticeKind kind, const char *topic) {
  assert_int_equal(told[at].message.audience, to);
  assert_int_equal(told[at].message.kind, kind);
  assert_string_equal(told[at].topic, topic);
}

static void the_resident_hears_of_every_turn(void **state) {
  (void)state;
  tracking_case_init(&bed.subject, 7);
  bed_dispatched("");
  assert_int_equal(tell(true), 2);
  expect(0, TO(RESIDENT), KIND(RECEIVED), "residents-370117");
  expect(1, TO(WORKER), KIND(RECEIVED), "workers-370117");
  assert_string_equal(told[1].message.grid_code, GRID);
  bed.now++;
  bed_dispatched("water");
  assert_int_equal(tell(false), 1);
  expect(0, TO(RESIDENT), KIND(DISPATCHED), "residents-370117");
  assert_string_equal(told[0].message.department, "water");
  assert_true(told[0].message.due_at == CASE.due_at);
  tracking_case_init(&bed.subject, 7);
  bed_dispatched("water"); // dispatched at once: its worker hears of it, too
  assert_int_equal(tell(true), 2);
  expect(0, TO(WORKER), KIND(RECEIVED), "workers-370117");
  expect(1, TO(RESIDENT), KIND(DISPATCHED), "residents-370117");
  bed_bring(TRACKING_STATE(REVIEW));
  assert_int_equal(tell(false), 1);
  expect(0, TO(RESIDENT), KIND(RESOLVED), "residents-370117");
  assert_string_equal(told[0].message.text, ""); // nobody has looked at it yet
  bed_bring(TRACKING_STATE(CLOSED));
  assert_int_equal(tell(false), 2);
  expect(0, TO(RESIDENT), KIND(CLOSED), "residents-370117");
  expect(1, TO(WORKER), KIND(CLOSED), "workers-370117");
  bed_reopen();
  assert_int_equal(tell(false), 2);
  expect(0, TO(RESIDENT), KIND(REOPENED), "residents-370117");
  expect(1, TO(UNIT), KIND(REOPENED), "water");
}

static void the_public_reply_goes_out_with_its_review_and_with_numbers_starred(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(REVIEW));
  CASE.feedback->public_reply = (char *)"请联系王师傅13812345678";
  assert_int_equal(bed_review(WANGGE__V1__DECISION__DECISION_APPROVED), WG_OK);
  assert_int_equal(tell(false), 2);
  expect(0, TO(RESIDENT), KIND(PUBLIC_REPLY), "residents-370117");
  expect(1, TO(RESIDENT), KIND(FOLLOW_UP_ASKED), "residents-370117");
  assert_string_equal(told[0].message.text, "请联系王师傅138****5678");
  assert_string_equal(told[1].message.text, "");
}

static void a_hold_is_explained_and_decided_by_the_desk(void **state) {
  (void)state;
  assert_int_equal(bed_suspend(""), WG_OK);
  assert_int_equal(tell(false), 1);
  expect(0, TO(DESK), KIND(HOLD_ASKED), "desk-370117");
  assert_int_equal(bed_decide("DecideSuspension", "0018", WANGGE__V1__DECISION__DECISION_APPROVED), WG_OK);
  assert_int_equal(tell(false), 2);
  expect(0, TO(UNIT), KIND(HELD), "water");
  expect(1, TO(RESIDENT), KIND(HELD), "residents-370117");
  assert_string_equal(told[1].message.text, "待资金落实后实施");
}

// fired lets time do what comes next.
static void fired(void) {
  struct tracking_alarm alarm;
  assert_true(tracking_timers_next(&bed.subject, &bed.rules, &alarm));
  bed.now = alarm.at;
  bed.step = (struct tracking_step){0};
  assert_true(tracking_timers_fire(&bed.subject, &bed.rules, bed.now, &bed.step));
}

static void the_unit_hears_what_time_does_and_the_desk_while_there_is_none(void **state) {
  (void)state;
  static const Wangge__V1__CaseNoticeKind KINDS[] = {KIND(CONTACT_OVERDUE), KIND(DEADLINE_NEAR), KIND(DEADLINE_PASSED),
                                                     KIND(URGED), KIND(CRITICISED)};
  for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
    fired();
    assert_int_equal(tell(false), 1);
    expect(0, TO(UNIT), KINDS[i], "water");
  }
  bed_bring(TRACKING_STATE(DISPATCHED));
  assert_int_equal(bed_event(TRACKING_RETURNED), WG_OK);
  assert_int_equal(tell(false), 0);
  do
    fired();
  while (strcmp(bed.step.kind, "red_card") != 0);
  assert_int_equal(tell(false), 1);
  expect(0, TO(DESK), KIND(DEADLINE_PASSED), "desk-370117");
}

static void a_grid_that_is_not_known_has_no_workers(void **state) {
  (void)state;
  bed_bring(TRACKING_STATE(CLOSED));
  CASE.grid_code = (char *)"";
  assert_int_equal(tracking_notices_of(&bed.subject, &bed.step, false, bed.arena, told), 1);
}

static void workers_are_asked_to_look_at_a_problem(void **state) {
  (void)state;
  Wangge__V1__ListEntry entry = WANGGE__V1__LIST_ENTRY__INIT;
  entry.district = (char *)"370117";
  entry.code = (char *)"2026-01";
  entry.area = (char *)GRID;
  entry.title = (char *)SECRET;
  entry.version = 4;
  tracking_notice_verify(&entry, bed.now, told);
  expect(0, TO(WORKER), KIND(VERIFICATION_ASKED), "workers-370117");
  assert_true(told[0].message.step == 4 && told[0].message.order_id == 0);
  assert_string_equal(told[0].message.entry, "2026-01");
  const struct wg_bytes packed = wg_pack(&told[0].message.base, bed.arena);
  assert_null(memmem(packed.data, packed.size, SECRET, strlen(SECRET)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_set_up, bed_tear_down)
      TEST(the_resident_hears_of_every_turn),
      TEST(the_public_reply_goes_out_with_its_review_and_with_numbers_starred),
      TEST(a_hold_is_explained_and_decided_by_the_desk),
      TEST(the_unit_hears_what_time_does_and_the_desk_while_there_is_none),
      TEST(a_grid_that_is_not_known_has_no_workers),
      TEST(workers_are_asked_to_look_at_a_problem),
  };
  return cmocka_run_group_tests_name("tracking_notices", tests, bed_set_up_group, bed_tear_down_group);
}
