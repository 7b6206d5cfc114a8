// The table of what may be done to entries of lists, in every state; votes; figures; tokens.
#include "tests/unit/unit.h"

#include "services/tracking/lists/answer.h"
#include "services/tracking/lists/check.h"
#include "services/tracking/lists/figures.h"
#include "services/tracking/lists/votes.h"

#include "common/base/clock.h"

#define STATE(name) WANGGE__V1__ENTRY_STATE__ENTRY_STATE_##name
#define GROUP(name) WANGGE__V1__VOTER_GROUP__VOTER_GROUP_##name
enum { LAST_STATE = STATE(SOLVED), LAST_ACTION = 70 };

static struct wg_arena *arena;

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(4096);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static char *text(const char *value) {
  return (char *)(uintptr_t)value;
}

// every_action_is_refused_where_the_table_says_so: each action from each state it is not for names the state and what
// is possible, and changes nothing.
static void every_action_is_refused_where_the_table_says_so(void **unused) {
  (void)unused;
  size_t refused = 0, actions = 0;
  for (int action = 1; action < LAST_ACTION; action++) {
    const struct lists_rule *rule = lists_rule_of(action);
    if (!rule) continue;
    actions++;
    assert_true(*lists_action_name(action) != '\0');
    for (int state = 0; state <= LAST_STATE; state++) {
      if (rule->from & 1u << state) continue;
      Wangge__V1__ListEntry entry = WANGGE__V1__LIST_ENTRY__INIT;
      entry.kind = rule->kind;
      entry.version = state ? 7 : 0;
      entry.state = (Wangge__V1__EntryState)state;
      Wangge__V1__ChangeEntryRequest request = WANGGE__V1__CHANGE_ENTRY_REQUEST__INIT;
      request.code = text("c");
      request.action_case = (Wangge__V1__ChangeEntryRequest__ActionCase)action;
      struct lists_change change = {.request = &request, .entry = &entry, .arena = arena, .now = 1};
      struct wg_error error = {0};
      assert_int_equal(lists_decide(&change, &error), state ? WG_FAILED_PRECONDITION : WG_NOT_FOUND);
      assert_int_equal(entry.version, state ? 7 : 0);
      assert_int_equal(entry.state, state);
      refused++;
    }
  }
  // As many actions as the request has members of its oneof.
  size_t members = 0;
  for (unsigned i = 0; i < wangge__v1__change_entry_request__descriptor.n_fields; i++)
    members += wangge__v1__change_entry_request__descriptor.fields[i].id >= 10;
  assert_int_equal(actions, members);
  assert_true(refused > 200);
}

// Every state but the first is the end of some action, and from each that is no end something leads on.
static void every_state_can_be_reached(void **unused) {
  (void)unused;
  unsigned reached = 0, left = 0;
  for (int action = 1; action < LAST_ACTION; action++) {
    const struct lists_rule *rule = lists_rule_of(action);
    if (!rule) continue;
    reached |= rule->to ? 1u << rule->to : 0;
    left |= rule->from;
  }
  reached |= 1u << STATE(FULFILLED) | 1u << STATE(UNFULFILLED) | 1u << STATE(SOLVED); // the action says
  for (int state = 1; state <= LAST_STATE; state++)
    assert_true(reached & 1u << state);
  const unsigned ends = 1u << STATE(WITHDRAWN) | 1u << STATE(REVIEWED) | 1u << STATE(CLOSED);
  assert_int_equal(left & ends, 0);
}

static Wangge__V1__Votes votes_of(Wangge__V1__VoterGroup group, int approve, int reject, int abstain) {
  Wangge__V1__Votes votes = WANGGE__V1__VOTES__INIT;
  votes.group = group;
  votes.approve = approve;
  votes.reject = reject;
  votes.abstain = abstain;
  return votes;
}

static void votes_stop_at_the_eligible(void **unused) {
  (void)unused;
  Wangge__V1__Topic topic = WANGGE__V1__TOPIC__INIT;
  const struct lists_votes votes = {&topic.votes, &topic.n_votes};
  struct wg_error error = {0};
  assert_int_equal(lists_votes_open(votes, 0, 0, arena, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(lists_votes_open(votes, -1, 5, arena, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(lists_votes_open(votes, 2, 3, arena, &error), WG_OK);
  Wangge__V1__Votes more = votes_of(GROUP(RESIDENTS), 1, 1, 1);
  assert_int_equal(lists_votes_add(votes, &more, &error), WG_OK);
  more = votes_of(GROUP(RESIDENTS), 0, 0, 1);
  assert_int_equal(lists_votes_add(votes, &more, &error), WG_FAILED_PRECONDITION);
  more = votes_of(GROUP(PARTY_MEMBERS), INT32_MAX, INT32_MAX, INT32_MAX);
  assert_int_equal(lists_votes_add(votes, &more, &error), WG_FAILED_PRECONDITION);
  assert_int_equal(lists_votes_cast(votes), 3);
  assert_false(lists_votes_adopt(votes)); // one against one
  more = votes_of(GROUP(PARTY_MEMBERS), 2, 0, 0);
  assert_int_equal(lists_votes_add(votes, &more, &error), WG_OK);
  assert_true(lists_votes_adopt(votes));
}

// counted gives the figures of one pledge.
static Wangge__V1__PledgeFiguresResponse counted(Wangge__V1__EntryState state, const char *due_on, const char *first,
                                                 const char *finished_on, const char *today) {
  Wangge__V1__PledgeText wording = WANGGE__V1__PLEDGE_TEXT__INIT;
  wording.due_on = text(due_on);
  Wangge__V1__Pledge pledge = WANGGE__V1__PLEDGE__INIT;
  pledge.text = &wording;
  pledge.promised_at = *first ? 1 : 0;
  pledge.first_due_on = text(first);
  pledge.finished_on = text(finished_on);
  Wangge__V1__Votes votes = votes_of(GROUP(RESIDENTS), 8, 1, 1), *list[] = {&votes};
  votes.eligible = 12;
  pledge.review = list;
  pledge.n_review = 1;
  Wangge__V1__ListEntry entry = WANGGE__V1__LIST_ENTRY__INIT;
  entry.state = state;
  entry.pledge = &pledge;
  Wangge__V1__PledgeFiguresResponse figures = WANGGE__V1__PLEDGE_FIGURES_RESPONSE__INIT;
  int32_t day = 0;
  assert_true(wg_day_parse(today, &day));
  lists_figures_add(&figures, &entry, day, arena);
  return figures;
}

static void figures_count_each_pledge_once(void **unused) {
  (void)unused;
  static const char DUE[] = "2026-06-30";
  Wangge__V1__PledgeFiguresResponse f = counted(STATE(DRAFT), DUE, "", "", "2027-01-01");
  assert_int_equal(f.promised, 0); // a draft is no promise
  f = counted(STATE(PROMISED), DUE, DUE, "", "2026-06-30");
  assert_true(f.promised == 1 && f.open == 1 && f.overdue == 0); // the day itself is in time
  f = counted(STATE(PROMISED), DUE, DUE, "", "2026-07-01");
  assert_int_equal(f.overdue, 1);
  f = counted(STATE(FULFILLED), DUE, DUE, "2026-06-30", "2026-07-01");
  assert_true(f.fulfilled == 1 && f.late == 0 && f.moved == 0 && f.n_review == 0); // the review is not closed
  f = counted(STATE(REVIEWED), "2026-09-30", DUE, "2026-10-01", "2026-12-01");
  assert_true(f.fulfilled == 1 && f.late == 1 && f.moved == 1 && f.reviewed == 1);
  assert_true(f.n_review == 1 && f.review[0]->eligible == 12 && f.review[0]->approve == 8);
  f = counted(STATE(UNFULFILLED), DUE, DUE, "", "2026-07-01");
  assert_true(f.promised == 1 && f.unfulfilled == 1 && f.fulfilled == 0);
  f = counted(STATE(WITHDRAWN), DUE, DUE, "", "2026-07-01");
  assert_true(f.promised == 1 && f.withdrawn == 1 && f.open == 0); // a promise withdrawn stays in the denominator
}

static void tokens_are_their_requests_and_nobody_elses(void **unused) {
  (void)unused;
  const uint8_t secret[LISTS_SECRET_BYTES] = {1}, other[LISTS_SECRET_BYTES] = {2};
  Wangge__V1__IssueTokensRequest request = WANGGE__V1__ISSUE_TOKENS_REQUEST__INIT;
  request.district = text("370117");
  request.code = text("q");
  request.request_id = text("r");
  char first[LISTS_TOKEN_CHARS + 1], again[LISTS_TOKEN_CHARS + 1];
  lists_token(secret, &request, "registrar", 0, first);
  assert_int_equal(strlen(first), LISTS_TOKEN_CHARS);
  lists_token(secret, &request, "registrar", 0, again);
  assert_string_equal(first, again);
  lists_token(secret, &request, "registrar", 1, again);
  assert_string_not_equal(first, again);
  lists_token(secret, &request, "dispatcher", 0, again);
  assert_string_not_equal(first, again);
  lists_token(other, &request, "registrar", 0, again);
  assert_string_not_equal(first, again);
  uint8_t a[LISTS_HASH_BYTES], b[LISTS_HASH_BYTES];
  lists_token_hash(secret, "370117", "q", first, a);
  lists_token_hash(secret, "370117", "q2", first, b);
  assert_memory_not_equal(a, b, sizeof a);
  lists_answer_hash(secret, first, wg_bytes_of("1"), a);
  lists_answer_hash(secret, first, wg_bytes_of("2"), b);
  assert_memory_not_equal(a, b, sizeof a);
  lists_answer_hash(secret, again, wg_bytes_of("1"), b); // the same answer of another token
  assert_memory_not_equal(a, b, sizeof a);
}

static void areas_and_days_are_looked_at(void **unused) {
  (void)unused;
  static const char *const GOOD[] = {"370117", "370117001", "370117001001", "370117001001001"};
  static const char *const BAD[] = {"", "370118", "3701170", "37011700100100a", "370117001001001001"};
  struct wg_error error = {0};
  int32_t day = 0;
  for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
    assert_int_equal(lists_check_area("370117", GOOD[i], &error), WG_OK);
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
    assert_int_equal(lists_check_area("370117", BAD[i], &error), WG_INVALID_ARGUMENT);
  assert_int_equal(lists_check_day("2026-11-28", "on", &day, &error), WG_OK);
  assert_int_equal(lists_check_day("2026-11-28x", "on", &day, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(lists_check_past("2026-11-28", "on", day, &day, &error), WG_OK);
  assert_int_equal(lists_check_past("2026-11-29", "on", day, &day, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "on");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(every_action_is_refused_where_the_table_says_so, set_up, tear_down),
      cmocka_unit_test_setup_teardown(every_state_can_be_reached, set_up, tear_down),
      cmocka_unit_test_setup_teardown(votes_stop_at_the_eligible, set_up, tear_down),
      cmocka_unit_test_setup_teardown(figures_count_each_pledge_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tokens_are_their_requests_and_nobody_elses, set_up, tear_down),
      cmocka_unit_test_setup_teardown(areas_and_days_are_looked_at, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
