// Reference files: what is good is found again, what is wrong is refused whole with its file and line.
#include "tests/unit/unit.h"

#include "services/intake/reference.h"

#include <stdlib.h>
#include <unistd.h>

#define DISTRICT "[370117]\nname = 钢城区\nmin_lon = 117.6\nmax_lon = 118\nmin_lat = 35.9\nmax_lat = 36.3\n"
#define CATEGORIES                                                                                                     \
  "一级分类,二级分类,三级分类\n城乡建设,供水供气,停水\n城乡建设,供水供气,水压不足\n环境保护,大气,\n民政,,\n"

static char folder[] = "/tmp/wangge-reference-XXXXXX";
static char districts_path[64], categories_path[64];

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static int setup(void **state) {
  (void)state;
  if (mkdtemp(folder) == NULL) return -1;
  snprintf(districts_path, sizeof districts_path, "%s/districts.ini", folder);
  snprintf(categories_path, sizeof categories_path, "%s/categories.csv", folder);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  unlink(districts_path);
  unlink(categories_path);
  return rmdir(folder);
}

static struct intake_reference *opens(const char *districts, const char *categories) {
  write_file(districts_path, districts);
  write_file(categories_path, categories);
  struct intake_reference *reference = NULL;
  struct wg_error error = {0};
  if (intake_reference_open(districts_path, categories_path, &reference, &error) != WG_OK) {
    fail_msg("good files were refused: %s", error.message);
  }
  return reference;
}

static void refuses(const char *districts, const char *categories, const char *hint) {
  write_file(districts_path, districts);
  write_file(categories_path, categories);
  struct intake_reference *reference = NULL;
  struct wg_error error = {0};
  if (intake_reference_open(districts_path, categories_path, &reference, &error) == WG_OK) {
    intake_reference_close(reference);
    fail_msg("wrong files were taken; expected: %s", hint);
  }
  assert_null(reference);
  if (strstr(error.message, hint) == NULL) fail_msg("\"%s\" does not say \"%s\"", error.message, hint);
}

static void every_level_is_a_category(void **state) {
  (void)state;
  struct intake_reference *reference = opens(DISTRICT, CATEGORIES);
  const char *known[] = {"城乡建设", "城乡建设/供水供气", "城乡建设/供水供气/停水", "环境保护/大气", "民政"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    assert_true(intake_category_known(reference, known[i]));
  }
  assert_false(intake_category_known(reference, "城乡建设/停水"));
  assert_false(intake_category_known(reference, "环境保护/大气/"));
  assert_string_equal(reference->first_levels, "城乡建设, 环境保护, 民政");
  intake_reference_close(reference);
}

static void windows_files_are_read(void **state) {
  (void)state;
  struct intake_reference *reference =
      opens(DISTRICT, "\xef\xbb\xbf一级分类,二级分类,三级分类\r\n城乡建设,供水供气,停水\r\n\r\n");
  assert_true(intake_category_known(reference, "城乡建设/供水供气/停水"));
  intake_reference_close(reference);
}

static void districts_have_a_box(void **state) {
  (void)state;
  struct intake_reference *reference = opens(DISTRICT, CATEGORIES);
  assert_string_equal(reference->served, "370117 钢城区");
  const struct intake_district *district = intake_district_find(reference, "370117");
  assert_non_null(district);
  assert_true(intake_district_contains(district, 117.6, 36.3));
  assert_false(intake_district_contains(district, 117.59, 36.0));
  assert_null(intake_district_find(reference, "370116"));
  intake_reference_close(reference);
}

static void long_lists_are_cut_not_overrun(void **state) {
  (void)state;
  struct wg_buffer text = {0};
  for (int i = 0; i < 40; i++) {
    wg_buffer_printf(&text, "[3701%02d]\nname = 很长的区名\nmin_lon = 117\nmax_lon = 118\nmin_lat = 35\nmax_lat = 36\n",
                     i);
  }
  struct intake_reference *reference = opens(wg_buffer_cstr(&text), CATEGORIES);
  assert_int_equal(reference->district_count, 40);
  size_t size = strlen(reference->served);
  assert_true(size < sizeof reference->served);
  assert_string_equal(reference->served + size - strlen("…"), "…");
  intake_reference_close(reference);
  wg_buffer_free(&text);
}

static void wrong_districts_are_refused(void **state) {
  (void)state;
  refuses("", CATEGORIES, "no district");
  refuses("[37011]\nname = x\n", CATEGORIES, "6-digit");
  refuses("[370117]\nname = x\nmin_lon = 117\n", CATEGORIES, "[370117] needs");
  refuses("[370117]\nname = x\nmin_lon = 118\nmax_lon = 117\nmin_lat = 35\nmax_lat = 36\n", CATEGORIES,
          "[370117] needs");
  refuses("[370117]\nname = x\nmin_lon = east\n", CATEGORIES, "east");
  refuses("[370117]\nmin_lon = 36\n", CATEGORIES, "outside");
  refuses("[370117]\ncolour = red\n", CATEGORIES, "line 2");
}

static void wrong_categories_are_refused(void **state) {
  (void)state;
  refuses(DISTRICT, "", "no category");
  refuses(DISTRICT, "first,second,third\n", "first line");
  refuses(DISTRICT, CATEGORIES "城乡建设,供水供气,停水\n", "line 6");
  refuses(DISTRICT, CATEGORIES "a,b,c,d\n", "more than 3");
  refuses(DISTRICT, CATEGORIES "a,,c\n", "below an empty one");
  refuses(DISTRICT, CATEGORIES "a/b,c,\n", "slash");
  refuses(DISTRICT, CATEGORIES ",,\n", "first level is empty");
}

static void missing_files_are_named(void **state) {
  (void)state;
  struct intake_reference *reference = NULL;
  struct wg_error error = {0};
  write_file(districts_path, DISTRICT);
  assert_int_not_equal(intake_reference_open(districts_path, "/nonexistent/c.csv", &reference, &error), WG_OK);
  assert_non_null(strstr(error.message, "/nonexistent/c.csv"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_level_is_a_category),   cmocka_unit_test(windows_files_are_read),
      cmocka_unit_test(districts_have_a_box),        cmocka_unit_test(long_lists_are_cut_not_overrun),
      cmocka_unit_test(wrong_districts_are_refused), cmocka_unit_test(wrong_categories_are_refused),
      cmocka_unit_test(missing_files_are_named),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
