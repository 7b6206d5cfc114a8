// The writing connection: connected by a thread of its own (connecting may take seconds), locked, and its service's
// state loaded; with the lock held elsewhere this instance stands by.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/stage/internal.h"

enum { WG_BACKOFF_LEAST_US = 100000, WG_BACKOFF_MOST_US = 5000000, WG_STANDBY_US = 500000 };

struct connect_job {
  struct wg_job job;
  struct wg_db *db;
};

bool wg_writer_busy(const struct wg_stage *stage) {
  return stage->writer == WG_WRITER_LOADING || stage->writer == WG_WRITER_COMMITTING ||
         stage->writer == WG_WRITER_FAILING;
}

static void set_state(struct wg_stage *stage, enum wg_writer_state state) {
  stage->writer = state;
  const bool connected = state != WG_WRITER_DOWN && state != WG_WRITER_CONNECTING;
  const bool writer = connected && state != WG_WRITER_STANDBY;
  wg_set(stage->db_up, connected ? 1 : 0);
  wg_set(stage->writer_metric, writer ? 1 : 0);
  wg_health_set(stage->health, "database", connected, connected ? "" : "not connected");
  wg_health_set(stage->health, "writer", writer, writer ? "" : "standby or not connected");
}

static void retry_later(struct wg_stage *stage) {
  stage->backoff_us = stage->backoff_us ? stage->backoff_us * 2 : WG_BACKOFF_LEAST_US;
  if (stage->backoff_us > WG_BACKOFF_MOST_US) stage->backoff_us = WG_BACKOFF_MOST_US;
  stage->retry_at_us = wg_monotonic_us() + stage->backoff_us;
  set_state(stage, WG_WRITER_DOWN);
}

void wg_writer_lost(struct wg_stage *stage, const struct wg_error *error) {
  wg_log(WG_LOG_WARN, "database lost", wg_field_text("error", error->message));
  wg_batch_abandon(stage);
  wg_follow_pause(stage);
  wg_db_close(stage->db);
  stage->db = NULL;
  wg_count(stage->db_reconnects, 1);
  retry_later(stage);
}

void wg_writer_look(struct wg_stage *stage) {
  if (!stage->db) return;
  struct wg_error error;
  if (PQconsumeInput(wg_db_raw(stage->db)) && !wg_db_lost(stage->db)) return;
  wg_fail(&error, WG_UNAVAILABLE, NULL, "the server closed the idle connection");
  wg_writer_lost(stage, &error);
}

static void *connect_thread(void *context) {
  struct connect_job *connect = context;
  const struct wg_db_options options = wg_stage_db_options(connect->job.stage, false);
  connect->job.status = wg_db_connect(&options, &connect->db, &connect->job.error);
  wg_readers_post(connect->job.stage, &connect->job);
  return NULL;
}

// take_over becomes the writer: everything in memory that tells of the database is read anew.
static wg_status take_over(struct wg_stage *stage, struct wg_error *error) {
  wg_status status = wg_log_load(stage->log, stage->db, error);
  if (status == WG_OK) status = wg_stream_server_load(stage->server, stage->db, error);
  if (status == WG_OK && stage->service->load_state)
    status = stage->service->load_state(stage->service_state, stage->db, error);
  if (status == WG_OK) status = wg_reference_load(stage, stage->db, error);
  if (status == WG_OK) status = wg_follow_load(stage, stage->db, error);
  if (status == WG_OK) status = wg_db_pipeline(stage->db, error);
  return status;
}

static void try_lock(struct wg_stage *stage) {
  struct wg_error error = {0};
  bool taken = false;
  wg_status status = wg_db_try_lock(stage->db, stage->service->name, &taken, &error);
  if (status == WG_OK && !taken) {
    if (stage->writer != WG_WRITER_STANDBY) wg_log0(WG_LOG_INFO, "standing by: another instance writes");
    stage->retry_at_us = wg_monotonic_us() + WG_STANDBY_US;
    set_state(stage, WG_WRITER_STANDBY);
    return;
  }
  if (status == WG_OK) status = take_over(stage, &error);
  if (status != WG_OK) {
    wg_log(WG_LOG_ERROR, "cannot become the writer", wg_field_text("code", wg_status_name(status)),
           wg_field_text("error", error.message));
    wg_db_close(stage->db);
    stage->db = NULL;
    retry_later(stage);
    return;
  }
  stage->backoff_us = 0;
  set_state(stage, WG_WRITER_IDLE);
  wg_log0(WG_LOG_INFO, "writing");
  wg_notify("READY=1");
}

static void connected(struct wg_stage *stage, struct wg_job *job) {
  struct connect_job *connect = (struct connect_job *)job;
  stage->db = connect->db;
  if (job->status == WG_OK && !stage->stopping) {
    try_lock(stage);
  } else {
    wg_log(WG_LOG_WARN, "database not reached", wg_field_text("error", job->error.message));
    wg_db_close(stage->db);
    stage->db = NULL;
    retry_later(stage);
  }
  free(connect);
}

static void begin_connect(struct wg_stage *stage) {
  struct connect_job *connect = wg_zalloc(sizeof *connect);
  connect->job = (struct wg_job){.done = connected, .stage = stage};
  set_state(stage, WG_WRITER_CONNECTING);
  pthread_t thread;
  if (pthread_create(&thread, NULL, connect_thread, connect) == 0) {
    pthread_detach(thread);
    return;
  }
  free(connect);
  retry_later(stage);
}

void wg_writer_tick(struct wg_stage *stage, int64_t now_us) {
  if (stage->writer == WG_WRITER_DOWN && now_us >= stage->retry_at_us && !stage->stopping) begin_connect(stage);
  else if (stage->writer == WG_WRITER_STANDBY && now_us >= stage->retry_at_us) try_lock(stage);
}
