// How an import is cut into calls of Registry.Put.

#include "ops/cli/registry.h"

#include <string.h>

size_t cli_part_end(const struct wg_record_set *set, size_t first) {
  size_t end = first, bytes = 0;
  while (end < set->count && end - first < CLI_PART_RECORDS) {
    bytes += protobuf_c_message_get_packed_size(&set->record[end]->base) + 8;
    if (bytes > CLI_PART_BYTES && end > first) break;
    end++;
  }
  return end;
}

static bool same_district(const struct wg_record_set *set, size_t a, size_t b) {
  return strcmp(set->record[a]->district, set->record[b]->district) == 0;
}

// Few districts: each is picked out in one pass.
size_t cli_sort_districts(struct wg_record_set *set, struct wg_arena *arena) {
  Wangge__V1__Record **record = wg_arena_alloc(arena, (set->count + 1) * sizeof(Wangge__V1__Record *));
  struct wg_record_origin *origin = wg_arena_alloc(arena, (set->count + 1) * sizeof *origin);
  bool *taken = wg_arena_zalloc(arena, set->count + 1);
  size_t count = 0, districts = 0;
  for (size_t first = 0; first < set->count; first++) {
    if (taken[first]) continue;
    districts++;
    for (size_t i = first; i < set->count; i++) {
      if (taken[i] || !same_district(set, first, i)) continue;
      taken[i] = true;
      if (set->origin != NULL) origin[count] = set->origin[i];
      record[count++] = set->record[i];
    }
  }
  set->record = record;
  if (set->origin != NULL) set->origin = origin;
  return districts;
}

bool cli_next_district(const struct wg_record_set *set, size_t *at, struct wg_record_set *district) {
  size_t end = *at;
  while (end < set->count && same_district(set, *at, end))
    end++;
  *district = (struct wg_record_set){.record = set->record + *at, .count = end - *at};
  if (set->origin != NULL) district->origin = set->origin + *at;
  *at = end;
  return district->count > 0;
}
