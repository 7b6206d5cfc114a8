// See problem_index.h. Buckets stand in a map and in a list by use.
#include "services/routing/problem_index.h"

#include "common/base/map.h"

#include <stdlib.h>
#include <string.h>

struct block { // an order, with its texts and its vector behind it
  struct routing_seen seen;
  size_t bytes;
  int buckets; // it stands in
};

struct bucket {
  struct bucket *newer, *older; // by use
  struct block *blocks[ROUTING_BUCKET_ORDERS];
  size_t count;
  char key[];
};

struct routing_problem_index {
  struct wg_map *buckets;
  struct bucket *newest, *oldest;
  size_t bytes, most;
};

enum { BUCKET_COST = 96 }; // the map's share

struct routing_problem_index *routing_problem_index_create(size_t bytes) {
  struct routing_problem_index *index = wg_zalloc(sizeof *index);
  index->buckets = wg_map_create();
  index->most = bytes;
  return index;
}

size_t routing_problem_index_bytes(const struct routing_problem_index *index) {
  return index->bytes;
}

size_t routing_problem_index_buckets(const struct routing_problem_index *index) {
  return wg_map_count(index->buckets);
}

void routing_bucket_key(char key[ROUTING_KEY_BYTES], const char *district, const char *place, bool grid) {
  const size_t size = strlen(district), rest = strlen(place);
  *key = '\0';
  // A place whose name is too long for a key has none: two places must never share one.
  if (rest == 0 || size + 1 + rest >= ROUTING_KEY_BYTES) return;
  memcpy(key, district, size);
  key[size] = grid ? '#' : '/';
  memcpy(key + size + 1, place, rest + 1);
}

// --- blocks ---
static size_t size_of(const char *text) {
  return strlen(text) + 1;
}

static const char *put(char **end, const char *text) {
  char *begin = *end;
  const size_t size = size_of(text);
  memcpy(begin, text, size);
  *end = begin + size;
  return begin;
}

static struct block *copy(struct routing_problem_index *index, const struct routing_seen *seen) {
  size_t bytes = sizeof(struct block) + seen->packed.size + size_of(seen->district) + size_of(seen->place_id) +
                 size_of(seen->grid) + size_of(seen->category) + size_of(seen->title);
  for (size_t i = 0; i < seen->named_count; i++)
    bytes += size_of(seen->named[i]);
  struct block *block = wg_zalloc(bytes);
  block->bytes = bytes;
  block->seen = *seen;
  uint8_t *vector = (uint8_t *)(block + 1);
  if (seen->packed.size) memcpy(vector, seen->packed.data, seen->packed.size);
  block->seen.packed = (struct wg_bytes){vector, seen->packed.size};
  struct wg_error error = {0};
  if (routing_packed_open(block->seen.packed, &block->seen.vector, &error) != WG_OK)
    block->seen.vector = (struct routing_packed){0}; // like nothing
  char *end = (char *)vector + seen->packed.size;
  block->seen.district = put(&end, seen->district);
  block->seen.place_id = put(&end, seen->place_id);
  block->seen.grid = put(&end, seen->grid);
  block->seen.category = put(&end, seen->category);
  block->seen.title = put(&end, seen->title);
  for (size_t i = 0; i < seen->named_count; i++)
    block->seen.named[i] = put(&end, seen->named[i]);
  index->bytes += bytes;
  return block;
}

static void release(struct routing_problem_index *index, struct block *block) {
  if (--block->buckets > 0) return;
  index->bytes -= block->bytes;
  free(block);
}

// --- buckets ---
static size_t bucket_cost(const struct bucket *bucket) {
  return sizeof *bucket + 2 * size_of(bucket->key) + BUCKET_COST;
}

static void unlink_bucket(struct routing_problem_index *index, struct bucket *bucket) {
  *(bucket->newer ? &bucket->newer->older : &index->newest) = bucket->older;
  *(bucket->older ? &bucket->older->newer : &index->oldest) = bucket->newer;
  bucket->newer = bucket->older = NULL;
}

static void link_bucket(struct routing_problem_index *index, struct bucket *bucket) {
  bucket->older = index->newest;
  *(index->newest ? &index->newest->newer : &index->oldest) = bucket;
  index->newest = bucket;
}

static struct bucket *use(struct routing_problem_index *index, const char *key) {
  struct bucket *bucket = *key ? wg_map_get(index->buckets, key) : NULL;
  if (!bucket || bucket == index->newest) return bucket;
  unlink_bucket(index, bucket);
  link_bucket(index, bucket);
  return bucket;
}

static void drop(struct routing_problem_index *index, struct bucket *bucket) {
  unlink_bucket(index, bucket);
  wg_map_remove(index->buckets, bucket->key);
  for (size_t i = 0; i < bucket->count; i++)
    release(index, bucket->blocks[i]);
  index->bytes -= bucket_cost(bucket);
  free(bucket);
}

void routing_problem_index_clear(struct routing_problem_index *index) {
  while (index->oldest)
    drop(index, index->oldest);
}

void routing_problem_index_destroy(struct routing_problem_index *index) {
  if (!index) return;
  routing_problem_index_clear(index);
  wg_map_destroy(index->buckets);
  free(index);
}

void routing_problem_index_trim(struct routing_problem_index *index) {
  while (index->bytes > index->most && index->oldest) // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): drop unlinks it
    drop(index, index->oldest);
}

bool routing_problem_index_has(struct routing_problem_index *index, const char *key) {
  return use(index, key) != NULL;
}

void routing_problem_index_open(struct routing_problem_index *index, const char *key) {
  if (!*key || use(index, key)) return;
  struct bucket *bucket = wg_zalloc(sizeof *bucket + size_of(key));
  memcpy(bucket->key, key, size_of(key));
  wg_map_put(index->buckets, key, bucket);
  link_bucket(index, bucket);
  index->bytes += bucket_cost(bucket);
}

// insert: the oldest makes room. Orders come in the order of their numbers; the same order again changes nothing.
static void insert(struct routing_problem_index *index, struct bucket *bucket, struct block *block) {
  for (size_t i = 0; i < bucket->count; i++) {
    if (bucket->blocks[i]->seen.order_id == block->seen.order_id) return;
  }
  if (bucket->count == ROUTING_BUCKET_ORDERS) {
    release(index, bucket->blocks[0]);
    memmove(&bucket->blocks[0], &bucket->blocks[1], --bucket->count * sizeof bucket->blocks[0]);
  }
  bucket->blocks[bucket->count++] = block;
  block->buckets++;
}

static struct block *find(const struct bucket *bucket, int64_t order_id) {
  for (size_t i = 0; bucket && i < bucket->count; i++) {
    if (bucket->blocks[i]->seen.order_id == order_id) return bucket->blocks[i];
  }
  return NULL;
}

// both gives the two buckets of a place that are there.
static void both(struct routing_problem_index *index, const char *district, const char *place_id, const char *grid,
                 struct bucket *buckets[2]) {
  char key[ROUTING_KEY_BYTES];
  routing_bucket_key(key, district, place_id, false);
  buckets[0] = use(index, key);
  routing_bucket_key(key, district, grid, true);
  buckets[1] = use(index, key);
}

static void keep_or_free(struct routing_problem_index *index, struct block *block) {
  block->buckets++;
  release(index, block);
}

void routing_problem_index_load(struct routing_problem_index *index, const char *key, const struct routing_seen *seen) {
  struct bucket *bucket = use(index, key), *others[2];
  if (!bucket) return;
  both(index, seen->district, seen->place_id, seen->grid, others);
  struct block *block = find(others[0], seen->order_id);
  if (!block) block = find(others[1], seen->order_id);
  if (!block) block = copy(index, seen);
  insert(index, bucket, block);
  if (block->buckets == 0) keep_or_free(index, block);
}

void routing_problem_index_add(struct routing_problem_index *index, const struct routing_seen *seen) {
  struct bucket *buckets[2];
  both(index, seen->district, seen->place_id, seen->grid, buckets);
  if (!buckets[0] && !buckets[1]) return;
  struct block *block = copy(index, seen);
  for (int i = 0; i < 2; i++) {
    if (buckets[i]) insert(index, buckets[i], block);
  }
  if (block->buckets == 0) keep_or_free(index, block);
}

// --- asking ---
static int by_problem(const void *left, const void *right) {
  const struct routing_seen *a = *(const struct routing_seen *const *)left;
  const struct routing_seen *b = *(const struct routing_seen *const *)right;
  if (a->problem_id != b->problem_id) return a->problem_id < b->problem_id ? -1 : 1;
  return a->order_id < b->order_id ? -1 : a->order_id > b->order_id;
}

size_t routing_problem_index_near(struct routing_problem_index *index, const char *district, const char *place_id,
                                  const char *grid, const struct routing_seen *found[2 * ROUTING_BUCKET_ORDERS]) {
  struct bucket *buckets[2];
  size_t all = 0, count = 0;
  both(index, district, place_id, grid, buckets);
  for (int n = 0; n < 2; n++) {
    for (size_t i = 0; buckets[n] && i < buckets[n]->count; i++)
      found[all++] = &buckets[n]->blocks[i]->seen;
  }
  if (all > 1) qsort(found, all, sizeof *found, by_problem);
  for (size_t i = 0; i < all; i++) {
    if (count == 0 || found[count - 1]->order_id != found[i]->order_id) found[count++] = found[i];
  }
  return count;
}

void routing_problem_index_move(struct routing_problem_index *index, const struct routing_seen *seen,
                                int64_t problem_id, bool solved) {
  struct bucket *buckets[2];
  both(index, seen->district, seen->place_id, seen->grid, buckets);
  for (int i = 0; i < 2; i++) {
    struct block *block = find(buckets[i], seen->order_id);
    if (!block) continue;
    block->seen.problem_id = problem_id;
    block->seen.solved = solved;
  }
}

void routing_problem_index_solved(struct routing_problem_index *index, int64_t problem_id, bool solved) {
  for (struct bucket *bucket = index->newest; bucket; bucket = bucket->older) {
    for (size_t i = 0; i < bucket->count; i++) {
      if (bucket->blocks[i]->seen.problem_id == problem_id) bucket->blocks[i]->seen.solved = solved;
    }
  }
}

void routing_problem_index_remove(struct routing_problem_index *index, const struct routing_seen *seen) {
  struct bucket *buckets[2];
  both(index, seen->district, seen->place_id, seen->grid, buckets);
  for (int n = 0; n < 2; n++) {
    struct block *block = find(buckets[n], seen->order_id);
    if (!block) continue;
    size_t at = 0;
    while (buckets[n]->blocks[at] != block)
      at++;
    memmove(&buckets[n]->blocks[at], &buckets[n]->blocks[at + 1],
            (--buckets[n]->count - at) * sizeof buckets[n]->blocks[0]);
    release(index, block);
  }
}
