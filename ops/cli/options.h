// Options of commands: one parser for all, so that every command reads `--name VALUE`, `--name=VALUE` and `--` alike.
#pragma once

#include "common/base/status.h"

struct cli_option {
  const char *name;  // without the dashes
  const char *value; // what the value is, for --help ("SECONDS"); NULL: a switch without value
  const char *help;
};

enum { CLI_OPTIONS_MOST = 32, CLI_ARGUMENTS_MOST = 1024 };
struct cli_parsed {
  const struct cli_option *option[CLI_OPTIONS_MOST];
  const char *value[CLI_OPTIONS_MOST]; // "" for a switch
  int options;
  const char *argument[CLI_ARGUMENTS_MOST];
  int arguments;
};

// cli_parse reads `argv` (without the command's name); `tables` are lists ended by a row without name, and the list of
// tables ends with NULL. INVALID_ARGUMENT: unknown option, value missing or too much, an option twice.
wg_status cli_parse(int argc, char **argv, const struct cli_option *const *tables, struct cli_parsed *parsed,
                    struct wg_error *error);
const char *cli_text(const struct cli_parsed *parsed, const char *name); // NULL: not given
bool cli_given(const struct cli_parsed *parsed, const char *name);
// cli_number leaves *number alone when the option is not given.
wg_status cli_number(const struct cli_parsed *parsed, const char *name, int64_t least, int64_t most, int64_t *number,
                     struct wg_error *error);
