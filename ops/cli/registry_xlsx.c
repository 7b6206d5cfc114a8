// Records as a spreadsheet, by LibXLSXWriter. Imports are CSV: Debian has no reader of .xlsx in C.

#include "ops/cli/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

enum { CELL_BYTES = 32767 };

struct cli_xlsx {
  lxw_workbook *book;
  lxw_worksheet *sheet;
  lxw_format *text;
  const struct wg_kind *kind;
  lxw_row_t row;
  struct wg_buffer cell;
};

static bool is_number(const struct wg_column *column) {
  return column->type == WG_COLUMN_INT || column->type == WG_COLUMN_DOUBLE;
}

// allow_only makes a cell offer the values of an enum. A list may have 255 characters in all; longer ones do without.
static void allow_only(struct cli_xlsx *sheet, lxw_col_t at, const char *const *values, size_t count) {
  char **list = wg_zalloc((count + 1) * sizeof *list);
  for (size_t i = 0; i < count; i++)
    list[i] = (char *)(uintptr_t)values[i];
  lxw_data_validation rule = {.validate = LXW_VALIDATION_TYPE_LIST, .value_list = list};
  worksheet_data_validation_range(sheet->sheet, 1, at, WG_RECORDS_FILE_ROWS, at, &rule);
  free(list);
}

// explain hangs on the heading what the column takes, so that the form can be filled in without a manual.
static void explain(struct cli_xlsx *sheet, lxw_col_t at) {
  static const char *const types[] = {
      "文字", "日期，如 2026-11-27", "时间", "整数", "数", "是或否", "选项", "WKT 多边形，EPSG:4490，经度在前", "步骤"};
  const struct wg_column *column = &sheet->kind->columns[at];
  struct wg_buffer text = {0};
  wg_buffer_printf(&text, "%s：%s%s", column->field, types[column->type], column->required ? "，必填" : "");
  if (column->repeated) wg_buffer_text(&text, "；多个用 | 分隔");
  if (column->personal) wg_buffer_text(&text, "；个人信息");
  for (const char *const *kind = column->references; kind != NULL && *kind != NULL; kind++)
    wg_buffer_printf(&text, "%s%s的编码", kind == column->references ? "；" : "或", wg_kind_find(*kind)->label);
  for (size_t i = 0; i < column->value_count; i++)
    wg_buffer_printf(&text, "%s%s", i == 0 ? "；取值：" : "、", column->value_labels[i]);
  worksheet_write_comment(sheet->sheet, 0, at, wg_buffer_cstr(&text));
  wg_buffer_free(&text);
}

static void make_column(struct cli_xlsx *sheet, lxw_col_t at, lxw_format *heading, lxw_format *required) {
  static const char *const bools[] = {"是", "否"};
  const struct wg_column *column = &sheet->kind->columns[at];
  worksheet_set_column(sheet->sheet, at, at, column->type == WG_COLUMN_TEXT ? 20 : 14,
                       is_number(column) ? NULL : sheet->text);
  worksheet_write_string(sheet->sheet, 0, at, column->label, column->required ? required : heading);
  explain(sheet, at);
  if (column->repeated) return;
  if (column->type == WG_COLUMN_BOOL) allow_only(sheet, at, bools, 2);
  else if (column->value_count > 0) allow_only(sheet, at, column->value_labels, column->value_count);
}

struct cli_xlsx *cli_xlsx_open(const char *path, const struct wg_kind *kind, struct wg_error *error) {
  FILE *probe = fopen(path, "we"); // the library would tell only at the end, and on stderr
  if (probe == NULL || fclose(probe) != 0) {
    wg_fail(error, WG_INVALID_ARGUMENT, NULL, "cannot write %s: %s", path, strerror(errno));
    return NULL;
  }
  struct cli_xlsx *sheet = wg_zalloc(sizeof *sheet);
  lxw_workbook_options options = {.constant_memory = LXW_TRUE};
  sheet->kind = kind;
  sheet->book = workbook_new_opt(path, &options);
  sheet->sheet = sheet->book != NULL ? workbook_add_worksheet(sheet->book, kind->label) : NULL;
  if (sheet->sheet == NULL) {
    free(sheet);
    wg_fail(error, WG_INTERNAL, NULL, "cannot begin the spreadsheet %s", path);
    return NULL;
  }
  lxw_format *heading = workbook_add_format(sheet->book), *required = workbook_add_format(sheet->book);
  sheet->text = workbook_add_format(sheet->book);
  format_set_num_format(sheet->text, "@");
  format_set_bold(heading);
  format_set_bold(required);
  format_set_bg_color(required, 0xFFF2CC);
  for (size_t i = 0; i < kind->column_count; i++)
    make_column(sheet, (lxw_col_t)i, heading, required);
  worksheet_freeze_panes(sheet->sheet, 1, 1);
  return sheet;
}

void cli_xlsx_row(struct cli_xlsx *sheet, const Wangge__V1__Record *record) {
  sheet->row++;
  for (size_t i = 0; i < sheet->kind->column_count; i++) {
    const struct wg_column *column = &sheet->kind->columns[i];
    wg_buffer_clear(&sheet->cell);
    wg_record_cell(record, column, true, &sheet->cell);
    const char *text = wg_buffer_cstr(&sheet->cell);
    if (text[0] == 0) continue;
    // A cell holds 32,767 characters; a longer boundary is in the CSV only.
    if (sheet->cell.size > CELL_BYTES) text = "（内容过长，请导出 CSV）";
    if (is_number(column)) worksheet_write_number(sheet->sheet, sheet->row, (lxw_col_t)i, strtod(text, NULL), NULL);
    else worksheet_write_string(sheet->sheet, sheet->row, (lxw_col_t)i, text, sheet->text);
  }
}

wg_status cli_xlsx_close(struct cli_xlsx *sheet, struct wg_error *error) {
  lxw_error result = workbook_close(sheet->book);
  wg_buffer_free(&sheet->cell);
  free(sheet);
  if (result == LXW_NO_ERROR) return WG_OK;
  return wg_fail(error, WG_DATA_LOSS, NULL, "the spreadsheet could not be written: %s", lxw_strerror(result));
}
