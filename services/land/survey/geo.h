// GEOS and PROJ of this thread: their contexts and the planes in use. Both libraries want one context a thread; making
// one costs milliseconds, so each thread that asks keeps its own until it ends.
#pragma once

#include "common/base/status.h"
#include "services/land/survey/outline.h"

#include <geos_c.h>

struct land_plane;
struct land_geo {
  GEOSContextHandle_t geos;
  char message[200]; // of GEOS's last failure
  struct land_plane *planes;
  void *proj; // PJ_CONTEXT *
};
struct land_geo *land_geo(void);

// A plane (projected coordinate system): east and north in metres. Lives as long as the thread.
// land_plane: INVALID_ARGUMENT when PROJ knows no projected system of this EPSG number.
wg_status land_plane(int epsg, struct land_plane **plane, struct wg_error *error);
// In place, longitude and latitude (EPSG:4490) to east and north, and back. False: a point is beyond what the plane can
// show.
bool land_plane_from_degrees(struct land_plane *plane, struct land_point *points, size_t count);
bool land_plane_to_degrees(struct land_plane *plane, struct land_point *points, size_t count);
// land_outline_on_plane gives the shape in metres, rounded to millimetres, in the arena; NULL: beyond the plane.
struct land_outline *land_outline_on_plane(struct land_plane *plane, const struct land_outline *degrees,
                                           struct wg_arena *arena);

// land_polygon makes GEOS's polygon of a shape with closed rings; the caller's to destroy. NULL: message has why.
GEOSGeometry *land_polygon(struct land_geo *geo, const struct land_outline *shape);
// land_outline_of copies a GEOS polygon into the arena.
struct land_outline *land_outline_of(struct land_geo *geo, const GEOSGeometry *polygon, struct wg_arena *arena);
