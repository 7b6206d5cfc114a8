// See sweep.h: what the tick writes of a sweep, and the calls Themes, Theme and SweepThemes in reader threads.
#include "services/routing/routing.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <string.h>

enum { PAGE_DEFAULT = 50, PAGE_MOST = 1000 };

// --- writing ---
// What another sweep overtook is not stored: the number of the sweep before ($1) is no longer the newest.
#define NEWEST "(SELECT coalesce(max(n), 0) FROM theme_sweep) = $1::int "
static const struct wg_statement PUT_THEMES = {
    "routing_put_themes",
    "INSERT INTO theme (district, theme_id, title, orders, grids, places, category, category_count, grams, score, idf, "
    "evidence, first_at, swept_at) SELECT w.*, $2, $2 FROM unnest($3::text[], $4::bigint[], $5::text[], $6::int[], "
    "$7::int[], $8::int[], $9::text[], $10::int[], $11::text[], $12::float8[], $13::bigint[], $14::text[]) AS "
    "w(district, "
    "theme_id, title, orders, grids, places, category, category_count, grams, score, idf, evidence) WHERE " NEWEST
    "ON CONFLICT (district, theme_id) DO UPDATE SET title = excluded.title, orders = excluded.orders, grids = "
    "excluded.grids, places = excluded.places, category = excluded.category, category_count = excluded.category_count, "
    "grams = excluded.grams, score = excluded.score, idf = excluded.idf, evidence = excluded.evidence, swept_at = "
    "excluded.swept_at",
    14};
// Few themes: all are looked at.
static const struct wg_statement END_THEMES = {
    "routing_end_themes", "UPDATE theme SET ended_at = $2 WHERE ended_at IS NULL AND swept_at < $2 AND " NEWEST, 2};
// Primary key.
static const struct wg_statement DROP_MEMBERS = {
    "routing_drop_theme_members",
    "DELETE FROM theme_member m USING unnest($2::text[], $3::bigint[]) AS w(district, theme_id) "
    "WHERE m.district = w.district AND m.theme_id = w.theme_id AND " NEWEST,
    3};
static const struct wg_statement ADD_MEMBERS = {
    "routing_add_theme_members",
    "INSERT INTO theme_member (district, theme_id, order_id, grid_code, place_id, score) SELECT w.* FROM "
    "unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::float8[]) AS w(district, theme_id, "
    "order_id, grid_code, place_id, score) WHERE " NEWEST,
    7};
static const struct wg_statement ADD_SWEEP = {
    "routing_add_sweep",
    "INSERT INTO theme_sweep (n, at, seconds, orders, themes) SELECT $1::int + 1, $2, $3::float8, $4::int, $5::int "
    "WHERE " NEWEST,
    5};

static wg_status send_columns(struct wg_batch *batch, const struct wg_statement *statement, struct wg_params *params,
                              struct wg_column **columns, size_t count, struct wg_error *error) {
  for (size_t i = 0; i < count; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(batch->db, statement, params, NULL, NULL, error);
}

static struct wg_params *begin(struct wg_batch *batch, const struct routing_theme_set *set, int parameters) {
  struct wg_params *params = wg_params(batch->arena, parameters);
  wg_param_i32(params, set->prior);
  return params;
}

static wg_status write_themes(struct wg_batch *batch, const struct routing_theme_set *set, struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  const size_t n = set->count;
  struct wg_column *w[] = {wg_column_text(arena, n), wg_column_i64(arena, n), wg_column_text(arena, n),
                           wg_column_i32(arena, n),  wg_column_i32(arena, n), wg_column_i32(arena, n),
                           wg_column_text(arena, n), wg_column_i32(arena, n), wg_column_text(arena, n),
                           wg_column_f64(arena, n),  wg_column_i64(arena, n), wg_column_text(arena, n)};
  for (const struct routing_theme_row *row = set->rows; row < set->rows + n; row++) {
    const struct routing_theme *theme = &row->theme;
    wg_push_text(w[0], row->district);
    wg_push_i64(w[1], theme->id);
    wg_push_text(w[2], row->title);
    wg_push_i32(w[3], (int32_t)theme->count);
    wg_push_i32(w[4], (int32_t)theme->grids);
    wg_push_i32(w[5], (int32_t)theme->places);
    wg_push_text(w[6], theme->category);
    wg_push_i32(w[7], (int32_t)theme->category_count);
    wg_push_text(w[8], row->grams);
    wg_push_f64(w[9], (double)theme->score);
    wg_push_i64(w[10], set->idf);
    wg_push_text(w[11], row->evidence);
  }
  struct wg_params *params = begin(batch, set, 14);
  wg_param_time(params, batch->now);
  return send_columns(batch, &PUT_THEMES, params, w, sizeof w / sizeof *w, error);
}

static wg_status write_members(struct wg_batch *batch, const struct routing_theme_set *set, struct wg_error *error) {
  struct wg_arena *arena = batch->arena;
  struct wg_column *drop[] = {wg_column_text(arena, 8), wg_column_i64(arena, 8)};
  struct wg_column *add[] = {wg_column_text(arena, 8), wg_column_i64(arena, 8),  wg_column_i64(arena, 8),
                             wg_column_text(arena, 8), wg_column_text(arena, 8), wg_column_f64(arena, 8)};
  for (const struct routing_theme_row *row = set->rows; row < set->rows + set->count; row++) {
    wg_push_text(drop[0], row->district);
    wg_push_i64(drop[1], row->theme.id);
    for (size_t i = 0; i < row->theme.count; i++) {
      const struct routing_theme_member *member = &row->theme.members[i];
      wg_push_text(add[0], row->district);
      wg_push_i64(add[1], row->theme.id);
      wg_push_i64(add[2], member->order->id);
      wg_push_text(add[3], member->order->grid);
      wg_push_text(add[4], member->order->place_id);
      wg_push_f64(add[5], (double)member->score);
    }
  }
  const wg_status status = send_columns(batch, &DROP_MEMBERS, begin(batch, set, 3), drop, 2, error);
  return status == WG_OK ? send_columns(batch, &ADD_MEMBERS, begin(batch, set, 7), add, 6, error) : status;
}

wg_status routing_themes_write(struct wg_batch *batch, const struct routing_theme_set *set, struct wg_error *error) {
  wg_status status = write_themes(batch, set, error);
  if (status == WG_OK) status = write_members(batch, set, error);
  struct wg_params *params = begin(batch, set, 2);
  wg_param_time(params, batch->now);
  if (status == WG_OK) status = wg_db_send(batch->db, &END_THEMES, params, NULL, NULL, error);
  params = begin(batch, set, 5);
  wg_param_time(params, batch->now);
  wg_param_f64(params, set->seconds);
  wg_param_i32(params, (int32_t)set->orders);
  wg_param_i32(params, (int32_t)set->count);
  return status == WG_OK ? wg_db_send(batch->db, &ADD_SWEEP, params, NULL, NULL, error) : status;
}

// --- reading ---
#define COLUMNS                                                                                                        \
  "t.theme_id, t.district, t.title, t.orders, t.grids, t.places, t.category, t.category_count, t.grams, "              \
  "t.score::float8, t.idf, t.evidence, t.first_at, t.swept_at, t.ended_at"
// Few themes: all are looked at. $1 district or '', $2 the caller's districts (none: all), $3 below this id, $4 limit,
// $5 ended ones too, $6 grids.
static const struct wg_statement THEMES = {
    "routing_themes",
    "SELECT " COLUMNS " FROM theme t WHERE ($1 = '' OR t.district = $1) AND (cardinality($2::text[]) = 0 OR "
    "t.district = ANY ($2)) AND t.theme_id < $3 AND ($5 OR t.ended_at IS NULL) AND t.grids >= $6::int "
    "ORDER BY t.theme_id DESC LIMIT $4",
    6};
static const struct wg_statement THEME = {"routing_theme", "SELECT " COLUMNS " FROM theme t WHERE t.theme_id = $1", 1};
// Primary keys.
static const struct wg_statement MEMBERS = {
    "routing_theme_members",
    "SELECT m.order_id, m.grid_code, m.place_id, m.score::float8, a.category, a.routed_at FROM theme_member m "
    "JOIN assignment a ON a.district = m.district AND a.order_id = m.order_id WHERE m.district = $1 AND m.theme_id = "
    "$2 "
    "ORDER BY m.order_id",
    2};
static const struct wg_statement SWEPT = {"routing_swept", "SELECT max(at) FROM theme_sweep", 0};

static char *text_of(const PGresult *result, int row, int column, struct wg_arena *arena) {
  return wg_arena_strdup(arena, wg_get_text(result, row, column));
}

static Wangge__V1__Theme *theme_message(const PGresult *result, int row, struct wg_arena *arena) {
  Wangge__V1__Theme *theme = wg_arena_alloc(arena, sizeof *theme);
  wangge__v1__theme__init(theme);
  theme->theme_id = wg_get_i64(result, row, 0);
  theme->district = text_of(result, row, 1, arena);
  theme->title = text_of(result, row, 2, arena);
  theme->orders = wg_get_i32(result, row, 3);
  theme->grids = wg_get_i32(result, row, 4);
  theme->places = wg_get_i32(result, row, 5);
  theme->category = text_of(result, row, 6, arena);
  theme->category_count = wg_get_i32(result, row, 7);
  char *rest = NULL, *grams = text_of(result, row, 8, arena);
  theme->grams = wg_arena_alloc(arena, ROUTING_THEME_TOLD * sizeof *theme->grams);
  for (char *gram = strtok_r(grams, " ", &rest); gram && theme->n_grams < ROUTING_THEME_TOLD;
       gram = strtok_r(NULL, " ", &rest))
    theme->grams[theme->n_grams++] = gram;
  theme->score = wg_get_f64(result, row, 9);
  theme->idf = (uint64_t)wg_get_i64(result, row, 10);
  theme->evidence = text_of(result, row, 11, arena);
  theme->first_at = wg_get_time(result, row, 12);
  theme->swept_at = wg_get_time(result, row, 13);
  theme->ended_at = wg_get_time(result, row, 14);
  return theme;
}

static wg_status read_swept(struct wg_read_call *call, int64_t *at, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &SWEPT, NULL, &result, error);
  if (status != WG_OK) return status;
  *at = wg_get_time(result, 0, 0);
  PQclear(result);
  return WG_OK;
}

static wg_status check_themes(const Wangge__V1__ThemesRequest *request, int64_t *below, struct wg_error *error) {
  if (*request->district && !wg_all_digits(request->district, 6))
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be empty or 6 digits");
  if (request->limit < 0 || request->limit > PAGE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", PAGE_MOST);
  if (request->min_grids < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "min_grids", "must not be negative");
  *below = INT64_MAX;
  if (!*request->page_token || (wg_parse_i64(request->page_token, below) && *below > 0)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

wg_status routing_show_themes(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ThemesRequest *request = (const Wangge__V1__ThemesRequest *)call->request;
  int64_t below = 0, swept = 0;
  wg_status status = check_themes(request, &below, error);
  if (status == WG_OK) status = read_swept(call, &swept, error);
  if (status != WG_OK) return status;
  const int32_t limit = request->limit ? request->limit : PAGE_DEFAULT;
  struct wg_params *params = wg_params(call->arena, 6);
  struct wg_column *districts = wg_column_text(call->arena, 32);
  for (int i = 0; i < call->caller->districts; i++)
    wg_push_text(districts, call->caller->district[i]);
  wg_param_text(params, request->district);
  wg_param_column(params, districts);
  wg_param_i64(params, below);
  wg_param_i64(params, limit);
  wg_param_bool(params, request->ended);
  wg_param_i32(params, request->min_grids);
  PGresult *result = NULL;
  status = wg_db_run(call->db, &THEMES, params, &result, error);
  if (status != WG_OK) return status;
  const int rows = PQntuples(result);
  Wangge__V1__ThemesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__themes_response__init(response);
  response->swept_at = swept;
  response->themes = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->themes);
  for (int row = 0; row < rows; row++)
    response->themes[response->n_themes++] = theme_message(result, row, call->arena);
  PQclear(result);
  if (rows == limit)
    response->next_page_token = wg_arena_printf(call->arena, "%" PRId64, response->themes[rows - 1]->theme_id);
  *reply = &response->base;
  return WG_OK;
}

static Wangge__V1__ThemeMember *member_message(const PGresult *result, int row, struct wg_arena *arena) {
  Wangge__V1__ThemeMember *member = wg_arena_alloc(arena, sizeof *member);
  wangge__v1__theme_member__init(member);
  member->order_id = wg_get_i64(result, row, 0);
  member->grid_code = text_of(result, row, 1, arena);
  member->place_id = text_of(result, row, 2, arena);
  member->score = wg_get_f64(result, row, 3);
  member->category = text_of(result, row, 4, arena);
  member->routed_at = wg_get_time(result, row, 5);
  return member;
}

wg_status routing_show_theme(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ThemeRequest *request = (const Wangge__V1__ThemeRequest *)call->request;
  if (request->theme_id <= 0) return wg_fail(error, WG_INVALID_ARGUMENT, "theme_id", "must be a positive number");
  struct wg_params *params = wg_params(call->arena, 1);
  wg_param_i64(params, request->theme_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &THEME, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__Theme *theme = PQntuples(result) ? theme_message(result, 0, call->arena) : NULL;
  PQclear(result);
  if (!theme || !routing_may_district(call->caller, theme->district))
    return wg_fail(error, WG_NOT_FOUND, "theme_id", "there is no theme %" PRId64 " that this caller may know of",
                   request->theme_id);
  params = wg_params(call->arena, 2);
  wg_param_text(params, theme->district);
  wg_param_i64(params, theme->theme_id);
  status = wg_db_run(call->db, &MEMBERS, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__ThemeResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__theme_response__init(response);
  response->theme = theme;
  const int rows = PQntuples(result);
  response->members = wg_arena_alloc(call->arena, ((size_t)rows + 1) * sizeof *response->members);
  for (int row = 0; row < rows; row++)
    response->members[response->n_members++] = member_message(result, row, call->arena);
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}

wg_status routing_sweep_now(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  struct routing *routing = call->service;
  pthread_rwlock_rdlock(&routing->lock);
  const bool possible = routing->model != NULL;
  pthread_rwlock_unlock(&routing->lock);
  if (!possible)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "no model of texts is set; make one with `wangge train`");
  Wangge__V1__SweepThemesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__sweep_themes_response__init(response);
  const wg_status status = read_swept(call, &response->swept_at, error);
  if (status != WG_OK) return status;
  pthread_mutex_lock(&routing->sweep.lock);
  routing->sweep.requested = true;
  pthread_mutex_unlock(&routing->sweep.lock);
  *reply = &response->base;
  return WG_OK;
}
