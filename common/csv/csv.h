// CSV after RFC 4180, strict, record by record in constant memory.
//
// Fields may be quoted, "" is a quote, quoted fields may hold line breaks; records end with LF or CRLF; empty lines are
// skipped. A broken record (text behind a closing quote, a quote inside a bare field, a quote never closed, invalid
// UTF-8, too large) is reported with the number of its first line, and reading goes on at the line after that.
#pragma once

#include "common/csv/input.h"

enum { WG_CSV_FIELDS = 256, WG_CSV_RECORD_BYTES = 256 * 1024 };

enum wg_csv_result { WG_CSV_RECORD, WG_CSV_BROKEN, WG_CSV_END };
// Why a record is broken; wg_csv_next says the same in English.
enum wg_csv_problem {
  WG_CSV_NOT_CLOSED,   // a quote is opened and never closed
  WG_CSV_QUOTE_INSIDE, // a quote inside a field that is not quoted
  WG_CSV_RETURN_ALONE, // a carriage return without line feed
  WG_CSV_TEXT_BEHIND,  // text behind a closing quote
  WG_CSV_TOO_MANY,     // more than WG_CSV_FIELDS fields
  WG_CSV_TOO_LARGE,    // larger than WG_CSV_RECORD_BYTES
  WG_CSV_NOT_TEXT,     // not valid UTF-8, or a NUL
};
struct wg_csv {
  struct wg_input *input;
  uint64_t line;               // first line of the record
  enum wg_csv_problem problem; // after WG_CSV_BROKEN
  int count;
  char *field[WG_CSV_FIELDS]; // NUL-terminated, valid until the next record
  struct wg_buffer values;    // inside
  size_t offset[WG_CSV_FIELDS];
};

void wg_csv_start(struct wg_csv *csv, struct wg_input *input);
enum wg_csv_result wg_csv_next(struct wg_csv *csv, struct wg_error *error);
void wg_csv_stop(struct wg_csv *csv);
