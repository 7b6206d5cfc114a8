// Calls that change one order: accept, return, transfer, assign, progress, resolve, supplement, withdraw,
// erase-reporter. One row each: who is asked, and which argument or option fills which field of the request.

#include "ops/cli/cli.h"
#include "ops/cli/output.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include "wangge/v1/intake.pb-c.h"
#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

#include <string.h>
#include <unistd.h>

enum { ACT_FIELDS = 4 };
struct act {
  const char *command;
  int service;
  const char *method;
  const ProtobufCMessageDescriptor *request, *response;
  const char *fallback_as; // NULL: [client] as
  // fields after order_id: "name" from option --name (with - for _), required when it begins with '!'
  const char *field[ACT_FIELDS];
};

#define TYPE(name) &wangge__v1__##name##__descriptor
static const struct act acts[] = {
    {"accept", 1, "wangge.v1.Routing/Accept", TYPE(accept_request), TYPE(assignment_response), NULL, {NULL}},
    {"return",
     1,
     "wangge.v1.Routing/Return",
     TYPE(return_request),
     TYPE(assignment_response),
     NULL,
     {"!reason", "proposed_department"}},
    {"transfer",
     1,
     "wangge.v1.Routing/Transfer",
     TYPE(transfer_request),
     TYPE(assignment_response),
     "dispatcher",
     {"!to_department", "!reason"}},
    {"assign",
     1,
     "wangge.v1.Routing/Assign",
     TYPE(assign_request),
     TYPE(assignment_response),
     "dispatcher",
     {"!department", "!reason"}},
    {"progress",
     2,
     "wangge.v1.Tracking/Progress",
     TYPE(progress_request),
     TYPE(case_response),
     NULL,
     {"!note", "request_id"}},
    {"resolve", 2, "wangge.v1.Tracking/Resolve", TYPE(resolve_request), TYPE(case_response), NULL, {"!result"}},
    {"supplement",
     0,
     "wangge.v1.Intake/Supplement",
     TYPE(supplement_request),
     TYPE(supplement_response),
     "dispatcher",
     {"!text", "supplement_id"}},
    {"withdraw",
     0,
     "wangge.v1.Intake/Withdraw",
     TYPE(withdraw_request),
     TYPE(withdraw_response),
     "dispatcher",
     {"!reason"}},
    {"erase-reporter",
     0,
     "wangge.v1.Intake/EraseReporter",
     TYPE(erase_reporter_request),
     TYPE(erase_reporter_response),
     "dispatcher",
     {"!reason"}},
};

static const struct act *find_act(const char *command) {
  const struct act *act = acts;
  while (strcmp(act->command, command) != 0)
    act++;
  return act;
}

static void *field_at(ProtobufCMessage *message, const char *name) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
  return (char *)message + field->offset;
}

static void set_text(ProtobufCMessage *message, const char *name, const char *value) {
  memcpy(field_at(message, name), &value, sizeof value);
}

// option_name: the field's name as an option; departments are always --department, the CLI's word for them.
static const char *option_name(struct cli *cli, const char *field) {
  if (strcmp(field, "to_department") == 0) return "to";
  if (strcmp(field, "proposed_department") == 0) return "propose";
  if (strcmp(field, "department") == 0) return "to";
  char *name = wg_arena_strdup(cli->arena, field);
  for (char *at = name; *at != 0; at++)
    if (*at == '_') *at = '-';
  return name;
}

static wg_status fill(struct cli *cli, const struct act *act, ProtobufCMessage *request, struct wg_error *error) {
  int64_t order_id;
  if (!wg_parse_i64(cli->parsed.argument[0], &order_id) || order_id < 1)
    return wg_fail(error, WG_INVALID_ARGUMENT, "ORDER", "an order id is a whole number from 1");
  memcpy(field_at(request, "order_id"), &order_id, sizeof order_id);
  for (int i = 0; i < ACT_FIELDS && act->field[i] != NULL; i++) {
    bool required = act->field[i][0] == '!';
    const char *field = act->field[i] + required, *option = option_name(cli, field);
    const char *value = cli_text(&cli->parsed, option);
    if (value == NULL && required) return wg_fail(error, WG_INVALID_ARGUMENT, option, "--%s is required", option);
    // A key for repeats: without one from the caller, this very run of the command.
    if (value == NULL && strstr(field, "_id") != NULL)
      value = wg_arena_printf(cli->arena, "cli-%llx-%x", (unsigned long long)wg_now_us(), (unsigned)getpid());
    if (value != NULL) set_text(request, field, value);
  }
  return WG_OK;
}

static void print_assignment(const Wangge__V1__AssignmentResponse *response) {
  const Wangge__V1__Assignment *one = response->assignment;
  char state[32];
  if (one == NULL) return;
  printf("order %lld: %s%s%s\n", (long long)one->order_id,
         wg_enum_name(&wangge__v1__assignment_state__descriptor, (int)one->state, state),
         one->department[0] != 0 ? " " : "", one->department);
}

static void print_case(const Wangge__V1__CaseResponse *response) {
  const Wangge__V1__Case *one = response->case_;
  char state[32];
  if (one == NULL) return;
  printf("order %lld: %s %s\n", (long long)one->order_id,
         wg_enum_name(&wangge__v1__case_state__descriptor, (int)one->state, state), one->department);
}

static int run_act(struct cli *cli) {
  const struct act *act = find_act(cli->command->name);
  struct wg_error error = {0};
  const char *department = cli_text(&cli->parsed, "department");
  ProtobufCMessage *request = wg_arena_alloc(cli->arena, act->request->sizeof_message), *response = NULL;
  act->request->message_init(request);
  if (fill(cli, act, request, &error) != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, department != NULL ? department : act->fallback_as);
  if (cli_call(cli, act->service, act->method, request, act->response, &response, &error) != WG_OK)
    return cli_complain(cli, &error);
  if (cli->json) {
    struct wg_buffer out = {0};
    wg_json_message(&out, response);
    cli_print_line(&out);
    wg_buffer_free(&out);
  } else if (act->response == TYPE(assignment_response)) {
    print_assignment((Wangge__V1__AssignmentResponse *)response);
  } else if (act->response == TYPE(case_response)) {
    print_case((Wangge__V1__CaseResponse *)response);
  } else {
    printf("order %s: %s done\n", cli->parsed.argument[0], act->command);
  }
  return CLI_DONE;
}

#define DEPARTMENT                                                                                                     \
  { "department", "CODE", "act as this department (its key is used)" }
#define REASON                                                                                                         \
  { "reason", "TEXT", "why; required" }
static const struct cli_option accept_options[] = {DEPARTMENT, {0}};
static const struct cli_option return_options[] = {
    DEPARTMENT, REASON, {"propose", "CODE", "department that should have it"}, {0}};
static const struct cli_option transfer_options[] = {
    DEPARTMENT, {"to", "CODE", "department that gets it; required"}, REASON, {0}};
static const struct cli_option assign_options[] = {{"to", "CODE", "department that gets it; required"}, REASON, {0}};
static const struct cli_option progress_options[] = {DEPARTMENT,
                                                     {"note", "TEXT", "what was done; required"},
                                                     {"request-id", "ID", "key for repeats: the same id is noted once"},
                                                     {0}};
static const struct cli_option resolve_options[] = {DEPARTMENT, {"result", "TEXT", "the result; required"}, {0}};
static const struct cli_option supplement_options[] = {
    {"text", "TEXT", "what is added; required"},
    {"supplement-id", "ID", "key for repeats: the same id is added once"},
    {0}};
static const struct cli_option reason_options[] = {REASON, {0}};

const struct cli_command cli_act[] = {
    {"accept", "ORDER", 1, 1, "accept an order (签收), as its department", accept_options,
     "  wangge accept 17 --department water\n", run_act},
    {"return", "ORDER", 1, 1, "give an order back to the dispatcher's desk (退单)", return_options,
     "  wangge return 17 --department water --reason 'a gas pipe, not water' --propose gas\n", run_act},
    {"transfer", "ORDER", 1, 1, "move an order to another department (转派)", transfer_options,
     "  wangge transfer 17 --to housing --reason 'the pipe is inside the house'\n"
     "  wangge transfer 17 --department water --to housing --reason 'inside the house'\n",
     run_act},
    {"assign", "ORDER", 1, 1, "decide an order of the dispatcher's desk (派单)", assign_options,
     "  wangge assign 17 --to water --reason 'main in the street'\n", run_act},
    {"progress", "ORDER", 1, 1, "note a step of the handling", progress_options,
     "  wangge progress 17 --department water --note 'valve closed, digging'\n", run_act},
    {"resolve", "ORDER", 1, 1, "hand in the result of an order", resolve_options,
     "  wangge resolve 17 --department water --result 'pipe replaced, water is back since 15:20'\n", run_act},
    {"supplement", "ORDER", 1, 1, "add text to an order (补充)", supplement_options,
     "  wangge supplement 17 --text 'the caller says the cellar is full'\n"
     "  wangge supplement 17 --as hotline-12345 --text 'called again' --supplement-id 20261127-3\n",
     run_act},
    {"withdraw", "ORDER", 1, 1, "end an order on the reporter's wish (撤单)", reason_options,
     "  wangge withdraw 17 --reason 'solved itself, says the caller'\n", run_act},
    {"erase-reporter", "ORDER", 1, 1, "delete the personal data of an order's reporter; the order stays",
     reason_options, "  wangge erase-reporter 17 --reason 'asked for on 2026-11-27'\n", run_act},
    {0},
};
