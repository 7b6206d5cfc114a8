// The log in memory: numbers, topics, and the segment of the batch that is being made. Each event is packed once, into
// the memory it is later sent from.
#include "common/stream/log_internal.h"
#include "common/stream/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void wg_segment_hold(struct wg_segment *segment) {
  segment->references++;
}

void wg_segment_release(struct wg_segment *segment) {
  assert(segment->references > 0);
  if (--segment->references > 0) return;
  zmq_msg_close(&segment->body);
  free(segment->entries);
  free(segment->topics);
  free(segment->order);
  free(segment);
}

// --- streams and topics ---
static uint32_t add_topic(struct wg_log_stream *stream, const char *name) {
  if (stream->topic_count == stream->topic_capacity) {
    stream->topic_capacity = stream->topic_capacity ? stream->topic_capacity * 2 : 64;
    stream->topics = wg_realloc(stream->topics, stream->topic_capacity * sizeof *stream->topics);
  }
  const uint32_t id = (uint32_t)stream->topic_count++;
  stream->topics[id] = (struct wg_log_topic){.name = wg_strdup(name)};
  if (id != WG_NO_TOPIC) wg_map_put(stream->topic_ids, name, (void *)(uintptr_t)id);
  return id;
}

static uint32_t topic_of(struct wg_log_stream *stream, const char *topic) {
  if (topic[0] == '\0') return WG_NO_TOPIC;
  const uintptr_t id = (uintptr_t)wg_map_get(stream->topic_ids, topic);
  return id ? (uint32_t)id : add_topic(stream, topic);
}

struct wg_log *wg_log_create(const struct wg_stream_spec *streams, size_t count) {
  struct wg_log *log = wg_zalloc(sizeof *log);
  log->streams = wg_zalloc((count + 1) * sizeof *log->streams);
  log->count = count;
  for (size_t i = 0; i < count; i++) {
    struct wg_log_stream *stream = &log->streams[i];
    stream->spec = streams[i];
    stream->index = i;
    stream->topic_ids = wg_map_create();
    stream->full_tail = &stream->full;
    add_topic(stream, "");
  }
  return log;
}

void wg_log_destroy(struct wg_log *log) {
  if (!log) return;
  wg_log_rolled_back(log);
  for (size_t i = 0; i < log->count; i++) {
    struct wg_log_stream *stream = &log->streams[i];
    for (size_t j = 0; j < stream->topic_count; j++)
      free(stream->topics[j].name);
    free(stream->topics);
    wg_map_destroy(stream->topic_ids);
    wg_buffer_free(&stream->body);
  }
  free(log->streams);
  free(log);
}

struct wg_log_stream *wg_log_stream_of(const struct wg_log *log, const char *name) {
  for (size_t i = 0; i < log->count; i++) {
    if (log->streams[i].spec.name == name || strcmp(log->streams[i].spec.name, name) == 0) return &log->streams[i];
  }
  return NULL;
}

static struct wg_log_stream *declared(const struct wg_log *log, const char *name) {
  struct wg_log_stream *stream = wg_log_stream_of(log, name);
  assert(stream && "a stream the service has not declared");
  return stream;
}

uint64_t wg_log_head(const struct wg_log *log, const char *stream) {
  return declared(log, stream)->head;
}

int64_t wg_log_head_at(const struct wg_log *log, const char *stream) {
  return declared(log, stream)->head_at;
}

uint64_t wg_log_topic_head(const struct wg_log *log, const char *stream, const char *topic) {
  const struct wg_log_stream *of = declared(log, stream);
  const uintptr_t id = (uintptr_t)wg_map_get(of->topic_ids, topic);
  return id ? of->topics[id].head : 0;
}

uint32_t wg_log_topic_id(struct wg_log *log, const char *stream, const char *topic) {
  return topic_of(declared(log, stream), topic);
}

const char *wg_log_topic_name(const struct wg_log *log, const char *stream, uint32_t id) {
  const struct wg_log_stream *of = declared(log, stream);
  assert(id < of->topic_count);
  return of->topics[id].name;
}

size_t wg_log_topic_count(const struct wg_log *log, const char *stream) {
  return declared(log, stream)->topic_count;
}

uint64_t wg_log_next(const struct wg_log *log, const char *stream) {
  return declared(log, stream)->last + 1;
}

// --- appending ---
void wg_log_begin(struct wg_log *log, int64_t at) {
  log->at = at;
  for (size_t i = 0; i < log->count; i++) {
    assert(!log->streams[i].open && !log->streams[i].full && "the batch before has not ended");
    if (log->streams[i].head_at > log->at)
      log->at = log->streams[i].head_at; // a clock set back must not make `at` go back: starts in time rely on it
  }
}

static void open_segment(struct wg_log *log, struct wg_log_stream *stream) {
  struct wg_segment *segment = wg_zalloc(sizeof *segment);
  segment->references = 1;
  segment->stream = stream->spec.name;
  segment->stream_index = stream->index;
  segment->first = stream->last + 1;
  segment->at = log->at;
  stream->open = segment;
  stream->entry_capacity = 0;
  stream->topics_capacity = 0;
  stream->serial = ++log->serial;
}

static void count_topic(struct wg_log_stream *stream, uint32_t id, uint64_t topic_seq) {
  struct wg_segment *segment = stream->open;
  struct wg_log_topic *topic = &stream->topics[id];
  if (topic->segment != stream->serial) {
    if (segment->topic_count == stream->topics_capacity) {
      stream->topics_capacity = stream->topics_capacity ? stream->topics_capacity * 2 : 8;
      segment->topics = wg_realloc(segment->topics, stream->topics_capacity * sizeof *segment->topics);
    }
    topic->segment = stream->serial;
    topic->slot = segment->topic_count++;
    segment->topics[topic->slot] = (struct wg_segment_topic){.topic = id, .first_n = topic_seq};
  }
  segment->topics[topic->slot].count++;
}

static struct wg_segment_entry *add_entry(struct wg_log_stream *stream) {
  struct wg_segment *segment = stream->open;
  if (segment->count == stream->entry_capacity) {
    stream->entry_capacity = stream->entry_capacity ? stream->entry_capacity * 2 : 16;
    segment->entries = wg_realloc(segment->entries, stream->entry_capacity * sizeof *segment->entries);
  }
  return &segment->entries[segment->count++];
}

// Sizes of Event's fields as proto3 writes them: a field with its default is left out.
static size_t text_size(size_t size) {
  return size ? 1 + wg_varint_size(size) + size : 0;
}

static uint8_t *put_text(uint8_t *at, uint8_t tag, const char *text, size_t size) {
  if (size == 0) return at;
  *at++ = tag;
  at = wg_varint_put(at, size);
  memcpy(at, text, size);
  return at + size;
}

static size_t number_size(uint64_t value) {
  return value ? 1 + wg_varint_size(value) : 0;
}

static uint8_t *put_number(uint8_t *at, uint8_t tag, uint64_t value) {
  if (value == 0) return at;
  *at++ = tag;
  return wg_varint_put(at, value);
}

// pack_event appends the record of one event to the body and returns its size.
static size_t pack_event(struct wg_buffer *body, uint64_t seq, const char *topic, uint64_t topic_seq, int64_t at_us,
                         const ProtobufCMessage *payload, const char *traceparent) {
  const char *type = payload->descriptor->name;
  const size_t topic_size = strlen(topic), type_size = strlen(type), trace_size = traceparent ? strlen(traceparent) : 0;
  const size_t payload_size = protobuf_c_message_get_packed_size(payload);
  const size_t size = number_size(seq) + text_size(topic_size) + number_size(topic_seq) + number_size((uint64_t)at_us) +
                      text_size(type_size) + text_size(payload_size) + text_size(trace_size);
  const size_t record = 1 + wg_varint_size(size) + size;
  uint8_t *const start = wg_buffer_reserve(body, record);
  uint8_t *at = start;
  *at++ = 0x0a; // EventBatch.events
  at = wg_varint_put(at, size);
  at = put_number(at, 1 << 3, seq);
  at = put_text(at, 2 << 3 | 2, topic, topic_size);
  at = put_number(at, 3 << 3, topic_seq);
  at = put_number(at, 4 << 3, (uint64_t)at_us);
  at = put_text(at, 5 << 3 | 2, type, type_size);
  if (payload_size) {
    *at++ = 6 << 3 | 2;
    at = wg_varint_put(at, payload_size);
    at += protobuf_c_message_pack(payload, at);
  }
  at = put_text(at, 7 << 3 | 2, traceparent, trace_size);
  assert((size_t)(at - start) == record);
  body->size += record;
  return record;
}

uint64_t wg_log_append(struct wg_log *log, const char *name, const char *topic, const ProtobufCMessage *payload,
                       const char *traceparent) {
  struct wg_log_stream *stream = declared(log, name);
  assert((stream->spec.topics || topic[0] == '\0') && "a topic in a stream without topics");
  if (stream->open && stream->body.size >= WG_SEGMENT_BYTES) wg_log_seal(stream);
  if (!stream->open) open_segment(log, stream);
  const uint64_t seq = ++stream->last;
  const uint32_t id = topic_of(stream, topic);
  const uint64_t topic_seq = id == WG_NO_TOPIC ? 0 : ++stream->topics[id].next;
  if (id != WG_NO_TOPIC) count_topic(stream, id, topic_seq);
  const size_t offset = stream->body.size;
  const size_t size = pack_event(&stream->body, seq, topic, topic_seq, log->at, payload, traceparent);
  *add_entry(stream) = (struct wg_segment_entry){(uint32_t)offset, (uint32_t)size, id, topic_seq};
  return seq;
}

static int by_topic(const void *a, const void *b) {
  const uint32_t left = ((const struct wg_segment_topic *)a)->topic,
                 right = ((const struct wg_segment_topic *)b)->topic;
  return left < right ? -1 : left > right;
}

void wg_log_seal(struct wg_log_stream *stream) {
  struct wg_segment *segment = stream->open;
  if (!segment) return;
  wg_message_of(&stream->body, &segment->body);
  if (segment->topic_count > 0) {
    qsort(segment->topics, segment->topic_count, sizeof *segment->topics, by_topic);
    uint32_t start = 0;
    for (uint32_t i = 0; i < segment->topic_count; i++) {
      struct wg_segment_topic *topic = &segment->topics[i];
      topic->start = start;
      start += topic->count;
      stream->topics[topic->topic].slot = topic->start;
    }
    segment->order = wg_alloc(start * sizeof *segment->order);
    for (uint32_t i = 0; i < segment->count; i++) {
      if (segment->entries[i].topic != WG_NO_TOPIC)
        segment->order[stream->topics[segment->entries[i].topic].slot++] = i;
    }
  }
  *stream->full_tail = segment;
  stream->full_tail = &segment->next;
  stream->open = NULL;
  stream->serial = 0;
}

// --- the end of a batch ---
void wg_log_committed(struct wg_log *log, void (*publish)(void *context, struct wg_segment *segment), void *context) {
  for (size_t i = 0; i < log->count; i++) {
    struct wg_log_stream *stream = &log->streams[i];
    assert(!stream->open && "committed without wg_log_store");
    if (stream->full) {
      stream->head = stream->last;
      stream->head_at = log->at;
    }
    if (stream->partition_made) {
      wg_log_partitions(stream, stream->partition_made);
      stream->partition_made = 0;
    }
    struct wg_segment *segment = stream->full;
    stream->full = NULL;
    stream->full_tail = &stream->full;
    while (segment) {
      struct wg_segment *next = segment->next;
      segment->next = NULL;
      for (uint32_t j = 0; j < segment->topic_count; j++) {
        struct wg_log_topic *topic = &stream->topics[segment->topics[j].topic];
        topic->head = topic->next;
      }
      publish(context, segment);
      wg_segment_release(segment);
      segment = next;
    }
  }
}

void wg_log_rolled_back(struct wg_log *log) {
  for (size_t i = 0; i < log->count; i++) {
    struct wg_log_stream *stream = &log->streams[i];
    wg_log_seal(stream);
    for (struct wg_segment *segment = stream->full, *next; segment; segment = next) {
      next = segment->next;
      for (uint32_t j = 0; j < segment->topic_count; j++) {
        struct wg_log_topic *topic = &stream->topics[segment->topics[j].topic];
        topic->next = topic->head;
      }
      wg_segment_release(segment);
    }
    stream->full = NULL;
    stream->full_tail = &stream->full;
    stream->last = stream->head;
    stream->partition_made = 0;
  }
}
