// See query.h.
#include "services/intake/query.h"

#include <string.h>

// Columns of an order in every query, in this order; `r` is the reporter's row, `g` what else came with it.
#define ORDER_COLUMNS                                                                                                  \
  "o.order_id, o.district, o.source, o.external_id, o.channel, o.kind, o.urgency, o.category, o.title, o.text, "       \
  "o.address, o.lon, o.lat, o.grid_code, o.occurred_at, o.received_at, o.attachments, o.confidential, "                \
  "r.order_id IS NOT NULL, g.origin, g.origin_area, g.parcel_ownership"
#define AFTER_ORDER 22 // number of the first column behind them

void intake_param_districts(struct wg_params *params, struct wg_arena *arena, const struct intake_scope *scope) {
  struct wg_column *districts = wg_column_text(arena, scope->count);
  for (size_t i = 0; i < scope->count; i++)
    wg_push_text(districts, scope->districts[i]);
  wg_param_column(params, districts);
}

static char *text_of(const PGresult *result, int row, int column, struct wg_arena *arena) {
  return wg_arena_strdup(arena, wg_get_text(result, row, column));
}

static Wangge__V1__Order *read_order(const PGresult *result, int row, struct wg_arena *arena, int *attachments) {
  Wangge__V1__Order *order = wg_arena_alloc(arena, sizeof *order);
  wangge__v1__order__init(order);
  order->order_id = wg_get_i64(result, row, 0);
  order->district = text_of(result, row, 1, arena);
  order->source = text_of(result, row, 2, arena);
  order->external_id = text_of(result, row, 3, arena);
  order->channel = (Wangge__V1__Channel)wg_get_i16(result, row, 4);
  order->kind = (Wangge__V1__OrderKind)wg_get_i16(result, row, 5);
  order->urgency = (Wangge__V1__Urgency)wg_get_i16(result, row, 6);
  order->category = text_of(result, row, 7, arena);
  order->title = text_of(result, row, 8, arena);
  order->text = text_of(result, row, 9, arena);
  order->address = text_of(result, row, 10, arena);
  if (!wg_is_null(result, row, 11)) {
    order->position = wg_arena_alloc(arena, sizeof *order->position);
    wangge__v1__position__init(order->position);
    order->position->lon = wg_get_f64(result, row, 11);
    order->position->lat = wg_get_f64(result, row, 12);
  }
  order->grid_code = text_of(result, row, 13, arena);
  order->occurred_at = wg_get_time(result, row, 14);
  order->received_at = wg_get_time(result, row, 15);
  *attachments += wg_get_i16(result, row, 16);
  order->confidential = wg_get_bool(result, row, 17);
  order->has_reporter = wg_get_bool(result, row, 18);
  if (!wg_is_null(result, row, 19)) {
    order->origin = text_of(result, row, 19, arena);
    order->origin_area = text_of(result, row, 20, arena);
    order->parcel_ownership = text_of(result, row, 21, arena);
  }
  return order;
}

// --- attachments ---

// Primary key of attachment. Rows come in the order of the orders asked for.
static const struct wg_statement ATTACHMENTS = {
    "intake_query_attachments",
    "SELECT k.row, a.sha256, a.name, a.media_type, a.size_bytes "
    "FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS k(district, order_id, row) "
    "CROSS JOIN LATERAL (SELECT * FROM attachment a WHERE a.district = k.district AND a.order_id = k.order_id "
    "ORDER BY a.place) a ORDER BY k.row, a.place",
    2};

static void add_attachments(const PGresult *result, Wangge__V1__Order **orders, struct wg_arena *arena) {
  int rows = PQntuples(result);
  for (int row = 0; row < rows;) {
    int64_t owner = wg_get_i64(result, row, 0);
    int end = row;
    while (end < rows && wg_get_i64(result, end, 0) == owner)
      end++;
    Wangge__V1__Order *order = orders[owner - 1];
    order->n_attachments = (size_t)(end - row);
    order->attachments = wg_arena_alloc(arena, order->n_attachments * sizeof *order->attachments);
    for (int i = 0; row < end; row++, i++) {
      Wangge__V1__Attachment *attachment = wg_arena_alloc(arena, sizeof *attachment);
      wangge__v1__attachment__init(attachment);
      attachment->sha256 = text_of(result, row, 1, arena);
      attachment->name = text_of(result, row, 2, arena);
      attachment->media_type = text_of(result, row, 3, arena);
      attachment->size_bytes = wg_get_i64(result, row, 4);
      order->attachments[i] = attachment;
    }
  }
}

static wg_status query_attachments(struct wg_db *db, struct wg_arena *arena, Wangge__V1__Order **orders, size_t count,
                                   struct wg_error *error) {
  struct wg_column *districts = wg_column_text(arena, count);
  struct wg_column *order_ids = wg_column_i64(arena, count);
  for (size_t i = 0; i < count; i++) {
    wg_push_text(districts, orders[i]->district);
    wg_push_i64(order_ids, orders[i]->order_id);
  }
  struct wg_params *params = wg_params(arena, 2);
  wg_param_column(params, districts);
  wg_param_column(params, order_ids);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &ATTACHMENTS, params, &result, error);
  if (status != WG_OK) return status;
  add_attachments(result, orders, arena);
  PQclear(result);
  return WG_OK;
}

// --- one order ---

#define RECORD_COLUMNS ORDER_COLUMNS ", m.name, m.phone, w.withdrawn_at, w.reason "
#define RECORD_JOINS                                                                                                   \
  "LEFT JOIN reporter r ON r.district = o.district AND r.order_id = o.order_id "                                       \
  "LEFT JOIN order_context g ON g.district = o.district AND g.order_id = o.order_id "                                  \
  "LEFT JOIN LATERAL reporter_masked(o.district, o.order_id) m ON true "                                               \
  "LEFT JOIN withdrawal w ON w.district = o.district AND w.order_id = o.order_id"

// Primary key of orders, once per district.
static const struct wg_statement BY_ID = {"intake_query_by_id",
                                          "SELECT " RECORD_COLUMNS "FROM unnest($1::text[]) AS d(district) "
                                          "JOIN orders o ON o.district = d.district AND o.order_id = $2 " RECORD_JOINS,
                                          2};
// Index orders_key.
static const struct wg_statement BY_KEY = {"intake_query_by_key",
                                           "SELECT " RECORD_COLUMNS "FROM orders o " RECORD_JOINS
                                           " WHERE o.district = $1 AND o.source = $2 AND o.external_id = $3",
                                           3};

static wg_status query_record(struct wg_db *db, struct wg_arena *arena, const struct wg_statement *statement,
                              const struct wg_params *params, struct intake_record **record, struct wg_error *error) {
  *record = NULL;
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, statement, params, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 0) {
    PQclear(result);
    return WG_OK;
  }
  struct intake_record *found = wg_arena_zalloc(arena, sizeof *found);
  int attachments = 0;
  found->order = read_order(result, 0, arena, &attachments);
  if (found->order->has_reporter) { // NULL, shown as empty, of a confidential order
    found->reporter = wg_arena_alloc(arena, sizeof *found->reporter);
    wangge__v1__reporter__init(found->reporter);
    found->reporter->name = text_of(result, 0, AFTER_ORDER, arena);
    found->reporter->phone = text_of(result, 0, AFTER_ORDER + 1, arena);
  }
  found->withdrawn_at = wg_get_time(result, 0, AFTER_ORDER + 2);
  found->withdraw_reason = text_of(result, 0, AFTER_ORDER + 3, arena);
  PQclear(result);
  if (attachments > 0) status = query_attachments(db, arena, &found->order, 1, error);
  if (status == WG_OK) *record = found;
  return status;
}

wg_status intake_query_by_id(struct wg_db *db, struct wg_arena *arena, const struct intake_scope *scope,
                             int64_t order_id, struct intake_record **record, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 2);
  intake_param_districts(params, arena, scope);
  wg_param_i64(params, order_id);
  return query_record(db, arena, &BY_ID, params, record, error);
}

wg_status intake_query_by_key(struct wg_db *db, struct wg_arena *arena, const char *district, const char *source,
                              const char *external_id, struct intake_record **record, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 3);
  wg_param_text(params, district);
  wg_param_text(params, source);
  wg_param_text(params, external_id);
  return query_record(db, arena, &BY_KEY, params, record, error);
}

static const struct wg_statement SUPPLEMENTS = {"intake_query_supplements",
                                                "SELECT supplement_id, text, added_by, added_at, for_handlers FROM "
                                                "supplement WHERE district = $1 AND order_id = $2 "
                                                "ORDER BY place",
                                                2};

wg_status intake_query_supplements(struct wg_db *db, struct wg_arena *arena, const Wangge__V1__Order *order,
                                   Wangge__V1__Supplement ***supplements, size_t *count, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 2);
  wg_param_text(params, order->district);
  wg_param_i64(params, order->order_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &SUPPLEMENTS, params, &result, error);
  if (status != WG_OK) return status;
  *count = (size_t)PQntuples(result);
  *supplements = wg_arena_alloc(arena, (*count + 1) * sizeof **supplements);
  for (int row = 0; row < (int)*count; row++) {
    Wangge__V1__Supplement *supplement = wg_arena_alloc(arena, sizeof *supplement);
    wangge__v1__supplement__init(supplement);
    supplement->supplement_id = text_of(result, row, 0, arena);
    supplement->text = text_of(result, row, 1, arena);
    supplement->by = text_of(result, row, 2, arena);
    supplement->at = wg_get_time(result, row, 3);
    supplement->for_handlers = wg_get_bool(result, row, 4);
    (*supplements)[row] = supplement;
  }
  PQclear(result);
  return WG_OK;
}

// --- lists ---

#define LIST_FROM                                                                                                      \
  " FROM unnest($1::text[]) AS d(district) CROSS JOIN LATERAL (SELECT * FROM orders "                                  \
  "WHERE orders.district = d.district AND orders.order_id >= $2 AND orders.order_id < $3 "
#define LIST_END                                                                                                       \
  "ORDER BY orders.order_id DESC LIMIT $4) o LEFT JOIN reporter r ON r.district = o.district "                         \
  "AND r.order_id = o.order_id LEFT JOIN order_context g ON g.district = o.district AND g.order_id = o.order_id "      \
  "ORDER BY o.order_id DESC LIMIT $4"

// Primary key of orders backwards, once per district.
static const struct wg_statement LIST = {"intake_query_list", "SELECT " ORDER_COLUMNS LIST_FROM LIST_END, 4};
// Index orders_of_source backwards, once per district.
static const struct wg_statement LIST_SOURCE = {
    "intake_query_list_source", "SELECT " ORDER_COLUMNS LIST_FROM "AND orders.source = $5 " LIST_END, 5};

wg_status intake_query_list(struct wg_db *db, struct wg_arena *arena, const struct intake_list *list,
                            Wangge__V1__Order ***orders, size_t *count, struct wg_error *error) {
  bool of_source = list->source[0] != '\0';
  struct wg_params *params = wg_params(arena, 5);
  intake_param_districts(params, arena, &list->scope);
  wg_param_i64(params, list->from_id);
  wg_param_i64(params, list->below_id);
  wg_param_i64(params, list->limit);
  if (of_source) wg_param_text(params, list->source);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, of_source ? &LIST_SOURCE : &LIST, params, &result, error);
  if (status != WG_OK) return status;
  *count = (size_t)PQntuples(result);
  *orders = wg_arena_alloc(arena, (*count + 1) * sizeof **orders);
  int attachments = 0;
  for (int row = 0; row < (int)*count; row++)
    (*orders)[row] = read_order(result, row, arena, &attachments);
  PQclear(result);
  return attachments > 0 ? query_attachments(db, arena, *orders, *count, error) : WG_OK;
}

// Primary key of counter.
static const struct wg_statement LAST = {"intake_query_last", "SELECT last_order_id FROM counter WHERE name = 'orders'",
                                         0};
// Primary key of orders, once per district.
static const struct wg_statement NEXT = {
    "intake_query_next",
    "SELECT o.order_id, o.received_at FROM unnest($1::text[]) AS d(district) CROSS JOIN LATERAL "
    "(SELECT order_id, received_at FROM orders WHERE orders.district = d.district AND orders.order_id >= $2 "
    "ORDER BY orders.order_id LIMIT 1) o ORDER BY o.order_id LIMIT 1",
    2};

static wg_status query_last(struct wg_db *db, int64_t *last, struct wg_error *error) {
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &LAST, NULL, &result, error);
  if (status != WG_OK) return status;
  *last = PQntuples(result) == 1 ? wg_get_i64(result, 0, 0) : 0;
  PQclear(result);
  return WG_OK;
}

// query_next looks at the first order in scope from `order_id` up; *found is its id, or 0.
static wg_status query_next(struct wg_db *db, struct wg_arena *arena, const struct intake_scope *scope,
                            int64_t order_id, int64_t *found, int64_t *received_at, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 2);
  intake_param_districts(params, arena, scope);
  wg_param_i64(params, order_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &NEXT, params, &result, error);
  if (status != WG_OK) return status;
  bool any = PQntuples(result) > 0;
  *found = any ? wg_get_i64(result, 0, 0) : 0;
  *received_at = any ? wg_get_time(result, 0, 1) : 0;
  PQclear(result);
  return WG_OK;
}

wg_status intake_query_first_since(struct wg_db *db, struct wg_arena *arena, const struct intake_scope *scope,
                                   int64_t at, int64_t *order_id, struct wg_error *error) {
  int64_t last = 0;
  wg_status status = query_last(db, &last, error);
  if (status != WG_OK) return status;
  // Every order below `low` is earlier than `at`; none from `high` up is.
  int64_t low = 1, high = last + 1;
  while (low < high) {
    int64_t middle = low + (high - low) / 2, found, received_at;
    status = query_next(db, arena, scope, middle, &found, &received_at, error);
    if (status != WG_OK) return status;
    if (found == 0 || found >= high || received_at >= at) {
      high = middle;
    } else {
      low = found + 1;
    }
  }
  *order_id = low;
  return WG_OK;
}
