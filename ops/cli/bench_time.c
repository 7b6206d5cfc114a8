// Histograms of latencies.

#include "ops/cli/bench.h"

static unsigned bucket_of(uint64_t us) {
  if (us < BENCH_STEPS) return (unsigned)us;
  unsigned power = 63u - (unsigned)__builtin_clzll(us); // >= 6
  unsigned step = (unsigned)(us >> (power - 6)) & (BENCH_STEPS - 1);
  unsigned bucket = (power - 5) * BENCH_STEPS + step;
  unsigned last = BENCH_POWERS * BENCH_STEPS - 1;
  return bucket < last ? bucket : last;
}

static double middle_of(unsigned bucket) {
  if (bucket < BENCH_STEPS) return bucket;
  unsigned power = bucket / BENCH_STEPS + 5, step = bucket % BENCH_STEPS;
  double width = (double)(UINT64_C(1) << (power - 6));
  return (BENCH_STEPS + step) * width + width / 2;
}

void bench_time_add(struct bench_times *times, int64_t us) {
  uint64_t value = us > 0 ? (uint64_t)us : 0;
  times->bucket[bucket_of(value)]++;
  times->count++;
  times->sum += (double)value;
  if (value > times->most) times->most = value;
}

void bench_time_merge(struct bench_times *into, const struct bench_times *from) {
  for (unsigned i = 0; i < BENCH_POWERS * BENCH_STEPS; i++)
    into->bucket[i] += from->bucket[i];
  into->count += from->count;
  into->sum += from->sum;
  if (from->most > into->most) into->most = from->most;
}

double bench_time_at(const struct bench_times *times, double part) {
  if (times->count == 0) return 0;
  uint64_t wanted = (uint64_t)(part * (double)times->count + 0.5), seen = 0;
  if (wanted < 1) wanted = 1;
  for (unsigned i = 0; i < BENCH_POWERS * BENCH_STEPS; i++) {
    seen += times->bucket[i];
    if (seen >= wanted) return middle_of(i) < (double)times->most ? middle_of(i) : (double)times->most;
  }
  return (double)times->most;
}
