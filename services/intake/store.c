// See store.h. Orders are kept in columns, not as one packed value: in batches of 8,192 real-sized orders (two indexes)
// PostgreSQL 15 took 10.6 µs an order with 20 columns and 10.7 µs with the content packed, so the readable table is
// free. The third index, orders_of_source, costs 1.2 µs and makes List of a small source independent of the large ones.
#include "services/intake/store.h"

#include "services/intake/disclose.h"

#include <string.h>

// --- counter ---

static const struct wg_statement COUNTER = {
    "intake_counter", "SELECT last_order_id, last_received_at FROM counter WHERE name = 'orders'", 0};

wg_status intake_counter_read(struct wg_db *db, int64_t *last_order_id, int64_t *last_received_at,
                              struct wg_error *error) {
  wg_status status =
      wg_db_exec(db, "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off", error);
  if (status != WG_OK) return status;
  PGresult *result = NULL;
  status = wg_db_run(db, &COUNTER, NULL, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 1) {
    *last_order_id = wg_get_i64(result, 0, 0);
    *last_received_at = wg_get_time(result, 0, 1);
  } else {
    status = wg_fail(error, WG_DATA_LOSS, NULL, "table counter has no row \"orders\": was the migration applied?");
  }
  PQclear(result);
  return status;
}

// Primary key of counter.
static const struct wg_statement COUNTER_MOVE = {
    "intake_counter_move",
    "UPDATE counter SET last_order_id = CASE WHEN last_order_id = $3 THEN $3 + $1 ELSE "
    "log_two_writers('the order counter', last_order_id, $3) END, last_received_at = $2 WHERE name = 'orders'",
    3};

// --- load ---

struct known_load {
  struct intake_entry **entries;
  size_t count;
  struct wg_arena *arena;
};

static wg_status on_known(void *context, const PGresult *result, struct wg_error *error) {
  struct known_load *load = context;
  for (int row = 0; row < PQntuples(result); row++) {
    size_t at = (size_t)wg_get_i64(result, row, 0) - 1;
    struct wg_bytes hash = wg_get_bytea(result, row, 2);
    if (at >= load->count || hash.size != INTAKE_HASH_BYTES) {
      return wg_fail(error, WG_INTERNAL, NULL, "a stored order does not fit what was asked for");
    }
    struct intake_entry *entry = load->entries[at];
    entry->known = true;
    entry->known_id = wg_get_i64(result, row, 1);
    memcpy(entry->known_hash, hash.data, hash.size);
    if (!wg_get_bool(result, row, 3)) continue;
    entry->known_reporter = wg_is_null(result, row, 4) ? INTAKE_REPORTER_ERASED : INTAKE_REPORTER_KEPT;
    entry->known_same_reporter = !wg_is_null(result, row, 4) && wg_get_bool(result, row, 4);
  }
  return WG_OK;
}

// Index orders_key, then the primary key of reporter for the few that were pushed before. It must be so whatever the
// statistics say, for a plan made on empty tables is kept for a while: LATERAL … LIMIT fixes the order of the joins,
// and
// || '' keeps source and district from drawing in other indexes. (Left to itself the planner, at 64,000 orders, made a
// batch of 4,000 last for minutes.)
static const struct wg_statement KNOWN = {
    "intake_known",
    "SELECT k.place, o.order_id, o.content_hash, o.has_reporter, "
    "CASE WHEN r.order_id IS NOT NULL THEN reporter_is(k.district, o.order_id, k.name, k.phone) END "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY "
    "AS k(district, source, external_id, name, phone, place) "
    "CROSS JOIN LATERAL (SELECT order_id, content_hash, has_reporter FROM orders o WHERE o.external_id = k.external_id "
    "AND o.source || '' = k.source AND o.district || '' = k.district LIMIT 1) o "
    "LEFT JOIN LATERAL (SELECT order_id FROM reporter r WHERE r.district = k.district AND r.order_id = o.order_id "
    "LIMIT 1) r ON true",
    5};

wg_status intake_load_known(struct wg_db *db, struct wg_arena *arena, struct intake_entry **entries, size_t count,
                            struct wg_error *error) {
  if (count == 0) return WG_OK;
  struct wg_column *districts = wg_column_text(arena, count);
  struct wg_column *sources = wg_column_text(arena, count);
  struct wg_column *external_ids = wg_column_text(arena, count);
  struct wg_column *names = wg_column_text(arena, count);
  struct wg_column *phones = wg_column_text(arena, count);
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__Reporter *reporter = entries[i]->order->reporter;
    wg_push_text(names, reporter ? reporter->name : "");
    wg_push_text(phones, reporter ? reporter->phone : "");
    wg_push_text(districts, entries[i]->order->district);
    wg_push_text(sources, entries[i]->source);
    wg_push_text(external_ids, entries[i]->order->external_id);
  }
  struct wg_params *params = wg_params(arena, 5);
  wg_param_column(params, districts);
  wg_param_column(params, sources);
  wg_param_column(params, external_ids);
  wg_param_column(params, names);
  wg_param_column(params, phones);
  struct known_load *load = wg_arena_alloc(arena, sizeof *load);
  *load = (struct known_load){entries, count, arena};
  return wg_db_send(db, &KNOWN, params, on_known, load, error);
}

struct subject_load {
  struct intake_subject **subjects;
  const char **ids;
  size_t count;
  struct wg_arena *arena;
};

static wg_status on_subjects(void *context, const PGresult *result, struct wg_error *error) {
  struct subject_load *load = context;
  for (int row = 0; row < PQntuples(result); row++) {
    size_t at = (size_t)wg_get_i64(result, row, 0) - 1;
    if (at >= load->count) return wg_fail(error, WG_INTERNAL, NULL, "a stored order was not asked for");
    struct intake_subject *subject = load->subjects[at];
    subject->found = true;
    subject->district = wg_arena_strdup(load->arena, wg_get_text(result, row, 1));
    subject->source = wg_arena_strdup(load->arena, wg_get_text(result, row, 2));
    subject->withdrawn = wg_get_bool(result, row, 3);
    subject->supplements = wg_get_i64(result, row, 4);
    subject->held = intake_held(wg_get_bool(result, row, 5), (Wangge__V1__OrderKind)wg_get_i16(result, row, 6));
  }
  return WG_OK;
}

// Primary keys of orders, withdrawal and supplement.
static const struct wg_statement SUBJECTS = {
    "intake_subjects",
    "SELECT k.place, o.district, o.source, w.order_id IS NOT NULL, "
    "(SELECT count(*) FROM supplement s WHERE s.district = o.district AND s.order_id = o.order_id), "
    "o.confidential, o.kind FROM unnest($1::bigint[]) WITH ORDINALITY AS k(order_id, place) CROSS JOIN "
    "unnest($2::text[]) AS d(district) "
    "JOIN orders o ON o.district = d.district AND o.order_id = k.order_id "
    "LEFT JOIN withdrawal w ON w.district = o.district AND w.order_id = o.order_id",
    2};

wg_status intake_load_subjects(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                               struct intake_subject **subjects, size_t count, struct wg_error *error) {
  if (count == 0) return WG_OK;
  struct wg_column *order_ids = wg_column_i64(arena, count);
  for (size_t i = 0; i < count; i++)
    wg_push_i64(order_ids, subjects[i]->order_id);
  struct wg_params *params = wg_params(arena, 2);
  wg_param_column(params, order_ids);
  wg_param_column(params, districts);
  struct subject_load *load = wg_arena_alloc(arena, sizeof *load);
  *load = (struct subject_load){subjects, NULL, count, arena};
  return wg_db_send(db, &SUBJECTS, params, on_subjects, load, error);
}

static wg_status on_notes(void *context, const PGresult *result, struct wg_error *error) {
  struct subject_load *load = context;
  for (int row = 0; row < PQntuples(result); row++) {
    size_t at = (size_t)wg_get_i64(result, row, 0) - 1;
    if (at >= load->count) return wg_fail(error, WG_INTERNAL, NULL, "a stored supplement was not asked for");
    struct intake_note *note = wg_arena_alloc(load->arena, sizeof *note);
    *note = (struct intake_note){load->ids[at], wg_arena_strdup(load->arena, wg_get_text(result, row, 1)),
                                 wg_get_bool(result, row, 2), load->subjects[at]->notes};
    load->subjects[at]->notes = note;
  }
  return WG_OK;
}

// text_params: a text of each subject, and the districts they may lie in.
static struct wg_params *text_params(struct wg_arena *arena, const struct wg_column *districts,
                                     struct intake_subject **subjects, const char **texts, size_t count) {
  struct wg_column *order_ids = wg_column_i64(arena, count);
  struct wg_column *column = wg_column_text(arena, count);
  for (size_t i = 0; i < count; i++) {
    wg_push_i64(order_ids, subjects[i]->order_id);
    wg_push_text(column, texts[i]);
  }
  struct wg_params *params = wg_params(arena, 3);
  wg_param_column(params, order_ids);
  wg_param_column(params, column);
  wg_param_column(params, districts);
  return params;
}

// Primary key of supplement.
static const struct wg_statement NOTES = {
    "intake_notes",
    "SELECT k.place, s.text, s.for_handlers FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS k(order_id, "
    "supplement_id, place) "
    "CROSS JOIN unnest($3::text[]) AS d(district) "
    "JOIN supplement s ON s.district = d.district AND s.order_id = k.order_id AND s.supplement_id = k.supplement_id",
    3};

wg_status intake_load_notes(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                            struct intake_subject **subjects, const char **ids, size_t count, struct wg_error *error) {
  if (count == 0) return WG_OK;
  struct subject_load *load = wg_arena_alloc(arena, sizeof *load);
  *load = (struct subject_load){subjects, ids, count, arena};
  return wg_db_send(db, &NOTES, text_params(arena, districts, subjects, ids, count), on_notes, load, error);
}

struct named_load {
  bool *named;
  size_t count;
};

static wg_status on_named(void *context, const PGresult *result, struct wg_error *error) {
  const struct named_load *load = context;
  for (int row = 0; row < PQntuples(result); row++) {
    size_t at = (size_t)wg_get_i64(result, row, 0) - 1;
    if (at >= load->count) return wg_fail(error, WG_INTERNAL, NULL, "a text for handlers was not asked for");
    load->named[at] = true;
  }
  return WG_OK;
}

// Primary key of reporter, inside the function.
static const struct wg_statement NAMED = {
    "intake_named",
    "SELECT k.place FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS k(order_id, text, place) "
    "CROSS JOIN unnest($3::text[]) AS d(district) WHERE reporter_named(d.district, k.order_id, k.text)",
    3};

wg_status intake_load_named(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                            struct intake_subject **subjects, const char **texts, size_t count, bool *named,
                            struct wg_error *error) {
  if (count == 0) return WG_OK;
  struct named_load *load = wg_arena_alloc(arena, sizeof *load);
  *load = (struct named_load){named, count};
  return wg_db_send(db, &NAMED, text_params(arena, districts, subjects, texts, count), on_named, load, error);
}

struct nameless_load {
  const char **texts;
  size_t count;
  struct wg_arena *arena;
};

static wg_status on_nameless(void *context, const PGresult *result, struct wg_error *error) {
  const struct nameless_load *load = context;
  for (int row = 0; row < PQntuples(result); row++) {
    size_t at = (size_t)wg_get_i64(result, row, 0) - 1;
    if (at >= load->count) return wg_fail(error, WG_INTERNAL, NULL, "a text without its name was not asked for");
    load->texts[at] = wg_arena_strdup(load->arena, wg_get_text(result, row, 1));
  }
  return WG_OK;
}

// Primary keys of orders and, inside the function, of reporter.
static const struct wg_statement NAMELESS = {
    "intake_nameless",
    "SELECT k.place, without_reporter(o.district, o.order_id, k.text) FROM unnest($1::bigint[], $2::text[]) WITH "
    "ORDINALITY AS k(order_id, text, place) CROSS JOIN unnest($3::text[]) AS d(district) "
    "JOIN orders o ON o.district = d.district AND o.order_id = k.order_id",
    3};

wg_status intake_load_nameless(struct wg_db *db, struct wg_arena *arena, const struct wg_column *districts,
                               struct intake_subject **subjects, const char **texts, size_t count,
                               struct wg_error *error) {
  if (count == 0) return WG_OK;
  struct nameless_load *load = wg_arena_alloc(arena, sizeof *load);
  *load = (struct nameless_load){texts, count, arena};
  return wg_db_send(db, &NAMELESS, text_params(arena, districts, subjects, texts, count), on_nameless, load, error);
}

// --- store: orders ---

static const struct wg_statement ORDERS = {
    "intake_orders",
    "INSERT INTO orders (district, order_id, source, external_id, channel, kind, urgency, category, title, text, "
    "address, lon, lat, grid_code, occurred_at, attachments, has_reporter, confidential, content_hash, received_at) "
    "SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::smallint[]), "
    "unnest($6::smallint[]), unnest($7::smallint[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]), "
    "unnest($11::text[]), unnest($12::float8[]), unnest($13::float8[]), unnest($14::text[]), "
    "unnest($15::timestamptz[]), unnest($16::smallint[]), unnest($17::boolean[]), unnest($18::boolean[]), "
    "unnest($19::bytea[]), $20",
    20};

enum order_column {
  DISTRICT,
  ORDER_ID,
  SOURCE,
  EXTERNAL_ID,
  CHANNEL,
  KIND,
  URGENCY,
  CATEGORY,
  TITLE,
  TEXT,
  ADDRESS,
  LON,
  LAT,
  GRID_CODE,
  OCCURRED_AT,
  ATTACHMENTS,
  HAS_REPORTER,
  CONFIDENTIAL,
  CONTENT_HASH,
  ORDER_COLUMNS
};

static struct wg_column *order_column(enum order_column column, struct wg_arena *arena, size_t rows) {
  switch (column) {
  case ORDER_ID:
    return wg_column_i64(arena, rows);
  case CHANNEL:
  case KIND:
  case URGENCY:
  case ATTACHMENTS:
    return wg_column_i16(arena, rows);
  case LON:
  case LAT:
    return wg_column_f64(arena, rows);
  case OCCURRED_AT:
    return wg_column_time(arena, rows);
  case HAS_REPORTER:
  case CONFIDENTIAL:
    return wg_column_bool(arena, rows);
  case CONTENT_HASH:
    return wg_column_bytea(arena, rows);
  default:
    return wg_column_text(arena, rows);
  }
}

static void push_order(struct wg_column **columns, const struct intake_entry *entry) {
  const Wangge__V1__NewOrder *order = entry->order;
  wg_push_text(columns[DISTRICT], order->district);
  wg_push_i64(columns[ORDER_ID], entry->order_id);
  wg_push_text(columns[SOURCE], entry->source);
  wg_push_text(columns[EXTERNAL_ID], order->external_id);
  wg_push_i16(columns[CHANNEL], (int16_t)entry->channel);
  wg_push_i16(columns[KIND], (int16_t)order->kind);
  wg_push_i16(columns[URGENCY], (int16_t)intake_urgency(order));
  wg_push_text(columns[CATEGORY], order->category);
  wg_push_text(columns[TITLE], order->title);
  wg_push_text(columns[TEXT], order->text);
  wg_push_text(columns[ADDRESS], order->address);
  if (order->position != NULL) {
    wg_push_f64(columns[LON], order->position->lon);
    wg_push_f64(columns[LAT], order->position->lat);
  } else {
    wg_push_null(columns[LON]);
    wg_push_null(columns[LAT]);
  }
  wg_push_text(columns[GRID_CODE], order->grid_code);
  wg_push_time(columns[OCCURRED_AT], order->occurred_at);
  wg_push_i16(columns[ATTACHMENTS], (int16_t)order->n_attachments);
  wg_push_bool(columns[HAS_REPORTER], intake_has_reporter(order));
  wg_push_bool(columns[CONFIDENTIAL], order->confidential != 0);
  wg_push_bytea(columns[CONTENT_HASH], (struct wg_bytes){entry->hash, sizeof entry->hash});
}

static bool is_new(const struct intake_entry *entry) {
  return entry->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_ACCEPTED;
}

static const struct wg_statement REPORTERS = {"intake_reporters",
                                              "INSERT INTO reporter (district, order_id, name, phone) "
                                              "SELECT unnest($1::text[]), unnest($2::bigint[]), "
                                              "unnest($3::text[]), unnest($4::text[])",
                                              4};

static wg_status store_reporters(struct wg_db *db, struct wg_arena *arena, struct intake_entry **entries, size_t count,
                                 struct wg_error *error) {
  struct wg_column *districts = wg_column_text(arena, count);
  struct wg_column *order_ids = wg_column_i64(arena, count);
  struct wg_column *names = wg_column_text(arena, count);
  struct wg_column *phones = wg_column_text(arena, count);
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__NewOrder *order = entries[i]->order;
    if (!is_new(entries[i]) || !intake_has_reporter(order)) continue;
    wg_push_text(districts, order->district);
    wg_push_i64(order_ids, entries[i]->order_id);
    wg_push_text(names, order->reporter->name);
    wg_push_text(phones, order->reporter->phone);
  }
  if (wg_column_rows(order_ids) == 0) return WG_OK;
  struct wg_params *params = wg_params(arena, 4);
  wg_param_column(params, districts);
  wg_param_column(params, order_ids);
  wg_param_column(params, names);
  wg_param_column(params, phones);
  return wg_db_send(db, &REPORTERS, params, NULL, NULL, error);
}

static const struct wg_statement CONTEXTS = {
    "intake_contexts",
    "INSERT INTO order_context (district, order_id, origin, origin_area, parcel_ownership) "
    "SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[])",
    5};

static bool has_context(const struct intake_entry *entry) {
  return (entry->origin != NULL && entry->origin[0] != '\0') || entry->order->parcel_ownership[0] != '\0';
}

static wg_status store_contexts(struct wg_db *db, struct wg_arena *arena, struct intake_entry **entries, size_t count,
                                struct wg_error *error) {
  struct wg_column *districts = wg_column_text(arena, count);
  struct wg_column *order_ids = wg_column_i64(arena, count);
  struct wg_column *origins = wg_column_text(arena, count);
  struct wg_column *areas = wg_column_text(arena, count);
  struct wg_column *owners = wg_column_text(arena, count);
  for (size_t i = 0; i < count; i++) {
    if (!is_new(entries[i]) || !has_context(entries[i])) continue;
    wg_push_text(districts, entries[i]->order->district);
    wg_push_i64(order_ids, entries[i]->order_id);
    wg_push_text(origins, entries[i]->origin ? entries[i]->origin : "");
    wg_push_text(areas, entries[i]->origin_area ? entries[i]->origin_area : "");
    wg_push_text(owners, entries[i]->order->parcel_ownership);
  }
  if (wg_column_rows(order_ids) == 0) return WG_OK;
  struct wg_params *params = wg_params(arena, 5);
  wg_param_column(params, districts);
  wg_param_column(params, order_ids);
  wg_param_column(params, origins);
  wg_param_column(params, areas);
  wg_param_column(params, owners);
  return wg_db_send(db, &CONTEXTS, params, NULL, NULL, error);
}

static const struct wg_statement ATTACHMENT_ROWS = {
    "intake_attachments",
    "INSERT INTO attachment (district, order_id, place, sha256, name, media_type, size_bytes) "
    "SELECT * FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::bigint[])",
    7};

static wg_status store_attachments(struct wg_db *db, struct wg_arena *arena, struct intake_entry **entries,
                                   size_t count, struct wg_error *error) {
  size_t rows = 0;
  for (size_t i = 0; i < count; i++)
    rows += is_new(entries[i]) ? entries[i]->order->n_attachments : 0;
  if (rows == 0) return WG_OK;
  struct wg_column *columns[] = {wg_column_text(arena, rows), wg_column_i64(arena, rows),  wg_column_i16(arena, rows),
                                 wg_column_text(arena, rows), wg_column_text(arena, rows), wg_column_text(arena, rows),
                                 wg_column_i64(arena, rows)};
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__NewOrder *order = entries[i]->order;
    for (size_t j = 0; is_new(entries[i]) && j < order->n_attachments; j++) {
      wg_push_text(columns[0], order->district);
      wg_push_i64(columns[1], entries[i]->order_id);
      wg_push_i16(columns[2], (int16_t)(j + 1));
      wg_push_text(columns[3], order->attachments[j]->sha256);
      wg_push_text(columns[4], order->attachments[j]->name);
      wg_push_text(columns[5], order->attachments[j]->media_type);
      wg_push_i64(columns[6], order->attachments[j]->size_bytes);
    }
  }
  struct wg_params *params = wg_params(arena, 7);
  for (int i = 0; i < 7; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(db, &ATTACHMENT_ROWS, params, NULL, NULL, error);
}

static wg_status move_counter(struct wg_db *db, struct wg_arena *arena, size_t by, int64_t before, int64_t received_at,
                              struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 3);
  wg_param_i64(params, (int64_t)by);
  wg_param_time(params, received_at);
  wg_param_i64(params, before);
  return wg_db_send(db, &COUNTER_MOVE, params, NULL, NULL, error);
}

wg_status intake_store_orders(struct wg_db *db, struct wg_arena *arena, struct intake_entry **entries, size_t count,
                              size_t accepted, int64_t before, int64_t received_at, struct wg_error *error) {
  if (accepted == 0) return WG_OK;
  wg_status status = move_counter(db, arena, accepted, before, received_at, error);
  if (status != WG_OK) return status;
  struct wg_column *columns[ORDER_COLUMNS];
  for (int i = 0; i < ORDER_COLUMNS; i++)
    columns[i] = order_column((enum order_column)i, arena, accepted);
  for (size_t i = 0; i < count; i++) {
    if (is_new(entries[i])) push_order(columns, entries[i]);
  }
  struct wg_params *params = wg_params(arena, ORDER_COLUMNS + 1);
  for (int i = 0; i < ORDER_COLUMNS; i++)
    wg_param_column(params, columns[i]);
  wg_param_time(params, received_at);
  status = wg_db_send(db, &ORDERS, params, NULL, NULL, error);
  if (status == WG_OK) status = store_reporters(db, arena, entries, count, error);
  if (status == WG_OK) status = store_contexts(db, arena, entries, count, error);
  if (status == WG_OK) status = store_attachments(db, arena, entries, count, error);
  return status;
}

// --- store: what comes later ---

struct wg_params *intake_row_params(struct wg_arena *arena, const struct intake_rows *rows, int64_t at, int more) {
  struct wg_column *districts = wg_column_text(arena, rows->count);
  struct wg_column *order_ids = wg_column_i64(arena, rows->count);
  struct wg_column *by = wg_column_text(arena, rows->count);
  struct wg_column *texts = wg_column_text(arena, rows->count);
  for (size_t i = 0; i < rows->count; i++) {
    wg_push_text(districts, rows->rows[i].subject->district);
    wg_push_i64(order_ids, rows->rows[i].subject->order_id);
    wg_push_text(by, rows->rows[i].by);
    wg_push_text(texts, rows->rows[i].text);
  }
  struct wg_params *params = wg_params(arena, 5 + more);
  wg_param_column(params, districts);
  wg_param_column(params, order_ids);
  wg_param_column(params, by);
  wg_param_column(params, texts);
  wg_param_time(params, at);
  return params;
}

static const struct wg_statement SUPPLEMENTS = {
    "intake_supplements",
    "INSERT INTO supplement (district, order_id, added_by, text, supplement_id, place, for_handlers, person, added_at) "
    "SELECT n.*, $5 FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $6::text[], $7::smallint[], "
    "$8::boolean[], $9::text[]) AS n",
    9};

wg_status intake_store_supplements(struct wg_db *db, struct wg_arena *arena, const struct intake_rows *rows, int64_t at,
                                   struct wg_error *error) {
  if (rows->count == 0) return WG_OK;
  struct wg_params *params = intake_row_params(arena, rows, at, 4);
  struct wg_column *ids = wg_column_text(arena, rows->count);
  struct wg_column *places = wg_column_i16(arena, rows->count);
  struct wg_column *for_handlers = wg_column_bool(arena, rows->count);
  struct wg_column *persons = wg_column_text(arena, rows->count);
  for (size_t i = 0; i < rows->count; i++) {
    const struct intake_row *row = &rows->rows[i];
    wg_push_text(ids, row->key);
    wg_push_i16(places, (int16_t)row->place);
    wg_push_bool(for_handlers, row->person != NULL);
    wg_push_text(persons, row->person ? row->person : "");
  }
  wg_param_column(params, ids);
  wg_param_column(params, places);
  wg_param_column(params, for_handlers);
  wg_param_column(params, persons);
  return wg_db_send(db, &SUPPLEMENTS, params, NULL, NULL, error);
}

static const struct wg_statement WITHDRAWALS = {
    "intake_withdrawals",
    "INSERT INTO withdrawal (district, order_id, withdrawn_by, reason, withdrawn_at) "
    "SELECT n.*, $5 FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS n",
    5};

wg_status intake_store_withdrawals(struct wg_db *db, struct wg_arena *arena, const struct intake_rows *rows, int64_t at,
                                   struct wg_error *error) {
  if (rows->count == 0) return WG_OK;
  return wg_db_send(db, &WITHDRAWALS, intake_row_params(arena, rows, at, 0), NULL, NULL, error);
}
