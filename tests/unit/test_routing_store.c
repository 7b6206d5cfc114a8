// What routing promises of its tables and its stream: orders move as decided, everybody concerned is told, the same
// event or call again has no second effect (also after a restart), new orders cost no query, lists miss and repeat
// nothing, and nobody learns of what is not theirs.
#include "tests/unit/routing_reference.h"
#include "tests/unit/service_fixture.h"

#include "common/base/clock.h"
#include "services/routing/routing.h"

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name
#define NOW INT64_C(1764230400000000)

static const struct wg_stream_spec STREAM = {.name = "routing.dispatch", .topics = true, .retention_days = 7};
static const struct wg_principal WATER = {.name = "water", .roles = WG_ROLE_DEPARTMENT, .department = "water"};
static const struct wg_principal HOUSING = {.name = "housing", .roles = WG_ROLE_DEPARTMENT, .department = "housing"};
static const struct wg_principal TRAFFIC = {.name = "traffic", .roles = WG_ROLE_DEPARTMENT, .department = "traffic"};
static const struct wg_principal DISPATCHER = {.name = "dispatcher", .roles = WG_ROLE_DISPATCHER};
static const struct wg_principal OPERATOR = {.name = "operator", .roles = WG_ROLE_OPERATOR};
static const struct wg_principal HOTLINE = {.name = "hotline-12345", .roles = WG_ROLE_SOURCE};
static const struct wg_principal PATROL = {.name = "patrol", .roles = WG_ROLE_SOURCE};

static struct routing *service;
static struct wg_metrics *metrics;
static struct fixture fixture = {.name = "routing",
                                 .stream = &STREAM,
                                 .load_state = routing_load_state,
                                 .load = routing_load,
                                 .decide = routing_decide,
                                 .store = routing_store,
                                 .committed = routing_committed};

static int set_up_group(void **state) {
  (void)state;
  fixture_migrate(&fixture);
  const struct routing_settings settings = {.window_days = 2};
  struct wg_error error = {0};
  metrics = wg_metrics_create("routing");
  void *made = NULL;
  fixture_must(routing_start(&settings, metrics, &made, &error), &error);
  fixture.service = service = made;
  routing_take_reference(service);
  return 0;
}

static int tear_down_group(void **state) {
  (void)state;
  routing_stop(service);
  wg_metrics_destroy(metrics);
  return 0;
}

static int set_up(void **state) {
  (void)state;
  postgres_execute(
      "TRUNCATE routing.assignment, routing.step, routing.supplement, routing.leg, routing.return_request, "
      "routing.precedent CASCADE");
  fixture_open(&fixture);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  fixture_close(&fixture);
  return 0;
}

static struct wg_item received(int64_t order_id, const char *district, const char *category) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = order_id;
  order.district = (char *)(uintptr_t)district;
  order.source = (char *)"hotline-12345";
  order.external_id = (char *)"RX1";
  order.category = (char *)(uintptr_t)category;
  order.title = (char *)"小区停水";
  order.text = (char *)"艾山街道某小区自早上六点起停水。";
  order.received_at = NOW;
  Wangge__V1__OrderReceived event = WANGGE__V1__ORDER_RECEIVED__INIT;
  event.order = &order;
  return fixture_event(&fixture, &event.base, (uint64_t)order_id, NOW);
}

static struct wg_item supplemented(int64_t order_id, const char *id, uint64_t seq) {
  Wangge__V1__OrderSupplemented event = WANGGE__V1__ORDER_SUPPLEMENTED__INIT;
  event.order_id = order_id;
  event.district = (char *)"370117";
  event.supplement_id = (char *)(uintptr_t)id;
  event.text = wg_arena_printf(fixture.arena, "补充 %s", id);
  event.by = (char *)"hotline-12345";
  return fixture_event(&fixture, &event.base, seq, NOW);
}

static struct wg_item withdrawn(int64_t order_id) {
  Wangge__V1__OrderWithdrawn event = WANGGE__V1__ORDER_WITHDRAWN__INIT;
  event.order_id = order_id;
  event.reason = (char *)"已来水";
  event.by = (char *)"hotline-12345";
  return fixture_event(&fixture, &event.base, 900, NOW);
}

static struct wg_item accept(const struct wg_principal *caller, int64_t order_id) {
  Wangge__V1__AcceptRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__accept_request__init(request);
  request->order_id = order_id;
  return fixture_call(caller, &request->base);
}

static struct wg_item give_back(const struct wg_principal *caller, int64_t order_id) {
  Wangge__V1__ReturnRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__return_request__init(request);
  request->order_id = order_id;
  request->reason = (char *)"不属于供水范围";
  request->proposed_department = (char *)"housing";
  request->reason_code = WANGGE__V1__RETURN_REASON__RETURN_REASON_NOT_OUR_DUTY;
  request->basis = (char *)"《城市供水条例》";
  request->acting_person = (char *)"0017";
  return fixture_call(caller, &request->base);
}

static struct wg_item review(int64_t order_id, bool accepted) {
  Wangge__V1__ReviewReturnRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__review_return_request__init(request);
  request->order_id = order_id;
  request->outcome = accepted ? WANGGE__V1__RETURN_OUTCOME__RETURN_OUTCOME_ACCEPTED
                              : WANGGE__V1__RETURN_OUTCOME__RETURN_OUTCOME_REJECTED;
  request->reason = (char *)"已核实";
  return fixture_call(&DISPATCHER, &request->base);
}

static struct wg_item adjudicate(int64_t order_id, const char *lead, const char *assist) {
  Wangge__V1__AdjudicateRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__adjudicate_request__init(request);
  request->order_id = order_id;
  request->lead = (char *)(uintptr_t)lead;
  request->basis = (char *)"三定方案";
  request->n_assists = 1;
  request->assists = wg_arena_alloc(fixture.arena, sizeof *request->assists);
  request->assists[0] = (char *)(uintptr_t)assist;
  return fixture_call(&DISPATCHER, &request->base);
}

static struct wg_item add_unit(const struct wg_principal *caller, int64_t order_id, const char *unit) {
  Wangge__V1__AddUnitRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__add_unit_request__init(request);
  request->order_id = order_id;
  request->department = (char *)(uintptr_t)unit;
  request->reason = (char *)"协助核实";
  return fixture_call(caller, &request->base);
}

static struct wg_item escalate(int64_t order_id) {
  Wangge__V1__EscalateRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__escalate_request__init(request);
  request->order_id = order_id;
  request->reason = (char *)"无主责部门";
  return fixture_call(&DISPATCHER, &request->base);
}

static struct wg_item transfer(const struct wg_principal *caller, int64_t order_id, const char *to) {
  Wangge__V1__TransferRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__transfer_request__init(request);
  request->order_id = order_id;
  request->to_department = (char *)(uintptr_t)to;
  request->reason = (char *)"道路施工造成";
  return fixture_call(caller, &request->base);
}

static struct wg_item assign(int64_t order_id, const char *department) {
  Wangge__V1__AssignRequest *request = wg_arena_alloc(fixture.arena, sizeof *request);
  wangge__v1__assign_request__init(request);
  request->order_id = order_id;
  request->department = (char *)(uintptr_t)department;
  request->reason = (char *)"属于物业管理";
  return fixture_call(&DISPATCHER, &request->base);
}

static struct wg_item run(struct wg_item item) {
  fixture_run(&fixture, &item, 1, NOW);
  return item;
}

// run_ok runs a call that must succeed and gives the assignment it answers with.
static const Wangge__V1__Assignment *run_ok(struct wg_item item) {
  item = run(item);
  if (item.error.code) fail_msg("%s", item.error.message);
  return ((const Wangge__V1__AssignmentResponse *)item.reply)->assignment;
}

static wg_status get(const struct wg_principal *caller, int64_t order_id,
                     const Wangge__V1__GetAssignmentResponse **response) {
  Wangge__V1__GetAssignmentRequest request = WANGGE__V1__GET_ASSIGNMENT_REQUEST__INIT;
  request.order_id = order_id;
  struct wg_read_call call = {caller, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  const wg_status status = routing_get(&call, &reply, &error);
  *response = (const Wangge__V1__GetAssignmentResponse *)reply;
  return status;
}

static const Wangge__V1__ListAssignmentsResponse *list(const struct wg_principal *caller, const char *department,
                                                       int state, int limit, const char *token) {
  Wangge__V1__ListAssignmentsRequest request = WANGGE__V1__LIST_ASSIGNMENTS_REQUEST__INIT;
  request.department = (char *)(uintptr_t)department;
  request.state = (Wangge__V1__AssignmentState)state;
  request.limit = limit;
  request.page_token = (char *)(uintptr_t)token;
  struct wg_read_call call = {caller, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  fixture_must(routing_list(&call, &reply, &error), &error);
  return (const Wangge__V1__ListAssignmentsResponse *)reply;
}

static const Wangge__V1__DeskResponse *desk(const struct wg_principal *caller, int kind, int limit, const char *token) {
  Wangge__V1__DeskRequest request = WANGGE__V1__DESK_REQUEST__INIT;
  request.kind = (Wangge__V1__DeskKind)kind;
  request.limit = limit;
  request.page_token = (char *)(uintptr_t)token;
  struct wg_read_call call = {caller, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  fixture_must(routing_desk(&call, &reply, &error), &error);
  return (const Wangge__V1__DeskResponse *)reply;
}

static const Wangge__V1__PrecedentsResponse *precedents(const char *category, const char *place, int limit,
                                                        const char *token) {
  Wangge__V1__PrecedentsRequest request = WANGGE__V1__PRECEDENTS_REQUEST__INIT;
  request.category = (char *)(uintptr_t)category;
  request.place = (char *)(uintptr_t)place;
  request.limit = limit;
  request.page_token = (char *)(uintptr_t)token;
  struct wg_read_call call = {&OPERATOR, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  fixture_must(routing_show_precedents(&call, &reply, &error), &error);
  return (const Wangge__V1__PrecedentsResponse *)reply;
}

static void new_orders_are_dispatched_without_a_query(void **state) {
  (void)state;
  struct wg_item items[] = {received(1, "370117", "城乡建设/供水"), received(2, "131102", "其他"),
                            received(3, "370117", "交通运输/道路")};
  fixture_run(&fixture, items, 3, NOW);
  assert_int_equal(fixture.load_statements, 0);
  assert_int_equal(fixture.event_count, 3);
  const Wangge__V1__OrderDispatched *first =
      fixture_payload(&fixture, 0, &wangge__v1__order_dispatched__descriptor, "water");
  assert_string_equal(first->order->text, "艾山街道某小区自早上六点起停水。");
  assert_string_equal(first->assignment->rule_id, "T1");
  assert_int_equal(first->assignment->hops, 1);
  const Wangge__V1__OrderDispatched *second =
      fixture_payload(&fixture, 1, &wangge__v1__order_dispatched__descriptor, "");
  assert_int_equal(second->assignment->state, STATE(DESK));
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM routing.assignment"), 3);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM routing.step"), 0);
  assert_int_equal(service->heads.desk, 1);
}

static const Wangge__V1__OrderDispatched *told(size_t event, const char *unit, const char *grid) {
  const Wangge__V1__OrderDispatched *dispatched =
      fixture_payload(&fixture, event, &wangge__v1__order_dispatched__descriptor, unit);
  assert_non_null(dispatched->assignment->place);
  assert_string_equal(dispatched->assignment->place->grid_code, grid);
  return dispatched;
}

static void the_place_is_kept_and_told_again(void **state) {
  (void)state;
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = 1;
  order.district = (char *)"370117";
  order.source = (char *)"hotline-12345";
  order.category = (char *)"城乡建设/供水";
  order.grid_code = (char *)"370117001002003";
  Wangge__V1__OrderReceived event = WANGGE__V1__ORDER_RECEIVED__INIT;
  event.order = &order;
  run(fixture_event(&fixture, &event.base, 1, NOW));
  told(0, "water", "370117001002003");
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM routing.assignment WHERE area = '370117001002003' "
                                           "AND place_how = 1 AND place_flags > 0 AND place_confidence = 0.5 "
                                           "AND place_evidence <> '' AND suggested_category = ''"),
                   1);
  postgres_execute("UPDATE routing.assignment SET place_id = '370117/place/e1', place_name = '府前花园', "
                   "suggested_category = '文旅', suggested_confidence = 0.75");
  run_ok(transfer(&WATER, 1, "traffic"));
  const Wangge__V1__Assignment *again = told(1, "traffic", "370117001002003")->assignment;
  const Wangge__V1__GetAssignmentResponse *response = NULL;
  assert_int_equal(get(&OPERATOR, 1, &response), WG_OK);
  const Wangge__V1__Assignment *const both[] = {again, response->assignment};
  for (size_t i = 0; i < 2; i++) {
    assert_string_equal(both[i]->place->place_id, "370117/place/e1");
    assert_string_equal(both[i]->place->name, "府前花园");
    assert_string_equal(both[i]->place->how, "grid_code");
    assert_string_equal(both[i]->place->flags[0], "grid_unknown");
    assert_true(both[i]->place->confidence == 0.5 && both[i]->suggested_confidence == 0.75);
    assert_string_equal(both[i]->suggested_category, "文旅");
  }
}

static void the_same_event_again_has_no_second_effect(void **state) {
  (void)state;
  struct wg_item twice[] = {received(1, "370117", "城乡建设/供水"), received(1, "370117", "城乡建设/供水")};
  fixture_run(&fixture, twice, 2, NOW);
  assert_int_equal(fixture.event_count, 1);
  run(received(1, "370117", "城乡建设/供水"));
  assert_int_equal(fixture.event_count, 0);
  fixture_close(&fixture); // and not after a restart either
  fixture_open(&fixture);
  assert_int_equal(service->heads.highest_order_id, 1);
  const struct wg_item again = run(received(1, "370117", "其他"));
  assert_int_equal(again.error.code, 0);
  assert_int_equal(fixture.event_count, 0);
  run(supplemented(1, "s1", 5));
  assert_int_equal(fixture.event_count, 1);
  run(supplemented(1, "s1", 5));
  assert_int_equal(fixture.event_count, 0);
  run(withdrawn(1));
  assert_int_equal(fixture.event_count, 1);
  run(withdrawn(1));
  assert_int_equal(fixture.event_count, 0);
}

static void an_older_order_that_was_set_aside_can_still_come(void **state) {
  (void)state;
  run(received(5, "370117", "城乡建设/供水"));
  run(received(4, "370117", "城乡建设/供水"));
  assert_int_equal(fixture.event_count, 1);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM routing.assignment"), 2);
}

static void a_transfer_tells_both_and_repeats_the_supplements(void **state) {
  (void)state;
  struct wg_item items[] = {received(1, "370117", "城乡建设/供水"), supplemented(1, "s1", 2)};
  fixture_run(&fixture, items, 2, NOW);
  const Wangge__V1__DispatchSupplemented *said =
      fixture_payload(&fixture, 1, &wangge__v1__dispatch_supplemented__descriptor, "water");
  assert_false(said->again);
  run(supplemented(1, "a later one", 3));
  run_ok(accept(&WATER, 1));
  fixture_payload(&fixture, 0, &wangge__v1__order_signed__descriptor, "water");
  const Wangge__V1__Assignment *moved = run_ok(transfer(&WATER, 1, "traffic"));
  assert_string_equal(moved->department, "traffic");
  assert_string_equal(moved->decided_by, "water");
  assert_int_equal(moved->hops, 2);
  assert_int_equal(fixture.event_count, 4);
  const Wangge__V1__DispatchRevoked *revoked =
      fixture_payload(&fixture, 0, &wangge__v1__dispatch_revoked__descriptor, "water");
  assert_false(revoked->withdrawn);
  const Wangge__V1__OrderDispatched *dispatched =
      fixture_payload(&fixture, 1, &wangge__v1__order_dispatched__descriptor, "traffic");
  assert_string_equal(dispatched->order->title, "小区停水");
  assert_string_equal(dispatched->order->text, "艾山街道某小区自早上六点起停水。");
  said = fixture_payload(&fixture, 2, &wangge__v1__dispatch_supplemented__descriptor, "traffic");
  assert_true(said->again);
  assert_string_equal(said->supplement_id, "s1");
  said = fixture_payload(&fixture, 3, &wangge__v1__dispatch_supplemented__descriptor, "traffic");
  assert_string_equal(said->text, "补充 a later one");
  run_ok(transfer(&WATER, 1, "traffic")); // the answer was lost
  assert_int_equal(fixture.event_count, 0);
  assert_int_equal(fixture_count(&fixture, "SELECT count(*) FROM routing.step"), 2);
}

static void a_return_is_reviewed_and_assigned(void **state) {
  (void)state;
  run(received(1, "370117", "城乡建设/供水"));
  run_ok(give_back(&WATER, 1));
  assert_int_equal(fixture.event_count, 1);
  const Wangge__V1__ReturnRequested *asked =
      fixture_payload(&fixture, 0, &wangge__v1__return_requested__descriptor, "");
  assert_string_equal(asked->request->basis, "《城市供水条例》");
  assert_string_equal(asked->request->acting_person, "0017");
  assert_int_equal(service->heads.desk, 1);
  run_ok(give_back(&WATER, 1));
  assert_int_equal(fixture.event_count, 0);
  run_ok(review(1, true));
  assert_int_equal(fixture.event_count, 2);
  const Wangge__V1__OrderReturned *returned =
      fixture_payload(&fixture, 0, &wangge__v1__order_returned__descriptor, "water");
  assert_string_equal(returned->reason, "不属于供水范围");
  assert_string_equal(returned->proposed_department, "housing");
  assert_string_equal(returned->reviewed_by, "dispatcher");
  fixture_payload(&fixture, 1, &wangge__v1__order_dispatched__descriptor, "");
  assert_int_equal(service->heads.desk, 1);
  run_ok(assign(1, "housing"));
  const Wangge__V1__OrderDispatched *told =
      fixture_payload(&fixture, 0, &wangge__v1__order_dispatched__descriptor, "housing");
  assert_int_equal(told->leg->n, 2);
  assert_int_equal(told->leg->role, WANGGE__V1__LEG_ROLE__LEG_ROLE_LEAD);
  assert_int_equal(service->heads.desk, 0);
  run_ok(assign(1, "housing"));
  assert_int_equal(fixture.event_count, 0);
  assert_int_equal(run(accept(&TRAFFIC, 1)).error.code, WG_NOT_FOUND);
  assert_int_equal(run(accept(&WATER, 1)).error.code, WG_FAILED_PRECONDITION);
  run_ok(accept(&HOUSING, 1));
  const Wangge__V1__GetAssignmentResponse *found = NULL;
  assert_int_equal(get(&WATER, 1, &found), WG_OK); // led it before
  assert_int_equal(found->n_returns, 1);
  assert_string_equal(found->returns[0]->acting_person, ""); // not for departments
  assert_int_equal(found->assignment->n_legs, 2);
  assert_int_equal(found->assignment->legs[0]->state, WANGGE__V1__LEG_STATE__LEG_STATE_SIGNED);
  assert_int_equal(found->assignment->legs[1]->state, WANGGE__V1__LEG_STATE__LEG_STATE_RETURNED);
  assert_string_equal(found->assignment->first_receiver, "water");
  assert_string_equal(found->assignment->contact, "housing");
  assert_int_equal(get(&OPERATOR, 1, &found), WG_OK);
  assert_string_equal(found->returns[0]->acting_person, "0017");
  assert_string_equal(found->steps[1]->basis, "《城市供水条例》");
}

static void a_dispute_survives_restarts_and_becomes_a_precedent(void **state) {
  (void)state;
  struct wg_item items[] = {received(1, "370117", "城乡建设/供水/停水"), supplemented(1, "s1", 2)};
  fixture_run(&fixture, items, 2, NOW);
  run_ok(give_back(&WATER, 1));
  fixture_close(&fixture);
  fixture_open(&fixture);
  assert_int_equal(service->heads.desk, 1);
  run_ok(review(1, false));
  const Wangge__V1__ReturnRejected *rejected =
      fixture_payload(&fixture, 0, &wangge__v1__return_rejected__descriptor, "water");
  assert_false(rejected->signed_);
  run_ok(give_back(&WATER, 1)); // the same words again, after the rejection: the second return
  assert_int_equal(fixture.event_count, 2);
  fixture_payload(&fixture, 0, &wangge__v1__return_requested__descriptor, "");
  fixture_payload(&fixture, 1, &wangge__v1__dispute_escalated__descriptor, "");
  fixture_close(&fixture);
  fixture_open(&fixture);
  struct wg_item decided = run(adjudicate(1, "housing", "traffic"));
  if (decided.error.code) fail_msg("%s", decided.error.message);
  assert_string_equal(((const Wangge__V1__AdjudicateResponse *)decided.reply)->precedent->precedent_id, "1.1");
  assert_int_equal(fixture.event_count, 6);
  const Wangge__V1__OrderAdjudicated *told =
      fixture_payload(&fixture, 0, &wangge__v1__order_adjudicated__descriptor, "");
  assert_string_equal(told->left, "water");
  fixture_payload(&fixture, 1, &wangge__v1__dispatch_revoked__descriptor, "water");
  fixture_payload(&fixture, 2, &wangge__v1__order_dispatched__descriptor, "housing");
  fixture_payload(&fixture, 3, &wangge__v1__dispatch_supplemented__descriptor, "housing");
  const Wangge__V1__OrderDispatched *assists =
      fixture_payload(&fixture, 4, &wangge__v1__order_dispatched__descriptor, "traffic");
  assert_int_equal(assists->leg->role, WANGGE__V1__LEG_ROLE__LEG_ROLE_ASSIST);
  assert_true(assists->assignment->locked);
  fixture_close(&fixture);
  fixture_open(&fixture);
  decided = run(adjudicate(1, "housing", "traffic")); // the answer was lost
  assert_int_equal(fixture.event_count, 0);
  assert_string_equal(((const Wangge__V1__AdjudicateResponse *)decided.reply)->precedent->assists[0], "traffic");
  assert_int_equal(run(give_back(&HOUSING, 1)).error.code, WG_FAILED_PRECONDITION);
  run(received(2, "370117", "城乡建设/供水/停水"));
  const Wangge__V1__OrderDispatched *later =
      fixture_payload(&fixture, 0, &wangge__v1__order_dispatched__descriptor, "water");
  assert_non_null(strstr(later->assignment->evidence, "precedent 1.1: such an order was adjudicated to housing"));
  assert_int_equal(precedents("城乡建设/供水/停水", "370117001", 0, "")->n_precedents, 1);
  assert_int_equal(precedents("城乡建设/供水", "", 0, "")->n_precedents, 0);
  assert_int_equal(precedents("", "131102", 0, "")->n_precedents, 0);
}

static void precedents_page_newest_first(void **state) {
  (void)state;
  for (int64_t id = 1; id <= 5; id++) {
    struct wg_item items[] = {received(id, "370117", "民政"), escalate(id), adjudicate(id, "water", "housing")};
    fixture_run(&fixture, items, 3, NOW + id);
    for (int i = 0; i < 3; i++) {
      if (items[i].error.code) fail_msg("%s", items[i].error.message);
    }
  }
  int64_t expected = 5;
  const char *token = "";
  do {
    const Wangge__V1__PrecedentsResponse *page = precedents("民政", "", 2, token);
    for (size_t i = 0; i < page->n_precedents; i++)
      assert_int_equal(page->precedents[i]->order_id, expected--);
    token = page->next_page_token;
  } while (*token);
  assert_int_equal(expected, 0);
}

static void units_beside_the_lead_are_told_and_seen(void **state) {
  (void)state;
  run(received(1, "370117", "城乡建设/供水"));
  run_ok(accept(&WATER, 1));
  run_ok(add_unit(&WATER, 1, "traffic"));
  fixture_payload(&fixture, 0, &wangge__v1__order_dispatched__descriptor, "traffic");
  run_ok(accept(&TRAFFIC, 1));
  const Wangge__V1__OrderSigned *signature =
      fixture_payload(&fixture, 0, &wangge__v1__order_signed__descriptor, "traffic");
  assert_int_equal(signature->role, WANGGE__V1__LEG_ROLE__LEG_ROLE_ASSIST);
  run(supplemented(1, "s1", 2));
  assert_int_equal(fixture.event_count, 2);
  fixture_payload(&fixture, 0, &wangge__v1__dispatch_supplemented__descriptor, "water");
  fixture_payload(&fixture, 1, &wangge__v1__dispatch_supplemented__descriptor, "traffic");
  const Wangge__V1__GetAssignmentResponse *found = NULL;
  assert_int_equal(get(&TRAFFIC, 1, &found), WG_OK);
  Wangge__V1__ListAssignmentsRequest request = WANGGE__V1__LIST_ASSIGNMENTS_REQUEST__INIT;
  request.role = WANGGE__V1__LEG_ROLE__LEG_ROLE_ASSIST;
  struct wg_read_call call = {&TRAFFIC, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  fixture_must(routing_list(&call, &reply, &error), &error);
  assert_int_equal(((const Wangge__V1__ListAssignmentsResponse *)reply)->n_assignments, 1);
  run(withdrawn(1));
  assert_int_equal(fixture.event_count, 2);
  fixture_payload(&fixture, 0, &wangge__v1__dispatch_revoked__descriptor, "water");
  fixture_payload(&fixture, 1, &wangge__v1__dispatch_revoked__descriptor, "traffic");
  fixture_must(routing_list(&call, &reply, &error), &error);
  assert_int_equal(((const Wangge__V1__ListAssignmentsResponse *)reply)->n_assignments, 0);
}

static void the_desk_lists_what_is_to_be_decided(void **state) {
  (void)state;
  for (int64_t id = 1; id <= 12; id++)
    run(received(id, "370117", id % 4 ? "城乡建设/供水" : "其他"));
  run_ok(give_back(&WATER, 1));
  run_ok(give_back(&WATER, 2));
  run_ok(review(2, true));
  run_ok(give_back(&WATER, 3));
  run_ok(review(3, false));
  run_ok(give_back(&WATER, 3));
  static const int expected[] = {6, 3, 1, 1, 1}; // all, unroutable, returned, under review, adjudicated
  for (int kind = 0; kind < 5; kind++) {
    int seen = 0;
    int64_t last = 0;
    const char *token = "";
    do {
      const Wangge__V1__DeskResponse *page = desk(&DISPATCHER, kind, 2, token);
      for (size_t i = 0; i < page->n_items; i++, seen++) {
        const Wangge__V1__DeskItem *item = page->items[i];
        assert_true(item->assignment->order_id > last && *item->why && item->n_calls);
        assert_string_equal(item->title, "小区停水");
        if (kind) assert_int_equal(item->kind, kind);
        last = item->assignment->order_id;
      }
      token = page->next_page_token;
    } while (*token);
    assert_int_equal(seen, expected[kind]);
  }
  const Wangge__V1__DeskItem *item = desk(&DISPATCHER, 3, 0, "")->items[0];
  assert_string_equal(item->calls[0], "ReviewReturn");
  assert_string_equal(item->returns[0]->proposed_department, "housing");
  assert_int_equal(service->heads.desk, 6);
  struct wg_principal elsewhere = DISPATCHER;
  elsewhere.districts = 1;
  snprintf(elsewhere.district[0], sizeof elsewhere.district[0], "131102");
  assert_int_equal(desk(&elsewhere, 0, 0, "")->n_items, 0);
}

static void calls_in_the_batch_that_brings_their_order_work(void **state) {
  (void)state;
  struct wg_item items[] = {received(1, "370117", "城乡建设/供水"),
                            accept(&WATER, 1),
                            give_back(&WATER, 1),
                            review(1, true),
                            assign(1, "housing"),
                            accept(&HOUSING, 1),
                            add_unit(&HOUSING, 1, "water"),
                            accept(&WATER, 2)};
  fixture_run(&fixture, items, 8, NOW);
  for (int i = 1; i < 7; i++) {
    if (items[i].error.code) fail_msg("item %d: %s", i, items[i].error.message);
  }
  assert_int_equal(items[7].error.code, WG_NOT_FOUND);
  const Wangge__V1__GetAssignmentResponse *found = NULL;
  assert_int_equal(get(&OPERATOR, 1, &found), WG_OK);
  assert_int_equal(found->assignment->state, STATE(SIGNED));
  assert_int_equal(found->assignment->n_legs, 3);
  assert_int_equal(found->assignment->legs[0]->n, 2);
  static const char *const kinds[] = {"dispatch", "sign", "request_return", "accept_return",
                                      "assign",   "sign", "add_unit"};
  assert_int_equal(found->n_steps, 7);
  for (int i = 0; i < 7; i++) {
    assert_string_equal(found->steps[i]->kind, kinds[i]);
    assert_int_equal(found->steps[i]->n, i + 1);
  }
}

static void what_cannot_be_is_set_aside_with_a_reason(void **state) {
  (void)state;
  const struct wg_item early = run(supplemented(77, "s1", 3));
  assert_int_equal(early.error.code, WG_FAILED_PRECONDITION);
  assert_true(*early.error.message);
  Wangge__V1__OrderReceived empty = WANGGE__V1__ORDER_RECEIVED__INIT;
  assert_true(run(fixture_event(&fixture, &empty.base, 4, NOW)).error.code != WG_OK);
  assert_int_equal(fixture.event_count, 0);
}

static void only_those_concerned_see_an_order(void **state) {
  (void)state;
  run(received(1, "370117", "城乡建设/供水"));
  run_ok(transfer(&DISPATCHER, 1, "traffic"));
  const Wangge__V1__GetAssignmentResponse *found = NULL;
  static const struct wg_principal *const may[] = {&WATER, &TRAFFIC, &DISPATCHER, &OPERATOR, &HOTLINE};
  for (size_t i = 0; i < sizeof may / sizeof *may; i++)
    assert_int_equal(get(may[i], 1, &found), WG_OK);
  assert_int_equal(get(&HOUSING, 1, &found), WG_NOT_FOUND);
  assert_int_equal(get(&PATROL, 1, &found), WG_NOT_FOUND);
  assert_int_equal(get(&OPERATOR, 2, &found), WG_NOT_FOUND);
  struct wg_principal elsewhere = OPERATOR;
  elsewhere.districts = 1;
  snprintf(elsewhere.district[0], sizeof elsewhere.district[0], "131102");
  assert_int_equal(get(&elsewhere, 1, &found), WG_NOT_FOUND);
  assert_int_equal(list(&elsewhere, "", 0, 0, "")->n_assignments, 0);
  assert_int_equal(list(&HOUSING, "", 0, 0, "")->n_assignments, 0);
  assert_int_equal(list(&HOUSING, "traffic", 0, 0, "")->n_assignments, 0);
  assert_int_equal(list(&TRAFFIC, "", 0, 0, "")->n_assignments, 1);
}

static void lists_miss_and_repeat_nothing(void **state) {
  (void)state;
  struct wg_item items[120];
  for (int i = 0; i < 120; i++)
    items[i] = received(i + 1, i % 3 ? "370117" : "131102", i % 2 ? "城乡建设/供水" : i % 5 ? "交通运输" : "其他");
  fixture_run(&fixture, items, 120, NOW);
  for (int64_t id = 2; id <= 60; id += 2)
    run_ok(accept(&WATER, id));
  const struct {
    const struct wg_principal *caller;
    const char *department;
    int state, expected;
  } table[] = {{&OPERATOR, "", 0, 120},
               {&OPERATOR, "", STATE(DESK), 12},
               {&OPERATOR, "water", 0, 60},
               {&WATER, "", 0, 60},
               {&WATER, "", STATE(SIGNED), 30},
               {&WATER, "", STATE(DISPATCHED), 30},
               {&OPERATOR, "", STATE(SIGNED), 30},
               {&TRAFFIC, "", 0, 48},
               {&OPERATOR, "nobody", 0, 0}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    int seen = 0;
    int64_t last = 0;
    const char *token = "";
    do {
      const Wangge__V1__ListAssignmentsResponse *page =
          list(table[i].caller, table[i].department, table[i].state, 7, token);
      for (size_t row = 0; row < page->n_assignments; row++, seen++) {
        assert_true(page->assignments[row]->order_id > last);
        last = page->assignments[row]->order_id;
      }
      token = page->next_page_token;
    } while (*token);
    if (seen != table[i].expected) fail_msg("list %zu shows %d, not %d", i, seen, table[i].expected);
  }
}

static void rules_are_shown_with_their_hits(void **state) {
  (void)state;
  Wangge__V1__RulesRequest request = WANGGE__V1__RULES_REQUEST__INIT;
  request.district = (char *)"370117";
  struct wg_read_call call = {&OPERATOR, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  assert_int_equal(routing_show_rules(&call, &reply, &error), WG_OK);
  const int64_t before = ((const Wangge__V1__RulesResponse *)reply)->rules[0]->hits;
  struct wg_item items[] = {received(1, "370117", "城乡建设/供水"), received(2, "370117", "城乡建设/供水")};
  fixture_run(&fixture, items, 2, NOW);
  assert_int_equal(routing_show_rules(&call, &reply, &error), WG_OK);
  const Wangge__V1__RulesResponse *rules = (const Wangge__V1__RulesResponse *)reply;
  assert_int_equal(rules->rules[0]->hits, before + 2);
  assert_memory_equal(rules->version, "3-", 2);
  assert_int_equal(rules->n_findings, 1); // nobody leads the rest, by intent
  assert_string_equal(rules->findings[0]->kind, "uncovered");
}

static Wangge__V1__Record *proposed(const char *category, const char *lead) {
  Wangge__V1__DispatchRule *body = wg_arena_alloc(fixture.arena, sizeof *body);
  Wangge__V1__Record *record = wg_arena_alloc(fixture.arena, sizeof *record);
  wangge__v1__dispatch_rule__init(body);
  wangge__v1__record__init(record);
  body->category_prefix = (char *)(uintptr_t)category;
  body->lead = (char *)(uintptr_t)lead;
  record->district = (char *)"370117";
  record->code = (char *)"N1";
  record->body_case = WANGGE__V1__RECORD__BODY_DISPATCH_RULE;
  record->dispatch_rule = body;
  return record;
}

static void a_proposed_catalogue_is_shown_and_not_in_force(void **state) {
  (void)state;
  Wangge__V1__Record *record = proposed("城乡建设/供水", "nobody");
  Wangge__V1__RulesRequest request = WANGGE__V1__RULES_REQUEST__INIT;
  request.records = &record;
  request.n_records = 1;
  struct wg_read_call call = {&OPERATOR, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  fixture_must(routing_show_rules(&call, &reply, &error), &error);
  const Wangge__V1__RulesResponse *rules = (const Wangge__V1__RulesResponse *)reply;
  assert_int_equal(rules->n_rules, 1);
  assert_string_equal(rules->findings[0]->kind, "unknown_department");
  assert_int_equal(rules->findings[0]->severity, WANGGE__V1__SEVERITY__SEVERITY_ERROR);
  run(received(1, "370117", "城乡建设/供水"));
  fixture_payload(&fixture, 0, &wangge__v1__order_dispatched__descriptor, "water");
}

static void an_order_is_explained(void **state) {
  (void)state;
  run(received(1, "370117", "交通运输/道路"));
  Wangge__V1__ExplainRequest request = WANGGE__V1__EXPLAIN_REQUEST__INIT;
  request.order_id = 1;
  struct wg_read_call call = {&OPERATOR, &request.base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  struct wg_error error = {0};
  fixture_must(routing_explain(&call, &reply, &error), &error);
  const Wangge__V1__ExplainResponse *said = (const Wangge__V1__ExplainResponse *)reply;
  assert_string_equal(said->decided_rule, "T3");
  assert_string_equal(said->decided_lead, "traffic");
  assert_string_equal(said->decided_version, said->version);
  assert_string_equal(said->rule_id, "T3");
  assert_string_equal(said->lead, "traffic");
  assert_true(said->department_duty);
  assert_int_equal(said->other_rules, 2);
  assert_int_equal(said->n_trace, 1);
  assert_int_equal(said->trace[0]->verdict, WANGGE__V1__RULE_VERDICT__RULE_VERDICT_DECIDES);
  request.order_id = 2;
  assert_int_equal(routing_explain(&call, &reply, &error), WG_NOT_FOUND);
  struct wg_principal elsewhere = OPERATOR;
  elsewhere.districts = 1;
  snprintf(elsewhere.district[0], sizeof elsewhere.district[0], "131102");
  request.order_id = 1;
  call.caller = &elsewhere;
  assert_int_equal(routing_explain(&call, &reply, &error), WG_NOT_FOUND);
}

// replay pages through orders routed in [since, until) and counts what would have gone elsewhere; *pages as it
// went.
static int replay(Wangge__V1__ReplayRulesRequest *request, const struct wg_principal *caller, int *looked_at,
                  int *pages) {
  int changed = 0;
  *looked_at = *pages = 0;
  request->page_token = (char *)"";
  do {
    struct wg_read_call call = {caller, &request->base, fixture.arena, fixture.reader, service, NOW};
    ProtobufCMessage *reply = NULL;
    struct wg_error error = {0};
    fixture_must(routing_replay_rules(&call, &reply, &error), &error);
    const Wangge__V1__ReplayRulesResponse *page = (const Wangge__V1__ReplayRulesResponse *)reply;
    changed += (int)page->n_changed;
    *looked_at += (int)page->looked_at;
    assert_int_equal(page->unreadable, 0);
    for (size_t i = 0; i < page->n_changed; i++)
      assert_string_not_equal(page->changed[i]->old_lead, page->changed[i]->new_lead);
    request->page_token = page->next_page_token;
    ++*pages;
  } while (*request->page_token);
  return changed;
}

static void past_orders_are_replayed(void **state) {
  (void)state;
  for (int64_t id = 1; id <= 30; id++) { // one a second
    struct wg_item item = received(id, id % 3 ? "370117" : "131102", id % 2 ? "城乡建设/供水" : "其他");
    fixture_run(&fixture, &item, 1, NOW + id * 1000000);
  }
  int looked_at = 0, pages = 0;
  Wangge__V1__ReplayRulesRequest request = WANGGE__V1__REPLAY_RULES_REQUEST__INIT;
  request.since = NOW;
  assert_int_equal(replay(&request, &OPERATOR, &looked_at, &pages), 0); // the same rules
  assert_int_equal(looked_at, 30);
  Wangge__V1__Record *record = proposed("", "housing");
  request.records = &record;
  request.n_records = 1;
  request.limit = 7;
  // All of 370117 go to housing now; 131102 has no catalogue any more: its water orders come to the desk.
  assert_int_equal(replay(&request, &OPERATOR, &looked_at, &pages), 20 + 5);
  assert_int_equal(looked_at, 30);
  assert_int_equal(pages, 5);
  request.district = (char *)"370117";
  assert_int_equal(replay(&request, &OPERATOR, &looked_at, &pages), 20);
  assert_int_equal(looked_at, 20);
  request.since = NOW + 10 * 1000000;
  request.until = NOW + 20 * 1000000;
  assert_int_equal(replay(&request, &OPERATOR, &looked_at, &pages), 7); // 10, 11, 13, 14, 16, 17, 19
  assert_int_equal(looked_at, 7);
  struct wg_principal elsewhere = OPERATOR;
  elsewhere.districts = 1;
  snprintf(elsewhere.district[0], sizeof elsewhere.district[0], "131102");
  request.district = (char *)"";
  request.since = NOW;
  request.until = 0;
  assert_int_equal(replay(&request, &elsewhere, &looked_at, &pages), 5);
  assert_int_equal(looked_at, 10);
  request.since = NOW + INT64_C(100) * 1000000;
  assert_int_equal(replay(&request, &OPERATOR, &looked_at, &pages), 0);
  assert_int_equal(looked_at, 0);

  static const struct {
    int64_t since, until;
    int32_t limit;
    const char *district, *token, *field;
  } bad[] = {{0, 0, 0, "", "", "since"},    {NOW, NOW - 1, 0, "", "", "until"}, {NOW, 0, 5001, "", "", "limit"},
             {NOW, 0, -1, "", "", "limit"}, {NOW, 0, 0, "37", "", "district"},  {NOW, 0, 0, "", "x", "page_token"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    Wangge__V1__ReplayRulesRequest wrong = WANGGE__V1__REPLAY_RULES_REQUEST__INIT;
    struct wg_error error = {0};
    ProtobufCMessage *reply = NULL;
    wrong.since = bad[i].since;
    wrong.until = bad[i].until;
    wrong.limit = bad[i].limit;
    wrong.district = (char *)(uintptr_t)bad[i].district;
    wrong.page_token = (char *)(uintptr_t)bad[i].token;
    struct wg_read_call call = {&OPERATOR, &wrong.base, fixture.arena, fixture.reader, service, NOW};
    assert_int_equal(routing_replay_rules(&call, &reply, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, bad[i].field);
  }
}

static void records_that_are_refused_keep_the_old_rules(void **state) {
  (void)state;
  struct wg_error error = {0};
  const struct routing_rules *before = service->rules;
  const struct routing_places *places = service->places;
  Wangge__V1__Department body = WANGGE__V1__DEPARTMENT__INIT;
  Wangge__V1__Record record = WANGGE__V1__RECORD__INIT;
  const Wangge__V1__Record *const list[] = {&record};
  const struct wg_reference_set set = {.records = list, .count = 1};
  record.district = (char *)"370117";
  record.code = (char *)"water";
  record.body_case = WANGGE__V1__RECORD__BODY_DEPARTMENT;
  record.department = &body;
  body.level = (char *)"city";
  assert_int_equal(routing_records(service, &set, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "level");
  assert_ptr_equal(service->rules, before);
  assert_ptr_equal(service->places, places);
  routing_take_reference(service);
  run(received(1, "370117", "城乡建设/供水"));
  fixture_payload(&fixture, 0, &wangge__v1__order_dispatched__descriptor, "water");
}

static void the_service_can_neither_delete_nor_rewrite_history(void **state) {
  (void)state;
  static const char *const forbidden[] = {"DELETE FROM assignment",
                                          "UPDATE step SET reason = ''",
                                          "DELETE FROM step",
                                          "DELETE FROM supplement",
                                          "DELETE FROM leg",
                                          "DELETE FROM return_request",
                                          "UPDATE precedent SET lead = ''",
                                          "CREATE TABLE t (i int)"};
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
    struct wg_error error = {0};
    if (wg_db_exec(fixture.reader, forbidden[i], &error) == WG_OK) fail_msg("allowed: %s", forbidden[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      TEST(new_orders_are_dispatched_without_a_query),
      TEST(the_place_is_kept_and_told_again),
      TEST(the_same_event_again_has_no_second_effect),
      TEST(an_older_order_that_was_set_aside_can_still_come),
      TEST(a_transfer_tells_both_and_repeats_the_supplements),
      TEST(a_return_is_reviewed_and_assigned),
      TEST(a_dispute_survives_restarts_and_becomes_a_precedent),
      TEST(precedents_page_newest_first),
      TEST(units_beside_the_lead_are_told_and_seen),
      TEST(the_desk_lists_what_is_to_be_decided),
      TEST(calls_in_the_batch_that_brings_their_order_work),
      TEST(what_cannot_be_is_set_aside_with_a_reason),
      TEST(only_those_concerned_see_an_order),
      TEST(lists_miss_and_repeat_nothing),
      TEST(rules_are_shown_with_their_hits),
      TEST(a_proposed_catalogue_is_shown_and_not_in_force),
      TEST(an_order_is_explained),
      TEST(past_orders_are_replayed),
      TEST(records_that_are_refused_keep_the_old_rules),
      TEST(the_service_can_neither_delete_nor_rewrite_history),
  };
  return cmocka_run_group_tests_name("routing_store", tests, set_up_group, tear_down_group);
}
