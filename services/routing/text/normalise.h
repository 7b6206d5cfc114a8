// Texts made comparable: what two people wrote about one matter differs in width, case, punctuation and courtesies.
//
//   NFKC and case folding (utf8proc)        "Ａ市　３栋" and "a市3栋" are one text
//   only letters, digits and marks stay     spaces, punctuation, symbols, emoji go; their neighbours become neighbours
//   7 and more digits in a row go           telephone and identity numbers ("138-1234 5678", "11010119900307123X")
//   stock phrases go                        您好, 望领导重视 … (phrases.c)
// Where digits or a phrase went, and between title and body, stands a break: no pair of characters spans it.
//
// Thread rules: any number of threads, each with its own workspace. Nothing is kept between calls.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

// Of these rules. Stored with every model and vector: what other rules made cannot be compared. Raise it when a change
// here makes other points of the same text.
enum { ROUTING_TEXT_RULES = 1 };
enum { ROUTING_TEXT_BYTES = 64 << 10 }; // title and body together; intake lets 33,068 through
#define ROUTING_TEXT_BREAK UINT32_C(0)

struct routing_text {
  const uint32_t *points; // Unicode code points and breaks; memory of the arena
  uint32_t count;
  uint32_t title; // the first `title` of them are the title's
  uint64_t hash;  // the same for equal points; 0: nothing is left of the text. Of this process: stored nowhere
};

// A workspace: buffers that one thread uses again and again, so that an order costs no allocation but its result.
struct routing_text_work;
struct routing_text_work *routing_text_work_create(void);
void routing_text_work_destroy(struct routing_text_work *work); // NULL is allowed

// routing_text_normalise: INVALID_ARGUMENT: invalid UTF-8 or a NUL in `title` or `text` (the field is named);
// RESOURCE_EXHAUSTED: more than ROUTING_TEXT_BYTES. Empty texts are fine and give count 0. `title` weighs in vector.h;
// without one give {NULL, 0}.
wg_status routing_text_normalise(struct wg_bytes title, struct wg_bytes body, struct routing_text_work *work,
                                 struct wg_arena *arena, struct routing_text *text, struct wg_error *error);
// routing_text_utf8 writes points as UTF-8, breaks as spaces; memory of the arena.
char *routing_text_utf8(const uint32_t *points, size_t count, struct wg_arena *arena);

// routing_text_cut gives the text with a break wherever one of the names stands, of several the longest; its hash stays
// that of the whole text. Names are normalised texts, empty ones cut nothing. Memory of the arena.
struct routing_text routing_text_cut(const struct routing_text *text, const struct routing_text *names, size_t count,
                                     struct wg_arena *arena);
