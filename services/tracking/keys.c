// See keys.h.
#include "services/tracking/keys.h"

#include "common/base/map.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 640, DISTRICT_BYTES = 6 };

struct fresh {
  int32_t key;
  int16_t by;
  char *name; // as in the map: what it numbers, district, name
};

struct case_keys {
  struct wg_map *numbers; // "<by><district><name>" -> number
  int32_t last;
  struct fresh *fresh; // of the batch that is under way
  size_t fresh_count, fresh_capacity;
};

struct case_keys *case_keys_create(void) {
  struct case_keys *keys = wg_zalloc(sizeof *keys);
  keys->numbers = wg_map_create();
  return keys;
}

static void forget_fresh(struct case_keys *keys) {
  for (size_t i = 0; i < keys->fresh_count; i++)
    free(keys->fresh[i].name);
  keys->fresh_count = 0;
}

void case_keys_destroy(struct case_keys *keys) {
  if (!keys) return;
  forget_fresh(keys);
  free(keys->fresh);
  wg_map_destroy(keys->numbers);
  free(keys);
}

// name_of writes the key of the map. Names are shorter than its room: paths have at most 600 bytes.
static const char *name_of(char *room, const char *district, enum case_key_by by, const char *name) {
  const size_t district_size = strnlen(district, DISTRICT_BYTES), size = strnlen(name, NAME_BYTES - DISTRICT_BYTES - 2);
  room[0] = (char)('0' + by);
  memcpy(room + 1, district, district_size);
  memcpy(room + 1 + district_size, name, size);
  room[1 + district_size + size] = '\0';
  return room;
}

static void note(struct case_keys *keys, const char *name, int32_t key) {
  wg_map_put(keys->numbers, name, (void *)(uintptr_t)key);
  if (key > keys->last) keys->last = key;
}

static const struct wg_statement READ = {"tracking_read_keys", "SELECT district, by, name, key FROM case_key", 0};

wg_status case_keys_read(struct wg_db *db, struct case_keys *keys, struct wg_error *error) {
  forget_fresh(keys);
  wg_map_destroy(keys->numbers);
  keys->numbers = wg_map_create();
  keys->last = 0;
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &READ, NULL, &result, error);
  if (status != WG_OK) return status;
  char room[NAME_BYTES];
  for (int row = 0; row < PQntuples(result); row++) {
    const enum case_key_by by = (enum case_key_by)wg_get_i16(result, row, 1);
    const char *name = name_of(room, wg_get_text(result, row, 0), by, wg_get_text(result, row, 2));
    note(keys, name, wg_get_i32(result, row, 3));
  }
  PQclear(result);
  return WG_OK;
}

int32_t case_keys_number(struct case_keys *keys, const char *district, enum case_key_by by, const char *name) {
  char room[NAME_BYTES];
  name_of(room, district, by, name);
  const uintptr_t known = (uintptr_t)wg_map_get(keys->numbers, room);
  if (known) return (int32_t)known;
  if (keys->fresh_count == keys->fresh_capacity) {
    keys->fresh_capacity = keys->fresh_capacity ? keys->fresh_capacity * 2 : 64;
    keys->fresh = wg_realloc(keys->fresh, keys->fresh_capacity * sizeof *keys->fresh);
  }
  const int32_t key = keys->last + 1;
  keys->fresh[keys->fresh_count++] = (struct fresh){key, (int16_t)by, wg_strdup(room)};
  note(keys, room, key);
  return key;
}

static const struct wg_statement INSERT = {
    "tracking_insert_keys",
    "INSERT INTO case_key (district, by, name, key) "
    "SELECT unnest($1::text[]), unnest($2::smallint[]), unnest($3::text[]), unnest($4::int[])",
    4};

wg_status case_keys_store(struct wg_batch *batch, const struct case_keys *keys, struct wg_error *error) {
  if (!keys->fresh_count) return WG_OK;
  struct wg_arena *a = batch->arena;
  const size_t n = keys->fresh_count;
  struct wg_column *const w[] = {wg_column_text(a, n), wg_column_i16(a, n), wg_column_text(a, n), wg_column_i32(a, n)};
  for (size_t i = 0; i < n; i++) {
    const struct fresh *fresh = &keys->fresh[i];
    wg_push_text(w[0], wg_arena_printf(a, "%.6s", fresh->name + 1));
    wg_push_i16(w[1], fresh->by);
    wg_push_text(w[2], fresh->name + 1 + DISTRICT_BYTES);
    wg_push_i32(w[3], fresh->key);
  }
  return wg_db_send_columns(batch->db, &INSERT, w, a, error);
}

void case_keys_committed(struct case_keys *keys) {
  forget_fresh(keys);
}

void case_keys_rolled_back(struct case_keys *keys) {
  for (size_t i = 0; i < keys->fresh_count; i++)
    wg_map_remove(keys->numbers, keys->fresh[i].name);
  if (keys->fresh_count) keys->last = keys->fresh[0].key - 1;
  forget_fresh(keys);
}
