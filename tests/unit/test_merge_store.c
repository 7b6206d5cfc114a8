// Similar orders become problems: the place decides first, a machine merges only what one person said twice, people
// decide the rest and undo it, and a restart changes nothing of what is suggested.
#include "tests/unit/service_fixture.h"

#include "common/base/clock.h"
#include "services/routing/routing.h"
#include "tests/unit/records.h"
#include "tests/unit/routing_reference.h"
#include "tests/unit/text_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#define NOW INT64_C(1764230400000000)
#define GRID "370117001001002"
#define WATER_STOPS "小区停水三天没有人修理水管爆裂"
#define WATER_GONE "我家小区停水三天，没有人修理水管，自来水公司不管"
#define BUSES "公交车班次太少等车四十分钟早高峰挤不上车"

static const struct wg_stream_spec STREAM = {.name = "routing.dispatch", .topics = true, .retention_days = 7};
static const struct wg_principal DISPATCHER = {.name = "dispatcher", .roles = WG_ROLE_DISPATCHER};
static struct wg_principal elsewhere = {.name = "elsewhere", .roles = WG_ROLE_DISPATCHER};

static struct routing *service;
static struct wg_metrics *metrics;
static struct wg_error error;
static struct fixture fixture = {.name = "routing",
                                 .stream = &STREAM,
                                 .load_state = routing_load_state,
                                 .load = routing_load,
                                 .decide = routing_decide,
                                 .store = routing_store,
                                 .committed = routing_committed};

static void take_places(void) {
  struct records *records = records_create();
  records_add(records, "district", "code,district,name\n370117,370117,钢城区\n131102,131102,桃城区\n");
  records_add(records, "street", "code,district,name\n370117001,370117,艾山街道\n131102001,131102,河西街道\n");
  records_add(records, "community",
              "code,district,name,kind\n370117001001,370117,府前社区,residential\n"
              "131102001001,131102,桃源社区,residential\n");
  records_add(records, "grid",
              "code,district,name,kind\n" GRID ",370117,第二网格,basic\n131102001001001,131102,第一网格,basic\n");
  records_add(records, "place",
              "code,district,name,kind,grids\nestate-1,370117,府前花园,estate," GRID
              "\nestate-2,370117,清泉家园,estate," GRID "\nestate-3,131102,府前花园,estate,131102001001001\n");
  routing_places_close(service->places);
  service->places = routing_places_make(RECORDS(records));
  records_destroy(records);
}

static int set_up_group(void **state) {
  (void)state;
  fixture_migrate(&fixture);
  char path[] = "/tmp/wangge-merge-XXXXXX";
  close(mkstemp(path));
  struct routing_model *model = text_fixture_train();
  fixture_must(routing_model_save(model, path, &error), &error);
  routing_model_close(model);
  const struct routing_settings settings = {.window_days = 2, .model = path, .similar_mb = 1};
  metrics = wg_metrics_create("routing");
  void *made = NULL;
  fixture_must(routing_start(&settings, metrics, &made, &error), &error);
  unlink(path);
  fixture.service = service = made;
  routing_take_reference(service);
  take_places();
  snprintf(elsewhere.district[0], sizeof elsewhere.district[0], "131102");
  elsewhere.districts = 1;
  return 0;
}

static int tear_down_group(void **state) {
  (void)state;
  routing_stop(service);
  wg_metrics_destroy(metrics);
  return 0;
}

static int set_up(void **state) {
  (void)state;
  postgres_execute("TRUNCATE routing.assignment, routing.step, routing.supplement, routing.leg, "
                   "routing.return_request, routing.precedent, routing.problem, routing.problem_member, "
                   "routing.merge_suggestion, routing.theme_member, routing.theme, routing.theme_sweep");
  fixture_open(&fixture);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  fixture_close(&fixture);
  return 0;
}

static void restart(void) {
  fixture_close(&fixture);
  fixture_open(&fixture);
}

static struct wg_item said(int64_t order_id, const char *district, const char *address, uint64_t person,
                           const char *words) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = order_id;
  order.district = (char *)(uintptr_t)district;
  order.source = (char *)"hotline-12345";
  order.external_id = (char *)"RX1";
  order.category = (char *)"城乡建设/供水供气";
  order.title = (char *)"";
  order.text = (char *)(uintptr_t)words;
  order.address = (char *)(uintptr_t)address;
  order.grid_code = (char *)(strcmp(district, "370117") == 0 ? GRID : "131102001001001");
  order.received_at = NOW;
  Wangge__V1__OrderReceived event = WANGGE__V1__ORDER_RECEIVED__INIT;
  event.order = &order;
  event.reporter_ref = person;
  return fixture_event(&fixture, &event.base, (uint64_t)order_id, NOW);
}

static void run(struct wg_item item) {
  fixture_run(&fixture, &item, 1, NOW);
}

static void receive(int64_t order_id, const char *address, uint64_t person, const char *words) {
  run(said(order_id, "370117", address, person, words));
}

static wg_status ask(struct wg_item item) {
  fixture_run(&fixture, &item, 1, NOW);
  error = item.error;
  return item.error.code;
}

static struct wg_item merge_item(int64_t order_id, int64_t into) {
  Wangge__V1__MergeRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__merge_request__init(request);
  request->order_id = order_id;
  request->into = into;
  request->reason = (char *)"同一件事";
  request->acting_person = (char *)"0017";
  return fixture_call(&DISPATCHER, &request->base);
}

static wg_status merge(int64_t order_id, int64_t into) {
  return ask(merge_item(order_id, into));
}

static wg_status unmerge(int64_t order_id) {
  Wangge__V1__UnmergeRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__unmerge_request__init(request);
  request->order_id = order_id;
  request->reason = (char *)"不是一件事";
  return ask(fixture_call(&DISPATCHER, &request->base));
}

static wg_status decide(int64_t order_id, int64_t problem_id, bool accept) {
  Wangge__V1__DecideSuggestionRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__decide_suggestion_request__init(request);
  request->order_id = order_id;
  request->problem_id = problem_id;
  request->accept = accept;
  request->reason = (char *)"已核实";
  return ask(fixture_call(&DISPATCHER, &request->base));
}

static wg_status solve(int64_t problem_id) {
  Wangge__V1__SolveProblemRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__solve_problem_request__init(request);
  request->problem_id = problem_id;
  request->reason = (char *)"已修复";
  return ask(fixture_call(&DISPATCHER, &request->base));
}

static int64_t count(const char *sql) {
  return fixture_count(&fixture, sql);
}
#define MEMBERS(where) count("SELECT count(*) FROM routing.problem_member WHERE removed_at IS NULL AND " where)
#define PENDING(where) count("SELECT count(*) FROM routing.merge_suggestion WHERE state = 1 AND " where)

static const Wangge__V1__SuggestionsResponse *suggestions(const struct wg_principal *caller, int32_t limit,
                                                          const char *token) {
  static Wangge__V1__SuggestionsRequest request;
  wangge__v1__suggestions_request__init(&request);
  request.limit = limit;
  request.page_token = (char *)(uintptr_t)token;
  struct wg_read_call call = {
      .caller = caller, .request = &request.base, .arena = fixture.arena, .db = fixture.reader, .service = service};
  ProtobufCMessage *reply = NULL;
  error = (struct wg_error){0};
  fixture_must(routing_show_suggestions(&call, &reply, &error), &error);
  return (const Wangge__V1__SuggestionsResponse *)reply;
}

static const Wangge__V1__ProblemResponse *problem(int64_t id) {
  static Wangge__V1__ProblemRequest request;
  wangge__v1__problem_request__init(&request);
  request.problem_id = id;
  struct wg_read_call call = {.caller = &DISPATCHER,
                              .request = &request.base,
                              .arena = fixture.arena,
                              .db = fixture.reader,
                              .service = service};
  ProtobufCMessage *reply = NULL;
  error = (struct wg_error){0};
  return routing_show_problem(&call, &reply, &error) == WG_OK ? (const Wangge__V1__ProblemResponse *)reply : NULL;
}

static void the_same_words_of_one_person_are_merged_at_once(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  receive(2, "府前花园", 77, "小区停水三天，没有人修理。水管爆裂！");
  fixture_payload(&fixture, 1, &wangge__v1__problem_opened__descriptor, "");
  const Wangge__V1__OrderMerged *merged = fixture_payload(&fixture, 2, &wangge__v1__order_merged__descriptor, "");
  assert_int_equal(merged->problem_id, 1);
  assert_string_equal(merged->by, "system");
  assert_int_equal(MEMBERS("problem_id = 1"), 2);
  assert_int_equal(PENDING("true"), 0);
  receive(3, "府前花园", 77, WATER_STOPS);
  assert_int_equal(fixture.event_count, 2); // dispatched or on the desk, merged: the problem is open already
  const Wangge__V1__ProblemResponse *shown = problem(3);
  assert_int_equal(shown->problem->problem_id, 1);
  assert_int_equal(shown->problem->members, 3);
  assert_int_equal(shown->n_members, 3);
  assert_true(*shown->members[1]->evidence && shown->members[1]->idf);
  assert_int_equal(count("SELECT count(*) FROM routing.assignment WHERE state <> 4"), 3); // each goes its own way
}

static void other_persons_are_suggested(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  receive(2, "府前花园", 78, WATER_GONE);
  receive(3, "府前花园", 79, BUSES);
  assert_int_equal(MEMBERS("true"), 0);
  assert_int_equal(PENDING("order_id = 2 AND problem_id = 1 AND evidence <> '' AND grams <> '' AND idf > 0"), 1);
  assert_int_equal(PENDING("order_id = 3"), 0);
  receive(4, "府前花园", 0, WATER_STOPS); // nobody knows who: never by a machine
  assert_int_equal(MEMBERS("true"), 0);
  assert_int_equal(PENDING("order_id = 4"), 2);
}

static void two_of_one_batch_meet(void **state) {
  (void)state;
  struct wg_item items[] = {
      said(1, "370117", "府前花园", 77, WATER_STOPS), said(2, "370117", "府前花园", 77, WATER_STOPS),
      said(3, "370117", "府前花园", 77, WATER_STOPS), said(4, "370117", "府前花园", 78, WATER_GONE)};
  fixture_run(&fixture, items, 4, NOW);
  assert_int_equal(MEMBERS("problem_id = 1"), 3);
  assert_int_equal(PENDING("order_id = 4 AND problem_id = 1"), 1);
  assert_int_equal(count("SELECT members::bigint FROM routing.problem"), 3);
}

static void another_named_place_is_never_one(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  receive(2, "清泉家园", 77, WATER_STOPS); // same grid, same person, same words
  run(said(3, "131102", "府前花园", 77, WATER_STOPS));
  assert_int_equal(MEMBERS("true"), 0);
  assert_int_equal(PENDING("true"), 0);
  assert_int_equal(merge(2, 1), WG_FAILED_PRECONDITION);
  assert_int_equal(merge(3, 1), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "370117"));
  receive(4, "", 78, WATER_GONE); // the grid only: may be either
  assert_int_equal(PENDING("order_id = 4"), 2);
  assert_int_equal(decide(4, 1, true), WG_OK);
  assert_int_equal(merge(2, 1), WG_FAILED_PRECONDITION);
  assert_int_equal(merge(2, 4), WG_FAILED_PRECONDITION); // not by the way of one without a name
}

static void a_restart_finds_the_same(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  receive(2, "府前花园", 77, WATER_STOPS);
  receive(3, "府前花园", 78, WATER_GONE);
  receive(4, "府前花园", 79, WATER_GONE);
  const int64_t before = PENDING("order_id = 4");
  const int64_t score = count("SELECT (sum(score) * 1000000)::bigint FROM routing.merge_suggestion WHERE order_id = 4");
  restart();
  receive(5, "府前花园", 80, WATER_GONE);
  assert_int_equal(PENDING("order_id = 5 AND problem_id = 1"), 1);
  assert_int_equal(PENDING("order_id = 5 AND problem_id = 2"), 0); // a member is not a problem of its own
  assert_true(PENDING("order_id = 5") >= before);
  assert_true(score > 0);
  restart();
  receive(6, "府前花园", 77, WATER_STOPS);
  assert_int_equal(MEMBERS("problem_id = 1 AND order_id = 6"), 1);
  assert_int_equal(count("SELECT members::bigint FROM routing.problem WHERE problem_id = 1"), 3);
}

static void what_memory_and_database_say_is_equal(void **state) {
  (void)state;
  for (int64_t id = 1; id <= 40; id++)
    receive(id, "府前花园", 0, id % 2 ? WATER_STOPS : BUSES);
  receive(41, "府前花园", 0, WATER_GONE);
  restart();
  receive(42, "府前花园", 0, WATER_GONE);
  assert_int_equal(count("SELECT count(*) FROM routing.merge_suggestion a JOIN routing.merge_suggestion b ON "
                         "a.problem_id = b.problem_id AND a.score = b.score AND a.level = b.level AND "
                         "a.evidence = b.evidence WHERE a.order_id = 41 AND b.order_id = 42"),
                   count("SELECT count(*) FROM routing.merge_suggestion WHERE order_id = 41 AND problem_id <> 41") -
                       count("SELECT count(*) FROM routing.merge_suggestion WHERE order_id = 42 AND problem_id = 41"));
}

static void people_decide_and_undo_with_history(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  receive(2, "府前花园", 78, WATER_GONE);
  receive(3, "府前花园", 79, WATER_GONE);
  assert_int_equal(decide(2, 1, true), WG_OK);
  assert_int_equal(decide(2, 1, true), WG_OK); // said again
  assert_int_equal(decide(2, 1, false), WG_FAILED_PRECONDITION);
  assert_int_equal(MEMBERS("problem_id = 1"), 2);
  assert_int_equal(decide(3, 2, true), WG_OK); // 2 is in problem 1 by now
  assert_int_equal(MEMBERS("problem_id = 1"), 3);
  assert_int_equal(PENDING("order_id = 3"), 0);
  assert_int_equal(unmerge(1), WG_FAILED_PRECONDITION); // gives the problem its number
  assert_int_equal(unmerge(2), WG_OK);
  fixture_payload(&fixture, 0, &wangge__v1__order_unmerged__descriptor, "");
  assert_int_equal(unmerge(2), WG_FAILED_PRECONDITION);
  assert_int_equal(merge(2, 3), WG_OK); // and again
  assert_int_equal(merge(2, 3), WG_OK);
  const Wangge__V1__ProblemResponse *shown = problem(2);
  assert_int_equal(shown->problem->members, 3);
  assert_int_equal(shown->n_members, 4);
  assert_int_equal(count("SELECT max(n)::bigint FROM routing.problem_member WHERE order_id = 2"), 2);
  assert_int_equal(count("SELECT count(*) FROM routing.problem_member WHERE removed_at IS NOT NULL AND "
                         "removed_by = 'dispatcher' AND remove_reason = '不是一件事'"),
                   1);
  assert_int_equal(count("SELECT count(*) FROM routing.problem_member WHERE person = '0017'"), 1);
}

static void the_older_order_begins_the_problem(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  receive(2, "府前花园", 78, BUSES);
  receive(3, "府前花园", 79, BUSES);
  assert_int_equal(merge(1, 2), WG_OK);
  assert_int_equal(MEMBERS("problem_id = 1"), 2);
  assert_int_equal(merge(1, 3), WG_FAILED_PRECONDITION); // it has members
  assert_int_equal(merge(2, 3), WG_FAILED_PRECONDITION); // it is one
  assert_int_equal(unmerge(2), WG_OK);
  assert_int_equal(merge(1, 3), WG_OK); // alone again, it may join others
  assert_int_equal(count("SELECT members::bigint FROM routing.problem WHERE problem_id = 1"), 0);
  assert_int_equal(MEMBERS("problem_id = 3"), 2);
  assert_int_equal(unmerge(1), WG_OK);
  assert_int_equal(merge(2, 1), WG_OK); // and begin anew
  assert_int_equal(MEMBERS("problem_id = 1"), 2);
}

static void two_changes_of_one_order_need_two_batches(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  receive(2, "府前花园", 78, BUSES);
  receive(3, "府前花园", 79, BUSES);
  struct wg_item items[] = {merge_item(3, 2), merge_item(3, 1)};
  fixture_run(&fixture, items, 2, NOW);
  assert_int_equal(items[0].error.code, WG_OK);
  assert_int_equal(items[1].error.code, WG_ABORTED);
}

static void a_solved_problem_recurs(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  assert_int_equal(solve(1), WG_NOT_FOUND); // an order is no problem
  receive(2, "府前花园", 77, WATER_STOPS);
  assert_int_equal(solve(1), WG_OK);
  receive(3, "府前花园", 77, WATER_STOPS); // never by a machine
  assert_int_equal(MEMBERS("order_id = 3"), 0);
  assert_int_equal(PENDING("order_id = 3 AND problem_id = 1 AND level = 2"), 1);
  restart();
  receive(4, "府前花园", 77, WATER_STOPS);
  assert_int_equal(MEMBERS("problem_id = 1"), 2);
}

static void withdrawn_orders_are_no_candidates(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  Wangge__V1__OrderWithdrawn event = WANGGE__V1__ORDER_WITHDRAWN__INIT;
  event.order_id = 1;
  event.by = (char *)"hotline-12345";
  event.reason = (char *)"已来水";
  run(fixture_event(&fixture, &event.base, 900, NOW));
  receive(2, "府前花园", 77, WATER_STOPS);
  assert_int_equal(MEMBERS("true") + PENDING("true"), 0);
  restart();
  receive(3, "府前花园", 78, WATER_GONE);
  assert_int_equal(PENDING("problem_id = 1"), 0);
  assert_int_equal(merge(2, 1), WG_FAILED_PRECONDITION);
}

static void orders_that_came_without_a_model_are_no_candidates(void **state) {
  (void)state;
  struct routing_model *model = service->model;
  service->model = NULL;
  receive(1, "府前花园", 77, WATER_STOPS);
  service->model = model;
  receive(2, "府前花园", 77, WATER_STOPS);
  assert_int_equal(MEMBERS("true") + PENDING("true"), 0);
  restart();
  receive(3, "府前花园", 77, WATER_STOPS);
  assert_int_equal(MEMBERS("problem_id = 2"), 2);
  assert_int_equal(MEMBERS("order_id = 1") + PENDING("problem_id = 1"), 0);
  assert_int_equal(merge(1, 2), WG_OK); // a person may
}

static void suggestions_come_in_order_and_to_whom_they_concern(void **state) {
  (void)state;
  for (int64_t id = 1; id <= 6; id++)
    receive(id, "府前花园", (uint64_t)id, id % 3 ? WATER_GONE : WATER_STOPS);
  const Wangge__V1__SuggestionsResponse *all = suggestions(&DISPATCHER, 1000, "");
  assert_true(all->n_suggestions > 4);
  size_t seen = 0;
  for (const char *token = ""; seen == 0 || *token;) {
    const Wangge__V1__SuggestionsResponse *page = suggestions(&DISPATCHER, 2, token);
    for (size_t i = 0; i < page->n_suggestions; i++, seen++) {
      assert_int_equal(page->suggestions[i]->order_id, all->suggestions[seen]->order_id);
      assert_int_equal(page->suggestions[i]->problem_id, all->suggestions[seen]->problem_id);
      assert_true(page->suggestions[i]->n_grams > 0);
    }
    token = page->next_page_token;
  }
  assert_int_equal(seen, all->n_suggestions);
  for (size_t i = 1; i < all->n_suggestions; i++)
    assert_true(all->suggestions[i - 1]->level >= all->suggestions[i]->level);
  assert_int_equal(suggestions(&elsewhere, 10, "")->n_suggestions, 0);
}

static void a_batch_that_fails_leaves_nothing_in_memory(void **state) {
  (void)state;
  receive(1, "府前花园", 77, WATER_STOPS);
  assert_true(routing_problem_index_bytes(service->merging.index) > 0);
  routing_rolled_back(service, NULL);
  assert_int_equal(routing_problem_index_bytes(service->merging.index), 0);
  receive(2, "府前花园", 77, WATER_STOPS);
  assert_int_equal(MEMBERS("problem_id = 1"), 2);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(the_same_words_of_one_person_are_merged_at_once),
      TEST(other_persons_are_suggested),
      TEST(two_of_one_batch_meet),
      TEST(another_named_place_is_never_one),
      TEST(a_restart_finds_the_same),
      TEST(what_memory_and_database_say_is_equal),
      TEST(people_decide_and_undo_with_history),
      TEST(the_older_order_begins_the_problem),
      TEST(two_changes_of_one_order_need_two_batches),
      TEST(a_solved_problem_recurs),
      TEST(withdrawn_orders_are_no_candidates),
      TEST(orders_that_came_without_a_model_are_no_candidates),
      TEST(suggestions_come_in_order_and_to_whom_they_concern),
      TEST(a_batch_that_fails_leaves_nothing_in_memory),
  };
  return cmocka_run_group_tests_name("merge_store", tests, set_up_group, tear_down_group);
}
