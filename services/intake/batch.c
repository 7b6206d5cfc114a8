// One batch of the loop: load what the decisions need, decide without I/O, queue what is to be written.
//
// Orders of every push of the batch form one list of entries; supplements, withdrawals and erasures speak of subjects,
// one per order however many calls name it. Calls are decided in the order in which they came.
#include "services/intake/intake.h"

#include "common/wire/wire.h"
#include "services/intake/attach_store.h"
#include "services/intake/disclose.h"
#include "services/intake/erase.h"
#include "services/intake/person.h"
#include "services/intake/store.h"
#include "services/intake/ticket.h"
#include "services/intake/validate.h"

struct plan {
  struct intake_entry **entries; // of all pushes, in order
  size_t entry_count;
  struct intake_entry **valid; // of these, those that passed validation
  size_t valid_count;
  struct intake_subject **subjects; // in the order of first mention
  size_t subject_count;
  const uint8_t *person_key;
  int64_t before, before_at; // the counter as the batch found it
  bool decided;
  int64_t received_at;
  size_t accepted, duplicate, rejected;
  struct intake_rows supplements, withdrawals, erasures;
  bool *named; // of each Rewrite, in the order of the calls
  size_t rewrites;
  const char **nameless; // text of each Supplement and Withdraw without the reporter's name, in the order of the calls
  size_t tells;
  const struct intake_stored_text *erased_texts;
  bool tick;
};

// What item->state holds: entries of a push, or the subject of another call.
struct push_state {
  struct intake_entry *entries;
};

static bool is_method(const struct wg_item *item, const ProtobufCMessageDescriptor *request) {
  return item->kind == WG_ITEM_CALL && item->method->request == request;
}
static bool is_push(const struct wg_item *item) {
  return is_method(item, &wangge__v1__push_request__descriptor);
}
static bool is_supplement(const struct wg_item *item) {
  return is_method(item, &wangge__v1__supplement_request__descriptor);
}
static bool is_withdraw(const struct wg_item *item) {
  return is_method(item, &wangge__v1__withdraw_request__descriptor);
}

static bool is_rewrite(const struct wg_item *item) {
  return is_method(item, &wangge__v1__rewrite_request__descriptor);
}
static bool is_erase(const struct wg_item *item) {
  return is_method(item, &wangge__v1__erase_reporter_request__descriptor);
}

wg_status intake_load_state(void *service, struct wg_db *db, struct wg_error *error) {
  struct intake *intake = service;
  return intake_counter_read(db, &intake->last_order_id, &intake->last_received_at, error);
}

// --- load ---

// take_origin copies: the reference data may be replaced while the batch is under way.
static void take_origin(const struct intake *intake, const struct wg_principal *caller, struct intake_entry *entry,
                        struct wg_arena *arena) {
  entry->origin = intake_order_origin(caller, entry->order);
  if (entry->origin[0] == '\0') return;
  entry->origin = wg_arena_strdup(arena, entry->origin);
  const struct intake_district *district = intake_district_find(intake->reference, entry->order->district);
  const struct intake_origin *origin = intake_origin_find(district, entry->channel, entry->origin);
  entry->origin_area = wg_arena_strdup(arena, origin->area);
}

static void prepare_push(struct intake *intake, struct wg_batch *batch, struct plan *plan, struct wg_item *item) {
  const Wangge__V1__PushRequest *push = (const Wangge__V1__PushRequest *)item->message;
  struct push_state *state = wg_arena_alloc(batch->arena, sizeof *state);
  state->entries = wg_arena_zalloc(batch->arena, push->n_orders * sizeof *state->entries);
  item->state = state;
  for (size_t i = 0; i < push->n_orders; i++) {
    struct intake_entry *entry = &state->entries[i];
    entry->order = push->orders[i];
    entry->index = i;
    entry->source = push->source;
    entry->channel = intake_order_channel(item->caller, entry->order);
    entry->origin = entry->origin_area = "";
    plan->entries[plan->entry_count++] = entry;
    wg_status status =
        intake_validate_order(intake->reference, item->caller, entry->order, i, batch->now, &entry->error);
    if (status != WG_OK) continue;
    take_origin(intake, item->caller, entry, batch->arena);
    intake_content_hash(entry->order, entry->hash);
    plan->valid[plan->valid_count++] = entry;
  }
}

static int64_t subject_id(const struct wg_item *item) {
  if (is_supplement(item)) return ((const Wangge__V1__SupplementRequest *)item->message)->order_id;
  if (is_rewrite(item)) return ((const Wangge__V1__RewriteRequest *)item->message)->order_id;
  if (is_withdraw(item)) return ((const Wangge__V1__WithdrawRequest *)item->message)->order_id;
  return ((const Wangge__V1__EraseReporterRequest *)item->message)->order_id;
}

// Subjects by order id: open addressing, at most half full.
struct subject_table {
  struct intake_subject **slots;
  size_t mask;
};

static struct intake_subject *subject_of(const struct subject_table *table, struct plan *plan, int64_t order_id,
                                         struct wg_arena *arena) {
  size_t at = (size_t)((uint64_t)order_id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & table->mask;
  while (table->slots[at] != NULL && table->slots[at]->order_id != order_id)
    at = (at + 1) & table->mask;
  if (table->slots[at] == NULL) {
    table->slots[at] = wg_arena_zalloc(arena, sizeof **table->slots);
    table->slots[at]->order_id = order_id;
    plan->subjects[plan->subject_count++] = table->slots[at];
  }
  return table->slots[at];
}

static void prepare_subjects(struct wg_batch *batch, struct plan *plan, size_t calls) {
  size_t capacity = 16;
  while (capacity < 2 * calls)
    capacity *= 2;
  struct subject_table table = {wg_arena_zalloc(batch->arena, capacity * sizeof *table.slots), capacity - 1};
  plan->subjects = wg_arena_alloc(batch->arena, (calls + 1) * sizeof(void *));
  for (size_t i = 0; i < batch->count; i++) {
    if (is_push(&batch->items[i]) || batch->items[i].kind == WG_ITEM_TICK) continue;
    batch->items[i].state = subject_of(&table, plan, subject_id(&batch->items[i]), batch->arena);
  }
}

static struct wg_column *served_districts(const struct intake *intake, struct wg_arena *arena) {
  struct wg_column *districts = wg_column_text(arena, intake->reference->district_count);
  for (size_t i = 0; i < intake->reference->district_count; i++) {
    wg_push_text(districts, intake->reference->districts[i].code);
  }
  return districts;
}

static wg_status load_subjects(struct intake *intake, struct wg_batch *batch, struct plan *plan, size_t calls,
                               struct wg_error *error) {
  struct wg_column *districts = served_districts(intake, batch->arena);
  struct intake_subject **of_notes = wg_arena_alloc(batch->arena, (calls + 1) * sizeof(void *));
  const char **ids = wg_arena_alloc(batch->arena, (calls + 1) * sizeof(void *));
  struct intake_subject **of_texts = wg_arena_alloc(batch->arena, (calls + 1) * sizeof(void *));
  const char **texts = wg_arena_alloc(batch->arena, (calls + 1) * sizeof(void *));
  int64_t *erased = wg_arena_alloc(batch->arena, (calls + 1) * sizeof *erased);
  plan->named = wg_arena_zalloc(batch->arena, (calls + 1) * sizeof *plan->named);
  struct intake_subject **of_told = wg_arena_alloc(batch->arena, (calls + 1) * sizeof(void *));
  plan->nameless = wg_arena_alloc(batch->arena, (calls + 1) * sizeof(void *));
  size_t count = 0, rewrites = 0, erasures = 0, tells = 0;
  for (size_t i = 0; i < batch->count; i++) {
    const struct wg_item *item = &batch->items[i];
    if (is_erase(item)) erased[erasures++] = subject_id(item);
    if (is_supplement(item) || is_withdraw(item)) {
      of_told[tells] = item->state;
      plan->nameless[tells++] = is_supplement(item) ? ((const Wangge__V1__SupplementRequest *)item->message)->text
                                                    : ((const Wangge__V1__WithdrawRequest *)item->message)->reason;
    }
    if (!is_supplement(item) && !is_rewrite(item)) continue;
    of_notes[count] = item->state;
    if (is_rewrite(item)) {
      const Wangge__V1__RewriteRequest *rewrite = (const Wangge__V1__RewriteRequest *)item->message;
      ids[count++] = rewrite->rewrite_id;
      of_texts[rewrites] = item->state;
      texts[rewrites++] = rewrite->text;
    } else {
      ids[count++] = ((const Wangge__V1__SupplementRequest *)item->message)->supplement_id;
    }
  }
  wg_status status =
      intake_load_subjects(batch->db, batch->arena, districts, plan->subjects, plan->subject_count, error);
  if (status == WG_OK) status = intake_load_notes(batch->db, batch->arena, districts, of_notes, ids, count, error);
  if (status == WG_OK)
    status = intake_load_named(batch->db, batch->arena, districts, of_texts, texts, rewrites, plan->named, error);
  if (status == WG_OK)
    status = intake_load_nameless(batch->db, batch->arena, districts, of_told, plan->nameless, tells, error);
  if (status == WG_OK)
    status = intake_load_texts(batch->db, batch->arena, districts, erased, erasures, &plan->erased_texts, error);
  return status;
}

wg_status intake_load(void *service, struct wg_batch *batch, struct wg_error *error) {
  struct intake *intake = service;
  struct plan *plan = wg_arena_zalloc(batch->arena, sizeof *plan);
  batch->state = plan;
  size_t orders = 0, calls = 0;
  for (size_t i = 0; i < batch->count; i++) {
    if (batch->items[i].kind == WG_ITEM_TICK) {
      plan->tick = true;
    } else if (is_push(&batch->items[i])) {
      orders += ((const Wangge__V1__PushRequest *)batch->items[i].message)->n_orders;
    } else {
      calls++;
    }
  }
  plan->entries = wg_arena_alloc(batch->arena, (orders + 1) * sizeof(void *));
  plan->valid = wg_arena_alloc(batch->arena, (orders + 1) * sizeof(void *));
  for (size_t i = 0; i < batch->count; i++) {
    if (is_push(&batch->items[i])) prepare_push(intake, batch, plan, &batch->items[i]);
  }
  wg_status status = intake_load_known(batch->db, batch->arena, plan->valid, plan->valid_count, error);
  if (status != WG_OK || calls == 0) return status;
  prepare_subjects(batch, plan, calls);
  return load_subjects(intake, batch, plan, calls, error);
}

// --- decide ---

// give_tickets: attachments as events tell of them.
static void give_tickets(Wangge__V1__Order *order, const uint8_t key[32], struct wg_arena *arena) {
  if (order->n_attachments == 0) return;
  Wangge__V1__Attachment **list = wg_arena_alloc(arena, order->n_attachments * sizeof *list);
  Wangge__V1__Attachment *copies = wg_arena_alloc(arena, order->n_attachments * sizeof *copies);
  for (size_t i = 0; i < order->n_attachments; i++) {
    copies[i] = *order->attachments[i];
    copies[i].ticket = intake_ticket(order->order_id, copies[i].sha256, key);
    list[i] = &copies[i];
  }
  order->attachments = list;
}

static void publish_order(struct wg_batch *batch, const struct plan *plan, const struct wg_item *item,
                          const struct intake_entry *entry) {
  const Wangge__V1__NewOrder *from = entry->order;
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = entry->order_id;
  order.district = from->district;
  order.source = (char *)entry->source;
  order.external_id = from->external_id;
  order.channel = (Wangge__V1__Channel)entry->channel;
  order.kind = from->kind;
  order.urgency = intake_urgency(from);
  order.category = from->category;
  order.title = from->title;
  order.text = from->text;
  order.address = from->address;
  order.position = from->position;
  order.grid_code = from->grid_code;
  order.occurred_at = from->occurred_at;
  order.received_at = plan->received_at;
  order.n_attachments = from->n_attachments;
  order.attachments = from->attachments;
  order.has_reporter = intake_has_reporter(from);
  order.confidential = from->confidential;
  order.answer = from->answer;
  order.origin = (char *)entry->origin;
  order.origin_area = (char *)entry->origin_area;
  order.parcel_ownership = from->parcel_ownership;
  intake_disclose(&order, from->reporter, batch->arena);
  give_tickets(&order, plan->person_key, batch->arena);
  Wangge__V1__OrderReceived event = WANGGE__V1__ORDER_RECEIVED__INIT;
  event.order = &order;
  event.reporter_ref = intake_person(from, plan->person_key);
  wg_log_append(batch->log, "intake.orders", "", &event.base, item->traceparent);
}

static void answer_push(struct wg_batch *batch, struct plan *plan, struct wg_item *item) {
  const Wangge__V1__PushRequest *push = (const Wangge__V1__PushRequest *)item->message;
  const struct push_state *state = item->state;
  Wangge__V1__PushResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
  wangge__v1__push_response__init(response);
  response->n_results = push->n_orders;
  response->results = wg_arena_alloc(batch->arena, push->n_orders * sizeof *response->results);
  Wangge__V1__PushResult *results = wg_arena_alloc(batch->arena, push->n_orders * sizeof *results);
  for (size_t i = 0; i < push->n_orders; i++) {
    struct intake_entry *entry = &state->entries[i];
    wangge__v1__push_result__init(&results[i]);
    response->results[i] = &results[i];
    results[i].outcome = entry->outcome;
    results[i].order_id = entry->order_id;
    if (entry->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_ACCEPTED) {
      publish_order(batch, plan, item, entry);
      plan->accepted++;
    } else if (entry->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_DUPLICATE) {
      plan->duplicate++;
    } else {
      results[i].error = wg_status_message(&entry->error, batch->arena);
      plan->rejected++;
    }
  }
  item->reply = &response->base;
}

static struct intake_row *add_row(struct intake_rows *rows, const struct wg_item *item) {
  struct intake_row *row = &rows->rows[rows->count++];
  *row = (struct intake_row){.subject = item->state, .by = item->caller->name};
  return row;
}

static void tell_supplement(struct wg_batch *batch, const struct wg_item *item, const char *id, const char *text) {
  const struct intake_subject *subject = item->state;
  Wangge__V1__OrderSupplemented event = WANGGE__V1__ORDER_SUPPLEMENTED__INIT;
  event.order_id = subject->order_id;
  event.district = (char *)subject->district;
  event.supplement_id = (char *)id;
  event.text = (char *)text;
  event.by = (char *)item->caller->name;
  wg_log_append(batch->log, "intake.orders", "", &event.base, item->traceparent);
}

static void decide_rewrite(struct wg_batch *batch, struct plan *plan, struct wg_item *item) {
  const Wangge__V1__RewriteRequest *request = (const Wangge__V1__RewriteRequest *)item->message;
  struct intake_subject *subject = item->state;
  const bool named = plan->named[plan->rewrites++];
  bool fresh = false;
  if (intake_rewrite(subject, item->caller, request, named, batch->arena, &fresh, &item->error) != WG_OK) return;
  Wangge__V1__RewriteResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
  wangge__v1__rewrite_response__init(response);
  item->reply = &response->base;
  if (!fresh) return;
  struct intake_row *row = add_row(&plan->supplements, item);
  row->key = request->rewrite_id;
  row->text = request->text;
  row->person = request->acting_person;
  row->place = subject->supplements;
  tell_supplement(batch, item, request->rewrite_id, request->text);
}

static void decide_supplement(struct wg_batch *batch, struct plan *plan, struct wg_item *item) {
  const Wangge__V1__SupplementRequest *request = (const Wangge__V1__SupplementRequest *)item->message;
  struct intake_subject *subject = item->state;
  const char *nameless = plan->nameless[plan->tells++];
  bool fresh = false;
  if (intake_supplement(subject, item->caller, request, batch->arena, &fresh, &item->error) != WG_OK) return;
  Wangge__V1__SupplementResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
  wangge__v1__supplement_response__init(response);
  item->reply = &response->base;
  if (!fresh) return;
  struct intake_row *row = add_row(&plan->supplements, item);
  row->key = request->supplement_id;
  row->text = request->text;
  row->place = subject->supplements;
  tell_supplement(batch, item, request->supplement_id, intake_disclose_text(subject->held, nameless, batch->arena));
}

static void decide_withdraw(struct wg_batch *batch, struct plan *plan, struct wg_item *item) {
  const Wangge__V1__WithdrawRequest *request = (const Wangge__V1__WithdrawRequest *)item->message;
  struct intake_subject *subject = item->state;
  const char *nameless = plan->nameless[plan->tells++];
  bool fresh = false;
  if (intake_withdraw(subject, item->caller, &fresh, &item->error) != WG_OK) return;
  Wangge__V1__WithdrawResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
  wangge__v1__withdraw_response__init(response);
  item->reply = &response->base;
  if (!fresh) return;
  add_row(&plan->withdrawals, item)->text = request->reason;
  Wangge__V1__OrderWithdrawn event = WANGGE__V1__ORDER_WITHDRAWN__INIT;
  event.order_id = subject->order_id;
  event.district = (char *)subject->district;
  event.reason = (char *)intake_disclose_text(subject->held, nameless, batch->arena);
  event.by = (char *)item->caller->name;
  wg_log_append(batch->log, "intake.orders", "", &event.base, item->traceparent);
}

static void decide_erase(struct wg_batch *batch, struct plan *plan, struct wg_item *item) {
  if (intake_erase(item->state, item->caller, &item->error) != WG_OK) return;
  Wangge__V1__EraseReporterResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
  wangge__v1__erase_reporter_response__init(response);
  item->reply = &response->base;
  add_row(&plan->erasures, item)->text = ((const Wangge__V1__EraseReporterRequest *)item->message)->reason;
}

wg_status intake_decide(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)error;
  struct intake *intake = service;
  struct plan *plan = batch->state;
  plan->person_key = intake->person_key;
  plan->before = intake->last_order_id;
  plan->before_at = intake->last_received_at;
  plan->decided = true;
  plan->rewrites = plan->tells = 0;
  // Times of receipt must not run back when the clock does: List bisects by them.
  plan->received_at = batch->now > plan->before_at ? batch->now : plan->before_at;
  int64_t next = plan->before + 1;
  intake_accept(plan->entries, plan->entry_count, &next, intake->seed, batch->arena);
  struct intake_rows *rows[] = {&plan->supplements, &plan->withdrawals, &plan->erasures};
  for (size_t i = 0; i < 3; i++) {
    rows[i]->rows = wg_arena_alloc(batch->arena, (batch->count + 1) * sizeof(struct intake_row));
  }
  for (size_t i = 0; i < batch->count; i++) {
    struct wg_item *item = &batch->items[i];
    if (is_push(item)) {
      answer_push(batch, plan, item);
    } else if (is_supplement(item)) {
      decide_supplement(batch, plan, item);
    } else if (is_rewrite(item)) {
      decide_rewrite(batch, plan, item);
    } else if (is_withdraw(item)) {
      decide_withdraw(batch, plan, item);
    } else if (is_erase(item)) {
      decide_erase(batch, plan, item);
    }
  }
  if (plan->accepted > 0) {
    intake->last_order_id = next - 1;
    intake->last_received_at = plan->received_at;
  }
  return WG_OK;
}

// --- store ---

wg_status intake_store(void *service, struct wg_batch *batch, struct wg_error *error) {
  const struct intake *intake = service;
  const struct plan *plan = batch->state;
  wg_status status = intake_store_orders(batch->db, batch->arena, plan->entries, plan->entry_count, plan->accepted,
                                         plan->before, plan->received_at, error);
  if (status == WG_OK) {
    status = intake_store_supplements(batch->db, batch->arena, &plan->supplements, plan->received_at, error);
  }
  if (status == WG_OK) {
    status = intake_store_withdrawals(batch->db, batch->arena, &plan->withdrawals, plan->received_at, error);
  }
  if (status == WG_OK) {
    status =
        intake_store_erasures(batch->db, batch->arena, &plan->erasures, plan->erased_texts, plan->received_at, error);
  }
  if (status == WG_OK && plan->tick) {
    const int64_t grace = intake->settings.attachment_grace_hours * INT64_C(3600000000);
    status = intake_store_forget_uploads(batch->db, batch->arena, batch->now - grace, error);
  }
  return status;
}

void intake_committed(void *service, struct wg_batch *batch) {
  struct intake *intake = service;
  const struct plan *plan = batch->state;
  wg_count(intake->accepted, plan->accepted);
  wg_count(intake->duplicate, plan->duplicate);
  wg_count(intake->rejected, plan->rejected);
  wg_count(intake->supplements, plan->supplements.count);
  wg_count(intake->withdrawals, plan->withdrawals.count);
  wg_count(intake->erasures, plan->erasures.count);
}

void intake_rolled_back(void *service, struct wg_batch *batch) {
  struct intake *intake = service;
  const struct plan *plan = batch->state;
  if (plan == NULL || !plan->decided) return;
  intake->last_order_id = plan->before;
  intake->last_received_at = plan->before_at;
}
