// See problem_store.h. Nothing here is on the way of an order that is like no other but the candidates of its place,
// and these only when they are not in memory.
#include "services/routing/problem_store.h"

#include "common/wire/wire.h"
#include "services/routing/store.h"
#include "services/routing/study.h"

#include <string.h>

#define DISTRICTS                                                                                                      \
  "WITH RECURSIVE d(district) AS (SELECT min(district) FROM assignment UNION ALL "                                     \
  "SELECT (SELECT min(a.district) FROM assignment a WHERE a.district > d.district) FROM d "                            \
  "WHERE d.district IS NOT NULL) "

// --- rows ---
static const char *text_of(const PGresult *result, int row, int column, struct wg_arena *arena) {
  return wg_arena_strdup(arena, wg_get_text(result, row, column));
}

struct routing_problem *routing_problem_row(const PGresult *result, int row, int column, struct wg_arena *arena) {
  struct routing_problem *problem = wg_arena_zalloc(arena, sizeof *problem);
  problem->id = wg_get_i64(result, row, column);
  problem->district = text_of(result, row, column + 1, arena);
  problem->title = text_of(result, row, column + 2, arena);
  problem->place_id = text_of(result, row, column + 3, arena);
  problem->grid = text_of(result, row, column + 4, arena);
  problem->category = text_of(result, row, column + 5, arena);
  problem->solved = wg_get_i16(result, row, column + 6) == (int16_t)WANGGE__V1__PROBLEM_STATE__PROBLEM_STATE_SOLVED;
  problem->members = wg_get_i32(result, row, column + 7);
  problem->first_at = wg_get_time(result, row, column + 8);
  problem->last_at = wg_get_time(result, row, column + 9);
  problem->solved_at = wg_get_time(result, row, column + 10);
  problem->solved_by = text_of(result, row, column + 11, arena);
  problem->solved_reason = text_of(result, row, column + 12, arena);
  problem->solved_person = "";
  problem->stored = true;
  return problem;
}

struct routing_suggested *routing_suggested_row(const PGresult *result, int row, struct wg_arena *arena) {
  struct routing_suggested *one = wg_arena_zalloc(arena, sizeof *one);
  one->order_id = wg_get_i64(result, row, 0);
  one->problem_id = wg_get_i64(result, row, 1);
  one->district = text_of(result, row, 2, arena);
  one->level = wg_get_i16(result, row, 3);
  one->score = (float)wg_get_f64(result, row, 4);
  one->idf = wg_get_i64(result, row, 5);
  one->relation = text_of(result, row, 6, arena);
  one->evidence = text_of(result, row, 7, arena);
  one->grams = text_of(result, row, 8, arena);
  one->state = wg_get_i16(result, row, 9);
  one->at = wg_get_time(result, row, 10);
  one->decided_by = text_of(result, row, 11, arena);
  one->person = text_of(result, row, 12, arena);
  one->reason = text_of(result, row, 13, arena);
  one->decided_at = wg_get_time(result, row, 14);
  one->stored = true;
  return one;
}

// --- candidates ---
// Index assignment_by_place or assignment_by_area: the newest 32 of each that came while there was a model. Withdrawn
// orders (state 4) are no candidates.
#define CANDIDATES(name, condition)                                                                                    \
  {                                                                                                                    \
    name,                                                                                                              \
        "SELECT w.key, a.received, a.place_id, a.area, coalesce(m.problem_id, a.order_id), coalesce(p.state = 2, "     \
        "false) FROM unnest($1::text[], $2::text[], $3::text[]) AS w(key, district, place) CROSS JOIN LATERAL "        \
        "(SELECT c.* FROM assignment c WHERE c.district = w.district AND " condition " AND c.state <> 4 "              \
        "ORDER BY c.order_id DESC LIMIT 32) a LEFT JOIN problem_member m ON m.district = a.district "                  \
        "AND m.order_id = a.order_id AND m.removed_at IS NULL LEFT JOIN problem p ON p.district = m.district "         \
        "AND p.problem_id = m.problem_id ORDER BY a.order_id",                                                         \
        3                                                                                                              \
  }
static const struct wg_statement BY_PLACE =
    CANDIDATES("routing_near_place", "c.place_id = w.place AND c.compared AND c.place_id <> ''");
static const struct wg_statement BY_GRID =
    CANDIDATES("routing_near_grid", "c.area = w.place AND c.compared AND octet_length(c.area) = 15");

static wg_status on_candidates(void *context, const PGresult *result, struct wg_error *error) {
  struct routing_merges *merges = context;
  struct routing_merging *merging = merges->merging;
  for (int row = 0; row < PQntuples(result); row++) {
    wg_arena_reset(merging->scratch);
    const Wangge__V1__OrderReceived *event = NULL;
    const wg_status status = routing_received_read(wg_get_bytea(result, row, 1), merging->scratch, &event, error);
    if (status != WG_OK) return status;
    struct routing_seen seen;
    struct routing_said said;
    routing_seen_of(&seen, event, wg_get_text(result, row, 2), wg_get_text(result, row, 3), merging->gazetteer);
    seen.problem_id = wg_get_i64(result, row, 4);
    seen.solved = wg_get_bool(result, row, 5);
    if (!merging->model ||
        !routing_said_of(event->order, seen.place_id, merging->gazetteer, merging->model, merging->work,
                         merging->scratch, &said) ||
        !routing_seen_vector(&said, merging->scratch, &seen))
      continue;
    routing_problem_index_load(merging->index, wg_get_text(result, row, 0), &seen);
  }
  return WG_OK;
}

// --- what calls name ---
// Primary keys, and index problem_member_order, once per district and order.
static const struct wg_statement SUBJECTS = {
    "routing_merge_subjects",
    DISTRICTS "SELECT a.received, a.place_id, a.area, a.state, m.problem_id, " ROUTING_PROBLEM_COLUMNS
              " FROM d CROSS JOIN (SELECT DISTINCT order_id FROM unnest($1::bigint[]) AS u(order_id)) AS w "
              "JOIN assignment a ON a.district = d.district AND a.order_id = w.order_id "
              "LEFT JOIN problem_member m ON m.district = a.district AND m.order_id = a.order_id "
              "AND m.removed_at IS NULL LEFT JOIN problem p ON p.district = a.district "
              "AND p.problem_id = coalesce(m.problem_id, a.order_id)",
    1};

static wg_status on_subjects(void *context, const PGresult *result, struct wg_error *error) {
  struct routing_merges *merges = context;
  for (int row = 0; row < PQntuples(result); row++) {
    const Wangge__V1__OrderReceived *event = NULL;
    const wg_status status = routing_received_read(wg_get_bytea(result, row, 0), merges->arena, &event, error);
    if (status != WG_OK) return status;
    struct routing_subject *subject = wg_arena_zalloc(merges->arena, sizeof *subject);
    routing_seen_of(&subject->seen, event, text_of(result, row, 1, merges->arena),
                    text_of(result, row, 2, merges->arena), merges->merging->gazetteer);
    for (size_t i = 0; i < subject->seen.named_count; i++) // the gazetteer may be replaced before the answer
      subject->seen.named[i] = wg_arena_strdup(merges->arena, subject->seen.named[i]);
    subject->withdrawn = wg_get_i16(result, row, 3) == 4;
    subject->member = !wg_is_null(result, row, 4);
    const bool stored = !wg_is_null(result, row, 5);
    subject->problem = stored ? routing_merges_problem(merges, wg_get_i64(result, row, 5)) : NULL;
    if (!subject->problem && stored) {
      subject->problem = routing_problem_row(result, row, 5, merges->arena);
      subject->problem->next = merges->problems;
      merges->problems = subject->problem;
    }
    if (!subject->problem) subject->problem = routing_merges_begin(merges, &subject->seen);
    subject->next = merges->subjects;
    merges->subjects = subject;
  }
  return WG_OK;
}

// Primary key of merge_suggestion, once per district and order.
static const struct wg_statement SUGGESTED = {
    "routing_merge_suggested",
    DISTRICTS "SELECT " ROUTING_SUGGESTED_COLUMNS
              " FROM d CROSS JOIN (SELECT DISTINCT order_id FROM unnest($1::bigint[]) AS u(order_id)) AS w "
              "JOIN merge_suggestion s ON s.district = d.district AND s.order_id = w.order_id",
    1};

static wg_status on_suggested(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct routing_merges *merges = context;
  for (int row = 0; row < PQntuples(result); row++) {
    struct routing_suggested *one = routing_suggested_row(result, row, merges->arena);
    one->next = merges->suggested;
    merges->suggested = one;
  }
  return WG_OK;
}

static wg_status load_near(struct wg_batch *batch, struct routing_merges *merges, const struct wg_statement *statement,
                           struct wg_column *columns[3], struct wg_error *error) {
  if (!wg_column_rows(columns[0])) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, 3);
  for (int i = 0; i < 3; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(batch->db, statement, params, on_candidates, merges, error);
}

wg_status routing_problems_load(struct wg_batch *batch, struct routing_merges *merges, struct wg_error *error) {
  wg_status status = load_near(batch, merges, &BY_PLACE, merges->places, error);
  if (status == WG_OK) status = load_near(batch, merges, &BY_GRID, merges->grids, error);
  if (status != WG_OK || !wg_column_rows(merges->orders)) return status;
  for (int i = 0; i < 2 && status == WG_OK; i++) {
    struct wg_params *params = wg_params(batch->arena, 1);
    wg_param_column(params, merges->orders);
    status = wg_db_send(batch->db, i ? &SUGGESTED : &SUBJECTS, params, i ? on_suggested : on_subjects, merges, error);
  }
  return status;
}

// --- write ---
static const struct wg_statement PUT_PROBLEMS = {
    "routing_put_problems",
    "INSERT INTO problem (district, problem_id, title, place_id, grid_code, category, state, members, first_at, "
    "last_at) SELECT district, problem_id, title, place_id, grid_code, category, 1, 0, first_at, last_at "
    "FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], "
    "$8::timestamptz[]) AS w(district, problem_id, title, place_id, grid_code, category, first_at, last_at) "
    "ON CONFLICT (district, problem_id) DO UPDATE SET last_at = greatest(problem.last_at, excluded.last_at)",
    8};
static const struct wg_statement SOLVE_PROBLEMS = {
    "routing_solve_problems",
    "UPDATE problem p SET state = w.state, solved_at = w.at, solved_by = w.by, solved_person = w.person, "
    "solved_reason = w.reason FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::timestamptz[], $5::text[], "
    "$6::text[], $7::text[]) AS w(district, problem_id, state, at, by, person, reason) "
    "WHERE p.district = w.district AND p.problem_id = w.problem_id",
    7};
static const struct wg_statement END_MEMBERS = {
    "routing_end_members",
    "UPDATE problem_member m SET removed_at = w.at, removed_by = w.by, remove_person = w.person, "
    "remove_reason = w.reason FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], "
    "$6::text[]) AS w(district, order_id, at, by, person, reason) "
    "WHERE m.district = w.district AND m.order_id = w.order_id AND m.removed_at IS NULL",
    6};
// The first order of a problem that is known already is a member already.
static const struct wg_statement ADD_MEMBERS = {
    "routing_add_members",
    "INSERT INTO problem_member (district, problem_id, order_id, n, added_at, added_by, person, reason, score, idf, "
    "evidence) SELECT w.district, w.problem_id, w.order_id, 1 + (SELECT count(*) FROM problem_member m "
    "WHERE m.district = w.district AND m.problem_id = w.problem_id AND m.order_id = w.order_id), w.at, w.by, w.person, "
    "w.reason, w.score, w.idf, w.evidence FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[], "
    "$5::text[], $6::text[], $7::text[], $8::float8[], $9::bigint[], $10::text[]) AS w(district, problem_id, order_id, "
    "at, by, person, reason, score, idf, evidence) "
    "ON CONFLICT (district, order_id) WHERE removed_at IS NULL DO NOTHING",
    10};
static const struct wg_statement COUNT_MEMBERS = {
    "routing_count_members",
    "UPDATE problem p SET members = (SELECT count(*) FROM problem_member m WHERE m.district = p.district "
    "AND m.problem_id = p.problem_id AND m.removed_at IS NULL) FROM unnest($1::text[], $2::bigint[]) "
    "AS w(district, problem_id) WHERE p.district = w.district AND p.problem_id = w.problem_id",
    2};
static const struct wg_statement ADD_SUGGESTIONS = {
    "routing_add_suggestions",
    "INSERT INTO merge_suggestion (district, order_id, problem_id, level, score, idf, relation, evidence, grams, at) "
    "SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[], $5::float8[], $6::bigint[], "
    "$7::text[], $8::text[], $9::text[], $10::timestamptz[])",
    10};
static const struct wg_statement DECIDE_SUGGESTIONS = {
    "routing_decide_suggestions",
    "UPDATE merge_suggestion s SET state = w.state, decided_by = w.by, person = w.person, reason = w.reason, "
    "decided_at = w.at FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], "
    "$7::text[], $8::timestamptz[]) AS w(district, order_id, problem_id, state, by, person, reason, at) "
    "WHERE s.district = w.district AND s.order_id = w.order_id AND s.problem_id = w.problem_id",
    8};

static bool is_touched(const struct routing_merges *merges, const struct routing_problem *problem) {
  for (const struct routing_member *member = merges->members; member; member = member->next) {
    if (member->problem == problem) return true;
  }
  return false;
}

static wg_status write_problems(struct wg_batch *batch, const struct routing_merges *merges, struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  struct wg_column *w[] = {wg_column_text(arena, 8), wg_column_i64(arena, 8),  wg_column_text(arena, 8),
                           wg_column_text(arena, 8), wg_column_text(arena, 8), wg_column_text(arena, 8),
                           wg_column_time(arena, 8), wg_column_time(arena, 8)};
  struct wg_column *s[] = {wg_column_text(arena, 8), wg_column_i64(arena, 8),  wg_column_i16(arena, 8),
                           wg_column_time(arena, 8), wg_column_text(arena, 8), wg_column_text(arena, 8),
                           wg_column_text(arena, 8)};
  for (const struct routing_problem *problem = merges->problems; problem; problem = problem->next) {
    if (problem->solving) {
      wg_push_text(s[0], problem->district);
      wg_push_i64(s[1], problem->id);
      wg_push_i16(s[2], problem->solved ? 2 : 1);
      wg_push_time(s[3], problem->solved_at);
      wg_push_text(s[4], problem->solved_by);
      wg_push_text(s[5], problem->solved_person);
      wg_push_text(s[6], problem->solved_reason);
    }
    if (!is_touched(merges, problem)) continue;
    wg_push_text(w[0], problem->district);
    wg_push_i64(w[1], problem->id);
    wg_push_text(w[2], problem->title);
    wg_push_text(w[3], problem->place_id);
    wg_push_text(w[4], problem->grid);
    wg_push_text(w[5], problem->category);
    wg_push_time(w[6], problem->first_at);
    wg_push_time(w[7], problem->last_at);
  }
  const wg_status status = routing_store_send(batch, &PUT_PROBLEMS, w, error);
  return status == WG_OK ? routing_store_send(batch, &SOLVE_PROBLEMS, s, error) : status;
}

static wg_status write_members(struct wg_batch *batch, const struct routing_merges *merges, struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  struct wg_column *end[] = {wg_column_text(arena, 8), wg_column_i64(arena, 8),  wg_column_time(arena, 8),
                             wg_column_text(arena, 8), wg_column_text(arena, 8), wg_column_text(arena, 8)};
  struct wg_column *add[] = {wg_column_text(arena, 8), wg_column_i64(arena, 8),  wg_column_i64(arena, 8),
                             wg_column_time(arena, 8), wg_column_text(arena, 8), wg_column_text(arena, 8),
                             wg_column_text(arena, 8), wg_column_f64(arena, 8),  wg_column_i64(arena, 8),
                             wg_column_text(arena, 8)};
  struct wg_column *count[] = {wg_column_text(arena, 8), wg_column_i64(arena, 8)};
  for (const struct routing_member *member = merges->members; member; member = member->next) {
    wg_push_text(count[0], member->problem->district);
    wg_push_i64(count[1], member->problem->id);
    if (member->removed) {
      wg_push_text(end[0], member->problem->district);
      wg_push_i64(end[1], member->order_id);
      wg_push_time(end[2], batch->now);
      wg_push_text(end[3], member->by);
      wg_push_text(end[4], member->person);
      wg_push_text(end[5], member->reason);
      continue;
    }
    wg_push_text(add[0], member->problem->district);
    wg_push_i64(add[1], member->problem->id);
    wg_push_i64(add[2], member->order_id);
    wg_push_time(add[3], batch->now);
    wg_push_text(add[4], member->by);
    wg_push_text(add[5], member->person);
    wg_push_text(add[6], member->reason);
    wg_push_f64(add[7], (double)member->score);
    wg_push_i64(add[8], member->idf);
    wg_push_text(add[9], member->evidence);
  }
  wg_status status = routing_store_send(batch, &END_MEMBERS, end, error);
  if (status == WG_OK) status = routing_store_send(batch, &ADD_MEMBERS, add, error);
  return status == WG_OK ? routing_store_send(batch, &COUNT_MEMBERS, count, error) : status;
}

static wg_status write_suggestions(struct wg_batch *batch, const struct routing_merges *merges,
                                   struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  struct wg_column *add[] = {wg_column_text(arena, 16), wg_column_i64(arena, 16),  wg_column_i64(arena, 16),
                             wg_column_i16(arena, 16),  wg_column_f64(arena, 16),  wg_column_i64(arena, 16),
                             wg_column_text(arena, 16), wg_column_text(arena, 16), wg_column_text(arena, 16),
                             wg_column_time(arena, 16)};
  struct wg_column *end[] = {wg_column_text(arena, 8), wg_column_i64(arena, 8),  wg_column_i64(arena, 8),
                             wg_column_i16(arena, 8),  wg_column_text(arena, 8), wg_column_text(arena, 8),
                             wg_column_text(arena, 8), wg_column_time(arena, 8)};
  for (const struct routing_suggested *one = merges->suggested; one; one = one->next) {
    if (!one->stored) {
      wg_push_text(add[0], one->district);
      wg_push_i64(add[1], one->order_id);
      wg_push_i64(add[2], one->problem_id);
      wg_push_i16(add[3], one->level);
      wg_push_f64(add[4], (double)one->score);
      wg_push_i64(add[5], one->idf);
      wg_push_text(add[6], one->relation);
      wg_push_text(add[7], one->evidence);
      wg_push_text(add[8], one->grams);
      wg_push_time(add[9], one->at);
    } else if (one->changed) {
      wg_push_text(end[0], one->district);
      wg_push_i64(end[1], one->order_id);
      wg_push_i64(end[2], one->problem_id);
      wg_push_i16(end[3], one->state);
      wg_push_text(end[4], one->decided_by);
      wg_push_text(end[5], one->person);
      wg_push_text(end[6], one->reason);
      wg_push_time(end[7], one->decided_at);
    }
  }
  const wg_status status = routing_store_send(batch, &ADD_SUGGESTIONS, add, error);
  return status == WG_OK ? routing_store_send(batch, &DECIDE_SUGGESTIONS, end, error) : status;
}

wg_status routing_problems_write(struct wg_batch *batch, const struct routing_merges *merges, struct wg_error *error) {
  wg_status status = write_problems(batch, merges, error);
  if (status == WG_OK) status = write_members(batch, merges, error);
  return status == WG_OK ? write_suggestions(batch, merges, error) : status;
}
