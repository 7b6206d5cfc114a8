// The reading side of a stream for a service. See follower.h; the wire is described in stream.proto.
//
//   CLOSED --open sent--> OPENING --Opened--> OPEN --Closed, silence, gap--> CLOSED (asked again after a backoff)
//
// Every opening has an id of its own, so that what still arrives of an earlier one is told apart and dropped.
#include "common/stream/follower.h"

#include "common/base/log.h"
#include "common/wire/wire.h"

#include <stdlib.h>
#include <string.h>

enum {
  BACKOFF_LEAST_US = 100000,
  BACKOFF_MOST_US = 5000000,
  OPEN_WAIT_US = 3000000, // an Open not answered in this time is sent again
  PING_US = 2000000,      // a server that was silent this long is asked whether it lives
  SILENCE_US = 6000000,   // and given up after this
  RECEIVE_ROUND = 64,
  CREDIT_BYTES = 4 << 20,
  LEASE_MS = 30000,
};

enum follower_state { PAUSED, CLOSED, OPENING, OPEN };

struct wg_follower {
  char *stream, *consumer;
  uint32_t credit_bytes;
  int lease_ms;
  bool compacted;
  void *socket;
  enum follower_state state;
  uint64_t id;       // of the newest opening
  uint64_t position; // committed by the service
  uint64_t received; // newest number kept here or taken
  uint64_t acked, ack_wanted;
  uint64_t head;
  int64_t retry_at, backoff, opened_at, heard_at, pinged_at;
  struct wg_delivery *first, **last;
  struct wg_arena *arena;
};

wg_status wg_follower_create(struct wg_bus *bus, struct wg_follower_options options, struct wg_follower **follower,
                             struct wg_error *error) {
  struct wg_follower *made = wg_zalloc(sizeof *made);
  const wg_status status =
      wg_bus_dealer(bus->context, &bus->key, options.endpoint, options.server_key, &made->socket, error);
  if (status != WG_OK) {
    free(made);
    return status;
  }
  made->stream = wg_strdup(options.stream);
  made->consumer = wg_strdup(options.consumer);
  made->credit_bytes = options.credit_bytes ? options.credit_bytes : CREDIT_BYTES;
  made->lease_ms = options.lease_ms ? options.lease_ms : LEASE_MS;
  made->compacted = options.compacted;
  made->last = &made->first;
  made->arena = wg_arena_create(4096);
  *follower = made;
  return WG_OK;
}

static void forget_deliveries(struct wg_follower *follower) {
  while (follower->first)
    wg_delivery_free(wg_follower_take(follower));
}

void wg_follower_destroy(struct wg_follower *follower) {
  if (!follower) return;
  forget_deliveries(follower);
  zmq_close(follower->socket);
  wg_arena_destroy(follower->arena);
  free(follower->stream);
  free(follower->consumer);
  free(follower);
}

void *wg_follower_socket(struct wg_follower *follower) {
  return follower->socket;
}

static bool send_envelope(struct wg_follower *follower, const Wangge__V1__Envelope *envelope) {
  wg_arena_reset(follower->arena);
  const struct wg_bytes bytes = wg_pack(&envelope->base, follower->arena);
  return wg_dealer_send(follower->socket, bytes, (struct wg_bytes){0}) == WG_SENT;
}

static void send_open(struct wg_follower *follower, int64_t now) {
  Wangge__V1__Open open = WANGGE__V1__OPEN__INIT;
  open.id = ++follower->id;
  open.stream = follower->stream;
  open.consumer = follower->consumer;
  open.start = WANGGE__V1__START__START_AFTER;
  open.after = follower->position;
  open.credit_bytes = follower->credit_bytes;
  open.lease_ms = follower->lease_ms;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_OPEN;
  envelope.open = &open;
  forget_deliveries(follower);
  follower->received = follower->acked = follower->ack_wanted = follower->position;
  follower->state = OPENING;
  follower->opened_at = now;
  if (!send_envelope(follower, &envelope))
    follower->opened_at = now - OPEN_WAIT_US; // nobody there: asked again after the backoff
}

// close_for_now asks again later; each time later, until a delivery came.
static void close_for_now(struct wg_follower *follower, int64_t now) {
  follower->backoff = follower->backoff ? follower->backoff * 2 : BACKOFF_LEAST_US;
  if (follower->backoff > BACKOFF_MOST_US) follower->backoff = BACKOFF_MOST_US;
  follower->state = CLOSED;
  follower->retry_at = now + follower->backoff;
}

void wg_follower_start(struct wg_follower *follower, uint64_t position, int64_t now) {
  forget_deliveries(follower);
  follower->position = position;
  follower->state = CLOSED;
  follower->backoff = 0;
  follower->retry_at = now;
}

void wg_follower_pause(struct wg_follower *follower) {
  if (follower->state == OPEN || follower->state == OPENING) {
    Wangge__V1__Close close = WANGGE__V1__CLOSE__INIT;
    close.id = follower->id;
    Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
    envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_CLOSE;
    envelope.close = &close;
    (void)send_envelope(follower, &envelope); // a server that does not hear it ends the lease by itself
  }
  forget_deliveries(follower);
  follower->state = PAUSED;
}

// --- receiving ---
static void on_opened(struct wg_follower *follower, const Wangge__V1__Opened *opened, int64_t now) {
  struct wg_error error = {0};
  const wg_status status = wg_status_read(opened->status, &error);
  if (status == WG_OK && opened->after > follower->position && !follower->compacted) {
    // Events between were dropped upstream: retention passed this consumer, which it must not. Nobody may skip them.
    wg_log(WG_LOG_ERROR, "events are missing upstream", wg_field_text("stream", follower->stream),
           wg_field_int("position", (int64_t)follower->position), wg_field_int("earliest", (int64_t)opened->after + 1));
    close_for_now(follower, now);
    return;
  }
  if (status == WG_OK) {
    follower->state = OPEN;
    follower->head = opened->head;
    if (opened->after > follower->received) follower->received = opened->after;
    return;
  }
  wg_log(WG_LOG_WARN, "subscription refused", wg_field_text("stream", follower->stream),
         wg_field_text("code", wg_status_name(status)), wg_field_text("error", error.message));
  close_for_now(follower, now);
}

static void on_data(struct wg_follower *follower, const Wangge__V1__Data *data, struct wg_incoming *incoming,
                    int64_t now) {
  if (data->head > follower->head) follower->head = data->head;
  if (data->last <= follower->received) return; // a repeat
  if (data->first > follower->received + 1 || incoming->frames != 2) {
    wg_log(WG_LOG_WARN, "gap in a stream; opening again", wg_field_text("stream", follower->stream),
           wg_field_int("expected", (int64_t)follower->received + 1), wg_field_int("got", (int64_t)data->first));
    close_for_now(follower, now);
    return;
  }
  struct wg_delivery *delivery = wg_zalloc(sizeof *delivery);
  delivery->first = data->first;
  delivery->last = data->last;
  zmq_msg_init(&delivery->body);
  zmq_msg_move(&delivery->body, &incoming->body);
  *follower->last = delivery;
  follower->last = &delivery->next;
  follower->received = data->last;
  follower->backoff = 0;
}

static void on_closed(struct wg_follower *follower, const Wangge__V1__Closed *closed, int64_t now) {
  struct wg_error error = {0};
  const wg_status status = wg_status_read(closed->status, &error);
  wg_log(WG_LOG_INFO, "subscription closed", wg_field_text("stream", follower->stream),
         wg_field_text("code", wg_status_name(status)), wg_field_text("error", error.message));
  close_for_now(follower, now);
}

static void receive_one(struct wg_follower *follower, struct wg_incoming *incoming, int64_t now) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  const struct wg_bytes bytes = {zmq_msg_data(&incoming->envelope), zmq_msg_size(&incoming->envelope)};
  wg_arena_reset(follower->arena);
  if (incoming->frames == 0 ||
      wg_unpack(&wangge__v1__envelope__descriptor, bytes, follower->arena, &message, &error) != WG_OK) {
    wg_log(WG_LOG_WARN, "unreadable message from upstream", wg_field_text("stream", follower->stream));
    return;
  }
  const Wangge__V1__Envelope *envelope = (const Wangge__V1__Envelope *)message;
  follower->heard_at = now;
  follower->pinged_at = 0;
  switch (envelope->kind_case) {
  case WANGGE__V1__ENVELOPE__KIND_OPENED:
    if (follower->state == OPENING && envelope->opened->id == follower->id) on_opened(follower, envelope->opened, now);
    break;
  case WANGGE__V1__ENVELOPE__KIND_DATA:
    if (follower->state == OPEN && envelope->data->id == follower->id && !envelope->data->redriven)
      on_data(follower, envelope->data, incoming, now);
    break;
  case WANGGE__V1__ENVELOPE__KIND_CLOSED:
    if (follower->state != PAUSED && follower->state != CLOSED && envelope->closed->id == follower->id)
      on_closed(follower, envelope->closed, now);
    break;
  default:
    break; // Pong
  }
}

void wg_follower_receive(struct wg_follower *follower, int64_t now) {
  struct wg_incoming incoming;
  for (int i = 0; i < RECEIVE_ROUND && wg_dealer_receive(follower->socket, &incoming); i++) {
    receive_one(follower, &incoming, now);
    wg_incoming_close(&incoming);
  }
}

// --- time ---
static void send_ack(struct wg_follower *follower) {
  Wangge__V1__Ack ack = WANGGE__V1__ACK__INIT;
  ack.id = follower->id;
  ack.upto = follower->ack_wanted;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_ACK;
  envelope.ack = &ack;
  if (send_envelope(follower, &envelope)) follower->acked = follower->ack_wanted;
}

static void send_ping(struct wg_follower *follower, int64_t now) {
  Wangge__V1__Ping ping = WANGGE__V1__PING__INIT;
  ping.id = follower->id;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_PING;
  envelope.ping = &ping;
  (void)send_envelope(follower, &envelope); // no answer is what tells that nobody is there
  follower->pinged_at = now;
}

static int64_t tick_open(struct wg_follower *follower, int64_t now) {
  if (follower->ack_wanted > follower->acked) send_ack(follower);
  if (now - follower->heard_at >= SILENCE_US) {
    wg_log(WG_LOG_WARN, "upstream is silent", wg_field_text("stream", follower->stream));
    close_for_now(follower, now);
    return follower->backoff;
  }
  if (now - follower->heard_at >= PING_US && now - follower->pinged_at >= PING_US) send_ping(follower, now);
  return PING_US / 4;
}

int64_t wg_follower_tick(struct wg_follower *follower, int64_t now) {
  switch (follower->state) {
  case PAUSED:
    return BACKOFF_MOST_US;
  case CLOSED:
    if (now < follower->retry_at) return follower->retry_at - now;
    follower->heard_at = now;
    follower->pinged_at = 0;
    send_open(follower, now);
    return OPEN_WAIT_US;
  case OPENING:
    if (now - follower->opened_at >= OPEN_WAIT_US) close_for_now(follower, now);
    return BACKOFF_LEAST_US;
  case OPEN:
    break;
  }
  return tick_open(follower, now);
}

// --- deliveries ---
const struct wg_delivery *wg_follower_peek(const struct wg_follower *follower) {
  return follower->first;
}

struct wg_delivery *wg_follower_take(struct wg_follower *follower) {
  struct wg_delivery *delivery = follower->first;
  if (!delivery) return NULL;
  follower->first = delivery->next;
  if (!follower->first) follower->last = &follower->first;
  delivery->next = NULL;
  return delivery;
}

void wg_delivery_free(struct wg_delivery *delivery) {
  if (!delivery) return;
  zmq_msg_close(&delivery->body);
  free(delivery);
}

void wg_follower_ack(struct wg_follower *follower, uint64_t upto) {
  if (upto > follower->position) follower->position = upto;
  if (upto > follower->ack_wanted) follower->ack_wanted = upto;
  if (follower->state == OPEN) send_ack(follower);
}

bool wg_follower_connected(const struct wg_follower *follower) {
  return follower->state == OPEN;
}

uint64_t wg_follower_head(const struct wg_follower *follower) {
  return follower->head > follower->position ? follower->head : follower->position;
}
