// Asking the net. See net.h.
#include "services/routing/place/net_internal.h"

#include "common/base/log.h"
#include "common/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const size_t routing_code_digits[ROUTING_LEVEL_GRID + 1] = {0, 6, 9, 12, 15};

uint64_t routing_code_key(const char *code, size_t digits) {
  if (code[0] < '1' || code[0] > '8') return 0;
  uint64_t key = 0;
  for (size_t i = 0; i < digits; i++) {
    if (code[i] < '0' || code[i] > '9') return 0;
    key = key * 10 + (uint64_t)(code[i] - '0');
  }
  return code[digits] == '\0' ? key : 0;
}

static const struct net_area *find(const struct routing_net *net, uint64_t key) {
  size_t low = 0, high = net->count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (net->areas[middle].key < key) low = middle + 1;
    else high = middle;
  }
  return low < net->count && net->areas[low].key == key ? &net->areas[low] : NULL;
}

const struct routing_area *routing_net_find(const struct routing_net *net, const char *code) {
  const size_t size = strnlen(code, 16);
  if (size != 6 && size != 9 && size != 12 && size != 15) return NULL;
  const uint64_t key = routing_code_key(code, size);
  const struct net_area *found = key ? find(net, key) : NULL;
  return found ? &found->area : NULL;
}

const struct routing_area *routing_net_above(const struct routing_net *net, const char *code,
                                             enum routing_level level) {
  const size_t digits = routing_code_digits[level];
  char prefix[16];
  if (strnlen(code, digits) < digits) return NULL;
  memcpy(prefix, code, digits);
  prefix[digits] = '\0';
  return routing_net_find(net, prefix);
}

const struct routing_area *routing_net_common(const struct routing_net *net, const char *a, const char *b) {
  size_t same = 0;
  while (a[same] && a[same] == b[same])
    same++;
  for (int level = ROUTING_LEVEL_GRID; level >= ROUTING_LEVEL_DISTRICT; level--) {
    if (same < routing_code_digits[level]) continue;
    const struct routing_area *area = routing_net_above(net, a, (enum routing_level)level);
    if (area) return area;
  }
  return NULL;
}

size_t routing_net_count(const struct routing_net *net, enum routing_level level) {
  return net->by_level[level];
}

const struct routing_area *routing_net_area(const struct routing_net *net, size_t index) {
  return index < net->count ? &net->areas[index].area : NULL;
}

const struct routing_place_finding *routing_net_findings(const struct routing_net *net, size_t *count) {
  *count = net->finding_count;
  return net->findings;
}

bool routing_position_ok(double lon, double lat) {
  return lon >= 73 && lon <= 136 && lat >= 3 && lat <= 54; // false for NaN
}

struct question {
  const struct routing_net *net;
  const GEOSGeometry *point;
  struct routing_located *located;
  size_t basic;
  const struct net_area *best[ROUTING_LOCATED];
};

// GEOS refuses a valid point and a valid polygon only when memory ends.
static bool covers(const struct routing_net *net, const struct net_area *area, const GEOSGeometry *point) {
  const char answer = GEOSPreparedIntersects_r(net->geos, area->prepared, point);
  if (answer == 0 || answer == 1) return answer == 1;
  wg_log(WG_LOG_ERROR, "GEOS failed on a point in a boundary", wg_field_text("code", area->area.code));
  abort();
}

static bool better(const struct net_area *a, const struct net_area *b) {
  if (a->area.kind != b->area.kind) return a->area.kind == ROUTING_GRID_DEDICATED;
  if (a->area.kind == ROUTING_GRID_DEDICATED && a->size != b->size) return a->size < b->size;
  return a->key < b->key;
}

static void grid_found(void *item, void *data) {
  const struct net_area *area = item;
  struct question *question = data;
  if (!covers(question->net, area, question->point)) return;
  question->basic += area->area.kind == ROUTING_GRID_BASIC;
  size_t kept = question->located->grid_count++;
  if (kept > ROUTING_LOCATED) kept = ROUTING_LOCATED;
  size_t at = kept;
  while (at > 0 && better(area, question->best[at - 1]))
    at--;
  if (at == ROUTING_LOCATED) return;
  const size_t moved = (kept < ROUTING_LOCATED ? kept : ROUTING_LOCATED - 1) - at;
  memmove(question->best + at + 1, question->best + at, moved * sizeof *question->best);
  question->best[at] = area;
}

static void around_found(void *item, void *data) {
  const struct net_area *area = item;
  struct question *question = data;
  const struct net_area *best = question->best[0];
  if (best && best->area.level > area->area.level) return;
  if (best && best->area.level == area->area.level && best->key < area->key) return;
  if (covers(question->net, area, question->point)) question->best[0] = area;
}

static void ask(const struct routing_net *net, GEOSGeometry *point, struct routing_located *located) {
  struct question question = {.net = net, .point = point, .located = located};
  GEOSSTRtree_query_r(net->geos, net->grids, point, grid_found, &question);
  const size_t kept = located->grid_count < ROUTING_LOCATED ? located->grid_count : ROUTING_LOCATED;
  for (size_t i = 0; i < kept; i++)
    located->grids[i] = &question.best[i]->area;
  located->on_edge = question.basic > 1 && located->grids[0]->kind == ROUTING_GRID_BASIC;
  if (kept) return;
  GEOSSTRtree_query_r(net->geos, net->around, point, around_found, &question);
  if (question.best[0]) located->around = &question.best[0]->area;
}

bool routing_net_locate(const struct routing_net *net, double lon, double lat, struct routing_located *located) {
  *located = (struct routing_located){0};
  if (!routing_position_ok(lon, lat)) return false;
  GEOSGeometry *point = GEOSGeom_createPointFromXY_r(net->geos, lon, lat);
  if (!point) abort(); // memory ended
  ask(net, point, located);
  GEOSGeom_destroy_r(net->geos, point);
  return true;
}

void routing_net_wake(struct routing_net *net) {
  for (size_t i = 0; i < net->count; i++) {
    const struct net_area *area = &net->areas[i];
    if (!area->shape) continue;
    GEOSGeometry *inside = GEOSPointOnSurface_r(net->geos, area->shape);
    if (!inside) continue; // a very thin shape; its index is built at the first question then
    struct routing_located located = {0};
    ask(net, inside, &located);
    covers(net, area, inside);
    GEOSGeom_destroy_r(net->geos, inside);
  }
}

void routing_net_close(struct routing_net *net) {
  if (!net) return;
  for (size_t i = 0; i < net->count; i++) {
    if (!net->areas[i].shape) continue;
    GEOSPreparedGeom_destroy_r(net->geos, net->areas[i].prepared);
    GEOSGeom_destroy_r(net->geos, net->areas[i].shape);
  }
  if (net->grids) GEOSSTRtree_destroy_r(net->geos, net->grids);
  if (net->around) GEOSSTRtree_destroy_r(net->geos, net->around);
  free(net->areas);
  GEOS_finish_r(net->geos);
  wg_arena_destroy(net->arena);
  free(net);
}
