// Which orders may hold a word in their title: pure.
//
// Orders are taken in chunks of WORDS_CHUNK ids. Of each chunk and district it is kept which of its orders have a gram:
// two neighbouring characters of the title (Chinese needs no dictionary for it), the first levels of the category, the
// street, community or grid. What has all grams of a search is few: of these the rows are read and compared. So a
// search never misses; an order costs some 41 bytes, and nothing when it comes: a chunk is written once, when it is
// full.
//
// Grams are hashes. Those of a chunk lie in WORDS_BUCKETS rows, so that a search reads a row for each of its grams.
//
// Why not an index of PostgreSQL: pg_trgm knows nothing shorter than three characters, and most Chinese words have two;
// a GIN index over bigrams costs over 100 µs an order, or, with its pending list, a stop of the writer every few
// thousand (ARCHITECTURE.md has the figures).
#pragma once

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

enum {
  WORDS_CHUNK = 8192, // orders
  WORDS_BUCKETS = 2048,
  WORDS_MOST = 8,  // words of a search
  WORDS_ASKED = 4, // grams of a title that a search looks for
  WORDS_GRAMS = WORDS_ASKED + 2,
  WORDS_TEXT_BYTES = 256
};
typedef uint32_t words_gram;
static inline int32_t words_bucket(words_gram gram) {
  return (int32_t)(gram % WORDS_BUCKETS);
}

// --- writing a chunk ---
struct words_chunk; // lives in an arena
struct words_chunk *words_chunk_create(struct wg_arena *arena);
// words_chunk_add adds what the order `id % WORDS_CHUNK` is found by. Letters of ASCII count as small ones, white space
// separates.
void words_chunk_add(struct words_chunk *chunk, int64_t id, const char *title, const char *category, const char *grid);
// words_chunk_pack packs what was added: a body for each bucket, empty where there is nothing.
//   body   entry*
//   entry  gram's upper 16 bits, n, n ids ascending; n WORDS_BITMAP: a bit for every id instead (16-bit, little endian)
enum { WORDS_BITMAP = 0xffff };
void words_chunk_pack(struct words_chunk *chunk, struct wg_bytes bodies[WORDS_BUCKETS]);

// --- reading it ---
struct words_bits { // a bit for every order of a chunk
  uint64_t part[WORDS_CHUNK / 64];
};
// words_find gives the orders of a body that have the gram; none when it names none. INTERNAL: this is no such body.
wg_status words_find(struct wg_bytes body, words_gram gram, struct words_bits *bits, struct wg_error *error);
// words_late gives the orders that came late to their chunk; their ids are packed one behind the other.
wg_status words_late(struct wg_bytes body, struct words_bits *bits, struct wg_error *error);

// --- searches ---
struct words_search {
  const char *pattern[WORDS_MOST]; // for LIKE, on a title in small letters
  size_t words;
  words_gram gram[WORDS_GRAMS]; // without repeats
  size_t grams;
};
// words_search_make reads what is looked for: words separated by white space, all of which must occur.
// INVALID_ARGUMENT (field "text"): too long, more than WORDS_MOST words, or none of two characters or more.
wg_status words_search_make(const char *text, struct wg_arena *arena, struct words_search *search,
                            struct wg_error *error);
// words_search_within adds the first levels of a category and the beginning of a grid's code; "": any.
void words_search_within(struct words_search *search, const char *category, const char *grid);
