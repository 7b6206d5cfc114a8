// Configuration: one INI file (etc format of inih), a section per service, environment variables on top.
//
// A service declares its settings in a table; wg_config_load fills a struct from it. An unknown key, a key twice, or a
// value out of range is an error that names file, line and key. Section [common] holds defaults for every service and
// takes no setting that only some have; other services' sections are ignored.
// WANGGE_<SECTION>_<KEY> in the environment overrides (upper case, other characters as "_"), and so does
// WANGGE_COMMON_<KEY>, for every service; what they say is taken as it stands.
// Values of the file may contain ${VAR} of the environment; relative paths are relative to the file's folder. A comment
// begins with "#" or ";" at the start of a line, or with ";" behind a blank.
#pragma once

#include "common/base/status.h"

// WG_SETTING_KEY: text that is taken as it stands. A public key in Z85 may hold "${".
enum wg_setting_kind { WG_SETTING_TEXT, WG_SETTING_PATH, WG_SETTING_INT, WG_SETTING_BOOL, WG_SETTING_KEY };

struct wg_setting {
  const char *key;
  enum wg_setting_kind kind;
  size_t offset;        // of a char* (TEXT, PATH, KEY), int64_t (INT) or bool (BOOL) in the caller's struct
  const char *fallback; // as text; NULL: the key is required
  int64_t least, most;  // INT only
  const char *help;     // one line
};

// wg_config_load: `settings` ends with a row whose key is NULL. `path` NULL: environment and fallbacks only.
// On failure nothing is left to free. NOT_FOUND: no such file; INVALID_ARGUMENT or ALREADY_EXISTS: what it says is
// wrong.
wg_status wg_config_load(const char *path, const char *section, const struct wg_setting *settings, void *target,
                         struct wg_error *error);
void wg_config_free(const struct wg_setting *settings, void *target);
// wg_config_help prints the table as a commented INI section, for --help and for docs.
void wg_config_help(const char *section, const struct wg_setting *settings);

// Strict reader for other INI files (principals, districts): calls `row` for each key in order with its line number.
// UTF-8, lines of at most 4,096 bytes, names of sections and keys of at most 49; a section or a key twice is
// ALREADY_EXISTS. Stops at the first failure of `row` and puts "file:line: " before its message, unless it names the
// file already.
typedef wg_status (*wg_ini_row)(void *context, int line, const char *section, const char *key, const char *value,
                                struct wg_error *error);
wg_status wg_ini_read(const char *path, wg_ini_row row, void *context, struct wg_error *error);
