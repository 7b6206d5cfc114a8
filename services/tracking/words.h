// Which orders may hold a word in their title: pure.
//
// Orders are taken in blocks of WORDS_BLOCK ids. Of each block and district one row of bits is kept: every two
// neighbouring characters of a title (a bigram: Chinese needs no dictionary for it) set one of them. A block whose bits
// lack one of a search's bigrams has no such title and is passed over; any other is read. So a search never misses, an
// order costs eight bytes and nothing when it comes: a block is written once, when it is full.
//
// Why not an index of PostgreSQL: pg_trgm knows nothing shorter than three characters, and most Chinese words have two;
// a GIN index over bigrams costs over 100 µs an order, or, with its pending list, a stop of the writer every few
// thousand (ARCHITECTURE.md has the figures).
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

enum {
  WORDS_BLOCK = 256,    // orders
  WORDS_BITS = 1 << 14, // of a block: some 15 % are set by 256 titles of 18 characters
  WORDS_BYTES = WORDS_BITS / 8,
  WORDS_MOST = 8,  // words of a search
  WORDS_ASKED = 6, // bits that a search looks at
  WORDS_TEXT_BYTES = 256
};

// words_add sets the bits of a title. Letters of ASCII count as small ones, white space separates.
void words_add(uint8_t bits[WORDS_BYTES], const char *title);

struct words_search {
  const char *pattern[WORDS_MOST]; // for LIKE, on a title in small letters
  size_t words;
  int32_t bit[WORDS_ASKED]; // repeated when there are fewer; numbered as get_bit does
};
// words_search_make reads what is looked for: words separated by white space, all of which must occur.
// INVALID_ARGUMENT (field "text"): too long, more than WORDS_MOST words, or none of two characters or more.
wg_status words_search_make(const char *text, struct wg_arena *arena, struct words_search *search,
                            struct wg_error *error);
