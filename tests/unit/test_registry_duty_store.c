// Duties in the registry's batch with a database: none twice, bounded, made up for after a time without service, and
// what intake answers stands. No thread pushes here: its answers are told by hand.
#include "tests/unit/service_fixture.h"

#include "services/registry/duty_store.h"
#include "services/registry/registry.h"

#include "common/base/clock.h"

#include <stdlib.h>

static const struct wg_principal REGISTRAR = {.name = "registrar", .roles = WG_ROLE_REGISTRAR};
static const struct wg_principal HOTLINE = {.name = "hotline", .roles = WG_ROLE_SOURCE};
static const struct wg_stream_spec STREAM = {.name = REGISTRY_STREAM, .topics = true, .retention_days = 30};

static struct wg_metrics *metrics;
static struct fixture fixture = {.name = "registry",
                                 .stream = &STREAM,
                                 .load_state = registry_load_state,
                                 .load = registry_load,
                                 .decide = registry_decide,
                                 .store = registry_store,
                                 .committed = registry_committed};
static int64_t now;

static struct registry *registry(void) {
  return fixture.service;
}

static void start_service(void) {
  struct wg_error error = {0};
  const struct registry_settings settings = {.intake = (char *)(uintptr_t) ""};
  metrics = wg_metrics_create("registry");
  fixture_must(registry_start(&settings, metrics, &fixture.service, &error), &error);
  fixture_open(&fixture);
}

static void stop_service(void) {
  fixture_close(&fixture);
  registry_stop(fixture.service);
  wg_metrics_destroy(metrics);
}

static void kill_service(void) {
  stop_service();
  start_service();
}

static void tick(const char *at) {
  assert_true(wg_civil_parse(at, &now));
  struct wg_item item = {.kind = WG_ITEM_TICK, .traceparent = ""};
  fixture_run(&fixture, &item, 1, now);
}

static Wangge__V1__Record *record(const char *kind, const char *code) {
  return wg_record_create(wg_kind_find(kind), "370117", code, fixture.arena);
}

static void set(Wangge__V1__Record *of, const char *field, const char *cell) {
  struct wg_findings findings = {0};
  wg_findings_start(&findings, fixture.arena);
  assert_true(wg_record_set_cell(of, wg_kind_column(wg_kind_of(of), field), cell, fixture.arena, &findings));
}

static void put(Wangge__V1__Record **records, size_t count) {
  Wangge__V1__PutRequest request = WANGGE__V1__PUT_REQUEST__INIT;
  request.records = records;
  request.n_records = count;
  request.reason = (char *)(uintptr_t) "测试";
  struct wg_item item = fixture_call(&REGISTRAR, &request.base);
  fixture_run(&fixture, &item, 1, now);
  assert_int_equal(item.error.code, WG_OK);
  const Wangge__V1__PutResponse *answer = (const Wangge__V1__PutResponse *)item.reply;
  if (!answer->written) fail_msg("%s", answer->n_findings ? answer->findings[0]->message : "not written");
}

static Wangge__V1__Record *template(const char *code, const char *trigger, const char *on) {
  Wangge__V1__Record *made = record("duty_template", code);
  set(made, "name", "巡查");
  set(made, "trigger", trigger);
  if (*on) set(made, "on", on);
  if (strcmp(trigger, "days") == 0) set(made, "starts_on", "2026-01-01");
  set(made, "level", "grid");
  set(made, "title", "{area}巡查");
  set(made, "text", "巡查");
  set(made, "category", "test/民政");
  return made;
}

// fill puts a community with so many grids.
static void fill(int grids) {
  Wangge__V1__Record *records[4 + 900];
  size_t count = 1;
  records[0] = record("category", "test/民政");
  set(records[0], "scheme", "test");
  set(records[0], "path", "民政");
  static const char *const NET[][2] = {{"district", "370117"}, {"street", "370117001"}, {"community", "370117001001"}};
  for (size_t i = 0; i < 3; i++) {
    records[count] = record(NET[i][0], NET[i][1]);
    set(records[count], "name", "示例");
    if (i == 2) set(records[count], "kind", "residential");
    count++;
  }
  for (int i = 1; i <= grids; i++) {
    char code[16];
    snprintf(code, sizeof code, "370117001001%03d", i);
    records[count] = record("grid", code);
    set(records[count], "name", "示例网格");
    set(records[count], "kind", "basic");
    set(records[count], "households", "400");
    count++;
  }
  put(records, count);
}

static void put_template(const char *code, const char *trigger, const char *on) {
  Wangge__V1__Record *made = template(code, trigger, on);
  put(&made, 1);
}

static int64_t count(const char *where) {
  char sql[256];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM duty WHERE %s", where);
  return fixture_count(&fixture, sql);
}

static int set_up(void **state) {
  (void)state;
  postgres_execute("TRUNCATE registry.duty, registry.happening, registry.duty_day, registry.record, "
                   "registry.record_version");
  assert_true(wg_civil_parse("2026-11-27 09:00:00", &now));
  start_service();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  stop_service();
  return 0;
}

static void a_day_is_made_once_whatever_happens(void **state) {
  (void)state;
  fill(3);
  put_template("t", "days", "");
  tick("2026-11-27 09:00:00");
  assert_int_equal(count("due_on = '2026-11-27' AND state = 1"), 3);
  tick("2026-11-27 09:00:05");
  kill_service();
  tick("2026-11-27 23:59:59");
  assert_int_equal(count("true"), 3);
  tick("2026-11-28 00:00:00");
  assert_int_equal(count("true"), 6);
  postgres_execute("DELETE FROM registry.duty_day"); // even then
  kill_service();
  tick("2026-11-28 00:00:05");
  assert_int_equal(count("true"), 6);
}

static void what_is_put_today_counts_today(void **state) {
  (void)state;
  fill(3);
  tick("2026-11-27 09:00:00");
  assert_int_equal(count("true"), 0);
  put_template("t", "days", "");
  tick("2026-11-27 09:00:05");
  assert_int_equal(count("true"), 3);
  put_template("u", "weekly", "5");
  tick("2026-11-27 09:00:10");
  assert_int_equal(count("template = 'u'"), 3);
  assert_int_equal(count("true"), 6);
}

static void missed_days_are_made_up_for_a_week_back(void **state) {
  (void)state;
  fill(1);
  put_template("t", "days", "");
  tick("2026-11-01 09:00:00");
  kill_service();
  tick("2026-11-20 09:00:00");
  assert_int_equal(count("true"), 1 + 8); // seven days back and today
  assert_int_equal(count("due_on BETWEEN '2026-11-02' AND '2026-11-12'"), 0);
  assert_int_equal(count("due_on BETWEEN '2026-11-13' AND '2026-11-20'"), 8);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM duty_day WHERE done_on = '2026-11-20'"), 1);
}

static void a_batch_is_bounded_and_a_kill_between_loses_nothing(void **state) {
  (void)state;
  fill(900);
  put_template("t", "days", "");
  put_template("u", "days", "");
  tick("2026-11-27 09:00:00");
  assert_int_equal(count("true"), REGISTRY_DUTIES_A_BATCH);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM duty_day"), 0);
  kill_service();
  tick("2026-11-27 09:00:05");
  assert_int_equal(count("true"), REGISTRY_DUTIES_A_BATCH); // looks at the first ones again
  tick("2026-11-27 09:00:10");
  assert_int_equal(count("true"), 1800);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM duty_day"), 1);
}

// --- events ---
static struct wg_item happen(const struct wg_principal *caller, const char *id, const char *event, const char *code) {
  Wangge__V1__HappenRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__happen_request__init(request);
  request->district = (char *)(uintptr_t) "370117";
  request->event_id = (char *)(uintptr_t)id;
  request->event = (char *)(uintptr_t)event;
  request->kind = (char *)(uintptr_t) "grid";
  request->code = (char *)(uintptr_t)code;
  return fixture_call(caller, &request->base);
}

static size_t duties_of(const struct wg_item *item) {
  assert_int_equal(item->error.code, WG_OK);
  return ((const Wangge__V1__HappenResponse *)item->reply)->n_duties;
}

static void an_event_happens_once(void **state) {
  (void)state;
  fill(2);
  Wangge__V1__Record *made = template("v", "event", "");
  set(made, "event", "hardship");
  put(&made, 1);
  struct wg_item both[] = {happen(&HOTLINE, "E1", "hardship", "370117001001001"),
                           happen(&HOTLINE, "E1", "hardship", "370117001001001")};
  fixture_run(&fixture, both, 2, now);
  assert_int_equal(duties_of(&both[0]), 1);
  assert_int_equal(duties_of(&both[1]), 1);
  kill_service();
  struct wg_item again = happen(&HOTLINE, "E1", "hardship", "370117001001001");
  fixture_run(&fixture, &again, 1, now + WG_DAY_US);
  assert_string_equal(((const Wangge__V1__HappenResponse *)again.reply)->duties[0], "v/370117001001001/hotline/E1");
  assert_int_equal(count("true"), 1);
  struct wg_item other = happen(&HOTLINE, "E1", "hardship", "370117001001002");
  fixture_run(&fixture, &other, 1, now);
  assert_int_equal(other.error.code, WG_ALREADY_EXISTS);
  struct wg_item another = happen(&REGISTRAR, "E1", "hardship", "370117001001002"); // the ids are the caller's own
  fixture_run(&fixture, &another, 1, now);
  assert_int_equal(duties_of(&another), 1);
  assert_int_equal(count("true"), 2);
}

static void an_event_that_triggers_nothing_is_kept_too(void **state) {
  (void)state;
  fill(1);
  for (int i = 0; i < 2; i++) {
    struct wg_item item = happen(&HOTLINE, "E1", "nothing", "370117001001001");
    fixture_run(&fixture, &item, 1, now);
    assert_int_equal(duties_of(&item), 0);
  }
  struct wg_item unknown = happen(&HOTLINE, "E2", "nothing", "370117001001099");
  fixture_run(&fixture, &unknown, 1, now);
  assert_int_equal(unknown.error.code, WG_NOT_FOUND);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM happening"), 1);
}

static void answers_of_intake_stand_and_do_not_change(void **state) {
  (void)state;
  fill(3);
  put_template("t", "days", "");
  tick("2026-11-27 09:00:00");
  struct wg_order_answer answers[] = {
      {"370117", "t/370117001001001/2026-11-27", false, 77, (char *)(uintptr_t) ""},
      {"370117", "t/370117001001002/2026-11-27", true, 0, (char *)(uintptr_t) "category: not known"},
      {"370117", "t/nothing", false, 78, (char *)(uintptr_t) ""}};
  for (int i = 0; i < 2; i++) {
    struct wg_batch batch = {.arena = fixture.arena, .db = fixture.writer, .now = now};
    struct registry_duty_plan *plan = registry_duty_plan(&registry()->duties, &batch);
    plan->answers = answers;
    plan->answer_count = 3;
    struct wg_error error = {0};
    fixture_must(registry_store_duty_answers(&batch, plan, &error), &error);
    fixture_must(wg_db_sync(fixture.writer, &error), &error);
    fixture_must(postgres_pump(fixture.writer, &error), &error);
    answers[0].order_id = 99; // comes too late
  }
  assert_int_equal(count("state = 2 AND order_id = 77"), 1);
  assert_int_equal(count("state = 3 AND message = 'category: not known'"), 1);
  assert_int_equal(count("state = 1"), 1);
  tick("2026-11-27 09:00:05");
  assert_int_equal(count("true"), 3);
}

// refuse tells that intake refused the duty of that grid.
static void refuse(const char *duty_id) {
  struct wg_order_answer answer = {"", "", true, 0, (char *)(uintptr_t) "category: not known"};
  snprintf(answer.district, sizeof answer.district, "370117");
  snprintf(answer.external_id, sizeof answer.external_id, "%s", duty_id);
  struct wg_batch batch = {.arena = fixture.arena, .db = fixture.writer, .now = now};
  struct registry_duty_plan *plan = registry_duty_plan(&registry()->duties, &batch);
  plan->answers = &answer;
  plan->answer_count = 1;
  struct wg_error error = {0};
  fixture_must(registry_store_duty_answers(&batch, plan, &error), &error);
  fixture_must(wg_db_sync(fixture.writer, &error), &error);
  fixture_must(postgres_pump(fixture.writer, &error), &error);
}

static struct wg_item redrive(const char *district, char **ids, size_t ids_count) {
  Wangge__V1__RedriveDutiesRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__redrive_duties_request__init(request);
  request->district = (char *)(uintptr_t)district;
  request->duty_ids = ids;
  request->n_duty_ids = ids_count;
  request->reason = (char *)(uintptr_t) "类目已补";
  return fixture_call(&REGISTRAR, &request->base);
}

static int redriven(const struct wg_item *item) {
  assert_int_equal(item->error.code, WG_OK);
  return ((const Wangge__V1__RedriveDutiesResponse *)item->reply)->changed;
}

static void only_refused_duties_are_pushed_again(void **state) {
  (void)state;
  fill(3);
  put_template("t", "days", "");
  tick("2026-11-27 09:00:00");
  refuse("t/370117001001001/2026-11-27");
  refuse("t/370117001001002/2026-11-27");
  const int64_t bodies = count("state = 3 AND octet_length(body) > 0");
  assert_int_equal(bodies, 2);
  char *ids[] = {(char *)(uintptr_t) "t/370117001001001/2026-11-27", (char *)(uintptr_t) "t/370117001001003/2026-11-27",
                 (char *)(uintptr_t) "t/370117001001001/2026-11-27", (char *)(uintptr_t) "nothing'; DROP TABLE duty"};
  struct wg_item twice[] = {redrive("370117", ids, 4), redrive("370117", ids, 4), redrive("370118", ids, 4)};
  fixture_run(&fixture, twice, 3, now);
  assert_int_equal(redriven(&twice[0]), 1); // refused ones only, each once
  assert_int_equal(redriven(&twice[1]), 0);
  assert_int_equal(redriven(&twice[2]), 0); // of another district
  assert_int_equal(count("state = 1 AND settled_at IS NULL AND message = ''"), 2);
  assert_int_equal(count("redriven_by = 'registrar' AND redriven_reason = '类目已补' AND redriven_at IS NOT NULL"), 1);
  refuse("t/370117001001001/2026-11-27"); // again: who had it pushed stays
  assert_int_equal(count("state = 3 AND redriven_by = 'registrar' AND message <> ''"), 1);
}

int main(void) {
  fixture_migrate(&fixture);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_day_is_made_once_whatever_happens),
      TEST(what_is_put_today_counts_today),
      TEST(missed_days_are_made_up_for_a_week_back),
      TEST(a_batch_is_bounded_and_a_kill_between_loses_nothing),
      TEST(an_event_happens_once),
      TEST(an_event_that_triggers_nothing_is_kept_too),
      TEST(answers_of_intake_stand_and_do_not_change),
      TEST(only_refused_duties_are_pushed_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
