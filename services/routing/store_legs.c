// SQL of the writer for legs, returns and precedents. See store.h.
#include "services/routing/store.h"

#include <string.h>

// --- rows ---
static const char *copy(const PGresult *result, int row, int column, struct wg_arena *arena) {
  return wg_arena_strdup(arena, wg_get_text(result, row, column));
}

struct routing_leg *routing_leg_row(const PGresult *result, int row, struct wg_arena *arena) {
  struct routing_leg *leg = wg_arena_zalloc(arena, sizeof *leg);
  leg->n = wg_get_i32(result, row, 1);
  leg->parent = wg_get_i32(result, row, 2);
  leg->role = (Wangge__V1__LegRole)wg_get_i16(result, row, 3);
  leg->department = copy(result, row, 4, arena);
  leg->state = (Wangge__V1__LegState)wg_get_i16(result, row, 5);
  leg->dispatched_at = wg_get_time(result, row, 6);
  leg->signed_at = wg_get_time(result, row, 7);
  leg->ended_at = wg_get_time(result, row, 8);
  leg->due_at = wg_get_time(result, row, 9);
  leg->decided_by = copy(result, row, 10, arena);
  leg->reason = copy(result, row, 11, arena);
  leg->stored = true;
  return leg;
}

struct routing_return *routing_return_row(const PGresult *result, int row, struct wg_arena *arena) {
  struct routing_return *one = wg_arena_zalloc(arena, sizeof *one);
  one->n = wg_get_i32(result, row, 1);
  one->leg = wg_get_i32(result, row, 2);
  one->department = copy(result, row, 3, arena);
  one->at = wg_get_time(result, row, 4);
  one->by = copy(result, row, 5, arena);
  one->person = copy(result, row, 6, arena);
  one->code = (Wangge__V1__ReturnReason)wg_get_i16(result, row, 7);
  one->reason = copy(result, row, 8, arena);
  one->basis = copy(result, row, 9, arena);
  one->proposed = copy(result, row, 10, arena);
  one->outcome = (Wangge__V1__ReturnOutcome)wg_get_i16(result, row, 11);
  one->reviewed_at = wg_get_time(result, row, 12);
  one->reviewed_by = copy(result, row, 13, arena);
  one->review_person = copy(result, row, 14, arena);
  one->review_reason = copy(result, row, 15, arena);
  one->stored = true;
  return one;
}

// --- load ---
// Primary keys, once per order: its district is that of its assignment, found as in routing_load.
#define ORDERS                                                                                                         \
  "WITH RECURSIVE d(district) AS (SELECT min(district) FROM assignment UNION ALL "                                     \
  "SELECT (SELECT min(a.district) FROM assignment a WHERE a.district > d.district) FROM d "                            \
  "WHERE d.district IS NOT NULL), w AS (SELECT DISTINCT order_id FROM unnest($1::bigint[]) AS u(order_id)) "
static const struct wg_statement LOAD_LEGS = {"routing_load_legs",
                                              ORDERS "SELECT " ROUTING_LEG_COLUMNS " FROM d CROSS JOIN w JOIN leg l "
                                                     "ON l.district = d.district AND l.order_id = w.order_id "
                                                     "ORDER BY l.order_id, l.n DESC",
                                              1};
static const struct wg_statement LOAD_RETURNS = {"routing_load_returns",
                                                 ORDERS "SELECT " ROUTING_RETURN_COLUMNS
                                                        " FROM d CROSS JOIN w JOIN return_request r "
                                                        "ON r.district = d.district AND r.order_id = w.order_id "
                                                        "ORDER BY r.order_id, r.n",
                                                 1};

static wg_status on_legs(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct routing_table *table = context;
  for (int row = 0; row < PQntuples(result); row++) { // highest number first, so the list ascends
    struct routing_assignment *subject = routing_table_subject(table, wg_get_i64(result, row, 0));
    struct routing_leg *leg = routing_leg_row(result, row, table->arena);
    leg->next = subject->legs;
    subject->legs = leg;
  }
  return WG_OK;
}

static wg_status on_returns(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct routing_table *table = context;
  for (int row = 0; row < PQntuples(result); row++) { // oldest first, so the newest heads the list
    struct routing_assignment *subject = routing_table_subject(table, wg_get_i64(result, row, 0));
    struct routing_return *one = routing_return_row(result, row, table->arena);
    one->older = subject->returns;
    subject->returns = one;
  }
  return WG_OK;
}

wg_status routing_store_load_legs(struct wg_batch *batch, struct routing_table *table, struct wg_column *orders,
                                  struct wg_error *error) {
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_column(params, orders);
  wg_status status = wg_db_send(batch->db, &LOAD_LEGS, params, on_legs, table, error);
  if (status != WG_OK) return status;
  params = wg_params(batch->arena, 1);
  wg_param_column(params, orders);
  return wg_db_send(batch->db, &LOAD_RETURNS, params, on_returns, table, error);
}

// --- legs ---
static const struct wg_statement INSERT_LEGS = {
    "routing_insert_legs",
    "INSERT INTO leg (district, order_id, n, parent, role, department, state, dispatched_at, signed_at, ended_at, "
    "due_at, decided_by, reason) SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::int[]), "
    "unnest($4::int[]), unnest($5::smallint[]), unnest($6::text[]), unnest($7::smallint[]), unnest($8::timestamptz[]), "
    "unnest($9::timestamptz[]), unnest($10::timestamptz[]), unnest($11::timestamptz[]), unnest($12::text[]), "
    "unnest($13::text[])",
    13};

static wg_status insert_legs(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *w[] = {wg_column_text(a, 16), wg_column_i64(a, 16),  wg_column_i32(a, 16),  wg_column_i32(a, 16),
                           wg_column_i16(a, 16),  wg_column_text(a, 16), wg_column_i16(a, 16),  wg_column_time(a, 16),
                           wg_column_time(a, 16), wg_column_time(a, 16), wg_column_time(a, 16), wg_column_text(a, 16),
                           wg_column_text(a, 16)};
  for (size_t i = 0; i < table->count; i++) {
    const struct routing_assignment *subject = table->subjects[i];
    for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
      if (leg->stored) continue;
      wg_push_text(w[0], subject->district);
      wg_push_i64(w[1], subject->order_id);
      wg_push_i32(w[2], leg->n);
      wg_push_i32(w[3], leg->parent);
      wg_push_i16(w[4], (int16_t)leg->role);
      wg_push_text(w[5], leg->department);
      wg_push_i16(w[6], (int16_t)leg->state);
      wg_push_time(w[7], leg->dispatched_at);
      wg_push_time(w[8], leg->signed_at);
      wg_push_time(w[9], leg->ended_at);
      wg_push_time(w[10], leg->due_at);
      wg_push_text(w[11], leg->decided_by);
      wg_push_text(w[12], leg->reason);
    }
  }
  return routing_store_send(batch, &INSERT_LEGS, w, error);
}

// Primary key. Comes before the insert: a unit's old leg ends before its new one begins.
static const struct wg_statement UPDATE_LEGS = {
    "routing_update_legs",
    "UPDATE leg l SET state = w.state, signed_at = w.signed_at, ended_at = w.ended_at FROM unnest($1::text[], "
    "$2::bigint[], $3::int[], $4::smallint[], $5::timestamptz[], $6::timestamptz[]) AS w(district, order_id, n, state, "
    "signed_at, ended_at) WHERE l.district = w.district AND l.order_id = w.order_id AND l.n = w.n",
    6};

static wg_status update_legs(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *w[] = {wg_column_text(a, 16), wg_column_i64(a, 16),  wg_column_i32(a, 16),
                           wg_column_i16(a, 16),  wg_column_time(a, 16), wg_column_time(a, 16)};
  for (size_t i = 0; i < table->count; i++) {
    const struct routing_assignment *subject = table->subjects[i];
    for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
      if (!leg->stored || !leg->changed) continue;
      wg_push_text(w[0], subject->district);
      wg_push_i64(w[1], subject->order_id);
      wg_push_i32(w[2], leg->n);
      wg_push_i16(w[3], (int16_t)leg->state);
      wg_push_time(w[4], leg->signed_at);
      wg_push_time(w[5], leg->ended_at);
    }
  }
  return routing_store_send(batch, &UPDATE_LEGS, w, error);
}

// --- returns ---
// Primary key. One statement for requests and for what became of them.
static const struct wg_statement PUT_RETURNS = {
    "routing_put_returns",
    "INSERT INTO return_request AS r (district, order_id, n, leg, department, at, by, person, reason_code, reason, "
    "basis, proposed, outcome, reviewed_at, reviewed_by, review_person, review_reason) SELECT * FROM "
    "unnest($1::text[], $2::bigint[], $3::int[], $4::int[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], "
    "$9::smallint[], $10::text[], $11::text[], $12::text[], $13::smallint[], $14::timestamptz[], $15::text[], "
    "$16::text[], $17::text[]) ON CONFLICT (district, order_id, n) DO UPDATE SET outcome = excluded.outcome, "
    "reviewed_at = excluded.reviewed_at, reviewed_by = excluded.reviewed_by, review_person = excluded.review_person, "
    "review_reason = excluded.review_reason",
    17};

static wg_status put_returns(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *w[] = {wg_column_text(a, 16), wg_column_i64(a, 16),  wg_column_i32(a, 16),  wg_column_i32(a, 16),
                           wg_column_text(a, 16), wg_column_time(a, 16), wg_column_text(a, 16), wg_column_text(a, 16),
                           wg_column_i16(a, 16),  wg_column_text(a, 16), wg_column_text(a, 16), wg_column_text(a, 16),
                           wg_column_i16(a, 16),  wg_column_time(a, 16), wg_column_text(a, 16), wg_column_text(a, 16),
                           wg_column_text(a, 16)};
  for (size_t i = 0; i < table->count; i++) {
    const struct routing_assignment *subject = table->subjects[i];
    for (const struct routing_return *one = subject->returns; one; one = one->older) {
      if (!one->changed) continue;
      wg_push_text(w[0], subject->district);
      wg_push_i64(w[1], subject->order_id);
      wg_push_i32(w[2], one->n);
      wg_push_i32(w[3], one->leg);
      wg_push_text(w[4], one->department);
      wg_push_time(w[5], one->at);
      wg_push_text(w[6], one->by);
      wg_push_text(w[7], one->person);
      wg_push_i16(w[8], (int16_t)one->code);
      wg_push_text(w[9], one->reason);
      wg_push_text(w[10], one->basis);
      wg_push_text(w[11], one->proposed);
      wg_push_i16(w[12], (int16_t)one->outcome);
      wg_push_time(w[13], one->reviewed_at);
      wg_push_text(w[14], one->reviewed_by);
      wg_push_text(w[15], one->review_person);
      wg_push_text(w[16], one->review_reason);
    }
  }
  return routing_store_send(batch, &PUT_RETURNS, w, error);
}

wg_status routing_store_write_legs(struct wg_batch *batch, const struct routing_table *table, struct wg_error *error) {
  wg_status status = update_legs(batch, table, error);
  if (status == WG_OK) status = insert_legs(batch, table, error);
  if (status == WG_OK) status = put_returns(batch, table, error);
  return status;
}

// --- precedents ---
static const struct wg_statement ALL_PRECEDENTS = {
    "routing_all_precedents",
    "SELECT district, order_id, n, category, place, lead, assists, basis, decided_by, person, decided_at "
    "FROM precedent ORDER BY decided_at, order_id, n",
    0};

// split cuts a list joined by "," in place; *count items.
static const char **split(char *list, size_t *count, struct wg_arena *arena) {
  size_t most = 1;
  for (const char *at = list; *at; at++)
    most += *at == ',';
  const char **items = wg_arena_alloc(arena, most * sizeof *items);
  char *rest = list;
  *count = 0;
  for (char *item = strsep(&rest, ","); item; item = strsep(&rest, ",")) {
    if (*item) items[(*count)++] = item;
  }
  return items;
}

wg_status routing_store_precedents(struct wg_db *db, struct routing_precedents *precedents, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &ALL_PRECEDENTS, NULL, &result, error);
  if (status != WG_OK) return status;
  struct wg_arena *arena = wg_arena_create(16 << 10);
  for (int row = 0; row < PQntuples(result); row++) {
    struct routing_precedent one = {
        .district = wg_get_text(result, row, 0),
        .order_id = wg_get_i64(result, row, 1),
        .n = wg_get_i32(result, row, 2),
        .category = wg_get_text(result, row, 3),
        .place = wg_get_text(result, row, 4),
        .lead = wg_get_text(result, row, 5),
        .basis = wg_get_text(result, row, 7),
        .decided_by = wg_get_text(result, row, 8),
        .person = wg_get_text(result, row, 9),
        .decided_at = wg_get_time(result, row, 10),
    };
    one.assists = split(wg_arena_strdup(arena, wg_get_text(result, row, 6)), &one.assist_count, arena);
    routing_precedents_add(precedents, &one);
  }
  wg_arena_destroy(arena);
  PQclear(result);
  return WG_OK;
}

static const struct wg_statement INSERT_PRECEDENTS = {
    "routing_insert_precedents",
    "INSERT INTO precedent (district, order_id, n, category, place, lead, assists, basis, decided_by, person, "
    "decided_at) SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], "
    "$7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[])",
    11};

static const char *join(const struct routing_precedent *one, struct wg_arena *arena) {
  const char *joined = "";
  for (size_t i = 0; i < one->assist_count; i++)
    joined = wg_arena_printf(arena, "%s%s%s", joined, *joined ? "," : "", one->assists[i]);
  return joined;
}

wg_status routing_store_write_precedents(struct wg_batch *batch, struct routing_precedent *const *precedents,
                                         size_t count, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *w[] = {wg_column_text(a, 4), wg_column_i64(a, 4),  wg_column_i32(a, 4),  wg_column_text(a, 4),
                           wg_column_text(a, 4), wg_column_text(a, 4), wg_column_text(a, 4), wg_column_text(a, 4),
                           wg_column_text(a, 4), wg_column_text(a, 4), wg_column_time(a, 4)};
  for (size_t i = 0; i < count; i++) {
    const struct routing_precedent *one = precedents[i];
    wg_push_text(w[0], one->district);
    wg_push_i64(w[1], one->order_id);
    wg_push_i32(w[2], one->n);
    wg_push_text(w[3], one->category);
    wg_push_text(w[4], one->place);
    wg_push_text(w[5], one->lead);
    wg_push_text(w[6], join(one, a));
    wg_push_text(w[7], one->basis);
    wg_push_text(w[8], one->decided_by);
    wg_push_text(w[9], one->person);
    wg_push_time(w[10], one->decided_at);
  }
  return routing_store_send(batch, &INSERT_PRECEDENTS, w, error);
}
