#include "services/land/survey/measure.h"

#include <geodesic.h>
#include <math.h>
#include <stdio.h>

static double ring_area(const struct geod_geodesic *ellipsoid, const struct land_ring *ring) {
  struct geod_polygon polygon;
  geod_polygon_init(&polygon, 0);
  for (size_t i = 0; i + 1 < ring->count; i++)
    geod_polygon_addpoint(ellipsoid, &polygon, ring->point[i].y, ring->point[i].x);
  double area = 0;
  geod_polygon_compute(ellipsoid, &polygon, 0, 1, &area, NULL);
  return fabs(area);
}

double land_area_m2(const struct land_outline *degrees) {
  struct geod_geodesic ellipsoid;
  geod_init(&ellipsoid, 6378137, 1 / 298.257222101);
  double area = ring_area(&ellipsoid, &degrees->ring[0]);
  for (size_t r = 1; r < degrees->count; r++)
    area -= ring_area(&ellipsoid, &degrees->ring[r]);
  return fmax(area, 0);
}

int64_t land_area_dm2(double square_metres) {
  return (int64_t)floor(square_metres * 100 + 0.5);
}

int64_t land_length_dm(double metres) {
  return (int64_t)floor(metres * 10 + 0.5);
}

// print_ratio writes number × multiplier / divisor with `decimals`, half up, without an overflow inside.
static char *print_ratio(int64_t number, int64_t multiplier, int64_t divisor, int decimals, char text[32]) {
  __int128 scaled = (__int128)number * multiplier;
  int64_t units = 1;
  for (int i = 0; i < decimals; i++)
    units *= 10;
  int64_t rounded = (int64_t)((scaled * units * 2 + divisor) / ((__int128)divisor * 2));
  snprintf(text, 32, "%lld.%0*lld", (long long)(rounded / units), decimals, (long long)(rounded % units));
  return text;
}

char *land_mu_text(int64_t area_dm2, char text[32]) {
  return print_ratio(area_dm2, 3, 200000, 2, text);
}

char *land_hectare_text(int64_t area_dm2, char text[32]) {
  return print_ratio(area_dm2, 1, 1000000, 4, text);
}

int64_t land_area_tolerance_dm2(int64_t area_dm2, int64_t perimeter_dm, int64_t permille, int64_t width_cm) {
  int64_t by_share = area_dm2 * permille / 1000, by_width = perimeter_dm * width_cm / 10; // dm × cm / 10 = dm²
  return by_share > by_width ? by_share : by_width;
}

static const struct land_unit_slip SLIPS[] = {
    {2000.0 / 3, "亩数填成了平方米", "mu were typed as square metres"},
    {10000, "公顷数填成了平方米", "hectares were typed as square metres"},
    {15, "公顷数填成了亩", "hectares were typed as mu"},
    {1.0 / 15, "亩数填成了公顷", "mu were typed as hectares"},
    {3.0 / 2000, "平方米数填成了亩", "square metres were typed as mu"},
    {1.0 / 10000, "平方米数填成了公顷", "square metres were typed as hectares"},
};

const struct land_unit_slip *land_unit_slip(int64_t declared_dm2, int64_t measured_dm2, int64_t tolerance_dm2) {
  double allowed = fmax((double)tolerance_dm2, 0.05 * (double)measured_dm2);
  for (size_t i = 0; i < sizeof SLIPS / sizeof *SLIPS; i++)
    if (fabs((double)declared_dm2 * SLIPS[i].factor - (double)measured_dm2) <= allowed) return &SLIPS[i];
  return NULL;
}
