// See registry_fixture.h.
#include "tests/unit/registry_fixture.h"

#include <stdlib.h>

struct fixture fixture;

static const char *const BASE[][2] = {
    {"staffing_rule", "code,district,role,level,required_min,required_max,must_be_dual_registered,basis\n"
                      "grid-worker,370117,grid_worker,grid,1,1,false,测试办法\n"
                      "grid-part,370117,part_time_worker,grid,0,0,true,\n"
                      "community-head,370117,deputy_member,community,1,0,false,\n"},
    {"post_grade", "code,district,post,grade,name\n"
                   "g1,370117,专职岗,1,一档\n"
                   "g2,370117,专职岗,2,二档\n"},
    {"person", "code,district,name,phone,party_member,dual_registered,unit,grade\n"
               "P1,370117,示例甲,,true,false,,g1\n"
               "P2,370117,示例乙,,false,false,,g1\n"
               "P3,370117,示例丙,,false,false,,g2\n"
               "P4,370117,示例丁,,true,true,,\n"
               "P5,370117,示例戊,,true,false,U1,\n"},
    {"posting", "code,district,person,role,area,from,to\n"
                "T0,370117,P2,grid_worker,370117001001001,2025-01-01,2026-01-31\n"
                "T1,370117,P1,grid_worker,370117001001001,2026-02-01,\n"
                "T2,370117,P2,grid_worker,370117001001002,2026-02-01,\n"
                "T3,370117,P3,grid_worker,370117001001003,2026-02-01,\n"
                "T4,370117,P1,community_worker,370117001001,2026-02-01,\n"
                "T5,370117,P4,part_time_worker,370117001001001,2026-02-01,\n"
                "T6,370117,P5,deputy_member,370117001001,2026-02-01,\n"},
    {"party_org", "code,district,name,kind,parent,area,buildings\n"
                  "O1,370117,示例区委,committee,,370117,\n"
                  "O2,370117,示例社区党委,committee,O1,370117001001,\n"
                  "O3,370117,第一网格党支部,branch,O2,370117001001001,\n"
                  "O4,370117,第二网格党支部,branch,O2,370117001001002,\n"
                  "O5,370117,专属网格党小组,group,O4,370117001001003,\n"},
    {"training", "code,district,topic,held_on,hours,people\nR1,370117,网格业务,2026-03-01,4,P1|P2|P3\n"},
    {"station", "code,district,name,grids,address,lon,lat,phone,opening_hours\n"
                "S1,370117,示例驿站,370117001001001|370117001001002|370117001001003,示例路1号,,,,08:30-17:30\n"},
    {"station_asset", "code,district,station,kind,name,quantity,expires_on,checked_on\n"
                      "A1,370117,S1,一张办公桌,办公桌,1,,2026-10-10\n"
                      "A2,370117,S1,一个洽谈室,洽谈室,1,,2026-10-10\n"
                      "A3,370117,S1,一个便民柜,药箱,1,2027-06-30,2026-10-10\n"
                      "A4,370117,S1,一张网格图,网格图,1,,2026-10-10\n"},
    {"station_turn", "code,district,station,person,on,from,to\n"
                     "D1,370117,S1,P1,2026-11-02,08:30,12:30\n"
                     "D2,370117,S1,P2,2026-11-02,12:00,17:30\n"
                     "D3,370117,S1,P1,2026-11-03,08:30,17:30\n"},
    {"partner_unit", "code,district,name,community,kind,address\nU1,370117,示例小学,370117001001,学校,示例路2号\n"},
    {"agreement", "code,district,unit,community,signed_on,ends_on\nG1,370117,U1,370117001001,2026-01-01,2027-12-31\n"},
    {"agreement_item", "code,district,agreement,text,due_on,done_on,evidence\n"
                       "I1,370117,G1,开放操场,2026-12-01,,\n"
                       "I2,370117,G1,义诊,2026-05-01,2026-04-20,照片\n"},
    {"building", "code,district,grid,name,estate,address,households,lon,lat,aliases\n"
                 "B1,370117,370117001001001,示例家园1号楼,示例家园,,24,117.805,36.105,\n"},
    {"household", "code,district,building,door,residents,tags\nH1,370117,B1,1单元101,2,\n"},
    {"contact_card", "code,district,person,household,given_on\nC1,370117,P1,H1,2026-05-01\n"},
    {"message_group", "code,district,name,grid,manager,members\n"
                      "M1,370117,一群,370117001001001,P1,100\n"
                      "M2,370117,二群,370117001001002,P2,100\n"
                      "M3,370117,三群,370117001001003,P3,100\n"},
    {"place", "code,district,name,kind,aliases,grids,community,lon,lat\n"
              "L1,370117,示例路,road,,370117001001001|370117001001002,,117.81,36.105\n"
              "L2,370117,示例广场,square,,,370117001001,117.801,36.101\n"},
    {"list_item", "code,district,list,area,name,basis,who,text,contact,steps,disclosure,disclosed_on\n"
                  "X1,370117,micro_power,370117,示例权力,示例办法,居委会,说明,,"
                  "\"1;申请;居民;0|2;审核;网格员;1;3,4;齐全？|3;补正;居民;0;2|4;办结;网格员;1\",disclosed,2026-01-15\n"
                  "X2,370117,service,370117,示例服务,服务清单,驿站,说明,示例驿站 12345,,disclosed,2026-01-15\n"
                  "X3,370117,duty,370117,示例职责,职责清单,网格员,说明,,,draft,\n"},
    {"calendar_year", "code,district,notice,working_days\n"
                      "2026,370117,示例通知一,260\n"
                      "2027,370117,示例通知二,261\n"},
    {"calendar_day", "code,district,kind,reason,notice\n"
                     "2026-01-01,370117,REST,元旦,示例通知一\n"
                     "2026-10-01,370117,REST,国庆节,示例通知一\n"
                     "2026-10-10,370117,WORK,调休,示例通知一\n"
                     "2026-10-02,370117,REST,国庆节,示例通知一\n"
                     "2026-01-04,370117,WORK,调休,示例通知一\n"
                     "2027-01-01,370117,REST,元旦,示例通知二\n"
                     "2027-01-03,370117,WORK,调休,示例通知二\n"},
};

static void take(const char *kind, const char *csv) {
  const size_t before = fixture.records->count;
  records_add(fixture.records, kind, csv);
  for (size_t i = before; i < fixture.records->count; i++)
    wg_book_set(fixture.draft, fixture.records->record[i], i + 1);
}

__attribute__((format(printf, 1, 0))) static char *format_rows(const char *format, va_list arguments) {
  char *text = NULL;
  assert_true(vasprintf(&text, format, arguments) > 0);
  char *copy = wg_arena_strdup(fixture.arena, text);
  free(text);
  return copy;
}

void put(const char *kind, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *csv = format_rows(format, arguments);
  va_end(arguments);
  take(kind, csv);
}

const char *box(double west, double south, double east, double north) {
  const double w = 117.8 + west / 1000, s = 36.1 + south / 1000, e = 117.8 + east / 1000, n = 36.1 + north / 1000;
  return wg_arena_printf(fixture.arena, "\"POLYGON((%.7f %.7f, %.7f %.7f, %.7f %.7f, %.7f %.7f, %.7f %.7f))\"", w, s, e,
                         s, e, n, w, n, w, s);
}

static void draw(void) {
  put("district", "code,district,name,boundary,min_lon,max_lon,min_lat,max_lat\n370117,370117,示例区,%s,,,,\n",
      box(0, 0, 20, 10));
  put("street", "code,district,name,boundary\n370117001,370117,示例街道,%s\n", box(0, 0, 20, 10));
  put("community",
      "code,district,name,kind,boundary,founded_on,aliases\n370117001001,370117,示例社区,residential,%s,,\n",
      box(0, 0, 20, 10));
  put("grid",
      "code,district,name,kind,boundary,households,households_reason,aliases\n" LEFT
      ",370117,第一网格,basic,%s,350,,\n" RIGHT ",370117,第二网格,basic,%s,350,,\n" OFFICE
      ",370117,专属网格,dedicated,%s,0,,\n",
      box(0, 0, 10, 10), box(10, 0, 20, 10), box(12, 2, 15, 5));
}

int fixture_start(void **state) {
  (void)state;
  fixture = (struct fixture){.records = records_create(), .arena = wg_arena_create(1 << 16)};
  fixture.base = wg_book_create(&REGISTRY_BOOK);
  fixture.draft = wg_book_draft(fixture.base, fixture.arena);
  for (size_t i = 0; i < sizeof BASE / sizeof *BASE; i++)
    take(BASE[i][0], BASE[i][1]);
  draw();
  wg_book_apply(fixture.base, fixture.draft);
  fixture.draft = wg_book_draft(fixture.base, fixture.arena);
  today("2026-11-02");
  return 0;
}

int fixture_stop(void **state) {
  (void)state;
  wg_book_destroy(fixture.base);
  records_destroy(fixture.records);
  wg_arena_destroy(fixture.arena);
  return 0;
}

void drop(const char *kind, const char *code) {
  const int body = (int)wg_kind_find(kind)->body_case;
  const Wangge__V1__Record *record = wg_book_get(fixture.draft, DISTRICT, body, code);
  assert_non_null(record);
  Wangge__V1__Record *gone = wg_arena_alloc(fixture.arena, sizeof *gone);
  *gone = *record;
  gone->deleted = true;
  wg_book_set(fixture.draft, gone, 1);
}

void today(const char *day) {
  assert_true(wg_day_parse(day, &fixture.today));
}

void show(void) {
  for (size_t i = 0; i < fixture.findings.count; i++) {
    const Wangge__V1__Finding *finding = fixture.findings.finding[i];
    print_error("%s %s %s %s: %s\n", finding->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR ? "E" : "W",
                finding->code, finding->record, finding->field, finding->message);
  }
}

void run(const char *report) {
  wg_findings_start(&fixture.findings, fixture.arena);
  const struct registry_report *found = registry_report_find(report);
  assert_non_null(found);
  registry_report_run(found, fixture.draft, DISTRICT, fixture.today, &fixture.findings);
}

void clean(const char *report) {
  run(report);
  if (fixture.findings.count) show();
  assert_int_equal(fixture.findings.count, 0);
}

size_t count_found(const char *code) {
  size_t count = 0;
  for (size_t i = 0; i < fixture.findings.count; i++)
    count += strcmp(fixture.findings.finding[i]->code, code) == 0;
  return count;
}

static const Wangge__V1__Finding *look_up(char severity, const char *code, const char *record, const char *words) {
  const Wangge__V1__Severity wanted =
      severity == 'E' ? WANGGE__V1__SEVERITY__SEVERITY_ERROR : WANGGE__V1__SEVERITY__SEVERITY_WARNING;
  const Wangge__V1__Finding *only = NULL;
  for (size_t i = 0; i < fixture.findings.count; i++) {
    const Wangge__V1__Finding *finding = fixture.findings.finding[i];
    if (strcmp(finding->code, code) != 0 || (*record && strcmp(finding->record, record) != 0)) continue;
    if (only || finding->severity != wanted || !strstr(finding->message, words)) show();
    assert_null(only);
    only = finding;
    assert_int_equal(finding->severity, wanted);
    assert_non_null(strstr(finding->message, words));
    assert_true(*finding->kind && *finding->record);
  }
  if (!only) show();
  assert_non_null(only);
  return only;
}

const Wangge__V1__Finding *found(const char *report, char severity, const char *code, const char *record,
                                 const char *words) {
  run(report);
  return look_up(severity, code, record, words);
}

static int compare_change(const void *left, const void *right) {
  const struct registry_change *a = left, *b = right;
  return strcmp(a->record->code, b->record->code);
}

void touch(const char *kind, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const size_t first = fixture.records->count;
  records_add(fixture.records, kind, format_rows(format, arguments));
  va_end(arguments);
  const size_t count = fixture.records->count - first;
  struct wg_book *after = wg_book_draft(fixture.draft, fixture.arena);
  struct registry_change *change = wg_arena_zalloc(fixture.arena, (count + 1) * sizeof *change);
  for (size_t i = 0; i < count; i++) {
    Wangge__V1__Record *record = fixture.records->record[first + i];
    change[i] = (struct registry_change){
        .kind = wg_kind_of(record),
        .record = record,
        .before = wg_book_get(fixture.draft, DISTRICT, (int)record->body_case, record->code),
        .row = (int32_t)i,
    };
    wg_book_set(after, record, first + i);
  }
  qsort(change, count, sizeof *change, compare_change);
  const struct registry_changes changes = {
      .before = fixture.draft, .after = after, .change = change, .count = count, .arena = fixture.arena};
  wg_findings_start(&fixture.findings, fixture.arena);
  registry_check_touched(&changes, fixture.today, &fixture.findings);
}
