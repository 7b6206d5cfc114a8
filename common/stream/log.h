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
  const char *name;   // "routing.dispatch"
  bool topics;        // consumers may subscribe to one topic
  int retention_days; // segments younger than this are kept even if every durable consumer has passed them
  unsigned readers; // roles (bits of wg_role) that may subscribe; 0: services, operators, dispatchers, and a department
                    // its own topic. Not 0 where events tell what most may not see, or topics are no departments
};

// One committed batch of a stream, in memory. Shared by reference count; the body is a zmq message so that sending it
// to many copies nothing. Events are found without unpacking through `entries`.
struct wg_segment_entry {
  uint32_t offset,
      size;       // of the event's record (tag, length, bytes) inside the body; records concatenate to an EventBatch
  uint32_t topic; // index in the log's topic table
  uint64_t topic_seq;
};
// The events of one topic in a segment: entries[order[start]] … entries[order[start + count - 1]].
struct wg_segment_topic {
  uint32_t topic;
  uint32_t start, count;
  uint64_t first_n; // topic number of the first one
};
struct wg_segment {
  int references;      // loop thread only
  const char *stream;  // the name in wg_stream_spec
  size_t stream_index; // of the wg_stream_spec
  uint64_t first;      // number of the first event
  uint32_t count;
  int64_t at;     // never goes back within a stream
  zmq_msg_t body; // packed EventBatch
  struct wg_segment_entry *entries;
  struct wg_segment_topic *topics; // ascending by topic; none in streams without topics
  uint32_t topic_count;
  uint32_t *order;         // indexes of entries, topic by topic
  struct wg_segment *next; // the log's own, before the commit
};
// A batch's events beyond this many body bytes go into a further segment, so that any segment fits a message.
#define WG_SEGMENT_BYTES (4u << 20)
void wg_segment_hold(struct wg_segment *segment);
void wg_segment_release(struct wg_segment *segment);

struct wg_log *wg_log_create(const struct wg_stream_spec *streams, size_t count);
void wg_log_destroy(struct wg_log *log);
// wg_log_load reads heads (blocking; after every connect, since the outcome of the last batch may be unknown).
wg_status wg_log_load(struct wg_log *log, struct wg_db *db, struct wg_error *error);
uint64_t wg_log_head(const struct wg_log *log, const char *stream);
int64_t wg_log_head_at(const struct wg_log *log, const char *stream);
uint64_t wg_log_topic_head(const struct wg_log *log, const char *stream, const char *topic);
uint32_t wg_log_topic_id(struct wg_log *log, const char *stream, const char *topic); // registers it if new
const char *wg_log_topic_name(const struct wg_log *log, const char *stream, uint32_t id);

// Topics of a stream are known by small numbers; 0 is "no topic". wg_log_topic_count tells how many there are.
#define WG_NO_TOPIC 0u
size_t wg_log_topic_count(const struct wg_log *log, const char *stream);

// wg_log_begin starts a batch committed at `at` (the batch's clock).
void wg_log_begin(struct wg_log *log, int64_t at);
// wg_log_append adds one event; `topic` "" when none (and in a stream declared without topics, where a topic would have
// no numbers: asserted). Packs it where it will be sent from. Returns its number in the stream.
uint64_t wg_log_append(struct wg_log *log, const char *stream, const char *topic, const ProtobufCMessage *payload,
                       const char *traceparent);
uint64_t wg_log_next(const struct wg_log *log, const char *stream); // number the next append will get
wg_status wg_log_store(struct wg_log *log, struct wg_db *db, struct wg_arena *arena, struct wg_error *error);
// wg_log_committed hands each new segment to `publish` (who holds it if it wants to keep it).
void wg_log_committed(struct wg_log *log, void (*publish)(void *context, struct wg_segment *segment), void *context);
void wg_log_rolled_back(struct wg_log *log);
// wg_log_read loads what follows number `after` for a lagging consumer; blocking, on a reader's connection. topic NULL:
// to the end of a segment, at least one; else the topic's events behind topic number `after`, at least one. Stops at
// `max_bytes`, and a topic after a few segments: consumers of several topics that read in turn then find the same
// segments in `cache`. `batch` (free it) is an EventBatch, first and last its numbers; last 0: nothing there. first >
// after + 1: what lay between is no longer kept. Thread rule: does not touch `struct wg_log`; safe from reader threads.
struct wg_segment_cache;
struct wg_read {
  const char *stream, *topic;
  struct wg_segment_cache *cache; // of a topic: needed; `stream` must be the name of its wg_stream_spec
  uint64_t after;
  size_t max_bytes;
  struct wg_buffer batch; // out
  uint64_t first, last;   // out
};
wg_status wg_log_read(struct wg_db *db, struct wg_read *read, struct wg_error *error);
// wg_log_find answers where a start in time lies: the number before the first event committed at or after `at`, or the
// head when there is none (at <= 0: before the earliest kept); the oldest number kept, 0 when nothing is; and the head.
// topic NULL: numbers of the stream.
struct wg_find {
  const char *stream, *topic;
  int64_t at;
  uint64_t after, earliest, head; // out
};
wg_status wg_log_find(struct wg_db *db, struct wg_find *find, struct wg_error *error);
// wg_log_retain drops whole partitions that every durable consumer has passed and whose retention ended, and makes the
// next partitions in time; blocking, on a connection of the service's role that may write. The database decides what
// may go (log_partitions_drop); partitions in use at the moment stay until the next call. Call it every minute or so;
// the log itself makes partitions too when it comes near their end.
wg_status wg_log_retain(struct wg_db *db, const struct wg_stream_spec *streams, size_t count, int *dropped,
                        struct wg_error *error);
