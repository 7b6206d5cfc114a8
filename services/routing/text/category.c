// Scoring a text for each category by adding the weights of its grams. See category.h.
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
  free(categories->row);
  free(categories);
}

static inline uint32_t first_of(const struct routing_idf *idf, uint32_t place) {
  return routing_idf_group(idf, place)->first[place % ROUTING_IDF_LANES];
}

static inline uint32_t weights_of(const struct routing_idf *idf, uint32_t place) {
  return routing_idf_group(idf, place)->weights[place % ROUTING_IDF_LANES];
}

// --- rows ---
enum { LANES = 4, BLOCK = 16, ROWS_MOST = 1 << 24 }; // floats: of a vector, added at a time, of all rows
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float))));

void routing_categories_spread(struct routing_categories *categories, struct routing_idf *idf) {
  const uint64_t width = (categories->count + BLOCK - 1) / BLOCK * BLOCK;
  uint64_t rows = 0;
  for (uint32_t at = 0; at < idf->slots; at++)
    rows += weights_of(idf, at) > 0;
  const uint64_t most = (uint64_t)categories->postings * 8; // a posting costs about as much as eight floats of a row
  if (!categories->posting || rows == 0 || rows * width > most || rows * width > ROWS_MOST) return;
  categories->width = (uint32_t)width;
  const size_t bytes = rows * width * sizeof *categories->row; // whole lines of the cache, and no row on one more
  categories->row = aligned_alloc(BLOCK * sizeof *categories->row, bytes);
  if (!categories->row) abort();
  memset(categories->row, 0, bytes);
  uint32_t row = 0;
  for (uint32_t at = 0; at < idf->slots; at++) {
    struct routing_idf_group *group = &idf->group[at / ROUTING_IDF_LANES];
    const uint32_t lane = at % ROUTING_IDF_LANES;
    const struct routing_posting *posting = categories->posting + group->first[lane];
    for (uint32_t k = 0; k < group->weights[lane]; k++)
      categories->row[row * width + posting[k].category] = posting[k].weight;
    if (group->weights[lane] > 0) group->first[lane] = row++;
  }
  free(categories->posting);
  categories->posting = NULL;
}

// add_rows adds the rows of `count` grams, in their order, as postings would be added.
static void add_rows(const float *const *rows, const float *weight, uint32_t count, uint32_t width, float *scores) {
  for (uint32_t from = 0; from < width; from += BLOCK) {
    lanes sum[BLOCK / LANES];
    memcpy(sum, scores + from, sizeof sum);
    for (uint32_t i = 0; i < count; i++) {
      const lanes *row = (const lanes *)(rows[i] + from);
      for (int k = 0; k < BLOCK / LANES; k++)
        sum[k] += weight[i] * row[k];
    }
    memcpy(scores + from, sum, sizeof sum);
  }
}

// score_rows takes a vector in parts, so that what it needs of the stack is small.
static bool score_rows(const struct routing_categories *categories, const struct routing_idf *idf,
                       const struct routing_vector *vector, float *scores) {
  enum { PART = 1024, WIDEST = (ROUTING_CATEGORIES_MOST + BLOCK - 1) / BLOCK * BLOCK };
  const float *row[PART + 1];
  float weight[PART + 1], sums[WIDEST];
  bool any = false;
  memset(sums, 0, categories->width * sizeof *sums);
  for (uint32_t from = 0; from < vector->count; from += PART) {
    uint32_t count = 0;
    for (uint32_t i = from; i < vector->count && i < from + PART; i++) {
      // A gram that the snapshot does not have is looked for in the last lane, which has no weights: no branch.
      const uint32_t place = vector->place[i] < idf->slots - 1 ? vector->place[i] : idf->slots - 1;
      const struct routing_idf_group *group = routing_idf_group(idf, place);
      const uint32_t lane = place % ROUTING_IDF_LANES;
      row[count] = categories->row + (size_t)group->first[lane] * categories->width;
      weight[count] = vector->weight[i];
      __builtin_prefetch(row[count]);
      count += group->weights[lane] > 0;
    }
    any = any || count > 0;
    add_rows(row, weight, count, categories->width, sums);
  }
  memcpy(scores, sums, categories->count * sizeof *scores);
  return any;
}

// --- postings ---
static bool score_postings(const struct routing_categories *categories, const struct routing_idf *idf,
                           const struct routing_vector *vector, float *scores) {
  // Postings lie anywhere in memory: those of a gram are asked for a few grams ahead.
  enum { AHEAD = 12 };
  bool any = false;
  for (uint32_t i = 0; i < vector->count + AHEAD; i++) {
    if (i < vector->count && vector->place[i] != UINT32_MAX)
      __builtin_prefetch(&categories->posting[first_of(idf, vector->place[i])]);
    if (i < AHEAD || vector->place[i - AHEAD] == UINT32_MAX) continue;
    const uint32_t weights = weights_of(idf, vector->place[i - AHEAD]);
    const struct routing_posting *posting = &categories->posting[first_of(idf, vector->place[i - AHEAD])];
    any = any || weights > 0;
    for (uint32_t k = 0; k < weights; k++)
      scores[posting[k].category] += vector->weight[i - AHEAD] * posting[k].weight;
  }
  return any;
}

bool routing_category_scores(const struct routing_categories *categories, const struct routing_idf *idf,
                             const struct routing_vector *vector, float *scores) {
  if (vector->idf != idf->id) return false;
  for (uint32_t i = 0; i < categories->count; i++)
    scores[i] = 0;
  return categories->row ? score_rows(categories, idf, vector, scores)
                         : score_postings(categories, idf, vector, scores);
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
static void write_weight(struct wg_buffer *buffer, uint32_t gram, uint32_t category, float weight) {
  uint8_t bytes[12];
  routing_put_u32(bytes, gram);
  routing_put_u32(bytes + 4, category);
  routing_put_f32(bytes + 8, weight);
  wg_buffer_append(buffer, bytes, sizeof bytes);
}

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
    const uint32_t gram = routing_idf_group(idf, at)->gram[at % ROUTING_IDF_LANES], weights = weights_of(idf, at);
    if (weights == 0) continue;
    const float *row = categories->row ? categories->row + (size_t)first_of(idf, at) * categories->width : NULL;
    for (uint32_t c = 0; row && c < categories->count; c++)
      if (row[c] != 0) write_weight(buffer, gram, c, row[c]);
    const struct routing_posting *posting = row ? NULL : &categories->posting[first_of(idf, at)];
    for (uint32_t k = 0; posting && k < weights; k++)
      write_weight(buffer, gram, posting[k].category, posting[k].weight);
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
  struct routing_idf_group *of = &idf->group[slot / ROUTING_IDF_LANES];
  const uint32_t lane = slot % ROUTING_IDF_LANES;
  if (gram < *before || (of->weights[lane] > 0 && categories->posting[number - 1].category >= category))
    return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "weight %u is out of order", number + 1);
  if (of->weights[lane]++ == 0) of->first[lane] = number;
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
  if (status != WG_OK) {
    routing_categories_free(read);
    return status;
  }
  routing_categories_spread(read, idf);
  *categories = read;
  return WG_OK;
}
