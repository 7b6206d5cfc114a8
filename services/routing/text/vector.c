// Counting n-grams into a table that is ordered by hash, so that reading it out gives a sorted vector.
#include "services/routing/text/vector.h"

#include "services/routing/text/gram.h"
#include "services/routing/text/work.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

// --- counting ---
// A gram's home is its upper bits and a collision goes to the right, so the table is in order but for short runs.
// Behind the last home there is room for every gram: no wrapping around. What a cell holds counts while its mark is
// set: only the marks are cleared, and only cells with one are read out.
struct counter {
  struct routing_work_cell *cell;
  uint64_t *mark;
  int shift;
  size_t words;
};

static struct counter counter_open(struct routing_text_work *work, size_t most) {
  int bits = 6;
  while ((size_t)1 << bits < most * 2)
    bits++;
  const size_t cells = ((size_t)1 << bits) + most + 1, words = cells / 64 + 1;
  work->cell = routing_work_room(work->cell, &work->cell_room, cells, sizeof *work->cell);
  work->mark = routing_work_room(work->mark, &work->mark_room, words, sizeof *work->mark);
  memset(work->mark, 0, words * sizeof *work->mark);
  return (struct counter){work->cell, work->mark, 32 - bits, words};
}

static inline void count_gram(struct counter *counter, uint32_t gram, uint32_t by, uint32_t point) {
  for (size_t at = gram >> counter->shift;; at++) {
    struct routing_work_cell *cell = &counter->cell[at];
    uint64_t *mark = &counter->mark[at / 64];
    const uint64_t bit = UINT64_C(1) << at % 64;
    if (!(*mark & bit)) {
      *mark |= bit;
      *cell = (struct routing_work_cell){gram, by, point};
      return;
    }
    if (cell->gram == gram) {
      cell->tally += by;
      return;
    }
  }
}

static void count_points(struct counter *counter, const uint32_t *points, uint32_t from, uint32_t to, uint32_t by) {
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
  struct counter counter = counter_open(work, (size_t)text->count * 2);
  count_points(&counter, text->points, 0, text->title, title_weight);
  count_points(&counter, text->points, text->title, text->count, 1);
  work->found = routing_work_room(work->found, &work->found_room, (size_t)text->count * 2 + 1, sizeof *work->found);
  size_t count = 0;
  for (size_t word = 0; word < counter.words; word++) {
    for (uint64_t marks = counter.mark[word]; marks != 0; marks &= marks - 1) {
      const struct routing_work_cell cell = counter.cell[word * 64 + (size_t)__builtin_ctzll(marks)];
      size_t to = count++;
      for (; to > 0 && work->found[to - 1].gram > cell.gram; to--)
        work->found[to] = work->found[to - 1];
      work->found[to] = cell;
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

void routing_vector_make(const struct routing_text *text, const struct routing_idf *idf, struct routing_text_work *work,
                         struct wg_arena *arena, struct routing_vector *vector) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, damped_build);
  const size_t count = routing_work_count(work, text, ROUTING_TITLE_WEIGHT);
  uint32_t *gram = wg_arena_alloc(arena, count * sizeof *gram), *place = wg_arena_alloc(arena, count * sizeof *place);
  uint32_t *at = wg_arena_alloc(arena, count * sizeof *at);
  float *weight = wg_arena_alloc(arena, count * sizeof *weight), squares = 0;
  // The snapshot is larger than the caches: ask for all its lines first, then wait for them together.
  for (size_t i = 0; i < count; i++)
    __builtin_prefetch(&idf->group[work->found[i].gram >> idf->shift]);
  for (size_t i = 0; i < count; i++) {
    gram[i] = work->found[i].gram;
    at[i] = work->found[i].at;
    place[i] = routing_idf_find(idf, gram[i]);
    const uint32_t times = work->found[i].tally, known = place[i] != UINT32_MAX ? place[i] : 0;
    const float tf = times < 256 ? damped[times] : 1 + logf((float)times);
    const float rare = routing_idf_group(idf, known)->idf[known % ROUTING_IDF_LANES];
    weight[i] = tf * (place[i] != UINT32_MAX ? rare : idf->absent);
    squares += weight[i] * weight[i];
  }
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
