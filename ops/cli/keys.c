// wangge keys: makes and shows CURVE keys. The secret half is never printed.

#include "ops/cli/cli.h"
#include "ops/cli/output.h"

#include "common/base/text.h"
#include "common/bus/bus.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static wg_status key_path(struct cli *cli, char *path, size_t size, struct wg_error *error) {
  const char *folder = cli_text(&cli->parsed, "key-dir");
  if (folder == NULL) folder = cli->key_dir;
  if (wg_token_check(cli->parsed.argument[0], 64, "NAME", error) != WG_OK) return error->code;
  if (snprintf(path, size, "%s/%s.key", folder, cli->parsed.argument[0]) >= (int)size)
    return wg_fail(error, WG_INVALID_ARGUMENT, "key-dir", "the path is too long");
  if (strcmp(cli->command->name, "keys generate") == 0 && mkdir(folder, 0700) != 0 && errno != EEXIST)
    return wg_fail(error, WG_FAILED_PRECONDITION, "key-dir", "cannot make %s: %s", folder, strerror(errno));
  return WG_OK;
}

static int run_key(struct cli *cli) {
  struct wg_error error = {0};
  struct wg_key key;
  char path[4096];
  if (key_path(cli, path, sizeof path, &error) != WG_OK) return cli_usage(cli, &error);
  bool generate = strcmp(cli->command->name, "keys generate") == 0;
  wg_status status = generate ? wg_key_generate(path, &key, &error) : wg_key_read(path, &key, &error);
  explicit_bzero(key.secret_z85, sizeof key.secret_z85);
  if (status != WG_OK) return cli_complain(cli, &error);
  if (cli->json)
    cli_print_json(json_pack("{s:s,s:s,s:s}", "name", cli->parsed.argument[0], "key", key.public_z85, "file", path));
  else printf("[%s]\nkey = %s\n", cli->parsed.argument[0], key.public_z85);
  return CLI_DONE;
}

static const struct cli_option options[] = {
    {"key-dir", "FOLDER", "folder of the key files (default: key_dir of client.ini)"},
    {0},
};

const struct cli_command cli_keys[] = {
    {"keys generate", "NAME", 1, 1, "make a key; prints the section for the principals file", options,
     "  wangge keys generate hotline-12345 --key-dir /etc/wangge/keys\n", run_key},
    {"keys show", "NAME", 1, 1, "print the public half of a key", options, "  wangge keys show water\n", run_key},
    {0},
};
