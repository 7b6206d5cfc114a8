// See problem.h: what people decide about problems. The place is a hard gate: nobody merges across districts or
// different named places.
#include "services/routing/problem.h"

#include "common/stage/stage.h"

#include <inttypes.h>
#include <string.h>

#define PENDING WANGGE__V1__SUGGESTION_STATE__SUGGESTION_STATE_PENDING
#define MERGED WANGGE__V1__SUGGESTION_STATE__SUGGESTION_STATE_MERGED
#define REJECTED WANGGE__V1__SUGGESTION_STATE__SUGGESTION_STATE_REJECTED

struct decision { // of one call
  struct routing_merges *merges;
  struct wg_batch *batch;
  struct wg_item *item;
  const char *reason, *person;
};

static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

static bool is(const struct wg_item *item, const ProtobufCMessageDescriptor *type) {
  return item->message->descriptor == type;
}

bool routing_merges_call(const struct wg_item *item) {
  return item->kind == WG_ITEM_CALL &&
         (is(item, &wangge__v1__merge_request__descriptor) || is(item, &wangge__v1__unmerge_request__descriptor) ||
          is(item, &wangge__v1__decide_suggestion_request__descriptor) ||
          is(item, &wangge__v1__solve_problem_request__descriptor));
}

void routing_merges_want_call(struct routing_merges *merges, const struct wg_item *item) {
  static const char *const FIELDS[] = {"order_id", "into", "problem_id"};
  for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(item->message->descriptor, FIELDS[i]);
    int64_t order_id = 0;
    if (field) memcpy(&order_id, (const char *)item->message + field->offset, sizeof order_id);
    if (order_id > 0) wg_push_i64(merges->orders, order_id);
  }
}

// find gives an order the caller may know of.
static wg_status find(const struct decision *decision, int64_t order_id, const char *field,
                      struct routing_subject **found, struct wg_error *error) {
  struct routing_subject *subject = decision->merges->subjects;
  while (subject && subject->seen.order_id != order_id)
    subject = subject->next;
  *found = subject;
  if (subject && routing_may_district(decision->item->caller, subject->seen.district)) return WG_OK;
  return wg_fail(error, WG_NOT_FOUND, field, "there is no order %" PRId64 " that this caller may know of", order_id);
}

// take: one change of an order in a batch, so that what is written needs no order.
static wg_status take(struct routing_subject *subject, struct wg_error *error) {
  if (subject->touched)
    return wg_fail(error, WG_ABORTED, "order_id", "order %" PRId64 " was changed at this very moment; look at it again",
                   subject->seen.order_id);
  return WG_OK;
}

// --- the place ---
static struct routing_where where_of(const struct routing_seen *seen) {
  return (struct routing_where){.district = seen->district,
                                .grid = seen->grid,
                                .place_id = seen->place_id,
                                .named = seen->named,
                                .named_count = seen->named_count};
}

static wg_status check_place(const struct decision *decision, const struct routing_seen *a,
                             const struct routing_where *b, int64_t other, struct wg_error *error) {
  double distance = 0;
  const struct routing_where where = where_of(a);
  const enum routing_relation relation = routing_relate(&where, b, decision->merges->merging->config.near_m, &distance);
  if (relation == ROUTING_OTHER_DISTRICT)
    return wg_fail(error, WG_FAILED_PRECONDITION, "into",
                   "order %" PRId64 " is of district %s, %" PRId64 " of %s; different districts are never merged",
                   a->order_id, a->district, other, b->district);
  if (relation == ROUTING_OTHER_PLACE)
    return wg_fail(error, WG_FAILED_PRECONDITION, "into",
                   "order %" PRId64 " is about %s, %" PRId64 " about %s; different places are never merged",
                   a->order_id, a->place_id, other, b->place_id);
  return WG_OK;
}

static wg_status check_places(const struct decision *decision, const struct routing_subject *subject,
                              const struct routing_subject *into, struct wg_error *error) {
  const struct routing_where where = where_of(&into->seen);
  const wg_status status = check_place(decision, &subject->seen, &where, into->seen.order_id, error);
  if (status != WG_OK || *into->seen.place_id) return status;
  const struct routing_problem *problem = into->problem;
  const struct routing_where begun = {
      .district = problem->district, .grid = problem->grid, .place_id = problem->place_id};
  return check_place(decision, &subject->seen, &begun, problem->id, error);
}

// --- Merge ---
static wg_status may_merge(const struct decision *decision, const struct routing_subject *subject,
                           const struct routing_subject *into, struct wg_error *error) {
  if (subject->withdrawn || into->withdrawn)
    return wg_fail(error, WG_FAILED_PRECONDITION, subject->withdrawn ? "order_id" : "into", "this order is withdrawn");
  if (subject->member && subject->problem->id != subject->seen.order_id)
    return wg_fail(error, WG_FAILED_PRECONDITION, "order_id",
                   "order %" PRId64 " is in problem %" PRId64 " already; Unmerge it first", subject->seen.order_id,
                   subject->problem->id);
  if (subject->member && subject->problem->members > 1)
    return wg_fail(error, WG_FAILED_PRECONDITION, "order_id",
                   "order %" PRId64 " began a problem with %d members; merge %" PRId64
                   " into it, or Unmerge them first",
                   subject->seen.order_id, subject->problem->members, into->seen.order_id);
  return check_places(decision, subject, into, error);
}

// settle ends the order's pending suggestions: the one of this problem (or of an order in it) is met, others are not.
static void settle(const struct decision *decision, const struct routing_subject *subject, int64_t accepted,
                   int64_t problem_id) {
  for (struct routing_suggested *one = decision->merges->suggested; one; one = one->next) {
    if (one->order_id != subject->seen.order_id || one->state != PENDING) continue;
    const bool met = one->problem_id == accepted || one->problem_id == problem_id;
    one->state = met ? MERGED : REJECTED;
    one->decided_by = one->problem_id == accepted ? decision->item->caller->name : "system";
    one->person = one->problem_id == accepted ? decision->person : "";
    one->reason = one->problem_id == accepted
                      ? decision->reason
                      : wg_arena_printf(decision->merges->arena, "已并入问题 %" PRId64, problem_id);
    one->decided_at = decision->merges->now;
    one->changed = true;
  }
}

// put_into: the older of two single orders begins the problem; an order that only began one may join another.
static void put_into(const struct decision *decision, struct routing_subject *subject, struct routing_subject *into,
                     const struct routing_suggested *by) {
  struct routing_merges *merges = decision->merges;
  const bool single = !into->problem->stored && into->problem->members == 0 && !subject->problem->stored &&
                      subject->problem->members == 0;
  if (single && subject->seen.order_id < into->seen.order_id) {
    struct routing_subject *older = subject;
    subject = into;
    into = older;
  }
  struct routing_problem *problem = into->problem;
  const struct routing_member how = {.by = decision->item->caller->name,
                                     .person = decision->person,
                                     .reason = decision->reason,
                                     .evidence = by ? by->evidence : "",
                                     .score = by ? by->score : 0,
                                     .idf = by ? by->idf : 0};
  if (subject->member) { // the only one left in the problem it began
    const struct routing_member leaves = {.by = how.by, .person = how.person, .reason = how.reason, .removed = true};
    routing_merges_leave(merges, subject->problem, subject->seen.order_id, &leaves);
  }
  routing_merges_join(merges, decision->batch, decision->item, problem, !into->member, &subject->seen, &how);
  routing_problem_index_move(merges->merging->index, &subject->seen, problem->id, problem->solved);
  subject->problem = problem;
  subject->member = into->member = true;
  subject->touched = into->touched = true;
}

static void answer_merge(const struct decision *decision, const struct routing_problem *problem) {
  Wangge__V1__MergeResponse *response = wg_arena_alloc(decision->merges->arena, sizeof *response);
  wangge__v1__merge_response__init(response);
  response->problem = routing_problem_message(problem, decision->merges->arena);
  decision->item->reply = &response->base;
}

static wg_status merge(const struct decision *decision, const Wangge__V1__MergeRequest *request,
                       struct wg_error *error) {
  struct routing_subject *subject = NULL, *into = NULL;
  wg_status status = find(decision, request->order_id, "order_id", &subject, error);
  if (status == WG_OK) status = find(decision, request->into, "into", &into, error);
  if (status == WG_OK && subject == into)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "into", "is the order itself; name a problem or another order");
  if (status != WG_OK) return status;
  if (subject->member && into->member && subject->problem == into->problem) {
    answer_merge(decision, into->problem); // said before
    return WG_OK;
  }
  status = take(subject, error);
  if (status == WG_OK) status = may_merge(decision, subject, into, error);
  if (status != WG_OK) return status;
  put_into(decision, subject, into, NULL);
  settle(decision, subject, request->into, subject->problem->id);
  answer_merge(decision, subject->problem);
  return WG_OK;
}

// --- Unmerge ---
static wg_status unmerge(const struct decision *decision, const Wangge__V1__UnmergeRequest *request,
                         struct wg_error *error) {
  struct routing_merges *merges = decision->merges;
  struct routing_subject *subject = NULL;
  wg_status status = find(decision, request->order_id, "order_id", &subject, error);
  if (status == WG_OK) status = take(subject, error);
  if (status != WG_OK) return status;
  struct routing_problem *problem = subject->problem;
  if (!subject->member)
    return wg_fail(error, WG_FAILED_PRECONDITION, "order_id", "order %" PRId64 " is in no problem", request->order_id);
  if (problem->id == request->order_id)
    return wg_fail(error, WG_FAILED_PRECONDITION, "order_id",
                   "order %" PRId64 " began this problem and gives it its number; Unmerge the %d others instead",
                   request->order_id, problem->members - 1);
  const struct routing_member how = {
      .by = decision->item->caller->name, .person = decision->person, .reason = decision->reason, .removed = true};
  routing_merges_leave(merges, problem, request->order_id, &how);
  routing_problem_index_move(merges->merging->index, &subject->seen, request->order_id, false);
  subject->touched = true;
  subject->member = false;
  Wangge__V1__OrderUnmerged event = WANGGE__V1__ORDER_UNMERGED__INIT;
  event.order_id = request->order_id;
  event.district = text(problem->district);
  event.problem_id = problem->id;
  event.by = text(how.by);
  event.reason = text(how.reason);
  wg_log_append(decision->batch->log, "routing.dispatch", "", &event.base, decision->item->traceparent);
  Wangge__V1__UnmergeResponse *response = wg_arena_alloc(merges->arena, sizeof *response);
  wangge__v1__unmerge_response__init(response);
  response->problem = routing_problem_message(problem, merges->arena);
  decision->item->reply = &response->base;
  return WG_OK;
}

// --- DecideSuggestion ---
static Wangge__V1__DecideSuggestionResponse *answer_suggestion(const struct decision *decision,
                                                               const struct routing_suggested *one) {
  Wangge__V1__DecideSuggestionResponse *response = wg_arena_alloc(decision->merges->arena, sizeof *response);
  wangge__v1__decide_suggestion_response__init(response);
  response->suggestion = routing_suggested_message(one, decision->merges->arena);
  decision->item->reply = &response->base;
  return response;
}

static wg_status decide_suggestion(const struct decision *decision, const Wangge__V1__DecideSuggestionRequest *request,
                                   struct wg_error *error) {
  struct routing_subject *subject = NULL, *into = NULL;
  wg_status status = find(decision, request->order_id, "order_id", &subject, error);
  if (status != WG_OK) return status;
  struct routing_suggested *one = decision->merges->suggested;
  while (one && (one->order_id != request->order_id || one->problem_id != request->problem_id))
    one = one->next;
  if (!one)
    return wg_fail(error, WG_NOT_FOUND, "problem_id",
                   "it was never suggested that order %" PRId64 " belongs to %" PRId64, request->order_id,
                   request->problem_id);
  if (one->state != PENDING && (one->state == MERGED) == (bool)request->accept) {
    answer_suggestion(decision, one); // said before
    return WG_OK;
  }
  if (one->state != PENDING)
    return wg_fail(error, WG_FAILED_PRECONDITION, "accept", "this suggestion was %s by %s already; use %s",
                   one->state == MERGED ? "accepted" : "rejected", one->decided_by,
                   one->state == MERGED ? "Unmerge" : "Merge");
  if (request->accept) {
    status = find(decision, request->problem_id, "problem_id", &into, error);
    if (status == WG_OK) status = take(subject, error);
    if (status == WG_OK) status = may_merge(decision, subject, into, error);
    if (status != WG_OK) return status;
    put_into(decision, subject, into, one);
    settle(decision, subject, one->problem_id, subject->problem->id);
    answer_suggestion(decision, one)->problem = routing_problem_message(subject->problem, decision->merges->arena);
    return WG_OK;
  }
  one->state = REJECTED;
  one->decided_by = decision->item->caller->name;
  one->person = decision->person;
  one->reason = decision->reason;
  one->decided_at = decision->merges->now;
  one->changed = true;
  answer_suggestion(decision, one);
  return WG_OK;
}

// --- SolveProblem ---
static wg_status solve(const struct decision *decision, const Wangge__V1__SolveProblemRequest *request,
                       struct wg_error *error) {
  struct routing_subject *subject = NULL;
  wg_status status = find(decision, request->problem_id, "problem_id", &subject, error);
  if (status != WG_OK) return status;
  struct routing_problem *problem = subject->problem;
  if (!problem->stored && !problem->members)
    return wg_fail(error, WG_NOT_FOUND, "problem_id", "there is no problem %" PRId64 ", only an order", problem->id);
  if (problem->solved == request->reopen) {
    problem->solved = !request->reopen;
    problem->solving = true;
    problem->solved_at = problem->solved ? decision->merges->now : 0;
    problem->solved_by = decision->item->caller->name;
    problem->solved_person = decision->person;
    problem->solved_reason = decision->reason;
    routing_problem_index_solved(decision->merges->merging->index, problem->id, problem->solved);
  }
  Wangge__V1__SolveProblemResponse *response = wg_arena_alloc(decision->merges->arena, sizeof *response);
  wangge__v1__solve_problem_response__init(response);
  response->problem = routing_problem_message(problem, decision->merges->arena);
  decision->item->reply = &response->base;
  return WG_OK;
}

void routing_merges_decide(struct routing_merges *merges, struct wg_batch *batch, struct wg_item *item) {
  struct decision decision = {.merges = merges, .batch = batch, .item = item};
  const void *message = item->message;
#define WITH(type)                                                                                                     \
  decision.reason = ((const type *)message)->reason, decision.person = ((const type *)message)->acting_person
  if (is(item, &wangge__v1__merge_request__descriptor)) {
    WITH(Wangge__V1__MergeRequest);
    merge(&decision, message, &item->error);
  } else if (is(item, &wangge__v1__unmerge_request__descriptor)) {
    WITH(Wangge__V1__UnmergeRequest);
    unmerge(&decision, message, &item->error);
  } else if (is(item, &wangge__v1__decide_suggestion_request__descriptor)) {
    WITH(Wangge__V1__DecideSuggestionRequest);
    decide_suggestion(&decision, message, &item->error);
  } else {
    WITH(Wangge__V1__SolveProblemRequest);
    solve(&decision, message, &item->error);
  }
#undef WITH
}
