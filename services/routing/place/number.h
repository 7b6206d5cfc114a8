// House numbers in folded text: "15号楼", "十五栋", "G2栋", "二期3幢", "北区7#楼2单元", "112号".
#pragma once

#include "services/routing/place/fold.h"

struct routing_number {
  uint64_t phase, building, unit; // packed tokens; 0: not said. "15", "015" and "十五" are the same token
  bool bare;                      // only 号 behind it: may as well be a day of the month
  size_t size;                    // code points read
};

// routing_phase_read gives the code points of a phase or side of an estate that begins at codes[0]: 二期, 2期, II期,
// B区, 东区; 0: none does.
size_t routing_phase_read(const uint32_t *codes, size_t count, uint64_t *phase);
// routing_number_read reads a number that begins at codes[0]; false when none does.
bool routing_number_read(const uint32_t *codes, size_t count, struct routing_number *number);
