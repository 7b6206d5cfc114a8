// Orders in memory as candidates: the newest of each place, whole or not at all, never more than the bound.
#include "tests/unit/unit.h"

#include "services/routing/problem_index.h"

#include <stdio.h>

static struct routing_problem_index *fresh(size_t bytes) {
  return routing_problem_index_create(bytes);
}

static struct routing_seen order(int64_t id, const char *place, const char *grid) {
  return (struct routing_seen){.order_id = id,
                               .problem_id = id,
                               .at = id,
                               .district = "370117",
                               .place_id = place,
                               .grid = grid,
                               .category = "供水",
                               .title = "停水",
                               .named = {place},
                               .named_count = *place ? 1 : 0};
}

static const char *key_of(const char *place, bool grid) {
  static char key[ROUTING_KEY_BYTES];
  routing_bucket_key(key, "370117", place, grid);
  return key;
}

static size_t near(struct routing_problem_index *index, const char *place, const char *grid, int64_t *first) {
  const struct routing_seen *found[2 * ROUTING_BUCKET_ORDERS];
  const struct routing_seen asking = order(INT64_MAX, place, grid);
  const size_t count = routing_problem_index_near(index, &asking, found);
  if (first) *first = count ? found[0]->order_id : 0;
  return count;
}

#define GRID "370117001001001"

static void an_order_of_two_buckets_is_there_once(void **state) {
  (void)state;
  struct routing_problem_index *index = fresh(1 << 20);
  routing_problem_index_open(index, key_of("a", false));
  routing_problem_index_open(index, key_of(GRID, true));
  const struct routing_seen one = order(1, "a", GRID);
  routing_problem_index_add(index, &one);
  routing_problem_index_add(index, &one);
  assert_int_equal(near(index, "a", GRID, NULL), 1);
  assert_int_equal(near(index, "", GRID, NULL), 1);
  assert_int_equal(near(index, "a", "", NULL), 1);
  assert_int_equal(near(index, "b", "", NULL), 0);
  routing_problem_index_remove(index, &one);
  assert_int_equal(near(index, "a", GRID, NULL), 0);
  routing_problem_index_clear(index);
  assert_int_equal(routing_problem_index_bytes(index), 0);
  routing_problem_index_destroy(index);
}

static void a_bucket_that_is_not_open_takes_nothing(void **state) {
  (void)state;
  struct routing_problem_index *index = fresh(1 << 20);
  const struct routing_seen one = order(1, "a", GRID), two = order(2, "a", GRID);
  routing_problem_index_add(index, &one); // else the bucket would look whole
  assert_int_equal(routing_problem_index_bytes(index), 0);
  routing_problem_index_open(index, key_of("a", false));
  routing_problem_index_load(index, key_of("a", false), &one);
  routing_problem_index_add(index, &two);
  assert_int_equal(near(index, "a", GRID, NULL), 2);
  assert_false(routing_problem_index_has(index, key_of(GRID, true)));
  routing_problem_index_destroy(index);
}

static void the_newest_stay(void **state) {
  (void)state;
  struct routing_problem_index *index = fresh(1 << 20);
  routing_problem_index_open(index, key_of("a", false));
  for (int64_t id = 1; id <= 100; id++) {
    const struct routing_seen one = order(id, "a", GRID);
    routing_problem_index_add(index, &one);
  }
  int64_t first = 0;
  assert_int_equal(near(index, "a", GRID, &first), ROUTING_BUCKET_ORDERS);
  assert_int_equal(first, 100 - ROUTING_BUCKET_ORDERS + 1);
  routing_problem_index_destroy(index);
}

static void the_bound_holds_and_what_is_used_stays(void **state) {
  (void)state;
  struct routing_problem_index *index = fresh(64 << 10);
  char place[32];
  for (int64_t id = 1; id <= 1000; id++) {
    snprintf(place, sizeof place, "place-%d", (int)id);
    routing_problem_index_open(index, key_of(place, false));
    const struct routing_seen one = order(id, place, "");
    routing_problem_index_add(index, &one);
    assert_int_equal(near(index, "place-1", "", NULL), 1); // asked for again and again
    routing_problem_index_trim(index);
    assert_true(routing_problem_index_bytes(index) <= 64 << 10);
  }
  assert_true(routing_problem_index_has(index, key_of("place-1", false)));
  assert_true(routing_problem_index_has(index, key_of("place-1000", false)));
  assert_false(routing_problem_index_has(index, key_of("place-2", false)));
  assert_true(routing_problem_index_buckets(index) > 10);
  routing_problem_index_destroy(index);
}

static void orders_move_between_problems(void **state) {
  (void)state;
  struct routing_problem_index *index = fresh(1 << 20);
  routing_problem_index_open(index, key_of("a", false));
  routing_problem_index_open(index, key_of(GRID, true));
  const struct routing_seen one = order(1, "a", GRID), two = order(2, "a", GRID), three = order(3, "", GRID);
  routing_problem_index_add(index, &one);
  routing_problem_index_add(index, &two);
  routing_problem_index_add(index, &three);
  routing_problem_index_move(index, &three, 1, false);
  routing_problem_index_solved(index, 1, true);
  const struct routing_seen *found[2 * ROUTING_BUCKET_ORDERS];
  const struct routing_seen asking = order(4, "a", GRID);
  assert_int_equal(routing_problem_index_near(index, &asking, found), 3);
  assert_int_equal(found[0]->order_id, 1); // by problem, then by order
  assert_int_equal(found[1]->order_id, 3);
  assert_int_equal(found[2]->order_id, 2);
  assert_true(found[0]->solved && found[1]->solved && !found[2]->solved);
  routing_problem_index_destroy(index);
}

// One place in another: what may be the same place is given, what the place gate would refuse is not, unless another
// order of its problem speaks for it.
static void orders_of_other_places_are_passed_over(void **state) {
  (void)state;
  struct routing_problem_index *index = fresh(1 << 20);
  routing_problem_index_open(index, key_of("estate", false));
  routing_problem_index_open(index, key_of(GRID, true));
  struct routing_seen inside = order(1, "building", GRID);
  inside.named[1] = "estate";
  inside.named_count = 2;
  const struct routing_seen same = order(2, "estate", GRID), other = order(3, "school", GRID),
                            unknown = order(4, "", GRID), joined = order(5, "market", GRID);
  routing_problem_index_add(index, &inside);
  routing_problem_index_add(index, &same);
  routing_problem_index_add(index, &other);
  routing_problem_index_add(index, &unknown);
  routing_problem_index_add(index, &joined);
  const struct routing_seen *found[2 * ROUTING_BUCKET_ORDERS];
  struct routing_seen asking = order(9, "estate", GRID);
  assert_int_equal(routing_problem_index_near(index, &asking, found), 3);
  assert_int_equal(found[0]->order_id, 1);
  assert_int_equal(found[1]->order_id, 2);
  assert_int_equal(found[2]->order_id, 4);
  asking = order(9, "house", GRID);
  asking.named[1] = "estate";
  asking.named_count = 2;
  assert_int_equal(routing_problem_index_near(index, &asking, found), 2); // two houses of one estate are two places
  assert_int_equal(found[0]->order_id, 2);
  assert_int_equal(found[1]->order_id, 4);
  routing_problem_index_move(index, &joined, 4, false);
  assert_int_equal(routing_problem_index_near(index, &asking, found), 3);
  assert_int_equal(found[2]->order_id, 5);
  asking = order(9, "", GRID);
  assert_int_equal(routing_problem_index_near(index, &asking, found), 5);
  routing_problem_index_destroy(index);
}

static void names_of_places_never_meet(void **state) {
  (void)state;
  char a[ROUTING_KEY_BYTES], b[ROUTING_KEY_BYTES], too_long[400];
  routing_bucket_key(a, "370117", GRID, true);
  routing_bucket_key(b, "370117", GRID, false);
  assert_string_not_equal(a, b);
  routing_bucket_key(a, "370117", "x", false);
  routing_bucket_key(b, "131102", "x", false);
  assert_string_not_equal(a, b);
  memset(too_long, 'x', sizeof too_long - 1);
  too_long[sizeof too_long - 1] = '\0';
  routing_bucket_key(a, "370117", too_long, false);
  assert_string_equal(a, "");
  routing_bucket_key(a, "370117", "", false);
  assert_string_equal(a, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_order_of_two_buckets_is_there_once),
      cmocka_unit_test(a_bucket_that_is_not_open_takes_nothing),
      cmocka_unit_test(the_newest_stay),
      cmocka_unit_test(the_bound_holds_and_what_is_used_stays),
      cmocka_unit_test(orders_move_between_problems),
      cmocka_unit_test(orders_of_other_places_are_passed_over),
      cmocka_unit_test(names_of_places_never_meet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
