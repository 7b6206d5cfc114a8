// Orders of the same places in memory, as candidates for merging (并单).
//
// A bucket holds the newest 32 orders of one place, or of one grid. What is not in memory is loaded by the batch that
// needs it (problem_store.c), so a bucket that is there is whole. Bounded in bytes; buckets that were used longest ago
// go first. An order that stands in two buckets stands in memory once.
//
// Changes follow what is decided, before it is committed: whoever rolls back clears everything.
// Not thread-safe: the loop thread.
#pragma once

#include "services/routing/text/similar.h"

enum { ROUTING_BUCKET_ORDERS = 32, ROUTING_WHERE_NAMES = 4 };

struct routing_seen {           // an order as merging knows it
  int64_t order_id, problem_id; // problem_id: its own number while it is alone
  int64_t at;
  uint64_t person, text;
  const char *district, *place_id, *grid, *category, *title; // "" when unknown
  const char *named[ROUTING_WHERE_NAMES];                    // place_id and what it lies in
  size_t named_count;
  struct wg_bytes packed;       // vector
  struct routing_packed vector; // view of `packed`, when that is not empty
  bool solved;                  // its problem is
};

struct routing_problem_index;
struct routing_problem_index *routing_problem_index_create(size_t bytes);
void routing_problem_index_destroy(struct routing_problem_index *index); // NULL is allowed
void routing_problem_index_clear(struct routing_problem_index *index);
// routing_problem_index_trim drops buckets until the bound is kept; between batches.
void routing_problem_index_trim(struct routing_problem_index *index);
size_t routing_problem_index_bytes(const struct routing_problem_index *index);
size_t routing_problem_index_buckets(const struct routing_problem_index *index);

// A bucket's name: `place` is a place_id, or a grid code with `grid`. "" when the place is not known.
#define ROUTING_KEY_BYTES 224
void routing_bucket_key(char key[ROUTING_KEY_BYTES], const char *district, const char *place, bool grid);

// routing_problem_index_has also counts as use.
bool routing_problem_index_has(struct routing_problem_index *index, const char *key);
// routing_problem_index_open makes an empty bucket; one that is there stays as it is.
void routing_problem_index_open(struct routing_problem_index *index, const char *key);
// routing_problem_index_load puts an order into a bucket that was just opened; copies. In order of their numbers.
void routing_problem_index_load(struct routing_problem_index *index, const char *key, const struct routing_seen *seen);
// routing_problem_index_add puts a new order into those of its two buckets that are open.
void routing_problem_index_add(struct routing_problem_index *index, const struct routing_seen *seen);
// routing_problem_index_near fills `found` with the orders of the two buckets, ascending by problem, then order; gives
// how many. Orders alone in their problem whose place is surely another one (similar.h would veto them) are left out.
// They are valid until the next change.
size_t routing_problem_index_near(struct routing_problem_index *index, const struct routing_seen *order,
                                  const struct routing_seen *found[2 * ROUTING_BUCKET_ORDERS]);
// An order went to another problem, or is alone again (problem_id its own number); order_id wherever it stands.
void routing_problem_index_move(struct routing_problem_index *index, const struct routing_seen *seen,
                                int64_t problem_id, bool solved);
void routing_problem_index_solved(struct routing_problem_index *index, int64_t problem_id, bool solved);
void routing_problem_index_remove(struct routing_problem_index *index, const struct routing_seen *seen);
