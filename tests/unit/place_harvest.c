// See place_harvest.h.
#include "tests/unit/place_harvest.h"

#include "common/base/map.h"
#include "services/routing/place/variants.h"

#include <utf8proc.h>

enum { LETTERS = 26, DISTRICTS = 100, NAME_CHARACTERS = 9, NAMES = 20000, VOTES = 6, CHARACTER = 3 };
#define NOBODY UINT32_MAX

static bool begins(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

bool harvest_coded(const char *text, struct harvest_coded *coded) {
  if (*text < 'A' || *text > 'Z') return false;
  size_t size = 1;
  int number = 0;
  for (; text[size] >= '0' && text[size] <= '9' && size < 3; size++)
    number = number * 10 + text[size] - '0';
  const char *const kinds[] = {"市", "区", "县"};
  size_t kind = 0;
  while (kind < 3 && !begins(text + size, kinds[kind]))
    kind++;
  if (kind == 3 || (number == 0) != (kind == 0)) return false;
  coded->size = size + CHARACTER;
  snprintf(coded->name, sizeof coded->name, "%.*s", (int)coded->size, text);
  if (number) snprintf(coded->code, sizeof coded->code, "37%02d%02d", *text - 'A' + 1, number % DISTRICTS);
  else snprintf(coded->code, sizeof coded->code, "37%02d", *text - 'A' + 1);
  return true;
}

// --- names ---
static bool is_word(const char *at) {
  static const char *const words[] = {"的", "了", "在", "是", "有", "和", "我", "不", "请", "为",
                                      "这", "那", "到", "与", "要", "被", "让", "对", "把", "从",
                                      "没", "就", "各", "某", "多", "等", "及", "或"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (begins(at, words[i])) return true;
  return false;
}

struct ending {
  const char *end;
  enum routing_place_kind kind;
  bool sure; // else a name is one only when it is told twice
};
static const struct ending ENDINGS[] = {
    {"小区", ROUTING_PLACE_ESTATE, true}, {"花园", ROUTING_PLACE_ESTATE, true}, {"社区", ROUTING_PLACE_ESTATE, true},
    {"家园", ROUTING_PLACE_ESTATE, true}, {"新村", ROUTING_PLACE_ESTATE, true}, {"公寓", ROUTING_PLACE_ESTATE, true},
    {"山庄", ROUTING_PLACE_ESTATE, true}, {"公馆", ROUTING_PLACE_ESTATE, true}, {"新城", ROUTING_PLACE_ESTATE, true},
    {"大道", ROUTING_PLACE_ROAD, true},   {"路", ROUTING_PLACE_ROAD, true},     {"街道", ROUTING_PLACE_SITE, true},
    {"街", ROUTING_PLACE_ROAD, true},     {"学院", ROUTING_PLACE_SITE, true},   {"大学", ROUTING_PLACE_SITE, true},
    {"学校", ROUTING_PLACE_SITE, true},   {"小学", ROUTING_PLACE_SITE, true},   {"中学", ROUTING_PLACE_SITE, true},
    {"幼儿园", ROUTING_PLACE_SITE, true}, {"医院", ROUTING_PLACE_SITE, true},   {"公园", ROUTING_PLACE_SITE, true},
    {"广场", ROUTING_PLACE_SITE, true},   {"大厦", ROUTING_PLACE_SITE, true},   {"市场", ROUTING_PLACE_SITE, true},
    {"镇", ROUTING_PLACE_SITE, true},     {"村", ROUTING_PLACE_SITE, true},     {"苑", ROUTING_PLACE_ESTATE, false},
    {"园", ROUTING_PLACE_ESTATE, false},  {"城", ROUTING_PLACE_ESTATE, false},  {"湾", ROUTING_PLACE_ESTATE, false},
    {"轩", ROUTING_PLACE_ESTATE, false},  {"府邸", ROUTING_PLACE_ESTATE, true}, {"华府", ROUTING_PLACE_ESTATE, true},
    {"里", ROUTING_PLACE_ESTATE, false},  {"郡", ROUTING_PLACE_ESTATE, false},  {"庭", ROUTING_PLACE_ESTATE, false},
};

static const struct ending IN_ESTATE = {"", ROUTING_PLACE_ESTATE, false}; // 伊景园滨河苑: a part of an estate

static const struct ending *ending_at(const char *text) {
  const struct ending *longest = NULL;
  for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++)
    if (begins(text, ENDINGS[i].end) && (!longest || strlen(ENDINGS[i].end) > strlen(longest->end)))
      longest = &ENDINGS[i];
  return longest;
}

// Whether the name says which one: 周边小区, 二期小区 do not.
static bool tells(const char *name, size_t size) {
  static const char *const anywhere[] = {"周边", "附近", "旁边", "对面", "保障", "住房", "高档", "老旧",
                                         "封闭", "开放", "整个", "全市", "全区", "农村", "乡村", "所在"};
  for (size_t i = 0; i < sizeof anywhere / sizeof *anywhere; i++)
    if (begins(name, anywhere[i])) return false;
  uint32_t codes[ROUTING_NAME_SIZE];
  return routing_name_tells(codes,
                            routing_fold((struct wg_bytes){(const uint8_t *)name, size}, codes, ROUTING_NAME_SIZE));
}

// The bytes of the name that begins at `text`; 0: none does.
static size_t read_name(const char *text, const struct ending **ending) {
  size_t at = 0;
  for (int characters = 0; characters < NAME_CHARACTERS; characters++) {
    const struct ending *found = characters >= 2 ? ending_at(text + at) : NULL;
    if (found) {
      *ending = found;
      at += strlen(found->end);
      return at;
    }
    // Ideographs only, and none of the words between names.
    if ((uint8_t)text[at] < 0xe4 || (uint8_t)text[at] > 0xe9 || is_word(text + at)) return 0;
    at += CHARACTER;
  }
  return 0;
}

// --- what is learned ---
struct learned {
  char *name;
  const struct ending *ending;
  int told, votes_count;
  uint32_t within, behind; // the larger estate it lies in, NOBODY: none; how often it was told right behind it
  uint32_t same_as;        // another of the same place, itself when it is the one that is added
  struct {
    char code[24];
    int votes;
  } votes[VOTES]; // by district
};

struct harvest {
  struct wg_arena *arena;
  struct routing_net_builder *areas;
  struct wg_map *known; // codes, and coded names
  struct wg_map *by_name;
  struct harvest_coded coded[LETTERS * DISTRICTS * 2];
  size_t coded_count;
  struct learned learned[NAMES];
  size_t count;
};

static void learn_coded(struct harvest *harvest, const struct harvest_coded *coded) {
  if (wg_map_get(harvest->known, coded->name)) return;
  wg_map_put(harvest->known, coded->name, harvest);
  harvest->coded[harvest->coded_count++] = *coded;
  if (strlen(coded->code) != 6 || wg_map_get(harvest->known, coded->code)) return;
  wg_map_put(harvest->known, coded->code, harvest);
  add_area(harvest->areas, ROUTING_LEVEL_DISTRICT, coded->code, coded->name, NULL, ROUTING_GRID_BASIC);
}

static void learn_name(struct harvest *harvest, const char *text, size_t size, const struct ending *ending,
                       const char *district) {
  if (!tells(text, size)) return;
  char *name = wg_arena_text(harvest->arena, (struct wg_bytes){(const uint8_t *)text, size});
  struct learned *learned = wg_map_get(harvest->by_name, name);
  if (!learned) {
    assert_true(harvest->count < NAMES);
    learned = &harvest->learned[harvest->count++];
    *learned =
        (struct learned){.name = name, .ending = ending, .within = NOBODY, .same_as = (uint32_t)harvest->count - 1};
    wg_map_put(harvest->by_name, name, learned);
  }
  learned->told++;
  if (strlen(district) != 6) return;
  int at = 0;
  while (at < learned->votes_count && strcmp(learned->votes[at].code, district) != 0)
    at++;
  if (at == VOTES) return;
  if (at == learned->votes_count) snprintf(learned->votes[learned->votes_count++].code, 24, "%s", district);
  learned->votes[at].votes++;
}

static void learn(struct harvest *harvest, const char *text) {
  struct harvest_coded coded;
  for (const char *at = text; *at; at++) {
    if (!harvest_coded(at, &coded)) continue;
    learn_coded(harvest, &coded);
    const struct ending *ending;
    const char *name = at + coded.size, *estate = NULL; // estate: the name before is one
    for (size_t size; (size = read_name(name, &ending)) > 0; name += size) {
      learn_name(harvest, name, size, ending, coded.code);
      if (ending->kind != ROUTING_PLACE_ESTATE) estate = NULL;
      else {
        if (estate) learn_name(harvest, estate, (size_t)(name - estate) + size, &IN_ESTATE, coded.code);
        estate = name;
      }
    }
  }
}

// --- the gazetteer ---
static void place_id(char id[48], size_t index, const char *code) {
  snprintf(id, 48, "p%zu%s%s", index, *code ? "-" : "", code);
}

static int most_votes(const struct learned *learned, int but) {
  int most = -1;
  for (int i = 0; i < learned->votes_count; i++)
    if (i != but && (most < 0 || learned->votes[i].votes > learned->votes[most].votes)) most = i;
  return most;
}

static const char *first_code(const struct learned *learned) {
  const int first = most_votes(learned, -1);
  return first < 0 ? "" : learned->votes[first].code;
}

static void add_place(const struct harvest *harvest, struct routing_gazetteer_builder *builder,
                      const struct learned *learned, size_t index, const char *code) {
  char id[48];
  place_id(id, index, code);
  struct wg_error error = {0};
  char parent[48] = "";
  if (learned->within != NOBODY) place_id(parent, learned->within, first_code(&harvest->learned[learned->within]));
  const struct spot spot = {id, learned->ending->kind, learned->name, code, .parent = parent};
  if (add_spot(builder, spot, &error) != WG_OK) assert_string_equal(error.field, "name"); // 第一小学 and the like
}

// --- several names of one place ---
static uint32_t root_of(const struct harvest *harvest, uint32_t index) {
  while (harvest->learned[index].same_as != index)
    index = harvest->learned[index].same_as;
  return index;
}

static bool one_district(const struct learned *a, const struct learned *b) {
  const int of_a = most_votes(a, -1), of_b = most_votes(b, -1);
  return of_a < 0 || of_b < 0 || strcmp(a->votes[of_a].code, b->votes[of_b].code) == 0;
}

static bool is_told(const struct learned *learned) {
  enum { TWICE = 2 };
  return learned->ending->sure || learned->told >= TWICE;
}

static struct learned *learned_as(const struct harvest *harvest, const struct routing_variant *variant) {
  char name[ROUTING_NAME_SIZE * 4 + 1], *end = name;
  for (size_t i = 0; i < variant->size; i++)
    end += utf8proc_encode_char((utf8proc_int32_t)variant->codes[i], (utf8proc_uint8_t *)end);
  *end = '\0';
  return wg_map_get(harvest->by_name, name);
}

static void join(struct harvest *harvest, uint32_t one, uint32_t other) {
  const uint32_t a = root_of(harvest, one), b = root_of(harvest, other);
  if (harvest->learned[a].told >= harvest->learned[b].told) harvest->learned[b].same_as = a;
  else harvest->learned[a].same_as = b;
}

// A name that is another form of a learned one is the same place: 魅力之城小区, 万科魅力之城, 魅力之城.
static void unite(struct harvest *harvest) {
  struct routing_variant variants[ROUTING_VARIANTS];
  for (uint32_t i = 0; i < harvest->count; i++) {
    const struct learned *learned = &harvest->learned[i];
    uint32_t codes[ROUTING_NAME_SIZE];
    if (!is_told(learned)) continue;
    const size_t size = routing_fold(wg_bytes_of(learned->name), codes, ROUTING_NAME_SIZE);
    const size_t count = routing_variants(codes, size, learned->ending->kind, NULL, 0, variants);
    for (size_t v = 0; v < count; v++) {
      const struct learned *other = learned_as(harvest, &variants[v]);
      if (!other || !is_told(other) || (variants[v].form & ROUTING_FORM_PHASE) || !one_district(learned, other))
        continue;
      join(harvest, i, (uint32_t)(other - harvest->learned));
    }
  }
}

// A name that only one longer one ends with is what people call it for short: 涉外经济学院, 经济学院.
static void unite_tails(struct harvest *harvest) {
  enum { LEAST = 4 * CHARACTER };
  for (uint32_t i = 0; i < harvest->count; i++) {
    const struct learned *shorter = &harvest->learned[i];
    const size_t size = strlen(shorter->name);
    uint32_t only = i, count = 0;
    if (!is_told(shorter) || size < LEAST || shorter->ending->kind == ROUTING_PLACE_ROAD) continue;
    for (uint32_t k = 0; k < harvest->count; k++) {
      const struct learned *longer = &harvest->learned[k];
      const size_t all = strlen(longer->name);
      if (all <= size || !is_told(longer) || strcmp(longer->name + all - size, shorter->name) != 0) continue;
      only = k;
      count++;
    }
    if (count == 1 && one_district(shorter, &harvest->learned[only])) join(harvest, i, only);
  }
}

static void add_aliases(const struct harvest *harvest, struct routing_gazetteer_builder *builder) {
  for (uint32_t i = 0; i < harvest->count; i++) {
    const uint32_t root = root_of(harvest, i);
    if (root == i || !is_told(&harvest->learned[i])) continue;
    char id[48];
    struct wg_error error = {0};
    place_id(id, root, first_code(&harvest->learned[root]));
    assert_int_equal(routing_gazetteer_alias(builder, id, harvest->learned[i].name, &error), WG_OK);
  }
}

static void add_learned(struct harvest *harvest, struct routing_gazetteer_builder *builder) {
  enum { RARE = 3 };
  for (size_t i = 0; i < harvest->count; i++) {
    const struct learned *learned = &harvest->learned[i];
    if (learned->same_as != i || !is_told(learned)) continue;
    const int first = most_votes(learned, -1), second = most_votes(learned, first);
    add_place(harvest, builder, learned, i, first_code(learned));
    if (second >= 0 && learned->votes[second].votes * RARE > learned->votes[first].votes)
      add_place(harvest, builder, learned, i, learned->votes[second].code);
  }
}

static void add_coded(struct harvest *harvest, const struct routing_net *net,
                      struct routing_gazetteer_builder *builder) {
  struct wg_error error = {0};
  for (size_t i = 0; i < harvest->coded_count; i++) {
    const struct harvest_coded *coded = &harvest->coded[i];
    char id[40];
    snprintf(id, sizeof id, "city-%s", coded->code);
    if (strlen(coded->code) == 4) must_add(builder, (struct spot){id, ROUTING_PLACE_CITY, coded->name, coded->code});
    else if (strcmp(routing_net_find(net, coded->code)->name, coded->name) != 0) // A8区 besides A8县
      assert_int_equal(routing_gazetteer_alias(builder, coded->code, coded->name, &error), WG_OK);
  }
}

// --- estates in larger ones ---
static uint32_t estate_of(const struct harvest *harvest, const struct routing_gazetteer *gazetteer, uint32_t name) {
  size_t owners;
  const struct routing_entry *entry =
      routing_gazetteer_entry(gazetteer, *routing_gazetteer_owners(gazetteer, name, &owners));
  if (entry->kind != ROUTING_PLACE_ESTATE) return NOBODY;
  return root_of(harvest, (uint32_t)strtoul(entry->place_id + 1, NULL, 10));
}

// An address goes from the large to the small: 武广新城伊景园.
static void learn_parts(struct harvest *harvest, const struct routing_gazetteer *gazetteer, const char *text) {
  enum { CODES = 16384 };
  uint32_t codes[CODES];
  struct routing_hit hits[ROUTING_HITS];
  const size_t count = routing_fold(wg_bytes_of(text), codes, CODES);
  const size_t found = routing_gazetteer_find(gazetteer, codes, count, hits, ROUTING_HITS);
  for (size_t i = 1; i < found; i++) {
    const uint32_t large = estate_of(harvest, gazetteer, hits[i - 1].name),
                   small = estate_of(harvest, gazetteer, hits[i].name);
    if (large == NOBODY || small == NOBODY || large == small || hits[i - 1].start + hits[i - 1].size != hits[i].start)
      continue;
    struct learned *part = &harvest->learned[small];
    if (part->within == large) part->behind++;
    else if (part->behind == 0 || part->within == NOBODY) part->within = large, part->behind = 1;
    else part->behind--; // of several the one most tell
  }
}

static void keep_sure_parts(struct harvest *harvest) {
  enum { TWICE = 2 };
  for (uint32_t i = 0; i < harvest->count; i++) {
    struct learned *part = &harvest->learned[i];
    if (part->within == NOBODY) continue;
    const struct learned *whole = &harvest->learned[part->within];
    if (part->behind < TWICE || whole->within == i || !one_district(part, whole)) part->within = NOBODY;
  }
}

static struct routing_gazetteer *gazetteer_of(struct harvest *harvest, const struct routing_net *net) {
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  add_coded(harvest, net, builder);
  add_learned(harvest, builder);
  add_aliases(harvest, builder);
  return routing_gazetteer_seal(builder);
}

struct harvested harvest_build(const struct harvest_text *texts, size_t count, size_t modulo, size_t leave,
                               struct wg_arena *arena) {
  struct harvest *harvest = wg_zalloc(sizeof *harvest);
  harvest->arena = arena;
  harvest->areas = routing_net_builder_create();
  harvest->known = wg_map_create();
  harvest->by_name = wg_map_create();
  for (size_t i = 0; i < count; i++) {
    if (modulo && i % modulo == leave) continue;
    learn(harvest, texts[i].title);
    learn(harvest, texts[i].text);
  }
  unite(harvest);
  unite_tails(harvest);
  struct harvested made = {.net = routing_net_seal(harvest->areas)};
  made.gazetteer = gazetteer_of(harvest, made.net);
  for (size_t i = 0; i < count; i++) {
    if (modulo && i % modulo == leave) continue;
    learn_parts(harvest, made.gazetteer, texts[i].title);
    learn_parts(harvest, made.gazetteer, texts[i].text);
  }
  keep_sure_parts(harvest);
  routing_gazetteer_close(made.gazetteer);
  made.gazetteer = gazetteer_of(harvest, made.net);
  made.codes = harvest->coded_count;
  made.places = routing_gazetteer_count(made.gazetteer) - harvest->coded_count;
  wg_map_destroy(harvest->known);
  wg_map_destroy(harvest->by_name);
  free(harvest);
  return made;
}

void harvest_close(struct harvested *harvested) {
  routing_gazetteer_close(harvested->gazetteer);
  routing_net_close(harvested->net);
}
