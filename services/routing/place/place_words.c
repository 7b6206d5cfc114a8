// Why a place was decided on, in Chinese, for people. See place.h.
#include "services/routing/place/place_internal.h"

#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct words {
  char text[900];
  size_t used;
};

static void say(struct words *words, const char *text) {
  const size_t room = sizeof words->text - words->used, size = strlen(text);
  const size_t kept = size < room ? size : wg_utf8_cut((struct wg_bytes){(const uint8_t *)text, size}, room - 1);
  memcpy(words->text + words->used, text, kept);
  words->used += kept;
}

__attribute__((format(printf, 2, 3))) static void sayf(struct words *words, const char *format, ...) {
  char text[256];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  say(words, text);
}

static void say_area(struct words *words, const struct routing_area *area) {
  say(words, area->code);
  if (!*area->name) return;
  say(words, "（");
  say(words, area->name);
  say(words, "）");
}

static void say_grid(struct words *words, const struct finding_place *finding) {
  const unsigned flags = finding->place->flags;
  if (finding->given_good) {
    say(words, "工单给定网格");
    say_area(words, finding->given);
    if (flags & ROUTING_GRID_CONFLICTS_POSITION) say(words, "，但坐标不在该网格内");
    say(words, "；");
  }
  // What was given is quoted only when it is digits: anything else may be anything.
  if (flags & ROUTING_GRID_MALFORMED) say(words, "给定网格编号不是15位数字，未采用；");
  else if (flags & ROUTING_GRID_OTHER_DISTRICT) sayf(words, "给定网格%s不属本区，未采用；", finding->query->grid_code);
  else if (flags & ROUTING_GRID_UNKNOWN) sayf(words, "给定网格%s不在网格库中，未采用；", finding->query->grid_code);
}

static void say_position(struct words *words, const struct finding_place *finding) {
  const unsigned flags = finding->place->flags;
  const struct routing_located *located = &finding->located;
  if (!finding->query->has_position) return;
  if (flags & ROUTING_POSITION_SWAPPED) {
    const struct routing_located *swapped = &finding->swapped;
    const struct routing_area *area = swapped->grid_count ? swapped->grids[0] : swapped->around;
    say(words, "坐标经纬度颠倒，未采用");
    if (area) say(words, "，对调后位于"), say_area(words, area);
  } else if (flags & ROUTING_POSITION_INVALID) say(words, "坐标无效，未采用");
  else if (flags & ROUTING_POSITION_OUTSIDE) say(words, "坐标不在本区范围内，未采用");
  else if (located->grid_count) {
    say(words, flags & ROUTING_POSITION_ON_EDGE ? "坐标位于几个网格的公共边界上，按编号取网格" : "坐标位于网格");
    say_area(words, located->grids[0]);
  } else say(words, "坐标不在任何网格内，位于"), say_area(words, located->around);
  say(words, "；");
}

static const char *text_label(enum routing_how how) {
  return how == ROUTING_HOW_ADDRESS ? "地址" : how == ROUTING_HOW_TITLE ? "标题" : "正文";
}

static void say_named(struct words *words, const struct finding_place *finding, const struct named *named) {
  const struct routing_entry *entry = routing_gazetteer_entry(finding->gazetteer, named->entry);
  const uint32_t parent = routing_gazetteer_parent(finding->gazetteer, named->entry);
  say(words, text_label(named->how));
  say(words, "提到");
  say(words, routing_place_kind_label(entry->kind));
  say(words, "“");
  const char *of = parent != UINT32_MAX ? routing_gazetteer_entry(finding->gazetteer, parent)->name : "";
  if (strncmp(entry->name, of, strlen(of)) != 0) say(words, of);
  say(words, entry->name);
  say(words, "”");
  if (*entry->code) say(words, "，位于"), say(words, entry->code);
  say(words, "；");
}

static void say_names(struct words *words, const struct finding_place *finding) {
  const struct routing_place *place = finding->place;
  const struct named *named = finding->chosen;
  for (size_t i = 0; !named && i < finding->named_count; i++)
    if (!finding->named[i].foreign) named = &finding->named[i];
  if (named) say_named(words, finding, named);
  if (place->flags & ROUTING_PLACE_AMBIGUOUS)
    say(words, finding->chosen ? "另有相近的候选地点；" : "同名地点不止一处，只取其共同所在区域；");
  if (place->flags & ROUTING_NAMES_CONFLICT) say(words, "文中地点与所定网格不一致；");
  if (place->flags & ROUTING_NAMES_OTHER_DISTRICT) say(words, "文中有外区地点；");
}

void routing_place_say(struct finding_place *finding) {
  struct words words;
  words.used = 0;
  if (finding->place->flags & ROUTING_DISTRICT_UNKNOWN) say(&words, "本区不在网格库中；");
  say_grid(&words, finding);
  say_position(&words, finding);
  say_names(&words, finding);
  if (finding->place->flags & ROUTING_NO_PLACE) say(&words, "未识别到地点；");
  const size_t mark = strlen("；"); // every part ends with it
  if (words.used >= mark && memcmp(words.text + words.used - mark, "；", mark) == 0) words.used -= mark;
  finding->place->evidence = wg_arena_text(finding->arena, (struct wg_bytes){(const uint8_t *)words.text, words.used});
}
