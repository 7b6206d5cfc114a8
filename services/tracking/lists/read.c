// Entries, their history and figures, in reader threads. Who is no writer or operator reads what is disclosed.
#include "services/tracking/lists/read.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"
#include "services/tracking/lists/answer.h"
#include "services/tracking/lists/check.h"
#include "services/tracking/lists/figures.h"
#include "services/tracking/lists/files.h"
#include "services/tracking/tracking.h"

#include <string.h>

enum { PAGE_DEFAULT = 50, PAGE_MOST = 200, FIGURES_PART = 500 };

static bool sees_all(const struct wg_principal *caller) {
  return caller->roles & (LISTS_WRITERS | WG_ROLE_OPERATOR);
}

static wg_status check_reader(const struct wg_principal *caller, const char *district, struct wg_error *error) {
  if (!wg_all_digits(district, 6)) return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be 6 digits");
  if (tracking_may_district(caller, district)) return WG_OK;
  return wg_fail(error, WG_NOT_FOUND, "district", "there is no district %s that this caller may know of", district);
}

static wg_status check_kind(Wangge__V1__ListKind kind, struct wg_error *error) {
  if (kind && protobuf_c_enum_descriptor_get_value(&wangge__v1__list_kind__descriptor, (int)kind)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "kind", "must be a value of ListKind");
}

static wg_status page_size(int32_t *limit, struct wg_error *error) {
  if (*limit < 0 || *limit > PAGE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", PAGE_MOST);
  if (!*limit) *limit = PAGE_DEFAULT;
  return WG_OK;
}

static wg_status unpack(const PGresult *result, int row, int column, struct wg_arena *arena,
                        Wangge__V1__ListEntry **entry, struct wg_error *error) {
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__list_entry__descriptor, wg_get_bytea(result, row, column), arena, &message, error) !=
      WG_OK)
    return error->code = WG_INTERNAL; // what stands in the table is the service's own
  *entry = (Wangge__V1__ListEntry *)message;
  return WG_OK;
}

// --- one entry ---
// Primary keys.
static const struct wg_statement NEWEST = {
    "lists_entry", "SELECT disclosed, body FROM list_entry WHERE district = $1 AND kind = $2 AND code = $3", 3};
static const struct wg_statement VERSION = {"lists_entry_version",
                                            "SELECT disclosed, body FROM list_change WHERE district = $1 AND kind = $2 "
                                            "AND code = $3 AND version = $4",
                                            4};
// Index list_order_meeting.
static const struct wg_statement ORDERS = {
    "lists_orders",
    "SELECT topic, external_id, coalesce(order_id, 0), coalesce(refused, '') FROM list_order "
    "WHERE district = $1 AND code = $2 ORDER BY topic, made_at, external_id",
    2};

static wg_status load_entry(struct wg_read_call *call, const Wangge__V1__EntryRequest *request,
                            Wangge__V1__ListEntry **entry, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 4);
  wg_param_text(params, request->district);
  wg_param_i32(params, (int32_t)request->kind);
  wg_param_text(params, request->code);
  if (request->version) wg_param_i32(params, request->version);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, request->version ? &VERSION : &NEWEST, params, &result, error);
  if (status != WG_OK) return status;
  *entry = NULL;
  if (PQntuples(result) && (sees_all(call->caller) || wg_get_bool(result, 0, 0)))
    status = unpack(result, 0, 1, call->arena, entry, error);
  PQclear(result);
  if (*entry) lists_files_tickets(((const struct tracking *)call->service)->lists.secret, *entry);
  if (status == WG_OK && !*entry)
    status = wg_fail(error, WG_NOT_FOUND, "code", "there is no \"%s\" that this caller may know of", request->code);
  return status;
}

static wg_status load_orders(struct wg_read_call *call, Wangge__V1__EntryResponse *response, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_text(params, response->entry->district);
  wg_param_text(params, response->entry->code);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &ORDERS, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  response->orders = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->orders);
  for (int row = 0; row < rows; row++) {
    Wangge__V1__OrderOfTopic *order = wg_arena_alloc(call->arena, sizeof *order);
    wangge__v1__order_of_topic__init(order);
    order->topic = wg_get_i32(result, row, 0);
    order->external_id = wg_arena_strdup(call->arena, wg_get_text(result, row, 1));
    order->order_id = wg_get_i64(result, row, 2);
    order->refused = wg_arena_strdup(call->arena, wg_get_text(result, row, 3));
    response->orders[response->n_orders++] = order;
  }
  PQclear(result);
  return WG_OK;
}

wg_status lists_read_entry(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__EntryRequest *request = (const void *)call->request;
  Wangge__V1__EntryResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__entry_response__init(response);
  wg_status status = check_reader(call->caller, request->district, error);
  if (status == WG_OK) status = check_kind(request->kind, error);
  if (status == WG_OK && request->version < 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "version", "must be 0 or a version");
  if (status == WG_OK) status = load_entry(call, request, &response->entry, error);
  if (status == WG_OK && request->kind == WANGGE__V1__LIST_KIND__LIST_KIND_MEETING)
    status = load_orders(call, response, error);
  *reply = &response->base;
  return status;
}

// --- pages ---
// Primary key; with a year index list_entry_year. $4 behind this code, $5 year or 0, $6 state or 0, $7 and $8 the range
// of areas, $9 only what is disclosed, $10 limit.
static const struct wg_statement PAGE = {
    "lists_page",
    "SELECT code, body FROM list_entry WHERE district = $1 AND kind = $2 AND code > $3 AND ($4 = 0 OR year = $4) "
    "AND ($5 = 0 OR state = $5) AND left(area, length($6)) = $6 AND (disclosed OR NOT $7) ORDER BY code LIMIT $8",
    8};

struct page {
  const char *district, *after, *area;
  int32_t kind, year, state, limit;
};

static wg_status run_page(struct wg_read_call *call, const struct page *page, PGresult **result,
                          struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 8);
  wg_param_text(params, page->district);
  wg_param_i32(params, page->kind);
  wg_param_text(params, page->after);
  wg_param_i32(params, page->year);
  wg_param_i32(params, page->state);
  wg_param_text(params, page->area);
  wg_param_bool(params, !sees_all(call->caller));
  wg_param_i32(params, page->limit);
  return wg_db_run(call->db, &PAGE, params, result, error);
}

static wg_status check_filter(const char *district, const char *area, int32_t year, struct wg_error *error) {
  wg_status status = *area ? lists_check_area(district, area, error) : WG_OK;
  if (status == WG_OK && year) status = lists_check_year(year, error);
  return status;
}

wg_status lists_read_entries(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__EntriesRequest *request = (const void *)call->request;
  struct page page = {request->district, request->page_token,     request->area, (int32_t)request->kind,
                      request->year,     (int32_t)request->state, request->limit};
  Wangge__V1__EntriesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__entries_response__init(response);
  *reply = &response->base;
  wg_status status = check_reader(call->caller, request->district, error);
  if (status == WG_OK) status = check_kind(request->kind, error);
  if (status == WG_OK) status = check_filter(request->district, request->area, request->year, error);
  if (status == WG_OK) status = page_size(&page.limit, error);
  if (status == WG_OK && *page.after) status = lists_check_code(page.after, "page_token", error);
  PGresult *result = NULL;
  if (status == WG_OK) status = run_page(call, &page, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  response->entries = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->entries);
  for (int row = 0; row < rows && status == WG_OK; row++) {
    Wangge__V1__ListEntry **entry = &response->entries[response->n_entries++];
    status = unpack(result, row, 1, call->arena, entry, error);
    if (status == WG_OK) lists_files_tickets(((const struct tracking *)call->service)->lists.secret, *entry);
  }
  if (rows == page.limit) response->next_page_token = wg_arena_strdup(call->arena, wg_get_text(result, rows - 1, 0));
  PQclear(result);
  return status;
}

// --- history ---
// Primary key, backwards.
static const struct wg_statement HISTORY = {
    "lists_history",
    "SELECT version, at, by, person, action, reason, state FROM list_change WHERE district = $1 AND kind = $2 "
    "AND code = $3 AND version < $4 AND (disclosed OR NOT $5) ORDER BY version DESC LIMIT $6",
    6};

static Wangge__V1__EntryChange *read_change(const PGresult *result, int row, bool whole, struct wg_arena *arena) {
  Wangge__V1__EntryChange *change = wg_arena_alloc(arena, sizeof *change);
  wangge__v1__entry_change__init(change);
  change->version = wg_get_i32(result, row, 0);
  change->at = wg_get_time(result, row, 1);
  change->by = wg_arena_strdup(arena, wg_get_text(result, row, 2));
  if (whole) change->person = wg_arena_strdup(arena, wg_get_text(result, row, 3));
  change->action = wg_arena_strdup(arena, wg_get_text(result, row, 4));
  change->reason = wg_arena_strdup(arena, wg_get_text(result, row, 5));
  change->state = (Wangge__V1__EntryState)wg_get_i16(result, row, 6);
  return change;
}

wg_status lists_read_history(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__EntryHistoryRequest *request = (const void *)call->request;
  Wangge__V1__EntryHistoryResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__entry_history_response__init(response);
  *reply = &response->base;
  int32_t limit = request->limit;
  Wangge__V1__ListEntry *entry = NULL;
  const Wangge__V1__EntryRequest one = {.base = PROTOBUF_C_MESSAGE_INIT(&wangge__v1__entry_request__descriptor),
                                        .district = request->district,
                                        .kind = request->kind,
                                        .code = request->code};
  wg_status status = check_reader(call->caller, request->district, error);
  if (status == WG_OK) status = check_kind(request->kind, error);
  if (status == WG_OK) status = page_size(&limit, error);
  if (status == WG_OK && request->before < 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "before", "must be 0 or a version");
  if (status == WG_OK) status = load_entry(call, &one, &entry, error);
  if (status != WG_OK) return status;
  struct wg_params *params = wg_params(call->arena, 6);
  wg_param_text(params, request->district);
  wg_param_i32(params, (int32_t)request->kind);
  wg_param_text(params, request->code);
  wg_param_i32(params, request->before ? request->before : INT32_MAX);
  wg_param_bool(params, !sees_all(call->caller));
  wg_param_i32(params, limit);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &HISTORY, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  response->changes = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->changes);
  for (int row = 0; row < rows; row++)
    response->changes[response->n_changes++] = read_change(result, row, sees_all(call->caller), call->arena);
  PQclear(result);
  return WG_OK;
}

// --- figures ---
// The pledges of a year are some hundreds; they are counted as they are, part by part.
wg_status lists_read_figures(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__PledgeFiguresRequest *request = (const void *)call->request;
  Wangge__V1__PledgeFiguresResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__pledge_figures_response__init(response);
  *reply = &response->base;
  wg_status status = check_reader(call->caller, request->district, error);
  if (status == WG_OK) status = lists_check_year(request->year, error);
  if (status == WG_OK) status = check_filter(request->district, request->area, 0, error);
  struct page page = {request->district, "", request->area, WANGGE__V1__LIST_KIND__LIST_KIND_PLEDGE,
                      request->year,     0,  FIGURES_PART};
  const int32_t today = (int32_t)((call->now + WG_SHANGHAI_OFFSET_US) / WG_DAY_US);
  for (int rows = FIGURES_PART; status == WG_OK && rows == FIGURES_PART;) {
    PGresult *result = NULL;
    status = run_page(call, &page, &result, error);
    if (status != WG_OK) return status;
    rows = PQntuples(result);
    for (int row = 0; row < rows && status == WG_OK; row++) {
      Wangge__V1__ListEntry *entry = NULL;
      status = unpack(result, row, 1, call->arena, &entry, error);
      if (status == WG_OK) lists_figures_add(response, entry, today, call->arena);
    }
    if (rows) page.after = wg_arena_strdup(call->arena, wg_get_text(result, rows - 1, 0));
    PQclear(result);
  }
  return status;
}

// --- results ---
// Primary keys.
static const struct wg_statement COUNTS = {
    "lists_counts", "SELECT question, choice, answers FROM list_count WHERE district = $1 AND code = $2", 2};
static const struct wg_statement TEXTS = {
    "lists_texts",
    "SELECT text FROM list_text WHERE district = $1 AND code = $2 AND question = $3 ORDER BY id LIMIT $4", 4};

static wg_status load_counts(struct wg_read_call *call, const Wangge__V1__ResultsRequest *request,
                             Wangge__V1__ResultsResponse *response, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_text(params, request->district);
  wg_param_text(params, request->code);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &COUNTS, params, &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result); row++) {
    const size_t question = (size_t)wg_get_i32(result, row, 0), choice = (size_t)wg_get_i32(result, row, 1);
    const int64_t answers = wg_get_i64(result, row, 2);
    if (!question) response->answers = answers;
    else if (question <= response->n_questions && !choice) response->questions[question - 1]->answered = answers;
    else if (question <= response->n_questions && choice <= response->questions[question - 1]->n_counts)
      response->questions[question - 1]->counts[choice - 1] = answers;
  }
  PQclear(result);
  return WG_OK;
}

static wg_status load_texts(struct wg_read_call *call, const Wangge__V1__ResultsRequest *request,
                            Wangge__V1__QuestionResult *question, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 4);
  wg_param_text(params, request->district);
  wg_param_text(params, request->code);
  wg_param_i32(params, question->n);
  wg_param_i32(params, request->texts);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &TEXTS, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  question->texts = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *question->texts);
  for (int row = 0; row < rows; row++)
    question->texts[question->n_texts++] = wg_arena_strdup(call->arena, wg_get_text(result, row, 0));
  PQclear(result);
  return WG_OK;
}

static void empty_results(const Wangge__V1__Questionnaire *questionnaire, struct wg_arena *arena,
                          Wangge__V1__ResultsResponse *response) {
  response->issued = questionnaire->issued;
  response->questions = wg_arena_alloc(arena, questionnaire->n_questions * sizeof *response->questions);
  for (size_t i = 0; i < questionnaire->n_questions; i++) {
    Wangge__V1__QuestionResult *result = wg_arena_alloc(arena, sizeof *result);
    wangge__v1__question_result__init(result);
    result->n = questionnaire->questions[i]->n;
    result->n_counts = lists_question_choices(questionnaire->questions[i]);
    result->counts = wg_arena_zalloc(arena, (result->n_counts + 1) * sizeof *result->counts);
    response->questions[response->n_questions++] = result;
  }
}

// is_over: from then on everybody may see the counts.
static bool is_over(const Wangge__V1__ListEntry *entry, int64_t now) {
  return entry->state == WANGGE__V1__ENTRY_STATE__ENTRY_STATE_CLOSED || now >= entry->questionnaire->closes_at;
}

wg_status lists_read_results(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ResultsRequest *request = (const void *)call->request;
  Wangge__V1__ResultsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__results_response__init(response);
  *reply = &response->base;
  const Wangge__V1__EntryRequest one = {.base = PROTOBUF_C_MESSAGE_INIT(&wangge__v1__entry_request__descriptor),
                                        .district = request->district,
                                        .kind = WANGGE__V1__LIST_KIND__LIST_KIND_QUESTIONNAIRE,
                                        .code = request->code};
  Wangge__V1__ListEntry *entry = NULL;
  wg_status status = check_reader(call->caller, request->district, error);
  if (status == WG_OK && (request->texts < 0 || request->texts > 1000))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "texts", "must be 0 to 1000");
  if (status == WG_OK) status = load_entry(call, &one, &entry, error);
  if (status != WG_OK) return status;
  if (!(call->caller->roles & LISTS_WRITERS) && !is_over(entry, call->now))
    return wg_fail(error, WG_FAILED_PRECONDITION, "code", "its results are shown when it is closed");
  empty_results(entry->questionnaire, call->arena, response);
  status = load_counts(call, request, response, error);
  for (size_t i = 0; i < response->n_questions && request->texts && status == WG_OK; i++)
    status = load_texts(call, request, response->questions[i], error);
  return status;
}
