// A masked reporter never tells more than the surname's first character and the ends of a long telephone number.
#include "tests/unit/unit.h"

#include "common/base/mask.h"

#include <string.h>

static void masks(char *(*mask)(const char *, struct wg_arena *), const char *text, const char *shown) {
  struct wg_arena *arena = wg_arena_create(4096);
  assert_string_equal(mask(text, arena), shown);
  wg_arena_destroy(arena);
}

static void names_show_one_character(void **state) {
  (void)state;
  masks(wg_mask_name, "张三", "张**");
  masks(wg_mask_name, "张", "张**");
  masks(wg_mask_name, "欧阳小明", "欧**");
  masks(wg_mask_name, "Smith", "S**");
  masks(wg_mask_name, "𠮷田", "𠮷**");
  masks(wg_mask_name, "", "");
  masks(wg_mask_name, "\xe5", "\xe5**"); // a cut character does not read past the end
}

static void phones_show_their_ends(void **state) {
  (void)state;
  masks(wg_mask_phone, "13812345678", "138****5678");
  masks(wg_mask_phone, "+86 138-1234-5678", "138****5678");
  masks(wg_mask_phone, "053112345678", "053****5678");
  masks(wg_mask_phone, "6212345", "****45");
  masks(wg_mask_phone, "110", "****");
  masks(wg_mask_phone, "- +", "****");
  masks(wg_mask_phone, "", "");
}

static void persons_in_texts_are_starred(void **state) {
  (void)state;
  static const struct {
    const char *text, *name, *shown;
  } table[] = {
      {"张三说，找张三。", "张三", "**说，找**。"},
      {"张三", "张三", "**"},
      {"三张桌子", "张三", "三张桌子"},
      {"", "张三", ""},
      {"张三说", "", "张三说"},
      {"张三说", "张", "张三说"}, // a surname alone stands in too many words
      {"欧阳小明反映", "欧阳小明", "**反映"},
      {"阿依努尔·买买提反映", "阿依努尔·买买提", "**反映"},
      {"幸福家园业主反映漏水", "幸福家园业主", "幸福家园业主反映漏水"}, // no person
      {"市民反映", "市民", "市民反映"},
      {"Li said: Limit; LI, Li", "Li", "** said: Limit; LI, **"},
      {"John Smith called", "John Smith", "** called"},
      {"张三13800000000", "张三1380", "张三13800000000"},
      {"张张张三三三", "张张三", "张**三三"},
  };
  struct wg_arena *arena = wg_arena_create(4096);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const char *shown = wg_mask_person(table[i].text, table[i].name, arena);
    assert_string_equal(shown, table[i].shown);
    if (strcmp(table[i].text, table[i].shown) == 0) assert_ptr_equal(shown, table[i].text);
  }
  wg_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names_show_one_character),
                                     cmocka_unit_test(phones_show_their_ends),
                                     cmocka_unit_test(persons_in_texts_are_starred)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
