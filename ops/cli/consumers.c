// wangge consumers remove: forgets a durable consumer, so that retention no longer waits for it.

#include "ops/cli/cli.h"
#include "ops/cli/output.h"

#include "wangge/v1/ops.pb-c.h"

#include <string.h>

static char *text_of(struct cli *cli, const char *option) {
  const char *text = cli_text(&cli->parsed, option);
  return text != NULL ? (char *)(uintptr_t)text : (char *)(uintptr_t)protobuf_c_empty_string;
}

static int run_remove(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__ConsumerRemoveRequest request = WANGGE__V1__CONSUMER_REMOVE_REQUEST__INIT;
  request.stream = text_of(cli, "stream");
  request.consumer = (char *)(uintptr_t)cli->parsed.argument[0];
  request.topic = text_of(cli, "topic");
  request.has_topic = cli_given(&cli->parsed, "topic");
  request.reason = text_of(cli, "reason");
  const char *dot = strchr(request.stream, '.');
  char name[32] = "";
  if (dot != NULL && (size_t)(dot - request.stream) < sizeof name)
    memcpy(name, request.stream, (size_t)(dot - request.stream));
  int service = cli_service(name);
  if (service < 0) wg_fail(&error, WG_INVALID_ARGUMENT, "stream", "--stream is required, e.g. routing.dispatch");
  else if (request.reason[0] == 0) wg_fail(&error, WG_INVALID_ARGUMENT, "reason", "--reason is required");
  if (error.code != WG_OK) return cli_usage(cli, &error);
  ProtobufCMessage *message = NULL;
  if (cli_call(cli, service, "wangge.v1.Ops/ConsumerRemove", &request.base,
               &wangge__v1__consumer_remove_response__descriptor, &message, &error) != WG_OK)
    return cli_complain(cli, &error);
  if (cli->json) cli_print_json(json_pack("{s:s}", "removed", request.consumer));
  else printf("consumer %s of %s is forgotten\n", request.consumer, request.stream);
  return CLI_DONE;
}

static const struct cli_option options[] = {
    {"stream", "NAME", "stream it consumes; required"},
    {"topic", "TOPIC", "topic it consumes, when it has one"},
    {"reason", "TEXT", "why; required"},
    {0},
};

const struct cli_command cli_consumers[] = {
    {"consumers remove", "CONSUMER", 1, 1, "forget a durable consumer that will not come back", options,
     "  wangge consumers remove cli --stream routing.dispatch --topic water --reason 'department merged'\n",
     run_remove},
    {0},
};
