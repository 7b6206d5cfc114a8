// What is wrong with a catalogue, seen when all its rules are there. See rules.h.
#include "services/routing/rules_internal.h"

#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *routing_finding_name(enum routing_finding_kind kind) {
  static const char *const NAMES[ROUTING_FINDING_KINDS] = {"broken",
                                                           "unknown_department",
                                                           "unknown_category",
                                                           "unknown_place",
                                                           "grid_for_department_duty",
                                                           "contradictory",
                                                           "shadowed",
                                                           "dead",
                                                           "matches_everything",
                                                           "expired",
                                                           "uncovered"};
  return NAMES[kind];
}

static void add(struct routing_rules *rules, struct routing_finding finding) {
  if (rules->finding_count == rules->finding_room) {
    rules->finding_room = rules->finding_room ? rules->finding_room * 2 : 64;
    rules->findings = wg_realloc(rules->findings, rules->finding_room * sizeof *rules->findings);
  }
  rules->findings[rules->finding_count++] = finding;
}

void routing_finding_add(struct routing_rules *rules, enum routing_finding_kind kind, bool error,
                         const struct routing_rule *rule, const char *format, ...) {
  char text[1024];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  struct routing_finding finding = {.kind = kind,
                                    .error = error,
                                    .rank = rule->rank,
                                    .district = rule->district,
                                    .rule_id = rule->id,
                                    .category = rule->category};
  text[wg_utf8_cut(wg_bytes_of(text), sizeof text - 4)] = '\0'; // a message that was too long
  finding.message = wg_arena_printf(rules->arena, "规则 %s：%s", rule->id, text);
  add(rules, finding);
}

// --- whose duty the orders of each category are ---
static void mark_scope(const struct routing_table *table, const char *path, size_t size, uint8_t scope) {
  uint64_t hash = ROUTING_FNV_BASIS;
  for (size_t at = 0, done = 0; at <= size; at++) {
    if (at && at < size && path[at] != '/') continue;
    hash = routing_hash_on(hash, path + done, at - done);
    done = at;
    struct routing_node *node = routing_node_slot(table, hash, path, at);
    if (node->path) node->scope |= scope;
  }
}

static void mark_scopes(const struct routing_table *table) {
  mark_scope(table, "", 0, ROUTING_SCOPE_FREE); // orders without a category
  for (size_t i = 0; i <= table->node_mask; i++) {
    const struct routing_node *node = &table->nodes[i];
    if (!node->path || (!node->in_tree && !node->size)) continue;
    const bool duty = routing_duty_of(table, node->path, node->size);
    mark_scope(table, node->path, node->size, duty ? ROUTING_SCOPE_DUTY : ROUTING_SCOPE_FREE);
  }
}

static const struct routing_node *node_of(const struct routing_table *table, const struct routing_rule *rule) {
  const uint64_t hash = routing_hash_on(ROUTING_FNV_BASIS, rule->category, rule->category_size);
  return routing_node_slot(table, hash, rule->category, rule->category_size);
}

// --- rules that stand in each other's way ---
static bool minutes_within(const struct routing_rule *outer, const struct routing_rule *inner) {
  if (outer->from_minute == outer->to_minute) return true;
  if (inner->from_minute == inner->to_minute) return false;
  const int start = (inner->from_minute - outer->from_minute + 1440) % 1440;
  const int inner_long = (inner->to_minute - inner->from_minute + 1440) % 1440;
  const int outer_long = (outer->to_minute - outer->from_minute + 1440) % 1440;
  return start + inner_long <= outer_long;
}

bool routing_rule_area_within(const struct routing_rule *outer, const struct routing_rule *inner) {
  if (outer->area_kind == ROUTING_AREA_ANY) return true;
  if (outer->area_kind != inner->area_kind) return false;
  if (outer->area_kind == ROUTING_AREA_PLACE) return strcmp(outer->area, inner->area) == 0;
  return strncmp(outer->area, inner->area, outer->area_size) == 0;
}

bool routing_rule_covers(const struct routing_table *table, const struct routing_rule *first,
                         const struct routing_rule *second) {
  if (!routing_within(second->category, second->category_size, first->category, first->category_size)) return false;
  if (!routing_rule_area_within(first, second)) return false;
  if (first->channel && first->channel != second->channel) return false;
  if (first->kind && first->kind != second->kind) return false;
  if (first->urgency && first->urgency != second->urgency) return false;
  if (*first->source && strcmp(first->source, second->source) != 0) return false;
  if (*first->parcel && strcmp(first->parcel, second->parcel) != 0) return false;
  if (!strstr(second->place_text, first->place_text)) return false;
  if (first->from_day > second->from_day || first->to_day < second->to_day) return false;
  if (!minutes_within(first, second)) return false;
  // What is a department's duty passes a grid by.
  return !first->lead_is_grid || second->lead_is_grid || !(node_of(table, second)->scope & ROUTING_SCOPE_DUTY);
}

static bool same_conditions(const struct routing_table *table, const struct routing_rule *one,
                            const struct routing_rule *two) {
  return one->category_size == two->category_size && routing_rule_covers(table, one, two) &&
         routing_rule_covers(table, two, one);
}

// covering looks for the first rule before this one that covers it, in the lists where it can stand.
struct covering {
  const struct routing_table *table;
  const struct routing_rule *rule, *found;
};

static void look_in(struct covering *covering, struct routing_list list) {
  const struct routing_table *table = covering->table;
  for (uint32_t i = list.first; i < list.first + list.count; i++) {
    const struct routing_rule *first = &table->rules[table->order[i]];
    if (first->number >= covering->rule->number || (covering->found && first->number > covering->found->number)) return;
    if (!routing_rule_covers(table, first, covering->rule)) continue;
    covering->found = first;
    return;
  }
}

static void look_in_node(struct covering *covering, const struct routing_node *node) {
  const struct routing_table *table = covering->table;
  const struct routing_rule *rule = covering->rule;
  look_in(covering, node->anywhere);
  if (rule->area_kind == ROUTING_AREA_ANY || !node->areas) return;
  const size_t step = rule->area_kind == ROUTING_AREA_CODE ? 3 : rule->area_size;
  for (size_t size = step; size <= rule->area_size; size += step) {
    const uint64_t hash = routing_group_hash(node, rule->area, size);
    const struct routing_group *group =
        routing_group_slot(table, hash, (uint32_t)(node - table->nodes), rule->area, size);
    if (group->area) look_in(covering, group->list);
  }
}

static const struct routing_rule *find_covering(const struct routing_table *table, const struct routing_rule *rule) {
  struct covering covering = {.table = table, .rule = rule};
  uint64_t hash = ROUTING_FNV_BASIS;
  for (size_t at = 0, done = 0; at <= rule->category_size; at++) {
    if (at && at < rule->category_size && rule->category[at] != '/') continue;
    hash = routing_hash_on(hash, rule->category + done, at - done);
    done = at;
    const struct routing_node *node = routing_node_slot(table, hash, rule->category, at);
    if (node->path) look_in_node(&covering, node);
  }
  return covering.found;
}

static void check_cover(struct routing_rules *rules, const struct routing_table *table,
                        const struct routing_rule *rule) {
  const struct routing_rule *first = find_covering(table, rule);
  if (!first) {
    char names[256];
    if (routing_rule_covered_by_several(table, rule, names, sizeof names))
      routing_finding_add(rules, ROUTING_SHADOWED, true, rule,
                          "在前的规则 %s 合起来已涵盖它，永远轮不到：请调整顺序或删除", names);
    return;
  }
  if (strcmp(first->lead, rule->lead) != 0 && same_conditions(table, first, rule))
    routing_finding_add(rules, ROUTING_CONTRADICTORY, true, rule,
                        "与在前的规则 %s 条件相同而主办不同（%s、%s），只有 %s 有效：请删除其一", first->id,
                        first->lead, rule->lead, first->id);
  else
    routing_finding_add(rules, ROUTING_SHADOWED, true, rule, "在前的规则 %s 已涵盖它，永远轮不到：请调整顺序或删除",
                        first->id);
}

// --- one rule ---
static bool unconditional(const struct routing_rule *rule) {
  return rule->area_kind == ROUTING_AREA_ANY && !rule->place_text_size && !rule->channel && !rule->kind &&
         !rule->urgency && !*rule->source && !*rule->parcel && rule->from_day == INT32_MIN &&
         rule->to_day == INT32_MAX && rule->from_minute == rule->to_minute;
}

static void check_duty(struct routing_rules *rules, const struct routing_table *table,
                       const struct routing_rule *rule) {
  const struct routing_node *node = node_of(table, rule);
  if (!rule->lead_is_grid || !(node->scope & ROUTING_SCOPE_DUTY)) return;
  if (node->scope & ROUTING_SCOPE_FREE)
    routing_finding_add(rules, ROUTING_GRID_FOR_DEPARTMENT_DUTY, false, rule,
                        "主办为网格，但分类“%s”下有应由职能部门办理的：依国办函〔2025〕66号，这些诉求跳过本规则",
                        rule->category);
  else
    routing_finding_add(rules, ROUTING_GRID_FOR_DEPARTMENT_DUTY, true, rule,
                        "主办为网格，但分类“%s”应由职能部门办理：依国办函〔2025〕66号，本规则不作派单依据，请改主办",
                        rule->category);
}

static void check_rule(struct routing_rules *rules, const struct routing_table *table,
                       const struct routing_rule *rule) {
  if (rule->from_day > rule->to_day) {
    routing_finding_add(rules, ROUTING_DEAD, true, rule, "失效日期 %s 早于生效日期 %s，没有诉求会符合", rule->valid_to,
                        rule->valid_from);
    return;
  }
  if (table->category_count && rule->category_size && !node_of(table, rule)->in_tree)
    routing_finding_add(rules, ROUTING_UNKNOWN_CATEGORY, true, rule,
                        "分类目录中没有“%s”，没有诉求会符合：请改为目录中的分类路径", rule->category);
  check_duty(rules, table, rule);
  check_cover(rules, table, rule);
  if (!rule->category_size && !rule->lead_is_grid && unconditional(rule) && rule->number + 1 < table->count)
    routing_finding_add(rules, ROUTING_MATCHES_EVERYTHING, true, rule,
                        "没有任何条件，排在后面的 %zu 条规则永远轮不到：请放到最后或加条件",
                        table->count - rule->number - 1);
}

// --- categories without rules ---
static int by_tree(const void *one, const void *two) {
  const struct routing_node *a = *(const struct routing_node *const *)one;
  const struct routing_node *b = *(const struct routing_node *const *)two;
  const size_t size = a->size < b->size ? a->size : b->size;
  for (size_t i = 0; i < size; i++) {
    if (a->path[i] == b->path[i]) continue;
    if (a->path[i] == '/' || b->path[i] == '/') return a->path[i] == '/' ? -1 : 1; // what is below comes at once
    return (uint8_t)a->path[i] < (uint8_t)b->path[i] ? -1 : 1;
  }
  return a->size == b->size ? 0 : a->size < b->size ? -1 : 1;
}

enum cover { COVER_NONE, COVER_SOMETIMES, COVER_ALWAYS };

static enum cover list_cover(const struct routing_table *table, const struct routing_node *node, bool duty) {
  enum cover cover = node->areas ? COVER_SOMETIMES : COVER_NONE;
  for (uint32_t i = node->anywhere.first; i < node->anywhere.first + node->anywhere.count; i++) {
    const struct routing_rule *rule = &table->rules[table->order[i]];
    if (rule->lead_is_grid && duty) continue;
    if (unconditional(rule)) return COVER_ALWAYS;
    cover = COVER_SOMETIMES;
  }
  return cover;
}

static enum cover cover_of(const struct routing_table *table, const struct routing_node *of) {
  const bool duty = routing_duty_of(table, of->path, of->size);
  enum cover best = COVER_NONE;
  uint64_t hash = ROUTING_FNV_BASIS;
  for (size_t at = 0, done = 0; at <= of->size && best != COVER_ALWAYS; at++) {
    if (at && at < of->size && of->path[at] != '/') continue;
    hash = routing_hash_on(hash, of->path + done, at - done);
    done = at;
    const struct routing_node *node = routing_node_slot(table, hash, of->path, at);
    if (!node->path) continue;
    const enum cover cover = list_cover(table, node, duty);
    if (cover > best) best = cover;
  }
  return best;
}

static void add_uncovered(struct routing_rules *rules, const struct routing_table *table,
                          const struct routing_node *node, enum cover cover, size_t below) {
  const char *path = wg_arena_text(rules->arena, (struct wg_bytes){(const uint8_t *)node->path, node->size});
  const char *message = NULL;
  if (cover == COVER_SOMETIMES)
    message =
        wg_arena_printf(rules->arena, "分类“%s”只有附带其他条件的规则，其余诉求无法自动派单：请补一条不带条件的", path);
  else if (below)
    message = wg_arena_printf(rules->arena, "分类“%s”及其下 %zu 个分类没有规则，诉求无法自动派单", path, below);
  else message = wg_arena_printf(rules->arena, "分类“%s”没有规则，诉求无法自动派单", path);
  add(rules, (struct routing_finding){.kind = ROUTING_UNCOVERED,
                                      .rank = INT32_MAX,
                                      .district = table->district,
                                      .rule_id = "",
                                      .category = path,
                                      .message = message});
}

// check_uncovered tells leaves that no rule surely takes; where that is so of all below a category, it tells this one.
static void check_uncovered(struct routing_rules *rules, const struct routing_table *table) {
  struct wg_arena *scratch = wg_arena_create(64 << 10);
  const struct routing_node **nodes = wg_arena_alloc(scratch, (table->category_count + 1) * sizeof(void *));
  enum cover *covers = wg_arena_alloc(scratch, (table->category_count + 1) * sizeof *covers);
  size_t count = 0;
  for (size_t i = 0; i <= table->node_mask; i++) {
    if (table->nodes[i].path && table->nodes[i].in_tree) nodes[count++] = &table->nodes[i];
  }
  if (count) qsort(nodes, count, sizeof(void *), by_tree);
  for (size_t i = 0; i < count; i++)
    covers[i] = cover_of(table, nodes[i]);
  for (size_t i = 0; i < count; i++) {
    size_t end = i + 1, none = 0;
    for (; end < count && routing_within(nodes[end]->path, nodes[end]->size, nodes[i]->path, nodes[i]->size); end++)
      none += covers[end] == COVER_NONE;
    const size_t below = end - i - 1;
    if (covers[i] == COVER_ALWAYS) continue;
    if (covers[i] == COVER_NONE && none == below) {
      add_uncovered(rules, table, nodes[i], COVER_NONE, below);
      i = end - 1;
    } else if (!below) {
      add_uncovered(rules, table, nodes[i], covers[i], 0);
    }
  }
  wg_arena_destroy(scratch);
}

// --- all ---
static int by_place(const void *one, const void *two) {
  const struct routing_finding *a = one, *b = two;
  const int district = strcmp(a->district, b->district);
  if (district) return district;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  const int id = strcmp(a->rule_id, b->rule_id);
  return id ? id : a->kind != b->kind ? (int)a->kind - (int)b->kind : strcmp(a->category, b->category);
}

void routing_rules_check(struct routing_rules *rules) {
  for (size_t t = 0; t < rules->table_count; t++) {
    const struct routing_table *table = &rules->tables[t];
    mark_scopes(table);
    for (size_t i = 0; i < table->count; i++)
      check_rule(rules, table, &table->rules[i]);
    check_uncovered(rules, table);
  }
  if (rules->finding_count) qsort(rules->findings, rules->finding_count, sizeof *rules->findings, by_place);
}

struct routing_finding *routing_rules_findings(const struct routing_rules *rules, int32_t today, struct wg_arena *arena,
                                               size_t *count) {
  struct routing_finding *all = wg_arena_alloc(arena, (rules->finding_count + rules->count + 1) * sizeof *all);
  if (rules->finding_count) memcpy(all, rules->findings, rules->finding_count * sizeof *all);
  size_t used = rules->finding_count;
  for (size_t t = 0; t < rules->table_count; t++) {
    for (size_t i = 0; i < rules->tables[t].count; i++) {
      const struct routing_rule *rule = &rules->tables[t].rules[i];
      if (rule->to_day >= today || rule->from_day > rule->to_day) continue;
      all[used++] = (struct routing_finding){
          .kind = ROUTING_EXPIRED,
          .rank = rule->rank,
          .district = rule->district,
          .rule_id = rule->id,
          .category = rule->category,
          .message = wg_arena_printf(arena, "规则 %s：已于 %s 之后失效", rule->id, rule->valid_to)};
    }
  }
  if (used > rules->finding_count) qsort(all, used, sizeof *all, by_place);
  *count = used;
  return all;
}
