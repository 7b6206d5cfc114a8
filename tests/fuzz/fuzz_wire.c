// Bytes as any message type (the first byte chooses): refused, or unpacked within the promised memory into a message
// that packs, unpacks again to the same bytes, and reads as JSON.
#include "common/base/text.h"
#include "common/wire/scan.h"
#include "common/wire/types.h"
#include "common/wire/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth) {
  if (!truth) abort();
}

static void check_message(const ProtobufCMessageDescriptor *type, const ProtobufCMessage *message,
                          struct wg_arena *arena) {
  struct wg_bytes packed = wg_pack(message, arena);
  struct wg_error error = {0};
  ProtobufCMessage *again = NULL;
  wg_status status = wg_unpack(type, packed, arena, &again, &error);
  // Packing may make a message smaller (long varints, defaults spelt out), and with that its allowance.
  if (status != WG_OK) return;
  struct wg_bytes twice = wg_pack(again, arena);
  expect(wg_bytes_equal(packed, twice));
  struct wg_buffer json = {0};
  wg_json_message(&json, message);
  expect(wg_utf8_valid((struct wg_bytes){json.data, json.size}));
  wg_buffer_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static size_t types;
  while (wg_message_types[types] != NULL)
    types++;
  if (size == 0) return 0;
  const ProtobufCMessageDescriptor *type = wg_message_types[data[0] % types];
  struct wg_bytes bytes = {data + 1, size - 1};
  struct wg_arena *arena = wg_arena_create(1024);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  size_t memory = 0;
  wg_status scanned = wg_scan(type, bytes, &memory, &error);
  wg_status status = wg_unpack(type, bytes, arena, &message, &error);
  expect(status == scanned);
  if (status == WG_OK) {
    expect(wg_arena_used(arena) <= memory);
    check_message(type, message, arena);
  } else {
    expect(status == WG_INVALID_ARGUMENT && wg_arena_used(arena) == 0);
    expect(error.message[0] != '\0' && wg_utf8_valid(wg_bytes_of(error.message)));
  }
  wg_arena_destroy(arena);
  return 0;
}
