// Reference data from a folder of <kind>.csv files (common/records/records.h tells their form).
//
// Apart from reference.c because records.h and db.h both have a `struct wg_column`.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"

// wg_folder_read reads the records of these kinds (ended by NULL) into the arena, in order of kind, district and code.
// Files of other kinds are not looked at; a kind without a file has no records, which is logged. INVALID_ARGUMENT names
// file, line and fix of the first error.
wg_status wg_folder_read(const char *path, const char *const *kinds, struct wg_arena *arena,
                         const Wangge__V1__Record *const **records, size_t *count, struct wg_error *error);
// wg_folder_count adds the number of records of each kind to counts[].
void wg_folder_count(const char *const *kinds, const Wangge__V1__Record *const *records, size_t count, size_t *counts);
