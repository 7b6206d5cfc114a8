// Start, stop and reload of the service: clocks; metrics; calendars when their records have changed.
#include "services/tracking/tracking.h"

#include "common/orders/intake.h"

#include <stdlib.h>
#include <string.h>

wg_status tracking_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  const struct tracking_settings *given = settings;
  struct tracking_clocks clocks;
  const wg_status status = tracking_clocks_read(given->clocks, &clocks, error);
  if (status != WG_OK) return status;
  struct tracking *tracking = wg_zalloc(sizeof *tracking);
  tracking->clocks_path = wg_strdup(given->clocks);
  tracking->clocks = clocks;
  tracking->intake = wg_strdup(given->intake ? given->intake : "");
  lists_metrics(&tracking->lists, metrics);
  tracking->weights = (struct rates_weights){(double)given->weight_response, (double)given->weight_resolution,
                                             (double)given->weight_satisfaction};
  tracking->units = tracking_units_create();
  tracking->keys = case_keys_create();
  tracking->opened = wg_counter(metrics, "wangge_tracking_cases_total", NULL, "Cases opened");
  tracking->changed = wg_counter(metrics, "wangge_tracking_steps_total", NULL, "Steps added to cases");
  tracking->provisional = wg_counter(metrics, "wangge_tracking_provisional_deadlines_total", NULL,
                                     "Deadlines that reach into a year whose holiday notice is not loaded");
  tracking->recounted = wg_counter(metrics, "wangge_tracking_recounted_total", NULL,
                                   "Provisional deadlines that moved when their calendar became known");
  tracking->fired = wg_counter(metrics, "wangge_tracking_fired_total", NULL,
                               "Steps that time alone has caused: cards, urging, overdue signatures, archiving");
  tracking->solved = wg_counter(metrics, "wangge_tracking_solved_total", NULL,
                                "Orders that were given the solution of their problem of the problem list");
  tracking->solving = wg_gauge(metrics, "wangge_tracking_solutions_pending", NULL,
                               "Solved problems of the problem list whose orders have not all been given the solution");
  *service = tracking;
  return WG_OK;
}

void tracking_stop(void *service) {
  struct tracking *tracking = service;
  lists_stop(&tracking->lists);
  wg_intake_close(tracking->asks);
  wg_calendars_close(tracking->calendars);
  tracking_units_destroy(tracking->units);
  tracking_responses_destroy(tracking->responses);
  case_keys_destroy(tracking->keys);
  free(tracking->clocks_path);
  free(tracking->intake);
  free(tracking);
}

wg_status tracking_connect(void *service, const struct wg_identity *identity, struct wg_error *error) {
  struct tracking *tracking = service;
  if (!*tracking->intake) return WG_OK;
  tracking->asks = wg_intake_create(tracking->intake, identity);
  return wg_orders_start(tracking->intake, "tracking", identity, tracking->lists.failures, &tracking->lists.orders,
                         error);
}

void tracking_secret(void *service, const uint8_t secret[32]) {
  struct tracking *tracking = service;
  memcpy(tracking->lists.secret, secret, sizeof tracking->lists.secret);
}

wg_status tracking_reload(void *service, struct wg_error *error) {
  struct tracking *tracking = service;
  struct tracking_clocks clocks;
  const wg_status status = tracking_clocks_read(tracking->clocks_path, &clocks, error);
  if (status != WG_OK) return status;
  tracking->clocks = clocks;
  tracking_reclock_begin(&tracking->reclock, &tracking->clocks);
  return WG_OK;
}

wg_status tracking_records(void *service, const struct wg_reference_set *set, struct wg_error *error) {
  struct tracking *tracking = service;
  struct wg_calendars *calendars = NULL;
  if (wg_reference_changed(set, "department")) tracking_units_replace(tracking->units, set->records, set->count);
  if (wg_reference_changed(set, "standard_response")) {
    tracking_responses_destroy(tracking->responses);
    tracking->responses = tracking_responses_build(set->records, set->count);
  }
  if (!wg_reference_changed(set, "calendar_day") && !wg_reference_changed(set, "calendar_year")) return WG_OK;
  const wg_status status = wg_calendars_build(set->records, set->count, &calendars, error);
  if (status != WG_OK) return status;
  wg_calendars_close(tracking->calendars);
  tracking->calendars = calendars;
  tracking->recount = (struct tracking_recount){.wanted = true};
  return WG_OK;
}
