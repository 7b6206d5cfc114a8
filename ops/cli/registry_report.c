// Findings as a table for people and as JSON lines.

#include "ops/cli/output.h"
#include "ops/cli/registry.h"

#include <math.h>
#include <string.h>

static const char *severity(const Wangge__V1__Finding *finding) {
  return finding->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR ? "error" : "warning";
}

// origin_of gives the record a finding of Put is about, NULL: none.
static const struct wg_record_origin *origin_of(const struct cli_findings *findings, const Wangge__V1__Finding *one) {
  if (findings->rows != CLI_ROWS_SET || findings->set->origin == NULL) return NULL;
  if (one->row < 0 || (size_t)one->row >= findings->set->count) return NULL;
  return &findings->set->origin[one->row];
}

static void file_and_line(const struct cli_findings *findings, const Wangge__V1__Finding *one, struct wg_buffer *file,
                          int *line) {
  const struct wg_record_origin *origin = origin_of(findings, one);
  *line = 0;
  wg_buffer_clear(file);
  if (origin != NULL) {
    wg_buffer_text(file, origin->file);
    *line = (int)origin->line;
  } else if (findings->rows == CLI_ROWS_LINES) {
    wg_buffer_text(file, findings->path);
    if (findings->folder && one->kind[0] != 0) wg_buffer_printf(file, "/%s.csv", one->kind);
    *line = one->row;
  }
}

void cli_finding_place(const struct cli_findings *findings, size_t i, struct wg_buffer *out) {
  const Wangge__V1__Finding *one = findings->finding[i];
  int line;
  file_and_line(findings, one, out, &line);
  if (line > 0) wg_buffer_printf(out, ":%d", line);
  if (out->size == 0 && one->position != NULL)
    wg_buffer_printf(out, "%.5f,%.5f", one->position->lon, one->position->lat);
}

static void json_line(const struct cli_findings *findings, const Wangge__V1__Finding *one) {
  struct wg_buffer file = {0};
  int line;
  file_and_line(findings, one, &file, &line);
  json_t *object = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "severity", severity(one), "code", one->code, "kind",
                             one->kind, "record", one->record, "field", one->field, "message", one->message);
  if (file.size > 0) json_object_set_new(object, "file", json_string(wg_buffer_cstr(&file)));
  if (line > 0) json_object_set_new(object, "line", json_integer(line));
  if (one->rule[0] != 0) json_object_set_new(object, "rule", json_string(one->rule));
  if (one->position != NULL)
    json_object_set_new(object, "position",
                        json_pack("{s:f,s:f}", "lon", one->position->lon, "lat", one->position->lat));
  cli_print_json(object);
  wg_buffer_free(&file);
}

static const char *field_label(const Wangge__V1__Finding *one) {
  const struct wg_kind *kind = wg_kind_find(one->kind);
  const struct wg_column *column = kind != NULL ? wg_kind_column(kind, one->field) : NULL;
  return column != NULL ? column->label : one->field;
}

void cli_findings_print(const struct cli *cli, const struct cli_findings *findings) {
  static const char *const headings[] = {"位置", "级别", "种类", "编码", "字段", "问题", "代码", NULL};
  if (findings->count == 0) return;
  cli_progress_clear();
  if (cli->json) {
    for (size_t i = 0; i < findings->count; i++)
      json_line(findings, findings->finding[i]);
    return;
  }
  struct cli_table *table = cli_table_create(headings);
  struct wg_buffer place = {0};
  for (size_t i = 0; i < findings->count; i++) {
    const Wangge__V1__Finding *one = findings->finding[i];
    const struct wg_kind *kind = wg_kind_find(one->kind);
    cli_finding_place(findings, i, &place);
    cli_table_cell(table, "%s", wg_buffer_cstr(&place));
    cli_table_cell(table, "%s", one->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR ? "错误" : "警告");
    cli_table_cell(table, "%s", kind != NULL ? kind->label : one->kind);
    cli_table_cell(table, "%s", one->record);
    cli_table_cell(table, "%s", field_label(one));
    cli_table_cell(table, "%s", one->message);
    cli_table_cell(table, "%s", one->code);
  }
  cli_table_print(table, stdout);
  cli_table_free(table);
  wg_buffer_free(&place);
}
