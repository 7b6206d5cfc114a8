#include "services/land/ledger/daily.h"

#include "services/land/ledger/topic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { VILLAGES = 500 }; // of one tick
#define LOOK_AGAIN_US (3600 * WG_SECOND_US)

struct made {
  struct made *next;
  const char *district, *village; // village NULL: of the district
  struct land_checkpoint checkpoint;
};

struct land_daily {
  struct wg_arena *arena;
  int64_t now;
  int32_t day;
  bool districts; // this tick is about districts, the villages are done
  size_t villages;
  struct made *made;
  // of the district whose villages are being read
  const char *district;
  struct land_peaks peaks;
};

// --- what is to be signed ---
// Every head once an hour, each with a look into the primary key of checkpoint by its origin.
static const struct wg_statement GROWN = {
    "land_grown_ledgers",
    "SELECT h.district, h.village, h.size, h.peaks FROM village_head h WHERE NOT EXISTS (SELECT FROM checkpoint c "
    "WHERE "
    "c.district = h.district AND c.origin = $1 || h.village AND (c.size = h.size OR (c.made_at AT TIME ZONE "
    "'Asia/Shanghai')::date = date '1970-01-01' + $2)) ORDER BY h.district, h.village LIMIT $3",
    3};
// The newest checkpoint of every village, by the primary key, of districts that have none of their own today.
static const struct wg_statement NEWEST = {
    "land_newest_checkpoints",
    "SELECT DISTINCT ON (c.district, c.origin) c.district, c.village, c.size, c.root FROM checkpoint c "
    "WHERE c.village IS NOT NULL AND NOT EXISTS (SELECT FROM checkpoint d WHERE d.district = c.district AND d.origin = "
    "$1 || c.district || '/' || $2) ORDER BY c.district, c.origin, c.size DESC",
    2};

static void add(struct land_daily *daily, const char *district, const char *village,
                const struct land_checkpoint *checkpoint) {
  struct made *made = wg_arena_alloc(daily->arena, sizeof *made);
  *made = (struct made){daily->made, district, village, *checkpoint};
  daily->made = made;
}

static wg_status on_grown(void *context, const PGresult *result, struct wg_error *error) {
  struct land_daily *daily = context;
  daily->villages = (size_t)PQntuples(result);
  for (int row = 0; row < PQntuples(result); row++) {
    struct land_head head = {0};
    snprintf(head.village, sizeof head.village, "%s", wg_get_text(result, row, 1));
    const wg_status status =
        land_peaks_load(&head.peaks, (uint64_t)wg_get_i64(result, row, 2), wg_get_bytea(result, row, 3), error);
    if (status != WG_OK) return status;
    const struct land_checkpoint checkpoint = land_checkpoint_of(&head);
    add(daily, wg_arena_strdup(daily->arena, wg_get_text(result, row, 0)), wg_arena_strdup(daily->arena, head.village),
        &checkpoint);
  }
  return WG_OK;
}

static void end_district(struct land_daily *daily) {
  char day[WG_DAY_TEXT];
  if (!daily->district) return;
  struct land_checkpoint checkpoint = {.size = daily->peaks.size};
  snprintf(checkpoint.origin, sizeof checkpoint.origin, LAND_ORIGIN_PREFIX "%s/%s", daily->district,
           wg_day_format(daily->day, day));
  land_peaks_root(&daily->peaks, checkpoint.root);
  add(daily, daily->district, NULL, &checkpoint);
}

// Villages come in order of their codes, as the tree over a district has them (checkpoint.h).
static wg_status on_newest(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct land_daily *daily = context;
  for (int row = 0; row < PQntuples(result); row++) {
    const char *district = wg_get_text(result, row, 0);
    if (!daily->district || strcmp(daily->district, district) != 0) {
      end_district(daily);
      daily->district = wg_arena_strdup(daily->arena, district);
      daily->peaks = (struct land_peaks){0};
    }
    char village[LAND_VILLAGE_DIGITS + 1];
    uint8_t leaf[LAND_HASH_BYTES];
    snprintf(village, sizeof village, "%s", wg_get_text(result, row, 1));
    land_district_leaf(village, (uint64_t)wg_get_i64(result, row, 2), wg_get_bytea(result, row, 3).data, leaf);
    land_peaks_append(&daily->peaks, leaf, NULL);
  }
  end_district(daily);
  return WG_OK;
}

wg_status land_daily_load(struct land *land, struct wg_batch *batch, struct land_daily **daily,
                          struct wg_error *error) {
  const int32_t today = land_today(batch->now);
  *daily = NULL;
  if (batch->now < land->checkpoints.at_us) return WG_OK;
  struct land_daily *found = wg_arena_zalloc(batch->arena, sizeof *found);
  found->arena = batch->arena;
  found->now = batch->now;
  found->day = today;
  found->districts = land->checkpoints.districts;
  *daily = found;
  struct wg_params *params = wg_params(batch->arena, 3);
  wg_param_text(params, LAND_ORIGIN_PREFIX);
  if (found->districts) {
    char day[WG_DAY_TEXT];
    wg_param_text(params, wg_arena_strdup(batch->arena, wg_day_format(today, day)));
    return wg_db_send(batch->db, &NEWEST, params, on_newest, found, error);
  }
  wg_param_i32(params, today);
  wg_param_i64(params, VILLAGES);
  return wg_db_send(batch->db, &GROWN, params, on_grown, found, error);
}

// --- keeping it ---
static const struct wg_statement KEEP = {
    "land_keep_checkpoints",
    "INSERT INTO checkpoint (district, origin, size, village, root, made_at, note) SELECT unnest($1::text[]), "
    "unnest($2::text[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::bytea[]), $6, unnest($7::text[]) "
    "ON CONFLICT (district, origin, size) DO NOTHING",
    7};

wg_status land_daily_store(const struct land *land, struct wg_batch *batch, struct land_daily *daily,
                           struct wg_error *error) {
  if (!daily || !daily->made) return WG_OK;
  struct wg_arena *a = batch->arena;
  struct wg_column *district = wg_column_text(a, 64), *origin = wg_column_text(a, 64), *size = wg_column_i64(a, 64),
                   *village = wg_column_text(a, 64), *root = wg_column_bytea(a, 64), *note = wg_column_text(a, 64);
  for (const struct made *made = daily->made; made; made = made->next) {
    wg_push_text(district, made->district);
    wg_push_text(origin, made->checkpoint.origin);
    wg_push_i64(size, (int64_t)made->checkpoint.size);
    wg_push_text(village, made->village);
    wg_push_bytea(root, (struct wg_bytes){made->checkpoint.root, LAND_HASH_BYTES});
    wg_push_text(note, land_note(&made->checkpoint, &land->signer, a));
  }
  struct wg_params *params = wg_params(a, 7);
  wg_param_column(params, district);
  wg_param_column(params, origin);
  wg_param_column(params, size);
  wg_param_column(params, village);
  wg_param_column(params, root);
  wg_param_time(params, batch->now);
  wg_param_column(params, note);
  return wg_db_send(batch->db, &KEEP, params, NULL, NULL, error);
}

bool land_daily_more(const struct land_daily *daily) {
  return daily && !daily->districts;
}

void land_daily_committed(struct land *land, const struct land_daily *daily) {
  if (!daily) return;
  land->checkpoints.districts = !daily->districts && daily->villages < VILLAGES;
  if (daily->districts) land->checkpoints.at_us = daily->now + LOOK_AGAIN_US;
}
