// Who gets in, who is said to have sent a message, and what happens to messages that cannot be delivered.
#include "tests/unit/bus_test.h"
#include "tests/unit/unit.h"

#include "common/wire/wire.h"

#include <errno.h>
#include <stdlib.h>

#define NO_ANSWER_MS 700 // long enough for several reconnects of 100 ms

static const struct wg_bytes none = {0};

static bool is_text(zmq_msg_t *frame, const char *text) {
  return zmq_msg_size(frame) == strlen(text) && !memcmp(zmq_msg_data(frame), text, strlen(text));
}

static void reload(struct bus_test *test) {
  struct wg_error error;
  if (wg_principals_reload(test->principals, &error)) fail_msg("%s", error.message);
}

static void a_bind_without_zap_handler_is_refused(void **state) {
  (void)state;
  struct wg_error error;
  void *socket = NULL;
  struct wg_bus bus = {.context = zmq_ctx_new()};
  assert_int_equal(wg_bus_router(&bus, "tcp://127.0.0.1:*", &socket, &error), WG_FAILED_PRECONDITION);
  assert_null(socket);
  zmq_ctx_term(bus.context);
}

static void an_endpoint_in_use_is_an_error(void **state) {
  struct bus_test *test = *state;
  struct wg_error error;
  void *socket = NULL;
  assert_int_equal(wg_bus_router(&test->bus, test->endpoint, &socket, &error), WG_UNAVAILABLE);
  assert_non_null(strstr(error.message, test->endpoint));
  assert_int_equal(wg_bus_router(&test->bus, "nonsense", &socket, &error), WG_UNAVAILABLE);
  assert_int_equal(wg_bus_dealer(test->bus.context, &test->alice, "nonsense", test->server.public_z85, &socket, &error),
                   WG_INVALID_ARGUMENT);
  assert_int_equal(wg_bus_dealer(test->bus.context, &test->alice, test->endpoint, "short", &socket, &error),
                   WG_INVALID_ARGUMENT);
  assert_null(socket);
}

static void a_known_key_is_heard_by_name(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  struct wg_principal principal;
  void *dealer = bus_test_dealer(test, &test->alice);
  assert_true(bus_test_wait(dealer, ZMQ_POLLOUT, BUS_TEST_PATIENCE_MS));
  assert_int_equal(wg_dealer_send(dealer, wg_bytes_of("envelope"), wg_bytes_of("body")), WG_SENT);
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  assert_int_equal(in.frames, 2);
  assert_string_equal(in.user, "alice");
  assert_string_equal(in.key, test->alice.public_z85);
  assert_true(is_text(&in.envelope, "envelope"));
  assert_true(is_text(&in.body, "body"));
  assert_true(wg_principals_by_peer(test->principals, &in, &principal));
  assert_string_equal(principal.name, "alice");

  struct wg_incoming back;
  assert_int_equal(wg_router_send_bytes(test->router, &in.peer, wg_bytes_of("yes"), wg_bytes_of("")), WG_SENT);
  assert_true(bus_test_wait(dealer, ZMQ_POLLIN, BUS_TEST_PATIENCE_MS));
  assert_true(wg_dealer_receive(dealer, &back));
  assert_int_equal(back.frames, 2);
  assert_true(is_text(&back.envelope, "yes"));
  assert_int_equal(zmq_msg_size(&back.body), 0);
  wg_incoming_close(&back);
  wg_incoming_close(&in);
  assert_false(wg_dealer_receive(dealer, &back));
  bus_test_close(dealer);
}

static void an_unknown_key_is_refused_until_it_is_admitted(void **state) {
  struct bus_test *test = *state;
  bus_test_principals(test, "alice", NULL);
  reload(test);
  void *dealer = bus_test_dealer(test, &test->bob);
  struct wg_incoming in;
  assert_false(bus_test_wait(dealer, ZMQ_POLLOUT, NO_ANSWER_MS) &&
               wg_dealer_send(dealer, wg_bytes_of("let me in"), none) == WG_SENT &&
               bus_test_hear(test->router, &in, NO_ANSWER_MS));
  assert_true(wg_bus_refused(&test->bus) > 0);
  assert_false(bus_test_hear(test->router, &in, 100));

  bus_test_principals(test, "alice", "bob", NULL);
  reload(test);
  bus_test_say(dealer, "now");
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  assert_string_equal(in.user, "bob");
  assert_true(is_text(&in.envelope, "now"));
  wg_incoming_close(&in);
  bus_test_close(dealer);
}

static void a_revoked_key_has_no_rights_and_cannot_come_back(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  struct wg_principal principal;
  void *dealer = bus_test_dealer(test, &test->bob);
  bus_test_say(dealer, "before");
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  assert_true(wg_principals_by_peer(test->principals, &in, &principal));
  wg_incoming_close(&in);

  bus_test_principals(test, "alice", NULL);
  reload(test);
  bus_test_say(dealer, "after"); // the old connection stands …
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  assert_false(wg_principals_by_peer(test->principals, &in, &principal)); // … without rights
  wg_incoming_close(&in);
  bus_test_close(dealer);

  uint64_t refused = wg_bus_refused(&test->bus);
  dealer = bus_test_dealer(test, &test->bob);
  if (bus_test_wait(dealer, ZMQ_POLLOUT, NO_ANSWER_MS)) wg_dealer_send(dealer, wg_bytes_of("again"), none);
  assert_false(bus_test_hear(test->router, &in, NO_ANSWER_MS));
  assert_true(wg_bus_refused(&test->bus) > refused);
  bus_test_close(dealer);
}

// The name stays, the key was exchanged because it leaked: a connection made with the old key must end up powerless.
static void a_replaced_key_has_no_rights_on_an_old_connection(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  struct wg_principal principal;
  void *dealer = bus_test_dealer(test, &test->bob);
  bus_test_say(dealer, "before");
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  wg_incoming_close(&in);
  test->bob = test->stranger;
  bus_test_principals(test, "bob", NULL);
  reload(test);
  bus_test_say(dealer, "after");
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  assert_string_equal(in.user, "bob");
  assert_false(wg_principals_by_peer(test->principals, &in, &principal));
  wg_incoming_close(&in);
  bus_test_close(dealer);
}

static void a_wrong_server_key_never_connects(void **state) {
  struct bus_test *test = *state;
  struct wg_error error;
  struct wg_incoming in;
  void *dealer;
  if (wg_bus_dealer(test->bus.context, &test->alice, test->endpoint, test->stranger.public_z85, &dealer, &error))
    fail_msg("%s", error.message);
  if (bus_test_wait(dealer, ZMQ_POLLOUT, NO_ANSWER_MS)) wg_dealer_send(dealer, wg_bytes_of("hello"), none);
  assert_false(bus_test_hear(test->router, &in, NO_ANSWER_MS));
  bus_test_close(dealer);
}

static void a_peer_without_curve_is_not_heard(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  void *dealer = zmq_socket(test->bus.context, ZMQ_DEALER);
  assert_int_equal(zmq_connect(dealer, test->endpoint), 0);
  zmq_send(dealer, "plain", 5, ZMQ_DONTWAIT);
  assert_false(bus_test_hear(test->router, &in, NO_ANSWER_MS));
  bus_test_close(dealer);
}

// Three peers, two of which claim the same routing id: a message is never said to be of somebody else's.
static void user_ids_are_right_whatever_routing_id_is_claimed(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  void *alice = bus_test_dealer_named(test, &test->alice, "admin");
  int heard[3] = {0};
  assert_true(zmq_send(alice, "alice", 5, 0) == 5);
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  assert_string_equal(in.user, "alice");
  assert_int_equal(in.peer.size, 5);
  struct wg_peer peer = in.peer;
  wg_incoming_close(&in);

  void *bob = bus_test_dealer_named(test, &test->bob, "admin");
  void *carol = bus_test_dealer(test, &test->carol);
  for (int i = 0; i < 50; i++) {
    zmq_send(bob, "bob", 3, ZMQ_DONTWAIT);
    bus_test_say(carol, "carol");
    assert_int_equal(zmq_send(alice, "alice", 5, 0), 5);
  }
  while ((heard[0] < 50 || heard[2] < 50) && bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS)) {
    assert_int_equal(in.frames, 1);
    assert_true(is_text(&in.envelope, in.user)); // everyone says the own name
    assert_true(wg_peer_equal(&in.peer, &peer) == !strcmp(in.user, "alice"));
    heard[in.user[0] - 'a']++;
    wg_incoming_close(&in);
  }
  assert_int_equal(heard[0], 50);
  assert_int_equal(heard[2], 50);
  // What is sent to the id goes to the one who had it first.
  struct wg_incoming back;
  assert_int_equal(wg_router_send_bytes(test->router, &peer, wg_bytes_of("for alice"), none), WG_SENT);
  assert_true(bus_test_wait(alice, ZMQ_POLLIN, BUS_TEST_PATIENCE_MS));
  assert_true(wg_dealer_receive(alice, &back));
  assert_int_equal(back.frames, 1);
  wg_incoming_close(&back);
  assert_false(bus_test_wait(bob, ZMQ_POLLIN, 100));
  bus_test_close(alice);
  bus_test_close(bob);
  bus_test_close(carol);
}

static void send_frames(void *dealer, int count) {
  for (int i = 0; i < count; i++)
    assert_int_equal(zmq_send(dealer, "x", 1, i + 1 < count ? ZMQ_SNDMORE : 0), 1);
}

static void a_wrong_number_of_frames_is_drained_whole(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  void *dealer = bus_test_dealer(test, &test->alice);
  assert_true(bus_test_wait(dealer, ZMQ_POLLOUT, BUS_TEST_PATIENCE_MS));
  int counts[] = {3, 1, 40, 2, 4, 2};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    send_frames(dealer, counts[i]);
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
    assert_int_equal(in.frames, counts[i] <= 2 ? counts[i] : 0);
    wg_incoming_close(&in);
  }
  struct wg_peer peer = in.peer;
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    assert_int_equal(zmq_send(test->router, peer.id, peer.size, ZMQ_SNDMORE), peer.size);
    send_frames(test->router, counts[i]);
  }
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    assert_true(bus_test_wait(dealer, ZMQ_POLLIN, BUS_TEST_PATIENCE_MS));
    assert_true(wg_dealer_receive(dealer, &in));
    assert_int_equal(in.frames, counts[i] <= 2 ? counts[i] : 0);
    wg_incoming_close(&in);
  }
  bus_test_close(dealer);
}

static void an_oversize_message_cuts_only_its_sender(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  void *big = bus_test_dealer(test, &test->alice), *other = bus_test_dealer(test, &test->bob);
  struct wg_bytes body = {.data = calloc(1, WG_WIRE_MAX_BYTES + 1), .size = WG_WIRE_MAX_BYTES - 1024};
  assert_true(bus_test_wait(big, ZMQ_POLLOUT, BUS_TEST_PATIENCE_MS));
  assert_int_equal(wg_dealer_send(big, wg_bytes_of("fits"), body), WG_SENT);
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  assert_int_equal(in.frames, 2);
  assert_int_equal(zmq_msg_size(&in.body), body.size);
  wg_incoming_close(&in);

  body.size = WG_WIRE_MAX_BYTES + 1;
  assert_true(bus_test_wait(big, ZMQ_POLLOUT, BUS_TEST_PATIENCE_MS));
  wg_dealer_send(big, wg_bytes_of("too big"), body);
  bus_test_say(other, "still here");
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  assert_string_equal(in.user, "bob");
  wg_incoming_close(&in);
  assert_false(bus_test_hear(test->router, &in, 300));
  free((void *)body.data);
  bus_test_close(big);
  bus_test_close(other);
}

static void a_full_peer_is_full_and_slows_nobody(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  void *slow = bus_test_dealer(test, &test->alice), *quick = bus_test_dealer(test, &test->bob);
  bus_test_say(slow, "here");
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  struct wg_peer slow_peer = in.peer;
  wg_incoming_close(&in);
  bus_test_say(quick, "here");
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  struct wg_peer quick_peer = in.peer;
  wg_incoming_close(&in);

  size_t size = 64 * 1024;
  uint8_t *bytes = calloc(1, size);
  int sent = 0;
  enum wg_sent outcome;
  while ((outcome = wg_router_send_bytes(test->router, &slow_peer, wg_bytes_of("e"), (struct wg_bytes){bytes, size})) ==
             WG_SENT &&
         sent < 20000)
    sent++;
  assert_int_equal(outcome, WG_SENT_FULL);
  // Refused means refused: the body is still the caller's.
  zmq_msg_t body;
  zmq_msg_init_size(&body, 4);
  memcpy(zmq_msg_data(&body), "mine", 4);
  for (int i = 0; i < 3; i++) {
    outcome = wg_router_send(test->router, &slow_peer, wg_bytes_of("e"), &body);
    if (outcome == WG_SENT) break;
  }
  if (outcome != WG_SENT) assert_true(is_text(&body, "mine"));
  zmq_msg_close(&body);
  assert_int_equal(wg_router_send_bytes(test->router, &quick_peer, wg_bytes_of("news"), none), WG_SENT);
  assert_true(bus_test_wait(quick, ZMQ_POLLIN, BUS_TEST_PATIENCE_MS));
  // Once the slow one reads, all that was sent arrives, whole and in order, and there is room again.
  int arrived = 0;
  while (arrived < sent && bus_test_wait(slow, ZMQ_POLLIN, BUS_TEST_PATIENCE_MS) && wg_dealer_receive(slow, &in)) {
    assert_int_equal(in.frames, 2);
    assert_int_equal(zmq_msg_size(&in.body), size);
    wg_incoming_close(&in);
    arrived++;
  }
  assert_int_equal(arrived, sent);
  assert_int_equal(wg_router_send_bytes(test->router, &slow_peer, wg_bytes_of("e"), none), WG_SENT);
  free(bytes);
  bus_test_close(slow);
  bus_test_close(quick);
}

static void a_peer_that_left_is_gone(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  struct wg_peer nobody = {.size = 5, .id = {0, 1, 2, 3, 4}};
  assert_int_equal(wg_router_send_bytes(test->router, &nobody, wg_bytes_of("e"), wg_bytes_of("b")), WG_SENT_GONE);
  void *dealer = bus_test_dealer(test, &test->alice);
  bus_test_say(dealer, "here");
  assert_true(bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS));
  wg_incoming_close(&in);
  bus_test_close(dealer);
  enum wg_sent outcome = WG_SENT;
  for (int i = 0; i < 500 && outcome == WG_SENT; i++) {
    outcome = wg_router_send_bytes(test->router, &in.peer, wg_bytes_of("e"), wg_bytes_of("b"));
    if (outcome == WG_SENT) bus_test_wait(test->router, ZMQ_POLLIN, 10);
  }
  assert_int_equal(outcome, WG_SENT_GONE);
}

static void without_a_connection_a_dealer_queues_nothing(void **state) {
  struct bus_test *test = *state;
  struct wg_error error;
  void *dealer;
  if (wg_bus_dealer(test->bus.context, &test->alice, "tcp://127.0.0.1:1", test->server.public_z85, &dealer, &error))
    fail_msg("%s", error.message);
  assert_int_equal(wg_dealer_send(dealer, wg_bytes_of("e"), none), WG_SENT_FULL);
  assert_int_equal(wg_dealer_send(dealer, wg_bytes_of("e"), wg_bytes_of("b")), WG_SENT_FULL);
  bus_test_close(dealer);
}

static void stopping_wipes_the_key(void **state) {
  struct bus_test *test = *state;
  struct wg_error error;
  struct wg_bus bus;
  if (wg_bus_start(&bus, &test->server, test->principals, &error)) fail_msg("%s", error.message);
  wg_bus_stop(&bus);
  const char *bytes = (const char *)&bus;
  for (size_t i = 0; i < sizeof bus; i++)
    assert_int_equal(bytes[i], 0);
}

#define WITH_BUS(test) cmocka_unit_test_setup_teardown(test, bus_test_setup, bus_test_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_bind_without_zap_handler_is_refused),
      WITH_BUS(an_endpoint_in_use_is_an_error),
      WITH_BUS(a_known_key_is_heard_by_name),
      WITH_BUS(an_unknown_key_is_refused_until_it_is_admitted),
      WITH_BUS(a_revoked_key_has_no_rights_and_cannot_come_back),
      WITH_BUS(a_replaced_key_has_no_rights_on_an_old_connection),
      WITH_BUS(a_wrong_server_key_never_connects),
      WITH_BUS(a_peer_without_curve_is_not_heard),
      WITH_BUS(user_ids_are_right_whatever_routing_id_is_claimed),
      WITH_BUS(a_wrong_number_of_frames_is_drained_whole),
      WITH_BUS(an_oversize_message_cuts_only_its_sender),
      WITH_BUS(a_full_peer_is_full_and_slows_nobody),
      WITH_BUS(a_peer_that_left_is_gone),
      WITH_BUS(without_a_connection_a_dealer_queues_nothing),
      WITH_BUS(stopping_wipes_the_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
