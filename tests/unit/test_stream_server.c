// Subscriptions over real sockets and a real log: credit bounds what is under way, a lease ends who acknowledges
// nothing, and one who has stopped costs its credit and nobody else anything.
#include "tests/unit/bus_test.h"
#include "tests/unit/stream_fixture.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "common/stream/server_internal.h"
#include "common/wire/wire.h"

#include <stdlib.h>
#include <unistd.h>

enum { TEXT_BYTES = 1000, CREDIT = 4096, LEASE_MS = 60000, JOBS_MOST = 16, PATIENCE_MS = 60000 };

struct job {
  wg_status (*work)(struct wg_db *db, void *job, struct wg_error *error);
  void (*done)(void *job, wg_status status, const struct wg_error *error);
  void *job;
};

static struct bus_test *bus;
static struct stream_fixture fixture;
static struct wg_principals *principals;
static struct wg_stream_server *server;
static struct job jobs[JOBS_MOST];
static size_t job_count;
static int64_t ahead_us; // how far the server's clock is ahead
static int64_t published;
static char text[64 << 10];

// --- what the stage does for the server ---
static void take_job(void *context, wg_status (*work)(struct wg_db *, void *, struct wg_error *),
                     void (*done)(void *, wg_status, const struct wg_error *), void *job) {
  (void)context;
  assert_true(job_count < JOBS_MOST);
  jobs[job_count++] = (struct job){work, done, job};
}

static void no_batch(void *context) {
  (void)context;
}

static void hear(const struct wg_incoming *incoming) {
  struct wg_arena *arena = wg_arena_create(1024);
  struct wg_error error = {0};
  ProtobufCMessage *envelope = NULL;
  const struct wg_bytes bytes = {zmq_msg_data((zmq_msg_t *)(uintptr_t)&incoming->envelope),
                                 zmq_msg_size(&incoming->envelope)};
  if (wg_unpack(&wangge__v1__envelope__descriptor, bytes, arena, &envelope, &error)) fail_msg("%s", error.message);
  wg_stream_server_envelope(server, &incoming->peer, incoming->user, (const Wangge__V1__Envelope *)envelope,
                            wg_monotonic_us() + ahead_us);
  wg_arena_destroy(arena);
}

// turn is one round of the service's loop.
static void turn(int wait_ms) {
  struct wg_incoming incoming;
  if (bus_test_wait(bus->router, ZMQ_POLLIN, wait_ms)) {
    while (wg_router_receive(bus->router, &incoming)) {
      hear(&incoming);
      wg_incoming_close(&incoming);
    }
  }
  while (job_count) {
    const struct job job = jobs[--job_count];
    struct wg_error error = {0};
    job.done(job.job, job.work(fixture.reader, job.job, &error), &error);
  }
  wg_stream_server_tick(server, wg_monotonic_us() + ahead_us);
}

static void publish(int events, size_t bytes) {
  memset(text, 'x', bytes);
  text[bytes] = 0;
  for (int i = 0; i < events; i++)
    stream_append(&fixture, PLAIN, "", ++published, text);
  stream_commit(&fixture, wg_stream_server_publish, server);
}

static void publish_each(int events, size_t bytes) {
  for (int i = 0; i < events; i++)
    publish(1, bytes);
}

// --- a consumer ---
struct consumer {
  void *dealer;
  uint64_t id, last; // newest number received
  size_t unacked;    // bytes
  int code;          // with which it was closed; -1: it is open
};

static void tell(const struct consumer *consumer, Wangge__V1__Envelope *envelope) {
  struct wg_arena *arena = wg_arena_create(512);
  assert_true(bus_test_wait(consumer->dealer, ZMQ_POLLOUT, PATIENCE_MS));
  assert_int_equal(wg_dealer_send(consumer->dealer, wg_pack(&envelope->base, arena), (struct wg_bytes){0}), WG_SENT);
  wg_arena_destroy(arena);
}

static void acknowledge(const struct consumer *consumer, uint64_t id, uint64_t upto) {
  Wangge__V1__Ack ack = WANGGE__V1__ACK__INIT;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  ack.id = id;
  ack.upto = upto;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_ACK;
  envelope.ack = &ack;
  tell(consumer, &envelope);
}

// take handles one message that came, if any; each Data must begin where the one before it ended.
static bool take(struct consumer *consumer) {
  struct wg_incoming incoming;
  if (!bus_test_wait(consumer->dealer, ZMQ_POLLIN, 0) || !wg_dealer_receive(consumer->dealer, &incoming)) return false;
  struct wg_arena *arena = wg_arena_create(1024);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  const struct wg_bytes bytes = {zmq_msg_data(&incoming.envelope), zmq_msg_size(&incoming.envelope)};
  if (wg_unpack(&wangge__v1__envelope__descriptor, bytes, arena, &message, &error)) fail_msg("%s", error.message);
  const Wangge__V1__Envelope *envelope = (const Wangge__V1__Envelope *)message;
  if (envelope->kind_case == WANGGE__V1__ENVELOPE__KIND_DATA) {
    assert_int_equal(envelope->data->id, consumer->id);
    assert_int_equal(envelope->data->first, consumer->last + 1);
    consumer->last = envelope->data->last;
    consumer->unacked += zmq_msg_size(&incoming.body);
  } else if (envelope->kind_case == WANGGE__V1__ENVELOPE__KIND_CLOSED) {
    consumer->code = envelope->closed->status ? (int)envelope->closed->status->code : WG_OK;
  }
  wg_arena_destroy(arena);
  wg_incoming_close(&incoming);
  return true;
}

static void take_all(struct consumer *consumer) {
  for (int quiet = 0; quiet < 20;) {
    turn(2);
    quiet = take(consumer) ? 0 : quiet + 1;
  }
}

static struct consumer open_as(const struct wg_key *key, uint64_t id, uint64_t after) {
  struct consumer consumer = {.dealer = bus_test_dealer(bus, key), .id = id, .last = after, .code = -1};
  Wangge__V1__Open open = WANGGE__V1__OPEN__INIT;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  open.id = id;
  open.stream = (char *)(uintptr_t)PLAIN;
  open.start = WANGGE__V1__START__START_AFTER;
  open.after = after;
  open.credit_bytes = CREDIT;
  open.lease_ms = LEASE_MS;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_OPEN;
  envelope.open = &open;
  tell(&consumer, &envelope);
  const size_t before = server->subscription_count;
  for (const int64_t until = wg_monotonic_us() + PATIENCE_MS * 1000; server->subscription_count == before;) {
    if (wg_monotonic_us() > until) fail_msg("the subscription was not opened");
    turn(10);
  }
  return consumer;
}

// acknowledge_all acknowledges what came; the server hears of it in its next turn.
static void acknowledge_all(struct consumer *consumer) {
  acknowledge(consumer, consumer->id, consumer->last);
  consumer->unacked = 0;
}

static const struct wg_subscription *subscription(uint64_t id) {
  for (const struct wg_subscription *s = server->subscriptions; s; s = s->next) {
    if (s->id == id) return s;
  }
  return NULL;
}

// --- set up ---
static int set_up(void **state) {
  char path[128], lines[1024];
  struct wg_error error = {0};
  if (bus_test_setup(state)) return -1;
  bus = *state;
  snprintf(lines, sizeof lines,
           "[alice]\nkey = %s\nroles = service\n[bob]\nkey = %s\nroles = service\n[carol]\nkey = %s\nroles = service\n",
           bus->alice.public_z85, bus->bob.public_z85, bus->carol.public_z85);
  snprintf(path, sizeof path, "%s/readers.ini", bus->folder);
  bus_test_write(path, lines, 0644);
  if (wg_principals_open(path, &principals, &error)) fail_msg("%s", error.message);
  stream_fixture_open(&fixture, 1000000);
  const struct wg_stream_host host = {NULL, bus->router, take_job, no_batch};
  server = wg_stream_server_create(host, fixture.log, principals, STREAM_SPECS, 2, 1 << 20);
  if (wg_stream_server_load(server, fixture.reader, &error)) fail_msg("%s", error.message);
  ahead_us = published = 0;
  return 0;
}

static int tear_down(void **state) {
  char path[128];
  while (job_count) {
    const struct job job = jobs[--job_count];
    struct wg_error error = {0};
    job.done(job.job, job.work(fixture.reader, job.job, &error), &error);
  }
  wg_stream_server_destroy(server);
  stream_fixture_close(&fixture);
  wg_principals_close(principals);
  snprintf(path, sizeof path, "%s/readers.ini", bus->folder);
  unlink(path);
  return bus_test_teardown(state);
}

// --- tests ---
static void credit_bounds_what_is_under_way(void **state) {
  (void)state;
  struct consumer alice = open_as(&bus->alice, 1, 0);
  publish_each(20, TEXT_BYTES);
  int rounds = 0;
  for (; alice.last < 20; rounds++) {
    const uint64_t before = alice.last;
    take_all(&alice);
    assert_in_range(alice.unacked, TEXT_BYTES, CREDIT);
    assert_int_equal(subscription(1)->in_flight, alice.unacked);
    assert_true(alice.last > before);
    acknowledge_all(&alice);
  }
  assert_true(rounds >= 20 / (CREDIT / TEXT_BYTES));
  assert_int_equal(alice.code, -1);
}

static void one_that_is_larger_than_the_credit_goes_alone(void **state) {
  (void)state;
  struct consumer alice = open_as(&bus->alice, 1, 0);
  publish_each(2, CREDIT * 2);
  take_all(&alice);
  assert_int_equal(alice.last, 1);
  acknowledge_all(&alice);
  take_all(&alice);
  assert_int_equal(alice.last, 2);
}

static void one_that_has_stopped_costs_its_credit_and_nobody_else(void **state) {
  (void)state;
  struct consumer stopped = open_as(&bus->alice, 1, 0);
  struct consumer others[] = {open_as(&bus->bob, 2, 0), open_as(&bus->carol, 3, 0)};
  for (int batch = 0; batch < 60; batch++) { // far more than memory keeps of a stream
    publish(10, TEXT_BYTES);
    for (size_t i = 0; i < 2; i++) {
      while (others[i].last < (uint64_t)published) {
        turn(10);
        while (take(&others[i]))
          acknowledge_all(&others[i]);
      }
    }
    assert_in_range(subscription(1)->in_flight, 1, 10 * (TEXT_BYTES + 100)); // its credit, or one batch alone
    assert_in_range(server->rings[0].bytes, 1, 1 << 19);
  }
  assert_false(subscription(1)->reading);
  // When it goes on, it gets everything: from the database what memory has let go.
  while (stopped.last < (uint64_t)published) {
    const uint64_t before = stopped.last;
    take_all(&stopped);
    assert_true(stopped.last > before);
    acknowledge_all(&stopped);
  }
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(others[i].code, -1);
}

static void a_lease_ends_one_that_acknowledges_nothing(void **state) {
  (void)state;
  publish_each(8, TEXT_BYTES);
  struct consumer alice = open_as(&bus->alice, 1, 0), idle = open_as(&bus->bob, 2, 8);
  take_all(&alice);
  ahead_us = (LEASE_MS - 20000) * INT64_C(1000);
  acknowledge(&alice, 1, 1); // lives
  take_all(&alice);
  ahead_us += (LEASE_MS - 20000) * INT64_C(1000);
  take_all(&alice);
  assert_int_equal(alice.code, -1);
  ahead_us += LEASE_MS * INT64_C(1000);
  take_all(&alice);
  assert_int_equal(alice.code, WG_DEADLINE_EXCEEDED);
  assert_null(subscription(1));
  take_all(&idle);
  assert_int_equal(idle.code, -1); // nothing is under way to it
  acknowledge(&alice, 1, 2);
  take_all(&alice);
  assert_int_equal(alice.code, WG_UNAVAILABLE); // it is told to open again
  ahead_us = 0;
  struct consumer again = open_as(&bus->alice, 3, 1);
  take_all(&again);
  assert_true(again.last > 1);
}

static void nobody_acknowledges_for_another_nor_what_was_not_delivered(void **state) {
  (void)state;
  struct consumer alice = open_as(&bus->alice, 1, 0), bob = open_as(&bus->bob, 2, 0);
  publish_each(8, TEXT_BYTES);
  take_all(&alice);
  take_all(&bob);
  acknowledge(&bob, 1, alice.last); // ids are those of a connection
  take_all(&bob);
  assert_int_equal(bob.code, WG_UNAVAILABLE);
  assert_int_equal(subscription(1)->acked, 0);
  assert_non_null(subscription(2));
  acknowledge(&bob, 2, 8); // was not delivered
  take_all(&bob);
  assert_int_equal(bob.code, WG_INVALID_ARGUMENT);
  assert_null(subscription(2));
  take_all(&alice);
  assert_int_equal(alice.code, -1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(credit_bounds_what_is_under_way),
      TEST(one_that_is_larger_than_the_credit_goes_alone),
      TEST(one_that_has_stopped_costs_its_credit_and_nobody_else),
      TEST(a_lease_ends_one_that_acknowledges_nothing),
      TEST(nobody_acknowledges_for_another_nor_what_was_not_delivered),
  };
  return cmocka_run_group_tests_name("stream_server", tests, NULL, NULL);
}
