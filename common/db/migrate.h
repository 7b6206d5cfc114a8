// Migrations: numbered .sql files, applied once each, in one transaction each, under an advisory lock.
//
// Table `<schema>.migration(source, version, name, sha256, applied_at)`. `source` is the folder's own name, or its
// parent's if its own is "schema" ("stream", "stage", "intake"), so that it does not depend on where the program is
// installed. Files are called 001_name.sql, 002_…; a number missing or used twice is an error (INVALID_ARGUMENT). A
// file whose checksum differs from the one applied is an error (FAILED_PRECONDITION names it), and so is a database
// that knows more files than the program. A file may not hold BEGIN, COMMIT, ROLLBACK or the like of its own
// (INVALID_ARGUMENT; in comments, strings and function bodies between $$ they are no statements). Each file runs with
// search_path = the schema. Two that migrate at the same time wait for one another, at most a minute (ABORTED). Files
// applied before a failure stay applied; of the failing one nothing does. `folders` ends with NULL; they are applied in
// order (common/stream/schema, common/stage/schema, the service's own). Runs as the owner role; services themselves run
// as a role with no DDL right.
#pragma once

#include "common/db/db.h"

// wg_migrate makes the schema if it does not exist and applies what is missing; *applied counts the files. @SCHEMA@ and
// @ROLE@ in a file are replaced by the schema and by the service's role (checked to be [a-z0-9_]+).
wg_status wg_migrate(struct wg_db *db, const char *schema, const char *role, const char *const *folders, int *applied,
                     struct wg_error *error);
