// Commands of the land ledger: what they share. A topic has a file of its own, with a table of commands and, for those
// that write, a table of rows beside it.
//
//   static const struct cli_land_write WRITES[] = {
//       {"land party put", "Land/PutParty", &wangge__v1__put_party_request__descriptor, "village",
//        {"0:id", "kind=party.kind", "name=party.name", …}}, {0}};
//   static int run_write(struct cli *cli) { return cli_land_do(cli, WRITES); }
#pragma once

#include "ops/cli/fields.h"

#include "wangge/v1/land.pb-c.h"

enum { CLI_LAND_FIELDS = 32 };
struct cli_land_write {
  const char *command;                       // as in the table of commands
  const char *method;                        // "Land/PutParty"
  const ProtobufCMessageDescriptor *request; // begins with LandWrite
  const char *as;                            // who calls when neither --as nor the settings say
  const char *field[CLI_LAND_FIELDS];        // as cli_fields takes them; ended by NULL
};

// Options of every writing command; the last of a list.
#define CLI_LAND_WRITE                                                                                                 \
  {"village", "CODE", "village, 12 digits; required"}, {"person", "NAME", "who acts; else the principal"},             \
      {"reason", "TEXT", "why"}, {"key", "KEY", "idempotency key: the same submission again is done once"},            \
      {"file", "FILE", "JSON of the whole request; options stand above it"}, {                                         \
    0                                                                                                                  \
  }
#define CLI_LAND_VILLAGE                                                                                               \
  { "village", "CODE", "village, 12 digits; where lists say so a beginning of 6 or more" }

// cli_land_do makes the request of the command's row, asks, and prints what was written, or every finding of what was
// refused. Returns the exit code.
int cli_land_do(struct cli *cli, const struct cli_land_write *writes);
// The same for a request that is made already; `write` is put into it.
int cli_land_send(struct cli *cli, const char *method, const ProtobufCMessage *request);
// cli_land_write gives LandWrite of the options; NULL with the error filled: no village.
Wangge__V1__LandWrite *cli_land_write_of(struct cli *cli, struct wg_error *error);
// cli_land_village gives option --village; NULL with the error filled: it is missing.
const char *cli_land_village(struct cli *cli, struct wg_error *error);
// Prints findings, one a line, to `out`.
void cli_land_findings(FILE *out, Wangge__V1__LandFinding *const *findings, size_t count);
// cli_land_body prints a record's body, indented JSON, for people.
void cli_land_body(const Wangge__V1__LandRecord *record);
