// Civil dates by the days-from-civil method: years begin in March, eras have 400 years (146,097 days).
#include "common/base/clock.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const uint64_t *simulated; // NULL: the machine's clock

static int64_t read_clock(clockid_t id) {
  struct timespec now;
  clock_gettime(id, &now);
  return now.tv_sec * WG_SECOND_US + now.tv_nsec / 1000;
}

int64_t wg_now_us(void) {
  if (simulated) return (int64_t)le64toh(__atomic_load_n(simulated, __ATOMIC_RELAXED));
  return read_clock(CLOCK_REALTIME);
}

bool wg_clock_simulate(const char *path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat file;
  void *mapped = MAP_FAILED;
  if (fstat(fd, &file) == 0 && file.st_size >= (off_t)sizeof *simulated)
    mapped = mmap(NULL, sizeof *simulated, PROT_READ, MAP_SHARED, fd, 0);
  else errno = EINVAL;
  const int failure = errno;
  close(fd);
  errno = failure;
  if (mapped == MAP_FAILED) return false;
  simulated = mapped;
  return true;
}

int64_t wg_monotonic_us(void) {
  return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}

int32_t wg_day_number(int year, int month, int day) {
  int64_t y = (int64_t)year - (month <= 2);
  int64_t era = floor_div(y, 400);
  int64_t year_of_era = y - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return (int32_t)(era * 146097 + day_of_era - 719468);
}

void wg_day_civil(int32_t day, int *year, int *month, int *day_of_month) {
  int64_t shifted = (int64_t)day + 719468;
  int64_t era = floor_div(shifted, 146097);
  int64_t day_of_era = shifted - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t from_march = (5 * day_of_year + 2) / 153;
  *day_of_month = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
  *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
  *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

int wg_day_weekday(int32_t day) {
  int64_t from_monday = (int64_t)day + 3; // 1970-01-01 was a Thursday
  return (int)(from_monday - floor_div(from_monday, 7) * 7);
}

struct wg_civil wg_civil_from_us(int64_t at_us) {
  // By the time of day and not by at_us, which may be the greatest or the least number there is.
  int64_t day = floor_div(at_us, WG_DAY_US);
  int64_t rest = at_us % WG_DAY_US + (at_us % WG_DAY_US < 0 ? WG_DAY_US : 0) + WG_SHANGHAI_OFFSET_US;
  if (rest >= WG_DAY_US) {
    day++;
    rest -= WG_DAY_US;
  }
  struct wg_civil civil;
  wg_day_civil((int32_t)day, &civil.year, &civil.month, &civil.day);
  civil.microsecond = (int)(rest % WG_SECOND_US);
  int64_t seconds = rest / WG_SECOND_US;
  civil.hour = (int)(seconds / 3600);
  civil.minute = (int)(seconds / 60 % 60);
  civil.second = (int)(seconds % 60);
  return civil;
}

int64_t wg_civil_to_us(struct wg_civil civil) {
  int64_t seconds = (int64_t)civil.hour * 3600 + (int64_t)civil.minute * 60 + civil.second;
  return wg_day_number(civil.year, civil.month, civil.day) * WG_DAY_US + seconds * WG_SECOND_US + civil.microsecond -
         WG_SHANGHAI_OFFSET_US;
}

bool wg_civil_valid(struct wg_civil civil) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (civil.year < 1 || civil.year > 9999 || civil.month < 1 || civil.month > 12) return false;
  bool leap = civil.year % 4 == 0 && (civil.year % 100 != 0 || civil.year % 400 == 0);
  int last = days[civil.month - 1] + (civil.month == 2 && leap);
  return civil.day >= 1 && civil.day <= last && civil.hour >= 0 && civil.hour <= 23 && civil.minute >= 0 &&
         civil.minute <= 59 && civil.second >= 0 && civil.second <= 59 && civil.microsecond >= 0 &&
         civil.microsecond <= 999999;
}

// digits_of gives a number of exactly `count` digits, -1 when there are fewer.
static int digits_of(const char *text, int count) {
  int number = 0;
  for (int i = 0; i < count; i++) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

bool wg_day_parse(const char *text, int32_t *day) {
  if (strnlen(text, 10) < 10 || text[4] != '-' || text[7] != '-') return false;
  const struct wg_civil civil = {
      .year = digits_of(text, 4), .month = digits_of(text + 5, 2), .day = digits_of(text + 8, 2)};
  if (!wg_civil_valid(civil)) return false;
  *day = wg_day_number(civil.year, civil.month, civil.day);
  return true;
}

char *wg_day_format(int32_t day, char buffer[WG_DAY_TEXT]) {
  int year, month, day_of_month;
  wg_day_civil(day, &year, &month, &day_of_month);
  snprintf(buffer, WG_DAY_TEXT, "%04d-%02d-%02d", year, month, day_of_month);
  return buffer;
}

bool wg_minute_parse(const char *text, int *minute) {
  if (strnlen(text, 5) < 5 || text[2] != ':') return false;
  const int hours = digits_of(text, 2), minutes = digits_of(text + 3, 2);
  if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 24 * 60) return false;
  *minute = hours * 60 + minutes;
  return true;
}

char *wg_civil_format(int64_t at_us, char buffer[32]) {
  struct wg_civil c = wg_civil_from_us(at_us);
  snprintf(buffer, 32, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
  return buffer;
}

char *wg_rfc3339_format(int64_t at_us, char buffer[40]) {
  struct wg_civil c = wg_civil_from_us(at_us);
  snprintf(buffer, 40, "%04d-%02d-%02dT%02d:%02d:%02d.%03d+08:00", c.year, c.month, c.day, c.hour, c.minute, c.second,
           c.microsecond / 1000);
  return buffer;
}

// take_number reads `least` to `most` digits at *text and moves it on.
static bool take_number(const char **text, int least, int most, int *number) {
  int count = 0;
  for (*number = 0; count < most && **text >= '0' && **text <= '9'; count++, (*text)++)
    *number = *number * 10 + (**text - '0');
  return count >= least;
}

static bool take(const char **text, char c) {
  if (**text != c) return false;
  (*text)++;
  return true;
}

// take_date: "2019-02-28", or as spreadsheets write it, "2019/2/28".
static bool take_date(const char **text, struct wg_civil *civil, bool *loose) {
  if (!take_number(text, 4, 4, &civil->year)) return false;
  *loose = **text == '/';
  char separator = *loose ? '/' : '-';
  int least = *loose ? 1 : 2;
  return take(text, separator) && take_number(text, least, 2, &civil->month) && take(text, separator) &&
         take_number(text, least, 2, &civil->day);
}

// take_fraction reads digits behind the point; those after the sixth are dropped, as microseconds are all we keep.
static bool take_fraction(const char **text, int *microsecond) {
  int count = 0, value = 0;
  for (; **text >= '0' && **text <= '9'; (*text)++, count++)
    if (count < 6) value = value * 10 + (**text - '0');
  for (int digits = count; digits < 6; digits++)
    value *= 10;
  *microsecond = value;
  return count >= 1 && count <= 9;
}

static bool take_time(const char **text, struct wg_civil *civil, bool loose) {
  if (!take_number(text, loose ? 1 : 2, 2, &civil->hour) || !take(text, ':')) return false;
  if (!take_number(text, 2, 2, &civil->minute)) return false;
  if (!take(text, ':')) return true;
  if (!take_number(text, 2, 2, &civil->second)) return false;
  return !take(text, '.') || take_fraction(text, &civil->microsecond);
}

// take_zone gives the zone's offset; without one, Asia/Shanghai's.
static bool take_zone(const char **text, int64_t *offset_us) {
  *offset_us = WG_SHANGHAI_OFFSET_US;
  if (**text == '\0') return true;
  if (take(text, 'Z') || take(text, 'z')) {
    *offset_us = 0;
    return true;
  }
  bool west = **text == '-';
  int hours, minutes;
  if (!take(text, west ? '-' : '+') || !take_number(text, 2, 2, &hours) || !take(text, ':') ||
      !take_number(text, 2, 2, &minutes) || hours > 23 || minutes > 59)
    return false;
  *offset_us = ((int64_t)hours * 3600 + (int64_t)minutes * 60) * WG_SECOND_US * (west ? -1 : 1);
  return true;
}

bool wg_civil_parse(const char *text, int64_t *at_us) {
  struct wg_civil civil = {0};
  int64_t offset_us = WG_SHANGHAI_OFFSET_US;
  bool loose;
  if (text == NULL || !take_date(&text, &civil, &loose)) return false;
  if (*text != '\0') {
    if (!take(&text, ' ') && (loose || (!take(&text, 'T') && !take(&text, 't')))) return false;
    if (!take_time(&text, &civil, loose) || !take_zone(&text, &offset_us)) return false;
  }
  if (*text != '\0' || !wg_civil_valid(civil)) return false;
  *at_us = wg_civil_to_us(civil) + WG_SHANGHAI_OFFSET_US - offset_us;
  return true;
}
