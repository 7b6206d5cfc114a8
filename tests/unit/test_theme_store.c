// Sweeps for themes over a real database: what another sweep overtook changes nothing, what is not found again ends,
// and a sweep of the full size (10,000 orders of 102 grids) finds what was put there and nothing else. The latter takes
// a minute under the sanitizers and runs with WANGGE_SOAK=1 (ops/test --soak); without it a tenth of it.
#include "tests/unit/service_fixture.h"

#include "common/base/clock.h"
#include "services/routing/routing.h"
#include "tests/unit/records.h"
#include "tests/unit/routing_reference.h"
#include "tests/unit/text_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#define NOW INT64_C(1764230400000000)
#define DISTRICT "370117"
enum { GRIDS = 102, GRIDS_A_COMMUNITY = 6, BATCH = 500, KINDS = 5 };

static const struct wg_stream_spec STREAM = {.name = "routing.dispatch", .topics = true, .retention_days = 7};
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

static const char *grid_of(size_t n) {
  static char codes[GRIDS][16];
  snprintf(codes[n], sizeof codes[n], DISTRICT "001%03zu%03zu", n / GRIDS_A_COMMUNITY + 1, n % GRIDS_A_COMMUNITY + 1);
  return codes[n];
}

static void take_places(void) {
  struct records *records = records_create();
  struct wg_buffer communities = {0}, grids = {0};
  wg_buffer_text(&communities, "code,district,name,kind\n");
  wg_buffer_text(&grids, "code,district,name,kind\n");
  for (size_t i = 0; i < GRIDS; i++) {
    if (i % GRIDS_A_COMMUNITY == 0)
      wg_buffer_printf(&communities, "%.12s," DISTRICT ",第%zu社区,residential\n", grid_of(i),
                       i / GRIDS_A_COMMUNITY + 1);
    wg_buffer_printf(&grids, "%s," DISTRICT ",第%zu网格,basic\n", grid_of(i), i + 1);
  }
  records_add(records, "district", "code,district,name\n" DISTRICT "," DISTRICT ",钢城区\n");
  records_add(records, "street", "code,district,name\n" DISTRICT "001," DISTRICT ",艾山街道\n");
  records_add(records, "community", wg_buffer_cstr(&communities));
  records_add(records, "grid", wg_buffer_cstr(&grids));
  routing_places_close(service->places);
  service->places = routing_places_make(RECORDS(records));
  records_destroy(records);
  wg_buffer_free(&communities);
  wg_buffer_free(&grids);
}

// What residents of many grids want alike, and what makes one order differ from another.
static const char *const kinds[KINDS] = {"电动车没有地方充电，希望加装充电桩", "六层老楼爬不动，请求建一部电梯",
                                         "广场缺少健身器材，盼望增设单杠", "夜间路灯不亮，走路摔跤",
                                         "孩子放学托管班离家太远"};
static const char *const words[] = {"合同", "阳台", "招牌", "蚊虫", "压力", "档案", "围墙", "台阶", "鱼塘", "果园",
                                    "磨坊", "货架", "琴声", "墨迹", "砖瓦", "纱窗", "田埂", "渔网", "竹筐", "窑洞",
                                    "药铺", "戏台", "钟表", "陶罐", "缆绳", "煤块", "杏花", "桑叶", "棉被", "铁锅"};
enum { WORDS = sizeof words / sizeof *words };

static uint32_t draw(uint64_t *seed, uint32_t below) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(*seed >> 33) % below;
}

// text_of: every fourth order has one of the wishes, the others only words put together by chance.
static const char *text_of(size_t n, uint64_t *seed) {
  static char text[400];
  size_t used = (size_t)snprintf(text, sizeof text, "%s", n % 4 == 0 ? kinds[n / 4 % KINDS] : "");
  for (uint32_t i = draw(seed, 2) + (n % 4 == 0 ? 1 : 8); i > 0; i--)
    used +=
        (size_t)snprintf(text + used, sizeof text - used, "，%s%s", words[draw(seed, WORDS)], words[draw(seed, WORDS)]);
  return text;
}

static struct routing_model *train(void) {
  struct routing_trainer *trainer = routing_trainer_create();
  struct routing_model *model = NULL;
  struct routing_validation validation;
  uint64_t seed = 1;
  for (size_t i = 0; i < 400; i++)
    fixture_must(routing_trainer_add(trainer, wg_bytes_of(""), wg_bytes_of(text_of(i, &seed)), NULL, &error), &error);
  fixture_must(routing_train(trainer, 2, 1, &model, &validation, &error), &error);
  routing_validation_free(&validation);
  routing_trainer_destroy(trainer);
  return model;
}

static int set_up_group(void **state) {
  (void)state;
  fixture_migrate(&fixture);
  char path[] = "/tmp/wangge-theme-XXXXXX";
  close(mkstemp(path));
  struct routing_model *model = train();
  fixture_must(routing_model_save(model, path, &error), &error);
  routing_model_close(model);
  const struct routing_settings settings = {.window_days = 2, .model = path, .similar_mb = 16, .theme_grids = 3};
  metrics = wg_metrics_create("routing");
  void *made = NULL;
  fixture_must(routing_start(&settings, metrics, &made, &error), &error);
  unlink(path);
  fixture.service = service = made;
  routing_take_reference(service);
  take_places();
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
  service->sweep.last = 0;
  fixture_open(&fixture);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  fixture_close(&fixture);
  return 0;
}

// --- what is stored ---
static int64_t number(const char *sql) {
  struct wg_db *db = postgres_connect("routing");
  PGresult *result = NULL;
  const struct wg_statement statement = {"test_number", sql, 0};
  fixture_must(wg_db_run(db, &statement, NULL, &result, &error), &error);
  const int64_t read = wg_get_i64(result, 0, 0);
  PQclear(result);
  wg_db_close(db);
  return read;
}

// found is what a sweep that began after sweep number `prior` hands over: one theme of two orders.
static struct routing_theme_set *found(int32_t prior, int64_t theme_id, const char *title, int64_t first_order) {
  struct wg_arena *arena = wg_arena_create(4096);
  struct routing_theme_set *set = wg_arena_zalloc(arena, sizeof *set);
  struct routing_theme_order *orders = wg_arena_zalloc(arena, 2 * sizeof *orders);
  struct routing_theme_member *members = wg_arena_zalloc(arena, 2 * sizeof *members);
  for (int i = 0; i < 2; i++) {
    orders[i] =
        (struct routing_theme_order){.id = first_order + i, .grid = grid_of((size_t)i), .place_id = "", .category = ""};
    members[i] = (struct routing_theme_member){&orders[i], 0.5f};
  }
  *set = (struct routing_theme_set){.arena = arena, .count = 1, .orders = 2, .idf = 7, .prior = prior};
  set->rows = wg_arena_zalloc(arena, sizeof *set->rows);
  *set->rows = (struct routing_theme_row){
      .district = DISTRICT,
      .title = wg_arena_strdup(arena, title),
      .grams = "",
      .evidence = "",
      .theme = {.id = theme_id, .members = members, .count = 2, .grids = 2, .likest = orders, .category = ""}};
  return set;
}

static void receive(size_t count) {
  uint64_t seed = 20261128;
  for (size_t from = 0; from < count; from += BATCH) {
    static struct wg_item items[BATCH];
    size_t n = 0;
    for (; n < BATCH && from + n < count; n++) {
      Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
      order.order_id = (int64_t)(from + n) + 1;
      order.district = (char *)DISTRICT;
      order.source = (char *)"hotline-12345";
      order.external_id = (char *)"RX1";
      order.category = (char *)"城乡建设";
      order.title = (char *)"";
      order.text = (char *)(uintptr_t)text_of(from + n, &seed);
      order.address = (char *)"";
      order.grid_code = (char *)(uintptr_t)grid_of((from + n) / 20 % GRIDS); // wishes and grids vary independently
      order.received_at = NOW;
      Wangge__V1__OrderReceived event = WANGGE__V1__ORDER_RECEIVED__INIT;
      event.order = &order;
      items[n] = fixture_event(&fixture, &event.base, (uint64_t)order.order_id, NOW);
    }
    fixture_run(&fixture, items, n, NOW);
    wg_arena_reset(fixture.arena);
  }
}

static void tick(int64_t at) {
  struct wg_item item = {.kind = WG_ITEM_TICK, .traceparent = ""};
  fixture_run(&fixture, &item, 1, at);
}

static void store(struct routing_theme_set *set, int64_t at) {
  assert_null(service->sweep.made);
  service->sweep.made = set;
  tick(at);
  assert_null(service->sweep.made); // also what was overtaken does not wait for ever
}

static void what_another_sweep_overtook_changes_nothing(void **state) {
  (void)state;
  receive(100);
  store(found(0, 1, "充电桩", 10), NOW);
  assert_int_equal(number("SELECT max(n)::bigint FROM theme_sweep"), 1);
  // Both began when there was none; the second ends later and knows less.
  store(found(0, 1, "旧的题目", 90), NOW + WG_SECOND_US);
  store(found(0, 2, "加装电梯", 90), NOW + WG_SECOND_US);
  assert_int_equal(number("SELECT count(*) FROM theme_sweep"), 1);
  assert_int_equal(number("SELECT count(*) FROM theme"), 1);
  assert_int_equal(number("SELECT count(*) FROM theme WHERE title = '充电桩' AND ended_at IS NULL"), 1);
  assert_int_equal(number("SELECT count(*) FROM theme_member WHERE order_id IN (10, 11)"), 2);
  assert_int_equal(number("SELECT count(*) FROM theme_member"), 2);
}

static void what_is_not_found_again_ends(void **state) {
  (void)state;
  receive(100);
  store(found(0, 1, "充电桩", 10), NOW);
  store(found(1, 2, "加装电梯", 20), NOW + WG_DAY_US);
  assert_int_equal(number("SELECT theme_id FROM theme WHERE ended_at IS NOT NULL"), 1);
  assert_int_equal(number("SELECT theme_id FROM theme WHERE ended_at IS NULL"), 2);
  store(found(2, 1, "充电桩又多了", 10), NOW + 2 * WG_DAY_US);
  assert_int_equal(number("SELECT max(n)::bigint FROM theme_sweep"), 3);
  assert_int_equal(number("SELECT count(*) FROM theme_member WHERE theme_id = 1"), 2);
}

// --- the full size ---
static void every_wish_of_the_district_is_one_theme(void **state) {
  (void)state;
  const char *soak = getenv("WANGGE_SOAK");
  const size_t orders = soak && *soak ? ROUTING_THEME_ORDERS : ROUTING_THEME_ORDERS / 10;
  const size_t grids = orders / 20 < GRIDS ? orders / 20 : GRIDS;
  receive(orders);
  const int64_t began = wg_monotonic_us();
  fixture_must(routing_sweep_refresh(service, fixture.reader, NOW + WG_DAY_US, &error), &error);
  const struct routing_theme_set *set = routing_sweep_waiting(&service->sweep);
  assert_non_null(set);
  print_message("sweep of %zu orders: %.2f s, %zu themes\n", set->orders,
                (double)(wg_monotonic_us() - began) / WG_SECOND_US, set->count);
  assert_int_equal(set->orders, orders);
  tick(NOW + WG_DAY_US);
  for (size_t i = 0; i < KINDS; i++) {
    struct wg_arena *arena = wg_arena_create(4096);
    const char *of_it = wg_arena_printf(arena,
                                        "FROM theme t JOIN theme_member m USING (district, theme_id) JOIN assignment a "
                                        "USING (district, order_id) WHERE (a.order_id - 1) %% 4 = 0 AND "
                                        "(a.order_id - 1) / 4 %% %d = %zu",
                                        KINDS, i);
    const int64_t all = number(wg_arena_printf(arena, "SELECT count(*) %s", of_it));
    // Nearly all orders of a wish stand in one theme, which is in nearly all grids and of this wish alone.
    const int64_t most = number(
        wg_arena_printf(arena, "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n %s GROUP BY theme_id) g", of_it));
    const int64_t theme = number(wg_arena_printf(
        arena, "SELECT theme_id FROM (SELECT theme_id, count(*) AS n %s GROUP BY theme_id) g ORDER BY n DESC LIMIT 1",
        of_it));
    const int64_t members =
        number(wg_arena_printf(arena, "SELECT orders::bigint FROM theme WHERE theme_id = %d", (int)theme));
    const int64_t in_grids =
        number(wg_arena_printf(arena, "SELECT grids::bigint FROM theme WHERE theme_id = %d", (int)theme));
    print_message("%s: %d orders in themes, %d of them in one of %d orders and %d grids\n", kinds[i], (int)all,
                  (int)most, (int)members, (int)in_grids);
    const int64_t said = (int64_t)(orders / 4 / KINDS);
    assert_true(most * 10 >= said * 9);
    assert_true(most * 10 >= members * 9);
    assert_true(in_grids * 10 >= (int64_t)grids * 9);
    wg_arena_destroy(arena);
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(what_another_sweep_overtook_changes_nothing),
      TEST(what_is_not_found_again_ends),
      TEST(every_wish_of_the_district_is_one_theme),
  };
  return cmocka_run_group_tests_name("theme_store", tests, set_up_group, tear_down_group);
}
