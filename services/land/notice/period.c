// Periods of notices: civil days of Asia/Shanghai, counted as the Civil Code does. See notice.h.
#include "common/base/text.h"
#include "common/calendar/calendar.h"
#include "services/land/notice/notices.h"

#include <stdio.h>
#include <string.h>

int land_notice_days(const struct land_write *write, int notice_kind) {
  static const char *const names[] = {
      [WANGGE__V1__NOTICE_KIND__NOTICE_KIND_SURVEY] = "notice.survey_days",
      [WANGGE__V1__NOTICE_KIND__NOTICE_KIND_PLAN] = "notice.plan_days",
      [WANGGE__V1__NOTICE_KIND__NOTICE_KIND_RESULT] = "notice.result_days",
      [WANGGE__V1__NOTICE_KIND__NOTICE_KIND_CHANGE] = "notice.change_days",
  };
  return (int)land_policy(write, names[notice_kind]);
}

int32_t land_period_end(const struct wg_calendar *calendar, int32_t first_day, int days) {
  int32_t last = first_day + days;
  while (!wg_calendar_works(calendar, last))
    last++;
  return last;
}

char *land_notice_day(struct wg_arena *arena, int32_t day) {
  if (day == LAND_NO_DAY) return wg_arena_strdup(arena, "");
  int year, month, day_of_month;
  wg_day_civil(day, &year, &month, &day_of_month);
  return wg_arena_printf(arena, "%04d-%02d-%02d", year, month, day_of_month);
}

int32_t land_day_of(const char *text) {
  int32_t day;
  return wg_day_parse(text, &day) ? day : LAND_NO_DAY;
}

wg_status land_check_files(char *const *files, size_t count, size_t most, const char *field, struct wg_error *error) {
  if (count > most) return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be at most %zu files", most);
  for (size_t i = 0; i < count; i++) {
    char path[64];
    snprintf(path, sizeof path, "%s[%zu]", field, i);
    if (wg_hash_check(files[i], path, error) != WG_OK) return error->code;
    for (size_t n = 0; n < i; n++) {
      if (strcmp(files[n], files[i]) == 0)
        return wg_fail(error, WG_INVALID_ARGUMENT, path, "is the same file as %s[%zu]", field, n);
    }
  }
  return WG_OK;
}
