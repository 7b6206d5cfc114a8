// wangge land export parcels: all parcels of a village in force as a file that GIS programs open and `wangge land
// import` reads back: every vertex and every attribute equal.
//
// The file is of one state of the ledger: when entries are added while pages are read, it is read again. It gets its
// name only when it is whole.
#include "ops/cli/land.h"

#include "common/csv/write.h"
#include "ops/cli/land_columns.h"
#include "ops/cli/land_parcels.h"
#include "ops/cli/output.h"
#include "services/land/survey/outline.h"

#include "wangge/v1/land_ledger.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 500, TRIES = 3 };
enum form { GEOJSON, GPKG, CSV, FORMS };
static const char *const FORM_NAMES[FORMS] = {"geojson", "gpkg", "csv"};

struct export {
  struct cli *cli;
  const char *village;
  enum form form;
  const char *out;   // NULL: standard output
  const char *draft; // what is written until it is whole; NULL: a file without a name
  FILE *file;
  struct wg_buffer line, cell;
  uint64_t count;
  int64_t size; // entries of the ledger that it shows
};

static char *own(const char *text) {
  return (char *)(uintptr_t)text; // messages are not written to
}

// --- rows ---
static void append_value(struct export *export, const struct cli_land_column *column,
                         const Wangge__V1__LandRecord *record) {
  wg_buffer_clear(&export->cell);
  cli_land_cell(column, record, &export->cell);
  const struct wg_bytes text = {export->cell.data, export->cell.size};
  if (column->form == CLI_LAND_TRUTH) wg_buffer_text(&export->line, *text.data == '1' ? "true" : "false");
  else if (column->form == CLI_LAND_NUMBER && text.size == 0) wg_buffer_text(&export->line, "null");
  else if (column->form == CLI_LAND_NUMBER) wg_buffer_append(&export->line, text.data, text.size);
  else wg_json_quote(&export->line, text);
}

static void append_feature(struct export *export, const Wangge__V1__LandRecord *record,
                           const struct land_outline *outline) {
  struct wg_buffer *line = &export->line;
  wg_buffer_text(line, export->count ? ",\n" : "\n");
  wg_buffer_text(line, "{\"type\":\"Feature\",\"id\":");
  wg_json_quote(line, wg_bytes_of(record->id));
  wg_buffer_text(line, ",\"properties\":{");
  for (const struct cli_land_column *column = cli_land_columns; column->name; column++) {
    wg_buffer_printf(line, "%s\"%s\":", column == cli_land_columns ? "" : ",", column->name);
    append_value(export, column, record);
  }
  wg_buffer_text(line, "},\"geometry\":");
  wg_buffer_text(line, land_outline_geojson(outline, export->cli->arena));
  wg_buffer_text(line, "}");
}

static void append_record(struct export *export, const Wangge__V1__LandRecord *record) {
  for (const struct cli_land_column *column = cli_land_columns; column->name; column++) {
    wg_buffer_clear(&export->cell);
    cli_land_cell(column, record, &export->cell);
    wg_csv_cell(&export->line, wg_buffer_cstr(&export->cell), column->form != CLI_LAND_TEXT);
    wg_buffer_text(&export->line, ",");
  }
  wg_csv_cell(&export->line, record->parcel->geom, false);
  wg_buffer_text(&export->line, "\r\n");
}

static wg_status write_line(struct export *export, struct wg_error *error) {
  const bool good = export->line.size == 0 || fwrite(export->line.data, export->line.size, 1, export->file) == 1;
  wg_buffer_clear(&export->line);
  return good ? WG_OK : wg_fail(error, WG_DATA_LOSS, "out", "writing failed: %s", strerror(errno));
}

static wg_status write_parcel(struct export *export, const Wangge__V1__LandRecord *record, struct wg_error *error) {
  const struct land_outline *outline = land_outline_parse(record->parcel->geom, export->cli->arena);
  if (!outline)
    return wg_fail(error, WG_DATA_LOSS, "geom", "parcel %s of the ledger has no readable geometry", record->id);
  if (export->form == CSV) append_record(export, record);
  else append_feature(export, record, outline);
  export->count++;
  return write_line(export, error);
}

// --- the file ---
static void append_begin(struct export *export) {
  if (export->form != CSV) {
    wg_buffer_printf(&export->line,
                     "{\"type\":\"FeatureCollection\",\"name\":\"parcels\",\"village\":\"%s\",\"ledger_size\":%" PRId64
                     ",\"features\":[",
                     export->village, export->size);
    return;
  }
  for (const struct cli_land_column *column = cli_land_columns; column->name; column++)
    wg_buffer_printf(&export->line, "%s,", column->name);
  wg_buffer_text(&export->line, "wkt\r\n");
}

static wg_status ask_size(struct export *export, int64_t *size, struct wg_error *error) {
  Wangge__V1__LedgerHeadRequest request = WANGGE__V1__LEDGER_HEAD_REQUEST__INIT;
  ProtobufCMessage *response;
  request.village = own(export->village);
  const wg_status status = cli_call(export->cli, CLI_LAND, "wangge.v1.LandLedger/LedgerHead", &request.base,
                                    &wangge__v1__ledger_head_response__descriptor, &response, error);
  if (status == WG_OK) *size = ((const Wangge__V1__LedgerHeadResponse *)response)->size;
  return status;
}

static wg_status write_pages(struct export *export, struct wg_error *error) {
  Wangge__V1__ListLandRequest request = WANGGE__V1__LIST_LAND_REQUEST__INIT;
  char token[128] = "";
  request.village = own(export->village);
  request.kind = own("parcel");
  request.limit = PAGE;
  do {
    ProtobufCMessage *response;
    wg_arena_reset(export->cli->arena);
    request.page_token = token;
    wg_status status = cli_call(export->cli, CLI_LAND, "wangge.v1.Land/ListLand", &request.base,
                                &wangge__v1__list_land_response__descriptor, &response, error);
    const Wangge__V1__ListLandResponse *page = (const Wangge__V1__ListLandResponse *)response;
    for (size_t i = 0; status == WG_OK && i < page->n_records; i++)
      status = write_parcel(export, page->records[i]->record, error);
    if (status != WG_OK) return status;
    if (cli_stopped) return wg_fail(error, WG_CANCELLED, NULL, "interrupted");
    snprintf(token, sizeof token, "%s", page->next_page_token);
    cli_progress("parcels", export->count, 0, 0);
  } while (*token);
  return WG_OK;
}

// write_once writes the whole file; *same: no entry was added meanwhile.
static wg_status write_once(struct export *export, bool *same, struct wg_error *error) {
  int64_t after = 0;
  rewind(export->file);
  export->count = 0;
  if (ftruncate(fileno(export->file), 0) != 0)
    return wg_fail(error, WG_DATA_LOSS, "out", "writing failed: %s", strerror(errno));
  wg_status status = ask_size(export, &export->size, error);
  if (status != WG_OK) return status;
  append_begin(export);
  if ((status = write_line(export, error)) == WG_OK) status = write_pages(export, error);
  if (export->form != CSV) wg_buffer_text(&export->line, "\n]}\n");
  if (status == WG_OK) status = write_line(export, error);
  if (status == WG_OK) status = ask_size(export, &after, error);
  *same = after == export->size;
  if (status == WG_OK && fflush(export->file) != 0)
    status = wg_fail(error, WG_DATA_LOSS, "out", "writing failed: %s", strerror(errno));
  return status;
}

static wg_status write_whole(struct export *export, struct wg_error *error) {
  struct wg_arena *of_run = export->cli->arena;
  export->cli->arena = wg_arena_create(1 << 20); // of a page, so that pages do not heap up
  wg_status status = WG_OK;
  bool same = false;
  for (int i = 0; i < TRIES && status == WG_OK && !same; i++)
    status = write_once(export, &same, error);
  wg_arena_destroy(export->cli->arena);
  export->cli->arena = of_run;
  cli_progress_clear();
  if (status == WG_OK && !same)
    return wg_fail(error, WG_ABORTED, NULL, "the ledger grew each of %d times it was read; try again", TRIES);
  return status;
}

static wg_status copy_out(struct export *export, struct wg_error *error) {
  char part[65536];
  size_t size;
  rewind(export->file);
  while ((size = fread(part, 1, sizeof part, export->file)) > 0)
    fwrite(part, 1, size, stdout);
  if (fflush(stdout) == 0 && !ferror(stdout) && !ferror(export->file)) return WG_OK;
  return wg_fail(error, WG_DATA_LOSS, "out", "writing failed: %s", strerror(errno));
}

// give puts what was written where it is wanted.
static wg_status give(struct export *export, struct wg_error *error) {
  if (!export->out) return copy_out(export, error);
  const char *made = export->draft;
  if (export->form == GPKG) {
    made = wg_arena_printf(export->cli->arena, "%s.part.gpkg", export->out);
    (void)remove(made); // of a run that was killed
    if (cli_ogr_package(export->draft, made, error) != WG_OK) {
      (void)remove(made);
      return error->code;
    }
  }
  if (rename(made, export->out) == 0) return WG_OK;
  wg_fail(error, WG_DATA_LOSS, "out", "cannot write %s: %s", export->out, strerror(errno));
  (void)remove(made);
  return error->code;
}

static wg_status export_all(struct export *export, struct wg_error *error) {
  export->file = export->draft ? fopen(export->draft, "w+e") : tmpfile();
  if (!export->file)
    return wg_fail(error, WG_INVALID_ARGUMENT, "out", "cannot write %s: %s", export->draft ? export->draft : "a file",
                   strerror(errno));
  wg_status status = write_whole(export, error);
  if (status == WG_OK) status = give(export, error);
  fclose(export->file);
  if (export->draft) (void)remove(export->draft); // gone already when it was renamed
  wg_buffer_free(&export->line);
  wg_buffer_free(&export->cell);
  return status;
}

// --- the command ---
static wg_status read_options(struct export *export, struct wg_error *error) {
  struct cli *cli = export->cli;
  const char *format = cli_text(&cli->parsed, "format");
  if ((export->village = cli_land_village(cli, error)) == NULL) return error->code;
  export->out = cli_text(&cli->parsed, "out");
  if (export->out && strcmp(export->out, "-") == 0) export->out = NULL;
  while (export->form < FORMS && format && strcmp(format, FORM_NAMES[export->form]) != 0)
    export->form++;
  if (export->form == FORMS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "format", "must be geojson, gpkg or csv, not \"%s\"", format);
  if (export->form == GPKG && !export->out)
    return wg_fail(error, WG_INVALID_ARGUMENT, "out", "a GeoPackage is a database: --out FILE.gpkg is required");
  if (export->out)
    export->draft = wg_arena_printf(cli->arena, "%s.part%s", export->out, export->form == GPKG ? ".geojson" : "");
  return WG_OK;
}

static int run_export(struct cli *cli) {
  struct wg_error error = {0};
  struct export export = {.cli = cli};
  if (read_options(&export, &error) != WG_OK) return cli_usage(cli, &error);
  if (export_all(&export, &error) != WG_OK) return cli_complain(cli, &error);
  if (!export.out) return CLI_DONE;
  if (cli->json)
    cli_print_json(json_pack("{s:s,s:I,s:I,s:s}", "village", export.village, "parcels", (json_int_t) export.count,
                             "ledgerSize", (json_int_t) export.size, "file", export.out));
  else
    printf("%s: %" PRIu64 " parcels as the ledger has them after %" PRId64 " entries\n", export.out, export.count,
           export.size);
  return CLI_DONE;
}

static const struct cli_option export_options[] = {
    CLI_LAND_VILLAGE,
    {"format", "NAME", "geojson (else), gpkg or csv (with the geometry as WKT)"},
    {"out", "FILE", "where to write it; else standard output"},
    {0}};

const struct cli_command cli_land_export[] = {
    {"land export parcels", "", 0, 0,
     "the parcels of a village as a file for GIS programs; import reads it back (导出地块)", export_options,
     "  wangge land export parcels --village 131102101201 --out parcels.geojson\n"
     "  wangge land export parcels --village 131102101201 --format gpkg --out parcels.gpkg\n"
     "  wangge land export parcels --village 131102101201 --format csv > parcels.csv\n",
     run_export},
    {0},
};
