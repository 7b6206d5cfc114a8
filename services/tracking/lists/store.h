// The SQL of lists, for the writer.
#pragma once

#include "services/tracking/lists/batch.h"

// Entries of plan->rows, changes of request ids, tokens of answers, as far as the items name them.
wg_status lists_store_load(struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error);
// Counts orders that intake has not taken and, if the plan wants them, gives the oldest.
wg_status lists_store_pending(struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error);
wg_status lists_store_write(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error);
