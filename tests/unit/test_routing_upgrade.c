// A database from before legs were kept: after the migration its orders stand where they stood, and everything that may
// happen to them still may.
#include "tests/unit/routing_reference.h"
#include "tests/unit/service_fixture.h"

#include "services/routing/routing.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW INT64_C(1764230400000000)

static const struct wg_principal WATER = {.name = "water", .roles = WG_ROLE_DEPARTMENT, .department = "water"};
static const struct wg_principal HOUSING = {.name = "housing", .roles = WG_ROLE_DEPARTMENT, .department = "housing"};
static const struct wg_principal DISPATCHER = {.name = "dispatcher", .roles = WG_ROLE_DISPATCHER};
static const struct wg_stream_spec STREAM = {.name = "routing.dispatch", .topics = true, .retention_days = 7};

static struct wg_metrics *metrics;
static struct fixture fixture = {.name = "routing",
                                 .stream = &STREAM,
                                 .load_state = routing_load_state,
                                 .load = routing_load,
                                 .decide = routing_decide,
                                 .store = routing_store,
                                 .committed = routing_committed};

// Orders 1 dispatched, 2 signed, 3 on the desk, 4 assigned from the desk and signed, 5 returned to the desk.
static const char OLD_ROWS[] =
    "INSERT INTO routing.assignment SELECT '370117', n, 'hotline-12345', '', state, department, 'rule', t, '', hops, "
    "steps, routed_to, t, '', 'v', 'e', r FROM (VALUES (1, 2, 'water', 1, 1, 'water'), (2, 3, 'water', 1, 2, 'water'), "
    "(3, 1, '', 0, 1, ''), (4, 3, 'housing', 1, 3, ''), (5, 1, '', 1, 2, 'water')) "
    "AS v(n, state, department, hops, steps, routed_to), "
    "(SELECT to_timestamp(1764230000) AS t, '\\x0a19080112063337303131371a0d686f746c696e652d3132333435'::bytea AS r) x;"
    "INSERT INTO routing.step VALUES ('370117', 2, 2, to_timestamp(1764230100), 'sign', 'water', 'water', '', ''), "
    "('370117', 4, 2, to_timestamp(1764230100), 'assign', 'housing', 'dispatcher', 'r', ''), "
    "('370117', 4, 3, to_timestamp(1764230200), 'sign', 'housing', 'housing', '', ''), "
    "('370117', 5, 2, to_timestamp(1764230100), 'return', 'water', 'water', 'r', '')";

// The folder of the service with its first file alone, under a name that gives the same source.
static void migrate_to_the_first_file(char root[64]) {
  char command[1024];
  snprintf(command, sizeof command,
           "mkdir -p %s/routing/schema && cp " WANGGE_SHARE "/services/routing/schema/001_* %s/routing/schema/", root,
           root);
  assert_int_equal(system(command), 0);
  char own[128];
  snprintf(own, sizeof own, "%s/routing/schema", root);
  const char *const folders[] = {own, NULL};
  struct wg_error error = {0};
  int applied = 0;
  postgres_execute("CREATE ROLE wangge_routing LOGIN; CREATE SCHEMA routing");
  struct wg_db *owner = postgres_connect("routing");
  fixture_must(wg_migrate(owner, "routing", "wangge_routing", folders, &applied, &error), &error);
  wg_db_close(owner);
  snprintf(command, sizeof command, "rm -r %s", root);
  assert_int_equal(system(command), 0);
}

static void migrate_to_the_end(void) {
  const char *const folders[] = {WANGGE_SHARE "/common/stream/schema", WANGGE_SHARE "/common/stage/schema",
                                 WANGGE_SHARE "/services/routing/schema", NULL};
  struct wg_error error = {0};
  int applied = 0;
  struct wg_db *owner = postgres_connect("routing");
  fixture_must(wg_migrate(owner, "routing", "wangge_routing", folders, &applied, &error), &error);
  wg_db_close(owner);
}

static int set_up(void **state) {
  (void)state;
  char root[64] = "/tmp/wangge-upgrade-XXXXXX";
  assert_non_null(mkdtemp(root));
  migrate_to_the_first_file(root);
  postgres_execute(OLD_ROWS);
  migrate_to_the_end();
  const struct routing_settings settings = {.window_days = 2};
  struct wg_error error = {0};
  void *made = NULL;
  metrics = wg_metrics_create("routing");
  fixture_must(routing_start(&settings, metrics, &made, &error), &error);
  fixture.service = made;
  routing_take_reference(made);
  fixture_open(&fixture);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  fixture_close(&fixture);
  routing_stop(fixture.service);
  wg_metrics_destroy(metrics);
  return 0;
}

static void rows_stand_where_they_stood(void **state) {
  (void)state;
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM routing.assignment WHERE signed_at IS NOT NULL "
                                           "AND contact = department AND order_id IN (2, 4)"),
                   2);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM routing.assignment WHERE signed_at IS NULL"), 3);
  assert_int_equal(fixture_count(&fixture, "SELECT order_id FROM routing.assignment WHERE first_receiver = 'housing'"),
                   4);
  assert_int_equal(((struct routing *)fixture.service)->heads.desk, 2);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM routing.assignment WHERE area = '' AND place_how = 0 "
                                           "AND place_flags = 0 AND suggested_category = ''"),
                   5);
}

static const Wangge__V1__Assignment *run_ok(struct wg_item item) {
  fixture_run(&fixture, &item, 1, NOW);
  if (item.error.code) fail_msg("%s", item.error.message);
  return ((const Wangge__V1__AssignmentResponse *)item.reply)->assignment;
}

static struct wg_item give_back(const struct wg_principal *caller, int64_t order_id, const char *proposed) {
  Wangge__V1__ReturnRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__return_request__init(request);
  request->order_id = order_id;
  request->reason = request->basis = (char *)"r";
  request->reason_code = WANGGE__V1__RETURN_REASON__RETURN_REASON_OTHER;
  request->proposed_department = (char *)(uintptr_t)proposed;
  return fixture_call(caller, &request->base);
}

static struct wg_item reject(int64_t order_id) {
  Wangge__V1__ReviewReturnRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__review_return_request__init(request);
  request->order_id = order_id;
  request->outcome = WANGGE__V1__RETURN_OUTCOME__RETURN_OUTCOME_REJECTED;
  request->reason = (char *)"r";
  return fixture_call(&DISPATCHER, &request->base);
}

static struct wg_item assign(int64_t order_id, const char *department) {
  Wangge__V1__AssignRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__assign_request__init(request);
  request->order_id = order_id;
  request->department = (char *)(uintptr_t)department;
  request->reason = (char *)"r";
  return fixture_call(&DISPATCHER, &request->base);
}

static void what_was_signed_is_signed_after_a_rejected_return(void **state) {
  (void)state;
  run_ok(give_back(&WATER, 2, "housing"));
  assert_int_equal(run_ok(reject(2))->state, WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_SIGNED);
  run_ok(give_back(&WATER, 1, "housing"));
  assert_int_equal(run_ok(reject(1))->state, WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_DISPATCHED);
  const Wangge__V1__Assignment *asked = run_ok(give_back(&HOUSING, 4, "water"));
  assert_string_equal(asked->first_receiver, "housing");
}

static void what_lay_on_the_desk_is_assigned(void **state) {
  (void)state;
  const Wangge__V1__Assignment *new = run_ok(assign(3, "housing"));
  assert_int_equal(new->legs[0]->n, 1);
  assert_string_equal(new->first_receiver, "housing");
  const Wangge__V1__Assignment *back = run_ok(assign(5, "housing"));
  assert_int_equal(back->legs[0]->n, 2);
  assert_string_equal(back->first_receiver, "water");
  assert_string_equal(back->contact, "water");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_stand_where_they_stood),
      cmocka_unit_test(what_was_signed_is_signed_after_a_rejected_return),
      cmocka_unit_test(what_lay_on_the_desk_is_assigned),
  };
  return cmocka_run_group_tests_name("routing_upgrade", tests, set_up, tear_down);
}
