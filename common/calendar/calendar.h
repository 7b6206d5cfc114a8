// Working days (工作日): Monday to Friday, with the days off and the make-up working days of the State Council's yearly
// notice on top. A year without its notice is counted Monday to Friday and marked provisional.
#pragma once

#include "common/base/status.h"

struct wg_calendar;

// wg_calendar_open reads a CSV file with the header date,kind,reason: date YYYY-MM-DD, kind WORK or REST. A year
// counts as having its notice when the file has at least one REST day of it. A file without the header, a day twice, a
// line of another shape are INVALID_ARGUMENT and name the line.
wg_status wg_calendar_open(const char *path, struct wg_calendar **calendar, struct wg_error *error);
void wg_calendar_close(struct wg_calendar *calendar);

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
