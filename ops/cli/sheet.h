// A table as a file that leaves the house: CSV or .xlsx, marked with who exported it and when.
//
// Visible: the first row says so, in a spreadsheet its properties too. Hidden: the last cell of every row ends with 64
// characters of no width, the seconds since 1970 and a hash of the name, so that a single copied row still tells. Cells
// that a spreadsheet would take for a formula get a ' in front. In .xlsx plain numbers of right-aligned columns are
// numbers.
#pragma once

#include "common/base/status.h"
#include "ops/cli/output.h"

#include <stdint.h>

// cli_sheet_write: .xlsx by its ending, else CSV with a byte order mark.
wg_status cli_sheet_write(const struct cli_table *table, const char *path, const char *who, int64_t now_us,
                          struct wg_error *error);

// What a hidden mark says. `who` is cli_mark_who of the name.
struct cli_mark {
  uint32_t seconds, who;
};
uint32_t cli_mark_who(const char *name);
// cli_mark_hide gives the 64 characters; cli_mark_find the first whole mark in a text.
void cli_mark_hide(struct cli_mark mark, struct wg_buffer *out);
bool cli_mark_find(struct wg_bytes text, struct cli_mark *mark);
