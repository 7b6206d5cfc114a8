// See geometry.h.
#include "services/registry/geometry.h"

#include "services/registry/check_plane.h"

#include <geos_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct registry_geometry {
  GEOSContextHandle_t context;
  GEOSWKTReader *reader;
  GEOSWKBWriter *writer;
  char message[200]; // of the last failure
};

static void keep_message(const char *message, void *context) {
  struct registry_geometry *geometry = context;
  snprintf(geometry->message, sizeof geometry->message, "%s", message);
}

struct registry_geometry *registry_geometry_create(void) {
  struct registry_geometry *geometry = wg_zalloc(sizeof *geometry);
  geometry->context = GEOS_init_r();
  GEOSContext_setErrorMessageHandler_r(geometry->context, keep_message, geometry);
  geometry->reader = GEOSWKTReader_create_r(geometry->context);
  geometry->writer = GEOSWKBWriter_create_r(geometry->context);
  return geometry;
}

void registry_geometry_destroy(struct registry_geometry *geometry) {
  if (!geometry) return;
  GEOSWKTReader_destroy_r(geometry->context, geometry->reader);
  GEOSWKBWriter_destroy_r(geometry->context, geometry->writer);
  GEOS_finish_r(geometry->context);
  free(geometry);
}

static struct wg_bytes to_wkb(const struct registry_geometry *geometry, const GEOSGeometry *shape,
                              struct wg_arena *arena) {
  size_t size = 0;
  unsigned char *bytes = GEOSWKBWriter_write_r(geometry->context, geometry->writer, shape, &size);
  if (!bytes) return (struct wg_bytes){0};
  uint8_t *copy = wg_arena_alloc(arena, size);
  memcpy(copy, bytes, size);
  GEOSFree_r(geometry->context, bytes);
  return (struct wg_bytes){copy, size};
}

// say_where sets the finding's position to the point at which the shape is not valid.
static void say_where(const struct registry_geometry *geometry, GEOSGeometry *where, Wangge__V1__Finding *finding,
                      struct wg_arena *arena) {
  double lon = 0, lat = 0;
  if (!where || GEOSGeomGetX_r(geometry->context, where, &lon) != 1 ||
      GEOSGeomGetY_r(geometry->context, where, &lat) != 1)
    return;
  finding->position = wg_arena_alloc(arena, sizeof *finding->position);
  wangge__v1__position__init(finding->position);
  finding->position->lon = lon;
  finding->position->lat = lat;
}

static void check_shape(const struct registry_geometry *geometry, const GEOSGeometry *shape,
                        const struct registry_change *change, const struct wg_column *column, struct wg_arena *arena,
                        struct wg_findings *findings) {
  char *reason = NULL;
  GEOSGeometry *where = NULL;
  const char valid = GEOSisValidDetail_r(geometry->context, shape, 0, &reason, &where);
  if (valid != 1) {
    char code[96];
    snprintf(code, sizeof code, "%s_invalid", column->field);
    Wangge__V1__Finding *finding = wg_finding_add(findings, WANGGE__V1__SEVERITY__SEVERITY_ERROR, change->record, code,
                                                  column->field, "%s的图形不成立（%s）；请重新描绘", column->label,
                                                  registry_shape_problem(reason ? reason : geometry->message));
    say_where(geometry, where, finding, arena);
  }
  GEOSFree_r(geometry->context, reason);
  GEOSGeom_destroy_r(geometry->context, where);
}

static void read_boundary(struct registry_geometry *geometry, struct registry_change *change,
                          const struct wg_column *column, const char *text, struct wg_arena *arena,
                          struct wg_findings *findings) {
  GEOSGeometry *shape = GEOSWKTReader_read_r(geometry->context, geometry->reader, text);
  if (!shape) {
    char code[96];
    snprintf(code, sizeof code, "%s_invalid", column->field);
    wg_finding_add(findings, WANGGE__V1__SEVERITY__SEVERITY_ERROR, change->record, code, column->field,
                   "%s不是可读的WKT图形（%s）", column->label, registry_shape_problem(geometry->message));
    return;
  }
  check_shape(geometry, shape, change, column, arena, findings);
  change->wkb = to_wkb(geometry, shape, arena);
  GEOSGeom_destroy_r(geometry->context, shape);
}

// number gives a double field of the body; 0 when the kind has none of this name.
static double number(const Wangge__V1__Record *record, const struct wg_kind *kind, const char *field) {
  const ProtobufCFieldDescriptor *found = protobuf_c_message_descriptor_get_field_by_name(kind->type, field);
  if (!found || found->type != PROTOBUF_C_TYPE_DOUBLE) return 0;
  double value = 0;
  memcpy(&value, (const char *)wg_record_body(record) + found->offset, sizeof value);
  return value;
}

void registry_geometry_read(struct registry_geometry *geometry, struct registry_change *change, struct wg_arena *arena,
                            struct wg_findings *findings) {
  for (size_t i = 0; i < change->kind->column_count; i++) {
    const struct wg_column *column = &change->kind->columns[i];
    char *const *values = NULL;
    if (column->type != WG_COLUMN_WKT || !wg_record_texts(change->record, column, &values)) continue;
    read_boundary(geometry, change, column, values[0], arena, findings);
    return;
  }
  const double lon = number(change->record, change->kind, "lon"), lat = number(change->record, change->kind, "lat");
  if (lon == 0 && lat == 0) return;
  GEOSGeometry *point = GEOSGeom_createPointFromXY_r(geometry->context, lon, lat);
  if (!point) return;
  change->wkb = to_wkb(geometry, point, arena);
  GEOSGeom_destroy_r(geometry->context, point);
}
