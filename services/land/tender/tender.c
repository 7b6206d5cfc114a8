// A tender on its way: plan posted, opened, closed, cancelled; what its days do of themselves.
#include "services/land/tender/parts.h"

#include "services/land/notice/notice.h"

#include <string.h>

#define NOTICE(NAME) WANGGE__V1__NOTICE_KIND__NOTICE_KIND_##NAME

// A notice that is posted, of this kind, with exactly this content among its subjects.
static bool notice_is_of(struct land_write *write, const char *notice_id, int kind, int subject_kind,
                         const char *subject_id) {
  const Wangge__V1__Notice *notice = LAND_GET(write, NOTICE, notice, notice_id);
  uint8_t sha256[LAND_SUBJECT_BYTES];
  const bool stands = notice && (notice->state == WANGGE__V1__NOTICE_STATE__NOTICE_STATE_POSTED ||
                                 notice->state == WANGGE__V1__NOTICE_STATE__NOTICE_STATE_ENDED_CLEAR);
  if (!stands || (int)notice->kind != kind || !land_subject_sha256(write, subject_kind, subject_id, sha256))
    return false;
  for (size_t i = 0; i < notice->n_subjects; i++) {
    const ProtobufCBinaryData *posted = &notice->subjects[i]->sha256;
    if (posted->len == sizeof sha256 && memcmp(posted->data, sha256, sizeof sha256) == 0) return true;
  }
  return false;
}

wg_status tender_post_plan(struct land_write *write, struct wg_error *error) {
  (void)error;
  const Wangge__V1__PostPlanRequest *request = (const void *)write->request;
  if (!tender_possible(write, request->tender_id, "post_plan")) return WG_OK;
  if (!notice_is_of(write, request->notice_id, NOTICE(PLAN), LAND_KIND(TENDER), request->tender_id))
    return tender_refuse(write, "tender.notice", "/notice_id", 0, "这不是以本招标现有内容张榜的承包方案公示",
                         "this is no posted notice of kind PLAN with this tender as it is now");
  Wangge__V1__Tender *tender = tender_move(write, request->tender_id, "post_plan");
  tender->progress->plan_notice_id = request->notice_id;
  const int32_t opens = land_day_or(tender->opens_on, 0);
  land_due(write, LAND_KIND(TENDER), request->tender_id, opens > write->today ? opens : write->today + 1);
  return WG_OK;
}

// --- opening and closing ---
static void open_now(struct land_write *write, const char *tender_id) {
  Wangge__V1__Tender *tender = tender_move(write, tender_id, "open_tender");
  tender->progress->opened_at = write->now;
  land_due(write, LAND_KIND(TENDER), tender_id, land_day_or(tender->closes_on, 0) + 1);
}

// opens refuses what keeps it from being opened; with `says` false it only tells.
static bool opens(struct land_write *write, const char *tender_id, bool says) {
  const Wangge__V1__Tender *tender = LAND_GET(write, TENDER, tender, tender_id);
  uint8_t sha256[LAND_SUBJECT_BYTES];
  const bool known = land_subject_sha256(write, LAND_KIND(TENDER), tender_id, sha256);
  const int32_t day = land_day_or(tender->opens_on, 0);
  const bool clear = known && land_notice_clear(write, NOTICE(PLAN), sha256, NULL);
  if (clear && day <= write->today) return true;
  if (!says) return false;
  if (!clear)
    tender_refuse(write, "tender.plan_notice", "/tender_id", land_notice_earliest(write, NOTICE(PLAN), sha256),
                  "承包方案公示还没有期满，或有异议未了", "the notice of the plan has not ended clear");
  if (day > write->today)
    tender_refuse(write, "tender.opens_on", "/tender_id", day, land_text(write, "%s才开始报名", tender->opens_on),
                  land_text(write, "it opens on %s", tender->opens_on));
  return false;
}

wg_status tender_open_tender(struct land_write *write, struct wg_error *error) {
  (void)error;
  const Wangge__V1__OpenTenderRequest *request = (const void *)write->request;
  if (!tender_possible(write, request->tender_id, "open_tender")) return WG_OK;
  const Wangge__V1__Tender *tender = LAND_GET(write, TENDER, tender, request->tender_id);
  if (land_day_or(tender->closes_on, 0) < write->today)
    tender_refuse(write, "tender.closes_on", "/tender_id", 0, "报名截止日已过，须重新招标",
                  "its last day is past: cancel it and make another");
  if (!opens(write, request->tender_id, true) || write->refused) return WG_OK;
  open_now(write, request->tender_id);
  return WG_OK;
}

// What ranking looks at is fixed here: facts as the ledger has them now, its last entry and its root.
static wg_status close_now(struct land_write *write, const char *tender_id, struct wg_error *error) {
  Wangge__V1__Tender *tender = tender_move(write, tender_id, "close_tender");
  tender->progress->closed_at = write->now;
  tender->progress->close_seq = write->next_seq - 1;
  tender->progress->close_root = tender_bytes(write, write->root, sizeof write->root);
  land_due(write, LAND_KIND(TENDER), tender_id, LAND_NO_DAY);
  for (size_t i = 0; i < tender->n_lots; i++) {
    const char *id = tender_ranking_id(write, tender_id, tender->lots[i]->id);
    Wangge__V1__Ranking *ranking = land_make(write, LAND_KIND(RANKING), id);
    const wg_status status = tender_lot_facts(write, tender_id, tender, tender->lots[i], ranking, error);
    if (status != WG_OK) return status;
  }
  return WG_OK;
}

wg_status tender_close_tender(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__CloseTenderRequest *request = (const void *)write->request;
  if (!tender_possible(write, request->tender_id, "close_tender")) return WG_OK;
  const Wangge__V1__Tender *tender = LAND_GET(write, TENDER, tender, request->tender_id);
  const int32_t last = land_day_or(tender->closes_on, 0);
  if (last >= write->today)
    return tender_refuse(write, "tender.closes_on", "/tender_id", last + 1,
                         land_text(write, "%s 24时以前都可以报名", tender->closes_on),
                         land_text(write, "applications are received to the end of %s", tender->closes_on));
  return close_now(write, request->tender_id, error);
}

// A tender whose plan is not clear on its day is looked at every day until it can be opened or its last day is past.
wg_status tender_tender_due(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error) {
  const Wangge__V1__Tender *tender = record->tender;
  if (tender->state == TENDER_STATE(OPEN)) return close_now(write, record->id, error);
  if (tender->state == TENDER_STATE(PLAN_POSTED) && land_day_or(tender->closes_on, 0) >= write->today) {
    if (opens(write, record->id, false)) {
      open_now(write, record->id);
      return WG_OK;
    }
    land_change(write, LAND_KIND(TENDER), record->id);
    land_due(write, LAND_KIND(TENDER), record->id, write->today + 1);
    return WG_OK;
  }
  land_change(write, LAND_KIND(TENDER), record->id);
  land_due(write, LAND_KIND(TENDER), record->id, LAND_NO_DAY);
  return WG_OK;
}

wg_status tender_cancel_tender(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__CancelTenderRequest *request = (const void *)write->request;
  const wg_status status = tender_check_reason(write, error);
  if (status != WG_OK) return status;
  if (!tender_possible(write, request->tender_id, "cancel_tender")) return WG_OK;
  const Wangge__V1__Tender *stands = LAND_GET(write, TENDER, tender, request->tender_id);
  for (size_t i = 0; i < stands->n_lots; i++) {
    const char *id = tender_ranking_id(write, request->tender_id, stands->lots[i]->id);
    const Wangge__V1__Ranking *ranking = LAND_GET(write, RANKING, ranking, id);
    if (ranking && ranking->state == WANGGE__V1__RANKING_STATE__RANKING_STATE_AWARDED)
      return tender_refuse(write, "tender.awarded", "/tender_id", 0, "已有标段定标，不能取消",
                           "a lot of it was awarded: it cannot be cancelled any more");
  }
  Wangge__V1__Tender *tender = tender_move(write, request->tender_id, "cancel_tender");
  if (!tender->progress) {
    tender->progress = wg_arena_alloc(write->arena, sizeof *tender->progress);
    wangge__v1__tender_progress__init(tender->progress);
  }
  tender->progress->cancelled_reason = write->write->reason;
  land_due(write, LAND_KIND(TENDER), request->tender_id, LAND_NO_DAY);
  return WG_OK;
}

// --- result ---
wg_status tender_post_result(struct land_write *write, struct wg_error *error) {
  (void)error;
  const Wangge__V1__PostResultRequest *request = (const void *)write->request;
  if (!tender_possible(write, request->tender_id, "post_result")) return WG_OK;
  const Wangge__V1__Tender *stands = LAND_GET(write, TENDER, tender, request->tender_id);
  for (size_t i = 0; i < stands->n_lots; i++) {
    const char *id = tender_ranking_id(write, request->tender_id, stands->lots[i]->id);
    const Wangge__V1__Ranking *ranking = LAND_GET(write, RANKING, ranking, id);
    for (size_t j = 0; j < ranking->n_rows; j++) {
      if (ranking->rows[j]->edge && ranking->rows[j]->rank && !*ranking->rows[j]->edge_check)
        tender_refuse(write, "ranking.edge", "/tender_id", 0,
                      land_text(write, "%s 的距离接近分档边界，须签字复核", ranking->rows[j]->application_id),
                      land_text(write, "the distance of %s is at the edge of a bin: a signed check is needed",
                                ranking->rows[j]->application_id));
    }
    if (!notice_is_of(write, request->notice_id, NOTICE(RESULT), LAND_KIND(RANKING), id))
      tender_refuse(write, "tender.notice", "/notice_id", 0, land_text(write, "结果公示中没有标段 %s 现有的排序", id),
                    land_text(write, "this is no posted notice of kind RESULT with ranking %s as it is now", id));
  }
  if (write->refused) return WG_OK;
  tender_move(write, request->tender_id, "post_result");
  for (size_t i = 0; i < stands->n_lots; i++) {
    const char *id = tender_ranking_id(write, request->tender_id, stands->lots[i]->id);
    Wangge__V1__Ranking *ranking = land_change(write, LAND_KIND(RANKING), id);
    if (!ranking->progress) {
      ranking->progress = wg_arena_alloc(write->arena, sizeof *ranking->progress);
      wangge__v1__ranking_progress__init(ranking->progress);
    }
    ranking->progress->result_notice_id = request->notice_id;
  }
  return WG_OK;
}
