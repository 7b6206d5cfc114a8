// Renewals (续包): another contract behind the last day of one, by a decision about it that was posted.
#include "services/land/tender/parts.h"

#include "services/land/notice/notice.h"
#include "services/land/tender/money.h"
#include "services/land/tender/term.h"

#include <inttypes.h>
#include <string.h>

#define CHANGE WANGGE__V1__NOTICE_KIND__NOTICE_KIND_CHANGE

static void decision_gate(struct land_write *write, const Wangge__V1__RenewContractRequest *request) {
  const Wangge__V1__LandDecision *decision = LAND_GET(write, DECISION, decision, request->decision_id);
  const bool fits = decision && decision->state == WANGGE__V1__DECISION_STATE__DECISION_STATE_PASSED &&
                    strcmp(decision->subject_kind, "contract") == 0 &&
                    strcmp(decision->subject_id, request->contract_id) == 0;
  if (!fits)
    tender_refuse(write, "contract.decision", "/decision_id", write->today, "没有通过的续包决议",
                  "no decision about this contract has passed");
  uint8_t sha256[LAND_SUBJECT_BYTES];
  if (decision && land_subject_sha256(write, LAND_KIND(DECISION), request->decision_id, sha256)) {
    if (land_notice_clear(write, CHANGE, sha256, NULL)) return;
    tender_refuse(write, "contract.change_notice", "/decision_id", land_notice_earliest(write, CHANGE, sha256),
                  "续包决议没有公示期满", "no notice of this decision has ended clear");
    return;
  }
  const int32_t earliest = land_period_end(write->calendar, write->today, land_notice_days(write, CHANGE)) + 1;
  tender_refuse(write, "contract.change_notice", "/decision_id", earliest, "续包决议没有公示期满",
                "no notice of such a decision has ended clear");
}

// tender_taken looks at the land of each line behind the old contract.
static void check_land(struct land_write *write, const Wangge__V1__Contract *old, const char *old_id, int32_t from,
                       int32_t to, int use) {
  for (size_t i = 0; i < old->n_lines; i++) {
    const struct tender_line line = {.parcel_id = old->lines[i]->parcel_id,
                                     .boundary = old->lines[i]->boundary,
                                     .area_dm2 = old->lines[i]->area_dm2,
                                     .from = from,
                                     .to = to};
    const Wangge__V1__LandRecord *other = tender_taken(write, &line, old_id, NULL);
    if (other)
      land_refuse(write, (struct land_what){.code = "contract.overlap",
                                            .pointer = "/contract_id",
                                            .zh = land_text(write, "其后的期限已由 %s 承包", other->id),
                                            .en = land_text(write, "the time behind it is let by %s", other->id),
                                            .kind = (int)other->body_case,
                                            .id = other->id});
    const int years = tender_term_years(write, old->lines[i]->parcel_id, use);
    if (land_term_over(from, to, years))
      tender_wrong(write, "contract.term", "/to", land_text(write, "期限超过%d年", years),
                   land_text(write, "longer than %d years", years));
  }
}

wg_status tender_renew_contract(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__RenewContractRequest *request = (const void *)write->request;
  int32_t to, signed_on;
  wg_status status = tender_check_day(request->to, "to", &to, error);
  if (status == WG_OK) status = tender_check_day(request->signed_on, "signed_on", &signed_on, error);
  if (status == WG_OK)
    status = tender_check_documents(request->documents, request->n_documents, true, "documents", error);
  if (status != WG_OK) return status;
  if (request->rate_fen_per_mu < 0 || request->rate_fen_per_mu > LAND_RATE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "rate_fen_per_mu", "must be 0 to %" PRId64, LAND_RATE_MOST);
  const Wangge__V1__Contract *stands = LAND_GET(write, CONTRACT, contract, request->contract_id);
  if (stands && *stands->renewed_by)
    return tender_refuse(write, "contract.twice", "/contract_id", 0,
                         land_text(write, "已由 %s 续包", stands->renewed_by),
                         land_text(write, "%s renews it already", stands->renewed_by));
  if (stands && tender_overdue(write, stands->holder, request->contract_id, write->today))
    return tender_refuse(write, "contract.arrears", "/contract_id", 0, "有欠租，缴清后才能续包",
                         "rent is overdue: it can be renewed when that is paid");
  Wangge__V1__Contract *old = tender_contract_move(write, request->contract_id, "renew_contract");
  if (!old) return WG_OK;
  const int32_t from = land_day_or(old->to, 0) + 1;
  if (signed_on > write->today)
    tender_wrong(write, "contract.signed_on", "/signed_on", "签订日还没有到", "it is signed in the future");
  if (to <= from) tender_wrong(write, "contract.term", "/to", "止期须晚于原合同止期", "it ends before it begins");
  const Wangge__V1__LandDecision *decision = LAND_GET(write, DECISION, decision, request->decision_id);
  if (!request->rate_fen_per_mu && !(decision && *decision->zero_rent_reason))
    tender_refuse(write, "contract.zero_rent", "/rate_fen_per_mu", 0, "零租金须有决议说明理由",
                  "land is let for nothing only by a decision that says why");
  decision_gate(write, request);
  check_land(write, old, request->contract_id, from, to, (int)old->use);
  if (write->refused) return WG_OK;
  const char *id = land_new_id(write, "contract");
  old->renewed_by = tender_copy(write, id);
  Wangge__V1__Contract *contract = land_make(write, LAND_KIND(CONTRACT), id);
  *contract = *old;
  contract->state = CONTRACT_STATE(SIGNED);
  contract->renews = request->contract_id;
  contract->renewed_by = tender_copy(write, "");
  contract->code = tender_copy(write, "");
  contract->from = tender_copy(write, land_day_text(write->arena, from));
  contract->to = request->to;
  contract->signed_on = request->signed_on;
  contract->documents = request->documents, contract->n_documents = request->n_documents;
  contract->decision_id = request->decision_id;
  contract->rate_fen_per_mu = request->rate_fen_per_mu;
  contract->deposit_paid_fen = 0;
  contract->reminded_days = 0;
  status = tender_add_dues(write, id, contract, error);
  if (status != WG_OK) return status;
  tender_settle(write, id);
  tender_settle(write, request->contract_id);
  return WG_OK;
}
