#include "services/land/ledger/base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

void land_base64_append(struct wg_buffer *buffer, struct wg_bytes bytes) {
  if (bytes.size == 0) return;
  size_t size = (bytes.size + 2) / 3 * 4;
  uint8_t *out = wg_buffer_reserve(buffer, size + 1); // libcrypto adds a NUL
  EVP_EncodeBlock(out, bytes.data, (int)bytes.size);
  buffer->size += size;
}

// digit gives what a character stands for, -1: nothing.
static int digit(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// decode: libcrypto's decoder skips blanks at both ends, takes "=" anywhere, counts it as bytes and does not look at
// the bits that are left over; what it would be too kind to is found out before. Gives the number of bytes, -1: not
// base64, or not the one way to write them. `out` has room for 3/4 of the text.
static int decode(struct wg_bytes text, uint8_t *out) {
  if (text.size % 4 || text.size > INT_MAX) return -1;
  if (text.size == 0) return 0;
  size_t padding = text.data[text.size - 1] != '=' ? 0 : text.data[text.size - 2] != '=' ? 1 : 2;
  int last = digit(text.data[text.size - padding - 1]);
  if (digit(text.data[0]) < 0 || last < 0 || last & ((1 << 2 * padding) - 1)) return -1;
  if (memchr(text.data, '=', text.size - padding)) return -1;
  int size = EVP_DecodeBlock(out, text.data, (int)text.size);
  return size < 0 ? -1 : size - (int)padding;
}

bool land_base64_read(struct wg_bytes text, struct wg_buffer *buffer) {
  int size = decode(text, wg_buffer_reserve(buffer, text.size / 4 * 3 + 1));
  if (size < 0) return false;
  buffer->size += (size_t)size;
  return true;
}

bool land_base64_hash(struct wg_bytes text, uint8_t hash[LAND_HASH_BYTES]) {
  uint8_t bytes[LAND_HASH_BASE64 / 4 * 3];
  if (text.size != LAND_HASH_BASE64 || decode(text, bytes) != LAND_HASH_BYTES) return false;
  memcpy(hash, bytes, LAND_HASH_BYTES);
  return true;
}
