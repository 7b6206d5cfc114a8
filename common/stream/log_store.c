// The log in PostgreSQL: what the writer adds to its transaction, and what it reads at start.
#include "common/stream/log_internal.h"

#include <string.h>

static const struct wg_statement LOAD_HEADS = {"log_load_heads", "SELECT stream, topic, seq, at FROM head", 0};
static const struct wg_statement MAKE_PARTITIONS = {"log_make_partitions", "SELECT log_partitions_make($1, $2)", 2};
static const struct wg_statement INSERT_SEGMENT = {
    "log_insert_segment", "INSERT INTO segment (stream, first_seq, n, at, body) VALUES ($1, $2, $3, $4, $5)", 5};
static const struct wg_statement INSERT_TOPICS = {
    "log_insert_topics",
    "INSERT INTO topic_index (stream, first_seq, topic, first_n, seqs) "
    "SELECT $1, $2, t.topic, t.first_n, ($7::bigint[])[t.start + 1 : t.start + t.n] "
    "FROM unnest($3::text[], $4::bigint[], $5::int[], $6::int[]) AS t(topic, first_n, start, n)",
    7};
// Primary key. The number stands in the events already, so the row must be where this writer left it.
static const struct wg_statement MOVE_HEAD = {"log_move_head",
                                              "UPDATE head SET seq = CASE WHEN seq = $2 THEN $3 ELSE "
                                              "log_two_writers('the head of ' || stream, seq, $2) END, at = "
                                              "$4 WHERE stream = $1 AND topic = ''",
                                              4};
static const struct wg_statement BEGIN_HEAD = {
    "log_begin_head",
    "INSERT INTO head (stream, topic, seq, at) VALUES ($1, '', 0, 'epoch') ON CONFLICT (stream, topic) DO NOTHING", 1};
// Primary key of topic_index, in each partition: topics one by one, and the newest row of each.
static const struct wg_statement LOAD_TOPICS = {
    "log_load_topics",
    "WITH RECURSIVE t(topic) AS (SELECT min(topic) FROM topic_index WHERE stream = $1 UNION ALL "
    "SELECT (SELECT min(i.topic) FROM topic_index i WHERE i.stream = $1 AND i.topic > t.topic) FROM t "
    "WHERE t.topic IS NOT NULL) SELECT t.topic, (SELECT i.first_n + cardinality(i.seqs) - 1 FROM topic_index i "
    "WHERE i.stream = $1 AND i.topic = t.topic ORDER BY i.first_n DESC LIMIT 1) FROM t WHERE t.topic IS NOT NULL",
    1};

// --- load ---
static void note_topic(struct wg_log *log, struct wg_log_stream *stream, const char *topic, uint64_t seq) {
  struct wg_log_topic *of = &stream->topics[wg_log_topic_id(log, stream->spec.name, topic)];
  if (seq > of->head) of->head = of->next = seq;
}

static wg_status load_heads(struct wg_log *log, struct wg_db *db, struct wg_arena *arena, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &LOAD_HEADS, wg_params(arena, 0), &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result); row++) {
    struct wg_log_stream *stream = wg_log_stream_of(log, wg_get_text(result, row, 0));
    if (!stream) continue; // a stream that an older version published
    const uint64_t seq = (uint64_t)wg_get_i64(result, row, 2);
    const char *topic = wg_get_text(result, row, 1);
    if (topic[0] == '\0') {
      stream->head = stream->last = seq;
      stream->head_at = wg_get_time(result, row, 3);
    } else note_topic(log, stream, topic, seq);
  }
  PQclear(result);
  return WG_OK;
}

static wg_status load_topics(struct wg_log *log, struct wg_log_stream *stream, struct wg_db *db, struct wg_arena *arena,
                             struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 1);
  wg_param_text(params, stream->spec.name);
  wg_status status = wg_db_run(db, &BEGIN_HEAD, params, NULL, error);
  if (status != WG_OK || !stream->spec.topics) return status;
  PGresult *result = NULL;
  status = wg_db_run(db, &LOAD_TOPICS, params, &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result); row++)
    note_topic(log, stream, wg_get_text(result, row, 0), (uint64_t)wg_get_i64(result, row, 1));
  PQclear(result);
  return WG_OK;
}

void wg_log_partitions(struct wg_log_stream *stream, uint64_t end) {
  stream->partition_end = end;
  // A batch larger than the partitions ahead leaves none: the next one begins with making some.
  stream->partition_refill = end > stream->head ? stream->head + (end - stream->head) / 2 : stream->head;
}

static struct wg_params *partition_params(const struct wg_log_stream *stream, struct wg_arena *arena) {
  struct wg_params *params = wg_params(arena, 2);
  wg_param_text(params, stream->spec.name);
  wg_param_i32(params, stream->spec.retention_days);
  return params;
}

wg_status wg_log_load(struct wg_log *log, struct wg_db *db, struct wg_error *error) {
  wg_log_rolled_back(log);
  for (size_t i = 0; i < log->count; i++) { // ids outlive a lost connection, numbers are read anew
    for (size_t id = 0; id < log->streams[i].topic_count; id++)
      log->streams[i].topics[id].head = log->streams[i].topics[id].next = 0;
  }
  struct wg_arena *arena = wg_arena_create(4096);
  wg_status status = load_heads(log, db, arena, error);
  for (size_t i = 0; i < log->count && status == WG_OK; i++) {
    PGresult *result = NULL;
    status = load_topics(log, &log->streams[i], db, arena, error);
    if (status == WG_OK)
      status = wg_db_run(db, &MAKE_PARTITIONS, partition_params(&log->streams[i], arena), &result, error);
    if (status != WG_OK) break;
    wg_log_partitions(&log->streams[i], (uint64_t)wg_get_i64(result, 0, 0));
    PQclear(result);
  }
  wg_arena_destroy(arena);
  return status;
}

// --- store ---
static wg_status made(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct wg_log_stream *stream = context;
  stream->partition_made = (uint64_t)wg_get_i64(result, 0, 0);
  return WG_OK;
}

static wg_status store_segment(struct wg_segment *segment, struct wg_db *db, struct wg_arena *arena,
                               struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 5);
  wg_param_text(params, segment->stream);
  wg_param_i64(params, (int64_t)segment->first);
  wg_param_i32(params, (int32_t)segment->count);
  wg_param_time(params, segment->at);
  wg_param_bytea(params, (struct wg_bytes){zmq_msg_data(&segment->body), zmq_msg_size(&segment->body)});
  return wg_db_send(db, &INSERT_SEGMENT, params, NULL, NULL, error);
}

static wg_status store_topics(const struct wg_log_stream *stream, const struct wg_segment *segment, struct wg_db *db,
                              struct wg_arena *arena, struct wg_error *error) {
  const size_t count = segment->topic_count;
  struct wg_column *topics = wg_column_text(arena, count), *first_ns = wg_column_i64(arena, count),
                   *starts = wg_column_i32(arena, count), *counts = wg_column_i32(arena, count),
                   *seqs = wg_column_i64(arena, segment->count);
  for (size_t i = 0; i < count; i++) {
    const struct wg_segment_topic *topic = &segment->topics[i];
    if (topic->topic == WG_NO_TOPIC) continue;
    wg_push_text(topics, stream->topics[topic->topic].name);
    wg_push_i64(first_ns, (int64_t)topic->first_n);
    wg_push_i32(starts, (int32_t)wg_column_rows(seqs));
    wg_push_i32(counts, (int32_t)topic->count);
    for (uint32_t k = 0; k < topic->count; k++)
      wg_push_i64(seqs, (int64_t)(segment->first + segment->order[topic->start + k]));
  }
  if (!wg_column_rows(topics)) return WG_OK;
  struct wg_params *params = wg_params(arena, 7);
  wg_param_text(params, segment->stream);
  wg_param_i64(params, (int64_t)segment->first);
  wg_param_column(params, topics);
  wg_param_column(params, first_ns);
  wg_param_column(params, starts);
  wg_param_column(params, counts);
  wg_param_column(params, seqs);
  return wg_db_send(db, &INSERT_TOPICS, params, NULL, NULL, error);
}

static wg_status store_stream(const struct wg_log *log, struct wg_log_stream *stream, struct wg_db *db,
                              struct wg_arena *arena, struct wg_error *error) {
  wg_log_seal(stream);
  if (!stream->full) return WG_OK;
  wg_status status = WG_OK;
  if (stream->last >= stream->partition_refill)
    status = wg_db_send(db, &MAKE_PARTITIONS, partition_params(stream, arena), made, stream, error);
  for (struct wg_segment *segment = stream->full; segment && status == WG_OK; segment = segment->next) {
    status = store_segment(segment, db, arena, error);
    if (status == WG_OK && segment->topic_count) status = store_topics(stream, segment, db, arena, error);
  }
  if (status != WG_OK) return status;
  struct wg_params *params = wg_params(arena, 4);
  wg_param_text(params, stream->spec.name);
  wg_param_i64(params, (int64_t)stream->head);
  wg_param_i64(params, (int64_t)stream->last);
  wg_param_time(params, log->at);
  return wg_db_send(db, &MOVE_HEAD, params, NULL, NULL, error);
}

wg_status wg_log_store(struct wg_log *log, struct wg_db *db, struct wg_arena *arena, struct wg_error *error) {
  wg_status status = WG_OK;
  for (size_t i = 0; i < log->count && status == WG_OK; i++)
    status = store_stream(log, &log->streams[i], db, arena, error);
  return status;
}
