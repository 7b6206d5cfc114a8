// See precedents.h. Listed by category in a map: an order looks at the lists of its own category and of those above it.
#include "services/routing/precedents.h"

#include "common/base/map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  struct routing_precedent precedent;
  struct entry *older; // of the same category
};

struct routing_precedents {
  struct wg_arena *arena;
  struct wg_map *categories; // to the newest entry
  struct entry **entries;    // oldest first
  size_t count, capacity;
};

struct routing_precedents *routing_precedents_create(void) {
  struct routing_precedents *made = wg_zalloc(sizeof *made);
  made->arena = wg_arena_create(16 << 10);
  made->categories = wg_map_create();
  return made;
}

void routing_precedents_destroy(struct routing_precedents *precedents) {
  if (!precedents) return;
  wg_map_destroy(precedents->categories);
  wg_arena_destroy(precedents->arena);
  free(precedents->entries);
  free(precedents);
}

void routing_precedents_add(struct routing_precedents *precedents, const struct routing_precedent *precedent) {
  struct wg_arena *arena = precedents->arena;
  struct entry *entry = wg_arena_zalloc(arena, sizeof *entry);
  entry->precedent = *precedent;
  struct routing_precedent *copy = &entry->precedent;
  const char **texts[] = {&copy->district, &copy->category,   &copy->place, &copy->lead,
                          &copy->basis,    &copy->decided_by, &copy->person};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = wg_arena_strdup(arena, *texts[i]);
  copy->assists = wg_arena_alloc(arena, (copy->assist_count + 1) * sizeof *copy->assists);
  for (size_t i = 0; i < copy->assist_count; i++)
    copy->assists[i] = wg_arena_strdup(arena, precedent->assists[i]);
  entry->older = wg_map_get(precedents->categories, copy->category);
  wg_map_put(precedents->categories, copy->category, entry);
  if (precedents->count == precedents->capacity) {
    precedents->capacity = precedents->capacity ? precedents->capacity * 2 : 64;
    precedents->entries = wg_realloc(precedents->entries, precedents->capacity * sizeof(struct entry *));
  }
  precedents->entries[precedents->count++] = entry;
}

size_t routing_precedents_count(const struct routing_precedents *precedents) {
  return precedents ? precedents->count : 0;
}

const struct routing_precedent *routing_precedents_at(const struct routing_precedents *precedents, size_t n) {
  return &precedents->entries[n]->precedent;
}

const struct routing_precedent *routing_precedents_of(const struct routing_precedents *precedents, int64_t order_id,
                                                      int32_t n) {
  for (size_t i = routing_precedents_count(precedents); i > 0; i--) {
    const struct routing_precedent *one = &precedents->entries[i - 1]->precedent;
    if (one->order_id == order_id && one->n == n) return one;
  }
  return NULL;
}

bool routing_precedent_covers(const struct routing_precedent *precedent, const char *category) {
  const size_t size = strlen(precedent->category);
  if (size == 0) return true;
  return strncmp(category, precedent->category, size) == 0 && (category[size] == '\0' || category[size] == '/');
}

// keep puts one into `found`, longer places before shorter ones; newer ones were put before older ones.
static size_t keep(const struct routing_precedent *one, const struct routing_precedent **found, size_t begin,
                   size_t count, size_t most) {
  size_t at = count;
  while (at > begin && strlen(found[at - 1]->place) < strlen(one->place))
    at--;
  if (at == most) return count;
  if (count == most) count--;
  memmove(&found[at + 1], &found[at], (count - at) * sizeof *found);
  found[at] = one;
  return count + 1;
}

size_t routing_precedents_fitting(const struct routing_precedents *precedents, const char *district,
                                  const char *category, const char *grid_code, const struct routing_precedent **found,
                                  size_t most) {
  if (!routing_precedents_count(precedents)) return 0;
  char *path = wg_strdup(category);
  size_t count = 0;
  for (;;) {
    const size_t begin = count;
    for (const struct entry *at = wg_map_get(precedents->categories, path); at; at = at->older) {
      const struct routing_precedent *one = &at->precedent;
      if (strcmp(one->district, district) == 0 && strncmp(grid_code, one->place, strlen(one->place)) == 0)
        count = keep(one, found, begin, count, most);
    }
    if (!*path) break;
    char *slash = strrchr(path, '/');
    *(slash ? slash : path) = '\0';
  }
  free(path);
  return count;
}

char *routing_precedent_id(const struct routing_precedent *precedent, struct wg_arena *arena) {
  return wg_arena_printf(arena, "%" PRId64 ".%d", precedent->order_id, precedent->n);
}

Wangge__V1__Precedent *routing_precedent_message(const struct routing_precedent *precedent, struct wg_arena *arena) {
  Wangge__V1__Precedent *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__precedent__init(message);
  message->precedent_id = routing_precedent_id(precedent, arena);
  message->district = (char *)(uintptr_t)precedent->district;
  message->order_id = precedent->order_id;
  message->category = (char *)(uintptr_t)precedent->category;
  message->place = (char *)(uintptr_t)precedent->place;
  message->lead = (char *)(uintptr_t)precedent->lead;
  message->assists = (char **)(uintptr_t)precedent->assists;
  message->n_assists = precedent->assist_count;
  message->basis = (char *)(uintptr_t)precedent->basis;
  message->decided_by = (char *)(uintptr_t)precedent->decided_by;
  message->decided_at = precedent->decided_at;
  return message;
}
