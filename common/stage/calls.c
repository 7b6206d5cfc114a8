// Calls: what comes in by the ROUTER and who may do what.
//
// Rights are checked here, once, for every call of every service: the principal is looked up by the User-Id of ZAP at
// each message (a revoked key stops at once) and its roles are held against the method's.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/stage/internal.h"
#include "common/wire/wire.h"

#include <string.h>

enum {
  WG_CALLS_MOST = 4096,
  WG_CALLS_MOST_BYTES = 24 << 20,
  WG_RECEIVE_ROUND = 256, // messages taken before the loop looks at its other sockets again
  WG_CALL_TIMEOUT_MS = 30000,
  WG_CALL_TIMEOUT_MOST_MS = 600000,
};

bool wg_calls_room(const struct wg_stage *stage) {
  return stage->calls_count < WG_CALLS_MOST && stage->calls_bytes < WG_CALLS_MOST_BYTES;
}

static void refuse(struct wg_stage *stage, const struct wg_peer *peer, uint64_t id, const char *method,
                   const struct wg_error *error) {
  wg_reply(stage, peer, id, method, NULL, error);
}

static void unlink_call(struct wg_stage *stage, struct wg_call *call) {
  for (struct wg_call **at = &stage->calls_head; *at; at = &(*at)->next) {
    if (*at != call) continue;
    *at = call->next;
    if (stage->calls_tail == &call->next) stage->calls_tail = at;
    break;
  }
  stage->calls_count--;
  stage->calls_bytes -= zmq_msg_size(&call->body);
}

void wg_call_answer(struct wg_stage *stage, struct wg_call *call, const ProtobufCMessage *reply,
                    const struct wg_error *error) {
  unlink_call(stage, call);
  wg_reply(stage, &call->peer, call->id, call->method->name, reply, error);
  zmq_msg_close(&call->body);
  free(call);
}

void wg_calls_expire(struct wg_stage *stage, int64_t now_us) {
  for (struct wg_call *call = stage->calls_head, *next; call; call = next) {
    next = call->next;
    if (call->taken || now_us < call->deadline_us) continue;
    struct wg_error error;
    wg_fail(&error, WG_DEADLINE_EXCEEDED, NULL, "work on the call did not begin within its timeout; nothing was done");
    wg_call_answer(stage, call, NULL, &error);
  }
}

void wg_calls_fail_all(struct wg_stage *stage, wg_status code, const char *message) {
  struct wg_error error;
  wg_fail(&error, code, NULL, "%s", message);
  while (stage->calls_head)
    wg_call_answer(stage, stage->calls_head, NULL, &error);
}

// --- reading calls ---
struct read_job {
  struct wg_job job;
  struct wg_peer peer;
  struct wg_principal caller;
  uint64_t id;
  const struct wg_method *method;
  struct wg_arena *arena;
  ProtobufCMessage *request, *reply;
  int64_t deadline_us;
};

static void read_run(struct wg_job *job, struct wg_db *db) {
  struct read_job *read = (struct read_job *)job;
  if (!db) return;
  if (wg_monotonic_us() >= read->deadline_us) {
    job->status = wg_fail(&job->error, WG_DEADLINE_EXCEEDED, NULL, "work on the call did not begin within its timeout");
    return;
  }
  struct wg_read_call call = {
      .caller = &read->caller,
      .request = read->request,
      .arena = read->arena,
      .db = db,
      .service = wg_is_ops(read->method) ? job->stage : job->stage->service_state,
      .now = wg_now_us(),
  };
  job->status = read->method->read(&call, &read->reply, &job->error);
}

static void read_done(struct wg_stage *stage, struct wg_job *job) {
  struct read_job *read = (struct read_job *)job;
  job->error.code = job->status;
  wg_reply(stage, &read->peer, read->id, read->method->name, read->reply, job->status == WG_OK ? NULL : &job->error);
  wg_arena_destroy(read->arena);
  free(read);
}

static void submit_read(struct wg_stage *stage, const struct wg_incoming *incoming, const Wangge__V1__Call *call,
                        const struct wg_method *method, const struct wg_principal *caller, int64_t deadline_us) {
  struct wg_error error = {0};
  struct wg_arena *arena = wg_arena_create(16384);
  ProtobufCMessage *request = NULL;
  const struct wg_bytes body = {zmq_msg_data((zmq_msg_t *)&incoming->body), zmq_msg_size(&incoming->body)};
  wg_status status = wg_unpack(method->request, body, arena, &request, &error);
  if (status == WG_OK && method->check) status = method->check(caller, request, &error);
  ProtobufCMessage *reply = NULL;
  if (status == WG_OK && wg_ops_at_once(stage, method, caller, arena, &reply)) {
    wg_reply(stage, &incoming->peer, call->id, method->name, reply, NULL);
    wg_arena_destroy(arena);
    return;
  }
  struct read_job *read = NULL;
  if (status == WG_OK) {
    read = wg_zalloc(sizeof *read);
    *read = (struct read_job){
        .job = {.run = read_run, .done = read_done, .writes = method->writes_audit},
        .peer = incoming->peer,
        .caller = *caller,
        .id = call->id,
        .method = method,
        .arena = arena,
        .request = request,
        .deadline_us = deadline_us,
    };
    if (wg_readers_submit(stage, &read->job)) return;
    free(read);
    wg_fail(&error, WG_RESOURCE_EXHAUSTED, NULL, "too many reads are waiting; try again later");
  }
  refuse(stage, &incoming->peer, call->id, method->name, &error);
  wg_arena_destroy(arena);
}

// --- writing calls ---
// What is known of a writing call when it comes; the body is moved on.
struct write_call {
  struct wg_peer peer;
  struct wg_principal caller;
  uint64_t id;
  const struct wg_method *method;
  char traceparent[sizeof((struct wg_call *)0)->traceparent];
  int64_t deadline_us;
  zmq_msg_t body;
};

// queue_write takes the body in any case.
static void queue_write(struct wg_stage *stage, struct write_call *write) {
  struct wg_error error;
  if (stage->writer == WG_WRITER_DOWN || stage->writer == WG_WRITER_CONNECTING || stage->writer == WG_WRITER_STANDBY) {
    wg_fail(&error, WG_UNAVAILABLE, NULL,
            stage->writer == WG_WRITER_STANDBY ? "this instance stands by; another one writes"
                                               : "the database is not reached; try again later");
    refuse(stage, &write->peer, write->id, write->method->name, &error);
    zmq_msg_close(&write->body);
    return;
  }
  struct wg_call *call = wg_zalloc(sizeof *call);
  call->peer = write->peer;
  call->caller = write->caller;
  call->id = write->id;
  call->method = write->method;
  snprintf(call->traceparent, sizeof call->traceparent, "%s", write->traceparent);
  call->arrived_us = wg_monotonic_us();
  wg_gather_call(&stage->gather, call->arrived_us);
  call->deadline_us = write->deadline_us;
  zmq_msg_init(&call->body);
  zmq_msg_move(&call->body, &write->body);
  *stage->calls_tail = call;
  stage->calls_tail = &call->next;
  stage->calls_count++;
  stage->calls_bytes += zmq_msg_size(&call->body);
}

// --- writing calls about which another service is asked first ---
struct ask_job {
  struct wg_job job;
  struct write_call write;
  struct wg_arena *arena;
  ProtobufCMessage *request;
};

static void ask_run(struct wg_job *job, struct wg_db *db) {
  (void)db;
  struct ask_job *ask = (struct ask_job *)job;
  const struct wg_read_call call = {.caller = &ask->write.caller,
                                    .request = ask->request,
                                    .arena = ask->arena,
                                    .service = job->stage->service_state,
                                    .now = wg_now_us()};
  job->error = (struct wg_error){0}; // that there is no database is none of its business
  job->status = ask->write.method->ask(&call, &job->error);
}

static void ask_done(struct wg_stage *stage, struct wg_job *job) {
  struct ask_job *ask = (struct ask_job *)job;
  stage->calls_count--;
  stage->calls_bytes -= zmq_msg_size(&ask->write.body);
  if (job->status == WG_OK) {
    queue_write(stage, &ask->write);
  } else {
    job->error.code = job->status;
    refuse(stage, &ask->write.peer, ask->write.id, ask->write.method->name, &job->error);
    zmq_msg_close(&ask->write.body);
  }
  wg_arena_destroy(ask->arena);
  free(ask);
}

// ask_first gives the call to a reader thread when another service has to be asked; false: it is the caller's as
// before.
static bool ask_first(struct wg_stage *stage, struct write_call *write) {
  if (!write->method->ask) return false;
  struct wg_error error = {0};
  struct wg_arena *arena = wg_arena_create(16384);
  ProtobufCMessage *request = NULL;
  const struct wg_bytes body = {zmq_msg_data(&write->body), zmq_msg_size(&write->body)};
  wg_status status = wg_unpack(write->method->request, body, arena, &request, &error);
  if (status == WG_OK && write->method->check) status = write->method->check(&write->caller, request, &error);
  // What is wrong in itself is told where all such calls are told it.
  if (status != WG_OK || !write->method->asks(stage->service_state, request)) {
    wg_arena_destroy(arena);
    return false;
  }
  struct ask_job *ask = wg_zalloc(sizeof *ask);
  *ask =
      (struct ask_job){.job = {.run = ask_run, .done = ask_done}, .write = *write, .arena = arena, .request = request};
  zmq_msg_init(&ask->write.body);
  zmq_msg_move(&ask->write.body, &write->body);
  // It counts among the calls, so that these stay bounded.
  stage->calls_count++;
  stage->calls_bytes += zmq_msg_size(&ask->write.body);
  if (wg_readers_submit(stage, &ask->job)) return true;
  ask->job.stage = stage;
  ask->job.status =
      wg_fail(&ask->job.error, WG_RESOURCE_EXHAUSTED, NULL, "too many reads are waiting; try again later");
  ask_done(stage, &ask->job);
  return true;
}

static void take_write(struct wg_stage *stage, struct wg_incoming *incoming, const Wangge__V1__Call *message,
                       const struct wg_method *method, const struct wg_principal *caller, int64_t deadline_us) {
  struct write_call write = {
      .peer = incoming->peer, .caller = *caller, .id = message->id, .method = method, .deadline_us = deadline_us};
  snprintf(write.traceparent, sizeof write.traceparent, "%s", message->traceparent);
  zmq_msg_init(&write.body);
  zmq_msg_move(&write.body, &incoming->body);
  if (!ask_first(stage, &write)) queue_write(stage, &write);
}

static bool traceparent_valid(const char *text) {
  if (!*text) return true;
  if (strlen(text) != 55) return false;
  for (int i = 0; i < 55; i++) {
    const bool dash = i == 2 || i == 35 || i == 52;
    if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i])) return false;
  }
  return true;
}

// check_call finds the method and holds the caller's roles against it. NOT known: PERMISSION_DENIED names the roles.
static wg_status check_call(const struct wg_stage *stage, const Wangge__V1__Call *call, unsigned roles,
                            const struct wg_method **method, struct wg_error *error) {
  *method = wg_stage_method(stage, call->method);
  if (!*method)
    return wg_fail(error, WG_UNIMPLEMENTED, "method", "service %s has no method of this name", stage->service->name);
  if (!((*method)->roles & roles))
    return wg_fail(error, WG_PERMISSION_DENIED, NULL, "your key's role does not allow %s", (*method)->name);
  if (call->timeout_ms < 0 || call->timeout_ms > WG_CALL_TIMEOUT_MOST_MS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "timeout_ms", "must be 0 to %d", WG_CALL_TIMEOUT_MOST_MS);
  if (!traceparent_valid(call->traceparent))
    return wg_fail(error, WG_INVALID_ARGUMENT, "traceparent", "must be empty or 00-<32 hex>-<16 hex>-<2 hex>");
  return WG_OK;
}

// check_reference refuses calls that need reference data while there are none.
static wg_status check_reference(const struct wg_stage *stage, const struct wg_method *method, struct wg_error *error) {
  const bool needs = method->needs_records || (method->kind == WG_METHOD_WRITE && !wg_is_ops(method));
  if (!needs || wg_reference_ready(stage)) return WG_OK;
  return wg_fail(error, WG_UNAVAILABLE, NULL, "%s", stage->reference.lack);
}

static void receive_call(struct wg_stage *stage, struct wg_incoming *incoming, const Wangge__V1__Call *call,
                         const struct wg_principal *caller, int64_t now_us) {
  struct wg_error error = {0};
  const struct wg_method *method = NULL;
  wg_status status = check_call(stage, call, caller->roles, &method, &error);
  if (status == WG_OK && incoming->frames != 2)
    status = wg_fail(&error, WG_INVALID_ARGUMENT, NULL, "a call has two frames: envelope and request");
  if (status == WG_OK) status = check_reference(stage, method, &error);
  if (status != WG_OK) {
    if (status == WG_PERMISSION_DENIED) {
      wg_count(stage->denied, 1);
      wg_log(WG_LOG_WARN, "call denied", wg_field_text("principal", caller->name),
             wg_field_text("method", method->name));
    }
    refuse(stage, &incoming->peer, call->id, method ? method->name : NULL, &error);
    return;
  }
  const int64_t timeout_ms = call->timeout_ms ? call->timeout_ms : WG_CALL_TIMEOUT_MS;
  const int64_t deadline_us = now_us + timeout_ms * 1000;
  if (method->kind == WG_METHOD_READ) submit_read(stage, incoming, call, method, caller, deadline_us);
  else take_write(stage, incoming, call, method, caller, deadline_us);
}

static void malformed(struct wg_stage *stage, const struct wg_incoming *incoming, const char *what) {
  wg_count(stage->malformed, 1);
  struct wg_error error;
  wg_fail(&error, WG_INVALID_ARGUMENT, NULL, "%s", what);
  refuse(stage, &incoming->peer, 0, NULL, &error);
}

static void receive_one(struct wg_stage *stage, struct wg_incoming *incoming, int64_t now_us) {
  if (incoming->frames == 0) {
    malformed(stage, incoming, "a message has one or two frames: an Envelope, and a body where its kind says so");
    return;
  }
  wg_arena_reset(stage->envelope_arena);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  const struct wg_bytes bytes = {zmq_msg_data(&incoming->envelope), zmq_msg_size(&incoming->envelope)};
  if (bytes.size > 8192 ||
      wg_unpack(&wangge__v1__envelope__descriptor, bytes, stage->envelope_arena, &message, &error) != WG_OK) {
    malformed(stage, incoming, bytes.size > 8192 ? "the envelope is larger than 8192 bytes" : error.message);
    return;
  }
  const Wangge__V1__Envelope *envelope = (const Wangge__V1__Envelope *)message;
  // Looked up for every message and by key too: a revoked or replaced key stops on connections that stand.
  struct wg_principal caller;
  const bool known = wg_principals_by_peer(stage->principals, incoming, &caller);
  if (envelope->kind_case != WANGGE__V1__ENVELOPE__KIND_CALL) {
    wg_stream_server_envelope(stage->server, &incoming->peer, known ? caller.name : "", envelope, wg_monotonic_us());
    return;
  }
  if (!known) {
    wg_count(stage->denied, 1);
    wg_fail(&error, WG_UNAUTHENTICATED, NULL, "your key is not known here, or was revoked");
    refuse(stage, &incoming->peer, envelope->call->id, NULL, &error);
    return;
  }
  receive_call(stage, incoming, envelope->call, &caller, now_us);
}

void wg_calls_receive(struct wg_stage *stage, int64_t now_us) {
  struct wg_incoming incoming;
  for (int i = 0; i < WG_RECEIVE_ROUND && wg_calls_room(stage) && wg_router_receive(stage->router, &incoming); i++) {
    receive_one(stage, &incoming, now_us);
    wg_incoming_close(&incoming);
  }
  wg_set(stage->queued_calls, (double)stage->calls_count);
}
