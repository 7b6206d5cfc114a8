// Grams of titles: an order is found by every word that its title holds, whatever stands around, and hardly by another.
#include "tests/unit/unit.h"

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "services/tracking/words.h"

#include <stdlib.h>
#include <string.h>

static struct wg_arena *arena;

static struct words_search search_of(const char *text) {
  struct words_search search;
  struct wg_error error = {0};
  const wg_status status = words_search_make(text, arena, &search, &error);
  if (status != WG_OK) fail_msg("%s: %s", text, error.message);
  return search;
}

// found gives the orders of a chunk that have all grams of a search.
static struct words_bits found(const struct wg_bytes *bodies, const struct words_search *search) {
  struct words_bits all, bits;
  memset(&all, 0xff, sizeof all);
  for (size_t i = 0; i < search->grams; i++) {
    struct wg_error error = {0};
    if (words_find(bodies[words_bucket(search->gram[i])], search->gram[i], &bits, &error) != WG_OK)
      fail_msg("%s", error.message);
    for (size_t part = 0; part < WORDS_CHUNK / 64; part++)
      all.part[part] &= bits.part[part];
  }
  return all;
}

static bool has(const struct words_bits *bits, int64_t id) {
  return bits->part[id / 64] >> id % 64 & 1;
}

static int count_of(const struct words_bits *bits) {
  int count = 0;
  for (size_t part = 0; part < WORDS_CHUNK / 64; part++)
    count += __builtin_popcountll(bits->part[part]);
  return count;
}

static void a_title_is_found_by_every_part_of_it(void **state) {
  (void)state;
  struct words_chunk *chunk = words_chunk_create(arena);
  words_chunk_add(chunk, 3 * WORDS_CHUNK + 7, "汶河社区15号楼WiFi 电梯故障，多日无人维修😀", "", "");
  words_chunk_add(chunk, 3 * WORDS_CHUNK + 9, "小区停暖气", "", "");
  struct wg_bytes bodies[WORDS_BUCKETS];
  words_chunk_pack(chunk, bodies);
  const char *const parts[] = {"汶河",      "社区15号楼", "wifi",         "WIFI", "电梯",
                               "故障 汶河", "维修😀",      "多日无人维修", "15",   "，多"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    const struct words_search search = search_of(parts[i]);
    const struct words_bits bits = found(bodies, &search);
    if (!has(&bits, 7) || count_of(&bits) != 1) fail_msg("%s finds %d", parts[i], count_of(&bits));
  }
  const char *const others[] = {"停水", "梯电", "电梯 噪音", "i电"}; // the last would need a bigram across the space
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    const struct words_search search = search_of(others[i]);
    const struct words_bits bits = found(bodies, &search);
    if (count_of(&bits)) fail_msg("%s is found", others[i]);
  }
}

static void an_order_is_found_by_category_and_grid(void **state) {
  (void)state;
  struct words_chunk *chunk = words_chunk_create(arena);
  words_chunk_add(chunk, 0, "停水", "城乡建设/供水/停水", "370117001002003");
  words_chunk_add(chunk, WORDS_CHUNK - 1, "停水", "城乡建设-其他", "370117001002004");
  words_chunk_add(chunk, 100, "停水", "", "");
  struct wg_bytes bodies[WORDS_BUCKETS];
  words_chunk_pack(chunk, bodies);
  const struct {
    const char *category, *grid;
    bool first, last;
  } table[] = {{"城乡建设", "", true, false},
               {"城乡建设/供水", "", true, false},
               {"城乡建设/供水/停水", "370117001002003", true, false},
               {"城乡建设/供", "", false, false},
               {"城乡建设-其他", "370117001", false, true},
               {"", "370117001", true, true},
               {"", "370117001002", true, true},
               {"", "370117001002004", false, true},
               {"", "370117001003", false, false}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    struct words_search search = search_of("停水");
    words_search_within(&search, table[i].category, table[i].grid);
    const struct words_bits bits = found(bodies, &search);
    assert_int_equal(has(&bits, 0), table[i].first);
    assert_int_equal(has(&bits, WORDS_CHUNK - 1), table[i].last);
    assert_int_equal(count_of(&bits), table[i].first + table[i].last);
  }
}

static void any_text_is_taken_without_harm(void **state) {
  (void)state;
  struct words_chunk *chunk = words_chunk_create(arena);
  struct wg_bytes bodies[WORDS_BUCKETS];
  words_chunk_pack(chunk, bodies);
  const char *const texts[] = {"", "  　 水 ", "\xff\xfe"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    words_chunk_add(chunk, (int64_t)i, texts[i], "", "");
  words_chunk_pack(chunk, bodies);
  for (size_t i = 0; i < WORDS_BUCKETS; i++)
    assert_int_equal(bodies[i].size, 0);
  char *const longest = wg_arena_alloc(arena, 60001);
  for (size_t i = 0; i < 60000; i += 3)
    memcpy(longest + i, i % 2 ? "水" : "电", 3);
  longest[60000] = 0;
  words_chunk_add(chunk, 5, longest, "/", "37011");
  words_chunk_pack(chunk, bodies);
  const struct words_search search = search_of("水电水");
  const struct words_bits bits = found(bodies, &search);
  assert_true(has(&bits, 5) && count_of(&bits) == 1);
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

// A full chunk: every word finds exactly the orders whose titles have it, be they few (a list) or many (a bitmap), and
// what is kept is some bytes an order: what many say is a bit for each.
static void a_full_chunk_is_exact_and_small(void **state) {
  (void)state;
  static char titles[WORDS_CHUNK][96];
  struct words_chunk *chunk = words_chunk_create(arena);
  for (int i = 0; i < WORDS_CHUNK; i++) {
    char place[16] = {0};
    for (int c = 0; c < 4; c++) { // U+4E00 onwards
      const unsigned point = 0x4e00U + (unsigned)(i % 997 * 37 + c * 1009) % 3000;
      place[c * 3] = (char)(0xe0 | point >> 12);
      place[c * 3 + 1] = (char)(0x80 | (point >> 6 & 0x3f));
      place[c * 3 + 2] = (char)(0x80 | (point & 0x3f));
    }
    snprintf(titles[i], sizeof titles[i], "%s小区%d号楼%s", place, i % 30, i % 3 ? "停水多日无人处理" : "噪音");
    words_chunk_add(chunk, i, titles[i], "城乡建设/供水/停水", "370117001002003");
  }
  struct wg_bytes bodies[WORDS_BUCKETS];
  words_chunk_pack(chunk, bodies);
  size_t size = 0;
  for (size_t i = 0; i < WORDS_BUCKETS; i++)
    size += bodies[i].size;
  assert_in_range(size, WORDS_CHUNK * 5, WORDS_CHUNK * 50);
  char word[16];
  for (int i = 0; i < 200; i++) {
    const char *const words[] = {"停水", "噪音", "小区", "3号", word};
    snprintf(word, sizeof word, "%.6s", titles[i * 41]);
    const char *const asked = words[i % 5];
    const struct words_search search = search_of(asked);
    const struct words_bits bits = found(bodies, &search);
    for (int id = 0; id < WORDS_CHUNK; id++) {
      if (has(&bits, id) != (strstr(titles[id], asked) != NULL)) fail_msg("%s in %s", asked, titles[id]);
    }
  }
}

// What the database gives is read within its bounds, whatever it is.
static void a_broken_body_is_refused(void **state) {
  (void)state;
  const uint8_t broken[][8] = {
      {1}, {1, 0, 1, 0, 0}, {1, 0, 0, 0}, {1, 0, 1, 0, 0, 0x20}, {1, 0, 0xff, 0xff, 1}, {1, 0, 1, 2, 0, 0}};
  const size_t sizes[] = {1, 5, 4, 6, 5, 6};
  struct words_bits bits;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct wg_error error = {0};
    assert_int_equal(words_find((struct wg_bytes){broken[i], sizes[i]}, 1 << 16, &bits, &error), WG_INTERNAL);
  }
  struct wg_error error = {0};
  assert_int_equal(words_late((struct wg_bytes){broken[0], 1}, &bits, &error), WG_INTERNAL);
  srandom(3);
  for (int round = 0; round < 20000; round++) {
    const size_t size = (size_t)random() % 64 + 1;
    uint8_t *const exact = wg_alloc(size); // so that the sanitizers see its end
    for (size_t i = 0; i < size; i++)
      exact[i] = (uint8_t)(random() % 4 ? random() % 3 : random());
    (void)words_find((struct wg_bytes){exact, size}, (words_gram)random() << 16, &bits, &error);
    free(exact);
  }
}

static void what_came_late_is_added(void **state) {
  (void)state;
  const uint8_t ids[] = {0, 0, 0xff, 0x1f, 5, 0};
  struct words_bits bits = {0};
  struct wg_error error = {0};
  assert_int_equal(words_late((struct wg_bytes){ids, sizeof ids}, &bits, &error), WG_OK);
  assert_int_equal(words_late((struct wg_bytes){ids, 0}, &bits, &error), WG_OK);
  assert_true(has(&bits, 0) && has(&bits, 5) && has(&bits, WORDS_CHUNK - 1) && count_of(&bits) == 3);
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
      TEST(a_title_is_found_by_every_part_of_it),
      TEST(an_order_is_found_by_category_and_grid),
      TEST(any_text_is_taken_without_harm),
      TEST(a_search_names_all_its_words),
      TEST(what_cannot_be_looked_for_is_refused),
      TEST(a_full_chunk_is_exact_and_small),
      TEST(a_broken_body_is_refused),
      TEST(what_came_late_is_added),
  };
  return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
