// What every service says of its queues; shared by `queues` and `top`.
#pragma once

#include "ops/cli/cli.h"

#include "wangge/v1/ops.pb-c.h"

struct cli_queues {
  Wangge__V1__QueuesResponse *response[CLI_SERVICES]; // NULL: not reached, see error
  struct wg_error error[CLI_SERVICES];
  bool asked[CLI_SERVICES]; // false: the cell has no such service
};
// cli_queues_ask asks every service; the answers live in the run's arena.
void cli_queues_ask(struct cli *cli, struct cli_queues *queues);
// The headings and the rows of one table of all streams, consumers and followed streams. `row` gets the cells.
enum { CLI_QUEUES_COLUMNS = 12 };
extern const char *const cli_queues_headings[CLI_QUEUES_COLUMNS + 1];
void cli_queues_rows(const struct cli_queues *queues, int64_t now,
                     void (*row)(void *context, const char *const cells[CLI_QUEUES_COLUMNS], bool alarming),
                     void *context);
