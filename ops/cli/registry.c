// wangge registry: the net, its people and the reference data. Kinds, reports, events, lists; the rest in registry_*.c.

#include "ops/cli/registry.h"
#include "ops/cli/output.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

char *cli_field(const char *text) {
  return (char *)(uintptr_t)(text != NULL ? text : protobuf_c_empty_string);
}

const struct wg_kind *cli_kind(const struct cli *cli, int index, struct wg_error *error) {
  const struct wg_kind *kind = wg_kind_find(cli->parsed.argument[index]);
  if (kind == NULL)
    wg_fail(error, WG_INVALID_ARGUMENT, "KIND", "\"%s\" is no kind of record; `wangge registry kinds` lists them",
            cli->parsed.argument[index]);
  return kind;
}

const char *cli_district(const struct cli *cli, struct wg_error *error) {
  const char *district = cli_text(&cli->parsed, "district");
  if (district != NULL && wg_all_digits(district, 6)) return district;
  wg_fail(error, WG_INVALID_ARGUMENT, "district", "--district CODE of 6 digits is required");
  return NULL;
}

// --- kinds: from this program's own contract, so that it works without a service ---

static void print_kinds(void) {
  static const char *const headings[] = {"种类", "名称", ">列数", "文件", NULL};
  size_t count;
  const struct wg_kind *kind = wg_kinds(&count);
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < count; i++) {
    cli_table_cell(table, "%s", kind[i].name);
    cli_table_cell(table, "%s", kind[i].label);
    cli_table_cell(table, "%zu", kind[i].column_count);
    cli_table_cell(table, "%s.csv", kind[i].name);
  }
  cli_table_print(table, stdout);
  cli_table_free(table);
}

static void print_columns(const struct wg_kind *kind, struct wg_arena *arena) {
  static const char *const headings[] = {"列", "名称", "类型", "必填", "取值", NULL};
  const Wangge__V1__KindsResponse *all = wg_kinds_message(arena);
  const Wangge__V1__Kind *message = all->kinds[kind->rank];
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < message->n_columns; i++) {
    const Wangge__V1__Column *column = message->columns[i];
    struct wg_buffer values = {0};
    for (size_t j = 0; j < column->n_values; j++)
      wg_buffer_printf(&values, "%s%s（%s）", j > 0 ? "、" : "", column->values[j], column->value_labels[j]);
    for (size_t j = 0; j < column->n_references; j++)
      wg_buffer_printf(&values, "%s%s", j > 0 ? "或 " : "→ ", column->references[j]);
    cli_table_cell(table, "%s", column->field);
    cli_table_cell(table, "%s", column->label);
    cli_table_cell(table, "%s%s", column->type, column->repeated ? "，多个用 | 分隔" : "");
    cli_table_cell(table, "%s%s", column->required ? "必填" : "", column->personal ? "（个人信息）" : "");
    cli_table_cell(table, "%s", wg_buffer_cstr(&values));
    wg_buffer_free(&values);
  }
  printf("%s（%s）\n", kind->label, kind->name);
  cli_table_print(table, stdout);
  cli_table_free(table);
}

static int run_kinds(struct cli *cli) {
  struct wg_error error = {0};
  const struct wg_kind *kind = cli->parsed.arguments > 0 ? cli_kind(cli, 0, &error) : NULL;
  if (error.code != WG_OK) return cli_usage(cli, &error);
  const Wangge__V1__KindsResponse *all = wg_kinds_message(cli->arena);
  if (cli->json) cli_print_message(kind != NULL ? &all->kinds[kind->rank]->base : &all->base);
  else if (kind != NULL) print_columns(kind, cli->arena);
  else print_kinds();
  return CLI_DONE;
}

// --- check ---

static int run_check(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__CheckRequest request = WANGGE__V1__CHECK_REQUEST__INIT;
  request.district = cli_field(cli_district(cli, &error));
  if (error.code != WG_OK) return cli_usage(cli, &error);
  if (cli->parsed.arguments > 0) request.report = cli_field(cli->parsed.argument[0]);
  int code = CLI_DONE;
  const Wangge__V1__CheckResponse *answer = (Wangge__V1__CheckResponse *)cli_ask(
      cli, CLI_REGISTRY, "wangge.v1.Registry/Check", &request.base, &wangge__v1__check_response__descriptor, &code);
  if (answer == NULL) return code;
  struct cli_findings findings = {answer->findings, answer->n_findings, CLI_ROWS_NONE, NULL, false, NULL};
  size_t errors = 0;
  for (size_t i = 0; i < answer->n_findings; i++)
    errors += answer->findings[i]->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR;
  cli_findings_print(cli, &findings);
  if (cli->json) {
    json_t *counts = json_object();
    for (size_t i = 0; i < answer->n_counts; i++)
      json_object_set_new(counts, answer->counts[i]->kind, json_integer(answer->counts[i]->records));
    cli_print_json(json_pack("{s:I,s:I,s:o}", "errors", (json_int_t)errors, "warnings",
                             (json_int_t)(answer->n_findings - errors), "records", counts));
    return errors > 0 ? CLI_REFUSED : CLI_DONE;
  }
  printf("%zu 个错误，%zu 个警告；查看了", errors, answer->n_findings - errors);
  for (size_t i = 0; i < answer->n_counts; i++) {
    const struct wg_kind *kind = wg_kind_find(answer->counts[i]->kind);
    printf("%s %lld %s", i > 0 ? "、" : "", (long long)answer->counts[i]->records,
           kind != NULL ? kind->label : answer->counts[i]->kind);
  }
  putchar('\n');
  return errors > 0 ? CLI_REFUSED : CLI_DONE;
}

// --- happen ---

static int run_happen(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__HappenRequest request = WANGGE__V1__HAPPEN_REQUEST__INIT;
  const struct wg_kind *kind = cli_kind(cli, 1, &error);
  const char *at = cli_text(&cli->parsed, "at"), *id = cli_text(&cli->parsed, "event-id");
  request.happened_at = wg_now_us();
  if (kind != NULL) request.district = cli_field(cli_district(cli, &error));
  if (error.code == WG_OK && at != NULL && !wg_civil_parse(at, &request.happened_at))
    wg_fail(&error, WG_INVALID_ARGUMENT, "at", "--at is a time as 2026-11-27 08:30");
  if (error.code != WG_OK) return cli_usage(cli, &error);
  // A key for repeats: without one from the caller, this very run of the command.
  request.event_id =
      id != NULL ? cli_field(id)
                 : wg_arena_printf(cli->arena, "cli-%llx-%x", (unsigned long long)wg_now_us(), (unsigned)getpid());
  request.event = cli_field(cli->parsed.argument[0]);
  request.kind = cli_field(kind->name);
  request.code = cli_field(cli->parsed.argument[2]);
  request.note = cli_field(cli_text(&cli->parsed, "note"));
  cli_as(cli, "registrar");
  int code = CLI_DONE;
  const Wangge__V1__HappenResponse *answer = (Wangge__V1__HappenResponse *)cli_ask(
      cli, CLI_REGISTRY, "wangge.v1.Registry/Happen", &request.base, &wangge__v1__happen_response__descriptor, &code);
  if (answer == NULL) return code;
  if (cli->json) cli_print_message(&answer->base);
  for (size_t i = 0; !cli->json && i < answer->n_duties; i++)
    puts(answer->duties[i]);
  if (!cli->json) printf("生成 %zu 项任务\n", answer->n_duties);
  return CLI_DONE;
}

// --- the reference lists ---

static const char *list_label(int value) {
  static const char *const labels[] = {"", "小微权力清单", "职责清单", "服务清单"};
  return (unsigned)value < 4 ? labels[value] : "?";
}

static int run_lists(struct cli *cli) {
  static const char *const headings[] = {"清单", "编码", "区域", "名称", "责任主体", "联系方式", ">步骤", NULL};
  struct wg_error error = {0};
  Wangge__V1__PublicListsRequest request = WANGGE__V1__PUBLIC_LISTS_REQUEST__INIT;
  const char *list = cli_text(&cli->parsed, "list");
  request.district = cli_field(cli_district(cli, &error));
  int value = list != NULL ? wg_enum_value(&wangge__v1__reference_list__descriptor, list) : 0;
  if (error.code == WG_OK && value < 0)
    wg_fail(&error, WG_INVALID_ARGUMENT, "list", "--list is micro_power, duty or service");
  if (error.code != WG_OK) return cli_usage(cli, &error);
  request.list = (Wangge__V1__ReferenceList)value;
  request.area = cli_field(cli_text(&cli->parsed, "area"));
  request.limit = 1000;
  struct cli_table *table = cli_table_create(headings);
  int code = CLI_DONE;
  do {
    const Wangge__V1__PublicListsResponse *page =
        (Wangge__V1__PublicListsResponse *)cli_ask(cli, CLI_REGISTRY, "wangge.v1.Registry/PublicLists", &request.base,
                                                   &wangge__v1__public_lists_response__descriptor, &code);
    if (page == NULL) break;
    for (size_t i = 0; i < page->n_items; i++) {
      const Wangge__V1__Record *record = page->items[i];
      if (record->body_case != WANGGE__V1__RECORD__BODY_LIST_ITEM || record->list_item == NULL) continue;
      const Wangge__V1__ListItem *item = record->list_item;
      if (cli->json) {
        cli_print_message(&record->base);
        continue;
      }
      cli_table_cell(table, "%s", list_label((int)item->list));
      cli_table_cell(table, "%s", record->code);
      cli_table_cell(table, "%s", item->area);
      cli_table_cell(table, "%s", item->name);
      cli_table_cell(table, "%s", item->who);
      cli_table_cell(table, "%s", item->contact);
      cli_table_cell(table, "%zu", item->n_steps);
    }
    request.page_token = page->next_page_token;
  } while (request.page_token[0] != 0 && !cli_stopped);
  if (!cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return code;
}

static int run_flowchart(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__FlowChartRequest request = WANGGE__V1__FLOW_CHART_REQUEST__INIT;
  request.district = cli_field(cli_district(cli, &error));
  if (error.code != WG_OK) return cli_usage(cli, &error);
  request.code = cli_field(cli->parsed.argument[0]);
  int code = CLI_DONE;
  const Wangge__V1__FlowChartResponse *answer =
      (Wangge__V1__FlowChartResponse *)cli_ask(cli, CLI_REGISTRY, "wangge.v1.Registry/FlowChart", &request.base,
                                               &wangge__v1__flow_chart_response__descriptor, &code);
  if (answer == NULL) return code;
  const char *path = cli->parsed.arguments > 1 ? cli->parsed.argument[1] : "-";
  FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
  bool good = file != NULL && fputs(answer->svg, file) >= 0;
  if (file != NULL && file != stdout) good = fclose(file) == 0 && good;
  if (good) return CLI_DONE;
  wg_fail(&error, WG_INVALID_ARGUMENT, NULL, "cannot write %s: %s", path, strerror(errno));
  return cli_complain(cli, &error);
}

// --- the table of commands ---

#define DISTRICT                                                                                                       \
  { "district", "CODE", "district, 6 digits" }
#define REASON                                                                                                         \
  { "reason", "TEXT", "why; required, kept with every version" }
#define DRY_RUN                                                                                                        \
  { "dry-run", NULL, "check everything, write nothing" }

static const struct cli_option district_options[] = {DISTRICT, {0}};
static const struct cli_option get_options[] = {
    DISTRICT,
    {"version", "N", "as it was in this version"},
    {"reason", "TEXT", "why personal data are wanted whole (logged); without: masked"},
    {0}};
static const struct cli_option list_options[] = {
    DISTRICT,
    {"prefix", "CODE", "only codes beginning so, e.g. a community's for its grids"},
    {"field", "FIELD", "with --value: only records whose field is this value"},
    {"value", "VALUE", "see --field"},
    {"deleted", NULL, "deleted records too"},
    {"limit", "N", "at most so many (50)"},
    {0}};
static const struct cli_option history_options[] = {DISTRICT, {"limit", "N", "at most so many (50)"}, {0}};
static const struct cli_option put_options[] = {
    DISTRICT, REASON, DRY_RUN, {"delete", NULL, "delete the record; its history stays"}, {0}};
static const struct cli_option import_options[] = {
    {"district", "CODE", "district of rows that have none, 6 digits"}, REASON, DRY_RUN, {0}};
static const struct cli_option export_options[] = {
    DISTRICT,
    {"prefix", "CODE", "only codes beginning so"},
    {"labels", NULL, "Chinese header and values (a spreadsheet always has them)"},
    {"template", NULL, "only the header: a form to fill in"},
    {"reason", "TEXT", "why personal data are wanted whole (logged); without: masked"},
    {0}};
static const struct cli_option principals_options[] = {
    DISTRICT,
    {"dry-run", NULL, "tell what would change, write nothing"},
    {0},
};

static const struct cli_option happen_options[] = {DISTRICT,
                                                   {"event-id", "ID", "key for repeats: the same id happens once"},
                                                   {"at", "TIME", "when it happened (now)"},
                                                   {"note", "TEXT", "what is to be known; no names"},
                                                   {0}};
static const struct cli_option duties_options[] = {
    DISTRICT, {"state", "S", "only pending, pushed or refused"}, {"limit", "N", "at most so many (50)"}, {0}};
static const struct cli_option redrive_options[] = {
    DISTRICT, {"reason", "TEXT", "why; kept with the duty"}, {"all", NULL, "all that are refused"}, {0}};
static const struct cli_option lists_options[] = {DISTRICT,
                                                  {"list", "L", "micro_power, duty or service (all three)"},
                                                  {"area", "CODE", "what holds for this area"},
                                                  {0}};

#define CHECK_EXAMPLES                                                                                                 \
  "  wangge check net --district 370117\n"                                                                             \
  "  wangge check staffing --district 370117\n"                                                                        \
  "  wangge check --district 370117 --json\n"                                                                          \
  "reports: net, staffing, training, stations, linkages, lists, calendar; without a name: all\n"                       \
  "exit 1 when there are errors; warnings alone give 0\n"

const struct cli_command cli_registry[] = {
    {"check", "[REPORT]", 0, 1, "what is wrong with a district's records (统查), explained and located",
     district_options, CHECK_EXAMPLES, run_check},
    {"registry check", "[REPORT]", 0, 1, "the same as `check`", district_options, CHECK_EXAMPLES, run_check},
    {"registry kinds", "[KIND]", 0, 1, "kinds of records, or the columns of one: what an import file may hold", NULL,
     "  wangge registry kinds\n  wangge registry kinds grid\n", run_kinds},
    {"registry get", "KIND CODE", 2, 2, "show one record", get_options,
     "  wangge registry get grid 370117001001001 --district 370117\n"
     "  wangge registry get person P0001 --district 370117 --reason '核对联系电话'\n",
     cli_registry_get},
    {"registry list", "KIND", 1, 1, "list records of a kind", list_options,
     "  wangge registry list grid --district 370117 --prefix 370117001001\n"
     "  wangge registry list posting --district 370117 --field role --value grid_worker --json\n",
     cli_registry_list},
    {"registry history", "KIND CODE", 2, 2, "versions of a record: who, when, what, why", history_options,
     "  wangge registry history grid 370117001001001 --district 370117\n", cli_registry_history},
    {"registry put", "KIND CODE [FIELD=VALUE…]", 2, 200, "make, change or delete one record", put_options,
     "  wangge registry put grid 370117001001001 households=412 --district 370117 --reason '入户核实'\n"
     "  wangge registry put place 北京路 name=北京路 kind=道路 --district 370117 --reason '新路通车'\n"
     "  wangge registry put station S07 --delete --district 370117 --reason '撤并'\n",
     cli_registry_put},
    {"registry import", "[KIND] FILE.csv|FOLDER", 1, 2, "import records, all or nothing, with a report by line",
     import_options,
     "  wangge registry import grid grids.csv --district 370117 --reason '年度核定' --dry-run\n"
     "  wangge registry import ops/demo/reference --reason '初次建库'\n"
     "A folder holds KIND.csv files; they become one import. Files are CSV, UTF-8 or GB18030 (what a spreadsheet "
     "saves\n"
     "as CSV); .xlsx is written by `registry export` but not read: save it as CSV first.\n",
     cli_registry_import},
    {"registry export", "KIND|all FILE|FOLDER|-", 2, 2, "export records as CSV or .xlsx, or all kinds into a folder",
     export_options,
     "  wangge registry export grid grids.csv --district 370117\n"
     "  wangge registry export grid 网格.xlsx --district 370117\n"
     "  wangge registry export grid 网格模板.xlsx --template\n"
     "  wangge registry export all backup/ --district 370117 --reason '备份'\n"
     "Texts that a spreadsheet would take for a formula get an apostrophe in front in CSV; importing takes it away.\n",
     cli_registry_export},
    {"registry principals", "FILE", 1, 1, "bring the registry's principals into the principals file",
     principals_options,
     "  wangge registry principals var/principals.ini --district 370117 --dry-run\n"
     "  wangge registry principals var/principals.ini --district 370117\n"
     "Revoked and deleted ones lose their section; what the registry does not know stays. Services notice within a "
     "second.\n",
     cli_registry_principals},
    {"registry happen", "EVENT KIND CODE", 3, 3, "tell of an event that triggers duties (四必访)", happen_options,
     "  wangge registry happen hardship household H1024 --district 370117\n", run_happen},
    {"registry duties", "", 0, 0, "duties made by templates and events, newest first", duties_options,
     "  wangge registry duties --district 370117 --state refused\n", cli_registry_duties},
    {"registry duties redrive", "DUTY…|--all", 0, 1000, "push refused duties to intake once more", redrive_options,
     "  wangge registry duties redrive D07/370117001001001/2026-11-27 --district 370117 --reason '类目已补'\n"
     "  wangge registry duties redrive --all --district 370117 --reason '类目已补'\n"
     "What is pushed is the order as it was made: mend what intake refused it for first.\n",
     cli_registry_redrive},
    {"registry lists", "", 0, 0, "what is disclosed of the three reference lists", lists_options,
     "  wangge registry lists --district 370117 --list service --area 370117001001\n", run_lists},
    {"registry flowchart", "CODE [FILE.svg]", 1, 2, "the procedure of a list item as SVG", district_options,
     "  wangge registry flowchart MP-001 seal.svg --district 370117\n", run_flowchart},
    {0},
};
