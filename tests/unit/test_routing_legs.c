// Returns, adjudication and units beside the lead: the guards of the state machine, and what each step says of legs.
#include "tests/unit/routing_fixture.h"

static const struct wg_principal BOTH = {
    .name = "all-in-one", .roles = WG_ROLE_DEPARTMENT | WG_ROLE_DISPATCHER, .department = "water"};

static int count(const struct routing_leg *list) {
  int n = 0;
  for (; list; list = list->step_next)
    n++;
  return n;
}

// --- returns ---
static void an_accepted_return_goes_to_the_desk(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  MUST(accept(&subject, &WATER));
  MUST(give_back(&subject, &WATER, "不属于供水范围", "housing"));
  assert_string_equal(step.kind, "request_return");
  check(&subject, STATE(RETURN_REVIEW), "water", 1, 3);
  MUST(give_back(&subject, &WATER, "不属于供水范围", "housing")); // the answer was lost
  assert_null(step.kind);
  assert_int_equal(give_back(&subject, &WATER, "另一个理由", "housing"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "ReviewReturn (dispatcher)"));
  MUST(review(&subject, &DISPATCHER, OUTCOME(ACCEPTED), "属住建"));
  check(&subject, STATE(DESK), "", 1, 4);
  assert_string_equal(step.left, "water");
  assert_int_equal(count(step.ended), 1);
  assert_int_equal(step.ended->state, LEG(RETURNED));
  MUST(review(&subject, &DISPATCHER, OUTCOME(ACCEPTED), "属住建"));
  assert_null(step.kind);
  assert_int_equal(accept(&subject, &WATER), WG_FAILED_PRECONDITION); // it led it: it may know
  const Wangge__V1__Assignment *message = routing_assignment_message(&subject, &(struct routing_view){0}, arena);
  assert_string_equal(message->decided_by, "dispatcher");
  assert_string_equal(message->evidence, "属住建");
  assert_string_equal(message->contact, "water"); // keeps the duty until a later lead signs
  MUST(assign(&subject, &DISPATCHER, "housing", "属住建"));
  assert_string_equal(subject.contact, "water");
  MUST(accept(&subject, &HOUSING));
  assert_string_equal(subject.contact, "housing");
  assert_string_equal(subject.first_receiver, "water");
  assert_int_equal(subject.lead_leg, 2);
}

static void a_rejected_return_leaves_it_as_it_was(void **state) {
  (void)state;
  for (int signs = 0; signs < 2; signs++) {
    struct routing_assignment subject = received("城乡建设/供水");
    const int64_t dispatched_at = subject.decided_at;
    if (signs) MUST(accept(&subject, &WATER));
    book.now += WG_SECOND_US;
    MUST(give_back(&subject, &WATER, "r", "housing"));
    MUST(review(&subject, &DISPATCHER, OUTCOME(REJECTED), "属供水"));
    assert_int_equal(subject.state, signs ? STATE(SIGNED) : STATE(DISPATCHED));
    assert_string_equal(subject.department, "water");
    assert_int_equal(subject.decided_at, dispatched_at); // the clock did not stop
    assert_int_equal(subject.returns->outcome, OUTCOME(REJECTED));
  }
}

static void another_person_reviews(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  MUST(give_back_as(&subject, &BOTH, "r", "housing", "0017"));
  assert_int_equal(review(&subject, &BOTH, OUTCOME(ACCEPTED), "r"), WG_PERMISSION_DENIED); // the same principal
  assert_int_equal(review_as(&subject, &DISPATCHER, OUTCOME(ACCEPTED), "r", "0017"), WG_PERMISSION_DENIED);
  assert_string_equal(error.field, "acting_person");
  assert_int_equal(escalate(&subject, &BOTH, "r"), WG_PERMISSION_DENIED);
  check(&subject, STATE(RETURN_REVIEW), "water", 1, 2);
  MUST(review_as(&subject, &DISPATCHER, OUTCOME(ACCEPTED), "r", "0018"));
}

static void a_return_needs_a_known_other_owner(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  assert_int_equal(give_back(&subject, &WATER, "r", "nobody"), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "proposed_department");
  assert_int_equal(give_back(&subject, &WATER, "r", "water"), WG_INVALID_ARGUMENT);
  assert_int_equal(give_back(&subject, &WATER, "r", GRID), WG_INVALID_ARGUMENT); // a department's duty
  check(&subject, STATE(DISPATCHED), "water", 1, 1);
}

static void the_window_ends_with_the_second_working_day(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水"); // Monday 2026-03-02 09:00
  const struct routing_view view = {.window = &book.window};
  const int64_t end = wg_civil_to_us((struct wg_civil){2026, 3, 5, 0, 0, 0, 0});
  assert_int_equal(routing_assignment_message(&subject, &view, arena)->return_until, end);
  book.now = end;
  assert_int_equal(give_back(&subject, &WATER, "r", "housing"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "ended at 2026-03-05 00:00:00 (2 working days after the dispatch at "
                                        "2026-03-02 09:00:00)"));
  book.now = end - 1;
  MUST(give_back(&subject, &WATER, "r", "housing"));
}

static void the_window_skips_days_off_and_may_be_hours(void **state) {
  (void)state;
  Wangge__V1__CalendarDay bodies[5];
  Wangge__V1__Record records[5];
  const Wangge__V1__Record *list[5];
  for (int i = 0; i < 5; i++) { // 5/1 to 5/5 are off
    bodies[i] = (Wangge__V1__CalendarDay)WANGGE__V1__CALENDAR_DAY__INIT;
    bodies[i].kind = text("REST");
    records[i] = (Wangge__V1__Record)WANGGE__V1__RECORD__INIT;
    records[i].district = text("370117");
    records[i].code = wg_arena_printf(arena, "2026-05-%02d", i + 1);
    records[i].body_case = WANGGE__V1__RECORD__BODY_CALENDAR_DAY;
    records[i].calendar_day = &bodies[i];
    list[i] = &records[i];
  }
  struct wg_calendars *calendars = NULL;
  MUST(wg_calendars_build(list, 5, &calendars, &error));
  struct routing_window window = {.calendars = calendars, .working_days = 2};
  const int64_t eve = wg_civil_to_us((struct wg_civil){2026, 4, 30, 16, 0, 0, 0});
  const int64_t here = wg_civil_to_us((struct wg_civil){2026, 5, 8, 0, 0, 0, 0});  // 5/6 and 5/7 are worked
  const int64_t there = wg_civil_to_us((struct wg_civil){2026, 5, 5, 0, 0, 0, 0}); // Friday and Monday
  assert_int_equal(routing_window_end(&window, "370117", eve), here);
  assert_int_equal(routing_window_end(&window, "370117", eve), here);
  assert_int_equal(routing_window_end(&window, "131102", eve), there); // a district without notices
  window.hours = 24;
  assert_int_equal(routing_window_end(&window, "370117", eve), eve + WG_DAY_US);
  wg_calendars_close(calendars);
}

static void a_transfer_opens_a_new_window(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  book.now += 10 * WG_DAY_US;
  assert_int_equal(give_back(&subject, &WATER, "r", "housing"), WG_FAILED_PRECONDITION);
  MUST(transfer(&subject, &DISPATCHER, "traffic", "r"));
  MUST(give_back(&subject, &TRAFFIC, "r", "housing"));
}

// --- adjudication ---
static void the_second_return_is_adjudicated_and_locked(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  MUST(give_back(&subject, &WATER, "r", "housing"));
  MUST(review(&subject, &DISPATCHER, OUTCOME(ACCEPTED), "r"));
  MUST(assign(&subject, &DISPATCHER, "housing", "r"));
  MUST(accept(&subject, &HOUSING));
  MUST(give_back(&subject, &HOUSING, "r", "water"));
  assert_true(step.escalated);
  check(&subject, STATE(ADJUDICATING), "housing", 2, 6);
  assert_int_equal(subject.returns->outcome, OUTCOME(ESCALATED));
  MUST(adjudicate_with(&subject, &CHIEF, "water", "traffic", "370117001"));
  check(&subject, STATE(DISPATCHED), "water", 3, 7);
  assert_string_equal(step.left, "housing");
  assert_string_equal(step.precedent->lead, "water");
  assert_string_equal(step.precedent->place, "370117001");
  assert_int_equal(count(step.opened), 2);
  assert_int_equal(step.opened->role, ROLE(LEAD));
  assert_int_equal(step.opened->step_next->role, ROLE(ASSIST));
  MUST(adjudicate_with(&subject, &CHIEF, "water", "traffic", "370117001"));
  assert_null(step.kind);
  assert_int_equal(remove_unit(&subject, &WATER, "traffic"), WG_FAILED_PRECONDITION); // the assists are bound, too
  book.now++;
  MUST(add_unit(&subject, &DISPATCHER, "street"));
  MUST(remove_unit(&subject, &WATER, "street"));
  assert_int_equal(give_back(&subject, &WATER, "r", "housing"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "locked"));
  assert_int_equal(transfer(&subject, &WATER, "housing", "r"), WG_FAILED_PRECONDITION);
  assert_int_equal(transfer(&subject, &DISPATCHER, "housing", "r"), WG_FAILED_PRECONDITION);
  assert_int_equal(escalate(&subject, &WATER, "r"), WG_FAILED_PRECONDITION);
  MUST(accept(&subject, &WATER));
  MUST(escalate(&subject, &DISPATCHER, "new facts")); // the only way out
  MUST(adjudicate(&subject, &CHIEF, "water"));        // confirmed: dispatched to it anew
  assert_string_equal(step.left, "");
  assert_int_equal(subject.adjudications, 2);
  assert_int_equal(subject.state, STATE(DISPATCHED));
}

static void a_rejected_return_with_objection_is_adjudicated(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  assert_int_equal(escalate(&subject, &WATER, "不服"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "rejection of its own return"));
  MUST(give_back(&subject, &WATER, "r", "housing"));
  assert_int_equal(escalate(&subject, &WATER, "不服"), WG_FAILED_PRECONDITION);
  MUST(review(&subject, &DISPATCHER, OUTCOME(REJECTED), "属供水"));
  MUST(escalate(&subject, &WATER, "不服"));
  check(&subject, STATE(ADJUDICATING), "water", 1, 4);
  MUST(escalate(&subject, &WATER, "不服"));
  assert_null(step.kind);
  MUST(adjudicate(&subject, &DISPATCHER, "water"));
}

static void the_desk_may_escalate_without_a_return(void **state) {
  (void)state;
  struct routing_assignment subject = received("民政");
  MUST(escalate(&subject, &DISPATCHER, "无主责部门"));
  check(&subject, STATE(ADJUDICATING), "", 0, 2);
  assert_int_equal(adjudicate_with(&subject, &CHIEF, "water", "water", ""), WG_INVALID_ARGUMENT);
  assert_int_equal(adjudicate_with(&subject, &CHIEF, "water", NULL, "370117002"), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "place");
  MUST(adjudicate(&subject, &CHIEF, "water"));
  check(&subject, STATE(DISPATCHED), "water", 1, 3);
  assert_int_equal(subject.lead_leg, 1);
  assert_string_equal(subject.first_receiver, "water");
}

static void precedents_are_cited_best_first(void **state) {
  (void)state;
  static const struct routing_precedent table[] = {
      {.district = "370117", .category = "", .place = "", .lead = "a", .order_id = 1, .n = 1},
      {.district = "370117", .category = "民政", .place = "", .lead = "b", .order_id = 2, .n = 1},
      {.district = "370117", .category = "民政", .place = "370117001", .lead = "c", .order_id = 3, .n = 1},
      {.district = "370117", .category = "民政", .place = "", .lead = "d", .order_id = 4, .n = 1},
      {.district = "370117", .category = "民政", .place = "370117002", .lead = "e", .order_id = 5, .n = 1},
      {.district = "131102", .category = "民政/殡葬", .place = "", .lead = "f", .order_id = 6, .n = 1},
      {.district = "370117", .category = "民政局", .place = "", .lead = "g", .order_id = 7, .n = 1}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    struct routing_precedent one = table[i];
    one.basis = one.decided_by = one.person = "";
    routing_precedents_add(precedents, &one);
  }
  const struct routing_precedent *found[8];
  assert_int_equal(routing_precedents_fitting(precedents, "370117", "民政/殡葬", GRID, found, 8), 4);
  for (int i = 0; i < 4; i++) {
    static const char *const leads[] = {"c", "d", "b", "a"}; // place before district, newer before older
    assert_string_equal(found[i]->lead, leads[i]);
  }
  assert_int_equal(routing_precedents_fitting(precedents, "370117", "民政/殡葬", GRID, found, 2), 2);
  assert_string_equal(found[1]->lead, "d");
  assert_int_equal(routing_precedents_fitting(precedents, "370117", "供热", "", found, 8), 1);
  struct routing_assignment subject = received("民政/殡葬");
  assert_non_null(strstr(subject.evidence, "precedent 3.1: such an order was adjudicated to c"));
  MUST(assign(&subject, &DISPATCHER, "water", "属水务"));
  assert_string_equal(subject.reason, "属水务; precedent 3.1: such an order was adjudicated to c, another unit");
  MUST(assign(&subject, &DISPATCHER, "water", "属水务"));
  assert_null(step.kind); // the citation does not hide the repeat
}

// --- units ---
static void a_grid_handles_no_departments_duty(void **state) {
  (void)state;
  struct routing_assignment desk = received("城乡建设/燃气");
  assert_int_equal(assign(&desk, &DISPATCHER, GRID, "r"), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "rule department_duty"));
  MUST(escalate(&desk, &DISPATCHER, "r"));
  assert_int_equal(adjudicate(&desk, &CHIEF, GRID), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "rule department_duty"));
  MUST(adjudicate_with(&desk, &CHIEF, "water", GRID, "")); // to verify or help
  struct routing_assignment subject = received("城乡建设/供水");
  assert_int_equal(transfer(&subject, &DISPATCHER, GRID, "r"), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "rule department_duty"));
  MUST(accept(&subject, &WATER));
  assert_int_equal(hand_down(&subject, &WATER, GRID, 0), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "rule department_duty"));
  MUST(add_unit(&subject, &WATER, GRID));
  assert_string_equal(step.department, GRID);
  MUST(accept(&subject, &GRID_UNIT));
  assert_int_equal(subject.state, STATE(SIGNED));
}

static void a_grid_handles_what_is_no_departments_duty(void **state) {
  (void)state;
  static const char *const categories[] = {"民政", "城乡建设/卫生/楼道", "没有这一类"};
  for (int i = 0; i < 3; i++) {
    struct routing_assignment subject = received(categories[i]);
    assert_int_equal(assign(&subject, &DISPATCHER, "131102001001001", "r"), WG_INVALID_ARGUMENT); // foreign
    MUST(assign(&subject, &DISPATCHER, GRID, "r"));
    MUST(accept(&subject, &GRID_UNIT));
  }
}

// refused: the field that is at fault is named, and what to do.
static void refused(wg_status status, const char *field) {
  assert_int_equal(status, WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, field);
  assert_non_null(strstr(error.message, "no grid 370117001001099 in the net"));
  assert_non_null(strstr(error.message, "wangge registry list grid"));
  assert_null(step.kind);
}

static void a_grid_that_is_not_in_the_net_is_no_unit(void **state) {
  (void)state;
  static const char NOWHERE[] = "370117001001099";
  struct records *records = records_create();
  records_add(records, "grid", "code,district,name,kind,households\n" GRID ",370117,第一网格,basic,400\n");
  struct routing_places *places = routing_places_make(RECORDS(records));
  records_destroy(records);
  book.places = places;
  struct routing_assignment subject = received("民政");
  refused(assign(&subject, &DISPATCHER, NOWHERE, "r"), "department");
  refused(assign_with(&subject, &DISPATCHER, "street", "r", NOWHERE), "assists");
  MUST(assign(&subject, &DISPATCHER, "street", "r"));
  refused(transfer(&subject, &DISPATCHER, NOWHERE, "r"), "to_department");
  refused(add_unit(&subject, &DISPATCHER, NOWHERE), "department");
  refused(give_back(&subject, &STREET, "r", NOWHERE), "proposed_department");
  MUST(accept(&subject, &STREET));
  refused(hand_down(&subject, &STREET, NOWHERE, 0), "to_department");
  MUST(hand_down(&subject, &STREET, GRID, 0));
  struct routing_assignment disputed = received("民政");
  MUST(escalate(&disputed, &DISPATCHER, "r"));
  refused(adjudicate(&disputed, &CHIEF, NOWHERE), "lead");
  refused(adjudicate_with(&disputed, &CHIEF, "street", NOWHERE, ""), "assists");
  MUST(adjudicate(&disputed, &CHIEF, GRID));
  book.places = NULL; // no net: the code is believed
  struct routing_assignment other = received("民政");
  MUST(assign(&other, &DISPATCHER, NOWHERE, "r"));
  routing_places_close(places);
}

static void duties_are_the_districts_own(void **state) {
  (void)state;
  assert_true(routing_department_duty(duties, "370117", "城乡建设/供热/停暖"));
  assert_false(routing_department_duty(duties, "370117", "城乡建设/卫生/楼道"));
  assert_false(routing_department_duty(duties, "370117", "城乡建设局"));
  assert_false(routing_department_duty(duties, "131102", "城乡建设/供热"));
  assert_false(routing_department_duty(NULL, "370117", "城乡建设"));
}

// A rule that gives a department's duty to a grid is passed over, for the next one; its grid may assist.
static void a_rule_cannot_give_a_departments_duty_to_a_grid(void **state) {
  (void)state;
  const struct routing_assignment subject = received("房管/维修");
  check(&subject, STATE(DISPATCHED), "housing", 1, 1);
  assert_string_equal(subject.rule_id, "E");
  assert_non_null(strstr(subject.evidence, "规则 D"));
  assert_non_null(strstr(subject.evidence, "国办函〔2025〕66号"));
  assert_string_equal(subject.legs->department, GRID);
  assert_int_equal(subject.legs->role, ROLE(ASSIST));
}

// A catalogue that says otherwise does not matter: what decides about the duty is asked again before the dispatch.
static void the_hard_rule_holds_whatever_the_catalogue_knows(void **state) {
  (void)state;
  struct records *records = records_create();
  records_add(records, "dispatch_rule", "code,district,rank,category_prefix,lead\nG,370117,1,城乡建设/供水,grid\n");
  struct routing_rules *made = routing_rules_build(RECORDS(records), NULL);
  records_destroy(records);
  book.rules = made;
  const struct routing_assignment subject = received("城乡建设/供水");
  check(&subject, STATE(DESK), "", 0, 1);
  assert_non_null(strstr(subject.evidence, "rule department_duty"));
  routing_rules_close(made);
}

static void a_rule_dispatches_to_the_grid_and_those_who_assist(void **state) {
  (void)state;
  const struct routing_assignment subject = received("文旅/场馆");
  check(&subject, STATE(DISPATCHED), GRID, 1, 1);
  assert_string_equal(subject.rule_id, "G");
  const struct routing_leg *first = subject.legs;
  assert_string_equal(first->department, "housing");
  assert_int_equal(first->role, ROLE(ASSIST));
  assert_string_equal(first->decided_by, "rule");
  assert_string_equal(first->next->department, "traffic"); // one that does not exist is left out
  assert_null(first->next->next);
  int opened = 0;
  for (const struct routing_leg *leg = step.opened; leg; leg = leg->step_next)
    opened += leg->role == ROLE(ASSIST);
  assert_int_equal(opened, 2);
}

static void handed_down_the_lead_stays_accountable(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  assert_int_equal(hand_down(&subject, &WATER, "street", 0), WG_FAILED_PRECONDITION); // not signed
  MUST(accept(&subject, &WATER));
  assert_int_equal(hand_down(&subject, &WATER, "street", book.now), WG_INVALID_ARGUMENT);
  MUST(hand_down(&subject, &WATER, "street", book.now + WG_DAY_US));
  MUST(hand_down(&subject, &WATER, "street", book.now + WG_DAY_US));
  assert_null(step.kind);
  check(&subject, STATE(SIGNED), "water", 1, 3);
  assert_int_equal(hand_down(&subject, &STREET, "community", 0), WG_FAILED_PRECONDITION);
  MUST(accept(&subject, &STREET));
  assert_int_equal(hand_down(&subject, &STREET, "traffic", 0), WG_INVALID_ARGUMENT); // upwards
  assert_non_null(strstr(error.message, "higher level"));
  assert_int_equal(hand_down(&subject, &STREET, "community", book.now + 2 * WG_DAY_US), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "due_at");
  MUST(hand_down(&subject, &STREET, "community", 0));
  const struct routing_leg *leg = routing_leg_of(&subject, "community");
  assert_int_equal(leg->parent, routing_leg_of(&subject, "street")->n);
  assert_int_equal(leg->due_at, book.now + WG_DAY_US);                                // that of the leg above
  assert_int_equal(hand_down(&subject, &WATER, "community", 0), WG_INVALID_ARGUMENT); // works on it already
  assert_int_equal(give_back(&subject, &STREET, "r", "housing"), WG_FAILED_PRECONDITION);
  assert_int_equal(remove_unit(&subject, &COMMUNITY, "street"), WG_PERMISSION_DENIED);
  MUST(remove_unit(&subject, &WATER, "street"));
  assert_int_equal(count(step.ended), 2); // with what it had handed down
  assert_null(routing_leg_of(&subject, "community"));
  assert_int_equal(accept(&subject, &COMMUNITY), WG_FAILED_PRECONDITION);
}

static void a_transfer_ends_children_and_keeps_assists(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  MUST(accept(&subject, &WATER));
  MUST(hand_down(&subject, &WATER, "street", 0));
  MUST(add_unit(&subject, &WATER, "housing"));
  MUST(add_unit(&subject, &DISPATCHER, "traffic"));
  assert_int_equal(add_unit(&subject, &WATER, "traffic"), WG_INVALID_ARGUMENT);
  assert_int_equal(add_unit(&subject, &HOUSING, "community"), WG_FAILED_PRECONDITION); // assists do not add
  MUST(transfer(&subject, &WATER, "housing", "r"));
  assert_int_equal(count(step.ended), 3); // the lead, its child, and housing's assisting leg
  assert_int_equal(step.ended->role, ROLE(LEAD));
  assert_int_equal(count(step.opened), 1);
  assert_null(routing_leg_of(&subject, "street"));
  assert_non_null(routing_leg_of(&subject, "traffic"));
  check(&subject, STATE(DISPATCHED), "housing", 2, 6);
  assert_string_equal(subject.contact, "water");
  assert_int_equal(subject.lead_leg, 5);
}

static void assists_are_named_once_and_do_not_lead(void **state) {
  (void)state;
  struct routing_assignment subject = received("民政");
  assert_int_equal(assign_with(&subject, &DISPATCHER, "water", "r", "water"), WG_INVALID_ARGUMENT);
  assert_int_equal(assign_with(&subject, &DISPATCHER, "water", "r", "nobody"), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "assists");
  MUST(assign_with(&subject, &DISPATCHER, "water", "r", "housing"));
  MUST(accept(&subject, &HOUSING));
  check(&subject, STATE(DISPATCHED), "water", 1, 3); // an assist's signature is not the lead's
  MUST(accept(&subject, &HOUSING));
  assert_null(step.kind);
  MUST(withdraw(&subject));
  assert_int_equal(count(step.ended), 1);
  assert_int_equal(subject.legs->state, LEG(WITHDRAWN));
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, routing_set_up, routing_tear_down)
      TEST(an_accepted_return_goes_to_the_desk),
      TEST(a_rejected_return_leaves_it_as_it_was),
      TEST(another_person_reviews),
      TEST(a_return_needs_a_known_other_owner),
      TEST(the_window_ends_with_the_second_working_day),
      TEST(the_window_skips_days_off_and_may_be_hours),
      TEST(a_transfer_opens_a_new_window),
      TEST(the_second_return_is_adjudicated_and_locked),
      TEST(a_rejected_return_with_objection_is_adjudicated),
      TEST(the_desk_may_escalate_without_a_return),
      TEST(precedents_are_cited_best_first),
      TEST(a_grid_handles_no_departments_duty),
      TEST(a_grid_handles_what_is_no_departments_duty),
      TEST(duties_are_the_districts_own),
      TEST(a_rule_cannot_give_a_departments_duty_to_a_grid),
      TEST(the_hard_rule_holds_whatever_the_catalogue_knows),
      TEST(a_grid_that_is_not_in_the_net_is_no_unit),
      TEST(a_rule_dispatches_to_the_grid_and_those_who_assist),
      TEST(handed_down_the_lead_stays_accountable),
      TEST(a_transfer_ends_children_and_keeps_assists),
      TEST(assists_are_named_once_and_do_not_lead),
  };
  return cmocka_run_group_tests_name("routing_legs", tests, routing_set_up_group, routing_tear_down_group);
}
