// One batch of routing: which rows it needs, what each item does to its assignment, what is published.
//
// A new order needs no query: intake numbers orders upwards in commit order, so one above the highest that is stored
// cannot stand in the database. Everything else is loaded first. The same event again finds its row and changes
// nothing.
#include "services/routing/routing.h"

#include "common/wire/wire.h"
#include "services/routing/study.h"
#include "services/routing/tell.h"

#include <string.h>

const char *const ROUTING_STEP_NAMES[ROUTING_STEP_KINDS] = {
    "dispatch", "desk",       "sign",       "request_return", "accept_return", "reject_return",
    "escalate", "adjudicate", "transfer",   "transfer_down",  "add_unit",      "remove_unit",
    "assign",   "withdraw",   "supplement", "answer",         "void",          "reopen"};

// The calls: what decides them, and whether that needs the whole order.
static const struct {
  const ProtobufCMessageDescriptor *request;
  routing_decision *decide;
  bool whole;
} CALLS[] = {
#define CALL(type, function, whole)                                                                                    \
  { &wangge__v1__##type##__descriptor, function, whole }
    CALL(accept_request, routing_accept, false),
    CALL(return_request, routing_request_return, false),
    CALL(review_return_request, routing_review_return, true),
    CALL(escalate_request, routing_escalate, false),
    CALL(adjudicate_request, routing_adjudicate, true),
    CALL(transfer_request, routing_transfer, true),
    CALL(transfer_down_request, routing_transfer_down, true),
    CALL(add_unit_request, routing_add_unit, true),
    CALL(remove_unit_request, routing_remove_unit, false),
    CALL(assign_request, routing_assign, true),
#undef CALL
};
enum { CALL_COUNT = sizeof CALLS / sizeof *CALLS };

struct plan {
  const struct routing_theme_set *themes; // of a sweep, to be stored; NULL: none
  struct routing_table *table;
  struct routing_rulebook book;
  uint64_t generation;
  struct routing_rule **matched; // of each new order
  size_t matched_count;
  uint64_t kinds[ROUTING_STEP_KINDS];
  int64_t desk, highest; // change of the desk; highest order id of this batch
  struct routing_merges *merges;
  struct routing_precedent **precedents; // made
  size_t precedent_count;
};

static bool is(const struct wg_item *item, const ProtobufCMessageDescriptor *type) {
  return item->message->descriptor == type;
}

// order_of gives the order an item speaks of; 0: none, or a message that is not for routing.
static int64_t order_of(const struct wg_item *item) {
  const void *message = item->message;
  if (is(item, &wangge__v1__order_received__descriptor)) {
    const Wangge__V1__Order *order = ((const Wangge__V1__OrderReceived *)message)->order;
    return order ? order->order_id : 0;
  }
  if (is(item, &wangge__v1__order_supplemented__descriptor))
    return ((const Wangge__V1__OrderSupplemented *)message)->order_id;
  if (is(item, &wangge__v1__order_withdrawn__descriptor))
    return ((const Wangge__V1__OrderWithdrawn *)message)->order_id;
  if (is(item, &wangge__v1__case_voided__descriptor)) return ((const Wangge__V1__CaseVoided *)message)->order_id;
  if (is(item, &wangge__v1__case_reopened__descriptor)) return ((const Wangge__V1__CaseReopened *)message)->order_id;
  int64_t order_id = 0;
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(item->message->descriptor, "order_id");
  if (item->kind == WG_ITEM_CALL && field)
    memcpy(&order_id, (const char *)item->message + field->offset, sizeof order_id);
  return order_id;
}

// call_of gives the row of a call in CALLS; -1: an event.
static int call_of(const struct wg_item *item) {
  for (int i = 0; item->kind == WG_ITEM_CALL && i < CALL_COUNT; i++) {
    if (is(item, CALLS[i].request)) return i;
  }
  return -1;
}

wg_status routing_load_state(void *service, struct wg_db *db, struct wg_error *error) {
  struct routing *routing = service;
  struct routing_precedents *precedents = routing_precedents_create();
  wg_status status = routing_store_heads(db, &routing->heads, error);
  if (status == WG_OK) status = routing_store_precedents(db, precedents, error);
  if (status != WG_OK) {
    routing_precedents_destroy(precedents);
    return status;
  }
  wg_set(routing->desk, (double)routing->heads.desk);
  routing_problem_index_clear(routing->merging.index); // what was decided last may not have been committed
  pthread_rwlock_wrlock(&routing->lock);
  struct routing_precedents *old = routing->precedents;
  routing->precedents = precedents;
  pthread_rwlock_unlock(&routing->lock);
  routing_precedents_destroy(old);
  return WG_OK;
}

// needs_order: deciding it, or telling of it, takes the whole order.
static bool needs_order(const struct wg_item *item) {
  const int call = call_of(item);
  return call >= 0 ? CALLS[call].whole : is(item, &wangge__v1__case_reopened__descriptor);
}

// want notes what deciding one item needs of the database.
static void want(struct routing_wanted *wanted, const struct wg_item *item, int64_t order_id) {
  const bool whole = needs_order(item);
  wg_push_i64(wanted->orders, order_id);
  wg_push_bool(wanted->whole, whole);
  if (whole) wg_push_i64(wanted->whole_orders, order_id);
  if (!is(item, &wangge__v1__order_supplemented__descriptor)) return;
  wg_push_i64(wanted->supplement_orders, order_id);
  wg_push_text(wanted->supplement_ids, ((const Wangge__V1__OrderSupplemented *)item->message)->supplement_id);
}

// want_near: a new order is placed already here, so that what is like it can be loaded.
static void want_near(struct plan *plan, struct wg_item *item) {
  const Wangge__V1__Order *order = ((const Wangge__V1__OrderReceived *)item->message)->order;
  if (!plan->book.model || routing_order_check(order, &(struct wg_error){0}) != WG_OK) return;
  const struct routing_place *place = routing_study_place(order, &plan->book);
  item->state = (void *)(uintptr_t)place;
  routing_merges_want(plan->merges, order->district, place->place_id, place->grid_code);
}

static void make_book(struct plan *plan, const struct routing *routing, const struct wg_batch *batch) {
  plan->book = (struct routing_rulebook){.rules = routing->rules,
                                         .departments = routing->departments,
                                         .duties = routing->duties,
                                         .precedents = routing->precedents,
                                         .places = routing->places,
                                         .model = routing->model,
                                         .text_work = routing->text_work,
                                         .category_confidence = routing->category_confidence,
                                         .window = routing->window,
                                         .now = batch->now,
                                         .arena = batch->arena};
  plan->generation = routing->generation;
}

static void make_merges(struct plan *plan, struct routing *routing, struct wg_batch *batch) {
  routing->merging.model = routing->model;
  routing->merging.gazetteer = routing->places ? routing->places->gazetteer : NULL;
  wg_set(routing->merging_on, routing->model != NULL);
  plan->merges = routing_merges_create(&routing->merging, batch->arena, batch->count, batch->now);
}

wg_status routing_load(void *service, struct wg_batch *batch, struct wg_error *error) {
  struct routing *routing = service;
  struct plan *plan = wg_arena_zalloc(batch->arena, sizeof *plan);
  plan->table = routing_table_create(batch->arena, batch->count);
  plan->matched = wg_arena_alloc(batch->arena, (batch->count + 1) * sizeof(void *));
  batch->state = plan;
  struct routing_wanted wanted = routing_wanted_make(batch->arena);
  make_book(plan, routing, batch);
  make_merges(plan, routing, batch);
  for (size_t i = 0; i < batch->count; i++) {
    struct wg_item *item = &batch->items[i];
    item->state = NULL;
    if (item->kind == WG_ITEM_TICK) {
      plan->themes = routing_sweep_waiting(&routing->sweep);
      continue;
    }
    if (routing_merges_call(item)) {
      routing_merges_want_call(plan->merges, item);
      continue;
    }
    const int64_t order_id = order_of(item);
    if (order_id > 0 && order_id <= routing->heads.highest_order_id) want(&wanted, item, order_id);
    else if (order_id > 0 && is(item, &wangge__v1__order_received__descriptor)) want_near(plan, item);
  }
  const wg_status status = routing_store_load(batch, plan->table, &wanted, error);
  return status == WG_OK ? routing_problems_load(batch, plan->merges, error) : status;
}

// --- decide ---
static wg_status decide_event(struct plan *plan, struct routing_assignment *subject, const struct wg_item *item,
                              struct routing_step *step, struct wg_error *error) {
  const void *message = item->message;
  if (is(item, &wangge__v1__order_supplemented__descriptor))
    return routing_supplement(subject, message, item->event->seq, &plan->book, step, error);
  if (is(item, &wangge__v1__order_withdrawn__descriptor))
    return routing_withdraw(subject, message, &plan->book, step, error);
  if (is(item, &wangge__v1__case_voided__descriptor)) return routing_void(subject, message, &plan->book, step, error);
  if (is(item, &wangge__v1__case_reopened__descriptor)) return routing_reopen(subject, message, step, error);
  struct routing_rule *rule = NULL;
  const struct wg_bytes packed = {item->event->payload.data, item->event->payload.len};
  if (!subject->exists) subject->place = item->state;
  const wg_status status = routing_receive(subject, message, packed, &plan->book, &rule, step, error);
  if (rule) plan->matched[plan->matched_count++] = rule;
  return status;
}

// unpack_order gives the subject its whole order. An error here is the database's, not the caller's.
static wg_status unpack_order(const struct plan *plan, struct routing_assignment *subject, struct wg_error *error) {
  if (!subject->exists || subject->order) return WG_OK;
  const Wangge__V1__OrderReceived *event = NULL;
  const wg_status status = routing_received_read(subject->received, plan->book.arena, &event, error);
  if (status == WG_OK) subject->order = event->order;
  return status;
}

static bool on_desk(const struct routing_assignment *subject) {
  return subject->exists && (subject->state == WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_DESK ||
                             subject->state == WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_RETURN_REVIEW ||
                             subject->state == WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_ADJUDICATING);
}

static void count_step(struct plan *plan, const struct routing_step *step) {
  for (int i = 0; i < ROUTING_STEP_KINDS; i++) {
    if (strcmp(ROUTING_STEP_NAMES[i], step->kind) == 0) plan->kinds[i]++;
  }
}

// note_step keeps what has to be stored of a step, and tells of it.
static void note_step(struct plan *plan, struct wg_batch *batch, const struct wg_item *item,
                      struct routing_assignment *subject, const struct routing_step *step) {
  routing_tell(batch, item, subject, step, &plan->book);
  // The first decision is told by the row itself, supplements have a table of their own.
  if (subject->steps > 1 && strcmp(step->kind, "supplement") != 0) routing_table_add(plan->table, subject, step);
  if (step->precedent) plan->precedents[plan->precedent_count++] = step->precedent;
  count_step(plan, step);
  if (subject->order_id > plan->highest) plan->highest = subject->order_id;
}

static const struct routing_precedent *precedent_of(const struct plan *plan, const struct routing_assignment *subject) {
  for (size_t i = plan->precedent_count; i > 0; i--) {
    const struct routing_precedent *one = plan->precedents[i - 1];
    if (one->order_id == subject->order_id && one->n == subject->adjudications) return one;
  }
  return routing_precedents_of(plan->book.precedents, subject->order_id, subject->adjudications);
}

static ProtobufCMessage *reply_of(struct plan *plan, const struct wg_item *item,
                                  const struct routing_assignment *subject) {
  struct wg_arena *arena = plan->book.arena;
  const struct routing_view view = {
      .legs = true, .persons = item->caller->roles & WG_ROLE_DISPATCHER, .window = &plan->book.window};
  Wangge__V1__Assignment *assignment = routing_assignment_message(subject, &view, arena);
  if (!is(item, &wangge__v1__adjudicate_request__descriptor)) {
    Wangge__V1__AssignmentResponse *response = wg_arena_alloc(arena, sizeof *response);
    wangge__v1__assignment_response__init(response);
    response->assignment = assignment;
    return &response->base;
  }
  Wangge__V1__AdjudicateResponse *response = wg_arena_alloc(arena, sizeof *response);
  wangge__v1__adjudicate_response__init(response);
  response->assignment = assignment;
  const struct routing_precedent *precedent = precedent_of(plan, subject);
  if (precedent) response->precedent = routing_precedent_message(precedent, arena);
  return &response->base;
}

// merge_event: a new order is compared with others; one that is withdrawn or void is no candidate any more.
static void merge_event(struct plan *plan, struct wg_batch *batch, const struct wg_item *item,
                        struct routing_assignment *subject) {
  const struct routing_gazetteer *gazetteer = plan->book.places ? plan->book.places->gazetteer : NULL;
  struct routing_seen seen;
  if (is(item, &wangge__v1__order_received__descriptor)) {
    routing_seen_of(&seen, (const Wangge__V1__OrderReceived *)item->message, subject->found.place_id,
                    subject->found.area, gazetteer);
    routing_merges_receive(plan->merges, batch, item, &seen, routing_study_said(subject, &plan->book));
  } else if (is(item, &wangge__v1__order_withdrawn__descriptor) || is(item, &wangge__v1__case_voided__descriptor)) {
    seen = (struct routing_seen){.order_id = subject->order_id,
                                 .district = subject->district,
                                 .place_id = subject->found.place_id,
                                 .grid = subject->found.area};
    routing_merges_withdraw(plan->merges, &seen);
  }
}

static wg_status decide_item(struct plan *plan, struct wg_batch *batch, struct wg_item *item, struct wg_error *error) {
  const int64_t order_id = order_of(item);
  const int call = call_of(item);
  if (order_id <= 0)
    return wg_fail(&item->error, WG_INVALID_ARGUMENT, NULL, "routing has no use for this %s: it names no order",
                   item->message->descriptor->name);
  struct routing_assignment *subject = routing_table_subject(plan->table, order_id);
  if (needs_order(item) && unpack_order(plan, subject, error) != WG_OK) return error->code;
  const bool was_on_desk = on_desk(subject);
  struct routing_step step = {0};
  const wg_status status =
      call >= 0 ? CALLS[call].decide(subject, item->caller, item->message, &plan->book, &step, &item->error)
                : decide_event(plan, subject, item, &step, &item->error);
  if (status != WG_OK) return status;
  if (step.kind) note_step(plan, batch, item, subject, &step);
  if (step.kind && item->kind == WG_ITEM_EVENT) merge_event(plan, batch, item, subject);
  plan->desk += on_desk(subject) - was_on_desk;
  if (item->kind == WG_ITEM_CALL) item->reply = reply_of(plan, item, subject);
  return WG_OK;
}

wg_status routing_decide(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)service;
  struct plan *plan = batch->state;
  plan->precedents = wg_arena_alloc(batch->arena, (batch->count + 1) * sizeof(void *));
  for (size_t i = 0; i < batch->count; i++) {
    if (batch->items[i].kind == WG_ITEM_TICK) continue;
    if (routing_merges_call(&batch->items[i])) {
      routing_merges_decide(plan->merges, batch, &batch->items[i]);
      continue;
    }
    // `error` is set only when the database's own content is wrong: then the batch fails, not the caller.
    if (decide_item(plan, batch, &batch->items[i], error) != WG_OK && error->code != WG_OK) return error->code;
  }
  return WG_OK;
}

wg_status routing_store(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)service;
  const struct plan *plan = batch->state;
  wg_status status = routing_store_write(batch, plan->table, error);
  if (status == WG_OK) status = routing_store_write_precedents(batch, plan->precedents, plan->precedent_count, error);
  if (status == WG_OK && plan->themes) status = routing_themes_write(batch, plan->themes, error);
  return status == WG_OK ? routing_problems_write(batch, plan->merges, error) : status;
}

static void count_merges(struct routing *routing, const struct routing_merges *merges) {
  wg_count(routing->merges_automatic, merges->automatic);
  wg_count(routing->merges_all, merges->merged);
  wg_count(routing->unmerges, merges->removed);
  wg_count(routing->merge_suggestions, merges->suggestions);
  routing_problem_index_trim(routing->merging.index);
  wg_set(routing->similar_bytes, (double)routing_problem_index_bytes(routing->merging.index));
  wg_set(routing->similar_buckets, (double)routing_problem_index_buckets(routing->merging.index));
}

// What was decided stands in memory already.
void routing_rolled_back(void *service, struct wg_batch *batch) {
  (void)batch;
  struct routing *routing = service;
  routing_problem_index_clear(routing->merging.index);
}

void routing_committed(void *service, struct wg_batch *batch) {
  struct routing *routing = service;
  const struct plan *plan = batch->state;
  if (!plan) return;
  count_merges(routing, plan->merges);
  if (plan->themes) routing_sweep_stored(&routing->sweep, batch->now);
  for (int i = 0; i < ROUTING_STEP_KINDS; i++)
    wg_count(routing->steps[i], plan->kinds[i]);
  if (plan->highest > routing->heads.highest_order_id) routing->heads.highest_order_id = plan->highest;
  routing->heads.desk += plan->desk;
  wg_set(routing->desk, (double)routing->heads.desk);
  if (plan->precedent_count) {
    pthread_rwlock_wrlock(&routing->lock);
    for (size_t i = 0; i < plan->precedent_count; i++)
      routing_precedents_add(routing->precedents, plan->precedents[i]);
    pthread_rwlock_unlock(&routing->lock);
  }
  if (plan->generation != routing->generation) return;
  for (size_t i = 0; i < plan->matched_count; i++)
    atomic_fetch_add_explicit(&plan->matched[i]->hits, 1, memory_order_relaxed);
}
