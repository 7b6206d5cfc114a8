// What the files of this room share and nobody else sees.
#pragma once

#include "common/base/map.h"
#include "common/db/db.h"

#include <assert.h>
#include <string.h>

// Object ids of PostgreSQL's built-in types (src/include/catalog/pg_type.dat); they never change.
enum wg_oid {
  WG_OID_BOOL = 16,
  WG_OID_BYTEA = 17,
  WG_OID_CHAR = 18,
  WG_OID_NAME = 19,
  WG_OID_I64 = 20,
  WG_OID_I16 = 21,
  WG_OID_I32 = 23,
  WG_OID_TEXT = 25,
  WG_OID_JSON = 114,
  WG_OID_F64 = 701,
  WG_OID_UNKNOWN = 705,
  WG_OID_BPCHAR = 1042,
  WG_OID_VARCHAR = 1043,
  WG_OID_TIME = 1184,
  WG_OID_JSONB = 3802,
  WG_OID_BOOL_ARRAY = 1000,
  WG_OID_BYTEA_ARRAY = 1001,
  WG_OID_I16_ARRAY = 1005,
  WG_OID_I32_ARRAY = 1007,
  WG_OID_TEXT_ARRAY = 1009,
  WG_OID_I64_ARRAY = 1016,
  WG_OID_F64_ARRAY = 1022,
  WG_OID_TIME_ARRAY = 1185,
  WG_OID_FIRST_USER = 16384, // types made by CREATE TYPE start here
};

// PostgreSQL counts microseconds from 2000-01-01, we from 1970-01-01.
#define WG_POSTGRES_EPOCH_US INT64_C(946684800000000)

// --- numbers in network byte order ---
static inline void wg_put_u16(void *at, uint16_t value) {
  value = __builtin_bswap16(value);
  memcpy(at, &value, sizeof value);
}
static inline void wg_put_u32(void *at, uint32_t value) {
  value = __builtin_bswap32(value);
  memcpy(at, &value, sizeof value);
}
static inline void wg_put_u64(void *at, uint64_t value) {
  value = __builtin_bswap64(value);
  memcpy(at, &value, sizeof value);
}
static inline uint16_t wg_take_u16(const void *at) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return __builtin_bswap16(value);
}
static inline uint32_t wg_take_u32(const void *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}
static inline uint64_t wg_take_u64(const void *at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return __builtin_bswap64(value);
}
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the byte swaps above are for little-endian machines");

struct wg_params {
  struct wg_arena *arena;
  int capacity;
  int count;
  Oid *types;
  const char **values;
  int *lengths;
  int *formats; // all 1: binary
};

// A statement this connection has met. QUEUED: its Prepare is in the running batch and not answered yet.
struct wg_prepared {
  enum { WG_PREPARED_NOT, WG_PREPARED_QUEUED, WG_PREPARED_READY } state;
  char *sql; // a copy
  int parameters;
  Oid types[];
};

// One answer that the pipeline owes us.
struct wg_entry {
  enum wg_entry_kind { WG_ENTRY_PREPARE, WG_ENTRY_STATEMENT, WG_ENTRY_SYNC, WG_ENTRY_ROLLBACK } kind;
  const struct wg_statement *statement;
  struct wg_prepared *prepared;
  wg_db_on_result on_result;
  void *context;
};

struct wg_pipeline {
  bool on;
  bool wants_write;   // something may not have reached the kernel yet
  bool sync_queued;   // the batch has its Sync; nothing may follow it
  bool given_up;      // WG_ROLLBACK was asked for after a failure; the pump sends it anyway
  size_t sent;        // statements of the batch, as wg_db_sent says
  bool commit_queued; // only a flush request and the Sync may follow COMMIT
  bool hold;          // COMMIT (and what follows it) waits for callbacks
  bool hold_flush;
  bool hold_sync;
  struct wg_entry held; // the COMMIT that waits
  size_t callbacks;     // statements outstanding that have a callback
  struct wg_entry *entries;
  size_t head, count, capacity; // outstanding: entries[head .. count)
  struct wg_error failure;      // first failure of the batch; code 0: none
};

struct wg_db {
  PGconn *connection;
  bool lost;
  struct wg_map *prepared; // by statement name: struct wg_prepared
  struct wg_pipeline pipeline;
};

// wg_db_fail_lost marks the connection as lost and says why. UNAVAILABLE.
wg_status wg_db_fail_lost(struct wg_db *db, const char *doing, struct wg_error *error);
// wg_db_check turns a result into a status. `sql` is what was executed: a COMMIT that the server answered with ROLLBACK
// is a failure. Marks the connection as lost where the server says so.
wg_status wg_db_check(struct wg_db *db, const PGresult *result, const char *name, const char *sql,
                      struct wg_error *error);
// wg_db_meet finds or makes the entry of a statement and checks that it is used as it was declared (INTERNAL if not:
// two statements of one name, another number or other types of parameters).
wg_status wg_db_meet(struct wg_db *db, const struct wg_statement *statement, const struct wg_params *params,
                     struct wg_prepared **prepared, struct wg_error *error);
// wg_sqlstate_status maps a SQLSTATE; NULL or "" counts as a lost connection. *lost: the session is of no use any more.
wg_status wg_sqlstate_status(const char *sqlstate, bool *lost);
// wg_db_name_valid: 1 to 63 of [a-z0-9_], not starting with a digit; safe to put between double quotes.
bool wg_db_name_valid(const char *name);
void wg_pipeline_free(struct wg_pipeline *pipeline);
// wg_db_lock_key is the key of an advisory lock: FNV-1a of the name.
int32_t wg_db_lock_key(const char *name);
#define WG_DB_LOCK_CLASS 0x5747 // "WG"
