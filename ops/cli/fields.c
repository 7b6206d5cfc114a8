// See fields.h.
#include "ops/cli/fields.h"

#include "common/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// put sets "a" or "a.b".
static void put(json_t *object, const char *path, json_t *value) {
  const char *dot = strchr(path, '.');
  if (dot == NULL) {
    json_object_set_new(object, path, value);
    return;
  }
  char first[64];
  snprintf(first, sizeof first, "%.*s", (int)(dot - path), path);
  json_t *inner = json_object_get(object, first);
  if (inner == NULL) json_object_set_new(object, first, inner = json_object());
  put(inner, dot + 1, value);
}

static json_t *list_of(const char *text) {
  json_t *list = json_array();
  for (const char *at = text; *at != 0;) {
    const size_t length = strcspn(at, ",");
    json_array_append_new(list, json_stringn(at, length));
    at += length + (at[length] == ',');
  }
  return list;
}

// pairs_of reads "a:b,c:d" into objects; `members` are their two names with a blank between.
static json_t *pairs_of(const char *text, const char *members) {
  const size_t first = strcspn(members, " ");
  json_t *list = json_array();
  for (const char *at = text; *at != 0;) {
    const size_t length = strcspn(at, ",");
    const char *colon = memchr(at, ':', length);
    const size_t left = colon != NULL ? (size_t)(colon - at) : length;
    json_t *pair = json_object();
    json_object_setn_new(pair, members, first, json_stringn(at, left));
    if (colon != NULL) json_object_set_new(pair, members + first + 1, json_stringn(colon + 1, length - left - 1));
    json_array_append_new(list, pair);
    at += length + (at[length] == ',');
  }
  return list;
}

// value_of gives what the command line says of a field, NULL: nothing; and where it goes.
static json_t *value_of(struct cli *cli, const char *field, const char **path) {
  if (field[0] == '!') {
    *path = field + 1;
    return json_true();
  }
  const size_t length = strcspn(field, ":?+*=");
  const char mark = field[length];
  char option[64];
  snprintf(option, sizeof option, "%.*s", (int)length, field);
  const char *equals = strchr(field + length, mark == ':' ? ':' : '=');
  *path = equals != NULL ? equals + 1 : wg_arena_strdup(cli->arena, option);
  if (mark == ':') {
    const int number = option[0] - '0'; // no command has ten arguments
    return number < cli->parsed.arguments ? json_string(cli->parsed.argument[number]) : NULL;
  }
  if (mark == '?') return cli_given(&cli->parsed, option) ? json_true() : NULL;
  const char *text = cli_text(&cli->parsed, option);
  if (text == NULL) return NULL;
  if (mark == '*') {
    const size_t size = strcspn(*path, " ");
    const char *members = *path + size + 1;
    *path = wg_arena_printf(cli->arena, "%.*s", (int)size, *path);
    return pairs_of(text, members);
  }
  return mark == '+' ? list_of(text) : json_string(text);
}

static json_t *read_file(const char *path, struct wg_error *error) {
  json_error_t fault;
  json_t *object = json_load_file(path, JSON_REJECT_DUPLICATES, &fault);
  if (object != NULL && json_is_object(object)) return object;
  if (object == NULL && fault.line > 0)
    wg_fail(error, WG_INVALID_ARGUMENT, "file", "%s:%d: %s", path, fault.line, fault.text);
  else wg_fail(error, WG_INVALID_ARGUMENT, "file", "%s: %s", path, object != NULL ? "no object" : strerror(errno));
  json_decref(object);
  return NULL;
}

json_t *cli_fields(struct cli *cli, const char *const *fields, struct wg_error *error) {
  const char *file = cli_text(&cli->parsed, "file");
  json_t *object = file != NULL ? read_file(file, error) : json_object();
  for (; object != NULL && *fields != NULL; fields++) {
    const char *path = NULL;
    json_t *value = value_of(cli, *fields, &path);
    if (value != NULL) put(object, path, value);
  }
  return object;
}

const char *cli_request_id(struct cli *cli, const char *option, int n) {
  const char *given = cli_text(&cli->parsed, option);
  if (given != NULL) return given;
  return wg_arena_printf(cli->arena, "cli-%llx-%x-%d", (unsigned long long)wg_now_us(), (unsigned)getpid(), n);
}
