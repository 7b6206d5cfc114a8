// Bytes as what comes from outside of a ledger (the first byte chooses): a line of an export, a proof, a checkpoint, a
// key. Refused with the member at fault, or read into what is written and read again the same.
#include "common/base/text.h"
#include "services/land/ledger/base64.h"
#include "services/land/ledger/proof.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth) {
  if (!truth) abort();
}

static void expect_refused(wg_status status, const struct wg_error *error) {
  expect(status == WG_INVALID_ARGUMENT && error->code == status && error->message[0] != 0);
}

static void same_entry(const struct land_ledger_entry *a, struct wg_bytes payload, const struct land_ledger_entry *b,
                       struct wg_bytes payload_b) {
  expect(strcmp(a->village, b->village) == 0 && a->seq == b->seq && a->at_us == b->at_us);
  expect(wg_bytes_equal(a->kind, b->kind) && wg_bytes_equal(a->actor, b->actor) && wg_bytes_equal(payload, payload_b));
  expect(memcmp(a->prev_hash, b->prev_hash, LAND_HASH_BYTES) == 0);
  expect(memcmp(a->leaf_hash, b->leaf_hash, LAND_HASH_BYTES) == 0);
  expect(memcmp(a->payload_sha256, b->payload_sha256, LAND_HASH_BYTES) == 0);
}

static void as_export(struct wg_bytes bytes) {
  struct wg_buffer scratch = {0}, again = {0}, out = {0};
  struct land_export_line line = {0}, twice = {0};
  struct wg_error error = {0};
  const wg_status status = land_export_read(bytes, &scratch, &line, &error);
  if (status != WG_OK) expect_refused(status, &error);
  else if (!line.header && wg_utf8_valid(line.entry.kind) && wg_utf8_valid(line.entry.actor)) {
    land_export_entry(&line.entry, line.payload, &out);
    expect(land_export_read((struct wg_bytes){out.data, out.size}, &again, &twice, &error) == WG_OK && !twice.header);
    same_entry(&line.entry, line.payload, &twice.entry, twice.payload);
  }
  wg_buffer_free(&scratch);
  wg_buffer_free(&again);
  wg_buffer_free(&out);
}

static void as_proof(struct wg_bytes bytes) {
  struct wg_buffer scratch = {0}, again = {0}, out = {0};
  struct land_proof_file proof = {0}, twice = {0};
  struct wg_error error = {0};
  const wg_status status = land_proof_read(bytes, &scratch, &proof, &error);
  if (status != WG_OK) expect_refused(status, &error);
  else if (wg_utf8_valid(proof.entry.kind) && wg_utf8_valid(proof.entry.actor) && wg_utf8_valid(proof.checkpoint)) {
    land_proof_append(&proof, &out);
    expect(land_proof_read((struct wg_bytes){out.data, out.size}, &again, &twice, &error) == WG_OK);
    expect(proof.consistency == twice.consistency && proof.size == twice.size && proof.path.count == twice.path.count);
    expect(memcmp(proof.path.hash, twice.path.hash, proof.path.count * LAND_HASH_BYTES) == 0);
    if (!proof.consistency) same_entry(&proof.entry, proof.payload, &twice.entry, twice.payload);
  }
  wg_buffer_free(&scratch);
  wg_buffer_free(&again);
  wg_buffer_free(&out);
}

static void as_checkpoint(struct wg_bytes bytes) {
  struct land_checkpoint checkpoint, twice;
  struct land_key key;
  struct wg_buffer text = {0};
  struct wg_error error = {0};
  const wg_status status = land_checkpoint_read(bytes, &checkpoint, &error);
  if (status != WG_OK) expect_refused(status, &error);
  else {
    land_checkpoint_append(&checkpoint, &text);
    expect(land_checkpoint_read((struct wg_bytes){text.data, text.size}, &twice, &error) == WG_OK);
    expect(strcmp(checkpoint.origin, twice.origin) == 0 && checkpoint.size == twice.size);
    expect(memcmp(checkpoint.root, twice.root, LAND_HASH_BYTES) == 0);
    memset(&key, 1, sizeof key); // nobody's: whatever the note has, it is not signed by it
    key.name[sizeof key.name - 1] = 0;
    land_checkpoint_signature(bytes, &key);
  }
  if (land_key_read(bytes, &key, &error) == WG_OK) {
    wg_buffer_clear(&text);
    land_key_append(&key, &text);
    expect(land_key_read((struct wg_bytes){text.data, text.size}, &key, &error) == WG_OK);
  }
  wg_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const struct wg_bytes bytes = {data + 1, size - 1};
  switch (data[0] % 3) {
  case 0:
    as_export(bytes);
    break;
  case 1:
    as_proof(bytes);
    break;
  default:
    as_checkpoint(bytes);
  }
  return 0;
}
