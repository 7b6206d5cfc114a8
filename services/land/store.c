// See store.h.
#include "services/land/store.h"

#include "common/base/map.h"
#include "common/wire/wire.h"
#include "services/land/row.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORGET_ROWS = 1000, ROWS_AT_ONCE = 5000 };
#define SUBMISSION_LIFE_US (90 * WG_DAY_US)

static const char *district_of(const char *village, struct wg_arena *arena) {
  return wg_arena_printf(arena, "%.6s", village);
}

// --- villages ---
// Primary key.
static const struct wg_statement LOAD_HEAD = {
    "land_load_head", "SELECT size, last_at, last_hash, peaks FROM village_head WHERE district = $1 AND village = $2",
    2};
// Primary key: all records of a village, ended ones too.
static const struct wg_statement LOAD_RECORDS = {
    "land_load_records", "SELECT entry_seq, body FROM record WHERE district = $1 AND village = $2 ORDER BY kind, id",
    2};

static wg_status on_head(void *context, const PGresult *result, struct wg_error *error) {
  struct land_need *need = context;
  struct land_village *village = wg_zalloc(sizeof *village);
  snprintf(village->code, sizeof village->code, "%s", need->code);
  snprintf(village->head.village, sizeof village->head.village, "%s", need->code);
  village->used = need->land->batches;
  wg_map_put(need->land->villages, village->code, village);
  need->village = village;
  need->head = village->head;
  if (PQntuples(result) == 0) return WG_OK;
  struct land_head *head = &village->head;
  const struct wg_bytes hash = wg_get_bytea(result, 0, 2);
  if (hash.size != LAND_HASH_BYTES)
    return wg_fail(error, WG_DATA_LOSS, NULL, "the head of village %s has no hash", need->code);
  head->last_at_us = wg_get_time(result, 0, 1);
  memcpy(head->last_hash, hash.data, LAND_HASH_BYTES);
  const wg_status status =
      land_peaks_load(&head->peaks, (uint64_t)wg_get_i64(result, 0, 0), wg_get_bytea(result, 0, 3), error);
  need->head = *head;
  need->size = head->peaks.size;
  return status;
}

static wg_status on_records(void *context, const PGresult *result, struct wg_error *error) {
  struct land_need *need = context;
  struct wg_arena *arena = wg_arena_create(64 << 10);
  wg_status status = WG_OK;
  for (int row = 0; row < PQntuples(result) && status == WG_OK; row++) {
    const struct wg_bytes body = wg_get_bytea(result, row, 1);
    struct wg_error inner = {0};
    ProtobufCMessage *message = NULL;
    wg_arena_reset(arena);
    if (wg_unpack(&wangge__v1__land_record__descriptor, body, arena, &message, &inner) != WG_OK ||
        !((Wangge__V1__LandRecord *)message)->body_case) {
      status = wg_fail(error, WG_DATA_LOSS, NULL, "a stored record of village %s cannot be read: %s", need->code,
                       inner.message);
      break;
    }
    wg_book_add(need->land->book, message, (uint64_t)wg_get_i64(result, row, 0) + 1);
    need->village->bytes += body.size;
    need->land->bytes += body.size;
  }
  wg_arena_destroy(arena);
  return status;
}

wg_status land_store_load_village(struct wg_batch *batch, struct land_need *need, struct wg_error *error) {
  const char *district = district_of(need->code, batch->arena);
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_text(params, district);
  wg_param_text(params, need->code);
  const wg_status status = wg_db_send(batch->db, &LOAD_HEAD, params, on_head, need, error);
  return status == WG_OK ? wg_db_send(batch->db, &LOAD_RECORDS, params, on_records, need, error) : status;
}

// The row is what a village is locked by. Primary key. No row comes back when the ledger is not where memory has it.
static const struct wg_statement PUT_HEAD = {
    "land_put_head",
    "INSERT INTO village_head AS h (district, village, size, last_at, last_hash, peaks) VALUES ($1, $2, $3, $4, $5, "
    "$6) "
    "ON CONFLICT (district, village) DO UPDATE SET size = excluded.size, last_at = excluded.last_at, "
    "last_hash = excluded.last_hash, peaks = excluded.peaks WHERE h.size = $7 RETURNING 1",
    7};

static wg_status on_put_head(void *context, const PGresult *result, struct wg_error *error) {
  const struct land_need *need = context;
  if (PQntuples(result) == 1) return WG_OK;
  return wg_fail(error, WG_DATA_LOSS, NULL,
                 "the ledger of village %s is not at %llu entries: somebody else wrote to it", need->code,
                 (unsigned long long)need->size);
}

wg_status land_store_heads(struct wg_batch *batch, const struct land_need *needs, struct wg_error *error) {
  wg_status status = WG_OK;
  for (const struct land_need *need = needs; need && status == WG_OK; need = need->next) {
    if (need->head.peaks.size == need->size) continue;
    struct wg_params *params = wg_params(batch->arena, 7);
    wg_param_text(params, district_of(need->code, batch->arena));
    wg_param_text(params, need->code);
    wg_param_i64(params, (int64_t)need->head.peaks.size);
    wg_param_time(params, need->head.last_at_us);
    wg_param_bytea(params, (struct wg_bytes){need->head.last_hash, LAND_HASH_BYTES});
    wg_param_bytea(params, land_peaks_bytes(&need->head.peaks));
    wg_param_i64(params, (int64_t)need->size);
    status = wg_db_send(batch->db, &PUT_HEAD, params, on_put_head, (void *)(uintptr_t)need, error);
  }
  return status;
}

// --- submissions ---
// Primary key.
static const struct wg_statement LOAD_SUBMISSION = {
    "land_load_submission", "SELECT request, reply FROM submission WHERE district = $1 AND village = $2 AND key = $3",
    3};

struct submission_load {
  struct land_submission *submission;
  struct wg_arena *arena;
};

static wg_status on_submission(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct submission_load *load = context;
  if (PQntuples(result) == 0) return WG_OK;
  const struct wg_bytes request = wg_get_bytea(result, 0, 0), reply = wg_get_bytea(result, 0, 1);
  assert(request.size == LAND_HASH_BYTES);
  load->submission->known = true;
  memcpy(load->submission->first, request.data, LAND_HASH_BYTES);
  uint8_t *copy = wg_arena_alloc(load->arena, reply.size + 1);
  memcpy(copy, reply.data, reply.size);
  load->submission->reply = (struct wg_bytes){copy, reply.size};
  return WG_OK;
}

wg_status land_store_load_submissions(struct wg_batch *batch, struct land_submission *submissions,
                                      struct wg_error *error) {
  wg_status status = WG_OK;
  for (struct land_submission *one = submissions; one && status == WG_OK; one = one->next) {
    struct submission_load *load = wg_arena_alloc(batch->arena, sizeof *load);
    *load = (struct submission_load){one, batch->arena};
    struct wg_params *params = wg_params(batch->arena, 3);
    wg_param_text(params, district_of(one->village, batch->arena));
    wg_param_text(params, one->village);
    wg_param_text(params, one->key);
    status = wg_db_send(batch->db, &LOAD_SUBMISSION, params, on_submission, load, error);
  }
  return status;
}

static const struct wg_statement PUT_SUBMISSIONS = {
    "land_put_submissions",
    "INSERT INTO submission (district, village, key, request, reply, at) SELECT unnest($1::text[]), "
    "unnest($2::text[]), "
    "unnest($3::text[]), unnest($4::bytea[]), unnest($5::bytea[]), unnest($6::timestamptz[])",
    6};

wg_status land_store_submissions(struct wg_batch *batch, const struct land_submission *submissions,
                                 struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *c[] = {wg_column_text(a, 8),  wg_column_text(a, 8),  wg_column_text(a, 8),
                           wg_column_bytea(a, 8), wg_column_bytea(a, 8), wg_column_time(a, 8)};
  for (const struct land_submission *one = submissions; one; one = one->next) {
    if (!one->made) continue;
    wg_push_text(c[0], district_of(one->village, a));
    wg_push_text(c[1], one->village);
    wg_push_text(c[2], one->key);
    wg_push_bytea(c[3], (struct wg_bytes){one->request, LAND_HASH_BYTES});
    wg_push_bytea(c[4], one->reply);
    wg_push_time(c[5], batch->now);
  }
  return wg_db_send_columns(batch->db, &PUT_SUBMISSIONS, c, batch->arena, error);
}

// Index submission_at; a part at a time.
static const struct wg_statement FORGET = {
    "land_forget_submissions",
    "DELETE FROM submission WHERE (district, village, key) IN "
    "(SELECT district, village, key FROM submission WHERE at < $1 ORDER BY at LIMIT $2)",
    2};

wg_status land_store_forget(struct wg_batch *batch, struct wg_error *error) {
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_time(params, batch->now - SUBMISSION_LIFE_US);
  wg_param_i64(params, FORGET_ROWS);
  return wg_db_send(batch->db, &FORGET, params, NULL, NULL, error);
}

// --- sealed values ---
// Primary key.
static const struct wg_statement KNOWS_SEALED = {
    "land_knows_sealed", "SELECT EXISTS (SELECT FROM sealed WHERE district = $1 AND village = $2 AND commit = $3)", 3};

static wg_status on_sealed(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  *(bool *)context = wg_get_bool(result, 0, 0);
  return WG_OK;
}

wg_status land_store_load_sealed(struct wg_batch *batch, const char *village, ProtobufCBinaryData commit, bool *known,
                                 struct wg_error *error) {
  struct wg_params *params = wg_params(batch->arena, 3);
  wg_param_text(params, district_of(village, batch->arena));
  wg_param_text(params, village);
  wg_param_bytea(params, (struct wg_bytes){commit.data, commit.len});
  return wg_db_send(batch->db, &KNOWS_SEALED, params, on_sealed, known, error);
}

// --- what is due ---
// Index record_due: the villages of the oldest $2 due records.
static const struct wg_statement LOAD_DUES = {
    "land_load_dues",
    "SELECT DISTINCT village FROM (SELECT village FROM record WHERE due_on <= date '1970-01-01' + $1 "
    "ORDER BY due_on LIMIT $2) due",
    2};

static wg_status on_dues(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct land_dues *dues = context;
  for (int row = 0; row < PQntuples(result) && dues->count < LAND_DUES; row++)
    snprintf(dues->village[dues->count++], sizeof dues->village[0], "%s", wg_get_text(result, row, 0));
  return WG_OK;
}

wg_status land_store_load_dues(struct wg_batch *batch, int32_t today, int64_t most, struct land_dues *dues,
                               struct wg_error *error) {
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_i32(params, today);
  wg_param_i64(params, most);
  return wg_db_send(batch->db, &LOAD_DUES, params, on_dues, dues, error);
}

// --- entries ---
static const struct wg_statement PUT_ENTRIES = {
    "land_put_entries",
    "INSERT INTO ledger_entry (district, village, seq, kind, at, actor, payload, payload_sha256, prev_hash, leaf_hash) "
    "SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::bigint[]), unnest($4::text[]), "
    "unnest($5::timestamptz[]), "
    "unnest($6::text[]), unnest($7::bytea[]), unnest($8::bytea[]), unnest($9::bytea[]), unnest($10::bytea[])",
    10};
static const struct wg_statement PUT_TILES = {
    "land_put_tiles",
    "INSERT INTO ledger_tile (district, village, level, number, hash) SELECT unnest($1::text[]), unnest($2::text[]), "
    "unnest($3::smallint[]), unnest($4::bigint[]), unnest($5::bytea[])",
    5};
static const struct wg_statement PUT_VERSIONS = {
    "land_put_versions",
    "INSERT INTO record_version (district, village, kind, id, version, entry_seq) SELECT unnest($1::text[]), "
    "unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::bigint[]), unnest($6::bigint[])",
    6};
// Primary key.
static const struct wg_statement PUT_RECORDS = {
    "land_put_records",
    "INSERT INTO record (district, village, kind, id, version, entry_seq, ended, state, name, due_on, geom, "
    "attributes, "
    "body) SELECT w.district, w.village, w.kind, w.id, w.version, w.entry_seq, w.ended, w.state, w.name, "
    "w.due_on::date, postgis.st_geomfromwkb(w.wkb, 4490), w.attributes::jsonb, w.body FROM (SELECT "
    "unnest($1::text[]) AS district, unnest($2::text[]) AS village, unnest($3::text[]) AS kind, unnest($4::text[]) AS "
    "id, "
    "unnest($5::bigint[]) AS version, unnest($6::bigint[]) AS entry_seq, unnest($7::bool[]) AS ended, "
    "unnest($8::text[]) AS state, unnest($9::text[]) AS name, unnest($10::text[]) AS due_on, unnest($11::bytea[]) AS "
    "wkb, "
    "unnest($12::text[]) AS attributes, unnest($13::bytea[]) AS body) w "
    "ON CONFLICT (district, village, kind, id) DO UPDATE SET version = excluded.version, entry_seq = "
    "excluded.entry_seq, "
    "ended = excluded.ended, state = excluded.state, name = excluded.name, due_on = excluded.due_on, "
    "geom = excluded.geom, attributes = excluded.attributes, body = excluded.body",
    13};
static const struct wg_statement PUT_SEALED = {
    "land_put_sealed",
    "INSERT INTO sealed (district, village, commit, kind, salt, value) SELECT unnest($1::text[]), unnest($2::text[]), "
    "unnest($3::bytea[]), unnest($4::text[]), unnest($5::bytea[]), unnest($6::text[])",
    6};
// Primary key.
static const struct wg_statement ERASE_SEALED = {
    "land_erase_sealed", "DELETE FROM sealed WHERE district = $1 AND village = $2 AND commit = $3", 3};

static wg_status put_chain(struct wg_batch *batch, const struct land_made *made, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *e[] = {wg_column_text(a, 8),  wg_column_text(a, 8), wg_column_i64(a, 8),   wg_column_text(a, 8),
                           wg_column_time(a, 8),  wg_column_text(a, 8), wg_column_bytea(a, 8), wg_column_bytea(a, 8),
                           wg_column_bytea(a, 8), wg_column_bytea(a, 8)};
  struct wg_column *t[] = {wg_column_text(a, 8), wg_column_text(a, 8), wg_column_i16(a, 8), wg_column_i64(a, 8),
                           wg_column_bytea(a, 8)};
  for (; made; made = made->next) {
    const struct land_ledger_entry *entry = &made->entry;
    const char *district = district_of(entry->village, a);
    wg_push_text(e[0], district);
    wg_push_text(e[1], entry->village);
    wg_push_i64(e[2], (int64_t)entry->seq);
    wg_push_text(e[3], wg_arena_text(a, entry->kind));
    wg_push_time(e[4], entry->at_us);
    wg_push_text(e[5], wg_arena_text(a, entry->actor));
    wg_push_bytea(e[6], made->payload);
    wg_push_bytea(e[7], (struct wg_bytes){entry->payload_sha256, LAND_HASH_BYTES});
    wg_push_bytea(e[8], (struct wg_bytes){entry->prev_hash, LAND_HASH_BYTES});
    wg_push_bytea(e[9], (struct wg_bytes){entry->leaf_hash, LAND_HASH_BYTES});
    for (size_t i = 0; i < made->tile_count; i++) {
      wg_push_text(t[0], district);
      wg_push_text(t[1], entry->village);
      wg_push_i16(t[2], (int16_t)made->tiles[i].level);
      wg_push_i64(t[3], (int64_t)made->tiles[i].index);
      wg_push_bytea(t[4], (struct wg_bytes){made->tiles[i].hash, LAND_HASH_BYTES});
    }
  }
  const wg_status status = wg_db_send_columns(batch->db, &PUT_ENTRIES, e, batch->arena, error);
  return status == WG_OK ? wg_db_send_columns(batch->db, &PUT_TILES, t, batch->arena, error) : status;
}

struct record_columns {
  struct wg_column *version[6], *record[13];
};

static struct record_columns record_columns(struct wg_arena *a) {
  return (struct record_columns){.version = {wg_column_text(a, 64), wg_column_text(a, 64), wg_column_text(a, 64),
                                             wg_column_text(a, 64), wg_column_i64(a, 64), wg_column_i64(a, 64)},
                                 .record = {wg_column_text(a, 64), wg_column_text(a, 64), wg_column_text(a, 64),
                                            wg_column_text(a, 64), wg_column_i64(a, 64), wg_column_i64(a, 64),
                                            wg_column_bool(a, 64), wg_column_text(a, 64), wg_column_text(a, 64),
                                            wg_column_text(a, 64), wg_column_bytea(a, 64), wg_column_text(a, 64),
                                            wg_column_bytea(a, 64)}};
}

static void push_key(struct wg_column **columns, const Wangge__V1__LandRecord *record, int64_t seq,
                     const char *district) {
  wg_push_text(columns[0], district);
  wg_push_text(columns[1], record->village);
  wg_push_text(columns[2], land_kind_name((int)record->body_case));
  wg_push_text(columns[3], record->id);
  wg_push_i64(columns[4], record->version);
  wg_push_i64(columns[5], seq);
}

static void push_record(struct record_columns *columns, const Wangge__V1__LandRecord *record, int64_t seq,
                        const char *district, struct wg_arena *arena) {
  const struct land_row row = land_row_of(record, arena);
  struct wg_column **r = columns->record;
  push_key(r, record, seq, district);
  wg_push_bool(r[6], row.ended);
  wg_push_text(r[7], row.state);
  wg_push_text(r[8], row.name);
  wg_push_text(r[9], *row.due_on ? row.due_on : NULL);
  if (row.geom.data) wg_push_bytea(r[10], row.geom);
  else wg_push_null(r[10]);
  wg_push_text(r[11], row.attributes);
  wg_push_bytea(r[12], row.body);
}

static wg_status send_records(struct wg_batch *batch, const struct record_columns *columns, struct wg_error *error) {
  const wg_status status = wg_db_send_columns(batch->db, &PUT_VERSIONS, columns->version, batch->arena, error);
  return status == WG_OK ? wg_db_send_columns(batch->db, &PUT_RECORDS, columns->record, batch->arena, error) : status;
}

// A record that the batch changes several times has several versions and one row: the newest.
static wg_status put_records(struct wg_batch *batch, const struct land_made *made, const struct wg_book *after,
                             struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct record_columns columns = record_columns(a);
  wg_status status = WG_OK;
  for (; made && status == WG_OK; made = made->next) {
    const char *district = district_of(made->entry.village, a);
    for (size_t i = 0; i < made->record_count && status == WG_OK; i++) {
      const Wangge__V1__LandRecord *record = made->records[i];
      push_key(columns.version, record, (int64_t)made->entry.seq, district);
      const struct wg_book_entry *newest = wg_book_entry(after, record->village, (int)record->body_case, record->id);
      if (newest->record == record) push_record(&columns, record, (int64_t)made->entry.seq, district, a);
      if (wg_column_rows(columns.version[0]) < ROWS_AT_ONCE) continue;
      status = send_records(batch, &columns, error);
      columns = record_columns(a);
    }
  }
  return status == WG_OK ? send_records(batch, &columns, error) : status;
}

static wg_status put_sealed(struct wg_batch *batch, const struct land_made *made, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *s[] = {wg_column_text(a, 8), wg_column_text(a, 8),  wg_column_bytea(a, 8),
                           wg_column_text(a, 8), wg_column_bytea(a, 8), wg_column_text(a, 8)};
  for (const struct land_made *one = made; one; one = one->next) {
    for (const struct land_seal *seal = one->seals; seal; seal = seal->next) {
      wg_push_text(s[0], district_of(one->entry.village, a));
      wg_push_text(s[1], one->entry.village);
      wg_push_bytea(s[2], (struct wg_bytes){seal->commit, sizeof seal->commit});
      wg_push_text(s[3], seal->kind);
      wg_push_bytea(s[4], (struct wg_bytes){seal->salt, sizeof seal->salt});
      wg_push_text(s[5], seal->value);
    }
  }
  wg_status status = wg_db_send_columns(batch->db, &PUT_SEALED, s, batch->arena, error);
  for (const struct land_made *one = made; one && status == WG_OK; one = one->next) {
    if (!one->erased) continue;
    struct wg_params *params = wg_params(a, 3);
    wg_param_text(params, district_of(one->entry.village, a));
    wg_param_text(params, one->entry.village);
    wg_param_bytea(params, (struct wg_bytes){one->erased, LAND_HASH_BYTES});
    status = wg_db_send(batch->db, &ERASE_SEALED, params, NULL, NULL, error);
  }
  return status;
}

wg_status land_store_entries(struct wg_batch *batch, const struct land_made *made, const struct wg_book *after,
                             struct wg_error *error) {
  if (!made) return WG_OK;
  wg_status status = put_chain(batch, made, error);
  if (status == WG_OK) status = put_records(batch, made, after, error);
  return status == WG_OK ? put_sealed(batch, made, error) : status;
}
