// A gazetteer made of the places that messages speak of: their districts are coded (A市, A3区), the names that follow
// such a code, or follow each other behind one, are learned.
//
// What is learned is language, not this set: which endings name a place (小区, 花园, 路, 医院 …), that a name begins
// where the name before it ends, that no verb or pronoun stands in one. One name in several districts is the place of
// the district that most say, unless two say it about as often: then it is two places.
#pragma once

#include "tests/unit/place_fixture.h"

#include "common/base/text.h"

struct harvest_text {
  const char *title, *text;
};

struct harvest_coded {
  char code[24]; // "37" letter number: 4 digits of a city, 6 of a district
  char name[16]; // as it is written
  size_t size;   // bytes in the text
};
// harvest_coded reads [A-Z]\d*[市区县] at `text`.
bool harvest_coded(const char *text, struct harvest_coded *coded);

struct harvested {
  struct routing_net *net;
  struct routing_gazetteer *gazetteer;
  size_t codes, places;
};
// harvest_build: of texts[i] with i % `modulo` != `leave`; modulo 0: of all. Names are the arena's.
struct harvested harvest_build(const struct harvest_text *texts, size_t count, size_t modulo, size_t leave,
                               struct wg_arena *arena);
void harvest_close(struct harvested *harvested);
