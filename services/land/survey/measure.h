// Areas and lengths, and what is said about them: exact mu, the tolerance, slips of units.
//
// An area is kept as whole dm² (0.01 m²), a length as whole dm. 1 mu (亩) = 2000/3 m², 1 ha = 15 mu.
#pragma once

#include "services/land/survey/outline.h"

// land_area_m2: on the ellipsoid of CGCS2000 (GRS 80), by geodesics between the points (Karney 2013; PROJ's
// geodesic.h).
double land_area_m2(const struct land_outline *degrees);
int64_t land_area_dm2(double square_metres); // rounded half up
int64_t land_length_dm(double metres);

// land_mu_text writes an area in mu with two decimals, dm² × 3 / 200 000 rounded half up; exact for every int64 >= 0.
char *land_mu_text(int64_t area_dm2, char text[32]);
// land_hectare_text: hectares with four decimals, half up.
char *land_hectare_text(int64_t area_dm2, char text[32]);

// land_area_tolerance_dm2: max(share of the area, width × perimeter), as a survey of this width of error would have it.
// A flat percentage alone flags half of real small parcels. `permille` and `width_cm` are policy (10 and 20).
int64_t land_area_tolerance_dm2(int64_t area_dm2, int64_t perimeter_dm, int64_t permille, int64_t width_cm);

// What a declared area looks like that is wrong by a unit.
struct land_unit_slip {
  double factor;       // declared × factor = meant
  const char *zh, *en; // "亩数填成了平方米"
};
// land_unit_slip finds the slip after which a declared area agrees with the measured one within 5 % (or the tolerance);
// NULL: none.
const struct land_unit_slip *land_unit_slip(int64_t declared_dm2, int64_t measured_dm2, int64_t tolerance_dm2);

// Boundary points J1, J2 … of the outer ring: from the one farthest north-west, clockwise. NULL: beyond the plane.
struct land_plane;
struct land_corner {
  struct land_point degrees, metres; // metres: x east, y north, of the plane
};
struct land_corner *land_corners(const struct land_outline *degrees, struct land_plane *plane, struct wg_arena *arena,
                                 size_t *count);
