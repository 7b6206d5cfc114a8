// Geometry as the database takes it.
#pragma once

#include "common/base/arena.h"

// land_wkb_of_wkt: WKB of a POLYGON or MULTIPOLYGON; no data when the text is empty or none.
struct wg_bytes land_wkb_of_wkt(const char *wkt, struct wg_arena *arena);
