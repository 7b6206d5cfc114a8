// Start, stop and reload of the service: calendar and clocks; metrics; reload.
#include "services/tracking/tracking.h"

#include <stdlib.h>

wg_status tracking_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  const struct tracking_settings *given = settings;
  struct wg_calendar *calendar = NULL;
  struct tracking_clocks clocks;
  wg_status status = tracking_clocks_read(given->clocks, &clocks, error);
  if (status == WG_OK) status = wg_calendar_open(given->calendar, &calendar, error);
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
  wg_calendar_close(tracking->calendar);
  free(tracking->calendar_path);
  free(tracking->clocks_path);
  free(tracking);
}

wg_status tracking_reload(void *service, struct wg_error *error) {
  struct tracking *tracking = service;
  struct wg_calendar *calendar = NULL;
  struct tracking_clocks clocks;
  wg_status status = tracking_clocks_read(tracking->clocks_path, &clocks, error);
  if (status == WG_OK) status = wg_calendar_open(tracking->calendar_path, &calendar, error);
  if (status != WG_OK) return status;
  wg_calendar_close(tracking->calendar);
  tracking->calendar = calendar;
  tracking->clocks = clocks;
  return WG_OK;
}
