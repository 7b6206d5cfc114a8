// PiiAccesses: who saw personal data whole. In reader threads.
#include "services/intake/intake.h"

#include "common/base/text.h"

#include <inttypes.h>

enum { PAGE_ACCESSES = 50 };

static wg_status check(const Wangge__V1__PiiAccessesRequest *request, int64_t *below, struct wg_error *error) {
  if (request->limit < 0 || request->limit > 1000)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "%d: 1 to 1,000, or 0 for 50", request->limit);
  if (request->order_id < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must not be negative");
  *below = INT64_MAX;
  if (!request->page_token[0] || (wg_parse_i64(request->page_token, below) && *below > 0)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

wg_status intake_pii_accesses(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__PiiAccessesRequest *request = (const Wangge__V1__PiiAccessesRequest *)call->request;
  struct intake_accesses wanted = {.order_id = request->order_id, .who = request->who};
  wg_status status = check(request, &wanted.below, error);
  if (status != WG_OK) return status;
  wanted.limit = request->limit ? request->limit : PAGE_ACCESSES;
  wanted.scope = intake_visible_districts(call->service, call->caller, request->district, call->arena);
  Wangge__V1__PiiAccessesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__pii_accesses_response__init(response);
  *reply = &response->base;
  if (wanted.scope.count == 0) return WG_OK;
  int64_t last = 0;
  status =
      intake_query_accesses(call->db, call->arena, &wanted, &response->accesses, &response->n_accesses, &last, error);
  if (status == WG_OK && response->n_accesses == (size_t)wanted.limit)
    response->next_page_token = wg_arena_printf(call->arena, "%" PRId64, last);
  return status;
}
