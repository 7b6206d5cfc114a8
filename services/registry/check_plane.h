// The map of a district in metres: boundaries read, checked and laid over each other (GEOS, re-entrant API).
//
// Longitude and latitude (CGCS2000) become metres east and north of the first point seen, with the ellipsoid's scale at
// its latitude. Within a district this is right to some tenths of a percent, and equal points stay equal, so that
// boundaries drawn along the same points fit without a gap.
//
// Tolerance: a piece of a gap or an overlap counts from 10 m² and from a mean width of 0.5 m (twice the area over the
// perimeter); what is less comes from rounded coordinates and points of one boundary in the middle of the other's edge.
#pragma once

#include "services/registry/check_survey.h"

#include <geos_c.h>

enum registry_shape_state {
  REGISTRY_SHAPE_UNREAD,
  REGISTRY_SHAPE_MISSING, // no boundary
  REGISTRY_SHAPE_INVALID, // cannot be read, crosses itself …
  REGISTRY_SHAPE_VALID,
};
struct registry_shape {
  const Wangge__V1__Record *record;
  enum registry_shape_state state;
  const char *problem;                  // INVALID: Chinese
  double problem_lon, problem_lat;      // INVALID: where; 0, 0: unknown
  GEOSGeometry *shape;                  // VALID, as are the following
  const GEOSPreparedGeometry *prepared; // made when first asked for
  double area;                          // m²
  double west, east, south, north;      // m
  bool gaps_seen, parts_seen;           // the caller's
};
struct registry_layer { // all shapes of one kind, in order of codes
  int kind;
  struct registry_shape *shape;
  size_t count;
};
struct registry_pieces { // of a gap or an overlap, those that count
  struct registry_piece {
    double area, lon, lat;
  } * piece;
  size_t count;
  double area;         // of all
  const char *failure; // GEOS could not do it; NULL: it could
};

void registry_plane_destroy(struct registry_plane *plane); // NULL is allowed
// registry_plane_layer gives the districts, streets, communities or grids of the survey.
struct registry_layer *registry_plane_layer(struct registry_survey *survey, int kind);
// registry_shape_read reads its boundary if that was not done; true: VALID.
bool registry_shape_read(struct registry_survey *survey, struct registry_shape *shape);
struct registry_shape *registry_shape_find(struct registry_survey *survey, int kind,
                                           const char *code); // not read; NULL
// registry_layer_range gives the shapes whose codes begin with `prefix`.
struct registry_shape *registry_layer_range(const struct registry_layer *layer, const char *prefix, size_t *count);

// Of valid shapes: what two have in common; what of one lies beyond the other; what of one is left by the others.
bool registry_shape_near(const struct registry_shape *a, const struct registry_shape *b); // their boxes meet
struct registry_pieces registry_shape_common(struct registry_survey *survey, const struct registry_shape *a,
                                             const struct registry_shape *b);
struct registry_pieces registry_shape_beyond(struct registry_survey *survey, const struct registry_shape *a,
                                             struct registry_shape *b);
struct registry_pieces registry_shape_left(struct registry_survey *survey, const struct registry_shape *whole,
                                           const struct registry_shape *parts, size_t count);
// registry_shape_distance gives the metres by which a point lies outside a valid shape; 0: inside.
double registry_shape_distance(struct registry_survey *survey, struct registry_shape *shape, double lon, double lat);

// registry_boundary gives the boundary of a record of these kinds; "": none.
const char *registry_boundary(const Wangge__V1__Record *record);
// registry_shape_problem says in Chinese why GEOS calls a shape invalid.
const char *registry_shape_problem(const char *reason);
