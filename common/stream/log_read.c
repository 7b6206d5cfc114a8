// The log as lagging consumers read it, on readers' connections. Knows nothing of the writer's memory.
#include "common/stream/log.h"
#include "common/stream/record.h"
#include "common/stream/segment_cache.h"

#include <string.h>

enum { ROWS_AT_ONCE = 16, TOPIC_ROWS_AT_ONCE = 4 };

// Index of each: the primary key of segment or topic_index.
static const struct wg_statement SEGMENT_OF = {
    "log_segment_of",
    "SELECT first_seq, n FROM segment WHERE stream = $1 AND first_seq <= $2 ORDER BY first_seq DESC LIMIT 1", 2};
static const struct wg_statement SEGMENTS = {
    "log_segments",
    "SELECT first_seq, n, body FROM (SELECT first_seq, n, body, sum(octet_length(body)) OVER (ORDER BY first_seq) - "
    "octet_length(body) AS before FROM (SELECT first_seq, n, body FROM segment WHERE stream = $1 AND first_seq >= $2 "
    "ORDER BY first_seq LIMIT $4) s) w WHERE before < $3 ORDER BY first_seq",
    4};
static const struct wg_statement TOPIC_ROW_OF = {
    "log_topic_row_of",
    "SELECT first_n FROM topic_index WHERE stream = $1 AND topic = $2 AND first_n <= $3 ORDER BY first_n DESC LIMIT 1",
    3};
static const struct wg_statement TOPIC_ROWS = {"log_topic_rows",
                                               "SELECT first_seq, first_n, seqs FROM topic_index WHERE stream = $1 AND "
                                               "topic = $2 AND first_n >= $3 ORDER BY first_n LIMIT $4",
                                               4};
static const struct wg_statement BODY = {"log_body", "SELECT body FROM segment WHERE stream = $1 AND first_seq = $2",
                                         2};
static const struct wg_statement STREAM_ENDS = {
    "log_stream_ends",
    "SELECT (SELECT first_seq FROM segment WHERE stream = $1 ORDER BY first_seq LIMIT 1), (SELECT seq FROM head WHERE "
    "stream = $1 AND topic = '')",
    1};
static const struct wg_statement TOPIC_ENDS = {"log_topic_ends",
                                               "SELECT (SELECT first_n FROM topic_index WHERE stream = $1 AND topic = "
                                               "$2 ORDER BY first_n LIMIT 1), greatest((SELECT seq FROM "
                                               "head WHERE stream = $1 AND topic = $2), (SELECT first_n + "
                                               "cardinality(seqs) - 1 FROM topic_index WHERE stream = $1 AND topic = "
                                               "$2 ORDER BY first_n DESC LIMIT 1))",
                                               2};
// Index: segment_at.
static const struct wg_statement SEGMENT_AT = {
    "log_segment_at", "SELECT first_seq FROM segment WHERE stream = $1 AND at >= $2 ORDER BY at, first_seq LIMIT 1", 2};
static const struct wg_statement TOPIC_BEHIND = {
    "log_topic_behind",
    "SELECT first_n FROM topic_index WHERE stream = $1 AND topic = $2 AND first_seq >= $3 ORDER BY first_n LIMIT 1", 3};
static const struct wg_statement MAKE_PARTITIONS = {"log_keep_partitions", "SELECT log_partitions_make($1, $2)", 2};
static const struct wg_statement DROP_PARTITIONS = {"log_drop_partitions", "SELECT log_partitions_drop($1)", 1};

// one_number runs a statement whose only row holds a number; *found is false when there is no row or it is null.
static wg_status one_number(struct wg_db *db, const struct wg_statement *statement, const struct wg_params *params,
                            uint64_t *value, bool *found, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, statement, params, &result, error);
  if (status != WG_OK) return status;
  *found = PQntuples(result) == 1 && !wg_is_null(result, 0, 0);
  *value = *found ? (uint64_t)wg_get_i64(result, 0, 0) : 0;
  PQclear(result);
  return WG_OK;
}

// --- whole stream ---
static wg_status append_segment(struct wg_read *read, uint64_t first, uint64_t count, struct wg_bytes body,
                                struct wg_error *error) {
  const uint64_t skip = read->last ? 0 : (read->after + 1 > first ? read->after + 1 - first : 0);
  if (skip >= count) return WG_OK;
  const wg_status status = wg_record_skip(&body, skip, error);
  if (status != WG_OK) return status;
  if (!read->last) read->first = first + skip;
  else if (first != read->last + 1)
    return wg_fail(error, WG_DATA_LOSS, NULL, "event %llu of %s is missing", (unsigned long long)read->last + 1,
                   read->stream);
  wg_buffer_append(&read->batch, body.data, body.size);
  read->last = first + count - 1;
  return WG_OK;
}

static wg_status read_stream(struct wg_db *db, struct wg_read *read, struct wg_arena *arena, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 2);
  wg_param_text(params, read->stream);
  wg_param_i64(params, (int64_t)read->after + 1);
  uint64_t start = 0;
  bool found = false;
  wg_status status = one_number(db, &SEGMENT_OF, params, &start, &found, error);
  if (status != WG_OK) return status;
  params = wg_params(arena, 4);
  wg_param_text(params, read->stream);
  wg_param_i64(params, found ? (int64_t)start : (int64_t)read->after + 1);
  wg_param_i64(params, (int64_t)read->max_bytes);
  wg_param_i64(params, ROWS_AT_ONCE);
  PGresult *result = NULL;
  status = wg_db_run(db, &SEGMENTS, params, &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result) && status == WG_OK; row++)
    status = append_segment(read, (uint64_t)wg_get_i64(result, row, 0), (uint64_t)wg_get_i32(result, row, 1),
                            wg_get_bytea(result, row, 2), error);
  PQclear(result);
  return status;
}

// --- one topic ---
// take_body gives the body of one segment, from memory or from the database; release it.
static wg_status take_body(struct wg_db *db, const struct wg_read *read, uint64_t first_seq, struct wg_arena *arena,
                           struct wg_cached_segment **segment, struct wg_error *error) {
  *segment = wg_segment_cache_get(read->cache, read->stream, first_seq);
  if (*segment) return WG_OK;
  struct wg_params *params = wg_params(arena, 2);
  wg_param_text(params, read->stream);
  wg_param_i64(params, (int64_t)first_seq);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &BODY, params, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 1)
    *segment = wg_segment_cache_put(read->cache, read->stream, first_seq, wg_get_bytea(result, 0, 0));
  else
    status = wg_fail(error, WG_UNAVAILABLE, NULL, "segment %llu of %s was dropped meanwhile",
                     (unsigned long long)first_seq, read->stream);
  PQclear(result);
  return status;
}

// append_topic takes from one segment the topic's events behind what was read.
static wg_status append_topic(struct wg_read *read, uint64_t first_seq, uint64_t first_n, const int64_t *seqs,
                              size_t count, struct wg_bytes rest, struct wg_error *error) {
  uint64_t at = first_seq; // number of the next record in `rest`
  for (size_t i = 0; i < count; i++) {
    const uint64_t number = first_n + i;
    if (number <= (read->last ? read->last : read->after)) continue;
    if (read->last && read->batch.size >= read->max_bytes) return WG_OK;
    if (read->last && number != read->last + 1)
      return wg_fail(error, WG_DATA_LOSS, NULL, "event %llu of topic %s is missing", (unsigned long long)read->last + 1,
                     read->topic);
    struct wg_bytes record;
    bool broken = false;
    const wg_status status = wg_record_skip(&rest, (uint64_t)seqs[i] - at, error);
    if (status != WG_OK) return status;
    if (!wg_record_next(&rest, &record, &broken))
      return wg_fail(error, WG_DATA_LOSS, NULL, "segment %llu of %s is broken", (unsigned long long)first_seq,
                     read->stream);
    at = (uint64_t)seqs[i] + 1;
    wg_buffer_append(&read->batch, record.data, record.size);
    if (!read->last) read->first = number;
    read->last = number;
  }
  return WG_OK;
}

static wg_status read_topic_row(struct wg_db *db, struct wg_read *read, const PGresult *result, int row,
                                struct wg_arena *arena, struct wg_error *error) {
  const uint64_t first_seq = (uint64_t)wg_get_i64(result, row, 0), first_n = (uint64_t)wg_get_i64(result, row, 1);
  int64_t *seqs = NULL;
  const size_t count = wg_get_i64_array(result, row, 2, arena, &seqs);
  struct wg_cached_segment *segment = NULL;
  wg_status status = take_body(db, read, first_seq, arena, &segment, error);
  if (status != WG_OK) return status;
  status = append_topic(read, first_seq, first_n, seqs, count, segment->body, error);
  wg_segment_cache_release(read->cache, segment);
  return status;
}

static wg_status read_topic(struct wg_db *db, struct wg_read *read, struct wg_arena *arena, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 3);
  wg_param_text(params, read->stream);
  wg_param_text(params, read->topic);
  wg_param_i64(params, (int64_t)read->after + 1);
  uint64_t from = 0;
  bool found = false;
  wg_status status = one_number(db, &TOPIC_ROW_OF, params, &from, &found, error);
  if (status != WG_OK) return status;
  params = wg_params(arena, 4);
  wg_param_text(params, read->stream);
  wg_param_text(params, read->topic);
  wg_param_i64(params, found ? (int64_t)from : (int64_t)read->after + 1);
  wg_param_i64(params, TOPIC_ROWS_AT_ONCE + 1); // the first may have been read to its end
  PGresult *result = NULL;
  status = wg_db_run(db, &TOPIC_ROWS, params, &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result) && status == WG_OK; row++) {
    if (!read->last || read->batch.size < read->max_bytes) status = read_topic_row(db, read, result, row, arena, error);
  }
  PQclear(result);
  return status;
}

wg_status wg_log_read(struct wg_db *db, struct wg_read *read, struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(65536);
  read->first = read->last = 0;
  const wg_status status = read->topic ? read_topic(db, read, arena, error) : read_stream(db, read, arena, error);
  wg_arena_destroy(arena);
  return status;
}

// --- where a start lies ---
static wg_status ends(struct wg_db *db, struct wg_find *find, struct wg_arena *arena, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 2);
  wg_param_text(params, find->stream);
  if (find->topic) wg_param_text(params, find->topic);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, find->topic ? &TOPIC_ENDS : &STREAM_ENDS, params, &result, error);
  if (status != WG_OK) return status;
  find->earliest = wg_is_null(result, 0, 0) ? 0 : (uint64_t)wg_get_i64(result, 0, 0);
  find->head = wg_is_null(result, 0, 1) ? 0 : (uint64_t)wg_get_i64(result, 0, 1);
  PQclear(result);
  return WG_OK;
}

wg_status wg_log_find(struct wg_db *db, struct wg_find *find, struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(4096);
  uint64_t first = 0;
  bool found = false;
  wg_status status = ends(db, find, arena, error);
  find->after = find->at <= 0 && find->earliest ? find->earliest - 1 : find->head;
  if (status == WG_OK && find->at > 0) {
    struct wg_params *params = wg_params(arena, 2);
    wg_param_text(params, find->stream);
    wg_param_time(params, find->at);
    status = one_number(db, &SEGMENT_AT, params, &first, &found, error);
    if (found && !find->topic) find->after = first - 1;
  }
  if (status == WG_OK && found && find->topic) {
    struct wg_params *params = wg_params(arena, 3);
    wg_param_text(params, find->stream);
    wg_param_text(params, find->topic);
    wg_param_i64(params, (int64_t)first);
    status = one_number(db, &TOPIC_BEHIND, params, &first, &found, error);
    if (found) find->after = first - 1;
  }
  wg_arena_destroy(arena);
  return status;
}

wg_status wg_log_retain(struct wg_db *db, const struct wg_stream_spec *streams, size_t count, int *dropped,
                        struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(4096);
  wg_status status = WG_OK;
  *dropped = 0;
  for (size_t i = 0; i < count && status == WG_OK; i++) {
    struct wg_params *params = wg_params(arena, 2);
    wg_param_text(params, streams[i].name);
    wg_param_i32(params, streams[i].retention_days);
    status = wg_db_run(db, &MAKE_PARTITIONS, params, NULL, error);
    if (status != WG_OK) break;
    params = wg_params(arena, 1);
    wg_param_text(params, streams[i].name);
    PGresult *result = NULL;
    status = wg_db_run(db, &DROP_PARTITIONS, params, &result, error);
    if (status != WG_OK) break;
    *dropped += wg_get_i32(result, 0, 0);
    PQclear(result);
  }
  wg_arena_destroy(arena);
  return status;
}
