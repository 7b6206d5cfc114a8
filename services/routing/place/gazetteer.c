// Asking the gazetteer. See gazetteer.h.
#include "services/routing/place/gazetteer_internal.h"

#include "common/base/map.h"
#include "services/routing/place/variants.h"

#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name, *label;
} kinds[] = {
    [ROUTING_PLACE_CITY] = {"city", "市"},           [ROUTING_PLACE_DISTRICT] = {"district", "区县"},
    [ROUTING_PLACE_STREET] = {"street", "街道"},     [ROUTING_PLACE_COMMUNITY] = {"community", "社区"},
    [ROUTING_PLACE_GRID] = {"grid", "网格"},         [ROUTING_PLACE_ESTATE] = {"estate", "小区"},
    [ROUTING_PLACE_BUILDING] = {"building", "楼院"}, [ROUTING_PLACE_ROAD] = {"road", "道路"},
    [ROUTING_PLACE_STATION] = {"station", "驿站"},   [ROUTING_PLACE_SITE] = {"site", "场所"},
};

const char *routing_place_kind_name(enum routing_place_kind kind) {
  return kind >= ROUTING_PLACE_CITY && kind <= ROUTING_PLACE_SITE ? kinds[kind].name : "";
}

const char *routing_place_kind_label(enum routing_place_kind kind) {
  return kind >= ROUTING_PLACE_CITY && kind <= ROUTING_PLACE_SITE ? kinds[kind].label : "";
}

bool routing_place_kind_parse(const char *name, enum routing_place_kind *kind) {
  for (int i = ROUTING_PLACE_CITY; i <= ROUTING_PLACE_SITE; i++)
    if (strcmp(kinds[i].name, name) == 0) return *kind = (enum routing_place_kind)i, true;
  return false;
}

static bool word(uint32_t code) {
  return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z');
}

// Whether a word runs on over the border before codes[at].
static bool inside_word(const uint32_t *codes, size_t count, size_t at) {
  if (at == 0 || at >= count || (codes[at] & ROUTING_FOLD_GAP)) return false;
  return word(codes[at]) && word(codes[at - 1] & ROUTING_FOLD_CODE);
}

// All names that begin at `start`, added to `found`; false when there is no room for more.
static bool names_at(const struct routing_gazetteer *gazetteer, const uint32_t *codes, size_t count, size_t start,
                     struct routing_hit *found, size_t *found_count, size_t max) {
  uint32_t node = 0;
  for (size_t at = start; at < count; at++) {
    node = follow(gazetteer, node, codes[at] & ROUTING_FOLD_CODE);
    if (!node) return true;
    const uint32_t name = gazetteer->node_names[node];
    if (!name || inside_word(codes, count, at + 1)) continue;
    if (!routing_variant_stands(gazetteer->names[name - 1].form, codes + at + 1, count - at - 1)) continue;
    if (*found_count == max) return false;
    found[(*found_count)++] = (struct routing_hit){name - 1, (uint32_t)start, (uint32_t)(at + 1 - start)};
  }
  return true;
}

static bool longer(const struct routing_hit *a, const struct routing_hit *b) {
  return a->size != b->size ? a->size > b->size : a->start < b->start;
}

static bool earlier(const struct routing_hit *a, const struct routing_hit *b) {
  return a->start < b->start;
}

// sort: there are a few, and nearly in order.
static inline void sort(struct routing_hit *hits, size_t count,
                        bool (*before)(const struct routing_hit *, const struct routing_hit *)) {
  for (size_t i = 1; i < count; i++) {
    const struct routing_hit moved = hits[i];
    size_t at = i;
    for (; at > 0 && before(&moved, &hits[at - 1]); at--)
      hits[at] = hits[at - 1];
    hits[at] = moved;
  }
}

static size_t without_overlaps(struct routing_hit *found, size_t found_count, struct routing_hit *hits, size_t max) {
  size_t kept = 0;
  sort(found, found_count, longer);
  for (size_t i = 0; i < found_count && kept < max; i++) {
    const struct routing_hit hit = found[i];
    size_t other = 0;
    while (other < kept &&
           (hits[other].start + hits[other].size <= hit.start || hit.start + hit.size <= hits[other].start))
      other++;
    if (other == kept) hits[kept++] = hit;
  }
  sort(hits, kept, earlier);
  return kept;
}

size_t routing_gazetteer_find(const struct routing_gazetteer *gazetteer, const uint32_t *codes, size_t count,
                              struct routing_hit *hits, size_t max) {
  struct routing_hit found[4 * ROUTING_HITS]; // overlapping ones too
  size_t found_count = 0;
  if (count < 2) return 0;
  uint32_t first = codes[0] & ROUTING_FOLD_CODE;
  for (size_t at = 0; at + 1 < count; at++) {
    const uint32_t second = codes[at + 1] & ROUTING_FOLD_CODE;
    const uint64_t bit = filter_bit(gazetteer, first, second);
    first = second;
    if (!(gazetteer->filter[bit / 64] >> bit % 64 & 1) || inside_word(codes, count, at)) continue;
    if (!names_at(gazetteer, codes, count, at, found, &found_count, 4 * ROUTING_HITS)) break;
  }
  return without_overlaps(found, found_count, hits, max < ROUTING_HITS ? max : ROUTING_HITS);
}

const uint32_t *routing_gazetteer_owners(const struct routing_gazetteer *gazetteer, uint32_t name, size_t *count) {
  *count = gazetteer->names[name].owner_count;
  return gazetteer->owners + gazetteer->names[name].owners;
}

// How well a building answers to a number that was read: 0 not at all.
static int answers(const struct routing_number *known, const struct routing_number *read) {
  if (known->building != read->building) return 0;
  if (known->unit && known->unit != read->unit) return 0;
  if (known->phase && read->phase && known->phase != read->phase) return 0;
  return 1 + (known->unit == read->unit) + 2 * (known->phase == read->phase);
}

static uint32_t building_by_number(const struct routing_gazetteer *gazetteer, const struct place_entry *place,
                                   const struct routing_number *read) {
  const struct numbered *list = gazetteer->numbered + place->numbered;
  size_t low = 0, high = place->numbered_count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (list[middle].number.building < read->building) low = middle + 1;
    else high = middle;
  }
  uint32_t best = NOWHERE;
  int best_answer = 0;
  bool tie = false;
  for (; low < place->numbered_count && list[low].number.building == read->building; low++) {
    const int answer = answers(&list[low].number, read);
    if (answer > best_answer) best = list[low].entry, best_answer = answer, tie = false;
    else if (answer && answer == best_answer) tie = true;
  }
  return tie ? NOWHERE : best; // 3栋 of which phase? The estate is as far as one can know.
}

// A sentence ends, or another part of the address begins.
static bool ends(uint32_t code) {
  static const uint32_t marks[] = {0x3002, ',', ';', '!', '?', 0x3001, ':', 0x2026, '.'};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (marks[i] == code) return true;
  return false;
}

uint32_t routing_gazetteer_building(const struct routing_gazetteer *gazetteer, uint32_t place, const uint32_t *codes,
                                    size_t count, bool days) {
  enum { REACH = 8 }; // 小区（北侧）
  const struct place_entry *of = &gazetteer->entries[place];
  if (!of->numbered_count) return NOWHERE;
  for (size_t at = 0; at < count && at < REACH && !ends(codes[at] & ROUTING_FOLD_CODE); at++) {
    struct routing_number number;
    if (inside_word(codes, count, at) || !routing_number_read(codes + at, count - at, &number)) continue;
    if (number.bare && (!days || at > 0)) return NOWHERE;
    return building_by_number(gazetteer, of, &number);
  }
  return NOWHERE;
}

uint64_t routing_gazetteer_key(const struct routing_gazetteer *gazetteer, uint32_t place, enum routing_level level) {
  return gazetteer->entries[place].keys[level];
}

uint64_t routing_gazetteer_rank(const struct routing_gazetteer *gazetteer, uint32_t place) {
  return gazetteer->entries[place].rank;
}

uint32_t routing_gazetteer_parent(const struct routing_gazetteer *gazetteer, uint32_t place) {
  return gazetteer->entries[place].parent;
}

size_t routing_gazetteer_count(const struct routing_gazetteer *gazetteer) {
  return gazetteer->count;
}

const struct routing_entry *routing_gazetteer_entry(const struct routing_gazetteer *gazetteer, uint32_t index) {
  return &gazetteer->entries[index].entry;
}

const struct routing_entry *routing_gazetteer_get(const struct routing_gazetteer *gazetteer, const char *place_id) {
  const uintptr_t index = (uintptr_t)wg_map_get(gazetteer->ids, place_id);
  return index ? &gazetteer->entries[index - 1].entry : NULL;
}

bool routing_gazetteer_loose(const struct routing_gazetteer *gazetteer, uint32_t name) {
  return gazetteer->names[name].form & ROUTING_FORM_LOOSE;
}

const struct routing_text *routing_gazetteer_texts(const struct routing_gazetteer *gazetteer, const char *place_id,
                                                   size_t *count) {
  const uintptr_t index = (uintptr_t)wg_map_get(gazetteer->ids, place_id);
  *count = index ? gazetteer->entries[index - 1].text_count : 0;
  return index ? gazetteer->entries[index - 1].texts : NULL;
}

const struct routing_place_finding *routing_gazetteer_findings(const struct routing_gazetteer *gazetteer, size_t *kept,
                                                               size_t *total) {
  *kept = gazetteer->finding_count;
  *total = gazetteer->findings_seen;
  return gazetteer->findings;
}

void routing_gazetteer_close(struct routing_gazetteer *gazetteer) {
  if (!gazetteer) return;
  wg_map_destroy(gazetteer->ids);
  free(gazetteer->entries);
  free(gazetteer->names);
  free(gazetteer->owners);
  free(gazetteer->numbered);
  free(gazetteer->edges);
  free(gazetteer->node_names);
  free(gazetteer->filter);
  wg_arena_destroy(gazetteer->arena);
  free(gazetteer);
}
