// Entries of a village's ledger: what is hashed of each, and how one follows the other.
//
// Leaf data of an entry, all of it (numbers big-endian, lengths u32):
//
//   "LAND1" ‖ village, 12 digits ‖ seq u64 ‖ at i64 (UTC µs) ‖ length ‖ kind ‖ length ‖ actor ‖ prev_hash ‖
//   payload_sha256
//
// leaf_hash is the RFC 6962 leaf hash of that: link of the chain and leaf of the tree in one. prev_hash is the
// leaf_hash of the entry before, zeros for seq 0. payload_sha256 is of the payload's bytes as stored: protobuf has no
// canonical form, so nobody may encode it anew.
#pragma once

#include "common/base/clock.h"
#include "services/land/ledger/merkle.h"

enum {
  LAND_VILLAGE_DIGITS = 12,
  LAND_KIND_BYTES = 64,   // longest kind
  LAND_ACTOR_BYTES = 128, // longest actor
};
#define LAND_CLOCK_BACK_US (2 * WG_SECOND_US) // clocks of servers differ; further back than this is refused

struct land_ledger_entry {
  char village[LAND_VILLAGE_DIGITS + 1];
  uint64_t seq; // 0, 1, 2, …
  int64_t at_us;
  struct wg_bytes kind;  // what was done, "open_tender"
  struct wg_bytes actor; // who did it
  uint8_t prev_hash[LAND_HASH_BYTES];
  uint8_t payload_sha256[LAND_HASH_BYTES];
  uint8_t leaf_hash[LAND_HASH_BYTES];
};

// Where a village's ledger ends; {.village = …} is one without entries.
struct land_head {
  char village[LAND_VILLAGE_DIGITS + 1];
  int64_t last_at_us;
  uint8_t last_hash[LAND_HASH_BYTES];
  struct land_peaks peaks; // peaks.size: number of entries, the seq of the next
};

// land_entry_hash computes the leaf hash from the other members.
void land_entry_hash(const struct land_ledger_entry *entry, uint8_t leaf_hash[LAND_HASH_BYTES]);

// land_head_append makes the next entry and moves the head behind it; `kind` and `actor` of the entry point to what the
// caller gave. `tiles` and `tile_count` as of land_peaks_append: rows to be stored with the entry.
// FAILED_PRECONDITION (field "at"): the clock is more than 2 s behind the last entry; nothing is changed.
// INVALID_ARGUMENT: kind or actor is empty or too long.
wg_status land_head_append(struct land_head *head, int64_t at_us, struct wg_bytes kind, struct wg_bytes actor,
                           struct wg_bytes payload, struct land_ledger_entry *entry,
                           struct land_tile tiles[LAND_TILE_LEVELS], size_t *tile_count, struct wg_error *error);

// land_entry_fault checks an entry that comes from elsewhere against the head before it: NULL, or the first member that
// is wrong: "village", "seq", "at", "prev_hash", "payload" (its hash is another one), "leaf_hash" (any other member
// was changed).
const char *land_entry_fault(const struct land_head *head, const struct land_ledger_entry *entry,
                             struct wg_bytes payload);
// land_head_take moves the head behind an entry without fault.
void land_head_take(struct land_head *head, const struct land_ledger_entry *entry);
