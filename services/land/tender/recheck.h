// Rankings computed again from a ledger: whoever has the entries of a village can see that nobody's rank was made up.
//
//   for each entry, in order: tender_recheck(…) while the book has what was before it; then take its records into the
//   book
//
// An entry that closes a tender is held against the facts that the ledger before it shows; one that ranks, against the
// ranking of those facts. Everything is computed by the functions that decided in the service.
#pragma once

#include "services/land/action.h"

struct tender_rechecked {
  const char *id; // ranking: "tender-5.lot-1"
  bool ranked;    // false: the facts of a closing were checked
  size_t rows;
  const char *fault; // NULL: as computed; else what differs: "rows", "seed", …, a row as "rows[2].near"
  uint8_t result_sha256[32];
};
typedef void tender_rechecked_one(void *context, const struct tender_rechecked *checked);

struct tender_recheck_entry {
  const char *village;
  uint64_t seq;
  int64_t at_us;
  uint8_t root[32]; // of the tree before the entry
  const Wangge__V1__LandEntry *entry;
};
// tender_recheck calls `one` for each ranking the entry closes or ranks. INVALID_ARGUMENT: a boundary in the ledger is
// broken.
wg_status tender_recheck(const struct wg_book *book, const struct tender_recheck_entry *at, struct wg_arena *arena,
                         tender_rechecked_one *one, void *context, struct wg_error *error);
