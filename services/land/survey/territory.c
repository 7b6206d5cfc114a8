// A village's boundary on its plane (datum.h).
#include "services/land/survey/datum.h"

#include <math.h>
#include <stdlib.h>

struct land_territory {
  struct land_plane *plane;
  GEOSGeometry *area, *grown, *edge; // grown: with LAND_TERRITORY_MARGIN around it
  const GEOSPreparedGeometry *prepared, *prepared_grown, *prepared_edge;
};

static GEOSGeometry *read_parts(struct land_geo *geo, const char *wkt, struct land_plane *plane,
                                struct wg_arena *arena) {
  size_t count, made = 0;
  struct land_outline *parts = land_outlines_parse(wkt, arena, &count);
  if (count == 0) return NULL;
  GEOSGeometry **polygons = wg_alloc(count * sizeof(GEOSGeometry *));
  for (; made < count; made++) {
    struct land_outline *shape = land_outline_on_plane(plane, &parts[made], arena);
    if (!shape || !(polygons[made] = land_polygon(geo, shape))) break;
  }
  GEOSGeometry *area = NULL;
  if (made == count) area = GEOSGeom_createCollection_r(geo->geos, GEOS_MULTIPOLYGON, polygons, (unsigned)count);
  else
    while (made > 0)
      GEOSGeom_destroy_r(geo->geos, polygons[--made]);
  free(polygons);
  return area;
}

struct land_territory *land_territory_create(const char *boundary_wkt, struct land_plane *plane) {
  if (!boundary_wkt || !*boundary_wkt) return NULL;
  struct land_geo *geo = land_geo();
  struct wg_arena *arena = wg_arena_create(64 * 1024);
  GEOSGeometry *area = read_parts(geo, boundary_wkt, plane, arena);
  wg_arena_destroy(arena);
  if (!area || GEOSisValid_r(geo->geos, area) != 1) {
    GEOSGeom_destroy_r(geo->geos, area);
    return NULL;
  }
  struct land_territory *territory = wg_zalloc(sizeof *territory);
  *territory = (struct land_territory){plane,
                                       area,
                                       GEOSBuffer_r(geo->geos, area, LAND_TERRITORY_MARGIN, 2),
                                       GEOSBoundary_r(geo->geos, area),
                                       GEOSPrepare_r(geo->geos, area),
                                       NULL,
                                       NULL};
  if (territory->grown) territory->prepared_grown = GEOSPrepare_r(geo->geos, territory->grown);
  if (territory->edge) territory->prepared_edge = GEOSPrepare_r(geo->geos, territory->edge);
  if (territory->prepared_grown && territory->prepared && territory->prepared_edge) return territory;
  land_territory_destroy(territory);
  return NULL;
}

void land_territory_destroy(struct land_territory *territory) {
  if (!territory) return;
  struct land_geo *geo = land_geo();
  if (territory->prepared) GEOSPreparedGeom_destroy_r(geo->geos, territory->prepared);
  if (territory->prepared_grown) GEOSPreparedGeom_destroy_r(geo->geos, territory->prepared_grown);
  if (territory->prepared_edge) GEOSPreparedGeom_destroy_r(geo->geos, territory->prepared_edge);
  GEOSGeom_destroy_r(geo->geos, territory->area);
  GEOSGeom_destroy_r(geo->geos, territory->grown);
  GEOSGeom_destroy_r(geo->geos, territory->edge);
  free(territory);
}

struct land_plane *land_territory_plane(const struct land_territory *territory) {
  return territory->plane;
}

const GEOSPreparedGeometry *land_territory_edge(const struct land_territory *territory) {
  return territory->prepared_edge;
}

bool land_territory_inside(const struct land_territory *territory, struct land_point metres, double margin) {
  struct land_geo *geo = land_geo();
  GEOSGeometry *point = GEOSGeom_createPointFromXY_r(geo->geos, metres.x, metres.y);
  bool inside = GEOSPreparedDistanceWithin_r(geo->geos, territory->prepared, point, margin) == 1;
  GEOSGeom_destroy_r(geo->geos, point);
  return inside;
}

// degrees_of: the largest polygon of a geometry on the plane, as GeoJSON.
static const char *degrees_of(struct land_geo *geo, const struct land_territory *territory, const GEOSGeometry *shape,
                              struct wg_arena *arena) {
  const GEOSGeometry *largest = NULL;
  double most = 0;
  for (int i = 0; i < GEOSGetNumGeometries_r(geo->geos, shape); i++) {
    const GEOSGeometry *part = GEOSGetGeometryN_r(geo->geos, shape, i);
    double area = 0;
    if (GEOSGeomTypeId_r(geo->geos, part) != GEOS_POLYGON || GEOSArea_r(geo->geos, part, &area) != 1 || area <= most)
      continue;
    most = area;
    largest = part;
  }
  struct land_outline *found = largest ? land_outline_of(geo, largest, arena) : NULL;
  for (size_t r = 0; found && r < found->count; r++)
    if (!land_plane_to_degrees(territory->plane, found->ring[r].point, found->ring[r].count)) return NULL;
  return found ? land_outline_geojson(found, arena) : NULL;
}

struct land_outside land_territory_outside(const struct land_territory *territory, const struct land_outline *plane,
                                           struct wg_arena *arena) {
  struct land_outside outside = {0};
  struct land_geo *geo = land_geo();
  GEOSGeometry *polygon = land_polygon(geo, plane);
  if (!polygon || GEOSPreparedCovers_r(geo->geos, territory->prepared_grown, polygon) == 1) {
    GEOSGeom_destroy_r(geo->geos, polygon);
    return outside;
  }
  for (size_t i = 0; i < plane->ring[0].count; i++) {
    double distance = 0;
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(geo->geos, plane->ring[0].point[i].x, plane->ring[0].point[i].y);
    if (GEOSPreparedDistance_r(geo->geos, territory->prepared, point, &distance) == 1)
      outside.distance = fmax(outside.distance, distance);
    GEOSGeom_destroy_r(geo->geos, point);
  }
  GEOSGeometry *beyond = GEOSDifference_r(geo->geos, polygon, territory->grown);
  if (beyond && GEOSArea_r(geo->geos, beyond, &outside.area) == 1 && outside.area > 0)
    outside.geojson = degrees_of(geo, territory, beyond, arena);
  GEOSGeom_destroy_r(geo->geos, beyond);
  GEOSGeom_destroy_r(geo->geos, polygon);
  return outside;
}
