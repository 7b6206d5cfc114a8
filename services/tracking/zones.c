// See zones.h.
#include "services/tracking/zones.h"

#include "services/tracking/words.h"

#include <string.h>

struct zone {
  const char *district;
  int64_t chunk;
  int state, n;
  int64_t due_min, due_max; // of cases that stand in it afterwards
  uint64_t dues;            // a sum over deadlines that differs when they do
  struct zone *next;        // of the same slot
};
enum { SLOTS = 1024 };
struct zones {
  struct wg_arena *arena;
  struct zone *slots[SLOTS];
  size_t count;
};

struct zones *zones_create(struct wg_arena *arena) {
  struct zones *zones = wg_arena_zalloc(arena, sizeof *zones);
  zones->arena = arena;
  return zones;
}

static struct zone *zone_of(struct zones *zones, const Wangge__V1__Case *subject) {
  const int64_t chunk = subject->order_id / WORDS_CHUNK;
  struct zone **const slot = &zones->slots[((uint64_t)chunk * 16 + (uint64_t)subject->state) % SLOTS];
  for (struct zone *zone = *slot; zone; zone = zone->next) {
    if (zone->chunk == chunk && zone->state == (int)subject->state && strcmp(zone->district, subject->district) == 0)
      return zone;
  }
  struct zone *zone = wg_arena_alloc(zones->arena, sizeof *zone);
  *zone = (struct zone){
      wg_arena_strdup(zones->arena, subject->district), chunk, (int)subject->state, 0, INT64_MAX, INT64_MIN, 0, *slot};
  *slot = zone;
  zones->count++;
  return zone;
}

void zones_count(struct zones *zones, const Wangge__V1__Case *subject, int times) {
  struct zone *zone = zone_of(zones, subject);
  const int64_t due = subject->due_at ? subject->due_at : INT64_MAX; // as the row has it
  zone->n += times;
  zone->dues += (uint64_t)times * ((uint64_t)due * UINT64_C(0x9e3779b97f4a7c15) >> 7);
  if (times < 0) return;
  if (due < zone->due_min) zone->due_min = due;
  if (due > zone->due_max) zone->due_max = due;
}

// Primary key.
static const struct wg_statement PUT_ZONES = {
    "zones_put",
    "INSERT INTO case_zone AS z (district, chunk, state, n, due_min, due_max) SELECT unnest($1::text[]), "
    "unnest($2::int[]), unnest($3::smallint[]), unnest($4::int[]), unnest($5::timestamptz[]), "
    "unnest($6::timestamptz[]) ON CONFLICT (district, chunk, state) DO UPDATE SET n = z.n + excluded.n, "
    "due_min = least(z.due_min, excluded.due_min), due_max = greatest(z.due_max, excluded.due_max)",
    6};

wg_status zones_store(struct wg_batch *batch, const struct zones *zones, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  const size_t n = zones->count;
  struct wg_column *const columns[] = {wg_column_text(a, n), wg_column_i32(a, n),  wg_column_i16(a, n),
                                       wg_column_i32(a, n),  wg_column_time(a, n), wg_column_time(a, n)};
  for (size_t slot = 0; slot < SLOTS; slot++) {
    for (const struct zone *zone = zones->slots[slot]; zone; zone = zone->next) {
      if (!zone->n && !zone->dues) continue;
      wg_push_text(columns[0], zone->district);
      wg_push_i32(columns[1], (int32_t)zone->chunk);
      wg_push_i16(columns[2], (int16_t)zone->state);
      wg_push_i32(columns[3], zone->n);
      if (zone->due_min > zone->due_max) { // all have left it
        wg_push_null(columns[4]);
        wg_push_null(columns[5]);
        continue;
      }
      wg_push_time(columns[4], zone->due_min);
      wg_push_time(columns[5], zone->due_max);
    }
  }
  return wg_db_send_columns(batch->db, &PUT_ZONES, columns, a, error);
}
