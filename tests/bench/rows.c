// The rows the three services write, by the same statements, with nothing around them. See rig.h.
#include "tests/bench/rig.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

const char *const RIG_STAGE_NAMES[RIG_STAGES] = {"intake", "routing", "tracking"};
static const char *const STREAMS[RIG_STAGES] = {"intake.orders", "routing.dispatch", "tracking.cases"};
static const char *const UPSTREAMS[RIG_STAGES] = {NULL, "intake.orders", "routing.dispatch"};

struct rig_writer {
  enum rig_stage stage;
  bool log;
  const struct rig_samples *samples;
  struct wg_db *db;
  struct wg_arena *arena;
  struct wg_buffer body; // of the segment
  int64_t *topic_n;      // newest number of each department's topic
};

static const struct wg_statement NEXT[RIG_STAGES] = {
    {"next_intake", "SELECT coalesce(max(order_id), 0) + 1 FROM orders", 0},
    {"next_routing", "SELECT coalesce(max(order_id), 0) + 1 FROM assignment", 0},
    {"next_tracking", "SELECT coalesce(max(order_id), 0) + 1 FROM cases", 0}};
static const struct wg_statement PARTITIONS = {"partitions", "SELECT log_partitions_make($1, 30)", 1};
static const struct wg_statement HEADS = {"heads",
                                          "SELECT topic, max(first_n + cardinality(seqs) - 1) FROM "
                                          "topic_index WHERE stream = $1 GROUP BY topic",
                                          1};
static const struct wg_statement POSITION_NEW = {
    "position_new", "INSERT INTO position (stream, seq) VALUES ($1, 0) ON CONFLICT (stream) DO NOTHING", 1};

static const struct wg_statement ORDERS = {
    "orders",
    "INSERT INTO orders (district, order_id, source, external_id, channel, kind, urgency, category, title, text, "
    "address, lon, lat, grid_code, occurred_at, attachments, has_reporter, confidential, content_hash, received_at) "
    "SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::smallint[]), "
    "unnest($6::smallint[]), unnest($7::smallint[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]), "
    "unnest($11::text[]), unnest($12::float8[]), unnest($13::float8[]), unnest($14::text[]), "
    "unnest($15::timestamptz[]), unnest($16::smallint[]), unnest($17::boolean[]), unnest($18::boolean[]), "
    "unnest($19::bytea[]), $20",
    20};
static const struct wg_statement REPORTERS = {"reporters",
                                              "INSERT INTO reporter (district, order_id, name, phone) "
                                              "SELECT unnest($1::text[]), unnest($2::bigint[]), "
                                              "unnest($3::text[]), unnest($4::text[])",
                                              4};
static const struct wg_statement COUNTER = {
    "counter", "UPDATE counter SET last_order_id = $1, last_received_at = $2 WHERE name = 'orders'", 2};
static const struct wg_statement ASSIGNMENTS = {
    "assignments",
    "INSERT INTO assignment (district, order_id, source, category, state, department, decided_by, decided_at, reason, "
    "hops, steps, routed_to, routed_at, rule_id, rule_version, evidence, received, area, place_id, place_name, "
    "place_how, place_confidence, place_flags, place_evidence, suggested_category, suggested_confidence, compared) "
    "SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), 2, unnest($5::text[]), "
    "'rule', $8, '', 1, 1, unnest($5::text[]), $8, 'R0000', '0123456789abcdef', unnest($6::text[]), "
    "unnest($7::bytea[]), '370117001001001', '370117/place/estate-001', '府前花园小区', 3, 0.9, 0, unnest($6::text[]), "
    "'', 0, false",
    8};
static const struct wg_statement CASES = {
    "cases",
    "INSERT INTO cases (district, order_id, source, state, department, urgency, category, title, opened_at, routed_to, "
    "routed_by, routed_why, routed_at, dispatched_at, due_at, due_rule, resolved_at, result, steps, channel, kind, "
    "grid_code, round, next_at, department_key, grid_key, category_key) SELECT unnest($1::text[]), "
    "unnest($2::bigint[]), unnest($3::text[]), 2, "
    "unnest($4::text[]), 1, "
    "unnest($5::text[]), "
    "unnest($6::text[]), $8, unnest($4::text[]), 'rule', unnest($7::text[]), $8, $8, $8, "
    "'shandong: 5 working days after 2026-11-27, 2 days off skipped', NULL, '', 2, 1, 3, "
    "'370117001001001', 1, $8, unnest($9::int[]), 41, unnest($10::int[])",
    10};
static const struct wg_statement SEGMENT = {
    "segment", "INSERT INTO segment (stream, first_seq, n, at, body) VALUES ($1, $2, $3, $4, $5)", 5};
static const struct wg_statement TOPICS = {
    "topics",
    "INSERT INTO topic_index (stream, first_seq, topic, first_n, seqs) "
    "SELECT $1, $2, t.topic, t.first_n, ($7::bigint[])[t.start + 1 : t.start + t.n] "
    "FROM unnest($3::text[], $4::bigint[], $5::int[], $6::int[]) AS t(topic, first_n, start, n)",
    7};
static const struct wg_statement MOVE_HEAD = {
    "move_head",
    "INSERT INTO head AS h (stream, topic, seq, at) VALUES ($1, '', $2, $3) "
    "ON CONFLICT (stream, topic) DO UPDATE SET seq = excluded.seq, at = excluded.at",
    3};
static const struct wg_statement POSITION = {"position", "UPDATE position SET seq = $2, at = now() WHERE stream = $1",
                                             2};

static void send(struct rig_writer *writer, const struct wg_statement *statement, const struct wg_params *params) {
  struct wg_error error = {0};
  rig_must(wg_db_send(writer->db, statement, params, NULL, NULL, &error), statement->name, &error);
}

static struct wg_params *all(struct rig_writer *writer, struct wg_column **columns, int count, int more) {
  struct wg_params *params = wg_params(writer->arena, count + more);
  for (int i = 0; i < count; i++)
    wg_param_column(params, columns[i]);
  return params;
}

// --- own rows ---
static void write_orders(struct rig_writer *writer, const struct rig_row *rows, size_t count, int64_t now) {
  struct wg_arena *a = writer->arena;
  struct wg_column *w[] = {
      wg_column_text(a, count), wg_column_i64(a, count),  wg_column_text(a, count), wg_column_text(a, count),
      wg_column_i16(a, count),  wg_column_i16(a, count),  wg_column_i16(a, count),  wg_column_text(a, count),
      wg_column_text(a, count), wg_column_text(a, count), wg_column_text(a, count), wg_column_f64(a, count),
      wg_column_f64(a, count),  wg_column_text(a, count), wg_column_time(a, count), wg_column_i16(a, count),
      wg_column_bool(a, count), wg_column_bool(a, count), wg_column_bytea(a, count)};
  struct wg_column *r[] = {wg_column_text(a, count), wg_column_i64(a, count), wg_column_text(a, count),
                           wg_column_text(a, count)};
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__NewOrder *order = &rows[i].sample->order;
    wg_push_text(w[0], order->district);
    wg_push_i64(w[1], rows[i].order_id);
    wg_push_text(w[2], "hotline-12345");
    wg_push_text(w[3], rows[i].external_id);
    wg_push_i16(w[4], (int16_t)order->channel);
    wg_push_i16(w[5], (int16_t)order->kind);
    wg_push_i16(w[6], (int16_t)order->urgency);
    wg_push_text(w[7], order->category);
    wg_push_text(w[8], order->title);
    wg_push_text(w[9], order->text);
    wg_push_text(w[10], order->address);
    wg_push_null(w[11]);
    wg_push_null(w[12]);
    wg_push_text(w[13], "");
    wg_push_time(w[14], order->occurred_at);
    wg_push_i16(w[15], 0);
    wg_push_bool(w[16], (order->reporter != NULL));
    wg_push_bool(w[17], false);
    wg_push_bytea(w[18], (struct wg_bytes){rows[i].sample->received.data, 32});
    if (!order->reporter) continue;
    wg_push_text(r[0], order->district);
    wg_push_i64(r[1], rows[i].order_id);
    wg_push_text(r[2], order->reporter->name);
    wg_push_text(r[3], order->reporter->phone);
  }
  struct wg_params *params = all(writer, w, 19, 1);
  wg_param_time(params, now);
  send(writer, &ORDERS, params);
  if (wg_column_rows(r[1])) send(writer, &REPORTERS, all(writer, r, 4, 0));
  params = wg_params(a, 2);
  wg_param_i64(params, rows[count - 1].order_id);
  wg_param_time(params, now);
  send(writer, &COUNTER, params);
}

static void write_assignments(struct rig_writer *writer, const struct rig_row *rows, size_t count, int64_t now) {
  struct wg_arena *a = writer->arena;
  struct wg_column *w[] = {wg_column_text(a, count), wg_column_i64(a, count),  wg_column_text(a, count),
                           wg_column_text(a, count), wg_column_text(a, count), wg_column_text(a, count),
                           wg_column_bytea(a, count)};
  for (size_t i = 0; i < count; i++) {
    const struct rig_sample *sample = rows[i].sample;
    wg_push_text(w[0], sample->order.district);
    wg_push_i64(w[1], rows[i].order_id);
    wg_push_text(w[2], "hotline-12345");
    wg_push_text(w[3], sample->order.category);
    wg_push_text(w[4], writer->samples->departments[sample->department]);
    wg_push_text(w[5], sample->evidence);
    wg_push_bytea(w[6], sample->received);
  }
  struct wg_params *params = all(writer, w, 7, 1);
  wg_param_time(params, now);
  send(writer, &ASSIGNMENTS, params);
}

static void write_cases(struct rig_writer *writer, const struct rig_row *rows, size_t count, int64_t now) {
  struct wg_arena *a = writer->arena;
  struct wg_column *w[] = {wg_column_text(a, count), wg_column_i64(a, count),  wg_column_text(a, count),
                           wg_column_text(a, count), wg_column_text(a, count), wg_column_text(a, count),
                           wg_column_text(a, count)},
                   *keys[] = {wg_column_i32(a, count), wg_column_i32(a, count)};
  for (size_t i = 0; i < count; i++) {
    const struct rig_sample *sample = rows[i].sample;
    wg_push_text(w[0], sample->order.district);
    wg_push_i64(w[1], rows[i].order_id);
    wg_push_text(w[2], "hotline-12345");
    wg_push_text(w[3], writer->samples->departments[sample->department]);
    wg_push_text(w[4], sample->order.category);
    wg_push_text(w[5], sample->order.title);
    wg_push_text(w[6], sample->evidence);
    wg_push_i32(keys[0], (int32_t)sample->department + 1);
    wg_push_i32(keys[1], 100 + (int32_t)((sample - writer->samples->items) % 330)); // as many as the demo has
  }
  struct wg_params *params = all(writer, w, 7, 3);
  wg_param_time(params, now);
  wg_param_column(params, keys[0]);
  wg_param_column(params, keys[1]);
  send(writer, &CASES, params);
}

// --- rows of the stream ---
static void write_topics(struct rig_writer *writer, const struct rig_row *rows, size_t count) {
  struct wg_arena *a = writer->arena;
  struct wg_column *topics = wg_column_text(a, 64), *first_ns = wg_column_i64(a, 64), *starts = wg_column_i32(a, 64),
                   *counts = wg_column_i32(a, 64), *seqs = wg_column_i64(a, count);
  for (size_t d = 0; d < writer->samples->department_count; d++) {
    const size_t start = wg_column_rows(seqs);
    for (size_t i = 0; i < count; i++)
      if (rows[i].sample->department == d) wg_push_i64(seqs, rows[i].order_id);
    const size_t n = wg_column_rows(seqs) - start;
    if (!n) continue;
    wg_push_text(topics, writer->samples->departments[d]);
    wg_push_i64(first_ns, writer->topic_n[d] + 1);
    wg_push_i32(starts, (int32_t)start);
    wg_push_i32(counts, (int32_t)n);
    writer->topic_n[d] += (int64_t)n;
  }
  struct wg_params *params = wg_params(a, 7);
  wg_param_text(params, STREAMS[writer->stage]);
  wg_param_i64(params, rows[0].order_id);
  wg_param_column(params, topics);
  wg_param_column(params, first_ns);
  wg_param_column(params, starts);
  wg_param_column(params, counts);
  wg_param_column(params, seqs);
  send(writer, &TOPICS, params);
}

static void write_log(struct rig_writer *writer, const struct rig_row *rows, size_t count, int64_t now) {
  wg_buffer_clear(&writer->body);
  for (size_t i = 0; i < count; i++) {
    const struct wg_bytes event = rows[i].sample->event[writer->stage];
    wg_buffer_append(&writer->body, event.data, event.size);
  }
  struct wg_params *params = wg_params(writer->arena, 5);
  wg_param_text(params, STREAMS[writer->stage]);
  wg_param_i64(params, rows[0].order_id);
  wg_param_i32(params, (int32_t)count);
  wg_param_time(params, now);
  wg_param_bytea(params, (struct wg_bytes){writer->body.data, writer->body.size});
  send(writer, &SEGMENT, params);
  if (writer->stage != RIG_INTAKE) write_topics(writer, rows, count);
  params = wg_params(writer->arena, 3);
  wg_param_text(params, STREAMS[writer->stage]);
  wg_param_i64(params, rows[count - 1].order_id);
  wg_param_time(params, now);
  send(writer, &MOVE_HEAD, params);
  if (!UPSTREAMS[writer->stage]) return;
  params = wg_params(writer->arena, 2);
  wg_param_text(params, UPSTREAMS[writer->stage]);
  wg_param_i64(params, rows[count - 1].order_id);
  send(writer, &POSITION, params);
}

static void commit(struct rig_writer *writer) {
  struct wg_error error = {0};
  send(writer, &WG_COMMIT, NULL);
  rig_must(wg_db_sync(writer->db, &error), "sync", &error);
  for (;;) {
    size_t waiting = 0;
    rig_must(wg_db_pump(writer->db, &waiting, &error), RIG_STAGE_NAMES[writer->stage], &error);
    if (!waiting) return;
    const short events = (short)(POLLIN | (wg_db_wants_write(writer->db) ? POLLOUT : 0));
    poll(&(struct pollfd){wg_db_socket(writer->db), events, 0}, 1, -1);
  }
}

void rig_writer_write(struct rig_writer *writer, const struct rig_row *rows, size_t count) {
  const int64_t now = wg_now_us();
  wg_arena_reset(writer->arena);
  send(writer, &WG_BEGIN, NULL);
  if (writer->stage == RIG_INTAKE) write_orders(writer, rows, count, now);
  else if (writer->stage == RIG_ROUTING) write_assignments(writer, rows, count, now);
  else write_cases(writer, rows, count, now);
  if (writer->log) write_log(writer, rows, count, now);
  commit(writer);
}

// --- open and close ---
static int64_t ask(struct rig_writer *writer, const struct wg_statement *statement, const char *stream) {
  struct wg_error error = {0};
  struct wg_params *params = wg_params(writer->arena, 1);
  if (stream) wg_param_text(params, stream);
  PGresult *result = NULL;
  rig_must(wg_db_run(writer->db, statement, params, &result, &error), statement->name, &error);
  const int64_t value = PQntuples(result) ? wg_get_i64(result, 0, 0) : 0;
  PQclear(result);
  return value;
}

static void load_heads(struct rig_writer *writer) {
  struct wg_error error = {0};
  struct wg_params *params = wg_params(writer->arena, 1);
  wg_param_text(params, STREAMS[writer->stage]);
  PGresult *result = NULL;
  rig_must(wg_db_run(writer->db, &HEADS, params, &result, &error), HEADS.name, &error);
  for (int row = 0; row < PQntuples(result); row++) {
    for (size_t d = 0; d < writer->samples->department_count; d++) {
      if (strcmp(writer->samples->departments[d], wg_get_text(result, row, 0)) == 0)
        writer->topic_n[d] = wg_get_i64(result, row, 1);
    }
  }
  PQclear(result);
}

struct rig_writer *rig_writer_open(const char *dsn, enum rig_stage stage, bool log, const struct rig_samples *samples,
                                   int64_t *next) {
  struct rig_writer *writer = wg_zalloc(sizeof *writer);
  *writer = (struct rig_writer){.stage = stage, .log = log, .samples = samples, .arena = wg_arena_create(1 << 20)};
  writer->topic_n = wg_zalloc(sizeof *writer->topic_n * samples->department_count);
  const char *name = RIG_STAGE_NAMES[stage];
  const struct wg_db_options options = {.dsn = wg_arena_printf(writer->arena, "%s user=wangge_%s", dsn, name),
                                        .schema = name,
                                        .application_name = "bench"};
  struct wg_error error = {0};
  rig_must(wg_db_connect(&options, &writer->db, &error), "connect", &error);
  *next = ask(writer, &NEXT[stage], NULL);
  if (log) {
    ask(writer, &PARTITIONS, STREAMS[stage]);
    load_heads(writer);
    if (UPSTREAMS[stage]) ask(writer, &POSITION_NEW, UPSTREAMS[stage]);
  }
  rig_must(wg_db_pipeline(writer->db, &error), "pipeline", &error);
  return writer;
}

void rig_writer_close(struct rig_writer *writer) {
  wg_db_close(writer->db);
  wg_arena_destroy(writer->arena);
  wg_buffer_free(&writer->body);
  free(writer->topic_n);
  free(writer);
}
