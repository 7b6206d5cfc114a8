#include "services/land/survey/geo.h"

#include "common/base/log.h"

#include <math.h>
#include <proj.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct land_plane {
  int epsg;
  PJ *transform; // degrees (longitude first) -> metres (east first)
  struct land_plane *next;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void keep_message(const char *message, void *context) {
  struct land_geo *geo = context;
  snprintf(geo->message, sizeof geo->message, "%s", message);
}

static void ignore_message(void *context, int level, const char *message) {
  (void)context, (void)level, (void)message; // what PROJ cannot do is an answer, not a line of the log
}

static void end(void *memory) {
  struct land_geo *geo = memory;
  while (geo->planes) {
    struct land_plane *plane = geo->planes;
    geo->planes = plane->next;
    proj_destroy(plane->transform);
    free(plane);
  }
  proj_context_destroy(geo->proj);
  GEOS_finish_r(geo->geos);
  free(geo);
}

static void make_key(void) {
  if (pthread_key_create(&key, end) == 0) return;
  wg_log0(WG_LOG_ERROR, "no room for a thread's own data");
  abort();
}

struct land_geo *land_geo(void) {
  pthread_once(&once, make_key);
  struct land_geo *geo = pthread_getspecific(key);
  if (geo) return geo;
  geo = wg_zalloc(sizeof *geo);
  geo->geos = GEOS_init_r();
  GEOSContext_setErrorMessageHandler_r(geo->geos, keep_message, geo);
  geo->proj = proj_context_create();
  if (pthread_setspecific(key, geo) != 0) abort();
  proj_log_func(geo->proj, NULL, ignore_message);
  return geo;
}

static PJ *make_transform(PJ_CONTEXT *context, int epsg) {
  char name[32];
  snprintf(name, sizeof name, "EPSG:%d", epsg);
  PJ *system = proj_create(context, name);
  PJ_TYPE type = system ? proj_get_type(system) : PJ_TYPE_UNKNOWN;
  PJ *base = type == PJ_TYPE_PROJECTED_CRS ? proj_crs_get_geodetic_crs(context, system) : NULL;
  // From the plane's own datum: one sheet, one datum; what differs is the surveyor's to state.
  PJ *raw = base ? proj_create_crs_to_crs_from_pj(context, base, system, NULL, NULL) : NULL;
  PJ *transform = raw ? proj_normalize_for_visualization(context, raw) : NULL;
  proj_destroy(raw);
  proj_destroy(base);
  proj_destroy(system);
  return transform;
}

wg_status land_plane(int epsg, struct land_plane **plane, struct wg_error *error) {
  struct land_geo *geo = land_geo();
  for (struct land_plane *known = geo->planes; known; known = known->next)
    if (known->epsg == epsg) {
      *plane = known;
      return WG_OK;
    }
  PJ *transform = make_transform(geo->proj, epsg);
  if (!transform)
    return wg_fail(error, WG_INVALID_ARGUMENT, "plane_epsg",
                   "EPSG:%d is not a plane that PROJ knows; for 3-degree zones of CGCS2000 use 4513 to 4554", epsg);
  struct land_plane *made = wg_zalloc(sizeof *made);
  *made = (struct land_plane){epsg, transform, geo->planes};
  geo->planes = made;
  *plane = made;
  return WG_OK;
}

static bool transform_points(struct land_plane *plane, PJ_DIRECTION direction, struct land_point *points,
                             size_t count) {
  const size_t step = sizeof *points;
  proj_errno_reset(plane->transform);
  size_t done = proj_trans_generic(plane->transform, direction, &points->x, step, count, &points->y, step, count, NULL,
                                   0, 0, NULL, 0, 0);
  for (size_t i = 0; i < count; i++)
    if (!isfinite(points[i].x) || !isfinite(points[i].y)) return false;
  return done == count;
}

bool land_plane_from_degrees(struct land_plane *plane, struct land_point *points, size_t count) {
  return count == 0 || transform_points(plane, PJ_FWD, points, count);
}

bool land_plane_to_degrees(struct land_plane *plane, struct land_point *points, size_t count) {
  return count == 0 || transform_points(plane, PJ_INV, points, count);
}

struct land_outline *land_outline_on_plane(struct land_plane *plane, const struct land_outline *degrees,
                                           struct wg_arena *arena) {
  struct land_outline *shape = land_outline_copy(degrees, arena);
  for (size_t r = 0; r < shape->count; r++) {
    struct land_ring *ring = &shape->ring[r];
    if (!land_plane_from_degrees(plane, ring->point, ring->count)) return NULL;
    for (size_t i = 0; i < ring->count; i++) {
      ring->point[i].x = round(ring->point[i].x * 1000) / 1000;
      ring->point[i].y = round(ring->point[i].y * 1000) / 1000;
    }
  }
  return shape;
}

static GEOSGeometry *make_ring(struct land_geo *geo, const struct land_ring *ring) {
  GEOSCoordSequence *points = GEOSCoordSeq_copyFromBuffer_r(geo->geos, &ring->point->x, (unsigned)ring->count, 0, 0);
  return points ? GEOSGeom_createLinearRing_r(geo->geos, points) : NULL; // owns the points
}

GEOSGeometry *land_polygon(struct land_geo *geo, const struct land_outline *shape) {
  GEOSGeometry *outer = make_ring(geo, &shape->ring[0]);
  if (!outer) return NULL;
  size_t hole_count = shape->count - 1, made = 0;
  GEOSGeometry **holes = wg_alloc((hole_count + 1) * sizeof(GEOSGeometry *));
  while (made < hole_count && (holes[made] = make_ring(geo, &shape->ring[made + 1])))
    made++;
  GEOSGeometry *polygon = NULL;
  if (made == hole_count) polygon = GEOSGeom_createPolygon_r(geo->geos, outer, holes, (unsigned)hole_count);
  else {
    GEOSGeom_destroy_r(geo->geos, outer);
    while (made > 0)
      GEOSGeom_destroy_r(geo->geos, holes[--made]);
  }
  free(holes);
  return polygon;
}

static void copy_ring(struct land_geo *geo, const GEOSGeometry *line, struct land_ring *ring, struct wg_arena *arena) {
  const GEOSCoordSequence *points = GEOSGeom_getCoordSeq_r(geo->geos, line);
  unsigned count = 0;
  GEOSCoordSeq_getSize_r(geo->geos, points, &count);
  *ring = (struct land_ring){wg_arena_alloc(arena, (count + 1) * sizeof(struct land_point)), count};
  GEOSCoordSeq_copyToBuffer_r(geo->geos, points, &ring->point->x, 0, 0);
}

struct land_outline *land_outline_of(struct land_geo *geo, const GEOSGeometry *polygon, struct wg_arena *arena) {
  int holes = GEOSGetNumInteriorRings_r(geo->geos, polygon);
  if (holes < 0 || GEOSisEmpty_r(geo->geos, polygon)) return NULL;
  struct land_outline *shape = wg_arena_alloc(arena, sizeof *shape);
  *shape = (struct land_outline){wg_arena_alloc(arena, ((size_t)holes + 1) * sizeof *shape->ring), (size_t)holes + 1};
  copy_ring(geo, GEOSGetExteriorRing_r(geo->geos, polygon), &shape->ring[0], arena);
  for (int i = 0; i < holes; i++)
    copy_ring(geo, GEOSGetInteriorRingN_r(geo->geos, polygon, i), &shape->ring[i + 1], arena);
  return shape;
}
