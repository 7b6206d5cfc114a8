// The place of an order: which grid, community and street it belongs to, which place it speaks of, and why.
//
// Order of trust: a grid code that was given and is right; a position, by point in polygon; names in the address, then
// in the title, then in the text. What is less trusted still names the place inside the grid, and is said when it
// disagrees. An area or place of another district than the order's is never taken, only shown. What cannot be told
// apart is not guessed: two places of one name and nothing that speaks for one of them give the area that both lie in.
// An order without a place is not wrong: it is flagged and routed by category.
#pragma once

#include "common/base/arena.h"
#include "services/routing/place/gazetteer.h"
#include "services/routing/place/net.h"

enum routing_how {
  ROUTING_HOW_NONE,
  ROUTING_HOW_GRID_CODE,
  ROUTING_HOW_POSITION,
  ROUTING_HOW_ADDRESS,
  ROUTING_HOW_TITLE,
  ROUTING_HOW_TEXT,
  ROUTING_HOW_ORIGIN, // nothing of the order itself: where it was handed over (study.c)
};
const char *routing_how_name(enum routing_how how); // "grid_code"

enum routing_place_flag {
  ROUTING_GRID_MALFORMED = 1 << 0,          // the given code is not 15 digits
  ROUTING_GRID_UNKNOWN = 1 << 1,            // the net has no such grid
  ROUTING_GRID_OTHER_DISTRICT = 1 << 2,     // the given grid is of another district
  ROUTING_GRID_CONFLICTS_POSITION = 1 << 3, // the position lies in another grid than the given one
  ROUTING_POSITION_INVALID = 1 << 4,        // no point of China
  ROUTING_POSITION_SWAPPED = 1 << 5,        // a point of China when latitude and longitude change places
  ROUTING_POSITION_OUTSIDE = 1 << 6,        // in no area of the order's district
  ROUTING_POSITION_ON_EDGE = 1 << 7,        // on the common edge of grids
  ROUTING_NAMES_CONFLICT = 1 << 8,          // the text speaks of a place outside the area decided on
  ROUTING_NAMES_OTHER_DISTRICT = 1 << 9,    // the text speaks of a place of another district
  ROUTING_PLACE_AMBIGUOUS = 1 << 10,        // another candidate is about as good
  ROUTING_DISTRICT_UNKNOWN = 1 << 11,       // the net does not have the order's district
  ROUTING_NO_GRID = 1 << 12,                // a place, but not which grid
  ROUTING_NO_PLACE = 1 << 13,               // nothing at all
  ROUTING_NAMES_CUT = 1 << 14,              // more names than are looked at; those of the address come first
};
enum { ROUTING_PLACE_FLAGS = 15 };
const char *routing_place_flag_name(enum routing_place_flag flag); // "grid_unknown"

struct routing_place_query { // NULL counts as ""
  const char *district;      // of the order; "" only in trials: then every district is its own
  const char *grid_code, *address, *title, *text;
  bool has_position;
  double lon, lat;
};

struct routing_candidate {
  const char *place_id, *name, *code; // code of the smallest area known, "" when unknown
  enum routing_place_kind kind;
  enum routing_how how;
  int score; // to compare candidates of one order by: kind, where it was found, length, agreement with the rest
};

enum { ROUTING_CANDIDATES = 8, ROUTING_PLACE_READ = 16384 };
struct routing_place {
  enum routing_how how;
  const char *grid_code, *community, *street, *district; // codes, "" when unknown
  // The estate, building, road, station or site, "" when none is known: an area alone is no place_id, so that two
  // orders with the same place_id really speak of one place.
  const char *place_id;
  const char *name; // of the place, or of the smallest area
  enum routing_place_kind kind;
  double confidence; // 0 to 1
  unsigned flags;
  size_t candidate_count;
  struct routing_candidate candidates[ROUTING_CANDIDATES]; // best first; the chosen one is among them
  const char *evidence;                                    // Chinese, one line, for people
};

// routing_place_decide never fails. Texts of the result live as long as the net, the gazetteer and the arena. Of each
// text the first ROUTING_PLACE_READ characters are read. One thread at a time, as for the net.
void routing_place_decide(const struct routing_net *net, const struct routing_gazetteer *gazetteer,
                          const struct routing_place_query *query, struct wg_arena *arena, struct routing_place *place);
