// All SQL of the writing connection, set-based. What readers do is in read.c.
#pragma once

#include "common/stage/stage.h"
#include "services/tracking/case.h"
#include "services/tracking/keys.h"

// The cases a batch touches, by order id; and the steps it adds. Lives in the batch's arena.
struct tracking_table {
  struct wg_arena *arena;
  struct tracking_case **slots; // open addressing; NULL: free
  size_t mask;
  struct tracking_case **cases; // in the order they were first named
  size_t count;
  struct tracking_added *steps;
  size_t steps_count, steps_capacity;
  struct tracking_repeat *repeats; // calls that have a step in the database already
  size_t repeats_count;
};
struct tracking_added {
  struct tracking_case *subject;
  int32_t n;
  struct tracking_step step;
};
struct tracking_repeat {
  int64_t order_id;
  const char *by, *request_id;
  const uint8_t *digest; // NULL: of a step from before calls were compared
};

// tracking_table_create makes a table for at most `cases` orders.
struct tracking_table *tracking_table_create(struct wg_arena *arena, size_t cases);
// tracking_table_case gives the case of an order, an empty one with exists == false when it is new to the table.
struct tracking_case *tracking_table_case(struct tracking_table *table, int64_t order_id);
// tracking_table_add notes the newest step of a case for writing.
void tracking_table_add(struct tracking_table *table, struct tracking_case *subject, const struct tracking_step *step);
// tracking_table_repeat finds a principal's call with this request id, of the database or of this batch. *digest is
// that of its content, NULL when it was not kept.
bool tracking_table_repeat(const struct tracking_table *table, int64_t order_id, const char *by, const char *request_id,
                           const uint8_t **digest);

// tracking_store_highest reads the highest order id that has a case; blocking, after every connect.
wg_status tracking_store_highest(struct wg_db *db, int64_t *highest, struct wg_error *error);

// A walk through all open cases whose deadline is provisional, in parts, in order of district and order id.
struct tracking_recount {
  bool wanted;
  char district[8]; // where it stands: behind this case
  int64_t order_id;
};
enum { TRACKING_RECOUNT_CASES = 2000 };
// What a part of it found; *count is filled when the query is answered.
struct tracking_recounted {
  struct tracking_table *table;
  struct tracking_case **cases; // TRACKING_RECOUNT_CASES
  size_t count;
};

// What a batch needs of the database.
struct tracking_wanted {
  struct wg_column *orders;
  struct wg_column *call_orders, *callers, *requests; // calls that may be stored already
};
struct tracking_wanted tracking_wanted_make(struct wg_arena *arena);
// Queues the queries; nothing when nothing is wanted.
wg_status tracking_store_load(struct wg_batch *batch, struct tracking_table *table,
                              const struct tracking_wanted *wanted, struct wg_error *error);
// Queues the query of the next part of a walk; the table must have room for TRACKING_RECOUNT_CASES more.
wg_status tracking_store_provisional(struct wg_batch *batch, const struct tracking_recount *recount,
                                     struct tracking_recounted *found, struct wg_error *error);
// The cases a tick found whose time has come; *count is filled when the query is answered.
enum { TRACKING_DUE_CASES = 2000 };
struct tracking_due_cases {
  struct tracking_table *table;
  struct tracking_case **cases; // TRACKING_DUE_CASES, earliest first
  size_t count;
};
// Queues the query for them; the table must have room for TRACKING_DUE_CASES more.
wg_status tracking_store_due(struct wg_batch *batch, struct tracking_due_cases *due, struct wg_error *error);
// The closed members of problems that orders of the batch join, the newest of each.
enum { TRACKING_MEMBERS = 32 };
// Queues the query for them; the table must have room for TRACKING_MEMBERS more for each problem.
wg_status tracking_store_members(struct wg_batch *batch, struct tracking_table *table, struct wg_column *districts,
                                 struct wg_column *problems, struct wg_error *error);
// tracking_store_read takes rows of TRACKING_COLUMNS into the table; `cases`: the case of each row.
wg_status tracking_store_read(struct tracking_table *table, const PGresult *result, struct tracking_case **cases,
                              size_t *count, struct wg_error *error);
// Queues the writing of new and changed cases, of the keys that are new with them, and of all added steps.
wg_status tracking_store_write(struct wg_batch *batch, const struct tracking_table *table, struct case_keys *keys,
                               struct wg_error *error);
