// See sheet.h.
#include "ops/cli/sheet.h"

#include "common/base/clock.h"
#include "common/csv/write.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xlsxwriter.h>

#define ZERO "\xe2\x80\x8b"  // U+200B zero-width space
#define ONE "\xe2\x80\x8c"   // U+200C zero-width non-joiner
#define BEGIN "\xe2\x81\xa0" // U+2060 word joiner
enum { BITS = 64, CHARACTER = 3 };

// --- the hidden mark ---

uint32_t cli_mark_who(const char *name) {
  uint8_t hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, (const uint8_t *)name, strlen(name));
  return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

void cli_mark_hide(struct cli_mark mark, struct wg_buffer *out) {
  const uint64_t bits = (uint64_t)mark.seconds << 32 | mark.who;
  wg_buffer_text(out, BEGIN);
  for (int i = BITS - 1; i >= 0; i--)
    wg_buffer_text(out, bits >> i & 1 ? ONE : ZERO);
}

static bool read_bits(const char *at, uint64_t *bits) {
  *bits = 0;
  for (int i = 0; i < BITS; i++, at += CHARACTER) {
    const bool one = memcmp(at, ONE, CHARACTER) == 0;
    if (!one && memcmp(at, ZERO, CHARACTER) != 0) return false;
    *bits = *bits << 1 | one;
  }
  return true;
}

bool cli_mark_find(struct wg_bytes text, struct cli_mark *mark) {
  const char *data = (const char *)text.data;
  const size_t whole = (size_t)CHARACTER * (1 + BITS);
  for (size_t at = 0; at + whole <= text.size; at++) {
    uint64_t bits = 0;
    if (memcmp(data + at, BEGIN, CHARACTER) != 0 || !read_bits(data + at + CHARACTER, &bits)) continue;
    *mark = (struct cli_mark){(uint32_t)(bits >> 32), (uint32_t)bits};
    return true;
  }
  return false;
}

// --- files ---

// safe_cell puts a ' in front of what a spreadsheet would take for a formula.
static void safe_cell(const char *text, struct wg_buffer *out) {
  if (wg_needs_guard(text) && strcmp(text, "-") != 0) wg_buffer_text(out, "'");
  wg_buffer_text(out, text);
}

static void csv_cell(FILE *file, const char *text, bool last) {
  fputc('"', file);
  for (; *text != '\0'; text++) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputs(last ? "\"\r\n" : "\",", file);
}

static void make_cell(const struct cli_table *table, size_t row, int column, struct cli_mark mark,
                      struct wg_buffer *cell) {
  wg_buffer_clear(cell);
  safe_cell(cli_table_at(table, row, column), cell);
  if (column == cli_table_columns(table) - 1) cli_mark_hide(mark, cell);
}

static wg_status write_csv(const struct cli_table *table, const char *path, const char *visible, struct cli_mark mark,
                           struct wg_error *error) {
  FILE *file = fopen(path, "wbe");
  if (file == NULL) return wg_fail(error, WG_INVALID_ARGUMENT, "out", "cannot write %s: %s", path, strerror(errno));
  const int columns = cli_table_columns(table);
  struct wg_buffer cell = {0};
  fputs("\xef\xbb\xbf", file);
  csv_cell(file, visible, true);
  for (int column = 0; column < columns; column++)
    csv_cell(file, cli_table_heading(table, column), column == columns - 1);
  for (size_t row = 0; row < cli_table_rows(table); row++) {
    for (int column = 0; column < columns; column++) {
      make_cell(table, row, column, mark, &cell);
      csv_cell(file, wg_buffer_cstr(&cell), column == columns - 1);
    }
  }
  wg_buffer_free(&cell);
  const bool broken = ferror(file) != 0;
  if (fclose(file) == 0 && !broken) return WG_OK;
  return wg_fail(error, WG_INTERNAL, NULL, "cannot write %s: %s", path, strerror(errno));
}

// number_of: a right-aligned column holds numbers, which a spreadsheet is to reckon with; the last one has the mark.
static bool number_of(const struct cli_table *table, size_t row, int column, double *number) {
  const char *text = cli_table_at(table, row, column);
  char *end;
  if (!cli_table_is_right(table, column) || column == cli_table_columns(table) - 1) return false;
  if (text[strspn(text, "-.0123456789")] != 0 || strlen(text) > 15) return false; // no more digits than a double keeps
  *number = strtod(text, &end);
  return end != text && *end == 0;
}

static void write_cell(lxw_worksheet *sheet, const struct cli_table *table, size_t row, int column,
                       struct cli_mark mark, struct wg_buffer *cell) {
  double number;
  if (number_of(table, row, column, &number)) {
    worksheet_write_number(sheet, (lxw_row_t)row + 2, (lxw_col_t)column, number, NULL);
    return;
  }
  make_cell(table, row, column, mark, cell);
  worksheet_write_string(sheet, (lxw_row_t)row + 2, (lxw_col_t)column, wg_buffer_cstr(cell), NULL);
}

static wg_status write_xlsx(const struct cli_table *table, const char *path, const char *visible, struct cli_mark mark,
                            struct wg_error *error) {
  FILE *probe = fopen(path, "we"); // the library would tell only at the end
  if (probe == NULL || fclose(probe) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "out", "cannot write %s: %s", path, strerror(errno));
  lxw_workbook *book = workbook_new(path);
  lxw_worksheet *sheet = book != NULL ? workbook_add_worksheet(book, NULL) : NULL;
  if (sheet == NULL) return wg_fail(error, WG_INTERNAL, NULL, "cannot begin the spreadsheet %s", path);
  lxw_doc_properties properties = {.comments = (char *)(uintptr_t)visible};
  workbook_set_properties(book, &properties);
  worksheet_set_footer(sheet, visible);
  worksheet_write_string(sheet, 0, 0, visible, NULL);
  const int columns = cli_table_columns(table);
  struct wg_buffer cell = {0};
  for (int column = 0; column < columns; column++)
    worksheet_write_string(sheet, 1, (lxw_col_t)column, cli_table_heading(table, column), NULL);
  for (size_t row = 0; row < cli_table_rows(table); row++) {
    for (int column = 0; column < columns; column++)
      write_cell(sheet, table, row, column, mark, &cell);
  }
  wg_buffer_free(&cell);
  const lxw_error result = workbook_close(book);
  if (result == LXW_NO_ERROR) return WG_OK;
  return wg_fail(error, WG_INTERNAL, NULL, "cannot write %s: %s", path, lxw_strerror(result));
}

wg_status cli_sheet_write(const struct cli_table *table, const char *path, const char *who, int64_t now_us,
                          struct wg_error *error) {
  char at[32], visible[160];
  snprintf(visible, sizeof visible, "导出：%.64s %s", who, wg_civil_format(now_us, at));
  const struct cli_mark mark = {(uint32_t)(now_us / 1000000), cli_mark_who(who)};
  const size_t size = strlen(path);
  const bool spreadsheet = size > 5 && strcasecmp(path + size - 5, ".xlsx") == 0;
  return spreadsheet ? write_xlsx(table, path, visible, mark, error) : write_csv(table, path, visible, mark, error);
}
