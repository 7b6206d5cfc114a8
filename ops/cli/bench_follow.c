// The receiving side of a bench run: departments, durable and acknowledging, and one follower of tracking.cases.
//
// Of each event only one field is read, by walking the protobuf wire format: the measuring must not cost more than what
// is measured. The walk is bounded by the payload and gives up on anything it does not expect.

#include "ops/cli/bench.h"

#include "common/base/clock.h"

#include <stdlib.h>
#include <string.h>

// --- one field of a message ---

static bool varint(const uint8_t **at, const uint8_t *end, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
    uint8_t byte = *(*at)++;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

struct field {
  const uint8_t *data;
  size_t size;
};

// find gives the first field of text, bytes or message with this tag number.
static bool find(const void *message, size_t size, unsigned wanted, struct field *field) {
  const uint8_t *at = message, *end = at + size;
  uint64_t key, value;
  while (at < end && varint(&at, end, &key)) {
    size_t length = 0;
    switch (key & 7) {
    case 0:
      if (!varint(&at, end, &value)) return false;
      continue;
    case 1:
      length = 8;
      break;
    case 2:
      if (!varint(&at, end, &value) || value > (uint64_t)(end - at)) return false;
      length = (size_t)value;
      break;
    case 5:
      length = 4;
      break;
    default:
      return false;
    }
    if (length > (size_t)(end - at)) return false;
    if (key >> 3 == wanted) {
      *field = (struct field){.data = at, .size = length};
      return true;
    }
    at += length;
  }
  return false;
}

// --- arrivals ---

struct following {
  struct bench *bench;
  struct bench_times times;
  wangge_client *client[BENCH_DEPARTMENTS];
  int clients;
  bool cases;
};

static void arrived(struct following *following, const struct field *name, _Atomic uint8_t *seen,
                    _Atomic uint64_t *total, _Atomic uint64_t *measured) {
  struct bench *bench = following->bench;
  uint64_t number;
  if (!bench_number(bench, (const char *)name->data, name->size, &number)) {
    atomic_fetch_add_explicit(&bench->strange, 1, memory_order_relaxed);
    return;
  }
  int64_t now = wg_monotonic_us();
  atomic_fetch_add_explicit(&seen[number], 1, memory_order_relaxed);
  atomic_fetch_add_explicit(total, 1, memory_order_relaxed);
  atomic_store_explicit(&bench->last_seen, now, memory_order_relaxed);
  if (bench_measured(bench, now)) atomic_fetch_add_explicit(measured, 1, memory_order_relaxed);
  if (bench_measured(bench, bench->intended[number])) bench_time_add(&following->times, now - bench->intended[number]);
}

// take_dispatched: OrderDispatched.order (1) .external_id (4).
static void take_dispatched(struct following *following, const struct wangge_event *event) {
  struct bench *bench = following->bench;
  struct field order, id;
  if (strcmp(event->type, "wangge.v1.OrderDispatched") != 0) return;
  if (find(event->payload, event->payload_size, 1, &order) && find(order.data, order.size, 4, &id))
    arrived(following, &id, bench->department, &bench->department_seen, &bench->department_measured);
}

// take_case: the step that tells of the dispatch, CaseChanged.step (2) .kind (3); CaseChanged.case (1) .title (8).
static void take_case(struct following *following, const struct wangge_event *event) {
  struct bench *bench = following->bench;
  struct field one, step, kind, title;
  if (!find(event->payload, event->payload_size, 2, &step) || !find(step.data, step.size, 3, &kind)) return;
  if (kind.size != strlen("dispatched") || memcmp(kind.data, "dispatched", kind.size) != 0) return;
  if (find(event->payload, event->payload_size, 1, &one) && find(one.data, one.size, 8, &title))
    arrived(following, &title, bench->cases, &bench->case_seen, &bench->case_measured);
}

// drain takes what one client has; false: its subscription ended.
static bool drain(struct following *following, wangge_client *client) {
  struct wangge_event event;
  int code;
  while ((code = wangge_next(client, &event, 0)) == WG_OK) {
    if (following->cases) take_case(following, &event);
    else take_dispatched(following, &event);
    wangge_ack(client, &event);
  }
  if (code == WG_DEADLINE_EXCEEDED) return true;
  struct wg_error error = {0};
  wg_fail(&error, (wg_status)code, wangge_error_field(client), "%s", wangge_error(client));
  bench_fail(following->bench, &error);
  return false;
}

static bool open_one(struct following *following, int service, const char *principal, const char *stream,
                     const char *topic) {
  struct bench *bench = following->bench;
  struct wg_error error = {0};
  wangge_client *client = cli_open(bench->cli, service, principal, &error);
  if (client == NULL) {
    bench_fail(bench, &error);
    return false;
  }
  struct wangge_follow_options options = {
      .stream = stream, .consumer = "bench", .topic = topic, .start = 5, .credit_bytes = 4u << 20};
  wangge_follow(client, &options);
  following->client[following->clients++] = client;
  return true;
}

static bool open_all(struct following *following, int index) {
  struct bench *bench = following->bench;
  if (following->cases) {
    const char *principal = cli_text(&bench->cli->parsed, "tracking-as");
    return open_one(following, 2, principal != NULL ? principal : "gateway", "tracking.cases", NULL);
  }
  for (int i = index; i < bench->department_count; i += (int)bench->followers)
    if (!open_one(following, 1, bench->departments[i], "routing.dispatch", bench->departments[i])) return false;
  return true;
}

static void follow_all(struct following *following) {
  struct bench *bench = following->bench;
  bool told = false;
  int64_t until = wg_monotonic_us() + bench->cli->timeout_ms * INT64_C(1000);
  while (!atomic_load(&bench->stop_following)) {
    wangge_poll(following->client, following->clients, 20);
    int opened = 0;
    for (int i = 0; i < following->clients; i++) {
      if (!drain(following, following->client[i])) return;
      opened += wangge_opened(following->client[i]);
    }
    if (told) continue;
    if (opened == following->clients) {
      told = true;
      atomic_fetch_add(&bench->followers_ready, 1);
    } else if (wg_monotonic_us() > until) {
      struct wg_error error = {0};
      wg_fail(&error, WG_UNAVAILABLE, NULL, "only %d of %d subscriptions of a follower could be opened", opened,
              following->clients);
      bench_fail(bench, &error);
      return;
    }
  }
}

void *bench_follower_run(void *argument) {
  const struct bench_follower *own = argument;
  struct bench *bench = own->bench;
  struct following *following = wg_zalloc(sizeof *following);
  following->bench = bench;
  following->cases = own->index == bench->followers;
  if (open_all(following, own->index)) follow_all(following);
  for (int i = 0; i < following->clients; i++)
    wangge_close(following->client[i]);
  pthread_mutex_lock(&bench->lock);
  bench_time_merge(following->cases ? &bench->to_case : &bench->to_department, &following->times);
  pthread_mutex_unlock(&bench->lock);
  free(following);
  return NULL;
}
