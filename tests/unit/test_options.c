// The command line as it is written, and what is printed: one parser, one table.
#include "tests/unit/unit.h"

#include "ops/cli/options.h"
#include "ops/cli/output.h"

#include <locale.h>
#include <stdlib.h>

static const struct cli_option common[] = {{"json", NULL, ""}, {"timeout", "SECONDS", ""}, {"help", NULL, ""}, {0}};
static const struct cli_option own[] = {{"source", "NAME", ""}, {0}};
static const struct cli_option *const tables[] = {common, own, NULL};

static wg_status parse(struct cli_parsed *parsed, struct wg_error *error, int count, ...) {
  char *words[16];
  va_list list;
  va_start(list, count);
  for (int i = 0; i < count; i++)
    words[i] = va_arg(list, char *);
  va_end(list);
  *error = (struct wg_error){0};
  return cli_parse(count, words, tables, parsed, error);
}

static void options_and_arguments_may_be_mixed(void **state) {
  (void)state;
  struct cli_parsed parsed;
  struct wg_error error;
  assert_int_equal(parse(&parsed, &error, 6, "a.csv", "--source", "patrol", "--json", "--timeout=5", "b.csv"), WG_OK);
  assert_int_equal(parsed.arguments, 2);
  assert_string_equal(parsed.argument[1], "b.csv");
  assert_string_equal(cli_text(&parsed, "source"), "patrol");
  assert_true(cli_given(&parsed, "json"));
  assert_false(cli_given(&parsed, "help"));
  int64_t seconds = 30;
  assert_int_equal(cli_number(&parsed, "timeout", 1, 600, &seconds, &error), WG_OK);
  assert_int_equal(seconds, 5);
}

static void everything_behind_two_dashes_is_an_argument(void **state) {
  (void)state;
  struct cli_parsed parsed;
  struct wg_error error;
  assert_int_equal(parse(&parsed, &error, 4, "-", "--", "--json", "-x"), WG_OK);
  assert_int_equal(parsed.arguments, 3);
  assert_string_equal(parsed.argument[0], "-");
  assert_false(cli_given(&parsed, "json"));
}

static void an_empty_value_is_a_value(void **state) {
  (void)state;
  struct cli_parsed parsed;
  struct wg_error error;
  assert_int_equal(parse(&parsed, &error, 1, "--source="), WG_OK);
  assert_string_equal(cli_text(&parsed, "source"), "");
  assert_int_equal(parse(&parsed, &error, 2, "--source", "--json"), WG_OK); // the value may look like an option
  assert_string_equal(cli_text(&parsed, "source"), "--json");
}

static void what_is_wrong_is_named(void **state) {
  (void)state;
  struct cli_parsed parsed;
  struct wg_error error;
  assert_int_equal(parse(&parsed, &error, 1, "--sources"), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "--sources"));
  assert_int_equal(parse(&parsed, &error, 1, "--sourc"), WG_INVALID_ARGUMENT);
  assert_int_equal(parse(&parsed, &error, 1, "-j"), WG_INVALID_ARGUMENT);
  assert_int_equal(parse(&parsed, &error, 1, "--source"), WG_INVALID_ARGUMENT);
  assert_int_equal(parse(&parsed, &error, 1, "--json=yes"), WG_INVALID_ARGUMENT);
  assert_int_equal(parse(&parsed, &error, 3, "--json", "x", "--json"), WG_INVALID_ARGUMENT);
  static const char *const wrong[] = {"0", "601", "5s", "", "-1", "99999999999999999999"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int64_t seconds = 30;
    assert_int_equal(parse(&parsed, &error, 2, "--timeout", wrong[i]), WG_OK);
    assert_int_equal(cli_number(&parsed, "timeout", 1, 600, &seconds, &error), WG_INVALID_ARGUMENT);
    assert_int_equal(seconds, 30);
  }
}

static void chinese_takes_two_columns(void **state) {
  (void)state;
  struct wg_buffer cut = {0};
  assert_int_equal(cli_width("停水abc"), 7);
  assert_string_equal(cli_cut("停水停电停气", 7, &cut), "停水停…");
  assert_string_equal(cli_cut("停水停电停气", 8, &cut), "停水停…");
  assert_string_equal(cli_cut("停水", 4, &cut), "停水");
  assert_string_equal(cli_cut("two\nlines\x1b[31m", 40, &cut), "two lines [31m");
  assert_string_equal(cli_cut("\xff\xfe", 40, &cut), "??");
  wg_buffer_free(&cut);
}

static void tables_are_aligned(void **state) {
  (void)state;
  static const char *const headings[] = {">N", "TITLE", "END", NULL};
  struct cli_table *table = cli_table_create(headings);
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  cli_table_cell(table, "%d", 7);
  cli_table_cell(table, "%s", "停水");
  cli_table_cell(table, "x");
  cli_table_cell(table, "%d", 1234);
  cli_table_cell(table, "gas");
  cli_table_cell(table, "y");
  cli_table_print(table, out);
  fclose(out);
  assert_string_equal(text, "   N  TITLE  END\n"
                            "   7  停水   x\n"
                            "1234  gas    y\n");
  cli_table_free(table);
  free(text);
}

static void numbers_are_readable(void **state) {
  (void)state;
  char buffer[32];
  assert_string_equal(cli_count(0, buffer), "0");
  assert_string_equal(cli_count(999, buffer), "999");
  assert_string_equal(cli_count(1234567, buffer), "1,234,567");
  assert_string_equal(cli_count(UINT64_MAX, buffer), "18,446,744,073,709,551,615");
  assert_string_equal(cli_age(0, 1, buffer), "-");
  assert_string_equal(cli_age(1000000, 4200000, buffer), "3.2s");
  assert_string_equal(cli_age(1, INT64_C(7200000000) + 1, buffer), "2h");
}

int main(void) {
  setlocale(LC_CTYPE, "C.UTF-8");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_and_arguments_may_be_mixed),
      cmocka_unit_test(everything_behind_two_dashes_is_an_argument),
      cmocka_unit_test(an_empty_value_is_a_value),
      cmocka_unit_test(what_is_wrong_is_named),
      cmocka_unit_test(chinese_takes_two_columns),
      cmocka_unit_test(tables_are_aligned),
      cmocka_unit_test(numbers_are_readable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
