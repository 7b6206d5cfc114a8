// Writing records as CSV.

#include "common/records/cell.h"
#include "common/records/guard.h"

#include <string.h>

bool wg_needs_guard(const char *text) {
  static const char *const wide[] = {"＝", "＋", "－", "＠"};
  text += strspn(text, "'");
  if (text[0] == 0) return false;
  if (strchr("=+-@\t\r\n", text[0]) != NULL) return true;
  for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
    if (strncmp(text, wide[i], strlen(wide[i])) == 0) return true;
  return false;
}

const char *wg_unguarded(const char *text) {
  return text[0] == '\'' && wg_needs_guard(text) ? text + 1 : text;
}

static void quoted(struct wg_buffer *out, const char *text) {
  if (text[strcspn(text, ",\"\r\n")] == 0 && wg_trimmed(text)) {
    wg_buffer_text(out, text);
    return;
  }
  wg_buffer_text(out, "\"");
  for (const char *quote; (quote = strchr(text, '"')) != NULL; text = quote + 1) {
    wg_buffer_append(out, text, (size_t)(quote - text));
    wg_buffer_text(out, "\"\"");
  }
  wg_buffer_text(out, text);
  wg_buffer_text(out, "\"");
}

void wg_records_write_header(struct wg_buffer *out, const struct wg_kind *kind, bool labels) {
  wg_buffer_text(out, "\xef\xbb\xbf");
  for (size_t i = 0; i < kind->column_count; i++) {
    if (i > 0) wg_buffer_text(out, ",");
    wg_buffer_text(out, labels ? kind->columns[i].label : kind->columns[i].field);
  }
  wg_buffer_text(out, "\n");
}

void wg_records_write_row(struct wg_buffer *out, const Wangge__V1__Record *record, bool labels) {
  const struct wg_kind *kind = wg_kind_of(record);
  struct wg_buffer cell = {0};
  for (size_t i = 0; kind != NULL && i < kind->column_count; i++) {
    const struct wg_column *column = &kind->columns[i];
    bool number = column->type == WG_COLUMN_INT || column->type == WG_COLUMN_DOUBLE;
    wg_buffer_clear(&cell);
    wg_record_cell(record, column, labels, &cell);
    const char *text = wg_buffer_cstr(&cell);
    char guarded = '\'';
    if (i > 0) wg_buffer_text(out, ",");
    if (!number && wg_needs_guard(text)) {
      wg_buffer_reserve(&cell, 2);
      memmove(cell.data + 1, cell.data, cell.size);
      cell.data[0] = (uint8_t)guarded;
      cell.size++;
      text = wg_buffer_cstr(&cell);
    }
    quoted(out, text);
  }
  if (kind != NULL) wg_buffer_text(out, "\n");
  wg_buffer_free(&cell);
}
