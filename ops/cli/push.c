// wangge push: a file of orders to intake, in constant memory, safe to interrupt and to repeat.
//
// Records are collected into batches; the library keeps a few of them in flight and repeats what may have been lost.
// Each batch remembers its line numbers until it is answered. A line that cannot be read is reported and the rest goes
// on.

#include "ops/cli/cli.h"
#include "ops/cli/orders.h"
#include "ops/cli/output.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include "wangge/v1/ops.pb-c.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_ORDERS = 250, BATCH_BYTES = 1 << 20, WINDOW = 4 };

struct batch {
  bool used;
  size_t count;
  uint64_t line[BATCH_ORDERS];
};

struct push {
  struct cli *cli;
  wangge_client *client;
  const char *source, *district;
  struct cli_orders orders;
  struct wg_arena *arena;  // of the batch being collected
  struct wg_arena *answer; // of one answer
  Wangge__V1__NewOrder *order[BATCH_ORDERS];
  struct batch batch[WINDOW + 1]; // in flight, and the one being collected
  struct batch *current;
  size_t bytes;
  uint64_t read, accepted, duplicate, rejected, unanswered;
  int64_t started_at;
  struct wg_error failure; // why nothing more is pushed; code 0: go on
};

static const char *order_field(const char *field) {
  const char *dot = strncmp(field, "orders[", 7) == 0 ? strstr(field, "].") : NULL;
  return dot != NULL ? dot + 2 : field;
}

// report prints one order that was not taken.
static void report(struct push *push, uint64_t line, int code, const char *field, const char *message) {
  push->rejected++;
  cli_progress_clear();
  const char *name = wg_status_name((wg_status)code);
  field = order_field(field);
  if (push->cli->json) {
    cli_print_json(json_pack("{s:I,s:s,s:s,s:s,s:s}", "line", (json_int_t)line, "outcome", "rejected", "code", name,
                             "field", field, "message", message));
    return;
  }
  printf("line %llu: rejected: %s%s%s (%s)\n", (unsigned long long)line, field, field[0] != 0 ? ": " : "", message,
         name);
}

static void tally(struct push *push, const struct batch *batch, const Wangge__V1__PushResponse *response) {
  for (size_t i = 0; i < batch->count; i++) {
    const Wangge__V1__PushResult *result = response->results[i];
    const Wangge__V1__Status *error = result->error;
    if (result->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_ACCEPTED) push->accepted++;
    else if (result->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_DUPLICATE) push->duplicate++;
    else if (error == NULL) report(push, batch->line[i], WG_UNKNOWN, "", "rejected without a reason");
    else report(push, batch->line[i], (int)error->code, error->field, error->message);
  }
}

static void on_answer(void *context, uint64_t tag, int code, const void *body, size_t size) {
  struct push *push = context;
  struct batch *batch = &push->batch[tag];
  batch->used = false;
  struct wg_error error = {0};
  if (code != WG_OK) {
    // wangge_error is filled before the answer is handed over.
    wg_fail(&error, (wg_status)code, wangge_error_field(push->client), "%s", wangge_error(push->client));
    push->unanswered += batch->count;
    if (push->failure.code == WG_OK) push->failure = error;
    return;
  }
  wg_arena_reset(push->answer);
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__push_response__descriptor, (struct wg_bytes){body, size}, push->answer, &message,
                &error) == WG_OK &&
      ((Wangge__V1__PushResponse *)message)->n_results == batch->count) {
    tally(push, batch, (Wangge__V1__PushResponse *)message);
    return;
  }
  push->unanswered += batch->count;
  wg_fail(&push->failure, WG_INTERNAL, error.field, "the answer does not fit the request %s", error.message);
}

static void show_progress(struct push *push) {
  uint64_t done = push->accepted + push->duplicate + push->rejected;
  double seconds = (double)(wg_monotonic_us() - push->started_at) / 1e6;
  cli_progress("push",
               push->orders.input.bytes_total > 0
                   ? push->orders.input.bytes_read - (push->orders.input.text.size - push->orders.input.at)
                   : done,
               push->orders.input.bytes_total, seconds > 0 ? (double)done / seconds : 0);
}

// wait_below waits until fewer than `most`+1 batches are unanswered; false: stopped.
static bool wait_below(struct push *push, int most) {
  while (wangge_push_wait(push->client, most, 200) != WG_OK) {
    show_progress(push);
    if (cli_stopped) return false;
  }
  return push->failure.code == WG_OK;
}

static struct batch *free_batch(struct push *push) {
  for (size_t i = 0; i < sizeof push->batch / sizeof *push->batch; i++)
    if (!push->batch[i].used) return &push->batch[i];
  abort(); // one more batch than the window exists
}

// send_batch pushes what is collected; false: stop.
static bool send_batch(struct push *push) {
  struct batch *batch = push->current;
  if (batch->count == 0) return true;
  Wangge__V1__PushRequest request = WANGGE__V1__PUSH_REQUEST__INIT;
  request.source = (char *)(uintptr_t)push->source;
  request.n_orders = batch->count;
  request.orders = push->order;
  struct wg_bytes packed = wg_pack(&request.base, push->arena);
  bool room = wait_below(push, WINDOW - 1);
  if (!room) {
    push->unanswered += batch->count;
    batch->count = 0;
    return false;
  }
  batch->used = true;
  wangge_push(push->client, (uint64_t)(batch - push->batch), packed.data, packed.size);
  push->current = free_batch(push);
  push->current->count = 0;
  push->bytes = 0;
  wg_arena_reset(push->arena);
  show_progress(push);
  return push->failure.code == WG_OK && !cli_stopped;
}

// add puts one order into the batch; false: stop.
static bool add(struct push *push, uint64_t line, Wangge__V1__NewOrder *order) {
  if (order->district[0] == 0 && push->district != NULL) order->district = (char *)(uintptr_t)push->district;
  struct batch *batch = push->current;
  batch->line[batch->count] = line;
  push->order[batch->count++] = order;
  push->bytes += strlen(order->text) + strlen(order->title) + strlen(order->address) + 256;
  return (batch->count < BATCH_ORDERS && push->bytes < BATCH_BYTES) || send_batch(push);
}

// refuse reports a record that cannot be read, and keeps many of them from filling the batch's arena; false: stop.
static bool refuse(struct push *push, uint64_t line, const struct wg_error *error) {
  report(push, line, (int)error->code, error->field, error->message);
  if (push->current->count == 0) wg_arena_reset(push->arena);
  return (wg_arena_used(push->arena) < 4 * BATCH_BYTES || send_batch(push)) && !cli_stopped;
}

// push_orders pushes until the file ends or nothing more can be pushed.
static wg_status push_orders(struct push *push, struct wg_error *fatal) {
  for (;;) {
    struct wg_error error;
    Wangge__V1__NewOrder *order = NULL;
    const enum cli_orders_result result = cli_orders_next(&push->orders, push->arena, &order, &error);
    if (result == CLI_ORDERS_END) {
      *fatal = error;
      return fatal->code;
    }
    push->read++;
    const uint64_t line = push->orders.line;
    if (result == CLI_ORDERS_ONE ? !add(push, line, order) : !refuse(push, line, &error)) return WG_OK;
  }
}

// --- the command ---

static int summary(struct push *push, const struct wg_error *fatal) {
  double seconds = (double)(wg_monotonic_us() - push->started_at) / 1e6;
  uint64_t done = push->accepted + push->duplicate;
  double rate = seconds > 0 ? (double)done / seconds : 0;
  cli_progress_clear();
  if (push->cli->json) {
    cli_print_json(json_pack("{s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:b}", "read", (json_int_t)push->read, "accepted",
                             (json_int_t)push->accepted, "duplicate", (json_int_t)push->duplicate, "rejected",
                             (json_int_t)push->rejected, "unanswered", (json_int_t)push->unanswered, "seconds", seconds,
                             "rate", rate, "interrupted", (int)cli_stopped));
  } else {
    char a[32], d[32], r[32];
    printf("accepted %s, duplicate %s, rejected %s in %.1f s (%.0f orders/s)\n", cli_count(push->accepted, a),
           cli_count(push->duplicate, d), cli_count(push->rejected, r), seconds, rate);
    if (push->unanswered > 0 || cli_stopped)
      printf("not all was pushed; push the same file again: what is there already counts as duplicate\n");
  }
  if (fatal->code != WG_OK) return cli_complain(push->cli, fatal) == CLI_UNREACHABLE ? CLI_UNREACHABLE : CLI_REFUSED;
  return push->rejected > 0 || push->unanswered > 0 || cli_stopped ? CLI_REFUSED : CLI_DONE;
}

// greet asks intake for its name, so that a wrong address or key is told at once and not after the retries.
static wg_status greet(struct push *push, struct wg_error *error) {
  Wangge__V1__InfoRequest request = WANGGE__V1__INFO_REQUEST__INIT;
  ProtobufCMessage *response = NULL;
  return cli_call(push->cli, 0, "wangge.v1.Ops/Info", &request.base, &wangge__v1__info_response__descriptor, &response,
                  error);
}

static int push_file(struct push *push, const char *path, int64_t give_up_s) {
  struct wg_error fatal = {0};
  if (greet(push, &fatal) != WG_OK) return cli_complain(push->cli, &fatal);
  push->client = push->cli->client[0];
  struct wangge_push_options options = {
      .window = WINDOW, .give_up_ms = (int)give_up_s * 1000, .on_answer = on_answer, .context = push};
  wangge_push_start(push->client, &options);
  push->started_at = wg_monotonic_us();
  push->current = free_batch(push);
  const struct cli_parsed *parsed = &push->cli->parsed;
  if (cli_orders_begin(&push->orders, path, cli_text(parsed, "format"), cli_text(parsed, "profile"), push->cli->arena,
                       &fatal) == WG_OK)
    push_orders(push, &fatal);
  if (fatal.code != WG_OK && push->read == 0) return cli_usage(push->cli, &fatal); // nothing of this file is usable
  if (!cli_stopped && push->failure.code == WG_OK) send_batch(push);
  int64_t until = wg_monotonic_us() + 5 * WG_SECOND_US;
  while (wangge_push_wait(push->client, 0, 200) != WG_OK) {
    show_progress(push);
    if (cli_stopped && wg_monotonic_us() > until) break;
  }
  for (size_t i = 0; i < sizeof push->batch / sizeof *push->batch; i++)
    if (push->batch[i].used) push->unanswered += push->batch[i].count;
  if (push->failure.code != WG_OK) fatal = push->failure;
  return summary(push, &fatal);
}

static int run_push(struct cli *cli) {
  struct wg_error error = {0};
  static struct push push;
  push = (struct push){.cli = cli, .source = cli_text(&cli->parsed, "source")};
  push.district = cli_text(&cli->parsed, "district");
  int64_t give_up_s = 300;
  const char *path = cli->parsed.argument[0], *format = cli_text(&cli->parsed, "format");
  if (push.source == NULL) wg_fail(&error, WG_INVALID_ARGUMENT, "source", "--source NAME is required");
  if (format != NULL && strcmp(format, "csv") != 0 && strcmp(format, "jsonl") != 0)
    wg_fail(&error, WG_INVALID_ARGUMENT, "format", "--format is csv or jsonl");
  if (error.code != WG_OK || cli_number(&cli->parsed, "give-up", 1, 86400, &give_up_s, &error) != WG_OK)
    return cli_usage(cli, &error);
  if (cli_orders_open(&push.orders, path, &error) != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, push.source);
  push.arena = wg_arena_create(256 * 1024);
  push.answer = wg_arena_create(64 * 1024);
  int code = push_file(&push, path, give_up_s);
  cli_orders_close(&push.orders);
  wg_arena_destroy(push.arena);
  wg_arena_destroy(push.answer);
  return code;
}

static const struct cli_option options[] = {
    {"source", "NAME", "source that pushes; its key is used"},
    {"district", "CODE", "district of orders that name none, 6 digits"},
    {"profile", "P", "import profile of a CSV file: a name or a path (default: by the header)"},
    {"format", "csv|jsonl", "what the file is (default: by its name)"},
    {"give-up", "SECONDS", "how long intake may be away before pushing ends (300)"},
    {0},
};

const struct cli_command cli_push[] = {
    {"push", "FILE", 1, 1, "push the orders of a file (.jsonl, .csv, - for stdin)", options,
     "  wangge push --source hotline-12345 ops/demo/feed/hotline-12345.jsonl\n"
     "  wangge push --source hotline-12345 --district 370117 messages.csv\n"
     "  wangge push --source patrol --profile ./our-columns.ini visits.csv --json\n",
     run_push},
    {0},
};
