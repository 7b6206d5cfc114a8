// Parcels beside each other: overlaps, slivers and neighbours of drawn ones, and of 4,241 real ones, whose figures are
// known from an independent computation.
#include "tests/unit/parcels.h"

#include <math.h>
#include <stdlib.h>

static struct wg_arena *arena;

static int setup(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 20);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static size_t add(struct land_fabric *fabric, struct land_outline *shape) {
  return land_fabric_add(fabric, (struct land_piece){.id = "", .plane = shape, .fresh = true});
}

static void test_tolerance_of_overlaps(void **state) {
  (void)state;
  static const struct {
    double shift; // m by which the second field of 100 m reaches over the first
    bool allowed;
  } cases[] = {{-0.05, true}, {0, true}, {0.015, true}, {0.022, false}, {0.5, false}, {100, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct land_fabric *fabric = land_fabric_create();
    add(fabric, parcels_square(0, 0, 100, arena));
    add(fabric, parcels_square(100 - cases[i].shift, 0, 100, arena));
    land_fabric_join(fabric);
    size_t count;
    const struct land_pair *pairs = land_fabric_pairs(fabric, &count);
    assert_int_equal(count, 1);
    assert_true(fabs(pairs->overlap - fmax(cases[i].shift, 0) * 100) < 0.001);
    assert_int_equal(land_pair_excess(fabric, pairs, 0.01, 0.02) <= 0, cases[i].allowed);
    assert_int_equal(land_pair_overlap(fabric, pairs, arena) != NULL, cases[i].shift > 0);
    land_fabric_destroy(fabric);
  }
}

static void test_layers(void **state) {
  (void)state;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) {
      struct land_fabric *fabric = land_fabric_create();
      struct land_outline *shape = parcels_square(0, 0, 20, arena);
      land_fabric_add(fabric, (struct land_piece){"a", shape, LAND_FEATURE_PARCEL, (enum land_layer)a, true});
      land_fabric_add(fabric, (struct land_piece){"b", shape, LAND_FEATURE_PARCEL, (enum land_layer)b, false});
      land_fabric_join(fabric);
      size_t count;
      const struct land_pair *pairs = land_fabric_pairs(fabric, &count);
      assert_int_equal(count, 1);
      bool homestead_on_yard = a != b && a != LAND_LAYER_COLLECTIVE && b != LAND_LAYER_COLLECTIVE;
      assert_int_equal(land_pair_excess(fabric, pairs, 0.01, 0.02) <= 0, homestead_on_yard);
      land_fabric_destroy(fabric);
    }
}

// A lattice of quadrilaterals with moved corners shares its points; every few of them a quadrilateral is drawn anew.
static void test_shortcut_agrees_with_overlay(void **state) {
  (void)state;
  enum { WIDTH = 24 };
  struct land_point corner[WIDTH + 1][WIDTH + 1];
  srand(7);
  struct land_geo *geo = land_geo();
  for (int i = 0; i <= WIDTH; i++)
    for (int k = 0; k <= WIDTH; k++)
      corner[i][k] = (struct land_point){10 * i + (rand() % 4000) / 1000.0, 10 * k + (rand() % 4000) / 1000.0};
  struct land_fabric *fabric = land_fabric_create();
  struct land_outline *shapes[WIDTH * WIDTH];
  for (int i = 0; i < WIDTH; i++)
    for (int k = 0; k < WIDTH; k++) {
      struct land_outline *shape = parcels_square(0, 0, 1, arena);
      struct land_point points[] = {corner[i][k], corner[i + 1][k], corner[i + 1][k + 1], corner[i][k + 1],
                                    corner[i][k]};
      if (rand() % 4 == 0) {
        int moved = rand() % 4;
        points[moved].x += (rand() % 3 - 1) * 0.5;
        points[moved].y += (rand() % 3 - 1) * 0.001;
        points[4] = points[0];
      }
      memcpy(shape->ring[0].point, points, sizeof points);
      shapes[i * WIDTH + k] = shape;
      add(fabric, shape);
    }
  land_fabric_join(fabric);
  size_t count, overlapping = 0;
  const struct land_pair *pairs = land_fabric_pairs(fabric, &count);
  for (size_t i = 0; i < count; i++) {
    GEOSGeometry *a = land_polygon(geo, shapes[pairs[i].a]), *b = land_polygon(geo, shapes[pairs[i].b]);
    GEOSGeometry *common = GEOSIntersection_r(geo->geos, a, b);
    double area = -1;
    assert_int_equal(GEOSArea_r(geo->geos, common, &area), 1);
    if (fabs(area - pairs[i].overlap) > 1e-9) fail_msg("pair %zu: %.9f, overlay %.9f", i, pairs[i].overlap, area);
    if (area > 0.01) overlapping++;
    GEOSGeom_destroy_r(geo->geos, a);
    GEOSGeom_destroy_r(geo->geos, b);
    GEOSGeom_destroy_r(geo->geos, common);
  }
  assert_true(overlapping > 50 && count - overlapping > 1000);
  land_fabric_destroy(fabric);
}

static void test_gaps(void **state) {
  (void)state;
  // Three by three fields of 100 m; the middle one is narrower by 0.3 m on its east side for 100 m: 30 m² and a quarter
  // of a metre wide... and beside it one is left out altogether.
  struct land_fabric *fabric = land_fabric_create();
  for (int i = 0; i < 5; i++)
    for (int k = 0; k < 3; k++) {
      if (i == 3 && k == 1) continue;
      if (i == 1 && k == 1) add(fabric, parcels_shape("POLYGON((100 100,199.7 100,199.7 200,100 200,100 100))", arena));
      else add(fabric, parcels_square(100 * i, 100 * k, 100, arena));
    }
  land_fabric_join(fabric);
  size_t count;
  struct land_gap *gaps = land_fabric_gaps(fabric, arena, &count);
  assert_int_equal(count, 2);
  assert_true(fabs(gaps[0].area - 30) < 1e-6 && gaps[0].sliver && fabs(gaps[0].mean_width - 0.299) < 0.001);
  assert_true(fabs(gaps[1].area - 10000) < 1e-6 && !gaps[1].sliver);
  land_fabric_destroy(fabric);
}

static const struct land_neighbour *row(const struct land_neighbour *rows, size_t count, enum land_side side,
                                        enum land_beside beside, size_t piece) {
  for (size_t i = 0; i < count; i++)
    if (rows[i].side == side && rows[i].beside == beside && rows[i].piece == piece) return &rows[i];
  return NULL;
}

static void test_neighbours_of_a_field(void **state) {
  (void)state;
  struct land_plane *plane = parcels_plane(4527);
  // The field lies between two others in the east, a ditch right in the north, a road 8 m away in the south, and the
  // village's edge in the west; a fifth touches in a corner only.
  double x = 39385000, y = 4179000;
  struct land_fabric *fabric = land_fabric_create();
  size_t field = add(fabric, parcels_square(x, y, 100, arena));
  size_t one = add(fabric, parcels_square(x + 100.05, y, 60, arena)); // 5 cm away: beside it
  size_t two = add(fabric, parcels_square(x + 100, y + 60.08, 40, arena));
  size_t ditch = land_fabric_add(
      fabric, (struct land_piece){
                  .id = "ditch",
                  .plane = parcels_shape(wg_arena_printf(arena, "POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))", x, y + 100,
                                                         x + 100, y + 100, x + 100, y + 103, x, y + 103, x, y + 100),
                                         arena),
                  .feature = LAND_FEATURE_DITCH,
                  .fresh = true});
  size_t road = land_fabric_add(
      fabric, (struct land_piece){
                  .id = "road",
                  .plane = parcels_shape(wg_arena_printf(arena, "POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))", x, y - 12,
                                                         x + 50, y - 12, x + 50, y - 8, x, y - 8, x, y - 12),
                                         arena),
                  .feature = LAND_FEATURE_ROAD,
                  .fresh = true});
  size_t corner = add(fabric, parcels_square(x + 100, y - 30, 30, arena));
  land_fabric_join(fabric);
  struct land_outline *village = parcels_shape("POLYGON((0 0,1 0,1 1,0 1,0 0))", arena);
  struct land_point ends[] = {{x, y - 500}, {x + 900, y - 500}, {x + 900, y + 500}, {x, y + 500}, {x, y - 500}};
  memcpy(village->ring[0].point, ends, sizeof ends);
  assert_true(land_plane_to_degrees(plane, village->ring[0].point, 5));
  struct land_territory *territory = land_territory_create(land_outline_write(village, arena), plane);
  assert_non_null(territory);
  size_t count;
  struct land_neighbour *rows = land_fabric_neighbours(fabric, field, territory, arena, &count);
  const struct land_neighbour *found = row(rows, count, LAND_SIDE_EAST, LAND_BESIDE_PARCEL, one);
  assert_true(found && fabs(found->length - 60.08) < 0.1 && found == &rows[0]);
  found = row(rows, count, LAND_SIDE_EAST, LAND_BESIDE_PARCEL, two);
  assert_true(found && fabs(found->length - 39.92) < 0.2);
  found = row(rows, count, LAND_SIDE_NORTH, LAND_BESIDE_DITCH, ditch);
  assert_true(found && fabs(found->length - 100) < 0.01);
  found = row(rows, count, LAND_SIDE_SOUTH, LAND_BESIDE_ROAD, road);
  assert_true(found && fabs(found->length - 50) < 0.2);
  found = row(rows, count, LAND_SIDE_SOUTH, LAND_BESIDE_UNKNOWN, SIZE_MAX);
  assert_true(found && fabs(found->length - 50) < 0.2);
  found = row(rows, count, LAND_SIDE_WEST, LAND_BESIDE_VILLAGE_EDGE, SIZE_MAX);
  assert_true(found && fabs(found->length - 100) < 0.2);
  assert_int_equal(count, 6);
  for (size_t i = 0; i < count; i++)
    assert_true(rows[i].piece != corner);
  // and each of them sees the field
  for (size_t other = 0; other < 2; other++) {
    rows = land_fabric_neighbours(fabric, other ? two : one, territory, arena, &count);
    assert_non_null(row(rows, count, LAND_SIDE_WEST, LAND_BESIDE_PARCEL, field));
  }
  land_territory_destroy(territory);
  land_fabric_destroy(fabric);
}

// --- real parcels ---
// Differences from the figures that are known (GEOS 3.11.1 on an equal-area plane): touching pairs 8,465, there 8,462,
// since here coordinates are whole millimetres of Lambert-93, which brings three pairs of neighbours together that were
// less than a millimetre apart; the overlaps' areas differ with the plane by up to 10 % (slivers of a millimetre's
// width); AO0002 shares 208.3 m with ZE0012, there 116.6: here the boundary within 0.10 m of the other counts (land.md
// §2.7). Of the three edges between them two coincide to the last decimal, 105.6 + 10.8 = 116.4 m, which is what was
// counted there; the third, 91.6 m, runs within 1 cm of the other parcel and makes their overlap of 0.136 m². Four
// parcels (three below 1 m², one with a spike) are refused by the rules of the ledger and are laid out here all the
// same.
struct real {
  struct land_fabric *fabric;
  struct land_rows rows;
  struct land_drawing *drawing;
  size_t refused;
};

static struct real lay_out(void) {
  struct real real = {.rows = parcels_real(arena)}; // ends the test when they are not there
  real.fabric = land_fabric_create();
  struct land_plane *plane = parcels_plane(2154);
  real.drawing = wg_arena_alloc(arena, real.rows.count * sizeof *real.drawing);
  for (size_t i = 0; i < real.rows.count; i++) {
    struct land_faults faults = {.arena = arena};
    struct land_outline *given = land_outline_read(real.rows.row[i].wkt, arena, &faults);
    assert_non_null(given);
    assert_true(land_drawing_make(&real.drawing[i], given, NULL, plane, arena, &faults));
    if (!land_drawing_check(&real.drawing[i], plane, arena, &faults)) real.refused++;
    add(real.fabric, real.drawing[i].plane);
  }
  land_fabric_join(real.fabric);
  return real;
}

static size_t find(const struct real *real, const char *id) {
  for (size_t i = 0; i < real->rows.count; i++)
    if (strcmp(real->rows.row[i].id, id) == 0) return i;
  fail_msg("no parcel %s", id);
  return 0;
}

static void check_areas(const struct real *real) {
  double sum = 0, declared_sum = 0;
  size_t without = 0, flagged = 0, flat = 0;
  for (size_t i = 0; i < real->rows.count; i++) {
    double area = land_area_m2(real->drawing[i].degrees);
    const char *declared = land_row_get(&real->rows.row[i], (const char *const[]){"contenance", NULL});
    sum += area;
    if (!*declared) {
      without++;
      continue;
    }
    const double said = strtod(declared, NULL);
    declared_sum += said;
    double off = fabs(said - area);
    if (off > 0.01 * area) flat++;
    int64_t perimeter = land_length_dm(land_outline_length(real->drawing[i].plane));
    if (land_area_dm2(off) > land_area_tolerance_dm2(land_area_dm2(area), perimeter, 10, 20)) flagged++;
  }
  assert_int_equal(without, 1);
  assert_true(fabs(sum - 3836490.88) < 1);
  assert_true(fabs(declared_sum - 3829300) < 50);
  assert_in_range(flagged, 236, 242); // 239
  assert_in_range(flat, 2360, 2400);  // 2,388: a flat 1 % flags more than half
}

static void check_pairs(const struct real *real) {
  size_t count, touching = 0, sharing = 0, overlapping = 0;
  const struct land_pair *pairs = land_fabric_pairs(real->fabric, &count);
  for (size_t i = 0; i < count; i++) {
    if (pairs[i].touching) touching++;
    if (land_pair_shared(&pairs[i]) >= 1) sharing++;
    if (pairs[i].overlap > 0.001) overlapping++;
    assert_true(land_pair_excess(real->fabric, &pairs[i], 0.01, 0.02) <= 0);
  }
  assert_in_range(touching, 8458, 8470); // 8,462
  assert_in_range(sharing, 7650, 7658);  // 7,654
  assert_int_equal(overlapping, 3);
  size_t gaps;
  struct land_gap *gap = land_fabric_gaps(real->fabric, arena, &gaps);
  assert_int_equal(gaps, 2); // one below 1 m²
  assert_true(gap[0].area < 1 && gap[0].sliver && gap[1].area > 100);
}

static void check_neighbours(const struct real *real) {
  static const struct {
    const char *of, *is;
    enum land_side side;
    double length, within;
  } known[] = {
      {"91216000AC0257", "91216000AC0052", LAND_SIDE_EAST, 42.9, 0.5},
      {"91216000AC0257", "91216000AC0053", LAND_SIDE_EAST, 24.5, 0.5},
      {"91216000AC0257", "91216000AC0049", LAND_SIDE_WEST, 46.5, 0.5},
      {"91216000AC0257", "91216000AC0268", LAND_SIDE_WEST, 21.1, 0.5},
      {"91216000AC0257", "91216000AC0052", LAND_SIDE_NORTH, 4.6, 0.5},
      {"91216000AO0002", "91216000AO0003", LAND_SIDE_EAST, 199.7, 0.5},
      {"91216000AO0002", "91216000ZE0012", LAND_SIDE_SOUTH, 208.3, 0.5},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    size_t count;
    struct land_neighbour *rows = land_fabric_neighbours(real->fabric, find(real, known[i].of), NULL, arena, &count);
    const struct land_neighbour *found = row(rows, count, known[i].side, LAND_BESIDE_PARCEL, find(real, known[i].is));
    if (!found || fabs(found->length - known[i].length) > known[i].within)
      fail_msg("%s beside %s: %.1f m", known[i].is, known[i].of, found ? found->length : 0);
  }
  assert_true(fabs(land_area_m2(real->drawing[find(real, "91216000AC0257")].degrees) - 303.18) < 0.01);
}

// A lists B exactly when B lists A.
static void check_symmetry(const struct real *real) {
  size_t pieces = real->rows.count, listed = 0;
  uint8_t *lists = calloc(pieces * pieces / 8 + 1, 1);
  for (size_t i = 0; i < pieces; i++) {
    size_t count;
    struct land_neighbour *rows = land_fabric_neighbours(real->fabric, i, NULL, arena, &count);
    for (size_t k = 0; k < count; k++)
      if (rows[k].piece != SIZE_MAX) {
        size_t bit = i * pieces + rows[k].piece;
        lists[bit / 8] |= (uint8_t)(1 << bit % 8);
      }
  }
  for (size_t i = 0; i < pieces; i++)
    for (size_t k = 0; k < i; k++) {
      size_t there = i * pieces + k, back = k * pieces + i;
      bool a = lists[there / 8] >> there % 8 & 1, b = lists[back / 8] >> back % 8 & 1;
      if (a != b) fail_msg("%s and %s see each other from one side", real->rows.row[i].id, real->rows.row[k].id);
      if (a) listed++;
    }
  assert_in_range(listed, 7650, 7658);
  free(lists);
}

static void test_real_parcels(void **state) {
  (void)state;
  struct real real = lay_out();
  assert_int_equal(real.rows.count, 4241);
  assert_int_equal(real.refused, 4);
  check_areas(&real);
  check_pairs(&real);
  check_neighbours(&real);
  check_symmetry(&real);
  land_fabric_destroy(real.fabric);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tolerance_of_overlaps),        cmocka_unit_test(test_layers),
      cmocka_unit_test(test_shortcut_agrees_with_overlay), cmocka_unit_test(test_gaps),
      cmocka_unit_test(test_neighbours_of_a_field),        cmocka_unit_test(test_real_parcels),
  };
  return cmocka_run_group_tests_name("land_fabric", tests, setup, teardown);
}
