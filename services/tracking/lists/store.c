// See store.h.
#include "services/tracking/lists/store.h"

#include "common/wire/wire.h"

#include <string.h>

enum { PUSH_ROWS = 500, DATA_BYTES = LISTS_HASH_BYTES };

// --- load ---
// Primary key.
static const struct wg_statement LOAD_ENTRIES = {
    "lists_load_entries",
    "SELECT w.n, e.body FROM unnest($1::text[], $2::smallint[], $3::text[]) WITH ORDINALITY AS w(district, kind, code, "
    "n) "
    "JOIN list_entry e ON e.district = w.district AND e.kind = w.kind AND e.code = w.code",
    3};
// Index list_change_request.
static const struct wg_statement LOAD_REPEATS = {
    "lists_load_repeats",
    "SELECT w.item, c.digest, c.body FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) "
    "AS w(item, district, by, request_id) JOIN list_change c ON c.district = w.district AND c.by = w.by "
    "AND c.request_id = w.request_id WHERE c.request_id <> ''",
    4};
// Primary keys.
static const struct wg_statement LOAD_TOKENS = {
    "lists_load_tokens",
    "SELECT w.item FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[]) "
    "AS w(item, district, code, hash) JOIN list_token t ON t.district = w.district AND t.code = w.code "
    "AND t.hash = w.hash",
    4};
static const struct wg_statement LOAD_RECEIPTS = {
    "lists_load_receipts",
    "SELECT w.item FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[]) "
    "AS w(item, district, code, hash) JOIN list_receipt r ON r.district = w.district AND r.code = w.code "
    "AND r.hash = w.hash",
    4};

static Wangge__V1__ListEntry *unpack(const PGresult *result, int row, int column, struct wg_arena *arena,
                                     struct wg_error *error) {
  ProtobufCMessage *message = NULL;
  const struct wg_bytes body = wg_get_bytea(result, row, column);
  if (wg_unpack(&wangge__v1__list_entry__descriptor, body, arena, &message, error) == WG_OK)
    return (Wangge__V1__ListEntry *)message;
  error->code = WG_INTERNAL; // what stands in the table is the service's own
  return NULL;
}

static wg_status on_entries(void *context, const PGresult *result, struct wg_error *error) {
  struct lists_plan *plan = context;
  for (int row = 0; row < PQntuples(result); row++) {
    Wangge__V1__ListEntry *entry = unpack(result, row, 1, plan->arena, error);
    if (!entry) return error->code;
    plan->rows[wg_get_i64(result, row, 0) - 1]->entry = entry;
  }
  return WG_OK;
}

static wg_status on_repeats(void *context, const PGresult *result, struct wg_error *error) {
  struct lists_plan *plan = context;
  for (int row = 0; row < PQntuples(result); row++) {
    struct lists_item *item = plan->items[wg_get_i64(result, row, 0)];
    item->repeated = true;
    memcpy(item->first_digest, wg_get_bytea(result, row, 1).data, DATA_BYTES);
    item->first = unpack(result, row, 2, plan->arena, error);
    if (!item->first) return error->code;
  }
  return WG_OK;
}

static wg_status on_tokens(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct lists_plan *plan = context;
  for (int row = 0; row < PQntuples(result); row++)
    plan->items[wg_get_i64(result, row, 0)]->token_known = true;
  return WG_OK;
}

static wg_status on_receipts(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct lists_plan *plan = context;
  for (int row = 0; row < PQntuples(result); row++)
    plan->items[wg_get_i64(result, row, 0)]->counted_before = true;
  return WG_OK;
}

static wg_status send(struct wg_batch *batch, const struct wg_statement *statement, struct wg_column *const *columns,
                      wg_db_on_result on_result, void *context, struct wg_error *error) {
  if (!wg_column_rows(columns[0])) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, statement->parameters);
  for (int i = 0; i < statement->parameters; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(batch->db, statement, params, on_result, context, error);
}

static wg_status load_entries(struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  struct wg_arena *a = plan->arena;
  struct wg_column *const w[] = {wg_column_text(a, plan->row_count), wg_column_i16(a, plan->row_count),
                                 wg_column_text(a, plan->row_count)};
  for (size_t i = 0; i < plan->row_count; i++) {
    const Wangge__V1__ListEntry *entry = plan->rows[i]->entry;
    wg_push_text(w[0], entry->district);
    wg_push_i16(w[1], (int16_t)entry->kind);
    wg_push_text(w[2], entry->code);
  }
  return send(batch, &LOAD_ENTRIES, w, on_entries, plan, error);
}

// request_id_of gives the key of a change; NULL: an answer, whose token is its key.
static const char *request_id_of(const struct wg_item *item, const char **district) {
  if (item->message->descriptor == &wangge__v1__change_entry_request__descriptor) {
    const Wangge__V1__ChangeEntryRequest *request = (const void *)item->message;
    *district = request->district;
    return request->request_id;
  }
  if (item->message->descriptor != &wangge__v1__issue_tokens_request__descriptor) return NULL;
  const Wangge__V1__IssueTokensRequest *request = (const void *)item->message;
  *district = request->district;
  return request->request_id;
}

static void push_hash(struct wg_column *const *w, size_t number, const struct lists_item *item,
                      const uint8_t hash[LISTS_HASH_BYTES]) {
  wg_push_i64(w[0], (int64_t)number);
  wg_push_text(w[1], item->row->entry->district);
  wg_push_text(w[2], item->row->entry->code);
  wg_push_bytea(w[3], (struct wg_bytes){hash, LISTS_HASH_BYTES});
}

wg_status lists_store_load(struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  struct wg_arena *a = plan->arena;
  struct wg_column *const repeats[] = {wg_column_i64(a, 8), wg_column_text(a, 8), wg_column_text(a, 8),
                                       wg_column_text(a, 8)};
  struct wg_column *const tokens[] = {wg_column_i64(a, 8), wg_column_text(a, 8), wg_column_text(a, 8),
                                      wg_column_bytea(a, 8)};
  struct wg_column *const receipts[] = {wg_column_i64(a, 8), wg_column_text(a, 8), wg_column_text(a, 8),
                                        wg_column_bytea(a, 8)};
  for (size_t i = 0; i < plan->item_count; i++) {
    const struct lists_item *item = plan->items[i];
    const char *district = "";
    if (!item) continue;
    const char *request_id = request_id_of(&plan->wg_items[i], &district);
    if (request_id) {
      wg_push_i64(repeats[0], (int64_t)i);
      wg_push_text(repeats[1], district);
      wg_push_text(repeats[2], plan->wg_items[i].caller->name);
      wg_push_text(repeats[3], request_id);
    } else {
      push_hash(tokens, i, item, item->token);
      push_hash(receipts, i, item, item->digest);
    }
  }
  wg_status status = load_entries(plan, batch, error);
  if (status == WG_OK) status = send(batch, &LOAD_REPEATS, repeats, on_repeats, plan, error);
  if (status == WG_OK) status = send(batch, &LOAD_TOKENS, tokens, on_tokens, plan, error);
  if (status == WG_OK) status = send(batch, &LOAD_RECEIPTS, receipts, on_receipts, plan, error);
  return status;
}

// --- orders for intake ---
// Index list_order_pending.
static const struct wg_statement COUNT_PENDING = {"lists_count_pending",
                                                  "SELECT count(*) FROM list_order WHERE settled_at IS NULL", 0};
static const struct wg_statement LOAD_PENDING = {
    "lists_load_pending",
    "SELECT body FROM list_order WHERE settled_at IS NULL ORDER BY made_at, district, external_id LIMIT $1", 1};

static wg_status on_count(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  ((struct lists_plan *)context)->pending_total = wg_get_i64(result, 0, 0);
  return WG_OK;
}

static wg_status on_pending(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct lists_plan *plan = context;
  plan->pending_count = (size_t)PQntuples(result);
  plan->pending = wg_arena_alloc(plan->arena, (plan->pending_count + 1) * sizeof *plan->pending);
  for (size_t row = 0; row < plan->pending_count; row++) {
    const struct wg_bytes body = wg_get_bytea(result, (int)row, 0);
    uint8_t *copy = wg_arena_alloc(plan->arena, body.size + 1);
    memcpy(copy, body.data, body.size);
    plan->pending[row] = (struct wg_bytes){copy, body.size};
  }
  return WG_OK;
}

wg_status lists_store_pending(struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  const wg_status status = wg_db_send(batch->db, &COUNT_PENDING, NULL, on_count, plan, error);
  if (status != WG_OK || !plan->wants_pending) return status;
  struct wg_params *params = wg_params(plan->arena, 1);
  wg_param_i64(params, PUSH_ROWS);
  return wg_db_send(batch->db, &LOAD_PENDING, params, on_pending, plan, error);
}

// --- write ---
// Primary key. A row is written once a batch, as the batch leaves it.
static const struct wg_statement PUT_ENTRIES = {
    "lists_put_entries",
    "INSERT INTO list_entry (district, kind, code, version, state, year, area, disclosed, body) "
    "SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::int[], $5::smallint[], $6::int[], $7::text[], "
    "$8::boolean[], $9::bytea[]) ON CONFLICT (district, kind, code) DO UPDATE SET version = excluded.version, "
    "state = excluded.state, year = excluded.year, area = excluded.area, disclosed = excluded.disclosed, "
    "body = excluded.body",
    9};

static wg_status put_entries(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  struct wg_arena *a = plan->arena;
  const size_t n = plan->row_count;
  struct wg_column *const w[] = {wg_column_text(a, n), wg_column_i16(a, n),  wg_column_text(a, n),
                                 wg_column_i32(a, n),  wg_column_i16(a, n),  wg_column_i32(a, n),
                                 wg_column_text(a, n), wg_column_bool(a, n), wg_column_bytea(a, n)};
  for (size_t i = 0; i < n; i++) {
    const Wangge__V1__ListEntry *entry = plan->rows[i]->entry;
    if (!plan->rows[i]->changed) continue;
    wg_push_text(w[0], entry->district);
    wg_push_i16(w[1], (int16_t)entry->kind);
    wg_push_text(w[2], entry->code);
    wg_push_i32(w[3], entry->version);
    wg_push_i16(w[4], (int16_t)entry->state);
    wg_push_i32(w[5], entry->year);
    wg_push_text(w[6], entry->area);
    wg_push_bool(w[7], entry->disclosed);
    wg_push_bytea(w[8], wg_pack(&entry->base, a));
  }
  return send(batch, &PUT_ENTRIES, w, NULL, NULL, error);
}

static const struct wg_statement ADD_CHANGES = {
    "lists_add_changes",
    "INSERT INTO list_change (district, kind, code, version, at, by, person, action, reason, request_id, digest, "
    "state, "
    "disclosed, body) SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::int[], $5::timestamptz[], "
    "$6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[], $12::smallint[], $13::boolean[], "
    "$14::bytea[])",
    14};

static wg_status add_changes(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  struct wg_arena *a = plan->arena;
  const size_t n = plan->made_count;
  struct wg_column *const w[] = {
      wg_column_text(a, n),  wg_column_i16(a, n),  wg_column_text(a, n), wg_column_i32(a, n),  wg_column_time(a, n),
      wg_column_text(a, n),  wg_column_text(a, n), wg_column_text(a, n), wg_column_text(a, n), wg_column_text(a, n),
      wg_column_bytea(a, n), wg_column_i16(a, n),  wg_column_bool(a, n), wg_column_bytea(a, n)};
  for (size_t i = 0; i < n; i++) {
    const struct lists_made *made = plan->made[i];
    wg_push_text(w[0], made->entry->district);
    wg_push_i16(w[1], (int16_t)made->entry->kind);
    wg_push_text(w[2], made->entry->code);
    wg_push_i32(w[3], made->entry->version);
    wg_push_time(w[4], batch->now);
    wg_push_text(w[5], made->by);
    wg_push_text(w[6], made->person);
    wg_push_text(w[7], made->action);
    wg_push_text(w[8], made->reason);
    wg_push_text(w[9], made->request_id);
    wg_push_bytea(w[10], (struct wg_bytes){made->digest, sizeof made->digest});
    wg_push_i16(w[11], (int16_t)made->entry->state);
    wg_push_bool(w[12], made->entry->disclosed);
    wg_push_bytea(w[13], made->body);
  }
  return send(batch, &ADD_CHANGES, w, NULL, NULL, error);
}

static const struct wg_statement ADD_TOKENS = {
    "lists_add_tokens",
    "INSERT INTO list_token (district, code, hash) SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])", 3};

static wg_status add_tokens(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  struct wg_arena *a = plan->arena;
  const size_t n = plan->token_count;
  struct wg_column *const w[] = {wg_column_text(a, n), wg_column_text(a, n), wg_column_bytea(a, n)};
  for (size_t i = 0; i < n; i++) {
    const struct lists_new_token *token = plan->tokens[i];
    wg_push_text(w[0], token->district);
    wg_push_text(w[1], token->code);
    wg_push_bytea(w[2], (struct wg_bytes){token->hash, sizeof token->hash});
  }
  return send(batch, &ADD_TOKENS, w, NULL, NULL, error);
}

// Primary keys. What is counted and what is written share nothing; a token that is used goes, so that no row of it
// tells by its transaction what came with it.
static const struct wg_statement USE_TOKENS = {
    "lists_use_tokens",
    "DELETE FROM list_token t USING (SELECT unnest($1::text[]) AS district, unnest($2::text[]) AS code, "
    "unnest($3::bytea[]) AS hash) w WHERE t.district = w.district AND t.code = w.code AND t.hash = w.hash",
    3};
static const struct wg_statement ADD_RECEIPTS = {
    "lists_add_receipts",
    "INSERT INTO list_receipt (district, code, hash) SELECT unnest($1::text[]), unnest($2::text[]), "
    "unnest($3::bytea[])",
    3};
static const struct wg_statement COUNT_ANSWERS = {
    "lists_count_answers",
    "INSERT INTO list_count AS c (district, code, question, choice, answers) "
    "SELECT district, code, question, choice, count(*) FROM unnest($1::text[], $2::text[], $3::int[], $4::int[]) "
    "AS w(district, code, question, choice) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 "
    "ON CONFLICT (district, code, question, choice) DO UPDATE SET answers = c.answers + excluded.answers",
    4};
static const struct wg_statement ADD_TEXTS = {"lists_add_texts",
                                              "INSERT INTO list_text (district, code, question, text) "
                                              "SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[])",
                                              4};

static void push_count(struct wg_column *const *w, const Wangge__V1__AnswerRequest *request, int32_t question,
                       int32_t choice) {
  wg_push_text(w[0], request->district);
  wg_push_text(w[1], request->code);
  wg_push_i32(w[2], question);
  wg_push_i32(w[3], choice);
}

static void push_answer(struct wg_column *const *counts, struct wg_column *const *texts,
                        const Wangge__V1__AnswerRequest *request) {
  push_count(counts, request, 0, 0);
  for (size_t i = 0; i < request->n_answers; i++) {
    const Wangge__V1__GivenAnswer *given = request->answers[i];
    if (!given->n_choices && !*given->text) continue;
    push_count(counts, request, given->n, 0);
    for (size_t k = 0; k < given->n_choices; k++)
      push_count(counts, request, given->n, given->choices[k]);
    if (!*given->text) continue;
    wg_push_text(texts[0], request->district);
    wg_push_text(texts[1], request->code);
    wg_push_i32(texts[2], given->n);
    wg_push_text(texts[3], given->text);
  }
}

static wg_status add_answers(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  if (!plan->counted_count) return WG_OK;
  struct wg_arena *a = plan->arena;
  const size_t n = plan->counted_count;
  struct wg_column *const used[] = {wg_column_text(a, n), wg_column_text(a, n), wg_column_bytea(a, n)};
  struct wg_column *const receipts[] = {wg_column_text(a, n), wg_column_text(a, n), wg_column_bytea(a, n)};
  struct wg_column *const counts[] = {wg_column_text(a, n), wg_column_text(a, n), wg_column_i32(a, n),
                                      wg_column_i32(a, n)};
  struct wg_column *const texts[] = {wg_column_text(a, n), wg_column_text(a, n), wg_column_i32(a, n),
                                     wg_column_text(a, n)};
  for (size_t i = 0; i < n; i++) {
    const struct lists_item *item = plan->items[plan->counted[i]];
    const Wangge__V1__AnswerRequest *request = (const void *)plan->wg_items[plan->counted[i]].message;
    wg_push_text(used[0], request->district);
    wg_push_text(used[1], request->code);
    wg_push_bytea(used[2], (struct wg_bytes){item->token, sizeof item->token});
    if (*request->request_id) {
      wg_push_text(receipts[0], request->district);
      wg_push_text(receipts[1], request->code);
      wg_push_bytea(receipts[2], (struct wg_bytes){item->digest, sizeof item->digest});
    }
    push_answer(counts, texts, request);
  }
  wg_status status = send(batch, &USE_TOKENS, used, NULL, NULL, error);
  if (status == WG_OK) status = send(batch, &ADD_RECEIPTS, receipts, NULL, NULL, error);
  if (status == WG_OK) status = send(batch, &COUNT_ANSWERS, counts, NULL, NULL, error);
  if (status == WG_OK) status = send(batch, &ADD_TEXTS, texts, NULL, NULL, error);
  return status;
}

static const struct wg_statement ADD_ORDERS = {
    "lists_add_orders",
    "INSERT INTO list_order (district, external_id, code, topic, made_at, body) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::bytea[])",
    6};
// Primary key.
static const struct wg_statement SETTLE_ORDERS = {
    "lists_settle_orders",
    "UPDATE list_order o SET order_id = nullif(w.order_id, 0), refused = CASE WHEN w.order_id = 0 THEN w.message END, "
    "settled_at = w.at FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[]) "
    "AS w(district, external_id, order_id, message, at) WHERE o.district = w.district "
    "AND o.external_id = w.external_id AND o.settled_at IS NULL",
    5};

static wg_status add_orders(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  struct wg_arena *a = plan->arena;
  const size_t n = plan->new_order_count;
  struct wg_column *const w[] = {wg_column_text(a, n), wg_column_text(a, n), wg_column_text(a, n),
                                 wg_column_i32(a, n),  wg_column_time(a, n), wg_column_bytea(a, n)};
  for (size_t i = 0; i < n; i++) {
    const struct lists_new_order *made = plan->new_orders[i];
    wg_push_text(w[0], made->order->district);
    wg_push_text(w[1], made->order->external_id);
    wg_push_text(w[2], made->code);
    wg_push_i32(w[3], made->topic);
    wg_push_time(w[4], batch->now);
    wg_push_bytea(w[5], wg_pack(&made->order->base, a));
  }
  return send(batch, &ADD_ORDERS, w, NULL, NULL, error);
}

static wg_status settle_orders(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  struct wg_arena *a = plan->arena;
  const size_t n = plan->order_answer_count;
  struct wg_column *const w[] = {wg_column_text(a, n), wg_column_text(a, n), wg_column_i64(a, n), wg_column_text(a, n),
                                 wg_column_time(a, n)};
  for (size_t i = 0; i < n; i++) {
    const struct wg_order_answer *answer = &plan->order_answers[i];
    wg_push_text(w[0], answer->district);
    wg_push_text(w[1], answer->external_id);
    wg_push_i64(w[2], answer->order_id);
    wg_push_text(w[3], answer->message);
    wg_push_time(w[4], batch->now);
  }
  return send(batch, &SETTLE_ORDERS, w, NULL, NULL, error);
}

wg_status lists_store_write(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  wg_status status = put_entries(plan, batch, error);
  if (status == WG_OK) status = add_changes(plan, batch, error);
  if (status == WG_OK) status = add_tokens(plan, batch, error);
  if (status == WG_OK) status = add_answers(plan, batch, error);
  if (status == WG_OK) status = add_orders(plan, batch, error);
  if (status == WG_OK) status = settle_orders(plan, batch, error);
  return status;
}
