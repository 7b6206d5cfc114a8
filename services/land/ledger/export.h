// A ledger as a file that is read without Wangge: JSON lines, bytes as base64.
//
//   {"ledger":"LAND1","village":"131102001001","size":2,"root":"…"}
//   {"village":"131102001001","seq":0,"at":1764300000123456,"kind":"put_village","actor":"land-clerk",
//    "prev_hash":"…","payload_sha256":"…","leaf_hash":"…","payload":"…"}            (on one line)
//   …
//
// The first line says how many entries follow and to which root they lead; `at` is UTC µs since 1970. Other members are
// ignored. Several villages may stand one behind the other, each with its first line.
#pragma once

#include "services/land/ledger/checkpoint.h"

enum { LAND_EXPORT_LINE = 32 << 20 }; // longest line: an entry of 8 MiB (wire.h) and room

// What a line is; texts point into the line or into `scratch`, which is cleared by the next reading.
struct land_export_line {
  bool header;
  struct land_checkpoint checkpoint; // of a header: size and root, with the village's origin
  struct land_ledger_entry entry;    // else
  struct wg_bytes payload;
};

// INVALID_ARGUMENT: not such a line; field: the member at fault, "" when it is no JSON object.
wg_status land_export_read(struct wg_bytes line, struct wg_buffer *scratch, struct land_export_line *read,
                           struct wg_error *error);
// Both append a line with its end.
void land_export_header(const struct land_head *head, struct wg_buffer *out);
void land_export_entry(const struct land_ledger_entry *entry, struct wg_bytes payload, struct wg_buffer *out);
