// See read.h. What is personal is sealed and not in records, so that every reader of the district may see them.
#include "services/land/read.h"

#include "common/base/text.h"
#include "common/wire/wire.h"
#include "services/land/ledger/hash.h"
#include "services/land/topic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
  PAGE_DEFAULT = 50,
  PAGE_MOST = 1000,
  PAGE_BYTES = 2 << 20,
  ID_BYTES = 64,
  STATE_BYTES = 64,
  REASON_BYTES = 1024
};

wg_status land_read_record(struct wg_bytes body, struct wg_arena *arena, Wangge__V1__LandRecord **record,
                           struct wg_error *error) {
  struct wg_error inner = {0};
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__land_record__descriptor, body, arena, &message, &inner) != WG_OK)
    return wg_fail(error, WG_DATA_LOSS, NULL, "a stored record cannot be read: %s", inner.message);
  *record = (Wangge__V1__LandRecord *)message;
  return WG_OK;
}

static const char *district_of(const char *village, struct wg_arena *arena) {
  return wg_arena_printf(arena, "%.6s", village);
}

static wg_status check_kind(const char *kind, struct wg_error *error) {
  return land_kind_find(kind) ? WG_OK
                              : wg_fail(error, WG_INVALID_ARGUMENT, "kind", "must be a kind of record, e.g. parcel");
}

static wg_status check_one(const struct wg_principal *caller, const char *village, const char *kind, const char *id,
                           struct wg_error *error) {
  wg_status status = land_check_village(caller, village, error);
  if (status == WG_OK && strlen(village) != 12)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "village", "must be the 12 digits of a village");
  if (status == WG_OK) status = check_kind(kind, error);
  if (status == WG_OK) status = wg_text_check(id, ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "id", error);
  return status;
}

static wg_status check_limit(int32_t limit, struct wg_error *error) {
  return limit >= 0 && limit <= PAGE_MOST ? WG_OK
                                          : wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", PAGE_MOST);
}

// --- GetLand ---
wg_status land_check_get(const struct wg_principal *caller, const ProtobufCMessage *message, struct wg_error *error) {
  const Wangge__V1__GetLandRequest *request = (const Wangge__V1__GetLandRequest *)message;
  const wg_status status = check_one(caller, request->village, request->kind, request->id, error);
  if (status == WG_OK && request->version < 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "version", "must be 0 (newest) or a version");
  return status;
}

// Primary keys. A version is where its entry is: in the payload.
static const struct wg_statement GET = {
    "land_get", "SELECT entry_seq, body FROM record WHERE district = $1 AND village = $2 AND kind = $3 AND id = $4", 4};
static const struct wg_statement GET_VERSION = {
    "land_get_version",
    "SELECT v.entry_seq, e.payload FROM record_version v JOIN ledger_entry e ON e.district = v.district "
    "AND e.village = v.village AND e.seq = v.entry_seq WHERE v.district = $1 AND v.village = $2 AND v.kind = $3 "
    "AND v.id = $4 AND v.version = $5",
    5};

// of_entry finds a version of a record in the payload of the entry that made it.
static wg_status of_entry(struct wg_bytes payload, const char *kind, const char *id, struct wg_arena *arena,
                          Wangge__V1__LandEntry **entry, Wangge__V1__LandRecord **record, struct wg_error *error) {
  struct wg_error inner = {0};
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__land_entry__descriptor, payload, arena, &message, &inner) != WG_OK)
    return wg_fail(error, WG_DATA_LOSS, NULL, "a stored entry cannot be read: %s", inner.message);
  *entry = (Wangge__V1__LandEntry *)message;
  const int number = land_kind_find(kind);
  for (size_t i = 0; i < (*entry)->n_records; i++) {
    if ((int)(*entry)->records[i]->body_case != number || strcmp((*entry)->records[i]->id, id) != 0) continue;
    *record = (*entry)->records[i];
    return WG_OK;
  }
  return wg_fail(error, WG_DATA_LOSS, NULL, "the entry that made %s \"%s\" does not have it", kind, id);
}

wg_status land_read_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__GetLandRequest *request = (const Wangge__V1__GetLandRequest *)call->request;
  struct wg_params *params = wg_params(call->arena, 5);
  wg_param_text(params, district_of(request->village, call->arena));
  wg_param_text(params, request->village);
  wg_param_text(params, request->kind);
  wg_param_text(params, request->id);
  if (request->version) wg_param_i64(params, request->version);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, request->version ? &GET_VERSION : &GET, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__GetLandResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__get_land_response__init(response);
  *reply = &response->base;
  if (PQntuples(result) == 0) {
    PQclear(result);
    return wg_fail(error, WG_NOT_FOUND, request->version ? "version" : "id", "village %s has no such %s",
                   request->village, request->kind);
  }
  response->entry_seq = wg_get_i64(result, 0, 0);
  Wangge__V1__LandEntry *entry = NULL;
  status = request->version ? of_entry(wg_get_bytea(result, 0, 1), request->kind, request->id, call->arena, &entry,
                                       &response->record, error)
                            : land_read_record(wg_get_bytea(result, 0, 1), call->arena, &response->record, error);
  PQclear(result);
  return status;
}

// --- ListLand ---
wg_status land_check_list(const struct wg_principal *caller, const ProtobufCMessage *message, struct wg_error *error) {
  const Wangge__V1__ListLandRequest *request = (const Wangge__V1__ListLandRequest *)message;
  wg_status status = land_check_village(caller, request->village, error);
  if (status == WG_OK) status = check_kind(request->kind, error);
  if (status == WG_OK) status = wg_text_check(request->state, STATE_BYTES, WG_TEXT_ONE_LINE, "state", error);
  return status == WG_OK ? check_limit(request->limit, error) : status;
}

// Primary key: of one village in order of ids; of several, village by village.
static const struct wg_statement LIST = {
    "land_list",
    "SELECT village, id, entry_seq, body FROM record WHERE district = $1 AND village >= $2 AND village < $3 AND kind = "
    "$4 "
    "AND (village, id) > ($5, $6) AND ($7 OR NOT ended) AND ($8 = '' OR state = $8) ORDER BY village, id LIMIT $9",
    9};

// A page token is "<village>/<id>" of the last record of the page before.
static wg_status read_token(const char *token, struct wg_arena *arena, const char **village, const char **id,
                            struct wg_error *error) {
  *village = *id = "";
  if (!*token) return WG_OK;
  const char *slash = strchr(token, '/');
  if (!slash || slash - token != 12 || !wg_all_digits(wg_arena_printf(arena, "%.12s", token), 12) ||
      strlen(slash + 1) > ID_BYTES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "is none of this list");
  *village = wg_arena_printf(arena, "%.12s", token);
  *id = slash + 1;
  return WG_OK;
}

// behind gives what is above every village that begins with the prefix.
static const char *behind(const char *prefix, struct wg_arena *arena) {
  return wg_arena_printf(arena, "%s:", prefix); // ':' follows '9'
}

wg_status land_read_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ListLandRequest *request = (const Wangge__V1__ListLandRequest *)call->request;
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  const char *after_village, *after_id;
  wg_status status = read_token(request->page_token, call->arena, &after_village, &after_id, error);
  if (status != WG_OK) return status;
  struct wg_params *params = wg_params(call->arena, 9);
  wg_param_text(params, district_of(request->village, call->arena));
  wg_param_text(params, request->village);
  wg_param_text(params, behind(request->village, call->arena));
  wg_param_text(params, request->kind);
  wg_param_text(params, after_village);
  wg_param_text(params, after_id);
  wg_param_bool(params, request->ended);
  wg_param_text(params, request->state);
  wg_param_i64(params, limit + 1);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &LIST, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__ListLandResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__list_land_response__init(response);
  *reply = &response->base;
  const int rows = PQntuples(result);
  response->records = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof(Wangge__V1__GetLandResponse *));
  size_t bytes = 0;
  for (int row = 0; row < rows && status == WG_OK; row++) {
    const struct wg_bytes body = wg_get_bytea(result, row, 3);
    if (row == limit || (row > 0 && bytes + body.size > PAGE_BYTES)) {
      response->next_page_token =
          wg_arena_printf(call->arena, "%s/%s", wg_get_text(result, row - 1, 0), wg_get_text(result, row - 1, 1));
      break;
    }
    bytes += body.size;
    Wangge__V1__GetLandResponse *one = wg_arena_alloc(call->arena, sizeof *one);
    wangge__v1__get_land_response__init(one);
    one->entry_seq = wg_get_i64(result, row, 2);
    status = land_read_record(body, call->arena, &one->record, error);
    response->records[response->n_records++] = one;
  }
  PQclear(result);
  return status;
}

// --- LandHistory ---
wg_status land_check_history(const struct wg_principal *caller, const ProtobufCMessage *message,
                             struct wg_error *error) {
  const Wangge__V1__LandHistoryRequest *request = (const Wangge__V1__LandHistoryRequest *)message;
  const wg_status status = check_one(caller, request->village, request->kind, request->id, error);
  return status == WG_OK ? check_limit(request->limit, error) : status;
}

// Primary keys.
static const struct wg_statement HISTORY = {
    "land_history",
    "SELECT v.version, e.seq, e.at, e.actor, e.leaf_hash, e.payload FROM record_version v JOIN ledger_entry e "
    "ON e.district = v.district AND e.village = v.village AND e.seq = v.entry_seq WHERE v.district = $1 "
    "AND v.village = $2 AND v.kind = $3 AND v.id = $4 AND v.version < $5 ORDER BY v.version DESC LIMIT $6",
    6};

static wg_status read_version(const PGresult *result, int row, const Wangge__V1__LandHistoryRequest *request,
                              struct wg_arena *arena, Wangge__V1__EntryAppended **event, struct wg_error *error) {
  Wangge__V1__EntryAppended *one = wg_arena_alloc(arena, sizeof *one);
  wangge__v1__entry_appended__init(one);
  one->village = request->village;
  one->seq = wg_get_i64(result, row, 1);
  one->at = wg_get_time(result, row, 2);
  one->actor = wg_arena_strdup(arena, wg_get_text(result, row, 3));
  const struct wg_bytes hash = wg_get_bytea(result, row, 4);
  one->leaf_hash = (ProtobufCBinaryData){hash.size, wg_arena_alloc(arena, hash.size + 1)};
  memcpy(one->leaf_hash.data, hash.data, hash.size);
  Wangge__V1__LandRecord **record = wg_arena_alloc(arena, sizeof(Wangge__V1__LandRecord *));
  const wg_status status =
      of_entry(wg_get_bytea(result, row, 5), request->kind, request->id, arena, &one->entry, record, error);
  if (status != WG_OK) return status;
  one->entry->records = record;
  one->entry->n_records = 1;
  *event = one;
  return WG_OK;
}

wg_status land_read_history(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__LandHistoryRequest *request = (const Wangge__V1__LandHistoryRequest *)call->request;
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  int64_t below = INT64_MAX;
  if (*request->page_token && (!wg_parse_i64(request->page_token, &below) || below < 1))
    return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "is none of this list");
  struct wg_params *params = wg_params(call->arena, 6);
  wg_param_text(params, district_of(request->village, call->arena));
  wg_param_text(params, request->village);
  wg_param_text(params, request->kind);
  wg_param_text(params, request->id);
  wg_param_i64(params, below);
  wg_param_i64(params, limit + 1);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &HISTORY, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  Wangge__V1__LandHistoryResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__land_history_response__init(response);
  *reply = &response->base;
  response->entries = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof(Wangge__V1__EntryAppended *));
  size_t bytes = 0;
  for (int row = 0; row < rows && status == WG_OK; row++) {
    const size_t size = wg_get_bytea(result, row, 5).size;
    if (row == limit || (row > 0 && bytes + size > PAGE_BYTES)) {
      response->next_page_token = wg_arena_printf(call->arena, "%" PRId64, wg_get_i64(result, row - 1, 0));
      break;
    }
    bytes += size;
    status = read_version(result, row, request, call->arena, &response->entries[response->n_entries], error);
    response->n_entries += status == WG_OK;
  }
  PQclear(result);
  if (status == WG_OK && rows == 0 && !*request->page_token)
    return wg_fail(error, WG_NOT_FOUND, "id", "village %s has no such %s", request->village, request->kind);
  return status;
}

// --- RevealSealed ---
wg_status land_check_reveal(const struct wg_principal *caller, const ProtobufCMessage *message,
                            struct wg_error *error) {
  const Wangge__V1__RevealSealedRequest *request = (const Wangge__V1__RevealSealedRequest *)message;
  wg_status status = land_check_village(caller, request->village, error);
  if (status == WG_OK && request->commit.len != LAND_HASH_BYTES)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "commit", "must be 32 bytes");
  if (status == WG_OK)
    status = wg_text_check(request->reason, REASON_BYTES, WG_TEXT_REQUIRED | WG_TEXT_PLAIN, "reason", error);
  return status;
}

// Primary key.
static const struct wg_statement REVEAL = {
    "land_reveal", "SELECT value FROM sealed WHERE district = $1 AND village = $2 AND commit = $3", 3};
static const struct wg_statement NOTE_ACCESS = {"land_note_access",
                                                "INSERT INTO sealed_access (district, village, commit, viewed_by, "
                                                "reason, viewed_at) VALUES ($1, $2, $3, $4, $5, $6)",
                                                6};

wg_status land_read_reveal(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__RevealSealedRequest *request = (const Wangge__V1__RevealSealedRequest *)call->request;
  const struct wg_bytes commit = {request->commit.data, request->commit.len};
  struct wg_params *params = wg_params(call->arena, 3);
  wg_param_text(params, district_of(request->village, call->arena));
  wg_param_text(params, request->village);
  wg_param_bytea(params, commit);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &REVEAL, params, &result, error);
  if (status != WG_OK) return status;
  const char *value = PQntuples(result) ? wg_arena_strdup(call->arena, wg_get_text(result, 0, 0)) : NULL;
  PQclear(result);
  if (!value) return wg_fail(error, WG_NOT_FOUND, "commit", "there is no such value; it may have been erased");
  struct wg_params *access = wg_params(call->arena, 6);
  wg_param_text(access, district_of(request->village, call->arena));
  wg_param_text(access, request->village);
  wg_param_bytea(access, commit);
  wg_param_text(access, call->caller->name);
  wg_param_text(access, request->reason);
  wg_param_time(access, call->now);
  status = wg_db_run(call->db, &NOTE_ACCESS, access, NULL, error);
  if (status != WG_OK) return status;
  Wangge__V1__RevealSealedResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__reveal_sealed_response__init(response);
  response->value = (char *)(uintptr_t)value;
  *reply = &response->base;
  return WG_OK;
}
