// The stage: one call that fails costs no other anything, timeouts hold, a full queue holds callers back, signals are
// obeyed between batches and never inside one.
#include "tests/unit/stage_test.h"

#include "common/base/clock.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define EVENTS "SELECT coalesce(max(seq), 0) FROM probe.head WHERE stream = 'probe.kept' AND topic = ''"
#define ROWS "SELECT count(*) FROM probe.kept"

static struct instance one;
static void *socket_one;

static int setup(void **state) {
  stage_test_clean(state);
  stage_start(&one, "one");
  socket_one = stage_connect(&one, &stage_test.hotline);
  stage_until_writing(socket_one);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  stage_close(socket_one);
  if (!one.pid) return 0;
  stage_signal(&one, SIGTERM);
  return stage_wait(&one);
}

// --- a batch that is held, a read that is held ---
// What get_held tells the service to wait for, and how hold_read takes it.
enum { READ_LOCK = 77 };
#define TAKE_READ_LOCK "SELECT pg_advisory_xact_lock(77)"

static void sql(struct wg_db *db, const char *text) {
  struct wg_error error = {0};
  const struct wg_statement statement = {text, text, 0};
  if (wg_db_run(db, &statement, NULL, NULL, &error)) fail_msg("%s: %s", text, error.message);
}

static struct wg_db *hold_with(const char *lock) {
  struct wg_db *db = postgres_connect("probe");
  sql(db, "BEGIN");
  sql(db, lock);
  return db;
}

// hold keeps the table locked, so that a batch that began cannot go on until let_go.
static struct wg_db *hold(void) {
  return hold_with("LOCK TABLE probe.kept");
}

static struct wg_db *hold_read(void) {
  return hold_with(TAKE_READ_LOCK);
}

static void let_go(struct wg_db *db) {
  sql(db, "ROLLBACK");
  wg_db_close(db);
}

// await_held waits until a query counts something, which tells that `what` stands before a lock.
static void await_held(const char *what, const char *query) {
  const int64_t until_us = wg_monotonic_us() + STAGE_PATIENCE_MS * INT64_C(1000);
  while (stage_count(query) == 0) {
    if (wg_monotonic_us() > until_us) fail_msg("%s does not begin", what);
    usleep(10000);
  }
}

// put_held puts a note and waits until its batch has begun and stands before the lock.
static void put_held(uint64_t id, const char *request_id) {
  stage_put(socket_one, id, request_id, "x", 0);
  await_held(request_id, "SELECT count(*) FROM pg_locks WHERE NOT granted");
}

static void send_get(uint64_t id, int64_t lock, int timeout_ms) {
  Wangge__V1__GetCaseRequest request = WANGGE__V1__GET_CASE_REQUEST__INIT;
  request.order_id = lock;
  assert_true(stage_send(socket_one, id, "wangge.v1.Probe/Get", &request.base, timeout_ms, STAGE_PATIENCE_MS));
}

// get_held asks for a read and waits until it stands before the lock.
static void get_held(uint64_t id) {
  send_get(id, READ_LOCK, 0);
  await_held("the read", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'wangge_probe' "
                         "AND query LIKE '%pg_try_advisory_xact_lock%'");
}

static void assert_answered(uint64_t id, wg_status status) {
  struct answer answer;
  assert_true(stage_receive(socket_one, &answer, STAGE_PATIENCE_MS));
  assert_int_equal(answer.id, id);
  assert_int_equal(answer.error.code, status);
}

// put_behind puts a note and waits until the service has it: what one caller sends is taken in order.
static void put_behind(uint64_t id, const char *request_id, int timeout_ms) {
  stage_put(socket_one, id, request_id, "x", timeout_ms);
  assert_int_equal(stage_get(socket_one, 0).error.code, WG_OK);
}

static void migrating_again_changes_nothing(void **state) {
  (void)state;
  assert_int_equal(stage_run("--migrate"), 0);
  assert_int_equal(stage_run("--check"), 0);
}

static void a_call_is_kept_and_answered_once(void **state) {
  (void)state;
  const int64_t events = stage_count(EVENTS);
  for (int i = 0; i < 2; i++)
    assert_int_equal(stage_call(socket_one, "a", "x").error.code, WG_OK);
  assert_int_equal(stage_count("SELECT count(*) FROM probe.kept WHERE request_id = 'a'"), 1);
  assert_int_equal(stage_count(EVENTS), events + 1);
}

// Sends `count` calls that lie in one batch, because the one before takes its time; number `bad` has note `note`.
static void batch_with(const char *note, int bad, int count, struct answer *answers) {
  char request_id[32];
  struct answer answer;
  stage_put(socket_one, 1000, "before", "slow", 0);
  for (int i = 0; i < count; i++) {
    snprintf(request_id, sizeof request_id, "%s-%d", note, i);
    stage_put(socket_one, 1 + (uint64_t)i, request_id, i == bad ? note : "x", 0);
  }
  for (int i = 0; i <= count; i++) {
    if (!stage_receive(socket_one, &answer, STAGE_PATIENCE_MS)) fail_msg("%s: only %d answers", note, i);
    if (answer.id == 1000) continue;
    assert_in_range(answer.id, 1, count);
    assert_int_equal(answers[answer.id - 1].id, 0); // one answer each
    answers[answer.id - 1] = answer;
  }
}

static void one_poisonous_call_fails_alone(void **state) {
  (void)state;
  static const char *const NOTES[] = {"fail-load", "fail-decide", "fail-store", "poison"};
  enum { COUNT = 60, BAD = 25 };
  for (size_t n = 0; n < sizeof NOTES / sizeof *NOTES; n++) {
    struct answer answers[COUNT] = {0};
    char sql[128];
    const int64_t events = stage_count(EVENTS), rows = stage_count(ROWS);
    batch_with(NOTES[n], BAD, COUNT, answers);
    for (int i = 0; i < COUNT; i++) {
      const wg_status expected = i == BAD ? WG_INTERNAL : WG_OK;
      if (answers[i].error.code != expected)
        fail_msg("%s: call %d got %s: %s", NOTES[n], i, wg_status_name(answers[i].error.code),
                 answers[i].error.message);
      if (i != BAD) assert_int_equal(answers[i].order_id, i + 1); // its own answer
    }
    // What went wrong inside is logged, not told.
    assert_null(strstr(answers[BAD].error.message, "told to"));
    assert_null(strstr(answers[BAD].error.message, "poison"));
    snprintf(sql, sizeof sql, "SELECT count(*) FROM probe.kept WHERE request_id = '%s-%d'", NOTES[n], BAD);
    assert_int_equal(stage_count(sql), 0);
    const int before = n == 0; // the row of the slow call is new once
    assert_int_equal(stage_count(ROWS), rows + COUNT - 1 + before);
    assert_int_equal(stage_count(EVENTS), events + COUNT - 1 + before);
  }
}

static void a_refusal_is_no_failure_of_the_batch(void **state) {
  (void)state;
  enum { COUNT = 20 };
  struct answer answers[COUNT] = {0};
  batch_with("refuse", 3, COUNT, answers);
  for (int i = 0; i < COUNT; i++)
    assert_int_equal(answers[i].error.code, i == 3 ? WG_ABORTED : WG_OK);
  assert_string_equal(answers[3].error.field, "note");
  assert_false(stage_log_says("one", "batch failed"));
}

static void calls_go_on_while_failures_are_isolated(void **state) {
  (void)state;
  enum { COUNT = 40, LATER = 200 };
  char request_id[32];
  struct answer answer;
  int good = 0, internal = 0;
  stage_put(socket_one, 1000, "before", "slow", 0);
  for (int i = 0; i < COUNT + LATER; i++) {
    snprintf(request_id, sizeof request_id, "mixed-%d", i);
    stage_put(socket_one, 1 + (uint64_t)i, request_id, i % 8 == 3 ? "poison" : "x", 0);
  }
  while (good + internal < COUNT + LATER + 1 && stage_receive(socket_one, &answer, STAGE_PATIENCE_MS)) {
    good += answer.error.code == WG_OK;
    internal += answer.error.code == WG_INTERNAL;
  }
  assert_int_equal(internal, (COUNT + LATER) / 8);
  assert_int_equal(good, COUNT + LATER + 1 - internal);
}

static void a_call_whose_time_is_up_is_not_begun(void **state) {
  (void)state;
  struct answer answer;
  struct wg_db *lock = hold();
  put_held(1, "held");
  stage_put(socket_one, 2, "late", "x", 100);
  assert_true(stage_receive(socket_one, &answer, STAGE_PATIENCE_MS)); // while the batch before it is still under way
  assert_int_equal(answer.id, 2);
  assert_int_equal(answer.error.code, WG_DEADLINE_EXCEEDED);
  let_go(lock);
  assert_true(stage_receive(socket_one, &answer, STAGE_PATIENCE_MS));
  assert_int_equal(answer.id, 1);
  assert_int_equal(answer.error.code, WG_OK);
  assert_int_equal(stage_count("SELECT count(*) FROM probe.kept WHERE request_id = 'late'"), 0);
}

static void a_read_whose_time_is_up_is_not_begun(void **state) {
  (void)state;
  enum { TIMEOUT_MS = 100 };
  struct wg_db *lock = hold_read();
  get_held(1); // and there is one reader
  send_get(2, 0, TIMEOUT_MS);
  assert_int_equal(stage_call(socket_one, "behind it", "x").error.code, WG_OK); // so the read has come
  usleep((TIMEOUT_MS + 50) * 1000);
  let_go(lock);
  assert_answered(1, WG_OK);
  assert_answered(2, WG_DEADLINE_EXCEEDED);
}

static void reads_do_not_hold_up_writes(void **state) {
  (void)state;
  struct wg_db *lock = hold_read();
  get_held(1);
  assert_int_equal(stage_call(socket_one, "beside", "x").error.code, WG_OK);
  let_go(lock);
  assert_answered(1, WG_OK);
}

static void wrong_calls_are_told_so(void **state) {
  (void)state;
  void *watcher = stage_connect(&one, &stage_test.watcher);
  assert_int_equal(stage_call(watcher, "a", "x").error.code, WG_PERMISSION_DENIED);
  assert_int_equal(stage_get(watcher, 0).error.code, WG_OK);
  stage_close(watcher);
  assert_int_equal(stage_call(socket_one, "", "x").error.code, WG_INVALID_ARGUMENT);
  assert_int_equal(stage_get(socket_one, -1).error.code, WG_INVALID_ARGUMENT);
  assert_int_equal(stage_get(socket_one, 600001).error.code, WG_INVALID_ARGUMENT);
  struct answer answer;
  Wangge__V1__GetCaseRequest request = WANGGE__V1__GET_CASE_REQUEST__INIT;
  assert_true(stage_send(socket_one, 1, "wangge.v1.Probe/Vanish", &request.base, 0, STAGE_PATIENCE_MS));
  assert_true(stage_receive(socket_one, &answer, STAGE_PATIENCE_MS));
  assert_int_equal(answer.error.code, WG_UNIMPLEMENTED);
}

// A caller who sends without reading is held back when the queues are full, and loses nothing that was sent.
static void a_full_queue_holds_the_caller_back(void **state) {
  (void)state;
  enum { MOST = 60000 };
  char request_id[32];
  const int64_t events = stage_count(EVENTS);
  stage_signal(&one, SIGSTOP); // nothing is taken meanwhile
  int sent = 0;
  Wangge__V1__ProgressRequest request = WANGGE__V1__PROGRESS_REQUEST__INIT;
  request.request_id = request_id;
  request.note = (char *)"x";
  for (; sent < MOST; sent++) {
    snprintf(request_id, sizeof request_id, "full-%d", sent);
    if (!stage_send(socket_one, 1 + (uint64_t)sent, "wangge.v1.Probe/Put", &request.base, 0, 100)) break;
  }
  stage_signal(&one, SIGCONT);
  if (sent == MOST) fail_msg("%d calls went out and nobody took them", sent);
  struct answer answer;
  int answered = 0;
  while (answered < sent && stage_receive(socket_one, &answer, STAGE_PATIENCE_MS)) {
    if (answer.error.code) fail_msg("%s: %s", wg_status_name(answer.error.code), answer.error.message);
    answered++;
  }
  assert_int_equal(answered, sent);
  assert_int_equal(stage_count("SELECT count(*) FROM probe.kept WHERE request_id LIKE 'full-%'"), sent);
  assert_int_equal(stage_count(EVENTS), events + sent);
}

// The reading side of a caller is slow: more answers come at once than a ZeroMQ queue holds.
static void a_large_batch_of_one_caller_is_answered_whole(void **state) {
  (void)state;
  enum { COUNT = 4000 };
  char request_id[32];
  const int64_t rows = stage_count(ROWS);
  stage_put(socket_one, 100000, "before", "slow", 0);
  for (int i = 0; i < COUNT; i++) {
    snprintf(request_id, sizeof request_id, "large-%d", i);
    stage_put(socket_one, 1 + (uint64_t)i, request_id, "x", 0);
  }
  const int64_t until_us = wg_monotonic_us() + STAGE_PATIENCE_MS * INT64_C(1000);
  while (stage_count(ROWS) < rows + COUNT + 1 && wg_monotonic_us() < until_us)
    usleep(100000); // until all are done and their answers on the way
  struct answer answer;
  int answered = 0;
  while (answered < COUNT + 1 && stage_receive(socket_one, &answer, STAGE_PATIENCE_MS))
    answered++;
  assert_int_equal(answered, COUNT + 1);
}

// --- what happens around it ---
static void a_key_nobody_knows_gets_no_connection(void **state) {
  (void)state;
  void *stranger = stage_connect(&one, &stage_test.stranger);
  Wangge__V1__GetCaseRequest request = WANGGE__V1__GET_CASE_REQUEST__INIT;
  assert_false(stage_send(stranger, 1, "wangge.v1.Probe/Get", &request.base, 0, 500));
  assert_int_equal(stage_call(socket_one, "beside a stranger", "x").error.code, WG_OK);
  stage_close(stranger);
}

// Calls under way when the database dies have an unknown outcome: they run again, and are kept once.
static void a_database_that_dies_costs_no_call_that_was_taken(void **state) {
  (void)state;
  struct answer answer;
  const int64_t events = stage_count(EVENTS), rows = stage_count(ROWS);
  struct wg_db *lock = hold();
  put_held(1, "crash");
  put_behind(2, "behind", 0);
  postgres_crash();
  wg_db_close(lock);
  stage_log_await("one", "database lost");
  assert_int_equal(stage_call(socket_one, "meanwhile", "x").error.code, WG_UNAVAILABLE);
  postgres_restart();
  for (int i = 0; i < 2; i++) {
    assert_true(stage_receive(socket_one, &answer, STAGE_PATIENCE_MS));
    if (answer.error.code) fail_msg("%d: %s", (int)answer.id, answer.error.message);
  }
  assert_int_equal(stage_count(ROWS), rows + 2);
  assert_int_equal(stage_count(EVENTS), events + 2);
  assert_int_equal(stage_call(socket_one, "afterwards", "x").error.code, WG_OK);
}

static void a_second_instance_takes_over_when_the_first_is_killed(void **state) {
  (void)state;
  struct instance two;
  stage_start(&two, "two");
  void *socket_two = stage_connect(&two, &stage_test.hotline);
  struct answer answer = stage_call(socket_two, "standing by", "x");
  assert_int_equal(answer.error.code, WG_UNAVAILABLE);
  const int64_t events = stage_count(EVENTS);
  stage_signal(&one, SIGKILL);
  assert_int_equal(stage_wait(&one), 128 + SIGKILL);
  stage_until_writing(socket_two);
  assert_int_equal(stage_call(socket_two, "taken over", "x").error.code, WG_OK);
  assert_int_equal(stage_count(EVENTS), events + 1); // "until-writing" was kept by the first
  stage_close(socket_two);
  stage_signal(&two, SIGTERM);
  assert_int_equal(stage_wait(&two), 0);
}

// --- signals ---
static int64_t greeting(void) {
  const struct answer answer = stage_get(socket_one, 0);
  assert_int_equal(answer.error.code, WG_OK);
  return answer.order_id;
}

static void a_reload_that_is_refused_leaves_the_old(void **state) {
  (void)state;
  assert_int_equal(greeting(), 1);
  stage_test_write("greeting", "2");
  stage_signal(&one, SIGHUP);
  stage_log_await("one", "reloaded");
  assert_int_equal(greeting(), 2);
  stage_test_write("greeting", "broken");
  stage_signal(&one, SIGHUP);
  stage_log_await("one", "reload of reference data refused");
  assert_int_equal(greeting(), 2);
  assert_int_equal(stage_call(socket_one, "after", "x").error.code, WG_OK);
}

static void broken_principals_leave_the_old_rights(void **state) {
  (void)state;
  stage_test_principals("[hotline]\nkey = twice\n");
  stage_signal(&one, SIGHUP);
  stage_log_await("one", "reload of principals refused");
  assert_int_equal(stage_call(socket_one, "still", "x").error.code, WG_OK);
  // Reference data is read all the same: one broken file does not hold up the other.
  stage_test_write("greeting", "3");
  stage_signal(&one, SIGHUP);
  const int64_t until_us = wg_monotonic_us() + STAGE_PATIENCE_MS * INT64_C(1000);
  while (greeting() != 3 && wg_monotonic_us() < until_us)
    usleep(20000);
  assert_int_equal(greeting(), 3);
}

static void term_ends_the_batch_under_way_and_tells_the_rest(void **state) {
  (void)state;
  struct answer answer;
  struct wg_db *lock = hold();
  put_held(1, "last");
  put_behind(2, "queued", 0);
  stage_signal(&one, SIGTERM);
  stage_log_await("one", "stopping");
  let_go(lock);
  wg_status told[3] = {WG_UNKNOWN, WG_UNKNOWN, WG_UNKNOWN};
  for (int i = 0; i < 2; i++) {
    assert_true(stage_receive(socket_one, &answer, STAGE_PATIENCE_MS));
    assert_in_range(answer.id, 1, 2);
    told[answer.id] = answer.error.code;
  }
  assert_int_equal(told[1], WG_OK);
  assert_int_equal(told[2], WG_UNAVAILABLE);
  assert_int_equal(stage_wait(&one), 0);
  assert_int_equal(stage_count("SELECT count(*) FROM probe.kept WHERE request_id = 'last'"), 1);
  assert_int_equal(stage_count("SELECT count(*) FROM probe.kept WHERE request_id = 'queued'"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv) {
  if (stage_test_is_probe(argv)) return wg_stage_main(&PROBE, argc, argv);
  const struct CMUnitTest tests[] = {
      TEST(migrating_again_changes_nothing),
      TEST(a_call_is_kept_and_answered_once),
      TEST(one_poisonous_call_fails_alone),
      TEST(a_refusal_is_no_failure_of_the_batch),
      TEST(calls_go_on_while_failures_are_isolated),
      TEST(a_call_whose_time_is_up_is_not_begun),
      TEST(a_read_whose_time_is_up_is_not_begun),
      TEST(reads_do_not_hold_up_writes),
      TEST(wrong_calls_are_told_so),
      TEST(a_full_queue_holds_the_caller_back),
      TEST(a_large_batch_of_one_caller_is_answered_whole),
      TEST(a_key_nobody_knows_gets_no_connection),
      TEST(a_database_that_dies_costs_no_call_that_was_taken),
      TEST(a_second_instance_takes_over_when_the_first_is_killed),
      TEST(a_reload_that_is_refused_leaves_the_old),
      TEST(broken_principals_leave_the_old_rights),
      TEST(term_ends_the_batch_under_way_and_tells_the_rest),
  };
  return cmocka_run_group_tests_name("stage", tests, stage_test_setup, stage_test_teardown);
}
