// See shape.h.
#include "services/land/shape.h"

#include <geos_c.h>
#include <string.h>

struct wg_bytes land_wkb_of_wkt(const char *wkt, struct wg_arena *arena) {
  struct wg_bytes made = {0};
  if (!*wkt) return made;
  GEOSContextHandle_t geos = GEOS_init_r();
  GEOSWKTReader *reader = GEOSWKTReader_create_r(geos);
  GEOSGeometry *shape = GEOSWKTReader_read_r(geos, reader, wkt);
  GEOSWKTReader_destroy_r(geos, reader);
  if (shape) {
    GEOSWKBWriter *writer = GEOSWKBWriter_create_r(geos);
    size_t size = 0;
    uint8_t *bytes = GEOSWKBWriter_write_r(geos, writer, shape, &size);
    if (bytes) {
      uint8_t *copy = wg_arena_alloc(arena, size);
      memcpy(copy, bytes, size);
      made = (struct wg_bytes){copy, size};
      GEOSFree_r(geos, bytes);
    }
    GEOSWKBWriter_destroy_r(geos, writer);
    GEOSGeom_destroy_r(geos, shape);
  }
  GEOS_finish_r(geos);
  return made;
}
