// See evaluation.h. Columns come from the contract, so that a figure that is added there is exported at once.
#include "ops/cli/evaluation.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum { RATES_MOST = 24, FIGURES_MOST = 64, REST_COUNT = 8, NAME_BYTES = 64 };

static const ProtobufCMessageDescriptor *const FIGURES = &wangge__v1__figures__descriptor;
static const ProtobufCMessageDescriptor *const ROW = &wangge__v1__evaluation_row__descriptor;

// next_rate gives the rates of the row, in its order.
static const ProtobufCFieldDescriptor *next_rate(unsigned *at) {
  while (*at < ROW->n_fields) {
    const ProtobufCFieldDescriptor *field = &ROW->fields[(*at)++];
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && field->descriptor == &wangge__v1__rate__descriptor) return field;
  }
  return NULL;
}

// heading copies a name, right-aligned: such a column holds numbers.
static const char *heading(char (*room)[NAME_BYTES], const char *name, const char *what) {
  snprintf(*room, sizeof *room, ">%s%s", name, what);
  return *room;
}

const char *const *cli_evaluation_headings(void) {
  static char names[FIGURES_MOST + 3 * RATES_MOST][NAME_BYTES];
  static const char *all[3 + FIGURES_MOST + 3 * RATES_MOST + REST_COUNT + 1];
  static const char *const first[] = {"key", "name", "month"};
  static const char *const rest[REST_COUNT] = {
      ">composite %",        ">hops_mean",           ">hops_p90", ">days_p50", ">days_p90",
      ">satisfaction_low %", ">satisfaction_high %", "tier"};
  if (all[0] != NULL) return all;
  size_t count = 0, named = 0;
  for (size_t i = 0; i < sizeof first / sizeof *first; i++)
    all[count++] = first[i];
  assert(FIGURES->n_fields <= FIGURES_MOST);
  for (unsigned i = 0; i < FIGURES->n_fields; i++)
    all[count++] = heading(&names[named++], FIGURES->fields[i].name, "");
  unsigned at = 0, rates = 0;
  for (const ProtobufCFieldDescriptor *rate; (rate = next_rate(&at)) != NULL; rates++) {
    assert(rates < RATES_MOST);
    all[count++] = heading(&names[named++], rate->name, " %");
    all[count++] = heading(&names[named++], rate->name, " part");
    all[count++] = heading(&names[named++], rate->name, " whole");
  }
  for (size_t i = 0; i < REST_COUNT; i++)
    all[count++] = rest[i];
  return all;
}

// number_cell: two decimals; empty when there is no such number.
static void number_cell(struct cli_table *table, bool known, double number) {
  if (known) cli_table_cell(table, "%.2f", number);
  else cli_table_cell(table, "%s", "");
}

static const void *member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return (const char *)message + field->offset;
}

static void rate_cells(struct cli_table *table, const Wangge__V1__Rate *rate) {
  const bool known = rate != NULL && rate->known_case == WANGGE__V1__RATE__KNOWN_VALUE;
  number_cell(table, known, known ? 100 * rate->value : 0);
  cli_table_cell(table, "%" PRId64, rate != NULL ? rate->part : 0);
  cli_table_cell(table, "%" PRId64, rate != NULL ? rate->whole : 0);
}

void cli_evaluation_cells(struct cli_table *table, const Wangge__V1__EvaluationRow *row, const char *name) {
  static const Wangge__V1__Figures none = WANGGE__V1__FIGURES__INIT;
  const ProtobufCMessage *figures = row->figures != NULL ? &row->figures->base : &none.base;
  const bool rated = row->satisfaction != NULL && row->satisfaction->known_case == WANGGE__V1__RATE__KNOWN_VALUE;
  cli_table_cell(table, "%s", row->key);
  cli_table_cell(table, "%s", name);
  cli_table_cell(table, "%s", row->month);
  for (unsigned i = 0; i < FIGURES->n_fields; i++)
    cli_table_cell(table, "%" PRId64, *(const int64_t *)member(figures, &FIGURES->fields[i]));
  unsigned at = 0;
  for (const ProtobufCFieldDescriptor *rate; (rate = next_rate(&at)) != NULL;)
    rate_cells(table, *(const Wangge__V1__Rate *const *)member(&row->base, rate));
  number_cell(table, row->composite_known_case == WANGGE__V1__EVALUATION_ROW__COMPOSITE_KNOWN_COMPOSITE,
              100 * row->composite);
  number_cell(table, row->hops_known_case == WANGGE__V1__EVALUATION_ROW__HOPS_KNOWN_HOPS_MEAN, row->hops_mean);
  cli_table_cell(table, "%" PRId32, row->hops_p90);
  number_cell(table, row->days_known_case == WANGGE__V1__EVALUATION_ROW__DAYS_KNOWN_DAYS_P50, row->days_p50);
  number_cell(table, row->days_p90_known_case == WANGGE__V1__EVALUATION_ROW__DAYS_P90_KNOWN_DAYS_P90, row->days_p90);
  number_cell(table, rated, 100 * row->satisfaction_low);
  number_cell(table, rated, 100 * row->satisfaction_high);
  cli_table_cell(table, "%s", row->tier);
}
