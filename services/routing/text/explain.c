// What a person is told of a match. See similar.h.
#include "services/routing/text/similar.h"

#include "services/routing/text/gram.h"

#include <string.h>

static size_t heaviest(const struct routing_similar_order *order, const struct routing_packed *member,
                       struct routing_shared_gram top[ROUTING_SHARED_GRAMS], float *sum) {
  struct routing_shared_gram shared[ROUTING_PACKED_GRAMS];
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

// spell gives the characters of a gram that the order's vector has; NULL: the text is not the one it was made of.
static const char *spell(const struct routing_text *text, const struct routing_shared_gram *gram,
                         struct wg_arena *arena) {
  for (uint32_t size = 1; size <= 2 && gram->at + size <= text->count; size++) {
    const uint32_t *points = text->points + gram->at;
    if (routing_gram(points[0], size == 2 ? points[1] : 0) == gram->gram) return routing_text_utf8(points, size, arena);
  }
  return NULL;
}

static const char *place_words(const struct routing_similar_order *order, const struct routing_similar *similar,
                               struct wg_arena *arena) {
  switch (similar->relation) {
  case ROUTING_SAME_PLACE:
    return wg_arena_printf(arena, "同一地点（%s）", order->where.place_id);
  case ROUTING_SAME_GRID:
    return wg_arena_printf(arena, "同一网格（%s）", order->where.grid);
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
  char words[64 + ROUTING_SHARED_GRAMS * 16] = "", *end = words;
  for (size_t i = 0; i < count; i++) {
    const char *gram = spell(order->text, &top[i], arena);
    if (gram == NULL) continue;
    explanation->gram[explanation->count] = gram;
    explanation->share[explanation->count++] = top[i].weight / sum;
    end = stpcpy(stpcpy(end, end == words ? "，共同用语：" : "、"), gram); // at most 8 bytes each
  }
  explanation->evidence =
      wg_arena_printf(arena, "%s，相似度%.2f%s%s%s", place_words(order, similar, arena), (double)similar->score,
                      similar->same_words ? "，同一诉求人重复提交相同内容" : "",
                      similar->recurrence ? "，原问题已解决，疑似复发" : "", words);
}
