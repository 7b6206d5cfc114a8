// Start and stop of the service, and its metrics.
#include "services/registry/registry.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

const struct wg_setting REGISTRY_SETTINGS[] = {{"intake", WG_SETTING_TEXT, offsetof(struct registry_settings, intake),
                                                "", 0, 0,
                                                "endpoint of intake that duties are pushed to; the principal registry "
                                                "needs role source; empty: they stay pending"},
                                               {0}};

static void make_metrics(struct registry *registry, struct wg_metrics *metrics) {
  static const char *const RESULTS[REGISTRY_PUT_RESULTS] = {"written", "unchanged", "dry_run",
                                                            "part",    "refused",   "failed"};
  char labels[64];
  size_t count = 0;
  const struct wg_kind *kind = wg_kinds(&count);
  assert(count <= REGISTRY_KINDS_MOST);
  for (size_t i = 0; i < count; i++) {
    snprintf(labels, sizeof labels, "kind=\"%s\"", kind[i].name);
    registry->records[i] = wg_gauge(metrics, "wangge_registry_records", labels, "Records in force, by kind");
    registry->changes[i] =
        wg_counter(metrics, "wangge_registry_changes_total", labels, "Records created, changed or deleted, by kind");
  }
  for (int i = 0; i < REGISTRY_PUT_RESULTS; i++) {
    snprintf(labels, sizeof labels, "result=\"%s\"", RESULTS[i]);
    registry->puts[i] = wg_counter(metrics, "wangge_registry_puts_total", labels, "Puts, by what came of them");
  }
  registry->errors = wg_counter(metrics, "wangge_registry_findings_total", "severity=\"error\"",
                                "What was wrong with records that were put");
  registry->warnings = wg_counter(metrics, "wangge_registry_findings_total", "severity=\"warning\"",
                                  "What was wrong with records that were put");
  registry->carried =
      wg_counter(metrics, "wangge_registry_carried_total", NULL, "Records appended again before retention drops them");
}

wg_status registry_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  (void)error;
  struct registry *registry = wg_zalloc(sizeof *registry);
  registry->book = wg_book_create(&REGISTRY_BOOK);
  registry->geometry = registry_geometry_create();
  registry->metrics = metrics;
  registry->intake = wg_strdup(((const struct registry_settings *)settings)->intake);
  make_metrics(registry, metrics);
  registry_survey_metrics(registry, metrics);
  registry_duty_metrics(&registry->duties, metrics);
  *service = registry;
  return WG_OK;
}

wg_status registry_connect(void *service, const struct wg_identity *identity, struct wg_error *error) {
  struct registry *registry = service;
  if (!*registry->intake) return WG_OK;
  return wg_orders_start(registry->intake, "registry", identity, registry->duties.failures, &registry->duties.push,
                         error);
}

void registry_stop(void *service) {
  struct registry *registry = service;
  registry_duty_stop(&registry->duties);
  free(registry->intake);
  registry_geometry_destroy(registry->geometry);
  wg_book_destroy(registry->book);
  free(registry);
}

void registry_show_counts(struct registry *registry) {
  struct wg_arena *arena = wg_arena_create(4096);
  size_t kinds = 0, districts = 0;
  const struct wg_kind *kind = wg_kinds(&kinds);
  const char **district = wg_book_scopes(registry->book, arena, &districts);
  for (size_t i = 0; i < kinds; i++) {
    size_t records = 0;
    for (size_t d = 0; d < districts; d++)
      records += wg_book_count(registry->book, district[d], (int)kind[i].body_case);
    wg_set(registry->records[i], (double)records);
  }
  wg_arena_destroy(arena);
}
