// The way of a parcel: DRAFT, SURVEYED, SIGNED, POSTED, CONFIRMED, DISPUTED; what each step asks for.
#include "services/land/survey/actions.h"

#include "common/wire/wire.h"
#include "services/land/notice/notice.h"
#include "services/land/topic.h"

#include <string.h>

#define STATE(NAME) WANGGE__V1__PARCEL_STATE__PARCEL_STATE_##NAME
#define EVENT(NAME) WANGGE__V1__PARCEL_EVENT__PARCEL_EVENT_##NAME

const struct land_move LAND_PARCEL_MOVES[] = {
    {"survey", STATE(DRAFT), STATE(SURVEYED)},      {"sign", STATE(SURVEYED), STATE(SIGNED)},
    {"post", STATE(SIGNED), STATE(POSTED)},         {"confirm", STATE(POSTED), STATE(CONFIRMED)},
    {"dispute", STATE(SIGNED), STATE(DISPUTED)},    {"dispute", STATE(POSTED), STATE(DISPUTED)},
    {"dispute", STATE(CONFIRMED), STATE(DISPUTED)}, {"settle", STATE(DISPUTED), STATE(CONFIRMED)},
    {"reopen", STATE(DISPUTED), STATE(SURVEYED)},
};
const size_t LAND_PARCEL_MOVE_COUNT = sizeof LAND_PARCEL_MOVES / sizeof *LAND_PARCEL_MOVES;

static const struct land_move FOLLOWS[] = {
    {"what was measured changes", STATE(SIGNED), STATE(SURVEYED)},
    {"what was measured changes", STATE(POSTED), STATE(SURVEYED)},
    {"a neighbour disputes", STATE(SIGNED), STATE(SURVEYED)},
};
const struct land_states LAND_PARCEL_STATES[] = {
    {LAND_KIND(PARCEL), LAND_PARCEL_MOVES, sizeof LAND_PARCEL_MOVES / sizeof *LAND_PARCEL_MOVES, FOLLOWS,
     sizeof FOLLOWS / sizeof *FOLLOWS},
    {0},
};

struct mover {
  struct land_write *write;
  const char *id, *pointer;
  const Wangge__V1__Parcel *parcel;
};

static void missing(const struct mover *mover, const char *code, const char *zh, const char *en, int32_t earliest) {
  land_refuse(mover->write, (struct land_what){.code = code,
                                               .pointer = mover->pointer,
                                               .zh = land_text(mover->write, "地块%s：%s", mover->id, zh),
                                               .en = land_text(mover->write, "Parcel %s: %s", mover->id, en),
                                               .kind = LAND_KIND(PARCEL),
                                               .id = mover->id,
                                               .earliest = earliest});
}

static const char *const SIDE_ZH[] = {"", "东", "南", "西", "北"};
static const char *const SIDE_EN[] = {"", "east", "south", "west", "north"};

// A direction without a neighbour row has no boundary of a metre: nothing is to be signed there.
static void check_signed(const struct mover *mover) {
  for (size_t i = 0; i < mover->parcel->n_neighbours; i++) {
    const Wangge__V1__Neighbour *row = mover->parcel->neighbours[i];
    bool said = row->verdict == WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MATCH ||
                row->verdict == WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MISSING;
    bool nobody = row->kind != WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_PARCEL &&
                  row->kind != WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_UNKNOWN &&
                  row->verdict == WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_UNSIGNED;
    bool declared = row->kind == WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_UNKNOWN && *row->declared &&
                    row->verdict == WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_UNSIGNED;
    if (said || nobody || declared) continue;
    bool unknown = row->kind == WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_UNKNOWN;
    const char *who = *row->parcel_id ? row->parcel_id : "?";
    const char *code = unknown                                                                    ? "neighbour.open"
                       : row->verdict == WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_DIFFERS ? "neighbour.differs"
                       : row->verdict == WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_DISPUTED
                           ? "neighbour.disputed"
                           : "neighbour.unsigned";
    missing(mover, code, land_text(mover->write, "%s至第%d邻（%s）尚未签字或说明。", SIDE_ZH[row->side], row->seq, who),
            land_text(mover->write, "neighbour %d in the %s (%s) is neither signed nor explained.", row->seq,
                      SIDE_EN[row->side], who),
            0);
  }
}

static void check_flags(const struct mover *mover) {
  for (size_t i = 0; i < mover->parcel->n_flags; i++)
    if (!*mover->parcel->flags[i]->explanation)
      missing(mover, mover->parcel->flags[i]->code, land_text(mover->write, "%s", mover->parcel->flags[i]->detail),
              "the flag is not explained yet (ExplainFlag).", 0);
}

static void check_survey(const struct mover *mover) {
  const Wangge__V1__Parcel *parcel = mover->parcel;
  const Wangge__V1__SurveyTask *task = LAND_GET(mover->write, SURVEY_TASK, survey_task, parcel->survey_task);
  if (!*parcel->geom || !task || task->datum == WANGGE__V1__DATUM__DATUM_UNSPECIFIED)
    missing(mover, "parcel.survey", "没有坐标基准明确的调查成果。", "there is no survey of a known datum.", 0);
}

// posted: a SURVEY notice with exactly this content is up, or has ended clear.
static bool posted(const struct mover *mover, const uint8_t hash[LAND_SUBJECT_BYTES]) {
  struct wg_book_walk walk = land_each(mover->write, LAND_KIND(NOTICE));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Notice *notice = record->notice;
    if (notice->kind != WANGGE__V1__NOTICE_KIND__NOTICE_KIND_SURVEY ||
        (notice->state != WANGGE__V1__NOTICE_STATE__NOTICE_STATE_POSTED &&
         notice->state != WANGGE__V1__NOTICE_STATE__NOTICE_STATE_ENDED_CLEAR))
      continue;
    for (size_t i = 0; i < notice->n_subjects; i++)
      if (notice->subjects[i]->sha256.len == LAND_SUBJECT_BYTES &&
          memcmp(notice->subjects[i]->sha256.data, hash, LAND_SUBJECT_BYTES) == 0)
        return true;
  }
  return false;
}

static void check_notice(const struct mover *mover, bool ended) {
  uint8_t hash[LAND_SUBJECT_BYTES];
  const int kind = WANGGE__V1__NOTICE_KIND__NOTICE_KIND_SURVEY;
  if (!land_subject_sha256(mover->write, LAND_KIND(PARCEL), mover->id, hash)) return;
  if (ended ? land_notice_clear(mover->write, kind, hash, NULL) : posted(mover, hash)) return;
  missing(mover, "parcel.notice",
          ended ? "现有内容的调查结果公示尚未期满无异议。" : "没有张贴与现有内容一致的调查结果公示。",
          ended ? "no survey notice of exactly this content has ended without an objection."
                : "no survey notice of exactly this content is posted.",
          ended ? land_notice_earliest(mover->write, kind, hash) : 0);
}

static void check_step(const struct mover *mover, Wangge__V1__ParcelEvent event) {
  switch (event) {
  case EVENT(SURVEY):
    check_survey(mover);
    break;
  case EVENT(SIGN):
    check_survey(mover);
    check_signed(mover);
    break;
  case EVENT(POST):
    check_notice(mover, false);
    break;
  case EVENT(CONFIRM):
    check_survey(mover);
    check_signed(mover);
    check_flags(mover);
    check_notice(mover, true);
    break;
  case EVENT(SETTLE): // it stands as it was confirmed: the notice it was confirmed by must be of this content
    check_notice(mover, true);
    break;
  default:
    break;
  }
}

wg_status land_move_parcels(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__MoveParcelsRequest *request = (const void *)write->request;
  if (request->n_parcel_ids == 0 || request->n_parcel_ids > 20000)
    return wg_fail(error, WG_INVALID_ARGUMENT, "parcel_ids", "1 to 20,000");
  if (request->event <= 0 || request->event > EVENT(REOPEN))
    return wg_fail(error, WG_INVALID_ARGUMENT, "event",
                   "must be survey, sign, post, confirm, dispute, settle or reopen");
  bool argues = request->event == EVENT(DISPUTE) || request->event == EVENT(SETTLE) || request->event == EVENT(REOPEN);
  if (!(write->caller->roles & LAND_KEEPERS) && request->event != EVENT(DISPUTE) && request->event != EVENT(SETTLE))
    return wg_fail(error, WG_PERMISSION_DENIED, "event", "a township disputes and settles; the village does the rest");
  if (argues && !*write->write->reason)
    return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "a dispute, its end and a reopening need a reason");
  char unknown[32];
  const char *event =
      wg_arena_strdup(write->arena, wg_enum_name(&wangge__v1__parcel_event__descriptor, (int)request->event, unknown));
  for (size_t i = 0; i < request->n_parcel_ids; i++) {
    const char *id = request->parcel_ids[i];
    const char *pointer = land_text(write, "/parcel_ids/%zu", i);
    const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, id);
    if (!parcel) {
      land_unknown(write, pointer, LAND_KIND(PARCEL), id);
      continue;
    }
    int to = land_move_to(write, LAND_KIND(PARCEL), id, (int)parcel->state, LAND_PARCEL_MOVES, LAND_PARCEL_MOVE_COUNT,
                          event, pointer);
    if (to < 0) continue;
    struct mover mover = {write, id, pointer, parcel};
    check_step(&mover, request->event);
    if (write->finding_count > 1000) break; // refused anyway
    if (write->refused) continue;
    Wangge__V1__Parcel *next = land_change(write, LAND_KIND(PARCEL), id);
    next->state = (Wangge__V1__ParcelState)to;
  }
  return WG_OK;
}
