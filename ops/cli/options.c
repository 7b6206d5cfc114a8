// One parser for the options of all commands.

#include "ops/cli/options.h"

#include "common/base/text.h"

#include <string.h>

static const struct cli_option *find(const struct cli_option *const *tables, const char *name, size_t length) {
  for (; *tables != NULL; tables++)
    for (const struct cli_option *option = *tables; option->name != NULL; option++)
      if (strlen(option->name) == length && strncmp(option->name, name, length) == 0) return option;
  return NULL;
}

static wg_status put(struct cli_parsed *parsed, const struct cli_option *option, const char *value,
                     struct wg_error *error) {
  if (cli_given(parsed, option->name))
    return wg_fail(error, WG_INVALID_ARGUMENT, option->name, "option --%s is given twice", option->name);
  if (parsed->options == CLI_OPTIONS_MOST) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "too many options");
  parsed->option[parsed->options] = option;
  parsed->value[parsed->options++] = value;
  return WG_OK;
}

wg_status cli_parse(int argc, char **argv, const struct cli_option *const *tables, struct cli_parsed *parsed,
                    struct wg_error *error) {
  *parsed = (struct cli_parsed){0};
  bool only_arguments = false;
  for (int i = 0; i < argc; i++) {
    const char *word = argv[i];
    if (!only_arguments && strcmp(word, "--") == 0) {
      only_arguments = true;
      continue;
    }
    if (only_arguments || word[0] != '-' || word[1] == 0) {
      if (parsed->arguments == CLI_ARGUMENTS_MOST)
        return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "more than %d arguments", CLI_ARGUMENTS_MOST);
      parsed->argument[parsed->arguments++] = word;
      continue;
    }
    if (strcmp(word, "-h") == 0) word = "--help";
    if (word[1] != '-') return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "unknown option %s", word);
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct cli_option *option = find(tables, name, length);
    if (option == NULL) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "unknown option %s", word);
    if (option->value == NULL && equals != NULL)
      return wg_fail(error, WG_INVALID_ARGUMENT, option->name, "option --%s takes no value", option->name);
    const char *value = equals != NULL ? equals + 1 : "";
    if (option->value != NULL && equals == NULL) {
      if (i + 1 == argc)
        return wg_fail(error, WG_INVALID_ARGUMENT, option->name, "option --%s needs %s", option->name, option->value);
      value = argv[++i];
    }
    if (put(parsed, option, value, error) != WG_OK) return error->code;
  }
  return WG_OK;
}

const char *cli_text(const struct cli_parsed *parsed, const char *name) {
  for (int i = 0; i < parsed->options; i++)
    if (strcmp(parsed->option[i]->name, name) == 0) return parsed->value[i];
  return NULL;
}

bool cli_given(const struct cli_parsed *parsed, const char *name) {
  return cli_text(parsed, name) != NULL;
}

wg_status cli_number(const struct cli_parsed *parsed, const char *name, int64_t least, int64_t most, int64_t *number,
                     struct wg_error *error) {
  const char *text = cli_text(parsed, name);
  if (text == NULL) return WG_OK;
  int64_t value;
  if (!wg_parse_i64(text, &value) || value < least || value > most)
    return wg_fail(error, WG_INVALID_ARGUMENT, name, "--%s %s: a whole number from %lld to %lld is wanted", name, text,
                   (long long)least, (long long)most);
  *number = value;
  return WG_OK;
}
