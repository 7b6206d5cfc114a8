// Reading the rule file and finding what is wrong with it. See rules.h.
#include "services/routing/rules.h"

#include "common/base/clock.h"
#include "common/base/map.h"
#include "common/base/text.h"
#include "common/wire/wire.h"
#include "services/routing/csv.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  FILE_BYTES = 16 << 20,
  RULES_MOST = 20000,
  ID_BYTES = 64,
  CATEGORY_BYTES = 300,
  LEVELS_MOST = 15,
  AREA_BYTES = 128
};

enum column { ID, CATEGORY, DISTRICT, AREA, SOURCE, VALID_FROM, VALID_TO, DEPARTMENT, NOTE, CHANNEL, KIND, URGENCY };
static const char *const COLUMNS[] = {"id",       "category_prefix", "district", "area",    "source", "valid_from",
                                      "valid_to", "department",      "note",     "channel", "kind",   "urgency"};
enum { COLUMN_COUNT = sizeof COLUMNS / sizeof *COLUMNS, REQUIRED_COLUMNS = NOTE + 1 };

struct reader {
  struct routing_rules *rules;
  const struct routing_departments *departments;
  struct routing_csv csv;
  int place[COLUMN_COUNT]; // of each column in a record; -1: not there
  size_t width;            // fields of a record
  size_t capacity, finding_capacity;
  struct wg_map *ids;
};

const char *routing_finding_name(enum routing_finding_kind kind) {
  static const char *const NAMES[ROUTING_FINDING_KINDS] = {"broken", "unknown_department", "shadowed", "expired"};
  return NAMES[kind];
}

static void add_finding(struct reader *reader, enum routing_finding_kind kind, int line, const char *rule_id,
                        const char *message) {
  struct routing_rules *rules = reader->rules;
  if (rules->finding_count == reader->finding_capacity) {
    reader->finding_capacity = reader->finding_capacity ? reader->finding_capacity * 2 : 64;
    rules->findings = wg_realloc(rules->findings, reader->finding_capacity * sizeof *rules->findings);
  }
  rules->findings[rules->finding_count++] = (struct routing_finding){kind, line, rule_id, message};
}

// --- the header ---
static wg_status read_header(struct reader *reader, struct wg_error *error) {
  struct routing_csv *csv = &reader->csv;
  if (!routing_csv_next(csv)) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "it is empty; line 1 must be a header");
  for (int i = 0; i < COLUMN_COUNT; i++)
    reader->place[i] = -1;
  if (csv->trouble) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: %s", csv->line, csv->trouble);
  if (csv->count > ROUTING_CSV_FIELDS)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: too many columns", csv->line);
  for (size_t field = 0; field < csv->count; field++) {
    int column = 0;
    while (column < COLUMN_COUNT && strcmp(COLUMNS[column], csv->fields[field]) != 0)
      column++;
    if (column == COLUMN_COUNT || reader->place[column] >= 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: column \"%.*s\" is %s", csv->line,
                     (int)wg_utf8_cut(wg_bytes_of(csv->fields[field]), 64), csv->fields[field],
                     column == COLUMN_COUNT ? "not known" : "there twice");
    reader->place[column] = (int)field;
  }
  for (int column = 0; column < REQUIRED_COLUMNS; column++) {
    if (reader->place[column] < 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, NULL,
                     "line %d: column %s is missing; the header is id,category_prefix,district,area,source,valid_from,"
                     "valid_to,department,note",
                     csv->line, COLUMNS[column]);
  }
  reader->width = csv->count;
  return WG_OK;
}

// --- one line ---
static const char *field_of(const struct reader *reader, enum column column) {
  const int place = reader->place[column];
  return place < 0 || (size_t)place >= reader->csv.count ? "" : reader->csv.fields[place];
}

static wg_status read_category(struct routing_rule *rule, const char *text, struct wg_error *error) {
  wg_status status = wg_text_check(text, CATEGORY_BYTES, WG_TEXT_ONE_LINE, "category_prefix", error);
  if (status != WG_OK) return status;
  const size_t size = strlen(text);
  int levels = size > 0;
  for (const char *at = text; (at = strchr(at, '/')); at++)
    levels++;
  if (size && (text[0] == '/' || text[size - 1] == '/' || strstr(text, "//")))
    return wg_fail(error, WG_INVALID_ARGUMENT, "category_prefix", "has an empty level");
  if (levels > LEVELS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "category_prefix", "has more than %d levels", LEVELS_MOST);
  rule->category = text;
  rule->category_size = size;
  return WG_OK;
}

static wg_status read_area(struct routing_rule *rule, const char *text, struct wg_error *error) {
  wg_status status = wg_text_check(text, AREA_BYTES, WG_TEXT_ONE_LINE, "area", error);
  if (status != WG_OK) return status;
  rule->area = text;
  rule->area_size = strlen(text);
  rule->area_is_grid = rule->area_size > 0 && strspn(text, "0123456789") == rule->area_size;
  if (!rule->area_is_grid) return WG_OK;
  if (rule->area_size > 15 || rule->area_size < 6 || rule->area_size % 3 != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "area",
                   "digits are the beginning of a grid code: 6, 9, 12 or 15 of them");
  if (*rule->district && strncmp(rule->district, text, 6) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "area", "can never be met: grid %s lies outside district %s", text,
                   rule->district);
  return WG_OK;
}

static wg_status read_day(const char *text, const char *field, int32_t otherwise, int32_t *day,
                          struct wg_error *error) {
  *day = otherwise;
  if (!*text) return WG_OK;
  if (strlen(text) == 10 && wg_day_parse(text, day)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be empty or a day as YYYY-MM-DD");
}

static wg_status read_validity(const struct reader *reader, struct routing_rule *rule, struct wg_error *error) {
  rule->valid_from = field_of(reader, VALID_FROM);
  rule->valid_to = field_of(reader, VALID_TO);
  wg_status status = read_day(rule->valid_from, "valid_from", INT32_MIN, &rule->from_day, error);
  if (status == WG_OK) status = read_day(rule->valid_to, "valid_to", INT32_MAX, &rule->to_day, error);
  if (status == WG_OK && rule->from_day > rule->to_day)
    return wg_fail(error, WG_INVALID_ARGUMENT, "valid_to", "can never be met: it lies before valid_from");
  return status;
}

static wg_status read_enum(const struct reader *reader, enum column column, const ProtobufCEnumDescriptor *type,
                           int *value, struct wg_error *error) {
  const char *text = field_of(reader, column);
  *value = *text ? wg_enum_value(type, text) : 0;
  if (!*text || *value > 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, COLUMNS[column], "is no value of %s", type->name);
}

static wg_status read_id(struct reader *reader, struct routing_rule *rule, struct wg_error *error) {
  rule->id = field_of(reader, ID);
  wg_status status = wg_text_check(rule->id, ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "id", error);
  if (status != WG_OK) return status;
  const struct routing_csv *csv = &reader->csv;
  const int *before = wg_map_get(reader->ids, rule->id);
  if (before) return wg_fail(error, WG_INVALID_ARGUMENT, "id", "is that of line %d already", *before);
  int *line = wg_arena_alloc(reader->rules->arena, sizeof *line);
  *line = csv->line;
  wg_map_put(reader->ids, rule->id, line);
  return WG_OK;
}

static wg_status read_rule(struct reader *reader, struct routing_rule *rule, struct wg_error *error) {
  const struct routing_csv *csv = &reader->csv;
  if (csv->trouble) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s", csv->trouble);
  if (csv->count != reader->width)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "has %zu fields, the header %zu", csv->count, reader->width);
  wg_status status = read_id(reader, rule, error);
  if (status == WG_OK) status = read_category(rule, field_of(reader, CATEGORY), error);
  rule->district = field_of(reader, DISTRICT);
  if (status == WG_OK && *rule->district && !wg_all_digits(rule->district, 6))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be empty or 6 digits");
  if (status == WG_OK) status = read_area(rule, field_of(reader, AREA), error);
  rule->source = field_of(reader, SOURCE);
  if (status == WG_OK && *rule->source) status = wg_token_check(rule->source, 64, "source", error);
  if (status == WG_OK) status = read_validity(reader, rule, error);
  if (status == WG_OK) status = read_enum(reader, CHANNEL, &wangge__v1__channel__descriptor, &rule->channel, error);
  if (status == WG_OK) status = read_enum(reader, KIND, &wangge__v1__order_kind__descriptor, &rule->kind, error);
  if (status == WG_OK) status = read_enum(reader, URGENCY, &wangge__v1__urgency__descriptor, &rule->urgency, error);
  rule->department = field_of(reader, DEPARTMENT);
  if (status == WG_OK) status = wg_token_check(rule->department, 64, "department", error);
  rule->note = field_of(reader, NOTE);
  if (status == WG_OK) status = wg_text_check(rule->note, 1024, 0, "note", error);
  return status;
}

static void add_broken(struct reader *reader, const struct wg_error *error) {
  struct wg_arena *arena = reader->rules->arena;
  const char *id = field_of(reader, ID);
  struct wg_error ignored;
  if (reader->csv.trouble || wg_text_check(id, ID_BYTES, WG_TEXT_ONE_LINE, "id", &ignored) != WG_OK) id = "";
  char *message = wg_arena_printf(arena, "line %d: %s%s%s", reader->csv.line, error->field, *error->field ? " " : "",
                                  error->message);
  add_finding(reader, ROUTING_BROKEN, reader->csv.line, id, message);
}

static wg_status read_line(struct reader *reader, struct wg_error *error) {
  struct routing_rules *rules = reader->rules;
  struct wg_error inner = {0};
  if (rules->count + rules->finding_count >= RULES_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: more than %d rules", reader->csv.line, RULES_MOST);
  if (rules->count == reader->capacity) {
    reader->capacity = reader->capacity ? reader->capacity * 2 : 128;
    rules->rules = wg_realloc(rules->rules, reader->capacity * sizeof *rules->rules);
  }
  struct routing_rule *rule = &rules->rules[rules->count];
  memset(rule, 0, sizeof *rule);
  rule->line = reader->csv.line;
  if (read_rule(reader, rule, &inner) != WG_OK) {
    add_broken(reader, &inner);
    return WG_OK;
  }
  rule->department_known = routing_department_find(reader->departments, rule->department) != NULL;
  if (!rule->department_known)
    add_finding(reader, ROUTING_UNKNOWN_DEPARTMENT, rule->line, rule->id,
                wg_arena_printf(rules->arena,
                                "line %d: there is no department %s; orders that meet this rule go to the dispatcher's "
                                "desk",
                                rule->line, rule->department));
  rules->count++;
  return WG_OK;
}

// --- the whole table ---
static void find_shadowed(struct reader *reader) {
  struct routing_rules *rules = reader->rules;
  for (size_t i = 1; i < rules->count; i++) {
    const struct routing_rule *rule = &rules->rules[i];
    for (size_t j = 0; j < i; j++) {
      const struct routing_rule *earlier = &rules->rules[j];
      if (!routing_rule_covers(earlier, rule)) continue;
      add_finding(reader, ROUTING_SHADOWED, rule->line, rule->id,
                  wg_arena_printf(rules->arena,
                                  "line %d: rule %s of line %d takes every order that this one could take", rule->line,
                                  earlier->id, earlier->line));
      break;
    }
  }
}

static int by_line(const void *left, const void *right) {
  const struct routing_finding *a = left, *b = right;
  if (a->line != b->line) return a->line < b->line ? -1 : 1;
  return (int)a->kind - (int)b->kind;
}

struct routing_finding *routing_rules_findings(const struct routing_rules *rules, int32_t today, struct wg_arena *arena,
                                               size_t *count) {
  struct routing_finding *all = wg_arena_alloc(arena, (rules->finding_count + rules->count + 1) * sizeof *all);
  *count = rules->finding_count;
  if (*count) memcpy(all, rules->findings, *count * sizeof *all);
  for (size_t i = 0; i < rules->count; i++) {
    const struct routing_rule *rule = &rules->rules[i];
    if (rule->to_day >= today) continue;
    all[(*count)++] =
        (struct routing_finding){ROUTING_EXPIRED, rule->line, rule->id,
                                 wg_arena_printf(arena, "line %d: valid_to %s has passed", rule->line, rule->valid_to)};
  }
  if (*count) qsort(all, *count, sizeof *all, by_line);
  return all;
}

static void set_version(struct routing_rules *rules, struct wg_bytes text) {
  uint8_t hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, text.data, text.size);
  sodium_bin2hex(rules->version, sizeof rules->version, hash, (sizeof rules->version - 1) / 2);
}

wg_status routing_rules_parse(struct wg_bytes text, const struct routing_departments *departments,
                              struct routing_rules **rules, struct wg_error *error) {
  *rules = NULL;
  struct routing_rules *made = wg_zalloc(sizeof *made);
  made->arena = wg_arena_create(64 << 10);
  struct reader reader = {.rules = made, .departments = departments, .ids = wg_map_create()};
  routing_csv_open(&reader.csv, text, made->arena);
  wg_status status = read_header(&reader, error);
  while (status == WG_OK && routing_csv_next(&reader.csv))
    status = read_line(&reader, error);
  wg_map_destroy(reader.ids);
  if (status != WG_OK) {
    routing_rules_close(made);
    return status;
  }
  set_version(made, text);
  find_shadowed(&reader);
  routing_rules_compile(made);
  *rules = made;
  return WG_OK;
}

static wg_status read_file(const char *path, struct wg_buffer *text, struct wg_error *error) {
  FILE *file = fopen(path, "re");
  if (!file) return wg_fail(error, WG_NOT_FOUND, "rules", "cannot read %s: %s", path, strerror(errno));
  for (size_t got = 1; got && text->size <= FILE_BYTES; text->size += got)
    got = fread(wg_buffer_reserve(text, 64 << 10), 1, 64 << 10, file);
  const bool failed = ferror(file);
  fclose(file);
  if (failed) return wg_fail(error, WG_INTERNAL, "rules", "%s cannot be read to its end", path);
  if (text->size > FILE_BYTES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "rules", "%s is larger than %d MiB", path, FILE_BYTES >> 20);
  return WG_OK;
}

wg_status routing_rules_open(const char *path, const struct routing_departments *departments,
                             struct routing_rules **rules, struct wg_error *error) {
  *rules = NULL;
  struct wg_buffer text = {0};
  wg_status status = read_file(path, &text, error);
  struct wg_error inner = {0};
  if (status == WG_OK) {
    status = routing_rules_parse((struct wg_bytes){text.data, text.size}, departments, rules, &inner);
    if (status != WG_OK) wg_fail(error, status, "rules", "%s: %s", path, inner.message);
  }
  wg_buffer_free(&text);
  return status;
}

void routing_rules_close(struct routing_rules *rules) {
  if (!rules) return;
  wg_arena_destroy(rules->arena);
  free(rules->rules);
  free(rules->findings);
  free(rules);
}
