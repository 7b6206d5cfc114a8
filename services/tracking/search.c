// List with words, the newest order first. The newest orders, whose chunk is not full, are looked at row by row; of
// those behind them the chunks say which orders have all grams of the words, the category and the grid (words.h), and
// their rows are read. Every call looks at a bounded number of all of these and says where it goes on.
#include "services/tracking/list.h"

#include "services/tracking/facts.h"
#include "services/tracking/words.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <string.h>

// What a call may look at, in rows of a chunk that is not full: some ten milliseconds at ten million cases.
enum {
  BUDGET = 7000,
  COST_OF_GRAM = 6,   // a row of case_gram
  COST_OF_ORDER = 30, // an order that has all grams, somewhere in a table that memory does not hold
  ROWS_AT_ONCE = 2048,
  CHUNKS_AT_FIRST = 8,   // then four times as many, and so on
  ORDERS_AT_FIRST = 128, // then twice as many, and so on
  BUCKETS = WORDS_GRAMS + 1,
  CHUNKS_MOST = 2000 // that a call passes or looks at
};

// Primary key. The last chunk that is written.
static const struct wg_statement WRITTEN = {
    "tracking_search_written",
    "SELECT coalesce((SELECT max(g.chunk) FROM case_gram g WHERE g.district = $1 AND g.bucket = -1), -1)", 1};
// Primary key of case_zone, from the newest: chunks where a case may fit. $2 up to this one, $3 states, $4 and $5
// deadlines, $6 so many at most.
static const struct wg_statement ZONES = {
    "tracking_search_zones",
    "SELECT z.chunk FROM case_zone z WHERE z.district = $1 AND z.chunk <= $2 AND z.state = ANY ($3::smallint[]) "
    "AND z.n > 0 AND z.due_max >= coalesce($4::timestamptz, '-infinity') "
    "AND z.due_min <= coalesce($5::timestamptz - interval '1 microsecond', 'infinity') "
    "GROUP BY z.chunk ORDER BY z.chunk DESC LIMIT $6",
    6};
// Primary key: $2 behind this order, $3 before this one; the order at which $4 were looked at, none when there are
// fewer.
static const struct wg_statement REACH = {
    "tracking_search_reach",
    "SELECT c.order_id FROM cases c WHERE c.district = $1 AND c.order_id > $2 AND c.order_id < $3 "
    "ORDER BY c.order_id DESC OFFSET $4 - 1 LIMIT 1",
    4};
// Primary key of case_gram, once per bucket of $2 and chunk of $3.
static const struct wg_statement GRAMS = {
    "tracking_search_grams",
    "SELECT c.i, b.bucket, g.body FROM unnest($2::int[]) AS b(bucket) CROSS JOIN LATERAL "
    "unnest($3::int[]) WITH ORDINALITY AS c(chunk, i) CROSS JOIN LATERAL (SELECT p.body FROM case_gram p "
    "WHERE p.district = $1 AND p.bucket = b.bucket AND p.chunk = c.chunk OFFSET 0) g",
    3};
// What a row must be: $2 states, $3 department, $4 grid, $5 category and $6 what those below it begin with, $7 and $8
// deadlines, $9 patterns; $10 so many at most. lower of the collation C knows the letters of ASCII only.
#define FITS                                                                                                           \
  " WHERE c.state = ANY ($2::smallint[]) AND ($3 = '' OR c.department = $3) "                                          \
  "AND ($4 = '' OR left(c.grid_code, length($4)) = $4) AND ($5 = '' OR c.category = $5 OR starts_with(c.category, "    \
  "$6)) "                                                                                                              \
  "AND c.due_at >= coalesce($7::timestamptz, '-infinity') "                                                            \
  "AND c.due_at <= coalesce($8::timestamptz - interval '1 microsecond', 'infinity') "                                  \
  "AND lower(c.title COLLATE \"C\") LIKE ALL ($9::text[]) ORDER BY c.order_id DESC LIMIT $10"
// Primary key, whatever the planner thinks of the filters: OFFSET 0 keeps them outside. Orders from $11, before $12.
static const struct wg_statement ROWS = {"tracking_search_rows",
                                         "SELECT " TRACKING_COLUMNS
                                         " FROM (SELECT * FROM cases p WHERE p.district = $1 AND p.order_id >= $11 "
                                         "AND p.order_id < $12 ORDER BY p.order_id DESC OFFSET 0) c" FITS,
                                         12};
// Primary key, once per order of $11.
static const struct wg_statement ORDERS = {
    "tracking_search_orders",
    "SELECT " TRACKING_COLUMNS " FROM (SELECT unnest($11::bigint[]) AS order_id) w CROSS JOIN LATERAL "
    "(SELECT * FROM cases p WHERE p.district = $1 AND p.order_id = w.order_id OFFSET 0) c" FITS,
    11};

struct search {
  struct wg_read_call *call;
  const struct list_wanted *wanted;
  struct words_search words;
  Wangge__V1__ListCasesResponse *response;
  int64_t before;  // only orders below this one are left; 0: none
  int64_t written; // last chunk that is written
  int32_t *zones;  // chunks where a case may fit, the newest first
  int zones_count;
  int64_t orders; // that were looked at one by one
  int64_t budget; // what is left of it
};

static int left(const struct search *search) {
  return search->wanted->limit - (int)search->response->n_cases;
}

// fit_params makes the parameters of FITS, the first of `count`.
static struct wg_params *fit_params(const struct search *search, int count) {
  struct wg_arena *arena = search->call->arena;
  const struct list_wanted *wanted = search->wanted;
  struct wg_column *patterns = wg_column_text(arena, WORDS_MOST);
  for (size_t i = 0; i < search->words.words; i++)
    wg_push_text(patterns, search->words.pattern[i]);
  struct wg_params *params = wg_params(arena, count);
  wg_param_text(params, wanted->district);
  wg_param_column(params, list_states(wanted, arena));
  wg_param_text(params, wanted->department);
  wg_param_text(params, wanted->grid);
  wg_param_text(params, wanted->category);
  wg_param_text(params, list_categories(wanted, arena).inside);
  list_param_time(params, wanted->due_from > 0, wanted->due_from);
  list_param_time(params, wanted->due_before > 0, wanted->due_before);
  wg_param_column(params, patterns);
  wg_param_i64(params, left(search));
  return params;
}

// take adds the rows that fit among those down to, and with, the order `down_to`.
static wg_status take(struct search *search, const struct wg_statement *statement, const struct wg_params *params,
                      int64_t down_to, struct wg_error *error) {
  PGresult *result = NULL;
  wg_status status = wg_db_run(search->call->db, statement, params, &result, error);
  if (status != WG_OK) return status;
  status = list_rows(result, search->call->arena, search->response, error);
  PQclear(result);
  if (status != WG_OK) return status;
  search->before = left(search) ? down_to : search->response->cases[search->response->n_cases - 1]->order_id;
  return WG_OK;
}

// --- orders whose chunk is not full ---
// reach gives the order at which a part of them ends; 0: all of them are in it.
static wg_status reach(const struct search *search, int64_t behind, int64_t *down_to, struct wg_error *error) {
  struct wg_params *params = wg_params(search->call->arena, 4);
  wg_param_text(params, search->wanted->district);
  wg_param_i64(params, behind);
  wg_param_i64(params, search->before);
  wg_param_i64(params, ROWS_AT_ONCE);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(search->call->db, &REACH, params, &result, error);
  if (status != WG_OK) return status;
  *down_to = PQntuples(result) ? wg_get_i64(result, 0, 0) : 0;
  PQclear(result);
  return WG_OK;
}

// search_newest looks at them from the newest; *all says that it has seen all of them.
static wg_status search_newest(struct search *search, bool *all, struct wg_error *error) {
  const int64_t behind = (search->written + 1) * WORDS_CHUNK - 1;
  *all = search->before - 1 <= behind;
  while (!*all && search->budget > 0 && left(search)) {
    search->budget -= ROWS_AT_ONCE;
    int64_t down_to;
    wg_status status = reach(search, behind, &down_to, error);
    if (status != WG_OK) return status;
    *all = !down_to;
    struct wg_params *params = fit_params(search, 12);
    wg_param_i64(params, down_to ? down_to : behind + 1);
    wg_param_i64(params, search->before);
    status = take(search, &ROWS, params, down_to ? down_to : behind + 1, error);
    if (status != WG_OK) return status;
  }
  return WG_OK;
}

// --- orders of chunks ---
struct chunk {
  struct words_bits bits; // orders that have all grams that were met
  struct words_bits late; // that are looked at in any case
  uint32_t met;           // a bit for each gram
};

// meet takes what a row of case_gram says into its chunk.
static wg_status meet(const struct search *search, struct chunk *chunk, int32_t bucket, struct wg_bytes body,
                      struct wg_error *error) {
  if (bucket < 0) return words_late(body, &chunk->late, error);
  for (size_t i = 0; i < search->words.grams; i++) {
    struct words_bits bits;
    if (words_bucket(search->words.gram[i]) != bucket) continue;
    const wg_status status = words_find(body, search->words.gram[i], &bits, error);
    if (status != WG_OK) return status;
    for (size_t part = 0; part < WORDS_CHUNK / 64; part++)
      chunk->bits.part[part] = chunk->met ? chunk->bits.part[part] & bits.part[part] : bits.part[part];
    chunk->met |= 1U << i;
  }
  return WG_OK;
}

// load_chunks reads what is known of some chunks.
static wg_status load_chunks(const struct search *search, const int32_t *numbers, int count, struct chunk **chunks,
                             struct wg_error *error) {
  struct wg_arena *arena = search->call->arena;
  struct wg_column *buckets = wg_column_i32(arena, BUCKETS), *wanted = wg_column_i32(arena, (size_t)count);
  wg_push_i32(buckets, -1);
  for (size_t i = 0; i < search->words.grams; i++) {
    bool named = false;
    for (size_t other = 0; other < i; other++)
      named = named || words_bucket(search->words.gram[other]) == words_bucket(search->words.gram[i]);
    if (!named) wg_push_i32(buckets, words_bucket(search->words.gram[i]));
  }
  for (int i = 0; i < count; i++)
    wg_push_i32(wanted, numbers[i]);
  struct wg_params *params = wg_params(arena, 3);
  wg_param_text(params, search->wanted->district);
  wg_param_column(params, buckets);
  wg_param_column(params, wanted);
  PGresult *result = NULL;
  wg_status status = wg_db_run(search->call->db, &GRAMS, params, &result, error);
  if (status != WG_OK) return status;
  *chunks = wg_arena_zalloc(arena, sizeof **chunks * (size_t)count);
  for (int row = 0; row < PQntuples(result) && status == WG_OK; row++)
    status = meet(search, &(*chunks)[wg_get_i64(result, row, 0) - 1], wg_get_i32(result, row, 1),
                  wg_get_bytea(result, row, 2), error);
  PQclear(result);
  return status;
}

// next_fit gives the newest order of the chunk below `before` that may fit; -1: none.
static int64_t next_fit(const struct search *search, const struct chunk *chunk, int64_t number, int64_t before) {
  const uint32_t all = (1U << search->words.grams) - 1;
  const int64_t below = before - number * WORDS_CHUNK;
  for (int64_t id = below < WORDS_CHUNK ? below : WORDS_CHUNK; id > 0; id = (id - 1) / 64 * 64) {
    const int64_t part = (id - 1) / 64;
    uint64_t fits = (chunk->met == all ? chunk->bits.part[part] : 0) | chunk->late.part[part];
    if (id % 64) fits &= (UINT64_C(1) << id % 64) - 1;
    if (fits) return number * WORDS_CHUNK + part * 64 + 63 - __builtin_clzll(fits);
  }
  return -1;
}

// search_chunk looks at the orders of one chunk that may fit; when it has looked at all, `before` is where it begins.
static wg_status search_chunk(struct search *search, const struct chunk *chunk, int64_t number,
                              struct wg_error *error) {
  int64_t next = 0;
  while (left(search) && (next = next_fit(search, chunk, number, search->before)) >= 0 && search->budget > 0) {
    const int64_t most = search->budget / COST_OF_ORDER + 1;
    const int64_t twice = search->orders > ORDERS_AT_FIRST ? search->orders : ORDERS_AT_FIRST;
    const int64_t enough = twice < most ? twice : most;
    struct wg_column *orders = wg_column_i64(search->call->arena, (size_t)enough);
    int64_t count = 0, down_to = next;
    for (; count < enough && next >= 0; next = next_fit(search, chunk, number, next)) {
      wg_push_i64(orders, next);
      down_to = next;
      count++;
    }
    search->orders += count;
    search->budget -= count * COST_OF_ORDER;
    struct wg_params *params = fit_params(search, 11);
    wg_param_column(params, orders);
    const wg_status status = take(search, &ORDERS, params, down_to, error);
    if (status != WG_OK) return status;
  }
  if (left(search) && next < 0) search->before = number * WORDS_CHUNK;
  return WG_OK;
}

// search_written looks at chunks that are written, the newest first.
static wg_status search_written(struct search *search, struct wg_error *error) {
  const int64_t cost = ((int64_t)search->words.grams + 1) * COST_OF_GRAM; // of a chunk
  int at = 0;
  while (at < search->zones_count && search->zones[at] > search->written)
    at++;
  bool seen = true;
  wg_status status = WG_OK;
  for (int64_t some = CHUNKS_AT_FIRST; status == WG_OK && seen && search->budget > 0; some *= 4) {
    const int64_t most = search->budget / cost + 1, there = search->zones_count - at;
    const int64_t part = some < most ? some : most;
    const int count = (int)(part < there ? part : there);
    if (!count) break;
    struct chunk *chunks;
    search->budget -= count * cost;
    status = load_chunks(search, search->zones + at, count, &chunks, error);
    for (int i = 0; status == WG_OK && seen && i < count; i++, at++) {
      status = search_chunk(search, &chunks[i], search->zones[at], error);
      seen = search->before <= (int64_t)search->zones[at] * WORDS_CHUNK;
    }
  }
  if (seen && at == search->zones_count && at < CHUNKS_MOST) search->before = 0; // there are no more
  return status;
}

// find_zones finds where cases may fit, and lets the search begin there.
static wg_status find_zones(struct search *search, struct wg_error *error) {
  struct wg_arena *arena = search->call->arena;
  const struct list_wanted *wanted = search->wanted;
  struct wg_params *params = wg_params(arena, 6);
  wg_param_text(params, wanted->district);
  wg_param_i64(params, (search->before - 1) / WORDS_CHUNK);
  wg_param_column(params, list_states(wanted, arena));
  list_param_time(params, wanted->due_from > 0, wanted->due_from);
  list_param_time(params, wanted->due_before > 0, wanted->due_before);
  wg_param_i64(params, CHUNKS_MOST);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(search->call->db, &ZONES, params, &result, error);
  if (status != WG_OK) return status;
  search->zones_count = PQntuples(result);
  search->zones = wg_arena_alloc(arena, sizeof *search->zones * (size_t)(search->zones_count + 1));
  for (int row = 0; row < search->zones_count; row++)
    search->zones[row] = wg_get_i32(result, row, 0);
  PQclear(result);
  const int64_t above = search->zones_count ? ((int64_t)search->zones[0] + 1) * WORDS_CHUNK : 0;
  if (above < search->before) search->before = above;
  return WG_OK;
}

static wg_status find_written(struct search *search, struct wg_error *error) {
  struct wg_params *params = wg_params(search->call->arena, 1);
  wg_param_text(params, search->wanted->district);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(search->call->db, &WRITTEN, params, &result, error);
  if (status != WG_OK) return status;
  search->written = wg_get_i32(result, 0, 0);
  PQclear(result);
  return WG_OK;
}

// A page token is the number of an order: the next page begins below it.
static wg_status read_token(const struct list_wanted *wanted, int64_t *before, struct wg_error *error) {
  *before = INT64_MAX;
  if (!*wanted->token || (wg_parse_numbers(wanted->token, before, 1) && *before > 0)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

wg_status list_search(struct wg_read_call *call, const struct list_wanted *wanted,
                      Wangge__V1__ListCasesResponse *response, struct wg_error *error) {
  struct search search = {.call = call, .wanted = wanted, .response = response, .budget = BUDGET};
  wg_status status = words_search_make(wanted->text, call->arena, &search.words, error);
  if (status == WG_OK) status = read_token(wanted, &search.before, error);
  if (status != WG_OK || !tracking_may_district(call->caller, wanted->district)) return status;
  words_search_within(&search.words, wanted->category, wanted->grid);
  status = find_written(&search, error);
  if (status == WG_OK) status = find_zones(&search, error);
  bool all = true;
  if (status == WG_OK) status = search_newest(&search, &all, error);
  if (status == WG_OK && all && left(&search)) status = search_written(&search, error);
  if (status == WG_OK && search.before > 0)
    response->next_page_token = wg_arena_printf(call->arena, "%" PRId64, search.before);
  return status;
}
