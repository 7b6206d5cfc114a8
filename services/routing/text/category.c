// Scoring a text for each category by walking the postings of its grams. See category.h.
#include "services/routing/text/category.h"

#include "common/base/text.h"
#include "services/routing/text/bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct routing_categories *routing_categories_create(uint32_t count) {
  struct routing_categories *categories = wg_zalloc(sizeof *categories);
  categories->count = count;
  categories->sharpness = 1;
  categories->path = wg_zalloc((count + 1) * sizeof *categories->path);
  categories->texts = wg_zalloc((count + 1) * sizeof *categories->texts);
  return categories;
}

void routing_categories_free(struct routing_categories *categories) {
  if (categories == NULL) return;
  for (uint32_t i = 0; i < categories->count; i++)
    free(categories->path[i]);
  free(categories->path);
  free(categories->texts);
  free(categories->posting);
  free(categories);
}

bool routing_category_scores(const struct routing_categories *categories, const struct routing_idf *idf,
                             const struct routing_vector *vector, float *scores) {
  if (vector->idf != idf->id) return false;
  for (uint32_t i = 0; i < categories->count; i++)
    scores[i] = 0;
  // Postings lie anywhere in memory: those of a gram are asked for a few grams ahead.
  enum { AHEAD = 12 };
  bool any = false;
  for (uint32_t i = 0; i < vector->count + AHEAD; i++) {
    if (i < vector->count && vector->place[i] != UINT32_MAX)
      __builtin_prefetch(&categories->posting[idf->slot[vector->place[i]].first_posting]);
    if (i < AHEAD || vector->place[i - AHEAD] == UINT32_MAX) continue;
    const struct routing_idf_slot *slot = &idf->slot[vector->place[i - AHEAD]];
    const struct routing_posting *posting = &categories->posting[slot->first_posting];
    any = any || slot->postings > 0;
    for (uint32_t k = 0; k < slot->postings; k++)
      scores[posting[k].category] += vector->weight[i - AHEAD] * posting[k].weight;
  }
  return any;
}

size_t routing_category_suggest(const struct routing_categories *categories, const struct routing_idf *idf,
                                const struct routing_vector *vector, struct routing_suggestion *suggestions,
                                size_t most) {
  float scores[ROUTING_CATEGORIES_MOST], sum = 0, best = -INFINITY;
  if (vector->count == 0 || !routing_category_scores(categories, idf, vector, scores)) return 0;
  for (uint32_t i = 0; i < categories->count; i++)
    best = fmaxf(best, scores[i]);
  for (uint32_t i = 0; i < categories->count; i++)
    sum += expf(categories->sharpness * (scores[i] - best));
  size_t count = 0;
  for (uint32_t i = 0; i < categories->count; i++) {
    if (count == most && (most == 0 || scores[i] <= suggestions[most - 1].score)) continue;
    size_t at = count < most ? count++ : most - 1;
    for (; at > 0 && suggestions[at - 1].score < scores[i]; at--)
      suggestions[at] = suggestions[at - 1];
    suggestions[at] = (struct routing_suggestion){categories->path[i],
                                                  expf(categories->sharpness * (scores[i] - best)) / sum, scores[i]};
  }
  return count;
}

// --- in a model file: u32 categories, f32 sharpness, of each u32 texts, u16 bytes, path; u32 postings, of each u32
// gram (ascending), u32 category (ascending within a gram), f32 weight ---
void routing_categories_write(const struct routing_categories *categories, const struct routing_idf *idf,
                              struct wg_buffer *buffer) {
  uint8_t bytes[12];
  routing_put_u32(bytes, categories->count);
  routing_put_f32(bytes + 4, categories->sharpness);
  wg_buffer_append(buffer, bytes, 8);
  for (uint32_t i = 0; i < categories->count; i++) {
    const size_t size = strlen(categories->path[i]);
    routing_put_u32(bytes, categories->texts[i]);
    routing_put_u16(bytes + 4, (uint16_t)size);
    wg_buffer_append(buffer, bytes, 6);
    wg_buffer_append(buffer, categories->path[i], size);
  }
  routing_put_u32(bytes, categories->postings);
  wg_buffer_append(buffer, bytes, 4);
  for (uint32_t at = 0; at < idf->slots; at++) {
    const struct routing_idf_slot *slot = &idf->slot[at];
    for (uint32_t k = 0; k < slot->postings; k++) {
      const struct routing_posting *posting = &categories->posting[slot->first_posting + k];
      routing_put_u32(bytes, slot->gram);
      routing_put_u32(bytes + 4, posting->category);
      routing_put_f32(bytes + 8, posting->weight);
      wg_buffer_append(buffer, bytes, 12);
    }
  }
}

static wg_status short_of(struct wg_error *error) {
  return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "ends too early");
}

static void advance(struct wg_bytes *bytes, size_t count) {
  bytes->data += count;
  bytes->size -= count;
}

static wg_status read_paths(struct wg_bytes *bytes, struct routing_categories *categories, struct wg_error *error) {
  for (uint32_t i = 0; i < categories->count; i++) {
    if (bytes->size < 6) return short_of(error);
    categories->texts[i] = routing_get_u32(bytes->data);
    const size_t size = routing_get_u16(bytes->data + 4);
    advance(bytes, 6);
    if (bytes->size < size) return short_of(error);
    if (size == 0 || size > ROUTING_CATEGORY_BYTES || !wg_utf8_valid((struct wg_bytes){bytes->data, size}))
      return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "path %u is not 1 to %d bytes of UTF-8", i + 1,
                     ROUTING_CATEGORY_BYTES);
    categories->path[i] = wg_zalloc(size + 1);
    memcpy(categories->path[i], bytes->data, size);
    advance(bytes, size);
    if (i > 0 && strcmp(categories->path[i - 1], categories->path[i]) >= 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "path %u is out of order", i + 1);
  }
  return WG_OK;
}

static wg_status read_posting(const uint8_t *at, struct routing_categories *categories, struct routing_idf *idf,
                              uint32_t number, uint32_t *before, struct wg_error *error) {
  const uint32_t gram = routing_get_u32(at), category = routing_get_u32(at + 4);
  const float weight = routing_get_f32(at + 8);
  const uint32_t slot = gram != 0 ? routing_idf_find(idf, gram) : UINT32_MAX;
  if (slot == UINT32_MAX || category >= categories->count || !(weight >= -1 && weight <= 1 && weight != 0))
    return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "weight %u has no n-gram, no category or no value",
                   number + 1);
  struct routing_idf_slot *of = &idf->slot[slot];
  if (gram < *before || (of->postings > 0 && categories->posting[number - 1].category >= category))
    return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "weight %u is out of order", number + 1);
  if (of->postings++ == 0) of->first_posting = number;
  categories->posting[number] = (struct routing_posting){category, weight};
  *before = gram;
  return WG_OK;
}

static wg_status read_postings(struct wg_bytes *bytes, struct routing_categories *categories, struct routing_idf *idf,
                               struct wg_error *error) {
  if (bytes->size < 4) return short_of(error);
  const uint32_t postings = routing_get_u32(bytes->data);
  advance(bytes, 4);
  if (postings > ROUTING_POSTINGS_MOST || bytes->size / 12 < postings)
    return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "says %u weights; it has %zu, at most %d", postings,
                   bytes->size / 12, ROUTING_POSTINGS_MOST);
  categories->posting = wg_alloc((postings + 1) * sizeof *categories->posting);
  categories->postings = postings;
  uint32_t before = 0;
  for (uint32_t i = 0; i < postings; i++) {
    const wg_status status = read_posting(bytes->data + (size_t)i * 12, categories, idf, i, &before, error);
    if (status != WG_OK) return status;
  }
  advance(bytes, (size_t)postings * 12);
  return WG_OK;
}

wg_status routing_categories_read(struct wg_bytes *bytes, struct routing_idf *idf,
                                  struct routing_categories **categories, struct wg_error *error) {
  if (bytes->size < 8) return short_of(error);
  const uint32_t count = routing_get_u32(bytes->data);
  const float sharpness = routing_get_f32(bytes->data + 4);
  advance(bytes, 8);
  if (count > ROUTING_CATEGORIES_MOST || !(sharpness > 0 && sharpness <= 10000))
    return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "says %u categories, sharpness %g; at most %d and 10000",
                   count, (double)sharpness, ROUTING_CATEGORIES_MOST);
  struct routing_categories *read = routing_categories_create(count);
  read->sharpness = sharpness;
  wg_status status = read_paths(bytes, read, error);
  if (status == WG_OK) status = read_postings(bytes, read, idf, error);
  if (status != WG_OK) routing_categories_free(read);
  else *categories = read;
  return status;
}
