// Every finding of the reports but the map's: there when something is wrong, and only then. Nothing is wrong with the
// fixture; each test spoils one thing.
#include "tests/unit/registry_fixture.h"

#include "common/base/text.h"

#define POSTING "code,district,person,role,area,from,to\n"
#define PERSON "code,district,name,phone,party_member,dual_registered,unit,grade\n"
#define ORG "code,district,name,kind,parent,area,buildings\n"
#define ASSET "code,district,station,kind,name,quantity,expires_on,checked_on\n"
#define TURN "code,district,station,person,on,from,to\n"
#define ITEM "code,district,list,area,name,basis,who,text,contact,steps,disclosure,disclosed_on\n"
#define DAY "code,district,kind,reason,notice\n"
#define TRAINING "code,district,topic,held_on,hours,people\n"
#define AGREEMENT "code,district,unit,community,signed_on,ends_on\n"
#define AGREED "code,district,agreement,text,due_on,done_on,evidence\n"
#define GROUP "code,district,name,grid,manager,members\n"
#define CARD "code,district,person,household,given_on\n"

// Only the last run's finding.
static void alone(void) {
  if (fixture.findings.count != 1) show();
  assert_int_equal(fixture.findings.count, 1);
}

static void nothing_is_wrong_with_the_fixture(void **state) {
  (void)state;
  for (const struct registry_report *report = REGISTRY_REPORTS; report->name; report++)
    clean(report->name);
  assert_null(registry_report_find("nets"));
}

static void an_empty_district_has_only_its_calendar_to_fill(void **state) {
  (void)state;
  struct wg_book *empty = wg_book_create(&REGISTRY_BOOK);
  wg_findings_start(&fixture.findings, fixture.arena);
  for (const struct registry_report *report = REGISTRY_REPORTS; report->name; report++)
    registry_report_run(report, empty, DISTRICT, fixture.today, &fixture.findings);
  assert_int_equal(count_found("calendar_year.provisional"), 2);
  assert_int_equal(fixture.findings.count, 2);
  wg_book_destroy(empty);
}

// --- net ---
static void households(void **state) {
  (void)state;
#define ROW(households, reason)                                                                                        \
  "code,district,name,kind,boundary,households,households_reason,aliases\n" LEFT                                       \
  ",370117,第一网格,basic,%s," households "," reason ",\n",                                                            \
      box(0, 0, 10, 10)
  put("grid", ROW("299", ""));
  found("net", 'W', "grid.households_range", LEFT, "299");
  alone();
  put("grid", ROW("299", "城乡结合部，分散居住"));
  clean("net");
  put("grid", ROW("501", ""));
  found("net", 'W', "grid.households_range", LEFT, "501");
  put("grid", ROW("500", ""));
  clean("net");
}

static void party_organisations_of_grids(void **state) {
  (void)state;
  put("party_org", ORG "O6,370117,第一网格二支部,branch,O2," LEFT ",\n");
  found("net", 'E', "grid.party_org_several", LEFT, "O3、O6");
  alone();
  drop("party_org", "O6");
  clean("net");
  drop("party_org", "O3");
  found("net", 'E', "grid.party_org_none", LEFT, LEFT);
  alone();
  put("party_org", ORG "O3,370117,第一网格党小组,group,O2," LEFT ",\n");
  clean("net");
}

static void the_partys_chain(void **state) {
  (void)state;
  put("party_org", ORG "O1,370117,示例区委,committee,O2,370117,\n");
  run("net");
  assert_int_equal(count_found("party_org.parent_circle"), 5); // all end in it
  put("party_org", ORG "O1,370117,示例区委,committee,,370117,\nO2,370117,示例社区总支,general_branch,,370117001001,\n");
  run("net");
  assert_int_equal(count_found("party_org.chain_incomplete"), 4);
  put("party_org",
      ORG "O2,370117,示例社区党委,committee,O1,370117001001,\nO3,370117,第一网格党支部,branch,O9," LEFT ",\n");
  found("net", 'E', "party_org.chain_incomplete", "O3", "O9");
  put("party_org",
      ORG "O3,370117,第一网格党支部,branch,O2," LEFT ",\nO2,370117,示例社区党委,committee,O1,370117001002,\n");
  run("net");
  assert_int_equal(count_found("party_org.area_chain"), 2);
}

static void dedicated_workers_of_grids(void **state) {
  (void)state;
  put("posting", POSTING "T1,370117,P1,grid_worker," LEFT ",2026-02-01,2026-11-01\n");
  found("net", 'E', "grid.worker_none", LEFT, LEFT);
  put("posting", POSTING "T1,370117,P1,grid_worker," LEFT ",2026-02-01,2026-11-02\n"); // today is his last day
  clean("net");
  put("posting", POSTING "T9,370117,P4,grid_worker," LEFT ",2026-11-02,\n");
  found("net", 'E', "grid.worker_several", LEFT, "2名在任的专职网格员：P1、P4");
  alone();
  put("posting", POSTING "T9,370117,P4,grid_worker," LEFT ",2026-11-03,\n"); // comes tomorrow
  clean("net");
}

static void stations_serve_all_grids(void **state) {
  (void)state;
  put("station", "code,district,name,grids,address,lon,lat,phone,opening_hours\n"
                 "S1,370117,示例驿站," LEFT "|" OFFICE ",示例路1号,,,,08:30-17:30\n");
  found("net", 'W', "grid.station_none", RIGHT, "驿站");
  alone();
  drop("station", "S1");
  found("net", 'W', "net.stations_none", DISTRICT, DISTRICT);
  alone(); // not one for each grid
}

// --- staffing ---
static void vacancies_and_surplus(void **state) {
  (void)state;
  drop("posting", "T1");
  const Wangge__V1__Finding *finding = found("staffing", 'E', "grid.vacancy", LEFT, "上一任到2026-01-31");
  assert_string_equal(finding->rule, "测试办法"); // the rule's own basis
  drop("posting", "T6");
  found("staffing", 'E', "community.vacancy", COMMUNITY, "兼职委员至少1名，在任0名");
  put("posting",
      POSTING "T1,370117,P1,grid_worker," LEFT ",2026-02-01,\nT9,370117,P4,grid_worker," LEFT ",2026-02-01,\n"
              "T6,370117,P5,deputy_member,370117001001,2026-02-01,\n");
  drop("posting", "T5");
  found("staffing", 'W', "grid.surplus", LEFT, "至多1名，在任2名");
}

static void part_time_workers_are_dual_registered(void **state) {
  (void)state;
  put("person", PERSON "P4,370117,示例丁,,true,false,,\n");
  found("staffing", 'E', "posting.dual_registered", "T5", "P4");
  alone();
}

static void the_same_post_twice(void **state) {
  (void)state;
  put("posting", POSTING "T7,370117,P2,grid_worker," LEFT ",2025-06-01,2025-12-31\n");
  found("staffing", 'E', "posting.overlap", "T7", "时间重叠");
  alone();
  put("posting", POSTING "T7,370117,P2,grid_worker," LEFT ",2024-06-01,2024-12-31\n"); // before: no overlap
  clean("staffing");
  put("posting", POSTING "T7,370117,P2,grid_worker," LEFT ",2024-06-01,2025-01-01\n"); // the day they share counts
  found("staffing", 'E', "posting.overlap", "T0", "T7");
}

static void posts_that_exclude_each_other(void **state) {
  (void)state;
  put("posting", POSTING "T3,370117,P2,grid_worker," OFFICE ",2026-02-01,\n");
  found("staffing", 'E', "person.exclusive_posts", "P2", "2个网格的专职网格员");
  alone();
  put("posting",
      POSTING "T3,370117,P3,grid_worker," OFFICE ",2026-02-01,\nT5,370117,P2,part_time_worker," LEFT ",2026-02-01,\n");
  found("staffing", 'E', "person.exclusive_posts", "P2", "兼职网格员");
}

static void community_workers_are_posted_to_grids(void **state) {
  (void)state;
  put("posting", POSTING "T8,370117,P4,community_worker,370117001001,2026-02-01,\n");
  put("person", PERSON "P4,370117,示例丁,,true,true,,g1\n");
  clean("staffing"); // he is posted to a grid as a part-time worker
  drop("posting", "T5");
  found("staffing", 'E', "person.grid_none", "P4", "没有定岗到网格");
  alone();
}

static void grades(void **state) {
  (void)state;
  put("person", PERSON "P1,370117,示例甲,,true,false,,g9\nP2,370117,示例乙,,false,false,,\n");
  found("staffing", 'E', "person.grade_unknown", "P1", "g9");
  found("staffing", 'W', "person.grade_none", "P2", "专职网格员");
  put("person", PERSON "P1,370117,示例甲,,true,false,,g1\nP2,370117,示例乙,,false,false,,g1\n");
  put("post_grade",
      "code,district,post,grade,name\ng3,370117,专职岗,2,二档\ng5,370117,专职岗,5,五档\ng7,370117,副职岗,7,一档\n");
  found("staffing", 'E', "post_grade.grade_twice", "g3", "2级登记了两次");
  found("staffing", 'W', "post_grade.grade_gap", "g5", "2级之后是5级");
  assert_int_equal(fixture.findings.count, 2); // another post's scale may begin at 7
}

// --- training ---
static void who_was_not_trained(void **state) {
  (void)state;
  put("training", TRAINING "R1,370117,网格业务,2026-03-01,4,P1|P3\n");
  found("training", 'W', "training.missing", "P2", "2026年还没有参加培训");
  alone();
  today("2026-09-30"); // before October only the number is told
  found("training", 'W', "training.missing_yet", DISTRICT, "还有1名");
  alone();
  today("2027-03-01"); // nobody yet; and P2 missed the year before
  found("training", 'E', "training.year_missing", "P2", "2026年全年没有");
  found("training", 'W', "training.missing_yet", DISTRICT, "还有3名");
  assert_int_equal(fixture.findings.count, 2);
}

static void trainings_themselves(void **state) {
  (void)state;
  put("training", TRAINING "R1,370117,网格业务,2026-03-01,4,P1|P2|P3|P2\nR2,370117,空培训,2026-03-01,0,\n"
                           "R3,370117,未来培训,2026-12-01,4,P1\n");
  found("training", 'W', "training.people_twice", "R1", "P2");
  found("training", 'W', "training.hours_none", "R2", "学时");
  found("training", 'W', "training.people_none", "R2", "参训人员");
  found("training", 'W', "training.future", "R3", "2026-12-01");
  assert_int_equal(fixture.findings.count, 4);
}

// --- stations ---
static void the_four_ones(void **state) {
  (void)state;
  put("station", "code,district,name,grids,address,lon,lat,phone,opening_hours\n"
                 "S2,370117,第二驿站," LEFT ",示例路3号,,,,\n");
  put("station_asset",
      ASSET "B1,370117,S2,一张办公桌,办公桌,1,,2026-10-10\nB2,370117,S2,一个洽谈室,洽谈室,1,,2026-10-10\n"
            "B3,370117,S2,一个便民柜,药箱,0,2027-06-30,2026-10-10\n"
            "B4,370117,S2,一张网格图,网格图,1,,2026-10-10\nB5,370117,S2,一台饮水机,饮水机,1,,2026-10-10\n");
  found("stations", 'E', "station.asset_missing", "S2", "一个便民柜"); // none is left; a fifth thing is nobody's duty
  assert_int_equal(fixture.findings.errors, 1);
  drop("station_asset", "A4");
  drop("station_asset", "B4");
  drop("station_asset", "B5");
  found("stations", 'W', "station.assets_unknown", "", "只登记了3种");
}

static void things_expire(void **state) {
  (void)state;
  put("station_asset", ASSET "A3,370117,S1,一个便民柜,药箱,1,2026-11-01,2026-10-10\n");
  found("stations", 'E', "station_asset.expired", "A3", "2026-11-01过期");
  put("station_asset", ASSET "A3,370117,S1,一个便民柜,药箱,1,2026-11-02,2026-10-10\n");
  found("stations", 'W', "station_asset.expires_soon", "A3", "2026-11-02");
  put("station_asset", ASSET "A3,370117,S1,一个便民柜,药箱,1,2026-12-03,2026-10-10\n");
  clean("stations");
  put("station_asset", ASSET "A3,370117,S1,一个便民柜,药箱,1,2026-12-03,2026-08-10\n");
  found("stations", 'W', "station.assets_check_old", "S1", "药箱");
}

static void the_roster(void **state) {
  (void)state;
  put("station_turn", TURN "D1,370117,S1,P1,2026-11-02,08:30,11:30\n");
  found("stations", 'W', "station.roster_gap", "S1", "11:30起");
  alone();
  put("station_turn", TURN "D1,370117,S1,P1,2026-11-02,08:30,12:30\nD4,370117,S1,P2,2026-11-05,08:30,17:30\n");
  found("stations", 'W', "station.roster_gap", "S1", "2026-11-04没有人值班");
  put("station_turn", TURN "D4,370117,S1,P2,2026-11-09,08:30,17:30\n");
  run("stations");
  assert_int_equal(count_found("station.roster_gap"), 3); // 4, 5, 6; not the weekend
  put("calendar_day", DAY "2026-11-07,370117,WORK,调休,示例通知一\n");
  run("stations");
  assert_int_equal(count_found("station.roster_gap"), 4);
  today("2026-11-10");
  found("stations", 'W', "station.roster_ended", "S1", "只排到2026-11-09");
}

static void turns(void **state) {
  (void)state;
  put("station", "code,district,name,grids,address,lon,lat,phone,opening_hours\n"
                 "S2,370117,第二驿站," LEFT ",示例路3号,,,,\n");
  put("station_turn", TURN "D9,370117,S2,P1,2026-11-02,12:00,13:00\n");
  found("stations", 'E', "station_turn.person_twice", "D9", "同时值班");
  put("station_turn", TURN "D9,370117,S2,P1,2026-11-02,12:30,13:00\n"); // one after the other
  run("stations");
  assert_int_equal(count_found("station_turn.person_twice"), 0);
  fixture.records->record[fixture.records->count - 1]->station_turn->to =
      wg_arena_strdup(fixture.arena, "12:30"); // a file with it would be refused
  found("stations", 'E', "station_turn.to_order", "D9", "12:30");
}

// --- linkages ---
static void agreements(void **state) {
  (void)state;
  drop("agreement_item", "I1");
  drop("agreement_item", "I2");
  found("linkages", 'E', "agreement.items_none", "G1", "没有任何共建事项");
  alone();
  put("agreement_item", AGREED "I1,370117,G1,开放操场,2026-11-01,,\n");
  found("linkages", 'W', "agreement_item.overdue", "I1", "2026-11-01");
  alone();
  put("agreement_item", AGREED "I1,370117,G1,开放操场,2026-11-01,2026-11-03,\n");
  found("linkages", 'W', "agreement_item.done_future", "I1", "2026-11-03");
  found("linkages", 'W', "agreement_item.evidence_none", "I1", "印证材料");
  put("agreement_item", AGREED "I1,370117,G1,开放操场,2028-11-01,,\n");
  found("linkages", 'E', "agreement_item.due_late", "I1", "2027-12-31");
}

static void agreements_end(void **state) {
  (void)state;
  put("agreement_item", AGREED "I1,370117,G1,开放操场,2026-10-01,2026-10-01,照片\n");
  put("agreement", AGREEMENT "G1,370117,U1,370117001001,2026-01-01,2026-12-31\n");
  found("linkages", 'W', "agreement.ends_soon", "G1", "2026-12-31");
  alone();
  put("agreement", AGREEMENT "G1,370117,U1,370117001001,2026-01-01,2026-11-01\n");
  found("linkages", 'W', "agreement.ended", "G1", "2026-11-01");
  found("linkages", 'W', "partner_unit.agreement_none", "U1", "示例小学");
}

static void deputy_members(void **state) {
  (void)state;
  drop("posting", "T6");
  found("linkages", 'W', "partner_unit.deputy_none", "U1", "兼职委员");
  put("posting", POSTING "T6,370117,P5,deputy_member,370117001002,2026-02-01,\n");
  found("linkages", 'W', "posting.deputy_unit", "T6", "370117001001");
  put("person", PERSON "P5,370117,示例戊,,true,false,,\n");
  found("linkages", 'W', "posting.deputy_unit", "T6", "没有所属单位");
}

static void contact_cards(void **state) {
  (void)state;
  put("contact_card", CARD "C1,370117,P2,H1,2026-05-01\n");
  found("linkages", 'E', "contact_card.person_member", "C1", "不是党员");
  put("contact_card", CARD "C1,370117,P1,H9,2026-05-01\n");
  found("linkages", 'E', "contact_card.household_unknown", "C1", "H9");
  put("contact_card", CARD "C1,370117,P1,H1,2026-05-01\nC2,370117,P4,H1,2026-05-01\n");
  found("linkages", 'W', "contact_card.household_twice", "C2", "C1、C2");
  drop("contact_card", "C2");
  put("household", "code,district,building,door,residents,tags\nH2,370117,B1,1单元102,2,\n");
  found("linkages", 'W', "grid.cards_missing", LEFT, "有1户没有联系卡：H2");
  put("contact_card", CARD "C2,370117,P4,H2,2026-05-01\n");
  clean("linkages");
}

static void groups(void **state) {
  (void)state;
  put("message_group", GROUP "M1,370117,一群," LEFT ",,100\n");
  found("linkages", 'W', "message_group.manager_none", "M1", "管理员");
  put("message_group", GROUP "M1,370117,一群," LEFT ",P3,100\n");
  found("linkages", 'W', "message_group.manager_post", "M1", "P3");
  put("message_group", GROUP "M1,370117,一群," RIGHT ",P2,100\n");
  found("linkages", 'W', "grid.group_none", LEFT, LEFT);
  found("linkages", 'W', "grid.group_several", RIGHT, "M1、M2");
  drop("message_group", "M1");
  drop("message_group", "M2");
  drop("message_group", "M3");
  found("linkages", 'W', "net.groups_none", DISTRICT, "微信群");
  alone();
}

// --- lists ---
static void put_power(const char *steps) {
  put("list_item", ITEM "X1,370117,micro_power,370117,示例权力,示例办法,居委会,说明,,\"%s\",disclosed,2026-01-15\n",
      steps);
}

static void procedures(void **state) {
  (void)state;
  put_power("1;申请;居民;0;3|2;孤立;网格员;1;3|3;办结;网格员;1");
  found("lists", 'W', "list_item.steps_unreachable", "X1", "第2步“孤立”");
  alone();
  put_power("1;申请;居民;0|2;审核;网格员;1;1");
  found("lists", 'E', "list_item.steps_endless", "X1", "走不到结束");
  alone();
  put_power("1;申请;居民;0|2;审核;网格员;1;1,2;齐全？|3;办结;网格员;1");
  found("lists", 'E', "list_item.steps_endless", "X1", "第1步");
  put_power("1;申请;居民;0|3;审核;网格员;1");
  found("lists", 'E', "list_item.steps_number", "X1", "第2个步骤的序号是3");
  put_power("1;申请;居民;0;2,3|2;审核;网格员;1;3;齐全？|3;办结;网格员;1");
  found("lists", 'W', "list_item.steps_condition", "X1", "2个去向");
  found("lists", 'W', "list_item.steps_branches", "X1", "只有一个去向");
  put_power("1;申请;居民;0|2;办结;网格员;1");
  fixture.records->record[fixture.records->count - 1]->list_item->steps[0]->next = (int32_t[]){7};
  fixture.records->record[fixture.records->count - 1]->list_item->steps[0]->n_next = 1; // a file would be refused
  found("lists", 'E', "list_item.steps_next", "X1", "下一步7不存在");
}

static void disclosure(void **state) {
  (void)state;
  put("list_item", ITEM "X1,370117,micro_power,370117,示例权力,,居委会,说明,,,disclosed,\n");
  found("lists", 'E', "list_item.disclosed_on_none", "X1", "公开日期");
  found("lists", 'E', "list_item.basis_none", "X1", "依据");
  found("lists", 'E', "list_item.steps_none", "X1", "流程");
  put("list_item", ITEM "X1,370117,micro_power,370117,示例权力,,居委会,说明,,,draft,\n"
                        "X2,370117,service,370117,示例服务,服务清单,驿站,说明,,,draft,\n");
  found("lists", 'W', "list_item.basis_none", "X1", "依据"); // a draft
  found("lists", 'W', "list_item.contact_none", "X2", "联系方式");
  assert_int_equal(fixture.findings.errors, 0);
  put("list_item", ITEM "X2,370117,service,370117,示例服务,服务清单,驿站,说明,,,disclosed,2026-12-01\n");
  found("lists", 'E', "list_item.contact_none", "X2", "联系方式");
  found("lists", 'W', "list_item.disclosed_on_future", "X2", "2026-12-01");
}

// --- calendar ---
static void years_that_are_needed(void **state) {
  (void)state;
  for (const char *const *day = (const char *const[]){"2027-01-01", "2027-01-03", NULL}; *day; day++)
    drop("calendar_day", *day);
  drop("calendar_year", "2027");
  const Wangge__V1__Finding *finding = found("calendar", 'W', "calendar_year.provisional", "2027", "周一到周五");
  assert_string_equal(finding->kind, "calendar_year");
  alone();
  today("2026-09-30");
  clean("calendar");
  today("2028-01-01");
  found("calendar", 'W', "calendar_year.provisional", "2028", "2028");
}

static void days_and_their_year(void **state) {
  (void)state;
  put("calendar_day", DAY "2026-05-01,370117,REST,劳动节,示例通知一\n");
  found("calendar", 'E', "calendar_year.working_days", "2026", "259个工作日");
  put("calendar_day", DAY "2026-05-02,370117,REST,劳动节,示例通知一\n"); // a Saturday changes nothing
  found("calendar", 'E', "calendar_year.working_days", "2026", "259个工作日");
  drop("calendar_day", "2026-05-01");
  clean("calendar");
  put("calendar_day", DAY "2026-05-06,370117,WORK,调休,示例通知一\n");
  found("calendar", 'W', "calendar_day.work_weekday", "2026-05-06", "本来就上班");
  alone();
  drop("calendar_day", "2026-05-06");
  put("calendar_day", DAY "2025-05-01,370117,REST,劳动节,示例通知\n");
  found("calendar", 'E', "calendar_day.year_unknown", "2025-05-01", "2025");
  put("calendar_year", "code,district,notice,working_days\n2024,370117,示例通知,0\n");
  found("calendar", 'W', "calendar_year.days_none", "2024", "2024");
}

// --- Put ---
static void what_a_put_refuses(void **state) {
  (void)state;
  touch("posting", POSTING "T8,370117,P1,grid_worker," LEFT ",2026-10-01,\n");
  assert_int_equal(count_found("posting.overlap"), 1);
  assert_int_equal(fixture.findings.errors, 1);
  touch("contact_card", CARD "C2,370117,P2,H1,2026-05-01\n");
  assert_int_equal(fixture.findings.errors, 1);
  touch("list_item", ITEM "X9,370117,duty,370117,示例,依据,网格员,说明,,\"1;甲;乙;0|2;丙;丁;0;1\",draft,\n");
  assert_int_equal(count_found("list_item.steps_endless"), 1);
  assert_int_equal(fixture.findings.errors, 1);
}

static void what_a_put_warns_of(void **state) {
  (void)state;
  touch("posting",
        POSTING "T8,370117,P4,grid_worker," LEFT ",2026-10-01,\nT9,370117,P4,grid_worker," RIGHT ",2026-10-01,\n");
  assert_int_equal(count_found("grid.worker_several"), 2);
  assert_int_equal(count_found("person.exclusive_posts"), 1); // once, although two of his postings changed
  assert_int_equal(fixture.findings.errors, 0);
  touch("agreement", AGREEMENT "G2,370117,U1,370117001001,2026-01-01,2027-12-31\n");
  assert_int_equal(count_found("agreement.items_none"), 1);
  touch("station_asset", ASSET "A9,370117,S1,一个便民柜,药箱,1,2026-10-01,2026-10-10\n");
  assert_int_equal(count_found("station_asset.expired"), 1);
  touch("calendar_day", DAY "2030-01-01,370117,REST,元旦,示例通知\n");
  assert_int_equal(count_found("calendar_day.year_unknown"), 1);
  touch("party_org", ORG "O7,370117,新支部,branch,," LEFT ",\n");
  assert_int_equal(count_found("party_org.chain_incomplete"), 1);
  touch("party_org", ORG "O1,370117,示例区委,committee,O2,370117,\nO7,370117,新支部,branch,O9," LEFT ",\n");
  // Circles and unknown parents are refused elsewhere.
  assert_int_equal(count_found("party_org.parent_circle") + count_found("party_org.chain_incomplete"), 0);
  assert_int_equal(fixture.findings.errors, 0);
}

static void a_put_of_what_is_right_says_nothing(void **state) {
  (void)state;
  touch("posting", POSTING "T1,370117,P1,grid_worker," LEFT ",2026-02-02,\n");
  assert_int_equal(fixture.findings.count, 0);
  touch("training", TRAINING "R2,370117,网格业务,2026-10-01,4,P1|P2\n");
  assert_int_equal(fixture.findings.count, 0);
}

static void messages_are_well_formed_whatever_the_names(void **state) {
  (void)state;
  struct wg_buffer long_name = {0};
  for (int i = 0; i < 300; i++)
    wg_buffer_printf(&long_name, "社");
  put("agreement_item", AGREED "I1,370117,G1,%s,2026-11-01,,\n", wg_buffer_cstr(&long_name));
  const Wangge__V1__Finding *finding = found("linkages", 'W', "agreement_item.overdue", "I1", "社");
  assert_true(wg_utf8_valid(wg_bytes_of(finding->message)));
  wg_buffer_free(&long_name);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_start, fixture_stop)
  const struct CMUnitTest tests[] = {
      TEST(nothing_is_wrong_with_the_fixture),
      TEST(an_empty_district_has_only_its_calendar_to_fill),
      TEST(households),
      TEST(party_organisations_of_grids),
      TEST(the_partys_chain),
      TEST(dedicated_workers_of_grids),
      TEST(stations_serve_all_grids),
      TEST(vacancies_and_surplus),
      TEST(part_time_workers_are_dual_registered),
      TEST(the_same_post_twice),
      TEST(posts_that_exclude_each_other),
      TEST(community_workers_are_posted_to_grids),
      TEST(grades),
      TEST(who_was_not_trained),
      TEST(trainings_themselves),
      TEST(the_four_ones),
      TEST(things_expire),
      TEST(the_roster),
      TEST(turns),
      TEST(agreements),
      TEST(agreements_end),
      TEST(deputy_members),
      TEST(contact_cards),
      TEST(groups),
      TEST(procedures),
      TEST(disclosure),
      TEST(years_that_are_needed),
      TEST(days_and_their_year),
      TEST(what_a_put_refuses),
      TEST(what_a_put_warns_of),
      TEST(a_put_of_what_is_right_says_nothing),
      TEST(messages_are_well_formed_whatever_the_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
