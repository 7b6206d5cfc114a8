// See ticket.h.
#include "services/intake/ticket.h"

#include <sodium.h>
#include <string.h>

uint64_t intake_ticket(int64_t order_id, const char *sha256, const uint8_t key[32]) {
  static const uint8_t purpose[] = "attachment"; // tells it from other hashes under the same key
  uint8_t out[crypto_generichash_BYTES_MIN];
  crypto_generichash_state state;
  crypto_generichash_init(&state, key, 32, sizeof out);
  crypto_generichash_update(&state, purpose, sizeof purpose);
  crypto_generichash_update(&state, (const uint8_t *)&order_id, sizeof order_id);
  crypto_generichash_update(&state, (const uint8_t *)sha256, strlen(sha256));
  crypto_generichash_final(&state, out, sizeof out);
  uint64_t ticket;
  memcpy(&ticket, out, sizeof ticket);
  return ticket ? ticket : 1;
}
