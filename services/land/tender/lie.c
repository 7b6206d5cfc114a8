// How pieces of land lie to each other, on the village's plane: survey's geometry, for the questions of parcel.h.
#include "services/land/tender/parcel.h"

#include "services/land/base.h"
#include "services/land/survey/fabric.h"
#include "services/land/survey/measure.h"

#include <math.h>
#include <string.h>

#define OUTSIDE_M 0.02 // a part may lie outside its parcel by so much times its boundary (land.md §2.6, 2)
#define BESIDE_M 0.10  // boundary within this distance is shared (land.md §2.7)

static wg_status find_plane(const struct land_write *write, struct land_plane **plane, struct wg_error *error) {
  const Wangge__V1__VillageInfo *village = LAND_GET(write, VILLAGE_INFO, village_info, LAND_VILLAGE_ID);
  if (!village) return wg_fail(error, WG_FAILED_PRECONDITION, "write.village", "the village's ledger is not set up");
  return land_plane(village->plane_epsg, plane, error);
}

static struct land_outline *on_plane(const struct land_write *write, struct land_plane *plane, const char *boundary) {
  const struct land_outline *degrees = land_outline_parse(boundary, write->arena);
  return degrees ? land_outline_on_plane(plane, degrees, write->arena) : NULL;
}

// Two shapes as GEOS has them.
struct pair {
  struct land_geo *geo;
  struct land_outline *a, *b;
  GEOSGeometry *left, *right;
};

static void close_pair(struct pair *pair) {
  if (pair->left) GEOSGeom_destroy_r(pair->geo->geos, pair->left);
  if (pair->right) GEOSGeom_destroy_r(pair->geo->geos, pair->right);
}

static wg_status open_pair(const struct land_write *write, const char *a, const char *b, struct pair *pair,
                           struct wg_error *error) {
  struct land_plane *plane;
  *pair = (struct pair){.geo = land_geo()};
  const wg_status status = find_plane(write, &plane, error);
  if (status != WG_OK) return status;
  pair->a = on_plane(write, plane, a), pair->b = on_plane(write, plane, b);
  if (pair->a && pair->b) pair->left = land_polygon(pair->geo, pair->a), pair->right = land_polygon(pair->geo, pair->b);
  if (pair->left && pair->right) return WG_OK;
  close_pair(pair);
  return wg_fail(error, WG_INVALID_ARGUMENT, "boundary", "is not a polygon that the village's plane can show");
}

static int64_t shared_dm(const struct pair *pair) {
  struct land_fabric *fabric = land_fabric_create();
  land_fabric_add(fabric, (struct land_piece){.id = "a", .plane = pair->a, .fresh = true});
  land_fabric_add(fabric, (struct land_piece){.id = "b", .plane = pair->b, .fresh = true});
  land_fabric_join(fabric);
  size_t count;
  const struct land_pair *found = land_fabric_pairs(fabric, &count);
  const int64_t shared = count ? land_length_dm(land_pair_shared(&found[0])) : 0;
  land_fabric_destroy(fabric);
  return shared;
}

wg_status tender_lie(const struct land_write *write, const char *boundary, const char *other, struct tender_lie *lie,
                     struct wg_error *error) {
  struct pair pair;
  const wg_status status = open_pair(write, boundary, other, &pair, error);
  if (status != WG_OK) return status;
  double metres;
  const bool measured = GEOSDistance_r(pair.geo->geos, pair.left, pair.right, &metres) != 0;
  *lie = (struct tender_lie){0};
  if (measured) {
    lie->distance_mm = llround(metres * 1000);
    if (metres <= BESIDE_M) lie->shared_dm = shared_dm(&pair);
  }
  close_pair(&pair);
  return measured ? WG_OK : wg_fail(error, WG_INTERNAL, "boundary", "cannot be measured: %s", pair.geo->message);
}

// Area of what `operation` leaves of the two; below 0: GEOS could not tell.
static double area_of(const struct pair *pair,
                      GEOSGeometry *(*operation)(GEOSContextHandle_t, const GEOSGeometry *, const GEOSGeometry *)) {
  GEOSGeometry *result = operation(pair->geo->geos, pair->left, pair->right);
  double area;
  const bool known = result && GEOSArea_r(pair->geo->geos, result, &area);
  if (result) GEOSGeom_destroy_r(pair->geo->geos, result);
  return known ? area : -1;
}

wg_status tender_part(const struct land_write *write, const char *boundary, const char *parcel_boundary,
                      int64_t *area_dm2, bool *inside, struct wg_error *error) {
  struct pair pair;
  const wg_status status = open_pair(write, boundary, parcel_boundary, &pair, error);
  if (status != WG_OK) return status;
  *area_dm2 = land_area_dm2(land_area_m2(land_outline_parse(boundary, write->arena)));
  const double outside = area_of(&pair, GEOSDifference_r);
  *inside = outside >= 0 && outside <= OUTSIDE_M * land_outline_length(pair.a);
  close_pair(&pair);
  return WG_OK;
}

bool tender_parts_meet(const struct land_write *write, const char *a, const char *b) {
  struct wg_error error;
  struct pair pair;
  // Boundaries of records were checked; what cannot be looked at counts as the same land.
  if (open_pair(write, a, b, &pair, &error) != WG_OK) return true;
  const double common = area_of(&pair, GEOSIntersection_r);
  const bool meet =
      common < 0 || common > 0.01 + OUTSIDE_M * fmin(land_outline_length(pair.a), land_outline_length(pair.b));
  close_pair(&pair);
  return meet;
}

bool tender_half_inside(const struct land_write *write, const char *boundary, const char *other) {
  struct wg_error error;
  struct pair pair;
  if (open_pair(write, boundary, other, &pair, &error) != WG_OK) return false;
  const bool half = 2 * area_of(&pair, GEOSIntersection_r) >= land_outline_area(pair.a);
  close_pair(&pair);
  return half;
}
