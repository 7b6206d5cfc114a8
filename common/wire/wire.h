// The wire format of proto/wangge/v1/stream.proto: limits before memory, checks after unpacking.
//
// protobuf-c 1.4.1 crashes on deep nesting, expands tiny submessages 50-fold, accepts invalid UTF-8 and cuts strings at
// NUL. So: wg_unpack first scans the bytes against the descriptor (declared nesting only, count of submessages and
// repeated elements, lengths inside the parent, UTF-8 and NUL in every string field), and only then unpacks into the
// arena. Nothing of the outside is ever given to protobuf-c without it.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/stream.pb-c.h"

#define WG_WIRE_MAX_BYTES (8u << 20) // largest frame; ZMQ_MAXMSGSIZE
#define WG_WIRE_MAX_ELEMENTS 200000u // submessages, repeated elements and unknown fields in one message
// Memory that unpacking may take: WG_WIRE_FREE_MEMORY, and WG_WIRE_EXPANSION bytes for each byte of the message. Real
// messages take 2 to 8 bytes for one; empty submessages would take 100.
#define WG_WIRE_FREE_MEMORY (128u << 10)
#define WG_WIRE_EXPANSION 16u

// wg_unpack: INVALID_ARGUMENT names the path of the field at fault; RESOURCE_EXHAUSTED: the arena's limit is reached.
// A field that is not repeated may come once only, as every encoder writes it. Unknown fields and unknown enum values
// are kept. The message lives in the arena and does not point into `bytes`.
wg_status wg_unpack(const ProtobufCMessageDescriptor *type, struct wg_bytes bytes, struct wg_arena *arena,
                    ProtobufCMessage **message, struct wg_error *error);
// wg_pack packs into the arena.
struct wg_bytes wg_pack(const ProtobufCMessage *message, struct wg_arena *arena);
void wg_pack_append(const ProtobufCMessage *message, struct wg_buffer *buffer);
// Status message <-> wg_error. wg_status_read: NULL and CODE_OK give WG_OK; numbers without a name WG_UNKNOWN.
Wangge__V1__Status *wg_status_message(const struct wg_error *error, struct wg_arena *arena);
wg_status wg_status_read(const Wangge__V1__Status *status, struct wg_error *error);
// wg_message_type finds a message type of the contract by its full name ("wangge.v1.OrderReceived"), or NULL.
const ProtobufCMessageDescriptor *wg_message_type(const char *name);
// wg_enum_name gives the lower-case name without its prefix ("hotline_12345"), or "unknown_99" in `buffer`.
const char *wg_enum_name(const ProtobufCEnumDescriptor *type, int value, char buffer[32]);
// wg_enum_value reads such a name (any case, with or without prefix); -1: unknown.
int wg_enum_value(const ProtobufCEnumDescriptor *type, const char *name);
// wg_json_message appends a message as proto3 JSON (lowerCamelCase names, int64 as strings, enums by full name,
// defaults left out, bytes as base64) on one line.
void wg_json_message(struct wg_buffer *buffer, const ProtobufCMessage *message);
// wg_json_read makes a message of such JSON (int32, int64, double, bool, text, bytes, enums by any of their names,
// messages); names of fields are lowerCamelCase or as in the .proto. INVALID_ARGUMENT names the path of what is wrong,
// unknown fields among it. The message lives in the arena; the object stays the caller's.
struct json_t;
wg_status wg_json_read(const ProtobufCMessageDescriptor *type, const struct json_t *object, struct wg_arena *arena,
                       ProtobufCMessage **message, struct wg_error *error);
