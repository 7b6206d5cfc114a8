// The calls of wangge.v1.Tracking: who may call, what is checked before, who answers. Writing calls are decided in
// batch.c.
#include "common/base/text.h"
#include "services/tracking/tracking.h"

enum { NOTE_BYTES = 8192, REQUEST_ID_BYTES = 64 };

static wg_status check_order(int64_t order_id, struct wg_error *error) {
  return order_id > 0 ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must be a positive number");
}

static wg_status check_progress(const struct wg_principal *caller, const ProtobufCMessage *message,
                                struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ProgressRequest *request = (const Wangge__V1__ProgressRequest *)message;
  wg_status status = check_order(request->order_id, error);
  if (status == WG_OK)
    status =
        wg_text_check(request->request_id, REQUEST_ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "request_id", error);
  if (status == WG_OK) status = wg_text_check(request->note, NOTE_BYTES, WG_TEXT_REQUIRED, "note", error);
  return status;
}

static wg_status check_resolve(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ResolveRequest *request = (const Wangge__V1__ResolveRequest *)message;
  const wg_status status = check_order(request->order_id, error);
  return status == WG_OK ? wg_text_check(request->result, NOTE_BYTES, WG_TEXT_REQUIRED, "result", error) : status;
}

const struct wg_method TRACKING_METHODS[] = {
    {.name = "wangge.v1.Tracking/Progress",
     .request = &wangge__v1__progress_request__descriptor,
     .response = &wangge__v1__case_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DEPARTMENT,
     .check = check_progress},
    {.name = "wangge.v1.Tracking/Resolve",
     .request = &wangge__v1__resolve_request__descriptor,
     .response = &wangge__v1__case_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DEPARTMENT,
     .check = check_resolve},
    {.name = "wangge.v1.Tracking/Get",
     .request = &wangge__v1__get_case_request__descriptor,
     .response = &wangge__v1__get_case_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT | WG_ROLE_SOURCE,
     .read = tracking_get},
    {.name = "wangge.v1.Tracking/List",
     .request = &wangge__v1__list_cases_request__descriptor,
     .response = &wangge__v1__list_cases_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT,
     .read = tracking_list},
    {.name = NULL},
};
