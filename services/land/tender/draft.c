// Drafts of tenders: what is let, to whom, when and for how long.
#include "services/land/tender/parts.h"

#include "common/base/text.h"
#include "services/land/tender/money.h"
#include "services/land/tender/parcel.h"
#include "services/land/tender/term.h"
#include "services/land/works/use.h"

#include <inttypes.h>
#include <string.h>

enum { LOT_ID_BYTES = 16, USES_MOST = 9, PAY_WITHIN_MOST = 365, BIN_MOST = 10000 };

int tender_term_years(const struct land_write *write, const char *parcel_id, int use) {
  struct tender_parcel parcel;
  if (use >= WANGGE__V1__LAND_USE__LAND_USE_FARM_MARKET) return (int)land_policy(write, "term.lease_years");
  if (!tender_parcel(write, parcel_id, &parcel)) return (int)land_policy(write, "term.farm_years");
  // First levels 03 forest and 04 grass are the same in GB/T 21010-2017 and in the list of 2023.
  if (strncmp(parcel.class_code, "03", 2) == 0) return (int)land_policy(write, "term.forest_years");
  if (strncmp(parcel.class_code, "04", 2) == 0) return (int)land_policy(write, "term.grass_years");
  return (int)land_policy(write, "term.farm_years");
}

// --- one lot ---
struct lot {
  const Wangge__V1__Lot *given;
  size_t index;
  int32_t from, to;
  int64_t area_dm2;
};

static wg_status check_lot(const struct land_write *write, struct lot *lot, struct wg_error *error) {
  const Wangge__V1__Lot *given = lot->given;
  const char *at = land_text(write, "tender.lots[%zu]", lot->index);
  wg_status status = wg_token_check(given->id, LOT_ID_BYTES, land_text(write, "%s.id", at), error);
  if (status == WG_OK) status = tender_check_day(given->from, land_text(write, "%s.from", at), &lot->from, error);
  if (status == WG_OK) status = tender_check_day(given->to, land_text(write, "%s.to", at), &lot->to, error);
  if (status != WG_OK) return status;
  if (!given->n_uses || given->n_uses > USES_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, land_text(write, "%s.uses", at), "must be 1 to %d uses", USES_MOST);
  for (size_t i = 0; i < given->n_uses; i++) {
    if (given->uses[i] <= 0 || given->uses[i] > WANGGE__V1__LAND_USE__LAND_USE_GREEN_BELT)
      return wg_fail(error, WG_INVALID_ARGUMENT, land_text(write, "%s.uses", at), "must be known uses");
  }
  if (given->reserve_fen_per_mu < 0 || given->reserve_fen_per_mu > LAND_RATE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, land_text(write, "%s.reserve_fen_per_mu", at), "must be 0 to %" PRId64,
                   LAND_RATE_MOST);
  if (given->deposit_fen < 0 || given->deposit_fen > TENDER_FEN_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, land_text(write, "%s.deposit_fen", at), "must be 0 to %" PRId64,
                   TENDER_FEN_MOST);
  const int months = given->every_months;
  if (months != 0 && months != 3 && months != 6 && months != 12)
    return wg_fail(error, WG_INVALID_ARGUMENT, land_text(write, "%s.every_months", at), "must be 0, 3, 6 or 12");
  if (given->pay_within_days < 0 || given->pay_within_days > PAY_WITHIN_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, land_text(write, "%s.pay_within_days", at), "must be 0 to %d",
                   PAY_WITHIN_MOST);
  return WG_OK;
}

static const char *at(const struct land_write *write, const struct lot *lot, const char *member) {
  return land_text(write, "/tender/lots/%zu/%s", lot->index, member);
}

static void check_term(struct land_write *write, const struct lot *lot) {
  if (lot->to <= lot->from) {
    tender_wrong(write, "tender.lot_term", at(write, lot, "to"), "止期须晚于起期", "the term ends before it begins");
    return;
  }
  for (size_t i = 0; i < lot->given->n_uses; i++) {
    const int years = tender_term_years(write, lot->given->parcel_id, (int)lot->given->uses[i]);
    if (!land_term_over(lot->from, lot->to, years)) continue;
    const char *last = land_day_text(write->arena, land_term_last(lot->from, years));
    land_refuse(write, (struct land_what){.code = "tender.lot_term",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = at(write, lot, "to"),
                                          .zh = land_text(write, "期限超过%d年，最晚到%s", years, last),
                                          .en = land_text(write, "longer than %d years: %s at most", years, last),
                                          .suggestion = last});
    return;
  }
}

static void check_uses(struct land_write *write, const struct lot *lot, const struct tender_parcel *parcel) {
  for (size_t i = 0; i < lot->given->n_uses; i++) {
    const struct land_use_question question = {.use = lot->given->uses[i],
                                               .standard = parcel->standard,
                                               .class_code = parcel->class_code,
                                               .basic_farmland = parcel->basic_farmland};
    const struct land_use_answer answer = land_use_check(write, &question);
    if (answer.result != WANGGE__V1__USE_RESULT__USE_RESULT_UNSPECIFIED &&
        answer.result != WANGGE__V1__USE_RESULT__USE_RESULT_FORBID)
      continue;
    const bool forbidden = answer.result == WANGGE__V1__USE_RESULT__USE_RESULT_FORBID;
    land_refuse(write, (struct land_what){.code = "tender.lot_use",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = at(write, lot, "uses"),
                                          .zh = forbidden ? "该地类禁止这种用途" : "没有规则允许该地类这种用途",
                                          .en = forbidden ? "this use is forbidden on land of this class"
                                                          : "no rule allows this use on land of this class",
                                          .rule = answer.law});
  }
}

static wg_status check_area(struct land_write *write, struct lot *lot, const struct tender_parcel *parcel,
                            struct wg_error *error) {
  lot->area_dm2 = parcel->area_dm2;
  if (*lot->given->boundary) {
    bool inside;
    const wg_status status = tender_part(write, lot->given->boundary, parcel->boundary, &lot->area_dm2, &inside, error);
    if (status != WG_OK) return status;
    if (!inside)
      tender_wrong(write, "tender.lot_area", at(write, lot, "boundary"), "标段超出了地块范围",
                   "this part reaches beyond its parcel");
  }
  if (lot->area_dm2 > parcel->area_dm2)
    tender_wrong(write, "tender.lot_area", at(write, lot, "area_dm2"), "标段面积大于地块的采用面积",
                 "the lot is larger than its parcel's adopted area");
  if (lot->given->area_dm2 && lot->given->area_dm2 != lot->area_dm2)
    land_refuse(write, (struct land_what){.code = "tender.lot_area",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = at(write, lot, "area_dm2"),
                                          .zh = land_text(write, "面积应为%" PRId64 "平方分米", lot->area_dm2),
                                          .en = land_text(write, "the area is %" PRId64 " dm²", lot->area_dm2),
                                          .suggestion = land_text(write, "%" PRId64, lot->area_dm2)});
  return WG_OK;
}

static void check_free(struct land_write *write, const struct lot *lot, int32_t opens) {
  const struct tender_line line = {.parcel_id = lot->given->parcel_id,
                                   .boundary = lot->given->boundary,
                                   .area_dm2 = lot->area_dm2,
                                   .from = lot->from,
                                   .to = lot->to};
  int32_t free_from = 0;
  const Wangge__V1__LandRecord *other = tender_taken(write, &line, NULL, &free_from);
  if (other)
    land_refuse(write, (struct land_what){.code = "tender.lot_parcel",
                                          .pointer = at(write, lot, "parcel_id"),
                                          .zh = land_text(write, "这段时间地块已由 %s 承包", other->id),
                                          .en = land_text(write, "in this term the parcel is let by %s", other->id),
                                          .suggestion = land_day_text(write->arena, free_from),
                                          .kind = (int)other->body_case,
                                          .id = other->id});
  if (lot->from <= opens)
    tender_wrong(write, "tender.lot_term", at(write, lot, "from"), "起期须晚于开标日",
                 "the term must begin behind the day on which applications open");
}

// Two lots of one tender may not be the same land.
static void check_beside(struct land_write *write, const struct lot *lots, size_t index) {
  const struct lot *lot = &lots[index];
  for (size_t i = 0; i < index; i++) {
    if (strcmp(lots[i].given->id, lot->given->id) == 0)
      tender_wrong(write, "tender.lot_twice", at(write, lot, "id"), "标段编号重复", "two lots have this id");
    if (strcmp(lots[i].given->parcel_id, lot->given->parcel_id) != 0) continue;
    if (lots[i].to < lot->from || lot->to < lots[i].from) continue;
    if (*lots[i].given->boundary && *lot->given->boundary &&
        !tender_parts_meet(write, lots[i].given->boundary, lot->given->boundary))
      continue;
    tender_wrong(write, "tender.lot_twice", at(write, lot, "parcel_id"), "同一块地出现在两个标段中",
                 "two lots are of the same land in the same time");
  }
}

// --- rounds ---
static bool left_free(const struct land_write *write, const char *tender_id, const Wangge__V1__Tender *first,
                      const Wangge__V1__Lot *lot) {
  for (size_t i = 0; i < first->n_lots; i++) {
    if (strcmp(first->lots[i]->parcel_id, lot->parcel_id) != 0) continue;
    const char *id = tender_ranking_id(write, tender_id, first->lots[i]->id);
    const Wangge__V1__Ranking *ranking = LAND_GET(write, RANKING, ranking, id);
    if (ranking && ranking->state == WANGGE__V1__RANKING_STATE__RANKING_STATE_FREE) return true;
  }
  return false;
}

static void check_round(struct land_write *write, const Wangge__V1__Tender *given) {
  if (given->round == 1) return;
  const Wangge__V1__Tender *first = LAND_GET(write, TENDER, tender, given->follows);
  if (!first || first->round != 1) {
    tender_wrong(write, "tender.round", "/tender/follows", "第二轮须写明第一轮的招标",
                 "a second round names the tender of the first");
    return;
  }
  for (size_t i = 0; i < given->n_lots; i++) {
    if (!left_free(write, given->follows, first, given->lots[i]))
      tender_refuse(write, "tender.round", land_text(write, "/tender/lots/%zu", i), 0, "第一轮没有空出这块地",
                    "the first round did not leave this land free");
  }
}

// --- the draft ---
static wg_status check_tender(const Wangge__V1__Tender *given, int32_t *opens, int32_t *closes,
                              struct wg_error *error) {
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "tender", "must be given");
  wg_status status = wg_text_check(given->title, TENDER_TITLE_BYTES,
                                   WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, "tender.title", error);
  if (status == WG_OK) status = tender_check_day(given->opens_on, "tender.opens_on", opens, error);
  if (status == WG_OK) status = tender_check_day(given->closes_on, "tender.closes_on", closes, error);
  if (status != WG_OK) return status;
  if (!given->n_lots || given->n_lots > TENDER_LOTS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "tender.lots", "must be 1 to %d", TENDER_LOTS_MOST);
  if (given->round != 1 && given->round != 2)
    return wg_fail(error, WG_INVALID_ARGUMENT, "tender.round", "must be 1 or 2");
  if (given->near_bin_m < 0 || given->near_bin_m > BIN_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "tender.near_bin_m", "must be 1 to %d, or 0: as policy says", BIN_MOST);
  return WG_OK;
}

static wg_status look_at_lots(struct land_write *write, const Wangge__V1__Tender *given, struct lot *lots,
                              int32_t opens, struct wg_error *error) {
  for (size_t i = 0; i < given->n_lots; i++) {
    lots[i] = (struct lot){.given = given->lots[i], .index = i};
    wg_status status = check_lot(write, &lots[i], error);
    if (status != WG_OK) return status;
    check_term(write, &lots[i]);
    struct tender_parcel parcel;
    if (!tender_parcel(write, given->lots[i]->parcel_id, &parcel)) {
      tender_refuse(write, "tender.lot_parcel", at(write, &lots[i], "parcel_id"), 0, "本村没有这块地",
                    "this village has no such parcel");
      continue;
    }
    if (!parcel.confirmed)
      tender_refuse(write, "tender.lot_parcel", at(write, &lots[i], "parcel_id"), 0,
                    "地块还没有确认(测量、四邻签字、公示)", "the parcel is not confirmed: survey, signatures, notice");
    check_uses(write, &lots[i], &parcel);
    status = check_area(write, &lots[i], &parcel, error);
    if (status != WG_OK) return status;
    check_free(write, &lots[i], opens);
    check_beside(write, lots, i);
  }
  return WG_OK;
}

wg_status tender_draft_tender(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__DraftTenderRequest *request = (const void *)write->request;
  const Wangge__V1__Tender *given = request->tender;
  int32_t opens = 0, closes = 0;
  wg_status status = check_tender(given, &opens, &closes, error);
  if (status != WG_OK) return status;
  if (*request->tender_id && !tender_possible(write, request->tender_id, "draft_tender")) return WG_OK;
  if (closes < opens)
    tender_wrong(write, "tender.days", "/tender/closes_on", "截止日不能早于开始日", "it closes before it opens");
  if (opens < write->today)
    tender_wrong(write, "tender.days", "/tender/opens_on", "开始日已经过去", "the day on which it opens is past");
  struct lot *lots = wg_arena_zalloc(write->arena, given->n_lots * sizeof *lots);
  status = look_at_lots(write, given, lots, opens, error);
  if (status != WG_OK) return status;
  check_round(write, given);
  if (write->refused) return WG_OK;
  Wangge__V1__Tender *tender = *request->tender_id ? land_change(write, LAND_KIND(TENDER), request->tender_id)
                                                   : land_make(write, LAND_KIND(TENDER), land_new_id(write, "tender"));
  Wangge__V1__TenderProgress *progress = tender->progress;
  *tender = *given;
  tender->state = TENDER_STATE(DRAFT);
  tender->progress = progress;
  tender->n_lots = 0, tender->lots = NULL;
  for (size_t i = 0; i < given->n_lots; i++) {
    Wangge__V1__Lot *lot = wg_arena_alloc(write->arena, sizeof *lot);
    *lot = *given->lots[i];
    lot->area_dm2 = lots[i].area_dm2;
    TENDER_PUSH(write, tender, lots, lot);
  }
  if (!tender->near_bin_m) tender->near_bin_m = (int32_t)land_policy(write, "rank.near_bin_m");
  return WG_OK;
}
