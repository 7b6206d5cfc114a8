// Desk and Precedents, in reader threads. SQL of the desk is here.
#include "services/routing/routing.h"

#include "common/base/text.h"
#include "common/wire/wire.h"
#include "services/routing/legs.h"
#include "services/routing/study.h"

#include <inttypes.h>
#include <string.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name
#define KIND(name) WANGGE__V1__DESK_KIND__DESK_KIND_##name

enum { DESK_DEFAULT = 50, DESK_MOST = 200, PRECEDENTS_DEFAULT = 50, PRECEDENTS_MOST = 1000, FITTING_MOST = 3 };

static wg_status check_district(const char *district, struct wg_error *error) {
  if (!*district || wg_all_digits(district, 6)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be empty or 6 digits");
}

static wg_status check_page(int32_t limit, int32_t most, const char *token, int64_t *after, struct wg_error *error) {
  if (limit < 0 || limit > most) return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", most);
  *after = 0;
  if (!*token || (wg_parse_i64(token, after) && *after > 0)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

// --- Desk ---
// Index assignment_desk, once per district; the returns of an order decide whether it is a new one or came back.
// $1 district or '', $2 the caller's districts (none: all), $3 after this order id, $4 limit, $5 states, $6 came back:
// 0 no, 1 yes, 2 either.
static const struct wg_statement DESK = {
    "routing_desk",
    "WITH RECURSIVE d(district) AS (SELECT min(district) FROM assignment UNION ALL "
    "SELECT (SELECT min(a.district) FROM assignment a WHERE a.district > d.district) FROM d "
    "WHERE d.district IS NOT NULL) SELECT " ROUTING_COLUMNS ", a.received FROM (SELECT r.district, r.order_id FROM d "
    "CROSS JOIN LATERAL (SELECT p.district, p.order_id FROM assignment p WHERE p.district = d.district "
    "AND p.state IN (1, 5, 6) AND p.order_id > $3 AND p.state = ANY ($5::smallint[]) "
    "AND ($6::int = 2 OR ($6::int = 1) = (p.decided_by <> 'rule')) ORDER BY p.order_id LIMIT $4) r "
    "WHERE ($1 = '' OR d.district = $1) AND (cardinality($2::text[]) = 0 OR d.district = ANY ($2)) "
    "ORDER BY r.order_id LIMIT $4) f JOIN assignment a ON a.district = f.district AND a.order_id = f.order_id "
    "ORDER BY a.order_id",
    6};

// Primary key of merge_suggestion, once per district. Parameters 1 to 4 of DESK.
static const struct wg_statement DESK_MERGES = {
    "routing_desk_merges",
    "WITH RECURSIVE d(district) AS (SELECT min(district) FROM merge_suggestion UNION ALL "
    "SELECT (SELECT min(a.district) FROM merge_suggestion a WHERE a.district > d.district) FROM d "
    "WHERE d.district IS NOT NULL) SELECT " ROUTING_COLUMNS ", a.received FROM (SELECT r.district, r.order_id FROM d "
    "CROSS JOIN LATERAL (SELECT DISTINCT s.district, s.order_id FROM merge_suggestion s WHERE s.district = d.district "
    "AND s.order_id > $3 AND s.state = 1 ORDER BY s.order_id LIMIT $4) r "
    "WHERE ($1 = '' OR d.district = $1) AND (cardinality($2::text[]) = 0 OR d.district = ANY ($2)) "
    "ORDER BY r.order_id LIMIT $4) f JOIN assignment a ON a.district = f.district AND a.order_id = f.order_id "
    "ORDER BY a.order_id",
    4};
// Primary key of merge_suggestion, in the order that the desk lists the orders.
static const struct wg_statement DESK_SUGGESTED = {
    "routing_desk_suggested",
    "SELECT " ROUTING_SUGGESTED_COLUMNS " FROM unnest($1::text[], $2::bigint[]) AS w(district, order_id) "
    "JOIN merge_suggestion s ON s.district = w.district AND s.order_id = w.order_id AND s.state = 1 "
    "ORDER BY s.order_id, s.rank, s.score DESC, s.problem_id",
    2};

static struct wg_params *desk_params(struct wg_read_call *call, const Wangge__V1__DeskRequest *request, int64_t after,
                                     int32_t limit) {
  static const struct {
    int16_t states[3];
    int32_t back;
  } KINDS[] = {{{STATE(DESK), STATE(RETURN_REVIEW), STATE(ADJUDICATING)}, 2},
               {{STATE(DESK)}, 0},
               {{STATE(DESK)}, 1},
               {{STATE(RETURN_REVIEW)}, 2},
               {{STATE(ADJUDICATING)}, 2},
               {{0}, 2}};
  struct wg_params *params = wg_params(call->arena, 6);
  struct wg_column *districts = wg_column_text(call->arena, 32), *states = wg_column_i16(call->arena, 3);
  for (int i = 0; i < call->caller->districts; i++)
    wg_push_text(districts, call->caller->district[i]);
  for (int i = 0; i < 3; i++) {
    if (KINDS[request->kind].states[i]) wg_push_i16(states, KINDS[request->kind].states[i]);
  }
  wg_param_text(params, request->district);
  wg_param_column(params, districts);
  wg_param_i64(params, after);
  wg_param_i64(params, limit);
  if (request->kind == KIND(MERGE)) return params;
  wg_param_column(params, states);
  wg_param_i32(params, KINDS[request->kind].back);
  return params;
}

static Wangge__V1__DeskKind kind_of(const struct routing_assignment *subject) {
  if (subject->state == STATE(RETURN_REVIEW)) return KIND(RETURN_REVIEW);
  if (subject->state == STATE(ADJUDICATING)) return KIND(ADJUDICATION);
  return strcmp(subject->decided_by, "rule") == 0 ? KIND(UNROUTABLE) : KIND(RETURNED);
}

static char *why(const struct routing_assignment *subject, struct wg_arena *arena) {
  const struct routing_return *one = subject->returns;
  switch (kind_of(subject)) {
  case KIND(RETURN_REVIEW):
    return wg_arena_printf(arena, "%s wants to return it: %s; basis: %s; proposes %s", one->department, one->reason,
                           one->basis, one->proposed);
  case KIND(ADJUDICATION):
    if (!one) return wg_arena_strdup(arena, "a dispatcher put it to adjudication");
    return wg_arena_printf(arena, "disputed: %s returned it (%d of the order): %s; proposes %s", one->department,
                           one->n, one->reason, one->proposed);
  case KIND(RETURNED):
    return wg_arena_printf(arena, "return accepted: %s", subject->reason);
  default:
    return wg_arena_strdup(arena, subject->evidence);
  }
}

static void add_calls(Wangge__V1__DeskItem *item, Wangge__V1__AssignmentState state, struct wg_arena *arena) {
  item->calls = wg_arena_alloc(arena, ROUTING_EVENTS * sizeof *item->calls);
  for (int event = 0; event < ROUTING_EVENTS; event++) {
    const char *name = routing_event_call((enum routing_event)event);
    if (!routing_possible(state, (enum routing_event)event, ROUTING_BY_DISPATCHER)) continue;
    if (item->n_calls && strcmp(item->calls[item->n_calls - 1], name) == 0) continue;
    item->calls[item->n_calls++] = wg_arena_strdup(arena, name);
  }
}

// copy_precedent: the table may grow when the lock is given back.
static Wangge__V1__Precedent *copy_precedent(const struct routing_precedent *one, struct wg_arena *arena) {
  Wangge__V1__Precedent *message = routing_precedent_message(one, arena);
  char **texts[] = {&message->district, &message->category, &message->place,
                    &message->lead,     &message->basis,    &message->decided_by};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = wg_arena_strdup(arena, *texts[i]);
  message->assists = wg_arena_alloc(arena, (message->n_assists + 1) * sizeof *message->assists);
  for (size_t i = 0; i < message->n_assists; i++)
    message->assists[i] = wg_arena_strdup(arena, one->assists[i]);
  return message;
}

static void add_precedents(Wangge__V1__DeskItem *item, const struct routing *routing,
                           const struct routing_assignment *subject, struct wg_arena *arena) {
  const struct routing_precedent *found[FITTING_MOST];
  const size_t count = routing_precedents_fitting(routing->precedents, subject->district, subject->category,
                                                  routing_found_area(subject), found, FITTING_MOST);
  item->precedents = wg_arena_alloc(arena, FITTING_MOST * sizeof *item->precedents);
  for (size_t i = 0; i < count; i++)
    item->precedents[item->n_precedents++] = copy_precedent(found[i], arena);
}

// add_order also gives the subject its order.
static wg_status add_order(Wangge__V1__DeskItem *item, struct routing_assignment *subject, struct wg_bytes received,
                           struct wg_arena *arena, struct wg_error *error) {
  const Wangge__V1__OrderReceived *event = NULL;
  const wg_status status = routing_received_read(received, arena, &event, error);
  if (status != WG_OK) return status;
  const Wangge__V1__Order *order = event->order;
  item->title = order->title;
  item->address = order->address;
  subject->order = order;
  const char *area = routing_found_area(subject);
  if (strlen(area) == 15) item->grid_code = wg_arena_strdup(arena, area);
  item->received_at = order->received_at;
  return WG_OK;
}

static void add_item(struct wg_read_call *call, Wangge__V1__DeskItem *item, const struct routing_assignment *subject) {
  const struct routing *routing = call->service;
  struct routing_window window = routing_window_copy(routing);
  const struct routing_view view = {.legs = true, .persons = true, .window = &window};
  item->kind = kind_of(subject);
  item->assignment = routing_assignment_message(subject, &view, call->arena);
  item->why = why(subject, call->arena);
  add_calls(item, subject->state, call->arena);
  add_precedents(item, routing, subject, call->arena);
  if (!subject->returns) return;
  item->n_returns = (size_t)subject->returns->n;
  item->returns = wg_arena_alloc(call->arena, item->n_returns * sizeof *item->returns);
  for (const struct routing_return *one = subject->returns; one; one = one->older)
    item->returns[one->n - 1] = routing_return_message(one, true, call->arena);
}

static wg_status read_items(struct wg_read_call *call, const PGresult *result, Wangge__V1__DeskResponse *response,
                            struct wg_error *error) {
  const size_t rows = (size_t)PQntuples(result);
  struct routing_assignment **subjects = wg_arena_alloc(call->arena, (rows + 1) * sizeof *subjects);
  response->items = wg_arena_alloc(call->arena, (rows + 1) * sizeof *response->items);
  wg_status status = WG_OK;
  for (size_t row = 0; row < rows && status == WG_OK; row++) {
    Wangge__V1__DeskItem *item = wg_arena_alloc(call->arena, sizeof *item);
    wangge__v1__desk_item__init(item);
    response->items[response->n_items++] = item;
    subjects[row] = routing_read_row(result, (int)row, call->arena);
    status = add_order(item, subjects[row], wg_get_bytea(result, (int)row, ROUTING_COLUMN_COUNT), call->arena, error);
  }
  if (status == WG_OK) status = routing_read_parts(call->db, subjects, rows, call->arena, error);
  if (status != WG_OK) return status;
  struct routing *routing = call->service;
  pthread_rwlock_rdlock(&routing->lock);
  for (size_t row = 0; row < rows; row++)
    add_item(call, response->items[row], subjects[row]);
  pthread_rwlock_unlock(&routing->lock);
  return WG_OK;
}

// add_suggestions makes items of merges of what was read as orders.
static wg_status add_suggestions(struct wg_read_call *call, Wangge__V1__DeskResponse *response,
                                 struct wg_error *error) {
  struct wg_column *districts = wg_column_text(call->arena, response->n_items);
  struct wg_column *orders = wg_column_i64(call->arena, response->n_items);
  for (size_t i = 0; i < response->n_items; i++) {
    Wangge__V1__DeskItem *item = response->items[i];
    item->kind = KIND(MERGE);
    item->calls = wg_arena_alloc(call->arena, 2 * sizeof *item->calls);
    item->calls[0] = wg_arena_strdup(call->arena, "DecideSuggestion");
    item->calls[1] = wg_arena_strdup(call->arena, "Merge");
    item->n_calls = 2;
    item->suggestions = wg_arena_alloc(call->arena, ROUTING_SUGGESTIONS * sizeof *item->suggestions);
    wg_push_text(districts, item->assignment->district);
    wg_push_i64(orders, item->assignment->order_id);
  }
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_column(params, districts);
  wg_param_column(params, orders);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &DESK_SUGGESTED, params, &result, error);
  if (status != WG_OK) return status;
  size_t at = 0;
  for (int row = 0; row < PQntuples(result); row++) {
    const struct routing_suggested *one = routing_suggested_row(result, row, call->arena);
    while (at < response->n_items && response->items[at]->assignment->order_id != one->order_id)
      at++;
    if (at == response->n_items) break;
    Wangge__V1__DeskItem *item = response->items[at];
    if (item->n_suggestions == ROUTING_SUGGESTIONS) continue;
    if (!item->n_suggestions) item->why = wg_arena_strdup(call->arena, one->evidence);
    item->suggestions[item->n_suggestions++] = routing_suggested_message(one, call->arena);
  }
  PQclear(result);
  return WG_OK;
}

wg_status routing_desk(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__DeskRequest *request = (const Wangge__V1__DeskRequest *)call->request;
  int64_t after = 0;
  wg_status status = check_page(request->limit, DESK_MOST, request->page_token, &after, error);
  if (status == WG_OK) status = check_district(request->district, error);
  if (status == WG_OK && ((int)request->kind < 0 || (int)request->kind > KIND(MERGE)))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "kind", "must be a value of DeskKind");
  if (status != WG_OK) return status;
  const int32_t limit = request->limit ? request->limit : DESK_DEFAULT;
  PGresult *result = NULL;
  status = wg_db_run(call->db, request->kind == KIND(MERGE) ? &DESK_MERGES : &DESK,
                     desk_params(call, request, after, limit), &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__DeskResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__desk_response__init(response);
  status = read_items(call, result, response, error);
  PQclear(result);
  if (status == WG_OK && request->kind == KIND(MERGE)) status = add_suggestions(call, response, error);
  if (status != WG_OK) return status;
  if (response->n_items == (size_t)limit)
    response->next_page_token =
        wg_arena_printf(call->arena, "%" PRId64, response->items[limit - 1]->assignment->order_id);
  *reply = &response->base;
  return WG_OK;
}

// --- Precedents ---
static bool wanted(const struct wg_principal *caller, const Wangge__V1__PrecedentsRequest *request,
                   const struct routing_precedent *one) {
  if (!routing_may_district(caller, one->district)) return false;
  if (*request->district && strcmp(request->district, one->district) != 0) return false;
  if (*request->category && !routing_precedent_covers(one, request->category)) return false;
  const char *place = *one->place ? one->place : one->district;
  return !*request->place || strncmp(request->place, place, strlen(place)) == 0;
}

static wg_status check_place(const char *place, struct wg_error *error) {
  const size_t size = strlen(place);
  if (size == 0 || ((size == 6 || size == 9 || size == 12 || size == 15) && wg_all_digits(place, size))) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "place", "must be empty or 6, 9, 12 or 15 digits");
}

wg_status routing_show_precedents(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__PrecedentsRequest *request = (const Wangge__V1__PrecedentsRequest *)call->request;
  int64_t before = 0;
  wg_status status = check_page(request->limit, PRECEDENTS_MOST, request->page_token, &before, error);
  if (status == WG_OK) status = check_district(request->district, error);
  if (status == WG_OK) status = check_place(request->place, error);
  if (status != WG_OK) return status;
  const size_t limit = request->limit ? (size_t)request->limit : PRECEDENTS_DEFAULT;
  Wangge__V1__PrecedentsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__precedents_response__init(response);
  response->precedents = wg_arena_alloc(call->arena, limit * sizeof *response->precedents);
  struct routing *routing = call->service;
  pthread_rwlock_rdlock(&routing->lock);
  // Precedents are only added, so a place in the table is a good token.
  size_t at = routing_precedents_count(routing->precedents);
  if (before && (size_t)before <= at) at = (size_t)before - 1;
  while (at > 0 && response->n_precedents < limit) {
    const struct routing_precedent *one = routing_precedents_at(routing->precedents, --at);
    if (wanted(call->caller, request, one))
      response->precedents[response->n_precedents++] = copy_precedent(one, call->arena);
  }
  pthread_rwlock_unlock(&routing->lock);
  if (at > 0) response->next_page_token = wg_arena_printf(call->arena, "%zu", at + 1);
  *reply = &response->base;
  return WG_OK;
}
