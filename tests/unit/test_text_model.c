// Vectors, snapshots, categories and the model file: what is promised of scores, and that no damaged file is loaded.
#include "tests/unit/unit.h"

#include "services/routing/text/bytes.h"
#include "services/routing/text/gram.h"
#include "services/routing/text/model.h"
#include "services/routing/text/vector.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/text_fixture.h"

struct kit {
  struct wg_arena *arena;
  struct routing_text_work *work;
  struct routing_model *model;
  struct wg_buffer file;
};

static int open_kit(void **state) {
  struct kit *kit = wg_zalloc(sizeof *kit);
  kit->arena = wg_arena_create(4096);
  kit->work = routing_text_work_create();
  kit->model = text_fixture_train();
  routing_model_write(kit->model, &kit->file);
  *state = kit;
  return 0;
}

static int close_kit(void **state) {
  struct kit *kit = *state;
  wg_arena_destroy(kit->arena);
  routing_text_work_destroy(kit->work);
  routing_model_close(kit->model);
  wg_buffer_free(&kit->file);
  free(kit);
  return 0;
}

static struct routing_vector vector_of(struct kit *kit, const char *title, const char *body) {
  struct routing_text text;
  struct routing_vector vector;
  struct wg_error error = {0};
  assert_int_equal(routing_text_normalise(wg_bytes_of(title), wg_bytes_of(body), kit->work, kit->arena, &text, &error),
                   WG_OK);
  routing_vector_make(&text, kit->model->idf, kit->work, kit->arena, &vector);
  return vector;
}

static struct routing_packed packed_of(struct kit *kit, const struct routing_vector *vector) {
  struct routing_packed packed;
  struct wg_error error = {0};
  assert_int_equal(routing_packed_open(routing_vector_pack(vector, kit->arena), &packed, &error), WG_OK);
  return packed;
}

static const char *long_text(struct kit *kit, int points, uint32_t seed) {
  struct wg_buffer buffer = {0};
  for (int i = 0; i < points; i++) {
    seed = seed * 1664525 + 1013904223;
    const uint32_t point = 0x4e00 + (seed >> 16) % 2000;
    wg_buffer_printf(&buffer, "%c%c%c", (char)(0xe0 | point >> 12), (char)(0x80 | (point >> 6 & 63)),
                     (char)(0x80 | (point & 63)));
  }
  const char *text = wg_arena_strdup(kit->arena, wg_buffer_cstr(&buffer));
  wg_buffer_free(&buffer);
  return text;
}

// --- vectors ---
static void a_vector_is_sorted_and_has_length_one(void **state) {
  struct kit *kit = *state;
  const char *const texts[] = {"停", "停水", "停水停水停水", long_text(kit, 7000, 1), TEXT_SAMPLES[0].body};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const struct routing_vector vector = vector_of(kit, NULL, texts[i]);
    double squares = 0;
    for (uint32_t k = 0; k < vector.count; k++) {
      squares += (double)vector.weight[k] * (double)vector.weight[k];
      assert_true(k == 0 || vector.gram[k - 1] < vector.gram[k]);
    }
    assert_true(fabs(squares - 1) < 1e-4);
  }
}

static void pairs_do_not_span_a_break(void **state) {
  struct kit *kit = *state;
  const struct routing_vector vector = vector_of(kit, "停", "水");
  assert_int_equal(vector.count, 2); // two characters, no pair
  assert_int_equal(vector_of(kit, NULL, "停，水").count, 3);
  assert_int_equal(vector_of(kit, NULL, "停13812345678水").count, 2);
}

static void likeness_is_symmetric_and_one_for_the_same(void **state) {
  struct kit *kit = *state;
  const struct routing_vector a = vector_of(kit, NULL, "小区停水三天没人修"),
                              b = vector_of(kit, NULL, "停水三天了小区"), c = vector_of(kit, NULL, "公交车改线"),
                              none = vector_of(kit, NULL, "");
  assert_true(fabsf(routing_vector_cosine(&a, &a) - 1) < 1e-5f);
  assert_true(routing_vector_cosine(&a, &b) == routing_vector_cosine(&b, &a));
  assert_true(routing_vector_cosine(&a, &b) > 0.4f);
  assert_true(routing_vector_cosine(&a, &c) == 0);
  assert_true(routing_vector_cosine(&a, &none) == 0 && routing_vector_cosine(&none, &none) == 0);
}

static void the_probe_agrees_with_merging(void **state) {
  struct kit *kit = *state;
  for (size_t i = 0; i < TEXT_SAMPLE_COUNT; i++) {
    const struct routing_vector a = vector_of(kit, TEXT_SAMPLES[i].title, TEXT_SAMPLES[i].body);
    const struct routing_probe *probe = routing_probe_make(&a, kit->arena);
    for (size_t k = 0; k < TEXT_SAMPLE_COUNT; k++) {
      const struct routing_vector b = vector_of(kit, TEXT_SAMPLES[k].title, TEXT_SAMPLES[k].body);
      const struct routing_packed packed = packed_of(kit, &b);
      const float cosine = routing_probe_cosine(probe, &packed);
      assert_true(fabsf(cosine - routing_vector_cosine(&a, &b)) < 0.005f);
      struct routing_shared_gram shared[ROUTING_PACKED_GRAMS + 1];
      const size_t count = routing_probe_shared(probe, &packed, shared);
      float sum = 0;
      for (size_t n = 0; n < count; n++) {
        sum += shared[n].weight;
        assert_true(shared[n].weight > 0 && (n == 0 || shared[n - 1].gram < shared[n].gram));
      }
      assert_true(fabsf(sum - cosine) < 1e-5f);
    }
    for (uint32_t k = 0; k < a.count; k++)
      assert_true(routing_probe_weight(probe, a.gram[k]) == a.weight[k]);
    assert_true(routing_probe_weight(probe, 12345) == 0 && routing_probe_weight(probe, 0) == 0);
  }
}

static void packing_keeps_the_strongest_and_no_more_bytes_than_promised(void **state) {
  struct kit *kit = *state;
  const struct routing_vector vector = vector_of(kit, NULL, long_text(kit, 7000, 7));
  const struct wg_bytes bytes = routing_vector_pack(&vector, kit->arena);
  assert_int_equal(bytes.size, 16 + 5 * ROUTING_PACKED_GRAMS);
  const struct routing_packed packed = packed_of(kit, &vector);
  float most_left_out = 0, least_kept = 1;
  for (uint32_t i = 0; i < vector.count; i++) {
    bool kept = false;
    for (uint32_t k = 0; k < packed.count && !kept; k++)
      kept = routing_packed_gram(&packed, k) == vector.gram[i];
    if (kept) least_kept = fminf(least_kept, vector.weight[i]);
    else most_left_out = fmaxf(most_left_out, vector.weight[i]);
  }
  assert_true(most_left_out <= least_kept + packed.scale);
  const struct routing_vector none = vector_of(kit, NULL, "");
  assert_int_equal(packed_of(kit, &none).count, 0);
}

static void bad_packed_bytes_are_refused(void **state) {
  struct kit *kit = *state;
  const struct routing_vector vector = vector_of(kit, NULL, TEXT_SAMPLES[0].body);
  const struct wg_bytes good = routing_vector_pack(&vector, kit->arena);
  uint8_t *bad = wg_alloc(good.size + 1);
  struct routing_packed packed;
  struct wg_error error = {0};
  for (size_t size = 0; size < good.size; size++) {
    memcpy(bad, good.data, size);
    assert_int_equal(routing_packed_open((struct wg_bytes){bad, size}, &packed, &error), WG_INVALID_ARGUMENT);
  }
  const struct {
    size_t at;
    uint8_t value;
    wg_status status;
  } changes[] = {{0, 9, WG_INVALID_ARGUMENT},    {1, 9, WG_FAILED_PRECONDITION}, {2, 0xff, WG_INVALID_ARGUMENT},
                 {3, 0xff, WG_INVALID_ARGUMENT}, {7, 0xff, WG_INVALID_ARGUMENT}, {19, 0xff, WG_INVALID_ARGUMENT}};
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    memcpy(bad, good.data, good.size);
    bad[changes[i].at] = changes[i].value;
    assert_int_equal(routing_packed_open((struct wg_bytes){bad, good.size}, &packed, &error), changes[i].status);
    assert_string_equal(error.field, "vector");
  }
  free(bad);
}

static void another_snapshot_compares_to_nothing(void **state) {
  struct kit *kit = *state;
  const struct routing_vector vector = vector_of(kit, NULL, TEXT_SAMPLES[0].body);
  struct routing_packed packed = packed_of(kit, &vector);
  const struct routing_probe *probe = routing_probe_make(&vector, kit->arena);
  assert_true(routing_probe_cosine(probe, &packed) > 0.99f);
  packed.idf ^= 1;
  assert_true(routing_probe_cosine(probe, &packed) == 0);
}

static void grams_are_stored_and_must_never_change(void **state) {
  (void)state;
  assert_int_equal(routing_gram(0x505c, 0), UINT32_C(0x997c83c5));
  assert_int_equal(routing_gram(0x505c, 0x6c34), UINT32_C(0x5524c7a2));
  assert_int_not_equal(routing_gram(0x505c, 0x6c34), routing_gram(0x6c34, 0x505c));
}

// --- categories ---
static void a_text_gets_the_category_of_its_like(void **state) {
  struct kit *kit = *state;
  struct routing_suggestion best[3];
  struct routing_vector vector = vector_of(kit, "停水", "小区停水两天了，自来水公司没有通知");
  assert_int_equal(routing_category_suggest(kit->model->categories, kit->model->idf, &vector, best, 3), 2);
  assert_string_equal(best[0].category, "供水");
  assert_true(best[0].confidence > best[1].confidence && best[0].confidence <= 1);
  assert_true(fabsf(best[0].confidence + best[1].confidence - 1) < 1e-4f);
  assert_int_equal(routing_category_suggest(kit->model->categories, kit->model->idf, &vector, best, 1), 1);
  assert_string_equal(best[0].category, "供水");
  assert_int_equal(routing_category_suggest(kit->model->categories, kit->model->idf, &vector, best, 0), 0);
}

static void a_text_like_nothing_gets_no_category(void **state) {
  struct kit *kit = *state;
  struct routing_suggestion best;
  const char *const texts[] = {"", "😀", "xyz", "龘龘龘"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const struct routing_vector vector = vector_of(kit, NULL, texts[i]);
    assert_int_equal(routing_category_suggest(kit->model->categories, kit->model->idf, &vector, &best, 1), 0);
  }
  struct routing_vector vector = vector_of(kit, NULL, "停水");
  vector.idf ^= 1;
  assert_int_equal(routing_category_suggest(kit->model->categories, kit->model->idf, &vector, &best, 1), 0);
}

static void training_is_repeatable_and_says_what_it_lacks(void **state) {
  struct kit *kit = *state;
  struct routing_model *again = text_fixture_train();
  struct wg_buffer file = {0};
  routing_model_write(again, &file);
  assert_int_equal(file.size, kit->file.size);
  assert_memory_equal(file.data, kit->file.data, file.size);
  wg_buffer_free(&file);
  routing_model_close(again);

  struct routing_trainer *trainer = routing_trainer_create();
  struct routing_validation validation;
  struct wg_error error = {0};
  assert_int_equal(routing_train(trainer, 10, 1, &again, &validation, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(routing_trainer_add(trainer, wg_bytes_of(""), wg_bytes_of("，"), "供水", &error), WG_OK);
  assert_int_equal(routing_train(trainer, 10, 1, &again, &validation, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(routing_trainer_add(trainer, wg_bytes_of("a"), wg_bytes_of("停水"), "供水", &error), WG_OK);
  assert_int_equal(routing_train(trainer, 10, 1, &again, &validation, &error), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "供水"));
  assert_int_equal(routing_trainer_add(trainer, wg_bytes_of("a"), wg_bytes_of("堵车"), "交通", &error), WG_OK);
  assert_int_equal(routing_train(trainer, 10, 1, &again, &validation, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(routing_train(trainer, 1, 1, &again, &validation, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "folds");
  assert_int_equal(routing_trainer_add(trainer, wg_bytes_of(""), wg_bytes_of("\xff"), NULL, &error),
                   WG_INVALID_ARGUMENT);
  routing_trainer_destroy(trainer);
}

static void without_labels_there_is_a_snapshot_only(void **state) {
  struct kit *kit = *state;
  struct routing_trainer *trainer = routing_trainer_create();
  struct routing_validation validation;
  struct wg_error error = {0};
  struct routing_model *model = NULL;
  for (size_t i = 0; i < TEXT_SAMPLE_COUNT; i++)
    routing_trainer_add(trainer, wg_bytes_of(""), wg_bytes_of(TEXT_SAMPLES[i].body), NULL, &error);
  assert_int_equal(routing_train(trainer, 10, 1, &model, &validation, &error), WG_OK);
  assert_int_equal(model->idf->documents, TEXT_SAMPLE_COUNT);
  assert_int_equal(model->categories->count, 0);
  struct routing_suggestion best;
  const struct routing_vector vector = vector_of(kit, NULL, "停水");
  assert_int_equal(routing_category_suggest(model->categories, model->idf, &vector, &best, 1), 0);
  routing_model_close(model);
  routing_validation_free(&validation);
  routing_trainer_destroy(trainer);
}

// by_postings is the sum as the form in a model file says it: gram by gram, category by category.
static void by_postings(const struct routing_categories *categories, const struct routing_idf *idf,
                        const struct routing_vector *vector, float *scores) {
  assert_non_null(categories->posting);
  for (uint32_t i = 0; i < categories->count; i++)
    scores[i] = 0;
  for (uint32_t i = 0; i < vector->count; i++) {
    if (vector->place[i] == UINT32_MAX) continue;
    const struct routing_idf_group *group = routing_idf_group(idf, vector->place[i]);
    const uint32_t lane = vector->place[i] % ROUTING_IDF_LANES;
    for (uint32_t k = 0; k < group->weights[lane]; k++) {
      const struct routing_posting *posting = &categories->posting[group->first[lane] + k];
      scores[posting->category] += vector->weight[i] * posting->weight;
    }
  }
}

static void scores_are_the_same_to_the_last_bit_however_weights_are_kept(void **state) {
  struct kit *kit = *state;
  enum { TEXTS = 200, WIDTH = 2 };
  struct routing_vector vector[TEXTS];
  float expected[TEXTS][WIDTH], scores[WIDTH];
  bool any[TEXTS];
  assert_int_equal(kit->model->categories->count, WIDTH);
  for (uint32_t i = 0; i < TEXTS; i++) { // from a few characters to more grams than are added at a time
    const struct text_sample *sample = &TEXT_SAMPLES[i % TEXT_SAMPLE_COUNT];
    const char *body = wg_arena_printf(kit->arena, "%s%s%s", sample->body, long_text(kit, (int)(i * i / 10), i),
                                       TEXT_SAMPLES[(i + 3) % TEXT_SAMPLE_COUNT].body);
    vector[i] = vector_of(kit, i % 3 ? sample->title : "", i % 7 ? body : "？！");
    by_postings(kit->model->categories, kit->model->idf, &vector[i], expected[i]);
    any[i] = routing_category_scores(kit->model->categories, kit->model->idf, &vector[i], scores);
    assert_memory_equal(scores, expected[i], sizeof scores);
  }
  assert_true(vector[TEXTS - 1].count > 3000);
  routing_categories_spread(kit->model->categories, kit->model->idf);
  assert_non_null(kit->model->categories->row);
  for (uint32_t i = 0; i < TEXTS; i++) {
    assert_int_equal(routing_category_scores(kit->model->categories, kit->model->idf, &vector[i], scores), any[i]);
    assert_memory_equal(scores, expected[i], sizeof scores);
  }
  struct wg_buffer again = {0}; // the file does not tell how they are kept
  routing_model_write(kit->model, &again);
  assert_int_equal(again.size, kit->file.size);
  assert_memory_equal(again.data, kit->file.data, again.size);
  wg_buffer_free(&again);
}

static int by_gram(const void *a, const void *b) {
  const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

static void a_snapshot_finds_every_gram_it_has_and_no_other(void **state) {
  struct kit *kit = *state;
  struct routing_idf_counter *counter = routing_idf_counter_create();
  struct wg_error error = {0};
  for (uint32_t i = 0; i < 400; i++) {
    struct routing_text text;
    const char *body = long_text(kit, 300, i / 2); // each twice: grams of one text only are left out
    assert_int_equal(routing_text_normalise(wg_bytes_of(""), wg_bytes_of(body), kit->work, kit->arena, &text, &error),
                     WG_OK);
    assert_int_equal(routing_idf_count(counter, &text, 1, kit->work, &error), WG_OK);
  }
  struct routing_idf *idf = NULL;
  assert_int_equal(routing_idf_freeze(counter, &idf, &error), WG_OK);
  assert_true(idf->terms > 50000);
  size_t full = 0; // groups that send on what does not fit
  for (uint32_t i = 0; i < idf->slots / ROUTING_IDF_LANES; i++)
    full += idf->group[i].gram[ROUTING_IDF_LANES - 1] != 0;
  assert_true(full > 100);
  for (uint32_t i = 0; i < idf->terms; i++) {
    const uint32_t gram = idf->term[i].gram, place = routing_idf_find(idf, gram);
    assert_true(place < idf->slots);
    const struct routing_idf_group *group = routing_idf_group(idf, place);
    assert_int_equal(group->gram[place % ROUTING_IDF_LANES], gram);
    const float rare = logf(((float)idf->documents + 1) / ((float)idf->term[i].df + 1));
    assert_true(group->idf[place % ROUTING_IDF_LANES] == rare);
    for (uint32_t k = 1; k < 3; k++) {         // its neighbours, that end in the same group
      const uint32_t other = gram + k * 2 - 3; // one less, one more
      if (other == 0 || bsearch(&other, &idf->term->gram, idf->terms, sizeof *idf->term, by_gram)) continue;
      assert_int_equal(routing_idf_find(idf, other), UINT32_MAX);
    }
  }
  assert_int_equal(routing_idf_find(idf, UINT32_MAX), UINT32_MAX);
  assert_int_equal(routing_idf_find(idf, 1), UINT32_MAX);
  routing_idf_free(idf);
  routing_idf_counter_destroy(counter);
}

// --- the file ---
static void a_saved_model_decides_as_the_trained_one(void **state) {
  struct kit *kit = *state;
  char path[] = "/tmp/wangge-model-XXXXXX";
  const int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  struct wg_error error = {0};
  struct routing_model *read = NULL;
  assert_int_equal(routing_model_save(kit->model, path, &error), WG_OK);
  assert_int_equal(routing_model_open(path, &read, &error), WG_OK);
  assert_int_equal(read->idf->id, kit->model->idf->id);
  for (size_t i = 0; i < TEXT_SAMPLE_COUNT; i++) {
    const struct routing_vector vector = vector_of(kit, TEXT_SAMPLES[i].title, TEXT_SAMPLES[i].body);
    struct routing_suggestion a, b;
    assert_int_equal(routing_category_suggest(kit->model->categories, kit->model->idf, &vector, &a, 1), 1);
    assert_int_equal(routing_category_suggest(read->categories, read->idf, &vector, &b, 1), 1);
    assert_string_equal(a.category, b.category);
    assert_true(a.confidence == b.confidence && a.score == b.score);
  }
  routing_model_close(read);
  unlink(path);
  assert_int_equal(routing_model_open(path, &read, &error), WG_NOT_FOUND);
  assert_non_null(strstr(error.message, path));
  assert_int_equal(routing_model_open("/tmp", &read, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(routing_model_save(kit->model, "/nowhere/at/all", &error), WG_UNAVAILABLE);
}

static wg_status read_bytes(const struct wg_buffer *buffer, size_t size) {
  uint8_t *exact = wg_alloc(size + 1); // so that a sanitizer sees a read behind the end
  memcpy(exact, buffer->data, size);
  exact = wg_realloc(exact, size ? size : 1);
  struct routing_model *model = NULL;
  struct wg_error error = {0};
  const wg_status status = routing_model_read((struct wg_bytes){exact, size}, &model, &error);
  assert_true(status == WG_OK || (model == NULL && error.message[0] != 0));
  routing_model_close(model);
  free(exact);
  return status;
}

// sealed makes size and hash of the head fit again, so that the sections' own checks are tried.
static wg_status read_sealed(struct wg_buffer *buffer) {
  routing_put_u64(buffer->data + 16, buffer->size - 56);
  crypto_hash_sha256(buffer->data + 24, buffer->data + 56, buffer->size - 56);
  return read_bytes(buffer, buffer->size);
}

static void a_file_cut_or_changed_anywhere_is_refused(void **state) {
  struct kit *kit = *state;
  assert_int_equal(read_bytes(&kit->file, kit->file.size), WG_OK);
  for (size_t size = 0; size < kit->file.size; size++)
    assert_int_not_equal(read_bytes(&kit->file, size), WG_OK);
  for (size_t at = 0; at < kit->file.size; at++) {
    kit->file.data[at] ^= 0x41;
    assert_int_not_equal(read_bytes(&kit->file, kit->file.size), WG_OK);
    kit->file.data[at] ^= 0x41;
  }
  wg_buffer_text(&kit->file, "x");
  assert_int_not_equal(read_bytes(&kit->file, kit->file.size), WG_OK);
}

static void a_sealed_file_with_wrong_content_is_refused(void **state) {
  struct kit *kit = *state;
  struct wg_buffer copy = {0};
  for (size_t size = 56; size < kit->file.size; size += 7) { // cut, but sealed again
    wg_buffer_clear(&copy);
    wg_buffer_append(&copy, kit->file.data, size);
    assert_int_equal(read_sealed(&copy), WG_INVALID_ARGUMENT);
  }
  wg_buffer_clear(&copy);
  wg_buffer_append(&copy, kit->file.data, kit->file.size);
  wg_buffer_text(&copy, "x");
  assert_int_equal(read_sealed(&copy), WG_INVALID_ARGUMENT);
  for (size_t at = 56; at < 64; at++) { // counts far beyond the file: refused before memory is taken
    wg_buffer_clear(&copy);
    wg_buffer_append(&copy, kit->file.data, kit->file.size);
    memset(copy.data + at, 0xff, 1);
    assert_int_not_equal(read_sealed(&copy), WG_UNKNOWN); // whatever it is, it does not crash
  }
  wg_buffer_clear(&copy);
  wg_buffer_append(&copy, kit->file.data, kit->file.size);
  routing_put_u32(copy.data + 60, UINT32_MAX);
  assert_int_equal(read_sealed(&copy), WG_INVALID_ARGUMENT);
  routing_put_u32(copy.data + 60, kit->model->idf->terms);
  routing_put_u32(copy.data + 72, 1); // the second gram before the first
  assert_int_equal(read_sealed(&copy), WG_INVALID_ARGUMENT);
  wg_buffer_free(&copy);
}

static void other_rules_and_formats_say_train_again(void **state) {
  struct kit *kit = *state;
  for (size_t at = 8; at <= 12; at += 4) {
    kit->file.data[at]++;
    assert_int_equal(read_bytes(&kit->file, kit->file.size), WG_FAILED_PRECONDITION);
    kit->file.data[at]--;
  }
  struct routing_model *model = NULL;
  struct wg_error error = {0};
  assert_int_equal(routing_model_read((struct wg_bytes){kit->file.data, ROUTING_MODEL_BYTES + 1}, &model, &error),
                   WG_RESOURCE_EXHAUSTED);
}

static void an_oversized_file_is_not_read(void **state) {
  (void)state;
  char path[] = "/tmp/wangge-model-XXXXXX";
  const int file = mkstemp(path);
  assert_true(file >= 0 && ftruncate(file, (off_t)ROUTING_MODEL_BYTES + 1) == 0); // sparse
  close(file);
  struct routing_model *model = NULL;
  struct wg_error error = {0};
  assert_int_equal(routing_model_open(path, &model, &error), WG_RESOURCE_EXHAUSTED);
  unlink(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, close_kit)
int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_vector_is_sorted_and_has_length_one),
      TEST(pairs_do_not_span_a_break),
      TEST(likeness_is_symmetric_and_one_for_the_same),
      TEST(the_probe_agrees_with_merging),
      TEST(packing_keeps_the_strongest_and_no_more_bytes_than_promised),
      TEST(bad_packed_bytes_are_refused),
      TEST(another_snapshot_compares_to_nothing),
      TEST(grams_are_stored_and_must_never_change),
      TEST(a_text_gets_the_category_of_its_like),
      TEST(a_text_like_nothing_gets_no_category),
      TEST(training_is_repeatable_and_says_what_it_lacks),
      TEST(without_labels_there_is_a_snapshot_only),
      TEST(scores_are_the_same_to_the_last_bit_however_weights_are_kept),
      TEST(a_snapshot_finds_every_gram_it_has_and_no_other),
      TEST(a_saved_model_decides_as_the_trained_one),
      TEST(a_file_cut_or_changed_anywhere_is_refused),
      TEST(a_sealed_file_with_wrong_content_is_refused),
      TEST(other_rules_and_formats_say_train_again),
      TEST(an_oversized_file_is_not_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
