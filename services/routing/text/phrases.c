// Stock phrases of complaints: courtesies, forms of address and closing formulas. They say nothing of the matter, and
// texts that share only them must not look alike. Part of ROUTING_TEXT_RULES.
#include "services/routing/text/work.h"

#include "common/base/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// Written as normalisation leaves them. Longer ones first where one begins with another.
static const char *const PHRASES[] = {"尊敬的各位领导",
                                      "尊敬的领导",
                                      "尊敬的",
                                      "各位领导",
                                      "领导您好",
                                      "领导你好",
                                      "您好",
                                      "你好",
                                      "大家好",
                                      "望领导重视",
                                      "望领导",
                                      "希望领导能够",
                                      "希望领导",
                                      "恳请领导",
                                      "请领导",
                                      "敬请领导",
                                      "请求领导",
                                      "领导们",
                                      "希望有关部门能够",
                                      "希望有关部门",
                                      "希望相关部门能够",
                                      "希望相关部门",
                                      "望有关部门",
                                      "望相关部门",
                                      "请有关部门",
                                      "请相关部门",
                                      "恳请有关部门",
                                      "恳请相关部门",
                                      "强烈要求有关部门",
                                      "强烈要求相关部门",
                                      "请求有关部门",
                                      "请求相关部门",
                                      "恳请政府",
                                      "希望政府",
                                      "望政府",
                                      "尽快处理",
                                      "尽快解决",
                                      "早日解决",
                                      "予以解决",
                                      "予以处理",
                                      "给予解决",
                                      "给予答复",
                                      "予以答复",
                                      "望回复",
                                      "请回复",
                                      "盼回复",
                                      "期待回复",
                                      "期待您的回复",
                                      "谢谢领导",
                                      "万分感谢",
                                      "非常感谢",
                                      "十分感谢",
                                      "不胜感激",
                                      "感谢您",
                                      "谢谢您",
                                      "谢谢",
                                      "多谢",
                                      "感谢",
                                      "此致敬礼",
                                      "辛苦了",
                                      "打扰了",
                                      "麻烦您",
                                      "特此反映",
                                      "特此投诉",
                                      "现反映如下",
                                      "反映如下",
                                      "情况如下",
                                      "百忙之中",
                                      "市民来电反映",
                                      "市民来电",
                                      "来电人反映",
                                      "来电反映",
                                      "诉求人反映",
                                      "群众反映"};
enum { COUNT = sizeof PHRASES / sizeof *PHRASES, LONGEST = 16, BUCKETS = 512 };

struct phrase {
  uint32_t points[LONGEST];
  uint32_t count;
  int next; // in its bucket, the longer first; -1: last
};
static struct phrase phrases[COUNT];
static int bucket[BUCKETS];           // by the first two points; -1: empty
static uint64_t begins[0x10000 / 64]; // a bit of each point that a phrase begins with

static uint32_t bucket_of(uint32_t first, uint32_t second) {
  return ((first * 0x9e3779b1u) ^ (second * 0x85ebca6bu)) >> 23;
}

static uint32_t decode(const char *text, uint32_t *points) {
  uint32_t count = 0;
  for (const uint8_t *at = (const uint8_t *)text; *at != 0; at += 3) { // ideographs of three bytes
    if (count == LONGEST || (*at & 0xf0) != 0xe0) abort();
    points[count++] = (uint32_t)(at[0] & 15) << 12 | (uint32_t)(at[1] & 63) << 6 | (at[2] & 63);
  }
  return count;
}

static void build(void) {
  for (int i = 0; i < BUCKETS; i++)
    bucket[i] = -1;
  for (int i = 0; i < COUNT; i++) {
    struct phrase *phrase = &phrases[i];
    phrase->count = decode(PHRASES[i], phrase->points);
    begins[phrase->points[0] / 64] |= UINT64_C(1) << phrase->points[0] % 64;
    int *place = &bucket[bucket_of(phrase->points[0], phrase->points[1])];
    while (*place >= 0 && phrases[*place].count >= phrase->count)
      place = &phrases[*place].next;
    phrase->next = *place;
    *place = i;
  }
}

// phrase_at gives the length of the longest phrase that begins at points[at], 0: none.
static uint32_t phrase_at(const uint32_t *points, uint32_t count, uint32_t at) {
  if (points[at] >= 0x10000 || !(begins[points[at] / 64] >> points[at] % 64 & 1)) return 0;
  for (int i = bucket[bucket_of(points[at], points[at + 1])]; i >= 0; i = phrases[i].next) {
    const struct phrase *phrase = &phrases[i];
    if (phrase->count <= count - at && memcmp(points + at, phrase->points, phrase->count * sizeof *points) == 0)
      return phrase->count;
  }
  return 0;
}

uint32_t routing_phrases_cut(uint32_t *points, uint32_t count, uint32_t *title) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, build);
  uint32_t left = 0, title_end = *title;
  for (uint32_t at = 0; at < count;) {
    if (at == *title) title_end = left;
    const uint32_t cut = at + 1 < count ? phrase_at(points, count, at) : 0;
    if (cut == 0 && !(points[at] == ROUTING_TEXT_BREAK && (left == 0 || points[left - 1] == ROUTING_TEXT_BREAK)))
      points[left++] = points[at];
    else if (cut != 0 && left > 0 && points[left - 1] != ROUTING_TEXT_BREAK) points[left++] = ROUTING_TEXT_BREAK;
    at += cut != 0 ? cut : 1; // a phrase never spans the break behind the title
  }
  if (*title == count) title_end = left;
  while (left > 0 && points[left - 1] == ROUTING_TEXT_BREAK)
    left--;
  *title = title_end < left ? title_end : left;
  return left;
}
