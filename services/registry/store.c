// See store.h.
#include "services/registry/store.h"

#include "common/wire/wire.h"

#include <stdlib.h>
#include <string.h>

enum {
  BOOK_ROWS = 5000,      // of one query at start
  CHANGE_ROWS = 2000,    // of one statement
  CARRY_ROWS = 1000,     // at a time
  CARRY_BYTES = 4 << 20, // and no more than this, but one
  OID_BYTEA = 17,
};

static wg_status unpack_record(struct wg_bytes body, struct wg_arena *arena, Wangge__V1__Record **record,
                               struct wg_error *error) {
  struct wg_error inner = {0};
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__record__descriptor, body, arena, &message, &inner) != WG_OK)
    return wg_fail(error, WG_DATA_LOSS, NULL, "a stored record cannot be read: %s", inner.message);
  *record = (Wangge__V1__Record *)message;
  if ((*record)->body_case == WANGGE__V1__RECORD__BODY__NOT_SET)
    return wg_fail(error, WG_DATA_LOSS, NULL, "a stored record of %s is of a kind that this program does not know",
                   (*record)->district);
  return WG_OK;
}

// --- the book ---
// Primary key; keyset pages bound the memory.
static const struct wg_statement READ_BOOK = {
    "registry_read_book",
    "SELECT district, kind, code, seq, body FROM record WHERE (district, kind, code) > ($1, $2, $3) "
    "ORDER BY district, kind, code LIMIT $4",
    4};

static wg_status read_page(struct wg_db *db, struct wg_book *book, struct wg_arena *arena, char *after[3], int *rows,
                           struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 4);
  for (int i = 0; i < 3; i++)
    wg_param_text(params, after[i]);
  wg_param_i64(params, BOOK_ROWS);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &READ_BOOK, params, &result, error);
  if (status != WG_OK) return status;
  *rows = PQntuples(result);
  for (int row = 0; row < *rows && status == WG_OK; row++) {
    Wangge__V1__Record *record = NULL;
    status = unpack_record(wg_get_bytea(result, row, 4), arena, &record, error);
    if (status == WG_OK) wg_book_add(book, record, (uint64_t)wg_get_i64(result, row, 3));
  }
  for (int i = 0; i < 3 && *rows; i++) {
    free(after[i]);
    after[i] = wg_strdup(wg_get_text(result, *rows - 1, i));
  }
  PQclear(result);
  return status;
}

wg_status registry_store_book(struct wg_db *db, struct wg_book *book, struct wg_error *error) {
  // A batch looks up single rows by key; with young statistics the planner would rather scan.
  wg_status status =
      wg_db_exec(db, "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off", error);
  struct wg_arena *arena = wg_arena_create(1 << 20);
  char *after[3] = {wg_strdup(""), wg_strdup(""), wg_strdup("")};
  for (int rows = BOOK_ROWS; rows == BOOK_ROWS && status == WG_OK;) {
    wg_arena_reset(arena);
    status = read_page(db, book, arena, after, &rows, error);
  }
  for (int i = 0; i < 3; i++)
    free(after[i]);
  wg_arena_destroy(arena);
  return status;
}

// --- imports ---
// Primary keys of import and import_part; index import_of_principal.
static const struct wg_statement LOAD_IMPORT = {
    "registry_load_import",
    "SELECT (SELECT count(*) FROM import o WHERE o.principal = $2 AND o.answer IS NULL), i.import_id, i.answer, "
    "i.last_hash, p.part, p.records, p.bytes, p.hash, CASE WHEN $4 THEN p.body END "
    "FROM (VALUES (1)) AS one(n) "
    "LEFT JOIN import i ON i.district = $1 AND i.principal = $2 AND i.import_id = $3 "
    "LEFT JOIN import_part p ON p.district = i.district AND p.principal = i.principal AND p.import_id = i.import_id "
    "ORDER BY p.part",
    4};

struct import_load {
  struct registry_import *import;
  struct wg_arena *arena;
};

static struct wg_bytes copy_bytes(struct wg_bytes bytes, struct wg_arena *arena) {
  uint8_t *copy = wg_arena_alloc(arena, bytes.size + 1);
  memcpy(copy, bytes.data, bytes.size);
  return (struct wg_bytes){copy, bytes.size};
}

static wg_status read_part(struct import_load *load, const PGresult *result, int row, struct wg_error *error) {
  struct registry_import *import = load->import;
  struct registry_part *part = &import->parts[import->count++];
  *part = (struct registry_part){
      .number = wg_get_i32(result, row, 4),
      .records = wg_get_i64(result, row, 5),
      .bytes = (size_t)wg_get_i64(result, row, 6),
  };
  memcpy(part->hash, wg_get_bytea(result, row, 7).data, sizeof part->hash);
  if (wg_is_null(result, row, 8)) return WG_OK;
  ProtobufCMessage *message = NULL;
  const wg_status status =
      wg_unpack(&wangge__v1__put_request__descriptor, wg_get_bytea(result, row, 8), load->arena, &message, error);
  part->request = (const Wangge__V1__PutRequest *)message;
  return status;
}

static wg_status on_import(void *context, const PGresult *result, struct wg_error *error) {
  struct import_load *load = context;
  struct registry_import *import = load->import;
  const int rows = PQntuples(result);
  import->open = wg_get_i64(result, 0, 0);
  import->stored = !wg_is_null(result, 0, 1);
  if (!wg_is_null(result, 0, 2)) {
    import->answer = copy_bytes(wg_get_bytea(result, 0, 2), load->arena);
    memcpy(import->last_hash, wg_get_bytea(result, 0, 3).data, sizeof import->last_hash);
  }
  import->capacity = (size_t)rows + 8;
  import->parts = wg_arena_alloc(load->arena, import->capacity * sizeof *import->parts);
  wg_status status = WG_OK;
  for (int row = 0; row < rows && status == WG_OK; row++) {
    if (!wg_is_null(result, row, 4)) status = read_part(load, result, row, error);
  }
  return status;
}

static struct wg_params *import_params(const struct registry_import *import, struct wg_arena *arena, int capacity) {
  struct wg_params *params = wg_params(arena, capacity);
  wg_param_text(params, import->district);
  wg_param_text(params, import->caller);
  wg_param_text(params, import->id);
  return params;
}

wg_status registry_store_load_import(struct wg_batch *batch, struct registry_import *import, struct wg_error *error) {
  struct import_load *load = wg_arena_alloc(batch->arena, sizeof *load);
  *load = (struct import_load){import, batch->arena};
  struct wg_params *params = import_params(import, batch->arena, 4);
  wg_param_bool(params, import->wanted_whole);
  return wg_db_send(batch->db, &LOAD_IMPORT, params, on_import, load, error);
}

// Primary keys.
static const struct wg_statement DELETE_IMPORT = {
    "registry_delete_import", "DELETE FROM import WHERE district = $1 AND principal = $2 AND import_id = $3", 3};
static const struct wg_statement PUT_IMPORT = {
    "registry_put_import",
    "INSERT INTO import (district, principal, import_id, touched_at, answer, last_hash) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (district, principal, import_id) DO UPDATE "
    "SET touched_at = excluded.touched_at, answer = excluded.answer, last_hash = excluded.last_hash",
    6};
static const struct wg_statement PUT_PART = {
    "registry_put_part",
    "INSERT INTO import_part (district, principal, import_id, part, records, bytes, hash, body) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (district, principal, import_id, part) DO UPDATE "
    "SET records = excluded.records, bytes = excluded.bytes, hash = excluded.hash, body = excluded.body",
    8};
static const struct wg_statement DELETE_PARTS = {
    "registry_delete_parts", "DELETE FROM import_part WHERE district = $1 AND principal = $2 AND import_id = $3", 3};

static wg_status put_part(struct wg_batch *batch, const struct registry_import *import,
                          const struct registry_part *part, struct wg_error *error) {
  struct wg_params *params = import_params(import, batch->arena, 8);
  wg_param_i32(params, part->number);
  wg_param_i64(params, part->records);
  wg_param_i64(params, (int64_t)part->bytes);
  wg_param_bytea(params, (struct wg_bytes){part->hash, sizeof part->hash});
  wg_param_bytea(params, part->body);
  return wg_db_send(batch->db, &PUT_PART, params, NULL, NULL, error);
}

wg_status registry_store_import(struct wg_batch *batch, const struct registry_import *import, struct wg_error *error) {
  if (!import->touched) return WG_OK;
  const bool ended = import->answer.data != NULL;
  wg_status status = WG_OK;
  if (import->begun_anew)
    status = wg_db_send(batch->db, &DELETE_IMPORT, import_params(import, batch->arena, 3), NULL, NULL, error);
  struct wg_params *params = import_params(import, batch->arena, 6);
  wg_param_time(params, batch->now);
  if (ended) wg_param_bytea(params, import->answer);
  else wg_param_null(params, OID_BYTEA);
  if (ended) wg_param_bytea(params, (struct wg_bytes){import->last_hash, sizeof import->last_hash});
  else wg_param_null(params, OID_BYTEA);
  if (status == WG_OK) status = wg_db_send(batch->db, &PUT_IMPORT, params, NULL, NULL, error);
  for (size_t i = 0; i < import->count && status == WG_OK; i++) {
    if (import->parts[i].body.data) status = put_part(batch, import, &import->parts[i], error);
  }
  if (status == WG_OK && import->ended_now)
    status = wg_db_send(batch->db, &DELETE_PARTS, import_params(import, batch->arena, 3), NULL, NULL, error);
  return status;
}

// Few rows: none is older than an hour and some ticks.
static const struct wg_statement FORGET_IMPORTS = {"registry_forget_imports",
                                                   "DELETE FROM import WHERE touched_at < $1", 1};

wg_status registry_store_forget_imports(struct wg_batch *batch, struct wg_error *error) {
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_time(params, batch->now - REGISTRY_IMPORT_LIFE_US);
  return wg_db_send(batch->db, &FORGET_IMPORTS, params, NULL, NULL, error);
}

// --- records ---
static const struct wg_statement INSERT_VERSIONS = {
    "registry_insert_versions",
    "INSERT INTO record_version (district, kind, code, version, seq, deleted, changed_by, reason, changed_at, body) "
    "SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::bigint[]), unnest($5::bigint[]), "
    "unnest($6::bool[]), unnest($7::text[]), unnest($8::text[]), unnest($9::timestamptz[]), unnest($10::bytea[])",
    10};
// Primary key.
static const struct wg_statement PUT_RECORDS = {
    "registry_put_records",
    "INSERT INTO record AS r (district, kind, code, version, seq, deleted, name, geom, body) "
    "SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::bigint[]), unnest($5::bigint[]), "
    "unnest($6::bool[]), unnest($7::text[]), postgis.st_geomfromwkb(unnest($8::bytea[]), 4490), unnest($9::bytea[]) "
    "ON CONFLICT (district, kind, code) DO UPDATE SET version = excluded.version, seq = excluded.seq, "
    "deleted = excluded.deleted, name = excluded.name, "
    "geom = CASE WHEN excluded.deleted THEN r.geom ELSE excluded.geom END, body = excluded.body",
    9};

// public_name gives what the database may show beside the body.
static const char *public_name(const struct registry_change *change) {
  const struct wg_column *column = wg_kind_column(change->kind, "name");
  return column && column->personal ? "" : wg_record_name(change->record);
}

// store_some: memory of the arena `a` until both statements are with libpq, which copies.
static wg_status store_some(struct wg_batch *batch, const struct registry_change *const *changes, size_t count,
                            const struct wg_book *after, struct wg_arena *a, struct wg_error *error) {
  struct wg_column *v[] = {wg_column_text(a, count), wg_column_text(a, count), wg_column_text(a, count),
                           wg_column_i64(a, count),  wg_column_i64(a, count),  wg_column_bool(a, count),
                           wg_column_text(a, count), wg_column_text(a, count), wg_column_time(a, count),
                           wg_column_bytea(a, count)};
  struct wg_column *r[] = {wg_column_text(a, count), wg_column_text(a, count),  wg_column_text(a, count),
                           wg_column_i64(a, count),  wg_column_i64(a, count),   wg_column_bool(a, count),
                           wg_column_text(a, count), wg_column_bytea(a, count), wg_column_bytea(a, count)};
  for (size_t i = 0; i < count; i++) {
    const struct registry_change *change = changes[i];
    const Wangge__V1__Record *record = change->record;
    const struct wg_bytes body = wg_pack(&record->base, a);
    const struct wg_book_entry *newest = wg_book_entry(after, record->district, (int)record->body_case, record->code);
    // A record that this batch changes twice has two versions and one row.
    struct wg_column **tables[] = {v, newest->record == record ? r : NULL};
    for (int t = 0; t < 2; t++) {
      if (!tables[t]) continue;
      wg_push_text(tables[t][0], record->district);
      wg_push_text(tables[t][1], change->kind->name);
      wg_push_text(tables[t][2], record->code);
      wg_push_i64(tables[t][3], record->version);
      wg_push_i64(tables[t][4], (int64_t)change->seq);
      wg_push_bool(tables[t][5], record->deleted);
    }
    wg_push_text(v[6], record->changed_by);
    wg_push_text(v[7], record->reason);
    wg_push_time(v[8], record->changed_at);
    wg_push_bytea(v[9], body);
    if (newest->record != record) continue;
    wg_push_text(r[6], public_name(change));
    if (change->wkb.data) wg_push_bytea(r[7], change->wkb);
    else wg_push_null(r[7]);
    wg_push_bytea(r[8], body);
  }
  const wg_status status = wg_db_send_columns(batch->db, &INSERT_VERSIONS, v, a, error);
  return status == WG_OK ? wg_db_send_columns(batch->db, &PUT_RECORDS, r, a, error) : status;
}

wg_status registry_store_changes(struct wg_batch *batch, const struct registry_change *const *changes, size_t count,
                                 const struct wg_book *after, struct wg_error *error) {
  wg_status status = WG_OK;
  struct wg_arena *arena = wg_arena_create(64 << 10);
  for (size_t i = 0; i < count && status == WG_OK; i += CHANGE_ROWS) {
    status = store_some(batch, changes + i, count - i < CHANGE_ROWS ? count - i : CHANGE_ROWS, after, arena, error);
    wg_arena_reset(arena);
  }
  wg_arena_destroy(arena);
  return status;
}

// --- carrying forward ---
// Index record_seq. At most $2 records and, but for one, $3 bytes; one row more when there is more.
static const struct wg_statement LOAD_CARRY = {
    "registry_load_carry",
    "SELECT u.seq, c.rest, CASE WHEN NOT c.rest THEN c.body END FROM (SELECT log_carry_next($1) AS seq) u "
    "LEFT JOIN LATERAL (SELECT t.seq, t.body, row_number() OVER w > $2 "
    "OR sum(octet_length(t.body)) OVER w - octet_length(t.body) >= $3 AS rest "
    "FROM (SELECT s.seq, s.body FROM record s WHERE s.seq <= u.seq ORDER BY s.seq LIMIT $2 + 1) t "
    "WINDOW w AS (ORDER BY t.seq)) c ON true WHERE u.seq IS NOT NULL ORDER BY c.seq",
    3};

static wg_status on_carry(void *context, const PGresult *result, struct wg_error *error) {
  struct registry_carry *carry = context;
  const int rows = PQntuples(result);
  carry->records = wg_arena_alloc(carry->arena, ((size_t)rows + 1) * sizeof *carry->records);
  carry->last = rows > 0;
  for (int row = 0; row < rows; row++) {
    carry->upto = (uint64_t)wg_get_i64(result, row, 0);
    if (wg_is_null(result, row, 1)) break; // nothing of the partition is needed any more
    if (wg_get_bool(result, row, 1)) {
      carry->last = false;
      break;
    }
    struct registry_carried *carried = &carry->records[carry->count++];
    *carried = (struct registry_carried){0};
    const wg_status status = unpack_record(wg_get_bytea(result, row, 2), carry->arena, &carried->record, error);
    if (status != WG_OK) return status;
  }
  return WG_OK;
}

wg_status registry_store_load_carry(struct wg_batch *batch, struct registry_carry *carry, struct wg_error *error) {
  carry->arena = batch->arena;
  struct wg_params *params = wg_params(batch->arena, 3);
  wg_param_text(params, REGISTRY_STREAM);
  wg_param_i64(params, CARRY_ROWS);
  wg_param_i64(params, CARRY_BYTES);
  return wg_db_send(batch->db, &LOAD_CARRY, params, on_carry, carry, error);
}

// Primary key.
static const struct wg_statement MOVE_SEQS = {
    "registry_move_seqs",
    "UPDATE record r SET seq = w.seq FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) "
    "AS w(district, kind, code, seq) WHERE r.district = w.district AND r.kind = w.kind AND r.code = w.code",
    4};
static const struct wg_statement KEEP_FROM = {
    "registry_keep_from", "UPDATE log_stream SET keep_from = greatest(keep_from, $2) WHERE name = $1", 2};

wg_status registry_store_carry(struct wg_batch *batch, const struct registry_carry *carry, struct wg_error *error) {
  if (!carry->upto) return WG_OK;
  struct wg_arena *a = batch->arena;
  struct wg_column *w[] = {wg_column_text(a, carry->count), wg_column_text(a, carry->count),
                           wg_column_text(a, carry->count), wg_column_i64(a, carry->count)};
  for (size_t i = 0; i < carry->count; i++) {
    const Wangge__V1__Record *record = carry->records[i].record;
    wg_push_text(w[0], record->district);
    wg_push_text(w[1], wg_kind_of(record)->name);
    wg_push_text(w[2], record->code);
    wg_push_i64(w[3], (int64_t)carry->records[i].seq);
  }
  const wg_status status = wg_db_send_columns(batch->db, &MOVE_SEQS, w, a, error);
  if (status != WG_OK || !carry->last) return status;
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_text(params, REGISTRY_STREAM);
  wg_param_i64(params, (int64_t)carry->upto + 1);
  return wg_db_send(batch->db, &KEEP_FROM, params, NULL, NULL, error);
}
