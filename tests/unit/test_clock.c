// Deadlines: the day of dispatch does not count, the last day runs to 24:00 in Shanghai, hours are hours; and what a
// broken file of limits is told.
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/tracking/clock.h"

#include <stdlib.h>
#include <unistd.h>

#define REFERENCE WANGGE_SHARE "/ops/demo/reference"
#define CLOCKS REFERENCE "/clocks.ini"

static struct wg_calendars *calendars;
static const struct wg_calendar *calendar;
static struct tracking_clocks clocks;

static int set_up(void **state) {
  (void)state;
  struct wg_error error = {0};
  struct records *records = records_create();
  records_add_file(records, "calendar_day", REFERENCE "/calendar_day.csv");
  records_add_file(records, "calendar_year", REFERENCE "/calendar_year.csv");
  if (wg_calendars_build(RECORDS(records), &calendars, &error) != WG_OK) fail_msg("%s", error.message);
  records_destroy(records);
  calendar = wg_calendars_of(calendars, "370117");
  if (tracking_clocks_read(CLOCKS, &clocks, &error) != WG_OK) fail_msg("%s", error.message);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_calendars_close(calendars);
  return 0;
}

static int64_t at(int year, int month, int day, int hour, int minute) {
  return wg_civil_to_us((struct wg_civil){year, month, day, hour, minute, 0, 0});
}

static struct tracking_due due_of(const struct wg_calendar *known, int urgency, int64_t from) {
  return tracking_due_compute(&clocks, known, "", tracking_by_urgency(clocks.resolve, urgency), from);
}

static void five_working_days_end_at_midnight(void **state) {
  (void)state;
  const int normal = WANGGE__V1__URGENCY__URGENCY_NORMAL;
  // Dispatched in the first or in the last minute of a day in Shanghai: the same deadline.
  const struct tracking_due early = due_of(calendar, normal, at(2026, 2, 13, 0, 0));
  const struct tracking_due late = due_of(calendar, normal, at(2026, 2, 13, 23, 59));
  assert_true(early.at == at(2026, 2, 28, 0, 0)); // 24:00 of the 27th
  assert_true(late.at == early.at);
  assert_false(early.provisional);
  assert_true(due_of(calendar, normal, at(2026, 2, 14, 0, 0)).at == at(2026, 3, 1, 0, 0));
}

static void urgent_orders_run_by_the_wall_clock(void **state) {
  (void)state;
  const int64_t holiday = at(2026, 10, 1, 22, 30);
  const struct tracking_due urgent = due_of(calendar, WANGGE__V1__URGENCY__URGENCY_URGENT, holiday);
  const struct tracking_due extra = due_of(calendar, WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT, holiday);
  assert_true(urgent.at == at(2026, 10, 2, 22, 30));
  assert_true(extra.at == at(2026, 10, 2, 0, 30));
  // An urgency of a later contract and none at all are NORMAL.
  const int64_t monday = at(2026, 3, 2, 9, 0);
  const int64_t normal = due_of(calendar, 1, monday).at;
  assert_true(due_of(calendar, 0, monday).at == normal);
  assert_true(due_of(calendar, 99, monday).at == normal);
  assert_true(due_of(calendar, -1, monday).at == normal);
}

// Which counts are a guess is the calendar's to say; a deadline that rests on one says so, and one in hours never does.
static void a_deadline_that_rests_on_a_guess_says_so(void **state) {
  (void)state;
  const struct tracking_due inside = due_of(calendar, 1, at(2026, 12, 24, 9, 0));
  assert_false(inside.provisional);
  assert_null(strstr(inside.rule, "provisional"));
  const struct tracking_due beyond = due_of(calendar, 1, at(2026, 12, 25, 9, 0));
  assert_true(beyond.provisional);
  assert_non_null(strstr(beyond.rule, "provisional"));
  assert_false(due_of(calendar, 2, at(2026, 12, 31, 9, 0)).provisional);
}

// The State Council's notice for 2026, start + n working days.
static void the_golden_days_of_2026(void **state) {
  (void)state;
  static const struct {
    int month, day, working_days, to_month, to_day;
  } GOLDEN[] = {{2, 13, 1, 2, 14}, {2, 13, 2, 2, 24},  {2, 13, 5, 2, 27}, {2, 14, 5, 2, 28}, {2, 18, 1, 2, 24},
                {4, 30, 1, 5, 6},  {4, 30, 5, 5, 11},  {9, 18, 1, 9, 20}, {9, 18, 5, 9, 24}, {9, 24, 5, 10, 9},
                {9, 30, 1, 10, 8}, {9, 30, 5, 10, 13}, {1, 3, 1, 1, 4}};
  for (size_t i = 0; i < sizeof GOLDEN / sizeof *GOLDEN; i++) {
    const struct tracking_limit limit = {.working_days = GOLDEN[i].working_days};
    const int64_t end = tracking_limit_end(calendar, limit, at(2026, GOLDEN[i].month, GOLDEN[i].day, 15, 0));
    assert_true(end == at(2026, GOLDEN[i].to_month, GOLDEN[i].to_day, 0, 0) + WG_DAY_US); // 24:00
  }
}

static char *file_with(const char *text) {
  static char path[64];
  snprintf(path, sizeof path, "/tmp/wangge-clock-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
  close(fd);
  return path;
}

// all_with gives the preset's whole file with another first line in [resolve] and another name.
static char *all_with(const char *name, const char *limits) {
  static char text[4096];
  char line[256];
  FILE *preset = fopen(CLOCKS, "r");
  assert_non_null(preset);
  int used = snprintf(text, sizeof text, "[preset]\nname = %s\n%s", name, limits);
  bool copying = false; // from behind [resolve]
  while (fgets(line, sizeof line, preset)) {
    if (*line == '[') copying = strcmp(line, "[preset]\n") != 0 && strcmp(line, "[resolve]\n") != 0;
    if (copying) used += snprintf(text + used, sizeof text - (size_t)used, "%s", line);
  }
  fclose(preset);
  return text;
}

static wg_status read_file(const char *text, struct tracking_clocks *read, struct wg_error *error) {
  const char *path = file_with(text);
  const wg_status status = tracking_clocks_read(path, read, error);
  unlink(path);
  return status;
}

#define NAME "[preset]\nname = x\n"
#define LIMITS "[resolve]\nnormal = 15 working_days\nurgent = 7 working_days\nextra_urgent = 2 hours\n"

static void broken_clocks_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } FILES[] = {
      {"", "name is missing"},
      {LIMITS, "[preset] name is missing"},
      {NAME "[sign]\nnormal = 5 working_days\nurgent = 24 hours\n", "[sign] extra_urgent is missing"},
      {NAME "[resolve]\nnormal = 0 working_days\n", "line 4: [resolve] normal must be one of"},
      {NAME "[resolve]\nnormal = 367 working_days\n", "line 4"},
      {NAME "[resolve]\nnormal = -5 hours\n", "line 4"},
      {NAME "[resolve]\nnormal = 5 weeks\n", "line 4"},
      {NAME "[rework]\nlimit = 5 hours\n", "line 4: [rework] limit must be one of: \"1 to 366 working_days\"; not"},
      {NAME "[rework]\nrounds = 0\n", "line 4: [rework] rounds must be one of: 1 to 100"},
      {NAME "[extension]\ntimes = once\n", "line 4"},
      {NAME "[resolve]\nnormal = 5\n", "line 4"},
      {NAME "[resolve]\nnormal = 5 working_days and more\n", "line 4"},
      {NAME "[resolve]\nurgent = 99999999999 hours\n", "line 4"},
      {NAME "[resolve]\nsoon = 5 hours\n", "line 4: [resolve] soon is not known"},
      {NAME "[signing]\nnormal = 5 hours\n", "line 4: [signing] normal is not known"},
      // 36 bytes: cut at 31 it would end in the middle of a character
      {"[preset]\nname = 山东省政务服务热线管理办法\n" LIMITS, "line 2: name must have 1 to 31 bytes"},
  };
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    struct tracking_clocks read;
    struct wg_error error = {0};
    const wg_status status = read_file(FILES[i].text, &read, &error);
    if (status != WG_INVALID_ARGUMENT) fail_msg("file %zu: %s", i, wg_status_name(status));
    if (!strstr(error.message, FILES[i].says)) fail_msg("\"%s\" does not say \"%s\"", error.message, FILES[i].says);
  }
}

static void any_unit_goes_with_any_urgency(void **state) {
  (void)state;
  struct tracking_clocks read;
  struct wg_error error = {0};
  if (read_file(all_with("历下区", LIMITS), &read, &error) != WG_OK) fail_msg("%s", error.message);
  assert_string_equal(read.preset, "历下区");
  assert_int_equal(read.resolve[WANGGE__V1__URGENCY__URGENCY_URGENT].working_days, 7);
}

static void every_key_is_wanted(void **state) {
  (void)state;
  char *text = all_with("x", LIMITS);
  for (char *line = text; line; line = strchr(line + 1, '\n')) {
    char *equals = strchr(line + 1, '='), *end = strchr(line + 1, '\n');
    if (line == text || !equals || !end || equals > end) continue;
    char *copy = strdup(text);
    memset(copy + (line - text) + 1, ';', 1); // a comment now
    struct tracking_clocks read;
    struct wg_error error = {0};
    if (read_file(copy, &read, &error) != WG_INVALID_ARGUMENT || !strstr(error.message, "is missing"))
      fail_msg("without %.*s: %s", (int)(end - line), line, error.message);
    free(copy);
  }
}

static void the_other_preset_is_beijings(void **state) {
  (void)state;
  struct tracking_clocks read;
  struct wg_error error = {0};
  if (tracking_clocks_read(WANGGE_SHARE "/ops/demo/clocks/beijing4.ini", &read, &error) != WG_OK)
    fail_msg("%s", error.message);
  assert_int_equal(read.resolve[1].days, 7);
  assert_int_equal(read.resolve[2].hours, 24);
  assert_int_equal(read.resolve[3].hours, 2);
  const struct tracking_due due = tracking_due_compute(&read, calendar, "", read.resolve[1], at(2026, 2, 13, 9, 0));
  assert_true(due.at == at(2026, 2, 21, 0, 0)); // civil days: holidays count
  assert_false(due.provisional);
  assert_string_equal(due.rule, "beijing4: 7 days after 2026-02-13");
}

static void the_preset_is_shandongs(void **state) {
  (void)state;
  assert_string_equal(clocks.preset, "shandong");
  assert_int_equal(clocks.resolve[WANGGE__V1__URGENCY__URGENCY_NORMAL].working_days, 5);
  assert_int_equal(clocks.resolve[WANGGE__V1__URGENCY__URGENCY_NORMAL].hours, 0);
  assert_int_equal(clocks.resolve[WANGGE__V1__URGENCY__URGENCY_URGENT].hours, 24);
  assert_int_equal(clocks.resolve[WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT].hours, 2);
  assert_int_equal(clocks.resolve[0].working_days, 5);
}

static void the_rule_explains_the_date(void **state) {
  (void)state;
  int64_t at;
  assert_true(wg_civil_parse("2026-02-13 09:00:00", &at));
  assert_string_equal(due_of(calendar, 1, at).rule, "shandong: 5 working days after 2026-02-13, 9 days off skipped");
  assert_string_equal(due_of(calendar, 3, at).rule, "shandong: 2 h after dispatch");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(five_working_days_end_at_midnight),
      cmocka_unit_test(urgent_orders_run_by_the_wall_clock),
      cmocka_unit_test(a_deadline_that_rests_on_a_guess_says_so),
      cmocka_unit_test(the_golden_days_of_2026),
      cmocka_unit_test(broken_clocks_are_refused),
      cmocka_unit_test(any_unit_goes_with_any_urgency),
      cmocka_unit_test(every_key_is_wanted),
      cmocka_unit_test(the_other_preset_is_beijings),
      cmocka_unit_test(the_preset_is_shandongs),
      cmocka_unit_test(the_rule_explains_the_date),
  };
  return cmocka_run_group_tests_name("clock", tests, set_up, tear_down);
}
