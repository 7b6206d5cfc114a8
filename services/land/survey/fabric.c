#include "services/land/survey/fabric.h"

#include "services/land/survey/fabric_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct land_fabric *land_fabric_create(void) {
  struct land_fabric *fabric = wg_zalloc(sizeof *fabric);
  fabric->geo = land_geo();
  return fabric;
}

void land_fabric_destroy(struct land_fabric *fabric) {
  if (!fabric) return;
  GEOSContextHandle_t geos = fabric->geo->geos;
  if (fabric->tree) GEOSSTRtree_destroy_r(geos, fabric->tree);
  for (size_t i = 0; i < fabric->count; i++) {
    struct woven *woven = &fabric->pieces[i];
    if (woven->prepared) GEOSPreparedGeom_destroy_r(geos, woven->prepared);
    GEOSGeom_destroy_r(geos, woven->polygon);
    GEOSGeom_destroy_r(geos, woven->envelope);
  }
  free(fabric->pieces);
  free(fabric->pairs);
  free(fabric->reach);
  free(fabric->reach_start);
  free(fabric);
}

size_t land_fabric_add(struct land_fabric *fabric, struct land_piece piece) {
  if (fabric->count == fabric->capacity) {
    fabric->capacity = fabric->capacity ? 2 * fabric->capacity : 256;
    fabric->pieces = wg_realloc(fabric->pieces, fabric->capacity * sizeof *fabric->pieces);
  }
  fabric->pieces[fabric->count] = (struct woven){.piece = piece, .box = land_outline_box(piece.plane)};
  return fabric->count++;
}

const GEOSGeometry *fabric_polygon(const struct land_fabric *fabric, size_t piece) {
  struct woven *woven = &fabric->pieces[piece];
  if (!woven->polygon) woven->polygon = land_polygon(fabric->geo, woven->piece.plane);
  return woven->polygon;
}

static const GEOSPreparedGeometry *prepared(const struct land_fabric *fabric, size_t piece) {
  struct woven *woven = &fabric->pieces[piece];
  if (!woven->prepared && fabric_polygon(fabric, piece))
    woven->prepared = GEOSPrepare_r(fabric->geo->geos, woven->polygon);
  return woven->prepared;
}

// --- who lies near whom ---
struct nearby {
  size_t *found, count, capacity;
};

static void take_nearby(void *item, void *context) {
  struct nearby *nearby = context;
  if (nearby->count == nearby->capacity) {
    nearby->capacity = nearby->capacity ? 2 * nearby->capacity : 64;
    nearby->found = wg_realloc(nearby->found, nearby->capacity * sizeof *nearby->found);
  }
  nearby->found[nearby->count++] = (size_t)(uintptr_t)item - 1;
}

static int by_number(const void *a, const void *b) {
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return x < y ? -1 : x > y;
}

static GEOSGeometry *rectangle(const struct land_fabric *fabric, struct land_box box, double margin) {
  return GEOSGeom_createRectangle_r(fabric->geo->geos, box.west - margin, box.south - margin, box.east + margin,
                                    box.north + margin);
}

size_t *fabric_near(const struct land_fabric *fabric, struct land_box box, double margin, size_t *count) {
  struct nearby nearby = {0};
  GEOSGeometry *query = rectangle(fabric, box, margin);
  if (query && fabric->tree) GEOSSTRtree_query_r(fabric->geo->geos, fabric->tree, query, take_nearby, &nearby);
  GEOSGeom_destroy_r(fabric->geo->geos, query);
  if (nearby.count) qsort(nearby.found, nearby.count, sizeof *nearby.found, by_number);
  *count = nearby.count;
  return nearby.found;
}

static void add_pair(struct land_fabric *fabric, struct land_pair pair) {
  if (fabric->pair_count == fabric->pair_capacity) {
    fabric->pair_capacity = fabric->pair_capacity ? 2 * fabric->pair_capacity : 1024;
    fabric->pairs = wg_realloc(fabric->pairs, fabric->pair_capacity * sizeof *fabric->pairs);
  }
  fabric->pairs[fabric->pair_count++] = pair;
}

// overlap_of: the common area of two that meet. Parcels that only touch are most of all pairs.
static double overlap_of(const struct land_fabric *fabric, size_t a, size_t b) {
  GEOSContextHandle_t geos = fabric->geo->geos;
  double area = 0;
  GEOSGeometry *common = GEOSIntersection_r(geos, fabric_polygon(fabric, a), fabric_polygon(fabric, b));
  if (!common || GEOSArea_r(geos, common, &area) != 1) area = NAN;
  GEOSGeom_destroy_r(geos, common);
  return area;
}

static void pair_up(struct land_fabric *fabric, size_t a, size_t b) {
  const struct land_outline *first = fabric->pieces[a].piece.plane, *second = fabric->pieces[b].piece.plane;
  struct land_pair pair = {.a = a, .b = b};
  if (fabric_conform(first, second)) pair.touching = true;
  else {
    const GEOSPreparedGeometry *ready = prepared(fabric, a);
    pair.touching = ready && fabric_polygon(fabric, b) &&
                    GEOSPreparedIntersects_r(fabric->geo->geos, ready, fabric->pieces[b].polygon) == 1;
    if (pair.touching) pair.overlap = overlap_of(fabric, a, b);
  }
  pair.shared_a = fabric_shared(first, second);
  pair.shared_b = fabric_shared(second, first);
  if (pair.touching || pair.shared_a > 0 || pair.shared_b > 0) add_pair(fabric, pair);
}

static void list_reach(struct land_fabric *fabric) {
  size_t *start = fabric->reach_start = wg_zalloc((fabric->count + 2) * sizeof *start);
  fabric->reach = wg_alloc((2 * fabric->pair_count + 1) * sizeof *fabric->reach);
  for (size_t i = 0; i < fabric->pair_count; i++) {
    start[fabric->pairs[i].a + 2]++;
    start[fabric->pairs[i].b + 2]++;
  }
  for (size_t i = 2; i < fabric->count + 2; i++)
    start[i] += start[i - 1];
  for (size_t i = 0; i < fabric->pair_count; i++) {
    fabric->reach[start[fabric->pairs[i].a + 1]++] = i;
    fabric->reach[start[fabric->pairs[i].b + 1]++] = i;
  }
}

void land_fabric_join(struct land_fabric *fabric) {
  GEOSContextHandle_t geos = fabric->geo->geos;
  fabric->tree = GEOSSTRtree_create_r(geos, 10);
  for (size_t i = 0; i < fabric->count; i++) {
    fabric->pieces[i].envelope = rectangle(fabric, fabric->pieces[i].box, 0);
    GEOSSTRtree_insert_r(geos, fabric->tree, fabric->pieces[i].envelope, (void *)(uintptr_t)(i + 1));
  }
  for (size_t i = 0; i < fabric->count; i++) {
    size_t count;
    size_t *near = fabric_near(fabric, fabric->pieces[i].box, FABRIC_NEAR_M, &count);
    for (size_t k = 0; k < count; k++)
      if (near[k] > i && (fabric->pieces[i].piece.fresh || fabric->pieces[near[k]].piece.fresh))
        pair_up(fabric, i, near[k]);
    free(near);
  }
  list_reach(fabric);
}

// --- pairs ---
const struct land_pair *land_fabric_pairs(const struct land_fabric *fabric, size_t *count) {
  *count = fabric->pair_count;
  return fabric->pairs;
}

double land_pair_shared(const struct land_pair *pair) {
  return (pair->shared_a + pair->shared_b) / 2;
}

static bool may_lie_on(enum land_layer a, enum land_layer b) {
  return (a == LAND_LAYER_YARD && b == LAND_LAYER_HOMESTEAD) || (a == LAND_LAYER_HOMESTEAD && b == LAND_LAYER_YARD);
}

double land_pair_excess(const struct land_fabric *fabric, const struct land_pair *pair, double base_m2,
                        double width_m) {
  if (may_lie_on(fabric->pieces[pair->a].piece.layer, fabric->pieces[pair->b].piece.layer)) return 0;
  if (isnan(pair->overlap)) return INFINITY; // GEOS could not lay them over each other: nothing is let pass
  return pair->overlap - base_m2 - width_m * land_pair_shared(pair);
}

struct land_outline *land_pair_overlap(const struct land_fabric *fabric, const struct land_pair *pair,
                                       struct wg_arena *arena) {
  GEOSContextHandle_t geos = fabric->geo->geos;
  GEOSGeometry *common = GEOSIntersection_r(geos, fabric_polygon(fabric, pair->a), fabric_polygon(fabric, pair->b));
  const GEOSGeometry *largest = NULL;
  double most = 0;
  for (int i = 0; common && i < GEOSGetNumGeometries_r(geos, common); i++) {
    const GEOSGeometry *part = GEOSGetGeometryN_r(geos, common, i);
    double area = 0;
    if (GEOSGeomTypeId_r(geos, part) == GEOS_POLYGON && GEOSArea_r(geos, part, &area) == 1 && area > most) {
      most = area;
      largest = part;
    }
  }
  struct land_outline *shape = largest ? land_outline_of(fabric->geo, largest, arena) : NULL;
  GEOSGeom_destroy_r(geos, common);
  return shape;
}
