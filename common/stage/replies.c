// Answers out. What a caller's ZeroMQ queue does not take at once (it holds 1,000 messages, and a batch may answer
// 4,096 calls of one caller) waits here, one queue per caller, and is tried again in order. A caller that never reads
// must cost nobody else anything: what waits for one is bounded, what waits for all is, and one that takes nothing for
// ten seconds loses what waits for it. Repeating a call is safe, so a dropped answer loses nothing.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/stage/internal.h"
#include "common/wire/wire.h"

#include <poll.h>
#include <string.h>

enum {
  WG_UNSENT_ONE = 4096, // of one caller: as many as wait in the queue of calls
  WG_UNSENT_ONE_BYTES = 4 << 20,
  WG_UNSENT_ALL_BYTES = 16 << 20,
  WG_UNSENT_CALLERS = 256,     // every answer looks through them
  WG_UNSENT_US = 10000000,     // a caller that takes nothing for this long is not going to
  WG_UNSENT_LEAST_US = 1000,   // between two attempts, as long as callers take something,
  WG_UNSENT_PAUSE_US = 100000, // and at most: a ROUTER does not tell when a full queue has room again
  WG_UNSENT_STOP_US = 1000000, // how long a service that stops still waits for its callers (as ZeroMQ lingers)
  WG_UNSENT_STOP_PAUSE_MS = 10,
};

struct unsent {
  struct unsent *next;
  size_t envelope_size, body_size;
  bool has_body;
  uint8_t bytes[]; // envelope, then body
};

struct wg_slow_caller {
  struct wg_slow_caller *next;
  struct wg_peer peer;
  struct unsent *head, **tail; // never empty between two calls of this file
  size_t count, bytes;
  int64_t until_us; // has to take something by then
};

static size_t size_of(const struct unsent *unsent) {
  return sizeof *unsent + unsent->envelope_size + unsent->body_size;
}

// slow_caller gives the link to the caller's queue; it holds NULL when nothing waits for it.
static struct wg_slow_caller **slow_caller(struct wg_stage *stage, const struct wg_peer *peer) {
  struct wg_slow_caller **at = &stage->slow_callers;
  while (*at && !wg_peer_equal(&(*at)->peer, peer))
    at = &(*at)->next;
  return at;
}

static void add_caller(struct wg_stage *stage, struct wg_slow_caller **at, const struct wg_peer *peer) {
  struct wg_slow_caller *caller = wg_zalloc(sizeof *caller);
  caller->peer = *peer;
  caller->tail = &caller->head;
  caller->until_us = wg_monotonic_us() + WG_UNSENT_US;
  *at = caller;
  stage->slow_callers_count++;
}

static void remove_caller(struct wg_stage *stage, struct wg_slow_caller **at) {
  struct wg_slow_caller *caller = *at;
  *at = caller->next;
  free(caller);
  stage->slow_callers_count--;
}

static bool room(const struct wg_stage *stage, const struct wg_slow_caller *caller, size_t size) {
  if (stage->unsent_bytes + size > WG_UNSENT_ALL_BYTES) return false;
  if (!caller) return stage->slow_callers_count < WG_UNSENT_CALLERS && size <= WG_UNSENT_ONE_BYTES;
  return caller->count < WG_UNSENT_ONE && caller->bytes + size <= WG_UNSENT_ONE_BYTES;
}

// keep copies the answer to the end of the caller's queue, which `at` links to.
static void keep(struct wg_stage *stage, struct wg_slow_caller **at, const struct wg_peer *peer,
                 struct wg_bytes envelope, struct wg_bytes body) {
  const size_t size = sizeof(struct unsent) + envelope.size + body.size;
  if (!room(stage, *at, size)) {
    wg_count(stage->replies_dropped, 1);
    return;
  }
  if (!*at) add_caller(stage, at, peer);
  struct wg_slow_caller *caller = *at;
  struct unsent *unsent = wg_alloc(size);
  *unsent = (struct unsent){.envelope_size = envelope.size, .body_size = body.size, .has_body = body.data != NULL};
  memcpy(unsent->bytes, envelope.data, envelope.size);
  if (body.size) memcpy(unsent->bytes + envelope.size, body.data, body.size);
  *caller->tail = unsent;
  caller->tail = &unsent->next;
  caller->count++;
  caller->bytes += size;
  stage->unsent_bytes += size;
}

static void free_first(struct wg_stage *stage, struct wg_slow_caller *caller) {
  struct unsent *unsent = caller->head;
  caller->head = unsent->next;
  if (!caller->head) caller->tail = &caller->head;
  caller->count--;
  caller->bytes -= size_of(unsent);
  stage->unsent_bytes -= size_of(unsent);
  free(unsent);
}

static void free_all(struct wg_stage *stage, struct wg_slow_caller *caller) {
  while (caller->head)
    free_first(stage, caller);
}

static enum wg_sent send_first(struct wg_stage *stage, const struct wg_slow_caller *caller) {
  const struct unsent *first = caller->head;
  const struct wg_bytes envelope = {first->bytes, first->envelope_size};
  const struct wg_bytes body = {first->has_body ? first->bytes + first->envelope_size : NULL, first->body_size};
  return wg_router_send_bytes(stage->router, &caller->peer, envelope, body);
}

// try_caller sends what its queue takes. True when something came off ours.
static bool try_caller(struct wg_stage *stage, struct wg_slow_caller *caller, int64_t now_us) {
  bool moved = false;
  while (caller->head) {
    const enum wg_sent sent = send_first(stage, caller);
    if (sent == WG_SENT_FULL && now_us < caller->until_us) return moved;
    if (sent == WG_SENT_FULL) wg_count(stage->replies_dropped, caller->count);
    if (sent != WG_SENT) {
      free_all(stage, caller); // gone, or given up
      return true;
    }
    free_first(stage, caller);
    caller->until_us = now_us + WG_UNSENT_US;
    moved = true;
  }
  return moved;
}

static bool try_all(struct wg_stage *stage, int64_t now_us) {
  bool moved = false;
  for (struct wg_slow_caller **at = &stage->slow_callers; *at;) {
    if (try_caller(stage, *at, now_us)) moved = true;
    if ((*at)->head) at = &(*at)->next;
    else remove_caller(stage, at);
  }
  return moved;
}

int64_t wg_replies_retry(struct wg_stage *stage, int64_t now_us) {
  if (!stage->slow_callers) return INT64_MAX;
  if (now_us < stage->unsent_retry_us) return stage->unsent_retry_us - now_us;
  int64_t pause_us = try_all(stage, now_us) ? 0 : stage->unsent_pause_us * 2;
  if (pause_us < WG_UNSENT_LEAST_US) pause_us = WG_UNSENT_LEAST_US;
  if (pause_us > WG_UNSENT_PAUSE_US) pause_us = WG_UNSENT_PAUSE_US;
  stage->unsent_pause_us = pause_us;
  stage->unsent_retry_us = now_us + pause_us;
  return stage->slow_callers ? pause_us : INT64_MAX;
}

void wg_replies_stop(struct wg_stage *stage) {
  const int64_t until_us = wg_monotonic_us() + WG_UNSENT_STOP_US;
  for (int64_t now_us = 0; stage->slow_callers && now_us < until_us;) {
    now_us = wg_monotonic_us();
    if (!try_all(stage, now_us)) poll(NULL, 0, WG_UNSENT_STOP_PAUSE_MS);
  }
  int64_t dropped = 0;
  while (stage->slow_callers) {
    dropped += (int64_t)stage->slow_callers->count;
    free_all(stage, stage->slow_callers);
    remove_caller(stage, &stage->slow_callers);
  }
  if (dropped) wg_log(WG_LOG_WARN, "answers that callers did not take are dropped", wg_field_int("count", dropped));
}

void wg_reply(struct wg_stage *stage, const struct wg_peer *peer, uint64_t id, const char *method,
              const ProtobufCMessage *reply, const struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(4096);
  Wangge__V1__Reply head = WANGGE__V1__REPLY__INIT;
  head.id = id;
  const wg_status code = error ? error->code : WG_OK;
  if (code != WG_OK) head.status = wg_status_message(error, arena);
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_REPLY;
  envelope.reply = &head;
  struct wg_bytes body = {0};
  if (code == WG_OK && reply) {
    body = wg_pack(reply, arena);
    if (!body.data) body.data = (const uint8_t *)"";
  }
  const struct wg_bytes packed = wg_pack(&envelope.base, arena);
  // Never past one that waits: a caller that takes a little all the time would never get its oldest.
  struct wg_slow_caller **slow = slow_caller(stage, peer);
  if (*slow || wg_router_send_bytes(stage->router, peer, packed, body) == WG_SENT_FULL)
    keep(stage, slow, peer, packed, body);
  wg_arena_destroy(arena);
  if (!method) return;
  char labels[160];
  snprintf(labels, sizeof labels, "method=\"%s\",code=\"%s\"", method, wg_status_name(code));
  wg_count(wg_counter(stage->metrics, "wangge_calls_total", labels, "Calls answered, by method and google.rpc code"),
           1);
}
