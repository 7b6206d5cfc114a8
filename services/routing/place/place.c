// The decision. See place.h.
#include "services/routing/place/place_internal.h"

#include <string.h>

static const char *const how_names[] = {"none", "grid_code", "position", "address", "title", "text", "origin"};
static const char *const flag_names[ROUTING_PLACE_FLAGS] = {"grid_malformed",
                                                            "grid_unknown",
                                                            "grid_other_district",
                                                            "grid_conflicts_position",
                                                            "position_invalid",
                                                            "position_swapped",
                                                            "position_outside",
                                                            "position_on_edge",
                                                            "names_conflict",
                                                            "names_other_district",
                                                            "ambiguous",
                                                            "district_unknown",
                                                            "no_grid",
                                                            "no_place",
                                                            "names_cut"};

const char *routing_how_name(enum routing_how how) {
  return how <= ROUTING_HOW_ORIGIN ? how_names[how] : "";
}

const char *routing_place_flag_name(enum routing_place_flag flag) {
  for (int i = 0; i < ROUTING_PLACE_FLAGS; i++)
    if ((int)flag == 1 << i) return flag_names[i];
  return "";
}

bool routing_related(const char *a, const char *b) {
  while (*a && *a == *b)
    a++, b++;
  return !*a || !*b;
}

// --- what was given ---

static bool of_district(const struct finding_place *finding, const char *code) {
  char prefix[7] = "";
  memcpy(prefix, code, 6);
  return !finding->district || routing_code_key(prefix, 6) == finding->district;
}

static void look_at_district(struct finding_place *finding) {
  const char *district = finding->query->district;
  if (!district || !*district) return;
  finding->district = strnlen(district, 7) == 6 ? routing_code_key(district, 6) : 0;
  if (!finding->district) finding->district = 1; // no area has this key: everything is foreign to it
  const struct routing_area *known = routing_net_find(finding->net, district);
  if (!known || known->level != ROUTING_LEVEL_DISTRICT) finding->place->flags |= ROUTING_DISTRICT_UNKNOWN;
}

static void look_at_grid(struct finding_place *finding) {
  const char *code = finding->query->grid_code;
  if (!code || !*code) return;
  const bool formed = strnlen(code, 16) == 15 && routing_code_key(code, 15);
  finding->given = formed ? routing_net_find(finding->net, code) : NULL;
  if (!formed) finding->place->flags |= ROUTING_GRID_MALFORMED;
  else if (!of_district(finding, code))
    finding->place->flags |= ROUTING_GRID_OTHER_DISTRICT | (finding->given ? 0 : ROUTING_GRID_UNKNOWN);
  else if (!finding->given) finding->place->flags |= ROUTING_GRID_UNKNOWN;
  else finding->given_good = true;
}

// Areas of other districts may cover the point too, on a common edge; those of the order's own come first.
static bool own_first(const struct finding_place *finding, struct routing_located *located) {
  const size_t kept = located->grid_count < ROUTING_LOCATED ? located->grid_count : ROUTING_LOCATED;
  for (size_t i = 0; i < kept; i++) {
    if (!of_district(finding, located->grids[i]->code)) continue;
    const struct routing_area *own = located->grids[i];
    memmove(located->grids + 1, located->grids, i * sizeof *located->grids);
    located->grids[0] = own;
    return true;
  }
  return !kept && located->around && of_district(finding, located->around->code);
}

static void look_at_position(struct finding_place *finding) {
  const struct routing_place_query *query = finding->query;
  struct routing_place *place = finding->place;
  if (!query->has_position) return;
  if (!routing_net_locate(finding->net, query->lon, query->lat, &finding->located)) {
    place->flags |= ROUTING_POSITION_INVALID;
    if (!routing_net_locate(finding->net, query->lat, query->lon, &finding->swapped)) return;
    place->flags |= ROUTING_POSITION_SWAPPED;
    own_first(finding, &finding->swapped);
    return;
  }
  finding->located_good = own_first(finding, &finding->located);
  if (!finding->located_good) place->flags |= ROUTING_POSITION_OUTSIDE;
  else if (finding->located.on_edge) place->flags |= ROUTING_POSITION_ON_EDGE;
}

static bool covered_by(const struct routing_located *located, const struct routing_area *grid) {
  for (size_t i = 0; i < located->grid_count && i < ROUTING_LOCATED; i++)
    if (located->grids[i] == grid) return true;
  return false;
}

static void compare_grid_and_position(struct finding_place *finding) {
  const struct routing_located *located = &finding->located;
  if (!finding->given_good || !finding->query->has_position || (finding->place->flags & ROUTING_POSITION_INVALID))
    return;
  const bool agree = located->grid_count ? covered_by(located, finding->given)
                     : located->around   ? routing_related(located->around->code, finding->given->code)
                                         : true; // outside of all: said already
  if (!agree) finding->place->flags |= ROUTING_GRID_CONFLICTS_POSITION;
}

// --- what was named ---

enum { CLEARLY = 8 }; // points that a candidate must be ahead of one elsewhere

static const struct routing_entry *entry_of(const struct finding_place *finding, const struct named *named) {
  return routing_gazetteer_entry(finding->gazetteer, named->entry);
}

static bool may_decide(const struct finding_place *finding, const struct named *named) {
  return !named->foreign && entry_of(finding, named)->kind != ROUTING_PLACE_CITY;
}

static const struct named *best_named(const struct finding_place *finding) {
  for (size_t i = 0; i < finding->named_count; i++)
    if (may_decide(finding, &finding->named[i])) return &finding->named[i];
  return NULL;
}

// The best candidate that lies elsewhere, if it is about as good.
static const struct named *rival_of(const struct finding_place *finding, const struct named *best) {
  const struct routing_entry *entry = entry_of(finding, best);
  for (size_t i = 0; i < finding->named_count; i++) {
    const struct named *other = &finding->named[i];
    if (other == best || !may_decide(finding, other)) continue;
    if (other->score + CLEARLY <= best->score) return NULL;
    const bool one_name = routing_same_name(other, best);
    if (one_name || !routing_related(entry_of(finding, other)->code, entry->code)) return other;
  }
  return NULL;
}

static bool is_place(enum routing_place_kind kind) {
  return kind >= ROUTING_PLACE_ESTATE;
}

static double name_confidence(enum routing_how how, const char *code) {
  const double by_how = how == ROUTING_HOW_ADDRESS ? 0.9 : how == ROUTING_HOW_TITLE ? 0.8 : 0.6;
  const size_t digits = strlen(code);
  return by_how * (digits == 15 ? 1.0 : digits == 12 ? 0.85 : digits == 9 ? 0.6 : digits == 6 ? 0.3 : 0.7);
}

static bool is_area(enum routing_place_kind kind) {
  return kind >= ROUTING_PLACE_DISTRICT && kind <= ROUTING_PLACE_GRID;
}

static bool only_of_its_name(const struct finding_place *finding, const struct named *named) {
  for (size_t i = 0; i < finding->named_count; i++) {
    const struct named *other = &finding->named[i];
    if (other != named && routing_same_name(other, named) && !other->foreign && other->score == named->score)
      return false;
  }
  return true;
}

// What is known of a place by itself, "" for a road of the whole town, is refined by the areas named besides.
static const struct routing_area *refined(const struct finding_place *finding, const char *code) {
  for (size_t i = 0; i < finding->named_count; i++) {
    const struct named *named = &finding->named[i];
    const struct routing_entry *entry = entry_of(finding, named);
    if (!may_decide(finding, named) || !is_area(entry->kind) || strlen(entry->code) <= strlen(code)) continue;
    if (routing_related(entry->code, code) && only_of_its_name(finding, named)) code = entry->code;
  }
  return *code ? routing_net_find(finding->net, code) : NULL;
}

static void decide_by_name(struct finding_place *finding) {
  struct routing_place *place = finding->place;
  const struct named *best = best_named(finding);
  if (!best) return;
  const struct named *rival = rival_of(finding, best);
  const struct routing_entry *entry = entry_of(finding, best);
  const char *code = entry->code;
  if (rival) place->flags |= ROUTING_PLACE_AMBIGUOUS;
  if (rival && routing_same_name(rival, best)) {
    const struct routing_area *common = routing_net_common(finding->net, code, entry_of(finding, rival)->code);
    code = common ? common->code : "";
  } else finding->chosen = best;
  finding->area = refined(finding, code);
  if (!finding->area && !finding->chosen) return;
  place->how = best->how;
  place->confidence = name_confidence(best->how, finding->area ? finding->area->code : "");
  place->confidence *= !rival ? 1.0 : finding->chosen ? 0.7 : 0.6;
}

// --- the decision ---

static void decide_by_position(struct finding_place *finding) {
  struct routing_place *place = finding->place;
  const struct routing_located *located = &finding->located;
  place->how = ROUTING_HOW_POSITION;
  finding->area = located->grid_count ? located->grids[0] : located->around;
  place->confidence = located->on_edge ? 0.7 : 0.95;
  if (finding->area->level == ROUTING_LEVEL_GRID) return;
  place->confidence = name_confidence(ROUTING_HOW_ADDRESS, finding->area->code);
  // Between the grids. A name inside what surrounds the point is better than the point.
  const struct named *best = best_named(finding);
  if (!best) return;
  const char *code = entry_of(finding, best)->code;
  if (strlen(code) <= strlen(finding->area->code) || !routing_related(code, finding->area->code)) return;
  const double confidence = place->confidence;
  decide_by_name(finding);
  if (!finding->area)
    finding->area = located->around, place->how = ROUTING_HOW_POSITION, place->confidence = confidence;
}

static void choose_area(struct finding_place *finding) {
  struct routing_place *place = finding->place;
  if (finding->given_good) {
    place->how = ROUTING_HOW_GRID_CODE;
    finding->area = finding->given;
    place->confidence = place->flags & ROUTING_GRID_CONFLICTS_POSITION ? 0.8 : 1.0;
  } else if (finding->located_good) decide_by_position(finding);
  else decide_by_name(finding);
}

// The place inside an area that was given or located: the best that may lie in it. An area that was named is given a
// place by the text that names it.
static void choose_place(struct finding_place *finding) {
  struct routing_place *place = finding->place;
  const bool by_name = place->how > ROUTING_HOW_POSITION;
  if (!finding->area || (by_name && (!finding->chosen || is_place(entry_of(finding, finding->chosen)->kind)))) return;
  const struct named *first = best_named(finding);
  if (first && !routing_related(entry_of(finding, first)->code, finding->area->code) &&
      !(finding->located.on_edge && first->score > 0 &&
        covered_by(&finding->located, routing_net_find(finding->net, entry_of(finding, first)->code))))
    place->flags |= ROUTING_NAMES_CONFLICT;
  for (size_t i = 0; i < finding->named_count; i++) {
    const struct named *named = &finding->named[i];
    const struct routing_entry *entry = entry_of(finding, named);
    if (!may_decide(finding, named) || !is_place(entry->kind) || !routing_related(entry->code, finding->area->code))
      continue;
    if (by_name && named->how != place->how) continue;
    const struct named *rival = rival_of(finding, named);
    if (rival && routing_same_name(rival, named)) {
      place->flags |= ROUTING_PLACE_AMBIGUOUS;
      continue;
    }
    finding->chosen = named;
    return;
  }
}

static void fill_codes(struct finding_place *finding) {
  struct routing_place *place = finding->place;
  const char **codes[] = {NULL, &place->district, &place->street, &place->community, &place->grid_code};
  for (int level = ROUTING_LEVEL_DISTRICT; finding->area && level <= (int)finding->area->level; level++) {
    const struct routing_area *area = routing_net_above(finding->net, finding->area->code, (enum routing_level)level);
    if (area) *codes[level] = area->code;
  }
  if (finding->area) {
    place->name = finding->area->name;
    place->kind = (enum routing_place_kind)(ROUTING_PLACE_CITY + (int)finding->area->level);
  }
  if (!finding->chosen) return;
  const struct routing_entry *entry = entry_of(finding, finding->chosen);
  if (!is_place(entry->kind)) return;
  place->place_id = entry->place_id;
  place->name = entry->name;
  place->kind = entry->kind;
}

static void list_area(struct routing_place *place, const struct routing_area *area, enum routing_how how, int score) {
  if (!area || place->candidate_count == ROUTING_CANDIDATES) return;
  for (size_t i = 0; i < place->candidate_count; i++)
    if (strcmp(place->candidates[i].place_id, area->code) == 0) return;
  place->candidates[place->candidate_count++] = (struct routing_candidate){
      area->code, area->name, area->code, (enum routing_place_kind)(ROUTING_PLACE_CITY + (int)area->level), how, score};
}

static void list_located(struct routing_place *place, const struct routing_located *located, int score) {
  for (size_t i = 0; i < located->grid_count && i < ROUTING_LOCATED; i++)
    list_area(place, located->grids[i], ROUTING_HOW_POSITION, score - (int)i);
  if (!located->grid_count) list_area(place, located->around, ROUTING_HOW_POSITION, score);
}

// Given and located areas first: they are trusted more than any name; one that is of no use here comes last.
static void list_candidates(struct finding_place *finding) {
  enum { GIVEN = 300, LOCATED = 200, DOUBTFUL = 10 };
  struct routing_place *place = finding->place;
  if (finding->given_good) list_area(place, finding->given, ROUTING_HOW_GRID_CODE, GIVEN);
  if (finding->located_good) list_located(place, &finding->located, LOCATED);
  const size_t room = ROUTING_CANDIDATES - 2; // for the doubtful
  for (size_t i = 0; i < finding->named_count && place->candidate_count < room; i++) {
    const struct named *named = &finding->named[i];
    const struct routing_entry *entry = entry_of(finding, named);
    if (entry->kind == ROUTING_PLACE_CITY) continue;
    place->candidates[place->candidate_count++] =
        (struct routing_candidate){entry->place_id, entry->name, entry->code, entry->kind, named->how, named->score};
  }
  if (!finding->given_good && finding->query->grid_code) {
    const char *code = finding->query->grid_code;
    list_area(place, finding->given, ROUTING_HOW_GRID_CODE, DOUBTFUL);
    // The grid is not known, the community may be.
    if (!finding->given && strnlen(code, 16) == 15)
      list_area(place, routing_net_above(finding->net, code, ROUTING_LEVEL_COMMUNITY), ROUTING_HOW_GRID_CODE, DOUBTFUL);
  }
  if (!finding->located_good) list_located(place, &finding->located, DOUBTFUL);
  list_located(place, &finding->swapped, DOUBTFUL);
}

void routing_place_decide(const struct routing_net *net, const struct routing_gazetteer *gazetteer,
                          const struct routing_place_query *query, struct wg_arena *arena,
                          struct routing_place *place) {
  *place = (struct routing_place){
      .grid_code = "", .community = "", .street = "", .district = "", .place_id = "", .name = "", .evidence = ""};
  struct finding_place looking, *finding = &looking;         // 3 KB that nobody needs behind the decision
  memset(finding, 0, offsetof(struct finding_place, named)); // the lists count themselves
  finding->named_count = finding->common_count = 0;
  finding->chosen = NULL;
  finding->net = net;
  finding->gazetteer = gazetteer;
  finding->query = query;
  finding->arena = arena;
  finding->place = place;
  look_at_district(finding);
  look_at_grid(finding);
  look_at_position(finding);
  compare_grid_and_position(finding);
  routing_place_read(finding);
  for (size_t i = 0; i < finding->named_count; i++)
    if (finding->named[i].foreign) place->flags |= ROUTING_NAMES_OTHER_DISTRICT;
  choose_area(finding);
  choose_place(finding);
  fill_codes(finding);
  list_candidates(finding);
  if (place->how == ROUTING_HOW_NONE) place->flags |= ROUTING_NO_PLACE;
  else if (!*place->grid_code) place->flags |= ROUTING_NO_GRID;
  routing_place_say(finding);
}
