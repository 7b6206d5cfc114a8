// Bits of titles: a title that holds a word has all its bits, whatever stands around; few others have them.
#include "tests/unit/unit.h"

#include "common/base/arena.h"
#include "services/tracking/words.h"

#include <string.h>

static struct wg_arena *arena;

static struct words_search search_of(const char *text) {
  struct words_search search;
  struct wg_error error = {0};
  const wg_status status = words_search_make(text, arena, &search, &error);
  if (status != WG_OK) fail_msg("%s: %s", text, error.message);
  return search;
}

static bool may_hold(const uint8_t *bits, const struct words_search *search) {
  for (size_t i = 0; i < WORDS_ASKED; i++) {
    if (!(bits[search->bit[i] / 8] >> search->bit[i] % 8 & 1)) return false;
  }
  return true;
}

static void a_title_has_the_bits_of_every_part_of_it(void **state) {
  (void)state;
  const char *const title = "汶河社区15号楼WiFi 电梯故障，多日无人维修😀";
  const char *const parts[] = {"汶河",      "社区15号楼", "wifi",         "WIFI", "电梯",
                               "故障 汶河", "维修😀",      "多日无人维修", "15",   "，多"};
  uint8_t bits[WORDS_BYTES] = {0};
  words_add(bits, title);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    const struct words_search search = search_of(parts[i]);
    if (!may_hold(bits, &search)) fail_msg("%s is not found", parts[i]);
  }
  const char *const others[] = {"停水", "梯电", "电梯 噪音", "i电"}; // the last would need a bigram across the space
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    const struct words_search search = search_of(others[i]);
    if (may_hold(bits, &search)) fail_msg("%s is found", others[i]);
  }
}

static void any_text_sets_bits_without_harm(void **state) {
  (void)state;
  uint8_t bits[WORDS_BYTES] = {0}, none[WORDS_BYTES] = {0};
  words_add(bits, "");
  words_add(bits, "  　 水 ");
  words_add(bits, "\xff\xfe");
  assert_memory_equal(bits, none, sizeof bits);
  char *const longest = wg_arena_alloc(arena, 60001);
  for (size_t i = 0; i < 60000; i += 3)
    memcpy(longest + i, i % 2 ? "水" : "电", 3);
  longest[60000] = 0;
  words_add(bits, longest);
  assert_memory_not_equal(bits, none, sizeof bits);
}

static void a_search_names_all_its_words(void **state) {
  (void)state;
  const struct words_search search = search_of(" 电梯　A_b% \\n ");
  assert_int_equal(search.words, 3);
  assert_string_equal(search.pattern[0], "%电梯%");
  assert_string_equal(search.pattern[1], "%a\\_b\\%%");
  assert_string_equal(search.pattern[2], "%\\\\n%");
  search_of("水 电梯"); // one of them is long enough
}

static void what_cannot_be_looked_for_is_refused(void **state) {
  (void)state;
  char longest[WORDS_TEXT_BYTES + 1];
  memset(longest, 'a', WORDS_TEXT_BYTES);
  longest[WORDS_TEXT_BYTES] = 0;
  const char *const texts[] = {"", " ", "水", "水 电", "a b", "1 2 3 4 5 6 7 8 99", "\xff\xff", "a\nb", longest};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct words_search search;
    struct wg_error error = {0};
    assert_int_equal(words_search_make(texts[i], arena, &search, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, "text");
  }
  longest[WORDS_TEXT_BYTES - 1] = 0;
  search_of(longest);
}

// 256 different titles leave most bits free, or nothing would be passed over.
static void a_full_block_is_mostly_empty(void **state) {
  (void)state;
  uint8_t bits[WORDS_BYTES] = {0};
  char title[128];
  for (int i = 0; i < WORDS_BLOCK; i++) {
    char place[16] = {0};
    for (int c = 0; c < 4; c++) { // U+4E00 onwards
      const unsigned point = 0x4e00U + (unsigned)(i * 37 + c * 1009) % 3000;
      place[c * 3] = (char)(0xe0 | point >> 12);
      place[c * 3 + 1] = (char)(0x80 | (point >> 6 & 0x3f));
      place[c * 3 + 2] = (char)(0x80 | (point & 0x3f));
    }
    snprintf(title, sizeof title, "%s小区%d号楼停水多日无人处理", place, i % 30);
    words_add(bits, title);
  }
  int set = 0;
  for (size_t i = 0; i < WORDS_BYTES; i++)
    set += __builtin_popcount(bits[i]);
  assert_in_range(set, WORDS_BITS / 50, WORDS_BITS / 5);
}

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 16);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      TEST(a_title_has_the_bits_of_every_part_of_it),
      TEST(any_text_sets_bits_without_harm),
      TEST(a_search_names_all_its_words),
      TEST(what_cannot_be_looked_for_is_refused),
      TEST(a_full_block_is_mostly_empty),
  };
  return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
