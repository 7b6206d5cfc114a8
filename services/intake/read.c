// Get and List. They run in reader threads, each with a connection of its own.
//
// Who reported: sources and operators get a masked reporter, which is all that the service's role can read; a
// dispatcher who gives a reason gets the full one from a function of the database that records the view. Texts:
// disclose.h, but for the source and for a dispatcher with a reason. Of a confidential order (保密) nobody gets
// anything of the reporter, not even masked: its source knows whom it may ask.
#include "services/intake/intake.h"

#include "common/base/text.h"
#include "services/intake/disclose.h"
#include "services/intake/validate.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PAGE_ORDERS 50        // of a List without limit
#define PART_ORDERS 100       // orders of one query: bounds a reader's memory when texts are long
#define PAGE_BYTES (2u << 20) // a page ends early when its texts are this long, so that the answer fits a message

struct intake_scope intake_visible_districts(struct intake *service, const struct wg_principal *caller,
                                             const char *only, struct wg_arena *arena) {
  pthread_rwlock_rdlock(&service->lock);
  const struct intake_reference *reference = service->reference;
  struct intake_scope scope = {wg_arena_alloc(arena, reference->district_count * sizeof(char *)), 0};
  for (size_t i = 0; i < reference->district_count; i++) {
    const char *code = reference->districts[i].code;
    if (only[0] != '\0' && strcmp(only, code) != 0) continue;
    if (intake_may_district(caller, code)) scope.districts[scope.count++] = wg_arena_strdup(arena, code);
  }
  pthread_rwlock_unlock(&service->lock);
  return scope;
}

// --- Get ---

static wg_status find_record(struct wg_read_call *call, const Wangge__V1__GetOrderRequest *request,
                             struct intake_record **record, struct wg_error *error) {
  *record = NULL;
  wg_status status = WG_OK;
  if (request->order_id != 0) {
    struct intake_scope scope = intake_visible_districts(call->service, call->caller, "", call->arena);
    status = intake_query_by_id(call->db, call->arena, &scope, request->order_id, record, error);
  } else {
    status = intake_query_by_key(call->db, call->arena, request->district, request->source, request->external_id,
                                 record, error);
  }
  if (status != WG_OK) return status;
  const Wangge__V1__Order *order = *record == NULL ? NULL : (*record)->order;
  if (order != NULL && intake_may_see(call->caller, order->district, order->source)) return WG_OK;
  return wg_fail(error, WG_NOT_FOUND, NULL, "no such order that this caller may know of");
}

static bool wants(const Wangge__V1__GetOrderRequest *request, Wangge__V1__PiiField field) {
  const Wangge__V1__PiiField asked = request->reveal ? request->reveal : WANGGE__V1__PII_FIELD__PII_FIELD_REPORTER;
  return request->reveal_reason[0] != '\0' && asked == field;
}

static struct intake_view view_of(const struct wg_read_call *call, const Wangge__V1__GetOrderRequest *request,
                                  const Wangge__V1__Order *order) {
  return (struct intake_view){order, call->caller->name, request->acting_person, request->reveal_reason, call->now};
}

static wg_status show_reporter(struct wg_read_call *call, const Wangge__V1__GetOrderRequest *request,
                               const struct intake_record *record, Wangge__V1__GetOrderResponse *response,
                               struct wg_error *error) {
  const bool reveal = wants(request, WANGGE__V1__PII_FIELD__PII_FIELD_REPORTER);
  if (record->order->confidential && reveal) {
    return wg_fail(error, WG_PERMISSION_DENIED, "reveal_reason",
                   "order %" PRId64 " is confidential: its reporter is shown to nobody; ask through source %s",
                   record->order->order_id, record->order->source);
  }
  response->reporter_masked = !reveal;
  response->reporter = record->reporter;
  if (record->reporter == NULL || !reveal) return WG_OK;
  const struct intake_view view = view_of(call, request, record->order);
  return intake_query_reporter(call->db, call->arena, &view, &response->reporter, error);
}

static bool is_own(const struct wg_principal *caller, const Wangge__V1__Order *order) {
  return (caller->roles & WG_ROLE_SOURCE) != 0 && strcmp(caller->name, order->source) == 0;
}

// show_texts leaves them whole for the source, and for a dispatcher with a reason once that is recorded.
static wg_status show_texts(struct wg_read_call *call, const Wangge__V1__GetOrderRequest *request,
                            Wangge__V1__GetOrderResponse *response, struct wg_error *error) {
  Wangge__V1__Order *order = response->order;
  const bool held = intake_held(order->confidential, order->kind);
  order->text_held = held;
  if (wants(request, WANGGE__V1__PII_FIELD__PII_FIELD_TEXT)) {
    const struct intake_view view = view_of(call, request, order);
    return intake_query_record_text(call->db, call->arena, &view, error);
  }
  if (is_own(call->caller, order)) return WG_OK;
  response->text_masked = true;
  intake_disclose(order, NULL, call->arena);
  for (size_t i = 0; i < response->n_supplements; i++) {
    Wangge__V1__Supplement *supplement = response->supplements[i];
    const bool hide = held && !supplement->for_handlers;
    supplement->text = (char *)(uintptr_t)intake_disclose_text(hide, supplement->text, call->arena);
  }
  response->withdraw_reason =
      (char *)(uintptr_t)intake_disclose_text(held && response->withdrawn_at, response->withdraw_reason, call->arena);
  return WG_OK;
}

wg_status intake_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__GetOrderRequest *request = (const Wangge__V1__GetOrderRequest *)call->request;
  wg_status status = intake_check_get(call->caller, call->request, error);
  if (status != WG_OK) return status;
  struct intake_record *record = NULL;
  status = find_record(call, request, &record, error);
  if (status != WG_OK) return status;
  Wangge__V1__GetOrderResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__get_order_response__init(response);
  response->order = record->order;
  response->withdrawn_at = record->withdrawn_at;
  response->withdraw_reason = wg_arena_strdup(call->arena, record->withdraw_reason);
  status = intake_query_supplements(call->db, call->arena, record->order, &response->supplements,
                                    &response->n_supplements, error);
  if (status != WG_OK) return status;
  status = show_reporter(call, request, record, response, error);
  if (status == WG_OK) status = show_texts(call, request, response, error);
  if (status == WG_OK) *reply = &response->base;
  return status;
}

// --- page tokens ---

#define CHECK_BYTES 8u

static void token_check(const char *caller, const Wangge__V1__ListOrdersRequest *request, int64_t below_id,
                        char hex[2 * CHECK_BYTES + 1]) {
  char numbers[96];
  snprintf(numbers, sizeof numbers, "%" PRId64 "|%" PRId64 "|%" PRId64, request->from, request->to, below_id);
  const char *parts[] = {"wangge.v1.Intake/List", caller, request->district, request->source, numbers};
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    crypto_hash_sha256_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
  }
  uint8_t hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state, hash);
  sodium_bin2hex(hex, 2 * CHECK_BYTES + 1, hash, CHECK_BYTES);
}

char *intake_page_token(struct wg_arena *arena, const char *caller, const Wangge__V1__ListOrdersRequest *request,
                        int64_t below_id) {
  char check[2 * CHECK_BYTES + 1];
  token_check(caller, request, below_id, check);
  return wg_arena_printf(arena, "%" PRId64 ".%s", below_id, check);
}

wg_status intake_page_read(const char *caller, const Wangge__V1__ListOrdersRequest *request, int64_t *below_id,
                           struct wg_error *error) {
  if (request->page_token[0] == '\0') {
    *below_id = INT64_MAX;
    return WG_OK;
  }
  char number[24] = "", check[2 * CHECK_BYTES + 1];
  const char *dot = strchr(request->page_token, '.');
  if (dot != NULL && (size_t)(dot - request->page_token) < sizeof number) {
    memcpy(number, request->page_token, (size_t)(dot - request->page_token));
    if (wg_parse_i64(number, below_id) && *below_id > 0) {
      token_check(caller, request, *below_id, check);
      if (strcmp(check, dot + 1) == 0) return WG_OK;
    }
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token",
                 "is not of this list: give next_page_token of the page before with the same filters");
}

// --- List ---

static size_t order_bytes(const Wangge__V1__Order *order) {
  return wangge__v1__order__get_packed_size(order);
}

static wg_status time_bounds(struct wg_read_call *call, const Wangge__V1__ListOrdersRequest *request,
                             struct intake_list *list, struct wg_error *error) {
  wg_status status = WG_OK;
  if (request->from != 0) {
    status = intake_query_first_since(call->db, call->arena, &list->scope, request->from, &list->from_id, error);
  }
  if (status != WG_OK || request->to == 0) return status;
  int64_t end = 0;
  status = intake_query_first_since(call->db, call->arena, &list->scope, request->to, &end, error);
  if (status == WG_OK && end < list->below_id) list->below_id = end;
  return status;
}

// collect_page fetches part after part until the page is full or there is no more. *more: something may follow.
static wg_status collect_page(struct wg_read_call *call, struct intake_list *list, size_t limit,
                              Wangge__V1__ListOrdersResponse *response, bool *more, struct wg_error *error) {
  response->orders = wg_arena_alloc(call->arena, limit * sizeof *response->orders);
  size_t bytes = 0;
  *more = true;
  while (response->n_orders < limit && bytes < PAGE_BYTES) {
    size_t wanted = limit - response->n_orders < PART_ORDERS ? limit - response->n_orders : PART_ORDERS;
    list->limit = (int32_t)wanted;
    Wangge__V1__Order **orders = NULL;
    size_t count = 0;
    wg_status status = intake_query_list(call->db, call->arena, list, &orders, &count, error);
    if (status != WG_OK) return status;
    for (size_t i = 0; i < count; i++) {
      orders[i]->text_held = intake_held(orders[i]->confidential, orders[i]->kind);
      if (!is_own(call->caller, orders[i])) intake_disclose(orders[i], NULL, call->arena);
    }
    size_t taken = 0;
    while (taken < count && bytes < PAGE_BYTES) {
      bytes += order_bytes(orders[taken]);
      response->orders[response->n_orders++] = orders[taken++];
    }
    if (taken > 0) list->below_id = orders[taken - 1]->order_id;
    if (taken == count && count < wanted) {
      *more = false;
      return WG_OK;
    }
  }
  return WG_OK;
}

wg_status intake_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ListOrdersRequest *request = (const Wangge__V1__ListOrdersRequest *)call->request;
  const struct wg_principal *caller = call->caller;
  wg_status status = intake_check_list(caller, call->request, error);
  struct intake_list list = {.from_id = 1};
  if (status == WG_OK) status = intake_page_read(caller->name, request, &list.below_id, error);
  if (status != WG_OK) return status;
  bool all = (caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR)) != 0;
  list.source = all ? request->source : caller->name;
  list.scope = intake_visible_districts(call->service, caller, request->district, call->arena);
  Wangge__V1__ListOrdersResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__list_orders_response__init(response);
  *reply = &response->base;
  bool foreign = !all && request->source[0] != '\0' && strcmp(request->source, caller->name) != 0;
  if (foreign || list.scope.count == 0) return WG_OK;
  status = time_bounds(call, request, &list, error);
  if (status != WG_OK || list.from_id >= list.below_id) return status;
  bool more = false;
  size_t limit = request->limit == 0 ? PAGE_ORDERS : (size_t)request->limit;
  status = collect_page(call, &list, limit, response, &more, error);
  if (status == WG_OK && more && list.below_id > list.from_id) {
    response->next_page_token = intake_page_token(call->arena, caller->name, request, list.below_id);
  }
  return status;
}
