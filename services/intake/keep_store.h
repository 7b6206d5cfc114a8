// SQL of bytes that are kept for records of other services. In reader threads, in the transaction of the call.
#pragma once

#include "common/db/db.h"

#include "wangge/v1/intake.pb-c.h"

// What the store has of a file that a record names. Texts live in the arena.
struct intake_keepable {
  const char *media_type; // NULL: there are no such bytes
  int64_t size_bytes;
  bool brought; // by the principal that makes the record
  bool kept;    // for this record
};
// intake_keep_lock looks for each of the files and locks the uploads that hold their bytes, in one order: forgetting
// waits for the end of the transaction. `found` has room for all.
wg_status intake_keep_lock(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__KeepAttachmentsRequest *request,
                           struct intake_keepable *found, struct wg_error *error);
// intake_keep_add keeps them, behind intake_keep_lock: from the commit on nothing forgets them.
wg_status intake_keep_add(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__KeepAttachmentsRequest *request,
                          int64_t now, struct wg_error *error);

// Bytes as a record has them.
struct intake_kept {
  const char *media_type; // NULL: they are not kept for this record
  int64_t upload_id, size_bytes;
  uint64_t ticket;
};
wg_status intake_keep_find(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__KeptRecord *record,
                           const char *sha256, struct intake_kept *found, struct wg_error *error);
