// The text that Prometheus reads, and counting from many threads.
#include "common/obs/metrics.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char *text_of(struct wg_metrics *metrics, bool open_metrics) {
  struct wg_buffer out = {0};
  wg_metrics_write(metrics, open_metrics, &out);
  char *text = wg_strdup(wg_buffer_cstr(&out));
  wg_buffer_free(&out);
  return text;
}

static void assert_has(const char *text, const char *line) {
  if (!strstr(text, line)) fail_msg("missing: %s\nin:\n%s", line, text);
}

static void series_are_written_with_help_and_type_once(void **state) {
  (void)state;
  struct wg_metrics *metrics = wg_metrics_create("intake");
  struct wg_metric *accepted =
      wg_counter(metrics, "wangge_orders_total", "outcome=\"accepted\"", "Orders \\ by\noutcome.");
  struct wg_metric *rejected = wg_counter(metrics, "wangge_orders_total", "outcome=\"rejected\"", "another help");
  struct wg_metric *lag = wg_gauge(metrics, "wangge_lag_seconds", NULL, "Lag.");
  assert_ptr_equal(wg_counter(metrics, "wangge_orders_total", "outcome=\"accepted\"", ""), accepted);
  wg_count(accepted, 3);
  wg_count(accepted, UINT64_C(9007199254740993)); // beyond what a double holds exactly
  wg_set(lag, 0.1);
  char *text = text_of(metrics, false);
  assert_has(text, "# HELP wangge_orders_total Orders \\\\ by\\noutcome.\n# TYPE wangge_orders_total counter\n"
                   "wangge_orders_total{service=\"intake\",outcome=\"accepted\"} 9007199254740996\n"
                   "wangge_orders_total{service=\"intake\",outcome=\"rejected\"} 0\n");
  assert_has(text, "# TYPE wangge_lag_seconds gauge\nwangge_lag_seconds{service=\"intake\"} 0.1\n");
  assert_null(strstr(text, "another help"));
  assert_null(strstr(text, "# EOF"));
  free(text);
  wg_set(lag, INFINITY);
  wg_set(rejected, 7); // a total that is kept elsewhere
  wg_metric_remove(metrics, accepted);
  text = text_of(metrics, false);
  assert_has(text, "wangge_lag_seconds{service=\"intake\"} +Inf\n");
  assert_has(text, "outcome=\"rejected\"} 7\n");
  assert_null(strstr(text, "accepted"));
  free(text);
  wg_metric_remove(metrics, rejected);
  text = text_of(metrics, false);
  assert_null(strstr(text, "wangge_orders_total")); // no head without series
  free(text);
  wg_metrics_destroy(metrics);
}

static void histograms_are_cumulative(void **state) {
  (void)state;
  struct wg_metrics *metrics = wg_metrics_create("t");
  struct wg_metric *h = wg_histogram(metrics, "wangge_batch_seconds", "kind=\"write\"", "Batches.");
  double seen[] = {0.0005, 0.00051, 0.07, 1, 11, -3, NAN};
  for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
    wg_observe(h, seen[i]);
  char *text = text_of(metrics, false);
  assert_has(text, "_bucket{service=\"t\",kind=\"write\",le=\"0.0005\"} 3\n");
  assert_has(text, "_bucket{service=\"t\",kind=\"write\",le=\"0.001\"} 4\n");
  assert_has(text, "_bucket{service=\"t\",kind=\"write\",le=\"0.075\"} 5\n");
  assert_has(text, "_bucket{service=\"t\",kind=\"write\",le=\"1\"} 6\n");
  assert_has(text, "_bucket{service=\"t\",kind=\"write\",le=\"10\"} 6\n");
  assert_has(text, "_bucket{service=\"t\",kind=\"write\",le=\"+Inf\"} 7\n");
  assert_has(text, "wangge_batch_seconds_count{service=\"t\",kind=\"write\"} 7\n");
  assert_has(text, "wangge_batch_seconds_sum{service=\"t\",kind=\"write\"} 12.07101\n");
  free(text);
  text = text_of(metrics, true);
  assert_has(text, "le=\"1.0\"} 6\n");
  assert_has(text, "le=\"10.0\"} 6\n");
  free(text);
  wg_metrics_destroy(metrics);
}

static void open_metrics_names_counters_without_total(void **state) {
  (void)state;
  struct wg_metrics *metrics = wg_metrics_create("t");
  wg_count(wg_counter(metrics, "wangge_things_total", NULL, "Things."), 1);
  char *text = text_of(metrics, true);
  assert_has(text, "# TYPE wangge_things counter\nwangge_things_total{service=\"t\"} 1\n");
  assert_string_equal(text + strlen(text) - 6, "# EOF\n");
  free(text);
  wg_metrics_destroy(metrics);
}

static double value_of(const char *text, const char *name) {
  const char *line = strstr(text, name);
  assert_non_null(line);
  return strtod(strchr(line, '}') + 1, NULL);
}

static void the_process_is_described(void **state) {
  (void)state;
  struct wg_metrics *metrics = wg_metrics_create("t");
  char *text = text_of(metrics, false);
  assert_true(value_of(text, "process_resident_memory_bytes{") > 1e5);
  assert_true(value_of(text, "process_open_fds{") >= 3);
  assert_true(fabs(value_of(text, "process_start_time_seconds{") - (double)time(NULL)) < 600);
  assert_true(value_of(text, "process_cpu_seconds_total{") >= 0);
  free(text);
  wg_metrics_destroy(metrics);
}

static struct wg_metric *shared_counter, *shared_histogram;
static void *add(void *unused) {
  for (int i = 0; i < 20000; i++) {
    wg_count(shared_counter, 1);
    wg_observe(shared_histogram, 0.25);
  }
  return unused;
}

static void no_update_is_lost_between_threads(void **state) {
  (void)state;
  struct wg_metrics *metrics = wg_metrics_create("t");
  pthread_t threads[4];
  shared_counter = wg_counter(metrics, "wangge_a_total", NULL, "A.");
  shared_histogram = wg_histogram(metrics, "wangge_b_seconds", NULL, "B.");
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, add, NULL), 0);
  for (int i = 0; i < 20; i++)
    free(text_of(metrics, false));
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  char *text = text_of(metrics, false);
  assert_has(text, "wangge_a_total{service=\"t\"} 80000\n");
  assert_has(text, "wangge_b_seconds_count{service=\"t\"} 80000\n");
  assert_has(text, "wangge_b_seconds_sum{service=\"t\"} 20000\n");
  free(text);
  wg_metrics_destroy(metrics);
}

// Prometheus' own checker, where it is installed.
static void promtool_has_nothing_to_say(void **state) {
  (void)state;
  if (access("/usr/bin/promtool", X_OK)) skip();
  struct wg_metrics *metrics = wg_metrics_create("t");
  wg_count(wg_counter(metrics, "wangge_a_total", "x=\"1\"", "A."), 5);
  wg_set(wg_gauge(metrics, "wangge_stored_bytes", NULL, "B."), 1e18);
  wg_observe(wg_histogram(metrics, "wangge_c_seconds", NULL, "C."), 0.3);
  char *text = text_of(metrics, false);
  FILE *promtool = popen("/usr/bin/promtool check metrics 2>&1", "w");
  assert_non_null(promtool);
  fputs(text, promtool);
  assert_int_equal(WEXITSTATUS(pclose(promtool)), 0);
  free(text);
  wg_metrics_destroy(metrics);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(series_are_written_with_help_and_type_once), cmocka_unit_test(histograms_are_cumulative),
      cmocka_unit_test(open_metrics_names_counters_without_total),  cmocka_unit_test(the_process_is_described),
      cmocka_unit_test(no_update_is_lost_between_threads),          cmocka_unit_test(promtool_has_nothing_to_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
