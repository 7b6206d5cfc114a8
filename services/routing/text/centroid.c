// Weights of the categories from labelled vectors: by regression, or as centroids when there are too many. See
// category.h.
#include "services/routing/text/centroid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_PER_MILLION = 100 }; // weights of a unit centroid below this change no score that anybody sees

struct builder {
  const struct routing_vector *vectors;
  const uint32_t *label;
  size_t count;
  struct routing_idf *idf;
  float *everywhere, *here; // by slot: mean of all texts, sum of the category's
  uint32_t *touched;
  struct entry {
    uint32_t slot;
    struct routing_posting posting;
  } * entry;
  size_t entries, room;
};

static void add_vector(float *sums, const struct routing_vector *vector, float by) {
  for (uint32_t i = 0; i < vector->count; i++)
    if (vector->place[i] != UINT32_MAX) sums[vector->place[i]] += vector->weight[i] * by;
}

static void add_entry(void *context, uint32_t slot, uint32_t category, float weight) {
  struct builder *builder = context;
  if (builder->entries == builder->room) {
    builder->room = builder->room ? builder->room * 2 : 65536;
    builder->entry = wg_realloc(builder->entry, builder->room * sizeof *builder->entry);
  }
  builder->entry[builder->entries++] = (struct entry){slot, {category, weight}};
}

// add_category makes the entries of one centroid: mean here less mean everywhere, cut at 0, of length 1.
static void add_category(struct builder *builder, uint32_t category, uint32_t texts) {
  uint32_t touched = 0;
  float squares = 0;
  for (size_t i = 0; i < builder->count; i++) {
    if (builder->label[i] != category) continue;
    const struct routing_vector *vector = &builder->vectors[i];
    for (uint32_t k = 0; k < vector->count; k++) {
      const uint32_t slot = vector->place[k];
      if (slot == UINT32_MAX) continue;
      if (builder->here[slot] == 0) builder->touched[touched++] = slot;
      builder->here[slot] += vector->weight[k] / (float)texts;
    }
  }
  for (uint32_t i = 0; i < touched; i++) {
    float *weight = &builder->here[builder->touched[i]];
    *weight = fmaxf(0, *weight - builder->everywhere[builder->touched[i]]);
    squares += *weight * *weight;
  }
  const float scale = squares > 0 ? 1 / sqrtf(squares) : 0;
  for (uint32_t i = 0; i < touched; i++) {
    const uint32_t slot = builder->touched[i];
    const float weight = builder->here[slot] * scale;
    builder->here[slot] = 0;
    if (weight * 1e6f >= SMALLEST_PER_MILLION) add_entry(builder, slot, category, fminf(weight, 1));
  }
}

static int by_slot(const void *a, const void *b) {
  const struct entry *left = a, *right = b;
  if (left->slot != right->slot) return left->slot < right->slot ? -1 : 1;
  return (left->posting.category > right->posting.category) - (left->posting.category < right->posting.category);
}

static void place_entries(struct builder *builder, struct routing_categories *categories) {
  if (builder->entries > 0) qsort(builder->entry, builder->entries, sizeof *builder->entry, by_slot);
  categories->postings = (uint32_t)builder->entries;
  categories->posting = wg_alloc((builder->entries + 1) * sizeof *categories->posting);
  for (uint32_t i = 0; i < builder->idf->slots; i++)
    builder->idf->group[i / ROUTING_IDF_LANES].weights[i % ROUTING_IDF_LANES] = 0;
  for (size_t i = 0; i < builder->entries; i++) {
    const uint32_t slot = builder->entry[i].slot, lane = slot % ROUTING_IDF_LANES;
    struct routing_idf_group *group = &builder->idf->group[slot / ROUTING_IDF_LANES];
    if (group->weights[lane]++ == 0) group->first[lane] = (uint32_t)i;
    categories->posting[i] = builder->entry[i].posting;
  }
}

static bool too_many(const struct builder *builder, wg_status *status, struct wg_error *error) {
  if (builder->entries <= ROUTING_POSTINGS_MOST) return false;
  *status = wg_fail(error, WG_RESOURCE_EXHAUSTED, "categories", "the categories have more than %d weights",
                    ROUTING_POSTINGS_MOST);
  return true;
}

static wg_status add_centroids(struct builder *builder, const struct routing_categories *categories,
                               struct wg_error *error) {
  wg_status status = WG_OK;
  builder->everywhere = wg_zalloc(builder->idf->slots * sizeof *builder->everywhere);
  builder->here = wg_zalloc(builder->idf->slots * sizeof *builder->here);
  builder->touched = wg_alloc(builder->idf->slots * sizeof *builder->touched);
  for (size_t i = 0; i < builder->count; i++)
    add_vector(builder->everywhere, &builder->vectors[i], 1 / (float)builder->count);
  for (uint32_t category = 0; category < categories->count; category++) {
    if (categories->texts[category] > 0) add_category(builder, category, categories->texts[category]);
    if (too_many(builder, &status, error)) break;
  }
  free(builder->everywhere);
  free(builder->here);
  free(builder->touched);
  return status;
}

wg_status routing_centroids(const struct routing_vector *vectors, const uint32_t *label, size_t count,
                            struct routing_idf *idf, struct routing_categories *categories, struct wg_error *error) {
  struct builder builder = {.vectors = vectors, .label = label, .count = count, .idf = idf};
  wg_status status = WG_OK;
  for (uint32_t category = 0; category < categories->count; category++)
    categories->texts[category] = 0;
  for (size_t i = 0; i < count; i++)
    categories->texts[label[i]]++;
  if (categories->count == 0 || !routing_regression_fits(idf, count, categories->count))
    status = add_centroids(&builder, categories, error);
  else routing_regression(vectors, label, count, idf->slots, categories->count, add_entry, &builder);
  if (!too_many(&builder, &status, error) && status == WG_OK) place_entries(&builder, categories);
  free(builder.entry);
  return status;
}
