// Survey tasks, imports and single parcels.
#include "services/land/survey/actions.h"

#include "common/base/text.h"
#include "services/land/parts.h"
#include "services/land/survey/intake.h"

#include <stdlib.h>
#include <string.h>

// --- tasks ---
static wg_status check_task(const Wangge__V1__PutSurveyTaskRequest *request, struct wg_error *error) {
  const Wangge__V1__SurveyTask *task = request->task;
  int32_t day;
  wg_status status = wg_token_check(request->id, 64, "id", error);
  if (status != WG_OK) return status;
  if (!task) return wg_fail(error, WG_INVALID_ARGUMENT, "task", "must be given");
  if (task->method <= 0 || task->method > WANGGE__V1__SURVEY_METHOD__SURVEY_METHOD_LEGACY_PLAN)
    return wg_fail(error, WG_INVALID_ARGUMENT, "task.method",
                   "must be rtk, handheld, drone, ortho_drawn or legacy_plan");
  if (task->datum > WANGGE__V1__DATUM__DATUM_BD09)
    return wg_fail(error, WG_INVALID_ARGUMENT, "task.datum", "must be cgcs2000, wgs84, gcj02, bd09 or not given");
  if (task->accuracy_cm < 0 || task->accuracy_cm > 100000)
    return wg_fail(error, WG_INVALID_ARGUMENT, "task.accuracy_cm", "must be 0 to 100000");
  int line = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN;
  status = wg_text_check(task->surveyor, 128, line | WG_TEXT_REQUIRED, "task.surveyor", error);
  if (status == WG_OK) status = wg_text_check(task->file_name, 256, line, "task.file_name", error);
  if (status == WG_OK && *task->file_sha256) status = wg_hash_check(task->file_sha256, "task.file_sha256", error);
  if (status != WG_OK) return status;
  if (!land_day_read(task->surveyed_on, &day))
    return wg_fail(error, WG_INVALID_ARGUMENT, "task.surveyed_on", "must be a civil day, YYYY-MM-DD");
  if (task->n_controls > 100) return wg_fail(error, WG_INVALID_ARGUMENT, "task.controls", "at most 100");
  return WG_OK;
}

static bool is_shifted(const Wangge__V1__SurveyTask *task) {
  return task->datum == WANGGE__V1__DATUM__DATUM_GCJ02 || task->datum == WANGGE__V1__DATUM__DATUM_BD09;
}

static void check_system(struct land_write *write, const Wangge__V1__SurveyTask *task) {
  struct land_system system = land_system(task->source_epsg);
  if (system.kind == LAND_SYSTEM_LEGACY)
    land_refuse(write,
                (struct land_what){
                    .code = "crs.legacy",
                    .status = WG_INVALID_ARGUMENT,
                    .pointer = "/task/source_epsg",
                    .zh = "北京54、西安80坐标须先用当地七参数转换为CGCS2000（EPSG:4490或4491–4554）。",
                    .en = "Beijing 1954 and Xian 1980 must be converted to CGCS2000 with local parameters first."});
  if (system.kind == LAND_SYSTEM_UNKNOWN)
    land_refuse(write,
                (struct land_what){.code = "crs.unknown",
                                   .status = WG_INVALID_ARGUMENT,
                                   .pointer = "/task/source_epsg",
                                   .zh = "坐标系应为4490、4326（经纬度）或4491–4554（CGCS2000平面）。",
                                   .en = "The system is 4490 or 4326 (degrees) or 4491 to 4554 (CGCS2000 planes).",
                                   .suggestion = "4490"});
  if (is_shifted(task) && system.kind == LAND_SYSTEM_PLANE)
    land_refuse(write, (struct land_what){.code = "datum.plane",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/task/datum",
                                          .zh = "GCJ-02和BD-09只能是经纬度。",
                                          .en = "GCJ-02 and BD-09 are degrees, never metres."});
}

wg_status land_put_survey_task(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutSurveyTaskRequest *request = (const void *)write->request;
  wg_status status = check_task(request, error);
  if (status != WG_OK) return status;
  check_system(write, request->task);
  struct wg_book_walk walk = land_each(write, LAND_KIND(PARCEL));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));)
    if (strcmp(record->parcel->survey_task, request->id) == 0 &&
        record->parcel->state > WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED)
      return land_refuse(
          write, (struct land_what){.code = "task.used",
                                    .pointer = "/id",
                                    .zh = land_text(write, "地块%s已据此任务签界或公示，任务不能再改。", record->id),
                                    .en = land_text(write, "Parcel %s was signed on this task: it stays.", record->id),
                                    .kind = LAND_KIND(PARCEL),
                                    .id = record->id});
  if (write->refused) return WG_OK;
  Wangge__V1__SurveyTask *task = land_get(write, LAND_KIND(SURVEY_TASK), request->id)
                                     ? land_change(write, LAND_KIND(SURVEY_TASK), request->id)
                                     : land_make(write, LAND_KIND(SURVEY_TASK), request->id);
  *task = *request->task;
  return WG_OK;
}

// --- writing what was settled ---
void land_candidate_write(struct land_write *write, const struct land_candidate *candidate) {
  const char *id = candidate->input->id;
  Wangge__V1__Parcel *parcel = land_get(write, LAND_KIND(PARCEL), id) ? land_change(write, LAND_KIND(PARCEL), id)
                                                                      : land_make(write, LAND_KIND(PARCEL), id);
  *parcel = *land_parcel_copy(candidate->parcel, write->arena);
}

static void warn_draft(struct land_write *write, const struct land_site *site) {
  bool no_datum = site->task->datum == WANGGE__V1__DATUM__DATUM_UNSPECIFIED;
  if (no_datum)
    land_find(write, (struct land_what){.code = "datum.unknown",
                                        .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING,
                                        .pointer = "/survey_task",
                                        .zh = "调查任务没有注明坐标基准，地块只能作为草稿。",
                                        .en = "The task does not say its datum: parcels stay drafts."});
  if (!site->territory)
    land_find(write, (struct land_what){.code = "boundary.unknown",
                                        .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING,
                                        .pointer = "/write/village",
                                        .zh = "本村界线未登记，无法核对位置，地块只能作为草稿。",
                                        .en = "The village has no boundary yet: parcels stay drafts."});
  if (is_shifted(site->task))
    land_find(write,
              (struct land_what){.code = "datum.converted",
                                 .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_NOTE,
                                 .pointer = "/survey_task",
                                 .zh = "坐标已按声明由偏移坐标还原为CGCS2000，精度约1米。",
                                 .en = "Coordinates were taken back to CGCS2000 as declared; good to about 1 m."});
}

// --- import ---
static int by_id(const void *a, const void *b) {
  return strcmp(((const struct land_candidate *)a)->input->id, ((const struct land_candidate *)b)->input->id);
}

static void check_ids(struct land_write *write, struct land_candidate *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const char *id = rows[i].input->id;
    const Wangge__V1__LandRecord *stands = land_last(write, LAND_KIND(PARCEL), id);
    if (i > 0 && strcmp(rows[i - 1].input->id, id) == 0)
      land_fault(&rows[i].faults, "parcel.twice", "/id",
                 land_text(write, "编号%s在文件中出现了两次（%s）。", id, rows[i - 1].pointer),
                 land_text(write, "The id %s is there twice (%s).", id, rows[i - 1].pointer));
    if (!stands) continue;
    struct land_fault *fault = land_fault(
        &rows[i].faults, stands->ended ? "parcel.historic" : "parcel.exists", "/id",
        land_text(write,
                  stands->ended ? "编号%s属于已注销的历史地块，请用新编号。" : "地块%s已在台账中；修改请用PutParcel。",
                  id),
        land_text(write,
                  stands->ended ? "%s is the id of a historic parcel; take a new one."
                                : "Parcel %s is in the ledger; PutParcel changes it.",
                  id));
    fault->status = WG_ALREADY_EXISTS;
  }
}

static size_t keep_good(struct land_candidate *rows, size_t count) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!rows[i].faults.error) rows[kept++] = rows[i];
  return kept;
}

static wg_status take_rows(struct land_write *write, const struct land_site *site, struct land_candidate *rows,
                           size_t count, bool good_only, struct wg_error *error) {
  wg_status status = land_candidates_settle(write, site, rows, count, NULL, error);
  if (status != WG_OK) return status;
  land_candidates_tell(write, rows, count, good_only);
  if (!good_only || write->refused) return WG_OK;
  // The others are laid out again: neighbours are of parcels that come in.
  size_t kept = keep_good(rows, count);
  return kept == count ? WG_OK : land_candidates_settle(write, site, rows, kept, NULL, error);
}

// check_parts looks at what a call says of its part, and whether the ones before it are there.
static wg_status check_parts(struct land_write *write, const Wangge__V1__ImportParcelsRequest *request,
                             struct wg_error *error) {
  if (request->parts < 0 || request->parts > LAND_PARTS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "parts", "must be 0 to %d", (int)LAND_PARTS_MOST);
  if (request->parts <= 1) return WG_OK;
  if (request->part < 1 || request->part > request->parts)
    return wg_fail(error, WG_INVALID_ARGUMENT, "part", "must be 1 to %d", (int)request->parts);
  if (wg_token_check(request->import_id, 64, "import_id", error) != WG_OK) return error->code;
  if (!write->staged) return WG_OK;
  bool whole = write->staged->count + 1 == (size_t)request->parts;
  for (size_t i = 0; whole && i < write->staged->count; i++)
    whole = write->staged->part[i]->part == (int32_t)i + 1;
  if (whole) return WG_OK;
  return land_refuse(
      write, (struct land_what){
                 .code = "import.parts",
                 .pointer = "/part",
                 .zh = land_text(write, "此次导入共%d个部分，先前只收到%zu个（或被另一次导入取代），请从头再导。",
                                 (int)request->parts, write->staged->count),
                 .en = land_text(write,
                                 "Of the %d parts of this import %zu are here (or another import "
                                 "took their place): begin again.",
                                 (int)request->parts, write->staged->count)});
}

// rows_of gives the rows of all parts, in order.
static Wangge__V1__ParcelInput **rows_of(const struct land_write *write,
                                         const Wangge__V1__ImportParcelsRequest *request, size_t *count) {
  *count = request->n_parcels;
  if (!write->staged) return request->parcels;
  for (size_t i = 0; i < write->staged->count; i++)
    *count += write->staged->part[i]->n_parcels;
  Wangge__V1__ParcelInput **rows = wg_arena_alloc(write->arena, (*count + 1) * sizeof(Wangge__V1__ParcelInput *));
  size_t used = 0;
  for (size_t i = 0; i <= write->staged->count; i++) {
    const Wangge__V1__ImportParcelsRequest *part = i < write->staged->count ? write->staged->part[i] : request;
    if (part->n_parcels) memcpy(rows + used, part->parcels, part->n_parcels * sizeof(Wangge__V1__ParcelInput *));
    used += part->n_parcels;
  }
  return rows;
}

wg_status land_import_parcels(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ImportParcelsRequest *request = (const void *)write->request;
  if (check_parts(write, request, error) != WG_OK || write->refused) return error->code;
  size_t count, most = (size_t)land_policy(write, "import.parcels_most");
  Wangge__V1__ParcelInput **parcels = rows_of(write, request, &count);
  if (count == 0 || count > most)
    return wg_fail(error, WG_INVALID_ARGUMENT, "parcels",
                   "1 to %zu in one import (policy import.parcels_most); divide the file by group", most);
  write->keep_part = request->parts > 1 && request->part < request->parts;
  if (write->keep_part) return WG_OK;
  struct land_site site;
  wg_status status = land_site_open(write, request->survey_task, &site, error);
  if (status == WG_OK && !write->refused) {
    struct land_candidate *rows = wg_arena_zalloc(write->arena, count * sizeof *rows);
    for (size_t i = 0; i < count; i++) {
      rows[i].input = parcels[i];
      rows[i].pointer = land_text(write, "/parcels/%zu", i);
      land_candidate_read(write, &site, NULL, &rows[i]);
    }
    qsort(rows, count, sizeof *rows, by_id);
    check_ids(write, rows, count);
    status = take_rows(write, &site, rows, count, request->good_rows_only, error);
    if (status == WG_OK && !write->refused) warn_draft(write, &site);
    if (request->good_rows_only) count = keep_good(rows, count);
    for (size_t i = 0; i < count && status == WG_OK && !write->refused && !request->check_only; i++)
      land_candidate_write(write, &rows[i]);
    if (request->check_only) write->refused = true;
  }
  land_site_close(&site);
  return status;
}

// --- one parcel ---
static bool is_fixed(const Wangge__V1__Parcel *parcel) {
  return parcel->state >= WANGGE__V1__PARCEL_STATE__PARCEL_STATE_CONFIRMED;
}

static wg_status put_one(struct land_write *write, const struct land_site *site, struct land_candidate *row,
                         const Wangge__V1__Parcel *stands, struct wg_error *error) {
  bool drawn = *row->input->geometry != 0;
  land_candidate_read(write, site, stands, row);
  if (drawn) {
    wg_status status = land_candidates_settle(write, site, row, 1, NULL, error);
    if (status != WG_OK) return status;
  }
  land_candidates_tell(write, row, 1, false);
  if (write->refused) return WG_OK;
  if (drawn) warn_draft(write, site);
  // What was signed and posted was another parcel.
  if (stands && row->parcel->state > WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED)
    row->parcel->state = WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED;
  land_candidate_write(write, row);
  return WG_OK;
}

wg_status land_put_parcel(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutParcelRequest *request = (const void *)write->request;
  if (!request->parcel) return wg_fail(error, WG_INVALID_ARGUMENT, "parcel", "must be given");
  const Wangge__V1__LandRecord *last = land_last(write, LAND_KIND(PARCEL), request->parcel->id);
  const Wangge__V1__Parcel *stands = last && !last->ended ? last->parcel : NULL;
  struct land_candidate row = {.input = request->parcel, .pointer = "/parcel"};
  row.faults = (struct land_faults){.arena = write->arena, .pointer = row.pointer};
  if (last && last->ended) {
    check_ids(write, &row, 1);
    land_candidates_tell(write, &row, 1, false);
    return WG_OK;
  }
  if (stands && is_fixed(stands))
    return land_refuse(
        write, (struct land_what){.code = "parcel.fixed",
                                  .pointer = "/parcel/id",
                                  .zh = "地块已确认，公示过的内容不能改：请分割、合并，或先提出争议并重新调查。",
                                  .en = "The parcel is confirmed: split or merge it, or dispute and reopen it first.",
                                  .kind = LAND_KIND(PARCEL),
                                  .id = request->parcel->id});
  bool drawn = *request->parcel->geometry != 0;
  struct land_site site;
  wg_status status = land_site_open(write, drawn || !stands ? request->survey_task : NULL, &site, error);
  if (status == WG_OK && !write->refused) status = put_one(write, &site, &row, stands, error);
  land_site_close(&site);
  return status;
}
