// A village, its tenders and the way from a decision to a contract, for tests of the land ledger's tenders: what the
// service does around the decide functions of this topic, without database, stage and the other topics.
//
// Five fields in a row, each 100 m wide, from west to east: p1 … p5. zhao (a member) holds p2, beside p3; qian holds
// p1, 100 m from p3; sun held p3 last. The lot of the tests is p3, confirmed and of nobody. It is Monday 4 January
// 2027.
#pragma once

#include "tests/unit/unit.h"

#include "services/land/base.h"
#include "services/land/tender/parcel.h"
#include "services/land/tender/tender.h"

#include "wangge/v1/land_tender.pb-c.h"

#define VILLAGE "131102001001"
#define DOCUMENT "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define KIND(NAME) LAND_KIND(NAME)
#define INIT(TYPE) WANGGE__V1__##TYPE##__INIT
#define NOTICE(NAME) WANGGE__V1__NOTICE_KIND__NOTICE_KIND_##NAME
#define CROPS WANGGE__V1__LAND_USE__LAND_USE_CROPS

struct tender_bed {
  struct wg_arena *arena;
  struct wg_book *book;
  int32_t today;
  int64_t seq; // of the next entry
  // of the last write
  struct land_write last;
  wg_status status;
  struct wg_error error;
  // what the parcels of the survey are, and who occupies base land beside each; changed by tests
  struct tender_parcel fields[5];
  char boundaries[5][256];
  const char *occupier; // NULL: nobody
  // of the way: what is drafted and signed next, and what was made
  Wangge__V1__Tender tender;
  Wangge__V1__Lot lot; // the only one of the tender
  Wangge__V1__SignContractRequest signing;
  char *tender_id, *decision_id, *contract_id;
  uint8_t nonce_of[256][32]; // by the first letter of the party
};
extern struct tender_bed bed;

// For cmocka: a village of its own for each test.
int set_up(void **state);
int tear_down(void **state);
#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int32_t day(const char *text);                                  // "2027-01-04"
char *copy(const char *text);                                   // lives as long as the test
const Wangge__V1__LandRecord *record(int kind, const char *id); // as the book has it; NULL: none

// --- writes ---
// begin prepares a write in bed.last; `given` lives as long as it. finish takes it into the book unless it was refused,
// and looks whether each move of a state is in the table of states. act does both around the action of this name.
void begin(const ProtobufCMessage *request, Wangge__V1__LandWrite *given);
void finish(void);
void act(const char *name, const void *request);
// How the last write has to have ended: well, refused with these codes (all, in order, a blank between), or wrong in
// this field.
void done(void);
void refused(const char *codes);
void wrong(const char *field);
const char *findings(void);             // codes of the last write
const char *earliest(const char *code); // day of its finding with this code
char *made(int kind);                   // id of the record of a kind that it made
// live_to goes to a day: time acts on every record whose day has come, until none is left.
void live_to(const char *text);
void put_party(const char *id, bool member);
char *put_holding(const char *parcel, const char *party, const char *from, const char *to);

// --- steps of the way ---
void default_tender(void); // fills bed.tender and bed.lot
void draft(void);          // drafts bed.tender
void drafted(void);        // drafts it, which must go well; bed.tender_id is its id
// A decision of what `kind` ("tender", "contract") `id` names: proposed, one step of it, all of its steps.
void propose(const char *kind, const char *id, bool outsiders);
void step(int kind, int eligible, int in_favour);
void decide(const char *kind, const char *id);
// put_notice puts a notice as the notices' own topic leaves it behind, of the subject as it is now; gives its id.
char *put_notice(int kind, int subject_kind, const char *id, bool ended, const char *clear_on);
void post_plan(bool ended);
char *apply(const char *party, int64_t offer); // gives the application's id
void invite(const char *party, int answer);
void reveal(const char *application, uint8_t *nonce);
void of_tender(const char *name); // "rank_tender", "open_tender", "close_tender", "award"
void post_result(bool ended, const char *clear_on);
void default_signing(void); // fills bed.signing
// From the draft to here, everything done as it has to be.
void to_open(void);
void to_ranked(void);
void to_awarded(void);
void to_signed(void);

Wangge__V1__TenderState state_of_tender(void);
const Wangge__V1__Ranking *ranking(void);
const Wangge__V1__Contract *contract(void);
#define assert_contract(STATE) assert_int_equal(contract()->state, WANGGE__V1__CONTRACT_STATE__CONTRACT_STATE_##STATE)
