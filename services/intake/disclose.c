// See disclose.h.
#include "services/intake/disclose.h"

#include "common/base/mask.h"

static char *masked(const char *text, const Wangge__V1__Reporter *reporter, struct wg_arena *arena) {
  if (reporter) text = wg_mask_person(text, reporter->name, arena);
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

// nameless: an answer without the reporter's name. Its numbers are what the hotline told: whom to call.
static Wangge__V1__DirectAnswer *nameless(Wangge__V1__DirectAnswer *answer, const Wangge__V1__Reporter *reporter,
                                          struct wg_arena *arena) {
  if (!answer || !reporter) return answer;
  Wangge__V1__DirectAnswer *copy = wg_arena_alloc(arena, sizeof *copy);
  *copy = *answer;
  copy->text = (char *)(uintptr_t)wg_mask_person(answer->text, reporter->name, arena);
  return copy;
}

void intake_disclose(Wangge__V1__Order *order, const Wangge__V1__Reporter *reporter, struct wg_arena *arena) {
  order->text_held = intake_held(order->confidential, order->kind);
  order->title = masked(order->title, reporter, arena);
  order->address = masked(order->address, reporter, arena);
  if (order->text_held) {
    order->text = (char *)"";
    order->n_attachments = 0;
    order->origin = (char *)""; // a group has few who could have said it
    order->answer = item_alone(order->answer, arena);
  } else {
    order->answer = nameless(order->answer, reporter, arena);
    order->text = masked(order->text, reporter, arena);
  }
}

const char *intake_disclose_text(bool held, const char *text, struct wg_arena *arena) {
  return held ? INTAKE_HELD_NOTE : wg_mask_text(text, arena);
}
