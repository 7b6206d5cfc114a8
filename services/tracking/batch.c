// One batch of tracking: which rows it needs, what each item does to its case, what is written and published.
#include "common/base/clock.h"
#include "services/tracking/calls.h"
#include "services/tracking/facts.h"
#include "services/tracking/figures_store.h"
#include "services/tracking/moves.h"
#include "services/tracking/notices.h"
#include "services/tracking/solution_store.h"
#include "services/tracking/store.h"
#include "services/tracking/timers.h"
#include "services/tracking/tracking.h"
#include "services/tracking/words_store.h"
#include "services/tracking/zones.h"

#include <stdio.h>
#include <string.h>

// Folding costs some 20 ms for a busy district, so it is not done at every tick; readers add what is not folded, which
// takes them 5 ms a megabyte.
enum { FOLD_SECONDS = 15, FOLD_BYTES = 1 << 20 };

struct batch_state {
  struct tracking_table *table;
  struct lists_plan *lists;
  uint64_t opened, steps, provisional;
  int64_t highest;                    // order id of this batch
  struct tracking_recounted *recount; // NULL: none
  uint64_t recounted;
  struct tracking_due_cases *due; // NULL: no tick
  uint64_t fired;
  struct tracking_solution *solution; // NULL: no tick
  struct tracking_reclocked *reclock; // NULL: none
  struct figures_table *figures;      // what the batch changed
  uint64_t first_event;               // number of its first event in tracking.cases
  struct figures_fold *fold;          // NULL: none
  size_t figure_bytes;                // of what it changed in figures
  struct words_fill *words;           // NULL: none
  struct zones *zones;                // what the batch changed
};

static bool is(const struct wg_item *item, const ProtobufCMessageDescriptor *type) {
  return item->message->descriptor == type;
}

// handler_of gives what follows an event of routing; NULL: none does.
static tracking_event_handler *handler_of(const struct wg_item *item) {
  static const struct {
    const ProtobufCMessageDescriptor *type;
    tracking_event_handler *handle;
  } HANDLERS[] = {
      {&wangge__v1__order_dispatched__descriptor, tracking_case_dispatched},
      {&wangge__v1__order_signed__descriptor, tracking_case_signed},
      {&wangge__v1__return_requested__descriptor, tracking_case_return_requested},
      {&wangge__v1__return_rejected__descriptor, tracking_case_return_rejected},
      {&wangge__v1__order_returned__descriptor, tracking_case_returned},
      {&wangge__v1__dispute_escalated__descriptor, tracking_case_escalated},
      {&wangge__v1__order_adjudicated__descriptor, tracking_case_adjudicated},
      {&wangge__v1__dispatch_revoked__descriptor, tracking_case_revoked},
      {&wangge__v1__dispatch_supplemented__descriptor, tracking_case_supplemented},
      {&wangge__v1__problem_opened__descriptor, tracking_case_problem_opened},
      {&wangge__v1__order_merged__descriptor, tracking_case_merged},
      {&wangge__v1__order_unmerged__descriptor, tracking_case_unmerged},
  };
  for (size_t i = 0; i < sizeof HANDLERS / sizeof *HANDLERS; i++) {
    if (is(item, HANDLERS[i].type)) return HANDLERS[i].handle;
  }
  return NULL;
}

// order_of gives the order an item speaks of; 0: a message that is not for tracking.
static int64_t order_of(const struct wg_item *item) {
  const ProtobufCMessage *message = item->message;
  if (item->kind == WG_ITEM_TICK || lists_takes(item)) return 0;
  if (is(item, &wangge__v1__order_dispatched__descriptor)) {
    const Wangge__V1__Order *order = ((const Wangge__V1__OrderDispatched *)message)->order;
    return order ? order->order_id : 0;
  }
  if (item->kind == WG_ITEM_CALL || handler_of(item)) return tracking_call_order(message);
  return 0; // a type that is not known may have such a field, too
}

wg_status tracking_load_state(void *service, struct wg_db *db, struct wg_error *error) {
  struct tracking *tracking = service;
  wg_status status = tracking_store_highest(db, &tracking->highest_order_id, error);
  if (status == WG_OK) status = case_keys_read(db, tracking->keys, error);
  if (status == WG_OK) status = words_store_through(db, &tracking->words_through, error);
  if (status == WG_OK) status = tracking_reclock_read(db, &tracking->reclock, error);
  tracking_reclock_begin(&tracking->reclock, &tracking->clocks);
  return status == WG_OK ? tracking_figures_begin(db, error) : status;
}

static bool is_join(const struct wg_item *item) {
  return item->kind == WG_ITEM_EVENT && is(item, &wangge__v1__order_merged__descriptor);
}

static bool is_leaving(const struct wg_item *item) {
  return item->kind == WG_ITEM_EVENT && is(item, &wangge__v1__order_unmerged__descriptor);
}

static size_t joins(const struct wg_batch *batch) {
  size_t count = 0;
  for (size_t i = 0; i < batch->count; i++)
    count += is_join(&batch->items[i]) || is_leaving(&batch->items[i]);
  return count;
}

// load_members asks for the cases whose close a join may show to be without effect, or a leaving may restore.
static wg_status load_members(struct wg_batch *batch, struct tracking_table *table, struct wg_error *error) {
  struct wg_column *districts = wg_column_text(batch->arena, 16), *problems = wg_column_i64(batch->arena, 16);
  for (size_t i = 0; i < batch->count; i++) {
    const struct wg_item *item = &batch->items[i];
    if (is_join(item)) {
      const Wangge__V1__OrderMerged *event = (const Wangge__V1__OrderMerged *)item->message;
      wg_push_text(districts, event->district);
      wg_push_i64(problems, event->problem_id);
    } else if (is_leaving(item)) {
      const Wangge__V1__OrderUnmerged *event = (const Wangge__V1__OrderUnmerged *)item->message;
      wg_push_text(districts, event->district);
      wg_push_i64(problems, event->problem_id);
    }
  }
  return tracking_store_members(batch, table, districts, problems, error);
}

static bool has_tick(const struct wg_batch *batch) {
  for (size_t i = 0; i < batch->count; i++) {
    if (batch->items[i].kind == WG_ITEM_TICK) return true;
  }
  return false;
}

// load_at_tick asks for what is done from time to time: cases whose time has come, solutions to share, titles of a
// chunk of orders that is full, changes of figures that are not folded.
static wg_status load_at_tick(struct tracking *tracking, struct wg_batch *batch, struct batch_state *state,
                              struct wg_error *error) {
  state->due = wg_arena_zalloc(batch->arena, sizeof *state->due);
  state->due->table = state->table;
  wg_status status = tracking_store_due(batch, state->due, error);
  state->solution = wg_arena_zalloc(batch->arena, sizeof *state->solution);
  state->solution->table = state->table;
  if (status == WG_OK) status = tracking_solution_load(batch, state->solution, error);
  state->words = words_fill_make(batch->arena, tracking->words_through, tracking->highest_order_id);
  if (status == WG_OK && state->words) status = words_fill_load(batch, state->words, error);
  if (status == WG_OK && tracking->reclock.wanted) {
    state->reclock = wg_arena_zalloc(batch->arena, sizeof *state->reclock);
    state->reclock->table = state->table;
    status = tracking_reclock_load(batch, &tracking->reclock, state->reclock, error);
  }
  const bool folds =
      tracking->unfolded_bytes >= FOLD_BYTES || wg_monotonic_us() >= tracking->folded_us + FOLD_SECONDS * WG_SECOND_US;
  if (status != WG_OK || !folds) return status;
  state->fold = wg_arena_zalloc(batch->arena, sizeof *state->fold);
  return figures_fold_load(batch, state->fold, error);
}

// Routing decides orders in the order of their ids, so one above the highest that has a case cannot stand in the
// database: new orders need no query. Everything else is loaded first.
wg_status tracking_load(void *service, struct wg_batch *batch, struct wg_error *error) {
  struct tracking *tracking = service;
  struct batch_state *state = wg_arena_zalloc(batch->arena, sizeof *state);
  const bool ticks = has_tick(batch), recounts = tracking->recount.wanted && ticks;
  state->table = tracking_table_create(
      batch->arena, batch->count + joins(batch) * TRACKING_MEMBERS +
                        (ticks ? TRACKING_DUE_CASES + TRACKING_SOLVED_CASES + TRACKING_RECLOCK_CASES : 0) +
                        (recounts ? TRACKING_RECOUNT_CASES : 0));
  batch->state = state;
  struct tracking_wanted wanted = tracking_wanted_make(batch->arena);
  for (size_t i = 0; i < batch->count; i++) {
    const struct wg_item *item = &batch->items[i];
    const int64_t order_id = order_of(item);
    if (order_id <= 0 || order_id > tracking->highest_order_id) continue;
    wg_push_i64(wanted.orders, order_id);
    if (item->kind != WG_ITEM_CALL) continue;
    wg_push_i64(wanted.call_orders, order_id);
    wg_push_text(wanted.callers, item->caller->name);
    wg_push_text(wanted.requests, tracking_call_request_id(item->message));
  }
  wg_status status = tracking_store_load(batch, state->table, &wanted, error);
  if (status == WG_OK) status = load_members(batch, state->table, error);
  if (status == WG_OK) status = lists_load(&tracking->lists, batch, &state->lists, error);
  if (status == WG_OK && ticks) status = load_at_tick(tracking, batch, state, error);
  if (status != WG_OK || !recounts) return status;
  state->recount = wg_arena_zalloc(batch->arena, sizeof *state->recount);
  state->recount->table = state->table;
  return tracking_store_provisional(batch, &tracking->recount, state->recount, error);
}

// parts_of gives what the caller is to a case; 0: it may not even know of it.
static unsigned parts_of(const struct wg_principal *caller, const struct tracking_case *subject) {
  if (!subject->exists || !tracking_may_district(caller, subject->row.district)) return 0;
  const Wangge__V1__Case *row = &subject->row;
  const bool lead = *caller->department && strcmp(row->department, caller->department) == 0;
  unsigned parts = 0;
  if (caller->roles & WG_ROLE_DEPARTMENT && lead) parts |= TRACKING_BY_LEAD;
  if (caller->roles & WG_ROLE_DISPATCHER) parts |= TRACKING_BY_DISPATCHER;
  if (caller->roles & WG_ROLE_SOURCE && strcmp(row->source, caller->name) == 0) parts |= TRACKING_BY_SOURCE;
  return parts;
}

static wg_status decide_call(struct tracking_table *table, struct tracking_case *subject, const struct wg_item *item,
                             int64_t now, struct tracking_rules *rules, struct tracking_step *step,
                             struct wg_error *error) {
  const struct tracking_call *call = tracking_call_of(item->method->name);
  const struct tracking_caller caller = {item->caller->name, tracking_call_person(item->message),
                                         parts_of(item->caller, subject), now};
  if (!caller.parts)
    return wg_fail(error, WG_NOT_FOUND, "order_id", "there is no case of this number that this caller may know of");
  const char *request_id = tracking_call_request_id(item->message);
  const uint8_t *digest = tracking_call_digest(call, item->message, rules->arena), *before = NULL;
  if (tracking_table_repeat(table, subject->row.order_id, caller.name, request_id, &before)) {
    if (!before || memcmp(before, digest, TRACKING_DIGEST_BYTES) == 0) return WG_OK;
    return wg_fail(error, WG_ALREADY_EXISTS, "request_id",
                   "this caller used it for another call about the order; choose a new one");
  }
  wg_status status = tracking_may(subject, call->event, caller.parts, error);
  if (status == WG_OK) status = call->decide(subject, &caller, item->message, rules, step, error);
  step->request_id = request_id;
  step->digest = digest;
  return status;
}

static Wangge__V1__Case *copy_of(const struct tracking_case *subject, struct wg_arena *arena) {
  Wangge__V1__Case *copy = wg_arena_alloc(arena, sizeof *copy);
  *copy = subject->row;
  return copy;
}

// notify tells those outside whom the step concerns.
static void notify(struct wg_batch *batch, const struct tracking_case *subject, const struct tracking_step *step,
                   bool fresh, const char *traceparent) {
  struct tracking_notice notices[TRACKING_NOTICES_MOST];
  const size_t count = tracking_notices_of(subject, step, fresh, batch->arena, notices);
  for (size_t i = 0; i < count; i++)
    wg_log_append(batch->log, TRACKING_NOTICES, notices[i].topic, &notices[i].message.base, traceparent);
}

// publish tells the department that holds the case, or the one the step speaks of when none holds it. Of a new case one
// event is told, with its newest step.
static void publish(struct wg_batch *batch, const struct tracking_case *subject, const struct tracking_step *step,
                    bool fresh, const char *traceparent) {
  Wangge__V1__CaseStep message = tracking_step_message(step, subject->steps);
  Wangge__V1__CaseChanged event = WANGGE__V1__CASE_CHANGED__INIT;
  event.case_ = (Wangge__V1__Case *)(uintptr_t)&subject->row;
  event.step = &message;
  const char *topic = subject->row.department[0] ? subject->row.department : step->department;
  wg_log_append(batch->log, "tracking.cases", topic, &event.base, traceparent);
  notify(batch, subject, step, fresh, traceparent);
}

// tell_routing: what ends or begins responsibility, which is routing's.
static void tell_routing(struct wg_batch *batch, const struct tracking_case *subject, const struct tracking_step *step,
                         const char *traceparent) {
  const Wangge__V1__Case *row = &subject->row;
  if (strcmp(step->kind, "voided") == 0) {
    Wangge__V1__CaseVoided event = WANGGE__V1__CASE_VOIDED__INIT;
    event.order_id = row->order_id;
    event.district = row->district;
    event.by = (char *)(uintptr_t)step->by;
    event.reason = row->voiding->reason;
    wg_log_append(batch->log, "tracking.verdicts", "", &event.base, traceparent);
  } else if (strcmp(step->kind, "reopened") == 0 && row->state == TRACKING_STATE(TRIAGE)) {
    Wangge__V1__CaseReopened event = WANGGE__V1__CASE_REOPENED__INIT;
    event.order_id = row->order_id;
    event.district = row->district;
    event.by = (char *)(uintptr_t)step->by;
    event.reason = (char *)(uintptr_t)step->note;
    wg_log_append(batch->log, "tracking.verdicts", "", &event.base, traceparent);
  }
}

// by_itself writes and tells a step that no item has caused.
static void by_itself(struct batch_state *state, struct wg_batch *batch, struct tracking_case *subject,
                      const struct tracking_step *step) {
  tracking_table_add(state->table, subject, step);
  publish(batch, subject, step, false, "");
  state->steps++;
}

// recur marks what the newest member of a problem shows: closes of others that were without effect.
static void recur(struct batch_state *state, struct wg_batch *batch, const struct tracking_case *joined, int64_t at,
                  struct tracking_rules *rules) {
  for (size_t i = 0; i < state->table->count; i++) {
    struct tracking_step step = {0};
    if (tracking_case_recurred(state->table->cases[i], joined, at, rules, &step))
      by_itself(state, batch, state->table->cases[i], &step);
  }
}

// restore lifts what an order has shown that was taken out of its problem.
static void restore(struct batch_state *state, struct wg_batch *batch, const struct tracking_case *left, int64_t at) {
  for (size_t i = 0; i < state->table->count; i++) {
    struct tracking_step step = {0};
    if (tracking_case_restored(state->table->cases[i], left, at, &step))
      by_itself(state, batch, state->table->cases[i], &step);
  }
}

// go_on lets the solution of its problem take effect that waited with the case for what routing has said now.
static void go_on(struct batch_state *state, struct wg_batch *batch, struct tracking_case *subject, int64_t at,
                  struct tracking_rules *rules) {
  struct tracking_step step = {0};
  if (!tracking_case_solution_waited(subject, at, rules, &step)) return;
  tracking_timers_set(subject, rules);
  by_itself(state, batch, subject, &step);
}

// decide_event: what routing says of a void case, which it has not heard of yet, is noted; that it lets go of it is
// what was to be.
static wg_status decide_event(struct tracking_case *subject, const struct wg_item *item, struct tracking_rules *rules,
                              struct tracking_step *step, struct wg_error *error) {
  const bool overlay = is(item, &wangge__v1__problem_opened__descriptor) || is_join(item) || is_leaving(item);
  if (!subject->exists || subject->row.state != TRACKING_STATE(VOID) || overlay)
    return handler_of(item)(subject, item->message, item->event->at, rules, step, error);
  if (is(item, &wangge__v1__dispatch_revoked__descriptor) &&
      ((const Wangge__V1__DispatchRevoked *)item->message)->voided)
    return WG_OK;
  return tracking_case_late(subject, item->event->type, item->event->at, rules, step, error);
}

static void decide_item(struct batch_state *state, struct wg_batch *batch, struct wg_item *item,
                        struct tracking_rules *rules) {
  const int64_t order_id = order_of(item);
  if (order_id <= 0) {
    wg_fail(&item->error, WG_INVALID_ARGUMENT, NULL, "tracking has no use for a %s", item->message->descriptor->name);
    return;
  }
  struct tracking_case *subject = tracking_table_case(state->table, order_id);
  const bool existed = subject->exists;
  struct tracking_step step = {0};
  const wg_status status = item->kind == WG_ITEM_CALL
                               ? decide_call(state->table, subject, item, batch->now, rules, &step, &item->error)
                               : decide_event(subject, item, rules, &step, &item->error);
  if (status != WG_OK) return;
  if (step.kind) {
    tracking_timers_set(subject, rules);
    if (existed) tracking_table_add(state->table, subject, &step); // a new case holds its first steps itself
    publish(batch, subject, &step, !existed, item->traceparent);
    state->steps++;
    state->opened += !existed;
    if (order_id > state->highest) state->highest = order_id;
    struct tracking_step raised = {0};
    if (tracking_supervise_raised(subject, step.at, rules, &raised)) {
      tracking_timers_set(subject, rules);
      by_itself(state, batch, subject, &raised);
    }
    if (is_join(item)) recur(state, batch, subject, item->event->at, rules);
    if (is_leaving(item)) restore(state, batch, subject, item->event->at);
    if (item->kind == WG_ITEM_EVENT) go_on(state, batch, subject, item->event->at, rules);
  }
  if (step.kind && item->kind == WG_ITEM_CALL) tell_routing(batch, subject, &step, item->traceparent);
  if (item->kind == WG_ITEM_CALL) {
    Wangge__V1__CaseResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
    wangge__v1__case_response__init(response);
    response->case_ = copy_of(subject, batch->arena);
    item->reply = &response->base;
  }
}

// fire lets everything happen whose time has come, behind what the batch did to the cases, in the order of time of each
// case.
static void fire(struct batch_state *state, struct wg_batch *batch, struct tracking_rules *rules) {
  for (size_t i = 0; state->due && i < state->due->count; i++) {
    struct tracking_case *subject = state->due->cases[i];
    struct tracking_step step = {0};
    while (tracking_timers_fire(subject, rules, batch->now, &step)) {
      by_itself(state, batch, subject, &step);
      state->fired++;
    }
    tracking_timers_set(subject, rules);
  }
  if (state->due && state->due->count == TRACKING_DUE_CASES) batch->tick_again = true;
  if (state->words && state->words->through < state->words->complete) batch->tick_again = true;
}

// solve gives the oldest solution to the next part of its orders.
static void solve(struct batch_state *state, struct wg_batch *batch, struct tracking_rules *rules) {
  struct tracking_solution *found = state->solution;
  if (!found || !found->message) return;
  for (size_t i = 0; i < found->count; i++) {
    struct tracking_step step = {0};
    if (!tracking_case_solved(found->cases[i], found->message, batch->now, rules, &step)) continue;
    tracking_timers_set(found->cases[i], rules);
    by_itself(state, batch, found->cases[i], &step);
    found->shared++;
  }
  if (found->count == TRACKING_SOLVED_CASES || found->waiting > 1) batch->tick_again = true;
}

// recount counts provisional deadlines again, behind what the batch did to their cases.
static void recount(struct batch_state *state, struct wg_batch *batch, struct tracking_rules *rules) {
  for (size_t i = 0; state->recount && i < state->recount->count; i++) {
    struct tracking_case *subject = state->recount->cases[i];
    struct tracking_step step = {0};
    tracking_case_recount(subject, rules, batch->now, &step);
    tracking_timers_set(subject, rules);
    if (!step.kind) continue;
    by_itself(state, batch, subject, &step);
    state->recounted++;
  }
}

// reclock lets the next part of the cases that wait for time know the clocks that are in force.
static void reclock(struct batch_state *state, struct wg_batch *batch, const struct tracking_rules *rules) {
  for (size_t i = 0; state->reclock && i < state->reclock->count; i++)
    tracking_timers_set(state->reclock->cases[i], rules);
  if (state->reclock && state->reclock->count == TRACKING_RECLOCK_CASES) batch->tick_again = true;
}

// went_on moves the walk behind what was counted; a part that was not full is the last.
static void went_on(struct tracking *tracking, const struct tracking_recounted *found) {
  struct tracking_recount *walk = &tracking->recount;
  walk->wanted = found->count == TRACKING_RECOUNT_CASES;
  if (!found->count) return;
  const Wangge__V1__Case *last = &found->cases[found->count - 1]->row;
  snprintf(walk->district, sizeof walk->district, "%s", last->district);
  walk->order_id = last->order_id;
}

// count_all adds what the cases count for that stand there, as they are now.
static void count_all(struct batch_state *state, int times) {
  for (size_t i = 0; i < state->table->count; i++) {
    const struct tracking_case *subject = state->table->cases[i];
    if (!subject->exists) continue;
    figures_count(state->figures, &subject->row, times);
    zones_count(state->zones, &subject->row, times);
  }
}

wg_status tracking_decide(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)error;
  struct tracking *tracking = service;
  struct batch_state *state = batch->state;
  state->figures = figures_table_create(batch->arena);
  state->zones = zones_create(batch->arena);
  state->first_event = wg_log_next(batch->log, "tracking.cases");
  count_all(state, -1);
  struct tracking_rules rules = {&tracking->clocks, tracking->calendars, 0, batch->arena, tracking->responses};
  for (size_t i = 0; i < batch->count; i++) {
    if (batch->items[i].kind != WG_ITEM_TICK && !lists_takes(&batch->items[i]))
      decide_item(state, batch, &batch->items[i], &rules);
  }
  recount(state, batch, &rules);
  lists_decide_batch(&tracking->lists, state->lists, batch);
  solve(state, batch, &rules);
  reclock(state, batch, &rules);
  fire(state, batch, &rules);
  state->provisional = rules.provisional;
  count_all(state, 1);
  return WG_OK;
}

wg_status tracking_store(void *service, struct wg_batch *batch, struct wg_error *error) {
  const struct tracking *tracking = service;
  struct batch_state *state = batch->state;
  wg_status status = tracking_store_write(batch, state->table, tracking->keys, error);
  if (status == WG_OK)
    status = figures_store_changes(batch, state->figures, state->first_event, &state->figure_bytes, error);
  if (status == WG_OK) status = zones_store(batch, state->zones, error);
  if (status == WG_OK && state->fold) status = figures_fold_store(batch, state->fold, error);
  if (status == WG_OK) status = words_fill_store(batch, state->words, state->table, tracking->words_through, error);
  if (status == WG_OK) status = lists_store(state->lists, batch, error);
  if (status == WG_OK && state->reclock)
    status = tracking_reclock_store(batch, state->reclock, &tracking->clocks, error);
  if (status == WG_OK && state->solution) status = tracking_solution_store(batch, state->solution, error);
  return status == WG_OK ? tracking_solution_add(batch, state->lists, error) : status;
}

// folded notes a fold. What is left over is folded by the next tick that finds it worth it.
static void folded(struct tracking *tracking, const struct figures_fold *fold) {
  tracking->folded_us = wg_monotonic_us();
  tracking->unfolded_bytes -= fold->bytes < tracking->unfolded_bytes ? fold->bytes : tracking->unfolded_bytes;
}

void tracking_committed(void *service, struct wg_batch *batch) {
  struct tracking *tracking = service;
  const struct batch_state *state = batch->state;
  if (!state) return;
  case_keys_committed(tracking->keys);
  wg_count(tracking->opened, state->opened);
  wg_count(tracking->changed, state->steps);
  wg_count(tracking->provisional, state->provisional);
  wg_count(tracking->recounted, state->recounted);
  lists_committed(&tracking->lists, state->lists);
  wg_count(tracking->fired, state->fired);
  if (state->solution) {
    wg_count(tracking->solved, (uint64_t)state->solution->shared);
    wg_set(tracking->solving, (double)state->solution->waiting);
  }
  tracking->unfolded_bytes += state->figure_bytes;
  if (state->fold) folded(tracking, state->fold);
  if (state->words) tracking->words_through = state->words->through;
  if (state->reclock) tracking_reclock_went(&tracking->reclock, state->reclock, &tracking->clocks);
  if (state->recount) went_on(tracking, state->recount);
  if (state->highest > tracking->highest_order_id) tracking->highest_order_id = state->highest;
}

void tracking_rolled_back(void *service, struct wg_batch *batch) {
  (void)batch;
  const struct tracking *tracking = service;
  case_keys_rolled_back(tracking->keys);
}
