#include "services/land/ledger/proof.h"

#include "common/base/text.h"
#include "services/land/ledger/base64.h"
#include "services/land/ledger/json_line.h"

#include <inttypes.h>
#include <string.h>

void land_proof_append(const struct land_proof_file *proof, struct wg_buffer *out) {
  wg_buffer_printf(out, "{\"proof\":\"%s\",\"village\":\"%s\",", proof->consistency ? "consistency" : "inclusion",
                   proof->entry.village);
  if (proof->consistency) wg_buffer_printf(out, "\"from\":%" PRIu64 ",", proof->from);
  wg_buffer_printf(out, "\"size\":%" PRIu64 ",\"path\":[", proof->size);
  for (size_t i = 0; i < proof->path.count; i++) {
    wg_buffer_text(out, i ? ",\"" : "\"");
    land_base64_append(out, (struct wg_bytes){proof->path.hash[i], LAND_HASH_BYTES});
    wg_buffer_text(out, "\"");
  }
  wg_buffer_text(out, "]");
  if (!proof->consistency) {
    wg_buffer_text(out, ",\"entry\":");
    land_export_entry(&proof->entry, proof->payload, out);
    out->size--; // the line end
  }
  if (proof->checkpoint.size) {
    wg_buffer_text(out, ",\"checkpoint\":");
    wg_json_quote(out, proof->checkpoint);
  }
  wg_buffer_text(out, "}\n");
}

static wg_status read_path(const struct land_member *member, struct land_proof *path, struct wg_error *error) {
  struct land_json json = land_json_begin(member->raw);
  struct land_member element;
  enum land_json_step step;
  struct wg_buffer scratch = {0};
  struct wg_bytes text;
  bool good = true;
  path->count = 0;
  while (good && (step = land_json_element(&json, &element)) != LAND_JSON_END) {
    wg_buffer_clear(&scratch);
    good = step == LAND_JSON_MEMBER && path->count < LAND_PROOF_HASHES && land_json_text(&element, &scratch, &text) &&
           land_base64_hash(text, path->hash[path->count]);
    path->count++;
  }
  wg_buffer_free(&scratch);
  return good ? WG_OK
              : wg_fail(error, WG_INVALID_ARGUMENT, "path", "must be at most %d hashes in base64", LAND_PROOF_HASHES);
}

static bool read_size(const struct land_member *member, uint64_t *size) {
  int64_t number;
  if (!land_json_integer(member, &number) || number < 0) return false;
  *size = (uint64_t)number;
  return true;
}

enum member { PROOF, VILLAGE, FROM, SIZE, PATH, ENTRY, CHECKPOINT, MEMBERS };
static const char *const NAMES[MEMBERS] = {"proof", "village", "from", "size", "path", "entry", "checkpoint"};

static wg_status members(struct wg_bytes bytes, struct land_member *values, struct wg_error *error) {
  struct land_json json = land_json_begin(bytes);
  struct land_member value;
  enum land_json_step step;
  while ((step = land_json_next(&json, &value)) == LAND_JSON_MEMBER)
    for (int i = 0; i < MEMBERS; i++) {
      if (!land_json_named(&value, NAMES[i])) continue;
      if (values[i].raw.data) return wg_fail(error, WG_INVALID_ARGUMENT, NAMES[i], "stands twice");
      values[i] = value;
    }
  return step == LAND_JSON_END ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, NULL, "is not one JSON object");
}

static wg_status read_entry(const struct land_member *member, struct wg_buffer *scratch, struct land_proof_file *proof,
                            struct wg_error *error) {
  struct land_export_line line;
  if (!member->raw.data) return wg_fail(error, WG_INVALID_ARGUMENT, "entry", "is missing");
  wg_status status = land_export_read(member->raw, scratch, &line, error);
  if (status != WG_OK) return status;
  if (line.header || strcmp(line.entry.village, proof->entry.village) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "entry", "must be an entry of the village of the proof");
  proof->entry = line.entry;
  proof->payload = line.payload;
  return WG_OK;
}

wg_status land_proof_read(struct wg_bytes bytes, struct wg_buffer *scratch, struct land_proof_file *proof,
                          struct wg_error *error) {
  struct land_member values[MEMBERS] = {0};
  struct wg_bytes kind, village = {0};
  wg_status status = members(bytes, values, error);
  if (status != WG_OK) return status;
  *proof = (struct land_proof_file){0};
  wg_buffer_clear(scratch);
  wg_buffer_reserve(scratch, 4 * bytes.size + MEMBERS); // so that nothing in it moves
  if (!values[PROOF].raw.data || !land_json_text(&values[PROOF], scratch, &kind)) kind = (struct wg_bytes){0};
  proof->consistency = wg_bytes_equal(kind, wg_bytes_of("consistency"));
  if (!proof->consistency && !wg_bytes_equal(kind, wg_bytes_of("inclusion")))
    return wg_fail(error, WG_INVALID_ARGUMENT, "proof", "must be \"inclusion\" or \"consistency\"");
  if (!values[VILLAGE].raw.data || !land_json_text(&values[VILLAGE], scratch, &village)) village.size = 0;
  if (village.size == LAND_VILLAGE_DIGITS) memcpy(proof->entry.village, village.data, LAND_VILLAGE_DIGITS);
  if (!wg_all_digits(proof->entry.village, LAND_VILLAGE_DIGITS))
    return wg_fail(error, WG_INVALID_ARGUMENT, "village", "must be the 12 digits of the village");
  if (!values[SIZE].raw.data || !read_size(&values[SIZE], &proof->size))
    return wg_fail(error, WG_INVALID_ARGUMENT, "size", "must be the number of entries that the proof is for");
  if (proof->consistency && (!values[FROM].raw.data || !read_size(&values[FROM], &proof->from)))
    return wg_fail(error, WG_INVALID_ARGUMENT, "from", "must be the number of entries of the older ledger");
  if (!values[PATH].raw.data) return wg_fail(error, WG_INVALID_ARGUMENT, "path", "is missing");
  if ((status = read_path(&values[PATH], &proof->path, error)) != WG_OK) return status;
  if (!proof->consistency && (status = read_entry(&values[ENTRY], scratch, proof, error)) != WG_OK) return status;
  if (values[CHECKPOINT].raw.data && !land_json_text(&values[CHECKPOINT], scratch, &proof->checkpoint))
    return wg_fail(error, WG_INVALID_ARGUMENT, "checkpoint", "must be the text of a checkpoint");
  return WG_OK;
}
