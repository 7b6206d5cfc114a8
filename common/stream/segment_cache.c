#include "common/stream/segment_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// A list is enough: a few large bodies, looked for by a few readers.
struct wg_segment_cache {
  pthread_mutex_t lock;
  struct wg_cached_segment *newest; // used last
  size_t bytes, bytes_most;
};

struct wg_segment_cache *wg_segment_cache_create(size_t bytes_most) {
  struct wg_segment_cache *cache = wg_zalloc(sizeof *cache);
  cache->bytes_most = bytes_most;
  pthread_mutex_init(&cache->lock, NULL);
  return cache;
}

static void drop(struct wg_cached_segment *segment) {
  if (--segment->references) return;
  free((void *)(uintptr_t)segment->body.data);
  free(segment);
}

void wg_segment_cache_destroy(struct wg_segment_cache *cache) {
  if (!cache) return;
  while (cache->newest) {
    struct wg_cached_segment *next = cache->newest->next;
    drop(cache->newest);
    cache->newest = next;
  }
  pthread_mutex_destroy(&cache->lock);
  free(cache);
}

// use gives one that is there, moved to the front and held once more.
static struct wg_cached_segment *use(struct wg_segment_cache *cache, const char *stream, uint64_t first) {
  for (struct wg_cached_segment **at = &cache->newest; *at; at = &(*at)->next) {
    struct wg_cached_segment *segment = *at;
    if (segment->stream != stream || segment->first != first) continue;
    *at = segment->next;
    segment->next = cache->newest;
    cache->newest = segment;
    segment->references++;
    return segment;
  }
  return NULL;
}

struct wg_cached_segment *wg_segment_cache_get(struct wg_segment_cache *cache, const char *stream, uint64_t first) {
  pthread_mutex_lock(&cache->lock);
  struct wg_cached_segment *found = use(cache, stream, first);
  pthread_mutex_unlock(&cache->lock);
  return found;
}

static void let_go_of_oldest(struct wg_segment_cache *cache) {
  struct wg_cached_segment **at = &cache->newest;
  assert(*at);
  while ((*at)->next)
    at = &(*at)->next;
  struct wg_cached_segment *oldest = *at;
  *at = NULL;
  cache->bytes -= oldest->body.size;
  drop(oldest);
}

struct wg_cached_segment *wg_segment_cache_put(struct wg_segment_cache *cache, const char *stream, uint64_t first,
                                               struct wg_bytes body) {
  uint8_t *copy = wg_alloc(body.size + 1);
  memcpy(copy, body.data, body.size);
  struct wg_cached_segment *made = wg_zalloc(sizeof *made);
  *made = (struct wg_cached_segment){
      .body = {copy, body.size}, .stream = stream, .first = first, .references = 1}; // the caller's
  pthread_mutex_lock(&cache->lock);
  struct wg_cached_segment *there = use(cache, stream, first); // another reader was faster
  if (there) {
    drop(made);
    made = there;
  } else if (body.size <= cache->bytes_most) {
    while (cache->bytes + body.size > cache->bytes_most)
      let_go_of_oldest(cache);
    made->references++;
    made->next = cache->newest;
    cache->newest = made;
    cache->bytes += body.size;
  }
  pthread_mutex_unlock(&cache->lock);
  return made;
}

void wg_segment_cache_release(struct wg_segment_cache *cache, struct wg_cached_segment *segment) {
  pthread_mutex_lock(&cache->lock);
  drop(segment);
  pthread_mutex_unlock(&cache->lock);
}
