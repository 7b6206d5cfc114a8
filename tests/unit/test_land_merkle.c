// The Merkle tree of the land ledger: RFC 6962 as it stands, and proofs that fail when a single bit of anything
// differs.
#include "services/land/ledger/merkle.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

enum { LEAVES = 300, PAIRS = 130 };

static uint8_t leaves[LEAVES][LAND_HASH_BYTES];

static int make_leaves(void **state) {
  (void)state;
  for (uint32_t i = 0; i < LEAVES; i++)
    land_leaf_hash((struct wg_bytes){(uint8_t *)&i, sizeof i}, leaves[i]);
  return 0;
}

static struct wg_bytes text(const char *value) {
  return wg_bytes_of(value);
}

static void assert_hash(const uint8_t hash[LAND_HASH_BYTES], const char *hex) {
  char found[2 * LAND_HASH_BYTES + 1];
  for (size_t i = 0; i < LAND_HASH_BYTES; i++)
    snprintf(found + 2 * i, 3, "%02x", hash[i]);
  assert_string_equal(found, hex);
}

// MTH of RFC 6962 section 2.1 as its text says it, of hashed leaves.
static void recursive_root(size_t first, size_t count, uint8_t root[LAND_HASH_BYTES]) {
  if (count == 1) {
    memcpy(root, leaves[first], LAND_HASH_BYTES);
    return;
  }
  size_t left = 1;
  while (2 * left < count)
    left *= 2;
  uint8_t a[LAND_HASH_BYTES], b[LAND_HASH_BYTES];
  recursive_root(first, left, a);
  recursive_root(first + left, count - left, b);
  land_node_hash(a, b, root);
}

// Nodes from memory: level 0 are `leaves`, level 1 the roots of 256 of them.
struct memory {
  uint8_t tiles[2][LAND_HASH_BYTES];
  size_t tile_count;
  unsigned reads;
  bool lost; // reads fail
};

static wg_status read_memory(void *context, unsigned level, uint64_t first, size_t count,
                             uint8_t (*hashes)[LAND_HASH_BYTES], struct wg_error *error) {
  struct memory *memory = context;
  memory->reads++;
  if (memory->lost) return wg_fail(error, WG_DATA_LOSS, NULL, "gone");
  assert_true(level <= 1 && count <= LAND_TILE_WIDTH && first % LAND_TILE_WIDTH == 0);
  assert_true(first + count <= (level ? memory->tile_count : LEAVES));
  memcpy(hashes, level ? memory->tiles[first] : leaves[first], count * LAND_HASH_BYTES);
  return WG_OK;
}

static void fill_memory(struct memory *memory) {
  struct land_peaks peaks = {0};
  struct land_tile full[LAND_TILE_LEVELS];
  *memory = (struct memory){0};
  for (size_t i = 0; i < LEAVES; i++)
    if (land_peaks_append(&peaks, leaves[i], full)) memcpy(memory->tiles[memory->tile_count++], full[0].hash, 32);
}

static void known_values(void **state) {
  (void)state;
  struct land_peaks peaks = {0};
  uint8_t hash[LAND_HASH_BYTES];
  land_peaks_root(&peaks, hash);
  assert_hash(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  land_leaf_hash(text(""), hash);
  assert_hash(hash, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  static const char *const abc[] = {"a", "b", "c"};
  for (size_t i = 0; i < 3; i++) {
    land_leaf_hash(text(abc[i]), hash);
    land_peaks_append(&peaks, hash, NULL);
  }
  land_peaks_root(&peaks, hash);
  assert_hash(hash, "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1");
}

// The eight leaves of the reference tests of Certificate Transparency (google/certificate-transparency), and the root
// after each.
static void known_roots_of_certificate_transparency(void **state) {
  (void)state;
  static const struct {
    size_t size;
    const char *data, *root;
  } rows[] = {
      {0, "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {1, "\x00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {1, "\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {2, "\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
      {2, "\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
      {4, "\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
      {8, "\x50\x51\x52\x53\x54\x55\x56\x57", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
      {16, "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
       "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
  };
  struct land_peaks peaks = {0};
  uint8_t hash[LAND_HASH_BYTES];
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    land_leaf_hash((struct wg_bytes){(const uint8_t *)rows[i].data, rows[i].size}, hash);
    land_peaks_append(&peaks, hash, NULL);
    land_peaks_root(&peaks, hash);
    assert_hash(hash, rows[i].root);
  }
}

static void appending_by_peaks_gives_the_recursive_root(void **state) {
  (void)state;
  struct land_peaks peaks = {0};
  for (size_t size = 1; size <= LEAVES; size++) {
    uint8_t by_peaks[LAND_HASH_BYTES], by_text[LAND_HASH_BYTES];
    land_peaks_append(&peaks, leaves[size - 1], NULL);
    assert_int_equal(peaks.size, size);
    land_peaks_root(&peaks, by_peaks);
    recursive_root(0, size, by_text);
    assert_memory_equal(by_peaks, by_text, LAND_HASH_BYTES);
  }
}

static void peaks_are_stored_and_loaded(void **state) {
  (void)state;
  struct wg_error error;
  struct land_peaks peaks = {0}, loaded;
  for (size_t size = 0; size <= 70; size++) {
    struct wg_bytes bytes = land_peaks_bytes(&peaks);
    memset(&loaded, 0xAA, sizeof loaded);
    assert_int_equal(land_peaks_load(&loaded, size, bytes, &error), WG_OK);
    uint8_t stored[LAND_HASH_BYTES], root[LAND_HASH_BYTES];
    land_peaks_root(&loaded, stored);
    land_peaks_root(&peaks, root);
    assert_memory_equal(stored, root, LAND_HASH_BYTES);
    if (size)
      assert_int_equal(land_peaks_load(&loaded, size, (struct wg_bytes){bytes.data, bytes.size - 1}, &error),
                       WG_DATA_LOSS);
    land_peaks_append(&peaks, leaves[size], NULL);
  }
}

static void a_full_run_hands_out_its_root_once(void **state) {
  (void)state;
  struct land_peaks peaks = {0};
  struct land_tile full[LAND_TILE_LEVELS];
  size_t roots[2] = {0};
  for (uint64_t i = 0; i < 65536 + 300; i++) {
    size_t count = land_peaks_append(&peaks, leaves[i % LEAVES], full);
    assert_int_equal(count, ((i + 1) % 256 == 0) + ((i + 1) % 65536 == 0));
    for (size_t k = 0; k < count; k++) {
      assert_int_equal(full[k].level, k + 1);
      assert_int_equal(full[k].index, roots[k]++);
    }
    if (i == 255) {
      uint8_t root[LAND_HASH_BYTES];
      recursive_root(0, 256, root);
      assert_memory_equal(full[0].hash, root, LAND_HASH_BYTES);
    }
    if (i == 65535) assert_memory_equal(full[1].hash, peaks.hash[0], LAND_HASH_BYTES);
  }
  assert_int_equal(roots[0], 257);
  assert_int_equal(roots[1], 1);
}

static void every_inclusion_is_proved(void **state) {
  (void)state;
  struct memory memory;
  fill_memory(&memory);
  struct land_nodes nodes = {read_memory, &memory};
  struct wg_error error;
  for (size_t size = 1; size <= LEAVES; size += size < PAIRS ? 1 : 17) {
    uint8_t root[LAND_HASH_BYTES], read_root[LAND_HASH_BYTES];
    recursive_root(0, size, root);
    assert_int_equal(land_tree_root(&nodes, size, read_root, &error), WG_OK);
    assert_memory_equal(read_root, root, LAND_HASH_BYTES);
    for (size_t index = 0; index < size; index++) {
      struct land_proof proof;
      assert_int_equal(land_prove_inclusion(&nodes, index, size, &proof, &error), WG_OK);
      assert_true(land_inclusion_holds(index, size, leaves[index], &proof, root));
      // Neither of another place nor of another entry, nor with a hash more or less.
      assert_false(land_inclusion_holds(index, size, leaves[(index + 1) % LEAVES], &proof, root));
      if (size > 1) assert_false(land_inclusion_holds(index ^ 1, size, leaves[index], &proof, root));
      proof.count++;
      memset(proof.hash[proof.count - 1], 0, LAND_HASH_BYTES);
      assert_false(land_inclusion_holds(index, size, leaves[index], &proof, root));
      if (proof.count == 1) continue;
      proof.count -= 2;
      assert_false(land_inclusion_holds(index, size, leaves[index], &proof, root));
    }
  }
}

static void every_consistency_is_proved(void **state) {
  (void)state;
  struct memory memory;
  fill_memory(&memory);
  struct land_nodes nodes = {read_memory, &memory};
  struct wg_error error;
  for (size_t to = 1; to <= LEAVES; to += to < PAIRS ? 1 : 17) {
    uint8_t from_root[LAND_HASH_BYTES], to_root[LAND_HASH_BYTES];
    recursive_root(0, to, to_root);
    for (size_t from = 1; from <= to; from++) {
      struct land_proof proof;
      recursive_root(0, from, from_root);
      assert_int_equal(land_prove_consistency(&nodes, from, to, &proof, &error), WG_OK);
      assert_true(land_consistency_holds(from, to, from_root, to_root, &proof));
      if (from == to) continue;
      // NOLINTNEXTLINE(readability-suspicious-call-argument): swapped on purpose
      assert_false(land_consistency_holds(from, to, to_root, from_root, &proof));
      assert_false(land_consistency_holds(from, to, leaves[7], to_root, &proof));
      proof.count--;
      assert_false(land_consistency_holds(from, to, from_root, to_root, &proof));
      proof.count += 2;
      memset(proof.hash[proof.count - 1], 0, LAND_HASH_BYTES);
      assert_false(land_consistency_holds(from, to, from_root, to_root, &proof));
    }
  }
}

static void every_single_bit_counts(void **state) {
  (void)state;
  struct memory memory;
  fill_memory(&memory);
  struct land_nodes nodes = {read_memory, &memory};
  struct wg_error error;
  static const size_t sizes[][2] = {{1, 2}, {4, 7}, {6, 13}, {64, 130}, {127, 129}, {100, 300}, {256, 300}};
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
    size_t from = sizes[k][0], to = sizes[k][1];
    uint8_t leaf[LAND_HASH_BYTES], from_root[LAND_HASH_BYTES], to_root[LAND_HASH_BYTES];
    memcpy(leaf, leaves[from], sizeof leaf);
    recursive_root(0, from, from_root);
    recursive_root(0, to, to_root);
    struct land_proof inclusion, consistency;
    assert_int_equal(land_prove_inclusion(&nodes, from, to, &inclusion, &error), WG_OK);
    assert_int_equal(land_prove_consistency(&nodes, from, to, &consistency, &error), WG_OK);
    for (size_t bit = 0; bit < 8 * LAND_HASH_BYTES; bit++) {
      const size_t byte = bit / 8;
      const uint8_t mask = (uint8_t)(1u << bit % 8);
      uint8_t *const parts[] = {leaf, to_root, from_root};
      for (size_t i = 0; i < 3; i++) {
        parts[i][byte] ^= mask;
        if (i < 2) assert_false(land_inclusion_holds(from, to, leaf, &inclusion, to_root));
        if (i > 0) assert_false(land_consistency_holds(from, to, from_root, to_root, &consistency));
        parts[i][byte] ^= mask;
      }
      for (size_t i = 0; i < inclusion.count; i++) {
        inclusion.hash[i][byte] ^= mask;
        assert_false(land_inclusion_holds(from, to, leaf, &inclusion, to_root));
        inclusion.hash[i][byte] ^= mask;
      }
      for (size_t i = 0; i < consistency.count; i++) {
        consistency.hash[i][byte] ^= mask;
        assert_false(land_consistency_holds(from, to, from_root, to_root, &consistency));
        consistency.hash[i][byte] ^= mask;
      }
    }
    // Sizes and places are part of what is proved.
    for (size_t bit = 0; bit < 63; bit++) {
      uint64_t mask = UINT64_C(1) << bit;
      assert_false(land_inclusion_holds(from ^ mask, to, leaf, &inclusion, to_root));
      assert_false(land_consistency_holds(from ^ mask, to, from_root, to_root, &consistency));
    }
    assert_true(land_inclusion_holds(from, to, leaf, &inclusion, to_root));
    assert_true(land_consistency_holds(from, to, from_root, to_root, &consistency));
  }
}

static void what_cannot_be_proved_is_refused(void **state) {
  (void)state;
  struct memory memory;
  fill_memory(&memory);
  struct land_nodes nodes = {read_memory, &memory};
  struct wg_error error;
  struct land_proof proof = {0};
  assert_int_equal(land_prove_inclusion(&nodes, 0, 0, &proof, &error), WG_OUT_OF_RANGE);
  assert_int_equal(land_prove_inclusion(&nodes, 5, 5, &proof, &error), WG_OUT_OF_RANGE);
  assert_int_equal(land_prove_consistency(&nodes, 0, 5, &proof, &error), WG_OUT_OF_RANGE);
  assert_int_equal(land_prove_consistency(&nodes, 6, 5, &proof, &error), WG_OUT_OF_RANGE);
  // A proof of nothing proves nothing: every older tree would be the beginning of the new one.
  uint8_t empty[LAND_HASH_BYTES];
  wg_sha256(NULL, 0, empty);
  proof.count = 0;
  assert_false(land_consistency_holds(0, 5, empty, leaves[0], &proof));
  assert_false(land_consistency_holds(0, 0, empty, empty, &proof));
  assert_false(land_consistency_holds(3, 5, leaves[0], leaves[0], &proof));
  assert_false(land_inclusion_holds(0, 0, leaves[0], &proof, leaves[0]));
  assert_true(land_inclusion_holds(0, 1, leaves[0], &proof, leaves[0]));
  proof.count = LAND_PROOF_HASHES + 1;
  assert_false(land_inclusion_holds(0, UINT64_MAX, leaves[0], &proof, leaves[0]));
  assert_false(land_consistency_holds(1, UINT64_MAX, leaves[0], leaves[0], &proof));
}

static void a_proof_reads_two_tiles_a_level_and_passes_errors_on(void **state) {
  (void)state;
  struct memory memory;
  fill_memory(&memory);
  struct land_nodes nodes = {read_memory, &memory};
  struct wg_error error;
  struct land_proof proof;
  assert_int_equal(land_prove_inclusion(&nodes, 3, LEAVES, &proof, &error), WG_OK);
  assert_int_equal(memory.reads, 2); // the tile of leaf 3, the last one; the root of the first is not needed
  memory.reads = 0;
  assert_int_equal(land_prove_inclusion(&nodes, 270, LEAVES, &proof, &error), WG_OK);
  assert_int_equal(memory.reads, 2); // the last tile, and the roots of tiles
  memory.lost = true;
  uint8_t root[LAND_HASH_BYTES];
  assert_int_equal(land_prove_inclusion(&nodes, 3, LEAVES, &proof, &error), WG_DATA_LOSS);
  assert_int_equal(land_prove_consistency(&nodes, 3, LEAVES, &proof, &error), WG_DATA_LOSS);
  assert_int_equal(land_tree_root(&nodes, LEAVES, root, &error), WG_DATA_LOSS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_values),
      cmocka_unit_test(known_roots_of_certificate_transparency),
      cmocka_unit_test(appending_by_peaks_gives_the_recursive_root),
      cmocka_unit_test(peaks_are_stored_and_loaded),
      cmocka_unit_test(a_full_run_hands_out_its_root_once),
      cmocka_unit_test(every_inclusion_is_proved),
      cmocka_unit_test(every_consistency_is_proved),
      cmocka_unit_test(every_single_bit_counts),
      cmocka_unit_test(what_cannot_be_proved_is_refused),
      cmocka_unit_test(a_proof_reads_two_tiles_a_level_and_passes_errors_on),
  };
  return cmocka_run_group_tests(tests, make_leaves, NULL);
}
