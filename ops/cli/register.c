// wangge register: one order by hand, as whoever keeps a station (民悦驿站) or hands over what a message group wrote
// takes it down from a resident.
#include "ops/cli/cli.h"
#include "ops/cli/order.h"
#include "ops/cli/output.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <inttypes.h>
#include <string.h>

// Options that are fields of the order.
static const struct {
  const char *option, *field;
} FIELDS[] = {
    {"district", "district"},
    {"origin", "origin"},
    {"kind", "kind"},
    {"text", "text"},
    {"title", "title"},
    {"address", "address"},
    {"grid", "grid_code"},
    {"category", "category"},
    {"urgency", "urgency"},
    {"name", "reporter.name"},
    {"at", "occurred_at"},
    {"channel", "channel"},
    {"phone", "reporter.phone"},
    {"id", "external_id"},
    {"land", "parcel_ownership"},
};

static wg_status fill(struct cli *cli, Wangge__V1__NewOrder *order, struct wg_error *error) {
  for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
    const char *value = cli_text(&cli->parsed, FIELDS[i].option);
    const wg_status status = cli_order_set(order, cli->arena, FIELDS[i].field, value, NULL, error);
    if (status != WG_OK) return status;
  }
  order->confidential = cli_given(&cli->parsed, "confidential");
  const int64_t now = wg_now_us();
  if (!order->occurred_at) order->occurred_at = now;
  if (!*order->external_id) order->external_id = wg_arena_printf(cli->arena, "hand-%" PRId64, now);
  return WG_OK;
}

static int tell(struct cli *cli, const Wangge__V1__NewOrder *order, const Wangge__V1__PushResult *result) {
  struct wg_error error = {0};
  if (result->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_REJECTED) {
    const char *dot = strchr(result->error->field, '.'); // orders[0].text
    wg_fail(&error, (wg_status)result->error->code, dot != NULL ? dot + 1 : "", "%s", result->error->message);
    return cli_complain(cli, &error);
  }
  const bool known = result->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_DUPLICATE;
  if (cli->json)
    cli_print_json(json_pack("{s:I,s:s,s:b}", "order_id", (json_int_t)result->order_id, "external_id",
                             order->external_id, "duplicate", known));
  else printf("order %" PRId64 " (%s)%s\n", result->order_id, order->external_id, known ? ", registered before" : "");
  return CLI_DONE;
}

static int run_register(struct cli *cli) {
  struct wg_error error = {0};
  const char *source = cli_text(&cli->parsed, "source");
  static const char *const needed[] = {"source", "district", "kind", "text"};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    if (cli_given(&cli->parsed, needed[i])) continue;
    wg_fail(&error, WG_INVALID_ARGUMENT, needed[i], "--%s is required", needed[i]);
    return cli_usage(cli, &error);
  }
  Wangge__V1__NewOrder *order = cli_order_create(cli->arena);
  if (fill(cli, order, &error) != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, source);
  Wangge__V1__PushRequest push = WANGGE__V1__PUSH_REQUEST__INIT;
  push.source = (char *)(uintptr_t)source;
  push.orders = &order;
  push.n_orders = 1;
  int code = CLI_DONE;
  const Wangge__V1__PushResponse *response = (const Wangge__V1__PushResponse *)cli_ask(
      cli, CLI_INTAKE, "wangge.v1.Intake/Push", &push.base, &wangge__v1__push_response__descriptor, &code);
  if (response == NULL) return code;
  if (response->n_results == 1) return tell(cli, order, response->results[0]);
  wg_fail(&error, WG_INTERNAL, NULL, "the answer does not fit the request");
  return cli_complain(cli, &error);
}

static const struct cli_option options[] = {
    {"source", "NAME", "source that hands it over; its key is used"},
    {"district", "CODE", "district, 6 digits"},
    {"origin", "CODE", "station or message group it comes from; the only one of the key may be left out"},
    {"kind", "KIND", "consultation, help, complaint, report, suggestion, praise, or 咨询, 求助 …"},
    {"text", "TEXT", "what the resident wants"},
    {"title", "TEXT", "subject"},
    {"address", "TEXT", "where it is"},
    {"grid", "CODE", "grid it is in, 15 digits"},
    {"category", "PATH", "levels joined by /"},
    {"land", "OWNERSHIP", "whose land it is about: state, collective"},
    {"urgency", "LEVEL", "normal, urgent, extra_urgent"},
    {"channel", "CHANNEL", "how it came (default: the key's channel)"},
    {"name", "NAME", "the resident"},
    {"phone", "NUMBER", "the resident's telephone number"},
    {"confidential", NULL, "the resident is shown to nobody"},
    {"at", "TIME", "when it was said (default: now)"},
    {"id", "ID", "number of the visit or message: the same again is the same order (default: a new one)"},
    {0},
};

const struct cli_command cli_register[] = {
    {"register", "", 0, 0, "register one order by hand, for a station or a message group", options,
     "  wangge register --source station-s01 --district 370117 --kind 求助 --title 楼道灯不亮 \\\n"
     "    --text '3号楼2单元楼道灯坏了一周' --address 亲和家园3号楼 --name 张女士 --phone 10000000001\n"
     "  wangge register --source wechat-group --origin group-370117001001001 --district 370117 --id 88213 \\\n"
     "    --kind suggestion --text '社区广场能不能搭一个小舞台' --json\n",
     run_register},
    {0},
};
