// Counting n-grams into a table that is ordered by hash, so that reading it out gives a sorted vector.
#include "services/routing/text/vector.h"

#include "services/routing/text/gram.h"
#include "services/routing/text/work.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

// --- counting ---
// A gram's home is its upper bits and a collision goes to the right, so the table is in order but for short runs.
// Behind the last home there is room for every gram: no wrapping around.
struct counter {
  uint32_t *gram, *tally;
  int shift;
  size_t slots;
};

static struct counter counter_open(struct routing_text_work *work, size_t most) {
  int bits = 6;
  while ((size_t)1 << bits < most * 2)
    bits++;
  const size_t slots = ((size_t)1 << bits) + most + 1;
  size_t room = work->table_room;
  work->gram = routing_work_room(work->gram, &room, slots, sizeof *work->gram);
  work->tally = routing_work_room(work->tally, &work->table_room, slots, sizeof *work->tally);
  memset(work->gram, 0, slots * sizeof *work->gram);
  return (struct counter){work->gram, work->tally, 32 - bits, slots};
}

static inline void count_gram(struct counter *counter, uint32_t gram, uint32_t by) {
  size_t at = gram >> counter->shift;
  while (counter->gram[at] != gram && counter->gram[at] != 0)
    at++;
  counter->tally[at] = (counter->gram[at] == gram ? counter->tally[at] : 0) + by;
  counter->gram[at] = gram;
}

static void count_points(struct counter *counter, const uint32_t *points, size_t count, uint32_t by) {
  uint32_t before = ROUTING_TEXT_BREAK;
  for (size_t i = 0; i < count; i++) {
    const uint32_t point = points[i];
    if (point != ROUTING_TEXT_BREAK) {
      count_gram(counter, routing_gram(point, 0), by);
      if (before != ROUTING_TEXT_BREAK) count_gram(counter, routing_gram(before, point), by);
    }
    before = point;
  }
}

size_t routing_work_count(struct routing_text_work *work, const struct routing_text *text, uint32_t title_weight) {
  struct counter counter = counter_open(work, (size_t)text->count * 2);
  count_points(&counter, text->points, text->title, title_weight);
  count_points(&counter, text->points + text->title, text->count - text->title, 1);
  size_t room = work->found_room;
  work->found = routing_work_room(work->found, &room, (size_t)text->count * 2 + 1, sizeof *work->found);
  work->found_tally =
      routing_work_room(work->found_tally, &work->found_room, (size_t)text->count * 2 + 1, sizeof *work->found_tally);
  size_t count = 0;
  for (size_t at = 0; at < counter.slots; at++) { // no branch: a slot that is empty is written over by the next
    work->found[count] = counter.gram[at];
    work->found_tally[count] = counter.tally[at];
    count += counter.gram[at] != 0;
  }
  for (size_t i = 1; i < count; i++) {
    const uint32_t gram = work->found[i], tally = work->found_tally[i];
    size_t to = i;
    for (; to > 0 && work->found[to - 1] > gram; to--) {
      work->found[to] = work->found[to - 1];
      work->found_tally[to] = work->found_tally[to - 1];
    }
    work->found[to] = gram;
    work->found_tally[to] = tally;
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
  float *weight = wg_arena_alloc(arena, count * sizeof *weight), squares = 0;
  // The snapshot is larger than the caches: ask for all its lines first, then wait for them together.
  for (size_t i = 0; i < count; i++)
    __builtin_prefetch(&idf->slot[work->found[i] >> idf->shift]);
  for (size_t i = 0; i < count; i++) {
    gram[i] = work->found[i];
    place[i] = routing_idf_find(idf, gram[i]);
    const uint32_t times = work->found_tally[i];
    const float tf = times < 256 ? damped[times] : 1 + logf((float)times);
    weight[i] = tf * (place[i] != UINT32_MAX ? idf->slot[place[i]].idf : idf->absent);
    squares += weight[i] * weight[i];
  }
  const float scale = squares > 0 ? 1 / sqrtf(squares) : 0;
  for (size_t i = 0; i < count; i++)
    weight[i] *= scale;
  *vector = (struct routing_vector){gram, weight, place, (uint32_t)count, idf->id};
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
