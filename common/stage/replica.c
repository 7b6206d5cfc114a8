// The replica of the registry's records. See replica.h.
//
// Memory is one array sorted by kind, district and code. A batch's changes are sorted too and merged into it after the
// commit, so a change costs its own size and one pass over pointers.
#include "common/stage/replica.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_BYTES = 256 }; // the registry's own limit is less

static const struct wg_statement STATE = {
    "replica_state",
    "INSERT INTO replica_state (kinds) VALUES ($1::text[]) ON CONFLICT (one) DO UPDATE SET one = true "
    "RETURNING complete_at IS NOT NULL, $1::text[] <@ kinds, kinds <@ $1::text[]",
    1};
// Kinds are new: what the stream told of them was skipped, so it is read again. $2: the stream.
static const struct wg_statement REFILL = {"replica_refill",
                                           "WITH gone AS (DELETE FROM replica WHERE kind <> ALL ($1::text[])), "
                                           "moved AS (UPDATE position SET seq = 0, at = now() WHERE stream = $2) "
                                           "UPDATE replica_state SET kinds = $1::text[], complete_at = NULL",
                                           2};
static const struct wg_statement FORGET = {
    "replica_forget",
    "WITH gone AS (DELETE FROM replica WHERE kind <> ALL ($1::text[])) UPDATE replica_state SET kinds = $1::text[]", 1};
static const struct wg_statement LOAD = {"replica_load", "SELECT district, kind, code, version, body FROM replica", 0};
// Primary key.
static const struct wg_statement STORE = {
    "replica_store",
    "INSERT INTO replica AS r (district, kind, code, version, body) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bytea[]) "
    "ON CONFLICT (district, kind, code) DO UPDATE SET version = excluded.version, body = excluded.body "
    "WHERE r.version < excluded.version",
    5};
static const struct wg_statement COMPLETE = {
    "replica_complete", "UPDATE replica_state SET complete_at = now() WHERE complete_at IS NULL", 0};

struct entry {
  unsigned kind;
  Wangge__V1__Record *record; // deleted: without a body
};

struct change {
  unsigned kind;
  const Wangge__V1__Record *record; // of the batch
  struct wg_bytes body;             // as stored
};

struct wg_replica {
  const char *const *kinds;
  unsigned kind_count;
  struct entry *entries;
  size_t count;
  const Wangge__V1__Record **given; // those that are not deleted
  size_t given_count;
  size_t counts[WG_REPLICA_KINDS];
  uint64_t changed, generation;
  int64_t changed_at;
  bool complete, completing; // completing: by the batch under way
  struct change *changes;    // of the batch under way
  size_t change_count, change_capacity;
};

static uint64_t all_kinds(const struct wg_replica *replica) {
  return replica->kind_count == 64 ? UINT64_MAX : (UINT64_C(1) << replica->kind_count) - 1;
}

struct wg_replica *wg_replica_create(const char *const *kinds) {
  struct wg_replica *replica = wg_zalloc(sizeof *replica);
  replica->kinds = kinds;
  while (kinds[replica->kind_count])
    replica->kind_count++;
  replica->changed = all_kinds(replica);
  return replica;
}

static void free_entries(struct entry *entries, size_t count) {
  for (size_t i = 0; i < count; i++)
    wangge__v1__record__free_unpacked(entries[i].record, NULL);
  free(entries);
}

void wg_replica_destroy(struct wg_replica *replica) {
  if (!replica) return;
  free_entries(replica->entries, replica->count);
  free(replica->given);
  free(replica->changes);
  free(replica);
}

// --- keys and kinds ---
// is_kind: `kind` is the message's name in lower_snake.
static bool is_kind(const char *kind, const char *message) {
  for (const char *at = message; *at; at++) {
    if (isupper((unsigned char)*at) && at != message && *kind++ != '_') return false;
    if (*kind++ != tolower((unsigned char)*at)) return false;
  }
  return *kind == '\0';
}

static const ProtobufCMessage *body_of(const Wangge__V1__Record *record) {
  // All members of the oneof are pointers to messages, so any of them shows which one it is.
  return record->body_case == WANGGE__V1__RECORD__BODY__NOT_SET ? NULL : (const ProtobufCMessage *)record->grid;
}

static int kind_of(const struct wg_replica *replica, const Wangge__V1__Record *record) {
  const ProtobufCMessage *body = body_of(record);
  for (unsigned i = 0; body && i < replica->kind_count; i++) {
    if (is_kind(replica->kinds[i], body->descriptor->short_name)) return (int)i;
  }
  return -1;
}

static int compare_keys(unsigned kind, const Wangge__V1__Record *record, unsigned other_kind,
                        const Wangge__V1__Record *other) {
  if (kind != other_kind) return kind < other_kind ? -1 : 1;
  const int districts = strcmp(record->district, other->district);
  return districts ? districts : strcmp(record->code, other->code);
}

static int by_key(const void *left, const void *right) {
  const struct entry *a = left, *b = right;
  return compare_keys(a->kind, a->record, b->kind, b->record);
}

static int by_key_and_version(const void *left, const void *right) {
  const struct change *a = left, *b = right;
  const int keys = compare_keys(a->kind, a->record, b->kind, b->record);
  if (keys) return keys;
  return (a->record->version > b->record->version) - (a->record->version < b->record->version);
}

// --- memory ---
// give counts the entries and lists those that are not deleted.
static void give(struct wg_replica *replica) {
  free(replica->given);
  replica->given = wg_alloc(sizeof *replica->given * (replica->count + 1));
  replica->given_count = 0;
  memset(replica->counts, 0, sizeof replica->counts);
  for (size_t i = 0; i < replica->count; i++) {
    const struct entry *entry = &replica->entries[i];
    if (entry->record->changed_at > replica->changed_at) replica->changed_at = entry->record->changed_at;
    if (entry->record->deleted) continue;
    replica->given[replica->given_count++] = entry->record;
    replica->counts[entry->kind]++;
  }
}

// differences gives the kinds (bits) in which two arrays differ.
static uint64_t differences(const struct entry *old, size_t old_count, const struct entry *fresh, size_t fresh_count) {
  uint64_t changed = 0;
  size_t i = 0, j = 0;
  while (i < old_count || j < fresh_count) {
    const int order = i == old_count ? 1 : j == fresh_count ? -1 : by_key(&old[i], &fresh[j]);
    if (order < 0) changed |= UINT64_C(1) << old[i++].kind;
    else if (order > 0) changed |= UINT64_C(1) << fresh[j++].kind;
    else if (old[i++].record->version != fresh[j++].record->version) changed |= UINT64_C(1) << fresh[j - 1].kind;
  }
  return changed;
}

// --- loading ---
static wg_status load_state(struct wg_replica *replica, struct wg_db *db, struct wg_arena *arena,
                            struct wg_error *error) {
  struct wg_column *kinds = wg_column_text(arena, replica->kind_count);
  for (unsigned i = 0; i < replica->kind_count; i++)
    wg_push_text(kinds, replica->kinds[i]);
  struct wg_params *params = wg_params(arena, 1);
  wg_param_column(params, kinds);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &STATE, params, &result, error);
  if (status != WG_OK) return status;
  const bool has_all = wg_get_bool(result, 0, 1), has_no_other = wg_get_bool(result, 0, 2);
  replica->complete = wg_get_bool(result, 0, 0) && has_all;
  PQclear(result);
  if (has_all && has_no_other) return WG_OK;
  params = wg_params(arena, 2);
  wg_param_column(params, kinds);
  if (!has_all) wg_param_text(params, WG_REPLICA_STREAM);
  return wg_db_run(db, has_all ? &FORGET : &REFILL, params, NULL, error);
}

static Wangge__V1__Record *tombstone(const PGresult *result, int row) {
  Wangge__V1__Record *record = wg_alloc(sizeof *record);
  wangge__v1__record__init(record);
  record->district = wg_strdup(wg_get_text(result, row, 0));
  record->code = wg_strdup(wg_get_text(result, row, 2));
  record->version = wg_get_i64(result, row, 3);
  record->deleted = true;
  return record;
}

static int known_kind(const struct wg_replica *replica, const char *name) {
  for (unsigned i = 0; i < replica->kind_count; i++) {
    if (strcmp(replica->kinds[i], name) == 0) return (int)i;
  }
  return -1;
}

static wg_status load_row(const struct wg_replica *replica, const PGresult *result, int row, struct entry *entry,
                          struct wg_error *error) {
  const int kind = known_kind(replica, wg_get_text(result, row, 1));
  if (kind >= 0 && wg_is_null(result, row, 4)) {
    *entry = (struct entry){(unsigned)kind, tombstone(result, row)};
    return WG_OK;
  }
  const struct wg_bytes body = wg_get_bytea(result, row, 4);
  Wangge__V1__Record *record = wangge__v1__record__unpack(NULL, body.size, body.data);
  if (record && kind >= 0 && kind_of(replica, record) == kind) {
    *entry = (struct entry){(unsigned)kind, record};
    return WG_OK;
  }
  if (record) wangge__v1__record__free_unpacked(record, NULL);
  return wg_fail(error, WG_DATA_LOSS, "replica",
                 "row %s %s %s cannot be read; empty the tables replica and replica_state and set the position of "
                 "%s to 0 to have it filled again",
                 wg_get_text(result, row, 0), wg_get_text(result, row, 1), wg_get_text(result, row, 2),
                 WG_REPLICA_STREAM);
}

static wg_status load_rows(struct wg_replica *replica, struct wg_db *db, struct wg_error *error) {
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &LOAD, NULL, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  struct entry *fresh = wg_alloc(sizeof *fresh * ((size_t)rows + 1));
  size_t count = 0;
  for (int row = 0; row < rows && status == WG_OK; row++) {
    status = load_row(replica, result, row, &fresh[count], error);
    if (status == WG_OK) count++;
  }
  PQclear(result);
  if (status != WG_OK) {
    free_entries(fresh, count);
    return status;
  }
  if (count) qsort(fresh, count, sizeof *fresh, by_key);
  const uint64_t changed = differences(replica->entries, replica->count, fresh, count);
  replica->changed |= changed;
  replica->generation += changed != 0;
  free_entries(replica->entries, replica->count);
  replica->entries = fresh;
  replica->count = count;
  give(replica);
  return WG_OK;
}

wg_status wg_replica_load(struct wg_replica *replica, struct wg_db *db, struct wg_error *error) {
  wg_replica_rolled_back(replica);
  struct wg_arena *arena = wg_arena_create(4096);
  wg_status status = load_state(replica, db, arena, error);
  if (status == WG_OK) status = load_rows(replica, db, error);
  wg_arena_destroy(arena);
  return status;
}

// --- one batch ---
static wg_status check(const Wangge__V1__Record *record, struct wg_error *error) {
  if (!wg_all_digits(record->district, 6))
    return wg_fail(error, WG_INVALID_ARGUMENT, "record.district", "must be 6 digits");
  if (record->version < 1) return wg_fail(error, WG_INVALID_ARGUMENT, "record.version", "must be 1 or more");
  return wg_text_check(record->code, CODE_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "record.code", error);
}

wg_status wg_replica_take(struct wg_replica *replica, const ProtobufCMessage *payload, struct wg_error *error) {
  if (payload->descriptor != &wangge__v1__record_changed__descriptor)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "the replica has no use for a %s", payload->descriptor->name);
  const Wangge__V1__Record *record = ((const Wangge__V1__RecordChanged *)payload)->record;
  if (!record) return wg_fail(error, WG_INVALID_ARGUMENT, "record", "is missing");
  const int kind = kind_of(replica, record);
  if (kind < 0) return WG_OK; // of others, or of a newer program: this one, once upgraded, reads the stream again
  const wg_status status = check(record, error);
  if (status != WG_OK) return status;
  if (replica->change_count == replica->change_capacity) {
    replica->change_capacity = replica->change_capacity ? replica->change_capacity * 2 : 256;
    replica->changes = wg_realloc(replica->changes, sizeof *replica->changes * replica->change_capacity);
  }
  replica->changes[replica->change_count++] = (struct change){(unsigned)kind, record, {0}};
  return WG_OK;
}

static const struct entry *find(const struct wg_replica *replica, const struct change *change) {
  const struct entry key = {change->kind, (Wangge__V1__Record *)(uintptr_t)change->record};
  return replica->count ? bsearch(&key, replica->entries, replica->count, sizeof key, by_key) : NULL;
}

// keep_newest sorts the changes and leaves the newest of each record, if it is newer than what is known.
static void keep_newest(struct wg_replica *replica) {
  size_t kept = 0;
  if (replica->change_count)
    qsort(replica->changes, replica->change_count, sizeof *replica->changes, by_key_and_version);
  for (size_t i = 0; i < replica->change_count; i++) {
    const struct change *change = &replica->changes[i], *next = change + 1;
    if (i + 1 < replica->change_count && compare_keys(change->kind, change->record, next->kind, next->record) == 0)
      continue;
    const struct entry *known = find(replica, change);
    if (!known || known->record->version < change->record->version) replica->changes[kept++] = *change;
  }
  replica->change_count = kept;
}

// body_for packs what is kept of a record: who changed it and why is the registry's; of a deleted one the version.
static struct wg_bytes body_for(const Wangge__V1__Record *record, struct wg_arena *arena) {
  Wangge__V1__Record kept = *record;
  kept.changed_by = kept.reason = (char *)(uintptr_t)protobuf_c_empty_string;
  if (kept.deleted) kept.body_case = WANGGE__V1__RECORD__BODY__NOT_SET;
  return wg_pack(&kept.base, arena);
}

wg_status wg_replica_store(struct wg_replica *replica, struct wg_db *db, struct wg_arena *arena, bool complete,
                           struct wg_error *error) {
  keep_newest(replica);
  replica->completing = complete && !replica->complete;
  const size_t rows = replica->change_count;
  wg_status status = WG_OK;
  if (rows) {
    struct wg_column *district = wg_column_text(arena, rows), *kind = wg_column_text(arena, rows),
                     *code = wg_column_text(arena, rows), *version = wg_column_i64(arena, rows),
                     *body = wg_column_bytea(arena, rows);
    for (size_t i = 0; i < rows; i++) {
      struct change *change = &replica->changes[i];
      change->body = body_for(change->record, arena);
      wg_push_text(district, change->record->district);
      wg_push_text(kind, replica->kinds[change->kind]);
      wg_push_text(code, change->record->code);
      wg_push_i64(version, change->record->version);
      if (change->record->deleted) wg_push_null(body);
      else wg_push_bytea(body, change->body);
    }
    struct wg_params *params = wg_params(arena, 5);
    struct wg_column *const columns[] = {district, kind, code, version, body};
    for (size_t i = 0; i < 5; i++)
      wg_param_column(params, columns[i]);
    status = wg_db_send(db, &STORE, params, NULL, NULL, error);
  }
  if (status == WG_OK && replica->completing) status = wg_db_send(db, &COMPLETE, NULL, NULL, NULL, error);
  return status;
}

static struct entry made_of(const struct change *change) {
  Wangge__V1__Record *record = wangge__v1__record__unpack(NULL, change->body.size, change->body.data);
  if (!record) abort(); // packed a moment ago: only memory that is not there
  return (struct entry){change->kind, record};
}

void wg_replica_committed(struct wg_replica *replica) {
  if (replica->completing) replica->complete = true;
  const size_t changes = replica->change_count;
  if (changes) {
    struct entry *merged = wg_alloc(sizeof *merged * (replica->count + changes));
    size_t count = 0, old = 0;
    for (size_t i = 0; i < changes; i++) {
      const struct entry fresh = made_of(&replica->changes[i]);
      while (old < replica->count && by_key(&replica->entries[old], &fresh) < 0)
        merged[count++] = replica->entries[old++];
      if (old < replica->count && by_key(&replica->entries[old], &fresh) == 0)
        wangge__v1__record__free_unpacked(replica->entries[old++].record, NULL);
      merged[count++] = fresh;
      replica->changed |= UINT64_C(1) << fresh.kind;
    }
    while (old < replica->count)
      merged[count++] = replica->entries[old++];
    free(replica->entries);
    replica->entries = merged;
    replica->count = count;
    replica->generation++;
    give(replica);
  }
  wg_replica_rolled_back(replica);
}

void wg_replica_rolled_back(struct wg_replica *replica) {
  replica->change_count = 0;
  replica->completing = false;
}

// --- what is there ---
bool wg_replica_complete(const struct wg_replica *replica) {
  return replica->complete;
}

size_t wg_replica_count(const struct wg_replica *replica, size_t kind) {
  return replica->counts[kind];
}

int64_t wg_replica_changed_at(const struct wg_replica *replica) {
  return replica->changed_at;
}

uint64_t wg_replica_generation(const struct wg_replica *replica) {
  return replica->generation;
}

void wg_replica_seen(struct wg_replica *replica) {
  replica->changed = 0;
}

struct wg_reference_set wg_replica_set(struct wg_replica *replica) {
  return (struct wg_reference_set){replica->given, replica->given_count, replica->kinds, replica->changed};
}
