// The working-day calendar: exceptions sorted by day, looked up by bisection.
#include "common/calendar/calendar.h"

#include "common/base/bytes.h"
#include "common/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct exception {
  int32_t day;
  bool works;
  int line;
};

enum { FIRST_YEAR = 2000, YEARS = 200, LINE_BYTES = 512 };

struct wg_calendar {
  struct exception *days;
  size_t count;
  bool years[YEARS];
};

static int by_day(const void *left, const void *right) {
  const struct exception *a = left, *b = right;
  return (a->day > b->day) - (a->day < b->day);
}

static wg_status add_line(struct wg_calendar *calendar, const char *line, int number, struct wg_error *error) {
  int32_t day;
  if (!wg_day_parse(line, &day) || line[10] != ',')
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: must be YYYY-MM-DD,WORK|REST,reason, of a day there is",
                   number);
  int year, month, day_of_month;
  wg_day_civil(day, &year, &month, &day_of_month);
  if (year < FIRST_YEAR || year >= FIRST_YEAR + YEARS)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: the year must be %d to %d", number, FIRST_YEAR,
                   FIRST_YEAR + YEARS - 1);
  const char *kind = line + 11;
  const size_t length = strcspn(kind, ",");
  const bool works = length == 4 && strncmp(kind, "WORK", 4) == 0;
  if (!works && (length != 4 || strncmp(kind, "REST", 4) != 0))
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: kind must be WORK or REST", number);
  calendar->days = wg_realloc(calendar->days, sizeof *calendar->days * (calendar->count + 1));
  calendar->days[calendar->count++] = (struct exception){day, works, number};
  if (!works) calendar->years[year - FIRST_YEAR] = true;
  return WG_OK;
}

static wg_status read_line(struct wg_calendar *calendar, char *line, int number, struct wg_error *error) {
  const size_t length = strcspn(line, "\r\n");
  if (length == LINE_BYTES - 1)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: longer than %d bytes", number, LINE_BYTES - 2);
  line[length] = '\0';
  if (number > 1) return *line ? add_line(calendar, line, number, error) : WG_OK;
  const char *header = strncmp(line, "\xef\xbb\xbf", 3) == 0 ? line + 3 : line;
  if (strcmp(header, "date,kind,reason") == 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line 1: the header must be date,kind,reason");
}

static wg_status read_lines(struct wg_calendar *calendar, FILE *file, struct wg_error *error) {
  char line[LINE_BYTES];
  int number = 0;
  while (fgets(line, sizeof line, file)) {
    const wg_status status = read_line(calendar, line, ++number, error);
    if (status != WG_OK) return status;
  }
  if (ferror(file)) return wg_fail(error, WG_NOT_FOUND, NULL, "cannot be read: %s", strerror(errno));
  if (number == 0) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line 1: the header must be date,kind,reason");
  return WG_OK;
}

static wg_status check_unique(struct wg_calendar *calendar, struct wg_error *error) {
  if (calendar->count) qsort(calendar->days, calendar->count, sizeof *calendar->days, by_day);
  for (size_t i = 1; i < calendar->count; i++) {
    const struct exception *first = &calendar->days[i - 1], *second = &calendar->days[i];
    if (first->day != second->day) continue;
    if (first->line > second->line) first = second, second = &calendar->days[i - 1];
    int year, month, day;
    wg_day_civil(second->day, &year, &month, &day);
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: %04d-%02d-%02d stands in line %d already", second->line,
                   year, month, day, first->line);
  }
  return WG_OK;
}

wg_status wg_calendar_open(const char *path, struct wg_calendar **calendar, struct wg_error *error) {
  *calendar = NULL;
  FILE *file = fopen(path, "re");
  if (!file) return wg_fail(error, WG_NOT_FOUND, "calendar", "cannot read %s: %s", path, strerror(errno));
  struct wg_calendar *made = wg_zalloc(sizeof *made);
  struct wg_error inner = {0};
  wg_status status = read_lines(made, file, &inner);
  if (status == WG_OK) status = check_unique(made, &inner);
  fclose(file);
  if (status == WG_OK) {
    *calendar = made;
    return WG_OK;
  }
  wg_calendar_close(made);
  return wg_fail(error, status, "calendar", "%s: %s", path, inner.message);
}

void wg_calendar_close(struct wg_calendar *calendar) {
  if (!calendar) return;
  free(calendar->days);
  free(calendar);
}

bool wg_calendar_works(const struct wg_calendar *calendar, int32_t day) {
  const struct exception key = {.day = day};
  const struct exception *found =
      calendar && calendar->count ? bsearch(&key, calendar->days, calendar->count, sizeof key, by_day) : NULL;
  return found ? found->works : wg_day_weekday(day) < 5;
}

bool wg_calendar_has_year(const struct wg_calendar *calendar, int year) {
  return calendar && year >= FIRST_YEAR && year < FIRST_YEAR + YEARS && calendar->years[year - FIRST_YEAR];
}

struct wg_day_count wg_calendar_add(const struct wg_calendar *calendar, int32_t start_day, int working_days) {
  struct wg_day_count count = {.last_day = start_day};
  int year, month, day;
  while (working_days > 0) {
    count.last_day++;
    if (wg_calendar_works(calendar, count.last_day)) working_days--;
    else count.skipped++;
    wg_day_civil(count.last_day, &year, &month, &day);
    if (!wg_calendar_has_year(calendar, year)) count.provisional = true;
  }
  return count;
}
