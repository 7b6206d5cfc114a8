#include "tests/unit/parcels.h"

#include <stdlib.h>

struct land_plane *parcels_plane(int epsg) {
  struct land_plane *plane;
  struct wg_error error;
  if (land_plane(epsg, &plane, &error) != WG_OK) fail_msg("EPSG:%d: %s", epsg, error.message);
  return plane;
}

struct land_outline *parcels_shape(const char *wkt, struct wg_arena *arena) {
  struct land_outline *shape = land_outline_parse(wkt, arena);
  if (!shape) fail_msg("not readable: %s", wkt);
  return shape;
}

struct land_outline *parcels_square(double x, double y, double size, struct wg_arena *arena) {
  return parcels_shape(wg_arena_printf(arena, "POLYGON ((%.3f %.3f,%.3f %.3f,%.3f %.3f,%.3f %.3f,%.3f %.3f))", x, y,
                                       x + size, y, x + size, y + size, x, y + size, x, y),
                       arena);
}

struct land_rows parcels_real(struct wg_arena *arena) {
  const char *path = WANGGE_SHARE "/../shared/data/cadastre-91216-parcelles.json";
  FILE *file = fopen(path, "rb");
  if (!file) {
    print_message("skipped: the real cadastre is not at %s\n", path);
    skip();
  }
  struct wg_buffer text = {0};
  size_t size;
  while ((size = fread(wg_buffer_reserve(&text, 65536), 1, 65536, file)) > 0)
    text.size += size;
  fclose(file);
  struct land_faults faults = {.arena = arena};
  struct land_rows rows = land_rows_geojson((struct wg_bytes){text.data, text.size}, arena, &faults);
  wg_buffer_free(&text);
  assert_int_equal(faults.count, 0);
  return rows;
}
