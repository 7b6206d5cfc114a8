#include "services/land/tender/term.h"

#include "common/base/clock.h"

#include <stddef.h>

const int LAND_REMINDERS[] = {180, 90, 30, 7, 0};

static int days_of_month(int year, int month) {
  return month == 12 ? 31 : wg_day_number(year, month + 1, 1) - wg_day_number(year, month, 1);
}

int32_t land_months_behind(int32_t day, int months) {
  int year, month, day_of_month;
  wg_day_civil(day, &year, &month, &day_of_month);
  year += (month - 1 + months) / 12;
  month = (month - 1 + months) % 12 + 1;
  const int last = days_of_month(year, month);
  return wg_day_number(year, month, day_of_month < last ? day_of_month : last);
}

int32_t land_years_behind(int32_t day, int years) {
  return land_months_behind(day, 12 * years);
}

int32_t land_term_last(int32_t first, int years) {
  return land_years_behind(first, years) - 1;
}

bool land_term_over(int32_t first, int32_t last, int years) {
  return last > land_term_last(first, years);
}

int32_t land_term_mark(int32_t last, int32_t after, int *days_left) {
  for (size_t i = 0; LAND_REMINDERS[i]; i++) {
    if (last - LAND_REMINDERS[i] <= after) continue;
    if (days_left) *days_left = LAND_REMINDERS[i];
    return last - LAND_REMINDERS[i];
  }
  if (last + 1 <= after) return INT32_MIN;
  if (days_left) *days_left = 0;
  return last + 1;
}
