// All SQL of the writing connection. What readers do is in query.h.
#pragma once

#include "common/stage/stage.h"
#include "services/tracking/case.h"

// The cases a batch touches, by order id; and the steps it adds. Lives in the batch's arena.
struct tracking_table {
  struct wg_arena *arena;
  struct tracking_case **slots; // open addressing; NULL: free
  size_t mask;
  struct tracking_case **cases; // in the order they were first named
  size_t count;
  struct tracking_added *steps;
  size_t steps_count, steps_capacity;
  struct tracking_repeat *repeats; // progress notes that stand in the database already
  size_t repeats_count;
};
struct tracking_added {
  struct tracking_case *subject;
  int32_t n;
  struct tracking_step step;
};
struct tracking_repeat {
  int64_t order_id;
  const char *request_id, *note;
};

// tracking_table_create makes a table for about `cases` cases.
struct tracking_table *tracking_table_create(struct wg_arena *arena, size_t cases);
// tracking_table_case gives the case of an order, an empty one with exists == false when it is new to the table.
struct tracking_case *tracking_table_case(struct tracking_table *table, int64_t order_id);
void tracking_table_add(struct tracking_table *table, struct tracking_case *subject, const struct tracking_step *step);
// tracking_table_note finds the note of a progress with this request id, of the database or of this batch; NULL: none.
const char *tracking_table_note(const struct tracking_table *table, int64_t order_id, const char *request_id);

// Queues the loading of cases (order ids) and of progress notes (order id and request id, same length).
wg_status tracking_store_load(struct wg_batch *batch, struct tracking_table *table, const struct wg_column *order_ids,
                              const struct wg_column *note_orders, const struct wg_column *note_requests,
                              struct wg_error *error);
// Queues the writing of new and changed cases and of all added steps.
wg_status tracking_store_write(struct wg_batch *batch, const struct tracking_table *table, struct wg_error *error);
