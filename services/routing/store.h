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
  int64_t desk;             // orders a dispatcher has to decide
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
// Queues the writing of new and changed assignments, steps, supplements, legs and returns.
wg_status routing_store_write(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error);

// --- store_found.c ---
// Columns of routing_found in a joined `assignment a`, from `first` on in a row.
#define ROUTING_FOUND_COLUMNS                                                                                          \
  "a.area, a.place_id, a.place_name, a.place_how, a.place_confidence::float8, a.place_flags, a.place_evidence, "       \
  "a.suggested_category, a.suggested_confidence::float8, a.compared"
enum { ROUTING_FOUND_COUNT = 10 };
struct routing_found routing_found_row(const PGresult *result, int row, int first, struct wg_arena *arena);
void routing_found_columns(struct wg_column *columns[ROUTING_FOUND_COUNT], struct wg_arena *arena, size_t rows);
void routing_found_push(struct wg_column *columns[ROUTING_FOUND_COUNT], const struct routing_found *found);

// --- store_legs.c ---
// What belongs to the assignments that routing_store_load asks for.
wg_status routing_store_load_legs(struct wg_batch *batch, struct routing_table *table, struct wg_column *orders,
                                  struct wg_error *error);
wg_status routing_store_write_legs(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error);
// Reads all precedents; blocking, after every connect.
wg_status routing_store_precedents(struct wg_db *db, struct routing_precedents *precedents, struct wg_error *error);
wg_status routing_store_write_precedents(struct wg_batch *batch, struct routing_precedent *const *precedents,
                                         size_t count, struct wg_error *error);
wg_status routing_store_send(struct wg_batch *batch, const struct wg_statement *statement, struct wg_column **columns,
                             struct wg_error *error);
// What a row of leg, return_request or precedent says; the columns stand as in these lists.
#define ROUTING_LEG_COLUMNS                                                                                            \
  "l.order_id, l.n, l.parent, l.role, l.department, l.state, l.dispatched_at, l.signed_at, l.ended_at, l.due_at, "     \
  "l.decided_by, l.reason"
#define ROUTING_RETURN_COLUMNS                                                                                         \
  "r.order_id, r.n, r.leg, r.department, r.at, r.by, r.person, r.reason_code, r.reason, r.basis, r.proposed, "         \
  "r.outcome, r.reviewed_at, r.reviewed_by, r.review_person, r.review_reason"
struct routing_leg *routing_leg_row(const PGresult *result, int row, struct wg_arena *arena);
struct routing_return *routing_return_row(const PGresult *result, int row, struct wg_arena *arena);
