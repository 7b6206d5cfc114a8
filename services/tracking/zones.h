// Where cases of a state are: of each chunk of WORDS_CHUNK orders how many stand in it, and between which deadlines.
//
// What a batch changes is what its cases are afterwards less what they were before, as with figures, so the counts
// equal those of all cases. Bounds of deadlines only ever widen: a search that passes over a chunk by them misses
// nothing, and looks in vain at most.
#pragma once

#include "services/tracking/store.h"

struct zones; // what a batch changes; lives in its arena
struct zones *zones_create(struct wg_arena *arena);
// zones_count adds a case as it stands, `times` times: -1 before what happens to it, 1 afterwards.
void zones_count(struct zones *zones, const Wangge__V1__Case *subject, int times);
// zones_store queues the rows that differ.
wg_status zones_store(struct wg_batch *batch, const struct zones *zones, struct wg_error *error);
