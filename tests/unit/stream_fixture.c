#include "tests/unit/stream_fixture.h"
#include "tests/unit/unit.h"

#include "common/db/migrate.h"
#include "wangge/v1/common.pb-c.h"

#include <stdlib.h>

const struct wg_stream_spec STREAM_SPECS[2] = {{PLAIN, false, 0}, {LETTERS, true, 0}};

static void must(wg_status status, const struct wg_error *error) {
  if (status != WG_OK) fail_msg("%s: %s", wg_status_name(status), error->message);
}

struct wg_db *stream_fixture_connect(bool read_only) {
  struct wg_error error = {0};
  struct wg_db *db = NULL;
  char dsn[256];
  snprintf(dsn, sizeof dsn, "host=%s dbname=postgres user=wangge_post", postgres_directory());
  const struct wg_db_options options = {
      .dsn = dsn, .schema = "post", .application_name = "test", .read_only = read_only};
  must(wg_db_connect(&options, &db, &error), &error);
  return db;
}

static void make_schema(int partition_events) {
  struct wg_error error = {0};
  char sql[160];
  postgres_execute("DROP SCHEMA IF EXISTS post CASCADE; CREATE SCHEMA post");
  postgres_execute(
      "DO $$ BEGIN IF to_regrole('wangge_post') IS NULL THEN CREATE ROLE wangge_post LOGIN; END IF; END $$");
  struct wg_db *owner = postgres_connect("post");
  const char *const folders[] = {WANGGE_SHARE "/common/stream/schema", NULL};
  int applied = 0;
  must(wg_migrate(owner, "post", "wangge_post", folders, &applied, &error), &error);
  wg_db_close(owner);
  snprintf(sql, sizeof sql, "ALTER TABLE post.log_stream ALTER partition_events SET DEFAULT %d", partition_events);
  postgres_execute(sql);
}

void stream_fixture_open(struct stream_fixture *fixture, int partition_events) {
  struct wg_error error = {0};
  make_schema(partition_events);
  fixture->arena = wg_arena_create(1 << 16);
  fixture->log = wg_log_create(STREAM_SPECS, 2);
  fixture->writer = stream_fixture_connect(false);
  fixture->reader = stream_fixture_connect(true);
  must(wg_log_load(fixture->log, fixture->writer, &error), &error);
  must(wg_db_pipeline(fixture->writer, &error), &error);
  wg_log_begin(fixture->log, 1);
}

void stream_fixture_close(struct stream_fixture *fixture) {
  wg_log_destroy(fixture->log);
  wg_db_close(fixture->writer);
  wg_db_close(fixture->reader);
  wg_arena_destroy(fixture->arena);
}

uint64_t stream_append(struct stream_fixture *fixture, const char *stream, const char *topic, int64_t id,
                       const char *text) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = id;
  order.text = (char *)(uintptr_t)text;
  return wg_log_append(fixture->log, stream, topic, &order.base, "");
}

wg_status stream_commit_with(struct stream_fixture *fixture,
                             wg_status (*store)(void *, struct wg_db *, struct wg_arena *, struct wg_error *),
                             void *context, struct wg_error *error) {
  struct wg_error ignored = {0};
  wg_status status = wg_db_send(fixture->writer, &WG_BEGIN, NULL, NULL, NULL, error);
  if (status == WG_OK) status = wg_log_store(fixture->log, fixture->writer, fixture->arena, error);
  if (status == WG_OK && store) status = store(context, fixture->writer, fixture->arena, error);
  if (status == WG_OK) status = wg_db_send(fixture->writer, &WG_COMMIT, NULL, NULL, NULL, error);
  if (status == WG_OK) status = wg_db_sync(fixture->writer, error);
  const wg_status pumped = postgres_pump(fixture->writer, status == WG_OK ? error : &ignored);
  wg_arena_reset(fixture->arena);
  return status == WG_OK ? pumped : status;
}

static void nobody(void *context, struct wg_segment *segment) {
  (void)context;
  (void)segment;
}

void stream_commit(struct stream_fixture *fixture, void (*publish)(void *, struct wg_segment *), void *context) {
  struct wg_error error = {0};
  must(stream_commit_with(fixture, NULL, NULL, &error), &error);
  wg_log_committed(fixture->log, publish ? publish : nobody, context);
  wg_log_begin(fixture->log, wg_log_head_at(fixture->log, LETTERS) + 1000000);
}

int64_t stream_number(const char *sql) {
  struct wg_db *db = postgres_connect("post");
  PGresult *result = PQexec(wg_db_raw(db), sql);
  if (PQresultStatus(result) != PGRES_TUPLES_OK) fail_msg("%s: %s", sql, PQresultErrorMessage(result));
  const int64_t number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
  PQclear(result);
  wg_db_close(db);
  return number;
}

wg_status stream_try(const char *sql) {
  struct wg_error error = {0};
  struct wg_db *db = stream_fixture_connect(false);
  const wg_status status = wg_db_exec(db, sql, &error);
  wg_db_close(db);
  return status;
}
