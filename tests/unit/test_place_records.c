// From records to places: the demo district's shapes of records give a net and a gazetteer that find what people write;
// a record that is wrong is said and costs only itself.
#include "tests/unit/place_fixture.h"

#include "services/routing/place/records.h"

static Wangge__V1__Record records[32];
static const Wangge__V1__Record *list[32];
static size_t count;

static Wangge__V1__Record *record(const char *code, Wangge__V1__Record__BodyCase body_case) {
  Wangge__V1__Record *made = &records[count];
  wangge__v1__record__init(made);
  made->district = (char *)"370117";
  made->code = (char *)(uintptr_t)code;
  made->body_case = body_case;
  list[count++] = made;
  return made;
}

static void add_grid(Wangge__V1__Grid *grid, const char *code, const char *name, const char *boundary) {
  wangge__v1__grid__init(grid);
  grid->name = (char *)(uintptr_t)name;
  grid->boundary = (char *)(uintptr_t)boundary;
  record(code, WANGGE__V1__RECORD__BODY_GRID)->grid = grid;
}

static void add_place(Wangge__V1__Place *place, const char *code, const char *name, Wangge__V1__PlaceKind kind,
                      char **grids, size_t grid_count) {
  wangge__v1__place__init(place);
  place->name = (char *)(uintptr_t)name;
  place->kind = kind;
  place->grids = grids, place->n_grids = grid_count;
  record(code, WANGGE__V1__RECORD__BODY_PLACE)->place = place;
}

static void add_building(Wangge__V1__Building *building, const char *code, const char *name, const char *estate,
                         const char *grid) {
  wangge__v1__building__init(building);
  building->name = (char *)(uintptr_t)name;
  building->estate = (char *)(uintptr_t)estate;
  building->grid = (char *)(uintptr_t)grid;
  record(code, WANGGE__V1__RECORD__BODY_BUILDING)->building = building;
}

static void records_become_places(void **state) {
  (void)state;
  Wangge__V1__District district = WANGGE__V1__DISTRICT__INIT;
  Wangge__V1__Street street = WANGGE__V1__STREET__INIT;
  Wangge__V1__Community community = WANGGE__V1__COMMUNITY__INIT;
  Wangge__V1__Grid grids[3];
  Wangge__V1__Place places[5];
  Wangge__V1__Building buildings[4];
  Wangge__V1__Station station = WANGGE__V1__STATION__INIT;
  char *one[] = {(char *)"370117001001001"}, *two[] = {(char *)"370117001001002"};
  char *both[] = {one[0], two[0]}, *aliases[] = {(char *)"老汶河村", (char *)""};
  count = 0;
  add_building(&buildings[0], "b1", "15号楼", "阳光家园", one[0]); // before its estate
  add_building(&buildings[1], "b2", "阳光家园15号楼", "阳光家园", two[0]);
  add_building(&buildings[2], "b3", "16号楼", "没有的小区", one[0]); // refused: a number of nothing
  add_building(&buildings[3], "b4", "朝阳名苑3号楼", "", one[0]);
  buildings[3].lon = 36, buildings[3].lat = 117; // refused, the building stays
  district.name = (char *)"钢城区";
  record("370117", WANGGE__V1__RECORD__BODY_NET_DISTRICT)->net_district = &district;
  street.name = (char *)"艾山街道办事处";
  record("370117001", WANGGE__V1__RECORD__BODY_STREET)->street = &street;
  community.name = (char *)"汶河社区";
  community.aliases = aliases, community.n_aliases = 2; // the second is refused
  record("370117001001", WANGGE__V1__RECORD__BODY_COMMUNITY)->community = &community;
  add_grid(&grids[0], one[0], "第一网格(基础)", "POLYGON((117.8 36,117.81 36,117.81 36.01,117.8 36.01,117.8 36))");
  add_grid(&grids[1], two[0], "第二网格(基础)", "POLYGON((117.81 36,117.82 36"); // refused, the grid stays
  add_grid(&grids[2], "37011700100100x", "坏网格", "");
  add_place(&places[0], "e1", "阳光家园", WANGGE__V1__PLACE_KIND__PLACE_KIND_ESTATE, one, 1);
  add_place(&places[1], "e2", "阳光家园", WANGGE__V1__PLACE_KIND__PLACE_KIND_ESTATE, two, 1);
  add_place(&places[2], "r1", "联丰路", WANGGE__V1__PLACE_KIND__PLACE_KIND_ROAD, both, 2);
  add_place(&places[3], "s1", "中心广场", WANGGE__V1__PLACE_KIND__PLACE_KIND_SQUARE, NULL, 0);
  places[3].community = (char *)"370117001001";
  add_place(&places[4], "s2", "", WANGGE__V1__PLACE_KIND__PLACE_KIND_SCHOOL, NULL, 0);
  station.name = (char *)"汶河民悦驿站";
  station.grids = both, station.n_grids = 2;
  record("st1", WANGGE__V1__RECORD__BODY_STATION)->station = &station;

  struct routing_places *made = routing_places_make(list, count);
  assert_int_equal(made->finding_count, 6);
  for (size_t i = 0; i < made->finding_count; i++)
    assert_true(*made->findings[i].code && *made->findings[i].message);
  assert_int_equal(routing_net_count(made->net, ROUTING_LEVEL_GRID), 2);
  static const struct {
    const char *address, *place_id, *community, *grid;
  } cases[] = {
      {"汶河社区第一网格阳光家园15号楼2单元", "370117/building/b1", "370117001001", "370117001001001"},
      {"老汶河村中心广场", "370117/place/s1", "370117001001", ""},
      {"联丰路", "370117/place/r1", "370117001001", ""},
      {"汶河民悦驿站", "370117/station/st1", "370117001001", ""},
      {"朝阳名苑3号楼", "370117/building/b4", "370117001001", "370117001001001"},
      {"阳光家园", "", "370117001001", ""}, // two of them
  };
  struct wg_arena *arena = wg_arena_create(4096);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct routing_place_query query = {.district = "370117", .address = cases[i].address};
    struct routing_place place;
    routing_place_decide(made->net, made->gazetteer, &query, arena, &place);
    if (strcmp(place.place_id, cases[i].place_id) != 0 || strcmp(place.community, cases[i].community) != 0 ||
        strcmp(place.grid_code, cases[i].grid) != 0)
      fail_msg("%s: place %s, community %s, grid %s: %s", cases[i].address, place.place_id, place.community,
               place.grid_code, place.evidence);
  }
  wg_arena_destroy(arena);
  routing_places_close(made);
}

static void no_records_make_an_empty_net(void **state) {
  (void)state;
  struct routing_places *made = routing_places_make(NULL, 0);
  assert_int_equal(made->finding_count, 0);
  assert_int_equal(routing_gazetteer_count(made->gazetteer), 0);
  routing_places_close(made);
  routing_places_close(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_become_places),
      cmocka_unit_test(no_records_make_an_empty_net),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
