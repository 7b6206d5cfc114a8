// The calls of ops.proto: the same in every service.
//
// Writing ones run in the stage's batches like the service's own, but the stage itself loads and stores them; the
// service never sees them: their items stand behind the batch's count.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/stage/internal.h"
#include "common/wire/wire.h"

#include <string.h>

enum { WG_REASON_BYTES = 1024, WG_PAGE_DEFAULT = 50, WG_PAGE_MOST = 1000 };

typedef Wangge__V1__ParkedChangeRequest parked_change;
typedef Wangge__V1__ConsumerRemoveRequest consumer_remove;

// A dead letter as loaded for a change.
struct ops_row {
  size_t item;
  int64_t parked_id;
  const char *stream, *consumer, *topic;
  struct wg_bytes event;
};
struct wg_ops_batch {
  struct wg_stage *stage;
  struct ops_row *rows;
  size_t count;
};

static const struct wg_statement LOAD_PARKED = {
    "ops_load_parked",
    "SELECT w.item, p.parked_id, p.stream, p.consumer, p.topic, p.event FROM unnest($1::int[], $2::bigint[]) AS "
    "w(item, parked_id) JOIN parked p USING (parked_id) WHERE p.state = 1 ORDER BY w.item, p.parked_id",
    2};
static const struct wg_statement CHANGE_PARKED = {"ops_change_parked",
                                                  "UPDATE parked SET state = CASE WHEN $2 THEN 3 ELSE state END, "
                                                  "redrive = NOT $2, decided_by = $3, decided_reason = $4, "
                                                  "decided_at = now() WHERE parked_id = ANY ($1) AND state = 1",
                                                  4};
static const struct wg_statement REMOVE_CONSUMER = {
    "ops_remove_consumer", "DELETE FROM consumer WHERE stream = $1 AND name = $2 AND topic = $3 RETURNING 1", 3};
static const struct wg_statement LIST_PARKED = {
    "ops_list_parked",
    "SELECT parked_id, stream, consumer, topic, seq, type, reason, at, state, decided_by, decided_reason, attempts "
    "FROM parked WHERE parked_id > $1 AND state = $2 AND ($3 = '' OR stream = $3) AND ($4 = '' OR consumer = $4) "
    "AND ($5::text IS NULL OR topic = $5) ORDER BY parked_id LIMIT $6",
    6};
static const struct wg_statement SHOW_PARKED = {"ops_show_parked",
                                                "SELECT parked_id, stream, consumer, topic, seq, type, reason, at, "
                                                "state, decided_by, decided_reason, attempts, event "
                                                "FROM parked WHERE parked_id = $1 AND ($2::text IS NULL OR topic = $2)",
                                                2};

// --- checks ---
static wg_status check_change(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const parked_change *request = (const parked_change *)message;
  if (request->n_parked_ids < 1 || request->n_parked_ids > WG_PAGE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "parked_ids", "must hold 1 to %d ids", WG_PAGE_MOST);
  return wg_text_check(request->reason, WG_REASON_BYTES, WG_TEXT_REQUIRED, "reason", error);
}

static wg_status check_remove(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const consumer_remove *request = (const consumer_remove *)message;
  wg_status status = wg_token_check(request->consumer, 64, "consumer", error);
  if (status == WG_OK) status = wg_text_check(request->reason, WG_REASON_BYTES, WG_TEXT_REQUIRED, "reason", error);
  return status;
}

static wg_status check_list(const struct wg_principal *caller, const ProtobufCMessage *message,
                            struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ParkedListRequest *request = (const Wangge__V1__ParkedListRequest *)message;
  if (request->limit < 0 || request->limit > WG_PAGE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", WG_PAGE_MOST);
  return WG_OK;
}

// --- reads ---
// topic_seen: a department sees the rows of its own topic only; NULL: all.
static const char *topic_seen(const struct wg_principal *caller) {
  return caller->roles & (WG_ROLE_OPERATOR | WG_ROLE_DISPATCHER | WG_ROLE_SERVICE) ? NULL : caller->department;
}

static Wangge__V1__Parked *parked_row(const PGresult *result, int row, struct wg_arena *arena) {
  Wangge__V1__Parked *parked = wg_arena_alloc(arena, sizeof *parked);
  wangge__v1__parked__init(parked);
  parked->parked_id = wg_get_i64(result, row, 0);
  parked->stream = wg_arena_strdup(arena, wg_get_text(result, row, 1));
  parked->consumer = wg_arena_strdup(arena, wg_get_text(result, row, 2));
  parked->topic = wg_arena_strdup(arena, wg_get_text(result, row, 3));
  parked->seq = (uint64_t)wg_get_i64(result, row, 4);
  parked->type = wg_arena_strdup(arena, wg_get_text(result, row, 5));
  parked->reason = wg_arena_strdup(arena, wg_get_text(result, row, 6));
  parked->at = wg_get_time(result, row, 7);
  parked->state = (Wangge__V1__ParkedState)wg_get_i16(result, row, 8);
  parked->decided_by = wg_arena_strdup(arena, wg_get_text(result, row, 9));
  parked->decided_reason = wg_arena_strdup(arena, wg_get_text(result, row, 10));
  parked->attempts = wg_get_i32(result, row, 11);
  return parked;
}

static void param_topic(struct wg_params *params, const char *topic) {
  if (topic) wg_param_text(params, topic);
  else wg_param_null(params, 25); // text
}

static wg_status read_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ParkedListRequest *request = (const Wangge__V1__ParkedListRequest *)call->request;
  const int limit = request->limit ? request->limit : WG_PAGE_DEFAULT;
  struct wg_params *params = wg_params(call->arena, 6);
  wg_param_i64(params, request->after_id);
  wg_param_i32(params, request->state ? (int)request->state : (int)WANGGE__V1__PARKED_STATE__PARKED_STATE_WAITING);
  wg_param_text(params, request->stream);
  wg_param_text(params, request->consumer);
  param_topic(params, topic_seen(call->caller));
  wg_param_i32(params, limit);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &LIST_PARKED, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__ParkedListResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__parked_list_response__init(response);
  const int rows = PQntuples(result);
  response->parked = wg_arena_alloc(call->arena, sizeof *response->parked * (size_t)(rows + 1));
  for (int row = 0; row < rows; row++)
    response->parked[response->n_parked++] = parked_row(result, row, call->arena);
  if (rows == limit) response->next_after_id = response->parked[rows - 1]->parked_id;
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}

static wg_status read_show(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ParkedShowRequest *request = (const Wangge__V1__ParkedShowRequest *)call->request;
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_i64(params, request->parked_id);
  param_topic(params, topic_seen(call->caller));
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &SHOW_PARKED, params, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 0) {
    PQclear(result);
    return wg_fail(error, WG_NOT_FOUND, "parked_id", "there is no such dead letter here");
  }
  Wangge__V1__ParkedShowResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__parked_show_response__init(response);
  response->parked = parked_row(result, 0, call->arena);
  const struct wg_bytes stored = wg_get_bytea(result, 0, 12);
  uint8_t *copy = wg_arena_alloc(call->arena, stored.size + 1);
  memcpy(copy, stored.data, stored.size);
  PQclear(result);
  ProtobufCMessage *event = NULL;
  status = wg_unpack(&wangge__v1__event__descriptor, (struct wg_bytes){copy, stored.size}, call->arena, &event, error);
  response->event = (Wangge__V1__Event *)event;
  *reply = &response->base;
  return status;
}

// --- answered at once ---
static void add_follows(struct wg_stage *stage, struct wg_arena *arena, Wangge__V1__QueuesResponse *response) {
  response->follows = wg_arena_alloc(arena, sizeof *response->follows * (stage->upstream_count + 1));
  for (size_t i = 0; i < stage->upstream_count; i++) {
    const struct wg_upstream *upstream = &stage->upstreams[i];
    Wangge__V1__FollowStatus *status = wg_arena_alloc(arena, sizeof *status);
    wangge__v1__follow_status__init(status);
    status->stream = wg_arena_strdup(arena, upstream->follow->stream);
    status->position = upstream->position;
    status->head = wg_follower_head(upstream->follower);
    status->connected = wg_follower_connected(upstream->follower);
    status->parked = upstream->parked;
    response->follows[response->n_follows++] = status;
  }
}

static ProtobufCMessage *info(const struct wg_stage *stage, struct wg_arena *arena) {
  Wangge__V1__InfoResponse *response = wg_arena_alloc(arena, sizeof *response);
  wangge__v1__info_response__init(response);
  response->service = wg_arena_strdup(arena, stage->service->name);
  response->version = wg_arena_strdup(arena, WANGGE_VERSION);
  response->started_at = stage->started_at;
  response->writer = stage->writer == WG_WRITER_IDLE || wg_writer_busy(stage);
  response->now = wg_now_us();
  response->simulated_clock = *stage->settings->clock != 0;
  return &response->base;
}

void wg_stage_notice(struct wg_stage *stage) {
  const char *notice = stage->service->notice ? stage->service->notice(stage->service_state) : NULL;
  stage->notice = notice ? notice : "";
  if (stage->service->notice) wg_health_set(stage->health, "notice", true, stage->notice);
}

bool wg_ops_at_once(struct wg_stage *stage, const struct wg_method *method, const struct wg_principal *caller,
                    struct wg_arena *arena, ProtobufCMessage **reply) {
  if (method->request == &wangge__v1__info_request__descriptor) {
    *reply = info(stage, arena);
    return true;
  }
  if (method->request != &wangge__v1__queues_request__descriptor) return false;
  Wangge__V1__QueuesResponse *response = wg_arena_alloc(arena, sizeof *response);
  wangge__v1__queues_response__init(response);
  const char *topic = topic_seen(caller);
  wg_stream_server_status(stage->server, topic, arena, response, wg_now_us());
  if (!topic) {
    add_follows(stage, arena, response);
    response->notice = (char *)(uintptr_t)stage->notice;
  }
  *reply = &response->base;
  return true;
}

#define METHOD(NAME, lower)                                                                                            \
  .name = "wangge.v1.Ops/" #NAME, .request = &wangge__v1__##lower##_request__descriptor,                               \
  .response = &wangge__v1__##lower##_response__descriptor

const struct wg_method wg_ops_methods[] = {
    {METHOD(Info, info), .kind = WG_METHOD_READ, .roles = WG_ROLE_ANY},
    {METHOD(Queues, queues), .kind = WG_METHOD_READ,
     .roles = WG_ROLE_OPERATOR | WG_ROLE_DISPATCHER | WG_ROLE_SERVICE | WG_ROLE_DEPARTMENT},
    {METHOD(ParkedList, parked_list), .kind = WG_METHOD_READ, .roles = WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT,
     .check = check_list, .read = read_list},
    {METHOD(ParkedShow, parked_show), .kind = WG_METHOD_READ, .roles = WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT,
     .read = read_show},
    {.name = "wangge.v1.Ops/ParkedRedrive",
     .request = &wangge__v1__parked_change_request__descriptor,
     .response = &wangge__v1__parked_change_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_OPERATOR,
     .check = check_change},
    {.name = "wangge.v1.Ops/ParkedDrop",
     .request = &wangge__v1__parked_change_request__descriptor,
     .response = &wangge__v1__parked_change_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_OPERATOR,
     .check = check_change},
    {METHOD(ConsumerRemove, consumer_remove), .kind = WG_METHOD_WRITE, .roles = WG_ROLE_OPERATOR,
     .check = check_remove},
    {0},
};

bool wg_is_ops(const struct wg_method *method) {
  for (const struct wg_method *ops = wg_ops_methods; ops->name; ops++) {
    if (ops == method) return true;
  }
  return false;
}

const struct wg_method *wg_stage_method(const struct wg_stage *stage, const char *name) {
  for (const struct wg_method *method = stage->service->methods; method->name; method++) {
    if (strcmp(method->name, name) == 0) return method;
  }
  for (const struct wg_method *method = wg_ops_methods; method->name; method++) {
    if (strcmp(method->name, name) == 0) return method;
  }
  return NULL;
}

// --- writes: items behind the batch's count ---
static bool is_drop(const struct wg_item *item) {
  return strcmp(item->method->name, "wangge.v1.Ops/ParkedDrop") == 0;
}

static bool is_change(const struct wg_item *item) {
  return item->method->request == &wangge__v1__parked_change_request__descriptor;
}

static wg_status loaded(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct wg_ops_batch *ops = context;
  struct wg_arena *arena = ops->stage->batch.arena;
  ops->count = (size_t)PQntuples(result);
  ops->rows = wg_arena_alloc(arena, sizeof *ops->rows * (ops->count + 1));
  for (int row = 0; row < PQntuples(result); row++) {
    const struct wg_bytes event = wg_get_bytea(result, row, 5);
    uint8_t *copy = wg_arena_alloc(arena, event.size + 1);
    memcpy(copy, event.data, event.size);
    ops->rows[row] = (struct ops_row){
        .item = (size_t)wg_get_i32(result, row, 0),
        .parked_id = wg_get_i64(result, row, 1),
        .stream = wg_arena_strdup(arena, wg_get_text(result, row, 2)),
        .consumer = wg_arena_strdup(arena, wg_get_text(result, row, 3)),
        .topic = wg_arena_strdup(arena, wg_get_text(result, row, 4)),
        .event = {copy, event.size},
    };
  }
  return WG_OK;
}

wg_status wg_ops_load(struct wg_stage *stage, struct wg_error *error) {
  struct wg_batch *batch = &stage->batch;
  const size_t first = batch->count, end = stage->items_count;
  stage->ops_batch = NULL;
  if (first == end) return WG_OK;
  struct wg_ops_batch *ops = wg_arena_zalloc(batch->arena, sizeof *ops);
  ops->stage = stage;
  stage->ops_batch = ops;
  struct wg_column *items = wg_column_i32(batch->arena, 16), *ids = wg_column_i64(batch->arena, 16);
  for (size_t i = first; i < end; i++) {
    if (!is_change(&batch->items[i])) continue;
    const parked_change *request = (const parked_change *)batch->items[i].message;
    for (size_t k = 0; k < request->n_parked_ids; k++) {
      wg_push_i32(items, (int32_t)i);
      wg_push_i64(ids, request->parked_ids[k]);
    }
  }
  if (!wg_column_rows(ids)) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_column(params, items);
  wg_param_column(params, ids);
  return wg_db_send(stage->db, &LOAD_PARKED, params, loaded, ops, error);
}

static wg_status store_change(struct wg_stage *stage, size_t at, struct wg_error *error) {
  struct wg_item *item = &stage->batch.items[at];
  const struct wg_ops_batch *ops = stage->ops_batch;
  const parked_change *request = (const parked_change *)item->message;
  struct wg_column *ids = wg_column_i64(stage->batch.arena, request->n_parked_ids);
  for (size_t i = 0; i < ops->count; i++) {
    if (ops->rows[i].item == at) wg_push_i64(ids, ops->rows[i].parked_id);
  }
  Wangge__V1__ParkedChangeResponse *response = wg_arena_alloc(stage->batch.arena, sizeof *response);
  wangge__v1__parked_change_response__init(response);
  response->changed = (int32_t)wg_column_rows(ids);
  item->reply = &response->base;
  if (!wg_column_rows(ids)) return WG_OK;
  struct wg_params *params = wg_params(stage->batch.arena, 4);
  wg_param_column(params, ids);
  wg_param_bool(params, is_drop(item));
  wg_param_text(params, item->caller->name);
  wg_param_text(params, request->reason);
  return wg_db_send(stage->db, &CHANGE_PARKED, params, NULL, NULL, error);
}

static wg_status removed(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct wg_item *item = context;
  if (PQntuples(result) == 0) {
    item->reply = NULL;
    wg_fail(&item->error, WG_NOT_FOUND, "consumer", "there is no durable consumer of this name, stream and topic");
  }
  return WG_OK;
}

static wg_status store_remove(struct wg_stage *stage, size_t at, struct wg_error *error) {
  struct wg_item *item = &stage->batch.items[at];
  const consumer_remove *request = (const consumer_remove *)item->message;
  if (wg_stream_server_connected(stage->server, request->stream, request->consumer, request->topic)) {
    wg_fail(&item->error, WG_FAILED_PRECONDITION, "consumer", "it is connected; end it first");
    return WG_OK;
  }
  Wangge__V1__ConsumerRemoveResponse *response = wg_arena_alloc(stage->batch.arena, sizeof *response);
  wangge__v1__consumer_remove_response__init(response);
  item->reply = &response->base;
  struct wg_params *params = wg_params(stage->batch.arena, 3);
  wg_param_text(params, request->stream);
  wg_param_text(params, request->consumer);
  wg_param_text(params, request->topic);
  return wg_db_send(stage->db, &REMOVE_CONSUMER, params, removed, item, error);
}

bool wg_ops_removes(const struct wg_stage *stage) {
  for (size_t i = stage->batch.count; i < stage->items_count; i++) {
    if (!is_change(&stage->batch.items[i])) return true;
  }
  return false;
}

wg_status wg_ops_store(struct wg_stage *stage, struct wg_error *error) {
  wg_status status = WG_OK;
  for (size_t i = stage->batch.count; i < stage->items_count && status == WG_OK; i++)
    status = is_change(&stage->batch.items[i]) ? store_change(stage, i, error) : store_remove(stage, i, error);
  return status;
}

// committed_change gives the dead letters to their consumers: to this service itself by the next batch, to an outside
// one by its subscription.
static void committed_change(struct wg_stage *stage, size_t at) {
  const struct wg_ops_batch *ops = stage->ops_batch;
  const bool drop = is_drop(&stage->batch.items[at]);
  for (size_t i = 0; i < ops->count; i++) {
    const struct ops_row *row = &ops->rows[i];
    if (row->item != at) continue;
    struct wg_upstream *own =
        strcmp(row->consumer, stage->service->name) == 0 ? wg_upstream_of(stage, row->stream) : NULL;
    if (!own) wg_stream_server_redrive(stage->server, row->stream, row->consumer, row->topic); // reads the rows again
    else if (!drop) wg_redrive_add(stage, row->parked_id, row->stream, row->event);
    else if (own->parked) own->parked--;
  }
}

void wg_ops_committed(struct wg_stage *stage) {
  for (size_t i = stage->batch.count; i < stage->items_count; i++) {
    const struct wg_item *item = &stage->batch.items[i];
    wg_log(WG_LOG_INFO, "operator's call", wg_field_text("method", item->method->name),
           wg_field_text("principal", item->caller->name));
    if (is_change(item)) {
      committed_change(stage, i);
    } else if (item->error.code == WG_OK) {
      const consumer_remove *request = (const consumer_remove *)item->message;
      wg_stream_server_forget(stage->server, request->stream, request->consumer, request->topic);
    }
  }
}
