// Subscriptions: opened, acknowledged, closed; their leases and rights. See server.h and stream.proto.
#include "common/stream/server_internal.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <stdlib.h>
#include <string.h>

enum {
  SUBSCRIPTIONS_MOST = 4096,
  SUBSCRIPTIONS_OF_ONE = 64,
  SUBSCRIPTIONS_OF_SERVICE = 256,
  CREDIT_LEAST = 4096,
  CREDIT_MOST = 16 << 20,
  CREDIT_DEFAULT = 1 << 20,
  LEASE_LEAST_MS = 5000,
  LEASE_MOST_MS = 600000,
  LEASE_DEFAULT_MS = 30000,
  DURABLES_MOST = 4096,
  TOPICS_MOST = 65536, // a subscription makes its topic known, with events or without
  REASON_BYTES = 1024,
  PROBE_US = 2000000, // a quiet peer is sent a Pong this often: the router then tells whether it is still there
  TICK_US = 100000,
};

struct wg_stream_server *wg_stream_server_create(struct wg_stream_host host, struct wg_log *log,
                                                 struct wg_principals *principals, const struct wg_stream_spec *streams,
                                                 size_t count, size_t cache_bytes) {
  struct wg_stream_server *server = wg_zalloc(sizeof *server);
  server->host = host;
  server->log = log;
  server->principals = principals;
  server->streams = streams;
  server->stream_count = count;
  server->rings = wg_zalloc(sizeof *server->rings * (count + 1));
  server->in = wg_zalloc(sizeof *server->in * (count + 1));
  server->body_bytes = wg_zalloc(sizeof *server->body_bytes * (count + 1));
  server->facts = wg_zalloc(sizeof *server->facts * (count + 1));
  server->waiting_tail = &server->waiting;
  server->old = wg_segment_cache_create(cache_bytes / 2);
  for (size_t i = 0; i < count; i++)
    server->rings[i].bytes_most = cache_bytes / 2 / count;
  return server;
}

void wg_stream_server_destroy(struct wg_stream_server *server) {
  wg_feed_forget_waiting(server);
  while (server->subscriptions) {
    server->subscriptions->reading = false;
    wg_subscription_free(server, server->subscriptions);
  }
  while (server->durables) {
    struct wg_durable *next = server->durables->next;
    wg_durable_free(server->durables);
    server->durables = next;
  }
  for (size_t i = 0; i < server->stream_count; i++) {
    wg_ring_clear(&server->rings[i]);
    free(server->rings[i].segments);
  }
  wg_segment_cache_destroy(server->old);
  free(server->rings);
  free(server->in);
  free(server->body_bytes);
  free(server->facts);
  free(server);
}

// --- finding and ending ---
static const char UNKNOWN[] = "there is no such subscription on this connection (any more); open again";

static size_t bucket_of(const struct wg_peer *peer, uint64_t id) {
  uint64_t hash = id * UINT64_C(0x9e3779b97f4a7c15);
  for (size_t i = 0; i < peer->size; i++)
    hash = (hash ^ peer->id[i]) * UINT64_C(0x100000001b3);
  return (size_t)(hash >> 32) % WG_SUBSCRIPTION_BUCKETS;
}

// find gives the subscription of this peer and id, if it belongs to this user: routing ids prove nothing.
static struct wg_subscription *find(const struct wg_stream_server *server, const struct wg_peer *peer, uint64_t id,
                                    const char *user) {
  for (struct wg_subscription *s = server->buckets[bucket_of(peer, id)]; s; s = s->bucket_next) {
    if (s->id == id && !s->closing && wg_peer_equal(&s->peer, peer)) return strcmp(s->user, user) == 0 ? s : NULL;
  }
  return NULL;
}

static void unlink_subscription(struct wg_stream_server *server, struct wg_subscription *s) {
  struct wg_subscription **at = &server->subscriptions;
  while (*at != s)
    at = &(*at)->next;
  *at = s->next;
  at = &server->buckets[bucket_of(&s->peer, s->id)];
  while (*at != s)
    at = &(*at)->bucket_next;
  *at = s->bucket_next;
  server->subscription_count--;
}

void wg_subscription_free(struct wg_stream_server *server, struct wg_subscription *s) {
  unlink_subscription(server, s);
  if (s->durable && s->durable->subscription == s) wg_durable_disconnected(s->durable);
  if (s->has_pending) zmq_msg_close(&s->pending);
  free(s->flights);
  free(s->parked);
  free(s->topic);
  free(s);
}

bool wg_server_send(struct wg_stream_server *server, struct wg_subscription *s, const Wangge__V1__Envelope *envelope) {
  struct wg_buffer bytes = {0};
  wg_pack_append(&envelope->base, &bytes);
  const enum wg_sent sent =
      wg_router_send(server->host.router, &s->peer, (struct wg_bytes){bytes.data, bytes.size}, NULL);
  wg_buffer_free(&bytes);
  return sent == WG_SENT;
}

static void send_closed(struct wg_stream_server *server, const struct wg_peer *peer, uint64_t id, wg_status code,
                        const char *message) {
  struct wg_arena *arena = wg_arena_create(1024);
  struct wg_error error = {0};
  Wangge__V1__Closed closed = WANGGE__V1__CLOSED__INIT;
  closed.id = id;
  if (code != WG_OK) {
    wg_fail(&error, code, NULL, "%s", message);
    closed.status = wg_status_message(&error, arena);
  }
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_CLOSED;
  envelope.closed = &closed;
  // A peer that is gone or does not read learns nothing; it opens anew when it comes back.
  (void)wg_router_send(server->host.router, peer, wg_pack(&envelope.base, arena), NULL);
  wg_arena_destroy(arena);
}

// wg_subscription_end ends it and tells the peer; message NULL: the peer is gone, nothing is sent.
void wg_subscription_end(struct wg_stream_server *server, struct wg_subscription *s, wg_status code,
                         const char *message) {
  if (s->closing) return;
  if (message) {
    send_closed(server, &s->peer, s->id, code, message);
    wg_log(WG_LOG_INFO, "subscription ended", wg_field_text("stream", server->streams[s->stream].name),
           wg_field_text("principal", s->user), wg_field_text("code", wg_status_name(code)),
           wg_field_text("reason", message));
  }
  if (s->durable && s->durable->subscription == s) wg_durable_disconnected(s->durable);
  s->durable = NULL;
  s->closing = true;
  if (!s->reading) wg_subscription_free(server, s);
}

// --- open ---
static void refuse_open(struct wg_stream_server *server, const struct wg_peer *peer, uint64_t id,
                        const struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(1024);
  Wangge__V1__Opened opened = WANGGE__V1__OPENED__INIT;
  opened.id = id;
  opened.status = wg_status_message(error, arena);
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_OPENED;
  envelope.opened = &opened;
  (void)wg_router_send(server->host.router, peer, wg_pack(&envelope.base, arena), NULL);
  wg_arena_destroy(arena);
}

// may tells whether a principal may read this stream or topic, and whether durably.
static wg_status may(const struct wg_stream_spec *stream, const struct wg_principal *principal, const char *topic,
                     bool durable, struct wg_error *error) {
  if (stream->readers && !(principal->roles & stream->readers))
    return wg_fail(error, WG_PERMISSION_DENIED, "stream", "your key's role may not subscribe to %s", stream->name);
  if (principal->roles & WG_ROLE_SERVICE) return WG_OK;
  if (principal->roles & WG_ROLE_DEPARTMENT && topic && strcmp(topic, principal->department) == 0) return WG_OK;
  if (principal->roles & (WG_ROLE_OPERATOR | WG_ROLE_DISPATCHER))
    return durable
               ? wg_fail(error, WG_PERMISSION_DENIED, "consumer", "your role may only subscribe without a durable name")
               : WG_OK;
  if (principal->roles & WG_ROLE_DEPARTMENT)
    return wg_fail(error, WG_PERMISSION_DENIED, "topic", "you may subscribe to the topic %s only",
                   principal->department);
  return wg_fail(error, WG_PERMISSION_DENIED, NULL, "your key's role does not allow subscriptions");
}

static wg_status check_numbers(const Wangge__V1__Open *open, struct wg_error *error) {
  if (open->credit_bytes && (open->credit_bytes < CREDIT_LEAST || open->credit_bytes > CREDIT_MOST))
    return wg_fail(error, WG_INVALID_ARGUMENT, "credit_bytes", "must be 0 or %d to %d", CREDIT_LEAST, CREDIT_MOST);
  if (open->lease_ms && (open->lease_ms < LEASE_LEAST_MS || open->lease_ms > LEASE_MOST_MS))
    return wg_fail(error, WG_INVALID_ARGUMENT, "lease_ms", "must be 0 or %d to %d", LEASE_LEAST_MS, LEASE_MOST_MS);
  if (open->start < 0 || open->start > WANGGE__V1__START__START_LATEST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "start", "must be a value of wangge.v1.Start");
  if (open->start == WANGGE__V1__START__START_TIME && open->time <= 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "time", "must be UTC microseconds since 1970");
  return WG_OK;
}

static wg_status check_count(const struct wg_stream_server *server, const struct wg_principal *principal,
                             struct wg_error *error) {
  size_t own = 0;
  for (const struct wg_subscription *s = server->subscriptions; s; s = s->next)
    own += strcmp(s->user, principal->name) == 0;
  const size_t most = principal->roles & WG_ROLE_SERVICE ? SUBSCRIPTIONS_OF_SERVICE : SUBSCRIPTIONS_OF_ONE;
  if (own >= most || server->subscription_count >= SUBSCRIPTIONS_MOST)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "too many subscriptions: at most %zu of one key, %d in all",
                   most, SUBSCRIPTIONS_MOST);
  return WG_OK;
}

// check_open holds an Open against the streams, the caller's rights and the limits.
static wg_status check_open(const struct wg_stream_server *server, const Wangge__V1__Open *open, const char *user,
                            struct wg_principal *principal, size_t *stream, struct wg_error *error) {
  if (!user[0] || !wg_principals_by_name(server->principals, user, principal))
    return wg_fail(error, WG_UNAUTHENTICATED, NULL, "your key is not known here, or was revoked");
  if (open->id == 0) return wg_fail(error, WG_INVALID_ARGUMENT, "id", "must be greater than 0");
  if (!server->loaded)
    return wg_fail(error, WG_UNAVAILABLE, NULL, "the service has not reached its database yet, or stands by");
  for (*stream = 0; *stream < server->stream_count; ++*stream) {
    if (strcmp(server->streams[*stream].name, open->stream) == 0) break;
  }
  if (*stream == server->stream_count)
    return wg_fail(error, WG_NOT_FOUND, "stream", "this service publishes no stream of this name");
  wg_status status =
      may(&server->streams[*stream], principal, open->has_topic ? open->topic : NULL, open->consumer[0] != '\0', error);
  if (status != WG_OK) return status;
  if (open->has_topic && !server->streams[*stream].topics)
    return wg_fail(error, WG_INVALID_ARGUMENT, "topic", "%s has no topics", open->stream);
  if (open->has_topic && (!open->topic[0] || strlen(open->topic) > 64))
    return wg_fail(error, WG_INVALID_ARGUMENT, "topic", "must have 1 to 64 bytes");
  if (open->consumer[0]) status = wg_token_check(open->consumer, 64, "consumer", error);
  if (status == WG_OK) status = check_numbers(open, error);
  if (status == WG_OK && open->has_topic && wg_log_topic_count(server->log, open->stream) >= TOPICS_MOST &&
      wg_log_topic_head(server->log, open->stream, open->topic) == 0)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "topic", "%s has too many topics", open->stream);
  return status == WG_OK ? check_count(server, principal, error) : status;
}

// durable_for gives the durable consumer of an Open. One that belongs to another principal, who still exists, is not
// given away. Retention waits for each, so that their number has limits.
static wg_status durable_for(struct wg_stream_server *server, const Wangge__V1__Open *open, size_t stream,
                             const struct wg_principal *principal, struct wg_durable **durable,
                             struct wg_error *error) {
  const char *topic = open->has_topic ? open->topic : "";
  struct wg_principal owner;
  *durable = wg_durable_of(server, stream, open->consumer, topic);
  if (*durable && (*durable)->principal[0] && strcmp((*durable)->principal, principal->name) != 0 &&
      wg_principals_by_name(server->principals, (*durable)->principal, &owner))
    return wg_fail(error, WG_PERMISSION_DENIED, "consumer",
                   "this durable consumer belongs to another principal; choose another name");
  const size_t most = principal->roles & WG_ROLE_SERVICE ? SUBSCRIPTIONS_OF_SERVICE : SUBSCRIPTIONS_OF_ONE;
  if (!*durable &&
      (wg_durable_count(server, principal->name) >= most || wg_durable_count(server, NULL) >= DURABLES_MOST))
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "consumer",
                   "too many durable consumers: at most %zu of one key, %d in all; an operator can remove some", most,
                   DURABLES_MOST);
  if (!*durable) *durable = wg_durable_add(server, stream, open->consumer, topic);
  snprintf((*durable)->principal, sizeof(*durable)->principal, "%s", principal->name);
  return WG_OK;
}

static struct wg_subscription *make(struct wg_stream_server *server, const struct wg_peer *peer, const char *user,
                                    const Wangge__V1__Open *open, size_t stream, int64_t now) {
  struct wg_subscription *s = wg_zalloc(sizeof *s);
  s->peer = *peer;
  s->id = open->id;
  snprintf(s->user, sizeof s->user, "%s", user);
  s->stream = stream;
  if (open->has_topic) {
    s->topic = wg_strdup(open->topic);
    s->topic_id = wg_log_topic_id(server->log, server->streams[stream].name, open->topic);
  }
  s->credit = open->credit_bytes ? open->credit_bytes : CREDIT_DEFAULT;
  s->lease_us = (open->lease_ms ? open->lease_ms : LEASE_DEFAULT_MS) * INT64_C(1000);
  s->start = open->start;
  s->start_after = open->after;
  s->start_time = open->time;
  s->alive_at = s->probed_at = now;
  s->next = server->subscriptions;
  server->subscriptions = s;
  const size_t bucket = bucket_of(peer, open->id);
  s->bucket_next = server->buckets[bucket];
  server->buckets[bucket] = s;
  server->subscription_count++;
  return s;
}

static void on_open(struct wg_stream_server *server, const struct wg_peer *peer, const char *user,
                    const Wangge__V1__Open *open, int64_t now) {
  struct wg_error error = {0};
  struct wg_principal principal;
  struct wg_durable *durable = NULL;
  size_t stream = 0;
  wg_status status = check_open(server, open, user, &principal, &stream, &error);
  if (status == WG_OK && find(server, peer, open->id, user))
    status = wg_fail(&error, WG_ALREADY_EXISTS, "id", "a subscription of this id is open on this connection");
  if (status == WG_OK && open->consumer[0]) status = durable_for(server, open, stream, &principal, &durable, &error);
  if (status != WG_OK) {
    refuse_open(server, peer, open->id, &error);
    return;
  }
  if (durable && durable->subscription)
    wg_subscription_end(server, durable->subscription, WG_ABORTED, "opened elsewhere by the same consumer");
  struct wg_subscription *s = make(server, peer, user, open, stream, now);
  s->durable = durable;
  if (durable) durable->subscription = s;
  wg_feed_begin(server, s);
}

// --- acknowledging ---
static void release_flights(struct wg_subscription *s) {
  while (s->flights_count && s->flights[s->flights_start].last <= s->acked) {
    s->in_flight -= s->flights[s->flights_start].bytes;
    s->flights_start = (s->flights_start + 1) % s->flights_capacity;
    s->flights_count--;
  }
}

// move_acked takes parked events that come next as acknowledged too.
static void move_acked(struct wg_subscription *s, uint64_t upto) {
  s->acked = upto;
  size_t gone = 0;
  while (gone < s->parked_count && s->parked[gone] <= s->acked + 1) {
    if (s->parked[gone] == s->acked + 1) s->acked++;
    gone++;
  }
  if (gone) memmove(s->parked, s->parked + gone, sizeof *s->parked * (s->parked_count - gone));
  s->parked_count -= gone;
}

static void acknowledge(struct wg_stream_server *server, struct wg_subscription *s, uint64_t upto) {
  const uint64_t before = s->acked;
  move_acked(s, upto > s->acked ? upto : s->acked);
  release_flights(s);
  if (s->durable && s->acked > before) {
    s->durable->acked = s->acked;
    s->durable->acked_at = wg_now_us();
    s->durable->out.total += s->acked - before;
  }
  wg_feed(server, s);
}

static void on_ack(struct wg_stream_server *server, struct wg_subscription *s, const Wangge__V1__Ack *ack,
                   int64_t now) {
  s->alive_at = now;
  if (ack->redriven) {
    struct wg_letter *letter = s->durable ? wg_durable_letter(s->durable, ack->upto) : NULL;
    if (letter) wg_durable_decide(server, s->durable, letter, true, "");
    return;
  }
  if (ack->upto > s->sent) {
    wg_subscription_end(server, s, WG_INVALID_ARGUMENT, "an event was acknowledged that was not delivered");
    return;
  }
  acknowledge(server, s, ack->upto);
}

// remember_parked adds a number to the sorted few that are parked behind the acknowledged one.
static void remember_parked(struct wg_subscription *s, uint64_t number) {
  if (s->parked_count == s->parked_capacity) {
    s->parked_capacity = s->parked_capacity ? s->parked_capacity * 2 : 8;
    s->parked = wg_realloc(s->parked, sizeof *s->parked * s->parked_capacity);
  }
  size_t at = s->parked_count++;
  for (; at > 0 && s->parked[at - 1] > number; at--)
    s->parked[at] = s->parked[at - 1];
  s->parked[at] = number;
}

static void on_park(struct wg_stream_server *server, struct wg_subscription *s, const Wangge__V1__Park *park,
                    int64_t now) {
  struct wg_error error = {0};
  s->alive_at = now;
  if (!s->durable) {
    wg_subscription_end(server, s, WG_FAILED_PRECONDITION, "only a durable consumer can park events");
    return;
  }
  if (wg_text_check(park->reason, REASON_BYTES, WG_TEXT_REQUIRED, "reason", &error) != WG_OK) {
    wg_subscription_end(server, s, WG_INVALID_ARGUMENT, error.message);
    return;
  }
  struct wg_letter *letter = wg_durable_letter(s->durable, park->number);
  if (letter) {
    wg_durable_decide(server, s->durable, letter, false, park->reason);
    return;
  }
  if (park->number > s->sent || park->number <= s->acked) {
    wg_subscription_end(server, s, WG_INVALID_ARGUMENT,
                        "only a delivered event that is not acknowledged can be parked");
    return;
  }
  for (size_t i = 0; i < s->parked_count; i++) {
    if (s->parked[i] == park->number) return; // said twice
  }
  wg_durable_park(server, s, park->number, park->reason);
  remember_parked(s, park->number);
  acknowledge(server, s, s->acked);
}

// on_ping tells a peer that its subscription lives. One that this service does not know (it was opened before a
// restart) is told to be closed: a mere Pong would let its consumer wait for ever.
static void on_ping(struct wg_stream_server *server, const struct wg_peer *peer, const char *user,
                    const Wangge__V1__Ping *ping) {
  if (ping->id && !find(server, peer, ping->id, user)) {
    send_closed(server, peer, ping->id, WG_UNAVAILABLE, UNKNOWN);
    return;
  }
  Wangge__V1__Pong pong = WANGGE__V1__PONG__INIT;
  pong.id = ping->id;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_PONG;
  envelope.pong = &pong;
  uint8_t bytes[32];
  const size_t size = wangge__v1__envelope__pack(&envelope, bytes);
  (void)wg_router_send(server->host.router, peer, (struct wg_bytes){bytes, size}, NULL); // a ping may go unanswered
}

static uint64_t id_of(const Wangge__V1__Envelope *envelope) {
  switch (envelope->kind_case) {
  case WANGGE__V1__ENVELOPE__KIND_ACK:
    return envelope->ack->id;
  case WANGGE__V1__ENVELOPE__KIND_PARK:
    return envelope->park->id;
  case WANGGE__V1__ENVELOPE__KIND_CLOSE:
    return envelope->close->id;
  default:
    return 0;
  }
}

void wg_stream_server_envelope(struct wg_stream_server *server, const struct wg_peer *peer, const char *user,
                               const Wangge__V1__Envelope *envelope, int64_t now) {
  if (envelope->kind_case == WANGGE__V1__ENVELOPE__KIND_OPEN) {
    on_open(server, peer, user, envelope->open, now);
    return;
  }
  if (envelope->kind_case == WANGGE__V1__ENVELOPE__KIND_PING) {
    on_ping(server, peer, user, envelope->ping);
    return;
  }
  const uint64_t id = id_of(envelope);
  struct wg_subscription *s = id ? find(server, peer, id, user) : NULL;
  if (!s) {
    if (id && envelope->kind_case != WANGGE__V1__ENVELOPE__KIND_CLOSE)
      send_closed(server, peer, id, WG_UNAVAILABLE, UNKNOWN);
    return;
  }
  if (envelope->kind_case == WANGGE__V1__ENVELOPE__KIND_ACK) on_ack(server, s, envelope->ack, now);
  else if (envelope->kind_case == WANGGE__V1__ENVELOPE__KIND_PARK) on_park(server, s, envelope->park, now);
  else wg_subscription_end(server, s, WG_OK, "asked for");
}

// --- publishing and time ---
void wg_stream_server_publish(void *context, struct wg_segment *segment) {
  struct wg_stream_server *server = context;
  wg_ring_add(&server->rings[segment->stream_index], segment);
  server->in[segment->stream_index].total += segment->count;
  server->body_bytes[segment->stream_index] += zmq_msg_size(&segment->body);
  for (struct wg_subscription *s = server->subscriptions, *next; s; s = next) {
    next = s->next;
    if (s->stream == segment->stream_index && !s->blocked) wg_feed(server, s);
  }
}

static void check_rights(struct wg_stream_server *server, struct wg_subscription *s) {
  struct wg_error error = {0};
  struct wg_principal principal;
  if (!wg_principals_by_name(server->principals, s->user, &principal))
    wg_subscription_end(server, s, WG_UNAUTHENTICATED, "your key is not known here any more");
  else if (may(&server->streams[s->stream], &principal, s->topic, s->durable != NULL, &error) != WG_OK)
    wg_subscription_end(server, s, error.code, error.message);
}

// probe asks the router whether a quiet peer is still there.
static void probe(struct wg_stream_server *server, struct wg_subscription *s, int64_t now) {
  s->probed_at = now;
  Wangge__V1__Pong pong = WANGGE__V1__PONG__INIT;
  pong.id = s->id;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_PONG;
  envelope.pong = &pong;
  uint8_t bytes[32];
  const size_t size = wangge__v1__envelope__pack(&envelope, bytes);
  if (wg_router_send(server->host.router, &s->peer, (struct wg_bytes){bytes, size}, NULL) == WG_SENT_GONE)
    wg_subscription_end(server, s, WG_OK, NULL);
}

static void tick_one(struct wg_stream_server *server, struct wg_subscription *s, bool rights, int64_t now) {
  if (s->closing) return;
  if (s->in_flight && now - s->alive_at > s->lease_us) {
    wg_subscription_end(server, s, WG_DEADLINE_EXCEEDED, "nothing was acknowledged within the lease");
    return;
  }
  if (rights) {
    check_rights(server, s);
    return;
  }
  if (s->blocked) {
    wg_feed(server, s);
    return;
  }
  if (now - s->probed_at >= PROBE_US) probe(server, s, now);
}

int64_t wg_stream_server_tick(struct wg_stream_server *server, int64_t now) {
  const bool rights = now - server->rights_at >= WG_SECOND_US || now < server->rights_at;
  if (rights) server->rights_at = now;
  for (struct wg_subscription *s = server->subscriptions, *next; s; s = next) {
    next = s->next;
    tick_one(server, s, rights, now);
  }
  for (struct wg_durable *durable = server->durables; durable; durable = durable->next) {
    if (durable->subscription && (durable->letters || durable->letters_wanted)) wg_durable_letters(server, durable);
  }
  if (now - server->second_at >= WG_SECOND_US || now < server->second_at) {
    server->second_at = now;
    for (size_t i = 0; i < server->stream_count; i++)
      wg_rate_sample(&server->in[i]);
    for (struct wg_durable *durable = server->durables; durable; durable = durable->next)
      wg_rate_sample(&durable->out);
  }
  wg_facts_tick(server, now);
  return TICK_US;
}

void wg_stream_server_hurry(struct wg_stream_server *server) {
  server->stored_at = 0;
}

void wg_stream_server_stop(struct wg_stream_server *server) {
  wg_stream_server_hurry(server);
  for (struct wg_subscription *s = server->subscriptions, *next; s; s = next) {
    next = s->next;
    wg_subscription_end(server, s, WG_UNAVAILABLE, "the service is stopping; open again");
  }
}
