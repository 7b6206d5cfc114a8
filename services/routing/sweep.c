// See sweep.h: what runs in the reader thread. Orders are read in pages, newest first; the model of texts is locked for
// a page at a time, so that a reload waits for milliseconds only.
#include "services/routing/sweep.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/wire/wire.h"
#include "services/routing/routing.h"
#include "services/routing/study.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 500, DAYS = 90, GRID_DIGITS = 15 };

// Primary keys, one step for each district.
static const struct wg_statement DISTRICTS = {
    "routing_sweep_districts",
    "WITH RECURSIVE d(district) AS (SELECT min(district) FROM assignment UNION ALL "
    "SELECT (SELECT min(a.district) FROM assignment a WHERE a.district > d.district) FROM d "
    "WHERE d.district IS NOT NULL) SELECT district FROM d WHERE district IS NOT NULL",
    0};
// Primary keys; few rows.
static const struct wg_statement STATE = {
    "routing_sweep_state",
    "SELECT coalesce(max(n), 0), max(at), (SELECT coalesce(max(theme_id), 0) FROM theme) FROM theme_sweep", 0};
// Primary key. Withdrawn orders (state 4) are left out.
static const struct wg_statement ORDERS = {
    "routing_sweep_orders",
    "SELECT order_id, received, place_id, area, category, routed_at FROM assignment WHERE district = $1 "
    "AND order_id < $2 AND state <> 4 ORDER BY order_id DESC LIMIT $3",
    3};
// Primary keys.
static const struct wg_statement KNOWN = {
    "routing_sweep_known",
    "SELECT m.order_id, m.theme_id FROM theme t JOIN theme_member m ON m.district = t.district "
    "AND m.theme_id = t.theme_id WHERE t.district = $1 AND t.ended_at IS NULL ORDER BY m.order_id",
    1};
static const struct wg_statement ORDER = {"routing_sweep_order",
                                          "SELECT received FROM assignment WHERE district = $1 AND order_id = $2", 2};

struct search {
  struct routing *routing;
  struct wg_db *db;
  int64_t now, next_id;
  struct routing_theme_set *set;
  struct routing_text_work *work;
  struct wg_arena *scratch; // of one page
  struct routing_theme_order *orders;
  size_t count; // filled from the end: they come newest first
};

// --- start, stop, what the loop asks ---
void routing_sweep_start(struct routing_sweep *sweep, struct wg_metrics *metrics) {
  pthread_mutex_init(&sweep->lock, NULL);
  sweep->at = wg_gauge(metrics, "wangge_routing_theme_sweep_timestamp_seconds", NULL,
                       "When the sweep for themes last ended; 0: not since the start");
  sweep->seconds =
      wg_gauge(metrics, "wangge_routing_theme_sweep_seconds", NULL, "How long the last sweep for themes took");
  sweep->themes = wg_gauge(metrics, "wangge_routing_themes", NULL, "Themes that the last sweep found");
}

static void free_set(struct routing_theme_set *set) {
  if (set) wg_arena_destroy(set->arena);
}

void routing_sweep_stop(struct routing_sweep *sweep) {
  free_set(sweep->made);
  pthread_mutex_destroy(&sweep->lock);
}

const struct routing_theme_set *routing_sweep_waiting(struct routing_sweep *sweep) {
  pthread_mutex_lock(&sweep->lock);
  const struct routing_theme_set *set = sweep->made;
  pthread_mutex_unlock(&sweep->lock);
  return set;
}

void routing_sweep_stored(struct routing_sweep *sweep, int64_t now) {
  pthread_mutex_lock(&sweep->lock);
  struct routing_theme_set *set = sweep->made;
  sweep->made = NULL;
  sweep->last = now;
  pthread_mutex_unlock(&sweep->lock);
  const int64_t at_seconds = now / WG_SECOND_US;
  wg_set(sweep->at, (double)at_seconds);
  wg_set(sweep->seconds, set->seconds);
  wg_set(sweep->themes, (double)set->count);
  wg_log(WG_LOG_INFO, "swept for themes", wg_field_int("orders", (int64_t)set->orders),
         wg_field_int("themes", (int64_t)set->count), wg_field_int("took_ms", (int64_t)(set->seconds * 1000)));
  free_set(set);
}

// --- orders ---
static struct wg_bytes bytes_of(const char *text) {
  return wg_bytes_of(text ? text : "");
}

// take_row: an order without a grid or whose text cannot be read is passed over. The model is locked.
static wg_status take_row(struct search *search, const PGresult *result, int row, struct wg_error *error) {
  const Wangge__V1__OrderReceived *event = NULL;
  const char *area = wg_get_text(result, row, 3);
  if (strlen(area) != GRID_DIGITS) return WG_OK;
  const wg_status status = routing_received_read(wg_get_bytea(result, row, 1), search->scratch, &event, error);
  if (status != WG_OK) return status;
  struct routing_said said;
  if (!routing_said_of(event->order, "", NULL, search->routing->model, search->work, search->scratch, &said))
    return WG_OK;
  struct wg_arena *arena = search->set->arena;
  struct routing_theme_order *taken = &search->orders[ROUTING_THEME_ORDERS - ++search->count];
  taken->id = wg_get_i64(result, row, 0);
  taken->grid = wg_arena_strdup(arena, area);
  taken->place_id = wg_arena_strdup(arena, wg_get_text(result, row, 2));
  taken->category = wg_arena_strdup(arena, wg_get_text(result, row, 4));
  routing_theme_take(taken, &said.vector, arena);
  return WG_OK;
}

// take_page: ABORTED: another model of texts has come into force, vectors of two cannot be compared.
static wg_status take_page(struct search *search, const PGresult *result, bool *more, struct wg_error *error) {
  struct routing *routing = search->routing;
  wg_status status = WG_OK;
  pthread_rwlock_rdlock(&routing->lock);
  if (!routing->model || (int64_t)routing->model->idf->id != search->set->idf)
    status = wg_fail(error, WG_ABORTED, NULL, "another model of texts is in force; the sweep begins anew");
  for (int row = 0; row < PQntuples(result) && status == WG_OK && *more; row++) {
    *more = search->count < ROUTING_THEME_ORDERS && wg_get_time(result, row, 5) > search->now - DAYS * WG_DAY_US;
    if (*more) status = take_row(search, result, row, error);
  }
  pthread_rwlock_unlock(&routing->lock);
  wg_arena_reset(search->scratch);
  return status;
}

static wg_status read_orders(struct search *search, const char *district, struct wg_error *error) {
  int64_t below = INT64_MAX;
  bool more = true;
  wg_status status = WG_OK;
  search->count = 0;
  while (more && status == WG_OK) {
    struct wg_params *params = wg_params(search->scratch, 3);
    wg_param_text(params, district);
    wg_param_i64(params, below);
    wg_param_i64(params, PAGE);
    PGresult *result = NULL;
    status = wg_db_run(search->db, &ORDERS, params, &result, error);
    if (status != WG_OK) return status;
    const int rows = PQntuples(result);
    if (rows > 0) below = wg_get_i64(result, rows - 1, 0);
    status = take_page(search, result, &more, error);
    more = more && rows == PAGE;
    PQclear(result);
  }
  search->set->orders += search->count;
  return status;
}

// --- names and words ---
static wg_status name(struct search *search, const char *district, struct routing_theme *themes, size_t count,
                      struct wg_error *error) {
  struct wg_params *params = wg_params(search->scratch, 1);
  wg_param_text(params, district);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(search->db, &KNOWN, params, &result, error);
  if (status != WG_OK) return status;
  const size_t known_count = (size_t)PQntuples(result);
  struct routing_theme_known *known = wg_alloc((known_count + 1) * sizeof *known);
  for (size_t i = 0; i < known_count; i++)
    known[i] = (struct routing_theme_known){wg_get_i64(result, (int)i, 0), wg_get_i64(result, (int)i, 1)};
  PQclear(result);
  routing_themes_name(themes, count, known, known_count, search->next_id);
  for (size_t i = 0; i < count; i++)
    if (themes[i].id >= search->next_id) search->next_id = themes[i].id + 1;
  free(known);
  return WG_OK;
}

static const char *join_words(const struct routing_theme *theme, const struct routing_text *text,
                              struct wg_arena *arena) {
  const char *joined = "";
  for (size_t i = 0; i < theme->grams; i++) {
    const char *word = routing_gram_spell(text, theme->gram[i], arena);
    if (word) joined = wg_arena_printf(arena, "%s%s%s", joined, *joined ? " " : "", word);
  }
  return joined;
}

// put_into_words reads the order that says best what all say: its title is the theme's, its words spell the n-grams.
static wg_status put_into_words(struct search *search, struct routing_theme_row *row, struct wg_error *error) {
  struct wg_arena *arena = search->set->arena;
  const struct routing_theme *theme = &row->theme;
  struct wg_params *params = wg_params(search->scratch, 2);
  wg_param_text(params, row->district);
  wg_param_i64(params, theme->likest->id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(search->db, &ORDER, params, &result, error);
  if (status != WG_OK) return status;
  const Wangge__V1__OrderReceived *event = NULL;
  struct routing_text text = {0};
  row->title = row->grams = "";
  if (PQntuples(result)) status = routing_received_read(wg_get_bytea(result, 0, 0), search->scratch, &event, error);
  const Wangge__V1__Order *order = event && status == WG_OK ? event->order : NULL;
  if (order)
    status = routing_text_normalise(bytes_of(order->title), bytes_of(order->text), search->work, search->scratch, &text,
                                    error);
  if (order && status == WG_OK) {
    row->title = wg_arena_strdup(arena, order->title ? order->title : "");
    row->grams = join_words(theme, &text, arena);
  }
  PQclear(result);
  row->evidence = wg_arena_printf(arena, "%zu个网格、%zu处地点的%zu件诉求，平均相似度%.2f；共同用语：%s", theme->grids,
                                  theme->places, theme->count, (double)theme->score, row->grams);
  if (theme->category_count)
    row->evidence =
        wg_arena_printf(arena, "%s；分类：%s（%zu件）", row->evidence, theme->category, theme->category_count);
  return status;
}

// --- a sweep ---
static wg_status sweep_district(struct search *search, const char *district, size_t grids, struct wg_error *error) {
  struct routing_theme_set *set = search->set;
  wg_status status = read_orders(search, district, error);
  if (status != WG_OK) return status;
  struct routing_theme *themes = NULL;
  const size_t count = routing_themes_find(search->orders + (ROUTING_THEME_ORDERS - search->count), search->count,
                                           grids, set->arena, &themes);
  status = name(search, district, themes, count, error);
  struct routing_theme_row *rows = wg_arena_alloc(set->arena, (set->count + count + 1) * sizeof *rows);
  if (set->count) memcpy(rows, set->rows, set->count * sizeof *rows);
  set->rows = rows;
  for (size_t i = 0; i < count && status == WG_OK; i++) {
    struct routing_theme_row *row = &rows[set->count++];
    // The orders' array is used again for the next district.
    *row = (struct routing_theme_row){.district = district, .theme = themes[i]};
    for (size_t k = 0; k < row->theme.count; k++) {
      struct routing_theme_order *kept = wg_arena_alloc(set->arena, sizeof *kept);
      *kept = *row->theme.members[k].order;
      if (row->theme.likest == row->theme.members[k].order) row->theme.likest = kept;
      row->theme.members[k].order = kept;
    }
    status = put_into_words(search, row, error);
    wg_arena_reset(search->scratch);
  }
  return status;
}

static wg_status sweep_all(struct search *search, size_t grids, struct wg_error *error) {
  PGresult *result = NULL;
  wg_status status = wg_db_run(search->db, &DISTRICTS, NULL, &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result) && status == WG_OK; row++)
    status = sweep_district(search, wg_arena_strdup(search->set->arena, wg_get_text(result, row, 0)), grids, error);
  PQclear(result);
  return status;
}

static wg_status read_state(struct search *search, int64_t *last, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(search->db, &STATE, NULL, &result, error);
  if (status != WG_OK) return status;
  search->set->prior = wg_get_i32(result, 0, 0);
  *last = wg_get_time(result, 0, 1);
  search->next_id = wg_get_i64(result, 0, 2) + 1;
  PQclear(result);
  return WG_OK;
}

static int64_t model_id(struct routing *routing) {
  pthread_rwlock_rdlock(&routing->lock);
  const int64_t id = routing->model ? (int64_t)routing->model->idf->id : 0;
  pthread_rwlock_unlock(&routing->lock);
  return id;
}

// hand_over keeps the set for the tick, or what was asked for.
static void hand_over(struct routing_sweep *sweep, struct routing_theme_set *made, bool requested, int64_t last) {
  pthread_mutex_lock(&sweep->lock);
  sweep->made = made;
  if (requested) sweep->requested = true;
  if (last) sweep->last = last;
  pthread_mutex_unlock(&sweep->lock);
}

wg_status routing_sweep_refresh(void *service, struct wg_db *db, int64_t now, struct wg_error *error) {
  struct routing *routing = service;
  struct routing_sweep *sweep = &routing->sweep;
  const int minute = routing->sweep_minute;
  pthread_mutex_lock(&sweep->lock);
  const bool begin = !sweep->made && (sweep->requested || routing_sweep_due(sweep->last, now, minute));
  const bool requested = begin && sweep->requested;
  if (begin) sweep->requested = false;
  pthread_mutex_unlock(&sweep->lock);
  const int64_t idf = begin ? model_id(routing) : 0;
  if (!idf) return WG_OK;
  struct wg_arena *arena = wg_arena_create(1 << 18);
  struct search search = {.routing = routing, .db = db, .now = now, .scratch = wg_arena_create(1 << 18)};
  search.set = wg_arena_zalloc(arena, sizeof *search.set);
  search.set->arena = arena;
  search.set->idf = idf;
  search.work = routing_text_work_create();
  search.orders = wg_alloc(ROUTING_THEME_ORDERS * sizeof *search.orders);
  const int64_t began = wg_monotonic_us();
  int64_t last = 0;
  wg_status status = read_state(&search, &last, error);
  const bool wanted = status == WG_OK && (requested || routing_sweep_due(last, now, minute));
  if (wanted) status = sweep_all(&search, (size_t)routing->settings.theme_grids, error);
  search.set->seconds = (double)(wg_monotonic_us() - began) / WG_SECOND_US;
  const bool made = wanted && status == WG_OK;
  hand_over(sweep, made ? search.set : NULL, requested && !made, last);
  free(search.orders);
  routing_text_work_destroy(search.work);
  wg_arena_destroy(search.scratch);
  if (!made) wg_arena_destroy(arena);
  return status;
}
