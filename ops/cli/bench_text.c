// What the orders of a bench run say: Chinese text of about the wanted size, different from order to order as far as
// it matters (an identical text would compress like nothing in real life does).

#include "ops/cli/bench.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANTS = 256 };

struct bench_text {
  char *variant[VARIANTS];
};

static const char *const pieces[] = {
    "小区门口的路灯坏了三天没有人来修，晚上老人出门很不方便，",
    "自来水从昨天下午开始发黄，楼上楼下都是一样，烧开以后还有味道，",
    "楼下烧烤店油烟直接排到居民窗前，夜里十二点以后还在大声喧哗，",
    "路面塌了一个坑，早高峰有电动车摔倒，请尽快围挡并安排抢修，",
    "物业说维修资金要三分之二业主签字，可是屋顶漏水等不了那么久，",
    "公交站牌被广告挡住，外地来看病的人找不到去医院的车，",
    "广场舞音响一直放到十点，家里有要参加考试的孩子没法休息，",
    "垃圾桶满了两天没有清运，苍蝇很多，气味传到三楼，",
    "暖气只有十六度，打了几次电话都说在排查，没有人上门测温，",
    "快递车堵住消防通道，昨天救护车进不来，耽误了十几分钟，",
    "工地夜间施工没有公示，渣土车不盖篷布，路上全是泥，",
    "学校门口没有人行横道，放学时车流很大，希望增设信号灯，",
    "希望有关部门核实以后给一个明确的时间，谢谢。",
    "以前反映过一次，当时说已经处理，但是问题又出现了。",
    "可以联系社区网格员一起到现场看，白天家里都有人。",
};

struct bench_text *bench_text_create(const struct bench *bench) {
  struct bench_text *text = wg_zalloc(sizeof *text);
  unsigned seed = 20261127;
  for (int i = 0; i < VARIANTS; i++) {
    struct wg_buffer one = {0};
    while (one.size < (size_t)bench->text_bytes) {
      seed = seed * 1103515245u + 12345u;
      wg_buffer_text(&one, pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)]);
      wg_buffer_printf(&one, "%u号楼", (seed >> 8) % 97 + 1);
    }
    size_t size = wg_utf8_cut((struct wg_bytes){one.data, one.size}, (size_t)bench->text_bytes);
    one.size = size;
    text->variant[i] = wg_strdup(wg_buffer_cstr(&one));
    wg_buffer_free(&one);
  }
  return text;
}

void bench_text_free(struct bench_text *text) {
  for (int i = 0; i < VARIANTS; i++)
    free(text->variant[i]);
  free(text);
}

void bench_text_order(const struct bench *bench, struct bench_text *text, uint64_t number, struct wg_arena *arena,
                      Wangge__V1__NewOrder *order) {
  wangge__v1__new_order__init(order);
  uint64_t mixed = number * UINT64_C(0x9e3779b97f4a7c15) >> 16; // spreads neighbours over departments and texts
  order->external_id = wg_arena_printf(arena, "bench-%s-%llu", bench->run, (unsigned long long)number);
  order->title = order->external_id;
  order->district = (char *)(uintptr_t)bench->district;
  order->kind = (Wangge__V1__OrderKind)(1 + mixed % 5);
  order->urgency = WANGGE__V1__URGENCY__URGENCY_NORMAL;
  order->category = (char *)(uintptr_t)bench->categories[mixed / 8 % (uint64_t)bench->category_count];
  order->text = text->variant[mixed / 4096 % VARIANTS];
  order->address = wg_arena_printf(arena, "和平路%u号", (unsigned)(mixed % 400 + 1));
  order->occurred_at = wg_now_us();
  if (mixed / 64 % 5 == 0) return; // one in five is anonymous
  order->reporter = wg_arena_alloc(arena, sizeof *order->reporter);
  wangge__v1__reporter__init(order->reporter);
  order->reporter->name = (char *)(uintptr_t) "测试";
  order->reporter->phone = (char *)(uintptr_t) "00000000000";
}

bool bench_number(const struct bench *bench, const char *text, size_t size, uint64_t *number) {
  size_t run = strlen(bench->run);
  if (size < 7 + run + 1 || memcmp(text, "bench-", 6) != 0 || memcmp(text + 6, bench->run, run) != 0) return false;
  if (text[6 + run] != '-') return false;
  uint64_t value = 0;
  for (size_t i = 7 + run; i < size; i++) {
    if (text[i] < '0' || text[i] > '9' || value > BENCH_ORDERS) return false;
    value = value * 10 + (uint64_t)(text[i] - '0');
  }
  *number = value;
  return value < atomic_load(&bench->next);
}
