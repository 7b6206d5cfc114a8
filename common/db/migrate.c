// Applying migrations: one lock, one transaction per file, in which the file's row is written too. So a file is applied
// and remembered, or neither.

#include "common/db/migrate.h"

#include "common/base/log.h"
#include "common/db/internal.h"
#include "common/db/migration_file.h"

#include <stdio.h>

// Names the file in a failure of the database.
static wg_status blame(const struct wg_migration *file, struct wg_error *error) {
  struct wg_error cause = *error;
  return wg_fail(error, cause.code, NULL, "%s: %s", file->path, cause.message);
}

// SQL of our own with the schema's name in it.
static wg_status exec(struct wg_db *db, struct wg_arena *arena, const char *sql, const char *schema,
                      struct wg_error *error) {
  return wg_db_exec(db, wg_migration_fill(arena, sql, schema, ""), error);
}

// CREATE SCHEMA IF NOT EXISTS asks for the right to create one even if it exists, so look first.
static wg_status make_schema(struct wg_db *db, struct wg_arena *arena, const char *schema, struct wg_error *error) {
  static const struct wg_statement find = {"wg_migrate_find_schema",
                                           "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", 1};
  struct wg_params *params = wg_params(arena, 1);
  wg_param_text(params, schema);
  PGresult *result;
  wg_status status = wg_db_run(db, &find, params, &result, error);
  if (status) return status;
  bool exists = wg_get_bool(result, 0, 0);
  PQclear(result);
  if (!exists) status = exec(db, arena, "CREATE SCHEMA \"@SCHEMA@\"", schema, error);
  if (status) return status;
  return exec(db, arena,
              "CREATE TABLE IF NOT EXISTS \"@SCHEMA@\".migration ("
              " source text NOT NULL, version int NOT NULL CHECK (version > 0), name text NOT NULL,"
              " sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'), applied_at timestamptz NOT NULL DEFAULT now(),"
              " PRIMARY KEY (source, version));"
              "COMMENT ON TABLE \"@SCHEMA@\".migration IS 'Files of SQL that made this schema, each applied once'",
              schema, error);
}

// read_applied gives the checksums of a source by version (index 0: version 1), and how many there are.
static wg_status read_applied(struct wg_db *db, struct wg_arena *arena, const char *schema, const char *source,
                              const char ***sums, size_t *count, struct wg_error *error) {
  struct wg_statement select = {
      wg_arena_printf(arena, "wg_migrate_applied_%s", schema),
      wg_arena_printf(arena, "SELECT version, sha256 FROM \"%s\".migration WHERE source = $1 ORDER BY version", schema),
      1};
  struct wg_params *params = wg_params(arena, 1);
  wg_param_text(params, source);
  PGresult *result;
  wg_status status = wg_db_run(db, &select, params, &result, error);
  if (status) return status;
  *count = (size_t)PQntuples(result);
  *sums = wg_arena_alloc(arena, *count * sizeof **sums);
  for (int i = 0; i < PQntuples(result) && !status; i++) {
    (*sums)[i] = wg_arena_strdup(arena, wg_get_text(result, i, 1));
    if (wg_get_i32(result, i, 0) != i + 1)
      status =
          wg_fail(error, WG_FAILED_PRECONDITION, NULL, "table %s.migration has a gap at %s %d", schema, source, i + 1);
  }
  PQclear(result);
  return status;
}

static wg_status record(struct wg_db *db, struct wg_arena *arena, const char *schema, const char *source,
                        const struct wg_migration *file, struct wg_error *error) {
  struct wg_statement insert = {
      wg_arena_printf(arena, "wg_migrate_record_%s", schema),
      wg_arena_printf(arena, "INSERT INTO \"%s\".migration (source, version, name, sha256) VALUES ($1, $2, $3, $4)",
                      schema),
      4};
  struct wg_params *params = wg_params(arena, 4);
  wg_param_text(params, source);
  wg_param_i32(params, file->version);
  wg_param_text(params, file->name);
  wg_param_text(params, file->sha256);
  return wg_db_run(db, &insert, params, NULL, error);
}

// The scan has refused transaction control; should something slip through it all the same, the server knows.
static wg_status check_inside(struct wg_db *db, struct wg_error *error) {
  if (PQtransactionStatus(db->connection) == PQTRANS_INTRANS) return WG_OK;
  db->lost = true;
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL,
                 "ended its transaction itself; what it did must be looked at by hand");
}

static wg_status in_transaction(struct wg_db *db, struct wg_arena *arena, const char *schema, const char *role,
                                const char *source, const struct wg_migration *file, struct wg_error *error) {
  wg_status status = exec(db, arena, "SET LOCAL search_path = \"@SCHEMA@\", pg_temp", schema, error);
  if (!status) status = wg_db_exec(db, wg_migration_fill(arena, file->sql, schema, role), error);
  if (!status) status = check_inside(db, error);
  if (!status) status = record(db, arena, schema, source, file, error);
  if (!status) status = wg_db_exec(db, "COMMIT", error);
  return status;
}

static wg_status apply(struct wg_db *db, struct wg_arena *arena, const char *schema, const char *role,
                       const char *source, const struct wg_migration *file, struct wg_error *error) {
  wg_status status = wg_db_exec(db, "BEGIN", error);
  if (!status) status = in_transaction(db, arena, schema, role, source, file, error);
  if (!status) {
    wg_log(WG_LOG_INFO, "migration applied", wg_field_text("schema", schema), wg_field_text("source", source),
           wg_field_text("file", file->name));
    return WG_OK;
  }
  blame(file, error);
  struct wg_error ignored = {0}; // the first failure says more; a session that cannot roll back is lost
  if (!wg_db_lost(db) && PQtransactionStatus(db->connection) != PQTRANS_IDLE && wg_db_exec(db, "ROLLBACK", &ignored))
    db->lost = true;
  return status;
}

static wg_status apply_folder(struct wg_db *db, struct wg_arena *arena, const char *schema, const char *role,
                              const char *folder, int *applied, struct wg_error *error) {
  const char *source = wg_migration_source(arena, folder);
  struct wg_migration *files;
  size_t count, known;
  const char **sums;
  wg_status status = wg_migration_read(arena, folder, &files, &count, error);
  if (!status) status = read_applied(db, arena, schema, source, &sums, &known, error);
  if (status) return status;
  if (known > count)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "schema %s has %zu migrations of %s and this program knows %zu: it is older than the database",
                   schema, known, source, count);
  for (size_t i = 0; i < count; i++) {
    if (i < known && strcmp(sums[i], files[i].sha256) != 0)
      return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                     "%s was changed after it had been applied; put the change into a new file", files[i].path);
    if (i < known) continue;
    status = apply(db, arena, schema, role, source, &files[i], error);
    if (status) return status;
    ++*applied;
  }
  return WG_OK;
}

// Waits a minute for whoever else migrates; after that something hangs. The limit is set back for the files' own locks.
static wg_status lock(struct wg_db *db, int32_t key, struct wg_error *error) {
  char sql[160];
  snprintf(sql, sizeof sql, "SET lock_timeout = '60s'; SELECT pg_advisory_lock(%d, %d); SET lock_timeout = '5s'",
           WG_DB_LOCK_CLASS, key);
  return wg_db_exec(db, sql, error);
}

static wg_status unlock(struct wg_db *db, int32_t key, struct wg_error *error) {
  char sql[80];
  snprintf(sql, sizeof sql, "SELECT pg_advisory_unlock(%d, %d)", WG_DB_LOCK_CLASS, key);
  return wg_db_exec(db, sql, error);
}

wg_status wg_migrate(struct wg_db *db, const char *schema, const char *role, const char *const *folders, int *applied,
                     struct wg_error *error) {
  *applied = 0;
  if (!wg_db_name_valid(schema))
    return wg_fail(error, WG_INVALID_ARGUMENT, "schema", "schema name must be 1 to 63 of [a-z0-9_]");
  if (!wg_db_name_valid(role))
    return wg_fail(error, WG_INVALID_ARGUMENT, "role", "role name must be 1 to 63 of [a-z0-9_]");

  struct wg_arena *arena = wg_arena_create(1 << 16);
  int32_t key = wg_db_lock_key(wg_arena_printf(arena, "migrate %s", schema));
  wg_status status = lock(db, key, error);
  if (!status) {
    status = make_schema(db, arena, schema, error);
    for (; !status && *folders; folders++)
      status = apply_folder(db, arena, schema, role, *folders, applied, error);
    // A lost session holds no lock any more; an unlock that fails must not hide the first failure.
    struct wg_error late = {0};
    if (!wg_db_lost(db) && unlock(db, key, &late) && !status) {
      *error = late;
      status = late.code;
    }
  }
  wg_arena_destroy(arena);
  return status;
}
