// Inside of the stage: one struct, shared by the files of this folder and by nobody else.
//
//   main.c     options, settings, start and stop
//   loop.c     the poll loop, timers, signals
//   calls.c    calls in, rights
//   replies.c  answers out
//   gather.c   whether a batch waits for more calls
//   batch.c    forms a batch and takes it through load, decide, store, commit
//   writer.c   the writing connection: connect, advisory lock, reload of state
//   readers.c  threads for reads
//   follow.c   upstream streams: positions, events into items, own dead letters
//   replica.c  records of the registry in table and memory
//   reference.c  where reference data come from, when the service is given them, what it says without
//   ops.c      the calls of ops.proto, the same in every service
#pragma once

#include "common/stage/gather.h"
#include "common/stage/replica.h"
#include "common/stage/stage.h"
#include "common/stream/follower.h"
#include "common/stream/server.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { WG_MAX_FOLLOWS = 8 };

struct wg_stage_settings {
  char *listen, *http, *database, *owner_database, *key, *principals, *share, *log_level, *clock;
  char *registry, *reference; // endpoint, folder; of services with record_kinds
  int64_t readers, cache_mb, gather_us;
  char *endpoints[WG_MAX_FOLLOWS]; // of the upstream services, in the order of service->follows
};

// A writing call that waits for its batch or is in it. Stays in the queue until it is answered.
struct wg_call {
  struct wg_call *next;
  struct wg_peer peer;
  struct wg_principal caller;
  uint64_t id;
  const struct wg_method *method;
  zmq_msg_t body;
  char traceparent[56];
  int64_t arrived_us, deadline_us; // monotonic
  bool taken;                      // in the batch under way
};

// A dead letter of this service itself that an operator wants tried again.
struct wg_redrive {
  struct wg_redrive *next;
  int64_t parked_id;
  char stream[64];
  struct wg_buffer event; // packed wangge.v1.Event
  bool taken;             // in the batch under way
  char failure[400];      // it cannot be given to the service: the batch only notes why
};

// An upstream stream with what the stage knows of it.
struct wg_upstream {
  const struct wg_follow *follow;
  struct wg_follower *follower;
  uint64_t position;       // committed
  uint64_t batch_position; // after the batch under way
  uint64_t park_seq;       // event that failed alone: to be parked without asking the service; 0: none
  char park_reason[400];
  uint64_t parked; // dead letters waiting
  struct wg_metric *position_metric, *head_metric, *parked_metric, *connected_metric;
};

// Work for a reader thread. `run` there, `done` in the loop.
struct wg_job {
  struct wg_job *next;
  void (*run)(struct wg_job *job, struct wg_db *db); // db NULL: no connection, job->status is UNAVAILABLE
  void (*done)(struct wg_stage *stage, struct wg_job *job);
  struct wg_stage *stage;
  bool writes; // in a READ WRITE transaction that is committed when status is OK
  wg_status status;
  struct wg_error error;
};

// Reference data of a service with record_kinds.
struct wg_reference {
  struct wg_replica *replica; // NULL: none wanted, or a folder
  bool loaded;                // the replica has been read from the table
  bool ready;                 // the service has built its objects
  bool reload;                // the folder is to be read again
  uint64_t tried;             // generation of the replica the service was given last
  uint64_t in_force;          // position of the stream that what the service is built on is as of
  int64_t waiting_us;         // since when a newer one waits, monotonic; 0: none does
  char refusal[512];          // why the service refused what it was given last; "" when it did not
  char lack[600];             // why it is not ready, for calls and for /readyz
  struct wg_metric *records[WG_REPLICA_KINDS], *in_use, *lag, *position, *changed_at, *refused, *seconds;
};

enum wg_writer_state {
  WG_WRITER_DOWN,       // no connection; next attempt at retry_at
  WG_WRITER_CONNECTING, // a thread is connecting
  WG_WRITER_STANDBY,    // connected, another instance holds the lock
  WG_WRITER_IDLE,
  WG_WRITER_LOADING,    // batch: waits for loaded rows
  WG_WRITER_COMMITTING, // batch: waits for COMMIT
  WG_WRITER_FAILING,    // batch failed: draining until the connection is usable again
};

// A dead letter to be written with the batch.
struct wg_park_row {
  struct wg_park_row *next;
  const char *stream;
  const Wangge__V1__Event *event;
  const char *reason;
};

struct wg_stage {
  const struct wg_service *service;
  struct wg_stage_settings *settings; // the service's own settings lie behind it
  void *service_settings, *service_state;

  struct wg_metrics *metrics;
  struct wg_health *health;
  const char *notice; // what is switched off, "" nothing
  struct wg_http *http;
  struct wg_bus bus;
  struct wg_principals *principals;
  void *router;
  int64_t started_at;
  bool stopping;
  int signal_fd, wake_fd;

  // calls
  struct wg_call *calls_head, **calls_tail;
  size_t calls_count, calls_bytes;
  struct wg_gather gather;
  struct wg_arena *envelope_arena;
  struct wg_buffer envelope_buffer;

  // answers that wait because their callers' queues are full; all zero: none
  struct wg_slow_caller *slow_callers;
  size_t slow_callers_count, unsent_bytes;
  int64_t unsent_retry_us, unsent_pause_us;

  // writer
  enum wg_writer_state writer;
  struct wg_db *db;
  int64_t retry_at_us, backoff_us;
  struct wg_log *log;
  struct wg_stream_server *server;
  struct wg_upstream upstreams[WG_MAX_FOLLOWS + 1]; // the service's, in its order; then the registry's
  size_t upstream_count;
  struct wg_reference reference;
  struct wg_redrive *redrives;

  // batch under way
  struct wg_batch batch;              // its count: the service's items; items of ops.proto stand behind them
  size_t items_count;                 // all of them
  struct wg_call **batch_calls;       // NULL for event items; by item
  struct wg_redrive **batch_redrives; // NULL but for redriven events; by item
  size_t batch_capacity;
  int64_t batch_began_us;
  struct wg_error batch_error;
  bool batch_active;
  size_t isolate; // items still to be run one by one
  struct wg_park_row *parks;
  struct wg_ops_batch *ops_batch;

  // readers
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  struct wg_job *jobs_head, **jobs_tail, *done_head, **done_tail;
  size_t jobs_count;
  pthread_t *threads;
  size_t thread_count;
  bool readers_stop;

  int64_t next_retention_us, next_metrics_us, next_tick_item_us, next_refresh_us;
  int64_t next_tick_at; // of the wall clock, UTC microseconds
  bool refreshing;
  struct wg_metric *db_up, *db_reconnects, *writer_metric, *batch_seconds, *batch_items, *batches, *batch_failures,
      *replies_dropped, *slow_callers_metric, *malformed, *queued_calls, *denied, *refused_handshakes;
};

// calls.c
void wg_calls_receive(struct wg_stage *stage, int64_t now_us);
bool wg_calls_room(const struct wg_stage *stage);
void wg_calls_expire(struct wg_stage *stage, int64_t now_us);
void wg_calls_fail_all(struct wg_stage *stage, wg_status code, const char *message);
// Answers and frees a call that stands in the queue.
void wg_call_answer(struct wg_stage *stage, struct wg_call *call, const ProtobufCMessage *reply,
                    const struct wg_error *error);

// replies.c
// wg_reply answers now, or as soon as the caller's queue has room; copies what it keeps.
void wg_reply(struct wg_stage *stage, const struct wg_peer *peer, uint64_t id, const char *method,
              const ProtobufCMessage *reply, const struct wg_error *error);
// wg_replies_retry sends what waits and can be sent; gives the microseconds until it wants to be called again
// (INT64_MAX: nothing waits). Answers to callers that are gone are forgotten, those of callers that do not read dropped
// and counted.
int64_t wg_replies_retry(struct wg_stage *stage, int64_t now_us);
// wg_replies_stop waits at most a second for callers to take what waits, and drops the rest.
void wg_replies_stop(struct wg_stage *stage);

// batch.c
void wg_batch_try(struct wg_stage *stage); // starts one when the writer is idle and something waits
// wg_batch_wait gives the microseconds until a batch has to begin: 0 now, INT64_MAX nothing waits for one.
int64_t wg_batch_wait(const struct wg_stage *stage);
void wg_batch_pump(struct wg_stage *stage);    // goes on with the one under way
void wg_batch_abandon(struct wg_stage *stage); // the connection is lost: calls wait for the next one

// writer.c
void wg_writer_tick(struct wg_stage *stage, int64_t now_us);
void wg_writer_lost(struct wg_stage *stage, const struct wg_error *error);
void wg_writer_look(struct wg_stage *stage); // the idle connection has something to say: is it the end?
bool wg_writer_busy(const struct wg_stage *stage);

// readers.c
wg_status wg_readers_start(struct wg_stage *stage, struct wg_error *error);
void wg_readers_stop(struct wg_stage *stage);
bool wg_readers_submit(struct wg_stage *stage, struct wg_job *job); // false: queue full, the job is the caller's
void wg_readers_done(struct wg_stage *stage);                       // loop: runs the `done` of what ended
void wg_readers_post(struct wg_stage *stage, struct wg_job *job);   // from any thread: `job` has ended
void wg_readers_stream_read(void *stage, wg_status (*work)(struct wg_db *, void *, struct wg_error *),
                            void (*done)(void *, wg_status, const struct wg_error *), void *job);
struct wg_db_options wg_stage_db_options(const struct wg_stage *stage, bool reader);

// follow.c
wg_status wg_follow_start(struct wg_stage *stage, struct wg_error *error);
void wg_follow_stop(struct wg_stage *stage);
wg_status wg_follow_load(struct wg_stage *stage, struct wg_db *db, struct wg_error *error);
void wg_follow_pause(struct wg_stage *stage);
int64_t wg_follow_tick(struct wg_stage *stage, int64_t now_us);
bool wg_follow_waiting(const struct wg_stage *stage);
// Adds items from upstream deliveries and redrives, until `room` is used up; parks are noted in stage->parks.
void wg_follow_collect(struct wg_stage *stage, size_t *room);
wg_status wg_follow_store(struct wg_stage *stage, struct wg_error *error);
void wg_follow_committed(struct wg_stage *stage);
void wg_follow_rolled_back(struct wg_stage *stage);
struct wg_upstream *wg_upstream_of(const struct wg_stage *stage, const char *stream);
void wg_redrive_add(struct wg_stage *stage, int64_t parked_id, const char *stream, struct wg_bytes event);

// batch.c, for follow.c
struct wg_item *wg_batch_add(struct wg_stage *stage, struct wg_call *call, struct wg_redrive *redrive);

// reference.c
extern const struct wg_follow WG_REGISTRY_FOLLOW;
wg_status wg_reference_start(struct wg_stage *stage, struct wg_error *error);
void wg_reference_stop(struct wg_stage *stage);
wg_status wg_reference_load(struct wg_stage *stage, struct wg_db *db, struct wg_error *error);
void wg_reference_reload(struct wg_stage *stage);      // SIGHUP
bool wg_reference_ready(const struct wg_stage *stage); // true for a service without record_kinds
bool wg_reference_due(const struct wg_stage *stage);   // the service has been built and that is to be written
wg_status wg_reference_store(struct wg_stage *stage, struct wg_error *error);
void wg_reference_ended(struct wg_stage *stage, bool committed);   // of a batch
void wg_reference_deliver(struct wg_stage *stage, int64_t now_us); // between batches
void wg_reference_tick(struct wg_stage *stage);                    // health, metrics

// ops.c
extern const struct wg_method wg_ops_methods[];
const struct wg_method *wg_stage_method(const struct wg_stage *stage, const char *name);
bool wg_is_ops(const struct wg_method *method);
// Info and Queues are answered at once from memory.
// wg_stage_notice asks the service for its notice.
void wg_stage_notice(struct wg_stage *stage);
bool wg_ops_at_once(struct wg_stage *stage, const struct wg_method *method, const struct wg_principal *caller,
                    struct wg_arena *arena, ProtobufCMessage **reply);
wg_status wg_ops_load(struct wg_stage *stage, struct wg_error *error);
bool wg_ops_removes(const struct wg_stage *stage); // the batch removes a consumer
wg_status wg_ops_store(struct wg_stage *stage, struct wg_error *error);
void wg_ops_committed(struct wg_stage *stage);
