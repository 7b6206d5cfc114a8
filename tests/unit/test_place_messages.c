// Real messages, whose place names are coded (A市, A3区): with a gazetteer built from the names that stand in them, how
// many get a place, how many the district they name; the same held out, learned from one half and found in the other;
// and messages that are the same but for the place get different places.
//
// Reads messages.csv in the folder that WANGGE_TEST_DATA names, or in ../shared/data; skipped when there is none.
#include "tests/unit/place_harvest.h"

#include "common/base/text.h"
#include "common/csv/csv.h"

#include <unistd.h>

enum { MESSAGES = 8000 };

static struct harvest_text messages[MESSAGES];
static const char *ids[MESSAGES];
static size_t message_count;
static struct harvested all;             // learned from all messages
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
    ids[message_count] = wg_arena_strdup(arena, csv.field[0]);
    messages[message_count++] =
        (struct harvest_text){wg_arena_strdup(arena, csv.field[2]), wg_arena_strdup(arena, csv.field[4])};
  }
  wg_csv_stop(&csv);
  wg_input_close(&input);
}

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 20);
  answers = wg_arena_create(1 << 20);
  if (!data_path()) return 0;
  read_messages(data_path());
  all = harvest_build(messages, message_count, 0, 0, arena);
  printf("gazetteer of %zu coded names and %zu places\n", all.codes, all.places);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  harvest_close(&all);
  wg_arena_destroy(arena);
  wg_arena_destroy(answers);
  return 0;
}

static void need_data(void) {
  if (all.gazetteer) return;
  print_message("skipped: no messages.csv (set WANGGE_TEST_DATA to its folder)\n");
  skip();
}

static struct routing_place place_of(const struct harvest_text *message) {
  const struct routing_place_query query = {.district = "", .title = message->title, .text = message->text};
  struct routing_place place;
  routing_place_decide(all.net, all.gazetteer, &query, answers, &place);
  return place;
}

// Whether a text names the district `code`; *first becomes the first district it names.
static bool names_district(const char *text, const char *code, struct harvest_coded *first) {
  struct harvest_coded coded;
  bool among = false;
  for (; *text; text++) {
    if (!harvest_coded(text, &coded) || strlen(coded.code) != 6) continue;
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
    struct harvest_coded first = {0};
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

// blind writes the text with each coded name made a comma, so that nothing but the names of places tells the district;
// *first becomes the first district that was named.
static const char *blind(const char *text, struct harvest_coded *first) {
  char *made = wg_arena_alloc(answers, strlen(text) + 1), *end = made;
  struct harvest_coded coded;
  while (*text) {
    if (!harvest_coded(text, &coded)) {
      *end++ = *text++;
      continue;
    }
    if (strlen(coded.code) == 6 && !*first->code) *first = coded;
    text += coded.size;
    *end++ = ',';
  }
  *end = '\0';
  return made;
}

// With a gazetteer that is learned from one half of the messages, the places of the other half; each place must lie in
// the district that its message names, which is hidden from the decision.
static void places_learned_from_one_half_are_found_in_the_other(void **state) {
  (void)state;
  need_data();
  size_t placed = 0, checked = 0, right = 0;
  for (size_t half = 0; half < 2; half++) {
    struct harvested other = harvest_build(messages, message_count, 2, half, arena);
    for (size_t i = half; i < message_count; i += 2) {
      struct harvest_coded first = {0};
      const char *title = blind(messages[i].title, &first), *text = blind(messages[i].text, &first);
      const struct routing_place_query query = {.district = "", .title = title, .text = text};
      struct routing_place place;
      routing_place_decide(other.net, other.gazetteer, &query, answers, &place);
      placed += *place.place_id != '\0';
      if (!*place.place_id || !*place.district || !*first.code) continue;
      checked++;
      right += strcmp(place.district, first.code) == 0;
    }
    harvest_close(&other);
    wg_arena_reset(answers);
  }
  printf(
      "learned from one half, found in the other: %zu of %zu messages get a place (%.1f %%); of %zu whose district can "
      "be checked %zu lie in it (%.1f %%)\n",
      placed, message_count, 100.0 * (double)placed / (double)message_count, checked, right,
      100.0 * (double)right / (double)checked);
  assert_true(placed * 100 >= message_count * 47);
  assert_true(right * 100 >= checked * 90);
}

static const struct harvest_text *message_by(const char *id) {
  for (size_t i = 0; i < message_count; i++)
    if (strcmp(ids[i], id) == 0) return &messages[i];
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
      cmocka_unit_test(places_learned_from_one_half_are_found_in_the_other),
      cmocka_unit_test(same_texts_about_different_places_get_different_places),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
