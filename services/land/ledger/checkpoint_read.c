// Checkpoints on demand, and those that were kept.
#include "common/base/text.h"
#include "services/land/land.h"
#include "services/land/ledger/topic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_DEFAULT = 50 };
#define NEVER_US (INT64_C(253402300799) * WG_SECOND_US) // end of the year 9999

static Wangge__V1__LedgerCheckpoint *checkpoint_message(const PGresult *result, int row, struct wg_arena *arena) {
  Wangge__V1__LedgerCheckpoint *checkpoint = wg_arena_alloc(arena, sizeof *checkpoint);
  wangge__v1__ledger_checkpoint__init(checkpoint);
  checkpoint->origin = wg_arena_strdup(arena, wg_get_text(result, row, 0));
  checkpoint->size = wg_get_i64(result, row, 1);
  checkpoint->root = land_bytes(wg_get_bytea(result, row, 2), arena);
  checkpoint->made_at = wg_get_time(result, row, 3);
  checkpoint->note = wg_arena_strdup(arena, wg_get_text(result, row, 4));
  return checkpoint;
}

// Primary key. One that is there stays, and is given.
static const struct wg_statement KEEP = {
    "land_keep_checkpoint",
    "INSERT INTO checkpoint (district, origin, size, village, root, made_at, note) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (district, origin, size) DO NOTHING",
    7};
static const struct wg_statement KEPT = {
    "land_kept_checkpoint",
    "SELECT origin, size, root, made_at, note FROM checkpoint WHERE district = $1 AND origin = $2 AND size = $3", 3};

wg_status land_read_make_checkpoint(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__MakeCheckpointRequest *request = (const void *)call->request;
  const struct land *land = call->service;
  const char *district = wg_arena_printf(call->arena, "%.*s", LAND_DISTRICT_DIGITS, request->village);
  struct land_head head;
  wg_status status = land_read_village_head(call, request->village, &head, error);
  if (status != WG_OK) return status;
  const struct land_checkpoint now = land_checkpoint_of(&head);
  struct wg_params *keep = wg_params(call->arena, 7), *kept = wg_params(call->arena, 3);
  wg_param_text(keep, district);
  wg_param_text(keep, now.origin);
  wg_param_i64(keep, (int64_t)now.size);
  wg_param_text(keep, request->village);
  wg_param_bytea(keep, (struct wg_bytes){now.root, LAND_HASH_BYTES});
  wg_param_time(keep, call->now);
  wg_param_text(keep, land_note(&now, &land->signer, call->arena));
  status = wg_db_run(call->db, &KEEP, keep, NULL, error);
  if (status != WG_OK) return status;
  wg_param_text(kept, district);
  wg_param_text(kept, now.origin);
  wg_param_i64(kept, (int64_t)now.size);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &KEPT, kept, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__LedgerCheckpoint *checkpoint = checkpoint_message(result, 0, call->arena);
  const bool same = memcmp(checkpoint->root.data, now.root, LAND_HASH_BYTES) == 0;
  PQclear(result);
  if (!same)
    return wg_fail(error, WG_DATA_LOSS, "village",
                   "a checkpoint of the same %" PRIu64 " entries has another root: the ledger was rewritten", now.size);
  *reply = &checkpoint->base;
  return WG_OK;
}

// Index checkpoint_village: of a village, or (village is null) of its district as a whole; newest first.
static const struct wg_statement LIST = {
    "land_list_checkpoints",
    "SELECT origin, size, root, made_at, note FROM checkpoint WHERE district = $1 AND village IS NOT DISTINCT FROM $2 "
    "AND (made_at, origin, size) < ($3, $4, $5) ORDER BY made_at DESC, origin DESC, size DESC LIMIT $6",
    6};

struct place { // of the last one of the page before
  int64_t made_at, size;
  const char *origin;
};

// A page token is "<made_at>.<size>/<origin>".
static wg_status read_token(const char *token, struct place *place, struct wg_arena *arena, struct wg_error *error) {
  *place = (struct place){NEVER_US, INT64_MAX, ""};
  if (!*token) return WG_OK;
  const char *end = strchr(token, '/');
  int64_t numbers[2];
  if (!end || !wg_parse_numbers(wg_arena_printf(arena, "%.*s", (int)(end - token), token), numbers, 2) ||
      strlen(end + 1) > LAND_ORIGIN_BYTES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "is none of this list");
  *place = (struct place){numbers[0], numbers[1], end + 1};
  return WG_OK;
}

wg_status land_read_checkpoints(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ListCheckpointsRequest *request = (const void *)call->request;
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  const bool whole = strlen(request->village) == LAND_DISTRICT_DIGITS;
  struct place after;
  wg_status status = read_token(request->page_token, &after, call->arena, error);
  if (status != WG_OK) return status;
  struct wg_params *params = wg_params(call->arena, 6);
  wg_param_text(params, wg_arena_printf(call->arena, "%.*s", LAND_DISTRICT_DIGITS, request->village));
  wg_param_text(params, whole ? NULL : request->village);
  wg_param_time(params, after.made_at);
  wg_param_text(params, after.origin);
  wg_param_i64(params, after.size);
  wg_param_i64(params, limit + 1);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &LIST, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  Wangge__V1__ListCheckpointsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__list_checkpoints_response__init(response);
  response->checkpoints = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->checkpoints);
  for (int row = 0; row < rows && row < limit; row++)
    response->checkpoints[response->n_checkpoints++] = checkpoint_message(result, row, call->arena);
  if (rows > limit) {
    const Wangge__V1__LedgerCheckpoint *last = response->checkpoints[limit - 1];
    response->next_page_token =
        wg_arena_printf(call->arena, "%" PRId64 ".%" PRId64 "/%s", last->made_at, last->size, last->origin);
  }
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}
