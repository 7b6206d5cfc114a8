// wangge rules: the rule table in force, and what is wrong with it.

#include "ops/cli/cli.h"
#include "ops/cli/output.h"

#include "common/wire/wire.h"

#include "wangge/v1/routing.pb-c.h"

static const char *const headings[] = {"RULE", "CATEGORY", "DISTRICT",   "AREA",  "SOURCE",
                                       "FROM", "TO",       "DEPARTMENT", ">HITS", NULL};

static const char *any(const char *text) {
  return text[0] != 0 ? text : "*";
}

static int run_rules(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__RulesRequest request = WANGGE__V1__RULES_REQUEST__INIT;
  ProtobufCMessage *message = NULL;
  if (cli_call(cli, 1, "wangge.v1.Routing/Rules", &request.base, &wangge__v1__rules_response__descriptor, &message,
               &error) != WG_OK)
    return cli_complain(cli, &error);
  const Wangge__V1__RulesResponse *rules = (Wangge__V1__RulesResponse *)message;
  if (cli->json) {
    struct wg_buffer out = {0};
    wg_json_message(&out, message);
    cli_print_line(&out);
    wg_buffer_free(&out);
    return CLI_DONE;
  }
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < rules->n_rules; i++) {
    const Wangge__V1__Rule *rule = rules->rules[i];
    char hits[32];
    cli_table_cell(table, "%s", rule->id);
    cli_table_cell(table, "%s", any(rule->category_prefix));
    cli_table_cell(table, "%s", any(rule->district));
    cli_table_cell(table, "%s", any(rule->area));
    cli_table_cell(table, "%s", any(rule->source));
    cli_table_cell(table, "%s", rule->valid_from);
    cli_table_cell(table, "%s", rule->valid_to);
    cli_table_cell(table, "%s", rule->department);
    cli_table_cell(table, "%s", cli_count((uint64_t)rule->hits, hits));
  }
  cli_table_print(table, stdout);
  cli_table_free(table);
  printf("version %s\n", rules->version);
  for (size_t i = 0; i < rules->n_findings; i++)
    printf("%s %s: %s\n", rules->findings[i]->kind, rules->findings[i]->rule_id, rules->findings[i]->message);
  return CLI_DONE;
}

const struct cli_command cli_rules[] = {
    {"rules", "", 0, 0, "the routing rules in force and what is wrong with them", NULL,
     "  wangge rules\n  wangge rules --json | jq .findings\n", run_rules},
    {0},
};
