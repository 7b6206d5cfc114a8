// What a subscription gets next. Live ones are fed from the ring of newest segments; whoever is behind it is fed by
// reader threads from the database, one read at a time for each, until the ring reaches back far enough.
#include "common/stream/server_internal.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/stream/record.h"
#include "common/wire/wire.h"

#include <stdlib.h>
#include <string.h>

enum {
  READ_BYTES = 1 << 20,
  READS_AT_ONCE = 4, // the readers also answer calls
};

// --- ring ---
static struct wg_segment *ring_at(const struct wg_ring *ring, size_t index) {
  return ring->segments[(ring->start + index) & (ring->capacity - 1)];
}

static void ring_drop_first(struct wg_ring *ring) {
  struct wg_segment *first = ring_at(ring, 0);
  ring->bytes -= zmq_msg_size(&first->body) + first->count * sizeof *first->entries;
  ring->start = (ring->start + 1) & (ring->capacity - 1);
  ring->count--;
  wg_segment_release(first);
}

static void ring_grow(struct wg_ring *ring) {
  const size_t capacity = ring->capacity ? ring->capacity * 2 : 64;
  struct wg_segment **segments = wg_alloc(sizeof *segments * capacity);
  for (size_t i = 0; i < ring->count; i++)
    segments[i] = ring_at(ring, i);
  free(ring->segments);
  ring->segments = segments;
  ring->capacity = capacity;
  ring->start = 0;
}

// wg_ring_add keeps the ring without a gap: a segment whose commit was not heard of never comes here, and what lies
// before it is then left to the readers.
void wg_ring_add(struct wg_ring *ring, struct wg_segment *segment) {
  if (ring->count) {
    const struct wg_segment *last = ring_at(ring, ring->count - 1);
    if (last->first + last->count != segment->first) wg_ring_clear(ring);
  }
  if (ring->count == ring->capacity) ring_grow(ring);
  wg_segment_hold(segment);
  ring->segments[(ring->start + ring->count++) & (ring->capacity - 1)] = segment;
  ring->bytes += zmq_msg_size(&segment->body) + segment->count * sizeof *segment->entries;
  while (ring->count > 1 && ring->bytes > ring->bytes_most)
    ring_drop_first(ring);
}

void wg_ring_clear(struct wg_ring *ring) {
  while (ring->count)
    ring_drop_first(ring);
}

// ring_find gives the index of the segment that holds a number of the stream, or -1.
static ptrdiff_t ring_find(const struct wg_ring *ring, uint64_t seq) {
  size_t low = 0, high = ring->count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const struct wg_segment *segment = ring_at(ring, middle);
    if (seq < segment->first) high = middle;
    else if (seq >= segment->first + segment->count) low = middle + 1;
    else return (ptrdiff_t)middle;
  }
  return -1;
}

static const struct wg_segment_topic *topic_in(const struct wg_segment *segment, uint32_t topic) {
  size_t low = 0, high = segment->topic_count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (segment->topics[middle].topic == topic) return &segment->topics[middle];
    if (segment->topics[middle].topic < topic) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

static struct wg_bytes record_of(const struct wg_segment *segment, uint32_t entry) {
  const uint8_t *body = zmq_msg_data((zmq_msg_t *)(uintptr_t)&segment->body);
  return (struct wg_bytes){body + segment->entries[entry].offset, segment->entries[entry].size};
}

uint64_t wg_feed_head(const struct wg_stream_server *server, const struct wg_subscription *subscription) {
  const char *stream = server->streams[subscription->stream].name;
  return subscription->topic ? wg_log_topic_head(server->log, stream, subscription->topic)
                             : wg_log_head(server->log, stream);
}

bool wg_feed_find(const struct wg_stream_server *server, const struct wg_subscription *subscription, uint64_t number,
                  struct wg_bytes *record) {
  const struct wg_ring *ring = &server->rings[subscription->stream];
  if (!subscription->topic) {
    const ptrdiff_t at = ring_find(ring, number);
    if (at < 0) return false;
    const struct wg_segment *segment = ring_at(ring, (size_t)at);
    *record = record_of(segment, (uint32_t)(number - segment->first));
    return true;
  }
  for (size_t i = ring->count; i-- > 0;) {
    const struct wg_segment *segment = ring_at(ring, i);
    const struct wg_segment_topic *topic = topic_in(segment, subscription->topic_id);
    if (!topic || number >= topic->first_n + topic->count) continue;
    if (number < topic->first_n) continue;
    *record = record_of(segment, segment->order[topic->start + (uint32_t)(number - topic->first_n)]);
    return true;
  }
  return false;
}

// --- sending ---
static void add_flight(struct wg_subscription *s, uint64_t last, size_t bytes) {
  if (s->flights_count == s->flights_capacity) {
    const size_t capacity = s->flights_capacity ? s->flights_capacity * 2 : 16;
    struct wg_flight *flights = wg_alloc(sizeof *flights * capacity);
    for (size_t i = 0; i < s->flights_count; i++)
      flights[i] = s->flights[(s->flights_start + i) % s->flights_capacity];
    free(s->flights);
    s->flights = flights;
    s->flights_capacity = capacity;
    s->flights_start = 0;
  }
  s->flights[(s->flights_start + s->flights_count++) % s->flights_capacity] = (struct wg_flight){last, bytes};
  s->in_flight += bytes;
}

enum wg_sent wg_feed_send(struct wg_stream_server *server, struct wg_subscription *subscription, uint64_t first,
                          uint64_t last, bool redriven, zmq_msg_t *body) {
  Wangge__V1__Data data = WANGGE__V1__DATA__INIT;
  data.id = subscription->id;
  data.first = first;
  data.last = last;
  data.head = wg_feed_head(server, subscription);
  data.redriven = redriven;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_DATA;
  envelope.data = &data;
  uint8_t bytes[128];
  const size_t size = wangge__v1__envelope__pack(&envelope, bytes); // five numbers and a flag: at most 70 bytes
  return wg_router_send(server->host.router, &subscription->peer, (struct wg_bytes){bytes, size}, body);
}

// deliver sends one Data and books it; a full queue keeps it for later. False: stop feeding for now.
static bool deliver(struct wg_stream_server *server, struct wg_subscription *s, uint64_t first, uint64_t last,
                    zmq_msg_t *body) {
  const size_t bytes = zmq_msg_size(body);
  switch (wg_feed_send(server, s, first, last, false, body)) {
  case WG_SENT:
    if (s->in_flight == 0) s->alive_at = wg_monotonic_us();
    add_flight(s, last, bytes);
    s->sent = last;
    return true;
  case WG_SENT_FULL:
    zmq_msg_init(&s->pending);
    zmq_msg_move(&s->pending, body);
    s->has_pending = true;
    s->pending_first = first;
    s->pending_last = last;
    s->blocked = true;
    zmq_msg_close(body);
    return false;
  case WG_SENT_GONE:
    break;
  }
  zmq_msg_close(body);
  wg_subscription_end(server, s, WG_OK, NULL);
  return false;
}

static bool deliver_pending(struct wg_stream_server *server, struct wg_subscription *s) {
  zmq_msg_t body;
  zmq_msg_init(&body);
  zmq_msg_move(&body, &s->pending);
  zmq_msg_close(&s->pending);
  s->has_pending = false;
  return deliver(server, s, s->pending_first, s->pending_last, &body);
}

static size_t room(const struct wg_subscription *s) {
  return s->in_flight >= s->credit ? 0 : s->credit - s->in_flight;
}

// --- from memory ---
// from_stream sends the rest of the segment that holds the next number. False: not in memory, no room, or stopped.
static bool from_stream(struct wg_stream_server *server, struct wg_subscription *s, bool *missing) {
  const struct wg_ring *ring = &server->rings[s->stream];
  const ptrdiff_t at = ring_find(ring, s->sent + 1);
  *missing = at < 0;
  if (at < 0) return false;
  struct wg_segment *segment = ring_at(ring, (size_t)at);
  const size_t skip = (size_t)(s->sent + 1 - segment->first);
  const size_t offset = segment->entries[skip].offset, size = zmq_msg_size(&segment->body) - offset;
  if (size > room(s) && s->in_flight) return false;
  zmq_msg_t body;
  if (skip == 0) {
    zmq_msg_init(&body);
    zmq_msg_copy(&body, &segment->body);
  } else {
    zmq_msg_init_size(&body, size);
    memcpy(zmq_msg_data(&body), (const uint8_t *)zmq_msg_data(&segment->body) + offset, size);
  }
  return deliver(server, s, s->sent + 1, segment->first + segment->count - 1, &body);
}

// gather_topic appends the topic's events of one segment, as many as there is room for; false when the room is used up
// or an event before them is missing in memory (*missing).
static bool gather_topic(const struct wg_segment *segment, const struct wg_segment_topic *topic,
                         struct wg_subscription *s, struct wg_buffer *batch, uint64_t *last, bool *missing) {
  for (uint32_t i = 0; i < topic->count; i++) {
    const uint64_t number = topic->first_n + i;
    if (number <= *last) continue;
    *missing = number > *last + 1;
    if (*missing) return false;
    const struct wg_bytes record = record_of(segment, segment->order[topic->start + i]);
    if (batch->size + record.size > room(s) && (batch->size || s->in_flight)) return false;
    wg_buffer_append(batch, record.data, record.size);
    *last = number;
  }
  return true;
}

static bool from_topic(struct wg_stream_server *server, struct wg_subscription *s, bool *missing) {
  const struct wg_ring *ring = &server->rings[s->stream];
  const uint64_t head = wg_log_head(server->log, server->streams[s->stream].name);
  *missing = false;
  if (s->scanned >= head) return false;
  ptrdiff_t at = s->scanned ? ring_find(ring, s->scanned + 1) : -1;
  if (at < 0) {
    *missing = true;
    return false;
  }
  struct wg_buffer batch = {0};
  uint64_t last = s->sent;
  bool all = true;
  for (size_t i = (size_t)at; i < ring->count && all; i++) {
    const struct wg_segment *segment = ring_at(ring, i);
    const struct wg_segment_topic *topic = topic_in(segment, s->topic_id);
    if (topic) all = gather_topic(segment, topic, s, &batch, &last, missing);
    if (all) s->scanned = segment->first + segment->count - 1;
  }
  if (last == s->sent) {
    wg_buffer_free(&batch);
    return false;
  }
  zmq_msg_t body;
  wg_message_of(&batch, &body);
  return deliver(server, s, s->sent + 1, last, &body) && all;
}

// --- from the database ---
struct feed_read {
  struct wg_stream_server *server;
  struct wg_subscription *subscription;
  struct wg_read read;
  struct feed_read *next; // that waits behind this one
};

static wg_status read_work(struct wg_db *db, void *context, struct wg_error *error) {
  struct feed_read *job = context;
  return wg_log_read(db, &job->read, error);
}

// seq_of_last gives the stream number of the last event of an EventBatch.
static uint64_t seq_of_last(struct wg_bytes batch) {
  struct wg_bytes record, last = {0};
  bool broken = false;
  while (wg_record_next(&batch, &record, &broken))
    last = record;
  return last.size ? wg_event_seq(wg_record_event(last)) : 0;
}

static void next_read(struct wg_stream_server *server);

static void read_done(void *context, wg_status status, const struct wg_error *error) {
  struct feed_read *job = context;
  struct wg_stream_server *server = job->server;
  struct wg_subscription *s = job->subscription;
  server->reads--;
  s->reading = false;
  if (s->closing) {
    wg_subscription_free(server, s);
  } else if (status != WG_OK) {
    if (status != WG_UNAVAILABLE)
      wg_log(WG_LOG_WARN, "a lagging consumer could not be read for", wg_field_text("error", error->message));
    s->blocked = true; // asked again by the next tick
  } else if (job->read.last == 0 || job->read.first > s->sent + 1) {
    wg_subscription_end(server, s, WG_OUT_OF_RANGE,
                        "events behind this position are no longer kept; open at the earliest");
  } else {
    zmq_msg_t body;
    if (s->topic) s->scanned = seq_of_last((struct wg_bytes){job->read.batch.data, job->read.batch.size});
    wg_message_of(&job->read.batch, &body);
    if (deliver(server, s, job->read.first, job->read.last, &body)) wg_feed(server, s);
  }
  wg_buffer_free(&job->read.batch);
  free(job);
  next_read(server);
}

// next_read starts reads whose turn it is. Whoever had one waits behind all others for the next.
static void next_read(struct wg_stream_server *server) {
  while (server->waiting && server->reads < READS_AT_ONCE) {
    struct feed_read *job = server->waiting;
    server->waiting = job->next;
    if (!server->waiting) server->waiting_tail = &server->waiting;
    if (job->subscription->closing) {
      wg_subscription_free(server, job->subscription);
      free(job);
      continue;
    }
    server->reads++;
    server->host.read(server->host.context, read_work, read_done, job);
  }
}

void wg_feed_forget_waiting(struct wg_stream_server *server) {
  while (server->waiting) {
    struct feed_read *next = server->waiting->next;
    free(server->waiting);
    server->waiting = next;
  }
  server->waiting_tail = &server->waiting;
}

static void read_more(struct wg_stream_server *server, struct wg_subscription *s) {
  const size_t free_bytes = room(s);
  if (s->in_flight && free_bytes < s->credit / 4)
    return; // wait for acknowledgements: small reads cost as much as large ones
  struct feed_read *job = wg_zalloc(sizeof *job);
  const char *stream = server->streams[s->stream].name;
  *job = (struct feed_read){
      .server = server,
      .subscription = s,
      .read = {.stream = stream,
               .topic = s->topic,
               .cache = server->old,
               .after = s->sent,
               .max_bytes = free_bytes < READ_BYTES ? free_bytes : READ_BYTES},
  };
  s->reading = true;
  *server->waiting_tail = job;
  server->waiting_tail = &job->next;
  next_read(server);
}

void wg_feed(struct wg_stream_server *server, struct wg_subscription *s) {
  if (!s->opened || s->reading || s->closing) return;
  s->blocked = false;
  if (s->has_pending && !deliver_pending(server, s)) return;
  bool missing = false;
  while (room(s) || !s->in_flight) {
    if (s->sent >= wg_feed_head(server, s)) {
      if (s->topic) s->scanned = wg_log_head(server->log, server->streams[s->stream].name);
      return;
    }
    if (s->topic ? from_topic(server, s, &missing) : from_stream(server, s, &missing)) continue;
    if (missing) read_more(server, s);
    return;
  }
}

// --- where it starts ---
static void answer_opened(struct wg_stream_server *server, struct wg_subscription *s, uint64_t earliest) {
  Wangge__V1__Opened opened = WANGGE__V1__OPENED__INIT;
  opened.id = s->id;
  opened.after = s->sent;
  opened.head = wg_feed_head(server, s);
  opened.earliest = earliest;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_OPENED;
  envelope.opened = &opened;
  s->opened = true;
  s->alive_at = wg_monotonic_us();
  if (!wg_server_send(server, s, &envelope)) {
    wg_subscription_end(server, s, WG_OK, NULL);
    return;
  }
  if (s->durable) wg_durable_letters(server, s->durable);
  wg_feed(server, s);
}

struct start_find {
  struct wg_stream_server *server;
  struct wg_subscription *subscription;
  struct wg_find find;
};

static wg_status find_work(struct wg_db *db, void *context, struct wg_error *error) {
  struct start_find *job = context;
  return wg_log_find(db, &job->find, error);
}

// start_of decides the number behind which it begins; `find` tells what the database keeps.
static uint64_t start_of(const struct wg_subscription *s, const struct wg_find *find, uint64_t head) {
  const uint64_t before_earliest = find->earliest ? find->earliest - 1 : head;
  uint64_t after = before_earliest;
  switch (s->start) {
  case WANGGE__V1__START__START_AFTER:
    after = s->start_after;
    break;
  case WANGGE__V1__START__START_TIME:
    after = find->after;
    break;
  case WANGGE__V1__START__START_LATEST:
    after = head;
    break;
  case WANGGE__V1__START__START_EARLIEST:
    break;
  default:
    if (s->durable && s->durable->begun) after = s->durable->acked;
    break;
  }
  if (after > head) after = head;
  return after < before_earliest ? before_earliest : after;
}

// refuse_start answers an Open that asks for what no event has had yet: its consumer knows another history of this
// stream (one of the two databases was set back), and waiting until the numbers come would skip events.
static void refuse_start(struct wg_stream_server *server, struct wg_subscription *s, uint64_t head) {
  struct wg_arena *arena = wg_arena_create(1024);
  struct wg_error error = {0};
  wg_fail(&error, WG_OUT_OF_RANGE, "after", "number %llu lies beyond the newest, %llu",
          (unsigned long long)s->start_after, (unsigned long long)head);
  Wangge__V1__Opened opened = WANGGE__V1__OPENED__INIT;
  opened.id = s->id;
  opened.head = head;
  opened.status = wg_status_message(&error, arena);
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_OPENED;
  envelope.opened = &opened;
  (void)wg_server_send(server, s, &envelope); // a peer that is gone needs no answer
  wg_arena_destroy(arena);
  wg_subscription_end(server, s, WG_OK, NULL);
}

static void begin(struct wg_stream_server *server, struct wg_subscription *s, const struct wg_find *find) {
  const uint64_t known = wg_feed_head(server, s), head = find->head > known ? find->head : known;
  if (s->start == WANGGE__V1__START__START_AFTER && s->start_after > head) {
    refuse_start(server, s, head);
    return;
  }
  s->sent = s->acked = start_of(s, find, known);
  s->scanned = 0;
  if (s->durable) {
    s->durable->acked = s->acked;
    s->durable->begun = true;
    if (!s->durable->row || s->durable->stored != s->acked) server->host.wake(server->host.context);
  }
  answer_opened(server, s, find->earliest);
}

static void find_done(void *context, wg_status status, const struct wg_error *error) {
  struct start_find *job = context;
  struct wg_stream_server *server = job->server;
  struct wg_subscription *s = job->subscription;
  s->reading = false;
  if (s->closing) wg_subscription_free(server, s);
  else if (status != WG_OK)
    wg_subscription_end(server, s, status == WG_DEADLINE_EXCEEDED ? WG_UNAVAILABLE : status, error->message);
  else begin(server, s, &job->find);
  free(job);
}

void wg_feed_begin(struct wg_stream_server *server, struct wg_subscription *s) {
  struct start_find *job = wg_zalloc(sizeof *job);
  *job = (struct start_find){
      .server = server,
      .subscription = s,
      .find = {.stream = server->streams[s->stream].name,
               .topic = s->topic,
               .at = s->start == WANGGE__V1__START__START_TIME ? s->start_time : 0},
  };
  s->reading = true;
  server->host.read(server->host.context, find_work, find_done, job);
}
