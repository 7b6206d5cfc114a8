// Members of one JSON object, one after the other, without a tree in memory: an export has an object a line and a
// million lines, of which each would be built and freed for five members.
//
//   struct land_json json = land_json_begin(line);
//   while (land_json_next(&json, &member) == LAND_JSON_MEMBER) …
//
// The object's syntax is checked, that of nested values only as far as finding their end needs; texts may hold control
// characters.
#pragma once

#include "common/base/bytes.h"

enum land_json_kind { LAND_JSON_TEXT, LAND_JSON_NUMBER, LAND_JSON_OTHER };
struct land_member {
  struct wg_bytes name;
  enum land_json_kind kind;
  struct wg_bytes raw; // a text without its quotes, escapes as they stand; else the value's characters
};

struct land_json {
  const uint8_t *at, *end;
  bool begun;
};

struct land_json land_json_begin(struct wg_bytes line);
enum land_json_step { LAND_JSON_MEMBER, LAND_JSON_END, LAND_JSON_BROKEN };
enum land_json_step land_json_next(struct land_json *json, struct land_member *member);
// land_json_element is the same for an array: members have no name.
enum land_json_step land_json_element(struct land_json *json, struct land_member *element);
bool land_json_named(const struct land_member *member, const char *name);
// land_json_text gives the text without its escapes: `raw` itself when it has none, else what was appended to `buffer`.
// False: not a text, an escape that is none, or half of a surrogate pair.
bool land_json_text(const struct land_member *member, struct wg_buffer *buffer, struct wg_bytes *text);
// land_json_integer reads a whole number. False: it is none, or does not fit.
bool land_json_integer(const struct land_member *member, int64_t *number);
