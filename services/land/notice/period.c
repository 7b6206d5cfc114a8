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
