// Work on land: levelling, reclaiming, re-farming. Only what somebody else accepted, with a document and a photo,
// counts, and never more of a parcel than it has (invariants 16 and 17).
#include "common/base/text.h"
#include "services/land/topic.h"
#include "services/land/works/works.h"

#include <stdio.h>
#include <string.h>

enum { LINE = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, PARTY_BYTES = 128, CODE_BYTES = 64, COST_MOST_YUAN = 1000000000 };
#define COST_MOST_FEN (INT64_C(100) * COST_MOST_YUAN)
#define AREA_MOST_DM2 INT64_C(1000000000000)

static int move(struct land_write *write, const char *id, const Wangge__V1__LandWork *work, const char *event) {
  return land_move_to(write, LAND_KIND(LAND_WORK), id, (int)work->state, LAND_WORK_MOVES, LAND_WORK_MOVE_COUNT, event,
                      "/work_id");
}

// --- areas ---
static char *area(const struct land_write *write, int64_t area_dm2) {
  return land_text(write, "%lld.%02lld m²", (long long)(area_dm2 / 100), (long long)(area_dm2 % 100));
}

// accepted_of sums what was accepted of a parcel by work of a kind; levelling and reclaiming are never added up.
static int64_t accepted_of(const struct land_write *write, Wangge__V1__WorkKind kind, const char *parcel_id) {
  int64_t sum = 0;
  struct wg_book_walk walk = land_each(write, LAND_KIND(LAND_WORK));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__LandWork *work = record->land_work;
    if (work->state != WORK_STATE(ACCEPTED) || work->kind != kind) continue;
    for (size_t i = 0; i < work->n_lines; i++) {
      if (strcmp(work->lines[i]->parcel_id, parcel_id) == 0) sum += work->lines[i]->accepted_area_dm2;
    }
  }
  return sum;
}

static void refuse_area(struct land_write *write, size_t line, const char *parcel_id, int64_t wanted, int64_t left) {
  land_refuse(write, (struct land_what){
                         .code = "work.area",
                         .pointer = land_text(write, "/lines/%zu", line),
                         .zh = land_text(write, "地块“%s”的采用面积还剩%s，不能是%s", parcel_id, area(write, left),
                                         area(write, wanted)),
                         .en = land_text(write, "of the adopted area of parcel \"%s\" %s are left, not %s", parcel_id,
                                         area(write, left), area(write, wanted)),
                         .suggestion = land_text(write, "%lld", (long long)left),
                         .rule = "accepted work ≤ adopted area of the parcel, for each kind of work",
                     });
}

static void refuse_parcel(struct land_write *write, size_t line, const char *zh, const char *en) {
  land_refuse(write, (struct land_what){.code = "work.parcel",
                                        .status = WG_INVALID_ARGUMENT,
                                        .pointer = land_text(write, "/lines/%zu/parcel_id", line),
                                        .zh = zh,
                                        .en = en});
}

static bool is_before(Wangge__V1__WorkLine *const *lines, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (strcmp(lines[i]->parcel_id, lines[n]->parcel_id) == 0) return true;
  }
  return false;
}

// --- planning ---
static wg_status check_plan(const Wangge__V1__LandWork *work, struct wg_error *error) {
  if (!work) return wg_fail(error, WG_INVALID_ARGUMENT, "work", "must be given");
  if (work->kind <= 0 || work->kind > WANGGE__V1__WORK_KIND__WORK_KIND_REFARM)
    return wg_fail(error, WG_INVALID_ARGUMENT, "work.kind", "must be level, reclaim or refarm");
  if (work->n_lines < 1 || work->n_lines > WORK_LINES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "work.lines", "must have 1 to %d parcels", WORK_LINES);
  if (work->cost_fen < 0 || work->cost_fen > COST_MOST_FEN)
    return wg_fail(error, WG_INVALID_ARGUMENT, "work.cost_fen", "must be 0 to %lld fen", (long long)COST_MOST_FEN);
  wg_status status = wg_text_check(work->name, WORK_NAME_BYTES, WG_TEXT_REQUIRED | LINE, "work.name", error);
  if (status == WG_OK) status = wg_text_check(work->contractor, PARTY_BYTES, LINE, "work.contractor", error);
  if (status == WG_OK) status = wg_text_check(work->decision_id, CODE_BYTES, LINE, "work.decision_id", error);
  if (status == WG_OK) status = wg_text_check(work->standard_before, CODE_BYTES, LINE, "work.standard_before", error);
  if (status == WG_OK) status = wg_text_check(work->class_before, CODE_BYTES, LINE, "work.class_before", error);
  if (status == WG_OK) status = wg_text_check(work->standard_after, CODE_BYTES, LINE, "work.standard_after", error);
  if (status == WG_OK) status = wg_text_check(work->class_after, CODE_BYTES, LINE, "work.class_after", error);
  if (status != WG_OK) return status;
  if (!*work->standard_before != !*work->class_before || !*work->standard_after != !*work->class_after)
    return wg_fail(error, WG_INVALID_ARGUMENT, "work.class_after",
                   "a class code means nothing without its standard, nor a standard without a code");
  for (size_t i = 0; i < work->n_lines; i++) {
    char field[64];
    snprintf(field, sizeof field, "work.lines[%zu].planned_area_dm2", i);
    if (work->lines[i]->planned_area_dm2 < 1 || work->lines[i]->planned_area_dm2 > AREA_MOST_DM2)
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be above 0 and at most %lld dm2",
                     (long long)AREA_MOST_DM2);
  }
  return WG_OK;
}

static void check_lines(struct land_write *write, const Wangge__V1__LandWork *work) {
  for (size_t i = 0; i < work->n_lines; i++) {
    const Wangge__V1__WorkLine *line = work->lines[i];
    struct land_plot plot;
    if (!land_plot_of(write, line->parcel_id, &plot))
      refuse_parcel(write, i, land_text(write, "本村没有地块“%s”", line->parcel_id),
                    land_text(write, "this village has no parcel \"%s\"", line->parcel_id));
    else if (is_before(work->lines, i))
      refuse_parcel(write, i, land_text(write, "地块“%s”重复", line->parcel_id),
                    land_text(write, "parcel \"%s\" is there twice", line->parcel_id));
    else if (line->planned_area_dm2 > plot.adopted_dm2)
      refuse_area(write, i, line->parcel_id, line->planned_area_dm2, plot.adopted_dm2);
  }
}

static void fill_plan(struct land_write *write, Wangge__V1__LandWork *work, const Wangge__V1__LandWork *given) {
  work->state = WORK_STATE(PLANNED);
  work->kind = given->kind;
  work->name = given->name;
  work->cost_fen = given->cost_fen;
  work->contractor = given->contractor;
  work->decision_id = given->decision_id;
  work->standard_before = given->standard_before;
  work->class_before = given->class_before;
  work->standard_after = given->standard_after;
  work->class_after = given->class_after;
  work->n_lines = given->n_lines;
  work->lines = wg_arena_alloc(write->arena, given->n_lines * sizeof *work->lines);
  for (size_t i = 0; i < given->n_lines; i++) {
    work->lines[i] = wg_arena_alloc(write->arena, sizeof **work->lines);
    wangge__v1__work_line__init(work->lines[i]);
    work->lines[i]->parcel_id = given->lines[i]->parcel_id;
    work->lines[i]->planned_area_dm2 = given->lines[i]->planned_area_dm2;
  }
}

wg_status land_plan_work(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PlanWorkRequest *request = (const void *)write->request;
  const wg_status status = check_plan(request->work, error);
  if (status != WG_OK) return status;
  const char *id = request->work_id;
  if (*id) {
    const Wangge__V1__LandWork *work = LAND_GET(write, LAND_WORK, land_work, id);
    if (!work) return land_unknown(write, "/work_id", LAND_KIND(LAND_WORK), id);
    if (move(write, id, work, "plan") < 0) return WG_OK;
  }
  if (*request->work->decision_id && !land_get(write, LAND_KIND(DECISION), request->work->decision_id))
    land_unknown(write, "/work/decision_id", LAND_KIND(DECISION), request->work->decision_id);
  check_lines(write, request->work);
  if (write->refused) return WG_OK;
  fill_plan(write,
            *id ? land_change(write, LAND_KIND(LAND_WORK), id)
                : land_make(write, LAND_KIND(LAND_WORK), land_new_id(write, "work")),
            request->work);
  return WG_OK;
}

// --- moving ---
wg_status land_check_move_work(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  const Wangge__V1__MoveWorkRequest *request = (const Wangge__V1__MoveWorkRequest *)message;
  const bool approves = request->move == WANGGE__V1__WORK_MOVE__WORK_MOVE_APPROVE;
  if (!(caller->roles & (WG_ROLE_REGISTRAR | (approves ? WG_ROLE_TOWNSHIP : WG_ROLE_VILLAGE))))
    return wg_fail(error, WG_PERMISSION_DENIED, "move", "%s is for role %s or registrar",
                   approves ? "to approve work" : "this move", approves ? "township" : "village");
  return land_check_write(caller, message, error);
}

wg_status land_move_work(struct land_write *write, struct wg_error *error) {
  static const char *const events[] = {NULL, "approve", "begin", "finish", "cancel"};
  const Wangge__V1__MoveWorkRequest *request = (const void *)write->request;
  if (request->move < 1 || request->move > WANGGE__V1__WORK_MOVE__WORK_MOVE_CANCEL)
    return wg_fail(error, WG_INVALID_ARGUMENT, "move", "must be approve, begin, finish or cancel");
  if (request->move == WANGGE__V1__WORK_MOVE__WORK_MOVE_CANCEL && !*write->write->reason)
    return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must say why it is cancelled");
  const char *id = request->work_id;
  const Wangge__V1__LandWork *stands = LAND_GET(write, LAND_WORK, land_work, id);
  if (!stands) return land_unknown(write, "/work_id", LAND_KIND(LAND_WORK), id);
  const int to = move(write, id, stands, events[request->move]);
  if (to < 0) return WG_OK;
  Wangge__V1__LandWork *work = land_change(write, LAND_KIND(LAND_WORK), id);
  work->state = (Wangge__V1__WorkState)to;
  char *today = land_day_text(write->arena, write->today);
  if (work->state == WORK_STATE(WORKING) && !*work->begun_on) work->begun_on = today;
  if (work->state == WORK_STATE(CANCELLED)) work->note = write->write->reason;
  if (work->state == WORK_STATE(DONE)) {
    work->done_on = today;
    work->reporter = write->write->person;
  }
  return WG_OK;
}

// --- acceptance ---
static wg_status check_acceptance(const Wangge__V1__AcceptWorkRequest *request, const struct land_write *write,
                                  struct wg_error *error) {
  if (request->actual_cost_fen < 0 || request->actual_cost_fen > COST_MOST_FEN)
    return wg_fail(error, WG_INVALID_ARGUMENT, "actual_cost_fen", "must be 0 to %lld fen", (long long)COST_MOST_FEN);
  for (size_t i = 0; i < request->n_lines; i++) {
    char field[64];
    snprintf(field, sizeof field, "lines[%zu].accepted_area_dm2", i);
    if (request->lines[i]->accepted_area_dm2 < 0 || request->lines[i]->accepted_area_dm2 > AREA_MOST_DM2)
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be 0 to %lld dm2", (long long)AREA_MOST_DM2);
  }
  if (!request->accepted && !*write->write->reason)
    return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must say what has to be done again");
  const wg_status status = land_check_files(request->docs, request->n_docs, WORK_DOCS, "docs", error);
  return status == WG_OK ? land_check_files(request->photos, request->n_photos, WORK_DOCS, "photos", error) : status;
}

static void check_evidence(struct land_write *write, const Wangge__V1__AcceptWorkRequest *request,
                           const Wangge__V1__LandWork *work) {
  if (!request->n_docs || !request->n_photos)
    land_refuse(write, (struct land_what){.code = "work.evidence",
                                          .pointer = request->n_docs ? "/photos" : "/docs",
                                          .zh = "验收须有验收文书和现场照片，各至少一份",
                                          .en = "an acceptance needs a document and a photo, one of each at least"});
  if (strcmp(work->reporter, write->write->person) == 0)
    land_refuse(write, (struct land_what){.code = "work.acceptor",
                                          .pointer = "/write/person",
                                          .zh = land_text(write, "“%s”报的完工，须由他人验收", work->reporter),
                                          .en = land_text(write, "\"%s\" reported it done: another person accepts it",
                                                          work->reporter)});
}

static const Wangge__V1__WorkLine *line_of(const Wangge__V1__AcceptWorkRequest *request, const char *parcel_id,
                                           size_t *at) {
  for (*at = 0; *at < request->n_lines; ++*at) {
    if (strcmp(request->lines[*at]->parcel_id, parcel_id) == 0) return request->lines[*at];
  }
  return NULL;
}

// check_areas: each parcel of the work once, and no more area than it has.
static void check_areas(struct land_write *write, const Wangge__V1__AcceptWorkRequest *request,
                        const Wangge__V1__LandWork *work) {
  int64_t sum = 0;
  for (size_t i = 0, at; i < work->n_lines; i++) {
    const char *parcel_id = work->lines[i]->parcel_id;
    const Wangge__V1__WorkLine *line = line_of(request, parcel_id, &at);
    struct land_plot plot = {0};
    if (!line) {
      refuse_parcel(
          write, request->n_lines, land_text(write, "缺少地块“%s”的验收面积", parcel_id),
          land_text(write, "the accepted area of parcel \"%s\" is missing; 0 when nothing of it was done", parcel_id));
      continue;
    }
    land_plot_of(write, parcel_id, &plot); // no longer there: no area is left
    const int64_t left = plot.adopted_dm2 - accepted_of(write, work->kind, parcel_id);
    if (line->accepted_area_dm2 > left) refuse_area(write, at, parcel_id, line->accepted_area_dm2, left > 0 ? left : 0);
    sum += line->accepted_area_dm2;
  }
  if (request->n_lines > work->n_lines)
    refuse_parcel(write, work->n_lines, "验收的地块比整治的多", "there are more parcels than the work has");
  if (!write->refused && sum == 0)
    refuse_parcel(write, 0, "没有验收面积；不合格的请退回整改", "no area is accepted: send the work back instead");
}

// take_back: work that was sent back has no acceptance; what it had is in the versions before.
static void take_back(Wangge__V1__LandWork *work) {
  for (size_t i = 0; i < work->n_lines; i++)
    work->lines[i]->accepted_area_dm2 = 0;
  work->actual_cost_fen = 0;
  work->accepted_on = (char *)(uintptr_t)protobuf_c_empty_string;
  work->n_docs = work->n_photos = 0;
}

wg_status land_accept_work(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__AcceptWorkRequest *request = (const void *)write->request;
  const wg_status status = check_acceptance(request, write, error);
  if (status != WG_OK) return status;
  const char *id = request->work_id;
  const Wangge__V1__LandWork *stands = LAND_GET(write, LAND_WORK, land_work, id);
  if (!stands) return land_unknown(write, "/work_id", LAND_KIND(LAND_WORK), id);
  const int to = move(write, id, stands, request->accepted ? "accept" : "rework");
  if (to < 0) return WG_OK;
  if (request->accepted) {
    check_evidence(write, request, stands);
    check_areas(write, request, stands);
  }
  if (write->refused) return WG_OK;
  Wangge__V1__LandWork *work = land_change(write, LAND_KIND(LAND_WORK), id);
  work->state = (Wangge__V1__WorkState)to;
  work->acceptor = write->write->person;
  work->note = write->write->reason;
  if (!request->accepted) {
    take_back(work);
    return WG_OK;
  }
  for (size_t i = 0, at; i < work->n_lines; i++)
    work->lines[i]->accepted_area_dm2 = line_of(request, work->lines[i]->parcel_id, &at)->accepted_area_dm2;
  work->actual_cost_fen = request->actual_cost_fen;
  work->accepted_on = land_day_text(write->arena, write->today);
  work->docs = request->docs;
  work->n_docs = request->n_docs;
  work->photos = request->photos;
  work->n_photos = request->n_photos;
  return WG_OK;
}
