// The net (一张网) in memory: districts, streets, communities and grids, found by code or by a point.
//
// Built with a builder: add the areas in any order, then seal. A sealed net never changes; when reference data change
// a new one is built and swapped in whole. Codes are those of statistics plus three digits for the grid
// (CJ/T 213: 370117 district, 370117001 street, 370117001003 community, 370117001003008 grid), so each code begins
// with the code of what it belongs to.
//
// Boundaries are WKT, POLYGON or MULTIPOLYGON, longitude first, CGCS2000 geographic (EPSG:4490); "SRID=4490;" may stand
// in front. They must be valid in the sense of the OGC: closed rings, no self-intersection.
//
// Threads: GEOS keeps its indexes inside, so a net is asked by one thread at a time.
#pragma once

#include "common/base/status.h"
#include "services/routing/departments.h"

#include <stddef.h>

enum {
  ROUTING_NET_AREAS = 200000,       // of all levels
  ROUTING_AREA_VERTICES = 50000,    // of one boundary
  ROUTING_NET_VERTICES = 4000000,   // of all boundaries
  ROUTING_BOUNDARY_BYTES = 4 << 20, // of one WKT text
  ROUTING_NAME_BYTES = 300,         // of one name
};

enum routing_grid_kind {
  ROUTING_GRID_BASIC,     // 基础网格
  ROUTING_GRID_DEDICATED, // 专属网格: office, park, market; wins over the basic grid around it
};

struct routing_area {
  const char *code;   // 6, 9, 12 or 15 digits by level
  const char *name;   // for people; "" allowed
  const char *parent; // NULL or "": taken from the code; otherwise it must agree with it
  const char *boundary;
  enum routing_level level;
  enum routing_grid_kind kind; // of a grid
};

// What is wrong with reference data that can be used all the same.
struct routing_place_finding {
  const char *code; // of the area or place it is about
  const char *message;
};

struct routing_net;
struct routing_net_builder;

struct routing_net_builder *routing_net_builder_create(void);
void routing_net_builder_destroy(struct routing_net_builder *builder); // NULL is allowed
// routing_net_add copies an area. Refused and not added, with the field named: INVALID_ARGUMENT (code, parent, name,
// boundary; GEOS's reason and the point at fault are in the message), ALREADY_EXISTS (code), RESOURCE_EXHAUSTED (a
// limit above). A caller that wants the grid without its bad boundary adds it again without.
wg_status routing_net_add(struct routing_net_builder *builder, const struct routing_area *area, struct wg_error *error);
// routing_net_seal ends the builder and gives the net. An area whose parent is missing stays, as a finding.
struct routing_net *routing_net_seal(struct routing_net_builder *builder);
void routing_net_close(struct routing_net *net); // NULL is allowed

// routing_net_find: the area of a code of any level, or NULL. `boundary` of what it gives is NULL.
const struct routing_area *routing_net_find(const struct routing_net *net, const char *code);
// routing_net_above: the area of `level` that a code of the net lies in, itself included; NULL: not in the net.
const struct routing_area *routing_net_above(const struct routing_net *net, const char *code, enum routing_level level);
// routing_net_common: the smallest area of the net that both codes lie in, or NULL. For a road of several grids, too.
const struct routing_area *routing_net_common(const struct routing_net *net, const char *a, const char *b);
size_t routing_net_count(const struct routing_net *net, enum routing_level level);
// routing_net_area: the areas in the order of their codes; NULL behind the last.
const struct routing_area *routing_net_area(const struct routing_net *net, size_t index);
const struct routing_place_finding *routing_net_findings(const struct routing_net *net, size_t *count);

enum { ROUTING_LOCATED = 4 };
struct routing_located {
  // Grids that cover the point, best first: dedicated before basic, of dedicated ones the smaller, then by code. So a
  // point on a shared edge always gets the same answer.
  const struct routing_area *grids[ROUTING_LOCATED];
  size_t grid_count; // may exceed ROUTING_LOCATED; then the rest is left out
  bool on_edge;      // several basic grids cover it: it lies on their common edge, or they overlap
  // The smallest other area with a boundary that covers the point; looked for only when no grid does. NULL: none.
  const struct routing_area *around;
};
// routing_net_locate: false when the point is no point of China (not finite, or outside 73..136 east, 3..54 north).
bool routing_net_locate(const struct routing_net *net, double lon, double lat, struct routing_located *located);
// The digits of a code of each level, and the number of a code of so many digits; 0 when it is none.
extern const size_t routing_code_digits[ROUTING_LEVEL_GRID + 1];
uint64_t routing_code_key(const char *code, size_t digits);
// routing_position_ok is that test alone.
bool routing_position_ok(double lon, double lat);
