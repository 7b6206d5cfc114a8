// Listings: page after page of a call, a row each.
#pragma once

#include "ops/cli/cli.h"

typedef void cli_page_row(void *context, const ProtobufCMessage *row);

struct cli_pages {
  int service; // index into cli_services
  const char *method;
  ProtobufCMessage *request;                  // has `limit` and `page_token`
  const ProtobufCMessageDescriptor *response; // its first field are the rows; has `next_page_token`
  cli_page_row *row;                          // for people; with --json the rows are printed as they are
  void *context;
};
// cli_pages asks until `left` rows were given or there are no more; returns the exit code, complaints are printed.
int cli_pages(struct cli *cli, const struct cli_pages *pages, int64_t left);
