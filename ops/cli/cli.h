// The command `wangge`: what its commands share.
//
// Every command is a row of a table: name, arguments, summary, options, examples, function. It returns the exit code.
// What a command finds goes to stdout, as a table for people or (--json) as one object or JSON lines; complaints and
// progress go to stderr.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"
#include "common/client/wangge.h"
#include "ops/cli/options.h"

#include <signal.h>

enum cli_exit {
  CLI_DONE = 0,
  CLI_REFUSED = 1,     // refused, or partly refused
  CLI_USAGE = 2,       // wrong command line or configuration
  CLI_UNREACHABLE = 3, // nobody answers
};

struct cli;
struct cli_command {
  const char *name;      // "push", "parked list"
  const char *arguments; // "FILE"
  int least, most;       // number of arguments
  const char *summary;   // one line
  const struct cli_option *options;
  const char *examples;
  int (*run)(struct cli *cli);
};

enum { CLI_INTAKE, CLI_ROUTING, CLI_TRACKING, CLI_REGISTRY, CLI_LAND, CLI_SERVICES };
extern const char *const cli_services[CLI_SERVICES]; // intake, routing, tracking, registry, land

struct cli {
  const struct cli_command *command;
  struct cli_parsed parsed;
  bool json;
  int timeout_ms;
  char *endpoint[CLI_SERVICES], *key[CLI_SERVICES];
  char *key_dir, *as;                  // as: the principal of this client when a command does not say another
  wangge_client *client[CLI_SERVICES]; // opened by cli_call, as `principal`
  const char *principal;
  struct wg_arena *arena; // of the whole run
};

extern volatile sig_atomic_t cli_stopped; // SIGINT or SIGTERM came: finish

// Tables of commands, one per file.
extern const struct cli_command cli_push[], cli_follow[], cli_queues[], cli_top[], cli_show[], cli_parked[],
    cli_bench[], cli_keys[], cli_act[], cli_list[], cli_rules[], cli_consumers[], cli_registry[], cli_train[],
    cli_desk[], cli_problems[], cli_lists[], cli_lists_changes[], cli_themes[], cli_attach[], cli_evaluation[],
    cli_land[], cli_land_yard[], cli_land_notice[], cli_land_works[], cli_land_verify[], cli_land_ledger[],
    cli_land_survey[], cli_land_export[], cli_land_decision[], cli_land_tender[], cli_land_ranking[],
    cli_land_contract[], cli_land_apply[], cli_register[];

// --- errors ---
int cli_exit_of(int code); // of a google.rpc code
// cli_complain prints the error to stderr (an object with --json) and returns its exit code; cli_usage always
// CLI_USAGE.
int cli_complain(const struct cli *cli, const struct wg_error *error);
int cli_usage(const struct cli *cli, const struct wg_error *error);

// --- connections (connect.c) ---
wg_status cli_config(struct cli *cli, const char *path, struct wg_error *error);
int cli_service(const char *name); // index, -1: none
// cli_has: commands that ask every service ask this one; a cell whose client.ini names no registry or no land works
// without it.
bool cli_has(const struct cli *cli, int service);
// cli_as sets who calls: option --as, else `fallback`, else [client] as.
void cli_as(struct cli *cli, const char *fallback);
// cli_open gives a new connection of this principal; NULL with the error filled.
wangge_client *cli_open(struct cli *cli, int service, const char *principal, struct wg_error *error);
// cli_call asks a service and unpacks the answer into the run's arena.
wg_status cli_call(struct cli *cli, int service, const char *method, const ProtobufCMessage *request,
                   const ProtobufCMessageDescriptor *type, ProtobufCMessage **response, struct wg_error *error);
// cli_ask is cli_call that complains itself: NULL, and the exit code in *code.
ProtobufCMessage *cli_ask(struct cli *cli, int service, const char *method, const ProtobufCMessage *request,
                          const ProtobufCMessageDescriptor *type, int *code);
void cli_close(struct cli *cli);
