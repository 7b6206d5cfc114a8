// A private bus for tests: a folder with keys and a principals file, a bus with a bound ROUTER.
#pragma once

#include "common/bus/bus.h"

// How long a test waits for what must come: only what hangs uses it up, a slow machine makes no test red.
enum { BUS_TEST_PATIENCE_MS = 60000 };

struct bus_test {
  char folder[64];
  struct wg_key server, alice, bob, carol, stranger;
  struct wg_principals *principals;
  struct wg_bus bus;
  void *router;
  char endpoint[128];
};

int bus_test_setup(void **state);
int bus_test_teardown(void **state);
// Writes the principals file with the public keys of these names (alice, bob, carol), ended by NULL.
void bus_test_principals(struct bus_test *test, const char *name, ...) __attribute__((sentinel));
void bus_test_write(const char *path, const char *text, int mode);
const struct wg_key *bus_test_key(const struct bus_test *test, const char *name);
// A DEALER of ours in the bus's context; and one made by hand, with a routing id of the client's choice.
void *bus_test_dealer(struct bus_test *test, const struct wg_key *key);
void *bus_test_dealer_named(struct bus_test *test, const struct wg_key *key, const char *routing_id);
bool bus_test_wait(void *socket, short events, int timeout_ms);
// Sends "text" (once the connection stands) and receives it at the ROUTER.
void bus_test_say(void *dealer, const char *text);
bool bus_test_hear(void *router, struct wg_incoming *incoming, int timeout_ms);
void bus_test_close(void *socket); // without lingering; every dealer is closed by it, at the latest at tear-down
