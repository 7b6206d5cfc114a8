// The row of the table `record` that a record leaves behind: every column follows from the record alone, so that
// whoever has the entries can say what the table must hold.
#pragma once

#include "common/base/arena.h"

#include "wangge/v1/land.pb-c.h"

struct land_row {
  bool ended;
  const char *state, *name;
  const char *due_on;     // YYYY-MM-DD; "": null
  struct wg_bytes geom;   // WKB; no data: null
  const char *attributes; // JSON
  struct wg_bytes body;   // packed LandRecord
};

// land_row_of: texts point into the record, the rest lives in the arena.
struct land_row land_row_of(const Wangge__V1__LandRecord *record, struct wg_arena *arena);
