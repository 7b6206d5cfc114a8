// Proofs from stored hashes. A proof walks from the root of the tree towards a place in it and needs the roots of the
// subtrees beside its way: perfect ones, of which every one lies in a single tile, and the ragged one at the right end,
// which consists of such. So the tiles on the way to that place and on the way to the end are all there is to read.
#include "services/land/ledger/merkle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TILES = 2 * LAND_TILE_LEVELS };

struct tile {
  unsigned level;
  uint64_t index;
  uint8_t hash[LAND_TILE_WIDTH][LAND_HASH_BYTES];
};

struct prover {
  const struct land_nodes *nodes;
  uint64_t size; // leaves of the whole tree
  size_t count;
  struct tile tiles[TILES]; // those read so far
};

static struct prover *prover_create(const struct land_nodes *nodes, uint64_t size) {
  struct prover *prover = wg_alloc(sizeof *prover);
  *prover = (struct prover){.nodes = nodes, .size = size};
  return prover;
}

static wg_status tile_read(struct prover *prover, unsigned level, uint64_t index, const struct tile **found,
                           struct wg_error *error) {
  for (size_t i = 0; i < prover->count; i++)
    if (prover->tiles[i].level == level && prover->tiles[i].index == index) {
      *found = &prover->tiles[i];
      return WG_OK;
    }
  assert(prover->count < TILES);
  struct tile *tile = &prover->tiles[prover->count];
  tile->level = level;
  tile->index = index;
  uint64_t first = index << LAND_TILE_HEIGHT;
  uint64_t there = (prover->size >> level * LAND_TILE_HEIGHT) - first;
  size_t count = there < LAND_TILE_WIDTH ? (size_t)there : LAND_TILE_WIDTH;
  wg_status status = prover->nodes->read(prover->nodes->context, level, first, count, tile->hash, error);
  if (status != WG_OK) return status;
  prover->count++;
  *found = tile;
  return WG_OK;
}

// perfect_root: the root of 2^height leaves from `first` on, which is a multiple of their number.
static wg_status perfect_root(struct prover *prover, uint64_t first, unsigned height, uint8_t root[LAND_HASH_BYTES],
                              struct wg_error *error) {
  unsigned level = height / LAND_TILE_HEIGHT;
  uint64_t node = first >> level * LAND_TILE_HEIGHT;
  const struct tile *tile;
  wg_status status = tile_read(prover, level, node >> LAND_TILE_HEIGHT, &tile, error);
  if (status != WG_OK) return status;
  uint8_t row[LAND_TILE_WIDTH][LAND_HASH_BYTES];
  size_t count = (size_t)1 << height % LAND_TILE_HEIGHT;
  memcpy(row, tile->hash[node % LAND_TILE_WIDTH], count * LAND_HASH_BYTES);
  for (; count > 1; count /= 2)
    for (size_t i = 0; i < count / 2; i++)
      land_node_hash(row[2 * i], row[2 * i + 1], row[i]);
  memcpy(root, row[0], LAND_HASH_BYTES);
  return WG_OK;
}

static unsigned floor_log2(uint64_t number) {
  return 63 - (unsigned)__builtin_clzll(number);
}

// split: the leaves of the left subtree of a tree of `count` > 1 leaves: the largest power of two below `count`.
static uint64_t split(uint64_t count) {
  return UINT64_C(1) << floor_log2(count - 1);
}

// subtree_root: the root of `count` > 0 leaves from `first` on; a subtree of the whole tree.
static wg_status subtree_root(struct prover *prover, uint64_t first, uint64_t count, uint8_t root[LAND_HASH_BYTES],
                              struct wg_error *error) {
  struct land_peaks peaks = {.size = count};
  for (size_t i = 0; count > 0; i++) { // peak by peak, the largest first
    unsigned height = floor_log2(count);
    wg_status status = perfect_root(prover, first, height, peaks.hash[i], error);
    if (status != WG_OK) return status;
    first += UINT64_C(1) << height;
    count -= UINT64_C(1) << height;
  }
  land_peaks_root(&peaks, root);
  return WG_OK;
}

// Both proofs go down from the root and find the hashes from the top; the proof has them from the bottom.
static void turn_round(struct land_proof *proof) {
  for (size_t low = 0, high = proof->count; low + 1 < high; low++) {
    uint8_t held[LAND_HASH_BYTES];
    memcpy(held, proof->hash[low], sizeof held);
    memcpy(proof->hash[low], proof->hash[--high], sizeof held);
    memcpy(proof->hash[high], held, sizeof held);
  }
}

static wg_status add(struct prover *prover, uint64_t first, uint64_t count, struct land_proof *proof,
                     struct wg_error *error) {
  assert(proof->count < LAND_PROOF_HASHES);
  return subtree_root(prover, first, count, proof->hash[proof->count++], error);
}

// RFC 6962 section 2.1.1, PATH(m, D[n]).
static wg_status inclusion(struct prover *prover, uint64_t index, struct land_proof *proof, struct wg_error *error) {
  uint64_t first = 0, count = prover->size;
  wg_status status = WG_OK;
  while (status == WG_OK && count > 1) {
    uint64_t left = split(count);
    if (index - first < left) {
      status = add(prover, first + left, count - left, proof, error);
      count = left;
    } else {
      status = add(prover, first, left, proof, error);
      first += left;
      count -= left;
    }
  }
  turn_round(proof);
  return status;
}

// RFC 6962 section 2.1.2, SUBPROOF(m, D[n], b); `whole` is b: the subtree is the whole older tree, which the verifier
// has.
static wg_status consistency(struct prover *prover, uint64_t from, struct land_proof *proof, struct wg_error *error) {
  uint64_t first = 0, count = prover->size;
  bool whole = true;
  wg_status status = WG_OK;
  while (status == WG_OK && from - first < count) {
    uint64_t left = split(count);
    if (from - first <= left) {
      status = add(prover, first + left, count - left, proof, error);
      count = left;
    } else {
      status = add(prover, first, left, proof, error);
      first += left;
      count -= left;
      whole = false;
    }
  }
  if (status == WG_OK && !whole) status = add(prover, first, count, proof, error);
  turn_round(proof);
  return status;
}

wg_status land_prove_inclusion(const struct land_nodes *nodes, uint64_t index, uint64_t size, struct land_proof *proof,
                               struct wg_error *error) {
  if (index >= size)
    return wg_fail(error, WG_OUT_OF_RANGE, "seq", "entry %llu is not among the first %llu", (unsigned long long)index,
                   (unsigned long long)size);
  struct prover *prover = prover_create(nodes, size);
  proof->count = 0;
  wg_status status = inclusion(prover, index, proof, error);
  free(prover);
  return status;
}

wg_status land_prove_consistency(const struct land_nodes *nodes, uint64_t from, uint64_t to, struct land_proof *proof,
                                 struct wg_error *error) {
  if (from == 0 || from > to)
    return wg_fail(error, WG_OUT_OF_RANGE, "from", "must be 1 to %llu, the later size; is %llu", (unsigned long long)to,
                   (unsigned long long)from);
  struct prover *prover = prover_create(nodes, to);
  proof->count = 0;
  wg_status status = consistency(prover, from, proof, error);
  free(prover);
  return status;
}

wg_status land_tree_root(const struct land_nodes *nodes, uint64_t size, uint8_t root[LAND_HASH_BYTES],
                         struct wg_error *error) {
  struct prover *prover = prover_create(nodes, size);
  wg_status status = subtree_root(prover, 0, size, root, error);
  free(prover);
  return status;
}
