// The poll loop: one thread that serves the ROUTER, the upstream sockets, the writing connection and the readers'
// completions, and never waits for anything else.
#include "common/stage/loop.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
  WG_TICK_US = 100000,
  WG_RETAIN_US = 60000000,
  WG_HUNG_US = 60000000, // a database that does not end a batch in this time (statements end after 30 s) is given up
  WG_STOP_US = 10000000, // a batch under way has this long to end when the service is told to stop
};

enum { ITEM_ROUTER, ITEM_WAKE, ITEM_SIGNAL, ITEM_DB, ITEM_FOLLOWS };

// --- retention, on a reader ---
struct retain_job {
  struct wg_job job;
  int dropped;
};

static void retain_run(struct wg_job *job, struct wg_db *db) {
  struct retain_job *retain = (struct retain_job *)job;
  const struct wg_service *service = job->stage->service;
  if (db) job->status = wg_log_retain(db, service->streams, service->stream_count, &retain->dropped, &job->error);
}

static void retain_done(struct wg_stage *stage, struct wg_job *job) {
  (void)stage;
  const struct retain_job *retain = (const struct retain_job *)job;
  if (job->status != WG_OK) wg_log(WG_LOG_WARN, "retention put off", wg_field_text("error", job->error.message));
  else if (retain->dropped) wg_log(WG_LOG_INFO, "partitions dropped", wg_field_int("count", retain->dropped));
  free(job);
}

static void retain(struct wg_stage *stage, int64_t now_us) {
  const bool writing = stage->writer == WG_WRITER_IDLE || wg_writer_busy(stage);
  if (!stage->service->stream_count || !writing || now_us < stage->next_retention_us) return;
  stage->next_retention_us = now_us + WG_RETAIN_US;
  struct retain_job *job = wg_zalloc(sizeof *job);
  job->job = (struct wg_job){.run = retain_run, .done = retain_done, .writes = true};
  if (!wg_readers_submit(stage, &job->job)) free(job);
}

// --- the service's own figures, on a reader ---
static void refresh_run(struct wg_job *job, struct wg_db *db) {
  const struct wg_stage *stage = job->stage;
  if (db) job->status = stage->service->refresh(stage->service_state, db, wg_now_us(), &job->error);
}

static void refresh_done(struct wg_stage *stage, struct wg_job *job) {
  if (job->status != WG_OK) wg_log(WG_LOG_WARN, "refresh failed", wg_field_text("error", job->error.message));
  stage->refreshing = false;
  stage->next_refresh_us = wg_monotonic_us() + stage->service->refresh_seconds * WG_SECOND_US;
  free(job);
}

static void refresh(struct wg_stage *stage, int64_t now_us) {
  if (!stage->service->refresh_seconds || stage->refreshing || now_us < stage->next_refresh_us) return;
  struct wg_job *job = wg_zalloc(sizeof *job);
  *job = (struct wg_job){.run = refresh_run, .done = refresh_done};
  stage->refreshing = wg_readers_submit(stage, job);
  if (!stage->refreshing) free(job);
}

// --- signals ---
// reload reads principals and reference data again, each for itself: what is wrong in one does not hold up the other.
static void reload(struct wg_stage *stage) {
  struct wg_error error = {0};
  const bool principals = wg_principals_reload(stage->principals, &error) == WG_OK;
  if (!principals)
    wg_log(WG_LOG_ERROR, "reload of principals refused, the old ones stay in force",
           wg_field_text("error", error.message));
  const bool data = !stage->service->reload || stage->service->reload(stage->service_state, &error) == WG_OK;
  if (!data)
    wg_log(WG_LOG_ERROR, "reload of reference data refused, the old stays in force",
           wg_field_text("error", error.message));
  wg_stage_notice(stage);
  wg_reference_reload(stage);
  if (principals && data) wg_log0(WG_LOG_INFO, "reloaded");
}

static void on_signal(struct wg_stage *stage) {
  struct signalfd_siginfo info;
  while (read(stage->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGHUP) {
      reload(stage);
      continue;
    }
    if (!stage->stopping) wg_log0(WG_LOG_INFO, "stopping");
    wg_notify("STOPPING=1");
    stage->stopping = true;
  }
}

// --- one round ---
static int poll_items(struct wg_stage *stage, zmq_pollitem_t *items) {
  items[ITEM_ROUTER] = (zmq_pollitem_t){.socket = stage->router, .events = wg_calls_room(stage) ? ZMQ_POLLIN : 0};
  items[ITEM_WAKE] = (zmq_pollitem_t){.fd = stage->wake_fd, .events = ZMQ_POLLIN};
  items[ITEM_SIGNAL] = (zmq_pollitem_t){.fd = stage->signal_fd, .events = ZMQ_POLLIN};
  // Also while nothing is under way: an idle connection that the server closes must be noticed at once.
  const bool connected = stage->db && !wg_db_lost(stage->db);
  short events = connected ? ZMQ_POLLIN : 0;
  if (wg_writer_busy(stage) && wg_db_wants_write(stage->db)) events |= ZMQ_POLLOUT;
  items[ITEM_DB] = (zmq_pollitem_t){.fd = connected ? wg_db_socket(stage->db) : stage->wake_fd, .events = events};
  int count = ITEM_FOLLOWS;
  for (size_t i = 0; i < stage->upstream_count; i++)
    items[count++] = (zmq_pollitem_t){.socket = wg_follower_socket(stage->upstreams[i].follower), .events = ZMQ_POLLIN};
  return count;
}

static void give_up_hung(struct wg_stage *stage, int64_t now_us) {
  if (!wg_writer_busy(stage) || now_us - stage->batch_began_us < WG_HUNG_US) return;
  struct wg_error error;
  wg_fail(&error, WG_UNAVAILABLE, NULL, "the database did not end a batch in 60 s");
  wg_writer_lost(stage, &error);
}

// ticks runs what has its time and gives the microseconds until the next of it.
static int64_t ticks(struct wg_stage *stage, int64_t now_us) {
  wg_health_tick(stage->health);
  wg_principals_refresh(stage->principals);
  wg_calls_expire(stage, now_us);
  give_up_hung(stage, now_us);
  wg_writer_tick(stage, now_us);
  retain(stage, now_us);
  refresh(stage, now_us);
  wg_set(stage->refused_handshakes, (double)wg_bus_refused(&stage->bus));
  int64_t wait = WG_TICK_US;
  const int64_t server = wg_stream_server_tick(stage->server, now_us);
  if (server < wait) wait = server;
  const int64_t follow = wg_follow_tick(stage, now_us);
  if (follow < wait) wait = follow;
  wg_reference_tick(stage);
  if (now_us >= stage->next_metrics_us) {
    stage->next_metrics_us = now_us + WG_SECOND_US;
    wg_stream_server_metrics(stage->server, stage->metrics);
    wg_notify("WATCHDOG=1");
  }
  return wait > 0 ? wait : 0;
}

static bool finished(const struct wg_stage *stage, int64_t stop_by_us, int64_t now_us) {
  if (!stage->stopping) return false;
  if (now_us >= stop_by_us) return true;
  // Acknowledgements taken are stored before it stops: a consumer asked twice is one that was told "safe" once.
  const bool unsaved = stage->writer == WG_WRITER_IDLE && wg_stream_server_unsaved(stage->server);
  return !wg_writer_busy(stage) && !unsaved;
}

static wg_status poll_once(struct wg_stage *stage, int64_t wait_us, struct wg_error *error) {
  zmq_pollitem_t items[ITEM_FOLLOWS + WG_MAX_FOLLOWS + 1];
  const int count = poll_items(stage, items);
  if (zmq_poll(items, count, (long)((wait_us + 999) / 1000)) < 0 && errno != EINTR)
    return wg_fail(error, WG_INTERNAL, NULL, "poll: %s", zmq_strerror(errno));
  const int64_t now_us = wg_monotonic_us();
  if (items[ITEM_SIGNAL].revents) on_signal(stage);
  if (items[ITEM_WAKE].revents) wg_readers_done(stage);
  if (items[ITEM_DB].revents && wg_writer_busy(stage)) wg_batch_pump(stage);
  else if (items[ITEM_DB].revents) wg_writer_look(stage);
  if (items[ITEM_ROUTER].revents) wg_calls_receive(stage, now_us);
  for (size_t i = 0; i < stage->upstream_count; i++) {
    if (items[ITEM_FOLLOWS + i].revents) wg_follower_receive(stage->upstreams[i].follower, now_us);
  }
  return WG_OK;
}

wg_status wg_loop_run(struct wg_stage *stage, struct wg_error *error) {
  int64_t wait_us = 0, next_tick_us = 0, stop_by_us = INT64_MAX;
  while (!finished(stage, stop_by_us, wg_monotonic_us())) {
    const wg_status status = poll_once(stage, wait_us, error);
    if (status != WG_OK) return status;
    const int64_t now_us = wg_monotonic_us();
    if (stage->stopping && stop_by_us == INT64_MAX) {
      stop_by_us = now_us + WG_STOP_US;
      wg_stream_server_stop(stage->server);
    }
    if (now_us >= next_tick_us) next_tick_us = now_us + ticks(stage, now_us);
    wg_reference_deliver(stage, now_us);
    if (!stage->stopping || wg_stream_server_unsaved(stage->server)) wg_batch_try(stage);
    const int64_t unsent_us = wg_replies_retry(stage, now_us);
    wg_set(stage->slow_callers_metric, (double)stage->slow_callers_count);
    wait_us = next_tick_us - wg_monotonic_us();
    if (unsent_us < wait_us) wait_us = unsent_us;
    const int64_t batch_us = stage->writer == WG_WRITER_IDLE ? wg_batch_wait(stage) : INT64_MAX;
    if (batch_us < wait_us) wait_us = batch_us;
    if (wait_us < 0) wait_us = 0;
  }
  return WG_OK;
}

wg_status wg_loop_signals(struct wg_stage *stage, struct wg_error *error) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, NULL); // before any thread is started, so that all inherit it
  signal(SIGPIPE, SIG_IGN);
  stage->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  return stage->signal_fd < 0 ? wg_fail(error, WG_INTERNAL, NULL, "signalfd: %s", strerror(errno)) : WG_OK;
}
