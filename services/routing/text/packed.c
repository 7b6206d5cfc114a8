// Packed vectors and the probe that is compared with them. See vector.h.
#include "services/routing/text/vector.h"

#include "services/routing/text/bytes.h"

#include <string.h>

enum { FORM = 2, HEAD = 16 };

// least_kept gives the lowest 8-bit weight that stays, so that at most ROUTING_PACKED_GRAMS do; *at_least is how many
// of that weight itself.
static uint32_t least_kept(const uint8_t *weights, uint32_t count, uint32_t *at_least) {
  uint32_t tally[256] = {0}, room = ROUTING_PACKED_GRAMS, weight = 255;
  for (uint32_t i = 0; i < count; i++)
    tally[weights[i]]++;
  for (; weight > 1 && tally[weight] <= room; weight--)
    room -= tally[weight];
  *at_least = room;
  return weight;
}

struct wg_bytes routing_vector_pack(const struct routing_vector *vector, struct wg_arena *arena) {
  const uint32_t count = vector->count;
  float most = 0;
  for (uint32_t i = 0; i < count; i++)
    most = vector->weight[i] > most ? vector->weight[i] : most;
  const float scale = most > 0 ? most / 255 : 1, steps = 1 / scale;
  uint8_t *small = wg_arena_alloc(arena, count);
  for (uint32_t i = 0; i < count; i++)
    small[i] = (uint8_t)(vector->weight[i] * steps + 0.5f);
  uint32_t of_least = 0, kept = 0;
  const uint32_t least = least_kept(small, count, &of_least);
  uint16_t high[ROUTING_PACKED_GRAMS + 1], low[ROUTING_PACKED_GRAMS + 1];
  uint8_t weights[ROUTING_PACKED_GRAMS + 1];
  for (uint32_t i = 0; i < count; i++) { // no branch: what is let go is written over
    const bool last = small[i] == least && of_least > 0, keeps = small[i] > least || last;
    high[kept] = (uint16_t)(vector->gram[i] >> 16);
    low[kept] = (uint16_t)vector->gram[i];
    weights[kept] = small[i];
    of_least -= last;
    kept += keeps;
  }
  uint8_t *data = wg_arena_alloc(arena, HEAD + (size_t)kept * 5);
  data[0] = FORM;
  data[1] = ROUTING_TEXT_RULES;
  routing_put_u16(data + 2, (uint16_t)kept);
  routing_put_f32(data + 4, scale);
  routing_put_u64(data + 8, vector->idf);
  const struct wg_bytes bytes = {data, HEAD + (size_t)kept * 5};
  const struct routing_packed view = routing_packed_view(bytes);
  memcpy(data + (view.weight - data), weights, kept);
  for (uint32_t i = 0; i < kept; i++) {
    routing_put_u16(data + (view.high - data) + (size_t)i * 2, high[i]);
    routing_put_u16(data + (view.low - data) + (size_t)i * 2, low[i]);
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
// A cell for each 14-bit beginning of a gram. `most` has the heaviest weight of the probe's grams that begin so, in 8
// bits and rounded up; 0: none does, which tells apart most of what two texts do not share. Where it is not 0, `first`
// has the place of a gram that begins so and `next` of others. `first` is not cleared: nobody looks where `most` is 0.
enum { BITS = 14, NONE = UINT16_MAX };
struct routing_probe {
  uint64_t idf;
  const uint32_t *gram, *at;
  const float *weight;
  uint16_t *next;
  float scale; // of `most`
  uint8_t most[1 << BITS];
  uint16_t first[1 << BITS];
};

static inline uint32_t cell_of(uint32_t gram) {
  return gram >> (32 - BITS);
}

static inline uint32_t cell_at(const struct routing_packed *packed, uint32_t index) {
  return (uint32_t)routing_get_u16(packed->high + (size_t)index * 2) >> (16 - BITS);
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
  memset(probe->most, 0, sizeof probe->most);
  float heaviest = 0;
  for (uint32_t i = 0; i < count; i++)
    heaviest = vector->weight[i] > heaviest ? vector->weight[i] : heaviest;
  probe->scale = heaviest > 0 ? heaviest / 255 : 1;
  const float steps = 1 / probe->scale;
  for (uint32_t i = 0; i < count; i++) {
    if (vector->weight[i] <= 0) continue; // adds nothing to any cosine
    const uint32_t cell = cell_of(vector->gram[i]), above = (uint32_t)(vector->weight[i] * steps) + 1;
    const uint8_t weight = above < 255 ? (uint8_t)above : 255;
    probe->next[i] = probe->most[cell] ? probe->first[cell] : NONE;
    probe->first[cell] = (uint16_t)i;
    if (weight > probe->most[cell]) probe->most[cell] = weight;
  }
  return probe;
}

uint64_t routing_probe_idf(const struct routing_probe *probe) {
  return probe->idf;
}

// find gives the place of a gram whose cell is not empty; NONE: another one begins alike.
static inline uint32_t find(const struct routing_probe *probe, uint32_t gram) {
  uint32_t at = probe->first[cell_of(gram)];
  while (at != NONE && probe->gram[at] != gram)
    at = probe->next[at];
  return at;
}

float routing_probe_weight(const struct routing_probe *probe, uint32_t gram) {
  const uint32_t at = probe->most[cell_of(gram)] ? find(probe, gram) : NONE;
  return at != NONE ? probe->weight[at] : 0;
}

float routing_probe_bound(const struct routing_probe *probe, const struct routing_packed *packed) {
  if (packed->idf != probe->idf) return 0;
  uint32_t sum = 0; // at most 256 * 255 * 255
  for (uint32_t i = 0; i < packed->count; i++)
    sum += (uint32_t)probe->most[cell_at(packed, i)] * packed->weight[i];
  const float rounding = 1.0005f; // more than 256 additions of floats can be off by
  return (float)sum * probe->scale * packed->scale * rounding;
}

// candidates fills the places of the packed grams whose cell is not empty.
static inline uint32_t candidates(const struct routing_probe *probe, const struct routing_packed *packed,
                                  uint16_t maybe[ROUTING_PACKED_GRAMS + 1]) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < packed->count; i++) { // no branch: most grams are not shared
    maybe[count] = (uint16_t)i;
    count += probe->most[cell_at(packed, i)] != 0;
  }
  return count;
}

float routing_probe_cosine(const struct routing_probe *probe, const struct routing_packed *packed) {
  if (packed->idf != probe->idf) return 0;
  uint16_t maybe[ROUTING_PACKED_GRAMS + 1];
  const uint32_t count = candidates(probe, packed, maybe);
  float sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t at = find(probe, routing_packed_gram(packed, maybe[i]));
    if (at != NONE) sum += probe->weight[at] * (float)packed->weight[maybe[i]];
  }
  return sum * packed->scale;
}

size_t routing_probe_shared(const struct routing_probe *probe, const struct routing_packed *packed,
                            struct routing_shared_gram shared[ROUTING_PACKED_GRAMS]) {
  if (packed->idf != probe->idf) return 0;
  uint16_t maybe[ROUTING_PACKED_GRAMS + 1];
  const uint32_t count = candidates(probe, packed, maybe);
  size_t found = 0;
  for (uint32_t i = 0; i < count; i++) {
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): candidates has filled `count` of them
    const uint32_t gram = routing_packed_gram(packed, maybe[i]), at = find(probe, gram);
    if (at == NONE || packed->weight[maybe[i]] == 0) continue;
    shared[found++] = (struct routing_shared_gram){gram, probe->at[at],
                                                   probe->weight[at] * (float)packed->weight[maybe[i]] * packed->scale};
  }
  return found;
}
