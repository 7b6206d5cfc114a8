// Reading calls of the base topic, in reader threads; all their SQL is in read.c.
#pragma once

#include "common/stage/stage.h"

#include "wangge/v1/land.pb-c.h"

#define LAND_READ(NAME)                                                                                                \
  wg_status land_check_##NAME(const struct wg_principal *caller, const ProtobufCMessage *request,                      \
                              struct wg_error *error);                                                                 \
  wg_status land_read_##NAME(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error)
LAND_READ(get);
LAND_READ(list);
LAND_READ(history);
LAND_READ(reveal);

// land_read_record unpacks a stored record into the call's arena. DATA_LOSS: it cannot be read.
wg_status land_read_record(struct wg_bytes body, struct wg_arena *arena, Wangge__V1__LandRecord **record,
                           struct wg_error *error);
