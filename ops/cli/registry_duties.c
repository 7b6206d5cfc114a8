// wangge registry duties, duties redrive: what templates and events made, and refused ones pushed once more.

#include "ops/cli/output.h"
#include "ops/cli/registry.h"
#include "ops/cli/rows.h"

#include "common/wire/wire.h"

#include <jansson.h>

enum { PAGE = 1000, NAMED_MOST = 1000 };

static void duty_row(void *context, const ProtobufCMessage *message) {
  struct cli_table *table = context;
  const Wangge__V1__Duty *duty = (const Wangge__V1__Duty *)message;
  static const char *const states[] = {"", "待推送", "已推送", "被拒收"};
  cli_table_cell(table, "%s", duty->duty_id);
  cli_table_cell(table, "%s", duty->template_);
  cli_table_cell(table, "%s", duty->area);
  cli_table_cell(table, "%s", duty->due_on);
  cli_table_cell(table, "%s", (unsigned)duty->state < 4 ? states[duty->state] : "?");
  if (duty->order_id != 0) cli_table_cell(table, "%lld", (long long)duty->order_id);
  else cli_table_cell(table, "-");
  if (duty->state == WANGGE__V1__DUTY_STATE__DUTY_STATE_PENDING && duty->redriven_by[0] != 0)
    cli_table_cell(table, "%s 要求再次推送：%s", duty->redriven_by, duty->redriven_reason);
  else cli_table_cell(table, "%s", duty->message);
}

int cli_registry_duties(struct cli *cli) {
  static const char *const headings[] = {"任务", "模板", "区域", "日期", "状态", ">工单", "说明", NULL};
  struct wg_error error = {0};
  Wangge__V1__DutiesRequest request = WANGGE__V1__DUTIES_REQUEST__INIT;
  const char *state = cli_text(&cli->parsed, "state");
  int64_t limit = 50;
  request.district = cli_field(cli_district(cli, &error));
  int value = state != NULL ? wg_enum_value(&wangge__v1__duty_state__descriptor, state) : 0;
  if (error.code == WG_OK && value < 0)
    wg_fail(&error, WG_INVALID_ARGUMENT, "state", "--state is pending, pushed or refused");
  if (error.code != WG_OK || cli_number(&cli->parsed, "limit", 1, 100000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.state = (Wangge__V1__DutyState)value;
  struct cli_table *table = cli_table_create(headings);
  const int code = cli_list_rows(cli,
                                 &(struct cli_listing){.service = CLI_REGISTRY,
                                                       .method = "wangge.v1.Registry/Duties",
                                                       .request = &request.base,
                                                       .response = &wangge__v1__duties_response__descriptor,
                                                       .row = duty_row,
                                                       .context = table},
                                 limit);
  if (!cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return code;
}

// --- redrive ---

struct redrive {
  Wangge__V1__RedriveDutiesRequest request;
  json_int_t asked, changed;
};

// send asks for at most a page of duties; false with *code set.
static bool send(struct cli *cli, struct redrive *redrive, char **ids, size_t count, int *code) {
  redrive->request.duty_ids = ids;
  redrive->request.n_duty_ids = count;
  redrive->asked += (json_int_t)count;
  if (count == 0) return true;
  const Wangge__V1__RedriveDutiesResponse *answer = (Wangge__V1__RedriveDutiesResponse *)cli_ask(
      cli, CLI_REGISTRY, "wangge.v1.Registry/RedriveDuties", &redrive->request.base,
      &wangge__v1__redrive_duties_response__descriptor, code);
  if (answer != NULL) redrive->changed += answer->changed;
  return answer != NULL;
}

// send_all goes from the newest to the oldest once, so that what is refused anew meanwhile is left.
static void send_all(struct cli *cli, struct redrive *redrive, int *code) {
  Wangge__V1__DutiesRequest request = WANGGE__V1__DUTIES_REQUEST__INIT;
  request.district = redrive->request.district;
  request.state = WANGGE__V1__DUTY_STATE__DUTY_STATE_REFUSED;
  request.limit = PAGE;
  do {
    const Wangge__V1__DutiesResponse *page = (Wangge__V1__DutiesResponse *)cli_ask(
        cli, CLI_REGISTRY, "wangge.v1.Registry/Duties", &request.base, &wangge__v1__duties_response__descriptor, code);
    if (page == NULL) return;
    char **ids = wg_arena_alloc(cli->arena, (page->n_duties + 1) * sizeof *ids);
    for (size_t i = 0; i < page->n_duties; i++)
      ids[i] = page->duties[i]->duty_id;
    if (!send(cli, redrive, ids, page->n_duties, code)) return;
    request.page_token = page->next_page_token;
  } while (request.page_token[0] != 0 && !cli_stopped);
}

int cli_registry_redrive(struct cli *cli) {
  struct wg_error error = {0};
  struct redrive redrive = {.request = WANGGE__V1__REDRIVE_DUTIES_REQUEST__INIT};
  const bool all = cli_given(&cli->parsed, "all");
  const int named = cli->parsed.arguments;
  redrive.request.district = cli_field(cli_district(cli, &error));
  redrive.request.reason = cli_field(cli_text(&cli->parsed, "reason"));
  if (error.code == WG_OK && redrive.request.reason[0] == 0)
    wg_fail(&error, WG_INVALID_ARGUMENT, "reason", "--reason is required");
  if (error.code == WG_OK && all == (named > 0))
    wg_fail(&error, WG_INVALID_ARGUMENT, "DUTY", "name duties, or give --all");
  if (error.code != WG_OK) return cli_usage(cli, &error);
  int code = CLI_DONE;
  if (all) {
    send_all(cli, &redrive, &code);
  } else {
    char *ids[NAMED_MOST];
    for (int i = 0; i < named; i++)
      ids[i] = cli_field(cli->parsed.argument[i]);
    send(cli, &redrive, ids, (size_t)named, &code);
  }
  if (cli->json) cli_print_json(json_pack("{s:I,s:I}", "changed", redrive.changed, "asked", redrive.asked));
  else printf("%lld 项中 %lld 项将再次推送\n", redrive.asked, redrive.changed);
  return code == CLI_DONE && redrive.changed < redrive.asked ? CLI_REFUSED : code;
}
