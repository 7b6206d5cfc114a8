// Follower: one durable subscription of this service to another's stream, over a DEALER of its own.
//
// Opens at the position the service has stored, asks again after a silence or a broken connection (backoff 100 ms to
// 5 s), keeps bodies until the stage takes them, acknowledges when told. Checks that numbers are gapless and never goes
// backwards: a repeat is dropped, a gap reopens the subscription at the stored position.
#pragma once

#include "common/bus/bus.h"

#include "wangge/v1/stream.pb-c.h"

struct wg_follower;
struct wg_follower_options {
  const char *stream, *consumer, *endpoint, *server_key;
  uint32_t credit_bytes; // 0: 4 MiB
  int lease_ms;          // 0: 30,000
  bool compacted;        // the stream always holds the newest state of everything: what is no longer kept is not missed
};
struct wg_delivery { // one Data message, waiting for the stage
  struct wg_delivery *next;
  uint64_t first, last;
  zmq_msg_t body; // EventBatch
};
wg_status wg_follower_create(struct wg_bus *bus, struct wg_follower_options options, struct wg_follower **follower,
                             struct wg_error *error);
void wg_follower_destroy(struct wg_follower *follower);
void *wg_follower_socket(struct wg_follower *follower); // to poll for ZMQ_POLLIN
// wg_follower_start (re)opens behind `position`; forgets deliveries not taken. Call after every database connect.
void wg_follower_start(struct wg_follower *follower, uint64_t position, int64_t now);
void wg_follower_pause(struct wg_follower *follower);                // while there is no database
void wg_follower_receive(struct wg_follower *follower, int64_t now); // drains the socket
int64_t wg_follower_tick(struct wg_follower *follower, int64_t now); // opens, pings; µs until the next wanted call
// Deliveries in order; the caller owns what it takes and frees it with wg_delivery_free.
const struct wg_delivery *wg_follower_peek(const struct wg_follower *follower);
struct wg_delivery *wg_follower_take(struct wg_follower *follower);
void wg_delivery_free(struct wg_delivery *delivery);
void wg_follower_ack(struct wg_follower *follower, uint64_t upto); // effects up to `upto` are committed
bool wg_follower_connected(const struct wg_follower *follower);
uint64_t wg_follower_head(const struct wg_follower *follower); // newest number heard of
