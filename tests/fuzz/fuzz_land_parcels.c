// Bytes as a file of parcels (the first byte chooses: GeoJSON, CSV as people write it, CSV of ogr2ogr, one WKT): every
// fault has code, place and both languages; every row has its attributes as valid text; a geometry that can be read is
// written and read again the same, and is judged without harm.
#include "common/base/text.h"
#include "services/land/survey/check.h"
#include "services/land/survey/datum.h"
#include "services/land/survey/rows_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLANE = 4527, JUDGED_POINTS = 200 }; // judging a large shape takes its time and finds nothing new

static void expect(bool truth) {
  if (!truth) abort();
}

static void check_faults(const struct land_faults *faults) {
  for (size_t i = 0; i < faults->count; i++) {
    const struct land_fault *fault = &faults->fault[i];
    expect(fault->code && *fault->code && fault->pointer && fault->zh && *fault->zh && fault->en && *fault->en);
    expect(wg_utf8_valid(wg_bytes_of(fault->zh)) && wg_utf8_valid(wg_bytes_of(fault->en)));
  }
}

static bool same(const struct land_outline *a, const struct land_outline *b) {
  if (a->count != b->count) return false;
  for (size_t r = 0; r < a->count; r++) {
    if (a->ring[r].count != b->ring[r].count) return false;
    for (size_t i = 0; i < a->ring[r].count; i++)
      if (a->ring[r].point[i].x != b->ring[r].point[i].x || a->ring[r].point[i].y != b->ring[r].point[i].y)
        return false;
  }
  return true;
}

static bool in_degrees(const struct land_outline *shape) {
  for (size_t r = 0; r < shape->count; r++)
    for (size_t i = 0; i < shape->ring[r].count; i++)
      if (fabs(shape->ring[r].point[i].x) > 180 || fabs(shape->ring[r].point[i].y) > 90) return false;
  return true;
}

static void judge(const struct land_outline *given, struct wg_arena *arena) {
  struct land_faults faults = {.arena = arena, .pointer = ""};
  struct wg_error error = {0};
  struct land_plane *plane;
  struct land_drawing drawing = {0};
  expect(land_plane(PLANE, &plane, &error) == WG_OK);
  land_axes_check(given, land_system(4490), NULL, arena, &faults);
  land_axes_check(given, land_system(PLANE), NULL, arena, &faults);
  if (in_degrees(given) && land_drawing_make(&drawing, given, NULL, plane, arena, &faults) &&
      land_drawing_check(&drawing, plane, arena, &faults))
    expect(land_outline_area(drawing.plane) >= 1 && land_ring_area(&drawing.plane->ring[0]) > 0);
  check_faults(&faults);
}

static void as_wkt(const char *text, struct wg_arena *arena) {
  struct land_faults faults = {.arena = arena, .pointer = ""};
  const struct land_outline *shape = land_outline_read(text, arena, &faults);
  expect(!shape == faults.error);
  check_faults(&faults);
  if (!shape || land_outline_points(shape) > JUDGED_POINTS) return;
  if (in_degrees(shape)) { // as records have them: what is written is the shape, once it has at most 9 decimals
    const struct land_outline *written = land_outline_parse(land_outline_write(shape, arena), arena);
    expect(written && same(written, land_outline_parse(land_outline_write(written, arena), arena)));
  }
  judge(shape, arena);
}

static void as_rows(const struct land_rows *rows, struct land_faults *faults, struct wg_arena *arena) {
  Wangge__V1__ParcelInput **inputs = land_rows_inputs(rows, "GB/T 21010-2017", arena, faults);
  for (size_t i = 0; i < rows->count; i++) {
    expect(wg_utf8_valid(wg_bytes_of(inputs[i]->id)) && wg_utf8_valid(wg_bytes_of(inputs[i]->name)));
    if (i < 4) as_wkt(inputs[i]->geometry, arena);
  }
  check_faults(faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const struct wg_bytes bytes = {data + 1, size - 1};
  struct wg_arena *arena = wg_arena_create(64 << 10);
  struct land_faults faults = {.arena = arena, .pointer = ""};
  struct land_rows rows;
  switch (data[0] % 4) {
  case 0:
    rows = land_rows_geojson(bytes, arena, &faults);
    as_rows(&rows, &faults, arena);
    break;
  case 1:
    rows = land_rows_csv(bytes, true, arena, &faults);
    as_rows(&rows, &faults, arena);
    break;
  case 2:
    rows = land_rows_csv(bytes, false, arena, &faults);
    as_rows(&rows, &faults, arena);
    break;
  default:
    as_wkt(wg_arena_text(arena, bytes), arena);
  }
  wg_arena_destroy(arena);
  return 0;
}
