// See duties.h.
#include "services/registry/duties.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/records/records.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
  TITLE_BYTES = 300, // as intake's contract has it
  TEXT_BYTES = 32768,
  ADDRESS_BYTES = 512,
  HASH_HEX = 32
};

// --- calendar ---
int32_t registry_duty_today(int64_t now) {
  const struct wg_civil civil = wg_civil_from_us(now);
  return wg_day_number(civil.year, civil.month, civil.day);
}

static int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}

static bool in_force(const Wangge__V1__DutyTemplate *template, int32_t day) {
  int32_t from = 0, to = 0;
  if (*template->starts_on && (!wg_day_parse(template->starts_on, &from) || day < from)) return false;
  return !*template->ends_on || (wg_day_parse(template->ends_on, &to) && day <= to);
}

static int days_of_month(int year, int month) {
  return wg_day_number(month == 12 ? year + 1 : year, month % 12 + 1, 1) - wg_day_number(year, month, 1);
}

static bool due_monthly(const Wangge__V1__DutyTemplate *template, int32_t day, int32_t every) {
  int year = 0, month = 0, of_month = 0, from_year = 0, from_month = 1, from_day = 0;
  int32_t from = 0;
  wg_day_civil(day, &year, &month, &of_month);
  if (wg_day_parse(template->starts_on, &from)) wg_day_civil(from, &from_year, &from_month, &from_day);
  const int last = days_of_month(year, month), on = template->on < last ? template->on : last;
  return of_month == on && (year * 12 + month - from_year * 12 - from_month) % every == 0;
}

bool registry_duty_due(const Wangge__V1__DutyTemplate *template, int32_t day) {
  const int32_t every = template->every > 0 ? template->every : 1;
  int32_t from = 0;
  if (!in_force(template, day)) return false;
  const bool starts = wg_day_parse(template->starts_on, &from);
  switch (template->trigger) {
  case WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_DAYS:
    return starts && (day - from) % every == 0;
  case WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_WEEKLY: // weeks begin on Monday; 1970-01-01 was a Thursday
    return wg_day_weekday(day) + 1 == template->on &&
           (floor_div((int64_t)day + 3, 7) - floor_div((int64_t)from + 3, 7)) % every == 0;
  case WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_MONTHLY:
    return due_monthly(template, day, every);
  default:
    return false;
  }
}

bool registry_duty_next_day(int32_t done, int32_t today, int32_t *day, int32_t *skipped) {
  *skipped = 0;
  *day = today;
  if (!done) return true; // a new district: nothing was missed
  if (done >= today) return false;
  *day = done + 1;
  if (*day < today - REGISTRY_DUTY_DAYS_BACK) {
    *skipped = today - REGISTRY_DUTY_DAYS_BACK - *day;
    *day = today - REGISTRY_DUTY_DAYS_BACK;
  }
  return true;
}

// --- where a record is ---
struct where {
  const char *area;                  // 6, 9, 12 or 15 digits
  const Wangge__V1__Record *station; // instead
};

#define BODY(name) WANGGE__V1__RECORD__BODY_##name

// text_field gives the value of a column that refers to one record; "" when there is none.
static const char *text_field(const Wangge__V1__Record *record, const char *field) {
  const struct wg_column *column = wg_kind_column(wg_kind_of(record), field);
  char *const *values = NULL;
  return column && wg_record_texts(record, column, &values) ? values[0] : "";
}

// NEXT: the record that tells where one of a kind is, until it is an area's or a station's.
static const struct {
  Wangge__V1__Record__BodyCase kind;
  const char *field;
  int to; // kind it refers to; 0: the value is an area's code, or a station's
} NEXT[] = {
    {BODY(HOUSEHOLD), "building", BODY(BUILDING)},
    {BODY(STATION_ASSET), "station", 0},
    {BODY(STATION_TURN), "station", 0},
    {BODY(AGREEMENT_ITEM), "agreement", BODY(AGREEMENT)},
    {BODY(CONTACT_CARD), "household", BODY(HOUSEHOLD)},
    {BODY(BUILDING), "grid", 0},
    {BODY(PARTNER_UNIT), "community", 0},
    {BODY(AGREEMENT), "community", 0},
    {BODY(MESSAGE_GROUP), "grid", 0},
    {BODY(PARTY_ORG), "area", 0},
    {BODY(POSTING), "area", 0},
    {BODY(LIST_ITEM), "area", 0},
    {BODY(PLACE), "community", 0},
};

static struct where where_code(const struct wg_book *book, const char *district, const char *code) {
  const size_t size = strlen(code);
  struct where where = {.area = district};
  if (size >= 6 && size <= 15 && size % 3 == 0 && wg_all_digits(code, size) && strncmp(code, district, 6) == 0)
    where.area = code;
  else where.station = wg_book_get(book, district, BODY(STATION), code);
  return where;
}

static struct where where_is(const struct wg_book *book, const Wangge__V1__Record *record) {
  const char *district = record->district;
  for (int steps = 0; record && steps < 8; steps++) {
    if (record->body_case == BODY(STATION)) return (struct where){district, record};
    if (record->body_case == BODY(PLACE) && record->place->n_grids)
      return where_code(book, district, record->place->grids[0]);
    size_t i = 0;
    while (i < sizeof NEXT / sizeof *NEXT && NEXT[i].kind != record->body_case)
      i++;
    if (i == sizeof NEXT / sizeof *NEXT) {
      const bool net =
          record->body_case == BODY(STREET) || record->body_case == BODY(COMMUNITY) || record->body_case == BODY(GRID);
      return net ? where_code(book, district, record->code) : (struct where){.area = district};
    }
    const char *code = text_field(record, NEXT[i].field);
    if (!NEXT[i].to) return where_code(book, district, code);
    record = wg_book_get(book, district, NEXT[i].to, code);
  }
  return (struct where){.area = district};
}

// --- names ---
static const Wangge__V1__Record *area_record(const struct wg_book *book, const char *district, const char *area) {
  static const int KINDS[] = {BODY(NET_DISTRICT), BODY(STREET), BODY(COMMUNITY), BODY(GRID)};
  const size_t size = strlen(area);
  return size < 6 || size > 15 ? NULL : wg_book_get(book, district, KINDS[(size - 6) / 3], area);
}

static const char *name_or(const Wangge__V1__Record *record, const char *otherwise) {
  const char *name = record ? wg_record_name(record) : "";
  return *name ? name : otherwise;
}

// area_name: a grid's name says little without its community's.
static const char *area_name(const struct wg_book *book, const char *district, const char *area,
                             struct wg_arena *arena) {
  const char *name = name_or(area_record(book, district, area), area);
  if (strlen(area) != 15) return name;
  const char *community = wg_arena_printf(arena, "%.12s", area);
  community = name_or(area_record(book, district, community), "");
  return strncmp(name, community, strlen(community)) == 0 ? name : wg_arena_printf(arena, "%s%s", community, name);
}

// record_name: what is personal stays out of orders.
static const char *record_name(const Wangge__V1__Record *record) {
  const struct wg_column *name = wg_kind_column(wg_kind_of(record), "name");
  return name && name->personal ? record->code : name_or(record, record->code);
}

static char *cut(const char *text, size_t most, struct wg_arena *arena) {
  const size_t size = wg_utf8_cut(wg_bytes_of(text), most);
  return wg_arena_printf(arena, "%.*s", (int)size, text);
}

static char *replace(const char *text, const char *area, const char *record, size_t most, struct wg_arena *arena) {
  struct wg_buffer out = {0};
  while (*text) {
    const char *value = strncmp(text, "{area}", 6) == 0 ? area : strncmp(text, "{record}", 8) == 0 ? record : NULL;
    if (value) {
      wg_buffer_text(&out, value);
      text = strchr(text, '}') + 1;
    } else {
      wg_buffer_append(&out, text++, 1);
    }
  }
  char *replaced = cut(wg_buffer_cstr(&out), most, arena);
  wg_buffer_free(&out);
  return replaced;
}

static char *make_id(const char *template, const char *area, const char *what, struct wg_arena *arena) {
  char *id = wg_arena_printf(arena, "%s/%s/%s", template, area, what);
  if (strlen(id) <= REGISTRY_DUTY_ID_BYTES) return id;
  uint8_t hash[crypto_hash_sha256_BYTES];
  char hex[HASH_HEX + 1];
  crypto_hash_sha256(hash, (const unsigned char *)id, strlen(id));
  sodium_bin2hex(hex, sizeof hex, hash, HASH_HEX / 2);
  return wg_arena_printf(arena, "%s~%s", cut(id, REGISTRY_DUTY_ID_BYTES - HASH_HEX - 1, arena), hex);
}

// --- making duties ---
struct making {
  const struct wg_book *book;
  const char *district;
  const Wangge__V1__Record *template; // the record
  const Wangge__V1__Record *record;   // NULL: of the calendar
  const char *what;                   // end of the id
  const char *note;                   // more for the text; "" : none
  int32_t day;
  int64_t occurred_at;
  struct registry_duties *duties;
};

static char *make_text(const struct making *making, const char *area, struct wg_arena *arena) {
  const Wangge__V1__DutyTemplate *template = making->template->duty_template;
  struct wg_buffer role = {0};
  if (template->role)
    wg_record_cell(making->template, wg_kind_column(wg_kind_of(making->template), "role"), true, &role);
  const char *record = making->record ? record_name(making->record) : "";
  const char *text = replace(*template->text ? template->text : template->title, area, record, TEXT_BYTES, arena);
  char *whole = wg_arena_printf(arena, "%s%s%s%s%s", text, template->role ? "\n责任岗位：" : "",
                                template->role ? wg_buffer_cstr(&role) : "", *making->note ? "\n" : "", making->note);
  wg_buffer_free(&role);
  return cut(whole, TEXT_BYTES, arena);
}

static Wangge__V1__NewOrder *make_order(const struct making *making, const char *id, const char *name,
                                        const char *address, const char *grid) {
  struct wg_arena *arena = making->duties->arena;
  const Wangge__V1__DutyTemplate *template = making->template->duty_template;
  const Wangge__V1__Record *category = wg_book_get(making->book, making->district, BODY(CATEGORY), template->category);
  Wangge__V1__NewOrder *order = wg_arena_alloc(arena, sizeof *order);
  wangge__v1__new_order__init(order);
  order->external_id = wg_arena_strdup(arena, id);
  order->district = wg_arena_strdup(arena, making->district);
  order->channel = template->channel ? template->channel : WANGGE__V1__CHANNEL__CHANNEL_PATROL_VISIT;
  order->kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP;
  order->category = wg_arena_strdup(arena, category ? category->category->path : "");
  order->title = replace(*template->title ? template->title : template->name, name,
                         making->record ? record_name(making->record) : "", TITLE_BYTES, arena);
  order->text = make_text(making, name, arena);
  order->address = cut(address, ADDRESS_BYTES, arena);
  order->grid_code = wg_arena_strdup(arena, grid);
  order->occurred_at = making->occurred_at;
  return order;
}

static struct registry_duty *add_duty(struct registry_duties *duties) {
  if (duties->count == duties->capacity) {
    duties->capacity = duties->capacity ? duties->capacity * 2 : 64;
    struct registry_duty *grown = wg_arena_alloc(duties->arena, duties->capacity * sizeof *grown);
    if (duties->count) memcpy(grown, duties->duty, duties->count * sizeof *grown);
    duties->duty = grown;
  }
  return &duties->duty[duties->count++];
}

// emit makes the duty of one area, or of one station.
static void emit(const struct making *making, const char *area, const Wangge__V1__Record *station) {
  struct registry_duties *duties = making->duties;
  struct wg_arena *arena = duties->arena;
  if (duties->seen++ < duties->skip) return;
  if (duties->count == duties->most) {
    duties->more = true;
    return;
  }
  const char *code = station ? station->code : area;
  const char *name = station ? name_or(station, code) : area_name(making->book, making->district, area, arena);
  const char *grid = station && station->station->n_grids ? station->station->grids[0] : area;
  const char *address = station ? station->station->address : name;
  if (!wg_all_digits(grid, 15) || strncmp(grid, making->district, 6) != 0) grid = "";
  struct registry_duty *duty = add_duty(duties);
  int year = 0, month = 0, of_month = 0;
  wg_day_civil(making->day, &year, &month, &of_month);
  snprintf(duty->due_on, sizeof duty->due_on, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
           (unsigned)of_month % 100);
  duty->district = wg_arena_strdup(arena, making->district);
  duty->template = wg_arena_strdup(arena, making->template->code);
  duty->area = wg_arena_strdup(arena, code);
  duty->duty_id = make_id(making->template->code, code, making->what, arena);
  duty->order = make_order(making, duty->duty_id, name, address, grid);
}

static bool begins(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void emit_area(const struct making *making, const char *area) {
  if (begins(area, making->template->duty_template->area)) emit(making, area, NULL);
}

static bool serves(const Wangge__V1__Record *station, const char *area) {
  for (size_t i = 0; i < station->station->n_grids; i++) {
    if (begins(station->station->grids[i], area)) return true;
  }
  return false;
}

static void emit_station(const struct making *making, const Wangge__V1__Record *station) {
  const char *area = making->template->duty_template->area;
  if (!*area || begins(station->code, area) || serves(station, area)) emit(making, station->code, station);
}

static void emit_stations(const struct making *making, struct where where) {
  if (where.station) {
    emit_station(making, where.station);
    return;
  }
  struct wg_book_walk walk = wg_book_walk(making->book, making->district, BODY(STATION), "");
  for (const Wangge__V1__Record *station; (station = wg_book_next(&walk));) {
    if (strlen(where.area) == 6 || serves(station, where.area)) emit_station(making, station);
  }
}

// emit_areas: of a kind whose codes have `digits`: the one above or all below.
static void emit_areas(const struct making *making, struct where where, int kind, size_t digits) {
  if (where.station && !where.station->station->n_grids) return;
  if (where.station && digits == 15) {
    for (size_t i = 0; i < where.station->station->n_grids; i++)
      emit_area(making, where.station->station->grids[i]);
    return;
  }
  const char *area = where.station ? where.station->station->grids[0] : where.area;
  if (strlen(area) >= digits) {
    emit_area(making, wg_arena_printf(making->duties->arena, "%.*s", (int)digits, area));
    return;
  }
  struct wg_book_walk walk = wg_book_walk(making->book, making->district, kind, area);
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    emit_area(making, record->code);
}

static void expand(const struct making *making, struct where where) {
  const char *level = making->template->duty_template->level;
  if (strcmp(level, "station") == 0) emit_stations(making, where);
  else if (strcmp(level, "grid") == 0) emit_areas(making, where, BODY(GRID), 15);
  else if (strcmp(level, "community") == 0) emit_areas(making, where, BODY(COMMUNITY), 12);
  else if (strcmp(level, "street") == 0) emit_areas(making, where, BODY(STREET), 9);
  else if (strcmp(level, "district") == 0) emit_area(making, making->district);
  else if (where.station) emit_station(making, where.station);
  else emit_area(making, where.area);
}

// --- expiry ---
static bool settled(const Wangge__V1__Record *record) {
  return record->body_case == BODY(AGREEMENT_ITEM) && *record->agreement_item->done_on;
}

static void make_expiries(struct making *making) {
  const Wangge__V1__DutyTemplate *template = making->template->duty_template;
  struct wg_arena *arena = making->duties->arena;
  const char *dot = strchr(template->event, '.');
  if (!dot || !in_force(template, making->day)) return;
  const struct wg_kind *kind =
      wg_kind_find(wg_arena_printf(arena, "%.*s", (int)(dot - template->event), template->event));
  if (!kind || !wg_kind_column(kind, dot + 1)) return;
  struct wg_book_walk walk = wg_book_walk(making->book, making->district, (int)kind->body_case, "");
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    const char *date = text_field(record, dot + 1);
    int32_t ends = 0;
    if (!wg_day_parse(date, &ends) || making->day > ends || making->day < ends - template->before_days) continue;
    if (settled(record)) continue;
    making->record = record;
    making->what = wg_arena_printf(arena, "%s/%s", date, record->code);
    making->note = wg_arena_printf(arena, "到期日：%s", date);
    expand(making, where_is(making->book, record));
  }
  making->record = NULL;
  making->note = "";
}

void registry_duties_of_day(const struct wg_book *book, const char *district, int32_t day,
                            struct registry_duties *duties) {
  char text[WG_DAY_TEXT];
  wg_day_format(day, text);
  struct wg_book_walk walk = wg_book_walk(book, district, BODY(DUTY_TEMPLATE), "");
  for (const Wangge__V1__Record *template; (template = wg_book_next(&walk));) {
    struct making making = {.book = book,
                            .district = district,
                            .template = template,
                            .what = wg_arena_strdup(duties->arena, text),
                            .note = "",
                            .day = day,
                            .occurred_at = day * WG_DAY_US - WG_SHANGHAI_OFFSET_US,
                            .duties = duties};
    if (template->duty_template->trigger == WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_EXPIRY) make_expiries(&making);
    else if (registry_duty_due(template->duty_template, day)) expand(&making, (struct where){.area = district});
  }
}

void registry_duties_of_event(const struct wg_book *book, const struct registry_event *event,
                              struct registry_duties *duties) {
  const struct where where = where_is(book, event->record);
  const int32_t day = registry_duty_today(event->happened_at);
  struct wg_book_walk walk = wg_book_walk(book, event->district, BODY(DUTY_TEMPLATE), "");
  for (const Wangge__V1__Record *template; (template = wg_book_next(&walk));) {
    const Wangge__V1__DutyTemplate *duty = template->duty_template;
    if (duty->trigger != WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_EVENT || strcmp(duty->event, event->event) != 0 ||
        !in_force(duty, day))
      continue;
    const struct making making = {.book = book,
                                  .district = event->district,
                                  .template = template,
                                  .record = event->record,
                                  .what = wg_arena_printf(duties->arena, "%s/%s", event->principal, event->event_id),
                                  .note = event->note,
                                  .day = day,
                                  .occurred_at = event->happened_at,
                                  .duties = duties};
    expand(&making, where);
  }
}
