// See clocks_store.h.
#include "services/tracking/clocks_store.h"

#include "services/tracking/facts.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void digest_of(const struct tracking_clocks *clocks, uint8_t digest[TRACKING_CLOCKS_DIGEST]) {
  static_assert(TRACKING_CLOCKS_DIGEST == crypto_hash_sha256_BYTES, "SHA-256");
  crypto_hash_sha256(digest, (const unsigned char *)clocks, sizeof *clocks); // cleared before it was read, all of ints
}

// One row.
static const struct wg_statement READ = {"tracking_read_clocks", "SELECT digest FROM clocks_applied", 0};

wg_status tracking_reclock_read(struct wg_db *db, struct tracking_reclock *walk, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &READ, NULL, &result, error);
  if (status != WG_OK) return status;
  *walk = (struct tracking_reclock){0};
  const struct wg_bytes kept = PQntuples(result) ? wg_get_bytea(result, 0, 0) : (struct wg_bytes){NULL, 0};
  if (kept.size == sizeof walk->applied) memcpy(walk->applied, kept.data, kept.size);
  PQclear(result);
  return WG_OK;
}

void tracking_reclock_begin(struct tracking_reclock *walk, const struct tracking_clocks *clocks) {
  uint8_t digest[TRACKING_CLOCKS_DIGEST];
  digest_of(clocks, digest);
  walk->wanted = memcmp(digest, walk->applied, sizeof digest) != 0;
  walk->next_at = INT64_MIN;
  walk->district[0] = '\0';
  walk->order_id = 0;
}

// Index cases_next. A case that a part moves further on is met again, and stays as it is then.
static const struct wg_statement LOAD = {"tracking_load_reclock",
                                         "SELECT " TRACKING_COLUMNS " FROM cases c WHERE c.next_at >= $1::timestamptz "
                                         "AND (c.next_at, c.district, c.order_id) > ($1::timestamptz, $2, $3) "
                                         "ORDER BY c.next_at, c.district, c.order_id LIMIT $4",
                                         4};
// The first part has no case to stand behind.
static const struct wg_statement LOAD_FIRST = {"tracking_load_reclock_first",
                                               "SELECT " TRACKING_COLUMNS " FROM cases c WHERE c.next_at IS NOT NULL "
                                               "ORDER BY c.next_at, c.district, c.order_id LIMIT $1",
                                               1};

static wg_status on_cases(void *context, const PGresult *result, struct wg_error *error) {
  struct tracking_reclocked *found = context;
  const wg_status status = tracking_store_read(found->table, result, found->cases, &found->count, error);
  if (status == WG_OK && found->count) found->next_at = wg_get_time(result, PQntuples(result) - 1, TRACKING_NEXT_AT);
  return status;
}

wg_status tracking_reclock_load(struct wg_batch *batch, const struct tracking_reclock *walk,
                                struct tracking_reclocked *found, struct wg_error *error) {
  found->cases = wg_arena_alloc(batch->arena, sizeof(struct tracking_case *) * TRACKING_RECLOCK_CASES);
  const bool first = walk->next_at == INT64_MIN;
  struct wg_params *params = wg_params(batch->arena, first ? 1 : 4);
  if (!first) {
    wg_param_time(params, walk->next_at);
    wg_param_text(params, walk->district);
    wg_param_i64(params, walk->order_id);
  }
  wg_param_i32(params, TRACKING_RECLOCK_CASES);
  return wg_db_send(batch->db, first ? &LOAD_FIRST : &LOAD, params, on_cases, found, error);
}

// Primary key.
static const struct wg_statement APPLIED = {
    "tracking_apply_clocks",
    "INSERT INTO clocks_applied (only_row, digest, at) VALUES (true, $1, now()) "
    "ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest, at = excluded.at",
    1};

wg_status tracking_reclock_store(struct wg_batch *batch, const struct tracking_reclocked *found,
                                 const struct tracking_clocks *clocks, struct wg_error *error) {
  if (found->count == TRACKING_RECLOCK_CASES) return WG_OK;
  uint8_t *digest = wg_arena_alloc(batch->arena, TRACKING_CLOCKS_DIGEST);
  digest_of(clocks, digest);
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_bytea(params, (struct wg_bytes){digest, TRACKING_CLOCKS_DIGEST});
  return wg_db_send(batch->db, &APPLIED, params, NULL, NULL, error);
}

void tracking_reclock_went(struct tracking_reclock *walk, const struct tracking_reclocked *found,
                           const struct tracking_clocks *clocks) {
  if (found->count < TRACKING_RECLOCK_CASES) {
    digest_of(clocks, walk->applied);
    walk->wanted = false;
    return;
  }
  const Wangge__V1__Case *last = &found->cases[found->count - 1]->row;
  walk->next_at = found->next_at;
  snprintf(walk->district, sizeof walk->district, "%s", last->district);
  walk->order_id = last->order_id;
}
