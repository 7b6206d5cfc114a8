#include "services/land/ledger/export.h"

#include "common/base/text.h"
#include "services/land/ledger/base64.h"
#include "services/land/ledger/json_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// --- writing ---

static void append_hash(struct wg_buffer *out, const char *name, const uint8_t hash[LAND_HASH_BYTES]) {
  wg_buffer_printf(out, ",\"%s\":\"", name);
  land_base64_append(out, (struct wg_bytes){hash, LAND_HASH_BYTES});
  wg_buffer_text(out, "\"");
}

void land_export_header(const struct land_head *head, struct wg_buffer *out) {
  struct land_checkpoint checkpoint = land_checkpoint_of(head);
  wg_buffer_printf(out, "{\"ledger\":\"LAND1\",\"village\":\"%s\",\"size\":%" PRIu64, head->village, checkpoint.size);
  append_hash(out, "root", checkpoint.root);
  wg_buffer_text(out, "}\n");
}

void land_export_entry(const struct land_ledger_entry *entry, struct wg_bytes payload, struct wg_buffer *out) {
  wg_buffer_printf(out, "{\"village\":\"%s\",\"seq\":%" PRIu64 ",\"at\":%" PRId64 ",\"kind\":", entry->village,
                   entry->seq, entry->at_us);
  wg_json_quote(out, entry->kind);
  wg_buffer_text(out, ",\"actor\":");
  wg_json_quote(out, entry->actor);
  append_hash(out, "prev_hash", entry->prev_hash);
  append_hash(out, "payload_sha256", entry->payload_sha256);
  append_hash(out, "leaf_hash", entry->leaf_hash);
  wg_buffer_text(out, ",\"payload\":\"");
  land_base64_append(out, payload);
  wg_buffer_text(out, "\"}\n");
}

// --- reading ---

enum member {
  LEDGER,
  VILLAGE,
  SIZE,
  ROOT,
  SEQ,
  AT,
  KIND,
  ACTOR,
  PREV_HASH,
  PAYLOAD_SHA256,
  LEAF_HASH,
  PAYLOAD,
  MEMBERS
};
#define NAME(text)                                                                                                     \
  { text, sizeof(text) - 1 }
static const struct {
  const char *text;
  size_t size;
} NAMES[MEMBERS] = {NAME("ledger"),    NAME("village"), NAME("size"),  NAME("root"),      NAME("seq"),
                    NAME("at"),        NAME("kind"),    NAME("actor"), NAME("prev_hash"), NAME("payload_sha256"),
                    NAME("leaf_hash"), NAME("payload")};
enum {
  OF_HEADER = 1 << LEDGER | 1 << VILLAGE | 1 << SIZE | 1 << ROOT,
  OF_ENTRY = 1 << VILLAGE | 1 << SEQ | 1 << AT | 1 << KIND | 1 << ACTOR | 1 << PREV_HASH | 1 << PAYLOAD_SHA256 |
             1 << LEAF_HASH | 1 << PAYLOAD,
};

// member_of: a line has eleven members and there are a million lines, so the length decides before the text does.
static enum member member_of(const struct land_member *member) {
  int found = 0;
  while (found < MEMBERS && (member->name.size != NAMES[found].size ||
                             memcmp(member->name.data, NAMES[found].text, NAMES[found].size) != 0))
    found++;
  return (enum member)found;
}

// members gives the members of a line that are known and, as bits, which they are. A name twice is refused: readers
// differ in which of the two they take.
static wg_status members(struct wg_bytes line, struct land_member *values, unsigned *seen, struct wg_error *error) {
  struct land_json json = land_json_begin(line);
  struct land_member value;
  enum land_json_step step;
  *seen = 0;
  while ((step = land_json_next(&json, &value)) == LAND_JSON_MEMBER) {
    enum member which = member_of(&value);
    if (which == MEMBERS) continue;
    if (*seen >> which & 1) return wg_fail(error, WG_INVALID_ARGUMENT, NAMES[which].text, "stands twice");
    *seen |= 1u << which;
    values[which] = value;
  }
  return step == LAND_JSON_END ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, NULL, "the line is not a JSON object");
}

static bool read_text(const struct land_member *value, struct wg_buffer *scratch, struct wg_bytes *text) {
  return land_json_text(value, scratch, text) && wg_utf8_valid(*text);
}

static bool read_number(const struct land_member *value, uint64_t *number) {
  int64_t read;
  if (!land_json_integer(value, &read) || read < 0) return false;
  *number = (uint64_t)read;
  return true;
}

static bool read_hash(const struct land_member *value, struct wg_buffer *scratch, uint8_t hash[LAND_HASH_BYTES]) {
  struct wg_bytes text;
  return land_json_text(value, scratch, &text) && land_base64_hash(text, hash);
}

static bool read_village(const struct land_member *value, struct wg_buffer *scratch, char *village) {
  struct wg_bytes text;
  if (!land_json_text(value, scratch, &text) || text.size != LAND_VILLAGE_DIGITS) return false;
  memcpy(village, text.data, text.size);
  village[text.size] = '\0';
  return wg_all_digits(village, LAND_VILLAGE_DIGITS);
}

static bool read_payload(const struct land_member *value, struct wg_buffer *scratch, struct wg_bytes *payload) {
  struct wg_bytes text;
  if (!land_json_text(value, scratch, &text)) return false;
  size_t from = scratch->size;
  if (!land_base64_read(text, scratch)) return false;
  *payload = (struct wg_bytes){scratch->data + from, scratch->size - from};
  return true;
}

static bool read_ledger(const struct land_member *value, struct wg_buffer *scratch) {
  struct wg_bytes text;
  return land_json_text(value, scratch, &text) && wg_bytes_equal(text, wg_bytes_of("LAND1"));
}

static bool read_member(enum member which, const struct land_member *value, struct wg_buffer *scratch, char *village,
                        struct land_export_line *read) {
  struct land_ledger_entry *entry = &read->entry;
  switch (which) {
  case LEDGER:
    return read_ledger(value, scratch);
  case VILLAGE:
    return read_village(value, scratch, village);
  case SIZE:
    return read_number(value, &read->checkpoint.size);
  case ROOT:
    return read_hash(value, scratch, read->checkpoint.root);
  case SEQ:
    return read_number(value, &entry->seq);
  case AT:
    return land_json_integer(value, &entry->at_us);
  case KIND:
    return read_text(value, scratch, &entry->kind);
  case ACTOR:
    return read_text(value, scratch, &entry->actor);
  case PREV_HASH:
    return read_hash(value, scratch, entry->prev_hash);
  case PAYLOAD_SHA256:
    return read_hash(value, scratch, entry->payload_sha256);
  case LEAF_HASH:
    return read_hash(value, scratch, entry->leaf_hash);
  case PAYLOAD:
    return read_payload(value, scratch, &read->payload);
  case MEMBERS:
    break;
  }
  return false;
}

wg_status land_export_read(struct wg_bytes line, struct wg_buffer *scratch, struct land_export_line *read,
                           struct wg_error *error) {
  struct land_member values[MEMBERS];
  unsigned seen;
  wg_status status = members(line, values, &seen, error);
  if (status != WG_OK) return status;
  // Room for all that can come of the line (texts without escapes, and what base64 of them stands for), so that nothing
  // in it moves.
  wg_buffer_clear(scratch);
  wg_buffer_reserve(scratch, 2 * line.size + MEMBERS);
  *read = (struct land_export_line){.header = seen >> LEDGER & 1};
  unsigned needed = read->header ? OF_HEADER : OF_ENTRY;
  char village[LAND_VILLAGE_DIGITS + 1] = "";
  for (unsigned which = 0; which < MEMBERS; which++) {
    if (!(needed >> which & 1)) continue;
    if (!(seen >> which & 1)) return wg_fail(error, WG_INVALID_ARGUMENT, NAMES[which].text, "is missing");
    if (!read_member((enum member)which, &values[which], scratch, village, read))
      return wg_fail(error, WG_INVALID_ARGUMENT, NAMES[which].text, "is not what stands in an export");
  }
  memcpy(read->entry.village, village, sizeof village);
  if (read->header) snprintf(read->checkpoint.origin, sizeof read->checkpoint.origin, LAND_ORIGIN_PREFIX "%s", village);
  return WG_OK;
}
