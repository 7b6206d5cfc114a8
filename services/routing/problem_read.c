// Problems, Problem and Suggestions, in reader threads.
#include "services/routing/problem_store.h"
#include "services/routing/routing.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_DEFAULT = 50, PAGE_MOST = 1000 };

#define DISTRICTS(table)                                                                                               \
  "WITH RECURSIVE d(district) AS (SELECT min(district) FROM " table " UNION ALL "                                      \
  "SELECT (SELECT min(a.district) FROM " table " a WHERE a.district > d.district) FROM d "                             \
  "WHERE d.district IS NOT NULL) "
#define DISTRICT_FITS "($1 = '' OR d.district = $1) AND (cardinality($2::text[]) = 0 OR d.district = ANY ($2)) "

// Primary key of problem, once per district, newest first. $3 below this id, $4 limit, $5 place, $6 grid prefix,
// $7 category, $8 state, $9 members.
static const struct wg_statement PROBLEMS = {
    "routing_problems",
    DISTRICTS("problem") "SELECT r.* FROM d CROSS JOIN LATERAL (SELECT " ROUTING_PROBLEM_COLUMNS
                         " FROM problem p WHERE p.district = d.district AND p.problem_id < $3 AND ($5 = '' OR "
                         "p.place_id = $5) "
                         "AND starts_with(p.grid_code, $6) AND ($7 = '' OR p.category = $7 OR starts_with(p.category, "
                         "$7 || '/')) "
                         "AND ($8::int = 0 OR p.state = $8::int) AND p.members >= $9::int ORDER BY p.problem_id DESC "
                         "LIMIT $4) r "
                         "WHERE " DISTRICT_FITS "ORDER BY r.problem_id DESC LIMIT $4",
    9};
// Index problem_member_order or primary key, once per district.
static const struct wg_statement PROBLEM = {
    "routing_problem",
    DISTRICTS("problem") "SELECT " ROUTING_PROBLEM_COLUMNS
                         " FROM d JOIN problem p ON p.district = d.district AND p.problem_id = coalesce("
                         "(SELECT m.problem_id FROM problem_member m WHERE m.district = d.district AND m.order_id = $1 "
                         "AND m.removed_at IS NULL), $1)",
    1};
// Primary key.
static const struct wg_statement MEMBERS = {
    "routing_problem_members",
    "SELECT order_id, n, added_at, added_by, person, reason, score::float8, idf, evidence, removed_at, removed_by, "
    "remove_person, remove_reason FROM problem_member WHERE district = $1 AND problem_id = $2 "
    "ORDER BY added_at, order_id, n",
    2};
// Index merge_suggestion_queue, once per district; with $5 the primary key. $3 state, $4 limit, $5 order, $6 to $9 the
// last one of the page before.
static const struct wg_statement SUGGESTIONS = {
    "routing_suggestions",
    DISTRICTS(
        "merge_suggestion") "SELECT r.* FROM d CROSS JOIN LATERAL (SELECT " ROUTING_SUGGESTED_COLUMNS
                            ", s.rank FROM merge_suggestion s WHERE s.district = d.district AND ($3::int = 0 OR "
                            "s.state = $3::int) "
                            "AND ($5::bigint = 0 OR s.order_id = $5) AND (s.state, s.rank, s.order_id, s.problem_id) > "
                            "($6::int, $7::int, $8::bigint, $9::bigint) ORDER BY s.state, s.rank, s.order_id, "
                            "s.problem_id LIMIT $4) "
                            "r WHERE " DISTRICT_FITS "ORDER BY r.state, r.rank, r.order_id, r.problem_id LIMIT $4",
    9};

static wg_status check_common(const char *district, int32_t limit, struct wg_error *error) {
  if (*district && !wg_all_digits(district, 6))
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be empty or 6 digits");
  if (limit >= 0 && limit <= PAGE_MOST) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", PAGE_MOST);
}

static wg_status bad_token(struct wg_error *error) {
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

static void param_districts(struct wg_read_call *call, struct wg_params *params, const char *district) {
  struct wg_column *districts = wg_column_text(call->arena, 32);
  for (int i = 0; i < call->caller->districts; i++)
    wg_push_text(districts, call->caller->district[i]);
  wg_param_text(params, district);
  wg_param_column(params, districts);
}

// --- Problems ---
static wg_status check_problems(const Wangge__V1__ProblemsRequest *request, int64_t *below, struct wg_error *error) {
  const wg_status status = check_common(request->district, request->limit, error);
  if (status != WG_OK) return status;
  const size_t digits = strlen(request->grid_code);
  if (digits > 15 || !wg_all_digits(request->grid_code, digits))
    return wg_fail(error, WG_INVALID_ARGUMENT, "grid_code", "must be at most 15 digits");
  if ((int)request->state < 0 || (int)request->state > 2)
    return wg_fail(error, WG_INVALID_ARGUMENT, "state", "must be a value of ProblemState");
  if (request->min_members < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "min_members", "must not be negative");
  *below = INT64_MAX;
  return !*request->page_token || (wg_parse_i64(request->page_token, below) && *below > 0) ? WG_OK : bad_token(error);
}

wg_status routing_show_problems(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ProblemsRequest *request = (const Wangge__V1__ProblemsRequest *)call->request;
  int64_t below = 0;
  wg_status status = check_problems(request, &below, error);
  if (status != WG_OK) return status;
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  struct wg_params *params = wg_params(call->arena, 9);
  param_districts(call, params, request->district);
  wg_param_i64(params, below);
  wg_param_i64(params, limit);
  wg_param_text(params, request->place_id);
  wg_param_text(params, request->grid_code);
  wg_param_text(params, request->category);
  wg_param_i32(params, (int32_t)request->state);
  wg_param_i32(params, request->min_members ? request->min_members : 2);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &PROBLEMS, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  Wangge__V1__ProblemsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__problems_response__init(response);
  response->problems = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->problems);
  for (int row = 0; row < rows; row++)
    response->problems[response->n_problems++] =
        routing_problem_message(routing_problem_row(result, row, 0, call->arena), call->arena);
  PQclear(result);
  if (rows == limit)
    response->next_page_token = wg_arena_printf(call->arena, "%" PRId64, response->problems[rows - 1]->problem_id);
  *reply = &response->base;
  return WG_OK;
}

// --- Problem ---
static char *text_of(const PGresult *result, int row, int column, struct wg_arena *arena) {
  return wg_arena_strdup(arena, wg_get_text(result, row, column));
}

static Wangge__V1__ProblemMember *member_message(const PGresult *result, int row, struct wg_arena *arena) {
  Wangge__V1__ProblemMember *member = wg_arena_alloc(arena, sizeof *member);
  wangge__v1__problem_member__init(member);
  member->order_id = wg_get_i64(result, row, 0);
  member->n = wg_get_i32(result, row, 1);
  member->added_at = wg_get_time(result, row, 2);
  member->added_by = text_of(result, row, 3, arena);
  member->acting_person = text_of(result, row, 4, arena);
  member->reason = text_of(result, row, 5, arena);
  member->score = wg_get_f64(result, row, 6);
  member->idf = (uint64_t)wg_get_i64(result, row, 7);
  member->evidence = text_of(result, row, 8, arena);
  member->removed_at = wg_get_time(result, row, 9);
  member->removed_by = text_of(result, row, 10, arena);
  member->remove_person = text_of(result, row, 11, arena);
  member->remove_reason = text_of(result, row, 12, arena);
  return member;
}

wg_status routing_show_problem(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ProblemRequest *request = (const Wangge__V1__ProblemRequest *)call->request;
  if (request->problem_id <= 0) return wg_fail(error, WG_INVALID_ARGUMENT, "problem_id", "must be a positive number");
  struct wg_params *params = wg_params(call->arena, 1);
  wg_param_i64(params, request->problem_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &PROBLEM, params, &result, error);
  if (status != WG_OK) return status;
  const struct routing_problem *problem = PQntuples(result) ? routing_problem_row(result, 0, 0, call->arena) : NULL;
  PQclear(result);
  if (!problem || !routing_may_district(call->caller, problem->district))
    return wg_fail(error, WG_NOT_FOUND, "problem_id", "there is no problem %" PRId64 " that this caller may know of",
                   request->problem_id);
  params = wg_params(call->arena, 2);
  wg_param_text(params, problem->district);
  wg_param_i64(params, problem->id);
  status = wg_db_run(call->db, &MEMBERS, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__ProblemResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__problem_response__init(response);
  response->problem = routing_problem_message(problem, call->arena);
  const int rows = PQntuples(result);
  response->members = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->members);
  for (int row = 0; row < rows; row++)
    response->members[response->n_members++] = member_message(result, row, call->arena);
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}

// --- Suggestions ---
struct place { // in the queue
  int state, rank;
  int64_t order_id, problem_id;
};

static bool read_token(const char *token, struct place *after) {
  int64_t numbers[4] = {0};
  *after = (struct place){0};
  if (*token && (!wg_parse_numbers(token, numbers, 4) || numbers[0] > 9 || numbers[1] > 9)) return false;
  *after = (struct place){(int)numbers[0], (int)numbers[1], numbers[2], numbers[3]};
  return true;
}

wg_status routing_show_suggestions(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__SuggestionsRequest *request = (const Wangge__V1__SuggestionsRequest *)call->request;
  struct place after;
  wg_status status = check_common(request->district, request->limit, error);
  if (status == WG_OK && ((int)request->state < 0 || (int)request->state > 3))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "state", "must be a value of SuggestionState");
  if (status == WG_OK && request->order_id < 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must be 0 or a positive number");
  if (status == WG_OK && !read_token(request->page_token, &after)) status = bad_token(error);
  if (status != WG_OK) return status;
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  struct wg_params *params = wg_params(call->arena, 9);
  param_districts(call, params, request->district);
  wg_param_i32(params, (int32_t)request->state);
  wg_param_i64(params, limit);
  wg_param_i64(params, request->order_id);
  wg_param_i32(params, after.state);
  wg_param_i32(params, after.rank);
  wg_param_i64(params, after.order_id);
  wg_param_i64(params, after.problem_id);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &SUGGESTIONS, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  Wangge__V1__SuggestionsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__suggestions_response__init(response);
  response->suggestions = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->suggestions);
  for (int row = 0; row < rows; row++) {
    const struct routing_suggested *one = routing_suggested_row(result, row, call->arena);
    response->suggestions[response->n_suggestions++] = routing_suggested_message(one, call->arena);
    if (row + 1 == limit)
      response->next_page_token = wg_arena_printf(call->arena, "%d.%d.%" PRId64 ".%" PRId64, one->state, 3 - one->level,
                                                  one->order_id, one->problem_id);
  }
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}
