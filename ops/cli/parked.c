// wangge parked: dead letters, those events a consumer could not digest.

#include "ops/cli/cli.h"
#include "ops/cli/output.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

#include "wangge/v1/ops.pb-c.h"

#include <string.h>

static char *text_of(struct cli *cli, const char *option) {
  const char *text = cli_text(&cli->parsed, option);
  return text != NULL ? (char *)(uintptr_t)text : (char *)(uintptr_t)protobuf_c_empty_string;
}

// Numbers of dead letters are unique in one service, so a command names the service too.
static int service_option(struct cli *cli, struct wg_error *error) {
  const char *name = cli_text(&cli->parsed, "service");
  int service = name != NULL ? cli_service(name) : -1;
  if (service < 0) wg_fail(error, WG_INVALID_ARGUMENT, "service", "--service is intake, routing, tracking or registry");
  return service;
}

static const char *const headings[] = {"SERVICE", ">ID", "STREAM", "CONSUMER", "TOPIC",  ">NUMBER",
                                       "TYPE",    "AT",  "STATE",  ">TRIES",   "REASON", NULL};

static void parked_row(struct cli_table *table, const char *service, const Wangge__V1__Parked *one) {
  char at[32], state[32];
  const char *dot = strrchr(one->type, '.');
  struct wg_buffer cut = {0};
  cli_table_cell(table, "%s", service);
  cli_table_cell(table, "%lld", (long long)one->parked_id);
  cli_table_cell(table, "%s", one->stream);
  cli_table_cell(table, "%s", one->consumer);
  cli_table_cell(table, "%s", one->topic);
  cli_table_cell(table, "%llu", (unsigned long long)one->seq);
  cli_table_cell(table, "%s", dot != NULL ? dot + 1 : one->type);
  cli_table_cell(table, "%s", cli_time(one->at, at));
  cli_table_cell(table, "%s", wg_enum_name(&wangge__v1__parked_state__descriptor, (int)one->state, state));
  cli_table_cell(table, "%d", one->attempts);
  cli_table_cell(table, "%s", cli_cut(one->reason, 60, &cut));
  wg_buffer_free(&cut);
}

static void json_row(const char *service, const Wangge__V1__Parked *one) {
  struct wg_buffer line = {0};
  wg_buffer_printf(&line, "{\"service\":\"%s\",\"parked\":", service);
  wg_json_message(&line, &one->base);
  wg_buffer_text(&line, "}");
  cli_print_line(&line);
  wg_buffer_free(&line);
}

static wg_status list_service(struct cli *cli, int service, Wangge__V1__ParkedListRequest *request, int64_t left,
                              struct cli_table *table, struct wg_error *error) {
  request->after_id = 0;
  do {
    ProtobufCMessage *message = NULL;
    request->limit = (int32_t)(left < 200 ? left : 200);
    if (cli_call(cli, service, "wangge.v1.Ops/ParkedList", &request->base,
                 &wangge__v1__parked_list_response__descriptor, &message, error) != WG_OK)
      return error->code;
    const Wangge__V1__ParkedListResponse *page = (Wangge__V1__ParkedListResponse *)message;
    for (size_t i = 0; i < page->n_parked; i++) {
      if (cli->json) json_row(cli_services[service], page->parked[i]);
      else parked_row(table, cli_services[service], page->parked[i]);
    }
    left -= (int64_t)page->n_parked;
    request->after_id = page->next_after_id;
  } while (left > 0 && request->after_id != 0 && !cli_stopped);
  return WG_OK;
}

static int run_list(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__ParkedListRequest request = WANGGE__V1__PARKED_LIST_REQUEST__INIT;
  request.stream = text_of(cli, "stream");
  request.consumer = text_of(cli, "consumer");
  int64_t limit = 50;
  int only = -1;
  const char *state = cli_text(&cli->parsed, "state");
  if (cli_given(&cli->parsed, "service") && (only = service_option(cli, &error)) < 0) return cli_usage(cli, &error);
  if (state != NULL) {
    int value = wg_enum_value(&wangge__v1__parked_state__descriptor, state);
    if (value <= 0) wg_fail(&error, WG_INVALID_ARGUMENT, "state", "--state is waiting, redriven or dropped");
    request.state = (Wangge__V1__ParkedState)value;
  }
  if (error.code != WG_OK || cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  struct cli_table *table = cli_table_create(headings);
  int code = CLI_DONE;
  for (int i = 0; i < CLI_SERVICES; i++) {
    if (only >= 0 ? i != only : !cli_has(cli, i)) continue;
    error = (struct wg_error){0};
    if (list_service(cli, i, &request, limit, table, &error) == WG_OK) continue;
    int one = cli_complain(cli, &error);
    if (one > code) code = one;
  }
  if (!cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return code;
}

static int run_show(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__ParkedShowRequest request = WANGGE__V1__PARKED_SHOW_REQUEST__INIT;
  int service = service_option(cli, &error);
  if (service < 0) return cli_usage(cli, &error);
  if (!wg_parse_i64(cli->parsed.argument[0], &request.parked_id)) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "ID", "the id of a dead letter is a whole number");
    return cli_usage(cli, &error);
  }
  ProtobufCMessage *message = NULL, *payload = NULL;
  if (cli_call(cli, service, "wangge.v1.Ops/ParkedShow", &request.base, &wangge__v1__parked_show_response__descriptor,
               &message, &error) != WG_OK)
    return cli_complain(cli, &error);
  const Wangge__V1__ParkedShowResponse *shown = (Wangge__V1__ParkedShowResponse *)message;
  const Wangge__V1__Event *event = shown->event;
  const ProtobufCMessageDescriptor *type = event != NULL ? wg_message_type(event->type) : NULL;
  // An event that cannot be read is a usual reason to be here: it is shown as the bytes it has.
  if (type != NULL)
    wg_unpack(type, (struct wg_bytes){event->payload.data, event->payload.len}, cli->arena, &payload, &error);
  struct wg_buffer out = {0};
  if (!cli->json && shown->parked != NULL) {
    struct cli_table *table = cli_table_create(headings);
    parked_row(table, cli_services[service], shown->parked);
    cli_table_print(table, stdout);
    cli_table_free(table);
    printf("reason: %s\n", shown->parked->reason);
    if (shown->parked->decided_by[0] != 0)
      printf("decided by %s: %s\n", shown->parked->decided_by, shown->parked->decided_reason);
    if (payload != NULL) wg_json_message(&out, payload);
    else if (event != NULL) wg_json_message(&out, &event->base);
  } else {
    wg_buffer_text(&out, "{\"parked\":");
    if (shown->parked != NULL) wg_json_message(&out, &shown->parked->base);
    else wg_buffer_text(&out, "null");
    wg_buffer_text(&out, ",\"event\":");
    if (event != NULL) wg_json_message(&out, &event->base);
    else wg_buffer_text(&out, "null");
    wg_buffer_text(&out, ",\"payload\":");
    if (payload != NULL) wg_json_message(&out, payload);
    else wg_buffer_text(&out, "null");
    wg_buffer_text(&out, "}");
  }
  cli_print_line(&out);
  wg_buffer_free(&out);
  return CLI_DONE;
}

// change asks for redrive or drop. All of the ids must have been waiting, else the command counts as partly refused.
static int change(struct cli *cli, const char *method, const char *word) {
  struct wg_error error = {0};
  Wangge__V1__ParkedChangeRequest request = WANGGE__V1__PARKED_CHANGE_REQUEST__INIT;
  int service = service_option(cli, &error);
  if (service < 0) return cli_usage(cli, &error);
  if (!cli_given(&cli->parsed, "reason")) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "reason", "--reason is required");
    return cli_usage(cli, &error);
  }
  request.reason = text_of(cli, "reason");
  request.n_parked_ids = (size_t)cli->parsed.arguments;
  request.parked_ids = wg_arena_alloc(cli->arena, sizeof(int64_t) * request.n_parked_ids);
  for (size_t i = 0; i < request.n_parked_ids; i++)
    if (!wg_parse_i64(cli->parsed.argument[i], &request.parked_ids[i])) {
      wg_fail(&error, WG_INVALID_ARGUMENT, "ID", "\"%s\" is no id of a dead letter", cli->parsed.argument[i]);
      return cli_usage(cli, &error);
    }
  ProtobufCMessage *message = NULL;
  if (cli_call(cli, service, method, &request.base, &wangge__v1__parked_change_response__descriptor, &message,
               &error) != WG_OK)
    return cli_complain(cli, &error);
  int changed = ((Wangge__V1__ParkedChangeResponse *)message)->changed;
  if (cli->json) cli_print_json(json_pack("{s:i,s:i}", "changed", changed, "asked", cli->parsed.arguments));
  else printf("%d of %d %s\n", changed, cli->parsed.arguments, word);
  return changed == cli->parsed.arguments ? CLI_DONE : CLI_REFUSED;
}

static int run_redrive(struct cli *cli) {
  return change(cli, "wangge.v1.Ops/ParkedRedrive", "given again");
}

static int run_drop(struct cli *cli) {
  return change(cli, "wangge.v1.Ops/ParkedDrop", "dropped");
}

#define SERVICE                                                                                                        \
  { "service", "NAME", "service that keeps it: intake, routing, tracking" }
static const struct cli_option list_options[] = {
    {"service", "NAME", "only this service"},         {"stream", "NAME", "only of this stream"},
    {"consumer", "NAME", "only of this consumer"},    {"state", "STATE", "waiting (default), redriven, dropped"},
    {"limit", "N", "most rows of each service (50)"}, {0}};
static const struct cli_option show_options[] = {SERVICE, {0}};
static const struct cli_option change_options[] = {SERVICE, {"reason", "TEXT", "why; kept with the decision"}, {0}};

const struct cli_command cli_parked[] = {
    {"parked list", "", 0, 0, "dead letters, oldest first", list_options,
     "  wangge parked list\n  wangge parked list --service tracking --state dropped --json\n", run_list},
    {"parked show", "ID", 1, 1, "one dead letter with its event", show_options,
     "  wangge parked show 3 --service tracking\n", run_show},
    {"parked redrive", "ID…", 1, 1000, "give dead letters to their consumer again", change_options,
     "  wangge parked redrive 3 4 --service tracking --reason 'calendar mended'\n", run_redrive},
    {"parked drop", "ID…", 1, 1000, "give dead letters up for good", change_options,
     "  wangge parked drop 3 --service tracking --reason 'test order'\n", run_drop},
    {0},
};
