// wangge evaluation, evaluation verify: figures and rates of how orders went (考评).

#include "ops/cli/evaluation.h"

#include "ops/cli/order.h"
#include "ops/cli/rows.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include "wangge/v1/evaluation.pb-c.h"

#include <stdio.h>
#include <stdlib.h>

#define TYPE(name) &wangge__v1__##name##__descriptor

static char *text_of(const struct cli *cli, const char *option) {
  const char *text = cli_text(&cli->parsed, option);
  return (char *)(uintptr_t)(text != NULL ? text : protobuf_c_empty_string);
}

// "85.0% 34/40"; "- 0/0" when there is no rate.
static void rate_cell(struct cli_table *table, const Wangge__V1__Rate *rate) {
  if (rate == NULL || rate->known_case != WANGGE__V1__RATE__KNOWN_VALUE) cli_table_cell(table, "-");
  else cli_table_cell(table, "%.1f%% %lld/%lld", 100 * rate->value, (long long)rate->part, (long long)rate->whole);
}

static void number_cell(struct cli_table *table, int64_t number) {
  char text[32];
  cli_table_cell(table, "%s", cli_count((uint64_t)(number > 0 ? number : 0), text));
}

static void days_cell(struct cli_table *table, const Wangge__V1__EvaluationRow *row) {
  if (row->days_known_case != WANGGE__V1__EVALUATION_ROW__DAYS_KNOWN_DAYS_P50) cli_table_cell(table, "-");
  else cli_table_cell(table, "%.1f / %.1f", row->days_p50, row->days_p90);
}

static const char *const headings[] = {"KEY",          "NAME",     "MONTH",        ">OPENED",    ">WITHDRAWN",
                                       ">VOID",        ">BEYOND",  ">HELD",        ">CLOSED",    ">SIGNED",
                                       ">RESPONSE",    ">IN TIME", ">SOLVED",      ">SATISFIED", ">COMPOSITE",
                                       ">FIRST RIGHT", ">REWORK",  ">DAYS 50/90%", "TIER",       NULL};

// name_of: of a department its own, of a channel its term; other keys speak for themselves.
static const char *name_of(const Wangge__V1__EvaluationRow *row, Wangge__V1__FigureDimension by, char word[32]) {
  if (by != WANGGE__V1__FIGURE_DIMENSION__FIGURE_DIMENSION_CHANNEL) return row->name;
  int64_t channel = 0;
  wg_parse_i64(row->key, &channel);
  return cli_enum_term(TYPE(channel), (int)channel, word);
}

static void table_row(struct cli_table *table, const Wangge__V1__EvaluationRow *row, const char *name) {
  const Wangge__V1__Figures *f = row->figures;
  struct wg_buffer cut = {0};
  cli_table_cell(table, "%s", row->key);
  cli_table_cell(table, "%s", cli_cut(name, 20, &cut));
  cli_table_cell(table, "%s", row->month);
  const int64_t numbers[] = {f->opened, f->withdrawn, f->voided, f->beyond_duty, f->held, f->closed};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    number_cell(table, numbers[i]);
  rate_cell(table, row->signed_in_time);
  rate_cell(table, row->response);
  rate_cell(table, row->in_time);
  rate_cell(table, row->resolution);
  rate_cell(table, row->satisfaction);
  if (row->composite_known_case != WANGGE__V1__EVALUATION_ROW__COMPOSITE_KNOWN_COMPOSITE) cli_table_cell(table, "-");
  else cli_table_cell(table, "%.1f", 100 * row->composite);
  rate_cell(table, row->first_dispatch);
  rate_cell(table, row->rework);
  days_cell(table, row);
  cli_table_cell(table, "%s", row->tier);
  wg_buffer_free(&cut);
}

static wg_status dimension_of(const struct cli *cli, Wangge__V1__FigureDimension *by, struct wg_error *error) {
  const char *text = cli_text(&cli->parsed, "by");
  if (text == NULL) return WG_OK;
  const int value = wg_enum_value(TYPE(figure_dimension), text);
  *by = (Wangge__V1__FigureDimension)value;
  return value > 0 ? WG_OK
                   : wg_fail(error, WG_INVALID_ARGUMENT, "by",
                             "--by is one of all, department, street, community, grid, channel, category");
}

// this_month is what a newcomer wants to see first.
static char *this_month(struct cli *cli) {
  const struct wg_civil civil = wg_civil_from_us(wg_now_us());
  return wg_arena_printf(cli->arena, "%04d-%02d", civil.year, civil.month);
}

static int run_evaluation(struct cli *cli) {
  Wangge__V1__EvaluateRequest request = WANGGE__V1__EVALUATE_REQUEST__INIT;
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  cli_as(cli, "operator");
  if (dimension_of(cli, &request.by, &error) != WG_OK || cli_check_out(cli, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.district = text_of(cli, "district");
  request.from_month = text_of(cli, "from");
  request.to_month = text_of(cli, "to");
  request.key = text_of(cli, "key");
  request.per_month = cli_given(&cli->parsed, "per-month");
  if (request.district[0] == 0) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "district", "--district is required: 6 digits");
    return cli_usage(cli, &error);
  }
  if (request.from_month[0] == 0) request.from_month = this_month(cli);
  if (cli_call(cli, CLI_TRACKING, "wangge.v1.Evaluation/Evaluate", &request.base, TYPE(evaluate_response), &message,
               &error) != WG_OK)
    return cli_complain(cli, &error);
  const Wangge__V1__EvaluateResponse *response = (Wangge__V1__EvaluateResponse *)message;
  const bool sheet = cli_text(&cli->parsed, "out") != NULL;
  struct cli_table *table = cli_table_create(sheet ? cli_evaluation_headings() : headings);
  for (size_t i = 0; i < response->n_rows; i++) {
    const Wangge__V1__EvaluationRow *row = response->rows[i];
    char word[32];
    if (cli->json) cli_print_message(&row->base);
    else (sheet ? cli_evaluation_cells : table_row)(table, row, name_of(row, request.by, word));
  }
  const int code = cli->json ? CLI_DONE : cli_give_table(cli, table);
  cli_table_free(table);
  return code;
}

static int run_verify(struct cli *cli) {
  Wangge__V1__VerifyFiguresRequest request = WANGGE__V1__VERIFY_FIGURES_REQUEST__INIT;
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  char by[32];
  cli_as(cli, "operator");
  request.district = text_of(cli, "district");
  if (request.district[0] == 0) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "district", "--district is required: 6 digits");
    return cli_usage(cli, &error);
  }
  if (cli_call(cli, CLI_TRACKING, "wangge.v1.Evaluation/VerifyFigures", &request.base, TYPE(verify_figures_response),
               &message, &error) != WG_OK)
    return cli_complain(cli, &error);
  const Wangge__V1__VerifyFiguresResponse *response = (Wangge__V1__VerifyFiguresResponse *)message;
  if (cli->json) cli_print_message(message);
  else {
    for (size_t i = 0; i < response->n_differences; i++) {
      const Wangge__V1__FigureDifference *one = response->differences[i];
      printf("%s %s %s %s: kept %lld, counted %lld\n", wg_enum_name(TYPE(figure_dimension), (int)one->by, by), one->key,
             one->month, one->figure, (long long)one->kept, (long long)one->counted);
    }
    printf("%lld cases counted, %lld rows compared, %s\n", (long long)response->cases, (long long)response->rows,
           response->n_differences > 0 ? "they differ" : "all equal");
  }
  return response->n_differences > 0 ? CLI_REFUSED : CLI_DONE;
}

static const struct cli_option evaluation_options[] = {
    {"district", "CODE", "district, 6 digits"},
    {"by", "DIMENSION", "all, department, street, community, grid, channel or category (all)"},
    {"from", "MONTH", "first month, like 2026-01 (this month)"},
    {"to", "MONTH", "last month (the first)"},
    {"per-month", NULL, "a row for each month"},
    {"key", "KEY", "only this key; of categories it and what is directly below it"},
    {"out", "FILE", "write all figures and rates as .csv or .xlsx, marked with who exported them and when"},
    {0}};
static const struct cli_option verify_options[] = {{"district", "CODE", "district, 6 digits"}, {0}};

const struct cli_command cli_evaluation[] = {
    {"evaluation", "", 0, 0, "figures and rates: timeliness, response, resolution, satisfaction (考评)",
     evaluation_options,
     "  wangge evaluation --district 370117 --by department --from 2026-01 --to 2026-12\n"
     "  wangge evaluation --district 370117 --by category --key 城乡建设 --per-month --from 2026-01 --to 2026-06\n"
     "  wangge evaluation --district 370117 --by grid --from 2026-01 --to 2026-12 --out grids.xlsx\n",
     run_evaluation},
    {"evaluation verify", "", 0, 0, "count all cases of a district anew and compare", verify_options,
     "  wangge evaluation verify --district 370117\n", run_verify},
    {0},
};
