// See person.h.
#include "services/intake/person.h"

#include "services/intake/accept.h"

#include <sodium.h>
#include <string.h>

enum { PHONE_BYTES = 32 };

// digits_of gives the phone's digits as one line of them is told from another; how many.
static size_t digits_of(const char *phone, char digits[PHONE_BYTES]) {
  size_t count = 0;
  for (; *phone && count < PHONE_BYTES; phone++) {
    if (*phone >= '0' && *phone <= '9') digits[count++] = *phone;
  }
  if (count != 13 || memcmp(digits, "86", 2) != 0) return count;
  memmove(digits, digits + 2, count - 2);
  return count - 2;
}

uint64_t intake_person(const Wangge__V1__NewOrder *order, const uint8_t key[32]) {
  if (order->confidential || !intake_has_reporter(order)) return 0;
  char digits[PHONE_BYTES];
  const size_t count = digits_of(order->reporter->phone, digits);
  const char *name = order->reporter->name;
  if (!count && !*name) return 0;
  uint64_t hash = 0;
  uint8_t out[crypto_generichash_BYTES_MIN];
  crypto_generichash_state state;
  crypto_generichash_init(&state, key, 32, sizeof out);
  crypto_generichash_update(&state, (const uint8_t *)order->district, strlen(order->district) + 1);
  crypto_generichash_update(&state, (const uint8_t *)(count ? "p" : "n"), 1);
  if (count) crypto_generichash_update(&state, (const uint8_t *)digits, count);
  else crypto_generichash_update(&state, (const uint8_t *)name, strlen(name));
  crypto_generichash_final(&state, out, sizeof out);
  for (size_t i = 0; i < sizeof hash; i++)
    hash |= (uint64_t)out[i] << (8 * i);
  sodium_memzero(digits, sizeof digits);
  return hash ? hash : 1;
}
