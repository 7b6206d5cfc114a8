// Packed vectors and the probe that is compared with them. See vector.h.
#include "services/routing/text/vector.h"

#include "services/routing/text/bytes.h"

#include <string.h>

enum { FORM = 2, HEAD = 16 };

struct kept {
  uint32_t count, least, of_least; // grams; the lowest 8-bit weight among them; how many of it
};

// keep gives which weights stay: the heaviest ROUTING_PACKED_GRAMS, none that is 0. Neighbours are often of one weight:
// counted in turns, none waits for the one before.
static struct kept keep(const uint8_t *weights, uint32_t count) {
  enum { TURNS = 4 };
  uint32_t tally[TURNS][256] = {0};
  for (uint32_t i = 0; i < count; i++)
    tally[i % TURNS][weights[i]]++;
  for (uint32_t weight = 0; weight < 256; weight++)
    tally[0][weight] += tally[1][weight] + tally[2][weight] + tally[3][weight];
  struct kept kept = {.least = 256};
  for (; kept.least > 1 && kept.count + tally[0][kept.least - 1] <= ROUTING_PACKED_GRAMS; kept.count += kept.of_least)
    kept.of_least = tally[0][--kept.least];
  if (kept.least == 1) return kept;
  return (struct kept){ROUTING_PACKED_GRAMS, kept.least - 1, ROUTING_PACKED_GRAMS - kept.count};
}

// heaviest: floats that are not negative are in the order of their bits, and a maximum of integers takes four at a
// time.
static float heaviest(const struct routing_vector *vector) {
  int32_t most = 0;
  for (uint32_t i = 0; i < vector->count; i++) {
    int32_t bits;
    memcpy(&bits, &vector->weight[i], sizeof bits);
    most = bits > most ? bits : most;
  }
  float weight;
  memcpy(&weight, &most, sizeof weight);
  return weight;
}

struct wg_bytes routing_vector_pack(const struct routing_vector *vector, struct wg_arena *arena) {
  const uint32_t count = vector->count, *gram = vector->gram;
  const float *exact = vector->weight;
  const float most = heaviest(vector);
  const float scale = most > 0 ? most / 255 : 1, steps = 1 / scale;
  uint8_t *small = wg_arena_alloc(arena, count);
  for (uint32_t i = 0; i < count; i++)
    small[i] = (uint8_t)(int32_t)(exact[i] * steps + 0.5f);
  struct kept kept = keep(small, count);
  const struct wg_bytes bytes = {wg_arena_alloc(arena, HEAD + (size_t)kept.count * 5), HEAD + (size_t)kept.count * 5};
  uint8_t *head = (uint8_t *)(uintptr_t)bytes.data;
  head[0] = FORM;
  head[1] = ROUTING_TEXT_RULES;
  routing_put_u16(head + 2, (uint16_t)kept.count);
  routing_put_f32(head + 4, scale);
  routing_put_u64(head + 8, vector->idf);
  uint8_t *high = head + HEAD, *weight = high + (size_t)kept.count * 2, *low = weight + kept.count;
  for (uint32_t i = 0, to = 0; to < kept.count; i++) { // no branch: what is let go is written over
    const bool last = small[i] == kept.least && kept.of_least > 0;
    routing_put_u16(high + (size_t)to * 2, (uint16_t)(gram[i] >> 16));
    routing_put_u16(low + (size_t)to * 2, (uint16_t)gram[i]);
    weight[to] = small[i];
    kept.of_least -= last;
    to += small[i] > kept.least || last;
  }
  return bytes;
}

struct routing_packed routing_packed_view(struct wg_bytes bytes) {
  const uint32_t count = routing_get_u16(bytes.data + 2);
  const uint8_t *high = bytes.data + HEAD, *weight = high + (size_t)count * 2;
  return (struct routing_packed){
      high, weight, weight + count, count, routing_get_f32(bytes.data + 4), routing_get_u64(bytes.data + 8)};
}

wg_status routing_packed_open(struct wg_bytes bytes, struct routing_packed *packed, struct wg_error *error) {
  if (bytes.size < HEAD || bytes.data[0] != FORM)
    return wg_fail(error, WG_INVALID_ARGUMENT, "vector", "is not a packed vector");
  if (bytes.data[1] != ROUTING_TEXT_RULES)
    return wg_fail(error, WG_FAILED_PRECONDITION, "vector", "was made by normalisation rules %d, these are %d",
                   bytes.data[1], ROUTING_TEXT_RULES);
  const uint32_t count = routing_get_u16(bytes.data + 2);
  if (count > ROUTING_PACKED_GRAMS || bytes.size != HEAD + (size_t)count * 5)
    return wg_fail(error, WG_INVALID_ARGUMENT, "vector", "has %zu bytes for %u n-grams", bytes.size, count);
  *packed = routing_packed_view(bytes);
  if (!(packed->scale > 0 && packed->scale <= 1))
    return wg_fail(error, WG_INVALID_ARGUMENT, "vector", "has no sound scale");
  uint32_t before = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t gram = routing_packed_gram(packed, i);
    if (gram <= before) return wg_fail(error, WG_INVALID_ARGUMENT, "vector", "has n-grams out of order");
    before = gram;
  }
  return WG_OK;
}

// --- probe ---
// A cell for each 14-bit beginning of a gram. `any` tells whether one of the probe's grams begins so, which tells apart
// most of what two texts do not share. Where it is set, `first` has the place of a gram that begins so and `next` of
// others. `first` is not cleared: nobody looks where `any` is 0.
enum { BITS = 14, NONE = UINT16_MAX };
struct routing_probe {
  uint64_t idf;
  const uint32_t *gram, *at;
  const float *weight;
  uint16_t *next;
  uint8_t any[1 << BITS];
  uint16_t first[1 << BITS];
};

static inline uint32_t cell_of(uint32_t gram) {
  return gram >> (32 - BITS);
}

struct routing_probe *routing_probe_make(const struct routing_vector *vector, struct wg_arena *arena) {
  // A text within the limits of intake cannot have this many; of a longer one the last grams are not compared.
  const uint32_t count = vector->count < NONE ? vector->count : NONE;
  struct routing_probe *probe = wg_arena_alloc(arena, sizeof *probe);
  probe->idf = vector->idf;
  probe->gram = vector->gram;
  probe->weight = vector->weight;
  probe->at = vector->at;
  probe->next = wg_arena_alloc(arena, count * sizeof *probe->next);
  memset(probe->any, 0, sizeof probe->any);
  for (uint32_t i = 0; i < count; i++) {
    if (vector->weight[i] <= 0) continue; // adds nothing to any cosine
    const uint32_t cell = cell_of(vector->gram[i]);
    probe->next[i] = probe->any[cell] ? probe->first[cell] : NONE;
    probe->first[cell] = (uint16_t)i;
    probe->any[cell] = 1;
  }
  return probe;
}

uint64_t routing_probe_idf(const struct routing_probe *probe) {
  return probe->idf;
}

// find gives the place of a gram whose cell is not empty, or of another one that begins alike.
static inline uint32_t find(const struct routing_probe *probe, uint32_t gram) {
  uint32_t at = probe->first[cell_of(gram)];
  while (probe->next[at] != NONE && probe->gram[at] != gram) // hardly ever: a gram begins like few others
    at = probe->next[at];
  return at;
}

// weight_if gives 0 instead of the weight without a branch, for which of the two it is cannot be foretold.
static inline float weight_if(bool yes, float weight) {
  uint32_t bits;
  memcpy(&bits, &weight, sizeof bits);
  bits &= -(uint32_t)yes;
  memcpy(&weight, &bits, sizeof bits);
  return weight;
}

float routing_probe_weight(const struct routing_probe *probe, uint32_t gram) {
  const uint32_t at = probe->any[cell_of(gram)] ? find(probe, gram) : 0;
  return probe->any[cell_of(gram)] && probe->gram[at] == gram ? probe->weight[at] : 0;
}

// maybe_shared fills the places of the packed grams whose cell is not empty and gives how many. Most of a text's grams
// are not shared with another, and which are is not to be foretold: so no branch depends on it. Two grams at a time.
static inline uint32_t maybe_shared(const struct routing_probe *probe, const struct routing_packed *packed,
                                    uint16_t maybe[ROUTING_PACKED_GRAMS + 1]) {
  uint32_t count = 0, i = 0;
  for (; i + 1 < packed->count; i += 2) {
    const uint32_t two = routing_get_u32(packed->high + (size_t)i * 2);
    maybe[count] = (uint16_t)i;
    count += probe->any[(two & 0xffff) >> (16 - BITS)];
    maybe[count] = (uint16_t)(i + 1);
    count += probe->any[two >> (32 - BITS)];
  }
  if (i < packed->count) {
    maybe[count] = (uint16_t)i;
    count += probe->any[cell_of(routing_packed_gram(packed, i))];
  }
  return count;
}

// share gives the part of the cosine that a gram of `maybe` has, not scaled yet, and its place in the probe; 0: the
// probe has only another gram that begins alike.
static inline float share(const struct routing_probe *probe, const struct routing_packed *packed, uint32_t maybe,
                          uint32_t *at) {
  const uint32_t gram = routing_packed_gram(packed, maybe);
  *at = find(probe, gram);
  return weight_if(probe->gram[*at] == gram, probe->weight[*at]) * (float)packed->weight[maybe];
}

float routing_probe_cosine(const struct routing_probe *probe, const struct routing_packed *packed) {
  if (packed->idf != probe->idf) return 0;
  uint16_t maybe[ROUTING_PACKED_GRAMS + 1];
  const uint32_t count = maybe_shared(probe, packed, maybe);
  uint32_t at;
  float sum = 0;
  for (uint32_t i = 0; i < count; i++)
    sum += share(probe, packed, maybe[i], &at); // NOLINT(clang-analyzer-core.CallAndMessage): `count` are filled
  return sum * packed->scale;
}

size_t routing_probe_shared(const struct routing_probe *probe, const struct routing_packed *packed,
                            struct routing_shared_gram shared[ROUTING_PACKED_GRAMS + 1]) {
  if (packed->idf != probe->idf) return 0;
  uint16_t maybe[ROUTING_PACKED_GRAMS + 1];
  const uint32_t all = maybe_shared(probe, packed, maybe);
  size_t count = 0;
  for (uint32_t i = 0; i < all; i++) {
    uint32_t at;
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): maybe_shared has filled `all` of them
    const float weight = share(probe, packed, maybe[i], &at) * packed->scale;
    shared[count] = (struct routing_shared_gram){probe->gram[at], probe->at[at], weight};
    count += weight > 0;
  }
  return count;
}
