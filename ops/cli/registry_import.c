// wangge registry import: a file or a folder of records into the registry, all or nothing.
//
// Everything is read and checked here first, so that a file with errors costs no call. Then it goes, district by
// district, in parts of at most 1,000 records under one import id; the registry keeps the parts and decides on the last
// one. What it finds is told by file and line. Repeating an import is safe: the same records change nothing.

#include "ops/cli/output.h"
#include "ops/cli/registry.h"

#include "common/base/clock.h"

#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

struct import {
  struct cli *cli;
  struct wg_reading reading;
  const char *path, *reason;
  bool folder, dry_run;
  char id[64];
  unsigned imports;
  Wangge__V1__PutResponse *answer; // to the last part
  int64_t began;
  size_t sent, to_send;
  json_int_t created, changed, unchanged, deleted, errors, warnings;
  bool written;
};

static void print_reading(const struct import *import) {
  struct cli_findings findings = {import->reading.findings.finding,
                                  import->reading.findings.count,
                                  CLI_ROWS_LINES,
                                  import->path,
                                  import->folder,
                                  NULL};
  cli_findings_print(import->cli, &findings);
}

static wg_status read_all(struct import *import, struct wg_error *error) {
  struct cli *cli = import->cli;
  const struct wg_kind *kind = NULL;
  struct stat stat_of;
  import->path = cli->parsed.argument[cli->parsed.arguments - 1];
  if (cli->parsed.arguments == 2 && (kind = cli_kind(cli, 0, error)) == NULL) return error->code;
  import->folder = kind == NULL && stat(import->path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
  if (import->folder) return wg_records_read_folder(&import->reading, import->path, error);
  return wg_records_read_file(&import->reading, import->path, kind, error);
}

static wg_status send_part(struct import *import, const struct wg_record_set *set, size_t first, size_t end, int part,
                           bool dry_run, struct wg_error *error) {
  Wangge__V1__PutRequest request = WANGGE__V1__PUT_REQUEST__INIT;
  ProtobufCMessage *message = NULL;
  bool whole = first == 0 && end == set->count;
  request.records = set->record + first;
  request.n_records = end - first;
  request.reason = cli_field(import->reason);
  request.dry_run = dry_run;
  if (!whole) {
    request.import_id = import->id;
    request.part = part;
    request.last_part = end == set->count;
  }
  wg_status status = cli_call(import->cli, CLI_REGISTRY, "wangge.v1.Registry/Put", &request.base,
                              &wangge__v1__put_response__descriptor, &message, error);
  import->answer = (Wangge__V1__PutResponse *)message;
  return status;
}

// has_errors: findings that kept the registry from writing.
static bool has_errors(const Wangge__V1__PutResponse *answer) {
  for (size_t i = 0; answer != NULL && i < answer->n_findings; i++)
    if (answer->findings[i]->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR) return true;
  return false;
}

// send_district sends the records of one district as one import; the answer is that to its last part.
static wg_status send_district(struct import *import, const struct wg_record_set *set, bool dry_run,
                               struct wg_error *error) {
  snprintf(import->id, sizeof import->id, "cli-%llx-%x-%u", (unsigned long long)wg_now_us(), (unsigned)getpid(),
           ++import->imports);
  size_t first = 0;
  for (int part = 1; first < set->count; part++) {
    size_t end = cli_part_end(set, first);
    if (cli_stopped)
      return wg_fail(error, WG_CANCELLED, NULL, "interrupted; nothing of %s was written", set->record[0]->district);
    if (send_part(import, set, first, end, part, dry_run, error) != WG_OK) return error->code;
    if (has_errors(import->answer)) return WG_OK;
    import->sent += end - first;
    first = end;
    double seconds = (double)(wg_monotonic_us() - import->began) / 1e6;
    cli_progress(dry_run ? "check" : "import", import->sent, import->to_send,
                 seconds > 0 ? (double)import->sent / seconds : 0);
  }
  return WG_OK;
}

// report prints what the registry found and adds up what it did.
static void report(struct import *import, const struct wg_record_set *set) {
  const Wangge__V1__PutResponse *answer = import->answer;
  struct cli_findings findings = {answer->findings, answer->n_findings, CLI_ROWS_SET, NULL, false, set};
  for (size_t i = 0; i < findings.count; i++) {
    if (findings.finding[i]->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR) import->errors++;
    else import->warnings++;
  }
  import->created += answer->created;
  import->changed += answer->changed;
  import->unchanged += answer->unchanged;
  import->deleted += answer->deleted;
  import->written = import->written || answer->written;
  cli_findings_print(import->cli, &findings);
}

// send_all: the registry takes one district at a time, so records of several are all checked before any is written.
static wg_status send_all(struct import *import, bool dry_run, bool last, struct wg_error *error) {
  struct wg_record_set district;
  import->sent = 0;
  for (size_t at = 0; cli_next_district(&import->reading.set, &at, &district);) {
    if (send_district(import, &district, dry_run, error) != WG_OK) return error->code;
    cli_progress_clear();
    if (last || has_errors(import->answer)) report(import, &district);
  }
  return WG_OK;
}

static int summary(const struct import *import) {
  if (import->cli->json) {
    cli_print_json(json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:b,s:b}", "records", (json_int_t)import->reading.set.count,
                             "created", import->created, "changed", import->changed, "unchanged", import->unchanged,
                             "deleted", import->deleted, "errors", import->errors, "warnings", import->warnings,
                             "dry_run", (int)import->dry_run, "written", (int)import->written));
  } else if (import->errors > 0) {
    printf("%lld 个错误，%lld 个警告：没有写入任何记录\n", import->errors, import->warnings);
  } else {
    printf("%s：新增 %lld，修改 %lld，不变 %lld，删除 %lld；%lld 个警告\n",
           import->dry_run ? "试运行，没有写入" : "已写入", import->created, import->changed, import->unchanged,
           import->deleted, import->warnings);
  }
  return import->errors > 0 ? CLI_REFUSED : CLI_DONE;
}

static int run(struct import *import) {
  struct wg_error error = {0};
  if (read_all(import, &error) != WG_OK) return cli_usage(import->cli, &error);
  print_reading(import);
  const struct wg_findings *found = &import->reading.findings;
  import->errors = (json_int_t)found->errors;
  import->warnings = (json_int_t)found->warnings;
  if (found->untold > 0 && !import->cli->json) printf("……另有 %zu 个问题没有列出\n", found->untold);
  if (found->errors > 0) return summary(import);
  if (import->reading.set.count == 0) {
    wg_fail(&error, WG_INVALID_ARGUMENT, NULL, "%s holds no records", import->path);
    return cli_usage(import->cli, &error);
  }
  bool several = cli_sort_districts(&import->reading.set, import->cli->arena) > 1;
  import->began = wg_monotonic_us();
  import->to_send = import->reading.set.count;
  wg_status status = WG_OK;
  if (several && !import->dry_run) status = send_all(import, true, false, &error);
  if (status == WG_OK && import->errors == 0) status = send_all(import, import->dry_run, true, &error);
  cli_progress_clear();
  return status == WG_OK ? summary(import) : cli_complain(import->cli, &error);
}

int cli_registry_import(struct cli *cli) {
  struct wg_error error = {0};
  struct import import = {.cli = cli, .dry_run = cli_given(&cli->parsed, "dry-run")};
  import.reason = cli_text(&cli->parsed, "reason");
  const char *district = cli_given(&cli->parsed, "district") ? cli_district(cli, &error) : NULL;
  if (error.code == WG_OK && import.reason == NULL)
    wg_fail(&error, WG_INVALID_ARGUMENT, "reason", "--reason is required: every change says why");
  if (error.code != WG_OK) return cli_usage(cli, &error);
  cli_as(cli, "registrar");
  wg_reading_start(&import.reading, cli->arena, district);
  int code = run(&import);
  wg_reading_stop(&import.reading);
  return code;
}
