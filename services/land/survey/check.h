// The check of one parcel's shape (land.md §2.6 invariant 1, §3): what is harmless is put right and reported, what
// would change the land is refused with the place.
#pragma once

#include "services/land/survey/geo.h"

struct land_drawing {
  struct land_outline *degrees; // EPSG:4490, at most 9 decimals
  struct land_outline *plane;   // the same points in metres, rounded to mm
};

// land_drawing_make takes coordinates as given (of `from`, or degrees when `from` is NULL) to degrees and to the plane.
// Fault crs.out_of_china: the plane cannot show a point.
bool land_drawing_make(struct land_drawing *drawing, const struct land_outline *given, struct land_plane *from,
                       struct land_plane *plane, struct wg_arena *arena, struct land_faults *faults);

// land_drawing_check closes rings open by at most 1 cm (NOTE geometry.closed), drops repeated points (NOTE
// geometry.duplicate_points), turns the outer ring counter-clockwise and holes clockwise (RFC 7946; not worth a word),
// then refuses: geometry.unclosed, geometry.too_few_points, geometry.spike (an angle below 1°), geometry.zero_area,
// geometry.too_small (below 1 m²), geometry.self_intersection, geometry.hole_outside, geometry.holes (holes that touch
// or lie in each other). Never makes another shape of a broken one.
bool land_drawing_check(struct land_drawing *drawing, struct land_plane *plane, struct wg_arena *arena,
                        struct land_faults *faults);
