// Connecting and session settings. Every session of the program is set up the same way, here.

#include "common/base/log.h"
#include "common/db/internal.h"

#include <stdio.h>
#include <stdlib.h>

// Warnings of the server go to the log as JSON like everything else; libpq would print them to stderr.
static void on_notice(void *context, const PGresult *result) {
  (void)context;
  const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (!sqlstate || !primary) return;
  if (strncmp(sqlstate, "22", 2) == 0) primary = ""; // may quote a value
  wg_log(WG_LOG_WARN, "database notice", wg_field_text("sqlstate", sqlstate), wg_field_text("notice", primary));
}

bool wg_db_name_valid(const char *name) {
  size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
  return length >= 1 && length <= 63 && name[length] == 0 && !(name[0] >= '0' && name[0] <= '9');
}

static PGconn *open_connection(const struct wg_db_options *options) {
  // What stands before "dbname" (which libpq expands to the whole DSN) is a default that the DSN may override; what
  // stands behind it is not.
  const char *keywords[] = {"connect_timeout",  "target_session_attrs",
                            "keepalives_idle",  "keepalives_interval",
                            "keepalives_count", "tcp_user_timeout",
                            "dbname",           "application_name",
                            "client_encoding",  NULL};
  const char *values[] = {"3",    "read-write", "10", "5", "3", "15000", options->dsn, options->application_name,
                          "UTF8", NULL};
  return PQconnectdbParams(keywords, values, 1);
}

// lock_timeout is longer than any honest transaction of ours and shorter than an operator's patience. The time limit on
// idle transactions frees the locks of a writer that was stopped or cut off. JIT only costs with statements like ours.
static wg_status set_up(struct wg_db *db, const struct wg_db_options *options, struct wg_error *error) {
  char path[96], timeout[24];
  if (options->schema) snprintf(path, sizeof path, "\"%s\", pg_temp", options->schema);
  snprintf(timeout, sizeof timeout, "%d", options->statement_timeout_ms);
  const char *values[] = {options->schema ? path : NULL, timeout, options->read_only ? "on" : "off"};
  PGresult *result =
      PQexecParams(db->connection,
                   "SELECT set_config('search_path', coalesce($1, current_setting('search_path')), false),"
                   " set_config('statement_timeout', $2, false),"
                   " set_config('default_transaction_read_only', $3, false),"
                   " set_config('synchronous_commit', 'on', false),"
                   " set_config('lock_timeout', '5s', false),"
                   " set_config('idle_in_transaction_session_timeout', '60s', false),"
                   " set_config('client_connection_check_interval', '5s', false),"
                   " set_config('client_min_messages', 'warning', false),"
                   " set_config('timezone', 'UTC', false),"
                   " set_config('jit', 'off', false)",
                   3, NULL, values, NULL, NULL, 0);
  wg_status status = wg_db_check(db, result, "session settings", "SELECT", error);
  PQclear(result);
  return status;
}

wg_status wg_db_connect(const struct wg_db_options *options, struct wg_db **out, struct wg_error *error) {
  *out = NULL;
  if (options->schema && !wg_db_name_valid(options->schema))
    return wg_fail(error, WG_INVALID_ARGUMENT, "schema", "schema name must be 1 to 63 of [a-z0-9_]");

  struct wg_db *db = wg_zalloc(sizeof *db);
  db->prepared = wg_map_create();
  db->connection = open_connection(options);
  wg_status status;
  if (PQstatus(db->connection) != CONNECTION_OK) status = wg_db_fail_lost(db, "connect", error);
  else {
    PQsetNoticeReceiver(db->connection, on_notice, NULL);
    status = set_up(db, options, error);
  }
  if (status) {
    wg_db_close(db);
    return error->code = WG_UNAVAILABLE;
  }
  *out = db;
  return WG_OK;
}

void wg_db_close(struct wg_db *db) {
  if (!db) return;
  size_t position = 0;
  const char *name;
  void *value;
  while (wg_map_next(db->prepared, &position, &name, &value)) {
    struct wg_prepared *prepared = value;
    free(prepared->sql);
    free(prepared);
  }
  wg_map_destroy(db->prepared);
  wg_pipeline_free(&db->pipeline);
  PQfinish(db->connection);
  free(db);
}

bool wg_db_lost(const struct wg_db *db) {
  return db->lost || PQstatus(db->connection) != CONNECTION_OK;
}

PGconn *wg_db_raw(struct wg_db *db) {
  return db->connection;
}

int wg_db_socket(const struct wg_db *db) {
  return PQsocket(db->connection);
}

int32_t wg_db_lock_key(const char *name) {
  uint32_t hash = 2166136261u;
  for (; *name; name++)
    hash = (hash ^ (uint8_t)*name) * 16777619u;
  int32_t key;
  memcpy(&key, &hash, sizeof key);
  return key;
}

wg_status wg_db_try_lock(struct wg_db *db, const char *name, bool *taken, struct wg_error *error) {
  static const struct wg_statement try_lock = {"wg_try_lock", "SELECT pg_try_advisory_lock($1, $2)", 2};
  *taken = false;
  struct wg_arena *arena = wg_arena_create(512);
  struct wg_params *params = wg_params(arena, 2);
  wg_param_i32(params, WG_DB_LOCK_CLASS);
  wg_param_i32(params, wg_db_lock_key(name));
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &try_lock, params, &result, error);
  if (!status) *taken = wg_get_bool(result, 0, 0);
  PQclear(result);
  wg_arena_destroy(arena);
  return status;
}
