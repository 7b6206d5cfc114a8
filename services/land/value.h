// Single values of requests and records that every topic reads alike: civil days, and files named by their SHA-256.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

// A day that is none: "" in a text.
#define LAND_NO_DAY INT32_MIN

// land_day_read: exactly YYYY-MM-DD and such a day exists.
bool land_day_read(const char *text, int32_t *day);
// land_day gives a day of a record, which was checked when it was written; LAND_NO_DAY for "".
int32_t land_day(const char *text);
// land_day_or is the same with another value for "".
int32_t land_day_or(const char *text, int32_t none);
// land_day_text: "2026-11-28", in the arena; "" for LAND_NO_DAY.
char *land_day_text(struct wg_arena *arena, int32_t day);

// land_check_files: at most `most` hashes of 64 lower-case hex digits, none twice. INVALID_ARGUMENT names "field" or
// "field[n]".
wg_status land_check_files(char *const *files, size_t count, size_t most, const char *field, struct wg_error *error);
