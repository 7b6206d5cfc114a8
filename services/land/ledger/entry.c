#include "services/land/ledger/entry.h"

#include <string.h>

static void put_u32(uint8_t bytes[4], size_t number) {
  for (int i = 0; i < 4; i++)
    bytes[i] = (uint8_t)(number >> 8 * (3 - i));
}

static void put_u64(uint8_t bytes[8], uint64_t number) {
  for (int i = 0; i < 8; i++)
    bytes[i] = (uint8_t)(number >> 8 * (7 - i));
}

void land_entry_hash(const struct land_ledger_entry *entry, uint8_t leaf_hash[LAND_HASH_BYTES]) {
  // 0x00 is the prefix of RFC 6962 for leaves.
  uint8_t begin[1 + 5 + LAND_VILLAGE_DIGITS + 8 + 8 + 4] = {0x00, 'L', 'A', 'N', 'D', '1'}, actor_length[4];
  uint8_t *at = begin + 6;
  memcpy(at, entry->village, LAND_VILLAGE_DIGITS);
  put_u64(at + LAND_VILLAGE_DIGITS, entry->seq);
  put_u64(at + LAND_VILLAGE_DIGITS + 8, (uint64_t)entry->at_us);
  put_u32(at + LAND_VILLAGE_DIGITS + 16, entry->kind.size);
  put_u32(actor_length, entry->actor.size);
  wg_sha256((struct wg_bytes[]){{begin, sizeof begin},
                                entry->kind,
                                {actor_length, sizeof actor_length},
                                entry->actor,
                                {entry->prev_hash, LAND_HASH_BYTES},
                                {entry->payload_sha256, LAND_HASH_BYTES}},
            6, leaf_hash);
}

wg_status land_head_append(struct land_head *head, int64_t at_us, struct wg_bytes kind, struct wg_bytes actor,
                           struct wg_bytes payload, struct land_ledger_entry *entry,
                           struct land_tile tiles[LAND_TILE_LEVELS], size_t *tile_count, struct wg_error *error) {
  if (kind.size == 0 || kind.size > LAND_KIND_BYTES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "kind", "must be 1 to %d bytes", LAND_KIND_BYTES);
  if (actor.size == 0 || actor.size > LAND_ACTOR_BYTES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "actor", "must be 1 to %d bytes", LAND_ACTOR_BYTES);
  if (head->peaks.size && at_us < head->last_at_us - LAND_CLOCK_BACK_US)
    return wg_fail(error, WG_FAILED_PRECONDITION, "at",
                   "the clock is %lld ms behind entry %llu of village %s: set it right, then write again",
                   (long long)((head->last_at_us - at_us) / 1000), (unsigned long long)head->peaks.size - 1,
                   head->village);
  *entry = (struct land_ledger_entry){.seq = head->peaks.size, .at_us = at_us, .kind = kind, .actor = actor};
  memcpy(entry->village, head->village, sizeof entry->village);
  memcpy(entry->prev_hash, head->last_hash, LAND_HASH_BYTES);
  wg_sha256(&payload, 1, entry->payload_sha256);
  land_entry_hash(entry, entry->leaf_hash);
  head->last_at_us = at_us;
  memcpy(head->last_hash, entry->leaf_hash, LAND_HASH_BYTES);
  *tile_count = land_peaks_append(&head->peaks, entry->leaf_hash, tiles);
  return WG_OK;
}

const char *land_entry_fault(const struct land_head *head, const struct land_ledger_entry *entry,
                             struct wg_bytes payload) {
  uint8_t hash[LAND_HASH_BYTES];
  if (strcmp(entry->village, head->village) != 0) return "village";
  if (entry->seq != head->peaks.size) return "seq";
  if (head->peaks.size && entry->at_us < head->last_at_us - LAND_CLOCK_BACK_US) return "at";
  if (memcmp(entry->prev_hash, head->last_hash, LAND_HASH_BYTES) != 0) return "prev_hash";
  wg_sha256(&payload, 1, hash);
  if (memcmp(entry->payload_sha256, hash, LAND_HASH_BYTES) != 0) return "payload";
  land_entry_hash(entry, hash);
  return memcmp(entry->leaf_hash, hash, LAND_HASH_BYTES) != 0 ? "leaf_hash" : NULL;
}

void land_head_take(struct land_head *head, const struct land_ledger_entry *entry) {
  head->last_at_us = entry->at_us;
  memcpy(head->last_hash, entry->leaf_hash, LAND_HASH_BYTES);
  land_peaks_append(&head->peaks, entry->leaf_hash, NULL);
}
