// Real messages, whose place names are coded (A市, A3区): with a gazetteer built from the names that stand in them, how
// many get a place, how many the district they name; and messages that are the same but for the place get different
// places.
//
// Reads messages.csv in the folder that WANGGE_TEST_DATA names, or in ../shared/data; skipped when there is none.
#include "tests/unit/place_fixture.h"

#include "common/base/map.h"
#include "common/base/text.h"
#include "common/csv/csv.h"

#include <unistd.h>

enum { MESSAGES = 8000, LETTERS = 26, DISTRICTS = 100, NAME_CHARACTERS = 9 };

struct message {
  char *id, *title, *text;
};
static struct message messages[MESSAGES];
static size_t message_count;
static struct routing_net *net;
static struct routing_gazetteer *gazetteer;
static struct wg_arena *arena, *answers; // of the messages; of one test

static const char *data_path(void) {
  static char path[512];
  const char *folder = getenv("WANGGE_TEST_DATA");
  snprintf(path, sizeof path, "%s/messages.csv", folder ? folder : WANGGE_SHARE "/../shared/data");
  return access(path, R_OK) == 0 ? path : NULL;
}

static void read_messages(const char *path) {
  struct wg_input input;
  struct wg_csv csv;
  struct wg_error error = {0};
  if (wg_input_open(&input, path, &error) != WG_OK) fail_msg("%s", error.message);
  wg_csv_start(&csv, &input);
  for (enum wg_csv_result result; (result = wg_csv_next(&csv, &error)) != WG_CSV_END;) {
    if (result == WG_CSV_BROKEN || csv.count < 5 || csv.field[0][0] < '0' || csv.field[0][0] > '9') continue;
    assert_true(message_count < MESSAGES);
    messages[message_count++] =
        (struct message){wg_arena_strdup(arena, csv.field[0]), wg_arena_strdup(arena, csv.field[2]),
                         wg_arena_strdup(arena, csv.field[4])};
  }
  wg_csv_stop(&csv);
  wg_input_close(&input);
}

// --- coded names ---

struct coded {
  char code[24]; // "37" letter number; the number is missing for a city
  char name[16]; // as it is written
  size_t size;   // bytes in the text
};

static bool begins(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

// [A-Z]\d*[市区县] at `text`.
static bool read_coded(const char *text, struct coded *coded) {
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
  coded->size = size + 3;
  snprintf(coded->name, sizeof coded->name, "%.*s", (int)coded->size, text);
  if (number) snprintf(coded->code, sizeof coded->code, "37%02d%02d", *text - 'A' + 1, number % DISTRICTS);
  else snprintf(coded->code, sizeof coded->code, "37%02d", *text - 'A' + 1);
  return true;
}

static bool is_word(const char *at) {
  static const char *const words[] = {"的", "了", "在", "是", "有", "和", "我", "不", "请", "为",
                                      "这", "那", "到", "与", "要", "被", "让", "对", "把", "从",
                                      "没", "就", "各", "某", "多", "等", "及", "或"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (begins(at, words[i])) return true;
  return false;
}

// The bytes of the name that begins at `text` and ends with what ends names; 0: none.
static size_t read_name(const char *text, enum routing_place_kind *kind) {
  static const struct {
    const char *end;
    enum routing_place_kind kind;
  } ends[] = {{"小区", ROUTING_PLACE_ESTATE}, {"花园", ROUTING_PLACE_ESTATE}, {"社区", ROUTING_PLACE_ESTATE},
              {"家园", ROUTING_PLACE_ESTATE}, {"大道", ROUTING_PLACE_ROAD},   {"路", ROUTING_PLACE_ROAD},
              {"街道", ROUTING_PLACE_SITE},   {"街", ROUTING_PLACE_ROAD},     {"学院", ROUTING_PLACE_SITE},
              {"大学", ROUTING_PLACE_SITE},   {"学校", ROUTING_PLACE_SITE},   {"小学", ROUTING_PLACE_SITE},
              {"中学", ROUTING_PLACE_SITE},   {"医院", ROUTING_PLACE_SITE},   {"公园", ROUTING_PLACE_SITE},
              {"广场", ROUTING_PLACE_SITE},   {"镇", ROUTING_PLACE_SITE},     {"村", ROUTING_PLACE_SITE},
              {"春天", ROUTING_PLACE_ESTATE}};
  size_t at = 0;
  for (int characters = 0; characters < NAME_CHARACTERS; characters++) {
    if (characters >= 2)
      for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (begins(text + at, ends[i].end)) return *kind = ends[i].kind, at + strlen(ends[i].end);
    // Ideographs only, and none of the words between names.
    if ((uint8_t)text[at] < 0xe4 || (uint8_t)text[at] > 0xe9 || is_word(text + at)) return 0;
    at += 3;
  }
  return 0;
}

// --- the gazetteer of what stands in the messages ---

struct harvest {
  struct routing_net_builder *areas;
  struct wg_map *known; // codes, and names with their codes
  struct coded coded[LETTERS * DISTRICTS * 2];
  size_t coded_count;
  struct {
    char *name, code[24];
    enum routing_place_kind kind;
  } names[20000];
  size_t name_count;
};

static void harvest_coded(struct harvest *harvest, const struct coded *coded) {
  if (wg_map_get(harvest->known, coded->name)) return;
  wg_map_put(harvest->known, coded->name, harvest);
  harvest->coded[harvest->coded_count++] = *coded;
  if (strlen(coded->code) == 6 && !wg_map_get(harvest->known, coded->code)) {
    wg_map_put(harvest->known, coded->code, harvest);
    add_area(harvest->areas, ROUTING_LEVEL_DISTRICT, coded->code, coded->name, NULL, ROUTING_GRID_BASIC);
  }
}

static void harvest_names(struct harvest *harvest, const char *text) {
  struct coded coded;
  for (const char *at = text; *at; at++) {
    if (!read_coded(at, &coded)) continue;
    harvest_coded(harvest, &coded);
    enum routing_place_kind kind;
    const char *name = at + coded.size;
    for (size_t size; (size = read_name(name, &kind)) > 0; name += size) {
      char key[120];
      snprintf(key, sizeof key, "%s%.*s", strlen(coded.code) == 6 ? coded.code : "", (int)size, name);
      if (wg_map_get(harvest->known, key)) continue;
      assert_true(harvest->name_count < 20000);
      wg_map_put(harvest->known, key, harvest);
      harvest->names[harvest->name_count].name = wg_arena_text(arena, (struct wg_bytes){(const uint8_t *)name, size});
      snprintf(harvest->names[harvest->name_count].code, 24, "%s", strlen(coded.code) == 6 ? coded.code : "");
      harvest->names[harvest->name_count++].kind = kind;
    }
  }
}

static void build(void) {
  struct harvest *harvest = wg_zalloc(sizeof *harvest);
  harvest->areas = routing_net_builder_create();
  harvest->known = wg_map_create();
  for (size_t i = 0; i < message_count; i++) {
    harvest_names(harvest, messages[i].title);
    harvest_names(harvest, messages[i].text);
  }
  net = routing_net_seal(harvest->areas);
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  struct wg_error error = {0};
  char id[40];
  for (size_t i = 0; i < harvest->coded_count; i++) {
    const struct coded *coded = &harvest->coded[i];
    snprintf(id, sizeof id, "city-%s", coded->code);
    if (strlen(coded->code) == 4) must_add(builder, (struct spot){id, ROUTING_PLACE_CITY, coded->name, coded->code});
    else if (strcmp(routing_net_find(net, coded->code)->name, coded->name) != 0) // A8区 besides A8县
      assert_int_equal(routing_gazetteer_alias(builder, coded->code, coded->name, &error), WG_OK);
  }
  // A name told with its district says more than the same name told with the city alone.
  struct wg_map *placed = wg_map_create();
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < harvest->name_count; i++) {
      if ((round == 0) != (*harvest->names[i].code != '\0')) continue;
      if (round == 1 && wg_map_get(placed, harvest->names[i].name)) continue;
      wg_map_put(placed, harvest->names[i].name, harvest);
      snprintf(id, sizeof id, "p%zu", i);
      const char *name = harvest->names[i].name, *end = strstr(name, "小区");
      const bool shorter = end && end - name >= 9 && !end[strlen("小区")];
      char *alias =
          shorter ? wg_arena_text(arena, (struct wg_bytes){(const uint8_t *)name, (size_t)(end - name)}) : NULL;
      must_add(builder, (struct spot){id, harvest->names[i].kind, name, harvest->names[i].code, .alias = alias});
    }
  gazetteer = routing_gazetteer_seal(builder);
  printf("gazetteer of %zu coded names and %zu places\n", harvest->coded_count, harvest->name_count);
  wg_map_destroy(placed);
  wg_map_destroy(harvest->known);
  free(harvest);
}

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 20);
  answers = wg_arena_create(1 << 20);
  if (!data_path()) return 0;
  read_messages(data_path());
  build();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  routing_gazetteer_close(gazetteer);
  routing_net_close(net);
  wg_arena_destroy(arena);
  wg_arena_destroy(answers);
  return 0;
}

static void need_data(void) {
  if (gazetteer) return;
  print_message("skipped: no messages.csv (set WANGGE_TEST_DATA to its folder)\n");
  skip();
}

static struct routing_place place_of(const struct message *message) {
  const struct routing_place_query query = {.district = "", .title = message->title, .text = message->text};
  struct routing_place place;
  routing_place_decide(net, gazetteer, &query, answers, &place);
  return place;
}

// Whether a text names the district `code`; *first becomes the first district it names.
static bool names_district(const char *text, const char *code, struct coded *first) {
  struct coded coded;
  bool among = false;
  for (; *text; text++) {
    if (!read_coded(text, &coded) || strlen(coded.code) != 6) continue;
    if (first && !*first->code) *first = coded;
    among = among || strcmp(coded.code, code) == 0;
  }
  return among;
}

static void districts_that_are_named_are_found(void **state) {
  (void)state;
  need_data();
  size_t naming = 0, found = 0, right = 0, first_right = 0, placed = 0, specific = 0;
  for (size_t i = 0; i < message_count; i++) {
    const struct routing_place place = place_of(&messages[i]);
    placed += place.how != ROUTING_HOW_NONE;
    specific += *place.place_id != '\0';
    struct coded first = {0};
    const bool in_title = names_district(messages[i].title, place.district, &first);
    const bool in_text = names_district(messages[i].text, place.district, &first);
    if (!*first.code) continue;
    naming++;
    found += *place.district != '\0';
    right += in_title || in_text;
    first_right += strcmp(first.code, place.district) == 0;
  }
  printf("%zu messages: %zu get a place (%.1f %%), %zu of them a place smaller than a district\n", message_count,
         placed, 100.0 * (double)placed / (double)message_count, specific);
  printf("%zu name a district: %zu get one (%.1f %%), %zu one they name (%.1f %%), %zu the first they name (%.1f %%)\n",
         naming, found, 100.0 * (double)found / (double)naming, right, 100.0 * (double)right / (double)naming,
         first_right, 100.0 * (double)first_right / (double)naming);
  assert_true(naming > 1000);
  assert_true(right * 100 >= naming * 95);
  wg_arena_reset(answers);
}

static const struct message *message_by(const char *id) {
  for (size_t i = 0; i < message_count; i++)
    if (strcmp(messages[i].id, id) == 0) return &messages[i];
  fail_msg("no message %s", id);
  return NULL;
}

// The texts of each pair are nearly the same; nothing but the place keeps them from being merged.
static void same_texts_about_different_places_get_different_places(void **state) {
  (void)state;
  need_data();
  static const char *const pairs[][2] = {{"360111", "262477"}, {"360105", "233931"}, {"360112", "255719"}};
  for (size_t i = 0; i < 3; i++) {
    const struct routing_place a = place_of(message_by(pairs[i][0])), b = place_of(message_by(pairs[i][1]));
    printf("%s: %s | %s: %s\n", pairs[i][0], a.evidence, pairs[i][1], b.evidence);
    if (!*a.place_id || !*b.place_id || strcmp(a.place_id, b.place_id) == 0)
      fail_msg("%s and %s: places \"%s\" and \"%s\"", pairs[i][0], pairs[i][1], a.place_id, b.place_id);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(districts_that_are_named_are_found),
      cmocka_unit_test(same_texts_about_different_places_get_different_places),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
