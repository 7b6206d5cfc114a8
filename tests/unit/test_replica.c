// The replica of the registry's records: repeats, versions out of order, deletions, kinds of others, broken changes,
// batches that did not commit, programs that need other kinds than before. Against the real schema and the service's
// own rights.
#include "tests/unit/postgres.h"
#include "tests/unit/unit.h"

#include "common/db/migrate.h"
#include "common/stage/replica.h"
#include "common/wire/wire.h"

static const char *const KINDS[] = {"department", "dispatch_rule", "calendar_day", NULL};
static struct wg_db *db;
static struct wg_arena *arena;
static struct wg_replica *replica;

static void must(wg_status status, const struct wg_error *error) {
  if (status != WG_OK) fail_msg("%s: %s %s", wg_status_name(status), error->field, error->message);
}

static struct wg_db *connect_service(void) {
  struct wg_error error = {0};
  struct wg_db *made = NULL;
  char dsn[256];
  snprintf(dsn, sizeof dsn, "host=%s dbname=postgres user=wangge_routing", postgres_directory());
  const struct wg_db_options options = {.dsn = dsn, .schema = "routing", .application_name = "test"};
  must(wg_db_connect(&options, &made, &error), &error);
  return made;
}

static int migrate(void **state) {
  (void)state;
  struct wg_error error = {0};
  postgres_execute("CREATE ROLE wangge_routing LOGIN; CREATE SCHEMA routing");
  const char *const folders[] = {WANGGE_SHARE "/common/stream/schema", WANGGE_SHARE "/common/stage/schema", NULL};
  struct wg_db *owner = postgres_connect("routing");
  int applied = 0;
  must(wg_migrate(owner, "routing", "wangge_routing", folders, &applied, &error), &error);
  wg_db_close(owner);
  return 0;
}

// load makes the replica as a start of the program does; the connection is in pipeline mode afterwards.
static void load(const char *const *kinds) {
  struct wg_error error = {0};
  wg_replica_destroy(replica);
  wg_db_close(db);
  db = connect_service();
  replica = wg_replica_create(kinds);
  must(wg_replica_load(replica, db, &error), &error);
  must(wg_db_pipeline(db, &error), &error);
}

static int set_up(void **state) {
  (void)state;
  postgres_execute("TRUNCATE routing.replica, routing.replica_state, routing.position; "
                   "INSERT INTO routing.position (stream, seq) VALUES ('registry.changes', 0)");
  arena = wg_arena_create(1 << 16);
  load(KINDS);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_replica_destroy(replica);
  replica = NULL;
  wg_db_close(db);
  db = NULL;
  wg_arena_destroy(arena);
  return 0;
}

// --- changes ---
static Wangge__V1__Record *record(const char *code, int64_t version) {
  Wangge__V1__Record *made = wg_arena_alloc(arena, sizeof *made);
  wangge__v1__record__init(made);
  made->district = (char *)(uintptr_t) "370117";
  made->code = (char *)(uintptr_t)code;
  made->version = version;
  made->changed_by = (char *)(uintptr_t) "registrar-1";
  made->reason = (char *)(uintptr_t) "机构调整";
  made->changed_at = 1000 + version;
  return made;
}

static Wangge__V1__Record *department(const char *code, int64_t version, const char *name) {
  Wangge__V1__Record *made = record(code, version);
  made->body_case = WANGGE__V1__RECORD__BODY_DEPARTMENT;
  made->department = wg_arena_alloc(arena, sizeof *made->department);
  wangge__v1__department__init(made->department);
  made->department->name = (char *)(uintptr_t)name;
  return made;
}

static Wangge__V1__Record *rule(const char *code, int64_t version) {
  Wangge__V1__Record *made = record(code, version);
  made->body_case = WANGGE__V1__RECORD__BODY_DISPATCH_RULE;
  made->dispatch_rule = wg_arena_alloc(arena, sizeof *made->dispatch_rule);
  wangge__v1__dispatch_rule__init(made->dispatch_rule);
  return made;
}

static Wangge__V1__Record *person(const char *code, int64_t version) {
  Wangge__V1__Record *made = record(code, version);
  made->body_case = WANGGE__V1__RECORD__BODY_PERSON;
  made->person = wg_arena_alloc(arena, sizeof *made->person);
  wangge__v1__person__init(made->person);
  return made;
}

static Wangge__V1__Record *deleted(Wangge__V1__Record *made) {
  made->deleted = true;
  return made;
}

static wg_status take(Wangge__V1__Record *changed, struct wg_error *error) {
  Wangge__V1__RecordChanged *change = wg_arena_alloc(arena, sizeof *change);
  wangge__v1__record_changed__init(change);
  change->record = changed;
  return wg_replica_take(replica, &change->base, error);
}

static const struct wg_statement MOVE = {"move", "UPDATE position SET seq = $1 WHERE stream = 'registry.changes'", 1};

static wg_status commit(bool complete, const struct wg_statement *end) {
  struct wg_error error = {0};
  static int64_t position = 0;
  must(wg_db_send(db, &WG_BEGIN, NULL, NULL, NULL, &error), &error);
  must(wg_replica_store(replica, db, arena, complete, &error), &error);
  struct wg_params *params = wg_params(arena, 1);
  wg_param_i64(params, ++position);
  must(wg_db_send(db, &MOVE, params, NULL, NULL, &error), &error);
  must(wg_db_send(db, end, NULL, NULL, NULL, &error), &error);
  must(wg_db_sync(db, &error), &error);
  return postgres_pump(db, &error);
}

// batch takes records, commits them, and tells memory.
static void batch(Wangge__V1__Record *const *records, size_t count) {
  struct wg_error error = {0};
  for (size_t i = 0; i < count; i++)
    must(take(records[i], &error), &error);
  assert_int_equal(commit(false, &WG_COMMIT), WG_OK);
  wg_replica_committed(replica);
}

#define BATCH(...)                                                                                                     \
  do {                                                                                                                 \
    Wangge__V1__Record *const records_of_batch[] = {__VA_ARGS__};                                                      \
    batch(records_of_batch, sizeof records_of_batch / sizeof *records_of_batch);                                       \
  } while (0)

// --- what is there ---
static int64_t number(const char *sql) {
  struct wg_error error = {0};
  struct wg_db *other = postgres_connect("routing");
  const struct wg_statement statement = {"number", sql, 0};
  PGresult *result = NULL;
  must(wg_db_run(other, &statement, NULL, &result, &error), &error);
  const int64_t value = PQntuples(result) ? wg_get_i64(result, 0, 0) : -1;
  PQclear(result);
  wg_db_close(other);
  return value;
}

// shown lists memory as "code@version=name …", in the order in which the service is given it.
static const char *shown(void) {
  struct wg_buffer out = {0};
  const struct wg_reference_set set = wg_replica_set(replica);
  for (size_t i = 0; i < set.count; i++) {
    const Wangge__V1__Record *one = set.records[i];
    const bool named = one->body_case == WANGGE__V1__RECORD__BODY_DEPARTMENT;
    wg_buffer_printf(&out, "%s%s@%lld%s%s", i ? " " : "", one->code, (long long)one->version, named ? "=" : "",
                     named ? one->department->name : "");
  }
  const char *text = wg_arena_strdup(arena, wg_buffer_cstr(&out));
  wg_buffer_free(&out);
  return text;
}

// The same must come out of memory and, after a start, out of the table.
static void holds(const char *expected) {
  assert_string_equal(shown(), expected);
  load(KINDS);
  assert_string_equal(shown(), expected);
}

static void test_order_is_that_of_kind_district_and_code(void **state) {
  (void)state;
  BATCH(rule("R1", 1), department("water", 1, "水务局"), department("housing", 1, "住建局"));
  BATCH(department("market", 1, "市场监管局"), rule("R0", 1));
  holds("housing@1=住建局 market@1=市场监管局 water@1=水务局 R0@1 R1@1");
  assert_int_equal(wg_replica_count(replica, 0), 3);
  assert_int_equal(wg_replica_count(replica, 1), 2);
  assert_int_equal(wg_replica_count(replica, 2), 0);
  assert_int_equal(wg_replica_changed_at(replica), 1001);
}

static void test_a_repeat_changes_nothing(void **state) {
  (void)state;
  BATCH(department("water", 1, "水务局"));
  const uint64_t generation = wg_replica_generation(replica);
  BATCH(department("water", 1, "水务局"), department("water", 1, "水务局"));
  assert_int_equal(wg_replica_generation(replica), generation);
  assert_int_equal(number("SELECT count(*) FROM replica"), 1);
  holds("water@1=水务局");
}

static void test_the_newest_version_wins(void **state) {
  (void)state;
  BATCH(department("water", 3, "丙"), department("water", 1, "甲"), department("water", 2, "乙"));
  assert_string_equal(shown(), "water@3=丙");
  BATCH(department("water", 2, "乙"));
  assert_string_equal(shown(), "water@3=丙");
  BATCH(department("water", 4, "丁"), department("water", 3, "丙"));
  holds("water@4=丁");
  BATCH(department("water", 2, "乙"));
  holds("water@4=丁");
}

static void test_the_table_alone_refuses_an_older_version(void **state) {
  (void)state;
  BATCH(department("water", 1, "甲"));
  // Another writer, before this one knew: memory says 1, the table 5.
  postgres_execute("UPDATE routing.replica SET version = 5");
  BATCH(department("water", 2, "乙"));
  assert_int_equal(number("SELECT version FROM replica"), 5);
}

static void test_deleted_is_gone_and_stays_gone(void **state) {
  (void)state;
  BATCH(department("water", 1, "水务局"), department("housing", 1, "住建局"));
  BATCH(deleted(department("water", 2, "水务局")));
  assert_string_equal(shown(), "housing@1=住建局");
  BATCH(department("water", 1, "水务局"));
  holds("housing@1=住建局");
  BATCH(department("water", 1, "水务局"));
  holds("housing@1=住建局");
  assert_int_equal(number("SELECT count(*) FROM replica WHERE body IS NULL"), 1);
  BATCH(department("water", 3, "水利局"));
  holds("housing@1=住建局 water@3=水利局");
  assert_int_equal(number("SELECT count(*) FROM replica WHERE body IS NULL"), 0);
}

static void test_deleted_before_it_was_known(void **state) {
  (void)state;
  BATCH(deleted(department("water", 2, "")), department("water", 1, "水务局"));
  holds("");
}

static void test_kinds_of_others_are_not_kept(void **state) {
  (void)state;
  BATCH(person("p-1", 1), department("water", 1, "水务局"), record("from-a-newer-registry", 1));
  assert_int_equal(number("SELECT count(*) FROM replica"), 1);
  holds("water@1=水务局");
}

static void test_same_code_in_two_districts_and_kinds(void **state) {
  (void)state;
  Wangge__V1__Record *other = department("a", 1, "乙区");
  other->district = (char *)(uintptr_t) "131102";
  BATCH(department("a", 1, "甲区"), other, rule("a", 7));
  holds("a@1=乙区 a@1=甲区 a@7");
  BATCH(deleted(department("a", 2, "")));
  holds("a@1=乙区 a@7");
}

static void refuses(const ProtobufCMessage *payload, const char *field) {
  struct wg_error error = {0};
  assert_int_equal(wg_replica_take(replica, payload, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, field);
}

static void test_broken_changes_are_refused_and_leave_nothing(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__RecordChanged change = WANGGE__V1__RECORD_CHANGED__INIT;
  refuses(&change.base, "record");
  change.record = department("water", 1, "水务局");
  change.record->district = (char *)(uintptr_t) "3701";
  refuses(&change.base, "record.district");
  change.record = department("", 1, "水务局");
  refuses(&change.base, "record.code");
  change.record = department("water", 0, "水务局");
  refuses(&change.base, "record.version");
  change.record = NULL;
  Wangge__V1__Record *bare = department("water", 1, "水务局");
  refuses(&bare->base, ""); // a record is no change of a record
  must(take(department("housing", 1, "住建局"), &error), &error);
  assert_int_equal(commit(false, &WG_COMMIT), WG_OK);
  wg_replica_committed(replica);
  holds("housing@1=住建局");
}

static void test_a_batch_that_did_not_commit_never_was(void **state) {
  (void)state;
  struct wg_error error = {0};
  BATCH(department("water", 1, "水务局"));
  const uint64_t generation = wg_replica_generation(replica);
  const int64_t position = number("SELECT seq FROM position");
  must(take(department("water", 2, "水利局"), &error), &error);
  must(take(department("housing", 1, "住建局"), &error), &error);
  assert_int_equal(commit(true, &WG_ROLLBACK), WG_OK);
  wg_replica_rolled_back(replica);
  assert_int_equal(wg_replica_generation(replica), generation);
  assert_false(wg_replica_complete(replica));
  assert_int_equal(number("SELECT seq FROM position"), position);
  assert_string_equal(shown(), "water@1=水务局");
  BATCH(department("market", 1, "市场监管局"));
  holds("market@1=市场监管局 water@1=水务局");
}

static void test_taken_and_never_stored(void **state) {
  (void)state;
  struct wg_error error = {0};
  must(take(department("water", 1, "水务局"), &error), &error);
  wg_replica_rolled_back(replica); // the batch was given up before it wrote
  BATCH(department("housing", 1, "住建局"));
  holds("housing@1=住建局");
}

static void test_complete_is_for_good(void **state) {
  (void)state;
  assert_false(wg_replica_complete(replica));
  BATCH(department("water", 1, "水务局"));
  assert_false(wg_replica_complete(replica));
  load(KINDS);
  assert_false(wg_replica_complete(replica));
  assert_int_equal(commit(true, &WG_COMMIT), WG_OK); // without a change: the stream had ended before
  wg_replica_committed(replica);
  assert_true(wg_replica_complete(replica));
  load(KINDS);
  assert_true(wg_replica_complete(replica));
}

static void test_changed_tells_kinds_since_the_service_took_them(void **state) {
  (void)state;
  struct wg_reference_set set = wg_replica_set(replica);
  assert_true(wg_reference_changed(&set, "calendar_day"));
  wg_replica_seen(replica);
  BATCH(department("water", 1, "水务局"));
  set = wg_replica_set(replica);
  assert_true(wg_reference_changed(&set, "department"));
  assert_false(wg_reference_changed(&set, "dispatch_rule"));
  assert_false(wg_reference_changed(&set, "no_such_kind"));
  BATCH(rule("R1", 1)); // not seen in between: both count
  set = wg_replica_set(replica);
  assert_true(wg_reference_changed(&set, "department"));
  assert_true(wg_reference_changed(&set, "dispatch_rule"));
  assert_false(wg_reference_changed(&set, "calendar_day"));
}

static void test_loading_again_tells_what_differs(void **state) {
  (void)state;
  struct wg_error error = {0};
  BATCH(department("water", 1, "水务局"), rule("R1", 1));
  wg_replica_seen(replica);
  const uint64_t generation = wg_replica_generation(replica);
  wg_db_close(db); // the connection is lost and made anew; nothing differs
  db = connect_service();
  must(wg_replica_load(replica, db, &error), &error);
  assert_int_equal(wg_replica_generation(replica), generation);
  postgres_execute("DELETE FROM routing.replica WHERE code = 'R1'");
  must(wg_replica_load(replica, db, &error), &error);
  assert_int_not_equal(wg_replica_generation(replica), generation);
  const struct wg_reference_set set = wg_replica_set(replica);
  assert_true(wg_reference_changed(&set, "dispatch_rule"));
  assert_false(wg_reference_changed(&set, "department"));
}

static void test_new_kinds_have_the_stream_read_again(void **state) {
  (void)state;
  static const char *const MORE[] = {"person", "department", NULL};
  BATCH(department("water", 1, "水务局"), rule("R1", 1), person("p-1", 1));
  assert_int_equal(commit(true, &WG_COMMIT), WG_OK);
  wg_replica_committed(replica);
  load(MORE);
  assert_false(wg_replica_complete(replica));
  assert_int_equal(number("SELECT seq FROM position"), 0);
  assert_string_equal(shown(), "water@1=水务局");
  assert_int_equal(number("SELECT count(*) FROM replica WHERE kind = 'dispatch_rule'"), 0);
  BATCH(person("p-1", 1), department("water", 1, "水务局"));
  assert_string_equal(shown(), "p-1@1 water@1=水务局");
  assert_int_equal(commit(true, &WG_COMMIT), WG_OK);
  wg_replica_committed(replica);
  load(MORE);
  assert_true(wg_replica_complete(replica));
}

static void test_fewer_kinds_need_nothing_but_forgetting(void **state) {
  (void)state;
  static const char *const FEWER[] = {"department", NULL};
  BATCH(department("water", 1, "水务局"), rule("R1", 1));
  assert_int_equal(commit(true, &WG_COMMIT), WG_OK);
  wg_replica_committed(replica);
  load(FEWER);
  assert_true(wg_replica_complete(replica));
  assert_true(number("SELECT seq FROM position") > 0);
  assert_int_equal(number("SELECT count(*) FROM replica"), 1);
  load(KINDS); // and back: it has to be read again
  assert_false(wg_replica_complete(replica));
}

static void test_who_and_why_stay_in_the_registry(void **state) {
  (void)state;
  BATCH(department("water", 1, "水务局"));
  load(KINDS);
  const struct wg_reference_set set = wg_replica_set(replica);
  assert_int_equal(set.count, 1);
  assert_string_equal(set.records[0]->changed_by, "");
  assert_string_equal(set.records[0]->reason, "");
  assert_int_equal(set.records[0]->changed_at, 1001);
}

static void test_an_unreadable_row_is_named(void **state) {
  (void)state;
  struct wg_error error = {0};
  postgres_execute("INSERT INTO routing.replica VALUES ('370117', 'department', 'water', 1, '\\xffff')");
  struct wg_db *fresh = connect_service();
  assert_int_equal(wg_replica_load(replica, fresh, &error), WG_DATA_LOSS);
  assert_non_null(strstr(error.message, "370117 department water"));
  wg_db_close(fresh);
  assert_string_equal(shown(), "");
}

static void test_many_at_once(void **state) {
  (void)state;
  enum { MANY = 3000 };
  struct wg_error error = {0};
  for (int i = MANY - 1; i >= 0; i--)
    must(take(rule(wg_arena_printf(arena, "R%04d", i), 1), &error), &error);
  assert_int_equal(commit(true, &WG_COMMIT), WG_OK);
  wg_replica_committed(replica);
  for (int i = 0; i < MANY; i += 2)
    must(take(deleted(rule(wg_arena_printf(arena, "R%04d", i), 2)), &error), &error);
  assert_int_equal(commit(false, &WG_COMMIT), WG_OK);
  wg_replica_committed(replica);
  for (int again = 0; again < 2; again++) {
    const struct wg_reference_set set = wg_replica_set(replica);
    assert_int_equal(set.count, MANY / 2);
    for (size_t i = 0; i < set.count; i++) {
      char code[32];
      snprintf(code, sizeof code, "R%04zu", 2 * i + 1);
      assert_string_equal(set.records[i]->code, code);
    }
    load(KINDS);
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(test_order_is_that_of_kind_district_and_code),
      TEST(test_a_repeat_changes_nothing),
      TEST(test_the_newest_version_wins),
      TEST(test_the_table_alone_refuses_an_older_version),
      TEST(test_deleted_is_gone_and_stays_gone),
      TEST(test_deleted_before_it_was_known),
      TEST(test_kinds_of_others_are_not_kept),
      TEST(test_same_code_in_two_districts_and_kinds),
      TEST(test_broken_changes_are_refused_and_leave_nothing),
      TEST(test_a_batch_that_did_not_commit_never_was),
      TEST(test_taken_and_never_stored),
      TEST(test_complete_is_for_good),
      TEST(test_changed_tells_kinds_since_the_service_took_them),
      TEST(test_loading_again_tells_what_differs),
      TEST(test_new_kinds_have_the_stream_read_again),
      TEST(test_fewer_kinds_need_nothing_but_forgetting),
      TEST(test_who_and_why_stay_in_the_registry),
      TEST(test_an_unreadable_row_is_named),
      TEST(test_many_at_once),
  };
  return cmocka_run_group_tests(tests, migrate, NULL);
}
