// Building the net: checks of codes, parents and boundaries. See net.h.
#include "services/routing/place/net_internal.h"

#include "common/base/map.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct routing_net_builder {
  struct routing_net *net; // grows here
  size_t capacity, vertices;
  struct wg_map *codes;
  GEOSWKTReader *reader;
  char trouble[256]; // what GEOS said last
};

static void geos_said(const char *message, void *data) {
  struct routing_net_builder *builder = data;
  strncpy(builder->trouble, message, sizeof builder->trouble - 1);
}

struct routing_net_builder *routing_net_builder_create(void) {
  struct routing_net_builder *builder = wg_zalloc(sizeof *builder);
  builder->net = wg_zalloc(sizeof *builder->net);
  builder->net->arena = wg_arena_create(64 << 10);
  builder->codes = wg_map_create();
  GEOSContextHandle_t geos = builder->net->geos = GEOS_init_r();
  if (!geos || !(builder->reader = GEOSWKTReader_create_r(geos))) abort(); // memory ended
  GEOSContext_setErrorMessageHandler_r(geos, geos_said, builder);
  GEOSContext_setNoticeMessageHandler_r(geos, geos_said, builder);
  return builder;
}

void routing_net_builder_destroy(struct routing_net_builder *builder) {
  if (!builder) return;
  if (builder->net) {
    GEOSWKTReader_destroy_r(builder->net->geos, builder->reader);
    routing_net_close(builder->net);
  }
  wg_map_destroy(builder->codes);
  free(builder);
}

static wg_status bad_boundary(const char *code, struct wg_error *error, const char *what) {
  char field[64];
  snprintf(field, sizeof field, "%s.boundary", code);
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s", what);
}

// What can be told before GEOS reads it. *wkt moves behind the SRID.
static wg_status check_text(struct routing_net_builder *builder, const char *code, const char **wkt, size_t *vertices,
                            struct wg_error *error) {
  const char *text = *wkt;
  const size_t size = strnlen(text, ROUTING_BOUNDARY_BYTES + 1);
  if (size > ROUTING_BOUNDARY_BYTES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "boundary", "%s: longer than %d bytes", code, ROUTING_BOUNDARY_BYTES);
  if (strncasecmp(text, "SRID=", 5) == 0) {
    if (strncmp(text + 5, "4490;", 5) != 0)
      return bad_boundary(code, error, "must be in EPSG:4490 (CGCS2000, longitude and latitude in degrees)");
    text += 10;
  }
  const char *shape = text + strspn(text, " \t\r\n");
  const size_t word = strncasecmp(shape, "MULTIPOLYGON", 12) == 0 ? 12 : strncasecmp(shape, "POLYGON", 7) == 0 ? 7 : 0;
  const char *open = shape + word + strspn(shape + word, " \t\r\n");
  // Nothing else: collections nest, and GEOS reads them by recursion.
  if (!word || *open != '(')
    return bad_boundary(code, error, "must be a WKT POLYGON or MULTIPOLYGON of two dimensions");
  size_t points = 1, depth = 0;
  for (const char *at = open; *at; at++) {
    points += *at == ',';
    depth += *at == '(';
    if (*at != ')' || depth == 0 || --depth > 0) continue;
    // GEOS would not look behind the end.
    if (at[1 + strspn(at + 1, " \t\r\n")]) return bad_boundary(code, error, "goes on behind its last bracket");
  }
  if (points > ROUTING_AREA_VERTICES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "boundary", "%s: %zu points; at most %d", code, points,
                   ROUTING_AREA_VERTICES);
  if (builder->vertices + points > ROUTING_NET_VERTICES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "boundary", "%s: more than %d points in all boundaries", code,
                   ROUTING_NET_VERTICES);
  *wkt = shape;
  *vertices = points;
  return WG_OK;
}

static wg_status check_shape(struct routing_net_builder *builder, const char *code, const GEOSGeometry *shape,
                             struct wg_error *error) {
  GEOSContextHandle_t geos = builder->net->geos;
  if (GEOSisEmpty_r(geos, shape)) return bad_boundary(code, error, "has no point");
  if (GEOSHasZ_r(geos, shape)) return bad_boundary(code, error, "must have two dimensions: longitude and latitude");
  char *reason = NULL;
  GEOSGeometry *where = NULL;
  const char valid = GEOSisValidDetail_r(geos, shape, 0, &reason, &where);
  if (valid != 1) {
    double x = 0, y = 0;
    if (where && !GEOSisEmpty_r(geos, where)) GEOSGeomGetX_r(geos, where, &x), GEOSGeomGetY_r(geos, where, &y);
    char what[360];
    snprintf(what, sizeof what, "is not valid: %s at (%.7g %.7g)", reason ? reason : builder->trouble, x, y);
    if (reason) GEOSFree_r(geos, reason);
    if (where) GEOSGeom_destroy_r(geos, where);
    return bad_boundary(code, error, what);
  }
  double west = 0, south = 0, east = 0, north = 0;
  if (!GEOSGeom_getXMin_r(geos, shape, &west) || !GEOSGeom_getYMin_r(geos, shape, &south) ||
      !GEOSGeom_getXMax_r(geos, shape, &east) || !GEOSGeom_getYMax_r(geos, shape, &north))
    return bad_boundary(code, error, builder->trouble);
  if (routing_position_ok(west, south) && routing_position_ok(east, north)) return WG_OK;
  if (routing_position_ok(south, west) && routing_position_ok(north, east))
    return bad_boundary(code, error, "has its axes swapped: write the longitude first");
  return bad_boundary(code, error, "lies outside 73 to 136 degrees east, 3 to 54 degrees north");
}

static wg_status read_boundary(struct routing_net_builder *builder, const char *code, const char *wkt,
                               struct net_area *made, struct wg_error *error) {
  size_t vertices = 0;
  const wg_status status = check_text(builder, code, &wkt, &vertices, error);
  if (status != WG_OK) return status;
  GEOSContextHandle_t geos = builder->net->geos;
  *builder->trouble = '\0';
  GEOSGeometry *shape = GEOSWKTReader_read_r(geos, builder->reader, wkt);
  if (!shape) return bad_boundary(code, error, *builder->trouble ? builder->trouble : "cannot be read as WKT");
  if (check_shape(builder, code, shape, error) != WG_OK) goto fail;
  if (!GEOSArea_r(geos, shape, &made->size) || !(made->prepared = GEOSPrepare_r(geos, shape))) {
    bad_boundary(code, error, builder->trouble);
    goto fail;
  }
  made->shape = shape;
  builder->vertices += vertices;
  return WG_OK;
fail:
  GEOSGeom_destroy_r(geos, shape);
  return error->code;
}

static wg_status check_names(const struct routing_area *area, struct wg_error *error) {
  if (area->level < ROUTING_LEVEL_DISTRICT || area->level > ROUTING_LEVEL_GRID)
    return wg_fail(error, WG_INVALID_ARGUMENT, "level", "must be district, street, community or grid");
  const size_t digits = routing_code_digits[area->level];
  if (!area->code || !routing_code_key(area->code, strnlen(area->code, digits + 1)) || strlen(area->code) != digits)
    return wg_fail(error, WG_INVALID_ARGUMENT, "code", "must be %zu digits beginning with 1 to 8, is \"%.20s\"", digits,
                   area->code ? area->code : "");
  if (area->kind != ROUTING_GRID_BASIC && area->kind != ROUTING_GRID_DEDICATED)
    return wg_fail(error, WG_INVALID_ARGUMENT, "kind", "%s: must be basic or dedicated", area->code);
  if (area->parent && *area->parent) {
    const size_t prefix = area->level == ROUTING_LEVEL_DISTRICT ? 0 : routing_code_digits[area->level - 1];
    if (strlen(area->parent) != prefix || strncmp(area->parent, area->code, prefix) != 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, "parent", "%s: belongs to %.*s by its code, not to %.20s", area->code,
                     (int)prefix, area->code, area->parent);
  }
  return wg_text_check(area->name, ROUTING_NAME_BYTES, WG_TEXT_ONE_LINE, "name", error);
}

wg_status routing_net_add(struct routing_net_builder *builder, const struct routing_area *area,
                          struct wg_error *error) {
  const wg_status status = check_names(area, error);
  if (status != WG_OK) return status;
  struct routing_net *net = builder->net;
  if (wg_map_get(builder->codes, area->code))
    return wg_fail(error, WG_ALREADY_EXISTS, "code", "%s is in the net already", area->code);
  if (net->count == ROUTING_NET_AREAS)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "code", "more than %d areas in the net", ROUTING_NET_AREAS);
  struct net_area made = {.area = {.level = area->level, .kind = area->kind}};
  if (area->boundary && *area->boundary && read_boundary(builder, area->code, area->boundary, &made, error) != WG_OK)
    return error->code;
  made.key = routing_code_key(area->code, routing_code_digits[area->level]);
  made.area.code = wg_arena_strdup(net->arena, area->code);
  made.area.name = wg_arena_strdup(net->arena, area->name ? area->name : "");
  if (area->level == ROUTING_LEVEL_DISTRICT) made.area.parent = "";
  else
    made.area.parent = wg_arena_text(
        net->arena, (struct wg_bytes){(const uint8_t *)made.area.code, routing_code_digits[area->level - 1]});
  if (net->count == builder->capacity) {
    builder->capacity = builder->capacity ? builder->capacity * 2 : 64;
    net->areas = wg_realloc(net->areas, builder->capacity * sizeof *net->areas);
  }
  net->areas[net->count++] = made;
  net->by_level[area->level]++;
  wg_map_put(builder->codes, made.area.code, builder);
  return WG_OK;
}

static int by_key(const void *a, const void *b) {
  const uint64_t first = ((const struct net_area *)a)->key, second = ((const struct net_area *)b)->key;
  return first < second ? -1 : first > second;
}

static void look_for_orphans(struct routing_net *net) {
  net->findings = wg_arena_alloc(net->arena, (net->count + 1) * sizeof *net->findings);
  for (size_t i = 0; i < net->count; i++) {
    const struct routing_area *area = &net->areas[i].area;
    if (!*area->parent || routing_net_find(net, area->parent)) continue;
    const char *message =
        wg_arena_printf(net->arena, "%s belongs to %s, which is not in the net", area->code, area->parent);
    net->findings[net->finding_count++] = (struct routing_place_finding){area->code, message};
  }
}

struct routing_net *routing_net_seal(struct routing_net_builder *builder) {
  struct routing_net *net = builder->net;
  GEOSContextHandle_t geos = net->geos;
  if (net->count) qsort(net->areas, net->count, sizeof *net->areas, by_key);
  net->grids = GEOSSTRtree_create_r(geos, 8);
  net->around = GEOSSTRtree_create_r(geos, 8);
  if (!net->grids || !net->around) abort(); // memory ended
  for (size_t i = 0; i < net->count; i++) {
    struct net_area *area = &net->areas[i];
    if (!area->shape) continue;
    GEOSSTRtree_insert_r(geos, area->area.level == ROUTING_LEVEL_GRID ? net->grids : net->around, area->shape, area);
  }
  look_for_orphans(net);
  GEOSContext_setErrorMessageHandler_r(geos, NULL, NULL); // the builder ends here
  GEOSContext_setNoticeMessageHandler_r(geos, NULL, NULL);
  routing_net_wake(net);
  GEOSWKTReader_destroy_r(geos, builder->reader);
  builder->net = NULL;
  routing_net_builder_destroy(builder);
  return net;
}
