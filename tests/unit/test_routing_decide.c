// The state machine of an assignment: who may do what when, repeats that change nothing, refusals that say what would
// be legal, and who may not even know.
#include "tests/unit/unit.h"

#include "services/routing/decide.h"

#include <stdlib.h>
#include <unistd.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name
#define NOW INT64_C(1764230400000000)

static struct routing_departments *departments;
static struct routing_rules *rules;
static struct wg_arena *arena;
static struct routing_rulebook book;
static struct wg_error error;
static struct routing_step step;

static const struct wg_principal WATER = {.name = "water-desk", .roles = WG_ROLE_DEPARTMENT, .department = "water"};
static const struct wg_principal HOUSING = {.name = "housing", .roles = WG_ROLE_DEPARTMENT, .department = "housing"};
static const struct wg_principal TRAFFIC = {.name = "traffic", .roles = WG_ROLE_DEPARTMENT, .department = "traffic"};
static const struct wg_principal DISPATCHER = {.name = "dispatcher", .roles = WG_ROLE_DISPATCHER};

static int set_up_group(void **state) {
  (void)state;
  char path[] = "/tmp/wangge-decide-XXXXXX";
  const char *text = "[water]\nname = 水务局\nlevel = district\n[housing]\nname = 住建局\nlevel = district\n"
                     "[traffic]\nname = 交通局\nlevel = district\n";
  int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  close(fd);
  assert_int_equal(routing_departments_open(path, &departments, &error), WG_OK);
  unlink(path);
  const char *table = "id,category_prefix,district,area,source,valid_from,valid_to,department,note\n"
                      "W,城乡建设/供水,,,,,,water,\nX,其他,,,,,,abolished,\n";
  assert_int_equal(routing_rules_parse(wg_bytes_of(table), departments, &rules, &error), WG_OK);
  return 0;
}

static int tear_down_group(void **state) {
  (void)state;
  routing_rules_close(rules);
  routing_departments_close(departments);
  return 0;
}

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(4096);
  book = (struct routing_rulebook){rules, departments, NOW, arena};
  error = (struct wg_error){0};
  step = (struct routing_step){0};
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static wg_status receive_as(struct routing_assignment *subject, int64_t order_id, const char *district,
                            const char *category) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = order_id;
  order.district = wg_arena_strdup(arena, district);
  order.source = (char *)"hotline-12345";
  order.category = wg_arena_strdup(arena, category);
  Wangge__V1__OrderReceived event = WANGGE__V1__ORDER_RECEIVED__INIT;
  event.order = &order;
  struct routing_rule *rule = NULL;
  return routing_receive(subject, &event, wg_bytes_of("packed"), &book, &rule, &step, &error);
}

static struct routing_assignment received(const char *category) {
  struct routing_assignment subject = {.order_id = 7};
  if (receive_as(&subject, 7, "370117", category) != WG_OK) fail_msg("%s", error.message);
  return subject;
}

static wg_status accept(struct routing_assignment *subject, const struct wg_principal *caller) {
  step = (struct routing_step){0};
  return routing_accept(subject, caller, &book, &step, &error);
}

static wg_status give_back(struct routing_assignment *subject, const struct wg_principal *caller, const char *reason,
                           const char *proposed) {
  Wangge__V1__ReturnRequest request = WANGGE__V1__RETURN_REQUEST__INIT;
  request.order_id = subject->order_id;
  request.reason = (char *)(uintptr_t)reason;
  request.proposed_department = (char *)(uintptr_t)proposed;
  step = (struct routing_step){0};
  return routing_return(subject, caller, &request, &book, &step, &error);
}

static wg_status transfer(struct routing_assignment *subject, const struct wg_principal *caller, const char *to,
                          const char *reason) {
  Wangge__V1__TransferRequest request = WANGGE__V1__TRANSFER_REQUEST__INIT;
  request.order_id = subject->order_id;
  request.to_department = (char *)(uintptr_t)to;
  request.reason = (char *)(uintptr_t)reason;
  step = (struct routing_step){0};
  return routing_transfer(subject, caller, &request, &book, &step, &error);
}

static wg_status assign(struct routing_assignment *subject, const struct wg_principal *caller, const char *department,
                        const char *reason) {
  Wangge__V1__AssignRequest request = WANGGE__V1__ASSIGN_REQUEST__INIT;
  request.order_id = subject->order_id;
  request.department = (char *)(uintptr_t)department;
  request.reason = (char *)(uintptr_t)reason;
  step = (struct routing_step){0};
  return routing_assign(subject, caller, &request, &book, &step, &error);
}

static wg_status withdraw(struct routing_assignment *subject) {
  Wangge__V1__OrderWithdrawn event = WANGGE__V1__ORDER_WITHDRAWN__INIT;
  event.order_id = subject->order_id;
  event.by = (char *)"hotline-12345";
  event.reason = (char *)"已来水";
  step = (struct routing_step){0};
  return routing_withdraw(subject, &event, &book, &step, &error);
}

static wg_status supplement(struct routing_assignment *subject, const char *id) {
  Wangge__V1__OrderSupplemented event = WANGGE__V1__ORDER_SUPPLEMENTED__INIT;
  event.order_id = subject->order_id;
  event.supplement_id = (char *)(uintptr_t)id;
  event.text = (char *)"三号楼也停水";
  step = (struct routing_step){0};
  return routing_supplement(subject, &event, 99, &book, &step, &error);
}

static void check(const struct routing_assignment *subject, int state, const char *department, int hops, int steps) {
  assert_int_equal(subject->state, state);
  assert_string_equal(subject->department, department);
  assert_int_equal(subject->hops, hops);
  assert_int_equal(subject->steps, steps);
}

static void a_rule_dispatches_and_is_kept_as_evidence(void **state) {
  (void)state;
  const struct routing_assignment subject = received("城乡建设/供水/停水");
  check(&subject, STATE(DISPATCHED), "water", 1, 1);
  assert_string_equal(step.kind, "dispatch");
  const Wangge__V1__Assignment *message = routing_assignment_message(&subject, arena);
  assert_string_equal(message->rule_id, "W");
  assert_string_equal(message->rule_version, rules->version);
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

static void a_return_goes_to_the_desk_once(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  accept(&subject, &WATER);
  assert_int_equal(give_back(&subject, &WATER, "不属于供水范围", "housing"), WG_OK);
  assert_string_equal(step.kind, "return");
  assert_string_equal(step.left, "water");
  assert_string_equal(step.proposed, "housing");
  check(&subject, STATE(DESK), "", 1, 3);
  assert_int_equal(give_back(&subject, &WATER, "不属于供水范围", "housing"), WG_OK);
  assert_null(step.kind);
  assert_int_equal(give_back(&subject, &WATER, "另一个理由", "housing"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "Assign"));
  assert_int_equal(accept(&subject, &WATER), WG_FAILED_PRECONDITION); // it held it: it may know
  const Wangge__V1__Assignment *message = routing_assignment_message(&subject, arena);
  assert_string_equal(message->decided_by, "water-desk");
  assert_string_equal(message->rule_id, "");
  assert_string_equal(message->evidence, "不属于供水范围");
  check(&subject, STATE(DESK), "", 1, 3);
}

static void a_return_names_a_real_other_department_or_none(void **state) {
  (void)state;
  struct routing_assignment subject = received("城乡建设/供水");
  assert_int_equal(give_back(&subject, &WATER, "r", "nobody"), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "proposed_department");
  assert_int_equal(give_back(&subject, &WATER, "r", "water"), WG_INVALID_ARGUMENT);
  check(&subject, STATE(DISPATCHED), "water", 1, 1);
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
  assert_int_equal(give_back(&subject, &WATER, "r", ""), WG_FAILED_PRECONDITION);
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
static void random_walks_keep_the_invariants(void **state) {
  (void)state;
  static const struct wg_principal *const callers[] = {&WATER, &HOUSING, &TRAFFIC, &DISPATCHER};
  static const char *const places[] = {"water", "housing", "traffic"};
  unsigned seed = 42;
  for (int walk = 0; walk < 300; walk++) {
    struct routing_assignment subject = received(walk & 1 ? "城乡建设/供水" : "民政");
    for (int i = 0; i < 40; i++) {
      seed = seed * 1103515245 + 12345;
      const struct wg_principal *caller = callers[seed >> 16 & 3];
      const char *place = places[(seed >> 18) % 3];
      const struct routing_assignment before = subject;
      wg_status status = WG_OK;
      switch ((seed >> 21) % 6) {
      case 0:
        status = accept(&subject, caller);
        break;
      case 1:
        status = give_back(&subject, caller, "r", "");
        break;
      case 2:
        status = transfer(&subject, caller, place, "r");
        break;
      case 3:
        status = assign(&subject, &DISPATCHER, place, "r");
        break;
      case 4:
        status = (seed >> 25) % 8 ? WG_OK : withdraw(&subject);
        break;
      default:
        status = supplement(&subject, place);
      }
      if (status != WG_OK) assert_memory_equal(&before, &subject, sizeof subject);
      assert_true(subject.steps == before.steps || subject.steps == before.steps + 1);
      assert_true(subject.hops >= before.hops);
      if (before.state == STATE(WITHDRAWN)) assert_int_equal(subject.state, STATE(WITHDRAWN));
      if (subject.state == STATE(DESK)) assert_string_equal(subject.department, "");
      if (subject.state == STATE(DISPATCHED) || subject.state == STATE(SIGNED)) assert_true(*subject.department);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      TEST(a_rule_dispatches_and_is_kept_as_evidence),
      TEST(what_no_rule_takes_goes_to_the_desk),
      TEST(the_same_order_again_changes_nothing),
      TEST(an_order_that_cannot_be_stored_is_refused_with_a_reason),
      TEST(signing_twice_is_one_signature),
      TEST(strangers_do_not_learn_that_an_order_exists),
      TEST(a_return_goes_to_the_desk_once),
      TEST(a_return_names_a_real_other_department_or_none),
      TEST(the_desk_is_the_dispatchers),
      TEST(a_transfer_moves_counts_and_repeats),
      TEST(a_withdrawal_ends_everything),
      TEST(a_supplement_counts_once),
      TEST(what_was_never_received_is_parked_with_a_reason),
      TEST(random_walks_keep_the_invariants),
  };
  return cmocka_run_group_tests_name("routing_decide", tests, set_up_group, tear_down_group);
}
