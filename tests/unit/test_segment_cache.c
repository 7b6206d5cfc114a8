// Bodies of old segments in memory: bounded, shared, never freed under a reader.
#include "common/stream/segment_cache.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char ORDERS[] = "intake.orders", DISPATCH[] = "routing.dispatch";

static struct wg_cached_segment *put(struct wg_segment_cache *cache, const char *stream, uint64_t first, size_t size) {
  static uint8_t bytes[1000];
  memset(bytes, (int)first, sizeof bytes);
  return wg_segment_cache_put(cache, stream, first, (struct wg_bytes){bytes, size});
}

static bool there(struct wg_segment_cache *cache, const char *stream, uint64_t first) {
  struct wg_cached_segment *segment = wg_segment_cache_get(cache, stream, first);
  if (!segment) return false;
  assert_int_equal(segment->body.data[0], (uint8_t)first);
  wg_segment_cache_release(cache, segment);
  return true;
}

static void what_was_used_longest_ago_goes_first(void **state) {
  (void)state;
  struct wg_segment_cache *cache = wg_segment_cache_create(300);
  for (uint64_t first = 1; first <= 3; first++)
    wg_segment_cache_release(cache, put(cache, ORDERS, first, 100));
  assert_true(there(cache, ORDERS, 1)); // used now: 2 is the oldest
  wg_segment_cache_release(cache, put(cache, DISPATCH, 9, 100));
  assert_false(there(cache, ORDERS, 2));
  assert_true(there(cache, ORDERS, 1) && there(cache, ORDERS, 3) && there(cache, DISPATCH, 9));
  assert_false(there(cache, DISPATCH, 1)); // of another stream
  wg_segment_cache_release(cache, put(cache, ORDERS, 4, 300));
  assert_true(there(cache, ORDERS, 4));
  assert_false(there(cache, ORDERS, 1) || there(cache, ORDERS, 3) || there(cache, DISPATCH, 9));
  wg_segment_cache_destroy(cache);
}

static void a_body_outlives_its_place(void **state) {
  (void)state;
  struct wg_segment_cache *cache = wg_segment_cache_create(100);
  struct wg_cached_segment *held = put(cache, ORDERS, 1, 100);
  wg_segment_cache_release(cache, put(cache, ORDERS, 2, 100));
  assert_false(there(cache, ORDERS, 1));
  assert_int_equal(held->body.data[99], 1);
  wg_segment_cache_release(cache, held);
  struct wg_cached_segment *large = put(cache, ORDERS, 3, 500); // larger than the cache: given, not kept
  assert_int_equal(large->body.size, 500);
  assert_false(there(cache, ORDERS, 3));
  assert_true(there(cache, ORDERS, 2));
  wg_segment_cache_release(cache, large);
  wg_segment_cache_destroy(cache);
}

static void the_same_twice_is_one(void **state) {
  (void)state;
  struct wg_segment_cache *cache = wg_segment_cache_create(150);
  struct wg_cached_segment *one = put(cache, ORDERS, 1, 100), *two = put(cache, ORDERS, 1, 100);
  assert_ptr_equal(one, two);
  wg_segment_cache_release(cache, one);
  wg_segment_cache_release(cache, two);
  assert_true(there(cache, ORDERS, 1));
  wg_segment_cache_destroy(cache);
}

static void *reader(void *context) {
  struct wg_segment_cache *cache = context;
  for (uint64_t turn = 0; turn < 20000; turn++) {
    const uint64_t first = turn * 7 % 5 + 1;
    struct wg_cached_segment *segment = wg_segment_cache_get(cache, ORDERS, first);
    if (!segment) {
      uint8_t bytes[100];
      memset(bytes, (int)first, sizeof bytes);
      segment = wg_segment_cache_put(cache, ORDERS, first, (struct wg_bytes){bytes, sizeof bytes});
    }
    if (segment->body.data[99] != first) return cache;
    wg_segment_cache_release(cache, segment);
  }
  return NULL;
}

static void readers_share_it(void **state) {
  (void)state;
  struct wg_segment_cache *cache = wg_segment_cache_create(250);
  pthread_t threads[4];
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, reader, cache), 0);
  for (size_t i = 0; i < 4; i++) {
    void *wrong;
    pthread_join(threads[i], &wrong);
    assert_null(wrong);
  }
  wg_segment_cache_destroy(cache);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_used_longest_ago_goes_first),
      cmocka_unit_test(a_body_outlives_its_place),
      cmocka_unit_test(the_same_twice_is_one),
      cmocka_unit_test(readers_share_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
