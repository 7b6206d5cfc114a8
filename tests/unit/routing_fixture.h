// What tests of routing's decisions share: three departments, a street and a community, rules, categories that are a
// department's duty, callers, and one function for each call.
#pragma once

#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/routing/legs.h"

#include <stdlib.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name
#define LEG(name) WANGGE__V1__LEG_STATE__LEG_STATE_##name
#define ROLE(name) WANGGE__V1__LEG_ROLE__LEG_ROLE_##name
#define OUTCOME(name) WANGGE__V1__RETURN_OUTCOME__RETURN_OUTCOME_##name
#define GRID "370117001001001"

static struct routing_departments *departments;
static struct routing_rules *rules;
static struct routing_duties *duties;
static struct routing_precedents *precedents;
static struct wg_arena *arena;
static struct routing_rulebook book;
static struct wg_error error;
static struct routing_step step;
static Wangge__V1__Order the_order;

#define DEPARTMENT(symbol, principal, code)                                                                            \
  static const struct wg_principal symbol = {.name = (principal), .roles = WG_ROLE_DEPARTMENT, .department = (code)}
DEPARTMENT(WATER, "water-desk", "water");
DEPARTMENT(HOUSING, "housing", "housing");
DEPARTMENT(TRAFFIC, "traffic", "traffic");
DEPARTMENT(STREET, "street", "street");
DEPARTMENT(COMMUNITY, "community", "community");
DEPARTMENT(GRID_UNIT, "grid-1", GRID);
static const struct wg_principal DISPATCHER = {.name = "dispatcher", .roles = WG_ROLE_DISPATCHER};
static const struct wg_principal CHIEF = {.name = "chief", .roles = WG_ROLE_DISPATCHER};

static inline int routing_set_up_group(void **state) {
  (void)state;
  struct records *records = records_create();
  records_add(records, "department",
              "code,district,name,level\nwater,370117,水务局,district\nhousing,370117,住建局,district\n"
              "traffic,370117,交通局,district\nstreet,370117,艾山街道,street\ncommunity,370117,府前社区,community\n");
  records_add(records, "category",
              "code,district,scheme,path,department_duty\ntest/城乡建设,370117,test,城乡建设,true\n"
              "test/城乡建设/卫生,370117,test,城乡建设/卫生,false\ntest/民政,370117,test,民政,false\ntest/"
              "房管,370117,test,房管,true\n");
  records_add(records, "dispatch_rule",
              "code,district,rank,category_prefix,lead,assists\nW,370117,1,城乡建设/供水,water,\n"
              "X,370117,2,其他,abolished,\nG,370117,3,文旅,grid,housing|abolished|traffic\n"
              "D,370117,4,房管,grid,\nE,370117,5,房管,housing,grid\n");
  assert_int_equal(routing_departments_build(RECORDS(records), &departments, &error), WG_OK);
  rules = routing_rules_build(RECORDS(records), NULL);
  duties = routing_duties_build(RECORDS(records));
  records_destroy(records);
  return 0;
}

static inline int routing_tear_down_group(void **state) {
  (void)state;
  routing_rules_close(rules);
  routing_departments_close(departments);
  routing_duties_close(duties);
  return 0;
}

static inline int routing_set_up(void **state) {
  (void)state;
  arena = wg_arena_create(4096);
  precedents = routing_precedents_create();
  book = (struct routing_rulebook){.rules = rules,
                                   .departments = departments,
                                   .duties = duties,
                                   .precedents = precedents,
                                   .window = {.working_days = 2},
                                   // a Monday, 9:00
                                   .now = wg_civil_to_us((struct wg_civil){2026, 3, 2, 9, 0, 0, 0}),
                                   .arena = arena};
  error = (struct wg_error){0};
  step = (struct routing_step){0};
  return 0;
}

static inline int routing_tear_down(void **state) {
  (void)state;
  routing_precedents_destroy(precedents);
  wg_arena_destroy(arena);
  return 0;
}

static inline char *text(const char *value) {
  return (char *)(uintptr_t)value;
}

static Wangge__V1__DirectAnswer *the_answer; // of the next order
static inline wg_status receive_as(struct routing_assignment *subject, int64_t order_id, const char *district,
                                   const char *category) {
  the_order = (Wangge__V1__Order)WANGGE__V1__ORDER__INIT;
  the_order.order_id = order_id;
  the_order.district = wg_arena_strdup(arena, district);
  the_order.source = text("hotline-12345");
  the_order.category = wg_arena_strdup(arena, category);
  the_order.grid_code = text(GRID);
  the_order.answer = the_answer;
  Wangge__V1__OrderReceived event = WANGGE__V1__ORDER_RECEIVED__INIT;
  event.order = &the_order;
  struct routing_rule *rule = NULL;
  return routing_receive(subject, &event, wg_bytes_of("packed"), &book, &rule, &step, &error);
}

static inline struct routing_assignment received(const char *category) {
  struct routing_assignment subject = {.order_id = 7};
  if (receive_as(&subject, 7, "370117", category) != WG_OK) fail_msg("%s", error.message);
  return subject;
}

// answered: its source has answered it at once.
static inline struct routing_assignment answered(const char *category) {
  static Wangge__V1__DirectAnswer answer;
  wangge__v1__direct_answer__init(&answer);
  answer.text = answer.knowledge_item = text("KB-0231");
  the_answer = &answer;
  const struct routing_assignment subject = received(category);
  the_answer = NULL;
  return subject;
}

// call makes a call; the request's texts must outlive the test's assertions, literals do.
static inline wg_status call(routing_decision *decide, struct routing_assignment *subject,
                             const struct wg_principal *caller, const void *request, size_t size) {
  void *copy = wg_arena_alloc(arena, size);
  memcpy(copy, request, size);
  step = (struct routing_step){0};
  error = (struct wg_error){0};
  return decide(subject, caller, copy, &book, &step, &error);
}
#define CALL(decide, request) call(decide, subject, caller, &(request), sizeof(request))

static inline wg_status accept(struct routing_assignment *subject, const struct wg_principal *caller) {
  Wangge__V1__AcceptRequest request = WANGGE__V1__ACCEPT_REQUEST__INIT;
  return CALL(routing_accept, request);
}

static inline wg_status give_back_as(struct routing_assignment *subject, const struct wg_principal *caller,
                                     const char *reason, const char *proposed, const char *person) {
  Wangge__V1__ReturnRequest request = WANGGE__V1__RETURN_REQUEST__INIT;
  request.reason = text(reason);
  request.proposed_department = text(proposed);
  request.reason_code = WANGGE__V1__RETURN_REASON__RETURN_REASON_NOT_OUR_DUTY;
  request.basis = text("《城市供水条例》");
  request.acting_person = text(person);
  return CALL(routing_request_return, request);
}

static inline wg_status give_back(struct routing_assignment *subject, const struct wg_principal *caller,
                                  const char *reason, const char *proposed) {
  return give_back_as(subject, caller, reason, proposed, "");
}

static inline wg_status review_as(struct routing_assignment *subject, const struct wg_principal *caller, int outcome,
                                  const char *reason, const char *person) {
  Wangge__V1__ReviewReturnRequest request = WANGGE__V1__REVIEW_RETURN_REQUEST__INIT;
  request.outcome = (Wangge__V1__ReturnOutcome)outcome;
  request.reason = text(reason);
  request.acting_person = text(person);
  return CALL(routing_review_return, request);
}

static inline wg_status review(struct routing_assignment *subject, const struct wg_principal *caller, int outcome,
                               const char *reason) {
  return review_as(subject, caller, outcome, reason, "");
}

static inline wg_status escalate(struct routing_assignment *subject, const struct wg_principal *caller,
                                 const char *reason) {
  Wangge__V1__EscalateRequest request = WANGGE__V1__ESCALATE_REQUEST__INIT;
  request.reason = text(reason);
  return CALL(routing_escalate, request);
}

static inline wg_status adjudicate_with(struct routing_assignment *subject, const struct wg_principal *caller,
                                        const char *lead, const char *assist, const char *place) {
  Wangge__V1__AdjudicateRequest request = WANGGE__V1__ADJUDICATE_REQUEST__INIT;
  request.lead = text(lead);
  request.basis = text("三定方案");
  request.place = text(place);
  request.n_assists = assist != NULL;
  request.assists = wg_arena_alloc(arena, sizeof *request.assists);
  if (assist) request.assists[0] = text(assist);
  return CALL(routing_adjudicate, request);
}

static inline wg_status adjudicate(struct routing_assignment *subject, const struct wg_principal *caller,
                                   const char *lead) {
  return adjudicate_with(subject, caller, lead, NULL, "");
}

static inline wg_status transfer(struct routing_assignment *subject, const struct wg_principal *caller, const char *to,
                                 const char *reason) {
  Wangge__V1__TransferRequest request = WANGGE__V1__TRANSFER_REQUEST__INIT;
  request.to_department = text(to);
  request.reason = text(reason);
  return CALL(routing_transfer, request);
}

static inline wg_status hand_down(struct routing_assignment *subject, const struct wg_principal *caller, const char *to,
                                  int64_t due_at) {
  Wangge__V1__TransferDownRequest request = WANGGE__V1__TRANSFER_DOWN_REQUEST__INIT;
  request.to_department = text(to);
  request.reason = text("就近处置");
  request.due_at = due_at;
  return CALL(routing_transfer_down, request);
}

static inline wg_status add_unit(struct routing_assignment *subject, const struct wg_principal *caller,
                                 const char *unit) {
  Wangge__V1__AddUnitRequest request = WANGGE__V1__ADD_UNIT_REQUEST__INIT;
  request.department = text(unit);
  request.reason = text("协助核实");
  return CALL(routing_add_unit, request);
}

static inline wg_status remove_unit(struct routing_assignment *subject, const struct wg_principal *caller,
                                    const char *unit) {
  Wangge__V1__RemoveUnitRequest request = WANGGE__V1__REMOVE_UNIT_REQUEST__INIT;
  request.department = text(unit);
  request.reason = text("已核实");
  return CALL(routing_remove_unit, request);
}

static inline wg_status assign_with(struct routing_assignment *subject, const struct wg_principal *caller,
                                    const char *department, const char *reason, const char *assist) {
  Wangge__V1__AssignRequest request = WANGGE__V1__ASSIGN_REQUEST__INIT;
  request.department = text(department);
  request.reason = text(reason);
  request.n_assists = assist != NULL;
  request.assists = wg_arena_alloc(arena, sizeof *request.assists);
  if (assist) request.assists[0] = text(assist);
  return CALL(routing_assign, request);
}

static inline wg_status assign(struct routing_assignment *subject, const struct wg_principal *caller,
                               const char *department, const char *reason) {
  return assign_with(subject, caller, department, reason, NULL);
}

static inline wg_status withdraw(struct routing_assignment *subject) {
  Wangge__V1__OrderWithdrawn event = WANGGE__V1__ORDER_WITHDRAWN__INIT;
  event.order_id = subject->order_id;
  event.by = text("hotline-12345");
  event.reason = text("已来水");
  step = (struct routing_step){0};
  return routing_withdraw(subject, &event, &book, &step, &error);
}

static inline wg_status voided(struct routing_assignment *subject) {
  Wangge__V1__CaseVoided event = WANGGE__V1__CASE_VOIDED__INIT;
  event.order_id = subject->order_id;
  event.by = text("dispatcher");
  event.reason = text("测试工单");
  step = (struct routing_step){0};
  return routing_void(subject, &event, &book, &step, &error);
}

static inline wg_status reopened(struct routing_assignment *subject) {
  Wangge__V1__CaseReopened event = WANGGE__V1__CASE_REOPENED__INIT;
  event.order_id = subject->order_id;
  event.by = text("hotline-12345");
  event.reason = text("答非所问");
  step = (struct routing_step){0};
  return routing_reopen(subject, &event, &step, &error);
}

static inline wg_status supplement(struct routing_assignment *subject, const char *id) {
  Wangge__V1__OrderSupplemented event = WANGGE__V1__ORDER_SUPPLEMENTED__INIT;
  event.order_id = subject->order_id;
  event.supplement_id = text(id);
  event.text = text("三号楼也停水");
  step = (struct routing_step){0};
  return routing_supplement(subject, &event, 99, &book, &step, &error);
}

static inline void check(const struct routing_assignment *subject, int state, const char *department, int hops,
                         int steps) {
  assert_int_equal(subject->state, state);
  assert_string_equal(subject->department, department);
  assert_int_equal(subject->hops, hops);
  assert_int_equal(subject->steps, steps);
}

#define MUST(status)                                                                                                   \
  do {                                                                                                                 \
    if ((status) != WG_OK) fail_msg("line %d: %s", __LINE__, error.message);                                           \
  } while (0)
