// The state machine of an assignment: who may do what when, repeats that change nothing, refusals that say what would
// be legal, and who may not even know.
#include "tests/unit/routing_fixture.h"

static void a_rule_dispatches_and_is_kept_as_evidence(void **state) {
  (void)state;
  const struct routing_assignment subject = received("城乡建设/供水/停水");
  check(&subject, STATE(DISPATCHED), "water", 1, 1);
  assert_string_equal(step.kind, "dispatch");
  const Wangge__V1__Assignment *message = routing_assignment_message(&subject, &(struct routing_view){0}, arena);
  assert_string_equal(message->rule_id, "W");
  assert_string_equal(message->rule_version, routing_rules_version(rules, "370117"));
  assert_string_equal(message->decided_by, "rule");
  assert_non_null(strstr(message->evidence, "城乡建设/供水"));
}

static void what_no_rule_takes_goes_to_the_desk(void **state) {
  (void)state;
  const struct routing_assignment nobody = received("民政");
  check(&nobody, STATE(DESK), "", 0, 1);
  assert_string_equal(step.kind, "desk");
  assert_string_equal(nobody.rule_id, "");
  assert_true(*nobody.evidence);
  const struct routing_assignment unknown = received("其他"); // its rule names a department that does not exist
  check(&unknown, STATE(DESK), "", 0, 1);
  assert_string_equal(unknown.rule_id, "X");
  assert_non_null(strstr(unknown.evidence, "abolished"));
}

static void the_same_order_again_changes_nothing(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  accept(&subject, &WATER);
  step = (struct routing_step){0};
  assert_int_equal(receive_as(&subject, 7, "370117", "民政"), WG_OK);
  assert_null(step.kind);
  check(&subject, STATE(SIGNED), "water", 1, 2);
}

static void an_order_that_cannot_be_stored_is_refused_with_a_reason(void **state) {
  (void)state;
  struct routing_assignment subject = {.order_id = 7};
  assert_int_equal(receive_as(&subject, 7, "37011", ""), WG_INVALID_ARGUMENT);
  assert_true(*error.message);
  assert_false(subject.exists);
}

static void signing_twice_is_one_signature(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  assert_int_equal(accept(&subject, &WATER), WG_OK);
  assert_string_equal(step.kind, "sign");
  assert_int_equal(accept(&subject, &WATER), WG_OK);
  assert_null(step.kind);
  check(&subject, STATE(SIGNED), "water", 1, 2);
}

static void strangers_do_not_learn_that_an_order_exists(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水"), nothing = {.order_id = 8};
  assert_int_equal(accept(&subject, &HOUSING), WG_NOT_FOUND);
  assert_int_equal(give_back(&subject, &HOUSING, "r", ""), WG_NOT_FOUND);
  assert_int_equal(transfer(&subject, &HOUSING, "traffic", "r"), WG_NOT_FOUND);
  char said[400];
  snprintf(said, sizeof said, "%s", error.message);
  assert_int_equal(transfer(&nothing, &HOUSING, "traffic", "r"), WG_NOT_FOUND);
  assert_int_equal(strlen(said), strlen(error.message)); // the two answers differ in the number alone
  assert_int_equal(accept(&nothing, &WATER), WG_NOT_FOUND);
  struct wg_principal elsewhere = WATER;
  elsewhere.districts = 1;
  snprintf(elsewhere.district[0], sizeof elsewhere.district[0], "131102");
  assert_int_equal(accept(&subject, &elsewhere), WG_NOT_FOUND);
  struct wg_principal nameless = WATER; // a department without code does not hold what lies on the desk
  nameless.department[0] = '\0';
  struct routing_assignment desk = received("民政");
  assert_int_equal(give_back(&desk, &nameless, "r", ""), WG_NOT_FOUND);
}

static void the_desk_is_the_dispatchers(void **state) {
  (void)state;
  struct routing_assignment subject = received("民政");
  assert_int_equal(assign(&subject, &DISPATCHER, "nobody", "r"), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "department");
  assert_int_equal(transfer(&subject, &DISPATCHER, "water", "r"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "Assign"));
  assert_int_equal(assign(&subject, &DISPATCHER, "housing", "属于物业管理"), WG_OK);
  assert_string_equal(step.kind, "assign");
  check(&subject, STATE(DISPATCHED), "housing", 1, 2);
  assert_int_equal(assign(&subject, &DISPATCHER, "housing", "属于物业管理"), WG_OK);
  assert_null(step.kind);
  assert_int_equal(assign(&subject, &DISPATCHER, "water", "属于物业管理"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "Transfer"));
  assert_int_equal(accept(&subject, &HOUSING), WG_OK);
}

static void a_transfer_moves_counts_and_repeats(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  accept(&subject, &WATER);
  assert_int_equal(transfer(&subject, &WATER, "water", "r"), WG_INVALID_ARGUMENT);
  assert_int_equal(transfer(&subject, &WATER, "nobody", "r"), WG_INVALID_ARGUMENT);
  assert_int_equal(transfer(&subject, &WATER, "traffic", "道路施工造成"), WG_OK);
  assert_string_equal(step.kind, "transfer");
  assert_string_equal(step.left, "water");
  assert_string_equal(step.department, "traffic");
  check(&subject, STATE(DISPATCHED), "traffic", 2, 3);
  assert_int_equal(transfer(&subject, &WATER, "traffic", "道路施工造成"), WG_OK); // the answer was lost, asked again
  assert_null(step.kind);
  assert_int_equal(transfer(&subject, &WATER, "housing", "道路施工造成"), WG_FAILED_PRECONDITION);
  assert_int_equal(transfer(&subject, &DISPATCHER, "housing", "r"), WG_OK);
  check(&subject, STATE(DISPATCHED), "housing", 3, 4);
  assert_int_equal(transfer(&subject, &TRAFFIC, "water", "r"), WG_FAILED_PRECONDITION); // held it in between
  assert_int_equal(transfer(&subject, &HOUSING, "water", "r"), WG_OK);
  check(&subject, STATE(DISPATCHED), "water", 4, 5);
}

static void a_withdrawal_ends_everything(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  accept(&subject, &WATER);
  assert_int_equal(withdraw(&subject), WG_OK);
  assert_string_equal(step.kind, "withdraw");
  assert_string_equal(step.left, "water");
  check(&subject, STATE(WITHDRAWN), "water", 1, 3);
  assert_int_equal(withdraw(&subject), WG_OK);
  assert_null(step.kind);
  assert_int_equal(accept(&subject, &WATER), WG_FAILED_PRECONDITION);
  assert_int_equal(give_back(&subject, &WATER, "r", "housing"), WG_FAILED_PRECONDITION);
  assert_int_equal(transfer(&subject, &DISPATCHER, "housing", "r"), WG_FAILED_PRECONDITION);
  assert_int_equal(assign(&subject, &DISPATCHER, "housing", "r"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "withdrawn"));
  assert_int_equal(supplement(&subject, "s1"), WG_FAILED_PRECONDITION);
  check(&subject, STATE(WITHDRAWN), "water", 1, 3);
}

static void a_supplement_counts_once(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  assert_int_equal(supplement(&subject, "s1"), WG_OK);
  assert_string_equal(step.kind, "supplement");
  assert_int_equal(supplement(&subject, "s1"), WG_OK);
  assert_null(step.kind);
  assert_int_equal(supplement(&subject, "s2"), WG_OK);
  assert_string_equal(subject.supplements->supplement_id, "s1");
  assert_string_equal(subject.supplements->next->supplement_id, "s2");
  assert_null(subject.supplements->next->next);
}

static void what_was_never_received_is_parked_with_a_reason(void **state) {
  (void)state;
  struct routing_assignment nothing = {.order_id = 8};
  assert_int_equal(supplement(&nothing, "s1"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "OrderReceived"));
  assert_int_equal(withdraw(&nothing), WG_FAILED_PRECONDITION);
}

// Whatever is tried in whatever order: the assignment stays consistent, steps grow by one or not at all, and a refusal
// changes nothing.
static void check_invariants(const struct routing_assignment *subject, const struct routing_assignment *before) {
  assert_true(subject->steps == before->steps || subject->steps == before->steps + 1);
  assert_true(subject->hops >= before->hops);
  if (before->state == STATE(WITHDRAWN)) assert_int_equal(subject->state, STATE(WITHDRAWN));
  if (before->locked) assert_true(subject->locked);
  if (subject->state == STATE(DESK)) assert_string_equal(subject->department, "");
  if (subject->state == STATE(DISPATCHED) || subject->state == STATE(SIGNED) || subject->state == STATE(RETURN_REVIEW))
    assert_true(*subject->department);
  if (subject->state == STATE(SIGNED)) assert_true(subject->signed_at != 0);
  if (subject->state == STATE(DISPATCHED)) assert_int_equal(subject->signed_at, 0);
  if (subject->hops) assert_true(*subject->first_receiver && *subject->contact);
  int32_t last = 0;
  for (const struct routing_leg *leg = subject->legs; leg; leg = leg->next) {
    assert_true(leg->n > last && leg->parent < leg->n); // numbers ascend, none twice
    last = leg->n;
    assert_true(leg->n != subject->lead_leg || !*subject->department);
    assert_true(routing_leg_active(leg) == (leg->ended_at == 0));
    if (!routing_leg_active(leg)) continue;
    assert_true(leg->role != ROLE(LEAD) && strcmp(leg->department, subject->department) != 0);
    assert_ptr_equal(routing_leg_of(subject, leg->department), leg); // one part a unit
  }
}

static wg_status try_one(struct routing_assignment *subject, const struct wg_principal *caller, const char *place,
                         unsigned what, unsigned luck) {
  switch (what) {
  case 0:
  case 1:
    return accept(subject, caller);
  case 2:
    return give_back(subject, caller, "r", place);
  case 3:
    return transfer(subject, caller, place, "r");
  case 4:
    return assign_with(subject, caller, place, "r", luck & 1 ? "community" : NULL);
  case 5:
    return luck % 32 ? WG_OK : withdraw(subject);
  case 6:
    return review(subject, caller, luck & 1 ? OUTCOME(ACCEPTED) : OUTCOME(REJECTED), "r");
  case 7:
    return escalate(subject, caller, place);
  case 8:
    return adjudicate_with(subject, caller, place, luck & 1 ? "street" : NULL, "");
  case 9:
    return hand_down(subject, caller, place, 0);
  case 10:
    return add_unit(subject, caller, place);
  case 11:
    return remove_unit(subject, caller, place);
  default:
    return supplement(subject, place);
  }
}

static void random_walks_keep_the_invariants(void **state) {
  (void)state;
  static const struct wg_principal *const callers[] = {&WATER,     &HOUSING,    &TRAFFIC, &STREET,
                                                       &COMMUNITY, &DISPATCHER, &CHIEF,   &DISPATCHER};
  static const char *const places[] = {"water", "housing", "traffic", "street", "community"};
  unsigned seed = 42, states = 0;
  for (int walk = 0; walk < 400; walk++) {
    struct routing_assignment subject = received(walk & 1 ? "城乡建设/供水" : "民政");
    for (int i = 0; i < 60; i++) {
      seed = seed * 1103515245 + 12345;
      const unsigned luck = seed >> 8;
      const struct routing_assignment before = subject;
      const wg_status status = try_one(&subject, callers[luck & 7], places[luck / 8 % 5], luck / 40 % 13, luck / 520);
      book.now += 1000;
      if (status != WG_OK) assert_memory_equal(&before, &subject, sizeof subject);
      check_invariants(&subject, &before);
      states |= 1u << subject.state;
    }
  }
  assert_int_equal(states, 0x7e); // the walks came to every state
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, routing_set_up, routing_tear_down)
      TEST(a_rule_dispatches_and_is_kept_as_evidence),
      TEST(what_no_rule_takes_goes_to_the_desk),
      TEST(the_same_order_again_changes_nothing),
      TEST(an_order_that_cannot_be_stored_is_refused_with_a_reason),
      TEST(signing_twice_is_one_signature),
      TEST(strangers_do_not_learn_that_an_order_exists),
      TEST(the_desk_is_the_dispatchers),
      TEST(a_transfer_moves_counts_and_repeats),
      TEST(a_withdrawal_ends_everything),
      TEST(a_supplement_counts_once),
      TEST(what_was_never_received_is_parked_with_a_reason),
      TEST(random_walks_keep_the_invariants),
  };
  return cmocka_run_group_tests_name("routing_decide", tests, routing_set_up_group, routing_tear_down_group);
}
