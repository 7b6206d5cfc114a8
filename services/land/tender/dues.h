// What is owed under a contract and when; how a payment is spread over it; what may be paid back. Pure, fen.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct land_due {
  int32_t due;         // last day on which it is paid in time
  int32_t first, last; // days of the term it is for
  int64_t fen;         // owed
  int64_t paid_fen;
  bool cancelled; // no longer owed (termination); what was paid stays
};
enum { LAND_DUES_MOST = 400 }; // 100 years by quarters

// land_dues_plan writes the dues of a term into `dues` (room for LAND_DUES_MOST) and gives their number.
//   rent_fen       of a whole year; a year begun is owed by its days, rounded half up once
//   every_months   12, 6 or 3: in equal parts, the rest of a division goes to the later ones; 0: all at once
//   notice_days    a due is to be paid within so many days of the first day it is for
// The sum is the rent of the term exactly, which goes to *total_fen. 0: a number does not fit, or last < first, or the
// term has more than LAND_TERM_YEARS_MOST years.
size_t land_dues_plan(int32_t first, int32_t last, int64_t rent_fen, int every_months, int notice_days,
                      struct land_due *dues, int64_t *total_fen);

// land_dues_pay spreads an amount: oldest due first, each up to what is open of it. `shares` (of `count`) gets what
// each is given, may be all zero. Returns what is left over. The dues are not changed.
int64_t land_dues_pay(const struct land_due *dues, size_t count, int64_t amount_fen, int64_t *shares);
// land_dues_arrears sums what is open of dues whose last day was before `day`.
int64_t land_dues_arrears(const struct land_due *dues, size_t count, int32_t day);
// land_dues_end tells, for a contract that ends with `last`, what each due becomes: owed for the days up to and with
// `last` only, rounded half up. `owed` (of `count`) gets the new amounts. Returns what was paid beyond them in all: to
// be refunded or forfeited.
int64_t land_dues_end(const struct land_due *dues, size_t count, int32_t last, int64_t *owed);
