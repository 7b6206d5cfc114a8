// The blocking way of common/db: connecting, round trips of every type, status of every kind of failure.

#include "tests/unit/postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"

enum { TEXT = 25 }; // object id of the type

static struct wg_db *db;
static struct wg_arena *arena;
static struct wg_error error;

static int set_up(void **state) {
  (void)state;
  db = postgres_connect(NULL);
  arena = wg_arena_create(1 << 16);
  error = (struct wg_error){0};
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_db_close(db);
  wg_arena_destroy(arena);
  return 0;
}

static void run_ok(const struct wg_statement *statement, const struct wg_params *params, PGresult **result) {
  if (wg_db_run(db, statement, params, result, &error)) fail_msg("%s: %s", statement->name, error.message);
}

static void exec_ok(const char *sql) {
  if (wg_db_exec(db, sql, &error)) fail_msg("%s: %s", sql, error.message);
}

static void values_come_back_as_sent(void **state) {
  (void)state;
  static const struct wg_statement echo = {"echo", "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $5::jsonb, $2::int2, $9", 9};
  static const uint8_t raw[] = {0, 255, 39, 92, 0};
  int64_t at = wg_civil_to_us((struct wg_civil){1999, 12, 31, 23, 59, 59, 123456});
  struct wg_params *params = wg_params(arena, 9);
  wg_param_bool(params, true);
  wg_param_i32(params, -32768);
  wg_param_i64(params, INT64_MIN);
  wg_param_f64(params, -0.1);
  wg_param_text(params, "{\"k\": \"网格 𠮷\"}");
  wg_param_bytea(params, (struct wg_bytes){raw, sizeof raw});
  wg_param_time(params, at);
  wg_param_null(params, TEXT);
  wg_param_text(params, NULL);
  PGresult *result;
  run_ok(&echo, params, &result);
  assert_true(wg_get_bool(result, 0, 0));
  assert_int_equal(wg_get_i32(result, 0, 1), -32768);
  assert_true(wg_get_i64(result, 0, 2) == INT64_MIN);
  assert_true(wg_get_f64(result, 0, 3) == -0.1);
  assert_string_equal(wg_get_text(result, 0, 4), "{\"k\": \"网格 𠮷\"}");
  assert_true(wg_bytes_equal(wg_get_bytea(result, 0, 5), (struct wg_bytes){raw, sizeof raw}));
  assert_true(wg_get_time(result, 0, 6) == at);
  assert_true(wg_is_null(result, 0, 7));
  assert_string_equal(wg_get_text(result, 0, 7), "");
  assert_string_equal(wg_get_text(result, 0, 8), "{\"k\": \"网格 𠮷\"}");
  assert_int_equal(wg_get_i16(result, 0, 9), -32768);
  assert_true(wg_is_null(result, 0, 10));
  PQclear(result);
}

static void times_mean_the_same_to_the_server(void **state) {
  (void)state;
  static const struct wg_statement times = {"times",
                                            "SELECT to_char($1 AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD "
                                            "HH24:MI:SS.US'), timestamptz 'infinity', timestamptz '-infinity'",
                                            1};
  struct wg_params *params = wg_params(arena, 1);
  wg_param_time(params, wg_civil_to_us((struct wg_civil){2019, 2, 28, 11, 25, 5, 42}));
  PGresult *result;
  run_ok(&times, params, &result);
  assert_string_equal(wg_get_text(result, 0, 0), "2019-02-28 11:25:05.000042");
  assert_true(wg_get_time(result, 0, 1) == INT64_MAX);
  assert_true(wg_get_time(result, 0, 2) == INT64_MIN);
  PQclear(result);
}

static void infinity_goes_both_ways(void **state) {
  (void)state;
  static const struct wg_statement rows = {"infinity", "SELECT t, t = 'infinity' FROM unnest($1::timestamptz[]) AS t",
                                           1};
  struct wg_column *times = wg_column_time(arena, 2);
  wg_push_time(times, INT64_MAX);
  wg_push_time(times, WG_SECOND_US);
  struct wg_params *params = wg_params(arena, 1);
  wg_param_column(params, times);
  PGresult *result;
  run_ok(&rows, params, &result);
  assert_true(wg_get_time(result, 0, 0) == INT64_MAX && wg_get_bool(result, 0, 1));
  assert_true(wg_get_time(result, 1, 0) == WG_SECOND_US && !wg_get_bool(result, 1, 1));
  PQclear(result);
}

static void nulls_read_as_zero(void **state) {
  (void)state;
  static const struct wg_statement nulls = {
      "nulls",
      "SELECT null::bool, null::int2, null::int4, null::int8, null::float8, null::text, null::bytea, "
      "null::timestamptz, null::bigint[], '{}'::bigint[], '{1,-2,9223372036854775807}'::bigint[]",
      0};
  PGresult *result;
  run_ok(&nulls, NULL, &result);
  assert_false(wg_get_bool(result, 0, 0));
  assert_int_equal(wg_get_i16(result, 0, 1), 0);
  assert_int_equal(wg_get_i32(result, 0, 2), 0);
  assert_int_equal(wg_get_i64(result, 0, 3), 0);
  assert_true(wg_get_f64(result, 0, 4) == 0);
  assert_string_equal(wg_get_text(result, 0, 5), "");
  assert_int_equal(wg_get_bytea(result, 0, 6).size, 0);
  assert_int_equal(wg_get_time(result, 0, 7), 0);
  int64_t *values;
  assert_int_equal(wg_get_i64_array(result, 0, 8, arena, &values), 0);
  assert_int_equal(wg_get_i64_array(result, 0, 9, arena, &values), 0);
  assert_int_equal(wg_get_i64_array(result, 0, 10, arena, &values), 3);
  assert_true(values[0] == 1 && values[1] == -2 && values[2] == INT64_MAX);
  PQclear(result);
}

// Eight columns, every third value null, inserted by unnest and compared in the server.
static void columns_insert_by_unnest(void **state) {
  (void)state;
  static const struct wg_statement insert = {
      "insert",
      "INSERT INTO wide SELECT * FROM unnest($1::int4[], $2::int2[], $3::int8[], $4::float8[], $5::bool[], $6::text[], "
      "$7::bytea[], $8::timestamptz[])",
      8};
  static const struct wg_statement wrong = {
      "wrong",
      "SELECT count(*), count(*) FILTER (WHERE CASE WHEN n % 3 = 0 THEN num_nonnulls(a, b, c, d, e, f, g) = 0"
      " ELSE (a, b, c, d, e, f, g) = ((n % 30000)::int2, n * 10000000000::int8, n / 4.0::float8, n % 2 = 0,"
      " '工单' || n, convert_to('x' || n, 'UTF8'), to_timestamp(n)) END) FROM wide",
      0};
  enum { ROWS = 100000 };
  exec_ok("CREATE TEMP TABLE wide (n int, a int2, b int8, c float8, d bool, e text, f bytea, g timestamptz)");
  // The hint is too small on purpose: columns must grow.
  struct wg_column *n = wg_column_i32(arena, 10), *a = wg_column_i16(arena, 0), *b = wg_column_i64(arena, 1),
                   *c = wg_column_f64(arena, ROWS), *d = wg_column_bool(arena, 10), *e = wg_column_text(arena, 10),
                   *f = wg_column_bytea(arena, 10), *g = wg_column_time(arena, 10);
  for (int i = 1; i <= ROWS; i++) {
    wg_push_i32(n, i);
    if (i % 3 == 0) {
      wg_push_null(a), wg_push_null(b), wg_push_null(c), wg_push_null(d), wg_push_null(f);
      wg_push_text(e, NULL), wg_push_time(g, 0);
      continue;
    }
    char text[32];
    snprintf(text, sizeof text, "x%d", i);
    wg_push_bytea(f, wg_bytes_of(text));
    snprintf(text, sizeof text, "工单%d", i);
    wg_push_text(e, text);
    wg_push_i16(a, (int16_t)(i % 30000));
    wg_push_i64(b, i * INT64_C(10000000000));
    wg_push_f64(c, i / 4.0);
    wg_push_bool(d, i % 2 == 0);
    wg_push_time(g, i * WG_SECOND_US);
  }
  assert_int_equal(wg_column_rows(e), ROWS);
  struct wg_params *params = wg_params(arena, 8);
  const struct wg_column *columns[] = {n, a, b, c, d, e, f, g};
  for (int i = 0; i < 8; i++)
    wg_param_column(params, columns[i]);
  run_ok(&insert, params, NULL);
  PGresult *result;
  run_ok(&wrong, NULL, &result);
  assert_int_equal(wg_get_i64(result, 0, 0), ROWS);
  assert_int_equal(wg_get_i64(result, 0, 1), ROWS);
  PQclear(result);
}

static void an_empty_column_is_an_empty_array(void **state) {
  (void)state;
  static const struct wg_statement count = {"count", "SELECT cardinality($1::text[]), $1::text[] = '{}'", 1};
  struct wg_params *params = wg_params(arena, 1);
  wg_param_column(params, wg_column_text(arena, 0));
  PGresult *result;
  run_ok(&count, params, &result);
  assert_int_equal(wg_get_i32(result, 0, 0), 0);
  assert_true(wg_get_bool(result, 0, 1));
  PQclear(result);
}

static void expect(const char *sql, wg_status status) {
  error = (struct wg_error){0};
  wg_status got = wg_db_exec(db, sql, &error);
  if (got != status)
    fail_msg("%s: %s expected, got %s: %s", sql, wg_status_name(status), wg_status_name(got), error.message);
  assert_int_equal(error.code, status);
}

static void failures_map_to_their_status(void **state) {
  (void)state;
  exec_ok("CREATE TEMP TABLE t (k text PRIMARY KEY CHECK (k <> 'bad'), r tsrange, EXCLUDE USING gist (r WITH &&))");
  exec_ok("CREATE TEMP TABLE child (k text REFERENCES t)");
  exec_ok("INSERT INTO t VALUES ('secret-13800138000', '[2020-01-01,2021-01-01)')");
  expect("INSERT INTO t VALUES ('secret-13800138000')", WG_ALREADY_EXISTS);
  assert_non_null(strstr(error.message, "t_pkey"));
  assert_null(strstr(error.message, "13800138000"));
  expect("INSERT INTO t VALUES ('bad')", WG_FAILED_PRECONDITION);
  expect("INSERT INTO t VALUES (NULL)", WG_FAILED_PRECONDITION);
  expect("INSERT INTO child VALUES ('nobody')", WG_FAILED_PRECONDITION);
  expect("INSERT INTO t VALUES ('b', '[2020-05-01,2020-06-01)')", WG_FAILED_PRECONDITION);
  expect("SELECT '13800138000x'::int8", WG_INTERNAL);
  assert_null(strstr(error.message, "13800138000"));
  expect("SELEC", WG_INTERNAL);
  expect("COPY t FROM STDIN", WG_INTERNAL);
  assert_true(wg_db_lost(db));
}

static void timeouts_and_conflicts_have_a_status(void **state) {
  (void)state;
  exec_ok("SET statement_timeout = '20ms'");
  expect("SELECT pg_sleep(5)", WG_DEADLINE_EXCEEDED);
  exec_ok("SET statement_timeout = 0");
  exec_ok("SET lock_timeout = '20ms'");
  struct wg_db *other = postgres_connect(NULL);
  assert_int_equal(wg_db_exec(other, "SELECT pg_advisory_lock(7)", &error), WG_OK);
  expect("SELECT pg_advisory_lock(7)", WG_ABORTED);
  wg_db_close(other);
  expect("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", WG_ABORTED);
  expect("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", WG_ABORTED);
  assert_false(wg_db_lost(db));
  expect("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", WG_UNAVAILABLE); // disk full
  assert_true(wg_db_lost(db));
}

static void commit_of_a_failed_transaction_is_no_success(void **state) {
  (void)state;
  exec_ok("BEGIN");
  expect("SELECT 1 / 0", WG_INTERNAL);
  expect("COMMIT", WG_ABORTED);
  exec_ok("SELECT 1");
}

static void a_statement_is_used_as_declared(void **state) {
  (void)state;
  static const struct wg_statement one = {"one", "SELECT $1", 1}, same_name = {"one", "SELECT $1, 2", 1};
  struct wg_params *number = wg_params(arena, 1), *text = wg_params(arena, 1);
  wg_param_i64(number, 1);
  wg_param_text(text, "1");
  run_ok(&one, number, NULL);
  run_ok(&one, number, NULL);
  assert_int_equal(wg_db_run(db, &one, text, NULL, &error), WG_INTERNAL);
  assert_int_equal(wg_db_run(db, &one, NULL, NULL, &error), WG_INTERNAL);
  assert_int_equal(wg_db_run(db, &same_name, number, NULL, &error), WG_INTERNAL);
  run_ok(&one, number, NULL);
}

static void a_killed_session_is_unavailable(void **state) {
  (void)state;
  char sql[80];
  snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(wg_db_raw(db)));
  postgres_execute(sql);
  expect("SELECT 1", WG_UNAVAILABLE);
  assert_true(wg_db_lost(db));
  expect("SELECT 1", WG_UNAVAILABLE);
}

static void session_settings_are_as_promised(void **state) {
  (void)state;
  static const struct wg_statement settings = {
      "settings",
      "SELECT current_setting('search_path'), current_setting('synchronous_commit'), "
      "current_setting('statement_timeout'), current_setting('timezone'), current_setting('application_name'), "
      "current_setting('client_encoding'), current_setting('default_transaction_read_only')",
      0};
  struct wg_db_options options = {postgres_dsn(), "intake", "wangge-intake", 1500, true};
  wg_db_close(db);
  assert_int_equal(wg_db_connect(&options, &db, &error), WG_OK);
  PGresult *result;
  run_ok(&settings, NULL, &result);
  const char *expected[] = {"\"intake\", pg_temp", "on", "1500ms", "UTC", "wangge-intake", "UTF8", "on"};
  for (int i = 0; i < 7; i++)
    assert_string_equal(wg_get_text(result, 0, i), expected[i]);
  PQclear(result);
  expect("CREATE TABLE public.forbidden ()", WG_INTERNAL);
}

static void connecting(void **state) {
  (void)state;
  char several[200];
  snprintf(several, sizeof several, "host=/nonexistent,%s user=postgres dbname=postgres", postgres_directory());
  struct wg_db *other;
  struct wg_db_options options = {several, NULL, "test", 0, false};
  assert_int_equal(wg_db_connect(&options, &other, &error), WG_OK);
  wg_db_close(other);

  options.dsn = "host=/nonexistent";
  assert_int_equal(wg_db_connect(&options, &other, &error), WG_UNAVAILABLE);
  assert_null(other);
  options.dsn = "no dsn at all";
  assert_int_equal(wg_db_connect(&options, &other, &error), WG_UNAVAILABLE);
  assert_null(other);
  options = (struct wg_db_options){postgres_dsn(), "x\"; DROP", "test", 0, false};
  assert_int_equal(wg_db_connect(&options, &other, &error), WG_INVALID_ARGUMENT);
  assert_null(other);
}

static void the_lock_excludes_a_second_session(void **state) {
  (void)state;
  struct wg_db *other = postgres_connect(NULL);
  bool taken;
  assert_int_equal(wg_db_try_lock(db, "intake", &taken, &error), WG_OK);
  assert_true(taken);
  assert_int_equal(wg_db_try_lock(other, "intake", &taken, &error), WG_OK);
  assert_false(taken);
  assert_int_equal(wg_db_try_lock(other, "routing", &taken, &error), WG_OK);
  assert_true(taken);
  char sql[80];
  snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(wg_db_raw(db)));
  postgres_execute(sql);
  assert_int_equal(wg_db_try_lock(other, "intake", &taken, &error), WG_OK);
  assert_true(taken);
  wg_db_close(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(values_come_back_as_sent, set_up, tear_down),
      cmocka_unit_test_setup_teardown(times_mean_the_same_to_the_server, set_up, tear_down),
      cmocka_unit_test_setup_teardown(infinity_goes_both_ways, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nulls_read_as_zero, set_up, tear_down),
      cmocka_unit_test_setup_teardown(columns_insert_by_unnest, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_empty_column_is_an_empty_array, set_up, tear_down),
      cmocka_unit_test_setup_teardown(failures_map_to_their_status, set_up, tear_down),
      cmocka_unit_test_setup_teardown(timeouts_and_conflicts_have_a_status, set_up, tear_down),
      cmocka_unit_test_setup_teardown(commit_of_a_failed_transaction_is_no_success, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_statement_is_used_as_declared, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_killed_session_is_unavailable, set_up, tear_down),
      cmocka_unit_test_setup_teardown(session_settings_are_as_promised, set_up, tear_down),
      cmocka_unit_test_setup_teardown(connecting, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_lock_excludes_a_second_session, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
