// How rare each n-gram is: document frequencies of a corpus, frozen as a numbered snapshot.
//
//   IDF = ln((documents + 1) / (df + 1));   a gram that the snapshot does not have counts as df 1
//
// A snapshot never changes: scores stay comparable and explainable as long as it is in use. Its id comes from its
// content, so two machines that load one file agree. Grams found in one document only are left out unless a category
// needs them (train.h).
#pragma once

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "services/routing/text/normalise.h"

enum { ROUTING_IDF_TERMS = 1 << 22, ROUTING_IDF_DOCUMENTS = 10000000 };

// Four grams of the snapshot in one line of the cache, with where the weights of their categories stand (category.h).
// Lanes are filled from the first; gram 0: empty.
enum { ROUTING_IDF_LANES = 4 };
struct routing_idf_group {
  _Alignas(64) uint32_t gram[ROUTING_IDF_LANES];
  float idf[ROUTING_IDF_LANES];
  uint32_t first[ROUTING_IDF_LANES], weights[ROUTING_IDF_LANES];
};

struct routing_idf_term {
  uint32_t gram, df;
};

struct routing_idf {
  uint64_t id; // 1 to INT64_MAX
  uint32_t documents, terms;
  float absent; // IDF of a gram that is not in it
  // Open addressing in the order of the grams: home of a gram is the group of its upper bits; the last group is empty,
  // its IDF that of a gram which is absent.
  int shift;
  uint32_t slots; // lanes of all groups
  struct routing_idf_group *group;
  struct routing_idf_term *term; // the same in order, for the file
};

// routing_idf_find gives the gram's place, group * ROUTING_IDF_LANES + lane, or UINT32_MAX. About as many grams are
// there as are not, in no order: so no branch depends on it.
static inline uint32_t routing_idf_find(const struct routing_idf *idf, uint32_t gram) {
  for (uint32_t at = gram >> idf->shift;; at++) {
    const uint32_t *of = idf->group[at].gram;
    const uint32_t lane = (uint32_t)(of[1] == gram) + 2 * (uint32_t)(of[2] == gram) + 3 * (uint32_t)(of[3] == gram);
    const uint32_t absent = (uint32_t)(of[lane] == gram) - 1; // all bits, or none
    if (__builtin_expect(of[3] - 1 >= gram - 1, true)) return (at * ROUTING_IDF_LANES + lane) | absent;
  }
}
static inline const struct routing_idf_group *routing_idf_group(const struct routing_idf *idf, uint32_t place) {
  return &idf->group[place / ROUTING_IDF_LANES];
}

// --- counting a corpus ---
struct routing_idf_counter;
struct routing_idf_counter *routing_idf_counter_create(void);
void routing_idf_counter_destroy(struct routing_idf_counter *counter); // NULL is allowed
// routing_idf_count adds a document, or (sign -1) takes one out that was added before; an empty one counts as none.
// RESOURCE_EXHAUSTED: more than ROUTING_IDF_DOCUMENTS documents or 2^26 different grams.
wg_status routing_idf_count(struct routing_idf_counter *counter, const struct routing_text *text, int sign,
                            struct routing_text_work *work, struct wg_error *error);
// routing_idf_need keeps the text's grams in the snapshot even if no other document has them.
void routing_idf_need(struct routing_idf_counter *counter, const struct routing_text *text);

// --- a snapshot ---
// routing_idf_freeze: INVALID_ARGUMENT: no documents; never more than ROUTING_IDF_TERMS grams (the rarest go first).
// Free with routing_idf_free.
wg_status routing_idf_freeze(const struct routing_idf_counter *counter, struct routing_idf **idf,
                             struct wg_error *error);
void routing_idf_free(struct routing_idf *idf); // NULL is allowed
// As a section of a model file (model.h): appended, and read again with every check. `bytes` is cut by what was read.
void routing_idf_write(const struct routing_idf *idf, struct wg_buffer *buffer);
wg_status routing_idf_read(struct wg_bytes *bytes, struct routing_idf **idf, struct wg_error *error);
