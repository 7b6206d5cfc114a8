// Working days as the State Council's notices say, each district by its own records, and what broken records are told.
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "common/calendar/calendar.h"

#define DAYS "code,district,kind,reason\n"
#define YEARS "code,district,notice\n"

static struct wg_calendars *demo;
static const struct wg_calendar *calendar;

static struct wg_calendars *build(struct records *records) {
  struct wg_calendars *made = NULL;
  struct wg_error error = {0};
  if (wg_calendars_build(RECORDS(records), &made, &error) != WG_OK) fail_msg("%s: %s", error.field, error.message);
  return made;
}

static int setup_group(void **state) {
  (void)state;
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  demo = build(records);
  records_destroy(records);
  calendar = wg_calendars_of(demo, "370117");
  assert_non_null(calendar);
  return 0;
}

static int teardown_group(void **state) {
  (void)state;
  wg_calendars_close(demo);
  return 0;
}

static int32_t day(const char *text) {
  int32_t number;
  assert_true(wg_day_parse(text, &number));
  return number;
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

// --- records ---
static void each_district_has_its_own_holidays(void **state) {
  (void)state;
  struct records *records = records_create();
  records_add(records, "calendar_day",
              DAYS "2026-05-27,650102,REST,古尔邦节\n2026-05-30,650102,WORK,调休上班\n2026-01-01,370117,REST,元旦\n");
  records_add(records, "calendar_year", YEARS "2026,650102,通知\n");
  struct wg_calendars *calendars = build(records);
  const struct wg_calendar *urumqi = wg_calendars_of(calendars, "650102"),
                           *gangcheng = wg_calendars_of(calendars, "370117");
  assert_false(wg_calendar_works(urumqi, day("2026-05-27")));
  assert_true(wg_calendar_works(urumqi, day("2026-05-30")));
  assert_true(wg_calendar_works(gangcheng, day("2026-05-27")));
  assert_false(wg_calendar_works(gangcheng, day("2026-05-30")));
  assert_true(wg_calendar_has_year(urumqi, 2026));
  assert_null(wg_calendars_of(calendars, "131102"));
  wg_calendars_close(calendars);
  records_destroy(records);
}

static void a_year_counts_when_its_own_record_is_there(void **state) {
  (void)state;
  struct records *records = records_create();
  records_add(records, "calendar_day", DAYS "2026-01-04,370117,WORK,调休上班\n2026-01-01,370117,REST,元旦\n");
  struct wg_calendars *without = build(records);
  assert_false(wg_calendar_has_year(wg_calendars_of(without, "370117"), 2026));
  assert_false(wg_calendar_works(wg_calendars_of(without, "370117"), day("2026-01-01")));
  records_add(records, "calendar_year", YEARS "2026,370117,通知\n");
  struct wg_calendars *with = build(records);
  assert_true(wg_calendar_has_year(wg_calendars_of(with, "370117"), 2026));
  wg_calendars_close(without);
  wg_calendars_close(with);
  records_destroy(records);
}

static void without_records_it_is_monday_to_friday(void **state) {
  (void)state;
  struct wg_calendars *none = NULL;
  struct wg_error error = {0};
  assert_int_equal(wg_calendars_build(NULL, 0, &none, &error), WG_OK);
  assert_null(wg_calendars_of(none, "370117"));
  assert_null(wg_calendars_of(NULL, "370117"));
  const struct wg_day_count count = wg_calendar_add(NULL, day("2026-11-27"), 1); // a Friday
  assert_int_equal(count.last_day, day("2026-11-30"));
  assert_true(count.provisional);
  wg_calendars_close(none);
}

static void broken_records_are_named(void **state) {
  (void)state;
  static const struct {
    const char *code, *kind, *hint;
  } WRONG[] = {
      {"2026-1-2", "REST", "2026-1-2 of district 370117"},
      {"2026/01/01", "REST", "YYYY-MM-DD"},
      {" 2026-01-01", "REST", "YYYY-MM-DD"},
      {"2026-02-29", "REST", "YYYY-MM-DD"},
      {"2026-01-01T00", "REST", "YYYY-MM-DD"},
      {"1999-01-01", "REST", "2000 to 2199"},
      {"2026-01-01", "rest", "kind must be WORK or REST"},
      {"2026-01-01", "", "kind must be WORK or REST"},
      {"2026-01-01", "WORKDAY", "kind must be WORK or REST"},
  };
  struct records *records = records_create();
  records_add(records, "calendar_day", DAYS "2026-01-01,370117,REST,元旦\n");
  records_add(records, "calendar_year", YEARS "2026,370117,通知\n");
  struct wg_calendars *made = demo;
  struct wg_error error = {0};
  for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
    records->record[0]->code = (char *)(uintptr_t)WRONG[i].code;
    records->record[0]->calendar_day->kind = (char *)(uintptr_t)WRONG[i].kind;
    assert_int_equal(wg_calendars_build(RECORDS(records), &made, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, "calendar_day");
    if (!strstr(error.message, WRONG[i].hint)) fail_msg("\"%s\" does not say \"%s\"", error.message, WRONG[i].hint);
    assert_null(made);
  }
  records->record[0]->calendar_day->kind = (char *)(uintptr_t) "REST";
  records->record[0]->code = (char *)(uintptr_t) "2026-01-01";
  static const char *const YEARS_WRONG[] = {"26", "20266", "1999", "2o26", ""};
  for (size_t i = 0; i < sizeof YEARS_WRONG / sizeof *YEARS_WRONG; i++) {
    records->record[1]->code = (char *)(uintptr_t)YEARS_WRONG[i];
    assert_int_equal(wg_calendars_build(RECORDS(records), &made, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, "calendar_year");
  }
  records_destroy(records);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(months_of_2026_have_their_working_days),
      cmocka_unit_test(counts_as_the_golden_vectors_do),
      cmocka_unit_test(nothing_counted_is_the_day_itself),
      cmocka_unit_test(a_year_without_notice_is_provisional),
      cmocka_unit_test(each_district_has_its_own_holidays),
      cmocka_unit_test(a_year_counts_when_its_own_record_is_there),
      cmocka_unit_test(without_records_it_is_monday_to_friday),
      cmocka_unit_test(broken_records_are_named),
  };
  return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
