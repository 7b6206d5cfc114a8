// What a person is told of a match. See similar.h.
#include "services/routing/text/similar.h"

#include "services/routing/text/gram.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t heaviest(const struct routing_similar_order *order, const struct routing_packed *member,
                       struct routing_shared_gram top[ROUTING_SHARED_GRAMS], float *sum) {
  struct routing_shared_gram shared[ROUTING_PACKED_GRAMS + 1];
  const size_t all = routing_probe_shared(order->probe, member, shared);
  size_t count = 0;
  for (size_t i = 0; i < all; i++) {
    const float weight = shared[i].weight;
    *sum += weight;
    if (count == ROUTING_SHARED_GRAMS && weight <= top[count - 1].weight) continue;
    size_t at = count < ROUTING_SHARED_GRAMS ? count++ : count - 1;
    for (; at > 0 && top[at - 1].weight < weight; at--)
      top[at] = top[at - 1];
    top[at] = shared[i];
  }
  return count;
}

const char *routing_gram_spell(const struct routing_text *text, uint32_t gram, struct wg_arena *arena) {
  for (uint32_t i = 0; i < text->count; i++) {
    if (text->points[i] == ROUTING_TEXT_BREAK) continue;
    if (routing_gram(text->points[i], 0) == gram) return routing_text_utf8(text->points + i, 1, arena);
    if (i + 1 < text->count && text->points[i + 1] != ROUTING_TEXT_BREAK &&
        routing_gram(text->points[i], text->points[i + 1]) == gram)
      return routing_text_utf8(text->points + i, 2, arena);
  }
  return NULL;
}

// --- writing: a person is told of two suggestions an order, and printf would take longer than the comparison ---
enum { GRAM_BYTES = 2 * 4 + 1 };

static char *put_point(char *end, uint32_t point) {
  if (point < 0x80) *end++ = (char)point;
  else if (point < 0x800) {
    *end++ = (char)(0xc0 | point >> 6);
    *end++ = (char)(0x80 | (point & 63));
  } else {
    if (point < 0x10000) *end++ = (char)(0xe0 | point >> 12);
    else {
      *end++ = (char)(0xf0 | point >> 18);
      *end++ = (char)(0x80 | (point >> 12 & 63));
    }
    *end++ = (char)(0x80 | (point >> 6 & 63));
    *end++ = (char)(0x80 | (point & 63));
  }
  return end;
}

// spell writes the characters of a gram that the order's vector has; 0 bytes: the text is not the one it was made of.
static size_t spell(const struct routing_text *text, const struct routing_shared_gram *gram, char out[GRAM_BYTES]) {
  char *end = out;
  for (uint32_t size = 1; size <= 2 && end == out && gram->at + size <= text->count; size++) {
    const uint32_t *points = text->points + gram->at;
    if (routing_gram(points[0], size == 2 ? points[1] : 0) != gram->gram) continue;
    for (uint32_t i = 0; i < size; i++)
      end = put_point(end, points[i]);
  }
  *end = '\0';
  return (size_t)(end - out);
}

// put_hundredths writes a score as "%.2f" would: a float times 100 is exact in a double, and halves go to the even.
static char *put_hundredths(char *end, float score) {
  const long hundredths = lrint((double)score * 100);
  if (hundredths < 0 || hundredths > 999) return end + sprintf(end, "%.2f", (double)score); // no cosine
  *end++ = (char)('0' + hundredths / 100);
  *end++ = '.';
  *end++ = (char)('0' + hundredths / 10 % 10);
  *end++ = (char)('0' + hundredths % 10);
  *end = '\0';
  return end;
}

static const char *around(const char *before, const char *code, struct wg_arena *arena) {
  char *words = wg_arena_alloc(arena, strlen(before) + strlen(code) + sizeof "（）");
  stpcpy(stpcpy(stpcpy(stpcpy(words, before), "（"), code), "）");
  return words;
}

static const char *place_words(const struct routing_similar_order *order, const struct routing_similar *similar,
                               struct wg_arena *arena) {
  switch (similar->relation) {
  case ROUTING_SAME_PLACE:
    return around("同一地点", order->where.place_id, arena);
  case ROUTING_SAME_GRID:
    return around("同一网格", order->where.grid, arena);
  case ROUTING_NEAR:
    return wg_arena_printf(arena, "相距%.0f米", similar->distance_m);
  case ROUTING_PLACE_UNKNOWN:
    return "地点不明";
  case ROUTING_ELSEWHERE:
    return "地点不同";
  case ROUTING_OTHER_PLACE:
    return "所述地点不同";
  case ROUTING_OTHER_DISTRICT:
    return "所属区县不同";
  }
  return "";
}

void routing_similar_explain(const struct routing_similar_order *order, const struct routing_similar_problem *problem,
                             const struct routing_similar *similar, struct wg_arena *arena,
                             struct routing_similar_explanation *explanation) {
  *explanation = (struct routing_similar_explanation){.idf = routing_probe_idf(order->probe)};
  struct routing_shared_gram top[ROUTING_SHARED_GRAMS];
  float sum = 0;
  const struct routing_packed *member =
      similar->likest < problem->count ? &problem->members[similar->likest].vector : NULL;
  const size_t count = member && member->idf == explanation->idf ? heaviest(order, member, top, &sum) : 0;
  const char *place = place_words(order, similar, arena);
  const char *again = similar->same_words ? "，同一诉求人重复提交相同内容" : "";
  const char *recurs = similar->recurrence ? "，原问题已解决，疑似复发" : "", *score = "，相似度",
             *shared = "，共同用语：";
  enum { NUMBER_BYTES = 48, COMMA_BYTES = 3 };
  char *words = wg_arena_alloc(arena, strlen(place) + strlen(score) + NUMBER_BYTES + strlen(again) + strlen(recurs) +
                                          strlen(shared) + ROUTING_SHARED_GRAMS * (GRAM_BYTES + COMMA_BYTES));
  char *end = stpcpy(stpcpy(put_hundredths(stpcpy(stpcpy(words, place), score), similar->score), again), recurs);
  char *gram = wg_arena_alloc(arena, (ROUTING_SHARED_GRAMS + 1) * GRAM_BYTES);
  for (size_t i = 0; i < count; i++) {
    const size_t size = spell(order->text, &top[i], gram);
    if (size == 0) continue;
    end = stpcpy(end, explanation->count ? "、" : shared);
    memcpy(end, gram, GRAM_BYTES); // the room is there, and bytes of a known number are no call
    end += size;
    explanation->gram[explanation->count] = gram;
    explanation->share[explanation->count++] = top[i].weight / sum;
    gram += size + 1;
    explanation->bytes += size + 1;
  }
  *end = '\0';
  explanation->evidence = words;
}
