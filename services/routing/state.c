// Start and stop of the service; metrics; what is built of the registry's records.
#include "services/routing/routing.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ROUTING_RECORD_KINDS[] = {
    "department", "category", "dispatch_rule", "calendar_day", "calendar_year", "district", "street",
    "community",  "grid",     "building",      "place",        "station",       NULL};

enum { SIMILAR_MB = 12 };

static void report(struct routing *routing) {
  const int32_t today = (int32_t)((wg_now_us() + WG_SHANGHAI_OFFSET_US) / WG_DAY_US);
  struct wg_arena *arena = wg_arena_create(16384);
  size_t count = 0;
  const struct routing_finding *findings = routing_rules_findings(routing->rules, today, arena, &count);
  int64_t kinds[ROUTING_FINDING_KINDS] = {0};
  for (size_t i = 0; i < count; i++) {
    kinds[findings[i].kind]++;
    wg_log(WG_LOG_WARN, "rule finding", wg_field_text("kind", routing_finding_name(findings[i].kind)),
           wg_field_text("district", findings[i].district), wg_field_text("rule", findings[i].rule_id),
           wg_field_text("category", findings[i].category), wg_field_text("finding", findings[i].message));
  }
  for (int kind = 0; kind < ROUTING_FINDING_KINDS; kind++)
    wg_set(routing->findings[kind], (double)kinds[kind]);
  wg_set(routing->rule_count, (double)routing_rules_count(routing->rules));
  wg_log(WG_LOG_INFO, "rules in force", wg_field_text("version", routing_rules_version(routing->rules, "")),
         wg_field_int("rules", (int64_t)routing_rules_count(routing->rules)), wg_field_int("findings", (int64_t)count),
         wg_field_int("departments", (int64_t)routing_departments_count(routing->departments)));
  wg_arena_destroy(arena);
}

static void log_places(const struct routing_place_finding *findings, size_t count, const char *of) {
  for (size_t i = 0; i < count; i++)
    wg_log(WG_LOG_WARN, "place finding", wg_field_text("of", of), wg_field_text("code", findings[i].code),
           wg_field_text("finding", findings[i].message));
}

// report_places: what cannot be used of areas and places is missing from the net or the gazetteer, all the rest is
// there.
static void report_places(struct routing *routing) {
  const struct routing_places *places = routing->places;
  size_t net = 0, kept = 0, total = 0;
  const struct routing_place_finding *of_net = routing_net_findings(places->net, &net);
  const struct routing_place_finding *of_names = routing_gazetteer_findings(places->gazetteer, &kept, &total);
  log_places(places->findings, places->finding_count, "records");
  log_places(of_net, net, "net");
  log_places(of_names, kept, "gazetteer");
  const size_t grids = routing_net_count(places->net, ROUTING_LEVEL_GRID);
  wg_set(routing->place_findings[0], (double)places->finding_count);
  wg_set(routing->place_findings[1], (double)net);
  wg_set(routing->place_findings[2], (double)total);
  wg_set(routing->places_known, (double)routing_gazetteer_count(places->gazetteer));
  wg_set(routing->grids_known, (double)grids);
  wg_log(WG_LOG_INFO, "places in force", wg_field_int("grids", (int64_t)grids),
         wg_field_int("places", (int64_t)routing_gazetteer_count(places->gazetteer)),
         wg_field_int("findings", (int64_t)(places->finding_count + net + total)));
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
  static const char *const sources[] = {"of=\"records\"", "of=\"net\"", "of=\"gazetteer\""};
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
    routing->place_findings[i] =
        wg_gauge(metrics, "wangge_routing_place_findings", sources[i], "What is wrong with areas and places");
  routing->places_known = wg_gauge(metrics, "wangge_routing_places", NULL, "Names of areas and places that are known");
  routing->grids_known = wg_gauge(metrics, "wangge_routing_grids", NULL, "Grids that are known");
  routing->reference_refused = wg_counter(metrics, "wangge_routing_reference_refused_total", NULL,
                                          "Changed records refused as a whole; what was in force stayed");
  routing->reload_failures = wg_counter(metrics, "wangge_routing_reload_failures_total", NULL,
                                        "Models of texts refused on reload; the old one stayed");
  routing->merging_on =
      wg_gauge(metrics, "wangge_routing_merging", NULL,
               "1: new orders are compared with those of their place; 0: no model of texts is in force");
  routing->merges_automatic = wg_counter(metrics, "wangge_routing_merges_automatic_total", NULL,
                                         "Orders merged without a person: one person said the same again");
  routing->merges_all = wg_counter(metrics, "wangge_routing_merges_total", NULL, "Orders merged into problems");
  routing->unmerges = wg_counter(metrics, "wangge_routing_unmerges_total", NULL, "Orders taken out of problems");
  routing->merge_suggestions =
      wg_counter(metrics, "wangge_routing_merge_suggestions_total", NULL, "Merges suggested to dispatchers");
  routing->similar_bytes =
      wg_gauge(metrics, "wangge_routing_similar_bytes", NULL, "Memory of orders that new ones are compared with");
  routing->similar_buckets =
      wg_gauge(metrics, "wangge_routing_similar_buckets", NULL, "Places and grids whose newest orders are in memory");
  routing->desk = wg_gauge(metrics, "wangge_routing_desk_orders", NULL, "Orders that a dispatcher has to decide");
}

// What is built of the records, before it comes into force.
struct reference {
  struct routing_departments *departments;
  struct routing_rules *rules;
  struct routing_duties *duties;
  struct wg_calendars *calendars;
  struct routing_places *places;
};

static void close_reference(struct reference *reference) {
  routing_rules_close(reference->rules);
  routing_departments_close(reference->departments);
  routing_duties_close(reference->duties);
  wg_calendars_close(reference->calendars);
  routing_places_close(reference->places);
}

// bring_in puts what was built into force and gives what was before.
static struct reference bring_in(struct routing *routing, const struct reference *reference) {
  const struct reference old = {routing->departments, routing->rules, routing->duties, routing->calendars,
                                routing->places};
  routing->departments = reference->departments;
  routing->rules = reference->rules;
  routing->duties = reference->duties;
  routing->calendars = reference->calendars;
  routing->places = reference->places;
  routing->window = (struct routing_window){.calendars = routing->calendars,
                                            .working_days = (int)routing->settings.window_days,
                                            .hours = (int)routing->settings.window_hours};
  return old;
}

wg_status routing_records(void *service, const struct wg_reference_set *set, struct wg_error *error) {
  struct routing *routing = service;
  struct reference made = {0};
  wg_status status = routing_departments_build(set->records, set->count, &made.departments, error);
  if (status == WG_OK) status = wg_calendars_build(set->records, set->count, &made.calendars, error);
  if (status != WG_OK) {
    close_reference(&made);
    wg_count(routing->reference_refused, 1);
    return status;
  }
  made.duties = routing_duties_build(set->records, set->count);
  made.rules = routing_rules_build(set->records, set->count, NULL);
  made.places = routing_places_make(set->records, set->count);
  pthread_rwlock_wrlock(&routing->lock);
  struct reference old = bring_in(routing, &made);
  routing->generation++;
  pthread_rwlock_unlock(&routing->lock);
  close_reference(&old);
  report(routing);
  report_places(routing);
  return WG_OK;
}

static wg_status open_model(const char *path, struct routing_model **model, struct wg_error *error) {
  *model = NULL;
  if (!*path) {
    wg_log0(WG_LOG_WARN, "no model of texts is set: no category is suggested and similar orders are not found");
    return WG_OK;
  }
  const wg_status status = routing_model_open(path, model, error);
  if (status != WG_OK) return status;
  wg_log(WG_LOG_INFO, "model of texts in force", wg_field_text("model", path),
         wg_field_int("documents", (int64_t)(*model)->idf->documents),
         wg_field_int("categories", (*model)->categories ? (int64_t)(*model)->categories->count : 0));
  return WG_OK;
}

static wg_status read_confidence(const char *text, double *confidence, struct wg_error *error) {
  char *end = NULL;
  *confidence = strtod(text, &end);
  if (end != text && !*end && *confidence >= 0 && *confidence <= 1) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "category_confidence", "is \"%.20s\", must be a number from 0 to 1", text);
}

// read_minute: "02:30" is 150.
static wg_status read_minute(const char *text, int *minute, struct wg_error *error) {
  enum { OF_A_DAY = 24 * 60 };
  if (wg_minute_parse(text, minute) && strlen(text) == 5 && *minute < OF_A_DAY) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "sweep_at", "is \"%.20s\", must be a time of day as 02:30", text);
}

wg_status routing_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  const struct routing_settings *given = settings;
  struct routing_model *model = NULL;
  double confidence = 0;
  const char *path = given->model ? given->model : "", *sure = given->category_confidence;
  wg_status status = read_confidence(sure ? sure : "1", &confidence, error);
  int minute = 0;
  if (status == WG_OK) status = read_minute(given->sweep_at ? given->sweep_at : "00:00", &minute, error);
  if (status == WG_OK) status = open_model(path, &model, error);
  if (status != WG_OK) return status;
  struct routing *routing = wg_zalloc(sizeof *routing);
  routing->settings = *given;
  routing->settings.model = wg_strdup(path);
  routing->settings.category_confidence = routing->settings.sweep_at = NULL;
  routing->sweep_minute = minute;
  routing_sweep_start(&routing->sweep, metrics);
  routing->category_confidence = confidence;
  routing->model = model;
  routing->text_work = routing_text_work_create();
  routing->merging = (struct routing_merging){
      .index = routing_problem_index_create((size_t)(given->similar_mb ? given->similar_mb : SIMILAR_MB) << 20),
      .config = ROUTING_SIMILAR_DEFAULTS,
      .work = routing->text_work,
      .scratch = wg_arena_create(128 << 10)};
  pthread_rwlock_init(&routing->lock, NULL);
  make_metrics(routing, metrics);
  *service = routing;
  return WG_OK;
}

wg_status routing_reload(void *service, struct wg_error *error) {
  struct routing *routing = service;
  struct routing_model *model = NULL;
  const wg_status status = open_model(routing->settings.model, &model, error);
  if (status != WG_OK) {
    wg_count(routing->reload_failures, 1);
    return status;
  }
  pthread_rwlock_wrlock(&routing->lock); // the sweep for themes reads it
  struct routing_model *old = routing->model;
  routing->model = model;
  pthread_rwlock_unlock(&routing->lock);
  routing_model_close(old);
  return WG_OK;
}

const char *routing_notice(const void *service) {
  const struct routing *routing = service;
  return routing->model ? NULL
                        : "merging is off: no model of texts is set (setting model, made by wangge train); no order is "
                          "compared with others and no category is suggested";
}

wg_status routing_check(const void *service, struct wg_error *error) {
  const struct routing *routing = service;
  if (!routing->rules) return WG_OK; // the registry's: it is looked at when it comes
  struct wg_arena *arena = wg_arena_create(16384);
  size_t count = 0, broken = 0, unknown = 0;
  const struct routing_finding *findings = routing_rules_findings(routing->rules, INT32_MIN, arena, &count);
  for (size_t i = 0; i < count; i++) {
    broken += findings[i].kind == ROUTING_BROKEN;
    unknown += findings[i].kind == ROUTING_UNKNOWN_DEPARTMENT;
  }
  wg_arena_destroy(arena);
  if (broken + unknown == 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "dispatch_rule",
                 "%zu broken rules and %zu unknown departments in rules have to be mended; each is reported above",
                 broken, unknown);
}

void routing_stop(void *service) {
  struct routing *routing = service;
  struct reference reference = {routing->departments, routing->rules, routing->duties, routing->calendars,
                                routing->places};
  close_reference(&reference);
  routing_sweep_stop(&routing->sweep);
  routing_precedents_destroy(routing->precedents);
  routing_model_close(routing->model);
  routing_text_work_destroy(routing->text_work);
  routing_problem_index_destroy(routing->merging.index);
  wg_arena_destroy(routing->merging.scratch);
  free(routing->settings.model);
  pthread_rwlock_destroy(&routing->lock);
  free(routing);
}
