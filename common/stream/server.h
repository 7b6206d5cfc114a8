// Subscriptions: feeds consumers of this service's streams, live from memory and lagging ones from segments.
//
// Runs in the service's loop thread. Credit is in bytes: a consumer gets no more than its credit unacknowledged, so a
// slow, stopped or hostile one costs at most its credit and its high-water mark, and slows nobody else. A consumer that
// acknowledges nothing for its lease although something is unacknowledged is closed. Rights are checked at Open and
// again whenever the principals change.
#pragma once

#include "common/bus/bus.h"
#include "common/obs/metrics.h"
#include "common/stream/log.h"

#include "wangge/v1/ops.pb-c.h"
#include "wangge/v1/stream.pb-c.h"

struct wg_stream_server;

// What the server needs of the stage around it.
struct wg_stream_host {
  void *context;
  void *router;
  // Runs `work` on a reader thread with a connection (never without), then `done` in the loop thread with its status,
  // never from inside read itself. No connection: `done` with UNAVAILABLE.
  void (*read)(void *context, wg_status (*work)(struct wg_db *db, void *job, struct wg_error *error),
               void (*done)(void *job, wg_status status, const struct wg_error *error), void *job);
  // Asks for a stage batch soon (positions or parked events to store).
  void (*wake)(void *context);
};

struct wg_stream_server *wg_stream_server_create(struct wg_stream_host host, struct wg_log *log,
                                                 struct wg_principals *principals, const struct wg_stream_spec *streams,
                                                 size_t count, size_t cache_bytes);
// Readers must have ended: no `done` comes after it.
void wg_stream_server_destroy(struct wg_stream_server *server);
// wg_stream_server_load reads durable consumers' positions (blocking, after every connect).
wg_status wg_stream_server_load(struct wg_stream_server *server, struct wg_db *db, struct wg_error *error);
// Envelopes of the stream kind (open, ack, park, close, ping) come here; `user` as in wg_incoming; `now` as of tick.
void wg_stream_server_envelope(struct wg_stream_server *server, const struct wg_peer *peer, const char *user,
                               const Wangge__V1__Envelope *envelope, int64_t now);
// New segment after a commit.
void wg_stream_server_publish(void *server, struct wg_segment *segment);
// wg_stream_server_store adds positions and parked events that wait to the batch's transaction; _stored tells how it
// ended. Positions are written at most every 100 ms, also when batches run more often.
bool wg_stream_server_dirty(const struct wg_stream_server *server, int64_t now);
bool wg_stream_server_unsaved(const struct wg_stream_server *server); // the same without waiting for the 100 ms
void wg_stream_server_hurry(struct wg_stream_server *server); // the next batch writes them whenever the last did
wg_status wg_stream_server_store(struct wg_stream_server *server, struct wg_db *db, struct wg_arena *arena,
                                 struct wg_error *error);
void wg_stream_server_stored(struct wg_stream_server *server, bool committed);
// wg_stream_server_tick: leases, principals' changes, retries of full peers. Call about every 100 ms and when the
// router becomes writable. Returns microseconds until it wants to be called again. `now` is wg_monotonic_us: a wall
// clock that jumps ends no lease.
int64_t wg_stream_server_tick(struct wg_stream_server *server, int64_t now);
void wg_stream_server_stop(struct wg_stream_server *server); // Closed(UNAVAILABLE) to all
// Fills streams and consumers of the answer (messages live in the arena). Only rows of `topic` when it is not NULL.
void wg_stream_server_status(struct wg_stream_server *server, const char *topic, struct wg_arena *arena,
                             Wangge__V1__QueuesResponse *response, int64_t now);
// Dead letters of outside consumers are rows of table parked. To redrive: set `redrive` of rows in state 1, commit,
// then tell the server. Each is delivered when its consumer is connected, and again after a reconnect or a restart
// until it is acknowledged (state 2) or parked again (attempts + 1).
void wg_stream_server_redrive(struct wg_stream_server *server, const char *stream, const char *consumer,
                              const char *topic);
bool wg_stream_server_connected(const struct wg_stream_server *server, const char *stream, const char *consumer,
                                const char *topic);
void wg_stream_server_forget(struct wg_stream_server *server, const char *stream, const char *consumer,
                             const char *topic); // after ConsumerRemove committed
// wg_stream_server_metrics sets the gauges of streams and durable consumers, registering those that are new. Call it
// every second or so.
void wg_stream_server_metrics(struct wg_stream_server *server, struct wg_metrics *metrics);
