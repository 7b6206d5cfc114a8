// Training: texts, some of them with the category people gave them, become a model (model.h) and figures of how well it
// does on texts it has not seen.
//
// Document frequencies are counted over all texts; categories learn from the labelled ones. Cross-validation deals the
// texts of each category to `folds` parts by a fixed seed, and for each part trains on the others, the document
// frequencies included. The scores that come of it also choose the sharpness (category.h); so confidence is honest, and
// accuracy does not depend on it.
//
// Memory: 8 bytes a character and 16 bytes a different n-gram; a million texts take about 6 GB. One thread.
#pragma once

#include "services/routing/text/model.h"

enum { ROUTING_TRAIN_TEXTS = 2000000, ROUTING_TRAIN_FOLDS_MOST = 100 };

struct routing_trainer;
struct routing_trainer *routing_trainer_create(void);
void routing_trainer_destroy(struct routing_trainer *trainer); // NULL is allowed
// routing_trainer_add: `category` NULL or "" for an unlabelled text. A text that is empty after normalisation is not
// counted. Errors as routing_text_normalise, and RESOURCE_EXHAUSTED beyond the limits.
wg_status routing_trainer_add(struct routing_trainer *trainer, struct wg_bytes title, struct wg_bytes body,
                              const char *category, struct wg_error *error);

struct routing_category_result {
  const char *path; // of the trainer
  uint32_t texts;
  double precision, recall, f1;
};
struct routing_validation {
  uint32_t texts, labelled, empty; // all that count; of these with a category; not counted
  uint32_t categories, folds;
  double accuracy, macro_f1;
  double confidence;        // mean of the suggestions; close to accuracy when it is honest
  double calibration_error; // mean distance between confidence and accuracy, over ten equal groups by confidence
  float sharpness;
  struct routing_category_result *of; // by category; free with routing_validation_free
};
void routing_validation_free(struct routing_validation *validation);

// routing_train makes a model. `folds` 2 to 100. Without any labelled text the model has no categories and the
// validation only counts. INVALID_ARGUMENT: no texts, one category only, fewer than 2 texts of a category.
wg_status routing_train(struct routing_trainer *trainer, uint32_t folds, uint64_t seed, struct routing_model **model,
                        struct routing_validation *validation, struct wg_error *error);
