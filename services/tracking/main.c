// wangge-tracking (督办): follows each order from its dispatch to its result, publishes the stream tracking.cases.
//
//   routing.dispatch --> [case.c, clock.c] -> [store.c] -> tracking.cases --> departments: deadlines, changes
//   departments --Progress, Resolve--> the same
//   This file wires: settings, calendar and clocks, and what the stage loop calls.
#include "services/tracking/tracking.h"

#include <stdlib.h>

static const struct wg_setting SETTINGS[] = {
    {.key = "calendar",
     .kind = WG_SETTING_PATH,
     .offset = offsetof(struct tracking_settings, calendar),
     .help = "CSV file of days off and make-up working days with the header date,kind,reason"},
    {.key = "clocks",
     .kind = WG_SETTING_PATH,
     .offset = offsetof(struct tracking_settings, clocks),
     .help = "INI file of the deadlines by urgency: [preset] name, [resolve] normal, urgent, extra_urgent"},
    {.key = NULL},
};

wg_status tracking_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  const struct tracking_settings *given = settings;
  struct tracking_calendar *calendar = NULL;
  struct tracking_clocks clocks;
  wg_status status = tracking_clocks_read(given->clocks, &clocks, error);
  if (status == WG_OK) status = tracking_calendar_open(given->calendar, &calendar, error);
  if (status != WG_OK) return status;
  struct tracking *tracking = wg_zalloc(sizeof *tracking);
  tracking->calendar_path = wg_strdup(given->calendar);
  tracking->clocks_path = wg_strdup(given->clocks);
  tracking->calendar = calendar;
  tracking->clocks = clocks;
  tracking->opened = wg_counter(metrics, "wangge_tracking_cases_total", NULL, "Cases opened");
  tracking->changed = wg_counter(metrics, "wangge_tracking_steps_total", NULL, "Steps added to cases");
  tracking->provisional = wg_counter(metrics, "wangge_tracking_provisional_deadlines_total", NULL,
                                     "Deadlines that reach into a year whose holiday notice is not loaded");
  *service = tracking;
  return WG_OK;
}

void tracking_stop(void *service) {
  struct tracking *tracking = service;
  tracking_calendar_close(tracking->calendar);
  free(tracking->calendar_path);
  free(tracking->clocks_path);
  free(tracking);
}

wg_status tracking_reload(void *service, struct wg_error *error) {
  struct tracking *tracking = service;
  struct tracking_calendar *calendar = NULL;
  struct tracking_clocks clocks;
  wg_status status = tracking_clocks_read(tracking->clocks_path, &clocks, error);
  if (status == WG_OK) status = tracking_calendar_open(tracking->calendar_path, &calendar, error);
  if (status != WG_OK) return status;
  tracking_calendar_close(tracking->calendar);
  tracking->calendar = calendar;
  tracking->clocks = clocks;
  return WG_OK;
}

int main(int argc, char **argv) {
  static const struct wg_stream_spec streams[] = {{.name = "tracking.cases", .topics = true, .retention_days = 7}};
  static const struct wg_follow follows[] = {{.stream = "routing.dispatch", .service = "routing"}};
  static const char *const schema_folders[] = {"services/tracking/schema", NULL};
  static const struct wg_service service = {
      .name = "tracking",
      .methods = TRACKING_METHODS,
      .streams = streams,
      .stream_count = sizeof streams / sizeof *streams,
      .follows = follows,
      .follow_count = sizeof follows / sizeof *follows,
      .settings = SETTINGS,
      .settings_size = sizeof(struct tracking_settings),
      .schema_folders = schema_folders,
      .start = tracking_start,
      .stop = tracking_stop,
      .reload = tracking_reload,
      .load_state = tracking_load_state,
      .load = tracking_load,
      .decide = tracking_decide,
      .store = tracking_store,
      .committed = tracking_committed,
  };
  return wg_stage_main(&service, argc, argv);
}
