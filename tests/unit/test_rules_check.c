// What is wrong with a catalogue is found: each kind of finding, and nothing where nothing is wrong.
#include "common/base/clock.h"
#include "tests/unit/records.h"
#include "tests/unit/rules_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define BUILD(...)                                                                                                     \
  fixture_build(fixture, ((const struct rule_row[]){__VA_ARGS__}),                                                     \
                sizeof((const struct rule_row[]){__VA_ARGS__}) / sizeof(struct rule_row), tree, TREE)

static struct rules_fixture *fixture;
static const struct category_row tree[] = {{"城乡建设", false},          {"城乡建设/供水", true},
                                           {"城乡建设/供水/停水", true}, {"城乡建设/保洁", false},
                                           {"环境/噪声", false},         {"环境/水", true}};
enum { TREE = sizeof tree / sizeof *tree };
static const struct routing_finding *findings;
static size_t finding_count;

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

// look takes the findings as of a day, and closes the catalogue later with the arena's test.
static void look(const struct routing_rules *rules) {
  findings = routing_rules_findings(rules, wg_day_number(2026, 11, 27), fixture->arena, &finding_count);
}

static const struct routing_finding *has(const char *rule, enum routing_finding_kind kind) {
  return fixture_finding(findings, finding_count, rule, kind);
}

// only: of this rule there is this finding and no other but `uncovered`, which belong to no rule.
static void only(const char *rule, enum routing_finding_kind kind) {
  size_t count = 0;
  for (size_t i = 0; i < finding_count; i++)
    count += strcmp(findings[i].rule_id, rule) == 0;
  if (!has(rule, kind) || count != 1) {
    for (size_t i = 0; i < finding_count; i++)
      print_message("%s %s\n", routing_finding_name(findings[i].kind), findings[i].message);
    fail_msg("%s: wanted %s alone", rule, routing_finding_name(kind));
  }
}

static void sound(const char *rule) {
  for (size_t i = 0; i < finding_count; i++) {
    if (strcmp(findings[i].rule_id, rule) == 0) fail_msg("%s", findings[i].message);
  }
}

static void broken_rules_are_told_and_not_in_force(void **state) {
  (void)state;
  char *deep = wg_arena_alloc(fixture->arena, 400), *longest = wg_arena_alloc(fixture->arena, 70001);
  memset(longest, 'a', 70000);
  longest[70000] = '\0';
  *deep = '\0';
  for (int i = 0; i < 16; i++)
    strcat(deep, i ? "/a" : "a");
  const struct rule_row rows[] = {{.id = "lead"},
                                  {.id = "area", .lead = "water", .area = "3701170"},
                                  {.id = "area-long", .lead = "water", .area = longest},
                                  {.id = "empty-level", .lead = "water", .category = "城乡建设//供水"},
                                  {.id = "first", .lead = "water", .category = "/城乡建设"},
                                  {.id = "last", .lead = "water", .category = "城乡建设/"},
                                  {.id = "deep", .lead = "water", .category = deep},
                                  {.id = "category-long", .lead = "water", .category = longest},
                                  {.id = "text-long", .lead = "water", .place_text = longest},
                                  {.id = "day", .lead = "water", .from = "2026-02-30"},
                                  {.id = "day-long", .lead = "water", .to = "2026-02-281"},
                                  {.id = "minute", .lead = "water", .from_minute = -1},
                                  {.id = "minute-most", .lead = "water", .to_minute = 1441},
                                  {.id = "minute-same", .lead = "water", .from_minute = 60, .to_minute = 60},
                                  {.id = "channel", .lead = "water", .channel = 99},
                                  {.id = "kind", .lead = "water", .kind = -1},
                                  {.id = "urgency", .lead = "water", .urgency = 4},
                                  {.id = "parcel", .lead = "water", .parcel = "private"},
                                  {.id = "district", .lead = "water", .district = "37011"}};
  const size_t count = sizeof rows / sizeof *rows;
  struct routing_rules *rules = fixture_build(fixture, rows, count, tree, TREE);
  look(rules);
  assert_int_equal(routing_rules_count(rules), 0);
  for (size_t i = 0; i < count; i++) {
    only(rows[i].id, ROUTING_BROKEN);
    assert_true(has(rows[i].id, ROUTING_BROKEN)->error);
  }
  routing_rules_close(rules);
}

static void a_code_that_comes_twice_is_broken_the_second_time(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "r", .lead = "water", .rank = 7}, {.id = "r", .lead = "housing", .rank = 3, .urgency = 1});
  look(rules);
  only("r", ROUTING_BROKEN);
  assert_int_equal(routing_rules_count(rules), 1);
  assert_string_equal(routing_rules_at(rules, 0)->lead, "housing");
  routing_rules_close(rules);
}

static void what_does_not_exist_is_told(void **state) {
  (void)state;
  fixture_grid(fixture, "370117001003001");
  fixture_place(fixture, "market-001");
  struct routing_rules *rules =
      BUILD({.id = "lead", .lead = "abolished", .category = "环境/噪声"},
            {.id = "assist", .lead = "water", .assist = "abolished|housing", .category = "环境/水", .urgency = 2},
            {.id = "category", .lead = "water", .category = "城乡建设局"},
            {.id = "place", .lead = "water", .area = "market-002"},
            {.id = "grid", .lead = "water", .area = "370117001003002"},
            {.id = "lead-grid", .lead = "370117001003002", .category = "城乡建设/保洁"},
            {.id = "ok", .lead = "370117001003001", .category = "环境/噪声", .area = "market-001", .rank = -5},
            {.id = "ok2", .lead = "water", .area = "370117001003001", .category = "环境", .rank = -4});
  look(rules);
  only("lead", ROUTING_UNKNOWN_DEPARTMENT);
  only("assist", ROUTING_UNKNOWN_DEPARTMENT);
  only("category", ROUTING_UNKNOWN_CATEGORY);
  only("place", ROUTING_UNKNOWN_PLACE);
  only("grid", ROUTING_UNKNOWN_PLACE);
  only("lead-grid", ROUTING_UNKNOWN_DEPARTMENT);
  sound("ok");
  sound("ok2");
  routing_rules_close(rules);
}

static void rules_that_no_order_meets_are_dead(void **state) {
  (void)state;
  struct routing_rules *rules = BUILD({.id = "dates", .lead = "water", .from = "2027-03-01", .to = "2027-02-01"},
                                      {.id = "one-day", .lead = "water", .from = "2027-03-01", .to = "2027-03-01"},
                                      {.id = "district", .lead = "water", .area = "131102001"},
                                      {.id = "other", .lead = "water", .area = "131102"});
  look(rules);
  only("dates", ROUTING_DEAD);
  only("district", ROUTING_DEAD);
  only("other", ROUTING_DEAD);
  sound("one-day");
  routing_rules_close(rules);
}

static void one_rule_covers_another(void **state) {
  (void)state;
  static const struct {
    struct rule_row first, second;
    int finding; // -1: none
  } table[] = {
      {{.category = "城乡建设"}, {.category = "城乡建设/供水"}, ROUTING_SHADOWED},
      {{.category = "城乡建设/供水"}, {.category = "城乡建设"}, -1},
      {{.category = "环境"},
       {.category = "环境/噪声", .area = "370117001", .source = "patrol", .from = "2026-01-01"},
       ROUTING_SHADOWED},
      {{.area = "370117001"}, {.area = "370117001003"}, ROUTING_SHADOWED},
      {{.area = "370117001003"}, {.area = "370117001"}, -1},
      {{.area = "370117001"}, {.area = "370117002003"}, -1},
      {{.area = "estate-1"}, {.area = "estate-1", .urgency = 3}, ROUTING_SHADOWED},
      {{.area = "estate-1"}, {.area = "estate-2"}, -1},
      {{.place_text = "钢都"}, {.place_text = "钢都社区"}, ROUTING_SHADOWED},
      {{.place_text = "钢都社区"}, {.place_text = "钢都"}, -1},
      {{.source = "patrol"}, {.category = "环境"}, -1},
      {{.source = "patrol"}, {.source = "patrol", .kind = 3}, ROUTING_SHADOWED},
      {{.from = "2026-01-01", .to = "2026-12-31"}, {.from = "2026-06-01", .to = "2027-01-01"}, -1},
      {{.from = "2026-01-01"}, {.from = "2026-06-01", .to = "2027-01-01"}, ROUTING_SHADOWED},
      {{.from_minute = 1320, .to_minute = 360}, {.from_minute = 1380, .to_minute = 60}, ROUTING_SHADOWED},
      {{.from_minute = 1320, .to_minute = 360}, {.from_minute = 0, .to_minute = 360}, ROUTING_SHADOWED},
      {{.from_minute = 1320, .to_minute = 360}, {.from_minute = 1300, .to_minute = 360}, -1},
      {{.from_minute = 1320, .to_minute = 360}, {.from_minute = 1320, .to_minute = 361}, -1},
      {{.from_minute = 1320, .to_minute = 360}, {.category = "环境"}, -1},
      {{.parcel = "state"}, {.parcel = "collective"}, -1},
      {{.channel = 2, .urgency = 3},
       {.channel = 2, .urgency = 3, .parcel = "state", .place_text = "街"},
       ROUTING_SHADOWED},
      {{.channel = 2, .urgency = 3}, {.channel = 2}, -1},
      {{.category = "环境", .urgency = 2}, {.category = "环境", .urgency = 2}, ROUTING_CONTRADICTORY},
      {{.from_minute = 60, .to_minute = 120}, {.from_minute = 60, .to_minute = 120}, ROUTING_CONTRADICTORY},
      {{.category = "环境", .lead = "housing"}, {.category = "环境"}, ROUTING_SHADOWED}, // the same lead twice
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    struct rule_row rows[2] = {table[i].first, table[i].second};
    rows[0].id = "a";
    rows[1].id = "b";
    rows[0].lead = rows[0].lead ? rows[0].lead : "water";
    rows[1].lead = "housing";
    fixture->count = 0;
    struct routing_rules *rules = fixture_build(fixture, rows, 2, tree, TREE);
    look(rules);
    sound("a");
    if (table[i].finding < 0) sound("b");
    else only("b", (enum routing_finding_kind)table[i].finding);
    routing_rules_close(rules);
  }
}

// A rule that takes nothing of a department's duty does not stand before one that does.
static void a_grid_covers_only_what_it_may_handle(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "grid", .lead = "grid"}, {.id = "duty", .lead = "water", .category = "城乡建设/供水"},
            {.id = "free", .lead = "urban", .category = "城乡建设/保洁"},
            {.id = "both", .lead = "urban", .category = "城乡建设"});
  look(rules);
  only("grid", ROUTING_GRID_FOR_DEPARTMENT_DUTY);
  assert_false(has("grid", ROUTING_GRID_FOR_DEPARTMENT_DUTY)->error);
  sound("duty");
  only("free", ROUTING_SHADOWED);
  only("both", ROUTING_SHADOWED); // by "grid" and "duty" together
  assert_non_null(strstr(has("both", ROUTING_SHADOWED)->message, "duty"));
  routing_rules_close(rules);

  fixture->count = 0;
  rules = BUILD({.id = "g", .lead = "grid", .category = "城乡建设/供水"},
                {.id = "fixed", .lead = "370117001003001", .category = "城乡建设/供水/停水", .urgency = 1},
                {.id = "fine", .lead = "grid", .category = "环境/噪声"});
  look(rules);
  only("g", ROUTING_GRID_FOR_DEPARTMENT_DUTY);
  assert_true(has("g", ROUTING_GRID_FOR_DEPARTMENT_DUTY)->error);
  assert_non_null(strstr(has("g", ROUTING_GRID_FOR_DEPARTMENT_DUTY)->message, "国办函〔2025〕66号"));
  assert_non_null(has("fixed", ROUTING_GRID_FOR_DEPARTMENT_DUTY));
  sound("fine");
  routing_rules_close(rules);
}

static void several_rules_cover_another_together(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "day", .lead = "water", .category = "环境/噪声", .from_minute = 360, .to_minute = 1320},
            {.id = "night", .lead = "police", .category = "环境/噪声", .from_minute = 1320, .to_minute = 360},
            {.id = "noise", .lead = "urban", .category = "环境/噪声"},
            {.id = "water", .lead = "water", .category = "环境/水", .to = "2026-06-30"},
            {.id = "water2", .lead = "housing", .category = "环境/水", .from = "2026-07-01"},
            {.id = "self", .lead = "urban", .category = "环境", .urgency = 1},
            {.id = "urgent", .lead = "urban", .category = "环境", .urgency = 2},
            {.id = "all", .lead = "urban", .category = "环境"},
            {.id = "extra", .lead = "urban", .category = "环境", .urgency = 3, .place_text = "街"});
  look(rules);
  only("noise", ROUTING_SHADOWED);
  assert_non_null(strstr(has("noise", ROUTING_SHADOWED)->message, "day、night"));
  sound("all");                    // the third urgency is left, for orders of just "环境"
  only("extra", ROUTING_SHADOWED); // by "all" alone
  routing_rules_close(rules);

  // A gap of a minute, of a day, of one category.
  static const struct rule_row gaps[][3] = {
      {{.from_minute = 0, .to_minute = 719}, {.from_minute = 720, .to_minute = 1440}, {.area = ""}},
      {{.to = "2026-06-29"}, {.from = "2026-07-01"}, {.area = ""}},
      {{.category = "环境/噪声"}, {.category = "环境/水"}, {.category = "环境"}},
      {{.parcel = "state"}, {.parcel = "collective"}, {.area = ""}},
      {{.area = "370117001"}, {.area = "370117002"}, {.area = ""}}};
  for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
    struct rule_row rows[3];
    memcpy(rows, gaps[i], sizeof rows);
    for (int k = 0; k < 3; k++) {
      rows[k].id = wg_arena_printf(fixture->arena, "%c", 'a' + k);
      rows[k].lead = "water";
    }
    fixture->count = 0;
    rules = fixture_build(fixture, rows, 3, tree, TREE);
    look(rules);
    sound("c");
    routing_rules_close(rules);
  }
}

static void a_rule_for_everything_before_others_is_told(void **state) {
  (void)state;
  struct routing_rules *rules = BUILD({.id = "all", .lead = "urban"}, {.id = "b", .lead = "water", .category = "环境"});
  look(rules);
  only("all", ROUTING_MATCHES_EVERYTHING);
  only("b", ROUTING_SHADOWED);
  routing_rules_close(rules);
  fixture->count = 0;
  rules = BUILD({.id = "b", .lead = "water", .category = "环境"}, {.id = "all", .lead = "urban"});
  look(rules);
  assert_int_equal(finding_count, 0);
  routing_rules_close(rules);
}

static void expiry_depends_on_the_day(void **state) {
  (void)state;
  struct routing_rules *rules =
      BUILD({.id = "r", .lead = "housing", .to = "2026-03-15"}, {.id = "all", .lead = "urban"});
  size_t count = 9;
  routing_rules_findings(rules, wg_day_number(2026, 3, 15), fixture->arena, &count);
  assert_int_equal(count, 0);
  const struct routing_finding *found =
      routing_rules_findings(rules, wg_day_number(2026, 3, 16), fixture->arena, &count);
  assert_int_equal(count, 1);
  assert_string_equal(routing_finding_name(found[0].kind), "expired");
  assert_false(found[0].error);
  routing_rules_close(rules);
}

// uncovered gives the category of each such finding, joined by ",".
static const char *uncovered(void) {
  struct wg_buffer list = {0};
  for (size_t i = 0; i < finding_count; i++) {
    if (findings[i].kind == ROUTING_UNCOVERED)
      wg_buffer_printf(&list, "%s%s", list.size ? "," : "", findings[i].category);
  }
  const char *text = wg_arena_strdup(fixture->arena, wg_buffer_cstr(&list));
  wg_buffer_free(&list);
  return text;
}

static void categories_without_a_rule_are_told(void **state) {
  (void)state;
  struct routing_rules *rules = fixture_build(fixture, NULL, 0, tree, TREE);
  look(rules);
  assert_string_equal(uncovered(), "城乡建设,环境");
  assert_int_equal(finding_count, 2);
  assert_non_null(strstr(findings[0].message, "3 个分类"));
  routing_rules_close(rules);

  fixture->count = 0;
  rules = BUILD({.id = "a", .lead = "water", .category = "城乡建设/供水"},
                {.id = "b", .lead = "police", .category = "环境/噪声", .urgency = 3},
                {.id = "c", .lead = "grid", .category = "环境"});
  look(rules);
  // "环境/水" is a department's duty: the grid is no answer to it.
  assert_string_equal(uncovered(), "城乡建设/保洁,环境/水");
  routing_rules_close(rules);

  fixture->count = 0;
  rules = BUILD({.id = "a", .lead = "water", .category = "城乡建设"},
                {.id = "b", .lead = "police", .category = "环境", .urgency = 3});
  look(rules);
  assert_string_equal(uncovered(), "环境/噪声,环境/水");
  assert_non_null(strstr(findings[0].message, "只有附带其他条件"));
  routing_rules_close(rules);
}

// Findings stand in the order of the rules; 20,000 rules are checked in bearable time.
static void many_rules(void **state) {
  (void)state;
  for (int i = 0; i < 20000; i++) {
    struct rule_row row = {.id = wg_arena_printf(fixture->arena, "r%05d", i), .lead = "water", .rank = i};
    row.area = wg_arena_printf(fixture->arena, "370117%03d%03d", 1 + i % 20, i / 20 % 999 + 1);
    row.category = i % 2 ? "环境/噪声" : "城乡建设/保洁";
    fixture_rule(fixture, &row);
  }
  const int64_t start = wg_monotonic_us();
  struct routing_rules *rules = fixture_build(fixture, NULL, 0, tree, TREE);
  look(rules);
  print_message("20,000 rules built and checked in %lld ms\n", (long long)(wg_monotonic_us() - start) / 1000);
  assert_int_equal(routing_rules_count(rules), 20000);
  for (size_t i = 1; i < finding_count; i++)
    assert_true(findings[i - 1].rank <= findings[i].rank);
  routing_rules_close(rules);
}

// The demo's catalogue is an example for others: nothing is wrong with it but seasons that have passed, and an ordinary
// order of every leaf of its tree finds somebody.
static void the_demos_catalogue_is_sound(void **state) {
  (void)state;
  static const char *const kinds[] = {"department", "category", "dispatch_rule", "street",
                                      "community",  "grid",     "place"};
  struct records *records = records_create();
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    const char *path = wg_arena_printf(fixture->arena, WANGGE_SHARE "/ops/demo/reference/%s.csv", kinds[i]);
    records_add_file(records, kinds[i], path);
  }
  struct routing_rules *rules = routing_rules_build(RECORDS(records), NULL);
  size_t bad = 0;
  look(rules);
  for (size_t i = 0; i < finding_count; i++) {
    if (findings[i].error || findings[i].kind == ROUTING_UNCOVERED) {
      print_message("%s %s\n", findings[i].district, findings[i].message);
      bad++;
    }
  }
  assert_int_equal(bad, 0);
  assert_true(routing_rules_count(rules) > 100);
  routing_rules_close(rules);
  records_destroy(records);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(broken_rules_are_told_and_not_in_force, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_code_that_comes_twice_is_broken_the_second_time, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_does_not_exist_is_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(rules_that_no_order_meets_are_dead, set_up, tear_down),
      cmocka_unit_test_setup_teardown(one_rule_covers_another, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_grid_covers_only_what_it_may_handle, set_up, tear_down),
      cmocka_unit_test_setup_teardown(several_rules_cover_another_together, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_rule_for_everything_before_others_is_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(expiry_depends_on_the_day, set_up, tear_down),
      cmocka_unit_test_setup_teardown(categories_without_a_rule_are_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(many_rules, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_demos_catalogue_is_sound, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("rules_check", tests, NULL, NULL);
}
