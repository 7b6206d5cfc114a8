#include "common/wire/wire.h"
#include "common/wire/scan.h"

wg_status wg_unpack(const ProtobufCMessageDescriptor *type, struct wg_bytes bytes, struct wg_arena *arena,
                    ProtobufCMessage **message, struct wg_error *error) {
  size_t memory;
  wg_status status = wg_scan(type, bytes, &memory, error);
  if (status != WG_OK) return status;
  *message = protobuf_c_message_unpack(type, wg_arena_protobuf(arena), bytes.size, bytes.data);
  if (*message != NULL) return WG_OK;
  return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "%s of %zu bytes needs more memory than its arena may take",
                 type->name, bytes.size);
}

struct wg_bytes wg_pack(const ProtobufCMessage *message, struct wg_arena *arena) {
  size_t size = protobuf_c_message_get_packed_size(message);
  uint8_t *data = wg_arena_alloc(arena, size);
  return (struct wg_bytes){data, protobuf_c_message_pack(message, data)};
}

void wg_pack_append(const ProtobufCMessage *message, struct wg_buffer *buffer) {
  size_t size = protobuf_c_message_get_packed_size(message);
  buffer->size += protobuf_c_message_pack(message, wg_buffer_reserve(buffer, size));
}

Wangge__V1__Status *wg_status_message(const struct wg_error *error, struct wg_arena *arena) {
  Wangge__V1__Status *status = wg_arena_alloc(arena, sizeof *status);
  wangge__v1__status__init(status);
  status->code = (Wangge__V1__Code)error->code;
  status->message = wg_arena_strdup(arena, error->message);
  status->field = wg_arena_strdup(arena, error->field);
  return status;
}

wg_status wg_status_read(const Wangge__V1__Status *status, struct wg_error *error) {
  if (status == NULL || status->code == WANGGE__V1__CODE__CODE_OK) return WG_OK;
  int code = (int)status->code;
  bool known = code > 0 && code <= WG_UNAUTHENTICATED;
  return wg_fail(error, known ? (wg_status)code : WG_UNKNOWN, status->field, "%s",
                 status->message == NULL ? "" : status->message);
}
