// Themes: the same matter in many grids is found, one place's troubles are none, and a theme keeps its id.
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/routing/theme.h"
#include "tests/unit/text_fixture.h"

#include <string.h>

struct told {
  struct wg_arena *arena;
  struct routing_model *model;
  struct routing_text_work *work;
  struct routing_theme_order orders[64];
  size_t count;
  struct routing_theme *themes;
};

static void begin(struct told *told) {
  *told = (struct told){.arena = wg_arena_create(4096), .model = text_fixture_train()};
  told->work = routing_text_work_create();
}

static void end(struct told *told) {
  wg_arena_destroy(told->arena);
  routing_model_close(told->model);
  routing_text_work_destroy(told->work);
}

static void say(struct told *told, int64_t id, const char *grid, const char *text) {
  struct routing_text words;
  struct routing_vector vector;
  struct wg_error error = {0};
  assert_int_equal(
      routing_text_normalise((struct wg_bytes){NULL, 0}, wg_bytes_of(text), told->work, told->arena, &words, &error),
      WG_OK);
  routing_vector_make(&words, told->model->idf, told->work, told->arena, &vector);
  struct routing_theme_order *order = &told->orders[told->count++];
  *order = (struct routing_theme_order){.id = id, .grid = grid, .place_id = grid, .category = "充电"};
  routing_theme_take(order, &vector, told->arena);
}

static size_t find(struct told *told, size_t grids) {
  return routing_themes_find(told->orders, told->count, grids, told->arena, &told->themes);
}

static void wishes(struct told *told) {
  say(told, 1, "g1", "亲和家园没有电动车充电桩，希望加装充电桩");
  say(told, 2, "g2", "双泉小区电动车没有地方充电，请安装充电桩");
  say(told, 3, "g1", "亲和家园广场舞音量太大影响休息");
  say(told, 4, "g3", "金鼎嘉园盼望加装电动车充电桩");
}

static void the_same_wish_of_three_grids(void **state) {
  (void)state;
  struct told told;
  begin(&told);
  wishes(&told);
  assert_int_equal(find(&told, 3), 1);
  const struct routing_theme *theme = told.themes;
  assert_int_equal(theme->count, 3);
  assert_int_equal(theme->grids, 3);
  assert_int_equal(theme->places, 3);
  assert_string_equal(theme->category, "充电");
  assert_int_equal(theme->category_count, 3);
  assert_int_equal(theme->members[1].order->id, 2);
  assert_true(theme->grams > 0 && theme->likest && theme->score >= ROUTING_THEME_LIKE);
  assert_int_equal(find(&told, 4), 0);
  end(&told);
}

// Those of one grid come first: each begins its own, and in the end all are one.
static void whoever_comes_first(void **state) {
  (void)state;
  struct told told;
  begin(&told);
  for (int64_t i = 1; i <= 3; i++)
    say(&told, i, "g1", "亲和家园没有电动车充电桩，希望加装充电桩");
  say(&told, 4, "g2", "双泉小区没有电动车充电桩，希望加装充电桩");
  say(&told, 5, "g3", "金鼎嘉园盼望加装电动车充电桩");
  say(&told, 6, "g3", "金鼎嘉园公交车班次太少，等车四十分钟");
  assert_int_equal(find(&told, 3), 1);
  assert_int_equal(told.themes->count, 5);
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(told.themes->members[i].order->id, i + 1);
  end(&told);
}

static void one_place_is_no_theme(void **state) {
  (void)state;
  struct told told;
  begin(&told);
  for (int64_t i = 1; i <= 6; i++)
    say(&told, i, "g1", "亲和家园没有电动车充电桩，希望加装充电桩");
  say(&told, 7, "", "亲和家园没有电动车充电桩，希望加装充电桩");
  say(&told, 8, "g2", "");
  assert_int_equal(find(&told, 2), 0);
  told.count = 0;
  assert_int_equal(find(&told, 1), 0);
  end(&told);
}

static void another_category_is_another_kind(void **state) {
  (void)state;
  struct told told;
  begin(&told);
  wishes(&told);
  told.orders[1].category = "物业";
  assert_int_equal(find(&told, 3), 0);
  told.orders[1].category = "充电桩"; // not below 充电
  assert_int_equal(find(&told, 3), 0);
  told.orders[1].category = "充电/加装";
  assert_int_equal(find(&told, 3), 1);
  told.orders[1].category = "";
  assert_int_equal(find(&told, 3), 1);
  end(&told);
}

static void a_theme_keeps_its_id(void **state) {
  (void)state;
  struct told told;
  begin(&told);
  wishes(&told);
  const struct routing_theme_known known[] = {{1, 7}, {2, 7}, {3, 9}};
  assert_int_equal(find(&told, 3), 1);
  routing_themes_name(told.themes, 1, known, 3, 20);
  assert_int_equal(told.themes[0].id, 7);
  routing_themes_name(told.themes, 1, known, 0, 20);
  assert_int_equal(told.themes[0].id, 20);
  // Less than half of the smaller one: another theme.
  const struct routing_theme_known other[] = {{1, 7}, {101, 7}, {102, 7}, {103, 7}};
  told.themes[0].id = 0;
  routing_themes_name(told.themes, 1, other, 4, 20);
  assert_int_equal(told.themes[0].id, 20);
  end(&told);
}

static void one_id_is_used_once(void **state) {
  (void)state;
  struct routing_theme_order orders[] = {{.id = 1}, {.id = 2}};
  struct routing_theme_member first = {&orders[0], 0}, second = {&orders[1], 0};
  struct routing_theme themes[] = {{.members = &first, .count = 1}, {.members = &second, .count = 1}};
  const struct routing_theme_known known[] = {{1, 7}, {2, 7}};
  routing_themes_name(themes, 2, known, 2, 8);
  assert_int_equal(themes[0].id, 7);
  assert_int_equal(themes[1].id, 8);
}

static void more_orders_than_the_bound(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  const size_t count = ROUTING_THEME_ORDERS + 5;
  struct routing_theme_order *orders = wg_arena_zalloc(arena, count * sizeof *orders);
  static const uint32_t gram[] = {1u << 31};
  static const float weight[] = {1};
  for (size_t i = 0; i < count; i++)
    orders[i] = (struct routing_theme_order){.id = (int64_t)i + 1,
                                             .grid = i % 2 ? "a" : "b",
                                             .place_id = "",
                                             .category = "",
                                             .count = 1,
                                             .gram = gram,
                                             .weight = weight};
  struct routing_theme *themes = NULL;
  assert_int_equal(routing_themes_find(orders, count, 2, arena, &themes), 1);
  assert_int_equal(themes[0].count, ROUTING_THEME_ORDERS);
  assert_int_equal(themes[0].members[0].order->id, 6);
  wg_arena_destroy(arena);
}

static void due_once_a_day(void **state) {
  (void)state;
  const int64_t hour = 3600 * WG_SECOND_US, night = 20000 * WG_DAY_US - 8 * hour + 2 * hour; // 02:00 in Shanghai
  assert_true(routing_sweep_due(0, night, 120));
  assert_true(routing_sweep_due(night - hour, night, 120));
  assert_false(routing_sweep_due(night, night, 120));
  assert_false(routing_sweep_due(night, night + 23 * hour, 120));
  assert_true(routing_sweep_due(night, night + 24 * hour, 120));
  assert_false(routing_sweep_due(night - 2 * hour, night - hour, 120));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_wish_of_three_grids),
      cmocka_unit_test(one_place_is_no_theme),
      cmocka_unit_test(another_category_is_another_kind),
      cmocka_unit_test(whoever_comes_first),
      cmocka_unit_test(a_theme_keeps_its_id),
      cmocka_unit_test(one_id_is_used_once),
      cmocka_unit_test(more_orders_than_the_bound),
      cmocka_unit_test(due_once_a_day),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
