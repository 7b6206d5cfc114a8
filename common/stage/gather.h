// Whether a batch that could begin waits a moment for more calls. Pure: no clock, no sockets.
//
// A commit costs about the same whether it holds one order or ten, so a service to which single orders come quickly
// spends its processor on commits, and everybody waits. Calls that come often enough are therefore collected: the
// oldest waits at most `most_us`, and no longer than calls keep coming. A call that comes now and then goes at once,
// and so do calls that are large batches themselves.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct wg_gather {
  int64_t most_us; // 0: never wait
  int64_t gap_us;  // mean time between calls, moving
  int64_t last_us; // when the newest call came, monotonic; 0: none yet
};

void wg_gather_init(struct wg_gather *gather, int64_t most_us);
// wg_gather_call notes that a call came.
void wg_gather_call(struct wg_gather *gather, int64_t now_us);
// wg_gather_wait gives the microseconds that a batch still waits whose oldest call came at `oldest_us` and whose calls
// are `bytes` in all; 0: it begins now.
int64_t wg_gather_wait(const struct wg_gather *gather, int64_t oldest_us, size_t bytes, int64_t now_us);
