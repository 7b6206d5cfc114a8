// wangge bench: what its files share. Orders are numbered 0, 1, 2 …; the number travels in external id and title
// ("bench-RUN-NUMBER"), so that a department and the cases' follower find the intended time of each order again.
//
//   bench.c         options, phases, report        bench_load.c    the sources
//   bench_choose.c  categories and departments     bench_text.c    what the orders say
//   bench_follow.c  departments, tracking.cases    bench_time.c    histograms
#pragma once

#include "ops/cli/cli.h"

#include "wangge/v1/intake.pb-c.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
  BENCH_SOURCES = 16,
  BENCH_DEPARTMENTS = 256,
  BENCH_CATEGORIES = 1024,
  BENCH_WINDOW = 256,
  BENCH_BATCH = 1000,
  BENCH_FOLLOWERS = 16,
};
#define BENCH_ORDERS (UINT64_C(64) << 20) // most in one run; memory is used only for those that are sent

// Latencies in µs: 64 steps per power of two, so a figure is off by less than 1.6 %.
enum { BENCH_STEPS = 64, BENCH_POWERS = 34 };
struct bench_times {
  uint64_t count, most;
  double sum;
  uint64_t bucket[BENCH_POWERS * BENCH_STEPS];
};
void bench_time_add(struct bench_times *times, int64_t us);
void bench_time_merge(struct bench_times *into, const struct bench_times *from);
double bench_time_at(const struct bench_times *times, double part); // µs below which this part lies

enum bench_outcome { BENCH_UNSENT, BENCH_SENT, BENCH_ACCEPTED, BENCH_REJECTED, BENCH_UNKNOWN };

struct bench {
  struct cli *cli;
  char run[24];
  // what is wanted
  const char *sources[BENCH_SOURCES];
  int source_count;
  int64_t seconds, warmup, rate, batch, window, count, drain, text_bytes, followers;
  const char *district;
  const char *departments[BENCH_DEPARTMENTS];
  int department_count;
  const char *categories[BENCH_CATEGORIES];
  int category_count;
  // the run
  int64_t begin, measure_from, measure_to; // monotonic µs
  _Atomic uint64_t next;                   // number of the next order
  _Atomic bool stop_sending, stop_following, failed;
  _Atomic uint64_t accepted, rejected, unknown;
  _Atomic uint64_t accepted_measured, department_measured, case_measured;
  _Atomic uint64_t department_seen, case_seen, strange;
  _Atomic int64_t last_seen;                     // monotonic µs of the last arrival
  int64_t *intended;                             // per order, monotonic µs
  _Atomic uint8_t *outcome, *department, *cases; // per order: enum bench_outcome; arrivals
  struct bench_times acknowledged, to_department, to_case;
  _Atomic int followers_ready;
  pthread_mutex_t lock; // of the histograms and the error
  struct wg_error error;
};

void bench_fail(struct bench *bench, const struct wg_error *error); // the first one is kept; ends the run
bool bench_measured(const struct bench *bench, int64_t now);

// bench_choose.c: fills categories and departments from the routing rules in force
wg_status bench_choose(struct bench *bench, int64_t most, struct wg_error *error);

// bench_text.c
struct bench_text;
struct bench_text *bench_text_create(const struct bench *bench);
void bench_text_free(struct bench_text *text);
// bench_text_order fills an order; it points into `text` and `arena`.
void bench_text_order(const struct bench *bench, struct bench_text *text, uint64_t number, struct wg_arena *arena,
                      Wangge__V1__NewOrder *order);
// bench_number reads the number out of an external id or title of this run; false: another's.
bool bench_number(const struct bench *bench, const char *text, size_t size, uint64_t *number);

// bench_load.c, bench_follow.c: bodies of threads
struct bench_source {
  struct bench *bench;
  int index;
};
void *bench_source_run(void *source);
struct bench_follower {
  struct bench *bench;
  int index; // 0 … followers-1 share the departments; the last thread follows tracking.cases
};
void *bench_follower_run(void *follower);
