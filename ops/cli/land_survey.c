// wangge land task|import|parcel: the survey. Files of parcels become one call; what is found is told row by row.
#include "ops/cli/land.h"

#include "common/wire/wire.h"
#include "ops/cli/land_parcels.h"
#include "ops/cli/output.h"
#include "services/land/ledger/hash.h"
#include "services/land/survey/geo.h"
#include "services/land/survey/measure.h"
#include "services/land/survey/rows_input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define METHOD(name) "wangge.v1." name
#define TYPE(name) &wangge__v1__##name##__descriptor

enum { PART_BYTES = 4 << 20 }; // of the rows in one message of an import; messages have at most 8 MiB

static char *own(const char *text) {
  return (char *)(uintptr_t)text; // messages are not written to
}

// --- import ---
static bool ends_with(const char *text, const char *end) {
  size_t size = strlen(text), length = strlen(end);
  return size > length && strcasecmp(text + size - length, end) == 0;
}

static wg_status read_file(const char *path, struct wg_buffer *text, struct wg_error *error) {
  FILE *file = fopen(path, "rb");
  if (!file) return wg_fail(error, WG_NOT_FOUND, path, "cannot be opened: %s", strerror(errno));
  size_t size;
  while (text->size <= CLI_PARCEL_BYTES && (size = fread(wg_buffer_reserve(text, 65536), 1, 65536, file)) > 0)
    text->size += size;
  bool failed = ferror(file);
  fclose(file);
  if (text->size > CLI_PARCEL_BYTES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, path, "file.too_large: it has more than %d MiB; divide it",
                   CLI_PARCEL_BYTES >> 20);
  return failed ? wg_fail(error, WG_DATA_LOSS, path, "cannot be read: %s", strerror(errno)) : WG_OK;
}

// read_rows reads by the ending of the name; what is neither GeoJSON nor CSV goes through ogr2ogr, as CSV with WKT.
static wg_status read_rows(struct cli *cli, const char *path, struct land_rows *rows, struct land_faults *faults,
                           struct wg_error *error) {
  struct wg_buffer text = {0};
  bool json = ends_with(path, ".geojson") || ends_with(path, ".json"), csv = ends_with(path, ".csv");
  wg_status status = json || csv ? read_file(path, &text, error) : cli_ogr_read(path, &text, error);
  if (status == WG_OK) {
    struct wg_bytes bytes = {text.data, text.size};
    *rows = json ? land_rows_geojson(bytes, cli->arena, faults) : land_rows_csv(bytes, csv, cli->arena, faults);
  }
  wg_buffer_free(&text);
  return status;
}

// check_hash holds the file against what the survey task says of it.
static wg_status check_hash(struct cli *cli, const char *task, const char *path, struct wg_error *error) {
  Wangge__V1__GetLandRequest request = WANGGE__V1__GET_LAND_REQUEST__INIT;
  ProtobufCMessage *response;
  request.village = own(cli_text(&cli->parsed, "village"));
  request.kind = own("survey_task");
  request.id = own(task);
  if (cli_call(cli, CLI_LAND, METHOD("Land/GetLand"), &request.base, TYPE(get_land_response), &response, error) !=
      WG_OK)
    return error->code;
  const char *said = ((const Wangge__V1__GetLandResponse *)response)->record->survey_task->file_sha256;
  if (!*said) return WG_OK;
  struct wg_buffer text = {0};
  uint8_t hash[LAND_HASH_BYTES];
  char hex[2 * LAND_HASH_BYTES + 1];
  if (read_file(path, &text, error) == WG_OK) {
    const struct wg_bytes whole = {text.data, text.size};
    wg_sha256(&whole, 1, hash);
    for (size_t i = 0; i < sizeof hash; i++)
      snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    if (strcmp(hex, said) != 0)
      wg_fail(error, WG_INVALID_ARGUMENT, path,
              "file.hash: 文件不是调查任务登记的那个 (it is not the file of the survey task, whose SHA-256 is %s)",
              said);
  }
  wg_buffer_free(&text);
  return error->code;
}

static void print_faults(const struct cli *cli, const char *path, const struct land_faults *faults) {
  for (size_t i = 0; i < faults->count && !cli->json; i++) {
    const struct land_fault *one = &faults->fault[i];
    const bool note = one->severity == WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_NOTE;
    fprintf(stderr, "%s %s: %s (%s) at %s%s\n", note ? "note" : "error", one->code, one->zh, one->en, path,
            one->pointer);
  }
}

// rows_that_fit gives how many rows from `from` on one message takes.
static size_t rows_that_fit(const Wangge__V1__ImportParcelsRequest *whole, size_t from, size_t most) {
  size_t count = 0, bytes = 0;
  while (from + count < whole->n_parcels && count < most) {
    bytes += protobuf_c_message_get_packed_size(&whole->parcels[from + count]->base) + 8;
    if (count && bytes > PART_BYTES) break;
    count++;
  }
  return count;
}

// send_parts sends the rows in as many calls as they need; only the last one writes, all of them or none.
static int send_parts(struct cli *cli, const Wangge__V1__ImportParcelsRequest *whole, size_t most, int parts) {
  Wangge__V1__ImportParcelsRequest request = *whole;
  int code = CLI_DONE;
  request.parts = parts;
  request.import_id = whole->write->idempotency_key;
  for (size_t from = 0; from < whole->n_parcels; from += request.n_parcels) {
    request.part++;
    request.parcels = whole->parcels + from;
    request.n_parcels = rows_that_fit(whole, from, most);
    if (request.part == parts) break;
    Wangge__V1__LandWrite write = *whole->write; // the key is of the last part, which writes
    request.write = &write;
    write.idempotency_key = wg_arena_printf(cli->arena, "part-%d-%.50s", (int)request.part, request.import_id);
    const Wangge__V1__LandReply *reply = (Wangge__V1__LandReply *)cli_ask(
        cli, CLI_LAND, METHOD("LandSurvey/ImportParcels"), &request.base, TYPE(land_reply), &code);
    if (!reply) return code;
    if (reply->refused) {
      cli_land_findings(stderr, reply->findings, reply->n_findings);
      return CLI_REFUSED;
    }
    if (!cli->json)
      fprintf(stderr, "part %d of %d sent: %zu of %zu parcels\n", (int)request.part, parts, from + request.n_parcels,
              whole->n_parcels);
    if (cli_stopped) return CLI_REFUSED; // nothing was written
  }
  request.write = whole->write;
  return cli_land_send(cli, METHOD("LandSurvey/ImportParcels"), &request.base);
}

static int send_import(struct cli *cli, const Wangge__V1__ImportParcelsRequest *request, size_t most) {
  int parts = 0;
  for (size_t from = 0; from < request->n_parcels; parts++)
    from += rows_that_fit(request, from, most);
  if (parts > 1) return send_parts(cli, request, most, parts);
  return cli_land_send(cli, METHOD("LandSurvey/ImportParcels"), &request->base);
}

static int run_import(struct cli *cli) {
  struct wg_error error = {0};
  int64_t most = INT32_MAX;
  const char *path = cli->parsed.argument[0], *task = cli_text(&cli->parsed, "task");
  const char *standard = cli_text(&cli->parsed, "class-standard");
  struct land_faults faults = {.arena = cli->arena, .pointer = ""};
  struct land_rows rows = {0};
  Wangge__V1__ImportParcelsRequest request = WANGGE__V1__IMPORT_PARCELS_REQUEST__INIT;
  cli_as(cli, "village");
  request.write = cli_land_write_of(cli, &error);
  if (request.write && !task)
    wg_fail(&error, WG_INVALID_ARGUMENT, "task", "--task ID is required: wangge land task put makes it");
  if (error.code == WG_OK) cli_number(&cli->parsed, "part-rows", 1, 1000000, &most, &error);
  if (error.code == WG_OK && check_hash(cli, task, path, &error) != WG_OK && error.code != WG_INVALID_ARGUMENT) {
    if (error.code != WG_NOT_FOUND) return cli_complain(cli, &error);
    error = (struct wg_error){0}; // no such task: the import says it with all else that is wrong
  }
  if (error.code == WG_OK) read_rows(cli, path, &rows, &faults, &error);
  if (error.code != WG_OK) return cli_usage(cli, &error);
  if (!faults.error) request.parcels = land_rows_inputs(&rows, standard ? standard : "", cli->arena, &faults);
  if (faults.error || rows.count == 0) {
    print_faults(cli, path, &faults);
    wg_fail(&error, WG_INVALID_ARGUMENT, path, "%s; nothing was sent",
            faults.error ? faults.fault[0].en : "has no parcels");
    return cli_usage(cli, &error);
  }
  print_faults(cli, path, &faults);
  request.n_parcels = rows.count;
  request.survey_task = own(task);
  request.good_rows_only = cli_given(&cli->parsed, "good-rows-only");
  request.check_only = cli_given(&cli->parsed, "check");
  return send_import(cli, &request, (size_t)most);
}

// --- one parcel ---
static const char *const SIDES[] = {"", "东至", "南至", "西至", "北至"};
static const char *const KINDS[] = {"", "", "道路", "沟渠", "河流", "村界", "不明"};

static void print_area(const char *label, int64_t area_dm2) {
  char mu[32];
  if (area_dm2)
    printf("%s  %lld.%02lld m² = %s 亩\n", label, (long long)(area_dm2 / 100), (long long)(area_dm2 % 100),
           land_mu_text(area_dm2, mu));
}

static void print_neighbours(const Wangge__V1__Parcel *parcel) {
  char verdict[32];
  for (size_t i = 0; i < parcel->n_neighbours; i++) {
    const Wangge__V1__Neighbour *one = parcel->neighbours[i];
    const bool known = (int)one->kind > 0 && (int)one->kind < 7;
    printf("%s  %s%s%s  %lld.%lld m  %s", SIDES[one->side < 5 ? one->side : 0], known ? KINDS[one->kind] : "",
           *one->parcel_id && known && *KINDS[one->kind] ? " " : "", one->parcel_id, (long long)(one->shared_dm / 10),
           (long long)(one->shared_dm % 10),
           wg_enum_name(&wangge__v1__neighbour_verdict__descriptor, (int)one->verdict, verdict));
    if (*one->declared) printf("  申报: %s", one->declared);
    if (*one->signer) printf("  签字: %s %s", one->signer, one->signed_on);
    if (*one->note) printf("  说明: %s", one->note);
    putchar('\n');
  }
}

static void print_points(struct cli *cli, const Wangge__V1__Parcel *parcel, int epsg) {
  struct wg_error error = {0};
  struct land_plane *plane = NULL;
  size_t count = 0;
  struct land_outline *outline = land_outline_parse(parcel->geom, cli->arena);
  if (!outline || land_plane(epsg, &plane, &error) != WG_OK) return;
  const struct land_corner *corners = land_corners(outline, plane, cli->arena, &count);
  for (size_t i = 0; i < count; i++)
    printf("J%zu  %.9f %.9f  N %.3f E %.3f\n", i + 1, corners[i].degrees.x, corners[i].degrees.y, corners[i].metres.y,
           corners[i].metres.x);
}

static void print_parcel(struct cli *cli, const Wangge__V1__LandRecord *record, int epsg) {
  const Wangge__V1__Parcel *parcel = record->parcel;
  char text[32];
  printf("%s  %s  %s  version %lld%s\n", record->id, parcel->name,
         wg_enum_name(&wangge__v1__parcel_state__descriptor, (int)parcel->state, text), (long long)record->version,
         record->ended ? " (ended)" : "");
  if (parcel->land_class)
    printf("%s %s %s\n", parcel->land_class->standard, parcel->land_class->code, parcel->land_class->name);
  print_area("采用面积", parcel->area_adopted_dm2);
  print_area("椭球面积", parcel->area_ellipsoid_dm2);
  print_area("平面面积", parcel->area_plane_dm2);
  print_area("实测面积", parcel->area_surveyed_dm2);
  print_area("合同面积", parcel->area_contract_dm2);
  printf("周长  %lld.%lld m\n", (long long)(parcel->perimeter_dm / 10), (long long)(parcel->perimeter_dm % 10));
  print_neighbours(parcel);
  for (size_t i = 0; i < parcel->n_flags; i++)
    printf("%s: %s%s%s\n", parcel->flags[i]->code, parcel->flags[i]->detail,
           *parcel->flags[i]->explanation ? "  说明: " : "", parcel->flags[i]->explanation);
  if (epsg) print_points(cli, parcel, epsg);
}

static int run_show(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__GetLandRequest request = WANGGE__V1__GET_LAND_REQUEST__INIT;
  int64_t epsg = 0;
  int code = CLI_DONE;
  request.village = own(cli_land_village(cli, &error));
  if (!request.village || cli_number(&cli->parsed, "points", 1, 1000000, &epsg, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.kind = own("parcel");
  request.id = own(cli->parsed.argument[0]);
  const Wangge__V1__GetLandResponse *response = (Wangge__V1__GetLandResponse *)cli_ask(
      cli, CLI_LAND, METHOD("Land/GetLand"), &request.base, TYPE(get_land_response), &code);
  if (!response) return code;
  if (cli->json) cli_print_message(&response->base);
  else print_parcel(cli, response->record, (int)epsg);
  return CLI_DONE;
}

// --- the other writes ---
static const struct cli_land_write WRITES[] = {
    {"land task put",
     "LandSurvey/PutSurveyTask",
     TYPE(put_survey_task_request),
     "village",
     {"0:id", "method=task.method", "epsg=task.sourceEpsg", "datum=task.datum", "accuracy-cm=task.accuracyCm",
      "surveyor=task.surveyor", "day=task.surveyedOn", "source=task.fileName", "sha256=task.fileSha256"}},
    {"land parcel put",
     "LandSurvey/PutParcel",
     TYPE(put_parcel_request),
     "village",
     {"0:parcel.id", "task=surveyTask"}},
    {"land parcel sign",
     "LandSurvey/SignNeighbour",
     TYPE(sign_neighbour_request),
     "village",
     {"0:parcelId", "1:side", "seq", "verdict", "signer", "day=signedOn", "doc", "note"}},
    {"land parcel explain", "LandSurvey/ExplainFlag", TYPE(explain_flag_request), "village", {"0:parcelId", "1:code"}},
    {"land parcel split",
     "LandSurvey/SplitParcel",
     TYPE(split_parcel_request),
     "village",
     {"0:parcelId", "task=surveyTask"}},
    {"land parcel merge",
     "LandSurvey/MergeParcels",
     TYPE(merge_parcels_request),
     "village",
     {"ids+=parcelIds", "0:merged.id"}},
    {"land parcel move",
     "LandSurvey/MoveParcels",
     TYPE(move_parcels_request),
     "village",
     {"0:event", "ids+=parcelIds"}},
    {"land parcel rights", "LandSurvey/PutRights", TYPE(put_rights_request), "village", {"0:parcelId"}},
};

static int run_write(struct cli *cli) {
  return cli_land_do(cli, WRITES);
}

static const struct cli_option task_options[] = {
    {"method", "NAME", "rtk, handheld, drone, ortho_drawn or legacy_plan"},
    {"epsg", "NUMBER", "of its coordinates: 4490, or a plane of CGCS2000, e.g. 4527"},
    {"datum", "NAME", "cgcs2000, wgs84, gcj02 or bd09; not given: parcels stay drafts"},
    {"accuracy-cm", "N", "of a point"},
    {"surveyor", "NAME", "who measured"},
    {"day", "DAY", "when"},
    {"source", "NAME", "of the file"},
    {"sha256", "HEX", "of the file"},
    CLI_LAND_WRITE};
static const struct cli_option import_options[] = {{"task", "ID", "survey task it comes from; required"},
                                                   {"class-standard", "NAME", "of classes whose row names none"},
                                                   {"check", NULL, "only check; nothing is written"},
                                                   {"good-rows-only", NULL, "leave out faulty rows instead of all"},
                                                   {"part-rows", "N", "at most so many parcels in one message"},
                                                   CLI_LAND_WRITE};
static const struct cli_option show_options[] = {
    CLI_LAND_VILLAGE, {"points", "EPSG", "also the boundary points J1, J2 … with north and east of this plane"}, {0}};
static const struct cli_option put_options[] = {{"task", "ID", "survey task of a new geometry"}, CLI_LAND_WRITE};
static const struct cli_option merge_options[] = {{"ids", "A,B", "the parcels"}, CLI_LAND_WRITE};
static const struct cli_option sign_options[] = {{"seq", "N", "which neighbour of this side; else all"},
                                                 {"verdict", "NAME", "match, missing or disputed"},
                                                 {"signer", "NAME", "who signed"},
                                                 {"day", "DAY", "when"},
                                                 {"doc", "TEXT", "signed sheet"},
                                                 {"note", "TEXT", "missing or disputed: why"},
                                                 CLI_LAND_WRITE};
static const struct cli_option write_options[] = {CLI_LAND_WRITE};

const struct cli_command cli_land_survey[] = {
    {"land task put", "ID", 1, 1, "where parcels come from: method, coordinate system, datum (调查任务)", task_options,
     "  wangge land task put rtk-2026 --village 131102101201 --method rtk --epsg 4527 --datum cgcs2000 \\\n"
     "    --surveyor '演示测绘队' --day 2026-03-01\n",
     run_write},
    {"land import", "FILE", 1, 1, "parcels from GeoJSON, CSV or GeoPackage, all or none (导入地块)", import_options,
     "  wangge land import parcels.geojson --village 131102101201 --task rtk-2026 --check\n"
     "  wangge land import points.csv --village 131102101201 --task rtk-2026 --class-standard 'GB/T 21010-2017'\n"
     "  wangge land import survey.gpkg --village 131102101201 --task rtk-2026\n",
     run_import},
    {"land parcel show", "ID", 1, 1, "a parcel with its areas, neighbours (四至) and boundary points", show_options,
     "  wangge land parcel show 131102101201140001 --village 131102101201 --points 4527\n", run_show},
    {"land parcel put", "ID", 1, 1, "one parcel, or attributes of one, from a JSON file", put_options,
     "  wangge land parcel put p-17 --village 131102101201 --task rtk-2026 --file p-17.json\n", run_write},
    {"land parcel sign", "ID SIDE", 2, 2, "a neighbour has signed, is missing or disputes (签界)", sign_options,
     "  wangge land parcel sign p-17 east --village 131102101201 --verdict match --signer '演示户18' --day "
     "2026-03-02\n",
     run_write},
    {"land parcel explain", "ID CODE", 2, 2, "explain a flag, so that the parcel can be confirmed", write_options,
     "  wangge land parcel explain p-17 overlap.sliver_gap --village 131102101201 --reason '田埂'\n", run_write},
    {"land parcel split", "ID", 1, 1, "one parcel becomes several; the parts stand in a JSON file", put_options,
     "  wangge land parcel split p-17 --village 131102101201 --task rtk-2026 --file parts.json\n", run_write},
    {"land parcel merge", "ID", 1, 1, "several parcels become one with a new id", merge_options,
     "  wangge land parcel merge p-40 --ids p-17,p-18 --village 131102101201\n", run_write},
    {"land parcel move", "EVENT", 1, 1, "survey, sign, post, confirm, dispute, settle or reopen parcels", merge_options,
     "  wangge land parcel move sign --ids p-17,p-18 --village 131102101201\n"
     "  wangge land parcel move confirm --ids p-17 --village 131102101201\n",
     run_write},
    {"land parcel rights", "ID", 1, 1, "who uses a parcel and who has which right, from a JSON file", write_options,
     "  wangge land parcel rights p-17 --village 131102101201 --file rights.json\n", run_write},
    {0},
};
