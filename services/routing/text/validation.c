// Figures of a cross-validation, and the sharpness that makes confidence honest. See train.h and category.h.
#include "services/routing/text/centroid.h"
#include "services/routing/text/train.h"

#include <math.h>
#include <stdlib.h>

struct outcome {
  float confidence;
  bool right;
};

static uint32_t best_of(const float *scores, uint32_t width) {
  uint32_t best = 0;
  for (uint32_t i = 1; i < width; i++)
    if (scores[i] > scores[best]) best = i;
  return best;
}

// probability of `category` under a sharpness, as routing_category_suggest gives it.
static double probability(const float *scores, uint32_t width, uint32_t category, double sharpness) {
  const double best = scores[best_of(scores, width)];
  double sum = 0;
  for (uint32_t i = 0; i < width; i++)
    sum += exp(sharpness * (scores[i] - best));
  return exp(sharpness * (scores[category] - best)) / sum;
}

static double surprise(const float *scores, const uint32_t *label, size_t count, uint32_t width, double sharpness) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum -= log(fmax(probability(scores + i * width, width, label[i], sharpness), 1e-12));
  return sum;
}

// The surprise has one minimum over the logarithm of the sharpness: golden section from 1 to 1,000.
static float likeliest_sharpness(const float *scores, const uint32_t *label, size_t count, uint32_t width) {
  const double golden = 0.6180339887498949;
  double low = 0, high = log(1000), left = high - golden * (high - low), right = low + golden * (high - low);
  double at_left = surprise(scores, label, count, width, exp(left));
  double at_right = surprise(scores, label, count, width, exp(right));
  for (int i = 0; i < 40; i++) {
    if (at_left < at_right) {
      high = right, right = left, at_right = at_left;
      at_left = surprise(scores, label, count, width, exp(left = high - golden * (high - low)));
    } else {
      low = left, left = right, at_left = at_right;
      at_right = surprise(scores, label, count, width, exp(right = low + golden * (high - low)));
    }
  }
  return (float)exp((low + high) / 2);
}

static int by_confidence(const void *a, const void *b) {
  const struct outcome *left = a, *right = b;
  return (left->confidence > right->confidence) - (left->confidence < right->confidence);
}

static void fill_calibration(struct routing_validation *validation, struct outcome *outcomes, size_t count) {
  enum { GROUPS = 10 };
  qsort(outcomes, count, sizeof *outcomes, by_confidence);
  for (size_t group = 0; group < GROUPS; group++) {
    double confidence = 0, right = 0;
    for (size_t i = group * count / GROUPS; i < (group + 1) * count / GROUPS; i++) {
      confidence += outcomes[i].confidence;
      right += outcomes[i].right;
    }
    validation->confidence += confidence / (double)count;
    validation->accuracy += right / (double)count;
    validation->calibration_error += fabs(confidence - right) / (double)count;
  }
}

static double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

void routing_validation_fill(struct routing_validation *validation, const float *scores, const uint32_t *label,
                             size_t count, uint32_t width) {
  *validation = (struct routing_validation){.labelled = (uint32_t)count, .categories = width, .sharpness = 1};
  validation->of = wg_zalloc((width + 1) * sizeof *validation->of);
  if (count == 0) return;
  validation->sharpness = likeliest_sharpness(scores, label, count, width);
  struct outcome *outcomes = wg_alloc(count * sizeof *outcomes);
  uint32_t *hits = wg_zalloc(width * sizeof *hits), *said = wg_zalloc(width * sizeof *said);
  for (size_t i = 0; i < count; i++) {
    const uint32_t best = best_of(scores + i * width, width);
    outcomes[i].right = best == label[i];
    outcomes[i].confidence = (float)probability(scores + i * width, width, best, (double)validation->sharpness);
    validation->of[label[i]].texts++;
    hits[best] += best == label[i];
    said[best]++;
  }
  for (uint32_t i = 0; i < width; i++) {
    struct routing_category_result *of = &validation->of[i];
    of->precision = ratio(hits[i], said[i]);
    of->recall = ratio(hits[i], of->texts);
    of->f1 = ratio(2.0 * hits[i], (double)said[i] + of->texts);
    validation->macro_f1 += of->f1 / width;
  }
  fill_calibration(validation, outcomes, count);
  free(outcomes);
  free(hits);
  free(said);
}

void routing_validation_free(struct routing_validation *validation) {
  free(validation->of);
  validation->of = NULL;
}
