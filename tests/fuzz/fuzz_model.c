// Any bytes as a model of texts, sealed with a head that fits so that the sections are reached: refused with a message,
// or a model that scores any text without reading out of its memory and writes itself again the same.
#include "services/routing/text/bytes.h"
#include "services/routing/text/model.h"
#include "services/routing/text/vector.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 56 };
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_vector(const struct routing_model *model, struct wg_bytes body) {
  struct wg_arena *arena = wg_arena_create(4096);
  struct routing_text_work *work = routing_text_work_create();
  struct routing_text text;
  struct wg_error error = {0};
  if (routing_text_normalise((struct wg_bytes){NULL, 0}, body, work, arena, &text, &error) == WG_OK) {
    struct routing_vector vector;
    struct routing_suggestion best[3];
    struct routing_packed packed;
    routing_vector_make(&text, model->idf, work, arena, &vector);
    routing_category_suggest(model->categories, model->idf, &vector, best, 3);
    if (routing_packed_open(routing_vector_pack(&vector, arena), &packed, &error) != WG_OK) abort();
    const struct routing_probe *probe = routing_probe_make(&vector, arena);
    struct routing_shared_gram shared[ROUTING_PACKED_GRAMS + 1];
    float sum = 0;
    for (size_t count = routing_probe_shared(probe, &packed, shared); count > 0; count--)
      sum += shared[count - 1].weight;
    if (fabsf(sum - routing_probe_cosine(probe, &packed)) > 1e-4f) abort();
  } else if (!*error.message) abort();
  routing_text_work_destroy(work);
  wg_arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wg_buffer file = {0}, again = {0};
  uint8_t *at = wg_buffer_reserve(&file, HEAD + size);
  memcpy(at, "WGTEXT\r\n", 8);
  routing_put_u32(at + 8, 1);
  routing_put_u32(at + 12, ROUTING_TEXT_RULES);
  routing_put_u64(at + 16, size);
  if (size > 0) memcpy(at + HEAD, data, size);
  crypto_hash_sha256(at + 24, at + HEAD, size);
  struct routing_model *model = NULL;
  struct wg_error error = {0};
  if (routing_model_read((struct wg_bytes){at, HEAD + size}, &model, &error) == WG_OK) {
    try_vector(model, (struct wg_bytes){data, size});
    try_vector(model, wg_bytes_of("小区停水三天没人修"));
    routing_model_write(model, &again);
    if (again.size != HEAD + size || memcmp(again.data, at, again.size) != 0) abort();
    routing_model_close(model);
  } else if (!*error.message || model) abort();
  struct routing_packed packed;
  if (routing_packed_open((struct wg_bytes){data, size}, &packed, &error) != WG_OK && !*error.message) abort();
  if (routing_model_read((struct wg_bytes){data, size}, &model, &error) == WG_OK) abort(); // never without its hash
  wg_buffer_free(&file);
  wg_buffer_free(&again);
  return 0;
}
