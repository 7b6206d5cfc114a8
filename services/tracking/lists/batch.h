// Lists in tracking's batch: changes of entries, tokens and answers of questionnaires, orders that topics became.
// Nothing is kept in memory between batches.
#pragma once

#include "common/orders/orders.h"
#include "common/stage/stage.h"
#include "services/tracking/lists/answer.h"

#include "wangge/v1/tracking.pb-c.h"

#define LISTS_STREAM "tracking.lists"

struct lists_state {
  uint8_t secret[LISTS_SECRET_BYTES];
  struct wg_orders *orders; // NULL: no setting `intake`; orders stay pending
  struct wg_metric *changes, *answers, *pending, *failures;
};
void lists_metrics(struct lists_state *state, struct wg_metrics *metrics);
void lists_stop(struct lists_state *state);

// An entry the batch touches.
struct lists_row {
  Wangge__V1__ListEntry *entry; // version 0: there is none
  bool changed;
};
// A change that is to be written. request_id "" for the second entry of a request.
struct lists_made {
  Wangge__V1__ListEntry *entry; // after it
  const char *by, *person, *action, *reason, *request_id;
  uint8_t digest[LISTS_HASH_BYTES];
  struct wg_bytes body;
};
// What an item of the batch needs and finds.
struct lists_item {
  struct lists_row *row, *second;
  uint8_t digest[LISTS_HASH_BYTES]; // of the request; of an answer: keyed by its token
  // the change its request_id made before
  bool repeated;
  uint8_t first_digest[LISTS_HASH_BYTES];
  Wangge__V1__ListEntry *first; // as it was after it
  // of an answer: its token, and whether it may still be used; whether this very answer was counted before
  uint8_t token[LISTS_HASH_BYTES];
  bool token_known, counted_before;
};
struct lists_new_order {
  const char *code;
  int32_t topic;
  const Wangge__V1__NewOrder *order;
};
struct lists_new_token {
  const char *district, *code;
  uint8_t hash[LISTS_HASH_BYTES];
};
// What a problem that was solved hands to its orders; see services/tracking/solution_store.h.
struct lists_solved {
  const char *district;
  const Wangge__V1__SharedSolution *solution;
};
struct lists_plan {
  struct wg_arena *arena;
  struct lists_row **rows;
  size_t row_count;
  struct lists_item **items; // NULL where an item of the batch is not of lists
  const struct wg_item *wg_items;
  size_t item_count;
  struct lists_made **made;
  size_t made_count;
  struct lists_new_order **new_orders;
  size_t new_order_count;
  struct lists_solved **solved;
  size_t solved_count;
  struct lists_new_token **tokens; // issued
  size_t token_count;
  // answers that count: item numbers
  size_t *counted, counted_count;
  // ticks
  bool wants_pending;
  struct wg_bytes *pending; // packed orders
  size_t pending_count;
  int64_t pending_total; // -1: not counted
  struct wg_order_answer *order_answers;
  size_t order_answer_count;
};

// lists_takes: the item is a call of service Lists.
bool lists_takes(const struct wg_item *item);
// The four steps of a batch, see stage.h; `plan` lives in the batch's arena. load queues nothing when nothing is of
// lists.
wg_status lists_load(struct lists_state *state, struct wg_batch *batch, struct lists_plan **plan,
                     struct wg_error *error);
void lists_decide_batch(struct lists_state *state, struct lists_plan *plan, struct wg_batch *batch);
wg_status lists_store(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error);
void lists_committed(struct lists_state *state, const struct lists_plan *plan);
