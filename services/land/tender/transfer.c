// Transfers of a contract's land (土地流转): lease, subcontract, shares, assignment, swap, tilling for another.
#include "services/land/tender/parts.h"

#include "services/land/tender/term.h"

#include <inttypes.h>
#include <string.h>

#define KIND(NAME) WANGGE__V1__TRANSFER_KIND__TRANSFER_KIND_##NAME
#define STATE(NAME) WANGGE__V1__TRANSFER_STATE__TRANSFER_STATE_##NAME

// The largest area that is given on at once in a span of days; counted as if all that meet the span met each other.
static int64_t given_on(const struct land_write *write, const char *contract_id, int32_t from, int32_t until) {
  int64_t sum = 0;
  struct wg_book_walk walk = land_each(write, LAND_KIND(TRANSFER));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Transfer *transfer = record->transfer;
    if (transfer->state != STATE(RUNNING) || strcmp(transfer->contract_id, contract_id) != 0) continue;
    if (land_day_or(transfer->until, 0) < from || until < land_day_or(transfer->from, 0)) continue;
    sum += transfer->area_dm2;
  }
  return sum;
}

static void check_taker(struct land_write *write, const Wangge__V1__Transfer *given,
                        const Wangge__V1__Contract *contract) {
  if (!land_get(write, LAND_KIND(PARTY), given->taker))
    land_unknown(write, "/transfer/taker", LAND_KIND(PARTY), given->taker);
  else if (strcmp(given->taker, contract->holder) == 0)
    tender_wrong(write, "transfer.taker", "/transfer/taker", "受让方就是承包方", "the taker is the holder");
}

static void check_papers(struct land_write *write, const Wangge__V1__Transfer *given, int32_t from, int32_t until) {
  const bool unwritten = given->kind == KIND(TILLING) && !land_term_over(from, until, 1);
  if (!*given->document && !unwritten)
    land_refuse(write, (struct land_what){.code = "transfer.document",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/transfer/document",
                                          .zh = "流转须有书面合同(代耕不超过一年的除外)",
                                          .en = "a transfer is agreed in writing, but for tilling up to a year",
                                          .rule = "农村土地承包法 40"});
  if (!*given->consent && given->kind == KIND(ASSIGN))
    land_refuse(write, (struct land_what){.code = "transfer.consent",
                                          .pointer = "/transfer/consent",
                                          .zh = "转让须经发包方同意",
                                          .en = "an assignment needs the issuer's consent",
                                          .rule = "农村土地承包法 34"});
}

static void check_extent(struct land_write *write, const Wangge__V1__Transfer *given,
                         const Wangge__V1__Contract *contract, int32_t from, int32_t until) {
  if (until < from)
    tender_wrong(write, "transfer.until", "/transfer/until", "止期早于起期", "it ends before it begins");
  if (from < land_day_or(contract->from, 0) || until > tender_contract_end(contract))
    land_refuse(write, (struct land_what){
                           .code = "transfer.until",
                           .status = WG_INVALID_ARGUMENT,
                           .pointer = "/transfer/until",
                           .zh = land_text(write, "流转期限须在合同期限内(%s 至 %s)", contract->from, contract->to),
                           .en = land_text(write, "a transfer lies within the contract, %s to %s", contract->from,
                                           contract->to),
                           .suggestion = contract->to,
                           .rule = "农村土地承包法 38"});
  const int64_t left = contract->area_dm2 - given_on(write, given->contract_id, from, until);
  const bool whole = given->kind != KIND(ASSIGN) || given->area_dm2 == contract->area_dm2;
  if (given->area_dm2 <= 0 || given->area_dm2 > left || !whole)
    land_refuse(write, (struct land_what){.code = "transfer.area",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/transfer/area_dm2",
                                          .zh = land_text(write, "面积应为1到%" PRId64 "平方分米；转让须为全部", left),
                                          .en = land_text(write, "1 to %" PRId64 " dm²; an assignment is of all", left),
                                          .suggestion = land_text(write, "%" PRId64, left)});
}

wg_status tender_transfer_contract(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__TransferContractRequest *request = (const void *)write->request;
  const Wangge__V1__Transfer *given = request->transfer;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "transfer", "must be given");
  if (given->kind <= 0 || given->kind > KIND(TILLING))
    return wg_fail(error, WG_INVALID_ARGUMENT, "transfer.kind", "must be a known kind");
  if (given->rent_fen < 0 || given->rent_fen > TENDER_FEN_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "transfer.rent_fen", "must be 0 to %" PRId64, TENDER_FEN_MOST);
  int32_t from, until;
  wg_status status = tender_check_day(given->from, "transfer.from", &from, error);
  if (status == WG_OK) status = tender_check_day(given->until, "transfer.until", &until, error);
  if (status == WG_OK) status = tender_check_document(given->document, false, "transfer.document", error);
  if (status == WG_OK) status = tender_check_document(given->consent, false, "transfer.consent", error);
  if (status != WG_OK) return status;
  Wangge__V1__Contract *contract = tender_contract_move(write, given->contract_id, "transfer_contract");
  if (!contract) return WG_OK;
  check_taker(write, given, contract);
  check_papers(write, given, from, until);
  check_extent(write, given, contract, from, until);
  if (write->refused) return WG_OK;
  const char *id = land_new_id(write, "transfer");
  Wangge__V1__Transfer *transfer = land_make(write, LAND_KIND(TRANSFER), id);
  *transfer = *given;
  transfer->giver = contract->holder;
  transfer->filed_on = tender_copy(write, land_day_text(write->arena, write->today));
  transfer->ended_on = tender_copy(write, "");
  transfer->state = given->kind == KIND(ASSIGN) ? STATE(ENDED) : STATE(RUNNING);
  if (given->kind == KIND(ASSIGN)) contract->holder = given->taker; // from now on it is the taker's contract
  else land_due(write, LAND_KIND(TRANSFER), id, until + 1);
  return WG_OK;
}

wg_status tender_transfer_due(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error) {
  (void)error;
  Wangge__V1__Transfer *transfer = land_change(write, LAND_KIND(TRANSFER), record->id);
  land_due(write, LAND_KIND(TRANSFER), record->id, LAND_NO_DAY);
  if (transfer->state != STATE(RUNNING)) return WG_OK;
  transfer->state = STATE(ENDED);
  transfer->ended_on = transfer->until;
  return WG_OK;
}
