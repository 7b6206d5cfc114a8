#include "tests/unit/bus_test.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// Dealers that are open: a test that fails leaves some, and a context waits for its sockets for ever.
enum { MOST_DEALERS = 1024 };
static void *dealers[MOST_DEALERS];
static size_t dealer_count;

static void *remember(void *dealer) {
  assert_true(dealer_count < MOST_DEALERS);
  dealers[dealer_count++] = dealer;
  return dealer;
}

static void forget(void *dealer) {
  for (size_t i = 0; i < dealer_count; i++) {
    if (dealers[i] == dealer) dealers[i--] = dealers[--dealer_count];
  }
}

void bus_test_write(const char *path, const char *text, int mode) {
  unlink(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  assert_int_equal(fchmod(fd, (mode_t)mode), 0);
  close(fd);
}

const struct wg_key *bus_test_key(const struct bus_test *test, const char *name) {
  if (!strcmp(name, "alice")) return &test->alice;
  if (!strcmp(name, "bob")) return &test->bob;
  return &test->carol;
}

void bus_test_principals(struct bus_test *test, const char *name, ...) {
  char path[128], text[2048];
  size_t size = 0;
  va_list names;
  va_start(names, name);
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start stands above
  for (; name; name = va_arg(names, const char *))
    size += (size_t)snprintf(text + size, sizeof text - size, "[%s]\nkey = %s\nroles = source\n", name,
                             bus_test_key(test, name)->public_z85);
  va_end(names);
  snprintf(path, sizeof path, "%s/principals.ini", test->folder);
  bus_test_write(path, text, 0644);
}

int bus_test_setup(void **state) {
  struct bus_test *test = calloc(1, sizeof *test);
  struct wg_error error;
  char path[128];
  strcpy(test->folder, "/tmp/wangge-bus-XXXXXX");
  assert_non_null(mkdtemp(test->folder));
  struct wg_key *keys[] = {&test->server, &test->alice, &test->bob, &test->carol, &test->stranger};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    assert_int_equal(zmq_curve_keypair(keys[i]->public_z85, keys[i]->secret_z85), 0);
  bus_test_principals(test, "alice", "bob", "carol", NULL);
  snprintf(path, sizeof path, "%s/principals.ini", test->folder);
  if (wg_principals_open(path, &test->principals, &error)) fail_msg("%s", error.message);
  if (wg_bus_start(&test->bus, &test->server, test->principals, &error)) fail_msg("%s", error.message);
  if (wg_bus_router(&test->bus, "tcp://127.0.0.1:*", &test->router, &error)) fail_msg("%s", error.message);
  size_t size = sizeof test->endpoint;
  assert_int_equal(zmq_getsockopt(test->router, ZMQ_LAST_ENDPOINT, test->endpoint, &size), 0);
  *state = test;
  return 0;
}

int bus_test_teardown(void **state) {
  struct bus_test *test = *state;
  char path[128];
  while (dealer_count)
    bus_test_close(dealers[dealer_count - 1]);
  bus_test_close(test->router);
  wg_bus_stop(&test->bus);
  wg_principals_close(test->principals);
  snprintf(path, sizeof path, "%s/principals.ini", test->folder);
  unlink(path);
  rmdir(test->folder);
  free(test);
  return 0;
}

void bus_test_close(void *socket) {
  int linger = 0;
  if (!socket) return;
  forget(socket);
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  zmq_close(socket);
}

void *bus_test_dealer(struct bus_test *test, const struct wg_key *key) {
  void *socket;
  struct wg_error error;
  if (wg_bus_dealer(test->bus.context, key, test->endpoint, test->server.public_z85, &socket, &error))
    fail_msg("%s", error.message);
  return remember(socket);
}

void *bus_test_dealer_named(struct bus_test *test, const struct wg_key *key, const char *routing_id) {
  void *socket = zmq_socket(test->bus.context, ZMQ_DEALER);
  assert_non_null(socket);
  assert_int_equal(zmq_setsockopt(socket, ZMQ_ROUTING_ID, routing_id, strlen(routing_id)), 0);
  assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, test->server.public_z85, 41), 0);
  assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key->public_z85, 41), 0);
  assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret_z85, 41), 0);
  assert_int_equal(zmq_connect(socket, test->endpoint), 0);
  return remember(socket);
}

bool bus_test_wait(void *socket, short events, int timeout_ms) {
  int64_t until = wg_monotonic_us() + timeout_ms * 1000;
  zmq_pollitem_t item = {.socket = socket, .events = events};
  for (;;) {
    int64_t left = until - wg_monotonic_us();
    int rc = zmq_poll(&item, 1, left > 0 ? (long)((left + 999) / 1000) : 0);
    if (rc > 0) return true;
    if (rc == 0 && left <= 0) return false;
    if (rc < 0 && errno != EINTR) return false;
  }
}

void bus_test_say(void *dealer, const char *text) {
  assert_true(bus_test_wait(dealer, ZMQ_POLLOUT, BUS_TEST_PATIENCE_MS));
  assert_int_equal(wg_dealer_send(dealer, wg_bytes_of(text), (struct wg_bytes){0}), WG_SENT);
}

bool bus_test_hear(void *router, struct wg_incoming *incoming, int timeout_ms) {
  return bus_test_wait(router, ZMQ_POLLIN, timeout_ms) && wg_router_receive(router, incoming);
}
