// Which duties a day or an event makes, for whom, with which id, and what is made up for after a time without service.
#include "tests/unit/registry_fixture.h"

#include "services/registry/duties.h"

#include "common/base/text.h"

#define TEMPLATE                                                                                                       \
  "code,district,name,trigger,every,on,starts_on,ends_on,event,before_days,level,area,category,title,text,channel,"    \
  "role\n"

static struct registry_duties duties;

static int32_t day(const char *text) {
  int32_t number = 0;
  assert_true(wg_day_parse(text, &number));
  return number;
}

static const struct registry_duty *make(const char *on) {
  duties = (struct registry_duties){.arena = fixture.arena, .most = SIZE_MAX};
  registry_duties_of_day(fixture.draft, DISTRICT, day(on), &duties);
  return duties.duty;
}

static void happens(const char *event, int kind, const char *code) {
  const struct registry_event one = {
      .district = DISTRICT,
      .principal = "hotline",
      .event_id = "E1",
      .event = event,
      .note = "",
      .record = wg_book_get(fixture.draft, DISTRICT, kind, code),
      .happened_at = wg_civil_to_us((struct wg_civil){.year = 2026, .month = 11, .day = 27, .hour = 8})};
  assert_non_null(one.record);
  duties = (struct registry_duties){.arena = fixture.arena, .most = SIZE_MAX};
  registry_duties_of_event(fixture.draft, &one, &duties);
}

// made: there are exactly these, by id, separated by blanks.
static void made(const char *ids) {
  struct wg_buffer all = {0};
  for (size_t i = 0; i < duties.count; i++)
    wg_buffer_printf(&all, "%s%s", i ? " " : "", duties.duty[i].duty_id);
  assert_string_equal(wg_buffer_cstr(&all), ids);
  wg_buffer_free(&all);
}

// --- calendar ---
static bool due(int trigger, int every, int on, const char *starts, const char *ends, const char *at) {
  Wangge__V1__DutyTemplate template = WANGGE__V1__DUTY_TEMPLATE__INIT;
  template.trigger = (Wangge__V1__DutyTrigger)trigger;
  template.every = every;
  template.on = on;
  template.starts_on = (char *)(uintptr_t)starts;
  template.ends_on = (char *)(uintptr_t)ends;
  return registry_duty_due(&template, day(at));
}

#define DAYS WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_DAYS
#define WEEKLY WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_WEEKLY
#define MONTHLY WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_MONTHLY

static void every_so_many_days(void **state) {
  (void)state;
  assert_true(due(DAYS, 3, 0, "2024-02-27", "", "2024-02-27"));
  assert_false(due(DAYS, 3, 0, "2024-02-27", "", "2024-02-29"));
  assert_true(due(DAYS, 3, 0, "2024-02-27", "", "2024-03-01")); // over the leap day
  assert_true(due(DAYS, 3, 0, "2025-02-27", "", "2025-03-02"));
  assert_true(due(DAYS, 0, 0, "2025-02-27", "", "2025-02-28")); // 0 is 1
  assert_false(due(DAYS, 3, 0, "2024-02-27", "", "2024-02-24"));
  assert_false(due(DAYS, 1, 0, "", "", "2024-02-24"));
}

static void on_a_weekday(void **state) {
  (void)state;
  assert_true(due(WEEKLY, 1, 5, "", "", "2026-11-27")); // a Friday
  assert_false(due(WEEKLY, 1, 5, "", "", "2026-11-26"));
  assert_true(due(WEEKLY, 1, 7, "", "", "2026-11-29"));
  // Every second week, counted from the week of a Thursday; its Monday belongs to the same week.
  assert_true(due(WEEKLY, 2, 5, "2026-01-01", "", "2026-01-02"));
  assert_false(due(WEEKLY, 2, 5, "2026-01-01", "", "2026-01-09"));
  assert_true(due(WEEKLY, 2, 1, "2026-01-01", "", "2026-01-12"));
  assert_false(due(WEEKLY, 2, 1, "2026-01-01", "", "2026-01-05"));
}

static void on_a_day_of_the_month(void **state) {
  (void)state;
  assert_true(due(MONTHLY, 1, 31, "", "", "2026-01-31"));
  assert_true(due(MONTHLY, 1, 31, "", "", "2026-02-28"));
  assert_false(due(MONTHLY, 1, 31, "", "", "2028-02-28"));
  assert_true(due(MONTHLY, 1, 31, "", "", "2028-02-29"));
  assert_true(due(MONTHLY, 1, 31, "", "", "2100-02-28")); // no leap year
  assert_true(due(MONTHLY, 1, 30, "", "", "2026-02-28"));
  assert_true(due(MONTHLY, 1, 30, "", "", "2026-03-30"));
  assert_false(due(MONTHLY, 1, 30, "", "", "2026-03-31"));
  assert_true(due(MONTHLY, 1, 31, "", "", "2026-04-30"));
  assert_true(due(MONTHLY, 3, 15, "2026-01-01", "", "2026-04-15"));
  assert_false(due(MONTHLY, 3, 15, "2026-01-01", "", "2026-05-15"));
  assert_true(due(MONTHLY, 12, 15, "2026-12-01", "", "2027-12-15"));
  assert_false(due(MONTHLY, 12, 15, "2026-12-01", "", "2027-01-15"));
}

static void only_from_its_start_to_its_end(void **state) {
  (void)state;
  assert_false(due(MONTHLY, 1, 10, "2026-02-11", "2026-04-10", "2026-02-10"));
  assert_true(due(MONTHLY, 1, 10, "2026-02-10", "2026-04-10", "2026-02-10"));
  assert_true(due(MONTHLY, 1, 10, "2026-02-10", "2026-04-10", "2026-04-10"));
  assert_false(due(MONTHLY, 1, 10, "2026-02-10", "2026-04-10", "2026-05-10"));
}

static void days_that_were_missed(void **state) {
  (void)state;
  int32_t next = 0, skipped = 0;
  assert_true(registry_duty_next_day(0, 1000, &next, &skipped));
  assert_int_equal(next, 1000);
  assert_false(registry_duty_next_day(1000, 1000, &next, &skipped));
  assert_false(registry_duty_next_day(1001, 1000, &next, &skipped)); // the clock went back
  assert_true(registry_duty_next_day(992, 1000, &next, &skipped));
  assert_int_equal(next, 993);
  assert_int_equal(skipped, 0);
  assert_true(registry_duty_next_day(989, 1000, &next, &skipped));
  assert_int_equal(next, 993);
  assert_int_equal(skipped, 3);
}

static void today_is_that_of_shanghai(void **state) {
  (void)state;
  int64_t at = 0;
  assert_true(wg_civil_parse("2026-11-27 00:00:00", &at));
  assert_int_equal(registry_duty_today(at), day("2026-11-27"));
  assert_int_equal(registry_duty_today(at - 1), day("2026-11-26"));
}

// --- areas ---
static void one_for_each_area_of_the_level(void **state) {
  (void)state;
  put("duty_template", TEMPLATE "t,370117,巡查,weekly,1,5,,,,,grid,,c,{area}巡查,说明,,grid_worker\n");
  make("2026-11-27");
  made("t/" LEFT "/2026-11-27 t/" RIGHT "/2026-11-27 t/" OFFICE "/2026-11-27");
  make("2026-11-26");
  made("");
  put("duty_template", TEMPLATE "t,370117,巡查,weekly,1,5,,,,,community,,c,{area}巡查,说明,,\n");
  make("2026-11-27");
  made("t/" COMMUNITY "/2026-11-27");
  put("duty_template", TEMPLATE "t,370117,巡查,weekly,1,5,,,,,station,,c,{area}巡查,说明,,\n");
  make("2026-11-27");
  made("t/S1/2026-11-27");
  assert_string_equal(duties.duty[0].order->grid_code, LEFT); // the first it serves
  assert_string_equal(duties.duty[0].order->title, "示例驿站巡查");
}

static void only_in_the_area_of_the_template(void **state) {
  (void)state;
  put("duty_template", TEMPLATE "t,370117,巡查,weekly,1,5,,,,,grid," RIGHT ",c,巡查,说明,,\n");
  make("2026-11-27");
  made("t/" RIGHT "/2026-11-27");
  put("duty_template", TEMPLATE "t,370117,巡查,weekly,1,5,,,,,grid,370117001002,c,巡查,说明,,\n");
  make("2026-11-27");
  made("");
}

static void the_order_of_a_duty(void **state) {
  (void)state;
  put("category", "code,district,scheme,path,department_duty\ntest/民政/网格,370117,test,民政/网格,false\n");
  put("duty_template", TEMPLATE "t,370117,巡查,weekly,1,5,,,,,grid," LEFT
                                ",test/民政/网格,{area}本周巡查{nothing},查{area}。,theme_day,grid_worker\n");
  const Wangge__V1__NewOrder *order = make("2026-11-27")->order;
  assert_string_equal(order->external_id, "t/" LEFT "/2026-11-27");
  assert_string_equal(order->district, DISTRICT);
  assert_string_equal(order->category, "民政/网格");
  assert_string_equal(order->grid_code, LEFT);
  assert_int_equal(order->channel, WANGGE__V1__CHANNEL__CHANNEL_THEME_DAY);
  assert_non_null(strstr(order->title, "网格"));
  assert_non_null(strstr(order->title, "本周巡查{nothing}"));
  assert_non_null(strstr(order->text, "责任岗位：专职网格员"));
  int64_t midnight = 0;
  assert_true(wg_civil_parse("2026-11-27", &midnight));
  assert_int_equal(order->occurred_at, midnight);
}

static void a_long_id_is_cut_and_stays_its_own(void **state) {
  (void)state;
#define LONG "a-template-with-a-code-that-is-much-longer-than-an-external-id-may-be"
  put("duty_template", TEMPLATE LONG ",370117,巡查,weekly,1,5,,,,,grid,,c,巡查,说明,,\n");
  make("2026-11-27");
  assert_int_equal(duties.count, 3);
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(strlen(duties.duty[i].duty_id), REGISTRY_DUTY_ID_BYTES);
    assert_memory_equal(duties.duty[i].duty_id, LONG, 31);
  }
  assert_string_not_equal(duties.duty[0].duty_id, duties.duty[1].duty_id);
}

static void a_batch_takes_some_and_the_next_goes_on(void **state) {
  (void)state;
  put("duty_template", TEMPLATE "t,370117,巡查,weekly,1,5,,,,,grid,,c,巡查,说明,,\n");
  duties = (struct registry_duties){.arena = fixture.arena, .most = 2};
  registry_duties_of_day(fixture.draft, DISTRICT, day("2026-11-27"), &duties);
  assert_int_equal(duties.count, 2);
  assert_true(duties.more);
  duties = (struct registry_duties){.arena = fixture.arena, .skip = 2, .most = 2};
  registry_duties_of_day(fixture.draft, DISTRICT, day("2026-11-27"), &duties);
  made("t/" OFFICE "/2026-11-27");
  assert_false(duties.more);
}

// --- expiry ---
static void before_a_date_passes(void **state) {
  (void)state;
  put("duty_template",
      TEMPLATE "x,370117,到期,expiry,,,,,station_asset.expires_on,30,station,,c,{area}的{record}到期,更换,,\n");
  make("2027-05-30");
  made("");
  make("2027-05-31");
  made("x/S1/2027-06-30/A3");
  assert_string_equal(duties.duty[0].order->title, "示例驿站的药箱到期");
  assert_non_null(strstr(duties.duty[0].order->text, "到期日：2027-06-30"));
  assert_string_equal(duties.duty[0].due_on, "2027-05-31");
  make("2027-06-30"); // known late: still the same duty
  made("x/S1/2027-06-30/A3");
  make("2027-07-01");
  made("");
}

static void two_things_that_expire_together_are_two_duties(void **state) {
  (void)state;
  put("station_asset", "code,district,station,kind,name,quantity,expires_on,checked_on\n"
                       "A5,370117,S1,一个便民柜,工具箱,1,2027-06-30,2026-10-10\n");
  put("duty_template", TEMPLATE "x,370117,到期,expiry,,,,,station_asset.expires_on,0,grid," LEFT ",c,到期,说明,,\n");
  make("2027-06-30");
  made("x/" LEFT "/2027-06-30/A3 x/" LEFT "/2027-06-30/A5");
}

static void what_is_done_needs_no_reminder(void **state) {
  (void)state;
  put("duty_template", TEMPLATE "x,370117,到期,expiry,,,,,agreement_item.due_on,14,community,,c,{record},说明,,\n");
  make("2026-11-27");
  made("x/" COMMUNITY "/2026-12-01/I1");
  make("2026-05-01"); // I2 was done
  made("");
}

// --- events ---
static void an_event_is_for_where_it_happened(void **state) {
  (void)state;
  put("duty_template", TEMPLATE "v,370117,必访,event,,,,,hardship,,grid,,c,{area}必访,说明,,grid_worker\n"
                                "w,370117,别的,event,,,,,dispute,,grid,,c,{area},说明,,\n");
  happens("hardship", WANGGE__V1__RECORD__BODY_HOUSEHOLD, "H1");
  made("v/" LEFT "/hotline/E1");
  assert_string_equal(duties.duty[0].order->grid_code, LEFT);
  assert_string_equal(duties.duty[0].due_on, "2026-11-27");
  happens("hardship", WANGGE__V1__RECORD__BODY_BUILDING, "B1");
  made("v/" LEFT "/hotline/E1");
  happens("hardship", WANGGE__V1__RECORD__BODY_GRID, RIGHT);
  made("v/" RIGHT "/hotline/E1");
  happens("hardship", WANGGE__V1__RECORD__BODY_CONTACT_CARD, "C1");
  made("v/" LEFT "/hotline/E1");
  happens("hardship", WANGGE__V1__RECORD__BODY_COMMUNITY, COMMUNITY); // every grid of it
  assert_int_equal(duties.count, 3);
  happens("hardship", WANGGE__V1__RECORD__BODY_STATION_ASSET, "A3"); // those that the station serves
  assert_int_equal(duties.count, 3);
  happens("wedding", WANGGE__V1__RECORD__BODY_HOUSEHOLD, "H1");
  made("");
}

static void an_event_goes_up_to_the_level_or_stays(void **state) {
  (void)state;
  put("duty_template", TEMPLATE "v,370117,必访,event,,,,,hardship,,community,,c,{area},说明,,\n");
  happens("hardship", WANGGE__V1__RECORD__BODY_HOUSEHOLD, "H1");
  made("v/" COMMUNITY "/hotline/E1");
  put("duty_template", TEMPLATE "v,370117,必访,event,,,,,hardship,,,,c,{area},说明,,\n");
  happens("hardship", WANGGE__V1__RECORD__BODY_HOUSEHOLD, "H1");
  made("v/" LEFT "/hotline/E1");
  put("duty_template", TEMPLATE "v,370117,必访,event,,,,,hardship,,station,,c,{area},说明,,\n");
  happens("hardship", WANGGE__V1__RECORD__BODY_HOUSEHOLD, "H1");
  made("v/S1/hotline/E1");
}

static void a_person_is_not_named_in_an_order(void **state) {
  (void)state;
  put("duty_template", TEMPLATE "v,370117,必访,event,,,,,left,,,,c,{record}离任,{record},,\n");
  happens("left", WANGGE__V1__RECORD__BODY_PERSON, "P1");
  assert_int_equal(duties.count, 1);
  assert_string_equal(duties.duty[0].order->title, "P1离任");
  assert_null(strstr(duties.duty[0].order->text, "示例甲"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_start, fixture_stop)
  const struct CMUnitTest tests[] = {
      TEST(every_so_many_days),
      TEST(on_a_weekday),
      TEST(on_a_day_of_the_month),
      TEST(only_from_its_start_to_its_end),
      TEST(days_that_were_missed),
      TEST(today_is_that_of_shanghai),
      TEST(one_for_each_area_of_the_level),
      TEST(only_in_the_area_of_the_template),
      TEST(the_order_of_a_duty),
      TEST(a_long_id_is_cut_and_stays_its_own),
      TEST(a_batch_takes_some_and_the_next_goes_on),
      TEST(before_a_date_passes),
      TEST(two_things_that_expire_together_are_two_duties),
      TEST(what_is_done_needs_no_reminder),
      TEST(an_event_is_for_where_it_happened),
      TEST(an_event_goes_up_to_the_level_or_stays),
      TEST(a_person_is_not_named_in_an_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
