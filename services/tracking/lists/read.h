// Reading calls of service Lists, in reader threads, and what is checked before writing ones.
#pragma once

#include "common/stage/stage.h"

#define LISTS_WRITERS (WG_ROLE_REGISTRAR | WG_ROLE_DISPATCHER)

wg_status lists_check_change(const struct wg_principal *caller, const ProtobufCMessage *request,
                             struct wg_error *error);
wg_status lists_check_tokens(const struct wg_principal *caller, const ProtobufCMessage *request,
                             struct wg_error *error);
wg_status lists_check_answer(const struct wg_principal *caller, const ProtobufCMessage *request,
                             struct wg_error *error);

wg_status lists_read_entry(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status lists_read_entries(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status lists_read_history(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status lists_read_figures(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status lists_read_results(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
