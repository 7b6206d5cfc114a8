// Where a record is: its boundary (WKT) or its point (longitude, latitude), read and checked by GEOS, and given to the
// database as WKB. CGCS2000, EPSG:4490, longitude first.
#pragma once

#include "services/registry/check.h"

struct registry_geometry; // one thread at a time

struct registry_geometry *registry_geometry_create(void);
void registry_geometry_destroy(struct registry_geometry *geometry); // NULL is allowed
// registry_geometry_read sets change->wkb. A boundary that cannot be read or is not valid (it crosses itself, a hole
// lies outside …) is the error KIND.FIELD_invalid with the position of the place in question.
void registry_geometry_read(struct registry_geometry *geometry, struct registry_change *change, struct wg_arena *arena,
                            struct wg_findings *findings);
