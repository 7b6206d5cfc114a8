// See identity.h.
#include "services/land/identity.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <string.h>

static int two(const char *text) {
  return (text[0] - '0') * 10 + (text[1] - '0');
}

bool land_resident_id_valid(const char *text) {
  static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  static const char checks[] = "10X98765432";
  if (strlen(text) != 18 || !strspn(text, "123456789")) return false;
  if (strspn(text, "0123456789") < 17) return false;
  const struct wg_civil born = {
      .year = two(text + 6) * 100 + two(text + 8), .month = two(text + 10), .day = two(text + 12)};
  if (born.year < 1850 || !wg_civil_valid(born)) return false;
  int sum = 0;
  for (int i = 0; i < 17; i++)
    sum += (text[i] - '0') * weights[i];
  const char last = text[17] == 'x' ? 'X' : text[17];
  return checks[sum % 11] == last;
}

bool land_credit_code_valid(const char *text) {
  static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static const int weights[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  if (strlen(text) != 18) return false;
  int sum = 0;
  for (int i = 0; i < 18; i++) {
    const char *digit = strchr(digits, text[i]);
    if (!digit) return false;
    const int value = (int)(digit - digits);
    if (i < 17) sum += value * weights[i];
    else return (31 - sum % 31) % 31 == value;
  }
  return false;
}

bool land_phone_valid(const char *text) {
  if (wg_all_digits(text, 11) && text[0] == '1' && text[1] >= '3') return true;
  if (text[0] != '0') return false;
  size_t digits = 0, dashes = 0;
  for (const char *c = text; *c; c++) {
    if (*c == '-') dashes++;
    else if (*c >= '0' && *c <= '9') digits++;
    else return false;
  }
  return dashes <= 1 && digits >= 10 && digits <= 12 && text[strlen(text) - 1] != '-';
}
