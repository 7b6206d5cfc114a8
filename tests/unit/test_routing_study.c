// What is found out about an order before the rules look: its place from all that may tell it, what is odd about that,
// and the category its text suggests, which never stands in for a given one.
#include "tests/unit/routing_fixture.h"

#include "services/routing/routing.h"
#include "services/routing/study.h"
#include "services/routing/text/train.h"

#include <math.h>
#include <unistd.h>

#define FIRST "370117001001001"  // 117.00 to 117.05 east
#define SECOND "370117001001002" // 117.05 to 117.10 east, with 府前花园
#define THIRD "370117001002001"  // 117.10 to 117.20 east, of another community
#define FOREIGN "131102001001001"
#define BOX(west, east, south, north)                                                                                  \
  "\"POLYGON((" west " " south "," east " " south "," east " " north "," west " " north "," west " " south "))\""

static const char GRIDS[] =
    "code,district,name,kind,boundary\n" FIRST ",370117,第一网格,basic," BOX("117.00", "117.05", "36.0", "36.1") //
    "\n" SECOND ",370117,第二网格,basic," BOX("117.05", "117.10", "36.0", "36.1")                                //
    "\n" THIRD ",370117,第一网格,basic," BOX("117.10", "117.20", "36.0", "36.1")                                 //
    "\n" FOREIGN ",131102,第一网格,basic," BOX("115.00", "115.10", "37.0", "37.1") "\n";

static struct routing_places *places;
static struct routing_rules *own_rules;
static struct routing_model *model;
static struct routing_text_work *work;

static struct records *net(bool with_grids) {
  struct records *records = records_create();
  records_add(records, "district", "code,district,name\n370117,370117,钢城区\n131102,131102,桃城区\n");
  records_add(records, "street",
              "code,district,name\n370117001,370117,艾山街道\n370117002,370117,里辛街道\n131102001,131102,河西街道\n");
  records_add(
      records, "community",
      "code,district,name,kind\n370117001001,370117,府前社区,residential\n370117001002,370117,清泉社区,residential\n"
      "131102001001,131102,桃源社区,residential\n");
  if (!with_grids) return records;
  records_add(records, "grid", GRIDS);
  records_add(records, "place",
              "code,district,name,kind,grids\nestate-001,370117,府前花园,estate," SECOND "\nestate-002,131102,桃源小区,"
              "estate," FOREIGN "\n");
  records_add(records, "building",
              "code,district,grid,name,estate\n" SECOND "003,370117," SECOND ",府前花园3号楼,府前花园\n");
  return records;
}

static void train(void) {
  static const struct {
    const char *category, *text;
  } samples[] = {
      {"城乡建设/供水", "小区停水两天了自来水什么时候恢复"},
      {"城乡建设/供水", "自来水发黄水压太低停水没有通知"},
      {"城乡建设/供水", "家里自来水管爆裂停水请抢修"},
      {"城乡建设/供水", "水压太低六楼没有自来水"},
      {"文旅/景区", "景区门票价格太高导游强制购物"},
      {"文旅/景区", "景区导游态度恶劣门票退款难"},
      {"文旅/景区", "旅游景区停车收费导游宰客"},
      {"文旅/景区", "节假日景区门票预约不上"},
      {"文旅/景区", "景区里停水卫生间没有自来水"},
      {"城乡建设/供水", "景区门口自来水管爆裂"}, // a model that errs is never quite sure
  };
  struct routing_trainer *trainer = routing_trainer_create();
  struct routing_validation validation = {0};
  for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
    assert_int_equal(
        routing_trainer_add(trainer, wg_bytes_of(""), wg_bytes_of(samples[i].text), samples[i].category, &error),
        WG_OK);
  MUST(routing_train(trainer, 2, 1, &model, &validation, &error));
  routing_validation_free(&validation);
  routing_trainer_destroy(trainer);
}

static int set_up_group(void **state) {
  routing_set_up_group(state);
  struct records *records = net(true);
  places = routing_places_make(RECORDS(records));
  assert_int_equal(places->finding_count, 0);
  records_add(records, "department",
              "code,district,name,level\nwater,370117,水务局,district\nhousing,370117,住建局,district\n"
              "community,370117,府前社区,community\n");
  records_add(records, "category",
              "code,district,scheme,path,department_duty\ntest/城乡建设,370117,test,城乡建设,false\n"
              "test/城乡建设/供水,370117,test,城乡建设/供水,true\ntest/环境,370117,test,环境,false\n"
              "test/文旅,370117,test,文旅,false\ntest/文旅/景区,370117,test,文旅/景区,false\n");
  records_add(records, "dispatch_rule",
              "code,district,rank,category_prefix,area,lead\nE,370117,1,环境,estate-001,housing\n"
              "C,370117,2,环境,370117001002,community\nG,370117,3,环境,,grid\nW,370117,4,城乡建设/供水,,water\n"
              "H,370117,5,文旅,,housing\n");
  own_rules = routing_rules_build(RECORDS(records), NULL);
  records_destroy(records);
  work = routing_text_work_create();
  train();
  return 0;
}

static int tear_down_group(void **state) {
  routing_rules_close(own_rules);
  routing_places_close(places);
  routing_model_close(model);
  routing_text_work_destroy(work);
  return routing_tear_down_group(state);
}

static int set_up(void **state) {
  routing_set_up(state);
  book.rules = own_rules;
  book.places = places;
  book.model = model;
  book.text_work = work;
  book.category_confidence = 1;
  return 0;
}

struct given {
  const char *category, *grid, *address, *text;
  double lon, lat; // 0: no position
};

static struct routing_assignment receive(struct given given) {
  struct routing_assignment subject = {.order_id = 7};
  static Wangge__V1__Position position;
  the_order = (Wangge__V1__Order)WANGGE__V1__ORDER__INIT;
  the_order.order_id = 7;
  the_order.district = text("370117");
  the_order.source = text("hotline-12345");
  the_order.category = text(given.category ? given.category : "");
  the_order.grid_code = text(given.grid ? given.grid : "");
  the_order.address = text(given.address ? given.address : "");
  the_order.text = text(given.text ? given.text : "");
  position = (Wangge__V1__Position)WANGGE__V1__POSITION__INIT;
  position.lon = given.lon;
  position.lat = given.lat;
  if (given.lon != 0) the_order.position = &position;
  Wangge__V1__OrderReceived event = WANGGE__V1__ORDER_RECEIVED__INIT;
  event.order = &the_order;
  struct routing_rule *rule = NULL;
  MUST(routing_receive(&subject, &event, wg_bytes_of("packed"), &book, &rule, &step, &error));
  return subject;
}

static void is_found(const struct routing_assignment *subject, enum routing_how how, const char *area, unsigned flags) {
  assert_int_equal(subject->found.place_how, how);
  assert_string_equal(subject->found.area, area);
  assert_int_equal(subject->found.place_flags, flags);
}

// --- place ---
static void a_right_grid_code_is_believed(void **state) {
  (void)state;
  const struct routing_assignment subject = receive((struct given){.category = "环境", .grid = FIRST});
  is_found(&subject, ROUTING_HOW_GRID_CODE, FIRST, 0);
  check(&subject, STATE(DISPATCHED), FIRST, 1, 1);
  assert_int_equal(subject.place->how, ROUTING_HOW_GRID_CODE); // with all candidates, for merging
}

static void a_position_gives_the_grid(void **state) {
  (void)state;
  const struct routing_assignment subject = receive((struct given){.category = "环境", .lon = 117.07, .lat = 36.05});
  is_found(&subject, ROUTING_HOW_POSITION, SECOND, 0);
  check(&subject, STATE(DISPATCHED), SECOND, 1, 1);
}

static void an_address_gives_place_and_grid_and_a_rule_may_name_the_place(void **state) {
  (void)state;
  const struct routing_assignment estate =
      receive((struct given){.category = "环境", .address = "艾山街道府前花园东门"});
  is_found(&estate, ROUTING_HOW_ADDRESS, SECOND, 0);
  assert_string_equal(estate.found.place_id, "370117/place/estate-001");
  check(&estate, STATE(DISPATCHED), "housing", 1, 1);
  assert_string_equal(estate.rule_id, "E");
  // What holds for the estate holds for its buildings.
  const struct routing_assignment building =
      receive((struct given){.category = "环境", .address = "府前花园3号楼2单元"});
  assert_string_equal(building.found.place_id, "370117/building/" SECOND "003");
  assert_string_equal(building.rule_id, "E");
}

static void an_area_of_a_rule_is_met_by_the_decided_place(void **state) {
  (void)state;
  const struct routing_assignment by_position =
      receive((struct given){.category = "环境", .lon = 117.15, .lat = 36.05});
  check(&by_position, STATE(DISPATCHED), "community", 1, 1);
  assert_string_equal(by_position.rule_id, "C");
  const struct routing_assignment by_name = receive((struct given){.category = "环境", .address = "清泉社区"});
  is_found(&by_name, ROUTING_HOW_ADDRESS, "370117001002", ROUTING_NO_GRID);
  assert_string_equal(by_name.rule_id, "C");
}

static void without_a_place_the_category_still_routes(void **state) {
  (void)state;
  const struct routing_assignment routed = receive((struct given){.category = "城乡建设/供水"});
  is_found(&routed, ROUTING_HOW_NONE, "", ROUTING_NO_PLACE);
  check(&routed, STATE(DISPATCHED), "water", 1, 1);
  // The grid is to lead, and nobody knows which.
  const struct routing_assignment desk = receive((struct given){.category = "环境"});
  check(&desk, STATE(DESK), "", 0, 1);
  assert_string_equal(desk.rule_id, "G");
  assert_non_null(strstr(desk.evidence, "网格"));
}

static void a_wrong_grid_code_is_flagged_and_never_leads(void **state) {
  (void)state;
  const struct routing_assignment unknown =
      receive((struct given){.category = "环境", .grid = "370117001001099", .lon = 117.02, .lat = 36.05});
  is_found(&unknown, ROUTING_HOW_POSITION, FIRST, ROUTING_GRID_UNKNOWN);
  check(&unknown, STATE(DISPATCHED), FIRST, 1, 1);
  const struct routing_assignment foreign = receive((struct given){.category = "环境", .grid = FOREIGN});
  is_found(&foreign, ROUTING_HOW_NONE, "", ROUTING_GRID_OTHER_DISTRICT | ROUTING_NO_PLACE);
  check(&foreign, STATE(DESK), "", 0, 1);
  const struct routing_assignment broken = receive((struct given){.category = "城乡建设/供水", .grid = "37011700"});
  is_found(&broken, ROUTING_HOW_NONE, "", ROUTING_GRID_MALFORMED | ROUTING_NO_PLACE);
  check(&broken, STATE(DISPATCHED), "water", 1, 1);
}

static void what_conflicts_is_flagged_and_the_code_wins(void **state) {
  (void)state;
  const struct routing_assignment position =
      receive((struct given){.category = "环境", .grid = FIRST, .lon = 117.15, .lat = 36.05});
  is_found(&position, ROUTING_HOW_GRID_CODE, FIRST, ROUTING_GRID_CONFLICTS_POSITION);
  check(&position, STATE(DISPATCHED), FIRST, 1, 1);
  const struct routing_assignment name =
      receive((struct given){.category = "环境", .grid = FIRST, .address = "府前花园"});
  is_found(&name, ROUTING_HOW_GRID_CODE, FIRST, ROUTING_NAMES_CONFLICT);
  const struct routing_assignment elsewhere = receive((struct given){.category = "环境", .address = "桃城区桃源小区"});
  assert_string_equal(elsewhere.found.place_id, "");
  assert_true(elsewhere.found.place_flags & ROUTING_NAMES_OTHER_DISTRICT);
  check(&elsewhere, STATE(DESK), "", 0, 1);
}

static void without_grids_the_given_code_is_believed_and_flagged(void **state) {
  (void)state;
  struct records *records = net(false);
  struct routing_places *bare = routing_places_make(RECORDS(records));
  records_destroy(records);
  const struct routing_places *const nets[] = {NULL, bare};
  for (size_t i = 0; i < 2; i++) {
    book.places = nets[i];
    const struct routing_assignment right = receive((struct given){.category = "环境", .grid = FIRST});
    is_found(&right, ROUTING_HOW_GRID_CODE, FIRST, ROUTING_GRID_UNKNOWN);
    check(&right, STATE(DISPATCHED), FIRST, 1, 1);
    const struct routing_assignment foreign = receive((struct given){.category = "环境", .grid = FOREIGN});
    check(&foreign, STATE(DESK), "", 0, 1);
    assert_true(foreign.found.place_flags & ROUTING_NO_PLACE);
  }
  const struct routing_assignment torn =
      receive((struct given){.category = "环境", .grid = FIRST, .address = "里辛街道办事处"});
  assert_string_equal(torn.found.area, "370117002"); // the code says another street
  routing_places_close(bare);
}

static void units_are_told_of_the_place(void **state) {
  (void)state;
  const struct routing_assignment subject = receive((struct given){.category = "环境", .address = "府前花园东门"});
  const Wangge__V1__Assignment *message = routing_assignment_message(&subject, &(struct routing_view){0}, arena);
  assert_non_null(message->place);
  assert_string_equal(message->place->how, "address");
  assert_string_equal(message->place->grid_code, SECOND);
  assert_string_equal(message->place->community, "370117001001");
  assert_string_equal(message->place->street, "370117001");
  assert_string_equal(message->place->name, "府前花园");
  assert_true(*message->place->evidence && message->place->confidence > 0);
  const struct routing_assignment lost = receive((struct given){.category = "环境"});
  message = routing_assignment_message(&lost, &(struct routing_view){0}, arena);
  assert_string_equal(message->place->how, "none");
  assert_int_equal(message->place->n_flags, 1);
  assert_string_equal(message->place->flags[0], "no_place");
}

// --- category ---
#define WATER_TEXT "小区又停水了，自来水什么时候来"

static void an_order_without_category_is_routed_by_a_sure_suggestion_that_says_so(void **state) {
  (void)state;
  const struct routing_assignment unsure = receive((struct given){.text = WATER_TEXT});
  assert_string_equal(unsure.found.suggested_category, "城乡建设/供水");
  const float confidence = unsure.found.suggested_confidence;
  assert_true(confidence > 0.5f && confidence < 1);
  check(&unsure, STATE(DESK), "", 0, 1); // nothing is as sure as 1
  book.category_confidence = (double)confidence;
  const struct routing_assignment sure = receive((struct given){.text = WATER_TEXT});
  check(&sure, STATE(DISPATCHED), "water", 1, 1);
  assert_string_equal(sure.category, ""); // a suggestion stays one
  assert_non_null(strstr(sure.evidence, "城乡建设/供水"));
  assert_non_null(strstr(sure.evidence, "建议"));
  book.category_confidence = (double)nextafterf(confidence, 2);
  const struct routing_assignment missed = receive((struct given){.text = WATER_TEXT});
  check(&missed, STATE(DESK), "", 0, 1);
  const Wangge__V1__Assignment *message = routing_assignment_message(&missed, &(struct routing_view){0}, arena);
  assert_string_equal(message->suggested_category, "城乡建设/供水");
  assert_true(fabs(message->suggested_confidence - (double)confidence) < 1e-6);
}

static void a_given_category_is_never_overridden(void **state) {
  (void)state;
  book.category_confidence = 0;
  const struct routing_assignment other = receive((struct given){.category = "文旅/景区", .text = WATER_TEXT});
  assert_string_equal(other.found.suggested_category, "");
  check(&other, STATE(DISPATCHED), "housing", 1, 1);
  // Another top category, although the model knows finer ones below it.
  const struct routing_assignment top = receive((struct given){.category = "文旅", .text = WATER_TEXT});
  assert_string_equal(top.found.suggested_category, "");
  check(&top, STATE(DISPATCHED), "housing", 1, 1);
  // A coarse one gets its suggestion, and is routed as it came.
  const struct routing_assignment coarse = receive((struct given){.category = "城乡建设", .text = WATER_TEXT});
  assert_string_equal(coarse.found.suggested_category, "城乡建设/供水");
  check(&coarse, STATE(DESK), "", 0, 1);
  assert_null(strstr(coarse.evidence, "建议"));
  // No whole level.
  const struct routing_assignment half = receive((struct given){.category = "城乡", .text = WATER_TEXT});
  assert_string_equal(half.found.suggested_category, "");
}

static void without_a_text_or_a_model_nothing_is_suggested(void **state) {
  (void)state;
  book.category_confidence = 0;
  const struct routing_assignment silent = receive((struct given){0});
  assert_string_equal(silent.found.suggested_category, "");
  check(&silent, STATE(DESK), "", 0, 1);
  book.model = NULL;
  const struct routing_assignment without = receive((struct given){.text = WATER_TEXT});
  assert_string_equal(without.found.suggested_category, "");
  check(&without, STATE(DESK), "", 0, 1);
}

static void put_file(const char *path, const char *content, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(content, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static void a_model_that_cannot_be_read_is_refused_and_never_replaces_one(void **state) {
  (void)state;
  char path[] = "/tmp/wangge-model-XXXXXX";
  const int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  struct wg_metrics *metrics = wg_metrics_create("routing");
  void *made = NULL;
  const struct routing_settings settings = {.window_days = 2, .model = path, .category_confidence = text("0.9")};
  assert_int_equal(routing_start(&settings, metrics, &made, &error), WG_INVALID_ARGUMENT); // empty
  struct routing_settings odd = settings;
  odd.category_confidence = text("90%");
  assert_int_equal(routing_start(&odd, metrics, &made, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "category_confidence");
  MUST(routing_model_save(model, path, &error));
  MUST(routing_start(&settings, metrics, &made, &error));
  struct routing *routing = made;
  const struct routing_model *before = routing->model;
  assert_int_equal(before->idf->id, model->idf->id);
  assert_true(routing->category_confidence == 0.9);
  put_file(path, "WGTEXT", 6);
  assert_int_equal(routing_reload(routing, &error), WG_INVALID_ARGUMENT);
  assert_ptr_equal(routing->model, before);
  MUST(routing_model_save(model, path, &error));
  MUST(routing_reload(routing, &error));
  assert_int_equal(routing->model->idf->id, model->idf->id);
  routing_stop(routing);
  wg_metrics_destroy(metrics);
  unlink(path);
}

// --- of what was stored ---
static void an_order_from_before_places_is_looked_at_with_its_own_grid(void **state) {
  (void)state;
  receive((struct given){.category = "环境", .grid = FIRST});
  const struct routing_found nothing = {
      .area = "", .place_id = "", .place_name = "", .place_evidence = "", .suggested_category = ""};
  struct routing_rule_input input = routing_found_input(&the_order, &nothing, NULL, 0);
  assert_string_equal(input.area, FIRST);
  struct routing_found lost = nothing;
  lost.place_flags = ROUTING_GRID_UNKNOWN | ROUTING_NO_PLACE;
  input = routing_found_input(&the_order, &lost, NULL, 0);
  assert_string_equal(input.area, "");
  const struct routing_assignment old = {.found = nothing, .order = &the_order, .district = "370117"};
  assert_string_equal(routing_found_area(&old), FIRST);
  assert_int_equal(input.place_count, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, routing_tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_right_grid_code_is_believed),
      TEST(a_position_gives_the_grid),
      TEST(an_address_gives_place_and_grid_and_a_rule_may_name_the_place),
      TEST(an_area_of_a_rule_is_met_by_the_decided_place),
      TEST(without_a_place_the_category_still_routes),
      TEST(a_wrong_grid_code_is_flagged_and_never_leads),
      TEST(what_conflicts_is_flagged_and_the_code_wins),
      TEST(without_grids_the_given_code_is_believed_and_flagged),
      TEST(units_are_told_of_the_place),
      TEST(an_order_without_category_is_routed_by_a_sure_suggestion_that_says_so),
      TEST(a_given_category_is_never_overridden),
      TEST(without_a_text_or_a_model_nothing_is_suggested),
      TEST(a_model_that_cannot_be_read_is_refused_and_never_replaces_one),
      TEST(an_order_from_before_places_is_looked_at_with_its_own_grid),
  };
  return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
