// Names written otherwise: each rule finds what it is for, and nothing that only looks like it.
#include "tests/unit/place_fixture.h"

#include "services/routing/place/variants.h"

#include <string.h>

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

#define ESTATE ROUTING_PLACE_ESTATE
#define SITE ROUTING_PLACE_SITE
#define ROAD ROUTING_PLACE_ROAD
#define COMMUNITY "370117001001"

// The place decided on in an address; "" none.
static const char *place_in(const struct routing_gazetteer *gazetteer, const char *address) {
  static char answer[ROUTING_PLACE_ID_BYTES];
  struct wg_arena *arena = wg_arena_create(1 << 16);
  const struct routing_place_query query = {.district = "370117", .address = address};
  struct routing_place place;
  routing_place_decide(net, gazetteer, &query, arena, &place);
  snprintf(answer, sizeof answer, "%s", place.place_id);
  wg_arena_destroy(arena);
  return answer;
}

struct one { // a gazetteer of one name, and a text
  enum routing_place_kind kind;
  const char *name, *text;
};

static bool is_so(const struct one *one, bool found) {
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  must_add(builder, (struct spot){"it", one->kind, one->name, COMMUNITY});
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  const bool so = strcmp(place_in(gazetteer, one->text), found ? "it" : "") == 0;
  if (!so) print_error("%s is %s in: %s\n", one->name, found ? "not found" : "found", one->text);
  routing_gazetteer_close(gazetteer);
  return so;
}

static void names_are_found_as_people_write_them(void **state) {
  (void)state;
  static const struct one ones[] = {
      // numerals
      {ESTATE, "丽景花园二期", "丽景花园2期漏水"},
      {ESTATE, "丽景花园二期", "丽景花园Ⅱ期漏水"},
      {ESTATE, "丽景花园二期", "丽景花园II期漏水"},
      {ESTATE, "丽景花园３期", "丽景花园三期漏水"},
      {ESTATE, "清泉2号院", "清泉二号院的墙倒了"},
      {SITE, "钢城第二小学", "钢城第2小学门口"},
      // schools
      {SITE, "钢城区第一中学", "钢城区一中门口堵车"},
      {SITE, "钢城第二小学", "钢城二小门口堵车"},
      // brackets
      {ESTATE, "丽景花园(二期)", "丽景花园二期漏水"},
      {ESTATE, "丽景花园（二期）", "丽景花园2期漏水"},
      {ESTATE, "汶水人家(原轧钢厂宿舍)", "汶水人家漏水"},
      {ESTATE, "汶水人家(原轧钢厂宿舍)", "轧钢厂宿舍漏水"},
      {ESTATE, "汶水人家(南门)", "汶水人家漏水"},
      // separators
      {ESTATE, "悦澜园·和澜苑", "悦澜园和澜苑漏水"},
      {ESTATE, "悦澜园和澜苑", "悦澜园·和澜苑漏水"},
      {ESTATE, "悦澜园和澜苑", "悦澜园・和澜苑漏水"},
      {ESTATE, "悦澜园和澜苑", "悦澜园.和澜苑漏水"},
      {ESTATE, "悦澜园和澜苑", "悦澜园-和澜苑漏水"},
      {ESTATE, "悦澜园-和澜苑", "悦澜园和澜苑漏水"},
      // part
      {ESTATE, "悦澜园和澜苑", "和澜苑3栋漏水"},
      {ESTATE, "悦澜园和澜苑", "悦澜园的电梯"},
      // tail
      {ESTATE, "魅力之城小区", "魅力之城漏水"},
      {ESTATE, "魅力之城住宅小区", "魅力之城漏水"},
      {ESTATE, "金色海岸花园", "金色海岸漏水"},
      {ESTATE, "魅力之城小区", "魅力之城二期漏水"},
      {SITE, "汶水建材有限责任公司", "汶水建材夜里排烟"},
      // phase
      {ESTATE, "丽景花园二期", "丽景花园漏水"},
      {ESTATE, "丽景花园东区", "丽景花园漏水"},
      // prefix
      {ESTATE, "钢城区艾山新苑", "艾山新苑漏水"},
      {ESTATE, "艾山街道办事处凤鸣家园", "凤鸣家园漏水"},
      {ESTATE, "万科魅力之城", "魅力之城漏水"},
      // homophone
      {ESTATE, "和澜苑", "和澜院漏水"},
      // traditional
      {ESTATE, "丽景花园", "麗景花園漏水"},
      {ROAD, "劳动东路", "勞動東路積水"},
  };
  bool all = true;
  for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
    all = is_so(&ones[i], true) && all;
  assert_true(all);
}

static void what_only_looks_like_a_name_is_not_found(void **state) {
  (void)state;
  static const struct one ones[] = {
      // another number
      {ESTATE, "丽景花园二期", "丽景花园三期漏水"},
      {ESTATE, "丽景花园二期", "丽景花园3期漏水"},
      {ESTATE, "丽景花园二期", "丽景花园Ⅲ期漏水"},
      {ESTATE, "丽景花园东区", "丽景花园西区漏水"},
      {ESTATE, "清泉2号院", "清泉22号院的墙倒了"},
      {ESTATE, "清泉二十二号院", "清泉2号院的墙倒了"},
      {SITE, "钢城第二小学", "钢城第三小学门口"},
      {SITE, "第一中学分部", "一中分部"},
      // another kind of thing by the same word
      {ESTATE, "魅力之城小区", "魅力之城小学门口"},
      {ESTATE, "魅力之城小区", "魅力之城大厦停电"},
      {ESTATE, "魅力之城小区", "魅力之城路积水"},
      {ESTATE, "金色海岸花园", "金色海岸幼儿园收费"},
      {ESTATE, "金色海岸花园", "金色海岸酒店排烟"},
      {ESTATE, "丽景花园二期", "丽景花园酒店排烟"},
      {SITE, "汶水建材有限责任公司", "汶水建材市场着火"},
      // too little is left
      {ESTATE, "幸福小区", "我们很幸福"},
      {ESTATE, "和平小区", "和平处理此事"},
      {ESTATE, "幸福花园", "幸福小区漏水"},
      {ESTATE, "阳光新城", "阳光小区漏水"},
      {ESTATE, "东方红花园", "东方红"},
      {SITE, "钢城区人民医院", "在人民医院看病"},
      {SITE, "钢城区第一中学", "在第一中学上学"},
      {SITE, "钢城区中心广场", "中心广场太吵"},
      {ESTATE, "万科城市花园", "城市花园漏水"},
      {ESTATE, "万科城市花园", "某市花园漏水"},
      {ESTATE, "汶河社区居民委员会11排", "11排漏水"},
      {SITE, "汶河社区居民委员会便民市场", "便民市场门口"},
      {ROUTING_PLACE_BUILDING, "汶河社区居民委员会6号楼", "丽景花园6号楼漏水"},
      {ROUTING_PLACE_BUILDING, "钢城区东区", "丽景花园东区漏水"},
      {ESTATE, "万科国际", "国际漏水"},
      // what is no estate has no such forms
      {ROAD, "劳动东路", "劳动路积水"},
      {SITE, "汶河公园", "汶河小区"},
      {SITE, "水利学院", "水利学苑"},
      // one character otherwise is another estate
      {ESTATE, "阳光嘉园", "阳光家园漏水"},
      {ESTATE, "丽景花园", "丽景小区漏水"},
      {ESTATE, "丽景新城", "丽发新城漏水"},
      {ESTATE, "湘府名邸", "湘府华邸漏水"},
      // a comma ends a name
      {ESTATE, "悦澜园和澜苑", "悦澜，园和，澜苑"},
  };
  bool all = true;
  for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
    all = is_so(&ones[i], false) && all;
  assert_true(all);
}

// What is written so is the place that is called so, whatever another may be called for short.
static void a_name_that_was_given_comes_first(void **state) {
  (void)state;
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  must_add(builder, (struct spot){"long", ESTATE, "金色海岸花园", COMMUNITY});
  must_add(builder, (struct spot){"short", ESTATE, "金色海岸", "370117001002"});
  must_add(builder, (struct spot){"phase", ESTATE, "丽景花园二期", COMMUNITY});
  must_add(builder, (struct spot){"base", ESTATE, "丽景花园", "370117001002"});
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  assert_string_equal(place_in(gazetteer, "金色海岸漏水"), "short");
  assert_string_equal(place_in(gazetteer, "金色海岸花园漏水"), "long");
  assert_string_equal(place_in(gazetteer, "丽景花园漏水"), "base");
  assert_string_equal(place_in(gazetteer, "丽景花园2期漏水"), "phase");
  size_t kept, total;
  routing_gazetteer_findings(gazetteer, &kept, &total);
  assert_int_equal(total, 0); // nobody can mend that a short form clashes
  routing_gazetteer_close(gazetteer);
}

// Two places that a short form may mean are candidates; neither is decided on.
static void a_form_of_two_places_decides_for_neither(void **state) {
  (void)state;
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  must_add(builder, (struct spot){"one", ESTATE, "金色海岸花园", COMMUNITY});
  must_add(builder, (struct spot){"other", ESTATE, "金色海岸公寓", "370117001002"});
  must_add(builder, (struct spot){"first", ESTATE, "汶水人家一期", COMMUNITY});
  must_add(builder, (struct spot){"second", ESTATE, "汶水人家二期", COMMUNITY});
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  struct wg_arena *arena = wg_arena_create(1 << 16);
  static const char *const texts[] = {"金色海岸漏水", "汶水人家漏水"};
  for (size_t i = 0; i < 2; i++) {
    const struct routing_place_query query = {.district = "370117", .address = texts[i]};
    struct routing_place place;
    routing_place_decide(net, gazetteer, &query, arena, &place);
    assert_string_equal(place.place_id, "");
    assert_true(place.flags & ROUTING_PLACE_AMBIGUOUS);
    assert_true(place.candidate_count >= 2);
  }
  assert_string_equal(place_in(gazetteer, "汶水人家二期漏水"), "second");
  assert_string_equal(place_in(gazetteer, "金色海岸漏水，就在汶水人家一期旁"), "first");
  wg_arena_destroy(arena);
  routing_gazetteer_close(gazetteer);
}

// A short form is worth less than a whole name beside it.
static void a_whole_name_is_worth_more(void **state) {
  (void)state;
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  must_add(builder, (struct spot){"whole", ESTATE, "汶水人家", COMMUNITY});
  must_add(builder, (struct spot){"short", ESTATE, "金色海岸花园", "370117001002"});
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  assert_string_equal(place_in(gazetteer, "金色海岸和汶水人家之间"), "whole");
  assert_string_equal(place_in(gazetteer, "金色海岸花园和汶水人家之间"), "short");
  routing_gazetteer_close(gazetteer);
}

// Of two places that stand right behind each other the second lies in the first.
static void addresses_go_from_the_large_to_the_small(void **state) {
  (void)state;
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  must_add(builder, (struct spot){"town", ESTATE, "高铁新城", COMMUNITY});
  must_add(builder, (struct spot){"estate", ESTATE, "和澜苑", COMMUNITY});
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  assert_string_equal(place_in(gazetteer, "高铁新城和澜苑漏水"), "estate");
  assert_string_equal(place_in(gazetteer, "高铁新城，和澜苑漏水"), "town");
  routing_gazetteer_close(gazetteer);
}

// Names of a place are cut out of what is compared, however they are written.
static void all_names_of_a_place_are_known_as_texts(void **state) {
  (void)state;
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  struct wg_error error = {0};
  must_add(builder, (struct spot){"it", ESTATE, "魅力之城小区", COMMUNITY, .alias = "老钢厂宿舍"});
  assert_int_equal(routing_gazetteer_alias(builder, "it", "魅力城", &error), WG_OK);
  must_add(builder, (struct spot){"house", ROUTING_PLACE_BUILDING, "15号楼", COMMUNITY, "it"});
  struct routing_gazetteer *gazetteer = routing_gazetteer_seal(builder);
  struct wg_arena *arena = wg_arena_create(1 << 16);
  struct routing_text_work *work = routing_text_work_create();
  static const char text[] = "魅力之城小区旁边、魅力之城里面、魅力城门口、老钢厂宿舍楼下、15号楼";
  struct routing_text said;
  assert_int_equal(routing_text_normalise(wg_bytes_of(text), wg_bytes_of(""), work, arena, &said, &error), WG_OK);
  size_t count;
  const struct routing_text *names = routing_gazetteer_texts(gazetteer, "it", &count);
  said = routing_text_cut(&said, names, count, arena);
  names = routing_gazetteer_texts(gazetteer, "house", &count);
  assert_int_equal(count, 1);
  said = routing_text_cut(&said, names, count, arena);
  assert_string_equal(routing_text_utf8(said.points, said.count, arena), " 旁边 里面 门口 楼下 ");
  assert_null(routing_gazetteer_texts(gazetteer, "nobody", &count));
  assert_int_equal(count, 0);
  assert_null(routing_gazetteer_texts(gazetteer, COMMUNITY, &count)); // an area is no place
  routing_text_work_destroy(work);
  wg_arena_destroy(arena);
  routing_gazetteer_close(gazetteer);
}

// Any name, however odd, has a bounded number of forms, none of them the name, none twice.
static void forms_are_bounded_and_different(void **state) {
  (void)state;
  static const char *const names[] = {"一期一区一号一村一组一里一院一路一街一巷一队一中一小一栋一厂一期",
                                      "园苑城府湾轩庭园苑城府湾轩庭园苑城府湾轩庭",
                                      "((((((((",
                                      "花园(一期)(二期)(三期)(东区)",
                                      ".-.-.-.-.-",
                                      "一1一1一1期",
                                      "万科万科万科花园花园小区小区"};
  struct routing_variant made[ROUTING_VARIANTS];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    uint32_t codes[ROUTING_NAME_SIZE];
    const size_t size = routing_fold(wg_bytes_of(names[i]), codes, ROUTING_NAME_SIZE);
    const size_t count = routing_variants(codes, size, ESTATE, NULL, 0, made);
    assert_true(count < ROUTING_VARIANTS);
    for (size_t a = 0; a < count; a++) {
      assert_in_range(made[a].size, 2, ROUTING_NAME_SIZE);
      assert_false(made[a].size == size && memcmp(made[a].codes, codes, size * sizeof *codes) == 0);
      for (size_t b = 0; b < a; b++)
        assert_false(made[a].size == made[b].size &&
                     memcmp(made[a].codes, made[b].codes, made[a].size * sizeof *codes) == 0);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_found_as_people_write_them),
      cmocka_unit_test(what_only_looks_like_a_name_is_not_found),
      cmocka_unit_test(a_name_that_was_given_comes_first),
      cmocka_unit_test(a_form_of_two_places_decides_for_neither),
      cmocka_unit_test(a_whole_name_is_worth_more),
      cmocka_unit_test(addresses_go_from_the_large_to_the_small),
      cmocka_unit_test(all_names_of_a_place_are_known_as_texts),
      cmocka_unit_test(forms_are_bounded_and_different),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
