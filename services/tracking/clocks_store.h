// Clocks that have changed reach the cases that wait for time: a walk through them in parts, a part a tick, that
// computes anew when each is looked at next. Deadlines stay: they were set, and told, by the clocks of their day. Which
// clocks the last whole walk was for is kept, so that a restart with other clocks begins one and a kill in between goes
// on.
#pragma once

#include "services/tracking/clock.h"
#include "services/tracking/store.h"

enum { TRACKING_RECLOCK_CASES = 500, TRACKING_CLOCKS_DIGEST = 32 };
struct tracking_reclock {
  bool wanted;
  uint8_t applied[TRACKING_CLOCKS_DIGEST]; // of the clocks that all cases know
  int64_t next_at;                         // where it stands: behind this case
  char district[8];
  int64_t order_id;
};
// What a part of it found; filled when the query is answered.
struct tracking_reclocked {
  struct tracking_table *table;
  struct tracking_case **cases; // TRACKING_RECLOCK_CASES
  size_t count;
  int64_t next_at; // of the last, as it was found
};
// tracking_reclock_read reads which clocks were applied; blocking. tracking_reclock_begin begins a walk if these are
// others.
wg_status tracking_reclock_read(struct wg_db *db, struct tracking_reclock *walk, struct wg_error *error);
void tracking_reclock_begin(struct tracking_reclock *walk, const struct tracking_clocks *clocks);
// Queues the query of the next part; the table must have room for TRACKING_RECLOCK_CASES more.
wg_status tracking_reclock_load(struct wg_batch *batch, const struct tracking_reclock *walk,
                                struct tracking_reclocked *found, struct wg_error *error);
// Queues, behind the last part, that these clocks are applied.
wg_status tracking_reclock_store(struct wg_batch *batch, const struct tracking_reclocked *found,
                                 const struct tracking_clocks *clocks, struct wg_error *error);
// tracking_reclock_went moves the walk behind a part that is committed; one that was not full is the last.
void tracking_reclock_went(struct tracking_reclock *walk, const struct tracking_reclocked *found,
                           const struct tracking_clocks *clocks);
