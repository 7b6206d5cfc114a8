// See store.h.
#include "services/tracking/store.h"

#include "services/tracking/facts.h"

#include <string.h>

// Districts are few: they are found one by one in the primary key, so that a case can be asked for by its order id
// alone although the district leads every key.
#define DISTRICTS                                                                                                      \
  "WITH RECURSIVE d(district) AS (SELECT min(district) FROM cases UNION ALL "                                          \
  "SELECT (SELECT min(c.district) FROM cases c WHERE c.district > d.district) FROM d "                                 \
  "WHERE d.district IS NOT NULL) "

// --- the table in memory ---
struct tracking_table *tracking_table_create(struct wg_arena *arena, size_t cases) {
  size_t size = 16;
  while (size < cases * 2)
    size *= 2;
  struct tracking_table *table = wg_arena_zalloc(arena, sizeof *table);
  table->arena = arena;
  table->slots = wg_arena_zalloc(arena, sizeof *table->slots * size);
  table->cases = wg_arena_alloc(arena, sizeof *table->cases * (cases + 1));
  table->mask = size - 1;
  return table;
}

struct tracking_case *tracking_table_case(struct tracking_table *table, int64_t order_id) {
  size_t at = (size_t)((uint64_t)order_id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & table->mask;
  while (table->slots[at] && table->slots[at]->row.order_id != order_id)
    at = (at + 1) & table->mask;
  if (!table->slots[at]) {
    struct tracking_case *subject = wg_arena_alloc(table->arena, sizeof *subject);
    tracking_case_init(subject, order_id);
    table->slots[at] = subject;
    table->cases[table->count++] = subject;
  }
  return table->slots[at];
}

void tracking_table_add(struct tracking_table *table, struct tracking_case *subject, const struct tracking_step *step) {
  if (table->steps_count == table->steps_capacity) {
    const size_t capacity = table->steps_capacity ? table->steps_capacity * 2 : 64;
    struct tracking_added *steps = wg_arena_alloc(table->arena, sizeof *steps * capacity);
    if (table->steps_count) memcpy(steps, table->steps, sizeof *steps * table->steps_count);
    table->steps = steps;
    table->steps_capacity = capacity;
  }
  table->steps[table->steps_count++] = (struct tracking_added){subject, subject->steps, *step};
}

bool tracking_table_repeat(const struct tracking_table *table, int64_t order_id, const char *by, const char *request_id,
                           const uint8_t **digest) {
  for (size_t i = 0; i < table->repeats_count; i++) {
    const struct tracking_repeat *repeat = &table->repeats[i];
    if (repeat->order_id != order_id || strcmp(repeat->request_id, request_id) != 0 || strcmp(repeat->by, by) != 0)
      continue;
    *digest = repeat->digest;
    return true;
  }
  for (size_t i = 0; i < table->steps_count; i++) {
    const struct tracking_added *added = &table->steps[i];
    if (added->subject->row.order_id != order_id || !added->step.request_id ||
        strcmp(added->step.request_id, request_id) != 0 || strcmp(added->step.by, by) != 0)
      continue;
    *digest = added->step.digest;
    return true;
  }
  return false;
}

// --- load ---
// Primary key, once per district.
static const struct wg_statement HIGHEST = {
    "tracking_highest",
    DISTRICTS "SELECT coalesce(max((SELECT max(c.order_id) FROM cases c WHERE c.district = d.district)), 0) "
              "FROM d WHERE d.district IS NOT NULL",
    0};

wg_status tracking_store_highest(struct wg_db *db, int64_t *highest, struct wg_error *error) {
  // A batch looks up single rows by key; with young statistics the planner would rather scan.
  wg_status status =
      wg_db_exec(db, "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off", error);
  if (status != WG_OK) return status;
  PGresult *result = NULL;
  status = wg_db_run(db, &HIGHEST, NULL, &result, error);
  if (status != WG_OK) return status;
  *highest = wg_get_i64(result, 0, 0);
  PQclear(result);
  return WG_OK;
}

struct tracking_wanted tracking_wanted_make(struct wg_arena *arena) {
  return (struct tracking_wanted){wg_column_i64(arena, 16), wg_column_i64(arena, 16), wg_column_text(arena, 16),
                                  wg_column_text(arena, 16)};
}

// Primary key, once per district and order. OFFSET 0 keeps both columns together: with a table of some thousand rows
// the planner looked for the order alone, which is a walk through the whole index, and for the district behind it.
static const struct wg_statement LOAD_CASES = {
    "tracking_load_cases",
    DISTRICTS "SELECT " TRACKING_COLUMNS " FROM d CROSS JOIN unnest($1::bigint[]) AS w(order_id) CROSS JOIN LATERAL "
              "(SELECT * FROM cases p WHERE p.district = d.district AND p.order_id = w.order_id OFFSET 0) c",
    1};
// Index case_step_request, once per district and call; OFFSET 0 as above.
static const struct wg_statement LOAD_REPEATS = {
    "tracking_load_repeats",
    DISTRICTS "SELECT s.order_id, s.by, s.request_id, s.digest FROM d "
              "CROSS JOIN unnest($1::bigint[], $2::text[], $3::text[]) AS w(order_id, by, request_id) "
              "CROSS JOIN LATERAL (SELECT r.order_id, r.by, r.request_id, r.digest FROM case_step r "
              "WHERE r.district = d.district AND r.order_id = w.order_id AND r.by = w.by "
              "AND r.request_id = w.request_id AND r.request_id IS NOT NULL OFFSET 0) s",
    3};

// read_case fills a case of the table from a row, unless it is there already (named twice).
static wg_status read_case(struct tracking_table *table, const PGresult *result, int row, struct tracking_case **found,
                           struct wg_error *error) {
  *found = tracking_table_case(table, wg_get_i64(result, row, 0));
  return (*found)->exists ? WG_OK : tracking_row_read(result, row, table->arena, *found, error);
}

static wg_status on_cases(void *context, const PGresult *result, struct wg_error *error) {
  struct tracking_case *found;
  wg_status status = WG_OK;
  for (int row = 0; row < PQntuples(result) && status == WG_OK; row++)
    status = read_case(context, result, row, &found, error);
  return status;
}

wg_status tracking_store_read(struct tracking_table *table, const PGresult *result, struct tracking_case **cases,
                              size_t *count, struct wg_error *error) {
  wg_status status = WG_OK;
  for (int row = 0; row < PQntuples(result) && status == WG_OK; row++)
    status = read_case(table, result, row, &cases[(*count)++], error);
  return status;
}

// Index cases_provisional.
static const struct wg_statement LOAD_PROVISIONAL = {
    "tracking_load_provisional",
    "SELECT " TRACKING_COLUMNS " "
    "FROM cases c WHERE c.provisional_from IS NOT NULL AND (c.district, c.order_id) > ($1, $2) "
    "ORDER BY c.district, c.order_id LIMIT $3",
    3};

static wg_status on_provisional(void *context, const PGresult *result, struct wg_error *error) {
  struct tracking_recounted *found = context;
  return tracking_store_read(found->table, result, found->cases, &found->count, error);
}

wg_status tracking_store_provisional(struct wg_batch *batch, const struct tracking_recount *recount,
                                     struct tracking_recounted *found, struct wg_error *error) {
  found->cases = wg_arena_alloc(batch->arena, sizeof *found->cases * TRACKING_RECOUNT_CASES);
  struct wg_params *params = wg_params(batch->arena, 3);
  wg_param_text(params, recount->district);
  wg_param_i64(params, recount->order_id);
  wg_param_i32(params, TRACKING_RECOUNT_CASES);
  return wg_db_send(batch->db, &LOAD_PROVISIONAL, params, on_provisional, found, error);
}

// Index cases_next.
static const struct wg_statement LOAD_DUE = {
    "tracking_load_due",
    "SELECT " TRACKING_COLUMNS " FROM cases c WHERE c.next_at <= $1::timestamptz ORDER BY c.next_at LIMIT $2", 2};

static wg_status on_due(void *context, const PGresult *result, struct wg_error *error) {
  struct tracking_due_cases *due = context;
  return tracking_store_read(due->table, result, due->cases, &due->count, error);
}

wg_status tracking_store_due(struct wg_batch *batch, struct tracking_due_cases *due, struct wg_error *error) {
  due->cases = wg_arena_alloc(batch->arena, sizeof(struct tracking_case *) * TRACKING_DUE_CASES);
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_time(params, batch->now);
  wg_param_i32(params, TRACKING_DUE_CASES);
  return wg_db_send(batch->db, &LOAD_DUE, params, on_due, due, error);
}

// Index cases_problem; the states are CLOSED and ARCHIVED.
static const struct wg_statement LOAD_MEMBERS = {
    "tracking_load_members",
    "SELECT " TRACKING_COLUMNS
    " FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::bigint[])) AS w(district, problem_id) "
    "CROSS JOIN LATERAL (SELECT * FROM cases m WHERE m.district = w.district AND m.problem_id = w.problem_id "
    "AND m.state IN (10, 11) ORDER BY m.resolved_at DESC NULLS LAST LIMIT $3) c",
    3};

wg_status tracking_store_members(struct wg_batch *batch, struct tracking_table *table, struct wg_column *districts,
                                 struct wg_column *problems, struct wg_error *error) {
  if (!wg_column_rows(problems)) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, 3);
  wg_param_column(params, districts);
  wg_param_column(params, problems);
  wg_param_i32(params, TRACKING_MEMBERS);
  return wg_db_send(batch->db, &LOAD_MEMBERS, params, on_cases, table, error);
}

static const uint8_t *digest_at(const PGresult *result, int row, struct wg_arena *arena) {
  const struct wg_bytes digest = wg_get_bytea(result, row, 3);
  if (digest.size != TRACKING_DIGEST_BYTES) return NULL;
  return memcpy(wg_arena_alloc(arena, digest.size), digest.data, digest.size);
}

static wg_status on_repeats(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct tracking_table *table = context;
  struct wg_arena *arena = table->arena;
  table->repeats_count = (size_t)PQntuples(result);
  table->repeats = wg_arena_alloc(arena, sizeof *table->repeats * (table->repeats_count + 1));
  for (int row = 0; row < PQntuples(result); row++)
    table->repeats[row] =
        (struct tracking_repeat){wg_get_i64(result, row, 0), wg_arena_strdup(arena, wg_get_text(result, row, 1)),
                                 wg_arena_strdup(arena, wg_get_text(result, row, 2)), digest_at(result, row, arena)};
  return WG_OK;
}

wg_status tracking_store_load(struct wg_batch *batch, struct tracking_table *table,
                              const struct tracking_wanted *wanted, struct wg_error *error) {
  if (!wg_column_rows(wanted->orders)) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_column(params, wanted->orders);
  wg_status status = wg_db_send(batch->db, &LOAD_CASES, params, on_cases, table, error);
  if (status != WG_OK || !wg_column_rows(wanted->call_orders)) return status;
  params = wg_params(batch->arena, 3);
  wg_param_column(params, wanted->call_orders);
  wg_param_column(params, wanted->callers);
  wg_param_column(params, wanted->requests);
  return wg_db_send(batch->db, &LOAD_REPEATS, params, on_repeats, table, error);
}

// --- write ---
// The columns of a case that change, in the order of push_changing.
#define CHANGING                                                                                                       \
  "state, department, dispatched_at, due_at, due_rule, resolved_at, result, steps, provisional_from, round, "          \
  "problem_id, next_at, facts, department_key"
enum { CHANGING_COUNT = 14 };

static void make_changing(struct wg_arena *a, size_t n, struct wg_column **w) {
  struct wg_column *const made[CHANGING_COUNT] = {
      wg_column_i16(a, n),  wg_column_text(a, n), wg_column_time(a, n),  wg_column_time(a, n), wg_column_text(a, n),
      wg_column_time(a, n), wg_column_text(a, n), wg_column_i32(a, n),   wg_column_time(a, n), wg_column_i16(a, n),
      wg_column_i64(a, n),  wg_column_time(a, n), wg_column_bytea(a, n), wg_column_i32(a, n)};
  memcpy(w, made, sizeof made);
}

static void push_bytes(struct wg_column *column, struct wg_bytes bytes) {
  if (bytes.size) wg_push_bytea(column, bytes);
  else wg_push_null(column);
}

// A case without a deadline sorts behind all others.
static int64_t due_at(const Wangge__V1__Case *c) {
  return c->due_at ? c->due_at : INT64_MAX;
}

static void push_changing(struct wg_column *const *w, const struct tracking_case *subject, struct case_keys *keys,
                          struct wg_arena *arena) {
  const Wangge__V1__Case *c = &subject->row;
  wg_push_i16(w[0], (int16_t)c->state);
  wg_push_text(w[1], c->department);
  wg_push_time(w[2], c->dispatched_at);
  wg_push_time(w[3], due_at(c));
  wg_push_text(w[4], c->due_rule);
  wg_push_time(w[5], c->resolved_at);
  wg_push_text(w[6], c->result);
  wg_push_i32(w[7], subject->steps);
  wg_push_time(w[8], subject->provisional_from);
  wg_push_i16(w[9], (int16_t)c->round);
  if (c->problem_id) wg_push_i64(w[10], c->problem_id);
  else wg_push_null(w[10]);
  wg_push_time(w[11], subject->next_at);
  push_bytes(w[12], tracking_facts_pack(subject, arena));
  wg_push_i32(w[13], case_keys_number(keys, c->district, CASE_KEY_DEPARTMENT, c->department));
}

static const struct wg_statement INSERT_CASES = {
    "tracking_insert_cases",
    "INSERT INTO cases (" CHANGING ", district, order_id, source, urgency, category, title, opened_at, routed_to, "
    "routed_by, routed_why, routed_at, channel, kind, grid_code, grid_key, category_key) "
    "SELECT unnest($1::smallint[]), unnest($2::text[]), unnest($3::timestamptz[]), unnest($4::timestamptz[]), "
    "unnest($5::text[]), unnest($6::timestamptz[]), unnest($7::text[]), unnest($8::int[]), "
    "unnest($9::timestamptz[]), unnest($10::smallint[]), unnest($11::bigint[]), unnest($12::timestamptz[]), "
    "unnest($13::bytea[]), unnest($14::int[]), unnest($15::text[]), unnest($16::bigint[]), unnest($17::text[]), "
    "unnest($18::smallint[]), unnest($19::text[]), unnest($20::text[]), unnest($21::timestamptz[]), "
    "unnest($22::text[]), unnest($23::text[]), unnest($24::text[]), unnest($25::timestamptz[]), "
    "unnest($26::smallint[]), unnest($27::smallint[]), unnest($28::text[]), unnest($29::int[]), unnest($30::int[])",
    30};

static wg_status insert_cases(struct wg_batch *batch, const struct tracking_table *table, struct case_keys *keys,
                              struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  const size_t n = table->count;
  struct wg_column *w[30] = {NULL};
  make_changing(a, n, w);
  struct wg_column *const rest[16] = {
      wg_column_text(a, n), wg_column_i64(a, n),  wg_column_text(a, n), wg_column_i16(a, n),
      wg_column_text(a, n), wg_column_text(a, n), wg_column_time(a, n), wg_column_text(a, n),
      wg_column_text(a, n), wg_column_text(a, n), wg_column_time(a, n), wg_column_i16(a, n),
      wg_column_i16(a, n),  wg_column_text(a, n), wg_column_i32(a, n),  wg_column_i32(a, n)};
  memcpy(w + CHANGING_COUNT, rest, sizeof rest);
  for (size_t i = 0; i < n; i++) {
    const struct tracking_case *subject = table->cases[i];
    if (!subject->exists || subject->stored) continue;
    const Wangge__V1__Case *c = &subject->row;
    push_changing(w, subject, keys, a);
    wg_push_text(rest[0], c->district);
    wg_push_i64(rest[1], c->order_id);
    wg_push_text(rest[2], c->source);
    wg_push_i16(rest[3], (int16_t)c->urgency);
    wg_push_text(rest[4], c->category);
    wg_push_text(rest[5], c->title);
    wg_push_time(rest[6], c->opened_at);
    wg_push_text(rest[7], subject->routed_to);
    wg_push_text(rest[8], subject->routed_by);
    wg_push_text(rest[9], subject->routed_why);
    wg_push_time(rest[10], subject->routed_at);
    wg_push_i16(rest[11], (int16_t)c->channel);
    wg_push_i16(rest[12], (int16_t)c->kind);
    wg_push_text(rest[13], c->grid_code);
    wg_push_i32(rest[14], case_keys_number(keys, c->district, CASE_KEY_GRID, c->grid_code));
    wg_push_i32(rest[15], case_keys_number(keys, c->district, CASE_KEY_CATEGORY, c->category));
  }
  return wg_db_send_columns(batch->db, &INSERT_CASES, w, batch->arena, error);
}

// Primary key.
static const struct wg_statement UPDATE_CASES = {
    "tracking_update_cases",
    "UPDATE cases c SET state = w.state, department = w.department, dispatched_at = w.dispatched_at, "
    "due_at = w.due_at, due_rule = w.due_rule, resolved_at = w.resolved_at, result = w.result, "
    "steps = w.steps, provisional_from = w.provisional_from, round = w.round, problem_id = w.problem_id, "
    "next_at = w.next_at, facts = w.facts, department_key = w.department_key FROM (SELECT unnest($1::smallint[]), "
    "unnest($2::text[]), unnest($3::timestamptz[]), unnest($4::timestamptz[]), unnest($5::text[]), "
    "unnest($6::timestamptz[]), unnest($7::text[]), unnest($8::int[]), unnest($9::timestamptz[]), "
    "unnest($10::smallint[]), unnest($11::bigint[]), unnest($12::timestamptz[]), unnest($13::bytea[]), "
    "unnest($14::int[]), unnest($15::text[]), unnest($16::bigint[])) AS w(" CHANGING
    ", district, order_id) WHERE c.district = w.district AND c.order_id = w.order_id",
    16};

static wg_status update_cases(struct wg_batch *batch, const struct tracking_table *table, struct case_keys *keys,
                              struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  const size_t n = 16;
  struct wg_column *w[CHANGING_COUNT + 2] = {NULL};
  make_changing(a, n, w);
  w[CHANGING_COUNT] = wg_column_text(a, n);
  w[CHANGING_COUNT + 1] = wg_column_i64(a, n);
  for (size_t i = 0; i < table->count; i++) {
    const struct tracking_case *subject = table->cases[i];
    if (!subject->changed || !subject->stored) continue;
    push_changing(w, subject, keys, a);
    wg_push_text(w[CHANGING_COUNT], subject->row.district);
    wg_push_i64(w[CHANGING_COUNT + 1], subject->row.order_id);
  }
  return wg_db_send_columns(batch->db, &UPDATE_CASES, w, batch->arena, error);
}

static const struct wg_statement INSERT_STEPS = {
    "tracking_insert_steps",
    "INSERT INTO case_step (district, order_id, n, at, kind, department, by, note, request_id, person, detail, digest) "
    "SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::int[]), unnest($4::timestamptz[]), "
    "unnest($5::text[]), "
    "unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]), "
    "unnest($11::bytea[]), unnest($12::bytea[])",
    12};

static wg_status insert_steps(struct wg_batch *batch, const struct tracking_table *table, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  const size_t n = table->steps_count;
  struct wg_column *const w[] = {wg_column_text(a, n), wg_column_i64(a, n),   wg_column_i32(a, n),
                                 wg_column_time(a, n), wg_column_text(a, n),  wg_column_text(a, n),
                                 wg_column_text(a, n), wg_column_text(a, n),  wg_column_text(a, n),
                                 wg_column_text(a, n), wg_column_bytea(a, n), wg_column_bytea(a, n)};
  for (size_t i = 0; i < n; i++) {
    const struct tracking_added *added = &table->steps[i];
    const struct tracking_step *step = &added->step;
    wg_push_text(w[0], added->subject->row.district);
    wg_push_i64(w[1], added->subject->row.order_id);
    wg_push_i32(w[2], added->n);
    wg_push_time(w[3], step->at);
    wg_push_text(w[4], step->kind);
    wg_push_text(w[5], step->department);
    wg_push_text(w[6], step->by);
    wg_push_text(w[7], step->note);
    wg_push_text(w[8], step->request_id);
    wg_push_text(w[9], step->person);
    push_bytes(w[10], tracking_detail_pack(step, a));
    push_bytes(w[11], (struct wg_bytes){step->digest, step->digest ? TRACKING_DIGEST_BYTES : 0});
  }
  return wg_db_send_columns(batch->db, &INSERT_STEPS, w, batch->arena, error);
}

wg_status tracking_store_write(struct wg_batch *batch, const struct tracking_table *table, struct case_keys *keys,
                               struct wg_error *error) {
  wg_status status = insert_cases(batch, table, keys, error);
  if (status == WG_OK) status = update_cases(batch, table, keys, error);
  if (status == WG_OK) status = case_keys_store(batch, keys, error);
  if (status == WG_OK) status = insert_steps(batch, table, error);
  return status;
}
