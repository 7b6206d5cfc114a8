// Names in the texts of an order, and how much speaks for each. See place.h.
#include "services/routing/place/place_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_OWNERS = 8, NEAR_M = 300, FAR_M = 3000 };

// What a name is worth, in points.
static const int kind_points[] = {
    [ROUTING_PLACE_CITY] = 0,       [ROUTING_PLACE_DISTRICT] = 5, [ROUTING_PLACE_STREET] = 15,
    [ROUTING_PLACE_COMMUNITY] = 30, [ROUTING_PLACE_GRID] = 50,    [ROUTING_PLACE_ESTATE] = 45,
    [ROUTING_PLACE_BUILDING] = 60,  [ROUTING_PLACE_ROAD] = 25,    [ROUTING_PLACE_STATION] = 42,
    [ROUTING_PLACE_SITE] = 40,
};
static const int how_points[] = {[ROUTING_HOW_ADDRESS] = 30, [ROUTING_HOW_TITLE] = 20, [ROUTING_HOW_TEXT] = 8};
// An area named besides: agreement, and a place that lies elsewhere.
static const int agree_points[] = {[ROUTING_LEVEL_DISTRICT] = 4,
                                   [ROUTING_LEVEL_STREET] = 8,
                                   [ROUTING_LEVEL_COMMUNITY] = 12,
                                   [ROUTING_LEVEL_GRID] = 12};
static const int disagree_points[] = {[ROUTING_LEVEL_DISTRICT] = 25,
                                      [ROUTING_LEVEL_STREET] = 15,
                                      [ROUTING_LEVEL_COMMUNITY] = 15,
                                      [ROUTING_LEVEL_GRID] = 10};
enum {
  LETTER_POINTS = 2, // a character of the name, up to LETTERS
  LETTERS = 8,
  REPEAT_POINTS = 2,
  REPEATS = 3,
  PARENT_POINTS = 15,
  GRID_POINTS = 20,      // lies in the grid given or located
  COMMUNITY_POINTS = 10, // at least in its community; minus twice that when elsewhere
  NEAR_POINTS = 15,
  FAR_POINTS = 10,
  BEHIND_POINTS = 6, // stands right behind another place: addresses go from the large to the small
  LOOSE_POINTS = 10, // less for a name that leaves something out: more than what counts as clearly better
  FOREIGN_POINTS = 60,
};

static void add_named(struct finding_place *finding, uint32_t entry, struct named named) {
  for (size_t i = 0; i < finding->named_count; i++) {
    if (finding->named[i].entry != entry) continue;
    finding->named[i].times++;
    finding->named[i].behind = finding->named[i].behind || named.behind;
    return; // it was found in a text that is trusted at least as much
  }
  if (finding->named_count == NAMED_MAX) {
    finding->place->flags |= ROUTING_NAMES_CUT;
    return;
  }
  const uint64_t district = routing_gazetteer_key(finding->gazetteer, entry, ROUTING_LEVEL_DISTRICT);
  named.entry = entry;
  named.times = 1;
  named.foreign = finding->district && district && district != finding->district;
  finding->named[finding->named_count++] = named;
}

// Whether a hit begins where the name of a place, not of an area, ends.
static bool follows_place(const struct finding_place *finding, const struct routing_hit *hit,
                          const struct routing_hit *before) {
  size_t count;
  return before && before->start + before->size == hit->start &&
         routing_gazetteer_entry(finding->gazetteer,
                                 *routing_gazetteer_owners(finding->gazetteer, before->name, &count))
                 ->kind >= ROUTING_PLACE_ESTATE;
}

static void take_hit(struct finding_place *finding, const struct routing_hit *hit, bool behind, enum routing_how how,
                     const uint32_t *codes, size_t count) {
  size_t owner_count;
  const uint32_t *owners = routing_gazetteer_owners(finding->gazetteer, hit->name, &owner_count);
  if (owner_count > FEW_OWNERS) {
    if (finding->common_count == COMMON_MAX) finding->place->flags |= ROUTING_NAMES_CUT;
    else finding->common[finding->common_count++] = (struct common_name){hit->name, hit->start, hit->size, how};
    return;
  }
  const size_t end = hit->start + hit->size;
  for (size_t i = 0; i < owner_count; i++) {
    const uint32_t building =
        routing_gazetteer_building(finding->gazetteer, owners[i], codes + end, count - end, how == ROUTING_HOW_ADDRESS);
    add_named(finding, building == UINT32_MAX ? owners[i] : building,
              (struct named){.name = hit->name, .at = hit->start, .size = hit->size, .how = how, .behind = behind});
  }
}

static void read_text(struct finding_place *finding, const char *text, enum routing_how how) {
  if (!text || !*text) return;
  const size_t bytes = strnlen(text, (size_t)ROUTING_PLACE_READ * 4);
  uint32_t codes[ROUTING_PLACE_READ]; // on the stack: in the batch's arena every order would leave its own behind
  const size_t count = routing_fold((struct wg_bytes){(const uint8_t *)text, bytes}, codes, ROUTING_PLACE_READ);
  struct routing_hit hits[ROUTING_HITS];
  const size_t hit_count = routing_gazetteer_find(finding->gazetteer, codes, count, hits, ROUTING_HITS);
  if (hit_count == ROUTING_HITS) finding->place->flags |= ROUTING_NAMES_CUT;
  for (size_t i = 0; i < hit_count; i++)
    take_hit(finding, &hits[i], follows_place(finding, &hits[i], i ? &hits[i - 1] : NULL), how, codes, count);
}

// --- names of very many places: those in the areas that are known otherwise ---

static void owners_inside(struct finding_place *finding, const struct common_name *common, uint64_t community) {
  const struct routing_gazetteer *gazetteer = finding->gazetteer;
  const uint64_t first = community * 1000, behind = first + 1000; // as ranks
  size_t owner_count, low = 0, high;
  const uint32_t *owners = routing_gazetteer_owners(gazetteer, common->name, &owner_count);
  for (high = owner_count; low < high;) {
    const size_t middle = (low + high) / 2;
    if (routing_gazetteer_rank(gazetteer, owners[middle]) < first) low = middle + 1;
    else high = middle;
  }
  for (size_t taken = 0; low < owner_count && taken < FEW_OWNERS; low++, taken++) {
    if (routing_gazetteer_rank(gazetteer, owners[low]) >= behind) return;
    add_named(finding, owners[low],
              (struct named){.name = common->name, .at = common->at, .size = common->size, .how = common->how});
  }
}

static void resolve_common(struct finding_place *finding) {
  const size_t known = finding->named_count;
  for (size_t i = 0; i < finding->common_count; i++) {
    const struct common_name *common = &finding->common[i];
    const size_t before = finding->named_count;
    if (finding->given_good) owners_inside(finding, common, routing_code_key(finding->given->parent, 12));
    if (finding->located_good && finding->located.grid_count)
      owners_inside(finding, common, routing_code_key(finding->located.grids[0]->parent, 12));
    for (size_t n = 0; n < known; n++) {
      const uint64_t key = routing_gazetteer_key(finding->gazetteer, finding->named[n].entry, ROUTING_LEVEL_COMMUNITY);
      if (key) owners_inside(finding, common, key);
    }
    if (finding->named_count == before) finding->place->flags |= ROUTING_PLACE_AMBIGUOUS;
  }
}

// --- points ---

static bool is_area(enum routing_place_kind kind) {
  return kind >= ROUTING_PLACE_DISTRICT && kind <= ROUTING_PLACE_GRID;
}

// Areas named besides, at each level: agree, disagree, or say nothing. Only what is trusted as much may disagree.
static int area_points(const struct finding_place *finding, const struct named *named) {
  int points = 0;
  for (int level = ROUTING_LEVEL_DISTRICT; level <= ROUTING_LEVEL_GRID; level++) {
    const uint64_t own = routing_gazetteer_key(finding->gazetteer, named->entry, (enum routing_level)level);
    if (!own) continue;
    bool agrees = false, disagrees = false;
    for (size_t i = 0; i < finding->named_count; i++) {
      const struct named *other = &finding->named[i];
      if (other == named || routing_same_name(other, named)) continue;
      if (!is_area(routing_gazetteer_entry(finding->gazetteer, other->entry)->kind)) continue;
      const uint64_t key = routing_gazetteer_key(finding->gazetteer, other->entry, (enum routing_level)level);
      if (key == own) agrees = true;
      else if (key && other->how <= named->how) disagrees = true;
    }
    points += agrees ? agree_points[level] : disagrees ? -disagree_points[level] : 0;
  }
  return points;
}

static int parent_points(const struct finding_place *finding, const struct named *named) {
  const uint32_t parent = routing_gazetteer_parent(finding->gazetteer, named->entry);
  if (parent == UINT32_MAX) return 0;
  for (size_t i = 0; i < finding->named_count; i++)
    if (finding->named[i].entry == parent) return PARENT_POINTS;
  return 0;
}

static int grid_points(const struct finding_place *finding, const struct named *named,
                       const struct routing_area *grid) {
  const struct routing_gazetteer *gazetteer = finding->gazetteer;
  const uint64_t own = routing_gazetteer_key(gazetteer, named->entry, ROUTING_LEVEL_GRID);
  const uint64_t community = routing_gazetteer_key(gazetteer, named->entry, ROUTING_LEVEL_COMMUNITY);
  if (own && own == routing_code_key(grid->code, 15)) return GRID_POINTS;
  if (!community) return 0;
  return community == routing_code_key(grid->parent, 12) ? COMMUNITY_POINTS : -2 * COMMUNITY_POINTS;
}

static int distance_points(const struct finding_place *finding, const struct routing_entry *entry) {
  if (!entry->has_position || !finding->located_good) return 0;
  const double degree_m = 111320, radians = 0.017453292519943295;
  const double north = (entry->lat - finding->query->lat) * degree_m;
  const double east = (entry->lon - finding->query->lon) * degree_m * cos(entry->lat * radians);
  const double square = north * north + east * east;
  return square <= (double)NEAR_M * NEAR_M ? NEAR_POINTS : square > (double)FAR_M * FAR_M ? -FAR_POINTS : 0;
}

static int points(const struct finding_place *finding, const struct named *named) {
  const struct routing_entry *entry = routing_gazetteer_entry(finding->gazetteer, named->entry);
  const int letters = named->size < LETTERS ? (int)named->size : LETTERS;
  const int repeats = named->times - 1 < REPEATS ? named->times - 1 : REPEATS;
  int sum = kind_points[entry->kind] + how_points[named->how] + letters * LETTER_POINTS + repeats * REPEAT_POINTS;
  sum += area_points(finding, named) + parent_points(finding, named) + distance_points(finding, entry);
  if (named->behind) sum += BEHIND_POINTS;
  if (routing_gazetteer_loose(finding->gazetteer, named->name)) sum -= LOOSE_POINTS;
  if (finding->given_good) sum += grid_points(finding, named, finding->given);
  if (finding->located_good && finding->located.grid_count)
    sum += grid_points(finding, named, finding->located.grids[0]);
  return named->foreign ? sum - FOREIGN_POINTS : sum;
}

static bool ahead(const struct named *a, const struct named *b) {
  if (a->score != b->score) return a->score > b->score;
  if (a->how != b->how) return a->how < b->how;
  if (a->at != b->at) return a->at < b->at;
  return a->entry < b->entry; // as the net and the gazetteer were built
}

void routing_place_read(struct finding_place *finding) {
  read_text(finding, finding->query->address, ROUTING_HOW_ADDRESS);
  read_text(finding, finding->query->title, ROUTING_HOW_TITLE);
  read_text(finding, finding->query->text, ROUTING_HOW_TEXT);
  resolve_common(finding);
  int scores[NAMED_MAX];
  for (size_t i = 0; i < finding->named_count; i++)
    scores[i] = points(finding, &finding->named[i]);
  for (size_t i = 0; i < finding->named_count; i++)
    finding->named[i].score = scores[i];
  for (size_t i = 1; i < finding->named_count; i++) {
    const struct named moved = finding->named[i];
    size_t at = i;
    for (; at > 0 && ahead(&moved, &finding->named[at - 1]); at--)
      finding->named[at] = finding->named[at - 1];
    finding->named[at] = moved;
  }
}
