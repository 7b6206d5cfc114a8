// Pipeline mode: batches that succeed, fail in the server, are refused by a callback, lose their connection; and that
// the connection is usable, and every statement still prepared or prepared again, after each failure.

#include "tests/unit/postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>

static struct wg_db *db;
static struct wg_arena *arena;
static struct wg_error error;

static const struct wg_statement INSERT = {"insert", "INSERT INTO item VALUES ($1, $2)", 2};
static const struct wg_statement INSERT_MANY = {"insert_many", "INSERT INTO item SELECT * FROM unnest($1, $2)", 2};
static const struct wg_statement COUNT = {"count", "SELECT count(*) FROM item", 0};
static const struct wg_statement BROKEN = {"broken", "SELECT nothing FROM nowhere", 0};
static const struct wg_statement DIVIDE = {"divide", "SELECT 1 / (count(*) - count(*)) FROM item", 0};

static int set_up(void **state) {
  (void)state;
  postgres_execute("DROP TABLE IF EXISTS item; CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL)");
  db = postgres_connect(NULL);
  arena = wg_arena_create(1 << 16);
  error = (struct wg_error){0};
  if (wg_db_pipeline(db, &error)) fail_msg("%s", error.message);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_db_close(db);
  wg_arena_destroy(arena);
  return 0;
}

static int64_t rows(void) {
  struct wg_db *other = postgres_connect(NULL);
  PGresult *result;
  if (wg_db_run(other, &COUNT, NULL, &result, &error)) fail_msg("%s", error.message);
  int64_t count = wg_get_i64(result, 0, 0);
  PQclear(result);
  wg_db_close(other);
  return count;
}

static void send(const struct wg_statement *statement, wg_db_on_result on_result, void *context) {
  if (wg_db_send(db, statement, NULL, on_result, context, &error)) fail_msg("%s: %s", statement->name, error.message);
}

static void send_insert(int64_t id, const char *name) {
  struct wg_params *params = wg_params(arena, 2);
  wg_param_i64(params, id);
  wg_param_text(params, name);
  if (wg_db_send(db, &INSERT, params, NULL, NULL, &error)) fail_msg("insert: %s", error.message);
}

static void sync_batch(void) {
  if (wg_db_sync(db, &error)) fail_msg("sync: %s", error.message);
}

static void pump_ok(void) {
  if (postgres_pump(db, &error)) fail_msg("pump: %s", error.message);
}

static void pump_fails(wg_status status) {
  error = (struct wg_error){0};
  wg_status got = postgres_pump(db, &error);
  if (got != status) fail_msg("%s expected, got %s", wg_status_name(status), wg_status_name(got));
  assert_int_equal(error.code, status);
}

static wg_status remember(void *context, const PGresult *result, struct wg_error *cause) {
  (void)cause;
  *(int64_t *)context = wg_get_i64(result, 0, 0);
  return WG_OK;
}

static wg_status refuse(void *context, const PGresult *result, struct wg_error *cause) {
  (void)result;
  if (context) ++*(int *)context;
  return wg_fail(cause, WG_DATA_LOSS, NULL, "not what was expected");
}

// good_batch is the proof that the connection is usable: every statement of this file works on it.
static void good_batch(int64_t id) {
  int64_t before = -1, after = -1;
  send(&WG_BEGIN, NULL, NULL);
  send(&COUNT, remember, &before);
  send_insert(id, "网格");
  send(&COUNT, remember, &after);
  send(&WG_COMMIT, NULL, NULL);
  sync_batch();
  pump_ok();
  assert_int_equal(after, before + 1);
  assert_int_equal(rows(), after);
}

static void a_batch_is_committed(void **state) {
  (void)state;
  for (int id = 1; id <= 10; id++)
    good_batch(id);
}

static void load_then_write(void **state) {
  (void)state;
  int64_t loaded = -1;
  send(&WG_BEGIN, NULL, NULL);
  send(&COUNT, remember, &loaded);
  assert_int_equal(wg_db_flush_request(db, &error), WG_OK);
  pump_ok();
  assert_int_equal(loaded, 0);
  send_insert(1, "a");
  send(&WG_COMMIT, NULL, NULL);
  sync_batch();
  pump_ok();
  assert_int_equal(rows(), 1);
  good_batch(2);
}

static void a_failure_while_loading_ends_the_batch(void **state) {
  (void)state;
  int calls = 0;
  send(&WG_BEGIN, NULL, NULL);
  send(&BROKEN, refuse, &calls);
  send(&COUNT, refuse, &calls);
  assert_int_equal(wg_db_flush_request(db, &error), WG_OK);
  pump_fails(WG_INTERNAL);
  assert_int_equal(calls, 0);
  good_batch(1);
}

static void a_failure_in_the_middle_rolls_back(void **state) {
  (void)state;
  send(&WG_BEGIN, NULL, NULL);
  send_insert(1, "a");
  send_insert(1, "again");
  send(&COUNT, NULL, NULL); // never prepared: skipped, and must be prepared by the next batch
  send(&WG_COMMIT, NULL, NULL);
  sync_batch();
  pump_fails(WG_ALREADY_EXISTS);
  assert_non_null(strstr(error.message, "item_pkey"));
  assert_int_equal(rows(), 0);
  good_batch(1);
  assert_int_equal(PQtransactionStatus(wg_db_raw(db)), PQTRANS_IDLE);
}

// The Prepare succeeds, the execution fails; the statement must not be prepared a second time.
static void prepared_before_the_failure_stays_prepared(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    send(&WG_BEGIN, NULL, NULL);
    send(&DIVIDE, NULL, NULL);
    send(&WG_COMMIT, NULL, NULL);
    sync_batch();
    pump_fails(WG_INTERNAL);
    assert_non_null(strstr(error.message, "22012"));
  }
  good_batch(1);
}

static void a_callback_can_refuse_after_commit_was_queued(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    int calls = 0;
    send(&WG_BEGIN, NULL, NULL);
    send_insert(1, "a");
    send(&COUNT, refuse, &calls);
    send(&COUNT, refuse, &calls);
    send(&WG_COMMIT, NULL, NULL);
    sync_batch();
    pump_fails(WG_DATA_LOSS);
    assert_string_equal(error.message, "not what was expected");
    assert_int_equal(calls, 1);
    assert_int_equal(rows(), 0);
  }
  good_batch(1);
}

static void a_callback_can_refuse_what_was_loaded(void **state) {
  (void)state;
  send(&WG_BEGIN, NULL, NULL);
  send_insert(1, "a");
  send(&COUNT, refuse, NULL);
  assert_int_equal(wg_db_flush_request(db, &error), WG_OK);
  pump_fails(WG_DATA_LOSS);
  assert_int_equal(rows(), 0);
  good_batch(1);
}

// The server was asked for one answer; what else is queued but not flushed must come to an end, too.
static void statements_behind_a_failure_are_refused(void **state) {
  (void)state;
  send(&WG_BEGIN, NULL, NULL);
  struct wg_params *params = wg_params(arena, 2);
  wg_param_i64(params, 1);
  assert_int_equal(wg_db_send(db, &INSERT, params, NULL, NULL, &error), WG_INTERNAL); // a parameter is missing
  assert_int_equal(wg_db_send(db, &COUNT, NULL, NULL, NULL, &error), WG_INTERNAL);
  assert_int_equal(wg_db_sync(db, &error), WG_INTERNAL);
  pump_fails(WG_INTERNAL);
  good_batch(1);
}

static void one_batch_at_a_time(void **state) {
  (void)state;
  send(&WG_BEGIN, NULL, NULL);
  send_insert(1, "a");
  send(&WG_COMMIT, NULL, NULL);
  assert_int_equal(wg_db_send(db, &COUNT, NULL, NULL, NULL, &error), WG_FAILED_PRECONDITION);
  sync_batch();
  assert_int_equal(wg_db_send(db, &COUNT, NULL, NULL, NULL, &error), WG_FAILED_PRECONDITION);
  assert_int_equal(wg_db_sync(db, &error), WG_FAILED_PRECONDITION);
  pump_ok(); // the refusals change nothing: the batch is committed and says so
  assert_int_equal(rows(), 1);
  good_batch(2);
}

static void an_abandoned_batch_leaves_nothing(void **state) {
  (void)state;
  send(&WG_BEGIN, NULL, NULL);
  send_insert(1, "a");
  send(&WG_ROLLBACK, NULL, NULL);
  sync_batch();
  pump_ok();
  assert_int_equal(rows(), 0);
  good_batch(2);
}

static void a_failed_batch_can_be_given_up_like_any_other(void **state) {
  (void)state;
  send(&WG_BEGIN, NULL, NULL);
  send_insert(1, "a");
  assert_int_equal(wg_db_sent(db), 2);
  assert_int_equal(wg_db_send(db, &INSERT, NULL, NULL, NULL, &error), WG_INTERNAL);
  send(&WG_ROLLBACK, NULL, NULL);
  sync_batch();
  pump_fails(WG_INTERNAL);
  assert_int_equal(wg_db_sent(db), 0);
  assert_int_equal(rows(), 0);
  good_batch(1);
}

static void a_forgotten_commit_is_a_failure(void **state) {
  (void)state;
  send(&WG_BEGIN, NULL, NULL);
  send_insert(1, "a");
  sync_batch();
  pump_fails(WG_FAILED_PRECONDITION);
  assert_int_equal(rows(), 0);
  good_batch(1);
}

// More than socket buffers hold in both directions: would deadlock if either side waited for the other.
static void large_batches_do_not_deadlock(void **state) {
  (void)state;
  static const struct wg_statement back = {"back", "SELECT id, name FROM item ORDER BY id", 0};
  enum { ROWS = 100000, TIMES = 4 };
  struct wg_column *ids = wg_column_i64(arena, ROWS), *names = wg_column_text(arena, ROWS);
  for (int i = 0; i < ROWS; i++) {
    wg_push_i64(ids, i);
    wg_push_text(names, "夜间施工噪音扰民，请城管部门尽快处理");
  }
  struct wg_params *params = wg_params(arena, 2);
  wg_param_column(params, ids);
  wg_param_column(params, names);
  int64_t first[TIMES] = {-1, -1, -1, -1};
  send(&WG_BEGIN, NULL, NULL);
  assert_int_equal(wg_db_send(db, &INSERT_MANY, params, NULL, NULL, &error), WG_OK);
  for (int i = 0; i < TIMES; i++) {
    send(&back, remember, &first[i]);
    send_insert(ROWS + i, "b");
  }
  send(&WG_COMMIT, NULL, NULL);
  sync_batch();
  pump_ok();
  for (int i = 0; i < TIMES; i++)
    assert_int_equal(first[i], 0);
  assert_int_equal(rows(), ROWS + TIMES);
}

static void kill_session(void) {
  char sql[80];
  snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(wg_db_raw(db)));
  postgres_execute(sql);
}

static void a_session_killed_in_a_batch_is_unavailable(void **state) {
  (void)state;
  send(&WG_BEGIN, NULL, NULL);
  send_insert(1, "a");
  assert_int_equal(wg_db_flush_request(db, &error), WG_OK);
  pump_ok();
  kill_session();
  send(&COUNT, refuse, NULL);
  send(&WG_COMMIT, NULL, NULL);
  sync_batch();
  pump_fails(WG_UNAVAILABLE);
  assert_true(wg_db_lost(db));
  pump_fails(WG_UNAVAILABLE);
  assert_int_equal(wg_db_send(db, &COUNT, NULL, NULL, NULL, &error), WG_UNAVAILABLE);
  assert_int_equal(rows(), 0);
}

static void a_session_killed_while_it_works_is_unavailable(void **state) {
  (void)state;
  static const struct wg_statement suicide = {"suicide", "SELECT pg_terminate_backend(pg_backend_pid())", 0};
  send(&WG_BEGIN, NULL, NULL);
  send_insert(1, "a");
  send(&suicide, NULL, NULL);
  send(&COUNT, refuse, NULL);
  send(&WG_COMMIT, NULL, NULL);
  sync_batch();
  pump_fails(WG_UNAVAILABLE);
  assert_true(wg_db_lost(db));
  assert_int_equal(rows(), 0);
}

static void a_session_killed_between_batches_is_noticed(void **state) {
  (void)state;
  good_batch(1);
  kill_session();
  for (int i = 0; i < 3 && !wg_db_lost(db); i++) {
    struct pollfd fd = {wg_db_socket(db), POLLIN, 0};
    assert_int_equal(poll(&fd, 1, 5000), 1); // first the server's last words, then the end
    postgres_pump(db, &error);
  }
  assert_true(wg_db_lost(db));
  pump_fails(WG_UNAVAILABLE);
}

static void waiting_calls_are_refused(void **state) {
  (void)state;
  assert_int_equal(wg_db_run(db, &COUNT, NULL, NULL, &error), WG_FAILED_PRECONDITION);
  assert_int_equal(wg_db_exec(db, "SELECT 1", &error), WG_FAILED_PRECONDITION);
  good_batch(1);
}

static void what_was_prepared_before_pipeline_mode_counts(void **state) {
  (void)state;
  wg_db_close(db);
  db = postgres_connect(NULL);
  PGresult *result;
  assert_int_equal(wg_db_run(db, &COUNT, NULL, &result, &error), WG_OK);
  PQclear(result);
  assert_int_equal(wg_db_pipeline(db, &error), WG_OK);
  good_batch(1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_batch_is_committed),
      TEST(load_then_write),
      TEST(a_failure_while_loading_ends_the_batch),
      TEST(a_failure_in_the_middle_rolls_back),
      TEST(prepared_before_the_failure_stays_prepared),
      TEST(a_callback_can_refuse_after_commit_was_queued),
      TEST(a_callback_can_refuse_what_was_loaded),
      TEST(statements_behind_a_failure_are_refused),
      TEST(one_batch_at_a_time),
      TEST(an_abandoned_batch_leaves_nothing),
      TEST(a_failed_batch_can_be_given_up_like_any_other),
      TEST(a_forgotten_commit_is_a_failure),
      TEST(large_batches_do_not_deadlock),
      TEST(a_session_killed_in_a_batch_is_unavailable),
      TEST(a_session_killed_while_it_works_is_unavailable),
      TEST(a_session_killed_between_batches_is_noticed),
      TEST(waiting_calls_are_refused),
      TEST(what_was_prepared_before_pipeline_mode_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
