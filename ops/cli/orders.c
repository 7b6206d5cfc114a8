// See orders.h.
#include "ops/cli/orders.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LINE_BYTES = 256 * 1024 };

wg_status cli_orders_open(struct cli_orders *orders, const char *path, struct wg_error *error) {
  orders->line = 0;
  orders->csv = false;
  return wg_input_open(&orders->input, path, error);
}

void cli_orders_close(struct cli_orders *orders) {
  if (orders->csv) wg_csv_stop(&orders->records);
  orders->csv = false;
  wg_input_close(&orders->input);
}

// is_csv: JSON lines begin with a brace.
static bool is_csv(struct cli_orders *orders, const char *path, const char *format) {
  if (format != NULL) return strcmp(format, "csv") == 0;
  const char *dot = strrchr(path, '.');
  if (dot != NULL && strcasecmp(dot, ".csv") == 0) return true;
  if (dot != NULL && (strcasecmp(dot, ".jsonl") == 0 || strcasecmp(dot, ".ndjson") == 0)) return false;
  while (orders->input.text.size == 0 && wg_input_more(&orders->input))
    continue;
  return orders->input.text.size > 0 && orders->input.text.data[0] != '{';
}

wg_status cli_orders_begin(struct cli_orders *orders, const char *path, const char *format, const char *profile,
                           struct wg_arena *arena, struct wg_error *error) {
  if (!is_csv(orders, path, format)) return WG_OK;
  orders->csv = true;
  struct wg_csv *records = &orders->records;
  wg_csv_start(records, &orders->input);
  const enum wg_csv_result result = wg_csv_next(records, error);
  if (orders->input.error.code != WG_OK) {
    *error = orders->input.error;
    return error->code;
  }
  if (result == WG_CSV_END) return wg_fail(error, WG_INVALID_ARGUMENT, "header", "the file is empty");
  if (result == WG_CSV_BROKEN) {
    snprintf(error->field, sizeof error->field, "header");
    return error->code;
  }
  orders->columns = records->count;
  return cli_profile_choose(profile, records->field, records->count, arena, &orders->profile, error);
}

static enum cli_orders_result end(const struct cli_orders *orders, struct wg_error *error) {
  *error = orders->input.error;
  return CLI_ORDERS_END;
}

static enum cli_orders_result next_record(struct cli_orders *orders, struct wg_arena *arena,
                                          Wangge__V1__NewOrder **order, struct wg_error *error) {
  struct wg_csv *records = &orders->records;
  const enum wg_csv_result result = wg_csv_next(records, error);
  if (result == WG_CSV_END) return end(orders, error);
  orders->line = records->line;
  if (result == WG_CSV_BROKEN) return CLI_ORDERS_BROKEN;
  if (records->count != orders->columns) {
    wg_fail(error, WG_INVALID_ARGUMENT, NULL, "the record has %d fields, the header %d", records->count,
            orders->columns);
    return CLI_ORDERS_BROKEN;
  }
  return cli_profile_apply(orders->profile, records->field, records->count, arena, order, error) == WG_OK
             ? CLI_ORDERS_ONE
             : CLI_ORDERS_BROKEN;
}

static enum cli_orders_result next_line(struct cli_orders *orders, struct wg_arena *arena, Wangge__V1__NewOrder **order,
                                        struct wg_error *error) {
  for (;;) {
    char *line = NULL;
    const enum wg_line result = wg_input_line(&orders->input, LINE_BYTES, &line, &orders->line, error);
    if (result == WG_LINE_END) return end(orders, error);
    if (result == WG_LINE_BROKEN) return CLI_ORDERS_BROKEN;
    if (line[strspn(line, " \t")] == '\0') continue;
    return cli_order_json(line, arena, order, error) == WG_OK ? CLI_ORDERS_ONE : CLI_ORDERS_BROKEN;
  }
}

enum cli_orders_result cli_orders_next(struct cli_orders *orders, struct wg_arena *arena, Wangge__V1__NewOrder **order,
                                       struct wg_error *error) {
  *error = (struct wg_error){0};
  return orders->csv ? next_record(orders, arena, order, error) : next_line(orders, arena, order, error);
}
