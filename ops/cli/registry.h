// What the commands of the registry share. Their words are Chinese: they show the field's own terms.
#pragma once

#include "common/records/records.h"
#include "ops/cli/cli.h"

struct cli_table;

// --- arguments (registry.c) ---
// cli_kind reads argument `index` as a kind of record, by name or Chinese label; NULL with the error filled.
const struct wg_kind *cli_kind(const struct cli *cli, int index, struct wg_error *error);
// cli_district reads --district, 6 digits; NULL with the error filled.
const char *cli_district(const struct cli *cli, struct wg_error *error);
char *cli_field(const char *text); // for a text field of a request; NULL: empty

// --- findings (registry_report.c) ---
// Where a finding was made: its row is an index into `set` (an answer of Put), a line of a file (set NULL, reading), or
// nothing (a report: the place on the map).
enum cli_rows { CLI_ROWS_NONE, CLI_ROWS_LINES, CLI_ROWS_SET };
struct cli_findings {
  Wangge__V1__Finding **finding;
  size_t count;
  enum cli_rows rows;
  const char *path;                // CLI_ROWS_LINES: the file, or the folder of KIND.csv
  bool folder;                     // path is a folder
  const struct wg_record_set *set; // CLI_ROWS_SET
};
// cli_finding_place writes "grid.csv:17", or "117.81,36.05", or "".
void cli_finding_place(const struct cli_findings *findings, size_t i, struct wg_buffer *out);
void cli_findings_print(const struct cli *cli, const struct cli_findings *findings);

// --- parts of an import (registry_parts.c) ---
enum { CLI_PART_RECORDS = 1000, CLI_PART_BYTES = 4 << 20 };
// cli_part_end gives where the part that begins at `first` ends: as many records as one call may have.
size_t cli_part_end(const struct wg_record_set *set, size_t first);
// cli_sort_districts brings the records of one district together, each district's in their order, and counts districts.
size_t cli_sort_districts(struct wg_record_set *set, struct wg_arena *arena);
// cli_next_district gives the records of the district that begins at *at (0 to start) and moves on; false: the end.
bool cli_next_district(const struct wg_record_set *set, size_t *at, struct wg_record_set *district);

// --- spreadsheets (registry_xlsx.c) ---
// Writes one sheet: Chinese header, texts as texts (a code stays a code, nothing is a formula), lists of allowed
// values.
struct cli_xlsx;
struct cli_xlsx *cli_xlsx_open(const char *path, const struct wg_kind *kind, struct wg_error *error);
void cli_xlsx_row(struct cli_xlsx *sheet, const Wangge__V1__Record *record);
wg_status cli_xlsx_close(struct cli_xlsx *sheet, struct wg_error *error); // writes the file

// --- commands of their own files ---
int cli_registry_import(struct cli *cli);
int cli_registry_export(struct cli *cli);
int cli_registry_get(struct cli *cli);
int cli_registry_list(struct cli *cli);
int cli_registry_history(struct cli *cli);
int cli_registry_put(struct cli *cli);
int cli_registry_duties(struct cli *cli);
int cli_registry_redrive(struct cli *cli);
int cli_registry_principals(struct cli *cli);
// cli_registry_page asks for the next page of a kind; false: no more, or the error is filled.
struct cli_pages {
  Wangge__V1__ListRecordsRequest request;
  Wangge__V1__ListRecordsResponse *page;
  bool begun;
};
bool cli_registry_page(struct cli *cli, struct cli_pages *pages, struct wg_error *error);
// cli_registry_fetch gets one record; `reason`: why its personal data are wanted whole, NULL: masked.
wg_status cli_registry_fetch(struct cli *cli, const char *district, const struct wg_kind *kind, const char *code,
                             int64_t version, const char *reason, Wangge__V1__Record **record, struct wg_error *error);
