// Calls that change one order: accept, return, review, adjudicate, transfer, assign, progress, resolve, supplement and
// so on. One row each: who is asked, and which argument or option fills which field of the request.

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

enum { ACT_FIELDS = 12 };
struct act {
  const char *command;
  int service;
  const char *method;
  const ProtobufCMessageDescriptor *request, *response;
  const char *fallback_as; // NULL: [client] as
  // fields after order_id: "name" from option --name (with - for _), "name=option" from another option; required when
  // it begins with '!'
  const char *field[ACT_FIELDS];
};

#define TYPE(name) &wangge__v1__##name##__descriptor
// ROUTE: a call of routing that is answered with the assignment.
#define ROUTE(command, method, request, as, ...)                                                                       \
  {                                                                                                                    \
    command, 1, "wangge.v1.Routing/" method, TYPE(request), TYPE(assignment_response), as, {                           \
      __VA_ARGS__                                                                                                      \
    }                                                                                                                  \
  }
#define PERSON_FIELD "acting_person=person"
// TRACK: a call of tracking that is answered with the case.
#define TRACK(command, method, request, as, ...)                                                                       \
  {                                                                                                                    \
    command, 2, "wangge.v1.Tracking/" method, TYPE(request), TYPE(case_response), as, {                                \
      __VA_ARGS__, "request_id", PERSON_FIELD                                                                          \
    }                                                                                                                  \
  }
static const struct act acts[] = {
    ROUTE("accept", "Accept", accept_request, NULL, PERSON_FIELD),
    ROUTE("return", "RequestReturn", return_request, NULL, "!reason", "!reason_code=code", "!basis",
          "!proposed_department=propose", PERSON_FIELD),
    ROUTE("review", "ReviewReturn", review_return_request, "dispatcher", "!outcome", "!reason", PERSON_FIELD),
    ROUTE("escalate", "Escalate", escalate_request, "dispatcher", "!reason", PERSON_FIELD),
    {"adjudicate",
     1,
     "wangge.v1.Routing/Adjudicate",
     TYPE(adjudicate_request),
     TYPE(adjudicate_response),
     "dispatcher",
     {"!lead", "assists=assist", "!basis", "reason", "place", PERSON_FIELD}},
    ROUTE("transfer", "Transfer", transfer_request, "dispatcher", "!to_department=to", "!reason", PERSON_FIELD),
    ROUTE("transfer-down", "TransferDown", transfer_down_request, NULL, "!to_department=to", "!reason", "due_at=due",
          PERSON_FIELD),
    ROUTE("add-unit", "AddUnit", add_unit_request, "dispatcher", "!department=unit", "!reason", PERSON_FIELD),
    ROUTE("remove-unit", "RemoveUnit", remove_unit_request, "dispatcher", "!department=unit", "!reason", PERSON_FIELD),
    ROUTE("assign", "Assign", assign_request, "dispatcher", "!department=to", "assists=assist", "!reason",
          PERSON_FIELD),
    TRACK("progress", "Progress", progress_request, NULL, "!note"),
    TRACK("contact", "Contact", contact_request, NULL, "!reached", "!channel", "at", "note"),
    TRACK("resolve", "Resolve", resolve_request, NULL, "!result", "public_reply=reply", "!substantiated", "!resolution",
          "unresolved_reason=unsolved", "beyond_duty", "beyond_duty_basis=basis", "standard_response=standard",
          "evidence"),
    TRACK("review-feedback", "Review", review_request, "dispatcher", "!decision", "reason", "beyond_duty"),
    TRACK("follow-up", "FollowUp", follow_up_request, "dispatcher", "!reached", "solved", "satisfaction", "merit",
          "note"),
    TRACK("rate", "Rate", rate_request, "dispatcher", "!satisfaction", "note"),
    TRACK("reopen", "Reopen", reopen_request, "dispatcher", "!reason"),
    TRACK("extend", "Extend", extend_request, NULL, "!working_days=days", "!reason", "!resident_told=told"),
    TRACK("decide-extension", "DecideExtension", decide_request, "dispatcher", "!decision", "reason"),
    TRACK("suspend", "Suspend", suspend_request, NULL, "!kind", "!plan", "!public_explanation=explanation",
          "next_review_on=review"),
    TRACK("decide-suspension", "DecideSuspension", decide_request, "dispatcher", "!decision", "reason"),
    TRACK("resume", "Resume", resume_request, "dispatcher", "!reason"),
    TRACK("urge", "Urge", urge_request, "dispatcher", "!note"),
    TRACK("supervise", "Supervise", supervise_request, "dispatcher", "!level", "!working_days=days", "!reason"),
    TRACK("void", "AskVoid", void_request, "dispatcher", "!kind", "!reason"),
    TRACK("decide-void", "DecideVoid", decide_request, "dispatcher", "!decision", "reason"),
    {"supplement",
     0,
     "wangge.v1.Intake/Supplement",
     TYPE(supplement_request),
     TYPE(supplement_response),
     "dispatcher",
     {"!text", "supplement_id"}},
    {"rewrite",
     0,
     "wangge.v1.Intake/Rewrite",
     TYPE(rewrite_request),
     TYPE(rewrite_response),
     "dispatcher",
     {"!text", "!rewrite_id=id", PERSON_FIELD}},
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

// --- fields ---
// A value is text; it is read as the field's type asks: names of enums, times, lists joined by ",".
static wg_status set_enum(const ProtobufCFieldDescriptor *field, void *at, const char *option, const char *value,
                          struct wg_error *error) {
  const ProtobufCEnumDescriptor *type = field->descriptor;
  const int number = wg_enum_value(type, value);
  if (number > 0) {
    memcpy(at, &number, sizeof number);
    return WG_OK;
  }
  struct wg_buffer names = {0};
  char name[32];
  for (unsigned i = 1; i < type->n_values; i++)
    wg_buffer_printf(&names, "%s%s", i > 1 ? ", " : "", wg_enum_name(type, type->values[i].value, name));
  wg_fail(error, WG_INVALID_ARGUMENT, option, "--%s is one of %s", option, wg_buffer_cstr(&names));
  wg_buffer_free(&names);
  return error->code;
}

static wg_status set_bool(void *at, const char *option, const char *value, struct wg_error *error) {
  const protobuf_c_boolean yes = strcmp(value, "yes") == 0;
  if (!yes && strcmp(value, "no") != 0) return wg_fail(error, WG_INVALID_ARGUMENT, option, "--%s is yes or no", option);
  memcpy(at, &yes, sizeof yes);
  return WG_OK;
}

static wg_status set_number(void *at, const char *option, const char *value, struct wg_error *error) {
  int64_t number;
  if (!wg_parse_i64(value, &number) || number < 0 || number > INT32_MAX)
    return wg_fail(error, WG_INVALID_ARGUMENT, option, "--%s is a whole number", option);
  memcpy(at, &(int32_t){(int32_t)number}, sizeof(int32_t));
  return WG_OK;
}

static void set_list(struct cli *cli, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                     const char *value) {
  char *rest = wg_arena_strdup(cli->arena, value);
  char **items = wg_arena_alloc(cli->arena, (strlen(value) + 1) * sizeof *items);
  size_t count = 0;
  for (char *item = strsep(&rest, ","); item != NULL; item = strsep(&rest, ","))
    if (*item != 0) items[count++] = item;
  memcpy((char *)message + field->offset, &items, sizeof items);
  memcpy((char *)message + field->quantifier_offset, &count, sizeof count);
}

static wg_status set_field(struct cli *cli, ProtobufCMessage *message, const char *name, const char *option,
                           const char *value, struct wg_error *error) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
  void *at = (char *)message + field->offset;
  if (field->type == PROTOBUF_C_TYPE_ENUM) return set_enum(field, at, option, value, error);
  if (field->type == PROTOBUF_C_TYPE_BOOL) return set_bool(at, option, value, error);
  if (field->type == PROTOBUF_C_TYPE_INT32) return set_number(at, option, value, error);
  if (field->type == PROTOBUF_C_TYPE_INT64) {
    int64_t time = 0;
    if (!wg_civil_parse(value, &time))
      return wg_fail(error, WG_INVALID_ARGUMENT, option, "--%s %s is no time: 2026-11-27 or 2026-11-27 20:39 is wanted",
                     option, value);
    memcpy(at, &time, sizeof time);
  } else if (field->label == PROTOBUF_C_LABEL_REPEATED) {
    set_list(cli, message, field, value);
  } else {
    memcpy(at, &value, sizeof value);
  }
  return WG_OK;
}

// split_field gives a row's field and option.
static const char *split_field(struct cli *cli, const char *row, const char **option) {
  char *field = wg_arena_strdup(cli->arena, row), *other = strchr(field, '=');
  if (other != NULL) {
    *other = 0;
    *option = other + 1;
    return field;
  }
  char *name = wg_arena_strdup(cli->arena, row);
  for (char *at = name; *at != 0; at++)
    if (*at == '_') *at = '-';
  *option = name;
  return field;
}

static wg_status fill(struct cli *cli, const struct act *act, ProtobufCMessage *request, struct wg_error *error) {
  int64_t order_id;
  if (!wg_parse_i64(cli->parsed.argument[0], &order_id) || order_id < 1)
    return wg_fail(error, WG_INVALID_ARGUMENT, "ORDER", "an order id is a whole number from 1");
  const ProtobufCFieldDescriptor *id = protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "order_id");
  memcpy((char *)request + id->offset, &order_id, sizeof order_id);
  for (int i = 0; i < ACT_FIELDS && act->field[i] != NULL; i++) {
    bool required = act->field[i][0] == '!';
    const char *option, *field = split_field(cli, act->field[i] + required, &option);
    const char *value = cli_text(&cli->parsed, option);
    if (value == NULL && required) return wg_fail(error, WG_INVALID_ARGUMENT, option, "--%s is required", option);
    // A key for repeats: without one from the caller, this very run of the command.
    if (value == NULL && strstr(field, "_id") != NULL)
      value = wg_arena_printf(cli->arena, "cli-%llx-%x", (unsigned long long)wg_now_us(), (unsigned)getpid());
    if (value != NULL && set_field(cli, request, field, option, value, error) != WG_OK) return error->code;
  }
  return WG_OK;
}

static void print_assignment(const Wangge__V1__Assignment *one) {
  char state[32], role[32];
  if (one == NULL) return;
  printf("order %lld: %s%s%s%s", (long long)one->order_id,
         wg_enum_name(&wangge__v1__assignment_state__descriptor, (int)one->state, state),
         one->department[0] != 0 ? " " : "", one->department, one->locked ? ", locked" : "");
  for (size_t i = 0; i < one->n_legs; i++)
    if (one->legs[i]->role != WANGGE__V1__LEG_ROLE__LEG_ROLE_LEAD)
      printf(", %s %s", wg_enum_name(&wangge__v1__leg_role__descriptor, (int)one->legs[i]->role, role),
             one->legs[i]->department);
  putchar('\n');
}

static void print_adjudication(const Wangge__V1__AdjudicateResponse *response) {
  print_assignment(response->assignment);
  if (response->precedent != NULL) printf("precedent %s\n", response->precedent->precedent_id);
}

// print_asked tells what waits for the word of another person, and what an extension has come to.
static void print_asked(const Wangge__V1__Case *one) {
  char at[32];
  if (one->extension != NULL && one->extension->decision == 0)
    printf(", asks for %d working days more", (int)one->extension->working_days);
  else if (one->extension != NULL && one->extension->decision == WANGGE__V1__DECISION__DECISION_APPROVED)
    printf(", extended: due %s", cli_time(one->due_at, at));
  if (one->hold != NULL && one->hold->decision == 0)
    printf(", asks for a hold until %s", cli_time(one->hold->review_at, at));
  if (one->voiding != NULL && one->voiding->decision == 0) printf(", asked to be voided");
  if (one->supervision != NULL)
    printf(", supervised at level %d until %s", (int)one->supervision->level, cli_time(one->supervision->due_at, at));
}

static void print_case(const Wangge__V1__CaseResponse *response) {
  const Wangge__V1__Case *one = response->case_;
  char state[32];
  if (one == NULL) return;
  printf("order %lld: %s%s%s", (long long)one->order_id,
         wg_enum_name(&wangge__v1__case_state__descriptor, (int)one->state, state), *one->department ? " " : "",
         one->department);
  print_asked(one);
  putchar('\n');
}

// name_option: whoever typed an option is told its name, a program the contract's field.
static void name_option(struct cli *cli, const struct act *act, struct wg_error *error) {
  for (int i = 0; !cli->json && i < ACT_FIELDS && act->field[i] != NULL; i++) {
    const char *option, *field = split_field(cli, act->field[i] + (act->field[i][0] == '!'), &option);
    if (strcmp(field, error->field) != 0) continue;
    snprintf(error->field, sizeof error->field, "--%s", option);
    return;
  }
}

static int run_act(struct cli *cli) {
  const struct act *act = find_act(cli->command->name);
  struct wg_error error = {0};
  const char *department = cli_text(&cli->parsed, "department");
  ProtobufCMessage *request = wg_arena_alloc(cli->arena, act->request->sizeof_message), *response = NULL;
  act->request->message_init(request);
  if (fill(cli, act, request, &error) != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, department != NULL ? department : act->fallback_as);
  if (cli_call(cli, act->service, act->method, request, act->response, &response, &error) != WG_OK) {
    name_option(cli, act, &error);
    return cli_complain(cli, &error);
  }
  if (cli->json) {
    struct wg_buffer out = {0};
    wg_json_message(&out, response);
    cli_print_line(&out);
    wg_buffer_free(&out);
  } else if (act->response == TYPE(assignment_response)) {
    print_assignment(((Wangge__V1__AssignmentResponse *)response)->assignment);
  } else if (act->response == TYPE(adjudicate_response)) {
    print_adjudication((Wangge__V1__AdjudicateResponse *)response);
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
#define PERSON                                                                                                         \
  { "person", "ID", "staff number of the person who acts" }
#define REQUEST_ID                                                                                                     \
  { "request-id", "ID", "key for repeats: the same call with it has no second effect" }
#define TO                                                                                                             \
  { "to", "CODE", "unit that gets it; required" }
#define ASSIST                                                                                                         \
  { "assist", "CODES", "units that assist, joined by \",\"" }
#define UNIT                                                                                                           \
  { "unit", "CODE", "the department or grid; required" }
static const struct cli_option accept_options[] = {DEPARTMENT, PERSON, {0}};
static const struct cli_option return_options[] = {
    DEPARTMENT,
    REASON,
    {"code", "NAME", "not_our_duty, not_our_area, other_leads, wrong_category, other; required"},
    {"basis", "TEXT", "law, rule or duty list by which it is another's; required"},
    {"propose", "CODE", "unit that should have it; required"},
    PERSON,
    {0}};
static const struct cli_option review_options[] = {
    {"outcome", "NAME", "accepted or rejected; required"}, REASON, PERSON, {0}};
static const struct cli_option escalate_options[] = {DEPARTMENT, REASON, PERSON, {0}};
static const struct cli_option adjudicate_options[] = {
    {"lead", "CODE", "unit that leads; required"},
    ASSIST,
    {"basis", "TEXT", "legal basis; required"},
    {"reason", "TEXT", "why"},
    {"place", "CODE", "grid, community or street the precedent holds for; else the district"},
    PERSON,
    {0}};
static const struct cli_option transfer_options[] = {DEPARTMENT, TO, REASON, PERSON, {0}};
static const struct cli_option down_options[] = {
    DEPARTMENT, TO, REASON, {"due", "TIME", "when it is wanted; else with the order's deadline"}, PERSON, {0}};
static const struct cli_option unit_options[] = {DEPARTMENT, UNIT, REASON, PERSON, {0}};
static const struct cli_option assign_options[] = {TO, ASSIST, REASON, PERSON, {0}};
static const struct cli_option progress_options[] = {
    DEPARTMENT, {"note", "TEXT", "what was done; required"}, REQUEST_ID, PERSON, {0}};
static const struct cli_option contact_options[] = {DEPARTMENT,
                                                    {"reached", "YES", "yes, or no: a try; required"},
                                                    {"channel", "NAME", "phone, visit, message, meeting; required"},
                                                    {"at", "TIME", "when; else now"},
                                                    {"note", "TEXT", "what was said"},
                                                    REQUEST_ID,
                                                    PERSON,
                                                    {0}};
static const struct cli_option resolve_options[] = {
    DEPARTMENT,
    {"result", "TEXT", "handling text, not published; required"},
    {"reply", "TEXT", "what may be published, plain text; with --standard its own text unless this is given"},
    {"substantiated", "NAME", "yes, no, partly: whether it was as the resident said; required"},
    {"resolution", "NAME", "solved, partly, unsolved, explained; required"},
    {"unsolved", "TEXT", "why it is not solved; required with partly and unsolved"},
    {"beyond-duty", "NAME", "out_of_scope, unreasonable: the reviewer decides about it"},
    {"basis", "TEXT", "why it is beyond the department's duty"},
    {"standard", "CODE", "standard response that was used"},
    {"evidence", "HASHES", "SHA-256 of attachments (attach put), by comma"},
    REQUEST_ID,
    PERSON,
    {0}};
static const struct cli_option feedback_options[] = {
    {"decision", "NAME", "approved, or rejected: back to the department; required"},
    {"reason", "TEXT", "why; required with rejected"},
    {"beyond-duty", "NAME", "approved or rejected, when the feedback claims it"},
    REQUEST_ID,
    PERSON,
    {0}};
static const struct cli_option follow_up_options[] = {
    {"reached", "YES", "yes, or no: a try; required"},
    {"solved", "NAME", "solved, partly, unsolved, explained: by the resident's word"},
    {"satisfaction", "NAME",
     "very_satisfied, satisfied, basically_satisfied, dissatisfied, very_dissatisfied, not_rated"},
    {"merit", "NAME", "merited: it is handled again; unmerited: it is closed as it is"},
    {"note", "TEXT", "what was said"},
    REQUEST_ID,
    PERSON,
    {0}};
static const struct cli_option rate_options[] = {
    {"satisfaction", "NAME",
     "very_satisfied, satisfied, basically_satisfied, dissatisfied, very_dissatisfied; required"},
    {"note", "TEXT", "what the resident said"},
    REQUEST_ID,
    PERSON,
    {0}};
static const struct cli_option reopen_options[] = {REASON, REQUEST_ID, PERSON, {0}};
static const struct cli_option extend_options[] = {
    DEPARTMENT, {"days", "COUNT", "working days behind the present deadline; required"},
    REASON,     {"told", "YES", "yes: the resident was told; required"},
    REQUEST_ID, PERSON,
    {0}};
static const struct cli_option suspend_options[] = {
    DEPARTMENT,
    {"kind", "NAME", "project, funds, policy, season, history; required"},
    {"plan", "TEXT", "what will be done when; required"},
    {"explanation", "TEXT", "what may be published, plain text; required"},
    {"review", "DATE", "when the hold is looked at again; else as late as possible"},
    REQUEST_ID,
    PERSON,
    {0}};
static const struct cli_option decide_options[] = {{"decision", "NAME", "approved or rejected; required"},
                                                   {"reason", "TEXT", "why; required with rejected"},
                                                   REQUEST_ID,
                                                   PERSON,
                                                   {0}};
static const struct cli_option resume_options[] = {DEPARTMENT, REASON, REQUEST_ID, PERSON, {0}};
static const struct cli_option urge_options[] = {{"note", "TEXT", "what is wanted; required"}, REQUEST_ID, PERSON, {0}};
static const struct cli_option supervise_options[] = {{"level", "1-3", "above the present one; required"},
                                                      {"days", "COUNT", "working days until it rises; required"},
                                                      REASON,
                                                      REQUEST_ID,
                                                      PERSON,
                                                      {0}};
static const struct cli_option void_options[] = {
    {"kind", "NAME", "test, malicious; required"}, REASON, REQUEST_ID, PERSON, {0}};
static const struct cli_option supplement_options[] = {
    {"text", "TEXT", "what is added; required"},
    {"supplement-id", "ID", "key for repeats: the same id is added once"},
    {0}};
static const struct cli_option rewrite_options[] = {
    {"text", "TEXT", "what the order is about, without who said it; required"},
    {"id", "ID", "key for repeats: the same id is added once; required"},
    PERSON,
    {0}};
static const struct cli_option reason_options[] = {REASON, {0}};

const struct cli_command cli_act[] = {
    {"accept", "ORDER", 1, 1, "accept an order (签收), as its department", accept_options,
     "  wangge accept 17 --department water\n", run_act},
    {"return", "ORDER", 1, 1, "ask to give an order back (退单), within the window", return_options,
     "  wangge return 17 --department water --code not_our_duty --reason 'a gas pipe, not water' \\\n"
     "    --basis '《城镇燃气管理条例》第五条' --propose gas\n",
     run_act},
    {"review", "ORDER", 1, 1, "decide about a return (退单审核), by another person than who asked", review_options,
     "  wangge review 17 --outcome accepted --reason 'the pipe is gas'\n"
     "  wangge review 17 --outcome rejected --reason 'the main is water' --person 0018\n",
     run_act},
    {"escalate", "ORDER", 1, 1, "put to adjudication who is responsible (提请裁定)", escalate_options,
     "  wangge escalate 17 --reason 'no department is named by any rule'\n"
     "  wangge escalate 17 --department water --reason 'objection to the rejected return'\n",
     run_act},
    {"adjudicate", "ORDER", 1, 1, "decide with binding force who leads and who assists (职责裁定)", adjudicate_options,
     "  wangge adjudicate 17 --lead gas --assist water,370117001001001 --basis '三定方案'\n", run_act},
    {"transfer", "ORDER", 1, 1, "move an order to another department (转派)", transfer_options,
     "  wangge transfer 17 --to housing --reason 'the pipe is inside the house'\n"
     "  wangge transfer 17 --department water --to housing --reason 'inside the house'\n",
     run_act},
    {"transfer-down", "ORDER", 1, 1, "hand the handling down to a unit below (下转); the lead stays accountable",
     down_options,
     "  wangge transfer-down 17 --department street-aishan --to community-fuqian --reason 'on the spot'\n", run_act},
    {"add-unit", "ORDER", 1, 1, "add an assisting unit (加派)", unit_options,
     "  wangge add-unit 17 --unit 370117001001001 --reason 'look whether it is repaired'\n"
     "  wangge add-unit 17 --department water --unit traffic --reason 'the road has to be opened'\n",
     run_act},
    {"remove-unit", "ORDER", 1, 1, "release an assisting unit, or one the order was handed down to", unit_options,
     "  wangge remove-unit 17 --department water --unit traffic --reason 'the road is closed again'\n", run_act},
    {"assign", "ORDER", 1, 1, "decide an order of the dispatcher's desk (派单)", assign_options,
     "  wangge assign 17 --to water --reason 'main in the street'\n"
     "  wangge assign 17 --to water --assist traffic --reason 'main in the street'\n",
     run_act},
    {"progress", "ORDER", 1, 1, "note a step of the handling", progress_options,
     "  wangge progress 17 --department water --note 'valve closed, digging'\n", run_act},
    {"contact", "ORDER", 1, 1, "note that the resident was reached, or a try to (联系群众)", contact_options,
     "  wangge contact 17 --department water --reached yes --channel phone --person 0012\n", run_act},
    {"resolve", "ORDER", 1, 1, "hand in the feedback (反馈), once the resident was contacted", resolve_options,
     "  wangge resolve 17 --department water --person 0012 --substantiated yes --resolution solved \\\n"
     "    --result 'pipe replaced, water is back since 15:20' --reply '您好，水管已更换，现已恢复供水。'\n",
     run_act},
    {"review-feedback", "ORDER", 1, 1, "decide about a feedback (反馈审核), by another person than the handler",
     feedback_options,
     "  wangge review-feedback 17 --decision approved --person 0018\n"
     "  wangge review-feedback 17 --decision rejected --reason 'no word of the second building' --person 0018\n",
     run_act},
    {"follow-up", "ORDER", 1, 1, "note what the resident says of it (回访), by a third person", follow_up_options,
     "  wangge follow-up 17 --reached yes --solved solved --satisfaction satisfied --person 0021\n"
     "  wangge follow-up 17 --reached yes --solved partly --satisfaction dissatisfied --merit merited --person 0021\n"
     "  wangge follow-up 17 --reached no --person 0021\n",
     run_act},
    {"rate", "ORDER", 1, 1, "note how content the resident is with a direct answer, and close it (评价)", rate_options,
     "  wangge rate 17 --satisfaction satisfied --as hotline-12345\n", run_act},
    {"reopen", "ORDER", 1, 1, "open a closed case for another round (重新办理)", reopen_options,
     "  wangge reopen 17 --reason 'no water again'\n", run_act},
    {"extend", "ORDER", 1, 1, "ask for more time (申请延期), before the deadline", extend_options,
     "  wangge extend 17 --department water --days 3 --reason 'the part comes on Friday' --told yes --person 0012\n",
     run_act},
    {"decide-extension", "ORDER", 1, 1, "decide about an extension (延期审批), by another person", decide_options,
     "  wangge decide-extension 17 --decision approved --person 0018\n", run_act},
    {"suspend", "ORDER", 1, 1, "ask to set an order aside (申请挂账), with a plan", suspend_options,
     "  wangge suspend 17 --department water --kind season --plan 'paving in April' \\\n"
     "    --explanation '冬季无法施工，计划四月实施。' --review 2027-03-31 --person 0012\n",
     run_act},
    {"decide-suspension", "ORDER", 1, 1, "decide about a hold (挂账审批), by another person", decide_options,
     "  wangge decide-suspension 17 --decision rejected --reason 'it can be done now' --person 0018\n", run_act},
    {"resume", "ORDER", 1, 1, "end a hold (恢复办理)", resume_options,
     "  wangge resume 17 --reason 'the money has come'\n", run_act},
    {"urge", "ORDER", 1, 1, "press the department that holds an order (催办)", urge_options,
     "  wangge urge 17 --note 'the caller rang again'\n", run_act},
    {"supervise", "ORDER", 1, 1, "put an order under supervision (督办), or raise its level", supervise_options,
     "  wangge supervise 17 --level 2 --days 2 --reason 'urged three times'\n", run_act},
    {"void", "ORDER", 1, 1, "ask to end an order that is a test or malicious (申请作废)", void_options,
     "  wangge void 17 --kind test --reason 'pushed by the trial of the new form' --person 0018\n", run_act},
    {"decide-void", "ORDER", 1, 1, "decide about a void (作废审批), by another person", decide_options,
     "  wangge decide-void 17 --decision approved --person 0021\n", run_act},
    {"supplement", "ORDER", 1, 1, "add text to an order (补充)", supplement_options,
     "  wangge supplement 17 --text 'the caller says the cellar is full'\n"
     "  wangge supplement 17 --as hotline-12345 --text 'called again' --supplement-id 20261127-3\n",
     run_act},
    {"rewrite", "ORDER", 1, 1, "say for handlers what a confidential order or a report is about (改写)",
     rewrite_options, "  wangge rewrite 17 --text 'somebody burns rubbish behind building 3' --id 1 --person 0018\n",
     run_act},
    {"withdraw", "ORDER", 1, 1, "end an order on the reporter's wish (撤单)", reason_options,
     "  wangge withdraw 17 --reason 'solved itself, says the caller'\n", run_act},
    {"erase-reporter", "ORDER", 1, 1, "delete the personal data of an order's reporter; the order stays",
     reason_options, "  wangge erase-reporter 17 --reason 'asked for on 2026-11-27'\n", run_act},
    {0},
};
