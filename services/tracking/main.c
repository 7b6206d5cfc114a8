// wangge-tracking (督办): follows each order from its dispatch to its result, publishes the stream tracking.cases.
//
//   routing.dispatch --> [case.c, clock.c] -> [store.c] -> tracking.cases --> departments: deadlines, changes
//   departments --Contact, Resolve-->, dispatcher and source --Review, FollowUp--> [feedback.c, followup.c] -> the same
//   registrars --Change, IssueTokens--> [lists/] -> tracking.lists; what meetings decide -> [common/orders] -> intake
//   residents --Answer--> [lists/answer.c]: counts and texts that cannot be joined to anybody
//   every step --> [notices.c] -> tracking.notices --> webhooks: residents, units, workers of grids, the desk
//   This file wires: settings, calendars and clocks, and what the stage loop calls. `--print-states` prints the table
//   of states.
#include "services/tracking/notices.h"
#include "services/tracking/states.h"
#include "services/tracking/tracking.h"

#include <string.h>

static const struct wg_setting SETTINGS[] = {
    {.key = "clocks",
     .kind = WG_SETTING_PATH,
     .offset = offsetof(struct tracking_settings, clocks),
     .help = "INI file of all clocks, as services/tracking/clock.h says"},
    {.key = "intake",
     .kind = WG_SETTING_TEXT,
     .offset = offsetof(struct tracking_settings, intake),
     .fallback = "",
     .help = "endpoint of intake that orders decided by meetings are pushed to (the principal tracking needs role "
             "source) and "
             "that is asked whether an order has the evidence of its feedback; empty: orders stay pending, nobody is "
             "asked"},
    {.key = "weight_response",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct tracking_settings, weight_response),
     .fallback = "30",
     .most = 100,
     .help = "weight of the response rate in the composite of evaluation"},
    {.key = "weight_resolution",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct tracking_settings, weight_resolution),
     .fallback = "35",
     .most = 100,
     .help = "weight of the resolution rate"},
    {.key = "weight_satisfaction",
     .kind = WG_SETTING_INT,
     .offset = offsetof(struct tracking_settings, weight_satisfaction),
     .fallback = "35",
     .least = 1,
     .most = 100,
     .help = "weight of the satisfaction rate"},
    {.key = NULL},
};

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--print-states") == 0) {
    tracking_print_states(stdout);
    return 0;
  }
  static const struct wg_stream_spec streams[] = {
      {.name = "tracking.cases", .topics = true, .retention_days = 7},
      {.name = "tracking.verdicts",
       .retention_days = 30,
       .readers = WG_ROLE_SERVICE | WG_ROLE_OPERATOR | WG_ROLE_DISPATCHER},
      {.name = TRACKING_NOTICES, .topics = true, .retention_days = 7},
      // Topics are districts, not departments, and drafts are told, too.
      {.name = LISTS_STREAM,
       .topics = true,
       .retention_days = 30,
       .readers = WG_ROLE_SERVICE | WG_ROLE_OPERATOR | WG_ROLE_DISPATCHER},
  };
  static const struct wg_follow follows[] = {{.stream = "routing.dispatch", .service = "routing"}};
  static const char *const record_kinds[] = {"calendar_day", "calendar_year", "department", "standard_response", NULL};
  static const char *const schema_folders[] = {"services/tracking/schema", "services/tracking/lists/schema", NULL};
  static const struct wg_service service = {
      .name = "tracking",
      .methods = TRACKING_METHODS,
      .streams = streams,
      .stream_count = sizeof streams / sizeof *streams,
      .follows = follows,
      .follow_count = sizeof follows / sizeof *follows,
      .pace_us = 20000, // departments get orders from routing: a case may stand there a fiftieth of a second later
      .settings = SETTINGS,
      .settings_size = sizeof(struct tracking_settings),
      .schema_folders = schema_folders,
      .record_kinds = record_kinds,
      .records = tracking_records,
      .start = tracking_start,
      .stop = tracking_stop,
      .connect = tracking_connect,
      .secret = tracking_secret,
      .reload = tracking_reload,
      .load_state = tracking_load_state,
      .load = tracking_load,
      .decide = tracking_decide,
      .store = tracking_store,
      .committed = tracking_committed,
      .rolled_back = tracking_rolled_back,
      .tick_seconds = 1, // what is due by time; a part of the recount of provisional deadlines
  };
  return wg_stage_main(&service, argc, argv);
}
