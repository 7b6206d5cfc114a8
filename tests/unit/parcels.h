// Parcels for tests of the land survey: shapes drawn in metres, and the real cadastre where it is at hand.
#pragma once

#include "services/land/survey/check.h"
#include "services/land/survey/fabric.h"
#include "services/land/survey/measure.h"
#include "services/land/survey/rows.h"
#include "tests/unit/unit.h"

// parcels_plane gives a plane, or fails the test.
struct land_plane *parcels_plane(int epsg);
// parcels_shape reads WKT in metres of a plane as it stands, already closed; fails the test when it cannot.
struct land_outline *parcels_shape(const char *wkt, struct wg_arena *arena);
// parcels_square: a square of `size` metres with its south-west corner at x, y.
struct land_outline *parcels_square(double x, double y, double size, struct wg_arena *arena);

// The open cadastre of a French commune (4,241 parcels with a declared area), which is not part of this project. Skips
// the test with a message when it is not beside the source tree.
struct land_rows parcels_real(struct wg_arena *arena);
