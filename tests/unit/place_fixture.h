// A small net and what builds it, for the tests of services/routing/place.
//
//   370117 钢城区: 370117001 艾山街道: communities 370117001001 汶河社区 (west), 370117001002 友谊社区 (east)
//   Each community is a square of 0.01 degrees of two grids, 001 south and 002 north; in the middle of the south grid
//   of 汶河社区 a park is the dedicated grid 003. A second district 370116 莱芜区 lies 0.05 degrees further east, with
//   one street, one community and one grid.
#pragma once

#include "tests/unit/unit.h"

#include "services/routing/place/place.h"

#include <stdlib.h>

enum { FIXTURE_AREAS = 13 };
#define WEST 117.80
#define SOUTH 36.00

static inline const char *box(char *text, size_t size, double west, double south, double width, double height) {
  snprintf(text, size, "POLYGON((%.6f %.6f,%.6f %.6f,%.6f %.6f,%.6f %.6f,%.6f %.6f))", west, south, west + width, south,
           west + width, south + height, west, south + height, west, south);
  return text;
}

static inline void add_area(struct routing_net_builder *builder, enum routing_level level, const char *code,
                            const char *name, const char *boundary, enum routing_grid_kind kind) {
  struct wg_error error = {0};
  const struct routing_area area = {.code = code, .name = name, .boundary = boundary, .level = level, .kind = kind};
  if (routing_net_add(builder, &area, &error) != WG_OK) fail_msg("%s: %s", error.field, error.message);
}

static inline void add_box(struct routing_net_builder *builder, enum routing_level level, const char *code,
                           const char *name, double west, double south, double width, double height) {
  char text[300];
  add_area(builder, level, code, name, box(text, sizeof text, west, south, width, height), ROUTING_GRID_BASIC);
}

static inline struct routing_net *fixture_net(void) {
  struct routing_net_builder *builder = routing_net_builder_create();
  char text[300];
  // Grids first: the order does not matter.
  add_box(builder, ROUTING_LEVEL_GRID, "370117001001001", "第一网格(基础)", WEST, SOUTH, 0.01, 0.005);
  add_box(builder, ROUTING_LEVEL_GRID, "370117001001002", "第二网格(基础)", WEST, SOUTH + 0.005, 0.01, 0.005);
  add_area(builder, ROUTING_LEVEL_GRID, "370117001001003", "第三网格(专属)",
           box(text, sizeof text, WEST + 0.004, SOUTH + 0.002, 0.002, 0.001), ROUTING_GRID_DEDICATED);
  add_box(builder, ROUTING_LEVEL_GRID, "370117001002001", "第一网格(基础)", WEST + 0.01, SOUTH, 0.01, 0.005);
  add_box(builder, ROUTING_LEVEL_GRID, "370117001002002", "第二网格(基础)", WEST + 0.01, SOUTH + 0.005, 0.01, 0.005);
  add_box(builder, ROUTING_LEVEL_DISTRICT, "370117", "钢城区", WEST - 0.01, SOUTH - 0.01, 0.05, 0.05);
  add_box(builder, ROUTING_LEVEL_STREET, "370117001", "艾山街道办事处", WEST, SOUTH, 0.03, 0.03);
  add_box(builder, ROUTING_LEVEL_COMMUNITY, "370117001001", "汶河社区居民委员会", WEST, SOUTH, 0.01, 0.012);
  add_box(builder, ROUTING_LEVEL_COMMUNITY, "370117001002", "友谊社区居民委员会", WEST + 0.01, SOUTH, 0.01, 0.01);
  add_box(builder, ROUTING_LEVEL_DISTRICT, "370116", "莱芜区", WEST + 0.05, SOUTH, 0.01, 0.01);
  add_area(builder, ROUTING_LEVEL_STREET, "370116001", "凤城街道", NULL, ROUTING_GRID_BASIC);
  add_area(builder, ROUTING_LEVEL_COMMUNITY, "370116001001", "凤凰社区", NULL, ROUTING_GRID_BASIC);
  add_box(builder, ROUTING_LEVEL_GRID, "370116001001001", "第一网格(基础)", WEST + 0.05, SOUTH, 0.01, 0.01);
  return routing_net_seal(builder);
}

struct spot { // a place in short
  const char *place_id;
  enum routing_place_kind kind;
  const char *name, *code, *parent;
  const char *alias;
};

static inline wg_status add_spot(struct routing_gazetteer_builder *builder, struct spot spot, struct wg_error *error) {
  const struct routing_entry entry = {.place_id = spot.place_id,
                                      .kind = spot.kind,
                                      .name = spot.name,
                                      .code = spot.code,
                                      .parent = spot.parent,
                                      .aliases = &spot.alias,
                                      .alias_count = spot.alias ? 1 : 0};
  return routing_gazetteer_add(builder, &entry, error);
}

static inline void must_add(struct routing_gazetteer_builder *builder, struct spot spot) {
  struct wg_error error = {0};
  if (add_spot(builder, spot, &error) != WG_OK) fail_msg("%s: %s", error.field, error.message);
}
