// All SQL of the writing connection, set-based. What readers do is in read.c.
#pragma once

#include "common/stage/stage.h"
#include "services/routing/decide.h"

// The assignments a batch touches, by order id, and the steps it adds. Lives in the batch's arena.
struct routing_table {
  struct wg_arena *arena;
  struct routing_assignment **slots; // open addressing; NULL: free
  size_t mask;
  struct routing_assignment **subjects; // in the order they were first named
  size_t count;
  struct routing_added *steps;
  size_t steps_count, steps_capacity;
};
struct routing_added {
  struct routing_assignment *subject;
  int32_t n;
  struct routing_step step;
};

// routing_table_create makes a table for at most `subjects` orders.
struct routing_table *routing_table_create(struct wg_arena *arena, size_t subjects);
// routing_table_subject gives the assignment of an order; exists == false when it is new to the table.
struct routing_assignment *routing_table_subject(struct routing_table *table, int64_t order_id);
void routing_table_add(struct routing_table *table, struct routing_assignment *subject,
                       const struct routing_step *step);

// What routing keeps in memory of the database; blocking, after every connect.
struct routing_heads {
  int64_t highest_order_id; // of all assignments: an order above it is surely new
  int64_t desk;             // orders on the dispatcher's desk
};
wg_status routing_store_heads(struct wg_db *db, struct routing_heads *heads, struct wg_error *error);

// What a batch needs of the database.
struct routing_wanted {
  struct wg_column *orders, *whole;                     // order id; bool: with the packed order and all supplements
  struct wg_column *whole_orders;                       // those with `whole`
  struct wg_column *supplement_orders, *supplement_ids; // pairs that may be stored already
};
struct routing_wanted routing_wanted_make(struct wg_arena *arena);
// Queues the queries; nothing when nothing is wanted.
wg_status routing_store_load(struct wg_batch *batch, struct routing_table *table, const struct routing_wanted *wanted,
                             struct wg_error *error);
// Queues the writing of new and changed assignments, steps and supplements.
wg_status routing_store_write(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error);
