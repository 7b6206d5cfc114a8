// The place of an order: what is trusted decides, what disagrees is said, what is ambiguous is not guessed, and nothing
// of another district is ever taken.
#include "tests/unit/place_fixture.h"

#include "common/base/text.h"

#include <math.h>

static struct routing_net *net;
static struct routing_gazetteer *gazetteer;
static struct wg_arena *arena;

static int set_up(void **state) {
  (void)state;
  net = fixture_net();
  arena = wg_arena_create(64 << 10);
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  must_add(builder, (struct spot){"jinan", ROUTING_PLACE_CITY, "济南市", "3701"});
  must_add(builder,
           (struct spot){"mlzc", ROUTING_PLACE_ESTATE, "魅力之城小区", "370117001001001", .alias = "魅力之城"});
  must_add(builder, (struct spot){"mlzc-15", ROUTING_PLACE_BUILDING, "15号楼", "370117001001002", "mlzc"});
  must_add(builder, (struct spot){"yxct", ROUTING_PLACE_ESTATE, "英祥春天", "370117001002001"});
  must_add(builder, (struct spot){"yg-w", ROUTING_PLACE_ESTATE, "阳光家园", "370117001001001"});
  must_add(builder, (struct spot){"yg-e", ROUTING_PLACE_ESTATE, "阳光家园", "370117001002001"});
  must_add(builder, (struct spot){"yg-far", ROUTING_PLACE_ESTATE, "阳光家园", "370116001001001"});
  must_add(builder, (struct spot){"fc", ROUTING_PLACE_SITE, "凤城广场", "370116001001001"});
  must_add(builder, (struct spot){"lf", ROUTING_PLACE_ROAD, "联丰路", ""});
  must_add(builder, (struct spot){"dup-1", ROUTING_PLACE_SITE, "便民市场", "370117001001001"});
  must_add(builder, (struct spot){"dup-2", ROUTING_PLACE_SITE, "便民市场", "370117001001002"});
  must_add(builder, (struct spot){"hosp", ROUTING_PLACE_SITE, "艾山医院", "370117001001001"});
  must_add(builder, (struct spot){"hosp-out", ROUTING_PLACE_BUILDING, "门诊大楼", "", "hosp"});
  char id[16];
  for (int i = 0; i < 30; i++) { // a name of very many places
    snprintf(id, sizeof id, "gz-%d", i);
    must_add(builder,
             (struct spot){id, ROUTING_PLACE_SITE, "中心广场", i == 7 ? "370117001002002" : "370116001001001"});
  }
  gazetteer = routing_gazetteer_seal(builder);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  routing_gazetteer_close(gazetteer);
  routing_net_close(net);
  wg_arena_destroy(arena);
  return 0;
}

static struct routing_place decide(struct routing_place_query query) {
  struct routing_place place;
  if (!query.district) query.district = "370117";
  routing_place_decide(net, gazetteer, &query, arena, &place);
  // What holds for every answer.
  assert_true(place.confidence >= 0 && place.confidence <= 1);
  assert_true((place.how == ROUTING_HOW_NONE) == ((place.flags & ROUTING_NO_PLACE) != 0));
  assert_true((place.how == ROUTING_HOW_NONE) == (place.confidence == 0));
  assert_true(place.candidate_count <= ROUTING_CANDIDATES);
  assert_true(*place.evidence && wg_utf8_valid(wg_bytes_of(place.evidence)));
  if (*place.grid_code) assert_memory_equal(place.grid_code, place.community, 12);
  if (*place.community && *place.street) assert_memory_equal(place.community, place.street, 9);
  if (*query.district) {
    const char *codes[] = {place.grid_code, place.community, place.street, place.district};
    for (size_t i = 0; i < 4; i++)
      assert_true(!*codes[i] || strncmp(codes[i], query.district, 6) == 0);
  }
  return place;
}

static bool has_candidate(const struct routing_place *place, const char *place_id) {
  for (size_t i = 0; i < place->candidate_count; i++)
    if (strcmp(place->candidates[i].place_id, place_id) == 0) return true;
  return false;
}

static void a_right_grid_code_decides(void **state) {
  (void)state;
  struct routing_place place = decide((struct routing_place_query){.grid_code = "370117001001002",
                                                                   .address = "友谊社区英祥春天",
                                                                   .has_position = true,
                                                                   .lon = WEST + 0.015,
                                                                   .lat = SOUTH + 0.001});
  assert_int_equal(place.how, ROUTING_HOW_GRID_CODE);
  assert_string_equal(place.grid_code, "370117001001002");
  assert_string_equal(place.street, "370117001");
  assert_int_equal(place.flags, ROUTING_GRID_CONFLICTS_POSITION | ROUTING_NAMES_CONFLICT);
  assert_string_equal(place.place_id, ""); // 英祥春天 is not in this grid
  assert_true(has_candidate(&place, "yxct") && has_candidate(&place, "370117001002001"));
  assert_non_null(strstr(place.evidence, "但坐标不在该网格内"));
  place = decide((struct routing_place_query){.grid_code = "370117001001001", .text = "魅力之城15号楼漏水"});
  assert_string_equal(place.grid_code, "370117001001001");
  assert_string_equal(place.place_id, ""); // the building is of the other grid, by its own code
  assert_int_equal(place.flags, ROUTING_NAMES_CONFLICT);
  place = decide((struct routing_place_query){.grid_code = "370117001001001", .text = "魅力之城漏水"});
  assert_string_equal(place.place_id, "mlzc");
  assert_int_equal(place.flags, 0);
  assert_true(place.confidence == 1);
}

static void wrong_grid_codes_are_said_and_not_taken(void **state) {
  (void)state;
  static const struct {
    const char *code;
    unsigned flags;
  } cases[] = {
      {"37011700100100", ROUTING_GRID_MALFORMED},
      {"3701170010010011", ROUTING_GRID_MALFORMED},
      {"37011700100100x", ROUTING_GRID_MALFORMED},
      {"370117", ROUTING_GRID_MALFORMED},
      {"\xff", ROUTING_GRID_MALFORMED},
      {"%n%s%s", ROUTING_GRID_MALFORMED},
      {"000000000000000", ROUTING_GRID_MALFORMED},
      {"370117001001009", ROUTING_GRID_UNKNOWN},
      {"370117009009009", ROUTING_GRID_UNKNOWN},
      {"370116001001001", ROUTING_GRID_OTHER_DISTRICT},
      {"110101001001001", ROUTING_GRID_OTHER_DISTRICT | ROUTING_GRID_UNKNOWN},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct routing_place place = decide((struct routing_place_query){.grid_code = cases[i].code});
    assert_int_equal(place.how, ROUTING_HOW_NONE);
    assert_int_equal(place.flags, cases[i].flags | ROUTING_NO_PLACE);
    place = decide((struct routing_place_query){.grid_code = cases[i].code, .address = "英祥春天"});
    assert_int_equal(place.how, ROUTING_HOW_ADDRESS);
    assert_string_equal(place.grid_code, "370117001002001");
    assert_int_equal(place.flags, cases[i].flags);
  }
  struct routing_place place = decide((struct routing_place_query){.grid_code = "370117001001009"});
  assert_true(has_candidate(&place, "370117001001")); // its community is known
  place = decide((struct routing_place_query){.grid_code = "370116001001001"});
  assert_true(has_candidate(&place, "370116001001001"));
}

static void a_position_decides_next(void **state) {
  (void)state;
  struct routing_place place = decide((struct routing_place_query){
      .has_position = true, .lon = WEST + 0.001, .lat = SOUTH + 0.001, .address = "魅力之城，英祥春天"});
  assert_int_equal(place.how, ROUTING_HOW_POSITION);
  assert_string_equal(place.grid_code, "370117001001001");
  assert_string_equal(place.place_id, "mlzc");
  place = decide((struct routing_place_query){.has_position = true, .lon = WEST + 0.005, .lat = SOUTH + 0.0025});
  assert_string_equal(place.grid_code, "370117001001003"); // the dedicated one
  place = decide((struct routing_place_query){.has_position = true, .lon = WEST + 0.005, .lat = SOUTH + 0.005});
  assert_string_equal(place.grid_code, "370117001001001");
  assert_int_equal(place.flags, ROUTING_POSITION_ON_EDGE);
  assert_true(has_candidate(&place, "370117001001002"));
  place = decide((struct routing_place_query){.has_position = true, .lon = WEST + 0.005, .lat = SOUTH + 0.011});
  assert_string_equal(place.community, "370117001001"); // between the grids
  assert_int_equal(place.flags, ROUTING_NO_GRID);
  place = decide((struct routing_place_query){
      .has_position = true, .lon = WEST + 0.005, .lat = SOUTH + 0.011, .address = "魅力之城"});
  assert_int_equal(place.how, ROUTING_HOW_ADDRESS); // a name inside what surrounds the point
  assert_string_equal(place.grid_code, "370117001001001");
}

static void bad_positions_are_said_and_not_taken(void **state) {
  (void)state;
  const struct {
    double lon, lat;
    unsigned flags;
  } cases[] = {
      {NAN, NAN, ROUTING_POSITION_INVALID},
      {INFINITY, 36, ROUTING_POSITION_INVALID},
      {0, 0, ROUTING_POSITION_INVALID},
      {WEST, 91, ROUTING_POSITION_INVALID},
      {SOUTH + 0.001, WEST + 0.001, ROUTING_POSITION_INVALID | ROUTING_POSITION_SWAPPED},
      {120, 30, ROUTING_POSITION_OUTSIDE},
      {WEST + 0.055, SOUTH + 0.005, ROUTING_POSITION_OUTSIDE}, // a grid of the other district
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct routing_place place =
        decide((struct routing_place_query){.has_position = true, .lon = cases[i].lon, .lat = cases[i].lat});
    assert_int_equal(place.how, ROUTING_HOW_NONE);
    assert_int_equal(place.flags, cases[i].flags | ROUTING_NO_PLACE);
    place = decide((struct routing_place_query){
        .has_position = true, .lon = cases[i].lon, .lat = cases[i].lat, .title = "英祥春天噪音"});
    assert_int_equal(place.how, ROUTING_HOW_TITLE);
    assert_int_equal(place.flags, cases[i].flags);
  }
  struct routing_place place =
      decide((struct routing_place_query){.has_position = true, .lon = SOUTH + 0.001, .lat = WEST + 0.001});
  assert_true(has_candidate(&place, "370117001001001"));
  assert_non_null(strstr(place.evidence, "经纬度颠倒"));
}

static void names_decide_last(void **state) {
  (void)state;
  static const struct {
    struct routing_place_query query;
    enum routing_how how;
    const char *grid, *community, *place_id;
    unsigned flags;
  } cases[] = {
      {{.address = "济南市钢城区魅力之城15号楼3单元"},
       ROUTING_HOW_ADDRESS,
       "370117001001002",
       "370117001001",
       "mlzc-15",
       0},
      {{.address = "魅力之城", .title = "英祥春天噪音"},
       ROUTING_HOW_ADDRESS,
       "370117001001001",
       "370117001001",
       "mlzc",
       0},
      {{.title = "魅力之城噪音", .text = "英祥春天也是"},
       ROUTING_HOW_TITLE,
       "370117001001001",
       "370117001001",
       "mlzc",
       0},
      {{.text = "英祥春天的噪音"}, ROUTING_HOW_TEXT, "370117001002001", "370117001002", "yxct", 0},
      {{.address = "汶河社区居委会"}, ROUTING_HOW_ADDRESS, "", "370117001001", "", ROUTING_NO_GRID},
      {{.address = "汶河社区第二网格"}, ROUTING_HOW_ADDRESS, "370117001001002", "370117001001", "", 0},
      {{.address = "友谊社区，阳光家园"},
       ROUTING_HOW_ADDRESS,
       "370117001002001",
       "370117001002",
       "yg-e",
       ROUTING_NAMES_OTHER_DISTRICT},
      {{.address = "阳光家园"},
       ROUTING_HOW_ADDRESS,
       "",
       "",
       "",
       ROUTING_NO_GRID | ROUTING_PLACE_AMBIGUOUS | ROUTING_NAMES_OTHER_DISTRICT},
      {{.address = "便民市场"}, ROUTING_HOW_ADDRESS, "", "370117001001", "", ROUTING_NO_GRID | ROUTING_PLACE_AMBIGUOUS},
      {{.address = "联丰路"}, ROUTING_HOW_ADDRESS, "", "", "lf", ROUTING_NO_GRID},
      {{.address = "汶河社区联丰路"}, ROUTING_HOW_ADDRESS, "", "370117001001", "lf", ROUTING_NO_GRID},
      {{.address = "汶河社区，友谊社区，联丰路"},
       ROUTING_HOW_ADDRESS,
       "",
       "370117001001",
       "lf",
       ROUTING_NO_GRID | ROUTING_PLACE_AMBIGUOUS},
      {{.address = "汶河社区", .text = "联丰路"}, ROUTING_HOW_ADDRESS, "", "370117001001", "", ROUTING_NO_GRID},
      {{.address = "艾山街道阳光家园"},
       ROUTING_HOW_ADDRESS,
       "",
       "",
       "",
       ROUTING_NO_GRID | ROUTING_PLACE_AMBIGUOUS | ROUTING_NAMES_OTHER_DISTRICT},
      {{.address = "艾山医院门诊大楼"}, ROUTING_HOW_ADDRESS, "370117001001001", "370117001001", "hosp-out", 0},
      {{.address = "凤城广场"}, ROUTING_HOW_NONE, "", "", "", ROUTING_NO_PLACE | ROUTING_NAMES_OTHER_DISTRICT},
      {{.address = "中心广场"}, ROUTING_HOW_NONE, "", "", "", ROUTING_NO_PLACE | ROUTING_PLACE_AMBIGUOUS},
      {{.address = "友谊社区中心广场"}, ROUTING_HOW_ADDRESS, "370117001002002", "370117001002", "gz-7", 0},
      {{.address = "济南市"}, ROUTING_HOW_NONE, "", "", "", ROUTING_NO_PLACE},
      {{.address = "某小区", .title = "", .text = "😀😀"}, ROUTING_HOW_NONE, "", "", "", ROUTING_NO_PLACE},
      {{.address = "\xff\xfe"}, ROUTING_HOW_NONE, "", "", "", ROUTING_NO_PLACE},
      {{0}, ROUTING_HOW_NONE, "", "", "", ROUTING_NO_PLACE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct routing_place place = decide(cases[i].query);
    if (place.how != cases[i].how || place.flags != cases[i].flags || strcmp(place.grid_code, cases[i].grid) != 0 ||
        strcmp(place.community, cases[i].community) != 0 || strcmp(place.place_id, cases[i].place_id) != 0)
      fail_msg("case %zu: %s grid %s community %s place %s flags %x: %s", i, routing_how_name(place.how),
               place.grid_code, place.community, place.place_id, place.flags, place.evidence);
  }
}

static void ambiguity_is_kept_as_candidates(void **state) {
  (void)state;
  struct routing_place place = decide((struct routing_place_query){.address = "阳光家园"});
  assert_true(has_candidate(&place, "yg-w") && has_candidate(&place, "yg-e") && has_candidate(&place, "yg-far"));
  assert_int_equal(place.candidates[0].score, place.candidates[1].score);
  assert_true(place.candidates[2].score < place.candidates[1].score); // of the other district
  assert_string_equal(place.street, "370117001");                     // both lie in it
  assert_true(place.confidence < 0.5);
  // A position tells them apart, a given grid too.
  place = decide((struct routing_place_query){
      .address = "阳光家园", .has_position = true, .lon = WEST + 0.015, .lat = SOUTH + 0.001});
  assert_string_equal(place.place_id, "yg-e");
  place = decide((struct routing_place_query){.address = "阳光家园", .grid_code = "370117001001001"});
  assert_string_equal(place.place_id, "yg-w");
  // Two names, none of which is better: the first, and the doubt is said.
  place = decide((struct routing_place_query){.address = "魅力之城至英祥春天"});
  assert_string_equal(place.place_id, "mlzc");
  assert_true(has_candidate(&place, "yxct"));
  assert_int_equal(place.flags, ROUTING_PLACE_AMBIGUOUS);
}

static void districts_are_walls(void **state) {
  (void)state;
  const struct routing_place place = decide((struct routing_place_query){.district = "370199", .address = "英祥春天"});
  assert_int_equal(place.how, ROUTING_HOW_NONE);
  assert_true(place.flags & ROUTING_DISTRICT_UNKNOWN);
  static const char *const odd[] = {"37011", "3701170", "x", "\xff", "370117001"};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    struct routing_place_query query = {.district = odd[i],
                                        .address = "英祥春天",
                                        .grid_code = "370117001001001",
                                        .has_position = true,
                                        .lon = WEST + 0.001,
                                        .lat = SOUTH + 0.001};
    struct routing_place answer;
    routing_place_decide(net, gazetteer, &query, arena, &answer);
    assert_int_equal(answer.how, ROUTING_HOW_NONE);
  }
  struct routing_place_query query = {.district = "", .address = "凤城广场"};
  struct routing_place answer;
  routing_place_decide(net, gazetteer, &query, arena, &answer);
  assert_string_equal(answer.place_id, "fc");
}

static void long_texts_are_bounded(void **state) {
  (void)state;
  struct wg_buffer text = {0};
  for (int i = 0; i < 1400; i++)
    wg_buffer_text(&text, i % 2 ? "英祥春天、" : "汶河社区、");
  struct routing_place place =
      decide((struct routing_place_query){.text = wg_buffer_cstr(&text), .address = "魅力之城"});
  assert_string_equal(place.place_id, "mlzc");
  assert_true(place.flags & ROUTING_NAMES_CUT);
  wg_buffer_clear(&text);
  for (int i = 0; i < 7000; i++)
    wg_buffer_text(&text, i == 6900 ? "英祥春天" : "城");
  place = decide((struct routing_place_query){.text = wg_buffer_cstr(&text)});
  assert_string_equal(place.place_id, "yxct");
  wg_buffer_clear(&text);
  for (int i = 0; i < ROUTING_PLACE_READ; i++)
    wg_buffer_text(&text, "城");
  wg_buffer_text(&text, "英祥春天");
  place = decide((struct routing_place_query){.text = wg_buffer_cstr(&text)}); // behind what is read
  assert_int_equal(place.how, ROUTING_HOW_NONE);
  wg_buffer_free(&text);
}

static void the_same_order_gets_the_same_place(void **state) {
  (void)state;
  const struct routing_place_query query = {.address = "阳光家园与便民市场之间", .text = "魅力之城、英祥春天、联丰路"};
  const struct routing_place first = decide(query);
  for (int i = 0; i < 5; i++) {
    const struct routing_place again = decide(query);
    assert_int_equal(again.candidate_count, first.candidate_count);
    for (size_t n = 0; n < first.candidate_count; n++)
      assert_string_equal(again.candidates[n].place_id, first.candidates[n].place_id);
    assert_string_equal(again.evidence, first.evidence);
  }
}

static void flags_have_names(void **state) {
  (void)state;
  for (int i = 0; i < ROUTING_PLACE_FLAGS; i++)
    assert_true(*routing_place_flag_name((enum routing_place_flag)(1 << i)));
  assert_string_equal(routing_place_flag_name((enum routing_place_flag)0), "");
  for (int i = 0; i <= ROUTING_HOW_ORIGIN; i++)
    assert_true(*routing_how_name((enum routing_how)i));
  enum routing_place_kind kind;
  for (int i = ROUTING_PLACE_CITY; i <= ROUTING_PLACE_SITE; i++) {
    assert_true(routing_place_kind_parse(routing_place_kind_name((enum routing_place_kind)i), &kind));
    assert_int_equal(kind, i);
  }
  assert_false(routing_place_kind_parse("village", &kind));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_right_grid_code_decides),
      cmocka_unit_test(wrong_grid_codes_are_said_and_not_taken),
      cmocka_unit_test(a_position_decides_next),
      cmocka_unit_test(bad_positions_are_said_and_not_taken),
      cmocka_unit_test(names_decide_last),
      cmocka_unit_test(ambiguity_is_kept_as_candidates),
      cmocka_unit_test(districts_are_walls),
      cmocka_unit_test(long_texts_are_bounded),
      cmocka_unit_test(the_same_order_gets_the_same_place),
      cmocka_unit_test(flags_have_names),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
