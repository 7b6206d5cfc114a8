// What operators see of streams and consumers: the rows of Ops.Queues and the gauges.
#include "common/stream/server_internal.h"

#include <stdio.h>
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

// oldest_at gives the commit time of the oldest event not acknowledged, from memory; what is older than the ring counts
// as old as the ring's oldest segment.
static int64_t oldest_at(const struct wg_stream_server *server, const struct wg_durable *durable) {
  const struct wg_ring *ring = &server->rings[durable->stream];
  const uint32_t topic = durable->topic[0]
                             ? wg_log_topic_id(server->log, server->streams[durable->stream].name, durable->topic)
                             : WG_NO_TOPIC;
  for (size_t i = 0; i < ring->count; i++) {
    const struct wg_segment *segment = ring->segments[(ring->start + i) & (ring->capacity - 1)];
    if (topic == WG_NO_TOPIC && segment->first + segment->count - 1 > durable->acked) return segment->at;
    for (uint32_t k = 0; topic != WG_NO_TOPIC && k < segment->topic_count; k++) {
      const struct wg_segment_topic *of = &segment->topics[k];
      if (of->topic == topic && of->first_n + of->count - 1 > durable->acked) return segment->at;
    }
  }
  return durable->acked_at;
}

static Wangge__V1__StreamStatus *stream_row(struct wg_stream_server *server, size_t index, struct wg_arena *arena) {
  const char *name = server->streams[index].name;
  Wangge__V1__StreamStatus *row = wg_arena_alloc(arena, sizeof *row);
  wangge__v1__stream_status__init(row);
  row->stream = wg_arena_strdup(arena, name);
  row->head = wg_log_head(server->log, name);
  row->head_at = wg_log_head_at(server->log, name);
  row->in_per_second = wg_rate_value(&server->in[index]);
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
