// Start, stop and reload of the service: rules and departments; metrics; what is built from records.
#include "services/routing/routing.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <stdio.h>
#include <stdlib.h>

static void report(struct routing *routing) {
  const int32_t today = (int32_t)((wg_now_us() + WG_SHANGHAI_OFFSET_US) / WG_DAY_US);
  struct wg_arena *arena = wg_arena_create(16384);
  size_t count = 0;
  const struct routing_finding *findings = routing_rules_findings(routing->rules, today, arena, &count);
  int64_t kinds[ROUTING_FINDING_KINDS] = {0};
  for (size_t i = 0; i < count; i++) {
    kinds[findings[i].kind]++;
    wg_log(WG_LOG_WARN, "rule finding", wg_field_text("kind", routing_finding_name(findings[i].kind)),
           wg_field_text("rule", findings[i].rule_id), wg_field_int("line", findings[i].line),
           wg_field_text("finding", findings[i].message));
  }
  for (int kind = 0; kind < ROUTING_FINDING_KINDS; kind++)
    wg_set(routing->findings[kind], (double)kinds[kind]);
  wg_set(routing->rule_count, (double)routing->rules->count);
  wg_log(WG_LOG_INFO, "rules in force", wg_field_text("version", routing->rules->version),
         wg_field_int("rules", (int64_t)routing->rules->count), wg_field_int("findings", (int64_t)count),
         wg_field_int("departments", (int64_t)routing_departments_count(routing->departments)));
  wg_arena_destroy(arena);
}

static void make_metrics(struct routing *routing, struct wg_metrics *metrics) {
  char labels[48];
  for (int i = 0; i < ROUTING_STEP_KINDS; i++) {
    snprintf(labels, sizeof labels, "kind=\"%s\"", ROUTING_STEP_NAMES[i]);
    routing->steps[i] = wg_counter(metrics, "wangge_routing_steps_total", labels, "What happened to orders, by kind");
  }
  for (int i = 0; i < ROUTING_FINDING_KINDS; i++) {
    snprintf(labels, sizeof labels, "kind=\"%s\"", routing_finding_name((enum routing_finding_kind)i));
    routing->findings[i] = wg_gauge(metrics, "wangge_routing_rule_findings", labels, "What is wrong with the rules");
  }
  routing->rule_count = wg_gauge(metrics, "wangge_routing_rules", NULL, "Rules in force");
  routing->desk = wg_gauge(metrics, "wangge_routing_desk_orders", NULL, "Orders that a dispatcher has to decide");
  routing->reload_failures =
      wg_counter(metrics, "wangge_routing_reload_failures_total", NULL, "Reloads refused; the old rules stayed");
}

static wg_status read_files(const struct routing_settings *settings, struct routing_departments **departments,
                            struct routing_rules **rules, struct wg_error *error) {
  wg_status status = routing_departments_open(settings->departments, departments, error);
  if (status == WG_OK) status = routing_rules_open(settings->rules, *departments, rules, error);
  if (status != WG_OK) routing_departments_close(*departments);
  return status;
}

wg_status routing_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  const struct routing_settings *given = settings;
  struct routing_departments *departments = NULL;
  struct routing_rules *rules = NULL;
  const wg_status status = read_files(given, &departments, &rules, error);
  if (status != WG_OK) return status;
  struct routing *routing = wg_zalloc(sizeof *routing);
  routing->settings = *given;
  routing->settings.rules = wg_strdup(given->rules);
  routing->settings.departments = wg_strdup(given->departments);
  routing->window.working_days = (int)given->window_days;
  routing->window.hours = (int)given->window_hours;
  pthread_rwlock_init(&routing->lock, NULL);
  routing->departments = departments;
  routing->rules = rules;
  make_metrics(routing, metrics);
  report(routing);
  *service = routing;
  return WG_OK;
}

wg_status routing_check(const void *service, struct wg_error *error) {
  const struct routing *routing = service;
  int broken = 0, unknown = 0;
  for (size_t i = 0; i < routing->rules->finding_count; i++) {
    broken += routing->rules->findings[i].kind == ROUTING_BROKEN;
    unknown += routing->rules->findings[i].kind == ROUTING_UNKNOWN_DEPARTMENT;
  }
  if (broken + unknown == 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "rules",
                 "%s: %d broken lines and %d rules of unknown departments have to be mended; each is reported above",
                 routing->settings.rules, broken, unknown);
}

void routing_stop(void *service) {
  struct routing *routing = service;
  routing_rules_close(routing->rules);
  routing_departments_close(routing->departments);
  routing_duties_close(routing->duties);
  wg_calendars_close(routing->calendars);
  routing_precedents_destroy(routing->precedents);
  pthread_rwlock_destroy(&routing->lock);
  free(routing->settings.rules);
  free(routing->settings.departments);
  free(routing);
}

wg_status routing_reload(void *service, struct wg_error *error) {
  struct routing *routing = service;
  struct routing_departments *departments = NULL;
  struct routing_rules *rules = NULL;
  const wg_status status = read_files(&routing->settings, &departments, &rules, error);
  if (status != WG_OK) {
    wg_count(routing->reload_failures, 1);
    return status;
  }
  pthread_rwlock_wrlock(&routing->lock);
  struct routing_departments *old_departments = routing->departments;
  struct routing_rules *old_rules = routing->rules;
  routing->departments = departments;
  routing->rules = rules;
  routing->generation++;
  pthread_rwlock_unlock(&routing->lock);
  routing_rules_close(old_rules);
  routing_departments_close(old_departments);
  report(routing);
  return WG_OK;
}

wg_status routing_records(void *service, const struct wg_reference_set *set, struct wg_error *error) {
  struct routing *routing = service;
  struct wg_calendars *calendars = NULL;
  const wg_status status = wg_calendars_build(set->records, set->count, &calendars, error);
  if (status != WG_OK) return status;
  struct routing_duties *duties = routing_duties_build(set->records, set->count);
  pthread_rwlock_wrlock(&routing->lock);
  struct wg_calendars *old_calendars = routing->calendars;
  struct routing_duties *old_duties = routing->duties;
  routing->calendars = calendars;
  routing->duties = duties;
  routing->window.calendars = calendars;
  routing->window.known_end = 0;
  pthread_rwlock_unlock(&routing->lock);
  wg_calendars_close(old_calendars);
  routing_duties_close(old_duties);
  return WG_OK;
}
