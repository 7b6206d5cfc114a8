// What the commands of the lists share.
#pragma once

#include "ops/cli/cli.h"

#include "wangge/v1/lists.pb-c.h"

#include <jansson.h>

// cli_lists_call asks service Lists; NULL with the error told and *code set.
ProtobufCMessage *cli_lists_call(struct cli *cli, const char *method, const ProtobufCMessage *request,
                                 const ProtobufCMessageDescriptor *type, int *code);
Wangge__V1__ListKind cli_lists_kind(const struct cli *cli); // by the first word of the command
const char *cli_lists_district(const struct cli *cli);      // --district, else the demo's

// Options of both files.
#define LISTS_DISTRICT                                                                                                 \
  { "district", "CODE", "district (370117)" }
