// What a Put does to the book: versions, what counts as a change, what refuses it whole, imports put together.
#include "tests/unit/unit.h"

#include "common/wire/wire.h"
#include "services/registry/geometry.h"
#include "services/registry/import.h"
#include "services/registry/put.h"

#define D "370211"
#define BODY(name) WANGGE__V1__RECORD__BODY_##name

static struct wg_arena *arena;
static struct wg_book *book;
static struct registry_geometry *geometry;
static struct wg_error error;
static struct registry_outcome outcome;

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 16);
  book = wg_book_create(&REGISTRY_BOOK);
  geometry = registry_geometry_create();
  error = (struct wg_error){0};
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  registry_geometry_destroy(geometry);
  wg_book_destroy(book);
  wg_arena_destroy(arena);
  return 0;
}

static Wangge__V1__Record *make(const char *kind, const char *code) {
  return wg_record_create(wg_kind_find(kind), D, code, arena);
}

static char *text(const char *value) {
  return wg_arena_strdup(arena, value);
}

static Wangge__V1__Record *department(const char *code, const char *name, const char *parent) {
  Wangge__V1__Record *record = make("department", code);
  record->department->name = text(name);
  record->department->parent = text(parent);
  return record;
}

static Wangge__V1__Record *person(const char *code, const char *unit) {
  Wangge__V1__Record *record = make("person", code);
  record->person->name = text("张三");
  record->person->unit = text(unit);
  return record;
}

static Wangge__V1__Record *gone(const char *kind, const char *code) {
  Wangge__V1__Record *record = make(kind, code);
  record->deleted = true;
  return record;
}

// put runs one Put of `count` records; what is written stands in the book afterwards, as after a commit.
static wg_status put_expecting(Wangge__V1__Record **records, size_t count, const int64_t *expected) {
  const struct registry_put asked = {.caller = "registrar",
                                     .reason = "测试",
                                     .now = 1000,
                                     .records = records,
                                     .count = count,
                                     .expected = expected,
                                     .geometry = geometry};
  struct wg_book *draft = wg_book_draft(book, arena);
  const wg_status status = registry_put_decide(book, draft, &asked, arena, &outcome, &error);
  if (status == WG_OK && !outcome.findings.errors) wg_book_apply(book, draft);
  return status;
}

#define PUT(...)                                                                                                       \
  put_expecting((Wangge__V1__Record *[]){__VA_ARGS__}, sizeof((void *[]){__VA_ARGS__}) / sizeof(void *), NULL)

static void has(size_t created, size_t changed, size_t unchanged, size_t deleted) {
  if (outcome.findings.errors) fail_msg("%s", outcome.findings.finding[0]->message);
  assert_int_equal(outcome.created, created);
  assert_int_equal(outcome.changed, changed);
  assert_int_equal(outcome.unchanged, unchanged);
  assert_int_equal(outcome.deleted, deleted);
  assert_int_equal(outcome.changes.count, created + changed + deleted);
}

static void refused_for(const char *code, int row) {
  for (size_t i = 0; i < outcome.findings.count; i++) {
    if (strcmp(outcome.findings.finding[i]->code, code) == 0 && outcome.findings.finding[i]->row == row) {
      assert_int_equal(outcome.changes.count, 0);
      return;
    }
  }
  fail_msg("%zu errors, none is %s of row %d", outcome.findings.errors, code, row);
}

static int64_t version_of(const char *code) {
  const struct wg_book_entry *entry = wg_book_entry(book, D, BODY(DEPARTMENT), code);
  return !entry                            ? 0
         : registry_record(entry)->deleted ? -registry_record(entry)->version
                                           : registry_record(entry)->version;
}

static void versions_count_changes_only(void **state) {
  (void)state;
  assert_int_equal(PUT(department("water", "水务", ""), department("fire", "消防", "")), WG_OK);
  has(2, 0, 0, 0);
  assert_string_equal(outcome.changes.change[0].record->code, "fire"); // in the order of the book
  assert_int_equal(outcome.changes.change[0].row, 1);
  assert_string_equal(outcome.changes.change[0].record->changed_by, "registrar");
  PUT(department("water", "水务", ""), department("fire", "消防救援", ""));
  has(0, 1, 1, 0);
  assert_int_equal(version_of("water"), 1);
  assert_int_equal(version_of("fire"), 2);
}

static void a_record_that_comes_back_goes_on_counting(void **state) {
  (void)state;
  PUT(department("water", "水务", ""));
  PUT(gone("department", "water"));
  has(0, 0, 0, 1);
  assert_string_equal(outcome.changes.change[0].record->department->name, "水务"); // the last body
  assert_int_equal(version_of("water"), -2);
  PUT(gone("department", "water"), gone("department", "never"));
  has(0, 0, 2, 0);
  PUT(department("water", "水务", ""));
  has(1, 0, 0, 0);
  assert_int_equal(version_of("water"), 3);
}

static void one_error_refuses_all(void **state) {
  (void)state;
  PUT(department("water", "水务", ""), department("fire", "", ""), department("road", "路政", "nobody"));
  refused_for("department.name_required", 1);
  refused_for("department.parent_reference", 2);
  assert_int_equal(version_of("water"), 0);
  PUT(department("water", "水务", ""), department("water", "水利", ""));
  refused_for("record.twice", 1);
}

static void references_inside_of_one_put_count(void **state) {
  (void)state;
  PUT(person("p", "water"), department("water", "水务", "city"), department("city", "城管", ""));
  has(3, 0, 0, 0);
  PUT(person("p", "water"), gone("department", "water"));
  refused_for("department.code_referred", 1);
  PUT(person("p", "city"), gone("department", "water"));
  has(0, 1, 0, 1);
  PUT(gone("department", "city"), gone("person", "p"));
  has(0, 0, 0, 2);
}

static void circles_are_found_however_long(void **state) {
  (void)state;
  PUT(department("a", "甲", "a"));
  refused_for("department.parent_circle", 0);
  Wangge__V1__Record *chain[100];
  for (int i = 0; i < 100; i++)
    chain[i] = department(wg_arena_printf(arena, "d%d", i), "部门", i ? wg_arena_printf(arena, "d%d", i - 1) : "");
  put_expecting(chain, 40, NULL);
  has(40, 0, 0, 0);
  PUT(department("d0", "部门", "d39"));
  refused_for("department.parent_circle", 0);
  put_expecting(chain, 100, NULL); // nobody has so many levels
  assert_true(outcome.findings.errors > 0);
}

static void rule_may_be_led_by_the_grid(void **state) {
  (void)state;
  Wangge__V1__Record *rule = make("dispatch_rule", "r1");
  rule->dispatch_rule->lead = text("grid");
  PUT(rule);
  has(1, 0, 0, 0);
  rule->dispatch_rule->assists = (char *[]){text("grid")};
  rule->dispatch_rule->n_assists = 1;
  PUT(rule);
  refused_for("dispatch_rule.assists_reference", 0);
}

static void versions_expected(void **state) {
  (void)state;
  Wangge__V1__Record *one[] = {department("water", "水务", "")}, *other[] = {department("water", "水利", "")};
  assert_int_equal(put_expecting(one, 1, (int64_t[]){1}), WG_ABORTED);
  assert_string_equal(error.field, "expected_versions[0]");
  assert_int_equal(put_expecting(one, 1, (int64_t[]){0}), WG_OK);
  assert_int_equal(put_expecting(one, 1, (int64_t[]){0}), WG_OK); // sent again: as it is wanted already
  has(0, 0, 1, 0);
  assert_int_equal(put_expecting(other, 1, (int64_t[]){0}), WG_ABORTED);
  assert_int_equal(put_expecting(other, 1, (int64_t[]){2}), WG_ABORTED);
  assert_int_equal(put_expecting(other, 1, (int64_t[]){1}), WG_OK);
  assert_int_equal(put_expecting(one, 1, (int64_t[]){-1}), WG_OK);
  assert_int_equal(version_of("water"), 3);
}

// --- imports ---
static Wangge__V1__PutRequest *part(int32_t number, const char *code, bool last) {
  Wangge__V1__PutRequest *request = wg_arena_alloc(arena, sizeof *request);
  wangge__v1__put_request__init(request);
  request->records = wg_arena_alloc(arena, sizeof(void *));
  request->records[0] = department(code, "部门", "");
  request->n_records = 1;
  request->reason = text("导入");
  request->import_id = text("i");
  request->part = number;
  request->last_part = last;
  return request;
}

static wg_status add(struct registry_import *import, const Wangge__V1__PutRequest *request, struct wg_bytes *answer) {
  *answer = (struct wg_bytes){0};
  return registry_import_part(import, request, arena, answer, &error);
}

static void imports_are_joined_in_order(void **state) {
  (void)state;
  struct registry_import import = {.id = "i"};
  struct wg_bytes answer;
  Wangge__V1__PutRequest *whole = NULL, *third = part(3, "c", true);
  third->n_expected_versions = 1;
  third->expected_versions = (int64_t[]){0};
  assert_int_equal(add(&import, part(2, "b", false), &answer), WG_OK);
  assert_int_equal(add(&import, third, &answer), WG_OK);
  assert_int_equal(registry_import_whole(&import, 3, arena, &whole, &error), WG_FAILED_PRECONDITION); // part 1
  assert_int_equal(add(&import, part(1, "a", false), &answer), WG_OK);
  assert_int_equal(add(&import, part(2, "b", false), &answer), WG_OK);                                // again
  assert_int_equal(registry_import_whole(&import, 2, arena, &whole, &error), WG_FAILED_PRECONDITION); // 3 came
  assert_int_equal(registry_import_whole(&import, 3, arena, &whole, &error), WG_OK);
  assert_int_equal(whole->n_records, 3);
  for (int i = 0; i < 3; i++)
    assert_int_equal(whole->records[i]->code[0], 'a' + i);
  assert_int_equal(whole->expected_versions[0], -1);
  assert_int_equal(whole->expected_versions[2], 0);
}

static void an_import_that_ended_repeats_its_answer(void **state) {
  (void)state;
  struct registry_import import = {.id = "i"};
  struct wg_bytes answer;
  Wangge__V1__PutResponse response = WANGGE__V1__PUT_RESPONSE__INIT;
  response.created = 2;
  add(&import, part(1, "a", false), &answer);
  add(&import, part(2, "b", true), &answer);
  registry_import_end(&import, &response, 2, arena);
  assert_int_equal(import.count, 0);
  assert_int_equal(add(&import, part(2, "b", true), &answer), WG_OK);
  assert_int_equal(answer.size, wangge__v1__put_response__get_packed_size(&response));
  assert_int_equal(add(&import, part(2, "other", true), &answer), WG_FAILED_PRECONDITION);
  assert_int_equal(add(&import, part(1, "other", false), &answer), WG_OK); // begins anew
  assert_null(answer.data);
  assert_null(import.answer.data);
  assert_int_equal(import.count, 1);
}

static void imports_have_limits(void **state) {
  (void)state;
  struct registry_import full = {.id = "i", .open = REGISTRY_IMPORTS_OPEN}, large = {.id = "i"};
  struct wg_bytes answer;
  assert_int_equal(add(&full, part(1, "a", false), &answer), WG_RESOURCE_EXHAUSTED);
  full.stored = true; // one that is open may go on
  assert_int_equal(add(&full, part(1, "a", false), &answer), WG_OK);
  add(&large, part(1, "a", false), &answer);
  large.parts[0].records = REGISTRY_IMPORT_RECORDS;
  assert_int_equal(add(&large, part(2, "b", false), &answer), WG_RESOURCE_EXHAUSTED);
  large.parts[0].records = 1;
  large.parts[0].bytes = REGISTRY_IMPORT_BYTES;
  assert_int_equal(add(&large, part(2, "b", false), &answer), WG_RESOURCE_EXHAUSTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(versions_count_changes_only),
      TEST(a_record_that_comes_back_goes_on_counting),
      TEST(one_error_refuses_all),
      TEST(references_inside_of_one_put_count),
      TEST(circles_are_found_however_long),
      TEST(rule_may_be_led_by_the_grid),
      TEST(versions_expected),
      TEST(imports_are_joined_in_order),
      TEST(an_import_that_ended_repeats_its_answer),
      TEST(imports_have_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
