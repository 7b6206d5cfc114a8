// Working days (工作日): Monday to Friday, with the days off and the make-up working days of the State Council's yearly
// notice on top. A year without its notice is counted Monday to Friday and marked provisional.
//
// Calendars are built from the registry's records of the kinds "calendar_day" and "calendar_year", one for each
// district (autonomous areas have holidays of their own). Immutable; replaced whole.
#pragma once

#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"

struct wg_calendar;
struct wg_calendars;

// wg_calendars_build: records of other kinds are left alone; none at all gives calendars without a notice.
// INVALID_ARGUMENT names the record at fault.
wg_status wg_calendars_build(const Wangge__V1__Record *const *records, size_t count, struct wg_calendars **calendars,
                             struct wg_error *error);
void wg_calendars_close(struct wg_calendars *calendars); // NULL is allowed
// wg_calendars_of gives a district's calendar, NULL when no notice of it is known; `calendars` may be NULL.
const struct wg_calendar *wg_calendars_of(const struct wg_calendars *calendars, const char *district);

// Days are numbered since 1970-01-01 (wg_day_number), in Asia/Shanghai. `calendar` may be NULL everywhere: no year has
// its notice.
bool wg_calendar_works(const struct wg_calendar *calendar, int32_t day);
bool wg_calendar_has_year(const struct wg_calendar *calendar, int year);

struct wg_day_count {
  int32_t last_day; // the n-th working day behind the start day
  int skipped;      // days between that are no working days
  bool provisional; // a year was touched whose notice is not loaded
};
// wg_calendar_add counts `working_days` (0 to 366) behind the start day, which itself is not counted.
struct wg_day_count wg_calendar_add(const struct wg_calendar *calendar, int32_t start_day, int working_days);
// wg_calendar_back gives the day with which the last `working_days` before `day` begin; what the calendar does not know
// counts as Monday to Friday.
int32_t wg_calendar_back(const struct wg_calendar *calendar, int32_t day, int working_days);
