// Every text and message inside a message, whatever its type: for what has to be found wherever it is named.
#pragma once

#include "common/base/status.h"

#include <protobuf-c/protobuf-c.h>

// Called for each text that is not empty (`value` is the char *) and each message (the ProtobufCMessage *) before what
// is in it. `path` says where: "photos[0]", "task.controls[2].name"; it is cut at 127 bytes and lives for the call
// only. Anything but WG_OK ends the walk.
typedef wg_status wg_visit(void *context, const char *path, const ProtobufCFieldDescriptor *field, void *value,
                           struct wg_error *error);
// wg_walk visits in the order of the fields. Messages that wg_unpack made nest no deeper than their types do.
wg_status wg_walk(const ProtobufCMessage *message, wg_visit *visit, void *context, struct wg_error *error);
