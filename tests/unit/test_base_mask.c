// A masked reporter never tells more than the surname's first character and the ends of a long telephone number.
#include "tests/unit/unit.h"

#include "common/base/mask.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names_show_one_character),
                                     cmocka_unit_test(phones_show_their_ends)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
