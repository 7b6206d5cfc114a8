// The stage's periodic work: ticks and refreshes come again and again, whatever fails in them or beside them.
#include "tests/unit/stage_test.h"

#include "common/base/clock.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define TICK_SECONDS "PROBE_TICK_SECONDS" // of the probe, in its environment

static struct instance one;
static void *socket_one;

static void start_with(const char *tick_seconds) {
  setenv(TICK_SECONDS, tick_seconds, 1);
  stage_start(&one, "one");
  socket_one = stage_connect(&one, &stage_test.hotline);
  stage_until_writing(socket_one);
}

static int teardown(void **state) {
  (void)state;
  stage_close(socket_one);
  if (!one.pid) return 0;
  stage_signal(&one, SIGTERM);
  return stage_wait(&one);
}

static int64_t ticks_of(const struct instance *instance) {
  char sql[128];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM probe.kept WHERE request_id LIKE 'tick-%d-%%'", (int)instance->pid);
  return stage_count(sql);
}

static void await_ticks(const struct instance *instance, int64_t count) {
  const int64_t until_us = wg_monotonic_us() + STAGE_PATIENCE_MS * INT64_C(1000);
  while (ticks_of(instance) < count) {
    if (wg_monotonic_us() > until_us)
      fail_msg("%s: %d ticks, wanted %d", instance->name, (int)ticks_of(instance), (int)count);
    usleep(10000);
  }
}

static void greet(int number) {
  char text[16];
  snprintf(text, sizeof text, "%d", number);
  stage_test_write("greeting", text);
  stage_signal(&one, SIGHUP);
  const int64_t until_us = wg_monotonic_us() + STAGE_PATIENCE_MS * INT64_C(1000);
  while (stage_get(socket_one, 0).order_id != number) {
    if (wg_monotonic_us() > until_us) fail_msg("the greeting is not read again");
    usleep(10000);
  }
}

// --- ticks ---
static void ticks_come_soon_and_then_in_their_time(void **state) {
  (void)state;
  const int64_t began_us = wg_monotonic_us();
  start_with("1");
  await_ticks(&one, 4);
  assert_true(wg_monotonic_us() - began_us >= 3 * WG_SECOND_US); // the first at once, no two within a second
}

static void a_tick_that_fails_costs_no_call_and_the_next_comes(void **state) {
  (void)state;
  start_with("1");
  greet(PROBE_UNLUCKY);
  char request_id[32];
  for (int i = 0; !stage_log_says("one", "batch failed"); i++) {
    snprintf(request_id, sizeof request_id, "beside-%d", i);
    assert_int_equal(stage_call(socket_one, request_id, "x").error.code, WG_OK);
  }
  greet(1);
  await_ticks(&one, ticks_of(&one) + 1);
}

// A call that poisons every batch it is in must not keep the tick from being made: it would wait an hour.
static void a_neighbour_that_fails_takes_no_tick_with_it(void **state) {
  (void)state;
  start_with("3600");
  await_ticks(&one, 1);
  enum { COUNT = 20 };
  stage_put(socket_one, 1000, "again", "tick-again", 0); // while it takes its time, the others gather
  for (int i = 0; i < COUNT; i++) {
    char request_id[32];
    snprintf(request_id, sizeof request_id, "neighbour-%d", i);
    stage_put(socket_one, (uint64_t)i + 1, request_id, i % 2 ? "poison" : "x", 0);
  }
  for (int i = 0; i < COUNT + 1; i++) {
    struct answer answer;
    assert_true(stage_receive(socket_one, &answer, STAGE_PATIENCE_MS));
    assert_int_equal(answer.error.code, answer.id <= COUNT && answer.id % 2 == 0 ? WG_INTERNAL : WG_OK);
  }
  await_ticks(&one, 2);
}

static void only_the_writer_ticks_and_soon_after_it_became_it(void **state) {
  (void)state;
  start_with("3600");
  await_ticks(&one, 1);
  struct instance two;
  stage_start(&two, "two");
  void *socket_two = stage_connect(&two, &stage_test.hotline);
  assert_int_equal(stage_call(socket_two, "standing by", "x").error.code, WG_UNAVAILABLE);
  assert_int_equal(ticks_of(&two), 0);
  stage_signal(&one, SIGKILL);
  assert_int_equal(stage_wait(&one), 128 + SIGKILL);
  await_ticks(&two, 1);
  stage_close(socket_two);
  stage_signal(&two, SIGTERM);
  assert_int_equal(stage_wait(&two), 0);
}

// What is due by time is due when the clock is set forward, not an hour later by another clock; set back, it waits.
static void a_clock_set_forward_brings_the_tick(void **state) {
  (void)state;
  char path[] = "/tmp/wangge-clock-XXXXXX";
  const int file = mkstemp(path);
  assert_true(file >= 0);
  int64_t now = wg_now_us();
  assert_int_equal(pwrite(file, &now, sizeof now, 0), sizeof now);
  setenv("WANGGE_PROBE_CLOCK", path, 1);
  start_with("3600");
  unsetenv("WANGGE_PROBE_CLOCK");
  await_ticks(&one, 1);
  now -= 7200 * WG_SECOND_US;
  assert_int_equal(pwrite(file, &now, sizeof now, 0), sizeof now);
  assert_int_equal(stage_call(socket_one, "earlier", "x").error.code, WG_OK);
  usleep(300000);
  assert_int_equal(ticks_of(&one), 1);
  now += 3 * 3600 * WG_SECOND_US + 1000000;
  assert_int_equal(pwrite(file, &now, sizeof now, 0), sizeof now);
  await_ticks(&one, 2);
  close(file);
  unlink(path);
}

// --- refreshes ---
static void refreshes_go_on_one_by_one_and_cannot_write(void **state) {
  (void)state;
  start_with("3600");
  stage_log_await("one", "refresh 1");
  greet(PROBE_UNLUCKY);
  stage_log_await("one", "refresh failed");
  greet(1);
  stage_log_await("one", "refresh 4");
  assert_false(stage_log_says("one", "refresh:")); // twice at once, too early, able to write
  assert_int_equal(stage_count("SELECT count(*) FROM probe.kept WHERE request_id = 'by refresh'"), 0);
}

static void refreshes_go_on_when_the_database_comes_back(void **state) {
  (void)state;
  start_with("3600");
  stage_log_await("one", "refresh 1");
  postgres_execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'wangge_probe'");
  stage_log_await("one", "refresh 4");
  assert_int_equal(stage_call(socket_one, "afterwards", "x").error.code, WG_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_test_clean, teardown)

int main(int argc, char **argv) {
  if (stage_test_is_probe(argv)) {
    struct wg_service probe = PROBE;
    const char *seconds = getenv(TICK_SECONDS);
    probe.tick_seconds = seconds ? (int)strtol(seconds, NULL, 10) : 0;
    probe.refresh_seconds = 1;
    return wg_stage_main(&probe, argc, argv);
  }
  const struct CMUnitTest tests[] = {
      TEST(ticks_come_soon_and_then_in_their_time),       TEST(a_tick_that_fails_costs_no_call_and_the_next_comes),
      TEST(a_neighbour_that_fails_takes_no_tick_with_it), TEST(only_the_writer_ticks_and_soon_after_it_became_it),
      TEST(a_clock_set_forward_brings_the_tick),          TEST(refreshes_go_on_one_by_one_and_cannot_write),
      TEST(refreshes_go_on_when_the_database_comes_back),
  };
  return cmocka_run_group_tests_name("stage_periodic", tests, stage_test_setup, stage_test_teardown);
}
