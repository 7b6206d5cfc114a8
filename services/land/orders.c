// See orders.h.
#include "services/land/orders.h"

#include "common/wire/wire.h"
#include "services/land/store.h"

#include <string.h>

enum { PUSH_ROWS = 100 };

struct land_sending {
  struct wg_arena *arena;
  bool wants; // the thread is idle: give it what is pending
  struct wg_bytes *pending;
  size_t pending_count;
  int64_t total; // pending in all
  struct wg_order_answer *answers;
  size_t answer_count;
};

// Index land_order_pending.
static const struct wg_statement COUNT = {"land_orders_count",
                                          "SELECT count(*) FROM land_order WHERE settled_at IS NULL", 0};
static const struct wg_statement LOAD = {
    "land_orders_load",
    "SELECT body FROM land_order WHERE settled_at IS NULL ORDER BY made_at, district, external_id LIMIT $1", 1};
static const struct wg_statement ADD = {
    "land_orders_add",
    "INSERT INTO land_order (district, external_id, village, made_at, body) SELECT unnest($1::text[]), "
    "unnest($2::text[]), unnest($3::text[]), unnest($4::timestamptz[]), unnest($5::bytea[])",
    5};
// Primary key. One that was settled stays as it is.
static const struct wg_statement SETTLE = {
    "land_orders_settle",
    "UPDATE land_order SET settled_at = $5, order_id = nullif($3, 0), refusal = $4 WHERE district = $1 "
    "AND external_id = $2 AND settled_at IS NULL",
    5};

static wg_status on_count(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  ((struct land_sending *)context)->total = wg_get_i64(result, 0, 0);
  return WG_OK;
}

static wg_status on_pending(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct land_sending *sending = context;
  const int rows = PQntuples(result);
  sending->pending = wg_arena_alloc(sending->arena, ((size_t)rows + 1) * sizeof *sending->pending);
  for (int row = 0; row < rows; row++) {
    const struct wg_bytes body = wg_get_bytea(result, row, 0);
    uint8_t *copy = wg_arena_alloc(sending->arena, body.size + 1);
    memcpy(copy, body.data, body.size);
    sending->pending[sending->pending_count++] = (struct wg_bytes){copy, body.size};
  }
  return WG_OK;
}

wg_status land_orders_load(struct land *land, struct wg_batch *batch, struct land_sending **result,
                           struct wg_error *error) {
  struct land_sending *sending = wg_arena_zalloc(batch->arena, sizeof *sending);
  *result = sending;
  sending->arena = batch->arena;
  if (land->orders) {
    sending->wants = wg_orders_idle(land->orders);
    sending->answer_count = wg_orders_take(land->orders, batch->arena, &sending->answers);
  }
  wg_status status = wg_db_send(batch->db, &COUNT, NULL, on_count, sending, error);
  if (status != WG_OK || !sending->wants) return status;
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_i64(params, PUSH_ROWS);
  return wg_db_send(batch->db, &LOAD, params, on_pending, sending, error);
}

static wg_status add(struct wg_batch *batch, const struct land_made *made, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *c[] = {wg_column_text(a, 8), wg_column_text(a, 8), wg_column_text(a, 8), wg_column_time(a, 8),
                           wg_column_bytea(a, 8)};
  for (; made; made = made->next) {
    for (const struct land_order *order = made->orders; order; order = order->next) {
      wg_push_text(c[0], order->order->district);
      wg_push_text(c[1], order->order->external_id);
      wg_push_text(c[2], made->entry.village);
      wg_push_time(c[3], made->entry.at_us);
      wg_push_bytea(c[4], wg_pack(&order->order->base, a));
    }
  }
  return wg_db_send_columns(batch->db, &ADD, c, a, error);
}

wg_status land_orders_store(const struct land_sending *sending, struct wg_batch *batch, const struct land_made *made,
                            struct wg_error *error) {
  wg_status status = add(batch, made, error);
  for (size_t i = 0; sending && i < sending->answer_count && status == WG_OK; i++) {
    const struct wg_order_answer *answer = &sending->answers[i];
    struct wg_params *params = wg_params(batch->arena, 5);
    wg_param_text(params, answer->district);
    wg_param_text(params, answer->external_id);
    wg_param_i64(params, answer->order_id);
    wg_param_text(params, answer->message);
    wg_param_time(params, batch->now);
    status = wg_db_send(batch->db, &SETTLE, params, NULL, NULL, error);
  }
  return status;
}

void land_orders_committed(struct land *land, const struct land_sending *sending) {
  if (!sending) return;
  wg_set(land->orders_pending, (double)sending->total);
  if (sending->wants) wg_orders_give(land->orders, sending->pending, sending->pending_count);
}
