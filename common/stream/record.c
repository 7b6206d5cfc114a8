#include "common/stream/record.h"

#include <stdlib.h>

enum {
  WG_EVENT_TAG = 0x0a, // field 1 of EventBatch, length-delimited
  WG_SEQ_TAG = 1 << 3, // field 1 of Event, a varint
};

size_t wg_varint_size(uint64_t value) {
  return value < 128 ? 1 : (size_t)(70 - __builtin_clzll(value)) / 7;
}

uint8_t *wg_varint_put(uint8_t *at, uint64_t value) {
  for (; value >= 128; value >>= 7)
    *at++ = (uint8_t)(value | 128);
  *at++ = (uint8_t)value;
  return at;
}

static bool varint_get(const uint8_t **at, const uint8_t *end, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
    const uint8_t byte = *(*at)++;
    *value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) return true;
  }
  return false;
}

bool wg_record_next(struct wg_bytes *rest, struct wg_bytes *record, bool *broken) {
  *broken = false;
  if (rest->size == 0) return false;
  const uint8_t *at = rest->data, *end = rest->data + rest->size;
  uint64_t size = 0;
  if (*at++ != WG_EVENT_TAG || !varint_get(&at, end, &size) || size > (uint64_t)(end - at)) {
    *broken = true;
    return false;
  }
  at += size;
  *record = (struct wg_bytes){rest->data, (size_t)(at - rest->data)};
  *rest = (struct wg_bytes){at, (size_t)(end - at)};
  return true;
}

struct wg_bytes wg_record_event(struct wg_bytes record) {
  const uint8_t *at = record.data + 1, *end = record.data + record.size;
  uint64_t size = 0;
  if (!varint_get(&at, end, &size)) return (struct wg_bytes){0};
  return (struct wg_bytes){at, (size_t)(end - at)};
}

uint64_t wg_event_seq(struct wg_bytes event) {
  const uint8_t *at = event.data, *end = event.data + event.size;
  uint64_t seq = 0;
  if (event.size == 0 || *at++ != WG_SEQ_TAG || !varint_get(&at, end, &seq)) return 0;
  return seq;
}

void wg_record_append(struct wg_buffer *buffer, struct wg_bytes event) {
  uint8_t head[11] = {WG_EVENT_TAG};
  const uint8_t *end = wg_varint_put(head + 1, event.size);
  wg_buffer_append(buffer, head, (size_t)(end - head));
  wg_buffer_append(buffer, event.data, event.size);
}

wg_status wg_record_skip(struct wg_bytes *rest, uint64_t count, struct wg_error *error) {
  struct wg_bytes record;
  bool broken = false;
  for (uint64_t i = 0; i < count; i++) {
    if (!wg_record_next(rest, &record, &broken))
      return wg_fail(error, WG_DATA_LOSS, NULL, "a stored segment has only %llu of %llu events", (unsigned long long)i,
                     (unsigned long long)count);
  }
  return WG_OK;
}

static void free_body(void *data, void *hint) {
  (void)hint;
  free(data);
}

void wg_message_of(struct wg_buffer *buffer, zmq_msg_t *message) {
  uint8_t *data = buffer->size ? wg_realloc(buffer->data, buffer->size) : NULL;
  if (!data) zmq_msg_init(message);
  else zmq_msg_init_data(message, data, buffer->size, free_body, NULL);
  if (!data) free(buffer->data);
  *buffer = (struct wg_buffer){0};
}
