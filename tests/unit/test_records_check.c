// Cells and checks of one record: what is read, what is refused and under which code, and that writing undoes reading.
#include "tests/unit/unit.h"

#include "common/records/records.h"
#include "common/wire/wire.h"

#include <stdlib.h>

static struct wg_arena *arena;
static struct wg_findings findings;

static int begin(void **state) {
  (void)state;
  arena = wg_arena_create(64 * 1024);
  wg_findings_start(&findings, arena);
  return 0;
}

static int end(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

// make reads "field=cell" pairs; a cell that cannot be read is a finding.
static Wangge__V1__Record *make(const char *kind_name, const char *code, const char *const *pairs) {
  const struct wg_kind *kind = wg_kind_find(kind_name);
  Wangge__V1__Record *record = wg_record_create(kind, "370117", code, arena);
  for (; *pairs != NULL; pairs++) {
    char *field = wg_arena_strdup(arena, *pairs), *equals = strchr(field, '=');
    *equals = 0;
    wg_record_set_cell(record, wg_kind_column(kind, field), equals + 1, arena, &findings);
  }
  return record;
}
#define MAKE(kind, code, ...) make(kind, code, (const char *const[]){__VA_ARGS__, NULL})

// expect: the findings are exactly these codes, in this order.
static void expect(const char *const *codes) {
  size_t i = 0;
  for (; codes[i] != NULL; i++) {
    if (i >= findings.count) fail_msg("missing %s", codes[i]);
    assert_string_equal(findings.finding[i]->code, codes[i]);
    assert_true(findings.finding[i]->message[0] != 0);
  }
  if (i < findings.count) fail_msg("unexpected %s: %s", findings.finding[i]->code, findings.finding[i]->message);
  wg_findings_start(&findings, arena);
}
#define EXPECT(...) expect((const char *const[]){__VA_ARGS__, NULL})
#define EXPECT_NOTHING() expect((const char *const[]){NULL})

static void check(const Wangge__V1__Record *record) {
  wg_record_check(record, &findings);
}

#define GRID "370117001001001"

static void a_grid_is_read_and_right(void **state) {
  (void)state;
  Wangge__V1__Record *record =
      MAKE("grid", GRID, "name= 第一网格　", "kind=基础网格", "households=350", "aliases=一网|甲\\|乙|");
  check(record);
  EXPECT_NOTHING();
  assert_string_equal(record->grid->name, "第一网格");
  assert_int_equal(record->grid->kind, WANGGE__V1__GRID_KIND__GRID_KIND_BASIC);
  assert_int_equal(record->grid->n_aliases, 2);
  assert_string_equal(record->grid->aliases[1], "甲|乙");
}

static void codes_have_the_shape_of_their_kind(void **state) {
  (void)state;
  static const struct {
    const char *kind, *code;
  } bad[] = {{"grid", "37011700100100"},
             {"grid", "3701170010010011"},
             {"grid", "370211001001001"},
             {"grid", "37011700100100a"},
             {"grid", "3.70117E+14"},
             {"community", GRID},
             {"street", "370117"},
             {"calendar_day", "2026-02-30"},
             {"calendar_day", "2026-2-3"},
             {"calendar_year", "26"},
             {"department", "Water"},
             {"department", "水务"},
             {"building", "B 1"},
             {"building", "B\t1"},
             {"building", "楼　1"},
             {"building", "a\xe2\x80\x8b"
                          "b"},
             {"building", "B=1"},
             {"principal", "a/b"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const struct wg_kind *kind = wg_kind_find(bad[i].kind);
    check(wg_record_create(kind, "370117", bad[i].code, arena));
    char code[64];
    snprintf(code, sizeof code, "%s.code_shape", bad[i].kind);
    if (strcmp(findings.finding[0]->code, code) != 0)
      fail_msg("%s %s: %s", bad[i].kind, bad[i].code, findings.finding[0]->code);
    if (strchr(bad[i].code, 'E') != NULL) assert_non_null(strstr(findings.finding[0]->message, "科学计数法"));
    wg_findings_start(&findings, arena);
  }
  check(MAKE("building", "楼/1-a_b.C", "grid=" GRID, "name=一"));
  EXPECT_NOTHING();
  check(MAKE("building", "", "grid=" GRID, "name=一"));
  EXPECT("building.code_required");
  char longest[WG_RECORD_CODE_BYTES + 2];
  memset(longest, 'x', sizeof longest);
  longest[WG_RECORD_CODE_BYTES + 1] = 0;
  check(MAKE("building", longest, "grid=" GRID, "name=一"));
  EXPECT("building.code_shape");
  check(MAKE("building", longest + 1, "grid=" GRID, "name=一"));
  EXPECT_NOTHING();
}

static void a_record_of_no_kind_or_district_is_refused(void **state) {
  (void)state;
  Wangge__V1__Record none = WANGGE__V1__RECORD__INIT;
  none.code = (char *)(uintptr_t) "x";
  assert_false(wg_record_check(&none, &findings));
  EXPECT("record.body");
  Wangge__V1__Record *record = MAKE("building", "b", "grid=" GRID, "name=一");
  record->district = (char *)(uintptr_t) "37011";
  check(record);
  EXPECT("record.district_shape");
}

static void required_fields_are_asked_for(void **state) {
  (void)state;
  check(wg_record_create(wg_kind_find("grid"), "370117", GRID, arena));
  EXPECT("grid.name_required", "grid.kind_required");
  check(MAKE("station", "s", "name=驿站"));
  EXPECT("station.grids_required");
  check(MAKE("post_grade", "p", "post=主任岗"));
  EXPECT("post_grade.grade_required");
}

static void dates_must_exist_and_spreadsheet_dates_are_understood(void **state) {
  (void)state;
  MAKE("community", "370117001001", "founded_on=2026-02-30");
  EXPECT("community.founded_on_date");
  MAKE("community", "370117001001", "founded_on=2025-02-29");
  EXPECT("community.founded_on_date");
  MAKE("community", "370117001001", "founded_on=昨天");
  EXPECT("community.founded_on_date");
  MAKE("community", "370117001001", "founded_on=2026-01-01 08:00");
  EXPECT("community.founded_on_date");
  static const char *const forms[] = {"founded_on=2024/2/29", "founded_on=2024年2月29日", "founded_on=2024-2-29",
                                      "founded_on=2024.02.29", "founded_on= 2024-02-29 "};
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    Wangge__V1__Record *record = MAKE("community", "370117001001", forms[i]);
    EXPECT_NOTHING();
    assert_string_equal(record->community->founded_on, "2024-02-29");
  }
  Wangge__V1__Record *turn =
      MAKE("station_turn", "t", "station=s", "person=p", "on=2026-01-05", "from=8:30", "to=12:00:00");
  check(turn);
  EXPECT_NOTHING();
  assert_string_equal(turn->station_turn->from, "08:30");
  assert_string_equal(turn->station_turn->to, "12:00");
  MAKE("station_turn", "t", "from=25:00", "to=12.30");
  EXPECT("station_turn.from_time", "station_turn.to_time");
  turn->station_turn->to = (char *)(uintptr_t) "08:30";
  check(turn);
  EXPECT("station_turn.to_order");
}

static void an_end_is_not_before_its_beginning(void **state) {
  (void)state;
  check(MAKE("posting", "p", "person=a", "role=grid_head", ("area=" GRID), "from=2026-03-01", "to=2026-02-28"));
  EXPECT("posting.to_order");
  check(MAKE("posting", "p", "person=a", "role=网格长", ("area=" GRID), "from=2026-03-01", "to=2026-03-01"));
  EXPECT_NOTHING();
  check(MAKE("staffing_rule", "r", "role=网格长", "level=网格", "required_min=3", "required_max=2"));
  EXPECT("staffing_rule.required_max_order");
}

static void enums_and_choices_take_names_and_labels_only(void **state) {
  (void)state;
  MAKE("grid", GRID, "kind=小网格");
  assert_non_null(strstr(findings.finding[0]->message, "basic（基础网格）"));
  EXPECT("grid.kind_value");
  MAKE("grid", GRID, "kind=7");
  EXPECT("grid.kind_value");
  Wangge__V1__Record *record = MAKE("grid", GRID, "name=一", "kind=GRID_KIND_DEDICATED");
  check(record);
  EXPECT_NOTHING();
  record->grid->kind = (Wangge__V1__GridKind)9;
  check(record);
  EXPECT("grid.kind_value");
  record = MAKE("calendar_day", "2026-10-01", "kind=放假");
  check(record);
  EXPECT_NOTHING();
  assert_string_equal(record->calendar_day->kind, "REST");
  record->calendar_day->kind = (char *)(uintptr_t) "rest";
  check(record);
  EXPECT("calendar_day.kind_value");
  MAKE("person", "p", "party_member=也许");
  EXPECT("person.party_member_value");
  assert_true(MAKE("person", "p", "party_member=是")->person->party_member);
}

static void numbers_are_numbers_in_range(void **state) {
  (void)state;
  MAKE("grid", GRID, "households=三百");
  EXPECT("grid.households_number");
  MAKE("grid", GRID, "households=350.5");
  EXPECT("grid.households_number");
  MAKE("grid", GRID, "households=-1");
  EXPECT("grid.households_number");
  MAKE("grid", GRID, "households=99999999999999999999");
  EXPECT("grid.households_number");
  MAKE("place", "p", "lon=nan");
  EXPECT("place.lon_number");
  MAKE("place", "p", "lon=0x10");
  EXPECT("place.lon_number");
  MAKE("place", "p", "lon=1e999");
  EXPECT("place.lon_number");
  Wangge__V1__Record *record = MAKE("place", "p", "name=一", "kind=road");
  record->place->lon = 0.0 / 1.0 - 1;
  record->place->lat = 36;
  check(record);
  EXPECT("place.lon_number", "place.lon_pair");
}

static void a_point_has_both_axes_in_their_order(void **state) {
  (void)state;
  check(MAKE("place", "p", "name=一", "kind=road", "lon=117.8"));
  EXPECT("place.lat_pair");
  check(MAKE("place", "p", "name=一", "kind=road", "lon=36.1", "lat=53.9"));
  EXPECT("place.lon_pair");
  Wangge__V1__Record *record = MAKE("place", "p", "name=一", "kind=road", "lon=36.1");
  record->place->lat = 117.8;
  check(record);
  assert_non_null(strstr(findings.finding[1]->message, "颠倒"));
  EXPECT("place.lat_number", "place.lon_pair");
  check(MAKE("place", "p", "name=一", "kind=road", "lon=117.8", "lat=36.1"));
  EXPECT_NOTHING();
}

static void boundaries_are_closed_polygons_with_longitude_first(void **state) {
  (void)state;
  static const char *const bad[] = {"POINT(117 36)",
                                    "POLYGON((117 36,118 36,118 37))",
                                    "POLYGON((117 36,118 36,118 37,117 36.5))",
                                    "POLYGON((36 117,36 118,37 118,36 117))",
                                    "POLYGON((117 36,118 36,118 37,117 36)",
                                    "POLYGON EMPTY",
                                    "POLYGON((117 36,118 36,118 37,117 36)) x",
                                    "POLYGON((117 36 5,118 36 5,118 37 5,117 36 5))",
                                    "POLYGON((117 36,118 36,118 37,117 36),)",
                                    "MULTIPOLYGON(((117 36,118 36,118 37,117 36))",
                                    "POLYGON((a b))",
                                    "POLYGON"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    check(MAKE("street", "370117001", "name=一", wg_arena_printf(arena, "boundary=%s", bad[i])));
    if (findings.count != 1) fail_msg("%s has %zu findings", bad[i], findings.count);
    EXPECT("street.boundary_wkt");
  }
  static const char *const good[] = {
      "polygon ((117 36, 118 36, 118 37, 117 36))",
      "POLYGON((117 36,118 36,118 37,117 36),(117.5 36.1,117.6 36.1,117.6 36.2,117.5 36.1))",
      "MULTIPOLYGON(((117 36,118 36,118 37,117 36)),((119 36,120 36,120 37,119 36)))"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    check(MAKE("street", "370117001", "name=一", wg_arena_printf(arena, "boundary=%s", good[i])));
    EXPECT_NOTHING();
  }
}

static void texts_are_bounded_clean_and_without_blanks_around(void **state) {
  (void)state;
  Wangge__V1__Record *record = MAKE("street", "370117001", "name=一");
  static const char *const bad[] = {"a\x01", "a\nb", " a", "a　", "\xc2\x85", "a\tb"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    record->street->name = (char *)(uintptr_t)bad[i];
    check(record);
    EXPECT("street.name_text");
  }
  char *text = wg_arena_zalloc(arena, WG_RECORD_TEXT_BYTES + 2);
  memset(text, 'x', WG_RECORD_TEXT_BYTES + 1);
  record->street->name = text;
  check(record);
  EXPECT("street.name_text");
  text[WG_RECORD_TEXT_BYTES] = 0;
  check(record);
  EXPECT_NOTHING();
  check(MAKE("agreement_item", "i", "agreement=a", "text=第一行\n第二行"));
  EXPECT_NOTHING();
  record = MAKE("grid", GRID, "name=一", "kind=dedicated", "aliases=a|b");
  record->grid->aliases[1] = (char *)(uintptr_t) "";
  check(record);
  EXPECT("grid.aliases_text");
  record->grid->n_aliases = 1001;
  check(record);
  EXPECT("grid.aliases_text");
}

static void personal_data_is_not_shown_in_findings(void **state) {
  (void)state;
  check(MAKE("person", "p", "name=张三", "phone=13800000000转8"));
  assert_null(strstr(findings.finding[0]->message, "138"));
  EXPECT("person.phone_shape");
  Wangge__V1__Record *record = MAKE("person", "p", "name=x");
  record->person->name = (char *)(uintptr_t) " 张三";
  check(record);
  assert_null(strstr(findings.finding[0]->message, "张三"));
  EXPECT("person.name_text");
}

// What was exported masked must not overwrite the truth.
static void masked_personal_data_do_not_come_back(void **state) {
  (void)state;
  check(MAKE("person", "p", "name=张*", "phone=138****0000"));
  assert_string_equal(findings.finding[0]->code, "person.name_masked");
  assert_string_equal(findings.finding[1]->code, "person.phone_masked");
  wg_findings_start(&findings, arena);
  check(MAKE("household", "h", "building=b", "door=*单元***"));
  EXPECT("household.door_masked");
  check(MAKE("building", "b", "grid=" GRID, "name=五*楼")); // not personal
  EXPECT_NOTHING();
}

static void households_of_a_basic_grid_are_a_warning(void **state) {
  (void)state;
  Wangge__V1__Record *record = MAKE("grid", GRID, "name=一", "kind=basic", "households=299");
  assert_true(wg_record_check(record, &findings));
  assert_int_equal(findings.warnings, 1);
  EXPECT("grid.households_range");
  record = MAKE("grid", GRID, "name=一", "kind=basic", "households=501", "households_reason=新建小区");
  check(record);
  check(MAKE("grid", GRID, "name=一", "kind=dedicated"));
  check(MAKE("grid", GRID, "name=一", "kind=basic", "households=500"));
  EXPECT_NOTHING();
}

static void duties_need_what_their_trigger_needs(void **state) {
  (void)state;
#define DUTY "name=一", "category=gangcheng/a", "title=t"
  check(MAKE("duty_template", "d", DUTY, "trigger=weekly", "on=8", "level=grid"));
  EXPECT("duty_template.on_range");
  check(MAKE("duty_template", "d", DUTY, "trigger=monthly", "level=grid"));
  EXPECT("duty_template.on_range");
  check(MAKE("duty_template", "d", DUTY, "trigger=days"));
  EXPECT("duty_template.starts_on_required", "duty_template.level_required");
  check(MAKE("duty_template", "d", DUTY, "trigger=event"));
  EXPECT("duty_template.event_required");
  check(MAKE("duty_template", "d", DUTY, "trigger=expiry", "event=station_asset.name"));
  EXPECT("duty_template.event_value");
  check(MAKE("duty_template", "d", DUTY, "trigger=expiry", "event=station_asset.expires_on", "before_days=30"));
  check(MAKE("duty_template", "d", DUTY, "trigger=weekly", "on=7", "level=station"));
  EXPECT_NOTHING();
}

static void a_procedure_has_ascending_steps_that_lead_somewhere(void **state) {
  (void)state;
#define ITEM "list=小微权力清单", "area=370117001", "name=印章使用"
  Wangge__V1__Record *record =
      MAKE("list_item", "l", ITEM, "steps=1;申请;村民;0;2,3;材料\\;齐全?|2;审核;村两委;2|3; 退回 ;窗口\\|1号;1");
  check(record);
  EXPECT_NOTHING();
  assert_int_equal(record->list_item->n_steps, 3);
  assert_int_equal(record->list_item->steps[0]->next[1], 3);
  assert_string_equal(record->list_item->steps[0]->condition, "材料;齐全?");
  assert_string_equal(record->list_item->steps[2]->title, "退回");
  assert_string_equal(record->list_item->steps[2]->who, "窗口|1号");
  check(MAKE("list_item", "l", ITEM, "steps=1;a|1;b;;;7|3;;c"));
  EXPECT("list_item.steps_n", "list_item.steps_next", "list_item.steps_title");
  MAKE("list_item", "l", ITEM, "steps=一;a");
  EXPECT("list_item.steps_value");
  MAKE("list_item", "l", ITEM, "steps=1;a;b;1;2;c;d");
  EXPECT("list_item.steps_value");
}

static void categories_rules_and_principals_are_checked(void **state) {
  (void)state;
  check(MAKE("category", "gangcheng/城乡建设/供热", "scheme=gangcheng", "path=城乡建设/供热"));
  EXPECT_NOTHING();
  check(MAKE("category", "gangcheng/供热", "scheme=gangcheng", "path=城乡建设/供热"));
  EXPECT("category.code_path");
  check(MAKE("category", "gangcheng/城乡建设//供热", "scheme=gangcheng", "path=城乡建设//供热"));
  EXPECT("category.path_value");
  check(MAKE("dispatch_rule", "r", "lead=grid", "area=3701170", "from_minute=60", "to_minute=60"));
  EXPECT("dispatch_rule.area_shape", "dispatch_rule.minute_range");
  check(MAKE("dispatch_rule", "r", "lead=water", "area=370211", "category_prefix=/a", "valid_from=2026-02-01",
             "valid_to=2026-01-01"));
  EXPECT("dispatch_rule.area_shape", "dispatch_rule.category_prefix_value", "dispatch_rule.valid_to_order");
  check(MAKE("dispatch_rule", "r", "rank=10", "lead=water", "area=亲和家园", "urgency=特急", "channel=12345热线",
             "parcel_ownership=集体"));
  EXPECT_NOTHING();
  check(MAKE("principal", "water", "key=short", "roles=department|king", "districts=37"));
  EXPECT("principal.key_shape", "principal.roles_value", "principal.districts_shape", "principal.departments_one");
  check(MAKE("principal", "station-s01", "roles=source", "channel=驿站来访", "origins=S01|S02"));
  EXPECT_NOTHING();
  check(MAKE("principal", "spy", "roles=service", "channel=station_walk_in", "departments=water", "areas=131102"));
  EXPECT("principal.roles_service", "principal.departments_role", "principal.channel_role", "principal.areas_role");
  check(MAKE("principal", "keeper", "roles=source|village", "channel=巡查走访", "origins=S01,S02", "areas=1311"));
  EXPECT("principal.origins_channel", "principal.origins_value", "principal.areas_shape");
  check(MAKE("district", "370117", "name=钢城区", "min_lon=118", "max_lon=117", "min_lat=36", "max_lat=37"));
  EXPECT("district.box_empty");
}

// Everything that may be written reads back as the same bytes, with field names and with labels.
static void writing_a_cell_undoes_reading_it(void **state) {
  (void)state;
  Wangge__V1__Record *records[] = {
      MAKE("grid", GRID, "name=第一网格", "kind=basic", "households=350", "aliases=甲\\|乙|丙\\\\|=1"),
      MAKE("list_item", "l", ITEM, "steps=1;申请;;0;2,3|2;审核\\\\;两委\\;村;2;;是否\\|可?|3;完"),
      MAKE("place", "p", "name=北京路", "kind=road", ("grids=" GRID "|370117001001002"), "lon=117.80000000000001",
           "lat=36.1"),
      MAKE("calendar_day", "2026-10-01", "kind=REST", "reason=国庆"),
      MAKE("post_grade", "g", "post=主任岗", "grade=3"),
      MAKE("person", "p", "name=张三", "party_member=是"),
  };
  EXPECT_NOTHING();
  for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
    for (int labels = 0; labels < 2; labels++) {
      const struct wg_kind *kind = wg_kind_of(records[i]);
      Wangge__V1__Record *again = wg_record_create(kind, "", "", arena);
      for (size_t j = 0; j < kind->column_count; j++) {
        struct wg_buffer cell = {0};
        wg_record_cell(records[i], &kind->columns[j], labels, &cell);
        assert_true(wg_record_set_cell(again, &kind->columns[j], wg_buffer_cstr(&cell), arena, &findings));
        wg_buffer_free(&cell);
      }
      assert_true(wg_bytes_equal(wg_pack(&records[i]->base, arena), wg_pack(&again->base, arena)));
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(a_grid_is_read_and_right),
      TEST(codes_have_the_shape_of_their_kind),
      TEST(a_record_of_no_kind_or_district_is_refused),
      TEST(required_fields_are_asked_for),
      TEST(dates_must_exist_and_spreadsheet_dates_are_understood),
      TEST(an_end_is_not_before_its_beginning),
      TEST(enums_and_choices_take_names_and_labels_only),
      TEST(numbers_are_numbers_in_range),
      TEST(a_point_has_both_axes_in_their_order),
      TEST(boundaries_are_closed_polygons_with_longitude_first),
      TEST(texts_are_bounded_clean_and_without_blanks_around),
      TEST(personal_data_is_not_shown_in_findings),
      TEST(masked_personal_data_do_not_come_back),
      TEST(households_of_a_basic_grid_are_a_warning),
      TEST(duties_need_what_their_trigger_needs),
      TEST(a_procedure_has_ascending_steps_that_lead_somewhere),
      TEST(categories_rules_and_principals_are_checked),
      TEST(writing_a_cell_undoes_reading_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
