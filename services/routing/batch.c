// One batch of routing: which rows it needs, what each item does to its assignment, what is published.
//
// A new order needs no query: intake numbers orders upwards in commit order, so one above the highest that is stored
// cannot stand in the database. Everything else is loaded first. The same event again finds its row and changes
// nothing.
#include "services/routing/routing.h"

#include "common/wire/wire.h"

#include <string.h>

#define STREAM "routing.dispatch"
const char *const ROUTING_STEP_NAMES[ROUTING_STEP_KINDS] = {"dispatch", "desk",   "sign",     "return",
                                                            "transfer", "assign", "withdraw", "supplement"};

struct plan {
  struct routing_table *table;
  struct routing_rulebook book;
  uint64_t generation;
  struct routing_rule **matched; // of each new order
  size_t matched_count;
  uint64_t kinds[ROUTING_STEP_KINDS];
  int64_t desk, highest; // change of the desk; highest order id of this batch
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
  if (is(item, &wangge__v1__accept_request__descriptor)) return ((const Wangge__V1__AcceptRequest *)message)->order_id;
  if (is(item, &wangge__v1__return_request__descriptor)) return ((const Wangge__V1__ReturnRequest *)message)->order_id;
  if (is(item, &wangge__v1__transfer_request__descriptor))
    return ((const Wangge__V1__TransferRequest *)message)->order_id;
  if (is(item, &wangge__v1__assign_request__descriptor)) return ((const Wangge__V1__AssignRequest *)message)->order_id;
  return 0;
}

wg_status routing_load_state(void *service, struct wg_db *db, struct wg_error *error) {
  struct routing *routing = service;
  const wg_status status = routing_store_heads(db, &routing->heads, error);
  if (status == WG_OK) wg_set(routing->desk, (double)routing->heads.desk);
  return status;
}

// want notes what deciding one item needs of the database.
static void want(struct routing_wanted *wanted, const struct wg_item *item, int64_t order_id) {
  const bool moves = item->kind == WG_ITEM_CALL && !is(item, &wangge__v1__accept_request__descriptor);
  wg_push_i64(wanted->orders, order_id);
  wg_push_bool(wanted->whole, moves);
  if (moves) wg_push_i64(wanted->whole_orders, order_id);
  if (!is(item, &wangge__v1__order_supplemented__descriptor)) return;
  wg_push_i64(wanted->supplement_orders, order_id);
  wg_push_text(wanted->supplement_ids, ((const Wangge__V1__OrderSupplemented *)item->message)->supplement_id);
}

wg_status routing_load(void *service, struct wg_batch *batch, struct wg_error *error) {
  const struct routing *routing = service;
  struct plan *plan = wg_arena_zalloc(batch->arena, sizeof *plan);
  plan->table = routing_table_create(batch->arena, batch->count);
  plan->matched = wg_arena_alloc(batch->arena, (batch->count + 1) * sizeof(void *));
  batch->state = plan;
  struct routing_wanted wanted = routing_wanted_make(batch->arena);
  for (size_t i = 0; i < batch->count; i++) {
    const int64_t order_id = order_of(&batch->items[i]);
    if (order_id > 0 && order_id <= routing->heads.highest_order_id) want(&wanted, &batch->items[i], order_id);
  }
  return routing_store_load(batch, plan->table, &wanted, error);
}

// --- what is published ---
static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

// whole_order gives the order of an assignment: of the event in this batch, or unpacked from its row.
static wg_status whole_order(const struct plan *plan, const struct wg_item *item,
                             const struct routing_assignment *subject, Wangge__V1__Order **order,
                             struct wg_error *error) {
  const Wangge__V1__OrderReceived *received = NULL;
  if (is(item, &wangge__v1__order_received__descriptor)) {
    received = (const Wangge__V1__OrderReceived *)item->message;
  } else {
    ProtobufCMessage *message = NULL;
    struct wg_error inner = {0};
    if (wg_unpack(&wangge__v1__order_received__descriptor, subject->received, plan->book.arena, &message, &inner) !=
        WG_OK)
      return wg_fail(error, WG_DATA_LOSS, NULL, "the stored order %lld cannot be read: %s",
                     (long long)subject->order_id, inner.message);
    received = (const Wangge__V1__OrderReceived *)message;
  }
  *order = received->order;
  return WG_OK;
}

static void tell_dispatch(struct wg_batch *batch, const struct wg_item *item, const struct routing_assignment *subject,
                          Wangge__V1__Order *order) {
  Wangge__V1__OrderDispatched event = WANGGE__V1__ORDER_DISPATCHED__INIT;
  event.order = order;
  event.assignment = routing_assignment_message(subject, batch->arena);
  wg_log_append(batch->log, STREAM, subject->department, &event.base, item->traceparent);
}

static void tell_supplement(struct wg_batch *batch, const struct wg_item *item,
                            const struct routing_assignment *subject, const char *supplement_id, const char *said,
                            bool again) {
  Wangge__V1__DispatchSupplemented event = WANGGE__V1__DISPATCH_SUPPLEMENTED__INIT;
  event.order_id = subject->order_id;
  event.district = text(subject->district);
  event.department = text(subject->department);
  event.text = text(said);
  event.supplement_id = text(supplement_id);
  event.again = again;
  wg_log_append(batch->log, STREAM, subject->department, &event.base, item->traceparent);
}

static void tell_supplements_again(struct wg_batch *batch, const struct wg_item *item,
                                   const struct routing_assignment *subject) {
  for (const struct routing_supplement *at = subject->supplements; at; at = at->next) {
    if (at->text) tell_supplement(batch, item, subject, at->supplement_id, at->text, true);
  }
}

static void tell_signed(struct wg_batch *batch, const struct wg_item *item, const struct routing_assignment *subject,
                        const struct routing_step *step) {
  Wangge__V1__OrderSigned event = WANGGE__V1__ORDER_SIGNED__INIT;
  event.order_id = subject->order_id;
  event.district = text(subject->district);
  event.department = text(subject->department);
  event.by = text(step->by);
  wg_log_append(batch->log, STREAM, subject->department, &event.base, item->traceparent);
}

static void tell_returned(struct wg_batch *batch, const struct wg_item *item, const struct routing_assignment *subject,
                          const struct routing_step *step) {
  Wangge__V1__OrderReturned event = WANGGE__V1__ORDER_RETURNED__INIT;
  event.order_id = subject->order_id;
  event.district = text(subject->district);
  event.department = text(step->left);
  event.by = text(step->by);
  event.reason = text(step->reason);
  event.proposed_department = text(step->proposed);
  wg_log_append(batch->log, STREAM, step->left, &event.base, item->traceparent);
}

static void tell_revoked(struct wg_batch *batch, const struct wg_item *item, const struct routing_assignment *subject,
                         const struct routing_step *step, bool withdrawn) {
  Wangge__V1__DispatchRevoked event = WANGGE__V1__DISPATCH_REVOKED__INIT;
  event.order_id = subject->order_id;
  event.district = text(subject->district);
  event.department = text(step->left);
  event.by = text(step->by);
  event.reason = text(step->reason);
  event.withdrawn = withdrawn;
  wg_log_append(batch->log, STREAM, step->left, &event.base, item->traceparent);
}

static void publish(struct wg_batch *batch, const struct wg_item *item, const struct routing_assignment *subject,
                    const struct routing_step *step, Wangge__V1__Order *order) {
  const char *kind = step->kind;
  if (strcmp(kind, "sign") == 0) tell_signed(batch, item, subject, step);
  else if (strcmp(kind, "withdraw") == 0) tell_revoked(batch, item, subject, step, true);
  else if (strcmp(kind, "return") == 0) tell_returned(batch, item, subject, step);
  else if (strcmp(kind, "transfer") == 0) tell_revoked(batch, item, subject, step, false);
  else if (strcmp(kind, "supplement") == 0)
    tell_supplement(batch, item, subject, ((const Wangge__V1__OrderSupplemented *)item->message)->supplement_id,
                    step->reason, false);
  if (!order) return;
  tell_dispatch(batch, item, subject, order);
  if (item->kind == WG_ITEM_CALL) tell_supplements_again(batch, item, subject);
}

// moves: the step gives the order to somebody who has to be told the whole of it.
static bool moves(const struct routing_step *step) {
  static const char *const KINDS[] = {"dispatch", "desk", "return", "transfer", "assign"};
  for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
    if (strcmp(step->kind, KINDS[i]) == 0) return true;
  }
  return false;
}

// --- decide ---
static wg_status decide_event(struct plan *plan, struct routing_assignment *subject, const struct wg_item *item,
                              struct routing_step *step, struct wg_error *error) {
  const void *message = item->message;
  if (is(item, &wangge__v1__order_supplemented__descriptor))
    return routing_supplement(subject, message, item->event->seq, &plan->book, step, error);
  if (is(item, &wangge__v1__order_withdrawn__descriptor))
    return routing_withdraw(subject, message, &plan->book, step, error);
  struct routing_rule *rule = NULL;
  const struct wg_bytes packed = {item->event->payload.data, item->event->payload.len};
  const wg_status status = routing_receive(subject, message, packed, &plan->book, &rule, step, error);
  if (rule) plan->matched[plan->matched_count++] = rule;
  return status;
}

static wg_status decide_call(struct plan *plan, struct routing_assignment *subject, const struct wg_item *item,
                             struct routing_step *step, struct wg_error *error) {
  const void *message = item->message;
  if (is(item, &wangge__v1__accept_request__descriptor))
    return routing_accept(subject, item->caller, &plan->book, step, error);
  if (is(item, &wangge__v1__return_request__descriptor))
    return routing_return(subject, item->caller, message, &plan->book, step, error);
  if (is(item, &wangge__v1__transfer_request__descriptor))
    return routing_transfer(subject, item->caller, message, &plan->book, step, error);
  return routing_assign(subject, item->caller, message, &plan->book, step, error);
}

static bool on_desk(const struct routing_assignment *subject) {
  return subject->exists && subject->state == WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_DESK;
}

static void count_step(struct plan *plan, const struct routing_step *step) {
  for (int i = 0; i < ROUTING_STEP_KINDS; i++) {
    if (strcmp(ROUTING_STEP_NAMES[i], step->kind) == 0) plan->kinds[i]++;
  }
}

static wg_status decide_item(struct plan *plan, struct wg_batch *batch, struct wg_item *item, struct wg_error *error) {
  const int64_t order_id = order_of(item);
  if (order_id <= 0)
    return wg_fail(&item->error, WG_INVALID_ARGUMENT, NULL, "routing has no use for this %s: it names no order",
                   item->message->descriptor->name);
  struct routing_assignment *subject = routing_table_subject(plan->table, order_id);
  const bool was_on_desk = on_desk(subject);
  struct routing_step step = {0};
  const wg_status status = item->kind == WG_ITEM_CALL ? decide_call(plan, subject, item, &step, &item->error)
                                                      : decide_event(plan, subject, item, &step, &item->error);
  if (status != WG_OK) return status;
  if (step.kind) {
    Wangge__V1__Order *order = NULL;
    if (moves(&step) && whole_order(plan, item, subject, &order, error) != WG_OK) return error->code;
    publish(batch, item, subject, &step, order);
    // The first decision is told by the row itself, supplements have a table of their own.
    if (subject->steps > 1 && strcmp(step.kind, "supplement") != 0) routing_table_add(plan->table, subject, &step);
    count_step(plan, &step);
    plan->desk += on_desk(subject) - was_on_desk;
    if (order_id > plan->highest) plan->highest = order_id;
  }
  if (item->kind == WG_ITEM_CALL) {
    Wangge__V1__AssignmentResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
    wangge__v1__assignment_response__init(response);
    response->assignment = routing_assignment_message(subject, batch->arena);
    item->reply = &response->base;
  }
  return WG_OK;
}

wg_status routing_decide(void *service, struct wg_batch *batch, struct wg_error *error) {
  const struct routing *routing = service;
  struct plan *plan = batch->state;
  plan->book = (struct routing_rulebook){routing->rules, routing->departments, batch->now, batch->arena};
  plan->generation = routing->generation;
  for (size_t i = 0; i < batch->count; i++) {
    // `error` is set only when the database's own content is wrong: then the batch fails, not the caller.
    if (decide_item(plan, batch, &batch->items[i], error) != WG_OK && error->code != WG_OK) return error->code;
  }
  return WG_OK;
}

wg_status routing_store(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)service;
  const struct plan *plan = batch->state;
  return routing_store_write(batch, plan->table, error);
}

void routing_committed(void *service, struct wg_batch *batch) {
  struct routing *routing = service;
  const struct plan *plan = batch->state;
  if (!plan) return;
  for (int i = 0; i < ROUTING_STEP_KINDS; i++)
    wg_count(routing->steps[i], plan->kinds[i]);
  if (plan->highest > routing->heads.highest_order_id) routing->heads.highest_order_id = plan->highest;
  routing->heads.desk += plan->desk;
  wg_set(routing->desk, (double)routing->heads.desk);
  if (plan->generation != routing->generation) return;
  for (size_t i = 0; i < plan->matched_count; i++)
    atomic_fetch_add_explicit(&plan->matched[i]->hits, 1, memory_order_relaxed);
}
