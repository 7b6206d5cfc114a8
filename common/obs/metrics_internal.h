// What metrics.c keeps and metrics_write.c prints. Private to common/obs.
#pragma once

#include "common/obs/metrics.h"

#include <pthread.h>

enum wg_metric_kind { WG_COUNTER, WG_GAUGE, WG_HISTOGRAM };
#define WG_BUCKETS 17
extern const double wg_bucket_bounds[WG_BUCKETS]; // upper bounds in seconds

struct wg_metric {
  struct wg_metric *next;
  char *labels; // "" when none
  enum wg_metric_kind kind;
  _Atomic uint64_t count;                   // counter: value; gauge: bits of the double; histogram: sum in ns
  _Atomic uint64_t buckets[WG_BUCKETS + 1]; // histogram: observations in each bucket, the last is beyond all bounds
};

struct wg_family { // all series of one name
  struct wg_family *next;
  char *name, *help;
  enum wg_metric_kind kind;
  struct wg_metric *first;
};

struct wg_metrics {
  char *service;
  pthread_mutex_t lock; // of the lists, not of the values
  struct wg_family *families;
};
