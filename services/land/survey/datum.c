// See datum.h. GCJ-02: the formula that map makers publish (Krasovsky's ellipsoid, sums of sines); BD-09: Baidu's.
#include "services/land/survey/datum.h"

#include <math.h>

static double wave(double number) { // twice the first waves of both axes
  return 20 * sin(6 * number * M_PI) + 20 * sin(2 * number * M_PI);
}

struct land_point land_gcj02_from(struct land_point point) {
  const double axis = 6378245.0, eccentricity2 = 0.00669342162296594323;
  double x = point.x - 105, y = point.y - 35;
  double north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x));
  north += wave(x) * 2 / 3;
  north += (20 * sin(y * M_PI) + 40 * sin(y / 3 * M_PI)) * 2 / 3;
  north += (160 * sin(y / 12 * M_PI) + 320 * sin(y / 30 * M_PI)) * 2 / 3;
  double east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x));
  east += wave(x) * 2 / 3;
  east += (20 * sin(x * M_PI) + 40 * sin(x / 3 * M_PI)) * 2 / 3;
  east += (150 * sin(x / 12 * M_PI) + 300 * sin(x / 30 * M_PI)) * 2 / 3;
  double latitude = point.y / 180 * M_PI, root = 1 - eccentricity2 * sin(latitude) * sin(latitude);
  north = north * 180 / (axis * (1 - eccentricity2) / (root * sqrt(root)) * M_PI);
  east = east * 180 / (axis / sqrt(root) * cos(latitude) * M_PI);
  return (struct land_point){point.x + east, point.y + north};
}

// invert finds the point that `shift` moves to `shifted`: the shift changes slowly, each round gains three digits.
static struct land_point invert(struct land_point (*shift)(struct land_point), struct land_point shifted) {
  struct land_point point = shifted;
  for (int round = 0; round < 20; round++) {
    struct land_point moved = shift(point);
    double east = shifted.x - moved.x, north = shifted.y - moved.y;
    point.x += east;
    point.y += north;
    if (fabs(east) < 1e-11 && fabs(north) < 1e-11) break;
  }
  return point;
}

struct land_point land_gcj02_to_degrees(struct land_point shifted) {
  return invert(land_gcj02_from, shifted);
}

struct land_point land_bd09_from(struct land_point point) {
  const double turn = M_PI * 3000 / 180;
  struct land_point map = land_gcj02_from(point);
  double radius = hypot(map.x, map.y) + 0.00002 * sin(map.y * turn);
  double angle = atan2(map.y, map.x) + 0.000003 * cos(map.x * turn);
  return (struct land_point){radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006};
}

struct land_point land_bd09_to_degrees(struct land_point shifted) {
  return invert(land_bd09_from, shifted);
}

static struct land_point as_given(struct land_point point) {
  return point;
}

// fits: at least 95 % of the points lie in the territory when `convert` is what they need.
static bool fits(struct land_outline *const *degrees, size_t count, const struct land_territory *territory,
                 struct land_point (*convert)(struct land_point)) {
  size_t points = 0, inside = 0;
  for (size_t k = 0; k < count; k++)
    for (size_t i = 0; i + 1 < degrees[k]->ring[0].count; i++) {
      struct land_point point = convert(degrees[k]->ring[0].point[i]);
      points++;
      if (land_plane_from_degrees(land_territory_plane(territory), &point, 1) &&
          land_territory_inside(territory, point, LAND_TERRITORY_MARGIN))
        inside++;
    }
  return (double)inside >= 0.95 * (double)points;
}

enum land_datum land_datum_guess(struct land_outline *const *degrees, size_t count,
                                 const struct land_territory *territory) {
  if (fits(degrees, count, territory, as_given)) return LAND_DATUM_AS_GIVEN;
  if (fits(degrees, count, territory, land_gcj02_to_degrees)) return LAND_DATUM_GCJ02;
  if (fits(degrees, count, territory, land_bd09_to_degrees)) return LAND_DATUM_BD09;
  return LAND_DATUM_AS_GIVEN;
}
