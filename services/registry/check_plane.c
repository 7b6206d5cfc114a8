// See check_plane.h.
#include "services/registry/check_plane.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_LEAST_AREA 10.0 // m²
#define PIECE_LEAST_WIDTH 0.5 // m
enum { LAYER_COUNT = 4 };

struct registry_plane {
  GEOSContextHandle_t context;
  GEOSWKTReader *reader;
  char message[200]; // of GEOS's last failure
  bool placed;       // origin and scale are known
  double lon, lat, east_scale, north_scale;
  struct registry_layer layer[LAYER_COUNT];
};

static void keep_message(const char *message, void *context) {
  struct registry_plane *plane = context;
  snprintf(plane->message, sizeof plane->message, "%s", message);
}

static struct registry_plane *plane_of(struct registry_survey *survey) {
  if (survey->plane) return survey->plane;
  struct registry_plane *plane = wg_zalloc(sizeof *plane);
  plane->context = GEOS_init_r();
  GEOSContext_setErrorMessageHandler_r(plane->context, keep_message, plane);
  plane->reader = GEOSWKTReader_create_r(plane->context);
  return survey->plane = plane;
}

void registry_plane_destroy(struct registry_plane *plane) {
  if (!plane) return;
  for (int i = 0; i < LAYER_COUNT; i++) {
    for (size_t k = 0; k < plane->layer[i].count; k++) {
      GEOSPreparedGeom_destroy_r(plane->context, plane->layer[i].shape[k].prepared);
      GEOSGeom_destroy_r(plane->context, plane->layer[i].shape[k].shape);
    }
  }
  GEOSWKTReader_destroy_r(plane->context, plane->reader);
  GEOS_finish_r(plane->context);
  free(plane);
}

// --- metres ---
static void place(struct registry_plane *plane, double lon, double lat) {
  const double phi = lat * M_PI / 180;
  plane->lon = lon;
  plane->lat = lat;
  // Lengths of a degree on the CGCS2000 ellipsoid.
  plane->north_scale = 111132.95 - 559.85 * cos(2 * phi) + 1.18 * cos(4 * phi);
  plane->east_scale = 111412.88 * cos(phi) - 93.50 * cos(3 * phi) + 0.12 * cos(5 * phi);
  plane->placed = true;
}

static int to_metres(double *x, double *y, void *context) {
  struct registry_plane *plane = context;
  if (!plane->placed) place(plane, *x, *y);
  *x = (*x - plane->lon) * plane->east_scale;
  *y = (*y - plane->lat) * plane->north_scale;
  return 1;
}

// say_where gives the position of a point, and takes it.
static void say_where(const struct registry_plane *plane, GEOSGeometry *point, double *lon, double *lat) {
  double x = 0, y = 0;
  *lon = *lat = 0;
  if (point && GEOSGeomGetX_r(plane->context, point, &x) == 1 && GEOSGeomGetY_r(plane->context, point, &y) == 1) {
    *lon = plane->lon + x / plane->east_scale;
    *lat = plane->lat + y / plane->north_scale;
  }
  GEOSGeom_destroy_r(plane->context, point);
}

// --- layers ---
const char *registry_boundary(const Wangge__V1__Record *record) {
  switch ((int)record->body_case) {
  case REGISTRY_BODY(NET_DISTRICT):
    return record->net_district->boundary;
  case REGISTRY_BODY(STREET):
    return record->street->boundary;
  case REGISTRY_BODY(COMMUNITY):
    return record->community->boundary;
  case REGISTRY_BODY(GRID):
    return record->grid->boundary;
  default:
    return "";
  }
}

struct registry_layer *registry_plane_layer(struct registry_survey *survey, int kind) {
  struct registry_plane *plane = plane_of(survey);
  struct registry_layer *layer = plane->layer;
  while (layer->kind && layer->kind != kind)
    layer++;
  if (layer->kind) return layer;
  const size_t most = wg_book_count(survey->book, survey->district, kind);
  *layer =
      (struct registry_layer){.kind = kind, .shape = wg_arena_zalloc(survey->arena, (most + 1) * sizeof *layer->shape)};
  struct wg_book_walk walk = registry_each(survey, kind);
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    layer->shape[layer->count++].record = record;
  return layer;
}

struct registry_shape *registry_layer_range(const struct registry_layer *layer, const char *prefix, size_t *count) {
  size_t low = 0, high = layer->count;
  const size_t size = strlen(prefix);
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (strncmp(layer->shape[middle].record->code, prefix, size) < 0) low = middle + 1;
    else high = middle;
  }
  size_t end = low;
  while (end < layer->count && strncmp(layer->shape[end].record->code, prefix, size) == 0)
    end++;
  *count = end - low;
  return layer->shape + low;
}

struct registry_shape *registry_shape_find(struct registry_survey *survey, int kind, const char *code) {
  size_t count = 0;
  struct registry_shape *shape = registry_layer_range(registry_plane_layer(survey, kind), code, &count);
  return count && strcmp(shape->record->code, code) == 0 ? shape : NULL;
}

// --- reading ---
const char *registry_shape_problem(const char *reason) {
  static const struct {
    const char *begins, *text;
  } REASONS[] = {
      {"Self-intersection", "边界自相交"},
      {"Ring Self-intersection", "边界的环自己碰到自己"},
      {"Hole lies outside", "洞在外环之外"},
      {"Holes are nested", "洞中套洞"},
      {"Nested shells", "一块套在另一块里面"},
      {"Interior is disconnected", "内部被洞隔断"},
      {"Duplicate Rings", "有重复的环"},
      {"Too few points", "点数太少"},
      {"Invalid Coordinate", "坐标不是数字"},
      {"Points of LinearRing do not form a closed", "环没有闭合，首尾两点应相同"},
      {"IllegalArgumentException: Points of LinearRing", "环没有闭合，首尾两点应相同"},
  };
  for (size_t i = 0; reason && i < sizeof REASONS / sizeof *REASONS; i++) {
    if (strncmp(reason, REASONS[i].begins, strlen(REASONS[i].begins)) == 0) return REASONS[i].text;
  }
  return reason && *reason ? reason : "原因不明";
}

static void invalid(struct registry_survey *survey, struct registry_shape *shape, const char *reason) {
  shape->state = REGISTRY_SHAPE_INVALID;
  shape->problem = wg_arena_strdup(survey->arena, registry_shape_problem(reason));
}

static void check_valid(struct registry_survey *survey, struct registry_shape *shape) {
  const struct registry_plane *plane = survey->plane;
  char *reason = NULL;
  GEOSGeometry *where = NULL;
  if (GEOSisValidDetail_r(plane->context, shape->shape, 0, &reason, &where) == 1) {
    shape->state = REGISTRY_SHAPE_VALID;
  } else {
    invalid(survey, shape, reason ? reason : plane->message);
    say_where(plane, where, &shape->problem_lon, &shape->problem_lat);
  }
  GEOSFree_r(plane->context, reason);
}

bool registry_shape_read(struct registry_survey *survey, struct registry_shape *shape) {
  if (shape->state != REGISTRY_SHAPE_UNREAD) return shape->state == REGISTRY_SHAPE_VALID;
  struct registry_plane *plane = plane_of(survey);
  const char *text = registry_boundary(shape->record);
  shape->state = REGISTRY_SHAPE_MISSING;
  if (!*text) return false;
  GEOSGeometry *degrees = GEOSWKTReader_read_r(plane->context, plane->reader, text);
  if (degrees) shape->shape = GEOSGeom_transformXY_r(plane->context, degrees, to_metres, plane);
  GEOSGeom_destroy_r(plane->context, degrees);
  if (!shape->shape) {
    invalid(survey, shape, plane->message);
    return false;
  }
  check_valid(survey, shape);
  GEOSArea_r(plane->context, shape->shape, &shape->area);
  GEOSGeom_getXMin_r(plane->context, shape->shape, &shape->west);
  GEOSGeom_getXMax_r(plane->context, shape->shape, &shape->east);
  GEOSGeom_getYMin_r(plane->context, shape->shape, &shape->south);
  GEOSGeom_getYMax_r(plane->context, shape->shape, &shape->north);
  return shape->state == REGISTRY_SHAPE_VALID;
}

static const GEOSPreparedGeometry *prepared(const struct registry_plane *plane, struct registry_shape *shape) {
  if (!shape->prepared) shape->prepared = GEOSPrepare_r(plane->context, shape->shape);
  return shape->prepared;
}

// --- laying over each other ---
bool registry_shape_near(const struct registry_shape *a, const struct registry_shape *b) {
  return a->west < b->east && b->west < a->east && a->south < b->north && b->south < a->north;
}

// counts tells whether a piece is large and wide enough.
static bool counts(const struct registry_plane *plane, const GEOSGeometry *piece, double *area) {
  double perimeter = 0;
  if (GEOSArea_r(plane->context, piece, area) != 1 || *area < PIECE_LEAST_AREA) return false;
  return GEOSLength_r(plane->context, piece, &perimeter) == 1 && 2 * *area >= PIECE_LEAST_WIDTH * perimeter;
}

// take_apart gives the pieces of an overlay that count, and frees it.
static struct registry_pieces take_apart(struct registry_survey *survey, GEOSGeometry *overlay) {
  const struct registry_plane *plane = survey->plane;
  struct registry_pieces pieces = {0};
  if (!overlay) {
    pieces.failure = wg_arena_strdup(survey->arena, plane->message);
    return pieces;
  }
  const int count = GEOSGetNumGeometries_r(plane->context, overlay);
  pieces.piece = wg_arena_alloc(survey->arena, ((size_t)(count > 0 ? count : 0) + 1) * sizeof *pieces.piece);
  for (int i = 0; i < count; i++) {
    const GEOSGeometry *part = GEOSGetGeometryN_r(plane->context, overlay, i);
    struct registry_piece *piece = &pieces.piece[pieces.count];
    if (!counts(plane, part, &piece->area)) continue;
    say_where(plane, GEOSPointOnSurface_r(plane->context, part), &piece->lon, &piece->lat);
    pieces.area += piece->area;
    pieces.count++;
  }
  GEOSGeom_destroy_r(plane->context, overlay);
  return pieces;
}

struct registry_pieces registry_shape_common(struct registry_survey *survey, const struct registry_shape *a,
                                             const struct registry_shape *b) {
  return take_apart(survey, GEOSIntersection_r(survey->plane->context, a->shape, b->shape));
}

struct registry_pieces registry_shape_beyond(struct registry_survey *survey, const struct registry_shape *a,
                                             struct registry_shape *b) {
  const struct registry_plane *plane = survey->plane;
  if (GEOSPreparedCovers_r(plane->context, prepared(plane, b), a->shape) == 1) return (struct registry_pieces){0};
  return take_apart(survey, GEOSDifference_r(plane->context, a->shape, b->shape));
}

struct registry_pieces registry_shape_left(struct registry_survey *survey, const struct registry_shape *whole,
                                           const struct registry_shape *parts, size_t count) {
  const struct registry_plane *plane = survey->plane;
  GEOSGeometry **clones = wg_arena_alloc(survey->arena, (count + 1) * sizeof *clones);
  for (size_t i = 0; i < count; i++)
    clones[i] = GEOSGeom_clone_r(plane->context, parts[i].shape);
  // A mixture of polygons and multipolygons: a plain collection. It takes the clones.
  GEOSGeometry *all = GEOSGeom_createCollection_r(plane->context, GEOS_GEOMETRYCOLLECTION, clones, (unsigned)count);
  GEOSGeometry *united = all ? GEOSUnaryUnion_r(plane->context, all) : NULL;
  GEOSGeometry *left = united ? GEOSDifference_r(plane->context, whole->shape, united) : NULL;
  GEOSGeom_destroy_r(plane->context, united);
  GEOSGeom_destroy_r(plane->context, all);
  return take_apart(survey, left);
}

double registry_shape_distance(struct registry_survey *survey, struct registry_shape *shape, double lon, double lat) {
  struct registry_plane *plane = survey->plane;
  double x = lon, y = lat, distance = 0;
  to_metres(&x, &y, plane);
  GEOSGeometry *point = GEOSGeom_createPointFromXY_r(plane->context, x, y);
  const bool inside = point && GEOSPreparedIntersects_r(plane->context, prepared(plane, shape), point) == 1;
  if (!inside && point && GEOSDistance_r(plane->context, point, shape->shape, &distance) != 1) distance = 0;
  GEOSGeom_destroy_r(plane->context, point);
  return distance;
}
