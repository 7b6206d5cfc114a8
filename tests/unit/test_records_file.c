// Files of records as people send them: headers, encodings, broken rows in the middle, formulas, limits.
#include "tests/unit/unit.h"

#include "common/records/records.h"
#include "common/wire/wire.h"

#include <iconv.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct wg_arena *arena;
static struct wg_reading reading;

static int begin(void **state) {
  (void)state;
  arena = wg_arena_create(64 * 1024);
  wg_reading_start(&reading, arena, "370117");
  return 0;
}

static int end(void **state) {
  (void)state;
  wg_reading_stop(&reading);
  wg_arena_destroy(arena);
  return 0;
}

static void again(const char *district) {
  wg_reading_stop(&reading);
  wg_reading_start(&reading, arena, district);
}

static void read_bytes(const char *name, const char *text, size_t size) {
  struct wg_error error = {0};
  struct wg_bytes bytes = {(const uint8_t *)text, size};
  if (wg_records_read_bytes(&reading, name, bytes, NULL, &error) != WG_OK) fail_msg("%s", error.message);
}
#define READ(name, literal) read_bytes(name, literal, sizeof(literal) - 1)

// expect: finding i has this code and line.
static void expect(size_t i, const char *code, int line) {
  if (i >= reading.findings.count) fail_msg("no finding %zu where %s was expected", i, code);
  const Wangge__V1__Finding *finding = reading.findings.finding[i];
  assert_string_equal(finding->code, code);
  assert_int_equal(finding->row, line);
}

static void expect_clean(size_t records) {
  if (reading.findings.count > 0)
    fail_msg("%s: %s", reading.findings.finding[0]->code, reading.findings.finding[0]->message);
  assert_int_equal(reading.set.count, records);
}

static void columns_stand_in_any_order_by_field_or_label(void **state) {
  (void)state;
  READ("dir/street.csv", "name,code\n艾山街道,370117001\n里辛街道,370117002\n");
  READ("street.csv", "\xef\xbb\xbf名称,编码,区划代码\r\n汶源街道,370117003,370117\r\n");
  expect_clean(3);
  assert_string_equal(reading.set.record[1]->street->name, "里辛街道");
  assert_string_equal(reading.set.record[1]->district, "370117");
  assert_int_equal(reading.set.origin[1].line, 3);
  assert_string_equal(reading.set.origin[1].file, "dir/street.csv");
}

static void a_wrong_header_stops_the_file_and_names_what_is_right(void **state) {
  (void)state;
  READ("street.csv", "code,naem,color\n370117001,a,b\n");
  expect(0, "file.header_unknown", 1);
  assert_non_null(strstr(reading.findings.finding[0]->message, "naem"));
  assert_non_null(strstr(reading.findings.finding[0]->message, "boundary"));
  expect(1, "file.header_unknown", 1);
  expect(2, "file.header_missing", 1);
  assert_string_equal(reading.findings.finding[2]->field, "name");
  assert_string_equal(reading.findings.finding[2]->kind, "street");
  assert_int_equal(reading.set.count, 0);
  again(NULL);
  READ("street.csv", "code,name,名称\n370117001,a,b\n");
  expect(0, "file.header_twice", 1);
  expect(1, "file.header_missing", 1); // the district, which nobody gave
}

static void an_empty_file_and_a_file_of_another_kind(void **state) {
  (void)state;
  struct wg_error error = {0};
  READ("street.csv", "");
  expect(0, "file.empty", 1);
  assert_int_equal(wg_records_read_bytes(&reading, "streets.csv", wg_bytes_of("code\n"), NULL, &error),
                   WG_INVALID_ARGUMENT);
  assert_int_equal(wg_records_read_file(&reading, "/nonexistent/street.csv", NULL, &error), WG_NOT_FOUND);
  assert_int_equal(wg_records_read_folder(&reading, "/nonexistent", &error), WG_NOT_FOUND);
  again("370117");
  READ("street.csv", "code,name\n");
  expect_clean(0);
}

static void broken_rows_are_told_by_line_and_the_rest_goes_on(void **state) {
  (void)state;
  READ("street.csv", "code,name\n"
                     "370117001,艾山街道\n"
                     "370117002,\"里辛街道\n" // never closed
                     "370117003,汶源街道\n"
                     "370117004,颜\"庄\n"
                     "370117005,a,b\n"
                     "370117006,\xff\xfe\n"
                     "370117007,辛庄街道\n");
  expect(0, "file.row_broken", 3);
  assert_non_null(strstr(reading.findings.finding[0]->message, "引号"));
  expect(1, "file.row_broken", 5);
  expect(2, "file.row_fields", 6);
  expect(3, "file.row_broken", 7);
  assert_int_equal(reading.findings.count, 4);
  assert_int_equal(reading.set.count, 3);
  assert_string_equal(reading.set.record[2]->code, "370117007");
}

static void a_nul_is_told(void **state) {
  (void)state;
  READ("street.csv", "code,name\n370117001,a\0b\n370117002,c\n");
  expect(0, "file.row_broken", 2);
  assert_int_equal(reading.set.count, 1);
}

static void empty_rows_and_columns_are_nothing(void **state) {
  (void)state;
  READ("street.csv", "code,name,\r\n\r\n,,\r\n370117001,a,\r\n , ,　\r\n370117002,b, \r\n\r\n");
  expect_clean(2);
  READ("street.csv", "code,name,\n370117003,c,note\n");
  expect(0, "file.row_fields", 2);
}

static void the_same_code_twice_names_the_first(void **state) {
  (void)state;
  READ("a/street.csv", "code,name\n370117001,a\n370117002,b\n370117001,c\n");
  READ("b/street.csv", "code,name\n370117002,d\n");
  READ("place.csv", "code,name,kind\n370117001,a,road\n"); // another kind is another code
  assert_int_equal(reading.findings.count, 2);
  expect(0, "file.code_twice", 4);
  assert_non_null(strstr(reading.findings.finding[0]->message, "a/street.csv 第 2 行"));
  expect(1, "file.code_twice", 2);
  assert_int_equal(reading.set.count, 3);
}

static void every_fault_of_a_row_is_told_at_once_and_none_twice(void **state) {
  (void)state;
  READ("community.csv", "code,name,kind,founded_on\n370117001001,,镇,2026-02-30\n");
  expect(0, "community.kind_value", 2);
  expect(1, "community.founded_on_date", 2);
  expect(2, "community.name_required", 2);
  assert_int_equal(reading.findings.count, 3);
  assert_int_equal(reading.findings.errors, 3);
  assert_string_equal(reading.findings.finding[0]->record, "370117001001");
  assert_int_equal(reading.set.count, 0);
}

static void gb18030_is_recognised(void **state) {
  (void)state;
  const char *utf8 = "编码,名称,类型\n370117001001001,第一网格,基础网格\n";
  char gb[256], *from = (char *)(uintptr_t)utf8, *to = gb;
  size_t left = strlen(utf8), room = sizeof gb;
  iconv_t converter = iconv_open("GB18030", "UTF-8");
  assert_int_equal(iconv(converter, &from, &left, &to, &room), 0);
  iconv_close(converter);
  READ("place.csv", "code,name,kind\n");
  read_bytes("grid.csv", gb, sizeof gb - room);
  assert_int_equal(reading.findings.errors, 0);
  assert_string_equal(reading.set.record[0]->grid->name, "第一网格");
}

static void utf16_is_told(void **state) {
  (void)state;
  READ("street.csv", "\xff\xfe"
                     "c\0o\0d\0e\0");
  expect(0, "file.encoding", 1);
  assert_int_equal(reading.findings.count, 1);
}

static void too_many_rows_end_the_reading(void **state) {
  (void)state;
  struct wg_buffer text = {0};
  wg_buffer_text(&text, "code,name,kind\n");
  for (int i = 0; i <= WG_RECORDS_FILE_ROWS; i++)
    wg_buffer_printf(&text, "p%d,x,road\n", i);
  read_bytes("place.csv", (char *)text.data, text.size);
  expect(0, "file.row_limit", WG_RECORDS_FILE_ROWS + 2);
  assert_int_equal(reading.set.count, WG_RECORDS_FILE_ROWS);
  wg_buffer_free(&text);
}

static void a_row_that_is_too_long_costs_one_row(void **state) {
  (void)state;
  struct wg_buffer text = {0};
  wg_buffer_text(&text, "code,name,boundary\n370117001,a,");
  for (int i = 0; i < 600 * 1024; i++)
    wg_buffer_append(&text, "x", 1);
  wg_buffer_text(&text, "\n370117002,b,\n");
  read_bytes("street.csv", (char *)text.data, text.size);
  expect(0, "file.row_broken", 2);
  assert_int_equal(reading.set.count, 1);
  wg_buffer_free(&text);
}

// A thousand kept findings are enough for a person; the rest is counted.
static void findings_of_a_bad_file_are_bounded(void **state) {
  (void)state;
  struct wg_buffer text = {0};
  wg_buffer_text(&text, "code,name,kind\n");
  for (int i = 0; i < 3000; i++)
    wg_buffer_printf(&text, "p%d,x,nothing\n", i);
  read_bytes("place.csv", (char *)text.data, text.size);
  assert_int_equal(reading.findings.count, WG_FINDINGS_MOST);
  assert_true(reading.findings.errors >= 3000);
  assert_int_equal(reading.findings.errors, reading.findings.count + reading.findings.untold);
  assert_int_equal(reading.set.count, 0);
  wg_buffer_free(&text);
}

static void formulas_are_guarded_and_the_guard_is_undone(void **state) {
  (void)state;
  static const char *const names[] = {
      "=1+1", "+86", "-甲",       "@SUM(A1)",          "'=1+1", "''-x", "＝1+1", "＠cmd", "'甲",
      "'",    "a=b", "甲,\"乙\"", "=cmd|' /C calc'!A0"};
  size_t count = sizeof names / sizeof names[0];
  struct wg_buffer text = {0};
  const struct wg_kind *kind = wg_kind_find("training");
  for (int labels = 0; labels < 2; labels++) {
    wg_buffer_clear(&text);
    wg_records_write_header(&text, kind, labels);
    for (size_t i = 0; i < count; i++) {
      Wangge__V1__Record *record =
          wg_record_create(kind, "370117", wg_arena_printf(arena, "t%d-%zu", labels, i), arena);
      record->training->topic = (char *)(uintptr_t)names[i];
      record->training->held_on = (char *)(uintptr_t) "2026-01-01";
      wg_records_write_row(&text, record, labels);
    }
    const char *csv = wg_buffer_cstr(&text);
    assert_null(strstr(csv, ",=")); // no cell begins with what a spreadsheet runs
    assert_null(strstr(csv, ",\"="));
    assert_null(strstr(csv, ",-"));
    assert_null(strstr(csv, ",@"));
    assert_null(strstr(csv, ",＝"));
    assert_non_null(strstr(csv, ",'=1+1,"));
    assert_non_null(strstr(csv, ",''=1+1,"));
    assert_non_null(strstr(csv, ",'甲,"));
    read_bytes("training.csv", csv, strlen(csv));
  }
  expect_clean(2 * count);
  for (size_t i = 0; i < 2 * count; i++)
    assert_string_equal(reading.set.record[i]->training->topic, names[i % count]);
  wg_buffer_free(&text);
}

static void write_file(const char *folder, const char *name, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void a_folder_is_read_in_the_order_of_references(void **state) {
  (void)state;
  char folder[] = "/tmp/wangge-records-XXXXXX";
  struct wg_error error = {0};
  assert_non_null(mkdtemp(folder));
  assert_int_equal(wg_records_read_folder(&reading, folder, &error), WG_NOT_FOUND);
  write_file(folder, "building.csv", "code,grid,name\nb1,370117001001001,一号楼\n");
  write_file(folder, "grid.csv", "code,name,kind\n370117001001001,第一网格,专属网格\n");
  write_file(folder, "grids.csv", "x\n");
  write_file(folder, "notes.txt", "x\n");
  assert_int_equal(wg_records_read_folder(&reading, folder, &error), WG_OK);
  assert_int_equal(reading.set.count, 2);
  assert_string_equal(wg_kind_of(reading.set.record[0])->name, "grid");
  assert_int_equal(reading.findings.errors, 1); // or a misspelt kind would be missing without a word
  expect(0, "file.name_unknown", 0);
  assert_non_null(strstr(reading.findings.finding[0]->message, "grids.csv"));
  char command[256];
  snprintf(command, sizeof command, "rm -r %s", folder);
  assert_int_equal(system(command), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(columns_stand_in_any_order_by_field_or_label),
      TEST(a_wrong_header_stops_the_file_and_names_what_is_right),
      TEST(an_empty_file_and_a_file_of_another_kind),
      TEST(broken_rows_are_told_by_line_and_the_rest_goes_on),
      TEST(a_nul_is_told),
      TEST(empty_rows_and_columns_are_nothing),
      TEST(the_same_code_twice_names_the_first),
      TEST(every_fault_of_a_row_is_told_at_once_and_none_twice),
      TEST(gb18030_is_recognised),
      TEST(utf16_is_told),
      TEST(too_many_rows_end_the_reading),
      TEST(a_row_that_is_too_long_costs_one_row),
      TEST(findings_of_a_bad_file_are_bounded),
      TEST(formulas_are_guarded_and_the_guard_is_undone),
      TEST(a_folder_is_read_in_the_order_of_references),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
