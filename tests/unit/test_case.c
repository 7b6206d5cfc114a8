// The state machine of a case: it follows what routing says, refuses what cannot be with a reason, and the resident's
// deadline neither stops nor starts again when the order moves.
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/tracking/calls.h"
#include "services/tracking/moves.h"

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name
#define SECOND WG_SECOND_US

static struct wg_calendars *calendars;
static struct tracking_clocks clocks;
static struct tracking_rules rules;
static struct wg_arena *arena;
static struct wg_error error;
static struct tracking_step step;
static int64_t now;

static int set_up_group(void **state) {
  (void)state;
  struct wg_error failure = {0};
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  if (wg_calendars_build(RECORDS(records), &calendars, &failure) != WG_OK ||
      tracking_clocks_read(WANGGE_SHARE "/ops/demo/reference/clocks.ini", &clocks, &failure) != WG_OK)
    fail_msg("%s", failure.message);
  records_destroy(records);
  return 0;
}

static int tear_down_group(void **state) {
  (void)state;
  wg_calendars_close(calendars);
  return 0;
}

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(4096);
  rules = (struct tracking_rules){&clocks, calendars, 0, arena};
  error = (struct wg_error){0};
  now = wg_civil_to_us((struct wg_civil){2026, 3, 2, 9, 0, 0, 0}); // a Monday
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static struct tracking_case blank(void) {
  struct tracking_case subject;
  tracking_case_init(&subject, 7);
  return subject;
}

static wg_status dispatched(struct tracking_case *subject, const char *department, int urgency) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = 7;
  order.district = (char *)"370117";
  order.source = (char *)"hotline-12345";
  order.urgency = (Wangge__V1__Urgency)urgency;
  order.received_at = now - SECOND;
  Wangge__V1__Assignment assignment = WANGGE__V1__ASSIGNMENT__INIT;
  assignment.department = (char *)(uintptr_t)department;
  assignment.decided_by = (char *)"rule";
  assignment.evidence = (char *)"why";
  Wangge__V1__OrderDispatched event = WANGGE__V1__ORDER_DISPATCHED__INIT;
  event.order = &order;
  event.assignment = &assignment;
  step = (struct tracking_step){0};
  return tracking_case_dispatched(subject, &event, now, &rules, &step, &error);
}

static wg_status sign(struct tracking_case *subject, const char *department) {
  Wangge__V1__OrderSigned event = WANGGE__V1__ORDER_SIGNED__INIT;
  event.order_id = 7;
  event.department = (char *)(uintptr_t)department;
  event.by = (char *)"desk";
  step = (struct tracking_step){0};
  return tracking_case_signed(subject, &event, now, &rules, &step, &error);
}

static wg_status returned(struct tracking_case *subject, const char *department) {
  Wangge__V1__OrderReturned event = WANGGE__V1__ORDER_RETURNED__INIT;
  event.order_id = 7;
  event.department = (char *)(uintptr_t)department;
  event.reason = (char *)"不属于";
  step = (struct tracking_step){0};
  return tracking_case_returned(subject, &event, now, &rules, &step, &error);
}

static wg_status revoked(struct tracking_case *subject, const char *department, bool withdrawn) {
  Wangge__V1__DispatchRevoked event = WANGGE__V1__DISPATCH_REVOKED__INIT;
  event.order_id = 7;
  event.department = (char *)(uintptr_t)department;
  event.withdrawn = withdrawn;
  step = (struct tracking_step){0};
  return tracking_case_revoked(subject, &event, now, &rules, &step, &error);
}

static wg_status supplemented(struct tracking_case *subject, bool again) {
  Wangge__V1__DispatchSupplemented event = WANGGE__V1__DISPATCH_SUPPLEMENTED__INIT;
  event.order_id = 7;
  event.text = (char *)"三号楼也停水";
  event.again = again;
  step = (struct tracking_step){0};
  return tracking_case_supplemented(subject, &event, now, &rules, &step, &error);
}

static wg_status return_requested(struct tracking_case *subject, const char *department) {
  Wangge__V1__ReturnRecord request = WANGGE__V1__RETURN_RECORD__INIT;
  request.department = (char *)(uintptr_t)department;
  request.reason = (char *)"不属于";
  Wangge__V1__ReturnRequested event = WANGGE__V1__RETURN_REQUESTED__INIT;
  event.order_id = 7;
  event.request = &request;
  step = (struct tracking_step){0};
  return tracking_case_return_requested(subject, &event, now, &rules, &step, &error);
}

static wg_status return_rejected(struct tracking_case *subject, const char *department, bool had_signed) {
  Wangge__V1__ReturnRejected event = WANGGE__V1__RETURN_REJECTED__INIT;
  event.order_id = 7;
  event.department = (char *)(uintptr_t)department;
  event.signed_ = had_signed;
  step = (struct tracking_step){0};
  return tracking_case_return_rejected(subject, &event, now, &rules, &step, &error);
}

static wg_status escalated(struct tracking_case *subject, const char *department) {
  Wangge__V1__DisputeEscalated event = WANGGE__V1__DISPUTE_ESCALATED__INIT;
  event.order_id = 7;
  event.department = (char *)(uintptr_t)department;
  step = (struct tracking_step){0};
  return tracking_case_escalated(subject, &event, now, &rules, &step, &error);
}

static wg_status adjudicated(struct tracking_case *subject, const char *lead) {
  Wangge__V1__Precedent decision = WANGGE__V1__PRECEDENT__INIT;
  decision.lead = (char *)(uintptr_t)lead;
  Wangge__V1__OrderAdjudicated event = WANGGE__V1__ORDER_ADJUDICATED__INIT;
  event.order_id = 7;
  event.precedent = &decision;
  step = (struct tracking_step){0};
  return tracking_case_adjudicated(subject, &event, now, &rules, &step, &error);
}

// beside makes the events of a unit that is not the lead.
static wg_status beside(struct tracking_case *subject, const char *what, bool withdrawn) {
  const Wangge__V1__LegRole role = WANGGE__V1__LEG_ROLE__LEG_ROLE_ASSIST;
  step = (struct tracking_step){0};
  if (strcmp(what, "dispatched") == 0) {
    Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
    order.order_id = 7;
    order.district = (char *)"370117";
    order.received_at = now;
    Wangge__V1__Assignment assignment = WANGGE__V1__ASSIGNMENT__INIT;
    assignment.department = (char *)"water";
    Wangge__V1__Leg leg = WANGGE__V1__LEG__INIT;
    leg.role = role;
    leg.department = (char *)"traffic";
    Wangge__V1__OrderDispatched event = WANGGE__V1__ORDER_DISPATCHED__INIT;
    event.order = &order;
    event.assignment = &assignment;
    event.leg = &leg;
    return tracking_case_dispatched(subject, &event, now, &rules, &step, &error);
  }
  if (strcmp(what, "signed") == 0) {
    Wangge__V1__OrderSigned event = WANGGE__V1__ORDER_SIGNED__INIT;
    event.department = (char *)"traffic";
    event.role = role;
    return tracking_case_signed(subject, &event, now, &rules, &step, &error);
  }
  if (strcmp(what, "supplemented") == 0) {
    Wangge__V1__DispatchSupplemented event = WANGGE__V1__DISPATCH_SUPPLEMENTED__INIT;
    event.department = (char *)"traffic";
    event.role = role;
    return tracking_case_supplemented(subject, &event, now, &rules, &step, &error);
  }
  Wangge__V1__DispatchRevoked event = WANGGE__V1__DISPATCH_REVOKED__INIT;
  event.department = (char *)"traffic";
  event.role = role;
  event.withdrawn = withdrawn;
  return tracking_case_revoked(subject, &event, now, &rules, &step, &error);
}

// call does what batch.c does of a call: the table first, then who decides it.
static wg_status call(struct tracking_case *subject, unsigned part, const char *by, const ProtobufCMessage *request) {
  char method[64];
  snprintf(method, sizeof method, "wangge.v1.Tracking/%s", request->descriptor->short_name);
  *strstr(method, "Request") = '\0';
  const struct tracking_call *one = tracking_call_of(method);
  const struct tracking_caller caller = {by, tracking_call_person(request), part, now};
  step = (struct tracking_step){0};
  const wg_status status = tracking_may(subject, one->event, part, &error);
  return status == WG_OK ? one->decide(subject, &caller, request, &rules, &step, &error) : status;
}

static wg_status progress(struct tracking_case *subject) {
  Wangge__V1__ProgressRequest request = WANGGE__V1__PROGRESS_REQUEST__INIT;
  request.note = (char *)"已派抢修";
  return call(subject, TRACKING_BY_LEAD, "desk", &request.base);
}

static wg_status contact(struct tracking_case *subject, bool reached) {
  Wangge__V1__ContactRequest request = WANGGE__V1__CONTACT_REQUEST__INIT;
  request.reached = reached;
  request.channel = WANGGE__V1__CONTACT_CHANNEL__CONTACT_CHANNEL_PHONE;
  return call(subject, TRACKING_BY_LEAD, "desk", &request.base);
}

static wg_status feed_back(struct tracking_case *subject, const char *result) {
  Wangge__V1__ResolveRequest request = WANGGE__V1__RESOLVE_REQUEST__INIT;
  request.result = request.public_reply = (char *)(uintptr_t)result;
  request.substantiated = WANGGE__V1__SUBSTANTIATED__SUBSTANTIATED_YES;
  request.resolution = WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED;
  return call(subject, TRACKING_BY_LEAD, "desk", &request.base);
}

// resolve reaches the resident first.
static wg_status resolve(struct tracking_case *subject, const char *result) {
  if (!subject->row.contact) contact(subject, true);
  return feed_back(subject, result);
}

static void the_straight_way(void **state) {
  (void)state;
  struct tracking_case subject = blank();
  assert_int_equal(dispatched(&subject, "water", 1), WG_OK);
  assert_int_equal(subject.row.state, STATE(DISPATCHED));
  assert_int_equal(subject.steps, 2); // opened and dispatched
  assert_string_equal(step.kind, "dispatched");
  assert_string_equal(subject.routed_to, "water");
  assert_true(subject.row.opened_at == now - SECOND && subject.row.dispatched_at == now);
  assert_true(subject.row.due_at == wg_civil_to_us((struct wg_civil){2026, 3, 10, 0, 0, 0, 0}));
  assert_true(*subject.row.due_rule);
  assert_int_equal(feed_back(&subject, "好了"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "is DISPATCHED; possible: Contact (lead)"));
  assert_int_equal(progress(&subject), WG_FAILED_PRECONDITION);
  assert_int_equal(sign(&subject, "water"), WG_OK);
  assert_int_equal(subject.row.state, STATE(HANDLING));
  assert_int_equal(progress(&subject), WG_OK);
  assert_int_equal(feed_back(&subject, "管道已修复"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "Contact"));
  now += SECOND;
  assert_int_equal(resolve(&subject, "管道已修复"), WG_OK);
  assert_int_equal(subject.row.state, STATE(REVIEW));
  assert_true(subject.row.resolved_at == now);
  assert_int_equal(subject.steps, 6);
}

static void the_desk_has_no_clock_and_opens_with_one_step(void **state) {
  (void)state;
  struct tracking_case subject = blank();
  assert_int_equal(dispatched(&subject, "", 1), WG_OK);
  assert_string_equal(step.kind, "opened");
  assert_int_equal(subject.row.state, STATE(TRIAGE));
  assert_int_equal(subject.steps, 1);
  assert_true(subject.row.due_at == 0 && subject.row.dispatched_at == 0);
  assert_int_equal(dispatched(&subject, "", 1), WG_OK); // said again
  assert_null(step.kind);
  now += 3600 * SECOND;
  assert_int_equal(dispatched(&subject, "housing", 3), WG_OK);
  assert_string_equal(step.kind, "dispatched");
  assert_int_equal(subject.steps, 2);
  assert_true(subject.row.dispatched_at == now && subject.row.due_at > now);
}

static void the_residents_clock_does_not_stop(void **state) {
  (void)state;
  struct tracking_case subject = blank();
  dispatched(&subject, "water", 2);
  const int64_t due = subject.row.due_at;
  assert_true(due == now + 24 * 3600 * SECOND);
  sign(&subject, "water");
  now += SECOND;
  assert_int_equal(returned(&subject, "water"), WG_OK);
  assert_int_equal(subject.row.state, STATE(TRIAGE));
  assert_string_equal(subject.row.department, "");
  assert_true(subject.row.due_at == due && subject.row.dispatched_at == 0);
  now += SECOND;
  assert_int_equal(dispatched(&subject, "housing", 2), WG_OK);
  assert_true(subject.row.due_at == due);
  now += SECOND;
  assert_int_equal(revoked(&subject, "housing", false), WG_OK);
  assert_string_equal(step.kind, "revoked");
  assert_int_equal(dispatched(&subject, "traffic", 2), WG_OK);
  assert_true(subject.row.due_at == due);
  assert_int_equal(subject.steps, 7);
}

static void a_resolved_order_that_moves_is_open_again(void **state) {
  (void)state;
  struct tracking_case subject = blank();
  dispatched(&subject, "water", 1);
  sign(&subject, "water");
  resolve(&subject, "转给住建");
  assert_int_equal(revoked(&subject, "water", false), WG_OK);
  assert_int_equal(subject.row.state, STATE(TRIAGE));
  assert_true(subject.row.resolved_at == 0);
  assert_string_equal(subject.row.result, "");
  now += SECOND;
  assert_int_equal(dispatched(&subject, "housing", 1), WG_OK);
  assert_int_equal(sign(&subject, "housing"), WG_OK);
  assert_int_equal(resolve(&subject, "已修"), WG_OK);
}

static void what_cannot_be_is_refused_and_changes_nothing(void **state) {
  (void)state;
  struct tracking_case nothing = blank();
  assert_int_equal(sign(&nothing, "water"), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "OrderDispatched"));
  assert_int_equal(returned(&nothing, "water"), WG_FAILED_PRECONDITION);
  assert_int_equal(revoked(&nothing, "", true), WG_FAILED_PRECONDITION);
  assert_int_equal(supplemented(&nothing, false), WG_FAILED_PRECONDITION);
  assert_false(nothing.exists || nothing.changed);
  struct tracking_case subject = blank();
  dispatched(&subject, "water", 1);
  const struct tracking_case before = subject;
  assert_int_equal(sign(&subject, "housing"), WG_FAILED_PRECONDITION);
  assert_int_equal(returned(&subject, "housing"), WG_FAILED_PRECONDITION);
  assert_int_equal(revoked(&subject, "", true), WG_FAILED_PRECONDITION);
  now += SECOND;
  assert_int_equal(dispatched(&subject, "housing", 1), WG_FAILED_PRECONDITION);
  assert_non_null(strstr(error.message, "OrderSigned"));
  assert_memory_equal(&before, &subject, sizeof subject);
}

static void the_same_dispatch_again_changes_nothing(void **state) {
  (void)state;
  struct tracking_case subject = blank();
  dispatched(&subject, "water", 1);
  assert_int_equal(dispatched(&subject, "water", 1), WG_OK);
  assert_null(step.kind);
  assert_int_equal(subject.steps, 2);
}

static void a_withdrawal_ends_the_case_from_everywhere(void **state) {
  (void)state;
  for (int way = 0; way < 4; way++) {
    struct tracking_case subject = blank();
    dispatched(&subject, way ? "water" : "", 1);
    if (way > 1) sign(&subject, "water");
    if (way > 2) resolve(&subject, "好了");
    const int steps = subject.steps;
    assert_int_equal(revoked(&subject, way ? "water" : "", true), WG_OK);
    assert_string_equal(step.kind, "withdrawn");
    assert_int_equal(subject.row.state, STATE(WITHDRAWN));
    assert_int_equal(subject.steps, steps + 1);
    assert_int_equal(revoked(&subject, "water", true), WG_FAILED_PRECONDITION);
    assert_int_equal(supplemented(&subject, false), WG_FAILED_PRECONDITION);
    assert_int_equal(progress(&subject), WG_FAILED_PRECONDITION);
    now += SECOND;
    assert_int_equal(dispatched(&subject, "water", 1), WG_FAILED_PRECONDITION);
  }
}

static void a_supplement_told_again_to_another_department_is_one_step(void **state) {
  (void)state;
  struct tracking_case subject = blank();
  dispatched(&subject, "water", 1);
  assert_int_equal(supplemented(&subject, false), WG_OK);
  assert_string_equal(step.kind, "supplemented");
  assert_int_equal(supplemented(&subject, true), WG_OK);
  assert_null(step.kind);
  assert_int_equal(subject.steps, 3);
}

static void a_dispatch_without_its_order_is_refused(void **state) {
  (void)state;
  struct tracking_case subject = blank();
  const Wangge__V1__OrderDispatched empty = WANGGE__V1__ORDER_DISPATCHED__INIT;
  assert_int_equal(tracking_case_dispatched(&subject, &empty, now, &rules, &step, &error), WG_INVALID_ARGUMENT);
  assert_false(subject.exists);
}

static void provisional_deadlines_are_counted(void **state) {
  (void)state;
  now = wg_civil_to_us((struct wg_civil){2026, 12, 31, 9, 0, 0, 0});
  struct tracking_case subject = blank();
  dispatched(&subject, "water", 1);
  assert_int_equal(rules.provisional, 1);
  assert_non_null(strstr(subject.row.due_rule, "provisional"));
}

static void a_return_under_review_stays_with_its_department(void **state) {
  (void)state;
  for (int way = 0; way < 3; way++) { // dispatched, signed, resolved
    struct tracking_case subject = blank();
    dispatched(&subject, "water", 1);
    const int64_t due = subject.row.due_at;
    if (way) sign(&subject, "water");
    if (way > 1) resolve(&subject, "好了");
    assert_int_equal(return_requested(&subject, "housing"), WG_FAILED_PRECONDITION);
    assert_int_equal(return_requested(&subject, "water"), WG_OK);
    assert_int_equal(subject.row.state, STATE(RETURN_REVIEW));
    assert_string_equal(subject.row.department, "water");
    assert_true(subject.row.due_at == due && subject.row.resolved_at == 0);
    assert_int_equal(return_requested(&subject, "water"), WG_FAILED_PRECONDITION);
    assert_int_equal(resolve(&subject, "好了"), WG_FAILED_PRECONDITION);
    assert_non_null(strstr(error.message, "RETURN_REVIEW"));
    assert_int_equal(progress(&subject), WG_OK); // it keeps the duty to contact the resident
    const struct tracking_case before = subject;
    assert_int_equal(return_rejected(&subject, "water", way > 0), WG_OK);
    assert_int_equal(subject.row.state, way ? STATE(HANDLING) : STATE(DISPATCHED));
    subject = before;
    assert_int_equal(returned(&subject, "water"), WG_OK);
    assert_int_equal(subject.row.state, STATE(TRIAGE));
    subject = before;
    assert_int_equal(revoked(&subject, "water", true), WG_OK);
    assert_int_equal(subject.row.state, STATE(WITHDRAWN));
  }
}

static void an_adjudication_follows_from_the_desk_and_from_a_department(void **state) {
  (void)state;
  for (int held = 0; held < 2; held++) {
    const char *department = held ? "water" : "";
    struct tracking_case subject = blank();
    dispatched(&subject, department, 1);
    assert_int_equal(adjudicated(&subject, "housing"), WG_FAILED_PRECONDITION);
    assert_int_equal(escalated(&subject, department), WG_OK);
    assert_int_equal(subject.row.state, STATE(ADJUDICATING));
    assert_string_equal(subject.row.department, department);
    assert_int_equal(escalated(&subject, department), WG_FAILED_PRECONDITION);
    const struct tracking_case before = subject;
    assert_int_equal(adjudicated(&subject, "housing"), WG_OK);
    assert_string_equal(step.department, "housing");
    if (held) assert_int_equal(revoked(&subject, "water", false), WG_OK);
    now += SECOND;
    assert_int_equal(dispatched(&subject, "housing", 1), WG_OK);
    assert_int_equal(subject.row.state, STATE(DISPATCHED));
    subject = before;
    assert_int_equal(revoked(&subject, department, true), WG_OK); // withdrawn meanwhile
    assert_int_equal(subject.row.state, STATE(WITHDRAWN));
  }
}

static void units_beside_the_lead_change_the_timeline_alone(void **state) {
  (void)state;
  struct tracking_case subject = blank();
  assert_int_equal(beside(&subject, "dispatched", false), WG_FAILED_PRECONDITION);
  dispatched(&subject, "water", 1);
  sign(&subject, "water");
  const Wangge__V1__Case before = subject.row;
  assert_int_equal(beside(&subject, "dispatched", false), WG_OK);
  assert_string_equal(step.kind, "assisting");
  assert_int_equal(beside(&subject, "signed", false), WG_OK);
  assert_string_equal(step.kind, "unit_signed");
  assert_int_equal(beside(&subject, "supplemented", false), WG_OK);
  assert_null(step.kind); // the lead's copy is noted
  assert_int_equal(beside(&subject, "revoked", false), WG_OK);
  assert_string_equal(step.kind, "unit_released");
  assert_memory_equal(&before, &subject.row, sizeof before);
  assert_int_equal(subject.steps, 6);
  assert_int_equal(revoked(&subject, "water", true), WG_OK);
  assert_int_equal(beside(&subject, "revoked", true), WG_OK); // and so it hears, too
  assert_null(step.kind);
}

// with_2027 builds calendars that know 2027, too: New Year's Day is off.
static struct wg_calendars *with_2027(void) {
  struct wg_calendars *made = NULL;
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  records_add(records, "calendar_day", "code,district,kind,reason\n2027-01-01,370117,REST,元旦\n");
  records_add(records, "calendar_year", "code,district,notice\n2027,370117,通知\n");
  if (wg_calendars_build(RECORDS(records), &made, &error) != WG_OK) fail_msg("%s", error.message);
  records_destroy(records);
  return made;
}

static void recount(struct tracking_case *subject, const struct wg_calendars *known) {
  struct tracking_rules then = {&clocks, known, 0, arena};
  step = (struct tracking_step){0};
  tracking_case_recount(subject, &then, now, &step);
}

static void a_provisional_deadline_moves_when_its_notice_comes(void **state) {
  (void)state;
  struct wg_calendars *known = with_2027();
  struct tracking_case subject = blank();
  now = wg_civil_to_us((struct wg_civil){2026, 12, 28, 9, 0, 0, 0}); // a Monday
  assert_int_equal(dispatched(&subject, "water", 1), WG_OK);
  const int64_t guess = subject.row.due_at;
  assert_true(subject.provisional_from == now);
  recount(&subject, calendars); // nothing new is known
  assert_null(step.kind);
  assert_true(subject.row.due_at == guess && subject.provisional_from);
  assert_int_equal(sign(&subject, "water"), WG_OK);
  const int64_t from = subject.provisional_from;
  now += SECOND;
  recount(&subject, known);
  assert_string_equal(step.kind, "recounted");
  assert_string_equal(step.department, "water");
  assert_int_equal(subject.row.due_at - guess, WG_DAY_US); // Monday to Friday said Monday the 4th, now it is the 5th
  assert_null(strstr(subject.row.due_rule, "provisional"));
  assert_true(subject.changed && !subject.provisional_from && from < now);
  recount(&subject, known);
  assert_null(step.kind);
  wg_calendars_close(known);
}

static void a_guess_that_was_right_takes_no_step(void **state) {
  (void)state;
  struct wg_calendars *known = with_2027();
  struct tracking_case subject = blank();
  now = wg_civil_to_us((struct wg_civil){2027, 3, 1, 9, 0, 0, 0});
  assert_int_equal(dispatched(&subject, "water", 1), WG_OK);
  const int32_t steps = subject.steps;
  const int64_t guess = subject.row.due_at;
  recount(&subject, known);
  assert_null(step.kind);
  assert_true(subject.row.due_at == guess && subject.steps == steps && !subject.provisional_from && subject.changed);
  assert_null(strstr(subject.row.due_rule, "provisional"));
  wg_calendars_close(known);
}

static void what_is_closed_is_not_counted_again(void **state) {
  (void)state;
  struct wg_calendars *known = with_2027();
  struct tracking_case subject = blank();
  now = wg_civil_to_us((struct wg_civil){2026, 12, 28, 9, 0, 0, 0});
  assert_int_equal(dispatched(&subject, "water", 1), WG_OK);
  assert_int_equal(revoked(&subject, "water", true), WG_OK);
  const int64_t guess = subject.row.due_at;
  recount(&subject, known);
  assert_null(step.kind);
  assert_true(subject.row.due_at == guess);
  wg_calendars_close(known);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      TEST(the_straight_way),
      TEST(the_desk_has_no_clock_and_opens_with_one_step),
      TEST(the_residents_clock_does_not_stop),
      TEST(a_resolved_order_that_moves_is_open_again),
      TEST(what_cannot_be_is_refused_and_changes_nothing),
      TEST(the_same_dispatch_again_changes_nothing),
      TEST(a_withdrawal_ends_the_case_from_everywhere),
      TEST(a_supplement_told_again_to_another_department_is_one_step),
      TEST(a_dispatch_without_its_order_is_refused),
      TEST(provisional_deadlines_are_counted),
      TEST(a_return_under_review_stays_with_its_department),
      TEST(an_adjudication_follows_from_the_desk_and_from_a_department),
      TEST(units_beside_the_lead_change_the_timeline_alone),
      TEST(a_provisional_deadline_moves_when_its_notice_comes),
      TEST(a_guess_that_was_right_takes_no_step),
      TEST(what_is_closed_is_not_counted_again),
  };
  return cmocka_run_group_tests_name("case", tests, set_up_group, tear_down_group);
}
