// Inside the fabric: fabric.c has the pieces and pairs, edges.c the lengths that boundaries share, beside.c the
// neighbours, gaps.c what lies between.
#pragma once

#include "services/land/survey/fabric.h"

#define FABRIC_NEAR_M 0.10  // a boundary counts as shared up to this distance
#define FABRIC_LEAST_M 1.0  // a neighbour has at least this much of it
#define FABRIC_SIGHT_M 20.0 // how far an uncovered boundary looks

struct woven {
  struct land_piece piece;
  struct land_box box;
  GEOSGeometry *polygon, *envelope; // polygon: made when first asked for, as is prepared
  const GEOSPreparedGeometry *prepared;
};
struct land_fabric {
  struct land_geo *geo;
  struct woven *pieces;
  size_t count, capacity;
  GEOSSTRtree *tree;
  struct land_pair *pairs;
  size_t pair_count, pair_capacity;
  size_t *reach, *reach_start; // pairs of piece i: reach[reach_start[i]] … reach[reach_start[i + 1] - 1]
};

const GEOSGeometry *fabric_polygon(const struct land_fabric *fabric, size_t piece);
// fabric_near gives the pieces whose boxes come within `margin` of the box, ascending; to be freed.
size_t *fabric_near(const struct land_fabric *fabric, struct land_box box, double margin, size_t *count);

// Parts of an edge, as shares of its length, in [0, 1]. They are collected, then merged.
struct fabric_span {
  double from, to;
};
struct fabric_spans {
  struct fabric_span *span;
  size_t count, capacity;
};
void fabric_add_span(struct fabric_spans *spans, double from, double to);
// fabric_cover adds the parts of the edge from p to q that lie within FABRIC_NEAR_M of a boundary.
void fabric_cover(struct fabric_spans *spans, struct land_point p, struct land_point q,
                  const struct land_outline *other);
void fabric_merge(struct fabric_spans *spans);           // sorted, without overlaps
double fabric_covered(const struct fabric_spans *spans); // of merged ones: share of the edge
// fabric_shared: metres of a boundary within FABRIC_NEAR_M of another.
double fabric_shared(const struct land_outline *shape, const struct land_outline *other);
// fabric_conform: true when two shapes without holes touch and certainly have nothing but boundary in common, because
// their boundaries meet in equal points only. False says nothing.
bool fabric_conform(const struct land_outline *a, const struct land_outline *b);
