// The registry's batches against a private PostgreSQL: what was committed is the book after a restart, what was not
// left nothing, and what retention would drop is carried forward in time.
#include "tests/unit/service_fixture.h"

#include "services/registry/registry.h"

#include <stdlib.h>

#define D "370211"
#define DEPARTMENT WANGGE__V1__RECORD__BODY_DEPARTMENT
#define NOW INT64_C(1795803704000000)

static const struct wg_stream_spec STREAM = {.name = REGISTRY_STREAM, .topics = true, .retention_days = 30};
static const struct wg_principal REGISTRAR = {.name = "registrar", .roles = WG_ROLE_REGISTRAR};
static struct fixture fixture = {
    .name = "registry",
    .stream = &STREAM,
    .load_state = registry_load_state,
    .load = registry_load,
    .decide = registry_decide,
    .store = registry_store,
    .committed = registry_committed,
};
static struct wg_metrics *metrics;

static void start(void) {
  struct wg_error error = {0};
  metrics = wg_metrics_create("registry");
  const struct registry_settings settings = {.intake = (char *)(uintptr_t) ""};
  registry_start(&settings, metrics, &fixture.service, &error);
  fixture_open(&fixture);
}

static void stop(void) {
  fixture_close(&fixture);
  registry_stop(fixture.service);
  wg_metrics_destroy(metrics);
}

static int set_up(void **state) {
  (void)state;
  static bool migrated;
  if (!migrated) fixture_migrate(&fixture);
  migrated = true;
  // 20 numbers a partition; whatever the test before left is gone.
  postgres_execute("SET search_path = registry; TRUNCATE record, record_version, import CASCADE; "
                   "UPDATE log_stream SET partition_events = 20");
  start();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  stop();
  return 0;
}

static Wangge__V1__Record *department(const char *code, const char *name) {
  Wangge__V1__Record *record = wg_record_create(wg_kind_find("department"), D, code, fixture.arena);
  record->department->name = wg_arena_strdup(fixture.arena, name);
  return record;
}

static struct wg_item put_of(Wangge__V1__Record *record) {
  Wangge__V1__PutRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__put_request__init(request);
  request->records = wg_arena_alloc(fixture.arena, sizeof(void *));
  request->records[0] = record;
  request->n_records = 1;
  request->reason = wg_arena_strdup(fixture.arena, "测试");
  return fixture_call(&REGISTRAR, &request->base);
}

static struct wg_item part_of(Wangge__V1__Record *record, int32_t part, bool last) {
  struct wg_item item = put_of(record);
  Wangge__V1__PutRequest *request = (Wangge__V1__PutRequest *)(uintptr_t)item.message;
  request->import_id = wg_arena_strdup(fixture.arena, "i");
  request->part = part;
  request->last_part = last;
  return item;
}

static const Wangge__V1__PutResponse *answer_of(const struct wg_item *item) {
  if (item->error.code != WG_OK) fail_msg("%s: %s", item->error.field, item->error.message);
  return (const Wangge__V1__PutResponse *)item->reply;
}

static void put(const char *code, const char *name) {
  struct wg_item item = put_of(department(code, name));
  fixture_run(&fixture, &item, 1, NOW);
  assert_true(answer_of(&item)->written);
}

static const struct wg_book_entry *kept(const char *code) {
  return wg_book_entry(((struct registry *)fixture.service)->book, D, DEPARTMENT, code);
}

static const Wangge__V1__Record *entry(const char *code) {
  return kept(code) ? registry_record(kept(code)) : NULL;
}

static void one_record_twice_in_a_batch_has_two_versions_and_one_row(void **state) {
  (void)state;
  struct wg_item items[] = {put_of(department("a", "甲")), put_of(department("a", "乙")), put_of(department("a", "")),
                            put_of(department("b", "丙"))};
  fixture_run(&fixture, items, 4, NOW);
  assert_false(answer_of(&items[2])->written);
  assert_int_equal(fixture.event_count, 3);
  const Wangge__V1__RecordChanged *second =
      fixture_payload(&fixture, 1, &wangge__v1__record_changed__descriptor, "department");
  assert_int_equal(second->record->version, 2);
  assert_string_equal(second->record->department->name, "乙");
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM record_version"), 3);
  assert_int_equal(fixture_count(&fixture, "SELECT version FROM record WHERE code = 'a'"), 2);
  stop();
  start();
  assert_string_equal(entry("a")->department->name, "乙");
  assert_int_equal(entry("a")->version, 2);
  assert_int_equal(entry("b")->version, 1);
}

static void a_batch_that_does_not_commit_leaves_nothing(void **state) {
  (void)state;
  struct wg_error error = {0};
  put("a", "甲");
  postgres_execute("ALTER TABLE registry.record ADD CONSTRAINT wrong CHECK (code <> 'c')");
  struct wg_item items[] = {put_of(department("a", "乙")), put_of(department("c", "丙"))};
  assert_int_not_equal(fixture_try(&fixture, items, 2, NOW, &error), WG_OK);
  postgres_execute("ALTER TABLE registry.record DROP CONSTRAINT wrong");
  assert_int_equal(entry("a")->version, 1);
  assert_null(entry("c"));
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM record_version"), 1);
  put("c", "丙");
  assert_int_equal(entry("c")->version, 1);
}

static void parts_survive_a_restart_and_are_forgotten_after_an_hour(void **state) {
  (void)state;
  struct wg_item first = part_of(department("a", "甲"), 1, false);
  fixture_run(&fixture, &first, 1, NOW);
  assert_false(answer_of(&first)->written);
  stop();
  start();
  struct wg_item rest[] = {part_of(department("b", "乙"), 2, false), part_of(department("c", "丙"), 3, true)};
  fixture_run(&fixture, rest, 2, NOW); // the last part with one that is not stored yet
  assert_int_equal(answer_of(&rest[1])->created, 3);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM import_part"), 0);
  struct wg_item again = part_of(department("c", "丙"), 3, true);
  fixture_run(&fixture, &again, 1, NOW);
  assert_int_equal(answer_of(&again)->created, 3);
  assert_int_equal(answer_of(&again)->seq, answer_of(&rest[1])->seq);
  struct wg_item tick = {.kind = WG_ITEM_TICK, .traceparent = ""};
  fixture_run(&fixture, &tick, 1, NOW + REGISTRY_IMPORT_LIFE_US - 1);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM import"), 1);
  fixture_run(&fixture, &tick, 1, NOW + REGISTRY_IMPORT_LIFE_US + 1);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM import"), 0);
}

static int64_t oldest_partition(void) {
  return fixture_count(&fixture, "SELECT min(first_seq) FROM log_partition");
}

static int drop_partitions(void) {
  return (int)fixture_count(&fixture, "SELECT log_partitions_drop('" REGISTRY_STREAM "')::bigint");
}

static void what_retention_would_drop_is_carried_forward(void **state) {
  (void)state;
  for (int i = 0; i < 5; i++)
    put((char[]){(char)('a' + i), 0}, "部门");
  char name[32];
  for (int i = 0; i < 60; i++) {
    snprintf(name, sizeof name, "部门%d", i);
    put("z", name);
  }
  struct wg_item tick = {.kind = WG_ITEM_TICK, .traceparent = ""};
  fixture_run(&fixture, &tick, 1, NOW);
  assert_int_equal(fixture.event_count, 0); // nothing is old enough
  postgres_execute("UPDATE registry.segment SET at = now() - interval '31 days'");
  assert_int_equal(drop_partitions(), 0); // old enough, but needed
  const int64_t before = oldest_partition();
  const uint64_t seq = kept("a")->seq;
  fixture_run(&fixture, &tick, 1, NOW + 1000000);
  assert_true(fixture.event_count >= 5);
  const Wangge__V1__RecordChanged *carried =
      fixture_payload(&fixture, 0, &wangge__v1__record_changed__descriptor, "department");
  assert_true(carried->carried);
  assert_string_equal(carried->record->code, "a");
  assert_int_equal(carried->record->version, 1);
  assert_string_equal(carried->record->reason, "测试");
  assert_true(kept("a")->seq > seq);
  assert_true(drop_partitions() > 0);
  assert_true(oldest_partition() > before);
  // No record's newest event was in what is gone, also after a restart.
  assert_int_equal(fixture_count(&fixture,
                                 "SELECT count(*) FROM record WHERE seq < (SELECT min(first_seq) FROM segment "
                                 "WHERE stream = '" REGISTRY_STREAM "')"),
                   0);
  const uint64_t moved = kept("a")->seq;
  stop();
  start();
  assert_int_equal(kept("a")->seq, moved);
  assert_int_equal(entry("z")->version, 60);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(one_record_twice_in_a_batch_has_two_versions_and_one_row),
      TEST(a_batch_that_does_not_commit_leaves_nothing),
      TEST(parts_survive_a_restart_and_are_forgotten_after_an_hour),
      TEST(what_retention_would_drop_is_carried_forward),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
