// Any bytes as a push, as intake sees them: unpacked, checked, hashed, decided. Nothing may crash, and what is accepted
// must satisfy the table's constraints.
#include "common/wire/wire.h"
#include "services/intake/accept.h"
#include "services/intake/validate.h"
#include "tests/unit/intake_fixture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_accepted(const struct intake_entry *entry) {
  const Wangge__V1__NewOrder *order = entry->order;
  assert(strlen(order->external_id) >= 1 && strlen(order->external_id) <= 64);
  assert(strlen(order->district) == 6);
  assert(order->kind > 0 && (int)order->kind <= INT16_MAX);
  assert(strlen(order->text) >= 1 && strlen(order->text) <= INTAKE_TEXT_BYTES);
  assert(strlen(order->grid_code) == 0 || strlen(order->grid_code) == 15);
  assert(order->n_attachments <= INTAKE_ATTACHMENTS);
  for (size_t i = 0; i < order->n_attachments; i++)
    assert(strlen(order->attachments[i]->sha256) == 64);
  if (order->reporter != NULL) assert(strlen(order->reporter->phone) <= 32);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct intake_reference *reference;
  static struct wg_principal caller;
  if (reference == NULL) {
    reference = fixture_reference();
    caller = fixture_source("hotline-12345");
  }
  const uint8_t seed[16] = {0};
  struct wg_arena *arena = wg_arena_create(1 << 16);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__push_request__descriptor, (struct wg_bytes){data, size}, arena, &message, &error) ==
      WG_OK) {
    const Wangge__V1__PushRequest *push = (const Wangge__V1__PushRequest *)message;
    struct intake_entry *entries = wg_arena_zalloc(arena, (push->n_orders + 1) * sizeof *entries);
    struct intake_entry **list = wg_arena_alloc(arena, (push->n_orders + 1) * sizeof *list);
    for (size_t i = 0; i < push->n_orders; i++) {
      entries[i] = (struct intake_entry){.order = push->orders[i], .source = push->source, .index = i};
      list[i] = &entries[i];
      wg_status status = intake_validate_order(reference, &caller, push->orders[i], i, FIXTURE_NOW, &entries[i].error);
      assert(status == entries[i].error.code);
      if (status == WG_OK) intake_content_hash(push->orders[i], entries[i].hash);
    }
    int64_t next = 1;
    intake_accept(list, push->n_orders, &next, seed, arena);
    for (size_t i = 0; i < push->n_orders; i++) {
      if (entries[i].order_id != 0) check_accepted(&entries[i]);
    }
  }
  wg_arena_destroy(arena);
  return 0;
}
