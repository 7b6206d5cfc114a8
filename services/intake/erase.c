// See erase.h.
#include "services/intake/erase.h"

#include "common/base/mask.h"

// --- load ---

struct text_load {
  const struct intake_stored_text **texts;
  struct wg_arena *arena;
};

static wg_status on_texts(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  const struct text_load *load = context;
  for (int row = 0; row < PQntuples(result); row++) {
    struct intake_stored_text *text = wg_arena_zalloc(load->arena, sizeof *text);
    text->district = wg_arena_strdup(load->arena, wg_get_text(result, row, 0));
    text->order_id = wg_get_i64(result, row, 1);
    if (!wg_is_null(result, row, 2)) text->supplement_id = wg_arena_strdup(load->arena, wg_get_text(result, row, 2));
    text->title = wg_arena_strdup(load->arena, wg_get_text(result, row, 3));
    text->text = wg_arena_strdup(load->arena, wg_get_text(result, row, 4));
    text->address = wg_arena_strdup(load->arena, wg_get_text(result, row, 5));
    text->next = *load->texts;
    *load->texts = text;
  }
  return WG_OK;
}

// Primary keys of orders and supplement.
static const struct wg_statement TEXTS = {
    "intake_texts",
    "SELECT o.district, o.order_id, t.supplement_id, t.title, t.text, t.address FROM unnest($1::bigint[]) AS "
    "k(order_id) "
    "CROSS JOIN unnest($2::text[]) AS d(district) "
    "JOIN orders o ON o.district = d.district AND o.order_id = k.order_id CROSS JOIN LATERAL "
    "(SELECT NULL::text AS supplement_id, o.title, o.text, o.address UNION ALL SELECT s.supplement_id, '', s.text, '' "
    "FROM supplement s WHERE s.district = o.district AND s.order_id = o.order_id) t",
    2};

wg_status intake_load_texts(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                            const int64_t *order_ids, size_t count, const struct intake_stored_text **texts,
                            struct wg_error *error) {
  *texts = NULL;
  if (count == 0) return WG_OK;
  struct wg_column *ids = wg_column_i64(arena, count);
  for (size_t i = 0; i < count; i++)
    wg_push_i64(ids, order_ids[i]);
  struct wg_params *params = wg_params(arena, 2);
  wg_param_column(params, ids);
  wg_param_column(params, districts);
  struct text_load *load = wg_arena_alloc(arena, sizeof *load);
  *load = (struct text_load){texts, arena};
  return wg_db_send(db, &TEXTS, params, on_texts, load, error);
}

// --- store ---

// The first erasure of an order is the one that is told of.
static const struct wg_statement ERASURES = {
    "intake_erasures",
    "INSERT INTO reporter_erasure (district, order_id, erased_by, reason, erased_at) "
    "SELECT n.*, $5 FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS n "
    "ON CONFLICT (district, order_id) DO NOTHING",
    5};
// Primary key of orders, inside the function.
static const struct wg_statement ORDER_TEXTS = {
    "intake_erase_order_texts",
    "SELECT erase_order_texts(n.district, n.order_id, n.title, n.text, n.address) "
    "FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[]) "
    "AS n(district, order_id, title, text, address)",
    5};
// Primary key of supplement, inside the function.
static const struct wg_statement SUPPLEMENT_TEXTS = {
    "intake_erase_supplements",
    "SELECT erase_supplement(n.district, n.order_id, n.supplement_id, n.text) "
    "FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS n(district, order_id, supplement_id, text)",
    4};
// Primary key of reporter. Last: the functions above star the name that stands in it.
static const struct wg_statement REPORTERS = {
    "intake_erase_reporters",
    "DELETE FROM reporter r USING unnest($1::text[], $2::bigint[]) AS n(district, order_id) "
    "WHERE r.district = n.district AND r.order_id = n.order_id",
    2};

static wg_status erase_texts(struct wg_db *db, struct wg_arena *arena, const struct intake_stored_text *texts,
                             bool supplements, struct wg_error *error) {
  size_t count = 0;
  for (const struct intake_stored_text *at = texts; at; at = at->next)
    count += (at->supplement_id != NULL) == supplements;
  if (count == 0) return WG_OK;
  struct wg_column *districts = wg_column_text(arena, count), *ids = wg_column_i64(arena, count);
  struct wg_column *columns[3] = {wg_column_text(arena, count), wg_column_text(arena, count),
                                  wg_column_text(arena, count)};
  for (const struct intake_stored_text *at = texts; at; at = at->next) {
    if ((at->supplement_id != NULL) != supplements) continue;
    wg_push_text(districts, at->district);
    wg_push_i64(ids, at->order_id);
    wg_push_text(columns[0], supplements ? at->supplement_id : wg_mask_text(at->title, arena));
    wg_push_text(columns[1], wg_mask_text(at->text, arena));
    wg_push_text(columns[2], wg_mask_text(at->address, arena));
  }
  const int more = supplements ? 2 : 3;
  struct wg_params *params = wg_params(arena, 2 + more);
  wg_param_column(params, districts);
  wg_param_column(params, ids);
  for (int i = 0; i < more; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(db, supplements ? &SUPPLEMENT_TEXTS : &ORDER_TEXTS, params, NULL, NULL, error);
}

wg_status intake_store_erasures(struct wg_db *db, struct wg_arena *arena, const struct intake_rows *rows,
                                const struct intake_stored_text *texts, int64_t at, struct wg_error *error) {
  if (rows->count == 0) return WG_OK;
  struct wg_column *districts = wg_column_text(arena, rows->count), *ids = wg_column_i64(arena, rows->count);
  for (size_t i = 0; i < rows->count; i++) {
    wg_push_text(districts, rows->rows[i].subject->district);
    wg_push_i64(ids, rows->rows[i].subject->order_id);
  }
  struct wg_params *params = wg_params(arena, 2);
  wg_param_column(params, districts);
  wg_param_column(params, ids);
  wg_status status = wg_db_send(db, &ERASURES, intake_row_params(arena, rows, at, 0), NULL, NULL, error);
  if (status == WG_OK) status = erase_texts(db, arena, texts, false, error);
  if (status == WG_OK) status = erase_texts(db, arena, texts, true, error);
  if (status == WG_OK) status = wg_db_send(db, &REPORTERS, params, NULL, NULL, error);
  return status;
}
