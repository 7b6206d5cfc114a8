// The first count: a database whose cases are older than its figures. One transaction, district by district, page by
// page.
#include "services/tracking/figures_store.h"
#include "services/tracking/tracking.h"

#include "common/base/log.h"

#include <stdio.h>

enum { CASES_AT_ONCE = 2000 };

static const struct wg_statement WANTED = {
    "figures_wanted",
    "SELECT EXISTS (SELECT FROM cases) AND NOT EXISTS (SELECT FROM figure) AND NOT EXISTS (SELECT FROM figure_delta)",
    0};
// Districts are few: they are found one by one in the primary key.
static const struct wg_statement NEXT_DISTRICT = {
    "figures_next_district", "SELECT coalesce(min(district), '') FROM cases WHERE district > $1", 1};

static wg_status is_wanted(struct wg_db *db, struct wg_arena *arena, bool *wanted, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &WANTED, wg_params(arena, 0), &result, error);
  if (status != WG_OK) return status;
  *wanted = wg_get_bool(result, 0, 0);
  PQclear(result);
  return WG_OK;
}

// next_district replaces it by the one behind it; "" when there is none.
static wg_status next_district(struct wg_db *db, struct wg_arena *arena, char district[8], struct wg_error *error) {
  PGresult *result = NULL;
  struct wg_params *params = wg_params(arena, 1);
  wg_param_text(params, district);
  const wg_status status = wg_db_run(db, &NEXT_DISTRICT, params, &result, error);
  if (status != WG_OK) return status;
  snprintf(district, 8, "%s", wg_get_text(result, 0, 0));
  PQclear(result);
  return WG_OK;
}

static wg_status count_district(struct wg_db *db, const char *district, struct figures_table *sums, int64_t *counted,
                                struct wg_error *error) {
  struct wg_arena *page = wg_arena_create(1 << 20);
  wg_status status = WG_OK;
  for (int64_t after = 0; status == WG_OK;) {
    const Wangge__V1__Case **cases;
    size_t count;
    wg_arena_reset(page);
    status = tracking_read_cases(db, page, district, after, CASES_AT_ONCE, &cases, &count, error);
    if (status != WG_OK || count == 0) break;
    for (size_t i = 0; i < count; i++)
      figures_count(sums, cases[i], 1);
    after = cases[count - 1]->order_id;
    *counted += (int64_t)count;
  }
  wg_arena_destroy(page);
  return status;
}

static wg_status count_all(struct wg_db *db, struct wg_arena *arena, struct wg_error *error) {
  char district[8] = "";
  int64_t counted = 0;
  wg_status status = next_district(db, arena, district, error);
  while (status == WG_OK && *district) {
    struct figures_table *sums = figures_table_create(arena);
    status = count_district(db, district, sums, &counted, error);
    if (status == WG_OK) status = figures_store_all(db, sums, error);
    if (status == WG_OK) status = next_district(db, arena, district, error);
  }
  if (status == WG_OK)
    wg_log(WG_LOG_INFO, "cases from before were counted for evaluation", wg_field_int("cases", counted));
  return status;
}

wg_status tracking_figures_begin(struct wg_db *db, struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(1 << 16);
  bool wanted = false;
  wg_status status = is_wanted(db, arena, &wanted, error);
  if (status == WG_OK && wanted) {
    status = wg_db_exec(db, "BEGIN", error);
    if (status == WG_OK) status = count_all(db, arena, error);
    struct wg_error ending = {0};
    if (status == WG_OK) status = wg_db_exec(db, "COMMIT", error);
    else if (!wg_db_lost(db)) wg_db_exec(db, "ROLLBACK", &ending);
  }
  wg_arena_destroy(arena);
  return status;
}
