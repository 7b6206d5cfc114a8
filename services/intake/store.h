// All SQL of the writing connection. Loads queue a statement whose rows land in the entries and subjects when the stage
// pumps the connection; stores queue writes. Every statement is one for the whole batch; nothing queues anything when
// there is nothing to ask or write. What readers ask is in query.h.
#pragma once

#include "common/db/db.h"
#include "services/intake/accept.h"

// What decide wants written. Texts live as long as the batch.
struct intake_row {
  const struct intake_subject *subject;
  const char *by;     // principal
  const char *key;    // supplement: its id
  const char *text;   // supplement: its text; else the reason
  const char *person; // supplement for handlers: who wrote it; NULL: a supplement as it came
  int64_t place;      // supplement: its place in the order's list
};
struct intake_rows {
  struct intake_row *rows;
  size_t count;
};

// intake_counter_read (blocking) reads the counter, and forbids this connection plans that visit whole tables: every
// statement here goes by key, and a plan made while tables were empty must not stay when they are not.
wg_status intake_counter_read(struct wg_db *db, int64_t *last_order_id, int64_t *last_received_at,
                              struct wg_error *error);
// intake_load_known finds orders stored under the keys of the entries, which must outlive the batch's loads.
wg_status intake_load_known(struct wg_db *db, struct wg_arena *arena, struct intake_entry **entries, size_t count,
                            struct wg_error *error);
// intake_load_subjects finds orders by number in these districts; intake_load_notes the supplements that calls name:
// subjects[i] gets the note ids[i], if there is one.
wg_status intake_load_subjects(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                               struct intake_subject **subjects, size_t count, struct wg_error *error);
wg_status intake_load_notes(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                            struct intake_subject **subjects, const char **ids, size_t count, struct wg_error *error);

// intake_store_orders writes the accepted among the entries with their reporters and attachments, and moves the counter
// from `before` by their number; it must then stand at before + accepted, or the batch fails.
wg_status intake_store_orders(struct wg_db *db, struct wg_arena *arena, struct intake_entry **entries, size_t count,
                              size_t accepted, int64_t before, int64_t received_at, struct wg_error *error);
// intake_row_params: district, order_id, by, text of each row, and the time; room for `more`.
struct wg_params *intake_row_params(struct wg_arena *arena, const struct intake_rows *rows, int64_t at, int more);
wg_status intake_store_supplements(struct wg_db *db, struct wg_arena *arena, const struct intake_rows *rows, int64_t at,
                                   struct wg_error *error);
wg_status intake_store_withdrawals(struct wg_db *db, struct wg_arena *arena, const struct intake_rows *rows, int64_t at,
                                   struct wg_error *error);
// intake_load_nameless replaces texts[i], which belong to subjects[i], by what they are without the reporter's name.
wg_status intake_load_nameless(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                               struct intake_subject **subjects, const char **texts, size_t count,
                               struct wg_error *error);
// intake_load_named tells of texts[i], meant for handlers of subjects[i], whether it names the reporter.
wg_status intake_load_named(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                            struct intake_subject **subjects, const char **texts, size_t count, bool *named,
                            struct wg_error *error);
