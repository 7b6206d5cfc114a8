// Duties in the registry's batch: Happen, RedriveDuties, the day's duties at each tick, what intake answered.
//
// A tick makes at most REGISTRY_DUTIES_A_BATCH duties, goes on with the next where it ended, and looks at a day again
// when the book changed: a duty that is there already is not made again. What is in memory moves only at a commit.
#pragma once

#include "common/orders/orders.h"
#include "common/stage/stage.h"
#include "services/registry/duties.h"

// How far a district is.
struct registry_duty_progress {
  char district[7];
  int32_t done;   // newest day all of whose duties are made; 0: none
  int32_t stored; // what the database has of `done`
  int32_t doing;  // day under way; 0: none
  size_t made;    // of that day
  bool looked;    // today is done by the book as it is
};
struct registry_duty_state {
  struct registry_duty_progress *progress; // by district
  size_t count;
  struct wg_orders *push; // NULL: no setting `intake`
  struct wg_metric *made, *pushed, *refused, *skipped, *pending, *oldest, *failures;
};

struct registry_happening {
  const char *district, *principal;
  const Wangge__V1__HappenRequest *request;
  int64_t happened_at;
  bool stored; // the database, or this batch, has it
  const char *event, *kind, *code;
  struct wg_bytes answer; // packed HappenResponse
};
struct registry_pending {
  struct wg_arena *arena;
  int64_t count, oldest_at;
  struct wg_bytes *orders; // those to be pushed next
  size_t order_count;
};
// What one batch does to duties; in the batch's arena.
struct registry_duty_plan {
  struct registry_happening **happenings; // new ones
  size_t happening_count;
  struct registry_duties duties;
  uint64_t *made;                          // how many of them were not there yet
  struct registry_duty_progress *progress; // of a tick: as it will be
  size_t progress_count;
  int32_t skipped;
  struct wg_order_answer *answers;
  size_t answer_count;
  struct registry_pending pending;
  bool tick, wants_pending;
};

void registry_duty_metrics(struct registry_duty_state *state, struct wg_metrics *metrics);
void registry_duty_stop(struct registry_duty_state *state);
// registry_duty_load_state reads how far the districts are; blocking.
wg_status registry_duty_load_state(struct registry_duty_state *state, struct wg_db *db, struct wg_error *error);
struct registry_duty_plan *registry_duty_plan(struct registry_duty_state *state, struct wg_batch *batch);
wg_status registry_duty_load(struct registry_duty_state *state, struct registry_duty_plan *plan, struct wg_batch *batch,
                             struct wg_error *error);
void registry_duty_happen(struct registry_duty_plan *plan, const struct wg_book *book, struct wg_batch *batch,
                          struct wg_item *item);
// registry_duty_redrive makes the answer; storing fills it in.
void registry_duty_redrive(struct wg_batch *batch, struct wg_item *item);
void registry_duty_tick(struct registry_duty_state *state, struct registry_duty_plan *plan, const struct wg_book *book,
                        struct wg_batch *batch);
wg_status registry_duty_store(const struct registry_duty_plan *plan, struct wg_batch *batch, struct wg_error *error);
// registry_duty_committed; `changed`: records were written, so that today is looked at again.
void registry_duty_committed(struct registry_duty_state *state, const struct registry_duty_plan *plan, bool changed,
                             int64_t now);
