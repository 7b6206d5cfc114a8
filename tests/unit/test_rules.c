// The catalogue decides: conditions, ranks, areas, time, the hard rule, trace and evidence.
#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/unit/rules_fixture.h"

#include <stdlib.h>

#define ROWS(...) ((const struct rule_row[]){__VA_ARGS__})
#define BUILD(...)                                                                                                     \
  fixture_build(fixture, ROWS(__VA_ARGS__), sizeof ROWS(__VA_ARGS__) / sizeof(struct rule_row), tree, TREE)

static struct rules_fixture *fixture;
static const struct category_row tree[] = {
    {"城乡建设", false},     {"城乡建设/供水", true},       {"城乡建设/供水/停水", true}, {"城乡建设/保洁", false},
    {"城乡建设/市政", true}, {"城乡建设/市政/绿化", false}, {"环境/噪声", false},         {"农业/闲置土地", false}};
enum { TREE = sizeof tree / sizeof *tree };

static int set_up(void **state) {
  (void)state;
  fixture = wg_zalloc(sizeof *fixture);
  fixture->arena = wg_arena_create(64 << 10);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(fixture->arena);
  free(fixture);
  return 0;
}

static struct routing_ruling ruling_of(const struct routing_rules *rules, const struct routing_rule_input *input) {
  struct routing_ruling ruling;
  routing_rules_match(rules, input, &ruling);
  return ruling;
}

// decides: the rule's id, or "-".
static const char *decides(const struct routing_rules *rules, const Wangge__V1__Order *order) {
  const struct routing_rule_input input = routing_rule_input_make(order, NULL);
  const struct routing_ruling ruling = ruling_of(rules, &input);
  return ruling.rule ? ruling.rule->id : "-";
}

static int64_t at(int year, int month, int day, int hour, int minute) {
  return wg_civil_to_us((struct wg_civil){year, month, day, hour, minute, 0, 0});
}

static void rank_and_then_code_give_the_order(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "z", .lead = "water", .rank = 10}, {.id = "b", .lead = "housing", .rank = 5, .source = "patrol"},
            {.id = "a", .lead = "urban", .rank = 5, .source = "patrol"},
            {.id = "c", .lead = "police", .rank = 5, .urgency = 3});
  assert_string_equal(routing_rules_at(rules, 0)->id, "a");
  assert_string_equal(routing_rules_at(rules, 1)->id, "b");
  assert_string_equal(routing_rules_at(rules, 2)->id, "c");
  assert_string_equal(routing_rules_at(rules, 3)->id, "z");
  assert_null(routing_rules_at(rules, 4));
  Wangge__V1__Order order = fixture_order("", "", "");
  assert_string_equal(decides(rules, &order), "z");
  order.source = fixture_text("patrol");
  assert_string_equal(decides(rules, &order), "a");
  routing_rules_close(rules);
}

// Each condition alone: an order that meets it and one that does not.
static void every_condition_alone(void **state) {
  (void)state;
  static const struct {
    struct rule_row row;
    const char *condition;
  } table[] = {
      {{.id = "r", .lead = "water", .category = "城乡建设/供水"}, "category_prefix"},
      {{.id = "r", .lead = "water", .area = "370117001003"}, "area"},
      {{.id = "r", .lead = "water", .area = "market-001"}, "area"},
      {{.id = "r", .lead = "water", .place_text = "钢都"}, "place_text"},
      {{.id = "r", .lead = "water", .source = "patrol"}, "source"},
      {{.id = "r", .lead = "water", .channel = WANGGE__V1__CHANNEL__CHANNEL_PATROL_VISIT}, "channel"},
      {{.id = "r", .lead = "water", .kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_REPORT}, "kind"},
      {{.id = "r", .lead = "water", .urgency = WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT}, "urgency"},
      {{.id = "r", .lead = "water", .from = "2026-11-15"}, "valid_from"},
      {{.id = "r", .lead = "water", .to = "2026-11-15"}, "valid_to"},
      {{.id = "r", .lead = "water", .from_minute = 600, .to_minute = 660}, "from_minute"},
      {{.id = "r", .lead = "water", .parcel = "state"}, "parcel_ownership"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    fixture->count = 0;
    struct routing_rules *rules = fixture_build(fixture, &table[i].row, 1, tree, TREE);
    for (int met = 0; met < 2; met++) {
      Wangge__V1__Order order = fixture_order("城乡建设/保洁", "汶源街道", "370117001004001");
      order.received_at = at(2026, 11, strcmp(table[i].condition, "valid_to") == 0 ? 16 : 14, 12, 0);
      if (met) {
        order = fixture_order("城乡建设/供水/停水", "钢都大街3号", "370117001003001");
        order.source = fixture_text("patrol");
        order.channel = WANGGE__V1__CHANNEL__CHANNEL_PATROL_VISIT;
        order.kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_REPORT;
        order.urgency = WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT;
        order.received_at = at(2026, 11, 15, 10, 30);
      }
      struct routing_rule_input input = routing_rule_input_make(&order, NULL);
      if (met) input.places[input.place_count++] = "market-001";
      if (met) input.parcel = "state";
      const struct routing_ruling ruling = ruling_of(rules, &input);
      const char *failing = routing_rule_failing(routing_rules_at(rules, 0), &input);
      if (met != (ruling.rule != NULL) || met != (failing == NULL)) fail_msg("%s, met %d", table[i].condition, met);
      if (!met) assert_string_equal(failing, table[i].condition);
      size_t count = 0, others = 0;
      const struct routing_trace *trace = routing_rules_explain(rules, &input, fixture->arena, &count, &others);
      if (!met && i > 0) assert_string_equal(trace[0].condition, table[i].condition);
      assert_int_equal(count + others, 1);
    }
    routing_rules_close(rules);
  }
}

// Combined: the order that fails any one of the conditions is not the rule's.
static void all_conditions_together(void **state) {
  (void)state;
  struct routing_rules *rules = BUILD({.id = "r",
                                       .lead = "water",
                                       .category = "城乡建设/供水",
                                       .area = "370117001",
                                       .place_text = "钢都",
                                       .source = "patrol",
                                       .from = "2026-11-15",
                                       .to = "2026-12-15",
                                       .parcel = "state",
                                       .channel = 2,
                                       .kind = 4,
                                       .urgency = 3,
                                       .from_minute = 1320,
                                       .to_minute = 360});
  for (int broken = -1; broken < 9; broken++) {
    Wangge__V1__Order order = fixture_order("城乡建设/供水/停水", "钢都大街", "370117001003001");
    order.source = fixture_text("patrol");
    order.channel = (Wangge__V1__Channel)2;
    order.kind = (Wangge__V1__OrderKind)4;
    order.urgency = (Wangge__V1__Urgency)3;
    order.received_at = at(2026, 12, 15, 23, 0);
    if (broken == 0) order.category = fixture_text("城乡建设/供水站");
    if (broken == 1) order.grid_code = fixture_text("370117002003001");
    if (broken == 2) order.address = fixture_text("钢 都");
    if (broken == 3) order.source = fixture_text("patrol2");
    if (broken == 4) order.channel = (Wangge__V1__Channel)3;
    if (broken == 5) order.kind = (Wangge__V1__OrderKind)3;
    if (broken == 6) order.urgency = (Wangge__V1__Urgency)2;
    if (broken == 7) order.received_at = at(2026, 12, 15, 12, 0);
    if (broken == 8) order.received_at = at(2026, 12, 16, 1, 0);
    struct routing_rule_input input = routing_rule_input_make(&order, NULL);
    input.parcel = "state";
    if ((ruling_of(rules, &input).rule != NULL) != (broken < 0)) fail_msg("broken %d", broken);
  }
  routing_rules_close(rules);
}

static void a_prefix_takes_whole_levels(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "1", .lead = "water", .category = "城乡建设/供水"},
            {.id = "2", .lead = "housing", .category = "城乡建设"}, {.id = "3", .lead = "urban", .category = ""});
  static const char *const table[][2] = {{"城乡建设/供水", "1"},
                                         {"城乡建设/供水/停水", "1"},
                                         {"城乡建设/供水站", "2"},
                                         {"城乡建设", "2"},
                                         {"城乡建设局", "3"},
                                         {"", "3"},
                                         {"甲/乙/丙/丁/戊/己/庚/辛/壬/癸/子/丑/寅/卯/辰/巳/午/未", "3"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const Wangge__V1__Order order = fixture_order(table[i][0], "", "");
    assert_string_equal(decides(rules, &order), table[i][1]);
  }
  routing_rules_close(rules);
}

static void areas_are_levels_of_codes_or_places(void **state) {
  (void)state;
  struct routing_rules *rules = BUILD({.id = "grid", .lead = "water", .area = "370117001003008"},
                                      {.id = "community", .lead = "housing", .area = "370117001003"},
                                      {.id = "street", .lead = "urban", .area = "370117001"},
                                      {.id = "place", .lead = "police", .area = "market-001"},
                                      {.id = "district", .lead = "water", .area = "370117"});
  static const char *const table[][2] = {{"370117001003008", "grid"},
                                         {"370117001003007", "community"},
                                         {"370117001003", "community"},
                                         {"370117001004008", "street"},
                                         {"370117001", "street"},
                                         {"370117002001001", "district"},
                                         {"", "district"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const Wangge__V1__Order order = fixture_order("", "", table[i][0]);
    assert_string_equal(decides(rules, &order), table[i][1]);
  }
  // The place found for the order knows better than the order; a community alone is an area too.
  const Wangge__V1__Order order = fixture_order("", "", "370117002001001");
  struct routing_place place = {.grid_code = "",
                                .community = "370117001003",
                                .street = "370117001",
                                .district = "370117",
                                .place_id = "market-001"};
  struct routing_rule_input input = routing_rule_input_make(&order, &place);
  assert_string_equal(ruling_of(rules, &input).rule->id, "community");
  place.community = place.street = "";
  input = routing_rule_input_make(&order, &place);
  assert_string_equal(ruling_of(rules, &input).rule->id, "place");
  routing_rules_close(rules);
}

static void days_are_whole_days_in_shanghai(void **state) {
  (void)state;
  struct routing_rules *rules = BUILD({.id = "r", .lead = "water", .from = "2025-11-15", .to = "2026-03-15"});
  static const struct {
    int year, month, day, hour, minute;
    const char *id;
  } table[] = {
      {2025, 11, 14, 23, 59, "-"}, {2025, 11, 15, 0, 0, "r"}, {2026, 3, 15, 23, 59, "r"}, {2026, 3, 16, 0, 0, "-"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    Wangge__V1__Order order = fixture_order("", "", "");
    order.received_at = at(table[i].year, table[i].month, table[i].day, table[i].hour, table[i].minute);
    assert_string_equal(decides(rules, &order), table[i].id);
  }
  Wangge__V1__Order order = fixture_order("", "", "");
  static const int64_t extremes[] = {INT64_MIN, INT64_MAX, -1, 0};
  for (size_t i = 0; i < 4; i++) {
    order.received_at = extremes[i];
    assert_string_equal(decides(rules, &order), "-");
  }
  routing_rules_close(rules);
}

static void minutes_may_go_over_midnight(void **state) {
  (void)state;
  struct routing_rules *rules = BUILD({.id = "night", .lead = "police", .from_minute = 1320, .to_minute = 360},
                                      {.id = "noon", .lead = "urban", .from_minute = 720, .to_minute = 780},
                                      {.id = "late", .lead = "water", .from_minute = 1200, .to_minute = 1440});
  static const struct {
    int hour, minute;
    const char *id;
  } table[] = {{21, 59, "late"}, {22, 0, "night"}, {23, 59, "night"}, {0, 0, "night"},
               {5, 59, "night"}, {6, 0, "-"},      {11, 59, "-"},     {12, 0, "noon"},
               {12, 59, "noon"}, {13, 0, "-"},     {19, 59, "-"},     {20, 0, "late"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    Wangge__V1__Order order = fixture_order("", "", "");
    order.received_at = at(2026, 3, 1, table[i].hour, table[i].minute);
    if (strcmp(decides(rules, &order), table[i].id) != 0) fail_msg("%02d:%02d", table[i].hour, table[i].minute);
  }
  routing_rules_close(rules);
}

static void a_rule_that_matches_everything_and_no_rule_at_all(void **state) {
  (void)state;
  const Wangge__V1__Order order = fixture_order("环境/噪声", "", "");
  const struct routing_rule_input input = routing_rule_input_make(&order, NULL);
  struct routing_rules *rules = BUILD({.id = "all", .lead = "urban"});
  struct routing_ruling ruling = ruling_of(rules, &input);
  assert_int_equal(ruling.why, ROUTING_WHY_DECIDED);
  assert_string_equal(ruling.lead, "urban");
  assert_non_null(strstr(routing_ruling_evidence(&ruling, &input, fixture->arena), "没有条件"));
  routing_rules_close(rules);

  fixture->count = 0;
  rules = fixture_build(fixture, NULL, 0, tree, TREE);
  ruling = ruling_of(rules, &input);
  assert_int_equal(ruling.why, ROUTING_WHY_NO_CATALOGUE);
  assert_string_equal(ruling.version, "");
  assert_string_equal(routing_rules_version(rules, "370117"), "");
  assert_true(*routing_ruling_evidence(&ruling, &input, fixture->arena));
  size_t count = 9, others = 9;
  routing_rules_explain(rules, &input, fixture->arena, &count, &others);
  assert_int_equal(count + others, 0);
  routing_rules_close(rules);

  rules = routing_rules_build(NULL, 0, NULL);
  assert_int_equal(ruling_of(rules, &input).why, ROUTING_WHY_NO_CATALOGUE);
  assert_int_equal(routing_rules_count(rules), 0);
  assert_null(routing_rules_at(rules, 0));
  routing_rules_findings(rules, 20000, fixture->arena, &count);
  assert_int_equal(count, 0);
  routing_rules_close(rules);
}

static void each_district_has_its_own_table(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "R1", .lead = "water", .category = "城乡建设"}, {.id = "R1", .lead = "police", .district = "131102"},
            {.id = "R2", .lead = "housing", .area = "131102001", .district = "131102", .rank = 1});
  Wangge__V1__Order order = fixture_order("环境/噪声", "", "131102001001001");
  assert_string_equal(decides(rules, &order), "-");
  order.district = fixture_text("131102");
  assert_string_equal(decides(rules, &order), "R2");
  order.grid_code = fixture_text("");
  assert_string_equal(decides(rules, &order), "R1");
  order.district = fixture_text("999999");
  const struct routing_rule_input input = routing_rule_input_make(&order, NULL);
  assert_int_equal(ruling_of(rules, &input).why, ROUTING_WHY_NO_CATALOGUE);
  assert_string_not_equal(routing_rules_version(rules, "370117"), routing_rules_version(rules, "131102"));
  assert_string_equal(routing_rules_at(rules, 0)->district, "131102");
  routing_rules_close(rules);
}

// --- leads ---
static void lead_grid_is_the_orders_grid(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "r", .lead = "grid", .category = "环境/噪声", .assist = "police|nobody|police|urban"});
  Wangge__V1__Order order = fixture_order("环境/噪声", "", "370117001003001");
  struct routing_rule_input input = routing_rule_input_make(&order, NULL);
  struct routing_ruling ruling = ruling_of(rules, &input);
  assert_int_equal(ruling.why, ROUTING_WHY_DECIDED);
  assert_string_equal(ruling.lead, "370117001003001");
  assert_int_equal(ruling.rule->assist_count, 3); // one came twice
  assert_true(ruling.rule->assist_known[0]);
  assert_false(ruling.rule->assist_known[1]);
  static const char *const unknown[] = {"", "370117001003", "131102001003001"};
  for (size_t i = 0; i < 3; i++) {
    input.area = unknown[i];
    ruling = ruling_of(rules, &input);
    assert_int_equal(ruling.why, ROUTING_WHY_NO_GRID);
    assert_string_equal(ruling.lead, "");
    assert_non_null(strstr(routing_ruling_evidence(&ruling, &input, fixture->arena), "网格未知"));
  }
  routing_rules_close(rules);
}

static void an_unknown_lead_goes_to_the_desk_and_never_on(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "1", .lead = "abolished", .category = "环境"}, {.id = "2", .lead = "urban"});
  const Wangge__V1__Order order = fixture_order("环境/噪声", "", "");
  const struct routing_rule_input input = routing_rule_input_make(&order, NULL);
  const struct routing_ruling ruling = ruling_of(rules, &input);
  assert_int_equal(ruling.why, ROUTING_WHY_NO_LEAD);
  assert_string_equal(ruling.rule->id, "1");
  assert_string_equal(ruling.lead, "");
  assert_non_null(strstr(routing_ruling_evidence(&ruling, &input, fixture->arena), "abolished"));
  routing_rules_close(rules);
}

// 国办函〔2025〕66号.
static void a_departments_duty_never_goes_to_a_grid(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "grid", .lead = "grid"}, {.id = "fixed", .lead = "370117001003001", .category = "城乡建设"},
            {.id = "last", .lead = "housing"});
  static const struct {
    const char *category, *id;
    size_t skipped;
  } table[] = {
      {"城乡建设/供水/停水", "last", 2}, {"城乡建设/供水", "last", 2},      {"城乡建设/供水/没有登记的下级", "last", 2},
      {"城乡建设/保洁", "grid", 0},      {"环境/噪声", "grid", 0},          {"城乡建设/市政", "last", 2},
      {"城乡建设/市政/绿化", "grid", 0}, {"城乡建设/市政/路灯", "last", 2}, {"", "grid", 0}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const Wangge__V1__Order order = fixture_order(table[i].category, "", "370117001003002");
    const struct routing_rule_input input = routing_rule_input_make(&order, NULL);
    const struct routing_ruling ruling = ruling_of(rules, &input);
    assert_string_equal(ruling.rule->id, table[i].id);
    assert_int_equal(ruling.skipped_count, table[i].skipped);
    assert_int_equal(ruling.department_duty, table[i].skipped > 0);
    assert_int_equal(routing_rules_department_duty(rules, "370117", table[i].category), table[i].skipped > 0);
    size_t count = 0, others = 0;
    const struct routing_trace *trace = routing_rules_explain(rules, &input, fixture->arena, &count, &others);
    for (size_t k = 0; k < table[i].skipped; k++) {
      assert_int_equal(trace[k].verdict, ROUTING_SKIPPED);
      assert_non_null(strstr(trace[k].text, "国办函〔2025〕66号"));
    }
    assert_int_equal(trace[count - 1].verdict, ROUTING_DECIDES);
    const char *evidence = routing_ruling_evidence(&ruling, &input, fixture->arena);
    assert_int_equal(strstr(evidence, "国办函〔2025〕66号") != NULL, table[i].skipped > 0);
  }
  routing_rules_close(rules);
}

static void skipped_rules_are_the_first_ones_and_before_the_decision(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "g1", .lead = "grid", .category = "城乡建设/供水"}, {.id = "g2", .lead = "grid"},
            {.id = "g3", .lead = "grid", .category = "城乡建设"}, {.id = "g4", .lead = "grid", .area = "370117001"},
            {.id = "g5", .lead = "grid", .category = "城乡建设/供水", .urgency = 1},
            {.id = "d", .lead = "water", .category = "城乡建设"},
            {.id = "g6", .lead = "grid", .category = "城乡建设/供水/停水"});
  const Wangge__V1__Order order = fixture_order("城乡建设/供水/停水", "", "370117001003002");
  const struct routing_rule_input input = routing_rule_input_make(&order, NULL);
  const struct routing_ruling ruling = ruling_of(rules, &input);
  assert_string_equal(ruling.rule->id, "d");
  assert_int_equal(ruling.skipped_count, ROUTING_RULE_SKIPPED);
  for (size_t i = 0; i < ROUTING_RULE_SKIPPED; i++)
    assert_int_equal(ruling.skipped[i]->number, i);
  routing_rules_close(rules);
}

// --- trace and evidence ---
static void the_trace_tells_each_rule_of_the_category(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "1", .lead = "water", .category = "城乡建设/供水"},
            {.id = "2", .lead = "police", .category = "环境/噪声", .from_minute = 1320, .to_minute = 360},
            {.id = "3", .lead = "urban", .category = "环境/噪声", .urgency = 3},
            {.id = "4", .lead = "urban", .category = "环境", .assist = "police"}, {.id = "5", .lead = "water"});
  Wangge__V1__Order order = fixture_order("环境/噪声", "钢都大街", "");
  order.received_at = at(2026, 3, 1, 14, 5);
  const struct routing_rule_input input = routing_rule_input_make(&order, NULL);
  size_t count = 0, others = 0;
  const struct routing_trace *trace = routing_rules_explain(rules, &input, fixture->arena, &count, &others);
  assert_int_equal(count, 3);
  assert_int_equal(others, 1);
  assert_string_equal(trace[0].text, "时段 22:00–次日06:00 不符：受理时刻 14:05");
  assert_string_equal(trace[1].text, "紧急程度应为特急，实为一般");
  assert_string_equal(trace[2].text, "分类“环境/噪声”属于“环境”；主办 urban，协办 police");
  routing_rules_close(rules);
}

static void evidence_names_each_condition_that_was_met(void **state) {
  (void)state;
  struct routing_rules *rules = BUILD({.id = "1",
                                       .lead = "water",
                                       .category = "城乡建设",
                                       .area = "370117001",
                                       .place_text = "钢都",
                                       .source = "hotline-12345",
                                       .from = "2026-01-01",
                                       .channel = 1,
                                       .kind = 2,
                                       .urgency = 1,
                                       .to_minute = 720,
                                       .parcel = "state"});
  Wangge__V1__Order order = fixture_order("城乡建设/供水", "钢都大街", "370117001003002");
  order.received_at = at(2026, 3, 1, 8, 0);
  struct routing_rule_input input = routing_rule_input_make(&order, NULL);
  input.parcel = "state";
  const struct routing_ruling ruling = ruling_of(rules, &input);
  const char *evidence = routing_ruling_evidence(&ruling, &input, fixture->arena);
  static const char *const parts[] = {
      "城乡建设/供水", "370117001003002", "370117001", "钢都", "hotline-12345", "2026-01-01",
      "2026-03-01",    "12345热线",       "求助",      "一般", "08:00",         "国有"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (!strstr(evidence, parts[i])) fail_msg("\"%s\" does not name %s", evidence, parts[i]);
  }
  // Nothing that is not UTF-8 is ever stored, however long the texts are.
  char *longest = wg_arena_alloc(fixture->arena, 6001);
  for (size_t i = 0; i < 2000; i++)
    memcpy(longest + i * 3, "长", 3);
  longest[6000] = '\0';
  order.category = longest;
  input = routing_rule_input_make(&order, NULL);
  struct routing_ruling none = ruling_of(rules, &input);
  assert_true(wg_utf8_valid(wg_bytes_of(routing_ruling_evidence(&none, &input, fixture->arena))));
  routing_rules_close(rules);
}

static void the_version_is_that_of_what_decides(void **state) {
  (void)state;
  struct routing_rules *one = BUILD({.id = "1", .lead = "water"}, {.id = "2", .lead = "urban", .category = "环境"});
  fixture->count = 0;
  struct routing_rules *same =
      BUILD({.id = "2", .lead = "urban", .category = "环境", .rank = 2}, {.id = "1", .lead = "water", .rank = 1});
  fixture->count = 0;
  struct routing_rules *rank =
      BUILD({.id = "1", .lead = "water", .rank = 2}, {.id = "2", .lead = "urban", .category = "环境", .rank = 1});
  fixture->count = 0;
  const struct category_row duty[] = {{"环境", true}};
  struct routing_rules *category = fixture_build(
      fixture, ROWS({.id = "1", .lead = "water"}, {.id = "2", .lead = "urban", .category = "环境"}), 2, duty, 1);
  assert_string_equal(routing_rules_version(one, "370117"), routing_rules_version(same, "370117"));
  assert_string_not_equal(routing_rules_version(one, "370117"), routing_rules_version(rank, "370117"));
  assert_string_not_equal(routing_rules_version(one, "370117"), routing_rules_version(category, "370117"));
  assert_memory_equal(routing_rules_version(one, ""), "2-", 2);
  assert_string_equal(routing_rules_version(one, ""), routing_rules_version(one, "370117"));
  routing_rules_close(one);
  routing_rules_close(same);
  routing_rules_close(rank);
  routing_rules_close(category);
}

// New rules alone are judged by what else is in force.
static void a_base_stands_in_for_kinds_that_are_not_given(void **state) {
  (void)state;
  struct routing_rules *base = BUILD({.id = "1", .lead = "water"});
  fixture->count = 0;
  fixture_rule(fixture, &(struct rule_row){.id = "n1", .lead = "grid", .category = "城乡建设/供水"});
  fixture_rule(fixture, &(struct rule_row){.id = "n2", .lead = "police", .category = "城乡建设"});
  fixture_rule(fixture, &(struct rule_row){.id = "n3", .lead = "nobody", .category = "没有的分类"});
  struct routing_rules *rules = routing_rules_build(fixture->record, fixture->count, base);
  const Wangge__V1__Order order = fixture_order("城乡建设/供水", "", "370117001003002");
  assert_string_equal(decides(rules, &order), "n2");
  size_t count = 0;
  const struct routing_finding *findings = routing_rules_findings(rules, 20000, fixture->arena, &count);
  assert_non_null(fixture_finding(findings, count, "n1", ROUTING_GRID_FOR_DEPARTMENT_DUTY));
  assert_non_null(fixture_finding(findings, count, "n3", ROUTING_UNKNOWN_DEPARTMENT));
  assert_non_null(fixture_finding(findings, count, "n3", ROUTING_UNKNOWN_CATEGORY));
  assert_null(fixture_finding(findings, count, "n2", ROUTING_UNKNOWN_DEPARTMENT));
  routing_rules_close(base); // nothing points into it
  assert_string_equal(decides(rules, &order), "n2");
  routing_rules_close(rules);
}

static void deleted_records_are_not_there(void **state) {
  (void)state;
  fixture_rule(fixture, &(struct rule_row){.id = "gone", .lead = "police", .rank = 1});
  ((Wangge__V1__Record *)(uintptr_t)fixture->record[0])->deleted = true;
  struct routing_rules *rules = BUILD({.id = "1", .lead = "water"});
  const Wangge__V1__Order order = fixture_order("", "", "");
  assert_string_equal(decides(rules, &order), "1");
  routing_rules_close(rules);
}

// A large table decides as a plain walk through it would.
static void the_index_agrees_with_a_plain_walk(void **state) {
  (void)state;
  static const char *const categories[] = {"", "甲", "甲/乙", "甲/乙/丙", "甲/丁", "戊", "戊/己", "甲/乙/丙/庚"};
  static const char *const areas[] = {"",         "",        "370117", "370117004", "370117004001", "370117004001001",
                                      "estate-1", "estate-2"};
  static const char *const sources[] = {"", "", "hotline-12345", "patrol"};
  static const char *const leads[] = {"water", "grid", "housing", "urban"};
  unsigned seed = 20260315;
  for (int i = 0; i < 2000; i++) {
    unsigned dice[6];
    for (int k = 0; k < 6; k++)
      dice[k] = (seed = seed * 1103515245 + 12345) >> 16;
    struct rule_row row = {
        .id = wg_arena_printf(fixture->arena, "r%04d", i), .lead = leads[dice[0] % 4], .rank = 2000 - i};
    row.category = categories[dice[1] % 8];
    row.area = areas[dice[2] % 8];
    row.source = sources[dice[3] % 4];
    row.urgency = dice[4] % 3 ? (int)(dice[4] % 4) : 0;
    row.place_text = dice[5] % 4 ? "" : "大街";
    if (i > 1500) row.place_text = "没有"; // the first ones in order take nothing, so that the rest is reached
    fixture_rule(fixture, &row);
  }
  const struct category_row duty[] = {{"甲", false}, {"甲/乙", true}, {"戊", true}, {"戊/己", false}};
  struct routing_rules *rules = fixture_build(fixture, NULL, 0, duty, 4);
  assert_int_equal(routing_rules_count(rules), 2000);
  for (unsigned i = 0; i < 8 * 8 * 4 * 4; i++) {
    Wangge__V1__Order order = fixture_order(categories[i % 8], i & 512 ? "钢都大街" : "", "");
    order.urgency = (Wangge__V1__Urgency)(i / 256 % 4);
    if (i & 64) order.source = fixture_text("patrol");
    struct routing_rule_input input = routing_rule_input_make(&order, NULL);
    const char *area = areas[i / 8 % 8];
    if (*area == 'e') input.places[input.place_count++] = area;
    else input.area = area;
    const struct routing_ruling ruling = ruling_of(rules, &input);
    const struct routing_rule *expected = NULL;
    size_t skipped = 0;
    for (size_t k = 0; k < 2000 && !expected; k++) {
      const struct routing_rule *rule = routing_rules_at(rules, k);
      if (routing_rule_failing(rule, &input)) continue;
      if (rule->lead_is_grid && routing_rules_department_duty(rules, "370117", input.category)) skipped++;
      else expected = rule;
    }
    assert_ptr_equal(ruling.rule, expected);
    assert_int_equal(ruling.skipped_count, skipped < ROUTING_RULE_SKIPPED ? skipped : ROUTING_RULE_SKIPPED);
  }
  routing_rules_close(rules);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(rank_and_then_code_give_the_order, set_up, tear_down),
      cmocka_unit_test_setup_teardown(every_condition_alone, set_up, tear_down),
      cmocka_unit_test_setup_teardown(all_conditions_together, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_prefix_takes_whole_levels, set_up, tear_down),
      cmocka_unit_test_setup_teardown(areas_are_levels_of_codes_or_places, set_up, tear_down),
      cmocka_unit_test_setup_teardown(days_are_whole_days_in_shanghai, set_up, tear_down),
      cmocka_unit_test_setup_teardown(minutes_may_go_over_midnight, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_rule_that_matches_everything_and_no_rule_at_all, set_up, tear_down),
      cmocka_unit_test_setup_teardown(each_district_has_its_own_table, set_up, tear_down),
      cmocka_unit_test_setup_teardown(lead_grid_is_the_orders_grid, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_unknown_lead_goes_to_the_desk_and_never_on, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_departments_duty_never_goes_to_a_grid, set_up, tear_down),
      cmocka_unit_test_setup_teardown(skipped_rules_are_the_first_ones_and_before_the_decision, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_trace_tells_each_rule_of_the_category, set_up, tear_down),
      cmocka_unit_test_setup_teardown(evidence_names_each_condition_that_was_met, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_version_is_that_of_what_decides, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_base_stands_in_for_kinds_that_are_not_given, set_up, tear_down),
      cmocka_unit_test_setup_teardown(deleted_records_are_not_there, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_index_agrees_with_a_plain_walk, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
