// Inside services/land/tender only: the decide functions and what several files of it need.
#pragma once

#include "services/land/tender/ranking.h"
#include "services/land/tender/tender.h"

#include "wangge/v1/land_tender.pb-c.h"

enum {
  TENDER_TITLE_BYTES = 256,
  TENDER_LINE_BYTES = 128,
  TENDER_TEXT_BYTES = 8192,
  TENDER_CLAUSE_BYTES = 4096,
  TENDER_LOTS_MOST = 200,
  TENDER_DOCUMENTS_MOST = 64,
};
#define TENDER_FEN_MOST INT64_C(1000000000000) // 10 thousand million yuan: a single amount beyond is a slip
#define TENDER_STATE(NAME) WANGGE__V1__TENDER_STATE__TENDER_STATE_##NAME
#define CONTRACT_STATE(NAME) WANGGE__V1__CONTRACT_STATE__CONTRACT_STATE_##NAME

// --- days ---
// tender_check_day: exactly YYYY-MM-DD and such a day exists, up to LAND_TERM_LAST_YEAR; INVALID_ARGUMENT names
// `field`.
wg_status tender_check_day(const char *text, const char *field, int32_t *day, struct wg_error *error);
// tender_check_document: 64 hex digits; "" is allowed unless `required`.
wg_status tender_check_document(const char *text, bool required, const char *field, struct wg_error *error);
wg_status tender_check_documents(char *const *documents, size_t count, bool required, const char *field,
                                 struct wg_error *error);
wg_status tender_check_line(const char *text, bool required, const char *field, struct wg_error *error);
wg_status tender_check_reason(const struct land_write *write, struct wg_error *error); // of the write: must be given

// --- findings ---
// tender_refuse: what the state of things does not allow; tender_wrong: what is wrong with a value (INVALID_ARGUMENT).
// Both return WG_OK. `earliest` 0: not a matter of time.
wg_status tender_refuse(struct land_write *write, const char *code, const char *pointer, int32_t earliest,
                        const char *zh, const char *en);
wg_status tender_wrong(struct land_write *write, const char *code, const char *pointer, const char *zh, const char *en);
void tender_warn(struct land_write *write, const char *code, const char *pointer, const char *zh, const char *en);

// --- texts and lists of records, in the write's arena ---
// What a body takes over from another record is copied: the book frees records as their next versions come.
char *tender_copy(const struct land_write *write, const char *text);
ProtobufCBinaryData tender_bytes(const struct land_write *write, const void *data, size_t size);
// tender_push appends to a repeated field of a body that this write makes or changes.
void tender_push(const struct land_write *write, void ***items, size_t *count, void *item);
#define TENDER_PUSH(WRITE, BODY, FIELD, ITEM)                                                                          \
  tender_push((WRITE), (void ***)(void *)&(BODY)->FIELD, &(BODY)->n_##FIELD, (ITEM))

// --- tenders ---
const Wangge__V1__Lot *tender_lot(const Wangge__V1__Tender *tender, const char *lot_id); // NULL: none
const char *tender_ranking_id(const struct land_write *write, const char *tender_id, const char *lot_id);
// tender_move does an event of the tender's table (states.c): gives the tender to be changed with its new state, or
// NULL and the write is refused.
Wangge__V1__Tender *tender_move(struct land_write *write, const char *tender_id, const char *event);
bool tender_possible(struct land_write *write, const char *tender_id, const char *event); // refuses, changes nothing
// tender_contract_move, the same of a contract.
Wangge__V1__Contract *tender_contract_move(struct land_write *write, const char *contract_id, const char *event);
extern const struct land_states TENDER_STATES[]; // both, for `wangge-land --print-states`

// tender_terms checks a use and a term on a parcel: findings `<topic>_use`, `<topic>_use_document` (unless given) and
// `<topic>_term`; the pointer's base goes in front. Years a use of such land may be let for at most, by policy.
int tender_term_years(const struct land_write *write, const char *parcel_id, int use);

// --- facts (facts.c): of the village as the write sees it ---
// Why a parcel, or a part of it, is not free in a term: the other record, NULL: it is free. `boundary` "": the whole.
// `except`: a contract that does not count. *free_from gets the first day on which it would be (may be NULL).
struct tender_line {
  const char *parcel_id, *boundary;
  int64_t area_dm2;
  int32_t from, to;
};
const Wangge__V1__LandRecord *tender_taken(const struct land_write *write, const struct tender_line *line,
                                           const char *except, int32_t *free_from);
int32_t tender_contract_end(const Wangge__V1__Contract *contract); // last day in force
int32_t tender_holding_end(const Wangge__V1__Holding *holding);
// Overdue at the beginning of `day`: the first due that is, NULL: none. `contract_id` NULL: any contract of the party.
const Wangge__V1__LandRecord *tender_overdue(const struct land_write *write, const char *party, const char *contract_id,
                                             int32_t day);
// tender_lot_facts fills a ranking of a tender that is being closed: rows, parties to be asked.
wg_status tender_lot_facts(struct land_write *write, const char *tender_id, const Wangge__V1__Tender *tender,
                           const Wangge__V1__Lot *lot, Wangge__V1__Ranking *ranking, struct wg_error *error);
// tender_rank computes a ranking from its facts and the nonces of its applications (rank.c).
void tender_rank(const struct land_write *write, const Wangge__V1__Tender *tender, const Wangge__V1__Lot *lot,
                 Wangge__V1__Ranking *ranking);

// --- gates (gates.c) ---
// tender_gates refuses with everything that keeps a contract of this lot from being signed on `signed_on`, each with
// its earliest day. True: nothing does.
struct tender_signing {
  const char *tender_id, *lot_id;
  const Wangge__V1__Tender *tender;
  const Wangge__V1__Lot *lot;
  const Wangge__V1__Ranking *ranking; // NULL: none yet
  const char *holder;
  int32_t signed_on, from, to;
  int use;
  const char *use_document;
};
bool tender_gates(struct land_write *write, const struct tender_signing *signing);

// --- contracts ---
// tender_add_dues makes the dues of a contract and sets its rent and total. INVALID_ARGUMENT: amounts do not fit.
wg_status tender_add_dues(struct land_write *write, const char *contract_id, Wangge__V1__Contract *contract,
                          struct wg_error *error);
// tender_settle sets state and due day of a contract by its dues and the day.
void tender_settle(struct land_write *write, const char *contract_id);
// All dues of a contract, oldest first, in the arena.
struct tender_dues {
  const Wangge__V1__LandRecord **records;
  struct land_due *dues;
  size_t count;
};
struct tender_dues tender_dues_of(const struct land_write *write, const char *contract_id);

// --- decide functions, one for each rpc ---
#define TENDER_ACTION(NAME) wg_status tender_##NAME(struct land_write *write, struct wg_error *error)
TENDER_ACTION(propose_decision);
TENDER_ACTION(record_step);
TENDER_ACTION(approve_decision);
TENDER_ACTION(draft_tender);
TENDER_ACTION(post_plan);
TENDER_ACTION(open_tender);
TENDER_ACTION(record_invitation);
TENDER_ACTION(apply);
TENDER_ACTION(withdraw_application);
TENDER_ACTION(close_tender);
TENDER_ACTION(reveal_nonce);
TENDER_ACTION(rank_tender);
TENDER_ACTION(check_edge);
TENDER_ACTION(post_result);
TENDER_ACTION(award);
TENDER_ACTION(refuse_award);
TENDER_ACTION(cancel_tender);
TENDER_ACTION(put_holding);
TENDER_ACTION(sign_contract);
TENDER_ACTION(pay);
TENDER_ACTION(refund_payment);
TENDER_ACTION(transfer_contract);
TENDER_ACTION(terminate_contract);
TENDER_ACTION(suspend_contract);
TENDER_ACTION(resume_contract);
TENDER_ACTION(renew_contract);
// --- timers ---
#define TENDER_TIMER(NAME)                                                                                             \
  wg_status tender_##NAME(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error)
TENDER_TIMER(tender_due);
TENDER_TIMER(contract_due);
TENDER_TIMER(payment_due);
TENDER_TIMER(transfer_due);
