// Reader threads: each takes one job at a time and has its own connection, made when first needed and again when lost.
// A job ends by wg_readers_post; the loop wakes by an eventfd and runs its `done`.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/stage/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WG_READER_QUEUE = 1024, WG_READER_TIMEOUT_MS = 5000 };

struct wg_db_options wg_stage_db_options(const struct wg_stage *stage, bool reader) {
  return (struct wg_db_options){
      .dsn = stage->settings->database,
      .schema = stage->service->name,
      .application_name = stage->service->name,
      .statement_timeout_ms = reader ? WG_READER_TIMEOUT_MS : 30000,
      .read_only = reader,
  };
}

static struct wg_job *take(struct wg_stage *stage) {
  pthread_mutex_lock(&stage->mutex);
  while (!stage->jobs_head && !stage->readers_stop)
    pthread_cond_wait(&stage->condition, &stage->mutex);
  struct wg_job *job = stage->readers_stop ? NULL : stage->jobs_head;
  if (job) {
    stage->jobs_head = job->next;
    if (!stage->jobs_head) stage->jobs_tail = &stage->jobs_head;
    stage->jobs_count--;
  }
  pthread_mutex_unlock(&stage->mutex);
  return job;
}

// run_job runs one job on the connection; a writing one in a transaction of its own.
static void run_job(struct wg_job *job, struct wg_db *db) {
  if (job->writes) {
    job->status = wg_db_exec(db, "BEGIN READ WRITE", &job->error);
    if (job->status != WG_OK) return;
  }
  job->run(job, db);
  if (!job->writes || wg_db_lost(db)) return;
  struct wg_error ignored_after_failure = {0};
  if (job->status == WG_OK) job->status = wg_db_exec(db, "COMMIT", &job->error);
  else wg_db_exec(db, "ROLLBACK", &ignored_after_failure);
}

static void *reader(void *context) {
  struct wg_stage *stage = context;
  struct wg_db *db = NULL;
  for (struct wg_job *job; (job = take(stage));) {
    const struct wg_db_options options = wg_stage_db_options(stage, true);
    job->status = WG_OK;
    if (!db) job->status = wg_db_connect(&options, &db, &job->error);
    if (db) run_job(job, db);
    else job->run(job, NULL);
    if (db && wg_db_lost(db)) {
      wg_db_close(db);
      db = NULL;
    }
    wg_readers_post(stage, job);
  }
  wg_db_close(db);
  return NULL;
}

wg_status wg_readers_start(struct wg_stage *stage, struct wg_error *error) {
  pthread_mutex_init(&stage->mutex, NULL);
  pthread_cond_init(&stage->condition, NULL);
  stage->jobs_tail = &stage->jobs_head;
  stage->done_tail = &stage->done_head;
  stage->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (stage->wake_fd < 0) return wg_fail(error, WG_INTERNAL, NULL, "eventfd: %s", strerror(errno));
  stage->threads = wg_zalloc(sizeof *stage->threads * (size_t)stage->settings->readers);
  for (int64_t i = 0; i < stage->settings->readers; i++) {
    const int failed = pthread_create(&stage->threads[i], NULL, reader, stage);
    if (failed) return wg_fail(error, WG_INTERNAL, NULL, "cannot start reader thread: %s", strerror(failed));
    stage->thread_count++;
  }
  return WG_OK;
}

void wg_readers_stop(struct wg_stage *stage) {
  if (!stage->threads) return;
  pthread_mutex_lock(&stage->mutex);
  stage->readers_stop = true;
  pthread_cond_broadcast(&stage->condition);
  pthread_mutex_unlock(&stage->mutex);
  for (size_t i = 0; i < stage->thread_count; i++)
    pthread_join(stage->threads[i], NULL);
  // Jobs nobody began end as unavailable, so that what they hold is freed.
  while (stage->jobs_head) {
    struct wg_job *job = stage->jobs_head;
    stage->jobs_head = job->next;
    job->status = wg_fail(&job->error, WG_UNAVAILABLE, NULL, "the service is stopping");
    wg_readers_post(stage, job);
  }
  wg_readers_done(stage);
  free(stage->threads);
  stage->threads = NULL;
  close(stage->wake_fd);
  pthread_cond_destroy(&stage->condition);
  pthread_mutex_destroy(&stage->mutex);
}

bool wg_readers_submit(struct wg_stage *stage, struct wg_job *job) {
  job->stage = stage;
  job->next = NULL;
  pthread_mutex_lock(&stage->mutex);
  const bool room = stage->jobs_count < WG_READER_QUEUE && !stage->readers_stop;
  if (room) {
    *stage->jobs_tail = job;
    stage->jobs_tail = &job->next;
    stage->jobs_count++;
    pthread_cond_signal(&stage->condition);
  }
  pthread_mutex_unlock(&stage->mutex);
  return room;
}

void wg_readers_post(struct wg_stage *stage, struct wg_job *job) {
  job->next = NULL;
  pthread_mutex_lock(&stage->mutex);
  *stage->done_tail = job;
  stage->done_tail = &job->next;
  pthread_mutex_unlock(&stage->mutex);
  const uint64_t one = 1;
  if (write(stage->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
    wg_log(WG_LOG_ERROR, "eventfd write failed", wg_field_text("error", strerror(errno)));
}

void wg_readers_done(struct wg_stage *stage) {
  uint64_t count;
  if (read(stage->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
    wg_log(WG_LOG_ERROR, "eventfd read failed", wg_field_text("error", strerror(errno)));
  pthread_mutex_lock(&stage->mutex);
  struct wg_job *job = stage->done_head;
  stage->done_head = NULL;
  stage->done_tail = &stage->done_head;
  pthread_mutex_unlock(&stage->mutex);
  while (job) {
    struct wg_job *next = job->next;
    job->done(stage, job);
    job = next;
  }
}

// --- reads of the stream server ---
struct stream_job {
  struct wg_job job;
  wg_status (*work)(struct wg_db *db, void *job, struct wg_error *error);
  void (*done)(void *job, wg_status status, const struct wg_error *error);
  void *inner;
};

static void stream_run(struct wg_job *job, struct wg_db *db) {
  struct stream_job *read = (struct stream_job *)job;
  if (db) job->status = read->work(db, read->inner, &job->error);
}

static void stream_done(struct wg_stage *stage, struct wg_job *job) {
  (void)stage;
  struct stream_job *read = (struct stream_job *)job;
  read->done(read->inner, job->status, &job->error);
  free(read);
}

void wg_readers_stream_read(void *context, wg_status (*work)(struct wg_db *, void *, struct wg_error *),
                            void (*done)(void *, wg_status, const struct wg_error *), void *inner) {
  struct wg_stage *stage = context;
  struct stream_job *read = wg_zalloc(sizeof *read);
  *read =
      (struct stream_job){.job = {.run = stream_run, .done = stream_done}, .work = work, .done = done, .inner = inner};
  if (wg_readers_submit(stage, &read->job)) return;
  // The queue is full: answered from the loop's next round, never from inside the caller.
  read->job.stage = stage;
  read->job.status = wg_fail(&read->job.error, WG_UNAVAILABLE, NULL, "too many reads are waiting");
  wg_readers_post(stage, &read->job);
}
