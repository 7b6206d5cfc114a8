// The calls of wangge.v1.Intake: who may call, what is checked before, who answers. Writing calls are decided in
// batch.c.
#include "services/intake/intake.h"

#include "services/intake/validate.h"

static size_t push_weight(const ProtobufCMessage *request) {
  return ((const Wangge__V1__PushRequest *)request)->n_orders;
}

const struct wg_method INTAKE_METHODS[] = {
    {.name = "wangge.v1.Intake/Push",
     .request = &wangge__v1__push_request__descriptor,
     .response = &wangge__v1__push_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_SOURCE,
     .check = intake_check_push,
     .weight = push_weight},
    {.name = "wangge.v1.Intake/Supplement",
     .request = &wangge__v1__supplement_request__descriptor,
     .response = &wangge__v1__supplement_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_SOURCE | WG_ROLE_DISPATCHER,
     .check = intake_check_supplement},
    {.name = "wangge.v1.Intake/Withdraw",
     .request = &wangge__v1__withdraw_request__descriptor,
     .response = &wangge__v1__withdraw_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_SOURCE | WG_ROLE_DISPATCHER,
     .check = intake_check_withdraw},
    {.name = "wangge.v1.Intake/Get",
     .request = &wangge__v1__get_order_request__descriptor,
     .response = &wangge__v1__get_order_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_SOURCE | WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
     .read = intake_get,
     .needs_records = true,
     .writes_audit = true},
    {.name = "wangge.v1.Intake/List",
     .request = &wangge__v1__list_orders_request__descriptor,
     .response = &wangge__v1__list_orders_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_SOURCE | WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR,
     .read = intake_list,
     .needs_records = true},
    {.name = "wangge.v1.Intake/EraseReporter",
     .request = &wangge__v1__erase_reporter_request__descriptor,
     .response = &wangge__v1__erase_reporter_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_DISPATCHER,
     .check = intake_check_erase},
    {.name = NULL},
};
