// Parcels cut from one sheet share their points. Such a pair is told apart from one that may overlap by its corners
// alone, at a fraction of the cost of an overlay (fabric_internal.h).
#include "services/land/survey/fabric_internal.h"

#include <math.h>

#define TOUCH_M 0.0015 // coordinates are whole millimetres

static bool equal(struct land_point a, struct land_point b) {
  return a.x == b.x && a.y == b.y;
}

static double to_segment(struct land_point p, struct land_point a, struct land_point b) {
  double dx = b.x - a.x, dy = b.y - a.y, t = ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy);
  t = fmin(fmax(t, 0), 1);
  return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

static double cross(struct land_point o, struct land_point a, struct land_point b) {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

// inside_corner: direction o→p lies strictly between o→next and o→before, counter-clockwise: inside the ring there.
static bool inside_corner(struct land_point o, struct land_point before, struct land_point next, struct land_point p) {
  if (cross(o, next, before) >= 0) return cross(o, next, p) > 0 && cross(o, p, before) > 0; // up to 180°
  return !(cross(o, before, p) >= 0 && cross(o, p, next) >= 0);
}

struct corner {
  struct land_point before, at, next;
};

static struct corner corner(const struct land_ring *ring, size_t i) { // i: 0 … count - 2
  size_t corners = ring->count - 1;
  return (struct corner){ring->point[(i + corners - 1) % corners], ring->point[i], ring->point[i + 1]};
}

static bool corners_overlap(struct corner a, struct corner b) {
  struct land_point of_a[] = {a.before, a.next}, of_b[] = {b.before, b.next};
  for (int i = 0; i < 2; i++) {
    bool along_b = equal(of_a[i], b.before) || equal(of_a[i], b.next);
    bool along_a = equal(of_b[i], a.before) || equal(of_b[i], a.next);
    if (!along_b && inside_corner(b.at, b.before, b.next, of_a[i])) return true;
    if (!along_a && inside_corner(a.at, a.before, a.next, of_b[i])) return true;
  }
  return false;
}

// edges_conform: false when the edges p–q and a–b do anything but share corners or run along each other in opposite
// directions from end to end.
static bool edges_conform(struct land_point p, struct land_point q, struct land_point a, struct land_point b) {
  if (equal(p, b) && equal(q, a)) return true;
  if (equal(p, a) && equal(q, b)) return false; // both have the same side of it
  bool p_free = !equal(p, a) && !equal(p, b), q_free = !equal(q, a) && !equal(q, b);
  bool a_free = !equal(a, p) && !equal(a, q), b_free = !equal(b, p) && !equal(b, q);
  if ((p_free && to_segment(p, a, b) < TOUCH_M) || (q_free && to_segment(q, a, b) < TOUCH_M) ||
      (a_free && to_segment(a, p, q) < TOUCH_M) || (b_free && to_segment(b, p, q) < TOUCH_M))
    return false;
  return !p_free || !q_free || (cross(p, q, a) > 0) == (cross(p, q, b) > 0) ||
         (cross(a, b, p) > 0) == (cross(a, b, q) > 0);
}

static bool apart(struct land_point p, struct land_point q, struct land_box box) {
  return fmax(p.x, q.x) < box.west || fmin(p.x, q.x) > box.east || fmax(p.y, q.y) < box.south ||
         fmin(p.y, q.y) > box.north;
}

bool fabric_conform(const struct land_outline *first, const struct land_outline *second) {
  if (first->count > 1 || second->count > 1) return false;
  struct land_box a = land_outline_box(first), b = land_outline_box(second);
  struct land_box box = {fmax(a.west, b.west) - TOUCH_M, fmax(a.south, b.south) - TOUCH_M,
                         fmin(a.east, b.east) + TOUCH_M, fmin(a.north, b.north) + TOUCH_M};
  const struct land_ring *one = &first->ring[0], *other = &second->ring[0];
  bool touching = false;
  for (size_t i = 0; i + 1 < one->count; i++) {
    if (apart(one->point[i], one->point[i + 1], box)) continue;
    for (size_t k = 0; k + 1 < other->count; k++) {
      if (apart(other->point[k], other->point[k + 1], box)) continue;
      if (!edges_conform(one->point[i], one->point[i + 1], other->point[k], other->point[k + 1])) return false;
      if (!equal(one->point[i], other->point[k])) continue;
      if (corners_overlap(corner(one, i), corner(other, k))) return false;
      touching = true;
    }
  }
  return touching;
}
