// What the files of the dispatch catalogue share. See rules.h.
//
// Compiled: a table of categories by path, in which rules hang by their category prefix and, below that, by their area.
// An order is looked up by each prefix of its category ("", "城乡建设", "城乡建设/供热" …) and in each with its areas
// and places; every list found is walked in order until a rule is met or cannot come first any more. What an order
// costs depends on the rules of its own categories and areas only.
#pragma once

#include "common/base/map.h"
#include "services/routing/rules.h"

enum {
  ROUTING_RULES_MOST = 100000, // of one district
  ROUTING_LEVELS_MOST = 15,    // of a category
  ROUTING_CATEGORY_BYTES = 300,
};

struct routing_list { // of routing_table.order
  uint32_t first, count;
};
enum routing_duty { ROUTING_DUTY_UNSAID = -1, ROUTING_DUTY_NO, ROUTING_DUTY_YES };

struct routing_node { // a category, or a prefix that a rule names
  const char *path;
  size_t size;
  uint64_t hash;
  struct routing_list anywhere; // rules without an area
  uint8_t areas;                // which digits of areas its rules have (bit: digits / 3), bit 7: places
  int8_t duty;                  // routing_duty, of its own
  bool in_tree;
  uint8_t scope; // routing_scope of the orders of this category and below
};
// Whether orders are a department's duty: some are not, some are.
enum routing_scope { ROUTING_SCOPE_FREE = 1, ROUTING_SCOPE_DUTY = 2 };

struct routing_group { // rules of one node and one area
  const char *area;    // NULL: free
  size_t size;
  uint64_t hash;
  uint32_t node;
  struct routing_list list;
};

struct routing_table { // of a district
  const char *district;
  char version[ROUTING_RULES_VERSION];
  struct routing_rule *rules;
  size_t count;
  uint32_t *order;                  // numbers of rules, ascending in each list
  struct routing_node *nodes;       // open addressing; path NULL: free
  size_t node_mask, category_count; // category_count: nodes that are in the tree
  struct routing_group *groups;     // open addressing
  size_t group_mask;
};

enum routing_known { ROUTING_KNOWN_DEPARTMENT, ROUTING_KNOWN_CATEGORY, ROUTING_KNOWN_AREA, ROUTING_KNOWN_PLACE };
enum { ROUTING_KNOWN_KINDS = 4 };

struct routing_rules {
  struct wg_arena *arena;
  struct routing_table *tables; // by district
  size_t table_count, count;    // count: rules in force
  char version[ROUTING_RULES_VERSION];
  struct wg_map *known; // "D370117water" -> its name; "D370117": the district has any
  bool has[ROUTING_KNOWN_KINDS];
  struct routing_finding *findings; // but the expired ones
  size_t finding_count, finding_room;
};

#define ROUTING_FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define ROUTING_FNV_PRIME UINT64_C(0x100000001b3)
static inline uint64_t routing_hash_on(uint64_t hash, const char *text, size_t size) {
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ (uint8_t)text[i]) * ROUTING_FNV_PRIME;
  return hash;
}

// rules.c
const struct routing_table *routing_table_of(const struct routing_rules *rules, const char *district);
// routing_node_slot gives the node of a path, or the free place where it belongs.
struct routing_node *routing_node_slot(const struct routing_table *table, uint64_t hash, const char *path, size_t size);
struct routing_group *routing_group_slot(const struct routing_table *table, uint64_t hash, uint32_t node,
                                         const char *area, size_t size);
uint64_t routing_group_hash(const struct routing_node *node, const char *area, size_t size);
// routing_duty_of: of a category or prefix, by the nearest category above it that says so.
bool routing_duty_of(const struct routing_table *table, const char *category, size_t size);
// routing_within: `category` is `prefix` or lies below it.
bool routing_within(const char *category, size_t size, const char *prefix, size_t prefix_size);
// The day and minute in Asia/Shanghai that intake received it.
void routing_rule_moment(const Wangge__V1__Order *order, int32_t *day, int *minute);

// rules_index.c
void routing_table_index(struct routing_table *table, struct wg_arena *arena);

// rules_check.c
void routing_finding_add(struct routing_rules *rules, enum routing_finding_kind kind, bool error,
                         const struct routing_rule *rule, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
// routing_rules_check adds what can be seen only when all rules are there.
void routing_rules_check(struct routing_rules *rules);
// routing_rule_covers: every order that meets `second` meets `first` too and is decided by it.
bool routing_rule_covers(const struct routing_table *table, const struct routing_rule *first,
                         const struct routing_rule *second);
bool routing_rule_area_within(const struct routing_rule *outer, const struct routing_rule *inner);

// rules_union.c: `names` gets the rules that do, for people.
bool routing_rule_covered_by_several(const struct routing_table *table, const struct routing_rule *rule, char *names,
                                     size_t size);
