// Files of orders, one order after the other in constant memory: JSON lines (wangge.v1.NewOrder), or CSV through an
// import profile. Whatever reads files of orders reads them here, so that all take the same files.
#pragma once

#include "common/csv/csv.h"
#include "ops/cli/order.h"
#include "ops/cli/profile.h"

struct cli_orders {
  struct wg_input input; // bytes_read, bytes_total: for progress
  uint64_t line;         // first line of the record that cli_orders_next looked at last
  // inside
  bool csv;
  struct wg_csv records;
  struct cli_profile *profile;
  int columns;
};

enum cli_orders_result { CLI_ORDERS_ONE, CLI_ORDERS_BROKEN, CLI_ORDERS_END };

// cli_orders_open opens a file ("-": stdin); errors as wg_input_open. `orders` is zeros or was closed; it is large, so
// give it static storage.
wg_status cli_orders_open(struct cli_orders *orders, const char *path, struct wg_error *error);
// cli_orders_begin finds out what the file is, and reads the header of CSV. `format` "csv" or "jsonl", NULL: by the
// name, else by the first character. `profile` as in cli_profile_choose; `arena` lives as long as the reading.
// INVALID_ARGUMENT names what is wrong with the header.
wg_status cli_orders_begin(struct cli_orders *orders, const char *path, const char *format, const char *profile,
                           struct wg_arena *arena, struct wg_error *error);
// cli_orders_next gives an order in `arena`; or CLI_ORDERS_BROKEN with the error filled (reading goes on behind the
// record); or CLI_ORDERS_END, with the error filled if the file could not be read to its end.
enum cli_orders_result cli_orders_next(struct cli_orders *orders, struct wg_arena *arena, Wangge__V1__NewOrder **order,
                                       struct wg_error *error);
void cli_orders_close(struct cli_orders *orders);
