// Adjudications as precedents for later orders of the same kind (裁定先例), all of them in memory.
//
// A precedent fits an order of its district whose category is the precedent's or lies below it and whose grid code
// begins with the precedent's place. Of several the one with the longer category comes first, then the longer place,
// then the newer.
#pragma once

#include "common/base/arena.h"

#include "wangge/v1/routing.pb-c.h"

struct routing_precedent {
  const char *district, *category, *place, *lead, *basis, *decided_by, *person;
  const char **assists;
  size_t assist_count;
  int64_t order_id;
  int32_t n; // of the order
  int64_t decided_at;
};

struct routing_precedents;
struct routing_precedents *routing_precedents_create(void);
void routing_precedents_destroy(struct routing_precedents *precedents); // NULL is allowed
// routing_precedents_add copies; newer ones are added later.
void routing_precedents_add(struct routing_precedents *precedents, const struct routing_precedent *precedent);
size_t routing_precedents_count(const struct routing_precedents *precedents);
// routing_precedents_at gives them oldest first.
const struct routing_precedent *routing_precedents_at(const struct routing_precedents *precedents, size_t n);
// routing_precedents_of finds the nth adjudication of an order, or NULL.
const struct routing_precedent *routing_precedents_of(const struct routing_precedents *precedents, int64_t order_id,
                                                      int32_t n);
// routing_precedents_fitting fills `found` with those that fit, best first; gives how many. `grid_code` may be "".
size_t routing_precedents_fitting(const struct routing_precedents *precedents, const char *district,
                                  const char *category, const char *grid_code, const struct routing_precedent **found,
                                  size_t most);
bool routing_precedent_covers(const struct routing_precedent *precedent, const char *category);
// routing_precedent_id gives "17.1".
char *routing_precedent_id(const struct routing_precedent *precedent, struct wg_arena *arena);
// The message of the contract; its texts are those of the precedent.
Wangge__V1__Precedent *routing_precedent_message(const struct routing_precedent *precedent, struct wg_arena *arena);
