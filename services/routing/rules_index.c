// The index over a district's rules. See rules_internal.h.
#include "services/routing/rules_internal.h"

#include <string.h>

static struct routing_node *node_of(struct routing_table *table, const struct routing_rule *rule) {
  const uint64_t hash = routing_hash_on(ROUTING_FNV_BASIS, rule->category, rule->category_size);
  struct routing_node *node = routing_node_slot(table, hash, rule->category, rule->category_size);
  if (node->path) return node;
  *node = (struct routing_node){
      .path = rule->category, .size = rule->category_size, .hash = hash, .duty = ROUTING_DUTY_UNSAID};
  return node;
}

// list_of gives the list a rule belongs to; made when it is not there yet.
static struct routing_list *list_of(struct routing_table *table, const struct routing_rule *rule) {
  struct routing_node *node = node_of(table, rule);
  if (rule->area_kind == ROUTING_AREA_ANY) return &node->anywhere;
  node->areas |= (uint8_t)(rule->area_kind == ROUTING_AREA_PLACE ? 1u << 7 : 1u << rule->area_size / 3);
  const uint64_t hash = routing_group_hash(node, rule->area, rule->area_size);
  const uint32_t number = (uint32_t)(node - table->nodes);
  struct routing_group *group = routing_group_slot(table, hash, number, rule->area, rule->area_size);
  if (!group->area) *group = (struct routing_group){rule->area, rule->area_size, hash, number, {0, 0}};
  return &group->list;
}

// place_list gives a list its room; count is taken down to 0 and goes up again when it is filled.
static void place_list(struct routing_list *list, uint32_t *next) {
  list->first = *next;
  *next += list->count;
  list->count = 0;
}

void routing_table_index(struct routing_table *table, struct wg_arena *arena) {
  size_t size = 16;
  while (size < table->count * 2)
    size *= 2;
  table->groups = wg_arena_zalloc(arena, size * sizeof *table->groups);
  table->group_mask = size - 1;
  table->order = wg_arena_alloc(arena, (table->count + 1) * sizeof *table->order);
  struct routing_list **lists = wg_arena_alloc(arena, (table->count + 1) * sizeof(void *));
  for (size_t i = 0; i < table->count; i++) {
    lists[i] = list_of(table, &table->rules[i]);
    lists[i]->count++;
  }
  uint32_t next = 0;
  for (size_t i = 0; i <= table->node_mask; i++)
    place_list(&table->nodes[i].anywhere, &next);
  for (size_t i = 0; i <= table->group_mask; i++)
    place_list(&table->groups[i].list, &next);
  for (size_t i = 0; i < table->count; i++)
    table->order[lists[i]->first + lists[i]->count++] = (uint32_t)i;
}
