// Records of a CSV file (RFC 4180): fields may be quoted, a quote inside is doubled; CRLF, LF and a BOM are understood.
// A line break inside a field is LF, however the file writes it.
#pragma once

#include "common/base/arena.h"

enum { ROUTING_CSV_FIELDS = 24 }; // fields of a record that are kept; `count` tells how many there were

struct routing_csv {
  struct wg_bytes text;
  size_t at;
  int next_line;
  struct wg_arena *arena; // fields are NUL-terminated copies in it
  // the newest record
  int line; // where it begins, from 1
  char *fields[ROUTING_CSV_FIELDS];
  size_t count;
  const char *trouble; // NULL: well formed
};

void routing_csv_open(struct routing_csv *csv, struct wg_bytes text, struct wg_arena *arena);
// routing_csv_next reads the next record that is not an empty line; false at the end.
bool routing_csv_next(struct routing_csv *csv);
