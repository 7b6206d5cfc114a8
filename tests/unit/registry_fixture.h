// A small district in which nothing is wrong, for the tests of the registry's checks: each test spoils one thing.
//
// District 370117 with one street, one community of two basic grids (left and right half) and one dedicated grid inside
// the right one, all drawn in squares of a unit of a thousandth of a degree (about 90 m by 111 m).
#pragma once

#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "common/records/records.h"
#include "services/registry/check_report.h"

#define DISTRICT "370117"
#define STREET "370117001"
#define COMMUNITY "370117001001"
#define LEFT "370117001001001"
#define RIGHT "370117001001002"
#define OFFICE "370117001001003"

struct fixture {
  struct records *records;
  struct wg_arena *arena;
  struct wg_book *base, *draft;
  struct wg_findings findings;
  int32_t today;
};
extern struct fixture fixture;

int fixture_start(void **state); // setup of each test
int fixture_stop(void **state);

// box gives the WKT of a rectangle in units; quoted for CSV. It lives until the test ends.
const char *box(double west, double south, double east, double north);
// put adds or replaces records: rows of <kind>.csv with their header, printf-like.
void put(const char *kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
void drop(const char *kind, const char *code); // deletes a record
void today(const char *day);

void run(const char *report);   // runs a report anew
void clean(const char *report); // runs it: it finds nothing
// found runs a report and gives its finding of this code and record ("": any); there must be exactly one. `severity` is
// 'E' or 'W'. It must have a message that holds `words`, and the source of its rule.
const Wangge__V1__Finding *found(const char *report, char severity, const char *code, const char *record,
                                 const char *words);
size_t count_found(const char *code); // in the last run
void show(void);                      // prints the findings, for a test that fails
// touched puts the records as one Put and runs what it runs; `kind` and rows as put takes them.
void touch(const char *kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
