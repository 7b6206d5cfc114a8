// Windowed push: requests in flight, sent again until they are answered.
//
// Pushing the same orders again gives the first answers, so whenever an answer may have been lost the same bytes go
// out again: after the connection broke, after UNAVAILABLE, after the call's time ran out. A call id is the slot's
// serial number shifted left with the attempt in the low byte: a late final answer to an earlier attempt is as good.

#include "common/client/client.h"

#include "common/base/clock.h"

#include <stdlib.h>
#include <string.h>

#define PUSH_METHOD "wangge.v1.Intake/Push"
#define PUSH_ID (UINT64_C(1) << 63) // tells push ids from ids of plain calls

struct push_slot {
  bool used, sent;
  uint64_t tag, serial, connection;
  unsigned attempts;
  int64_t started_at, sent_at, next_at;
  struct wg_buffer request;
};

struct client_push {
  struct wangge_push_options options;
  uint64_t serial;
  int window, used;
  struct push_slot slots[];
};

int wangge_push_start(wangge_client *client, const struct wangge_push_options *options) {
  if (options == NULL || options->on_answer == NULL)
    return (int)wg_fail(&client->error, WG_INVALID_ARGUMENT, "on_answer", "on_answer is required");
  if (client->push != NULL && client->push->used > 0)
    return (int)wg_fail(&client->error, WG_FAILED_PRECONDITION, NULL, "%d requests are unanswered", client->push->used);
  int window = options->window > 0 ? options->window : 4;
  if (window > 4096) return (int)wg_fail(&client->error, WG_INVALID_ARGUMENT, "window", "window is at most 4,096");
  push_free(client->push);
  client->push = wg_zalloc(sizeof *client->push + sizeof(struct push_slot) * (size_t)window);
  client->push->options = *options;
  client->push->window = window;
  return WG_OK;
}

void push_free(struct client_push *push) {
  if (push == NULL) return;
  for (int i = 0; i < push->window; i++)
    wg_buffer_free(&push->slots[i].request);
  free(push);
}

int wangge_unanswered(const wangge_client *client) {
  return client->push == NULL ? 0 : client->push->used;
}

static uint64_t slot_id(const struct push_slot *slot) {
  return PUSH_ID | slot->serial << 8 | (slot->attempts & 0xff);
}

static void slot_finish(wangge_client *client, struct push_slot *slot, int code, struct wg_bytes body) {
  struct client_push *push = client->push;
  slot->used = false;
  push->used--;
  push->options.on_answer(push->options.context, slot->tag, code, body.data, body.size);
}

static void slot_retry(struct push_slot *slot, int64_t next_at) {
  slot->sent = false;
  slot->next_at = next_at;
}

static bool worth_repeating(wg_status code) {
  return code == WG_UNAVAILABLE || code == WG_DEADLINE_EXCEEDED || code == WG_ABORTED || code == WG_CANCELLED;
}

bool push_reply(wangge_client *client, uint64_t id, const struct wg_error *status, struct wg_bytes body) {
  struct client_push *push = client->push;
  if (push == NULL || (id & PUSH_ID) == 0) return false;
  uint64_t serial = (id & ~PUSH_ID) >> 8;
  for (int i = 0; i < push->window; i++) {
    struct push_slot *slot = &push->slots[i];
    if (!slot->used || slot->serial != serial) continue;
    if (!worth_repeating(status->code)) {
      if (status->code != WG_OK) client->error = *status;
      slot_finish(client, slot, (int)status->code, status->code == WG_OK ? body : (struct wg_bytes){0});
    } else if (slot->sent && slot_id(slot) == id) {
      slot_retry(slot, wg_monotonic_us() + client_backoff_us(slot->attempts - 1));
    }
    return true;
  }
  return false;
}

static void slot_send(wangge_client *client, struct push_slot *slot, int64_t now, bool *want_send) {
  slot->attempts++;
  struct wg_bytes body = {slot->request.data, slot->request.size};
  if (client_send_call(client, slot_id(slot), PUSH_METHOD, client->timeout_ms, body) != WG_SENT) {
    slot->attempts--;
    *want_send = true;
    return;
  }
  slot->sent = true;
  slot->sent_at = now;
  slot->connection = client->connection;
}

static wg_status give_up_error(wangge_client *client, const struct push_slot *slot) {
  if (slot->attempts == 0 && client->turned_away) return client_refused(client, &client->error);
  return wg_fail(&client->error, slot->attempts == 0 ? WG_UNAVAILABLE : WG_DEADLINE_EXCEEDED, NULL,
                 "no answer from %s within %d ms; pushing the same again is safe", client->endpoint,
                 client->push->options.give_up_ms);
}

// slot_tick sends, sends again or gives up; returns µs until it wants to be looked at again.
static int64_t slot_tick(wangge_client *client, struct push_slot *slot, int64_t now, bool *want_send) {
  struct client_push *push = client->push;
  if (client->refused) {
    int code = (int)client_refused(client, &client->error);
    slot_finish(client, slot, code, (struct wg_bytes){0});
    return INT64_MAX;
  }
  int64_t give_up = INT64_MAX;
  if (push->options.give_up_ms > 0) {
    give_up = slot->started_at + push->options.give_up_ms * INT64_C(1000) - now;
    if (give_up <= 0) {
      int code = (int)give_up_error(client, slot);
      slot_finish(client, slot, code, (struct wg_bytes){0});
      return INT64_MAX;
    }
  }
  if (slot->sent && slot->connection != client->connection) slot_retry(slot, now);
  if (slot->sent && now - slot->sent_at >= client->timeout_ms * INT64_C(1000)) slot_retry(slot, now);
  if (!slot->sent && slot->next_at <= now) slot_send(client, slot, now, want_send);
  int64_t next = slot->sent ? slot->sent_at + client->timeout_ms * INT64_C(1000) - now : slot->next_at - now;
  if (!slot->sent && next <= 0) next = 100000; // waits for room to send, which the poll reports
  return next < give_up ? next : give_up;
}

int64_t push_tick(wangge_client *client, int64_t now, bool *want_send) {
  struct client_push *push = client->push;
  if (push == NULL || push->used == 0) return INT64_MAX;
  int64_t next = INT64_MAX;
  for (int i = 0; i < push->window; i++) {
    if (!push->slots[i].used) continue;
    int64_t slot_next = slot_tick(client, &push->slots[i], now, want_send);
    if (slot_next < next) next = slot_next;
  }
  return next;
}

int wangge_push(wangge_client *client, uint64_t tag, const void *request, size_t request_size) {
  struct client_push *push = client->push;
  if (push == NULL) return (int)wg_fail(&client->error, WG_FAILED_PRECONDITION, NULL, "call wangge_push_start first");
  while (push->used == push->window)
    wangge_push_wait(client, push->window - 1, -1);
  if (push->used == 0) client->refused = false; // the key may have been admitted meanwhile
  struct push_slot *slot = push->slots;
  while (slot->used)
    slot++;
  int64_t now = wg_monotonic_us();
  slot->used = true;
  push->used++;
  slot->sent = false;
  slot->tag = tag;
  slot->serial = ++push->serial;
  slot->attempts = 0;
  slot->started_at = slot->next_at = now;
  wg_buffer_clear(&slot->request);
  wg_buffer_append(&slot->request, request, request_size);
  bool want_send = false;
  slot_tick(client, slot, now, &want_send);
  return WG_OK;
}

int wangge_push_wait(wangge_client *client, int unanswered_at_most, int timeout_ms) {
  int64_t deadline = timeout_ms < 0 ? INT64_MAX : wg_monotonic_us() + timeout_ms * INT64_C(1000);
  client_pump(client, 0, false);
  for (;;) {
    bool want_send = false;
    int64_t now = wg_monotonic_us();
    int64_t wait = push_tick(client, now, &want_send);
    int64_t follow = follow_tick(client, now, &want_send);
    if (wangge_unanswered(client) <= unanswered_at_most) return WG_OK;
    if (now >= deadline) return WG_DEADLINE_EXCEEDED;
    if (follow < wait) wait = follow;
    if (wait > deadline - now) wait = deadline - now;
    if (wait > 1000000) wait = 1000000;
    if (!client_pump(client, wait, want_send) && timeout_ms >= 0) return WG_DEADLINE_EXCEEDED;
  }
}
