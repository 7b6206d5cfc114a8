// Imports: parts of one Put that wait for the last. Pure; the database keeps them (store.h), so a part that was
// answered is safe, and what never gets its last part is forgotten after an hour.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"

#include <stdbool.h>

enum {
  REGISTRY_IMPORT_RECORDS = 200000,
  REGISTRY_IMPORT_BYTES = 64 << 20, // of all parts, packed
  REGISTRY_IMPORTS_OPEN = 8,        // of one caller at a time
  REGISTRY_HASH_BYTES = 32,
};
#define REGISTRY_IMPORT_LIFE_US (INT64_C(3600) * 1000000)

struct registry_part {
  int32_t number;
  int64_t records;
  size_t bytes;
  uint8_t hash[REGISTRY_HASH_BYTES];
  const Wangge__V1__PutRequest *request; // NULL: not loaded
  struct wg_bytes body;                  // packed, of a part that is to be stored; no data: it is stored
};

// One import of one caller, as the database has it and as this batch changes it.
struct registry_import {
  struct registry_import *next;
  const char *district, *caller, *id;
  bool wanted_whole; // this batch has its last part: load the bodies
  bool stored;       // the database knows it
  bool begun_anew;   // what the database has of it goes first
  bool touched;      // something of it is to be stored
  int64_t open;      // imports of the caller that have not ended
  struct registry_part *parts;
  size_t count, capacity;
  // Ended: the answer given, and the last part it was given to, so that a repeat is answered alike.
  struct wg_bytes answer; // packed PutResponse; no data: has not ended
  uint8_t last_hash[REGISTRY_HASH_BYTES];
  bool ended_now;
};

// registry_import_part adds a part. INVALID_ARGUMENT or FAILED_PRECONDITION: the import has ended, or the part is
// beyond the limits (RESOURCE_EXHAUSTED). *answer: the import has ended and this is its last part again.
wg_status registry_import_part(struct registry_import *import, const Wangge__V1__PutRequest *request,
                               struct wg_arena *arena, struct wg_bytes *answer, struct wg_error *error);
// registry_import_whole joins the parts 1 to `last`. FAILED_PRECONDITION names a part that is missing.
wg_status registry_import_whole(struct registry_import *import, int32_t last, struct wg_arena *arena,
                                Wangge__V1__PutRequest **whole, struct wg_error *error);
// registry_import_end forgets the parts and keeps the answer.
void registry_import_end(struct registry_import *import, const Wangge__V1__PutResponse *response, int32_t last,
                         struct wg_arena *arena);
