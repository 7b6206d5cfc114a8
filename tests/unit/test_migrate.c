// Migrations: once each, whole or not at all, never changed afterwards.

#include "common/db/migrate.h"
#include "common/db/migration_file.h"
#include "tests/unit/postgres.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct wg_db *db;
static struct wg_error error;
static char root[64], folder[96];
static const char *folders[2];

static int set_up(void **state) {
  (void)state;
  postgres_execute("DROP SCHEMA IF EXISTS desk CASCADE; DROP ROLE IF EXISTS wangge_desk; CREATE ROLE wangge_desk");
  db = postgres_connect(NULL);
  error = (struct wg_error){0};
  strcpy(root, "/tmp/wangge-migrate-XXXXXX");
  assert_non_null(mkdtemp(root));
  snprintf(folder, sizeof folder, "%s/desk", root);
  mkdir(folder, 0700);
  strcat(folder, "/schema");
  mkdir(folder, 0700);
  folders[0] = folder;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_db_close(db);
  DIR *directory = opendir(folder);
  for (struct dirent *entry; (entry = readdir(directory));)
    unlinkat(dirfd(directory), entry->d_name, 0);
  closedir(directory);
  rmdir(folder);
  *strrchr(folder, '/') = 0;
  rmdir(folder);
  return rmdir(root);
}

static void put(const char *name, const char *sql) {
  char path[160];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "we");
  assert_non_null(file);
  fputs(sql, file);
  fclose(file);
}

static void migrates(int expected) {
  int applied;
  if (wg_migrate(db, "desk", "wangge_desk", folders, &applied, &error)) fail_msg("%s", error.message);
  assert_int_equal(applied, expected);
}

static void fails(wg_status status, int expected, const char *says) {
  int applied;
  error = (struct wg_error){0};
  wg_status got = wg_migrate(db, "desk", "wangge_desk", folders, &applied, &error);
  if (got != status) fail_msg("%s expected, got %s: %s", wg_status_name(status), wg_status_name(got), error.message);
  assert_int_equal(applied, expected);
  if (!strstr(error.message, says)) fail_msg("\"%s\" expected in: %s", says, error.message);
}

static bool holds(const char *condition) {
  char sql[300];
  snprintf(sql, sizeof sql, "DO $$ BEGIN ASSERT %s; END $$", condition);
  struct wg_error cause = {0};
  struct wg_db *other = postgres_connect(NULL);
  wg_status status = wg_db_exec(other, sql, &cause);
  wg_db_close(other);
  return status == WG_OK;
}

static void files_are_applied_once_and_in_order(void **state) {
  (void)state;
  put("002_more.sql", "ALTER TABLE a ADD COLUMN note text; INSERT INTO a VALUES (1, '网格')");
  put("001_first.sql",
      "CREATE TABLE @SCHEMA@.a (id int);\nGRANT USAGE ON SCHEMA @SCHEMA@ TO @ROLE@; GRANT SELECT ON a TO @ROLE@;");
  put("README.md", "not SQL");
  migrates(2);
  migrates(0);
  assert_true(holds("has_table_privilege('wangge_desk', 'desk.a', 'SELECT')"));
  assert_true(holds("(SELECT note FROM desk.a) = '网格'"));
  assert_true(holds("(SELECT array_agg(source || version || name ORDER BY version) FROM desk.migration)"
                    " = '{desk1001_first.sql,desk2002_more.sql}'"));
  put("003_empty.sql", "-- nothing to do\n");
  migrates(1);
  migrates(0);
}

static void an_applied_file_may_not_change(void **state) {
  (void)state;
  put("001_first.sql", "CREATE TABLE a (id int)");
  migrates(1);
  put("001_first.sql", "CREATE TABLE a (id int) ");
  put("002_more.sql", "CREATE TABLE b (id int)");
  fails(WG_FAILED_PRECONDITION, 0, "001_first.sql");
  assert_true(holds("to_regclass('desk.b') IS NULL"));
}

static void numbers_have_no_gap_and_no_double(void **state) {
  (void)state;
  put("001_first.sql", "CREATE TABLE a (id int)");
  put("003_third.sql", "CREATE TABLE c (id int)");
  fails(WG_INVALID_ARGUMENT, 0, "002 is missing");
  assert_true(holds("to_regclass('desk.a') IS NULL"));
  put("002_second.sql", "");
  put("002_other.sql", "");
  fails(WG_INVALID_ARGUMENT, 0, "used twice");
  put("4_bad.sql", "");
  fails(WG_INVALID_ARGUMENT, 0, "4_bad.sql");
}

static void a_database_newer_than_the_program_is_refused(void **state) {
  (void)state;
  put("001_first.sql", "CREATE TABLE a (id int)");
  put("002_second.sql", "CREATE TABLE b (id int)");
  migrates(2);
  char path[160];
  snprintf(path, sizeof path, "%s/002_second.sql", folder);
  unlink(path);
  fails(WG_FAILED_PRECONDITION, 0, "older than the database");
}

static void a_file_is_applied_whole_or_not_at_all(void **state) {
  (void)state;
  put("001_first.sql", "CREATE TABLE a (id int)");
  put("002_second.sql", "CREATE TABLE b (id int); INSERT INTO b VALUES (1); SELECT 1 / 0; CREATE TABLE c (id int)");
  fails(WG_INTERNAL, 1, "002_second.sql");
  assert_true(holds("to_regclass('desk.a') IS NOT NULL AND to_regclass('desk.b') IS NULL"));
  assert_true(holds("(SELECT count(*) FROM desk.migration) = 1"));
  put("002_second.sql", "CREATE TABLE b (id int); DO $$ BEGIN COMMIT; END $$");
  fails(WG_INTERNAL, 0, "2D000");
  assert_true(holds("to_regclass('desk.b') IS NULL"));
  // Fails only at COMMIT.
  put("002_second.sql", "CREATE TABLE b (id int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO b VALUES (1), (1)");
  fails(WG_ALREADY_EXISTS, 0, "002_second.sql");
  assert_true(holds("to_regclass('desk.b') IS NULL AND (SELECT count(*) FROM desk.migration) = 1"));
  put("002_second.sql", "CREATE TABLE b (id int)");
  migrates(1);
}

static void transaction_control_is_refused(void **state) {
  (void)state;
  put("001_first.sql", "CREATE TABLE a (id int);\n/* so */ commit;\nCREATE TABLE b (id int)");
  fails(WG_INVALID_ARGUMENT, 0, "COMMIT");
  assert_true(holds("to_regclass('desk.a') IS NULL"));
  put("001_first.sql", "-- COMMIT;\n/* BEGIN; /* ; ROLLBACK; */ ; COMMIT; */ CREATE TABLE a (\"; COMMIT;\" text "
                       "DEFAULT '; COMMIT; ''; END;');"
                       "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END; $body$;");
  migrates(1);
}

static void the_scan_finds_statements_and_nothing_else(void **state) {
  (void)state;
  static const char *const bad[] = {"BEGIN",
                                    "  \n\tCoMmIt",
                                    ";;rollback",
                                    "SELECT 1;END;",
                                    "SELECT E'\\'; x'; COMMIT",
                                    "SELECT 'a\\'; COMMIT; --'",
                                    "SELECT $1; COMMIT",
                                    "SELECT $a$ $b$ $a$; ABORT",
                                    "start transaction",
                                    "/* /* */ */ PREPARE TRANSACTION 'x'",
                                    "SELECT 1 --\n; SAVEPOINT x"};
  static const char *const good[] = {"",
                                     "SELECT 1 AS commit",
                                     "committed",
                                     "SELECT E'\\'; COMMIT; '",
                                     "SELECT $$; COMMIT; $$",
                                     "SELECT $网格$; COMMIT; $$ ; COMMIT $网格$",
                                     "/* ; COMMIT",
                                     "SELECT '; COMMIT",
                                     "CREATE TABLE begin_end (\"begin\" int)",
                                     "COMMENT ON TABLE x IS '; BEGIN'"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (!wg_migration_control(bad[i])) fail_msg("not found in: %s", bad[i]);
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    if (wg_migration_control(good[i])) fail_msg("found in: %s", good[i]);
}

static void sources_do_not_depend_on_the_place(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(1024);
  assert_string_equal(wg_migration_source(arena, "common/stream/schema"), "stream");
  assert_string_equal(wg_migration_source(arena, "/usr/share/wangge/services/intake/schema/"), "intake");
  assert_string_equal(wg_migration_source(arena, "/usr/share/wangge/schema/intake"), "intake");
  assert_string_equal(wg_migration_source(arena, "schema"), "schema");
  wg_arena_destroy(arena);
}

static void bad_input_is_refused(void **state) {
  (void)state;
  int applied;
  assert_int_equal(wg_migrate(db, "desk\"", "wangge_desk", folders, &applied, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "schema");
  assert_int_equal(wg_migrate(db, "desk", "x; DROP", folders, &applied, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "role");
  put("001_first.sql", "SELECT '\xc3\x28'");
  fails(WG_INVALID_ARGUMENT, 0, "UTF-8");
  const char *nowhere[] = {"/nonexistent/schema", NULL};
  assert_int_equal(wg_migrate(db, "desk", "wangge_desk", nowhere, &applied, &error), WG_NOT_FOUND);
}

static void *migrate_in_thread(void *context) {
  int *applied = context;
  struct wg_error cause = {0};
  struct wg_db_options options = {postgres_dsn(), NULL, "test", 0, false};
  struct wg_db *own;
  if (wg_db_connect(&options, &own, &cause)) return NULL;
  if (wg_migrate(own, "desk", "wangge_desk", folders, applied, &cause)) *applied = -100;
  wg_db_close(own);
  return NULL;
}

static void several_at_the_same_time_apply_each_file_once(void **state) {
  (void)state;
  put("001_first.sql", "CREATE TABLE a (id int); SELECT pg_sleep(0.05)");
  put("002_second.sql", "CREATE TABLE b (id int); SELECT pg_sleep(0.05)");
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  int applied[THREADS] = {-100, -100, -100, -100}, sum = 0;
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, migrate_in_thread, &applied[i]), 0);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    sum += applied[i];
  }
  assert_int_equal(sum, 2);
}

// An owner without the right to create schemas works in one that was made for it.
static void an_owner_needs_no_right_to_create_schemas(void **state) {
  (void)state;
  postgres_execute("DROP ROLE IF EXISTS wangge_owner; CREATE ROLE wangge_owner LOGIN; CREATE SCHEMA desk AUTHORIZATION "
                   "wangge_owner");
  put("001_first.sql", "CREATE TABLE a (id int)");
  char dsn[160];
  snprintf(dsn, sizeof dsn, "host=%s user=wangge_owner dbname=postgres", postgres_directory());
  struct wg_db_options options = {dsn, "desk", "test", 0, false};
  wg_db_close(db);
  assert_int_equal(wg_db_connect(&options, &db, &error), WG_OK);
  migrates(1);
  postgres_execute("DROP SCHEMA desk CASCADE; DROP ROLE wangge_owner");
}

static void migrate_service(const char *source, const char *service) {
  char sql[800], dsn[160], role[300], paths[3][600];
  snprintf(role, sizeof role, "wangge_%s", service);
  snprintf(sql, sizeof sql, "CREATE ROLE %s; CREATE SCHEMA %s AUTHORIZATION wangge_owner", role, service);
  postgres_execute(sql);
  snprintf(paths[0], sizeof paths[0], "%s/common/stream/schema", source);
  snprintf(paths[1], sizeof paths[1], "%s/common/stage/schema", source);
  snprintf(paths[2], sizeof paths[2], "%s/services/%s/schema", source, service);
  const char *const all[] = {paths[0], paths[1], paths[2], NULL};
  snprintf(dsn, sizeof dsn, "host=%s user=wangge_owner dbname=postgres", postgres_directory());
  struct wg_db_options options = {dsn, service, "test", 0, false};
  struct wg_db *owner;
  int applied;
  if (wg_db_connect(&options, &owner, &error)) fail_msg("%s", error.message);
  for (int time = 0; time < 2; time++) {
    if (wg_migrate(owner, service, role, all, &applied, &error)) fail_msg("%s: %s", service, error.message);
    assert_true(time == 0 ? applied >= 2 : applied == 0);
  }
  wg_db_close(owner);
}

// The files the program is delivered with, as the owner applies them.
static void own_files_apply_for_every_service(void **state) {
  (void)state;
  const char *source = getenv("WANGGE_SOURCE");
  if (!source) source = ".";
  char path[600];
  snprintf(path, sizeof path, "%s/services", source);
  DIR *services = opendir(path);
  if (!services) fail_msg("%s: %m (run it with meson test or in the source folder)", path);
  postgres_execute("CREATE ROLE wangge_owner LOGIN; CREATE SCHEMA postgis; CREATE EXTENSION postgis SCHEMA postgis; "
                   "GRANT USAGE ON SCHEMA postgis TO PUBLIC"); // as ops/postgres/roles.sql
  for (struct dirent *entry; (entry = readdir(services));) {
    snprintf(path, sizeof path, "%s/services/%.100s/schema", source, entry->d_name);
    if (entry->d_name[0] != '.' && access(path, R_OK) == 0) migrate_service(source, entry->d_name);
  }
  closedir(services);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(files_are_applied_once_and_in_order),
      TEST(an_applied_file_may_not_change),
      TEST(numbers_have_no_gap_and_no_double),
      TEST(a_database_newer_than_the_program_is_refused),
      TEST(a_file_is_applied_whole_or_not_at_all),
      TEST(transaction_control_is_refused),
      TEST(the_scan_finds_statements_and_nothing_else),
      TEST(sources_do_not_depend_on_the_place),
      TEST(bad_input_is_refused),
      TEST(several_at_the_same_time_apply_each_file_once),
      TEST(an_owner_needs_no_right_to_create_schemas),
      TEST(own_files_apply_for_every_service),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
