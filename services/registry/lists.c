// PublicLists and FlowChart, in reader threads: the three reference lists as anybody may see them. What is disclosed is
// public, so districts and roles do not matter; what is not is the registrars' of the district.
#include "services/registry/registry.h"

#include "common/base/text.h"
#include "services/registry/chart.h"

#include <string.h>

enum {
  PAGE_DEFAULT = 50,
  PAGE_MOST = 1000,
  PAGE_BYTES = 2 << 20,
  ROWS_AT_ONCE = 200,
  ROWS_LOOKED_AT = 20000 // of one call: then the page ends and the next goes on
};

static bool is_area(const char *area, const char *district) {
  const size_t size = strlen(area);
  return (size == 6 || size == 9 || size == 12 || size == 15) && wg_all_digits(area, size) &&
         strncmp(area, district, 6) == 0;
}

wg_status registry_check_public_lists(const struct wg_principal *caller, const ProtobufCMessage *message,
                                      struct wg_error *error) {
  (void)caller;
  const Wangge__V1__PublicListsRequest *request = (const Wangge__V1__PublicListsRequest *)message;
  if (!wg_all_digits(request->district, 6)) return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be 6 digits");
  if (*request->area && !is_area(request->area, request->district))
    return wg_fail(error, WG_INVALID_ARGUMENT, "area",
                   "must be empty or the code of a district, street, community or grid of district %s",
                   request->district);
  if ((int)request->list < 0 || request->list > WANGGE__V1__REFERENCE_LIST__REFERENCE_LIST_SERVICE)
    return wg_fail(error, WG_INVALID_ARGUMENT, "list", "must be 0 (all), 1 (micro power), 2 (duty) or 3 (service)");
  if (request->limit < 0 || request->limit > PAGE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", PAGE_MOST);
  return WG_OK;
}

wg_status registry_check_flow_chart(const struct wg_principal *caller, const ProtobufCMessage *message,
                                    struct wg_error *error) {
  (void)caller;
  const Wangge__V1__FlowChartRequest *request = (const Wangge__V1__FlowChartRequest *)message;
  if (!wg_all_digits(request->district, 6)) return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be 6 digits");
  return wg_text_check(request->code, WG_RECORD_CODE_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "code", error);
}

// Primary key.
static const struct wg_statement ITEMS = {
    "registry_list_items",
    "SELECT body FROM record WHERE district = $1 AND kind = 'list_item' AND code > $2 AND NOT deleted "
    "ORDER BY code LIMIT $3",
    3};
static const struct wg_statement ITEM = {
    "registry_list_item",
    "SELECT body FROM record WHERE district = $1 AND kind = 'list_item' AND code = $2 AND NOT deleted", 2};

static bool is_public(const Wangge__V1__Record *record) {
  return record->body_case == WANGGE__V1__RECORD__BODY_LIST_ITEM &&
         record->list_item->disclosure == WANGGE__V1__DISCLOSURE__DISCLOSURE_DISCLOSED;
}

// holds: of the list asked for, and for the area asked for or one above it.
static bool holds(const Wangge__V1__PublicListsRequest *request, const Wangge__V1__ListItem *item) {
  if (request->list && item->list != request->list) return false;
  return !*request->area || strncmp(item->area, request->area, strlen(item->area)) == 0;
}

// What was changed by whom and why is not the public's.
static void strip(Wangge__V1__Record *record) {
  record->changed_by = record->reason = (char *)(uintptr_t)protobuf_c_empty_string;
  record->changed_at = 0;
}

struct page {
  struct wg_read_call *call;
  const Wangge__V1__PublicListsRequest *request;
  Wangge__V1__PublicListsResponse *response;
  const char *after; // code of the newest row looked at
  size_t limit, bytes, looked_at;
  bool more;
};

static wg_status take_rows(struct page *page, const PGresult *result, struct wg_error *error) {
  const int rows = PQntuples(result);
  for (int row = 0; row < rows; row++) {
    if (page->response->n_items >= page->limit || page->bytes >= PAGE_BYTES || page->looked_at >= ROWS_LOOKED_AT) {
      page->more = true;
      return WG_OK;
    }
    Wangge__V1__Record *record = NULL;
    const struct wg_bytes body = wg_get_bytea(result, row, 0);
    const wg_status status = registry_read_record(body, page->call->arena, &record, error);
    if (status != WG_OK) return status;
    page->after = record->code;
    page->looked_at++;
    if (!is_public(record) || !holds(page->request, record->list_item)) continue;
    strip(record);
    page->bytes += body.size;
    page->response->items[page->response->n_items++] = record;
  }
  return WG_OK;
}

static wg_status fill(struct page *page, struct wg_error *error) {
  wg_status status = WG_OK;
  for (int rows = ROWS_AT_ONCE; rows == ROWS_AT_ONCE && !page->more && status == WG_OK;) {
    struct wg_params *params = wg_params(page->call->arena, 3);
    wg_param_text(params, page->request->district);
    wg_param_text(params, page->after);
    wg_param_i64(params, ROWS_AT_ONCE);
    PGresult *result = NULL;
    status = wg_db_run(page->call->db, &ITEMS, params, &result, error);
    if (status != WG_OK) return status;
    rows = PQntuples(result);
    status = take_rows(page, result, error);
    PQclear(result);
  }
  return status;
}

wg_status registry_public_lists(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__PublicListsRequest *request = (const Wangge__V1__PublicListsRequest *)call->request;
  const char list[] = {(char)('0' + request->list), 0};
  const char *const parts[] = {"Registry/PublicLists", request->district, request->area, list, NULL};
  struct page page = {
      .call = call, .request = request, .limit = request->limit ? (size_t)request->limit : PAGE_DEFAULT};
  wg_status status = registry_read_token(parts, request->page_token, &page.after, error);
  if (status != WG_OK) return status;
  page.response = wg_arena_alloc(call->arena, sizeof *page.response);
  wangge__v1__public_lists_response__init(page.response);
  page.response->items = wg_arena_alloc(call->arena, page.limit * sizeof(void *));
  status = fill(&page, error);
  if (page.more) page.response->next_page_token = registry_make_token(parts, page.after, call->arena);
  *reply = &page.response->base;
  return status;
}

wg_status registry_flow_chart(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__FlowChartRequest *request = (const Wangge__V1__FlowChartRequest *)call->request;
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_text(params, request->district);
  wg_param_text(params, request->code);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &ITEM, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__Record *record = NULL;
  if (PQntuples(result) == 1) status = registry_read_record(wg_get_bytea(result, 0, 0), call->arena, &record, error);
  PQclear(result);
  if (status != WG_OK) return status;
  const bool registrar =
      (call->caller->roles & WG_ROLE_REGISTRAR) && registry_may_district(call->caller, request->district);
  if (!record || !(is_public(record) || registrar))
    return wg_fail(error, WG_NOT_FOUND, "code", "there is no %slist_item of this code", registrar ? "" : "disclosed ");
  struct wg_buffer svg = {0};
  status = registry_chart(record->list_item, &svg, error);
  if (status == WG_OK) {
    Wangge__V1__FlowChartResponse *response = wg_arena_alloc(call->arena, sizeof *response);
    wangge__v1__flow_chart_response__init(response);
    response->svg = wg_arena_strdup(call->arena, wg_buffer_cstr(&svg));
    *reply = &response->base;
  }
  wg_buffer_free(&svg);
  return status;
}
