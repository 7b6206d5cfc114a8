// wangge pledge|meeting|questionnaire list|show|history, pledge figures, questionnaire tokens|answer|results: the lists
// (清单) as they are.

#include "ops/cli/lists.h"
#include "ops/cli/output.h"
#include "ops/cli/rows.h"
#include "ops/cli/sheet.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 200, COLUMNS = 15 };
#define METHOD(name) "wangge.v1.Lists/" name
#define TYPE(name) &wangge__v1__##name##__descriptor
#define KIND(name) WANGGE__V1__LIST_KIND__LIST_KIND_##name

Wangge__V1__ListKind cli_lists_kind(const struct cli *cli) {
  char word[32];
  snprintf(word, sizeof word, "%.*s", (int)strcspn(cli->command->name, " -"), cli->command->name); // "problem-list"
  return (Wangge__V1__ListKind)wg_enum_value(TYPE(list_kind), word);
}

const char *cli_lists_district(const struct cli *cli) {
  const char *given = cli_text(&cli->parsed, "district");
  return given != NULL ? given : "370117";
}

static char *own(const char *text) {
  return (char *)(uintptr_t)text;
}

// --- list ---
// The cells of an entry; by kind.
static const char *const headings[][COLUMNS + 1] = {
    [KIND(PLEDGE)] = {"CODE", ">YEAR", "STATE", "AREA", "TITLE", "OWNER", "DUE", "FINISHED", ">VERSION", ">SOURCES",
                      ">MILESTONES", ">DONE", ">ELIGIBLE", ">VOTES", ">APPROVE", NULL},
    [KIND(MEETING)] = {"CODE", ">YEAR", "STATE", "AREA", "TITLE", "HELD", ">MEMBERS", ">RESIDENTS", ">TOPICS",
                       ">ADOPTED", ">ORDERS", ">PLEDGES", NULL},
    [KIND(PROBLEM)] = {"CODE", ">YEAR", "STATE", "AREA", "TITLE", "NATURE", "OWNER", "DUE", "SOLVED", ">ORDERS",
                       ">RECURRED", NULL},
    [KIND(QUESTIONNAIRE)] = {"CODE", ">YEAR", "STATE", "AREA", "TITLE", "CLOSES", ">QUESTIONS", ">TOKENS", NULL},
};
struct cells {
  struct wg_arena *arena;
  const char *cell[COLUMNS];
  int count;
};

static void add(struct cells *cells, const char *text) {
  cells->cell[cells->count++] = text;
}

static void add_number(struct cells *cells, int64_t number) {
  add(cells, wg_arena_printf(cells->arena, "%lld", (long long)number));
}

static void pledge_cells(struct cells *cells, const Wangge__V1__Pledge *pledge) {
  int64_t done = 0, eligible = 0, votes = 0, approve = 0;
  const Wangge__V1__PledgeText *text = pledge->text;
  for (size_t i = 0; i < text->n_milestones; i++)
    done += text->milestones[i]->done_on[0] != 0;
  for (size_t i = 0; i < pledge->n_review; i++) {
    const Wangge__V1__Votes *group = pledge->review[i];
    eligible += group->eligible;
    votes += (int64_t)group->approve + group->reject + group->abstain;
    approve += group->approve;
  }
  add(cells, text->owner);
  add(cells, text->due_on);
  add(cells, pledge->finished_on);
  add_number(cells, pledge->promise_version);
  add_number(cells, (int64_t)text->n_sources);
  add_number(cells, (int64_t)text->n_milestones);
  add_number(cells, done);
  add_number(cells, eligible);
  add_number(cells, votes);
  add_number(cells, approve);
}

static void meeting_cells(struct cells *cells, const Wangge__V1__Meeting *meeting) {
  int64_t adopted = 0, orders = 0, pledges = 0;
  for (size_t i = 0; i < meeting->n_topics; i++) {
    adopted += meeting->topics[i]->adopted;
    orders += (int64_t)meeting->topics[i]->n_tasks;
    pledges += meeting->topics[i]->pledge[0] != 0;
  }
  add(cells, meeting->held_on);
  add_number(cells, meeting->party_members);
  add_number(cells, meeting->residents);
  add_number(cells, (int64_t)meeting->n_topics);
  add_number(cells, adopted);
  add_number(cells, orders);
  add_number(cells, pledges);
}

static void questionnaire_cells(struct cells *cells, const Wangge__V1__Questionnaire *questionnaire) {
  char at[32];
  add(cells, wg_arena_strdup(cells->arena, cli_time(questionnaire->closes_at, at)));
  add_number(cells, (int64_t)questionnaire->n_questions);
  add_number(cells, questionnaire->issued);
}

static void problem_cells(struct cells *cells, const Wangge__V1__ListedProblem *problem) {
  const Wangge__V1__ProblemAssignment *assignment = problem->assignment;
  add(cells, problem->text->nature);
  add(cells, assignment != NULL ? assignment->owner : "");
  add(cells, assignment != NULL ? assignment->due_on : "");
  add(cells, problem->solved_on);
  add_number(cells, (int64_t)problem->text->n_order_ids);
  add_number(cells, problem->recurrences);
}

static void entry_cells(struct cells *cells, const Wangge__V1__ListEntry *entry) {
  char state[32];
  cells->count = 0;
  add(cells, entry->code);
  add_number(cells, entry->year);
  add(cells, wg_arena_strdup(cells->arena, wg_enum_name(TYPE(entry_state), (int)entry->state, state)));
  add(cells, entry->area);
  add(cells, entry->title);
  if (entry->kind == KIND(PLEDGE) && entry->pledge != NULL) pledge_cells(cells, entry->pledge);
  else if (entry->kind == KIND(MEETING) && entry->meeting != NULL) meeting_cells(cells, entry->meeting);
  else if (entry->kind == KIND(PROBLEM) && entry->problem != NULL) problem_cells(cells, entry->problem);
  else if (entry->questionnaire != NULL) questionnaire_cells(cells, entry->questionnaire);
}

struct listing {
  struct cli *cli;
  struct cli_table *table;
};

static void list_entry(void *context, const ProtobufCMessage *entry) {
  const struct listing *listing = context;
  const struct cli *cli = listing->cli;
  struct cells cells = {.arena = cli->arena};
  struct wg_buffer cut = {0};
  entry_cells(&cells, (const Wangge__V1__ListEntry *)entry);
  const int columns = cli_text(&cli->parsed, "out") != NULL ? 1000 : 40; // in a file a text stays whole
  for (int i = 0; i < cells.count; i++)
    cli_table_cell(listing->table, "%s", cli_cut(cells.cell[i], columns, &cut));
  wg_buffer_free(&cut);
}

static int run_list(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__EntriesRequest request = WANGGE__V1__ENTRIES_REQUEST__INIT;
  const char *state = cli_text(&cli->parsed, "state"), *area = cli_text(&cli->parsed, "area");
  int64_t year = 0, limit = 1000;
  const int number = state != NULL ? wg_enum_value(TYPE(entry_state), state) : 0;
  cli_check_out(cli, &error);
  if (number < 0) wg_fail(&error, WG_INVALID_ARGUMENT, "state", "--state %s is no state of an entry", state);
  if (error.code != WG_OK || cli_number(&cli->parsed, "year", 2000, 2100, &year, &error) != WG_OK ||
      cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.district = own(cli_lists_district(cli));
  request.kind = cli_lists_kind(cli);
  request.state = (Wangge__V1__EntryState)number;
  request.year = (int32_t)year;
  if (area != NULL) request.area = own(area);
  struct cli_table *table = cli_table_create(headings[request.kind]);
  int code = cli_list_rows(cli,
                           &(struct cli_listing){.service = CLI_TRACKING,
                                                 .method = METHOD("Entries"),
                                                 .request = &request.base,
                                                 .response = TYPE(entries_response),
                                                 .row = list_entry,
                                                 .context = &(struct listing){cli, table}},
                           limit);
  if (code == CLI_DONE && !cli->json) code = cli_give_table(cli, table);
  cli_table_free(table);
  return code;
}

// --- one entry ---
static int run_show(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__EntryRequest request = WANGGE__V1__ENTRY_REQUEST__INIT;
  int64_t version = 0;
  int code = CLI_DONE;
  if (cli_number(&cli->parsed, "version", 1, INT32_MAX, &version, &error) != WG_OK) return cli_usage(cli, &error);
  request.district = own(cli_lists_district(cli));
  request.kind = cli_lists_kind(cli);
  request.code = own(cli->parsed.argument[0]);
  request.version = (int32_t)version;
  const ProtobufCMessage *response =
      cli_ask(cli, CLI_TRACKING, METHOD("Entry"), &request.base, TYPE(entry_response), &code);
  if (response == NULL) return code;
  struct wg_buffer line = {0};
  wg_json_message(&line, response);
  if (cli->json) {
    cli_print_line(&line);
  } else { // an entry is a tree of many kinds; indented it is readable as it is
    json_t *object = json_loads(wg_buffer_cstr(&line), 0, NULL);
    json_dumpf(object, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(object);
  }
  wg_buffer_free(&line);
  return CLI_DONE;
}

static int run_history(struct cli *cli) {
  static const char *const heads[] = {">VERSION", "AT", "BY", "PERSON", "ACTION", "STATE", "REASON", NULL};
  Wangge__V1__EntryHistoryRequest request = WANGGE__V1__ENTRY_HISTORY_REQUEST__INIT;
  struct cli_table *table = cli_table_create(heads);
  int code = CLI_DONE;
  request.district = own(cli_lists_district(cli));
  request.kind = cli_lists_kind(cli);
  request.code = own(cli->parsed.argument[0]);
  request.limit = PAGE;
  for (size_t found = PAGE; found == PAGE && !cli_stopped;) {
    const Wangge__V1__EntryHistoryResponse *page = (Wangge__V1__EntryHistoryResponse *)cli_ask(
        cli, CLI_TRACKING, METHOD("EntryHistory"), &request.base, TYPE(entry_history_response), &code);
    if (page == NULL) break;
    found = page->n_changes;
    for (size_t i = 0; i < found; i++) {
      const Wangge__V1__EntryChange *change = page->changes[i];
      char at[32], state[32];
      request.before = change->version;
      if (cli->json) {
        cli_print_message(&change->base);
        continue;
      }
      cli_table_cell(table, "%d", (int)change->version);
      cli_table_cell(table, "%s", cli_time(change->at, at));
      cli_table_cell(table, "%s", change->by);
      cli_table_cell(table, "%s", change->person);
      cli_table_cell(table, "%s", change->action);
      cli_table_cell(table, "%s", wg_enum_name(TYPE(entry_state), (int)change->state, state));
      cli_table_cell(table, "%s", change->reason);
    }
  }
  if (code == CLI_DONE && !cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return code;
}

// --- figures ---
// A rate is shown with its denominator; without one there is none.
static void print_rate(const char *name, int64_t part, int64_t whole) {
  if (whole > 0)
    printf("  %-14s %.1f %% (%lld of %lld)\n", name, 100.0 * (double)part / (double)whole, (long long)part,
           (long long)whole);
  else printf("  %-14s none (of 0)\n", name);
}

static int run_figures(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__PledgeFiguresRequest request = WANGGE__V1__PLEDGE_FIGURES_REQUEST__INIT;
  const char *area = cli_text(&cli->parsed, "area");
  int64_t year = wg_civil_from_us(wg_now_us()).year;
  int code = CLI_DONE;
  if (cli_number(&cli->parsed, "year", 2000, 2100, &year, &error) != WG_OK) return cli_usage(cli, &error);
  request.district = own(cli_lists_district(cli));
  request.year = (int32_t)year;
  if (area != NULL) request.area = own(area);
  const Wangge__V1__PledgeFiguresResponse *f = (Wangge__V1__PledgeFiguresResponse *)cli_ask(
      cli, CLI_TRACKING, METHOD("PledgeFigures"), &request.base, TYPE(pledge_figures_response), &code);
  if (f == NULL) return code;
  if (cli->json) {
    cli_print_message(&f->base);
    return CLI_DONE;
  }
  printf("pledges of %lld: %d promised, %d fulfilled (%d late), %d not, %d open (%d overdue), %d withdrawn, %d moved\n",
         (long long)year, (int)f->promised, (int)f->fulfilled, (int)f->late, (int)f->unfulfilled, (int)f->open,
         (int)f->overdue, (int)f->withdrawn, (int)f->moved);
  print_rate("completion", f->fulfilled, f->promised);
  print_rate("milestones", f->milestones_done, f->milestones);
  for (size_t i = 0; i < f->n_review; i++) {
    const Wangge__V1__Votes *group = f->review[i];
    char name[32];
    print_rate(wg_enum_name(TYPE(voter_group), (int)group->group, name), group->approve,
               (int64_t)group->approve + group->reject + group->abstain);
  }
  return CLI_DONE;
}

// --- questionnaires ---
static int run_tokens(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__IssueTokensRequest request = WANGGE__V1__ISSUE_TOKENS_REQUEST__INIT;
  const char *id = cli_text(&cli->parsed, "request-id");
  int64_t count = 1;
  int code = CLI_DONE;
  if (cli_number(&cli->parsed, "count", 1, 1000, &count, &error) != WG_OK) return cli_usage(cli, &error);
  request.district = own(cli_lists_district(cli));
  request.code = own(cli->parsed.argument[0]);
  request.count = (int32_t)count;
  if (id == NULL) id = wg_arena_printf(cli->arena, "cli-%llx-%x", (unsigned long long)wg_now_us(), (unsigned)getpid());
  request.request_id = own(id);
  cli_as(cli, "registrar");
  const Wangge__V1__IssueTokensResponse *response = (Wangge__V1__IssueTokensResponse *)cli_ask(
      cli, CLI_TRACKING, METHOD("IssueTokens"), &request.base, TYPE(issue_tokens_response), &code);
  if (response == NULL) return code;
  if (cli->json) cli_print_message(&response->base);
  for (size_t i = 0; i < response->n_tokens && !cli->json; i++)
    puts(response->tokens[i]);
  return CLI_DONE;
}

// answer_of reads "1=2", "2=1,3" or "5=text" for each further argument; what is not numbers is text.
static wg_status answer_of(struct cli *cli, const char *text, Wangge__V1__GivenAnswer *given, struct wg_error *error) {
  char *end = NULL;
  given->n = (int32_t)strtol(text, &end, 10);
  if (end == text || *end != '=' || given->n < 1)
    return wg_fail(error, WG_INVALID_ARGUMENT, "ANSWER", "%s: wanted is QUESTION=CHOICE,… or QUESTION=TEXT", text);
  const char *value = end + 1;
  if (*value == 0 || value[strspn(value, "0123456789,")] != 0) {
    given->text = own(value);
    return WG_OK;
  }
  given->choices = wg_arena_alloc(cli->arena, (strlen(value) + 1) * sizeof *given->choices);
  for (const char *at = value; *at != 0; at = *end == ',' ? end + 1 : end) {
    given->choices[given->n_choices++] = (int32_t)strtol(at, &end, 10);
    if (end == at) return wg_fail(error, WG_INVALID_ARGUMENT, "ANSWER", "%s: a number is missing", text);
  }
  return WG_OK;
}

static int run_answer(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__AnswerRequest request = WANGGE__V1__ANSWER_REQUEST__INIT;
  int code = CLI_DONE;
  request.district = own(cli_lists_district(cli));
  request.code = own(cli->parsed.argument[0]);
  request.token = own(cli->parsed.argument[1]);
  const char *request_id = cli_text(&cli->parsed, "request-id");
  if (request_id != NULL) request.request_id = own(request_id);
  const size_t count = (size_t)cli->parsed.arguments - 2;
  request.answers = wg_arena_alloc(cli->arena, count * sizeof *request.answers);
  for (size_t i = 0; i < count; i++) {
    Wangge__V1__GivenAnswer *given = wg_arena_alloc(cli->arena, sizeof *given);
    wangge__v1__given_answer__init(given);
    if (answer_of(cli, cli->parsed.argument[i + 2], given, &error) != WG_OK) return cli_usage(cli, &error);
    request.answers[request.n_answers++] = given;
  }
  if (cli_ask(cli, CLI_TRACKING, METHOD("Answer"), &request.base, TYPE(answer_response), &code) == NULL) return code;
  if (cli->json) cli_print_json(json_pack("{s:b}", "counted", 1));
  else puts("counted");
  return CLI_DONE;
}

static int run_results(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__ResultsRequest request = WANGGE__V1__RESULTS_REQUEST__INIT;
  int64_t texts = 20;
  int code = CLI_DONE;
  if (cli_number(&cli->parsed, "texts", 0, 1000, &texts, &error) != WG_OK) return cli_usage(cli, &error);
  request.district = own(cli_lists_district(cli));
  request.code = own(cli->parsed.argument[0]);
  request.texts = (int32_t)texts;
  const Wangge__V1__ResultsResponse *results = (Wangge__V1__ResultsResponse *)cli_ask(
      cli, CLI_TRACKING, METHOD("Results"), &request.base, TYPE(results_response), &code);
  if (results == NULL) return code;
  if (cli->json) {
    cli_print_message(&results->base);
    return CLI_DONE;
  }
  printf("%lld answers to %lld tokens\n", (long long)results->answers, (long long)results->issued);
  for (size_t i = 0; i < results->n_questions; i++) {
    const Wangge__V1__QuestionResult *question = results->questions[i];
    printf("question %d: %lld answered\n", (int)question->n, (long long)question->answered);
    for (size_t k = 0; k < question->n_counts; k++)
      printf("  %zu: %lld\n", k + 1, (long long)question->counts[k]);
    for (size_t k = 0; k < question->n_texts; k++) {
      struct wg_buffer cut = {0};
      printf("  - %s\n", cli_cut(question->texts[k], 200, &cut));
      wg_buffer_free(&cut);
    }
  }
  return CLI_DONE;
}

static const struct cli_option list_options[] = {
    LISTS_DISTRICT,
    {"year", "N", "only this year"},
    {"state", "NAME", "draft, promised, disclosed …"},
    {"area", "CODE", "this area and what lies in it"},
    {"limit", "N", "most rows (1000)"},
    {"out", "FILE", "write a .csv or .xlsx, marked with who exported it and when"},
    {0}};
static const struct cli_option show_options[] = {LISTS_DISTRICT, {"version", "N", "as it was then"}, {0}};
static const struct cli_option history_options[] = {LISTS_DISTRICT, {0}};
static const struct cli_option answer_options[] = {
    LISTS_DISTRICT,
    {"request-id", "ID", "16 to 64 characters of your own, random: with it the same answer can be sent again"},
    {0}};
static const struct cli_option figures_options[] = {
    LISTS_DISTRICT, {"year", "N", "year (this one)"}, {"area", "CODE", "this area and what lies in it"}, {0}};
static const struct cli_option token_options[] = {
    LISTS_DISTRICT, {"count", "N", "how many (1)"}, {"request-id", "ID", "the same id gives the same tokens"}, {0}};
static const struct cli_option results_options[] = {
    LISTS_DISTRICT, {"texts", "N", "most texts of a question (20)"}, {0}};

const struct cli_command cli_lists[] = {
    {"pledge list", "", 0, 0, "list pledges (为民办实事清单)", list_options,
     "  wangge pledge list --year 2026 --state promised\n  wangge pledge list --out pledges.xlsx\n", run_list},
    {"pledge show", "CODE", 1, 1, "show one pledge", show_options,
     "  wangge pledge show 2026-01\n  wangge pledge show 2026-01 --version 2 --json\n", run_show},
    {"pledge history", "CODE", 1, 1, "who changed it, when and why", history_options,
     "  wangge pledge history 2026-01\n", run_history},
    {"pledge figures", "", 0, 0, "what was promised for a year and what came of it", figures_options,
     "  wangge pledge figures --year 2026\n", run_figures},
    {"meeting list", "", 0, 0, "list deliberation meetings (主题党日+阳光议事)", list_options,
     "  wangge meeting list --area 370117001\n", run_list},
    {"meeting show", "CODE", 1, 1, "show one meeting, and the orders its topics became", show_options,
     "  wangge meeting show qinhe-2026-11\n", run_show},
    {"meeting history", "CODE", 1, 1, "who changed it, when and why", history_options,
     "  wangge meeting history qinhe-2026-11\n", run_history},
    {"problem-list list", "", 0, 0, "list problems of the grids (治理问题清单)", list_options,
     "  wangge problem-list list --state in_progress\n", run_list},
    {"problem-list show", "CODE", 1, 1, "show one problem", show_options, "  wangge problem-list show p-2026-01\n",
     run_show},
    {"problem-list history", "CODE", 1, 1, "who changed it, when and why", history_options,
     "  wangge problem-list history p-2026-01\n", run_history},
    {"questionnaire list", "", 0, 0, "list questionnaires (网上问卷)", list_options, "  wangge questionnaire list\n",
     run_list},
    {"questionnaire show", "CODE", 1, 1, "show one questionnaire", show_options,
     "  wangge questionnaire show 2027-needs\n", run_show},
    {"questionnaire history", "CODE", 1, 1, "who changed it, when and why", history_options,
     "  wangge questionnaire history 2027-needs\n", run_history},
    {"questionnaire tokens", "CODE", 1, 1, "make one-time tokens", token_options,
     "  wangge questionnaire tokens 2027-needs --count 100 --request-id batch-1 >tokens.txt\n", run_tokens},
    {"questionnaire answer", "CODE TOKEN ANSWER…", 3, 52, "answer with a token", answer_options,
     "  wangge questionnaire answer 2027-needs TOKEN 1=2 2=1,3 5=多装路灯\n", run_answer},
    {"questionnaire results", "CODE", 1, 1, "counts and texts", results_options,
     "  wangge questionnaire results 2027-needs\n", run_results},
    {0},
};
