// The kinds of records: nothing of the contract is forgotten, nothing is named twice, references resolve in order.
#include "tests/unit/unit.h"

#include "common/records/records.h"
#include "common/wire/wire.h"

static void every_body_of_the_contract_is_a_kind(void **state) {
  (void)state;
  const ProtobufCMessageDescriptor *type = &wangge__v1__record__descriptor;
  size_t count, bodies = 0;
  const struct wg_kind *kinds = wg_kinds(&count);
  for (unsigned i = 0; i < type->n_fields; i++) {
    if (!(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) continue;
    bodies++;
    bool found = false;
    for (size_t j = 0; j < count; j++)
      found = found || kinds[j].type == type->fields[i].descriptor;
    if (!found) fail_msg("%s is no kind: labels.c lacks it", type->fields[i].name);
  }
  assert_int_equal(bodies, count);
}

static void kinds_are_named_as_their_messages(void **state) {
  (void)state;
  assert_string_equal(wg_kind_find("party_org")->label, "党组织");
  assert_string_equal(wg_kind_find("网格")->name, "grid");
  assert_ptr_equal(wg_kind_find("district")->type, &wangge__v1__district__descriptor);
  assert_null(wg_kind_find("net_district"));
  assert_null(wg_kind_find(""));
  assert_null(wg_kind_find(NULL));
}

static void every_column_has_its_own_label(void **state) {
  (void)state;
  size_t count;
  const struct wg_kind *kinds = wg_kinds(&count);
  for (size_t k = 0; k < count; k++) {
    assert_string_equal(kinds[k].columns[0].field, "code");
    assert_string_equal(kinds[k].columns[1].field, "district");
    assert_int_equal(kinds[k].column_count, kinds[k].type->n_fields + 2);
    for (size_t i = 0; i < kinds[k].column_count; i++)
      for (const char *other = kinds[k].columns[i].label; other != NULL; other = NULL)
        if (wg_kind_column(&kinds[k], other) != &kinds[k].columns[i])
          fail_msg("%s has two columns %s", kinds[k].name, other);
  }
}

static void references_point_to_kinds_that_are_loaded_before(void **state) {
  (void)state;
  size_t count;
  const struct wg_kind *kinds = wg_kinds(&count);
  for (size_t k = 0; k < count; k++) {
    assert_int_equal(kinds[k].rank, k);
    for (size_t i = 0; i < kinds[k].column_count; i++) {
      const char *const *name = kinds[k].columns[i].references;
      for (; name != NULL && *name != NULL; name++) {
        const struct wg_kind *to = wg_kind_find(*name);
        if (to == NULL || to->rank > kinds[k].rank)
          fail_msg("%s.%s -> %s", kinds[k].name, kinds[k].columns[i].field, *name);
      }
    }
  }
}

static void the_values_of_an_enum_are_its_names_without_the_unspecified(void **state) {
  (void)state;
  const struct wg_column *column = wg_kind_column(wg_kind_find("party_org"), "kind");
  assert_int_equal(column->value_count, 4);
  assert_string_equal(column->values[1], "general_branch");
  assert_string_equal(column->value_labels[1], "党总支");
  column = wg_kind_column(wg_kind_find("calendar_day"), "类型");
  assert_int_equal(column->type, WG_COLUMN_TEXT);
  assert_string_equal(column->values[0], "WORK");
}

static void the_table_travels_as_a_message(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(64 * 1024);
  struct wg_bytes packed = wg_pack(&wg_kinds_message(arena)->base, arena);
  ProtobufCMessage *message = NULL;
  struct wg_error error = {0};
  assert_int_equal(wg_unpack(&wangge__v1__kinds_response__descriptor, packed, arena, &message, &error), WG_OK);
  const Wangge__V1__KindsResponse *kinds = (Wangge__V1__KindsResponse *)message;
  assert_string_equal(kinds->kinds[3]->name, "grid");
  assert_string_equal(kinds->kinds[3]->columns[3]->value_labels[0], "基础网格");
  assert_true(kinds->kinds[3]->columns[2]->required);
  wg_arena_destroy(arena);
}

static void a_record_tells_its_kind_name_and_texts(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  const struct wg_kind *kind = wg_kind_find("building");
  Wangge__V1__Record *record = wg_record_create(kind, "370117", "B1", arena);
  record->building->grid = wg_arena_strdup(arena, "370117001001001");
  record->building->name = wg_arena_strdup(arena, "亲和家园15号楼");
  char *aliases[] = {"15栋", "15号"};
  record->building->aliases = aliases;
  record->building->n_aliases = 2;
  assert_ptr_equal(wg_kind_of(record), kind);
  assert_string_equal(wg_record_name(record), "亲和家园15号楼");
  char *const *values = NULL;
  assert_int_equal(wg_record_texts(record, wg_kind_column(kind, "grid"), &values), 1);
  assert_string_equal(values[0], "370117001001001");
  assert_int_equal(wg_record_texts(record, wg_kind_column(kind, "aliases"), &values), 2);
  assert_string_equal(values[1], "15号");
  assert_int_equal(wg_record_texts(record, wg_kind_column(kind, "address"), &values), 0);
  assert_int_equal(wg_record_texts(record, wg_kind_column(kind, "households"), &values), 0);
  assert_int_equal(wg_record_texts(record, wg_kind_column(kind, "code"), &values), 1);
  Wangge__V1__Record none = WANGGE__V1__RECORD__INIT;
  assert_null(wg_kind_of(&none));
  assert_string_equal(wg_record_name(&none), "");
  wg_arena_destroy(arena);
}

static void findings_are_bounded_and_counted(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  struct wg_findings findings;
  struct wg_error error = {0};
  wg_findings_start(&findings, arena);
  findings.most = 2;
  assert_int_equal(wg_findings_error(&findings, &error), WG_OK);
  Wangge__V1__Record *record = wg_record_create(wg_kind_find("grid"), "370117", "370117001001001", arena);
  wg_finding_add(&findings, WANGGE__V1__SEVERITY__SEVERITY_WARNING, record, "households_range", "households", "户数 %d",
                 9);
  findings.row = 7;
  wg_finding_add(&findings, WANGGE__V1__SEVERITY__SEVERITY_ERROR, NULL, "file.empty", "", "空文件");
  Wangge__V1__Finding *third = wg_finding_add(&findings, WANGGE__V1__SEVERITY__SEVERITY_ERROR, record, "x.y", "", "z");
  third->rule = "may be written on";
  assert_int_equal(findings.count, 2);
  assert_int_equal(findings.untold, 1);
  assert_int_equal(findings.errors, 2);
  assert_int_equal(findings.warnings, 1);
  assert_string_equal(findings.finding[0]->code, "grid.households_range");
  assert_string_equal(findings.finding[0]->record, "370117001001001");
  assert_string_equal(findings.finding[0]->message, "户数 9");
  assert_int_equal(wg_findings_error(&findings, &error), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "row 7: 空文件"));
  wg_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_body_of_the_contract_is_a_kind),
      cmocka_unit_test(kinds_are_named_as_their_messages),
      cmocka_unit_test(every_column_has_its_own_label),
      cmocka_unit_test(references_point_to_kinds_that_are_loaded_before),
      cmocka_unit_test(the_values_of_an_enum_are_its_names_without_the_unspecified),
      cmocka_unit_test(the_table_travels_as_a_message),
      cmocka_unit_test(a_record_tells_its_kind_name_and_texts),
      cmocka_unit_test(findings_are_bounded_and_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
