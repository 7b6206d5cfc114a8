// bench-rules: what finding the rule of an order costs, alone on one thread.
//
//   bench-rules [--orders 1000000] [--rules 2000]
//
// A tree of 10 × 10 × 5 categories. The rules are as in a district's catalogue: half name a category alone, the others
// also an area, a place, words of the address, a time of day, urgency, channel or season; and as the worst case all of
// them stand in one category and look for words of the address. Prints nanoseconds of CPU per order: to find the rule
// (`match`), to find it and write its evidence (`evidence`), the worst case (`worst`); and what it takes to build and
// check the catalogue.
#include "tests/bench/rig.h"

#include "common/base/arena.h"
#include "services/routing/rules.h"

#include <stdio.h>
#include <time.h>

enum { TOPS = 10, MIDDLES = 10, LEAVES = 5, VARIANTS = 1024, RECORDS_MOST = 40000 };

struct catalogue {
  struct wg_arena *arena;
  const Wangge__V1__Record *record[RECORDS_MOST];
  size_t count;
  char *leaf[TOPS * MIDDLES * LEAVES];
};

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

static Wangge__V1__Record *add(struct catalogue *catalogue, const char *code, Wangge__V1__Record__BodyCase body_case) {
  Wangge__V1__Record *record = wg_arena_alloc(catalogue->arena, sizeof *record);
  wangge__v1__record__init(record);
  record->district = literal("370117");
  record->code = literal(code);
  record->body_case = body_case;
  if (catalogue->count == RECORDS_MOST) rig_die("more than %d records", RECORDS_MOST);
  catalogue->record[catalogue->count++] = record;
  return record;
}

static void add_category(struct catalogue *catalogue, char *path, bool duty) {
  Wangge__V1__Category *body = wg_arena_alloc(catalogue->arena, sizeof *body);
  wangge__v1__category__init(body);
  body->path = path;
  body->department_duty = duty;
  add(catalogue, path, WANGGE__V1__RECORD__BODY_CATEGORY)->category = body;
}

static Wangge__V1__DispatchRule *add_rule(struct catalogue *catalogue, int32_t rank, char *category) {
  Wangge__V1__DispatchRule *body = wg_arena_alloc(catalogue->arena, sizeof *body);
  wangge__v1__dispatch_rule__init(body);
  body->rank = rank;
  body->category_prefix = category;
  body->lead = literal("water");
  add(catalogue, wg_arena_printf(catalogue->arena, "R%06d", rank), WANGGE__V1__RECORD__BODY_DISPATCH_RULE)
      ->dispatch_rule = body;
  return body;
}

static void make_tree(struct catalogue *catalogue) {
  Wangge__V1__Department *water = wg_arena_alloc(catalogue->arena, sizeof *water);
  wangge__v1__department__init(water);
  add(catalogue, "water", WANGGE__V1__RECORD__BODY_DEPARTMENT)->department = water;
  for (int i = 0; i < TOPS * MIDDLES * LEAVES; i++) {
    catalogue->leaf[i] = wg_arena_printf(catalogue->arena, "一级分类%d/二级分类%d/三级分类%d", i / (MIDDLES * LEAVES),
                                         i / LEAVES % MIDDLES, i % LEAVES);
    add_category(catalogue, catalogue->leaf[i], i % 3 == 0);
  }
}

// Conditions come before the plain rule of the same category, as they must.
static void make_rules(struct catalogue *catalogue, int64_t rules, bool worst) {
  uint64_t seed = 20260315;
  struct wg_arena *arena = catalogue->arena;
  for (int64_t i = 0; i < rules; i++) {
    const uint32_t dice = step(&seed), leaf = step(&seed) % (TOPS * MIDDLES * LEAVES);
    Wangge__V1__DispatchRule *rule =
        add_rule(catalogue, (int32_t)i + 1, worst ? literal("一级分类0") : catalogue->leaf[leaf]);
    if (worst) rule->place_text = wg_arena_printf(arena, "第%lld号院", (long long)i + 1000);
    if (worst || i >= rules / 2) continue; // plain
    switch (dice % 8) {
    case 0:
      rule->area = wg_arena_printf(arena, "370117001%03u", step(&seed) % 22 + 1);
      break;
    case 1:
      rule->area = wg_arena_printf(arena, "370117001%03u%03u", step(&seed) % 22 + 1, step(&seed) % 5 + 1);
      break;
    case 2:
      rule->area = wg_arena_printf(arena, "estate-%u", step(&seed) % 300);
      break;
    case 3:
      rule->place_text = wg_arena_printf(arena, "%u号楼", step(&seed) % 100);
      break;
    case 4:
      rule->from_minute = 1320, rule->to_minute = 360;
      break;
    case 5:
      rule->urgency = WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT, rule->lead = literal("grid");
      break;
    case 6:
      rule->channel = WANGGE__V1__CHANNEL__CHANNEL_PATROL_VISIT;
      break;
    default:
      rule->valid_from = literal("2026-11-15"), rule->valid_to = literal("2027-03-15");
      break;
    }
  }
}

struct sample {
  Wangge__V1__Order order;
  struct routing_rule_input input;
};

static void make_samples(struct sample *samples, const struct catalogue *catalogue, struct wg_arena *arena) {
  uint64_t seed = 7;
  for (int i = 0; i < VARIANTS; i++) {
    Wangge__V1__Order *order = &samples[i].order;
    wangge__v1__order__init(order);
    order->district = literal("370117");
    order->source = literal("hotline-12345");
    order->category = catalogue->leaf[step(&seed) % (TOPS * MIDDLES * LEAVES)];
    order->channel = (Wangge__V1__Channel)(step(&seed) % 4 + 1);
    order->kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP;
    order->urgency = (Wangge__V1__Urgency)(step(&seed) % 3 + 1);
    order->received_at = INT64_C(1774000000000000) + (int64_t)step(&seed) * 10000;
    order->grid_code = wg_arena_printf(arena, "370117001%03u%03u", step(&seed) % 22 + 1, step(&seed) % 5 + 1);
    order->address =
        wg_arena_printf(arena, "钢城区艾山街道钢都大街%u号桃源小区%u号楼三单元", step(&seed) % 300, step(&seed) % 100);
    samples[i].input = routing_rule_input_make(order, NULL);
    samples[i].input.places[samples[i].input.place_count++] = wg_arena_printf(arena, "estate-%u", step(&seed) % 300);
  }
}

struct figures {
  double match, evidence, build_ms;
  int64_t found;
};

static struct figures measure(int64_t rules, bool worst, int64_t orders) {
  static struct catalogue catalogue;
  static struct sample samples[VARIANTS];
  catalogue = (struct catalogue){.arena = wg_arena_create(1 << 20)};
  make_tree(&catalogue);
  make_rules(&catalogue, rules, worst);
  struct figures figures = {0};
  int64_t start = cpu_ns();
  struct routing_rules *made = routing_rules_build(catalogue.record, catalogue.count, NULL);
  figures.build_ms = (double)(cpu_ns() - start) / 1e6;
  make_samples(samples, &catalogue, catalogue.arena);
  for (int i = 0; worst && i < VARIANTS; i++)
    samples[i].input.category = catalogue.leaf[0];
  struct wg_arena *arena = wg_arena_create(1 << 20);
  struct routing_ruling ruling;
  const double n = orders ? (double)orders : 1;
  for (int round = 0; round < 2; round++) { // first a round to warm up
    figures.found = 0;
    start = cpu_ns();
    for (int64_t i = 0; i < orders; i++) {
      routing_rules_match(made, &samples[i % VARIANTS].input, &ruling);
      figures.found += ruling.rule != NULL;
    }
    figures.match = (double)(cpu_ns() - start) / n;
    start = cpu_ns();
    for (int64_t i = 0; i < orders; i++) {
      if (i % 500 == 0) wg_arena_reset(arena); // as the batches of routing
      routing_rules_match(made, &samples[i % VARIANTS].input, &ruling);
      routing_ruling_evidence(&ruling, &samples[i % VARIANTS].input, arena);
    }
    figures.evidence = (double)(cpu_ns() - start) / n;
  }
  wg_arena_destroy(arena);
  routing_rules_close(made);
  wg_arena_destroy(catalogue.arena);
  return figures;
}

int main(int argc, char **argv) {
  const int64_t orders = rig_number(argc, argv, "--orders", 1000000), rules = rig_number(argc, argv, "--rules", 2000);
  const struct figures usual = measure(rules, false, orders), worst = measure(rules, true, orders / 10);
  printf("{\"orders\": %lld, \"rules\": %lld, \"with_rule\": %lld, \"match_ns\": %.0f, \"evidence_ns\": %.0f, "
         "\"worst_ns\": %.0f, \"build_ms\": %.1f, \"worst_build_ms\": %.1f}\n",
         (long long)orders, (long long)rules, (long long)usual.found, usual.match, usual.evidence, worst.match,
         usual.build_ms, worst.build_ms);
  return 0;
}
