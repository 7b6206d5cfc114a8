// See problem_index.h. Buckets stand in a map and in a list by use. What asking looks at first of each order (its
// problem, which place it names) stands in the bucket itself: most of another place are passed over without a look at
// the order.
#include "services/routing/problem_index.h"

#include "common/base/map.h"

#include <stdlib.h>
#include <string.h>

struct block { // an order, with its texts and its vector behind it, in this order: they are looked at in it
  struct routing_seen seen;
  size_t bytes;
  int buckets; // it stands in
};

struct entry {
  int64_t order_id, problem_id;
  struct block *block;
  uint32_t named[ROUTING_WHERE_NAMES]; // hashes of what it names, the place itself first; 0: nothing
};

struct bucket {
  struct bucket *newer, *older;                // by use
  struct entry entries[ROUTING_BUCKET_ORDERS]; // as they came
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
  struct block *block = wg_alloc(bytes);
  block->bytes = bytes;
  block->buckets = 0;
  block->seen = *seen;
  char *end = (char *)(block + 1);
  block->seen.district = put(&end, seen->district);
  block->seen.place_id = put(&end, seen->place_id);
  block->seen.grid = put(&end, seen->grid);
  block->seen.category = put(&end, seen->category);
  for (size_t i = 0; i < seen->named_count; i++)
    block->seen.named[i] = put(&end, seen->named[i]);
  block->seen.title = put(&end, seen->title);
  uint8_t *vector = (uint8_t *)end; // none: the order is like nothing
  if (seen->packed.size) memcpy(vector, seen->packed.data, seen->packed.size);
  block->seen.packed = (struct wg_bytes){vector, seen->packed.size};
  block->seen.vector = seen->packed.size ? routing_packed_view(block->seen.packed) : (struct routing_packed){0};
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
    release(index, bucket->entries[i].block);
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

// --- what an order names ---
static uint32_t name_hash(const char *name) { // FNV-1a; never 0
  uint32_t hash = UINT32_C(2166136261);
  for (; *name; name++)
    hash = (hash ^ (uint8_t)*name) * UINT32_C(16777619);
  return hash ? hash : 1;
}

static void name_hashes(const struct routing_seen *seen, uint32_t named[ROUTING_WHERE_NAMES]) {
  for (size_t i = 0; i < ROUTING_WHERE_NAMES; i++)
    named[i] = i < seen->named_count && *seen->named[i] ? name_hash(seen->named[i]) : 0;
  if (!*seen->place_id) memset(named, 0, ROUTING_WHERE_NAMES * sizeof *named);
}

// may_be_one_place is false when both name a place and neither names the other's (similar.h); by hashes, so it may be
// true of different ones.
static bool may_be_one_place(const uint32_t a[ROUTING_WHERE_NAMES], const uint32_t b[ROUTING_WHERE_NAMES]) {
  if (!a[0] || !b[0]) return true;
  bool named = false;
  for (size_t i = 0; i < ROUTING_WHERE_NAMES; i++)
    named |= a[i] == b[0] || b[i] == a[0];
  return named;
}

static struct entry *find(struct bucket *bucket, int64_t order_id) {
  for (size_t i = 0; bucket && i < bucket->count; i++) {
    if (bucket->entries[i].order_id == order_id) return &bucket->entries[i];
  }
  return NULL;
}

// insert: the oldest makes room. Orders come in the order of their numbers; the same order again changes nothing.
static void insert(struct routing_problem_index *index, struct bucket *bucket, struct block *block) {
  const int64_t newest = bucket->count ? bucket->entries[bucket->count - 1].order_id : 0;
  if (newest >= block->seen.order_id && find(bucket, block->seen.order_id)) return;
  if (bucket->count == ROUTING_BUCKET_ORDERS) {
    release(index, bucket->entries[0].block);
    memmove(&bucket->entries[0], &bucket->entries[1], --bucket->count * sizeof bucket->entries[0]);
  }
  struct entry *entry = &bucket->entries[bucket->count++];
  *entry = (struct entry){.order_id = block->seen.order_id, .problem_id = block->seen.problem_id, .block = block};
  name_hashes(&block->seen, entry->named);
  block->buckets++;
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
  const struct entry *entry = find(others[0], seen->order_id);
  if (!entry) entry = find(others[1], seen->order_id);
  struct block *block = entry ? entry->block : copy(index, seen);
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
struct asked { // orders of one bucket, by problem and order
  const struct entry *entry[ROUTING_BUCKET_ORDERS];
  size_t count, at;
};

static bool goes_before(const struct entry *a, const struct entry *b) {
  return a->problem_id != b->problem_id ? a->problem_id < b->problem_id : a->order_id < b->order_id;
}

// ask puts a bucket's orders in order: nearly all are, since an order that is alone has its own number as its problem.
static void ask(const struct bucket *bucket, struct asked *asked) {
  asked->count = asked->at = 0;
  for (size_t i = 0; bucket && i < bucket->count; i++) {
    const struct entry *entry = &bucket->entries[i];
    size_t to = asked->count++;
    for (; to > 0 && goes_before(entry, asked->entry[to - 1]); to--)
      asked->entry[to] = asked->entry[to - 1];
    asked->entry[to] = entry;
  }
}

static const struct entry *peek(const struct asked *asked) {
  return asked->at < asked->count ? asked->entry[asked->at] : NULL;
}

// take gives the next of both, one that stands in both once; NULL: there is none.
static const struct entry *take(struct asked *place, struct asked *grid) {
  const struct entry *a = peek(place), *b = peek(grid);
  const bool both = a && b && a->order_id == b->order_id, second = !a || (b && goes_before(b, a));
  if (both || second) grid->at += b != NULL;
  if (both || !second) place->at++;
  return second ? b : a;
}

// ask_for: what deciding on the place of an order looks at comes from anywhere in memory, so it is asked for while
// others are still being found.
static inline void ask_for(const struct block *block) {
  enum { LINE = 64, TEXTS = 128 };
  for (size_t at = 0; at < sizeof *block + TEXTS; at += LINE)
    __builtin_prefetch((const char *)block + at);
}

static inline void ask_for_entries(const struct bucket *bucket) {
  for (size_t i = 0; bucket && i < bucket->count; i++)
    __builtin_prefetch(&bucket->entries[i]);
}

size_t routing_problem_index_near(struct routing_problem_index *index, const struct routing_seen *order,
                                  const struct routing_seen *found[2 * ROUTING_BUCKET_ORDERS]) {
  struct bucket *buckets[2];
  struct asked place, grid;
  uint32_t named[ROUTING_WHERE_NAMES];
  both(index, order->district, order->place_id, order->grid, buckets);
  for (int i = 0; i < 2; i++)
    ask_for_entries(buckets[i]);
  name_hashes(order, named);
  ask(buckets[0], &place);
  ask(buckets[1], &grid);
  const struct entry *before = NULL, *entry = take(&place, &grid), *next;
  size_t count = 0;
  for (; entry; before = entry, entry = next) {
    next = take(&place, &grid);
    const bool alone =
        !(before && before->problem_id == entry->problem_id) && !(next && next->problem_id == entry->problem_id);
    if (alone && !may_be_one_place(named, entry->named)) continue;
    ask_for(entry->block);
    found[count++] = &entry->block->seen;
  }
  return count;
}

void routing_problem_index_move(struct routing_problem_index *index, const struct routing_seen *seen,
                                int64_t problem_id, bool solved) {
  struct bucket *buckets[2];
  both(index, seen->district, seen->place_id, seen->grid, buckets);
  for (int i = 0; i < 2; i++) {
    struct entry *entry = find(buckets[i], seen->order_id);
    if (!entry) continue;
    entry->problem_id = entry->block->seen.problem_id = problem_id;
    entry->block->seen.solved = solved;
  }
}

void routing_problem_index_solved(struct routing_problem_index *index, int64_t problem_id, bool solved) {
  for (struct bucket *bucket = index->newest; bucket; bucket = bucket->older) {
    for (size_t i = 0; i < bucket->count; i++) {
      if (bucket->entries[i].problem_id == problem_id) bucket->entries[i].block->seen.solved = solved;
    }
  }
}

void routing_problem_index_remove(struct routing_problem_index *index, const struct routing_seen *seen) {
  struct bucket *buckets[2];
  both(index, seen->district, seen->place_id, seen->grid, buckets);
  for (int n = 0; n < 2; n++) {
    struct entry *entry = find(buckets[n], seen->order_id);
    if (!entry) continue;
    struct block *block = entry->block;
    const struct entry *end = buckets[n]->entries + buckets[n]->count--;
    memmove(entry, entry + 1, (size_t)(end - entry - 1) * sizeof *entry);
    release(index, block);
  }
}
