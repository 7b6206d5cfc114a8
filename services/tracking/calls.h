// The writing calls of tracking: which event of the table each is, and who decides it.
#pragma once

#include "services/tracking/case.h"

struct tracking_call {
  enum tracking_event event; // the table says where and by whom; of several events of one call the first
  tracking_call_handler *decide;
};

// tracking_call_of gives the call of a method ("wangge.v1.Tracking/Review"); NULL: none.
const struct tracking_call *tracking_call_of(const char *method);
// Every request has these fields.
int64_t tracking_call_order(const ProtobufCMessage *request);
const char *tracking_call_request_id(const ProtobufCMessage *request);
const char *tracking_call_person(const ProtobufCMessage *request);
// tracking_call_digest is the SHA-256 of a call and its content; in the arena.
const uint8_t *tracking_call_digest(const struct tracking_call *call, const ProtobufCMessage *request,
                                    struct wg_arena *arena);
