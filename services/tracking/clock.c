// Deadlines. The day of dispatch is not counted; the last day runs to 24:00 (Civil Code of the PRC, art. 201 to 203).
#include "services/tracking/clock.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/config/config.h"

#include <stdio.h>
#include <string.h>

enum { MOST_WORKING_DAYS = 366, MOST_HOURS = 24 * 366 };

static const char *const URGENCIES[] = {NULL, "normal", "urgent", "extra_urgent"};

static wg_status read_limit(const char *value, struct tracking_limit *limit, struct wg_error *error) {
  const char *unit = strchr(value, ' ');
  char digits[8] = "";
  int64_t count = 0;
  if (unit && (size_t)(unit - value) < sizeof digits) memcpy(digits, value, (size_t)(unit - value));
  if (unit && wg_parse_i64(digits, &count) && count >= 1) {
    if (strcmp(unit, " working_days") == 0 && count <= MOST_WORKING_DAYS) {
      *limit = (struct tracking_limit){.working_days = (int)count};
      return WG_OK;
    }
    if (strcmp(unit, " hours") == 0 && count <= MOST_HOURS) {
      *limit = (struct tracking_limit){.hours = (int)count};
      return WG_OK;
    }
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "must be \"1 to %d working_days\" or \"1 to %d hours\", not \"%s\"",
                 MOST_WORKING_DAYS, MOST_HOURS, value);
}

static wg_status on_row(void *context, int line, const char *section, const char *key, const char *value,
                        struct wg_error *error) {
  struct tracking_clocks *clocks = context;
  if (strcmp(section, "preset") == 0 && strcmp(key, "name") == 0) {
    // Stands in every due_rule: cut in the middle of a character it could not be stored.
    if (!*value || strlen(value) >= sizeof clocks->preset)
      return wg_fail(error, WG_INVALID_ARGUMENT, key, "line %d: name must have 1 to %zu bytes", line,
                     sizeof clocks->preset - 1);
    memcpy(clocks->preset, value, strlen(value) + 1);
    return WG_OK;
  }
  for (int i = 1; strcmp(section, "resolve") == 0 && i <= 3; i++) {
    if (strcmp(key, URGENCIES[i]) != 0) continue;
    struct wg_error inner = {0};
    if (read_limit(value, &clocks->resolve[i], &inner) == WG_OK) return WG_OK;
    return wg_fail(error, WG_INVALID_ARGUMENT, key, "line %d: %s %s", line, key, inner.message);
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, key,
                 "line %d: [%s] %s is not known; there are [preset] name and [resolve] normal, urgent, extra_urgent",
                 line, section, key);
}

wg_status tracking_clocks_read(const char *path, struct tracking_clocks *clocks, struct wg_error *error) {
  memset(clocks, 0, sizeof *clocks);
  const wg_status status = wg_ini_read(path, on_row, clocks, error);
  if (status != WG_OK) return status;
  if (!clocks->preset[0]) return wg_fail(error, WG_INVALID_ARGUMENT, "name", "%s: [preset] name is missing", path);
  for (int i = 1; i <= 3; i++) {
    if (!clocks->resolve[i].working_days && !clocks->resolve[i].hours)
      return wg_fail(error, WG_INVALID_ARGUMENT, URGENCIES[i], "%s: [resolve] %s is missing", path, URGENCIES[i]);
  }
  clocks->resolve[0] = clocks->resolve[1];
  return WG_OK;
}

struct tracking_due tracking_due_compute(const struct tracking_clocks *clocks, const struct wg_calendar *calendar,
                                         int urgency, int64_t dispatched_at) {
  const int known = urgency >= 0 && urgency <= 3 ? urgency : 1;
  const struct tracking_limit *limit = &clocks->resolve[known];
  struct tracking_due due = {0};
  if (limit->hours) {
    due.at = dispatched_at + limit->hours * (3600 * WG_SECOND_US);
    snprintf(due.rule, sizeof due.rule, "%s: %d h after dispatch", clocks->preset, limit->hours);
    return due;
  }
  const struct wg_civil civil = wg_civil_from_us(dispatched_at);
  const struct wg_day_count count =
      wg_calendar_add(calendar, wg_day_number(civil.year, civil.month, civil.day), limit->working_days);
  due.at = (count.last_day + INT64_C(1)) * WG_DAY_US - WG_SHANGHAI_OFFSET_US;
  due.provisional = count.provisional;
  snprintf(due.rule, sizeof due.rule, "%s: %d working days after %04d-%02d-%02d, %d days off skipped%s", clocks->preset,
           limit->working_days, civil.year, civil.month, civil.day, count.skipped,
           count.provisional ? ", provisional: no holiday notice yet" : "");
  return due;
}
