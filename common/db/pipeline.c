// Pipeline mode: statements go out without waiting, answers come back in order.
//
// libpq's rules (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html) and what is made of them here:
//   * After an error the server skips everything up to the next Sync, answers "aborted" for it and is usable again.
//     An explicit transaction survives that Sync in the failed state, so the pump then sends ROLLBACK and a Sync.
//   * A Prepare that was skipped did not happen, one answered before the error did: the state of each statement follows
//     its own answer. One batch at a time (refused otherwise), so no later batch can rely on a Prepare still in doubt.
//   * A COMMIT on its way cannot be called back. As long as a callback could still refuse its result, COMMIT is held
//     here, the server is asked to answer, and COMMIT goes out when the last callback agreed. So a callback's error
//     really fails the batch. Batches without callbacks behind the last flush request pay nothing for it.

#include "common/db/internal.h"

#include <stdlib.h>

void wg_pipeline_free(struct wg_pipeline *pipeline) {
  free(pipeline->entries);
  *pipeline = (struct wg_pipeline){0};
}

static size_t outstanding(const struct wg_pipeline *pipeline) {
  size_t held = pipeline->hold ? 1 + (pipeline->hold_sync ? 1u : 0u) : 0;
  return pipeline->count - pipeline->head + held;
}

static void enqueue(struct wg_pipeline *pipeline, struct wg_entry entry) {
  if (pipeline->count == pipeline->capacity) {
    pipeline->capacity = pipeline->capacity ? pipeline->capacity * 2 : 64;
    pipeline->entries = wg_realloc(pipeline->entries, pipeline->capacity * sizeof *pipeline->entries);
  }
  pipeline->entries[pipeline->count++] = entry;
  if (entry.on_result) pipeline->callbacks++;
  pipeline->wants_write = true;
}

static struct wg_entry dequeue(struct wg_pipeline *pipeline) {
  struct wg_entry entry = pipeline->entries[pipeline->head++];
  if (pipeline->head == pipeline->count) pipeline->head = pipeline->count = 0;
  if (entry.on_result) pipeline->callbacks--;
  return entry;
}

// fail keeps the first failure of the batch and gives it to the caller. What was held back is never sent.
static wg_status fail(struct wg_db *db, const struct wg_error *cause, struct wg_error *error) {
  struct wg_pipeline *pipeline = &db->pipeline;
  pipeline->hold = pipeline->hold_flush = pipeline->hold_sync = false;
  if (!pipeline->failure.code) pipeline->failure = *cause;
  if (error) *error = *cause;
  return cause->code;
}

// The batch has been answered (or the connection is gone): nothing of it is remembered.
static void forget_batch(struct wg_pipeline *pipeline) {
  pipeline->head = pipeline->count = pipeline->callbacks = 0;
  pipeline->sync_queued = pipeline->commit_queued = pipeline->given_up = false;
  pipeline->sent = 0;
  pipeline->hold = pipeline->hold_flush = pipeline->hold_sync = false;
  pipeline->failure.code = WG_OK;
}

static wg_status lose(struct wg_db *db, const char *doing, struct wg_error *error) {
  forget_batch(&db->pipeline);
  db->pipeline.wants_write = false;
  return wg_db_fail_lost(db, doing, error);
}

// A libpq call that queues something has failed: no connection or no memory. What has gone out before, perhaps a
// COMMIT, is in doubt either way, so the connection is given up.
static wg_status fail_queue(struct wg_db *db, const char *name, struct wg_error *error) {
  struct wg_error cause = {0};
  wg_db_fail_lost(db, name, &cause);
  return fail(db, &cause, error);
}

wg_status wg_db_pipeline(struct wg_db *db, struct wg_error *error) {
  if (db->lost) return wg_db_fail_lost(db, "pipeline", error);
  if (PQsetnonblocking(db->connection, 1) != 0 || !PQenterPipelineMode(db->connection))
    return wg_db_fail_lost(db, "pipeline", error);
  db->pipeline.on = true;
  return WG_OK;
}

// may_queue refuses what cannot be part of the running batch. That does not fail the batch: it may be committing.
static wg_status may_queue(struct wg_db *db, const char *name, bool statement, struct wg_error *error) {
  const struct wg_pipeline *pipeline = &db->pipeline;
  assert(pipeline->on);
  if (db->lost) return wg_db_fail_lost(db, name, error);
  if (pipeline->failure.code) {
    *error = pipeline->failure;
    return error->code;
  }
  if (pipeline->sync_queued || pipeline->hold_sync)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "%s: the batch before has not been answered", name);
  if (statement && pipeline->commit_queued)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "statement %s comes after COMMIT", name);
  return WG_OK;
}

static wg_status queue_prepare(struct wg_db *db, const struct wg_statement *statement, struct wg_prepared *prepared,
                               struct wg_error *error) {
  if (prepared->state != WG_PREPARED_NOT) return WG_OK;
  if (!PQsendPrepare(db->connection, statement->name, statement->sql, prepared->parameters, prepared->types))
    return fail_queue(db, statement->name, error);
  prepared->state = WG_PREPARED_QUEUED;
  enqueue(&db->pipeline, (struct wg_entry){WG_ENTRY_PREPARE, statement, prepared, NULL, NULL});
  return WG_OK;
}

static wg_status queue_statement(struct wg_db *db, struct wg_entry entry, const struct wg_params *params,
                                 struct wg_error *error) {
  const struct wg_statement *statement = entry.statement;
  wg_status status = queue_prepare(db, statement, entry.prepared, error);
  if (status) return status;
  if (!PQsendQueryPrepared(db->connection, statement->name, statement->parameters, params ? params->values : NULL,
                           params ? params->lengths : NULL, params ? params->formats : NULL, 1))
    return fail_queue(db, statement->name, error);
  enqueue(&db->pipeline, entry);
  return WG_OK;
}

static wg_status queue_flush_request(struct wg_db *db, struct wg_error *error) {
  if (!PQsendFlushRequest(db->connection)) return fail_queue(db, "flush request", error);
  db->pipeline.wants_write = true;
  return WG_OK;
}

static wg_status queue_sync(struct wg_db *db, struct wg_error *error) {
  if (!PQpipelineSync(db->connection)) return fail_queue(db, "sync", error);
  db->pipeline.sync_queued = true;
  enqueue(&db->pipeline, (struct wg_entry){.kind = WG_ENTRY_SYNC});
  return WG_OK;
}

wg_status wg_db_send(struct wg_db *db, const struct wg_statement *statement, const struct wg_params *params,
                     wg_db_on_result on_result, void *context, struct wg_error *error) {
  struct wg_pipeline *pipeline = &db->pipeline;
  if (pipeline->failure.code && statement == &WG_ROLLBACK && !db->lost) {
    pipeline->given_up = true;
    return WG_OK;
  }
  wg_status status = may_queue(db, statement->name, true, error);
  if (status) return status;
  struct wg_entry entry = {WG_ENTRY_STATEMENT, statement, NULL, on_result, context};
  struct wg_error cause = {0};
  if (wg_db_meet(db, statement, params, &entry.prepared, &cause)) return fail(db, &cause, error);

  pipeline->sent++;
  if (statement == &WG_COMMIT) {
    pipeline->commit_queued = true;
    if (pipeline->callbacks > 0) {
      pipeline->hold = true;
      pipeline->held = entry;
      return queue_flush_request(db, error);
    }
  }
  return queue_statement(db, entry, params, error);
}

wg_status wg_db_flush_request(struct wg_db *db, struct wg_error *error) {
  wg_status status = may_queue(db, "flush request", false, error);
  if (status) return status;
  if (!db->pipeline.hold) return queue_flush_request(db, error);
  db->pipeline.hold_flush = true;
  return WG_OK;
}

wg_status wg_db_send_columns(struct wg_db *db, const struct wg_statement *statement, struct wg_column *const *columns,
                             struct wg_arena *arena, struct wg_error *error) {
  if (!wg_column_rows(columns[0])) return WG_OK;
  struct wg_params *params = wg_params(arena, statement->parameters);
  for (int i = 0; i < statement->parameters; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(db, statement, params, NULL, NULL, error);
}

size_t wg_db_sent(const struct wg_db *db) {
  return db->pipeline.sent;
}

wg_status wg_db_sync(struct wg_db *db, struct wg_error *error) {
  if (db->pipeline.given_up && !db->lost) return WG_OK;
  wg_status status = may_queue(db, "sync", false, error);
  if (status) return status;
  if (!db->pipeline.hold) return queue_sync(db, error);
  db->pipeline.hold_sync = true;
  return WG_OK;
}

// release sends what was held, now that every callback has agreed.
static wg_status release(struct wg_db *db, struct wg_error *error) {
  struct wg_pipeline *pipeline = &db->pipeline;
  bool flush = pipeline->hold_flush, sync = pipeline->hold_sync;
  pipeline->hold = pipeline->hold_flush = pipeline->hold_sync = false;
  wg_status status = queue_statement(db, pipeline->held, NULL, error);
  if (!status && flush) status = queue_flush_request(db, error);
  if (!status && sync) status = queue_sync(db, error);
  return status;
}

// --- answers ---

static void settle_prepare(struct wg_db *db, const struct wg_entry *entry, const PGresult *result) {
  struct wg_error cause = {0};
  bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  entry->prepared->state = done ? WG_PREPARED_READY : WG_PREPARED_NOT;
  if (done || PQresultStatus(result) == PGRES_PIPELINE_ABORTED) return;
  if (wg_db_check(db, result, entry->statement->name, "PREPARE", &cause)) fail(db, &cause, NULL);
}

static void settle_statement(struct wg_db *db, const struct wg_entry *entry, const PGresult *result) {
  if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
    assert(db->pipeline.failure.code);
    return;
  }
  struct wg_error cause = {0};
  wg_status status = wg_db_check(db, result, entry->statement->name, entry->statement->sql, &cause);
  // Callbacks of a batch that has failed already are not called: what they would learn will not be committed.
  if (!status && entry->on_result && !db->pipeline.failure.code) {
    status = entry->on_result(entry->context, result, &cause);
    if (status && !cause.code) wg_fail(&cause, status, NULL, "result of %s was refused", entry->statement->name);
  }
  if (status) fail(db, &cause, NULL);
}

// If even the ROLLBACK fails, the session is in a state nobody planned for, and is given up.
static void settle_rollback(struct wg_db *db, const PGresult *result) {
  if (PQresultStatus(result) != PGRES_COMMAND_OK) db->lost = true;
}

static void settle(struct wg_db *db, struct wg_entry entry, const PGresult *result) {
  switch (entry.kind) {
  case WG_ENTRY_PREPARE:
    settle_prepare(db, &entry, result);
    return;
  case WG_ENTRY_STATEMENT:
    settle_statement(db, &entry, result);
    return;
  case WG_ENTRY_ROLLBACK:
    settle_rollback(db, result);
    return;
  case WG_ENTRY_SYNC:
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) db->lost = true;
    return;
  }
}

// take_answers settles what has arrived. Each statement has one result and then NULL; a Sync has no NULL.
static void take_answers(struct wg_db *db) {
  struct wg_pipeline *pipeline = &db->pipeline;
  while (pipeline->head < pipeline->count && !db->lost && !PQisBusy(db->connection)) {
    PGresult *result = PQgetResult(db->connection);
    if (!result) { // libpq and we disagree about what is outstanding; only after a broken connection
      db->lost = true;
      return;
    }
    struct wg_entry entry = dequeue(pipeline);
    if (entry.kind != WG_ENTRY_SYNC) {
      PGresult *end = PQgetResult(db->connection);
      if (end) db->lost = true;
      PQclear(end);
    }
    settle(db, entry, result);
    PQclear(result);
  }
}

static wg_status queue_rollback(struct wg_db *db, struct wg_error *error) {
  if (!PQsendQueryParams(db->connection, "ROLLBACK", 0, NULL, NULL, NULL, NULL, 1))
    return fail_queue(db, "rollback", error);
  enqueue(&db->pipeline, (struct wg_entry){.kind = WG_ENTRY_ROLLBACK});
  return queue_sync(db, error);
}

// step decides what follows from the answers so far. *more: something was queued that has to be written.
static wg_status step(struct wg_db *db, bool *more, struct wg_error *error) {
  struct wg_pipeline *pipeline = &db->pipeline;
  *more = true;
  if (pipeline->failure.code) {
    if (!pipeline->sync_queued) return queue_sync(db, error);
  } else if (pipeline->hold && pipeline->callbacks == 0) return release(db, error);

  if (pipeline->head == pipeline->count && pipeline->sync_queued) { // the Sync has been answered
    PGTransactionStatusType transaction = PQtransactionStatus(db->connection);
    assert(transaction != PQTRANS_ACTIVE);
    if (transaction == PQTRANS_INTRANS || transaction == PQTRANS_INERROR) {
      struct wg_error open = {0};
      wg_fail(&open, WG_FAILED_PRECONDITION, NULL, "the batch ended without COMMIT");
      if (!pipeline->failure.code) pipeline->failure = open;
      return queue_rollback(db, error);
    }
  }
  *more = false;
  return WG_OK;
}

// flush writes what the kernel takes.
static bool flush(struct wg_db *db) {
  int left = PQflush(db->connection);
  db->pipeline.wants_write = left == 1;
  return left >= 0;
}

// The server's own words, if it had any, say more than "connection closed".
static wg_status report_loss(struct wg_db *db, struct wg_error *error) {
  struct wg_error last = db->pipeline.failure;
  wg_status status = lose(db, "pump", error);
  if (last.code == WG_UNAVAILABLE) *error = last;
  return status;
}

wg_status wg_db_pump(struct wg_db *db, size_t *waiting, struct wg_error *error) {
  struct wg_pipeline *pipeline = &db->pipeline;
  assert(pipeline->on);
  *waiting = 0;
  if (db->lost) return report_loss(db, error);

  bool alive = flush(db) && PQconsumeInput(db->connection) && flush(db);
  take_answers(db); // also of a broken connection: the server's last words may have arrived
  for (bool more = true; more && alive && !db->lost;) {
    struct wg_error cause; // is the batch's failure by now
    if (step(db, &more, &cause)) db->lost = true;
    if (more) alive = flush(db);
  }
  if (!alive || db->lost || PQstatus(db->connection) != CONNECTION_OK) return report_loss(db, error);

  *waiting = outstanding(pipeline);
  if (*waiting > 0) return WG_OK;
  struct wg_error failure = pipeline->failure;
  if (pipeline->sync_queued) forget_batch(pipeline);
  if (!failure.code) return WG_OK;
  *error = failure;
  return failure.code;
}

bool wg_db_wants_write(const struct wg_db *db) {
  return db->pipeline.wants_write;
}
