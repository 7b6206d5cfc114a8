// List with words: blocks of orders that may hold them (words.h), the newest first, then the rows of these. Every call
// looks at a bounded number of both and says where it goes on.
#include "services/tracking/list.h"

#include "services/tracking/facts.h"
#include "services/tracking/words.h"

#include "common/base/text.h"

#include <inttypes.h>

enum {
  LOOKED_BITS = 4096,              // blocks whose bits a call looks at: a million orders
  READ_BLOCKS = 8,                 // blocks whose rows it reads: some 2,000
  READ_AT_ONCE = 4,                // of these, so that common words end soon
  LOOKED_ORDERS = READ_BLOCKS * 64 // ids that it looks through where no bits are written yet
};

// Primary keys. Highest order of the district, and the last block that is written.
static const struct wg_statement EXTENT = {
    "tracking_search_extent",
    "SELECT coalesce((SELECT max(c.order_id) FROM cases c WHERE c.district = $1), 0), "
    "coalesce((SELECT max(w.block) FROM case_words w WHERE w.district = $1), -1)",
    1};
// Primary key: blocks whose bits are not written, with cases. $2 behind this order, $3 up to this one.
static const struct wg_statement NEWEST = {
    "tracking_search_newest",
    "SELECT DISTINCT o.order_id / 256, NULL::bigint FROM (SELECT c.order_id FROM cases c WHERE c.district = $1 "
    "AND c.order_id > $2 AND c.order_id <= $3 ORDER BY c.order_id DESC LIMIT $4) o ORDER BY 1 DESC",
    4};
// Primary key of case_words, from the newest; the second column is the oldest block that was looked at, when there may
// be more.
static const struct wg_statement CANDIDATES = {
    "tracking_search_candidates",
    "SELECT f.block, o.oldest FROM (SELECT (SELECT w.block FROM case_words w WHERE w.district = $1 AND w.block <= $2 "
    "ORDER BY w.block DESC OFFSET $3 - 1 LIMIT 1) AS oldest) o LEFT JOIN LATERAL "
    "(SELECT w.block FROM (SELECT w.block, w.bits FROM case_words w WHERE w.district = $1 AND w.block <= $2 "
    "ORDER BY w.block DESC LIMIT $3) w WHERE get_bit(w.bits, $5) = 1 AND get_bit(w.bits, $6) = 1 "
    "AND get_bit(w.bits, $7) = 1 AND get_bit(w.bits, $8) = 1 AND get_bit(w.bits, $9) = 1 "
    "AND get_bit(w.bits, $10) = 1 ORDER BY w.block DESC LIMIT $4) f ON true "
    "ORDER BY f.block DESC",
    10};
// Primary key, whatever the planner thinks of the filters: OFFSET 0 keeps them outside. $2 blocks, $3 before this
// order; the rest as in list.c.
#define SMALL_LETTERS "translate(c.title, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
static const struct wg_statement ROWS = {
    "tracking_search_rows",
    "SELECT " TRACKING_COLUMNS " FROM unnest($2::bigint[]) AS b(block) CROSS JOIN LATERAL "
    "(SELECT * FROM cases p WHERE p.district = $1 AND p.order_id >= b.block * 256 "
    "AND p.order_id < least((b.block + 1) * 256, $3) OFFSET 0) c WHERE c.state = ANY ($4::smallint[]) "
    "AND ($5 = '' OR c.department = $5) AND ($6 = '' OR left(c.grid_code, length($6)) = $6) "
    "AND ($7 = '' OR c.category = $7 OR starts_with(c.category, $8)) "
    "AND c.due_at >= coalesce($9::timestamptz, '-infinity') "
    "AND c.due_at <= coalesce($10::timestamptz - interval '1 microsecond', 'infinity') "
    "AND " SMALL_LETTERS " LIKE ALL ($11::text[]) ORDER BY c.order_id DESC LIMIT $12",
    12};

struct search {
  struct wg_read_call *call;
  const struct list_wanted *wanted;
  struct words_search words;
  Wangge__V1__ListCasesResponse *response;
  int64_t before;  // only orders below this one
  int64_t go_on;   // where the next page goes on: orders below this one; 0: nowhere
  int64_t written; // last block whose bits are written
  int64_t highest; // order of the district
};

static int left(const struct search *search) {
  return search->wanted->limit - (int)search->response->n_cases;
}

static struct wg_params *row_params(const struct search *search, const int64_t *blocks, size_t count) {
  struct wg_arena *arena = search->call->arena;
  const struct list_wanted *wanted = search->wanted;
  struct wg_column *wanted_blocks = wg_column_i64(arena, count), *patterns = wg_column_text(arena, WORDS_MOST);
  for (size_t i = 0; i < count; i++)
    wg_push_i64(wanted_blocks, blocks[i]);
  for (size_t i = 0; i < search->words.words; i++)
    wg_push_text(patterns, search->words.pattern[i]);
  struct wg_params *params = wg_params(arena, 12);
  wg_param_text(params, wanted->district);
  wg_param_column(params, wanted_blocks);
  wg_param_i64(params, search->before);
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

// read_blocks reads the rows of blocks, the newest first, until the page is full; go_on says how far it came.
static wg_status read_blocks(struct search *search, const int64_t *blocks, size_t count, struct wg_error *error) {
  for (size_t at = 0; at < count && left(search) > 0; at += READ_AT_ONCE) {
    const size_t some = count - at < READ_AT_ONCE ? count - at : READ_AT_ONCE;
    PGresult *result = NULL;
    wg_status status = wg_db_run(search->call->db, &ROWS, row_params(search, blocks + at, some), &result, error);
    if (status != WG_OK) return status;
    status = list_rows(result, search->call->arena, search->response, error);
    PQclear(result);
    if (status != WG_OK) return status;
    search->go_on = blocks[at + some - 1] * WORDS_BLOCK;
  }
  if (!left(search)) search->go_on = search->response->cases[search->response->n_cases - 1]->order_id;
  return WG_OK;
}

// blocks_of takes the blocks of a result, and the second column of its first row (0: null).
static size_t blocks_of(const PGresult *result, struct wg_arena *arena, int64_t **blocks, int64_t *oldest) {
  const int rows = PQntuples(result);
  size_t count = 0;
  *blocks = wg_arena_alloc(arena, sizeof **blocks * ((size_t)rows + 1));
  for (int row = 0; row < rows; row++) {
    if (!wg_is_null(result, row, 0)) (*blocks)[count++] = wg_get_i64(result, row, 0);
  }
  *oldest = rows && !wg_is_null(result, 0, 1) ? wg_get_i64(result, 0, 1) : 0;
  return count;
}

// search_newest looks at orders behind the last written block; *all says that it has seen all of them.
static wg_status search_newest(struct search *search, int64_t top, bool *all, struct wg_error *error) {
  struct wg_params *params = wg_params(search->call->arena, 4);
  wg_param_text(params, search->wanted->district);
  wg_param_i64(params, (search->written + 1) * WORDS_BLOCK - 1);
  wg_param_i64(params, top);
  wg_param_i64(params, LOOKED_ORDERS);
  PGresult *result = NULL;
  wg_status status = wg_db_run(search->call->db, &NEWEST, params, &result, error);
  if (status != WG_OK) return status;
  int64_t *blocks, none;
  const size_t count = blocks_of(result, search->call->arena, &blocks, &none);
  PQclear(result);
  status = read_blocks(search, blocks, count, error);
  *all = count < READ_BLOCKS / 4; // fewer blocks than as many orders can fill
  return status;
}

// search_written looks at blocks whose bits are written.
static wg_status search_written(struct search *search, int64_t top, struct wg_error *error) {
  const int64_t from = top / WORDS_BLOCK;
  struct wg_params *params = wg_params(search->call->arena, 10);
  wg_param_text(params, search->wanted->district);
  wg_param_i64(params, from < search->written ? from : search->written);
  wg_param_i64(params, LOOKED_BITS);
  wg_param_i64(params, READ_BLOCKS);
  for (size_t i = 0; i < WORDS_ASKED; i++)
    wg_param_i32(params, search->words.bit[i]);
  PGresult *result = NULL;
  wg_status status = wg_db_run(search->call->db, &CANDIDATES, params, &result, error);
  if (status != WG_OK) return status;
  int64_t *blocks, oldest;
  const size_t count = blocks_of(result, search->call->arena, &blocks, &oldest);
  PQclear(result);
  status = read_blocks(search, blocks, count, error);
  if (status == WG_OK && left(search) > 0 && count < READ_BLOCKS) search->go_on = oldest * WORDS_BLOCK;
  return status;
}

// extent reads how far the district's orders and written blocks go.
static wg_status extent(struct search *search, struct wg_error *error) {
  struct wg_params *params = wg_params(search->call->arena, 1);
  wg_param_text(params, search->wanted->district);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(search->call->db, &EXTENT, params, &result, error);
  if (status != WG_OK) return status;
  search->highest = wg_get_i64(result, 0, 0);
  search->written = wg_get_i64(result, 0, 1);
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
  struct search search = {.call = call, .wanted = wanted, .response = response};
  wg_status status = words_search_make(wanted->text, call->arena, &search.words, error);
  if (status == WG_OK) status = read_token(wanted, &search.before, error);
  if (status != WG_OK || !tracking_may_district(call->caller, wanted->district)) return status;
  status = extent(&search, error);
  const int64_t top = search.before <= search.highest ? search.before - 1 : search.highest;
  bool all = true;
  if (status == WG_OK && top / WORDS_BLOCK > search.written) status = search_newest(&search, top, &all, error);
  if (status == WG_OK && all && left(&search) > 0 && search.written >= 0) status = search_written(&search, top, error);
  else if (status == WG_OK && all && left(&search) > 0) search.go_on = 0;
  if (status == WG_OK && search.go_on > 0)
    response->next_page_token = wg_arena_printf(call->arena, "%" PRId64, search.go_on);
  return status;
}
