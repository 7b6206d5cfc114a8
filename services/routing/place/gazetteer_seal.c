// Sealing the gazetteer: parents, house numbers, owners of names, the trie. See gazetteer.h.
#include "services/routing/place/gazetteer_internal.h"

#include "common/base/map.h"

#include <stdlib.h>
#include <string.h>

// --- parents and codes ---

static void find_parents(struct routing_gazetteer *gazetteer) {
  for (size_t i = 0; i < gazetteer->count; i++) {
    struct place_entry *place = &gazetteer->entries[i];
    if (!*place->entry.parent) continue;
    const uintptr_t index = (uintptr_t)wg_map_get(gazetteer->ids, place->entry.parent);
    if (index && index - 1 != i) place->parent = (uint32_t)(index - 1);
    else
      routing_gazetteer_fault(gazetteer, place->entry.place_id, "%s belongs to %s, which is not in the gazetteer",
                              place->entry.name, place->entry.parent);
  }
}

// The smallest area known, filled up to 15 digits.
static uint64_t rank_of(const uint64_t *keys) {
  uint64_t rank = 0;
  for (int level = ROUTING_LEVEL_DISTRICT; level <= ROUTING_LEVEL_GRID; level++)
    if (keys[level]) rank = keys[level];
    else if (rank) rank *= 1000;
  return rank;
}

// A place lies where its parent lies, unless it knows better. Parents may have parents; a circle ends the walk.
static void inherit_codes(struct routing_gazetteer *gazetteer) {
  enum { GENERATIONS = 4 };
  for (int round = 0; round < GENERATIONS; round++)
    for (size_t i = 0; i < gazetteer->count; i++) {
      struct place_entry *place = &gazetteer->entries[i];
      if (place->parent == NOWHERE || place->entry.kind == ROUTING_PLACE_CITY) continue;
      const struct routing_entry *parent = &gazetteer->entries[place->parent].entry;
      const size_t own = strlen(place->entry.code);
      if (parent->kind != ROUTING_PLACE_CITY && strlen(parent->code) > own &&
          strncmp(parent->code, place->entry.code, own) == 0)
        place->entry.code = parent->code;
    }
  for (size_t i = 0; i < gazetteer->count; i++) {
    struct place_entry *place = &gazetteer->entries[i];
    if (place->entry.kind == ROUTING_PLACE_CITY) continue;
    for (int level = ROUTING_LEVEL_DISTRICT; level <= ROUTING_LEVEL_GRID; level++) {
      char prefix[16] = "";
      if (strlen(place->entry.code) < routing_code_digits[level]) break;
      memcpy(prefix, place->entry.code, routing_code_digits[level]);
      place->keys[level] = routing_code_key(prefix, routing_code_digits[level]);
    }
    place->rank = rank_of(place->keys);
  }
}

// --- house numbers ---

static bool whole_number(const uint32_t *codes, size_t size, struct routing_number *number) {
  return routing_number_read(codes, size, number) && number->size == size;
}

// The number in a name of a building: "15号楼", or "魅力之城15号楼" of 魅力之城. `heads`: first spelling of each place.
static bool number_of(const struct routing_gazetteer_builder *builder, const uint32_t *heads,
                      const struct spelling *name, struct routing_number *number) {
  if (name->numbered) return whole_number(name->codes, name->size, number);
  const uint32_t parent = builder->gazetteer->entries[name->entry].parent;
  for (uint32_t i = heads[parent]; i != NOWHERE; i = builder->spellings[i].next) {
    const struct spelling *estate = &builder->spellings[i];
    if (estate->size >= name->size || memcmp(estate->codes, name->codes, estate->size * sizeof *name->codes) != 0)
      continue;
    if (whole_number(name->codes + estate->size, name->size - estate->size, number)) return true;
  }
  return false;
}

static int by_number(const void *a, const void *b) {
  const struct numbered *first = a, *second = b;
  const uint64_t order[2][5] = {
      {0, first->number.building, first->number.phase, first->number.unit, first->entry},
      {0, second->number.building, second->number.phase, second->number.unit, second->entry},
  };
  if (first->parent != second->parent) return first->parent < second->parent ? -1 : 1;
  for (size_t i = 1; i < 5; i++)
    if (order[0][i] != order[1][i]) return order[0][i] < order[1][i] ? -1 : 1;
  return 0;
}

static uint32_t *first_spellings(struct routing_gazetteer_builder *builder) {
  uint32_t *heads = wg_alloc((builder->gazetteer->count + 1) * sizeof *heads);
  for (size_t i = 0; i < builder->gazetteer->count; i++)
    heads[i] = NOWHERE;
  for (uint32_t i = 0; i < builder->spelling_count; i++) {
    struct spelling *spelling = &builder->spellings[i];
    spelling->next = heads[spelling->entry];
    heads[spelling->entry] = i;
  }
  return heads;
}

static void read_numbers(struct routing_gazetteer_builder *builder) {
  struct routing_gazetteer *gazetteer = builder->gazetteer;
  uint32_t *heads = first_spellings(builder);
  size_t capacity = 0;
  for (size_t i = 0; i < builder->spelling_count; i++) {
    struct spelling *name = &builder->spellings[i];
    const struct place_entry *place = &gazetteer->entries[name->entry];
    if (place->parent == NOWHERE || place->entry.kind != ROUTING_PLACE_BUILDING) continue;
    struct numbered made = {.entry = name->entry, .parent = place->parent};
    if (!number_of(builder, heads, name, &made.number)) continue;
    name->numbered = true;
    if (gazetteer->numbered_count == capacity) {
      capacity = capacity ? capacity * 2 : 64;
      gazetteer->numbered = wg_realloc(gazetteer->numbered, capacity * sizeof *gazetteer->numbered);
    }
    gazetteer->numbered[gazetteer->numbered_count++] = made;
  }
  free(heads);
  size_t kept = 0;
  for (size_t i = 0; i < builder->spelling_count; i++)
    if (!builder->spellings[i].numbered) builder->spellings[kept++] = builder->spellings[i];
  builder->spelling_count = kept;
}

static void number_buildings(struct routing_gazetteer_builder *builder) {
  read_numbers(builder);
  struct routing_gazetteer *gazetteer = builder->gazetteer;
  struct numbered *list = gazetteer->numbered;
  if (gazetteer->numbered_count) qsort(list, gazetteer->numbered_count, sizeof *list, by_number);
  for (uint32_t i = 0; i < gazetteer->numbered_count; i++) {
    struct place_entry *parent = &gazetteer->entries[list[i].parent];
    if (!parent->numbered_count++) parent->numbered = i;
    if (i && list[i].parent == list[i - 1].parent && list[i].entry != list[i - 1].entry &&
        list[i].number.building == list[i - 1].number.building && list[i].number.phase == list[i - 1].number.phase &&
        list[i].number.unit == list[i - 1].number.unit)
      routing_gazetteer_fault(gazetteer, gazetteer->entries[list[i].entry].entry.place_id,
                              "%s and %s are one number in %s: neither is found by it",
                              gazetteer->entries[list[i].entry].entry.name,
                              gazetteer->entries[list[i - 1].entry].entry.name, parent->entry.name);
  }
}

// --- names ---

static int by_spelling(const void *a, const void *b) {
  const struct spelling *first = a, *second = b;
  for (uint32_t i = 0; i < first->size && i < second->size; i++)
    if (first->codes[i] != second->codes[i]) return first->codes[i] < second->codes[i] ? -1 : 1;
  if (first->size != second->size) return first->size < second->size ? -1 : 1;
  if (first->derived != second->derived) return second->derived ? -1 : 1;
  if (first->rank != second->rank) return first->rank < second->rank ? -1 : 1;
  return first->entry < second->entry ? -1 : first->entry > second->entry;
}

static uint32_t shared_prefix(const struct spelling *a, const struct spelling *b) {
  uint32_t same = 0;
  while (same < a->size && same < b->size && a->codes[same] == b->codes[same])
    same++;
  return same;
}

static void tell_of_clash(struct routing_gazetteer *gazetteer, const struct place_name *name) {
  const uint32_t *owners = gazetteer->owners + name->owners;
  const struct routing_entry *first = &gazetteer->entries[owners[0]].entry;
  // Grids of every community are called 第一网格, and so are the buildings of every estate.
  // Forms that nobody gave clash often, and nobody can mend that.
  if (name->owner_count < 2 || first->kind == ROUTING_PLACE_GRID || name->derived) return;
  const struct routing_entry *last = &gazetteer->entries[owners[name->owner_count - 1]].entry;
  routing_gazetteer_fault(gazetteer, first->place_id, "%u places answer to one name: %s (%s), %s (%s)%s",
                          name->owner_count, first->name, first->place_id, last->name, last->place_id,
                          name->owner_count > 2 ? " and others" : "");
}

// Groups the sorted spellings by name; gives the number of trie nodes they need.
static size_t gather_names(struct routing_gazetteer *gazetteer, const struct spelling *spellings, size_t count) {
  size_t nodes = 1, owners = 0;
  gazetteer->names = wg_alloc((count + 1) * sizeof *gazetteer->names);
  gazetteer->owners = wg_alloc((count + 1) * sizeof *gazetteer->owners);
  for (size_t i = 0; i < count; i++) {
    const uint32_t same = i ? shared_prefix(&spellings[i - 1], &spellings[i]) : 0;
    struct place_name *name = &gazetteer->names[gazetteer->name_count - (gazetteer->name_count > 0)];
    if (!i || same < spellings[i].size || same < spellings[i - 1].size) {
      nodes += spellings[i].size - same;
      name = &gazetteer->names[gazetteer->name_count++];
      *name = (struct place_name){.codes = spellings[i].codes,
                                  .size = spellings[i].size,
                                  .owners = (uint32_t)owners,
                                  .derived = spellings[i].derived,
                                  .form = spellings[i].form};
    } else if (spellings[i].derived && !name->derived) continue; // it is another place's own name, or its own
    else if (gazetteer->owners[owners - 1] == spellings[i].entry) continue; // it says its name twice
    if (name->owner_count == ROUTING_NAME_OWNERS) {
      if (!name->derived)
        routing_gazetteer_fault(gazetteer, gazetteer->entries[spellings[i].entry].entry.place_id,
                                "more than %d places have the name %s; this one is not found by it",
                                ROUTING_NAME_OWNERS, gazetteer->entries[spellings[i].entry].entry.name);
      continue;
    }
    gazetteer->owners[owners++] = spellings[i].entry;
    name->form &= spellings[i].form;
    name->owner_count++;
  }
  for (size_t i = 0; i < gazetteer->name_count; i++)
    tell_of_clash(gazetteer, &gazetteer->names[i]);
  return nodes;
}

static size_t power_of_two(size_t least) {
  size_t size = 64;
  while (size < least)
    size *= 2;
  return size;
}

static uint32_t make_edge(struct routing_gazetteer *gazetteer, uint32_t node, uint32_t code, uint32_t *nodes) {
  const uint64_t key = edge_key(node, code);
  size_t at = (size_t)mix(key) & gazetteer->edge_mask;
  while (gazetteer->edges[at].key && gazetteer->edges[at].key != key)
    at = (at + 1) & gazetteer->edge_mask;
  if (!gazetteer->edges[at].key) gazetteer->edges[at] = (struct edge){key, (*nodes)++};
  return gazetteer->edges[at].to;
}

// How many pairs of characters names begin with; names are sorted.
static size_t beginnings(const struct routing_gazetteer *gazetteer) {
  size_t count = 0;
  for (size_t i = 0; i < gazetteer->name_count; i++) {
    const uint32_t *codes = gazetteer->names[i].codes, *before = i ? gazetteer->names[i - 1].codes : NULL;
    count += !before || before[0] != codes[0] || before[1] != codes[1];
  }
  return count;
}

static void plant(struct routing_gazetteer *gazetteer, size_t nodes) {
  const size_t edges = power_of_two(nodes * 2), bits = power_of_two(beginnings(gazetteer) * 64);
  gazetteer->edges = wg_zalloc(edges * sizeof *gazetteer->edges);
  gazetteer->edge_mask = edges - 1;
  gazetteer->node_names = wg_zalloc((nodes + 1) * sizeof *gazetteer->node_names);
  gazetteer->filter = wg_zalloc(bits / 64 * sizeof *gazetteer->filter);
  gazetteer->filter_mask = bits - 1;
  uint32_t made = 1;
  for (uint32_t i = 0; i < gazetteer->name_count; i++) {
    const struct place_name *name = &gazetteer->names[i];
    uint32_t node = 0;
    for (uint32_t at = 0; at < name->size; at++)
      node = make_edge(gazetteer, node, name->codes[at], &made);
    gazetteer->node_names[node] = i + 1;
    const uint64_t bit = filter_bit(gazetteer, name->codes[0], name->codes[1]);
    gazetteer->filter[bit / 64] |= UINT64_C(1) << bit % 64;
  }
}

struct routing_gazetteer *routing_gazetteer_seal(struct routing_gazetteer_builder *builder) {
  struct routing_gazetteer *gazetteer = builder->gazetteer;
  find_parents(gazetteer);
  inherit_codes(gazetteer);
  struct routing_text_work *work = routing_text_work_create();
  routing_gazetteer_take_texts(builder, work);
  number_buildings(builder);
  routing_gazetteer_derive(builder, work);
  routing_text_work_destroy(work);
  for (size_t i = 0; i < builder->spelling_count; i++)
    builder->spellings[i].rank = gazetteer->entries[builder->spellings[i].entry].rank;
  if (builder->spelling_count)
    qsort(builder->spellings, builder->spelling_count, sizeof *builder->spellings, by_spelling);
  plant(gazetteer, gather_names(gazetteer, builder->spellings, builder->spelling_count));
  free(builder->spellings);
  free(builder);
  return gazetteer;
}
