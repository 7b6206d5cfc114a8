// Metrics in Prometheus text format 0.0.4 (OpenMetrics when asked): counters, gauges, histograms.
//
// Names: prefix wangge_, base units, _total on counters and on nothing else (asserted). Label values come from
// configuration or the contract, never from outside text. Register at start; updating is lock-free and safe from any
// thread.
#pragma once

#include "common/base/bytes.h"

#include <stdatomic.h>

struct wg_metrics;
struct wg_metric; // one time series

struct wg_metrics *wg_metrics_create(const char *service); // adds label service="…" to all
void wg_metrics_destroy(struct wg_metrics *metrics);
// `labels` is NULL or ready text such as "stream=\"intake.orders\",outcome=\"accepted\"". The same name and labels give
// the same series again. Help and type are those of the first registration of the name.
struct wg_metric *wg_counter(struct wg_metrics *metrics, const char *name, const char *labels, const char *help);
struct wg_metric *wg_gauge(struct wg_metrics *metrics, const char *name, const char *labels, const char *help);
// Buckets in seconds: 0.0005 … 10 (OpenTelemetry messaging's, finer at the low end).
struct wg_metric *wg_histogram(struct wg_metrics *metrics, const char *name, const char *labels, const char *help);
void wg_count(struct wg_metric *metric, uint64_t by);
void wg_set(struct wg_metric *metric, double value); // of a gauge; of a counter whose total is kept elsewhere
void wg_observe(struct wg_metric *metric, double seconds);
void wg_metric_remove(struct wg_metrics *metrics, struct wg_metric *metric); // a series whose subject is gone; frees it
void wg_metrics_write(struct wg_metrics *metrics, bool open_metrics, struct wg_buffer *out); // adds process_* too
