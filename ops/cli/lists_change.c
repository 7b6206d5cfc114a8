// wangge pledge|meeting|questionnaire ACTION, lists apply: changes of entries, from options, a JSON file, or a file of
// them.
//
// A command is a row: which action, and which options are fields of it. The request is made as JSON and read by its
// descriptor, so that options and files are looked at alike.

#include "ops/cli/fields.h"
#include "ops/cli/lists.h"
#include "ops/cli/output.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIELDS = 9, LINE_BYTES = 1 << 20 };
#define METHOD(name) "wangge.v1.Lists/" name
#define TYPE(name) &wangge__v1__##name##__descriptor

struct change {
  const char *command, *action;
  const char *field[FIELDS]; // as cli_fields takes them; ended by NULL
};
static const struct change changes[] = {
    {"pledge draft", "pledge_draft", {NULL}},
    {"pledge promise", "pledge_promise", {NULL}},
    {"pledge amend", "pledge_amend", {NULL}},
    {"pledge update", "pledge_update", {"text"}},
    {"pledge milestone", "pledge_milestone", {"1:n", "done-on=done_on", "note"}},
    {"pledge finish", "pledge_finish", {"fulfilled?", "finished-on=finished_on", "result"}},
    {"pledge withdraw", "pledge_withdraw", {NULL}},
    {"pledge review-open", "review_open", {"party-members=party_members", "residents"}},
    {"pledge vote", "review_vote", {"group", "approve", "reject", "abstain"}},
    {"pledge review-close", "review_close", {NULL}},
    {"meeting plan", "meeting_plan", {"area", "year", "title", "planned-on=planned_on", "place", "host"}},
    {"meeting topic", "meeting_topic", {"title", "text"}},
    {"meeting hold", "meeting_hold", {"held-on=held_on", "party-members=party_members", "residents"}},
    {"meeting position", "topic_position", {"1:n", "text"}},
    {"meeting vote",
     "topic_vote",
     {"1:n", "group=votes.group", "approve=votes.approve", "reject=votes.reject", "abstain=votes.abstain"}},
    {"meeting resolve", "topic_resolve", {"1:n", "resolution"}},
    {"meeting disclose", "meeting_disclose", {NULL}},
    {"meeting task", "topic_task", {"1:n", "title", "text", "kind", "category", "address", "grid=grid_code"}},
    {"meeting pledge", "topic_pledge", {"1:n", "pledge=code"}},
    {"meeting cancel", "meeting_cancel", {NULL}},
    {"problem-list put", "problem_put", {"area", "year", "title", "nature", "text", "problem=problem_id"}},
    {"problem-list assign", "problem_assign", {"owner", "measures", "due-on=due_on"}},
    {"problem-list begin", "problem_begin", {NULL}},
    {"problem-list report", "problem_report", {"result"}},
    {"problem-list verify", "problem_verify", {"solved?", "note"}},
    {"problem-list recur", "problem_recur", {NULL}},
    {"problem-list drop", "problem_drop", {NULL}},
    {"questionnaire draft", "questionnaire_draft", {NULL}},
    {"questionnaire open", "questionnaire_open", {NULL}},
    {"questionnaire close", "questionnaire_close", {NULL}},
    {"questionnaire withdraw", "questionnaire_withdraw", {NULL}},
};

static const struct change *change_of(const struct cli *cli) {
  const struct change *change = changes;
  while (strcmp(change->command, cli->command->name) != 0)
    change++;
  return change;
}

// --- a request from options ---
static void set_text(struct cli *cli, json_t *object, const char *option, const char *field) {
  const char *text = cli_text(&cli->parsed, option);
  if (text != NULL) json_object_set_new(object, field, json_string(text));
}

// make reads a request of JSON and frees it.
static Wangge__V1__ChangeEntryRequest *make(struct cli *cli, json_t *object, struct wg_error *error) {
  ProtobufCMessage *message = NULL;
  wg_json_read(TYPE(change_entry_request), object, cli->arena, &message, error);
  json_decref(object);
  return (Wangge__V1__ChangeEntryRequest *)message;
}

static void print_entry(const struct cli *cli, const Wangge__V1__ListEntry *entry) {
  char kind[32], state[32];
  if (cli->json) {
    struct wg_buffer line = {0};
    wg_json_message(&line, &entry->base);
    cli_print_line(&line);
    wg_buffer_free(&line);
    return;
  }
  printf("%s %s: %s, version %d\n", wg_enum_name(TYPE(list_kind), (int)entry->kind, kind), entry->code,
         wg_enum_name(TYPE(entry_state), (int)entry->state, state), (int)entry->version);
}

static int run_change(struct cli *cli) {
  const struct change *change = change_of(cli);
  struct wg_error error = {0};
  json_t *action = cli_fields(cli, change->field, &error);
  if (action == NULL) return cli_usage(cli, &error);
  json_t *object = json_pack("{s:s,s:s,s:s,s:o}", "district", cli_lists_district(cli), "code", cli->parsed.argument[0],
                             "requestId", cli_request_id(cli, "request-id", 0), change->action, action);
  set_text(cli, object, "reason", "reason");
  set_text(cli, object, "person", "actingPerson");
  set_text(cli, object, "if-version", "expectedVersion");
  Wangge__V1__ChangeEntryRequest *request = make(cli, object, &error);
  if (request == NULL) return cli_usage(cli, &error);
  int code = CLI_DONE;
  cli_as(cli, "registrar");
  const Wangge__V1__ChangeEntryResponse *response = (Wangge__V1__ChangeEntryResponse *)cli_ask(
      cli, CLI_TRACKING, METHOD("Change"), &request->base, TYPE(change_entry_response), &code);
  if (response != NULL) print_entry(cli, response->entry);
  return code;
}

// --- a file of requests ---
// apply_line sends one line; what has no request id gets one that is the same whenever the file is applied.
static int apply_line(struct cli *cli, const char *path, const char *text, int line) {
  struct wg_error error = {0};
  json_error_t fault;
  json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
  if (object == NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "file", "%s:%d: %s", path, line, fault.text);
    return cli_complain(cli, &error);
  }
  const char *name = strrchr(path, '/');
  if (json_is_object(object) && json_object_get(object, "requestId") == NULL)
    json_object_set_new(object, "requestId",
                        json_string(wg_arena_printf(cli->arena, "%.40s:%d", name != NULL ? name + 1 : path, line)));
  Wangge__V1__ChangeEntryRequest *request = make(cli, object, &error);
  if (request == NULL) {
    fprintf(stderr, "%s:%d: ", path, line);
    return cli_complain(cli, &error);
  }
  int code = CLI_DONE;
  if (cli_ask(cli, CLI_TRACKING, METHOD("Change"), &request->base, TYPE(change_entry_response), &code) == NULL)
    fprintf(stderr, "%s:%d: not taken\n", path, line);
  return code;
}

static int run_apply(struct cli *cli) {
  struct wg_error error = {0};
  const char *path = cli->parsed.argument[0];
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "FILE", "%s: %s", path, strerror(errno));
    return cli_usage(cli, &error);
  }
  cli_as(cli, "registrar");
  char *text = NULL;
  size_t room = 0;
  int code = CLI_DONE, lines = 0, number = 0;
  for (ssize_t size; code == CLI_DONE && !cli_stopped && (size = getline(&text, &room, file)) >= 0;) {
    number++;
    if (size <= 1) continue;
    if (size > LINE_BYTES) {
      wg_fail(&error, WG_INVALID_ARGUMENT, "FILE", "%s:%d: longer than %d bytes", path, number, LINE_BYTES);
      code = cli_complain(cli, &error);
      break;
    }
    code = apply_line(cli, path, text, number);
    lines += code == CLI_DONE;
  }
  free(text);
  fclose(file);
  if (cli->json) cli_print_json(json_pack("{s:i}", "applied", lines));
  else printf("applied %d changes\n", lines);
  return code;
}

#define REASON                                                                                                         \
  { "reason", "TEXT", "why; required where a promise or plan is changed or dropped" }
#define COMMON                                                                                                         \
  LISTS_DISTRICT, REASON, {"person", "ID", "who acts: a staff number, no name"},                                       \
      {"request-id", "ID", "key for repeats: the same id is done once"},                                               \
      {"if-version", "N", "only if the entry has this version"}, {                                                     \
    0                                                                                                                  \
  }
#define FILE_OPTION(what)                                                                                              \
  { "file", "FILE", "JSON of " what }
#define VOTE_OPTIONS                                                                                                   \
  {"group", "NAME", "party_members or residents"}, {"approve", "N", "votes for it"},                                   \
      {"reject", "N", "votes against it"}, {                                                                           \
    "abstain", "N", "abstentions"                                                                                      \
  }
static const struct cli_option plain[] = {COMMON};
static const struct cli_option pledge_text[] = {FILE_OPTION("wangge.v1.PledgeText"), COMMON};
static const struct cli_option update_options[] = {
    {"text", "TEXT", "what happened"}, FILE_OPTION("wangge.v1.PledgeUpdate"), COMMON};
static const struct cli_option milestone_options[] = {{"done-on", "DATE", "when it was done; else it has begun"},
                                                      {"note", "TEXT", "how"},
                                                      FILE_OPTION("wangge.v1.PledgeMilestoneReport"),
                                                      COMMON};
static const struct cli_option finish_options[] = {{"fulfilled", NULL, "it was done; else it was not"},
                                                   {"finished-on", "DATE", "when it was done"},
                                                   {"result", "TEXT", "for the public"},
                                                   FILE_OPTION("wangge.v1.PledgeFinish"),
                                                   COMMON};
static const struct cli_option review_options[] = {
    {"party-members", "N", "party members who may vote"}, {"residents", "N", "residents who may vote"}, COMMON};
static const struct cli_option vote_options[] = {VOTE_OPTIONS, COMMON};
static const struct cli_option plan_options[] = {{"area", "CODE", "community or grid"},
                                                 {"year", "N", "year"},
                                                 {"title", "TEXT", "title"},
                                                 {"planned-on", "DATE", "day it is planned for"},
                                                 {"place", "TEXT", "where"},
                                                 {"host", "TEXT", "who holds it"},
                                                 FILE_OPTION("wangge.v1.MeetingText"),
                                                 COMMON};
static const struct cli_option topic_options[] = {
    {"title", "TEXT", "title"}, {"text", "TEXT", "what it is about"}, COMMON};
static const struct cli_option hold_options[] = {{"held-on", "DATE", "day it was held"},
                                                 {"party-members", "N", "party members who took part"},
                                                 {"residents", "N", "residents who took part"},
                                                 COMMON};
static const struct cli_option position_options[] = {{"text", "TEXT", "what was said, without names"}, COMMON};
static const struct cli_option resolve_options[] = {{"resolution", "TEXT", "for the public"}, COMMON};
static const struct cli_option task_options[] = {{"title", "TEXT", "of the order"},
                                                 {"text", "TEXT", "of the order"},
                                                 {"kind", "NAME", "help (default), suggestion …"},
                                                 {"category", "PATH", "of the order"},
                                                 {"address", "TEXT", "of the order"},
                                                 {"grid", "CODE", "of the order"},
                                                 COMMON};
static const struct cli_option become_options[] = {
    {"pledge", "CODE", "code of the new pledge"}, FILE_OPTION("{\"text\": wangge.v1.PledgeText}"), COMMON};
static const struct cli_option put_options[] = {
    {"area", "CODE", "grid or larger"},   {"year", "N", "year"},
    {"title", "TEXT", "title"},           {"nature", "TEXT", "脏, 乱, 差 …"},
    {"text", "TEXT", "what it is"},       {"problem", "N", "routing's problem"},
    FILE_OPTION("wangge.v1.ProblemText"), COMMON};
static const struct cli_option assign_options[] = {{"owner", "CODE", "who is in charge"},
                                                   {"measures", "TEXT", "what will be done"},
                                                   {"due-on", "DATE", "until when"},
                                                   COMMON};
static const struct cli_option report_options[] = {
    {"result", "TEXT", "what was done"}, FILE_OPTION("wangge.v1.ProblemReport"), COMMON};
static const struct cli_option verify_options[] = {{"solved", NULL, "it is solved; else it goes on"},
                                                   {"note", "TEXT", "what was seen"},
                                                   FILE_OPTION("wangge.v1.ProblemVerification: its photos"),
                                                   COMMON};
static const struct cli_option recur_options[] = {FILE_OPTION("wangge.v1.ProblemRecurrence"), COMMON};
static const struct cli_option form_options[] = {FILE_OPTION("wangge.v1.Questionnaire"), COMMON};

const struct cli_command cli_lists_changes[] = {
    {"pledge draft", "CODE", 1, 1, "draw up a pledge (拟定), or replace the draft", pledge_text,
     "  wangge pledge draft 2026-01 --file pledge.json\n", run_change},
    {"pledge promise", "CODE", 1, 1, "promise and disclose it (承诺公示)", plain, "  wangge pledge promise 2026-01\n",
     run_change},
    {"pledge amend", "CODE", 1, 1, "a new version of the promise (调整)", pledge_text,
     "  wangge pledge amend 2026-01 --file pledge.json --reason '厂家延期'\n", run_change},
    {"pledge update", "CODE", 1, 1, "tell how it goes (进展)", update_options,
     "  wangge pledge update 2026-01 --text '已完成设计'\n", run_change},
    {"pledge milestone", "CODE N", 2, 2, "report a milestone (节点)", milestone_options,
     "  wangge pledge milestone 2026-01 1 --done-on 2026-04-28\n", run_change},
    {"pledge finish", "CODE", 1, 1, "fulfilled, or not (办结)", finish_options,
     "  wangge pledge finish 2026-01 --fulfilled --finished-on 2026-10-20 --result '3部电梯已投入使用'\n", run_change},
    {"pledge withdraw", "CODE", 1, 1, "drop a draft or a promise (撤销)", plain,
     "  wangge pledge withdraw 2026-01 --reason '改由上级实施'\n", run_change},
    {"pledge review-open", "CODE", 1, 1, "open the year-end review (年终评议)", review_options,
     "  wangge pledge review-open 2026-01 --party-members 20 --residents 80\n", run_change},
    {"pledge vote", "CODE", 1, 1, "add votes of the review", vote_options,
     "  wangge pledge vote 2026-01 --group residents --approve 70 --reject 3 --abstain 2\n", run_change},
    {"pledge review-close", "CODE", 1, 1, "close the review: its votes are final", plain,
     "  wangge pledge review-close 2026-01\n", run_change},
    {"meeting plan", "CODE", 1, 1, "plan a deliberation meeting (主题党日+阳光议事)", plan_options,
     "  wangge meeting plan qinhe-2026-11 --area 370117001001 --year 2026 --title '11月阳光议事' \\\n"
     "    --planned-on 2026-11-10 --host '亲和社区党委'\n",
     run_change},
    {"meeting topic", "CODE", 1, 1, "add a topic (议题)", topic_options,
     "  wangge meeting topic qinhe-2026-11 --title '增设充电桩'\n", run_change},
    {"meeting hold", "CODE", 1, 1, "it was held: who took part", hold_options,
     "  wangge meeting hold qinhe-2026-11 --held-on 2026-11-10 --party-members 12 --residents 40\n", run_change},
    {"meeting position", "CODE TOPIC", 2, 2, "note what was said (意见)", position_options,
     "  wangge meeting position qinhe-2026-11 1 --text '担心占用车位'\n", run_change},
    {"meeting vote", "CODE TOPIC", 2, 2, "add votes about a topic (表决)", vote_options,
     "  wangge meeting vote qinhe-2026-11 1 --group residents --approve 35 --reject 5\n", run_change},
    {"meeting resolve", "CODE TOPIC", 2, 2, "resolve a topic by its votes (决议)", resolve_options,
     "  wangge meeting resolve qinhe-2026-11 1 --resolution '同意增设'\n", run_change},
    {"meeting disclose", "CODE", 1, 1, "disclose the resolutions (公开)", plain,
     "  wangge meeting disclose qinhe-2026-11\n", run_change},
    {"meeting task", "CODE TOPIC", 2, 2, "make an order of an adopted topic (转办)", task_options,
     "  wangge meeting task qinhe-2026-11 1 --title '增设充电桩' --text '东门北侧' --grid 370117001001001\n",
     run_change},
    {"meeting pledge", "CODE TOPIC", 2, 2, "make a pledge of an adopted topic", become_options,
     "  wangge meeting pledge qinhe-2026-11 1 --pledge 2027-02 --file text.json\n", run_change},
    {"meeting cancel", "CODE", 1, 1, "cancel a planned meeting", plain,
     "  wangge meeting cancel qinhe-2026-11 --reason '改期'\n", run_change},
    {"problem-list put", "CODE", 1, 1, "list a problem (治理问题清单)", put_options,
     "  wangge problem-list put p-2026-01 --area 370117001001001 --year 2026 --title '楼道堆物' --nature 乱\n",
     run_change},
    {"problem-list assign", "CODE", 1, 1, "who is in charge, measures, due date; discloses it", assign_options,
     "  wangge problem-list assign p-2026-01 --owner urban --measures '集中清理' --due-on 2026-12-10\n", run_change},
    {"problem-list begin", "CODE", 1, 1, "work has begun", plain, "  wangge problem-list begin p-2026-01\n",
     run_change},
    {"problem-list report", "CODE", 1, 1, "report that it is done", report_options,
     "  wangge problem-list report p-2026-01 --result '已清理' --person 0017\n", run_change},
    {"problem-list verify", "CODE", 1, 1, "a grid worker has looked, with photos (核实)", verify_options,
     "  wangge problem-list verify p-2026-01 --solved --person 0042 --file photos.json\n", run_change},
    {"problem-list recur", "CODE", 1, 1, "it came again (反弹)", recur_options,
     "  wangge problem-list recur p-2026-01 --reason '又堆满'\n", run_change},
    {"problem-list drop", "CODE", 1, 1, "drop it", plain, "  wangge problem-list drop p-2026-01 --reason '重复'\n",
     run_change},
    {"questionnaire draft", "CODE", 1, 1, "draw up a questionnaire (问卷)", form_options,
     "  wangge questionnaire draft 2027-needs --file form.json\n", run_change},
    {"questionnaire open", "CODE", 1, 1, "open it for answers", plain, "  wangge questionnaire open 2027-needs\n",
     run_change},
    {"questionnaire close", "CODE", 1, 1, "close it before its time", plain,
     "  wangge questionnaire close 2027-needs\n", run_change},
    {"questionnaire withdraw", "CODE", 1, 1, "drop a draft", plain,
     "  wangge questionnaire withdraw 2027-needs --reason '重复'\n", run_change},
    {"lists apply", "FILE.jsonl", 1, 1,
     "make many changes: one wangge.v1.ChangeEntryRequest a line; again changes nothing",
     (const struct cli_option[]){{0}}, "  wangge lists apply ops/demo/lists.jsonl\n", run_apply},
    {0},
};
