// Numbers of persons are starred however people write them, and nothing else is. Texts are written here or generated
// with a fixed seed; none is a real person's.
#include "tests/unit/unit.h"

#include "common/base/mask.h"

#include <stdio.h>
#include <string.h>

static void shows(const char *text, const char *shown) {
  struct wg_arena *arena = wg_arena_create(4096);
  const char *masked = wg_mask_text(text, arena);
  assert_string_equal(masked, shown);
  if (strcmp(text, shown) == 0) assert_ptr_equal(masked, text);
  assert_ptr_equal(wg_mask_text(masked, arena), masked);
  wg_arena_destroy(arena);
}

static void stays(const char *text) {
  shows(text, text);
}

static void mobile_numbers(void **state) {
  (void)state;
  shows("13812345678", "138****5678");
  shows("请打13812345678，谢谢", "请打138****5678，谢谢");
  shows("138-1234-5678", "138-****-5678");
  shows("138 1234 5678", "138 **** 5678");
  shows("138 12345678", "138 ****5678");
  shows("1381234 5678", "138**** 5678");
  shows("138.1234.5678", "138.****.5678");
  shows("1 3 8 1 2 3 4 5 6 7 8", "1 3 8 * * * * 5 6 7 8");
  shows("+86 13812345678", "+86 138****5678");
  shows("+86-138-1234-5678", "+86-138-****-5678");
  shows("8613812345678", "86138****5678");
  shows("008613812345678", "0086138****5678");
  shows("013812345678", "0138****5678");
  shows("1号楼13812345678 2单元", "1号楼138****5678 2单元");
  shows("13812345678 13987654321", "138****5678 139****4321");
  shows("13812345678/13987654321", "138****5678/139****4321");
  shows("2025-05-29 13812345678", "2025-05-29 138****5678");
  shows("１３８１２３４５６７８", "１３８****５６７８");
  shows("１３８－１２３４－５６７８", "１３８－****－５６７８");
  shows("１３８　１２３４　５６７８", "１３８　****　５６７８");
  shows("138—1234—5678", "138—****—5678");
  shows("一三八一二三四五六七八", "一三八****五六七八");
  shows("幺三八零〇三四五六七八", "幺三八****五六七八");
  shows("三楼13812345678", "三楼138****5678");
  shows("十一13812345678", "十一138****5678");
  shows("138一二三四5678", "138****5678");
  shows("微信同号a13812345678", "微信同号a138****5678");
  shows("13812345678x", "138****5678x");
}

static void identity_numbers(void **state) {
  (void)state;
  shows("身份证11010519491231002X。", "身份证******************。");
  shows("11010519491231002x", "******************");
  shows("440524188001010014 ", "440524188001010014 "); // born in 1880
  shows("440524198001010013", "******************");
  shows("110105 19491231 002X", "****** ******** ****");
  shows("１１０１０５１９４９１２３１００２Ｘ", "******************");
  shows("一一〇一〇五一九四九一二三一〇〇二X", "******************");
  stays("110105194912310021"); // check digit wrong: a number of something else
  shows("身份证号：110105194912310021", "身份证号：******************");
  shows("370117800229001", "***************");
  stays("370117809929001"); // no such month
  stays("990117800229001"); // no such province
}

static void landlines(void **state) {
  (void)state;
  shows("0634-6212345", "0634-*******");
  shows("06346212345", "0634*******");
  shows("（0634）6212345", "（0634）*******");
  shows("0531-88881234转801", "0531-********转801");
  shows("0634-6212345-801", "0634-*******-801");
  shows("010-88881234", "010-********");
  shows("021 8888 1234", "021 **** ****");
  shows("+86 634 6212345", "+86 634 *******");
  shows("０６３４－６２１２３４５", "０６３４－*******");
  shows("零六三四六二一二三四五", "零六三四*******");
  shows("电话6212345", "电话*******");
  shows("座机：8888-1234。", "座机：****-****。");
  stays("6212345");
}

static void everything_else_stays(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "铁流花园19号楼高层水压不足",
      "工单号13812345678",
      "编号：13812345678",
      "户号 15012345678，已欠费",
      "单号为13812345678的快递",
      "RX2025052900015",
      "3701172025052900015",
      "20250529 08:30",
      "2025-05-29 13:10",
      "2025年5月29日13时10分",
      "网格370117001001001",
      "370117001001001",
      "370117019001001",
      "13800138000元",
      "补偿13800138000.50元",
      "合计138001380万元",
      "117.8131234,36.1234567",
      "117.81312345678,36.12345678",
      "鲁A12345",
      "鲁SD12345",
      "12345热线、110、12315、96119",
      "400-618-1234",
      "2000-3000元",
      "1、2、3、4、5、6、7、8、9、10、11",
      "1 3 5 7 9 11 13 15 17号楼",
      "二〇二五年五月二十九日",
      "一三五七九",
      "28138123456789",
      "6222021234567890123",
      "91370117MA3C12345X",
      "3-2-1101",
      "19-2-2002",
      "12.5元/平方米",
      "\xe4",
      "1381234567\xef\xbc",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    stays(texts[i]);
}

// --- generated ---

static uint32_t seed = 20261128;

static uint32_t random_below(uint32_t limit) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % limit;
}

// spell writes digits in one of the three forms, with separators where `groups` has them.
static void spell(char *out, const char *digits, const char *groups) {
  static const char *const full[] = {"０", "１", "２", "３", "４", "５", "６", "７", "８", "９"};
  static const char *const chinese[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  static const char *const separators[] = {"-", " ", "－", "　", "—", "  "};
  const uint32_t form = random_below(3);
  const char *separator = separators[random_below(6)];
  *out = '\0';
  size_t group = 0, in_group = 0;
  for (; *digits; digits++, in_group++) {
    if (groups[group] && in_group == (size_t)(groups[group] - '0')) {
      strcat(out, separator);
      group++;
      in_group = 0;
    }
    const char one[2] = {*digits, 0};
    strcat(out, form == 0 || *digits == 'X' ? one : form == 1 ? full[*digits - '0'] : chinese[*digits - '0']);
  }
}

static size_t stars_of(const char *text) {
  size_t stars = 0;
  for (; *text; text++)
    stars += *text == '*';
  return stars;
}

static void generate_identity(char digits[19]) {
  static const unsigned weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  snprintf(digits, 19, "370117%04u%02u%02u%03u", 1930 + random_below(80), 1 + random_below(12), 1 + random_below(28),
           random_below(1000));
  unsigned sum = 0;
  for (size_t i = 0; i < 17; i++)
    sum += weights[i] * (unsigned)(digits[i] - '0');
  digits[17] = "10X98765432"[sum % 11];
  digits[18] = '\0';
}

static void every_generated_number_is_found(void **state) {
  (void)state;
  static const char *const around[][2] = {{"", ""},
                                          {"联系人手机", "，请尽快回电"},
                                          {"（", "）"},
                                          {"3号楼2单元电话", "谢谢"},
                                          {"张先生", "反映水压不足"},
                                          {"tel:", ";"}};
  static const char *const mobiles[] = {"", "34", "3", "7", "43", "5"};
  static const char *const identities[] = {"", "68", "644", "6422"};
  struct wg_arena *arena = wg_arena_create(1 << 16);
  for (int round = 0; round < 20000; round++) {
    char digits[24], spelt[256], text[512];
    const uint32_t kind = random_below(3);
    size_t stars = 0;
    if (kind == 0) {
      snprintf(digits, sizeof digits, "1%u%09u", 3 + random_below(7), random_below(1u << 24) * 59u % 1000000000u);
      spell(spelt, digits, mobiles[random_below(6)]);
      stars = 4;
    } else if (kind == 1) {
      generate_identity(digits);
      spell(spelt, digits, identities[random_below(4)]);
      stars = 18;
    } else {
      const bool eight = random_below(2);
      snprintf(digits, sizeof digits, "0%u%02u%u%06u", 3 + random_below(7), random_below(100), 2 + random_below(7),
               random_below(1000000));
      if (eight) strcat(digits, "7");
      spell(spelt, digits, random_below(2) ? "" : "4");
      stars = eight ? 8 : 7;
    }
    const char *const *both = around[random_below(6)];
    snprintf(text, sizeof text, "%s%s%s", both[0], spelt, both[1]);
    const char *masked = wg_mask_text(text, arena);
    if (stars_of(masked) != stars) fail_msg("\"%s\" is shown as \"%s\", not with %zu stars", text, masked, stars);
    wg_arena_reset(arena);
  }
  wg_arena_destroy(arena);
}

// A number is found whichever sign it begins with. All its digits are of one kind, for a group ends where it changes.
static void every_digit_begins_a_number(void **state) {
  (void)state;
  static const struct {
    const char *before, *signs, *fill[3]; // of ASCII, full width, Chinese
    int digits;
  } table[] = {{"联系人", "1１一幺壹", {"7", "７", "七"}, 11}, {"联系人", "0０零〇", {"5", "５", "五"}, 12},
               {"电话", "2２二两贰", {"5", "５", "五"}, 8},    {"电话", "3３三叁", {"5", "５", "五"}, 8},
               {"电话", "4４四肆", {"5", "５", "五"}, 8},      {"电话", "5５五伍", {"5", "５", "五"}, 8},
               {"电话", "6６六陆", {"5", "５", "五"}, 8},      {"电话", "7７七柒", {"5", "５", "五"}, 8},
               {"电话", "8８八捌", {"5", "５", "五"}, 8}};
  struct wg_arena *arena = wg_arena_create(4096);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    for (const char *sign = table[i].signs; *sign;) {
      const bool ascii = *sign > 0, full = *sign == '\xef';
      const int size = ascii ? 1 : 3;
      char text[96];
      snprintf(text, sizeof text, "%s%.*s", table[i].before, size, sign);
      for (int n = 1; n < table[i].digits; n++)
        strcat(text, table[i].fill[ascii ? 0 : full ? 1 : 2]);
      if (!stars_of(wg_mask_text(text, arena))) fail_msg("nothing is found in \"%s\"", text);
      sign += size;
    }
  }
  wg_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(mobile_numbers),
                                     cmocka_unit_test(identity_numbers),
                                     cmocka_unit_test(landlines),
                                     cmocka_unit_test(everything_else_stays),
                                     cmocka_unit_test(every_generated_number_is_found),
                                     cmocka_unit_test(every_digit_begins_a_number)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
