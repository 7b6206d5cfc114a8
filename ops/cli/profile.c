// Import profiles.

#include "ops/cli/profile.h"

#include "common/base/bytes.h"
#include "common/config/config.h"
#include "ops/cli/order.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cli_profile_folder(void) {
  const char *folder = getenv("WANGGE_PROFILES");
  if (folder != NULL && folder[0] != 0) return folder;
  return access(WANGGE_SHARE "/ops/profiles", R_OK) == 0 ? WANGGE_SHARE "/ops/profiles" : WANGGE_PROFILES_INSTALLED;
}

// --- reading ---

struct loading {
  struct cli_profile *profile;
  struct wg_arena *arena;
};

static wg_status add_row(struct cli_profile_rows *rows, const char *key, const char *value, int line,
                         struct wg_error *error) {
  if (rows->count == CLI_PROFILE_ROWS)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "line %d: more than %d rows", line, CLI_PROFILE_ROWS);
  rows->row[rows->count++] = (struct cli_profile_row){key, value, -1};
  return WG_OK;
}

// add_list adds a row for each of the comma-separated words; `value` goes with all of them.
static wg_status add_list(struct cli_profile_rows *rows, char *list, const char *value, int line,
                          struct wg_error *error) {
  char *rest = NULL;
  for (char *word = strtok_r(list, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest))
    if (add_row(rows, word, value, line, error) != WG_OK) return error->code;
  return WG_OK;
}

static wg_status load_row(void *context, int line, const char *section, const char *key, const char *value,
                          struct wg_error *error) {
  struct loading *loading = context;
  struct cli_profile *profile = loading->profile;
  char *own_key = wg_arena_strdup(loading->arena, key), *own_value = wg_arena_strdup(loading->arena, value);
  if (strcmp(section, "profile") == 0 && strcmp(key, "about") == 0) {
    profile->about = own_value;
    return WG_OK;
  }
  if (strcmp(section, "time") == 0 && strcmp(key, "format") == 0) {
    profile->time_format = own_value;
    return WG_OK;
  }
  if (strcmp(section, "match") == 0 && strcmp(key, "columns") == 0)
    return add_list(&profile->match, own_value, "", line, error);
  if (strcmp(section, "kind_words") == 0) {
    if (cli_enum(&wangge__v1__order_kind__descriptor, key) <= 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, key, "line %d: \"%s\" is no kind", line, key);
    // NOLINTNEXTLINE(readability-suspicious-call-argument): the words are a list, the kind is what each of them means
    return add_list(&profile->kind_words, own_value, own_key, line, error);
  }
  struct cli_profile_rows *rows = strcmp(section, "columns") == 0     ? &profile->columns
                                  : strcmp(section, "constants") == 0 ? &profile->constants
                                  : strcmp(section, "fallbacks") == 0 ? &profile->fallbacks
                                                                      : NULL;
  if (rows == NULL)
    return wg_fail(error, WG_INVALID_ARGUMENT, key, "line %d: a profile has no [%s] %s", line, section, key);
  if (!cli_order_field(key))
    return wg_fail(error, WG_INVALID_ARGUMENT, key, "line %d: an order has no field \"%s\"", line, key);
  return add_row(rows, own_key, own_value, line, error);
}

wg_status cli_profile_load(const char *path, struct wg_arena *arena, struct cli_profile **profile,
                           struct wg_error *error) {
  struct loading loading = {wg_arena_zalloc(arena, sizeof **profile), arena};
  const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
  size_t length = strcspn(base, ".");
  snprintf(loading.profile->name, sizeof loading.profile->name, "%.*s", (int)length, base);
  if (wg_ini_read(path, load_row, &loading, error) != WG_OK) return error->code;
  if (loading.profile->columns.count == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "profile %s maps no column", path);
  *profile = loading.profile;
  return WG_OK;
}

// --- matching ---

static int find_column(const char *name, char **header, int columns) {
  for (int i = 0; i < columns; i++)
    if (strcmp(header[i], name) == 0) return i;
  return -1;
}

static int missing_of(const struct cli_profile_rows *match, char **header, int columns) {
  int missing = 0;
  for (int i = 0; i < match->count; i++)
    missing += find_column(match->row[i].key, header, columns) < 0;
  return missing;
}

static wg_status missing_error(const struct cli_profile *profile, const struct cli_profile_rows *rows, bool by_value,
                               char **header, int columns, struct wg_error *error) {
  struct wg_buffer list = {0};
  for (int i = 0; i < rows->count; i++) {
    const char *name = by_value ? rows->row[i].value : rows->row[i].key;
    if (find_column(name, header, columns) >= 0) continue;
    wg_buffer_printf(&list, "%s%s", list.size > 0 ? ", " : "", name);
  }
  wg_fail(error, WG_INVALID_ARGUMENT, "header", "the header has no column %s, which profile %s needs",
          wg_buffer_cstr(&list), profile->name);
  wg_buffer_free(&list);
  return error->code;
}

wg_status cli_profile_bind(struct cli_profile *profile, char **header, int columns, struct wg_error *error) {
  bool missing = false;
  for (int i = 0; i < columns; i++)
    for (int j = i + 1; j < columns; j++)
      if (strcmp(header[i], header[j]) == 0)
        return wg_fail(error, WG_INVALID_ARGUMENT, "header", "the header has column \"%.60s\" twice", header[i]);
  for (int i = 0; i < profile->columns.count; i++) {
    struct cli_profile_row *row = &profile->columns.row[i];
    row->column = find_column(row->value, header, columns);
    missing = missing || row->column < 0;
  }
  return missing ? missing_error(profile, &profile->columns, true, header, columns, error) : WG_OK;
}

static wg_status choose_by_header(char **header, int columns, struct wg_arena *arena, struct cli_profile **profile,
                                  struct wg_error *error) {
  DIR *folder = opendir(cli_profile_folder());
  if (folder == NULL)
    return wg_fail(error, WG_NOT_FOUND, NULL, "no folder of import profiles at %s", cli_profile_folder());
  struct cli_profile *best = NULL, *nearest = NULL;
  int nearest_missing = 0;
  wg_status status = WG_OK;
  for (const struct dirent *entry = readdir(folder); entry != NULL && status == WG_OK; entry = readdir(folder)) {
    size_t length = strlen(entry->d_name);
    if (length < 5 || strcmp(entry->d_name + length - 4, ".ini") != 0) continue;
    struct cli_profile *one = NULL;
    status = cli_profile_load(wg_arena_printf(arena, "%s/%s", cli_profile_folder(), entry->d_name), arena, &one, error);
    if (status != WG_OK || !one || one->match.count == 0) continue;
    int missing = missing_of(&one->match, header, columns);
    if (missing == 0 && best != NULL && best->match.count == one->match.count)
      status = wg_fail(error, WG_INVALID_ARGUMENT, "header", "profiles %s and %s both fit: choose with --profile",
                       best->name, one->name);
    if (missing == 0 && (best == NULL || one->match.count > best->match.count)) best = one;
    if (nearest == NULL || missing < nearest_missing) {
      nearest = one;
      nearest_missing = missing;
    }
  }
  closedir(folder);
  if (status != WG_OK) return status;
  *profile = best;
  if (best != NULL) return WG_OK;
  if (nearest != NULL && nearest_missing < nearest->match.count)
    return missing_error(nearest, &nearest->match, false, header, columns, error);
  return wg_fail(error, WG_INVALID_ARGUMENT, "header",
                 "no import profile fits the header (first column \"%.60s\"); write one and name it with --profile",
                 columns > 0 ? header[0] : "");
}

wg_status cli_profile_choose(const char *wanted, char **header, int columns, struct wg_arena *arena,
                             struct cli_profile **profile, struct wg_error *error) {
  wg_status status;
  if (wanted == NULL) status = choose_by_header(header, columns, arena, profile, error);
  else if (strchr(wanted, '/') != NULL || strstr(wanted, ".ini") != NULL)
    status = cli_profile_load(wanted, arena, profile, error);
  else
    status = cli_profile_load(wg_arena_printf(arena, "%s/%s.ini", cli_profile_folder(), wanted), arena, profile, error);
  return status == WG_OK ? cli_profile_bind(*profile, header, columns, error) : status;
}

// --- applying ---

static bool in_rows(const struct cli_profile_rows *rows, const char *field) {
  for (int i = 0; i < rows->count; i++)
    if (strcmp(rows->row[i].key, field) == 0) return true;
  return false;
}

static const char *cell_of(const struct cli_profile *profile, const char *field, char **cells, int count) {
  for (int i = 0; i < profile->columns.count; i++) {
    const struct cli_profile_row *row = &profile->columns.row[i];
    if (strcmp(row->key, field) == 0 && row->column >= 0 && row->column < count) return cells[row->column];
  }
  return "";
}

wg_status cli_profile_apply(const struct cli_profile *profile, char **cells, int count, struct wg_arena *arena,
                            Wangge__V1__NewOrder **made, struct wg_error *error) {
  Wangge__V1__NewOrder *order = cli_order_create(arena);
  *made = order;
  for (int i = 0; i < profile->columns.count; i++) {
    const struct cli_profile_row *row = &profile->columns.row[i];
    if (in_rows(&profile->constants, row->key) || row->column >= count) continue;
    if (cli_order_set(order, arena, row->key, cells[row->column], profile->time_format, error) != WG_OK)
      return error->code;
  }
  for (int i = 0; i < profile->constants.count; i++)
    if (cli_order_set(order, arena, profile->constants.row[i].key, profile->constants.row[i].value, NULL, error) !=
        WG_OK)
      return error->code;
  for (int i = 0; order->kind == 0 && i < profile->kind_words.count; i++)
    if (strstr(order->title, profile->kind_words.row[i].key) != NULL)
      cli_order_set(order, arena, "kind", profile->kind_words.row[i].value, NULL, error); // checked at load
  for (int i = 0; i < profile->fallbacks.count; i++) {
    const struct cli_profile_row *row = &profile->fallbacks.row[i];
    if (cell_of(profile, row->key, cells, count)[0] != 0 || (strcmp(row->key, "kind") == 0 && order->kind != 0))
      continue;
    if (cli_order_set(order, arena, row->key, row->value, NULL, error) != WG_OK) return error->code;
  }
  return WG_OK;
}
