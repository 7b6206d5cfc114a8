// What net.c and net_build.c share.
#pragma once

#include "common/base/arena.h"
#include "services/routing/place/net.h"

#include <geos_c.h>

struct net_area {
  struct routing_area area;
  uint64_t key; // the code as a number; codes begin with 1 to 8, so numbers of different lengths never meet
  double size;  // of the boundary in square degrees, to tell the smaller from the larger
  GEOSGeometry *shape;
  const GEOSPreparedGeometry *prepared;
};

struct routing_net {
  struct net_area *areas; // by key
  size_t count;
  size_t by_level[ROUTING_LEVEL_GRID + 1];
  struct routing_place_finding *findings;
  size_t finding_count;
  struct wg_arena *arena;
  GEOSContextHandle_t geos;
  GEOSSTRtree *grids, *around; // items are struct net_area
};

// routing_net_wake builds what GEOS would build at the first question.
void routing_net_wake(struct routing_net *net);
