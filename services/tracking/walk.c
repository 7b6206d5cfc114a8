// List by deadline. A list is what one key of an index (keys.h) and one state hold, in the order of deadlines: those of
// a department, of a grid or of a category. Which of the three is walked depends on what was asked for; everything else
// is looked at on the way, in the entry of the index. So the planner has nothing to choose: each way is a statement of
// its own, and no optional filter decides about an index.
//
// Of each list the next few rows are looked at, of those that lie behind the others more and more. What fits and lies
// before the place up to which all lists have been looked at is the page. A call looks at a bounded number of rows, so
// a page may be short or empty: its token says where looking goes on.
#include "services/tracking/list.h"

#include "services/tracking/facts.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
  LOOKED_MOST = 3000, // a call looks at so many entries
  FIRST_LOOK = 4,     // the first look at all lists takes this part of them, and of each list an entry at least
  LOOK_PARAMETERS = 12
};

// The key after all others: the last character there is.
#define LAST_KEY "\xf4\x8f\xbf\xbf"

enum way { BY_QUEUE, BY_GRID, BY_CATEGORY };

// The unique index of case_key. $1 district or '', $2 the caller's districts (none: all), $3 and $4 range of names, $5
// what a name beside the first begins with, $6 what they name.
static const struct wg_statement KEYS = {
    "tracking_list_keys",
    "SELECT n.district, n.key FROM case_key n WHERE n.by = $6 AND ($1 = '' OR n.district = $1) "
    "AND (cardinality($2::text[]) = 0 OR n.district = ANY ($2)) AND n.name >= $3 AND n.name < $4 "
    "AND ($5 = '' OR n.name = $3 OR starts_with(n.name, $5))",
    6};
// The next entries of lists. $1 to $5: of each its key and state, the deadline and order behind which it is looked at,
// and at how many; $6 before this deadline (null: no bound). Entries that fit, and of each list that was not looked at
// to its end the last. What is looked at on the way: $7 department, $8 and $9 range of grids, $10 and $11 range of
// categories and $12 what those beside the first begin with. None is written so that an index could serve it.
#define LOOK(key)                                                                                                      \
  "SELECT l.n, r.due_at, r.order_id, r.fits, r.i = l.most FROM (SELECT unnest($1::int[]) AS key, "                     \
  "unnest($2::smallint[]) AS state, unnest($3::timestamptz[]) AS due_at, unnest($4::bigint[]) AS order_id, "           \
  "unnest($5::int[]) AS most, generate_series(0, cardinality($1::int[]) - 1) AS n) l "                                 \
  "CROSS JOIN LATERAL (SELECT x.*, row_number() OVER () AS i FROM (SELECT p.due_at, p.order_id, "                      \
  "($7 = '' OR p.department_key IN (SELECT n.key FROM case_key n WHERE n.by = 1 AND n.name = $7)) "                    \
  "AND ($8 = '' OR p.grid_key IN (SELECT n.key FROM case_key n WHERE n.by = 2 AND n.name >= $8 AND n.name < $9)) "     \
  "AND ($10 = '' OR p.category_key IN (SELECT n.key FROM case_key n WHERE n.by = 3 AND n.name >= $10 "                 \
  "AND n.name < $11 AND (n.name = $10 OR starts_with(n.name, $12)))) AS fits "                                         \
  "FROM cases p WHERE p." key " = l.key AND p.state = l.state "                                                        \
  "AND p.due_at <= coalesce($6::timestamptz - interval '1 microsecond', 'infinity') "                                  \
  "AND (p.due_at, p.order_id) > (l.due_at, l.order_id) ORDER BY p.due_at, p.order_id LIMIT l.most) x) r "              \
  "WHERE r.fits OR r.i = l.most"

// Indexes cases_queue, cases_grid, cases_category, of which only the entries are read.
static const struct wg_statement LOOK_AT[] = {{"tracking_list_queue", LOOK("department_key"), LOOK_PARAMETERS},
                                              {"tracking_list_grid", LOOK("grid_key"), LOOK_PARAMETERS},
                                              {"tracking_list_category", LOOK("category_key"), LOOK_PARAMETERS}};
// Primary key.
static const struct wg_statement PAGE = {
    "tracking_list_page",
    "SELECT " TRACKING_COLUMNS " FROM unnest($1::text[], $2::bigint[]) AS w(district, order_id) "
    "JOIN cases c ON c.district = w.district AND c.order_id = w.order_id ORDER BY c.due_at, c.order_id",
    2};

// A place in the order of lists; no deadline is INT64_MAX. A page token is "<due_at, 0: none>.<order id>".
struct place {
  int64_t due_at, order_id;
};

// What one key and one state hold.
struct queue {
  const char *district;
  int32_t key;
  int16_t state;
  struct place known; // it has been looked at up to here
  bool ended;         // there is nothing behind
  int32_t next;       // at so many rows it is looked next
};

struct found {
  struct place at;
  const char *district;
};

struct walk {
  struct wg_read_call *call;
  const struct list_wanted *wanted;
  enum way way;
  struct list_range range;
  struct place after;
  struct queue *queues;
  size_t count;
  struct found *found; // sorted by place after each look
  size_t found_count, found_room;
  int32_t looked;
};

static int compare(struct place a, struct place b) {
  if (a.due_at != b.due_at) return a.due_at < b.due_at ? -1 : 1;
  return (a.order_id > b.order_id) - (a.order_id < b.order_id);
}

static int compare_found(const void *a, const void *b) {
  return compare(((const struct found *)a)->at, ((const struct found *)b)->at);
}

static wg_status read_token(const struct list_wanted *wanted, struct place *after, struct wg_error *error) {
  int64_t numbers[2];
  *after = (struct place){wanted->due_from > 0 ? wanted->due_from : 1, 0};
  if (!*wanted->token) return WG_OK;
  if (!wg_parse_numbers(wanted->token, numbers, 2) || numbers[1] == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
  *after = (struct place){numbers[0] > 0 ? numbers[0] : INT64_MAX, numbers[1]};
  return WG_OK;
}

// --- which lists ---
static struct list_range grids(const struct list_wanted *wanted, struct wg_arena *arena) {
  if (!*wanted->grid) return (struct list_range){"", LAST_KEY, ""};
  return (struct list_range){wanted->grid, wg_arena_printf(arena, "%s:", wanted->grid), ""}; // ':' follows '9'
}

struct list_range list_categories(const struct list_wanted *wanted, struct wg_arena *arena) {
  if (!*wanted->category) return (struct list_range){"", LAST_KEY, ""};
  return (struct list_range){wanted->category, wg_arena_printf(arena, "%s0", wanted->category), // '0' follows '/'
                             wg_arena_printf(arena, "%s/", wanted->category)};
}

static struct list_range departments(const struct list_wanted *wanted, struct wg_arena *arena) {
  if (!*wanted->department) return (struct list_range){"", LAST_KEY, ""};
  return (struct list_range){wanted->department, wg_arena_printf(arena, "%s\x01", wanted->department), ""};
}

// choose takes the lists whose rows are most likely to fit. A category of several levels names few cases, a community
// or grid fewer than a first level; a department or a street leaves many to look at.
static void choose(struct walk *walk) {
  const struct list_wanted *wanted = walk->wanted;
  struct wg_arena *arena = walk->call->arena;
  const size_t digits = strlen(wanted->grid);
  if (strchr(wanted->category, '/') || (*wanted->category && digits < 12)) {
    walk->way = BY_CATEGORY;
    walk->range = list_categories(wanted, arena);
  } else if (digits >= 12 || (digits && !*wanted->department)) {
    walk->way = BY_GRID;
    walk->range = grids(wanted, arena);
  } else {
    walk->way = BY_QUEUE;
    walk->range = departments(wanted, arena);
  }
}

// make_queues: one of each key and state.
static void make_queues(struct walk *walk, const PGresult *keys) {
  struct wg_arena *arena = walk->call->arena;
  const int state = walk->wanted->state, first = state ? state : 1, last = state ? state : LIST_STATES;
  walk->queues = wg_arena_alloc(arena, sizeof *walk->queues * ((size_t)PQntuples(keys) * LIST_STATES + 1));
  for (int row = 0; row < PQntuples(keys); row++) {
    const char *district = wg_arena_strdup(arena, wg_get_text(keys, row, 0));
    const int32_t key = wg_get_i32(keys, row, 1);
    for (int i = first; i <= last; i++)
      walk->queues[walk->count++] = (struct queue){district, key, (int16_t)i, walk->after, false, 1};
  }
  const bool all_fit = walk->way == BY_QUEUE && !*walk->wanted->grid && !*walk->wanted->category;
  const int32_t share = LOOKED_MOST / FIRST_LOOK / (int32_t)(walk->count + 1);
  const int32_t each = all_fit && share > walk->wanted->limit ? walk->wanted->limit : share;
  for (size_t i = 0; i < walk->count; i++)
    walk->queues[i].next = each > 1 ? each : 1;
}

static const int32_t BY[] = {CASE_KEY_DEPARTMENT, CASE_KEY_GRID, CASE_KEY_CATEGORY};

static wg_status find_queues(struct walk *walk, struct wg_error *error) {
  struct wg_params *params = wg_params(walk->call->arena, 6);
  struct wg_column *districts = wg_column_text(walk->call->arena, 32);
  for (int i = 0; i < walk->call->caller->districts; i++)
    wg_push_text(districts, walk->call->caller->district[i]);
  wg_param_text(params, walk->wanted->district);
  wg_param_column(params, districts);
  wg_param_text(params, walk->range.begin);
  wg_param_text(params, walk->range.end);
  wg_param_text(params, walk->range.inside);
  wg_param_i32(params, BY[walk->way]);
  PGresult *keys = NULL;
  const wg_status status = wg_db_run(walk->call->db, &KEYS, params, &keys, error);
  if (status != WG_OK) return status;
  make_queues(walk, keys);
  PQclear(keys);
  return WG_OK;
}

// --- looking ---
// frontier gives the place up to which all lists have been looked at; false: to their ends.
static bool frontier(const struct walk *walk, struct place *place) {
  bool open = false;
  for (size_t i = 0; i < walk->count; i++) {
    const struct queue *queue = &walk->queues[i];
    if (queue->ended || (open && compare(queue->known, *place) >= 0)) continue;
    *place = queue->known;
    open = true;
  }
  return open;
}

static int compare_places(const void *a, const void *b) {
  return compare(*(const struct place *)a, *(const struct place *)b);
}

// behind gives the place at which a quarter of the lists that have not ended lie, or fewer: these are looked at next.
static struct place behind(const struct walk *walk) {
  struct place *places = wg_arena_alloc(walk->call->arena, sizeof *places * (walk->count + 1));
  size_t open = 0;
  for (size_t i = 0; i < walk->count; i++) {
    if (!walk->queues[i].ended) places[open++] = walk->queues[i].known;
  }
  qsort(places, open, sizeof *places, compare_places);
  return places[open / 4];
}

static void add(struct walk *walk, struct found found) {
  if (walk->found_count == walk->found_room) {
    struct found *room = wg_arena_alloc(walk->call->arena, sizeof *room * (walk->found_room + 64) * 2);
    if (walk->found_count) memcpy(room, walk->found, sizeof *room * walk->found_count);
    walk->found = room;
    walk->found_room = (walk->found_room + 64) * 2;
  }
  walk->found[walk->found_count++] = found;
}

// take_looked reads what a look has found. The lists that were asked about are `asked`, in their order.
static void take_looked(struct walk *walk, struct queue *const *asked, size_t count, const PGresult *result) {
  for (size_t i = 0; i < count; i++)
    asked[i]->ended = true; // unless its last row says otherwise
  for (int row = 0; row < PQntuples(result); row++) {
    struct queue *queue = asked[wg_get_i32(result, row, 0)];
    const struct place at = {wg_get_time(result, row, 1), wg_get_i64(result, row, 2)};
    if (wg_get_bool(result, row, 3)) add(walk, (struct found){at, queue->district});
    if (!wg_get_bool(result, row, 4)) continue;
    queue->ended = false;
    queue->known = at;
    queue->next *= 2;
  }
  if (walk->found_count) qsort(walk->found, walk->found_count, sizeof *walk->found, compare_found);
}

// look looks at the next rows of the lists that lie up to `place`.
static wg_status look(struct walk *walk, struct place place, struct wg_error *error) {
  struct wg_arena *a = walk->call->arena;
  const struct list_wanted *wanted = walk->wanted;
  struct queue **asked = wg_arena_alloc(a, sizeof(struct queue *) * (walk->count + 1));
  size_t count = 0;
  struct wg_column *const w[] = {wg_column_i32(a, walk->count), wg_column_i16(a, walk->count),
                                 wg_column_time(a, walk->count), wg_column_i64(a, walk->count),
                                 wg_column_i32(a, walk->count)};
  for (size_t i = 0; i < walk->count; i++) {
    struct queue *queue = &walk->queues[i];
    if (queue->ended || compare(queue->known, place) > 0) continue;
    asked[count++] = queue;
    wg_push_i32(w[0], queue->key);
    wg_push_i16(w[1], queue->state);
    wg_push_time(w[2], queue->known.due_at);
    wg_push_i64(w[3], queue->known.order_id);
    wg_push_i32(w[4], queue->next);
    walk->looked += queue->next;
  }
  struct wg_params *params = wg_params(a, LOOK_PARAMETERS);
  for (size_t i = 0; i < sizeof w / sizeof *w; i++)
    wg_param_column(params, w[i]);
  list_param_time(params, wanted->due_before > 0, wanted->due_before);
  wg_param_text(params, wanted->department);
  const struct list_range of_grid = grids(wanted, a), of_category = list_categories(wanted, a);
  wg_param_text(params, of_grid.begin);
  wg_param_text(params, of_grid.end);
  wg_param_text(params, of_category.begin);
  wg_param_text(params, of_category.end);
  wg_param_text(params, of_category.inside);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(walk->call->db, &LOOK_AT[walk->way], params, &result, error);
  if (status != WG_OK) return status;
  take_looked(walk, asked, count, result);
  PQclear(result);
  return WG_OK;
}

// ready counts what was found up to a place, at most the page.
static size_t ready(const struct walk *walk, bool open, struct place place) {
  size_t count = 0;
  while (count < walk->found_count && count < (size_t)walk->wanted->limit &&
         (!open || compare(walk->found[count].at, place) <= 0))
    count++;
  return count;
}

// --- the page ---
static wg_status give(struct walk *walk, size_t count, Wangge__V1__ListCasesResponse *response,
                      struct wg_error *error) {
  if (!count) return WG_OK;
  struct wg_column *districts = wg_column_text(walk->call->arena, count);
  struct wg_column *orders = wg_column_i64(walk->call->arena, count);
  for (size_t i = 0; i < count; i++) {
    wg_push_text(districts, walk->found[i].district);
    wg_push_i64(orders, walk->found[i].at.order_id);
  }
  struct wg_params *params = wg_params(walk->call->arena, 2);
  wg_param_column(params, districts);
  wg_param_column(params, orders);
  PGresult *result = NULL;
  wg_status status = wg_db_run(walk->call->db, &PAGE, params, &result, error);
  if (status != WG_OK) return status;
  status = list_rows(result, walk->call->arena, response, error);
  PQclear(result);
  return status;
}

static wg_status walk_lists(struct walk *walk, Wangge__V1__ListCasesResponse *response, struct wg_error *error) {
  wg_status status = find_queues(walk, error);
  struct place place = {INT64_MAX, INT64_MAX};
  bool open = walk->count > 0;
  if (status == WG_OK && open) status = look(walk, place, error);
  while (status == WG_OK) {
    open = frontier(walk, &place);
    if (!open || walk->looked >= LOOKED_MOST || ready(walk, open, place) == (size_t)walk->wanted->limit) break;
    status = look(walk, behind(walk), error);
  }
  const size_t count = ready(walk, open, place);
  if (status == WG_OK) status = give(walk, count, response, error);
  if (status != WG_OK) return status;
  if (count > 0 && count == (size_t)walk->wanted->limit) place = walk->found[count - 1].at;
  else if (!open) return WG_OK;
  response->next_page_token = wg_arena_printf(walk->call->arena, "%" PRId64 ".%" PRId64,
                                              place.due_at == INT64_MAX ? 0 : place.due_at, place.order_id);
  return WG_OK;
}

wg_status list_walk(struct wg_read_call *call, const struct list_wanted *wanted,
                    Wangge__V1__ListCasesResponse *response, struct wg_error *error) {
  struct walk walk = {.call = call, .wanted = wanted};
  wg_status status = read_token(wanted, &walk.after, error);
  if (status != WG_OK) return status;
  choose(&walk);
  // Lists of one moment: a case that moves from one to another is neither seen twice nor missed.
  status = wg_db_exec(call->db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error);
  if (status != WG_OK) return status;
  status = walk_lists(&walk, response, error);
  struct wg_error ending = {0};
  if (!wg_db_lost(call->db) && wg_db_exec(call->db, "ROLLBACK", &ending) != WG_OK && status == WG_OK) {
    *error = ending;
    status = ending.code;
  }
  return status;
}
