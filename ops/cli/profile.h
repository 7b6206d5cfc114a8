// Import profiles: how the columns of a CSV file become orders. Data (ops/profiles/*.ini), not code.
//
//   [profile]    about = …                 for people
//   [match]      columns = a,b,c           header that belongs to this profile: all of them must be there
//   [columns]    FIELD = COLUMN            fields of wangge.v1.NewOrder: external_id, position.lon, reporter.name …
//   [constants]  FIELD = VALUE             whatever the file says
//   [fallbacks]  FIELD = VALUE             when the cell is empty or there is no such column
//   [kind_words] KIND = word,word         kind by a word in the title, the first line that fits; before the fallback
//   [time]       format = %Y/%m/%d %H:%M   of strptime, Asia/Shanghai; without it RFC 3339 or civil time
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/intake.pb-c.h"

enum { CLI_PROFILE_ROWS = 64 };
struct cli_profile_row {
  const char *key, *value;
  int column; // of [columns], after cli_profile_bind
};
struct cli_profile_rows {
  struct cli_profile_row row[CLI_PROFILE_ROWS];
  int count;
};
struct cli_profile {
  char name[64];
  const char *about, *time_format;
  struct cli_profile_rows match, columns, constants, fallbacks, kind_words;
};

wg_status cli_profile_load(const char *path, struct wg_arena *arena, struct cli_profile **profile,
                           struct wg_error *error);
// cli_profile_choose: `wanted` NULL finds the profile of the shipped folder whose columns the header has (the most
// specific); a name takes that one; a path (with "/" or ".ini") a file. Binds it to the header.
wg_status cli_profile_choose(const char *wanted, char **header, int columns, struct wg_arena *arena,
                             struct cli_profile **profile, struct wg_error *error);
// cli_profile_bind finds each column in the header; INVALID_ARGUMENT names the missing ones.
wg_status cli_profile_bind(struct cli_profile *profile, char **header, int columns, struct wg_error *error);
// cli_profile_apply makes an order of one record.
wg_status cli_profile_apply(const struct cli_profile *profile, char **cells, int count, struct wg_arena *arena,
                            Wangge__V1__NewOrder **order, struct wg_error *error);
const char *cli_profile_folder(void);
