// See parts.h.
#include "services/land/parts.h"

#include "common/wire/wire.h"

#include <string.h>

#define PART_LIFE_US WG_DAY_US

// Primary key.
static const struct wg_statement LOAD = {
    "land_parts_load",
    "SELECT body FROM staged_part WHERE district = $1 AND village = $2 AND import_id = $3 ORDER BY part", 3};
static const struct wg_statement DROP = {"land_parts_drop",
                                         "DELETE FROM staged_part WHERE district = $1 AND village = $2", 2};
static const struct wg_statement KEEP = {
    "land_parts_keep",
    "INSERT INTO staged_part (district, village, part, import_id, at, body) VALUES ($1, $2, $3::bigint, $4, $5, $6) "
    "ON CONFLICT (district, village, part) DO UPDATE SET import_id = excluded.import_id, at = excluded.at, "
    "body = excluded.body",
    6};
// Few rows.
static const struct wg_statement FORGET = {"land_parts_forget", "DELETE FROM staged_part WHERE at < $1", 1};

static wg_status on_parts(void *context, const PGresult *result, struct wg_error *error) {
  struct land_staged *staged = context;
  const int rows = PQntuples(result);
  staged->part = wg_arena_alloc(staged->arena, ((size_t)rows + 1) * sizeof *staged->part);
  for (int row = 0; row < rows; row++) {
    ProtobufCMessage *message = NULL;
    const wg_status status = wg_unpack(&wangge__v1__import_parcels_request__descriptor, wg_get_bytea(result, row, 0),
                                       staged->arena, &message, error);
    if (status != WG_OK) return status;
    staged->part[staged->count++] = (const Wangge__V1__ImportParcelsRequest *)message;
  }
  return WG_OK;
}

static void add_village(struct wg_params *params, const char *village, struct wg_arena *arena) {
  wg_param_text(params, wg_arena_printf(arena, "%.6s", village));
  wg_param_text(params, village);
}

wg_status land_parts_load(struct wg_batch *batch, const Wangge__V1__ImportParcelsRequest *request,
                          struct land_staged **result, struct wg_error *error) {
  struct land_staged *staged = wg_arena_zalloc(batch->arena, sizeof *staged);
  *result = staged;
  staged->arena = batch->arena;
  staged->last = request;
  struct wg_params *params = wg_params(batch->arena, 3);
  add_village(params, request->write->village, batch->arena);
  wg_param_text(params, request->import_id);
  return wg_db_send(batch->db, &LOAD, params, on_parts, staged, error);
}

static wg_status drop(struct wg_batch *batch, const char *village, struct wg_error *error) {
  struct wg_params *params = wg_params(batch->arena, 2);
  add_village(params, village, batch->arena);
  return wg_db_send(batch->db, &DROP, params, NULL, NULL, error);
}

static wg_status keep(struct wg_batch *batch, const Wangge__V1__ImportParcelsRequest *request, struct wg_error *error) {
  struct wg_params *params = wg_params(batch->arena, 6);
  add_village(params, request->write->village, batch->arena);
  wg_param_i64(params, request->part);
  wg_param_text(params, request->import_id);
  wg_param_time(params, batch->now);
  wg_param_bytea(params, wg_pack(&request->base, batch->arena));
  return wg_db_send(batch->db, &KEEP, params, NULL, NULL, error);
}

wg_status land_parts_store(struct wg_batch *batch, const struct land_part *parts, bool tick, struct wg_error *error) {
  wg_status status = WG_OK;
  for (; parts && status == WG_OK; parts = parts->next) {
    if (parts->taken || parts->request->part == 1) status = drop(batch, parts->request->write->village, error);
    if (status == WG_OK && !parts->taken) status = keep(batch, parts->request, error);
  }
  if (status != WG_OK || !tick) return status;
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_time(params, batch->now - PART_LIFE_US);
  return wg_db_send(batch->db, &FORGET, params, NULL, NULL, error);
}
