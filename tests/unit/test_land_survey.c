// The survey's calls: imports all or none, bad input with its code, place and both languages, neighbours and their
// signatures, splitting and merging.
#include "services/land/notice/notice.h"
#include "services/land/survey/datum.h"
#include "tests/unit/survey_calls.h"

#include <stdlib.h>

#define WARNING WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING
#define ERROR WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR

static struct survey_calls calls;

static int setup(void **state) {
  (void)state;
  survey_calls_open(&calls);
  survey_village(&calls, SURVEY_BOUNDARY);
  survey_task(&calls, "rtk", 4490, WANGGE__V1__DATUM__DATUM_CGCS2000);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  survey_calls_close(&calls);
  return 0;
}

static char *text(const char *value) {
  return (char *)(uintptr_t)value;
}

static Wangge__V1__ParcelInput *square(const char *id, double x, double y, double size) {
  return survey_input(&calls, id, survey_square(&calls, x, y, size));
}

static struct land_write *import(Wangge__V1__ParcelInput **rows, size_t count) {
  return survey_import(&calls, "rtk", rows, count);
}

static struct land_write *put(Wangge__V1__ParcelInput *input) {
  Wangge__V1__PutParcelRequest request = WANGGE__V1__PUT_PARCEL_REQUEST__INIT;
  request.survey_task = text("rtk");
  request.parcel = input;
  return survey_call(&calls, &request.base, NULL);
}

static void expect(const struct land_write *write, const char *code, int severity, const char *pointer) {
  const Wangge__V1__LandFinding *finding = survey_finding(write, code);
  if (!finding) fail_msg("no %s; first: %s", code, write->finding_count ? write->findings[0]->code : "nothing");
  else {
    assert_int_equal(finding->severity, severity);
    if (strcmp(finding->pointer, pointer) != 0) fail_msg("%s at %s, not %s", code, finding->pointer, pointer);
    assert_true(*finding->message_zh && *finding->message_en);
  }
}

static void test_import_computes_areas_and_neighbours(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *rows[] = {square("b", 100, 0, 100), square("a", 0, 0, 100), square("c", 0, 100, 100)};
  rows[0]->holder = text("赵六户");
  rows[1]->declared_east = text("赵六户");
  rows[1]->declared_north = text("沟渠");
  struct land_write *write = import(rows, 3);
  assert_false(write->refused);
  assert_int_equal(write->changed_count, 3);
  const Wangge__V1__Parcel *a = survey_parcel(&calls, "a");
  assert_int_equal(a->state, WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED);
  assert_in_range(a->area_plane_dm2, 999990, 1000010);
  assert_in_range(a->area_ellipsoid_dm2, 999600, 999750); // the plane shows 310 ppm more here
  assert_int_equal(a->area_adopted_dm2, a->area_ellipsoid_dm2);
  assert_int_equal(a->perimeter_dm, 4000);
  assert_string_equal(a->land_class->name, "旱地");
  assert_int_equal(a->n_neighbours, 4);
  assert_string_equal(a->neighbours[0]->parcel_id, "b"); // east
  assert_int_equal(a->neighbours[0]->verdict, WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_UNSIGNED);
  assert_in_range(a->neighbours[0]->shared_dm, 995, 1005);
  assert_int_equal(a->neighbours[1]->kind, WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_UNKNOWN); // south
  assert_string_equal(a->neighbours[3]->parcel_id, "c");
  assert_true(a->west < a->east && a->south < a->north);
}

static void test_nothing_of_a_file_with_one_bad_row(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *rows[] = {square("a", 0, 0, 100), square("b", 99, 0, 100), square("c", 400, 0, 100)};
  struct land_write *write = import(rows, 3);
  assert_true(write->refused);
  expect(write, "overlap.parcel", ERROR, "/parcels/0/geometry");
  assert_non_null(strstr(survey_finding(write, "overlap.parcel")->geojson, "Polygon"));
  assert_int_equal(wg_book_count(calls.book, SURVEY_VILLAGE, LAND_KIND(PARCEL)), 0);
  // good rows only: neither of the two
  Wangge__V1__ImportParcelsRequest request = WANGGE__V1__IMPORT_PARCELS_REQUEST__INIT;
  request.survey_task = text("rtk");
  request.parcels = rows;
  request.n_parcels = 3;
  request.check_only = request.good_rows_only = true;
  write = survey_call(&calls, &request.base, NULL);
  assert_true(write->refused && write->changed_count == 0);
  request.check_only = false;
  write = survey_call(&calls, &request.base, NULL);
  assert_false(write->refused);
  expect(write, "overlap.parcel", WARNING, "/parcels/0/geometry");
  assert_null(survey_parcel(&calls, "a"));
  assert_null(survey_parcel(&calls, "b"));
  assert_non_null(survey_parcel(&calls, "c"));
  // against what stands
  write = put(square("d", 450, 50, 100));
  expect(write, "overlap.parcel", ERROR, "/parcel/geometry");
  assert_int_equal(survey_finding(write, "overlap.parcel")->status, WANGGE__V1__CODE__CODE_FAILED_PRECONDITION);
  assert_null(survey_parcel(&calls, "d"));
}

// Every row is a parcel with one thing wrong.
struct bad {
  const char *code, *pointer;
  void (*spoil)(Wangge__V1__ParcelInput *input);
  int severity; // 0: ERROR
};
static void swap_axes(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((37.74 115.7,37.74 115.701,37.741 115.701,37.741 115.7,37.74 115.7))");
}
static void metres(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((39385413 4179435,39385513 4179435,39385513 4179535,39385413 4179435))");
}
static void bow_tie(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((115.7 37.74,115.701 37.741,115.701 37.74,115.7 37.741,115.7 37.74))");
}
static void unclosed(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((115.7 37.74,115.701 37.74,115.701 37.741,115.7 37.741))");
}
static void multipart(Wangge__V1__ParcelInput *input) {
  input->geometry = text("MULTIPOLYGON(((115.7 37.74,115.701 37.74,115.701 37.741,115.7 37.74)),"
                         "((115.703 37.74,115.704 37.74,115.704 37.741,115.703 37.74)))");
}
static void hole(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((115.7 37.74,115.703 37.74,115.703 37.743,115.7 37.743,115.7 37.74),"
                         "(115.701 37.741,115.702 37.741,115.702 37.742,115.701 37.741))");
}
static void not_a_number(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((115.7 37.74,nan 37.74,115.701 37.741,115.7 37.74))");
}
static void no_geometry(Wangge__V1__ParcelInput *input) {
  input->geometry = text("");
}
static void line(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((115.7 37.74,115.701 37.74,115.702 37.74,115.7 37.74))");
}
static void far_away(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((115.9 37.9,115.901 37.9,115.901 37.901,115.9 37.9))");
}
static void across(Wangge__V1__ParcelInput *input) {
  input->geometry = text("POLYGON((115.7095 37.74,115.7105 37.74,115.7105 37.741,115.7095 37.741,115.7095 37.74))");
}
static void bare_code(Wangge__V1__ParcelInput *input) {
  input->land_class->standard = text("");
}
static void no_code(Wangge__V1__ParcelInput *input) {
  input->land_class->code = text("0199");
}
static void other_name(Wangge__V1__ParcelInput *input) {
  input->land_class->name = text("水田");
}
static void other_standard(Wangge__V1__ParcelInput *input) {
  input->land_class->code = text("0702");
  input->land_class->name = text("城镇社区服务设施用地");
}
static void old_code(Wangge__V1__ParcelInput *input) {
  input->land_class->code = text("013");
}
static void old_ambiguous(Wangge__V1__ParcelInput *input) {
  input->land_class->code = text("031");
}
static void negative(Wangge__V1__ParcelInput *input) {
  input->area_contract_dm2 = -1;
}
static void no_basis(Wangge__V1__ParcelInput *input) {
  input->area_basis = WANGGE__V1__AREA_BASIS__AREA_BASIS_CONTRACT;
}
static void mu_as_square_metres(Wangge__V1__ParcelInput *input) {
  input->area_surveyed_dm2 = 1500; // 15 m² for 15 mu
}
static void wrong_dk(Wangge__V1__ParcelInput *input) {
  input->dk_code = text("131102100201JC00001");
}
static void wrong_bdc(Wangge__V1__ParcelInput *input) {
  input->bdc_code = text("131102100201JC00001F0000000");
}
static void hidden(Wangge__V1__ParcelInput *input) {
  input->name = text("\xe6\x9d\x8e\xe2\x80\x8b\xe5\x9b\x9b");
}
static void control(Wangge__V1__ParcelInput *input) {
  input->holder = text("a\x01"
                       "b");
}
static void no_grade(Wangge__V1__ParcelInput *input) {
  input->grade = 11;
}
static void state_owned(Wangge__V1__ParcelInput *input) {
  input->ownership = 20;
}

static void test_bad_input(void **state) {
  (void)state;
  static const struct bad table[] = {
      {"axes.swapped", "/parcels/1/geometry", swap_axes, 0},
      {"crs.not_degrees", "/parcels/1/geometry", metres, 0},
      {"geometry.self_intersection", "/parcels/1/geometry", bow_tie, 0},
      {"geometry.unclosed", "/parcels/1/geometry", unclosed, 0},
      {"geometry.multipart", "/parcels/1/geometry", multipart, 0},
      {"geometry.hole", "/parcels/1/hole_reason", hole, 0},
      {"geometry.number", "/parcels/1/geometry", not_a_number, 0},
      {"geometry.syntax", "/parcels/1/geometry", no_geometry, 0},
      {"geometry.zero_area", "/parcels/1/geometry", line, 0},
      {"boundary.outside", "/parcels/1/geometry", far_away, 0},
      {"boundary.outside", "/parcels/1/geometry", across, 0},
      {"class.standard", "/parcels/1/land_class/standard", bare_code, 0},
      {"class.code", "/parcels/1/land_class/code", no_code, 0},
      {"class.name", "/parcels/1/land_class/name", other_name, 0},
      {"class.other_standard", "/parcels/1/land_class/standard", other_standard, 0},
      {"class.old_code", "/parcels/1/land_class/code", old_code, 0},
      {"class.old_ambiguous", "/parcels/1/land_class/code", old_ambiguous, 0},
      {"parcel.range", "/parcels/1/area_contract_dm2", negative, 0},
      {"area.basis", "/parcels/1/area_basis", no_basis, 0},
      {"area.mismatch", "/parcels/1/area_surveyed_dm2", mu_as_square_metres, WARNING},
      {"code.dk", "/parcels/1/dk_code", wrong_dk, 0},
      {"code.bdc", "/parcels/1/bdc_code", wrong_bdc, 0},
      {"parcel.hidden_character", "/parcels/1/name", hidden, 0},
      {"parcel.text", "/parcels/1/holder", control, 0},
      {"parcel.range", "/parcels/1/grade", no_grade, 0},
      {"parcel.range", "/parcels/1/ownership", state_owned, 0},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    Wangge__V1__ParcelInput *rows[] = {square("good", 0, 0, 100), square("bad", 300, 300, 100)};
    table[i].spoil(rows[1]);
    Wangge__V1__ImportParcelsRequest request = WANGGE__V1__IMPORT_PARCELS_REQUEST__INIT;
    request.survey_task = text("rtk");
    request.parcels = rows;
    request.n_parcels = 2;
    request.check_only = table[i].severity == WARNING;
    struct land_write *write = survey_call(&calls, &request.base, NULL);
    expect(write, table[i].code, table[i].severity ? table[i].severity : ERROR, table[i].pointer);
    for (size_t k = 0; k < write->finding_count; k++)
      if (strncmp(write->findings[k]->pointer, "/parcels/1", 10) != 0)
        fail_msg("%s blames %s", table[i].code, write->findings[k]->pointer);
    assert_int_equal(wg_book_count(calls.book, SURVEY_VILLAGE, LAND_KIND(PARCEL)), 0);
  }
}

static void test_area_mismatch_stays_as_a_flag(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *row = square("a", 0, 0, 100);
  row->area_surveyed_dm2 = 1500;
  struct land_write *write = import(&row, 1);
  assert_false(write->refused);
  assert_string_equal(survey_finding(write, "area.mismatch")->suggestion, "1000000");
  assert_int_equal(survey_parcel(&calls, "a")->n_flags, 1);
  Wangge__V1__ParcelInput *mended = survey_input(&calls, "a", "");
  mended->area_surveyed_dm2 = 1000300;
  assert_false(put(mended)->refused);
  assert_int_equal(survey_parcel(&calls, "a")->n_flags, 0);
  assert_int_equal(survey_parcel(&calls, "a")->area_adopted_dm2, 1000300);
}

static void test_sliver_is_a_flag_that_can_be_explained(void **state) {
  (void)state;
  // A ring of four fields around a slit of 0.2 m.
  Wangge__V1__ParcelInput *rows[] = {survey_input(&calls, "w", survey_rectangle(&calls, 0, 0, 100, 100)),
                                     survey_input(&calls, "e", survey_rectangle(&calls, 100.2, 0, 100, 100)),
                                     survey_input(&calls, "n", survey_rectangle(&calls, 0, 100, 200.2, 50)),
                                     survey_input(&calls, "s", survey_rectangle(&calls, 0, -50, 200.2, 50))};
  struct land_write *write = import(rows, 4);
  assert_false(write->refused);
  expect(write, "overlap.sliver_gap", WARNING, "/parcels/1/geometry");
  assert_int_equal(survey_parcel(&calls, "w")->n_flags, 1);
  Wangge__V1__ExplainFlagRequest request = WANGGE__V1__EXPLAIN_FLAG_REQUEST__INIT;
  request.parcel_id = text("w");
  request.code = text("overlap.sliver_gap");
  assert_false(survey_call(&calls, &request.base, NULL)->refused);
  assert_string_equal(survey_parcel(&calls, "w")->flags[0]->explanation, "测试原因");
}

static void test_datum_is_told_by_the_whole_file(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *rows[81];
  for (size_t i = 0; i < 81; i++) {
    const size_t row = i / 9, column = i % 9;
    double lon = 115.6905 + 0.002 * (double)column, lat = 37.7305 + 0.002 * (double)row;
    struct land_point corner[] = {{lon, lat}, {lon + 0.001, lat}, {lon + 0.001, lat + 0.001}, {lon, lat}};
    for (size_t k = 0; k < 4; k++)
      corner[k] = land_gcj02_from(corner[k]);
    struct land_ring ring = {corner, 4};
    rows[i] = survey_input(&calls, wg_arena_printf(calls.arena, "p%02zu", i),
                           land_outline_write(&(struct land_outline){&ring, 1}, calls.arena));
  }
  struct land_write *write = import(rows, 81);
  assert_true(write->refused);
  expect(write, "datum.gcj02", ERROR, "/survey_task");
  assert_int_equal(write->finding_count, 1);
  // A person states the datum: the same file is taken, where it belongs.
  survey_task(&calls, "map", 4490, WANGGE__V1__DATUM__DATUM_GCJ02);
  write = survey_import(&calls, "map", rows, 81);
  assert_false(write->refused);
  assert_non_null(survey_finding(write, "datum.converted"));
  const Wangge__V1__Parcel *parcel = survey_parcel(&calls, "p00");
  assert_true(parcel->west > 115.69049999 && parcel->west < 115.69050001);
}

static void test_unknown_datum_stays_a_draft(void **state) {
  (void)state;
  survey_task(&calls, "hand", 4490, WANGGE__V1__DATUM__DATUM_UNSPECIFIED);
  Wangge__V1__ParcelInput *row = square("a", 0, 0, 100);
  struct land_write *write = survey_import(&calls, "hand", &row, 1);
  assert_false(write->refused);
  expect(write, "datum.unknown", WARNING, "/survey_task");
  assert_int_equal(survey_parcel(&calls, "a")->state, WANGGE__V1__PARCEL_STATE__PARCEL_STATE_DRAFT);
}

static void test_ids(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *rows[] = {square("a", 0, 0, 100), square("a", 300, 0, 100)};
  expect(import(rows, 2), "parcel.twice", ERROR, "/parcels/1/id");
  assert_false(import(rows, 1)->refused);
  struct land_write *write = import(rows, 1);
  expect(write, "parcel.exists", ERROR, "/parcels/0/id");
  assert_int_equal(survey_finding(write, "parcel.exists")->status, WANGGE__V1__CODE__CODE_ALREADY_EXISTS);
}

static void test_neighbours_follow_and_signatures_stay(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *row = square("a", 0, 0, 100);
  assert_false(import(&row, 1)->refused);
  assert_int_equal(survey_parcel(&calls, "a")->neighbours[0]->kind, WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_UNKNOWN);
  struct land_write *write = put(square("b", 100, 0, 100));
  assert_int_equal(write->changed_count, 2); // a sees its new neighbour
  assert_string_equal(survey_parcel(&calls, "a")->neighbours[0]->parcel_id, "b");

  Wangge__V1__SignNeighbourRequest request = WANGGE__V1__SIGN_NEIGHBOUR_REQUEST__INIT;
  request.parcel_id = text("a");
  request.side = WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_EAST;
  request.verdict = WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MATCH;
  request.signer = text("量地员");
  request.signed_on = text("2026-03-02");
  expect(survey_call(&calls, &request.base, NULL), "neighbour.surveyor", ERROR, "/signer");
  request.signer = text("赵六");
  request.signed_on = text("2026-02-28"); // before the survey
  expect(survey_call(&calls, &request.base, NULL), "neighbour.day", ERROR, "/signed_on");
  request.signed_on = text("2026-03-02");
  assert_false(survey_call(&calls, &request.base, NULL)->refused);
  request.seq = 2;
  expect(survey_call(&calls, &request.base, NULL), "neighbour.unknown", ERROR, "/side");
  request.seq = 0;
  request.verdict = WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MISSING;
  expect(survey_call(&calls, &request.base, NULL), "neighbour.reason", ERROR, "/note");

  assert_false(put(square("c", 0, 100, 100))->refused); // another neighbour: what b signed stays
  const Wangge__V1__Parcel *a = survey_parcel(&calls, "a");
  assert_string_equal(a->neighbours[0]->signer, "赵六");
  assert_string_equal(a->neighbours[a->n_neighbours - 1]->parcel_id, "c");
}

static void test_split_and_merge_conserve_the_ground(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *row = square("a", 0, 0, 100);
  row->basic_farmland = true;
  assert_false(import(&row, 1)->refused);
  Wangge__V1__SplitParcelRequest request = WANGGE__V1__SPLIT_PARCEL_REQUEST__INIT;
  Wangge__V1__ParcelInput *parts[] = {survey_input(&calls, "a1", survey_rectangle(&calls, 0, 0, 40, 100)),
                                      survey_input(&calls, "a2", survey_rectangle(&calls, 40, 0, 59, 100))};
  request.parcel_id = text("a");
  request.survey_task = text("rtk");
  request.parts = parts;
  request.n_parts = 2;
  expect(survey_call(&calls, &request.base, NULL), "lineage.area", ERROR, "/parts"); // a metre is missing
  parts[1]->geometry = survey_rectangle(&calls, 40, 1, 60, 100);                     // a metre too far north
  expect(survey_call(&calls, &request.base, NULL), "lineage.outside", ERROR, "/parts");
  assert_non_null(survey_parcel(&calls, "a"));
  parts[1]->geometry = survey_rectangle(&calls, 40, 0, 60, 100);
  assert_false(survey_call(&calls, &request.base, NULL)->refused);
  assert_null(survey_parcel(&calls, "a"));
  const Wangge__V1__Parcel *part = survey_parcel(&calls, "a2");
  assert_string_equal(part->parents[0], "a");
  assert_true(part->basic_farmland);
  assert_string_equal(part->neighbours[part->n_neighbours - 2]->parcel_id, "a1"); // west
  const Wangge__V1__LandRecord *ended = wg_book_entry(calls.book, SURVEY_VILLAGE, LAND_KIND(PARCEL), "a")->record;
  assert_true(ended->ended);
  assert_int_equal(ended->parcel->state, WANGGE__V1__PARCEL_STATE__PARCEL_STATE_HISTORIC);
  row = square("a", 0, 300, 100);
  expect(import(&row, 1), "parcel.historic", ERROR, "/parcels/0/id");

  assert_false(put(square("far", 300, 300, 100))->refused);
  Wangge__V1__MergeParcelsRequest merge = WANGGE__V1__MERGE_PARCELS_REQUEST__INIT;
  char *apart[] = {text("a1"), text("far")}, *together[] = {text("a1"), text("a2")};
  merge.parcel_ids = apart;
  merge.n_parcel_ids = 2;
  merge.merged = survey_input(&calls, "m", "");
  expect(survey_call(&calls, &merge.base, NULL), "lineage.apart", ERROR, "/parcel_ids");
  merge.parcel_ids = together;
  assert_false(survey_call(&calls, &merge.base, NULL)->refused);
  const Wangge__V1__Parcel *merged = survey_parcel(&calls, "m");
  assert_in_range(merged->area_plane_dm2, 999990, 1000010);
  assert_int_equal(merged->n_parents, 2);
  assert_true(merged->basic_farmland);
  assert_null(survey_parcel(&calls, "a1"));
}

static void test_rights_name_known_parties_and_do_not_exceed_the_whole(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *row = square("a", 0, 0, 100);
  assert_false(import(&row, 1)->refused);
  Wangge__V1__PutPartyRequest party = WANGGE__V1__PUT_PARTY_REQUEST__INIT;
  Wangge__V1__LandParty body = WANGGE__V1__LAND_PARTY__INIT;
  body.kind = WANGGE__V1__PARTY_KIND__PARTY_KIND_HOUSEHOLD;
  body.name = text("赵六户");
  party.id = text("h-6");
  party.party = &body;
  assert_false(survey_call(&calls, &party.base, NULL)->refused);
  Wangge__V1__PutRightsRequest request = WANGGE__V1__PUT_RIGHTS_REQUEST__INIT;
  Wangge__V1__LandRight one = WANGGE__V1__LAND_RIGHT__INIT, two;
  one.kind = WANGGE__V1__RIGHT_KIND__RIGHT_KIND_RIGHT;
  one.type = text("土地承包经营权");
  one.party_id = text("h-6");
  one.from = text("2026-01-01");
  one.share_n = 2;
  one.share_d = 3;
  two = one;
  Wangge__V1__LandRight *rights[] = {&one, &two};
  request.parcel_id = text("a");
  request.rights = rights;
  request.n_rights = 2;
  expect(survey_call(&calls, &request.base, NULL), "right.share", ERROR, "/rights/0");
  two.share_n = 1;
  two.party_id = text("h-7");
  expect(survey_call(&calls, &request.base, NULL), "party.unknown", ERROR, "/rights/1/party_id");
  two.party_id = text("h-6");
  two.to = text("2025-01-01");
  expect(survey_call(&calls, &request.base, NULL), "right.days", ERROR, "/rights/1");
  two.to = text("");
  assert_false(survey_call(&calls, &request.base, NULL)->refused);
  assert_int_equal(survey_parcel(&calls, "a")->n_rights, 2);
}

// --- the way to CONFIRMED ---
static struct land_write *move(Wangge__V1__ParcelEvent event, const char *id) {
  Wangge__V1__MoveParcelsRequest request = WANGGE__V1__MOVE_PARCELS_REQUEST__INIT;
  char *ids[] = {text(id)};
  request.event = event;
  request.parcel_ids = ids;
  request.n_parcel_ids = 1;
  return survey_call(&calls, &request.base, NULL);
}

// A SURVEY notice about a parcel as it is now, put into the book as the notice topic would.
static void put_notice(struct land_write *seen, const char *id, Wangge__V1__NoticeState notice_state) {
  static uint8_t hash[LAND_SUBJECT_BYTES];
  assert_true(land_subject_sha256(seen, LAND_KIND(PARCEL), id, hash));
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  Wangge__V1__Notice notice = WANGGE__V1__NOTICE__INIT;
  Wangge__V1__NoticeSubject subject = WANGGE__V1__NOTICE_SUBJECT__INIT, *subjects[] = {&subject};
  subject.kind = text("parcel");
  subject.id = text(id);
  subject.sha256 = (ProtobufCBinaryData){sizeof hash, hash};
  notice.kind = WANGGE__V1__NOTICE_KIND__NOTICE_KIND_SURVEY;
  notice.state = notice_state;
  notice.subjects = subjects;
  notice.n_subjects = 1;
  notice.days = 7;
  notice.posted_on = text("2026-03-03");
  notice.ends_on = text("2026-03-10");
  if (notice_state == WANGGE__V1__NOTICE_STATE__NOTICE_STATE_ENDED_CLEAR) notice.clear_on = text("2026-03-11");
  record.village = text(SURVEY_VILLAGE);
  record.id = text("notice-1");
  record.version = 1;
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_NOTICE;
  record.notice = &notice;
  wg_book_add(calls.book, &record, 1);
}

static Wangge__V1__ParcelState state_of(const char *id) {
  return survey_parcel(&calls, id)->state;
}

static void test_no_gate_is_skipped(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *rows[] = {square("a", 0, 0, 100), square("b", 100, 0, 100)};
  for (size_t i = 0; i < 2; i++)
    rows[i]->declared_east = rows[i]->declared_south = rows[i]->declared_west = rows[i]->declared_north = text("荒地");
  rows[0]->area_surveyed_dm2 = 2000000; // twice what it is: a flag
  assert_false(import(rows, 2)->refused);
  struct land_write *seen = move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_CONFIRM, "a");
  expect(seen, "parcel.state", ERROR, "/parcel_ids/0");
  expect(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_SIGN, "a"), "neighbour.unsigned", ERROR, "/parcel_ids/0");
  Wangge__V1__SignNeighbourRequest sign = WANGGE__V1__SIGN_NEIGHBOUR_REQUEST__INIT;
  sign.parcel_id = text("a");
  sign.side = WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_EAST;
  sign.verdict = WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MISSING;
  sign.note = text("外出务工");
  assert_false(survey_call(&calls, &sign.base, NULL)->refused);
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_SIGN, "a")->refused);
  expect(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_POST, "a"), "parcel.notice", ERROR, "/parcel_ids/0");

  put_notice(seen, "b", WANGGE__V1__NOTICE_STATE__NOTICE_STATE_POSTED); // about another one
  expect(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_POST, "a"), "parcel.notice", ERROR, "/parcel_ids/0");
  seen = move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_POST, "a"); // refused, and sees the book as it is
  put_notice(seen, "a", WANGGE__V1__NOTICE_STATE__NOTICE_STATE_POSTED);
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_POST, "a")->refused);

  struct land_write *early = move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_CONFIRM, "a");
  expect(early, "parcel.notice", ERROR, "/parcel_ids/0");
  assert_string_equal(survey_finding(early, "parcel.notice")->earliest, "2026-03-11");
  expect(early, "area.mismatch", ERROR, "/parcel_ids/0"); // all that is missing at once
  put_notice(early, "a", WANGGE__V1__NOTICE_STATE__NOTICE_STATE_ENDED_CLEAR);
  early = move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_CONFIRM, "a");
  assert_null(survey_finding(early, "parcel.notice"));
  expect(early, "area.mismatch", ERROR, "/parcel_ids/0");
  assert_int_equal(state_of("a"), WANGGE__V1__PARCEL_STATE__PARCEL_STATE_POSTED);
}

static void test_confirmed_disputed_and_back(void **state) {
  (void)state;
  Wangge__V1__ParcelInput *row = square("a", 0, 0, 100);
  row->declared_east = row->declared_south = row->declared_west = row->declared_north = text("荒地");
  assert_false(import(&row, 1)->refused);
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_SIGN, "a")->refused);
  struct land_write *seen = move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_POST, "a");
  assert_true(seen->refused);
  put_notice(seen, "a", WANGGE__V1__NOTICE_STATE__NOTICE_STATE_ENDED_CLEAR);
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_POST, "a")->refused);
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_CONFIRM, "a")->refused);
  assert_int_equal(state_of("a"), WANGGE__V1__PARCEL_STATE__PARCEL_STATE_CONFIRMED);
  expect(put(survey_input(&calls, "a", "")), "parcel.fixed", ERROR, "/parcel/id");
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_DISPUTE, "a")->refused);
  Wangge__V1__SplitParcelRequest split = WANGGE__V1__SPLIT_PARCEL_REQUEST__INIT;
  Wangge__V1__ParcelInput *parts[] = {square("p", 0, 0, 50), square("q", 50, 0, 50)};
  split.parcel_id = text("a");
  split.survey_task = text("rtk");
  split.parts = parts;
  split.n_parts = 2;
  expect(survey_call(&calls, &split.base, NULL), "parcel.disputed", ERROR, "/parcel_id");
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_SETTLE, "a")->refused); // as it was posted
  assert_int_equal(state_of("a"), WANGGE__V1__PARCEL_STATE__PARCEL_STATE_CONFIRMED);
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_DISPUTE, "a")->refused);
  assert_false(move(WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_REOPEN, "a")->refused);
  assert_int_equal(state_of("a"), WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED);
}

int main(void) {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_import_computes_areas_and_neighbours),
      TEST(test_nothing_of_a_file_with_one_bad_row),
      TEST(test_bad_input),
      TEST(test_area_mismatch_stays_as_a_flag),
      TEST(test_sliver_is_a_flag_that_can_be_explained),
      TEST(test_datum_is_told_by_the_whole_file),
      TEST(test_unknown_datum_stays_a_draft),
      TEST(test_ids),
      TEST(test_neighbours_follow_and_signatures_stay),
      TEST(test_split_and_merge_conserve_the_ground),
      TEST(test_no_gate_is_skipped),
      TEST(test_confirmed_disputed_and_back),
      TEST(test_rights_name_known_parties_and_do_not_exceed_the_whole),
  };
  return cmocka_run_group_tests_name("land_survey", tests, NULL, NULL);
}
