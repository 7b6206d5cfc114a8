// The transition table is the truth: every event in every state, by everybody, happens exactly when a row says so; what
// is refused lists what the table allows.
#include "tests/unit/routing_fixture.h"

enum { STATES = 9, CALLERS = 5 };

static const char *const CALLER_NAMES[CALLERS] = {"lead", "child", "assist", "dispatcher", "a former lead"};
static const unsigned PARTS[CALLERS] = {ROUTING_BY_LEAD, ROUTING_BY_CHILD, ROUTING_BY_ASSIST, ROUTING_BY_DISPATCHER, 0};

// In the order that `in_state` makes, water leads (after housing, which gave it up), street is water's child and
// traffic assists, wherever the state allows that.
static const struct wg_principal *caller_of(int caller) {
  static const struct wg_principal *const ALL[CALLERS] = {&WATER, &STREET, &TRAFFIC, &CHIEF, &HOUSING};
  return ALL[caller];
}

static struct routing_assignment signed_with_units(void) {
  struct routing_assignment subject = received("民政");
  MUST(assign(&subject, &DISPATCHER, "housing", "r"));
  MUST(transfer(&subject, &DISPATCHER, "water", "r"));
  MUST(accept(&subject, &WATER));
  MUST(hand_down(&subject, &WATER, "street", 0));
  MUST(accept(&subject, &STREET));
  MUST(add_unit(&subject, &WATER, "traffic"));
  return subject;
}

static struct routing_assignment in_state(Wangge__V1__AssignmentState state) {
  struct routing_assignment subject = signed_with_units();
  switch (state) {
  case STATE(ANSWERED):
    subject = answered("民政");
    subject.held = "water,street,traffic,housing"; // to see the table refuse those who may know of it
    break;
  case STATE(DESK):
    MUST(give_back(&subject, &WATER, "r", "housing"));
    MUST(review(&subject, &DISPATCHER, OUTCOME(ACCEPTED), "ok"));
    break;
  case STATE(DISPATCHED): // with a child that no story leads to, to see the table refuse it
    subject.state = state;
    subject.signed_at = 0;
    break;
  case STATE(RETURN_REVIEW):
    MUST(give_back(&subject, &WATER, "r", "housing"));
    break;
  case STATE(ADJUDICATING):
    MUST(escalate(&subject, &DISPATCHER, "r"));
    break;
  case STATE(WITHDRAWN):
    MUST(withdraw(&subject));
    break;
  case STATE(VOID):
    MUST(voided(&subject));
    break;
  default:
    break;
  }
  assert_int_equal(subject.state, state);
  return subject;
}

// cause makes the event happen, with everything right that a guard asks for.
static wg_status cause(struct routing_assignment *subject, enum routing_event event,
                       const struct wg_principal *caller) {
  switch (event) {
  case ROUTING_ASSIGN:
    return assign(subject, caller, "housing", "new");
  case ROUTING_ACCEPT:
    if (caller == &STREET && routing_leg_of(subject, "street"))
      routing_leg_of(subject, "street")->state = LEG(DISPATCHED);
    return accept(subject, caller);
  case ROUTING_REQUEST_RETURN:
    return give_back(subject, caller, "new", "housing");
  case ROUTING_ACCEPT_RETURN:
    return review(subject, caller, OUTCOME(ACCEPTED), "new");
  case ROUTING_REJECT_RETURN:
    return review(subject, caller, OUTCOME(REJECTED), "new");
  case ROUTING_ESCALATE:
    return escalate(subject, caller, "new");
  case ROUTING_ADJUDICATE:
    return adjudicate(subject, caller, "housing");
  case ROUTING_TRANSFER:
    return transfer(subject, caller, "housing", "new");
  case ROUTING_TRANSFER_DOWN:
    return hand_down(subject, caller, "community", 0);
  case ROUTING_ADD_UNIT:
    return add_unit(subject, caller, "community");
  case ROUTING_REMOVE_UNIT:
    return remove_unit(subject, caller, "traffic");
  default:
    return WG_INTERNAL;
  }
}

// guarded: what the table allows and a guard refuses all the same, in this test's order.
static bool guarded(Wangge__V1__AssignmentState state, enum routing_event event, int caller) {
  if (event == ROUTING_ESCALATE && caller == 0) return true;               // its return was not rejected
  if (event == ROUTING_REMOVE_UNIT && caller == 1) return true;            // traffic was not handed down by the street
  return event == ROUTING_ACCEPT && state == STATE(SIGNED) && caller == 0; // repeats: happens without a row
}

static void check_refusal(const struct routing_assignment *subject, enum routing_event event) {
  char calls[300];
  routing_calls_text(subject->state, calls, sizeof calls);
  if (subject->state == STATE(WITHDRAWN) || subject->state == STATE(VOID))
    assert_non_null(strstr(error.message, "no call changes it"));
  else assert_non_null(strstr(error.message, calls));
  assert_non_null(strstr(error.message, routing_event_call(event)));
}

static void one(Wangge__V1__AssignmentState state, enum routing_event event, int caller) {
  struct routing_assignment subject = in_state(state);
  const struct wg_principal *who = caller_of(caller);
  // Who has no part in this state (a child on the desk) is a former holder.
  const unsigned parts = routing_parts(&subject, who);
  if (*subject.department && state != STATE(WITHDRAWN) && state != STATE(VOID)) assert_int_equal(parts, PARTS[caller]);
  const bool possible = routing_possible(state, event, parts);
  const struct routing_assignment before = subject;
  const wg_status status = cause(&subject, event, who);
  if (guarded(state, event, caller)) return;
  if (possible && status != WG_OK)
    fail_msg("%s by %s in state %d is in the table, but: %s", routing_event_call(event), CALLER_NAMES[caller],
             (int)state, error.message);
  if (!possible && status != WG_FAILED_PRECONDITION)
    fail_msg("%s by %s in state %d is not in the table, but %s", routing_event_call(event), CALLER_NAMES[caller],
             (int)state, wg_status_name(status));
  if (possible) {
    assert_true(routing_leads_to(state, event, subject.state));
    assert_int_equal(subject.steps, before.steps + 1);
  } else {
    check_refusal(&subject, event);
    assert_memory_equal(&before, &subject, sizeof subject);
  }
}

static void every_call_in_every_state_by_everybody(void **state) {
  (void)state;
  for (int from = 1; from < STATES; from++) {
    for (int event = ROUTING_ASSIGN; event <= ROUTING_REMOVE_UNIT; event++) {
      for (int caller = 0; caller < CALLERS; caller++)
        one((Wangge__V1__AssignmentState)from, (enum routing_event)event, caller);
    }
  }
}

static void events_of_intake_in_every_state(void **state) {
  (void)state;
  for (int from = 1; from < STATES; from++) {
    struct routing_assignment subject = in_state((Wangge__V1__AssignmentState)from);
    const bool may = routing_possible((Wangge__V1__AssignmentState)from, ROUTING_SUPPLEMENT, ROUTING_BY_INTAKE);
    assert_int_equal(supplement(&subject, "s1"), may ? WG_OK : WG_FAILED_PRECONDITION);
    assert_int_equal(may, from != STATE(WITHDRAWN) && from != STATE(VOID));
    if (from == STATE(VOID)) continue;           // a late withdrawal has a test of its own
    assert_int_equal(withdraw(&subject), WG_OK); // again: changes nothing
    assert_int_equal(subject.state, STATE(WITHDRAWN));
  }
}

static void what_tracking_decides_is_followed_in_every_state(void **state) {
  (void)state;
  for (int from = 1; from < STATES; from++) {
    struct routing_assignment subject = in_state((Wangge__V1__AssignmentState)from);
    const bool end = from == STATE(WITHDRAWN) || from == STATE(VOID);
    assert_int_equal(voided(&subject), WG_OK);
    assert_int_equal(subject.state, end ? from : STATE(VOID));
    assert_true(end == !step.kind);
    for (const struct routing_leg *leg = subject.legs; leg; leg = leg->next)
      assert_false(routing_leg_active(leg));     // nobody holds it any more
    assert_int_equal(withdraw(&subject), WG_OK); // on its way when it was voided
    assert_int_equal(subject.state, end ? from : STATE(VOID));
    subject = in_state((Wangge__V1__AssignmentState)from);
    assert_int_equal(reopened(&subject), WG_OK);
    assert_int_equal(subject.state, from == STATE(ANSWERED) ? STATE(DESK) : from);
  }
  struct routing_assignment unknown = {.order_id = 9};
  assert_int_equal(voided(&unknown), WG_FAILED_PRECONDITION); // parked with a reason
}

static void every_state_is_reached_and_left(void **state) {
  (void)state;
  for (int from = 1; from < STATES; from++) {
    bool reached = false, left = false;
    for (size_t i = 0; i < ROUTING_TRANSITION_COUNT; i++) {
      const struct routing_transition *row = &ROUTING_TRANSITIONS[i];
      reached = reached || ((int)row->to == from && row->from != row->to);
      left = left || ((int)row->from == from && row->from != row->to);
      for (size_t other = 0; other < i; other++) {
        const struct routing_transition *before = &ROUTING_TRANSITIONS[other];
        assert_false(before->from == row->from && before->event == row->event && before->to == row->to);
      }
    }
    assert_true(reached && left == (from != STATE(WITHDRAWN) && from != STATE(VOID)));
  }
}

static void the_table_prints_as_a_diagram(void **state) {
  (void)state;
  char *printed = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&printed, &size);
  routing_print_states(out);
  fclose(out);
  assert_non_null(strstr(printed, "```mermaid\nstateDiagram-v2\n"));
  assert_non_null(strstr(printed, "RETURN_REVIEW --> DESK: ReviewReturn (dispatcher)"));
  size_t rows = 0;
  for (const char *at = printed; (at = strstr(at, "\n| ")); at++)
    rows++;
  assert_int_equal(rows, ROUTING_TRANSITION_COUNT + 1); // and the header
  free(printed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, routing_set_up, routing_tear_down)
      TEST(every_call_in_every_state_by_everybody),
      TEST(events_of_intake_in_every_state),
      TEST(what_tracking_decides_is_followed_in_every_state),
      TEST(every_state_is_reached_and_left),
      TEST(the_table_prints_as_a_diagram),
  };
  return cmocka_run_group_tests_name("routing_states", tests, routing_set_up_group, routing_tear_down_group);
}
