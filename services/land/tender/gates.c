// What a contract needs before it can be signed (land.md §2.6, 7 to 12): everything that is missing is said, each with
// the earliest day on which it could be there. Days add up along the way: who has no decision yet cannot have a notice
// of the plan before its days have passed, and no result before that.
#include "services/land/tender/parts.h"

#include "services/land/notice/notice.h"
#include "services/land/tender/parcel.h"
#include "services/land/tender/term.h"
#include "services/land/works/use.h"

#include <inttypes.h>
#include <string.h>

#define NOTICE(NAME) WANGGE__V1__NOTICE_KIND__NOTICE_KIND_##NAME

struct gates {
  struct land_write *write;
  const struct tender_signing *signing;
  int32_t earliest;   // so far
  int32_t last_clear; // latest day on which a notice became clear
};

static int32_t later(int32_t a, int32_t b) {
  return a > b ? a : b;
}

static void parcel_gate(struct gates *gates) {
  struct land_write *write = gates->write;
  struct tender_parcel parcel;
  if (tender_parcel(write, gates->signing->lot->parcel_id, &parcel) && parcel.confirmed) {
    gates->last_clear = later(gates->last_clear, parcel.confirmed_on);
    return;
  }
  gates->earliest = later(gates->earliest,
                          land_period_end(write->calendar, write->today, land_notice_days(write, NOTICE(SURVEY))) + 1);
  tender_refuse(write, "contract.parcel", "/lot_id", gates->earliest, "地块没有确认(测量、四邻签字、调查公示)",
                "the parcel is not confirmed: survey, signatures of neighbours, notice");
}

static const Wangge__V1__LandDecision *decision_gate(struct gates *gates) {
  struct land_write *write = gates->write;
  const Wangge__V1__TenderProgress *progress = gates->signing->tender->progress;
  const Wangge__V1__LandDecision *decision =
      progress ? LAND_GET(write, DECISION, decision, progress->decision_id) : NULL;
  if (decision && decision->state == WANGGE__V1__DECISION_STATE__DECISION_STATE_PASSED) return decision;
  tender_refuse(write, "contract.decision", "/tender_id", gates->earliest, "没有通过的决议(四议两公开)",
                "no decision about this tender has passed");
  return NULL;
}

static void notice_gate(struct gates *gates, int kind, int subject_kind, const char *subject_id, const char *code,
                        const char *zh, const char *en) {
  struct land_write *write = gates->write;
  uint8_t sha256[LAND_SUBJECT_BYTES];
  int32_t clear;
  const bool known = land_subject_sha256(write, subject_kind, subject_id, sha256);
  if (known && land_notice_clear(write, kind, sha256, &clear)) {
    gates->last_clear = later(gates->last_clear, clear);
    return;
  }
  // If what comes before is still missing, the notice cannot be posted today.
  const int32_t posted = land_period_end(write->calendar, gates->earliest, land_notice_days(write, kind)) + 1;
  gates->earliest = known && gates->earliest <= write->today ? land_notice_earliest(write, kind, sha256) : posted;
  tender_refuse(write, code, "/tender_id", gates->earliest, zh, en);
}

static void tender_gate(struct gates *gates) {
  const Wangge__V1__Tender *tender = gates->signing->tender;
  if (tender->state >= TENDER_STATE(CLOSED)) return;
  gates->earliest = later(gates->earliest, land_day_or(tender->closes_on, 0) + 1);
  tender_refuse(gates->write, "contract.tender", "/tender_id", gates->earliest, "还没有公开报名和截止",
                "applications have not been received and closed");
}

static void award_gate(struct gates *gates) {
  struct land_write *write = gates->write;
  const Wangge__V1__Ranking *ranking = gates->signing->ranking;
  const bool awarded = ranking && ranking->state == WANGGE__V1__RANKING_STATE__RANKING_STATE_AWARDED;
  const Wangge__V1__Application *application =
      awarded ? LAND_GET(write, APPLICATION, application, ranking->progress->awarded) : NULL;
  if (!application)
    tender_refuse(write, "contract.award", "/lot_id", gates->earliest, "还没有定标", "the lot is not awarded");
  else if (strcmp(application->party_id, gates->signing->holder) != 0)
    tender_refuse(write, "contract.award", "/holder", 0, land_text(write, "定标给 %s", application->party_id),
                  land_text(write, "the lot is awarded to %s", application->party_id));
  if (awarded && *ranking->progress->contract_id)
    land_refuse(write,
                (struct land_what){.code = "contract.twice",
                                   .pointer = "/lot_id",
                                   .zh = land_text(write, "合同 %s 已经签订", ranking->progress->contract_id),
                                   .en = land_text(write, "contract %s is signed", ranking->progress->contract_id),
                                   .kind = LAND_KIND(CONTRACT),
                                   .id = ranking->progress->contract_id});
}

static void objection_gate(struct gates *gates) {
  struct land_write *write = gates->write;
  const Wangge__V1__TenderProgress *progress = gates->signing->tender->progress;
  const Wangge__V1__Ranking *ranking = gates->signing->ranking;
  const char *plan = progress ? progress->plan_notice_id : "";
  const char *result = ranking && ranking->progress ? ranking->progress->result_notice_id : "";
  struct wg_book_walk walk = land_each(write, LAND_KIND(OBJECTION));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Objection *objection = record->objection;
    if (strcmp(objection->notice_id, plan) != 0 && strcmp(objection->notice_id, result) != 0) continue;
    const int state = (int)objection->state;
    if (state != WANGGE__V1__OBJECTION_STATE__OBJECTION_STATE_FILED &&
        state != WANGGE__V1__OBJECTION_STATE__OBJECTION_STATE_ACCEPTED &&
        state != WANGGE__V1__OBJECTION_STATE__OBJECTION_STATE_APPEALED &&
        state != WANGGE__V1__OBJECTION_STATE__OBJECTION_STATE_UPHELD)
      continue;
    const bool upheld = state == WANGGE__V1__OBJECTION_STATE__OBJECTION_STATE_UPHELD;
    land_refuse(write, (struct land_what){.code = "contract.objection",
                                          .pointer = "/tender_id",
                                          .zh = upheld ? "异议成立" : "异议还没有处理完",
                                          .en = upheld ? "an objection was upheld" : "an objection is still open",
                                          .kind = LAND_KIND(OBJECTION),
                                          .id = record->id});
  }
}

static void day_gates(struct gates *gates, const Wangge__V1__LandDecision *decision) {
  struct land_write *write = gates->write;
  const struct tender_signing *signing = gates->signing;
  const int32_t lot_from = land_day_or(signing->lot->from, 0), lot_to = land_day_or(signing->lot->to, 0);
  if (signing->signed_on > write->today)
    tender_wrong(write, "contract.signed_on", "/signed_on", "签订日还没有到", "it is signed in the future");
  if (!write->refused && signing->signed_on < gates->last_clear)
    tender_refuse(write, "contract.signed_on", "/signed_on", gates->last_clear,
                  land_text(write, "签订日不能早于公示期满(%s)", land_day_text(write->arena, gates->last_clear)),
                  land_text(write, "signed before the last notice was clear, %s",
                            land_day_text(write->arena, gates->last_clear)));
  if (signing->from < signing->signed_on && !(decision && decision->ratifies))
    tender_wrong(write, "contract.term", "/from", "起期早于签订日，须有追认的决议",
                 "it begins before it is signed, and no decision ratifies that");
  if (signing->to <= signing->from)
    tender_wrong(write, "contract.term", "/to", "止期须晚于起期", "the term ends before it begins");
  if (signing->from < lot_from || signing->to != lot_to)
    tender_wrong(write, "contract.term", "/to", "期限与公示的方案不符", "this is not the term that was posted");
  const int years = tender_term_years(write, signing->lot->parcel_id, signing->use);
  if (land_term_over(signing->from, signing->to, years))
    tender_wrong(write, "contract.term", "/to", land_text(write, "期限超过%d年", years),
                 land_text(write, "longer than %d years", years));
}

static void use_gates(struct gates *gates) {
  struct land_write *write = gates->write;
  const struct tender_signing *signing = gates->signing;
  bool listed = false;
  for (size_t i = 0; i < signing->lot->n_uses; i++)
    listed |= (int)signing->lot->uses[i] == signing->use;
  if (!listed)
    tender_wrong(write, "contract.use", "/use", "用途不在方案允许的范围内", "this use is not one the lot allows");
  struct tender_parcel parcel;
  if (!listed || !tender_parcel(write, signing->lot->parcel_id, &parcel)) return;
  const struct land_use_question question = {.use = (Wangge__V1__LandUse)signing->use,
                                             .standard = parcel.standard,
                                             .class_code = parcel.class_code,
                                             .basic_farmland = parcel.basic_farmland};
  const struct land_use_answer answer = land_use_check(write, &question);
  struct land_what what = {.code = "contract.use", .pointer = "/use", .rule = answer.law};
  switch (answer.result) {
  case WANGGE__V1__USE_RESULT__USE_RESULT_OK:
    return;
  case WANGGE__V1__USE_RESULT__USE_RESULT_FILE:
  case WANGGE__V1__USE_RESULT__USE_RESULT_APPROVE:
    if (*signing->use_document) return;
    what.code = "contract.use_document", what.pointer = "/use_document";
    what.zh = land_text(write, "这种用途须有: %s", answer.document);
    what.en = land_text(write, "this use needs: %s", answer.document);
    break;
  default:
    what.zh = "该地类禁止这种用途", what.en = "this use is forbidden on land of this class";
    break;
  }
  land_refuse(write, what);
}

static void overlap_gate(struct gates *gates) {
  struct land_write *write = gates->write;
  const struct tender_signing *signing = gates->signing;
  const struct tender_line line = {.parcel_id = signing->lot->parcel_id,
                                   .boundary = signing->lot->boundary,
                                   .area_dm2 = signing->lot->area_dm2,
                                   .from = signing->from,
                                   .to = signing->to};
  int32_t free_from = 0;
  const Wangge__V1__LandRecord *other = tender_taken(write, &line, NULL, &free_from);
  if (!other) return;
  land_refuse(write, (struct land_what){.code = "contract.overlap",
                                        .pointer = "/lot_id",
                                        .zh = land_text(write, "这段时间地块已由 %s 承包", other->id),
                                        .en = land_text(write, "in this term the parcel is let by %s", other->id),
                                        .kind = (int)other->body_case,
                                        .id = other->id,
                                        .earliest = free_from});
}

bool tender_gates(struct land_write *write, const struct tender_signing *signing) {
  struct gates gates = {.write = write, .signing = signing, .earliest = write->today, .last_clear = INT32_MIN};
  parcel_gate(&gates);
  const Wangge__V1__LandDecision *decision = decision_gate(&gates);
  notice_gate(&gates, NOTICE(PLAN), LAND_KIND(TENDER), signing->tender_id, "contract.plan_notice",
              "承包方案没有公示期满", "no notice of exactly this plan has ended clear");
  tender_gate(&gates);
  notice_gate(&gates, NOTICE(RESULT), LAND_KIND(RANKING), tender_ranking_id(write, signing->tender_id, signing->lot_id),
              "contract.result_notice", "承包结果没有公示期满", "no notice of exactly this result has ended clear");
  award_gate(&gates);
  objection_gate(&gates);
  day_gates(&gates, decision);
  use_gates(&gates);
  overlap_gate(&gates);
  return !write->refused;
}
