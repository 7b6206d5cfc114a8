// A text as a sparse unit vector: characters and pairs of neighbouring characters, weighted by (1 + log tf) * IDF.
//
// No dictionary and no segmenter: on real complaints this measures as well as words (pairs F1 0.93 against 0.93 with
// ICU's, 0.08 with SimHash), and nothing has to be kept up to date but the document frequencies.
// The title's characters count ROUTING_TITLE_WEIGHT times: who writes a title says there what it is about.
//
// Three forms:
//   routing_vector  what a text gives; floats, sorted by gram
//   packed          bytes for a database column or a cache: the strongest ROUTING_PACKED_GRAMS grams, weights in 8 bits
//   routing_probe   one vector spread out so that many packed ones can be compared with it
// Only what one snapshot (idf.h) made can be compared; packed vectors carry its id.
#pragma once

#include "common/base/arena.h"
#include "services/routing/text/bytes.h"
#include "services/routing/text/idf.h"
#include "services/routing/text/normalise.h"

enum { ROUTING_TITLE_WEIGHT = 2, ROUTING_PACKED_GRAMS = 256 };

struct routing_vector {
  const uint32_t *gram;  // ascending, no two equal
  const float *weight;   // their squares sum to 1
  const uint32_t *place; // of the gram in the snapshot (routing_idf_slot), or UINT32_MAX
  const uint32_t *at;    // point of the text that the gram first begins with
  uint32_t count;        // 0: the text was empty; it is like nothing
  uint64_t idf;          // id of the snapshot
};

// routing_vector_make: memory of the arena.
void routing_vector_make(const struct routing_text *text, const struct routing_idf *idf, struct routing_text_work *work,
                         struct wg_arena *arena, struct routing_vector *vector);
// routing_vector_cosine: 0 (nothing in common) to 1. By merging: exact, for tests and training.
float routing_vector_cosine(const struct routing_vector *a, const struct routing_vector *b);

// routing_gram_spell finds the characters of a gram in a text that has it, since hashes cannot be read back; NULL: the
// text does not have it. Memory of the arena.
const char *routing_gram_spell(const struct routing_text *text, uint32_t gram, struct wg_arena *arena);

// --- packed ---
// Little-endian: u8 form (2), u8 rules (ROUTING_TEXT_RULES), u16 grams, f32 scale, u64 id of the snapshot; then of the
// grams, ascending, the upper halves as u16, the weights as u8 (weight = value * scale), and the lower halves as u16,
// which only grams that may be shared are looked at for. 16 + 5 bytes a gram: at most 1,296 bytes.
struct routing_packed {
  const uint8_t *high, *weight, *low; // not aligned
  uint32_t count;
  float scale;
  uint64_t idf;
};
struct wg_bytes routing_vector_pack(const struct routing_vector *vector, struct wg_arena *arena);
// routing_packed_view gives a view of bytes that routing_vector_pack made in this process; they must outlive it.
struct routing_packed routing_packed_view(struct wg_bytes bytes);
static inline uint32_t routing_packed_gram(const struct routing_packed *packed, uint32_t index) {
  return (uint32_t)routing_get_u16(packed->high + (size_t)index * 2) << 16 |
         routing_get_u16(packed->low + (size_t)index * 2);
}
// routing_packed_open checks the bytes and gives a view of them; they must outlive it. INVALID_ARGUMENT names what is
// wrong, FAILED_PRECONDITION: made under other rules.
wg_status routing_packed_open(struct wg_bytes bytes, struct routing_packed *packed, struct wg_error *error);

// --- probe ---
struct routing_probe;
// routing_probe_make: memory of the arena, about 50 KiB, and the vector's own, which must outlive it.
struct routing_probe *routing_probe_make(const struct routing_vector *vector, struct wg_arena *arena);
// routing_probe_cosine gives the cosine with a packed vector: within 0.005 of the exact one while no gram was left
// out, below it for longer texts (a long one with itself is well below 1); 0 for another snapshot.
float routing_probe_cosine(const struct routing_probe *probe, const struct routing_packed *packed);
uint64_t routing_probe_idf(const struct routing_probe *probe); // id of the snapshot
// routing_probe_weight gives the weight of one gram in the probe; 0: not in it.
float routing_probe_weight(const struct routing_probe *probe, uint32_t gram);
// routing_probe_shared fills what the probe shares with a packed vector, by gram, and gives how many: each gram's part
// of the cosine, and where it first stands in the probe's text. There is room for one more than there can be.
struct routing_shared_gram {
  uint32_t gram, at;
  float weight;
};
size_t routing_probe_shared(const struct routing_probe *probe, const struct routing_packed *packed,
                            struct routing_shared_gram shared[ROUTING_PACKED_GRAMS + 1]);
