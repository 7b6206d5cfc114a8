// Place, time, text: in this order, the cheapest first. See similar.h.
#include "services/routing/text/similar.h"

#include "common/base/clock.h"
#include "services/routing/text/bytes.h"
#include "services/routing/text/gram.h"

#include <math.h>
#include <string.h>

enum { TOP_MEMBERS = 3 };

const struct routing_similar_config ROUTING_SIMILAR_DEFAULTS = {.suggest = 0.05f,
                                                                .strong = 0.08f,
                                                                .automatic = 0,
                                                                .unknown = 0.16f,
                                                                .near_m = 300,
                                                                .open_us = 90 * WG_DAY_US,
                                                                .solved_us = 365 * WG_DAY_US};

const char *routing_relation_name(enum routing_relation relation) {
  static const char *const NAMES[] = {"same_place", "same_grid",   "near",          "unknown",
                                      "elsewhere",  "other_place", "other_district"};
  return NAMES[relation];
}

const char *routing_similar_level_name(enum routing_similar_level level) {
  static const char *const NAMES[] = {"none", "suggest", "strong", "automatic"};
  return NAMES[level];
}

// --- place ---
static bool said(const char *text) {
  return text != NULL && text[0] != '\0';
}

static bool same(const char *a, const char *b) {
  return said(a) && said(b) && strcmp(a, b) == 0;
}

static bool names(const struct routing_where *where, const char *place_id) {
  if (same(where->place_id, place_id)) return true;
  for (size_t i = 0; i < where->named_count; i++)
    if (same(where->named[i], place_id)) return true;
  return false;
}

static bool share_a_name(const struct routing_where *a, const struct routing_where *b) {
  if (said(a->place_id) && names(b, a->place_id)) return true;
  for (size_t i = 0; i < a->named_count; i++)
    if (names(b, a->named[i])) return true;
  return false;
}

// different_places: with a place_id on both sides one must name the other's; a road that both lie on is not enough.
static bool different_places(const struct routing_where *a, const struct routing_where *b) {
  if (said(a->place_id) && said(b->place_id)) return !names(a, b->place_id) && !names(b, a->place_id);
  const bool both_name = (said(a->place_id) || a->named_count > 0) && (said(b->place_id) || b->named_count > 0);
  return both_name && !share_a_name(a, b);
}

// Distances of some hundred metres: the plane that touches the Earth between the two is flat enough.
static double distance_m(const struct routing_where *a, const struct routing_where *b) {
  const double degree_m = 111195, radian = 0.017453292519943295;
  const double north = (a->lat - b->lat) * degree_m;
  const double east = (a->lon - b->lon) * degree_m * cos((a->lat + b->lat) / 2 * radian);
  return sqrt(north * north + east * east);
}

enum routing_relation routing_relate(const struct routing_where *a, const struct routing_where *b, double near_m,
                                     double *distance) {
  const bool positions = a->has_position && b->has_position;
  *distance = positions ? distance_m(a, b) : -1;
  if (said(a->district) && said(b->district) && !same(a->district, b->district)) return ROUTING_OTHER_DISTRICT;
  if (same(a->place_id, b->place_id)) return ROUTING_SAME_PLACE;
  if (different_places(a, b)) return ROUTING_OTHER_PLACE;
  if (same(a->grid, b->grid)) return ROUTING_SAME_GRID;
  if (positions && *distance <= near_m) return ROUTING_NEAR;
  if (positions || (said(a->grid) && said(b->grid))) return ROUTING_ELSEWHERE;
  return ROUTING_PLACE_UNKNOWN;
}

// --- text ---
// Packed vectors lie anywhere in memory: the next one is asked for while one is looked at.
static inline void ask_for(const struct routing_packed *packed) {
  for (uint32_t at = 0; at < packed->count * 5; at += 64)
    __builtin_prefetch(packed->high + at);
}

static void score_members(const struct routing_similar_order *order, const struct routing_similar_problem *problem,
                          struct routing_similar *similar) {
  float top[TOP_MEMBERS] = {-1, -1, -1}, sum = 0;
  int counted = 0;
  for (size_t i = 0; i < problem->count; i++) {
    const struct routing_similar_member *member = &problem->members[i];
    if (i + 1 < problem->count) ask_for(&member[1].vector);
    if (member->vector.idf != routing_probe_idf(order->probe)) {
      similar->stale++;
      continue;
    }
    const float cosine = routing_probe_cosine(order->probe, &member->vector);
    int at = TOP_MEMBERS;
    for (; at > 0 && top[at - 1] < cosine; at--)
      if (at < TOP_MEMBERS) top[at] = top[at - 1];
    if (at < TOP_MEMBERS) top[at] = cosine;
    if (at == 0) similar->likest = i;
  }
  for (; counted < TOP_MEMBERS && top[counted] >= 0; counted++)
    sum += top[counted];
  similar->score = counted > 0 ? sum / (float)counted : 0;
}

static bool said_before(const struct routing_similar_order *order, const struct routing_similar_problem *problem,
                        size_t *which) {
  if (order->person == 0 || order->text->hash == 0) return false;
  for (size_t i = 0; i < problem->count; i++) {
    if (problem->members[i].person != order->person || problem->members[i].text != order->text->hash) continue;
    *which = i;
    return true;
  }
  return false;
}

static bool in_window(const struct routing_similar_order *order, const struct routing_similar_problem *problem,
                      const struct routing_similar_config *config) {
  const int64_t apart = order->at > problem->last ? order->at - problem->last : problem->last - order->at;
  return apart <= (problem->solved ? config->solved_us : config->open_us);
}

static enum routing_similar_level level_of(const struct routing_similar_order *order,
                                           const struct routing_similar_problem *problem,
                                           const struct routing_similar *similar,
                                           const struct routing_similar_config *config) {
  if (similar->relation == ROUTING_PLACE_UNKNOWN)
    return similar->score >= config->unknown ? ROUTING_SUGGEST : ROUTING_NOT_SIMILAR;
  const bool machine = config->automatic > 0 && similar->score >= config->automatic &&
                       similar->relation == ROUTING_SAME_PLACE && same(order->category, problem->category);
  if ((similar->same_words || machine) && !problem->solved) return ROUTING_AUTOMATIC;
  if (similar->same_words || similar->score >= config->strong) return ROUTING_STRONG;
  return similar->score >= config->suggest ? ROUTING_SUGGEST : ROUTING_NOT_SIMILAR;
}

struct routing_similar routing_similar_compare(const struct routing_similar_order *order,
                                               const struct routing_similar_problem *problem,
                                               const struct routing_similar_config *config) {
  struct routing_similar similar = {.recurrence = problem->solved};
  similar.relation = routing_relate(&order->where, &problem->where, config->near_m, &similar.distance_m);
  if (similar.relation >= ROUTING_ELSEWHERE || !in_window(order, problem, config)) return similar;
  score_members(order, problem, &similar);
  similar.same_words = said_before(order, problem, &similar.likest);
  similar.level = level_of(order, problem, &similar, config);
  return similar;
}

// --- the best of many ---
// goes_before: level, then score, then the earlier in the list.
static bool goes_before(const struct routing_similar *a, const struct routing_similar *b) {
  if (a->level != b->level) return a->level > b->level;
  return a->score != b->score ? a->score > b->score : a->problem < b->problem;
}

static size_t keep_best(struct routing_similar *best, size_t found, size_t most,
                        const struct routing_similar *similar) {
  if (found == most && !goes_before(similar, &best[most - 1])) return found;
  size_t at = found < most ? found++ : most - 1;
  for (; at > 0 && goes_before(similar, &best[at - 1]); at--)
    best[at] = best[at - 1];
  best[at] = *similar;
  return found;
}

size_t routing_similar_rank(const struct routing_similar_order *order, const struct routing_similar_problem *problems,
                            size_t count, const struct routing_similar_config *config, struct routing_similar *best,
                            size_t most) {
  size_t found = 0;
  for (size_t i = 0; i < count && most > 0; i++) {
    if (i + 1 < count && problems[i + 1].count > 0) ask_for(&problems[i + 1].members[0].vector);
    struct routing_similar similar = routing_similar_compare(order, &problems[i], config);
    similar.problem = i;
    if (similar.level != ROUTING_NOT_SIMILAR) found = keep_best(best, found, most, &similar);
  }
  return found;
}
