// Collecting texts, cross-validation and the final model. See train.h.
#include "services/routing/text/train.h"

#include "common/base/map.h"
#include "common/base/text.h"
#include "services/routing/text/centroid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sample {
  struct routing_text text;
  uint32_t category; // UINT32_MAX: unlabelled
};

struct routing_trainer {
  struct wg_arena *arena; // the texts' points
  struct routing_text_work *work;
  struct sample *sample;
  size_t count, room, empty, labelled;
  char **path; // of the categories as they came; then in byte order
  uint32_t categories;
  struct wg_map *paths; // to index + 1
};

struct routing_trainer *routing_trainer_create(void) {
  struct routing_trainer *trainer = wg_zalloc(sizeof *trainer);
  trainer->arena = wg_arena_create(1 << 20);
  trainer->work = routing_text_work_create();
  trainer->paths = wg_map_create();
  trainer->path = wg_zalloc(ROUTING_CATEGORIES_MOST * sizeof *trainer->path);
  return trainer;
}

void routing_trainer_destroy(struct routing_trainer *trainer) {
  if (trainer == NULL) return;
  wg_arena_destroy(trainer->arena);
  routing_text_work_destroy(trainer->work);
  wg_map_destroy(trainer->paths);
  free(trainer->sample);
  free(trainer->path);
  free(trainer);
}

// --- collecting ---
static wg_status category_of(struct routing_trainer *trainer, const char *category, uint32_t *index,
                             struct wg_error *error) {
  *index = UINT32_MAX;
  if (category == NULL || category[0] == '\0') return WG_OK;
  wg_status status = wg_text_check(category, ROUTING_CATEGORY_BYTES, WG_TEXT_ONE_LINE, "category", error);
  if (status != WG_OK) return status;
  const uintptr_t known = (uintptr_t)wg_map_get(trainer->paths, category);
  *index = (uint32_t)known - 1;
  if (known != 0) return WG_OK;
  if (trainer->categories == ROUTING_CATEGORIES_MOST)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "category", "a model knows at most %d categories",
                   ROUTING_CATEGORIES_MOST);
  *index = trainer->categories;
  trainer->path[trainer->categories++] = wg_arena_strdup(trainer->arena, category);
  wg_map_put(trainer->paths, category, (void *)(uintptr_t)trainer->categories); // NOLINT: a number, not a place
  return WG_OK;
}

wg_status routing_trainer_add(struct routing_trainer *trainer, struct wg_bytes title, struct wg_bytes body,
                              const char *category, struct wg_error *error) {
  struct sample sample = {0};
  wg_status status = routing_text_normalise(title, body, trainer->work, trainer->arena, &sample.text, error);
  if (status == WG_OK && sample.text.count == 0) {
    trainer->empty++;
    return WG_OK;
  }
  if (status == WG_OK && trainer->count == ROUTING_TRAIN_TEXTS)
    status = wg_fail(error, WG_RESOURCE_EXHAUSTED, "texts", "at most %d texts", ROUTING_TRAIN_TEXTS);
  if (status == WG_OK) status = category_of(trainer, category, &sample.category, error);
  if (status != WG_OK) return status;
  if (trainer->count == trainer->room) {
    trainer->room = trainer->room ? trainer->room * 2 : 1024;
    trainer->sample = wg_realloc(trainer->sample, trainer->room * sizeof *trainer->sample);
  }
  trainer->sample[trainer->count++] = sample;
  trainer->labelled += sample.category != UINT32_MAX;
  return WG_OK;
}

// in_order sorts the categories by path and renumbers the samples.
static int by_path(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void in_order(struct routing_trainer *trainer) {
  if (trainer->categories > 0) qsort(trainer->path, trainer->categories, sizeof *trainer->path, by_path);
  uint32_t *now = wg_alloc((trainer->categories + 1) * sizeof *now);
  for (uint32_t i = 0; i < trainer->categories; i++) {
    const uintptr_t before = (uintptr_t)wg_map_get(trainer->paths, trainer->path[i]);
    now[before - 1] = i;
  }
  for (uint32_t i = 0; i < trainer->categories; i++)
    wg_map_put(trainer->paths, trainer->path[i], (void *)(uintptr_t)(i + 1)); // NOLINT: a number, not a place
  for (size_t i = 0; i < trainer->count; i++)
    if (trainer->sample[i].category != UINT32_MAX) trainer->sample[i].category = now[trainer->sample[i].category];
  free(now);
}

// --- one round: train on the labelled samples that `part` does not hold back ---
struct round {
  struct routing_trainer *trainer;
  struct routing_idf_counter *counter;
  const uint32_t *of;   // indexes of the labelled samples
  const uint32_t *part; // of each labelled sample
  struct wg_arena *arena;
  struct routing_idf *idf;
  struct routing_categories *categories;
  struct routing_vector *vector; // of all labelled samples
};

static void round_close(struct round *round) {
  wg_arena_destroy(round->arena);
  routing_idf_free(round->idf);
  routing_categories_free(round->categories);
  round->arena = NULL;
  round->idf = NULL;
  round->categories = NULL;
}

static wg_status count_part(struct round *round, uint32_t part, int sign, struct wg_error *error) {
  struct routing_trainer *trainer = round->trainer;
  wg_status status = WG_OK;
  for (size_t i = 0; i < trainer->labelled && status == WG_OK; i++)
    if (round->part[i] == part)
      status = routing_idf_count(round->counter, &trainer->sample[round->of[i]].text, sign, trainer->work, error);
  return status;
}

static wg_status train_without(struct round *round, uint32_t part, struct wg_error *error) {
  struct routing_trainer *trainer = round->trainer;
  wg_status status = routing_idf_freeze(round->counter, &round->idf, error);
  if (status != WG_OK) return status;
  round->arena = wg_arena_create(1 << 20);
  round->categories = routing_categories_create(trainer->categories);
  struct routing_vector *vectors = wg_arena_alloc(round->arena, (trainer->labelled + 1) * sizeof *vectors);
  uint32_t *label = wg_arena_alloc(round->arena, (trainer->labelled + 1) * sizeof *label);
  round->vector = wg_arena_alloc(round->arena, (trainer->labelled + 1) * sizeof *round->vector);
  size_t count = 0;
  for (size_t i = 0; i < trainer->labelled; i++) {
    const struct sample *sample = &trainer->sample[round->of[i]];
    routing_vector_make(&sample->text, round->idf, trainer->work, round->arena, &round->vector[i]);
    if (round->part[i] == part) continue;
    vectors[count] = round->vector[i];
    label[count++] = sample->category;
  }
  return routing_centroids(vectors, label, count, round->idf, round->categories, error);
}

// --- cross-validation ---
static uint64_t next_random(uint64_t *state) { // splitmix64
  uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);
  value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
  return value ^ value >> 31;
}

// deal gives each labelled sample a part: shuffled within its category, then dealt in turn.
static void deal(const struct routing_trainer *trainer, const uint32_t *of, uint32_t folds, uint64_t seed,
                 uint32_t *part) {
  uint32_t *hand = wg_alloc((trainer->labelled + 1) * sizeof *hand), turn = 0;
  for (uint32_t category = 0; category < trainer->categories; category++) {
    size_t count = 0;
    for (uint32_t i = 0; i < trainer->labelled; i++)
      if (trainer->sample[of[i]].category == category) hand[count++] = i;
    for (size_t i = count; i > 1; i--) {
      const size_t other = (size_t)(next_random(&seed) % i);
      const uint32_t held = hand[i - 1];
      hand[i - 1] = hand[other];
      hand[other] = held;
    }
    for (size_t i = 0; i < count; i++)
      part[hand[i]] = turn++ % folds;
  }
  free(hand);
}

// validate fills `scores` (a row of all categories for each labelled sample) from rounds that had not seen it.
static wg_status validate(struct round *round, uint32_t folds, float *scores, struct wg_error *error) {
  const size_t width = round->trainer->categories;
  wg_status status = WG_OK;
  for (uint32_t part = 0; part < folds && status == WG_OK; part++) {
    status = count_part(round, part, -1, error);
    if (status == WG_OK) status = train_without(round, part, error);
    for (size_t i = 0; i < round->trainer->labelled && status == WG_OK; i++)
      if (round->part[i] == part)
        routing_category_scores(round->categories, round->idf, &round->vector[i], scores + i * width);
    round_close(round);
    if (status == WG_OK) status = count_part(round, part, 1, error);
  }
  return status;
}

static wg_status check(const struct routing_trainer *trainer, uint32_t folds, struct wg_error *error) {
  if (folds < 2 || folds > ROUTING_TRAIN_FOLDS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "folds", "%u: 2 to %d", folds, ROUTING_TRAIN_FOLDS_MOST);
  if (trainer->count == 0) return wg_fail(error, WG_INVALID_ARGUMENT, "texts", "there is no text that is not empty");
  if (trainer->labelled == 0) return WG_OK;
  if (trainer->categories < 2)
    return wg_fail(error, WG_INVALID_ARGUMENT, "category", "all labelled texts have the category %s; two are needed",
                   trainer->path[0]);
  for (uint32_t category = 0; category < trainer->categories; category++) {
    size_t texts = 0;
    for (size_t i = 0; i < trainer->count; i++)
      texts += trainer->sample[i].category == category;
    if (texts < 2)
      return wg_fail(error, WG_INVALID_ARGUMENT, "category", "%s has one text only; two are needed",
                     trainer->path[category]);
  }
  return WG_OK;
}

static wg_status count_all(struct round *round, struct wg_error *error) {
  struct routing_trainer *trainer = round->trainer;
  wg_status status = WG_OK;
  for (size_t i = 0; i < trainer->count && status == WG_OK; i++) {
    status = routing_idf_count(round->counter, &trainer->sample[i].text, 1, trainer->work, error);
    if (status == WG_OK && trainer->sample[i].category != UINT32_MAX)
      routing_idf_need(round->counter, &trainer->sample[i].text);
  }
  return status;
}

static void name_categories(const struct routing_trainer *trainer, struct routing_categories *categories) {
  for (uint32_t i = 0; i < trainer->categories; i++)
    categories->path[i] = wg_strdup(trainer->path[i]);
}

static wg_status train(struct round *round, uint32_t folds, uint64_t seed, struct routing_model **model,
                       struct routing_validation *validation, struct wg_error *error) {
  struct routing_trainer *trainer = round->trainer;
  uint32_t *of = wg_arena_alloc(trainer->arena, (trainer->labelled + 1) * sizeof *of), count = 0;
  uint32_t *part = wg_arena_alloc(trainer->arena, (trainer->labelled + 1) * sizeof *part);
  for (uint32_t i = 0; i < trainer->count; i++)
    if (trainer->sample[i].category != UINT32_MAX) of[count++] = i;
  deal(trainer, of, folds, seed, part);
  round->of = of;
  round->part = part;
  wg_status status = count_all(round, error);
  const size_t width = trainer->categories;
  float *scores = wg_zalloc((trainer->labelled * width + 1) * sizeof *scores);
  if (status == WG_OK && width > 0) status = validate(round, folds, scores, error);
  if (status == WG_OK) status = train_without(round, UINT32_MAX, error);
  if (status == WG_OK) {
    uint32_t *label = wg_alloc((trainer->labelled + 1) * sizeof *label);
    for (size_t i = 0; i < trainer->labelled; i++)
      label[i] = trainer->sample[of[i]].category;
    routing_validation_fill(validation, scores, label, trainer->labelled, trainer->categories);
    for (uint32_t i = 0; i < trainer->categories; i++)
      validation->of[i].path = trainer->path[i];
    validation->texts = (uint32_t)trainer->count;
    validation->empty = (uint32_t)trainer->empty;
    validation->folds = folds;
    free(label);
    round->categories->sharpness = validation->sharpness;
    name_categories(trainer, round->categories);
    *model = wg_zalloc(sizeof **model);
    **model = (struct routing_model){round->idf, round->categories};
    round->idf = NULL;
    round->categories = NULL;
  }
  free(scores);
  return status;
}

wg_status routing_train(struct routing_trainer *trainer, uint32_t folds, uint64_t seed, struct routing_model **model,
                        struct routing_validation *validation, struct wg_error *error) {
  wg_status status = check(trainer, folds, error);
  if (status != WG_OK) return status;
  in_order(trainer);
  struct round round = {.trainer = trainer, .counter = routing_idf_counter_create()};
  status = train(&round, folds, seed, model, validation, error);
  round_close(&round);
  routing_idf_counter_destroy(round.counter);
  return status;
}
