// What the commands of the lists share.
#pragma once

#include "ops/cli/cli.h"

#include "wangge/v1/lists.pb-c.h"

#include <jansson.h>

Wangge__V1__ListKind cli_lists_kind(const struct cli *cli); // by the first word of the command
const char *cli_lists_district(const struct cli *cli);      // --district, else the demo's

// Options of both files.
#define LISTS_DISTRICT                                                                                                 \
  { "district", "CODE", "district (370117)" }
