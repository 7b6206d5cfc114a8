// The working-day calendar: the years that are needed have their notice, and their days agree with it.
//
//   calendar_year.provisional   a warning, and an alarm: this year, or from October on the next, has no notice, so its
//                               deadlines are counted Monday to Friday
//   calendar_year.working_days  its days give another number of working days than the notice's
//   calendar_year.days_none     a warning: no day of it is registered, not one holiday
//   calendar_day.year_unknown   its year has no notice
//   calendar_day.work_weekday   a warning: a make-up working day on Monday to Friday changes nothing
#include "services/registry/check_survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char RULE_NOTICE[] = "国务院办公厅关于部分节假日安排的通知";
enum { OCTOBER = 10, WORK_DAYS_A_WEEK = 5 };

static bool is_work(const Wangge__V1__CalendarDay *day) {
  return strcmp(day->kind, "WORK") == 0;
}

void registry_check_calendar_day(struct registry_survey *survey, const Wangge__V1__Record *record) {
  int32_t day = 0;
  if (!wg_day_parse(record->code, &day)) return; // the record's own check says so
  char year[5];
  snprintf(year, sizeof year, "%.4s", record->code);
  if (!registry_one(survey, REGISTRY_BODY(CALENDAR_YEAR), year))
    REGISTRY_SAY(survey, REGISTRY_FAULT, record, "year_unknown", "code", RULE_NOTICE,
                 "%s所在的%s年没有登记放假通知，这一天不起作用；请登记日历年度“%s”", record->code, year, year);
  if (is_work(record->calendar_day) && wg_day_weekday(day) < WORK_DAYS_A_WEEK)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "work_weekday", "kind", RULE_NOTICE,
                 "%s是周一到周五，本来就上班，登记为调休上班没有作用；请核对日期", record->code);
}

// count_days counts the working days of a year by the records; `records` is how many it has.
static int count_days(const struct registry_survey *survey, const char *year, int *records) {
  const int number = (int)strtol(year, NULL, 10);
  const int32_t first = wg_day_number(number, 1, 1), end = wg_day_number(number + 1, 1, 1);
  int days = 0;
  for (int32_t day = first; day < end; day++)
    days += wg_day_weekday(day) < WORK_DAYS_A_WEEK;
  *records = 0;
  struct wg_book_walk walk = wg_book_walk(survey->book, survey->district, REGISTRY_BODY(CALENDAR_DAY), year);
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    int32_t day = 0;
    if (!wg_day_parse(record->code, &day)) continue;
    const bool weekday = wg_day_weekday(day) < WORK_DAYS_A_WEEK, work = is_work(record->calendar_day);
    days += work - weekday;
    (*records)++;
  }
  return days;
}

static void check_year(struct registry_survey *survey, const Wangge__V1__Record *record) {
  int records = 0;
  const int days = count_days(survey, record->code, &records);
  if (!records)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "days_none", "code", RULE_NOTICE,
                 "%s年没有登记任何放假和调休日；请按通知录入", record->code);
  const int32_t told = record->calendar_year->working_days;
  if (told == 0 || told == days) return;
  REGISTRY_SAY(survey, REGISTRY_FAULT, record, "working_days", "working_days", RULE_NOTICE,
               "%s年按登记的放假和调休算出%d个工作日，与所填的%d不符；请逐日核对通知", record->code, days, told);
}

static void check_needed(struct registry_survey *survey, int year) {
  char code[8];
  snprintf(code, sizeof code, "%04u", (unsigned)year % 10000u);
  if (registry_one(survey, REGISTRY_BODY(CALENDAR_YEAR), code)) return;
  Wangge__V1__Finding *finding = REGISTRY_SAY(
      survey, REGISTRY_HINT, registry_one(survey, REGISTRY_BODY(NET_DISTRICT), survey->district),
      "calendar_year.provisional", "code", RULE_NOTICE,
      "%s年的放假通知没有登记，该年期限暂按周一到周五计算；通知发布后请登记日历年度“%s”和各放假、调休日", code, code);
  finding->kind = (char *)(uintptr_t) "calendar_year";
  finding->record = wg_arena_strdup(survey->arena, code);
}

void registry_check_calendar(struct registry_survey *survey) {
  int year = 0, month = 0, of_month = 0;
  wg_day_civil(survey->today, &year, &month, &of_month);
  check_needed(survey, year);
  if (month >= OCTOBER) check_needed(survey, year + 1);
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(CALENDAR_YEAR));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    check_year(survey, record);
  walk = registry_each(survey, REGISTRY_BODY(CALENDAR_DAY));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    registry_check_calendar_day(survey, record);
}
