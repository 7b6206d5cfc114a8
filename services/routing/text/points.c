// Single characters: which stay, and as what. See normalise.h.
#include "services/routing/text/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static bool is_selector(uint32_t point) {
  return (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xe0100 && point <= 0xe01ef);
}

bool routing_point_stays(uint32_t point) {
  switch (utf8proc_category((utf8proc_int32_t)point)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_NO:
    return true;
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
    return !is_selector(point);
  default: // among them enclosing marks: the box of a keycap emoji
    return false;
  }
}

// A mark may combine with what stands before it, and so may the parts of a Hangul syllable.
static bool combines(uint32_t point) {
  const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)point);
  const bool mark = property->category == UTF8PROC_CATEGORY_MN || property->category == UTF8PROC_CATEGORY_MC;
  const bool jamo = (point >= 0x1100 && point <= 0x11ff) || (point >= 0xa960 && point <= 0xa97f) ||
                    (point >= 0xd7b0 && point <= 0xd7ff);
  return (mark || jamo || property->combining_class != 0) && !is_selector(point);
}

static bool joins_digits(uint32_t point) {
  return point == ' ' || point == '-' || point == '+' || point == '(' || point == ')' ||
         (point >= 0x2010 && point <= 0x2015);
}

static uint32_t bytes_of(uint32_t point) {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

struct routing_mapped routing_point_map(uint32_t point) {
  struct routing_mapped mapped = {ROUTING_POINT_DROP, 0, {0}};
  utf8proc_int32_t parts[32];
  int boundary = 0;
  const utf8proc_ssize_t count = utf8proc_decompose_char(
      (utf8proc_int32_t)point, parts, 32, UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE, &boundary);
  if (count < 0 || count > 32) { // no character (a surrogate), or a ligature of a whole sentence
    if (count > 32) mapped.what = ROUTING_POINT_SLOW;
    return mapped;
  }
  bool joins = count > 0;
  for (utf8proc_ssize_t i = 0; i < count; i++) {
    const uint32_t part = (uint32_t)parts[i];
    joins = joins && joins_digits(part);
    if (!combines(part) && !routing_point_stays(part)) continue;
    if (combines(part) || mapped.count == bytes_of(point)) return (struct routing_mapped){ROUTING_POINT_SLOW, 0, {0}};
    mapped.what = ROUTING_POINT_KEEP;
    mapped.to[mapped.count++] = part;
  }
  if (joins) mapped.what = ROUTING_POINT_JOIN;
  return mapped;
}

static struct routing_cells cells;

static void build(void) {
  uint32_t used = 0;
  for (uint32_t point = 1; point < 0x10000; point++) {
    const struct routing_mapped mapped = routing_point_map(point);
    uint32_t *cell = &cells.cell[point];
    if (mapped.what == ROUTING_POINT_SLOW) *cell = ROUTING_CELL_SLOW;
    else if (mapped.what != ROUTING_POINT_KEEP) *cell = mapped.what == ROUTING_POINT_JOIN;
    else if (mapped.count == 1) *cell = mapped.to[0];
    else {
      if (used + mapped.count > sizeof cells.pool / sizeof *cells.pool) abort(); // a Unicode of another size
      *cell = ROUTING_CELL_POOL | mapped.count << 24 | used;
      memcpy(cells.pool + used, mapped.to, mapped.count * sizeof *mapped.to);
      used += mapped.count;
    }
  }
}

const struct routing_cells *routing_point_cells(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, build);
  return &cells;
}
