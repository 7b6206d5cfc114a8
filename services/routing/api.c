// The calls of wangge.v1.Routing: who may call, what is checked before, who answers. Writing calls are decided in
// batch.c.
#include "services/routing/routing.h"

#include "common/base/text.h"

enum { REASON_BYTES = 1024 };

static wg_status check_order(int64_t order_id, struct wg_error *error) {
  return order_id > 0 ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must be a positive number");
}

static wg_status check_reason(int64_t order_id, const char *reason, struct wg_error *error) {
  const wg_status status = check_order(order_id, error);
  return status == WG_OK ? wg_text_check(reason, REASON_BYTES, WG_TEXT_REQUIRED, "reason", error) : status;
}

static wg_status check_accept(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  return check_order(((const Wangge__V1__AcceptRequest *)message)->order_id, error);
}

static wg_status check_return(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ReturnRequest *request = (const Wangge__V1__ReturnRequest *)message;
  return check_reason(request->order_id, request->reason, error);
}

static wg_status check_transfer(const struct wg_principal *caller, const ProtobufCMessage *message,
                                struct wg_error *error) {
  (void)caller;
  const Wangge__V1__TransferRequest *request = (const Wangge__V1__TransferRequest *)message;
  return check_reason(request->order_id, request->reason, error);
}

static wg_status check_assign(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  (void)caller;
  const Wangge__V1__AssignRequest *request = (const Wangge__V1__AssignRequest *)message;
  return check_reason(request->order_id, request->reason, error);
}

const struct wg_method ROUTING_METHODS[] = {
    {.name = "wangge.v1.Routing/Accept",
     .request = &wangge__v1__accept_request__descriptor,
     .response = &wangge__v1__assignment_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DEPARTMENT,
     .check = check_accept},
    {.name = "wangge.v1.Routing/Return",
     .request = &wangge__v1__return_request__descriptor,
     .response = &wangge__v1__assignment_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DEPARTMENT,
     .check = check_return},
    {.name = "wangge.v1.Routing/Transfer",
     .request = &wangge__v1__transfer_request__descriptor,
     .response = &wangge__v1__assignment_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_DEPARTMENT,
     .check = check_transfer},
    {.name = "wangge.v1.Routing/Assign",
     .request = &wangge__v1__assign_request__descriptor,
     .response = &wangge__v1__assignment_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DISPATCHER,
     .check = check_assign},
    {.name = "wangge.v1.Routing/Get",
     .request = &wangge__v1__get_assignment_request__descriptor,
     .response = &wangge__v1__get_assignment_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT | WG_ROLE_SOURCE,
     .read = routing_get},
    {.name = "wangge.v1.Routing/List",
     .request = &wangge__v1__list_assignments_request__descriptor,
     .response = &wangge__v1__list_assignments_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_DEPARTMENT,
     .read = routing_list},
    {.name = "wangge.v1.Routing/Rules",
     .request = &wangge__v1__rules_request__descriptor,
     .response = &wangge__v1__rules_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
     .read = routing_show_rules},
    {.name = NULL},
};
