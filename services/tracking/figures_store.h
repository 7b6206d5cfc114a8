// SQL of figures on the writing connection: what a batch changed, and folding that into the sums.
#pragma once

#include "common/stage/stage.h"
#include "services/tracking/figures.h"

// figures_store_changes queues what a batch changed, a row a district. `n` is the batch's own number in tracking.cases;
// `bytes` is how much it is.
wg_status figures_store_changes(struct wg_batch *batch, const struct figures_table *changes, uint64_t n, size_t *bytes,
                                struct wg_error *error);

// figures_store_all adds sums to the figures; blocking.
wg_status figures_store_all(struct wg_db *db, const struct figures_table *sums, struct wg_error *error);

// One fold: the oldest changes that are not folded, at most about FIGURES_FOLD_BYTES of them.
enum { FIGURES_FOLD_BYTES = 4 << 20, FIGURES_FOLD_ROWS = 20000 };
struct figures_fold {
  struct figures_table *sums;
  struct wg_column *districts, *numbers; // that are in the sums
  size_t bytes;                          // of what is in the sums
};
// Queues the query; `fold` is filled when it is answered.
wg_status figures_fold_load(struct wg_batch *batch, struct figures_fold *fold, struct wg_error *error);
// Queues adding to the sums and deleting what was added; nothing when there was nothing.
wg_status figures_fold_store(struct wg_batch *batch, const struct figures_fold *fold, struct wg_error *error);
