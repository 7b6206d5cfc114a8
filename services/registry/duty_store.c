// See duty_store.h.
#include "services/registry/duty_store.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <stdio.h>
#include <string.h>

enum { PUSH_ROWS = 1000, PUSH_BYTES = 4 << 20 };

static void day_text(int32_t day, char text[11]) {
  int year = 0, month = 0, of_month = 0;
  wg_day_civil(day, &year, &month, &of_month);
  snprintf(text, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)of_month % 100);
}

// --- how far the districts are ---
static const struct wg_statement READ_DAYS = {
    "registry_read_duty_days", "SELECT district, to_char(done_on, 'YYYY-MM-DD') FROM duty_day ORDER BY district", 0};

wg_status registry_store_duty_days(struct wg_db *db, struct registry_duty_progress **progress, size_t *count,
                                   struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &READ_DAYS, NULL, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  *progress = wg_zalloc(((size_t)rows + 1) * sizeof **progress);
  for (int row = 0; row < rows; row++) {
    struct registry_duty_progress *one = &(*progress)[(*count)++];
    snprintf(one->district, sizeof one->district, "%s", wg_get_text(result, row, 0));
    wg_day_parse(wg_get_text(result, row, 1), &one->done);
    one->stored = one->done;
  }
  PQclear(result);
  return WG_OK;
}

// Primary key.
static const struct wg_statement PUT_DAYS = {
    "registry_put_duty_days",
    "INSERT INTO duty_day (district, done_on) SELECT unnest($1::text[]), unnest($2::text[])::date ON CONFLICT "
    "(district) DO UPDATE SET done_on = excluded.done_on",
    2};

wg_status registry_store_duty_progress(struct wg_batch *batch, const struct registry_duty_plan *plan,
                                       struct wg_error *error) {
  struct wg_column *district = wg_column_text(batch->arena, plan->progress_count);
  struct wg_column *done = wg_column_text(batch->arena, plan->progress_count);
  for (size_t i = 0; i < plan->progress_count; i++) {
    char day[11];
    if (plan->progress[i].done == plan->progress[i].stored) continue;
    day_text(plan->progress[i].done, day);
    wg_push_text(district, plan->progress[i].district);
    wg_push_text(done, day);
  }
  if (!wg_column_rows(district)) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_column(params, district);
  wg_param_column(params, done);
  return wg_db_send(batch->db, &PUT_DAYS, params, NULL, NULL, error);
}

// --- happenings ---
// Primary key.
static const struct wg_statement LOAD_HAPPENING = {
    "registry_load_happening",
    "SELECT event, kind, code, answer FROM happening WHERE district = $1 AND principal = $2 AND event_id = $3", 3};

struct happening_load {
  struct registry_happening *happening;
  struct wg_arena *arena;
};

static wg_status on_happening(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct happening_load *load = context;
  struct registry_happening *happening = load->happening;
  if (PQntuples(result) == 0) return WG_OK;
  happening->stored = true;
  happening->event = wg_arena_strdup(load->arena, wg_get_text(result, 0, 0));
  happening->kind = wg_arena_strdup(load->arena, wg_get_text(result, 0, 1));
  happening->code = wg_arena_strdup(load->arena, wg_get_text(result, 0, 2));
  const struct wg_bytes answer = wg_get_bytea(result, 0, 3);
  uint8_t *copy = wg_arena_alloc(load->arena, answer.size + 1);
  memcpy(copy, answer.data, answer.size);
  happening->answer = (struct wg_bytes){copy, answer.size};
  return WG_OK;
}

wg_status registry_store_load_happening(struct wg_batch *batch, struct registry_happening *happening,
                                        struct wg_error *error) {
  struct happening_load *load = wg_arena_alloc(batch->arena, sizeof *load);
  *load = (struct happening_load){happening, batch->arena};
  struct wg_params *params = wg_params(batch->arena, 3);
  wg_param_text(params, happening->district);
  wg_param_text(params, happening->principal);
  wg_param_text(params, happening->request->event_id);
  return wg_db_send(batch->db, &LOAD_HAPPENING, params, on_happening, load, error);
}

static const struct wg_statement PUT_HAPPENING = {
    "registry_put_happening",
    "INSERT INTO happening (district, principal, event_id, event, kind, code, happened_at, note, told_at, answer) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    10};

wg_status registry_store_happenings(struct wg_batch *batch, const struct registry_duty_plan *plan,
                                    struct wg_error *error) {
  wg_status status = WG_OK;
  for (size_t i = 0; i < plan->happening_count && status == WG_OK; i++) {
    const struct registry_happening *happening = plan->happenings[i];
    struct wg_params *params = wg_params(batch->arena, 10);
    wg_param_text(params, happening->district);
    wg_param_text(params, happening->principal);
    wg_param_text(params, happening->request->event_id);
    wg_param_text(params, happening->event);
    wg_param_text(params, happening->kind);
    wg_param_text(params, happening->code);
    wg_param_time(params, happening->happened_at);
    wg_param_text(params, happening->request->note);
    wg_param_time(params, batch->now);
    // An answer that names no duty is packed into no bytes, and is an answer all the same.
    wg_param_bytea(params, happening->answer.size ? happening->answer : (struct wg_bytes){(const uint8_t *)"", 0});
    status = wg_db_send(batch->db, &PUT_HAPPENING, params, NULL, NULL, error);
  }
  return status;
}

// --- duties ---
// Primary key: what is there stays as it is. In the order of the plan, so that duty_no tells it.
static const struct wg_statement PUT_DUTIES = {
    "registry_put_duties",
    "WITH made AS (INSERT INTO duty (district, duty_id, template, area, due_on, state, made_at, body) "
    "SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[])::date, "
    "1, $7, unnest($6::bytea[]) "
    "ON CONFLICT (district, duty_id) DO NOTHING RETURNING 1) SELECT count(*) FROM made",
    7};

static wg_status on_made(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  *(uint64_t *)context += (uint64_t)wg_get_i64(result, 0, 0);
  return WG_OK;
}

wg_status registry_store_duties(struct wg_batch *batch, const struct registry_duty_plan *plan, struct wg_error *error) {
  const struct registry_duties *duties = &plan->duties;
  if (!duties->count) return WG_OK;
  struct wg_arena *a = batch->arena;
  struct wg_column *c[] = {wg_column_text(a, duties->count), wg_column_text(a, duties->count),
                           wg_column_text(a, duties->count), wg_column_text(a, duties->count),
                           wg_column_text(a, duties->count), wg_column_bytea(a, duties->count)};
  for (size_t i = 0; i < duties->count; i++) {
    const struct registry_duty *duty = &duties->duty[i];
    wg_push_text(c[0], duty->district);
    wg_push_text(c[1], duty->duty_id);
    wg_push_text(c[2], duty->template);
    wg_push_text(c[3], duty->area);
    wg_push_text(c[4], duty->due_on);
    wg_push_bytea(c[5], wg_pack(&duty->order->base, a));
  }
  struct wg_params *params = wg_params(a, 7);
  for (int i = 0; i < 6; i++)
    wg_param_column(params, c[i]);
  wg_param_time(params, batch->now);
  return wg_db_send(batch->db, &PUT_DUTIES, params, on_made, plan->made, error);
}

// --- what is to be pushed ---
// Index duty_pending. Counting looks at the index alone.
static const struct wg_statement COUNT_PENDING = {"registry_count_pending",
                                                  "SELECT count(*), min(made_at) FROM duty WHERE state = 1", 0};
static const struct wg_statement LOAD_PENDING = {"registry_load_pending",
                                                 "SELECT body FROM duty WHERE state = 1 ORDER BY duty_no LIMIT $1", 1};

static wg_status on_count(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct registry_pending *pending = context;
  pending->count = wg_get_i64(result, 0, 0);
  pending->oldest_at = wg_get_time(result, 0, 1);
  return WG_OK;
}

static wg_status on_pending(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct registry_pending *pending = context;
  const int rows = PQntuples(result);
  pending->orders = wg_arena_alloc(pending->arena, ((size_t)rows + 1) * sizeof *pending->orders);
  size_t bytes = 0;
  for (int row = 0; row < rows && bytes < PUSH_BYTES; row++) {
    const struct wg_bytes body = wg_get_bytea(result, row, 0);
    uint8_t *copy = wg_arena_alloc(pending->arena, body.size + 1);
    memcpy(copy, body.data, body.size);
    pending->orders[pending->order_count++] = (struct wg_bytes){copy, body.size};
    bytes += body.size;
  }
  return WG_OK;
}

wg_status registry_store_load_pending(struct wg_batch *batch, struct registry_duty_plan *plan, struct wg_error *error) {
  const wg_status status = wg_db_send(batch->db, &COUNT_PENDING, NULL, on_count, &plan->pending, error);
  if (status != WG_OK || !plan->wants_pending) return status;
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_i64(params, PUSH_ROWS);
  return wg_db_send(batch->db, &LOAD_PENDING, params, on_pending, &plan->pending, error);
}

// Primary key.
static const struct wg_statement SETTLE = {
    "registry_settle_duties",
    "UPDATE duty d SET state = w.state, order_id = nullif(w.order_id, 0), message = w.message, settled_at = $6 "
    "FROM unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[], $5::text[]) "
    "AS w(district, duty_id, state, order_id, message) "
    "WHERE d.district = w.district AND d.duty_id = w.duty_id AND d.state = 1",
    6};

wg_status registry_store_duty_answers(struct wg_batch *batch, const struct registry_duty_plan *plan,
                                      struct wg_error *error) {
  if (!plan->answer_count) return WG_OK;
  struct wg_arena *a = batch->arena;
  const size_t count = plan->answer_count;
  struct wg_column *c[] = {wg_column_text(a, count), wg_column_text(a, count), wg_column_i16(a, count),
                           wg_column_i64(a, count), wg_column_text(a, count)};
  for (size_t i = 0; i < count; i++) {
    const struct wg_order_answer *answer = &plan->answers[i];
    wg_push_text(c[0], answer->district);
    wg_push_text(c[1], answer->external_id);
    wg_push_i16(c[2], answer->refused ? WANGGE__V1__DUTY_STATE__DUTY_STATE_REFUSED
                                      : WANGGE__V1__DUTY_STATE__DUTY_STATE_PUSHED);
    wg_push_i64(c[3], answer->order_id);
    wg_push_text(c[4], answer->message);
  }
  struct wg_params *params = wg_params(a, 6);
  for (int i = 0; i < 5; i++)
    wg_param_column(params, c[i]);
  wg_param_time(params, batch->now);
  return wg_db_send(batch->db, &SETTLE, params, NULL, NULL, error);
}

// --- what is pushed again ---
// Primary key.
static const struct wg_statement REDRIVE = {"registry_redrive_duties",
                                            "WITH changed AS (UPDATE duty SET state = 1, settled_at = NULL, message = "
                                            "'', redriven_by = $3, redriven_reason = $4, "
                                            "redriven_at = $5 WHERE district = $1 AND duty_id = ANY ($2) AND state = 3 "
                                            "RETURNING 1) SELECT count(*) FROM changed",
                                            5};

static wg_status on_redriven(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  *(int32_t *)context = (int32_t)wg_get_i64(result, 0, 0);
  return WG_OK;
}

wg_status registry_store_redrive(struct wg_batch *batch, const struct wg_item *item, struct wg_error *error) {
  const Wangge__V1__RedriveDutiesRequest *request = (const Wangge__V1__RedriveDutiesRequest *)item->message;
  struct wg_column *ids = wg_column_text(batch->arena, request->n_duty_ids);
  for (size_t i = 0; i < request->n_duty_ids; i++)
    wg_push_text(ids, request->duty_ids[i]);
  struct wg_params *params = wg_params(batch->arena, 5);
  wg_param_text(params, request->district);
  wg_param_column(params, ids);
  wg_param_text(params, item->caller->name);
  wg_param_text(params, request->reason);
  wg_param_time(params, batch->now);
  int32_t *changed = &((Wangge__V1__RedriveDutiesResponse *)item->reply)->changed;
  return wg_db_send(batch->db, &REDRIVE, params, on_redriven, changed, error);
}
