// A tiny trained model for tests of the text engine: two categories, a dozen invented texts.
#pragma once

#include "common/base/bytes.h"
#include "services/routing/text/similar.h"
#include "services/routing/text/train.h"

#include <stdlib.h>
#include <string.h>

struct text_sample {
  const char *category, *title, *body;
};

static const struct text_sample TEXT_SAMPLES[] = {
    {"供水", "家里停水三天", "我家小区停水三天没有人修理，水管爆裂，自来水公司不管"},
    {"供水", "自来水发黄", "自来水发黄有异味，水质浑浊，请自来水公司检查水管"},
    {"供水", "水压太低", "高层住户水压太低，热水器打不着火，二次供水设备老化"},
    {"供水", "停水没有通知", "自来水公司停水没有通知，一停就是一天，居民没有水做饭"},
    {"供水", "水管漏水", "路边自来水管漏水，水流满地，冬天结冰很危险"},
    {"交通", "公交车太少", "公交车班次太少，等车四十分钟，早高峰挤不上车"},
    {"交通", "路口没有红绿灯", "学校门口路口没有红绿灯，车速太快，行人过马路危险"},
    {"交通", "堵车严重", "早晚高峰路口堵车严重，车辆乱停乱放，交警不管"},
    {"交通", "公交车改线", "公交车改线以后不经过我们小区，老人出行不方便"},
    {"交通", "货车扰民", "大货车夜间超速行驶，路面压坏，行人过马路危险"},
};
enum { TEXT_SAMPLE_COUNT = sizeof TEXT_SAMPLES / sizeof *TEXT_SAMPLES };

// text_fixture_train makes a model of the samples; the validation is freed. Ends the process when that fails.
static inline struct routing_model *text_fixture_train(void) {
  struct routing_trainer *trainer = routing_trainer_create();
  struct wg_error error = {0};
  struct routing_model *model = NULL;
  struct routing_validation validation;
  for (size_t i = 0; i < TEXT_SAMPLE_COUNT; i++)
    if (routing_trainer_add(trainer, wg_bytes_of(TEXT_SAMPLES[i].title), wg_bytes_of(TEXT_SAMPLES[i].body),
                            TEXT_SAMPLES[i].category, &error) != WG_OK)
      abort();
  if (routing_train(trainer, 2, 1, &model, &validation, &error) != WG_OK) abort();
  routing_validation_free(&validation);
  routing_trainer_destroy(trainer);
  return model;
}

// text_fixture_rank compares with all, without any short cut: what routing_similar_rank must give.
static inline size_t text_fixture_rank(const struct routing_similar_order *order,
                                       const struct routing_similar_problem *problems, size_t count,
                                       const struct routing_similar_config *config, struct routing_similar *best,
                                       size_t most) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    struct routing_similar similar = routing_similar_compare(order, &problems[i], config);
    similar.problem = i;
    if (similar.level == ROUTING_NOT_SIMILAR) continue;
    size_t at = found;
    while (at > 0 && (best[at - 1].level < similar.level ||
                      (best[at - 1].level == similar.level && best[at - 1].score < similar.score)))
      at--;
    if (at == most) continue;
    if (found < most) found++;
    memmove(&best[at + 1], &best[at], (found - 1 - at) * sizeof *best);
    best[at] = similar;
  }
  return found;
}

static inline bool text_fixture_same(const struct routing_similar *a, const struct routing_similar *b) {
  return a->problem == b->problem && a->level == b->level && a->score == b->score && a->relation == b->relation &&
         a->likest == b->likest && a->stale == b->stale && a->same_words == b->same_words &&
         a->recurrence == b->recurrence;
}
