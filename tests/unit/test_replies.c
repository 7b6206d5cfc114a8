// Answers that a caller does not take: they come later and in order, are bounded, and cost nobody else anything.
#include "tests/unit/bus_test.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "common/stage/internal.h"
#include "common/wire/wire.h"
#include "wangge/v1/routing.pb-c.h"

#include <stdlib.h>

enum { TEXT_BYTES = 4000, SECOND_US = 1000000, MANY = 40000, ONE_BYTES = 4 << 20 };

static struct bus_test *bus;
static void *departures; // a PAIR that hears of each connection to the router that ended
static struct wg_stage *stage;
static char text[TEXT_BYTES + 1];

static int set_up(void **state) {
  if (bus_test_setup(state)) return -1;
  bus = *state;
  assert_int_equal(zmq_socket_monitor(bus->router, "inproc://departures", ZMQ_EVENT_DISCONNECTED), 0);
  departures = zmq_socket(bus->bus.context, ZMQ_PAIR);
  assert_int_equal(zmq_connect(departures, "inproc://departures"), 0);
  stage = wg_zalloc(sizeof *stage);
  stage->router = bus->router;
  stage->metrics = wg_metrics_create("test");
  stage->replies_dropped = wg_counter(stage->metrics, "wangge_replies_dropped_total", NULL, "of the test");
  memset(text, 'x', TEXT_BYTES);
  return 0;
}

static int tear_down(void **state) {
  wg_replies_stop(stage);
  assert_null(stage->slow_callers);
  assert_int_equal(stage->unsent_bytes, 0);
  wg_metrics_destroy(stage->metrics);
  free(stage);
  zmq_socket_monitor(bus->router, NULL, 0);
  bus_test_close(departures);
  return bus_test_teardown(state);
}

struct caller {
  void *dealer;
  struct wg_peer peer;
  uint64_t answered, taken; // ids count from 1
};

// Its dealer sends no heartbeats of its own: libzmq 4.3.4 ends the process when the timer of a heartbeat finds that the
// connection broke while its incoming queue was full, and these callers are slow on purpose.
static struct caller caller_with(const struct wg_key *key, const char *routing_id) {
  struct caller caller = {.dealer = bus_test_dealer_named(bus, key, routing_id)};
  struct wg_incoming incoming;
  bus_test_say(caller.dealer, "hello");
  assert_true(bus_test_hear(bus->router, &incoming, BUS_TEST_PATIENCE_MS));
  caller.peer = incoming.peer;
  wg_incoming_close(&incoming);
  return caller;
}

// Returns when the router's side has seen it go: libzmq 4.3.4 ends the process (session_base.cpp, clean_pipes) when a
// socket is closed in the very moment a connection of its own breaks in the middle of a message.
static void leave(struct caller *caller) {
  bus_test_close(caller->dealer);
  if (!bus_test_wait(departures, ZMQ_POLLIN, BUS_TEST_PATIENCE_MS)) fail_msg("the router has not seen the caller go");
  char frame[256];
  do
    assert_true(zmq_recv(departures, frame, sizeof frame, 0) >= 0);
  while (bus_test_wait(departures, ZMQ_POLLIN, 0));
}

static void answer(struct caller *caller) {
  Wangge__V1__RuleFinding reply = WANGGE__V1__RULE_FINDING__INIT;
  reply.message = text;
  wg_reply(stage, &caller->peer, ++caller->answered, NULL, &reply.base, NULL);
}

// retry_now tries what waits, whenever it was tried last.
static int64_t retry_now(int64_t now_us) {
  stage->unsent_retry_us = 0;
  return wg_replies_retry(stage, now_us);
}

// overwhelm answers until answers have to wait and nothing on the way to the caller has room any more.
static void overwhelm(struct caller *caller) {
  for (int quiet = 0; quiet < 3;) {
    while (!stage->slow_callers_count) {
      answer(caller);
      if (caller->answered > MANY) fail_msg("%d answers went out and nobody took them", MANY);
    }
    const size_t before = stage->unsent_bytes;
    bus_test_wait(bus->router, ZMQ_POLLIN, 50);
    retry_now(wg_monotonic_us());
    quiet = stage->unsent_bytes == before ? quiet + 1 : 0;
  }
}

// take receives one answer and expects it to be the next one.
static bool take(struct caller *caller, int timeout_ms) {
  struct wg_incoming incoming;
  if (!bus_test_wait(caller->dealer, ZMQ_POLLIN, timeout_ms) || !wg_dealer_receive(caller->dealer, &incoming))
    return false;
  struct wg_arena *arena = wg_arena_create(1024);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  const struct wg_bytes head = {zmq_msg_data(&incoming.envelope), zmq_msg_size(&incoming.envelope)};
  if (wg_unpack(&wangge__v1__envelope__descriptor, head, arena, &message, &error)) fail_msg("%s", error.message);
  assert_int_equal(((const Wangge__V1__Envelope *)message)->reply->id, ++caller->taken);
  assert_int_equal(incoming.frames, 2);
  assert_true(zmq_msg_size(&incoming.body) > TEXT_BYTES);
  wg_arena_destroy(arena);
  wg_incoming_close(&incoming);
  return true;
}

static int dropped(void) {
  struct wg_buffer page = {0};
  wg_metrics_write(stage->metrics, false, &page);
  wg_buffer_append(&page, "", 1);
  const char *line = strstr((const char *)page.data, "wangge_replies_dropped_total{");
  assert_non_null(line);
  const int count = (int)strtol(strchr(line, '}') + 1, NULL, 10);
  wg_buffer_free(&page);
  return count;
}

static void what_waits_comes_later_and_in_order(void **state) {
  (void)state;
  struct caller alice = caller_with(&bus->alice, "alice");
  overwhelm(&alice);
  for (int i = 0; i < 500; i++)
    answer(&alice);
  while (take(&alice, 2000)) {
    retry_now(wg_monotonic_us());
    if (alice.answered < MANY && alice.taken % 100 == 0) answer(&alice); // queues up behind those that wait
  }
  assert_int_equal(alice.taken, alice.answered);
  assert_int_equal(stage->slow_callers_count, 0);
  assert_int_equal(retry_now(wg_monotonic_us()), INT64_MAX);
  assert_int_equal(dropped(), 0);
  leave(&alice);
}

static void a_caller_that_never_reads_is_bounded_and_alone(void **state) {
  (void)state;
  struct caller alice = caller_with(&bus->alice, "alice"), bob = caller_with(&bus->bob, "bob");
  int64_t at_us = wg_monotonic_us(); // it takes nothing before
  overwhelm(&alice);
  for (int i = 0; i < 5000; i++)
    answer(&alice);
  assert_in_range(stage->unsent_bytes, ONE_BYTES - TEXT_BYTES - 200, ONE_BYTES);
  const int beyond = dropped();
  assert_true(beyond > 0);
  for (int i = 0; i < 100; i++) {
    answer(&bob);
    assert_true(take(&bob, BUS_TEST_PATIENCE_MS));
  }
  assert_int_equal(stage->slow_callers_count, 1);
  // Ten seconds after it took something last it is given up.
  retry_now(at_us += 9 * SECOND_US);
  assert_int_equal(stage->slow_callers_count, 1);
  for (int attempt = 0; stage->slow_callers_count && attempt < 100; attempt++) // the way to it may still take a few
    retry_now(at_us += 11 * SECOND_US);
  assert_int_equal(stage->slow_callers_count, 0);
  assert_int_equal(retry_now(at_us), INT64_MAX);
  assert_int_equal(stage->unsent_bytes, 0);
  // Every answer was either taken or counted as dropped.
  assert_true(dropped() > beyond);
  while (take(&alice, 1000))
    continue;
  assert_int_equal(alice.taken + (uint64_t)dropped(), alice.answered);
  leave(&alice);
  leave(&bob);
}

static void a_caller_that_takes_something_is_not_given_up(void **state) {
  (void)state;
  struct caller alice = caller_with(&bus->alice, "alice");
  const int64_t begin_us = wg_monotonic_us(); // the first has to wait later
  overwhelm(&alice);
  for (int i = 0; i < 500; i++)
    answer(&alice);
  const size_t before = stage->unsent_bytes;
  // Takes until something of what waits has gone out, nine seconds after the first had to wait.
  for (int64_t tick_us = 0; stage->unsent_bytes == before; tick_us += SECOND_US / 10) {
    if (!take(&alice, BUS_TEST_PATIENCE_MS)) fail_msg("nothing came after %d answers", (int)alice.taken);
    retry_now(begin_us + 9 * SECOND_US + tick_us / 1000);
  }
  const size_t after = stage->unsent_bytes;
  assert_true(after > 0);
  retry_now(begin_us + 15 * SECOND_US);
  assert_true(stage->unsent_bytes > 0);
  assert_int_equal(dropped(), 0);
  leave(&alice);
}

static void answers_to_one_that_left_are_forgotten(void **state) {
  (void)state;
  struct caller alice = caller_with(&bus->alice, "alice");
  overwhelm(&alice);
  leave(&alice);
  const int64_t began_us = wg_monotonic_us(), until_us = began_us + BUS_TEST_PATIENCE_MS * INT64_C(1000);
  while (stage->slow_callers_count && wg_monotonic_us() < until_us) {
    bus_test_wait(bus->router, ZMQ_POLLIN, 10);
    retry_now(began_us); // no time passes for it: it is forgotten because it left, not because it took nothing
  }
  assert_int_equal(stage->slow_callers_count, 0);
  assert_int_equal(stage->unsent_bytes, 0);
  assert_int_equal(dropped(), 0); // nobody was there to miss them
}

static void stopping_waits_for_callers_but_not_long(void **state) {
  (void)state;
  struct caller alice = caller_with(&bus->alice, "alice");
  overwhelm(&alice);
  const int64_t begin_us = wg_monotonic_us();
  wg_replies_stop(stage);
  assert_true(wg_monotonic_us() - begin_us < 5 * SECOND_US);
  assert_int_equal(stage->slow_callers_count, 0);
  leave(&alice);
}

static void the_largest_answers_count_too(void **state) {
  (void)state;
  struct caller alice = caller_with(&bus->alice, "alice");
  overwhelm(&alice);
  const size_t before = stage->unsent_bytes;
  char *large = wg_alloc(ONE_BYTES + 1);
  memset(large, 'y', ONE_BYTES);
  large[ONE_BYTES] = 0;
  Wangge__V1__RuleFinding reply = WANGGE__V1__RULE_FINDING__INIT;
  reply.message = large;
  wg_reply(stage, &alice.peer, 1, NULL, &reply.base, NULL);
  assert_int_equal(stage->unsent_bytes, before);
  assert_int_equal(dropped(), 1);
  free(large);
  leave(&alice);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(what_waits_comes_later_and_in_order),           TEST(a_caller_that_never_reads_is_bounded_and_alone),
      TEST(a_caller_that_takes_something_is_not_given_up), TEST(answers_to_one_that_left_are_forgotten),
      TEST(stopping_waits_for_callers_but_not_long),       TEST(the_largest_answers_count_too),
  };
  return cmocka_run_group_tests_name("replies", tests, NULL, NULL);
}
