// Verification of exports: every way to spoil a ledger that land.md names is found, with the entry and the member.
#include "tests/unit/land_ledger_fixture.h"

enum { ENTRIES = 300, BOTH = LAND_CHECK_CHAIN | LAND_CHECK_TREE };

static struct ledger *ledger;
static struct wg_buffer text;

static int begin(void **state) {
  (void)state;
  ledger = ledger_make(ENTRIES);
  return 0;
}

static int end(void **state) {
  (void)state;
  free(ledger);
  wg_buffer_free(&text);
  text = (struct wg_buffer){0};
  return 0;
}

// verified exports the ledger as it is now and verifies that.
static struct land_verification verified(unsigned checks) {
  wg_buffer_clear(&text);
  ledger_export(ledger, &text);
  return verify_text(&text, checks, NULL, 0);
}

static struct land_verification against(struct land_sheet *sheets, size_t count) {
  wg_buffer_clear(&text);
  ledger_export(ledger, &text);
  return verify_text(&text, 0, sheets, count);
}

static struct land_sheet sheet_of(const struct ledger *of, size_t size) {
  return (struct land_sheet){.name = "sheet", .checkpoint = of->checkpoints[size]};
}

// rehash makes the entries from `from` on follow each other again, as somebody would who rewrites the table.
static void rehash(size_t from, size_t to) {
  ledger->head = (struct land_head){.village = VILLAGE};
  for (size_t i = 0; i < to; i++) {
    struct land_ledger_entry *entry = &ledger->entries[i];
    if (i >= from) {
      entry->seq = i;
      memcpy(entry->prev_hash, ledger->head.last_hash, LAND_HASH_BYTES);
      struct wg_bytes payload = ledger_payload(ledger, i);
      wg_sha256(&payload, 1, entry->payload_sha256);
      land_entry_hash(entry, entry->leaf_hash);
    }
    land_head_take(&ledger->head, entry);
  }
}

static void a_true_ledger_is_intact(void **state) {
  (void)state;
  struct land_sheet sheets[] = {sheet_of(ledger, ENTRIES), sheet_of(ledger, 0), sheet_of(ledger, 256),
                                sheet_of(ledger, 1)};
  assert_found(verified(BOTH), LAND_INTACT, -1, "");
  struct land_verification found = against(sheets, 4);
  assert_found(found, LAND_INTACT, -1, "");
  assert_int_equal(found.entries, ENTRIES);
  assert_int_equal(found.sheets, 4);
  assert_int_equal(found.villages, 1);
}

static void every_entry_s_payload_counts(void **state) {
  (void)state;
  for (size_t i = 0; i < ENTRIES; i++) {
    ledger->payloads[i][0] ^= 1;
    assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, (int64_t)i, "payload");
    assert_found(verified(LAND_CHECK_TREE), LAND_TAMPERED, (int64_t)i, "payload");
    ledger->payloads[i][0] ^= 1;
  }
}

static void an_edited_entry_is_found_whatever_was_edited(void **state) {
  (void)state;
  struct land_ledger_entry kept = ledger->entries[123], *entry = &ledger->entries[123];
  entry->kind = wg_bytes_of("publisH");
  assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, 123, "leaf_hash");
  *entry = kept;
  entry->actor = wg_bytes_of("somebody");
  assert_found(verified(LAND_CHECK_TREE), LAND_TAMPERED, 123, "leaf_hash");
  *entry = kept;
  entry->at_us += 1;
  assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, 123, "leaf_hash");
  *entry = kept;
  // The payload with its hash, then also with the leaf hash: the next entry tells.
  ledger->payloads[123][0] ^= 1;
  struct wg_bytes payload = ledger_payload(ledger, 123);
  wg_sha256(&payload, 1, entry->payload_sha256);
  assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, 123, "leaf_hash");
  land_entry_hash(entry, entry->leaf_hash);
  assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, 124, "prev_hash");
  assert_found(verified(LAND_CHECK_TREE), LAND_TAMPERED, -1, "root");
}

static void a_deleted_doubled_or_moved_entry_is_found(void **state) {
  (void)state;
  memmove(&ledger->entries[50], &ledger->entries[51], (ENTRIES - 51) * sizeof ledger->entries[0]);
  memmove(ledger->payloads[50], ledger->payloads[51], (ENTRIES - 51) * sizeof ledger->payloads[0]);
  ledger->head.peaks.size--; // what it says of itself is of one entry less
  assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, 50, "seq");
  assert_found(verified(LAND_CHECK_TREE), LAND_TAMPERED, 50, "seq");
  rehash(50, ENTRIES - 1); // numbered anew: intact for whoever has nothing from outside
  assert_found(verified(BOTH), LAND_INTACT, -1, "");
  struct land_sheet sheet = sheet_of(ledger, 51);
  assert_found(against(&sheet, 1), LAND_TAMPERED, 0, "root");
}

static void swapped_entries_are_found(void **state) {
  (void)state;
  struct land_ledger_entry kept = ledger->entries[10];
  ledger->entries[10] = ledger->entries[11];
  ledger->entries[11] = kept;
  assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, 10, "seq");
  ledger->entries[10].seq = 10;
  ledger->entries[11].seq = 11;
  assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, 10, "prev_hash");
  assert_found(verified(LAND_CHECK_TREE), LAND_TAMPERED, 10, "payload");
}

static void time_that_goes_back_is_found(void **state) {
  (void)state;
  ledger->entries[7].at_us = ledger->entries[6].at_us - LAND_CLOCK_BACK_US - 1;
  rehash(7, ENTRIES);
  assert_found(verified(LAND_CHECK_CHAIN), LAND_TAMPERED, 7, "at");
}

static void a_cut_tail_is_found_by_what_the_ledger_says_or_by_a_sheet(void **state) {
  (void)state;
  wg_buffer_clear(&text);
  ledger_export(ledger, &text);
  wg_buffer_cstr(&text);
  text.data[text.size - 1] = '\0';
  text.size = (size_t)((uint8_t *)strrchr((char *)text.data, '\n') - text.data) + 1;
  assert_found(verify_text(&text, LAND_CHECK_CHAIN, NULL, 0), LAND_INTACT, -1, "");
  assert_found(verify_text(&text, LAND_CHECK_TREE, NULL, 0), LAND_TAMPERED, ENTRIES - 1, "size");
  rehash(ENTRIES, ENTRIES - 20); // the head too
  assert_found(verified(BOTH), LAND_INTACT, -1, "");
  struct land_sheet sheet = sheet_of(ledger, ENTRIES);
  struct land_verification found = against(&sheet, 1);
  assert_found(found, LAND_TAMPERED, ENTRIES - 20, "size");
  assert_non_null(strstr(found.message, "the tail was cut"));
}

static void a_rewritten_history_is_bracketed_by_the_sheets(void **state) {
  (void)state;
  snprintf(ledger->payloads[200], sizeof ledger->payloads[200], "another owner");
  rehash(200, ENTRIES);
  assert_found(verified(BOTH), LAND_INTACT, -1, "");
  struct land_sheet sheets[] = {sheet_of(ledger, 250), sheet_of(ledger, 100), sheet_of(ledger, 200),
                                sheet_of(ledger, 201)};
  assert_found(against(sheets, 4), LAND_TAMPERED, 200, "root");
  sheets[0] = sheet_of(ledger, 250);
  assert_found(against(sheets, 1), LAND_TAMPERED, 0, "root");
  sheets[0] = sheet_of(ledger, 200);
  assert_found(against(sheets, 1), LAND_INTACT, -1, "");
}

static void two_histories_are_found_by_two_sheets(void **state) {
  (void)state;
  struct ledger *other = ledger_make(ENTRIES - 5);
  for (int i = 0; i < 20; i++)
    ledger_append(other, "fork");
  struct land_checkpoint older = ledger->checkpoints[ENTRIES], newer = other->checkpoints[ENTRIES + 10];
  // Whatever proof the one who shows two histories gives.
  struct land_proof_file proof = {.consistency = true, .from = ENTRIES, .size = ENTRIES + 10, .entry.village = VILLAGE};
  for (size_t count = 0; count <= 10; count++) {
    proof.path.count = count;
    assert_found(land_verify_consistency(&proof, &older, &newer), LAND_TAMPERED, -1, "root");
  }
  newer = other->checkpoints[ENTRIES];
  assert_found(land_verify_consistency(NULL, &older, &newer), LAND_TAMPERED, -1, "root");
  assert_found(land_verify_consistency(NULL, &older, &older), LAND_INTACT, -1, "");
  free(other);
}

static void what_cannot_be_checked_is_said(void **state) {
  (void)state;
  struct land_checkpoint none = ledger->checkpoints[0], other = ledger->checkpoints[5];
  assert_found(land_verify_consistency(NULL, &none, &ledger->checkpoints[5]), LAND_UNCHECKED, -1, "size");
  assert_found(land_verify_consistency(NULL, &ledger->checkpoints[4], &ledger->checkpoints[5]), LAND_UNCHECKED, -1,
               "size");
  assert_found(land_verify_consistency(NULL, &ledger->checkpoints[5], &ledger->checkpoints[4]), LAND_UNCHECKED, -1,
               "origin");
  snprintf(other.origin, sizeof other.origin, LAND_ORIGIN_PREFIX "131102001002");
  struct land_sheet sheet = {.name = "sheet", .checkpoint = other};
  assert_found(against(&sheet, 1), LAND_UNCHECKED, -1, "origin"); // a village that is not in the export
  snprintf(sheet.checkpoint.origin, sizeof sheet.checkpoint.origin, "wangge-land/131102/2026-11-28");
  assert_found(against(&sheet, 1), LAND_UNCHECKED, -1, "origin");
  wg_buffer_clear(&text);
  assert_found(verify_text(&text, BOTH, NULL, 0), LAND_UNCHECKED, -1, "village"); // an empty file
  ledger_export(ledger, &text);
  char *line = strchr((const char *)wg_buffer_cstr(&text), '\n') + 1;
  struct wg_buffer headless = {0};
  wg_buffer_text(&headless, line);
  assert_found(verify_text(&headless, BOTH, NULL, 0), LAND_UNCHECKED, 0, "village");
  wg_buffer_free(&headless);
  text.size -= 30; // the last line is cut in the middle
  assert_found(verify_text(&text, BOTH, NULL, 0), LAND_UNCHECKED, -1, "");
}

static void several_villages_stand_one_behind_the_other(void **state) {
  (void)state;
  struct ledger *other = calloc(1, sizeof *other);
  memcpy(other->head.village, "131102001002", sizeof other->head.village);
  for (int i = 0; i < 3; i++)
    ledger_append(other, "x");
  struct land_sheet sheets[] = {sheet_of(ledger, 9), sheet_of(other, 3)};
  ledger_export(ledger, &text);
  ledger_export(other, &text);
  struct land_verification found = verify_text(&text, BOTH, sheets, 2);
  assert_found(found, LAND_INTACT, -1, "");
  assert_int_equal(found.villages, 2);
  assert_int_equal(found.entries, ENTRIES + 3);
  assert_int_equal(found.sheets, 2);
  // An entry of one among those of the other.
  land_export_entry(&ledger->entries[3], ledger_payload(ledger, 3), &text);
  found = verify_text(&text, BOTH, NULL, 0);
  assert_found(found, LAND_TAMPERED, 3, "village");
  assert_string_equal(found.village, "131102001002");
  free(other);
}

static wg_status leaf_hashes(void *context, unsigned level, uint64_t first, size_t count,
                             uint8_t (*hashes)[LAND_HASH_BYTES], struct wg_error *error) {
  (void)error;
  const struct ledger *of = context;
  struct land_peaks peaks = {0};
  struct land_tile full[LAND_TILE_LEVELS];
  if (level == 0)
    for (size_t i = 0; i < count; i++)
      memcpy(hashes[i], of->entries[first + i].leaf_hash, LAND_HASH_BYTES);
  else
    for (size_t i = 0; i < of->head.peaks.size; i++)
      if (land_peaks_append(&peaks, of->entries[i].leaf_hash, full) && full[0].index - first < count)
        memcpy(hashes[full[0].index - first], full[0].hash, LAND_HASH_BYTES);
  return WG_OK;
}

static void a_proof_file_is_checked_without_asking_anybody(void **state) {
  (void)state;
  struct land_nodes nodes = {leaf_hashes, ledger};
  struct wg_error error;
  struct wg_buffer scratch = {0};
  struct land_proof_file proof = {.size = 280,
                                  .entry = ledger->entries[77],
                                  .payload = ledger_payload(ledger, 77),
                                  .checkpoint = wg_bytes_of("a\nb \"c\"\n")},
                         read;
  assert_int_equal(land_prove_inclusion(&nodes, 77, 280, &proof.path, &error), WG_OK);
  land_proof_append(&proof, &text);
  assert_int_equal(land_proof_read((struct wg_bytes){text.data, text.size}, &scratch, &read, &error), WG_OK);
  assert_true(wg_bytes_equal(read.checkpoint, proof.checkpoint));
  assert_found(land_verify_inclusion(&read, &ledger->checkpoints[280]), LAND_INTACT, -1, "");
  assert_found(land_verify_inclusion(&read, &ledger->checkpoints[281]), LAND_UNCHECKED, 77, "size");
  struct land_checkpoint forged = ledger->checkpoints[280];
  forged.root[31] ^= 1;
  assert_found(land_verify_inclusion(&read, &forged), LAND_TAMPERED, 77, "path");
  read.path.hash[2][0] ^= 1;
  assert_found(land_verify_inclusion(&read, &ledger->checkpoints[280]), LAND_TAMPERED, 77, "path");
  read.path.hash[2][0] ^= 1;
  read.entry.at_us++;
  assert_found(land_verify_inclusion(&read, &ledger->checkpoints[280]), LAND_TAMPERED, 77, "leaf_hash");
  read.entry.at_us--;
  read.payload.size--;
  assert_found(land_verify_inclusion(&read, &ledger->checkpoints[280]), LAND_TAMPERED, 77, "payload");

  struct land_proof_file consistency = {.consistency = true, .from = 13, .size = 280, .entry.village = VILLAGE};
  assert_int_equal(land_prove_consistency(&nodes, 13, 280, &consistency.path, &error), WG_OK);
  wg_buffer_clear(&text);
  land_proof_append(&consistency, &text);
  assert_int_equal(land_proof_read((struct wg_bytes){text.data, text.size}, &scratch, &read, &error), WG_OK);
  assert_found(land_verify_consistency(&read, &ledger->checkpoints[13], &ledger->checkpoints[280]), LAND_INTACT, -1,
               "");
  assert_found(land_verify_consistency(&read, &ledger->checkpoints[14], &ledger->checkpoints[280]), LAND_UNCHECKED, -1,
               "size");
  assert_found(land_verify_inclusion(&read, &ledger->checkpoints[280]), LAND_UNCHECKED, 0, "size");
  wg_buffer_free(&scratch);
}

static void malformed_proofs_are_refused_by_name(void **state) {
  (void)state;
  static const char *const rows[][2] = {
      {"", ""},
      {"[]", ""},
      {"{}", "proof"},
      {"{\"proof\":\"other\"}", "proof"},
      {"{\"proof\":\"consistency\",\"proof\":\"inclusion\"}", "proof"},
      {"{\"proof\":\"consistency\",\"village\":\"1\"}", "village"},
      {"{\"proof\":\"consistency\",\"village\":\"13110200100x\"}", "village"},
      {"{\"proof\":\"consistency\",\"village\":\"131\\u0000\\u00001001001\"}", "village"},
      {"{\"proof\":\"consistency\",\"village\":\"131102001001\",\"size\":-1}", "size"},
      {"{\"proof\":\"consistency\",\"village\":\"131102001001\",\"size\":5}", "from"},
      {"{\"proof\":\"consistency\",\"village\":\"131102001001\",\"size\":5,\"from\":1}", "path"},
      {"{\"proof\":\"consistency\",\"village\":\"131102001001\",\"size\":5,\"from\":1,\"path\":[\"AA==\"]}", "path"},
      {"{\"proof\":\"consistency\",\"village\":\"131102001001\",\"size\":5,\"from\":1,\"path\":[1]}", "path"},
      {"{\"proof\":\"consistency\",\"village\":\"131102001001\",\"size\":5,\"from\":1,\"path\":{}}", "path"},
      {"{\"proof\":\"inclusion\",\"village\":\"131102001001\",\"size\":5,\"path\":[]}", "entry"},
      {"{\"proof\":\"inclusion\",\"village\":\"131102001001\",\"size\":5,\"path\":[],\"entry\":{}}", "village"},
      {"{\"proof\":\"consistency\",\"village\":\"131102001001\",\"size\":5,\"from\":1,\"path\":[],\"checkpoint\":1}",
       "checkpoint"},
  };
  struct wg_buffer scratch = {0};
  struct land_proof_file proof;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct wg_error error = {0};
    if (land_proof_read(wg_bytes_of(rows[i][0]), &scratch, &proof, &error) != WG_INVALID_ARGUMENT ||
        strcmp(error.field, rows[i][1]) != 0)
      fail_msg("%s: field '%s': %s", rows[i][0], error.field, error.message);
  }
  wg_buffer_free(&scratch);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(a_true_ledger_is_intact),
      TEST(every_entry_s_payload_counts),
      TEST(an_edited_entry_is_found_whatever_was_edited),
      TEST(a_deleted_doubled_or_moved_entry_is_found),
      TEST(swapped_entries_are_found),
      TEST(time_that_goes_back_is_found),
      TEST(a_cut_tail_is_found_by_what_the_ledger_says_or_by_a_sheet),
      TEST(a_rewritten_history_is_bracketed_by_the_sheets),
      TEST(two_histories_are_found_by_two_sheets),
      TEST(what_cannot_be_checked_is_said),
      TEST(several_villages_stand_one_behind_the_other),
      TEST(a_proof_file_is_checked_without_asking_anybody),
      TEST(malformed_proofs_are_refused_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
