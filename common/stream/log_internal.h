// What the files of the log share: streams and topics in memory, and the batch that is being made.
#pragma once

#include "common/base/map.h"
#include "common/stream/log.h"

struct wg_log_topic {
  char *name;
  uint64_t head;    // committed
  uint64_t next;    // with the batch that is being made
  uint64_t segment; // serial of the segment in which `slot` is valid
  uint32_t slot;    // index in that segment's topics
};

struct wg_log_stream {
  struct wg_stream_spec spec;
  size_t index;
  uint64_t head; // committed
  int64_t head_at;
  uint64_t last;               // with the batch that is being made
  struct wg_map *topic_ids;    // name -> (void *)id
  struct wg_log_topic *topics; // [0] is WG_NO_TOPIC
  size_t topic_count, topic_capacity;
  uint64_t partition_end;    // numbers from here on have no partition yet
  uint64_t partition_refill; // make more when the head comes here
  uint64_t partition_made;   // answer of log_partitions_make in the batch's transaction; 0: none
  // The segment that grows, and those of this batch that are full.
  struct wg_segment *open, *full, **full_tail;
  struct wg_buffer body;
  size_t entry_capacity, topics_capacity;
  uint64_t serial;
};

struct wg_log {
  struct wg_log_stream *streams;
  size_t count;
  int64_t at;
  uint64_t serial;
};

struct wg_log_stream *wg_log_stream_of(const struct wg_log *log, const char *name); // NULL: not declared
// wg_log_partitions notes that there are partitions up to `end`; stream->head must be the committed one.
void wg_log_partitions(struct wg_log_stream *stream, uint64_t end);
// wg_log_seal ends the segment that grows and sorts its events by topic.
void wg_log_seal(struct wg_log_stream *stream);
