// See tracking_calls.h.
#include "tests/unit/tracking_calls.h"

#include "common/base/clock.h"

struct tracking_bed bed;

int bed_set_up_group(void **state) {
  (void)state;
  struct wg_error failure = {0};
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  if (wg_calendars_build(RECORDS(records), &bed.calendars, &failure) != WG_OK ||
      tracking_clocks_read(WANGGE_SHARE "/ops/demo/reference/clocks.ini", &bed.clocks, &failure) != WG_OK)
    fail_msg("%s", failure.message);
  records_destroy(records);
  return 0;
}

int bed_tear_down_group(void **state) {
  (void)state;
  wg_calendars_close(bed.calendars);
  return 0;
}

int bed_set_up(void **state) {
  (void)state;
  bed.arena = wg_arena_create(4096);
  bed.rules = (struct tracking_rules){&bed.clocks, bed.calendars, 0, bed.arena};
  bed.now = wg_civil_to_us((struct wg_civil){2026, 3, 2, 9, 0, 0, 0});
  bed_bring(TRACKING_STATE(HANDLING));
  return 0;
}

int bed_tear_down(void **state) {
  (void)state;
  wg_arena_destroy(bed.arena);
  return 0;
}

static wg_status dispatched(const char *department, Wangge__V1__DirectAnswer *answer) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = 7;
  order.district = (char *)"370117";
  order.source = (char *)"hotline-12345";
  order.received_at = bed.now;
  Wangge__V1__Assignment assignment = WANGGE__V1__ASSIGNMENT__INIT;
  assignment.department = (char *)(uintptr_t)department;
  order.answer = answer;
  if (answer) assignment.state = WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_ANSWERED;
  Wangge__V1__OrderDispatched event = WANGGE__V1__ORDER_DISPATCHED__INIT;
  event.order = &order;
  event.assignment = &assignment;
  bed.step = (struct tracking_step){0};
  return tracking_case_dispatched(&bed.subject, &event, bed.now, &bed.rules, &bed.step, &bed.error);
}

wg_status bed_dispatched(const char *department) {
  return dispatched(department, NULL);
}

wg_status bed_answered(void) {
  static Wangge__V1__DirectAnswer answer;
  wangge__v1__direct_answer__init(&answer);
  answer.text = (char *)"凭身份证到窗口办理";
  answer.knowledge_item = (char *)"KB-0231";
  return dispatched("", &answer);
}

static wg_status revoked(bool withdrawn, Wangge__V1__LegRole role, const char *department) {
  Wangge__V1__DispatchRevoked event = WANGGE__V1__DISPATCH_REVOKED__INIT;
  event.department = (char *)(uintptr_t)department;
  event.withdrawn = withdrawn;
  event.role = role;
  return tracking_case_revoked(&bed.subject, &event, bed.now, &bed.rules, &bed.step, &bed.error);
}

wg_status bed_event(enum tracking_event event) {
  char *department = bed.subject.row.department;
  Wangge__V1__OrderSigned signing = WANGGE__V1__ORDER_SIGNED__INIT;
  Wangge__V1__ReturnRecord record = WANGGE__V1__RETURN_RECORD__INIT;
  Wangge__V1__ReturnRequested request = WANGGE__V1__RETURN_REQUESTED__INIT;
  Wangge__V1__ReturnRejected rejected = WANGGE__V1__RETURN_REJECTED__INIT;
  Wangge__V1__OrderReturned returned = WANGGE__V1__ORDER_RETURNED__INIT;
  Wangge__V1__DisputeEscalated escalated = WANGGE__V1__DISPUTE_ESCALATED__INIT;
  Wangge__V1__Precedent precedent = WANGGE__V1__PRECEDENT__INIT;
  Wangge__V1__OrderAdjudicated adjudicated = WANGGE__V1__ORDER_ADJUDICATED__INIT;
  Wangge__V1__DispatchSupplemented supplemented = WANGGE__V1__DISPATCH_SUPPLEMENTED__INIT;
  Wangge__V1__OrderMerged merged = WANGGE__V1__ORDER_MERGED__INIT;
  Wangge__V1__OrderUnmerged unmerged = WANGGE__V1__ORDER_UNMERGED__INIT;
  struct tracking_case joined;
  signing.department = record.department = rejected.department = returned.department = escalated.department =
      supplemented.department = department;
  request.request = &record;
  merged.problem_id = unmerged.problem_id = 3;
  tracking_case_init(&joined, 8);
  adjudicated.precedent = &precedent;
  bed.step = (struct tracking_step){0};
#define HANDLE(handler, message) handler(&bed.subject, &(message), bed.now, &bed.rules, &bed.step, &bed.error)
  switch (event) {
  case TRACKING_DISPATCHED:
    bed.now += WG_SECOND_US; // at the same time it would be the same event again
    return bed_dispatched("housing");
  case TRACKING_SIGNED:
    return HANDLE(tracking_case_signed, signing);
  case TRACKING_RETURN_REQUESTED:
    return HANDLE(tracking_case_return_requested, request);
  case TRACKING_RETURN_REJECTED:
    return HANDLE(tracking_case_return_rejected, rejected);
  case TRACKING_RETURNED:
    return HANDLE(tracking_case_returned, returned);
  case TRACKING_ESCALATED:
    return HANDLE(tracking_case_escalated, escalated);
  case TRACKING_ADJUDICATED:
    return HANDLE(tracking_case_adjudicated, adjudicated);
  case TRACKING_MOVED:
    return revoked(false, WANGGE__V1__LEG_ROLE__LEG_ROLE_LEAD, department);
  case TRACKING_WITHDRAWN:
    return revoked(true, WANGGE__V1__LEG_ROLE__LEG_ROLE_LEAD, department);
  case TRACKING_SUPPLEMENTED:
    return HANDLE(tracking_case_supplemented, supplemented);
  case TRACKING_MERGED:
    return HANDLE(tracking_case_merged, merged);
  case TRACKING_UNMERGED:
    if (bed.subject.exists) bed.subject.row.problem_id = merged.problem_id;
    return HANDLE(tracking_case_unmerged, unmerged);
  case TRACKING_RECURRED:
    if (tracking_may(&bed.subject, event, TRACKING_BY_ROUTING, &bed.error) != WG_OK) return bed.error.code;
    bed.subject.row.problem_id = joined.row.problem_id = merged.problem_id;
    bed.subject.row.closed_at = bed.now;
    joined.row.district = bed.subject.row.district;
    joined.row.opened_at = bed.now + 1;
    assert_true(tracking_case_recurred(&bed.subject, &joined, bed.now + 1, &bed.rules, &bed.step));
    return WG_OK;
  case TRACKING_LATE:
    return tracking_case_late(&bed.subject, "wangge.v1.OrderSigned", bed.now, &bed.rules, &bed.step, &bed.error);
  case TRACKING_BESIDE:
    return revoked(false, WANGGE__V1__LEG_ROLE__LEG_ROLE_ASSIST, "traffic");
  default:
    fail_msg("%s is no event of routing", tracking_event_name(event));
    return WG_INTERNAL;
  }
}

static wg_status call_named(const char *method, unsigned part, const char *by, const char *person,
                            const ProtobufCMessage *request) {
  char name[64];
  snprintf(name, sizeof name, "wangge.v1.Tracking/%s", method);
  const struct tracking_call *call = tracking_call_of(name);
  const struct tracking_caller caller = {by, person, part, bed.now};
  bed.step = (struct tracking_step){0};
  const wg_status status = tracking_may(&bed.subject, call->event, part, &bed.error);
  if (status != WG_OK) return status;
  const wg_status decided = call->decide(&bed.subject, &caller, request, &bed.rules, &bed.step, &bed.error);
  bed.raised = (struct tracking_step){0};
  if (decided == WG_OK) tracking_supervise_raised(&bed.subject, bed.step.at, &bed.rules, &bed.raised);
  return decided;
}

wg_status bed_call(unsigned part, const char *by, const char *person, const ProtobufCMessage *request) {
  char method[32];
  snprintf(method, sizeof method, "%s", request->descriptor->short_name);
  *strstr(method, "Request") = '\0';
  return call_named(method, part, by, person, request);
}

wg_status bed_decide(const char *method, const char *person, Wangge__V1__Decision decision) {
  Wangge__V1__DecideRequest request = WANGGE__V1__DECIDE_REQUEST__INIT;
  request.decision = decision;
  request.reason = (char *)"材料齐全";
  return call_named(method, TRACKING_BY_DISPATCHER, "dispatcher", person, &request.base);
}

wg_status bed_contact(bool reached) {
  Wangge__V1__ContactRequest request = WANGGE__V1__CONTACT_REQUEST__INIT;
  request.reached = reached;
  request.channel = WANGGE__V1__CONTACT_CHANNEL__CONTACT_CHANNEL_PHONE;
  return bed_call(TRACKING_BY_LEAD, "water", "", &request.base);
}

wg_status bed_resolve(void) {
  Wangge__V1__ResolveRequest request = WANGGE__V1__RESOLVE_REQUEST__INIT;
  request.result = request.public_reply = (char *)"已修复";
  request.substantiated = WANGGE__V1__SUBSTANTIATED__SUBSTANTIATED_YES;
  request.resolution = WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED;
  return bed_call(TRACKING_BY_LEAD, "water", "0012", &request.base);
}

wg_status bed_review(Wangge__V1__Decision decision) {
  Wangge__V1__ReviewRequest request = WANGGE__V1__REVIEW_REQUEST__INIT;
  request.decision = decision;
  return bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "0018", &request.base);
}

wg_status bed_follow_up(Wangge__V1__Resolution solved, Wangge__V1__Satisfaction satisfaction, Wangge__V1__Merit merit) {
  Wangge__V1__FollowUpRequest request = WANGGE__V1__FOLLOW_UP_REQUEST__INIT;
  request.reached = true;
  request.solved = solved;
  request.satisfaction = satisfaction;
  request.merit = merit;
  return bed_call(TRACKING_BY_SOURCE, "hotline-12345", "", &request.base);
}

wg_status bed_nobody_reached(void) {
  Wangge__V1__FollowUpRequest request = WANGGE__V1__FOLLOW_UP_REQUEST__INIT;
  return bed_call(TRACKING_BY_SOURCE, "hotline-12345", "", &request.base);
}

wg_status bed_reopen(void) {
  Wangge__V1__ReopenRequest request = WANGGE__V1__REOPEN_REQUEST__INIT;
  request.reason = (char *)"又停水了";
  return bed_call(TRACKING_BY_SOURCE, "hotline-12345", "", &request.base);
}

wg_status bed_extend(int working_days) {
  Wangge__V1__ExtendRequest request = WANGGE__V1__EXTEND_REQUEST__INIT;
  request.working_days = working_days;
  request.reason = (char *)"需购置配件";
  request.resident_told = true;
  return bed_call(TRACKING_BY_LEAD, "water", "0012", &request.base);
}

wg_status bed_suspend(const char *next_review_on) {
  Wangge__V1__SuspendRequest request = WANGGE__V1__SUSPEND_REQUEST__INIT;
  request.kind = WANGGE__V1__HOLD_KIND__HOLD_KIND_FUNDS;
  request.plan = (char *)"列入下季度计划";
  request.next_review_on = (char *)(uintptr_t)next_review_on;
  request.public_explanation = (char *)"待资金落实后实施";
  return bed_call(TRACKING_BY_LEAD, "water", "0012", &request.base);
}

wg_status bed_resume(void) {
  Wangge__V1__ResumeRequest request = WANGGE__V1__RESUME_REQUEST__INIT;
  request.reason = (char *)"资金已到位";
  return bed_call(TRACKING_BY_LEAD, "water", "0012", &request.base);
}

wg_status bed_supervise(int level, int working_days) {
  Wangge__V1__SuperviseRequest request = WANGGE__V1__SUPERVISE_REQUEST__INIT;
  request.level = level;
  request.working_days = working_days;
  request.reason = (char *)"多次催办未果";
  return bed_call(TRACKING_BY_DISPATCHER, "dispatcher", "0018", &request.base);
}

wg_status bed_void(void) {
  Wangge__V1__VoidRequest request = WANGGE__V1__VOID_REQUEST__INIT;
  request.kind = WANGGE__V1__VOID_KIND__VOID_KIND_TEST;
  request.reason = (char *)"测试";
  return call_named("AskVoid", TRACKING_BY_DISPATCHER, "dispatcher", "0018", &request.base);
}

wg_status bed_rate(Wangge__V1__Satisfaction satisfaction) {
  Wangge__V1__RateRequest request = WANGGE__V1__RATE_REQUEST__INIT;
  request.satisfaction = satisfaction;
  return bed_call(TRACKING_BY_SOURCE, "hotline-12345", "", &request.base);
}

static void must(wg_status status) {
  if (status != WG_OK) fail_msg("%s", bed.error.message);
}

void bed_bring(Wangge__V1__CaseState state) {
  tracking_case_init(&bed.subject, 7);
  if (state == TRACKING_STATE(UNSPECIFIED)) return;
  if (state == TRACKING_STATE(ANSWERED)) {
    must(bed_answered());
    return;
  }
  must(bed_dispatched(state == TRACKING_STATE(TRIAGE) ? "" : "water"));
  if (state == TRACKING_STATE(RETURN_REVIEW)) must(bed_event(TRACKING_RETURN_REQUESTED));
  if (state == TRACKING_STATE(ADJUDICATING)) must(bed_event(TRACKING_ESCALATED));
  if (state == TRACKING_STATE(WITHDRAWN)) must(bed_event(TRACKING_WITHDRAWN));
  if (bed.subject.row.state == state) return;
  must(bed_event(TRACKING_SIGNED));
  if (bed.subject.row.state == state) return;
  if (state == TRACKING_STATE(HELD)) {
    must(bed_suspend(""));
    must(bed_decide("DecideSuspension", "0018", WANGGE__V1__DECISION__DECISION_APPROVED));
    return;
  }
  if (state == TRACKING_STATE(VOID)) {
    must(bed_void());
    must(bed_decide("DecideVoid", "0021", WANGGE__V1__DECISION__DECISION_APPROVED));
    return;
  }
  if (state == TRACKING_STATE(ARCHIVED)) {
    bed.subject.row.state = state; // the table's own business here, not the way
    return;
  }
  must(bed_contact(true));
  must(bed_resolve());
  if (bed.subject.row.state == state) return;
  must(bed_review(WANGGE__V1__DECISION__DECISION_APPROVED));
  if (bed.subject.row.state == state) return;
  must(bed_follow_up(WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED, WANGGE__V1__SATISFACTION__SATISFACTION_SATISFIED, 0));
  assert_int_equal(bed.subject.row.state, state);
}
