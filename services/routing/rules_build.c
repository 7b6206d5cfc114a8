// From the registry's records to tables of rules. See rules.h.
#include "services/routing/rules_internal.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char LETTERS[ROUTING_KNOWN_KINDS] = {'D', 'C', 'A', 'P'};

struct build {
  struct routing_rules *rules;
  const struct routing_rules *base;
  const Wangge__V1__Record **ruled, **category; // of the kinds dispatch_rule and category
  size_t ruled_count, category_count;
  struct wg_map *codes; // of rules, to find those that come twice
  struct wg_arena *scratch;
};

// --- what there is ---
static const char *known_key(char buffer[200], enum routing_known kind, const char *district, const char *code) {
  snprintf(buffer, 200, "%c%.6s%s", LETTERS[kind], district, code);
  return buffer;
}

static char THERE, GRID; // values of the map: something, a department of level grid

static void learn(struct build *build, enum routing_known kind, const Wangge__V1__Record *record) {
  char key[200];
  struct wg_map *known = build->rules->known;
  const bool grid = kind == ROUTING_KNOWN_DEPARTMENT && strcmp(record->department->level, "grid") == 0;
  build->rules->has[kind] = true;
  wg_map_put(known, known_key(key, kind, record->district, ""), &THERE);
  wg_map_put(known, known_key(key, kind, record->district, record->code), grid ? &GRID : &THERE);
}

static const char *look_up(const struct build *build, enum routing_known kind, const char *district, const char *code) {
  const struct routing_rules *from = build->rules->has[kind] || !build->base ? build->rules : build->base;
  char key[200];
  return wg_map_get(from->known, known_key(key, kind, district, code));
}

// is_known: where nothing of the kind is known in the district, `unsaid` is the answer.
static bool is_known(const struct build *build, enum routing_known kind, const char *district, const char *code,
                     bool unsaid) {
  return look_up(build, kind, district, "") ? look_up(build, kind, district, code) != NULL : unsaid;
}

static bool usable(const Wangge__V1__Record *record) {
  return !record->deleted && record->code && *record->code && record->district && strlen(record->code) < 180;
}

static void sort_out(struct build *build, const Wangge__V1__Record *const *records, size_t count) {
  build->ruled = wg_arena_alloc(build->scratch, (count + 1) * sizeof(void *));
  build->category = wg_arena_alloc(build->scratch, (count + 1) * sizeof(void *));
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__Record *record = records[i];
    if (!usable(record)) continue;
    switch (record->body_case) {
    case WANGGE__V1__RECORD__BODY_DISPATCH_RULE:
      build->ruled[build->ruled_count++] = record;
      break;
    case WANGGE__V1__RECORD__BODY_CATEGORY:
      build->category[build->category_count++] = record;
      build->rules->has[ROUTING_KNOWN_CATEGORY] = true;
      break;
    case WANGGE__V1__RECORD__BODY_DEPARTMENT:
      learn(build, ROUTING_KNOWN_DEPARTMENT, record);
      break;
    case WANGGE__V1__RECORD__BODY_STREET:
    case WANGGE__V1__RECORD__BODY_COMMUNITY:
    case WANGGE__V1__RECORD__BODY_GRID:
      learn(build, ROUTING_KNOWN_AREA, record);
      break;
    case WANGGE__V1__RECORD__BODY_PLACE:
    case WANGGE__V1__RECORD__BODY_BUILDING:
      learn(build, ROUTING_KNOWN_PLACE, record);
      break;
    default:
      break;
    }
  }
}

// --- one rule ---
static char *copy(struct build *build, const char *text) {
  return wg_arena_strdup(build->rules->arena, text ? text : "");
}

static int32_t day_of(const char *text, int32_t none) {
  int32_t day = none;
  if (*text) wg_day_parse(text, &day);
  return day;
}

static void fill(struct build *build, struct routing_rule *rule, const Wangge__V1__Record *record) {
  const Wangge__V1__DispatchRule *given = record->dispatch_rule;
  rule->id = copy(build, record->code);
  rule->district = copy(build, record->district);
  rule->category = copy(build, given->category_prefix);
  rule->area = copy(build, given->area);
  rule->place_text = copy(build, given->place_text);
  rule->source = copy(build, given->source);
  rule->valid_from = copy(build, given->valid_from);
  rule->valid_to = copy(build, given->valid_to);
  rule->parcel = copy(build, given->parcel_ownership);
  rule->lead = copy(build, given->lead);
  rule->note = copy(build, given->note);
  rule->rank = given->rank;
  rule->channel = (int)given->channel;
  rule->kind = (int)given->kind;
  rule->urgency = (int)given->urgency;
  rule->from_day = day_of(rule->valid_from, INT32_MIN);
  rule->to_day = day_of(rule->valid_to, INT32_MAX);
  rule->from_minute = (int16_t)(given->from_minute % 1440);
  rule->to_minute = (int16_t)given->to_minute;
  if (!rule->from_minute && rule->to_minute == 1440) rule->to_minute = 0;
  rule->category_size = (uint16_t)strlen(rule->category);
  rule->area_size = (uint16_t)strlen(rule->area);
  rule->place_text_size = (uint16_t)strlen(rule->place_text);
  const bool digits = rule->area_size && wg_all_digits(rule->area, rule->area_size);
  rule->area_kind = !rule->area_size ? ROUTING_AREA_ANY : digits ? ROUTING_AREA_CODE : ROUTING_AREA_PLACE;
  rule->lead_is_grid = strcmp(rule->lead, "grid") == 0 || wg_all_digits(rule->lead, 15);
}

static bool levels_ok(const char *category) {
  int levels = 1;
  for (const char *at = category; *at; at++) {
    if (*at != '/') continue;
    levels++;
    if (at == category || at[1] == '/' || at[1] == '\0') return false;
  }
  return levels <= ROUTING_LEVELS_MOST;
}

static bool day_ok(const char *text) {
  int32_t day = 0;
  return !*text || (strlen(text) == 10 && wg_day_parse(text, &day));
}

#define ENUM_KNOWN(type, value) (protobuf_c_enum_descriptor_get_value(&wangge__v1__##type##__descriptor, value) != NULL)

// broken says what is wrong with the rule in itself; NULL: nothing.
static const char *broken(struct build *build, const struct routing_rule *rule, const Wangge__V1__DispatchRule *given) {
  struct wg_arena *arena = build->rules->arena;
  if (!wg_all_digits(rule->district, 6)) return "所属区应为 6 位区划代码";
  if (!*rule->lead) return "没有主办（lead）：应为部门代码或 grid（诉求所在网格）";
  if (strlen(given->category_prefix) > ROUTING_CATEGORY_BYTES || !levels_ok(rule->category))
    return wg_arena_printf(arena, "分类前缀“%.100s”有空的层级、以“/”开头或结尾，或超过 %d 级", rule->category,
                           ROUTING_LEVELS_MOST);
  if (strlen(given->area) > 128 || strlen(given->place_text) > 1024) return "区域或地址文字太长";
  const size_t size = rule->area_size;
  if (rule->area_kind == ROUTING_AREA_CODE && size != 6 && size != 9 && size != 12 && size != 15)
    return wg_arena_printf(arena, "区域“%s”有 %zu 位数字：应为 6、9、12 或 15 位，或地点代码", rule->area, size);
  if (!day_ok(rule->valid_from)) return wg_arena_printf(arena, "生效日期“%.20s”不是日期", rule->valid_from);
  if (!day_ok(rule->valid_to)) return wg_arena_printf(arena, "失效日期“%.20s”不是日期", rule->valid_to);
  if (given->from_minute < 0 || given->from_minute > 1440 || given->to_minute < 0 || given->to_minute > 1440)
    return "起止分钟应在 0 至 1440 之间";
  if (given->from_minute == given->to_minute && given->from_minute) return "起止分钟相同：全天请都填 0";
  if (!ENUM_KNOWN(channel, rule->channel) || !ENUM_KNOWN(order_kind, rule->kind) || !ENUM_KNOWN(urgency, rule->urgency))
    return "渠道、诉求类型或紧急程度的值未知";
  if (*rule->parcel && strcmp(rule->parcel, "state") != 0 && strcmp(rule->parcel, "collective") != 0)
    return wg_arena_printf(arena, "地块权属“%.40s”应为 state 或 collective", rule->parcel);
  return NULL;
}

// unit_known: a department, or an area of 15 digits in the rule's district.
static bool unit_known(const struct build *build, const struct routing_rule *rule, const char *unit) {
  if (strcmp(unit, "grid") == 0) return true;
  if (!wg_all_digits(unit, 15)) return is_known(build, ROUTING_KNOWN_DEPARTMENT, rule->district, unit, false);
  return strncmp(unit, rule->district, 6) == 0 && is_known(build, ROUTING_KNOWN_AREA, rule->district, unit, true);
}

static void check_units(struct build *build, struct routing_rule *rule, const Wangge__V1__DispatchRule *given) {
  struct wg_arena *arena = build->rules->arena;
  rule->lead_known = unit_known(build, rule, rule->lead);
  if (look_up(build, ROUTING_KNOWN_DEPARTMENT, rule->district, rule->lead) == &GRID) rule->lead_is_grid = true;
  if (!rule->lead_known)
    routing_finding_add(build->rules, ROUTING_UNKNOWN_DEPARTMENT, true, rule,
                        "主办“%s”不存在，符合本规则的诉求转派单席：请改主办或登记该部门", rule->lead);
  const char **assists = wg_arena_alloc(arena, (given->n_assists + 1) * sizeof *assists);
  bool *known = wg_arena_alloc(arena, (given->n_assists + 1) * sizeof *known);
  for (size_t i = 0; i < given->n_assists; i++) {
    const char *unit = copy(build, given->assists[i]);
    bool twice = strcmp(unit, rule->lead) == 0;
    for (size_t k = 0; k < rule->assist_count; k++)
      twice |= strcmp(unit, assists[k]) == 0;
    if (!*unit || twice) continue;
    const bool there = unit_known(build, rule, unit);
    if (!there)
      routing_finding_add(build->rules, ROUTING_UNKNOWN_DEPARTMENT, true, rule,
                          "协办“%s”不存在，不会收到诉求：请改协办或登记该部门", unit);
    assists[rule->assist_count] = unit;
    known[rule->assist_count++] = there;
  }
  rule->assists = assists;
  rule->assist_known = known;
}

static void check_area(struct build *build, struct routing_rule *rule) {
  if (rule->area_kind == ROUTING_AREA_ANY) return;
  if (rule->area_kind == ROUTING_AREA_CODE && strncmp(rule->area, rule->district, 6) != 0) {
    routing_finding_add(build->rules, ROUTING_DEAD, true, rule, "区域 %s 不在本区 %s 内，没有诉求会符合", rule->area,
                        rule->district);
    return;
  }
  if (rule->area_kind == ROUTING_AREA_CODE && rule->area_size == 6) {
    rule->area_kind = ROUTING_AREA_ANY; // every order of this table lies in the district
    return;
  }
  const enum routing_known kind = rule->area_kind == ROUTING_AREA_CODE ? ROUTING_KNOWN_AREA : ROUTING_KNOWN_PLACE;
  if (!is_known(build, kind, rule->district, rule->area, true))
    routing_finding_add(build->rules, ROUTING_UNKNOWN_PLACE, true, rule,
                        "区域“%s”不是本区的街道、社区、网格或地点代码，没有诉求会符合", rule->area);
}

static int by_rank(const void *one, const void *two) {
  const Wangge__V1__Record *a = *(const Wangge__V1__Record *const *)one, *b = *(const Wangge__V1__Record *const *)two;
  const int district = strcmp(a->district, b->district);
  if (district) return district;
  if (a->dispatch_rule->rank != b->dispatch_rule->rank) return a->dispatch_rule->rank < b->dispatch_rule->rank ? -1 : 1;
  return strcmp(a->code, b->code);
}

// --- tables ---
static const char *path_of(const Wangge__V1__Record *record) {
  return record->category->path ? record->category->path : "";
}

static int by_path(const void *one, const void *two) {
  const Wangge__V1__Record *a = *(const Wangge__V1__Record *const *)one, *b = *(const Wangge__V1__Record *const *)two;
  const int district = strcmp(a->district, b->district);
  return district ? district : strcmp(path_of(a), path_of(b));
}

static void add_node(struct routing_table *table, const char *path, size_t size, int8_t duty) {
  const uint64_t hash = routing_hash_on(ROUTING_FNV_BASIS, path, size);
  struct routing_node *node = routing_node_slot(table, hash, path, size);
  if (!node->path) *node = (struct routing_node){.path = path, .size = size, .hash = hash, .duty = ROUTING_DUTY_UNSAID};
  table->category_count += !node->in_tree;
  node->in_tree = true;
  if (duty > node->duty) node->duty = duty; // where schemes disagree it is a department's
}

// add_path adds a category and the levels above it.
static void add_path(struct build *build, struct routing_table *table, const char *path, int8_t duty) {
  const char *own = copy(build, path);
  for (const char *at = strchr(own, '/'); at; at = strchr(at + 1, '/'))
    add_node(table, own, (size_t)(at - own), ROUTING_DUTY_UNSAID);
  add_node(table, own, strlen(own), duty);
}

// make_nodes makes room for the categories and the prefixes of the rules.
static void make_nodes(struct build *build, struct routing_table *table, size_t categories) {
  size_t size = 16;
  while (size < (table->count + categories) * 2)
    size *= 2;
  table->nodes = wg_arena_zalloc(build->rules->arena, size * sizeof *table->nodes);
  table->node_mask = size - 1;
}

static void take_base_tree(struct build *build, struct routing_table *table) {
  const struct routing_table *base = build->base ? routing_table_of(build->base, table->district) : NULL;
  make_nodes(build, table, base ? base->category_count : 0);
  for (size_t i = 0; base && i <= base->node_mask; i++) {
    const struct routing_node *node = &base->nodes[i];
    if (!node->path || !node->in_tree) continue;
    char *path = wg_arena_text(build->rules->arena, (struct wg_bytes){(const uint8_t *)node->path, node->size});
    add_node(table, path, node->size, node->duty);
  }
}

static bool path_ok(const char *path) {
  return *path && strlen(path) <= ROUTING_CATEGORY_BYTES && levels_ok(path);
}

static void take_tree(struct build *build, struct routing_table *table, size_t first, size_t count) {
  size_t nodes = 0;
  for (size_t i = first; i < first + count; i++) {
    nodes++;
    for (const char *at = path_of(build->category[i]); *at; at++)
      nodes += *at == '/';
  }
  make_nodes(build, table, nodes);
  for (size_t i = first; i < first + count; i++) {
    const Wangge__V1__Record *record = build->category[i];
    if (path_ok(path_of(record))) // what is wrong with a category is the registry's to say
      add_path(build, table, path_of(record), record->category->department_duty ? ROUTING_DUTY_YES : ROUTING_DUTY_NO);
  }
}

static void take_rule(struct build *build, struct routing_table *table, const Wangge__V1__Record *record) {
  struct routing_rule *rule = &table->rules[table->count];
  *rule = (struct routing_rule){0}; // what a broken one left
  fill(build, rule, record);
  const char *trouble = broken(build, rule, record->dispatch_rule);
  char key[200];
  snprintf(key, sizeof key, "R%.6s%s", record->district, record->code);
  if (wg_map_get(build->codes, key)) trouble = "同一规则代码出现两次，只有顺序在前的一条有效";
  wg_map_put(build->codes, key, build->codes);
  if (!trouble && table->count == ROUTING_RULES_MOST) trouble = "规则超过 100000 条";
  if (trouble) {
    routing_finding_add(build->rules, ROUTING_BROKEN, true, rule, "%s；本规则未生效", trouble);
    return;
  }
  check_units(build, rule, record->dispatch_rule);
  check_area(build, rule);
  rule->number = (uint32_t)table->count++;
}

// version_of: SHA-256 over the rules in their order, the categories' duty and which units are known.
static void version_of(struct routing_table *table, const Wangge__V1__Record **ruled, size_t count) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  struct wg_buffer packed = {0};
  for (size_t i = 0; i < count; i++) {
    wg_buffer_printf(&packed, "%s%c", ruled[i]->code, 0);
    wg_pack_append(&ruled[i]->dispatch_rule->base, &packed);
  }
  for (size_t i = 0; i < table->count; i++) {
    const struct routing_rule *rule = &table->rules[i];
    wg_buffer_printf(&packed, "%d", rule->lead_known);
    for (size_t k = 0; k < rule->assist_count; k++)
      wg_buffer_printf(&packed, "%d", rule->assist_known[k]);
  }
  crypto_hash_sha256_update(&state, packed.data, packed.size);
  wg_buffer_free(&packed);
  uint64_t duties = 0; // in no order: a sum does not mind
  for (size_t i = 0; i <= table->node_mask; i++) {
    const struct routing_node *node = &table->nodes[i];
    if (node->path && node->duty == ROUTING_DUTY_YES) duties += node->hash * ROUTING_FNV_PRIME;
  }
  crypto_hash_sha256_update(&state, (const uint8_t *)&duties, sizeof duties);
  uint8_t digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state, digest);
  char hex[13];
  sodium_bin2hex(hex, sizeof hex, digest, 6);
  snprintf(table->version, sizeof table->version, "%zu-%s", table->count, hex);
}

// make_table takes the district's part of both sorted lists.
static void make_table(struct build *build, const char *district, size_t *rule, size_t *category) {
  struct routing_rules *rules = build->rules;
  struct routing_table *table = &rules->tables[rules->table_count++];
  const size_t first = *rule, first_category = *category;
  while (*rule < build->ruled_count && strcmp(build->ruled[*rule]->district, district) == 0)
    ++*rule;
  while (*category < build->category_count && strcmp(build->category[*category]->district, district) == 0)
    ++*category;
  table->district = copy(build, district);
  table->rules = wg_arena_zalloc(rules->arena, (*rule - first + 1) * sizeof *table->rules);
  for (size_t i = first; i < *rule; i++)
    take_rule(build, table, build->ruled[i]);
  if (rules->has[ROUTING_KNOWN_CATEGORY]) take_tree(build, table, first_category, *category - first_category);
  else take_base_tree(build, table);
  routing_table_index(table, rules->arena);
  version_of(table, build->ruled + first, *rule - first);
  rules->count += table->count;
}

static const char *least(const char *one, const char *two) {
  return !one ? two : !two || strcmp(one, two) <= 0 ? one : two;
}

static void make_tables(struct build *build) {
  struct routing_rules *rules = build->rules;
  const struct routing_rules *base = rules->has[ROUTING_KNOWN_CATEGORY] ? NULL : build->base;
  if (build->ruled_count) qsort(build->ruled, build->ruled_count, sizeof(void *), by_rank);
  if (build->category_count) qsort(build->category, build->category_count, sizeof(void *), by_path);
  const size_t most = build->ruled_count + build->category_count + (base ? base->table_count : 0);
  rules->tables = wg_arena_zalloc(rules->arena, (most + 1) * sizeof *rules->tables);
  for (size_t rule = 0, category = 0, old = 0;;) {
    const char *district = rule < build->ruled_count ? build->ruled[rule]->district : NULL;
    if (category < build->category_count) district = least(district, build->category[category]->district);
    if (base && old < base->table_count) district = least(district, base->tables[old].district);
    if (!district) return;
    old += base && old < base->table_count && strcmp(base->tables[old].district, district) == 0;
    make_table(build, district, &rule, &category);
  }
}

// all_version: of one district it is that district's own.
static void all_version(struct routing_rules *rules) {
  if (rules->table_count == 1) {
    memcpy(rules->version, rules->tables[0].version, sizeof rules->version);
    return;
  }
  struct wg_buffer versions = {0};
  for (size_t i = 0; i < rules->table_count; i++)
    wg_buffer_printf(&versions, "%s %s\n", rules->tables[i].district, rules->tables[i].version);
  uint8_t digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, versions.data ? versions.data : (const uint8_t *)"", versions.size);
  wg_buffer_free(&versions);
  char hex[13];
  sodium_bin2hex(hex, sizeof hex, digest, 6);
  snprintf(rules->version, sizeof rules->version, "%zu-%s", rules->count, hex);
}

struct routing_rules *routing_rules_build(const Wangge__V1__Record *const *records, size_t count,
                                          const struct routing_rules *base) {
  struct routing_rules *rules = wg_zalloc(sizeof *rules);
  rules->arena = wg_arena_create(256 << 10);
  rules->known = wg_map_create();
  struct build build = {.rules = rules, .base = base, .codes = wg_map_create(), .scratch = wg_arena_create(64 << 10)};
  sort_out(&build, records, count);
  make_tables(&build);
  all_version(rules);
  routing_rules_check(rules);
  wg_map_destroy(build.codes);
  wg_arena_destroy(build.scratch);
  return rules;
}

void routing_rules_close(struct routing_rules *rules) {
  if (!rules) return;
  wg_map_destroy(rules->known);
  wg_arena_destroy(rules->arena);
  free(rules->findings);
  free(rules);
}
