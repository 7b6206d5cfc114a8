// SQL of words on the writing connection: blocks are written at ticks, when they are full.
#pragma once

#include "services/tracking/store.h"
#include "services/tracking/words.h"

enum { WORDS_FILL_BLOCKS = 16 }; // at one tick; more follow behind the batch

// What one tick writes.
struct words_fill {
  int64_t from;     // first block that is not written
  int64_t complete; // last one that is full
  int64_t through;  // last one that this fill has looked at
  struct words_row *rows;
  size_t count;
};
struct words_row {
  char district[8];
  int64_t block;
  uint8_t bits[WORDS_BYTES];
};

// words_store_through reads the last block that is written, -1 when there is none; blocking, after every connect.
wg_status words_store_through(struct wg_db *db, int64_t *through, struct wg_error *error);
// words_fill_make says what a tick has to write; NULL: nothing. `highest` is the highest order id that has a case.
struct words_fill *words_fill_make(struct wg_arena *arena, int64_t through, int64_t highest);
// words_fill_load queues the query for the titles; `fill` is whole when it is answered.
wg_status words_fill_load(struct wg_batch *batch, struct words_fill *fill, struct wg_error *error);
// words_fill_store queues the writing. Of new cases in blocks that were written up to `through` (parked events come
// late) the block is marked as not known, so that searches read it. `fill` may be NULL.
wg_status words_fill_store(struct wg_batch *batch, const struct words_fill *fill, const struct tracking_table *table,
                           int64_t through, struct wg_error *error);
