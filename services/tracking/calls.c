// See calls.h.
#include "services/tracking/calls.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static const struct tracking_call CALLS[] = {
    {TRACKING_PROGRESS, tracking_progress},
    {TRACKING_CONTACT, tracking_contact},
    {TRACKING_RESOLVE, tracking_resolve},
    {TRACKING_APPROVE, tracking_review},
    {TRACKING_CLOSE, tracking_follow_up},
    {TRACKING_REOPEN, tracking_reopen},
    {TRACKING_RATE, tracking_rate},
    {TRACKING_EXTEND, tracking_extend},
    {TRACKING_DECIDE_EXTENSION, tracking_decide_extension},
    {TRACKING_SUSPEND, tracking_suspend},
    {TRACKING_HOLD, tracking_decide_suspension},
    {TRACKING_RESUME, tracking_resume},
    {TRACKING_URGE, tracking_urge},
    {TRACKING_SUPERVISE, tracking_supervise},
    {TRACKING_ASK_VOID, tracking_void},
    {TRACKING_VOID, tracking_decide_void},
};

#define SERVICE "wangge.v1.Tracking/"

// The table of states names each event of a call by its method.
const struct tracking_call *tracking_call_of(const char *method) {
  if (strncmp(method, SERVICE, strlen(SERVICE)) != 0) return NULL;
  for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
    if (strcmp(method + strlen(SERVICE), tracking_event_name(CALLS[i].event)) == 0) return &CALLS[i];
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

const uint8_t *tracking_call_digest(const struct tracking_call *call, const ProtobufCMessage *request,
                                    struct wg_arena *arena) {
  static_assert(TRACKING_DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
  const size_t size = protobuf_c_message_get_packed_size(request);
  uint8_t *bytes = wg_arena_alloc(arena, size + 1), *digest = wg_arena_alloc(arena, TRACKING_DIGEST_BYTES);
  protobuf_c_message_pack(request, bytes);
  // Two calls may have one type of request: the call's name goes in, in the form of a type of its own.
  const char *name = wg_arena_printf(arena, "wangge.v1.%sRequest", tracking_event_name(call->event));
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, (const unsigned char *)name, strlen(name) + 1);
  crypto_hash_sha256_update(&state, bytes, size);
  crypto_hash_sha256_final(&state, digest);
  return digest;
}
