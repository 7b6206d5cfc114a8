// Text formats: Prometheus 0.0.4 and OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/).
#include "common/obs/metrics_internal.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

static void write_real(struct wg_buffer *out, double value) {
  if (isnan(value)) {
    wg_buffer_text(out, "NaN");
  } else if (isinf(value)) {
    wg_buffer_text(out, value > 0 ? "+Inf" : "-Inf");
  } else {
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) < value || strtod(text, NULL) > value) snprintf(text, sizeof text, "%.17g", value);
    wg_buffer_text(out, text);
  }
}

// write_head writes HELP and TYPE; OpenMetrics names a counter's family without _total.
static void write_head(struct wg_buffer *out, bool open_metrics, const char *name, enum wg_metric_kind kind,
                       const char *help) {
  int size = (int)strlen(name);
  if (open_metrics && kind == WG_COUNTER) size -= 6;
  wg_buffer_printf(out, "# HELP %.*s ", size, name);
  for (const char *c = help; *c; c++) {
    if (*c == '\\') wg_buffer_text(out, "\\\\");
    else if (*c == '\n') wg_buffer_text(out, "\\n");
    else if (*c == '"' && open_metrics) wg_buffer_text(out, "\\\"");
    else wg_buffer_append(out, c, 1);
  }
  wg_buffer_printf(out, "\n# TYPE %.*s %s\n", size, name, kind_names[kind]);
}

// write_labels writes {service="…",…,le="…"}; le NULL: none.
static void write_labels(struct wg_buffer *out, const char *service, const char *labels, const char *le) {
  wg_buffer_printf(out, "{service=\"%s\"%s%s", service, *labels ? "," : "", labels);
  if (le) wg_buffer_printf(out, ",le=\"%s\"", le);
  wg_buffer_text(out, "} ");
}

static void write_histogram(struct wg_buffer *out, bool open_metrics, const char *service, const char *name,
                            struct wg_metric *metric) {
  uint64_t below = 0;
  for (int i = 0; i <= WG_BUCKETS; i++) {
    char le[16] = "+Inf";
    if (i < WG_BUCKETS) snprintf(le, sizeof le, "%g", wg_bucket_bounds[i]);
    if (i < WG_BUCKETS && open_metrics && !strchr(le, '.')) strcat(le, ".0");
    below += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
    wg_buffer_printf(out, "%s_bucket", name);
    write_labels(out, service, metric->labels, le);
    wg_buffer_printf(out, "%" PRIu64 "\n", below);
  }
  wg_buffer_printf(out, "%s_sum", name);
  write_labels(out, service, metric->labels, NULL);
  write_real(out, (double)atomic_load_explicit(&metric->count, memory_order_relaxed) / 1e9);
  wg_buffer_printf(out, "\n%s_count", name);
  write_labels(out, service, metric->labels, NULL);
  wg_buffer_printf(out, "%" PRIu64 "\n", below);
}

static void write_series(struct wg_buffer *out, bool open_metrics, const char *service, const char *name,
                         struct wg_metric *metric) {
  if (metric->kind == WG_HISTOGRAM) {
    write_histogram(out, open_metrics, service, name, metric);
    return;
  }
  uint64_t bits = atomic_load_explicit(&metric->count, memory_order_relaxed);
  double value = (double)bits;
  if (metric->kind == WG_GAUGE) memcpy(&value, &bits, sizeof value);
  wg_buffer_text(out, name);
  write_labels(out, service, metric->labels, NULL);
  if (metric->kind == WG_COUNTER) wg_buffer_printf(out, "%" PRIu64, bits);
  else write_real(out, value);
  wg_buffer_text(out, "\n");
}

static void write_process_one(struct wg_buffer *out, bool open_metrics, const char *service, const char *name,
                              enum wg_metric_kind kind, const char *help, double value) {
  write_head(out, open_metrics, name, kind, help);
  wg_buffer_text(out, name);
  write_labels(out, service, "", NULL);
  write_real(out, value);
  wg_buffer_text(out, "\n");
}

static int open_descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  if (!folder) return -1;
  int count = -3; // ".", ".." and the folder itself
  while (readdir(folder))
    count++;
  closedir(folder);
  return count;
}

// read_proc reads a small file of proc(5); "" when it cannot.
static const char *read_proc(const char *path, char text[1024]) {
  FILE *file = fopen(path, "re");
  size_t size = file ? fread(text, 1, 1023, file) : 0;
  if (file) fclose(file);
  text[size] = 0;
  return text;
}

// start_time reads field 22 of proc(5) stat, in clock ticks since boot.
static double start_time(void) {
  char text[1024];
  const char *rest = strrchr(read_proc("/proc/self/stat", text), ')'); // the name before it may hold blanks
  for (int field = 2; rest && field < 22; field++)
    rest = strchr(rest + 1, ' ');
  if (!rest) return 0;
  double ticks = strtod(rest, NULL);
  struct timespec wall, boot;
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return (double)(wall.tv_sec - boot.tv_sec) + ticks / (double)sysconf(_SC_CLK_TCK);
}

static void write_memory(struct wg_buffer *out, bool om, const char *service) {
  char text[1024], *rest;
  const char *pages = read_proc("/proc/self/statm", text); // virtual and resident size in pages, then more
  double page = (double)sysconf(_SC_PAGESIZE);
  double virtual_pages = strtod(pages, &rest);
  double resident_pages = strtod(rest, NULL);
  if (virtual_pages < 1) return;
  write_process_one(out, om, service, "process_virtual_memory_bytes", WG_GAUGE, "Virtual memory size.",
                    virtual_pages * page);
  write_process_one(out, om, service, "process_resident_memory_bytes", WG_GAUGE, "Resident memory size.",
                    resident_pages * page);
}

static void write_process(struct wg_buffer *out, bool om, const char *service) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  write_process_one(out, om, service, "process_cpu_seconds_total", WG_COUNTER, "User and system CPU time.",
                    (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
  write_memory(out, om, service);
  int descriptors = open_descriptors();
  if (descriptors >= 0)
    write_process_one(out, om, service, "process_open_fds", WG_GAUGE, "Open file descriptors.", descriptors);
  struct rlimit limit;
  if (!getrlimit(RLIMIT_NOFILE, &limit))
    write_process_one(out, om, service, "process_max_fds", WG_GAUGE, "Most file descriptors allowed.",
                      limit.rlim_cur == RLIM_INFINITY ? INFINITY : (double)limit.rlim_cur);
  write_process_one(out, om, service, "process_start_time_seconds", WG_GAUGE, "Start of the process, Unix time.",
                    start_time());
}

void wg_metrics_write(struct wg_metrics *metrics, bool open_metrics, struct wg_buffer *out) {
  pthread_mutex_lock(&metrics->lock);
  for (struct wg_family *family = metrics->families; family; family = family->next) {
    if (!family->first) continue;
    write_head(out, open_metrics, family->name, family->kind, family->help);
    for (struct wg_metric *metric = family->first; metric; metric = metric->next)
      write_series(out, open_metrics, metrics->service, family->name, metric);
  }
  pthread_mutex_unlock(&metrics->lock);
  write_process(out, open_metrics, metrics->service);
  if (open_metrics) wg_buffer_text(out, "# EOF\n");
}
