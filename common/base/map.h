// Hash map from text to pointer (open addressing, keys copied). For tables that live as long as the process:
// principals, topics, subscriptions. Not thread-safe.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wg_map;
struct wg_map *wg_map_create(void);
void wg_map_destroy(struct wg_map *map); // values are the caller's
void *wg_map_get(const struct wg_map *map, const char *key);
void wg_map_put(struct wg_map *map, const char *key, void *value); // replaces; value must not be NULL
void *wg_map_remove(struct wg_map *map, const char *key);          // the value, or NULL
size_t wg_map_count(const struct wg_map *map);
// wg_map_next walks the map: start with *position = 0; false at the end. Do not change the map while walking.
bool wg_map_next(const struct wg_map *map, size_t *position, const char **key, void **value);
