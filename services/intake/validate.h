// Every rule of what comes in, as the comments of proto/wangge/v1/intake.proto promise them. Pure.
//
// Errors are INVALID_ARGUMENT (PERMISSION_DENIED for a district, channel or origin the caller is not for) with the path
// of the field, and the message says what would be right.
#pragma once

#include "common/bus/bus.h"
#include "services/intake/reference.h"

#include "wangge/v1/intake.pb-c.h"

#define INTAKE_PUSH_ORDERS 1000u
#define INTAKE_TEXT_BYTES 32768u
#define INTAKE_REASON_BYTES 1024u
#define INTAKE_ANSWER_BYTES 8192u
#define INTAKE_ID_BYTES 64u
#define INTAKE_ATTACHMENTS 20u
#define INTAKE_PERSON_BYTES 64u
#define INTAKE_ORIGIN_BYTES 128u // as codes of the registry

// intake_validate_order checks orders[index] of a push as of `now`.
wg_status intake_validate_order(const struct intake_reference *reference, const struct wg_principal *caller,
                                const Wangge__V1__NewOrder *order, size_t index, int64_t now, struct wg_error *error);

// intake_order_channel: the order's, or the caller's default. intake_order_origin: the order's, or the caller's only
// one;
// "": none.
int intake_order_channel(const struct wg_principal *caller, const Wangge__V1__NewOrder *order);
const char *intake_order_origin(const struct wg_principal *caller, const Wangge__V1__NewOrder *order);

// Checks of whole requests that need neither reference data nor clock: the stage's `check` of the methods.
wg_status intake_check_push(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error);
wg_status intake_check_supplement(const struct wg_principal *caller, const ProtobufCMessage *request,
                                  struct wg_error *error);
wg_status intake_check_withdraw(const struct wg_principal *caller, const ProtobufCMessage *request,
                                struct wg_error *error);
wg_status intake_check_rewrite(const struct wg_principal *caller, const ProtobufCMessage *request,
                               struct wg_error *error);
wg_status intake_check_erase(const struct wg_principal *caller, const ProtobufCMessage *request,
                             struct wg_error *error);
wg_status intake_check_get(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error);
wg_status intake_check_list(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error);

// Rights that every call shares: may the caller know of a district, of an order of this source there?
bool intake_may_district(const struct wg_principal *caller, const char *district);
bool intake_may_see(const struct wg_principal *caller, const char *district, const char *source);
