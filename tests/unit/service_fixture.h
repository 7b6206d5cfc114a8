// A stage in miniature for tests of one service's store: a migrated schema, the service's own role and rights, and
// `fixture_run`, which does with a batch what the loop does: load, decide, store, the log, commit.
#pragma once

#include "tests/unit/postgres.h"
#include "tests/unit/unit.h"

#include "common/db/migrate.h"
#include "common/stage/stage.h"
#include "common/wire/wire.h"

// Cases made by SQL: their columns of keys may be left out between the two, and are filled by the second.
#define FIXTURE_UNKEYED                                                                                                \
  "ALTER TABLE tracking.cases ALTER department_key SET DEFAULT 0, ALTER grid_key SET DEFAULT 0, "                      \
  "ALTER category_key SET DEFAULT 0; TRUNCATE tracking.case_key; "
#define FIXTURE_KEYED                                                                                                  \
  "INSERT INTO tracking.case_key (district, key, by, name) SELECT district, row_number() OVER (), by, name FROM "      \
  "(SELECT DISTINCT district, 1 AS by, department AS name FROM tracking.cases UNION "                                  \
  "SELECT DISTINCT district, 2, grid_code FROM tracking.cases UNION "                                                  \
  "SELECT DISTINCT district, 3, category FROM tracking.cases) n; "                                                     \
  "UPDATE tracking.cases c SET department_key = (SELECT key FROM tracking.case_key k WHERE k.by = 1 "                  \
  "AND k.district = c.district AND k.name = c.department), grid_key = (SELECT key FROM tracking.case_key k "           \
  "WHERE k.by = 2 AND k.district = c.district AND k.name = c.grid_code), category_key = (SELECT key "                  \
  "FROM tracking.case_key k WHERE k.by = 3 AND k.district = c.district AND k.name = c.category); "                     \
  "ALTER TABLE tracking.cases ALTER department_key DROP DEFAULT, ALTER grid_key DROP DEFAULT, "                        \
  "ALTER category_key DROP DEFAULT; TRUNCATE tracking.case_zone; "                                                     \
  "INSERT INTO tracking.case_zone SELECT district, order_id / 8192, state, count(*), min(due_at), max(due_at) "        \
  "FROM tracking.cases GROUP BY 1, 2, 3"
// Zones (services/tracking/zones.h) that are not what a count of all cases gives, or whose bounds leave one out.
#define FIXTURE_WRONG_ZONES                                                                                            \
  "SELECT count(*) FROM (SELECT district, order_id / 8192 AS chunk, state, count(*) AS n, min(due_at) AS due_min, "    \
  "max(due_at) AS due_max FROM tracking.cases GROUP BY 1, 2, 3) c FULL JOIN (SELECT * FROM tracking.case_zone "        \
  "WHERE n <> 0) z USING (district, chunk, state) WHERE c.n IS DISTINCT FROM z.n OR z.due_min > c.due_min "            \
  "OR z.due_max < c.due_max"

struct fixture {
  const char *name;                    // of the service
  const char *schema;                  // folder of a second schema of it; NULL: none
  const struct wg_stream_spec *stream; // the first is what `events` are of
  size_t streams;                      // 0: one
  wg_status (*load_state)(void *service, struct wg_db *db, struct wg_error *error);
  wg_status (*load)(void *service, struct wg_batch *batch, struct wg_error *error);
  wg_status (*decide)(void *service, struct wg_batch *batch, struct wg_error *error);
  wg_status (*store)(void *service, struct wg_batch *batch, struct wg_error *error);
  void (*committed)(void *service, struct wg_batch *batch);
  void (*rolled_back)(void *service, struct wg_batch *batch); // may be NULL
  void *service;
  struct wg_arena *arena;
  struct wg_db *writer, *reader;
  struct wg_log *log;
  size_t load_statements;     // of the newest batch
  Wangge__V1__Event **events; // published by the newest batch
  size_t event_count;
};

static inline void fixture_must(wg_status status, const struct wg_error *error) {
  if (status != WG_OK) fail_msg("%s: %s", wg_status_name(status), error->message);
}

static inline struct wg_db *fixture_connect(const struct fixture *fixture) {
  struct wg_error error = {0};
  struct wg_db *db = NULL;
  char dsn[256];
  snprintf(dsn, sizeof dsn, "host=%s dbname=postgres user=wangge_%s", postgres_directory(), fixture->name);
  const struct wg_db_options options = {.dsn = dsn, .schema = fixture->name, .application_name = "test"};
  fixture_must(wg_db_connect(&options, &db, &error), &error);
  return db;
}

// fixture_migrate makes the role and applies the schema; once a program.
static inline void fixture_migrate(const struct fixture *fixture) {
  struct wg_error error = {0};
  char sql[128], own[256], role[64];
  snprintf(sql, sizeof sql, "CREATE ROLE wangge_%s LOGIN; CREATE SCHEMA %s", fixture->name, fixture->name);
  snprintf(own, sizeof own, WANGGE_SHARE "/services/%s/schema", fixture->name);
  snprintf(role, sizeof role, "wangge_%s", fixture->name);
  postgres_execute(sql);
  const char *const folders[] = {WANGGE_SHARE "/common/stream/schema", WANGGE_SHARE "/common/stage/schema", own,
                                 fixture->schema, NULL};
  struct wg_db *owner = postgres_connect(fixture->name);
  int applied = 0;
  fixture_must(wg_migrate(owner, fixture->name, role, folders, &applied, &error), &error);
  wg_db_close(owner);
}

// fixture_open connects as the loop does after a start; fixture_close is the kill.
static inline void fixture_open(struct fixture *fixture) {
  struct wg_error error = {0};
  fixture->arena = wg_arena_create(1 << 16);
  fixture->writer = fixture_connect(fixture);
  fixture->reader = fixture_connect(fixture);
  fixture->log = wg_log_create(fixture->stream, fixture->streams ? fixture->streams : 1);
  fixture_must(wg_log_load(fixture->log, fixture->writer, &error), &error);
  fixture_must(fixture->load_state(fixture->service, fixture->writer, &error), &error);
  fixture_must(wg_db_pipeline(fixture->writer, &error), &error);
}

static inline void fixture_close(struct fixture *fixture) {
  wg_log_destroy(fixture->log);
  wg_db_close(fixture->writer);
  wg_db_close(fixture->reader);
  wg_arena_destroy(fixture->arena);
}

static inline void fixture_publish(void *context, struct wg_segment *segment) {
  struct fixture *fixture = context;
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  if (segment->stream_index) return;
  const struct wg_bytes body = {zmq_msg_data(&segment->body), zmq_msg_size(&segment->body)};
  fixture_must(wg_unpack(&wangge__v1__event_batch__descriptor, body, fixture->arena, &message, &error), &error);
  fixture->events = ((Wangge__V1__EventBatch *)message)->events;
  fixture->event_count = ((Wangge__V1__EventBatch *)message)->n_events;
}

// fixture_event makes an item as if the event had come from upstream.
static inline struct wg_item fixture_event(struct fixture *fixture, const ProtobufCMessage *message, uint64_t seq,
                                           int64_t at) {
  struct wg_error error = {0};
  const struct wg_bytes packed = wg_pack(message, fixture->arena);
  Wangge__V1__Event *event = wg_arena_alloc(fixture->arena, sizeof *event);
  wangge__v1__event__init(event);
  event->seq = seq;
  event->at = at;
  event->type = (char *)(uintptr_t)message->descriptor->name;
  event->payload = (ProtobufCBinaryData){packed.size, (uint8_t *)(uintptr_t)packed.data};
  ProtobufCMessage *unpacked = NULL;
  fixture_must(wg_unpack(message->descriptor, packed, fixture->arena, &unpacked, &error), &error);
  return (struct wg_item){.kind = WG_ITEM_EVENT, .event = event, .message = unpacked, .traceparent = ""};
}

static inline struct wg_item fixture_call(const struct wg_principal *caller, const ProtobufCMessage *message) {
  return (struct wg_item){.kind = WG_ITEM_CALL, .caller = caller, .message = message, .traceparent = ""};
}

// fixture_try runs a batch and gives how its commit went.
static inline wg_status fixture_try(struct fixture *fixture, struct wg_item *items, size_t count, int64_t now,
                                    struct wg_error *error) {
  struct wg_batch batch = {
      .arena = fixture->arena, .db = fixture->writer, .log = fixture->log, .now = now, .items = items, .count = count};
  fixture->events = NULL;
  fixture->event_count = 0;
  wg_log_begin(fixture->log, now);
  fixture_must(wg_db_send(fixture->writer, &WG_BEGIN, NULL, NULL, NULL, error), error);
  const size_t sent = wg_db_sent(fixture->writer);
  fixture_must(fixture->load(fixture->service, &batch, error), error);
  fixture->load_statements = wg_db_sent(fixture->writer) - sent;
  if (fixture->load_statements) {
    fixture_must(wg_db_flush_request(fixture->writer, error), error);
    fixture_must(postgres_pump(fixture->writer, error), error);
  }
  fixture_must(fixture->decide(fixture->service, &batch, error), error);
  fixture_must(fixture->store(fixture->service, &batch, error), error);
  fixture_must(wg_log_store(fixture->log, fixture->writer, fixture->arena, error), error);
  fixture_must(wg_db_send(fixture->writer, &WG_COMMIT, NULL, NULL, NULL, error), error);
  fixture_must(wg_db_sync(fixture->writer, error), error);
  const wg_status status = postgres_pump(fixture->writer, error);
  if (status != WG_OK) {
    wg_log_rolled_back(fixture->log);
    if (fixture->rolled_back) fixture->rolled_back(fixture->service, &batch);
    return status;
  }
  fixture->committed(fixture->service, &batch);
  wg_log_committed(fixture->log, fixture_publish, fixture);
  return WG_OK;
}

static inline void fixture_run(struct fixture *fixture, struct wg_item *items, size_t count, int64_t now) {
  struct wg_error error = {0};
  fixture_must(fixture_try(fixture, items, count, now, &error), &error);
}

// fixture_payload unpacks the payload of the nth published event; its type and topic must be these.
static inline const void *fixture_payload(struct fixture *fixture, size_t n, const ProtobufCMessageDescriptor *type,
                                          const char *topic) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  if (n >= fixture->event_count) fail_msg("only %zu events were published", fixture->event_count);
  const Wangge__V1__Event *event = fixture->events[n];
  assert_string_equal(event->type, type->name);
  assert_string_equal(event->topic, topic);
  const struct wg_bytes payload = {event->payload.data, event->payload.len};
  fixture_must(wg_unpack(type, payload, fixture->arena, &message, &error), &error);
  return message;
}

// fixture_count counts rows as superuser.
static inline int64_t fixture_count(const struct fixture *fixture, const char *sql) {
  struct wg_error error = {0};
  struct wg_db *db = postgres_connect(fixture->name);
  const struct wg_statement statement = {"count", sql, 0};
  PGresult *result = NULL;
  fixture_must(wg_db_run(db, &statement, NULL, &result, &error), &error);
  const int64_t count = wg_get_i64(result, 0, 0);
  PQclear(result);
  wg_db_close(db);
  return count;
}
