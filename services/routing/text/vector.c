// Counting n-grams into a table that is ordered by hash, so that reading it out gives a sorted vector.
#include "services/routing/text/vector.h"

#include "services/routing/text/gram.h"
#include "services/routing/text/work.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

// --- counting ---
// A gram's home is its upper bits and a collision goes to the right, so the table is in order but for short runs.
// Behind the last home there is room for every gram: no wrapping around. Between two texts all cells are empty (gram
// 0). A mark for each one that is in use: so only these are read out, and emptied again.
struct counter {
  struct routing_work_cell *cell;
  uint64_t *mark;
  int shift;
  size_t words;
};

// room_of_zeros makes *memory hold `count` elements, all 0; those that are there are 0 already.
static void *room_of_zeros(void *memory, size_t *room, size_t count, size_t element) {
  const size_t had = *room;
  memory = routing_work_room(memory, room, count, element);
  if (*room != had) memset(memory, 0, *room * element);
  return memory;
}

static struct counter counter_open(struct routing_text_work *work, size_t most) {
  int bits = 6;
  while ((size_t)1 << bits < most * 4)
    bits++;
  const size_t cells = ((size_t)1 << bits) + most + 1, words = cells / 64 + 1;
  work->cell = room_of_zeros(work->cell, &work->cell_room, cells, sizeof *work->cell);
  work->mark = room_of_zeros(work->mark, &work->mark_room, words, sizeof *work->mark);
  return (struct counter){work->cell, work->mark, 32 - bits, words};
}

static inline void count_gram(const struct counter counter, uint32_t gram, uint32_t by, uint32_t point) {
  size_t at = gram >> counter.shift;
  for (; counter.cell[at].gram != gram; at++) {
    if (counter.cell[at].gram != 0) continue;
    counter.cell[at] = (struct routing_work_cell){gram, by, point};
    counter.mark[at / 64] |= UINT64_C(1) << at % 64;
    return;
  }
  counter.cell[at].tally += by;
}

static void count_points(const struct counter counter, const uint32_t *points, uint32_t from, uint32_t to,
                         uint32_t by) {
  uint32_t before = ROUTING_TEXT_BREAK;
  for (uint32_t i = from; i < to; i++) {
    const uint32_t point = points[i];
    if (point != ROUTING_TEXT_BREAK) {
      count_gram(counter, routing_gram(point, 0), by, i);
      if (before != ROUTING_TEXT_BREAK) count_gram(counter, routing_gram(before, point), by, i - 1);
    }
    before = point;
  }
}

size_t routing_work_count(struct routing_text_work *work, const struct routing_text *text, uint32_t title_weight) {
  const struct counter counter = counter_open(work, (size_t)text->count * 2);
  count_points(counter, text->points, 0, text->title, title_weight);
  count_points(counter, text->points, text->title, text->count, 1);
  work->found = routing_work_room(work->found, &work->found_room, (size_t)text->count * 2 + 1, sizeof *work->found);
  struct routing_work_cell *found = work->found;
  size_t count = 0;
  for (size_t word = 0; word < counter.words; word++) {
    uint64_t marks = counter.mark[word];
    counter.mark[word] = 0;
    for (; marks != 0; marks &= marks - 1) {
      struct routing_work_cell *cell = &counter.cell[word * 64 + (size_t)__builtin_ctzll(marks)];
      const struct routing_work_cell held = *cell;
      cell->gram = 0;
      size_t to = count++;
      for (; to > 0 && found[to - 1].gram > held.gram; to--)
        found[to] = found[to - 1];
      found[to] = held;
    }
  }
  return count;
}

// --- weighing ---
static float damped[256]; // 1 + ln(times)
static void damped_build(void) {
  for (int i = 1; i < 256; i++)
    damped[i] = 1 + logf((float)i);
}

static inline float damp(uint32_t times) {
  return times < 256 ? damped[times] : 1 + logf((float)times);
}

// weigh fills places and weights, not scaled yet, and gives the sum of the weights' squares. Which grams the snapshot
// has is not to be foretold, so no branch depends on it: the last lane of all is empty and has the IDF of those absent.
static float weigh(const struct routing_work_cell *found, uint32_t count, const struct routing_idf *idf,
                   uint32_t *place, float *weight) {
  float squares = 0;
  for (uint32_t i = 0; i < count; i++) {
    place[i] = routing_idf_find(idf, found[i].gram);
    const uint32_t lane = place[i] < idf->slots - 1 ? place[i] : idf->slots - 1;
    weight[i] = damp(found[i].tally) * routing_idf_group(idf, lane)->idf[lane % ROUTING_IDF_LANES];
    squares += weight[i] * weight[i];
  }
  return squares;
}

void routing_vector_make(const struct routing_text *text, const struct routing_idf *idf, struct routing_text_work *work,
                         struct wg_arena *arena, struct routing_vector *vector) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, damped_build);
  const size_t count = routing_work_count(work, text, ROUTING_TITLE_WEIGHT);
  uint32_t *gram = wg_arena_alloc(arena, count * sizeof *gram), *place = wg_arena_alloc(arena, count * sizeof *place);
  uint32_t *at = wg_arena_alloc(arena, count * sizeof *at);
  float *weight = wg_arena_alloc(arena, count * sizeof *weight);
  // The snapshot is larger than the caches: ask for all its lines first, then wait for them together.
  for (size_t i = 0; i < count; i++) {
    gram[i] = work->found[i].gram;
    at[i] = work->found[i].at;
    __builtin_prefetch(&idf->group[gram[i] >> idf->shift]);
  }
  const float squares = weigh(work->found, (uint32_t)count, idf, place, weight);
  const float scale = squares > 0 ? 1 / sqrtf(squares) : 0;
  for (size_t i = 0; i < count; i++)
    weight[i] *= scale;
  *vector = (struct routing_vector){gram, weight, place, at, (uint32_t)count, idf->id};
}

float routing_vector_cosine(const struct routing_vector *a, const struct routing_vector *b) {
  float sum = 0;
  for (uint32_t i = 0, j = 0; i < a->count && j < b->count;) {
    if (a->gram[i] == b->gram[j]) sum += a->weight[i++] * b->weight[j++];
    else if (a->gram[i] < b->gram[j]) i++;
    else j++;
  }
  return sum;
}
