// Why an order is led by whom it is led, in Chinese for people. See rules.h.
#include "services/routing/rules_internal.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/records/records.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// term gives the Chinese name of a value of one of the rule's enum columns.
static const char *term(const char *field, int value) {
  const struct wg_column *column = wg_kind_column(wg_kind_find("dispatch_rule"), field);
  return value > 0 && (size_t)value <= column->value_count ? column->value_labels[value - 1] : "未说明";
}

// A text that grows up to its end and then stays.
struct words {
  char text[1536];
  size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *words, const char *format, ...) {
  const size_t room = sizeof words->text - words->used;
  va_list list;
  va_start(list, format);
  int size = vsnprintf(words->text + words->used, room, format, list);
  va_end(list);
  if (size > 0) words->used += (size_t)size < room ? (size_t)size : room - 1;
}

static char *said(struct words *words, struct wg_arena *arena) {
  words->text[wg_utf8_cut(wg_bytes_of(words->text), sizeof words->text - 4)] = '\0';
  return wg_arena_strdup(arena, words->text);
}

static const char *or_none(const char *text) {
  return *text ? text : "未知";
}

static const char *parcel_term(const char *parcel) {
  return strcmp(parcel, "state") == 0 ? "国有" : strcmp(parcel, "collective") == 0 ? "集体" : "未知";
}

static void say_moment(struct words *words, const Wangge__V1__Order *order, bool minutes) {
  int32_t day = 0;
  int minute = 0;
  char text[WG_DAY_TEXT];
  routing_rule_moment(order, &day, &minute);
  if (minutes) say(words, "%02d:%02d", minute / 60, minute % 60);
  else say(words, "%s", wg_day_format(day, text));
}

static void say_window(struct words *words, const struct routing_rule *rule) {
  say(words, "%02d:%02d–%s%02d:%02d", rule->from_minute / 60, rule->from_minute % 60,
      rule->to_minute < rule->from_minute ? "次日" : "", rule->to_minute / 60, rule->to_minute % 60);
}

// say_values tells the values of the order that meet the rule's conditions; false: the rule has none.
static bool say_values(struct words *words, const struct routing_rule *rule, const struct routing_rule_input *input) {
  const Wangge__V1__Order *order = input->order;
  const size_t before = words->used;
  if (rule->category_size) say(words, "分类“%s”属于“%s”；", input->category, rule->category);
  if (rule->area_kind == ROUTING_AREA_CODE) say(words, "所在 %s 属于 %s；", input->area, rule->area);
  if (rule->area_kind == ROUTING_AREA_PLACE) say(words, "地点为 %s；", rule->area);
  if (rule->place_text_size) say(words, "地址含“%s”；", rule->place_text);
  if (rule->channel) say(words, "渠道为%s；", term("channel", rule->channel));
  if (rule->kind) say(words, "类型为%s；", term("kind", rule->kind));
  if (rule->urgency) say(words, "紧急程度为%s；", term("urgency", rule->urgency));
  if (*rule->source) say(words, "来源为 %s；", rule->source);
  if (*rule->valid_from || *rule->valid_to) {
    say(words, "受理日 ");
    say_moment(words, order, false);
    say(words, " 在 %s 至 %s 内；", *rule->valid_from ? rule->valid_from : "即日",
        *rule->valid_to ? rule->valid_to : "长期");
  }
  if (rule->from_minute != rule->to_minute) {
    say(words, "受理时刻 ");
    say_moment(words, order, true);
    say(words, " 在 ");
    say_window(words, rule);
    say(words, " 内；");
  }
  if (*rule->parcel) say(words, "地块为%s；", parcel_term(rule->parcel));
  return words->used > before;
}

char *routing_ruling_evidence(const struct routing_ruling *ruling, const struct routing_rule_input *input,
                              struct wg_arena *arena) {
  struct words words = {0};
  for (size_t i = 0; i < ruling->skipped_count; i++)
    say(&words, "规则 %s 主办为网格，而该分类应由职能部门办理，依国办函〔2025〕66号跳过；", ruling->skipped[i]->id);
  switch (ruling->why) {
  case ROUTING_WHY_NO_CATALOGUE:
    say(&words, "本区 %s 没有派单目录", input->order->district);
    return said(&words, arena);
  case ROUTING_WHY_NO_RULE:
    say(&words, "派单目录 %zu 条规则均不符合：分类“%s”，来源 %s，所在 %s", ruling->rules, or_none(input->category),
        input->order->source, or_none(input->area));
    return said(&words, arena);
  default:
    break;
  }
  const struct routing_rule *rule = ruling->rule;
  if (!say_values(&words, rule, input)) say(&words, "规则没有条件；");
  if (ruling->why == ROUTING_WHY_NO_GRID) say(&words, "但主办为所在网格，而诉求所在网格未知；");
  if (ruling->why == ROUTING_WHY_NO_LEAD) say(&words, "但规则的主办 %s 不存在；", rule->lead);
  const size_t mark = sizeof "；" - 1;
  if (words.used >= mark && words.used + 1 < sizeof words.text) words.text[words.used - mark] = '\0';
  return said(&words, arena);
}

// --- trace ---
static void say_failing(struct words *words, const char *condition, const struct routing_rule *rule,
                        const struct routing_rule_input *input) {
  const Wangge__V1__Order *order = input->order;
  if (strcmp(condition, "area") == 0) {
    say(words, "区域 %s 不符：诉求所在 %s", rule->area, or_none(input->area));
    for (size_t i = 0; i < input->place_count; i++)
      say(words, "、%s", input->places[i]);
  } else if (strcmp(condition, "place_text") == 0) {
    say(words, "地址不含“%s”", rule->place_text);
  } else if (strcmp(condition, "channel") == 0) {
    say(words, "渠道应为%s，实为%s", term("channel", rule->channel), term("channel", (int)order->channel));
  } else if (strcmp(condition, "kind") == 0) {
    say(words, "诉求类型应为%s，实为%s", term("kind", rule->kind), term("kind", (int)order->kind));
  } else if (strcmp(condition, "urgency") == 0) {
    say(words, "紧急程度应为%s，实为%s", term("urgency", rule->urgency), term("urgency", (int)order->urgency));
  } else if (strcmp(condition, "source") == 0) {
    say(words, "来源应为 %s，实为 %s", rule->source, order->source);
  } else if (strcmp(condition, "parcel_ownership") == 0) {
    say(words, "地块权属应为%s，实为%s", parcel_term(rule->parcel), parcel_term(input->parcel));
  } else if (strcmp(condition, "from_minute") == 0) {
    say(words, "时段 ");
    say_window(words, rule);
    say(words, " 不符：受理时刻 ");
    say_moment(words, order, true);
  } else {
    say(words, "有效期 %s 至 %s 不符：受理日 ", *rule->valid_from ? rule->valid_from : "即日",
        *rule->valid_to ? rule->valid_to : "长期");
    say_moment(words, order, false);
  }
}

static void say_decided(struct words *words, const struct routing_rule *rule, const struct routing_rule_input *input) {
  if (!say_values(words, rule, input)) say(words, "规则没有条件；");
  say(words, "主办 %s", rule->lead);
  for (size_t i = 0; i < rule->assist_count; i++)
    say(words, "%s%s", i ? "、" : "，协办 ", rule->assists[i]);
}

struct routing_trace *routing_rules_explain(const struct routing_rules *rules, const struct routing_rule_input *input,
                                            struct wg_arena *arena, size_t *count, size_t *others) {
  const struct routing_table *table = routing_table_of(rules, input->order->district);
  struct routing_trace *trace = wg_arena_alloc(arena, ((table ? table->count : 0) + 1) * sizeof *trace);
  *count = *others = 0;
  const bool duty = table && routing_duty_of(table, input->category, strlen(input->category));
  for (size_t i = 0; table && i < table->count; i++) {
    const struct routing_rule *rule = &table->rules[i];
    const char *condition = routing_rule_failing(rule, input);
    if (condition && strcmp(condition, "category_prefix") == 0) {
      ++*others;
      continue;
    }
    struct words words = {0};
    struct routing_trace *entry = &trace[(*count)++];
    *entry = (struct routing_trace){.rule = rule, .verdict = ROUTING_DECIDES, .condition = ""};
    if (condition) {
      entry->verdict = ROUTING_FAILS;
      entry->condition = condition;
      say_failing(&words, condition, rule, input);
    } else if (rule->lead_is_grid && duty) {
      entry->verdict = ROUTING_SKIPPED;
      say(&words, "条件均符合，但主办为网格，而该分类应由职能部门办理：依国办函〔2025〕66号跳过");
    } else {
      say_decided(&words, rule, input);
    }
    entry->text = said(&words, arena);
    if (entry->verdict == ROUTING_DECIDES) break;
  }
  return trace;
}
