// wangge rules list, check: the dispatch catalogue in force or one that is proposed, and what is wrong with it.
// wangge explain: what it says to one order.

#include "ops/cli/rules.h"
#include "ops/cli/output.h"
#include "ops/cli/registry.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

#include <string.h>
#include <unistd.h>

// --- the proposal ---
bool cli_proposal(struct cli *cli, struct cli_proposal *proposal, int *code) {
  static const char *const kinds[] = {"dispatch_rule", "category", "department"};
  const char *folder = cli_text(&cli->parsed, "file");
  *proposal = (struct cli_proposal){0};
  if (folder == NULL) return true;
  struct wg_error error = {0};
  struct wg_reading reading;
  wg_reading_start(&reading, cli->arena, cli_text(&cli->parsed, "district"));
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && error.code == WG_OK; i++) {
    const char *path = wg_arena_printf(cli->arena, "%s/%s.csv", folder, kinds[i]);
    if (i == 0 || access(path, F_OK) == 0) wg_records_read_file(&reading, path, wg_kind_find(kinds[i]), &error);
  }
  wg_reading_stop(&reading);
  if (error.code != WG_OK) {
    *code = cli_complain(cli, &error);
    return false;
  }
  if (reading.findings.errors > 0) {
    const struct cli_findings findings = {
        reading.findings.finding, reading.findings.count, CLI_ROWS_LINES, folder, true, NULL};
    cli_findings_print(cli, &findings);
    *code = CLI_REFUSED;
    return false;
  }
  *proposal = (struct cli_proposal){reading.set.record, reading.set.count};
  return true;
}

static const Wangge__V1__RulesResponse *ask(struct cli *cli, bool findings_only, int *code) {
  struct wg_error error = {0};
  struct cli_proposal proposal;
  if (!cli_proposal(cli, &proposal, code)) return NULL;
  Wangge__V1__RulesRequest request = WANGGE__V1__RULES_REQUEST__INIT;
  request.district = cli_field(cli_text(&cli->parsed, "district"));
  request.records = proposal.records;
  request.n_records = proposal.count;
  request.findings_only = findings_only;
  ProtobufCMessage *message = NULL;
  if (cli_call(cli, CLI_ROUTING, "wangge.v1.Routing/Rules", &request.base, &wangge__v1__rules_response__descriptor,
               &message, &error) == WG_OK)
    return (const Wangge__V1__RulesResponse *)message;
  *code = cli_complain(cli, &error);
  return NULL;
}

// --- list ---
static void add(struct wg_buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct wg_buffer *out, const char *format, ...) {
  char text[256];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  wg_buffer_printf(out, "%s%s", out->size > 0 ? "，" : "", text);
}

static const char *term(const char *field, int value) {
  const struct wg_column *column = wg_kind_column(wg_kind_find("dispatch_rule"), field);
  return value > 0 && (size_t)value <= column->value_count ? column->value_labels[value - 1] : "?";
}

// conditions writes those beside category and area.
static void conditions(const Wangge__V1__Rule *rule, struct wg_buffer *out) {
  wg_buffer_clear(out);
  if (rule->place_text[0] != 0) add(out, "地址含“%.100s”", rule->place_text);
  if (rule->channel != 0) add(out, "%s", term("channel", (int)rule->channel));
  if (rule->kind != 0) add(out, "%s", term("kind", (int)rule->kind));
  if (rule->urgency != 0) add(out, "%s", term("urgency", (int)rule->urgency));
  if (rule->source[0] != 0) add(out, "来源 %.64s", rule->source);
  if (rule->valid_from[0] != 0 || rule->valid_to[0] != 0) add(out, "%.10s 至 %.10s", rule->valid_from, rule->valid_to);
  if (rule->from_minute != rule->to_minute)
    add(out, "%02d:%02d–%02d:%02d", rule->from_minute / 60, rule->from_minute % 60, rule->to_minute / 60,
        rule->to_minute % 60);
  if (rule->parcel_ownership[0] != 0) add(out, "%s", strcmp(rule->parcel_ownership, "state") == 0 ? "国有" : "集体");
}

static int run_list(struct cli *cli) {
  static const char *const headings[] = {"区",   "规则", ">顺序", "分类前缀", "区域",
                                         "条件", "主办", "协办",  ">已派单",  NULL};
  int code = CLI_DONE;
  const Wangge__V1__RulesResponse *rules = ask(cli, false, &code);
  if (rules == NULL) return code;
  if (cli->json) {
    cli_print_message(&rules->base);
    return CLI_DONE;
  }
  struct cli_table *table = cli_table_create(headings);
  struct wg_buffer text = {0};
  char hits[32];
  for (size_t i = 0; i < rules->n_rules; i++) {
    const Wangge__V1__Rule *rule = rules->rules[i];
    cli_table_cell(table, "%s", rule->district);
    cli_table_cell(table, "%s", rule->id);
    cli_table_cell(table, "%d", rule->rank);
    cli_table_cell(table, "%s", rule->category_prefix);
    cli_table_cell(table, "%s", rule->area);
    conditions(rule, &text);
    cli_table_cell(table, "%s", wg_buffer_cstr(&text));
    cli_table_cell(table, "%s", rule->department);
    wg_buffer_clear(&text);
    for (size_t k = 0; k < rule->n_assists; k++)
      wg_buffer_printf(&text, "%s%s", k > 0 ? " " : "", rule->assists[k]);
    cli_table_cell(table, "%s", wg_buffer_cstr(&text));
    cli_table_cell(table, "%s", cli_count((uint64_t)rule->hits, hits));
  }
  wg_buffer_free(&text);
  cli_table_print(table, stdout);
  cli_table_free(table);
  printf("目录版本 %s，规则 %zu 条；检查：wangge rules check\n", rules->version, rules->n_rules);
  return CLI_DONE;
}

// --- check ---
static int run_check(struct cli *cli) {
  int code = CLI_DONE;
  const Wangge__V1__RulesResponse *rules = ask(cli, true, &code);
  if (rules == NULL) return code;
  size_t errors = 0;
  for (size_t i = 0; i < rules->n_findings; i++) {
    const Wangge__V1__RuleFinding *finding = rules->findings[i];
    const bool error = finding->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR;
    errors += error;
    if (cli->json) cli_print_message(&finding->base);
    else printf("%s  %s  %s（%s）\n", error ? "错误" : "警告", finding->district, finding->message, finding->kind);
  }
  const size_t warnings = rules->n_findings - errors;
  if (cli->json)
    cli_print_json(json_pack("{s:s,s:I,s:I}", "version", rules->version, "errors", (json_int_t)errors, "warnings",
                             (json_int_t)warnings));
  else printf("目录版本 %s：%zu 个错误，%zu 个警告\n", rules->version, errors, warnings);
  return errors > 0 ? CLI_REFUSED : CLI_DONE;
}

// --- explain ---
static void line(const char *label, const char *value) {
  if (value[0] != 0) printf("  %s%*s%s\n", label, 12 - cli_width(label), "", value);
}

static void print_place(const Wangge__V1__PlaceDecision *place) {
  if (place == NULL) return;
  puts("地点");
  line("网格", place->grid_code[0] != 0 ? place->grid_code : "未知");
  if (place->grid_code[0] == 0) line("社区", place->community);
  if (place->grid_code[0] == 0) line("街道", place->street);
  line("场所", place->place_id);
  line("名称", place->name);
  line("依据", place->evidence[0] != 0 ? place->evidence : place->how);
}

static void print_trace(const Wangge__V1__ExplainResponse *said) {
  static const char *const verdicts[] = {"?", "不符", "跳过", "派单"};
  printf("现行目录 %s 逐条\n", said->version[0] != 0 ? said->version : "（本区没有）");
  for (size_t i = 0; i < said->n_trace; i++) {
    const Wangge__V1__RuleTrace *entry = said->trace[i];
    printf("  %s  %s  %s\n", (unsigned)entry->verdict < 4 ? verdicts[entry->verdict] : "?", entry->rule_id,
           entry->text);
  }
  if (said->other_rules > 0) printf("  另有 %d 条属于其他分类\n", said->other_rules);
}

static void print_explained(const Wangge__V1__ExplainResponse *said) {
  char at[32], word[32];
  const Wangge__V1__Assignment *assignment = said->assignment;
  printf("诉求 %lld\n", (long long)assignment->order_id);
  line("受理", cli_time(said->received_at, at));
  line("分类", said->category[0] != 0 ? said->category : "（无）");
  if (said->department_duty) line("职责", "应由职能部门办理，不得分派网格（国办函〔2025〕66号）");
  print_place(said->place);
  puts("派单时");
  line("目录版本", said->decided_version);
  line("规则", said->decided_rule[0] != 0 ? said->decided_rule : "（无）");
  line("主办", said->decided_lead[0] != 0 ? said->decided_lead : "（派单席）");
  line("依据", said->decided_evidence);
  puts("现在");
  line("状态", wg_enum_name(&wangge__v1__assignment_state__descriptor, (int)assignment->state, word));
  line("主办", assignment->department[0] != 0 ? assignment->department : "（派单席）");
  print_trace(said);
  printf("按现行目录：%s%s%s，%s\n", said->lead[0] != 0 ? "主办 " : "转派单席", said->lead,
         strcmp(said->lead, said->decided_lead) == 0 ? "（与派单时相同）" : "（与派单时不同）", said->evidence);
}

static int run_explain(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__ExplainRequest request = WANGGE__V1__EXPLAIN_REQUEST__INIT;
  if (!wg_parse_i64(cli->parsed.argument[0], &request.order_id) || request.order_id < 1) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "ORDER", "an order id is a whole number from 1");
    return cli_usage(cli, &error);
  }
  ProtobufCMessage *message = NULL;
  if (cli_call(cli, CLI_ROUTING, "wangge.v1.Routing/Explain", &request.base, &wangge__v1__explain_response__descriptor,
               &message, &error) != WG_OK)
    return cli_complain(cli, &error);
  if (cli->json) cli_print_message(message);
  else print_explained((const Wangge__V1__ExplainResponse *)message);
  return CLI_DONE;
}

#define DISTRICT                                                                                                       \
  { "district", "CODE", "only this district" }
#define PROPOSED                                                                                                       \
  { "file", "FOLDER", "a proposed catalogue: dispatch_rule.csv, category.csv, department.csv" }
static const struct cli_option list_options[] = {DISTRICT, PROPOSED, {0}};
static const struct cli_option replay_options[] = {{"since", "TIME", "orders routed at or after (required)"},
                                                   {"until", "TIME", "orders routed before (now)"},
                                                   DISTRICT,
                                                   PROPOSED,
                                                   {0}};

const struct cli_command cli_rules[] = {
    {"rules list", "", 0, 0, "the dispatch catalogue: rules in their order", list_options,
     "  wangge rules list --district 370117\n  wangge rules list --json | jq .rules\n", run_list},
    {"rules check", "", 0, 0, "what is wrong with the catalogue (exit 1: errors)", list_options,
     "  wangge rules check\n  wangge rules check --file catalogue --json\n", run_check},
    {"rules replay", "", 0, 0, "what a catalogue would have changed on past orders", replay_options,
     "  wangge rules replay --since 2026-11-01 --file catalogue\n"
     "  wangge rules replay --since 2026-11-01 --json | jq -c 'select(.newLead == \"housing\")'\n",
     cli_rules_replay},
    {"explain", "ORDER", 1, 1, "why an order went where it went, rule by rule", NULL,
     "  wangge explain 12\n  wangge explain 12 --json | jq .trace\n", run_explain},
    {0},
};
