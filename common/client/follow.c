// Follow: one subscription, opened again whenever it breaks.
//
//   WANT_OPEN --Open--> OPENING --Opened--> OPEN --(connection lost, gap, lease over, service stops)--> WANT_OPEN
//                          └---- no right, opened elsewhere, events lost ----> ENDED
//
// Numbers, all of the same kind (topic number or stream number):
//   acked <= handed <= queued      what the caller acknowledged, was given, and what was received in order
//   ack_sent <= delivered          what this very subscription acknowledged and received: a new one begins lower, and
//                                  what it repeats (numbers up to `queued`) is dropped and acknowledged again
// An Ack never names a number this subscription has not delivered. A Park may be lost with the connection, therefore
// parked events are remembered until the service has acknowledged them (Opened.after) and parked again when repeated.

#include "common/client/client.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ACK_US INT64_C(50000)       // an acknowledgement waits at most this long
#define OPEN_US INT64_C(10000000)   // an Open without answer is repeated
#define SILENCE_US INT64_C(5000000) // then a Ping asks whether the service still lives
#define PONG_US INT64_C(10000000)   // no Pong: open again
#define EVENT_OVERHEAD 64u          // bytes of an event in a body besides its payload, roughly

struct delivery {
  struct delivery *next;
  uint64_t first, last, skip; // events up to `skip` are repeats
  bool redriven;
  zmq_msg_t body;
};

struct parked {
  struct parked *next;
  uint64_t number;
  char *reason;
};

struct client_follow {
  enum { WANT_OPEN, OPENING, OPEN, ENDED } state;
  char *stream, *consumer, *topic;
  struct wangge_follow_options options;
  bool ever_opened;
  unsigned attempts;
  uint64_t id, connection;
  int64_t next_at, opened_at, heard_at, pinged_at;
  uint64_t acked, handed, queued, delivered, ack_sent, head;
  size_t unacked_bytes;
  int64_t acked_at;
  struct delivery *first, **end;
  struct parked *parked;
  struct wg_arena *arena; // of the delivery being handed out
  Wangge__V1__EventBatch *batch;
  size_t index;
  bool batch_redriven;
  struct wg_error error;
};

static char *copy_text(const char *text) {
  return wg_strdup(text == NULL ? "" : text);
}

// --- memory ---

static void queue_pop(struct client_follow *follow) {
  struct delivery *delivery = follow->first;
  follow->first = delivery->next;
  if (follow->first == NULL) follow->end = &follow->first;
  zmq_msg_close(&delivery->body);
  free(delivery);
}

static void queue_clear(struct client_follow *follow) {
  while (follow->first != NULL)
    queue_pop(follow);
  follow->batch = NULL;
}

static void parked_prune(struct client_follow *follow, uint64_t upto) {
  struct parked **link = &follow->parked;
  while (*link != NULL) {
    struct parked *one = *link;
    if (one->number > upto) {
      link = &one->next;
      continue;
    }
    *link = one->next;
    free(one->reason);
    free(one);
  }
}

void follow_free(struct client_follow *follow) {
  if (follow == NULL) return;
  queue_clear(follow);
  parked_prune(follow, UINT64_MAX);
  wg_arena_destroy(follow->arena);
  free(follow->stream);
  free(follow->consumer);
  free(follow->topic);
  free(follow);
}

// --- sending ---

static enum wg_sent send_kind(wangge_client *client, Wangge__V1__Envelope__KindCase kind, void *message) {
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = kind;
  envelope.call = message; // every member of the union is such a pointer
  return client_send(client, &envelope, (struct wg_bytes){0});
}

static bool subscribed(const wangge_client *client) {
  const struct client_follow *follow = client->follow;
  return follow->state == OPEN && client->connected && follow->connection == client->connection;
}

static void send_close(wangge_client *client) {
  if (!subscribed(client)) return;
  Wangge__V1__Close message = WANGGE__V1__CLOSE__INIT;
  message.id = client->follow->id;
  send_kind(client, WANGGE__V1__ENVELOPE__KIND_CLOSE, &message);
}

void follow_leave(wangge_client *client) {
  if (client->follow == NULL) return;
  wangge_flush(client);
  send_close(client);
}

static void reopen(struct client_follow *follow, int64_t now) {
  follow->state = WANT_OPEN;
  follow->next_at = now + client_backoff_us(follow->attempts++);
}

static void end(struct client_follow *follow, const struct wg_error *error) {
  follow->state = ENDED;
  follow->error = *error;
  queue_clear(follow);
}

static bool send_open(wangge_client *client, int64_t now) {
  struct client_follow *follow = client->follow;
  Wangge__V1__Open message = WANGGE__V1__OPEN__INIT;
  follow->id = ++client->next_id;
  message.id = follow->id;
  message.stream = follow->stream;
  message.consumer = follow->consumer;
  message.topic = follow->topic;
  message.has_topic = follow->options.topic != NULL;
  message.start = (Wangge__V1__Start)follow->options.start;
  message.after = follow->options.after;
  message.time = follow->options.time;
  message.credit_bytes = follow->options.credit_bytes;
  message.lease_ms = follow->options.lease_ms;
  if (follow->ever_opened && (follow->consumer[0] == 0 || follow->options.start > WANGGE__V1__START__START_RESUME)) {
    message.start = WANGGE__V1__START__START_AFTER;
    message.after = follow->consumer[0] == 0 ? follow->queued : follow->acked;
  }
  if (send_kind(client, WANGGE__V1__ENVELOPE__KIND_OPEN, &message) != WG_SENT) return false;
  follow->state = OPENING;
  follow->connection = client->connection;
  follow->opened_at = now;
  return true;
}

static void send_park(wangge_client *client, uint64_t number, const char *reason) {
  Wangge__V1__Park message = WANGGE__V1__PARK__INIT;
  message.id = client->follow->id;
  message.number = number;
  message.reason = (char *)(uintptr_t)reason;
  send_kind(client, WANGGE__V1__ENVELOPE__KIND_PARK, &message);
}

static uint64_t ack_target(const struct client_follow *follow) {
  return follow->acked < follow->delivered ? follow->acked : follow->delivered;
}

// send_ack: false when it could not be sent now.
static bool send_ack(wangge_client *client, int64_t now) {
  struct client_follow *follow = client->follow;
  uint64_t upto = ack_target(follow);
  if (!subscribed(client) || upto <= follow->ack_sent) return true;
  Wangge__V1__Ack message = WANGGE__V1__ACK__INIT;
  message.id = follow->id;
  message.upto = upto;
  if (send_kind(client, WANGGE__V1__ENVELOPE__KIND_ACK, &message) != WG_SENT) return false;
  follow->ack_sent = upto;
  follow->unacked_bytes = 0;
  follow->acked_at = now;
  return true;
}

// --- what arrives ---

static bool worth_reopening(wg_status code) {
  return code == WG_UNAVAILABLE || code == WG_DEADLINE_EXCEEDED || code == WG_INTERNAL ||
         code == WG_RESOURCE_EXHAUSTED || code == WG_CANCELLED;
}

void follow_opened(wangge_client *client, const Wangge__V1__Opened *opened) {
  struct client_follow *follow = client->follow;
  if (follow == NULL || follow->state != OPENING || opened->id != follow->id) return;
  struct wg_error status = {0};
  int64_t now = wg_monotonic_us();
  if (wg_status_read(opened->status, &status) != WG_OK) {
    client->error = status;
    if (worth_reopening(status.code)) reopen(follow, now);
    else end(follow, &status);
    return;
  }
  if (!follow->ever_opened) {
    follow->ever_opened = true;
    follow->acked = follow->handed = follow->queued = opened->after;
  } else if (opened->after > follow->queued) {
    wg_fail(&status, WG_DATA_LOSS, NULL, "events %llu to %llu of %s are not kept any more",
            (unsigned long long)follow->queued + 1, (unsigned long long)opened->after, follow->stream);
    end(follow, &status);
    return;
  }
  parked_prune(follow, opened->after);
  follow->state = OPEN;
  follow->attempts = 0;
  follow->delivered = follow->ack_sent = opened->after;
  follow->head = opened->head;
  follow->heard_at = now;
  follow->pinged_at = 0;
}

static void enqueue(struct client_follow *follow, const Wangge__V1__Data *data, zmq_msg_t *body) {
  struct delivery *delivery = wg_zalloc(sizeof *delivery);
  *delivery = (struct delivery){.first = data->first, .last = data->last, .redriven = data->redriven};
  delivery->skip = data->redriven ? 0 : follow->queued;
  zmq_msg_init(&delivery->body);
  zmq_msg_move(&delivery->body, body);
  *follow->end = delivery;
  follow->end = &delivery->next;
}

void follow_data(wangge_client *client, const Wangge__V1__Data *data, zmq_msg_t *body) {
  struct client_follow *follow = client->follow;
  if (follow == NULL || follow->state != OPEN || data->id != follow->id) return;
  follow->heard_at = wg_monotonic_us();
  follow->pinged_at = 0;
  if (data->head > follow->head) follow->head = data->head;
  if (data->redriven) {
    enqueue(follow, data, body);
    return;
  }
  uint64_t expected = follow->delivered < follow->queued ? follow->delivered : follow->queued;
  if (data->first > expected + 1 || data->last < data->first) { // a gap: never hand on what lies behind it
    send_close(client);
    reopen(follow, follow->heard_at);
    return;
  }
  if (data->last > follow->delivered) follow->delivered = data->last;
  for (const struct parked *one = follow->parked; one != NULL; one = one->next)
    if (one->number >= data->first && one->number <= data->last) send_park(client, one->number, one->reason);
  if (data->last <= follow->queued) return;
  enqueue(follow, data, body);
  follow->queued = data->last;
}

void follow_closed(wangge_client *client, const Wangge__V1__Closed *closed) {
  struct client_follow *follow = client->follow;
  if (follow == NULL || follow->state != OPEN || closed->id != follow->id) return;
  struct wg_error status = {0};
  wg_status_read(closed->status, &status);
  if (status.code == WG_OK) wg_fail(&status, WG_UNAVAILABLE, NULL, "the service closed the subscription");
  client->error = status;
  if (worth_reopening(status.code)) reopen(follow, wg_monotonic_us());
  else end(follow, &status);
}

void follow_pong(wangge_client *client, const Wangge__V1__Pong *pong) {
  struct client_follow *follow = client->follow;
  if (follow == NULL || pong->id != follow->id) return;
  follow->heard_at = wg_monotonic_us();
  follow->pinged_at = 0;
}

bool follow_ready(const wangge_client *client) {
  const struct client_follow *follow = client->follow;
  return follow != NULL && (follow->first != NULL || follow->state == ENDED);
}

// --- time ---

static int64_t tick_open(wangge_client *client, int64_t now, bool *want_send) {
  struct client_follow *follow = client->follow;
  int64_t next = SILENCE_US;
  if (ack_target(follow) > follow->ack_sent) {
    next = follow->acked_at + ACK_US - now;
    if (next <= 0) {
      next = ACK_US;
      if (!send_ack(client, now)) *want_send = true;
    }
  }
  if (follow->pinged_at != 0 && now - follow->pinged_at >= PONG_US) {
    reopen(follow, now);
    return 0;
  }
  if (follow->pinged_at == 0 && now - follow->heard_at >= SILENCE_US) {
    Wangge__V1__Ping message = WANGGE__V1__PING__INIT;
    message.id = follow->id;
    if (send_kind(client, WANGGE__V1__ENVELOPE__KIND_PING, &message) == WG_SENT) follow->pinged_at = now;
    else *want_send = true;
  }
  return next;
}

int64_t follow_tick(wangge_client *client, int64_t now, bool *want_send) {
  struct client_follow *follow = client->follow;
  if (follow == NULL || follow->state == ENDED) return INT64_MAX;
  if (client->refused) {
    struct wg_error error = {0};
    client_refused(client, &error);
    end(follow, &error);
    return 0;
  }
  if (follow->state != WANT_OPEN && follow->connection != client->connection) {
    follow->state = WANT_OPEN;
    follow->next_at = now;
  }
  if (follow->state == OPENING && now - follow->opened_at >= OPEN_US) reopen(follow, now);
  if (follow->state == WANT_OPEN && now >= follow->next_at && !send_open(client, now)) {
    *want_send = true;
    return 1000000; // the poll tells of room to send
  }
  if (follow->state == WANT_OPEN) return follow->next_at - now;
  if (follow->state == OPENING) return follow->opened_at + OPEN_US - now;
  return tick_open(client, now, want_send);
}

// --- the caller's side ---

int wangge_follow(wangge_client *client, const struct wangge_follow_options *options) {
  if (options == NULL || options->stream == NULL || options->stream[0] == 0)
    return (int)wg_fail(&client->error, WG_INVALID_ARGUMENT, "stream", "stream is required");
  if (options->start < 0 || options->start > WANGGE__V1__START__START_LATEST)
    return (int)wg_fail(&client->error, WG_INVALID_ARGUMENT, "start", "start is 0 to 5 (wangge.v1.Start)");
  follow_leave(client);
  follow_free(client->follow);
  client->refused = false; // the key may have been admitted meanwhile
  struct client_follow *follow = wg_zalloc(sizeof *follow);
  follow->options = *options;
  follow->stream = copy_text(options->stream);
  follow->consumer = copy_text(options->consumer);
  follow->topic = copy_text(options->topic);
  follow->end = &follow->first;
  follow->arena = wg_arena_create(256 * 1024);
  client->follow = follow;
  return WG_OK;
}

// begin_batch unpacks the first delivery of the queue; false: it cannot be read, the subscription ended.
static bool begin_batch(struct client_follow *follow) {
  struct delivery *delivery = follow->first;
  wg_arena_reset(follow->arena);
  struct wg_bytes bytes = {zmq_msg_data(&delivery->body), zmq_msg_size(&delivery->body)};
  ProtobufCMessage *message = NULL;
  struct wg_error error = {0};
  if (wg_unpack(&wangge__v1__event_batch__descriptor, bytes, follow->arena, &message, &error) == WG_OK) {
    follow->batch = (Wangge__V1__EventBatch *)message;
    if (follow->batch->n_events != delivery->last - delivery->first + 1)
      wg_fail(&error, WG_DATA_LOSS, NULL, "delivery %llu to %llu of %s has %zu events",
              (unsigned long long)delivery->first, (unsigned long long)delivery->last, follow->stream,
              follow->batch->n_events);
  }
  if (error.code != WG_OK) {
    error.code = WG_DATA_LOSS;
    end(follow, &error);
    return false;
  }
  follow->batch_redriven = delivery->redriven;
  follow->index = delivery->skip >= delivery->first ? (size_t)(delivery->skip - delivery->first + 1) : 0;
  return true;
}

// take hands out the next event that is in memory; false: there is none.
static bool take(struct client_follow *follow, struct wangge_event *event) {
  if (follow->batch != NULL && follow->index >= follow->batch->n_events) {
    follow->batch = NULL;
    queue_pop(follow);
  }
  if (follow->first == NULL) return false;
  if (follow->batch == NULL && !begin_batch(follow)) return false;
  assert(follow->batch && "begin_batch has filled it");
  const Wangge__V1__Event *one = follow->batch->events[follow->index];
  *event = (struct wangge_event){
      .number = follow->first->first + follow->index,
      .seq = one->seq,
      .topic = one->topic,
      .at = one->at,
      .type = one->type,
      .payload = one->payload.data,
      .payload_size = one->payload.len,
      .traceparent = one->traceparent,
      .redriven = follow->batch_redriven,
  };
  follow->index++;
  follow->unacked_bytes += one->payload.len + EVENT_OVERHEAD;
  if (!event->redriven) follow->handed = event->number;
  return true;
}

int wangge_next(wangge_client *client, struct wangge_event *event, int timeout_ms) {
  struct client_follow *follow = client->follow;
  if (follow == NULL) return (int)wg_fail(&client->error, WG_FAILED_PRECONDITION, NULL, "call wangge_follow first");
  if (take(follow, event)) return WG_OK;
  client_pump(client, 0, false);
  int64_t deadline = timeout_ms < 0 ? INT64_MAX : wg_monotonic_us() + timeout_ms * INT64_C(1000);
  for (;;) {
    bool want_send = false;
    if (take(follow, event)) return WG_OK;
    int64_t now = wg_monotonic_us();
    if (!send_ack(client, now)) want_send = true;
    int64_t wait = follow_tick(client, now, &want_send);
    int64_t push = push_tick(client, now, &want_send);
    if (follow->state == ENDED) {
      client->error = follow->error;
      return (int)follow->error.code;
    }
    if (now >= deadline) return WG_DEADLINE_EXCEEDED;
    if (push < wait) wait = push;
    if (wait > deadline - now) wait = deadline - now;
    if (!client_pump(client, wait, want_send)) return WG_DEADLINE_EXCEEDED;
  }
}

int wangge_ack(wangge_client *client, const struct wangge_event *event) {
  struct client_follow *follow = client->follow;
  if (follow == NULL) return (int)wg_fail(&client->error, WG_FAILED_PRECONDITION, NULL, "call wangge_follow first");
  if (event->redriven) {
    Wangge__V1__Ack message = WANGGE__V1__ACK__INIT;
    message.id = follow->id;
    message.upto = event->number;
    message.redriven = true;
    if (subscribed(client)) send_kind(client, WANGGE__V1__ENVELOPE__KIND_ACK, &message);
    return WG_OK; // lost: the dead letter is given again
  }
  if (event->number > follow->handed)
    return (int)wg_fail(&client->error, WG_INVALID_ARGUMENT, "number", "event %llu was not given yet",
                        (unsigned long long)event->number);
  if (event->number <= follow->acked) return WG_OK;
  follow->acked = event->number;
  uint32_t credit = follow->options.credit_bytes != 0 ? follow->options.credit_bytes : 1u << 20;
  int64_t now = wg_monotonic_us();
  if (follow->unacked_bytes >= credit / 2 || now - follow->acked_at >= ACK_US) send_ack(client, now);
  return WG_OK;
}

int wangge_park(wangge_client *client, const struct wangge_event *event, const char *reason) {
  struct client_follow *follow = client->follow;
  if (follow == NULL) return (int)wg_fail(&client->error, WG_FAILED_PRECONDITION, NULL, "call wangge_follow first");
  if (reason == NULL || reason[0] == 0 || strlen(reason) > 1024)
    return (int)wg_fail(&client->error, WG_INVALID_ARGUMENT, "reason", "a reason of 1 to 1,024 bytes is required");
  if (!event->redriven) {
    struct parked *one = wg_zalloc(sizeof *one);
    *one = (struct parked){.next = follow->parked, .number = event->number, .reason = wg_strdup(reason)};
    follow->parked = one;
  }
  if (!subscribed(client) || (!event->redriven && event->number > follow->delivered)) return WG_OK; // when repeated
  send_ack(client, wg_monotonic_us());
  send_park(client, event->number, reason);
  return WG_OK;
}

int wangge_flush(wangge_client *client) {
  if (client->follow == NULL || client->follow->state == ENDED) return WG_OK;
  if (send_ack(client, wg_monotonic_us())) return WG_OK;
  return (int)wg_fail(&client->error, WG_UNAVAILABLE, NULL, "no connection to %s now", client->endpoint);
}

int wangge_opened(const wangge_client *client) {
  return client->follow != NULL && subscribed(client);
}

uint64_t wangge_head(const wangge_client *client) {
  return client->follow == NULL ? 0 : client->follow->head;
}
