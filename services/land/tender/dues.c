#include "services/land/tender/dues.h"

#include "services/land/tender/money.h"
#include "services/land/tender/term.h"

#include <assert.h>
#include <string.h>

struct plan {
  struct land_due *dues;
  size_t count;
  int every_months, notice_days;
  int32_t first; // of the term
};

// add_year plans a year of the term, or what is begun of its last one: months `from_month` on, up to and with day
// `last`, `fen` in all. Of a whole year the parts are equal; of a year begun they go by days.
static void add_year(struct plan *plan, int from_month, int32_t last, bool whole, int64_t fen) {
  const int32_t year_first = land_months_behind(plan->first, from_month);
  const int parts = 12 / plan->every_months;
  int64_t planned = 0;
  for (int i = 0; i < parts; i++) {
    struct land_due *due = &plan->dues[plan->count];
    due->first = land_months_behind(plan->first, from_month + i * plan->every_months);
    if (due->first > last) return;
    due->last = land_months_behind(plan->first, from_month + (i + 1) * plan->every_months) - 1;
    if (due->last > last) due->last = last;
    due->due = due->first + plan->notice_days;
    const int64_t part = whole ? i + 1 : due->last - year_first + 1, all = whole ? parts : last - year_first + 1;
    const int64_t until = fen / all * part + fen % all * part / all; // floor(fen × part / all) without overflow
    due->fen = until - planned;
    planned = until;
    plan->count++;
  }
}

size_t land_dues_plan(int32_t first, int32_t last, int64_t rent_fen, int every_months, int notice_days,
                      struct land_due *dues, int64_t *total_fen) {
  if (last < first || rent_fen < 0 || land_term_over(first, last, LAND_TERM_YEARS_MOST)) return 0;
  struct plan plan = {
      .dues = dues, .every_months = every_months ? every_months : 12, .notice_days = notice_days, .first = first};
  memset(dues, 0, LAND_DUES_MOST * sizeof *dues);
  int64_t total = 0;
  for (int year = 0; land_years_behind(first, year) <= last; year++) {
    const int32_t begins = land_years_behind(first, year), ends = land_years_behind(first, year + 1) - 1;
    const bool whole = ends <= last;
    int64_t fen = rent_fen;
    if (!whole && !land_share(rent_fen, last - begins + 1, ends - begins + 1, &fen)) return 0;
    if (__builtin_add_overflow(total, fen, &total)) return 0;
    add_year(&plan, 12 * year, whole ? ends : last, whole, fen);
  }
  int64_t shared; // so that every later share of it by days fits (land_dues_end)
  if (__builtin_mul_overflow(total, 3 * (int64_t)(last - first + 1), &shared)) return 0;
  *total_fen = total;
  if (every_months) return plan.count;
  dues[0] = (struct land_due){.due = first + notice_days, .first = first, .last = last, .fen = total};
  return 1;
}

static int64_t open_of(const struct land_due *due) {
  return due->cancelled || due->paid_fen >= due->fen ? 0 : due->fen - due->paid_fen;
}

int64_t land_dues_pay(const struct land_due *dues, size_t count, int64_t amount_fen, int64_t *shares) {
  memset(shares, 0, count * sizeof *shares);
  while (amount_fen > 0) {
    size_t oldest = count;
    for (size_t i = 0; i < count; i++) {
      if (open_of(&dues[i]) > shares[i] && (oldest == count || dues[i].due < dues[oldest].due)) oldest = i;
    }
    if (oldest == count) break;
    const int64_t open = open_of(&dues[oldest]);
    shares[oldest] = amount_fen < open ? amount_fen : open;
    amount_fen -= shares[oldest];
  }
  return amount_fen;
}

int64_t land_dues_arrears(const struct land_due *dues, size_t count, int32_t day) {
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    if (dues[i].due < day) sum += open_of(&dues[i]);
  }
  return sum;
}

int64_t land_dues_end(const struct land_due *dues, size_t count, int32_t last, int64_t *owed) {
  int64_t beyond = 0;
  for (size_t i = 0; i < count; i++) {
    const struct land_due *due = &dues[i];
    owed[i] = due->cancelled ? 0 : due->fen;
    if (!due->cancelled && last < due->last) {
      const int64_t days = last < due->first ? 0 : last - due->first + 1;
      const bool fits = land_share(due->fen, days, due->last - due->first + 1, &owed[i]);
      assert(fits); // land_dues_plan saw to it
      (void)fits;
    }
    if (due->paid_fen > owed[i]) beyond += due->paid_fen - owed[i];
  }
  return beyond;
}
