// What can be done with a tender and with a contract in which state.
#include "services/land/tender/parts.h"

#define TENDER(EVENT, FROM, TO)                                                                                        \
  { EVENT, TENDER_STATE(FROM), TENDER_STATE(TO) }
static const struct land_move TENDERS[] = {
    TENDER("draft_tender", DRAFT, DRAFT),
    TENDER("record_step", DRAFT, DECIDED), // the last step of its decision, when it passes
    TENDER("post_plan", DECIDED, PLAN_POSTED),
    TENDER("post_plan", PLAN_POSTED, PLAN_POSTED), // another notice, when the first is void
    TENDER("open_tender", PLAN_POSTED, OPEN),
    TENDER("apply", OPEN, OPEN),
    TENDER("apply", CLOSED, CLOSED), // kept as late
    TENDER("record_invitation", OPEN, OPEN),
    TENDER("record_invitation", CLOSED, CLOSED),
    TENDER("withdraw_application", OPEN, OPEN),
    TENDER("close_tender", OPEN, CLOSED),
    TENDER("reveal_nonce", CLOSED, CLOSED),
    TENDER("rank_tender", CLOSED, RANKED),
    TENDER("check_edge", RANKED, RANKED),
    TENDER("post_result", RANKED, RESULT_POSTED),
    TENDER("post_result", RESULT_POSTED, RESULT_POSTED),
    TENDER("award", RESULT_POSTED, RESULT_POSTED), // AWARDED or FAILED with the last lot
    TENDER("refuse_award", RESULT_POSTED, RESULT_POSTED),
    TENDER("refuse_award", AWARDED, RESULT_POSTED), // before the contract of the lot is signed
    TENDER("cancel_tender", DRAFT, CANCELLED),
    TENDER("cancel_tender", DECIDED, CANCELLED),
    TENDER("cancel_tender", PLAN_POSTED, CANCELLED),
    TENDER("cancel_tender", OPEN, CANCELLED),
    TENDER("cancel_tender", CLOSED, CANCELLED),
    TENDER("cancel_tender", RANKED, CANCELLED),
    TENDER("cancel_tender", RESULT_POSTED, CANCELLED),
};
#define CONTRACT(EVENT, FROM, TO)                                                                                      \
  { EVENT, CONTRACT_STATE(FROM), CONTRACT_STATE(TO) }
// Where one event has the same state on both sides, the day and the dues decide the state (tender_settle).
static const struct land_move CONTRACTS[] = {
    CONTRACT("pay", SIGNED, SIGNED),
    CONTRACT("pay", ACTIVE, ACTIVE),
    CONTRACT("pay", IN_ARREARS, IN_ARREARS),
    CONTRACT("pay", EXPIRING, EXPIRING),
    CONTRACT("pay", SUSPENDED, SUSPENDED),
    CONTRACT("pay", EXPIRED, EXPIRED), // rent of the past
    CONTRACT("pay", RENEWED, RENEWED),
    CONTRACT("pay", TERMINATED, TERMINATED),
    CONTRACT("refund_payment", SIGNED, SIGNED),
    CONTRACT("refund_payment", ACTIVE, ACTIVE),
    CONTRACT("refund_payment", EXPIRING, EXPIRING),
    CONTRACT("refund_payment", EXPIRED, EXPIRED),
    CONTRACT("refund_payment", RENEWED, RENEWED),
    CONTRACT("refund_payment", TERMINATED, TERMINATED),
    CONTRACT("transfer_contract", SIGNED, SIGNED),
    CONTRACT("transfer_contract", ACTIVE, ACTIVE),
    CONTRACT("transfer_contract", EXPIRING, EXPIRING),
    CONTRACT("terminate_contract", SIGNED, TERMINATED),
    CONTRACT("terminate_contract", ACTIVE, TERMINATED),
    CONTRACT("terminate_contract", IN_ARREARS, TERMINATED),
    CONTRACT("terminate_contract", EXPIRING, TERMINATED),
    CONTRACT("terminate_contract", SUSPENDED, TERMINATED),
    CONTRACT("suspend_contract", ACTIVE, SUSPENDED),
    CONTRACT("suspend_contract", IN_ARREARS, SUSPENDED),
    CONTRACT("suspend_contract", EXPIRING, SUSPENDED),
    CONTRACT("resume_contract", SUSPENDED, ACTIVE),
    CONTRACT("renew_contract", ACTIVE, ACTIVE), // RENEWED behind its last day
    CONTRACT("renew_contract", EXPIRING, EXPIRING),
};
static const struct land_move TENDERS_BY_TIME[] = {
    TENDER("its first day, its notice clear", PLAN_POSTED, OPEN),
    TENDER("the day behind its last", OPEN, CLOSED),
    TENDER("with the award of its last lot", RESULT_POSTED, AWARDED),
    TENDER("with the award of its last lot", RESULT_POSTED, FAILED),
};
static const struct land_move CONTRACTS_BY_TIME[] = {
    CONTRACT("its first day", SIGNED, ACTIVE),
    CONTRACT("its first day", SIGNED, EXPIRING),
    CONTRACT("a due is overdue", ACTIVE, IN_ARREARS),
    CONTRACT("a due is overdue", EXPIRING, IN_ARREARS),
    CONTRACT("a due is overdue", SIGNED, IN_ARREARS),
    CONTRACT("all that is overdue is paid", IN_ARREARS, ACTIVE),
    CONTRACT("all that is overdue is paid", IN_ARREARS, EXPIRING),
    CONTRACT("180 days before its last", ACTIVE, EXPIRING),
    CONTRACT("resumed", SUSPENDED, IN_ARREARS),
    CONTRACT("resumed", SUSPENDED, EXPIRING),
    CONTRACT("the day behind its last", ACTIVE, EXPIRED),
    CONTRACT("the day behind its last", EXPIRING, EXPIRED),
    CONTRACT("the day behind its last", IN_ARREARS, EXPIRED),
    CONTRACT("the day behind its last", SUSPENDED, EXPIRED),
    CONTRACT("the day behind its last, renewed", ACTIVE, RENEWED),
    CONTRACT("the day behind its last, renewed", EXPIRING, RENEWED),
    CONTRACT("the day behind its last, renewed", IN_ARREARS, RENEWED),
    CONTRACT("the day behind its last, renewed", SUSPENDED, RENEWED),
};
#define COUNT(ROWS) (sizeof(ROWS) / sizeof *(ROWS))

const struct land_states TENDER_STATES[] = {
    {LAND_KIND(TENDER), TENDERS, COUNT(TENDERS), TENDERS_BY_TIME, COUNT(TENDERS_BY_TIME)},
    {LAND_KIND(CONTRACT), CONTRACTS, COUNT(CONTRACTS), CONTRACTS_BY_TIME, COUNT(CONTRACTS_BY_TIME)},
    {0},
};

static int tender_next(struct land_write *write, const char *tender_id, const char *event) {
  const Wangge__V1__Tender *tender = LAND_GET(write, TENDER, tender, tender_id);
  if (!tender) {
    land_unknown(write, "/tender_id", LAND_KIND(TENDER), tender_id);
    return -1;
  }
  return land_move_to(write, LAND_KIND(TENDER), tender_id, (int)tender->state, TENDERS, COUNT(TENDERS), event,
                      "/tender_id");
}

bool tender_possible(struct land_write *write, const char *tender_id, const char *event) {
  return tender_next(write, tender_id, event) >= 0;
}

Wangge__V1__Tender *tender_move(struct land_write *write, const char *tender_id, const char *event) {
  const int state = tender_next(write, tender_id, event);
  if (state < 0) return NULL;
  Wangge__V1__Tender *tender = land_change(write, LAND_KIND(TENDER), tender_id);
  tender->state = (Wangge__V1__TenderState)state;
  return tender;
}

Wangge__V1__Contract *tender_contract_move(struct land_write *write, const char *contract_id, const char *event) {
  const Wangge__V1__Contract *stands = LAND_GET(write, CONTRACT, contract, contract_id);
  if (!stands) {
    land_unknown(write, "/contract_id", LAND_KIND(CONTRACT), contract_id);
    return NULL;
  }
  const int state = land_move_to(write, LAND_KIND(CONTRACT), contract_id, (int)stands->state, CONTRACTS,
                                 COUNT(CONTRACTS), event, "/contract_id");
  if (state < 0) return NULL;
  Wangge__V1__Contract *contract = land_change(write, LAND_KIND(CONTRACT), contract_id);
  contract->state = (Wangge__V1__ContractState)state;
  return contract;
}
