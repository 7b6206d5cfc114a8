// wangge-intake (受理): takes orders from every source, keeps each exactly once, publishes the stream intake.orders.
//
//   sources --Push--> [validate.c] -> [accept.c] -> [store.c] -> intake.orders --> routing
//   This file wires: reference data, state, and what the stage loop calls.
#include "services/intake/intake.h"

#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct wg_setting SETTINGS[] = {
    {.key = "attachment_max_bytes",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct intake_settings, attachment_max_bytes),
     .fallback = "20971520",
     .least = 1024,
     .most = 64 << 20,
     .help = "largest attachment; one is held in memory while it is checked"},
    {.key = "attachment_grace_hours",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct intake_settings, attachment_grace_hours),
     .fallback = "72",
     .least = 0,
     .most = 8760,
     .help = "how long attachments are kept that no order and no record names, and uploads that have stopped"},
    {0},
};

wg_status intake_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  (void)error;
  struct intake *intake = wg_zalloc(sizeof *intake);
  intake->settings = *(const struct intake_settings *)settings;
  pthread_rwlock_init(&intake->lock, NULL);
  randombytes_buf(intake->seed, sizeof intake->seed);
  const char *name = "wangge_intake_orders_total", *help = "Orders pushed, by outcome";
  intake->accepted = wg_counter(metrics, name, "outcome=\"accepted\"", help);
  intake->duplicate = wg_counter(metrics, name, "outcome=\"duplicate\"", help);
  intake->rejected = wg_counter(metrics, name, "outcome=\"rejected\"", help);
  intake->supplements = wg_counter(metrics, "wangge_intake_supplements_total", NULL, "Supplements added to orders");
  intake->withdrawals = wg_counter(metrics, "wangge_intake_withdrawals_total", NULL, "Orders withdrawn");
  intake->erasures = wg_counter(metrics, "wangge_intake_erasures_total", NULL, "Calls that erased a reporter");
  *service = intake;
  return WG_OK;
}

void intake_secret(void *service, const uint8_t secret[32]) {
  struct intake *intake = service;
  memcpy(intake->person_key, secret, sizeof intake->person_key);
}

void intake_stop(void *service) {
  struct intake *intake = service;
  sodium_memzero(intake->person_key, sizeof intake->person_key);
  intake_reference_close(intake->reference);
  pthread_rwlock_destroy(&intake->lock);
  free(intake);
}

wg_status intake_records(void *service, const struct wg_reference_set *set, struct wg_error *error) {
  struct intake *intake = service;
  struct intake_reference *fresh = NULL;
  wg_status status = intake_reference_build(set->records, set->count, &fresh, error);
  if (status != WG_OK) return status;
  pthread_rwlock_wrlock(&intake->lock);
  struct intake_reference *old = intake->reference;
  intake->reference = fresh;
  pthread_rwlock_unlock(&intake->lock);
  intake_reference_close(old);
  return WG_OK;
}

int main(int argc, char **argv) {
  static const struct wg_stream_spec streams[] = {{.name = "intake.orders", .topics = false, .retention_days = 7}};
  static const char *const record_kinds[] = {"district", "category", "station", "message_group", NULL};
  static const char *const schema_folders[] = {"services/intake/schema", NULL};
  static const struct wg_service service = {
      .name = "intake",
      .methods = INTAKE_METHODS,
      .streams = streams,
      .stream_count = sizeof streams / sizeof *streams,
      .settings = SETTINGS,
      .settings_size = sizeof(struct intake_settings),
      .record_kinds = record_kinds,
      .records = intake_records,
      .schema_folders = schema_folders,
      .start = intake_start,
      .stop = intake_stop,
      .secret = intake_secret,
      .tick_seconds = 60,
      .load_state = intake_load_state,
      .load = intake_load,
      .decide = intake_decide,
      .store = intake_store,
      .committed = intake_committed,
      .rolled_back = intake_rolled_back,
  };
  return wg_stage_main(&service, argc, argv);
}
