// What solving a listed problem promises of the tables: every order of it is given the solution once, in parts that are
// bounded whatever the number of orders, behind any kill; and only its orders are.
#include "tests/unit/records.h"
#include "tests/unit/service_fixture.h"

#include "common/base/clock.h"
#include "services/tracking/solution_store.h"
#include "services/tracking/tracking.h"

#define NOW INT64_C(1772413200000000) // 2026-03-02 09:00 in Shanghai, a Monday
enum { MEMBERS = 10000, NAMED = 3 };

static const struct wg_stream_spec STREAMS[] = {{.name = "tracking.cases", .topics = true, .retention_days = 7},
                                                {.name = "tracking.lists", .topics = true, .retention_days = 7},
                                                {.name = "tracking.notices", .topics = true, .retention_days = 7}};
static const struct wg_principal DESK = {.name = "dispatcher", .roles = WG_ROLE_DISPATCHER};
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

static int set_up_group(void **state) {
  (void)state;
  fixture_migrate(&fixture);
  const struct tracking_settings settings = {(char *)WANGGE_SHARE "/ops/demo/reference/clocks.ini"};
  struct wg_error error = {0};
  metrics = wg_metrics_create("tracking");
  void *made = NULL;
  fixture_must(tracking_start(&settings, metrics, &made, &error), &error);
  fixture.service = service = made;
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  static const char *const KINDS[] = {"calendar_day", "calendar_year", "department", NULL};
  const struct wg_reference_set set = {.records = (const Wangge__V1__Record *const *)records->record,
                                       .count = records->count,
                                       .kinds = KINDS,
                                       .changed = ~UINT64_C(0)};
  fixture_must(tracking_records(service, &set, &error), &error);
  records_destroy(records);
  return 0;
}

static int tear_down_group(void **state) {
  (void)state;
  tracking_stop(service);
  wg_metrics_destroy(metrics);
  return 0;
}

// Members of problem 5: orders 1 to 10,000, of which every tenth is closed already; of others 20,001 to 20,010.
static int set_up(void **state) {
  (void)state;
  postgres_execute("TRUNCATE tracking.cases, tracking.case_step, tracking.figure, tracking.figure_delta, "
                   "tracking.list_entry, tracking.list_change, tracking.list_solution");
  postgres_execute(
      FIXTURE_UNKEYED
      "INSERT INTO tracking.cases (district, order_id, source, state, department, urgency, category, title, opened_at, "
      "routed_to, routed_by, routed_why, routed_at, due_at, due_rule, result, steps, dispatched_at, problem_id) "
      "SELECT CASE WHEN n = 20001 THEN '131102' ELSE '370117' END, n, 'hotline-12345', "
      "CASE WHEN n % 10 = 0 THEN 10 ELSE 3 END, 'water', 1, '', '', '2026-03-01', 'water', 'rule', '', '2026-03-01', "
      "'2026-03-09', '', '', 2, '2026-03-01', CASE WHEN n <= 10000 THEN 5 WHEN n = 20001 THEN 5 END "
      "FROM (SELECT generate_series(1, 10000) AS n UNION ALL SELECT generate_series(20001, 20010)) AS "
      "g; " FIXTURE_KEYED);
  fixture_open(&fixture);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  assert_int_equal(fixture_count(&fixture, FIXTURE_WRONG_ZONES), 0);
  fixture_close(&fixture);
  return 0;
}

static void change(const char *person, Wangge__V1__ChangeEntryRequest__ActionCase action, void *part) {
  static int n;
  Wangge__V1__ChangeEntryRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__change_entry_request__init(request);
  request->district = (char *)"370117";
  request->code = (char *)"2026-01";
  request->request_id = wg_arena_printf(fixture.arena, "s%d", ++n);
  request->acting_person = (char *)(uintptr_t)person;
  request->action_case = action;
  request->problem_put = part; // one pointer of a union
  struct wg_item item = fixture_call(&DESK, &request->base);
  fixture_run(&fixture, &item, 1, NOW);
  if (item.error.code) fail_msg("%s: %s", item.error.field, item.error.message);
}
#define ACTION(name) WANGGE__V1__CHANGE_ENTRY_REQUEST__ACTION_PROBLEM_##name

static Wangge__V1__Attachment *photo(void) {
  static Wangge__V1__Attachment attachment;
  wangge__v1__attachment__init(&attachment);
  attachment.sha256 = (char *)"abababababababababababababababababababababababababababababababab";
  attachment.name = (char *)"现场.jpg";
  attachment.media_type = (char *)"image/jpeg";
  attachment.size_bytes = 1;
  return &attachment;
}

// solve lists problem 5 with three orders beside its members, one of which does not exist, and solves it.
static void solve(void) {
  int64_t named[NAMED] = {20002, 20004, 30000};
  Wangge__V1__ProblemText text = WANGGE__V1__PROBLEM_TEXT__INIT;
  text.area = (char *)"370117001001001";
  text.year = 2026;
  text.title = text.nature = (char *)"乱";
  text.problem_id = 5;
  text.order_ids = named;
  text.n_order_ids = NAMED;
  change("", ACTION(PUT), &text);
  Wangge__V1__ProblemAssignment assignment = WANGGE__V1__PROBLEM_ASSIGNMENT__INIT;
  assignment.owner = assignment.measures = (char *)"清理";
  assignment.due_on = (char *)"2026-03-20";
  change("", ACTION(ASSIGN), &assignment);
  Wangge__V1__NoDetails nothing = WANGGE__V1__NO_DETAILS__INIT;
  change("", ACTION(BEGIN), &nothing);
  Wangge__V1__ProblemReport report = WANGGE__V1__PROBLEM_REPORT__INIT;
  report.result = (char *)"已全面清理";
  change("0017", ACTION(REPORT), &report);
  Wangge__V1__Attachment *photos[] = {photo()};
  Wangge__V1__ProblemVerification seen = WANGGE__V1__PROBLEM_VERIFICATION__INIT;
  seen.solved = true;
  seen.photos = photos;
  seen.n_photos = 1;
  change("0042", ACTION(VERIFY), &seen);
}

// tick gives how many orders it told of.
static size_t tick(void) {
  struct wg_item item = {.kind = WG_ITEM_TICK, .traceparent = ""};
  service->folded_us = wg_monotonic_us(); // figures are not folded meanwhile
  fixture_run(&fixture, &item, 1, NOW + 1);
  return fixture.event_count;
}

static int64_t count(const char *sql) {
  return fixture_count(&fixture, sql);
}

static void every_order_of_a_problem_gets_its_solution_once_in_bounded_parts_behind_any_kill(void **state) {
  (void)state;
  solve();
  assert_int_equal(count("SELECT count(*) FROM case_step"), 0); // the verification itself waits for none of them
  int ticks = 0;
  while (count("SELECT count(*) FROM list_solution WHERE settled_at IS NULL")) {
    assert_true(tick() <= TRACKING_SOLVED_CASES);
    if (++ticks % 3 == 0) { // a kill behind the commit
      fixture_close(&fixture);
      fixture_open(&fixture);
    }
    assert_true(ticks <= MEMBERS / TRACKING_SOLVED_CASES + 1);
  }
  assert_int_equal(ticks, MEMBERS / TRACKING_SOLVED_CASES + 1);
  enum { OPEN_MEMBERS = MEMBERS / 10 * 9, SOLVED = OPEN_MEMBERS + 2 };
  assert_int_equal(count("SELECT count(*) FROM cases WHERE state = 4 AND result = '已全面清理'"), SOLVED);
  assert_int_equal(count("SELECT count(*) FROM case_step WHERE kind = 'problem_solved' AND person = '0017'"), SOLVED);
  assert_int_equal(count("SELECT count(*) FROM case_step"), SOLVED);
  assert_int_equal(count("SELECT count(DISTINCT order_id) FROM case_step"), SOLVED);
  assert_int_equal(count("SELECT count(*) FROM cases WHERE state = 10"), MEMBERS / 10 + 1);
  assert_int_equal(count("SELECT count(*) FROM cases WHERE state = 4 AND order_id IN (20002, 20004)"), 2);
  assert_int_equal(count("SELECT state::bigint FROM cases WHERE order_id = 20001"),
                   3); // the same number in another district
  assert_int_equal(count("SELECT shared FROM list_solution"), SOLVED);
  assert_int_equal(tick(), 0);
}

// What a part did and where the solution stands are one transaction: if it is lost both are, and the part is done
// again.
static void a_part_that_is_not_committed_is_done_again(void **state) {
  (void)state;
  solve();
  postgres_execute("ALTER TABLE tracking.list_solution ADD CONSTRAINT broken CHECK (after_order < 500) NOT VALID");
  struct wg_item item = {.kind = WG_ITEM_TICK, .traceparent = ""};
  struct wg_error error = {0};
  assert_int_not_equal(fixture_try(&fixture, &item, 1, NOW + 1, &error), WG_OK);
  fixture_close(&fixture);
  fixture_open(&fixture);
  assert_int_equal(count("SELECT count(*) FROM case_step"), 0);
  assert_int_equal(count("SELECT count(*) FROM cases WHERE state = 4"), 0);
  postgres_execute("ALTER TABLE tracking.list_solution DROP CONSTRAINT broken");
  assert_int_equal(tick(), TRACKING_SOLVED_CASES / 10 * 9);
  assert_int_equal(count("SELECT after_order FROM list_solution"), TRACKING_SOLVED_CASES);
  assert_int_equal(count("SELECT count(*) FROM case_step"), TRACKING_SOLVED_CASES / 10 * 9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      TEST(every_order_of_a_problem_gets_its_solution_once_in_bounded_parts_behind_any_kill),
      TEST(a_part_that_is_not_committed_is_done_again),
  };
  return cmocka_run_group_tests_name("tracking_solution", tests, set_up_group, tear_down_group);
}
