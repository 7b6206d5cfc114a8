// Payments and refunds (收租、退款), and rents that were not paid in time.
#include "services/land/tender/parts.h"

#include "services/land/tender/dues.h"

#include <inttypes.h>
#include <string.h>

#define DUE(NAME) WANGGE__V1__DUE_STATE__DUE_STATE_##NAME
#define REFUND(NAME) WANGGE__V1__REFUND_KIND__REFUND_KIND_##NAME

static bool receipt_used(const struct land_write *write, const char *receipt_no) {
  struct wg_book_walk walk = land_each(write, LAND_KIND(PAYMENT));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->payment->receipt_no, receipt_no) == 0) return true;
  }
  walk = land_each(write, LAND_KIND(REFUND));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->refund->receipt_no, receipt_no) == 0) return true;
  }
  return false;
}

// Money that was paid for a contract and is not owed: what came in less what is owed of it and what went back.
static int64_t unspent(const struct land_write *write, const char *contract_id) {
  int64_t sum = 0;
  struct wg_book_walk walk = land_each(write, LAND_KIND(PAYMENT));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (!record->payment->deposit && strcmp(record->payment->contract_id, contract_id) == 0)
      sum += record->payment->fen;
  }
  walk = land_each(write, LAND_KIND(REFUND));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (record->refund->kind == REFUND(UNSPENT) && strcmp(record->refund->contract_id, contract_id) == 0)
      sum -= record->refund->fen;
  }
  const struct tender_dues all = tender_dues_of(write, contract_id);
  for (size_t i = 0; i < all.count; i++) {
    const struct land_due *due = &all.dues[i];
    if (!due->cancelled) sum -= due->paid_fen < due->fen ? due->paid_fen : due->fen;
  }
  return sum;
}

// --- payments ---
static void spread(struct land_write *write, Wangge__V1__Payment *payment) {
  const struct tender_dues all = tender_dues_of(write, payment->contract_id);
  int64_t *shares = wg_arena_alloc(write->arena, (all.count + 1) * sizeof *shares);
  payment->unspent_fen = land_dues_pay(all.dues, all.count, payment->fen, shares);
  for (size_t i = 0; i < all.count; i++) {
    if (!shares[i]) continue;
    const char *id = all.records[i]->id;
    Wangge__V1__PaymentDue *due = land_change(write, LAND_KIND(PAYMENT_DUE), id);
    due->paid_fen += shares[i];
    if (due->paid_fen == due->fen) {
      due->state = DUE(PAID);
      land_due(write, LAND_KIND(PAYMENT_DUE), id, LAND_NO_DAY);
    }
    Wangge__V1__PaymentShare *share = wg_arena_alloc(write->arena, sizeof *share);
    wangge__v1__payment_share__init(share);
    share->due_id = tender_copy(write, id);
    share->fen = shares[i];
    TENDER_PUSH(write, payment, shares, share);
  }
}

static wg_status check_payment(const Wangge__V1__Payment *given, int32_t *day, struct wg_error *error) {
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "payment", "must be given");
  wg_status status = tender_check_day(given->day, "payment.day", day, error);
  if (status == WG_OK) status = tender_check_line(given->receipt_no, true, "payment.receipt_no", error);
  if (status == WG_OK) status = tender_check_line(given->payer, true, "payment.payer", error);
  if (status != WG_OK) return status;
  if (given->channel <= 0 || given->channel > WANGGE__V1__PAYMENT_CHANNEL__PAYMENT_CHANNEL_OFFSET)
    return wg_fail(error, WG_INVALID_ARGUMENT, "payment.channel", "must be cash, bank, mobile or offset");
  return WG_OK;
}

static void check_money(struct land_write *write, int64_t fen, const char *receipt_no, int32_t day, int32_t signed_on,
                        const char *what) {
  if (fen <= 0 || fen > TENDER_FEN_MOST)
    tender_wrong(write, land_text(write, "%s.amount", what), land_text(write, "/%s/fen", what),
                 land_text(write, "金额应为1到%" PRId64 "分", TENDER_FEN_MOST),
                 land_text(write, "an amount is 1 to %" PRId64 " fen", TENDER_FEN_MOST));
  if (receipt_used(write, receipt_no))
    tender_refuse(write, land_text(write, "%s.receipt", what), land_text(write, "/%s/receipt_no", what), 0,
                  "本村已有这个票据号", "this village has used this receipt number");
  if (day > write->today || day < signed_on)
    tender_wrong(write, land_text(write, "%s.day", what), land_text(write, "/%s/day", what),
                 "日期须在签订以后、今天以前", "the day is not before the signing and not in the future");
}

wg_status tender_pay(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PayRequest *request = (const void *)write->request;
  const Wangge__V1__Payment *given = request->payment;
  int32_t day = 0;
  const wg_status status = check_payment(given, &day, error);
  if (status != WG_OK) return status;
  Wangge__V1__Contract *contract = tender_contract_move(write, given->contract_id, "pay");
  if (!contract) return WG_OK;
  check_money(write, given->fen, given->receipt_no, day, land_day_or(contract->signed_on, 0), "payment");
  if (!write->refused && given->deposit && given->fen > contract->deposit_fen - contract->deposit_paid_fen)
    tender_wrong(write, "payment.amount", "/payment/fen", "超过了约定的押金", "more than the deposit that was agreed");
  if (write->refused) return WG_OK;
  Wangge__V1__Payment *payment = land_make(write, LAND_KIND(PAYMENT), land_new_id(write, "payment"));
  *payment = *given;
  payment->shares = NULL, payment->n_shares = 0, payment->unspent_fen = 0;
  if (given->deposit) contract->deposit_paid_fen += given->fen;
  else spread(write, payment);
  tender_settle(write, given->contract_id);
  return WG_OK;
}

// The day behind a due's last day has come.
wg_status tender_payment_due(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error) {
  (void)error;
  Wangge__V1__PaymentDue *due = land_change(write, LAND_KIND(PAYMENT_DUE), record->id);
  land_due(write, LAND_KIND(PAYMENT_DUE), record->id, LAND_NO_DAY);
  if (due->state != DUE(OPEN) || due->paid_fen >= due->fen) return WG_OK;
  due->state = DUE(OVERDUE);
  tender_settle(write, due->contract_id);
  return WG_OK;
}

// --- refunds ---
static int64_t refundable(struct land_write *write, const Wangge__V1__Refund *given,
                          const Wangge__V1__Contract *contract) {
  if (given->kind == REFUND(UNSPENT)) return unspent(write, given->contract_id);
  const bool over = contract->state == CONTRACT_STATE(EXPIRED) || contract->state == CONTRACT_STATE(RENEWED) ||
                    contract->state == CONTRACT_STATE(TERMINATED);
  if (!over)
    tender_refuse(write, "refund.running", "/refund/kind", land_day_or(contract->to, 0) + 1, "合同期满或解除后才退押金",
                  "a deposit is paid back when the contract is over");
  else if (tender_overdue(write, contract->holder, given->contract_id, write->today))
    tender_refuse(write, "refund.arrears", "/refund/kind", 0, "有欠租，缴清后才退押金",
                  "rent is overdue: the deposit is paid back when that is paid");
  return contract->deposit_paid_fen;
}

wg_status tender_refund_payment(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__RefundPaymentRequest *request = (const void *)write->request;
  const Wangge__V1__Refund *given = request->refund;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "refund", "must be given");
  if (given->kind != REFUND(UNSPENT) && given->kind != REFUND(DEPOSIT))
    return wg_fail(error, WG_INVALID_ARGUMENT, "refund.kind", "must be unspent or deposit");
  int32_t day;
  wg_status status = tender_check_day(given->day, "refund.day", &day, error);
  if (status == WG_OK) status = tender_check_line(given->receipt_no, true, "refund.receipt_no", error);
  if (status == WG_OK) status = tender_check_line(given->payee, true, "refund.payee", error);
  if (status == WG_OK) status = tender_check_document(given->document, true, "refund.document", error);
  if (status != WG_OK) return status;
  Wangge__V1__Contract *contract = tender_contract_move(write, given->contract_id, "refund_payment");
  if (!contract) return WG_OK;
  check_money(write, given->fen, given->receipt_no, day, land_day_or(contract->signed_on, 0), "refund");
  const int64_t most = refundable(write, given, contract);
  if (!write->refused && given->fen > most)
    land_refuse(write, (struct land_what){.code = "refund.amount",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/refund/fen",
                                          .zh = land_text(write, "最多可退%" PRId64 "分", most),
                                          .en = land_text(write, "%" PRId64 " fen at most can be paid back", most),
                                          .suggestion = land_text(write, "%" PRId64, most)});
  if (write->refused) return WG_OK;
  Wangge__V1__Refund *refund = land_make(write, LAND_KIND(REFUND), land_new_id(write, "refund"));
  *refund = *given;
  if (given->kind == REFUND(DEPOSIT)) contract->deposit_paid_fen -= given->fen;
  tender_settle(write, given->contract_id);
  return WG_OK;
}
