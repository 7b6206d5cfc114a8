#include "common/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool tail(uint8_t c) {
  return (c & 0xC0) == 0x80;
}

// The ranges of the second byte are table 3-7 of the Unicode standard: they alone exclude overlong forms, surrogates
// and numbers above U+10FFFF.
size_t wg_utf8_step(const uint8_t *text, size_t size) {
  uint8_t c = text[0];
  if (c < 0x80) return c != 0;
  if (c < 0xC2 || c > 0xF4 || size < 2) return 0;
  uint8_t second = text[1];
  if (c < 0xE0) return tail(second) ? 2 : 0;
  uint8_t least = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
  uint8_t most = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
  if (second < least || second > most || size < 3 || !tail(text[2])) return 0;
  if (c < 0xF0) return 3;
  return size >= 4 && tail(text[3]) ? 4 : 0;
}

// plain_eight: eight ASCII bytes without NUL. (x - 01..01) borrows into bit 7 only where a byte is zero.
static bool plain_eight(const uint8_t *text) {
  uint64_t word;
  memcpy(&word, text, sizeof word);
  return ((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}

// plain_wide: a character like nearly all Chinese ones: three bytes E4..E9, whose second byte has no special cases.
static bool plain_wide(const uint8_t *text) {
  return text[0] >= 0xE4 && text[0] <= 0xE9 && tail(text[1]) && tail(text[2]);
}

bool wg_utf8_valid(struct wg_bytes text) {
  size_t at = 0;
  while (at < text.size) {
    while (text.size - at >= 8 && plain_eight(text.data + at))
      at += 8;
    if (at == text.size) return true;
    while (text.size - at >= 3 && plain_wide(text.data + at))
      at += 3;
    if (at == text.size) return true;
    size_t step = wg_utf8_step(text.data + at, text.size - at);
    if (step == 0) return false;
    at += step;
  }
  return true;
}

size_t wg_utf8_cut(struct wg_bytes text, size_t limit) {
  if (text.size <= limit) return text.size;
  size_t at = limit;
  // At most three tail bytes belong to a character; more of them is no UTF-8 and may be cut anywhere.
  while (at > 0 && limit - at < 3 && tail(text.data[at]))
    at--;
  return tail(text.data[at]) ? limit : at;
}

// control: C0 (with tab and LF allowed when not `one_line`), DEL, and C1, which UTF-8 writes as C2 80..9F.
static bool control(const uint8_t *text, size_t step, bool one_line) {
  if (step == 2) return text[0] == 0xC2 && text[1] <= 0x9F;
  if (step != 1) return false;
  if (text[0] == '\t' || text[0] == '\n') return one_line;
  return text[0] < 0x20 || text[0] == 0x7F;
}

// markup: a browser would read a tag, a comment or a declaration here.
static bool markup(const uint8_t *here, size_t left) {
  if (here[0] != '<' || left < 2) return false;
  const uint8_t next = here[1];
  return next == '/' || next == '!' || next == '?' || (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
}

wg_status wg_text_check(const char *text, size_t max_bytes, int flags, const char *field, struct wg_error *error) {
  struct wg_bytes bytes = wg_bytes_of(text);
  if (bytes.size == 0 && (flags & WG_TEXT_REQUIRED))
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s is required, at most %zu bytes", field, max_bytes);
  if (bytes.size > max_bytes)
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s has %zu bytes, at most %zu are allowed", field, bytes.size,
                   max_bytes);
  size_t position = 1;
  for (size_t at = 0; at < bytes.size; position++) {
    for (; bytes.size - at >= 3 && plain_wide(bytes.data + at); position++)
      at += 3;
    if (at == bytes.size) return WG_OK;
    const uint8_t *here = bytes.data + at;
    size_t step = wg_utf8_step(here, bytes.size - at);
    if (step == 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s is not UTF-8 at character %zu", field, position);
    if (control(here, step, flags & WG_TEXT_ONE_LINE))
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s has the control character U+%04X at character %zu%s", field,
                     here[step - 1], position, (flags & WG_TEXT_ONE_LINE) ? "; it must be one line" : "");
    if ((flags & WG_TEXT_PLAIN) && markup(here, bytes.size - at))
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s has markup at character %zu; only plain text is shown",
                     field, position);
    at += step;
  }
  return WG_OK;
}

wg_status wg_token_check(const char *text, size_t max_bytes, const char *field, struct wg_error *error) {
  size_t size = text == NULL ? 0 : strlen(text);
  bool good = size >= 1 && size <= max_bytes;
  for (size_t at = 0; good && at < size; at++) {
    char c = text[at];
    good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  }
  if (good) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s must be 1 to %zu of a-z, 0-9, \".\", \"_\" and \"-\"", field,
                 max_bytes);
}

bool wg_all_digits(const char *text, size_t count) {
  if (text == NULL) return false;
  for (size_t at = 0; at < count; at++)
    if (text[at] < '0' || text[at] > '9') return false;
  return text[count] == '\0';
}

wg_status wg_hash_check(const char *text, const char *field, struct wg_error *error) {
  enum { DIGITS = 64 };
  if (strlen(text) == DIGITS && strspn(text, "0123456789abcdef") == DIGITS) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be 64 lower-case hex digits");
}

bool wg_parse_i64(const char *text, int64_t *value) {
  if (text == NULL) return false;
  const char *digits = text + (text[0] == '-');
  if (digits[0] == '\0' || !wg_all_digits(digits, strlen(digits))) return false;
  errno = 0;
  intmax_t number = strtoimax(text, NULL, 10);
  if (errno != 0) return false;
  *value = number;
  return true;
}

bool wg_parse_numbers(const char *text, int64_t *numbers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char number[20] = "";
    const size_t size = strspn(text, "0123456789");
    const bool last = i + 1 == count;
    if (size == 0 || size >= sizeof number || text[size] != (last ? '\0' : '.')) return false;
    memcpy(number, text, size);
    if (!wg_parse_i64(number, &numbers[i])) return false;
    text += size + 1;
  }
  return true;
}

void wg_bit_names(const struct wg_bit_name *names, unsigned bits, char *text, size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (; names->name; names++) {
    if (!(bits & names->bit)) continue;
    const int more = snprintf(text + used, size - used, "%s%s", used ? ", " : "", names->name);
    if (more < 0 || (size_t)more >= size - used) {
      text[used] = '\0';
      return;
    }
    used += (size_t)more;
  }
}

void wg_markup_append(struct wg_buffer *out, struct wg_bytes text) {
  for (size_t at = 0, step; at < text.size; at += step) {
    const uint8_t *here = text.data + at;
    const size_t length = *here ? wg_utf8_step(here, text.size - at) : 0;
    step = length ? length : 1;
    if (*here == '&') wg_buffer_text(out, "&amp;");
    else if (*here == '<') wg_buffer_text(out, "&lt;");
    else if (*here == '>') wg_buffer_text(out, "&gt;");
    else if (*here == '"') wg_buffer_text(out, "&quot;");
    else if (*here == '\'') wg_buffer_text(out, "&#39;");
    else if ((*here < 0x20 && *here != '\n') || *here == 0x7f) wg_buffer_text(out, " ");
    else if (!length) wg_buffer_text(out, "\xEF\xBF\xBD");
    else if (length == 3 && memcmp(here, "\xEF\xBF", 2) == 0 && here[2] >= 0xbe) wg_buffer_text(out, " ");
    else wg_buffer_append(out, here, length);
  }
}
