// Listings: page after page of a call, a row each.
#pragma once

#include "ops/cli/cli.h"
#include "ops/cli/output.h"

typedef void cli_page_row(void *context, const ProtobufCMessage *row);

struct cli_listing {
  int service; // index into cli_services
  const char *method;
  ProtobufCMessage *request;                  // has `limit` and `page_token`
  const ProtobufCMessageDescriptor *response; // its first field are the rows; has `next_page_token`
  cli_page_row *row;                          // for people; with --json the rows are printed as they are
  void *context;
};
// cli_list_rows asks until `left` rows were given or there are no more; returns the exit code, complaints are printed.
int cli_list_rows(struct cli *cli, const struct cli_listing *all, int64_t left);

// Option --out of listings: cli_check_out refuses it beside --json; cli_give_table prints the table, or writes it
// there, marked with who exported it and when.
wg_status cli_check_out(const struct cli *cli, struct wg_error *error);
int cli_give_table(const struct cli *cli, struct cli_table *table);
