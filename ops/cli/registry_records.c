// wangge registry get, list, history, put: single records.

#include "ops/cli/output.h"
#include "ops/cli/registry.h"

#include "common/wire/wire.h"

#include <stdlib.h>
#include <string.h>

// --- asking ---

wg_status cli_registry_fetch(struct cli *cli, const char *district, const struct wg_kind *kind, const char *code,
                             int64_t version, const char *reason, Wangge__V1__Record **record, struct wg_error *error) {
  Wangge__V1__GetRecordRequest request = WANGGE__V1__GET_RECORD_REQUEST__INIT;
  ProtobufCMessage *message = NULL;
  request.district = cli_field(district);
  request.kind = cli_field(kind->name);
  request.code = cli_field(code);
  request.version = version;
  request.reason = cli_field(reason);
  if (cli_call(cli, CLI_REGISTRY, "wangge.v1.Registry/Get", &request.base, &wangge__v1__get_record_response__descriptor,
               &message, error) != WG_OK)
    return error->code;
  *record = ((Wangge__V1__GetRecordResponse *)message)->record;
  if (*record != NULL && wg_kind_of(*record) == kind) return WG_OK;
  return wg_fail(error, WG_INTERNAL, NULL, "the registry answered without the record %s %s", kind->name, code);
}

bool cli_registry_page(struct cli *cli, struct cli_pages *pages, struct wg_error *error) {
  ProtobufCMessage *message = NULL;
  if (pages->begun && pages->page->next_page_token[0] == 0) return false;
  if (pages->begun) pages->request.page_token = pages->page->next_page_token;
  if (cli_call(cli, CLI_REGISTRY, "wangge.v1.Registry/List", &pages->request.base,
               &wangge__v1__list_records_response__descriptor, &message, error) != WG_OK)
    return false;
  pages->begun = true;
  pages->page = (Wangge__V1__ListRecordsResponse *)message;
  return true;
}

static void json_record(const Wangge__V1__Record *record) {
  struct wg_buffer line = {0};
  wg_json_message(&line, &record->base);
  cli_print_line(&line);
  wg_buffer_free(&line);
}

// --- get ---

static void print_record(const Wangge__V1__Record *record) {
  const struct wg_kind *kind = wg_kind_of(record);
  struct wg_buffer cell = {0}, cut = {0};
  char at[32];
  printf("%s %s%s\n", kind->label, record->code, record->deleted ? "（已删除）" : "");
  for (size_t i = 1; i < kind->column_count; i++) {
    wg_buffer_clear(&cell);
    wg_record_cell(record, &kind->columns[i], true, &cell);
    if (cell.size == 0) continue;
    const char *label = kind->columns[i].label;
    printf("  %s%*s%s\n", label, 16 - cli_width(label), "", cli_cut(wg_buffer_cstr(&cell), 200, &cut));
  }
  printf("  版本            %lld，%s，%s：%s\n", (long long)record->version, cli_time(record->changed_at, at),
         record->changed_by, cli_cut(record->reason, 100, &cut));
  wg_buffer_free(&cell);
  wg_buffer_free(&cut);
}

int cli_registry_get(struct cli *cli) {
  struct wg_error error = {0};
  int64_t version = 0;
  const char *reason = cli_text(&cli->parsed, "reason");
  const struct wg_kind *kind = cli_kind(cli, 0, &error);
  const char *district = kind != NULL ? cli_district(cli, &error) : NULL;
  if (kind == NULL || district == NULL || cli_number(&cli->parsed, "version", 1, INT64_MAX, &version, &error) != WG_OK)
    return cli_usage(cli, &error);
  cli_as(cli, reason != NULL ? "registrar" : NULL);
  Wangge__V1__Record *record = NULL;
  if (cli_registry_fetch(cli, district, kind, cli->parsed.argument[1], version, reason, &record, &error) != WG_OK ||
      record == NULL)
    return cli_complain(cli, &error);
  if (cli->json) json_record(record);
  else print_record(record);
  return CLI_DONE;
}

// --- list ---

// A table of the columns that any record fills; boundaries are left to `get`.
static void print_list(const struct wg_kind *kind, Wangge__V1__Record **record, size_t count) {
  const char **headings = wg_zalloc((kind->column_count + 1) * sizeof *headings);
  const struct wg_column **shown = wg_zalloc(kind->column_count * sizeof *shown);
  struct wg_buffer cell = {0}, cut = {0};
  size_t columns = 0;
  for (size_t i = 0; i < kind->column_count; i++) {
    const struct wg_column *column = &kind->columns[i];
    wg_buffer_clear(&cell);
    for (size_t j = 0; j < count && cell.size == 0; j++)
      wg_record_cell(record[j], column, false, &cell);
    bool flag = column->type == WG_COLUMN_BOOL; // always filled
    if (column->type == WG_COLUMN_WKT || strcmp(column->field, "district") == 0 || (cell.size == 0 && !flag)) continue;
    headings[columns] = column->label;
    shown[columns++] = column;
  }
  struct cli_table *table = cli_table_create(headings);
  for (size_t j = 0; j < count; j++)
    for (size_t i = 0; i < columns; i++) {
      wg_buffer_clear(&cell);
      wg_record_cell(record[j], shown[i], true, &cell);
      cli_table_cell(table, "%s%s", cli_cut(wg_buffer_cstr(&cell), 36, &cut),
                     i == 0 && record[j]->deleted ? "（已删除）" : "");
    }
  cli_table_print(table, stdout);
  cli_table_free(table);
  wg_buffer_free(&cell);
  wg_buffer_free(&cut);
  free(shown);
  free(headings);
}

int cli_registry_list(struct cli *cli) {
  struct wg_error error = {0};
  int64_t limit = 50;
  struct cli_pages pages = {.request = WANGGE__V1__LIST_RECORDS_REQUEST__INIT};
  const struct wg_kind *kind = cli_kind(cli, 0, &error);
  const char *district = kind != NULL ? cli_district(cli, &error) : NULL;
  if (kind == NULL || district == NULL || cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  if (cli_given(&cli->parsed, "field") != cli_given(&cli->parsed, "value")) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "field", "--field and --value belong together");
    return cli_usage(cli, &error);
  }
  pages.request.district = cli_field(district);
  pages.request.kind = cli_field(kind->name);
  pages.request.code_prefix = cli_field(cli_text(&cli->parsed, "prefix"));
  pages.request.field = cli_field(cli_text(&cli->parsed, "field"));
  pages.request.value = cli_field(cli_text(&cli->parsed, "value"));
  pages.request.deleted = cli_given(&cli->parsed, "deleted");
  Wangge__V1__Record **found = wg_alloc((size_t)limit * sizeof(Wangge__V1__Record *));
  size_t count = 0, most = (size_t)limit;
  pages.request.limit = (int32_t)(most < 1000 ? most : 1000);
  while (count < most && !cli_stopped && cli_registry_page(cli, &pages, &error))
    for (size_t i = 0; i < pages.page->n_records && count < most; i++)
      if (wg_kind_of(pages.page->records[i]) == kind) found[count++] = pages.page->records[i];
  bool more = pages.begun && pages.page->next_page_token[0] != 0;
  for (size_t i = 0; cli->json && i < count; i++)
    json_record(found[i]);
  if (!cli->json && count > 0) print_list(kind, found, count);
  free(found);
  if (error.code != WG_OK) return cli_complain(cli, &error);
  if (!cli->json && more) printf("……还有更多，可用 --limit 多列一些\n");
  if (!cli->json && count == 0) printf("没有%s\n", kind->label);
  return CLI_DONE;
}

// --- history ---

// differing names the columns in which two versions differ.
static void differing(const Wangge__V1__Record *now, const Wangge__V1__Record *before, struct wg_buffer *out) {
  const struct wg_kind *kind = wg_kind_of(now);
  struct wg_buffer one = {0}, other = {0};
  wg_buffer_clear(out);
  for (size_t i = 2; kind != NULL && i < kind->column_count; i++) {
    wg_buffer_clear(&one);
    wg_buffer_clear(&other);
    wg_record_cell(now, &kind->columns[i], true, &one);
    wg_record_cell(before, &kind->columns[i], true, &other);
    if (strcmp(wg_buffer_cstr(&one), wg_buffer_cstr(&other)) == 0) continue;
    wg_buffer_printf(out, "%s%s", out->size > 0 ? "、" : "", kind->columns[i].label);
  }
  wg_buffer_free(&one);
  wg_buffer_free(&other);
}

static void history_row(struct cli_table *table, const Wangge__V1__Record *one, const Wangge__V1__Record *before) {
  char at[32];
  struct wg_buffer changed = {0};
  if (one->deleted) wg_buffer_text(&changed, "删除");
  else if (before == NULL) wg_buffer_text(&changed, one->version == 1 ? "新增" : "…");
  else differing(one, before, &changed);
  cli_table_cell(table, "%lld", (long long)one->version);
  cli_table_cell(table, "%s", cli_time(one->changed_at, at));
  cli_table_cell(table, "%s", one->changed_by);
  cli_table_cell(table, "%s", wg_buffer_cstr(&changed));
  cli_table_cell(table, "%s", one->reason);
  wg_buffer_free(&changed);
}

int cli_registry_history(struct cli *cli) {
  static const char *const headings[] = {">版本", "时间", "谁", "改了什么", "为什么", NULL};
  struct wg_error error = {0};
  int64_t limit = 50;
  Wangge__V1__HistoryRequest request = WANGGE__V1__HISTORY_REQUEST__INIT;
  const struct wg_kind *kind = cli_kind(cli, 0, &error);
  const char *district = kind != NULL ? cli_district(cli, &error) : NULL;
  if (kind == NULL || district == NULL || cli_number(&cli->parsed, "limit", 1, 1000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.district = cli_field(district);
  request.kind = cli_field(kind->name);
  request.code = cli_field(cli->parsed.argument[1]);
  request.limit = (int32_t)limit;
  ProtobufCMessage *message = NULL;
  if (cli_call(cli, CLI_REGISTRY, "wangge.v1.Registry/History", &request.base,
               &wangge__v1__history_response__descriptor, &message, &error) != WG_OK)
    return cli_complain(cli, &error);
  const Wangge__V1__HistoryResponse *history = (Wangge__V1__HistoryResponse *)message;
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < history->n_records; i++) {
    if (cli->json) json_record(history->records[i]);
    else history_row(table, history->records[i], i + 1 < history->n_records ? history->records[i + 1] : NULL);
  }
  if (!cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return CLI_DONE;
}

// --- put ---

// current gets the record to change, with its personal data, or makes a new one of this code.
static wg_status current(struct cli *cli, const struct wg_kind *kind, const char *district, Wangge__V1__Record **record,
                         struct wg_error *error) {
  const char *code = cli->parsed.argument[1];
  wg_status status = cli_registry_fetch(cli, district, kind, code, 0, cli_text(&cli->parsed, "reason"), record, error);
  if (status != WG_NOT_FOUND) return status;
  if (cli_given(&cli->parsed, "delete")) return status;
  *error = (struct wg_error){0};
  *record = wg_record_create(kind, district, code, cli->arena);
  return WG_OK;
}

static wg_status set_fields(struct cli *cli, const struct wg_kind *kind, Wangge__V1__Record *record,
                            struct wg_findings *findings, struct wg_error *error) {
  for (int i = 2; i < cli->parsed.arguments; i++) {
    char *field = wg_arena_strdup(cli->arena, cli->parsed.argument[i]), *equals = strchr(field, '=');
    if (equals == NULL)
      return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "\"%s\" is not FIELD=VALUE", cli->parsed.argument[i]);
    *equals = 0;
    const struct wg_column *column = wg_kind_column(kind, field);
    if (column == NULL || column->descriptor == NULL)
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s has no field \"%s\" to set; see wangge registry kinds %s",
                     kind->name, field, kind->name);
    wg_record_clear(record, column);
    wg_record_set_cell(record, column, equals + 1, cli->arena, findings);
  }
  return WG_OK;
}

static int put_record(struct cli *cli, Wangge__V1__Record *record, struct wg_error *error) {
  Wangge__V1__PutRequest request = WANGGE__V1__PUT_REQUEST__INIT;
  ProtobufCMessage *message = NULL;
  int64_t expected = record->version;
  request.n_records = request.n_expected_versions = 1;
  request.records = &record;
  request.expected_versions = &expected; // nobody may have changed it since it was read
  request.reason = cli_field(cli_text(&cli->parsed, "reason"));
  request.dry_run = cli_given(&cli->parsed, "dry-run");
  if (cli_call(cli, CLI_REGISTRY, "wangge.v1.Registry/Put", &request.base, &wangge__v1__put_response__descriptor,
               &message, error) != WG_OK)
    return cli_complain(cli, error);
  const Wangge__V1__PutResponse *answer = (Wangge__V1__PutResponse *)message;
  struct cli_findings findings = {answer->findings, answer->n_findings, CLI_ROWS_NONE, NULL, false, NULL};
  cli_findings_print(cli, &findings);
  for (size_t i = 0; i < answer->n_findings; i++)
    if (answer->findings[i]->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR) return CLI_REFUSED;
  const char *word = answer->created     ? "created"
                     : answer->changed   ? "changed"
                     : answer->deleted   ? "deleted"
                     : answer->unchanged ? "unchanged"
                                         : "nothing";
  if (cli->json)
    cli_print_json(json_pack("{s:s,s:s,s:b}", "code", record->code, "outcome", word, "written", (int)answer->written));
  else printf("%s %s: %s%s\n", wg_kind_of(record)->label, record->code, word, answer->written ? "" : " (not written)");
  return CLI_DONE;
}

int cli_registry_put(struct cli *cli) {
  struct wg_error error = {0};
  struct wg_findings findings;
  Wangge__V1__Record *record = NULL;
  wg_findings_start(&findings, cli->arena);
  const struct wg_kind *kind = cli_kind(cli, 0, &error);
  const char *district = kind != NULL ? cli_district(cli, &error) : NULL;
  if (district != NULL && cli_text(&cli->parsed, "reason") == NULL)
    wg_fail(&error, WG_INVALID_ARGUMENT, "reason", "--reason is required: every change says why");
  if (kind == NULL || error.code != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, "registrar");
  if (current(cli, kind, district, &record, &error) != WG_OK || record == NULL) return cli_complain(cli, &error);
  if (set_fields(cli, kind, record, &findings, &error) != WG_OK) return cli_usage(cli, &error);
  record->deleted = cli_given(&cli->parsed, "delete");
  if (!record->deleted && findings.errors == 0) wg_record_check(record, &findings);
  if (findings.errors > 0) {
    struct cli_findings wrong = {findings.finding, findings.count, CLI_ROWS_NONE, NULL, false, NULL};
    cli_findings_print(cli, &wrong);
    return CLI_REFUSED;
  }
  return put_record(cli, record, &error);
}
