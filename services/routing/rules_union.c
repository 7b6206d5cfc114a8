// Whether several earlier rules together take everything that a rule could take. See rules.h.
//
// What the rule takes is a box: categories × days × minutes × channel × kind × urgency. Earlier rules are looked at in
// order; one that takes only a part of the box cuts it, and each piece must be taken by it or by one behind it. Area,
// source, address and ownership are not cut: only earlier rules that take all of the rule's there are looked at. So
// what is found is true, but not all that is true is found; the same when the steps run out.
#include "services/routing/rules_internal.h"

#include <stdio.h>
#include <string.h>

enum { CANDIDATES = 128, STEPS = 20000, RULES_LOOKED_AT = 5000, USED = 6 };

struct box {
  const char *category;
  size_t size;
  bool exact; // orders of this very category; else also of those below
  int32_t from_day, to_day;
  int from_minute, to_minute; // to exclusive, never over midnight
  int pick[3];                // channel, kind, urgency; 0: any
};

struct cutting {
  const struct routing_table *table;
  const struct routing_rule *rule;
  const struct routing_rule *candidates[CANDIDATES];
  size_t count;
  const struct routing_rule *used[USED];
  size_t used_count;
  int steps;
};

static bool covered(struct cutting *cutting, const struct box *box, size_t from);

static const struct routing_node *node_at(const struct routing_table *table, const char *path, size_t size) {
  return routing_node_slot(table, routing_hash_on(ROUTING_FNV_BASIS, path, size), path, size);
}

static int scope_of(const struct cutting *cutting, const struct box *box) {
  if (!box->exact) {
    const struct routing_node *node = node_at(cutting->table, box->category, box->size);
    if (node->path && node->scope) return node->scope;
  }
  return routing_duty_of(cutting->table, box->category, box->size) ? ROUTING_SCOPE_DUTY : ROUTING_SCOPE_FREE;
}

static int picked(const struct routing_rule *rule, int dimension) {
  const int values[] = {rule->channel, rule->kind, rule->urgency};
  return values[dimension];
}

// --- how a rule lies to a box ---
enum relation { APART, COVERS, CUTS_CATEGORY, CUTS_DAYS, CUTS_MINUTES, CUTS_PICK };

static bool minute_in(const struct routing_rule *rule, int minute) {
  if (rule->from_minute == rule->to_minute) return true;
  if (rule->from_minute < rule->to_minute) return minute >= rule->from_minute && minute < rule->to_minute;
  return minute >= rule->from_minute || minute < rule->to_minute;
}

static bool inside(int at, const struct box *box) {
  return at > box->from_minute && at < box->to_minute;
}

static enum relation category_relation(const struct cutting *cutting, const struct routing_rule *first,
                                       const struct box *box) {
  if (routing_within(box->category, box->size, first->category, first->category_size)) {
    if (!first->lead_is_grid) return COVERS;
    const int scope = scope_of(cutting, box);
    if (scope == ROUTING_SCOPE_FREE) return COVERS;
    return scope == ROUTING_SCOPE_DUTY ? APART : CUTS_CATEGORY;
  }
  if (box->exact || !routing_within(first->category, first->category_size, box->category, box->size)) return APART;
  return node_at(cutting->table, first->category, first->category_size)->in_tree ? CUTS_CATEGORY : APART;
}

static enum relation relation_of(const struct cutting *cutting, const struct routing_rule *first, const struct box *box,
                                 int *dimension) {
  const enum relation category = category_relation(cutting, first, box);
  if (category == APART || first->from_day > box->to_day || first->to_day < box->from_day) return APART;
  const bool cut =
      first->from_minute != first->to_minute && (inside(first->from_minute, box) || inside(first->to_minute, box));
  if (!cut && !minute_in(first, box->from_minute)) return APART;
  for (int i = 0; i < 3; i++) {
    const int value = picked(first, i);
    if (value && box->pick[i] && value != box->pick[i]) return APART;
    if (value && !box->pick[i]) *dimension = i;
  }
  if (category != COVERS) return category;
  if (first->from_day > box->from_day || first->to_day < box->to_day) return CUTS_DAYS;
  if (cut) return CUTS_MINUTES;
  return *dimension >= 0 ? CUTS_PICK : COVERS;
}

// --- cutting ---
static bool parent_is(const struct routing_node *node, const struct box *box) {
  if (!node->path || !node->in_tree || node->size <= box->size) return false;
  if (!routing_within(node->path, node->size, box->category, box->size)) return false;
  const size_t skip = box->size ? box->size + 1 : 0;
  return memchr(node->path + skip, '/', node->size - skip) == NULL;
}

static bool each_category(struct cutting *cutting, const struct box *box, size_t from) {
  const struct routing_table *table = cutting->table;
  if (box->exact) return false;
  struct box piece = *box;
  piece.exact = true;
  if (!covered(cutting, &piece, from)) return false;
  piece.exact = false;
  for (size_t i = 0; i <= table->node_mask; i++) {
    if (!parent_is(&table->nodes[i], box)) continue;
    piece.category = table->nodes[i].path;
    piece.size = table->nodes[i].size;
    if (!covered(cutting, &piece, from)) return false;
  }
  return true;
}

static bool each_days(struct cutting *cutting, const struct routing_rule *first, const struct box *box, size_t from) {
  const int32_t low = first->from_day > box->from_day ? first->from_day : box->from_day;
  const int32_t high = first->to_day < box->to_day ? first->to_day : box->to_day;
  struct box piece = *box;
  piece.from_day = low;
  piece.to_day = high;
  if (!covered(cutting, &piece, from)) return false;
  if (low > box->from_day) {
    piece.from_day = box->from_day;
    piece.to_day = low - 1;
    if (!covered(cutting, &piece, from)) return false;
  }
  if (high == box->to_day) return true;
  piece.from_day = high + 1;
  piece.to_day = box->to_day;
  return covered(cutting, &piece, from);
}

static bool each_minutes(struct cutting *cutting, const struct routing_rule *first, const struct box *box,
                         size_t from) {
  const int at = inside(first->from_minute, box) ? first->from_minute : first->to_minute;
  struct box early = *box, late = *box;
  early.to_minute = late.from_minute = at;
  return covered(cutting, &early, from) && covered(cutting, &late, from);
}

static bool each_pick(struct cutting *cutting, int dimension, const struct box *box, size_t from) {
  static const ProtobufCEnumDescriptor *const types[] = {
      &wangge__v1__channel__descriptor, &wangge__v1__order_kind__descriptor, &wangge__v1__urgency__descriptor};
  struct box piece = *box;
  for (unsigned i = 0; i < types[dimension]->n_values; i++) {
    piece.pick[dimension] = types[dimension]->values[i].value;
    if (piece.pick[dimension] && !covered(cutting, &piece, from)) return false; // intake takes no order without
  }
  return true;
}

// note_used keeps those that take part in their order.
static void note_used(struct cutting *cutting, const struct routing_rule *first) {
  size_t at = 0;
  while (at < cutting->used_count && cutting->used[at]->number < first->number)
    at++;
  if (cutting->used_count == USED || (at < cutting->used_count && cutting->used[at] == first)) return;
  for (size_t i = cutting->used_count++; i > at; i--)
    cutting->used[i] = cutting->used[i - 1];
  cutting->used[at] = first;
}

static bool covered(struct cutting *cutting, const struct box *box, size_t from) {
  // What is a department's duty is not the rule's, when its lead is a grid.
  if (cutting->rule->lead_is_grid && scope_of(cutting, box) == ROUTING_SCOPE_DUTY) return true;
  for (size_t i = from; i < cutting->count; i++) {
    if (--cutting->steps < 0) return false;
    const struct routing_rule *first = cutting->candidates[i];
    int dimension = -1;
    switch (relation_of(cutting, first, box, &dimension)) {
    case APART:
      continue;
    case COVERS:
      note_used(cutting, first);
      return true;
    case CUTS_CATEGORY:
      return each_category(cutting, box, i);
    case CUTS_DAYS:
      return each_days(cutting, first, box, i);
    case CUTS_MINUTES:
      return each_minutes(cutting, first, box, i);
    case CUTS_PICK:
      return each_pick(cutting, dimension, box, i);
    }
  }
  return false;
}

// --- who may take part ---
static bool may_help(const struct routing_rule *first, const struct routing_rule *rule) {
  if (!routing_within(first->category, first->category_size, rule->category, rule->category_size) &&
      !routing_within(rule->category, rule->category_size, first->category, first->category_size))
    return false;
  if (*first->source && strcmp(first->source, rule->source) != 0) return false;
  if (*first->parcel && strcmp(first->parcel, rule->parcel) != 0) return false;
  if (!routing_rule_area_within(first, rule)) return false;
  for (int i = 0; i < 3; i++) {
    if (picked(first, i) && picked(rule, i) && picked(first, i) != picked(rule, i)) return false;
  }
  return strstr(rule->place_text, first->place_text) != NULL;
}

bool routing_rule_covered_by_several(const struct routing_table *table, const struct routing_rule *rule, char *names,
                                     size_t size) {
  struct cutting cutting = {.table = table, .rule = rule, .steps = STEPS};
  if (rule->number > RULES_LOOKED_AT) return false;
  for (uint32_t i = 0; i < rule->number && cutting.count < CANDIDATES; i++) {
    if (may_help(&table->rules[i], rule)) cutting.candidates[cutting.count++] = &table->rules[i];
  }
  if (cutting.count < 2) return false;
  struct box box = {.category = rule->category,
                    .size = rule->category_size,
                    .from_day = rule->from_day,
                    .to_day = rule->to_day,
                    .from_minute = rule->from_minute,
                    .to_minute = rule->to_minute > rule->from_minute ? rule->to_minute : 1440,
                    .pick = {rule->channel, rule->kind, rule->urgency}};
  if (!covered(&cutting, &box, 0)) return false;
  if (rule->to_minute < rule->from_minute) { // the part behind midnight
    box.from_minute = 0;
    box.to_minute = rule->to_minute;
    if (!covered(&cutting, &box, 0)) return false;
  }
  if (cutting.used_count < 2) return false; // all is a department's duty: that is said otherwise
  names[0] = '\0';
  for (size_t i = 0, used = 0; i < cutting.used_count && used < size; i++)
    used += (size_t)snprintf(names + used, size - used, "%s%s", i ? "、" : "", cutting.used[i]->id);
  return true;
}
