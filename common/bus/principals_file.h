// The principals file read into a table, and the table's rules. Private to common/bus.
#pragma once

#include "common/base/map.h"
#include "common/bus/bus.h"

// What one version of the file says. Never changed after it was read.
struct wg_principal_table {
  struct wg_principal *list; // an array of `count`
  int *lines;                // of each principal's first key, for messages
  size_t count, capacity;
  struct wg_map *by_name, *by_key; // values point into `list`
};

// wg_principal_table_read reads the whole file or fails: INVALID_ARGUMENT names file and line and what would be right.
wg_status wg_principal_table_read(const char *path, struct wg_principal_table **table, struct wg_error *error);
void wg_principal_table_free(struct wg_principal_table *table);
// wg_key_text_valid: exactly 40 characters of Z85 that stand for 32 bytes.
bool wg_key_text_valid(const char *text);
