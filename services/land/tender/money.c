#include "services/land/tender/money.h"

bool land_share(int64_t amount, int64_t part, int64_t whole, int64_t *fen) {
  if (amount < 0 || part < 0 || whole <= 0 || part > whole) return false;
  int64_t product, doubled, half;
  if (__builtin_mul_overflow(amount, part, &product) || __builtin_mul_overflow(product, 2, &doubled) ||
      __builtin_add_overflow(doubled, whole, &half) || whole > INT64_MAX / 2)
    return false;
  *fen = half / (2 * whole);
  return true;
}

bool land_rent_year(int64_t rate_fen_per_mu, int64_t area_dm2, int64_t *fen) {
  if (rate_fen_per_mu < 0 || rate_fen_per_mu > LAND_RATE_MOST || area_dm2 < 0 || area_dm2 > LAND_AREA_MOST)
    return false;
  int64_t product;
  if (__builtin_mul_overflow(rate_fen_per_mu, area_dm2, &product) || __builtin_mul_overflow(product, 3, &product) ||
      __builtin_add_overflow(product, 100000, &product))
    return false;
  *fen = product / 200000;
  return true;
}

int64_t land_mu_hundredths(int64_t area_dm2) {
  return (area_dm2 / 2000) * 3 + ((area_dm2 % 2000) * 3 + 1000) / 2000;
}
