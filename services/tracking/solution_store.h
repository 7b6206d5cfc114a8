// Solutions of listed problems on their way to the orders (lists/schema/002): a tick takes the oldest that is not
// settled, and of its orders the next part behind where it stands. What the part does and where the solution stands
// then are one transaction, so every order is looked at once, whatever crashes; and a problem of very many orders costs
// each batch no more than a part.
#pragma once

#include "services/tracking/lists/batch.h"
#include "services/tracking/store.h"

enum { TRACKING_SOLVED_CASES = 500 };
// What a tick found of the oldest solution; filled when the queries are answered.
struct tracking_solution {
  struct tracking_table *table;
  const Wangge__V1__SharedSolution *message; // NULL: none waits
  const char *district;
  struct tracking_case **cases; // TRACKING_SOLVED_CASES, in order of their ids
  size_t count;
  int64_t shared;  // orders of this part that it changed, filled by the batch
  int64_t waiting; // solutions that are not settled
};
// Queues the queries; the table must have room for TRACKING_SOLVED_CASES more.
wg_status tracking_solution_load(struct wg_batch *batch, struct tracking_solution *found, struct wg_error *error);
// Queues what makes it stand behind this part; a part that was not full settles it.
wg_status tracking_solution_store(struct wg_batch *batch, const struct tracking_solution *found,
                                  struct wg_error *error);
// Queues the writing of new ones.
wg_status tracking_solution_add(struct wg_batch *batch, const struct lists_plan *plan, struct wg_error *error);
