// Arena, buffer, map, errors: the furniture everything stands on.
#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/status.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#define BYTES(literal) ((struct wg_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static void arena_memory_is_aligned_and_never_shared(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(1024);
  enum { COUNT = 600 };
  uint8_t *piece[COUNT];
  size_t size[COUNT];
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < COUNT; i++) {
      size[i] = i % 97 == 0 ? 5000 + i : (i * 37) % 700;
      piece[i] = wg_arena_alloc(arena, size[i]);
      assert_int_equal((uintptr_t)piece[i] % 16, 0);
      memset(piece[i], (int)(i & 0xFF), size[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
      for (size_t at = 0; at < size[i]; at++)
        if (piece[i][at] != (uint8_t)(i & 0xFF)) fail_msg("piece %zu was overwritten at %zu", i, at);
    assert_true(wg_arena_used(arena) > 0);
    wg_arena_reset(arena);
    assert_int_equal(wg_arena_used(arena), 0);
  }
  wg_arena_destroy(arena);
  wg_arena_destroy(NULL);
}

static void arena_keeps_its_block_over_a_reset(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  wg_arena_alloc(arena, 100000); // a large one first must not become the block that is kept
  const void *small = wg_arena_alloc(arena, 100);
  wg_arena_alloc(arena, 100000);
  wg_arena_reset(arena);
  assert_ptr_equal(wg_arena_alloc(arena, 100), small);
  wg_arena_destroy(arena);
}

static void arena_limit_is_for_protobuf_only_and_until_the_reset(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  ProtobufCAllocator *allocator = wg_arena_protobuf(arena);
  wg_arena_limit(arena, 1000);
  assert_non_null(allocator->alloc(allocator->allocator_data, 900));
  assert_null(allocator->alloc(allocator->allocator_data, 200));
  assert_null(allocator->alloc(allocator->allocator_data, SIZE_MAX));
  assert_non_null(wg_arena_alloc(arena, 5000));
  assert_null(allocator->alloc(allocator->allocator_data, 1));
  wg_arena_reset(arena);
  assert_non_null(allocator->alloc(allocator->allocator_data, 5000));
  allocator->free(allocator->allocator_data, NULL);
  wg_arena_destroy(arena);
}

static void arena_makes_texts(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(256);
  assert_string_equal(wg_arena_text(arena, (struct wg_bytes){0}), "");
  assert_string_equal(wg_arena_text(arena, (struct wg_bytes){(const uint8_t *)"网格 more", 6}), "网格");
  assert_string_equal(wg_arena_strdup(arena, "abc"), "abc");
  assert_string_equal(wg_arena_printf(arena, "%s-%d", "orders", 7), "orders-7");
  char long_text[2000];
  memset(long_text, 'x', sizeof long_text - 1);
  long_text[sizeof long_text - 1] = '\0';
  assert_string_equal(wg_arena_printf(arena, "%s", long_text), long_text);
  const uint8_t *zeros = wg_arena_zalloc(arena, 300);
  for (size_t i = 0; i < 300; i++)
    assert_int_equal(zeros[i], 0);
  wg_arena_destroy(arena);
}

static void a_buffer_grows_and_keeps_what_it_has(void **state) {
  (void)state;
  struct wg_buffer buffer = {0};
  assert_string_equal(wg_buffer_cstr(&buffer), "");
  assert_int_equal(buffer.size, 0);
  for (int i = 0; i < 5000; i++)
    wg_buffer_printf(&buffer, "%04d", i);
  assert_int_equal(buffer.size, 20000);
  assert_int_equal(strlen(wg_buffer_cstr(&buffer)), 20000);
  assert_memory_equal(buffer.data + 4 * 4321, "4321", 4);
  wg_buffer_clear(&buffer);
  wg_buffer_append(&buffer, NULL, 0);
  assert_int_equal(buffer.size, 0);
  memcpy(wg_buffer_reserve(&buffer, 3), "abc", 3);
  buffer.size += 3;
  wg_buffer_text(&buffer, "def");
  assert_string_equal(wg_buffer_cstr(&buffer), "abcdef");
  wg_buffer_free(&buffer);
  assert_null(buffer.data);
  wg_buffer_free(&buffer);

  // A printf that fills the room to the last byte: its NUL must not be lost beside it.
  for (int length = 250; length < 260; length++) {
    wg_buffer_printf(&buffer, "%*d", length, 1);
    assert_int_equal(buffer.size, length);
    assert_int_equal(strlen(wg_buffer_cstr(&buffer)), length);
    wg_buffer_free(&buffer);
  }
}

static void json_quotes_whatever_comes(void **state) {
  (void)state;
  static const struct {
    struct wg_bytes text;
    const char *expected;
  } rows[] = {
      {BYTES(""), "\"\""},
      {BYTES("网格 🏠"), "\"网格 🏠\""},
      {BYTES("a\"b\\c/"), "\"a\\\"b\\\\c/\""},
      {BYTES("\b\t\n\f\r\x01\x1F\x7F"), "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7F\""},
      {BYTES("a\0b"), "\"a\\u0000b\""},
      {BYTES("a\xFFz"), "\"a\xEF\xBF\xBDz\""},
      {BYTES("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {BYTES("\xE7\xBD"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {{NULL, 0}, "\"\""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct wg_buffer buffer = {0};
    wg_json_quote(&buffer, rows[i].text);
    assert_string_equal(wg_buffer_cstr(&buffer), rows[i].expected);
    wg_buffer_free(&buffer);
  }
}

static void bytes_compare_by_content(void **state) {
  (void)state;
  assert_true(wg_bytes_equal(wg_bytes_of(NULL), wg_bytes_of("")));
  assert_true(wg_bytes_equal(BYTES("a\0b"), BYTES("a\0b")));
  assert_false(wg_bytes_equal(BYTES("a\0b"), BYTES("a\0c")));
  assert_false(wg_bytes_equal(BYTES("ab"), BYTES("abc")));
}

// The map against a plain table of flags: the same puts, replacements and removals must be seen by both.
static void a_map_is_a_map_whatever_the_order(void **state) {
  (void)state;
  enum { KEYS = 500, STEPS = 40000 };
  static char values[KEYS];
  static void *expected[KEYS];
  struct wg_map *map = wg_map_create();
  size_t count = 0;
  uint32_t random = 20261127;
  for (int step = 0; step < STEPS; step++) {
    random = random * 1664525u + 1013904223u;
    size_t i = (random >> 8) % KEYS;
    char key[16];
    snprintf(key, sizeof key, "key-%zu", i);
    assert_ptr_equal(wg_map_get(map, key), expected[i]);
    if (random >> 31) {
      void *value = &values[(random >> 4) % KEYS];
      wg_map_put(map, key, value);
      count += expected[i] == NULL;
      expected[i] = value;
    } else {
      assert_ptr_equal(wg_map_remove(map, key), expected[i]);
      count -= expected[i] != NULL;
      expected[i] = NULL;
    }
    assert_int_equal(wg_map_count(map), count);
  }
  size_t position = 0, walked = 0;
  const char *key;
  void *value;
  while (wg_map_next(map, &position, &key, &value)) {
    assert_ptr_equal(value, expected[strtoul(key + 4, NULL, 10)]);
    walked++;
  }
  assert_int_equal(walked, count);
  wg_map_destroy(map);
  wg_map_destroy(NULL);
}

static void a_map_copies_its_keys(void **state) {
  (void)state;
  struct wg_map *map = wg_map_create();
  char key[] = "water";
  wg_map_put(map, key, map);
  key[0] = 'W';
  assert_ptr_equal(wg_map_get(map, "water"), map);
  assert_null(wg_map_get(map, key));
  assert_null(wg_map_get(map, ""));
  wg_map_destroy(map);
}

static void an_error_wraps_itself_and_stays_text(void **state) {
  (void)state;
  struct wg_error error = {0};
  assert_int_equal(wg_fail(&error, WG_NOT_FOUND, "order_id", "no order %d", 7), WG_NOT_FOUND);
  assert_int_equal(wg_fail(&error, error.code, error.field, "intake: %s", error.message), WG_NOT_FOUND);
  assert_string_equal(error.message, "intake: no order 7");
  assert_string_equal(error.field, "order_id");
  wg_fail(&error, WG_INTERNAL, NULL, "quoted \"%s\"", "\xCD\xF8");
  assert_string_equal(error.message, "quoted \"??\"");
  assert_string_equal(error.field, "");

  char text[1000];
  for (size_t shift = 0; shift < 3; shift++) {
    memset(text, 'x', shift);
    for (size_t at = shift; at + 4 < sizeof text; at += 3)
      memcpy(text + at, "网", 4);
    wg_fail(&error, WG_INTERNAL, text, "%s", text);
    size_t size = strlen(error.message), path = strlen(error.field);
    assert_true(size > sizeof error.message - 4 && size < sizeof error.message);
    assert_memory_equal(error.message, text, size);
    assert_int_equal((size - shift) % 3, 0);
    assert_true(path < sizeof error.field);
    assert_int_equal((path - shift) % 3, 0);
  }
}

static void every_status_has_its_name(void **state) {
  (void)state;
  assert_string_equal(wg_status_name(WG_OK), "OK");
  assert_string_equal(wg_status_name(WG_INVALID_ARGUMENT), "INVALID_ARGUMENT");
  assert_string_equal(wg_status_name(WG_FAILED_PRECONDITION), "FAILED_PRECONDITION");
  assert_string_equal(wg_status_name(WG_UNAUTHENTICATED), "UNAUTHENTICATED");
  assert_string_equal(wg_status_name((wg_status)99), "CODE_99");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arena_memory_is_aligned_and_never_shared),
      cmocka_unit_test(arena_keeps_its_block_over_a_reset),
      cmocka_unit_test(arena_limit_is_for_protobuf_only_and_until_the_reset),
      cmocka_unit_test(arena_makes_texts),
      cmocka_unit_test(a_buffer_grows_and_keeps_what_it_has),
      cmocka_unit_test(json_quotes_whatever_comes),
      cmocka_unit_test(bytes_compare_by_content),
      cmocka_unit_test(a_map_is_a_map_whatever_the_order),
      cmocka_unit_test(a_map_copies_its_keys),
      cmocka_unit_test(an_error_wraps_itself_and_stays_text),
      cmocka_unit_test(every_status_has_its_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
