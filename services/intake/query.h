// All SQL of the readers, each on a connection of its own. What the writing connection does is in store.h.
#pragma once

#include "common/db/db.h"

#include "wangge/v1/intake.pb-c.h"

// One stored order with what Get shows of it. Lives in the arena.
struct intake_record {
  Wangge__V1__Order *order;       // has_reporter: a reporter is kept now
  Wangge__V1__Reporter *reporter; // masked, empty of a confidential order; NULL: none, or erased
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
// What is recorded of a full view.
struct intake_view {
  const Wangge__V1__Order *order;
  const char *who, *person, *reason;
  int64_t at;
};
// intake_query_reporter reads the reporter whole and records the view, in one statement; NULL when none is kept.
wg_status intake_query_reporter(struct wg_db *db, struct wg_arena *arena, const struct intake_view *view,
                                Wangge__V1__Reporter **reporter, struct wg_error *error);
// intake_query_record_text records that the texts of an order, read before, are about to be shown whole.
wg_status intake_query_record_text(struct wg_db *db, struct wg_arena *arena, const struct intake_view *view,
                                   struct wg_error *error);

// Full views, newest first: those below `below` of the districts, at most `limit`.
struct intake_accesses {
  struct intake_scope scope;
  int64_t below;
  int64_t order_id; // 0: of all
  const char *who;  // "": by anybody
  int32_t limit;
};
wg_status intake_query_accesses(struct wg_db *db, struct wg_arena *arena, const struct intake_accesses *wanted,
                                Wangge__V1__PiiAccess ***accesses, size_t *count, int64_t *last,
                                struct wg_error *error);

// intake_param_districts adds the scope as a parameter of type text[].
void intake_param_districts(struct wg_params *params, struct wg_arena *arena, const struct intake_scope *scope);

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
