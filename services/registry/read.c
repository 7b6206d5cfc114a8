// Kinds, Get, List and History, in reader threads. All SQL of these is here.
//
// Personal data are masked in every answer but that of a Get by a registrar who gives a reason: it is recorded in the
// transaction that reads.
#include "services/registry/registry.h"

#include "common/base/mask.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
  PAGE_DEFAULT = 50,
  PAGE_BYTES = 2 << 20,  // a page ends early when it is this large, so that the answer fits a message
  ROWS_AT_ONCE = 500,    // of one query
  ROWS_LOOKED_AT = 50000 // of one List with a filter: the page ends, the next goes on
};

wg_status registry_read_record(struct wg_bytes body, struct wg_arena *arena, Wangge__V1__Record **record,
                               struct wg_error *error) {
  struct wg_error inner = {0};
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__record__descriptor, body, arena, &message, &inner) != WG_OK)
    return wg_fail(error, WG_DATA_LOSS, NULL, "a stored record cannot be read: %s", inner.message);
  *record = (Wangge__V1__Record *)message;
  return WG_OK;
}

// --- masking ---
static bool has_personal(const struct wg_kind *kind) {
  for (size_t i = 0; i < kind->column_count; i++) {
    if (kind->columns[i].personal) return true;
  }
  return false;
}

// mask hides what is personal in a record that was just unpacked: a name keeps its first character, a phone its ends,
// values of a list are left out.
static void mask(Wangge__V1__Record *record, struct wg_arena *arena) {
  const struct wg_kind *kind = wg_kind_of(record);
  uint8_t *body = (uint8_t *)wg_record_body(record);
  for (size_t i = 0; kind && i < kind->column_count; i++) {
    const struct wg_column *column = &kind->columns[i];
    if (!column->personal) continue;
    if (column->repeated) {
      memset(body + column->descriptor->quantifier_offset, 0, sizeof(size_t));
      continue;
    }
    char *text = NULL;
    memcpy(&text, body + column->descriptor->offset, sizeof text);
    text = strcmp(column->field, "phone") == 0 ? wg_mask_phone(text, arena) : wg_mask_name(text, arena);
    memcpy(body + column->descriptor->offset, &text, sizeof text);
  }
}

// --- Kinds ---
wg_status registry_kinds(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  (void)error;
  *reply = &wg_kinds_message(call->arena)->base;
  return WG_OK;
}

// --- Get ---
// Primary keys.
static const struct wg_statement GET = {"registry_get",
                                        "SELECT body FROM record WHERE district = $1 AND kind = $2 AND code = $3", 3};
static const struct wg_statement GET_VERSION = {
    "registry_get_version",
    "SELECT body FROM record_version WHERE district = $1 AND kind = $2 AND code = $3 AND version = $4", 4};
static const struct wg_statement NOTE_ACCESS = {
    "registry_note_access",
    "INSERT INTO personal_access (district, kind, code, version, viewed_by, reason, viewed_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)",
    7};

static wg_status note_access(struct wg_read_call *call, const Wangge__V1__GetRecordRequest *request, int64_t version,
                             struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 7);
  wg_param_text(params, request->district);
  wg_param_text(params, request->kind);
  wg_param_text(params, request->code);
  wg_param_i64(params, version);
  wg_param_text(params, call->caller->name);
  wg_param_text(params, request->reason);
  wg_param_time(params, call->now);
  return wg_db_run(call->db, &NOTE_ACCESS, params, NULL, error);
}

wg_status registry_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__GetRecordRequest *request = (const Wangge__V1__GetRecordRequest *)call->request;
  struct wg_params *params = wg_params(call->arena, 4);
  wg_param_text(params, request->district);
  wg_param_text(params, request->kind);
  wg_param_text(params, request->code);
  if (request->version) wg_param_i64(params, request->version);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, request->version ? &GET_VERSION : &GET, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__Record *record = NULL;
  if (PQntuples(result) == 1) status = registry_read_record(wg_get_bytea(result, 0, 0), call->arena, &record, error);
  PQclear(result);
  if (status != WG_OK) return status;
  if (!record && request->version)
    return wg_fail(error, WG_NOT_FOUND, "version", "there is no version %" PRId64 " of it", request->version);
  if (!record) return wg_fail(error, WG_NOT_FOUND, "code", "there is no %s of this code", request->kind);
  if (!*request->reason) mask(record, call->arena);
  else if (has_personal(wg_kind_of(record))) status = note_access(call, request, record->version, error);
  Wangge__V1__GetRecordResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__get_record_response__init(response);
  response->record = record;
  *reply = &response->base;
  return status;
}

// --- page tokens: where the page ended, and a check that it is of the same list ---
enum { CHECK_BYTES = 8 };

static void token_check(const char *const *parts, char hex[2 * CHECK_BYTES + 1]) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (; *parts; parts++)
    crypto_hash_sha256_update(&state, (const unsigned char *)*parts, strlen(*parts) + 1);
  uint8_t hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state, hash);
  sodium_bin2hex(hex, 2 * CHECK_BYTES + 1, hash, CHECK_BYTES);
}

char *registry_make_token(const char *const *parts, const char *after, struct wg_arena *arena) {
  char check[2 * CHECK_BYTES + 1];
  token_check(parts, check);
  return wg_arena_printf(arena, "%s.%s", check, after);
}

// read_token gives what stands behind the check; "" for the first page.
wg_status registry_read_token(const char *const *parts, const char *token, const char **after, struct wg_error *error) {
  char check[2 * CHECK_BYTES + 1];
  *after = "";
  if (!*token) return WG_OK;
  token_check(parts, check);
  if (strncmp(token, check, 2 * CHECK_BYTES) == 0 && token[2 * CHECK_BYTES] == '.') {
    *after = token + 2 * CHECK_BYTES + 1;
    return WG_OK;
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token",
                 "is not of this list: give next_page_token of the page before with the same request");
}

// --- List ---
// Primary key, from $3 (a code that was shown already, or the prefix) on.
static const struct wg_statement LIST = {
    "registry_list",
    "SELECT code, body FROM record WHERE district = $1 AND kind = $2 AND code > $3 AND code >= $4 "
    "AND (NOT deleted OR $5) ORDER BY code LIMIT $6",
    6};

struct listing {
  struct wg_read_call *call;
  const Wangge__V1__ListRecordsRequest *request;
  const struct wg_column *column; // NULL: no filter
  struct wg_buffer cell;
  const char *after;
  size_t limit, looked_at, bytes;
  bool more;
  Wangge__V1__ListRecordsResponse *response;
};

static bool fits(struct listing *listing, const Wangge__V1__Record *record) {
  if (!listing->column) return true;
  const char *wanted = listing->request->value;
  if (listing->column->repeated && *wanted) {
    char *const *values = NULL;
    const size_t count = wg_record_texts(record, listing->column, &values);
    for (size_t i = 0; i < count; i++) {
      if (strcmp(values[i], wanted) == 0) return true;
    }
  }
  wg_buffer_clear(&listing->cell);
  wg_record_cell(record, listing->column, false, &listing->cell);
  return strcmp(wg_buffer_cstr(&listing->cell), wanted) == 0;
}

static bool full(const struct listing *listing) {
  return listing->response->n_records >= listing->limit || listing->bytes >= PAGE_BYTES ||
         listing->looked_at >= ROWS_LOOKED_AT;
}

// take_rows goes through one query's rows; false: the page is full, or the prefix ends here.
static wg_status take_rows(struct listing *listing, const PGresult *result, bool *go_on, struct wg_error *error) {
  const char *prefix = listing->request->code_prefix;
  const int rows = PQntuples(result);
  *go_on = rows == ROWS_AT_ONCE;
  for (int row = 0; row < rows; row++) {
    if (strncmp(wg_get_text(result, row, 0), prefix, strlen(prefix)) != 0) {
      *go_on = false;
      return WG_OK;
    }
    if (full(listing)) {
      *go_on = false;
      listing->more = true;
      return WG_OK;
    }
    Wangge__V1__Record *record = NULL;
    const struct wg_bytes body = wg_get_bytea(result, row, 1);
    const wg_status status = registry_read_record(body, listing->call->arena, &record, error);
    if (status != WG_OK) return status;
    listing->after = record->code;
    listing->looked_at++;
    if (!fits(listing, record)) continue;
    mask(record, listing->call->arena);
    listing->bytes += body.size;
    listing->response->records[listing->response->n_records++] = record;
  }
  return WG_OK;
}

static wg_status fill_page(struct listing *listing, struct wg_error *error) {
  wg_status status = WG_OK;
  for (bool go_on = true; go_on && status == WG_OK;) {
    struct wg_params *params = wg_params(listing->call->arena, 6);
    wg_param_text(params, listing->request->district);
    wg_param_text(params, listing->request->kind);
    wg_param_text(params, listing->after);
    wg_param_text(params, listing->request->code_prefix);
    wg_param_bool(params, listing->request->deleted);
    wg_param_i64(params, ROWS_AT_ONCE);
    PGresult *result = NULL;
    status = wg_db_run(listing->call->db, &LIST, params, &result, error);
    if (status == WG_OK) status = take_rows(listing, result, &go_on, error);
    PQclear(result);
  }
  return status;
}

wg_status registry_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ListRecordsRequest *request = (const Wangge__V1__ListRecordsRequest *)call->request;
  const char *const parts[] = {"Registry/List", call->caller->name,           request->district,
                               request->kind,   request->code_prefix,         request->field,
                               request->value,  request->deleted ? "1" : "0", NULL};
  struct listing listing = {.call = call, .request = request, .limit = (size_t)request->limit};
  wg_status status = registry_read_token(parts, request->page_token, &listing.after, error);
  if (status != WG_OK) return status;
  if (!listing.limit) listing.limit = PAGE_DEFAULT;
  if (*request->field) listing.column = wg_kind_column(wg_kind_find(request->kind), request->field);
  listing.response = wg_arena_alloc(call->arena, sizeof *listing.response);
  wangge__v1__list_records_response__init(listing.response);
  listing.response->records = wg_arena_alloc(call->arena, (listing.limit + 1) * sizeof(void *));
  status = fill_page(&listing, error);
  wg_buffer_free(&listing.cell);
  if (listing.more) listing.response->next_page_token = registry_make_token(parts, listing.after, call->arena);
  *reply = &listing.response->base;
  return status;
}

// --- History ---
// Primary key of record_version, backwards.
static const struct wg_statement HISTORY = {
    "registry_history",
    "SELECT body FROM record_version WHERE district = $1 AND kind = $2 AND code = $3 AND version < $4 "
    "ORDER BY version DESC LIMIT $5",
    5};

static wg_status versions_before(const char *const *parts, const char *token, int64_t *before, struct wg_error *error) {
  const char *after = "";
  *before = INT64_MAX;
  const wg_status status = registry_read_token(parts, token, &after, error);
  if (status != WG_OK || !*after) return status;
  if (wg_parse_i64(after, before)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

wg_status registry_history(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__HistoryRequest *request = (const Wangge__V1__HistoryRequest *)call->request;
  const char *const parts[] = {"Registry/History", call->caller->name, request->district,
                               request->kind,      request->code,      NULL};
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  int64_t before = 0;
  wg_status status = versions_before(parts, request->page_token, &before, error);
  if (status != WG_OK) return status;
  struct wg_params *params = wg_params(call->arena, 5);
  wg_param_text(params, request->district);
  wg_param_text(params, request->kind);
  wg_param_text(params, request->code);
  wg_param_i64(params, before);
  wg_param_i64(params, limit);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &HISTORY, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__HistoryResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__history_response__init(response);
  const int rows = PQntuples(result);
  response->records = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->records);
  size_t bytes = 0;
  for (int row = 0; row < rows && status == WG_OK && bytes < PAGE_BYTES; row++) {
    Wangge__V1__Record **record = &response->records[response->n_records];
    const struct wg_bytes body = wg_get_bytea(result, row, 0);
    status = registry_read_record(body, call->arena, record, error);
    if (status != WG_OK) break;
    mask(*record, call->arena);
    bytes += body.size;
    response->n_records++;
  }
  PQclear(result);
  if (status == WG_OK && (rows == limit || (int)response->n_records < rows)) {
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, response->records[response->n_records - 1]->version);
    response->next_page_token = registry_make_token(parts, number, call->arena);
  }
  *reply = &response->base;
  return status;
}
