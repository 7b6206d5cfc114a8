// The parcels of a village, or some of them, laid beside each other on its plane: overlaps, slivers, neighbours.
//
//   struct land_fabric *fabric = land_fabric_create();
//   for each parcel: land_fabric_add(fabric, …);
//   land_fabric_join(fabric);                // index (STRtree) and shared boundaries: n log n
//   land_fabric_pairs, _gaps, _neighbours …
//   land_fabric_destroy(fabric);
//
// Shapes and ids must live as long as the fabric. What it gives back lives in the arena it was given.
#pragma once

#include "services/land/survey/datum.h"

// What a parcel is to its neighbours.
enum land_feature { LAND_FEATURE_PARCEL, LAND_FEATURE_ROAD, LAND_FEATURE_DITCH, LAND_FEATURE_RIVER };
// Layers [LA_Level]. A homestead may lie on a yard; everything else keeps clear of everything else.
enum land_layer { LAND_LAYER_COLLECTIVE, LAND_LAYER_YARD, LAND_LAYER_HOMESTEAD };

struct land_piece {
  const char *id;
  const struct land_outline *plane; // checked (check.h): outer ring counter-clockwise
  enum land_feature feature;
  enum land_layer layer;
  bool fresh; // to be checked; pairs of two that are not were checked before
};

struct land_fabric;
struct land_fabric *land_fabric_create(void);
void land_fabric_destroy(struct land_fabric *fabric);                        // NULL is allowed
size_t land_fabric_add(struct land_fabric *fabric, struct land_piece piece); // its number, from 0
void land_fabric_join(struct land_fabric *fabric);

// Pairs with a fresh one that lie within 0.10 m of each other.
struct land_pair {
  size_t a, b;               // a < b
  double shared_a, shared_b; // m of a's boundary within 0.10 m of b's, and the other way round
  bool touching;             // they meet, if only in a point
  double overlap;            // m²
};
const struct land_pair *land_fabric_pairs(const struct land_fabric *fabric, size_t *count);
// land_pair_shared: length of the common boundary, the mean of both views, so that a sees b exactly when b sees a.
double land_pair_shared(const struct land_pair *pair);
// land_pair_excess: by how much (m²) an overlap is more than `base_m2` + `width_m` × shared length; <= 0: allowed.
double land_pair_excess(const struct land_fabric *fabric, const struct land_pair *pair, double base_m2, double width_m);
// land_pair_overlap gives the largest part of the overlap on the plane; NULL: none.
struct land_outline *land_pair_overlap(const struct land_fabric *fabric, const struct land_pair *pair,
                                       struct wg_arena *arena);

// Gaps: what is wholly surrounded by pieces and belongs to none, from 0.001 m², ascending by size. A sliver is one
// below 50 m² with a mean width (twice its area over its perimeter) below 0.5 m.
struct land_gap {
  struct land_outline *plane;
  double area, mean_width;
  bool sliver;
  size_t *around, around_count; // pieces that have some of its boundary
};
struct land_gap *land_fabric_gaps(const struct land_fabric *fabric, struct wg_arena *arena, size_t *count);

// Neighbours (四至) of land.md §2.7. Directions are of the outward normal of an edge.
enum land_side { LAND_SIDE_EAST, LAND_SIDE_SOUTH, LAND_SIDE_WEST, LAND_SIDE_NORTH };
enum land_beside {
  LAND_BESIDE_UNKNOWN,
  LAND_BESIDE_PARCEL,
  LAND_BESIDE_ROAD,
  LAND_BESIDE_DITCH,
  LAND_BESIDE_RIVER,
  LAND_BESIDE_VILLAGE_EDGE,
};
struct land_neighbour {
  enum land_side side;
  enum land_beside beside;
  size_t piece;  // SIZE_MAX: none (UNKNOWN, VILLAGE_EDGE)
  double length; // m of the own boundary
};
// land_fabric_neighbours lists them by direction, the longest first; other parcels with at least 1.0 m in all, and what
// an uncovered boundary of at least 1.0 m a direction looks at within 20 m: roads, ditches and rivers of the fabric,
// the territory's edge (NULL: not known), else UNKNOWN.
struct land_neighbour *land_fabric_neighbours(const struct land_fabric *fabric, size_t piece,
                                              const struct land_territory *territory, struct wg_arena *arena,
                                              size_t *count);
