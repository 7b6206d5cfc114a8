// CSV as people send it: quotes, line breaks, encodings, broken lines in the middle.
#include "tests/unit/unit.h"

#include "common/csv/csv.h"

#include <iconv.h>
#include <stdlib.h>

struct reading {
  struct wg_input input;
  struct wg_csv csv;
  struct wg_error error;
};

static void begin(struct reading *reading, const char *text, size_t size) {
  wg_input_memory(&reading->input, (struct wg_bytes){(const uint8_t *)text, size});
  wg_csv_start(&reading->csv, &reading->input);
  reading->error = (struct wg_error){0};
}

static void end(struct reading *reading) {
  wg_csv_stop(&reading->csv);
  wg_input_close(&reading->input);
}

// expect reads one record: its first line and its fields joined by "|".
static void expect(struct reading *reading, uint64_t line, const char *joined) {
  char text[512] = "";
  enum wg_csv_result result = wg_csv_next(&reading->csv, &reading->error);
  if (result != WG_CSV_RECORD) fail_msg("no record where %s was expected: %s", joined, reading->error.message);
  for (int i = 0; i < reading->csv.count; i++) {
    if (i > 0) strcat(text, "|");
    strcat(text, reading->csv.field[i]);
  }
  assert_string_equal(text, joined);
  assert_int_equal(reading->csv.line, line);
}

static void expect_broken(struct reading *reading, uint64_t line, const char *words) {
  reading->error = (struct wg_error){0};
  assert_int_equal(wg_csv_next(&reading->csv, &reading->error), WG_CSV_BROKEN);
  assert_int_equal(reading->csv.line, line);
  assert_non_null(strstr(reading->error.message, words));
}

static void expect_end(struct reading *reading) {
  assert_int_equal(wg_csv_next(&reading->csv, &reading->error), WG_CSV_END);
  assert_int_equal(wg_csv_next(&reading->csv, &reading->error), WG_CSV_END);
}

#define BEGIN(reading, literal) begin(reading, literal, sizeof(literal) - 1)

static void quotes_commas_and_line_breaks_are_data(void **state) {
  (void)state;
  struct reading reading;
  BEGIN(&reading, "a,b,c\n\"x,1\",\"say \"\"hi\"\"\",\"two\r\nlines\"\n,,\n\"\",\"\"\"\",z");
  expect(&reading, 1, "a|b|c");
  expect(&reading, 2, "x,1|say \"hi\"|two\r\nlines");
  expect(&reading, 4, "||");
  expect(&reading, 5, "|\"|z");
  expect_end(&reading);
  end(&reading);
}

static void bom_crlf_and_empty_lines_do_not_matter(void **state) {
  (void)state;
  struct reading reading;
  BEGIN(&reading, "\xef\xbb\xbf留言编号,留言主题\r\n\r\n1,停水\r\n\n2,停电\r\n\r\n");
  expect(&reading, 1, "留言编号|留言主题");
  expect(&reading, 3, "1|停水");
  expect(&reading, 5, "2|停电");
  expect_end(&reading);
  end(&reading);
}

static void an_empty_file_ends_at_once(void **state) {
  (void)state;
  struct reading reading;
  BEGIN(&reading, "");
  expect_end(&reading);
  end(&reading);
  BEGIN(&reading, "\xef\xbb\xbf");
  expect_end(&reading);
  end(&reading);
}

static void a_broken_line_is_told_by_number_and_the_rest_goes_on(void **state) {
  (void)state;
  struct reading reading;
  BEGIN(&reading, "1,楼上漏水请物业处理\n2,b\"b\n3,\"c\"c\n4,d\n5,\xe4\xb8\n6,\"never closed\n7,e\n8,f\rg\n9,h\n");
  expect(&reading, 1, "1|楼上漏水请物业处理");
  expect_broken(&reading, 2, "not quoted");
  expect_broken(&reading, 3, "closing quote");
  expect(&reading, 4, "4|d");
  expect_broken(&reading, 5, "field 2 is not valid UTF-8");
  expect_broken(&reading, 6, "never closed");
  expect(&reading, 7, "7|e");
  expect_broken(&reading, 8, "carriage return");
  expect(&reading, 9, "9|h");
  expect_end(&reading);
  end(&reading);
}

static void a_quote_opened_by_mistake_costs_one_record(void **state) {
  (void)state;
  struct reading reading;
  BEGIN(&reading, "1,\"open\n2,\"fine, really\",x\n3,y\n");
  expect_broken(&reading, 1, "closing quote");
  expect(&reading, 2, "2|fine, really|x");
  expect(&reading, 3, "3|y");
  expect_end(&reading);
  end(&reading);
}

static void nul_is_refused(void **state) {
  (void)state;
  struct reading reading;
  BEGIN(&reading, "1,a\0b\n2,c\n");
  expect_broken(&reading, 1, "NUL");
  expect(&reading, 2, "2|c");
  end(&reading);
}

// A quote that is never closed must not make the reader hold the whole file.
static void an_endless_field_is_bounded(void **state) {
  (void)state;
  size_t size = 4u << 20;
  char *text = malloc(size);
  memset(text, 'x', size);
  memcpy(text, "1,\"", 3);
  memcpy(text + 100, "\n2,b\n", 5);
  struct reading reading;
  begin(&reading, text, size);
  expect_broken(&reading, 1, "larger than 256 KiB");
  expect(&reading, 2, "2|b");
  assert_true(reading.input.text.capacity < 2u << 20);
  end(&reading);
  free(text);
}

static void too_many_fields_are_refused(void **state) {
  (void)state;
  char text[700];
  memset(text, ',', sizeof text);
  memcpy(text + 600, "\n1,2\n", 5);
  struct reading reading;
  begin(&reading, text, 605);
  expect_broken(&reading, 1, "256 fields");
  expect(&reading, 2, "1|2");
  end(&reading);
}

static size_t to_gb18030(const char *text, char *out, size_t room) {
  iconv_t converter = iconv_open("GB18030", "UTF-8");
  assert_true(converter != (iconv_t)-1);
  char *from = (char *)(uintptr_t)text, *to = out;
  size_t left = strlen(text), size = room;
  assert_int_equal(iconv(converter, &from, &left, &to, &room), 0);
  iconv_close(converter);
  return size - room;
}

static void gb18030_is_recognised_wherever_a_chunk_ends(void **state) {
  (void)state;
  // 200 KiB: some character lies across each border of 64 KiB, whatever the length of the first field.
  size_t lines = 2000;
  char *utf8 = malloc(lines * 128), *gb = malloc(lines * 128), expected[256];
  for (size_t shift = 0; shift < 4; shift++) {
    size_t size = 0;
    for (size_t i = 0; i < lines; i++)
      size += (size_t)sprintf(utf8 + size, "%zu%.*s,楼上漏水请物业尽快处理谢谢，𠮷野家门口的路灯坏了\n", i, (int)shift,
                              "abcd");
    struct reading reading;
    begin(&reading, gb, to_gb18030(utf8, gb, lines * 128));
    for (size_t i = 0; i < lines; i++) {
      sprintf(expected, "%zu%.*s|楼上漏水请物业尽快处理谢谢，𠮷野家门口的路灯坏了", i, (int)shift, "abcd");
      expect(&reading, i + 1, expected);
    }
    expect_end(&reading);
    assert_int_equal(reading.input.encoding, WG_INPUT_GB18030);
    end(&reading);
  }
  free(utf8);
  free(gb);
}

static void ascii_first_does_not_decide_the_encoding(void **state) {
  (void)state;
  size_t ascii = 100000;
  char *text = malloc(ascii + 64);
  for (size_t i = 0; i < ascii; i++)
    text[i] = i % 50 == 49 ? '\n' : 'a';
  size_t size = ascii + to_gb18030("1,停水\n", text + ascii, 64);
  struct reading reading;
  begin(&reading, text, size);
  for (size_t i = 0; i < ascii / 50; i++)
    assert_int_equal(wg_csv_next(&reading.csv, &reading.error), WG_CSV_RECORD);
  expect(&reading, ascii / 50 + 1, "1|停水");
  end(&reading);
  free(text);
}

static void utf16_is_refused_in_words(void **state) {
  (void)state;
  struct reading reading;
  BEGIN(&reading, "\xff\xfe"
                  "1\0,\0");
  expect_end(&reading);
  assert_int_equal(reading.input.error.code, WG_INVALID_ARGUMENT);
  assert_non_null(strstr(reading.input.error.message, "UTF-16"));
  end(&reading);
}

static void lines_of_json_are_bounded_and_numbered(void **state) {
  (void)state;
  struct wg_input input;
  struct wg_error error = {0};
  char *line;
  uint64_t number;
  const char text[] = "{\"a\":1}\r\n\n0123456789012\n\xff\nlast";
  wg_input_memory(&input, (struct wg_bytes){(const uint8_t *)text, sizeof text - 1});
  assert_int_equal(wg_input_line(&input, 10, &line, &number, &error), WG_LINE);
  assert_string_equal(line, "{\"a\":1}");
  assert_int_equal(wg_input_line(&input, 10, &line, &number, &error), WG_LINE);
  assert_string_equal(line, "");
  assert_int_equal(wg_input_line(&input, 10, &line, &number, &error), WG_LINE_BROKEN);
  assert_int_equal(number, 3);
  assert_int_equal(wg_input_line(&input, 10, &line, &number, &error), WG_LINE_BROKEN);
  assert_int_equal(number, 4);
  assert_int_equal(wg_input_line(&input, 10, &line, &number, &error), WG_LINE);
  assert_string_equal(line, "last");
  assert_int_equal(number, 5);
  assert_int_equal(wg_input_line(&input, 10, &line, &number, &error), WG_LINE_END);
  wg_input_close(&input);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quotes_commas_and_line_breaks_are_data),
      cmocka_unit_test(bom_crlf_and_empty_lines_do_not_matter),
      cmocka_unit_test(an_empty_file_ends_at_once),
      cmocka_unit_test(a_broken_line_is_told_by_number_and_the_rest_goes_on),
      cmocka_unit_test(a_quote_opened_by_mistake_costs_one_record),
      cmocka_unit_test(nul_is_refused),
      cmocka_unit_test(an_endless_field_is_bounded),
      cmocka_unit_test(too_many_fields_are_refused),
      cmocka_unit_test(gb18030_is_recognised_wherever_a_chunk_ends),
      cmocka_unit_test(ascii_first_does_not_decide_the_encoding),
      cmocka_unit_test(utf16_is_refused_in_words),
      cmocka_unit_test(lines_of_json_are_bounded_and_numbered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
