// The topic's table: rpcs, their decide functions, timers.
#include "services/land/tender/parts.h"

#define ACTION(NAME)                                                                                                   \
  { #NAME, &wangge__v1__##NAME##_request__descriptor, tender_##NAME }
static const struct land_action ACTIONS[] = {
    ACTION(propose_decision),
    ACTION(record_step),
    ACTION(approve_decision),
    ACTION(draft_tender),
    ACTION(post_plan),
    ACTION(open_tender),
    ACTION(record_invitation),
    ACTION(apply),
    ACTION(withdraw_application),
    ACTION(close_tender),
    ACTION(reveal_nonce),
    ACTION(rank_tender),
    ACTION(check_edge),
    ACTION(post_result),
    ACTION(award),
    ACTION(refuse_award),
    ACTION(cancel_tender),
    ACTION(put_holding),
    ACTION(sign_contract),
    ACTION(pay),
    ACTION(refund_payment),
    ACTION(transfer_contract),
    ACTION(terminate_contract),
    ACTION(suspend_contract),
    ACTION(resume_contract),
    ACTION(renew_contract),
    {NULL},
};

#define TENDER(NAME, REQUEST) LAND_METHOD_WRITE("LandTender/" NAME, REQUEST, LAND_KEEPERS)
#define CONTRACT(NAME, REQUEST) LAND_METHOD_WRITE("LandContract/" NAME, REQUEST, LAND_KEEPERS)
static const struct wg_method METHODS[] = {
    TENDER("ProposeDecision", propose_decision),
    TENDER("RecordStep", record_step),
    LAND_METHOD_WRITE("LandTender/ApproveDecision", approve_decision, WG_ROLE_TOWNSHIP | WG_ROLE_REGISTRAR),
    TENDER("DraftTender", draft_tender),
    TENDER("PostPlan", post_plan),
    TENDER("OpenTender", open_tender),
    TENDER("RecordInvitation", record_invitation),
    TENDER("Apply", apply),
    TENDER("WithdrawApplication", withdraw_application),
    TENDER("CloseTender", close_tender),
    TENDER("RevealNonce", reveal_nonce),
    TENDER("RankTender", rank_tender),
    TENDER("CheckEdge", check_edge),
    TENDER("PostResult", post_result),
    TENDER("Award", award),
    TENDER("RefuseAward", refuse_award),
    TENDER("CancelTender", cancel_tender),
    TENDER("PutHolding", put_holding),
    CONTRACT("SignContract", sign_contract),
    CONTRACT("Pay", pay),
    CONTRACT("RefundPayment", refund_payment),
    CONTRACT("TransferContract", transfer_contract),
    CONTRACT("TerminateContract", terminate_contract),
    CONTRACT("SuspendContract", suspend_contract),
    CONTRACT("ResumeContract", resume_contract),
    CONTRACT("RenewContract", renew_contract),
    {.name = NULL},
};

static const struct land_timer TIMERS[] = {
    {LAND_KIND(TENDER), tender_tender_due},
    {LAND_KIND(CONTRACT), tender_contract_due},
    {LAND_KIND(PAYMENT_DUE), tender_payment_due},
    {LAND_KIND(TRANSFER), tender_transfer_due},
    {0, NULL},
};

const struct land_topic LAND_TENDER_TOPIC = {
    .methods = METHODS, .actions = ACTIONS, .timers = TIMERS, .states = TENDER_STATES};
