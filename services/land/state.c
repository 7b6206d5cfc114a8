// Start and stop of the service, what the registry says, and what is forgotten when the connection was lost.
#include "services/land/land.h"

#include "common/base/map.h"
#include "common/orders/intake.h"

#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct wg_setting LAND_SETTINGS[] = {
    {.key = "intake",
     .kind = WG_SETTING_TEXT,
     .offset = offsetof(struct land_settings, intake),
     .fallback = "",
     .help = "endpoint of intake that breaches which nobody put right are pushed to (the principal land needs role "
             "source), and that "
             "keeps the files that records name; empty: orders stay pending, and nobody is asked for files"},
    {.key = NULL},
};

int32_t land_today(int64_t now) {
  const struct wg_civil civil = wg_civil_from_us(now);
  return wg_day_number(civil.year, civil.month, civil.day);
}

wg_status land_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  (void)error;
  const struct land_settings *given = settings;
  struct land *land = wg_zalloc(sizeof *land);
  land->book = wg_book_create(&LAND_BOOK);
  land->villages = wg_map_create();
  land->communities = wg_map_create();
  land->metrics = metrics;
  land->intake = wg_strdup(given->intake ? given->intake : "");
  land->orders_pending =
      wg_gauge(metrics, "wangge_land_orders_pending", NULL, "Orders for intake that it has not answered");
  land->order_failures = wg_counter(metrics, "wangge_land_order_failures_total", NULL,
                                    "Pushes to intake that it refused as a whole or that could not be made");
  land->entries = wg_counter(metrics, "wangge_land_entries_total", NULL, "Entries appended to ledgers");
  land->refused = wg_counter(metrics, "wangge_land_refused_total", NULL, "Writes refused with findings");
  land->repeated = wg_counter(metrics, "wangge_land_repeated_total", NULL, "Submissions that were answered before");
  land->failed = wg_counter(metrics, "wangge_land_failed_total", NULL,
                            "Writes that were wrong as calls, and records due that could not be acted on");
  land->loaded = wg_counter(metrics, "wangge_land_villages_loaded_total", NULL, "Villages read from the database");
  land->held = wg_gauge(metrics, "wangge_land_villages_held", NULL, "Villages in memory");
  *service = land;
  return WG_OK;
}

void land_forget(struct land *land, struct land_village *village) {
  wg_book_drop(land->book, village->code);
  land->bytes -= village->bytes;
  wg_map_remove(land->villages, village->code);
  free(village);
}

static void forget_all(struct land *land) {
  size_t position = 0;
  const char *code;
  void *village;
  while (wg_map_next(land->villages, &position, &code, &village))
    free(village);
  wg_map_destroy(land->villages);
  land->villages = wg_map_create();
  wg_book_clear(land->book);
  land->bytes = 0;
  land->dues = (struct land_dues){0};
  land->checkpoints = (struct land_checkpoints_due){0};
}

wg_status land_connect(void *service, const struct wg_identity *identity, struct wg_error *error) {
  struct land *land = service;
  if (!*land->intake) return WG_OK;
  land->asks = wg_intake_create(land->intake, identity);
  return wg_orders_start(land->intake, "land", identity, land->order_failures, &land->orders, error);
}

void land_stop(void *service) {
  struct land *land = service;
  wg_orders_stop(land->orders);
  wg_intake_close(land->asks);
  free(land->intake);
  forget_all(land);
  wg_map_destroy(land->villages);
  wg_map_destroy(land->communities);
  wg_book_destroy(land->book);
  wg_calendars_close(land->calendars);
  sodium_memzero(&land->signer, sizeof land->signer);
  free(land);
}

wg_status land_load_state(void *service, struct wg_db *db, struct wg_error *error) {
  (void)db, (void)error;
  forget_all(service); // another instance may have written since
  return WG_OK;
}

wg_status land_records(void *service, const struct wg_reference_set *set, struct wg_error *error) {
  struct land *land = service;
  if (wg_reference_changed(set, "community")) {
    wg_map_destroy(land->communities);
    land->communities = wg_map_create();
    for (size_t i = 0; i < set->count; i++) {
      if (set->records[i]->body_case == WANGGE__V1__RECORD__BODY_COMMUNITY)
        wg_map_put(land->communities, set->records[i]->code, land);
    }
  }
  if (!wg_reference_changed(set, "calendar_day") && !wg_reference_changed(set, "calendar_year")) return WG_OK;
  struct wg_calendars *calendars = NULL;
  const wg_status status = wg_calendars_build(set->records, set->count, &calendars, error);
  if (status != WG_OK) return status;
  wg_calendars_close(land->calendars);
  land->calendars = calendars;
  return WG_OK;
}
