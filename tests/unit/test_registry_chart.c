// The flow chart: what a record holds cannot break out of the SVG, circles end, and nothing is too large to be drawn.
#include "tests/unit/unit.h"

#include "services/registry/chart.h"

#include <stdlib.h>

static Wangge__V1__ListStep steps[REGISTRY_CHART_STEPS + 1], *pointers[REGISTRY_CHART_STEPS + 1];
static int32_t next[REGISTRY_CHART_STEPS + 1][4];
static Wangge__V1__ListItem item;
static struct wg_buffer svg;

static int set_up(void **state) {
  (void)state;
  wangge__v1__list_item__init(&item);
  item.name = (char *)(uintptr_t) "盖章";
  for (int i = 0; i <= REGISTRY_CHART_STEPS; i++) {
    wangge__v1__list_step__init(&steps[i]);
    steps[i].n = i + 1;
    steps[i].title = (char *)(uintptr_t) "受理";
    steps[i].next = next[i];
    pointers[i] = &steps[i];
  }
  item.steps = pointers;
  wg_buffer_clear(&svg);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_buffer_free(&svg);
  return 0;
}

static void leads(int from, int to) {
  next[from - 1][steps[from - 1].n_next++] = to;
}

static const char *draw(size_t count) {
  struct wg_error error = {0};
  item.n_steps = count;
  wg_buffer_clear(&svg);
  assert_int_equal(registry_chart(&item, &svg, &error), WG_OK);
  return wg_buffer_cstr(&svg);
}

static size_t count_of(const char *text, const char *part) {
  size_t count = 0;
  for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
    count++;
  return count;
}

// place_of gives the y of a step's box.
static int place_of(const char *drawn, int n) {
  char id[32];
  snprintf(id, sizeof id, "id=\"step-%d\"", n);
  const char *at = strstr(drawn, id);
  assert_non_null(at);
  at = strstr(strstr(at, "<rect "), " y=\"");
  return (int)strtol(at + 4, NULL, 10);
}

static void one_step(void **state) {
  (void)state;
  const char *drawn = draw(1);
  assert_int_equal(count_of(drawn, "class=\"step\""), 1);
  assert_int_equal(count_of(drawn, "class=\"way"), 0);
  assert_non_null(strstr(drawn, "即时"));
  assert_int_equal(strncmp(drawn, "<svg ", 5), 0);
}

static void markup_in_texts_stays_text(void **state) {
  (void)state;
  item.name = (char *)(uintptr_t) "</title><script>alert('x')</script>&";
  steps[0].title = (char *)(uintptr_t) "<b>\"&'";
  steps[0].who = (char *)(uintptr_t) "]]>\x01\xff";
  steps[0].condition = (char *)(uintptr_t) "a<b\xef\xbf\xbf";
  const char *drawn = draw(1);
  assert_null(strstr(drawn, "<script"));
  assert_null(strstr(drawn, "<b>"));
  assert_non_null(strstr(drawn, "&lt;b&gt;&quot;&amp;&#39;"));
  assert_non_null(strstr(drawn, "]]&gt; \xef\xbf\xbd"));
  assert_non_null(strstr(drawn, "a&lt;b "));
  assert_null(strchr(drawn, 1));
  assert_null(strstr(drawn, "\xef\xbf\xbf"));
}

static void a_question_has_a_diamond_and_its_ways(void **state) {
  (void)state;
  steps[1].condition = (char *)(uintptr_t) "材料齐全？";
  steps[1].days = 3;
  steps[1].who = (char *)(uintptr_t) "网格员";
  leads(2, 3), leads(2, 4);
  leads(3, 2);
  const char *drawn = draw(4);
  assert_int_equal(count_of(drawn, "class=\"question\""), 1);
  assert_non_null(strstr(drawn, "材料齐全？"));
  assert_non_null(strstr(drawn, "网格员 · 3个工作日"));
  assert_int_equal(count_of(drawn, "class=\"way\""), 3);
  assert_int_equal(count_of(drawn, "class=\"way back\""), 1);
  assert_true(place_of(drawn, 1) < place_of(drawn, 2));
  assert_true(place_of(drawn, 2) < place_of(drawn, 3));
  assert_int_equal(place_of(drawn, 3), place_of(drawn, 4));
}

static void circles_of_every_kind_are_drawn(void **state) {
  (void)state;
  leads(1, 1), leads(1, 2), leads(2, 1), leads(2, 3), leads(3, 1), leads(3, 2);
  const char *drawn = draw(3);
  assert_int_equal(count_of(drawn, "class=\"way back\""), 4);
  assert_int_equal(count_of(drawn, "class=\"way\""), 2);
  assert_true(place_of(drawn, 1) < place_of(drawn, 2) && place_of(drawn, 2) < place_of(drawn, 3));
}

static void a_step_stands_below_all_that_lead_to_it(void **state) {
  (void)state;
  leads(1, 4), leads(1, 2); // 4 is also reached through 2 and 3
  const char *drawn = draw(4);
  assert_true(place_of(drawn, 4) > place_of(drawn, 3));
  assert_int_equal(count_of(drawn, "class=\"way\""), 4);
}

static void a_next_that_does_not_exist_is_left_out(void **state) {
  (void)state;
  leads(1, 99), leads(1, 2);
  const char *drawn = draw(2);
  assert_int_equal(count_of(drawn, "class=\"way"), 1);
}

static void a_hundred_steps_and_not_one_more(void **state) {
  (void)state;
  const char *drawn = draw(100);
  assert_int_equal(count_of(drawn, "class=\"step\""), 100);
  assert_int_equal(count_of(drawn, "class=\"way\""), 99);
  assert_true(place_of(drawn, 100) > place_of(drawn, 99));
  struct wg_error error = {0};
  item.n_steps = 101;
  assert_int_equal(registry_chart(&item, &svg, &error), WG_FAILED_PRECONDITION);
  item.n_steps = 0;
  assert_int_equal(registry_chart(&item, &svg, &error), WG_FAILED_PRECONDITION);
}

static void long_texts_are_cut_between_characters_and_kept_in_the_tooltip(void **state) {
  (void)state;
  char long_text[1025] = "";
  for (int i = 0; i < 341; i++)
    strcat(long_text, "字");
  steps[0].title = steps[0].who = long_text;
  steps[0].days = 20;
  const char *drawn = draw(1);
  assert_non_null(strstr(drawn, "字字…"));
  assert_non_null(strstr(drawn, "… · 20个工作日"));
  char whole[1100];
  snprintf(whole, sizeof whole, "<title>%s</title>", long_text);
  assert_non_null(strstr(drawn, whole));
}

static void the_same_steps_give_the_same_bytes(void **state) {
  (void)state;
  leads(1, 3), leads(1, 2);
  char *first = strdup(draw(5));
  assert_string_equal(first, draw(5));
  free(first);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(one_step, set_up),
      cmocka_unit_test_setup(markup_in_texts_stays_text, set_up),
      cmocka_unit_test_setup(a_question_has_a_diamond_and_its_ways, set_up),
      cmocka_unit_test_setup(circles_of_every_kind_are_drawn, set_up),
      cmocka_unit_test_setup(a_step_stands_below_all_that_lead_to_it, set_up),
      cmocka_unit_test_setup(a_next_that_does_not_exist_is_left_out, set_up),
      cmocka_unit_test_setup(a_hundred_steps_and_not_one_more, set_up),
      cmocka_unit_test_setup(long_texts_are_cut_between_characters_and_kept_in_the_tooltip, set_up),
      cmocka_unit_test_setup(the_same_steps_give_the_same_bytes, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, tear_down);
}
