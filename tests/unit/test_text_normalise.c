// Texts made comparable: what counts as the same text, what is refused, and that the fast way and the long way agree.
#include "tests/unit/unit.h"

#include "common/base/text.h"
#include "services/routing/text/normalise.h"
#include "services/routing/text/work.h"

#include <stdlib.h>

struct kit {
  struct wg_arena *arena;
  struct routing_text_work *work;
};

static int open_kit(void **state) {
  struct kit *kit = wg_zalloc(sizeof *kit);
  kit->arena = wg_arena_create(4096);
  kit->work = routing_text_work_create();
  *state = kit;
  return 0;
}

static int close_kit(void **state) {
  struct kit *kit = *state;
  wg_arena_destroy(kit->arena);
  routing_text_work_destroy(kit->work);
  free(kit);
  return 0;
}

static struct routing_text normal(struct kit *kit, const char *title, const char *body) {
  struct routing_text text;
  struct wg_error error = {0};
  assert_int_equal(routing_text_normalise(wg_bytes_of(title), wg_bytes_of(body), kit->work, kit->arena, &text, &error),
                   WG_OK);
  return text;
}

static const char *plain(struct kit *kit, const char *body) {
  struct routing_text text = normal(kit, NULL, body);
  return routing_text_utf8(text.points, text.count, kit->arena);
}

static void width_case_and_punctuation_make_no_difference(void **state) {
  struct kit *kit = *state;
  assert_string_equal(plain(kit, "Ａ市　A３区，３栋ＡＢ（楼道）！"), "a市a3区3栋ab楼道");
  assert_int_equal(normal(kit, NULL, "Ａ市３栋。").hash, normal(kit, NULL, " a市，3 栋").hash);
  assert_string_equal(plain(kit, "１００㎡ ①号 ㈱ ﬁ"), "100m21号株fi");
  assert_string_equal(plain(kit, "Cafe\xcc\x81 Caf\xc3\xa9 ㎡"), "cafécafém2");
  assert_string_equal(plain(kit, "停电😀👨‍👩‍👧了1️⃣‼️"), "停电了1");
}

static void numbers_of_people_are_masked_and_numbers_of_houses_stay(void **state) {
  struct kit *kit = *state;
  assert_string_equal(plain(kit, "电话13812345678请回电"), "电话 请回电");
  assert_string_equal(plain(kit, "电话138-1234 5678，座机（0531）8765432。"), "电话 座机");
  assert_string_equal(plain(kit, "１３８１２３４５６７８"), "");
  assert_string_equal(plain(kit, "身份证11010119900307123X号"), "身份证 号");
  assert_string_equal(plain(kit, "3栋2单元1202室2019年"), "3栋2单元1202室2019年");
  assert_string_equal(plain(kit, "12、15、17、19栋"), "12151719栋");
}

static void courtesies_are_cut_and_leave_a_break(void **state) {
  struct kit *kit = *state;
  assert_string_equal(plain(kit, "尊敬的领导：您好！路灯坏了，望领导重视，尽快处理。谢谢！"), "路灯坏了");
  assert_string_equal(plain(kit, "路灯坏了谢谢又停水"), "路灯坏了 又停水");
  assert_int_equal(normal(kit, NULL, "路灯坏了").hash, normal(kit, NULL, "您好，路灯坏了。谢谢！").hash);
  assert_int_equal(normal(kit, NULL, "您好").hash, 0);
}

static void title_and_text_are_kept_apart(void **state) {
  struct kit *kit = *state;
  struct routing_text text = normal(kit, "路灯坏了", "三天没人修");
  assert_int_equal(text.title, 5);
  assert_int_equal(text.points[4], ROUTING_TEXT_BREAK);
  assert_string_equal(routing_text_utf8(text.points, text.count, kit->arena), "路灯坏了 三天没人修");
  text = normal(kit, "您好", "三天没人修");
  assert_int_equal(text.title, 0);
  text = normal(kit, "路灯坏了", "");
  assert_int_equal(text.count, 4);
  assert_int_equal(text.title, 4);
}

static void empty_text_is_fine_and_says_nothing(void **state) {
  struct kit *kit = *state;
  const char *const empty[] = {"", "，。！", "😀😀", "13812345678", "\n\t "};
  for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
    struct routing_text text = normal(kit, NULL, empty[i]);
    assert_int_equal(text.count, 0);
    assert_int_equal(text.hash, 0);
  }
}

static void what_is_not_utf8_is_refused_with_its_field(void **state) {
  struct kit *kit = *state;
  const struct wg_bytes bad[] = {{(const uint8_t *)"\xff", 1},         {(const uint8_t *)"\xe8\xb7", 2},
                                 {(const uint8_t *)"\xed\xa0\x80", 3}, {(const uint8_t *)"a\0b", 3},
                                 {(const uint8_t *)"\xc0\x80", 2},     {(const uint8_t *)"\xf5\x80\x80\x80", 4}};
  struct routing_text text;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct wg_error error = {0};
    assert_int_equal(routing_text_normalise(bad[i], wg_bytes_of("好"), kit->work, kit->arena, &text, &error),
                     WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, "title");
    assert_int_equal(routing_text_normalise(wg_bytes_of("好"), bad[i], kit->work, kit->arena, &text, &error),
                     WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, "text");
  }
}

static void long_texts_pass_up_to_the_limit(void **state) {
  struct kit *kit = *state;
  struct wg_buffer buffer = {0};
  for (int i = 0; i < 7000; i++)
    wg_buffer_text(&buffer, i % 3 == 0 ? "路" : i % 3 == 1 ? "灯" : "坏");
  assert_int_equal(normal(kit, NULL, wg_buffer_cstr(&buffer)).count, 7000);
  wg_buffer_text(&buffer, "e\xcc\x81"); // the long way too
  assert_int_equal(normal(kit, NULL, wg_buffer_cstr(&buffer)).count, 7001);
  while (buffer.size <= ROUTING_TEXT_BYTES)
    wg_buffer_text(&buffer, "\xef\xb7\xba"); // grows 18-fold
  struct routing_text text;
  struct wg_error error = {0};
  assert_int_equal(routing_text_normalise((struct wg_bytes){NULL, 0}, (struct wg_bytes){buffer.data, buffer.size},
                                          kit->work, kit->arena, &text, &error),
                   WG_RESOURCE_EXHAUSTED);
  buffer.size -= 6;
  assert_int_equal(routing_text_normalise((struct wg_bytes){NULL, 0}, (struct wg_bytes){buffer.data, buffer.size},
                                          kit->work, kit->arena, &text, &error),
                   WG_OK);
  assert_true(text.count > 7000);
  wg_buffer_free(&buffer);
}

// Every character of the Basic Multilingual Plane and emoji, alone, gives the same by the table and by utf8proc whole:
// a combining accent in front of the text forces the long way and goes itself when it has nothing to combine with.
static void the_table_agrees_with_full_normalisation(void **state) {
  struct kit *kit = *state;
  for (uint32_t point = 1; point < 0x2fa20; point++) {
    if (point >= 0xd800 && point < 0xe000) continue;
    const struct routing_mapped mapped = routing_point_map(point);
    if (mapped.what == ROUTING_POINT_SLOW) continue;
    const char *alone = routing_text_utf8(&point, 1, kit->arena);
    const struct routing_text fast = normal(kit, alone, NULL);
    const struct routing_text slow = normal(kit, wg_arena_printf(kit->arena, "%s中e\xcc\x81", alone), NULL);
    assert_int_equal(slow.count, fast.count + 2);
    if (fast.count > 0) assert_memory_equal(slow.points, fast.points, fast.count * sizeof *fast.points);
    assert_int_equal(slow.points[fast.count], 0x4e2d);
    assert_int_equal(slow.points[fast.count + 1], 0xe9);
    wg_arena_reset(kit->arena);
  }
}

static void names_are_cut_wherever_they_stand(void **state) {
  struct kit *kit = *state;
  const struct routing_text text = normal(kit, "滨河苑停水", "伊景园滨河苑停水，问了滨河苑物业。河苑"),
                            names[] = {normal(kit, "滨河苑", ""), normal(kit, "", "伊景园·滨河苑"), normal(kit, "", ""),
                                       normal(kit, "河苑停水的物业和很长很长很长很长的名字", "")};
  const struct routing_text whole = routing_text_cut(&text, names, 0, kit->arena);
  assert_int_equal(whole.count, text.count);
  assert_memory_equal(whole.points, text.points, text.count * sizeof *text.points);
  const struct routing_text cut = routing_text_cut(&text, names, 4, kit->arena);
  // Each name is one break; of two that begin at one place the longer goes.
  assert_int_equal(text.count - cut.count, 2 + 5 + 2);
  assert_int_equal(text.title - cut.title, 2);
  assert_int_equal(cut.points[0], ROUTING_TEXT_BREAK);
  assert_int_equal(cut.points[1], 0x505c);
  assert_int_equal(cut.points[cut.count - 1], 0x82d1); // 苑 of 河苑, which is no name here
  assert_int_equal(cut.hash, text.hash);
  const struct routing_text nothing = normal(kit, "", ""), name = normal(kit, "滨河苑", "");
  assert_int_equal(routing_text_cut(&nothing, names, 4, kit->arena).count, 0);
  const struct routing_text only = routing_text_cut(&name, names, 4, kit->arena);
  for (uint32_t i = 0; i < only.count; i++)
    assert_int_equal(only.points[i], ROUTING_TEXT_BREAK);
}

static void hashes_tell_texts_apart(void **state) {
  struct kit *kit = *state;
  enum { TEXTS = 20000, POINTS = 40 };
  static uint64_t seen[1 << 16];
  uint32_t seed = 1;
  for (int i = 0; i < TEXTS; i++) { // of two characters only: texts that differ in little
    char text[POINTS * 3 + 1] = "";
    for (int k = 0; k < POINTS; k++)
      strcat(text, (seed = seed * 1664525 + 1013904223) >> 31 ? "灯" : "坏");
    const uint64_t hash = normal(kit, NULL, text).hash;
    assert_int_equal(normal(kit, NULL, text).hash, hash);
    size_t at = hash >> 48;
    for (; seen[at] != 0; at = (at + 1) % (1 << 16))
      assert_int_not_equal(seen[at], hash);
    seen[at] = hash;
    wg_arena_reset(kit->arena);
  }
  assert_int_not_equal(normal(kit, NULL, "灯").hash, normal(kit, NULL, "灯灯").hash);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(width_case_and_punctuation_make_no_difference, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(numbers_of_people_are_masked_and_numbers_of_houses_stay, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(courtesies_are_cut_and_leave_a_break, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(title_and_text_are_kept_apart, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(empty_text_is_fine_and_says_nothing, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(what_is_not_utf8_is_refused_with_its_field, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(long_texts_pass_up_to_the_limit, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(the_table_agrees_with_full_normalisation, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(names_are_cut_wherever_they_stand, open_kit, close_kit),
      cmocka_unit_test_setup_teardown(hashes_tell_texts_apart, open_kit, close_kit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
