// Terms: years behind a day, what is left of a term, when to remind of its end.
//
// Days are civil days since 1970-01-01. A term has a first and a last day, both within it: three years from 2027-03-01
// end with 2030-02-28. Years are counted from the first day each time, so a term that begins on 29 February comes back
// to it in leap years; in other years its anniversary is 28 February (民法典 202: no corresponding day, the last of the
// month).
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { LAND_TERM_YEARS_MOST = 100, LAND_TERM_LAST_YEAR = 2200 };

// land_years_behind gives the anniversary; 0 <= years <= LAND_TERM_YEARS_MOST.
int32_t land_years_behind(int32_t day, int years);
// land_months_behind, the same with months.
int32_t land_months_behind(int32_t day, int months);
// land_term_last gives the last day of a term of so many years.
int32_t land_term_last(int32_t first, int years);
// land_term_over: the term is longer than so many years.
bool land_term_over(int32_t first, int32_t last, int years);

// Days before the last day on which the parties are reminded (land.md §2.5), ended by 0.
extern const int LAND_REMINDERS[];
// land_term_mark gives the next day behind `after` on which something happens of itself with a term that ends with
// `last`: a reminder, or the day behind its end. `days_left` (may be NULL) gets which: the reminder's days, 0 for the
// end. INT32_MIN: all are behind.
int32_t land_term_mark(int32_t last, int32_t after, int *days_left);
