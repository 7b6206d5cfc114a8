// Neighbours (四至) of a piece of the fabric: land.md §2.7.
#include "services/land/survey/fabric_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_M 10.0 // an uncovered stretch looks out from the middle of every so many metres

struct view { // of one piece
  const struct land_fabric *fabric;
  size_t piece;
  const struct land_territory *territory;
  size_t *around, around_count;    // pieces it shares boundary with, as many as make a neighbour
  size_t *near, near_count;        // pieces within reach at all: they cover its boundary
  size_t *features, feature_count; // roads, ditches and rivers within sight
  struct land_neighbour *row;
  size_t count, capacity;
  struct fabric_spans spans;
};

// side_of: by the azimuth of the outward normal; the inside is left of the edge.
static enum land_side side_of(struct land_point p, struct land_point q) {
  double azimuth = atan2(q.y - p.y, -(q.x - p.x)) * 180 / M_PI; // of (dy, -dx): east, north
  if (azimuth < 0) azimuth += 360;
  if (azimuth >= 315 || azimuth < 45) return LAND_SIDE_NORTH;
  return azimuth < 135 ? LAND_SIDE_EAST : azimuth < 225 ? LAND_SIDE_SOUTH : LAND_SIDE_WEST;
}

static void add_length(struct view *view, enum land_side side, enum land_beside beside, size_t piece, double length) {
  for (size_t i = 0; i < view->count; i++)
    if (view->row[i].side == side && view->row[i].beside == beside && view->row[i].piece == piece) {
      view->row[i].length += length;
      return;
    }
  if (view->count == view->capacity) {
    view->capacity = view->capacity ? 2 * view->capacity : 16;
    view->row = wg_realloc(view->row, view->capacity * sizeof *view->row);
  }
  view->row[view->count++] = (struct land_neighbour){side, beside, piece, length};
}

static enum land_beside beside_of(enum land_feature feature) {
  static const enum land_beside kinds[] = {LAND_BESIDE_PARCEL, LAND_BESIDE_ROAD, LAND_BESIDE_DITCH, LAND_BESIDE_RIVER};
  return kinds[feature];
}

static bool is_around(const struct view *view, size_t piece) {
  for (size_t i = 0; i < view->around_count; i++)
    if (view->around[i] == piece) return true;
  return false;
}

// --- looking out ---
// crossing gives where on [from, to] the segment a–b is crossed, 0 to 1; 2: nowhere.
static double crossing(struct land_point from, struct land_point to, struct land_point a, struct land_point b) {
  double dx = to.x - from.x, dy = to.y - from.y, ex = b.x - a.x, ey = b.y - a.y, determinant = dx * ey - dy * ex;
  if (fabs(determinant) < 1e-12) return 2;
  double t = ((a.x - from.x) * ey - (a.y - from.y) * ex) / determinant;
  double u = ((a.x - from.x) * dy - (a.y - from.y) * dx) / determinant;
  return t >= 0 && t <= 1 && u >= 0 && u <= 1 ? t : 2;
}

static double first_crossing(struct land_point from, struct land_point to, const struct land_outline *shape) {
  double first = 2;
  for (size_t r = 0; r < shape->count; r++)
    for (size_t i = 1; i < shape->ring[r].count; i++)
      first = fmin(first, crossing(from, to, shape->ring[r].point[i - 1], shape->ring[r].point[i]));
  return first;
}

static bool meets_edge(const struct view *view, struct land_point from, struct land_point to) {
  if (!view->territory) return false;
  GEOSContextHandle_t geos = view->fabric->geo->geos;
  const double points[] = {from.x, from.y, to.x, to.y};
  GEOSCoordSequence *sequence = GEOSCoordSeq_copyFromBuffer_r(geos, points, 2, 0, 0);
  GEOSGeometry *ray = sequence ? GEOSGeom_createLineString_r(geos, sequence) : NULL;
  bool meets = ray && GEOSPreparedIntersects_r(geos, land_territory_edge(view->territory), ray) == 1;
  GEOSGeom_destroy_r(geos, ray);
  return meets;
}

// look sees what lies outward of a place on the boundary; (x, y) is the unit normal.
static void look(struct view *view, enum land_side side, struct land_point at, double x, double y, double length) {
  struct land_point from = {at.x - FABRIC_NEAR_M * x, at.y - FABRIC_NEAR_M * y};
  struct land_point to = {at.x + FABRIC_SIGHT_M * x, at.y + FABRIC_SIGHT_M * y};
  double nearest = 2;
  size_t seen = SIZE_MAX;
  for (size_t i = 0; i < view->feature_count; i++) {
    double found = first_crossing(from, to, view->fabric->pieces[view->features[i]].piece.plane);
    if (found >= nearest) continue;
    nearest = found;
    seen = view->features[i];
  }
  if (seen != SIZE_MAX) add_length(view, side, beside_of(view->fabric->pieces[seen].piece.feature), seen, length);
  else
    add_length(view, side, meets_edge(view, from, to) ? LAND_BESIDE_VILLAGE_EDGE : LAND_BESIDE_UNKNOWN, SIZE_MAX,
               length);
}

static void look_along(struct view *view, struct land_point p, struct land_point q, double from, double to) {
  double length = hypot(q.x - p.x, q.y - p.y), stretch = (to - from) * length;
  if (stretch < FABRIC_NEAR_M) return;
  int steps = (int)ceil(stretch / STEP_M);
  for (int i = 0; i < steps; i++) {
    double middle = from + (to - from) * (i + 0.5) / steps;
    struct land_point at = {p.x + middle * (q.x - p.x), p.y + middle * (q.y - p.y)};
    look(view, side_of(p, q), at, (q.y - p.y) / length, -(q.x - p.x) / length, stretch / steps);
  }
}

// --- one edge ---
static void take_edge(struct view *view, struct land_point p, struct land_point q) {
  double length = hypot(q.x - p.x, q.y - p.y);
  enum land_side side = side_of(p, q);
  struct fabric_spans all = {0};
  for (size_t i = 0; i < view->near_count; i++) {
    const struct woven *other = &view->fabric->pieces[view->near[i]];
    view->spans.count = 0;
    fabric_cover(&view->spans, p, q, other->piece.plane);
    if (view->spans.count == 0) continue;
    fabric_merge(&view->spans);
    if (is_around(view, view->near[i]))
      add_length(view, side, beside_of(other->piece.feature), view->near[i], fabric_covered(&view->spans) * length);
    for (size_t k = 0; k < view->spans.count; k++)
      fabric_add_span(&all, view->spans.span[k].from, view->spans.span[k].to);
  }
  fabric_merge(&all);
  double open = 0;
  for (size_t k = 0; k < all.count; k++) {
    look_along(view, p, q, open, all.span[k].from);
    open = all.span[k].to;
  }
  look_along(view, p, q, open, 1);
  free(all.span);
}

static void look_around(struct view *view) {
  const struct land_fabric *fabric = view->fabric;
  size_t begin = fabric->reach_start[view->piece], end = fabric->reach_start[view->piece + 1];
  view->near = wg_alloc((end - begin + 1) * sizeof *view->near);
  view->around = wg_alloc((end - begin + 1) * sizeof *view->around);
  for (size_t i = begin; i < end; i++) {
    const struct land_pair *pair = &fabric->pairs[fabric->reach[i]];
    size_t other = pair->a == view->piece ? pair->b : pair->a;
    view->near[view->near_count++] = other;
    if (land_pair_shared(pair) >= FABRIC_LEAST_M) view->around[view->around_count++] = other;
  }
  view->features = fabric_near(fabric, fabric->pieces[view->piece].box, FABRIC_SIGHT_M, &view->feature_count);
  size_t kept = 0;
  for (size_t i = 0; i < view->feature_count; i++)
    if (view->features[i] != view->piece && fabric->pieces[view->features[i]].piece.feature != LAND_FEATURE_PARCEL)
      view->features[kept++] = view->features[i];
  view->feature_count = kept;
}

static int by_side(const void *a, const void *b) {
  const struct land_neighbour *x = a, *y = b;
  if (x->side != y->side) return x->side < y->side ? -1 : 1;
  if (x->length != y->length) return x->length > y->length ? -1 : 1;
  if (x->beside != y->beside) return x->beside < y->beside ? -1 : 1;
  return x->piece < y->piece ? -1 : x->piece > y->piece;
}

// counts: a row of less than a metre is the turn of a corner, unless it is all there is of a neighbour.
static bool counts(const struct view *view, size_t row) {
  const struct land_neighbour *own = &view->row[row];
  if (own->length >= FABRIC_LEAST_M) return true;
  if (own->piece == SIZE_MAX || !is_around(view, own->piece)) return false;
  for (size_t i = 0; i < view->count; i++)
    if (view->row[i].piece == own->piece &&
        (view->row[i].length > own->length || (view->row[i].length == own->length && i < row)))
      return false;
  return true;
}

struct land_neighbour *land_fabric_neighbours(const struct land_fabric *fabric, size_t piece,
                                              const struct land_territory *territory, struct wg_arena *arena,
                                              size_t *count) {
  struct view view = {.fabric = fabric, .piece = piece, .territory = territory};
  const struct land_outline *shape = fabric->pieces[piece].piece.plane;
  look_around(&view);
  for (size_t r = 0; r < shape->count; r++)
    for (size_t i = 1; i < shape->ring[r].count; i++)
      take_edge(&view, shape->ring[r].point[i - 1], shape->ring[r].point[i]);
  if (view.count) qsort(view.row, view.count, sizeof *view.row, by_side);
  struct land_neighbour *rows = wg_arena_alloc(arena, (view.count + 1) * sizeof *rows);
  *count = 0;
  for (size_t i = 0; i < view.count; i++)
    if (counts(&view, i)) rows[(*count)++] = view.row[i];
  free(view.row);
  free(view.spans.span);
  free(view.near);
  free(view.around);
  free(view.features);
  return rows;
}
