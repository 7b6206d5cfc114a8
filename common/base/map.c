// Linear probing, at most 3/4 full; removal shifts the followers back, so there are no tombstones. SipHash with a key
// of the process's own: names come from outside, and nobody outside can choose them to collide.
#include "common/base/map.h"
#include "common/base/bytes.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct slot {
  char *key; // NULL: free
  void *value;
  uint64_t hash;
};

struct wg_map {
  struct slot *slots;
  size_t capacity; // a power of two
  size_t count;
};

static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

static void hash_key_make(void) {
  if (getrandom(hash_key, sizeof hash_key, 0) != (ssize_t)sizeof hash_key) abort();
}

static uint64_t hash_of(const char *key) {
  uint64_t hash;
  crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key, strlen(key), hash_key);
  return hash;
}

struct wg_map *wg_map_create(void) {
  pthread_once(&hash_key_once, hash_key_make);
  struct wg_map *map = wg_zalloc(sizeof *map);
  map->capacity = 16;
  map->slots = wg_zalloc(map->capacity * sizeof *map->slots);
  return map;
}

void wg_map_destroy(struct wg_map *map) {
  if (map == NULL) return;
  for (size_t i = 0; i < map->capacity; i++)
    free(map->slots[i].key);
  free(map->slots);
  free(map);
}

// find gives the slot of `key`, or the free slot where it belongs.
static size_t find(const struct wg_map *map, const char *key, uint64_t hash) {
  size_t mask = map->capacity - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const struct slot *slot = &map->slots[i];
    if (slot->key == NULL || (slot->hash == hash && strcmp(slot->key, key) == 0)) return i;
  }
}

void *wg_map_get(const struct wg_map *map, const char *key) {
  return map->slots[find(map, key, hash_of(key))].value;
}

static void grow(struct wg_map *map) {
  struct wg_map bigger = {.capacity = map->capacity * 2, .count = map->count};
  bigger.slots = wg_zalloc(bigger.capacity * sizeof *bigger.slots);
  for (size_t i = 0; i < map->capacity; i++) {
    const struct slot *slot = &map->slots[i];
    if (slot->key != NULL) bigger.slots[find(&bigger, slot->key, slot->hash)] = *slot;
  }
  free(map->slots);
  *map = bigger;
}

void wg_map_put(struct wg_map *map, const char *key, void *value) {
  uint64_t hash = hash_of(key);
  size_t i = find(map, key, hash);
  if (map->slots[i].key != NULL) {
    map->slots[i].value = value;
    return;
  }
  if ((map->count + 1) * 4 > map->capacity * 3) {
    grow(map);
    i = find(map, key, hash);
  }
  map->slots[i] = (struct slot){wg_strdup(key), value, hash};
  map->count++;
}

void *wg_map_remove(struct wg_map *map, const char *key) {
  size_t mask = map->capacity - 1;
  size_t hole = find(map, key, hash_of(key));
  void *value = map->slots[hole].value;
  if (map->slots[hole].key == NULL) return NULL;
  free(map->slots[hole].key);
  // A follower moves into the hole unless its home lies behind the hole.
  for (size_t i = (hole + 1) & mask; map->slots[i].key != NULL; i = (i + 1) & mask) {
    size_t home = map->slots[i].hash & mask;
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    map->slots[hole] = map->slots[i];
    hole = i;
  }
  map->slots[hole] = (struct slot){0};
  map->count--;
  return value;
}

size_t wg_map_count(const struct wg_map *map) {
  return map->count;
}

bool wg_map_next(const struct wg_map *map, size_t *position, const char **key, void **value) {
  for (; *position < map->capacity; (*position)++) {
    const struct slot *slot = &map->slots[*position];
    if (slot->key == NULL) continue;
    *key = slot->key;
    *value = slot->value;
    (*position)++;
    return true;
  }
  return false;
}
