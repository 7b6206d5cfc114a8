// Erasing a reporter (PIPL art. 47): the row, and what the stored texts of the order tell of the person.
#pragma once

#include "services/intake/store.h"

// Texts of one order, or one supplement of it, as stored. Live in the batch's arena.
struct intake_stored_text {
  const char *district;
  int64_t order_id;
  const char *supplement_id;          // NULL: the order's own
  const char *title, *text, *address; // of a supplement only text
  const struct intake_stored_text *next;
};

// intake_load_texts finds the texts of these orders; *texts fills when the stage pumps the connection.
wg_status intake_load_texts(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                            const int64_t *order_ids, size_t count, const struct intake_stored_text **texts,
                            struct wg_error *error);
// intake_store_erasures records the erasures, stars what the texts of these orders tell, and deletes the reporters.
wg_status intake_store_erasures(struct wg_db *db, struct wg_arena *arena, const struct intake_rows *rows,
                                const struct intake_stored_text *texts, int64_t at, struct wg_error *error);
