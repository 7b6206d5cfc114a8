// wangge queues: every stream and every consumer, how far each is.

#include "ops/cli/queues.h"
#include "ops/cli/output.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <stdio.h>
#include <string.h>

void cli_queues_ask(struct cli *cli, struct cli_queues *queues) {
  *queues = (struct cli_queues){0};
  Wangge__V1__QueuesRequest request = WANGGE__V1__QUEUES_REQUEST__INIT;
  for (int i = 0; i < CLI_SERVICES; i++) {
    ProtobufCMessage *response = NULL;
    queues->asked[i] = cli_has(cli, i);
    if (!queues->asked[i]) continue;
    if (cli_call(cli, i, "wangge.v1.Ops/Queues", &request.base, &wangge__v1__queues_response__descriptor, &response,
                 &queues->error[i]) == WG_OK)
      queues->response[i] = (Wangge__V1__QueuesResponse *)response;
  }
}

const char *const cli_queues_headings[] = {"STREAM", "CONSUMER", "TOPIC",   ">HEAD",     ">ACKED",  ">LAG", ">OLDEST",
                                           ">IN/s",  ">OUT/s",   ">PARKED", "CONNECTED", "SERVICE", NULL};

struct rows {
  void (*row)(void *context, const char *const cells[CLI_QUEUES_COLUMNS], bool alarming);
  void *context;
  const char *service;
  int64_t now;
};

static void stream_row(const struct rows *rows, const Wangge__V1__StreamStatus *one) {
  char head[32], rate[32];
  snprintf(rate, sizeof rate, "%.1f", one->in_per_second);
  const char *cells[CLI_QUEUES_COLUMNS] = {
      one->stream, "", "", cli_count(one->head, head), "", "", "", rate, "", "", "", rows->service};
  rows->row(rows->context, cells, false);
}

static void consumer_row(const struct rows *rows, const Wangge__V1__ConsumerStatus *one) {
  char head[32], acked[32], lag[32], oldest[32], rate[32], parked[32], connected[80];
  snprintf(rate, sizeof rate, "%.1f", one->out_per_second);
  snprintf(connected, sizeof connected, "%s%s%.60s", one->connected ? "yes" : "no", one->principal[0] != 0 ? " " : "",
           one->principal);
  const char *topic = !one->has_topic ? "*" : one->topic[0] != 0 ? one->topic : "(desk)";
  const char *cells[CLI_QUEUES_COLUMNS] = {
      one->stream,
      one->consumer[0] != 0 ? one->consumer : "(not durable)",
      topic,
      cli_count(one->head, head),
      cli_count(one->acked, acked),
      cli_count(one->lag, lag),
      cli_age(one->oldest_at, rows->now, oldest),
      "",
      rate,
      cli_count(one->parked, parked),
      connected,
      rows->service,
  };
  rows->row(rows->context, cells, one->parked > 0 || (!one->connected && one->lag > 0));
}

static void follow_row(const struct rows *rows, const Wangge__V1__FollowStatus *one) {
  char head[32], position[32], lag[32], parked[32];
  uint64_t behind = one->head > one->position ? one->head - one->position : 0;
  const char *cells[CLI_QUEUES_COLUMNS] = {one->stream,
                                           "(reads)",
                                           "*",
                                           cli_count(one->head, head),
                                           cli_count(one->position, position),
                                           cli_count(behind, lag),
                                           "",
                                           "",
                                           "",
                                           cli_count(one->parked, parked),
                                           one->connected ? "yes" : "no",
                                           rows->service};
  rows->row(rows->context, cells, one->parked > 0 || !one->connected);
}

void cli_queues_rows(const struct cli_queues *queues, int64_t now,
                     void (*row)(void *context, const char *const cells[CLI_QUEUES_COLUMNS], bool alarming),
                     void *context) {
  for (int i = 0; i < CLI_SERVICES; i++) {
    const Wangge__V1__QueuesResponse *response = queues->response[i];
    if (response == NULL) continue;
    struct rows rows = {row, context, cli_services[i], now};
    for (size_t j = 0; j < response->n_follows; j++)
      follow_row(&rows, response->follows[j]);
    for (size_t j = 0; j < response->n_streams; j++)
      stream_row(&rows, response->streams[j]);
    for (size_t j = 0; j < response->n_consumers; j++)
      consumer_row(&rows, response->consumers[j]);
  }
}

static void table_row(void *context, const char *const cells[CLI_QUEUES_COLUMNS], bool alarming) {
  (void)alarming;
  for (int i = 0; i < CLI_QUEUES_COLUMNS; i++)
    cli_table_cell(context, "%s", cells[i]);
}

static void print_json(const struct cli_queues *queues) {
  struct wg_buffer out = {0};
  wg_buffer_text(&out, "{");
  for (int i = 0; i < CLI_SERVICES; i++) {
    if (!queues->asked[i]) continue;
    wg_buffer_printf(&out, "%s\"%s\":", i > 0 ? "," : "", cli_services[i]);
    if (queues->response[i] != NULL) wg_json_message(&out, &queues->response[i]->base);
    else wg_buffer_text(&out, "null");
  }
  wg_buffer_text(&out, "}");
  cli_print_line(&out);
  wg_buffer_free(&out);
}

static void print_notices(const struct cli_queues *queues) {
  for (int i = 0; i < CLI_SERVICES; i++) {
    const Wangge__V1__QueuesResponse *response = queues->response[i];
    if (response != NULL && response->notice[0] != 0) printf("%s: %s\n", cli_services[i], response->notice);
  }
}

static int run_queues(struct cli *cli) {
  struct cli_queues queues;
  cli_queues_ask(cli, &queues);
  if (cli->json) {
    print_json(&queues);
  } else {
    struct cli_table *table = cli_table_create(cli_queues_headings);
    cli_queues_rows(&queues, wg_now_us(), table_row, table);
    cli_table_print(table, stdout);
    cli_table_free(table);
    print_notices(&queues);
  }
  int code = CLI_DONE;
  for (int i = 0; i < CLI_SERVICES; i++) {
    if (queues.error[i].code == WG_OK) continue;
    int one = cli_complain(cli, &queues.error[i]);
    if (one > code) code = one;
  }
  return code;
}

const struct cli_command cli_queues[] = {
    {"queues", "", 0, 0, "every stream and consumer: head, acknowledged, lag, age, rates, parked", NULL,
     "  wangge queues\n"
     "  wangge queues --json | jq '.routing.consumers[] | select(.lag != null)'\n",
     run_queues},
    {0},
};
