// Reports on a district's records (统查): pure functions over a book, the day an argument. Each finding names a record,
// a field, the value and the fix, has a stable code, the rule it comes from, and a position when it has a place.
//
//   net        codes, boundaries that leave no gap and do not overlap, buildings and places in their grids, one party
//              branch or group and one dedicated worker for each grid, the party's chain up to a committee, stations
//   staffing   required holders of posts (2+1+N+X), vacancies, postings that exclude each other, grades
//   training   who of those in post was not trained this year
//   stations   the four ones (四个一) complete and not expired, the duty roster
//   linkages   agreements and their items, deputy members, contact cards, groups
//   lists      procedures of the three reference lists, their disclosure
//   calendar   working days: years without a notice, days that contradict theirs
//
// Codes of findings are listed at the head of each check_*.c.
#pragma once

#include "services/registry/check.h"

struct registry_survey;

struct registry_report {
  const char *name;  // "net"
  const char *label; // "一张网"
  void (*run)(struct registry_survey *survey);
  int kinds[16]; // it looks at; ended by 0
};
extern const struct registry_report REGISTRY_REPORTS[]; // ended by one without a name
enum { REGISTRY_REPORT_COUNT = 7 };
const struct registry_report *registry_report_find(const char *name); // NULL: no such report

// registry_report_run adds what one report finds; `today` counts days since 1970-01-01. Only the report's kinds need to
// be in the book.
void registry_report_run(const struct registry_report *report, const struct wg_book *book, const char *district,
                         int32_t today, struct wg_findings *findings);

// registry_check_touched runs, for the records that a Put changes, what of the reports concerns them. An error is only
// what no later record can set right: a grid that lies for more than half on another or outside its community, a post
// held twice at once, a contact card of one who is no party member, a procedure without an end. All else that a report
// calls an error is a warning here, because imports come kind by kind.
void registry_check_touched(const struct registry_changes *changes, int32_t today, struct wg_findings *findings);
