// Numbers that identify people and companies, kinds of records, policy: what every topic of the land ledger stands on.
#include "tests/unit/unit.h"

#include "services/land/book.h"
#include "services/land/files.h"
#include "services/land/identity.h"
#include "services/land/policy.h"
#include "services/land/topic.h"

#include <string.h>

// Every single wrong character of a good number is found: that is what MOD 11-2 and MOD 31 are for.
static void a_wrong_character_is_found(const char *good, const char *alphabet, bool (*valid)(const char *)) {
  char text[19];
  assert_true(valid(good));
  for (int at = 0; at < 18; at++) {
    for (const char *c = alphabet; *c; c++) {
      strcpy(text, good);
      text[at] = *c;
      if (*c != good[at]) assert_false(valid(text));
    }
  }
}

static void identity_numbers_have_their_check_characters(void **state) {
  (void)state;
  a_wrong_character_is_found("11010519491231002X", "0123456789", land_resident_id_valid); // the example of GB 11643
  assert_true(land_resident_id_valid("11010519491231002x"));
  assert_false(land_resident_id_valid("110105194912310021"));
  assert_false(land_resident_id_valid("11010519490231002X")); // 31 February
  assert_false(land_resident_id_valid("1101051949123100"));
  assert_false(land_resident_id_valid(""));
}

static void credit_codes_have_their_check_characters(void **state) {
  (void)state;
  a_wrong_character_is_found("91350100M000100Y43", "0123456789ABCDEFGHJKLMNPQRTUWXY", // the example of GB 32100
                             land_credit_code_valid);
  assert_false(land_credit_code_valid("91350100M000100Y4O")); // no letter O
  assert_false(land_credit_code_valid("91350100M000100Y4"));
  assert_false(land_credit_code_valid("91350100M000100Y433"));
  assert_false(land_credit_code_valid(""));
}

static void phones_are_mobiles_or_landlines_with_their_area(void **state) {
  (void)state;
  static const char *const good[] = {"13800001111", "19912345678", "0318-2111111", "01012345678", "03182111111"};
  static const char *const bad[] = {"",        "12800001111",  "1380000111",   "138000011112",
                                    "2111111", "0318-21-1111", "0318-2111a11", "0-"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_true(land_phone_valid(good[i]));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(land_phone_valid(bad[i]));
}

static void kinds_are_the_members_of_the_record(void **state) {
  (void)state;
  for (size_t i = 0; i < land_kind_count(); i++) {
    const int kind = land_kind_at(i);
    assert_int_equal(land_kind_find(land_kind_name(kind)), kind);
    assert_non_null(land_body_type(kind));
    assert_true((unsigned char)land_kind_term(kind)[0] >= 0x80); // Chinese
  }
  assert_int_equal(land_kind_find("party"), LAND_KIND(PARTY));
  assert_int_equal(land_kind_find("village"), 0); // a member that is no body
  assert_int_equal(land_kind_find("body"), 0);
  assert_null(land_kind_name(0));
  assert_null(land_kind_name(2));
  assert_null(land_kind_name(-1));
}

// A method that writes and has no action would stop the service when it is called.
static void every_writing_method_has_its_action(void **state) {
  (void)state;
  size_t writes = 0;
  for (const struct wg_method *method = land_methods(); method->name; method++) {
    if (method->kind != WG_METHOD_WRITE) continue;
    writes++;
    assert_non_null(method->check);
    if (!land_action_find(method->request)) fail_msg("%s has no action", method->name);
    const ProtobufCFieldDescriptor *first = protobuf_c_message_descriptor_get_field(method->request, 1);
    assert_ptr_equal(first->descriptor, &wangge__v1__land_write__descriptor);
  }
  assert_true(writes > 20);
}

// sounds_like_files: names under which a new field might name files.
static bool sounds_like_files(const char *name) {
  static const char *const words[] = {"doc",    "photo",  "paper", "minutes", "approval", "consent",
                                      "sha256", "waiver", "quote", "edge",    "picture",  "scan"};
  static const char *const other[] = {"document_no", "file_sha256", "reply_docs"};
  for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
    if (strcmp(name, other[i]) == 0) return false;
  }
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strstr(name, words[i])) return true;
  }
  return false;
}

static void check_fields(const ProtobufCMessageDescriptor *type, int depth) {
  for (unsigned i = 0; i < type->n_fields && depth < 6; i++) {
    const ProtobufCFieldDescriptor *field = &type->fields[i];
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) check_fields(field->descriptor, depth + 1);
    if (field->type == PROTOBUF_C_TYPE_STRING && sounds_like_files(field->name) && !land_file_field(field->name))
      fail_msg("%s.%s names files or not? say it in services/land/files.c", type->name, field->name);
  }
}

static void whoever_names_files_asks_for_them(void **state) {
  (void)state;
  size_t asking = 0;
  for (const struct wg_method *method = land_methods(); method->name; method++) {
    if (method->kind != WG_METHOD_WRITE) continue;
    check_fields(method->request, 0);
    assert_int_equal(method->ask != NULL, land_names_files(method->request));
    assert_int_equal(method->asks != NULL, method->ask != NULL);
    asking += method->ask != NULL;
  }
  assert_true(asking > 15);
}

static void policy_has_a_preset_within_its_bounds(void **state) {
  (void)state;
  for (size_t i = 0; i < LAND_POLICY_COUNT; i++) {
    const struct land_policy_value *value = &LAND_POLICY_VALUES[i];
    assert_true(value->least <= value->preset && value->preset <= value->most);
    assert_ptr_equal(land_policy_find(value->name), value);
    assert_true(*value->zh && *value->source && *value->unit);
  }
  assert_null(land_policy_find("no.such"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(identity_numbers_have_their_check_characters),
      cmocka_unit_test(credit_codes_have_their_check_characters),
      cmocka_unit_test(phones_are_mobiles_or_landlines_with_their_area),
      cmocka_unit_test(kinds_are_the_members_of_the_record),
      cmocka_unit_test(every_writing_method_has_its_action),
      cmocka_unit_test(whoever_names_files_asks_for_them),
      cmocka_unit_test(policy_has_a_preset_within_its_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
