// Time and log lines.
#include "common/base/clock.h"

#include "common/base/log.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static void days_count_as_the_calendar_does(void **state) {
  (void)state;
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  assert_int_equal(wg_day_number(1970, 1, 1), 0);
  assert_int_equal(wg_day_number(2000, 3, 1), 11017);
  assert_int_equal(wg_day_weekday(0), 3);
  int32_t parsed = -1;
  assert_true(wg_day_parse("2000-03-01", &parsed) && parsed == 11017);
  assert_true(wg_day_parse("2000-03-01,REST", &parsed) && parsed == 11017);
  static const char *const no_days[] = {"",           "2000-03-1",   "2000/03/01", "2001-02-29",
                                        "2000-3-001", " 2000-03-01", "+200-03-01", "2000-03-",
                                        "0000-01-01", "2000-00-01"};
  for (size_t i = 0; i < sizeof no_days / sizeof *no_days; i++)
    assert_false(wg_day_parse(no_days[i], &parsed));
  assert_int_equal(wg_day_weekday(wg_day_number(2026, 11, 27)), 4);
  // Day by day through two 400-year eras, against the plain rule.
  int32_t day = wg_day_number(1600, 1, 1);
  for (int year = 1600; year < 2400; year++)
    for (int month = 1; month <= 12; month++) {
      int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
      for (int d = 1; d <= lengths[month - 1] + (month == 2 && leap); d++, day++) {
        int y, m, dd;
        wg_day_civil(day, &y, &m, &dd);
        if (wg_day_number(year, month, d) != day || y != year || m != month || dd != d)
          fail_msg("%04d-%02d-%02d is not day %d", year, month, d, (int)day);
      }
    }
}

static void every_instant_goes_there_and_back(void **state) {
  (void)state;
  static const int64_t instants[] = {0,
                                     -1,
                                     1,
                                     INT64_C(1551324305123456),
                                     -WG_DAY_US,
                                     INT64_C(253402271999999999),
                                     -INT64_C(62135596800000000),
                                     INT64_C(951753600000000)};
  for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++) {
    struct wg_civil civil = wg_civil_from_us(instants[i]);
    assert_true(wg_civil_to_us(civil) == instants[i]);
    assert_true(wg_civil_valid(civil));
  }
  char text[40];
  wg_civil_format(INT64_MAX, text); // far from any calendar, but no trap
  wg_civil_format(INT64_MIN, text);
  wg_rfc3339_format(INT64_MIN, text);
  assert_string_equal(wg_civil_format(0, text), "1970-01-01 08:00:00");
  assert_string_equal(wg_rfc3339_format(-1, text), "1970-01-01T07:59:59.999+08:00");
}

static const struct {
  const char *text;
  const char *expected; // as RFC 3339; NULL: refused
} times[] = {
    {"2019-02-28 11:25:05", "2019-02-28T11:25:05.000+08:00"},
    {"2019-02-28 11:25", "2019-02-28T11:25:00.000+08:00"},
    {"2019/2/28 11:25", "2019-02-28T11:25:00.000+08:00"},
    {"2019/2/28 9:05:07", "2019-02-28T09:05:07.000+08:00"},
    {"2019/02/28", "2019-02-28T00:00:00.000+08:00"},
    {"2019-02-28", "2019-02-28T00:00:00.000+08:00"},
    {"2020-02-29", "2020-02-29T00:00:00.000+08:00"},
    {"2019-02-28T03:25:05Z", "2019-02-28T11:25:05.000+08:00"},
    {"2019-02-28t03:25:05.123456789z", "2019-02-28T11:25:05.123+08:00"},
    {"2019-02-28T11:25:05.5+08:00", "2019-02-28T11:25:05.500+08:00"},
    {"2019-02-27T22:25:05-05:00", "2019-02-28T11:25:05.000+08:00"},
    {"2019-02-28T11:25:05", "2019-02-28T11:25:05.000+08:00"},
    {"", NULL},
    {"2019", NULL},
    {"2019-02", NULL},
    {"2019-2-28", NULL},
    {"2019-02/28", NULL},
    {"2019/02-28", NULL},
    {"2019-02-29", NULL},
    {"1900-02-29", NULL},
    {"2019-13-01", NULL},
    {"2019-00-01", NULL},
    {"2019-01-00", NULL},
    {"2019-04-31", NULL},
    {"0000-01-01", NULL},
    {"2019-02-28 24:00:00", NULL},
    {"2019-02-28 11:60", NULL},
    {"2019-02-28 11:25:60", NULL},
    {"2019-02-28 9:05", NULL},
    {"2019-02-28 11:25:05 ", NULL},
    {" 2019-02-28", NULL},
    {"2019-02-28 ", NULL},
    {"2019-02-28T", NULL},
    {"2019-02-28T11:25:05+8:00", NULL},
    {"2019-02-28T11:25:05+0800", NULL},
    {"2019-02-28T11:25:05+24:00", NULL},
    {"2019-02-28T11:25:05.Z", NULL},
    {"2019-02-28T11:25:05.1234567890Z", NULL},
    {"2019-02-28T11:25:05ZZ", NULL},
    {"2019/2/28T11:25", NULL},
    {"２０１９-02-28", NULL},
    {"昨天", NULL},
    {NULL, NULL},
};

static void a_time_is_read_or_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
    int64_t at_us = 77;
    char text[40];
    bool good = wg_civil_parse(times[i].text, &at_us);
    if (good != (times[i].expected != NULL)) fail_msg("\"%s\" %s", times[i].text, good ? "was read" : "was refused");
    if (good) assert_string_equal(wg_rfc3339_format(at_us, text), times[i].expected);
    else assert_int_equal(at_us, 77);
  }
}

static void the_clocks_run_forward(void **state) {
  (void)state;
  int64_t before = wg_monotonic_us();
  assert_true(wg_monotonic_us() >= before);
  assert_true(wg_now_us() > INT64_C(1700000000000000));
}

// read_lines gives what stderr got while `speak` ran.
static size_t read_lines(void (*speak)(void), char *out, size_t room) {
  char path[] = "/tmp/wangge-log-XXXXXX";
  int file = mkstemp(path), keep = dup(STDERR_FILENO);
  assert_true(file >= 0 && keep >= 0);
  unlink(path);
  dup2(file, STDERR_FILENO);
  speak();
  dup2(keep, STDERR_FILENO);
  close(keep);
  ssize_t size = pread(file, out, room - 1, 0);
  close(file);
  assert_true(size >= 0);
  out[size] = '\0';
  return (size_t)size;
}

static void speak_once(void) {
  wg_log_init("intake", WG_LOG_INFO);
  wg_log0(WG_LOG_DEBUG, "not seen");
  wg_log(WG_LOG_WARN, "line\nbreak \"and\" \xFF", wg_field_text("host", "网格\n{"), wg_field_text("none", NULL),
         wg_field_int("least", INT64_MIN), wg_field_real("real", 0.25), wg_field_real("nan", (double)NAN));
}

static void a_log_line_is_one_json_object(void **state) {
  (void)state;
  char line[4096];
  size_t size = read_lines(speak_once, line, sizeof line);
  assert_ptr_equal(strchr(line, '\n'), line + size - 1);
  json_error_t error;
  json_t *object = json_loads(line, 0, &error);
  if (object == NULL) fail_msg("%s: %s", error.text, line);
  assert_string_equal(json_string_value(json_object_get(object, "level")), "warn");
  assert_string_equal(json_string_value(json_object_get(object, "service")), "intake");
  assert_string_equal(json_string_value(json_object_get(object, "msg")), "line\nbreak \"and\" \xEF\xBF\xBD");
  assert_string_equal(json_string_value(json_object_get(object, "host")), "网格\n{");
  assert_string_equal(json_string_value(json_object_get(object, "none")), "");
  assert_true(json_integer_value(json_object_get(object, "least")) == INT64_MIN);
  assert_true(json_real_value(json_object_get(object, "real")) == 0.25);
  assert_true(json_is_null(json_object_get(object, "nan")));
  int64_t at_us;
  assert_true(wg_civil_parse(json_string_value(json_object_get(object, "ts")), &at_us));
  json_decref(object);
}

static void speak_long(void) {
  static char text[100000];
  memset(text, 'x', sizeof text - 1);
  wg_log(WG_LOG_ERROR, "long", wg_field_text("text", text));
}

static void a_long_text_is_cut_in_the_log(void **state) {
  (void)state;
  static char line[8192];
  assert_true(read_lines(speak_long, line, sizeof line) < 1200);
}

// The last test of this program: there is no way back to the machine's clock.
static void a_simulated_clock_is_what_the_file_says(void **state) {
  (void)state;
  char path[] = "/tmp/wangge-now-XXXXXX";
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_false(wg_clock_simulate("/nonexistent/now"));
  assert_false(wg_clock_simulate(path)); // empty
  const int64_t real = wg_now_us(), then = INT64_C(1772413200000000);
  assert_true(real > then);
  assert_int_equal(pwrite(fd, &then, sizeof then, 0), sizeof then);
  assert_true(wg_clock_simulate(path));
  assert_true(wg_now_us() == then);
  const int64_t later = then + WG_DAY_US;
  assert_int_equal(pwrite(fd, &later, sizeof later, 0), sizeof later);
  assert_true(wg_now_us() == later);
  const int64_t monotonic = wg_monotonic_us();
  assert_true(wg_monotonic_us() >= monotonic); // not simulated
  close(fd);
  unlink(path);
}

static void a_time_of_day_is_read(void **state) {
  (void)state;
  int minute = -1;
  assert_true(wg_minute_parse("00:00", &minute) && minute == 0);
  assert_true(wg_minute_parse("08:30-17:30", &minute) && minute == 510);
  assert_true(wg_minute_parse("24:00", &minute) && minute == 1440);
  static const char *const wrong[] = {"", "8:30", "08.30", "24:01", "12:60", "ab:cd", "-1:00", "08:3", "99:99"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_false(wg_minute_parse(wrong[i], &minute));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_time_of_day_is_read),
      cmocka_unit_test(days_count_as_the_calendar_does),
      cmocka_unit_test(every_instant_goes_there_and_back),
      cmocka_unit_test(a_time_is_read_or_refused),
      cmocka_unit_test(the_clocks_run_forward),
      cmocka_unit_test(a_log_line_is_one_json_object),
      cmocka_unit_test(a_long_text_is_cut_in_the_log),
      cmocka_unit_test(a_simulated_clock_is_what_the_file_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
