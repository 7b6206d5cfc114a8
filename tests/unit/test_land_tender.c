// From a decision to a ranking: drafts that cannot be, steps out of order, who is asked and who comes too late.
#include "tests/unit/tender_bed.h"

#include "services/land/tender/ranking.h"
#include "services/land/tender/recheck.h"

#include <stdlib.h>

// --- decisions ---
static void a_decision_goes_through_its_steps(void **state) {
  (void)state;
  default_tender();
  drafted();
  propose("tender", bed.tender_id, false);
  step(4, 30, 30), refused("decision.step_order");
  step(1, 0, 0), refused("decision.step_order");
  step(2, 0, 0), done();
  step(3, 20, 21), refused("decision.vote");
  step(3, 20, 20), done();
  step(4, 30, 19);
  assert_false(bed.last.refused);
  assert_string_equal(findings(), "decision.not_passed");
  const Wangge__V1__LandDecision *kept = record(KIND(DECISION), bed.decision_id)->decision;
  assert_int_equal(kept->state, WANGGE__V1__DECISION_STATE__DECISION_STATE_NOT_PASSED);
  assert_int_equal(kept->needed, 20);
  assert_int_equal(kept->n_steps, 4);
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_DRAFT);
  step(4, 30, 30), refused("decision.state"); // no second count of the same
  decide("tender", bed.tender_id);
  assert_int_equal(state_of_tender(), WANGGE__V1__TENDER_STATE__TENDER_STATE_DECIDED);
}

static void a_decision_is_of_what_was_proposed(void **state) {
  (void)state;
  default_tender();
  drafted();
  propose("tender", bed.tender_id, false);
  bed.lot.reserve_fen_per_mu = 1; // meanwhile
  Wangge__V1__DraftTenderRequest request = INIT(DRAFT_TENDER_REQUEST);
  request.tender = &bed.tender, request.tender_id = bed.tender_id;
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
      bed.lot.parcel_id = copy("p9");
      break;
    case 1:
      bed.fields[2].confirmed = false;
      break;
    case 2:
      bed.lot.to = copy("2027-03-15");
      break;
    case 3:
      bed.lot.to = copy("2057-03-15");
      break;
    case 4:
      bed.lot.parcel_id = copy("p2");
      break;
    case 5:
      bed.fields[2].basic_farmland = true, bed.lot.uses = turf;
      break;
    case 6:
      bed.lot.area_dm2 = 999999;
      break;
    case 7:
      bed.tender.opens_on = copy("2027-01-03");
      break;
    case 8:
      bed.tender.closes_on = copy("2027-01-31");
      break;
    case 9:
      bed.tender.round = 2;
      break;
    case 10:
      bed.lot.boundary = bed.boundaries[3];
      break;
    }
    draft();
    if (bed.status != WG_OK || !bed.last.refused || strcmp(findings(), cases[i].codes) != 0)
      fail_msg("%s: %s", cases[i].what, findings());
    assert_int_equal(bed.last.changed_count, 0);
  }
  tear_down(NULL);
  set_up(NULL);
  default_tender();
  bed.lot.from = copy("2027-02-29"); // no such day
  draft(), wrong("tender.lots[0].from");
  default_tender();
  bed.lot.reserve_fen_per_mu = -1;
  draft(), wrong("tender.lots[0].reserve_fen_per_mu");
  default_tender();
  bed.lot.n_uses = 0;
  draft(), wrong("tender.lots[0].uses");
}

// --- tenders ---
static void a_tender_opens_on_its_day_after_its_notice(void **state) {
  (void)state;
  default_tender();
  drafted();
  of_tender("open_tender"), refused("tender.state");
  decide("tender", bed.tender_id);
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
  drafted();
  char *too_early = put_notice(NOTICE(PLAN), KIND(TENDER), bed.tender_id, true, "2027-01-20");
  bed.lot.reserve_fen_per_mu = 1;
  Wangge__V1__DraftTenderRequest again = INIT(DRAFT_TENDER_REQUEST);
  again.tender = &bed.tender, again.tender_id = bed.tender_id;
  act("draft_tender", &again), done();
  decide("tender", bed.tender_id);
  Wangge__V1__PostPlanRequest request = INIT(POST_PLAN_REQUEST);
  request.tender_id = bed.tender_id, request.notice_id = too_early; // of other content
  act("post_plan", &request), refused("tender.notice");
  request.notice_id = put_notice(NOTICE(RESULT), KIND(TENDER), bed.tender_id, true, "2027-01-20"); // of another kind
  act("post_plan", &request), refused("tender.notice");
}

static void the_ranking_waits_for_everybody_who_must_be_asked(void **state) {
  (void)state;
  to_open();
  char *q = apply("qian", 90000);
  live_to("2027-02-11");
  of_tender("rank_tender"), refused("tender.invitation tender.invitation"); // zhao is beside it, sun held it last
  assert_string_equal(bed.last.findings[0]->id, "zhao");
  assert_string_equal(bed.last.findings[1]->id, "sun");
  invite("sun", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_DECLINED);
  invite("zhao", WANGGE__V1__INVITATION_ANSWER__INVITATION_ANSWER_NO_ANSWER);
  reveal(q, bed.nonce_of['z']), refused("application.nonce");
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
  Wangge__V1__Homestead *homestead = land_make(&bed.last, KIND(HOMESTEAD), "home-1");
  homestead->name = copy("演示宅基地"), homestead->holder = copy("sun"), homestead->area_dm2 = 23000;
  homestead->boundary =
      copy("POLYGON ((115.70250 37.74090, 115.70300 37.74090, 115.70300 37.74110, 115.70250 37.74110, "
           "115.70250 37.74090))");
  bed.status = WG_OK;
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
  const struct tender_recheck_entry at = {
      .village = VILLAGE, .seq = (uint64_t)bed.seq, .at_us = bed.last.now, .entry = &entry};
  struct tender_recheck_entry with_root = at;
  memset(with_root.root, (int)bed.seq, sizeof with_root.root);
  rechecked = 0, rechecked_fault = NULL;
  assert_int_equal(tender_recheck(bed.book, &with_root, bed.arena, note_recheck, NULL, &bed.error), WG_OK);
}

static void a_ranking_is_computed_again_from_the_ledger(void **state) {
  (void)state;
  to_open();
  apply("zhao", 60000), apply("qian", 90000);
  invite("sun", 2);
  bed.today = day("2027-02-11");
  // The closing, looked at before it is taken into the book.
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  const struct land_timer *timer = LAND_TENDER_TOPIC.timers;
  assert_int_equal(timer->due(&bed.last, record(KIND(TENDER), bed.tender_id), &bed.error), WG_OK);
  recheck(bed.last.changed, bed.last.changed_count);
  assert_int_equal(rechecked, 1);
  assert_null(rechecked_fault);
  Wangge__V1__Ranking *forged =
      (Wangge__V1__Ranking *)land_get(&bed.last, KIND(RANKING), wg_arena_printf(bed.arena, "%s.lot-1", bed.tender_id))
          ->ranking;
  forged->rows[1]->distance_mm = 1;
  recheck(bed.last.changed, bed.last.changed_count);
  assert_string_equal(rechecked_fault, "rows[1].distance_mm");
  live_to("2027-02-11"); // closed truly
  begin(NULL, &given);
  Wangge__V1__RankTenderRequest request = INIT(RANK_TENDER_REQUEST);
  request.tender_id = bed.tender_id;
  bed.last.request = &request.base;
  const struct land_action *action = LAND_TENDER_TOPIC.actions;
  while (strcmp(action->name, "rank_tender") != 0)
    action++;
  assert_int_equal(action->decide(&bed.last, &bed.error), WG_OK);
  recheck(bed.last.changed, bed.last.changed_count);
  assert_int_equal(rechecked, 1);
  assert_null(rechecked_fault);
  forged =
      (Wangge__V1__Ranking *)land_get(&bed.last, KIND(RANKING), wg_arena_printf(bed.arena, "%s.lot-1", bed.tender_id))
          ->ranking;
  Wangge__V1__RankingRow *first = forged->rows[0];
  forged->rows[0] = forged->rows[1], forged->rows[1] = first;
  recheck(bed.last.changed, bed.last.changed_count);
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
      CASE(a_ranking_is_computed_again_from_the_ledger),
      CASE(the_document_of_states_is_what_the_tables_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
