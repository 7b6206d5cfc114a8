// bench-place: what finding the place of an order costs, alone on one thread: 102 grids, 22 communities, about 5,000
// names, orders of 160 characters.
//
//   bench-place [--orders 200000] [--grids 102] [--names 5000] [--characters 160]
//
// Prints nanoseconds of CPU per order, for the whole decision and for its parts.
#include "tests/bench/rig.h"

#include "services/routing/place/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COMMUNITIES = 22, VERTICES = 64, VARIANTS = 512 };
#define WEST 117.70
#define SOUTH 36.00

static int64_t cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// Steps of a fixed generator: the same net and the same orders in every run.
static uint32_t step(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(*seed >> 33);
}

// Column n of the tiling, as a polygon with wavy sides that neighbours share.
static char *column(struct wg_buffer *wkt, int64_t n, int64_t of) {
  wg_buffer_clear(wkt);
  wg_buffer_text(wkt, "POLYGON((");
  const double width = 0.3 / (double)of;
  for (int side = 0; side < 2; side++)
    for (int i = 0; i <= VERTICES; i++) {
      const int at = side ? VERTICES - i : i;
      const double wave = width * 0.2 * (at % 2 ? 1 : -1) * (at > 0 && at < VERTICES);
      wg_buffer_printf(wkt, "%.7f %.7f,", WEST + width * (double)(n + side) + wave, SOUTH + 0.2 * at / VERTICES);
    }
  wg_buffer_printf(wkt, "%.7f %.7f))", WEST + width * (double)n, SOUTH);
  return (char *)(uintptr_t)wg_buffer_cstr(wkt);
}

static void add(struct routing_net_builder *builder, enum routing_level level, const char *code, const char *name,
                const char *boundary) {
  struct wg_error error = {0};
  const struct routing_area area = {.code = code, .name = name, .boundary = boundary, .level = level};
  rig_must(routing_net_add(builder, &area, &error), "adding an area", &error);
}

static struct routing_net *make_net(int64_t grids) {
  struct routing_net_builder *builder = routing_net_builder_create();
  struct wg_buffer wkt = {0};
  char code[48], name[40];
  add(builder, ROUTING_LEVEL_DISTRICT, "370117", "钢城区", NULL);
  add(builder, ROUTING_LEVEL_STREET, "370117001", "艾山街道办事处", NULL);
  for (int i = 0; i < COMMUNITIES; i++) {
    snprintf(code, sizeof code, "370117001%03d", i + 1);
    snprintf(name, sizeof name, "第%d社区居民委员会", i + 1);
    add(builder, ROUTING_LEVEL_COMMUNITY, code, name, column(&wkt, i, COMMUNITIES));
  }
  for (int64_t i = 0; i < grids; i++) {
    snprintf(code, sizeof code, "370117001%03d%03d", (int)(i * COMMUNITIES / grids) + 1, (int)(i % 1000));
    snprintf(name, sizeof name, "第%d网格(基础)", (int)(i % 5) + 1);
    add(builder, ROUTING_LEVEL_GRID, code, name, column(&wkt, i, grids));
  }
  wg_buffer_free(&wkt);
  return routing_net_seal(builder);
}

static void name_of(char name[64], int64_t n) {
  static const char *const first[] = {"汶河", "友谊", "艾山", "金水", "鹏泉", "凤凰", "文化", "双泉", "长勺", "龙潭"};
  static const char *const second[] = {"东", "西", "南", "北", "新", "嘉", "和", "瑞", "锦", "御"};
  static const char *const third[] = {"苑", "园", "府", "城", "湾", "里", "庭", "轩", "郡", "居"};
  static const char *const last[] = {"小区", "花园", "路", "广场", "公寓"};
  snprintf(name, 64, "%s%s%s%s", first[n % 10], second[n / 10 % 10], third[n / 100 % 10], last[n / 1000 % 5]);
}

static struct routing_gazetteer *make_gazetteer(const struct routing_net *net, int64_t names) {
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  struct wg_error error = {0};
  char id[24], name[64];
  uint64_t seed = 7;
  for (int64_t i = 0; i < names; i++) {
    snprintf(id, sizeof id, "p%lld", (long long)i);
    name_of(name, i);
    const struct routing_entry entry = {.place_id = id,
                                        .kind = i / 1000 % 5 == 2 ? ROUTING_PLACE_ROAD : ROUTING_PLACE_ESTATE,
                                        .name = name,
                                        .has_position = true,
                                        .lon = WEST + 0.3 * (step(&seed) % 10000) / 10000.0,
                                        .lat = SOUTH + 0.2 * (step(&seed) % 10000) / 10000.0};
    rig_must(routing_gazetteer_add(builder, &entry, &error), "adding a place", &error);
  }
  return routing_gazetteer_seal(builder);
}

struct sample {
  char *address, *title, *text;
  double lon, lat;
};

static const char *const phrases[] = {"小区门口的路灯坏了三天没有人来修，晚上老人出门很不方便，",
                                      "自来水从昨天下午开始发黄，烧开以后还有味道，",
                                      "楼下烧烤店油烟直接排到居民窗前，夜里还在大声喧哗，",
                                      "路面塌了一个坑，早高峰有电动车摔倒，请尽快围挡并安排抢修，",
                                      "物业说维修资金要三分之二业主签字，可是屋顶漏水等不了那么久，",
                                      "公交站牌被广告挡住，看病的人找不到去医院的车，"};

static void make_samples(struct sample samples[VARIANTS], int64_t names, int64_t characters) {
  uint64_t seed = 20261127;
  char name[64], other[64];
  for (int i = 0; i < VARIANTS; i++) {
    struct wg_buffer text = {0};
    name_of(name, step(&seed) % (names ? names : 1));
    name_of(other, step(&seed) % (names ? names : 1));
    wg_buffer_printf(&text, "钢城区艾山街道第%d社区%s", (int)(step(&seed) % COMMUNITIES) + 1, name);
    samples[i].address = wg_strdup(wg_buffer_cstr(&text));
    wg_buffer_clear(&text);
    wg_buffer_printf(&text, "%s一带的问题", name);
    samples[i].title = wg_strdup(wg_buffer_cstr(&text));
    wg_buffer_clear(&text);
    wg_buffer_printf(&text, "靠近%s，", other);
    while ((int64_t)text.size < characters * 3)
      wg_buffer_text(&text, phrases[step(&seed) % 6]);
    samples[i].text = wg_strdup(wg_buffer_cstr(&text));
    samples[i].lon = WEST + 0.3 * (step(&seed) % 10000) / 10000.0;
    samples[i].lat = SOUTH + 0.2 * (step(&seed) % 10000) / 10000.0;
    wg_buffer_free(&text);
  }
}

// Every fourth order has a position, every eighth a grid code; all have texts.
static struct routing_place_query query_of(const struct sample *sample, int64_t n, const char *grid) {
  return (struct routing_place_query){.district = "370117",
                                      .grid_code = n % 8 == 1 ? grid : "",
                                      .address = sample->address,
                                      .title = sample->title,
                                      .text = sample->text,
                                      .has_position = n % 4 == 0,
                                      .lon = sample->lon,
                                      .lat = sample->lat};
}

int main(int argc, char **argv) {
  const int64_t orders = rig_number(argc, argv, "--orders", 200000), grids = rig_number(argc, argv, "--grids", 102);
  const int64_t names = rig_number(argc, argv, "--names", 5000);
  const int64_t began = cpu_ns();
  struct routing_net *net = make_net(grids);
  struct routing_gazetteer *gazetteer = make_gazetteer(net, names);
  const int64_t built = cpu_ns();
  static struct sample samples[VARIANTS];
  make_samples(samples, names, rig_number(argc, argv, "--characters", 160));
  struct wg_arena *arena = wg_arena_create(1 << 20);
  const char *grid = routing_net_area(net, 2 + COMMUNITIES)->code;
  struct routing_place place;
  int64_t found = 0;
  int64_t whole = 0, points = 0, folds = 0; // first a round to warm up
  for (int round = 0; round < 2; round++) {
    found = 0;
    int64_t start = cpu_ns();
    for (int64_t i = 0; i < orders; i++) {
      if (i % 500 == 0) wg_arena_reset(arena); // as the batches of routing
      const struct routing_place_query query = query_of(&samples[i % VARIANTS], i, grid);
      routing_place_decide(net, gazetteer, &query, arena, &place);
      found += *place.grid_code != '\0';
    }
    whole = cpu_ns() - start;
    start = cpu_ns();
    struct routing_located located;
    for (int64_t i = 0; i < orders; i++)
      routing_net_locate(net, samples[i % VARIANTS].lon, samples[i % VARIANTS].lat, &located);
    points = cpu_ns() - start;
    start = cpu_ns();
    static uint32_t codes[16384];
    for (int64_t i = 0; i < orders; i++)
      routing_fold(wg_bytes_of(samples[i % VARIANTS].text), codes, 16384);
    folds = cpu_ns() - start;
  }
  const double n = orders ? (double)orders : 1;
  printf(
      "{\"orders\": %lld, \"with_grid\": %lld, \"ns_per_order\": %.0f, \"ns_per_point\": %.0f, \"ns_per_fold\": %.0f, "
      "\"build_ms\": %.1f}\n",
      (long long)orders, (long long)found, (double)whole / n, (double)points / n, (double)folds / n,
      (double)(built - began) / 1e6);
  for (int i = 0; i < VARIANTS; i++)
    free(samples[i].address), free(samples[i].title), free(samples[i].text);
  wg_arena_destroy(arena);
  routing_gazetteer_close(gazetteer);
  routing_net_close(net);
  return 0;
}
