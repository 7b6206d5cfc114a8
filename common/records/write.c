// Writing records as CSV.

#include "common/csv/write.h"
#include "common/records/cell.h"

#include <string.h>

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
    if (i > 0) wg_buffer_text(out, ",");
    wg_csv_cell(out, text, number);
  }
  if (kind != NULL) wg_buffer_text(out, "\n");
  wg_buffer_free(&cell);
}
