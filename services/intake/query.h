// All SQL of the readers, each on a connection of its own. What the writing connection does is in store.h.
#pragma once

#include "common/db/db.h"

#include "wangge/v1/intake.pb-c.h"

// One stored order with what Get shows of it. Lives in the arena.
struct intake_record {
  Wangge__V1__Order *order;       // has_reporter: a reporter is kept now
  Wangge__V1__Reporter *reporter; // NULL: none, or erased. Never to be answered as it is: mask it or record the view
  int64_t withdrawn_at;           // 0: not withdrawn
  const char *withdraw_reason;
};

// Districts that a query may look at, as its first parameter.
struct intake_scope {
  const char **districts;
  size_t count;
};

// Both leave *record NULL when there is no such order in scope.
wg_status intake_query_by_id(struct wg_db *db, struct wg_arena *arena, const struct intake_scope *scope,
                             int64_t order_id, struct intake_record **record, struct wg_error *error);
wg_status intake_query_by_key(struct wg_db *db, struct wg_arena *arena, const char *district, const char *source,
                              const char *external_id, struct intake_record **record, struct wg_error *error);
wg_status intake_query_supplements(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__Order *order,
                                   Wangge__V1__Supplement ***supplements, size_t *count, struct wg_error *error);
// intake_query_reveal reads the reporter and records who saw it, in one statement; NULL when none is kept.
wg_status intake_query_reveal(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__Order *order, const char *by,
                              const char *reason, int64_t at, Wangge__V1__Reporter **reporter, struct wg_error *error);

// One page part of List: orders with `from_id` <= order_id < `below_id`, newest first, at most `limit`.
struct intake_list {
  struct intake_scope scope;
  const char *source; // "": any
  int64_t from_id, below_id;
  int32_t limit;
};
wg_status intake_query_list(struct wg_db *db, struct wg_arena *arena, const struct intake_list *list,
                            Wangge__V1__Order ***orders, size_t *count, struct wg_error *error);
// intake_query_first_since finds the lowest order_id received at or after `at` by bisection: order ids and times of
// receipt ascend together, so no index on the time is needed. One more than the last id when there is none.
wg_status intake_query_first_since(struct wg_db *db, struct wg_arena *arena, const struct intake_scope *scope,
                                   int64_t at, int64_t *order_id, struct wg_error *error);
