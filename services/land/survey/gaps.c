// What parcels leave between them (fabric.h). A gap is bounded by edges that only one parcel has: where two parcels run
// along each other from point to point nothing can lie between. So the lines that are left, noded and made into faces,
// give the gaps, and the outlines of blocks of parcels beside them, which a point inside tells apart.
#include "services/land/survey/fabric_internal.h"

#include <stdlib.h>

#define SLIVER_AREA_M2 50.0
#define SLIVER_WIDTH_M 0.5
#define LEAST_GAP_M2 0.001

struct edge { // from the lesser point to the greater
  struct land_point from, to;
};

static int by_points(const void *a, const void *b) {
  const struct edge *x = a, *y = b;
  const double of_x[] = {x->from.x, x->from.y, x->to.x, x->to.y}, of_y[] = {y->from.x, y->from.y, y->to.x, y->to.y};
  for (int i = 0; i < 4; i++)
    if (of_x[i] != of_y[i]) return of_x[i] < of_y[i] ? -1 : 1;
  return 0;
}

static struct edge *all_edges(const struct land_fabric *fabric, size_t *count) {
  size_t room = 0;
  for (size_t i = 0; i < fabric->count; i++)
    room += land_outline_points(fabric->pieces[i].piece.plane);
  struct edge *edges = wg_alloc((room + 1) * sizeof *edges);
  *count = 0;
  for (size_t i = 0; i < fabric->count; i++)
    for (size_t r = 0; r < fabric->pieces[i].piece.plane->count; r++) {
      const struct land_ring *ring = &fabric->pieces[i].piece.plane->ring[r];
      for (size_t k = 1; k < ring->count; k++) {
        struct land_point p = ring->point[k - 1], q = ring->point[k];
        bool ascending = p.x < q.x || (p.x == q.x && p.y < q.y);
        edges[(*count)++] = ascending ? (struct edge){p, q} : (struct edge){q, p};
      }
    }
  qsort(edges, *count, sizeof *edges, by_points);
  return edges;
}

static GEOSGeometry *line(GEOSContextHandle_t geos, const struct edge *edge) {
  GEOSCoordSequence *points = GEOSCoordSeq_copyFromBuffer_r(geos, &edge->from.x, 2, 0, 0);
  return points ? GEOSGeom_createLineString_r(geos, points) : NULL;
}

// lone_lines: the edges that are there an odd number of times, as lines.
static GEOSGeometry *lone_lines(const struct land_fabric *fabric) {
  GEOSContextHandle_t geos = fabric->geo->geos;
  size_t count, made = 0;
  struct edge *edges = all_edges(fabric, &count);
  GEOSGeometry **lines = wg_alloc((count + 1) * sizeof(GEOSGeometry *));
  for (size_t i = 0, next; i < count; i = next) {
    for (next = i + 1; next < count && by_points(&edges[i], &edges[next]) == 0;)
      next++;
    if ((next - i) % 2 == 1 && (lines[made] = line(geos, &edges[i]))) made++;
  }
  free(edges);
  GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_MULTILINESTRING, lines, (unsigned)made);
  free(lines);
  return all;
}

static bool is_covered(const struct land_fabric *fabric, const GEOSGeometry *face) {
  GEOSContextHandle_t geos = fabric->geo->geos;
  GEOSGeometry *point = GEOSPointOnSurface_r(geos, face);
  struct land_point place;
  bool covered = true; // a face without an inside is none
  if (point && GEOSGeomGetX_r(geos, point, &place.x) == 1 && GEOSGeomGetY_r(geos, point, &place.y) == 1) {
    size_t count;
    size_t *near = fabric_near(fabric, (struct land_box){place.x, place.y, place.x, place.y}, 0, &count);
    covered = false;
    for (size_t i = 0; i < count && !covered; i++)
      covered = GEOSIntersects_r(geos, fabric_polygon(fabric, near[i]), point) == 1;
    free(near);
  }
  GEOSGeom_destroy_r(geos, point);
  return covered;
}

static void look_around(const struct land_fabric *fabric, struct land_gap *gap, struct wg_arena *arena) {
  size_t count;
  size_t *near = fabric_near(fabric, land_outline_box(gap->plane), FABRIC_NEAR_M, &count);
  gap->around = wg_arena_alloc(arena, (count + 1) * sizeof *gap->around);
  for (size_t i = 0; i < count; i++)
    if (fabric_shared(gap->plane, fabric->pieces[near[i]].piece.plane) > 0) gap->around[gap->around_count++] = near[i];
  free(near);
}

static int by_area(const void *a, const void *b) {
  double x = ((const struct land_gap *)a)->area, y = ((const struct land_gap *)b)->area;
  return x < y ? -1 : x > y;
}

struct land_gap *land_fabric_gaps(const struct land_fabric *fabric, struct wg_arena *arena, size_t *count) {
  GEOSContextHandle_t geos = fabric->geo->geos;
  GEOSGeometry *lines = lone_lines(fabric);
  GEOSGeometry *noded = lines ? GEOSUnaryUnion_r(geos, lines) : NULL;
  GEOSGeometry *faces = noded ? GEOSPolygonize_r(geos, (const GEOSGeometry *const[]){noded}, 1) : NULL;
  int face_count = faces ? GEOSGetNumGeometries_r(geos, faces) : 0;
  struct land_gap *gaps = wg_arena_alloc(arena, ((size_t)face_count + 1) * sizeof *gaps);
  *count = 0;
  for (int i = 0; i < face_count; i++) {
    const GEOSGeometry *face = GEOSGetGeometryN_r(geos, faces, i);
    double area = 0;
    if (GEOSArea_r(geos, face, &area) != 1 || area < LEAST_GAP_M2 || is_covered(fabric, face)) continue;
    struct land_outline *shape = land_outline_of(fabric->geo, face, arena);
    double width = 2 * area / land_outline_length(shape);
    gaps[*count] = (struct land_gap){shape, area, width, area < SLIVER_AREA_M2 && width < SLIVER_WIDTH_M, NULL, 0};
    look_around(fabric, &gaps[(*count)++], arena);
  }
  GEOSGeom_destroy_r(geos, faces);
  GEOSGeom_destroy_r(geos, noded);
  GEOSGeom_destroy_r(geos, lines);
  qsort(gaps, *count, sizeof *gaps, by_area);
  return gaps;
}
