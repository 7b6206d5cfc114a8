// See batch.h.
#include "services/tracking/lists/batch.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"
#include "services/tracking/lists/check.h"
#include "services/tracking/lists/files.h"
#include "services/tracking/lists/store.h"
#include "services/tracking/notices.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { ENTRY_BYTES = 512 * 1024 };
#define TYPE(name) &wangge__v1__##name##__descriptor

void lists_metrics(struct lists_state *state, struct wg_metrics *metrics) {
  state->changes = wg_counter(metrics, "wangge_tracking_list_changes_total", NULL, "Changes of entries of lists");
  state->answers = wg_counter(metrics, "wangge_tracking_answers_total", NULL, "Answers to questionnaires counted");
  state->pending = wg_gauge(metrics, "wangge_tracking_list_orders_pending", NULL,
                            "Orders that meetings decided and intake has not taken yet");
  state->failures = wg_counter(metrics, "wangge_tracking_order_push_failures_total", NULL,
                               "Pushes of such orders that intake refused as a whole, or that could not be made");
}

void lists_stop(struct lists_state *state) {
  wg_orders_stop(state->orders);
  sodium_memzero(state->secret, sizeof state->secret);
}

// --- load ---
static bool is(const struct wg_item *item, const ProtobufCMessageDescriptor *type) {
  return item->kind == WG_ITEM_CALL && item->message->descriptor == type;
}

bool lists_takes(const struct wg_item *item) {
  return is(item, TYPE(change_entry_request)) || is(item, TYPE(issue_tokens_request)) || is(item, TYPE(answer_request));
}

static Wangge__V1__ListEntry *new_entry(const char *district, Wangge__V1__ListKind kind, const char *code,
                                        struct wg_arena *arena) {
  Wangge__V1__ListEntry *entry = wg_arena_alloc(arena, sizeof *entry);
  wangge__v1__list_entry__init(entry);
  entry->district = wg_arena_strdup(arena, district);
  entry->kind = kind;
  entry->code = wg_arena_strdup(arena, code);
  const ProtobufCFieldDescriptor *body = NULL; // its member has the name of the kind
  char word[32];
  body =
      protobuf_c_message_descriptor_get_field_by_name(TYPE(list_entry), wg_enum_name(TYPE(list_kind), (int)kind, word));
  const ProtobufCMessageDescriptor *type = body->descriptor;
  ProtobufCMessage *message = wg_arena_alloc(arena, type->sizeof_message);
  type->message_init(message);
  entry->body_case = (Wangge__V1__ListEntry__BodyCase)body->id;
  entry->pledge = (Wangge__V1__Pledge *)message; // members of the union are all pointers
  return entry;
}

static struct lists_row *row_of(struct lists_plan *plan, const char *district, Wangge__V1__ListKind kind,
                                const char *code) {
  for (size_t i = 0; i < plan->row_count; i++) {
    const Wangge__V1__ListEntry *entry = plan->rows[i]->entry;
    if (entry->kind == kind && strcmp(entry->code, code) == 0 && strcmp(entry->district, district) == 0)
      return plan->rows[i];
  }
  struct lists_row *row = wg_arena_zalloc(plan->arena, sizeof *row);
  row->entry = new_entry(district, kind, code, plan->arena);
  plan->rows[plan->row_count++] = row;
  return row;
}

static void plan_change(struct lists_plan *plan, struct lists_item *item,
                        const Wangge__V1__ChangeEntryRequest *request) {
  const struct lists_rule *rule = lists_rule_of((int)request->action_case);
  item->row = row_of(plan, request->district, rule->kind, request->code);
  if (request->action_case == WANGGE__V1__CHANGE_ENTRY_REQUEST__ACTION_TOPIC_PLEDGE)
    item->second =
        row_of(plan, request->district, WANGGE__V1__LIST_KIND__LIST_KIND_PLEDGE, request->topic_pledge->code);
}

static void plan_item(const struct lists_state *state, struct lists_plan *plan, struct lists_item *item,
                      const struct wg_item *from) {
  const Wangge__V1__ListKind questionnaire = WANGGE__V1__LIST_KIND__LIST_KIND_QUESTIONNAIRE;
  const struct wg_bytes packed = wg_pack(from->message, plan->arena);
  crypto_generichash(item->digest, sizeof item->digest, packed.data, packed.size, NULL, 0);
  if (is(from, TYPE(change_entry_request))) {
    plan_change(plan, item, (const void *)from->message);
  } else if (is(from, TYPE(issue_tokens_request))) {
    const Wangge__V1__IssueTokensRequest *request = (const void *)from->message;
    item->row = row_of(plan, request->district, questionnaire, request->code);
  } else {
    const Wangge__V1__AnswerRequest *request = (const void *)from->message;
    item->row = row_of(plan, request->district, questionnaire, request->code);
    lists_token_hash(state->secret, request->district, request->code, request->token, item->token);
    lists_answer_hash(state->secret, request->token, packed, item->digest);
  }
}

wg_status lists_load(struct lists_state *state, struct wg_batch *batch, struct lists_plan **made,
                     struct wg_error *error) {
  struct lists_plan *plan = wg_arena_zalloc(batch->arena, sizeof *plan);
  struct wg_arena *arena = plan->arena = batch->arena;
  bool any = false, tick = false;
  *made = plan;
  plan->wg_items = batch->items;
  plan->item_count = batch->count;
  plan->pending_total = -1;
  plan->items = wg_arena_zalloc(arena, (batch->count + 1) * sizeof *plan->items);
  for (size_t i = 0; i < batch->count; i++) {
    tick |= batch->items[i].kind == WG_ITEM_TICK;
    if (!lists_takes(&batch->items[i])) continue;
    if (!any) { // most batches have none
      plan->rows = wg_arena_alloc(arena, (2 * batch->count + 1) * sizeof *plan->rows);
      plan->counted = wg_arena_alloc(arena, (batch->count + 1) * sizeof *plan->counted);
      any = true;
    }
    plan->items[i] = wg_arena_zalloc(arena, sizeof **plan->items);
    plan_item(state, plan, plan->items[i], &batch->items[i]);
  }
  wg_status status = any ? lists_store_load(plan, batch, error) : WG_OK;
  if (status != WG_OK || !tick) return status;
  plan->wants_pending = state->orders && wg_orders_idle(state->orders);
  return lists_store_pending(plan, batch, error);
}

// --- decide ---
// copy_of is deep: actions change their entry in place, and take over parts of their request.
static void *copy_of(const ProtobufCMessage *message, struct wg_arena *arena, struct wg_error *error) {
  ProtobufCMessage *copy = NULL;
  return wg_unpack(message->descriptor, wg_pack(message, arena), arena, &copy, error) == WG_OK ? copy : NULL;
}

// Changes that the batch itself has made.
static const struct lists_made *made_before(const struct lists_plan *plan, const char *district, const char *by,
                                            const char *request_id) {
  for (size_t i = 0; i < plan->made_count; i++) {
    const struct lists_made *made = plan->made[i];
    if (strcmp(made->request_id, request_id) == 0 && strcmp(made->by, by) == 0 &&
        strcmp(made->entry->district, district) == 0)
      return made;
  }
  return NULL;
}

// repeat_of gives the entry as the request's first time left it; NULL without an error: it is new.
static Wangge__V1__ListEntry *repeat_of(const struct lists_plan *plan, const struct lists_item *item,
                                        const char *district, const char *by, const char *request_id,
                                        struct wg_error *error) {
  const struct lists_made *made = made_before(plan, district, by, request_id);
  const uint8_t *digest = made ? made->digest : item->repeated ? item->first_digest : NULL;
  if (!digest) return NULL;
  if (memcmp(digest, item->digest, LISTS_HASH_BYTES) == 0) return made ? made->entry : item->first;
  wg_fail(error, WG_ALREADY_EXISTS, "request_id", "it was used for another request; choose a new one");
  return NULL;
}

static void publish(struct wg_batch *batch, const struct lists_made *made, const char *traceparent) {
  Wangge__V1__EntryChange change = WANGGE__V1__ENTRY_CHANGE__INIT;
  change.version = made->entry->version;
  change.at = batch->now;
  change.by = (char *)(uintptr_t)made->by;
  change.person = (char *)(uintptr_t)made->person;
  change.action = (char *)(uintptr_t)made->action;
  change.reason = (char *)(uintptr_t)made->reason;
  change.state = made->entry->state;
  Wangge__V1__EntryChanged event = WANGGE__V1__ENTRY_CHANGED__INIT;
  event.entry = made->entry;
  event.change = &change;
  wg_log_append(batch->log, LISTS_STREAM, made->entry->district, &event.base, traceparent);
}

// note takes a changed entry into its row, for writing and telling.
static void note(struct lists_plan *plan, struct wg_batch *batch, struct lists_row *row, Wangge__V1__ListEntry *entry,
                 const struct lists_made *how, const char *traceparent) {
  struct lists_made *made = wg_arena_alloc(plan->arena, sizeof *made);
  assert(row && "whoever changes an entry has its row");
  *made = *how;
  made->entry = entry;
  made->body = wg_pack(&entry->base, plan->arena);
  plan->made = lists_append(plan->arena, plan->made, &plan->made_count, made);
  row->entry = entry;
  row->changed = true;
  publish(batch, made, traceparent);
}

static void note_order(struct lists_plan *plan, const struct lists_change *change) {
  struct lists_new_order *order = wg_arena_alloc(plan->arena, sizeof *order);
  *order = (struct lists_new_order){change->entry->code, change->request->topic_task->n, change->order};
  plan->new_orders = lists_append(plan->arena, plan->new_orders, &plan->new_order_count, order);
}

// ask_to_verify: a problem that is reported as done is to be looked at on the spot.
static void ask_to_verify(struct wg_batch *batch, const struct lists_change *change, const char *traceparent) {
  if (change->request->action_case != WANGGE__V1__CHANGE_ENTRY_REQUEST__ACTION_PROBLEM_REPORT) return;
  struct tracking_notice notice;
  tracking_notice_verify(change->entry, batch->now, &notice);
  wg_log_append(batch->log, TRACKING_NOTICES, notice.topic, &notice.message.base, traceparent);
}

static void note_solved(struct lists_plan *plan, const struct lists_change *change, const char *by) {
  struct lists_solved *solved = wg_arena_alloc(plan->arena, sizeof *solved);
  change->solution->version = change->entry->version;
  change->solution->reporter->by = (char *)(uintptr_t)by;
  *solved = (struct lists_solved){change->entry->district, change->solution};
  plan->solved = lists_append(plan->arena, plan->solved, &plan->solved_count, solved);
}

static Wangge__V1__ListEntry *do_change(const struct lists_state *state, struct lists_plan *plan,
                                        struct wg_batch *batch, struct wg_item *from, struct lists_item *item) {
  struct wg_error *error = &from->error;
  const Wangge__V1__ChangeEntryRequest *request = copy_of(from->message, plan->arena, error);
  if (!request) return NULL;
  Wangge__V1__ListEntry *first =
      repeat_of(plan, item, request->district, from->caller->name, request->request_id, error);
  if (first || error->code) return first;
  struct lists_change change = {.request = request,
                                .arena = plan->arena,
                                .now = batch->now,
                                .today = (int32_t)((batch->now + WG_SHANGHAI_OFFSET_US) / WG_DAY_US)};
  change.entry = copy_of(&item->row->entry->base, plan->arena, error);
  if (change.entry && item->second) change.pledge = copy_of(&item->second->entry->base, plan->arena, error);
  if (error->code || lists_decide(&change, error) != WG_OK) return NULL;
  if (protobuf_c_message_get_packed_size(&change.entry->base) > ENTRY_BYTES) {
    wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "the whole entry would be larger than %d bytes", ENTRY_BYTES);
    return NULL;
  }
  lists_files_tickets(state->secret, change.entry);
  struct lists_made how = {.by = from->caller->name,
                           .person = request->acting_person,
                           .action = lists_action_name((int)request->action_case),
                           .reason = request->reason,
                           .request_id = request->request_id};
  memcpy(how.digest, item->digest, sizeof how.digest);
  note(plan, batch, item->row, change.entry, &how, from->traceparent);
  if (change.order) note_order(plan, &change);
  ask_to_verify(batch, &change, from->traceparent);
  if (change.solution) note_solved(plan, &change, from->caller->name);
  if (change.pledge) {
    how.request_id = "";
    how.action = "pledge_draft";
    note(plan, batch, item->second, change.pledge, &how, from->traceparent);
  }
  return change.entry;
}

static void decide_change(const struct lists_state *state, struct lists_plan *plan, struct wg_batch *batch,
                          struct wg_item *from, struct lists_item *item) {
  Wangge__V1__ListEntry *entry = do_change(state, plan, batch, from, item);
  if (!entry) return;
  Wangge__V1__ChangeEntryResponse *response = wg_arena_alloc(plan->arena, sizeof *response);
  wangge__v1__change_entry_response__init(response);
  response->entry = entry;
  from->reply = &response->base;
}

// --- tokens ---
static void give_tokens(const struct lists_state *state, const Wangge__V1__IssueTokensRequest *request,
                        struct wg_item *from, struct wg_arena *arena) {
  Wangge__V1__IssueTokensResponse *response = wg_arena_alloc(arena, sizeof *response);
  wangge__v1__issue_tokens_response__init(response);
  response->tokens = wg_arena_alloc(arena, (size_t)request->count * sizeof *response->tokens);
  for (int i = 0; i < request->count; i++) {
    char *token = wg_arena_alloc(arena, LISTS_TOKEN_CHARS + 1);
    lists_token(state->secret, request, from->caller->name, i, token);
    response->tokens[response->n_tokens++] = token;
  }
  from->reply = &response->base;
}

static void keep_tokens(const struct lists_state *state, struct lists_plan *plan,
                        const Wangge__V1__IssueTokensRequest *request, const Wangge__V1__IssueTokensResponse *given) {
  for (size_t i = 0; i < given->n_tokens; i++) {
    struct lists_new_token *token = wg_arena_alloc(plan->arena, sizeof *token);
    token->district = request->district;
    token->code = request->code;
    lists_token_hash(state->secret, request->district, request->code, given->tokens[i], token->hash);
    plan->tokens = lists_append(plan->arena, plan->tokens, &plan->token_count, token);
  }
}

static void decide_tokens(const struct lists_state *state, struct lists_plan *plan, struct wg_batch *batch,
                          struct wg_item *from, struct lists_item *item) {
  struct wg_error *error = &from->error;
  const Wangge__V1__IssueTokensRequest *request = (const void *)from->message;
  if (repeat_of(plan, item, request->district, from->caller->name, request->request_id, error))
    give_tokens(state, request, from, plan->arena);
  if (from->reply || error->code) return;
  Wangge__V1__ListEntry *entry = copy_of(&item->row->entry->base, plan->arena, error);
  if (!entry) return;
  if (!entry->version) {
    wg_fail(error, WG_NOT_FOUND, "code", "there is no questionnaire \"%s\" in %s", request->code, request->district);
    return;
  }
  if (lists_answers_open(entry, batch->now, error) != WG_OK) return;
  Wangge__V1__Questionnaire *questionnaire = entry->questionnaire;
  if (request->count > questionnaire->most_tokens - questionnaire->issued) {
    wg_fail(error, WG_FAILED_PRECONDITION, "count", "of %d tokens %d are left", (int)questionnaire->most_tokens,
            (int)(questionnaire->most_tokens - questionnaire->issued));
    return;
  }
  questionnaire->issued += request->count;
  entry->version++;
  entry->changed_at = batch->now;
  struct lists_made how = {.by = from->caller->name,
                           .person = "",
                           .action = "issue_tokens",
                           .reason = "",
                           .request_id = request->request_id};
  memcpy(how.digest, item->digest, sizeof how.digest);
  note(plan, batch, item->row, entry, &how, from->traceparent);
  give_tokens(state, request, from, plan->arena);
  keep_tokens(state, plan, request, (const Wangge__V1__IssueTokensResponse *)from->reply);
}

// --- answers ---
// came_before: the same answer was counted, by an earlier batch or earlier in this one. Only a request_id makes it the
// same: without one nobody, not even who issued the token, can try out which answer it was used for.
static bool came_before(const struct lists_plan *plan, const struct lists_item *item,
                        const Wangge__V1__AnswerRequest *request) {
  if (!*request->request_id) return false;
  for (size_t i = 0; i < plan->counted_count; i++) {
    if (memcmp(plan->items[plan->counted[i]]->digest, item->digest, LISTS_HASH_BYTES) == 0) return true;
  }
  return item->counted_before;
}

// is_left: the token may still be used.
static bool is_left(const struct lists_plan *plan, const struct lists_item *item) {
  for (size_t i = 0; i < plan->counted_count; i++) {
    if (memcmp(plan->items[plan->counted[i]]->token, item->token, LISTS_HASH_BYTES) == 0) return false;
  }
  return item->token_known;
}

static void decide_answer(struct lists_plan *plan, struct wg_batch *batch, struct wg_item *from,
                          struct lists_item *item, size_t number) {
  struct wg_error *error = &from->error;
  const Wangge__V1__AnswerRequest *request = (const void *)from->message;
  const Wangge__V1__ListEntry *entry = item->row->entry;
  if (!entry->version || !entry->disclosed) {
    wg_fail(error, WG_NOT_FOUND, "code", "there is no questionnaire \"%s\" in %s", request->code, request->district);
    return;
  }
  if (!came_before(plan, item, request)) {
    if (!is_left(plan, item)) {
      wg_fail(error, WG_PERMISSION_DENIED, "token", "this questionnaire has no such token, or it was used");
      return;
    }
    if (lists_answers_open(entry, batch->now, error) != WG_OK ||
        lists_answer_check(entry->questionnaire, request, error) != WG_OK)
      return;
    plan->counted[plan->counted_count++] = number;
  }
  Wangge__V1__AnswerResponse *response = wg_arena_alloc(plan->arena, sizeof *response);
  wangge__v1__answer_response__init(response);
  from->reply = &response->base;
}

void lists_decide_batch(struct lists_state *state, struct lists_plan *plan, struct wg_batch *batch) {
  bool tick = false;
  for (size_t i = 0; i < batch->count; i++) {
    struct wg_item *from = &batch->items[i];
    tick |= from->kind == WG_ITEM_TICK;
    if (is(from, TYPE(change_entry_request))) decide_change(state, plan, batch, from, plan->items[i]);
    else if (is(from, TYPE(issue_tokens_request))) decide_tokens(state, plan, batch, from, plan->items[i]);
    else if (is(from, TYPE(answer_request))) decide_answer(plan, batch, from, plan->items[i], i);
  }
  if (tick && state->orders)
    plan->order_answer_count = wg_orders_take(state->orders, plan->arena, &plan->order_answers);
}

wg_status lists_store(const struct lists_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  return lists_store_write(plan, batch, error);
}

void lists_committed(struct lists_state *state, const struct lists_plan *plan) {
  wg_count(state->changes, plan->made_count);
  wg_count(state->answers, plan->counted_count);
  if (plan->pending_total >= 0) wg_set(state->pending, (double)plan->pending_total);
  if (plan->wants_pending) wg_orders_give(state->orders, plan->pending, plan->pending_count);
}
