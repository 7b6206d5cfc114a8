// Softmax regression over labelled vectors, by stochastic gradient descent from zero. See category.h.
//
// The vectors have length 1 and tens of thousands of dimensions for some hundred texts, so they can be told apart
// almost at once: a few passes with a long step find weights that carry over to new texts, and more passes add nothing.
// Passes and step were chosen by cross-validation on 303 complaints of seven categories, so its figure flatters a
// little: 0.82 to 0.83 for 3 to 20 passes with steps 20 and 40; about 0.76 with step 5, 0.80 with step 80. Rocchio
// centroids give 0.81 there. Weights below a hundredth of the largest are left out: the figure is the same with 0.1 to
// 2 percent, and of 64 categories a text then meets a fourth of the weights.
#include "services/routing/text/centroid.h"

#include <math.h>
#include <stdlib.h>

enum { PASSES = 8, STEP = 20, SMALLEST_PER_MILLION = 10000 };

struct regression {
  const struct routing_vector *vectors;
  const uint32_t *label;
  uint32_t width;
  float *weight; // of each slot, a row of all categories
  float *chance;
};

static void predict(struct regression *regression, const struct routing_vector *vector) {
  const uint32_t width = regression->width;
  float *chance = regression->chance, best = -INFINITY, sum = 0;
  for (uint32_t c = 0; c < width; c++)
    chance[c] = 0;
  for (uint32_t i = 0; i < vector->count; i++) {
    if (vector->place[i] == UINT32_MAX) continue;
    const float *row = regression->weight + (size_t)vector->place[i] * width;
    for (uint32_t c = 0; c < width; c++)
      chance[c] += vector->weight[i] * row[c];
  }
  for (uint32_t c = 0; c < width; c++)
    best = fmaxf(best, chance[c]);
  for (uint32_t c = 0; c < width; c++)
    sum += chance[c] = expf(chance[c] - best);
  for (uint32_t c = 0; c < width; c++)
    chance[c] /= sum;
}

static void learn(struct regression *regression, const struct routing_vector *vector, uint32_t label) {
  predict(regression, vector);
  float *step = regression->chance;
  for (uint32_t c = 0; c < regression->width; c++) {
    step[c] = STEP * ((c == label) - step[c]);
    if (fabsf(step[c]) < STEP * 0.001f) step[c] = 0; // keeps weights of categories far away at zero
  }
  for (uint32_t i = 0; i < vector->count; i++) {
    if (vector->place[i] == UINT32_MAX) continue;
    float *row = regression->weight + (size_t)vector->place[i] * regression->width;
    for (uint32_t c = 0; c < regression->width; c++)
      row[c] += vector->weight[i] * step[c];
  }
}

static void shuffle(uint32_t *order, size_t count, uint64_t *state) {
  for (size_t i = count; i > 1; i--) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    const size_t other = (size_t)((*state >> 33) % i);
    const uint32_t held = order[i - 1];
    order[i - 1] = order[other];
    order[other] = held;
  }
}

bool routing_regression_fits(const struct routing_idf *idf, size_t texts, uint32_t width) {
  return (uint64_t)idf->slots * width <= UINT64_C(1) << 27 && (uint64_t)texts * width <= UINT64_C(1) << 22;
}

void routing_regression(const struct routing_vector *vectors, const uint32_t *label, size_t count, uint32_t slots,
                        uint32_t width, routing_add_weight add, void *context) {
  struct regression regression = {.vectors = vectors, .label = label, .width = width};
  regression.weight = wg_zalloc((size_t)slots * width * sizeof *regression.weight);
  regression.chance = wg_alloc(width * sizeof *regression.chance);
  uint32_t *order = wg_alloc((count + 1) * sizeof *order);
  for (uint32_t i = 0; i < count; i++)
    order[i] = i;
  uint64_t state = 1;
  for (int pass = 0; pass < PASSES; pass++) {
    shuffle(order, count, &state);
    for (size_t i = 0; i < count; i++)
      learn(&regression, &vectors[order[i]], label[order[i]]);
  }
  float most = 0;
  for (size_t i = 0; i < (size_t)slots * width; i++)
    most = fmaxf(most, fabsf(regression.weight[i]));
  for (size_t i = 0; i < (size_t)slots * width; i++) {
    const float weight = most > 0 ? regression.weight[i] / most : 0; // the sharpness takes the scale
    if (fabsf(weight) * 1e6f >= SMALLEST_PER_MILLION)
      add(context, (uint32_t)(i / width), (uint32_t)(i % width), weight);
  }
  free(regression.weight);
  free(regression.chance);
  free(order);
}
