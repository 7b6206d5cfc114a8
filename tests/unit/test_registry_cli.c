// How the command cuts an import into calls, and where it says that findings are.
#include "tests/unit/unit.h"

#include "ops/cli/registry.h"

#include <stdlib.h>

static struct wg_arena *arena;
static struct wg_record_set set;

static int begin(void **state) {
  (void)state;
  arena = wg_arena_create(64 * 1024);
  return 0;
}

static int end(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static void make(size_t count, size_t bytes) {
  Wangge__V1__Record *record = wg_record_create(wg_kind_find("street"), "370117", "370117001", arena);
  record->street->boundary = wg_arena_zalloc(arena, bytes + 1);
  memset(record->street->boundary, 'x', bytes);
  set = (struct wg_record_set){.count = count};
  set.record = wg_arena_alloc(arena, (count + 1) * sizeof(Wangge__V1__Record *));
  for (size_t i = 0; i < count; i++)
    set.record[i] = record;
}

static void parts_hold_a_thousand_records_at_most(void **state) {
  (void)state;
  make(2001, 10);
  assert_int_equal(cli_part_end(&set, 0), 1000);
  assert_int_equal(cli_part_end(&set, 1000), 2000);
  assert_int_equal(cli_part_end(&set, 2000), 2001);
  make(1000, 10);
  assert_int_equal(cli_part_end(&set, 0), 1000);
}

static void parts_stay_below_what_a_call_may_have(void **state) {
  (void)state;
  make(200, 100 * 1024);
  size_t first = 0, parts = 0;
  while (first < set.count) {
    size_t part_end = cli_part_end(&set, first);
    assert_true(part_end > first);
    assert_true((part_end - first) * 100 * 1024 < CLI_PART_BYTES);
    first = part_end;
    parts++;
  }
  assert_int_equal(parts, 5);
  make(2, CLI_PART_BYTES + 1); // larger than a part: sent alone, and refused by the service in words
  assert_int_equal(cli_part_end(&set, 0), 1);
}

static void records_go_by_district_each_in_its_order(void **state) {
  (void)state;
  const char *districts[] = {"2", "1", "2", "1", "3"};
  struct wg_record_origin origins[5];
  set = (struct wg_record_set){.count = 5, .origin = origins};
  set.record = wg_arena_alloc(arena, 5 * sizeof(Wangge__V1__Record *));
  for (unsigned i = 0; i < 5; i++) {
    set.record[i] = wg_record_create(wg_kind_find("street"), districts[i], "x", arena);
    origins[i] = (struct wg_record_origin){"f", i};
  }
  assert_int_equal(cli_sort_districts(&set, arena), 3);
  static const unsigned lines[] = {0, 2, 1, 3, 4};
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(set.origin[i].line, lines[i]);
  struct wg_record_set one;
  size_t at = 0;
  assert_true(cli_next_district(&set, &at, &one));
  assert_int_equal(one.count, 2);
  assert_true(cli_next_district(&set, &at, &one));
  assert_int_equal(one.origin[1].line, 3);
  assert_true(cli_next_district(&set, &at, &one));
  assert_int_equal(one.count, 1);
  assert_string_equal(one.record[0]->district, "3");
  assert_false(cli_next_district(&set, &at, &one));
}

static const char *place_of(const struct cli_findings *findings, size_t i) {
  static struct wg_buffer out;
  cli_finding_place(findings, i, &out);
  return wg_buffer_cstr(&out);
}

static void findings_are_located(void **state) {
  (void)state;
  Wangge__V1__Finding one = WANGGE__V1__FINDING__INIT, *list[] = {&one};
  Wangge__V1__Position position = WANGGE__V1__POSITION__INIT;
  one.kind = (char *)(uintptr_t) "grid";
  one.row = 17;
  struct cli_findings findings = {list, 1, CLI_ROWS_LINES, "data", true, NULL};
  assert_string_equal(place_of(&findings, 0), "data/grid.csv:17");
  findings.folder = false;
  findings.path = "g.csv";
  assert_string_equal(place_of(&findings, 0), "g.csv:17");
  one.row = 0;
  assert_string_equal(place_of(&findings, 0), "g.csv");
  make(2, 1);
  struct wg_record_origin origins[] = {{"a.csv", 2}, {"b.csv", 9}};
  set.origin = origins;
  findings = (struct cli_findings){list, 1, CLI_ROWS_SET, NULL, false, &set};
  one.row = 1;
  assert_string_equal(place_of(&findings, 0), "b.csv:9");
  one.row = 2; // of no record: a service that counts otherwise must not crash the command
  assert_string_equal(place_of(&findings, 0), "");
  one.row = -1;
  assert_string_equal(place_of(&findings, 0), "");
  position.lon = 117.81;
  position.lat = 36.05;
  one.position = &position;
  findings.rows = CLI_ROWS_NONE;
  assert_string_equal(place_of(&findings, 0), "117.81000,36.05000");
}

static void a_spreadsheet_that_cannot_be_written_is_an_error(void **state) {
  (void)state;
  struct wg_error error = {0};
  assert_null(cli_xlsx_open("/nonexistent/x.xlsx", wg_kind_find("grid"), &error));
  assert_int_equal(error.code, WG_INVALID_ARGUMENT);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(parts_hold_a_thousand_records_at_most),
      TEST(parts_stay_below_what_a_call_may_have),
      TEST(records_go_by_district_each_in_its_order),
      TEST(findings_are_located),
      TEST(a_spreadsheet_that_cannot_be_written_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
