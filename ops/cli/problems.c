// wangge problems, problem, merge, unmerge, solve, suggestions, suggestion accept|reject: similar orders as problems
// (并单).

#include "ops/cli/cli.h"
#include "ops/cli/output.h"
#include "ops/cli/rows.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

#include "wangge/v1/routing.pb-c.h"

#include <string.h>

#define TYPE(name) &wangge__v1__##name##__descriptor

static char *text_of(struct cli *cli, const char *option) {
  const char *text = cli_text(&cli->parsed, option);
  return (char *)(uintptr_t)(text != NULL ? text : protobuf_c_empty_string);
}

// number_of reads the nth argument; the error names it.
static wg_status number_of(struct cli *cli, int n, const char *name, int64_t *value, struct wg_error *error) {
  if (wg_parse_i64(cli->parsed.argument[n], value) && *value > 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, name, "%s %s is no number of an order", name, cli->parsed.argument[n]);
}

static wg_status state_of(struct cli *cli, const ProtobufCEnumDescriptor *type, const char *names, int *state,
                          struct wg_error *error) {
  const char *text = cli_text(&cli->parsed, "state");
  if (text == NULL) return WG_OK;
  *state = wg_enum_value(type, text);
  return *state > 0 ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, "state", "--state is one of %s", names);
}

// --- problems ---
static const char *const problem_headings[] = {">PROBLEM", "FIRST", "NEWEST", "STATE",    ">MEMBERS",
                                               "PLACE",    "GRID",  "TITLE",  "CATEGORY", NULL};

static void problem_row(void *context, const ProtobufCMessage *message) {
  struct cli_table *table = context;
  const Wangge__V1__Problem *one = (const Wangge__V1__Problem *)message;
  char first[32], last[32], word[32];
  struct wg_buffer cut = {0};
  cli_table_cell(table, "%lld", (long long)one->problem_id);
  cli_table_cell(table, "%s", cli_time(one->first_at, first));
  cli_table_cell(table, "%s", cli_time(one->last_at, last));
  cli_table_cell(table, "%s", wg_enum_name(&wangge__v1__problem_state__descriptor, (int)one->state, word));
  cli_table_cell(table, "%d", (int)one->members);
  cli_table_cell(table, "%s", one->place_id);
  cli_table_cell(table, "%s", one->grid_code);
  cli_table_cell(table, "%s", cli_cut(one->title, 36, &cut));
  cli_table_cell(table, "%s", cli_cut(one->category, 36, &cut));
  wg_buffer_free(&cut);
}

static int run_problems(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__ProblemsRequest request = WANGGE__V1__PROBLEMS_REQUEST__INIT;
  int64_t limit = 50, members = 2;
  int state = 0;
  request.district = text_of(cli, "district");
  request.place_id = text_of(cli, "place");
  request.grid_code = text_of(cli, "grid");
  request.category = text_of(cli, "category");
  if (state_of(cli, &wangge__v1__problem_state__descriptor, "open, solved", &state, &error) != WG_OK ||
      cli_number(&cli->parsed, "members", 1, 1000000, &members, &error) != WG_OK ||
      cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.state = (Wangge__V1__ProblemState)state;
  request.min_members = (int32_t)members;
  cli_as(cli, "dispatcher");
  struct cli_table *table = cli_table_create(problem_headings);
  const int code = cli_list_rows(cli,
                                 &(struct cli_listing){.service = CLI_ROUTING,
                                                       .method = "wangge.v1.Routing/Problems",
                                                       .request = &request.base,
                                                       .response = TYPE(problems_response),
                                                       .row = problem_row,
                                                       .context = table},
                                 limit);
  if (code == CLI_DONE && !cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return code;
}

// --- problem ---
static const char *const member_headings[] = {">ORDER", "JOINED", "BY", ">SCORE", "LEFT", "WHY", NULL};

static void print_members(const Wangge__V1__ProblemResponse *shown) {
  struct cli_table *table = cli_table_create(member_headings);
  struct wg_buffer cut = {0};
  char at[32];
  for (size_t i = 0; i < shown->n_members; i++) {
    const Wangge__V1__ProblemMember *one = shown->members[i];
    cli_table_cell(table, "%lld", (long long)one->order_id);
    cli_table_cell(table, "%s", cli_time(one->added_at, at));
    cli_table_cell(table, "%s", one->added_by);
    cli_table_cell(table, "%.3f", one->score);
    cli_table_cell(table, "%s", one->removed_at ? cli_time(one->removed_at, at) : "");
    const char *why = one->removed_at ? one->remove_reason : *one->reason ? one->reason : one->evidence;
    cli_table_cell(table, "%s", cli_cut(why, 100, &cut));
  }
  cli_table_print(table, stdout);
  cli_table_free(table);
  wg_buffer_free(&cut);
}

static void print_problem(const Wangge__V1__Problem *one) {
  char word[32];
  printf("problem %lld: %s, %d members, %s%s%s %s\n", (long long)one->problem_id, one->title, (int)one->members,
         *one->place_id ? one->place_id : one->grid_code, *one->category ? ", " : "", one->category,
         wg_enum_name(&wangge__v1__problem_state__descriptor, (int)one->state, word));
}

static int run_problem(struct cli *cli) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  Wangge__V1__ProblemRequest request = WANGGE__V1__PROBLEM_REQUEST__INIT;
  if (number_of(cli, 0, "PROBLEM", &request.problem_id, &error) != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, "dispatcher");
  if (cli_call(cli, CLI_ROUTING, "wangge.v1.Routing/Problem", &request.base, TYPE(problem_response), &message,
               &error) != WG_OK)
    return cli_complain(cli, &error);
  const Wangge__V1__ProblemResponse *shown = (Wangge__V1__ProblemResponse *)message;
  if (cli->json) {
    cli_print_message(message);
  } else {
    print_problem(shown->problem);
    print_members(shown);
  }
  return CLI_DONE;
}

// --- suggestions ---
static const char *const suggestion_headings[] = {">ORDER", ">PROBLEM", "FOUND", "LEVEL", ">SCORE",
                                                  "STATE",  "PLACE",    "WHY",   NULL};

static void suggestion_row(void *context, const ProtobufCMessage *message) {
  struct cli_table *table = context;
  const Wangge__V1__MergeSuggestion *one = (const Wangge__V1__MergeSuggestion *)message;
  char at[32], word[32];
  struct wg_buffer cut = {0};
  cli_table_cell(table, "%lld", (long long)one->order_id);
  cli_table_cell(table, "%lld", (long long)one->problem_id);
  cli_table_cell(table, "%s", cli_time(one->at, at));
  cli_table_cell(table, "%s", wg_enum_name(&wangge__v1__suggestion_level__descriptor, (int)one->level, word));
  cli_table_cell(table, "%.3f", one->score);
  cli_table_cell(table, "%s", wg_enum_name(&wangge__v1__suggestion_state__descriptor, (int)one->state, word));
  cli_table_cell(table, "%s", one->relation);
  cli_table_cell(table, "%s", cli_cut(*one->reason ? one->reason : one->evidence, 100, &cut));
  wg_buffer_free(&cut);
}

static int run_suggestions(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__SuggestionsRequest request = WANGGE__V1__SUGGESTIONS_REQUEST__INIT;
  int64_t limit = 50, order_id = 0;
  int state = WANGGE__V1__SUGGESTION_STATE__SUGGESTION_STATE_PENDING;
  request.district = text_of(cli, "district");
  if (state_of(cli, &wangge__v1__suggestion_state__descriptor, "pending, merged, rejected", &state, &error) != WG_OK ||
      cli_number(&cli->parsed, "order", 1, INT64_MAX, &order_id, &error) != WG_OK ||
      cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  // Of one order everything is shown.
  request.state = (Wangge__V1__SuggestionState)(order_id && !cli_text(&cli->parsed, "state") ? 0 : state);
  request.order_id = order_id;
  cli_as(cli, "dispatcher");
  struct cli_table *table = cli_table_create(suggestion_headings);
  const int code = cli_list_rows(cli,
                                 &(struct cli_listing){.service = CLI_ROUTING,
                                                       .method = "wangge.v1.Routing/Suggestions",
                                                       .request = &request.base,
                                                       .response = TYPE(suggestions_response),
                                                       .row = suggestion_row,
                                                       .context = table},
                                 limit);
  if (code == CLI_DONE && !cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return code;
}

// --- calls that change something ---
static int call(struct cli *cli, const char *method, const ProtobufCMessage *request,
                const ProtobufCMessageDescriptor *type, ProtobufCMessage **response) {
  struct wg_error error = {0};
  cli_as(cli, "dispatcher");
  if (cli_call(cli, CLI_ROUTING, method, request, type, response, &error) != WG_OK) return cli_complain(cli, &error);
  if (cli->json) cli_print_message(*response);
  return CLI_DONE;
}

static wg_status reason_of(struct cli *cli, char **reason, struct wg_error *error) {
  *reason = text_of(cli, "reason");
  return **reason ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, "reason", "--reason is required");
}

static int run_merge(struct cli *cli) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  Wangge__V1__MergeRequest request = WANGGE__V1__MERGE_REQUEST__INIT;
  request.acting_person = text_of(cli, "person");
  if (number_of(cli, 0, "ORDER", &request.order_id, &error) != WG_OK ||
      number_of(cli, 1, "INTO", &request.into, &error) != WG_OK || reason_of(cli, &request.reason, &error) != WG_OK)
    return cli_usage(cli, &error);
  const int code = call(cli, "wangge.v1.Routing/Merge", &request.base, TYPE(merge_response), &message);
  if (code == CLI_DONE && !cli->json) print_problem(((Wangge__V1__MergeResponse *)message)->problem);
  return code;
}

static int run_unmerge(struct cli *cli) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  Wangge__V1__UnmergeRequest request = WANGGE__V1__UNMERGE_REQUEST__INIT;
  request.acting_person = text_of(cli, "person");
  if (number_of(cli, 0, "ORDER", &request.order_id, &error) != WG_OK ||
      reason_of(cli, &request.reason, &error) != WG_OK)
    return cli_usage(cli, &error);
  const int code = call(cli, "wangge.v1.Routing/Unmerge", &request.base, TYPE(unmerge_response), &message);
  if (code == CLI_DONE && !cli->json) print_problem(((Wangge__V1__UnmergeResponse *)message)->problem);
  return code;
}

static int run_solve(struct cli *cli) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  Wangge__V1__SolveProblemRequest request = WANGGE__V1__SOLVE_PROBLEM_REQUEST__INIT;
  request.acting_person = text_of(cli, "person");
  request.reopen = strcmp(cli->command->name, "problem reopen") == 0;
  if (number_of(cli, 0, "PROBLEM", &request.problem_id, &error) != WG_OK ||
      reason_of(cli, &request.reason, &error) != WG_OK)
    return cli_usage(cli, &error);
  const int code = call(cli, "wangge.v1.Routing/SolveProblem", &request.base, TYPE(solve_problem_response), &message);
  if (code == CLI_DONE && !cli->json) print_problem(((Wangge__V1__SolveProblemResponse *)message)->problem);
  return code;
}

static int run_suggestion(struct cli *cli) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  Wangge__V1__DecideSuggestionRequest request = WANGGE__V1__DECIDE_SUGGESTION_REQUEST__INIT;
  request.acting_person = text_of(cli, "person");
  request.accept = strcmp(cli->command->name, "suggestion accept") == 0;
  if (number_of(cli, 0, "ORDER", &request.order_id, &error) != WG_OK ||
      number_of(cli, 1, "PROBLEM", &request.problem_id, &error) != WG_OK ||
      reason_of(cli, &request.reason, &error) != WG_OK)
    return cli_usage(cli, &error);
  const int code =
      call(cli, "wangge.v1.Routing/DecideSuggestion", &request.base, TYPE(decide_suggestion_response), &message);
  if (code != CLI_DONE || cli->json) return code;
  const Wangge__V1__DecideSuggestionResponse *response = (Wangge__V1__DecideSuggestionResponse *)message;
  if (response->problem) print_problem(response->problem);
  else printf("order %lld does not belong to %lld\n", (long long)request.order_id, (long long)request.problem_id);
  return CLI_DONE;
}

#define LIMIT                                                                                                          \
  { "limit", "N", "most rows (50)" }
#define DISTRICT                                                                                                       \
  { "district", "CODE", "only this district" }
#define REASON                                                                                                         \
  { "reason", "TEXT", "why; required" }
#define PERSON                                                                                                         \
  { "person", "ID", "who acts: a staff number, no name" }
static const struct cli_option problems_options[] = {DISTRICT,
                                                     {"place", "ID", "only this place"},
                                                     {"grid", "CODE", "this grid, community or street"},
                                                     {"category", "PATH", "this category and those below"},
                                                     {"state", "NAME", "open, solved"},
                                                     {"members", "N", "with at least so many members (2)"},
                                                     LIMIT,
                                                     {0}};
static const struct cli_option suggestions_options[] = {DISTRICT,
                                                        {"state", "NAME", "pending (default), merged, rejected"},
                                                        {"order", "ORDER", "of this order"},
                                                        LIMIT,
                                                        {0}};
static const struct cli_option change_options[] = {REASON, PERSON, {0}};
static const struct cli_option no_options[] = {{0}};

const struct cli_command cli_problems[] = {
    {"problems", "", 0, 0, "similar orders as problems (并单), newest first", problems_options,
     "  wangge problems --grid 370117001 --members 3\n", run_problems},
    {"problem", "PROBLEM", 1, 1, "one problem with all who are or were its members; also by a member's number",
     no_options, "  wangge problem 17\n", run_problem},
    {"problem solve", "PROBLEM", 1, 1, "say that a problem is solved; orders like it are a recurrence then",
     change_options, "  wangge problem solve 17 --reason '充电桩已装'\n", run_solve},
    {"problem reopen", "PROBLEM", 1, 1, "say that a problem is open again", change_options,
     "  wangge problem reopen 17 --reason '又坏了'\n", run_solve},
    {"merge", "ORDER INTO", 2, 2, "put an order into a problem, or together with another order (并单)", change_options,
     "  wangge merge 23 17 --reason '同一处漏水'\n", run_merge},
    {"unmerge", "ORDER", 1, 1, "take an order out of its problem; the history keeps both", change_options,
     "  wangge unmerge 23 --reason '另一户'\n", run_unmerge},
    {"suggestions", "", 0, 0, "merges a dispatcher has to decide, strong ones first", suggestions_options,
     "  wangge suggestions\n"
     "  wangge suggestions --order 23\n",
     run_suggestions},
    {"suggestion accept", "ORDER PROBLEM", 2, 2, "merge as suggested", change_options,
     "  wangge suggestion accept 23 17 --reason '同一处漏水'\n", run_suggestion},
    {"suggestion reject", "ORDER PROBLEM", 2, 2, "say that it does not belong there", change_options,
     "  wangge suggestion reject 23 17 --reason '另一栋楼'\n", run_suggestion},
    {0},
};
