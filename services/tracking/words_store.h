// SQL of words on the writing connection: chunks are written at ticks, when they are full.
#pragma once

#include "services/tracking/store.h"
#include "services/tracking/words.h"

enum { WORDS_LATE = -1 }; // the bucket of orders that came when their chunk was written

// What one tick writes: the next chunk that has cases.
struct words_fill {
  int64_t from;     // first chunk that is not written
  int64_t complete; // last one that is full
  int64_t through;  // last one that this fill has looked at
  int64_t chunk;    // the one that it writes
  struct words_part *parts;
};
struct words_part { // of a district
  char district[8];
  struct words_chunk *chunk;
  struct words_part *next;
};

// words_store_through reads the last chunk that is written, -1 when there is none; blocking, after every connect.
wg_status words_store_through(struct wg_db *db, int64_t *through, struct wg_error *error);
// words_fill_make says what a tick has to write; NULL: nothing. `highest` is the highest order id that has a case.
struct words_fill *words_fill_make(struct wg_arena *arena, int64_t through, int64_t highest);
// words_fill_load queues the query for the titles; `fill` is whole when it is answered.
wg_status words_fill_load(struct wg_batch *batch, struct words_fill *fill, struct wg_error *error);
// words_fill_store queues the writing. New cases in chunks that were written up to `through` (parked events come late),
// or are written now, are noted with their chunk. `fill` may be NULL.
wg_status words_fill_store(struct wg_batch *batch, const struct words_fill *fill, const struct tracking_table *table,
                           int64_t through, struct wg_error *error);
