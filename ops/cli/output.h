// What commands print: aligned tables for people, JSON for programs, progress for a terminal.
#pragma once

#include "common/base/bytes.h"

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdarg.h>
#include <stdio.h>

// A table: columns end with NULL; a heading that begins with '>' is right-aligned. Chinese characters count as two.
struct cli_table;
struct cli_table *cli_table_create(const char *const *headings);
// cli_table_cell adds the next cell, row by row.
void cli_table_cell(struct cli_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_table_print(struct cli_table *table, FILE *out);
void cli_table_free(struct cli_table *table);
size_t cli_table_rows(const struct cli_table *table);
int cli_table_columns(const struct cli_table *table);
const char *cli_table_heading(const struct cli_table *table, int column);
bool cli_table_is_right(const struct cli_table *table, int column);
const char *cli_table_at(const struct cli_table *table, size_t row, int column);

int cli_width(const char *text); // columns on a terminal; control characters count as nothing
// cli_cut copies at most `columns` columns of `text` to `out`, in one line (line breaks become spaces), with "…" where
// cut.
const char *cli_cut(const char *text, int columns, struct wg_buffer *out);
// "-" for 0; else civil time, or how long ago ("3.2s", "5m", "2h", "4d").
const char *cli_time(int64_t at_us, char buffer[32]);
const char *cli_age(int64_t at_us, int64_t now_us, char buffer[32]);
const char *cli_count(uint64_t number, char buffer[32]); // 1234567 -> "1,234,567"

void cli_print_json(json_t *object);                     // one line on stdout; takes the reference
void cli_print_line(struct wg_buffer *line);             // the buffer and a line break on stdout; clears it
void cli_print_message(const ProtobufCMessage *message); // as JSON, one line on stdout

// Progress on stderr, only when it is a terminal.
void cli_progress(const char *label, uint64_t done, uint64_t total, double rate); // total 0: unknown
void cli_progress_clear(void);
