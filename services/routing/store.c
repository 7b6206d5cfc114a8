// See store.h.
#include "services/routing/store.h"

#include <string.h>

// Districts are few: they are found one by one in the primary key, so that an order can be asked for by its id alone
// although the district leads every key.
#define DISTRICTS                                                                                                      \
  "WITH RECURSIVE d(district) AS (SELECT min(district) FROM assignment UNION ALL "                                     \
  "SELECT (SELECT min(a.district) FROM assignment a WHERE a.district > d.district) FROM d "                            \
  "WHERE d.district IS NOT NULL) "

// --- the table in memory ---
struct routing_table *routing_table_create(struct wg_arena *arena, size_t subjects) {
  size_t size = 16;
  while (size < subjects * 2)
    size *= 2;
  struct routing_table *table = wg_arena_zalloc(arena, sizeof *table);
  table->arena = arena;
  table->slots = wg_arena_zalloc(arena, sizeof *table->slots * size);
  table->mask = size - 1;
  table->subjects = wg_arena_alloc(arena, sizeof *table->subjects * (subjects + 1));
  return table;
}

struct routing_assignment *routing_table_subject(struct routing_table *table, int64_t order_id) {
  size_t at = (size_t)((uint64_t)order_id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & table->mask;
  while (table->slots[at] && table->slots[at]->order_id != order_id)
    at = (at + 1) & table->mask;
  if (!table->slots[at]) {
    struct routing_assignment *subject = wg_arena_zalloc(table->arena, sizeof *subject);
    subject->order_id = order_id;
    table->slots[at] = subject;
    table->subjects[table->count++] = subject;
  }
  return table->slots[at];
}

void routing_table_add(struct routing_table *table, struct routing_assignment *subject,
                       const struct routing_step *step) {
  if (table->steps_count == table->steps_capacity) {
    const size_t capacity = table->steps_capacity ? table->steps_capacity * 2 : 64;
    struct routing_added *steps = wg_arena_alloc(table->arena, sizeof *steps * capacity);
    if (table->steps_count) memcpy(steps, table->steps, sizeof *steps * table->steps_count);
    table->steps = steps;
    table->steps_capacity = capacity;
  }
  table->steps[table->steps_count++] = (struct routing_added){subject, subject->steps, *step};
}

// --- heads ---
// Primary key, and index assignment_desk; once per district.
static const struct wg_statement HEADS = {
    "routing_heads",
    DISTRICTS "SELECT coalesce(max((SELECT max(a.order_id) FROM assignment a WHERE a.district = d.district)), 0), "
              "coalesce(sum((SELECT count(*) FROM assignment a WHERE a.district = d.district "
              "AND a.state IN (1, 5, 6))), 0)::bigint FROM d WHERE d.district IS NOT NULL",
    0};

wg_status routing_store_heads(struct wg_db *db, struct routing_heads *heads, struct wg_error *error) {
  // A batch looks up single rows by key; with young statistics the planner would rather scan.
  wg_status status =
      wg_db_exec(db, "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off", error);
  if (status != WG_OK) return status;
  PGresult *result = NULL;
  status = wg_db_run(db, &HEADS, NULL, &result, error);
  if (status != WG_OK) return status;
  heads->highest_order_id = wg_get_i64(result, 0, 0);
  heads->desk = wg_get_i64(result, 0, 1);
  PQclear(result);
  return WG_OK;
}

// --- load ---
struct routing_wanted routing_wanted_make(struct wg_arena *arena) {
  return (struct routing_wanted){wg_column_i64(arena, 16), wg_column_bool(arena, 16), wg_column_i64(arena, 16),
                                 wg_column_i64(arena, 16), wg_column_text(arena, 16)};
}

// Primary keys of assignment and step, once per district and order. OFFSET 0 keeps both columns of a key together: with
// a table of some thousand rows the planner looked for the order alone, which is a walk through the whole index.
static const struct wg_statement LOAD = {
    "routing_load",
    DISTRICTS
    "SELECT a.order_id, a.district, a.source, a.category, a.state, a.department, a.decided_by, a.decided_at, a.reason, "
    "a.hops, a.steps, a.routed_to, a.routed_at, a.rule_id, a.rule_version, a.evidence, "
    "CASE WHEN w.whole THEN a.received END, s.kind, s.department, s.by, s.reason, s.proposed, "
    "(SELECT string_agg(h.department, ',' ORDER BY h.n) FROM step h WHERE h.district = a.district "
    "AND h.order_id = a.order_id AND h.kind IN ('transfer', 'assign')), "
    "coalesce(nullif(a.first_receiver, ''), a.routed_to), "
    "coalesce(nullif(a.contact, ''), nullif(a.first_receiver, ''), a.routed_to), a.lead_leg, a.signed_at, "
    "a.adjudications, a.locked, " ROUTING_FOUND_COLUMNS " "
    "FROM d CROSS JOIN unnest($1::bigint[], $2::bool[]) AS w(order_id, whole) "
    "CROSS JOIN LATERAL (SELECT * FROM assignment b WHERE b.district = d.district AND b.order_id = w.order_id OFFSET "
    "0) a "
    "LEFT JOIN step s ON s.district = a.district AND s.order_id = a.order_id AND s.n = a.steps",
    2};

static wg_status on_assignments(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct routing_table *table = context;
  for (int row = 0; row < PQntuples(result); row++) {
    struct routing_assignment *subject = routing_table_subject(table, wg_get_i64(result, row, 0));
    if (subject->exists && (subject->received.size || wg_is_null(result, row, 16))) continue; // named twice
    const char **texts[] = {&subject->district,
                            &subject->source,
                            &subject->category,
                            NULL,
                            &subject->department,
                            &subject->decided_by,
                            NULL,
                            &subject->reason,
                            NULL,
                            NULL,
                            &subject->routed_to,
                            NULL,
                            &subject->rule_id,
                            &subject->rule_version,
                            &subject->evidence,
                            NULL,
                            &subject->last_kind,
                            &subject->last_department,
                            &subject->last_by,
                            &subject->last_reason,
                            &subject->last_proposed,
                            &subject->held,
                            &subject->first_receiver,
                            &subject->contact};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
      if (texts[i]) *texts[i] = wg_arena_strdup(table->arena, wg_get_text(result, row, (int)i + 1));
    }
    subject->state = (Wangge__V1__AssignmentState)wg_get_i16(result, row, 4);
    subject->decided_at = wg_get_time(result, row, 7);
    subject->hops = wg_get_i32(result, row, 9);
    subject->steps = wg_get_i32(result, row, 10);
    subject->routed_at = wg_get_time(result, row, 12);
    subject->lead_leg = wg_get_i32(result, row, 25);
    subject->signed_at = wg_get_time(result, row, 26);
    subject->adjudications = wg_get_i32(result, row, 27);
    subject->locked = wg_get_bool(result, row, 28);
    subject->found = routing_found_row(result, row, 29, table->arena);
    const struct wg_bytes received = wg_get_bytea(result, row, 16);
    if (received.size) {
      uint8_t *copy = wg_arena_alloc(table->arena, received.size);
      memcpy(copy, received.data, received.size);
      subject->received = (struct wg_bytes){copy, received.size};
    }
    subject->exists = subject->stored = true;
  }
  return WG_OK;
}

// Primary key of supplement, once per district and order.
static const struct wg_statement LOAD_SUPPLEMENTS = {
    "routing_load_supplements",
    DISTRICTS "SELECT p.order_id, p.supplement_id, p.text, p.by, p.seq FROM d "
              "CROSS JOIN (SELECT DISTINCT order_id FROM unnest($1::bigint[]) AS u(order_id)) AS w "
              "JOIN supplement p ON p.district = d.district AND p.order_id = w.order_id ORDER BY p.seq",
    1};
static const struct wg_statement LOAD_SUPPLEMENT_IDS = {
    "routing_load_supplement_ids",
    DISTRICTS "SELECT p.order_id, p.supplement_id, NULL::text, p.by, p.seq FROM d "
              "CROSS JOIN unnest($1::bigint[], $2::text[]) AS w(order_id, supplement_id) JOIN supplement p "
              "ON p.district = d.district AND p.order_id = w.order_id AND p.supplement_id = w.supplement_id",
    2};

static wg_status on_supplements(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct routing_table *table = context;
  for (int row = 0; row < PQntuples(result); row++) {
    struct routing_assignment *subject = routing_table_subject(table, wg_get_i64(result, row, 0));
    const char *id = wg_get_text(result, row, 1);
    const struct routing_supplement *known = subject->supplements;
    while (known && strcmp(known->supplement_id, id) != 0)
      known = known->next;
    if (known) continue;
    struct routing_supplement *made = wg_arena_zalloc(table->arena, sizeof *made);
    made->supplement_id = wg_arena_strdup(table->arena, id);
    if (!wg_is_null(result, row, 2)) made->text = wg_arena_strdup(table->arena, wg_get_text(result, row, 2));
    made->by = wg_arena_strdup(table->arena, wg_get_text(result, row, 3));
    made->seq = (uint64_t)wg_get_i64(result, row, 4);
    made->stored = true;
    routing_supplement_add(subject, made);
  }
  return WG_OK;
}

wg_status routing_store_load(struct wg_batch *batch, struct routing_table *table, const struct routing_wanted *wanted,
                             struct wg_error *error) {
  if (!wg_column_rows(wanted->orders)) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_column(params, wanted->orders);
  wg_param_column(params, wanted->whole);
  wg_status status = wg_db_send(batch->db, &LOAD, params, on_assignments, table, error);
  if (status == WG_OK) status = routing_store_load_legs(batch, table, wanted->orders, error);
  if (status == WG_OK && wg_column_rows(wanted->whole_orders)) {
    params = wg_params(batch->arena, 1);
    wg_param_column(params, wanted->whole_orders);
    status = wg_db_send(batch->db, &LOAD_SUPPLEMENTS, params, on_supplements, table, error);
  }
  if (status == WG_OK && wg_column_rows(wanted->supplement_orders)) {
    params = wg_params(batch->arena, 2);
    wg_param_column(params, wanted->supplement_orders);
    wg_param_column(params, wanted->supplement_ids);
    status = wg_db_send(batch->db, &LOAD_SUPPLEMENT_IDS, params, on_supplements, table, error);
  }
  return status;
}

// --- write ---
wg_status routing_store_send(struct wg_batch *batch, const struct wg_statement *statement, struct wg_column **columns,
                             struct wg_error *error) {
  if (!wg_column_rows(columns[0])) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, statement->parameters);
  for (int i = 0; i < statement->parameters; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(batch->db, statement, params, NULL, NULL, error);
}

enum { INSERT_OWN = 17 };
static const struct wg_statement INSERT = {
    "routing_insert",
    "INSERT INTO assignment (district, order_id, source, category, state, department, decided_by, decided_at, reason, "
    "hops, steps, routed_to, routed_at, rule_id, rule_version, evidence, received, area, place_id, place_name, "
    "place_how, place_confidence, place_flags, place_evidence, suggested_category, suggested_confidence, compared) "
    "SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::smallint[]), "
    "unnest($6::text[]), unnest($7::text[]), unnest($8::timestamptz[]), unnest($9::text[]), unnest($10::int[]), "
    "unnest($11::int[]), unnest($12::text[]), unnest($13::timestamptz[]), unnest($14::text[]), unnest($15::text[]), "
    "unnest($16::text[]), unnest($17::bytea[]), unnest($18::text[]), unnest($19::text[]), unnest($20::text[]), "
    "unnest($21::smallint[]), unnest($22::float8[]), unnest($23::int[]), unnest($24::text[]), unnest($25::text[]), "
    "unnest($26::float8[]), unnest($27::bool[])",
    INSERT_OWN + ROUTING_FOUND_COUNT};

static wg_status insert_assignments(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  const size_t rows = table->count;
  struct wg_column *w[INSERT_OWN + ROUTING_FOUND_COUNT] = {
      wg_column_text(arena, rows), wg_column_i64(arena, rows),  wg_column_text(arena, rows),
      wg_column_text(arena, rows), wg_column_i16(arena, rows),  wg_column_text(arena, rows),
      wg_column_text(arena, rows), wg_column_time(arena, rows), wg_column_text(arena, rows),
      wg_column_i32(arena, rows),  wg_column_i32(arena, rows),  wg_column_text(arena, rows),
      wg_column_time(arena, rows), wg_column_text(arena, rows), wg_column_text(arena, rows),
      wg_column_text(arena, rows), wg_column_bytea(arena, rows)};
  routing_found_columns(w + INSERT_OWN, arena, rows);
  for (size_t i = 0; i < table->count; i++) {
    const struct routing_assignment *subject = table->subjects[i];
    if (!subject->exists || subject->stored) continue;
    wg_push_text(w[0], subject->district);
    wg_push_i64(w[1], subject->order_id);
    wg_push_text(w[2], subject->source);
    wg_push_text(w[3], subject->category);
    wg_push_i16(w[4], (int16_t)subject->state);
    wg_push_text(w[5], subject->department);
    wg_push_text(w[6], subject->decided_by);
    wg_push_time(w[7], subject->decided_at);
    wg_push_text(w[8], subject->reason);
    wg_push_i32(w[9], subject->hops);
    wg_push_i32(w[10], subject->steps);
    wg_push_text(w[11], subject->routed_to);
    wg_push_time(w[12], subject->routed_at);
    wg_push_text(w[13], subject->rule_id);
    wg_push_text(w[14], subject->rule_version);
    wg_push_text(w[15], subject->evidence);
    wg_push_bytea(w[16], subject->received);
    routing_found_push(w + INSERT_OWN, &subject->found);
  }
  return routing_store_send(batch, &INSERT, w, error);
}

// Primary key of assignment. An order that came in this very batch and was changed in it is inserted first.
static const struct wg_statement UPDATE = {
    "routing_update",
    "UPDATE assignment a SET state = w.state, department = w.department, decided_by = w.decided_by, "
    "decided_at = w.decided_at, reason = w.reason, hops = w.hops, steps = w.steps, lead_leg = w.lead_leg, "
    "signed_at = w.signed_at, first_receiver = w.first_receiver, contact = w.contact, "
    "adjudications = w.adjudications, locked = w.locked "
    "FROM (SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::smallint[]), unnest($4::text[]), "
    "unnest($5::text[]), unnest($6::timestamptz[]), unnest($7::text[]), unnest($8::int[]), unnest($9::int[]), "
    "unnest($10::int[]), unnest($11::timestamptz[]), unnest($12::text[]), unnest($13::text[]), unnest($14::int[]), "
    "unnest($15::bool[])) "
    "AS w(district, order_id, state, department, decided_by, decided_at, reason, hops, steps, lead_leg, signed_at, "
    "first_receiver, contact, adjudications, locked) WHERE a.district = w.district AND a.order_id = w.order_id",
    15};

static wg_status update_assignments(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  struct wg_column *w[] = {wg_column_text(arena, 16), wg_column_i64(arena, 16),  wg_column_i16(arena, 16),
                           wg_column_text(arena, 16), wg_column_text(arena, 16), wg_column_time(arena, 16),
                           wg_column_text(arena, 16), wg_column_i32(arena, 16),  wg_column_i32(arena, 16),
                           wg_column_i32(arena, 16),  wg_column_time(arena, 16), wg_column_text(arena, 16),
                           wg_column_text(arena, 16), wg_column_i32(arena, 16),  wg_column_bool(arena, 16)};
  for (size_t i = 0; i < table->count; i++) {
    const struct routing_assignment *subject = table->subjects[i];
    if (!subject->changed) continue;
    wg_push_text(w[0], subject->district);
    wg_push_i64(w[1], subject->order_id);
    wg_push_i16(w[2], (int16_t)subject->state);
    wg_push_text(w[3], subject->department);
    wg_push_text(w[4], subject->decided_by);
    wg_push_time(w[5], subject->decided_at);
    wg_push_text(w[6], subject->reason);
    wg_push_i32(w[7], subject->hops);
    wg_push_i32(w[8], subject->steps);
    wg_push_i32(w[9], subject->lead_leg);
    wg_push_time(w[10], subject->signed_at);
    wg_push_text(w[11], subject->first_receiver);
    wg_push_text(w[12], subject->contact);
    wg_push_i32(w[13], subject->adjudications);
    wg_push_bool(w[14], subject->locked);
  }
  return routing_store_send(batch, &UPDATE, w, error);
}

static const struct wg_statement INSERT_STEPS = {
    "routing_insert_steps",
    "INSERT INTO step (district, order_id, n, at, kind, department, by, reason, proposed, person, basis, leg) "
    "SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::int[]), unnest($4::timestamptz[]), "
    "unnest($5::text[]), "
    "unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]), "
    "unnest($11::text[]), unnest($12::int[])",
    12};

static wg_status insert_steps(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  const size_t rows = table->steps_count;
  struct wg_column *w[] = {wg_column_text(arena, rows), wg_column_i64(arena, rows),  wg_column_i32(arena, rows),
                           wg_column_time(arena, rows), wg_column_text(arena, rows), wg_column_text(arena, rows),
                           wg_column_text(arena, rows), wg_column_text(arena, rows), wg_column_text(arena, rows),
                           wg_column_text(arena, rows), wg_column_text(arena, rows), wg_column_i32(arena, rows)};
  for (size_t i = 0; i < table->steps_count; i++) {
    const struct routing_added *added = &table->steps[i];
    wg_push_text(w[0], added->subject->district);
    wg_push_i64(w[1], added->subject->order_id);
    wg_push_i32(w[2], added->n);
    wg_push_time(w[3], batch->now);
    wg_push_text(w[4], added->step.kind);
    wg_push_text(w[5], *added->step.department ? added->step.department : added->step.left);
    wg_push_text(w[6], added->step.by);
    wg_push_text(w[7], added->step.reason);
    wg_push_text(w[8], added->step.proposed);
    wg_push_text(w[9], added->step.person ? added->step.person : "");
    wg_push_text(w[10], added->step.basis ? added->step.basis : "");
    wg_push_i32(w[11], added->step.leg);
  }
  return routing_store_send(batch, &INSERT_STEPS, w, error);
}

static const struct wg_statement INSERT_SUPPLEMENTS = {
    "routing_insert_supplements",
    "INSERT INTO supplement (district, order_id, supplement_id, seq, text, by, at) SELECT * FROM unnest($1::text[], "
    "$2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[])",
    7};

static wg_status insert_supplements(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  struct wg_column *w[] = {wg_column_text(arena, 16), wg_column_i64(arena, 16),  wg_column_text(arena, 16),
                           wg_column_i64(arena, 16),  wg_column_text(arena, 16), wg_column_text(arena, 16),
                           wg_column_time(arena, 16)};
  for (size_t i = 0; i < table->count; i++) {
    for (const struct routing_supplement *at = table->subjects[i]->supplements; at; at = at->next) {
      if (at->stored) continue;
      wg_push_text(w[0], table->subjects[i]->district);
      wg_push_i64(w[1], table->subjects[i]->order_id);
      wg_push_text(w[2], at->supplement_id);
      wg_push_i64(w[3], (int64_t)at->seq);
      wg_push_text(w[4], at->text);
      wg_push_text(w[5], at->by);
      wg_push_time(w[6], batch->now);
    }
  }
  return routing_store_send(batch, &INSERT_SUPPLEMENTS, w, error);
}

wg_status routing_store_write(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  wg_status status = insert_assignments(batch, table, error);
  if (status == WG_OK) status = update_assignments(batch, table, error);
  if (status == WG_OK) status = insert_steps(batch, table, error);
  if (status == WG_OK) status = insert_supplements(batch, table, error);
  if (status == WG_OK) status = routing_store_write_legs(batch, table, error);
  return status;
}
