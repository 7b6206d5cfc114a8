// See gather.h.
#include "common/stage/gather.h"

enum {
  GAP_MOST_US = 1000000, // a longer silence counts as this one
  GAP_WEIGHT = 16,       // calls over which the mean runs, about
  PAYS = 4,              // calls that must be expected while the oldest waits
  QUIET = 2,             // mean times without a call that end the wait: callers who wait for their answers send no more
  LEAST_US = 500,        // the loop sleeps in whole milliseconds: less is not worth a wait
  LARGE_BYTES = 64 << 10,
};

void wg_gather_init(struct wg_gather *gather, int64_t most_us) {
  *gather = (struct wg_gather){.most_us = most_us, .gap_us = GAP_MOST_US};
}

void wg_gather_call(struct wg_gather *gather, int64_t now_us) {
  int64_t gap = gather->last_us ? now_us - gather->last_us : GAP_MOST_US;
  if (gap > GAP_MOST_US) gap = GAP_MOST_US;
  gather->gap_us += (gap - gather->gap_us) / GAP_WEIGHT;
  gather->last_us = now_us;
}

int64_t wg_gather_wait(const struct wg_gather *gather, int64_t oldest_us, size_t bytes, int64_t now_us) {
  if (gather->gap_us * PAYS > gather->most_us || bytes >= LARGE_BYTES) return 0;
  const int64_t quiet_us = gather->gap_us * QUIET > 2 * LEAST_US ? gather->gap_us * QUIET : 2 * LEAST_US;
  const int64_t full = oldest_us + gather->most_us, quiet = gather->last_us + quiet_us;
  const int64_t wait = (full < quiet ? full : quiet) - now_us;
  return wait < LEAST_US ? 0 : wait;
}
