// See duty_batch.h.
#include "services/registry/duty_batch.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/records/records.h"
#include "common/wire/wire.h"
#include "services/registry/duty_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DUTIES_OF_EVENT = 2000 };
#define FUTURE_US (300 * WG_SECOND_US)

void registry_duty_metrics(struct registry_duty_state *state, struct wg_metrics *metrics) {
  static const char NAME[] = "wangge_registry_duties_total", HELP[] = "Duties, by what became of them";
  state->made = wg_counter(metrics, NAME, "state=\"made\"", HELP);
  state->pushed = wg_counter(metrics, NAME, "state=\"pushed\"", HELP);
  state->refused = wg_counter(metrics, NAME, "state=\"refused\"", HELP);
  state->skipped = wg_counter(metrics, "wangge_registry_duty_days_skipped_total", NULL,
                              "Days whose duties were not made because the registry was down for too long");
  state->pending = wg_gauge(metrics, "wangge_registry_duties_pending", NULL, "Duties that intake has not taken yet");
  state->oldest = wg_gauge(metrics, "wangge_registry_duty_oldest_pending_seconds", NULL,
                           "Age of the oldest duty that intake has not taken yet; 0: none");
  state->failures = wg_counter(metrics, "wangge_registry_duty_push_failures_total", NULL,
                               "Pushes of duties that intake refused as a whole, or that could not be made");
}

void registry_duty_stop(struct registry_duty_state *state) {
  wg_orders_stop(state->push);
  free(state->progress);
  *state = (struct registry_duty_state){0};
}

wg_status registry_duty_load_state(struct registry_duty_state *state, struct wg_db *db, struct wg_error *error) {
  free(state->progress);
  state->progress = NULL;
  state->count = 0;
  return registry_store_duty_days(db, &state->progress, &state->count, error);
}

// --- load ---
struct registry_duty_plan *registry_duty_plan(struct registry_duty_state *state, struct wg_batch *batch) {
  struct registry_duty_plan *plan = wg_arena_zalloc(batch->arena, sizeof *plan);
  plan->happenings = wg_arena_alloc(batch->arena, (batch->count + 1) * sizeof *plan->happenings);
  plan->duties = (struct registry_duties){.arena = batch->arena, .most = SIZE_MAX};
  plan->pending.arena = batch->arena;
  plan->made = wg_arena_zalloc(batch->arena, sizeof *plan->made);
  for (size_t i = 0; i < batch->count; i++)
    plan->tick |= batch->items[i].kind == WG_ITEM_TICK;
  plan->wants_pending = plan->tick && state->push && wg_orders_idle(state->push);
  return plan;
}

static bool is_call(const struct wg_item *item, const ProtobufCMessageDescriptor *type) {
  return item->kind == WG_ITEM_CALL && item->message->descriptor == type;
}

wg_status registry_duty_load(struct registry_duty_state *state, struct registry_duty_plan *plan, struct wg_batch *batch,
                             struct wg_error *error) {
  (void)state;
  wg_status status = WG_OK;
  for (size_t i = 0; i < batch->count && status == WG_OK; i++) {
    struct wg_item *item = &batch->items[i];
    if (!is_call(item, &wangge__v1__happen_request__descriptor)) continue;
    const Wangge__V1__HappenRequest *request = (const Wangge__V1__HappenRequest *)item->message;
    struct registry_happening *happening = wg_arena_zalloc(batch->arena, sizeof *happening);
    *happening =
        (struct registry_happening){.district = request->district, .principal = item->caller->name, .request = request};
    item->state = happening;
    status = registry_store_load_happening(batch, happening, error);
  }
  if (status == WG_OK && plan->tick) status = registry_store_load_pending(batch, plan, error);
  return status;
}

// --- Happen ---
// find_happening: as the database has it, or as an earlier call of this batch made it.
static const struct registry_happening *find_happening(const struct registry_duty_plan *plan,
                                                       const struct registry_happening *wanted) {
  if (wanted->stored) return wanted;
  for (size_t i = 0; i < plan->happening_count; i++) {
    const struct registry_happening *one = plan->happenings[i];
    if (strcmp(one->district, wanted->district) == 0 && strcmp(one->principal, wanted->principal) == 0 &&
        strcmp(one->request->event_id, wanted->request->event_id) == 0)
      return one;
  }
  return NULL;
}

static wg_status answer_again(const struct registry_happening *known, const Wangge__V1__HappenRequest *request,
                              struct wg_arena *arena, struct wg_item *item) {
  if (strcmp(known->event, request->event) != 0 || strcmp(known->kind, request->kind) != 0 ||
      strcmp(known->code, request->code) != 0)
    return wg_fail(&item->error, WG_ALREADY_EXISTS, "event_id",
                   "was told before of another event (%s, %s): use a new id", known->event, known->kind);
  return wg_unpack(&wangge__v1__happen_response__descriptor, known->answer, arena, &item->reply, &item->error);
}

static Wangge__V1__HappenResponse *name_duties(const struct registry_duties *duties, struct wg_arena *arena) {
  Wangge__V1__HappenResponse *response = wg_arena_alloc(arena, sizeof *response);
  wangge__v1__happen_response__init(response);
  response->duties = wg_arena_alloc(arena, (duties->count + 1) * sizeof *response->duties);
  for (size_t i = 0; i < duties->count; i++)
    response->duties[response->n_duties++] = (char *)(uintptr_t)duties->duty[i].duty_id;
  return response;
}

static void take_duties(struct registry_duty_plan *plan, const struct registry_duties *more) {
  struct registry_duties *all = &plan->duties;
  if (!more->count) return;
  struct registry_duty *joined = wg_arena_alloc(all->arena, (all->count + more->count) * sizeof *joined);
  if (all->count) memcpy(joined, all->duty, all->count * sizeof *joined);
  memcpy(joined + all->count, more->duty, more->count * sizeof *joined);
  all->duty = joined;
  all->count += more->count;
}

void registry_duty_happen(struct registry_duty_plan *plan, const struct wg_book *book, struct wg_batch *batch,
                          struct wg_item *item) {
  struct registry_happening *happening = item->state;
  const Wangge__V1__HappenRequest *request = happening->request;
  const struct registry_happening *known = find_happening(plan, happening);
  if (known) {
    answer_again(known, request, batch->arena, item);
    return;
  }
  happening->happened_at = request->happened_at ? request->happened_at : batch->now;
  if (happening->happened_at > batch->now + FUTURE_US) {
    wg_fail(&item->error, WG_INVALID_ARGUMENT, "happened_at", "is more than 5 minutes in the future");
    return;
  }
  const struct wg_kind *kind = wg_kind_find(request->kind);
  const Wangge__V1__Record *record = wg_book_get(book, request->district, (int)kind->body_case, request->code);
  if (!record) {
    wg_fail(&item->error, WG_NOT_FOUND, "code", "there is no %s of this code", request->kind);
    return;
  }
  const struct registry_event event = {.district = request->district,
                                       .principal = happening->principal,
                                       .event_id = request->event_id,
                                       .event = request->event,
                                       .note = request->note,
                                       .record = record,
                                       .happened_at = happening->happened_at};
  struct registry_duties duties = {.arena = batch->arena, .most = DUTIES_OF_EVENT};
  registry_duties_of_event(book, &event, &duties);
  if (duties.more) {
    wg_fail(&item->error, WG_FAILED_PRECONDITION, "code",
            "would make more than %d duties: tell it of smaller areas one by one", DUTIES_OF_EVENT);
    return;
  }
  Wangge__V1__HappenResponse *response = name_duties(&duties, batch->arena);
  item->reply = &response->base;
  happening->event = request->event;
  happening->kind = request->kind;
  happening->code = request->code;
  happening->answer = wg_pack(&response->base, batch->arena);
  plan->happenings[plan->happening_count++] = happening;
  take_duties(plan, &duties);
}

// --- RedriveDuties ---
void registry_duty_redrive(struct wg_batch *batch, struct wg_item *item) {
  Wangge__V1__RedriveDutiesResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
  wangge__v1__redrive_duties_response__init(response);
  item->reply = &response->base;
}

// --- tick ---
static void tell_skipped(const struct registry_duty_progress *progress, int32_t skipped) {
  wg_log(WG_LOG_WARN, "duties of days long past are not made any more", wg_field_text("district", progress->district),
         wg_field_int("days", skipped), wg_field_int("days_made_up_for", REGISTRY_DUTY_DAYS_BACK));
}

// make_day makes what is left of one day, within the room; false: there is no room for all.
static bool make_day(struct registry_duty_plan *plan, struct registry_duty_progress *progress, int32_t today,
                     const struct wg_book *book, size_t *room) {
  struct registry_duties duties = {.arena = plan->duties.arena, .skip = progress->made, .most = *room};
  registry_duties_of_day(book, progress->district, progress->doing, &duties);
  take_duties(plan, &duties);
  *room -= duties.count;
  progress->made += duties.count;
  if (duties.more) return false;
  progress->done = progress->doing;
  progress->looked = progress->done == today;
  progress->doing = 0;
  progress->made = 0;
  return true;
}

// next_day finds what is to be made next; false: nothing.
static bool next_day(struct registry_duty_plan *plan, struct registry_duty_progress *progress, int32_t today) {
  int32_t skipped = 0;
  if (progress->doing) return true;
  if (registry_duty_next_day(progress->done, today, &progress->doing, &skipped)) {
    if (skipped) tell_skipped(progress, skipped);
    plan->skipped += skipped;
    return true;
  }
  if (progress->done != today || progress->looked) return false;
  progress->doing = today;
  return true;
}

void registry_duty_tick(struct registry_duty_state *state, struct registry_duty_plan *plan, const struct wg_book *book,
                        struct wg_batch *batch) {
  if (state->push) plan->answer_count = wg_orders_take(state->push, batch->arena, &plan->answers);
  const int32_t today = registry_duty_today(batch->now);
  size_t districts = 0, room = REGISTRY_DUTIES_A_BATCH;
  const char **district = wg_book_scopes(book, batch->arena, &districts);
  plan->progress = wg_arena_zalloc(batch->arena, (districts + 1) * sizeof *plan->progress);
  for (size_t i = 0; i < districts; i++) {
    struct registry_duty_progress *progress = &plan->progress[plan->progress_count++];
    snprintf(progress->district, sizeof progress->district, "%s", district[i]);
    for (size_t k = 0; k < state->count; k++) {
      if (strcmp(state->progress[k].district, district[i]) == 0) *progress = state->progress[k];
    }
    while (room && next_day(plan, progress, today) && make_day(plan, progress, today, book, &room))
      ;
  }
}

// --- store ---
wg_status registry_duty_store(const struct registry_duty_plan *plan, struct wg_batch *batch, struct wg_error *error) {
  wg_status status = registry_store_happenings(batch, plan, error);
  if (status == WG_OK) status = registry_store_duties(batch, plan, error);
  if (status == WG_OK && plan->tick) status = registry_store_duty_progress(batch, plan, error);
  if (status == WG_OK) status = registry_store_duty_answers(batch, plan, error);
  for (size_t i = 0; i < batch->count && status == WG_OK; i++) {
    if (is_call(&batch->items[i], &wangge__v1__redrive_duties_request__descriptor))
      status = registry_store_redrive(batch, &batch->items[i], error);
  }
  return status;
}

static void show(struct registry_duty_state *state, const struct registry_duty_plan *plan, int64_t now) {
  uint64_t pushed = 0;
  for (size_t i = 0; i < plan->answer_count; i++)
    pushed += !plan->answers[i].refused;
  wg_count(state->pushed, pushed);
  wg_count(state->refused, plan->answer_count - pushed);
  wg_count(state->skipped, (uint64_t)plan->skipped);
  if (!plan->tick) return;
  wg_set(state->pending, (double)plan->pending.count);
  wg_set(state->oldest, plan->pending.count ? (double)(now - plan->pending.oldest_at) / 1e6 : 0);
}

void registry_duty_committed(struct registry_duty_state *state, const struct registry_duty_plan *plan, bool changed,
                             int64_t now) {
  if (plan->tick) {
    free(state->progress);
    state->progress = wg_zalloc((plan->progress_count + 1) * sizeof *state->progress);
    state->count = plan->progress_count;
    for (size_t i = 0; i < plan->progress_count; i++) {
      state->progress[i] = plan->progress[i];
      state->progress[i].stored = state->progress[i].done;
    }
  }
  // What a day makes may be another now: begin it anew. What is made already is not made again.
  for (size_t i = 0; changed && i < state->count; i++) {
    state->progress[i].looked = false;
    state->progress[i].made = 0;
  }
  wg_count(state->made, *plan->made);
  show(state, plan, now);
  if (plan->wants_pending) wg_orders_give(state->push, plan->pending.orders, plan->pending.order_count);
}
