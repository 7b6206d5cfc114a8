// From a decision to a contract and its rents, over a book without service and database: every gate tried to be
// skipped, every day tried to be missed.
#include "tests/unit/unit.h"

#include "common/wire/wire.h"
#include "services/land/base.h"
#include "services/land/ledger/hash.h"
#include "services/land/notice/notice.h"
#include "services/land/tender/parcel.h"
#include "services/land/tender/ranking.h"
#include "services/land/tender/recheck.h"
#include "services/land/tender/tender.h"

#include "wangge/v1/land_tender.pb-c.h"

#include <stdlib.h>

#define VILLAGE "131102001001"
#define DOCUMENT "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define KIND(NAME) LAND_KIND(NAME)
#define INIT(TYPE) WANGGE__V1__##TYPE##__INIT
#define NOTICE(NAME) WANGGE__V1__NOTICE_KIND__NOTICE_KIND_##NAME
#define CROPS WANGGE__V1__LAND_USE__LAND_USE_CROPS

// --- a village of five fields in a row, each 100 m wide, from west to east: p1 … p5 ---
static struct tender_parcel fields[5];
static char boundaries[5][256];

bool tender_parcel(const struct land_write *write, const char *id, struct tender_parcel *parcel) {
  (void)write;
  for (size_t i = 0; i < 5; i++) {
    if (strcmp(fields[i].id, id) != 0) continue;
    *parcel = fields[i];
    return true;
  }
  return false;
}
static const char *occupier;
struct tender_occupation tender_occupied(const struct land_write *write, const char *parcel_id, const char *party,
                                         int32_t day) {
  (void)write, (void)parcel_id, (void)day;
  return (struct tender_occupation){occupier && strcmp(occupier, party) == 0 ? 400 : 0, true};
}
bool tender_descends(const struct land_write *write, const char *parcel_id, const char *ancestor) {
  (void)write;
  return strcmp(parcel_id, ancestor) == 0;
}

static struct wg_arena *arena;
static struct wg_book *book;
static struct wg_error error;
static int32_t today;
static int64_t seq;
static uint8_t root[32];
// of the last write
static struct land_write last;
static wg_status status;

static int32_t day(const char *text) {
  int32_t number = 0;
  assert_true(wg_day_parse(text, &number));
  return number;
}

static char *copy(const char *text) {
  return wg_arena_strdup(arena, text);
}

static const Wangge__V1__LandRecord *record(int kind, const char *id) {
  return wg_book_get(book, VILLAGE, kind, id);
}

// --- writes ---
static void begin(const ProtobufCMessage *request, Wangge__V1__LandWrite *given) {
  *given = (Wangge__V1__LandWrite)WANGGE__V1__LAND_WRITE__INIT;
  given->village = copy(VILLAGE);
  given->reason = copy("测试");
  memset(root, (int)seq, sizeof root);
  last = (struct land_write){.request = request,
                             .write = given,
                             .book = wg_book_draft(book, arena),
                             .arena = arena,
                             .now = (int64_t)today * WG_DAY_US + seq,
                             .today = today,
                             .next_seq = seq};
  memcpy(last.root, root, sizeof root);
}

// Whatever a write did to a state is in the table of states.
static bool is_move(const struct land_states *states, int from, int to) {
  bool found = from == to;
  for (size_t i = 0; i < states->call_count; i++)
    found |= states->calls[i].from == from && states->calls[i].to == to;
  for (size_t i = 0; i < states->follow_count; i++)
    found |= states->follows[i].from == from && states->follows[i].to == to;
  return found;
}

static int state_in(const Wangge__V1__LandRecord *of) {
  return of->body_case == WANGGE__V1__LAND_RECORD__BODY_TENDER ? (int)of->tender->state : (int)of->contract->state;
}

static void check_moves(void) {
  for (size_t i = 0; i < last.changed_count; i++) {
    const Wangge__V1__LandRecord *changed = last.changed[i];
    for (const struct land_states *states = LAND_TENDER_TOPIC.states; states->kind; states++) {
      const Wangge__V1__LandRecord *before =
          (int)changed->body_case == states->kind ? record(states->kind, changed->id) : NULL;
      if (before && !is_move(states, state_in(before), state_in(changed)))
        fail_msg("%s: no move from %d to %d", changed->id, state_in(before), state_in(changed));
    }
  }
}

static void finish(void) {
  if (status != WG_OK || last.refused) return;
  check_moves();
  wg_book_apply(book, last.book);
  seq++;
}

static void act(const char *name, const void *request) {
  static Wangge__V1__LandWrite given;
  begin(request, &given);
  error = (struct wg_error){0};
  const struct land_action *action = LAND_TENDER_TOPIC.actions;
  while (action->name && strcmp(action->name, name) != 0)
    action++;
  assert_non_null(action->name);
  assert_ptr_equal(((const ProtobufCMessage *)request)->descriptor, action->request);
  status = action->decide(&last, &error);
  finish();
}

static const char *findings(void) {
  struct wg_buffer text = {0};
  if (status != WG_OK) wg_buffer_printf(&text, "%s: %s", error.field, error.message);
  for (size_t i = 0; i < last.finding_count; i++)
    wg_buffer_printf(&text, "%s%s", i ? " " : "", last.findings[i]->code);
  const char *kept = copy(wg_buffer_cstr(&text));
  wg_buffer_free(&text);
  return kept;
}

static void done(void) {
  if (status != WG_OK || last.refused) fail_msg("refused: %s", findings());
}
static void refused(const char *codes) { // all of them, in order
  if (status != WG_OK || !last.refused) fail_msg("not refused: %s", findings());
  assert_string_equal(findings(), codes);
}
static void wrong(const char *field) {
  assert_int_equal(status, WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, field);
}
static const char *earliest(const char *code) {
  for (size_t i = 0; i < last.finding_count; i++) {
    if (strcmp(last.findings[i]->code, code) == 0) return last.findings[i]->earliest;
  }
  fail_msg("no finding %s in %s", code, findings());
  return "";
}
// Id of the record of a kind that the last write made.
static char *made(int kind) {
  for (size_t i = 0; i < last.changed_count; i++) {
    if ((int)last.changed[i]->body_case == kind && last.changed[i]->version == 1) return copy(last.changed[i]->id);
  }
  fail_msg("nothing made");
  return NULL;
}

// Time acts: every record whose day has come, until none is left.
static void live_to(const char *text) {
  const int32_t end = day(text);
  for (; today <= end; today++) {
    for (bool again = true; again;) {
      again = false;
      for (const struct land_timer *timer = LAND_TENDER_TOPIC.timers; timer->kind && !again; timer++) {
        struct wg_book_walk walk = wg_book_walk(book, VILLAGE, timer->kind, "");
        for (const Wangge__V1__LandRecord *due; !again && (due = wg_book_next(&walk));) {
          if (!*due->due_on || day(due->due_on) > today) continue;
          static Wangge__V1__LandWrite given;
          const char *id = copy(due->id);
          begin(NULL, &given);
          status = timer->due(&last, due, &error);
          done();
          finish();
          const Wangge__V1__LandRecord *after = record(timer->kind, id);
          assert_true(!*after->due_on || day(after->due_on) > today); // it has moved on
          again = true;
        }
      }
    }
  }
  today = end;
}

// --- a village ---
static void put_party(const char *id, bool member) {
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  Wangge__V1__LandParty *party = land_make(&last, KIND(PARTY), id);
  party->name = copy(id);
  party->kind = WANGGE__V1__PARTY_KIND__PARTY_KIND_HOUSEHOLD;
  party->member = member;
  party->member_from = copy("2010-01-01");
  status = WG_OK;
  finish();
}

static char *put_holding(const char *parcel, const char *party, const char *from, const char *to) {
  const bool confirmed = fields[parcel[1] - '1'].confirmed;
  fields[parcel[1] - '1'].confirmed = false;
  Wangge__V1__Holding holding = INIT(HOLDING);
  holding.parcel_id = copy(parcel), holding.party_id = copy(party), holding.method = 110;
  holding.from = copy(from), holding.to = copy(to), holding.document = copy(DOCUMENT);
  Wangge__V1__PutHoldingRequest request = INIT(PUT_HOLDING_REQUEST);
  request.holding = &holding;
  act("put_holding", &request);
  done();
  fields[parcel[1] - '1'].confirmed = confirmed;
  return made(KIND(HOLDING));
}

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 18);
  book = wg_book_create(&LAND_BOOK);
  today = day("2027-01-04");
  seq = 1;
  occupier = NULL;
  static const char *const ids[] = {"p1", "p2", "p3", "p4", "p5"};
  for (int i = 0; i < 5; i++) {
    const double west = 115.70 + 0.00114 * i, east = west + 0.00114; // 0.00114 degrees are 100 m here
    snprintf(boundaries[i], sizeof boundaries[i],
             "POLYGON ((%.5f 37.74, %.5f 37.74, %.5f 37.74090, %.5f 37.74090, %.5f 37.74))", west, east, east, west,
             west);
    fields[i] = (struct tender_parcel){.id = ids[i],
                                       .confirmed = true,
                                       .confirmed_on = day("2026-12-01"),
                                       .area_dm2 = 1000000,
                                       .standard = "GB/T 21010-2017",
                                       .class_code = "0102",
                                       .boundary = boundaries[i]};
  }
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  Wangge__V1__VillageInfo *village = land_make(&last, KIND(VILLAGE_INFO), LAND_VILLAGE_ID);
  village->plane_epsg = 4527;
  village->collective = copy("collective");
  status = WG_OK;
  finish();
  put_party("collective", false);
  put_party("zhao", true);
  put_party("qian", true);
  put_party("sun", true);
  put_party("outsider", false);
  put_holding("p2", "zhao", "2000-01-01", "2029-12-31"); // beside p3
  put_holding("p1", "qian", "2000-01-01", "2029-12-31"); // 100 m from p3
  put_holding("p3", "sun", "2000-01-01", "2026-12-31");  // held it last; nothing else
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_book_destroy(book);
  wg_arena_destroy(arena);
  return 0;
}

// --- steps of the way ---
static Wangge__V1__Lot lot;
static Wangge__V1__Lot *lots[1] = {&lot};
static Wangge__V1__LandUse uses[] = {CROPS};
static Wangge__V1__Tender tender;
static char *tender_id, *decision_id, *contract_id;

static void draft(void) {
  Wangge__V1__DraftTenderRequest request = INIT(DRAFT_TENDER_REQUEST);
  request.tender = &tender;
  act("draft_tender", &request);
}

static void default_tender(void) {
  wangge__v1__lot__init(&lot);
  lot.id = copy("lot-1"), lot.parcel_id = copy("p3"), lot.uses = uses, lot.n_uses = 1;
  lot.from = copy("2027-03-15"), lot.to = copy("2030-03-14");
  lot.reserve_fen_per_mu = 50000, lot.every_months = 12, lot.pay_within_days = 10, lot.deposit_fen = 100000;
  wangge__v1__tender__init(&tender);
  tender.title = copy("三号地块承包"), tender.lots = lots, tender.n_lots = 1, tender.round = 1;
  tender.opens_on = copy("2027-02-01"), tender.closes_on = copy("2027-02-10");
}

static void step(int kind, int eligible, int in_favour) {
  Wangge__V1__Vote vote = INIT(VOTE);
  vote.eligible = eligible, vote.present = eligible, vote.in_favour = in_favour;
  Wangge__V1__DecisionStep given = INIT(DECISION_STEP);
  given.kind = (Wangge__V1__DecisionStepKind)kind;
  given.day = copy("2027-01-04"), given.minutes = copy(DOCUMENT);
  if (kind >= 3) given.vote = &vote;
  Wangge__V1__RecordStepRequest request = INIT(RECORD_STEP_REQUEST);
  request.decision_id = decision_id, request.step = &given;
  // The request lives as long as the write, what is kept of it is copied by the book.
  act("record_step", &request);
}

static void propose(const char *kind, const char *id, bool outsiders) {
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
  decision_id = made(KIND(DECISION));
}

static void decide(const char *kind, const char *id) {
  propose(kind, id, false);
  step(2, 0, 0), done();
  step(3, 20, 20), done();
  step(4, 30, 20), done();
}

// A notice as the notices' own topic leaves it behind, of the subject as it is now.
static char *put_notice(int kind, int subject_kind, const char *id, bool ended, const char *clear_on) {
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  Wangge__V1__NoticeSubject *subject = wg_arena_alloc(arena, sizeof *subject);
  wangge__v1__notice_subject__init(subject);
  subject->kind = copy(land_kind_name(subject_kind)), subject->id = copy(id);
  subject->sha256 = (ProtobufCBinaryData){LAND_SUBJECT_BYTES, wg_arena_alloc(arena, LAND_SUBJECT_BYTES)};
  assert_true(land_subject_sha256(&last, subject_kind, id, subject->sha256.data));
  const char *notice_id = land_new_id(&last, "notice");
  Wangge__V1__Notice *notice = land_make(&last, KIND(NOTICE), notice_id);
  notice->kind = (Wangge__V1__NoticeKind)kind;
  notice->state =
      ended ? WANGGE__V1__NOTICE_STATE__NOTICE_STATE_ENDED_CLEAR : WANGGE__V1__NOTICE_STATE__NOTICE_STATE_POSTED;
  notice->ends_on = copy(clear_on), notice->clear_on = copy(ended ? clear_on : "");
  notice->subjects = wg_arena_alloc(arena, sizeof(void *));
  notice->subjects[0] = subject, notice->n_subjects = 1;
  status = WG_OK;
  finish();
  return copy(notice_id);
}

static void post_plan(bool ended) {
  Wangge__V1__PostPlanRequest request = INIT(POST_PLAN_REQUEST);
  request.tender_id = tender_id;
  request.notice_id = put_notice(NOTICE(PLAN), KIND(TENDER), tender_id, ended, "2027-01-20");
  act("post_plan", &request);
  done();
}

static Wangge__V1__TenderState state_of_tender(void) {
  return record(KIND(TENDER), tender_id)->tender->state;
}

static void to_open(void) {
  default_tender();
  draft(), done();
  tender_id = made(KIND(TENDER));
  decide("tender", tender_id);
  post_plan(true);
  live_to("2027-02-01");
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_OPEN);
}

static uint8_t nonce_of[256][32];
static char *apply(const char *party, int64_t offer) {
  Wangge__V1__Application application = INIT(APPLICATION);
  uint8_t hash[32];
  memset(nonce_of[(uint8_t)party[0]], party[0], 32);
  wg_sha256(&(struct wg_bytes){nonce_of[(uint8_t)party[0]], 32}, 1, hash);
  application.tender_id = tender_id, application.lot_id = copy("lot-1"), application.party_id = copy(party);
  application.use = CROPS, application.offer_fen_per_mu = offer, application.document = copy(DOCUMENT);
  application.nonce_sha256 = (ProtobufCBinaryData){32, hash};
  Wangge__V1__ApplyRequest request = INIT(APPLY_REQUEST);
  request.application = &application;
  act("apply", &request);
  done();
  return made(KIND(APPLICATION));
}

static void reveal(const char *application, uint8_t *nonce) {
  Wangge__V1__RevealNonceRequest request = INIT(REVEAL_NONCE_REQUEST);
  request.application_id = copy(application), request.nonce = (ProtobufCBinaryData){32, nonce};
  act("reveal_nonce", &request);
}

static void invite(const char *party, int answer) {
  Wangge__V1__Invitation invitation = INIT(INVITATION);
  invitation.tender_id = tender_id, invitation.lot_id = copy("lot-1"), invitation.party_id = copy(party);
  invitation.answer = (Wangge__V1__InvitationAnswer)answer;
  invitation.asked_on = copy("2027-02-01"), invitation.document = copy(DOCUMENT);
  Wangge__V1__RecordInvitationRequest request = INIT(RECORD_INVITATION_REQUEST);
  request.invitation = &invitation;
  act("record_invitation", &request);
  done();
}

static void of_tender(const char *name) {
  if (strcmp(name, "rank_tender") == 0) {
    Wangge__V1__RankTenderRequest request = INIT(RANK_TENDER_REQUEST);
    request.tender_id = tender_id;
    act(name, &request);
  } else if (strcmp(name, "open_tender") == 0) {
    Wangge__V1__OpenTenderRequest request = INIT(OPEN_TENDER_REQUEST);
    request.tender_id = tender_id;
    act(name, &request);
  } else if (strcmp(name, "close_tender") == 0) {
    Wangge__V1__CloseTenderRequest request = INIT(CLOSE_TENDER_REQUEST);
    request.tender_id = tender_id;
    act(name, &request);
  } else {
    Wangge__V1__AwardRequest request = INIT(AWARD_REQUEST);
    request.tender_id = tender_id, request.lot_id = copy("lot-1");
    act(name, &request);
  }
}

static const Wangge__V1__Ranking *ranking(void) {
  return record(KIND(RANKING), wg_arena_printf(arena, "%s.lot-1", tender_id))->ranking;
}

static void post_result(bool ended, const char *clear_on) {
  Wangge__V1__PostResultRequest request = INIT(POST_RESULT_REQUEST);
  request.tender_id = tender_id;
  request.notice_id =
      put_notice(NOTICE(RESULT), KIND(RANKING), wg_arena_printf(arena, "%s.lot-1", tender_id), ended, clear_on);
  act("post_result", &request);
}

static void to_ranked(void) {
  to_open();
  char *z = apply("zhao", 60000), *q = apply("qian", 90000);
  invite("sun", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_DECLINED);
  live_to("2027-02-11");
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_CLOSED);
  reveal(z, nonce_of['z']), done();
  reveal(q, nonce_of['q']), done();
  of_tender("rank_tender"), done();
}

static void to_awarded(void) {
  to_ranked();
  post_result(true, "2027-02-19"), done();
  live_to("2027-02-20");
  of_tender("award"), done();
}

static Wangge__V1__SignContractRequest signing;
static char *documents[] = {(char *)DOCUMENT};
static void default_signing(void) {
  wangge__v1__sign_contract_request__init(&signing);
  signing.tender_id = tender_id, signing.lot_id = copy("lot-1"), signing.holder = copy("zhao");
  signing.signed_on = copy("2027-02-20"), signing.documents = documents, signing.n_documents = 1;
}

static void to_signed(void) {
  to_awarded();
  default_signing();
  act("sign_contract", &signing);
  done();
  contract_id = made(KIND(CONTRACT));
}

static const Wangge__V1__Contract *contract(void) {
  return record(KIND(CONTRACT), contract_id)->contract;
}
#define assert_contract(STATE) assert_int_equal(contract()->state, WANGGE__V1__CONTRACT_STATE__CONTRACT_STATE_##STATE)

// --- decisions ---
static void a_decision_goes_through_its_steps(void **state) {
  (void)state;
  default_tender();
  draft(), done();
  tender_id = made(KIND(TENDER));
  propose("tender", tender_id, false);
  step(4, 30, 30), refused("decision.step_order");
  step(1, 0, 0), refused("decision.step_order");
  step(2, 0, 0), done();
  step(3, 20, 21), refused("decision.vote");
  step(3, 20, 20), done();
  step(4, 30, 19);
  assert_false(last.refused);
  assert_string_equal(findings(), "decision.not_passed");
  const Wangge__V1__LandDecision *kept = record(KIND(DECISION), decision_id)->decision;
  assert_int_equal(kept->state, WANGGE__V1__DECISION_STATE__DECISION_STATE_NOT_PASSED);
  assert_int_equal(kept->needed, 20);
  assert_int_equal(kept->n_steps, 4);
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_DRAFT);
  step(4, 30, 30), refused("decision.state"); // no second count of the same
  decide("tender", tender_id);
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_DECIDED);
}

static void a_decision_is_of_what_was_proposed(void **state) {
  (void)state;
  default_tender();
  draft(), done();
  tender_id = made(KIND(TENDER));
  propose("tender", tender_id, false);
  lot.reserve_fen_per_mu = 1; // meanwhile
  Wangge__V1__DraftTenderRequest request = INIT(DRAFT_TENDER_REQUEST);
  request.tender = &tender, request.tender_id = tender_id;
  act("draft_tender", &request), done();
  step(2, 0, 0), refused("decision.subject_changed");
}

// --- drafts: rows of land.md §3 ---
static void drafts_that_cannot_be(void **state) {
  (void)state;
  static const struct {
    const char *what, *codes;
  } cases[] = {
      {"unknown parcel", "tender.lot_parcel"},
      {"parcel not confirmed", "tender.lot_parcel"},
      {"ends before it begins", "tender.lot_term"},
      {"over the cap", "tender.lot_term"},
      {"let already", "tender.lot_parcel"},
      {"forbidden use", "tender.lot_use"},
      {"typed area", "tender.lot_area"},
      {"opens in the past", "tender.days"},
      {"closes before it opens", "tender.days"},
      {"second round of nothing", "tender.round"},
      {"part beyond the parcel", "tender.lot_area tender.lot_area"}, // and larger than it,
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tear_down(NULL);
    set_up(NULL);
    default_tender();
    Wangge__V1__LandUse turf[] = {WANGGE__V1__LAND_USE__LAND_USE_TURF_NURSERY};
    switch (i) {
    case 0:
      lot.parcel_id = copy("p9");
      break;
    case 1:
      fields[2].confirmed = false;
      break;
    case 2:
      lot.to = copy("2027-03-15");
      break;
    case 3:
      lot.to = copy("2057-03-15");
      break;
    case 4:
      lot.parcel_id = copy("p2");
      break;
    case 5:
      fields[2].basic_farmland = true, lot.uses = turf;
      break;
    case 6:
      lot.area_dm2 = 999999;
      break;
    case 7:
      tender.opens_on = copy("2027-01-03");
      break;
    case 8:
      tender.closes_on = copy("2027-01-31");
      break;
    case 9:
      tender.round = 2;
      break;
    case 10:
      lot.boundary = boundaries[3];
      break;
    }
    draft();
    if (status != WG_OK || !last.refused || strcmp(findings(), cases[i].codes) != 0)
      fail_msg("%s: %s", cases[i].what, findings());
    assert_int_equal(last.changed_count, 0);
  }
  tear_down(NULL);
  set_up(NULL);
  default_tender();
  lot.from = copy("2027-02-29"); // no such day
  draft(), wrong("tender.lots[0].from");
  default_tender();
  lot.reserve_fen_per_mu = -1;
  draft(), wrong("tender.lots[0].reserve_fen_per_mu");
  default_tender();
  lot.n_uses = 0;
  draft(), wrong("tender.lots[0].uses");
}

// --- tenders ---
static void a_tender_opens_on_its_day_after_its_notice(void **state) {
  (void)state;
  default_tender();
  draft(), done();
  tender_id = made(KIND(TENDER));
  of_tender("open_tender"), refused("tender.state");
  decide("tender", tender_id);
  of_tender("open_tender"), refused("tender.state");
  post_plan(false); // its notice runs to 20 January
  of_tender("open_tender"), refused("tender.plan_notice tender.opens_on");
  assert_string_equal(earliest("tender.plan_notice"), "2027-01-20"); // 15 days from 4 January, and the next
  assert_string_equal(earliest("tender.opens_on"), "2027-02-01");
  live_to("2027-02-05"); // nobody ended the notice: the tender waits, day by day
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_PLAN_POSTED);
  post_plan(true);
  live_to("2027-02-06");
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_OPEN);
  of_tender("close_tender"), refused("tender.closes_on");
  assert_string_equal(earliest("tender.closes_on"), "2027-02-11");
  live_to("2027-02-10");
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_OPEN);
  live_to("2027-02-11");
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_CLOSED);
}

static void a_plan_is_posted_as_it_is(void **state) {
  (void)state;
  default_tender();
  draft(), done();
  tender_id = made(KIND(TENDER));
  char *too_early = put_notice(NOTICE(PLAN), KIND(TENDER), tender_id, true, "2027-01-20");
  lot.reserve_fen_per_mu = 1;
  Wangge__V1__DraftTenderRequest again = INIT(DRAFT_TENDER_REQUEST);
  again.tender = &tender, again.tender_id = tender_id;
  act("draft_tender", &again), done();
  decide("tender", tender_id);
  Wangge__V1__PostPlanRequest request = INIT(POST_PLAN_REQUEST);
  request.tender_id = tender_id, request.notice_id = too_early; // of other content
  act("post_plan", &request), refused("tender.notice");
  request.notice_id = put_notice(NOTICE(RESULT), KIND(TENDER), tender_id, true, "2027-01-20"); // of another kind
  act("post_plan", &request), refused("tender.notice");
}

static void the_ranking_waits_for_everybody_who_must_be_asked(void **state) {
  (void)state;
  to_open();
  char *q = apply("qian", 90000);
  live_to("2027-02-11");
  of_tender("rank_tender"), refused("tender.invitation tender.invitation"); // zhao is beside it, sun held it last
  assert_string_equal(last.findings[0]->id, "zhao");
  assert_string_equal(last.findings[1]->id, "sun");
  invite("sun", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_DECLINED);
  invite("zhao", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_NO_ANSWER);
  reveal(q, nonce_of['z']), refused("application.nonce");
  of_tender("rank_tender"), done();
  assert_int_equal(ranking()->n_rows, 1);
  assert_int_equal(ranking()->rows[0]->near, 1 + 2); // 100.4 m, bins of 50 m
}

static void near_and_old_come_from_the_book(void **state) {
  (void)state;
  to_open();
  apply("sun", 50000), apply("qian", 90000), apply("zhao", 50000), apply("outsider", 99999);
  live_to("2027-02-11");
  of_tender("rank_tender"), done();
  const Wangge__V1__Ranking *done_ranking = ranking();
  assert_string_equal(done_ranking->rows[0]->party_id, "zhao"); // beside it
  assert_int_equal(done_ranking->rows[0]->near, 0);
  assert_in_range(done_ranking->rows[0]->shared_dm, 990, 1005); // its side of 100 m
  assert_string_equal(done_ranking->rows[1]->party_id, "qian");
  assert_in_range(done_ranking->rows[1]->distance_mm, 99000, 101500);
  assert_string_equal(done_ranking->rows[2]->party_id, "sun"); // has no other land
  assert_int_equal(done_ranking->rows[2]->near, INT32_MAX);
  assert_int_equal(done_ranking->rows[2]->old, LAND_OLD_LAST);
  assert_string_equal(done_ranking->rows[3]->party_id, "outsider");
  assert_int_equal(done_ranking->rows[3]->rank, 0);
  assert_string_equal(done_ranking->rows[3]->refused[0], "member");
}

// sun's homestead lies north of the lot: base land as fields are, and its holder has to be asked.
static void a_homestead_beside_the_lot_is_base_land(void **state) {
  (void)state;
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  Wangge__V1__Homestead *homestead = land_make(&last, KIND(HOMESTEAD), "home-1");
  homestead->name = copy("演示宅基地"), homestead->holder = copy("sun"), homestead->area_dm2 = 23000;
  homestead->boundary =
      copy("POLYGON ((115.70250 37.74090, 115.70300 37.74090, 115.70300 37.74110, 115.70250 37.74110, "
           "115.70250 37.74090))");
  status = WG_OK;
  finish();
  to_open();
  apply("sun", 50000), apply("qian", 90000);
  invite("zhao", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_DECLINED);
  live_to("2027-02-11");
  of_tender("rank_tender"), done();
  const Wangge__V1__RankingRow *first = ranking()->rows[0];
  assert_string_equal(first->party_id, "sun");
  assert_int_equal(first->near, 0);
  assert_in_range(first->shared_dm, 430, 445); // 0.0005 degrees
  assert_string_equal(first->nearest_parcel, "home-1");
  assert_string_equal(first->evidence[0], "homestead home-1");
}

static void late_and_withdrawn_applications_are_kept_and_not_admitted(void **state) {
  (void)state;
  to_open();
  char *z = apply("zhao", 60000);
  Wangge__V1__WithdrawApplicationRequest withdraw = INIT(WITHDRAW_APPLICATION_REQUEST);
  withdraw.application_id = z;
  act("withdraw_application", &withdraw), done();
  act("withdraw_application", &withdraw), refused("application.state");
  invite("zhao", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_APPLIED);
  invite("sun", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_DECLINED);
  live_to("2027-02-11");
  char *late = apply("qian", 90000);
  assert_string_equal(findings(), "application.late");
  assert_int_equal(record(KIND(APPLICATION), late)->application->state,
                   WANGGE__V1__APPLICATION_STATE__APPLICATION_STATE_LATE);
  act("withdraw_application", &withdraw), refused("tender.state");
  of_tender("rank_tender"), done();
  assert_int_equal(ranking()->rows[0]->rank, 0);
  assert_string_equal(ranking()->rows[0]->refused[0], "withdrawn");
}

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
  refuse.tender_id = tender_id, refuse.lot_id = copy("lot-1"), refuse.document = copy(DOCUMENT);
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
  draft(), done();
  tender_id = made(KIND(TENDER));
  fields[2].confirmed = false;
  default_signing();
  signing.signed_on = copy("2027-01-04");
  act("sign_contract", &signing);
  refused("contract.parcel contract.decision contract.plan_notice contract.tender contract.result_notice "
          "contract.award");
  assert_int_equal(last.changed_count, 0);
  // Monday 4 January; without a calendar weekends only are days of rest.
  assert_string_equal(earliest("contract.parcel"), "2027-01-12");        // 7 days to Monday 11
  assert_string_equal(earliest("contract.plan_notice"), "2027-01-28");   // 15 days from there: Wednesday 27
  assert_string_equal(earliest("contract.tender"), "2027-02-11");        // the day behind its last
  assert_string_equal(earliest("contract.result_notice"), "2027-02-19"); // 7 days: Thursday 18
  assert_string_equal(earliest("contract.award"), "2027-02-19");
  fields[2].confirmed = true;
  decide("tender", tender_id);
  act("sign_contract", &signing);
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
    const char *ranking_id = wg_arena_printf(arena, "%s.lot-1", tender_id);
    begin(NULL, &given); // something happens behind the back of the rules
    switch (i) {
    case 0:
      fields[2].confirmed = false;
      break;
    case 1:
      ((Wangge__V1__LandDecision *)land_change(&last, KIND(DECISION), decision_id))->state =
          WANGGE__V1__DECISION_STATE__DECISION_STATE_NOT_PASSED;
      break;
    case 2:
      ((Wangge__V1__Tender *)land_change(&last, KIND(TENDER), tender_id))->lots[0]->reserve_fen_per_mu = 1;
      break;
    case 3:
      ((Wangge__V1__Ranking *)land_change(&last, KIND(RANKING), ranking_id))->rows[0]->price = -1;
      break;
    case 4:
      signing.holder = copy("qian");
      break;
    case 5:
      ((Wangge__V1__Ranking *)land_change(&last, KIND(RANKING), ranking_id))->state =
          WANGGE__V1__RANKING_STATE__RANKING_STATE_RANKED;
      break;
    case 6:
      signing.signed_on = copy("2027-02-18");
      break;
    case 7:
      signing.signed_on = copy("2027-02-21");
      break;
    case 8:
      signing.from = copy("2027-02-19");
      break;
    case 9:
      signing.to = copy("2031-03-14");
      break;
    case 10:
      signing.to = copy("2027-03-15");
      signing.from = copy("2027-03-15");
      break;
    case 11:
      signing.use = WANGGE__V1__LAND_USE__LAND_USE_CAMP;
      break;
    case 12:
      fields[2].class_code = "0102", fields[2].basic_farmland = false, fields[2].standard = "none";
      break;
    case 13:
      put_holding("p3", "qian", "2027-01-01", "2027-06-30");
      begin(NULL, &given);
      break;
    case 14: {
      Wangge__V1__Objection *objection = land_make(&last, KIND(OBJECTION), "objection-1");
      objection->notice_id = record(KIND(TENDER), tender_id)->tender->progress->plan_notice_id;
      objection->state = WANGGE__V1__OBJECTION_STATE__OBJECTION_STATE_ACCEPTED;
      break;
    }
    }
    status = WG_OK;
    finish();
    act("sign_contract", &signing);
    if (status != WG_OK || !last.refused || !strstr(findings(), cases[i])) fail_msg("case %zu: %s", i, findings());
    assert_int_equal(last.changed_count, 0);
  }
}

static void a_lot_has_one_contract(void **state) {
  (void)state;
  to_signed();
  assert_contract(SIGNED);
  assert_int_equal(contract()->rent_fen, 900000); // 1 ha = 15 mu at 600 yuan
  assert_int_equal(contract()->total_fen, 2700000);
  assert_string_equal(contract()->issuer, "collective");
  act("sign_contract", &signing);
  refused("contract.twice contract.overlap");
  default_signing();
  signing.n_documents = 0;
  act("sign_contract", &signing), wrong("documents");
}

// --- rents ---
static Wangge__V1__Payment payment;
static void pay(int64_t fen, const char *receipt, bool deposit) {
  wangge__v1__payment__init(&payment);
  payment.contract_id = contract_id, payment.receipt_no = copy(receipt), payment.payer = copy("赵家"),
  payment.channel = WANGGE__V1__PAYMENT_CHANNEL__PAYMENT_CHANNEL_BANK, payment.fen = fen, payment.deposit = deposit;
  int year, month, of_month;
  wg_day_civil(today, &year, &month, &of_month);
  payment.day = wg_arena_printf(arena, "%04d-%02d-%02d", year, month, of_month);
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
  const char *second = wg_arena_printf(arena, "%s.002", contract_id);
  assert_int_equal(record(KIND(PAYMENT_DUE), second)->payment_due->paid_fen, 100000);
  pay(5000000, "r-3", false), done();
  assert_int_equal(last.changed_count > 0, 1);
  const Wangge__V1__LandRecord *paid = record(KIND(PAYMENT), made(KIND(PAYMENT)));
  assert_int_equal(paid->payment->unspent_fen, 5000000 - 1700000);
  pay(100001, "r-4", true), refused("payment.amount"); // more than the deposit
  pay(100000, "r-4", true), done();
  Wangge__V1__Refund refund = INIT(REFUND);
  refund.contract_id = contract_id, refund.kind = WANGGE__V1__REFUND_KIND__REFUND_KIND_UNSPENT;
  refund.receipt_no = copy("b-1"), refund.day = payment.day, refund.payee = copy("赵家"),
  refund.document = copy(DOCUMENT);
  refund.fen = 3300001;
  Wangge__V1__RefundPaymentRequest request = INIT(REFUND_PAYMENT_REQUEST);
  request.refund = &refund;
  act("refund_payment", &request), refused("refund.amount");
  assert_string_equal(last.findings[0]->suggestion, "3300000");
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
  request.contract_id = contract_id, request.last_day = copy("2027-09-14"), request.document = copy(DOCUMENT);
  request.breach = true;
  act("terminate_contract", &request), refused("contract.ended_on"); // in the future
  request.last_day = copy("2027-09-13");
  act("terminate_contract", &request), done();
  assert_contract(TERMINATED);
  const Wangge__V1__PaymentDue *first =
      record(KIND(PAYMENT_DUE), wg_arena_printf(arena, "%s.001", contract_id))->payment_due;
  assert_int_equal(first->fen, 450000);
  const Wangge__V1__PaymentDue *second =
      record(KIND(PAYMENT_DUE), wg_arena_printf(arena, "%s.002", contract_id))->payment_due;
  assert_int_equal(second->state, WANGGE__V1__DUE_STATE__DUE_STATE_CANCELLED);
  act("terminate_contract", &request), refused("contract.state");
  live_to("2028-12-31"); // nothing comes of it any more
  assert_contract(TERMINATED);
}

static void land_is_given_on_within_the_contract(void **state) {
  (void)state;
  to_signed();
  Wangge__V1__Transfer transfer = INIT(TRANSFER);
  transfer.contract_id = contract_id, transfer.kind = WANGGE__V1__TRANSFER_KIND__TRANSFER_KIND_LEASE;
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
  request.contract_id = contract_id, request.decision_id = copy("decision-0"), request.to = copy("2033-03-14");
  request.rate_fen_per_mu = 70000, request.signed_on = copy("2027-03-26");
  request.documents = documents, request.n_documents = 1;
  act("renew_contract", &request), refused("contract.arrears");
  pay(2700000, "r-1", false), done();
  act("renew_contract", &request), refused("contract.decision contract.change_notice");
  assert_string_equal(earliest("contract.change_notice"), "2027-04-03"); // Friday 26 March and 7 days
  decide("contract", contract_id);
  request.decision_id = decision_id;
  act("renew_contract", &request), refused("contract.change_notice");
  put_notice(NOTICE(CHANGE), KIND(DECISION), decision_id, true, "2027-03-26");
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
  lot.parcel_id = copy("p4"), lot.from = copy("2027-09-01"), lot.to = copy("2028-08-31");
  tender.opens_on = copy("2027-05-01"), tender.closes_on = copy("2027-05-10");
  draft(), done();
  tender_id = made(KIND(TENDER));
  decide("tender", tender_id);
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
  default_tender();
  draft(), done();
  tender_id = made(KIND(TENDER));
  decide("tender", tender_id);
  post_plan(true);
  live_to("2027-02-01");
  invite("zhao", 2), invite("sun", 2);
  live_to("2027-02-11");
  of_tender("rank_tender"), done();
  post_result(true, "2027-02-11"), done();
  of_tender("award"), done();
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_FAILED);
  tender.round = 2, tender.follows = copy(tender_id);
  tender.opens_on = copy("2027-03-01"), tender.closes_on = copy("2027-03-10");
  draft(), done();
  tender_id = made(KIND(TENDER));
  propose("tender", tender_id, true);
  step(2, 0, 0), step(3, 20, 20), step(4, 30, 20), done();
  post_plan(true);
  live_to("2027-03-01");
  apply("outsider", 80000);
  invite("zhao", 2), invite("sun", 2);
  char *allowed = decision_id;
  Wangge__V1__ApproveDecisionRequest approve = INIT(APPROVE_DECISION_REQUEST);
  approve.decision_id = allowed, approve.document = copy(DOCUMENT);
  act("approve_decision", &approve), done();
  live_to("2027-03-11");
  of_tender("rank_tender"), done();
  assert_int_equal(ranking()->rows[0]->rank, 1);
}

// --- recomputing ---
static const char *rechecked_fault;
static size_t rechecked;
static void note_recheck(void *context, const struct tender_rechecked *checked) {
  (void)context;
  rechecked++;
  rechecked_fault = checked->fault;
}

static void recheck(Wangge__V1__LandRecord **records, size_t count) {
  Wangge__V1__LandEntry entry = INIT(LAND_ENTRY);
  entry.records = records, entry.n_records = count;
  const struct tender_recheck_entry at = {.village = VILLAGE, .seq = (uint64_t)seq, .at_us = last.now, .entry = &entry};
  struct tender_recheck_entry with_root = at;
  memset(with_root.root, (int)seq, sizeof with_root.root);
  rechecked = 0, rechecked_fault = NULL;
  assert_int_equal(tender_recheck(book, &with_root, arena, note_recheck, NULL, &error), WG_OK);
}

static void a_ranking_is_computed_again_from_the_ledger(void **state) {
  (void)state;
  to_open();
  apply("zhao", 60000), apply("qian", 90000);
  invite("sun", 2);
  today = day("2027-02-11");
  // The closing, looked at before it is taken into the book.
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  const struct land_timer *timer = LAND_TENDER_TOPIC.timers;
  assert_int_equal(timer->due(&last, record(KIND(TENDER), tender_id), &error), WG_OK);
  recheck(last.changed, last.changed_count);
  assert_int_equal(rechecked, 1);
  assert_null(rechecked_fault);
  Wangge__V1__Ranking *forged =
      (Wangge__V1__Ranking *)land_get(&last, KIND(RANKING), wg_arena_printf(arena, "%s.lot-1", tender_id))->ranking;
  forged->rows[1]->distance_mm = 1;
  recheck(last.changed, last.changed_count);
  assert_string_equal(rechecked_fault, "rows[1].distance_mm");
  live_to("2027-02-11"); // closed truly
  begin(NULL, &given);
  Wangge__V1__RankTenderRequest request = INIT(RANK_TENDER_REQUEST);
  request.tender_id = tender_id;
  last.request = &request.base;
  const struct land_action *action = LAND_TENDER_TOPIC.actions;
  while (strcmp(action->name, "rank_tender") != 0)
    action++;
  assert_int_equal(action->decide(&last, &error), WG_OK);
  recheck(last.changed, last.changed_count);
  assert_int_equal(rechecked, 1);
  assert_null(rechecked_fault);
  forged =
      (Wangge__V1__Ranking *)land_get(&last, KIND(RANKING), wg_arena_printf(arena, "%s.lot-1", tender_id))->ranking;
  Wangge__V1__RankingRow *first = forged->rows[0];
  forged->rows[0] = forged->rows[1], forged->rows[1] = first;
  recheck(last.changed, last.changed_count);
  assert_string_equal(rechecked_fault, "rows[0].application_id");
}

static void the_document_of_states_is_what_the_tables_say(void **state) {
  (void)state;
  char *printed = NULL, stored[64 * 1024];
  size_t size = 0;
  FILE *out = open_memstream(&printed, &size);
  land_print_states(out);
  fclose(out);
  FILE *document = fopen(WANGGE_SHARE "/docs/land-states.md", "r");
  if (!document) fail_msg("docs/land-states.md is missing: wangge-land --print-states > docs/land-states.md");
  const size_t read = fread(stored, 1, sizeof stored - 1, document);
  fclose(document);
  stored[read] = '\0';
  if (strcmp(printed, stored) != 0)
    fail_msg("docs/land-states.md is old: wangge-land --print-states > docs/land-states.md");
  free(printed);
}

int main(void) {
#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(a_decision_goes_through_its_steps),
      CASE(a_decision_is_of_what_was_proposed),
      CASE(drafts_that_cannot_be),
      CASE(a_tender_opens_on_its_day_after_its_notice),
      CASE(a_plan_is_posted_as_it_is),
      CASE(the_ranking_waits_for_everybody_who_must_be_asked),
      CASE(near_and_old_come_from_the_book),
      CASE(a_homestead_beside_the_lot_is_base_land),
      CASE(late_and_withdrawn_applications_are_kept_and_not_admitted),
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
      CASE(a_ranking_is_computed_again_from_the_ledger),
      CASE(the_document_of_states_is_what_the_tables_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
