// libwangge against a service that misbehaves: answers get lost, deliveries come twice or not at all, the service goes
// away and comes back. What the client's caller sees must not change by it.
#include "tests/unit/bus_test.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "common/client/wangge.h"
#include "common/wire/wire.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT_US (60 * WG_SECOND_US)

struct fixture {
  struct bus_test *bus;
  wangge_client *client;
  char key_path[128];
  struct wg_arena *arena;
  struct wg_incoming heard; // the last message the service heard
  bool has_heard;
  Wangge__V1__Envelope *envelope;
  int answers, code; // what on_answer got
  uint64_t tag;
  char body[64];
};

// --- the service ---

static void forget_heard(struct fixture *fixture) {
  if (fixture->has_heard) wg_incoming_close(&fixture->heard);
  fixture->has_heard = false;
}

// hear_within lets the client work until the service hears a message; false: it says nothing.
static bool hear_within(struct fixture *fixture, int64_t limit_us) {
  int64_t until = wg_monotonic_us() + limit_us;
  forget_heard(fixture);
  while (!wg_router_receive(fixture->bus->router, &fixture->heard)) {
    if (wg_monotonic_us() > until) return false;
    wangge_poll(&fixture->client, 1, 5);
    bus_test_wait(fixture->bus->router, ZMQ_POLLIN, 2);
  }
  fixture->has_heard = true;
  struct wg_bytes bytes = {zmq_msg_data(&fixture->heard.envelope), zmq_msg_size(&fixture->heard.envelope)};
  struct wg_error error;
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__envelope__descriptor, bytes, fixture->arena, &message, &error))
    fail_msg("%s", error.message);
  fixture->envelope = (Wangge__V1__Envelope *)message;
  return true;
}

static void hear(struct fixture *fixture, Wangge__V1__Envelope__KindCase kind) {
  do
    if (!hear_within(fixture, WAIT_US)) fail_msg("the client says nothing; wanted kind %d", (int)kind);
  while (fixture->envelope->kind_case == WANGGE__V1__ENVELOPE__KIND_PING && kind != WANGGE__V1__ENVELOPE__KIND_PING);
  assert_int_equal(fixture->envelope->kind_case, kind);
}

#define HEAR(fixture, KIND) hear(fixture, WANGGE__V1__ENVELOPE__KIND_##KIND)

static void say(struct fixture *fixture, Wangge__V1__Envelope__KindCase kind, void *message, struct wg_bytes body) {
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = kind;
  envelope.call = message;
  assert_int_equal(
      wg_router_send_bytes(fixture->bus->router, &fixture->heard.peer, wg_pack(&envelope.base, fixture->arena), body),
      WG_SENT);
}

static void reply(struct fixture *fixture, uint64_t id, wg_status code, const char *body) {
  Wangge__V1__Reply message = WANGGE__V1__REPLY__INIT;
  struct wg_error error = {.code = code, .message = "because", .field = "orders"};
  message.id = id;
  if (code != WG_OK) message.status = wg_status_message(&error, fixture->arena);
  say(fixture, WANGGE__V1__ENVELOPE__KIND_REPLY, &message, wg_bytes_of(body));
}

static void opened(struct fixture *fixture, wg_status code, uint64_t after, uint64_t head) {
  Wangge__V1__Opened message = WANGGE__V1__OPENED__INIT;
  struct wg_error error = {.code = code, .message = "because"};
  message.id = fixture->envelope->open->id;
  message.after = after;
  message.head = head;
  if (code != WG_OK) message.status = wg_status_message(&error, fixture->arena);
  say(fixture, WANGGE__V1__ENVELOPE__KIND_OPENED, &message, (struct wg_bytes){0});
}

static void deliver_as(struct fixture *fixture, uint64_t id, uint64_t first, uint64_t last, bool redriven) {
  Wangge__V1__Data message = WANGGE__V1__DATA__INIT;
  Wangge__V1__EventBatch batch = WANGGE__V1__EVENT_BATCH__INIT;
  Wangge__V1__Event event[16], *events[16];
  message.id = id;
  message.first = first;
  message.last = last;
  message.head = last;
  message.redriven = redriven;
  for (uint64_t number = first; number <= last; number++) {
    wangge__v1__event__init(&event[batch.n_events]);
    event[batch.n_events].seq = 1000 + number;
    event[batch.n_events].topic_seq = number;
    event[batch.n_events].type = (char *)(uintptr_t) "wangge.v1.OrderDispatched";
    events[batch.n_events] = &event[batch.n_events];
    batch.n_events++;
  }
  batch.events = events;
  say(fixture, WANGGE__V1__ENVELOPE__KIND_DATA, &message, wg_pack(&batch.base, fixture->arena));
}

static void closed(struct fixture *fixture, uint64_t id, wg_status code) {
  Wangge__V1__Closed message = WANGGE__V1__CLOSED__INIT;
  struct wg_error error = {.code = code, .message = "because"};
  message.id = id;
  if (code != WG_OK) message.status = wg_status_message(&error, fixture->arena);
  say(fixture, WANGGE__V1__ENVELOPE__KIND_CLOSED, &message, (struct wg_bytes){0});
}

// restart: the service dies with all it knew and comes back at the same place.
static void restart(struct fixture *fixture) {
  struct wg_error error;
  forget_heard(fixture);
  bus_test_close(fixture->bus->router);
  fixture->bus->router = NULL;
  int64_t until = wg_monotonic_us() + WAIT_US;
  while (wg_bus_router(&fixture->bus->bus, fixture->bus->endpoint, &fixture->bus->router, &error) != WG_OK) {
    if (wg_monotonic_us() > until) fail_msg("%s", error.message);
    usleep(10000);
  }
}

// --- the client's caller ---

static void on_answer(void *context, uint64_t tag, int code, const void *response, size_t size) {
  struct fixture *fixture = context;
  fixture->answers++;
  fixture->code = code;
  fixture->tag = tag;
  assert_true(size < sizeof fixture->body);
  if (size > 0) memcpy(fixture->body, response, size);
  fixture->body[size] = 0;
}

static wangge_client *connect_as(struct fixture *fixture, const struct wg_key *key, int timeout_ms) {
  char text[256];
  snprintf(text, sizeof text, "public = %s\nsecret = %s\n", key->public_z85, key->secret_z85);
  bus_test_write(fixture->key_path, text, 0600);
  struct wangge_options options = {.key_file = fixture->key_path,
                                   .endpoint = fixture->bus->endpoint,
                                   .server_key = fixture->bus->server.public_z85,
                                   .timeout_ms = timeout_ms};
  wangge_client *client = wangge_open(&options);
  if (client == NULL) fail_msg("%s", wangge_open_error());
  return client;
}

static void start_push(struct fixture *fixture, int window, int give_up_ms) {
  struct wangge_push_options options = {
      .window = window, .give_up_ms = give_up_ms, .on_answer = on_answer, .context = fixture};
  assert_int_equal(wangge_push_start(fixture->client, &options), WG_OK);
}

static void start_follow(struct fixture *fixture, const char *consumer, int start) {
  struct wangge_follow_options options = {
      .stream = "routing.dispatch", .consumer = consumer, .topic = "water", .start = start};
  assert_int_equal(wangge_follow(fixture->client, &options), WG_OK);
  HEAR(fixture, OPEN);
  assert_string_equal(fixture->envelope->open->topic, "water");
}

static uint64_t expect_event(struct fixture *fixture, struct wangge_event *event, uint64_t number) {
  assert_int_equal(wangge_next(fixture->client, event, 10000), WG_OK);
  assert_int_equal(event->number, number);
  assert_int_equal(event->seq, 1000 + number);
  return event->number;
}

static void expect_nothing(struct fixture *fixture) {
  struct wangge_event event;
  assert_int_equal(wangge_next(fixture->client, &event, 150), WG_DEADLINE_EXCEEDED);
}

static int setup(void **state) {
  struct fixture *fixture = calloc(1, sizeof *fixture);
  void *bus = NULL;
  bus_test_setup(&bus);
  fixture->bus = bus;
  fixture->arena = wg_arena_create(64 * 1024);
  snprintf(fixture->key_path, sizeof fixture->key_path, "%s/client.key", fixture->bus->folder);
  fixture->client = connect_as(fixture, &fixture->bus->alice, 30000);
  *state = fixture;
  return 0;
}

static int teardown(void **state) {
  struct fixture *fixture = *state;
  void *bus = fixture->bus;
  forget_heard(fixture);
  wangge_close(fixture->client);
  unlink(fixture->key_path);
  wg_arena_destroy(fixture->arena);
  bus_test_teardown(&bus);
  free(fixture);
  return 0;
}

static void reconnect(struct fixture *fixture, const struct wg_key *key, int timeout_ms) {
  wangge_close(fixture->client);
  fixture->client = connect_as(fixture, key, timeout_ms);
}

// --- push ---

static void an_answer_reaches_its_caller(void **state) {
  struct fixture *fixture = *state;
  start_push(fixture, 2, 0);
  assert_int_equal(wangge_push(fixture->client, 7, "orders", 6), WG_OK);
  HEAR(fixture, CALL);
  assert_string_equal(fixture->envelope->call->method, "wangge.v1.Intake/Push");
  reply(fixture, fixture->envelope->call->id, WG_OK, "taken");
  assert_int_equal(wangge_push_wait(fixture->client, 0, 10000), WG_OK);
  assert_int_equal(fixture->answers, 1);
  assert_int_equal(fixture->code, WG_OK);
  assert_int_equal(fixture->tag, 7);
  assert_string_equal(fixture->body, "taken");
}

static void the_window_bounds_what_is_in_flight(void **state) {
  struct fixture *fixture = *state;
  start_push(fixture, 2, 0);
  wangge_push(fixture->client, 1, "a", 1);
  wangge_push(fixture->client, 2, "b", 1);
  assert_int_equal(wangge_unanswered(fixture->client), 2);
  assert_int_equal(wangge_push_wait(fixture->client, 1, 100), WG_DEADLINE_EXCEEDED);
  HEAR(fixture, CALL);
  uint64_t first = fixture->envelope->call->id;
  HEAR(fixture, CALL);
  reply(fixture, fixture->envelope->call->id, WG_OK, "b"); // out of order
  assert_int_equal(wangge_push_wait(fixture->client, 1, 10000), WG_OK);
  assert_int_equal(fixture->tag, 2);
  reply(fixture, first, WG_OK, "a");
  assert_int_equal(wangge_push_wait(fixture->client, 0, 10000), WG_OK);
  assert_int_equal(fixture->tag, 1);
}

static void a_lost_answer_makes_the_same_bytes_come_again(void **state) {
  struct fixture *fixture = *state;
  reconnect(fixture, &fixture->bus->alice, 300);
  start_push(fixture, 1, 0);
  wangge_push(fixture->client, 1, "orders", 6);
  HEAR(fixture, CALL);
  uint64_t first = fixture->envelope->call->id;
  HEAR(fixture, CALL);
  uint64_t second = fixture->envelope->call->id;
  assert_true(first != second);
  assert_int_equal(zmq_msg_size(&fixture->heard.body), 6);
  assert_memory_equal(zmq_msg_data(&fixture->heard.body), "orders", 6);
  reply(fixture, first, WG_OK, "late"); // the first answer was slow, not lost: as good as any
  reply(fixture, second, WG_OK, "again");
  assert_int_equal(wangge_push_wait(fixture->client, 0, 10000), WG_OK);
  wangge_push_wait(fixture->client, 0, 0);
  wangge_poll(&fixture->client, 1, 100);
  assert_int_equal(fixture->answers, 1);
  assert_string_equal(fixture->body, "late");
}

static void unavailable_is_repeated_and_a_refusal_is_not(void **state) {
  struct fixture *fixture = *state;
  start_push(fixture, 1, 0);
  wangge_push(fixture->client, 1, "orders", 6);
  HEAR(fixture, CALL);
  reply(fixture, fixture->envelope->call->id, WG_UNAVAILABLE, "");
  HEAR(fixture, CALL);
  assert_int_equal(fixture->answers, 0);
  reply(fixture, fixture->envelope->call->id, WG_PERMISSION_DENIED, "");
  assert_int_equal(wangge_push_wait(fixture->client, 0, 10000), WG_OK);
  assert_int_equal(fixture->code, WG_PERMISSION_DENIED);
  assert_string_equal(wangge_error(fixture->client), "because");
  assert_string_equal(wangge_error_field(fixture->client), "orders");
  assert_false(hear_within(fixture, 300000));
}

static void a_restarted_service_gets_what_it_had_not_answered(void **state) {
  struct fixture *fixture = *state;
  start_push(fixture, 2, 0);
  wangge_push(fixture->client, 1, "first", 5);
  HEAR(fixture, CALL);
  restart(fixture);
  HEAR(fixture, CALL); // long before the call's 30 s are over
  assert_memory_equal(zmq_msg_data(&fixture->heard.body), "first", 5);
  reply(fixture, fixture->envelope->call->id, WG_OK, "taken");
  assert_int_equal(wangge_push_wait(fixture->client, 0, 10000), WG_OK);
  assert_int_equal(fixture->answers, 1);
}

static void pushing_gives_up_when_told(void **state) {
  struct fixture *fixture = *state;
  start_push(fixture, 1, 300);
  wangge_push(fixture->client, 5, "orders", 6);
  HEAR(fixture, CALL);
  assert_int_equal(wangge_push_wait(fixture->client, 0, 10000), WG_OK);
  assert_int_equal(fixture->answers, 1);
  assert_int_equal(fixture->code, WG_DEADLINE_EXCEEDED);
}

static void an_unknown_key_is_told(void **state) {
  struct fixture *fixture = *state;
  reconnect(fixture, &fixture->bus->stranger, 30000);
  start_push(fixture, 1, 4000);
  wangge_push(fixture->client, 1, "orders", 6);
  assert_int_equal(wangge_push_wait(fixture->client, 0, 10000), WG_OK);
  assert_int_equal(fixture->code, WG_UNAUTHENTICATED);
  assert_int_equal(wangge_connected(fixture->client), -1);
  assert_int_equal(wangge_call(fixture->client, "wangge.v1.Ops/Info", "", 0, NULL, NULL), WG_UNAUTHENTICATED);
}

// --- calls ---

static void *answer_calls(void *context) {
  struct fixture *fixture = context;
  for (int i = 0; i < 2; i++) {
    if (!bus_test_hear(fixture->bus->router, &fixture->heard, 10000)) return NULL;
    struct wg_bytes bytes = {zmq_msg_data(&fixture->heard.envelope), zmq_msg_size(&fixture->heard.envelope)};
    ProtobufCMessage *message = NULL;
    struct wg_error error;
    if (wg_unpack(&wangge__v1__envelope__descriptor, bytes, fixture->arena, &message, &error)) return NULL;
    const Wangge__V1__Call *call = ((Wangge__V1__Envelope *)message)->call;
    reply(fixture, call->id + 77, WG_OK, "not yours");
    reply(fixture, call->id, i == 0 ? WG_OK : WG_NOT_FOUND, i == 0 ? "found" : "");
    wg_incoming_close(&fixture->heard);
  }
  return NULL;
}

static void a_call_gets_its_own_answer(void **state) {
  struct fixture *fixture = *state;
  pthread_t thread;
  const void *body;
  size_t size;
  assert_int_equal(pthread_create(&thread, NULL, answer_calls, fixture), 0);
  assert_int_equal(wangge_call(fixture->client, "wangge.v1.Intake/Get", "x", 1, &body, &size), WG_OK);
  assert_int_equal(size, 5);
  assert_memory_equal(body, "found", 5);
  assert_int_equal(wangge_call(fixture->client, "wangge.v1.Intake/Get", "x", 1, &body, &size), WG_NOT_FOUND);
  assert_string_equal(wangge_error(fixture->client), "because");
  pthread_join(thread, NULL);
}

static void a_call_without_answer_ends_in_time(void **state) {
  struct fixture *fixture = *state;
  reconnect(fixture, &fixture->bus->alice, 300);
  assert_int_equal(wangge_call(fixture->client, "wangge.v1.Ops/Info", "", 0, NULL, NULL), WG_DEADLINE_EXCEEDED);
  bus_test_close(fixture->bus->router);
  fixture->bus->router = NULL;
  reconnect(fixture, &fixture->bus->alice, 300);
  assert_int_equal(wangge_call(fixture->client, "wangge.v1.Ops/Info", "", 0, NULL, NULL), WG_UNAVAILABLE);
}

// --- follow ---

static void events_come_in_order_and_are_acknowledged_together(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  opened(fixture, WG_OK, 0, 3);
  deliver_as(fixture, fixture->envelope->open->id, 1, 3, false);
  for (uint64_t number = 1; number <= 3; number++) {
    expect_event(fixture, &event, number);
    if (number < 3) continue;
    wangge_ack(fixture->client, &event);
  }
  HEAR(fixture, ACK);
  assert_int_equal(fixture->envelope->ack->upto, 3);
  assert_int_equal(wangge_head(fixture->client), 3);
}

static void repeats_are_dropped(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  uint64_t id = fixture->envelope->open->id;
  opened(fixture, WG_OK, 0, 0);
  deliver_as(fixture, id, 1, 2, false);
  deliver_as(fixture, id, 1, 2, false);
  deliver_as(fixture, id, 2, 3, false);
  for (uint64_t number = 1; number <= 3; number++)
    expect_event(fixture, &event, number);
  expect_nothing(fixture);
}

static void a_gap_is_never_handed_on(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  uint64_t id = fixture->envelope->open->id;
  opened(fixture, WG_OK, 0, 3);
  deliver_as(fixture, id, 1, 1, false);
  deliver_as(fixture, id, 3, 3, false);
  expect_event(fixture, &event, 1);
  HEAR(fixture, CLOSE);
  HEAR(fixture, OPEN);
  assert_true(fixture->envelope->open->id != id);
  uint64_t again = fixture->envelope->open->id;
  opened(fixture, WG_OK, 0, 3);
  deliver_as(fixture, id, 2, 3, false); // of the subscription that is no more
  expect_nothing(fixture);
  deliver_as(fixture, again, 1, 3, false);
  expect_event(fixture, &event, 2);
  expect_event(fixture, &event, 3);
}

static void after_a_restart_only_what_was_delivered_again_is_acknowledged(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  opened(fixture, WG_OK, 0, 4);
  deliver_as(fixture, fixture->envelope->open->id, 1, 4, false);
  for (uint64_t number = 1; number <= 4; number++)
    expect_event(fixture, &event, number);
  restart(fixture);
  HEAR(fixture, OPEN);
  assert_true(fixture->envelope->open->start == WANGGE__V1__START__START_UNSPECIFIED ||
              fixture->envelope->open->start == WANGGE__V1__START__START_RESUME);
  uint64_t id = fixture->envelope->open->id;
  opened(fixture, WG_OK, 0, 5);
  expect_nothing(fixture);
  wangge_ack(fixture->client, &event);
  assert_false(hear_within(fixture, 200000)); // 1 to 4 were not delivered on this subscription yet
  opened(fixture, WG_OK, 0, 5);               // a second Opened changes nothing
  deliver_as(fixture, id, 1, 2, false);
  HEAR(fixture, ACK);
  assert_int_equal(fixture->envelope->ack->upto, 2);
  deliver_as(fixture, id, 3, 5, false);
  expect_event(fixture, &event, 5);
  HEAR(fixture, ACK);
  assert_int_equal(fixture->envelope->ack->upto, 4);
}

static void without_a_durable_name_it_goes_on_behind_the_last_event(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "", 5);
  opened(fixture, WG_OK, 10, 10);
  deliver_as(fixture, fixture->envelope->open->id, 11, 12, false);
  expect_event(fixture, &event, 11);
  restart(fixture);
  HEAR(fixture, OPEN);
  assert_int_equal(fixture->envelope->open->start, WANGGE__V1__START__START_AFTER);
  assert_int_equal(fixture->envelope->open->after, 12);
  opened(fixture, WG_OK, 12, 13);
  deliver_as(fixture, fixture->envelope->open->id, 13, 13, false);
  expect_event(fixture, &event, 12);
  expect_event(fixture, &event, 13);
}

static void events_that_are_not_kept_any_more_are_told(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "", 2);
  opened(fixture, WG_OK, 0, 1);
  deliver_as(fixture, fixture->envelope->open->id, 1, 1, false);
  expect_event(fixture, &event, 1);
  restart(fixture);
  HEAR(fixture, OPEN);
  opened(fixture, WG_OK, 100, 200);
  assert_int_equal(wangge_next(fixture->client, &event, 10000), WG_DATA_LOSS);
  assert_non_null(strstr(wangge_error(fixture->client), "2 to 100"));
}

static void each_status_of_closed_has_its_consequence(void **state) {
  static const struct {
    wg_status code;
    bool again;
  } cases[] = {
      {WG_UNAVAILABLE, true}, {WG_DEADLINE_EXCEEDED, true},  {WG_INTERNAL, true},         {WG_OK, true},
      {WG_ABORTED, false},    {WG_PERMISSION_DENIED, false}, {WG_UNAUTHENTICATED, false}, {WG_INVALID_ARGUMENT, false},
      {WG_NOT_FOUND, false},
  };
  struct fixture *fixture = *state;
  struct wangge_event event;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    start_follow(fixture, "desk", 0);
    uint64_t id = fixture->envelope->open->id;
    opened(fixture, WG_OK, 0, 0);
    deliver_as(fixture, id, 1, 1, false);
    expect_event(fixture, &event, 1);
    closed(fixture, id + 1000, WG_ABORTED); // of another subscription
    closed(fixture, id, cases[i].code);
    if (cases[i].again) {
      HEAR(fixture, OPEN);
      closed(fixture, fixture->envelope->open->id, WG_OK);
      opened(fixture, WG_OK, 1, 1);
      expect_nothing(fixture);
    } else {
      assert_int_equal(wangge_next(fixture->client, &event, 10000), cases[i].code);
      assert_int_equal(wangge_next(fixture->client, &event, 0), cases[i].code);
    }
    // The next round follows anew; what the client says on leaving is not of interest.
    while (hear_within(fixture, 20000))
      continue;
    struct wangge_follow_options options = {.stream = "x"};
    wangge_follow(fixture->client, &options);
    while (hear_within(fixture, 20000))
      continue;
  }
}

static void a_refused_open_ends_it_and_unavailable_does_not(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  opened(fixture, WG_UNAVAILABLE, 0, 0);
  HEAR(fixture, OPEN);
  opened(fixture, WG_PERMISSION_DENIED, 0, 0);
  assert_int_equal(wangge_next(fixture->client, &event, 10000), WG_PERMISSION_DENIED);
}

// --- dead letters ---

static void a_park_lost_with_the_connection_is_repeated_before_the_acknowledgement(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  opened(fixture, WG_OK, 0, 3);
  deliver_as(fixture, fixture->envelope->open->id, 1, 3, false);
  expect_event(fixture, &event, 1);
  expect_event(fixture, &event, 2);
  wangge_park(fixture->client, &event, "no such street");
  HEAR(fixture, PARK);
  assert_int_equal(fixture->envelope->park->number, 2);
  expect_event(fixture, &event, 3);
  restart(fixture); // before it stored anything
  HEAR(fixture, OPEN);
  wangge_ack(fixture->client, &event);
  uint64_t id = fixture->envelope->open->id;
  opened(fixture, WG_OK, 0, 3);
  deliver_as(fixture, id, 1, 3, false);
  HEAR(fixture, PARK);
  assert_int_equal(fixture->envelope->park->number, 2);
  assert_string_equal(fixture->envelope->park->reason, "no such street");
  HEAR(fixture, ACK);
  assert_int_equal(fixture->envelope->ack->upto, 3);
}

static void a_stored_park_is_not_repeated(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  opened(fixture, WG_OK, 0, 1);
  deliver_as(fixture, fixture->envelope->open->id, 1, 1, false);
  expect_event(fixture, &event, 1);
  assert_int_equal(wangge_park(fixture->client, &event, ""), WG_INVALID_ARGUMENT);
  wangge_park(fixture->client, &event, "no such street");
  HEAR(fixture, PARK);
  restart(fixture);
  HEAR(fixture, OPEN);
  opened(fixture, WG_OK, 1, 1);
  assert_false(hear_within(fixture, 200000));
}

static void a_dead_letter_given_again_moves_no_position(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  uint64_t id = fixture->envelope->open->id;
  opened(fixture, WG_OK, 7, 7);
  deliver_as(fixture, id, 3, 3, true);
  assert_int_equal(wangge_next(fixture->client, &event, 10000), WG_OK);
  assert_true(event.redriven);
  assert_int_equal(event.number, 3);
  wangge_ack(fixture->client, &event);
  HEAR(fixture, ACK);
  assert_true(fixture->envelope->ack->redriven);
  assert_int_equal(fixture->envelope->ack->upto, 3);
  deliver_as(fixture, id, 8, 8, false);
  expect_event(fixture, &event, 8);
}

static void a_body_that_cannot_be_read_ends_the_subscription(void **state) {
  struct fixture *fixture = *state;
  struct wangge_event event;
  start_follow(fixture, "desk", 0);
  Wangge__V1__Data message = WANGGE__V1__DATA__INIT;
  message.id = fixture->envelope->open->id;
  message.first = message.last = 1;
  opened(fixture, WG_OK, 0, 1);
  say(fixture, WANGGE__V1__ENVELOPE__KIND_DATA, &message, wg_bytes_of("\xff\xff\xff"));
  assert_int_equal(wangge_next(fixture->client, &event, 10000), WG_DATA_LOSS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_answer_reaches_its_caller),
      TEST(the_window_bounds_what_is_in_flight),
      TEST(a_lost_answer_makes_the_same_bytes_come_again),
      TEST(unavailable_is_repeated_and_a_refusal_is_not),
      TEST(a_restarted_service_gets_what_it_had_not_answered),
      TEST(pushing_gives_up_when_told),
      TEST(an_unknown_key_is_told),
      TEST(a_call_gets_its_own_answer),
      TEST(a_call_without_answer_ends_in_time),
      TEST(events_come_in_order_and_are_acknowledged_together),
      TEST(repeats_are_dropped),
      TEST(a_gap_is_never_handed_on),
      TEST(after_a_restart_only_what_was_delivered_again_is_acknowledged),
      TEST(without_a_durable_name_it_goes_on_behind_the_last_event),
      TEST(events_that_are_not_kept_any_more_are_told),
      TEST(each_status_of_closed_has_its_consequence),
      TEST(a_refused_open_ends_it_and_unavailable_does_not),
      TEST(a_park_lost_with_the_connection_is_repeated_before_the_acknowledgement),
      TEST(a_stored_park_is_not_repeated),
      TEST(a_dead_letter_given_again_moves_no_position),
      TEST(a_body_that_cannot_be_read_ends_the_subscription),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
