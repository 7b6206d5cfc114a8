// wangge-routing (派单): decides who is responsible for each order, publishes the stream routing.dispatch.
//
//   intake.orders --> [study.c, rules.c, decide.c] -> [store.c] -> routing.dispatch --> departments, tracking
//   departments, dispatcher --Accept, RequestReturn, Transfer, Assign …--> [states.c, decide.c, returns.c, units.c]
//   This file wires: settings, kinds of reference data, and what the stage loop calls. `--print-states` prints the
//   table of states.h and does nothing else.
#include "services/routing/routing.h"

#include <string.h>

static const struct wg_setting SETTINGS[] = {
    {.key = "return_window_working_days",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct routing_settings, window_days),
     .fallback = "2",
     .least = 1,
     .most = 60,
     .help = "working days behind the dispatch in which a lead may ask to return an order"},
    {.key = "return_window_hours",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct routing_settings, window_hours),
     .fallback = "0",
     .least = 0,
     .most = 1440,
     .help = "hours instead of working days; 0: working days"},
    {.key = "model",
     .kind = WG_SETTING_PATH,
     .offset = offsetof(struct routing_settings, model),
     .fallback = "",
     .help = "model of texts made by wangge train, for suggested categories and for merging similar orders; empty: "
             "neither"},
    {.key = "similar_mb",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct routing_settings, similar_mb),
     .fallback = "12",
     .least = 1,
     .most = 65536,
     .help = "memory for orders that new ones are compared with, in MiB"},
    {.key = "sweep_at",
     .kind = WG_SETTING_TEXT,
     .offset = offsetof(struct routing_settings, sweep_at),
     .fallback = "02:30",
     .help = "time of day (Asia/Shanghai) at which themes are looked for, once a day"},
    {.key = "theme_grids",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct routing_settings, theme_grids),
     .fallback = "3",
     .least = 2,
     .most = 10000,
     .help = "a theme is in at least so many grids"},
    {.key = "category_confidence",
     .kind = WG_SETTING_TEXT,
     .offset = offsetof(struct routing_settings, category_confidence),
     .fallback = "0.8",
     .help = "0 to 1; a suggestion this sure routes an order that has no category"},
    {.key = NULL},
};

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--print-states") == 0) {
    routing_print_states(stdout);
    return 0;
  }
  static const struct wg_stream_spec streams[] = {{.name = "routing.dispatch", .topics = true, .retention_days = 7}};
  static const struct wg_follow follows[] = {{.stream = "intake.orders", .service = "intake"},
                                             // what tracking decides that ends or begins responsibility
                                             {.stream = "tracking.verdicts", .service = "tracking", .optional = true}};
  static const char *const schema_folders[] = {"services/routing/schema", NULL};
  static const struct wg_service service = {
      .name = "routing",
      .methods = ROUTING_METHODS,
      .streams = streams,
      .stream_count = sizeof streams / sizeof *streams,
      .follows = follows,
      .follow_count = sizeof follows / sizeof *follows,
      .settings = SETTINGS,
      .settings_size = sizeof(struct routing_settings),
      .schema_folders = schema_folders,
      .record_kinds = ROUTING_RECORD_KINDS,
      .records = routing_records,
      .check = routing_check,
      .start = routing_start,
      .stop = routing_stop,
      .reload = routing_reload,
      .notice = routing_notice,
      .load_state = routing_load_state,
      .load = routing_load,
      .decide = routing_decide,
      .store = routing_store,
      .committed = routing_committed,
      .rolled_back = routing_rolled_back,
      .tick_seconds = 2,
      .refresh = routing_sweep_refresh,
      .refresh_seconds = 2,
  };
  return wg_stage_main(&service, argc, argv);
}
