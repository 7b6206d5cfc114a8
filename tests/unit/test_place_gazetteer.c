// The gazetteer: names are found as people write them, the longest wins, clashes are kept and said, limits hold.
#include "tests/unit/place_fixture.h"

#include "services/routing/place/number.h"

#include <math.h>

static struct routing_net *net;

static int set_up(void **state) {
  (void)state;
  net = fixture_net();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  routing_net_close(net);
  return 0;
}

// The place_ids found in a text, joined by spaces; of a name of several places joined by "|".
static const char *found_in(const struct routing_gazetteer *gazetteer, const char *text) {
  static char answer[4096];
  static uint32_t codes[65536];
  struct routing_hit hits[ROUTING_HITS];
  const size_t count = routing_fold(wg_bytes_of(text), codes, 65536);
  const size_t found = routing_gazetteer_find(gazetteer, codes, count, hits, ROUTING_HITS);
  size_t used = 0;
  answer[0] = '\0';
  for (size_t i = 0; i < found; i++) {
    size_t owner_count;
    const uint32_t *owners = routing_gazetteer_owners(gazetteer, hits[i].name, &owner_count);
    for (size_t n = 0; n < owner_count; n++)
      used += (size_t)snprintf(answer + used, sizeof answer - used, "%s%s",
                               n      ? "|"
                               : used ? " "
                                      : "",
                               routing_gazetteer_entry(gazetteer, owners[n])->place_id);
  }
  return answer;
}

static struct routing_gazetteer *sample(void) {
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  must_add(builder, (struct spot){"jinan", ROUTING_PLACE_CITY, "济南市", "3701"});
  must_add(builder,
           (struct spot){"mlzc", ROUTING_PLACE_ESTATE, "魅力之城小区", "370117001001001", .alias = "魅力之城"});
  must_add(builder, (struct spot){"mlzc-n", ROUTING_PLACE_ESTATE, "魅力之城北苑", "370117001001002"});
  must_add(builder, (struct spot){"b15", ROUTING_PLACE_BUILDING, "15号楼", "", "mlzc"});
  must_add(builder, (struct spot){"b3-1", ROUTING_PLACE_BUILDING, "一期3栋", "", "mlzc"});
  must_add(builder, (struct spot){"b3-2", ROUTING_PLACE_BUILDING, "二期3栋", "", "mlzc"});
  must_add(builder, (struct spot){"g2", ROUTING_PLACE_BUILDING, "魅力之城G2栋", "", "mlzc"});
  must_add(builder, (struct spot){"b8u2", ROUTING_PLACE_BUILDING, "8号楼2单元", "", "mlzc"});
  must_add(builder, (struct spot){"b8", ROUTING_PLACE_BUILDING, "8号楼", "", "mlzc"});
  must_add(builder, (struct spot){"lf", ROUTING_PLACE_ROAD, "联丰路", ""});
  must_add(builder, (struct spot){"lf112", ROUTING_PLACE_BUILDING, "联丰路112号", "370117001002001", "lf"});
  must_add(builder, (struct spot){"zsgy", ROUTING_PLACE_SITE, "中山公园", "370117001002"});
  must_add(builder, (struct spot){"gybl", ROUTING_PLACE_ROAD, "公园北路", ""});
  must_add(builder, (struct spot){"zs", ROUTING_PLACE_ROAD, "中山", ""});
  must_add(builder, (struct spot){"a3", ROUTING_PLACE_SITE, "A3区", ""});
  must_add(builder, (struct spot){"cafe", ROUTING_PLACE_SITE, "Café Ａ３", ""});
  must_add(builder, (struct spot){"s1", ROUTING_PLACE_ESTATE, "阳光小区", "370117001001"});
  must_add(builder, (struct spot){"s2", ROUTING_PLACE_ESTATE, "阳光小区", "370117001002"});
  return routing_gazetteer_seal(builder);
}

static void the_longest_name_wins(void **state) {
  (void)state;
  struct routing_gazetteer *gazetteer = sample();
  static const struct {
    const char *text, *found;
  } cases[] = {
      {"", ""},
      {"中", ""},
      {"山中山中", "zs"},
      {"住在魅力之城小区旁", "mlzc"},
      {"住在魅力之城旁", "mlzc"},
      {"魅力之城北苑", "mlzc-n"},
      {"魅力之城北", "mlzc"},
      {"魅力之", ""},
      {"中山公园北路", "zsgy"},      // equally long: the first
      {"中山的公园北路", "zs gybl"}, // a shorter one elsewhere stays
      {"中山公园，公园北路，中山路", "zsgy gybl zs"},
      {"阳光小区", "s1|s2"},
      {"艾山街道", "370117001"},
      {"艾山街道办事处汶河社区", "370117001 370117001001"},
      {"汶河社区居委会", "370117001001"},
      {"第三网格", "370117001001003"},
      {"第一网格", "370116001001001|370117001001001|370117001002001"},
      {"济南市钢城区", "jinan 370117"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (strcmp(found_in(gazetteer, cases[i].text), cases[i].found) != 0)
      fail_msg("%s: %s, should be %s", cases[i].text, found_in(gazetteer, cases[i].text), cases[i].found);
  routing_gazetteer_close(gazetteer);
}

static void what_reads_the_same_is_the_same(void **state) {
  (void)state;
  struct routing_gazetteer *gazetteer = sample();
  static const char *const same[] = {"A3区",
                                     "a3区",
                                     "Ａ３区",
                                     "Ａ3 区",
                                     "A 3\n区",
                                     "在A3区",
                                     "x A3区",
                                     "😀A3区😀",
                                     "\xff\x41\x33区\xfe",
                                     "A\u200b3区" /* zero width space */,
                                     "a市A3区"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    if (strcmp(found_in(gazetteer, same[i]), "a3") != 0) fail_msg("not found in %s", same[i]);
  static const char *const other[] = {"BA3区", "1A3区", "A3\xff区", "A33区", "Ａ３小区", "A3"};
  for (size_t i = 0; i < sizeof other / sizeof *other; i++)
    if (*found_in(gazetteer, other[i])) fail_msg("found in %s", other[i]);
  assert_string_equal(found_in(gazetteer, "去cafe a3喝茶"), "cafe");
  assert_string_equal(found_in(gazetteer, "去CAFE\xcc\x81 a3"), "cafe"); // e and a combining accent
  assert_string_equal(found_in(gazetteer, "cafe a35"), "");
  routing_gazetteer_close(gazetteer);
}

static const char *building_at(const struct routing_gazetteer *gazetteer, const char *estate, const char *behind,
                               bool days) {
  uint32_t codes[256], place = 0;
  const size_t count = routing_fold(wg_bytes_of(behind), codes, 256);
  while (strcmp(routing_gazetteer_entry(gazetteer, place)->place_id, estate) != 0)
    place++;
  const uint32_t found = routing_gazetteer_building(gazetteer, place, codes, count, days);
  return found == UINT32_MAX ? "" : routing_gazetteer_entry(gazetteer, found)->place_id;
}

static void house_numbers_refine_an_estate(void **state) {
  (void)state;
  struct routing_gazetteer *gazetteer = sample();
  static const struct {
    const char *behind, *building;
  } cases[] = {
      {"15号楼3单元502", "b15"},
      {"１５号楼", "b15"},
      {"十五栋", "b15"},
      {"一五幢", "b15"},
      {"15#楼", "b15"},
      {"015号楼", "b15"},
      {"（北侧）15号楼", "b15"},
      {"15号停水", "b15"},
      {"G2栋320", "g2"},
      {"g 2 栋", "g2"},
      {"G3栋", ""},
      {"二期3栋", "b3-2"},
      {"2期3栋", "b3-2"},
      {"3栋", ""} /* of which phase? */,
      {"三期3栋", ""},
      {"8号楼2单元", "b8u2"},
      {"8号楼3单元", "b8"},
      {"8号楼", "b8"},
      {"16号楼", ""},
      {"。15号楼", ""},
      {"，15号楼", ""},
      {"", ""},
      {"号楼", ""},
      {"115号楼", ""},
      {"99999999999号楼", ""},
      {"15", ""},
      {"15层", ""},
      {"零号楼", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (strcmp(building_at(gazetteer, "mlzc", cases[i].behind, true), cases[i].building) != 0)
      fail_msg("%s: %s, should be %s", cases[i].behind, building_at(gazetteer, "mlzc", cases[i].behind, true),
               cases[i].building);
  assert_string_equal(building_at(gazetteer, "mlzc", "15号停水", false), ""); // a day of the month
  assert_string_equal(building_at(gazetteer, "mlzc", "15号楼", false), "b15");
  assert_string_equal(building_at(gazetteer, "lf", "112号", true), "lf112");
  assert_string_equal(building_at(gazetteer, "s1", "15号楼", true), "");
  routing_gazetteer_close(gazetteer);
}

static void what_names_nothing_is_refused(void **state) {
  (void)state;
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  char long_name[ROUTING_NAME_BYTES + 4] = "";
  for (int i = 0; i < ROUTING_NAME_SIZE + 1; i++)
    strcat(long_name, "路");
  const struct {
    struct spot spot;
    const char *field;
  } bad[] = {
      {{NULL, ROUTING_PLACE_ROAD, "联丰路", ""}, "place_id"},
      {{"", ROUTING_PLACE_ROAD, "联丰路", ""}, "place_id"},
      {{"a\nb", ROUTING_PLACE_ROAD, "联丰路", ""}, "place_id"},
      {{"r", (enum routing_place_kind)0, "联丰路", ""}, "kind"},
      {{"r", (enum routing_place_kind)99, "联丰路", ""}, "kind"},
      {{"r", ROUTING_PLACE_COMMUNITY, "联丰社区", ""}, "kind"},
      {{"r", ROUTING_PLACE_ROAD, NULL, ""}, "name"},
      {{"r", ROUTING_PLACE_ROAD, "", ""}, "name"},
      {{"r", ROUTING_PLACE_ROAD, "路", ""}, "name"},
      {{"r", ROUTING_PLACE_ROAD, "　路　", ""}, "name"},
      {{"r", ROUTING_PLACE_ROAD, "\xff\xfe", ""}, "name"},
      {{"r", ROUTING_PLACE_ROAD, "小区", ""}, "name"},
      {{"r", ROUTING_PLACE_ROAD, "15号", ""}, "name"},
      {{"r", ROUTING_PLACE_BUILDING, "15号楼", ""}, "name"},
      {{"r", ROUTING_PLACE_ROAD, long_name, ""}, "name"},
      {{"r", ROUTING_PLACE_ROAD, "联丰路", "", .alias = ""}, "aliases[0]"},
      {{"r", ROUTING_PLACE_ROAD, "联丰路", "", .alias = "花园"}, "aliases[0]"},
      {{"r", ROUTING_PLACE_ROAD, "联丰路", "370117001009"}, "code"},
      {{"r", ROUTING_PLACE_ROAD, "联丰路", "xyz"}, "code"},
      {{"r", ROUTING_PLACE_CITY, "济南市", "370117"}, "code"},
      {{"r", ROUTING_PLACE_CITY, "济南市", ""}, "code"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct wg_error error = {0};
    assert_int_equal(add_spot(builder, bad[i].spot, &error), WG_INVALID_ARGUMENT);
    if (strcmp(error.field, bad[i].field) != 0) fail_msg("%zu: %s %s", i, error.field, error.message);
  }
  const double points[][2] = {{NAN, 36}, {36, 117}, {INFINITY, 36}};
  for (size_t i = 0; i < 3; i++) {
    struct wg_error error = {0};
    const struct routing_entry entry = {.place_id = "p",
                                        .kind = ROUTING_PLACE_SITE,
                                        .name = "中山公园",
                                        .has_position = true,
                                        .lon = points[i][0],
                                        .lat = points[i][1]};
    assert_int_equal(routing_gazetteer_add(builder, &entry, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, "position");
  }
  must_add(builder, (struct spot){"r", ROUTING_PLACE_ROAD, "联丰路", NULL});
  struct wg_error error = {0};
  assert_int_equal(add_spot(builder, (struct spot){"r", ROUTING_PLACE_ROAD, "联合路", ""}, &error), WG_ALREADY_EXISTS);
  assert_int_equal(add_spot(builder, (struct spot){"370117", ROUTING_PLACE_ROAD, "联合路", ""}, &error),
                   WG_ALREADY_EXISTS);
  assert_int_equal(routing_gazetteer_alias(builder, "370117001001", "老汶河村", &error), WG_OK);
  assert_int_equal(routing_gazetteer_alias(builder, "r", "联丰大街", &error), WG_OK);
  assert_int_equal(routing_gazetteer_alias(builder, "r", "街", &error), WG_INVALID_ARGUMENT);
  assert_int_equal(routing_gazetteer_alias(builder, "nobody", "联丰大街", &error), WG_NOT_FOUND);
  assert_int_equal(routing_gazetteer_alias(builder, NULL, "联丰大街", &error), WG_NOT_FOUND);
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  assert_string_equal(found_in(gazetteer, "老汶河村的联丰大街"), "370117001001 r");
  assert_int_equal(routing_gazetteer_count(gazetteer), FIXTURE_AREAS + 1);
  assert_string_equal(found_in(gazetteer, "联丰路联合路"), "r");
  routing_gazetteer_close(gazetteer);
}

static bool finding_says(const struct routing_gazetteer *gazetteer, const char *code, const char *says) {
  size_t kept, total;
  const struct routing_place_finding *findings = routing_gazetteer_findings(gazetteer, &kept, &total);
  for (size_t i = 0; i < kept; i++)
    if (strcmp(findings[i].code, code) == 0 && strstr(findings[i].message, says)) return true;
  return false;
}

static void what_is_doubtful_is_said(void **state) {
  (void)state;
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  must_add(builder, (struct spot){"orphan", ROUTING_PLACE_BUILDING, "15号楼", "", "nobody"});
  must_add(builder, (struct spot){"self", ROUTING_PLACE_BUILDING, "老干部楼", "", "self"});
  must_add(builder, (struct spot){"c1", ROUTING_PLACE_BUILDING, "门诊大楼", "", "c2"}); // a circle
  must_add(builder, (struct spot){"c2", ROUTING_PLACE_BUILDING, "住院大楼", "", "c1"});
  must_add(builder, (struct spot){"s1", ROUTING_PLACE_ESTATE, "阳光家园", "370117001001"});
  must_add(builder, (struct spot){"s2", ROUTING_PLACE_ESTATE, "东方家园", "370117001002", .alias = "阳光家园"});
  must_add(builder, (struct spot){"b1", ROUTING_PLACE_BUILDING, "1号楼", "", "s1"});
  must_add(builder, (struct spot){"b2", ROUTING_PLACE_BUILDING, "一栋", "", "s1"});
  struct wg_error error = {0};
  struct routing_entry entry = {.place_id = "far",
                                .kind = ROUTING_PLACE_SITE,
                                .name = "凤城公园",
                                .code = "370117001001",
                                .has_position = true,
                                .lon = WEST + 0.055,
                                .lat = SOUTH + 0.005};
  assert_int_equal(routing_gazetteer_add(builder, &entry, &error), WG_OK);
  entry.place_id = "near", entry.name = "汶河公园", entry.lon = WEST + 0.001, entry.lat = SOUTH + 0.001;
  assert_int_equal(routing_gazetteer_add(builder, &entry, &error), WG_OK);
  entry.place_id = "edge", entry.name = "界河公园", entry.code = "", entry.lat = SOUTH + 0.005;
  assert_int_equal(routing_gazetteer_add(builder, &entry, &error), WG_OK);
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  assert_true(finding_says(gazetteer, "orphan", "nobody"));
  assert_true(finding_says(gazetteer, "self", "not in the gazetteer"));
  assert_true(finding_says(gazetteer, "s1", "2 places answer to one name"));
  assert_true(finding_says(gazetteer, "b2", "one number"));
  assert_true(finding_says(gazetteer, "far", "its position lies in 370116001001001"));
  assert_string_equal(building_at(gazetteer, "s1", "1号楼", true), ""); // two of them: neither is guessed
  assert_string_equal(routing_gazetteer_get(gazetteer, "far")->code, "370117001001");
  assert_string_equal(routing_gazetteer_get(gazetteer, "near")->code, "370117001001001"); // the grid is seen
  assert_string_equal(routing_gazetteer_get(gazetteer, "edge")->code, "370117001001");    // of which grid is not
  assert_string_equal(routing_gazetteer_get(gazetteer, "b1")->code, "370117001001");      // from its estate
  assert_null(routing_gazetteer_get(gazetteer, "nobody"));
  routing_gazetteer_close(gazetteer);
}

static void limits_hold(void **state) {
  (void)state;
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  struct wg_error error = {0};
  const char *aliases[ROUTING_PLACE_ALIASES + 1];
  for (int i = 0; i <= ROUTING_PLACE_ALIASES; i++)
    aliases[i] = "联丰大街";
  struct routing_entry entry = {.place_id = "r",
                                .kind = ROUTING_PLACE_ROAD,
                                .name = "联丰路",
                                .aliases = aliases,
                                .alias_count = ROUTING_PLACE_ALIASES + 1};
  assert_int_equal(routing_gazetteer_add(builder, &entry, &error), WG_RESOURCE_EXHAUSTED);
  entry.alias_count = 0;
  char id[24], name[40];
  for (int i = FIXTURE_AREAS; i < ROUTING_PLACES; i++) {
    snprintf(id, sizeof id, "p%d", i);
    // Of the first ones too many have one name.
    if (i < FIXTURE_AREAS + ROUTING_NAME_OWNERS + 10) snprintf(name, sizeof name, "同名大街");
    else snprintf(name, sizeof name, "第%d大街", i);
    entry.place_id = id, entry.name = name;
    assert_int_equal(routing_gazetteer_add(builder, &entry, &error), WG_OK);
  }
  entry.place_id = "one-more";
  assert_int_equal(routing_gazetteer_add(builder, &entry, &error), WG_RESOURCE_EXHAUSTED);
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  assert_string_equal(found_in(gazetteer, "第199999大街和第100000大街"), "p199999 p100000");
  size_t kept, total;
  routing_gazetteer_findings(gazetteer, &kept, &total);
  assert_int_equal(total, 11); // ten left out, and that the rest are many
  routing_gazetteer_close(gazetteer);
}

static void long_and_broken_texts_are_read(void **state) {
  (void)state;
  struct routing_gazetteer *gazetteer = sample();
  struct wg_buffer text = {0};
  for (int i = 0; i < 7000; i++)
    wg_buffer_text(&text, i == 6990 ? "魅力之城" : "城");
  assert_string_equal(found_in(gazetteer, wg_buffer_cstr(&text)), "mlzc");
  wg_buffer_clear(&text);
  for (int i = 0; i < 1000; i++)
    wg_buffer_text(&text, "魅力之城小区");
  found_in(gazetteer, wg_buffer_cstr(&text));
  uint32_t codes[8000];
  struct routing_hit hits[ROUTING_HITS];
  const size_t count = routing_fold((struct wg_bytes){text.data, text.size}, codes, 8000);
  assert_int_equal(count, 6000);
  assert_int_equal(routing_gazetteer_find(gazetteer, codes, count, hits, 7), 7);
  assert_int_equal(hits[6].start, 36);
  assert_int_equal(routing_gazetteer_find(gazetteer, codes, count, hits, ROUTING_HITS), ROUTING_HITS);
  wg_buffer_free(&text);
  uint8_t every[4 * 256];
  for (size_t i = 0; i < sizeof every; i++)
    every[i] = (uint8_t)(i * 167 + i / 256);
  for (size_t size = 0; size <= sizeof every; size++) {
    const size_t folded = routing_fold((struct wg_bytes){every, size}, codes, 8000);
    assert_true(folded <= size * 6);
    routing_gazetteer_find(gazetteer, codes, folded, hits, ROUTING_HITS);
  }
  assert_int_equal(routing_fold(wg_bytes_of("ﷺ"), codes, 3), 3); // 18 code points of one character
  routing_gazetteer_close(gazetteer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_longest_name_wins),          cmocka_unit_test(what_reads_the_same_is_the_same),
      cmocka_unit_test(house_numbers_refine_an_estate), cmocka_unit_test(what_names_nothing_is_refused),
      cmocka_unit_test(what_is_doubtful_is_said),       cmocka_unit_test(limits_hold),
      cmocka_unit_test(long_and_broken_texts_are_read),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
