// One batch of the registry: what it loads, what each Put does to a draft of the book, what is published.
//
// Every Put of a batch has a draft of its own over the batch's; one that is refused leaves nothing. The batch's draft
// goes into the book when the transaction has committed.
#include "services/registry/registry.h"

#include "common/wire/wire.h"
#include "services/registry/put.h"

#include <malloc.h>
#include <string.h>

enum { LARGE = 10000 }; // changes of a batch after which memory is given back

struct plan {
  struct wg_book *draft;
  struct registry_import *imports;
  struct registry_carry carry;
  bool tick;
  struct registry_duty_plan *duties;
  const struct registry_change **changes; // of all Puts, in the order of their numbers
  size_t change_count, change_capacity;
  uint64_t puts[REGISTRY_PUT_RESULTS], errors, warnings;
};

static bool is(const struct wg_item *item, const ProtobufCMessageDescriptor *type) {
  return item->kind == WG_ITEM_CALL && item->message->descriptor == type;
}

wg_status registry_load_state(void *service, struct wg_db *db, struct wg_error *error) {
  struct registry *registry = service;
  wg_book_clear(registry->book);
  const wg_status status = registry_store_book(db, registry->book, error);
  if (status == WG_OK) registry_show_counts(registry);
  return status == WG_OK ? registry_duty_load_state(&registry->duties, db, error) : status;
}

// --- load ---
static struct registry_import *import_of(struct plan *plan, const struct wg_item *item, struct wg_arena *arena) {
  const Wangge__V1__PutRequest *request = (const Wangge__V1__PutRequest *)item->message;
  if (!*request->import_id) return NULL;
  const char *district = request->records[0]->district, *caller = item->caller->name;
  struct registry_import *import = plan->imports;
  while (import && (strcmp(import->district, district) != 0 || strcmp(import->caller, caller) != 0 ||
                    strcmp(import->id, request->import_id) != 0))
    import = import->next;
  if (!import) {
    import = wg_arena_zalloc(arena, sizeof *import);
    import->district = district;
    import->caller = caller;
    import->id = request->import_id;
    import->next = plan->imports;
    plan->imports = import;
  }
  import->wanted_whole |= request->last_part;
  return import;
}

wg_status registry_load(void *service, struct wg_batch *batch, struct wg_error *error) {
  struct registry *registry = service;
  if (registry->large) malloc_trim(0);
  registry->large = false;
  struct plan *plan = wg_arena_zalloc(batch->arena, sizeof *plan);
  plan->draft = wg_book_draft(registry->book, batch->arena);
  plan->duties = registry_duty_plan(&registry->duties, batch);
  batch->state = plan;
  for (size_t i = 0; i < batch->count; i++) {
    struct wg_item *item = &batch->items[i];
    plan->tick |= item->kind == WG_ITEM_TICK;
    if (is(item, &wangge__v1__put_request__descriptor)) item->state = import_of(plan, item, batch->arena);
  }
  wg_status status = WG_OK;
  for (struct registry_import *import = plan->imports; import && status == WG_OK; import = import->next)
    status = registry_store_load_import(batch, import, error);
  if (status == WG_OK && plan->tick) status = registry_store_load_carry(batch, &plan->carry, error);
  if (status == WG_OK) status = registry_duty_load(&registry->duties, plan->duties, batch, error);
  return status;
}

// --- what is published ---
static uint64_t publish(struct wg_batch *batch, Wangge__V1__Record *record, bool carried, const char *traceparent) {
  Wangge__V1__RecordChanged event = WANGGE__V1__RECORD_CHANGED__INIT;
  event.record = record;
  event.carried = carried;
  return wg_log_append(batch->log, REGISTRY_STREAM, wg_kind_of(record)->name, &event.base, traceparent);
}

static void note_change(struct plan *plan, const struct registry_change *change, struct wg_arena *arena) {
  if (plan->change_count == plan->change_capacity) {
    const size_t capacity = plan->change_capacity ? plan->change_capacity * 2 : 256;
    const struct registry_change **changes = wg_arena_alloc(arena, capacity * sizeof *changes);
    if (plan->change_count) memcpy(changes, plan->changes, plan->change_count * sizeof *changes);
    plan->changes = changes;
    plan->change_capacity = capacity;
  }
  plan->changes[plan->change_count++] = change;
}

static uint64_t write_changes(struct plan *plan, struct wg_batch *batch, struct wg_book *draft,
                              struct registry_changes *changes, const char *traceparent) {
  uint64_t newest = 0;
  for (size_t i = 0; i < changes->count; i++) {
    struct registry_change *change = &changes->change[i];
    newest = change->seq = publish(batch, change->record, false, traceparent);
    wg_book_set(draft, change->record, change->seq);
    note_change(plan, change, batch->arena);
  }
  wg_book_take(plan->draft, draft);
  return newest;
}

// --- decide ---
static Wangge__V1__PutResponse *make_response(struct wg_arena *arena) {
  Wangge__V1__PutResponse *response = wg_arena_alloc(arena, sizeof *response);
  wangge__v1__put_response__init(response);
  return response;
}

// put decides a Put that is whole.
static enum registry_put_result put(struct registry *registry, struct plan *plan, struct wg_batch *batch,
                                    struct wg_item *item, const Wangge__V1__PutRequest *request) {
  const struct registry_put asked = {
      .caller = item->caller->name,
      .reason = request->reason,
      .now = batch->now,
      .records = request->records,
      .count = request->n_records,
      .expected = request->n_expected_versions ? request->expected_versions : NULL,
      .geometry = registry->geometry,
  };
  struct registry_outcome *outcome = wg_arena_alloc(batch->arena, sizeof *outcome);
  struct wg_book *draft = wg_book_draft(plan->draft, batch->arena);
  if (registry_put_decide(plan->draft, draft, &asked, batch->arena, outcome, &item->error) != WG_OK)
    return REGISTRY_PUT_FAILED;
  Wangge__V1__PutResponse *response = make_response(batch->arena);
  item->reply = &response->base;
  response->created = (int32_t)outcome->created;
  response->changed = (int32_t)outcome->changed;
  response->unchanged = (int32_t)outcome->unchanged;
  response->deleted = (int32_t)outcome->deleted;
  response->findings = outcome->findings.finding;
  response->n_findings = outcome->findings.count;
  plan->errors += outcome->findings.errors;
  plan->warnings += outcome->findings.warnings;
  if (outcome->findings.errors) return REGISTRY_PUT_REFUSED;
  if (request->dry_run) return REGISTRY_PUT_DRY_RUN;
  response->written = true;
  const uint64_t newest = write_changes(plan, batch, draft, &outcome->changes, item->traceparent);
  response->seq = (int64_t)(newest ? newest : outcome->newest);
  return newest ? REGISTRY_PUT_WRITTEN : REGISTRY_PUT_UNCHANGED;
}

// put_part takes a part of an import, and decides the whole with the last.
static enum registry_put_result put_part(struct registry *registry, struct plan *plan, struct wg_batch *batch,
                                         struct wg_item *item, const Wangge__V1__PutRequest *part) {
  struct registry_import *import = item->state;
  struct wg_bytes answer = {0};
  if (registry_import_part(import, part, batch->arena, &answer, &item->error) != WG_OK) return REGISTRY_PUT_FAILED;
  if (answer.data) {
    const wg_status status =
        wg_unpack(&wangge__v1__put_response__descriptor, answer, batch->arena, &item->reply, &item->error);
    return status == WG_OK ? REGISTRY_PUT_UNCHANGED : REGISTRY_PUT_FAILED;
  }
  if (!part->last_part) {
    item->reply = &make_response(batch->arena)->base;
    return REGISTRY_PUT_PART;
  }
  Wangge__V1__PutRequest *whole = NULL;
  if (registry_import_whole(import, part->part, batch->arena, &whole, &item->error) != WG_OK)
    return REGISTRY_PUT_FAILED;
  const enum registry_put_result result = put(registry, plan, batch, item, whole);
  if (result == REGISTRY_PUT_WRITTEN || result == REGISTRY_PUT_UNCHANGED)
    registry_import_end(import, (const Wangge__V1__PutResponse *)item->reply, part->part, batch->arena);
  return result;
}

static void carry_forward(struct plan *plan, struct wg_batch *batch) {
  for (size_t i = 0; i < plan->carry.count; i++) {
    struct registry_carried *carried = &plan->carry.records[i];
    carried->seq = publish(batch, carried->record, true, "");
    wg_book_set(plan->draft, carried->record, carried->seq);
  }
}

wg_status registry_decide(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)error;
  struct registry *registry = service;
  struct plan *plan = batch->state;
  carry_forward(plan, batch); // first: the records are as they were before this batch
  for (size_t i = 0; i < batch->count; i++) {
    struct wg_item *item = &batch->items[i];
    if (is(item, &wangge__v1__happen_request__descriptor)) registry_duty_happen(plan->duties, plan->draft, batch, item);
    if (is(item, &wangge__v1__redrive_duties_request__descriptor)) registry_duty_redrive(batch, item);
    if (!is(item, &wangge__v1__put_request__descriptor)) continue;
    const Wangge__V1__PutRequest *request = (const Wangge__V1__PutRequest *)item->message;
    const enum registry_put_result result =
        item->state ? put_part(registry, plan, batch, item, request) : put(registry, plan, batch, item, request);
    plan->puts[result]++;
  }
  if (plan->tick) registry_duty_tick(&registry->duties, plan->duties, plan->draft, batch);
  return WG_OK;
}

// --- store ---
wg_status registry_store(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)service;
  const struct plan *plan = batch->state;
  wg_status status = WG_OK;
  for (const struct registry_import *import = plan->imports; import && status == WG_OK; import = import->next)
    status = registry_store_import(batch, import, error);
  if (status == WG_OK) status = registry_store_carry(batch, &plan->carry, error);
  if (status == WG_OK) status = registry_store_changes(batch, plan->changes, plan->change_count, plan->draft, error);
  if (status == WG_OK && plan->tick) status = registry_store_forget_imports(batch, error);
  if (status == WG_OK) status = registry_duty_store(plan->duties, batch, error);
  return status;
}

void registry_committed(void *service, struct wg_batch *batch) {
  struct registry *registry = service;
  const struct plan *plan = batch->state;
  if (!plan) return;
  wg_book_apply(registry->book, plan->draft);
  size_t kinds = 0;
  const struct wg_kind *first = wg_kinds(&kinds);
  for (size_t i = 0; i < plan->change_count; i++)
    wg_count(registry->changes[plan->changes[i]->kind - first], 1);
  for (int i = 0; i < REGISTRY_PUT_RESULTS; i++)
    wg_count(registry->puts[i], plan->puts[i]);
  wg_count(registry->errors, plan->errors);
  wg_count(registry->warnings, plan->warnings);
  wg_count(registry->carried, plan->carry.count);
  if (plan->change_count) registry_show_counts(registry);
  registry->large = plan->change_count > LARGE;
  registry_duty_committed(&registry->duties, plan->duties, plan->change_count > 0, batch->now);
}
