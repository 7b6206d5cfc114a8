// Records of an EventBatch: `tag, length, Event` one behind another, so that batches are cut and joined without
// unpacking.
#pragma once

#include "common/base/bytes.h"
#include "common/base/status.h"

#include <stdbool.h>
#include <zmq.h>

// wg_varint_size and wg_varint_put write a protobuf varint; put returns the place behind it.
size_t wg_varint_size(uint64_t value);
uint8_t *wg_varint_put(uint8_t *at, uint64_t value);
// wg_record_next takes the first record off `rest`; false at the end or when `rest` is no EventBatch (*broken then).
bool wg_record_next(struct wg_bytes *rest, struct wg_bytes *record, bool *broken);
// wg_record_event gives the packed Event inside a record.
struct wg_bytes wg_record_event(struct wg_bytes record);
// wg_event_seq gives a packed Event's number in its stream, which the log writes first; 0: it does not begin with one.
uint64_t wg_event_seq(struct wg_bytes event);
// wg_record_append appends the record that holds this packed Event.
void wg_record_append(struct wg_buffer *buffer, struct wg_bytes event);
// wg_record_skip leaves out the first `count` records; DATA_LOSS when there are fewer or they are broken.
wg_status wg_record_skip(struct wg_bytes *rest, uint64_t count, struct wg_error *error);
// wg_message_of makes a message that owns the buffer's memory (no copy) and leaves the buffer empty.
void wg_message_of(struct wg_buffer *buffer, zmq_msg_t *message);
