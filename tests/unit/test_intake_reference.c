// Districts and categories as built from records: what is there, and what is refused with the record's name.
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "common/base/bytes.h"
#include "services/intake/reference.h"

#define DISTRICT                                                                                                       \
  "code,district,name,min_lon,max_lon,min_lat,max_lat\n"                                                               \
  "370117,370117,钢城区,117.6,118,35.9,36.3\n"
#define CATEGORIES                                                                                                     \
  "code,district,scheme,path\n"                                                                                        \
  "s/城乡建设/供水供气/停水,370117,s,城乡建设/供水供气/停水\n"                                     \
  "s/环境保护/大气,370117,s,环境保护/大气\n"                                                               \
  "s/民政,370117,s,民政\n"

static struct records *records;
static struct intake_reference *reference;

static int setup(void **state) {
  (void)state;
  records = records_create();
  reference = NULL;
  return 0;
}

static int teardown(void **state) {
  (void)state;
  intake_reference_close(reference);
  records_destroy(records);
  return 0;
}

static const struct intake_district *builds(const char *district) {
  struct wg_error error = {0};
  intake_reference_close(reference);
  if (intake_reference_build(RECORDS(records), &reference, &error) != WG_OK) fail_msg("%s", error.message);
  return intake_district_find(reference, district);
}

static void refuses(const char *hint) {
  struct wg_error error = {0};
  assert_int_equal(intake_reference_build(RECORDS(records), &reference, &error), WG_INVALID_ARGUMENT);
  assert_null(reference);
  if (strstr(error.message, hint) == NULL) fail_msg("\"%s\" does not say \"%s\"", error.message, hint);
}

static void every_level_is_a_category(void **state) {
  (void)state;
  records_add(records, "category", CATEGORIES);
  records_add(records, "district", DISTRICT);
  const struct intake_district *district = builds("370117");
  const char *known[] = {"城乡建设", "城乡建设/供水供气", "城乡建设/供水供气/停水", "环境保护/大气", "民政"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    assert_true(intake_category_known(district, known[i]));
  }
  assert_false(intake_category_known(district, "城乡建设/停水"));
  assert_false(intake_category_known(district, "环境保护/大气/"));
  assert_string_equal(district->first_levels, "城乡建设, 环境保护, 民政");
}

static void each_district_has_its_own_catalogue(void **state) {
  (void)state;
  records_add(records, "district", DISTRICT "131102,131102,桃城区,115.3,116,37.5,38\n");
  records_add(records, "category", CATEGORIES "t/供水/停水,131102,t,供水/停水\n");
  const struct intake_district *other = builds("131102");
  assert_true(intake_category_known(other, "供水/停水"));
  assert_false(intake_category_known(other, "民政"));
  assert_false(intake_category_known(intake_district_find(reference, "370117"), "供水/停水"));
  assert_string_equal(reference->served, "131102 桃城区, 370117 钢城区");
}

static void a_district_without_categories_is_served(void **state) {
  (void)state;
  records_add(records, "district", DISTRICT);
  const struct intake_district *district = builds("370117");
  assert_non_null(district);
  assert_false(intake_category_known(district, "民政"));
  assert_string_equal(district->first_levels, "");
}

static void categories_of_districts_not_served_are_left_alone(void **state) {
  (void)state;
  records_add(records, "district", DISTRICT);
  records_add(records, "category", "code,district,scheme,path\nt/供水/停水,131102,t,供水/停水\n");
  assert_false(intake_category_known(builds("370117"), "供水/停水"));
}

static void districts_have_a_box(void **state) {
  (void)state;
  records_add(records, "district", DISTRICT);
  const struct intake_district *district = builds("370117");
  assert_string_equal(reference->served, "370117 钢城区");
  assert_true(intake_district_contains(district, 117.6, 36.3));
  assert_false(intake_district_contains(district, 117.59, 36.0));
  assert_null(intake_district_find(reference, "370116"));
}

static void the_box_of_a_boundary_holds_every_point_of_it(void **state) {
  (void)state;
  records_add(records, "district",
              "code,district,name,boundary,min_lon,max_lon,min_lat,max_lat\n"
              "370117,370117,钢城区,\"MULTIPOLYGON (((117.7 36.0, 117.9 36.0, 117.9 36.2, 117.7 36.0)), "
              "((117.6 35.95, 117.65 35.95, 117.65 36, 117.6 35.95)))\",70,80,1,2\n");
  const struct intake_district *district = builds("370117");
  assert_true(district->min_lon == 117.6 && district->max_lon == 117.9);
  assert_true(district->min_lat == 35.95 && district->max_lat == 36.2);
}

static void long_lists_are_cut_not_overrun(void **state) {
  (void)state;
  struct wg_buffer text = {0};
  wg_buffer_text(&text, "code,district,name,min_lon,max_lon,min_lat,max_lat\n");
  for (int i = 0; i < 40; i++)
    wg_buffer_printf(&text, "3701%02d,3701%02d,很长的区名,117,118,35,36\n", i, i);
  records_add(records, "district", wg_buffer_cstr(&text));
  wg_buffer_free(&text);
  builds("370101");
  assert_int_equal(reference->district_count, 40);
  size_t size = strlen(reference->served);
  assert_true(size < sizeof reference->served);
  assert_string_equal(reference->served + size - strlen("…"), "…");
}

static void nothing_is_not_enough(void **state) {
  (void)state;
  refuses("no district");
  records_add(records, "category", CATEGORIES);
  refuses("no district");
}

#define STATION "code,district,name,grids\n"
#define GROUP "code,district,name,grid\n"

static const char *area_of(const char *district, int channel, const char *code) {
  const struct intake_origin *origin = intake_origin_find(intake_district_find(reference, district), channel, code);
  return origin ? origin->area : NULL;
}

static void who_hands_over_is_known_with_the_area_it_is_for(void **state) {
  (void)state;
  const int walk_in = WANGGE__V1__CHANNEL__CHANNEL_STATION_WALK_IN, group = WANGGE__V1__CHANNEL__CHANNEL_WECHAT_GROUP;
  records_add(records, "district", DISTRICT "131102,131102,桃城区,115.3,116,37.5,38\n");
  records_add(records, "station",
              STATION "S1,370117,一站,370117001001002\nS2,370117,二站,370117001001002|370117001001003\n"
                      "S3,370117,三站,370117001001002|370117001002001\nS4,370117,四站,370117001001002|370117002002001\n"
                      "S6,210211,外站,210211001001001\n");
  records_add(records, "message_group", GROUP "G1,370117,一群,370117001001002\n");
  builds("370117");
  assert_string_equal(area_of("370117", walk_in, "S1"), "370117001001002");
  assert_string_equal(area_of("370117", walk_in, "S2"), "370117001001");
  assert_string_equal(area_of("370117", walk_in, "S3"), "370117001");
  assert_string_equal(area_of("370117", walk_in, "S4"), "370117");
  assert_string_equal(area_of("370117", group, "G1"), "370117001001002");
  assert_null(area_of("370117", walk_in, "G1"));
  assert_null(area_of("370117", group, "S1"));
  assert_null(area_of("131102", walk_in, "S1")); // another district's
  assert_null(area_of("370117", walk_in, "S6")); // of a district that is not served
  assert_null(area_of("370117", WANGGE__V1__CHANNEL__CHANNEL_PATROL_VISIT, "S1"));
}

// What no file can hold, but a stream of another version might.
static void broken_records_are_named(void **state) {
  (void)state;
  records_add(records, "district", DISTRICT);
  records_add(records, "category", CATEGORIES);
  Wangge__V1__District *district = records->record[0]->net_district;
  Wangge__V1__Category *category = records->record[1]->category;
  char *name = district->name, *path = category->path;
  district->name = (char *)"";
  refuses("370117: its name");
  district->name = name;
  district->min_lon = 118;
  refuses("370117 needs a boundary");
  district->min_lon = 17;
  refuses("370117 needs a boundary");
  district->min_lon = 117.6;
  district->boundary = (char *)"POLYGON ((117.7))";
  refuses("370117 needs a boundary");
  district->boundary = (char *)"";
  records->record[0]->code = (char *)"37011";
  refuses("6 digits");
  records->record[0]->code = (char *)"370117";
  const char *wrong[] = {"/民政", "民政/", "民政//低保", ""};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    category->path = (char *)wrong[i];
    refuses("s/城乡建设/供水供气/停水 of district 370117: path");
  }
  category->path = path;
  Wangge__V1__Record *twice[] = {records->record[0], records->record[0]};
  struct wg_error error = {0};
  assert_int_equal(intake_reference_build((const Wangge__V1__Record *const *)twice, 2, &reference, &error),
                   WG_INVALID_ARGUMENT);
  builds("370117");
}

static void the_demo_is_sound(void **state) {
  (void)state;
  records_add_file(records, "district", WANGGE_SHARE "/ops/demo/reference/district.csv");
  records_add_file(records, "category", WANGGE_SHARE "/ops/demo/reference/category.csv");
  assert_true(intake_category_known(builds("370117"), "城乡建设/供热"));
  assert_int_equal(reference->district_count, 2);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(every_level_is_a_category),
      TEST(each_district_has_its_own_catalogue),
      TEST(a_district_without_categories_is_served),
      TEST(categories_of_districts_not_served_are_left_alone),
      TEST(districts_have_a_box),
      TEST(the_box_of_a_boundary_holds_every_point_of_it),
      TEST(long_lists_are_cut_not_overrun),
      TEST(nothing_is_not_enough),
      TEST(who_hands_over_is_known_with_the_area_it_is_for),
      TEST(broken_records_are_named),
      TEST(the_demo_is_sound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
