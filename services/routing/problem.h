// Merging similar orders into problems (并单): what is similar to a new order, and what people decide.
//
// A new order is compared with the newest orders of its place and of its grid (problem_index.h, text/similar.h). Every
// such order is a problem in waiting whose number is its own; a row exists once there are two members. What a machine
// may merge is merged at once, the best three others are suggested.
//
// One batch: load asks for what is missing in memory, each decision goes into memory and into the rows to be written,
// in the order of the items. A batch that fails clears memory. Calls that change one order twice in a batch are
// ABORTED.
#pragma once

#include "common/stage/stage.h"
#include "services/routing/decide.h"
#include "services/routing/problem_index.h"

enum { ROUTING_SUGGESTIONS = 3 }; // of one order

struct routing_merging { // as long as the service; the loop thread's
  struct routing_problem_index *index;
  struct routing_similar_config config;
  const struct routing_model *model;         // NULL: nothing is compared
  const struct routing_gazetteer *gazetteer; // NULL: no place lies in another
  struct routing_text_work *work;
  struct wg_arena *scratch; // of one comparison
  uint64_t idf;             // snapshot that what is in memory was made with; 0: nothing is
};

struct routing_problem { // touched by a batch
  struct routing_problem *next;
  int64_t id, first_at, last_at, solved_at;
  const char *district, *title, *place_id, *grid, *category;
  const char *solved_by, *solved_person, *solved_reason;
  int32_t members;              // with those of this batch; of one that no call loaded only those of this batch
  bool stored, solved, solving; // stored: was loaded; solving: `solved` has changed
};

struct routing_member { // joins, or (removed) leaves
  struct routing_member *next;
  const struct routing_problem *problem;
  int64_t order_id, idf;
  const char *by, *person, *reason, *evidence;
  float score;
  bool removed;
};

struct routing_suggested {
  struct routing_suggested *next;
  int64_t order_id, problem_id, idf, at, decided_at;
  const char *district, *relation, *evidence, *grams; // grams joined by spaces
  const char *decided_by, *person, *reason;
  float score;
  int16_t level, state; // as in the contract
  bool stored, changed;
};

struct routing_subject { // an order that a call names
  struct routing_subject *next;
  struct routing_seen seen;
  struct routing_problem *problem; // that it is in, or would begin
  bool member, withdrawn, touched;
};

struct routing_merges { // of one batch
  struct routing_merging *merging;
  struct wg_arena *arena;
  int64_t now;
  struct routing_problem *problems;
  struct routing_member *members, **members_end;
  struct routing_suggested *suggested; // new and loaded ones
  struct routing_subject *subjects;
  struct wg_column *places[3], *grids[3], *orders;  // to be loaded: key, district, place; order ids
  uint64_t automatic, suggestions, merged, removed; // counts
};

struct routing_merges *routing_merges_create(struct routing_merging *merging, struct wg_arena *arena, size_t items,
                                             int64_t now);
// routing_seen_of fills what an order is to merging but its vector; the texts are those of the order and of what was
// found. `area` as in routing_found.
void routing_seen_of(struct routing_seen *seen, const Wangge__V1__OrderReceived *event, const char *place_id,
                     const char *area, const struct routing_gazetteer *gazetteer);
// routing_seen_vector adds the packed vector and the text's hash; false: the text is empty. Memory of the arena.
bool routing_seen_vector(const struct routing_said *said, struct wg_arena *arena, struct routing_seen *seen);

// --- load ---
// routing_merges_want notes what deciding a new order at this place needs. The buckets are open from now on.
void routing_merges_want(struct routing_merges *merges, const char *district, const char *place_id, const char *area);
bool routing_merges_call(const struct wg_item *item); // it is a call of problem_calls.c
void routing_merges_want_call(struct routing_merges *merges, const struct wg_item *item);

// --- decide ---
// routing_merges_receive compares a new order and notes what follows; `said` NULL: nothing is compared.
void routing_merges_receive(struct routing_merges *merges, struct wg_batch *batch, const struct wg_item *item,
                            const struct routing_seen *seen, const struct routing_said *said);
void routing_merges_withdraw(struct routing_merges *merges, const struct routing_seen *seen);
// routing_merges_decide answers a call: reply or error of the item.
void routing_merges_decide(struct routing_merges *merges, struct wg_batch *batch, struct wg_item *item);

// --- shared by problem.c, problem_calls.c and problem_store.c ---
struct routing_problem *routing_merges_problem(struct routing_merges *merges, int64_t id); // NULL: not touched
struct routing_problem *routing_merges_begin(struct routing_merges *merges, const struct routing_seen *first);
// routing_merges_join: `alone`: nobody but the order that begins it is in the problem.
void routing_merges_join(struct routing_merges *merges, struct wg_batch *batch, const struct wg_item *item,
                         struct routing_problem *problem, bool alone, const struct routing_seen *seen,
                         const struct routing_member *how);
void routing_merges_leave(struct routing_merges *merges, struct routing_problem *problem, int64_t order_id,
                          const struct routing_member *how);
Wangge__V1__MergeSuggestion *routing_suggested_message(const struct routing_suggested *one, struct wg_arena *arena);
Wangge__V1__Problem *routing_problem_message(const struct routing_problem *problem, struct wg_arena *arena);
