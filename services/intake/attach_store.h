// SQL of the attachment store. All but the last run in reader threads, in the transaction of the call.
#pragma once

#include "common/db/db.h"

// An upload as it stands. Texts live in the arena.
struct intake_upload {
  const char *district, *sha256, *by, *media_type;
  int64_t size_bytes, received, id;
  bool complete;
};

// intake_upload_open finds or begins the upload of wanted->district, sha256 and by, and locks it; what is stored of it
// comes into *upload. RESOURCE_EXHAUSTED: this principal has INTAKE_UPLOADS under way.
#define INTAKE_UPLOADS 100
wg_status intake_upload_open(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *wanted, int64_t now,
                             struct intake_upload *upload, struct wg_error *error);
// intake_upload_restart forgets the pieces and takes size and type from `upload`.
wg_status intake_upload_restart(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload,
                                struct wg_error *error);
wg_status intake_upload_add(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload,
                            int64_t offset, struct wg_bytes data, int64_t now, struct wg_error *error);
// intake_upload_read copies all pieces to `to`, which has room for size_bytes; DATA_LOSS when some are missing.
wg_status intake_upload_read(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload, uint8_t *to,
                             struct wg_error *error);
// intake_blob_add makes the checked upload the blob of its hash, or drops its pieces when there is one.
wg_status intake_blob_add(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload,
                          struct wg_error *error);
// intake_evidence_add: the order has it; NOT_FOUND: no such order of the district (and of `source` unless that is
// NULL). RESOURCE_EXHAUSTED: this principal has brought INTAKE_EVIDENCE for it.
#define INTAKE_EVIDENCE 100
wg_status intake_evidence_add(struct wg_db *db, struct wg_arena *arena, const struct intake_upload *upload,
                              int64_t order_id, const char *source, int64_t now, struct wg_error *error);

// Bytes as an order has them.
struct intake_found_blob {
  const char *district, *source, *media_type;
  bool confidential;
  int kind;
  bool named;     // the order names them
  bool brought;   // somebody brought them for this order
  bool by_caller; // the caller brought them for this order
  bool own;       // the caller brought them at all
  int64_t upload_id, size_bytes;
};
// intake_blob_find leaves found->district NULL when the order, in these districts, has no such bytes.
wg_status intake_blob_find(struct wg_db *db, struct wg_arena *arena, const char *const *districts, size_t count,
                           int64_t order_id, const char *sha256, const char *caller, struct intake_found_blob *found,
                           struct wg_error *error);
// intake_blobs_lacking gives those of the hashes, in their order, that the order does not have: no bytes, or neither
// named nor brought. `lacking` has room for all.
wg_status intake_blobs_lacking(struct wg_db *db, struct wg_arena *arena, const char *const *districts, size_t count,
                               int64_t order_id, char *const *hashes, size_t hash_count, char **lacking,
                               size_t *lacking_count, struct wg_error *error);
// intake_blob_piece gives the bytes from `offset` to the end of their piece.
wg_status intake_blob_piece(struct wg_db *db, struct wg_arena *arena, const struct intake_found_blob *found,
                            int64_t offset, struct wg_bytes *data, struct wg_error *error);

// intake_store_forget_uploads (writing connection) deletes what nobody has spoken of since `before` and neither an
// order nor a record has: at most a thousand.
wg_status intake_store_forget_uploads(struct wg_db *db, struct wg_arena *arena, int64_t before, struct wg_error *error);
