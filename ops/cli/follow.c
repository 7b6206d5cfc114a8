// wangge follow: a durable subscription that prints events and acknowledges them.

#include "ops/cli/cli.h"
#include "ops/cli/order.h"
#include "ops/cli/output.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include "wangge/v1/intake.pb-c.h"
#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

#include <stdlib.h>
#include <string.h>

struct following {
  struct cli *cli;
  wangge_client *client;
  struct wg_arena *arena;
  struct wg_buffer line, cut;
  bool acknowledge;
};

static void head_line(struct following *following, const struct wangge_event *event, const char *word,
                      int64_t order_id) {
  char at[32];
  wg_buffer_printf(&following->line, "%llu  %s  %s %lld", (unsigned long long)event->number, cli_time(event->at, at),
                   word, (long long)order_id);
  if (event->redriven) wg_buffer_text(&following->line, " (again)");
}

static void add_text(struct following *following, const char *text, int columns) {
  if (text[0] != 0) wg_buffer_printf(&following->line, "  %s", cli_cut(text, columns, &following->cut));
}

static void print_order(struct following *following, const Wangge__V1__Order *order) {
  char kind[32], urgency[32];
  wg_buffer_printf(&following->line, "  %s %s",
                   cli_enum_term(&wangge__v1__order_kind__descriptor, (int)order->kind, kind),
                   cli_enum_term(&wangge__v1__urgency__descriptor, (int)order->urgency, urgency));
  add_text(following, order->category, 40);
  add_text(following, order->title[0] != 0 ? order->title : order->text, 60);
  add_text(following, order->address, 40);
}

// describe_dispute makes the line of returns and adjudications; nothing for other types.
static void describe_dispute(struct following *following, const struct wangge_event *event,
                             const ProtobufCMessage *message) {
  const ProtobufCMessageDescriptor *type = message->descriptor;
  if (type == &wangge__v1__return_requested__descriptor) {
    const Wangge__V1__ReturnRequested *one = (const Wangge__V1__ReturnRequested *)message;
    if (one->request == NULL) return;
    head_line(following, event, "return requested", one->order_id);
    add_text(following, one->request->department, 30);
    add_text(following, one->request->reason, 60);
  } else if (type == &wangge__v1__return_rejected__descriptor) {
    const Wangge__V1__ReturnRejected *one = (const Wangge__V1__ReturnRejected *)message;
    head_line(following, event, "return rejected", one->order_id);
    add_text(following, one->reason, 60);
  } else if (type == &wangge__v1__dispute_escalated__descriptor) {
    const Wangge__V1__DisputeEscalated *one = (const Wangge__V1__DisputeEscalated *)message;
    head_line(following, event, "escalated", one->order_id);
    add_text(following, one->reason, 60);
  } else if (type == &wangge__v1__order_adjudicated__descriptor) {
    const Wangge__V1__OrderAdjudicated *one = (const Wangge__V1__OrderAdjudicated *)message;
    if (one->precedent == NULL) return;
    head_line(following, event, "adjudicated", one->order_id);
    add_text(following, one->precedent->lead, 30);
    add_text(following, one->precedent->basis, 60);
  }
}

static void print_notice(struct following *following, const struct wangge_event *event,
                         const Wangge__V1__CaseNotice *one) {
  char word[32], audience[32];
  head_line(following, event, cli_enum_term(&wangge__v1__case_notice_kind__descriptor, (int)one->kind, word),
            one->order_id);
  wg_buffer_printf(&following->line, "  %s",
                   cli_enum_term(&wangge__v1__case_notice_audience__descriptor, (int)one->audience, audience));
  add_text(following, one->entry, 40);
  add_text(following, one->department, 30);
  add_text(following, one->grid_code, 15);
  add_text(following, one->text, 60);
}

// describe makes the line for people; events of other types are told by their type.
static void describe(struct following *following, const struct wangge_event *event, const ProtobufCMessage *message) {
  const ProtobufCMessageDescriptor *type = message->descriptor;
  char word[32];
  if (type == &wangge__v1__order_received__descriptor) {
    const Wangge__V1__Order *order = ((const Wangge__V1__OrderReceived *)message)->order;
    if (order == NULL) return;
    head_line(following, event, "received", order->order_id);
    print_order(following, order);
  } else if (type == &wangge__v1__order_dispatched__descriptor) {
    const Wangge__V1__OrderDispatched *dispatched = (const Wangge__V1__OrderDispatched *)message;
    if (dispatched->order == NULL) return;
    const int role = dispatched->leg != NULL ? (int)dispatched->leg->role : 0;
    head_line(following, event,
              role > WANGGE__V1__LEG_ROLE__LEG_ROLE_LEAD ? wg_enum_name(&wangge__v1__leg_role__descriptor, role, word)
                                                         : "order",
              dispatched->order->order_id);
    print_order(following, dispatched->order);
  } else if (type == &wangge__v1__order_signed__descriptor) {
    const Wangge__V1__OrderSigned *one = (const Wangge__V1__OrderSigned *)message;
    head_line(following, event, "accepted", one->order_id);
    add_text(following, one->by, 30);
  } else if (type == &wangge__v1__order_returned__descriptor) {
    const Wangge__V1__OrderReturned *one = (const Wangge__V1__OrderReturned *)message;
    head_line(following, event, "returned", one->order_id);
    add_text(following, one->reason, 60);
  } else if (type == &wangge__v1__dispatch_revoked__descriptor) {
    const Wangge__V1__DispatchRevoked *one = (const Wangge__V1__DispatchRevoked *)message;
    head_line(following, event, one->withdrawn ? "withdrawn" : one->voided ? "void" : "moved away", one->order_id);
    add_text(following, one->reason, 60);
  } else if (type == &wangge__v1__dispatch_supplemented__descriptor) {
    const Wangge__V1__DispatchSupplemented *one = (const Wangge__V1__DispatchSupplemented *)message;
    head_line(following, event, "supplemented", one->order_id);
    add_text(following, one->text, 80);
  } else if (type == &wangge__v1__case_changed__descriptor) {
    const Wangge__V1__CaseChanged *one = (const Wangge__V1__CaseChanged *)message;
    if (one->case_ == NULL || one->step == NULL) return;
    head_line(following, event, one->step->kind, one->case_->order_id);
    add_text(following, one->case_->department, 30);
    add_text(following, one->case_->title, 60);
    add_text(following, one->step->note, 60);
  } else if (type == &wangge__v1__case_voided__descriptor) {
    const Wangge__V1__CaseVoided *one = (const Wangge__V1__CaseVoided *)message;
    head_line(following, event, "void", one->order_id);
    add_text(following, one->reason, 60);
  } else if (type == &wangge__v1__case_reopened__descriptor) {
    const Wangge__V1__CaseReopened *one = (const Wangge__V1__CaseReopened *)message;
    head_line(following, event, "reopened", one->order_id);
    add_text(following, one->reason, 60);
  } else if (type == &wangge__v1__case_notice__descriptor) {
    const Wangge__V1__CaseNotice *one = (const Wangge__V1__CaseNotice *)message;
    print_notice(following, event, one);
  } else {
    describe_dispute(following, event, message);
  }
}

static void print_event(struct following *following, const struct wangge_event *event,
                        const ProtobufCMessage *message) {
  struct wg_buffer *line = &following->line;
  wg_buffer_clear(line);
  if (!following->cli->json) {
    if (message != NULL) describe(following, event, message);
    if (line->size == 0) {
      char at[32];
      wg_buffer_printf(line, "%llu  %s  %s", (unsigned long long)event->number, cli_time(event->at, at), event->type);
    }
    cli_print_line(line);
    return;
  }
  char at[40];
  wg_buffer_printf(line, "{\"number\":%llu,\"seq\":%llu,\"topic\":", (unsigned long long)event->number,
                   (unsigned long long)event->seq);
  wg_json_quote(line, wg_bytes_of(event->topic));
  wg_buffer_printf(line, ",\"at\":\"%s\",\"type\":", wg_rfc3339_format(event->at, at));
  wg_json_quote(line, wg_bytes_of(event->type));
  if (event->redriven) wg_buffer_text(line, ",\"redriven\":true");
  if (event->traceparent[0] != 0) {
    wg_buffer_text(line, ",\"traceparent\":");
    wg_json_quote(line, wg_bytes_of(event->traceparent));
  }
  wg_buffer_text(line, ",\"event\":");
  if (message != NULL) wg_json_message(line, message);
  else wg_buffer_text(line, "null");
  wg_buffer_text(line, "}");
  cli_print_line(line);
}

// take prints one event and acknowledges it; what cannot be read is set aside for an operator.
static void take(struct following *following, const struct wangge_event *event) {
  wg_arena_reset(following->arena);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  const ProtobufCMessageDescriptor *type = wg_message_type(event->type);
  if (type != NULL && wg_unpack(type, (struct wg_bytes){event->payload, event->payload_size}, following->arena,
                                &message, &error) != WG_OK) {
    cli_complain(following->cli, &error);
    if (following->acknowledge) wangge_park(following->client, event, error.message);
    return;
  }
  print_event(following, event, message);
  if (following->acknowledge && !ferror(stdout)) wangge_ack(following->client, event);
}

static int follow_loop(struct following *following, int64_t limit) {
  struct cli *cli = following->cli;
  int64_t taken = 0, quiet_since = wg_monotonic_us();
  bool connected = false;
  while (!cli_stopped && !ferror(stdout)) {
    struct wangge_event event;
    int code = wangge_next(following->client, &event, 200);
    if (code == WG_OK) {
      take(following, &event);
      if (++taken == limit) break;
      quiet_since = wg_monotonic_us();
      continue;
    }
    struct wg_error error = {0};
    if (code != WG_DEADLINE_EXCEEDED) {
      wg_fail(&error, (wg_status)code, wangge_error_field(following->client), "%s", wangge_error(following->client));
      return cli_complain(cli, &error);
    }
    if (!connected && wangge_connected(following->client) == 1) {
      connected = true;
      quiet_since = wg_monotonic_us();
    }
    int64_t quiet = wg_monotonic_us() - quiet_since;
    if (!connected && quiet > cli->timeout_ms * INT64_C(1000)) {
      if (wangge_connected(following->client) < 0)
        wg_fail(&error, WG_UNAUTHENTICATED, NULL, "the service does not let this key in");
      else wg_fail(&error, WG_UNAVAILABLE, NULL, "nobody answers");
      return cli_complain(cli, &error);
    }
    if (connected && quiet > WG_SECOND_US && cli_given(&cli->parsed, "until-idle")) break;
  }
  wangge_flush(following->client);
  return CLI_DONE;
}

static wg_status parse_from(const char *text, struct wangge_follow_options *options, struct wg_error *error) {
  int64_t number;
  if (text == NULL || strcmp(text, "resume") == 0) options->start = 0;
  else if (strcmp(text, "earliest") == 0) options->start = 2;
  else if (strcmp(text, "latest") == 0) options->start = 5;
  else if (wg_parse_i64(text, &number) && number >= 0) {
    options->start = 3;
    options->after = (uint64_t)number;
  } else if (wg_civil_parse(text, &options->time)) options->start = 4;
  else
    return wg_fail(error, WG_INVALID_ARGUMENT, "from",
                   "--from is resume, earliest, latest, a number to begin behind, or a time");
  return WG_OK;
}

static int service_of(const char *stream) {
  for (int i = 0; i < CLI_SERVICES; i++) {
    size_t length = strlen(cli_services[i]);
    if (strncmp(stream, cli_services[i], length) == 0 && stream[length] == '.') return i;
  }
  return -1;
}

static int run_follow(struct cli *cli) {
  struct wg_error error = {0};
  const char *department = cli_text(&cli->parsed, "department"), *stream = cli_text(&cli->parsed, "stream");
  struct wangge_follow_options options = {.stream = stream != NULL ? stream : "routing.dispatch"};
  int64_t limit = 0;
  options.topic = cli_given(&cli->parsed, "topic") ? cli_text(&cli->parsed, "topic") : department;
  options.consumer = cli_text(&cli->parsed, "consumer");
  if (options.consumer == NULL) options.consumer = department != NULL ? "cli" : "";
  if (parse_from(cli_text(&cli->parsed, "from"), &options, &error) != WG_OK ||
      cli_number(&cli->parsed, "limit", 1, INT64_MAX, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  int service = service_of(options.stream);
  if (service < 0) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "stream", "no service publishes a stream \"%s\"", options.stream);
    return cli_usage(cli, &error);
  }
  cli_as(cli, department);
  struct following following = {.cli = cli, .acknowledge = !cli_given(&cli->parsed, "no-ack")};
  following.client = cli_open(cli, service, cli->principal, &error);
  if (following.client == NULL) return cli_usage(cli, &error);
  following.arena = wg_arena_create(64 * 1024);
  wangge_follow(following.client, &options);
  int code = follow_loop(&following, limit);
  wangge_close(following.client);
  wg_arena_destroy(following.arena);
  wg_buffer_free(&following.line);
  wg_buffer_free(&following.cut);
  return code;
}

static const struct cli_option options[] = {
    {"department", "CODE", "follow as this department, its own topic, remembered as \"cli\""},
    {"stream", "NAME",
     "routing.dispatch (default), tracking.cases, tracking.notices, tracking.verdicts, tracking.lists, intake.orders"},
    {"topic", "TOPIC", "only this topic (default: the department's)"},
    {"consumer", "NAME", "remember the position under this name (\"\": do not)"},
    {"from", "WHERE", "resume (default), earliest, latest, a number to begin behind, or a time"},
    {"limit", "N", "stop after N events"},
    {"until-idle", NULL, "stop when nothing came for a second"},
    {"no-ack", NULL, "acknowledge nothing: the same events come again"},
    {0},
};

const struct cli_command cli_follow[] = {
    {"follow", "", 0, 0, "a durable subscription: prints events, acknowledges, resumes where it stopped", options,
     "  wangge follow --department water\n"
     "  wangge follow --department water --json --limit 10\n"
     "  wangge follow --stream tracking.cases --from latest --as operator\n"
     "  wangge follow --stream tracking.notices --topic residents-370117 --as operator\n",
     run_follow},
    {0},
};
