// What tracking promises of its tables and its stream: cases follow routing, timelines are complete, the same event or
// call again has no second effect (also after a restart), new orders cost no query, lists come by deadline and miss and
// repeat nothing, and nobody learns of what is not theirs.
#include "tests/unit/records.h"
#include "tests/unit/service_fixture.h"

#include "common/base/clock.h"
#include "services/tracking/tracking.h"

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name
#define NOW INT64_C(1772413200000000) // 2026-03-02 09:00 in Shanghai, a Monday

static const struct wg_stream_spec STREAMS[] = {{.name = "tracking.cases", .topics = true, .retention_days = 7},
                                                {.name = "tracking.notices", .topics = true, .retention_days = 7}};
static const struct wg_principal WATER = {.name = "water", .roles = WG_ROLE_DEPARTMENT, .department = "water"};
static const struct wg_principal WATER_TOO = {
    .name = "water-night", .roles = WG_ROLE_DEPARTMENT, .department = "water"};
static const struct wg_principal HOUSING = {.name = "housing", .roles = WG_ROLE_DEPARTMENT, .department = "housing"};
static const struct wg_principal OPERATOR = {.name = "operator", .roles = WG_ROLE_OPERATOR};
static const struct wg_principal HOTLINE = {.name = "hotline-12345", .roles = WG_ROLE_SOURCE};
static const struct wg_principal PATROL = {.name = "patrol", .roles = WG_ROLE_SOURCE};

static struct tracking *service;
static struct wg_metrics *metrics;
static struct fixture fixture = {.name = "tracking",
                                 .schema = WANGGE_SHARE "/services/tracking/lists/schema",
                                 .stream = STREAMS,
                                 .streams = sizeof STREAMS / sizeof *STREAMS,
                                 .load_state = tracking_load_state,
                                 .load = tracking_load,
                                 .decide = tracking_decide,
                                 .store = tracking_store,
                                 .committed = tracking_committed,
                                 .rolled_back = tracking_rolled_back};

static const char *const KINDS[] = {"calendar_day", "calendar_year", "department", NULL};

// give_calendars gives the service those of the demo, and more days and years when they are not NULL.
static void give_calendars(const char *days, const char *years) {
  struct wg_error error = {0};
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  if (days) records_add(records, "calendar_day", days);
  if (years) records_add(records, "calendar_year", years);
  const struct wg_reference_set set = {.records = (const Wangge__V1__Record *const *)records->record,
                                       .count = records->count,
                                       .kinds = KINDS,
                                       .changed = ~UINT64_C(0)};
  fixture_must(tracking_records(service, &set, &error), &error);
  records_destroy(records);
}

static int set_up_group(void **state) {
  (void)state;
  fixture_migrate(&fixture);
  const struct tracking_settings settings = {(char *)WANGGE_SHARE "/ops/demo/reference/clocks.ini"};
  struct wg_error error = {0};
  metrics = wg_metrics_create("tracking");
  void *made = NULL;
  fixture_must(tracking_start(&settings, metrics, &made, &error), &error);
  fixture.service = service = made;
  give_calendars(NULL, NULL);
  return 0;
}

static int tear_down_group(void **state) {
  (void)state;
  tracking_stop(service);
  wg_metrics_destroy(metrics);
  return 0;
}

static int set_up(void **state) {
  (void)state;
  postgres_execute("TRUNCATE tracking.cases, tracking.case_step, tracking.case_zone, tracking.figure, "
                   "tracking.figure_delta");
  fixture_open(&fixture);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  assert_int_equal(fixture_count(&fixture, FIXTURE_WRONG_ZONES), 0);
  fixture_close(&fixture);
  return 0;
}

static struct wg_item dispatched(int64_t order_id, const char *district, const char *department, int urgency,
                                 int64_t at) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = order_id;
  order.district = (char *)(uintptr_t)district;
  order.source = (char *)"hotline-12345";
  order.category = (char *)"城乡建设/供水";
  order.title = (char *)"小区停水";
  order.urgency = (Wangge__V1__Urgency)urgency;
  order.received_at = at - 1000;
  Wangge__V1__Assignment assignment = WANGGE__V1__ASSIGNMENT__INIT;
  assignment.department = (char *)(uintptr_t)department;
  assignment.decided_by = (char *)"rule";
  assignment.evidence = (char *)"category begins with 城乡建设";
  assignment.decided_at = at;
  assignment.hops = 1;
  Wangge__V1__OrderDispatched event = WANGGE__V1__ORDER_DISPATCHED__INIT;
  event.order = &order;
  event.assignment = &assignment;
  return fixture_event(&fixture, &event.base, (uint64_t)order_id, at);
}

// call_of finds the method by the type of its request; no two of those used here share one.
static struct wg_item call_of(const struct wg_principal *caller, const ProtobufCMessage *request) {
  struct wg_item item = fixture_call(caller, request);
  item.method = TRACKING_METHODS;
  while (item.method->request != request->descriptor)
    item.method++;
  return item;
}

static struct wg_item signed_by(int64_t order_id, const char *department, int64_t at) {
  Wangge__V1__OrderSigned event = WANGGE__V1__ORDER_SIGNED__INIT;
  event.order_id = order_id;
  event.department = (char *)(uintptr_t)department;
  event.by = (char *)(uintptr_t)department;
  return fixture_event(&fixture, &event.base, 500, at);
}

static struct wg_item returned_by(int64_t order_id, const char *department, int64_t at) {
  Wangge__V1__OrderReturned event = WANGGE__V1__ORDER_RETURNED__INIT;
  event.order_id = order_id;
  event.department = (char *)(uintptr_t)department;
  event.by = (char *)(uintptr_t)department;
  event.reason = (char *)"不属于供水范围";
  return fixture_event(&fixture, &event.base, 501, at);
}

static struct wg_item progress(const struct wg_principal *caller, int64_t order_id, const char *id, const char *note) {
  Wangge__V1__ProgressRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__progress_request__init(request);
  request->order_id = order_id;
  request->request_id = (char *)(uintptr_t)id;
  request->note = (char *)(uintptr_t)note;
  return call_of(caller, &request->base);
}

static struct wg_item contact(const struct wg_principal *caller, int64_t order_id) {
  Wangge__V1__ContactRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__contact_request__init(request);
  request->order_id = order_id;
  request->request_id = (char *)"c1";
  request->reached = true;
  request->channel = WANGGE__V1__CONTACT_CHANNEL__CONTACT_CHANNEL_PHONE;
  request->acting_person = (char *)"0012";
  return call_of(caller, &request->base);
}

static struct wg_item resolve(const struct wg_principal *caller, int64_t order_id, const char *result) {
  Wangge__V1__ResolveRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__resolve_request__init(request);
  request->order_id = order_id;
  request->request_id = (char *)"r1";
  request->result = request->public_reply = (char *)(uintptr_t)result;
  request->substantiated = WANGGE__V1__SUBSTANTIATED__SUBSTANTIATED_YES;
  request->resolution = WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED;
  return call_of(caller, &request->base);
}

static struct wg_item run(struct wg_item item, int64_t now) {
  fixture_run(&fixture, &item, 1, now);
  return item;
}

static const Wangge__V1__Case *run_ok(struct wg_item item, int64_t now) {
  item = run(item, now);
  if (item.error.code) fail_msg("%s", item.error.message);
  return item.reply ? ((const Wangge__V1__CaseResponse *)item.reply)->case_ : NULL;
}

static wg_status get(const struct wg_principal *caller, int64_t order_id,
                     const Wangge__V1__GetCaseResponse **response) {
  Wangge__V1__GetCaseRequest request = WANGGE__V1__GET_CASE_REQUEST__INIT;
  request.order_id = order_id;
  struct wg_read_call call = {caller, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  const wg_status status = tracking_get(&call, &reply, &error);
  *response = (const Wangge__V1__GetCaseResponse *)reply;
  return status;
}

static const Wangge__V1__ListCasesResponse *list(const struct wg_principal *caller, const char *department, int state,
                                                 int64_t due_before, int limit, const char *token) {
  Wangge__V1__ListCasesRequest request = WANGGE__V1__LIST_CASES_REQUEST__INIT;
  request.department = (char *)(uintptr_t)department;
  request.state = (Wangge__V1__CaseState)state;
  request.due_before = due_before;
  request.limit = limit;
  request.page_token = (char *)(uintptr_t)token;
  struct wg_read_call call = {caller, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  fixture_must(tracking_list(&call, &reply, &error), &error);
  return (const Wangge__V1__ListCasesResponse *)reply;
}

static void check_steps(int64_t order_id, const char *const *kinds, size_t count) {
  const Wangge__V1__GetCaseResponse *found = NULL;
  assert_int_equal(get(&OPERATOR, order_id, &found), WG_OK);
  assert_int_equal(found->n_steps, count);
  for (size_t i = 0; i < count; i++) {
    assert_string_equal(found->steps[i]->kind, kinds[i]);
    assert_int_equal(found->steps[i]->n, i + 1);
    if (i) assert_true(found->steps[i]->at >= found->steps[i - 1]->at);
  }
}

static void new_cases_cost_no_query_and_no_step_row(void **state) {
  (void)state;
  struct wg_item items[] = {dispatched(1, "370117", "water", 1, NOW), dispatched(2, "131102", "", 1, NOW)};
  fixture_run(&fixture, items, 2, NOW + 5);
  assert_int_equal(fixture.load_statements, 0);
  assert_int_equal(fixture.event_count, 2);
  const Wangge__V1__CaseChanged *changed = fixture_payload(&fixture, 0, &wangge__v1__case_changed__descriptor, "water");
  assert_int_equal(changed->case_->state, STATE(DISPATCHED));
  assert_string_equal(changed->step->kind, "dispatched");
  fixture_payload(&fixture, 1, &wangge__v1__case_changed__descriptor, "");
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM tracking.case_step"), 0);
  check_steps(1, (const char *const[]){"opened", "dispatched"}, 2);
  check_steps(2, (const char *const[]){"opened"}, 1);
}

static void the_whole_way_is_in_the_timeline(void **state) {
  (void)state;
  struct wg_item items[] = {dispatched(1, "370117", "water", 1, NOW), signed_by(1, "water", NOW + 1)};
  fixture_run(&fixture, items, 2, NOW + 2);
  run_ok(progress(&WATER, 1, "p1", "已派抢修人员"), NOW + 3);
  run_ok(contact(&WATER, 1), NOW + 4);
  const Wangge__V1__Case *resolved = run_ok(resolve(&WATER, 1, "管道已修复"), NOW + 4);
  assert_int_equal(resolved->state, STATE(REVIEW));
  assert_true(resolved->resolved_at == NOW + 4);
  const Wangge__V1__CaseChanged *changed = fixture_payload(&fixture, 0, &wangge__v1__case_changed__descriptor, "water");
  assert_string_equal(changed->case_->result, "管道已修复");
  assert_int_equal(changed->step->n, 6);
  check_steps(1, (const char *const[]){"opened", "dispatched", "signed", "progress", "contacted", "resolved"}, 6);
  const Wangge__V1__GetCaseResponse *found = NULL;
  assert_int_equal(get(&WATER, 1, &found), WG_OK); // everything comes back from the database
  assert_string_equal(found->case_->feedback->public_reply, "管道已修复");
  assert_true(found->case_->contact->contacted_at == NOW + 4 && found->case_->signed_at == NOW + 1);
  assert_string_equal(found->case_->first_department, "water");
  assert_true(found->case_->first_dispatched_at == NOW && found->case_->round == 1);
  assert_int_equal(found->steps[5]->detail_case, WANGGE__V1__CASE_STEP__DETAIL_FEEDBACK);
  assert_string_equal(found->steps[5]->feedback->public_reply, "管道已修复");
  assert_int_equal(found->steps[4]->state, STATE(HANDLING));
  assert_string_equal(found->steps[4]->acting_person, "");
  assert_int_equal(get(&OPERATOR, 1, &found), WG_OK);
  assert_string_equal(found->steps[4]->acting_person, "0012");
}

static void the_same_again_has_no_second_effect(void **state) {
  (void)state;
  struct wg_item twice[] = {dispatched(1, "370117", "water", 1, NOW), dispatched(1, "370117", "water", 1, NOW)};
  fixture_run(&fixture, twice, 2, NOW);
  assert_int_equal(fixture.event_count, 1);
  run_ok(signed_by(1, "water", NOW + 1), NOW + 1);
  struct wg_item notes[] = {progress(&WATER, 1, "p1", "甲"), progress(&WATER, 1, "p1", "甲")};
  fixture_run(&fixture, notes, 2, NOW + 2);
  assert_int_equal(fixture.event_count, 1);
  assert_true(notes[1].reply && !notes[1].error.code);
  fixture_close(&fixture); // and not after a restart either
  fixture_open(&fixture);
  run_ok(progress(&WATER, 1, "p1", "甲"), NOW + 3);
  assert_int_equal(fixture.event_count, 0);
  assert_int_equal(run(progress(&WATER, 1, "p1", "乙"), NOW + 4).error.code, WG_ALREADY_EXISTS);
  run_ok(progress(&WATER_TOO, 1, "p1", "乙"), NOW + 4); // another caller's keys are its own
  assert_int_equal(fixture.event_count, 1);
  run_ok(contact(&WATER, 1), NOW + 5);
  run_ok(resolve(&WATER, 1, "好了"), NOW + 5);
  run_ok(resolve(&WATER, 1, "好了"), NOW + 6);
  assert_int_equal(fixture.event_count, 0);
  assert_int_equal(run(resolve(&WATER, 1, "没好"), NOW + 7).error.code, WG_ALREADY_EXISTS);
  struct wg_item other = progress(&WATER, 1, "r1", "甲"); // another call with the same key
  assert_int_equal(run(other, NOW + 7).error.code, WG_ALREADY_EXISTS);
  run_ok(progress(&WATER, 1, "p1", "甲"), NOW + 8); // a repeat is answered even when the case has gone on
  assert_int_equal(fixture.event_count, 0);
}

static void what_cannot_be_is_set_aside_with_a_reason(void **state) {
  (void)state;
  const struct wg_item unknown = run(signed_by(9, "water", NOW), NOW);
  assert_int_equal(unknown.error.code, WG_FAILED_PRECONDITION);
  assert_true(*unknown.error.message);
  run_ok(dispatched(1, "370117", "water", 1, NOW), NOW);
  const struct wg_item foreign = run(signed_by(1, "housing", NOW), NOW);
  assert_int_equal(foreign.error.code, WG_FAILED_PRECONDITION);
  assert_int_equal(fixture.event_count, 0);
  run_ok(dispatched(10, "370117", "water", 1, NOW), NOW);
  run_ok(dispatched(9, "370117", "water", 1, NOW), NOW); // given again later, behind a newer one
  run_ok(signed_by(9, "water", NOW), NOW);
  check_steps(9, (const char *const[]){"opened", "dispatched", "signed"}, 3);
}

static void a_returned_case_leaves_its_department(void **state) {
  (void)state;
  run_ok(dispatched(1, "370117", "water", 1, NOW), NOW);
  run_ok(returned_by(1, "water", NOW + 1), NOW + 1);
  fixture_payload(&fixture, 0, &wangge__v1__case_changed__descriptor, "water");
  assert_int_equal(run(progress(&WATER, 1, "p1", "甲"), NOW + 2).error.code, WG_NOT_FOUND);
  const Wangge__V1__GetCaseResponse *found = NULL;
  assert_int_equal(get(&WATER, 1, &found), WG_NOT_FOUND);
  assert_int_equal(get(&OPERATOR, 1, &found), WG_OK);
  assert_true(found->case_->due_at > NOW);
  run_ok(dispatched(1, "370117", "housing", 1, NOW + 3), NOW + 3);
  assert_int_equal(get(&HOUSING, 1, &found), WG_OK);
  assert_int_equal(found->case_->state, STATE(DISPATCHED));
}

static void only_those_concerned_see_a_case(void **state) {
  (void)state;
  run_ok(dispatched(1, "370117", "water", 1, NOW), NOW);
  const Wangge__V1__GetCaseResponse *found = NULL;
  assert_int_equal(get(&WATER, 1, &found), WG_OK);
  assert_int_equal(get(&HOTLINE, 1, &found), WG_OK);
  assert_int_equal(get(&HOUSING, 1, &found), WG_NOT_FOUND);
  assert_int_equal(get(&PATROL, 1, &found), WG_NOT_FOUND);
  assert_int_equal(get(&OPERATOR, 2, &found), WG_NOT_FOUND);
  struct wg_principal elsewhere = WATER;
  elsewhere.districts = 1;
  snprintf(elsewhere.district[0], sizeof elsewhere.district[0], "131102");
  assert_int_equal(get(&elsewhere, 1, &found), WG_NOT_FOUND);
  assert_int_equal(run(progress(&elsewhere, 1, "p", "n"), NOW).error.code, WG_NOT_FOUND);
  assert_int_equal(list(&elsewhere, "", 0, 0, 0, "")->n_cases, 0);
  assert_int_equal(list(&HOUSING, "water", 0, 0, 0, "")->n_cases, 0);
  struct wg_principal nameless = WATER; // does not hold what lies on the desk
  nameless.department[0] = '\0';
  run_ok(dispatched(2, "370117", "", 1, NOW), NOW);
  assert_int_equal(run(progress(&nameless, 2, "p", "n"), NOW).error.code, WG_NOT_FOUND);
  assert_int_equal(list(&nameless, "", 0, 0, 0, "")->n_cases, 0);
}

static int64_t count(const char *sql) {
  return fixture_count(&fixture, sql);
}

// A batch that brings names and is not committed leaves none behind; the next gives the same numbers again, and what a
// new process reads is what the old one gave.
static void names_get_their_numbers_once(void **state) {
  (void)state;
  postgres_execute("TRUNCATE tracking.case_key");
  fixture_close(&fixture);
  fixture_open(&fixture);
  struct wg_error error = {0};
  struct wg_item items[] = {dispatched(1, "370117", "water", 1, NOW), dispatched(2, "131102", "water", 1, NOW)};
  postgres_execute("ALTER TABLE tracking.cases ADD CONSTRAINT broken CHECK (order_id <> 2) NOT VALID");
  assert_int_not_equal(fixture_try(&fixture, items, 2, NOW, &error), WG_OK);
  postgres_execute("ALTER TABLE tracking.cases DROP CONSTRAINT broken");
  assert_int_equal(count("SELECT count(*) FROM case_key"), 0);
  fixture_run(&fixture, items, 2, NOW);
  // Two districts, each with a department, no grid and a category.
  assert_int_equal(count("SELECT count(*) FROM case_key"), 6);
  assert_int_equal(count("SELECT max(key)::bigint FROM case_key"), 6);
  fixture_close(&fixture);
  fixture_open(&fixture);
  struct wg_item more[] = {dispatched(3, "370117", "water", 1, NOW), dispatched(4, "370117", "housing", 1, NOW)};
  fixture_run(&fixture, more, 2, NOW);
  assert_int_equal(count("SELECT count(*) FROM case_key"), 7);
  assert_int_equal(count("SELECT count(DISTINCT department_key) FROM cases"), 3);
  assert_int_equal(count("SELECT count(*) FROM cases c JOIN case_key k ON k.by = 1 AND k.key = c.department_key "
                         "WHERE k.name = c.department AND k.district = c.district"),
                   4);
}

static void lists_come_by_deadline_and_miss_nothing(void **state) {
  (void)state;
  struct wg_item items[120];
  for (int i = 0; i < 120; i++)
    items[i] = dispatched(i + 1, i % 3 ? "370117" : "131102",
                          i % 10 == 9 ? ""
                          : i % 2     ? "water"
                                      : "housing",
                          1 + i % 3, NOW + (i % 7) * WG_SECOND_US);
  fixture_run(&fixture, items, 120, NOW + 10 * WG_SECOND_US);
  const int64_t in_a_day = NOW + 24 * 3600 * WG_SECOND_US;
  const struct {
    const struct wg_principal *caller;
    const char *department;
    int state;
    int64_t due_before;
    int expected;
  } table[] = {{&OPERATOR, "", 0, 0, 120},     {&OPERATOR, "", STATE(TRIAGE), 0, 12}, {&OPERATOR, "water", 0, 0, 48},
               {&WATER, "", 0, 0, 48},         {&WATER, "", STATE(HANDLING), 0, 0},   {&OPERATOR, "", 0, in_a_day, 36},
               {&HOUSING, "", 0, in_a_day, 20}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    int seen = 0;
    int64_t last_due = 0, last_id = 0;
    const char *token = "";
    do {
      const Wangge__V1__ListCasesResponse *page =
          list(table[i].caller, table[i].department, table[i].state, table[i].due_before, 7, token);
      for (size_t row = 0; row < page->n_cases; row++, seen++) {
        const int64_t due = page->cases[row]->due_at ? page->cases[row]->due_at : INT64_MAX;
        assert_true(due > last_due || (due == last_due && page->cases[row]->order_id > last_id));
        last_due = due;
        last_id = page->cases[row]->order_id;
      }
      token = page->next_page_token;
    } while (*token);
    if (seen != table[i].expected) fail_msg("list %zu shows %d, not %d", i, seen, table[i].expected);
  }
}

static void tick(int64_t now) {
  run((struct wg_item){.kind = WG_ITEM_TICK, .traceparent = ""}, now);
}

// A walk in parts through more provisional cases than one part takes; what is withdrawn stays as it is.
static void provisional_deadlines_are_counted_again_when_a_year_is_known(void **state) {
  (void)state;
  enum { CASES = TRACKING_RECOUNT_CASES + 10, AT_ONCE = 500 };
  const int64_t at = wg_civil_to_us((struct wg_civil){2026, 12, 28, 9, 0, 0, 0});
  struct wg_item items[AT_ONCE];
  enum { EVERY_TICK = 4 };                // orders of meetings, cases whose time has come, solutions and their orders
  service->folded_us = wg_monotonic_us(); // figures are not folded meanwhile
  tick(at);                               // the walk that every start begins
  assert_int_equal(fixture.load_statements, 2 + EVERY_TICK); // and the walk of new clocks
  tick(at);
  assert_int_equal(fixture.load_statements, EVERY_TICK);
  for (int64_t next = 1; next <= CASES;) {
    size_t count = 0;
    while (count < AT_ONCE && next <= CASES)
      items[count++] = dispatched(next++, "370117", "water", 1, at);
    fixture_run(&fixture, items, count, at);
  }
  run_ok(dispatched(CASES + 1, "131102", "water", 1, at), at); // its district gets no notice
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM cases WHERE provisional_from IS NOT NULL"), CASES + 1);
  give_calendars("code,district,kind,reason\n2027-01-01,370117,REST,元旦\n",
                 "code,district,notice\n2027,370117,通知\n");
  tick(at + 1);
  assert_int_equal(fixture.event_count, TRACKING_RECOUNT_CASES - 1); // the other district comes first
  tick(at + 2);
  assert_int_equal(fixture.event_count, 11);
  const Wangge__V1__CaseChanged *event = fixture_payload(&fixture, 0, &wangge__v1__case_changed__descriptor, "water");
  assert_string_equal(event->step->kind, "recounted");
  assert_null(strstr(event->case_->due_rule, "provisional"));
  tick(at + 3);
  assert_int_equal(fixture.load_statements, EVERY_TICK);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM case_step WHERE kind = 'recounted'"), CASES);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM cases WHERE provisional_from IS NOT NULL"), 1);
  give_calendars(NULL, NULL);
}

// Clocks that have changed reach the cases that wait, in parts and behind a kill; what was promised stays.
static void changed_clocks_reach_open_cases_in_parts(void **state) {
  (void)state;
  enum { CASES = 2 * TRACKING_RECLOCK_CASES + 10, AT_ONCE = 510 };
  struct wg_item items[AT_ONCE];
  for (int64_t next = 1; next <= CASES;) {
    size_t count = 0;
    while (count < AT_ONCE && next <= CASES)
      items[count++] = dispatched(next++, "370117", "water", 1, NOW);
    fixture_run(&fixture, items, count, NOW);
  }
  tick(NOW);
  tick(NOW);
  tick(NOW); // all know the clocks of now
  assert_false(service->reclock.wanted);
  const struct tracking_clocks before = service->clocks;
  char changed[200];
  snprintf(changed, sizeof changed, "SELECT count(*) FROM cases WHERE next_at = '2026-03-02 12:00:00+08'");
  assert_int_equal(fixture_count(&fixture, changed), 0);
  service->clocks.sign[1] = (struct tracking_limit){.hours = 3};
  tracking_reclock_begin(&service->reclock, &service->clocks);
  assert_true(service->reclock.wanted);
  tick(NOW + 1);
  assert_int_equal(fixture.event_count, 0);
  assert_int_equal(fixture_count(&fixture, changed), TRACKING_RECLOCK_CASES);
  fixture_close(&fixture); // a kill: the walk begins anew, for nothing says that it has ended
  fixture_open(&fixture);
  assert_true(service->reclock.wanted);
  int ticks = 0;
  while (service->reclock.wanted && ++ticks < 10)
    tick(NOW + 2);
  assert_int_equal(fixture_count(&fixture, changed), CASES);
  assert_int_equal(fixture_count(&fixture, "SELECT count(DISTINCT due_at) FROM cases"), 1);
  fixture_close(&fixture); // and a restart with the same clocks has nothing to do
  fixture_open(&fixture);
  assert_false(service->reclock.wanted);
  service->clocks = before;
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      TEST(new_cases_cost_no_query_and_no_step_row),
      TEST(the_whole_way_is_in_the_timeline),
      TEST(the_same_again_has_no_second_effect),
      TEST(what_cannot_be_is_set_aside_with_a_reason),
      TEST(a_returned_case_leaves_its_department),
      TEST(only_those_concerned_see_a_case),
      TEST(names_get_their_numbers_once),
      TEST(lists_come_by_deadline_and_miss_nothing),
      TEST(provisional_deadlines_are_counted_again_when_a_year_is_known),
      TEST(changed_clocks_reach_open_cases_in_parts),
  };
  return cmocka_run_group_tests_name("tracking_store", tests, set_up_group, tear_down_group);
}
