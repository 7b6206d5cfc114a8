// Text from outside: exactly the well-formed is let in, and the refusal says where.
#include "common/base/text.h"
#include "tests/unit/unit.h"

#define BYTES(literal) ((struct wg_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static const struct {
  const char *what;
  struct wg_bytes text;
} malformed[] = {
    {"lone tail byte", BYTES("\x80")},
    {"tail byte between letters", BYTES("ab\xBF"
                                        "cd")},
    {"overlong slash, two bytes", BYTES("\xC0\xAF")},
    {"overlong U+007F", BYTES("\xC1\xBF")},
    {"overlong slash, three bytes", BYTES("\xE0\x80\xAF")},
    {"overlong U+07FF", BYTES("\xE0\x9F\xBF")},
    {"overlong slash, four bytes", BYTES("\xF0\x80\x80\xAF")},
    {"overlong U+FFFF", BYTES("\xF0\x8F\xBF\xBF")},
    {"overlong NUL", BYTES("\xC0\x80")},
    {"first surrogate", BYTES("\xED\xA0\x80")},
    {"last surrogate", BYTES("\xED\xBF\xBF")},
    {"surrogate pair (CESU-8)", BYTES("\xED\xA1\x8C\xED\xBE\xB4")},
    {"U+110000", BYTES("\xF4\x90\x80\x80")},
    {"five-byte form", BYTES("\xF8\x88\x80\x80\x80")},
    {"six-byte form", BYTES("\xFC\x84\x80\x80\x80\x80")},
    {"FE", BYTES("\xFE")},
    {"FF", BYTES("\xFF")},
    {"two bytes cut", BYTES("\xC3")},
    {"three bytes cut after one", BYTES("\xE7")},
    {"three bytes cut after two", BYTES("\xE7\xBD")},
    {"four bytes cut after three", BYTES("\xF0\x9F\x8F")},
    {"second byte no tail", BYTES("\xC3\x28")},
    {"third byte no tail", BYTES("\xE7\xBD\x28")},
    {"fourth byte no tail", BYTES("\xF0\x9F\x8F\x28")},
    {"NUL alone", BYTES("\0")},
    {"NUL inside", BYTES("before\0after")},
    {"NUL in the eighth byte", BYTES("1234567\0"
                                     "12345678")},
    {"NUL after Chinese", BYTES("网格\0")},
};

static void malformed_text_is_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
    if (wg_utf8_valid(malformed[i].text)) fail_msg("accepted: %s", malformed[i].what);
    // The same behind every offset of the eight-byte and three-byte fast ways.
    for (size_t before = 1; before <= 24; before++) {
      char padded[64];
      size_t size = malformed[i].text.size;
      memset(padded, 'x', sizeof padded);
      memcpy(padded + before, malformed[i].text.data, size);
      if (wg_utf8_valid((struct wg_bytes){(uint8_t *)padded, before + size}))
        fail_msg("accepted behind %zu letters: %s", before, malformed[i].what);
    }
  }
}

static void every_code_point_is_judged_rightly(void **state) {
  (void)state;
  for (uint32_t c = 1; c <= 0x110000; c++) {
    uint8_t text[4];
    size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size; i-- > 0;)
      text[i] = (uint8_t)(0x80 | ((c >> (6 * (size - 1 - i))) & 0x3F));
    text[0] = (uint8_t)(size == 1 ? c : lead[size] | (c >> (6 * (size - 1))));
    bool good = c < 0x110000 && (c < 0xD800 || c > 0xDFFF);
    if (wg_utf8_valid((struct wg_bytes){text, size}) != good) fail_msg("U+%04X judged wrongly", c);
  }
}

static void a_cut_never_splits_a_character(void **state) {
  (void)state;
  struct wg_bytes text = BYTES("a网格é🏠"); // 1 + 3 + 3 + 2 + 4 bytes
  static const size_t expected[] = {0, 1, 1, 1, 4, 4, 4, 7, 7, 9, 9, 9, 9, 13, 13};
  for (size_t limit = 0; limit < sizeof expected / sizeof expected[0]; limit++)
    assert_int_equal(wg_utf8_cut(text, limit), expected[limit]);
  assert_int_equal(wg_utf8_cut(BYTES("\x80\x80\x80\x80\x80\x80"), 5), 5);
  assert_int_equal(wg_utf8_cut(BYTES(""), 0), 0);
}

static void a_text_is_checked_with_its_limit_and_its_place(void **state) {
  (void)state;
  struct wg_error error = {0};
  assert_int_equal(wg_text_check("路灯不亮\n三天了\t", 100, WG_TEXT_REQUIRED, "text", &error), WG_OK);
  assert_int_equal(wg_text_check("", 100, 0, "text", &error), WG_OK);
  assert_int_equal(wg_text_check(NULL, 100, 0, "text", &error), WG_OK);
  assert_int_equal(error.code, WG_OK);
  assert_int_equal(wg_text_check("", 100, WG_TEXT_REQUIRED, "text", &error), WG_INVALID_ARGUMENT);
  assert_int_equal(wg_text_check(NULL, 100, WG_TEXT_REQUIRED, "text", &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "text");
  assert_int_equal(wg_text_check("网格", 5, 0, "title", &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.message, "title has 6 bytes, at most 5 are allowed");
  assert_int_equal(wg_text_check("网格", 6, 0, "title", &error), WG_OK);
  assert_int_equal(wg_text_check("网\x01", 9, 0, "title", &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.message, "title has the control character U+0001 at character 2");
  assert_int_equal(wg_text_check("a\xC2\x85", 9, 0, "title", &error), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "U+0085 at character 2"));
  assert_int_equal(wg_text_check("a\r\nb", 9, 0, "title", &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.message, "title has the control character U+000D at character 2");
  assert_int_equal(wg_text_check("a\x7F", 9, 0, "title", &error), WG_INVALID_ARGUMENT);
  assert_int_equal(wg_text_check("a\nb", 9, WG_TEXT_ONE_LINE, "title", &error), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "one line"));
  assert_int_equal(wg_text_check("网格\xED\xA0\x80", 99, 0, "title", &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.message, "title is not UTF-8 at character 3");
  assert_int_equal(wg_text_check("1 < 2, a<3 <", 99, WG_TEXT_PLAIN, "title", &error), WG_OK);
  static const char *const MARKUP[] = {"网<b>", "网</b", "网<!--", "网<?x", "网<Script"};
  for (size_t i = 0; i < sizeof MARKUP / sizeof *MARKUP; i++) {
    assert_int_equal(wg_text_check(MARKUP[i], 99, 0, "title", &error), WG_OK);
    assert_int_equal(wg_text_check(MARKUP[i], 99, WG_TEXT_PLAIN, "title", &error), WG_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "at character 2"));
  }
}

static void a_token_has_its_alphabet_only(void **state) {
  (void)state;
  struct wg_error error = {0};
  static const char *const bad[] = {"", "A", "a b", "a/b", "水", "a\n", "toolong..", NULL};
  assert_int_equal(wg_token_check("hot-1_2.3", 9, "consumer", &error), WG_OK);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(wg_token_check(bad[i], 8, "consumer", &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "consumer");
  assert_true(wg_all_digits("370117", 6));
  assert_false(wg_all_digits("370117", 5));
  assert_false(wg_all_digits("37011", 6));
  struct wg_error hash_error = {0};
  const char *const hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  assert_int_equal(wg_hash_check(hash, "sha256", &hash_error), WG_OK);
  assert_int_equal(wg_hash_check(hash + 1, "sha256", &hash_error), WG_INVALID_ARGUMENT);
  assert_int_equal(wg_hash_check("", "sha256", &hash_error), WG_INVALID_ARGUMENT);
  assert_false(wg_all_digits("37011a", 6));
  assert_false(wg_all_digits(NULL, 0));
}

static void a_number_is_a_number_and_nothing_else(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",  "-", "+1", " 1", "1 ", "1.0", "0x10", "1e3", "--1", "9223372036854775808", "一", "-9223372036854775809",
      NULL};
  int64_t value = 7;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_false(wg_parse_i64(bad[i], &value));
  assert_int_equal(value, 7);
  assert_true(wg_parse_i64("9223372036854775807", &value) && value == INT64_MAX);
  assert_true(wg_parse_i64("-9223372036854775808", &value) && value == INT64_MIN);
  assert_true(wg_parse_i64("007", &value) && value == 7);
}

static void names_of_bits_are_joined_and_never_cut(void **state) {
  (void)state;
  static const struct wg_bit_name names[] = {{1, "lead"}, {2, "child unit"}, {4, "dispatcher"}, {0}};
  char text[32];
  wg_bit_names(names, 5, text, sizeof text);
  assert_string_equal(text, "lead, dispatcher");
  wg_bit_names(names, 8, text, sizeof text);
  assert_string_equal(text, "");
  wg_bit_names(names, 7, text, 12);
  assert_string_equal(text, "lead");
}

static void numbers_stand_behind_each_other(void **state) {
  (void)state;
  int64_t numbers[3];
  assert_true(wg_parse_numbers("0.9223372036854775807.17", numbers, 3));
  assert_true(numbers[0] == 0 && numbers[1] == INT64_MAX && numbers[2] == 17);
  assert_true(wg_parse_numbers("5", numbers, 1) && numbers[0] == 5);
  static const char *const wrong[] = {"",
                                      "1",
                                      "1.2",
                                      "1.2.3.4",
                                      "1.2.",
                                      ".1.2",
                                      "1..2",
                                      "1.2.3 ",
                                      "-1.2.3",
                                      "1,2,3",
                                      "1.2.x",
                                      "+1.2.3",
                                      "1.9223372036854775808.3",
                                      "1.2.12345678901234567890"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_false(wg_parse_numbers(wrong[i], numbers, 3));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_of_bits_are_joined_and_never_cut),
      cmocka_unit_test(numbers_stand_behind_each_other),
      cmocka_unit_test(malformed_text_is_refused),
      cmocka_unit_test(every_code_point_is_judged_rightly),
      cmocka_unit_test(a_cut_never_splits_a_character),
      cmocka_unit_test(a_text_is_checked_with_its_limit_and_its_place),
      cmocka_unit_test(a_token_has_its_alphabet_only),
      cmocka_unit_test(a_number_is_a_number_and_nothing_else),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
