// Applications (承包申请) and the log of invitations.
#include "services/land/tender/parts.h"

#include "services/land/tender/money.h"

#include <inttypes.h>
#include <string.h>

#define STATE(NAME) WANGGE__V1__APPLICATION_STATE__APPLICATION_STATE_##NAME

static const Wangge__V1__Lot *find_lot(struct land_write *write, const char *tender_id, const char *lot_id,
                                       const char *pointer) {
  const Wangge__V1__Tender *tender = LAND_GET(write, TENDER, tender, tender_id);
  const Wangge__V1__Lot *lot = tender ? tender_lot(tender, lot_id) : NULL;
  if (!lot)
    land_refuse(write, (struct land_what){.code = "lot.unknown",
                                          .status = WG_NOT_FOUND,
                                          .pointer = pointer,
                                          .zh = land_text(write, "招标 %s 没有标段 %s", tender_id, lot_id),
                                          .en = land_text(write, "tender %s has no lot \"%s\"", tender_id, lot_id)});
  return lot;
}

// --- invitations ---
static const Wangge__V1__LandRecord *invitation_of(const struct land_write *write, const char *prefix,
                                                   const char *party) {
  struct wg_book_walk walk = wg_book_walk(write->book, write->write->village, LAND_KIND(INVITATION), prefix);
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->invitation->party_id, party) == 0) return record;
  }
  return NULL;
}

wg_status tender_record_invitation(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__RecordInvitationRequest *request = (const void *)write->request;
  const Wangge__V1__Invitation *given = request->invitation;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "invitation", "must be given");
  if (given->answer <= 0 || given->answer > WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_NO_ANSWER)
    return wg_fail(error, WG_INVALID_ARGUMENT, "invitation.answer", "must be applied, declined or no_answer");
  int32_t asked;
  wg_status status = tender_check_day(given->asked_on, "invitation.asked_on", &asked, error);
  if (status == WG_OK) status = tender_check_document(given->document, true, "invitation.document", error);
  if (status != WG_OK) return status;
  if (!tender_possible(write, given->tender_id, "record_invitation")) return WG_OK;
  find_lot(write, given->tender_id, given->lot_id, "/invitation/lot_id");
  if (!land_get(write, LAND_KIND(PARTY), given->party_id))
    land_unknown(write, "/invitation/party_id", LAND_KIND(PARTY), given->party_id);
  if (asked > write->today)
    tender_wrong(write, "invitation.asked_on", "/invitation/asked_on", "日期还没有到", "this day has not come");
  if (write->refused) return WG_OK;
  const char *prefix = land_text(write, "%s.%s.", given->tender_id, given->lot_id);
  const Wangge__V1__LandRecord *known = invitation_of(write, prefix, given->party_id);
  const char *id = known ? known->id : land_text(write, "%s%" PRId64, prefix, write->next_seq);
  Wangge__V1__Invitation *invitation =
      known ? land_change(write, LAND_KIND(INVITATION), id) : land_make(write, LAND_KIND(INVITATION), id);
  *invitation = *given;
  return WG_OK;
}

// --- applications ---
static wg_status check_application(const Wangge__V1__Application *given, struct wg_error *error) {
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "application", "must be given");
  if (given->use <= 0 || given->use > WANGGE__V1__LAND_USE__LAND_USE_GREEN_BELT)
    return wg_fail(error, WG_INVALID_ARGUMENT, "application.use", "must be a known use");
  return tender_check_document(given->document, false, "application.document", error);
}

wg_status tender_apply(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ApplyRequest *request = (const void *)write->request;
  const Wangge__V1__Application *given = request->application;
  const wg_status status = check_application(given, error);
  if (status != WG_OK) return status;
  if (!tender_possible(write, given->tender_id, "apply")) return WG_OK;
  find_lot(write, given->tender_id, given->lot_id, "/application/lot_id");
  if (!land_get(write, LAND_KIND(PARTY), given->party_id))
    land_unknown(write, "/application/party_id", LAND_KIND(PARTY), given->party_id);
  if (given->offer_fen_per_mu < 0 || given->offer_fen_per_mu > LAND_RATE_MOST)
    tender_wrong(write, "application.offer", "/application/offer_fen_per_mu",
                 land_text(write, "每亩年租金应为0到%" PRId64 "分，整数", LAND_RATE_MOST),
                 land_text(write, "a rent is 0 to %" PRId64 " fen per mu and year", LAND_RATE_MOST));
  if (given->nonce_sha256.len != LAND_HASH_BYTES)
    tender_wrong(write, "application.nonce", "/application/nonce_sha256", "缺少抽签随机数的承诺(SHA-256，32字节)",
                 "the commitment to a nonce for the draw is missing: SHA-256, 32 bytes");
  if (write->refused) return WG_OK;
  const Wangge__V1__Tender *tender = LAND_GET(write, TENDER, tender, given->tender_id);
  const bool late = tender->state != TENDER_STATE(OPEN) || write->today > land_day_or(tender->closes_on, 0);
  Wangge__V1__Application *application = land_make(write, LAND_KIND(APPLICATION), land_new_id(write, "application"));
  *application = *given;
  application->state = late ? STATE(LATE) : STATE(RECEIVED);
  application->received_at = write->now;
  application->nonce = (ProtobufCBinaryData){0, NULL};
  application->withdrawn_on = tender_copy(write, "");
  if (late)
    tender_warn(write, "application.late", "/application", "截止以后收到：已登记，不予受理",
                "came after the closing: kept, not admitted");
  return WG_OK;
}

wg_status tender_withdraw_application(struct land_write *write, struct wg_error *error) {
  (void)error;
  const Wangge__V1__WithdrawApplicationRequest *request = (const void *)write->request;
  const Wangge__V1__Application *stands = LAND_GET(write, APPLICATION, application, request->application_id);
  if (!stands) return land_unknown(write, "/application_id", LAND_KIND(APPLICATION), request->application_id);
  if (!tender_possible(write, stands->tender_id, "withdraw_application")) return WG_OK;
  if (stands->state != STATE(RECEIVED))
    return tender_refuse(write, "application.state", "/application_id", 0, "这个申请已撤回或未受理",
                         "this application was withdrawn already or was not admitted");
  Wangge__V1__Application *application = land_change(write, LAND_KIND(APPLICATION), request->application_id);
  application->state = STATE(WITHDRAWN);
  application->withdrawn_on = tender_copy(write, land_day_text(write->arena, write->today));
  return WG_OK;
}

wg_status tender_reveal_nonce(struct land_write *write, struct wg_error *error) {
  (void)error;
  const Wangge__V1__RevealNonceRequest *request = (const void *)write->request;
  const Wangge__V1__Application *stands = LAND_GET(write, APPLICATION, application, request->application_id);
  if (!stands) return land_unknown(write, "/application_id", LAND_KIND(APPLICATION), request->application_id);
  if (!tender_possible(write, stands->tender_id, "reveal_nonce")) return WG_OK;
  if (stands->state != STATE(RECEIVED) || stands->nonce.len)
    return tender_refuse(write, "application.state", "/application_id", 0, "这个申请没有受理，或随机数已经公开",
                         "this application is not in, or its nonce is revealed already");
  if (!land_nonce_fits(stands->nonce_sha256.data, request->nonce.data, request->nonce.len))
    return tender_wrong(write, "application.nonce", "/nonce", "随机数与申请时的承诺不符",
                        "this is not the nonce that the application committed to");
  Wangge__V1__Application *application = land_change(write, LAND_KIND(APPLICATION), request->application_id);
  application->nonce = request->nonce;
  return WG_OK;
}
