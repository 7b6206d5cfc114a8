// Awards: the first of the ranking who has not refused, when the result has been posted and nobody's objection stands.
#include "services/land/tender/parts.h"

#include "services/land/notice/notice.h"

#include <string.h>

#define RANKING(NAME) WANGGE__V1__RANKING_STATE__RANKING_STATE_##NAME
#define APPLICATION(NAME) WANGGE__V1__APPLICATION_STATE__APPLICATION_STATE_##NAME

static bool has_refused(const Wangge__V1__Ranking *ranking, const char *application_id) {
  for (size_t i = 0; ranking->progress && i < ranking->progress->n_refusals; i++) {
    if (strcmp(ranking->progress->refusals[i]->application_id, application_id) == 0) return true;
  }
  return false;
}

// The row whose turn it is; NULL: nobody is left.
static const Wangge__V1__RankingRow *next_row(const Wangge__V1__Ranking *ranking) {
  for (size_t i = 0; i < ranking->n_rows; i++) { // by rank
    if (ranking->rows[i]->rank && !has_refused(ranking, ranking->rows[i]->application_id)) return ranking->rows[i];
  }
  return NULL;
}

static const Wangge__V1__Ranking *find_ranking(struct land_write *write, const char *tender_id, const char *lot_id,
                                               const char *event, const char **id) {
  if (!tender_possible(write, tender_id, event)) return NULL;
  *id = tender_ranking_id(write, tender_id, lot_id);
  const Wangge__V1__Ranking *ranking = LAND_GET(write, RANKING, ranking, *id);
  if (!ranking) land_unknown(write, "/lot_id", LAND_KIND(RANKING), *id);
  return ranking;
}

static void mark(struct land_write *write, const Wangge__V1__Ranking *ranking, const char *winner) {
  for (size_t i = 0; i < ranking->n_rows; i++) {
    const Wangge__V1__RankingRow *row = ranking->rows[i];
    if (!row->rank) continue;
    const bool won = winner && strcmp(row->application_id, winner) == 0;
    const int state = won                                         ? APPLICATION(WON)
                      : has_refused(ranking, row->application_id) ? APPLICATION(LOST)
                                                                  : APPLICATION(RESERVE);
    const Wangge__V1__Application *stands = LAND_GET(write, APPLICATION, application, row->application_id);
    if ((int)stands->state == state) continue;
    Wangge__V1__Application *application = land_change(write, LAND_KIND(APPLICATION), row->application_id);
    application->state = (Wangge__V1__ApplicationState)state;
  }
}

// finish ends the tender when each of its lots is awarded or left free.
static void finish(struct land_write *write, const char *tender_id) {
  Wangge__V1__Tender *tender = tender_move(write, tender_id, "award");
  size_t awarded = 0, left = 0;
  for (size_t i = 0; i < tender->n_lots; i++) {
    const char *id = tender_ranking_id(write, tender_id, tender->lots[i]->id);
    const Wangge__V1__Ranking *ranking = LAND_GET(write, RANKING, ranking, id);
    awarded += ranking->state == RANKING(AWARDED), left += ranking->state == RANKING(FREE);
  }
  if (awarded + left < tender->n_lots) return;
  tender->state = awarded ? TENDER_STATE(AWARDED) : TENDER_STATE(FAILED);
}

wg_status tender_award(struct land_write *write, struct wg_error *error) {
  (void)error;
  const Wangge__V1__AwardRequest *request = (const void *)write->request;
  const char *id;
  const Wangge__V1__Ranking *stands = find_ranking(write, request->tender_id, request->lot_id, "award", &id);
  if (!stands) return WG_OK;
  if (stands->state != RANKING(RANKED))
    return tender_refuse(write, "award.taken", "/lot_id", 0, "这个标段已经定标，或无人承包",
                         "this lot is awarded already, or left free");
  uint8_t sha256[LAND_SUBJECT_BYTES];
  const bool known = land_subject_sha256(write, LAND_KIND(RANKING), id, sha256);
  if (!known || !land_notice_clear(write, WANGGE__V1__NOTICE_KIND__NOTICE_KIND_RESULT, sha256, NULL))
    return tender_refuse(write, "tender.result_notice", "/tender_id",
                         land_notice_earliest(write, WANGGE__V1__NOTICE_KIND__NOTICE_KIND_RESULT, sha256),
                         "结果公示还没有期满，或有异议未了", "the notice of the result has not ended clear");
  Wangge__V1__Ranking *ranking = land_change(write, LAND_KIND(RANKING), id);
  const Wangge__V1__RankingRow *winner = next_row(ranking);
  ranking->state = winner ? RANKING(AWARDED) : RANKING(FREE);
  if (winner) {
    ranking->progress->awarded = winner->application_id;
    ranking->progress->awarded_on = tender_copy(write, land_day_text(write->arena, write->today));
  }
  mark(write, ranking, winner ? winner->application_id : NULL);
  finish(write, request->tender_id);
  return WG_OK;
}

wg_status tender_refuse_award(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__RefuseAwardRequest *request = (const void *)write->request;
  wg_status status = tender_check_document(request->document, true, "document", error);
  if (status == WG_OK) status = tender_check_reason(write, error);
  if (status != WG_OK) return status;
  const char *id;
  const Wangge__V1__Ranking *stands = find_ranking(write, request->tender_id, request->lot_id, "refuse_award", &id);
  if (!stands) return WG_OK;
  const Wangge__V1__RankingRow *turn = next_row(stands);
  if (!turn || strcmp(turn->application_id, request->application_id) != 0)
    return tender_refuse(write, "award.turn", "/application_id", 0,
                         land_text(write, "现在轮到的是 %s", turn ? turn->application_id : "无"),
                         land_text(write, "it is the turn of %s", turn ? turn->application_id : "nobody"));
  if (stands->progress && *stands->progress->contract_id)
    return tender_refuse(write, "award.signed", "/lot_id", 0, "合同已经签订，只能解除合同",
                         "the contract is signed: it can only be terminated");
  tender_move(write, request->tender_id, "refuse_award");
  Wangge__V1__Ranking *ranking = land_change(write, LAND_KIND(RANKING), id);
  Wangge__V1__AwardRefusal *refusal = wg_arena_alloc(write->arena, sizeof *refusal);
  wangge__v1__award_refusal__init(refusal);
  refusal->application_id = request->application_id;
  refusal->day = tender_copy(write, land_day_text(write->arena, write->today));
  refusal->reason = write->write->reason;
  refusal->document = request->document;
  TENDER_PUSH(write, ranking->progress, refusals, refusal);
  ranking->state = RANKING(RANKED);
  ranking->progress->awarded = tender_copy(write, "");
  ranking->progress->awarded_on = tender_copy(write, "");
  mark(write, ranking, NULL);
  return WG_OK;
}
