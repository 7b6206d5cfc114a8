// See check_report.h: the table of reports, and what all checks use.
#include "services/registry/check_survey.h"

#include "services/registry/check_plane.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_SHOWN = 5 };

#define K(name) REGISTRY_BODY(name)

const struct registry_report REGISTRY_REPORTS[] = {
    {"net",
     "一张网",
     registry_check_net,
     {K(NET_DISTRICT), K(STREET), K(COMMUNITY), K(GRID), K(BUILDING), K(PLACE), K(PARTY_ORG), K(POSTING), K(STATION)}},
    {"staffing",
     "人员配备",
     registry_check_staffing,
     {K(STAFFING_RULE), K(POSTING), K(PERSON), K(POST_GRADE), K(STREET), K(COMMUNITY), K(GRID), K(STATION)}},
    {"training", "培训", registry_check_training, {K(NET_DISTRICT), K(TRAINING), K(POSTING)}},
    {"stations",
     "民悦驿站",
     registry_check_stations,
     {K(NET_DISTRICT), K(STATION), K(STATION_ASSET), K(STATION_TURN), K(CALENDAR_DAY), K(CALENDAR_YEAR)}},
    {"linkages",
     "三联",
     registry_check_linkages,
     {K(NET_DISTRICT), K(PARTNER_UNIT), K(AGREEMENT), K(AGREEMENT_ITEM), K(CONTACT_CARD), K(MESSAGE_GROUP), K(BUILDING),
      K(HOUSEHOLD), K(PERSON), K(POSTING), K(GRID)}},
    {"lists", "三张清单", registry_check_lists, {K(LIST_ITEM)}},
    {"calendar", "日历", registry_check_calendar, {K(NET_DISTRICT), K(CALENDAR_DAY), K(CALENDAR_YEAR)}},
    {NULL, NULL, NULL, {0}},
};
_Static_assert(sizeof REGISTRY_REPORTS / sizeof *REGISTRY_REPORTS == REGISTRY_REPORT_COUNT + 1, "as the header says");

const struct registry_report *registry_report_find(const char *name) {
  for (const struct registry_report *report = REGISTRY_REPORTS; report->name; report++) {
    if (strcmp(report->name, name) == 0) return report;
  }
  return NULL;
}

void registry_survey_start(struct registry_survey *survey, const struct wg_book *book, const char *district,
                           int32_t today, struct wg_findings *findings) {
  *survey = (struct registry_survey){
      .book = book, .district = district, .today = today, .arena = findings->arena, .findings = findings};
  registry_day_text(today, survey->day);
}

void registry_survey_stop(struct registry_survey *survey) {
  registry_plane_destroy(survey->plane);
  wg_map_destroy(survey->with_items);
  survey->plane = NULL;
  survey->with_items = NULL;
}

void registry_report_run(const struct registry_report *report, const struct wg_book *book, const char *district,
                         int32_t today, struct wg_findings *findings) {
  struct registry_survey survey;
  registry_survey_start(&survey, book, district, today, findings);
  report->run(&survey);
  registry_survey_stop(&survey);
}

Wangge__V1__Severity registry_severity(const struct registry_survey *survey, enum registry_weight weight) {
  const bool error = weight == REGISTRY_BLOCKS || (weight == REGISTRY_FAULT && !survey->put);
  return error ? WANGGE__V1__SEVERITY__SEVERITY_ERROR : WANGGE__V1__SEVERITY__SEVERITY_WARNING;
}

Wangge__V1__Finding *registry_ruled(Wangge__V1__Finding *finding, const char *rule) {
  finding->rule = (char *)(uintptr_t)rule;
  return finding;
}

struct wg_book_walk registry_each(const struct registry_survey *survey, int kind) {
  return wg_book_walk(survey->book, survey->district, kind, "");
}

const Wangge__V1__Record *registry_one(const struct registry_survey *survey, int kind, const char *code) {
  return wg_book_get(survey->book, survey->district, kind, code);
}

void registry_day_text(int32_t day, char text[11]) {
  int year = 0, month = 0, of_month = 0;
  wg_day_civil(day, &year, &month, &of_month);
  snprintf(text, 11, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u, (unsigned)of_month % 100u);
}

void registry_names_add(struct registry_survey *survey, struct registry_names *names, const char *name) {
  if (names->count++ >= NAMES_SHOWN) return;
  names->text =
      names->text ? wg_arena_printf(survey->arena, "%s、%s", names->text, name) : wg_arena_strdup(survey->arena, name);
}

const char *registry_names_text(struct registry_survey *survey, const struct registry_names *names) {
  if (names->count <= NAMES_SHOWN) return names->text ? names->text : "";
  return wg_arena_printf(survey->arena, "%s等%zu个", names->text, names->count);
}
