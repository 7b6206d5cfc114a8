// wangge-registry (一张网底册): keeps districts down to buildings, people and posts, units, lists and the reference
// data of the other services; publishes every change as the stream registry.changes.
//
//   registrar --Put, imports--> [put.c, check_*.c over book.c] -> [store.c] -> registry.changes --> every service
//   templates, Happen --> [duties.c] -> [duty_store.c] -> [common/orders] -> intake
//   anybody   --PublicLists, FlowChart--> [lists.c, chart.c]
//   anybody   --Get, List, History--> [read.c]
//             --Check--> [survey.c, check_*.c]
//   This file wires what the stage loop calls.
#include "services/registry/registry.h"

int main(int argc, char **argv) {
  // Topics are kinds, not departments, and events hold personal data whole: services only.
  static const struct wg_stream_spec streams[] = {
      {.name = REGISTRY_STREAM, .topics = true, .retention_days = 30, .readers = WG_ROLE_SERVICE}};
  static const char *const schema_folders[] = {"services/registry/schema", NULL};
  static const struct wg_service service = {
      .name = "registry",
      .methods = REGISTRY_METHODS,
      .streams = streams,
      .stream_count = sizeof streams / sizeof *streams,
      .schema_folders = schema_folders,
      .settings = REGISTRY_SETTINGS,
      .settings_size = sizeof(struct registry_settings),
      .start = registry_start,
      .connect = registry_connect,
      .stop = registry_stop,
      .load_state = registry_load_state,
      .load = registry_load,
      .decide = registry_decide,
      .store = registry_store,
      .committed = registry_committed,
      .tick_seconds = 5,
      .refresh = registry_survey_refresh,
      .refresh_seconds = 15,
  };
  return wg_stage_main(&service, argc, argv);
}
