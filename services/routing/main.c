// wangge-routing (派单): decides who is responsible for each order, publishes the stream routing.dispatch.
//
//   intake.orders --> [rules.c, decide.c] -> [store.c] -> routing.dispatch --> departments, tracking
//   departments, dispatcher --Accept, Return, Transfer, Assign--> the same
//   This file wires: settings, rules and departments, and what the stage loop calls.
#include "services/routing/routing.h"

static const struct wg_setting SETTINGS[] = {
    {.key = "rules",
     .kind = WG_SETTING_PATH,
     .offset = offsetof(struct routing_settings, rules),
     .help = "CSV file of the dispatch rules, first match wins; format: services/routing/rules.h"},
    {.key = "departments",
     .kind = WG_SETTING_PATH,
     .offset = offsetof(struct routing_settings, departments),
     .help = "INI file of the departments: a section per code with name, parent, level"},
    {.key = NULL},
};

int main(int argc, char **argv) {
  static const struct wg_stream_spec streams[] = {{.name = "routing.dispatch", .topics = true, .retention_days = 7}};
  static const struct wg_follow follows[] = {{.stream = "intake.orders", .service = "intake"}};
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
      .start = routing_start,
      .stop = routing_stop,
      .reload = routing_reload,
      .load_state = routing_load_state,
      .load = routing_load,
      .decide = routing_decide,
      .store = routing_store,
      .committed = routing_committed,
  };
  return wg_stage_main(&service, argc, argv);
}
