// Migration files: reading a folder, checking what a file may hold, filling in names. No database here.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

struct wg_migration {
  int version;        // 1, 2, 3 … without a gap within its folder
  const char *name;   // "001_stream.sql"
  const char *path;   // for messages
  const char *sha256; // of the bytes of the file, 64 hexadecimal digits
  const char *sql;    // as in the file
};

// wg_migration_read reads the NNN_name.sql of a folder in the order of their numbers; other files than .sql are not
// looked at. Everything lives in the arena. INVALID_ARGUMENT names the file: a name of another form, a number missing
// or used twice, text that is not UTF-8, more than 1 MiB, BEGIN or COMMIT or the like. NOT_FOUND: no such folder.
wg_status wg_migration_read(struct wg_arena *arena, const char *folder, struct wg_migration **files, size_t *count,
                            struct wg_error *error);
// wg_migration_source is the name under which a folder's files are remembered, independent of where the program is
// installed: the folder's own name, or its parent's if its own is "schema" (common/stream/schema: "stream").
const char *wg_migration_source(struct wg_arena *arena, const char *folder);
// wg_migration_control finds the first statement that begins or ends a transaction and gives its first word, or NULL.
// Comments, strings, quoted names and dollar-quoted bodies are skipped.
const char *wg_migration_control(const char *sql);
// wg_migration_fill replaces @SCHEMA@ and @ROLE@.
const char *wg_migration_fill(struct wg_arena *arena, const char *sql, const char *schema, const char *role);
