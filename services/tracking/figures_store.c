// See figures_store.h.
#include "services/tracking/figures_store.h"

#include <string.h>

static const struct wg_statement INSERT_DELTAS = {
    "figures_insert_deltas",
    "INSERT INTO figure_delta (district, n, body) SELECT unnest($1::text[]), $2, unnest($3::bytea[])", 3};

// seen_before: a row before this one is of its district.
static bool seen_before(const struct figures_table *table, size_t row) {
  for (size_t i = 0; i < row; i++) {
    if (strcmp(table->rows[i]->district, table->rows[row]->district) == 0) return true;
  }
  return false;
}

wg_status figures_store_changes(struct wg_batch *batch, const struct figures_table *changes, uint64_t n, size_t *bytes,
                                struct wg_error *error) {
  *bytes = 0;
  struct wg_column *districts = wg_column_text(batch->arena, 4), *bodies = wg_column_bytea(batch->arena, 4);
  for (size_t i = 0; i < changes->count; i++) {
    // What a case counts for begins with ALL, so the first row of a district is such a one.
    if (changes->rows[i]->by != WANGGE__V1__FIGURE_DIMENSION__FIGURE_DIMENSION_ALL || seen_before(changes, i)) continue;
    const struct wg_bytes body = figures_pack(changes, changes->rows[i]->district, batch->arena);
    if (!body.size) continue;
    wg_push_text(districts, changes->rows[i]->district);
    wg_push_bytea(bodies, body);
    *bytes += body.size;
  }
  if (!wg_column_rows(districts)) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, 3);
  wg_param_column(params, districts);
  wg_param_i64(params, (int64_t)n);
  wg_param_column(params, bodies);
  return wg_db_send(batch->db, &INSERT_DELTAS, params, NULL, NULL, error);
}

// Primary key, in its order; the sum stops reading where the bound is reached.
static const struct wg_statement LOAD_DELTAS = {
    "figures_load_deltas",
    "SELECT d.district, d.n, d.body FROM (SELECT f.district, f.n, f.body, sum(octet_length(f.body)) OVER "
    "(ORDER BY f.district, f.n) AS bytes FROM (SELECT district, n, body FROM figure_delta ORDER BY district, n "
    "LIMIT $1) f) d WHERE d.bytes <= $2 OR d.bytes = octet_length(d.body) ORDER BY d.district, d.n",
    2};

static wg_status on_deltas(void *context, const PGresult *result, struct wg_error *error) {
  struct figures_fold *fold = context;
  for (int row = 0; row < PQntuples(result); row++) {
    const char *district = wg_get_text(result, row, 0);
    const struct wg_bytes body = wg_get_bytea(result, row, 2);
    const wg_status status = figures_add(fold->sums, district, body, error);
    if (status != WG_OK) return status;
    fold->bytes += body.size;
    wg_push_text(fold->districts, district);
    wg_push_i64(fold->numbers, wg_get_i64(result, row, 1));
  }
  return WG_OK;
}

wg_status figures_fold_load(struct wg_batch *batch, struct figures_fold *fold, struct wg_error *error) {
  fold->sums = figures_table_create(batch->arena);
  fold->districts = wg_column_text(batch->arena, 64);
  fold->numbers = wg_column_i64(batch->arena, 64);
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_i64(params, FIGURES_FOLD_ROWS);
  wg_param_i64(params, FIGURES_FOLD_BYTES);
  return wg_db_send(batch->db, &LOAD_DELTAS, params, on_deltas, fold, error);
}

// The counters of all rows come one behind the other; $6 of them a row.
static const struct wg_statement ADD = {
    "figures_add",
    "INSERT INTO figure AS f (district, by, month, key, counts) "
    "SELECT w.district, w.by, w.month, w.key, ($5::bigint[])[(w.i - 1) * $6 + 1 : w.i * $6] "
    "FROM unnest($1::text[], $2::smallint[], $3::int[], $4::text[]) WITH ORDINALITY AS w(district, by, month, key, i) "
    "ON CONFLICT (district, by, month, key) DO UPDATE SET counts = figure_sum(f.counts, excluded.counts)",
    6};
static const struct wg_statement DELETE_DELTAS = {
    "figures_delete_deltas",
    "DELETE FROM figure_delta f USING unnest($1::text[], $2::bigint[]) AS w(district, n) "
    "WHERE f.district = w.district AND f.n = w.n",
    2};

static bool all_zero(const int64_t counts[FIGURES]) {
  for (int i = 0; i < FIGURES; i++) {
    if (counts[i]) return false;
  }
  return true;
}

// add_params gives the parameters of ADD; NULL when all sums are zero.
static struct wg_params *add_params(const struct figures_table *sums, struct wg_arena *arena) {
  const size_t rows = sums->count;
  struct wg_column *districts = wg_column_text(arena, rows), *by = wg_column_i16(arena, rows),
                   *months = wg_column_i32(arena, rows), *keys = wg_column_text(arena, rows),
                   *counts = wg_column_i64(arena, rows * FIGURES);
  for (size_t i = 0; i < rows; i++) {
    const struct figures_row *row = sums->rows[i];
    if (all_zero(row->counts)) continue;
    wg_push_text(districts, row->district);
    wg_push_i16(by, (int16_t)row->by);
    wg_push_i32(months, row->month);
    wg_push_text(keys, row->key);
    for (int k = 0; k < FIGURES; k++)
      wg_push_i64(counts, row->counts[k]);
  }
  if (!wg_column_rows(districts)) return NULL;
  struct wg_params *params = wg_params(arena, 6);
  wg_param_column(params, districts);
  wg_param_column(params, by);
  wg_param_column(params, months);
  wg_param_column(params, keys);
  wg_param_column(params, counts);
  wg_param_i32(params, FIGURES);
  return params;
}

wg_status figures_store_all(struct wg_db *db, const struct figures_table *sums, struct wg_error *error) {
  const struct wg_params *params = add_params(sums, sums->arena);
  return params ? wg_db_run(db, &ADD, params, NULL, error) : WG_OK;
}

wg_status figures_fold_store(struct wg_batch *batch, const struct figures_fold *fold, struct wg_error *error) {
  if (!wg_column_rows(fold->numbers)) return WG_OK;
  struct wg_params *params = add_params(fold->sums, batch->arena);
  const wg_status status = params ? wg_db_send(batch->db, &ADD, params, NULL, NULL, error) : WG_OK;
  if (status != WG_OK) return status;
  params = wg_params(batch->arena, 2);
  wg_param_column(params, fold->districts);
  wg_param_column(params, fold->numbers);
  return wg_db_send(batch->db, &DELETE_DELTAS, params, NULL, NULL, error);
}
