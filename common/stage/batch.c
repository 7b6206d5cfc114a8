// One batch from forming to its answers. See stage.h for the order of things and for what happens when it fails.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/stage/internal.h"
#include "common/wire/wire.h"

#include <string.h>

enum { TICK_LEAST_US = 100000 };

struct wg_item *wg_batch_add(struct wg_stage *stage, struct wg_call *call, struct wg_redrive *redrive) {
  if (stage->items_count == stage->batch_capacity) {
    stage->batch_capacity = stage->batch_capacity ? stage->batch_capacity * 2 : 256;
    stage->batch.items = wg_realloc(stage->batch.items, sizeof *stage->batch.items * stage->batch_capacity);
    stage->batch_calls = wg_realloc(stage->batch_calls, sizeof *stage->batch_calls * stage->batch_capacity);
    stage->batch_redrives = wg_realloc(stage->batch_redrives, sizeof *stage->batch_redrives * stage->batch_capacity);
  }
  const size_t at = stage->items_count++;
  stage->batch_calls[at] = call;
  stage->batch_redrives[at] = redrive;
  stage->batch.items[at] = (struct wg_item){.traceparent = ""};
  return &stage->batch.items[at];
}

// add_call unpacks and checks a waiting call; one that is wrong is answered here and costs nobody else anything.
static void add_call(struct wg_stage *stage, struct wg_call *call, size_t *room) {
  struct wg_error error = {0};
  ProtobufCMessage *request = NULL;
  const struct wg_bytes body = {zmq_msg_data(&call->body), zmq_msg_size(&call->body)};
  wg_status status = wg_unpack(call->method->request, body, stage->batch.arena, &request, &error);
  if (status == WG_OK && call->method->check) status = call->method->check(&call->caller, request, &error);
  if (status != WG_OK) {
    wg_call_answer(stage, call, NULL, &error);
    return;
  }
  const size_t weight = call->method->weight ? call->method->weight(request) : 1;
  struct wg_item *item = wg_batch_add(stage, call, NULL);
  item->kind = WG_ITEM_CALL;
  item->method = call->method;
  item->caller = &call->caller;
  item->message = request;
  item->traceparent = call->traceparent;
  call->taken = true;
  *room -= weight < *room && !stage->isolate ? weight : *room;
}

// collect_calls takes waiting calls, of the service or (`ops`) of ops.proto.
static void collect_calls(struct wg_stage *stage, bool ops, size_t *room) {
  for (struct wg_call *call = stage->calls_head, *next; call && *room; call = next) {
    next = call->next;
    if (wg_arena_used(stage->batch.arena) >= WG_BATCH_BYTES) break;
    if (wg_is_ops(call->method) == ops) add_call(stage, call, room);
  }
}

// tick_due: its time has passed, by the monotonic clock or by the wall's: what is due by time is due, too, when that is
// set forward or the machine has slept. A clock that keeps running ahead makes ten a second.
static bool tick_due(const struct wg_stage *stage) {
  if (stage->service->tick_seconds <= 0) return false;
  const int64_t now_us = wg_monotonic_us();
  if (now_us >= stage->next_tick_item_us) return true;
  const int64_t least_us = stage->next_tick_item_us - stage->service->tick_seconds * WG_SECOND_US + TICK_LEAST_US;
  return now_us >= least_us && wg_now_us() >= stage->next_tick_at;
}

static void add_tick(struct wg_stage *stage, size_t *room) {
  stage->next_tick_item_us = wg_monotonic_us() + stage->service->tick_seconds * WG_SECOND_US;
  stage->next_tick_at = wg_now_us() + stage->service->tick_seconds * WG_SECOND_US;
  wg_batch_add(stage, NULL, NULL)->kind = WG_ITEM_TICK;
  --*room;
}

static void collect(struct wg_stage *stage) {
  size_t room = stage->isolate ? 1 : WG_BATCH_ITEMS;
  if (tick_due(stage)) add_tick(stage, &room);
  collect_calls(stage, false, &room);
  wg_follow_collect(stage, &room);
  stage->batch.count = stage->items_count;
  collect_calls(stage, true, &room);
}

static void clear(struct wg_stage *stage) {
  for (struct wg_call *call = stage->calls_head; call; call = call->next)
    call->taken = false;
  stage->batch.count = stage->items_count = 0;
  stage->batch.tick_again = false;
  stage->batch.state = NULL;
  stage->batch_active = false;
  stage->ops_batch = NULL;
  stage->parks = NULL;
  wg_reference_ended(stage, false);
  wg_arena_reset(stage->batch.arena);
}

static bool anything_to_write(const struct wg_stage *stage) {
  if (stage->items_count || stage->parks || wg_reference_due(stage)) return true;
  for (size_t i = 0; i < stage->upstream_count; i++) {
    if (stage->upstreams[i].batch_position != stage->upstreams[i].position) return true;
  }
  for (const struct wg_redrive *redrive = stage->redrives; redrive; redrive = redrive->next) {
    if (redrive->taken) return true;
  }
  return wg_stream_server_dirty(stage->server, wg_now_us());
}

// undo takes back what memory holds of a batch that did not commit.
static void undo(struct wg_stage *stage) {
  wg_log_rolled_back(stage->log);
  wg_stream_server_stored(stage->server, false);
  wg_follow_rolled_back(stage);
  if (stage->service->rolled_back) stage->service->rolled_back(stage->service_state, &stage->batch);
}

// give_tick_back makes the tick of a batch that did not commit due again: it was not its fault.
static void give_tick_back(struct wg_stage *stage) {
  if (stage->items_count && stage->batch.items[0].kind == WG_ITEM_TICK) stage->next_tick_item_us = 0;
}

void wg_batch_abandon(struct wg_stage *stage) {
  if (!stage->batch_active) return;
  give_tick_back(stage);
  undo(stage);
  clear(stage);
  stage->isolate = 0;
}

// fail_alone ends an item that failed by itself: its caller is told, an event is set aside.
static void fail_alone(struct wg_stage *stage) {
  const struct wg_error failure = stage->batch_error;
  struct wg_error shown;
  wg_fail(&shown, WG_INTERNAL, NULL, "the service could not do this; it is logged there and nothing was changed");
  if (stage->items_count == 0) {
    // Positions or dead letters alone cannot be written: the state in memory is wrong. Begin anew from the database.
    wg_writer_lost(stage, &failure);
    return;
  }
  struct wg_call *call = stage->batch_calls[0];
  struct wg_redrive *redrive = stage->batch_redrives[0];
  const bool event = !call && !redrive && stage->batch.items[0].kind == WG_ITEM_EVENT;
  struct wg_upstream *upstream = event ? wg_upstream_of(stage, stage->batch.items[0].follow->stream) : NULL;
  const uint64_t seq = upstream ? stage->batch.items[0].event->seq : 0;
  undo(stage);
  clear(stage);
  if (call) {
    wg_call_answer(stage, call, NULL, &shown);
  } else if (redrive) {
    snprintf(redrive->failure, sizeof redrive->failure, "%s", failure.message);
  } else if (upstream) {
    upstream->park_seq = seq;
    snprintf(upstream->park_reason, sizeof upstream->park_reason, "%s", failure.message);
  }
}

static void failed(struct wg_stage *stage) {
  wg_count(stage->batch_failures, 1);
  wg_log(WG_LOG_ERROR, "batch failed", wg_field_text("code", wg_status_name(stage->batch_error.code)),
         wg_field_text("error", stage->batch_error.message), wg_field_int("items", (int64_t)stage->items_count));
  stage->writer = WG_WRITER_IDLE;
  if (stage->items_count <= 1) {
    fail_alone(stage);
    if (stage->isolate) stage->isolate--;
    return;
  }
  stage->isolate = stage->items_count;
  give_tick_back(stage); // alone it shows whether it was its fault
  undo(stage);
  clear(stage);
}

// give_up is called when queueing SQL or deciding failed: the pump drains and rolls back, then `failed` decides.
static void give_up(struct wg_stage *stage, const struct wg_error *error) {
  stage->batch_error = *error;
  if (error->code == WG_UNAVAILABLE || wg_db_lost(stage->db)) {
    wg_writer_lost(stage, error);
    return;
  }
  stage->writer = WG_WRITER_FAILING;
  struct wg_error again = {0};
  wg_status status = wg_db_send(stage->db, &WG_ROLLBACK, NULL, NULL, NULL, &again);
  if (status == WG_OK) status = wg_db_sync(stage->db, &again);
  if (status != WG_OK) wg_writer_lost(stage, &again);
}

static wg_status queue_writes(struct wg_stage *stage, struct wg_error *error) {
  struct wg_batch *batch = &stage->batch;
  wg_status status = WG_OK;
  if (batch->count) status = stage->service->decide(stage->service_state, batch, error);
  if (status == WG_OK && batch->count) status = stage->service->store(stage->service_state, batch, error);
  if (status == WG_OK) status = wg_log_store(stage->log, stage->db, batch->arena, error);
  if (status == WG_OK && wg_ops_removes(stage)) wg_stream_server_hurry(stage->server);
  if (status == WG_OK) status = wg_stream_server_store(stage->server, stage->db, batch->arena, error);
  // Behind the positions: a consumer that is removed must not be written again by this batch.
  if (status == WG_OK) status = wg_ops_store(stage, error);
  if (status == WG_OK) status = wg_reference_store(stage, error);
  if (status == WG_OK) status = wg_follow_store(stage, error);
  if (status == WG_OK) status = wg_db_send(stage->db, &WG_COMMIT, NULL, NULL, NULL, error);
  return status == WG_OK ? wg_db_sync(stage->db, error) : status;
}

static void decide_and_store(struct wg_stage *stage) {
  struct wg_error error = {0};
  stage->writer = WG_WRITER_COMMITTING;
  if (queue_writes(stage, &error) != WG_OK) give_up(stage, &error);
}

static void begin(struct wg_stage *stage) {
  struct wg_error error = {0};
  stage->batch_active = true;
  stage->batch_began_us = wg_monotonic_us();
  stage->batch.db = stage->db;
  stage->batch_error = (struct wg_error){0};
  wg_log_begin(stage->log, stage->batch.now);
  wg_status status = wg_db_send(stage->db, &WG_BEGIN, NULL, NULL, NULL, &error);
  const size_t sent = wg_db_sent(stage->db);
  if (status == WG_OK) status = wg_ops_load(stage, &error);
  if (status == WG_OK && stage->batch.count) status = stage->service->load(stage->service_state, &stage->batch, &error);
  const bool loading = wg_db_sent(stage->db) > sent;
  if (status == WG_OK && loading) {
    stage->writer = WG_WRITER_LOADING;
    status = wg_db_flush_request(stage->db, &error);
  }
  if (status != WG_OK) give_up(stage, &error);
  else if (!loading) decide_and_store(stage);
}

// events_wait gives the microseconds until a batch of events alone may begin.
static int64_t events_wait(const struct wg_stage *stage, int64_t now_us) {
  if (!wg_follow_waiting(stage)) return INT64_MAX;
  if (stage->isolate || stage->stopping) return 0;
  const int64_t wait = stage->batch_began_us + stage->service->pace_us - now_us;
  return wait > 0 ? wait : 0;
}

static int64_t calls_wait(const struct wg_stage *stage, int64_t now_us) {
  if (!stage->calls_head) return INT64_MAX;
  if (stage->isolate || stage->stopping) return 0;
  return wg_gather_wait(&stage->gather, stage->calls_head->arrived_us, stage->calls_bytes, now_us);
}

int64_t wg_batch_wait(const struct wg_stage *stage) {
  if (wg_reference_due(stage) || tick_due(stage) || wg_stream_server_dirty(stage->server, wg_now_us())) return 0;
  const int64_t now_us = wg_monotonic_us();
  const int64_t events = events_wait(stage, now_us), calls = calls_wait(stage, now_us);
  return events < calls ? events : calls;
}

void wg_batch_try(struct wg_stage *stage) {
  if (stage->writer != WG_WRITER_IDLE || wg_batch_wait(stage) > 0) return;
  stage->batch.now = wg_now_us();
  collect(stage);
  if (!anything_to_write(stage)) {
    clear(stage);
    return;
  }
  begin(stage);
  wg_batch_pump(stage);
}

static void answer_calls(struct wg_stage *stage) {
  for (size_t i = 0; i < stage->items_count; i++) {
    struct wg_item *item = &stage->batch.items[i];
    if (item->kind != WG_ITEM_CALL) continue;
    if (item->error.code == WG_OK && !item->reply)
      wg_fail(&item->error, WG_INTERNAL, NULL, "the service gave no answer");
    wg_call_answer(stage, stage->batch_calls[i], item->reply, item->error.code == WG_OK ? NULL : &item->error);
  }
}

static void committed(struct wg_stage *stage) {
  stage->writer = WG_WRITER_IDLE;
  wg_observe(stage->batch_seconds, (double)(wg_monotonic_us() - stage->batch_began_us) / 1e6);
  wg_count(stage->batches, 1);
  wg_count(stage->batch_items, stage->items_count);
  if (stage->batch.tick_again) stage->next_tick_item_us = 0;
  if (stage->service->committed && stage->batch.count) stage->service->committed(stage->service_state, &stage->batch);
  wg_log_committed(stage->log, wg_stream_server_publish, stage->server);
  wg_stream_server_stored(stage->server, true);
  wg_reference_ended(stage, true);
  wg_follow_committed(stage);
  wg_ops_committed(stage);
  answer_calls(stage);
  if (stage->isolate) stage->isolate -= stage->items_count < stage->isolate ? stage->items_count : stage->isolate;
  clear(stage);
}

void wg_batch_pump(struct wg_stage *stage) {
  while (wg_writer_busy(stage)) {
    struct wg_error error = {0};
    size_t waiting = 0;
    const wg_status status = wg_db_pump(stage->db, &waiting, &error);
    if (status == WG_UNAVAILABLE || wg_db_lost(stage->db)) {
      wg_writer_lost(stage, &error);
      return;
    }
    if (status != WG_OK) {
      if (stage->batch_error.code == WG_OK) stage->batch_error = error;
      if (stage->writer != WG_WRITER_FAILING && waiting == 0) {
        failed(stage);
        return;
      }
      stage->writer = WG_WRITER_FAILING;
    }
    if (waiting) return;
    if (stage->writer == WG_WRITER_LOADING) decide_and_store(stage);
    else if (stage->writer == WG_WRITER_COMMITTING) committed(stage);
    else if (stage->writer == WG_WRITER_FAILING) failed(stage);
  }
}
