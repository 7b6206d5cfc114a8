// The dispatch rules: the first one met decides, every condition means what rules.h says, and nothing that is wrong
// with a table stays unsaid or switches a rule off silently.
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/routing/rules.h"

#include <stdlib.h>
#include <unistd.h>

#define HEADER "id,category_prefix,district,area,source,valid_from,valid_to,department,note\n"

static struct routing_departments *departments;
static struct wg_arena *arena;

static char *file_with(const char *text) {
  static char path[64];
  snprintf(path, sizeof path, "/tmp/wangge-rules-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
  close(fd);
  return path;
}

static int set_up(void **state) {
  (void)state;
  struct wg_error error = {0};
  const char *path = file_with("[water]\nname = 水务局\nlevel = district\n[housing]\nname = 住建局\nlevel = district\n"
                               "[aishan]\nname = 艾山街道\nparent = water\nlevel = street\n");
  assert_int_equal(routing_departments_open(path, &departments, &error), WG_OK);
  unlink(path);
  arena = wg_arena_create(4096);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  routing_departments_close(departments);
  wg_arena_destroy(arena);
  return 0;
}

static struct routing_rules *parse(const char *text) {
  struct routing_rules *rules = NULL;
  struct wg_error error = {0};
  if (routing_rules_parse(wg_bytes_of(text), departments, &rules, &error) != WG_OK) fail_msg("%s", error.message);
  return rules;
}

static Wangge__V1__Order order_of(const char *category, const char *address, const char *grid) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = 1;
  order.district = (char *)"370117";
  order.source = (char *)"hotline-12345";
  order.category = (char *)(uintptr_t)category;
  order.address = (char *)(uintptr_t)address;
  order.grid_code = (char *)(uintptr_t)grid;
  order.channel = WANGGE__V1__CHANNEL__CHANNEL_HOTLINE_12345;
  order.kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_COMPLAINT;
  order.urgency = WANGGE__V1__URGENCY__URGENCY_NORMAL;
  order.received_at = wg_civil_to_us((struct wg_civil){2026, 3, 15, 12, 0, 0, 0});
  return order;
}

// decides: the id of the rule that an order meets, "-" when none does.
static const char *decides(const struct routing_rules *rules, const Wangge__V1__Order *order) {
  const struct routing_rule *rule = routing_rules_match(rules, order);
  return rule ? rule->id : "-";
}

static void the_first_rule_that_is_met_decides(void **state) {
  (void)state;
  struct routing_rules *rules = parse(HEADER "1,城乡建设/供热,,,,,,housing,\n"
                                             "2,城乡建设,,,patrol,,,aishan,\n"
                                             "3,城乡建设/供水,,,,,,water,\n"
                                             "4,,,,station,,,aishan,\n"
                                             "5,城乡建设,,,,,,housing,\n");
  Wangge__V1__Order order = order_of("城乡建设/供水/停水", "", "");
  assert_string_equal(decides(rules, &order), "3");
  order.source = (char *)"patrol"; // a later, longer prefix does not overtake an earlier rule
  assert_string_equal(decides(rules, &order), "2");
  order.source = (char *)"station"; // nor does a rule without category wait for those with one
  assert_string_equal(decides(rules, &order), "3");
  order.category = (char *)"城乡建设/道路";
  assert_string_equal(decides(rules, &order), "4");
  order.source = (char *)"hotline-12345";
  assert_string_equal(decides(rules, &order), "5");
  order.category = (char *)"民政";
  assert_string_equal(decides(rules, &order), "-");
  order.category = (char *)"";
  assert_string_equal(decides(rules, &order), "-");
  routing_rules_close(rules);
}

static void a_prefix_takes_whole_levels(void **state) {
  (void)state;
  struct routing_rules *rules = parse(HEADER "1,城乡建设/供水,,,,,,water,\n");
  const char *const taken[] = {"城乡建设/供水", "城乡建设/供水/停水"};
  const char *const left[] = {"城乡建设", "城乡建设/供水供气", "城乡建设/供水供气/停水", "供水", "",
                              "/",        "城乡建设//供水"};
  for (size_t i = 0; i < 2; i++) {
    const Wangge__V1__Order order = order_of(taken[i], "", "");
    assert_string_equal(decides(rules, &order), "1");
  }
  for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
    const Wangge__V1__Order order = order_of(left[i], "", "");
    assert_string_equal(decides(rules, &order), "-");
  }
  routing_rules_close(rules);
}

static void an_area_is_a_grid_or_a_text(void **state) {
  (void)state;
  struct routing_rules *rules = parse(HEADER "1,,,370117001,,,,aishan,\n2,,,钢都社区,,,,housing,\n");
  Wangge__V1__Order order = order_of("", "艾山街道钢都社区亲和家园", "370117002001001");
  assert_string_equal(decides(rules, &order), "2");
  order.grid_code = (char *)"370117001001001";
  assert_string_equal(decides(rules, &order), "1");
  order = order_of("", "370117001", ""); // digits in the address are no grid
  assert_string_equal(decides(rules, &order), "-");
  routing_rules_close(rules);
}

static void validity_is_whole_days_in_shanghai(void **state) {
  (void)state;
  struct routing_rules *rules = parse(HEADER "1,,,,,2025-11-15,2026-03-15,housing,\n");
  Wangge__V1__Order order = order_of("", "", "");
  order.received_at = wg_civil_to_us((struct wg_civil){2026, 3, 15, 23, 59, 59, 999999});
  assert_string_equal(decides(rules, &order), "1");
  order.received_at++;
  assert_string_equal(decides(rules, &order), "-");
  order.received_at = wg_civil_to_us((struct wg_civil){2025, 11, 15, 0, 0, 0, 0});
  assert_string_equal(decides(rules, &order), "1");
  order.received_at--;
  assert_string_equal(decides(rules, &order), "-");
  routing_rules_close(rules);
}

static void optional_columns_stand_anywhere(void **state) {
  (void)state;
  struct routing_rules *rules =
      parse("urgency,id,category_prefix,district,area,source,kind,valid_from,valid_to,department,note,channel\n"
            "extra_urgent,1,,,,,,,,water,,\n"
            ",2,,,,,REPORT,,,housing,,patrol_visit\n");
  assert_int_equal(rules->finding_count, 0);
  Wangge__V1__Order order = order_of("", "", "");
  assert_string_equal(decides(rules, &order), "-");
  order.urgency = WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT;
  assert_string_equal(decides(rules, &order), "1");
  order.urgency = WANGGE__V1__URGENCY__URGENCY_NORMAL;
  order.kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_REPORT;
  assert_string_equal(decides(rules, &order), "-");
  order.channel = WANGGE__V1__CHANNEL__CHANNEL_PATROL_VISIT;
  assert_string_equal(decides(rules, &order), "2");
  routing_rules_close(rules);
}

static const struct routing_finding *finding_at(const struct routing_rules *rules, int line) {
  for (size_t i = 0; i < rules->finding_count; i++) {
    if (rules->findings[i].line == line) return &rules->findings[i];
  }
  return NULL;
}

static void every_broken_line_is_reported_and_the_rest_goes_on(void **state) {
  (void)state;
  struct routing_rules *rules = parse(HEADER "1,,,,,,,water\n"                      // 2: a field is missing
                                             "2,,37011,,,,,water,\n"                // 3: district
                                             "3,,,3701170,,,,water,\n"              // 4: area of 7 digits
                                             "4,,131102,370117001,,,,water,\n"      // 5: area outside the district
                                             "5,,,,,2026-02-30,,water,\n"           // 6: no such day
                                             "6,,,,,2026-03-01,2026-02-01,water,\n" // 7: ends before it begins
                                             "7,城乡建设//供水,,,,,,water,\n"       // 8: empty level
                                             "8,,,,,,,,\n"                          // 9: no department
                                             ",,,,,,,water,\n"                      // 10: no id
                                             "9,\xff,,,,,,water,\n"                 // 11: not UTF-8
                                             "10,,,,Hot Line,,,water,\n"            // 12: source
                                             "\"11\"x,,,,,,,water,\n"               // 13: text behind a quote
                                             "\n"
                                             "good,,,,,,,water,\"two\r\nlines, \"\"quoted\"\"\"\r\n" // 15
                                             "good,民政,,,,,,water,\n"                               // 17: the id again
                                             "12,,,,,,,\"water\n"); // 18: quote not closed
  for (int line = 2; line <= 13; line++) {
    const struct routing_finding *finding = finding_at(rules, line);
    if (!finding) fail_msg("line %d is not reported", line);
    assert_int_equal(finding->kind, ROUTING_BROKEN);
    char prefix[16];
    snprintf(prefix, sizeof prefix, "line %d: ", line);
    assert_memory_equal(finding->message, prefix, strlen(prefix));
  }
  assert_non_null(finding_at(rules, 17));
  assert_non_null(strstr(finding_at(rules, 17)->message, "line 15"));
  assert_non_null(finding_at(rules, 18));
  assert_int_equal(rules->finding_count, 14);
  assert_int_equal(rules->count, 1);
  assert_string_equal(rules->rules[0].note, "two\nlines, \"quoted\"");
  const Wangge__V1__Order order = order_of("民政", "", "");
  assert_string_equal(decides(rules, &order), "good");
  routing_rules_close(rules);
}

static void a_rule_of_an_unknown_department_stays_in_force(void **state) {
  (void)state;
  struct routing_rules *rules = parse(HEADER "1,民政,,,,,,civil,\n2,,,,,,,housing,\n");
  assert_int_equal(rules->finding_count, 1);
  assert_int_equal(rules->findings[0].kind, ROUTING_UNKNOWN_DEPARTMENT);
  const Wangge__V1__Order order = order_of("民政/救助", "", "");
  const struct routing_rule *rule = routing_rules_match(rules, &order);
  assert_string_equal(rule->id, "1"); // and not the broader rule behind it
  assert_false(rule->department_known);
  routing_rules_close(rules);
}

static void shadowed_rules_are_found(void **state) {
  (void)state;
  static const struct {
    const char *first, *second;
    bool shadowed;
  } table[] = {
      {"a,城乡建设,,,,,,water,\n", "b,城乡建设/供水,,,,,,housing,\n", true},
      {"a,城乡建设/供水,,,,,,water,\n", "b,城乡建设,,,,,,housing,\n", false},
      {"a,城乡建设,,,,,,water,\n", "b,城乡建设局,,,,,,housing,\n", false},
      {"a,,,,,,,water,\n", "b,民政,370117,370117001,patrol,2026-01-01,2026-12-31,housing,\n", true},
      {"a,,370117,,,,,water,\n", "b,,,370117001,,,,housing,\n", true}, // the area lies inside the district
      {"a,,131102,,,,,water,\n", "b,,,370117001,,,,housing,\n", false},
      {"a,,,370117001,,,,water,\n", "b,,,370117001003,,,,housing,\n", true},
      {"a,,,370117001003,,,,water,\n", "b,,,370117001,,,,housing,\n", false},
      {"a,,,钢都,,,,water,\n", "b,,,钢都社区,,,,housing,\n", true},
      {"a,,,钢都社区,,,,water,\n", "b,,,钢都,,,,housing,\n", false},
      {"a,,,,patrol,,,water,\n", "b,,,,,,,housing,\n", false},
      {"a,,,,patrol,,,water,\n", "b,民政,,,patrol,,,housing,\n", true},
      {"a,,,,,2026-01-01,2026-06-30,water,\n", "b,,,,,2026-06-01,2026-07-31,housing,\n", false},
      {"a,,,,,2026-01-01,,water,\n", "b,,,,,2026-06-01,2026-07-31,housing,\n", true},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    char text[512];
    snprintf(text, sizeof text, "%s%s%s", HEADER, table[i].first, table[i].second);
    struct routing_rules *rules = parse(text);
    assert_int_equal(rules->count, 2);
    if (rules->finding_count != table[i].shadowed) fail_msg("%s%s: shadowed wrongly", table[i].first, table[i].second);
    if (table[i].shadowed) assert_int_equal(rules->findings[0].kind, ROUTING_SHADOWED);
    routing_rules_close(rules);
  }
}

static void expiry_depends_on_the_day(void **state) {
  (void)state;
  struct routing_rules *rules = parse(HEADER "1,,,,,,2026-03-15,housing,\n");
  size_t count = 9;
  routing_rules_findings(rules, wg_day_number(2026, 3, 15), arena, &count);
  assert_int_equal(count, 0);
  const struct routing_finding *found = routing_rules_findings(rules, wg_day_number(2026, 3, 16), arena, &count);
  assert_int_equal(count, 1);
  assert_string_equal(routing_finding_name(found[0].kind), "expired");
  assert_int_equal(found[0].line, 2);
  routing_rules_close(rules);
}

static void a_file_without_its_header_is_refused(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "\n\n",
      "id,category_prefix,district,area,source,valid_from,valid_to,department\n", // note is missing
      HEADER HEADER "1,,,,,,,water,\n",
      "id,id,category_prefix,district,area,source,valid_from,valid_to,department,note\n",
      "id,category_prefix,district,area,source,valid_from,valid_to,department,note,colour\n",
      "1,,,,,,,water,\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct routing_rules *rules = NULL;
    struct wg_error error = {0};
    wg_status status = routing_rules_parse(wg_bytes_of(texts[i]), departments, &rules, &error);
    if (i == 3) { // the header once more is a broken line, not a broken file
      assert_int_equal(status, WG_OK);
      assert_int_equal(rules->findings[0].line, 2);
      routing_rules_close(rules);
      continue;
    }
    assert_int_equal(status, WG_INVALID_ARGUMENT);
    assert_null(rules);
    assert_true(*error.message);
  }
  struct routing_rules *rules = NULL;
  struct wg_error error = {0};
  assert_int_equal(routing_rules_open("/nonexistent/rules.csv", departments, &rules, &error), WG_NOT_FOUND);
  assert_non_null(strstr(error.message, "/nonexistent/rules.csv"));
}

static void the_version_is_that_of_the_bytes(void **state) {
  (void)state;
  struct routing_rules *one = parse(HEADER "1,,,,,,,water,\n"), *same = parse(HEADER "1,,,,,,,water,\n"),
                       *other = parse(HEADER "1,,,,,,,water, \n");
  assert_int_equal(strlen(one->version), 16);
  assert_string_equal(one->version, same->version);
  assert_string_not_equal(one->version, other->version);
  routing_rules_close(one);
  routing_rules_close(same);
  routing_rules_close(other);
}

static void evidence_names_each_condition_that_was_met(void **state) {
  (void)state;
  struct routing_rules *rules =
      parse(HEADER "1,城乡建设,370117,370117001,hotline-12345,2026-01-01,,water,\n2,,,,,,,housing,\n");
  const Wangge__V1__Order order = order_of("城乡建设/供水", "", "370117001003002");
  const char *evidence = routing_rule_evidence(&rules->rules[0], &order, arena);
  static const char *const parts[] = {"城乡建设/供水", "370117001003002", "370117001", "hotline-12345", "2026-01-01"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (!strstr(evidence, parts[i])) fail_msg("\"%s\" does not name %s", evidence, parts[i]);
  }
  assert_true(*routing_rule_evidence(&rules->rules[1], &order, arena));
  routing_rules_close(rules);
}

// A large table decides as a plain walk through it would.
static void the_index_agrees_with_a_plain_walk(void **state) {
  (void)state;
  static const char *const categories[] = {"", "甲", "甲/乙", "甲/乙/丙", "甲/丁", "戊", "戊/己"};
  static const char *const sources[] = {"", "hotline-12345", "patrol"};
  struct wg_buffer text = {0};
  wg_buffer_text(&text, HEADER);
  unsigned seed = 20260315;
  for (int i = 0; i < 400; i++) {
    seed = seed * 1103515245 + 12345;
    wg_buffer_printf(&text, "r%d,%s,%s,%s,%s,,,water,\n", i, categories[seed >> 8 & 7 ? (seed >> 8) % 7 : 3],
                     seed >> 12 & 1 ? "370117" : "", seed >> 14 & 3 ? "370117004" : "", sources[(seed >> 18) % 3]);
  }
  struct routing_rules *rules = parse(wg_buffer_cstr(&text));
  for (size_t c = 0; c < 7; c++) {
    for (size_t s = 0; s < 3; s++) {
      for (int grid = 0; grid < 2; grid++) {
        Wangge__V1__Order order = order_of(categories[c], "", grid ? "370117004001001" : "");
        order.source = (char *)(uintptr_t)sources[s];
        const struct routing_rule *expected = NULL;
        for (size_t i = 0; i < rules->count && !expected; i++) {
          const struct routing_rule *rule = &rules->rules[i];
          const size_t size = rule->category_size;
          const bool category = strncmp(order.category, rule->category, size) == 0 &&
                                (!size || order.category[size] == '/' || order.category[size] == '\0');
          const bool area = !rule->area_size || strncmp(order.grid_code, rule->area, rule->area_size) == 0;
          if (category && area && (!*rule->source || strcmp(rule->source, order.source) == 0)) expected = rule;
        }
        assert_ptr_equal(routing_rules_match(rules, &order), expected);
      }
    }
  }
  routing_rules_close(rules);
  wg_buffer_free(&text);
}

static void departments_with_an_error_are_refused_whole(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "[water]\nname = 水务局\n",
      "[water]\nlevel = district\n",
      "[water]\nname = 水\nlevel = city\n",
      "[Water]\nname = 水\nlevel = district\n",
      "[water]\nname = 水\nlevel = district\ncolour = blue\n",
      "[water]\nname = 水\nlevel = district\nparent = nobody\n",
      "[a]\nname = 甲\nlevel = street\nparent = b\n[b]\nname = 乙\nlevel = street\nparent = a\n",
      "[a]\nname = 甲\nlevel = district\nparent = b\n[b]\nname = 乙\nlevel = street\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct routing_departments *made = NULL;
    struct wg_error error = {0};
    const char *path = file_with(texts[i]);
    wg_status status = routing_departments_open(path, &made, &error);
    unlink(path);
    if (status == WG_OK || made || !*error.message) fail_msg("accepted: %s", texts[i]);
  }
  struct wg_error error = {0};
  assert_int_equal(routing_department_check(departments, "nobody", "to_department", &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "to_department");
  assert_non_null(strstr(error.message, "housing"));
}

// The demo's table is an example for others: nothing is wrong with it but the season that has passed, and every
// category of the demo's tree finds a department.
static void the_demos_rules_are_sound(void **state) {
  (void)state;
  struct routing_departments *demo = NULL;
  struct routing_rules *rules = NULL;
  struct wg_error error = {0};
  if (routing_departments_open(WANGGE_SHARE "/ops/demo/reference/departments.ini", &demo, &error) != WG_OK ||
      routing_rules_open(WANGGE_SHARE "/ops/demo/reference/rules.csv", demo, &rules, &error) != WG_OK)
    fail_msg("%s", error.message);
  assert_true(routing_departments_count(demo) >= 40);
  for (size_t i = 0; i < rules->finding_count; i++)
    fail_msg("%s", rules->findings[i].message);
  struct records *categories = records_create();
  records_add_file(categories, "category", WANGGE_SHARE "/ops/demo/reference/category.csv");
  assert_true(categories->count > 100);
  for (size_t i = 0; i < categories->count; i++) {
    const char *path = categories->record[i]->category->path;
    const Wangge__V1__Order order = order_of(path, "", "");
    const struct routing_rule *rule = routing_rules_match(rules, &order);
    if (!rule || !rule->department_known) fail_msg("%s finds no department", path);
  }
  records_destroy(categories);
  routing_rules_close(rules);
  routing_departments_close(demo);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_rule_that_is_met_decides),
      cmocka_unit_test(a_prefix_takes_whole_levels),
      cmocka_unit_test(an_area_is_a_grid_or_a_text),
      cmocka_unit_test(validity_is_whole_days_in_shanghai),
      cmocka_unit_test(optional_columns_stand_anywhere),
      cmocka_unit_test(every_broken_line_is_reported_and_the_rest_goes_on),
      cmocka_unit_test(a_rule_of_an_unknown_department_stays_in_force),
      cmocka_unit_test(shadowed_rules_are_found),
      cmocka_unit_test(expiry_depends_on_the_day),
      cmocka_unit_test(a_file_without_its_header_is_refused),
      cmocka_unit_test(the_version_is_that_of_the_bytes),
      cmocka_unit_test(evidence_names_each_condition_that_was_met),
      cmocka_unit_test(the_index_agrees_with_a_plain_walk),
      cmocka_unit_test(departments_with_an_error_are_refused_whole),
      cmocka_unit_test(the_demos_rules_are_sound),
  };
  return cmocka_run_group_tests_name("rules", tests, set_up, tear_down);
}
