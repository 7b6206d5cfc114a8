#include "services/land/ledger/merkle.h"

#include <string.h>

void land_leaf_hash(struct wg_bytes data, uint8_t hash[LAND_HASH_BYTES]) {
  static const uint8_t prefix = 0x00;
  wg_sha256((struct wg_bytes[]){{&prefix, 1}, data}, 2, hash);
}

void land_node_hash(const uint8_t left[LAND_HASH_BYTES], const uint8_t right[LAND_HASH_BYTES],
                    uint8_t hash[LAND_HASH_BYTES]) {
  uint8_t data[1 + 2 * LAND_HASH_BYTES] = {0x01};
  memcpy(data + 1, left, LAND_HASH_BYTES);
  memcpy(data + 1 + LAND_HASH_BYTES, right, LAND_HASH_BYTES);
  wg_sha256(&(struct wg_bytes){data, sizeof data}, 1, hash);
}

size_t land_peaks_count(uint64_t size) {
  return (size_t)__builtin_popcountll(size);
}

wg_status land_peaks_load(struct land_peaks *peaks, uint64_t size, struct wg_bytes bytes, struct wg_error *error) {
  if (bytes.size != land_peaks_count(size) * LAND_HASH_BYTES)
    return wg_fail(error, WG_DATA_LOSS, "peaks", "a tree of %llu leaves has %zu peaks of 32 bytes, not %zu bytes",
                   (unsigned long long)size, land_peaks_count(size), bytes.size);
  peaks->size = size;
  if (bytes.size) memcpy(peaks->hash, bytes.data, bytes.size);
  return WG_OK;
}

struct wg_bytes land_peaks_bytes(const struct land_peaks *peaks) {
  return (struct wg_bytes){peaks->hash[0], land_peaks_count(peaks->size) * LAND_HASH_BYTES};
}

size_t land_peaks_append(struct land_peaks *peaks, const uint8_t leaf[LAND_HASH_BYTES],
                         struct land_tile tiles[LAND_TILE_LEVELS]) {
  uint8_t node[LAND_HASH_BYTES];
  memcpy(node, leaf, sizeof node);
  size_t count = land_peaks_count(peaks->size), full = 0;
  // As in adding one to a binary number: equal trees join as long as there are two of a height.
  for (unsigned height = 0; peaks->size >> height & 1; height++) {
    land_node_hash(peaks->hash[--count], node, node);
    unsigned joined = height + 1;
    if (!tiles || joined % LAND_TILE_HEIGHT) continue;
    tiles[full].level = joined / LAND_TILE_HEIGHT;
    tiles[full].index = peaks->size >> joined;
    memcpy(tiles[full++].hash, node, sizeof node);
  }
  memcpy(peaks->hash[count], node, sizeof node);
  peaks->size++;
  return full;
}

void land_peaks_root(const struct land_peaks *peaks, uint8_t root[LAND_HASH_BYTES]) {
  size_t count = land_peaks_count(peaks->size);
  if (count == 0) {
    wg_sha256(NULL, 0, root);
    return;
  }
  memcpy(root, peaks->hash[--count], LAND_HASH_BYTES);
  while (count > 0)
    land_node_hash(peaks->hash[--count], root, root);
}

// The walk that both verifications share: where the path from a leaf (or from the last whole subtree of the older tree)
// stands on its way to the root. `last` is the last node of its level.
struct climb {
  uint64_t node, last;
};

// climb_left says whether the next hash of the proof stands to the left, and skips the levels on which the node has no
// sibling.
static bool climb_left(struct climb *climb) {
  if (!(climb->node & 1) && climb->node != climb->last) return false;
  while (climb->node && !(climb->node & 1)) {
    climb->node >>= 1;
    climb->last >>= 1;
  }
  return true;
}

static void climb_up(struct climb *climb) {
  climb->node >>= 1;
  climb->last >>= 1;
}

static bool same(const uint8_t a[LAND_HASH_BYTES], const uint8_t b[LAND_HASH_BYTES]) {
  return memcmp(a, b, LAND_HASH_BYTES) == 0;
}

bool land_inclusion_holds(uint64_t index, uint64_t size, const uint8_t leaf[LAND_HASH_BYTES],
                          const struct land_proof *proof, const uint8_t root[LAND_HASH_BYTES]) {
  if (index >= size || proof->count > LAND_PROOF_HASHES) return false;
  struct climb climb = {index, size - 1};
  uint8_t found[LAND_HASH_BYTES];
  memcpy(found, leaf, sizeof found);
  for (size_t i = 0; i < proof->count; i++) {
    if (climb.last == 0) return false;
    if (climb_left(&climb)) land_node_hash(proof->hash[i], found, found);
    else land_node_hash(found, proof->hash[i], found);
    climb_up(&climb);
  }
  return climb.last == 0 && same(found, root);
}

bool land_consistency_holds(uint64_t from, uint64_t to, const uint8_t from_root[LAND_HASH_BYTES],
                            const uint8_t to_root[LAND_HASH_BYTES], const struct land_proof *proof) {
  if (from == 0 || from > to || proof->count > LAND_PROOF_HASHES) return false;
  if (from == to) return proof->count == 0 && same(from_root, to_root);
  if (proof->count == 0) return false;
  struct climb climb = {from - 1, to - 1};
  while (climb.node & 1)
    climb_up(&climb);
  // An older tree that is perfect is itself the first hash of the proof, and is left out of it.
  bool perfect = (from & (from - 1)) == 0;
  const uint8_t *first = perfect ? from_root : proof->hash[0];
  uint8_t old_root[LAND_HASH_BYTES], new_root[LAND_HASH_BYTES];
  memcpy(old_root, first, sizeof old_root);
  memcpy(new_root, first, sizeof new_root);
  for (size_t i = perfect ? 0 : 1; i < proof->count; i++) {
    if (climb.last == 0) return false;
    if (climb_left(&climb)) {
      land_node_hash(proof->hash[i], old_root, old_root);
      land_node_hash(proof->hash[i], new_root, new_root);
    } else {
      land_node_hash(new_root, proof->hash[i], new_root);
    }
    climb_up(&climb);
  }
  return climb.last == 0 && same(old_root, from_root) && same(new_root, to_root);
}
