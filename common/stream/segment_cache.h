// Bodies of old segments that readers have loaded, shared by all lagging consumers: departments that return after the
// same outage read the same segments, each its own events. Bounded in bytes; what was used longest ago goes first.
// Segments never change, so nothing in it is ever wrong.
//
// Thread rule: any thread. A body stays until it is released, also when the cache has let it go.
#pragma once

#include "common/base/bytes.h"

struct wg_segment_cache;

struct wg_cached_segment {
  struct wg_bytes body; // packed EventBatch
  // the cache's own
  struct wg_cached_segment *next; // used longer ago
  const char *stream;             // the name in wg_stream_spec, compared by address
  uint64_t first;
  int references;
};

struct wg_segment_cache *wg_segment_cache_create(size_t bytes_most);
void wg_segment_cache_destroy(struct wg_segment_cache *cache); // nothing may be held any more; NULL is allowed
// wg_segment_cache_get gives a body that is there, or NULL; release it.
struct wg_cached_segment *wg_segment_cache_get(struct wg_segment_cache *cache, const char *stream, uint64_t first);
// wg_segment_cache_put copies a body and gives it; release it. One that is larger than the cache is given all the same.
struct wg_cached_segment *wg_segment_cache_put(struct wg_segment_cache *cache, const char *stream, uint64_t first,
                                               struct wg_bytes body);
void wg_segment_cache_release(struct wg_segment_cache *cache, struct wg_cached_segment *segment);
