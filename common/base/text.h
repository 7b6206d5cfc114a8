// Text from outside: UTF-8, limits, forbidden characters.
#pragma once

#include "common/base/bytes.h"
#include "common/base/status.h"

#include <endian.h>
#include <string.h>

// wg_utf8_valid: well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF) without NUL.
bool wg_utf8_valid(struct wg_bytes text);
// wg_utf8_step gives the length (1 to 4) of the well-formed character at `text`, 0 when there is none. `size` > 0.
// A NUL byte is no character.
size_t wg_utf8_step(const uint8_t *text, size_t size);
// wg_utf8_point gives the code point of a well-formed character of `step` bytes.
static inline uint32_t wg_utf8_point(const uint8_t *text, size_t step) {
  if (step == 1) return text[0];
  if (step == 2) return (text[0] & 0x1fu) << 6 | (text[1] & 0x3fu);
  if (step == 3) return (text[0] & 0x0fu) << 12 | (text[1] & 0x3fu) << 6 | (text[2] & 0x3fu);
  return (text[0] & 0x07u) << 18 | (text[1] & 0x3fu) << 12 | (text[2] & 0x3fu) << 6 | (text[3] & 0x3fu);
}
// wg_utf8_ideograph gives the code point of an ideograph, U+4E00 to U+9FFF, three bytes: as nearly every character of a
// Chinese text is. 0: it is another one, or fewer than four bytes are left; ask wg_utf8_step.
static inline uint32_t wg_utf8_ideograph(const uint8_t *text, size_t size) {
  enum { FIRST = 0x4e00, COUNT = 0x5200 };
  uint32_t bytes;
  if (size < sizeof bytes) return 0;
  memcpy(&bytes, text, sizeof bytes);
  bytes = le32toh(bytes);
  const uint32_t point = (bytes & 0xf) << 12 | (bytes >> 2 & 0xfc0) | (bytes >> 16 & 0x3f);
  return (bytes & 0xc0c0f0) == 0x8080e0 && point - FIRST < COUNT ? point : 0;
}
// wg_utf8_cut gives the longest prefix of at most `limit` bytes that does not cut a character.
size_t wg_utf8_cut(struct wg_bytes text, size_t limit);

// wg_markup_append appends text of XML or HTML, also for attributes in quotes: & < > " ' become references, bytes that
// are no UTF-8 become U+FFFD, and what XML may not hold (control characters, U+FFFE, U+FFFF) a blank; a line feed
// stays.
void wg_markup_append(struct wg_buffer *out, struct wg_bytes text);

enum { WG_TEXT_REQUIRED = 1, WG_TEXT_ONE_LINE = 2, WG_TEXT_PLAIN = 4 };
// wg_text_check refuses text that is too long (bytes), not UTF-8, or has control characters (tab and line feed are
// allowed unless WG_TEXT_ONE_LINE; a carriage return never is: whoever reads files with CRLF makes LF of it); empty
// text (NULL counts as empty) only with WG_TEXT_REQUIRED. INVALID_ARGUMENT names `field`, the limit and the position of
// the first bad character, counted from 1. WG_TEXT_PLAIN also refuses what a browser would take for markup: "<" before
// a letter, "/", "!" or "?".
wg_status wg_text_check(const char *text, size_t max_bytes, int flags, const char *field, struct wg_error *error);
// wg_token_check: 1 to max_bytes of [a-z0-9._-], as in principal, consumer and department names.
wg_status wg_token_check(const char *text, size_t max_bytes, const char *field, struct wg_error *error);
bool wg_all_digits(const char *text, size_t count); // exactly `count` ASCII digits
// wg_hash_check: the 64 lower-case hex digits of a SHA-256.
wg_status wg_hash_check(const char *text, const char *field, struct wg_error *error);
// wg_parse_i64 reads a whole decimal number and nothing else.
bool wg_parse_i64(const char *text, int64_t *value);
// wg_parse_numbers reads exactly `count` numbers of 0 and above with a dot between each: what page tokens are made of.
bool wg_parse_numbers(const char *text, int64_t *numbers, size_t count);

// wg_bit_names writes the names of the bits that are set, in the order of `names` (ended by a row without name), with
// ", " between; what does not fit is left out.
struct wg_bit_name {
  unsigned bit;
  const char *name;
};
void wg_bit_names(const struct wg_bit_name *names, unsigned bits, char *text, size_t size);
