// One batch of the ledger: loads the villages it is about, decides each write over a draft of its own, makes one entry
// of each that changes something.
//
// Every write of a batch sees what the ones before it did. One that is refused, or fails, leaves nothing. What is in
// memory changes when the transaction has committed. Time is a tick: one finds out which villages have records whose
// day has come, or orders of which there is news, the next loads them and calls each topic's timer or `news`, in a
// write of its own for each.
#include "services/land/land.h"

#include "common/base/log.h"
#include "common/base/map.h"
#include "common/wire/wire.h"
#include "services/land/base.h"
#include "services/land/ledger/daily.h"
#include "services/land/news.h"
#include "services/land/orders.h"
#include "services/land/parts.h"
#include "services/land/store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
  KEPT_BYTES = 32 << 20, // packed size of the villages in memory: the ones not used for longest are forgotten beyond it
  REPLY_RECORDS = 1000,  // a reply with more changes has none of them
  REPLY_BYTES = 1 << 20,
  ENTRY_BYTES = 4 << 20, // of one of several entries of an import in parts
  DUE_WRITES = 500,      // of one batch
};

struct plan {
  struct wg_book *draft;
  struct land_need *needs;
  struct land_submission *submissions;
  struct land_made *made, **last_made;
  struct land_dues dues; // found by this tick
  struct land_daily *daily;
  struct land_sending *sending;
  struct land_news_list *news;
  struct land_part *parts;
  bool tick, acts; // acts: this tick lets time act, else it looks what is due
  size_t due_writes;
  uint64_t entries, refused, repeated, failed, loaded;
};

// What an item of a batch needs.
struct asked {
  const struct land_action *action;
  const Wangge__V1__LandWrite *write;
  struct land_need *need;
  struct land_submission *submission;
  struct land_staged *staged;
  bool sealed_known;
};

// --- load ---
static struct land_need *need_of(struct land *land, struct plan *plan, struct wg_batch *batch, const char *village) {
  for (struct land_need *need = plan->needs; need; need = need->next) {
    if (strcmp(need->code, village) == 0) return need;
  }
  struct land_need *need = wg_arena_zalloc(batch->arena, sizeof *need);
  need->land = land;
  need->arena = batch->arena;
  snprintf(need->code, sizeof need->code, "%s", village);
  need->village = wg_map_get(land->villages, village);
  if (need->village) {
    need->village->used = land->batches;
    need->head = need->village->head;
    need->size = need->head.peaks.size;
  }
  need->next = plan->needs;
  plan->needs = need;
  return need;
}

// The answer may be given again to the same caller for the same bytes only.
static void request_hash(const struct wg_item *item, const struct land_action *action, struct wg_arena *arena,
                         uint8_t hash[LAND_HASH_BYTES]) {
  const struct wg_bytes packed = wg_pack(item->message, arena);
  const char *caller = item->caller->name;
  const struct wg_bytes parts[] = {
      {(const uint8_t *)caller, strlen(caller) + 1}, {(const uint8_t *)action->name, strlen(action->name) + 1}, packed};
  wg_sha256(parts, 3, hash);
}

static wg_status load_item(struct land *land, struct plan *plan, struct wg_batch *batch, struct wg_item *item,
                           struct wg_error *error) {
  const struct land_action *action = land_action_find(item->message->descriptor);
  assert(action && "every writing method of a topic has its action");
  struct asked *asked = wg_arena_zalloc(batch->arena, sizeof *asked);
  item->state = asked;
  asked->action = action;
  asked->write = land_write_of(item->message);
  asked->need = need_of(land, plan, batch, asked->write->village);
  struct land_submission *submission = wg_arena_zalloc(batch->arena, sizeof *submission);
  submission->village = asked->write->village;
  submission->key = asked->write->idempotency_key;
  request_hash(item, action, batch->arena, submission->request);
  submission->next = plan->submissions;
  plan->submissions = asked->submission = submission;
  if (item->message->descriptor == &wangge__v1__import_parcels_request__descriptor) {
    const Wangge__V1__ImportParcelsRequest *import = (const Wangge__V1__ImportParcelsRequest *)item->message;
    return import->parts > 1 && import->part == import->parts ? land_parts_load(batch, import, &asked->staged, error)
                                                              : WG_OK;
  }
  if (item->message->descriptor != &wangge__v1__erase_sealed_request__descriptor) return WG_OK;
  const Wangge__V1__EraseSealedRequest *request = (const Wangge__V1__EraseSealedRequest *)item->message;
  return land_store_load_sealed(batch, asked->write->village, request->commit, &asked->sealed_known, error);
}

wg_status land_load(void *service, struct wg_batch *batch, struct wg_error *error) {
  struct land *land = service;
  land->batches++;
  struct plan *plan = wg_arena_zalloc(batch->arena, sizeof *plan);
  batch->state = plan;
  plan->last_made = &plan->made;
  wg_status status = WG_OK;
  for (size_t i = 0; i < batch->count && status == WG_OK; i++) {
    plan->tick |= batch->items[i].kind == WG_ITEM_TICK;
    if (batch->items[i].kind == WG_ITEM_CALL) status = load_item(land, plan, batch, &batch->items[i], error);
  }
  plan->acts = plan->tick && land->dues.count > 0;
  for (size_t i = 0; plan->acts && i < land->dues.count; i++)
    need_of(land, plan, batch, land->dues.village[i]);
  for (struct land_need *need = plan->needs; need && status == WG_OK; need = need->next) {
    if (need->village) continue;
    plan->loaded++;
    status = land_store_load_village(batch, need, error);
  }
  if (status == WG_OK) status = land_store_load_submissions(batch, plan->submissions, error);
  if (status == WG_OK && plan->tick && !plan->acts)
    status = land_store_load_dues(batch, land_today(batch->now), LAND_DUES, &plan->dues, error);
  if (status == WG_OK && plan->tick) status = land_news_load(batch, &plan->news, error);
  if (status == WG_OK && plan->tick) status = land_orders_load(land, batch, &plan->sending, error);
  if (status == WG_OK && plan->tick) status = land_daily_load(land, batch, &plan->daily, error);
  return status;
}

// --- decide: one write ---
static Wangge__V1__LandReply *make_reply(struct wg_arena *arena) {
  Wangge__V1__LandReply *reply = wg_arena_alloc(arena, sizeof *reply);
  wangge__v1__land_reply__init(reply);
  reply->entry_seq = -1;
  return reply;
}

static void publish(struct wg_batch *batch, const struct land_made *made, Wangge__V1__LandEntry *content,
                    const char *actor, const char *traceparent) {
  Wangge__V1__EntryAppended event = WANGGE__V1__ENTRY_APPENDED__INIT;
  event.village = (char *)(uintptr_t)made->entry.village;
  event.seq = (int64_t)made->entry.seq;
  event.at = made->entry.at_us;
  event.actor = (char *)(uintptr_t)actor;
  event.leaf_hash = (ProtobufCBinaryData){LAND_HASH_BYTES, (uint8_t *)(uintptr_t)made->entry.leaf_hash};
  event.entry = content;
  wg_log_append(batch->log, LAND_STREAM, event.village, &event.base, traceparent);
}

// append_some makes an entry of `count` records of a write.
static wg_status append_some(struct plan *plan, struct wg_batch *batch, struct land_need *need,
                             struct land_write *write, Wangge__V1__LandRecord **records, size_t count, const char *kind,
                             const char *actor, const char *traceparent, struct land_made **result,
                             struct wg_error *error) {
  Wangge__V1__LandEntry content = WANGGE__V1__LAND_ENTRY__INIT;
  content.kind = (char *)(uintptr_t)kind;
  content.person = write->write->person;
  content.reason = write->write->reason;
  content.records = records;
  content.n_records = count;
  struct land_made *made = wg_arena_zalloc(batch->arena, sizeof *made);
  made->payload = wg_pack(&content.base, batch->arena);
  if (made->payload.size > WG_WIRE_MAX_BYTES - (64u << 10))
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "the entry would have %zu bytes; write less at a time",
                   made->payload.size);
  const wg_status status =
      land_head_append(&need->head, batch->now, (struct wg_bytes){(const uint8_t *)kind, strlen(kind)},
                       (struct wg_bytes){(const uint8_t *)actor, strlen(actor)}, made->payload, &made->entry,
                       made->tiles, &made->tile_count, error);
  if (status != WG_OK) return status;
  made->records = records;
  made->record_count = count;
  for (size_t i = 0; i < count; i++) {
    if (records[i]->body_case == WANGGE__V1__LAND_RECORD__BODY_ERASURE) made->erased = records[i]->erasure->commit.data;
  }
  *plan->last_made = made;
  plan->last_made = &made->next;
  plan->entries++;
  publish(batch, made, &content, actor, traceparent);
  *result = made;
  return WG_OK;
}

// some_records gives how many records from `from` on go into one entry: all, but of an import in parts as many as fit.
static size_t some_records(const struct land_write *write, size_t from) {
  if (!write->staged) return write->changed_count - from;
  size_t count = 0, bytes = 0;
  while (from + count < write->changed_count) {
    bytes += protobuf_c_message_get_packed_size(&write->changed[from + count]->base) + 8;
    if (count && bytes > ENTRY_BYTES) break;
    count++;
  }
  return count;
}

// append makes the entry of a write that has changed something; *result: the last of several, in one transaction.
static wg_status append(struct plan *plan, struct wg_batch *batch, struct land_need *need, struct land_write *write,
                        const char *kind, const char *actor, const char *traceparent, struct land_made **result,
                        struct wg_error *error) {
  const struct land_head before = need->head;
  struct land_made **last = plan->last_made, *first = NULL, *made = NULL;
  const uint64_t entries = plan->entries;
  for (size_t from = 0, count; from < write->changed_count; from += count) {
    count = some_records(write, from);
    const wg_status status =
        append_some(plan, batch, need, write, write->changed + from, count, kind, actor, traceparent, &made, error);
    if (status != WG_OK) { // none of them
      need->head = before;
      plan->last_made = last;
      *last = NULL;
      plan->entries = entries;
      return status;
    }
    if (!first) first = made;
  }
  first->seals = write->seals;
  first->orders = write->orders;
  wg_book_take(plan->draft, write->book);
  if (made != first)
    land_find(write, (struct land_what){
                         .code = "import.entries",
                         .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_NOTE,
                         .zh = land_text(write, "写成%" PRIu64 "条账目（第%" PRIu64 "至%" PRIu64 "条），一并生效。",
                                         plan->entries - entries, first->entry.seq, made->entry.seq),
                         .en = land_text(write, "Written as %" PRIu64 " entries, %" PRIu64 " to %" PRIu64 ", together.",
                                         plan->entries - entries, first->entry.seq, made->entry.seq)});
  *result = made;
  return WG_OK;
}

static struct land_write *begin(struct land *land, struct plan *plan, struct wg_batch *batch, struct land_need *need,
                                const Wangge__V1__LandWrite *who) {
  struct land_write *write = wg_arena_zalloc(batch->arena, sizeof *write);
  char district[LAND_DISTRICT_DIGITS + 1];
  snprintf(district, sizeof district, "%.6s", need->code);
  write->write = who;
  write->book = wg_book_draft(plan->draft, batch->arena);
  write->calendar = wg_calendars_of(land->calendars, district);
  write->arena = batch->arena;
  write->now = batch->now;
  write->today = land_today(batch->now);
  write->next_seq = (int64_t)need->head.peaks.size;
  land_peaks_root(&need->head.peaks, write->root);
  return write;
}

static wg_status after(struct land_write *write, struct wg_error *error) {
  wg_status status = WG_OK;
  for (const struct land_topic *const *topic = LAND_TOPICS; *topic && status == WG_OK && !write->refused; topic++) {
    if ((*topic)->after) status = (*topic)->after(write, error);
  }
  return status;
}

static wg_status check_seen(const struct land_write *write, struct wg_error *error) {
  for (size_t i = 0; i < write->write->n_seen; i++) {
    const Wangge__V1__SeenVersion *seen = write->write->seen[i];
    char field[64];
    snprintf(field, sizeof field, "write.seen[%zu]", i);
    const int kind = land_kind_find(seen->kind);
    if (!kind) return wg_fail(error, WG_INVALID_ARGUMENT, field, "there is no kind \"%.40s\"", seen->kind);
    const Wangge__V1__LandRecord *record = land_get(write, kind, seen->id);
    const int64_t version = record ? record->version : 0;
    if (version != seen->version)
      return wg_fail(error, WG_ABORTED, field,
                     "%s \"%.64s\" is at version %" PRId64 ", not %" PRId64 ": read it again and decide", seen->kind,
                     seen->id, version, seen->version);
  }
  return WG_OK;
}

static void fill_reply(Wangge__V1__LandReply *reply, const struct land_write *write, const struct land_made *made) {
  reply->findings = write->findings;
  reply->n_findings = write->finding_count;
  reply->refused = write->refused;
  if (!made) return;
  reply->entry_seq = (int64_t)made->entry.seq;
  reply->leaf_hash = (ProtobufCBinaryData){LAND_HASH_BYTES, (uint8_t *)(uintptr_t)made->entry.leaf_hash};
  reply->count = (int64_t)write->changed_count;
  if (write->changed_count > REPLY_RECORDS || made->payload.size > REPLY_BYTES) return;
  if (made->record_count < write->changed_count) return; // several entries
  reply->records = made->records;
  reply->n_records = made->record_count;
}

// --- decide: calls ---
// first_of gives an earlier submission of this batch with the same key, that was answered.
static const struct land_submission *first_of(const struct plan *plan, const struct land_submission *submission) {
  for (const struct land_submission *other = plan->submissions; other; other = other->next) {
    if (other != submission && other->made && strcmp(other->key, submission->key) == 0 &&
        strcmp(other->village, submission->village) == 0)
      return other;
  }
  return NULL;
}

// repeat answers a key that was answered before; false: it was not.
static bool repeat(struct plan *plan, struct wg_batch *batch, struct wg_item *item,
                   struct land_submission *submission) {
  const struct land_submission *first = submission->known ? submission : first_of(plan, submission);
  if (!first) return false;
  const uint8_t *request = first == submission ? submission->first : first->request;
  if (memcmp(request, submission->request, LAND_HASH_BYTES) != 0) {
    wg_fail(&item->error, WG_ALREADY_EXISTS, "write.idempotency_key",
            "the key was used for another submission; a new one needs a new key");
    return true;
  }
  plan->repeated++;
  if (wg_unpack(&wangge__v1__land_reply__descriptor, first->reply, batch->arena, &item->reply, &item->error) == WG_OK)
    ((Wangge__V1__LandReply *)item->reply)->repeated_call = true;
  return true;
}

static wg_status check_village(const struct land *land, const struct land_write *write,
                               const struct land_action *action, struct wg_error *error) {
  const char *village = write->write->village;
  if (strcmp(action->name, "put_village") == 0) {
    if (wg_map_get(land->communities, village)) return WG_OK;
    return wg_fail(error, WG_NOT_FOUND, "write.village", "the registry has no community %s; import it there first",
                   village);
  }
  if (land_get(write, LAND_KIND(VILLAGE_INFO), LAND_VILLAGE_ID)) return WG_OK;
  return wg_fail(error, WG_NOT_FOUND, "write.village",
                 "village %s has no ledger yet; wangge land village put sets it up", village);
}

// note_part notes what is to be done with parts of an import: keep this one, or drop them, for all were taken.
static void note_part(struct plan *plan, struct wg_batch *batch, const struct land_write *write, bool made) {
  if (!write->keep_part && !(write->staged && made)) return;
  struct land_part *part = wg_arena_zalloc(batch->arena, sizeof *part);
  part->request = (const Wangge__V1__ImportParcelsRequest *)write->request;
  part->taken = !write->keep_part;
  struct land_part **end = &plan->parts;
  while (*end)
    end = &(*end)->next;
  *end = part;
}

static void decide_call(struct land *land, struct plan *plan, struct wg_batch *batch, struct wg_item *item) {
  struct asked *asked = item->state;
  if (repeat(plan, batch, item, asked->submission)) return;
  struct land_write *write = begin(land, plan, batch, asked->need, asked->write);
  write->action = asked->action;
  write->caller = item->caller;
  write->request = item->message;
  write->sealed_known = asked->sealed_known;
  write->staged = asked->staged;
  wg_status status = check_village(land, write, asked->action, &item->error);
  if (status == WG_OK) status = check_seen(write, &item->error);
  if (status == WG_OK) status = asked->action->decide(write, &item->error);
  if (status == WG_OK && !write->refused) status = after(write, &item->error);
  struct land_made *made = NULL;
  if (status == WG_OK && !write->refused && write->changed_count)
    status = append(plan, batch, asked->need, write, asked->action->name, item->caller->name, item->traceparent, &made,
                    &item->error);
  plan->failed += status != WG_OK;
  if (status != WG_OK) return;
  note_part(plan, batch, write, made != NULL);
  Wangge__V1__LandReply *reply = make_reply(batch->arena);
  fill_reply(reply, write, made);
  item->reply = &reply->base;
  plan->refused += write->refused;
  if (!made) return;
  asked->submission->made = true;
  asked->submission->reply = wg_pack(&reply->base, batch->arena);
}

// --- decide: time, and news of orders ---
// nobody begins a write that no person makes.
static struct land_write *nobody(struct land *land, struct plan *plan, struct wg_batch *batch, struct land_need *need,
                                 const char *reason) {
  Wangge__V1__LandWrite *who = wg_arena_alloc(batch->arena, sizeof *who);
  wangge__v1__land_write__init(who);
  who->village = need->code;
  who->person = (char *)(uintptr_t) "system";
  who->reason = (char *)(uintptr_t)reason;
  return begin(land, plan, batch, need, who);
}

static void act_on(struct land *land, struct plan *plan, struct wg_batch *batch, struct land_need *need,
                   const Wangge__V1__LandRecord *record, const struct land_timer *timer) {
  struct land_write *write = nobody(land, plan, batch, need, "");
  struct wg_error error = {0};
  struct land_made *made = NULL;
  wg_status status = timer->due(write, record, &error);
  if (status == WG_OK && !write->refused) status = after(write, &error);
  if (status == WG_OK && !write->refused && write->changed_count)
    status = append(plan, batch, need, write, "tick", "land", "", &made, &error);
  if (made) return;
  plan->failed++;
  wg_log(WG_LOG_ERROR, "what is due could not be done", wg_field_text("village", need->code),
         wg_field_text("kind", land_kind_name((int)record->body_case)), wg_field_text("id", record->id),
         wg_field_text("error", status != WG_OK        ? error.message
                                : write->finding_count ? write->findings[0]->message_en
                                                       : "nothing was changed"));
}

static void let_time_act(struct land *land, struct plan *plan, struct wg_batch *batch, struct land_need *need) {
  char today[WG_DAY_TEXT];
  wg_day_format(land_today(batch->now), today);
  const size_t kinds = land_kind_count();
  for (size_t i = 0; i < kinds; i++) {
    const struct land_timer *timer = land_timer_find(land_kind_at(i));
    if (!timer) continue;
    // Collected first: acting changes the book.
    const size_t most = wg_book_count(plan->draft, need->code, timer->kind);
    const Wangge__V1__LandRecord **due = wg_arena_alloc(batch->arena, (most + 1) * sizeof *due);
    size_t count = 0;
    struct wg_book_walk walk = wg_book_walk(plan->draft, need->code, timer->kind, "");
    for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
      if (*record->due_on && strcmp(record->due_on, today) <= 0) due[count++] = record;
    }
    for (size_t k = 0; k < count && plan->due_writes < DUE_WRITES; k++, plan->due_writes++)
      act_on(land, plan, batch, need, due[k], timer);
  }
}

// hear gives news to the topics; one that changes nothing leaves no entry.
static void hear(struct land *land, struct plan *plan, struct wg_batch *batch, struct land_need *need,
                 const struct land_news *news) {
  static const char *const words[] = {"", "open", "closed", "void", "reopened"};
  struct land_write *write = nobody(land, plan, batch, need,
                                    wg_arena_printf(batch->arena, "order %" PRId64 " step %" PRId32 ": %s",
                                                    news->order_id, news->step, words[news->kind]));
  struct wg_error error = {0};
  struct land_made *made = NULL;
  wg_status status = WG_OK;
  for (const struct land_topic *const *topic = LAND_TOPICS; *topic && status == WG_OK; topic++)
    if ((*topic)->news) status = (*topic)->news(write, news, &error);
  if (status == WG_OK && !write->refused) status = after(write, &error);
  if (status == WG_OK && !write->refused && write->changed_count)
    status = append(plan, batch, need, write, "order", "land", "", &made, &error);
  if (status == WG_OK && !write->refused) return;
  plan->failed++;
  wg_log(WG_LOG_ERROR, "news of an order could not be taken up", wg_field_text("village", need->code),
         wg_field_text("external_id", news->external_id),
         wg_field_text("error", status != WG_OK ? error.message : write->findings[0]->message_en));
}

// wait_for notes a village for the next tick, which loads it.
static void wait_for(struct land_dues *dues, const char *village) {
  for (size_t i = 0; i < dues->count; i++)
    if (strcmp(dues->village[i], village) == 0) return;
  if (dues->count < LAND_DUES) snprintf(dues->village[dues->count++], sizeof dues->village[0], "%s", village);
}

static void take_news(struct land *land, struct plan *plan, struct wg_batch *batch) {
  for (size_t i = 0; plan->news && i < plan->news->count; i++) {
    struct land_news *news = &plan->news->pending[i];
    struct land_need *need = plan->needs;
    while (need && strcmp(need->code, news->village) != 0)
      need = need->next;
    if (need) hear(land, plan, batch, need, news);
    else wait_for(&plan->dues, news->village);
    news->taken = need != NULL;
  }
}

wg_status land_decide(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)error;
  struct land *land = service;
  struct plan *plan = batch->state;
  // Not before all villages are loaded: the draft is a view of what is in the book.
  plan->draft = wg_book_draft(land->book, batch->arena);
  if (plan->acts) {
    for (size_t i = 0; i < land->dues.count; i++)
      let_time_act(land, plan, batch, need_of(land, plan, batch, land->dues.village[i]));
  }
  take_news(land, plan, batch);
  for (size_t i = 0; i < batch->count; i++) {
    if (batch->items[i].kind == WG_ITEM_CALL) decide_call(land, plan, batch, &batch->items[i]);
  }
  batch->tick_again = plan->tick && (plan->dues.count > 0 || plan->acts || land_daily_more(plan->daily));
  return WG_OK;
}

// --- store ---
wg_status land_store(void *service, struct wg_batch *batch, struct wg_error *error) {
  const struct plan *plan = batch->state;
  wg_status status = land_store_heads(batch, plan->needs, error); // the row of a village is its lock: first
  if (status == WG_OK) status = land_store_entries(batch, plan->made, plan->draft, error);
  if (status == WG_OK) status = land_store_submissions(batch, plan->submissions, error);
  if (status == WG_OK && plan->tick) status = land_store_forget(batch, error);
  if (status == WG_OK) status = land_parts_store(batch, plan->parts, plan->tick, error);
  if (status == WG_OK) status = land_news_store(batch, plan->news, error);
  if (status == WG_OK) status = land_orders_store(plan->sending, batch, plan->made, error);
  if (status == WG_OK) status = land_daily_store(service, batch, plan->daily, error);
  return status;
}

// make_room forgets villages that were not used for longest.
static void make_room(struct land *land) {
  while (land->bytes > KEPT_BYTES) {
    struct land_village *oldest = NULL;
    size_t position = 0;
    const char *code;
    void *value;
    while (wg_map_next(land->villages, &position, &code, &value)) {
      struct land_village *village = value;
      if (village->used < land->batches && (!oldest || village->used < oldest->used)) oldest = village;
    }
    if (!oldest) return;
    land_forget(land, oldest);
  }
}

void land_committed(void *service, struct wg_batch *batch) {
  struct land *land = service;
  const struct plan *plan = batch->state;
  if (!plan) return;
  if (plan->draft) wg_book_apply(land->book, plan->draft);
  for (const struct land_made *made = plan->made; made; made = made->next) {
    struct land_village *village = wg_map_get(land->villages, made->entry.village);
    village->bytes += made->payload.size;
    land->bytes += made->payload.size;
  }
  for (const struct land_need *need = plan->needs; need; need = need->next)
    need->village->head = need->head;
  if (plan->tick) land->dues = plan->dues;
  land_orders_committed(land, plan->sending);
  land_daily_committed(land, plan->daily);
  make_room(land);
  wg_count(land->entries, plan->entries);
  wg_count(land->refused, plan->refused);
  wg_count(land->repeated, plan->repeated);
  wg_count(land->failed, plan->failed);
  wg_count(land->loaded, plan->loaded);
  wg_set(land->held, (double)wg_map_count(land->villages));
}

// What was loaded stands as it was committed before; nothing else was changed in memory.
void land_rolled_back(void *service, struct wg_batch *batch) {
  (void)service, (void)batch;
}
