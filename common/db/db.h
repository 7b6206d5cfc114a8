// PostgreSQL over libpq: connections, statements, binary parameters and columns.
//
// Two ways to use a connection:
//   blocking   reader threads, migrations, tools: wg_db_run sends one statement and waits.
//   pipeline   the stage loop: statements are queued without waiting, results come to callbacks from wg_db_pump.
//
// A statement is a constant with a name; it is prepared on a connection the first time it is used there. All
// parameters and results are binary. Session settings on connect: search_path = the service's schema,
// synchronous_commit=on, statement_timeout, lock_timeout, idle_in_transaction_session_timeout, application_name,
// timezone=UTC, client_encoding=UTF8. Several hosts in the DSN work (target_session_attrs=read-write is added).
//
// Thread rule: one connection belongs to one thread at a time.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include <libpq-fe.h>

struct wg_db;

struct wg_db_options {
  const char *dsn;    // libpq connection string, no password in it (peer or passfile)
  const char *schema; // search_path
  const char *application_name;
  int statement_timeout_ms; // 0: none
  bool read_only;           // default_transaction_read_only
};

struct wg_statement {
  const char *name; // unique in the program, also the prepared name
  const char *sql;
  int parameters;
};

// --- parameters: binary, built in an arena ---
// Text and bytes are not copied: they must live until the statement has been sent. The types of a statement's first
// execution are those it is prepared with, and every later one must use the same (INTERNAL otherwise); cast in the SQL
// where a column has another type ($1::jsonb). `capacity` must suffice (asserted).
struct wg_params;
struct wg_params *wg_params(struct wg_arena *arena, int capacity);
void wg_param_null(struct wg_params *params, Oid type);
void wg_param_bool(struct wg_params *params, bool value);
void wg_param_i32(struct wg_params *params, int32_t value);
void wg_param_i64(struct wg_params *params, int64_t value);
void wg_param_f64(struct wg_params *params, double value);
void wg_param_text(struct wg_params *params, const char *value); // NULL: null
void wg_param_bytea(struct wg_params *params, struct wg_bytes value);
void wg_param_time(struct wg_params *params, int64_t at_us); // timestamptz from UTC microseconds

// --- columns: one array parameter for unnest, one value per row ---
// Push everything before wg_param_column; the type of a push must be the column's (asserted). INSERTs of every order
// unnest in their select list: FROM unnest(a, b, …) puts each column into a tuplestore of its own.
struct wg_column;
struct wg_column *wg_column_i16(struct wg_arena *arena, size_t rows);
struct wg_column *wg_column_i32(struct wg_arena *arena, size_t rows); // `rows` is a hint of how many will come
struct wg_column *wg_column_i64(struct wg_arena *arena, size_t rows);
struct wg_column *wg_column_f64(struct wg_arena *arena, size_t rows);
struct wg_column *wg_column_bool(struct wg_arena *arena, size_t rows);
struct wg_column *wg_column_text(struct wg_arena *arena, size_t rows);
struct wg_column *wg_column_bytea(struct wg_arena *arena, size_t rows);
struct wg_column *wg_column_time(struct wg_arena *arena, size_t rows);
void wg_push_null(struct wg_column *column);
void wg_push_i16(struct wg_column *column, int16_t value);
void wg_push_i32(struct wg_column *column, int32_t value);
void wg_push_i64(struct wg_column *column, int64_t value);
void wg_push_f64(struct wg_column *column, double value);
void wg_push_bool(struct wg_column *column, bool value);
void wg_push_text(struct wg_column *column, const char *value); // NULL pushes null
void wg_push_bytea(struct wg_column *column, struct wg_bytes value);
void wg_push_time(struct wg_column *column, int64_t at_us); // 0 pushes null, INT64_MAX infinity
size_t wg_column_rows(const struct wg_column *column);
void wg_param_column(struct wg_params *params, const struct wg_column *column);

// --- results: binary getters; the column must have the fitting type (asserted) ---
bool wg_is_null(const PGresult *result, int row, int column);
bool wg_get_bool(const PGresult *result, int row, int column);
int16_t wg_get_i16(const PGresult *result, int row, int column);
int32_t wg_get_i32(const PGresult *result, int row, int column);
int64_t wg_get_i64(const PGresult *result, int row, int column);
double wg_get_f64(const PGresult *result, int row, int column);
const char *wg_get_text(const PGresult *result, int row, int column); // valid until PQclear; "" for null
struct wg_bytes wg_get_bytea(const PGresult *result, int row, int column);
int64_t wg_get_time(const PGresult *result, int row, int column); // 0 for null
// wg_get_i64_array copies a bigint[] into the arena; returns the count.
size_t wg_get_i64_array(const PGresult *result, int row, int column, struct wg_arena *arena, int64_t **values);

// --- blocking ---
// wg_db_connect connects once and waits (connect_timeout 3 s). UNAVAILABLE when it cannot; *db is NULL then.
wg_status wg_db_connect(const struct wg_db_options *options, struct wg_db **db, struct wg_error *error);
void wg_db_close(struct wg_db *db); // NULL is allowed
// wg_db_run executes one statement and waits. `result` may be NULL if not wanted; *result must be PQclear'ed, and is
// NULL on failure.
// UNAVAILABLE: connection lost, or the server has no disk, memory or connections left: close it, try again later.
// DEADLINE_EXCEEDED: statement_timeout. ALREADY_EXISTS: unique violation. FAILED_PRECONDITION: other constraint, or the
// connection is in pipeline mode. ABORTED: serialisation, deadlock, lock_timeout (5 s), COMMIT of a failed transaction.
// INTERNAL: anything else. Messages name statement, constraint and SQLSTATE and never quote a value.
wg_status wg_db_run(struct wg_db *db, const struct wg_statement *statement, const struct wg_params *params,
                    PGresult **result, struct wg_error *error);
// wg_db_exec runs SQL text without parameters (BEGIN, COMMIT, a migration file).
wg_status wg_db_exec(struct wg_db *db, const char *sql, struct wg_error *error);
bool wg_db_lost(const struct wg_db *db);
PGconn *wg_db_raw(struct wg_db *db);
int wg_db_socket(const struct wg_db *db);
// wg_db_try_lock takes the session's advisory lock (class 0x5747, key = hash of `name`) or reports false in *taken.
wg_status wg_db_try_lock(struct wg_db *db, const char *name, bool *taken, struct wg_error *error);

// --- pipeline ---
// A result callback gets each statement's result in order. Returning an error fails the whole batch: nothing of the
// transaction is committed, not even if WG_COMMIT was queued already (it is held back while callbacks are outstanding,
// which costs one more round trip). Once a batch has failed no more callbacks are called.
typedef wg_status (*wg_db_on_result)(void *context, const PGresult *result, struct wg_error *error);
// Enters non-blocking pipeline mode for good.
wg_status wg_db_pipeline(struct wg_db *db, struct wg_error *error);
// wg_db_send queues one statement. `on_result` NULL: any success will do. Parameters are copied by libpq.
// One batch at a time: from its first statement until the pump has answered its Sync. A statement behind COMMIT or
// behind the Sync is refused (FAILED_PRECONDITION) and changes nothing; any other error of send, flush_request or sync
// fails the batch: pump until nothing is waiting, as after any failure. To give up a batch send WG_ROLLBACK and
// wg_db_sync, then pump; that is right whether the batch has failed (the pump will say so) or not.
wg_status wg_db_send(struct wg_db *db, const struct wg_statement *statement, const struct wg_params *params,
                     wg_db_on_result on_result, void *context, struct wg_error *error);
// wg_db_send_columns queues a statement whose every parameter is a column, and nothing when the columns have no rows;
// any success will do. The parameters are built in the arena, which may be reset when it returns.
wg_status wg_db_send_columns(struct wg_db *db, const struct wg_statement *statement, struct wg_column *const *columns,
                             struct wg_arena *arena, struct wg_error *error);
// wg_db_sent counts the statements of the running batch, answered or not.
size_t wg_db_sent(const struct wg_db *db);
// wg_db_flush_request asks the server to answer what was queued without ending the transaction (between load and
// write).
wg_status wg_db_flush_request(struct wg_db *db, struct wg_error *error);
// wg_db_sync ends a batch: one Sync. In pipeline mode send BEGIN and COMMIT as statements WG_BEGIN and WG_COMMIT.
wg_status wg_db_sync(struct wg_db *db, struct wg_error *error);
extern const struct wg_statement WG_BEGIN, WG_COMMIT, WG_ROLLBACK;
// wg_db_pump does what can be done without waiting: writes, reads, calls callbacks. Call it once after queueing, when
// the socket is readable (also between batches: it notices a lost connection) and when it is writable and wanted.
// *waiting = results still outstanding (statements and syncs); 0 after a flush request means that everything asked for
// has come and the batch can go on. Returns the first failure of the batch once everything outstanding has been
// answered (after a failure libpq skips to the Sync; a failed batch that has no Sync queued yet gets one from the pump,
// and the pump rolls back an open transaction); *waiting is 0 then and the connection is ready for the next batch. A
// batch whose Sync finds its transaction still open fails (FAILED_PRECONDITION). UNAVAILABLE: the connection is lost.
wg_status wg_db_pump(struct wg_db *db, size_t *waiting, struct wg_error *error);
bool wg_db_wants_write(const struct wg_db *db); // poll for POLLOUT too
