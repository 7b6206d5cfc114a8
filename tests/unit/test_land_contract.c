// From a ranking to a contract and its rents: every gate tried to be skipped, every day tried to be missed.
#include "tests/unit/tender_bed.h"

// --- awards ---
static void the_next_one_comes_after_a_refusal(void **state) {
  (void)state;
  to_ranked();
  of_tender("award"), refused("tender.state"); // the result is not posted
  post_result(false, "2027-02-19"), done();
  of_tender("award"), refused("tender.result_notice");
  assert_string_equal(earliest("tender.result_notice"), "2027-02-19"); // 7 days from 11 February
  post_result(true, "2027-02-19"), done();
  of_tender("award"), done();
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_AWARDED);
  of_tender("award"), refused("tender.state");
  Wangge__V1__RefuseAwardRequest refuse = INIT(REFUSE_AWARD_REQUEST);
  refuse.tender_id = bed.tender_id, refuse.lot_id = copy("lot-1"), refuse.document = copy(DOCUMENT);
  refuse.application_id = ranking()->rows[1]->application_id; // whose turn it is not
  act("refuse_award", &refuse), refused("award.turn");
  refuse.application_id = ranking()->rows[0]->application_id;
  act("refuse_award", &refuse), done();
  of_tender("award"), done();
  assert_string_equal(ranking()->progress->awarded, ranking()->rows[1]->application_id);
  refuse.application_id = ranking()->rows[1]->application_id;
  act("refuse_award", &refuse), done();
  of_tender("award"), done();
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_FAILED); // nobody is left
}

// --- gates of the contract ---
static void a_contract_that_comes_too_early_is_told_all_that_is_missing(void **state) {
  (void)state;
  default_tender();
  drafted();
  bed.fields[2].confirmed = false;
  default_signing();
  bed.signing.signed_on = copy("2027-01-04");
  act("sign_contract", &bed.signing);
  refused("contract.parcel contract.decision contract.plan_notice contract.tender contract.result_notice "
          "contract.award");
  assert_int_equal(bed.last.changed_count, 0);
  // Monday 4 January; without a calendar weekends only are days of rest.
  assert_string_equal(earliest("contract.parcel"), "2027-01-12");        // 7 days to Monday 11
  assert_string_equal(earliest("contract.plan_notice"), "2027-01-28");   // 15 days from there: Wednesday 27
  assert_string_equal(earliest("contract.tender"), "2027-02-11");        // the day behind its last
  assert_string_equal(earliest("contract.result_notice"), "2027-02-19"); // 7 days: Thursday 18
  assert_string_equal(earliest("contract.award"), "2027-02-19");
  bed.fields[2].confirmed = true;
  decide("tender", bed.tender_id);
  act("sign_contract", &bed.signing);
  refused("contract.plan_notice contract.tender contract.result_notice contract.award");
  assert_string_equal(earliest("contract.plan_notice"), "2027-01-20"); // 15 days: Tuesday 19
}

static void no_gate_alone_can_be_skipped(void **state) {
  static const char *const cases[] = {
      "contract.parcel", "contract.decision",  "contract.plan_notice", "contract.result_notice", "contract.award",
      "contract.award",  "contract.signed_on", "contract.signed_on",   "contract.term",          "contract.term",
      "contract.term",   "contract.use",       "contract.use",         "contract.overlap",       "contract.objection",
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (i) tear_down(NULL), set_up(NULL);
    to_awarded();
    default_signing();
    static Wangge__V1__LandWrite given;
    const char *ranking_id = wg_arena_printf(bed.arena, "%s.lot-1", bed.tender_id);
    begin(NULL, &given); // something happens behind the back of the rules
    switch (i) {
    case 0:
      bed.fields[2].confirmed = false;
      break;
    case 1:
      ((Wangge__V1__LandDecision *)land_change(&bed.last, KIND(DECISION), bed.decision_id))->state =
          WANGGE__V1__DECISION_STATE__DECISION_STATE_NOT_PASSED;
      break;
    case 2:
      ((Wangge__V1__Tender *)land_change(&bed.last, KIND(TENDER), bed.tender_id))->lots[0]->reserve_fen_per_mu = 1;
      break;
    case 3:
      ((Wangge__V1__Ranking *)land_change(&bed.last, KIND(RANKING), ranking_id))->rows[0]->price = -1;
      break;
    case 4:
      bed.signing.holder = copy("qian");
      break;
    case 5:
      ((Wangge__V1__Ranking *)land_change(&bed.last, KIND(RANKING), ranking_id))->state =
          WANGGE__V1__RANKING_STATE__RANKING_STATE_RANKED;
      break;
    case 6:
      bed.signing.signed_on = copy("2027-02-18");
      break;
    case 7:
      bed.signing.signed_on = copy("2027-02-21");
      break;
    case 8:
      bed.signing.from = copy("2027-02-19");
      break;
    case 9:
      bed.signing.to = copy("2031-03-14");
      break;
    case 10:
      bed.signing.to = copy("2027-03-15");
      bed.signing.from = copy("2027-03-15");
      break;
    case 11:
      bed.signing.use = WANGGE__V1__LAND_USE__LAND_USE_CAMP;
      break;
    case 12:
      bed.fields[2].class_code = "0102", bed.fields[2].basic_farmland = false, bed.fields[2].standard = "none";
      break;
    case 13:
      put_holding("p3", "qian", "2027-01-01", "2027-06-30");
      begin(NULL, &given);
      break;
    case 14: {
      Wangge__V1__Objection *objection = land_make(&bed.last, KIND(OBJECTION), "objection-1");
      objection->notice_id = record(KIND(TENDER), bed.tender_id)->tender->progress->plan_notice_id;
      objection->state = WANGGE__V1__OBJECTION_STATE__OBJECTION_STATE_ACCEPTED;
      break;
    }
    }
    bed.status = WG_OK;
    finish();
    act("sign_contract", &bed.signing);
    if (bed.status != WG_OK || !bed.last.refused || !strstr(findings(), cases[i]))
      fail_msg("case %zu: %s", i, findings());
    assert_int_equal(bed.last.changed_count, 0);
  }
}

static void a_lot_has_one_contract(void **state) {
  (void)state;
  to_signed();
  assert_contract(SIGNED);
  assert_int_equal(contract()->rent_fen, 900000); // 1 ha = 15 mu at 600 yuan
  assert_int_equal(contract()->total_fen, 2700000);
  assert_string_equal(contract()->issuer, "collective");
  act("sign_contract", &bed.signing);
  refused("contract.twice contract.overlap");
  default_signing();
  bed.signing.n_documents = 0;
  act("sign_contract", &bed.signing), wrong("documents");
}

// --- rents ---
static Wangge__V1__Payment payment;
static void pay(int64_t fen, const char *receipt, bool deposit) {
  wangge__v1__payment__init(&payment);
  payment.contract_id = bed.contract_id, payment.receipt_no = copy(receipt), payment.payer = copy("赵家"),
  payment.channel = WANGGE__V1__PAYMENT_CHANNEL__PAYMENT_CHANNEL_BANK, payment.fen = fen, payment.deposit = deposit;
  int year, month, of_month;
  wg_day_civil(bed.today, &year, &month, &of_month);
  payment.day = wg_arena_printf(bed.arena, "%04d-%02d-%02d", year, month, of_month);
  Wangge__V1__PayRequest request = INIT(PAY_REQUEST);
  request.payment = &payment;
  act("pay", &request);
}

static void rents_are_paid_overdue_and_paid_again(void **state) {
  (void)state;
  to_signed();
  live_to("2027-03-14");
  assert_contract(SIGNED);
  live_to("2027-03-15");
  assert_contract(ACTIVE);
  live_to("2027-03-25"); // last day in time
  assert_contract(ACTIVE);
  live_to("2027-03-26");
  assert_contract(IN_ARREARS);
  pay(0, "r-0", false), refused("payment.amount");
  pay(400000, "r-1", false), done();
  assert_contract(IN_ARREARS);
  pay(1, "r-1", false), refused("payment.receipt");
  pay(600000, "r-2", false), done(); // the rest, and something of the next year
  assert_contract(ACTIVE);
  const char *second = wg_arena_printf(bed.arena, "%s.002", bed.contract_id);
  assert_int_equal(record(KIND(PAYMENT_DUE), second)->payment_due->paid_fen, 100000);
  pay(5000000, "r-3", false), done();
  assert_int_equal(bed.last.changed_count > 0, 1);
  const Wangge__V1__LandRecord *paid = record(KIND(PAYMENT), made(KIND(PAYMENT)));
  assert_int_equal(paid->payment->unspent_fen, 5000000 - 1700000);
  pay(100001, "r-4", true), refused("payment.amount"); // more than the deposit
  pay(100000, "r-4", true), done();
  Wangge__V1__Refund refund = INIT(REFUND);
  refund.contract_id = bed.contract_id, refund.kind = WANGGE__V1__REFUND_KIND__REFUND_KIND_UNSPENT;
  refund.receipt_no = copy("b-1"), refund.day = payment.day, refund.payee = copy("赵家"),
  refund.document = copy(DOCUMENT);
  refund.fen = 3300001;
  Wangge__V1__RefundPaymentRequest request = INIT(REFUND_PAYMENT_REQUEST);
  request.refund = &refund;
  act("refund_payment", &request), refused("refund.amount");
  assert_string_equal(bed.last.findings[0]->suggestion, "3300000");
  refund.fen = 3300000;
  act("refund_payment", &request), done();
  refund.receipt_no = copy("b-2"), refund.fen = 1;
  act("refund_payment", &request), refused("refund.amount"); // nothing is left of it
  refund.kind = WANGGE__V1__REFUND_KIND__REFUND_KIND_DEPOSIT;
  act("refund_payment", &request), refused("refund.running");
}

static void the_parties_are_reminded_of_the_end(void **state) {
  (void)state;
  to_signed();
  pay(2700000, "r-1", false), done();
  static const struct {
    const char *day;
    int reminded;
  } cases[] = {{"2029-09-14", 0}, {"2029-09-15", 180}, {"2029-12-14", 90}, {"2030-02-12", 30}, {"2030-03-07", 7}};
  for (size_t i = 0; i < 5; i++) {
    live_to(cases[i].day);
    assert_int_equal(contract()->reminded_days, cases[i].reminded);
    assert_int_equal(contract()->state, cases[i].reminded ? WANGGE__V1__CONTRACT_STATE__CONTRACT_STATE_EXPIRING
                                                          : WANGGE__V1__CONTRACT_STATE__CONTRACT_STATE_ACTIVE);
  }
  live_to("2030-03-14"); // its last day
  assert_contract(EXPIRING);
  live_to("2030-03-15");
  assert_contract(EXPIRED);
  assert_string_equal(contract()->ended_on, "2030-03-14");
}

static void a_terminated_contract_owes_for_its_days(void **state) {
  (void)state;
  to_signed();
  live_to("2027-09-13"); // 183 of the first year's 366 days
  assert_contract(IN_ARREARS);
  Wangge__V1__TerminateContractRequest request = INIT(TERMINATE_CONTRACT_REQUEST);
  request.contract_id = bed.contract_id, request.last_day = copy("2027-09-14"), request.document = copy(DOCUMENT);
  request.breach = true;
  act("terminate_contract", &request), refused("contract.ended_on"); // in the future
  request.last_day = copy("2027-09-13");
  act("terminate_contract", &request), done();
  assert_contract(TERMINATED);
  const Wangge__V1__PaymentDue *first =
      record(KIND(PAYMENT_DUE), wg_arena_printf(bed.arena, "%s.001", bed.contract_id))->payment_due;
  assert_int_equal(first->fen, 450000);
  const Wangge__V1__PaymentDue *second =
      record(KIND(PAYMENT_DUE), wg_arena_printf(bed.arena, "%s.002", bed.contract_id))->payment_due;
  assert_int_equal(second->state, WANGGE__V1__DUE_STATE__DUE_STATE_CANCELLED);
  act("terminate_contract", &request), refused("contract.state");
  live_to("2028-12-31"); // nothing comes of it any more
  assert_contract(TERMINATED);
}

static void land_is_given_on_within_the_contract(void **state) {
  (void)state;
  to_signed();
  Wangge__V1__Transfer transfer = INIT(TRANSFER);
  transfer.contract_id = bed.contract_id, transfer.kind = WANGGE__V1__TRANSFER_KIND__TRANSFER_KIND_LEASE;
  transfer.taker = copy("qian"), transfer.from = copy("2027-03-15"), transfer.until = copy("2030-03-15");
  transfer.area_dm2 = 600000;
  Wangge__V1__TransferContractRequest request = INIT(TRANSFER_CONTRACT_REQUEST);
  request.transfer = &transfer;
  act("transfer_contract", &request), refused("transfer.document transfer.until");
  transfer.until = copy("2028-03-14"), transfer.document = copy(DOCUMENT);
  act("transfer_contract", &request), done();
  char *id = made(KIND(TRANSFER));
  act("transfer_contract", &request), refused("transfer.area"); // 40 % are left
  transfer.kind = WANGGE__V1__TRANSFER_KIND__TRANSFER_KIND_TILLING, transfer.document = copy("");
  transfer.area_dm2 = 400000;
  act("transfer_contract", &request), done(); // up to a year without writing
  transfer.kind = WANGGE__V1__TRANSFER_KIND__TRANSFER_KIND_ASSIGN;
  act("transfer_contract", &request), refused("transfer.document transfer.consent transfer.area");
  transfer.taker = copy("zhao");
  act("transfer_contract", &request), refused("transfer.taker transfer.document transfer.consent transfer.area");
  pay(2700000, "r-1", false), done();
  live_to("2028-03-14");
  assert_int_equal(record(KIND(TRANSFER), id)->transfer->state, WANGGE__V1__TRANSFER_STATE__TRANSFER_STATE_RUNNING);
  live_to("2028-03-15");
  assert_int_equal(record(KIND(TRANSFER), id)->transfer->state, WANGGE__V1__TRANSFER_STATE__TRANSFER_STATE_ENDED);
}

static void a_renewal_needs_its_own_decision_and_notice(void **state) {
  (void)state;
  to_signed();
  live_to("2027-03-26");
  Wangge__V1__RenewContractRequest request = INIT(RENEW_CONTRACT_REQUEST);
  request.contract_id = bed.contract_id, request.decision_id = copy("decision-0"), request.to = copy("2033-03-14");
  request.rate_fen_per_mu = 70000, request.signed_on = copy("2027-03-26");
  request.documents = bed.signing.documents, request.n_documents = 1;
  act("renew_contract", &request), refused("contract.arrears");
  pay(2700000, "r-1", false), done();
  act("renew_contract", &request), refused("contract.decision contract.change_notice");
  assert_string_equal(earliest("contract.change_notice"), "2027-04-03"); // Friday 26 March and 7 days
  decide("contract", bed.contract_id);
  request.decision_id = bed.decision_id;
  act("renew_contract", &request), refused("contract.change_notice");
  put_notice(NOTICE(CHANGE), KIND(DECISION), bed.decision_id, true, "2027-03-26");
  act("renew_contract", &request), done();
  char *next = made(KIND(CONTRACT));
  assert_string_equal(record(KIND(CONTRACT), next)->contract->from, "2030-03-15");
  assert_int_equal(record(KIND(CONTRACT), next)->contract->total_fen, 3 * 1050000);
  act("renew_contract", &request), refused("contract.twice");
  live_to("2030-03-15");
  assert_contract(RENEWED);
  assert_int_equal(record(KIND(CONTRACT), next)->contract->state, WANGGE__V1__CONTRACT_STATE__CONTRACT_STATE_ACTIVE);
}

static void overdue_rent_keeps_a_household_out(void **state) {
  (void)state;
  to_signed();
  live_to("2027-04-01");
  assert_contract(IN_ARREARS); // zhao's
  default_tender();
  bed.lot.parcel_id = copy("p4"), bed.lot.from = copy("2027-09-01"), bed.lot.to = copy("2028-08-31");
  bed.tender.opens_on = copy("2027-05-01"), bed.tender.closes_on = copy("2027-05-10");
  drafted();
  decide("tender", bed.tender_id);
  post_plan(true);
  live_to("2027-05-01");
  apply("zhao", 99999), apply("qian", 50000);
  live_to("2027-05-11");
  of_tender("rank_tender"), done();
  assert_string_equal(ranking()->rows[0]->party_id, "qian");
  assert_string_equal(ranking()->rows[1]->refused[0], "overdue");
}

static void outsiders_need_decision_approval_and_a_free_lot(void **state) {
  (void)state;
  to_open();
  invite("zhao", 2), invite("sun", 2);
  live_to("2027-02-11");
  of_tender("rank_tender"), done();
  post_result(true, "2027-02-11"), done();
  of_tender("award"), done();
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_FAILED);
  bed.tender.round = 2, bed.tender.follows = copy(bed.tender_id);
  bed.tender.opens_on = copy("2027-03-01"), bed.tender.closes_on = copy("2027-03-10");
  drafted();
  propose("tender", bed.tender_id, true);
  step(2, 0, 0), step(3, 20, 20), step(4, 30, 20), done();
  post_plan(true);
  live_to("2027-03-01");
  apply("outsider", 80000);
  invite("zhao", 2), invite("sun", 2);
  char *allowed = bed.decision_id;
  Wangge__V1__ApproveDecisionRequest approve = INIT(APPROVE_DECISION_REQUEST);
  approve.decision_id = allowed, approve.document = copy(DOCUMENT);
  act("approve_decision", &approve), done();
  live_to("2027-03-11");
  of_tender("rank_tender"), done();
  assert_int_equal(ranking()->rows[0]->rank, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(the_next_one_comes_after_a_refusal),
      CASE(a_contract_that_comes_too_early_is_told_all_that_is_missing),
      CASE(no_gate_alone_can_be_skipped),
      CASE(a_lot_has_one_contract),
      CASE(rents_are_paid_overdue_and_paid_again),
      CASE(the_parties_are_reminded_of_the_end),
      CASE(a_terminated_contract_owes_for_its_days),
      CASE(land_is_given_on_within_the_contract),
      CASE(a_renewal_needs_its_own_decision_and_notice),
      CASE(overdue_rent_keeps_a_household_out),
      CASE(outsiders_need_decision_approval_and_a_free_lot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
