// See keep_store.h.
#include "services/intake/keep_store.h"

#include <string.h>

// Primary keys of blob and upload; unique key of upload; primary key of kept. FOR UPDATE behind the sort takes the
// locks in one order, whatever records are made at once.
static const struct wg_statement LOCK = {
    "intake_keep_lock",
    "SELECT w.n, b.media_type, b.size_bytes, EXISTS (SELECT FROM upload o WHERE o.district = b.district "
    "AND o.sha256 = b.sha256 AND o.put_by = $5 AND o.received = o.size_bytes), EXISTS (SELECT FROM kept k "
    "WHERE k.district = b.district AND k.kind = $2 AND k.record = $3 AND k.sha256 = b.sha256) "
    "FROM (SELECT unnest($4::text[]) AS sha256, generate_series(0, cardinality($4::text[]) - 1) AS n) w "
    "JOIN blob b ON b.district = $1 AND b.sha256 = w.sha256 "
    "JOIN upload u ON u.district = b.district AND u.upload_id = b.upload_id ORDER BY u.upload_id FOR UPDATE OF u",
    5};

static struct wg_column *hashes_of(const Wangge__V1__KeepAttachmentsRequest *request, struct wg_arena *arena) {
  struct wg_column *hashes = wg_column_text(arena, request->n_files);
  for (size_t i = 0; i < request->n_files; i++)
    wg_push_text(hashes, request->files[i]->sha256);
  return hashes;
}

static struct wg_params *record_params(struct wg_arena *arena, const Wangge__V1__KeptRecord *record) {
  struct wg_params *params = wg_params(arena, 8);
  wg_param_text(params, record->district);
  wg_param_i32(params, (int32_t)record->kind);
  wg_param_text(params, record->id);
  return params;
}

wg_status intake_keep_lock(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__KeepAttachmentsRequest *request,
                           struct intake_keepable *found, struct wg_error *error) {
  memset(found, 0, request->n_files * sizeof *found);
  struct wg_params *params = record_params(arena, request->record);
  wg_param_column(params, hashes_of(request, arena));
  wg_param_text(params, request->by);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &LOCK, params, &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result); row++)
    found[wg_get_i32(result, row, 0)] =
        (struct intake_keepable){.media_type = wg_arena_strdup(arena, wg_get_text(result, row, 1)),
                                 .size_bytes = wg_get_i64(result, row, 2),
                                 .brought = wg_get_bool(result, row, 3),
                                 .kept = wg_get_bool(result, row, 4)};
  PQclear(result);
  return WG_OK;
}

// Primary keys of blob and upload. Forgetting looks at this time again when it has got the lock, whereas rows of `kept`
// that were committed meanwhile it does not see: so the time must be beyond any grace period.
static const struct wg_statement TOUCH = {
    "intake_keep_touch",
    "UPDATE upload u SET touched_at = 'infinity' FROM (SELECT unnest($2::text[]) AS sha256) w JOIN blob b ON "
    "b.district "
    "= $1 AND b.sha256 = w.sha256 WHERE u.district = b.district AND u.upload_id = b.upload_id AND u.touched_at < "
    "'infinity'",
    2};

static wg_status touch(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__KeepAttachmentsRequest *request,
                       struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 2);
  wg_param_text(params, request->record->district);
  wg_param_column(params, hashes_of(request, arena));
  return wg_db_run(db, &TOUCH, params, NULL, error);
}

// Primary key. A hash that is named twice is one row.
static const struct wg_statement ADD = {
    "intake_keep_add",
    "INSERT INTO kept (district, kind, record, sha256, ticket, kept_by, kept_at) SELECT DISTINCT ON (f.sha256) $1, $2, "
    "$3, f.sha256, f.ticket, $6, $7 FROM (SELECT unnest($4::text[]) AS sha256, unnest($5::bigint[]) AS ticket) f "
    "ORDER BY f.sha256 ON CONFLICT (district, kind, record, sha256) DO UPDATE SET ticket = excluded.ticket "
    "WHERE kept.ticket <> excluded.ticket",
    7};

wg_status intake_keep_add(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__KeepAttachmentsRequest *request,
                          int64_t now, struct wg_error *error) {
  const wg_status status = touch(db, arena, request, error);
  if (status != WG_OK) return status;
  struct wg_column *tickets = wg_column_i64(arena, request->n_files);
  for (size_t i = 0; i < request->n_files; i++)
    wg_push_i64(tickets, (int64_t)request->files[i]->ticket);
  struct wg_params *params = record_params(arena, request->record);
  wg_param_column(params, hashes_of(request, arena));
  wg_param_column(params, tickets);
  wg_param_text(params, request->by);
  wg_param_time(params, now);
  return wg_db_run(db, &ADD, params, NULL, error);
}

// Primary keys of kept and blob.
static const struct wg_statement FIND = {
    "intake_keep_find",
    "SELECT b.media_type, b.size_bytes, b.upload_id, k.ticket FROM kept k JOIN blob b ON b.district = k.district "
    "AND b.sha256 = k.sha256 WHERE k.district = $1 AND k.kind = $2 AND k.record = $3 AND k.sha256 = $4",
    4};

wg_status intake_keep_find(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__KeptRecord *record,
                           const char *sha256, struct intake_kept *found, struct wg_error *error) {
  *found = (struct intake_kept){0};
  struct wg_params *params = record_params(arena, record);
  wg_param_text(params, sha256);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &FIND, params, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 1)
    *found = (struct intake_kept){.media_type = wg_arena_strdup(arena, wg_get_text(result, 0, 0)),
                                  .size_bytes = wg_get_i64(result, 0, 1),
                                  .upload_id = wg_get_i64(result, 0, 2),
                                  .ticket = (uint64_t)wg_get_i64(result, 0, 3)};
  PQclear(result);
  return WG_OK;
}
