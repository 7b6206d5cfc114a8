// What operators see of streams and consumers: the rows of Ops.Queues and the gauges.
#include "common/stream/server_internal.h"

#include "common/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void wg_rate_sample(struct wg_rate *rate) {
  rate->at = (rate->at + 1) % 11;
  rate->samples[rate->at] = rate->total;
  if (rate->filled < 11) rate->filled++;
}

double wg_rate_value(const struct wg_rate *rate) {
  if (rate->filled < 2) return 0;
  const unsigned seconds = rate->filled - 1, oldest = (rate->at + 11 - seconds) % 11;
  return (double)(rate->samples[rate->at] - rate->samples[oldest]) / seconds;
}

static uint64_t head_of(const struct wg_stream_server *server, size_t stream, const char *topic) {
  const char *name = server->streams[stream].name;
  return topic[0] ? wg_log_topic_head(server->log, name, topic) : wg_log_head(server->log, name);
}

// oldest_at gives the commit time of the oldest event not acknowledged: from memory if it is there, else as it was
// found in the database last.
static int64_t oldest_at(const struct wg_stream_server *server, const struct wg_durable *durable) {
  const struct wg_ring *ring = &server->rings[durable->stream];
  const uint32_t topic = durable->topic[0]
                             ? wg_log_topic_id(server->log, server->streams[durable->stream].name, durable->topic)
                             : WG_NO_TOPIC;
  const uint64_t number = durable->acked + 1;
  int64_t newer = 0; // of the first in memory that is not acknowledged
  for (size_t i = 0; i < ring->count && !newer; i++) {
    const struct wg_segment *segment = ring->segments[(ring->start + i) & (ring->capacity - 1)];
    uint64_t first = segment->first, count = topic == WG_NO_TOPIC ? segment->count : 0;
    for (uint32_t k = 0; topic != WG_NO_TOPIC && k < segment->topic_count; k++) {
      if (segment->topics[k].topic != topic) continue;
      first = segment->topics[k].first_n;
      count = segment->topics[k].count;
    }
    if (count == 0 || first + count <= number) continue;
    if (first <= number) return segment->at;
    newer = segment->at;
  }
  return durable->oldest_at ? durable->oldest_at : newer;
}

// --- what only the database knows ---
enum { FACTS_US = 5000000 };

static const struct wg_statement STREAM_FACTS = {
    "stream_facts",
    "SELECT name, coalesce((SELECT first_seq FROM segment WHERE stream = name ORDER BY first_seq LIMIT 1), 0), "
    "(SELECT count(*) FROM log_partition WHERE stream = name) FROM log_stream",
    0};
// Of every consumer the dead letters that wait (index parked_waiting); of one that lags also when its next event was
// committed (primary keys of segment and topic_index).
static const struct wg_statement CONSUMER_FACTS = {
    "stream_consumer_facts",
    "SELECT c.stream, c.name, c.topic, (SELECT count(*) FROM parked p WHERE p.stream = c.stream AND p.consumer = "
    "c.name "
    "AND p.topic = c.topic AND p.state = 1), CASE WHEN c.acked >= coalesce(h.seq, 0) THEN NULL WHEN c.topic = '' THEN "
    "(SELECT s.at FROM segment s WHERE s.stream = c.stream AND s.first_seq <= c.acked + 1 ORDER BY s.first_seq DESC "
    "LIMIT 1) ELSE (SELECT s.at FROM topic_index t JOIN segment s ON s.stream = t.stream AND s.first_seq = t.first_seq "
    "WHERE t.stream = c.stream AND t.topic = c.topic AND t.first_n <= c.acked + 1 ORDER BY t.first_n DESC LIMIT 1) END "
    "FROM consumer c LEFT JOIN head h ON h.stream = c.stream AND h.topic = c.topic",
    0};

struct facts_read {
  struct wg_stream_server *server;
  PGresult *streams, *consumers;
};

static wg_status facts_work(struct wg_db *db, void *context, struct wg_error *error) {
  struct facts_read *job = context;
  const wg_status status = wg_db_run(db, &STREAM_FACTS, NULL, &job->streams, error);
  return status == WG_OK ? wg_db_run(db, &CONSUMER_FACTS, NULL, &job->consumers, error) : status;
}

static size_t index_of(const struct wg_stream_server *server, const char *stream) {
  size_t i = 0;
  while (i < server->stream_count && strcmp(server->streams[i].name, stream) != 0)
    i++;
  return i;
}

static void take_facts(struct wg_stream_server *server, const struct facts_read *job) {
  for (int row = 0; row < PQntuples(job->streams); row++) {
    const size_t i = index_of(server, wg_get_text(job->streams, row, 0));
    if (i < server->stream_count)
      server->facts[i] = (struct wg_stream_facts){(uint64_t)wg_get_i64(job->streams, row, 1),
                                                  (int32_t)wg_get_i64(job->streams, row, 2)};
  }
  for (int row = 0; row < PQntuples(job->consumers); row++) {
    const size_t i = index_of(server, wg_get_text(job->consumers, row, 0));
    struct wg_durable *durable =
        i < server->stream_count
            ? wg_durable_of(server, i, wg_get_text(job->consumers, row, 1), wg_get_text(job->consumers, row, 2))
            : NULL;
    if (!durable) continue;
    durable->parked = (uint64_t)wg_get_i64(job->consumers, row, 3);
    durable->oldest_at = wg_get_time(job->consumers, row, 4);
  }
}

static void facts_done(void *context, wg_status status, const struct wg_error *error) {
  struct facts_read *job = context;
  job->server->facts_reading = false;
  if (status == WG_OK) take_facts(job->server, job);
  else if (status != WG_UNAVAILABLE)
    wg_log(WG_LOG_WARN, "figures of the streams could not be read", wg_field_text("error", error->message));
  PQclear(job->streams);
  PQclear(job->consumers);
  free(job);
}

void wg_facts_tick(struct wg_stream_server *server, int64_t now) {
  const bool soon = now >= server->facts_at && now - server->facts_at < FACTS_US;
  if (!server->loaded || server->facts_reading || soon || server->stream_count == 0) return;
  server->facts_at = now;
  server->facts_reading = true;
  struct facts_read *job = wg_zalloc(sizeof *job);
  job->server = server;
  server->host.read(server->host.context, facts_work, facts_done, job);
}

// --- Ops.Queues ---
static Wangge__V1__StreamStatus *stream_row(struct wg_stream_server *server, size_t index, struct wg_arena *arena) {
  const char *name = server->streams[index].name;
  Wangge__V1__StreamStatus *row = wg_arena_alloc(arena, sizeof *row);
  wangge__v1__stream_status__init(row);
  row->stream = wg_arena_strdup(arena, name);
  row->head = wg_log_head(server->log, name);
  row->head_at = wg_log_head_at(server->log, name);
  row->in_per_second = wg_rate_value(&server->in[index]);
  row->earliest = server->facts[index].earliest;
  row->partitions = server->facts[index].partitions;
  row->body_bytes = (int64_t)server->body_bytes[index];
  return row;
}

static Wangge__V1__ConsumerStatus *consumer_row(struct wg_stream_server *server, const struct wg_durable *durable,
                                                struct wg_arena *arena) {
  Wangge__V1__ConsumerStatus *row = wg_arena_alloc(arena, sizeof *row);
  wangge__v1__consumer_status__init(row);
  row->stream = wg_arena_strdup(arena, server->streams[durable->stream].name);
  row->consumer = wg_arena_strdup(arena, durable->name);
  row->topic = wg_arena_strdup(arena, durable->topic);
  row->has_topic = durable->topic[0] != '\0';
  row->head = head_of(server, durable->stream, durable->topic);
  row->acked = durable->acked;
  row->lag = row->head > row->acked ? row->head - row->acked : 0;
  row->oldest_at = row->lag ? oldest_at(server, durable) : 0;
  row->out_per_second = wg_rate_value(&durable->out);
  row->connected = durable->subscription != NULL;
  row->principal = wg_arena_strdup(arena, durable->principal);
  row->in_flight_bytes = durable->subscription ? durable->subscription->in_flight : 0;
  row->parked = durable->parked;
  row->acked_at = durable->acked_at;
  return row;
}

static Wangge__V1__ConsumerStatus *passing_row(struct wg_stream_server *server, const struct wg_subscription *s,
                                               struct wg_arena *arena) {
  Wangge__V1__ConsumerStatus *row = wg_arena_alloc(arena, sizeof *row);
  wangge__v1__consumer_status__init(row);
  row->stream = wg_arena_strdup(arena, server->streams[s->stream].name);
  row->topic = wg_arena_strdup(arena, s->topic ? s->topic : "");
  row->has_topic = s->topic != NULL;
  row->head = wg_feed_head(server, s);
  row->acked = s->acked;
  row->lag = row->head > row->acked ? row->head - row->acked : 0;
  row->connected = true;
  row->principal = wg_arena_strdup(arena, s->user);
  row->in_flight_bytes = s->in_flight;
  return row;
}

void wg_stream_server_status(struct wg_stream_server *server, const char *topic, struct wg_arena *arena,
                             Wangge__V1__QueuesResponse *response, int64_t now) {
  (void)now;
  size_t most = server->subscription_count + 1;
  for (const struct wg_durable *durable = server->durables; durable; durable = durable->next)
    most++;
  response->consumers = wg_arena_alloc(arena, sizeof *response->consumers * most);
  response->streams = wg_arena_alloc(arena, sizeof *response->streams * (server->stream_count + 1));
  for (size_t i = 0; i < server->stream_count && !topic; i++)
    response->streams[response->n_streams++] = stream_row(server, i, arena);
  for (const struct wg_durable *durable = server->durables; durable; durable = durable->next) {
    if (!topic || strcmp(topic, durable->topic) == 0)
      response->consumers[response->n_consumers++] = consumer_row(server, durable, arena);
  }
  for (const struct wg_subscription *s = server->subscriptions; s; s = s->next) {
    if (!s->durable && !s->closing && (!topic || (s->topic && strcmp(topic, s->topic) == 0)))
      response->consumers[response->n_consumers++] = passing_row(server, s, arena);
  }
}

static void register_metrics(struct wg_stream_server *server, struct wg_durable *durable, struct wg_metrics *metrics) {
  char labels[320];
  snprintf(labels, sizeof labels, "stream=\"%s\",consumer=\"%s\",topic=\"%.64s\"",
           server->streams[durable->stream].name, durable->name, durable->topic);
  durable->lag_metric = wg_gauge(metrics, "wangge_consumer_lag_events", labels, "Events not acknowledged yet");
  durable->connected_metric =
      wg_gauge(metrics, "wangge_consumer_connected", labels, "1 while the consumer is connected");
  durable->parked_metric = wg_gauge(metrics, "wangge_consumer_parked", labels, "Dead letters that wait");
}

void wg_stream_server_metrics(struct wg_stream_server *server, struct wg_metrics *metrics) {
  server->metrics = metrics;
  for (size_t i = 0; i < server->stream_count; i++) {
    char labels[96];
    snprintf(labels, sizeof labels, "stream=\"%s\"", server->streams[i].name);
    wg_set(wg_gauge(metrics, "wangge_stream_head", labels, "Newest number of the stream"),
           (double)wg_log_head(server->log, server->streams[i].name));
  }
  wg_set(wg_gauge(metrics, "wangge_subscriptions", NULL, "Subscriptions open"), (double)server->subscription_count);
  for (struct wg_durable *durable = server->durables; durable; durable = durable->next) {
    if (!durable->lag_metric) register_metrics(server, durable, metrics);
    const uint64_t head = head_of(server, durable->stream, durable->topic);
    wg_set(durable->lag_metric, (double)(head > durable->acked ? head - durable->acked : 0));
    wg_set(durable->connected_metric, durable->subscription ? 1 : 0);
    wg_set(durable->parked_metric, (double)durable->parked);
  }
}
