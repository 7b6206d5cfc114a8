// Boundary points (界址点) of a parcel (measure.h).
#include "services/land/survey/measure.h"

#include "services/land/survey/geo.h"

struct land_corner *land_corners(const struct land_outline *degrees, struct land_plane *plane, struct wg_arena *arena,
                                 size_t *count) {
  struct land_outline *metres = land_outline_on_plane(plane, degrees, arena);
  *count = 0;
  if (!metres) return NULL;
  const struct land_ring *ring = &metres->ring[0];
  size_t corners = ring->count - 1, first = 0;
  for (size_t i = 1; i < corners; i++) // farthest along the line from south-east to north-west
    if (ring->point[i].y - ring->point[i].x > ring->point[first].y - ring->point[first].x) first = i;
  struct land_corner *list = wg_arena_alloc(arena, corners * sizeof *list);
  for (size_t i = 0; i < corners; i++) { // the ring runs counter-clockwise
    size_t at = (first + corners - i) % corners;
    list[i] = (struct land_corner){degrees->ring[0].point[at], ring->point[at]};
  }
  *count = corners;
  return list;
}
