// Contracts (承包合同): signed, running out, suspended, terminated, renewed.
#include "services/land/tender/parts.h"

#include "common/base/text.h"
#include "services/land/base.h"
#include "services/land/notice/notice.h"
#include "services/land/tender/dues.h"
#include "services/land/tender/money.h"
#include "services/land/tender/term.h"

#include <inttypes.h>
#include <string.h>

#define DUE(NAME) WANGGE__V1__DUE_STATE__DUE_STATE_##NAME

// --- dues ---
struct tender_dues tender_dues_of(const struct land_write *write, const char *contract_id) {
  struct tender_dues all = {.records = wg_arena_alloc(write->arena, LAND_DUES_MOST * sizeof(void *)),
                            .dues = wg_arena_zalloc(write->arena, LAND_DUES_MOST * sizeof(struct land_due))};
  const char *prefix = land_text(write, "%s.", contract_id);
  struct wg_book_walk walk = wg_book_walk(write->book, write->write->village, LAND_KIND(PAYMENT_DUE), prefix);
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk)) && all.count < LAND_DUES_MOST;) {
    const Wangge__V1__PaymentDue *due = record->payment_due;
    all.dues[all.count] = (struct land_due){.due = land_day_or(due->due_on, 0),
                                            .first = land_day_or(due->from, 0),
                                            .last = land_day_or(due->to, 0),
                                            .fen = due->fen,
                                            .paid_fen = due->paid_fen,
                                            .cancelled = due->state == DUE(CANCELLED)};
    all.records[all.count++] = record;
  }
  return all;
}

wg_status tender_add_dues(struct land_write *write, const char *contract_id, Wangge__V1__Contract *contract,
                          struct wg_error *error) {
  struct land_due *dues = wg_arena_alloc(write->arena, LAND_DUES_MOST * sizeof *dues);
  if (!land_rent_year(contract->rate_fen_per_mu, contract->area_dm2, &contract->rent_fen))
    return wg_fail(error, WG_INVALID_ARGUMENT, "rate_fen_per_mu", "the rent of this area does not fit");
  const size_t count = land_dues_plan(land_day_or(contract->from, 0), land_day_or(contract->to, 0), contract->rent_fen,
                                      contract->every_months, contract->pay_within_days, dues, &contract->total_fen);
  if (!count) return wg_fail(error, WG_INVALID_ARGUMENT, "rate_fen_per_mu", "the rent of this term does not fit");
  for (size_t i = 0; i < count; i++) {
    const char *id = land_text(write, "%s.%03zu", contract_id, i + 1);
    Wangge__V1__PaymentDue *due = land_make(write, LAND_KIND(PAYMENT_DUE), id);
    due->state = dues[i].fen ? DUE(OPEN) : DUE(PAID);
    due->contract_id = tender_copy(write, contract_id);
    due->due_on = tender_copy(write, land_day_text(write->arena, dues[i].due));
    due->from = tender_copy(write, land_day_text(write->arena, dues[i].first));
    due->to = tender_copy(write, land_day_text(write->arena, dues[i].last));
    due->fen = dues[i].fen;
    if (dues[i].fen) land_due(write, LAND_KIND(PAYMENT_DUE), id, dues[i].due + 1);
  }
  return WG_OK;
}

// --- state by day ---
static bool is_running(const Wangge__V1__Contract *contract) {
  return contract->state == CONTRACT_STATE(SIGNED) || contract->state == CONTRACT_STATE(ACTIVE) ||
         contract->state == CONTRACT_STATE(IN_ARREARS) || contract->state == CONTRACT_STATE(EXPIRING) ||
         contract->state == CONTRACT_STATE(SUSPENDED);
}

// The last reminder that is due on a day: 180, 90, 30, 7; 0: none yet.
static int reminder(int32_t last, int32_t day) {
  int reminded = 0;
  for (size_t i = 0; LAND_REMINDERS[i]; i++) {
    if (last - LAND_REMINDERS[i] <= day) reminded = LAND_REMINDERS[i];
  }
  return reminded;
}

void tender_settle(struct land_write *write, const char *contract_id) {
  Wangge__V1__Contract *contract = land_change(write, LAND_KIND(CONTRACT), contract_id);
  if (!is_running(contract)) {
    land_due(write, LAND_KIND(CONTRACT), contract_id, LAND_NO_DAY);
    return;
  }
  const int32_t from = land_day_or(contract->from, 0), to = land_day_or(contract->to, 0);
  if (write->today > to) {
    contract->state = *contract->renewed_by ? CONTRACT_STATE(RENEWED) : CONTRACT_STATE(EXPIRED);
    contract->ended_on = contract->to;
    land_due(write, LAND_KIND(CONTRACT), contract_id, LAND_NO_DAY);
    return;
  }
  contract->reminded_days = reminder(to, write->today);
  int32_t next = land_term_mark(to, write->today, NULL);
  if (write->today < from && from < next) next = from;
  land_due(write, LAND_KIND(CONTRACT), contract_id, next);
  if (contract->state == CONTRACT_STATE(SUSPENDED)) return;
  if (write->today < from) contract->state = CONTRACT_STATE(SIGNED);
  else if (tender_overdue(write, contract->holder, contract_id, write->today))
    contract->state = CONTRACT_STATE(IN_ARREARS);
  else if (contract->reminded_days) contract->state = CONTRACT_STATE(EXPIRING);
  else contract->state = CONTRACT_STATE(ACTIVE);
}

wg_status tender_contract_due(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error) {
  (void)error;
  tender_settle(write, record->id);
  return WG_OK;
}

// --- signing ---
static bool code_fits(const char *code) {
  return !*code || (strlen(code) == 19 && wg_all_digits(code, 18) && (code[18] == 'J' || code[18] == 'Q'));
}

static wg_status check_signing(const Wangge__V1__SignContractRequest *request, struct tender_signing *signing,
                               struct wg_error *error) {
  wg_status status = tender_check_day(request->signed_on, "signed_on", &signing->signed_on, error);
  if (status == WG_OK && *request->from) status = tender_check_day(request->from, "from", &signing->from, error);
  if (status == WG_OK && *request->to) status = tender_check_day(request->to, "to", &signing->to, error);
  if (status == WG_OK)
    status = tender_check_documents(request->documents, request->n_documents, true, "documents", error);
  if (status == WG_OK) status = tender_check_document(request->use_document, false, "use_document", error);
  if (status == WG_OK)
    status = wg_text_check(request->breach_clause, TENDER_CLAUSE_BYTES, WG_TEXT_PLAIN, "breach_clause", error);
  if (status != WG_OK) return status;
  if (!code_fits(request->code))
    return wg_fail(error, WG_INVALID_ARGUMENT, "code", "must be 18 digits and J or Q (GB/T 35958), or empty");
  const int method = request->method;
  if (method != 0 && method != 121 && method != 122 && method != 123 && method != 129)
    return wg_fail(error, WG_INVALID_ARGUMENT, "method", "must be 121, 122, 123 or 129, or 0: 121");
  return WG_OK;
}

static void add_line(const struct land_write *write, Wangge__V1__Contract *contract, const Wangge__V1__Lot *lot) {
  Wangge__V1__ContractLine *line = wg_arena_alloc(write->arena, sizeof *line);
  wangge__v1__contract_line__init(line);
  line->parcel_id = tender_copy(write, lot->parcel_id);
  line->area_dm2 = lot->area_dm2;
  line->boundary = tender_copy(write, lot->boundary);
  TENDER_PUSH(write, contract, lines, line);
  contract->area_dm2 += lot->area_dm2;
}

static wg_status write_contract(struct land_write *write, const struct tender_signing *signing,
                                const Wangge__V1__Application *application, struct wg_error *error) {
  const Wangge__V1__SignContractRequest *request = (const void *)write->request;
  const Wangge__V1__VillageInfo *village = LAND_GET(write, VILLAGE_INFO, village_info, LAND_VILLAGE_ID);
  const char *id = land_new_id(write, "contract");
  Wangge__V1__Contract *contract = land_make(write, LAND_KIND(CONTRACT), id);
  contract->state = CONTRACT_STATE(SIGNED);
  contract->code = request->code;
  contract->tender_id = request->tender_id;
  contract->lot_id = request->lot_id;
  contract->application_id = tender_copy(write, signing->ranking->progress->awarded);
  contract->issuer = tender_copy(write, village ? village->collective : "");
  contract->holder = request->holder;
  contract->method = request->method ? request->method : 121;
  contract->from = tender_copy(write, land_day_text(write->arena, signing->from));
  contract->to = tender_copy(write, land_day_text(write->arena, signing->to));
  contract->signed_on = request->signed_on;
  add_line(write, contract, signing->lot);
  contract->use = (Wangge__V1__LandUse)signing->use;
  contract->rate_fen_per_mu = application->offer_fen_per_mu;
  contract->every_months = signing->lot->every_months;
  contract->pay_within_days = signing->lot->pay_within_days;
  contract->deposit_fen = signing->lot->deposit_fen;
  contract->breach_clause = request->breach_clause;
  contract->documents = request->documents, contract->n_documents = request->n_documents;
  contract->use_document = request->use_document;
  contract->decision_id = tender_copy(write, signing->tender->progress->decision_id);
  contract->plan_notice_id = tender_copy(write, signing->tender->progress->plan_notice_id);
  contract->result_notice_id = tender_copy(write, signing->ranking->progress->result_notice_id);
  const wg_status status = tender_add_dues(write, id, contract, error);
  if (status != WG_OK) return status;
  Wangge__V1__Ranking *ranking =
      land_change(write, LAND_KIND(RANKING), tender_ranking_id(write, signing->tender_id, signing->lot_id));
  ranking->progress->contract_id = tender_copy(write, id);
  tender_settle(write, id);
  return WG_OK;
}

wg_status tender_sign_contract(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__SignContractRequest *request = (const void *)write->request;
  struct tender_signing signing = {.tender_id = request->tender_id,
                                   .lot_id = request->lot_id,
                                   .holder = request->holder,
                                   .use = (int)request->use,
                                   .use_document = request->use_document};
  const wg_status status = check_signing(request, &signing, error);
  if (status != WG_OK) return status;
  signing.tender = LAND_GET(write, TENDER, tender, request->tender_id);
  if (!signing.tender) return land_unknown(write, "/tender_id", LAND_KIND(TENDER), request->tender_id);
  const char *ranking_id = tender_ranking_id(write, request->tender_id, request->lot_id);
  signing.lot = tender_lot(signing.tender, request->lot_id);
  if (!signing.lot) return land_unknown(write, "/lot_id", LAND_KIND(RANKING), ranking_id);
  if (!land_get(write, LAND_KIND(PARTY), request->holder))
    return land_unknown(write, "/holder", LAND_KIND(PARTY), request->holder);
  signing.ranking = LAND_GET(write, RANKING, ranking, ranking_id);
  const char *awarded = signing.ranking && signing.ranking->progress ? signing.ranking->progress->awarded : "";
  const Wangge__V1__Application *application = LAND_GET(write, APPLICATION, application, awarded);
  if (!*request->from) signing.from = land_day_or(signing.lot->from, 0);
  if (!*request->to) signing.to = land_day_or(signing.lot->to, 0);
  if (!request->use) signing.use = (int)(application ? application->use : signing.lot->uses[0]);
  if (application && (int)application->use != signing.use)
    tender_wrong(write, "contract.use", "/use", "用途与申请的不同", "this is not the use that was applied for");
  const Wangge__V1__TenderProgress *progress = signing.tender->progress;
  const Wangge__V1__LandDecision *decision =
      progress ? LAND_GET(write, DECISION, decision, progress->decision_id) : NULL;
  if (application && !application->offer_fen_per_mu && !(decision && *decision->zero_rent_reason))
    tender_refuse(write, "contract.zero_rent", "/tender_id", 0, "零租金须有决议说明理由",
                  "land is let for nothing only by a decision that says why");
  if (!tender_gates(write, &signing)) return WG_OK;
  return write_contract(write, &signing, application, error);
}

// --- ending early, disputes ---
static void end_dues(struct land_write *write, const char *contract_id, int32_t last) {
  const struct tender_dues all = tender_dues_of(write, contract_id);
  int64_t *owed = wg_arena_alloc(write->arena, (all.count + 1) * sizeof *owed);
  land_dues_end(all.dues, all.count, last, owed);
  for (size_t i = 0; i < all.count; i++) {
    if (all.dues[i].cancelled || owed[i] == all.dues[i].fen) continue;
    Wangge__V1__PaymentDue *due = land_change(write, LAND_KIND(PAYMENT_DUE), all.records[i]->id);
    due->fen = owed[i];
    if (due->paid_fen < due->fen) continue;
    due->state = due->fen ? DUE(PAID) : DUE(CANCELLED);
    land_due(write, LAND_KIND(PAYMENT_DUE), all.records[i]->id, LAND_NO_DAY);
  }
}

static void end_transfers(struct land_write *write, const char *contract_id, int32_t last) {
  struct wg_book_walk walk = land_each(write, LAND_KIND(TRANSFER));
  const char **running = NULL; // first found, then changed: a book is not changed under a walk
  size_t count = 0;
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->transfer->contract_id, contract_id) == 0 &&
        record->transfer->state == WANGGE__V1__TRANSFER_STATE__TRANSFER_STATE_RUNNING)
      tender_push(write, (void ***)(void *)&running, &count, record->id);
  }
  for (size_t i = 0; i < count; i++) {
    Wangge__V1__Transfer *transfer = land_change(write, LAND_KIND(TRANSFER), running[i]);
    transfer->state = WANGGE__V1__TRANSFER_STATE__TRANSFER_STATE_ENDED;
    transfer->ended_on = tender_copy(write, land_day_text(write->arena, last));
    land_due(write, LAND_KIND(TRANSFER), running[i], LAND_NO_DAY);
  }
}

wg_status tender_terminate_contract(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__TerminateContractRequest *request = (const void *)write->request;
  int32_t last;
  wg_status status = tender_check_day(request->last_day, "last_day", &last, error);
  if (status == WG_OK) status = tender_check_document(request->document, true, "document", error);
  if (status == WG_OK) status = tender_check_reason(write, error);
  if (status != WG_OK) return status;
  Wangge__V1__Contract *contract = tender_contract_move(write, request->contract_id, "terminate_contract");
  if (!contract) return WG_OK;
  if (last < land_day_or(contract->signed_on, 0) || last > write->today || last >= land_day_or(contract->to, 0))
    return tender_wrong(write, "contract.ended_on", "/last_day", "终止日须在签订以后、今天以前、止期以前",
                        "the last day is not before the signing, not in the future, and before the end of the term");
  contract->ended_on = request->last_day;
  contract->ended_reason = write->write->reason;
  contract->breach = request->breach;
  TENDER_PUSH(write, contract, documents, request->document);
  end_dues(write, request->contract_id, last);
  end_transfers(write, request->contract_id, last);
  land_due(write, LAND_KIND(CONTRACT), request->contract_id, LAND_NO_DAY);
  return WG_OK;
}

wg_status tender_suspend_contract(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__SuspendContractRequest *request = (const void *)write->request;
  const wg_status status = tender_check_reason(write, error);
  if (status != WG_OK) return status;
  Wangge__V1__Contract *contract = tender_contract_move(write, request->contract_id, "suspend_contract");
  if (contract) contract->suspended_reason = write->write->reason;
  return WG_OK;
}

wg_status tender_resume_contract(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ResumeContractRequest *request = (const void *)write->request;
  const wg_status status = tender_check_reason(write, error);
  if (status != WG_OK) return status;
  Wangge__V1__Contract *contract = tender_contract_move(write, request->contract_id, "resume_contract");
  if (!contract) return WG_OK;
  contract->suspended_reason = tender_copy(write, "");
  tender_settle(write, request->contract_id);
  return WG_OK;
}
