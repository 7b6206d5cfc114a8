// The way from a draft to a signed contract: see tender_bed.h.
#include "tests/unit/tender_bed.h"

#include "services/land/ledger/hash.h"
#include "services/land/notice/notice.h"

static Wangge__V1__Lot *lots[1] = {&bed.lot};
static Wangge__V1__LandUse uses[] = {CROPS};

void draft(void) {
  Wangge__V1__DraftTenderRequest request = INIT(DRAFT_TENDER_REQUEST);
  request.tender = &bed.tender;
  act("draft_tender", &request);
}

void drafted(void) {
  draft(), done();
  bed.tender_id = made(KIND(TENDER));
}

void default_tender(void) {
  wangge__v1__lot__init(&bed.lot);
  bed.lot.id = copy("lot-1"), bed.lot.parcel_id = copy("p3"), bed.lot.uses = uses, bed.lot.n_uses = 1;
  bed.lot.from = copy("2027-03-15"), bed.lot.to = copy("2030-03-14");
  bed.lot.reserve_fen_per_mu = 50000, bed.lot.every_months = 12, bed.lot.pay_within_days = 10,
  bed.lot.deposit_fen = 100000;
  wangge__v1__tender__init(&bed.tender);
  bed.tender.title = copy("三号地块承包"), bed.tender.lots = lots, bed.tender.n_lots = 1, bed.tender.round = 1;
  bed.tender.opens_on = copy("2027-02-01"), bed.tender.closes_on = copy("2027-02-10");
}

void step(int kind, int eligible, int in_favour) {
  Wangge__V1__Vote vote = INIT(VOTE);
  vote.eligible = eligible, vote.present = eligible, vote.in_favour = in_favour;
  Wangge__V1__DecisionStep given = INIT(DECISION_STEP);
  given.kind = (Wangge__V1__DecisionStepKind)kind;
  given.day = copy("2027-01-04"), given.minutes = copy(DOCUMENT);
  if (kind >= 3) given.vote = &vote;
  Wangge__V1__RecordStepRequest request = INIT(RECORD_STEP_REQUEST);
  request.decision_id = bed.decision_id, request.step = &given;
  // The request lives as long as the write, what is kept of it is copied by the book.
  act("record_step", &request);
}

void propose(const char *kind, const char *id, bool outsiders) {
  Wangge__V1__LandDecision decision = INIT(LAND_DECISION);
  decision.kind = strcmp(kind, "tender") == 0 ? WANGGE__V1__DECISION_KIND__DECISION_KIND_PLAN
                                              : WANGGE__V1__DECISION_KIND__DECISION_KIND_RENEWAL;
  decision.title = copy("承包方案"), decision.body = WANGGE__V1__DECISION_BODY__DECISION_BODY_REPRESENTATIVES;
  decision.subject_kind = copy(kind), decision.subject_id = copy(id), decision.outsiders_allowed = outsiders;
  Wangge__V1__DecisionStep first = INIT(DECISION_STEP);
  first.kind = WANGGE__V1__DECISION_STEP_KIND__DECISION_STEP_KIND_PROPOSE;
  first.day = copy("2027-01-04"), first.minutes = copy(DOCUMENT);
  Wangge__V1__ProposeDecisionRequest request = INIT(PROPOSE_DECISION_REQUEST);
  request.decision = &decision, request.step = &first;
  act("propose_decision", &request);
  done();
  bed.decision_id = made(KIND(DECISION));
}

void decide(const char *kind, const char *id) {
  propose(kind, id, false);
  step(2, 0, 0), done();
  step(3, 20, 20), done();
  step(4, 30, 20), done();
}

char *put_notice(int kind, int subject_kind, const char *id, bool ended, const char *clear_on) {
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  Wangge__V1__NoticeSubject *subject = wg_arena_alloc(bed.arena, sizeof *subject);
  wangge__v1__notice_subject__init(subject);
  subject->kind = copy(land_kind_name(subject_kind)), subject->id = copy(id);
  subject->sha256 = (ProtobufCBinaryData){LAND_SUBJECT_BYTES, wg_arena_alloc(bed.arena, LAND_SUBJECT_BYTES)};
  assert_true(land_subject_sha256(&bed.last, subject_kind, id, subject->sha256.data));
  const char *notice_id = land_new_id(&bed.last, "notice");
  Wangge__V1__Notice *notice = land_make(&bed.last, KIND(NOTICE), notice_id);
  notice->kind = (Wangge__V1__NoticeKind)kind;
  notice->state =
      ended ? WANGGE__V1__NOTICE_STATE__NOTICE_STATE_ENDED_CLEAR : WANGGE__V1__NOTICE_STATE__NOTICE_STATE_POSTED;
  notice->ends_on = copy(clear_on), notice->clear_on = copy(ended ? clear_on : "");
  notice->subjects = wg_arena_alloc(bed.arena, sizeof(void *));
  notice->subjects[0] = subject, notice->n_subjects = 1;
  bed.status = WG_OK;
  finish();
  return copy(notice_id);
}

void post_plan(bool ended) {
  Wangge__V1__PostPlanRequest request = INIT(POST_PLAN_REQUEST);
  request.tender_id = bed.tender_id;
  request.notice_id = put_notice(NOTICE(PLAN), KIND(TENDER), bed.tender_id, ended, "2027-01-20");
  act("post_plan", &request);
  done();
}

Wangge__V1__TenderState state_of_tender(void) {
  return record(KIND(TENDER), bed.tender_id)->tender->state;
}

void to_open(void) {
  default_tender();
  drafted();
  decide("tender", bed.tender_id);
  post_plan(true);
  live_to("2027-02-01");
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_OPEN);
}

char *apply(const char *party, int64_t offer) {
  Wangge__V1__Application application = INIT(APPLICATION);
  uint8_t hash[32];
  memset(bed.nonce_of[(uint8_t)party[0]], party[0], 32);
  wg_sha256(&(struct wg_bytes){bed.nonce_of[(uint8_t)party[0]], 32}, 1, hash);
  application.tender_id = bed.tender_id, application.lot_id = copy("lot-1"), application.party_id = copy(party);
  application.use = CROPS, application.offer_fen_per_mu = offer, application.document = copy(DOCUMENT);
  application.nonce_sha256 = (ProtobufCBinaryData){32, hash};
  Wangge__V1__ApplyRequest request = INIT(APPLY_REQUEST);
  request.application = &application;
  act("apply", &request);
  done();
  return made(KIND(APPLICATION));
}

void reveal(const char *application, uint8_t *nonce) {
  Wangge__V1__RevealNonceRequest request = INIT(REVEAL_NONCE_REQUEST);
  request.application_id = copy(application), request.nonce = (ProtobufCBinaryData){32, nonce};
  act("reveal_nonce", &request);
}

void invite(const char *party, int answer) {
  Wangge__V1__Invitation invitation = INIT(INVITATION);
  invitation.tender_id = bed.tender_id, invitation.lot_id = copy("lot-1"), invitation.party_id = copy(party);
  invitation.answer = (Wangge__V1__InvitationAnswer)answer;
  invitation.asked_on = copy("2027-02-01"), invitation.document = copy(DOCUMENT);
  Wangge__V1__RecordInvitationRequest request = INIT(RECORD_INVITATION_REQUEST);
  request.invitation = &invitation;
  act("record_invitation", &request);
  done();
}

void of_tender(const char *name) {
  if (strcmp(name, "rank_tender") == 0) {
    Wangge__V1__RankTenderRequest request = INIT(RANK_TENDER_REQUEST);
    request.tender_id = bed.tender_id;
    act(name, &request);
  } else if (strcmp(name, "open_tender") == 0) {
    Wangge__V1__OpenTenderRequest request = INIT(OPEN_TENDER_REQUEST);
    request.tender_id = bed.tender_id;
    act(name, &request);
  } else if (strcmp(name, "close_tender") == 0) {
    Wangge__V1__CloseTenderRequest request = INIT(CLOSE_TENDER_REQUEST);
    request.tender_id = bed.tender_id;
    act(name, &request);
  } else {
    Wangge__V1__AwardRequest request = INIT(AWARD_REQUEST);
    request.tender_id = bed.tender_id, request.lot_id = copy("lot-1");
    act(name, &request);
  }
}

const Wangge__V1__Ranking *ranking(void) {
  return record(KIND(RANKING), wg_arena_printf(bed.arena, "%s.lot-1", bed.tender_id))->ranking;
}

void post_result(bool ended, const char *clear_on) {
  Wangge__V1__PostResultRequest request = INIT(POST_RESULT_REQUEST);
  request.tender_id = bed.tender_id;
  request.notice_id =
      put_notice(NOTICE(RESULT), KIND(RANKING), wg_arena_printf(bed.arena, "%s.lot-1", bed.tender_id), ended, clear_on);
  act("post_result", &request);
}

void to_ranked(void) {
  to_open();
  char *z = apply("zhao", 60000), *q = apply("qian", 90000);
  invite("sun", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_DECLINED);
  live_to("2027-02-11");
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_CLOSED);
  reveal(z, bed.nonce_of['z']), done();
  reveal(q, bed.nonce_of['q']), done();
  of_tender("rank_tender"), done();
}

void to_awarded(void) {
  to_ranked();
  post_result(true, "2027-02-19"), done();
  live_to("2027-02-20");
  of_tender("award"), done();
}

static char *documents[] = {(char *)DOCUMENT};
void default_signing(void) {
  wangge__v1__sign_contract_request__init(&bed.signing);
  bed.signing.tender_id = bed.tender_id, bed.signing.lot_id = copy("lot-1"), bed.signing.holder = copy("zhao");
  bed.signing.signed_on = copy("2027-02-20"), bed.signing.documents = documents, bed.signing.n_documents = 1;
}

void to_signed(void) {
  to_awarded();
  default_signing();
  act("sign_contract", &bed.signing);
  done();
  bed.contract_id = made(KIND(CONTRACT));
}

const Wangge__V1__Contract *contract(void) {
  return record(KIND(CONTRACT), bed.contract_id)->contract;
}
#define assert_contract(STATE) assert_int_equal(contract()->state, WANGGE__V1__CONTRACT_STATE__CONTRACT_STATE_##STATE)
