// Shapes of parcels: golden points, every way in which coordinates are wrong with its code and place, areas, exact mu.
#include "tests/unit/parcels.h"

#include <math.h>
#include <stdlib.h>

static struct wg_arena *arena;

static int setup(void **state) {
  (void)state;
  arena = wg_arena_create(256 * 1024);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

// Taocheng's working plane; its golden points are of PROJ 9.1.1.
enum { PLANE = 4527 };

static void test_golden_points(void **state) {
  (void)state;
  static const struct {
    int epsg;
    double lon, lat, east, north;
  } points[] = {
      {4526, 115.70, 37.74, 38649846.3775, 4180000.4626},
      {4527, 115.70, 37.74, 39385413.3613, 4179435.3206},
      {4548, 115.70, 37.74, 385413.3613, 4179435.3206},
      {4527, 115.45, 37.74, 39363376.2178, 4179770.8621},
  };
  for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
    struct land_point point = {points[i].lon, points[i].lat};
    assert_true(land_plane_from_degrees(parcels_plane(points[i].epsg), &point, 1));
    assert_true(fabs(point.x - points[i].east) < 0.0001 && fabs(point.y - points[i].north) < 0.0001);
    assert_true(land_plane_to_degrees(parcels_plane(points[i].epsg), &point, 1));
    assert_true(fabs(point.x - points[i].lon) < 1e-10 && fabs(point.y - points[i].lat) < 1e-10);
  }
  struct land_plane *plane;
  struct wg_error error;
  assert_int_equal(land_plane(4490, &plane, &error), WG_INVALID_ARGUMENT); // no plane
  assert_int_equal(land_plane(1, &plane, &error), WG_INVALID_ARGUMENT);
}

static void test_gcj02_and_bd09(void **state) {
  (void)state;
  struct land_point point = {115.70, 37.74}, shifted = land_gcj02_from(point);
  assert_true(fabs(shifted.y - 37.7406960) < 5e-8 && fabs(shifted.x - 115.7059471) < 5e-8);
  for (int column = 0; column <= 7; column++)
    for (int row = 0; row < 8; row++) {
      const double lon = 115.4 + 0.07 * column, lat = 37.5 + 0.05 * row;
      point = (struct land_point){lon, lat};
      struct land_point back = land_gcj02_to_degrees(land_gcj02_from(point));
      assert_true(fabs(back.x - lon) < 1e-9 && fabs(back.y - lat) < 1e-9);
      back = land_bd09_to_degrees(land_bd09_from(point));
      assert_true(fabs(back.x - lon) < 1e-9 && fabs(back.y - lat) < 1e-9);
      assert_true(hypot(land_bd09_from(point).x - land_gcj02_from(point).x, 0) > 0.004);
    }
}

static void test_wkt_is_read_and_written_without_loss(void **state) {
  (void)state;
  const char *wkt = "POLYGON ((115.7 37.74,115.701234567 37.74,115.701 37.741000001,115.7 37.74),"
                    "(115.7005 37.7402,115.7006 37.7402,115.7006 37.7403,115.7005 37.7402))";
  assert_string_equal(land_outline_write(parcels_shape(wkt, arena), arena), wkt);
  assert_string_equal(land_outline_geojson(parcels_shape("POLYGON((1 2,3 4,5 6,1 2))", arena), arena),
                      "{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,4],[5,6],[1,2]]]}");
  assert_string_equal(land_outline_write(parcels_shape("multipolygon Z (((1 2 9,3 4 9,5 6 9,1 2 9)))", arena), arena),
                      "POLYGON ((1 2,3 4,5 6,1 2))");
}

static char *many_points(size_t count) {
  struct wg_buffer text = {0};
  wg_buffer_text(&text, "POLYGON ((0 0");
  for (size_t i = 0; i < count; i++)
    wg_buffer_printf(&text, ",%zu %zu", i + 1, i * i % 7);
  wg_buffer_text(&text, "))");
  char *copy = wg_arena_text(arena, (struct wg_bytes){text.data, text.size});
  wg_buffer_free(&text);
  return copy;
}

static void test_text_that_is_no_shape(void **state) {
  (void)state;
  const struct {
    const char *wkt, *code;
  } cases[] = {
      {"", "geometry.syntax"},
      {"POINT (1 2)", "geometry.syntax"},
      {"POLYGON EMPTY", "geometry.syntax"},
      {"POLYGON (1 2,3 4,5 6,1 2)", "geometry.syntax"},
      {"POLYGON ((1 2,3 4,5 6,1 2)", "geometry.syntax"},
      {"POLYGON ((1 2,3 4,5,1 2))", "geometry.syntax"},
      {"POLYGON ((1 2,3 4,5 6,1 2)) x", "geometry.syntax"},
      {"POLYGON ((1 2,3 nan,5 6,1 2))", "geometry.number"},
      {"POLYGON ((1 2,3 1e999,5 6,1 2))", "geometry.number"},
      {"MULTIPOLYGON (((1 2,3 4,5 6,1 2)),((1 2,3 4,5 6,1 2)))", "geometry.multipart"},
      {many_points(LAND_OUTLINE_POINTS), "geometry.too_many_points"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct land_faults faults = {.arena = arena, .pointer = "/parcels/3"};
    assert_null(land_outline_read(cases[i].wkt, arena, &faults));
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.fault[0].code, cases[i].code);
    assert_string_equal(faults.fault[0].pointer, "/parcels/3/geometry");
    assert_true(*faults.fault[0].zh && *faults.fault[0].en && faults.error);
  }
}

// A drawing of a ring in metres beside (39385000, 4179000).
static bool check(const char *ring, struct land_drawing *drawing, struct land_faults *faults) {
  struct land_outline *given = parcels_shape(wg_arena_printf(arena, "POLYGON (%s)", ring), arena);
  for (size_t r = 0; r < given->count; r++)
    for (size_t i = 0; i < given->ring[r].count; i++) {
      given->ring[r].point[i].x += 39385000;
      given->ring[r].point[i].y += 4179000;
    }
  struct land_plane *plane = parcels_plane(PLANE);
  *faults = (struct land_faults){.arena = arena, .pointer = "/parcels/0"};
  assert_true(land_drawing_make(drawing, given, plane, plane, arena, faults));
  return land_drawing_check(drawing, plane, arena, faults);
}

static void test_broken_rings_are_refused_with_the_place(void **state) {
  (void)state;
  static const struct {
    const char *ring, *code;
    double x, y; // where it is shown
  } cases[] = {
      {"(0 0,10 0,10 10,0 10,0 0.02)", "geometry.unclosed", 0, 0.02},
      {"(0 0,10 10,10 0,0 10,0 0)", "geometry.self_intersection", 5, 5},
      {"(0 0,10 0,5 5,10 10,0 10,5 5,0 0)", "geometry.self_intersection", 5, 5},
      {"(0 0,10 0,10 10,60 10.2,10 10.4,0 10.4,0 0)", "geometry.spike", 60, 10.2},
      {"(0 0,10 0,20 0,0 0)", "geometry.zero_area", 0, 0},
      {"(0 0,0.9 0,0.9 0.9,0 0.9,0 0)", "geometry.too_small", 0, 0},
      {"(0 0,20 0,20 20,0 20,0 0),(30 1,31 1,31 2,30 1)", "geometry.hole_outside", 30, 1},
      {"(0 0,20 0,20 20,0 20,0 0),(2 2,9 2,9 9,2 9,2 2),(3 3,5 3,5 5,3 5,3 3)", "geometry.holes", 3, 3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct land_drawing drawing;
    struct land_faults faults;
    assert_false(check(cases[i].ring, &drawing, &faults));
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.fault[0].code, cases[i].code);
    assert_non_null(faults.fault[0].geojson);
    struct land_point place;
    static const char begins[] = "{\"type\":\"Point\",\"coordinates\":[";
    assert_int_equal(strncmp(faults.fault[0].geojson, begins, strlen(begins)), 0);
    char *end = NULL;
    place.x = strtod(faults.fault[0].geojson + strlen(begins), &end);
    assert_int_equal(*end, ',');
    place.y = strtod(end + 1, &end);
    assert_string_equal(end, "]}");
    assert_true(land_plane_from_degrees(parcels_plane(PLANE), &place, 1));
    if (hypot(place.x - 39385000 - cases[i].x, place.y - 4179000 - cases[i].y) > 8)
      fail_msg("%s is shown at %.3f %.3f", cases[i].code, place.x - 39385000, place.y - 4179000);
  }
  struct land_drawing drawing;
  struct land_faults faults;
  assert_false(check("(0 0,5 5,0 0)", &drawing, &faults));
  assert_string_equal(faults.fault[0].code, "geometry.zero_area");
  assert_false(check("(0 0,0 0)", &drawing, &faults));
  assert_non_null(land_fault_find(&faults, "geometry.too_few_points"));
  assert_false(check("(0 0,0 0,0 0,0 0)", &drawing, &faults));
  assert_non_null(land_fault_find(&faults, "geometry.too_few_points"));
}

static void test_harmless_faults_are_mended_and_reported(void **state) {
  (void)state;
  struct land_drawing drawing;
  struct land_faults faults;
  assert_true(check("(0 0,10 0,10 10,0 10,0.004 0.005)", &drawing, &faults)); // 6 mm open
  assert_non_null(land_fault_find(&faults, "geometry.closed"));
  const struct land_ring *ring = &drawing.degrees->ring[0];
  assert_true(ring->point[0].x == ring->point[4].x && ring->point[0].y == ring->point[4].y);

  assert_true(check("(0 0,0 0,10 0,10 0,10 0,10 10,0 10,0 10,0 0,0 0)", &drawing, &faults));
  assert_non_null(land_fault_find(&faults, "geometry.duplicate_points"));
  assert_false(faults.error);
  assert_int_equal(drawing.degrees->ring[0].count, 5);
  assert_int_equal(drawing.plane->ring[0].count, 5);
  assert_true(fabs(land_outline_area(drawing.plane) - 100) < 0.01);

  assert_true(check("(0 0,0 10,10 10,10 0,0 0),(2 2,4 2,4 4,2 4,2 2)", &drawing, &faults)); // clockwise, hole the other
  assert_int_equal(faults.count, 0);
  assert_true(land_ring_area(&drawing.degrees->ring[0]) > 0 && land_ring_area(&drawing.degrees->ring[1]) < 0);
  assert_true(fabs(land_outline_area(drawing.plane) - 96) < 0.01);
}

static struct land_outline *around(double lon, double lat) { // about 90 m × 110 m
  return parcels_shape(wg_arena_printf(arena, "POLYGON ((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", lon, lat,
                                       lon + 0.001, lat, lon + 0.001, lat + 0.001, lon, lat + 0.001, lon, lat),
                       arena);
}

static struct land_outline *on_plane(struct land_outline *shape, int epsg, bool swapped, double east) {
  struct land_ring *ring = &shape->ring[0];
  if (epsg) assert_true(land_plane_from_degrees(parcels_plane(epsg), ring->point, ring->count));
  for (size_t i = 0; i < ring->count; i++) {
    struct land_point point = {ring->point[i].x + east, ring->point[i].y};
    ring->point[i] = swapped ? (struct land_point){point.y, point.x} : point;
  }
  return shape;
}

static const char VILLAGE[] = "POLYGON ((115.69 37.73,115.71 37.73,115.71 37.75,115.69 37.75,115.69 37.73))";

static void test_axes_zones_and_systems(void **state) {
  (void)state;
  struct land_territory *territory = land_territory_create(VILLAGE, parcels_plane(PLANE));
  const struct {
    struct land_outline *given;
    int declared;
    const char *code, *suggestion; // NULL: fine
  } cases[] = {
      {around(115.70, 37.74), 4490, NULL, NULL},
      {on_plane(around(115.70, 37.74), 0, true, 0), 4490, "axes.swapped", "115.7000000 37.7400000"},
      {around(15.70, 37.74), 4490, "crs.out_of_china", NULL},
      {on_plane(around(115.70, 37.74), 4527, false, 0), 4490, "crs.not_degrees", "EPSG:4527"},
      {on_plane(around(115.70, 37.74), 4527, false, 0), 4527, NULL, NULL},
      {on_plane(around(115.70, 37.74), 4527, true, 0), 4527, "axes.swapped", "39385413.361 4179435.321"},
      {on_plane(around(115.70, 37.74), 4548, true, 0), 4548, "axes.swapped", "385413.361 4179435.321"},
      {on_plane(around(115.70, 37.74), 4526, false, 0), 4527, "crs.zone", "EPSG:4526"},
      {on_plane(around(115.70, 37.74), 4498, false, 0), 4527, "crs.zone", "EPSG:4498"},
      {on_plane(around(115.70, 37.74), 4527, false, 0), 4548, "crs.zone", "EPSG:4527"},
      {on_plane(around(115.70, 37.74), 4548, false, 0), 4527, "crs.no_meridian", "EPSG:4548"},
      {on_plane(around(115.70, 37.74), 4547, false, 0), 4527, "crs.no_meridian", "EPSG:4547"},
      {around(115.70, 37.74), 4527, "crs.not_metres", "EPSG:4490"},
      {on_plane(around(115.70, 37.74), 4527, false, 5e6), 4527, "crs.zone", NULL},
      {around(115.70, 37.74), 2363, "crs.legacy", NULL},
      {around(115.70, 37.74), 2415, "crs.legacy", NULL},
      {around(115.70, 37.74), 3857, "crs.unknown", NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct land_faults faults = {.arena = arena, .pointer = "/parcels/0"};
    bool fine = land_axes_check(cases[i].given, land_system(cases[i].declared), territory, arena, &faults);
    if (fine != !cases[i].code) fail_msg("case %zu: %s", i, fine ? "taken" : faults.fault[0].code);
    if (fine) continue;
    assert_string_equal(faults.fault[0].code, cases[i].code);
    assert_true(*faults.fault[0].zh && *faults.fault[0].en);
    if (cases[i].suggestion) assert_string_equal(faults.fault[0].suggestion, cases[i].suggestion);
  }
  land_territory_destroy(territory);
}

static void test_wrong_datum_is_told_by_the_boundary(void **state) {
  (void)state;
  struct land_territory *territory = land_territory_create(VILLAGE, parcels_plane(PLANE));
  struct land_outline *fields[3][100];
  for (size_t i = 0; i < 100; i++) {
    const size_t row = i / 10, column = i % 10;
    double lon = 115.6905 + 0.0018 * (double)column, lat = 37.7305 + 0.0018 * (double)row;
    for (size_t d = 0; d < 3; d++) {
      fields[d][i] = around(lon, lat);
      for (size_t k = 0; d && k < fields[d][i]->ring[0].count; k++) {
        struct land_point *point = &fields[d][i]->ring[0].point[k];
        *point = d == 1 ? land_gcj02_from(*point) : land_bd09_from(*point);
      }
    }
  }
  assert_int_equal(land_datum_guess(fields[0], 100, territory), LAND_DATUM_AS_GIVEN);
  assert_int_equal(land_datum_guess(fields[1], 100, territory), LAND_DATUM_GCJ02);
  assert_int_equal(land_datum_guess(fields[2], 100, territory), LAND_DATUM_BD09);
  struct land_outline *elsewhere = around(115.9, 37.9); // outside whatever the datum: no datum is to blame
  assert_int_equal(land_datum_guess(&elsewhere, 1, territory), LAND_DATUM_AS_GIVEN);

  struct land_outline *inside = land_outline_on_plane(parcels_plane(PLANE), around(115.70, 37.74), arena);
  assert_true(land_territory_outside(territory, inside, arena).area == 0);
  struct land_outline *across = land_outline_on_plane(parcels_plane(PLANE), around(115.7095, 37.74), arena);
  struct land_outside outside = land_territory_outside(territory, across, arena);
  assert_true(outside.distance > 43 && outside.distance < 45 && outside.area > 4500 && outside.area < 4900);
  assert_non_null(outside.geojson);
  struct land_outline *margin = land_outline_on_plane(parcels_plane(PLANE), around(115.709005, 37.74), arena); // 0.44 m
  assert_true(land_territory_outside(territory, margin, arena).area == 0);
  land_territory_destroy(territory);
  assert_null(land_territory_create("", parcels_plane(PLANE)));
  assert_null(land_territory_create("POLYGON ((0 0))", parcels_plane(PLANE)));
}

static void test_areas_and_mu(void **state) {
  (void)state;
  char text[32];
  static const struct {
    int64_t dm2;
    const char *mu;
  } figures[] = {{18330000, "274.95"}, {13400000, "201.00"},
                 {3400000, "51.00"},   {1000000, "15.00"},
                 {0, "0.00"},          {333, "0.00"},
                 {334, "0.01"},        {1000, "0.02"},
                 {66667, "1.00"},      {INT64_MAX, "138350580552821.64"}};
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
    assert_string_equal(land_mu_text(figures[i].dm2, text), figures[i].mu);
  assert_string_equal(land_hectare_text(18330000, text), "18.3300");
  // The working plane shows more than there is: 232 to 490 ppm between 115.9 and 115.4° E.
  static const double longitudes[] = {115.4, 115.9};
  for (size_t i = 0; i < sizeof longitudes / sizeof *longitudes; i++) {
    const double lon = longitudes[i];
    struct land_outline *shape = around(lon, 37.74);
    double ratio = land_outline_area(land_outline_on_plane(parcels_plane(PLANE), shape, arena)) / land_area_m2(shape);
    double ppm = (ratio - 1) * 1e6, expected = lon < 115.5 ? 490 : 232;
    if (fabs(ppm - expected) > 15) fail_msg("%.1f ppm at %.1f", ppm, lon);
  }
  assert_int_equal(land_area_tolerance_dm2(100000, 1300, 10, 20), 2600);        // 1,000 m², 130 m: 26 m² of width
  assert_int_equal(land_area_tolerance_dm2(100000000, 40000, 10, 20), 1000000); // 100 ha: 1 ha
}

static void test_unit_slips(void **state) {
  (void)state;
  const int64_t measured = 10000000; // 100,000 m² = 150 mu = 10 ha
  static const struct {
    int64_t declared;
    double factor; // 0: none
  } cases[] = {
      {15000, 2000.0 / 3},         {1000, 10000}, {666667, 15}, {150000000, 1.0 / 15}, {6666666667, 3.0 / 2000},
      {100000000000, 1.0 / 10000}, {9000000, 0},  {20000000, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct land_unit_slip *slip = land_unit_slip(cases[i].declared, measured, 25000);
    if (cases[i].factor == 0) assert_null(slip);
    else if (!slip || fabs(slip->factor - cases[i].factor) > 1e-9) fail_msg("case %zu", i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden_points),
      cmocka_unit_test(test_gcj02_and_bd09),
      cmocka_unit_test(test_wkt_is_read_and_written_without_loss),
      cmocka_unit_test(test_text_that_is_no_shape),
      cmocka_unit_test(test_broken_rings_are_refused_with_the_place),
      cmocka_unit_test(test_harmless_faults_are_mended_and_reported),
      cmocka_unit_test(test_axes_zones_and_systems),
      cmocka_unit_test(test_wrong_datum_is_told_by_the_boundary),
      cmocka_unit_test(test_areas_and_mu),
      cmocka_unit_test(test_unit_slips),
  };
  return cmocka_run_group_tests_name("land_outline", tests, setup, teardown);
}
