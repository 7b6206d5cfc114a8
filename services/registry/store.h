// All SQL of the registry's writer.
#pragma once

#include "common/stage/stage.h"
#include "services/registry/check.h"
#include "services/registry/import.h"

#define REGISTRY_STREAM "registry.changes"

// registry_store_book reads all records into an empty book; blocking, at each start as the writer.
wg_status registry_store_book(struct wg_db *db, struct wg_book *book, struct wg_error *error);

// --- imports ---
wg_status registry_store_load_import(struct wg_batch *batch, struct registry_import *import, struct wg_error *error);
wg_status registry_store_import(struct wg_batch *batch, const struct registry_import *import, struct wg_error *error);
wg_status registry_store_forget_imports(struct wg_batch *batch, struct wg_error *error);

// --- records ---
// registry_store_changes writes the versions of changes, and of each record the newest: `after` tells which that is.
wg_status registry_store_changes(struct wg_batch *batch, const struct registry_change *const *changes, size_t count,
                                 const struct wg_book *after, struct wg_error *error);

// --- carrying forward ---
// Records whose newest event lies in the oldest partition that only waits for them (log_carry_next), some at a time.
struct registry_carried {
  Wangge__V1__Record *record;
  uint64_t seq; // given when it is appended again
};
struct registry_carry {
  struct wg_arena *arena;
  struct registry_carried *records;
  size_t count;
  uint64_t upto; // newest number of that partition; 0: none waits
  bool last;     // nothing of the partition is needed after these
};
wg_status registry_store_load_carry(struct wg_batch *batch, struct registry_carry *carry, struct wg_error *error);
wg_status registry_store_carry(struct wg_batch *batch, const struct registry_carry *carry, struct wg_error *error);
