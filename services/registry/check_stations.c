// Stations (民悦驿站): the four ones are there and not expired, the duty roster is filled.
//
// Which four things the four ones are is the district's: the four kinds of assets that most of its stations have.
//   station.asset_missing        one of the four is not there
//   station.assets_unknown       a warning: the district has not four kinds
//   station_asset.expired, station_asset.expires_soon (a warning, 30 days before)
//   station.assets_check_old     a warning: things not counted for two months
//   station_turn.person_twice    a person has two turns at once
//   station_turn.to_order        ends before it begins
//   station.roster_gap           a warning: a working day of the next 14, within the roster, without a turn, or hours
//   of
//                                opening without one
//   station.roster_ended         a warning: the roster has no turn from today on
#include "services/registry/check_survey.h"

#include "common/base/clock.h"
#include "common/base/map.h"
#include "common/calendar/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOUR = 4, KINDS_MOST = 256, SOON_DAYS = 30, COUNTED_DAYS = 62, ROSTER_DAYS = 14, DAY_MINUTES = 1440 };
static const char RULE_FOUR[] = "驿站“四个一”齐全、在有效期内";
static const char RULE_ROSTER[] = "驿站有人值班";

// --- the four ones ---
struct asset_kind {
  const char *name;
  size_t stations;
};
struct inventory {
  struct asset_kind kind[KINDS_MOST];
  size_t count;
  struct wg_map *has; // "station kind": the asset
};

static char *inventory_key(struct registry_survey *survey, const char *station, const char *kind) {
  return wg_arena_printf(survey->arena, "%s\n%s", station, kind);
}

static int compare_kind(const void *left, const void *right) {
  const struct asset_kind *a = left, *b = right;
  if (a->stations != b->stations) return a->stations > b->stations ? -1 : 1;
  return strcmp(a->name, b->name);
}

static void take_stock(struct registry_survey *survey, struct inventory *inventory) {
  inventory->has = wg_map_create();
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(STATION_ASSET));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    Wangge__V1__StationAsset *asset = record->station_asset;
    const char *key = inventory_key(survey, asset->station, asset->kind);
    if (asset->quantity <= 0 || wg_map_get(inventory->has, key)) continue;
    wg_map_put(inventory->has, key, asset);
    size_t i = 0;
    while (i < inventory->count && strcmp(inventory->kind[i].name, asset->kind) != 0)
      i++;
    if (i == KINDS_MOST) continue;
    if (i == inventory->count) inventory->kind[inventory->count++] = (struct asset_kind){.name = asset->kind};
    inventory->kind[i].stations++;
  }
  if (inventory->count) qsort(inventory->kind, inventory->count, sizeof *inventory->kind, compare_kind);
}

static void check_stock(struct registry_survey *survey, const struct inventory *inventory) {
  const size_t wanted = inventory->count < FOUR ? inventory->count : FOUR;
  struct registry_names known = {0};
  for (size_t i = 0; i < inventory->count; i++)
    registry_names_add(survey, &known, inventory->kind[i].name);
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(STATION));
  const Wangge__V1__Record *station = wg_book_next(&walk);
  if (station && wanted < FOUR)
    REGISTRY_SAY(survey, REGISTRY_HINT, station, "assets_unknown", "code", RULE_FOUR,
                 "全区驿站只登记了%zu种物品（%s），“四个一”应有4种；请补录驿站物品", wanted,
                 known.count ? registry_names_text(survey, &known) : "无");
  for (; station; station = wg_book_next(&walk)) {
    for (size_t i = 0; i < wanted; i++) {
      if (wg_map_get(inventory->has, inventory_key(survey, station->code, inventory->kind[i].name))) continue;
      REGISTRY_SAY(survey, REGISTRY_FAULT, station, "asset_missing", "code", RULE_FOUR,
                   "驿站“%s”缺“%s”；请配齐后登记，数量至少为1", station->station->name, inventory->kind[i].name);
    }
  }
}

void registry_check_asset(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__StationAsset *asset = record->station_asset;
  char soon[11];
  registry_day_text(survey->today + SOON_DAYS, soon);
  if (!*asset->expires_on || strcmp(asset->expires_on, soon) > 0) return;
  if (strcmp(asset->expires_on, survey->day) < 0)
    REGISTRY_SAY(survey, REGISTRY_FAULT, record, "expired", "expires_on", RULE_FOUR,
                 "驿站“%s”的“%s”（%s）已于%s过期；请更换并改到期日期", asset->station, asset->name, asset->kind,
                 asset->expires_on);
  else
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "expires_soon", "expires_on", RULE_FOUR,
                 "驿站“%s”的“%s”（%s）将于%s到期；请提前更换", asset->station, asset->name, asset->kind,
                 asset->expires_on);
}

// check_counted tells of each station the things that nobody counted for long, in one line.
static void check_counted(struct registry_survey *survey) {
  char old[11];
  registry_day_text(survey->today - COUNTED_DAYS, old);
  struct wg_map *of_station = wg_map_create();
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(STATION_ASSET));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__StationAsset *asset = record->station_asset;
    if (strcmp(asset->checked_on, old) >= 0) continue;
    struct registry_names *names = wg_map_get(of_station, asset->station);
    if (!names) {
      names = wg_arena_zalloc(survey->arena, sizeof *names);
      wg_map_put(of_station, asset->station, names);
    }
    registry_names_add(survey, names, asset->name);
  }
  walk = registry_each(survey, REGISTRY_BODY(STATION));
  for (const Wangge__V1__Record *station; (station = wg_book_next(&walk));) {
    const struct registry_names *names = wg_map_get(of_station, station->code);
    if (!names) continue;
    REGISTRY_SAY(survey, REGISTRY_HINT, station, "assets_check_old", "code", RULE_FOUR,
                 "驿站“%s”的物品自%s以来没有清点：%s；请清点并登记日期", station->station->name, old,
                 registry_names_text(survey, names));
  }
  wg_map_destroy(of_station);
}

static void check_assets(struct registry_survey *survey) {
  struct inventory *inventory = wg_arena_zalloc(survey->arena, sizeof *inventory);
  take_stock(survey, inventory);
  check_stock(survey, inventory);
  wg_map_destroy(inventory->has);
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(STATION_ASSET));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    registry_check_asset(survey, record);
  check_counted(survey);
}

// --- turns ---
struct turn {
  const Wangge__V1__Record *record;
  const Wangge__V1__StationTurn *turn;
};

static int compare_person(const void *left, const void *right) {
  const struct turn *a = left, *b = right;
  int order = strcmp(a->turn->person, b->turn->person);
  if (!order) order = strcmp(a->turn->on, b->turn->on);
  if (!order) order = strcmp(a->turn->from, b->turn->from);
  return order ? order : strcmp(a->record->code, b->record->code);
}

static int compare_station(const void *left, const void *right) {
  const struct turn *a = left, *b = right;
  int order = strcmp(a->turn->station, b->turn->station);
  if (!order) order = strcmp(a->turn->on, b->turn->on);
  if (!order) order = strcmp(a->turn->from, b->turn->from);
  return order ? order : strcmp(a->record->code, b->record->code);
}

static void check_persons(struct registry_survey *survey, struct turn *turn, size_t count) {
  if (count) qsort(turn, count, sizeof *turn, compare_person);
  for (size_t i = 0; i < count; i++) {
    if (strcmp(turn[i].turn->from, turn[i].turn->to) >= 0)
      REGISTRY_SAY(survey, REGISTRY_FAULT, turn[i].record, "to_order", "to", RULE_ROSTER,
                   "值班结束时间%s不晚于开始时间%s；请改正", turn[i].turn->to, turn[i].turn->from);
    const Wangge__V1__StationTurn *a = i ? turn[i - 1].turn : NULL, *b = turn[i].turn;
    if (!a || strcmp(a->person, b->person) != 0 || strcmp(a->on, b->on) != 0 || strcmp(b->from, a->to) >= 0) continue;
    REGISTRY_SAY(survey, REGISTRY_FAULT, turn[i].record, "person_twice", "person", RULE_ROSTER,
                 "“%s”%s在驿站“%s”（%s–%s）和“%s”（%s–%s）同时值班；请改其中一班", b->person, b->on, a->station,
                 a->from, a->to, b->station, b->from, b->to);
  }
}

// minutes reads HH:MM; -1: not a time.
static int minutes(const char *text) {
  int minute;
  return wg_minute_parse(text, &minute) ? minute : -1;
}

// opening reads opening hours of the form 08:30-17:30; false: of another form, so that only days can be looked at.
static bool opening(const char *text, int *from, int *to) {
  const char *dash = strchr(text, '-');
  *from = minutes(text);
  *to = dash ? minutes(dash + 1) : -1;
  return *from >= 0 && *to > *from && *to <= DAY_MINUTES;
}

// uncovered gives the first minute of the opening hours in which nobody is on duty; `to` when there is none.
static int uncovered(const struct turn *turn, size_t count, int from, int to) {
  int covered = from; // turns are in order of their beginning
  for (size_t i = 0; i < count; i++) {
    const int begins = minutes(turn[i].turn->from), ends = minutes(turn[i].turn->to);
    if (begins > covered) break;
    if (ends > covered) covered = ends;
  }
  return covered < to ? covered : to;
}

static void check_roster(struct registry_survey *survey, const struct wg_calendar *calendar,
                         const Wangge__V1__Record *station, const struct turn *turn, size_t count) {
  const char *last = count ? turn[count - 1].turn->on : "";
  if (strcmp(last, survey->day) < 0) {
    REGISTRY_SAY(survey, REGISTRY_HINT, station, "roster_ended", "code", RULE_ROSTER,
                 "驿站“%s”的值班表%s%s；请排以后的班", station->station->name, *last ? "只排到" : "没有排班", last);
    return;
  }
  int from = 0, to = 0;
  const bool hours = opening(station->station->opening_hours, &from, &to);
  for (int32_t day = survey->today; day < survey->today + ROSTER_DAYS; day++) {
    char text[11];
    registry_day_text(day, text);
    if (strcmp(text, last) > 0) return;
    while (count && strcmp(turn->turn->on, text) < 0)
      turn++, count--;
    size_t of_day = 0;
    while (of_day < count && strcmp(turn[of_day].turn->on, text) == 0)
      of_day++;
    const int gap = of_day && hours ? uncovered(turn, of_day, from, to) : to;
    if (!of_day && wg_calendar_works(calendar, day))
      REGISTRY_SAY(survey, REGISTRY_HINT, station, "roster_gap", "code", RULE_ROSTER, "驿站“%s”%s没有人值班；请排班",
                   station->station->name, text);
    else if (of_day && hours && gap < to)
      REGISTRY_SAY(survey, REGISTRY_HINT, station, "roster_gap", "code", RULE_ROSTER,
                   "驿站“%s”%s开放时间%s，%02d:%02d起有一段没有人值班；请补排", station->station->name, text,
                   station->station->opening_hours, gap / 60, gap % 60);
  }
}

static struct wg_calendars *read_calendars(struct registry_survey *survey) {
  static const int KINDS[] = {REGISTRY_BODY(CALENDAR_YEAR), REGISTRY_BODY(CALENDAR_DAY)};
  size_t most = 0, count = 0;
  for (int i = 0; i < 2; i++)
    most += wg_book_count(survey->book, survey->district, KINDS[i]);
  const Wangge__V1__Record **records = wg_arena_alloc(survey->arena, (most + 1) * sizeof(Wangge__V1__Record *));
  for (int i = 0; i < 2; i++) {
    struct wg_book_walk walk = registry_each(survey, KINDS[i]);
    for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
      records[count++] = record;
  }
  struct wg_calendars *calendars = NULL;
  struct wg_error told_by_the_calendar_report = {0};
  if (wg_calendars_build(records, count, &calendars, &told_by_the_calendar_report) != WG_OK) return NULL;
  return calendars;
}

static void check_rosters(struct registry_survey *survey) {
  size_t count = 0;
  const size_t most = wg_book_count(survey->book, survey->district, REGISTRY_BODY(STATION_TURN));
  struct turn *turn = wg_arena_alloc(survey->arena, (most + 1) * sizeof *turn);
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(STATION_TURN));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    turn[count++] = (struct turn){record, record->station_turn};
  check_persons(survey, turn, count);
  if (count) qsort(turn, count, sizeof *turn, compare_station);
  struct wg_calendars *calendars = read_calendars(survey);
  const struct wg_calendar *calendar = wg_calendars_of(calendars, survey->district);
  size_t at = 0;
  walk = registry_each(survey, REGISTRY_BODY(STATION)); // in order of codes, as the turns are
  for (const Wangge__V1__Record *station; (station = wg_book_next(&walk));) {
    while (at < count && strcmp(turn[at].turn->station, station->code) < 0)
      at++;
    size_t end = at;
    while (end < count && strcmp(turn[end].turn->station, station->code) == 0)
      end++;
    check_roster(survey, calendar, station, turn + at, end - at);
    at = end;
  }
  wg_calendars_close(calendars);
}

void registry_check_stations(struct registry_survey *survey) {
  check_assets(survey);
  check_rosters(survey);
}
