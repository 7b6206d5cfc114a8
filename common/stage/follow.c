// Upstream streams: events become items, their position is written in the same transaction as their effects.
//
// A delivery stays with its follower until all of its events are committed; a batch may take a part of it. So nothing
// has to be put back when a batch fails: the next one begins behind the committed position again.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/stage/internal.h"
#include "common/stream/record.h"
#include "common/wire/wire.h"

#include <string.h>

static const struct wg_statement LOAD_POSITION = {
    "stage_load_position",
    "INSERT INTO position (stream, seq) VALUES ($1, 0) ON CONFLICT (stream) DO UPDATE SET stream = excluded.stream "
    "RETURNING seq",
    1};
static const struct wg_statement LOAD_PARKED = {
    "stage_load_parked", "SELECT count(*) FROM parked WHERE stream = $1 AND consumer = $2 AND state = 1", 2};
static const struct wg_statement LOAD_REDRIVES = {
    "stage_load_redrives",
    "SELECT parked_id, stream, event FROM parked WHERE consumer = $1 AND state = 1 AND redrive ORDER BY parked_id", 1};
static const struct wg_statement MOVE_POSITION = {"stage_move_position",
                                                  "UPDATE position SET seq = CASE WHEN seq = $3 THEN $2 ELSE "
                                                  "log_two_writers('the position in ' || stream, seq, $3) END, "
                                                  "at = now() WHERE stream = $1",
                                                  3};
static const struct wg_statement PARK = {
    "stage_park",
    "INSERT INTO parked (stream, consumer, topic, number, seq, type, reason, event) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], "
    "$8::bytea[]) ON CONFLICT (stream, consumer, topic, number) DO NOTHING",
    8};
static const struct wg_statement REDRIVEN = {
    "stage_redriven",
    "UPDATE parked p SET redrive = false, attempts = p.attempts + 1, state = CASE WHEN d.reason IS NULL THEN 2 ELSE 1 "
    "END, "
    "reason = coalesce(d.reason, p.reason) "
    "FROM unnest($1::bigint[], $2::text[]) AS d(parked_id, reason) WHERE p.parked_id = d.parked_id AND p.state = 1",
    2};

struct wg_upstream *wg_upstream_of(const struct wg_stage *stage, const char *stream) {
  for (size_t i = 0; i < stage->upstream_count; i++) {
    if (strcmp(stage->upstreams[i].follow->stream, stream) == 0) return (struct wg_upstream *)&stage->upstreams[i];
  }
  return NULL;
}

static void make_metrics(struct wg_stage *stage, struct wg_upstream *upstream) {
  char labels[96];
  snprintf(labels, sizeof labels, "stream=\"%s\"", upstream->follow->stream);
  struct wg_metrics *m = stage->metrics;
  upstream->position_metric = wg_gauge(m, "wangge_follow_position", labels, "Newest event whose effects are committed");
  upstream->head_metric = wg_gauge(m, "wangge_follow_head", labels, "Newest event known upstream");
  upstream->parked_metric = wg_gauge(m, "wangge_follow_parked", labels, "Dead letters of this service that wait");
  upstream->connected_metric = wg_gauge(m, "wangge_follow_connected", labels, "1 while the subscription is open");
}

// follow adds an upstream.
static wg_status follow(struct wg_stage *stage, const struct wg_follow *what, const char *endpoint, bool compacted,
                        struct wg_error *error) {
  struct wg_upstream *upstream = &stage->upstreams[stage->upstream_count];
  struct wg_principal publisher;
  if (!wg_principals_by_name(stage->principals, what->service, &publisher))
    return wg_fail(error, WG_FAILED_PRECONDITION, "principals",
                   "the principals file has no section [%s], whose key is needed to follow %s", what->service,
                   what->stream);
  const struct wg_follower_options options = {
      .stream = what->stream,
      .consumer = stage->service->name,
      .endpoint = endpoint,
      .server_key = publisher.key,
      .compacted = compacted,
  };
  upstream->follow = what;
  const wg_status status = wg_follower_create(&stage->bus, options, &upstream->follower, error);
  if (status != WG_OK) return status;
  make_metrics(stage, upstream);
  stage->upstream_count++;
  return WG_OK;
}

wg_status wg_follow_start(struct wg_stage *stage, struct wg_error *error) {
  wg_status status = WG_OK;
  for (size_t i = 0; i < stage->service->follow_count && status == WG_OK; i++) {
    if (*stage->settings->endpoints[i])
      status = follow(stage, &stage->service->follows[i], stage->settings->endpoints[i], false, error);
  }
  if (status == WG_OK && stage->reference.replica)
    status = follow(stage, &WG_REGISTRY_FOLLOW, stage->settings->registry, true, error);
  return status;
}

void wg_follow_stop(struct wg_stage *stage) {
  for (size_t i = 0; i < stage->upstream_count; i++)
    wg_follower_destroy(stage->upstreams[i].follower);
  while (stage->redrives) {
    struct wg_redrive *next = stage->redrives->next;
    wg_buffer_free(&stage->redrives->event);
    free(stage->redrives);
    stage->redrives = next;
  }
}

static wg_status load_one(struct wg_stage *stage, struct wg_upstream *upstream, struct wg_db *db,
                          struct wg_arena *arena, struct wg_error *error) {
  PGresult *result = NULL;
  struct wg_params *params = wg_params(arena, 1);
  wg_param_text(params, upstream->follow->stream);
  wg_status status = wg_db_run(db, &LOAD_POSITION, params, &result, error);
  if (status != WG_OK) return status;
  upstream->position = upstream->batch_position = (uint64_t)wg_get_i64(result, 0, 0);
  PQclear(result);
  params = wg_params(arena, 2);
  wg_param_text(params, upstream->follow->stream);
  wg_param_text(params, stage->service->name);
  status = wg_db_run(db, &LOAD_PARKED, params, &result, error);
  if (status != WG_OK) return status;
  upstream->parked = (uint64_t)wg_get_i64(result, 0, 0);
  PQclear(result);
  upstream->park_seq = 0;
  wg_follower_start(upstream->follower, upstream->position, wg_monotonic_us());
  return WG_OK;
}

void wg_redrive_add(struct wg_stage *stage, int64_t parked_id, const char *stream, struct wg_bytes event) {
  struct wg_redrive **at = &stage->redrives;
  for (; *at; at = &(*at)->next) {
    if ((*at)->parked_id == parked_id) return;
  }
  struct wg_redrive *redrive = wg_zalloc(sizeof *redrive);
  redrive->parked_id = parked_id;
  snprintf(redrive->stream, sizeof redrive->stream, "%s", stream);
  wg_buffer_append(&redrive->event, event.data, event.size);
  *at = redrive;
}

static wg_status load_redrives(struct wg_stage *stage, struct wg_db *db, struct wg_arena *arena,
                               struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 1);
  wg_param_text(params, stage->service->name);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &LOAD_REDRIVES, params, &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result); row++)
    wg_redrive_add(stage, wg_get_i64(result, row, 0), wg_get_text(result, row, 1), wg_get_bytea(result, row, 2));
  PQclear(result);
  return WG_OK;
}

wg_status wg_follow_load(struct wg_stage *stage, struct wg_db *db, struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(4096);
  wg_status status = WG_OK;
  for (size_t i = 0; i < stage->upstream_count && status == WG_OK; i++)
    status = load_one(stage, &stage->upstreams[i], db, arena, error);
  if (status == WG_OK) status = load_redrives(stage, db, arena, error);
  wg_arena_destroy(arena);
  return status;
}

void wg_follow_pause(struct wg_stage *stage) {
  for (size_t i = 0; i < stage->upstream_count; i++)
    wg_follower_pause(stage->upstreams[i].follower);
}

int64_t wg_follow_tick(struct wg_stage *stage, int64_t now_us) {
  int64_t wait = WG_SECOND_US;
  for (size_t i = 0; i < stage->upstream_count; i++) {
    struct wg_upstream *upstream = &stage->upstreams[i];
    const int64_t next = wg_follower_tick(upstream->follower, now_us);
    if (next < wait) wait = next;
    wg_set(upstream->position_metric, (double)upstream->position);
    wg_set(upstream->head_metric, (double)wg_follower_head(upstream->follower));
    wg_set(upstream->parked_metric, (double)upstream->parked);
    wg_set(upstream->connected_metric, wg_follower_connected(upstream->follower) ? 1 : 0);
  }
  return wait;
}

// usable: events of this stream can be taken; without reference data only those that bring some. NULL: a stream that is
// not followed any more.
static bool usable(const struct wg_stage *stage, const struct wg_upstream *upstream) {
  return !upstream || upstream->follow == &WG_REGISTRY_FOLLOW || wg_reference_ready(stage);
}

bool wg_follow_waiting(const struct wg_stage *stage) {
  for (size_t i = 0; i < stage->upstream_count; i++) {
    if (usable(stage, &stage->upstreams[i]) && wg_follower_peek(stage->upstreams[i].follower)) return true;
  }
  for (const struct wg_redrive *redrive = stage->redrives; redrive; redrive = redrive->next) {
    if (usable(stage, wg_upstream_of(stage, redrive->stream))) return true;
  }
  return false;
}

static void park(struct wg_stage *stage, const char *stream, const Wangge__V1__Event *event, const char *reason) {
  struct wg_park_row *row = wg_arena_alloc(stage->batch.arena, sizeof *row);
  *row = (struct wg_park_row){stage->parks, stream, event, wg_arena_strdup(stage->batch.arena, reason)};
  stage->parks = row;
}

// unpack_event gives the payload, or fails: one of a type that this program does not know is set aside too (it may be
// newer; redrive it after the upgrade).
static ProtobufCMessage *unpack_event(struct wg_stage *stage, const Wangge__V1__Event *event, struct wg_error *error) {
  ProtobufCMessage *payload = NULL;
  const ProtobufCMessageDescriptor *type = wg_message_type(event->type);
  if (!type) wg_fail(error, WG_UNIMPLEMENTED, NULL, "this version knows no message type %s", event->type);
  else wg_unpack(type, (struct wg_bytes){event->payload.data, event->payload.len}, stage->batch.arena, &payload, error);
  return payload;
}

// add_item gives an event to the service, or one of the registry to the replica, which may refuse it.
static wg_status add_item(struct wg_stage *stage, struct wg_upstream *upstream, const Wangge__V1__Event *event,
                          const ProtobufCMessage *payload, struct wg_redrive *redrive, struct wg_error *error) {
  if (upstream->follow == &WG_REGISTRY_FOLLOW) return wg_replica_take(stage->reference.replica, payload, error);
  struct wg_item *item = wg_batch_add(stage, NULL, redrive);
  item->kind = WG_ITEM_EVENT;
  item->follow = upstream->follow;
  item->event = event;
  item->message = payload;
  item->traceparent = event->traceparent;
  return WG_OK;
}

static void add_event(struct wg_stage *stage, struct wg_upstream *upstream, const Wangge__V1__Event *event) {
  struct wg_error error = {0};
  const ProtobufCMessage *payload = unpack_event(stage, event, &error);
  if (!payload || add_item(stage, upstream, event, payload, NULL, &error) != WG_OK)
    park(stage, upstream->follow->stream, event, error.message);
}

// again asks for everything behind the committed position once more.
static void again(struct wg_upstream *upstream, const char *why) {
  wg_log(WG_LOG_ERROR, "a delivery cannot be read; asked for again", wg_field_text("stream", upstream->follow->stream),
         wg_field_text("error", why));
  wg_follower_start(upstream->follower, upstream->position, wg_monotonic_us());
}

static bool batch_has_room(const struct wg_stage *stage, const size_t *room) {
  return *room && wg_arena_used(stage->batch.arena) < WG_BATCH_BYTES;
}

// collect_delivery takes events one by one: of what is taken already, or does not fit any more, nothing is unpacked.
// False: the delivery is broken and has been asked for again.
static bool collect_delivery(struct wg_stage *stage, struct wg_upstream *upstream, const struct wg_delivery *delivery,
                             size_t *room) {
  struct wg_bytes rest = {zmq_msg_data((zmq_msg_t *)&delivery->body), zmq_msg_size(&delivery->body)}, record;
  bool broken = false;
  while (batch_has_room(stage, room) && wg_record_next(&rest, &record, &broken)) {
    const struct wg_bytes packed = wg_record_event(record);
    const uint64_t seq = wg_event_seq(packed);
    if (seq && seq <= upstream->batch_position) continue;
    struct wg_error error = {0};
    ProtobufCMessage *message = NULL;
    if (wg_unpack(&wangge__v1__event__descriptor, packed, stage->batch.arena, &message, &error) != WG_OK) {
      again(upstream, error.message);
      return false;
    }
    const Wangge__V1__Event *event = (const Wangge__V1__Event *)message;
    if (event->seq <= upstream->batch_position) continue; // of a publisher that writes its fields in another order
    if (event->seq == upstream->park_seq) park(stage, upstream->follow->stream, event, upstream->park_reason);
    else add_event(stage, upstream, event);
    upstream->batch_position = event->seq;
    (*room)--;
  }
  if (broken) again(upstream, "it is no EventBatch");
  return !broken;
}

static void collect_redrives(struct wg_stage *stage, size_t *room) {
  for (struct wg_redrive *redrive = stage->redrives; redrive && *room; redrive = redrive->next) {
    struct wg_upstream *upstream = wg_upstream_of(stage, redrive->stream);
    if (!usable(stage, upstream)) continue;
    redrive->taken = true;
    (*room)--;
    if (redrive->failure[0]) continue;
    struct wg_error error = {0};
    ProtobufCMessage *message = NULL;
    const struct wg_bytes bytes = {redrive->event.data, redrive->event.size};
    const ProtobufCMessage *payload = NULL;
    if (!upstream)
      wg_fail(&error, WG_FAILED_PRECONDITION, NULL, "this service does not follow %s any more", redrive->stream);
    else if (wg_unpack(&wangge__v1__event__descriptor, bytes, stage->batch.arena, &message, &error) == WG_OK)
      payload = unpack_event(stage, (const Wangge__V1__Event *)message, &error);
    if (payload) add_item(stage, upstream, (const Wangge__V1__Event *)message, payload, redrive, &error);
    if (error.code != WG_OK) snprintf(redrive->failure, sizeof redrive->failure, "%s", error.message);
  }
}

void wg_follow_collect(struct wg_stage *stage, size_t *room) {
  stage->parks = NULL;
  collect_redrives(stage, room);
  for (size_t i = 0; i < stage->upstream_count; i++) {
    struct wg_upstream *upstream = &stage->upstreams[i];
    upstream->batch_position = upstream->position;
    if (!usable(stage, upstream)) continue;
    for (const struct wg_delivery *delivery = wg_follower_peek(upstream->follower);
         delivery && batch_has_room(stage, room) && collect_delivery(stage, upstream, delivery, room);)
      delivery = delivery->next;
  }
}

static wg_status store_parks(struct wg_stage *stage, struct wg_error *error) {
  size_t rows = 0;
  for (const struct wg_park_row *row = stage->parks; row; row = row->next)
    rows++;
  if (!rows) return WG_OK;
  struct wg_arena *arena = stage->batch.arena;
  struct wg_column *stream = wg_column_text(arena, rows), *consumer = wg_column_text(arena, rows),
                   *topic = wg_column_text(arena, rows), *number = wg_column_i64(arena, rows),
                   *seq = wg_column_i64(arena, rows), *type = wg_column_text(arena, rows),
                   *reason = wg_column_text(arena, rows), *event = wg_column_bytea(arena, rows);
  for (const struct wg_park_row *row = stage->parks; row; row = row->next) {
    wg_push_text(stream, row->stream);
    wg_push_text(consumer, stage->service->name);
    wg_push_text(topic, ""); // this service reads whole streams
    wg_push_i64(number, (int64_t)row->event->seq);
    wg_push_i64(seq, (int64_t)row->event->seq);
    wg_push_text(type, row->event->type);
    wg_push_text(reason, row->reason);
    wg_push_bytea(event, wg_pack(&row->event->base, arena));
  }
  struct wg_params *params = wg_params(arena, 8);
  struct wg_column *const columns[] = {stream, consumer, topic, number, seq, type, reason, event};
  for (size_t i = 0; i < 8; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(stage->db, &PARK, params, NULL, NULL, error);
}

// failure_of tells why a redriven event of the batch was not digested; NULL: it was.
static const char *failure_of(const struct wg_stage *stage, const struct wg_redrive *redrive) {
  if (redrive->failure[0]) return redrive->failure;
  for (size_t i = 0; i < stage->batch.count; i++) {
    if (stage->batch_redrives[i] == redrive)
      return stage->batch.items[i].error.code == WG_OK ? NULL : stage->batch.items[i].error.message;
  }
  return NULL;
}

static wg_status store_redrives(struct wg_stage *stage, struct wg_error *error) {
  struct wg_column *ids = wg_column_i64(stage->batch.arena, 16), *reasons = wg_column_text(stage->batch.arena, 16);
  for (const struct wg_redrive *redrive = stage->redrives; redrive; redrive = redrive->next) {
    if (!redrive->taken) continue;
    wg_push_i64(ids, redrive->parked_id);
    wg_push_text(reasons, failure_of(stage, redrive));
  }
  if (!wg_column_rows(ids)) return WG_OK;
  struct wg_params *params = wg_params(stage->batch.arena, 2);
  wg_param_column(params, ids);
  wg_param_column(params, reasons);
  return wg_db_send(stage->db, &REDRIVEN, params, NULL, NULL, error);
}

wg_status wg_follow_store(struct wg_stage *stage, struct wg_error *error) {
  for (size_t i = 0; i < stage->batch.count; i++) {
    const struct wg_item *item = &stage->batch.items[i];
    if (item->kind == WG_ITEM_EVENT && item->error.code != WG_OK && !stage->batch_redrives[i])
      park(stage, item->follow->stream, item->event, item->error.message);
  }
  wg_status status = store_parks(stage, error);
  if (status == WG_OK) status = store_redrives(stage, error);
  for (size_t i = 0; i < stage->upstream_count && status == WG_OK; i++) {
    struct wg_upstream *upstream = &stage->upstreams[i];
    if (upstream->batch_position == upstream->position) continue;
    struct wg_params *params = wg_params(stage->batch.arena, 3);
    wg_param_text(params, upstream->follow->stream);
    wg_param_i64(params, (int64_t)upstream->batch_position);
    wg_param_i64(params, (int64_t)upstream->position);
    status = wg_db_send(stage->db, &MOVE_POSITION, params, NULL, NULL, error);
  }
  return status;
}

static void end_redrives(struct wg_stage *stage) {
  for (struct wg_redrive **at = &stage->redrives; *at;) {
    struct wg_redrive *redrive = *at;
    if (!redrive->taken) {
      at = &redrive->next;
      continue;
    }
    *at = redrive->next;
    wg_buffer_free(&redrive->event);
    free(redrive);
  }
}

static void count_parks(struct wg_stage *stage) {
  for (const struct wg_park_row *row = stage->parks; row; row = row->next) {
    wg_upstream_of(stage, row->stream)->parked++;
    wg_log(WG_LOG_WARN, "event parked", wg_field_text("stream", row->stream),
           wg_field_int("seq", (int64_t)row->event->seq), wg_field_text("type", row->event->type),
           wg_field_text("reason", row->reason));
  }
  for (const struct wg_redrive *redrive = stage->redrives; redrive; redrive = redrive->next) {
    struct wg_upstream *upstream = redrive->taken ? wg_upstream_of(stage, redrive->stream) : NULL;
    if (upstream && upstream->parked && !failure_of(stage, redrive)) upstream->parked--;
  }
}

void wg_follow_committed(struct wg_stage *stage) {
  count_parks(stage);
  end_redrives(stage);
  for (size_t i = 0; i < stage->upstream_count; i++) {
    struct wg_upstream *upstream = &stage->upstreams[i];
    if (upstream->batch_position == upstream->position) continue;
    upstream->position = upstream->batch_position;
    if (upstream->park_seq <= upstream->position) upstream->park_seq = 0;
    for (const struct wg_delivery *delivery;
         (delivery = wg_follower_peek(upstream->follower)) && delivery->last <= upstream->position;)
      wg_delivery_free(wg_follower_take(upstream->follower));
    wg_follower_ack(upstream->follower, upstream->position);
  }
}

void wg_follow_rolled_back(struct wg_stage *stage) {
  stage->parks = NULL;
  for (struct wg_redrive *redrive = stage->redrives; redrive; redrive = redrive->next)
    redrive->taken = false;
  for (size_t i = 0; i < stage->upstream_count; i++)
    stage->upstreams[i].batch_position = stage->upstreams[i].position;
}
