// See news.h.
#include "services/land/news.h"

#include "common/wire/wire.h"

#include "wangge/v1/tracking.pb-c.h"

#include <string.h>

enum { NEWS_ROWS = 100, NEWS_DAYS = 90 };

// Primary key; index land_order_id. Few rows: what is here waits for the next tick.
static const struct wg_statement LOAD = {
    "land_news_load",
    "SELECT n.district, n.order_id, n.step::bigint, n.kind::bigint, o.village, o.external_id FROM order_news n JOIN "
    "land_order o "
    "ON o.district = n.district AND o.order_id = n.order_id ORDER BY n.district, n.order_id, n.step LIMIT $1",
    1};
// Primary key. The same notice may come again.
static const struct wg_statement ADD = {
    "land_news_add",
    "INSERT INTO order_news (district, order_id, step, kind, at) SELECT unnest($1::text[]), unnest($2::bigint[]), "
    "unnest($3::bigint[]), unnest($4::bigint[]), unnest($5::timestamptz[]) ON CONFLICT DO NOTHING",
    5};
static const struct wg_statement TAKE = {
    "land_news_take", "DELETE FROM order_news WHERE district = $1 AND order_id = $2 AND step = $3", 3};
// The few that wait: of orders nobody here knows, as after a restore from a backup.
static const struct wg_statement FORGET = {"land_news_forget", "DELETE FROM order_news WHERE at < $1", 1};

static wg_status on_rows(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct land_news_list *list = context;
  const int rows = PQntuples(result);
  list->pending = wg_arena_zalloc(list->arena, ((size_t)rows + 1) * sizeof *list->pending);
  for (int row = 0; row < rows; row++)
    list->pending[list->count++] =
        (struct land_news){.district = wg_arena_strdup(list->arena, wg_get_text(result, row, 0)),
                           .order_id = wg_get_i64(result, row, 1),
                           .step = (int32_t)wg_get_i64(result, row, 2),
                           .kind = (int)wg_get_i64(result, row, 3),
                           .village = wg_arena_strdup(list->arena, wg_get_text(result, row, 4)),
                           .external_id = wg_arena_strdup(list->arena, wg_get_text(result, row, 5))};
  return WG_OK;
}

wg_status land_news_load(struct wg_batch *batch, struct land_news_list **result, struct wg_error *error) {
  struct land_news_list *list = wg_arena_zalloc(batch->arena, sizeof *list);
  *result = list;
  list->arena = batch->arena;
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_i64(params, NEWS_ROWS);
  return wg_db_send(batch->db, &LOAD, params, on_rows, list, error);
}

// kind_of gives what a notice means for an order; 0: nothing. A case that is dispatched (again) is open, also when
// routing took it back after its close.
static int kind_of(Wangge__V1__CaseNoticeKind kind) {
  switch (kind) {
  case WANGGE__V1__CASE_NOTICE_KIND__CASE_NOTICE_KIND_DISPATCHED:
    return LAND_NEWS_OPEN;
  case WANGGE__V1__CASE_NOTICE_KIND__CASE_NOTICE_KIND_REOPENED:
    return LAND_NEWS_REOPENED;
  case WANGGE__V1__CASE_NOTICE_KIND__CASE_NOTICE_KIND_CLOSED:
    return LAND_NEWS_CLOSED;
  case WANGGE__V1__CASE_NOTICE_KIND__CASE_NOTICE_KIND_VOIDED:
  case WANGGE__V1__CASE_NOTICE_KIND__CASE_NOTICE_KIND_WITHDRAWN:
    return LAND_NEWS_VOID;
  default:
    return 0;
  }
}

static wg_status add(struct wg_batch *batch, struct wg_error *error) {
  struct wg_arena *a = batch->arena;
  struct wg_column *c[] = {wg_column_text(a, 8), wg_column_i64(a, 8), wg_column_i64(a, 8), wg_column_i64(a, 8),
                           wg_column_time(a, 8)};
  for (size_t i = 0; i < batch->count; i++) {
    const struct wg_item *item = &batch->items[i];
    if (item->kind != WG_ITEM_EVENT || item->message->descriptor != &wangge__v1__case_notice__descriptor) continue;
    const Wangge__V1__CaseNotice *notice = (const Wangge__V1__CaseNotice *)item->message;
    const int kind = kind_of(notice->kind);
    if (kind == 0 || notice->order_id == 0 || strcmp(notice->source, "land") != 0) continue;
    wg_push_text(c[0], notice->district);
    wg_push_i64(c[1], notice->order_id);
    wg_push_i64(c[2], notice->step);
    wg_push_i64(c[3], kind);
    wg_push_time(c[4], notice->at);
  }
  return wg_db_send_columns(batch->db, &ADD, c, a, error);
}

wg_status land_news_store(struct wg_batch *batch, const struct land_news_list *list, struct wg_error *error) {
  wg_status status = add(batch, error);
  for (size_t i = 0; list && i < list->count && status == WG_OK; i++) {
    const struct land_news *news = &list->pending[i];
    if (!news->taken) continue;
    struct wg_params *params = wg_params(batch->arena, 3);
    wg_param_text(params, news->district);
    wg_param_i64(params, news->order_id);
    wg_param_i64(params, news->step);
    status = wg_db_send(batch->db, &TAKE, params, NULL, NULL, error);
  }
  if (status != WG_OK || !list) return status;
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_time(params, batch->now - NEWS_DAYS * WG_DAY_US);
  return wg_db_send(batch->db, &FORGET, params, NULL, NULL, error);
}
