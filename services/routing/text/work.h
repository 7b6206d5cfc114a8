// Inside of the workspace, and what the files of this folder share. Not for callers.
#pragma once

#include "services/routing/text/normalise.h"

struct routing_work_cell {
  uint32_t gram, tally, at; // at: point that it first begins with
};

struct routing_text_work {
  uint32_t *points; // of the text being normalised
  size_t points_room;
  struct routing_work_cell *cell; // open-addressing table of the vector being made
  size_t cell_room;
  uint64_t *mark; // a bit of each cell that is in use
  size_t mark_room;
  struct routing_work_cell *found; // its grams in order
  size_t found_room;
};

// routing_work_room makes *memory hold `count` elements; the old content is lost.
void *routing_work_room(void *memory, size_t *room, size_t count, size_t element);

// vector.c: counts the text's grams into work->found (ascending); gives how many.
size_t routing_work_count(struct routing_text_work *work, const struct routing_text *text, uint32_t title_weight);

// points.c: one character as the rules see it.
enum routing_point {
  ROUTING_POINT_DROP, // nothing of it stays, and a run of digits ends at it
  ROUTING_POINT_JOIN, // nothing of it stays, but a telephone number goes on behind it
  ROUTING_POINT_KEEP, // stays as to[0 .. count)
  ROUTING_POINT_SLOW, // depends on its neighbours: the whole text needs full normalisation
};
struct routing_mapped {
  enum routing_point what;
  uint32_t count;
  uint32_t to[4]; // never more than the character has bytes in UTF-8
};
// routing_point_map asks utf8proc. routing_point_look is the same from a table, for the Basic Multilingual Plane.
struct routing_mapped routing_point_map(uint32_t point);
bool routing_point_stays(uint32_t point); // letters, digits and marks but no variation selectors

// A cell of the table: 0 drop, 1 join, UINT32_MAX slow, POOL bit: count and place in the pool; else the point itself.
#define ROUTING_CELL_SLOW UINT32_MAX
#define ROUTING_CELL_POOL UINT32_C(0x80000000)
struct routing_cells {
  uint32_t cell[0x10000];
  uint32_t pool[16384];
};
const struct routing_cells *routing_point_cells(void); // built once

// phrases.c: cuts stock phrases out of points[0 .. count) in place; gives the new count. *title moves with its end.
uint32_t routing_phrases_cut(uint32_t *points, uint32_t count, uint32_t *title);
