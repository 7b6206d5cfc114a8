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
    DISTRICTS "SELECT coalesce(max((SELECT max(g.chunk) FROM case_gram g WHERE g.district = d.district "
              "AND g.bucket = -1)), -1) FROM d WHERE d.district IS NOT NULL",
    0};

wg_status words_store_through(struct wg_db *db, int64_t *through, struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &THROUGH, NULL, &result, error);
  if (status != WG_OK) return status;
  *through = wg_get_i32(result, 0, 0);
  PQclear(result);
  return WG_OK;
}

struct words_fill *words_fill_make(struct wg_arena *arena, int64_t through, int64_t highest) {
  const int64_t complete = (highest + 1) / WORDS_CHUNK - 1;
  if (complete <= through) return NULL;
  struct words_fill *fill = wg_arena_zalloc(arena, sizeof *fill);
  fill->from = through + 1;
  fill->complete = complete;
  return fill;
}

// Primary key, once per district: the cases of the next chunk that has any. $1 first order, $2 behind the last order.
static const struct wg_statement TITLES = {
    "words_titles",
    DISTRICTS ", s(order_id) AS (SELECT min((SELECT min(c.order_id) FROM cases c WHERE c.district = d.district "
              "AND c.order_id >= $1)) / 8192 * 8192 FROM d WHERE d.district IS NOT NULL) "
              "SELECT c.district, c.order_id, c.title, c.category, c.grid_code FROM s CROSS JOIN d CROSS JOIN LATERAL "
              "(SELECT * FROM cases p WHERE p.district = d.district AND p.order_id >= s.order_id "
              "AND p.order_id < least(s.order_id + 8192, $2) OFFSET 0) c WHERE d.district IS NOT NULL",
    2};
_Static_assert(WORDS_CHUNK == 8192, "as TITLES says");

static struct words_chunk *chunk_of(struct words_fill *fill, const char *district, struct wg_arena *arena) {
  for (struct words_part *part = fill->parts; part; part = part->next) {
    if (strcmp(part->district, district) == 0) return part->chunk;
  }
  struct words_part *part = wg_arena_zalloc(arena, sizeof *part);
  snprintf(part->district, sizeof part->district, "%s", district);
  part->chunk = words_chunk_create(arena);
  part->next = fill->parts;
  fill->parts = part;
  return part->chunk;
}

struct loading {
  struct words_fill *fill;
  struct wg_arena *arena;
};

static wg_status on_titles(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  const struct loading *loading = context;
  struct words_fill *fill = loading->fill;
  const int rows = PQntuples(result);
  fill->chunk = rows ? wg_get_i64(result, 0, 1) / WORDS_CHUNK : fill->complete; // when there are no cases any more
  fill->through = fill->chunk;
  for (int row = 0; row < rows; row++)
    words_chunk_add(chunk_of(fill, wg_get_text(result, row, 0), loading->arena), wg_get_i64(result, row, 1),
                    wg_get_text(result, row, 2), wg_get_text(result, row, 3), wg_get_text(result, row, 4));
  return WG_OK;
}

wg_status words_fill_load(struct wg_batch *batch, struct words_fill *fill, struct wg_error *error) {
  struct loading *loading = wg_arena_alloc(batch->arena, sizeof *loading);
  *loading = (struct loading){fill, batch->arena};
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_i64(params, fill->from * WORDS_CHUNK);
  wg_param_i64(params, (fill->complete + 1) * WORDS_CHUNK);
  return wg_db_send(batch->db, &TITLES, params, on_titles, loading, error);
}

// Primary key. What comes late is noted behind what is there.
static const struct wg_statement INSERT_GRAMS = {
    "words_insert",
    "INSERT INTO case_gram AS g (district, bucket, chunk, body) SELECT unnest($1::text[]), unnest($2::int[]), "
    "unnest($3::int[]), unnest($4::bytea[]) ON CONFLICT (district, bucket, chunk) DO UPDATE SET body = g.body || "
    "excluded.body",
    4};

struct grams { // columns of INSERT_GRAMS
  struct wg_column *columns[4];
};

static struct grams grams_make(struct wg_arena *arena) {
  return (struct grams){
      {wg_column_text(arena, 16), wg_column_i32(arena, 16), wg_column_i32(arena, 16), wg_column_bytea(arena, 16)}};
}

static void push_gram(const struct grams *grams, const char *district, int32_t bucket, int64_t chunk,
                      struct wg_bytes body) {
  wg_push_text(grams->columns[0], district);
  wg_push_i32(grams->columns[1], bucket);
  wg_push_i32(grams->columns[2], (int32_t)chunk);
  wg_push_bytea(grams->columns[3], body);
}

// comes_late: the case is new in a chunk that is written.
static bool comes_late(const struct tracking_case *subject, int64_t through) {
  return subject->exists && !subject->stored && subject->row.order_id / WORDS_CHUNK <= through;
}

// late_of gives the ids of those that came late to a district's chunk, packed.
static struct wg_bytes late_of(const struct tracking_table *table, const char *district, int64_t chunk, int64_t through,
                               struct wg_arena *arena) {
  uint8_t *const ids = wg_arena_alloc(arena, table->count * 2 + 1);
  size_t size = 0;
  for (size_t i = 0; i < table->count; i++) {
    const Wangge__V1__Case *c = &table->cases[i]->row;
    if (!comes_late(table->cases[i], through) || c->order_id / WORDS_CHUNK != chunk ||
        strcmp(c->district, district) != 0)
      continue;
    const uint32_t id = (uint32_t)(c->order_id % WORDS_CHUNK);
    ids[size++] = (uint8_t)id;
    ids[size++] = (uint8_t)(id >> 8);
  }
  return (struct wg_bytes){ids, size};
}

// first_late: no case before this one came late to the same chunk of the same district.
static bool first_late(const struct tracking_table *table, size_t at, int64_t through) {
  const Wangge__V1__Case *c = &table->cases[at]->row;
  for (size_t i = 0; i < at; i++) {
    const Wangge__V1__Case *other = &table->cases[i]->row;
    if (comes_late(table->cases[i], through) && other->order_id / WORDS_CHUNK == c->order_id / WORDS_CHUNK &&
        strcmp(other->district, c->district) == 0)
      return false;
  }
  return true;
}

static bool writes(const struct words_fill *fill, const Wangge__V1__Case *c) {
  if (!fill || c->order_id / WORDS_CHUNK != fill->chunk) return false;
  for (const struct words_part *part = fill->parts; part; part = part->next) {
    if (strcmp(part->district, c->district) == 0) return true;
  }
  return false;
}

static void push_late(const struct tracking_table *table, const struct words_fill *fill, int64_t through,
                      const struct grams *grams, struct wg_arena *arena) {
  for (size_t i = 0; i < table->count; i++) {
    const Wangge__V1__Case *c = &table->cases[i]->row;
    // Of the chunk that is written now the row has them already.
    if (!comes_late(table->cases[i], through) || writes(fill, c) || !first_late(table, i, through)) continue;
    const int64_t chunk = c->order_id / WORDS_CHUNK;
    push_gram(grams, c->district, WORDS_LATE, chunk, late_of(table, c->district, chunk, through, arena));
  }
}

static void push_chunk(const struct words_fill *fill, const struct tracking_table *table, const struct grams *grams,
                       struct wg_arena *arena) {
  struct wg_bytes *const bodies = wg_arena_alloc(arena, sizeof *bodies * WORDS_BUCKETS);
  for (const struct words_part *part = fill->parts; part; part = part->next) {
    words_chunk_pack(part->chunk, bodies);
    push_gram(grams, part->district, WORDS_LATE, fill->chunk,
              late_of(table, part->district, fill->chunk, fill->through, arena));
    for (int32_t bucket = 0; bucket < WORDS_BUCKETS; bucket++) {
      if (bodies[bucket].size) push_gram(grams, part->district, bucket, fill->chunk, bodies[bucket]);
    }
  }
}

wg_status words_fill_store(struct wg_batch *batch, const struct words_fill *fill, const struct tracking_table *table,
                           int64_t through, struct wg_error *error) {
  const struct grams grams = grams_make(batch->arena);
  push_late(table, fill, fill ? fill->through : through, &grams, batch->arena);
  if (fill) push_chunk(fill, table, &grams, batch->arena);
  if (!wg_column_rows(grams.columns[0])) return WG_OK;
  return wg_db_send_columns(batch->db, &INSERT_GRAMS, grams.columns, batch->arena, error);
}
