// See words_store.h.
#include "services/tracking/words_store.h"

#include <stdio.h>
#include <string.h>

#define DISTRICTS                                                                                                      \
  "WITH RECURSIVE d(district) AS (SELECT min(district) FROM cases UNION ALL "                                          \
  "SELECT (SELECT min(c.district) FROM cases c WHERE c.district > d.district) FROM d "                                 \
  "WHERE d.district IS NOT NULL) "

// Primary keys, once per district.
static const struct wg_statement THROUGH = {
    "words_through",
    DISTRICTS "SELECT coalesce(max((SELECT max(w.block) FROM case_words w WHERE w.district = d.district)), -1) FROM d "
              "WHERE d.district IS NOT NULL",
    0};

wg_status words_store_through(struct wg_db *db, int64_t *through, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &THROUGH, NULL, &result, error);
  if (status != WG_OK) return status;
  *through = wg_get_i64(result, 0, 0);
  PQclear(result);
  return WG_OK;
}

struct words_fill *words_fill_make(struct wg_arena *arena, int64_t through, int64_t highest) {
  const int64_t complete = (highest + 1) / WORDS_BLOCK - 1;
  if (complete <= through) return NULL;
  struct words_fill *fill = wg_arena_zalloc(arena, sizeof *fill);
  fill->from = through + 1;
  fill->complete = complete;
  return fill;
}

// Primary key, once per district: the titles of the next blocks that have cases at all. $1 first order, $2 behind the
// last order, $3 orders from the first that is there.
static const struct wg_statement TITLES = {
    "words_titles",
    DISTRICTS ", s(order_id) AS (SELECT min((SELECT min(c.order_id) FROM cases c WHERE c.district = d.district "
              "AND c.order_id >= $1)) / 256 * 256 FROM d WHERE d.district IS NOT NULL) "
              "SELECT c.district, c.order_id, c.title FROM s CROSS JOIN d CROSS JOIN LATERAL "
              "(SELECT c.district, c.order_id, c.title FROM cases c WHERE c.district = d.district "
              "AND c.order_id >= s.order_id AND c.order_id < least(s.order_id + $3, $2) ORDER BY c.order_id) c "
              "WHERE d.district IS NOT NULL",
    3};

// row_of gives the row of a district's block; of one district they come in their order.
static struct words_row *row_of(struct words_fill *fill, const char *district, int64_t block) {
  struct words_row *last = fill->count ? &fill->rows[fill->count - 1] : NULL;
  if (last && last->block == block && strcmp(last->district, district) == 0) return last;
  last = &fill->rows[fill->count++];
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is room for every block
  *last = (struct words_row){.block = block};
  snprintf(last->district, sizeof last->district, "%s", district);
  return last;
}

struct loading {
  struct words_fill *fill;
  struct wg_arena *arena;
};

// blocks_in counts the rows that titles will make.
static size_t blocks_in(const PGresult *result) {
  size_t blocks = 0;
  for (int row = 0; row < PQntuples(result); row++)
    blocks += !row || wg_get_i64(result, row, 1) / WORDS_BLOCK != wg_get_i64(result, row - 1, 1) / WORDS_BLOCK ||
              strcmp(wg_get_text(result, row, 0), wg_get_text(result, row - 1, 0)) != 0;
  return blocks;
}

static wg_status on_titles(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  const struct loading *loading = context;
  struct words_fill *fill = loading->fill;
  fill->through = fill->complete; // when there are no cases any more
  fill->rows = wg_arena_alloc(loading->arena, sizeof *fill->rows * (blocks_in(result) + 1));
  int64_t first = INT64_MAX;
  for (int row = 0; row < PQntuples(result); row++) {
    const int64_t block = wg_get_i64(result, row, 1) / WORDS_BLOCK;
    if (block < first) first = block;
    words_add(row_of(fill, wg_get_text(result, row, 0), block)->bits, wg_get_text(result, row, 2));
  }
  if (fill->count && first + WORDS_FILL_BLOCKS - 1 < fill->complete) fill->through = first + WORDS_FILL_BLOCKS - 1;
  return WG_OK;
}

wg_status words_fill_load(struct wg_batch *batch, struct words_fill *fill, struct wg_error *error) {
  struct loading *loading = wg_arena_alloc(batch->arena, sizeof *loading);
  *loading = (struct loading){fill, batch->arena};
  struct wg_params *params = wg_params(batch->arena, 3);
  wg_param_i64(params, fill->from * WORDS_BLOCK);
  wg_param_i64(params, (fill->complete + 1) * WORDS_BLOCK);
  wg_param_i64(params, WORDS_FILL_BLOCKS * WORDS_BLOCK);
  return wg_db_send(batch->db, &TITLES, params, on_titles, loading, error);
}

// Primary key.
static const struct wg_statement INSERT_WORDS = {
    "words_insert",
    "INSERT INTO case_words (district, block, bits) SELECT unnest($1::text[]), unnest($2::bigint[]), "
    "unnest($3::bytea[]) ON CONFLICT (district, block) DO UPDATE SET bits = excluded.bits",
    3};

// filled gives the row that the fill makes of a case's block; NULL: none.
static struct words_row *filled(const struct words_fill *fill, const Wangge__V1__Case *c) {
  for (size_t i = 0; fill && i < fill->count; i++) {
    struct words_row *row = &fill->rows[i];
    if (row->block == c->order_id / WORDS_BLOCK && strcmp(row->district, c->district) == 0) return row;
  }
  return NULL;
}

// pushed: the block stands in the columns already.
static bool pushed(const struct words_row *rows, size_t count, const Wangge__V1__Case *c) {
  for (size_t i = 0; i < count; i++) {
    if (rows[i].block == c->order_id / WORDS_BLOCK && strcmp(rows[i].district, c->district) == 0) return true;
  }
  return false;
}

// come_late finds the blocks of new cases that were written without them; to a row of the fill they are added.
static size_t come_late(const struct tracking_table *table, const struct words_fill *fill, int64_t through,
                        struct wg_arena *arena, struct words_row **late) {
  size_t count = 0, room = 0;
  for (size_t i = 0; i < table->count; i++) {
    const struct tracking_case *subject = table->cases[i];
    const Wangge__V1__Case *c = &subject->row;
    if (!subject->exists || subject->stored || c->order_id / WORDS_BLOCK > through) continue;
    struct words_row *row = filled(fill, c);
    if (row) words_add(row->bits, c->title);
    if (row || pushed(*late, count, c)) continue;
    if (count == room) {
      struct words_row *rows = wg_arena_alloc(arena, sizeof *rows * (room = room ? room * 2 : 4));
      if (count) memcpy(rows, *late, sizeof *rows * count);
      *late = rows;
    }
    row = &(*late)[count++];
    row->block = c->order_id / WORDS_BLOCK;
    snprintf(row->district, sizeof row->district, "%s", c->district);
    memset(row->bits, 0xff, sizeof row->bits);
  }
  return count;
}

static void push_rows(const struct words_row *rows, size_t count, struct wg_column *const *columns) {
  for (size_t i = 0; i < count; i++) {
    wg_push_text(columns[0], rows[i].district);
    wg_push_i64(columns[1], rows[i].block);
    wg_push_bytea(columns[2], (struct wg_bytes){rows[i].bits, WORDS_BYTES});
  }
}

wg_status words_fill_store(struct wg_batch *batch, const struct words_fill *fill, const struct tracking_table *table,
                           int64_t through, struct wg_error *error) {
  struct words_row *late = NULL;
  const size_t late_count = come_late(table, fill, fill ? fill->through : through, batch->arena, &late);
  const size_t count = late_count + (fill ? fill->count : 0);
  if (!count) return WG_OK;
  struct wg_column *const columns[] = {wg_column_text(batch->arena, count), wg_column_i64(batch->arena, count),
                                       wg_column_bytea(batch->arena, count)};
  push_rows(late, late_count, columns);
  if (fill) push_rows(fill->rows, fill->count, columns);
  struct wg_params *params = wg_params(batch->arena, 3);
  for (size_t i = 0; i < 3; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(batch->db, &INSERT_WORDS, params, NULL, NULL, error);
}
