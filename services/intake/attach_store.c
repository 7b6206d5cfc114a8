// See attach_store.h.
#include "services/intake/attach_store.h"

#include <string.h>

static struct wg_params *key_params(struct wg_arena *arena, const struct intake_upload *upload) {
  struct wg_params *params = wg_params(arena, 8);
  wg_param_text(params, upload->district);
  wg_param_text(params, upload->sha256);
  wg_param_text(params, upload->by);
  return params;
}

static struct wg_params *id_params(struct wg_arena *arena, const char *district, int64_t id) {
  struct wg_params *params = wg_params(arena, 8);
  wg_param_text(params, district);
  wg_param_i64(params, id);
  return params;
}

// --- uploads ---

// Index upload_under_way; unique key of upload.
static const struct wg_statement BEGIN_UPLOAD = {
    "intake_upload_begin",
    "INSERT INTO upload (district, sha256, put_by, media_type, size_bytes, received, touched_at) "
    "SELECT $1, $2, $3, $4, $5, 0, $6 WHERE (SELECT count(*) FROM (SELECT FROM upload u WHERE u.district = $1 "
    "AND u.put_by = $3 AND u.received < u.size_bytes LIMIT $7) x) < $7 ON CONFLICT (district, sha256, put_by) DO "
    "NOTHING",
    7};
static const struct wg_statement LOCK_UPLOAD = {
    "intake_upload_lock",
    "SELECT u.upload_id, u.media_type, u.size_bytes, u.received, EXISTS (SELECT FROM blob b WHERE b.district = "
    "u.district "
    "AND b.sha256 = u.sha256) FROM upload u WHERE u.district = $1 AND u.sha256 = $2 AND u.put_by = $3 FOR UPDATE OF u",
    3};
static const struct wg_statement TOUCH_UPLOAD = {
    "intake_upload_touch", "UPDATE upload SET touched_at = $3 WHERE district = $1 AND upload_id = $2", 3};

wg_status intake_upload_open(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *wanted, int64_t now,
                             struct intake_upload *upload, struct wg_error *error) {
  struct wg_params *params = key_params(arena, wanted);
  wg_param_text(params, wanted->media_type);
  wg_param_i64(params, wanted->size_bytes);
  wg_param_time(params, now);
  wg_param_i64(params, INTAKE_UPLOADS);
  wg_status status = wg_db_run(db, &BEGIN_UPLOAD, params, NULL, error);
  PGresult *result = NULL;
  if (status == WG_OK) status = wg_db_run(db, &LOCK_UPLOAD, key_params(arena, wanted), &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 0) {
    PQclear(result);
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "%d uploads of %s are under way: finish them first",
                   INTAKE_UPLOADS, wanted->by);
  }
  *upload = *wanted;
  upload->id = wg_get_i64(result, 0, 0);
  upload->media_type = wg_arena_strdup(arena, wg_get_text(result, 0, 1));
  upload->size_bytes = wg_get_i64(result, 0, 2);
  upload->received = wg_get_i64(result, 0, 3);
  upload->complete = upload->received == upload->size_bytes && wg_get_bool(result, 0, 4);
  PQclear(result);
  params = id_params(arena, upload->district, upload->id);
  wg_param_time(params, now);
  return wg_db_run(db, &TOUCH_UPLOAD, params, NULL, error);
}

static const struct wg_statement DROP_PIECES = {"intake_pieces_drop",
                                                "DELETE FROM piece WHERE district = $1 AND upload_id = $2", 2};
static const struct wg_statement RESTART_UPLOAD = {
    "intake_upload_restart",
    "UPDATE upload SET media_type = $3, size_bytes = $4, received = 0 WHERE district = $1 AND upload_id = $2", 4};

wg_status intake_upload_restart(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload,
                                struct wg_error *error) {
  wg_status status = wg_db_run(db, &DROP_PIECES, id_params(arena, upload->district, upload->id), NULL, error);
  struct wg_params *params = id_params(arena, upload->district, upload->id);
  wg_param_text(params, upload->media_type);
  wg_param_i64(params, upload->size_bytes);
  return status == WG_OK ? wg_db_run(db, &RESTART_UPLOAD, params, NULL, error) : status;
}

static const struct wg_statement ADD_PIECE = {
    "intake_piece_add", "INSERT INTO piece (district, upload_id, at_byte, data) VALUES ($1, $2, $3, $4)", 4};
static const struct wg_statement MOVE_UPLOAD = {
    "intake_upload_move", "UPDATE upload SET received = $3, touched_at = $4 WHERE district = $1 AND upload_id = $2", 4};

wg_status intake_upload_add(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload,
                            int64_t offset, struct wg_bytes data, int64_t now, struct wg_error *error) {
  struct wg_params *piece = id_params(arena, upload->district, upload->id);
  wg_param_i64(piece, offset);
  wg_param_bytea(piece, data);
  wg_status status = wg_db_run(db, &ADD_PIECE, piece, NULL, error);
  struct wg_params *moved = id_params(arena, upload->district, upload->id);
  wg_param_i64(moved, offset + (int64_t)data.size);
  wg_param_time(moved, now);
  return status == WG_OK ? wg_db_run(db, &MOVE_UPLOAD, moved, NULL, error) : status;
}

// Primary key of piece. One piece a statement bounds what the driver holds.
static const struct wg_statement NEXT_PIECE = {
    "intake_piece_next", "SELECT data FROM piece WHERE district = $1 AND upload_id = $2 AND at_byte = $3", 3};

wg_status intake_upload_read(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload, uint8_t *to,
                             struct wg_error *error) {
  for (int64_t at = 0; at < upload->size_bytes;) {
    struct wg_params *params = id_params(arena, upload->district, upload->id);
    wg_param_i64(params, at);
    PGresult *result = NULL;
    wg_status status = wg_db_run(db, &NEXT_PIECE, params, &result, error);
    if (status != WG_OK) return status;
    const struct wg_bytes data = PQntuples(result) == 1 ? wg_get_bytea(result, 0, 0) : (struct wg_bytes){0};
    const bool fits = data.size > 0 && data.size <= (size_t)(upload->size_bytes - at);
    if (fits) memcpy(to + at, data.data, data.size);
    at += (int64_t)data.size;
    PQclear(result);
    if (!fits) return wg_fail(error, WG_DATA_LOSS, NULL, "pieces of an upload are missing: begin again at 0");
  }
  return WG_OK;
}

// --- blobs ---

static const struct wg_statement ADD_BLOB = {
    "intake_blob_add",
    "INSERT INTO blob (district, sha256, upload_id, media_type, size_bytes) SELECT district, sha256, upload_id, "
    "media_type, "
    "size_bytes FROM upload WHERE district = $1 AND upload_id = $2 ON CONFLICT (district, sha256) DO NOTHING "
    "RETURNING upload_id",
    2};

wg_status intake_blob_add(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload,
                          struct wg_error *error) {
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &ADD_BLOB, id_params(arena, upload->district, upload->id), &result, error);
  if (status != WG_OK) return status;
  const bool first = PQntuples(result) == 1;
  PQclear(result);
  return first ? WG_OK : wg_db_run(db, &DROP_PIECES, id_params(arena, upload->district, upload->id), NULL, error);
}

// Primary keys of orders and evidence.
static const struct wg_statement FIND_ORDER = {
    "intake_evidence_order",
    "SELECT (SELECT count(*) FROM evidence e WHERE e.district = $1 AND e.order_id = $2 AND e.put_by = $4) FROM orders "
    "o "
    "WHERE o.district = $1 AND o.order_id = $2 AND ($3::text IS NULL OR o.source = $3)",
    4};
static const struct wg_statement ADD_EVIDENCE = {"intake_evidence_add",
                                                 "INSERT INTO evidence (district, order_id, sha256, put_by, put_at) "
                                                 "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                                                 5};

wg_status intake_evidence_add(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload,
                              int64_t order_id, const char *source, int64_t now, struct wg_error *error) {
  struct wg_params *params = id_params(arena, upload->district, order_id);
  wg_param_text(params, source);
  wg_param_text(params, upload->by);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &FIND_ORDER, params, &result, error);
  if (status != WG_OK) return status;
  const int64_t brought = PQntuples(result) == 1 ? wg_get_i64(result, 0, 0) : -1;
  PQclear(result);
  if (brought < 0) return wg_fail(error, WG_NOT_FOUND, "order_id", "no such order that this caller may know of");
  if (brought >= INTAKE_EVIDENCE)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "order_id", "%d attachments were brought for it", INTAKE_EVIDENCE);
  if (!upload->complete) return WG_OK;
  params = id_params(arena, upload->district, order_id);
  wg_param_text(params, upload->sha256);
  wg_param_text(params, upload->by);
  wg_param_time(params, now);
  return wg_db_run(db, &ADD_EVIDENCE, params, NULL, error);
}

// Primary keys of orders, blob, attachment and evidence; unique key of upload.
static const struct wg_statement FIND_BLOB = {
    "intake_blob_find",
    "SELECT o.district, o.source, o.confidential, o.kind, b.upload_id, b.media_type, b.size_bytes, "
    "EXISTS (SELECT FROM attachment a WHERE a.district = o.district AND a.order_id = o.order_id AND a.sha256 = $3), "
    "EXISTS (SELECT FROM evidence e WHERE e.district = o.district AND e.order_id = o.order_id AND e.sha256 = $3), "
    "EXISTS (SELECT FROM evidence e WHERE e.district = o.district AND e.order_id = o.order_id AND e.sha256 = $3 "
    "AND e.put_by = $4), "
    "EXISTS (SELECT FROM upload u WHERE u.district = o.district AND u.sha256 = $3 AND u.put_by = $4 "
    "AND u.received = u.size_bytes) "
    "FROM unnest($1::text[]) AS d(district) JOIN orders o ON o.district = d.district AND o.order_id = $2 "
    "JOIN blob b ON b.district = o.district AND b.sha256 = $3",
    4};

wg_status intake_blob_find(struct wg_db *db, struct wg_arena *arena, const char *const *districts, size_t count,
                           int64_t order_id, const char *sha256, const char *caller, struct intake_found_blob *found,
                           struct wg_error *error) {
  *found = (struct intake_found_blob){0};
  struct wg_column *column = wg_column_text(arena, count);
  for (size_t i = 0; i < count; i++)
    wg_push_text(column, districts[i]);
  struct wg_params *params = wg_params(arena, 4);
  wg_param_column(params, column);
  wg_param_i64(params, order_id);
  wg_param_text(params, sha256);
  wg_param_text(params, caller);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &FIND_BLOB, params, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 1) {
    *found = (struct intake_found_blob){
        .district = wg_arena_strdup(arena, wg_get_text(result, 0, 0)),
        .source = wg_arena_strdup(arena, wg_get_text(result, 0, 1)),
        .confidential = wg_get_bool(result, 0, 2),
        .kind = wg_get_i16(result, 0, 3),
        .upload_id = wg_get_i64(result, 0, 4),
        .media_type = wg_arena_strdup(arena, wg_get_text(result, 0, 5)),
        .size_bytes = wg_get_i64(result, 0, 6),
        .named = wg_get_bool(result, 0, 7),
        .brought = wg_get_bool(result, 0, 8),
        .by_caller = wg_get_bool(result, 0, 9),
        .own = wg_get_bool(result, 0, 10),
    };
  }
  PQclear(result);
  return WG_OK;
}

// Primary keys of blob, attachment and evidence, for each district and hash.
static const struct wg_statement LACKING = {
    "intake_blobs_lacking",
    "SELECT w.n FROM (SELECT unnest($3::text[]) AS sha256, generate_series(0, cardinality($3::text[]) - 1) AS n) w "
    "WHERE NOT EXISTS (SELECT FROM unnest($1::text[]) AS d(district) JOIN blob b ON b.district = d.district "
    "AND b.sha256 = w.sha256 WHERE EXISTS (SELECT FROM evidence e WHERE e.district = b.district AND e.order_id = $2 "
    "AND e.sha256 = b.sha256) OR EXISTS (SELECT FROM attachment a WHERE a.district = b.district AND a.order_id = $2 "
    "AND a.sha256 = b.sha256)) ORDER BY w.n",
    3};

wg_status intake_blobs_lacking(struct wg_db *db, struct wg_arena *arena, const char *const *districts, size_t count,
                               int64_t order_id, char *const *hashes, size_t hash_count, char **lacking,
                               size_t *lacking_count, struct wg_error *error) {
  struct wg_column *columns[] = {wg_column_text(arena, count), wg_column_text(arena, hash_count)};
  for (size_t i = 0; i < count; i++)
    wg_push_text(columns[0], districts[i]);
  for (size_t i = 0; i < hash_count; i++)
    wg_push_text(columns[1], hashes[i]);
  struct wg_params *params = wg_params(arena, 3);
  wg_param_column(params, columns[0]);
  wg_param_i64(params, order_id);
  wg_param_column(params, columns[1]);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &LACKING, params, &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result); row++)
    lacking[(*lacking_count)++] = hashes[wg_get_i32(result, row, 0)];
  PQclear(result);
  return WG_OK;
}

// Primary key of piece backwards.
static const struct wg_statement PIECE_AT = {"intake_piece_at",
                                             "SELECT at_byte, data FROM piece WHERE district = $1 AND upload_id = $2 "
                                             "AND at_byte <= $3 ORDER BY at_byte DESC LIMIT 1",
                                             3};

wg_status intake_blob_piece(struct wg_db *db, struct wg_arena *arena, const struct intake_found_blob *found,
                            int64_t offset, struct wg_bytes *data, struct wg_error *error) {
  struct wg_params *params = id_params(arena, found->district, found->upload_id);
  wg_param_i64(params, offset);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &PIECE_AT, params, &result, error);
  if (status != WG_OK) return status;
  const struct wg_bytes piece = PQntuples(result) == 1 ? wg_get_bytea(result, 0, 1) : (struct wg_bytes){0};
  const size_t skip = piece.size ? (size_t)(offset - wg_get_i64(result, 0, 0)) : 0;
  if (skip >= piece.size) {
    PQclear(result);
    return wg_fail(error, WG_DATA_LOSS, NULL, "bytes of the attachment are missing");
  }
  uint8_t *copy = wg_arena_alloc(arena, piece.size - skip);
  memcpy(copy, (const uint8_t *)piece.data + skip, piece.size - skip);
  *data = (struct wg_bytes){copy, piece.size - skip};
  PQclear(result);
  return WG_OK;
}

// --- what nobody needs ---

// Indexes upload_touched, attachment_of_blob, evidence_of_blob, kept_of_blob. Bytes stay as long as one uploader is
// within the grace period, whoever brought them first.
static const struct wg_statement FORGET = {
    "intake_uploads_forget",
    "DELETE FROM upload d USING (SELECT u.district, u.upload_id FROM upload u WHERE u.touched_at < $1 "
    "AND NOT EXISTS (SELECT FROM attachment a WHERE a.district = u.district AND a.sha256 = u.sha256 "
    "AND u.received = u.size_bytes) "
    "AND NOT EXISTS (SELECT FROM evidence e WHERE e.district = u.district AND e.sha256 = u.sha256 "
    "AND u.received = u.size_bytes) "
    "AND NOT EXISTS (SELECT FROM kept k WHERE k.district = u.district AND k.sha256 = u.sha256 "
    "AND u.received = u.size_bytes) "
    "AND NOT EXISTS (SELECT FROM upload n WHERE n.district = u.district AND n.sha256 = u.sha256 AND n.touched_at >= "
    "$1) "
    "ORDER BY u.touched_at LIMIT 1000) o "
    "WHERE d.district = o.district AND d.upload_id = o.upload_id AND d.touched_at < $1",
    1};

wg_status intake_store_forget_uploads(struct wg_db *db, struct wg_arena *arena, int64_t before,
                                      struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 1);
  wg_param_time(params, before);
  return wg_db_send(db, &FORGET, params, NULL, NULL, error);
}
