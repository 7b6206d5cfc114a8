// Values are gathered from the file first, each with the place it came from, then the environment is laid over them,
// and then each is read as its setting says. So an error can always name the place that must be changed.
#include "common/config/config.h"
#include "common/base/bytes.h"
#include "common/base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Where a value came from; the later wins over the earlier.
enum origin { ORIGIN_NONE, ORIGIN_FALLBACK, ORIGIN_COMMON, ORIGIN_SECTION, ORIGIN_ENVIRONMENT };

struct value {
  char *text;
  enum origin origin;
  int line;
  char variable[128]; // of the environment
};

struct loader {
  const char *path, *section;
  const struct wg_setting *settings;
  struct value *values; // one for each setting
};

static size_t count_settings(const struct wg_setting *settings) {
  size_t count = 0;
  while (settings[count].key != NULL)
    count++;
  return count;
}

static wg_status take_row(void *context, int line, const char *section, const char *key, const char *text,
                          struct wg_error *error) {
  struct loader *loader = context;
  bool common = strcmp(section, "common") == 0, own = strcmp(section, loader->section) == 0;
  if (section[0] == '\0')
    return wg_fail(error, WG_INVALID_ARGUMENT, key, "%s:%d: %s stands before the first [section]", loader->path, line,
                   key);
  if (!common && !own) return WG_OK;
  size_t i = 0;
  while (loader->settings[i].key != NULL && strcmp(loader->settings[i].key, key) != 0)
    i++;
  if (loader->settings[i].key == NULL)
    return wg_fail(error, WG_INVALID_ARGUMENT, key, "%s:%d: [%s] has no setting \"%s\"%s", loader->path, line,
                   loader->section, key, own ? "" : "; [common] is for settings that every service has");
  struct value *value = &loader->values[i];
  enum origin origin = own ? ORIGIN_SECTION : ORIGIN_COMMON;
  if (origin < value->origin) return WG_OK;
  free(value->text);
  *value = (struct value){.text = wg_strdup(text), .origin = origin, .line = line};
  return WG_OK;
}

static void variable_name(char *out, size_t room, const char *section, const char *key) {
  snprintf(out, room, "WANGGE_%s_%s", section, key);
  for (; *out != '\0'; out++)
    *out = isalnum((unsigned char)*out) ? (char)toupper((unsigned char)*out) : '_';
}

static void overlay_environment(struct value *value, const char *section, const char *key) {
  char name[sizeof value->variable];
  variable_name(name, sizeof name, section, key);
  const char *text = getenv(name);
  if (text == NULL) return;
  free(value->text);
  *value = (struct value){.text = wg_strdup(text), .origin = ORIGIN_ENVIRONMENT};
  memcpy(value->variable, name, sizeof name);
}

// place_of names where a value is to be mended.
static const char *place_of(const struct loader *loader, const struct value *value, char *out, size_t room) {
  if (value->origin == ORIGIN_ENVIRONMENT) snprintf(out, room, "environment variable %s", value->variable);
  else if (value->line > 0) snprintf(out, room, "%s:%d", loader->path, value->line);
  else snprintf(out, room, "default of [%s]", loader->section);
  return out;
}

// expand replaces each ${VAR}; the result is the caller's to free, NULL when it failed.
static char *expand(const char *text, const char *key, const char *place, struct wg_error *error) {
  struct wg_buffer out = {0};
  for (const char *open; (open = strstr(text, "${")) != NULL;) {
    size_t size = strcspn(open + 2, "}");
    char name[128];
    snprintf(name, sizeof name, "%.*s", size < sizeof name ? (int)size : 0, open + 2);
    const char *value = open[2 + size] == '}' ? getenv(name) : NULL;
    if (value == NULL) {
      wg_fail(error, WG_INVALID_ARGUMENT, key, "%s: %s names the environment variable ${%s}, which is not set", place,
              key, name);
      wg_buffer_free(&out);
      return NULL;
    }
    wg_buffer_append(&out, text, (size_t)(open - text));
    wg_buffer_text(&out, value);
    text = open + 2 + size + 1;
  }
  wg_buffer_text(&out, text);
  char *expanded = wg_strdup(wg_buffer_cstr(&out));
  wg_buffer_free(&out);
  return expanded;
}

// in_folder_of puts the file's folder before a relative path.
static char *in_folder_of(const char *file, char *text) {
  const char *slash = file == NULL ? NULL : strrchr(file, '/');
  if (slash == NULL || text[0] == '/' || text[0] == '\0') return text;
  struct wg_buffer out = {0};
  wg_buffer_append(&out, file, (size_t)(slash - file) + 1);
  wg_buffer_text(&out, text);
  char *joined = wg_strdup(wg_buffer_cstr(&out));
  wg_buffer_free(&out);
  free(text);
  return joined;
}

static wg_status read_int(const struct wg_setting *setting, const char *text, const char *place, int64_t *number,
                          struct wg_error *error) {
  if (wg_parse_i64(text, number) && *number >= setting->least && *number <= setting->most) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, setting->key,
                 "%s: %s is \"%.60s\", must be a whole number from %" PRId64 " to %" PRId64, place, setting->key, text,
                 setting->least, setting->most);
}

static wg_status read_bool(const struct wg_setting *setting, const char *text, const char *place, bool *truth,
                           struct wg_error *error) {
  static const char *const words[][2] = {{"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};
  for (size_t i = 0; i < 8; i++)
    if (strcasecmp(text, words[i / 2][i % 2]) == 0) {
      *truth = i % 2 == 1;
      return WG_OK;
    }
  return wg_fail(error, WG_INVALID_ARGUMENT, setting->key, "%s: %s is \"%.60s\", must be yes or no", place,
                 setting->key, text);
}

static wg_status store(const struct loader *loader, const struct wg_setting *setting, const struct value *value,
                       void *target, struct wg_error *error) {
  char place[320];
  void *member = (char *)target + setting->offset;
  if (value->origin == ORIGIN_NONE || (setting->fallback == NULL && value->text[0] == '\0'))
    return wg_fail(error, WG_INVALID_ARGUMENT, setting->key, "%s: [%s] needs %s (%s)",
                   loader->path != NULL ? loader->path : "environment", loader->section, setting->key, setting->help);
  place_of(loader, value, place, sizeof place);
  // What the environment says is taken as it is: the shell has expanded it, and its paths start where the user stands.
  bool outside = value->origin == ORIGIN_ENVIRONMENT, as_it_stands = outside || setting->kind == WG_SETTING_KEY;
  char *text = as_it_stands ? wg_strdup(value->text) : expand(value->text, setting->key, place, error);
  if (text == NULL) return error->code;
  wg_status status = wg_text_check(text, 4096, WG_TEXT_ONE_LINE, setting->key, error);
  if (status != WG_OK) {
    status = wg_fail(error, status, setting->key, "%s: %s", place, error->message);
  } else if (setting->kind == WG_SETTING_INT) {
    status = read_int(setting, text, place, member, error);
  } else if (setting->kind == WG_SETTING_BOOL) {
    status = read_bool(setting, text, place, member, error);
  } else {
    if (setting->kind == WG_SETTING_PATH && !outside) text = in_folder_of(loader->path, text);
    *(char **)member = text;
    return WG_OK;
  }
  free(text);
  return status;
}

static bool holds_text(const struct wg_setting *setting) {
  return setting->kind == WG_SETTING_TEXT || setting->kind == WG_SETTING_PATH || setting->kind == WG_SETTING_KEY;
}

void wg_config_free(const struct wg_setting *settings, void *target) {
  for (; settings->key != NULL; settings++) {
    if (!holds_text(settings)) continue;
    char **member = (char **)(void *)((char *)target + settings->offset);
    free(*member);
    *member = NULL;
  }
}

wg_status wg_config_load(const char *path, const char *section, const struct wg_setting *settings, void *target,
                         struct wg_error *error) {
  size_t count = count_settings(settings);
  struct loader loader = {.path = path, .section = section, .settings = settings};
  loader.values = wg_zalloc(count * sizeof *loader.values);
  for (size_t i = 0; i < count; i++) {
    if (settings[i].fallback != NULL)
      loader.values[i] = (struct value){.text = wg_strdup(settings[i].fallback), .origin = ORIGIN_FALLBACK};
    if (holds_text(&settings[i])) *(char **)(void *)((char *)target + settings[i].offset) = NULL;
  }
  wg_status status = path == NULL ? WG_OK : wg_ini_read(path, take_row, &loader, error);
  for (size_t i = 0; i < count && status == WG_OK; i++) {
    overlay_environment(&loader.values[i], "common", settings[i].key);
    overlay_environment(&loader.values[i], section, settings[i].key);
    status = store(&loader, &settings[i], &loader.values[i], target, error);
  }
  if (status != WG_OK) wg_config_free(settings, target);
  for (size_t i = 0; i < count; i++)
    free(loader.values[i].text);
  free(loader.values);
  return status;
}

void wg_config_help(const char *section, const struct wg_setting *settings) {
  static const char *const kinds[] = {"text", "path", "number", "yes or no", "key"};
  printf("[%s]\n", section);
  for (; settings->key != NULL; settings++) {
    char variable[128];
    variable_name(variable, sizeof variable, section, settings->key);
    printf("\n# %s\n# %s", settings->help, kinds[settings->kind]);
    if (settings->kind == WG_SETTING_INT) printf(", %" PRId64 " to %" PRId64, settings->least, settings->most);
    printf("; environment: %s\n", variable);
    if (settings->fallback == NULL) printf("# required\n%s =\n", settings->key);
    else printf("#%s = %s\n", settings->key, settings->fallback);
  }
}
