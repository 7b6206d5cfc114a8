// Inside of training: from labelled vectors to the postings of category.h. Not for callers.
#pragma once

#include "services/routing/text/category.h"

// routing_centroids fills categories->texts, its postings and the snapshot's slots. `label` gives each vector's
// category by its index. RESOURCE_EXHAUSTED: more than ROUTING_POSTINGS_MOST weights.
wg_status routing_centroids(const struct routing_vector *vectors, const uint32_t *label, size_t count,
                            struct routing_idf *idf, struct routing_categories *categories, struct wg_error *error);

// regression.c: gives each weight that is not negligible to `add`, -1 to 1, by slot and category. It fits up to 2^27
// weights and 2^22 texts times categories.
typedef void (*routing_add_weight)(void *context, uint32_t slot, uint32_t category, float weight);
bool routing_regression_fits(const struct routing_idf *idf, size_t texts, uint32_t width);
void routing_regression(const struct routing_vector *vectors, const uint32_t *label, size_t count, uint32_t slots,
                        uint32_t width, routing_add_weight add, void *context);

// routing_validation_fill (validation.c) computes all figures that come of the scores: a row of `width` for each label.
struct routing_validation;
void routing_validation_fill(struct routing_validation *validation, const float *scores, const uint32_t *label,
                             size_t count, uint32_t width);
