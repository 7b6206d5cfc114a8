// Clocks. The day a limit counts from is not counted; the last day runs to 24:00 (Civil Code of the PRC, art. 201 to
// 203).
#include "services/tracking/clock.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/config/config.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { MOST_WORKING_DAYS = 366, MOST_DAYS = 3660, MOST_HOURS = 24 * 366, MOST_COUNT = 100 };
enum { WORKING_DAYS = 1, DAYS = 2, HOURS = 4, ANY = WORKING_DAYS | DAYS | HOURS, COUNT = 8 };

// Every key of the file, what it may be given in, and where it goes.
static const struct key {
  const char *section, *key;
  unsigned units; // COUNT: a bare number
  size_t offset;
} KEYS[] = {
#define AT(member) offsetof(struct tracking_clocks, member)
// NOLINTBEGIN(bugprone-macro-parentheses): a member cannot stand in parentheses
#define BY_URGENCY(section)                                                                                            \
  {#section, "normal", ANY, AT(section[1])}, {#section, "urgent", ANY, AT(section[2])}, {                              \
#section, "extra_urgent", ANY, AT(section[3])                                                                      \
  }
    // NOLINTEND(bugprone-macro-parentheses)
    BY_URGENCY(sign),
    BY_URGENCY(contact),
    BY_URGENCY(resolve),
    {"contact", "tries", COUNT, AT(contact_tries)},
    {"extension", "most", WORKING_DAYS, AT(extension)},
    {"extension", "times", COUNT, AT(extensions)},
    {"hold", "review", WORKING_DAYS | DAYS, AT(hold)},
    {"review", "limit", ANY, AT(review)},
    {"follow_up", "limit", ANY, AT(follow_up)},
    {"follow_up", "tries", COUNT, AT(follow_up_tries)},
    {"follow_up", "days", COUNT, AT(follow_up_days)},
    {"rework", "limit", WORKING_DAYS, AT(rework)},
    {"rework", "rounds", COUNT, AT(rounds)},
    {"cards", "yellow", WORKING_DAYS | HOURS, AT(yellow)},
    {"cards", "red", ANY, AT(red)},
    {"overdue", "urge", ANY, AT(urge)},
    {"overdue", "criticise", ANY, AT(criticise)},
    {"reopen", "within", WORKING_DAYS | DAYS, AT(reopen)},
    {"answer", "limit", ANY, AT(answer)},
    {"recurrence", "within", WORKING_DAYS | DAYS, AT(recurrence)},
};
enum { KEY_COUNT = sizeof KEYS / sizeof *KEYS };

// read_limit gives false for what is none of the units allowed.
static bool read_limit(const char *value, unsigned units, struct tracking_limit *limit) {
  const char *unit = strchr(value, ' ');
  char digits[8] = "";
  int64_t count = 0;
  if (!unit || (size_t)(unit - value) >= sizeof digits) return false;
  memcpy(digits, value, (size_t)(unit - value));
  if (!wg_parse_i64(digits, &count) || count < 1) return false;
  *limit = (struct tracking_limit){0};
  if (units & WORKING_DAYS && strcmp(unit, " working_days") == 0 && count <= MOST_WORKING_DAYS)
    limit->working_days = (int)count;
  else if (units & DAYS && strcmp(unit, " days") == 0 && count <= MOST_DAYS) limit->days = (int)count;
  else if (units & HOURS && strcmp(unit, " hours") == 0 && count <= MOST_HOURS) limit->hours = (int)count;
  else return false;
  return true;
}

static bool read_count(const char *value, int *count) {
  int64_t number = 0;
  if (!wg_parse_i64(value, &number) || number < 1 || number > MOST_COUNT) return false;
  *count = (int)number;
  return true;
}

static wg_status wrong(int line, const struct key *key, const char *value, struct wg_error *error) {
  char units[128];
  snprintf(units, sizeof units, "%s%s%s%s", key->units & WORKING_DAYS ? ", \"1 to 366 working_days\"" : "",
           key->units & DAYS ? ", \"1 to 3660 days\"" : "", key->units & HOURS ? ", \"1 to 8784 hours\"" : "",
           key->units & COUNT ? ", 1 to 100" : "");
  return wg_fail(error, WG_INVALID_ARGUMENT, key->key, "line %d: [%s] %s must be one of: %s; not \"%s\"", line,
                 key->section, key->key, units + 2, value);
}

struct reading {
  struct tracking_clocks *clocks;
  bool seen[KEY_COUNT];
};

static wg_status read_name(struct tracking_clocks *clocks, int line, const char *value, struct wg_error *error) {
  // Stands in every due_rule: cut in the middle of a character it could not be stored.
  if (!*value || strlen(value) >= sizeof clocks->preset)
    return wg_fail(error, WG_INVALID_ARGUMENT, "name", "line %d: name must have 1 to %zu bytes", line,
                   sizeof clocks->preset - 1);
  memcpy(clocks->preset, value, strlen(value) + 1);
  return WG_OK;
}

static wg_status on_row(void *context, int line, const char *section, const char *name, const char *value,
                        struct wg_error *error) {
  struct reading *reading = context;
  if (strcmp(section, "preset") == 0 && strcmp(name, "name") == 0)
    return read_name(reading->clocks, line, value, error);
  for (int i = 0; i < KEY_COUNT; i++) {
    const struct key *key = &KEYS[i];
    if (strcmp(section, key->section) != 0 || strcmp(name, key->key) != 0) continue;
    void *at = (char *)reading->clocks + key->offset;
    reading->seen[i] = true;
    const bool good = key->units & COUNT ? read_count(value, at) : read_limit(value, key->units, at);
    return good ? WG_OK : wrong(line, key, value, error);
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, name,
                 "line %d: [%s] %s is not known; services/tracking/clock.h lists what there is", line, section, name);
}

wg_status tracking_clocks_read(const char *path, struct tracking_clocks *clocks, struct wg_error *error) {
  memset(clocks, 0, sizeof *clocks);
  struct reading reading = {.clocks = clocks};
  const wg_status status = wg_ini_read(path, on_row, &reading, error);
  if (status != WG_OK) return status;
  if (!clocks->preset[0]) return wg_fail(error, WG_INVALID_ARGUMENT, "name", "%s: [preset] name is missing", path);
  for (int i = 0; i < KEY_COUNT; i++) {
    if (!reading.seen[i])
      return wg_fail(error, WG_INVALID_ARGUMENT, KEYS[i].key, "%s: [%s] %s is missing", path, KEYS[i].section,
                     KEYS[i].key);
  }
  clocks->sign[0] = clocks->sign[1];
  clocks->contact[0] = clocks->contact[1];
  clocks->resolve[0] = clocks->resolve[1];
  return WG_OK;
}

struct tracking_limit tracking_by_urgency(const struct tracking_limit limits[4], int urgency) {
  return limits[urgency >= 0 && urgency <= 3 ? urgency : 1];
}

static int64_t end_of(int32_t day) {
  return (day + INT64_C(1)) * WG_DAY_US - WG_SHANGHAI_OFFSET_US;
}

static int32_t day_of(int64_t at) {
  return (int32_t)((at + WG_SHANGHAI_OFFSET_US) / WG_DAY_US);
}

int64_t tracking_limit_end(const struct wg_calendar *calendar, struct tracking_limit limit, int64_t from) {
  if (limit.hours) return from + limit.hours * (3600 * WG_SECOND_US);
  if (limit.days) return end_of(day_of(from) + limit.days);
  return end_of(wg_calendar_add(calendar, day_of(from), limit.working_days).last_day);
}

struct tracking_due tracking_due_compute(const struct tracking_clocks *clocks, const struct wg_calendar *calendar,
                                         const char *what, struct tracking_limit limit, int64_t from) {
  struct tracking_due due = {.at = tracking_limit_end(calendar, limit, from)};
  const char *colon = *what ? ": " : "";
  if (limit.hours) {
    snprintf(due.rule, sizeof due.rule, "%s: %s%s%d h after dispatch", clocks->preset, what, colon, limit.hours);
    return due;
  }
  const struct wg_civil civil = wg_civil_from_us(from);
  if (limit.days) {
    snprintf(due.rule, sizeof due.rule, "%s: %s%s%d days after %04d-%02d-%02d", clocks->preset, what, colon, limit.days,
             civil.year, civil.month, civil.day);
    return due;
  }
  const struct wg_day_count count = wg_calendar_add(calendar, day_of(from), limit.working_days);
  due.provisional = count.provisional;
  snprintf(due.rule, sizeof due.rule, "%s: %s%s%d working days after %04d-%02d-%02d, %d days off skipped%s",
           clocks->preset, what, colon, limit.working_days, civil.year, civil.month, civil.day, count.skipped,
           count.provisional ? ", provisional: no holiday notice yet" : "");
  return due;
}
