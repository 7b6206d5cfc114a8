// Which parts of a boundary lie along another (fabric_internal.h).
#include "services/land/survey/fabric_internal.h"

#include <math.h>
#include <stdlib.h>

void fabric_add_span(struct fabric_spans *spans, double from, double to) {
  if (spans->count == spans->capacity) {
    spans->capacity = spans->capacity ? 2 * spans->capacity : 16;
    spans->span = wg_realloc(spans->span, spans->capacity * sizeof *spans->span);
  }
  spans->span[spans->count++] = (struct fabric_span){from, to};
}

// Where a line p + t·d, t in [0, 1], is within `radius` of a point: widens [from, to].
static void near_point(struct land_point p, struct land_point d, struct land_point centre, double radius, double *from,
                       double *to) {
  double x = p.x - centre.x, y = p.y - centre.y;
  double a = d.x * d.x + d.y * d.y, b = d.x * x + d.y * y, c = x * x + y * y - radius * radius;
  double root = b * b - a * c;
  if (root < 0) return;
  root = sqrt(root);
  double low = fmax((-b - root) / a, 0), high = fmin((-b + root) / a, 1);
  if (low > high) return;
  *from = fmin(*from, low);
  *to = fmax(*to, high);
}

// narrow keeps of [low, high] where offset + t·slope lies in [least, most].
static bool narrow(double offset, double slope, double least, double most, double *low, double *high) {
  if (fabs(slope) < 1e-12) return offset >= least && offset <= most;
  double first = (least - offset) / slope, second = (most - offset) / slope;
  *low = fmax(*low, fmin(first, second));
  *high = fmin(*high, fmax(first, second));
  return *low <= *high;
}

// The points within `radius` of a segment are a rectangle and two discs, a convex shape: a line crosses it once.
static void near_segment(struct fabric_spans *spans, struct land_point p, struct land_point q, struct land_point a,
                         struct land_point b) {
  const double radius = FABRIC_NEAR_M;
  struct land_point d = {q.x - p.x, q.y - p.y};
  double from = INFINITY, to = -INFINITY, low = 0, high = 1;
  near_point(p, d, a, radius, &from, &to);
  near_point(p, d, b, radius, &from, &to);
  double length = hypot(b.x - a.x, b.y - a.y);
  struct land_point u = {(b.x - a.x) / length, (b.y - a.y) / length};
  double along = (p.x - a.x) * u.x + (p.y - a.y) * u.y, across = (p.y - a.y) * u.x - (p.x - a.x) * u.y;
  if (narrow(along, d.x * u.x + d.y * u.y, 0, length, &low, &high) &&
      narrow(across, d.y * u.x - d.x * u.y, -radius, radius, &low, &high)) {
    from = fmin(from, low);
    to = fmax(to, high);
  }
  if (to > from) fabric_add_span(spans, from, to);
}

static bool apart(struct land_point p, struct land_point q, struct land_point a, struct land_point b, double margin) {
  return fmax(a.x, b.x) < fmin(p.x, q.x) - margin || fmin(a.x, b.x) > fmax(p.x, q.x) + margin ||
         fmax(a.y, b.y) < fmin(p.y, q.y) - margin || fmin(a.y, b.y) > fmax(p.y, q.y) + margin;
}

void fabric_cover(struct fabric_spans *spans, struct land_point p, struct land_point q,
                  const struct land_outline *other) {
  for (size_t r = 0; r < other->count; r++)
    for (size_t i = 1; i < other->ring[r].count; i++) {
      struct land_point a = other->ring[r].point[i - 1], b = other->ring[r].point[i];
      if (!apart(p, q, a, b, FABRIC_NEAR_M)) near_segment(spans, p, q, a, b);
    }
}

static int by_begin(const void *a, const void *b) {
  double x = ((const struct fabric_span *)a)->from, y = ((const struct fabric_span *)b)->from;
  return x < y ? -1 : x > y;
}

void fabric_merge(struct fabric_spans *spans) {
  if (spans->count < 2) return;
  qsort(spans->span, spans->count, sizeof *spans->span, by_begin);
  size_t last = 0;
  for (size_t i = 1; i < spans->count; i++) {
    if (spans->span[i].from > spans->span[last].to) spans->span[++last] = spans->span[i];
    else spans->span[last].to = fmax(spans->span[last].to, spans->span[i].to);
  }
  spans->count = last + 1;
}

double fabric_covered(const struct fabric_spans *spans) {
  double share = 0;
  for (size_t i = 0; i < spans->count; i++)
    share += spans->span[i].to - spans->span[i].from;
  return share;
}

double fabric_shared(const struct land_outline *shape, const struct land_outline *other) {
  struct fabric_spans spans = {0};
  struct land_box box = land_outline_box(other);
  double length = 0;
  for (size_t r = 0; r < shape->count; r++)
    for (size_t i = 1; i < shape->ring[r].count; i++) {
      struct land_point p = shape->ring[r].point[i - 1], q = shape->ring[r].point[i];
      if (apart(p, q, (struct land_point){box.west, box.south}, (struct land_point){box.east, box.north},
                FABRIC_NEAR_M))
        continue;
      spans.count = 0;
      fabric_cover(&spans, p, q, other);
      fabric_merge(&spans);
      length += fabric_covered(&spans) * hypot(q.x - p.x, q.y - p.y);
    }
  free(spans.span);
  return length;
}
