// Reads the principals file. An error anywhere refuses the whole file: half a list of rights is worse than the old one.
#include "common/bus/principals_file.h"

#include "common/base/text.h"
#include "common/config/config.h"

#include "wangge/v1/common.pb-c.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  unsigned bit;
} roles[] = {
    {"source", WG_ROLE_SOURCE},     {"department", WG_ROLE_DEPARTMENT}, {"dispatcher", WG_ROLE_DISPATCHER},
    {"operator", WG_ROLE_OPERATOR}, {"service", WG_ROLE_SERVICE},
};
#define ROLE_COUNT (sizeof roles / sizeof roles[0])
#define MAX_DISTRICTS (sizeof((struct wg_principal *)0)->district / sizeof((struct wg_principal *)0)->district[0])

const char *wg_role_name(unsigned one_role) {
  for (size_t i = 0; i < ROLE_COUNT; i++)
    if (roles[i].bit == one_role) return roles[i].name;
  return "unknown";
}

bool wg_role_parse(const char *name, unsigned *role) {
  for (size_t i = 0; i < ROLE_COUNT; i++) {
    if (strcmp(roles[i].name, name)) continue;
    *role = roles[i].bit;
    return true;
  }
  return false;
}

bool wg_key_text_valid(const char *text) {
  uint8_t raw[32];
  static const char alphabet[] =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  return strlen(text) == 40 && strspn(text, alphabet) == 40 && zmq_z85_decode(raw, text) != NULL;
}

// next_word cuts the next comma-separated word off *rest, without the blanks around it; NULL at the end.
static char *next_word(char **rest) {
  char *word = strsep(rest, ",");
  if (!word) return NULL;
  while (isblank((unsigned char)*word))
    word++;
  size_t size = strlen(word);
  while (size > 0 && isblank((unsigned char)word[size - 1]))
    word[--size] = 0;
  return word;
}

static wg_status parse_roles(int line, char *text, struct wg_principal *principal, struct wg_error *error) {
  char *word;
  while ((word = next_word(&text))) {
    unsigned role;
    if (!wg_role_parse(word, &role))
      return wg_fail(error, WG_INVALID_ARGUMENT, "roles",
                     "line %d: unknown role \"%.40s\" of [%s]; known are source, department, dispatcher, operator and "
                     "service",
                     line, word, principal->name);
    if (principal->roles & role)
      return wg_fail(error, WG_INVALID_ARGUMENT, "roles", "line %d: role %s of [%s] is given twice", line, word,
                     principal->name);
    principal->roles |= role;
  }
  return WG_OK;
}

static wg_status parse_districts(int line, char *text, struct wg_principal *principal, struct wg_error *error) {
  char *word;
  while ((word = next_word(&text))) {
    if (strlen(word) != 6 || !wg_all_digits(word, 6))
      return wg_fail(error, WG_INVALID_ARGUMENT, "districts",
                     "line %d: \"%.40s\" of [%s] is not a district code of six digits", line, word, principal->name);
    if (principal->districts == (int)MAX_DISTRICTS)
      return wg_fail(error, WG_INVALID_ARGUMENT, "districts", "line %d: [%s] has more than %zu districts", line,
                     principal->name, MAX_DISTRICTS);
    memcpy(principal->district[principal->districts++], word, 7);
  }
  return WG_OK;
}

static wg_status parse_channel(int line, const char *text, struct wg_principal *principal, struct wg_error *error) {
  char name[64];
  int size = snprintf(name, sizeof name, "CHANNEL_%s", text);
  for (char *c = name; *c; c++)
    *c = (char)toupper((unsigned char)*c);
  const ProtobufCEnumValue *value = NULL;
  if (size < (int)sizeof name)
    value = protobuf_c_enum_descriptor_get_value_by_name(&wangge__v1__channel__descriptor, name);
  if (!value || value->value == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "channel",
                   "line %d: unknown channel \"%.40s\" of [%s]; write a name of wangge.v1.Channel such as patrol_visit",
                   line, text, principal->name);
  principal->default_channel = value->value;
  return WG_OK;
}

static wg_status parse_key(struct wg_principal_table *table, size_t at, int line, const char *text,
                           struct wg_error *error) {
  struct wg_principal *principal = &table->list[at];
  if (!wg_key_text_valid(text))
    return wg_fail(error, WG_INVALID_ARGUMENT, "key",
                   "line %d: key of [%s] is not a public key of 40 characters of Z85, as \"wangge keys\" prints it",
                   line, principal->name);
  for (size_t i = 0; i < at; i++)
    if (!strcmp(table->list[i].key, text))
      return wg_fail(error, WG_INVALID_ARGUMENT, "key", "line %d: [%s] has the same key as [%s] in line %d", line,
                     principal->name, table->list[i].name, table->key_lines[i]);
  memcpy(principal->key, text, sizeof principal->key);
  table->key_lines[at] = line;
  return WG_OK;
}

// check_whole checks what can be seen only when all keys of a principal were read.
static wg_status check_whole(const struct wg_principal *principal, int line, struct wg_error *error) {
  const char *name = principal->name;
  if (!principal->key[0]) return wg_fail(error, WG_INVALID_ARGUMENT, "key", "line %d: [%s] has no key", line, name);
  if (!principal->roles) return wg_fail(error, WG_INVALID_ARGUMENT, "roles", "line %d: [%s] has no roles", line, name);
  if ((principal->roles & WG_ROLE_DEPARTMENT) && !principal->department[0])
    return wg_fail(error, WG_INVALID_ARGUMENT, "department",
                   "line %d: [%s] has role department and needs \"department = CODE\"", line, name);
  if (!(principal->roles & WG_ROLE_DEPARTMENT) && principal->department[0])
    return wg_fail(error, WG_INVALID_ARGUMENT, "department", "line %d: [%s] has a department but not role department",
                   line, name);
  if (!(principal->roles & WG_ROLE_SOURCE) && principal->default_channel)
    return wg_fail(error, WG_INVALID_ARGUMENT, "channel", "line %d: [%s] has a channel but not role source", line,
                   name);
  return WG_OK;
}

static size_t add_principal(struct wg_principal_table *table, const char *name, int line) {
  if (table->count == table->capacity) {
    table->capacity = table->capacity ? 2 * table->capacity : 64;
    table->list = wg_realloc(table->list, table->capacity * sizeof *table->list);
    table->lines = wg_realloc(table->lines, table->capacity * sizeof *table->lines);
    table->key_lines = wg_realloc(table->key_lines, table->capacity * sizeof *table->key_lines);
  }
  size_t at = table->count++;
  memset(&table->list[at], 0, sizeof table->list[at]);
  snprintf(table->list[at].name, sizeof table->list[at].name, "%s", name);
  table->lines[at] = line;
  table->key_lines[at] = 0;
  return at;
}

// begin_section checks a new section's name and that the one before is complete.
static wg_status begin_section(struct wg_principal_table *table, int line, const char *name, struct wg_error *error) {
  if (!name || !*name)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: a key before the first [principal]", line);
  struct wg_error why;
  if (wg_token_check(name, sizeof table->list[0].name - 1, "name", &why) != WG_OK)
    return wg_fail(error, WG_INVALID_ARGUMENT, "name",
                   "line %d: name of [%.80s] is not 1 to 64 characters of a-z, 0-9, dot, dash and underscore", line,
                   name);
  for (size_t i = 0; i < table->count; i++)
    if (!strcmp(table->list[i].name, name))
      return wg_fail(error, WG_ALREADY_EXISTS, "name", "line %d: [%s] was given already in line %d", line, name,
                     table->lines[i]);
  if (table->count > 0) {
    size_t last = table->count - 1;
    wg_status status = check_whole(&table->list[last], table->lines[last], error);
    if (status != WG_OK) return status;
  }
  add_principal(table, name, line);
  return WG_OK;
}

static wg_status twice(int line, const char *key, const char *name, struct wg_error *error) {
  return wg_fail(error, WG_ALREADY_EXISTS, key, "line %d: %s of [%s] is given twice", line, key, name);
}

static wg_status set_value(struct wg_principal_table *table, int line, const char *key, const char *value,
                           struct wg_error *error) {
  size_t at = table->count - 1;
  struct wg_principal *principal = &table->list[at];
  char text[512];
  if (snprintf(text, sizeof text, "%s", value) >= (int)sizeof text)
    return wg_fail(error, WG_INVALID_ARGUMENT, key, "line %d: value is longer than %zu bytes", line, sizeof text - 1);
  if (!strcmp(key, "key")) {
    if (principal->key[0]) return twice(line, key, principal->name, error);
    return parse_key(table, at, line, text, error);
  }
  if (!strcmp(key, "roles")) {
    if (principal->roles) return twice(line, key, principal->name, error);
    return parse_roles(line, text, principal, error);
  }
  if (!strcmp(key, "department")) {
    if (principal->department[0]) return twice(line, key, principal->name, error);
    struct wg_error why;
    if (wg_token_check(text, sizeof principal->department - 1, key, &why) != WG_OK)
      return wg_fail(error, WG_INVALID_ARGUMENT, key,
                     "line %d: department of [%s] is not 1 to 64 characters of a-z, 0-9, dot, dash and underscore",
                     line, principal->name);
    memcpy(principal->department, text, strlen(text) + 1);
    return WG_OK;
  }
  if (!strcmp(key, "districts")) {
    if (principal->districts) return twice(line, key, principal->name, error);
    return parse_districts(line, text, principal, error);
  }
  if (!strcmp(key, "channel")) {
    if (principal->default_channel) return twice(line, key, principal->name, error);
    return parse_channel(line, text, principal, error);
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL,
                 "line %d: unknown key \"%.40s\" of [%s]; known are key, roles, department, districts and channel",
                 line, key, principal->name);
}

static wg_status take_row(void *context, int line, const char *section, const char *key, const char *value,
                          struct wg_error *error) {
  struct wg_principal_table *table = context;
  if (table->count == 0 || !section || strcmp(table->list[table->count - 1].name, section)) {
    wg_status status = begin_section(table, line, section, error);
    if (status != WG_OK) return status;
  }
  return set_value(table, line, key, value, error);
}

wg_status wg_principal_table_read(const char *path, struct wg_principal_table **table, struct wg_error *error) {
  struct wg_principal_table *fresh = wg_zalloc(sizeof *fresh);
  fresh->by_name = wg_map_create();
  fresh->by_key = wg_map_create();
  wg_status status = wg_ini_read(path, take_row, fresh, error);
  if (status == WG_OK && fresh->count > 0)
    status = check_whole(&fresh->list[fresh->count - 1], fresh->lines[fresh->count - 1], error);
  if (status == WG_OK && fresh->count == 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s names no principal", path);
  if (status != WG_OK) {
    wg_principal_table_free(fresh);
    return status;
  }
  for (size_t i = 0; i < fresh->count; i++) {
    wg_map_put(fresh->by_name, fresh->list[i].name, &fresh->list[i]);
    wg_map_put(fresh->by_key, fresh->list[i].key, &fresh->list[i]);
  }
  *table = fresh;
  return WG_OK;
}

void wg_principal_table_free(struct wg_principal_table *table) {
  if (!table) return;
  wg_map_destroy(table->by_name);
  wg_map_destroy(table->by_key);
  free(table->list);
  free(table->lines);
  free(table->key_lines);
  free(table);
}
