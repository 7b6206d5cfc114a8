// The map of the net: gaps, overlaps, pieces outside, each where it is and how large; what is below the tolerance and
// what is allowed says nothing.
#include "tests/unit/registry_fixture.h"

#include <math.h>
#include <stdlib.h>

#define GRID_HEADER "code,district,name,kind,boundary,households,households_reason,aliases\n"
// One unit square at 36.1 north is 90.1 m by 111.0 m.
#define UNIT_AREA 9999.0

static void put_grid(const char *code, const char *kind, const char *boundary) {
  put("grid", GRID_HEADER "%s,370117,试验网格,%s,%s,350,,\n", code, kind, boundary);
}

static void at(const Wangge__V1__Finding *finding, double west, double south, double east, double north) {
  assert_non_null(finding->position);
  const double x = (finding->position->lon - 117.8) * 1000, y = (finding->position->lat - 36.1) * 1000;
  assert_true(x > west && x < east && y > south && y < north);
}

// area_of reads the number before 平方米.
static double area_of(const Wangge__V1__Finding *finding) {
  const char *end = strstr(finding->message, "平方米"), *at = end;
  assert_non_null(end);
  while (at > finding->message && ((at[-1] >= '0' && at[-1] <= '9')))
    at--;
  assert_ptr_not_equal(at, end);
  return strtod(at, NULL);
}

static void near(double area, double units) {
  assert_true(fabs(area - units * UNIT_AREA) < 0.01 * units * UNIT_AREA);
}

static void nothing_is_wrong_with_the_fixture(void **state) {
  (void)state;
  clean("net"); // the dedicated grid lies inside a basic one
}

static void a_gap_is_located(void **state) {
  (void)state;
  put_grid(RIGHT, "basic", box(11, 0, 20, 10));
  const Wangge__V1__Finding *finding = found("net", 'E', "net.gap", COMMUNITY, "不属于任何网格");
  at(finding, 10, 0, 11, 10);
  near(area_of(finding), 10);
  assert_string_equal(finding->kind, "community");
  assert_string_equal(finding->field, "boundary");
  assert_non_null(strstr(finding->rule, "不留盲区"));
  assert_int_equal(fixture.findings.count, 1);
}

static void two_gaps_are_two_findings(void **state) {
  (void)state;
  put_grid(RIGHT, "basic", box(11, 0, 19, 10));
  run("net");
  assert_int_equal(count_found("net.gap"), 2);
}

static void an_overlap_is_located(void **state) {
  (void)state;
  put_grid(RIGHT, "basic", box(8, 0, 20, 10));
  const Wangge__V1__Finding *finding = found("net", 'E', "net.overlap", LEFT, RIGHT);
  at(finding, 8, 0, 10, 10);
  near(area_of(finding), 20);
  assert_int_equal(fixture.findings.count, 1);
}

static void dedicated_grids_do_not_overlap_each_other(void **state) {
  (void)state;
  put_grid("370117001001004", "dedicated", box(14, 4, 17, 7));
  run("net");
  assert_int_equal(count_found("net.overlap"), 1);
  put_grid("370117001001004", "dedicated", box(15, 5, 17, 7)); // they touch in a corner
  run("net");
  assert_int_equal(count_found("net.overlap"), 0);
}

static void a_piece_outside_is_located(void **state) {
  (void)state;
  put_grid(LEFT, "basic", box(-3, 0, 10, 10));
  const Wangge__V1__Finding *finding = found("net", 'E', "net.outside", LEFT, COMMUNITY);
  at(finding, -3, 0, 0, 10);
  near(area_of(finding), 30);
}

static void slivers_say_nothing(void **state) {
  (void)state;
  // 0.2 m wide, 1,100 m long: 240 m², but only rounding; and a corner of 4 m².
  put_grid(RIGHT, "basic", box(10.0022, 0, 20, 10));
  clean("net");
  put_grid(RIGHT, "basic", box(9.9978, 0, 20, 10));
  clean("net");
  put_grid(LEFT, "basic",
           "\"POLYGON((117.8 36.1, 117.81 36.1, 117.81 36.11, 117.800025 36.11, 117.8 36.109982, 117.8 36.1))\"");
  clean("net");
}

static void just_above_the_tolerance_counts(void **state) {
  (void)state;
  put_grid(RIGHT, "basic", box(10.0075, 0, 20, 10)); // 0.67 m
  found("net", 'E', "net.gap", COMMUNITY, "缝隙");
}

static void a_hole_is_a_gap(void **state) {
  (void)state;
  put_grid(LEFT, "basic",
           "\"POLYGON((117.8 36.1, 117.81 36.1, 117.81 36.11, 117.8 36.11, 117.8 36.1), "
           "(117.803 36.103, 117.803 36.105, 117.805 36.105, 117.805 36.103, 117.803 36.103))\"");
  const Wangge__V1__Finding *finding = found("net", 'E', "net.gap", COMMUNITY, "平方米");
  at(finding, 3, 3, 5, 5);
  near(area_of(finding), 4);
  // A grid of its own in the hole fills it.
  put_grid("370117001001004", "basic", box(3, 3, 5, 5));
  run("net");
  assert_int_equal(count_found("net.gap") + count_found("net.overlap"), 0);
}

static void a_grid_of_two_parts(void **state) {
  (void)state;
  // The left grid has the outer stripes, the right one the rest.
  put_grid(LEFT, "basic",
           "\"MULTIPOLYGON(((117.8 36.1, 117.805 36.1, 117.805 36.11, 117.8 36.11, 117.8 36.1)), "
           "((117.815 36.1, 117.82 36.1, 117.82 36.11, 117.815 36.11, 117.815 36.1)))\"");
  put_grid(RIGHT, "basic", box(5, 0, 15, 10));
  clean("net");
  put_grid(RIGHT, "basic", box(4, 0, 16, 10));
  run("net");
  assert_int_equal(count_found("net.overlap"), 2);
}

static void a_boundary_that_crosses_itself(void **state) {
  (void)state;
  put_grid(LEFT, "basic", "\"POLYGON((117.8 36.1, 117.81 36.11, 117.81 36.1, 117.8 36.11, 117.8 36.1))\"");
  const Wangge__V1__Finding *finding = found("net", 'E', "grid.boundary_invalid", LEFT, "自相交");
  at(finding, 4.9, 4.9, 5.1, 5.1);
  // What it would have covered is not told as a gap: one mistake, one finding.
  assert_int_equal(fixture.findings.count, 1);
}

static void unclosed_and_swapped_boundaries(void **state) {
  (void)state;
  static const char *const WRONG[][2] = {
      {"POLYGON((117.8 36.1, 117.81 36.1, 117.81 36.11, 117.8 36.11))", "闭合"},
      {"POLYGON((36.1 117.8, 36.1 117.81, 36.11 117.81, 36.11 117.8, 36.1 117.8))", "颠倒"},
  };
  for (size_t i = 0; i < 2; i++) {
    // They cannot come through a file: the record is spoiled behind the reader's back.
    put_grid(LEFT, "basic", box(0, 0, 10, 10));
    Wangge__V1__Record *record = fixture.records->record[fixture.records->count - 1];
    record->grid->boundary = wg_arena_strdup(fixture.arena, WRONG[i][0]);
    found("net", 'E', "grid.boundary_wkt", LEFT, WRONG[i][1]);
  }
}

static void boundaries_that_are_missing(void **state) {
  (void)state;
  put_grid(RIGHT, "basic", "");
  found("net", 'W', "grid.boundary_missing", RIGHT, "没有边界");
  assert_int_equal(count_found("net.gap"), 0); // not known
}

static void communities_tile_their_street(void **state) {
  (void)state;
  put("street", "code,district,name,boundary\n370117001,370117,示例街道,%s\n", box(0, 0, 20, 12));
  put("district", "code,district,name,boundary,min_lon,max_lon,min_lat,max_lat\n370117,370117,示例区,%s,,,,\n",
      box(0, 0, 20, 12));
  const Wangge__V1__Finding *finding = found("net", 'E', "net.gap", STREET, "不属于任何社区");
  at(finding, 0, 10, 20, 12);
  put("community",
      "code,district,name,kind,boundary,founded_on,aliases\n370117001002,370117,第二社区,residential,%s,,\n",
      box(0, 9, 20, 12));
  found("net", 'E', "net.overlap", COMMUNITY, "370117001002");
  assert_int_equal(count_found("net.gap"), 0);
}

static void streets_tile_their_district(void **state) {
  (void)state;
  put("district", "code,district,name,boundary,min_lon,max_lon,min_lat,max_lat\n370117,370117,示例区,%s,,,,\n",
      box(0, 0, 21, 10));
  found("net", 'E', "net.gap", "370117", "不属于任何街道");
}

static void buildings_and_places_lie_where_they_belong(void **state) {
  (void)state;
  put("building", "code,district,grid,name,estate,address,households,lon,lat,aliases\n"
                  "B1,370117," LEFT ",示例家园1号楼,示例家园,,24,117.815,36.108,\n");
  const Wangge__V1__Finding *finding = found("net", 'W', "building.outside_grid", "B1", "落在网格" RIGHT);
  at(finding, 14.9, 7.9, 15.1, 8.1);
  put("building", "code,district,grid,name,estate,address,households,lon,lat,aliases\n"
                  "B1,370117," LEFT ",示例家园1号楼,示例家园,,24,117.9,36.108,\n");
  found("net", 'W', "building.outside_grid", "B1", "不在任何网格内");
  put("building", "code,district,grid,name,estate,address,households,lon,lat,aliases\n"
                  "B1,370117," LEFT ",示例家园1号楼,示例家园,,24,117.81005,36.108,\n"); // 4.5 m outside
  clean("net");
  put("place", "code,district,name,kind,aliases,grids,community,lon,lat\n"
               "L1,370117,示例路,road,," LEFT ",,117.815,36.105\n"
               "L2,370117,示例广场,square,,,370117001001,117.83,36.101\n");
  found("net", 'W', "place.outside_grid", "L1", "示例路");
  found("net", 'W', "place.outside_community", "L2", "示例广场");
}

// --- Put ---
static void a_put_warns_of_overlaps_and_gaps(void **state) {
  (void)state;
  touch("grid", GRID_HEADER RIGHT ",370117,第二网格,basic,%s,350,,\n", box(9, 0, 19, 10));
  assert_int_equal(count_found("net.overlap"), 1);
  assert_int_equal(count_found("net.gap"), 1);
  assert_int_equal(fixture.findings.errors, 0);
}

static void a_put_of_the_same_ground_twice_is_refused(void **state) {
  (void)state;
  touch("grid", GRID_HEADER "370117001001009,370117,第九网格,basic,%s,350,,\n", box(1, 1, 9, 9));
  assert_int_equal(count_found("net.overlap"), 1);
  assert_int_equal(fixture.findings.errors, 1);
}

static void a_put_of_a_grid_elsewhere_is_refused(void **state) {
  (void)state;
  touch("grid", GRID_HEADER LEFT ",370117,第一网格,basic,%s,350,,\n", box(40, 0, 50, 10));
  assert_int_equal(count_found("net.outside"), 1);
  assert_int_equal(fixture.findings.errors, 1);
  assert_int_equal(count_found("net.gap"), 1); // what it leaves behind
}

static void grids_put_together_are_told_of_each_other_once(void **state) {
  (void)state;
  touch("grid", GRID_HEADER LEFT ",370117,第一网格,basic,%s,350,,\n" RIGHT ",370117,第二网格,basic,%s,350,,\n",
        box(0, 0, 10, 11), box(9, 0, 20, 10));
  assert_int_equal(count_found("net.overlap"), 1);
  assert_int_equal(count_found("net.outside"), 1);
}

static void a_grid_that_is_only_renamed_hides_no_overlap(void **state) {
  (void)state;
  touch("grid", GRID_HEADER LEFT ",370117,第一网格改名,basic,%s,350,,\n" RIGHT ",370117,第二网格,basic,%s,350,,\n",
        box(0, 0, 10, 10), box(9, 0, 20, 10));
  assert_int_equal(count_found("net.overlap"), 1);
}

static void a_put_of_a_community_looks_at_its_grids(void **state) {
  (void)state;
  touch("community",
        "code,district,name,kind,boundary,founded_on,aliases\n370117001001,370117,示例社区,residential,%s,,\n",
        box(8, 0, 20, 10));
  assert_int_equal(count_found("net.outside"), 1); // the left grid
  assert_int_equal(count_found("net.gap"), 1);     // of the street
  assert_int_equal(fixture.findings.errors, 0);
}

static void what_does_not_move_is_not_looked_at(void **state) {
  (void)state;
  put_grid(RIGHT, "basic", box(9, 0, 20, 10)); // overlaps
  touch("grid", GRID_HEADER LEFT ",370117,第一网格改名,basic,%s,350,,\n", box(0, 0, 10, 10));
  assert_int_equal(fixture.findings.count, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_start, fixture_stop)
  const struct CMUnitTest tests[] = {
      TEST(nothing_is_wrong_with_the_fixture),
      TEST(a_gap_is_located),
      TEST(two_gaps_are_two_findings),
      TEST(an_overlap_is_located),
      TEST(dedicated_grids_do_not_overlap_each_other),
      TEST(a_piece_outside_is_located),
      TEST(slivers_say_nothing),
      TEST(just_above_the_tolerance_counts),
      TEST(a_hole_is_a_gap),
      TEST(a_grid_of_two_parts),
      TEST(a_boundary_that_crosses_itself),
      TEST(unclosed_and_swapped_boundaries),
      TEST(boundaries_that_are_missing),
      TEST(communities_tile_their_street),
      TEST(streets_tile_their_district),
      TEST(buildings_and_places_lie_where_they_belong),
      TEST(a_put_warns_of_overlaps_and_gaps),
      TEST(a_put_of_the_same_ground_twice_is_refused),
      TEST(a_put_of_a_grid_elsewhere_is_refused),
      TEST(grids_put_together_are_told_of_each_other_once),
      TEST(a_grid_that_is_only_renamed_hides_no_overlap),
      TEST(a_put_of_a_community_looks_at_its_grids),
      TEST(what_does_not_move_is_not_looked_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
