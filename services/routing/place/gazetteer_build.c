// Building the gazetteer: checks of what is added. See gazetteer.h; sealing is in gazetteer_seal.c.
#include "services/routing/place/gazetteer_internal.h"

#include "common/base/map.h"
#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void routing_gazetteer_fault(struct routing_gazetteer *gazetteer, const char *code, const char *format, ...) {
  if (++gazetteer->findings_seen > ROUTING_PLACE_FINDINGS) return;
  char text[600];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  text[wg_utf8_cut(wg_bytes_of(text), sizeof text - 1)] = '\0';
  gazetteer->findings[gazetteer->finding_count++] =
      (struct routing_place_finding){code, wg_arena_strdup(gazetteer->arena, text)};
}

// --- spellings ---

static bool says_nothing(const uint32_t *codes, size_t count) {
  static const char *const words[] = {"小区", "社区", "花园", "公园", "学校", "大道", "网格",   "街道",   "医院",
                                      "市场", "广场", "驿站", "大厦", "学院", "公司", "居委会", "村委会", "居民委员会"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    uint32_t word[8];
    const size_t size = routing_fold(wg_bytes_of(words[i]), word, 8);
    if (size == count && memcmp(word, codes, size * sizeof *word) == 0) return true;
  }
  return false;
}

size_t routing_fold_name(struct routing_gazetteer_builder *builder, const char *name) {
  const size_t size =
      routing_fold(wg_bytes_of(name), builder->folded, sizeof builder->folded / sizeof *builder->folded);
  for (size_t i = 0; i < size; i++)
    builder->folded[i] &= ROUTING_FOLD_CODE;
  return size;
}

static void add_spelling(struct routing_gazetteer_builder *builder, size_t size, uint32_t entry, bool numbered) {
  if (size < 2 || size > ROUTING_NAME_SIZE || says_nothing(builder->folded, size)) return;
  if (builder->spelling_count == builder->spelling_capacity) {
    builder->spelling_capacity = builder->spelling_capacity ? builder->spelling_capacity * 2 : 256;
    builder->spellings = wg_realloc(builder->spellings, builder->spelling_capacity * sizeof *builder->spellings);
  }
  uint32_t *codes = wg_arena_alloc(builder->gazetteer->arena, size * sizeof *codes);
  memcpy(codes, builder->folded, size * sizeof *codes);
  builder->spellings[builder->spelling_count++] =
      (struct spelling){.codes = codes, .size = (uint32_t)size, .entry = entry, .numbered = numbered};
  builder->code_points += size;
}

static bool ends_with(const uint32_t *codes, size_t size, const char *tail, size_t *without) {
  uint32_t wanted[16];
  const size_t count = routing_fold(wg_bytes_of(tail), wanted, 16);
  if (size < count + 2 || memcmp(codes + size - count, wanted, count * sizeof *wanted) != 0) return false;
  *without = size - count;
  return true;
}

// What people call an official name: without its office, a grid without its kind.
static size_t short_form(const uint32_t *codes, size_t size, enum routing_place_kind kind) {
  static const char *const offices[] = {"社区居民委员会", "村民委员会", "居民委员会", "村委会", "居委会", "办事处"};
  size_t without;
  if (kind == ROUTING_PLACE_GRID && codes[size - 1] == ')')
    for (size_t at = size - 1; at > 2; at--)
      if (codes[at] == '(') return at;
  if (kind != ROUTING_PLACE_STREET && kind != ROUTING_PLACE_COMMUNITY) return 0;
  for (size_t i = 0; i < sizeof offices / sizeof *offices; i++)
    if (ends_with(codes, size, offices[i], &without)) return without + (i == 0 ? 2 : 0); // 汶河社区 stays
  return 0;
}

static void add_spellings(struct routing_gazetteer_builder *builder, const char *name, enum routing_place_kind kind,
                          uint32_t entry) {
  const size_t size = routing_fold_name(builder, name);
  struct routing_number number;
  if (size < 2) return;
  const bool numbered = routing_number_read(builder->folded, size, &number) && number.size == size;
  add_spelling(builder, size, entry, numbered);
  if (!numbered) add_spelling(builder, short_form(builder->folded, size, kind), entry, false);
}

// --- adding ---

static struct place_entry *new_entry(struct routing_gazetteer_builder *builder, const char *place_id) {
  struct routing_gazetteer *gazetteer = builder->gazetteer;
  if (gazetteer->count == builder->capacity) {
    builder->capacity = builder->capacity ? builder->capacity * 2 : 256;
    gazetteer->entries = wg_realloc(gazetteer->entries, builder->capacity * sizeof *gazetteer->entries);
  }
  struct place_entry *made = &gazetteer->entries[gazetteer->count++];
  *made = (struct place_entry){.parent = NOWHERE};
  made->entry.place_id = wg_arena_strdup(gazetteer->arena, place_id);
  wg_map_put(gazetteer->ids, place_id, (void *)(uintptr_t)gazetteer->count);
  return made;
}

static void add_area(struct routing_gazetteer_builder *builder, const struct routing_area *area) {
  struct place_entry *made = new_entry(builder, area->code);
  made->entry.kind = (enum routing_place_kind)(ROUTING_PLACE_CITY + (int)area->level);
  made->entry.name = area->name; // the net lives longer
  made->entry.code = area->code;
  made->entry.parent = "";
  add_spellings(builder, area->name, made->entry.kind, (uint32_t)(builder->gazetteer->count - 1));
}

struct routing_gazetteer_builder *routing_gazetteer_builder_create(const struct routing_net *net) {
  struct routing_gazetteer_builder *builder = wg_zalloc(sizeof *builder);
  struct routing_gazetteer *gazetteer = builder->gazetteer = wg_zalloc(sizeof *gazetteer);
  gazetteer->net = net;
  gazetteer->arena = wg_arena_create(64 << 10);
  gazetteer->ids = wg_map_create();
  gazetteer->findings = wg_arena_alloc(gazetteer->arena, ROUTING_PLACE_FINDINGS * sizeof *gazetteer->findings);
  for (size_t i = 0; routing_net_area(net, i); i++)
    add_area(builder, routing_net_area(net, i));
  return builder;
}

void routing_gazetteer_builder_destroy(struct routing_gazetteer_builder *builder) {
  if (!builder) return;
  routing_gazetteer_close(builder->gazetteer);
  free(builder->spellings);
  free(builder);
}

static wg_status check_code(const struct routing_net *net, const struct routing_entry *entry, struct wg_error *error) {
  const char *code = entry->code ? entry->code : "";
  if (entry->kind == ROUTING_PLACE_CITY) {
    const size_t size = strnlen(code, 5);
    if ((size == 2 || size == 4) && wg_all_digits(code, size)) return WG_OK;
    return wg_fail(error, WG_INVALID_ARGUMENT, "code", "%s: the code of a city has 2 or 4 digits", entry->place_id);
  }
  if (!*code || routing_net_find(net, code)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "code", "%s: the net has no area %.20s", entry->place_id, code);
}

static wg_status check_name(struct routing_gazetteer_builder *builder, const struct routing_entry *entry,
                            const char *name, const char *field, struct wg_error *error) {
  const wg_status status = wg_text_check(name, ROUTING_NAME_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, field, error);
  if (status != WG_OK) return status;
  const size_t size = routing_fold_name(builder, name);
  if (size > ROUTING_NAME_SIZE)
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s: at most %d characters", entry->place_id, ROUTING_NAME_SIZE);
  if (size < 2) return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s: needs two characters", entry->place_id);
  if (says_nothing(builder->folded, size))
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s: %s names no place", entry->place_id, name);
  struct routing_number number;
  const bool numbered = routing_number_read(builder->folded, size, &number) && number.size == size;
  if (numbered && (entry->kind != ROUTING_PLACE_BUILDING || !entry->parent || !*entry->parent))
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s: %s is a number only; it takes a building with a parent",
                   entry->place_id, name);
  return WG_OK;
}

static wg_status check_entry(struct routing_gazetteer_builder *builder, const struct routing_entry *entry,
                             struct wg_error *error) {
  const wg_status status =
      wg_text_check(entry->place_id, ROUTING_PLACE_ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "place_id", error);
  if (status != WG_OK) return status;
  if (!*routing_place_kind_name(entry->kind))
    return wg_fail(error, WG_INVALID_ARGUMENT, "kind", "%s: unknown kind of place", entry->place_id);
  if (entry->kind >= ROUTING_PLACE_DISTRICT && entry->kind <= ROUTING_PLACE_GRID)
    return wg_fail(error, WG_INVALID_ARGUMENT, "kind", "%s: areas are places by the net already", entry->place_id);
  if (wg_map_get(builder->gazetteer->ids, entry->place_id))
    return wg_fail(error, WG_ALREADY_EXISTS, "place_id", "%s is in the gazetteer already", entry->place_id);
  if (entry->alias_count > ROUTING_PLACE_ALIASES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "aliases", "%s: at most %d", entry->place_id, ROUTING_PLACE_ALIASES);
  if (builder->gazetteer->count >= ROUTING_PLACES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "place_id", "more than %d places", ROUTING_PLACES);
  if (builder->spelling_count + 1 + entry->alias_count > ROUTING_PLACE_NAMES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "name", "more than %d names in all", ROUTING_PLACE_NAMES);
  if (builder->code_points > ROUTING_PLACE_CODES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "name", "more than %d characters in all names", ROUTING_PLACE_CODES);
  if (entry->has_position && !routing_position_ok(entry->lon, entry->lat))
    return wg_fail(error, WG_INVALID_ARGUMENT, "position",
                   "%s: must be 73 to 136 degrees east, 3 to 54 degrees north, longitude first", entry->place_id);
  if (check_code(builder->gazetteer->net, entry, error) != WG_OK) return error->code;
  if (check_name(builder, entry, entry->name, "name", error) != WG_OK) return error->code;
  for (size_t i = 0; i < entry->alias_count; i++) {
    char field[40];
    snprintf(field, sizeof field, "aliases[%zu]", i);
    if (check_name(builder, entry, entry->aliases[i], field, error) != WG_OK) return error->code;
  }
  return WG_OK;
}

// The area a position lies in: the grid, or what is certain on an edge.
static const char *code_of(const struct routing_net *net, double lon, double lat) {
  struct routing_located located;
  if (!routing_net_locate(net, lon, lat, &located)) return "";
  if (located.grid_count == 0) return located.around ? located.around->code : "";
  if (!located.on_edge) return located.grids[0]->code;
  const struct routing_area *area = located.grids[0];
  for (size_t i = 1; area && i < located.grid_count && i < ROUTING_LOCATED; i++)
    area = routing_net_common(net, area->code, located.grids[i]->code);
  return area ? area->code : "";
}

static void place_it(struct routing_gazetteer *gazetteer, struct place_entry *made, const struct routing_entry *entry) {
  made->entry.code = entry->code ? wg_arena_strdup(gazetteer->arena, entry->code) : "";
  if (!entry->has_position) return;
  made->entry.has_position = true;
  made->entry.lon = entry->lon;
  made->entry.lat = entry->lat;
  const char *by_position = code_of(gazetteer->net, entry->lon, entry->lat);
  const size_t given = strlen(made->entry.code), seen = strlen(by_position);
  if (!given) made->entry.code = by_position;
  else if (seen && strncmp(made->entry.code, by_position, given < seen ? given : seen) != 0)
    routing_gazetteer_fault(gazetteer, made->entry.place_id, "%s is of %s by its code, its position lies in %s",
                            made->entry.name, made->entry.code, by_position);
  else if (seen > given) made->entry.code = by_position; // a community was given, the grid is seen
}

wg_status routing_gazetteer_add(struct routing_gazetteer_builder *builder, const struct routing_entry *entry,
                                struct wg_error *error) {
  if (check_entry(builder, entry, error) != WG_OK) return error->code;
  struct routing_gazetteer *gazetteer = builder->gazetteer;
  struct place_entry *made = new_entry(builder, entry->place_id);
  const uint32_t index = (uint32_t)(gazetteer->count - 1);
  made->entry.kind = entry->kind;
  made->entry.name = wg_arena_strdup(gazetteer->arena, entry->name);
  made->entry.parent = entry->parent ? wg_arena_strdup(gazetteer->arena, entry->parent) : "";
  if (entry->kind == ROUTING_PLACE_CITY) made->entry.code = wg_arena_strdup(gazetteer->arena, entry->code);
  else place_it(gazetteer, made, entry);
  add_spellings(builder, entry->name, entry->kind, index);
  char **aliases = wg_arena_alloc(gazetteer->arena, (entry->alias_count + 1) * sizeof *aliases);
  for (size_t i = 0; i < entry->alias_count; i++) {
    aliases[i] = wg_arena_strdup(gazetteer->arena, entry->aliases[i]);
    add_spellings(builder, entry->aliases[i], entry->kind, index);
  }
  made->entry.aliases = (const char *const *)aliases;
  made->entry.alias_count = entry->alias_count;
  return WG_OK;
}

wg_status routing_gazetteer_alias(struct routing_gazetteer_builder *builder, const char *place_id, const char *alias,
                                  struct wg_error *error) {
  struct routing_gazetteer *gazetteer = builder->gazetteer;
  const uintptr_t index = place_id ? (uintptr_t)wg_map_get(gazetteer->ids, place_id) : 0;
  if (!index)
    return wg_fail(error, WG_NOT_FOUND, "place_id", "%.64s is not in the gazetteer", place_id ? place_id : "");
  if (builder->spelling_count + 2 > ROUTING_PLACE_NAMES || builder->code_points > ROUTING_PLACE_CODES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "alias", "more than %d names or %d characters in all",
                   ROUTING_PLACE_NAMES, ROUTING_PLACE_CODES);
  const struct routing_entry *entry = &gazetteer->entries[index - 1].entry;
  if (check_name(builder, entry, alias, "alias", error) != WG_OK) return error->code;
  add_spellings(builder, alias, entry->kind, (uint32_t)(index - 1));
  return WG_OK;
}
