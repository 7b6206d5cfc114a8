// Migrations: numbered .sql files, applied once each, in one transaction each, under an advisory lock.
//
// Table `<schema>.migration(source, version, name, sha256, applied_at)`. A file whose checksum differs from the one
// applied is an error (FAILED_PRECONDITION names it). A file may not hold BEGIN, COMMIT or ROLLBACK of its own
// (INVALID_ARGUMENT). `folders` are applied in order (common/stream/schema, common/stage/schema, the service's own).
// Runs as the owner role; services themselves run as a role with no DDL right.
#pragma once

#include "common/db/db.h"

// wg_migrate applies what is missing; *applied counts the files. @SCHEMA@ and @ROLE@ in a file are replaced by the
// schema and by the service's role (checked to be [a-z0-9_]+).
wg_status wg_migrate(struct wg_db *db, const char *schema, const char *role, const char *const *folders,
                     int *applied, struct wg_error *error);
