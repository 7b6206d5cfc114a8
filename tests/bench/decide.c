// bench-decide: what the whole decision on a new order costs, alone on one thread: its place, the suggested category
// where one is missing, the rules, the evidence, what it is similar to.
//
//   bench-decide --reference ops/demo/reference [--model FILE] [--orders 100000] [--rules 2000]
//                [--problems 100000] [--texts FILE] [--only whole] [--digest 1]
//
// Net, gazetteer, categories and departments are those of the folder; to its rules more are added, each for a category
// and a grid, up to --rules. The orders speak of the folder's buildings: every fourth has a position, every eighth a
// grid code, all an address and about 160 characters of text: sentences of the list below with names, numbers and
// times of their own, or with --texts one line of the file each. Prints nanoseconds of CPU per order. First without
// comparing: with a category as most have it, and without one (only then, and for coarse ones, is the text weighed
// for that). Then, with a model, so many other orders of the same places being in memory: comparing alone, comparing
// with its suggestions, the whole of an order with a category, and the whole of one without: place, category, rules and
// comparing. --only whole leaves out all but the last, for a profiler. With --digest 1 the figures count for nothing,
// but each line has a digest of all that was decided and suggested: the same before and behind a change that may only
// cost less.
#include "tests/bench/rig.h"

#include "common/records/records.h"
#include "services/routing/problem.h"
#include "services/routing/study.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { VARIANTS = 4096, BATCH = 500 };
#define DISTRICT "370117"

struct bench {
  struct wg_arena *arena;
  struct wg_reading reading;
  const Wangge__V1__Record **record;
  size_t count;
  struct routing_rulebook book;
  Wangge__V1__OrderReceived event[VARIANTS];
  char *text[VARIANTS];
  char *category[VARIANTS];
  struct wg_arena *arena_of_batch;
  double places_ms;
};

// --- digest ---
struct digest {
  bool wanted;
  uint64_t value; // FNV-1a
};
static struct digest digest;

static void digest_bytes(const void *bytes, size_t size) {
  for (size_t i = 0; i < size; i++)
    digest.value = (digest.value ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
}

static void digest_text(const char *text) {
  digest_bytes(text, strlen(text) + 1);
}

static void digest_decision(const struct routing_assignment *subject) {
  const struct routing_found *found = &subject->found;
  const char *const texts[] = {subject->department,   subject->rule_id,         subject->evidence,
                               found->area,           found->place_id,          found->place_name,
                               found->place_evidence, found->suggested_category};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    digest_text(texts[i] ? texts[i] : "");
  digest_bytes(&found->suggested_confidence, sizeof found->suggested_confidence);
  digest_bytes(&found->place_confidence, sizeof found->place_confidence);
  digest_bytes(&found->place_flags, sizeof found->place_flags);
}

static void digest_suggestions(const struct routing_merges *merges) {
  for (const struct routing_suggested *one = merges ? merges->suggested : NULL; one; one = one->next) {
    digest_bytes(&one->order_id, sizeof one->order_id);
    digest_bytes(&one->problem_id, sizeof one->problem_id);
    digest_bytes(&one->score, sizeof one->score);
    digest_bytes(&one->level, sizeof one->level);
    digest_text(one->relation);
    digest_text(one->evidence);
    digest_text(one->grams);
  }
}

static int64_t cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// Steps of a fixed generator: the same rules and the same orders in every run.
static uint32_t step(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(*seed >> 33);
}

static char *literal(const char *text) {
  return (char *)(uintptr_t)text; // protobuf-c's members are not const; nobody writes to them
}

// pick gives a record of a kind of the district by chance.
static const Wangge__V1__Record *pick(const struct bench *bench, Wangge__V1__Record__BodyCase kind, uint64_t *seed) {
  if (bench->reading.set.count == 0) return NULL;
  const size_t from = step(seed) % bench->reading.set.count;
  for (size_t i = 0; i < bench->reading.set.count; i++) {
    const Wangge__V1__Record *record = bench->reading.set.record[(from + i * 7919) % bench->reading.set.count];
    if (record->body_case == kind && strcmp(record->district, DISTRICT) == 0) return record;
  }
  rig_die("the folder has no record of kind %d of " DISTRICT, (int)kind);
}

static void add_rule(struct bench *bench, uint64_t *seed, size_t n) {
  Wangge__V1__Record *record = wg_arena_alloc(bench->arena, sizeof *record);
  wangge__v1__record__init(record);
  Wangge__V1__DispatchRule *rule = wg_arena_alloc(bench->arena, sizeof *rule);
  wangge__v1__dispatch_rule__init(rule);
  rule->rank = 1;
  rule->category_prefix = pick(bench, WANGGE__V1__RECORD__BODY_CATEGORY, seed)->category->path;
  rule->area = pick(bench, WANGGE__V1__RECORD__BODY_GRID, seed)->code;
  rule->lead = pick(bench, WANGGE__V1__RECORD__BODY_DEPARTMENT, seed)->code;
  record->district = literal(DISTRICT);
  record->code = wg_arena_printf(bench->arena, "B%06zu", n);
  record->body_case = WANGGE__V1__RECORD__BODY_DISPATCH_RULE;
  record->dispatch_rule = rule;
  bench->record[bench->count++] = record;
}

static void read_reference(struct bench *bench, const char *folder, size_t rules) {
  struct wg_error error = {0};
  wg_reading_start(&bench->reading, bench->arena, NULL);
  rig_must(wg_records_read_folder(&bench->reading, folder, &error), folder, &error);
  bench->record = wg_arena_alloc(bench->arena, (bench->reading.set.count + rules) * sizeof *bench->record);
  for (size_t i = 0; i < bench->reading.set.count; i++) {
    bench->record[bench->count++] = bench->reading.set.record[i];
    if (bench->reading.set.record[i]->body_case == WANGGE__V1__RECORD__BODY_DISPATCH_RULE && rules) rules--;
  }
  uint64_t seed = 20260315;
  for (size_t i = 0; i < rules; i++)
    add_rule(bench, &seed, i);
  wg_reading_stop(&bench->reading);
}

static const char *const phrases[] = {"小区门口的路灯坏了三天没有人来修，晚上老人出门很不方便",
                                      "自来水从昨天下午开始发黄，烧开以后还有味道",
                                      "楼下烧烤店油烟直接排到居民窗前，夜里还在大声喧哗",
                                      "路面塌了一个坑，早高峰有电动车摔倒，请尽快围挡并安排抢修",
                                      "物业说维修资金要三分之二业主签字，可是屋顶漏水等不了那么久",
                                      "公交站牌被广告挡住，看病的人找不到去医院的车",
                                      "电梯一个月停了四次，十七层的病人下不来",
                                      "垃圾桶满了两天没有清运，苍蝇很多",
                                      "暖气只有十六度，打了几次电话都说在排查",
                                      "快递车堵住消防通道，救护车耽误了十几分钟",
                                      "工地夜间施工没有公示，渣土车不盖篷布",
                                      "学校门口没有人行横道，放学时车流很大，希望增设信号灯",
                                      "楼道里堆满纸箱和旧家具，怕着火",
                                      "化粪池外溢三天，臭味进到屋里",
                                      "有人拆了承重墙，墙上已经有裂缝",
                                      "拖欠我们班组两个月工资，包工头不接电话",
                                      "医保报销的材料交了三次，窗口每次要的不一样",
                                      "村里的灌溉井坏了，麦子等着浇返青水",
                                      "邻居养了五只大狗不牵绳，孩子不敢下楼",
                                      "充电桩建好半年没有通电，只好拉线充电",
                                      "幼儿园说的收费和公示的不一样，要求退费",
                                      "河道里漂着死鱼，上游好像有人排污",
                                      "绿化带的树枝压到了电线，刮风时冒火花",
                                      "停车位卖给了外面的人，业主没有地方停"};
static const char *const details[][3] = {{"我家住", "单元", "楼，"},
                                         {"", "月", "日又发生了一次，"},
                                         {"已经打过", "次电话，等了", "天，"},
                                         {"一共有", "户，涉及", "人，"},
                                         {"从", "点到", "点最严重，"}};

// write_text: what nobody else says in just these words.
static void write_text(struct wg_buffer *text, size_t bytes, uint64_t *seed) {
  static const char *const surnames[] = {"张", "王", "李", "赵", "陈", "刘", "杨", "黄", "周", "吴"};
  while (text->size < bytes) {
    wg_buffer_text(text, phrases[step(seed) % (sizeof phrases / sizeof *phrases)]);
    wg_buffer_printf(text, "。%s某说，", surnames[step(seed) % (sizeof surnames / sizeof *surnames)]);
    const unsigned one = step(seed) % 12 + 1, two = step(seed) % 28 + 1;
    const char *const *detail = details[step(seed) % (sizeof details / sizeof *details)];
    wg_buffer_printf(text, "%s%u%s%u%s", detail[0], one, detail[1], two, detail[2]);
  }
}

static char *line_of(FILE *file, struct wg_arena *arena) {
  static char line[70000];
  if (!fgets(line, sizeof line, file)) {
    rewind(file);
    if (!fgets(line, sizeof line, file)) rig_die("--texts: the file has no line");
  }
  line[strcspn(line, "\n")] = '\0';
  return wg_arena_strdup(arena, line);
}

static void make_orders(struct bench *bench, const char *texts) {
  enum { TEXT_BYTES = 160 * 3 };
  uint64_t seed = 20261127;
  struct wg_arena *arena = bench->arena;
  FILE *file = *texts ? fopen(texts, "r") : NULL;
  if (*texts && !file) rig_die("--texts: %s cannot be read", texts);
  for (int i = 0; i < VARIANTS; i++) {
    const Wangge__V1__Record *record = pick(bench, WANGGE__V1__RECORD__BODY_BUILDING, &seed);
    const Wangge__V1__Building *building = record->building;
    Wangge__V1__Order *order = wg_arena_alloc(arena, sizeof *order);
    wangge__v1__order__init(order);
    order->order_id = i + 1;
    order->district = literal(DISTRICT);
    order->source = literal("hotline-12345");
    order->category = bench->category[i] = pick(bench, WANGGE__V1__RECORD__BODY_CATEGORY, &seed)->category->path;
    order->address = building->address;
    order->title = wg_arena_printf(arena, "%s一带的问题", building->estate);
    struct wg_buffer text = {0};
    if (!file) write_text(&text, TEXT_BYTES, &seed);
    order->text = bench->text[i] = file ? line_of(file, arena) : wg_arena_strdup(arena, wg_buffer_cstr(&text));
    wg_buffer_free(&text);
    if (i % 8 == 1) order->grid_code = building->grid;
    if (i % 4 == 0) {
      order->position = wg_arena_alloc(arena, sizeof *order->position);
      wangge__v1__position__init(order->position);
      order->position->lon = building->lon;
      order->position->lat = building->lat;
    }
    wangge__v1__order_received__init(&bench->event[i]);
    bench->event[i].order = order;
  }
  if (file) fclose(file);
}

struct figures {
  double ns;
  int64_t with_grid, led, suggested;
};

static struct figures measure(struct bench *bench, int64_t orders) {
  struct figures figures = {0};
  for (int round = 0; round < 2; round++) { // first a round to warm up
    figures = (struct figures){0};
    const int64_t start = cpu_ns();
    for (int64_t i = 0; i < orders; i++) {
      if (i % BATCH == 0) wg_arena_reset(bench->book.arena);
      struct routing_assignment subject = {0};
      struct routing_rule *rule = NULL;
      struct routing_step said;
      struct wg_error error = {0};
      rig_must(routing_receive(&subject, &bench->event[i % VARIANTS], (struct wg_bytes){0}, &bench->book, &rule, &said,
                               &error),
               "deciding", &error);
      figures.with_grid += strlen(subject.found.area) == 15;
      figures.led += *subject.department != '\0';
      figures.suggested += *subject.found.suggested_category != '\0';
      if (digest.wanted) digest_decision(&subject);
    }
    figures.ns = (double)(cpu_ns() - start) / (double)(orders ? orders : 1);
  }
  return figures;
}

enum { ROUNDS = 8 };
enum comparing { COMPARED, SUGGESTED, WHOLE };
struct compared {
  double ns;
  size_t bytes;
  int64_t suggestions;
};

// study decides on the order, or has only its text weighed.
static const struct routing_said *study(struct bench *bench, int at, enum comparing how,
                                        struct routing_assignment *subject) {
  struct routing_rule *rule = NULL;
  struct routing_step said;
  struct wg_error error = {0};
  if (how != WHOLE) subject->order = bench->event[at].order;
  else
    rig_must(routing_receive(subject, &bench->event[at], (struct wg_bytes){0}, &bench->book, &rule, &said, &error),
             "deciding", &error);
  return routing_study_said(subject, &bench->book);
}

// measure_merging: CPU of comparing an order with those of its place and grid, `problems` single orders being in
// memory. The place is decided before, but for WHOLE. COMPARED: nothing is similar enough to be suggested.
static struct compared measure_merging(struct bench *bench, int64_t orders, int64_t problems, enum comparing how) {
  struct routing_merging merging = {.index = routing_problem_index_create((size_t)4 << 30),
                                    .config = ROUTING_SIMILAR_DEFAULTS,
                                    .model = bench->book.model,
                                    .gazetteer = bench->book.places->gazetteer,
                                    .work = bench->book.text_work,
                                    .scratch = wg_arena_create(128 << 10)};
  if (how == COMPARED) merging.config.suggest = merging.config.strong = merging.config.unknown = 2;
  struct routing_seen *seen = wg_arena_alloc(bench->arena, VARIANTS * sizeof *seen);
  struct wg_item *items = wg_arena_zalloc(bench->arena, VARIANTS * sizeof *items);
  bench->book.arena = bench->arena;
  for (int i = 0; i < VARIANTS; i++) {
    const struct routing_place *place = routing_study_place(bench->event[i].order, &bench->book);
    routing_seen_of(&seen[i], &bench->event[i], place->place_id, place->grid_code, merging.gazetteer);
    items[i] = (struct wg_item){.kind = WG_ITEM_EVENT, .message = &bench->event[i].base, .traceparent = ""};
  }
  static const char *places[ROUNDS][VARIANTS];
  for (int i = 0; i < VARIANTS; i++)
    for (int round = 0; round < ROUNDS; round++)
      places[round][i] = wg_arena_printf(bench->arena, "%.60s/%d", seen[i].place_id, round);
  struct wg_arena *arena = wg_arena_create(1 << 20);
  struct routing_merges *merges = NULL;
  struct compared figures = {0};
  int64_t start = 0;
  // Buckets hold 32: each round of the same places under names of its own makes the problems many.
  for (int64_t i = 0; i < problems + orders; i++) {
    if (i == problems) start = cpu_ns();
    if (i % BATCH == 0) {
      if (merges && i > problems) figures.suggestions += (int64_t)merges->suggestions;
      if (digest.wanted) digest_suggestions(merges);
      wg_arena_reset(arena);
      bench->book.arena = arena;
      merges = routing_merges_create(&merging, arena, BATCH, 0);
    }
    const int at = (int)(i % VARIANTS);
    struct routing_seen one = seen[at];
    one.order_id = one.problem_id = i + 1;
    if (*one.place_id) one.place_id = one.named[0] = places[i / (VARIANTS * 4) % ROUNDS][at];
    if (i < problems) {
      char key[ROUTING_KEY_BYTES];
      routing_bucket_key(key, one.district, one.place_id, false);
      routing_problem_index_open(merging.index, key);
      routing_bucket_key(key, one.district, one.grid, true);
      routing_problem_index_open(merging.index, key);
    }
    // At no place the same is said twice.
    bench->event[at].order->text = bench->text[((int64_t)at + i / VARIANTS * 1009) % VARIANTS];
    struct routing_assignment subject = {0};
    const struct routing_said *said = study(bench, at, how, &subject);
    routing_merges_receive(merges, NULL, &items[at], &one, said);
  }
  figures.ns = (double)(cpu_ns() - start) / (double)(orders ? orders : 1);
  figures.bytes = routing_problem_index_bytes(merging.index);
  routing_problem_index_destroy(merging.index);
  wg_arena_destroy(merging.scratch);
  wg_arena_destroy(arena);
  return figures;
}

static void give_categories(struct bench *bench, bool given) {
  for (int i = 0; i < VARIANTS; i++)
    bench->event[i].order->category = given ? bench->category[i] : literal("");
}

static void print_deciding(struct bench *bench, int64_t orders) {
  const struct figures with = measure(bench, orders);
  give_categories(bench, false);
  const struct figures without = measure(bench, orders);
  printf("{\"orders\": %lld, \"rules\": %zu, \"grids\": %zu, \"names\": %zu, \"with_grid\": %lld, \"led\": %lld, "
         "\"ns_per_order\": %.0f, \"ns_without_category\": %.0f, \"suggested\": %lld, \"places_build_ms\": %.1f, "
         "\"digest\": \"%016llx\"}\n",
         (long long)orders, routing_rules_count(bench->book.rules),
         routing_net_count(bench->book.places->net, ROUTING_LEVEL_GRID),
         routing_gazetteer_count(bench->book.places->gazetteer), (long long)with.with_grid, (long long)with.led,
         with.ns, without.ns, (long long)without.suggested, bench->places_ms, (unsigned long long)digest.value);
}

static void print_comparing(struct bench *bench, int64_t orders, int64_t problems, bool only_whole) {
  struct compared alone = {0}, all = {0}, given = {0};
  if (!only_whole) {
    alone = measure_merging(bench, orders, problems, COMPARED);
    all = measure_merging(bench, orders, problems, SUGGESTED);
    give_categories(bench, true);
    given = measure_merging(bench, orders, problems, WHOLE);
  }
  give_categories(bench, false);
  const struct compared whole = measure_merging(bench, orders, problems, WHOLE);
  printf("{\"orders\": %lld, \"problems\": %lld, \"comparing_ns_per_order\": %.0f, \"merging_ns_per_order\": %.0f, "
         "\"given_ns_per_order\": %.0f, \"whole_ns_per_order\": %.0f, \"suggestions\": %lld, \"index_mb\": %.1f, "
         "\"digest\": \"%016llx\"}\n",
         (long long)orders, (long long)problems, alone.ns, all.ns, given.ns, whole.ns, (long long)whole.suggestions,
         (double)whole.bytes / 1048576, (unsigned long long)digest.value);
}

int main(int argc, char **argv) {
  const int64_t orders = rig_number(argc, argv, "--orders", 100000), rules = rig_number(argc, argv, "--rules", 2000);
  const char *folder = rig_text(argc, argv, "--reference", NULL), *path = rig_text(argc, argv, "--model", "");
  static struct bench bench;
  bench.arena = wg_arena_create(1 << 20);
  struct wg_error error = {0};
  read_reference(&bench, folder, rules > 0 ? (size_t)rules : 0);
  make_orders(&bench, rig_text(argc, argv, "--texts", ""));
  struct routing_departments *departments = NULL;
  struct routing_model *model = NULL;
  rig_must(routing_departments_build(bench.record, bench.count, &departments, &error), "departments", &error);
  if (*path) rig_must(routing_model_open(path, &model, &error), path, &error);
  const int64_t began = cpu_ns();
  struct routing_places *places = routing_places_make(bench.record, bench.count);
  const double places_ms = (double)(cpu_ns() - began) / 1e6;
  struct routing_rules *made = routing_rules_build(bench.record, bench.count, NULL);
  struct routing_duties *duties = routing_duties_build(bench.record, bench.count);
  struct routing_text_work *work = routing_text_work_create();
  bench.book = (struct routing_rulebook){.rules = made,
                                         .departments = departments,
                                         .duties = duties,
                                         .places = places,
                                         .model = model,
                                         .text_work = work,
                                         .category_confidence = 0.8,
                                         .window = {.working_days = 2},
                                         .now = INT64_C(1774000000000000),
                                         .arena = bench.arena_of_batch = wg_arena_create(1 << 20)};
  bench.places_ms = places_ms;
  digest = (struct digest){rig_number(argc, argv, "--digest", 0) != 0, UINT64_C(14695981039346656037)};
  const bool only_whole = strcmp(rig_text(argc, argv, "--only", ""), "whole") == 0;
  if (!only_whole) print_deciding(&bench, orders);
  const int64_t problems = rig_number(argc, argv, "--problems", 100000);
  if (model && problems > 0) print_comparing(&bench, orders, problems, only_whole);
  wg_arena_destroy(bench.arena_of_batch);
  routing_text_work_destroy(work);
  routing_duties_close(duties);
  routing_rules_close(made);
  routing_places_close(places);
  routing_model_close(model);
  routing_departments_close(departments);
  wg_arena_destroy(bench.arena);
  return 0;
}
