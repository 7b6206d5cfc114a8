// wangge registry export: one kind of a district as CSV or as a spreadsheet, or every kind into a folder.

#include "ops/cli/output.h"
#include "ops/cli/registry.h"

#include "common/base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct export {
  struct cli *cli;
  const char *district, *prefix, *reason;
  bool labels, template;
  FILE *file;
  struct cli_xlsx *sheet;
  uint64_t written;
  bool masked; // personal data went out masked
};

static bool is_xlsx(const char *path) {
  size_t size = strlen(path);
  return size > 5 && strcasecmp(path + size - 5, ".xlsx") == 0;
}

static bool is_personal(const struct wg_kind *kind) {
  for (size_t i = 0; i < kind->column_count; i++)
    if (kind->columns[i].personal) return true;
  return false;
}

static wg_status open_file(struct export *export, const struct wg_kind *kind, const char *path,
                           struct wg_error *error) {
  if (is_xlsx(path)) {
    export->sheet = cli_xlsx_open(path, kind, error);
    return error->code;
  }
  export->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
  if (export->file == NULL)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "cannot write %s: %s", path, strerror(errno));
  struct wg_buffer header = {0};
  wg_records_write_header(&header, kind, export->labels);
  fwrite(header.data, 1, header.size, export->file);
  wg_buffer_free(&header);
  return WG_OK;
}

static wg_status close_file(struct export *export, const char *path, struct wg_error *error) {
  FILE *file = export->file;
  struct cli_xlsx *sheet = export->sheet;
  export->file = NULL;
  export->sheet = NULL;
  if (sheet != NULL) return cli_xlsx_close(sheet, error);
  if (file == NULL) return WG_OK;
  bool good = fflush(file) == 0 && !ferror(file);
  if (file != stdout) good = fclose(file) == 0 && good;
  if (good) return WG_OK;
  return wg_fail(error, WG_DATA_LOSS, NULL, "writing %s failed: %s", path, strerror(errno));
}

static void write_record(struct export *export, const Wangge__V1__Record *record) {
  export->written++;
  if (export->sheet != NULL) {
    cli_xlsx_row(export->sheet, record);
    return;
  }
  struct wg_buffer row = {0};
  wg_records_write_row(&row, record, export->labels);
  fwrite(row.data, 1, row.size, export->file);
  wg_buffer_free(&row);
}

// whole gives the record with its personal data, when a reason was given: one logged call a record.
static wg_status whole(struct export *export, const struct wg_kind *kind, Wangge__V1__Record **record,
                       struct wg_error *error) {
  if (!is_personal(kind)) return WG_OK;
  if (export->reason == NULL) {
    export->masked = true;
    return WG_OK;
  }
  return cli_registry_fetch(export->cli, export->district, kind, (*record)->code, 0, export->reason, record, error);
}

static wg_status write_records(struct export *export, const struct wg_kind *kind, struct wg_error *error) {
  struct cli_pages pages = {.request = WANGGE__V1__LIST_RECORDS_REQUEST__INIT};
  pages.request.district = cli_field(export->district);
  pages.request.kind = cli_field(kind->name);
  pages.request.code_prefix = cli_field(export->prefix);
  pages.request.limit = 1000;
  int64_t began = wg_monotonic_us();
  uint64_t before = export->written;
  while (cli_registry_page(export->cli, &pages, error)) {
    for (size_t i = 0; i < pages.page->n_records; i++) {
      Wangge__V1__Record *record = pages.page->records[i];
      if (cli_stopped) return wg_fail(error, WG_CANCELLED, NULL, "interrupted; the file is not complete");
      if (whole(export, kind, &record, error) != WG_OK) return error->code;
      write_record(export, record);
    }
    double seconds = (double)(wg_monotonic_us() - began) / 1e6;
    cli_progress(kind->label, export->written - before, 0, (double)(export->written - before) / (seconds + 1e-6));
  }
  cli_progress_clear();
  return error->code;
}

static wg_status export_kind(struct export *export, const struct wg_kind *kind, const char *path,
                             struct wg_error *error) {
  struct wg_error closing = {0};
  if (open_file(export, kind, path, error) != WG_OK) return error->code;
  if (!export->template) write_records(export, kind, error);
  if (close_file(export, path, &closing) != WG_OK && error->code == WG_OK) *error = closing;
  return error->code;
}

static wg_status export_folder(struct export *export, const char *path, struct wg_error *error) {
  if (mkdir(path, 0777) != 0 && errno != EEXIST)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "cannot make the folder %s: %s", path, strerror(errno));
  size_t count;
  const struct wg_kind *kinds = wg_kinds(&count);
  for (size_t i = 0; i < count; i++) {
    const char *file = wg_arena_printf(export->cli->arena, "%s/%s.csv", path, kinds[i].name);
    if (export_kind(export, &kinds[i], file, error) != WG_OK) return error->code;
  }
  return WG_OK;
}

int cli_registry_export(struct cli *cli) {
  struct wg_error error = {0};
  struct export export = {.cli = cli,
                          .prefix = cli_text(&cli->parsed, "prefix"),
                          .reason = cli_text(&cli->parsed, "reason"),
                          .labels = cli_given(&cli->parsed, "labels"),
                          .template = cli_given(&cli->parsed, "template")};
  const char *path = cli->parsed.argument[1];
  bool all = strcmp(cli->parsed.argument[0], "all") == 0;
  const struct wg_kind *kind = all ? NULL : cli_kind(cli, 0, &error);
  if (error.code == WG_OK && !export.template) export.district = cli_district(cli, &error);
  if (error.code != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, export.reason != NULL ? "registrar" : NULL);
  if (all) export_folder(&export, path, &error);
  else export_kind(&export, kind, path, &error);
  if (export.masked) fputs("wangge: 个人信息已脱敏，此文件不能再导入；需要原文请用 --reason 说明理由\n", stderr);
  if (error.code != WG_OK) return cli_complain(cli, &error);
  if (strcmp(path, "-") == 0) return CLI_DONE;
  if (cli->json) cli_print_json(json_pack("{s:s,s:I}", "file", path, "records", (json_int_t) export.written));
  else printf("%s：%llu 条记录\n", path, (unsigned long long)export.written);
  return CLI_DONE;
}
