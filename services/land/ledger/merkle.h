// The Merkle tree over a village's ledger: RFC 6962 section 2.1, its hashes unchanged.
//
//   leaf = SHA-256(0x00 ‖ data)    node = SHA-256(0x01 ‖ left ‖ right)    root of nothing = SHA-256("")
//
// Appending needs only the peaks: the roots of the perfect trees that the leaves so far consist of, one for each bit of
// the size, largest first. Proofs need hashes from inside; so that none is computed from more than a few hundred
// others, whoever appends keeps, besides the leaf hashes, the root of every full run of 256^level leaves (a tile's
// root), which appending hands out as it becomes full: one row for 256 leaves, and no row is ever changed.
//
// Nothing here does I/O or keeps memory; hashes are 32 bytes everywhere, so that an empty root cannot be passed.
#pragma once

#include "common/base/status.h"
#include "services/land/ledger/hash.h"

enum {
  LAND_TILE_HEIGHT = 8, // levels of the tree from one level of tiles to the next
  LAND_TILE_WIDTH = 1 << LAND_TILE_HEIGHT,
  LAND_TILE_LEVELS = 8, // 0: leaves … 7: roots of 2^56 leaves
  LAND_PEAKS = 64,
  LAND_PROOF_HASHES = 65, // longest proof that verification can be given
};

void land_leaf_hash(struct wg_bytes data, uint8_t hash[LAND_HASH_BYTES]);
void land_node_hash(const uint8_t left[LAND_HASH_BYTES], const uint8_t right[LAND_HASH_BYTES],
                    uint8_t hash[LAND_HASH_BYTES]);

// The peaks of a tree of `size` leaves, left to right; land_peaks_count of them are set. {0} is the empty tree.
struct land_peaks {
  uint64_t size;
  uint8_t hash[LAND_PEAKS][LAND_HASH_BYTES];
};

// The root of the full run number `index` of 256^level leaves; level is 1 at least.
struct land_tile {
  unsigned level;
  uint64_t index;
  uint8_t hash[LAND_HASH_BYTES];
};

size_t land_peaks_count(uint64_t size);
// land_peaks_load: the peaks as stored, `bytes` being their hashes one after the other. DATA_LOSS: not as many as a
// tree of `size` leaves has.
wg_status land_peaks_load(struct land_peaks *peaks, uint64_t size, struct wg_bytes bytes, struct wg_error *error);
// land_peaks_bytes: what to store; points into `peaks`.
struct wg_bytes land_peaks_bytes(const struct land_peaks *peaks);
// land_peaks_append adds a leaf and gives the roots of the runs that became full by it: mostly none. `tiles` may be
// NULL. Returns their count.
size_t land_peaks_append(struct land_peaks *peaks, const uint8_t leaf[LAND_HASH_BYTES],
                         struct land_tile tiles[LAND_TILE_LEVELS]);
void land_peaks_root(const struct land_peaks *peaks, uint8_t root[LAND_HASH_BYTES]);

// Where proofs take hashes from: those of the leaves (level 0) and of the tiles.
struct land_nodes {
  // read gives `count` hashes (at most LAND_TILE_WIDTH) of a level, from number `first` on; all of them are there if
  // the tree has the size that was asked for. DATA_LOSS: some are not.
  wg_status (*read)(void *context, unsigned level, uint64_t first, size_t count, uint8_t (*hashes)[LAND_HASH_BYTES],
                    struct wg_error *error);
  void *context;
};

// What a proof consists of; its hashes in the order of RFC 6962.
struct land_proof {
  size_t count;
  uint8_t hash[LAND_PROOF_HASHES][LAND_HASH_BYTES];
};

// Each reads two tiles a level at most, 256 hashes in one read: 6 reads for a million leaves.
// land_prove_inclusion: that leaf `index` is in the tree of the first `size` leaves. OUT_OF_RANGE: it is not.
wg_status land_prove_inclusion(const struct land_nodes *nodes, uint64_t index, uint64_t size, struct land_proof *proof,
                               struct wg_error *error);
// land_prove_consistency: that the tree of the first `from` leaves is the beginning of that of the first `to`.
// OUT_OF_RANGE unless 1 <= from <= to.
wg_status land_prove_consistency(const struct land_nodes *nodes, uint64_t from, uint64_t to, struct land_proof *proof,
                                 struct wg_error *error);
// land_tree_root: the root of the tree of the first `size` leaves.
wg_status land_tree_root(const struct land_nodes *nodes, uint64_t size, uint8_t root[LAND_HASH_BYTES],
                         struct wg_error *error);

// Verification, exactly RFC 9162 sections 2.1.3.2 and 2.1.4.2. Whatever the input: true or false, nothing else.
bool land_inclusion_holds(uint64_t index, uint64_t size, const uint8_t leaf[LAND_HASH_BYTES],
                          const struct land_proof *proof, const uint8_t root[LAND_HASH_BYTES]);
bool land_consistency_holds(uint64_t from, uint64_t to, const uint8_t from_root[LAND_HASH_BYTES],
                            const uint8_t to_root[LAND_HASH_BYTES], const struct land_proof *proof);
