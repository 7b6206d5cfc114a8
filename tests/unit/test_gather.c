// Whether a batch waits for more calls: never for one that comes now and then, never long, and not when nobody is left
// who could send another.
#include "common/stage/gather.h"

#include "tests/unit/unit.h"

enum { MOST_US = 4000, SMALL = 900, LARGE = 64 << 10 };

// every notes `calls` calls, one each `gap_us`, and gives when the last came.
static int64_t every(struct wg_gather *gather, int64_t from_us, int64_t gap_us, int calls) {
  for (int i = 0; i < calls; i++)
    wg_gather_call(gather, from_us += gap_us);
  return from_us;
}

static void the_first_call_goes_at_once(void **state) {
  (void)state;
  struct wg_gather gather;
  wg_gather_init(&gather, MOST_US);
  wg_gather_call(&gather, 1000000);
  assert_int_equal(wg_gather_wait(&gather, 1000000, SMALL, 1000000), 0);
}

static void calls_that_come_now_and_then_go_at_once(void **state) {
  (void)state;
  struct wg_gather gather;
  wg_gather_init(&gather, MOST_US);
  int64_t now = 1000000;
  for (int i = 0; i < 1000; i++) {
    now = every(&gather, now, 1500, 1); // 667 a second
    assert_int_equal(wg_gather_wait(&gather, now, SMALL, now), 0);
  }
}

static void calls_that_come_quickly_are_collected_and_the_oldest_waits_at_most_so_long(void **state) {
  (void)state;
  struct wg_gather gather;
  wg_gather_init(&gather, MOST_US);
  const int64_t oldest = every(&gather, 1000000, 500, 200); // 2,000 a second
  int64_t now = oldest;
  size_t calls = 1;
  for (int64_t wait; (wait = wg_gather_wait(&gather, oldest, calls * SMALL, now)) > 0; calls++) {
    assert_true(now + wait <= oldest + MOST_US);
    now = every(&gather, now, 500, 1);
  }
  assert_in_range(calls, 7, 9);
  assert_in_range(now - oldest, MOST_US - 500, MOST_US);
}

// Four callers that each wait for their answer: when all four have sent, nothing more can come.
static void the_wait_ends_when_no_more_calls_come(void **state) {
  (void)state;
  struct wg_gather gather;
  wg_gather_init(&gather, MOST_US);
  int64_t now = 1000000;
  for (int round = 0; round < 100; round++) {
    const int64_t oldest = now = every(&gather, now, 1000, 1);
    now = every(&gather, now, 50, 3);
    const int64_t newest = now;
    for (int64_t wait; (wait = wg_gather_wait(&gather, oldest, 4 * SMALL, now)) > 0;)
      now += wait;
    assert_true(now - newest <= 2000);
    if (round > 50) assert_true(now - newest <= 1500);
  }
}

static void a_silence_is_forgotten_after_some_calls_and_a_burst_after_a_silence(void **state) {
  (void)state;
  struct wg_gather gather;
  wg_gather_init(&gather, MOST_US);
  int64_t now = every(&gather, 1000000, 200, 200);
  assert_true(wg_gather_wait(&gather, now, SMALL, now) > 0);
  now = every(&gather, now, 60000000, 1);
  assert_int_equal(wg_gather_wait(&gather, now, SMALL, now), 0);
  now = every(&gather, now, 200, 200);
  assert_true(wg_gather_wait(&gather, now, SMALL, now) > 0);
}

static void large_calls_are_batches_already(void **state) {
  (void)state;
  struct wg_gather gather;
  wg_gather_init(&gather, MOST_US);
  const int64_t now = every(&gather, 1000000, 200, 200);
  assert_true(wg_gather_wait(&gather, now, LARGE - 1, now) > 0);
  assert_int_equal(wg_gather_wait(&gather, now, LARGE, now), 0);
}

static void switched_off_nothing_waits(void **state) {
  (void)state;
  struct wg_gather gather;
  wg_gather_init(&gather, 0);
  const int64_t now = every(&gather, 1000000, 10, 2000);
  assert_int_equal(wg_gather_wait(&gather, now, SMALL, now), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_call_goes_at_once),
      cmocka_unit_test(calls_that_come_now_and_then_go_at_once),
      cmocka_unit_test(calls_that_come_quickly_are_collected_and_the_oldest_waits_at_most_so_long),
      cmocka_unit_test(the_wait_ends_when_no_more_calls_come),
      cmocka_unit_test(a_silence_is_forgotten_after_some_calls_and_a_burst_after_a_silence),
      cmocka_unit_test(large_calls_are_batches_already),
      cmocka_unit_test(switched_off_nothing_waits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
