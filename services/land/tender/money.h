// Money and areas of contracts: fen and dm², integers only.
//
// 1 mu (亩) = 2000/3 m², so mu = dm² × 3 / 200,000. Where a fraction is left it is rounded half up, once, at the end.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Larger numbers are slips of units: 10 million yuan a mu and year, 10,000 km².
#define LAND_RATE_MOST INT64_C(1000000000)
#define LAND_AREA_MOST INT64_C(1000000000000)

// land_rent_year gives the rent of a year, round_half_up(rate × dm² × 3 / 200,000). False: a rate or an area below 0 or
// above its most, or a product that does not fit; `fen` is then untouched.
bool land_rent_year(int64_t rate_fen_per_mu, int64_t area_dm2, int64_t *fen);
// land_share gives round_half_up(amount × part / whole) for 0 <= part <= whole, whole > 0, amount >= 0. False as above.
bool land_share(int64_t amount, int64_t part, int64_t whole, int64_t *fen);
// land_mu_hundredths gives the area in 0.01 mu, rounded half up, for people to read; area_dm2 >= 0.
int64_t land_mu_hundredths(int64_t area_dm2);
