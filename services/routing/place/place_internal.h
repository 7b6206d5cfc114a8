// What the files of the decision share: place.c decides, place_names.c reads the texts, place_words.c says why.
#pragma once

#include "services/routing/place/place.h"

enum { NAMED_MAX = 48, COMMON_MAX = 16 };

struct named { // a place found in a text
  uint32_t entry, name;
  uint32_t at, size; // of the name in its text
  enum routing_how how;
  int score, times;
  bool foreign; // of another district than the order's
  bool behind;  // another place's name: 劳动东路魅力之城
};

struct common_name { // a name of very many places: 第一网格
  uint32_t name, at, size;
  enum routing_how how;
};

struct finding_place {
  const struct routing_net *net;
  const struct routing_gazetteer *gazetteer;
  const struct routing_place_query *query;
  struct wg_arena *arena;
  struct routing_place *place;
  uint64_t district;                // key of the order's; 0: any
  const struct routing_area *given; // the grid given, when the net has it
  const struct routing_area *area;  // decided on
  struct routing_located located, swapped;
  bool given_good, located_good; // of the order's district
  struct named named[NAMED_MAX]; // best first, once ranked
  size_t named_count;
  struct common_name common[COMMON_MAX];
  size_t common_count;
  const struct named *chosen; // the place, or the area when a name decided
};

// routing_place_read finds the places named in the texts and ranks them.
void routing_place_read(struct finding_place *finding);
// routing_place_say writes the evidence.
void routing_place_say(struct finding_place *finding);

// routing_related: one code lies in the other, or one is unknown.
bool routing_related(const char *a, const char *b);
// routing_same_name: found by one and the same name.
static inline bool routing_same_name(const struct named *a, const struct named *b) {
  return a->name == b->name;
}
