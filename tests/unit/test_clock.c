// Deadlines: golden vectors of the State Council's notice for 2026, a year without its notice, and the limits by
// urgency.
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/tracking/clock.h"

#include <stdlib.h>
#include <unistd.h>

#define CALENDAR WANGGE_SHARE "/ops/demo/reference/calendar.csv"
#define CLOCKS WANGGE_SHARE "/ops/demo/reference/clocks.ini"

static struct tracking_calendar *calendar;
static struct tracking_clocks clocks;

static int set_up(void **state) {
  (void)state;
  struct wg_error error = {0};
  if (tracking_calendar_open(CALENDAR, &calendar, &error) != WG_OK) fail_msg("%s", error.message);
  if (tracking_clocks_read(CLOCKS, &clocks, &error) != WG_OK) fail_msg("%s", error.message);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  tracking_calendar_close(calendar);
  return 0;
}

static void working_days_of_each_month_of_2026(void **state) {
  (void)state;
  static const int expected[12] = {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23};
  for (int month = 1; month <= 12; month++) {
    const int32_t first = wg_day_number(2026, month, 1);
    const int32_t end = month < 12 ? wg_day_number(2026, month + 1, 1) : wg_day_number(2027, 1, 1);
    int days = 0;
    for (int32_t day = first; day < end; day++)
      days += tracking_calendar_works(calendar, day);
    if (days != expected[month - 1])
      fail_msg("2026-%02d has %d working days, not %d", month, expected[month - 1], days);
  }
}

static void golden_vectors_of_2026(void **state) {
  (void)state;
  static const struct {
    int month, day, count, due_month, due_day;
  } vectors[] = {{2, 13, 1, 2, 14}, {2, 13, 2, 2, 24},  {2, 13, 5, 2, 27}, {2, 14, 5, 2, 28}, {2, 18, 1, 2, 24},
                 {4, 30, 1, 5, 6},  {4, 30, 5, 5, 11},  {9, 18, 1, 9, 20}, {9, 18, 5, 9, 24}, {9, 24, 5, 10, 9},
                 {9, 30, 1, 10, 8}, {9, 30, 5, 10, 13}, {1, 3, 1, 1, 4}};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    const int32_t start = wg_day_number(2026, vectors[i].month, vectors[i].day);
    const struct tracking_count count = tracking_calendar_add(calendar, start, vectors[i].count);
    int year, month, day;
    wg_day_civil(count.last_day, &year, &month, &day);
    if (year != 2026 || month != vectors[i].due_month || day != vectors[i].due_day)
      fail_msg("2026-%02d-%02d + %d is %04d-%02d-%02d, not %02d-%02d", vectors[i].month, vectors[i].day,
               vectors[i].count, year, month, day, vectors[i].due_month, vectors[i].due_day);
    assert_false(count.provisional);
  }
}

static int64_t at(int year, int month, int day, int hour, int minute) {
  return wg_civil_to_us((struct wg_civil){year, month, day, hour, minute, 0, 0});
}

static void five_working_days_end_at_midnight(void **state) {
  (void)state;
  const int normal = WANGGE__V1__URGENCY__URGENCY_NORMAL;
  // Dispatched in the first or in the last minute of a day in Shanghai: the same deadline.
  const struct tracking_due early = tracking_due_compute(&clocks, calendar, normal, at(2026, 2, 13, 0, 0));
  const struct tracking_due late = tracking_due_compute(&clocks, calendar, normal, at(2026, 2, 13, 23, 59));
  assert_true(early.at == at(2026, 2, 28, 0, 0)); // 24:00 of the 27th
  assert_true(late.at == early.at);
  assert_false(early.provisional);
  assert_non_null(strstr(early.rule, "5 working days"));
  assert_non_null(strstr(early.rule, "2026-02-13"));
  assert_true(tracking_due_compute(&clocks, calendar, normal, at(2026, 2, 14, 0, 0)).at == at(2026, 3, 1, 0, 0));
}

static void urgent_orders_run_by_the_wall_clock(void **state) {
  (void)state;
  const int64_t holiday = at(2026, 10, 1, 22, 30);
  const struct tracking_due urgent =
      tracking_due_compute(&clocks, calendar, WANGGE__V1__URGENCY__URGENCY_URGENT, holiday);
  const struct tracking_due extra =
      tracking_due_compute(&clocks, calendar, WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT, holiday);
  assert_true(urgent.at == at(2026, 10, 2, 22, 30));
  assert_true(extra.at == at(2026, 10, 2, 0, 30));
  assert_non_null(strstr(extra.rule, "2 h"));
  // An urgency of a later contract and none at all are NORMAL.
  const int64_t monday = at(2026, 3, 2, 9, 0);
  const int64_t normal = tracking_due_compute(&clocks, calendar, 1, monday).at;
  assert_true(tracking_due_compute(&clocks, calendar, 0, monday).at == normal);
  assert_true(tracking_due_compute(&clocks, calendar, 99, monday).at == normal);
  assert_true(tracking_due_compute(&clocks, calendar, -1, monday).at == normal);
}

static void a_year_without_its_notice_is_provisional(void **state) {
  (void)state;
  assert_true(tracking_calendar_has_year(calendar, 2025) && tracking_calendar_has_year(calendar, 2026));
  assert_false(tracking_calendar_has_year(calendar, 2027));
  // The last working day that needs no day of 2027, and the first that does.
  const struct tracking_due inside = tracking_due_compute(&clocks, calendar, 1, at(2026, 12, 24, 9, 0));
  assert_true(inside.at == at(2027, 1, 1, 0, 0));
  assert_false(inside.provisional);
  const struct tracking_due beyond = tracking_due_compute(&clocks, calendar, 1, at(2026, 12, 25, 9, 0));
  assert_true(beyond.provisional);
  assert_non_null(strstr(beyond.rule, "provisional"));
  assert_true(beyond.at == at(2027, 1, 2, 0, 0)); // counted Monday to Friday: New Year's Day is one of them
  assert_false(tracking_due_compute(&clocks, calendar, 2, at(2026, 12, 31, 9, 0)).provisional);
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

static void broken_calendars_are_refused_with_their_line(void **state) {
  (void)state;
  static const struct {
    const char *text, *said;
  } table[] = {
      {"", "date,kind,reason"},
      {"date,kind\n2026-01-01,REST\n", "line 1"},
      {"date,kind,reason\n2026-02-30,REST,x\n", "line 2"},
      {"date,kind,reason\n2026-01-01,REST,x\n2026-01-02,HOLIDAY,x\n", "line 3"},
      {"date,kind,reason\n2026-01-01,REST,x\n2026-01-01,WORK,x\n", "2026-01-01"},
      {"date,kind,reason\n01/01/2026,REST,x\n", "line 2"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    struct tracking_calendar *made = NULL;
    struct wg_error error = {0};
    const char *path = file_with(table[i].text);
    wg_status status = tracking_calendar_open(path, &made, &error);
    unlink(path);
    if (status == WG_OK || made || !strstr(error.message, table[i].said))
      fail_msg("\"%s\" gives \"%s\", which does not say %s", table[i].text, error.message, table[i].said);
  }
}

static void broken_clocks_are_refused(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "[resolve]\nnormal = 5 working_days\nurgent = 24 hours\n",
      "[resolve]\nnormal = 5 days\nurgent = 24 hours\nextra_urgent = 2 hours\n",
      "[resolve]\nnormal = 0 working_days\nurgent = 24 hours\nextra_urgent = 2 hours\n",
      "[resolve]\nnormal = 5 working_days more\nurgent = 24 hours\nextra_urgent = 2 hours\n",
      "[resolve]\nnormal = 5 working_days\nurgent = 24 hours\nextra_urgent = 2 hours\nslow = 9 hours\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct tracking_clocks made;
    struct wg_error error = {0};
    const char *path = file_with(texts[i]);
    wg_status status = tracking_clocks_read(path, &made, &error);
    unlink(path);
    if (status == WG_OK || !*error.message) fail_msg("accepted: %s", texts[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(working_days_of_each_month_of_2026),
      cmocka_unit_test(golden_vectors_of_2026),
      cmocka_unit_test(five_working_days_end_at_midnight),
      cmocka_unit_test(urgent_orders_run_by_the_wall_clock),
      cmocka_unit_test(a_year_without_its_notice_is_provisional),
      cmocka_unit_test(broken_calendars_are_refused_with_their_line),
      cmocka_unit_test(broken_clocks_are_refused),
  };
  return cmocka_run_group_tests_name("clock", tests, set_up, tear_down);
}
