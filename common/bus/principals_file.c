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
    {"operator", WG_ROLE_OPERATOR}, {"service", WG_ROLE_SERVICE},       {"registrar", WG_ROLE_REGISTRAR},
    {"village", WG_ROLE_VILLAGE},   {"township", WG_ROLE_TOWNSHIP},
};
#define ROLE_COUNT (sizeof roles / sizeof roles[0])
#define MAX_AREAS (sizeof((struct wg_principal *)0)->area / sizeof((struct wg_principal *)0)->area[0])
#define MAX_PREVIOUS                                                                                                   \
  (sizeof((struct wg_principal *)0)->previous_key / sizeof((struct wg_principal *)0)->previous_key[0])
#define MAX_ORIGINS (sizeof((struct wg_principal *)0)->origin / sizeof((struct wg_principal *)0)->origin[0])
#define ORIGIN_BYTES (sizeof((struct wg_principal *)0)->origin[0] - 1)
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

static wg_status parse_roles(char *text, struct wg_principal *principal, struct wg_error *error) {
  char *word;
  while ((word = next_word(&text))) {
    unsigned role;
    if (!wg_role_parse(word, &role))
      return wg_fail(error, WG_INVALID_ARGUMENT, "roles",
                     "unknown role \"%.40s\" of [%s]; known are source, department, dispatcher, operator, service, "
                     "registrar, village and "
                     "township",
                     word, principal->name);
    if (principal->roles & role)
      return wg_fail(error, WG_INVALID_ARGUMENT, "roles", "role %s of [%s] is given twice", word, principal->name);
    principal->roles |= role;
  }
  return WG_OK;
}

static wg_status parse_districts(char *text, struct wg_principal *principal, struct wg_error *error) {
  char *word;
  while ((word = next_word(&text))) {
    if (strlen(word) != 6 || !wg_all_digits(word, 6))
      return wg_fail(error, WG_INVALID_ARGUMENT, "districts", "\"%.40s\" of [%s] is not a district code of six digits",
                     word, principal->name);
    if (principal->districts == (int)MAX_DISTRICTS)
      return wg_fail(error, WG_INVALID_ARGUMENT, "districts", "[%s] has more than %zu districts", principal->name,
                     MAX_DISTRICTS);
    memcpy(principal->district[principal->districts++], word, 7);
  }
  return WG_OK;
}

static wg_status parse_areas(char *text, struct wg_principal *principal, struct wg_error *error) {
  char *word;
  while ((word = next_word(&text))) {
    const size_t size = strlen(word);
    if (size < 6 || size > 12 || !wg_all_digits(word, size))
      return wg_fail(error, WG_INVALID_ARGUMENT, "areas",
                     "\"%.40s\" of [%s] is not the beginning of a village code, 6 to 12 digits", word, principal->name);
    if (principal->areas == (int)MAX_AREAS)
      return wg_fail(error, WG_INVALID_ARGUMENT, "areas", "[%s] has more than %zu areas", principal->name, MAX_AREAS);
    memcpy(principal->area[principal->areas++], word, size + 1);
  }
  return WG_OK;
}

static wg_status parse_origins(char *text, struct wg_principal *principal, struct wg_error *error) {
  char *word;
  while ((word = next_word(&text))) {
    const size_t size = strlen(word);
    if (size == 0 || size > ORIGIN_BYTES)
      return wg_fail(error, WG_INVALID_ARGUMENT, "origins",
                     "\"%.40s\" of [%s] is not the code of a station or message group, 1 to %zu bytes", word,
                     principal->name, ORIGIN_BYTES);
    if (principal->origins == (int)MAX_ORIGINS)
      return wg_fail(error, WG_INVALID_ARGUMENT, "origins", "[%s] has more than %zu origins", principal->name,
                     MAX_ORIGINS);
    memcpy(principal->origin[principal->origins++], word, size + 1);
  }
  return WG_OK;
}

static wg_status parse_channel(const char *text, struct wg_principal *principal, struct wg_error *error) {
  char name[64];
  int size = snprintf(name, sizeof name, "CHANNEL_%s", text);
  for (char *c = name; *c; c++)
    *c = (char)toupper((unsigned char)*c);
  const ProtobufCEnumValue *value = NULL;
  if (size < (int)sizeof name)
    value = protobuf_c_enum_descriptor_get_value_by_name(&wangge__v1__channel__descriptor, name);
  if (!value || value->value == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "channel",
                   "unknown channel \"%.40s\" of [%s]; write a name of wangge.v1.Channel such as patrol_visit", text,
                   principal->name);
  principal->default_channel = value->value;
  return WG_OK;
}

static wg_status parse_department(const char *text, struct wg_principal *principal, struct wg_error *error) {
  struct wg_error why;
  if (wg_token_check(text, sizeof principal->department - 1, "department", &why) != WG_OK)
    return wg_fail(error, WG_INVALID_ARGUMENT, "department",
                   "department of [%s] is not 1 to 64 characters of a-z, 0-9, dot, dash and underscore",
                   principal->name);
  memcpy(principal->department, text, strlen(text) + 1);
  return WG_OK;
}

static wg_status parse_key(struct wg_principal_table *table, const char *text, struct wg_error *error) {
  struct wg_principal *principal = &table->list[table->count - 1];
  if (!wg_key_text_valid(text))
    return wg_fail(error, WG_INVALID_ARGUMENT, "key",
                   "key of [%s] is not a public key of 40 characters of Z85, as \"wangge keys\" prints it",
                   principal->name);
  for (size_t i = 0; i + 1 < table->count; i++)
    if (!strcmp(table->list[i].key, text))
      return wg_fail(error, WG_ALREADY_EXISTS, "key", "[%s] has the same key as [%s] in line %d", principal->name,
                     table->list[i].name, table->lines[i]);
  memcpy(principal->key, text, sizeof principal->key);
  return WG_OK;
}

static wg_status parse_previous_keys(struct wg_principal_table *table, char *text, struct wg_error *error) {
  struct wg_principal *principal = &table->list[table->count - 1];
  char *word;
  while ((word = next_word(&text))) {
    if (!wg_key_text_valid(word))
      return wg_fail(error, WG_INVALID_ARGUMENT, "previous_keys",
                     "a key of [%s] is not a public key of 40 characters of Z85, as \"wangge keys\" prints it",
                     principal->name);
    if (principal->previous_keys == (int)MAX_PREVIOUS)
      return wg_fail(error, WG_INVALID_ARGUMENT, "previous_keys", "[%s] has more than %zu of them", principal->name,
                     MAX_PREVIOUS);
    memcpy(principal->previous_key[principal->previous_keys++], word, sizeof principal->key);
  }
  return WG_OK;
}

static wg_status add_principal(struct wg_principal_table *table, int line, const char *name, struct wg_error *error) {
  struct wg_error why;
  if (wg_token_check(name, sizeof table->list[0].name - 1, "name", &why) != WG_OK)
    return wg_fail(error, WG_INVALID_ARGUMENT, "name",
                   "name of [%.80s] is not 1 to 64 characters of a-z, 0-9, dot, dash and underscore", name);
  if (table->count == table->capacity) {
    table->capacity = table->capacity ? 2 * table->capacity : 64;
    table->list = wg_realloc(table->list, table->capacity * sizeof *table->list);
    table->lines = wg_realloc(table->lines, table->capacity * sizeof *table->lines);
  }
  struct wg_principal *principal = &table->list[table->count];
  memset(principal, 0, sizeof *principal);
  memcpy(principal->name, name, strlen(name) + 1);
  table->lines[table->count++] = line;
  return WG_OK;
}

// take_row is called by the INI reader, which puts file and line before what is said here, and which has made sure that
// no section and no key in it comes twice.
static wg_status take_row(void *context, int line, const char *section, const char *key, const char *value,
                          struct wg_error *error) {
  struct wg_principal_table *table = context;
  if (table->count == 0 || strcmp(table->list[table->count - 1].name, section)) {
    wg_status status = add_principal(table, line, section, error);
    if (status != WG_OK) return status;
  }
  struct wg_principal *principal = &table->list[table->count - 1];
  char text[512];
  if (snprintf(text, sizeof text, "%s", value) >= (int)sizeof text)
    return wg_fail(error, WG_INVALID_ARGUMENT, key, "the value is longer than %zu bytes", sizeof text - 1);
  if (!strcmp(key, "key")) return parse_key(table, text, error);
  if (!strcmp(key, "previous_keys")) return parse_previous_keys(table, text, error);
  if (!strcmp(key, "roles")) return parse_roles(text, principal, error);
  if (!strcmp(key, "department")) return parse_department(text, principal, error);
  if (!strcmp(key, "districts")) return parse_districts(text, principal, error);
  if (!strcmp(key, "areas")) return parse_areas(text, principal, error);
  if (!strcmp(key, "channel")) return parse_channel(text, principal, error);
  if (!strcmp(key, "origins")) return parse_origins(text, principal, error);
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL,
                 "unknown key \"%.40s\" of [%s]; known are key, previous_keys, roles, department, districts, "
                 "areas, channel and origins",
                 key, principal->name);
}

// fault_of says what is wrong with a principal as a whole, or NULL.
static const char *fault_of(const struct wg_principal *principal) {
  if (!principal->key[0]) return "has no key";
  if (!principal->roles) return "has no roles";
  if ((principal->roles & WG_ROLE_DEPARTMENT) && !principal->department[0])
    return "has role department and needs \"department = CODE\"";
  if (!(principal->roles & WG_ROLE_DEPARTMENT) && principal->department[0])
    return "has a department but not role department";
  const bool has_area = (principal->roles & (WG_ROLE_VILLAGE | WG_ROLE_TOWNSHIP)) != 0;
  if (has_area && !principal->areas) return "has role village or township and needs \"areas = CODE\"";
  if (!has_area && principal->areas) return "has areas but neither role village nor township";
  if (!(principal->roles & WG_ROLE_SOURCE) && principal->default_channel) return "has a channel but not role source";
  if (principal->origins && principal->default_channel != WANGGE__V1__CHANNEL__CHANNEL_STATION_WALK_IN &&
      principal->default_channel != WANGGE__V1__CHANNEL__CHANNEL_WECHAT_GROUP)
    return "has origins and needs \"channel = station_walk_in\" or \"channel = wechat_group\"";
  return NULL;
}

static wg_status check_whole(const char *path, const struct wg_principal_table *table, struct wg_error *error) {
  if (table->count == 0) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s names no principal", path);
  for (size_t i = 0; i < table->count; i++) {
    const char *fault = fault_of(&table->list[i]);
    if (fault)
      return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s:%d: [%s] %s", path, table->lines[i], table->list[i].name,
                     fault);
  }
  return WG_OK;
}

// put_keys: a key that is being replaced stands for its principal, too, and is nobody else's.
static wg_status put_keys(const char *path, struct wg_principal_table *table, struct wg_error *error) {
  for (size_t i = 0; i < table->count; i++)
    wg_map_put(table->by_key, table->list[i].key, &table->list[i]);
  for (size_t i = 0; i < table->count; i++) {
    struct wg_principal *principal = &table->list[i];
    for (int k = 0; k < principal->previous_keys; k++) {
      const struct wg_principal *other = wg_map_get(table->by_key, principal->previous_key[k]);
      if (other)
        return wg_fail(error, WG_ALREADY_EXISTS, NULL, "%s:%d: a previous key of [%s] is a key of [%s]", path,
                       table->lines[i], principal->name, other->name);
      wg_map_put(table->by_key, principal->previous_key[k], principal);
    }
  }
  return WG_OK;
}

wg_status wg_principal_table_read(const char *path, struct wg_principal_table **table, struct wg_error *error) {
  struct wg_principal_table *fresh = wg_zalloc(sizeof *fresh);
  fresh->by_name = wg_map_create();
  fresh->by_key = wg_map_create();
  wg_status status = wg_ini_read(path, take_row, fresh, error);
  if (status == WG_OK) status = check_whole(path, fresh, error);
  if (status == WG_OK) status = put_keys(path, fresh, error);
  if (status != WG_OK) {
    wg_principal_table_free(fresh);
    return status;
  }
  for (size_t i = 0; i < fresh->count; i++)
    wg_map_put(fresh->by_name, fresh->list[i].name, &fresh->list[i]);
  *table = fresh;
  return WG_OK;
}

void wg_principal_table_free(struct wg_principal_table *table) {
  if (!table) return;
  wg_map_destroy(table->by_name);
  wg_map_destroy(table->by_key);
  free(table->list);
  free(table->lines);
  free(table);
}
