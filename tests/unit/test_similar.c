// Which orders become one problem: place before text, and a machine alone only where nothing can go wrong.
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/routing/text/similar.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit/text_fixture.h"

enum { PERSON = 77 };
static const int64_t NOW = INT64_C(1700000000) * WG_SECOND_US;

struct kit {
  struct wg_arena *arena;
  struct routing_text_work *work;
  struct routing_model *model;
  struct routing_similar_config config;
  struct routing_text text[2];
  struct routing_similar_order order;
  struct routing_similar_member member[8];
  struct routing_similar_problem problem;
};

static struct routing_vector vectorise(struct kit *kit, const char *body, struct routing_text *text) {
  struct wg_error error = {0};
  struct routing_vector vector;
  assert_int_equal(routing_text_normalise(wg_bytes_of(""), wg_bytes_of(body), kit->work, kit->arena, text, &error),
                   WG_OK);
  routing_vector_make(text, kit->model->idf, kit->work, kit->arena, &vector);
  return vector;
}

static void set_order(struct kit *kit, const char *body) {
  const struct routing_vector vector = vectorise(kit, body, &kit->text[0]);
  kit->order.text = &kit->text[0];
  kit->order.probe = routing_probe_make(&vector, kit->arena);
}

static void add_member(struct kit *kit, const char *body) {
  struct routing_similar_member *member = &kit->member[kit->problem.count++];
  struct wg_error error = {0};
  const struct routing_vector vector = vectorise(kit, body, &kit->text[1]);
  assert_int_equal(routing_packed_open(routing_vector_pack(&vector, kit->arena), &member->vector, &error), WG_OK);
  member->text = kit->text[1].hash;
  member->person = 5;
}

// The order and the problem's one member speak alike, of one estate, by different people.
static int open_kit(void **state) {
  struct kit *kit = wg_zalloc(sizeof *kit);
  kit->arena = wg_arena_create(4096);
  kit->work = routing_text_work_create();
  kit->model = text_fixture_train();
  kit->config = ROUTING_SIMILAR_DEFAULTS;
  const struct routing_where where = {.district = "370117", .place_id = "estate-a"};
  kit->order = (struct routing_similar_order){.where = where, .person = PERSON, .category = "供水", .at = NOW};
  kit->problem = (struct routing_similar_problem){
      .id = 1, .members = kit->member, .where = where, .category = "供水", .last = NOW - WG_DAY_US};
  set_order(kit, "小区停水三天没有人修理");
  add_member(kit, "小区停水三天，没有人修理水管");
  *state = kit;
  return 0;
}

static int close_kit(void **state) {
  struct kit *kit = *state;
  wg_arena_destroy(kit->arena);
  routing_text_work_destroy(kit->work);
  routing_model_close(kit->model);
  free(kit);
  return 0;
}

static struct routing_similar compare(struct kit *kit) {
  return routing_similar_compare(&kit->order, &kit->problem, &kit->config);
}

static enum routing_similar_level level(struct kit *kit) {
  return compare(kit).level;
}

static void alike_texts_of_one_place_are_shown_to_a_person_only(void **state) {
  struct kit *kit = *state;
  assert_true(compare(kit).score > 0.7f);
  assert_int_equal(level(kit), ROUTING_STRONG);
  kit->config.strong = 0.99f;
  assert_int_equal(level(kit), ROUTING_SUGGEST);
  kit->config.suggest = 0.99f;
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
}

static void the_same_text_of_the_same_person_merges_alone(void **state) {
  struct kit *kit = *state;
  set_order(kit, "您好！小区停水三天，没有人修理水管。谢谢");
  assert_int_equal(level(kit), ROUTING_STRONG); // another person
  kit->member[0].person = PERSON;
  const struct routing_similar similar = compare(kit);
  assert_int_equal(similar.level, ROUTING_AUTOMATIC);
  assert_true(similar.same_words);
  kit->problem.where = kit->order.where = (struct routing_where){.district = "370117", .grid = "370117001001001"};
  assert_int_equal(level(kit), ROUTING_AUTOMATIC);
  kit->problem.where = kit->order.where =
      (struct routing_where){.district = "370117", .has_position = true, .lon = 117.8, .lat = 36.1};
  assert_int_equal(level(kit), ROUTING_AUTOMATIC);
  kit->order.person = kit->member[0].person = 0; // nobody is not a person
  assert_int_equal(level(kit), ROUTING_STRONG);
}

static void empty_texts_are_like_nothing(void **state) {
  struct kit *kit = *state;
  set_order(kit, "，。😀");
  kit->problem.count = 0;
  add_member(kit, "！");
  kit->member[0].person = PERSON;
  kit->config.automatic = 0.2f;
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
  kit->problem.count = 0;
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
}

static void another_place_is_a_veto_whatever_the_texts_say(void **state) {
  struct kit *kit = *state;
  set_order(kit, "小区停水三天，没有人修理水管");
  kit->member[0].person = PERSON;
  kit->config.automatic = 0.2f;
  assert_int_equal(level(kit), ROUTING_AUTOMATIC);
  // Same grid, same position, same person, same text: another estate is another estate.
  kit->order.where = (struct routing_where){"370117", "370117001001001", "estate-b", NULL, 0, true, 117.8, 36.1};
  kit->problem.where = (struct routing_where){"370117", "370117001001001", "estate-a", NULL, 0, true, 117.8, 36.1};
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
  assert_int_equal(compare(kit).relation, ROUTING_OTHER_PLACE);
  // A road that both name does not make two estates one.
  const char *const by_b[] = {"estate-b", "road"}, *const by_a[] = {"road", "estate-a"};
  kit->order.where.named = by_b, kit->order.where.named_count = 2;
  kit->problem.where.named = by_a, kit->problem.where.named_count = 2;
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
  // Places that were only named, without one that was decided on.
  kit->order.where.place_id = kit->problem.where.place_id = NULL;
  kit->order.where.named_count = 1;
  kit->problem.where.named_count = 1;
  assert_int_equal(compare(kit).relation, ROUTING_OTHER_PLACE);
  // Another district.
  kit->problem.where = (struct routing_where){.district = "370116", .place_id = "estate-a"};
  kit->order.where = (struct routing_where){.district = "370117", .place_id = "estate-a"};
  assert_int_equal(compare(kit).relation, ROUTING_OTHER_DISTRICT);
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
}

static void an_unknown_place_is_never_automatic(void **state) {
  struct kit *kit = *state;
  set_order(kit, "小区停水三天，没有人修理水管");
  kit->member[0].person = PERSON;
  kit->config.automatic = 0.2f;
  kit->order.where = (struct routing_where){.district = "370117"};
  assert_int_equal(compare(kit).relation, ROUTING_PLACE_UNKNOWN);
  assert_int_equal(level(kit), ROUTING_SUGGEST);
  kit->order.where = (struct routing_where){0};
  kit->problem.where = (struct routing_where){0};
  assert_int_equal(level(kit), ROUTING_SUGGEST);
  kit->config.unknown = 1.1f;
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
}

static void a_building_belongs_to_the_estate_that_it_names(void **state) {
  struct kit *kit = *state;
  const char *const building[] = {"building-3", "estate-a"};
  kit->order.where.place_id = "building-3";
  assert_int_equal(compare(kit).relation, ROUTING_OTHER_PLACE);
  kit->order.where.named = building, kit->order.where.named_count = 2;
  assert_int_equal(compare(kit).relation, ROUTING_PLACE_UNKNOWN);
  kit->order.where.grid = kit->problem.where.grid = "370117001001001";
  assert_int_equal(compare(kit).relation, ROUTING_SAME_GRID);
  assert_int_equal(level(kit), ROUTING_STRONG);
}

static void distance_counts_up_to_300_metres(void **state) {
  struct kit *kit = *state;
  kit->order.where = kit->problem.where =
      (struct routing_where){.district = "370117", .has_position = true, .lon = 117.8, .lat = 36.1};
  kit->order.where.grid = "370117001001001", kit->problem.where.grid = "370117001001002"; // on both sides of a border
  kit->order.where.lon += 0.0033;                                                         // 296 m
  struct routing_similar similar = compare(kit);
  assert_int_equal(similar.relation, ROUTING_NEAR);
  assert_true(fabs(similar.distance_m - 296.5) < 1);
  assert_int_equal(similar.level, ROUTING_STRONG);
  kit->order.where.lon += 0.0001;
  assert_int_equal(compare(kit).relation, ROUTING_ELSEWHERE);
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
  kit->order.where.has_position = false; // then the grids tell
  assert_int_equal(compare(kit).relation, ROUTING_ELSEWHERE);
}

static void the_score_switch_needs_place_and_category(void **state) {
  struct kit *kit = *state;
  kit->config.automatic = 0.2f;
  assert_int_equal(level(kit), ROUTING_AUTOMATIC);
  kit->problem.category = "交通";
  assert_int_equal(level(kit), ROUTING_STRONG);
  kit->problem.category = kit->order.category = "";
  assert_int_equal(level(kit), ROUTING_STRONG);
  kit->problem.category = kit->order.category = "供水";
  kit->problem.where = kit->order.where = (struct routing_where){.district = "370117", .grid = "370117001001001"};
  assert_int_equal(level(kit), ROUTING_STRONG);
}

static void old_problems_are_no_candidates_and_solved_ones_recur(void **state) {
  struct kit *kit = *state;
  kit->problem.last = NOW - 90 * WG_DAY_US;
  assert_int_equal(level(kit), ROUTING_STRONG);
  kit->problem.last--;
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
  kit->problem.solved = true;
  assert_int_equal(level(kit), ROUTING_STRONG);
  assert_true(compare(kit).recurrence);
  set_order(kit, "小区停水三天，没有人修理水管");
  kit->member[0].person = PERSON;
  kit->config.automatic = 0.2f;
  assert_int_equal(level(kit), ROUTING_STRONG); // the same again is a recurrence, not a repeat
  kit->problem.last = NOW - 365 * WG_DAY_US - 1;
  assert_int_equal(level(kit), ROUTING_NOT_SIMILAR);
  kit->problem.last = NOW + WG_DAY_US; // an older order that arrives late
  assert_int_equal(level(kit), ROUTING_STRONG);
}

static void the_score_is_the_mean_of_the_three_most_alike(void **state) {
  struct kit *kit = *state;
  const float one = compare(kit).score;
  add_member(kit, "公交车改线");
  assert_true(fabsf(compare(kit).score - one / 2) < 1e-5f);
  add_member(kit, "大货车超速");
  assert_true(fabsf(compare(kit).score - one / 3) < 1e-5f);
  add_member(kit, "小区停水三天没有人修理");
  add_member(kit, "小区停水三天没有人修理");
  const struct routing_similar similar = compare(kit);
  assert_true(fabsf(similar.score - (one + 2) / 3) < 0.01f);
  assert_int_equal(similar.likest, 3);
}

static void members_of_another_snapshot_are_counted_not_compared(void **state) {
  struct kit *kit = *state;
  kit->member[0].vector.idf++;
  const struct routing_similar similar = compare(kit);
  assert_int_equal(similar.level, ROUTING_NOT_SIMILAR);
  assert_int_equal(similar.stale, 1);
  add_member(kit, "小区停水三天没有人修理");
  assert_true(compare(kit).score > 0.99f);
}

static void the_best_come_first(void **state) {
  struct kit *kit = *state;
  struct routing_similar_member members[5] = {0};
  struct routing_similar_problem problems[5];
  const char *const bodies[] = {"公交车改线", "小区停水", "小区停水三天没有人修理", "小区停水三天", "停水没有人"};
  for (size_t i = 0; i < 5; i++) {
    kit->problem.count = 0;
    add_member(kit, bodies[i]);
    members[i] = kit->member[0];
    problems[i] = kit->problem;
    problems[i].members = &members[i];
    problems[i].count = 1;
  }
  struct routing_similar best[3];
  assert_int_equal(routing_similar_rank(&kit->order, problems, 5, &kit->config, best, 3), 3);
  assert_int_equal(best[0].problem, 2);
  assert_int_equal(best[1].problem, 3);
  assert_true(best[0].score >= best[1].score && best[1].score >= best[2].score);
  assert_int_equal(routing_similar_rank(&kit->order, problems, 5, &kit->config, best, 1), 1);
  assert_int_equal(best[0].problem, 2);
  assert_int_equal(routing_similar_rank(&kit->order, problems, 0, &kit->config, best, 3), 0);
}

static uint32_t draw(uint64_t *seed, uint32_t below) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(*seed >> 33) % below;
}

enum { RANKED = 150, OF_ONE = 5 };

// draw_member says a few sentences, some of them cut, so that scores lie close together and some are equal.
static void draw_member(struct kit *kit, uint64_t *seed, struct routing_similar_member *member) {
  struct wg_buffer words = {0};
  for (uint32_t n = draw(seed, 3); n < 3; n++) {
    const struct text_sample *sample = &TEXT_SAMPLES[draw(seed, TEXT_SAMPLE_COUNT)];
    wg_buffer_text(&words, draw(seed, 2) ? sample->title : sample->body);
  }
  kit->problem.count = 0;
  add_member(kit, wg_buffer_cstr(&words));
  *member = kit->member[0];
  member->person = draw(seed, 3) ? draw(seed, 40) : PERSON;
  if (draw(seed, 12) == 0) member->vector.idf++;
  wg_buffer_free(&words);
}

static void draw_problem(struct kit *kit, uint64_t *seed, struct routing_similar_member members[OF_ONE],
                         struct routing_similar_problem *problem) {
  static const char *const places[] = {"estate-a", "estate-a", "estate-a", "estate-b", ""};
  *problem = kit->problem;
  problem->members = members;
  problem->count = 1 + (draw(seed, 3) == 0) * draw(seed, OF_ONE);
  for (size_t i = 0; i < problem->count; i++)
    draw_member(kit, seed, &members[i]);
  problem->where.place_id = places[draw(seed, 5)];
  problem->where.grid = draw(seed, 2) ? "370117001001001" : "";
  problem->last = NOW - (int64_t)draw(seed, 120) * WG_DAY_US;
  problem->solved = draw(seed, 5) == 0;
}

static void what_is_passed_over_would_not_have_been_found(void **state) {
  struct kit *kit = *state;
  static struct routing_similar_member members[RANKED][OF_ONE];
  static struct routing_similar_problem problems[RANKED];
  struct routing_similar best[8], all[8];
  uint64_t seed = 20261128;
  size_t found_in_all = 0;
  const struct routing_similar_problem origin = kit->problem;
  for (int round = 0; round < 200; round++) {
    const size_t count = draw(&seed, RANKED) + 1, most = draw(&seed, 8) + 1;
    for (size_t i = 0; i < count; i++) {
      kit->problem = origin;
      draw_problem(kit, &seed, members[i], &problems[i]);
    }
    const struct text_sample *sample = &TEXT_SAMPLES[draw(&seed, TEXT_SAMPLE_COUNT)];
    set_order(kit, draw(&seed, 8) ? sample->body : sample->title);
    kit->order.where.grid = draw(&seed, 2) ? "370117001001001" : "";
    kit->order.where.place_id = draw(&seed, 6) ? "estate-a" : "";
    kit->config.suggest = (float)draw(&seed, 30) / 100;
    kit->config.strong = kit->config.suggest + (float)draw(&seed, 30) / 100;
    kit->config.automatic = draw(&seed, 2) ? kit->config.strong + 0.1f : 0;
    const size_t expected = text_fixture_rank(&kit->order, problems, count, &kit->config, all, most);
    assert_int_equal(routing_similar_rank(&kit->order, problems, count, &kit->config, best, most), expected);
    for (size_t i = 0; i < expected; i++)
      assert_true(text_fixture_same(&best[i], &all[i]));
    found_in_all += expected;
    wg_arena_reset(kit->arena);
  }
  assert_true(found_in_all > 400);
}

static void a_match_is_explained_in_words(void **state) {
  struct kit *kit = *state;
  struct routing_similar_explanation explanation;
  struct routing_similar similar = compare(kit);
  routing_similar_explain(&kit->order, &kit->problem, &similar, kit->arena, &explanation);
  assert_int_equal(explanation.count, ROUTING_SHARED_GRAMS);
  assert_int_equal(explanation.idf, kit->model->idf->id);
  for (size_t i = 0; i < explanation.count; i++) {
    assert_true(strstr("小区停水三天没有人修理", explanation.gram[i]) != NULL);
    assert_true(explanation.share[i] > 0 && (i == 0 || explanation.share[i] <= explanation.share[i - 1]));
  }
  assert_non_null(strstr(explanation.evidence, "同一地点（estate-a），相似度0."));
  assert_non_null(strstr(explanation.evidence, "共同用语："));
  kit->problem.solved = true;
  similar = compare(kit);
  routing_similar_explain(&kit->order, &kit->problem, &similar, kit->arena, &explanation);
  assert_non_null(strstr(explanation.evidence, "疑似复发"));
  set_order(kit, "公交车");
  similar = compare(kit);
  routing_similar_explain(&kit->order, &kit->problem, &similar, kit->arena, &explanation);
  assert_int_equal(explanation.count, 0);
}

static void a_score_is_written_as_printf_would(void **state) {
  struct kit *kit = *state;
  struct routing_similar_explanation explanation;
  struct routing_similar similar = compare(kit);
  uint64_t seed = 7;
  for (uint32_t i = 0; i < 20000; i++) {
    // Halves of a hundredth, those that a float can be, and what lies beside them; then any score.
    const float eighth = (float)(i % 801) / 800;
    similar.score = i < 801    ? eighth
                    : i < 1602 ? nextafterf(eighth, 2)
                    : i < 2403 ? nextafterf(eighth, 0)
                               : (float)draw(&seed, 1u << 24) / (1 << 24);
    char expected[64];
    snprintf(expected, sizeof expected, "相似度%.2f", (double)similar.score);
    routing_similar_explain(&kit->order, &kit->problem, &similar, kit->arena, &explanation);
    assert_non_null(strstr(explanation.evidence, expected));
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, close_kit)
int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(alike_texts_of_one_place_are_shown_to_a_person_only),
      TEST(the_same_text_of_the_same_person_merges_alone),
      TEST(empty_texts_are_like_nothing),
      TEST(another_place_is_a_veto_whatever_the_texts_say),
      TEST(an_unknown_place_is_never_automatic),
      TEST(a_score_is_written_as_printf_would),
      TEST(a_building_belongs_to_the_estate_that_it_names),
      TEST(distance_counts_up_to_300_metres),
      TEST(the_score_switch_needs_place_and_category),
      TEST(old_problems_are_no_candidates_and_solved_ones_recur),
      TEST(the_score_is_the_mean_of_the_three_most_alike),
      TEST(members_of_another_snapshot_are_counted_not_compared),
      TEST(the_best_come_first),
      TEST(what_is_passed_over_would_not_have_been_found),
      TEST(a_match_is_explained_in_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
