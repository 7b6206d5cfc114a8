// See window.h. Counted as in the Civil Code of the PRC, art. 201 to 203: the day of dispatch is not counted, the last
// day runs to 24:00.
#include "services/routing/window.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>

int64_t routing_window_end(struct routing_window *window, const char *district, int64_t dispatched_at) {
  if (window->hours > 0) return dispatched_at + window->hours * (3600 * WG_SECOND_US);
  const struct wg_civil civil = wg_civil_from_us(dispatched_at);
  const int32_t day = wg_day_number(civil.year, civil.month, civil.day);
  if (!window->known_end || window->known_day != day || strcmp(window->known_district, district) != 0) {
    const struct wg_calendar *calendar = wg_calendars_of(window->calendars, district);
    const struct wg_day_count count = wg_calendar_add(calendar, day, window->working_days);
    snprintf(window->known_district, sizeof window->known_district, "%s", district);
    window->known_day = day;
    window->known_end = (count.last_day + INT64_C(1)) * WG_DAY_US - WG_SHANGHAI_OFFSET_US;
  }
  return window->known_end;
}

void routing_window_text(const struct routing_window *window, char *text, size_t size) {
  if (window->hours > 0) snprintf(text, size, "%d hours", window->hours);
  else snprintf(text, size, "%d working days", window->working_days);
}
