// The working-day calendars: exceptions sorted by day, looked up by bisection.
#include "common/calendar/calendar.h"

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

struct exception {
  int32_t day;
  bool works;
};

enum { FIRST_YEAR = 2000, YEARS = 200 };

struct wg_calendar {
  char district[7];
  struct exception *days;
  size_t count, capacity;
  bool years[YEARS];
};

struct wg_calendars {
  struct wg_calendar **districts;
  size_t count;
};

static int by_day(const void *left, const void *right) {
  const struct exception *a = left, *b = right;
  return (a->day > b->day) - (a->day < b->day);
}

static struct wg_calendar *calendar_of(struct wg_calendars *calendars, const char *district) {
  struct wg_calendar *calendar = (struct wg_calendar *)(uintptr_t)wg_calendars_of(calendars, district);
  if (calendar) return calendar;
  calendar = wg_zalloc(sizeof *calendar);
  memcpy(calendar->district, district, sizeof calendar->district - 1);
  calendars->districts = wg_realloc(calendars->districts, sizeof(void *) * (calendars->count + 1));
  calendars->districts[calendars->count++] = calendar;
  return calendar;
}

static bool year_counted(int64_t year) {
  return year >= FIRST_YEAR && year < FIRST_YEAR + YEARS;
}

static wg_status add_day(struct wg_calendar *calendar, const Wangge__V1__Record *record, struct wg_error *error) {
  int32_t day = 0;
  int year = 0, month, day_of_month;
  const bool works = strcmp(record->calendar_day->kind, "WORK") == 0;
  if (strlen(record->code) == 10 && wg_day_parse(record->code, &day)) wg_day_civil(day, &year, &month, &day_of_month);
  if (!year_counted(year))
    return wg_fail(error, WG_INVALID_ARGUMENT, "calendar_day",
                   "%.32s of district %s: the code must be a day as YYYY-MM-DD, %d to %d", record->code,
                   record->district, FIRST_YEAR, FIRST_YEAR + YEARS - 1);
  if (!works && strcmp(record->calendar_day->kind, "REST") != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "calendar_day", "%s of district %s: kind must be WORK or REST",
                   record->code, record->district);
  if (calendar->count == calendar->capacity) {
    calendar->capacity = calendar->capacity ? calendar->capacity * 2 : 64;
    calendar->days = wg_realloc(calendar->days, sizeof *calendar->days * calendar->capacity);
  }
  calendar->days[calendar->count++] = (struct exception){day, works};
  return WG_OK;
}

static wg_status add_year(struct wg_calendar *calendar, const Wangge__V1__Record *record, struct wg_error *error) {
  int64_t year = 0;
  if (strlen(record->code) != 4 || !wg_parse_i64(record->code, &year) || !year_counted(year))
    return wg_fail(error, WG_INVALID_ARGUMENT, "calendar_year",
                   "%.32s of district %s: the code must be a year, %d to %d", record->code, record->district,
                   FIRST_YEAR, FIRST_YEAR + YEARS - 1);
  calendar->years[year - FIRST_YEAR] = true;
  return WG_OK;
}

static wg_status add(struct wg_calendars *calendars, const Wangge__V1__Record *record, struct wg_error *error) {
  const bool day = record->body_case == WANGGE__V1__RECORD__BODY_CALENDAR_DAY;
  if (!day && record->body_case != WANGGE__V1__RECORD__BODY_CALENDAR_YEAR) return WG_OK;
  if (!wg_all_digits(record->district, 6))
    return wg_fail(error, WG_INVALID_ARGUMENT, day ? "calendar_day" : "calendar_year",
                   "%.32s: district must be 6 digits", record->code);
  struct wg_calendar *calendar = calendar_of(calendars, record->district);
  return day ? add_day(calendar, record, error) : add_year(calendar, record, error);
}

wg_status wg_calendars_build(const Wangge__V1__Record *const *records, size_t count, struct wg_calendars **calendars,
                             struct wg_error *error) {
  struct wg_calendars *made = wg_zalloc(sizeof *made);
  wg_status status = WG_OK;
  for (size_t i = 0; i < count && status == WG_OK; i++)
    status = add(made, records[i], error);
  for (size_t i = 0; i < made->count; i++) {
    if (made->districts[i]->count)
      qsort(made->districts[i]->days, made->districts[i]->count, sizeof *made->districts[i]->days, by_day);
  }
  if (status != WG_OK) {
    wg_calendars_close(made);
    made = NULL;
  }
  *calendars = made;
  return status;
}

void wg_calendars_close(struct wg_calendars *calendars) {
  if (!calendars) return;
  for (size_t i = 0; i < calendars->count; i++) {
    free(calendars->districts[i]->days);
    free(calendars->districts[i]);
  }
  free(calendars->districts);
  free(calendars);
}

const struct wg_calendar *wg_calendars_of(const struct wg_calendars *calendars, const char *district) {
  for (size_t i = 0; calendars && i < calendars->count; i++) {
    if (strcmp(calendars->districts[i]->district, district) == 0) return calendars->districts[i];
  }
  return NULL;
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

int32_t wg_calendar_back(const struct wg_calendar *calendar, int32_t day, int working_days) {
  while (working_days > 0)
    working_days -= wg_calendar_works(calendar, --day);
  return day;
}
