// See disclose.h.
#include "services/intake/disclose.h"

#include "common/base/mask.h"

static char *masked(const char *text, struct wg_arena *arena) {
  return (char *)(uintptr_t)wg_mask_text(text, arena); // protobuf-c's members are not const; nobody writes to them
}

bool intake_held(bool confidential, Wangge__V1__OrderKind kind) {
  return confidential || kind == WANGGE__V1__ORDER_KIND__ORDER_KIND_REPORT;
}

// item_alone: of the answer to a held order only what it rests on.
static Wangge__V1__DirectAnswer *item_alone(const Wangge__V1__DirectAnswer *answer, struct wg_arena *arena) {
  if (!answer) return NULL;
  Wangge__V1__DirectAnswer *rest = wg_arena_alloc(arena, sizeof *rest);
  *rest = *answer;
  rest->text = (char *)"";
  return rest;
}

void intake_disclose(Wangge__V1__Order *order, struct wg_arena *arena) {
  order->text_held = intake_held(order->confidential, order->kind);
  order->title = masked(order->title, arena);
  order->address = masked(order->address, arena);
  if (order->text_held) {
    order->text = (char *)"";
    order->n_attachments = 0;
    order->answer = item_alone(order->answer, arena);
  } else {
    order->text = masked(order->text, arena);
  }
}

const char *intake_disclose_text(bool held, const char *text, struct wg_arena *arena) {
  return held ? INTAKE_HELD_NOTE : wg_mask_text(text, arena);
}
