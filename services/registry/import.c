// See import.h.
#include "services/registry/import.h"

#include "common/wire/wire.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static struct registry_part *find_part(const struct registry_import *import, int32_t number) {
  for (size_t i = 0; i < import->count; i++) {
    if (import->parts[i].number == number) return &import->parts[i];
  }
  return NULL;
}

static struct registry_part *add_part(struct registry_import *import, int32_t number, struct wg_arena *arena) {
  if (import->count == import->capacity) {
    const size_t capacity = import->capacity ? import->capacity * 2 : 16;
    struct registry_part *parts = wg_arena_alloc(arena, capacity * sizeof *parts);
    if (import->count) memcpy(parts, import->parts, import->count * sizeof *parts);
    import->parts = parts;
    import->capacity = capacity;
  }
  struct registry_part *part = &import->parts[import->count++];
  *part = (struct registry_part){.number = number};
  return part;
}

static void begin_anew(struct registry_import *import) {
  import->begun_anew = import->stored;
  import->count = 0;
  import->answer = (struct wg_bytes){0};
  import->ended_now = false;
}

// check_limits looks at the import as it would be with this part.
static wg_status check_limits(const struct registry_import *import, const struct registry_part *fresh,
                              struct wg_error *error) {
  int64_t records = fresh->records;
  size_t bytes = fresh->bytes;
  for (size_t i = 0; i < import->count; i++) {
    if (import->parts[i].number == fresh->number) continue;
    records += import->parts[i].records;
    bytes += import->parts[i].bytes;
  }
  if (records > REGISTRY_IMPORT_RECORDS || bytes > REGISTRY_IMPORT_BYTES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "part",
                   "an import has at most %d records and %d MiB; import the file in several", REGISTRY_IMPORT_RECORDS,
                   REGISTRY_IMPORT_BYTES >> 20);
  if (!import->stored && !import->count && import->open >= REGISTRY_IMPORTS_OPEN)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "import_id",
                   "you have %d imports that did not end; end one, or wait until they are forgotten after an hour",
                   REGISTRY_IMPORTS_OPEN);
  return WG_OK;
}

wg_status registry_import_part(struct registry_import *import, const Wangge__V1__PutRequest *request,
                               struct wg_arena *arena, struct wg_bytes *answer, struct wg_error *error) {
  struct registry_part fresh = {
      .number = request->part,
      .records = (int64_t)request->n_records,
      .request = request,
      .body = wg_pack(&request->base, arena),
  };
  fresh.bytes = fresh.body.size;
  crypto_hash_sha256(fresh.hash, fresh.body.data, fresh.body.size);
  if (import->answer.data) {
    if (request->last_part && memcmp(fresh.hash, import->last_hash, sizeof fresh.hash) == 0) {
      *answer = import->answer;
      return WG_OK;
    }
    if (request->part != 1)
      return wg_fail(error, WG_FAILED_PRECONDITION, "import_id", "this import has ended; begin another with part 1");
    begin_anew(import);
  }
  struct registry_part *known = find_part(import, request->part);
  if (known && memcmp(known->hash, fresh.hash, sizeof fresh.hash) == 0) { // the same again
    import->touched = true;
    return WG_OK;
  }
  if (known && request->part == 1) { // other content: another try
    begin_anew(import);
    known = NULL;
  }
  const wg_status status = check_limits(import, &fresh, error);
  if (status != WG_OK) return status;
  if (!known) known = add_part(import, request->part, arena);
  *known = fresh;
  import->touched = true;
  return WG_OK;
}

static int compare_parts(const void *a, const void *b) {
  const int32_t left = ((const struct registry_part *)a)->number, right = ((const struct registry_part *)b)->number;
  return (left > right) - (left < right);
}

static wg_status check_parts(const struct registry_import *import, int32_t last, struct wg_error *error) {
  for (int32_t number = 1; number <= last; number++) {
    if ((size_t)number <= import->count && import->parts[number - 1].number == number) continue;
    return wg_fail(error, WG_FAILED_PRECONDITION, "part",
                   "part %d of this import is missing; send it, then the last part again", number);
  }
  if (import->count > (size_t)last)
    return wg_fail(error, WG_FAILED_PRECONDITION, "part", "part %d came already, so %d cannot be the last",
                   import->parts[import->count - 1].number, last);
  return WG_OK;
}

wg_status registry_import_whole(struct registry_import *import, int32_t last, struct wg_arena *arena,
                                Wangge__V1__PutRequest **whole, struct wg_error *error) {
  qsort(import->parts, import->count, sizeof *import->parts, compare_parts);
  const wg_status status = check_parts(import, last, error);
  if (status != WG_OK) return status;
  size_t records = 0, at = 0;
  bool expecting = false;
  for (size_t i = 0; i < import->count; i++) {
    const Wangge__V1__PutRequest *part = import->parts[i].request;
    assert(part && "the parts are loaded when the last one comes");
    records += part->n_records;
    expecting |= part->n_expected_versions > 0;
  }
  Wangge__V1__PutRequest *joined = wg_arena_alloc(arena, sizeof *joined);
  *joined = *import->parts[import->count - 1].request; // reason and dry_run are the last part's
  joined->records = wg_arena_alloc(arena, records * sizeof *joined->records);
  joined->expected_versions = wg_arena_alloc(arena, records * sizeof *joined->expected_versions);
  for (size_t i = 0; i < import->count; i++) {
    const Wangge__V1__PutRequest *part = import->parts[i].request;
    for (size_t k = 0; k < part->n_records; k++, at++) {
      joined->records[at] = part->records[k];
      joined->expected_versions[at] = part->n_expected_versions ? part->expected_versions[k] : -1;
    }
  }
  joined->n_records = records;
  joined->n_expected_versions = expecting ? records : 0;
  *whole = joined;
  return WG_OK;
}

void registry_import_end(struct registry_import *import, const Wangge__V1__PutResponse *response, int32_t last,
                         struct wg_arena *arena) {
  const struct registry_part *part = find_part(import, last);
  assert(part && "the last part is one of them");
  memcpy(import->last_hash, part->hash, sizeof import->last_hash);
  import->answer = wg_pack(&response->base, arena);
  if (!import->answer.data) import->answer.data = (const uint8_t *)"";
  import->count = 0;
  import->ended_now = import->touched = true;
}
