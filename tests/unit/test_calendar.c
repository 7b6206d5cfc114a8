// Working days as the State Council's notices say, and what a broken calendar file is told.
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "common/calendar/calendar.h"

#include <stdlib.h>
#include <unistd.h>

static struct wg_calendar *calendar;

static int setup_group(void **state) {
  (void)state;
  struct wg_error error = {0};
  if (wg_calendar_open(WANGGE_SHARE "/ops/demo/reference/calendar.csv", &calendar, &error) != WG_OK)
    fail_msg("%s", error.message);
  return 0;
}

static int teardown_group(void **state) {
  (void)state;
  wg_calendar_close(calendar);
  return 0;
}

static int32_t day(const char *text) {
  int year, month, number;
  assert_int_equal(sscanf(text, "%d-%d-%d", &year, &month, &number), 3);
  return wg_day_number(year, month, number);
}

static const char *text_of(int32_t number, char text[16]) {
  int year, month, day_of_month;
  wg_day_civil(number, &year, &month, &day_of_month);
  snprintf(text, 16, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day_of_month % 100);
  return text;
}

// Working days of each month of 2026, counted by two independent sources: 248 in all.
static void months_of_2026_have_their_working_days(void **state) {
  (void)state;
  static const int expected[12] = {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23};
  int total = 0;
  for (int month = 1; month <= 12; month++) {
    int works = 0;
    const int32_t end = month == 12 ? wg_day_number(2027, 1, 1) : wg_day_number(2026, month + 1, 1);
    for (int32_t at = wg_day_number(2026, month, 1); at < end; at++)
      works += wg_calendar_works(calendar, at);
    if (works != expected[month - 1])
      fail_msg("2026-%02d has %d working days, not %d", month, works, expected[month - 1]);
    total += works;
  }
  assert_int_equal(total, 248);
}

static void counts_as_the_golden_vectors_do(void **state) {
  (void)state;
  static const struct {
    const char *start;
    int count;
    const char *last;
  } VECTORS[] = {
      {"2026-02-13", 1, "2026-02-14"},
      {"2026-02-13", 2, "2026-02-24"},
      {"2026-02-13", 5, "2026-02-27"},
      {"2026-02-14", 5, "2026-02-28"},
      {"2026-02-18", 1, "2026-02-24"},
      {"2026-04-30", 1, "2026-05-06"},
      {"2026-04-30", 5, "2026-05-11"},
      {"2026-09-18", 1, "2026-09-20"},
      {"2026-09-18", 5, "2026-09-24"},
      {"2026-09-24", 5, "2026-10-09"},
      {"2026-09-30", 1, "2026-10-08"},
      {"2026-09-30", 5, "2026-10-13"},
      {"2026-01-03", 1, "2026-01-04"},
      // 2025: Spring Festival with both make-up days, Labour Day, National Day
      {"2025-01-24", 1, "2025-01-26"},
      {"2025-01-24", 5, "2025-02-07"},
      {"2025-02-07", 1, "2025-02-08"},
      {"2025-04-25", 1, "2025-04-27"},
      {"2025-04-30", 1, "2025-05-06"},
      {"2025-09-26", 5, "2025-10-10"},
      {"2025-09-26", 6, "2025-10-11"},
      {"2025-12-31", 1, "2026-01-04"},
  };
  for (size_t i = 0; i < sizeof VECTORS / sizeof *VECTORS; i++) {
    char text[16];
    const struct wg_day_count count = wg_calendar_add(calendar, day(VECTORS[i].start), VECTORS[i].count);
    if (count.last_day != day(VECTORS[i].last))
      fail_msg("%s +%d is %s, not %s", VECTORS[i].start, VECTORS[i].count, text_of(count.last_day, text),
               VECTORS[i].last);
    assert_false(count.provisional);
    assert_int_equal(count.last_day - day(VECTORS[i].start), VECTORS[i].count + count.skipped);
    assert_true(wg_calendar_works(calendar, count.last_day));
  }
}

static void nothing_counted_is_the_day_itself(void **state) {
  (void)state;
  const struct wg_day_count count = wg_calendar_add(calendar, day("2026-02-18"), 0);
  assert_int_equal(count.last_day, day("2026-02-18"));
  assert_int_equal(count.skipped, 0);
  assert_false(count.provisional);
}

static void a_year_without_notice_is_provisional(void **state) {
  (void)state;
  assert_true(wg_calendar_has_year(calendar, 2025) && wg_calendar_has_year(calendar, 2026));
  assert_false(wg_calendar_has_year(calendar, 2027));
  assert_false(wg_calendar_has_year(calendar, 1999) || wg_calendar_has_year(calendar, 2200));
  // The last working day that is known, and the first that is a guess.
  assert_false(wg_calendar_add(calendar, day("2026-12-25"), 4).provisional);
  const struct wg_day_count count = wg_calendar_add(calendar, day("2026-12-28"), 5);
  assert_true(count.provisional);
  assert_int_equal(count.last_day, day("2027-01-04")); // Monday to Friday
  assert_true(wg_calendar_add(calendar, day("2024-12-27"), 3).provisional);
}

// --- files ---
static wg_status open_text(const char *text, struct wg_calendar **opened, struct wg_error *error) {
  char path[] = "/tmp/wangge-calendar-XXXXXX";
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  const wg_status status = wg_calendar_open(path, opened, error);
  unlink(path);
  return status;
}

static void a_broken_file_is_refused_by_line(void **state) {
  (void)state;
  static const struct {
    const char *text, *line;
  } FILES[] = {
      {"", "line 1"},
      {"day,kind\n", "line 1"},
      {"2026-01-01,REST,x\n", "line 1"},
      {"date,kind,reason\n2026-01-01,REST,x\n2026-1-2,REST,x\n", "line 3"},
      {"date,kind,reason\n2026/01/01,REST,x\n", "line 2"},
      {"date,kind,reason\n 2026-01-01,REST,x\n", "line 2"},
      {"date,kind,reason\n2026-+1-01,REST,x\n", "line 2"},
      {"date,kind,reason\n2026-02-29,REST,x\n", "line 2: must be YYYY-MM-DD"},
      {"date,kind,reason\n2026-13-01,REST,x\n", "line 2: must be YYYY-MM-DD"},
      {"date,kind,reason\n1999-01-01,REST,x\n", "line 2: the year must be"},
      {"date,kind,reason\n\n2026-01-01,rest,x\n", "line 3: kind must be WORK or REST"},
      {"date,kind,reason\n2026-01-01,WORKDAY,x\n", "line 2: kind must be WORK or REST"},
      {"date,kind,reason\n2026-01-01,\n", "line 2: kind must be WORK or REST"},
      {"date,kind,reason\n2026-01-01\n", "line 2"},
      {"date,kind,reason\n2026-01-01,REST\n2026-01-02,REST\n2026-01-01,WORK\n", "line 4: 2026-01-01 stands in line 2"},
  };
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    struct wg_calendar *opened = calendar;
    struct wg_error error = {0};
    const wg_status status = open_text(FILES[i].text, &opened, &error);
    if (status != WG_INVALID_ARGUMENT) fail_msg("file %zu: %s", i, wg_status_name(status));
    if (!strstr(error.message, FILES[i].line)) fail_msg("\"%s\" does not say \"%s\"", error.message, FILES[i].line);
    assert_null(opened);
  }
}

static void an_overlong_line_is_not_read_as_two(void **state) {
  (void)state;
  char text[1024] = "date,kind,reason\n2026-01-01,REST,";
  const size_t size = strlen(text);
  memset(text + size, 'x', 600);
  strcpy(text + size + 600, "\n");
  struct wg_calendar *opened;
  struct wg_error error = {0};
  assert_int_equal(open_text(text, &opened, &error), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "line 2: longer than"));
}

static void what_cannot_be_read_is_told(void **state) {
  (void)state;
  struct wg_calendar *opened;
  struct wg_error error = {0};
  assert_int_equal(wg_calendar_open("/nonexistent/calendar.csv", &opened, &error), WG_NOT_FOUND);
  assert_non_null(strstr(error.message, "/nonexistent/calendar.csv"));
  assert_int_equal(wg_calendar_open("/tmp", &opened, &error), WG_NOT_FOUND);
}

static void spreadsheets_may_have_saved_it(void **state) {
  (void)state;
  struct wg_calendar *opened;
  struct wg_error error = {0};
  if (open_text("\xef\xbb\xbf"
                "date,kind,reason\r\n2026-01-04,WORK\r\n2026-01-01,REST,元旦\r\n",
                &opened, &error))
    fail_msg("%s", error.message);
  assert_true(wg_calendar_works(opened, day("2026-01-04")));
  assert_false(wg_calendar_works(opened, day("2026-01-01")));
  assert_true(wg_calendar_has_year(opened, 2026));
  wg_calendar_close(opened);
}

static void make_up_days_alone_are_no_notice(void **state) {
  (void)state;
  struct wg_calendar *opened;
  struct wg_error error = {0};
  assert_int_equal(open_text("date,kind,reason\n2026-01-04,WORK,x\n", &opened, &error), WG_OK);
  assert_false(wg_calendar_has_year(opened, 2026));
  wg_calendar_close(opened);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(months_of_2026_have_their_working_days),
      cmocka_unit_test(counts_as_the_golden_vectors_do),
      cmocka_unit_test(nothing_counted_is_the_day_itself),
      cmocka_unit_test(a_year_without_notice_is_provisional),
      cmocka_unit_test(a_broken_file_is_refused_by_line),
      cmocka_unit_test(an_overlong_line_is_not_read_as_two),
      cmocka_unit_test(what_cannot_be_read_is_told),
      cmocka_unit_test(spreadsheets_may_have_saved_it),
      cmocka_unit_test(make_up_days_alone_are_no_notice),
  };
  return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
