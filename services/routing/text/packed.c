// Packed vectors and the probe that is compared with them. See vector.h.
#include "services/routing/text/vector.h"

#include "services/routing/text/bytes.h"

#include <math.h>
#include <string.h>

enum { FORM = 1, HEAD = 16 };

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
    most = fmaxf(most, vector->weight[i]);
  const float scale = most > 0 ? most / 255 : 1;
  uint8_t *small = wg_arena_alloc(arena, count);
  for (uint32_t i = 0; i < count; i++)
    small[i] = (uint8_t)lrintf(vector->weight[i] / scale);
  uint32_t of_least = 0, kept = 0;
  const uint32_t least = least_kept(small, count, &of_least);
  const uint32_t room = count < ROUTING_PACKED_GRAMS ? count : ROUTING_PACKED_GRAMS;
  uint8_t *data = wg_arena_alloc(arena, HEAD + (size_t)room * 5), weights[ROUTING_PACKED_GRAMS];
  for (uint32_t i = 0; i < count && kept < room; i++) {
    if (small[i] < least || (small[i] == least && of_least == 0)) continue;
    if (small[i] == least) of_least--;
    routing_put_u32(data + HEAD + (size_t)kept * 4, vector->gram[i]);
    weights[kept++] = small[i];
  }
  data[0] = FORM;
  data[1] = ROUTING_TEXT_RULES;
  routing_put_u16(data + 2, (uint16_t)kept);
  routing_put_f32(data + 4, scale);
  routing_put_u64(data + 8, vector->idf);
  memcpy(data + HEAD + (size_t)kept * 4, weights, kept);
  return (struct wg_bytes){data, HEAD + (size_t)kept * 5};
}

wg_status routing_packed_open(struct wg_bytes bytes, struct routing_packed *packed, struct wg_error *error) {
  if (bytes.size < HEAD || bytes.data[0] != FORM)
    return wg_fail(error, WG_INVALID_ARGUMENT, "vector", "is not a packed vector");
  if (bytes.data[1] != ROUTING_TEXT_RULES)
    return wg_fail(error, WG_FAILED_PRECONDITION, "vector", "was made by normalisation rules %d, these are %d",
                   bytes.data[1], ROUTING_TEXT_RULES);
  const uint32_t count = routing_get_u16(bytes.data + 2);
  const float scale = routing_get_f32(bytes.data + 4);
  if (count > ROUTING_PACKED_GRAMS || bytes.size != HEAD + (size_t)count * 5)
    return wg_fail(error, WG_INVALID_ARGUMENT, "vector", "has %zu bytes for %u n-grams", bytes.size, count);
  if (!(scale > 0 && scale <= 1)) return wg_fail(error, WG_INVALID_ARGUMENT, "vector", "has no sound scale");
  *packed = (struct routing_packed){bytes.data + HEAD, bytes.data + HEAD + (size_t)count * 4, count, scale,
                                    routing_get_u64(bytes.data + 8)};
  uint32_t before = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t gram = routing_get_u32(packed->gram + (size_t)i * 4);
    if (gram <= before) return wg_fail(error, WG_INVALID_ARGUMENT, "vector", "has n-grams out of order");
    before = gram;
  }
  return WG_OK;
}

// --- probe ---
// A bit per 14-bit remainder of a gram tells apart most of what two texts do not share; where it is set, `first` has
// the place of a gram with that remainder and `next` of others. `first` is not cleared: nobody looks where no bit is
// set.
enum { BITS = 14, NONE = UINT16_MAX };
struct routing_probe {
  uint64_t idf;
  const uint32_t *gram;
  const float *weight;
  uint16_t *next;
  uint64_t seen[(1 << BITS) / 64];
  uint16_t first[1 << BITS];
};

struct routing_probe *routing_probe_make(const struct routing_vector *vector, struct wg_arena *arena) {
  // A text within the limits of intake cannot have this many; of a longer one the last grams are not compared.
  const uint32_t count = vector->count < NONE ? vector->count : NONE;
  struct routing_probe *probe = wg_arena_alloc(arena, sizeof *probe);
  probe->idf = vector->idf;
  probe->gram = vector->gram;
  probe->weight = vector->weight;
  probe->next = wg_arena_alloc(arena, count * sizeof *probe->next);
  memset(probe->seen, 0, sizeof probe->seen);
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t low = vector->gram[i] & ((1 << BITS) - 1);
    const uint64_t bit = UINT64_C(1) << (low % 64);
    probe->next[i] = probe->seen[low / 64] & bit ? probe->first[low] : NONE;
    probe->first[low] = (uint16_t)i;
    probe->seen[low / 64] |= bit;
  }
  return probe;
}

uint64_t routing_probe_idf(const struct routing_probe *probe) {
  return probe->idf;
}

// weight_seen: the gram's bit is set.
static inline float weight_seen(const struct routing_probe *probe, uint32_t gram) {
  uint32_t at = probe->first[gram & ((1 << BITS) - 1)];
  while (at != NONE && probe->gram[at] != gram)
    at = probe->next[at];
  return at != NONE ? probe->weight[at] : 0;
}

float routing_probe_weight(const struct routing_probe *probe, uint32_t gram) {
  const uint32_t low = gram & ((1 << BITS) - 1);
  return probe->seen[low / 64] >> (low % 64) & 1 ? weight_seen(probe, gram) : 0;
}

float routing_probe_cosine(const struct routing_probe *probe, const struct routing_packed *packed) {
  if (packed->idf != probe->idf) return 0;
  uint16_t maybe[ROUTING_PACKED_GRAMS + 1];
  uint32_t count = 0;
  for (uint32_t i = 0; i < packed->count; i++) { // no branch: most grams are not shared
    const uint32_t low = routing_get_u32(packed->gram + (size_t)i * 4) & ((1 << BITS) - 1);
    maybe[count] = (uint16_t)i;
    count += probe->seen[low / 64] >> (low % 64) & 1;
  }
  float sum = 0;
  for (uint32_t i = 0; i < count;
       i++) // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): filled above
    sum += weight_seen(probe, routing_get_u32(packed->gram + (size_t)maybe[i] * 4)) * (float)packed->weight[maybe[i]];
  return sum * packed->scale;
}
