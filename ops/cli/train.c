// wangge train: a model of texts from files of orders. Asks no service.
//
// Files are read as `wangge push` reads them, so what can be pushed can be learned from. A record that cannot be read
// is reported and the rest goes on.

#include "ops/cli/cli.h"
#include "ops/cli/orders.h"
#include "ops/cli/output.h"

#include "services/routing/text/train.h"

#include <string.h>

struct train {
  struct cli *cli;
  struct routing_trainer *trainer;
  struct wg_arena *arena; // of one record
  uint64_t read, refused, labelled;
};

static void report(struct train *train, const char *path, uint64_t line, const struct wg_error *error) {
  train->refused++;
  if (train->cli->json)
    cli_print_json(json_pack("{s:s,s:I,s:s,s:s,s:s}", "file", path, "line", (json_int_t)line, "code",
                             wg_status_name(error->code), "field", error->field, "message", error->message));
  else
    printf("%s line %llu: left out: %s%s%s (%s)\n", path, (unsigned long long)line, error->field,
           error->field[0] != 0 ? ": " : "", error->message, wg_status_name(error->code));
}

static wg_status add_order(struct train *train, const Wangge__V1__NewOrder *order, bool labels,
                           struct wg_error *error) {
  if (labels && order->category[0] != '\0') train->labelled++;
  return routing_trainer_add(train->trainer, wg_bytes_of(order->title), wg_bytes_of(order->text),
                             labels ? order->category : NULL, error);
}

static wg_status read_orders(struct train *train, struct cli_orders *orders, const char *path, bool labels,
                             struct wg_error *fatal) {
  while (fatal->code == WG_OK && !cli_stopped) {
    struct wg_error error;
    Wangge__V1__NewOrder *order = NULL;
    wg_arena_reset(train->arena);
    const enum cli_orders_result result = cli_orders_next(orders, train->arena, &order, &error);
    if (result == CLI_ORDERS_END) {
      *fatal = error;
      break;
    }
    train->read++;
    if (result == CLI_ORDERS_ONE) add_order(train, order, labels, &error);
    if (error.code == WG_RESOURCE_EXHAUSTED && strcmp(error.field, "text") != 0) *fatal = error;
    else if (error.code != WG_OK) report(train, path, orders->line, &error);
    if (train->read % 1000 == 0) cli_progress("read", orders->input.bytes_read, orders->input.bytes_total, 0);
  }
  cli_progress_clear();
  return fatal->code;
}

static wg_status read_file(struct train *train, const char *path, bool labels, struct wg_error *fatal) {
  static struct cli_orders orders;
  if (cli_orders_open(&orders, path, fatal) != WG_OK) return fatal->code;
  const char *profile = cli_text(&train->cli->parsed, "profile");
  struct wg_error header = {0};
  if (cli_orders_begin(&orders, path, NULL, profile, train->cli->arena, &header) == WG_OK)
    read_orders(train, &orders, path, labels, fatal);
  else wg_fail(fatal, header.code, header.field, "%s: %s", path, header.message);
  cli_orders_close(&orders);
  return fatal->code;
}

// --- what it says ---
static void print_json(const struct train *train, const struct routing_model *model,
                       const struct routing_validation *validation, const char *out) {
  json_t *categories = json_array();
  for (uint32_t i = 0; i < validation->categories; i++) {
    const struct routing_category_result *of = &validation->of[i];
    json_array_append_new(categories, json_pack("{s:s,s:i,s:f,s:f,s:f}", "category", of->path, "texts", (int)of->texts,
                                                "precision", of->precision, "recall", of->recall, "f1", of->f1));
  }
  cli_print_json(json_pack("{s:s,s:s,s:I,s:I,s:i,s:i,s:i,s:i,s:i,s:f,s:f,s:f,s:f,s:f,s:o}", "model", out, "idf",
                           wg_arena_printf(train->cli->arena, "%016llx", (unsigned long long)model->idf->id), "read",
                           (json_int_t)train->read, "refused", (json_int_t)train->refused, "empty",
                           (int)validation->empty, "texts", (int)validation->texts, "labelled",
                           (int)validation->labelled, "terms", (int)model->idf->terms, "folds", (int)validation->folds,
                           "accuracy", validation->accuracy, "macro_f1", validation->macro_f1, "confidence",
                           validation->confidence, "calibration_error", validation->calibration_error, "sharpness",
                           (double)validation->sharpness, "categories", categories));
}

static void print_table(const struct train *train, const struct routing_model *model,
                        const struct routing_validation *validation, const char *out) {
  static const char *const headings[] = {"CATEGORY", ">TEXTS", ">PRECISION", ">RECALL", ">F1", NULL};
  char count[32];
  if (validation->categories > 0) {
    struct cli_table *table = cli_table_create(headings);
    for (uint32_t i = 0; i < validation->categories; i++) {
      const struct routing_category_result *of = &validation->of[i];
      cli_table_cell(table, "%s", of->path);
      cli_table_cell(table, "%s", cli_count(of->texts, count));
      cli_table_cell(table, "%.3f", of->precision);
      cli_table_cell(table, "%.3f", of->recall);
      cli_table_cell(table, "%.3f", of->f1);
    }
    cli_table_print(table, stdout);
    cli_table_free(table);
    printf("cross-validation, %u parts: accuracy %.3f, macro F1 %.3f; mean confidence %.3f, off by %.3f\n",
           validation->folds, validation->accuracy, validation->macro_f1, validation->confidence,
           validation->calibration_error);
  }
  printf("%s: %s texts", out, cli_count(validation->texts, count));
  printf(" (%s labelled),", cli_count(validation->labelled, count));
  printf(" %s n-grams, snapshot %016llx\n", cli_count(model->idf->terms, count), (unsigned long long)model->idf->id);
  if (train->refused > 0) printf("%s records were left out\n", cli_count(train->refused, count));
}

// --- the command ---
static wg_status read_all(struct train *train, struct wg_error *error) {
  const char *labels = cli_text(&train->cli->parsed, "labels");
  if (labels != NULL && read_file(train, labels, true, error) != WG_OK) return error->code;
  for (int i = 0; i < train->cli->parsed.arguments; i++)
    if (read_file(train, train->cli->parsed.argument[i], false, error) != WG_OK) return error->code;
  if (labels != NULL && train->labelled == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "labels", "%s: no order has a category", labels);
  if (cli_stopped) return wg_fail(error, WG_CANCELLED, NULL, "stopped; no model was written");
  return WG_OK;
}

static int run_train(struct cli *cli) {
  struct wg_error error = {0};
  struct train train = {.cli = cli};
  const char *out = cli_text(&cli->parsed, "out");
  int64_t folds = 10, seed = 1;
  if (out == NULL) wg_fail(&error, WG_INVALID_ARGUMENT, "out", "--out MODEL is required");
  if (cli_text(&cli->parsed, "labels") == NULL && cli->parsed.arguments == 0)
    wg_fail(&error, WG_INVALID_ARGUMENT, "labels", "give --labels FILE, or files of orders, or both");
  if (error.code != WG_OK || cli_number(&cli->parsed, "folds", 2, ROUTING_TRAIN_FOLDS_MOST, &folds, &error) != WG_OK ||
      cli_number(&cli->parsed, "seed", 0, INT64_MAX, &seed, &error) != WG_OK)
    return cli_usage(cli, &error);
  train.trainer = routing_trainer_create();
  train.arena = wg_arena_create(64 * 1024);
  struct routing_model *model = NULL;
  struct routing_validation validation = {0};
  if (read_all(&train, &error) == WG_OK &&
      routing_train(train.trainer, (uint32_t)folds, (uint64_t)seed, &model, &validation, &error) == WG_OK &&
      routing_model_save(model, out, &error) == WG_OK) {
    if (cli->json) print_json(&train, model, &validation, out);
    else print_table(&train, model, &validation, out);
  }
  routing_model_close(model);
  routing_validation_free(&validation);
  routing_trainer_destroy(train.trainer);
  wg_arena_destroy(train.arena);
  if (error.code != WG_OK) return error.code == WG_CANCELLED ? cli_complain(cli, &error) : cli_usage(cli, &error);
  return train.refused > 0 ? CLI_REFUSED : CLI_DONE;
}

static const struct cli_option options[] = {
    {"labels", "FILE", "orders whose category is known: what categories learn from (.csv, .jsonl, - for stdin)"},
    {"out", "MODEL", "file to write; one that is there is replaced whole"},
    {"profile", "P", "import profile of the CSV files: a name or a path (default: by the header)"},
    {"folds", "N", "parts of the cross-validation (10)"},
    {"seed", "N", "how texts are dealt to the parts (1)"},
    {0},
};

const struct cli_command cli_train[] = {
    {"train", "[FILE…]", 0, 64, "train the model of texts from files of orders (.csv, .jsonl)", options,
     "  wangge train --labels ops/demo/feed/hotline-12345.jsonl --out var/text.model\n"
     "  wangge train --labels labelled.csv --out var/text.model messages.csv replies.csv --json\n",
     run_train},
    {0},
};
