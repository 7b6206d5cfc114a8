// bench-text: what the text engine of routing costs an order, in µs of processor time of one thread.
//
//   bench-text [--texts FILE] [--model FILE] [--length 160] [--rounds 20] [--json]
//
// Texts are one a line, cut to `length` characters; without a file they are drawn from 3,000 ideographs with the
// frequencies of a natural text (Zipf). Without a model one is trained on them, with seven categories dealt at random.
#include "tests/bench/rig.h"

#include "services/routing/text/model.h"
#include "services/routing/text/similar.h"
#include "services/routing/text/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXTS = 4000, SYMBOLS = 3000, BATCH = 250, CANDIDATES = 50 };

struct bench {
  struct wg_arena *texts, *batch, *order;
  struct routing_text_work *work;
  struct routing_model *model;
  struct wg_bytes text[TEXTS];
  struct wg_bytes packed[TEXTS];
  size_t count;
  int64_t rounds;
  bool json;
  double characters;
};

static double cpu_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

// --- texts ---
static uint32_t random_below(uint32_t below) {
  static uint64_t state = 1;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((state >> 33) % below);
}

static struct wg_bytes draw_text(struct wg_arena *arena, size_t length) {
  uint8_t *data = wg_arena_alloc(arena, length * 3), *at = data;
  for (size_t i = 0; i < length; i++, at += 3) {
    const double rank = exp((double)random_below(1000000) / 1e6 * log(SYMBOLS));
    const uint32_t point = i % 20 == 19 ? 0xff0c : 0x4e00 + (uint32_t)rank * 7 % 20000;
    at[0] = (uint8_t)(0xe0 | point >> 12);
    at[1] = (uint8_t)(0x80 | (point >> 6 & 63));
    at[2] = (uint8_t)(0x80 | (point & 63));
  }
  return (struct wg_bytes){data, length * 3};
}

static void read_texts(struct bench *bench, const char *path, size_t length) {
  FILE *file = fopen(path, "r");
  if (file == NULL) rig_die("%s cannot be read", path);
  char *line = NULL;
  size_t room = 0;
  for (ssize_t size; bench->count < TEXTS && (size = getline(&line, &room, file)) > 0;) {
    size_t bytes = 0;
    for (size_t i = 0; i < length && bytes < (size_t)size; i++)
      do
        bytes++;
      while (bytes < (size_t)size && ((uint8_t)line[bytes] & 0xc0) == 0x80);
    bench->text[bench->count++] =
        wg_bytes_of(wg_arena_text(bench->texts, (struct wg_bytes){(const uint8_t *)line, bytes}));
  }
  free(line);
  fclose(file);
  if (bench->count < CANDIDATES + 1) rig_die("%s has fewer than %d texts", path, CANDIDATES + 1);
}

static void count_characters(struct bench *bench) {
  size_t characters = 0;
  for (size_t i = 0; i < bench->count; i++)
    for (size_t k = 0; k < bench->text[i].size; k++)
      characters += (bench->text[i].data[k] & 0xc0) != 0x80;
  bench->characters = (double)characters / (double)bench->count;
}

static void train(struct bench *bench) {
  static const char *const CATEGORIES[] = {"一", "二", "三", "四", "五", "六", "七"};
  struct routing_trainer *trainer = routing_trainer_create();
  struct routing_validation validation = {0};
  struct wg_error error = {0};
  for (size_t i = 0; i < bench->count; i++)
    rig_must(routing_trainer_add(trainer, (struct wg_bytes){NULL, 0}, bench->text[i],
                                 i % 4 == 0 ? CATEGORIES[random_below(7)] : NULL, &error),
             "collecting texts", &error);
  rig_must(routing_train(trainer, 2, 1, &bench->model, &validation, &error), "training", &error);
  routing_validation_free(&validation);
  routing_trainer_destroy(trainer);
}

// --- steps ---
static struct routing_text normalise(struct bench *bench, size_t i) {
  struct routing_text text = {0};
  struct wg_error error = {0};
  rig_must(routing_text_normalise((struct wg_bytes){NULL, 0}, bench->text[i], bench->work, bench->batch, &text, &error),
           "normalising", &error);
  return text;
}

static struct routing_vector vectorise(struct bench *bench, const struct routing_text *text) {
  struct routing_vector vector;
  routing_vector_make(text, bench->model->idf, bench->work, bench->batch, &vector);
  return vector;
}

static void pack_all(struct bench *bench) {
  for (size_t i = 0; i < bench->count; i++) {
    const struct routing_text text = normalise(bench, i);
    const struct routing_vector vector = vectorise(bench, &text);
    bench->packed[i] = routing_vector_pack(&vector, bench->texts);
    wg_arena_reset(bench->batch);
  }
}

enum step { NORMALISE, VECTOR, CLASSIFY, ALL_THREE, PACK, OPEN, COMPARE_10, COMPARE_50, EXPLAIN, STEPS };
static const char *const STEP_NAMES[STEPS] = {"normalise",
                                              "vector",
                                              "classify",
                                              "these three, order by order",
                                              "pack",
                                              "open 50 packed vectors",
                                              "compare with 10 candidates",
                                              "compare with 50 candidates",
                                              "explain the best match"};

// Candidates of the order at `i`: problems of one member, all at its place.
static void candidates(struct bench *bench, size_t i, struct routing_similar_member *member) {
  for (size_t k = 0; k < CANDIDATES; k++) {
    struct wg_error error;
    rig_must(routing_packed_open(bench->packed[(i * 7 + k * 31) % bench->count], &member[k].vector, &error),
             "opening a vector", &error);
  }
}

static void compare(struct bench *bench, const struct routing_text *text, const struct routing_vector *vector,
                    const struct routing_similar_member *member, size_t count, bool explain) {
  static struct routing_similar_problem problem[CANDIDATES];
  const struct routing_where where = {.district = "370117", .place_id = "p"};
  for (size_t k = 0; k < count; k++)
    problem[k] = (struct routing_similar_problem){.members = &member[k], .count = 1, .where = where};
  wg_arena_reset(bench->order);
  struct routing_similar_order order = {.text = text, .where = where};
  order.probe = routing_probe_make(vector, bench->order);
  struct routing_similar best[10];
  if (routing_similar_rank(&order, problem, count, &ROUTING_SIMILAR_DEFAULTS, best, 10) == 0)
    best[0] = routing_similar_compare(&order, &problem[0], &ROUTING_SIMILAR_DEFAULTS);
  struct routing_similar_explanation explanation;
  if (explain) routing_similar_explain(&order, &problem[best[0].problem], &best[0], bench->order, &explanation);
}

// run does one batch, each step for all its orders, and says what each took.
static void run(struct bench *bench, size_t first, double us[STEPS]) {
  static struct routing_text text[BATCH];
  static struct routing_vector vector[BATCH];
  static struct routing_similar_member member[BATCH][CANDIDATES];
  struct routing_suggestion best[3];
  const size_t count = bench->count < BATCH ? bench->count : BATCH;
  double at = cpu_us();
#define STEP(step, doing)                                                                                              \
  for (size_t i = 0; i < count; i++) {                                                                                 \
    doing;                                                                                                             \
  }                                                                                                                    \
  us[step] = -at + cpu_us(), at = cpu_us()
  STEP(NORMALISE, text[i] = normalise(bench, (first + i) % bench->count));
  STEP(VECTOR, vector[i] = vectorise(bench, &text[i]));
  STEP(CLASSIFY, routing_category_suggest(bench->model->categories, bench->model->idf, &vector[i], best, 3));
  STEP(ALL_THREE, struct routing_text now = normalise(bench, (first + i + 1) % bench->count);
       struct routing_vector of = vectorise(bench, &now);
       routing_category_suggest(bench->model->categories, bench->model->idf, &of, best, 3));
  STEP(PACK, routing_vector_pack(&vector[i], bench->batch));
  STEP(OPEN, candidates(bench, first + i, member[i]));
  STEP(COMPARE_10, compare(bench, &text[i], &vector[i], member[i], 10, false));
  STEP(COMPARE_50, compare(bench, &text[i], &vector[i], member[i], 50, false));
  STEP(EXPLAIN, compare(bench, &text[i], &vector[i], member[i], 50, true));
  us[EXPLAIN] -= us[COMPARE_50];
  wg_arena_reset(bench->batch);
}

static int by_value(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void print(const struct bench *bench, double (*us)[STEPS]) {
  if (bench->json) printf("{\"characters\": %.1f, \"n_grams\": %u", bench->characters, bench->model->idf->terms);
  else
    printf("%zu texts of %.0f characters, %u n-grams, %u categories; %lld rounds\n%-28s %10s %10s\n", bench->count,
           bench->characters, bench->model->idf->terms, bench->model->categories->count, (long long)bench->rounds,
           "µs of CPU per order", "MEDIAN", "LEAST");
  for (int step = 0; step < STEPS; step++) {
    double *runs = wg_alloc((size_t)bench->rounds * sizeof *runs);
    for (int64_t i = 0; i < bench->rounds; i++)
      runs[i] = us[i][step] / (double)(bench->count < BATCH ? bench->count : BATCH);
    qsort(runs, (size_t)bench->rounds, sizeof *runs, by_value);
    if (bench->json) printf(", \"%s\": %.3f", STEP_NAMES[step], runs[bench->rounds / 2]);
    else printf("%-28s %10.2f %10.2f\n", STEP_NAMES[step], runs[bench->rounds / 2], runs[0]);
    free(runs);
  }
  if (bench->json) puts("}");
}

int main(int argc, char **argv) {
  static struct bench bench;
  bench.texts = wg_arena_create(1 << 20);
  bench.batch = wg_arena_create(4 << 20);
  bench.order = wg_arena_create(256 << 10);
  bench.work = routing_text_work_create();
  bench.rounds = rig_number(argc, argv, "--rounds", 20);
  bench.json = rig_flag(argc, argv, "--json");
  const size_t length = (size_t)rig_number(argc, argv, "--length", 160);
  const char *path = rig_text(argc, argv, "--texts", ""), *model = rig_text(argc, argv, "--model", "");
  struct wg_error error = {0};
  if (bench.rounds < 1 || length < 1 || length > 7000) rig_die("--rounds at least 1, --length 1 to 7000");
  if (path[0] != '\0') read_texts(&bench, path, length);
  else
    while (bench.count < TEXTS)
      bench.text[bench.count++] = draw_text(bench.texts, length);
  count_characters(&bench);
  if (model[0] != '\0') rig_must(routing_model_open(model, &bench.model, &error), "opening the model", &error);
  else train(&bench);
  pack_all(&bench);
  double(*us)[STEPS] = wg_zalloc((size_t)bench.rounds * sizeof *us);
  for (int64_t i = 0; i < bench.rounds; i++)
    run(&bench, (size_t)i * BATCH, us[i]);
  print(&bench, us);
  free(us);
  routing_model_close(bench.model);
  routing_text_work_destroy(bench.work);
  wg_arena_destroy(bench.texts);
  wg_arena_destroy(bench.batch);
  wg_arena_destroy(bench.order);
  return 0;
}
