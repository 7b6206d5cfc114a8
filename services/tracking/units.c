// See units.h.
#include "services/tracking/units.h"

#include "common/base/map.h"
#include "common/base/text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct tracking_units {
  pthread_mutex_t mutex;
  struct wg_map *by_code; // "district/code" -> struct unit
};
struct unit {
  char *name, *level;
};

static void close_map(struct wg_map *map) {
  size_t position = 0;
  const char *key;
  void *value;
  while (wg_map_next(map, &position, &key, &value)) {
    struct unit *unit = value;
    free(unit->name);
    free(unit->level);
    free(unit);
  }
  wg_map_destroy(map);
}

struct tracking_units *tracking_units_create(void) {
  struct tracking_units *units = wg_zalloc(sizeof *units);
  pthread_mutex_init(&units->mutex, NULL);
  units->by_code = wg_map_create();
  return units;
}

void tracking_units_destroy(struct tracking_units *units) {
  if (!units) return;
  close_map(units->by_code);
  pthread_mutex_destroy(&units->mutex);
  free(units);
}

// District and code are short by the registry's own limits; a longer pair is never found.
static bool name_key(char key[128], const char *district, const char *code) {
  const int size = snprintf(key, 128, "%s/%s", district, code);
  return size > 0 && size < 128;
}

void tracking_units_replace(struct tracking_units *units, const Wangge__V1__Record *const *records, size_t count) {
  struct wg_map *fresh = wg_map_create();
  for (size_t i = 0; i < count; i++) {
    char key[128];
    if (records[i]->body_case != WANGGE__V1__RECORD__BODY_DEPARTMENT) continue;
    const Wangge__V1__Department *department = records[i]->department;
    if (!name_key(key, records[i]->district, records[i]->code) || wg_map_get(fresh, key)) continue;
    struct unit *unit = wg_zalloc(sizeof *unit);
    unit->name = wg_strdup(department->name);
    unit->level = wg_strdup(department->level);
    wg_map_put(fresh, key, unit);
  }
  pthread_mutex_lock(&units->mutex);
  struct wg_map *old = units->by_code;
  units->by_code = fresh;
  pthread_mutex_unlock(&units->mutex);
  close_map(old);
}

void tracking_units_find(struct tracking_units *units, const char *district, const char *code, struct wg_arena *arena,
                         const char **name, const char **level) {
  char key[128];
  *name = "";
  *level = wg_all_digits(code, 15) ? "grid" : "";
  if (!name_key(key, district, code)) return;
  pthread_mutex_lock(&units->mutex);
  const struct unit *unit = wg_map_get(units->by_code, key);
  if (unit) *name = wg_arena_strdup(arena, unit->name);
  if (unit && !**level) *level = wg_arena_strdup(arena, unit->level);
  pthread_mutex_unlock(&units->mutex);
}
