// CSV after RFC 4180, strict, record by record in constant memory.
//
// Fields may be quoted, "" is a quote, quoted fields may hold line breaks; records end with LF or CRLF; empty lines are
// skipped. A broken record (text behind a closing quote, a quote inside a bare field, a quote never closed, invalid
// UTF-8, too large) is reported with the number of its first line, and reading goes on at the line after that.
#pragma once

#include "ops/cli/input.h"

enum { CLI_CSV_FIELDS = 256, CLI_CSV_RECORD_BYTES = 256 * 1024 };

enum cli_csv_result { CLI_CSV_RECORD, CLI_CSV_BROKEN, CLI_CSV_END };
struct cli_csv {
  struct cli_input *input;
  uint64_t line; // first line of the record
  int count;
  char *field[CLI_CSV_FIELDS]; // NUL-terminated, valid until the next record
  struct wg_buffer values;     // inside
  size_t offset[CLI_CSV_FIELDS];
};

void cli_csv_start(struct cli_csv *csv, struct cli_input *input);
enum cli_csv_result cli_csv_next(struct cli_csv *csv, struct wg_error *error);
void cli_csv_stop(struct cli_csv *csv);
