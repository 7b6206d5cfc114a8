// The check of raw bytes against a message type, before protobuf-c sees them.
#pragma once

#include "common/base/bytes.h"
#include "common/base/status.h"

#include <protobuf-c/protobuf-c.h>

// wg_scan checks `bytes` in one pass without allocating. On WG_OK `memory` is an upper bound of what unpacking them
// takes. INVALID_ARGUMENT names the path of the field at fault.
wg_status wg_scan(const ProtobufCMessageDescriptor *type, struct wg_bytes bytes, size_t *memory,
                  struct wg_error *error);
