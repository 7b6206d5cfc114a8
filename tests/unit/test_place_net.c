// The net: what is wrong with codes and boundaries is refused with a reason, and a point gets the one right grid,
// always the same one.
#include "tests/unit/place_fixture.h"

#include <math.h>

static wg_status add(struct routing_net_builder *builder, const char *code, const char *parent, const char *boundary,
                     struct wg_error *error) {
  const struct routing_area area = {
      .code = code, .name = "格", .parent = parent, .boundary = boundary, .level = ROUTING_LEVEL_GRID};
  *error = (struct wg_error){0};
  return routing_net_add(builder, &area, error);
}

static void codes_are_checked(void **state) {
  (void)state;
  struct routing_net_builder *builder = routing_net_builder_create();
  struct wg_error error;
  static const char *const bad[] = {NULL,
                                    "",
                                    "370117",
                                    "37011700100100",
                                    "3701170010010011",
                                    "37011700100100x",
                                    "３７０１１７００１００１００１",
                                    "070117001001001",
                                    "970117001001001",
                                    "-70117001001001",
                                    " 70117001001001"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(add(builder, bad[i], NULL, NULL, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, "code");
  }
  assert_int_equal(add(builder, "370117001001001", "370117001002", NULL, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "parent");
  assert_int_equal(add(builder, "370117001001001", "370117001", NULL, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(add(builder, "370117001001001", "370117001001", NULL, &error), WG_OK);
  assert_int_equal(add(builder, "370117001001001", NULL, NULL, &error), WG_ALREADY_EXISTS);
  const struct routing_area odd = {.code = "370117", .name = "\xff", .level = ROUTING_LEVEL_DISTRICT};
  assert_int_equal(routing_net_add(builder, &odd, &error), WG_INVALID_ARGUMENT);
  const struct routing_area level = {.code = "370117", .name = "", .level = (enum routing_level)9};
  assert_int_equal(routing_net_add(builder, &level, &error), WG_INVALID_ARGUMENT);
  routing_net_builder_destroy(builder);
}

static void bad_boundaries_are_refused_with_the_reason(void **state) {
  (void)state;
  static const struct {
    const char *wkt, *says;
  } bad[] = {
      {"POLYGON", "WKT POLYGON"},
      {"POINT(117 36)", "WKT POLYGON"},
      {"LINESTRING(117 36,118 37)", "WKT POLYGON"},
      {"GEOMETRYCOLLECTION(POLYGON((117 36,118 36,118 37,117 36)))", "WKT POLYGON"},
      {"POLYGON EMPTY", "WKT POLYGON"},
      {"POLYGON Z((117 36 1,118 36 1,118 37 1,117 36 1))", "WKT POLYGON"},
      {"POLYGON((117 36 1,118 36 1,118 37 1,117 36 1))", "two dimensions"},
      {"POLYGON((117 36,118 36,118 37", "ParseException"},
      {"POLYGON((117 36,118 36,118 37,117 36)) DROP TABLE", "goes on"},
      {"POLYGON((117 36,118 36,118 37,117 36)),((117 36,118 36,118 37,117 36))", "goes on"},
      {"POLYGON((117 36,118 36,118 37))", "closed"},
      {"POLYGON((117 36,118 36,118 37,117 37))", "closed"},
      {"POLYGON((117 36,118 36))", ""},
      {"POLYGON(())", ""},
      {"POLYGON((117 36,118 37,118 36,117 37,117 36))", "Self-intersection at (117.5 36.5)"},
      {"POLYGON((117 36,118 36,117.5 36,117 36))", ""},
      {"POLYGON((117 36,118 36,118 37,117 37,117 36),(119 38,120 38,120 39,119 38))", "Hole lies outside shell"},
      {"MULTIPOLYGON(((117 36,118 36,118 37,117 37,117 36)),((117 36,118 36,118 37,117 37,117 36)))", ""},
      {"POLYGON((36 117,36 118,37 118,37 117,36 117))", "axes swapped"},
      {"POLYGON((0 0,1 0,1 1,0 0))", "outside"},
      {"POLYGON((117 36,1e300 36,118 37,117 36))", ""},
      {"POLYGON((117 36,nan 36,118 37,117 36))", ""},
      {"POLYGON((117 36,inf 36,118 37,117 36))", ""},
      {"POLYGON((一 二,三 四))", ""},
      {"SRID=4326;POLYGON((117 36,118 36,118 37,117 36))", "4490"},
      {"SRID=4490", "4490"},
      {"\xff\xfe", "WKT POLYGON"},
      {" ", "WKT POLYGON"},
  };
  struct routing_net_builder *builder = routing_net_builder_create();
  struct wg_error error;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    if (add(builder, "370117001001001", NULL, bad[i].wkt, &error) != WG_INVALID_ARGUMENT)
      fail_msg("accepted: %s", bad[i].wkt);
    assert_string_equal(error.field, "370117001001001.boundary");
    if (!strstr(error.message, bad[i].says)) fail_msg("%s: %s", bad[i].wkt, error.message);
  }
  // Nothing of it stayed.
  assert_int_equal(add(builder, "370117001001001", NULL, "SRID=4490; polygon ((117 36,118 36,118 37,117 36))", &error),
                   WG_OK);
  struct routing_net *net = routing_net_seal(builder);
  assert_int_equal(routing_net_count(net, ROUTING_LEVEL_GRID), 1);
  routing_net_close(net);
}

static void limits_hold_before_anything_is_built(void **state) {
  (void)state;
  struct routing_net_builder *builder = routing_net_builder_create();
  struct wg_error error;
  char *wkt = malloc(ROUTING_BOUNDARY_BYTES + 2);
  const size_t size = (size_t)ROUTING_AREA_VERTICES * 8 + 64;
  size_t used = (size_t)snprintf(wkt, size, "POLYGON((");
  for (int i = 0; i < ROUTING_AREA_VERTICES + 1; i++)
    used += (size_t)snprintf(wkt + used, size - used, "%s9 9", i ? "," : "");
  assert_int_equal(add(builder, "370117001001001", NULL, wkt, &error), WG_RESOURCE_EXHAUSTED);
  memset(wkt, ' ', ROUTING_BOUNDARY_BYTES + 1);
  wkt[ROUTING_BOUNDARY_BYTES + 1] = '\0';
  assert_int_equal(add(builder, "370117001001001", NULL, wkt, &error), WG_RESOURCE_EXHAUSTED);
  free(wkt);
  char code[16];
  for (int i = 0; i < ROUTING_NET_AREAS; i++) {
    snprintf(code, sizeof code, "370117%09d", i);
    assert_int_equal(add(builder, code, NULL, NULL, &error), WG_OK);
  }
  assert_int_equal(add(builder, "370118001001001", NULL, NULL, &error), WG_RESOURCE_EXHAUSTED);
  struct routing_net *net = routing_net_seal(builder);
  assert_non_null(routing_net_find(net, "370117000000000"));
  assert_non_null(routing_net_find(net, "370117000199999"));
  assert_null(routing_net_find(net, "370117000200000"));
  size_t findings;
  routing_net_findings(net, &findings);
  assert_int_equal(findings, ROUTING_NET_AREAS); // none has its community
  routing_net_close(net);
}

static void areas_are_found_by_code(void **state) {
  (void)state;
  struct routing_net *net = fixture_net();
  assert_string_equal(routing_net_find(net, "370117001001003")->name, "第三网格(专属)");
  assert_string_equal(routing_net_find(net, "370117001001003")->parent, "370117001001");
  assert_string_equal(routing_net_find(net, "370117")->parent, "");
  static const char *const unknown[] = {
      "", "3", "370118", "37011700100100", "370117001001009", "37011700100100x", "3701170010010031", "000000"};
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
    assert_null(routing_net_find(net, unknown[i]));
  assert_string_equal(routing_net_above(net, "370117001001009", ROUTING_LEVEL_COMMUNITY)->code, "370117001001");
  assert_null(routing_net_above(net, "3701", ROUTING_LEVEL_DISTRICT));
  assert_int_equal(routing_net_count(net, ROUTING_LEVEL_GRID), 6);
  for (size_t i = 1; i < FIXTURE_AREAS; i++)
    assert_non_null(routing_net_area(net, i));
  assert_null(routing_net_area(net, FIXTURE_AREAS));
  size_t findings;
  routing_net_findings(net, &findings);
  assert_int_equal(findings, 0);
  routing_net_close(net);
}

static const char *grid_at(const struct routing_net *net, double lon, double lat) {
  struct routing_located located;
  if (!routing_net_locate(net, lon, lat, &located)) return "no point";
  return located.grid_count ? located.grids[0]->code : located.around ? located.around->code : "";
}

static void points_find_their_grid(void **state) {
  (void)state;
  struct routing_net *net = fixture_net();
  assert_string_equal(grid_at(net, WEST + 0.001, SOUTH + 0.001), "370117001001001");
  assert_string_equal(grid_at(net, WEST + 0.001, SOUTH + 0.006), "370117001001002");
  assert_string_equal(grid_at(net, WEST + 0.005, SOUTH + 0.0025), "370117001001003"); // the park in its basic grid
  assert_string_equal(grid_at(net, WEST + 0.005, SOUTH + 0.011), "370117001001");     // community, no grid
  assert_string_equal(grid_at(net, WEST + 0.025, SOUTH + 0.025), "370117001");
  assert_string_equal(grid_at(net, WEST - 0.005, SOUTH), "370117");
  assert_string_equal(grid_at(net, WEST + 0.055, SOUTH + 0.005), "370116001001001");
  assert_string_equal(grid_at(net, 120, 30), "");
  static const double bad[][2] = {{NAN, 36},     {117, NAN}, {INFINITY, 36}, {117, -INFINITY},
                                  {36.0, 117.8}, {0, 0},     {-117, 36}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_string_equal(grid_at(net, bad[i][0], bad[i][1]), "no point");
  routing_net_close(net);
}

static void points_on_edges_always_get_the_same_grid(void **state) {
  (void)state;
  struct routing_net *net = fixture_net();
  struct routing_located located;
  for (int round = 0; round < 3; round++) {
    assert_string_equal(grid_at(net, WEST + 0.002, SOUTH + 0.005), "370117001001001"); // edge of 001 and 002
    assert_true(routing_net_locate(net, WEST + 0.01, SOUTH + 0.005, &located));        // four grids meet
    assert_int_equal(located.grid_count, 4);
    assert_true(located.on_edge);
    assert_string_equal(located.grids[0]->code, "370117001001001");
    assert_string_equal(located.grids[3]->code, "370117001002002");
    assert_true(routing_net_locate(net, WEST + 0.004, SOUTH + 0.0025, &located)); // on the park's fence
    assert_string_equal(located.grids[0]->code, "370117001001003");
    assert_false(located.on_edge);
    assert_string_equal(grid_at(net, WEST, SOUTH), "370117001001001"); // outer corner
  }
  routing_net_close(net);
}

static void holes_and_parts_are_respected(void **state) {
  (void)state;
  struct routing_net_builder *builder = routing_net_builder_create();
  struct wg_error error;
  assert_int_equal(add(builder, "370117001001001", NULL,
                       "POLYGON((117 36,118 36,118 37,117 37,117 36),(117.4 36.4,117.6 36.4,117.6 36.6,117.4 36.6,"
                       "117.4 36.4))",
                       &error),
                   WG_OK);
  assert_int_equal(add(builder, "370117001001002", NULL,
                       "MULTIPOLYGON(((119 36,119.1 36,119.1 36.1,119 36.1,119 36)),((117.45 36.45,117.55 36.45,117.55 "
                       "36.55,117.45 36.55,117.45 36.45)))",
                       &error),
                   WG_OK);
  struct routing_net *net = routing_net_seal(builder);
  assert_string_equal(grid_at(net, 117.1, 36.1), "370117001001001");
  assert_string_equal(grid_at(net, 117.42, 36.42), ""); // in the hole
  assert_string_equal(grid_at(net, 117.5, 36.5), "370117001001002");
  assert_string_equal(grid_at(net, 119.05, 36.05), "370117001001002");
  assert_string_equal(grid_at(net, 117.4, 36.5), "370117001001001"); // on the edge of the hole
  routing_net_close(net);
}

static void of_many_grids_over_one_point_the_best_are_kept(void **state) {
  (void)state;
  struct routing_net_builder *builder = routing_net_builder_create();
  char text[300], code[16];
  for (int i = 0; i < 40; i++) { // basic ones that overlap, then dedicated ones inside each other, the smallest last
    snprintf(code, sizeof code, "370117001001%03d", 100 - i);
    const double half = 0.01 - 0.0002 * i;
    add_area(builder, ROUTING_LEVEL_GRID, code, "", box(text, sizeof text, 118 - half, 36 - half, 2 * half, 2 * half),
             i < 30 ? ROUTING_GRID_BASIC : ROUTING_GRID_DEDICATED);
  }
  struct routing_net *net = routing_net_seal(builder);
  struct routing_located located;
  assert_true(routing_net_locate(net, 118, 36, &located));
  assert_int_equal(located.grid_count, 40);
  assert_string_equal(located.grids[0]->code, "370117001001061");
  assert_string_equal(located.grids[3]->code, "370117001001064");
  routing_net_close(net);
}

static void an_empty_net_answers(void **state) {
  (void)state;
  struct routing_net *net = routing_net_seal(routing_net_builder_create());
  assert_null(routing_net_find(net, "370117"));
  assert_string_equal(grid_at(net, 117, 36), "");
  assert_null(routing_net_area(net, 0));
  routing_net_close(net);
  routing_net_close(NULL);
  routing_net_builder_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codes_are_checked),
      cmocka_unit_test(bad_boundaries_are_refused_with_the_reason),
      cmocka_unit_test(limits_hold_before_anything_is_built),
      cmocka_unit_test(areas_are_found_by_code),
      cmocka_unit_test(points_find_their_grid),
      cmocka_unit_test(points_on_edges_always_get_the_same_grid),
      cmocka_unit_test(holes_and_parts_are_respected),
      cmocka_unit_test(of_many_grids_over_one_point_the_best_are_kept),
      cmocka_unit_test(an_empty_net_answers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
