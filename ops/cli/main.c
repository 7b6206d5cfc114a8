// wangge: the command of operators, departments, dispatchers and sources.

#include "ops/cli/cli.h"
#include "ops/cli/output.h"

#include "common/base/log.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

volatile sig_atomic_t cli_stopped;

static const struct cli_option common_options[] = {
    {"config", "FILE", "client.ini (else $WANGGE_CONFIG, else ./var/client.ini)"},
    {"as", "NAME", "principal that calls; its key is KEY_DIR/NAME.key"},
    {"timeout", "SECONDS", "longest wait for an answer (30)"},
    {"json", NULL, "print JSON: one object, or one a line"},
    {"help", NULL, "print this"},
    {0},
};

static int run_version(struct cli *cli);
static const struct cli_command cli_version[] = {
    {"version", "", 0, 0, "print the version", NULL, "  wangge version\n", run_version},
    {0},
};

static const struct cli_command *const groups[] = {
    cli_push,
    cli_register,
    cli_follow,
    cli_queues,
    cli_top,
    cli_show,
    cli_list,
    cli_act,
    cli_desk,
    cli_problems,
    cli_themes,
    cli_attach,
    cli_evaluation,
    cli_lists,
    cli_lists_changes,
    cli_rules,
    cli_registry,
    cli_land,
    cli_land_notice,
    cli_land_works,
    cli_land_yard,
    cli_land_ledger,
    cli_land_survey,
    cli_land_export,
    cli_land_verify,
    cli_land_decision,
    cli_land_tender,
    cli_land_ranking,
    cli_land_contract,
    cli_land_apply,
    cli_parked,
    cli_consumers,
    cli_train,
    cli_bench,
    cli_keys,
    cli_version,
    NULL,
};

static int run_version(struct cli *cli) {
  if (cli->json) cli_print_json(json_pack("{s:s}", "version", WANGGE_VERSION));
  else puts("wangge " WANGGE_VERSION);
  return CLI_DONE;
}

// --- errors ---

int cli_exit_of(int code) {
  if (code == WG_OK) return CLI_DONE;
  if (code == WG_UNAVAILABLE || code == WG_DEADLINE_EXCEEDED) return CLI_UNREACHABLE;
  return CLI_REFUSED;
}

static void print_error(const struct cli *cli, const struct wg_error *error) {
  cli_progress_clear();
  fflush(stdout);
  if (cli->json) {
    json_t *object = json_pack("{s:{s:s,s:s,s:s}}", "error", "code", wg_status_name(error->code), "field", error->field,
                               "message", error->message);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    fprintf(stderr, "%s\n", text != NULL ? text : "{\"error\":{}}");
    free(text);
    return;
  }
  fprintf(stderr, "wangge: %s: %s", wg_status_name(error->code), error->message);
  if (error->field[0] != 0) fprintf(stderr, " (%s)", error->field);
  fputc('\n', stderr);
}

int cli_complain(const struct cli *cli, const struct wg_error *error) {
  print_error(cli, error);
  return cli_exit_of((int)error->code);
}

int cli_usage(const struct cli *cli, const struct wg_error *error) {
  print_error(cli, error);
  if (!cli->json && cli->command != NULL) fprintf(stderr, "try: wangge %s --help\n", cli->command->name);
  return CLI_USAGE;
}

// --- help ---

static void help_options(const struct cli_option *option) {
  if (option == NULL) return;
  for (; option->name != NULL; option++) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", option->name, option->value != NULL ? " " : "",
             option->value != NULL ? option->value : "");
    printf("  %-26s %s\n", left, option->help);
  }
}

static void help_command(const struct cli_command *command) {
  printf("usage: wangge %s%s%s [options]\n%s\n\noptions:\n", command->name, command->arguments[0] != 0 ? " " : "",
         command->arguments, command->summary);
  help_options(command->options);
  help_options(common_options);
  printf("\nexamples:\n%s", command->examples);
}

static void help_all(FILE *out) {
  fputs("usage: wangge COMMAND [arguments] [options]\n\ncommands:\n", out);
  for (const struct cli_command *const *group = groups; *group != NULL; group++)
    for (const struct cli_command *command = *group; command->name != NULL; command++)
      fprintf(out, "  %-20s %s\n", command->name, command->summary);
  fputs("\n`wangge COMMAND --help` shows options and examples.\n"
        "exit: 0 done, 1 refused or partly refused, 2 wrong usage, 3 nobody answers\n",
        out);
}

// --- start ---

// find_command takes the longest name that the words begin with; *words is how many it has.
static const struct cli_command *find_command(int argc, char **argv, int *words) {
  enum { NAME_WORDS = 3 };
  char name[128] = "";
  size_t length = 0;
  const struct cli_command *found = NULL;
  for (int i = 0; i < argc && i < NAME_WORDS; i++) {
    length += (size_t)snprintf(name + length, sizeof name - length, "%s%s", i > 0 ? " " : "", argv[i]);
    if (length >= sizeof name) break;
    for (const struct cli_command *const *group = groups; *group != NULL; group++)
      for (const struct cli_command *command = *group; command->name != NULL; command++)
        if (strcmp(command->name, name) == 0) {
          *words = i + 1;
          found = command;
        }
  }
  return found;
}

// help_group: "wangge parked" or "wangge parked --help" lists what begins with the word.
static bool help_group(const char *word, FILE *out) {
  size_t length = strlen(word);
  bool any = false;
  for (const struct cli_command *const *group = groups; *group != NULL; group++)
    for (const struct cli_command *command = *group; command->name != NULL; command++)
      if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ') {
        fprintf(out, "  wangge %-18s %s\n", command->name, command->summary);
        any = true;
      }
  return any;
}

static void stop(int signal_number) {
  (void)signal_number;
  cli_stopped = 1;
}

static void handle_signals(void) {
  struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND}; // a second Ctrl-C ends at once
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

static int run_command(struct cli *cli, int argc, char **argv) {
  struct wg_error error = {0};
  const struct cli_command *command = cli->command;
  const struct cli_option *tables[3] = {common_options, command->options, NULL};
  if (cli_parse(argc, argv, tables, &cli->parsed, &error) != WG_OK) return cli_usage(cli, &error);
  cli->json = cli_given(&cli->parsed, "json");
  if (cli_given(&cli->parsed, "help")) {
    help_command(command);
    return CLI_DONE;
  }
  int count = cli->parsed.arguments;
  if (count < command->least || count > command->most) {
    wg_fail(&error, WG_INVALID_ARGUMENT, NULL, "wanted: wangge %s %s", command->name, command->arguments);
    return cli_usage(cli, &error);
  }
  int64_t seconds = 30;
  if (cli_number(&cli->parsed, "timeout", 1, 600, &seconds, &error) != WG_OK) return cli_usage(cli, &error);
  cli->timeout_ms = (int)seconds * 1000;
  if (cli_config(cli, cli_text(&cli->parsed, "config"), &error) != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, NULL);
  return command->run(cli);
}

int main(int argc, char **argv) {
  if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
  wg_log_init("wangge", WG_LOG_WARN);
  handle_signals();
  if (argc < 2) {
    help_all(stderr);
    return CLI_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
    help_all(stdout);
    return CLI_DONE;
  }
  if (strcmp(argv[1], "--version") == 0) argv[1] += 2;
  int words = 0;
  static struct cli cli;
  cli.command = find_command(argc - 1, argv + 1, &words);
  if (cli.command == NULL) {
    bool help = argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0);
    if (help_group(argv[1], help ? stdout : stderr)) return help ? CLI_DONE : CLI_USAGE;
    fprintf(stderr, "wangge: no command \"%s\"; `wangge --help` lists them\n", argv[1]);
    return CLI_USAGE;
  }
  cli.arena = wg_arena_create(64 * 1024);
  int code = run_command(&cli, argc - 1 - words, argv + 1 + words);
  cli_close(&cli);
  if (fflush(stdout) != 0 || ferror(stdout)) return code != CLI_DONE ? code : CLI_REFUSED;
  return code;
}
