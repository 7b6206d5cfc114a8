// See calls.h.
#include "services/tracking/calls.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static const struct tracking_call CALLS[] = {
    {&wangge__v1__progress_request__descriptor, TRACKING_PROGRESS, tracking_progress},
    {&wangge__v1__contact_request__descriptor, TRACKING_CONTACT, tracking_contact},
    {&wangge__v1__resolve_request__descriptor, TRACKING_RESOLVE, tracking_resolve},
    {&wangge__v1__review_request__descriptor, TRACKING_APPROVE, tracking_review},
    {&wangge__v1__follow_up_request__descriptor, TRACKING_CLOSE, tracking_follow_up},
    {&wangge__v1__reopen_request__descriptor, TRACKING_REOPEN, tracking_reopen},
};

const struct tracking_call *tracking_call_of(const ProtobufCMessage *request) {
  for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
    if (request->descriptor == CALLS[i].request) return &CALLS[i];
  }
  return NULL;
}

static const void *field_of(const ProtobufCMessage *request, const char *name) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(request->descriptor, name);
  assert(field);
  return (const char *)request + field->offset;
}

static const char *text_of(const ProtobufCMessage *request, const char *name) {
  const char *text;
  memcpy(&text, field_of(request, name), sizeof(char *));
  return text;
}

int64_t tracking_call_order(const ProtobufCMessage *request) {
  int64_t order_id;
  memcpy(&order_id, field_of(request, "order_id"), sizeof order_id);
  return order_id;
}

const char *tracking_call_request_id(const ProtobufCMessage *request) {
  return text_of(request, "request_id");
}

const char *tracking_call_person(const ProtobufCMessage *request) {
  return text_of(request, "acting_person");
}

const uint8_t *tracking_call_digest(const ProtobufCMessage *request, struct wg_arena *arena) {
  static_assert(TRACKING_DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
  const size_t size = protobuf_c_message_get_packed_size(request);
  uint8_t *bytes = wg_arena_alloc(arena, size + 1), *digest = wg_arena_alloc(arena, TRACKING_DIGEST_BYTES);
  protobuf_c_message_pack(request, bytes);
  const char *name = request->descriptor->name;
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, (const unsigned char *)name, strlen(name) + 1);
  crypto_hash_sha256_update(&state, bytes, size);
  crypto_hash_sha256_final(&state, digest);
  return digest;
}
