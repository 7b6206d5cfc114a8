// The demo's reference data as files of records: nothing is wrong with them, and every reference finds its record.
#include "tests/unit/unit.h"

#include "common/base/map.h"
#include "common/records/records.h"

#include <unistd.h>

static struct wg_arena *arena;
static struct wg_reading reading;

static int read_demo(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 20);
  wg_reading_start(&reading, arena, NULL);
  size_t count;
  const struct wg_kind *kinds = wg_kinds(&count);
  for (size_t i = 0; i < count; i++) {
    struct wg_error error = {0};
    const char *path = wg_arena_printf(arena, WANGGE_SHARE "/ops/demo/reference/%s.csv", kinds[i].name);
    if (access(path, R_OK) != 0) continue; // the demo does not have every kind
    if (wg_records_read_file(&reading, path, &kinds[i], &error) != WG_OK) {
      print_error("%s: %s\n", path, error.message);
      return -1;
    }
  }
  return 0;
}

static int forget(void **state) {
  (void)state;
  wg_reading_stop(&reading);
  wg_arena_destroy(arena);
  return 0;
}

static void nothing_is_wrong_with_it(void **state) {
  (void)state;
  for (size_t i = 0; i < reading.findings.count; i++) {
    const Wangge__V1__Finding *finding = reading.findings.finding[i];
    print_error("%s.csv:%d: %s: %s\n", finding->kind, finding->row, finding->code, finding->message);
  }
  assert_int_equal(reading.findings.errors + reading.findings.warnings, 0);
  assert_true(reading.set.count > 5000);
}

static const char *key_of(const char *kind, const char *district, const char *code) {
  return wg_arena_printf(arena, "%s %s %s", kind, district, code);
}

static bool found(const struct wg_map *known, const Wangge__V1__Record *record, const struct wg_column *column,
                  const char *value) {
  for (const char *const *kind = column->references; *kind != NULL; kind++)
    if (wg_map_get(known, key_of(*kind, record->district, value)) != NULL) return true;
  // An order can be led by its grid instead of a department.
  return strcmp(column->field, "lead") == 0 && strcmp(value, "grid") == 0;
}

static void every_reference_finds_its_record(void **state) {
  (void)state;
  struct wg_map *known = wg_map_create();
  for (size_t i = 0; i < reading.set.count; i++) {
    Wangge__V1__Record *record = reading.set.record[i];
    wg_map_put(known, key_of(wg_kind_of(record)->name, record->district, record->code), record);
  }
  size_t references = 0;
  for (size_t i = 0; i < reading.set.count; i++) {
    const Wangge__V1__Record *record = reading.set.record[i];
    const struct wg_kind *kind = wg_kind_of(record);
    for (size_t c = 2; c < kind->column_count; c++) {
      const struct wg_column *column = &kind->columns[c];
      char *const *values;
      const size_t count = column->references != NULL ? wg_record_texts(record, column, &values) : 0;
      for (size_t v = 0; v < count; v++, references++)
        if (!found(known, record, column, values[v]))
          fail_msg("%s %s: %s names %s, which is no record", kind->name, record->code, column->field, values[v]);
    }
  }
  assert_true(references > 5000);
  wg_map_destroy(known);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_wrong_with_it),
      cmocka_unit_test(every_reference_finds_its_record),
  };
  return cmocka_run_group_tests_name("records_demo", tests, read_demo, forget);
}
