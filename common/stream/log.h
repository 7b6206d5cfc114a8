// The durable log of one service's streams: what design §3.1 describes, the writer's side.
//
// Tables (common/stream/schema): segment, topic_index, head, consumer, parked. One segment row per committed batch and
// stream. Numbers come from the locked head row: commit order is number order, gapless per stream and per topic.
// One writer per service (advisory lock held by the writing connection), so the heads are known in memory; the UPDATE
// … RETURNING must give the same numbers, or the batch fails and the service stops loudly.
//
// Life of a batch: wg_log_append … (numbers are given at once) → wg_log_store queues the SQL in the batch's transaction
// → after COMMIT wg_log_committed (moves the new segments into memory and returns them) or wg_log_rolled_back.
#pragma once

#include "common/db/db.h"

#include <zmq.h>

struct wg_log;

// What a service declares of a stream it publishes.
struct wg_stream_spec {
  const char *name;         // "routing.dispatch"
  bool topics;              // consumers may subscribe to one topic
  int retention_days;       // segments younger than this are kept even if every durable consumer has passed them
};

// One committed batch of a stream, in memory. Shared by reference count; the body is a zmq message so that sending it
// to many copies nothing. Events are found without unpacking through `entries`.
struct wg_segment_entry {
  uint32_t offset, size;    // of the event's record (tag, length, bytes) inside the body; records concatenate to an EventBatch
  uint32_t topic;           // index in the log's topic table
  uint64_t topic_seq;
};
struct wg_segment {
  int references;           // loop thread only
  const char *stream;
  uint64_t first;           // number of the first event
  uint32_t count;
  int64_t at;
  zmq_msg_t body;           // packed EventBatch
  struct wg_segment_entry *entries;
};
void wg_segment_hold(struct wg_segment *segment);
void wg_segment_release(struct wg_segment *segment);

struct wg_log *wg_log_create(const struct wg_stream_spec *streams, size_t count);
void wg_log_destroy(struct wg_log *log);
// wg_log_load reads heads (blocking; after every connect, since the outcome of the last batch may be unknown).
wg_status wg_log_load(struct wg_log *log, struct wg_db *db, struct wg_error *error);
uint64_t wg_log_head(const struct wg_log *log, const char *stream);
int64_t wg_log_head_at(const struct wg_log *log, const char *stream);
uint64_t wg_log_topic_head(const struct wg_log *log, const char *stream, const char *topic);
uint32_t wg_log_topic_id(struct wg_log *log, const char *stream, const char *topic);   // registers it if new
const char *wg_log_topic_name(const struct wg_log *log, const char *stream, uint32_t id);

// wg_log_begin starts a batch committed at `at` (the batch's clock).
void wg_log_begin(struct wg_log *log, int64_t at);
// wg_log_append adds one event; `topic` "" when none. Returns its number in the stream.
uint64_t wg_log_append(struct wg_log *log, const char *stream, const char *topic, const ProtobufCMessage *payload,
                       const char *traceparent);
uint64_t wg_log_next(const struct wg_log *log, const char *stream);  // number the next append will get
wg_status wg_log_store(struct wg_log *log, struct wg_db *db, struct wg_arena *arena, struct wg_error *error);
// wg_log_committed hands each new segment to `publish` (who holds it if it wants to keep it).
void wg_log_committed(struct wg_log *log, void (*publish)(void *context, struct wg_segment *segment), void *context);
void wg_log_rolled_back(struct wg_log *log);
// wg_log_read loads up to `max_bytes` (at least one segment) behind `after`, for a lagging consumer; blocking, on a
// reader's connection. topic NULL: whole segments from the one that holds after+1; else only the topic's events behind
// topic number `after`, packed. *batch is an EventBatch (malloc'ed), *first/*last its numbers; last 0: nothing there.
// Thread rule: does not touch `struct wg_log`; safe from reader threads.
struct wg_read {
  const char *stream, *topic;
  uint64_t after;
  size_t max_bytes;
  struct wg_buffer batch;   // out
  uint64_t first, last;     // out
};
wg_status wg_log_read(struct wg_db *db, struct wg_read *read, struct wg_error *error);
// wg_log_find answers where a start in time or "earliest" lies: the number before the first event to deliver.
wg_status wg_log_find(struct wg_db *db, const char *stream, const char *topic, int64_t at, uint64_t *after,
                      uint64_t *earliest, struct wg_error *error);
// wg_log_retain drops whole partitions that every durable consumer has passed and whose retention ended, and makes the
// next partitions in time; blocking, on a maintenance connection of the role that owns the tables' partitions.
wg_status wg_log_retain(struct wg_db *db, const struct wg_stream_spec *streams, size_t count, int64_t now,
                        int *dropped, struct wg_error *error);
