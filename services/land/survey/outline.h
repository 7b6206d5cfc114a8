// The shape of a parcel: one outer ring and holes.
//
// x is longitude or east, y latitude or north, always in this order. A closed ring's last point is its first. Shapes
// live in the arena they were made in. In records a shape is WKT (OGC 06-103r4), "POLYGON ((115.7 37.74, …))",
// EPSG:4490, with at most 9 decimals (0.1 mm) and no more than are needed to read the same number back.
#pragma once

#include "common/base/arena.h"
#include "services/land/survey/fault.h"

struct land_point {
  double x, y;
};
struct land_ring {
  struct land_point *point;
  size_t count;
};
struct land_outline {
  struct land_ring *ring; // [0] the outer one
  size_t count;
};
struct land_box {
  double west, south, east, north;
};

enum { LAND_OUTLINE_POINTS = 10000 }; // most points of one parcel

// land_outline_read reads POLYGON, MULTIPOLYGON of one part, both also with Z (heights are dropped). NULL and a fault:
// geometry.syntax, geometry.number (NaN, infinity), geometry.too_many_points, geometry.multipart.
struct land_outline *land_outline_read(const char *wkt, struct wg_arena *arena, struct land_faults *faults);
// land_outline_parse is the same for text that was checked before it was stored; NULL when it is broken.
struct land_outline *land_outline_parse(const char *wkt, struct wg_arena *arena);
// land_outlines_parse reads the parts of a stored POLYGON or MULTIPOLYGON (a village's boundary); count 0: broken.
struct land_outline *land_outlines_parse(const char *wkt, struct wg_arena *arena, size_t *count);
// land_outline_write gives the WKT in degrees. land_outline_geojson gives an RFC 7946 Polygon.
char *land_outline_write(const struct land_outline *shape, struct wg_arena *arena);
char *land_outline_geojson(const struct land_outline *shape, struct wg_arena *arena);
char *land_point_geojson(struct land_point degrees, struct wg_arena *arena);
// land_number_write writes a number with at most 9 decimals, no trailing zeros: what WKT and GeoJSON are made of. A
// text of at most 32 bytes.
int land_number_write(double number, char text[32]);

struct land_outline *land_outline_copy(const struct land_outline *shape, struct wg_arena *arena);
struct land_box land_outline_box(const struct land_outline *shape);
bool land_box_meet(struct land_box a, struct land_box b, double margin);
size_t land_outline_points(const struct land_outline *shape); // of all rings
// land_ring_area: twice the area is summed from the first point, so that large coordinates lose nothing; positive when
// counter-clockwise.
double land_ring_area(const struct land_ring *ring);
// land_outline_area: that of the outer ring less the holes, in the units of the coordinates squared; never negative.
double land_outline_area(const struct land_outline *shape);
double land_outline_length(const struct land_outline *shape); // of all rings
