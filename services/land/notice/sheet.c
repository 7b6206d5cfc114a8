// What a sheet says, in whichever form. See sheet.h.
#include "services/land/notice/sheet.h"

#include "services/land/ledger/base64.h"
#include "services/land/ledger/checkpoint.h"
#include "services/land/notice/notices.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

const char LAND_SHEET_OBJECT[] = "对公示内容有异议的，任何人都可以在公示期内当面、来信、来电、投意见箱或者在网上提出，"
                                 "可以不具名。提出的异议逐件登记、"
                                 "逐件答复，任何人不能删除；逾期提出的记录在案，不予受理。";
const char LAND_SHEET_VERIFY[] =
    "左码是张榜前本村台账的条数和根哈希，右码是公示内容的哈希。拍下本页并保存：日后用 wangge land verify checkpoint "
    "可以查验台账此前的内容是否被改动，用 wangge land show notice 可以对照公示内容的哈希。";

bool land_sheet_posted(const struct land_sheet *sheet) {
  return sheet->notice->content_sha256.len == LAND_HASH_BYTES && sheet->notice->tree_root.len == LAND_HASH_BYTES;
}

const char *land_sheet_mark(const struct land_sheet *sheet) {
  if (sheet->notice->state == NOTICE_STATE(DRAFT)) return "草稿：未张榜";
  if (sheet->notice->state == NOTICE_STATE(VOID)) return "作废：以重新公示为准";
  return NULL;
}

static const char *kind_title(int kind) {
  switch (kind) {
  case WANGGE__V1__NOTICE_KIND__NOTICE_KIND_SURVEY:
    return "土地调查结果公示";
  case WANGGE__V1__NOTICE_KIND__NOTICE_KIND_PLAN:
    return "土地承包方案公示";
  case WANGGE__V1__NOTICE_KIND__NOTICE_KIND_RESULT:
    return "土地承包结果公示";
  case WANGGE__V1__NOTICE_KIND__NOTICE_KIND_CHANGE:
    return "土地变更公示";
  default:
    return "公示";
  }
}

static const char *village_of(const struct land_sheet *sheet) {
  return *sheet->notice->village_name ? sheet->notice->village_name : sheet->village;
}

const char *land_sheet_title(const struct land_sheet *sheet, struct wg_arena *arena) {
  return wg_arena_printf(arena, "%s%s", village_of(sheet), kind_title((int)sheet->notice->kind));
}

static const char *hex_of(ProtobufCBinaryData hash, struct wg_arena *arena) {
  char *hex = wg_arena_alloc(arena, 2 * hash.len + 1);
  return sodium_bin2hex(hex, 2 * hash.len + 1, hash.data, hash.len);
}

static const char *base64_of(ProtobufCBinaryData hash, struct wg_arena *arena) {
  struct wg_buffer text = {0};
  land_base64_append(&text, (struct wg_bytes){hash.data, hash.len});
  const char *copy = wg_arena_text(arena, (struct wg_bytes){text.data, text.size});
  wg_buffer_free(&text);
  return copy;
}

static const char *places_of(const Wangge__V1__Notice *notice, struct wg_arena *arena) {
  const char *places = "";
  for (size_t i = 0; i < notice->n_places; i++)
    places = wg_arena_printf(arena, "%s%s%s", places, i ? "、" : "", notice->places[i]);
  return places;
}

const struct land_sheet_fact *land_sheet_facts(const struct land_sheet *sheet, struct wg_arena *arena) {
  enum { FACTS = 10 };
  const Wangge__V1__Notice *notice = sheet->notice;
  struct land_sheet_fact *facts = wg_arena_zalloc(arena, FACTS * sizeof *facts);
  size_t count = 0;
  facts[count++] = (struct land_sheet_fact){
      "村", wg_arena_printf(arena, "%s（%s）", *notice->village_name ? notice->village_name : "—", sheet->village)};
  facts[count++] = (struct land_sheet_fact){"公示编号", sheet->notice_id};
  facts[count++] = (struct land_sheet_fact){"公示内容", wg_arena_printf(arena, "%zu 项", notice->n_subjects)};
  if (land_sheet_posted(sheet)) {
    facts[count++] =
        (struct land_sheet_fact){"公示期", wg_arena_printf(arena, "%s 张榜，自次日起 %d 日，至 %s 24 时止",
                                                           notice->posted_on, notice->days, notice->ends_on)};
  } else {
    facts[count++] = (struct land_sheet_fact){"公示期", wg_arena_printf(arena, "自张榜次日起 %d 日", notice->days)};
  }
  if (notice->n_places) facts[count++] = (struct land_sheet_fact){"张贴地点", places_of(notice, arena)};
  if (!land_sheet_posted(sheet)) return facts;
  facts[count++] = (struct land_sheet_fact){"内容哈希", hex_of(notice->content_sha256, arena)};
  facts[count++] = (struct land_sheet_fact){"台账条数", wg_arena_printf(arena, "%lld", (long long)notice->tree_size)};
  facts[count++] = (struct land_sheet_fact){"台账根", base64_of(notice->tree_root, arena)};
  return facts;
}

const char *land_sheet_kind(const char *kind) {
  static const char *const names[][2] = {
      {"parcel", "地块"},        {"decision", "决议"},   {"tender", "招标"},   {"lot", "标的"},
      {"ranking", "排序结果"},   {"contract", "合同"},   {"transfer", "流转"}, {"land_work", "整治"},
      {"site_plan", "用地方案"}, {"outcome", "成效"},    {"party", "权利人"},  {"use_rule", "用途规则"},
      {"policy", "规则数值"},    {"village_info", "村"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i][0], kind) == 0) return names[i][1];
  }
  return kind;
}

const char *land_sheet_short(const Wangge__V1__NoticeSubject *subject, char text[17]) {
  text[0] = 0;
  if (subject->sha256.len == LAND_HASH_BYTES) sodium_bin2hex(text, 17, subject->sha256.data, 8);
  return text;
}

const char *land_sheet_checkpoint(const struct land_sheet *sheet, struct wg_arena *arena) {
  struct land_checkpoint checkpoint = {.size = (uint64_t)sheet->notice->tree_size};
  snprintf(checkpoint.origin, sizeof checkpoint.origin, LAND_ORIGIN_PREFIX "%s", sheet->village);
  memcpy(checkpoint.root, sheet->notice->tree_root.data, sizeof checkpoint.root);
  struct wg_buffer text = {0};
  land_checkpoint_append(&checkpoint, &text);
  const char *copy = wg_arena_text(arena, (struct wg_bytes){text.data, text.size});
  wg_buffer_free(&text);
  return copy;
}

const char *land_sheet_notice(const struct land_sheet *sheet, struct wg_arena *arena) {
  return wg_arena_printf(arena, "wangge-notice/%s/%s\n%s\n", sheet->village, sheet->notice_id,
                         hex_of(sheet->notice->content_sha256, arena));
}
