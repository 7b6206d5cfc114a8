// A category suggested from the text: the category whose TF-IDF weights fit the text's vector best.
//
// Training (train.h) takes texts whose category people have given and finds a weight of each n-gram for each category
// by softmax regression. When there are more than 2^27 such weights or 2^22 texts times categories, that would take too
// long: then a category's weights are its centroid, the mean vector of its texts less the mean of all, negative ones
// cut (Rocchio's method), which is right a little less often. The score of a text is the dot product with its vector.
//
// Confidence is a probability: softmax(sharpness * scores), with the one number `sharpness` chosen in training so that
// texts which the weights had not seen get the likeliest probabilities (temperature scaling). Among suggestions with
// confidence 0.8 about 8 of 10 are right, for texts like those of the training. Texts of no trained category get a
// category too: only a low confidence tells.
//
// This module never overrides anything. A category that came with the order stands; whoever calls this decides whether
// one is missing or coarse (a prefix of the suggested path), and shows the suggestion as a suggestion.
#pragma once

#include "services/routing/text/idf.h"
#include "services/routing/text/vector.h"

enum { ROUTING_CATEGORIES_MOST = 2000, ROUTING_CATEGORY_BYTES = 300, ROUTING_POSTINGS_MOST = 1 << 24 };

struct routing_posting { // a gram's weight for one category, -1 to 1
  uint32_t category;
  float weight;
};

struct routing_categories {
  uint32_t count;  // 0: the model has no categories, only IDF
  char **path;     // "城乡建设" or "城乡建设/供热", in byte order
  uint32_t *texts; // it was trained on
  float sharpness;
  // The weights by place in the snapshot. There `first` is a gram's first posting; or, once they are rows, its row.
  uint32_t postings;
  struct routing_posting *posting; // NULL: they are rows
  uint32_t width;                  // of a row: the categories and some of weight 0; 0: they are postings
  float *row;
};

struct routing_suggestion {
  const char *category; // a path of the model
  float confidence;     // 0 to 1; all categories together 1
  float score;          // what the text's n-grams say for it; comparable within one model only
};

// routing_category_suggest fills the best `most` suggestions, best first, and gives how many; 0: the text shares
// nothing with any category, is empty, or the vector is of another snapshot.
size_t routing_category_suggest(const struct routing_categories *categories, const struct routing_idf *idf,
                                const struct routing_vector *vector, struct routing_suggestion *suggestions,
                                size_t most);
// routing_category_scores fills categories->count scores; false: another snapshot, or no n-gram of the
// text has a weight.
bool routing_category_scores(const struct routing_categories *categories, const struct routing_idf *idf,
                             const struct routing_vector *vector, float *scores);

struct routing_categories *routing_categories_create(uint32_t count); // paths "", postings none
void routing_categories_free(struct routing_categories *categories);  // NULL is allowed
// routing_categories_spread makes rows of the postings when most grams have a weight for many categories: then adding
// the whole row takes less time, and no score is another one.
void routing_categories_spread(struct routing_categories *categories, struct routing_idf *idf);
// As a section of a model file (model.h). Reading enters where they stand into the snapshot.
void routing_categories_write(const struct routing_categories *categories, const struct routing_idf *idf,
                              struct wg_buffer *buffer);
wg_status routing_categories_read(struct wg_bytes *bytes, struct routing_idf *idf,
                                  struct routing_categories **categories, struct wg_error *error);
