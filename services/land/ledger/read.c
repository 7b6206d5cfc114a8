// Head, entries and rows as they are stored, for whoever checks them. Nothing is repaired on the way: what the tables
// say is what is given.
#include "common/base/text.h"
#include "services/land/land.h"
#include "services/land/ledger/topic.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_MOST = 2000, PAGE_BYTES = 2 << 20 };

void land_secret(void *service, const uint8_t secret[32]) {
  struct land *land = service;
  land_signer_make(&land->signer, LAND_SIGNER_NAME, secret);
}

struct wg_params *land_key_params(struct wg_arena *arena, const char *village, int more) {
  struct wg_params *params = wg_params(arena, 2 + more);
  wg_param_text(params, wg_arena_printf(arena, "%.*s", LAND_DISTRICT_DIGITS, village));
  wg_param_text(params, village);
  return params;
}

ProtobufCBinaryData land_bytes(struct wg_bytes bytes, struct wg_arena *arena) {
  ProtobufCBinaryData copy = {bytes.size, wg_arena_alloc(arena, bytes.size + 1)};
  if (bytes.size) memcpy(copy.data, bytes.data, bytes.size);
  return copy;
}

char *land_note(const struct land_checkpoint *checkpoint, const struct land_signer *signer, struct wg_arena *arena) {
  struct wg_buffer note = {0};
  land_checkpoint_sign(checkpoint, signer, &note);
  char *text = wg_arena_text(arena, (struct wg_bytes){note.data, note.size});
  wg_buffer_free(&note);
  return text;
}

static int32_t page_limit(int32_t asked) {
  return asked > 0 && asked < PAGE_MOST ? asked : PAGE_MOST;
}

// --- head ---
// Primary key.
static const struct wg_statement HEAD = {
    "land_ledger_head", "SELECT size, last_at, last_hash, peaks FROM village_head WHERE district = $1 AND village = $2",
    2};

wg_status land_read_village_head(struct wg_read_call *call, const char *village, struct land_head *head,
                                 struct wg_error *error) {
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &HEAD, land_key_params(call->arena, village, 0), &result, error);
  if (status != WG_OK) return status;
  *head = (struct land_head){0};
  snprintf(head->village, sizeof head->village, "%s", village);
  if (PQntuples(result) == 0) {
    status = wg_fail(error, WG_NOT_FOUND, "village", "village %s has no ledger", village);
  } else {
    const struct wg_bytes last = wg_get_bytea(result, 0, 2);
    head->last_at_us = wg_get_time(result, 0, 1);
    memcpy(head->last_hash, last.data, LAND_HASH_BYTES); // 32 bytes by the table's check
    status = land_peaks_load(&head->peaks, (uint64_t)wg_get_i64(result, 0, 0), wg_get_bytea(result, 0, 3), error);
  }
  PQclear(result);
  return status;
}

wg_status land_read_head(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__LedgerHeadRequest *request = (const void *)call->request;
  const struct land *land = call->service;
  struct land_head head;
  wg_status status = land_read_village_head(call, request->village, &head, error);
  if (status != WG_OK) return status;
  struct land_checkpoint checkpoint = land_checkpoint_of(&head);
  status = land_tree_size(request->size, &head, "size", &checkpoint.size, error);
  if (status == WG_OK && checkpoint.size < head.peaks.size)
    status = land_read_root(call, request->village, checkpoint.size, checkpoint.root, error);
  if (status != WG_OK) return status;
  struct wg_buffer key = {0};
  land_key_append(&land->signer.key, &key);
  Wangge__V1__LedgerHeadResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__ledger_head_response__init(response);
  response->size = (int64_t)checkpoint.size;
  response->root = land_bytes((struct wg_bytes){checkpoint.root, LAND_HASH_BYTES}, call->arena);
  response->last_at = head.last_at_us;
  response->checkpoint = land_note(&checkpoint, &land->signer, call->arena);
  response->key = wg_arena_text(call->arena, (struct wg_bytes){key.data, key.size});
  wg_buffer_free(&key);
  *reply = &response->base;
  return WG_OK;
}

// --- entries ---
// Primary key. The running sum ends a page before it gets too large; it does not read the payloads, whose lengths stand
// beside them.
static const struct wg_statement ENTRIES = {
    "land_ledger_entries",
    "SELECT " LAND_ENTRY_COLUMNS " FROM (SELECT *, sum(octet_length(payload)) OVER (ORDER BY seq) AS bytes FROM "
    "(SELECT * FROM ledger_entry WHERE district = $1 AND village = $2 AND seq >= $3 AND seq < $4 ORDER BY seq LIMIT "
    "$5) "
    "page) summed WHERE bytes <= $6 OR bytes = octet_length(payload) ORDER BY seq",
    6};

Wangge__V1__LedgerEntry *land_entry_message(const PGresult *result, int row, struct wg_arena *arena) {
  Wangge__V1__LedgerEntry *entry = wg_arena_alloc(arena, sizeof *entry);
  wangge__v1__ledger_entry__init(entry);
  entry->seq = wg_get_i64(result, row, 0);
  entry->at = wg_get_time(result, row, 1);
  entry->kind = wg_arena_strdup(arena, wg_get_text(result, row, 2));
  entry->actor = wg_arena_strdup(arena, wg_get_text(result, row, 3));
  entry->prev_hash = land_bytes(wg_get_bytea(result, row, 4), arena);
  entry->payload_sha256 = land_bytes(wg_get_bytea(result, row, 5), arena);
  entry->leaf_hash = land_bytes(wg_get_bytea(result, row, 6), arena);
  entry->payload = land_bytes(wg_get_bytea(result, row, 7), arena);
  return entry;
}

wg_status land_read_entries(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__LedgerEntriesRequest *request = (const void *)call->request;
  struct wg_params *params = land_key_params(call->arena, request->village, 4);
  wg_param_i64(params, request->from);
  wg_param_i64(params, request->to ? request->to : INT64_MAX);
  wg_param_i64(params, page_limit(request->limit));
  wg_param_i64(params, PAGE_BYTES);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &ENTRIES, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  Wangge__V1__LedgerEntriesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__ledger_entries_response__init(response);
  response->entries = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->entries);
  for (int row = 0; row < rows; row++)
    response->entries[response->n_entries++] = land_entry_message(result, row, call->arena);
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}

// --- rows of the projection ---
// Primary key; pages as ENTRIES.
static const struct wg_statement STORED = {
    "land_stored_records",
    "SELECT kind, id, version, entry_seq, ended, state, name, to_char(due_on, 'YYYY-MM-DD'), "
    "postgis.st_asbinary(geom), "
    "attributes::text, body FROM (SELECT *, sum(octet_length(body)) OVER (ORDER BY kind, id) AS bytes FROM "
    "(SELECT * FROM record WHERE district = $1 AND village = $2 AND (kind, id) > ($3, $4) ORDER BY kind, id LIMIT $5) "
    "page) summed WHERE bytes <= $6 OR bytes = octet_length(body) ORDER BY kind, id",
    6};

static Wangge__V1__StoredRecord *stored_message(const PGresult *result, int row, struct wg_arena *arena) {
  Wangge__V1__StoredRecord *record = wg_arena_alloc(arena, sizeof *record);
  wangge__v1__stored_record__init(record);
  record->kind = wg_arena_strdup(arena, wg_get_text(result, row, 0));
  record->id = wg_arena_strdup(arena, wg_get_text(result, row, 1));
  record->version = wg_get_i64(result, row, 2);
  record->entry_seq = wg_get_i64(result, row, 3);
  record->ended = wg_get_bool(result, row, 4);
  record->state = wg_arena_strdup(arena, wg_get_text(result, row, 5));
  record->name = wg_arena_strdup(arena, wg_get_text(result, row, 6));
  record->due_on = wg_arena_strdup(arena, wg_get_text(result, row, 7));
  if (!wg_is_null(result, row, 8)) record->geom = land_bytes(wg_get_bytea(result, row, 8), arena);
  record->attributes = wg_arena_strdup(arena, wg_get_text(result, row, 9));
  record->body = land_bytes(wg_get_bytea(result, row, 10), arena);
  return record;
}

wg_status land_read_stored(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__StoredRecordsRequest *request = (const void *)call->request;
  struct wg_params *params = land_key_params(call->arena, request->village, 4);
  wg_param_text(params, request->after_kind);
  wg_param_text(params, request->after_id);
  wg_param_i64(params, page_limit(request->limit));
  wg_param_i64(params, PAGE_BYTES);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &STORED, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  Wangge__V1__StoredRecordsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__stored_records_response__init(response);
  response->records = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->records);
  for (int row = 0; row < rows; row++)
    response->records[response->n_records++] = stored_message(result, row, call->arena);
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}
