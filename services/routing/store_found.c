// What was found out about an order when it came, as columns of assignment. See store.h.
#include "services/routing/store.h"

struct routing_found routing_found_row(const PGresult *result, int row, int first, struct wg_arena *arena) {
  return (struct routing_found){
      .area = wg_arena_strdup(arena, wg_get_text(result, row, first)),
      .place_id = wg_arena_strdup(arena, wg_get_text(result, row, first + 1)),
      .place_name = wg_arena_strdup(arena, wg_get_text(result, row, first + 2)),
      .place_how = (enum routing_how)wg_get_i16(result, row, first + 3),
      .place_confidence = (float)wg_get_f64(result, row, first + 4),
      .place_flags = (unsigned)wg_get_i32(result, row, first + 5),
      .place_evidence = wg_arena_strdup(arena, wg_get_text(result, row, first + 6)),
      .suggested_category = wg_arena_strdup(arena, wg_get_text(result, row, first + 7)),
      .suggested_confidence = (float)wg_get_f64(result, row, first + 8),
      .compared = wg_get_bool(result, row, first + 9),
  };
}

void routing_found_columns(struct wg_column *columns[ROUTING_FOUND_COUNT], struct wg_arena *arena, size_t rows) {
  columns[0] = wg_column_text(arena, rows);
  columns[1] = wg_column_text(arena, rows);
  columns[2] = wg_column_text(arena, rows);
  columns[3] = wg_column_i16(arena, rows);
  columns[4] = wg_column_f64(arena, rows);
  columns[5] = wg_column_i32(arena, rows);
  columns[6] = wg_column_text(arena, rows);
  columns[7] = wg_column_text(arena, rows);
  columns[8] = wg_column_f64(arena, rows);
  columns[9] = wg_column_bool(arena, rows);
}

void routing_found_push(struct wg_column *columns[ROUTING_FOUND_COUNT], const struct routing_found *found) {
  wg_push_text(columns[0], found->area);
  wg_push_text(columns[1], found->place_id);
  wg_push_text(columns[2], found->place_name);
  wg_push_i16(columns[3], (int16_t)found->place_how);
  wg_push_f64(columns[4], (double)found->place_confidence);
  wg_push_i32(columns[5], (int32_t)found->place_flags);
  wg_push_text(columns[6], found->place_evidence);
  wg_push_text(columns[7], found->suggested_category);
  wg_push_f64(columns[8], (double)found->suggested_confidence);
  wg_push_bool(columns[9], found->compared);
}
