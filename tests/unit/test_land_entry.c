// Entries of the land ledger: the bytes that are hashed, the chain, the clock.
#include "services/land/ledger/entry.h"
#include "tests/unit/unit.h"

#define VILLAGE "131102001001"
#define AT INT64_C(1764300000123456)

static struct land_head head;
static struct land_ledger_entry entry;
static struct land_tile tiles[LAND_TILE_LEVELS];
static struct wg_error error;

static int begin(void **state) {
  (void)state;
  head = (struct land_head){.village = VILLAGE};
  error = (struct wg_error){0};
  return 0;
}

static wg_status append(int64_t at_us, const char *kind, const char *actor, const char *payload) {
  size_t count;
  return land_head_append(&head, at_us, wg_bytes_of(kind), wg_bytes_of(actor), wg_bytes_of(payload), &entry, tiles,
                          &count, &error);
}

static void assert_hash(const uint8_t hash[LAND_HASH_BYTES], const char *hex) {
  char found[2 * LAND_HASH_BYTES + 1];
  for (size_t i = 0; i < LAND_HASH_BYTES; i++)
    snprintf(found + 2 * i, 3, "%02x", hash[i]);
  assert_string_equal(found, hex);
}

// Computed once by Python's hashlib from the layout in entry.h: whoever changes the layout makes every posted root
// void.
static void the_layout_is_fixed(void **state) {
  (void)state;
  uint8_t root[LAND_HASH_BYTES];
  assert_int_equal(append(AT, "put_village", "会计甲", ""), WG_OK);
  assert_hash(entry.leaf_hash, "01fc4af12cb5487bf00ac676c1bea4ff86dfc5b8b2801ade5ebe8f76310ab13c");
  assert_int_equal(append(AT - LAND_CLOCK_BACK_US, "put_party", "clerk",
                          "\x0a\x03"
                          "abc"),
                   WG_OK);
  assert_hash(entry.leaf_hash, "365047ff3b00449c6ebb3ea40385fae0af81a47ec62fa592691eeeacfdc7fb7c");
  assert_hash(entry.prev_hash, "01fc4af12cb5487bf00ac676c1bea4ff86dfc5b8b2801ade5ebe8f76310ab13c");
  land_peaks_root(&head.peaks, root);
  assert_hash(root, "048514d6653f6ecfa6004e6e9b4302eb747f2a3f96495b487ce08bf85e228507");
}

static void a_clock_that_goes_back_is_refused(void **state) {
  (void)state;
  assert_int_equal(append(-AT, "put_village", "clerk", "first"), WG_OK); // any time may be the first
  assert_int_equal(append(AT, "put_village", "clerk", "second"), WG_OK);
  struct land_head before = head;
  assert_int_equal(append(AT - LAND_CLOCK_BACK_US - 1, "put_village", "clerk", "third"), WG_FAILED_PRECONDITION);
  assert_string_equal(error.field, "at");
  assert_non_null(strstr(error.message, "2000 ms behind entry 1 of village " VILLAGE));
  assert_memory_equal(&head, &before, sizeof head);
  assert_int_equal(append(AT - LAND_CLOCK_BACK_US, "put_village", "clerk", "third"), WG_OK);
}

static void kind_and_actor_have_limits(void **state) {
  (void)state;
  char longest[LAND_ACTOR_BYTES + 2] = {0};
  memset(longest, 'a', LAND_ACTOR_BYTES + 1);
  assert_int_equal(append(AT, "", "clerk", ""), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "kind");
  assert_int_equal(append(AT, "put_village", "", ""), WG_INVALID_ARGUMENT);
  assert_int_equal(append(AT, "put_village", longest, ""), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "actor");
  assert_int_equal(append(AT, longest, "clerk", ""), WG_INVALID_ARGUMENT);
  longest[LAND_ACTOR_BYTES] = 0;
  assert_int_equal(append(AT, "put_village", longest, ""), WG_OK);
  longest[LAND_KIND_BYTES] = 0;
  assert_int_equal(append(AT, longest, "clerk", ""), WG_OK);
  assert_int_equal(head.peaks.size, 2);
}

// The same bytes divided otherwise between kind and actor are another entry.
static void lengths_are_hashed(void **state) {
  (void)state;
  struct land_ledger_entry a = {.village = VILLAGE, .kind = wg_bytes_of("ab"), .actor = wg_bytes_of("c")}, b = a;
  b.kind = wg_bytes_of("a");
  b.actor = wg_bytes_of("bc");
  uint8_t hash[LAND_HASH_BYTES];
  land_entry_hash(&a, a.leaf_hash);
  land_entry_hash(&b, hash);
  assert_memory_not_equal(a.leaf_hash, hash, LAND_HASH_BYTES);
}

static void assert_fault(const struct land_head *before, const struct land_ledger_entry *changed, const char *payload,
                         const char *member) {
  const char *fault = land_entry_fault(before, changed, wg_bytes_of(payload));
  assert_non_null(fault);
  assert_string_equal(fault, member);
}

static void every_changed_member_is_named(void **state) {
  (void)state;
  assert_int_equal(append(AT, "put_village", "clerk", "first"), WG_OK);
  struct land_head before = head;
  assert_int_equal(append(AT + 5, "put_party", "clerk", "second"), WG_OK);
  assert_null(land_entry_fault(&before, &entry, wg_bytes_of("second")));
  struct land_head taken = before;
  land_head_take(&taken, &entry);
  assert_memory_equal(&taken, &head, sizeof head);

  struct land_ledger_entry changed = entry;
  memcpy(changed.village, "131102001002", sizeof changed.village);
  assert_fault(&before, &changed, "second", "village");
  changed = entry;
  changed.seq = 2;
  assert_fault(&before, &changed, "second", "seq");
  changed = entry;
  changed.at_us = AT - LAND_CLOCK_BACK_US - 1;
  assert_fault(&before, &changed, "second", "at");
  changed = entry;
  changed.at_us++;
  assert_fault(&before, &changed, "second", "leaf_hash");
  changed = entry;
  changed.kind = wg_bytes_of("put_policy");
  assert_fault(&before, &changed, "second", "leaf_hash");
  changed = entry;
  changed.actor = wg_bytes_of("another");
  assert_fault(&before, &changed, "second", "leaf_hash");
  assert_fault(&before, &entry, "Second", "payload");
  for (size_t bit = 0; bit < 8 * LAND_HASH_BYTES; bit++) {
    uint8_t mask = (uint8_t)(1u << bit % 8);
    changed = entry;
    changed.prev_hash[bit / 8] ^= mask;
    assert_fault(&before, &changed, "second", "prev_hash");
    changed = entry;
    changed.payload_sha256[bit / 8] ^= mask;
    assert_fault(&before, &changed, "second", "payload");
    changed = entry;
    changed.leaf_hash[bit / 8] ^= mask;
    assert_fault(&before, &changed, "second", "leaf_hash");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(the_layout_is_fixed, begin),
      cmocka_unit_test_setup(a_clock_that_goes_back_is_refused, begin),
      cmocka_unit_test_setup(kind_and_actor_have_limits, begin),
      cmocka_unit_test_setup(lengths_are_hashed, begin),
      cmocka_unit_test_setup(every_changed_member_is_named, begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
