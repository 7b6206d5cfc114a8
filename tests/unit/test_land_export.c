// The forms in which a ledger leaves the house: lines of an export, base64, checkpoints and their signatures.
#include "services/land/ledger/base64.h"
#include "services/land/ledger/json_line.h"
#include "tests/unit/land_ledger_fixture.h"

#include <sodium.h>

static void a_line_is_read_as_it_was_written(void **state) {
  (void)state;
  struct ledger *ledger = ledger_make(8);
  struct wg_buffer line = {0}, scratch = {0};
  struct wg_error error = {0};
  struct land_export_line read;
  for (size_t i = 0; i < 8; i++) {
    const struct land_ledger_entry *entry = &ledger->entries[i];
    wg_buffer_clear(&line);
    land_export_entry(entry, ledger_payload(ledger, i), &line);
    assert_int_equal(land_export_read((struct wg_bytes){line.data, line.size}, &scratch, &read, &error), WG_OK);
    assert_false(read.header);
    assert_string_equal(read.entry.village, VILLAGE);
    assert_int_equal(read.entry.seq, i);
    assert_int_equal(read.entry.at_us, entry->at_us);
    assert_true(wg_bytes_equal(read.entry.kind, entry->kind));
    assert_true(wg_bytes_equal(read.entry.actor, entry->actor));
    assert_true(wg_bytes_equal(read.payload, ledger_payload(ledger, i)));
    assert_memory_equal(read.entry.leaf_hash, entry->leaf_hash, LAND_HASH_BYTES);
    assert_memory_equal(read.entry.prev_hash, entry->prev_hash, LAND_HASH_BYTES);
    assert_memory_equal(read.entry.payload_sha256, entry->payload_sha256, LAND_HASH_BYTES);
  }
  wg_buffer_clear(&line);
  land_export_header(&ledger->head, &line);
  assert_int_equal(land_export_read((struct wg_bytes){line.data, line.size}, &scratch, &read, &error), WG_OK);
  assert_true(read.header);
  assert_int_equal(read.checkpoint.size, 8);
  assert_memory_equal(read.checkpoint.root, ledger->checkpoints[8].root, LAND_HASH_BYTES);
  assert_string_equal(read.checkpoint.origin, "wangge-land/" VILLAGE);
  wg_buffer_free(&line);
  wg_buffer_free(&scratch);
  free(ledger);
}

#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define ENTRY(seq, at, kind, payload)                                                                                  \
  "{\"village\":\"" VILLAGE "\",\"seq\":" seq ",\"at\":" at ",\"kind\":" kind ",\"actor\":\"a\",\"prev_hash\":\"" HASH \
  "\",\"payload_sha256\":\"" HASH "\",\"leaf_hash\":\"" HASH "\",\"payload\":" payload "}"

static void other_writers_lines_are_read_too(void **state) {
  (void)state;
  static const char *const rows[] = {
      ENTRY("1", "-5", "\"k\"", "\"AQID\""),
      " { \"more\" : {\"a\":[1,\"}\"]} , "
      "\"none\":null, \"seq\" : 1 , \"at\":-5"
      ",\"village\":\"" VILLAGE "\", \"kind\":\"\\u006b\",\"actor\":\"\\u0061\", \"prev_hash\":\"" HASH
      "\" ,\"payload_sha256\":\"" HASH "\",\"leaf_hash\":\"" HASH "\",\"payload\":\"\\u0041QID\"}\r",
  };
  struct wg_buffer scratch = {0};
  for (size_t i = 0; i < 2; i++) {
    struct wg_error error = {0};
    struct land_export_line read;
    if (land_export_read(wg_bytes_of(rows[i]), &scratch, &read, &error) != WG_OK)
      fail_msg("%s: %s", error.field, error.message);
    assert_int_equal(read.entry.seq, 1);
    assert_int_equal(read.entry.at_us, -5);
    assert_true(wg_bytes_equal(read.entry.kind, wg_bytes_of("k")));
    assert_true(wg_bytes_equal(read.payload, wg_bytes_of("\x01\x02\x03")));
  }
  wg_buffer_free(&scratch);
}

static void bad_lines_are_refused_by_name(void **state) {
  (void)state;
  static const char *const rows[][2] = {
      {"", ""},
      {"{", ""},
      {"{\"seq\"", ""},
      {"{\"seq\":", ""},
      {"{\"seq\":1", ""},
      {"{\"seq\":1}x", ""},
      {"{\"seq\":1,}", ""},
      {"{\"x\":\"\\", ""},
      {"{\"x\":[[\"]\"]", ""},
      {"[1]", ""},
      {"{}", "village"},
      {"{\"seq\":1,\"seq\":2}", "seq"},
      {"{\"ledger\":\"LAND2\",\"village\":\"" VILLAGE "\",\"size\":0,\"root\":\"" HASH "\"}", "ledger"},
      {"{\"ledger\":\"LAND1\",\"village\":\"13110200100x\",\"size\":0,\"root\":\"" HASH "\"}", "village"},
      {"{\"ledger\":\"LAND1\",\"village\":\"" VILLAGE "\",\"size\":-1,\"root\":\"" HASH "\"}", "size"},
      {"{\"ledger\":\"LAND1\",\"village\":\"" VILLAGE "\",\"size\":1,\"root\":\"\"}", "root"},
      {ENTRY("-1", "0", "\"k\"", "\"\""), "seq"},
      {ENTRY("01", "0", "\"k\"", "\"\""), "seq"},
      {ENTRY("0", "-00", "\"k\"", "\"\""), "at"},
      {ENTRY("1.5", "0", "\"k\"", "\"\""), "seq"},
      {ENTRY("99999999999999999999", "0", "\"k\"", "\"\""), "seq"},
      {ENTRY("\"1\"", "0", "\"k\"", "\"\""), "seq"},
      {ENTRY("null", "0", "\"k\"", "\"\""), "seq"},
      {ENTRY("0", "true", "\"k\"", "\"\""), "at"},
      {ENTRY("0", "0", "1", "\"\""), "kind"},
      {ENTRY("0", "0", "\"\\ud800\"", "\"\""), "kind"},
      {ENTRY("0", "0", "\"\\ud800\\u0041\"", "\"\""), "kind"},
      {ENTRY("0", "0", "\"\\u0000\"", "\"\""), "kind"},
      {ENTRY("0", "0", "\"\\x\"", "\"\""), "kind"},
      {ENTRY("0", "0", "\"\xff\"", "\"\""), "kind"},
      {ENTRY("0", "0", "\"k\"", "\"AQI\""), "payload"},
      {ENTRY("0", "0", "\"k\"", "\"A===\""), "payload"},
      {ENTRY("0", "0", "\"k\"", "\"AA=A\""), "payload"},
      {ENTRY("0", "0", "\"k\"", "\" AQI\""), "payload"},
      {ENTRY("0", "0", "\"k\"", "\"AQI \""), "payload"},
      {ENTRY("0", "0", "\"k\"", "\"AQ\\nI\""), "payload"},
      {ENTRY("0", "0", "\"k\"", "\"AQ-_\""), "payload"},
      {ENTRY("0", "0", "\"k\"", "\"AR==\""), "payload"},
      {ENTRY("0", "0", "\"k\"", "\"AQJ=\""), "payload"},
  };
  struct wg_buffer scratch = {0};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct wg_error error = {0};
    struct land_export_line read;
    if (land_export_read(wg_bytes_of(rows[i][0]), &scratch, &read, &error) != WG_INVALID_ARGUMENT ||
        strcmp(error.field, rows[i][1]) != 0)
      fail_msg("%s: field '%s': %s", rows[i][0], error.field, error.message);
  }
  wg_buffer_free(&scratch);
}

static void surrogate_pairs_are_one_character(void **state) {
  (void)state;
  struct land_member member = {.kind = LAND_JSON_TEXT, .raw = wg_bytes_of("\\ud842\\udfb7\\/\\n\\u00e9")};
  struct wg_buffer buffer = {0};
  struct wg_bytes read;
  assert_true(land_json_text(&member, &buffer, &read));
  assert_true(wg_bytes_equal(read, wg_bytes_of("\xf0\xa0\xae\xb7/\n\xc3\xa9")));
  wg_buffer_free(&buffer);
}

static void base64_is_that_of_rfc_4648(void **state) {
  (void)state;
  static const char *const rows[][2] = {{"", ""},
                                        {"f", "Zg=="},
                                        {"fo", "Zm8="},
                                        {"foo", "Zm9v"},
                                        {"foob", "Zm9vYg=="},
                                        {"fooba", "Zm9vYmE="},
                                        {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct wg_buffer text = {0}, bytes = {0};
    land_base64_append(&text, wg_bytes_of(rows[i][0]));
    assert_string_equal(wg_buffer_cstr(&text), rows[i][1]);
    assert_true(land_base64_read((struct wg_bytes){text.data, text.size}, &bytes));
    assert_string_equal(wg_buffer_cstr(&bytes), rows[i][0]);
    wg_buffer_free(&text);
    wg_buffer_free(&bytes);
  }
}

static void assert_same(const struct land_checkpoint *a, const struct land_checkpoint *b) {
  assert_string_equal(a->origin, b->origin);
  assert_int_equal(a->size, b->size);
  assert_memory_equal(a->root, b->root, LAND_HASH_BYTES);
}

static void a_checkpoint_is_three_lines(void **state) {
  (void)state;
  struct ledger *ledger = ledger_make(3);
  struct wg_buffer text = {0};
  struct wg_error error = {0};
  struct land_checkpoint read;
  land_checkpoint_append(&ledger->checkpoints[0], &text);
  assert_string_equal(wg_buffer_cstr(&text),
                      "wangge-land/" VILLAGE "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  wg_buffer_clear(&text);
  land_checkpoint_append(&ledger->checkpoints[3], &text);
  for (size_t left = 0; left < 2; left++) { // with and without the last line break
    assert_int_equal(land_checkpoint_read((struct wg_bytes){text.data, text.size - left}, &read, &error), WG_OK);
    assert_same(&read, &ledger->checkpoints[3]);
  }
  assert_string_equal(land_checkpoint_village(&read), VILLAGE);
  static const char *const rows[][2] = {
      {"", "line 1"},
      {"\n1\n" HASH "\n", "line 1"},
      {"o", "line 2"},
      {"o\to\n1\n" HASH "\n", "line 1"},
      {"o\n01\n" HASH "\n", "line 2"},
      {"o\n-1\n" HASH "\n", "line 2"},
      {"o\n12345678901234567890\n" HASH "\n", "line 2"},
      {"o\n1\n", "line 3"},
      {"o\n1\nAAAA\n", "line 3"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_int_equal(land_checkpoint_read(wg_bytes_of(rows[i][0]), &read, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, rows[i][1]);
  }
  wg_buffer_free(&text);
  free(ledger);
}

static void a_signature_holds_for_its_text_and_key_only(void **state) {
  (void)state;
  struct ledger *ledger = ledger_make(3);
  struct wg_buffer note = {0}, written = {0};
  struct wg_error error = {0};
  struct land_signer signer = {0}, again = {0}, other = {0};
  struct land_key key = {0};
  struct land_checkpoint read;
  uint8_t secret[32] = {1, 2, 3};
  land_signer_make(&signer, "wangge-land/131102", secret);
  land_signer_make(&again, "wangge-land/131102", secret);
  assert_memory_equal(&signer, &again, sizeof signer);
  secret[31] = 1;
  land_signer_make(&other, "wangge-land/131102", secret);

  land_key_append(&signer.key, &written);
  assert_int_equal(land_key_read((struct wg_bytes){written.data, written.size}, &key, &error), WG_OK);
  assert_memory_equal(&key, &signer.key, sizeof key);
  written.data[19] ^= 1; // its id
  assert_int_equal(land_key_read((struct wg_bytes){written.data, written.size}, &key, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(land_key_read(wg_bytes_of("name"), &key, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(land_key_read(wg_bytes_of("name+00000000+AAAA"), &key, &error), WG_INVALID_ARGUMENT);

  land_checkpoint_sign(&ledger->checkpoints[3], &signer, &note);
  struct wg_bytes bytes = {note.data, note.size};
  assert_int_equal(land_checkpoint_read(bytes, &read, &error), WG_OK);
  assert_same(&read, &ledger->checkpoints[3]);
  assert_int_equal(land_checkpoint_signature(bytes, &signer.key), LAND_SIGNATURE_GOOD);
  assert_int_equal(land_checkpoint_signature(bytes, &other.key), LAND_SIGNATURE_BAD);
  snprintf(other.key.name, sizeof other.key.name, "wangge-land/131103");
  assert_int_equal(land_checkpoint_signature(bytes, &other.key), LAND_SIGNATURE_MISSING);
  size_t signed_bytes = (size_t)((uint8_t *)memmem(note.data, note.size, "\n\n", 2) - note.data) + 1;
  for (size_t i = 0; i + 1 < signed_bytes; i++) {
    note.data[i] ^= 1;
    assert_int_not_equal(land_checkpoint_signature(bytes, &signer.key), LAND_SIGNATURE_GOOD);
    note.data[i] ^= 1;
  }
  assert_int_equal(land_checkpoint_signature((struct wg_bytes){note.data, signed_bytes}, &signer.key),
                   LAND_SIGNATURE_MISSING);
  // A second signature, of somebody else, does not hide the first.
  struct wg_buffer both = {0};
  wg_buffer_append(&both, note.data, signed_bytes + 1);
  wg_buffer_text(&both, "\xE2\x80\x94 witness AAAA\n");
  wg_buffer_append(&both, note.data + signed_bytes + 1, note.size - signed_bytes - 1);
  assert_int_equal(land_checkpoint_signature((struct wg_bytes){both.data, both.size}, &signer.key),
                   LAND_SIGNATURE_GOOD);
  wg_buffer_free(&both);
  wg_buffer_free(&note);
  wg_buffer_free(&written);
  free(ledger);
}

static void a_district_s_leaf_is_village_size_and_root(void **state) {
  (void)state;
  uint8_t data[12 + 8 + 32] = VILLAGE, root[LAND_HASH_BYTES], leaf[LAND_HASH_BYTES], expected[LAND_HASH_BYTES];
  memset(root, 7, sizeof root);
  memcpy(data + 12, "\0\0\0\0\0\0\1\2", 8);
  memcpy(data + 20, root, 32);
  land_leaf_hash((struct wg_bytes){data, sizeof data}, expected);
  land_district_leaf(VILLAGE, 258, root, leaf);
  assert_memory_equal(leaf, expected, LAND_HASH_BYTES);
}

int main(void) {
  if (sodium_init() < 0) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_is_read_as_it_was_written),
      cmocka_unit_test(other_writers_lines_are_read_too),
      cmocka_unit_test(bad_lines_are_refused_by_name),
      cmocka_unit_test(surrogate_pairs_are_one_character),
      cmocka_unit_test(base64_is_that_of_rfc_4648),
      cmocka_unit_test(a_checkpoint_is_three_lines),
      cmocka_unit_test(a_signature_holds_for_its_text_and_key_only),
      cmocka_unit_test(a_district_s_leaf_is_village_size_and_root),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
