// Coordinates that are not what they are said to be: axes, zone, datum. Areas cannot show a wrong datum (GCJ-02 moves a
// field by 500 m and changes its width by centimetres); only the village's boundary can.
#pragma once

#include "services/land/survey/geo.h"

// The shift of Chinese public maps (GCJ-02) and of Baidu's on top of it (BD-09), by the published formulas; the inverse
// by iteration, to 1e-9 degrees. Points in degrees, longitude first.
struct land_point land_gcj02_from(struct land_point point);
struct land_point land_gcj02_to_degrees(struct land_point shifted);
struct land_point land_bd09_from(struct land_point point);
struct land_point land_bd09_to_degrees(struct land_point shifted);

// Coordinate systems by their EPSG number: CGCS2000 geographic (4490) and its planes (4491–4554), and WGS 84 (4326).
enum land_system_kind {
  LAND_SYSTEM_UNKNOWN,
  LAND_SYSTEM_DEGREES,
  LAND_SYSTEM_PLANE,
  LAND_SYSTEM_LEGACY, // Beijing 1954, Xian 1980: needs local parameters
};
struct land_system {
  enum land_system_kind kind;
  int epsg;
  int width;    // PLANE: of its zone, 3 or 6 degrees
  int zone;     // PLANE: the number in front of eastings; 0: eastings have six digits
  int meridian; // PLANE: in the middle, degrees east
};
struct land_system land_system(int epsg);

// A village's boundary, to hold coordinates against.
struct land_territory;
// land_territory_create: NULL without a boundary or with a broken one. land_territory_destroy: NULL is allowed.
struct land_territory *land_territory_create(const char *boundary_wkt, struct land_plane *plane);
void land_territory_destroy(struct land_territory *territory);
// land_territory_inside: within the boundary + margin. Metres of the territory's plane.
bool land_territory_inside(const struct land_territory *territory, struct land_point metres, double margin);
// land_territory_outside gives what of a polygon lies beyond boundary + LAND_TERRITORY_MARGIN: area (m²), how far its
// points lie outside the boundary (m), and the largest part as GeoJSON in degrees; area 0: nothing.
#define LAND_TERRITORY_MARGIN 1.0 // m; invariant 1 of land.md §2.6
struct land_outside {
  double area, distance;
  const char *geojson;
};
struct land_outside land_territory_outside(const struct land_territory *territory, const struct land_outline *plane,
                                           struct wg_arena *arena);
const GEOSPreparedGeometry *land_territory_edge(const struct land_territory *territory); // its line, on the plane
struct land_plane *land_territory_plane(const struct land_territory *territory);

// land_axes_check looks at coordinates as they were given, declared to be of `system`. Faults: crs.legacy, crs.unknown,
// crs.not_degrees, axes.swapped (suggestion: the first point the right way round), crs.zone (suggestion: "EPSG:4526",
// the zone that fits), crs.no_meridian (six-digit eastings under a system with zone numbers), crs.out_of_china.
// `territory` may be NULL; with it, six-digit eastings are tried with every meridian.
bool land_axes_check(const struct land_outline *given, struct land_system system,
                     const struct land_territory *territory, struct wg_arena *arena, struct land_faults *faults);
// land_zone_near: the plane in which such coordinates lie in the territory; 0: none.
int land_zone_near(const struct land_outline *given, const struct land_territory *territory, struct wg_arena *arena);

// What coordinates would have to be for at least 95 % of the outer rings' points to lie in the territory, when as given
// they do not. Of a whole file at once: of a single parcel far inside the village nothing can be said.
enum land_datum { LAND_DATUM_AS_GIVEN, LAND_DATUM_GCJ02, LAND_DATUM_BD09 };
enum land_datum land_datum_guess(struct land_outline *const *degrees, size_t count,
                                 const struct land_territory *territory);
