// Land classes and codes of parcels: the lists as the standards have them, and what is said of a code that is not in
// one.
#include "services/land/survey/land_class.h"
#include "tests/unit/unit.h"

static struct wg_arena *arena;

static int setup(void **state) {
  (void)state;
  arena = wg_arena_create(64 * 1024);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static void test_the_list_of_2017_is_complete(void **state) {
  (void)state;
  const struct land_class_list *list = land_class_list_find("GB/T 21010-2017");
  size_t first = 0, of[4] = {0};
  for (size_t i = 0; i < list->count; i++) {
    if (strlen(list->classes[i].code) == 2) first++;
    else of[list->classes[i].category]++;
    if (i > 0 && strlen(list->classes[i].code) == 4)
      assert_true(strncmp(list->classes[i].code, list->classes[i - 1].code, 2) == 0);
  }
  assert_int_equal(first, 12);
  assert_int_equal(of[LAND_CATEGORY_NONE], 0);
  assert_int_equal(of[LAND_CATEGORY_FARM], 23); // appendix A
  assert_int_equal(of[LAND_CATEGORY_CONSTRUCTION], 39);
  assert_int_equal(of[LAND_CATEGORY_UNUSED], 11);
}

static void test_the_same_digits_mean_different_things(void **state) {
  (void)state;
  static const struct {
    const char *standard, *code, *zh; // NULL: none
  } codes[] = {
      {"GB/T 21010-2017", "0702", "农村宅基地"},
      {"MNR-2023", "0702", "城镇社区服务设施用地"},
      {"GB/T 21010-2017", "1202", "设施农用地"},
      {"MNR-2023", "1202", "公路用地"},
      {"GB/T 21010-2017", "1201", "空闲地"},
      {"MNR-2023", "1201", "铁路用地"},
      {"MNR-2023", "060102", "田间道"},
      {"TD/T 1055-2019", "1104A", "养殖坑塘"},
      {"TD/T 1055-2019", "0103K", "旱地"},
      {"TD/T 1055-2019", "08H2", "科教文卫用地"},
      {"TD/T 1055-2019", "0103", "旱地"},
      {"GB/T 21010-2017", "0103K", NULL},
      {"TD/T 1055-2019", "0199K", NULL},
      {"TD/T 1055-2019", "0103k", NULL},
      {"GB/T 21010-2017", "", NULL},
      {"unknown", "0103", NULL},
  };
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    const struct land_class *found = land_class_find(codes[i].standard, codes[i].code);
    if (!codes[i].zh) assert_null(found);
    else if (!found) fail_msg("%s has no %s", codes[i].standard, codes[i].code);
    else assert_string_equal(found->zh, codes[i].zh);
  }
}

static void test_what_is_said_of_a_wrong_class(void **state) {
  (void)state;
  static const struct {
    const char *standard, *code, *name, *fault, *suggestion; // fault NULL: fine; suggestion NULL: not looked at
  } cases[] = {
      {"GB/T 21010-2017", "0103", "", NULL, NULL},
      {"GB/T 21010-2017", "0501", "零售商业", NULL, NULL}, // as files shorten it
      {"GB/T 21010-2017", "0103", "水浇地", "class.name", "0102水浇地"},
      {"GB/T 21010-2017", "0702", "城镇社区服务设施用地", "class.other_standard", "MNR-2023"},
      {"GB/T 21010-2017", "0130", "", "class.code", NULL},
      {"GB/T 21010-2017", "9999", "沟渠", "class.code", "1107"},
      {"", "0103", "", "class.standard", NULL},
      {"GB 1", "0103", "", "class.standard", NULL},
      {"GB/T 21010-2017", "", "", "class.missing", NULL},
      {"", "013", "", "class.old_code", "0103"},
      {"", "013", "旱地", "class.old_code", "0103"},
      {"", "013", "水浇地", "class.old_ambiguous", NULL}, // some software has 012 and 013 the other way round
      {"", "072", "", "class.old_code", "0702"},
      {"", "031", "有林地", "class.old_ambiguous", NULL},
      {"", "127", "裸地", "class.old_ambiguous", NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct land_faults faults = {.arena = arena, .pointer = "/parcels/0"};
    const struct land_class *found = land_class_check(cases[i].standard, cases[i].code, cases[i].name, arena, &faults);
    if (!cases[i].fault) {
      assert_non_null(found);
      assert_int_equal(faults.count, 0);
      continue;
    }
    assert_null(found);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.fault[0].code, cases[i].fault);
    if (cases[i].suggestion) assert_string_equal(faults.fault[0].suggestion, cases[i].suggestion);
  }
}

static void test_codes_of_parcels(void **state) {
  (void)state;
  static const struct {
    const char *code;
    bool dk, bdc;
  } codes[] = {
      {"1311021002010100001", true, false},           {"131102100201010000", false, false},
      {"131102100201JC00001", false, false},          {"131102100201JC00001F00010001", false, true},
      {"131102100201JC00001W00000000", false, true},  {"131102100201JC00001W00000001", false, false},
      {"131102100201AC00001F00010001", false, false}, {"131102100201J100001F00010001", false, false},
      {"131102100201JC00001F0001000", false, false},  {"131102100201JC00001X00010001", false, false},
      {"13110210020xJC00001F00010001", false, false}, {"131102100201JC0000xF00010001", false, false},
  };
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    assert_int_equal(land_dk_code_valid(codes[i].code), codes[i].dk);
    assert_int_equal(land_bdc_code_valid(codes[i].code), codes[i].bdc);
  }
  assert_true(land_ownership_valid(10) && land_ownership_valid(30) && land_ownership_valid(34));
  assert_false(land_ownership_valid(0) || land_ownership_valid(20) || land_ownership_valid(35));
}

static void test_features(void **state) {
  (void)state;
  assert_int_equal(land_class_feature("GB/T 21010-2017", "1006"), LAND_FEATURE_ROAD);
  assert_int_equal(land_class_feature("MNR-2023", "1006"), LAND_FEATURE_PARCEL);
  assert_int_equal(land_class_feature("MNR-2023", "060102"), LAND_FEATURE_ROAD);
  assert_int_equal(land_class_feature("TD/T 1055-2019", "1107A"), LAND_FEATURE_DITCH);
  assert_int_equal(land_class_feature("GB/T 21010-2017", "1202"), LAND_FEATURE_PARCEL); // a road of 2023
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_list_of_2017_is_complete),
      cmocka_unit_test(test_the_same_digits_mean_different_things),
      cmocka_unit_test(test_what_is_said_of_a_wrong_class),
      cmocka_unit_test(test_codes_of_parcels),
      cmocka_unit_test(test_features),
  };
  return cmocka_run_group_tests_name("land_class", tests, setup, teardown);
}
