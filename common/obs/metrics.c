// Registry of time series. Registration and writing take a lock; updates are single atomic operations.
#include "common/obs/metrics_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const double wg_bucket_bounds[WG_BUCKETS] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1,
                                             0.25,   0.5,   0.75,   1,     2.5,  5,     7.5,  10};

struct wg_metrics *wg_metrics_create(const char *service) {
  struct wg_metrics *metrics = wg_zalloc(sizeof *metrics);
  metrics->service = wg_strdup(service);
  pthread_mutex_init(&metrics->lock, NULL);
  return metrics;
}

static void free_metric(struct wg_metric *metric) {
  free(metric->labels);
  free(metric);
}

void wg_metrics_destroy(struct wg_metrics *metrics) {
  if (!metrics) return;
  for (struct wg_family *family = metrics->families, *next; family; family = next) {
    next = family->next;
    for (struct wg_metric *metric = family->first, *after; metric; metric = after) {
      after = metric->next;
      free_metric(metric);
    }
    free(family->name);
    free(family->help);
    free(family);
  }
  pthread_mutex_destroy(&metrics->lock);
  free(metrics->service);
  free(metrics);
}

// name_valid: what Prometheus allows, and _total exactly on counters, so that both text formats can name them.
static bool name_valid(const char *name, enum wg_metric_kind kind) {
  size_t size = strlen(name);
  bool total = size > 6 && !strcmp(name + size - 6, "_total");
  return size > 0 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == size && name[0] > '9' &&
         total == (kind == WG_COUNTER);
}

static struct wg_family *family_of(struct wg_metrics *metrics, const char *name, enum wg_metric_kind kind,
                                   const char *help) {
  struct wg_family **end = &metrics->families;
  for (; *end; end = &(*end)->next)
    if (!strcmp((*end)->name, name)) return *end;
  assert(name_valid(name, kind));
  struct wg_family *family = wg_zalloc(sizeof *family);
  family->name = wg_strdup(name);
  family->help = wg_strdup(help);
  family->kind = kind;
  *end = family;
  return family;
}

static struct wg_metric *register_metric(struct wg_metrics *metrics, const char *name, const char *labels,
                                         enum wg_metric_kind kind, const char *help) {
  if (!labels) labels = "";
  pthread_mutex_lock(&metrics->lock);
  struct wg_family *family = family_of(metrics, name, kind, help);
  struct wg_metric **end = &family->first;
  while (*end && strcmp((*end)->labels, labels))
    end = &(*end)->next;
  struct wg_metric *metric = *end;
  if (!metric) {
    metric = wg_zalloc(sizeof *metric);
    metric->kind = family->kind;
    metric->labels = wg_strdup(labels);
    *end = metric;
  }
  pthread_mutex_unlock(&metrics->lock);
  return metric;
}

struct wg_metric *wg_counter(struct wg_metrics *metrics, const char *name, const char *labels, const char *help) {
  return register_metric(metrics, name, labels, WG_COUNTER, help);
}

struct wg_metric *wg_gauge(struct wg_metrics *metrics, const char *name, const char *labels, const char *help) {
  return register_metric(metrics, name, labels, WG_GAUGE, help);
}

struct wg_metric *wg_histogram(struct wg_metrics *metrics, const char *name, const char *labels, const char *help) {
  return register_metric(metrics, name, labels, WG_HISTOGRAM, help);
}

void wg_metric_remove(struct wg_metrics *metrics, struct wg_metric *metric) {
  if (!metric) return;
  pthread_mutex_lock(&metrics->lock);
  for (struct wg_family *family = metrics->families; family; family = family->next) {
    struct wg_metric **at = &family->first;
    while (*at && *at != metric)
      at = &(*at)->next;
    if (!*at) continue;
    *at = metric->next;
    free_metric(metric);
    break;
  }
  pthread_mutex_unlock(&metrics->lock);
}

void wg_count(struct wg_metric *metric, uint64_t by) {
  assert(metric->kind == WG_COUNTER);
  atomic_fetch_add_explicit(&metric->count, by, memory_order_relaxed);
}

void wg_set(struct wg_metric *metric, double value) {
  assert(metric->kind != WG_HISTOGRAM);
  uint64_t bits;
  if (metric->kind == WG_COUNTER) bits = value > 0 ? (uint64_t)value : 0;
  else memcpy(&bits, &value, sizeof bits);
  atomic_store_explicit(&metric->count, bits, memory_order_relaxed);
}

void wg_observe(struct wg_metric *metric, double seconds) {
  assert(metric->kind == WG_HISTOGRAM);
  if (!(seconds > 0)) seconds = 0; // a clock that stepped back, or NaN: counted, adds nothing
  if (seconds > 1e9) seconds = 1e9;
  int at = 0;
  while (at < WG_BUCKETS && seconds > wg_bucket_bounds[at])
    at++;
  atomic_fetch_add_explicit(&metric->buckets[at], 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&metric->count, (uint64_t)llround(seconds * 1e9), memory_order_relaxed);
}
