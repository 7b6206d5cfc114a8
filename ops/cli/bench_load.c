// The sources of a bench run.
//
// Closed loop: a source keeps `window` batches in flight; an order's time runs from the moment it is handed over.
// Open loop (--rate): each order has a time at which it should be sent, whatever the service does; its latency runs
// from that time, so a stall shows in every order that had to wait (no coordinated omission).

#include "ops/cli/bench.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <stdlib.h>
#include <string.h>

enum { NAP_US = 500 };

struct flight {
  bool used;
  uint64_t first;
  size_t count;
};

struct source {
  struct bench *bench;
  const char *name;
  wangge_client *client;
  struct bench_text *text;
  struct wg_arena *arena, *answer;
  Wangge__V1__NewOrder order[BENCH_BATCH], *pointer[BENCH_BATCH];
  struct flight flight[BENCH_WINDOW];
  struct bench_times acknowledged;
};

static void settle(struct source *source, const struct flight *flight, const Wangge__V1__PushResponse *response) {
  struct bench *bench = source->bench;
  int64_t now = wg_monotonic_us();
  uint64_t accepted = 0, rejected = 0;
  for (size_t i = 0; i < flight->count; i++) {
    const Wangge__V1__PushResult *result = response->results[i];
    // DUPLICATE: a repeat after a lost answer; the order is there once.
    bool there = result->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_ACCEPTED ||
                 result->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_DUPLICATE;
    atomic_store_explicit(&bench->outcome[flight->first + i], there ? BENCH_ACCEPTED : BENCH_REJECTED,
                          memory_order_relaxed);
    accepted += there;
    rejected += !there;
    if (bench_measured(bench, bench->intended[flight->first + i]))
      bench_time_add(&source->acknowledged, now - bench->intended[flight->first + i]);
    if (!there && rejected == 1 && result->error != NULL && atomic_load(&bench->rejected) == 0) {
      struct wg_error error = {0};
      wg_status_read(result->error, &error);
      cli_complain(bench->cli, &error);
    }
  }
  atomic_fetch_add(&bench->accepted, accepted);
  atomic_fetch_add(&bench->rejected, rejected);
  if (bench_measured(bench, now)) atomic_fetch_add(&bench->accepted_measured, accepted);
}

static void on_answer(void *context, uint64_t tag, int code, const void *body, size_t size) {
  struct source *source = context;
  struct flight *flight = &source->flight[tag];
  flight->used = false;
  ProtobufCMessage *message = NULL;
  struct wg_error error = {0};
  wg_arena_reset(source->answer);
  if (code == WG_OK &&
      wg_unpack(&wangge__v1__push_response__descriptor, (struct wg_bytes){body, size}, source->answer, &message,
                &error) == WG_OK &&
      ((Wangge__V1__PushResponse *)message)->n_results == flight->count) {
    settle(source, flight, (Wangge__V1__PushResponse *)message);
    return;
  }
  if (code != WG_OK)
    wg_fail(&error, (wg_status)code, wangge_error_field(source->client), "%s", wangge_error(source->client));
  else if (error.code == WG_OK) wg_fail(&error, WG_INTERNAL, NULL, "the answer does not fit the request");
  for (size_t i = 0; i < flight->count; i++)
    atomic_store(&source->bench->outcome[flight->first + i], BENCH_UNKNOWN);
  atomic_fetch_add(&source->bench->unknown, flight->count);
  bench_fail(source->bench, &error);
}

static bool going(const struct bench *bench) {
  return !atomic_load(&bench->stop_sending) && !cli_stopped && !atomic_load(&bench->failed);
}

static struct flight *free_flight(struct source *source) {
  struct flight *flight = source->flight;
  while (flight->used)
    flight++;
  return flight;
}

// send hands over `count` orders; `intended` gives the first one's time and the step to the next.
static bool send(struct source *source, size_t count, double intended, double step) {
  struct bench *bench = source->bench;
  while (wangge_push_wait(source->client, (int)bench->window - 1, 100) != WG_OK)
    if (!going(bench)) return false;
  uint64_t first = atomic_fetch_add(&bench->next, count);
  if (first + count > BENCH_ORDERS || (bench->count > 0 && first >= (uint64_t)bench->count)) {
    atomic_fetch_sub(&bench->next, count);
    return false;
  }
  wg_arena_reset(source->arena);
  for (size_t i = 0; i < count; i++) {
    bench_text_order(bench, source->text, first + i, source->arena, &source->order[i]);
    bench->intended[first + i] = step > 0 ? (int64_t)(intended + step * (double)i) : wg_monotonic_us();
    atomic_store_explicit(&bench->outcome[first + i], BENCH_SENT, memory_order_relaxed);
  }
  Wangge__V1__PushRequest request = WANGGE__V1__PUSH_REQUEST__INIT;
  request.source = (char *)(uintptr_t)source->name;
  request.n_orders = count;
  request.orders = source->pointer;
  struct wg_bytes packed = wg_pack(&request.base, source->arena);
  struct flight *flight = free_flight(source);
  *flight = (struct flight){.used = true, .first = first, .count = count};
  return wangge_push(source->client, (uint64_t)(flight - source->flight), packed.data, packed.size) == WG_OK;
}

static void closed_loop(struct source *source) {
  while (going(source->bench) && send(source, (size_t)source->bench->batch, 0, 0))
    continue;
}

// doze passes what is left of a wait shorter than the library's millisecond. To spin instead would take the processors
// from what is measured; a longer nap would let answers lie.
static void doze(double us) {
  if (us <= 0 || us >= 1000) return;
  struct timespec pause = {.tv_nsec = (long)((us < NAP_US ? us : NAP_US) * 1000)};
  nanosleep(&pause, NULL);
}

static void open_loop(struct source *source) {
  const struct bench *bench = source->bench;
  double step = 1e6 * bench->source_count / (double)bench->rate; // µs between two orders of this source
  double next = (double)bench->begin + step * 0.5;
  while (going(bench)) {
    double now = (double)wg_monotonic_us();
    if (now < next) {
      wangge_push_wait(source->client, -1, (int)((next - now) / 1000)); // takes answers meanwhile; 0: just looks
      doze(next - (double)wg_monotonic_us());
      continue;
    }
    size_t due = (size_t)((now - next) / step) + 1;
    if (due > BENCH_BATCH) due = BENCH_BATCH;
    if (!send(source, due, next, step)) return;
    next += step * (double)due;
  }
}

static void run_source(struct source *source) {
  const struct bench *bench = source->bench;
  struct wangge_push_options options = {
      .window = (int)bench->window, .give_up_ms = (int)bench->drain * 1000, .on_answer = on_answer, .context = source};
  wangge_push_start(source->client, &options);
  for (int i = 0; i < BENCH_BATCH; i++)
    source->pointer[i] = &source->order[i];
  while (wg_monotonic_us() < bench->begin)
    wangge_push_wait(source->client, -1, 1);
  if (bench->rate > 0) open_loop(source);
  else closed_loop(source);
  while (wangge_push_wait(source->client, 0, 200) != WG_OK && !cli_stopped)
    continue;
}

void *bench_source_run(void *argument) {
  const struct bench_source *own = argument;
  struct bench *bench = own->bench;
  struct source *source = wg_zalloc(sizeof *source);
  struct wg_error error = {0};
  source->bench = bench;
  source->name = bench->sources[own->index];
  source->text = bench_text_create(bench);
  source->arena = wg_arena_create(2 << 20);
  source->answer = wg_arena_create(256 * 1024);
  source->client = cli_open(bench->cli, 0, source->name, &error);
  if (source->client == NULL) bench_fail(bench, &error);
  else run_source(source);
  pthread_mutex_lock(&bench->lock);
  bench_time_merge(&bench->acknowledged, &source->acknowledged);
  pthread_mutex_unlock(&bench->lock);
  wangge_close(source->client);
  wg_arena_destroy(source->arena);
  wg_arena_destroy(source->answer);
  bench_text_free(source->text);
  free(source);
  return NULL;
}
