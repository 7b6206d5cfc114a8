// Peers that break off: hundreds of connections cut in every phase, with garbage, by close and by reset, while the
// ROUTER sends. libzmq ends the whole process on a failed assertion, so surviving is what is tested here.
#include "tests/unit/bus_test.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

// A ZMTP 3.0 greeting for mechanism CURVE (RFC 23): signature, version, mechanism, as-server, filler.
static const uint8_t greeting[64] = {0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, 'C', 'U', 'R', 'V', 'E'};

static uint32_t seed = 20191125;
static uint32_t draw(uint32_t below) {
  seed = seed * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)seed * below) >> 32);
}

static int raw_connect(const struct bus_test *test) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  address.sin_port = htons((uint16_t)strtoul(strrchr(test->endpoint, ':') + 1, NULL, 10));
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static void raw_write(int fd, const void *data, size_t size) {
  if (send(fd, data, size, MSG_NOSIGNAL) < 0) assert_true(errno == EPIPE || errno == ECONNRESET);
}

static void raw_close(int fd, bool reset) {
  struct linger now = {.l_onoff = 1, .l_linger = 0};
  if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

// A relay between a DEALER and the ROUTER that can be cut at any byte.
struct relay {
  int listener, client, server;
  char endpoint[64];
  size_t passed;
};

static void relay_open(struct relay *relay) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(relay->listener, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(relay->listener, 16), 0);
  assert_int_equal(getsockname(relay->listener, (struct sockaddr *)&address, &size), 0);
  snprintf(relay->endpoint, sizeof relay->endpoint, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
  relay->client = relay->server = -1;
}

static bool pass(int from, int to, size_t limit, size_t *passed) {
  uint8_t bytes[4096];
  size_t want = limit - *passed < sizeof bytes ? limit - *passed : sizeof bytes;
  ssize_t got = recv(from, bytes, want, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  *passed += (size_t)got;
  return send(to, bytes, (size_t)got, MSG_NOSIGNAL) == got;
}

// relay_run passes bytes on in both directions until `limit` went through, a side closed, or `timeout_ms` are over.
static void relay_run(struct relay *relay, struct bus_test *test, size_t limit, int timeout_ms) {
  int64_t until = wg_monotonic_us() + timeout_ms * 1000;
  while (relay->passed < limit && wg_monotonic_us() < until) {
    struct pollfd fds[3] = {{relay->listener, POLLIN, 0}, {relay->client, POLLIN, 0}, {relay->server, POLLIN, 0}};
    if (relay->client >= 0) fds[0].fd = -1;
    poll(fds, 3, 5);
    if (fds[0].revents & POLLIN) {
      relay->client = accept(relay->listener, NULL, NULL);
      relay->server = raw_connect(test);
      continue;
    }
    if (fds[1].revents && !pass(relay->client, relay->server, limit, &relay->passed)) break;
    if (relay->passed < limit && fds[2].revents && !pass(relay->server, relay->client, limit, &relay->passed)) break;
  }
}

static void relay_cut(struct relay *relay, bool reset) {
  if (relay->client >= 0) raw_close(relay->client, reset);
  if (relay->server >= 0) raw_close(relay->server, reset);
  relay->client = relay->server = -1;
  relay->passed = 0;
}

static void *relay_dealer(struct bus_test *test, const struct relay *relay) {
  void *socket;
  struct wg_error error;
  if (wg_bus_dealer(test->bus.context, &test->alice, relay->endpoint, test->server.public_z85, &socket, &error))
    fail_msg("%s", error.message);
  return socket;
}

static void assert_still_serving(struct bus_test *test) {
  struct wg_incoming in;
  void *dealer = bus_test_dealer(test, &test->bob);
  bus_test_say(dealer, "alive?");
  bool heard = false;
  while (!heard && bus_test_hear(test->router, &in, BUS_TEST_PATIENCE_MS)) {
    heard = !strcmp(in.user, "bob");
    wg_incoming_close(&in);
  }
  assert_true(heard);
  assert_int_equal(wg_router_send_bytes(test->router, &in.peer, wg_bytes_of("yes"), (struct wg_bytes){0}), WG_SENT);
  assert_true(bus_test_wait(dealer, ZMQ_POLLIN, BUS_TEST_PATIENCE_MS));
  bus_test_close(dealer);
}

static void cut_in_every_byte_of_a_greeting(void **state) {
  struct bus_test *test = *state;
  for (int round = 0; round < 2; round++)
    for (size_t size = 0; size <= sizeof greeting; size++) {
      int fd = raw_connect(test);
      raw_write(fd, greeting, size);
      raw_close(fd, round == 1);
    }
  assert_still_serving(test);
}

static void garbage_of_strangers(void **state) {
  struct bus_test *test = *state;
  uint8_t bytes[2048];
  for (int i = 0; i < 400; i++) {
    int fd = raw_connect(test);
    if (i % 4) raw_write(fd, greeting, sizeof greeting);                      // garbage instead of the handshake
    if (i % 4 == 2) raw_write(fd, "\x04\xc8\x05HELLO\x01", 9);                // a command whose rest is garbage
    if (i % 4 == 3) raw_write(fd, "\x02\x7f\xff\xff\xff\xff\xff\xff\xff", 9); // a frame of 2^63 - 1 bytes
    size_t size = draw(sizeof bytes);
    for (size_t at = 0; at < size; at++)
      bytes[at] = (uint8_t)draw(256);
    raw_write(fd, bytes, size);
    raw_close(fd, i & 1);
  }
  static const char *const texts[] = {"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01", "\n",
                                      "\x01\x00", "\xff\x00\x00\x00\x00\x00\x00\x00\x05\x7f\x01"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    int fd = raw_connect(test);
    raw_write(fd, texts[i], strlen(texts[i]));
    raw_close(fd, false);
  }
  struct wg_incoming in;
  assert_false(wg_router_receive(test->router, &in));
  assert_still_serving(test);
}

// A real handshake, cut after every so many bytes: in HELLO, WELCOME, INITIATE, while ZAP is asked, after READY.
static void cut_in_the_middle_of_handshakes(void **state) {
  struct bus_test *test = *state;
  struct relay relay = {0};
  relay_open(&relay);
  for (size_t limit = 3; limit < 1100; limit += 5) {
    void *dealer = relay_dealer(test, &relay);
    relay_run(&relay, test, limit, 100);
    relay_cut(&relay, limit % 2);
    bus_test_close(dealer);
  }
  close(relay.listener);
  assert_still_serving(test);
}

#define ROUNDS 150

// The ROUTER sends multi-part messages to a peer that breaks off at a random byte; a message that arrives is whole.
static void cut_while_sending(void **state) {
  struct bus_test *test = *state;
  struct relay relay = {0};
  struct wg_incoming in;
  relay_open(&relay);
  uint8_t *bytes = calloc(1, 20000);
  int gone = 0;
  for (int round = 0; round < ROUNDS; round++) {
    void *dealer = relay_dealer(test, &relay);
    relay_run(&relay, test, SIZE_MAX, 0);
    struct wg_peer peer = {0};
    for (int i = 0; i < 400 && !peer.size; i++) {
      relay_run(&relay, test, SIZE_MAX, 5);
      if (bus_test_wait(dealer, ZMQ_POLLOUT, 0)) wg_dealer_send(dealer, wg_bytes_of("hi"), wg_bytes_of("there"));
      while (wg_router_receive(test->router, &in)) {
        assert_string_equal(in.user, "alice");
        peer = in.peer;
        wg_incoming_close(&in);
      }
    }
    assert_true(peer.size > 0);
    size_t limit = relay.passed + draw(60000);
    enum wg_sent outcome = WG_SENT;
    for (int i = 0; i < 12 && outcome == WG_SENT; i++) {
      outcome = wg_router_send_bytes(test->router, &peer, wg_bytes_of("e"), (struct wg_bytes){bytes, draw(20000)});
      if (i == 5) relay_run(&relay, test, limit, 10);
    }
    relay_cut(&relay, round & 1);
    for (int64_t until = wg_monotonic_us() + 10 * WG_SECOND_US; outcome == WG_SENT && wg_monotonic_us() < until;) {
      outcome = wg_router_send_bytes(test->router, &peer, wg_bytes_of("e"), wg_bytes_of("b"));
      while (wg_router_receive(test->router, &in))
        wg_incoming_close(&in);
      if (outcome == WG_SENT) bus_test_wait(test->router, ZMQ_POLLIN, 1);
    }
    gone += outcome == WG_SENT_GONE;
    while (wg_dealer_receive(dealer, &in)) {
      assert_int_equal(in.frames, 2);
      wg_incoming_close(&in);
    }
    bus_test_close(dealer);
  }
  assert_int_equal(gone, ROUNDS);
  free(bytes);
  close(relay.listener);
  assert_still_serving(test);
}

// Real peers that vanish while both sides send as fast as they can.
static void dealers_that_vanish_while_talking(void **state) {
  struct bus_test *test = *state;
  struct wg_incoming in;
  for (int round = 0; round < 150; round++) {
    void *dealer = bus_test_dealer(test, round & 1 ? &test->alice : &test->carol);
    assert_true(bus_test_wait(dealer, ZMQ_POLLOUT, BUS_TEST_PATIENCE_MS));
    for (int i = 0; i < 50; i++)
      wg_dealer_send(dealer, wg_bytes_of("question"), wg_bytes_of("body"));
    if (round % 3) bus_test_wait(test->router, ZMQ_POLLIN, 100);
    int answered = 0;
    while (wg_router_receive(test->router, &in)) {
      wg_router_send_bytes(test->router, &in.peer, wg_bytes_of("answer"), wg_bytes_of("body"));
      wg_incoming_close(&in);
      if (++answered == 20) {
        bus_test_close(dealer);
        dealer = NULL;
      }
    }
    bus_test_close(dealer);
  }
  while (bus_test_hear(test->router, &in, 50))
    wg_incoming_close(&in);
  assert_still_serving(test);
}

#define WITH_BUS(test) cmocka_unit_test_setup_teardown(test, bus_test_setup, bus_test_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_BUS(cut_in_every_byte_of_a_greeting),   WITH_BUS(garbage_of_strangers),
      WITH_BUS(cut_in_the_middle_of_handshakes),   WITH_BUS(cut_while_sending),
      WITH_BUS(dealers_that_vanish_while_talking),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
