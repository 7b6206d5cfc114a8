// wangge-land (土地底数台账): the ledger of villages: parcels, notices, tenders, contracts, yards and homesteads.
//
//   village committees, towns, registrars --calls--> [topics: pure decide functions over the village's book]
//       -> one entry of the village's chain and tree [ledger/] -> [store.c] -> land.entries
//   tracking.notices --> [news.c] -> an entry of the village whose breach became that order
//   anybody --GetLand, ListLand, LandHistory--> [read.c]
//   This file wires what the stage loop calls.
//   `--print-states` prints the tables of states.
#include "services/land/land.h"
#include "services/land/ledger/topic.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--print-states") == 0) {
    land_print_states(stdout);
    return 0;
  }
  // Topics are villages, not departments.
  static const struct wg_stream_spec streams[] = {{.name = LAND_STREAM,
                                                   .topics = true,
                                                   .retention_days = 30,
                                                   .readers = WG_ROLE_SERVICE | WG_ROLE_OPERATOR | WG_ROLE_REGISTRAR}};
  // what becomes of the orders it pushes (news.h)
  static const struct wg_follow follows[] = {{.stream = "tracking.notices", .service = "tracking", .optional = true}};
  static const char *const record_kinds[] = {"calendar_day", "calendar_year", "community", NULL};
  static const char *const schema_folders[] = {"services/land/schema", NULL};
  static struct wg_service service = {
      .name = "land",
      .streams = streams,
      .stream_count = sizeof streams / sizeof *streams,
      .follows = follows,
      .follow_count = sizeof follows / sizeof *follows,
      .schema_folders = schema_folders,
      .record_kinds = record_kinds,
      .records = land_records,
      .settings = LAND_SETTINGS,
      .settings_size = sizeof(struct land_settings),
      .start = land_start,
      .connect = land_connect,
      .stop = land_stop,
      .secret = land_secret,
      .load_state = land_load_state,
      .load = land_load,
      .decide = land_decide,
      .store = land_store,
      .committed = land_committed,
      .rolled_back = land_rolled_back,
      .tick_seconds = 5,
  };
  service.methods = land_methods();
  return wg_stage_main(&service, argc, argv);
}
