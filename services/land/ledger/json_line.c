#include "services/land/ledger/json_line.h"

#include "common/base/text.h"

#include <string.h>

struct land_json land_json_begin(struct wg_bytes line) {
  return (struct land_json){.at = line.data, .end = line.data + line.size};
}

static void skip_blanks(struct land_json *json) {
  while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' || *json->at == '\r' || *json->at == '\n'))
    json->at++;
}

// take: the character is the next one; it is passed.
static bool take(struct land_json *json, char c) {
  skip_blanks(json);
  if (json->at == json->end || *json->at != (uint8_t)c) return false;
  json->at++;
  return true;
}

// find_quote gives the quote that ends a text beginning at `at`, NULL: none. Most texts are long and have no escape.
static const uint8_t *find_quote(const uint8_t *at, const uint8_t *end) {
  const uint8_t *quote = memchr(at, '"', (size_t)(end - at));
  if (!quote || !memchr(at, '\\', (size_t)(quote - at))) return quote;
  while (at < end && *at != '"') {
    if (*at == '\\' && ++at == end) return NULL;
    at++;
  }
  return at < end ? at : NULL;
}

// take_text passes a text and gives what stands between its quotes.
static bool take_text(struct land_json *json, struct wg_bytes *text) {
  if (!take(json, '"')) return false;
  const uint8_t *quote = find_quote(json->at, json->end);
  if (!quote) return false;
  *text = (struct wg_bytes){json->at, (size_t)(quote - json->at)};
  json->at = quote + 1;
  return true;
}

static bool is_literal(uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}

// take_nested passes an object or an array.
static bool take_nested(struct land_json *json) {
  struct wg_bytes text;
  size_t depth = 0;
  do {
    skip_blanks(json);
    if (json->at == json->end) return false;
    uint8_t c = *json->at;
    if (c == '"') {
      if (!take_text(json, &text)) return false;
      continue;
    }
    if (c == '{' || c == '[') depth++;
    if (c == '}' || c == ']') depth--;
    json->at++;
  } while (depth > 0);
  return true;
}

static bool take_value(struct land_json *json, struct land_member *member) {
  skip_blanks(json);
  if (json->at == json->end) return false;
  const uint8_t *begin = json->at;
  if (*begin == '"') {
    member->kind = LAND_JSON_TEXT;
    return take_text(json, &member->raw);
  }
  bool number = *begin == '-' || (*begin >= '0' && *begin <= '9');
  member->kind = number ? LAND_JSON_NUMBER : LAND_JSON_OTHER;
  if (*begin == '{' || *begin == '[') {
    if (!take_nested(json)) return false;
  } else {
    while (json->at < json->end && is_literal(*json->at))
      json->at++;
  }
  member->raw = (struct wg_bytes){begin, (size_t)(json->at - begin)};
  return member->raw.size > 0;
}

enum land_json_step land_json_next(struct land_json *json, struct land_member *member) {
  if (!json->begun) {
    json->begun = true;
    if (!take(json, '{')) return LAND_JSON_BROKEN;
    if (take(json, '}')) goto end;
  } else if (!take(json, ',')) {
    if (!take(json, '}')) return LAND_JSON_BROKEN;
    goto end;
  }
  if (!take_text(json, &member->name) || !take(json, ':') || !take_value(json, member)) return LAND_JSON_BROKEN;
  return LAND_JSON_MEMBER;
end:
  skip_blanks(json);
  return json->at == json->end ? LAND_JSON_END : LAND_JSON_BROKEN;
}

enum land_json_step land_json_element(struct land_json *json, struct land_member *element) {
  if (!json->begun) {
    json->begun = true;
    if (!take(json, '[')) return LAND_JSON_BROKEN;
    if (take(json, ']')) goto end;
  } else if (!take(json, ',')) {
    if (!take(json, ']')) return LAND_JSON_BROKEN;
    goto end;
  }
  return take_value(json, element) ? LAND_JSON_MEMBER : LAND_JSON_BROKEN;
end:
  skip_blanks(json);
  return json->at == json->end ? LAND_JSON_END : LAND_JSON_BROKEN;
}

bool land_json_named(const struct land_member *member, const char *name) {
  return wg_bytes_equal(member->name, wg_bytes_of(name));
}

static bool read_hex4(const uint8_t *at, const uint8_t *end, uint32_t *unit) {
  if (end - at < 4) return false;
  *unit = 0;
  for (int i = 0; i < 4; i++) {
    uint8_t c = at[i];
    uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                            : 16;
    if (digit == 16) return false;
    *unit = *unit << 4 | digit;
  }
  return true;
}

static void append_utf8(struct wg_buffer *buffer, uint32_t c) {
  uint8_t bytes[4];
  size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  static const uint8_t lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
  for (size_t i = size; i-- > 1; c >>= 6)
    bytes[i] = (uint8_t)(0x80 | (c & 0x3F));
  bytes[0] = (uint8_t)(lead[size] | c);
  wg_buffer_append(buffer, bytes, size);
}

// read_unicode reads what follows "\u", with the second half of a surrogate pair; returns the characters read, 0:
// wrong.
static size_t read_unicode(const uint8_t *at, const uint8_t *end, uint32_t *c) {
  uint32_t low;
  if (!read_hex4(at, end, c) || *c == 0) return 0;
  if (*c < 0xD800 || *c > 0xDFFF) return 4;
  if (*c > 0xDBFF || end - at < 6 || at[4] != '\\' || at[5] != 'u' || !read_hex4(at + 6, end, &low)) return 0;
  if (low < 0xDC00 || low > 0xDFFF) return 0;
  *c = 0x10000 + ((*c - 0xD800) << 10 | (low - 0xDC00));
  return 10;
}

bool land_json_text(const struct land_member *member, struct wg_buffer *buffer, struct wg_bytes *text) {
  if (member->kind != LAND_JSON_TEXT) return false;
  *text = member->raw;
  if (!member->raw.size || !memchr(member->raw.data, '\\', member->raw.size)) return true;
  size_t from = buffer->size;
  const uint8_t *at = member->raw.data, *end = at + member->raw.size;
  while (at < end) {
    if (*at != '\\') {
      wg_buffer_append(buffer, at++, 1);
      continue;
    }
    static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (end - at < 2) return false;
    const char *escape = at[1] ? strchr(escapes, at[1]) : NULL;
    uint32_t c;
    size_t size = 0;
    if (escape) wg_buffer_append(buffer, &meant[escape - escapes], 1);
    else if (at[1] != 'u' || (size = read_unicode(at + 2, end, &c)) == 0) return false;
    else append_utf8(buffer, c);
    at += 2 + size;
  }
  *text = (struct wg_bytes){buffer->data + from, buffer->size - from};
  return true;
}

bool land_json_integer(const struct land_member *member, int64_t *number) {
  char digits[24];
  if (member->kind != LAND_JSON_NUMBER || member->raw.size == 0 || member->raw.size >= sizeof digits) return false;
  memcpy(digits, member->raw.data, member->raw.size);
  const char *first = digits[0] == '-' ? digits + 1 : digits;
  if (first[0] == '0' && first + 1 < digits + member->raw.size) return false; // JSON has no leading zeros
  digits[member->raw.size] = '\0';
  return wg_parse_i64(digits, number);
}
