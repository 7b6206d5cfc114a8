// The blocking way: one statement, one answer.

#include "common/db/internal.h"

const struct wg_statement WG_BEGIN = {"wg_begin", "BEGIN", 0};
const struct wg_statement WG_COMMIT = {"wg_commit", "COMMIT", 0};
const struct wg_statement WG_ROLLBACK = {"wg_rollback", "ROLLBACK", 0};

wg_status wg_db_meet(struct wg_db *db, const struct wg_statement *statement, const struct wg_params *params,
                     struct wg_prepared **out, struct wg_error *error) {
  int count = params ? params->count : 0;
  if (count != statement->parameters)
    return wg_fail(error, WG_INTERNAL, NULL, "statement %s wants %d parameters and was given %d", statement->name,
                   statement->parameters, count);

  size_t types_size = (size_t)count * sizeof(Oid);
  struct wg_prepared *prepared = wg_map_get(db->prepared, statement->name);
  if (!prepared) {
    prepared = wg_zalloc(sizeof *prepared + types_size);
    prepared->sql = wg_strdup(statement->sql);
    prepared->parameters = count;
    if (count) memcpy(prepared->types, params->types, types_size);
    wg_map_put(db->prepared, statement->name, prepared);
  }
  if (strcmp(prepared->sql, statement->sql) != 0)
    return wg_fail(error, WG_INTERNAL, NULL, "two statements have the name %s", statement->name);
  if (prepared->parameters != count || (count && memcmp(prepared->types, params->types, types_size) != 0))
    return wg_fail(error, WG_INTERNAL, NULL, "statement %s was prepared with other types of parameters",
                   statement->name);
  *out = prepared;
  return WG_OK;
}

static wg_status refuse_pipeline(const struct wg_db *db, const char *name, struct wg_error *error) {
  if (!db->pipeline.on) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "statement %s cannot wait on a connection in pipeline mode",
                 name);
}

// finish clears the result or hands it out.
static wg_status finish(struct wg_db *db, PGresult *result, const char *name, const char *sql, PGresult **out,
                        struct wg_error *error) {
  wg_status status = wg_db_check(db, result, name, sql, error);
  if (PQstatus(db->connection) != CONNECTION_OK) db->lost = true;
  if (status || !out) PQclear(result);
  else *out = result;
  return status;
}

static wg_status prepare(struct wg_db *db, const struct wg_statement *statement, struct wg_prepared *prepared,
                         struct wg_error *error) {
  if (prepared->state == WG_PREPARED_READY) return WG_OK;
  PGresult *result = PQprepare(db->connection, statement->name, statement->sql, prepared->parameters, prepared->types);
  wg_status status = finish(db, result, statement->name, "PREPARE", NULL, error);
  if (!status) prepared->state = WG_PREPARED_READY;
  return status;
}

wg_status wg_db_run(struct wg_db *db, const struct wg_statement *statement, const struct wg_params *params,
                    PGresult **result, struct wg_error *error) {
  if (result) *result = NULL;
  wg_status status = refuse_pipeline(db, statement->name, error);
  if (status) return status;
  if (db->lost) return wg_db_fail_lost(db, statement->name, error);

  struct wg_prepared *prepared;
  status = wg_db_meet(db, statement, params, &prepared, error);
  if (!status) status = prepare(db, statement, prepared, error);
  if (status) return status;
  PGresult *answer =
      PQexecPrepared(db->connection, statement->name, statement->parameters, params ? params->values : NULL,
                     params ? params->lengths : NULL, params ? params->formats : NULL, 1);
  return finish(db, answer, statement->name, statement->sql, result, error);
}

wg_status wg_db_exec(struct wg_db *db, const char *sql, struct wg_error *error) {
  wg_status status = refuse_pipeline(db, "text", error);
  if (status) return status;
  if (db->lost) return wg_db_fail_lost(db, "text", error);
  return finish(db, PQexec(db->connection, sql), "text", sql, NULL, error);
}
