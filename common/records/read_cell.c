// Text form -> value.

#include "common/records/cell.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// One value being read: where it goes, and where complaints go.
struct cell {
  Wangge__V1__Record *record;
  const struct wg_column *column;
  struct wg_arena *arena;
  struct wg_findings *findings;
};

static bool wrong(struct cell *cell, const char *what, const char *text, const char *wanted) {
  struct wg_arena *arena = cell->findings->arena;
  const char *code = wg_arena_printf(arena, "%s_%s", cell->column->field, what);
  wg_finding_add(cell->findings, WG_RECORD_ERROR, cell->record, code, cell->column->field, "%s%s%s",
                 cell->column->label, wg_shown(cell->column, text, arena), wanted);
  return false;
}

// --- lists ---

// split cuts `text` (in place) at separators that no backslash precedes; the parts keep their backslashes.
static char **split(char *text, char separator, struct wg_arena *arena, size_t *count) {
  size_t most = 1;
  for (const char *c = text; *c != 0; c++)
    most += *c == separator;
  char **part = wg_arena_alloc(arena, most * sizeof *part);
  part[0] = text;
  *count = 1;
  for (char *c = text; *c != 0; c++) {
    if (*c == '\\' && c[1] != 0) {
      c++;
    } else if (*c == separator) {
      *c = 0;
      part[(*count)++] = c + 1;
    }
  }
  return part;
}

static void unescape(char *text) {
  char *to = text;
  for (const char *from = text; *from != 0; from++) {
    if (*from == '\\' && from[1] != 0) from++;
    *to++ = *from;
  }
  *to = 0;
}

// drop_empty trims the parts and leaves out those without anything: "甲||乙|" has two values.
static size_t drop_empty(char **part, size_t count) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    wg_trim(&part[i]);
    if (part[i][0] != 0) part[kept++] = part[i];
  }
  return kept;
}

// --- single values ---

// digits reads 1 to `most` digits at *at and goes behind them; -1: there is none.
static int digits(const char **at, int most) {
  int value = 0, count = 0;
  for (; count < most && **at >= '0' && **at <= '9'; count++)
    value = value * 10 + *(*at)++ - '0';
  return count > 0 ? value : -1;
}

static bool take(const char **at, const char *wanted) {
  size_t size = strlen(wanted);
  if (strncmp(*at, wanted, size) != 0) return false;
  *at += size;
  return true;
}

// day_text brings what spreadsheets make of dates (2026/2/3, 2026-2-3, 2026年2月3日) to YYYY-MM-DD.
static const char *day_text(const char *text, struct wg_arena *arena) {
  static const char *const marks[][3] = {{"/", "/", ""}, {"-", "-", ""}, {".", ".", ""}, {"年", "月", "日"}};
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
    const char *at = text;
    int year = digits(&at, 4), month = take(&at, marks[i][0]) ? digits(&at, 2) : -1;
    int day = take(&at, marks[i][1]) ? digits(&at, 2) : -1;
    if (year < 1000 || month < 1 || day < 1 || !take(&at, marks[i][2]) || *at != 0) continue;
    return wg_arena_printf(arena, "%04d-%02d-%02d", year, month, day);
  }
  return text;
}

// time_text: 8:30 and 08:30:00 are 08:30.
static const char *time_text(const char *text, struct wg_arena *arena) {
  const char *at = text;
  int hour = digits(&at, 2), minute = take(&at, ":") ? digits(&at, 2) : -1;
  if (hour < 0 || minute < 0 || (*at != 0 && strcmp(at, ":00") != 0)) return text;
  return wg_arena_printf(arena, "%02d:%02d", hour, minute);
}

// text_value gives the text to keep, NULL after a finding.
static const char *text_value(struct cell *cell, const char *text) {
  const struct wg_column *column = cell->column;
  if (column->type == WG_COLUMN_DATE) {
    text = day_text(text, cell->arena);
    if (wg_date_valid(text)) return text;
    wrong(cell, "date", text, "不是有效日期；请按 2026-11-27 的形式填写实际存在的日期");
    return NULL;
  }
  if (column->type == WG_COLUMN_TIME) {
    text = time_text(text, cell->arena);
    if (wg_time_valid(text)) return text;
    wrong(cell, "time", text, "不是有效时间；请按 08:30 的形式填写");
    return NULL;
  }
  if (column->value_count == 0) return text;
  const char *value = wg_choice(column, text);
  if (value == NULL)
    wrong(cell, "value", text, wg_arena_printf(cell->arena, "不在可选值中；可填：%s", wg_choices(column, cell->arena)));
  return value;
}

static bool set_texts(struct cell *cell, void *at, size_t *count, char *text) {
  char **part = split(text, '|', cell->arena, count);
  *count = drop_empty(part, *count);
  for (size_t i = 0; i < *count; i++) {
    unescape(part[i]);
    const char *value = text_value(cell, part[i]);
    if (value == NULL) return false;
    part[i] = wg_arena_strdup(cell->arena, value);
  }
  *(char ***)at = part;
  return true;
}

static bool set_text(struct cell *cell, void *at, const char *text) {
  const char *value = text[0] == 0 ? text : text_value(cell, text);
  if (value == NULL) return false;
  *(char **)at = wg_arena_strdup(cell->arena, value);
  return true;
}

static bool parse_int(const char *text, const struct wg_column *column, int32_t *value) {
  int64_t number;
  if (!wg_parse_i64(text, &number) || (double)number < column->least || (double)number > column->most) return false;
  *value = (int32_t)number;
  return true;
}

static bool set_int(struct cell *cell, void *at, const char *text) {
  if (parse_int(text, cell->column, at)) return true;
  return wrong(cell, "number", text,
               wg_arena_printf(cell->arena, "不是 %.0f 到 %.0f 之间的整数", cell->column->least, cell->column->most));
}

static bool set_double(struct cell *cell, void *at, const char *text) {
  char *end = NULL;
  errno = 0;
  double value = text[strspn(text, "0123456789+-.eE")] == 0 ? strtod(text, &end) : 0;
  if (end == NULL || end == text || *end != 0 || errno != 0 || !isfinite(value) || value < cell->column->least ||
      value > cell->column->most)
    return wrong(cell, "number", text,
                 wg_arena_printf(cell->arena, "不是 %g 到 %g 之间的数", cell->column->least, cell->column->most));
  *(double *)at = value;
  return true;
}

static bool set_bool(struct cell *cell, void *at, const char *text) {
  static const char *const words[] = {"false", "true", "否", "是", "0", "1", "no", "yes"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (strcasecmp(text, words[i]) != 0) continue;
    *(protobuf_c_boolean *)at = i % 2;
    return true;
  }
  return wrong(cell, "value", text, "应填 是 或 否（true 或 false）");
}

static bool set_enum(struct cell *cell, void *at, const char *text) {
  const struct wg_column *column = cell->column;
  const char *name = wg_choice(column, text);
  int value = wg_enum_value(column->descriptor->descriptor, name != NULL ? name : text);
  if (value < 0)
    return wrong(cell, "value", text,
                 wg_arena_printf(cell->arena, "不在可选值中；可填：%s", wg_choices(column, cell->arena)));
  *(int *)at = value;
  return true;
}

// --- steps ---

static const struct wg_column step_number = {.most = 1000};

static bool step_next(Wangge__V1__ListStep *step, char *text, struct wg_arena *arena) {
  size_t count;
  char **part = split(text, ',', arena, &count);
  count = drop_empty(part, count);
  step->next = wg_arena_alloc(arena, (count + 1) * sizeof *step->next);
  step->n_next = count;
  for (size_t i = 0; i < count; i++)
    if (!parse_int(part[i], &step_number, &step->next[i])) return false;
  return true;
}

static bool set_step(Wangge__V1__ListStep *step, char *text, struct wg_arena *arena) {
  enum { N, TITLE, WHO, DAYS, NEXT, CONDITION, PARTS };
  size_t count;
  char **part = split(text, ';', arena, &count);
  if (count > PARTS) return false;
  char *empty = wg_arena_strdup(arena, ""), *field[PARTS] = {empty, empty, empty, empty, empty, empty};
  for (size_t i = 0; i < count; i++) {
    field[i] = part[i];
    wg_trim(&field[i]);
    if (i != NEXT) unescape(field[i]);
  }
  step->title = field[TITLE];
  step->who = field[WHO];
  step->condition = field[CONDITION];
  if (!parse_int(field[N], &step_number, &step->n)) return false;
  if (field[DAYS][0] != 0 && !parse_int(field[DAYS], &step_number, &step->days)) return false;
  return step_next(step, field[NEXT], arena);
}

static bool set_steps(struct cell *cell, void *at, size_t *count, char *text) {
  char **part = split(text, '|', cell->arena, count);
  *count = drop_empty(part, *count);
  Wangge__V1__ListStep **steps = wg_arena_alloc(cell->arena, (*count + 1) * sizeof *steps);
  for (size_t i = 0; i < *count; i++) {
    const char *whole = wg_arena_strdup(cell->arena, part[i]);
    steps[i] = wg_arena_alloc(cell->arena, sizeof *steps[i]);
    wangge__v1__list_step__init(steps[i]);
    if (!set_step(steps[i], part[i], cell->arena))
      return wrong(
          cell, "value", whole,
          "不是一个步骤；请按 序号;名称;责任人;工作日;下一步序号;判断条件 填写，如 1;受理;窗口;1;2,3;材料齐全?");
  }
  *(Wangge__V1__ListStep ***)at = steps;
  return true;
}

// --- the whole cell ---

static bool set_value(struct cell *cell, void *at, char *text) {
  // An empty cell is the default that the record was made with.
  if (text[0] == 0 && cell->column->type != WG_COLUMN_TEXT) return true;
  switch (cell->column->type) {
  case WG_COLUMN_TEXT:
  case WG_COLUMN_DATE:
  case WG_COLUMN_TIME:
  case WG_COLUMN_WKT:
    return set_text(cell, at, text);
  case WG_COLUMN_INT:
    return set_int(cell, at, text);
  case WG_COLUMN_DOUBLE:
    return set_double(cell, at, text);
  case WG_COLUMN_BOOL:
    return set_bool(cell, at, text);
  case WG_COLUMN_ENUM:
    return set_enum(cell, at, text);
  case WG_COLUMN_STEPS:
    break; // repeated, not here
  }
  abort();
}

bool wg_record_set_cell(Wangge__V1__Record *record, const struct wg_column *column, const char *text,
                        struct wg_arena *arena, struct wg_findings *findings) {
  struct cell cell = {record, column, arena, findings};
  char *copy = wg_arena_strdup(arena, text);
  wg_trim(&copy);
  if (column->descriptor == NULL) {
    *(strcmp(column->field, "code") == 0 ? &record->code : &record->district) = copy;
    return true;
  }
  char *body = (char *)wg_record_body(record);
  void *at = body + column->descriptor->offset;
  if (!column->repeated) return set_value(&cell, at, copy);
  size_t *count = (void *)(body + column->descriptor->quantifier_offset), had = *count;
  bool good = column->type == WG_COLUMN_STEPS ? set_steps(&cell, at, count, copy) : set_texts(&cell, at, count, copy);
  if (!good) *count = had;
  return good;
}
