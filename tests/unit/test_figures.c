// Figures of evaluation: what a case counts for, that changes add up to a count of all, and the rates of them.
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/tracking/rates.h"

#include <math.h>
#include <stdlib.h>

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name
#define BY(name) WANGGE__V1__FIGURE_DIMENSION__FIGURE_DIMENSION_##name

static const struct rates_weights WEIGHTS = {30, 35, 35};
static struct wg_arena *arena;
static struct wg_error error;
static int64_t opened_at;

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 16);
  error = (struct wg_error){0};
  opened_at = wg_civil_to_us((struct wg_civil){2026, 3, 2, 9, 0, 0, 0});
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static Wangge__V1__Case plain(void) {
  Wangge__V1__Case c = WANGGE__V1__CASE__INIT;
  c.order_id = 7;
  c.district = (char *)"370117";
  c.state = STATE(DISPATCHED);
  c.department = (char *)"water";
  c.first_department = (char *)"water";
  c.category = (char *)"城乡建设/供水供气/水压不足";
  c.grid_code = (char *)"370117001001001";
  c.channel = WANGGE__V1__CHANNEL__CHANNEL_HOTLINE_12345;
  c.opened_at = opened_at;
  c.first_dispatched_at = c.dispatched_at = opened_at + WG_SECOND_US;
  c.round = 1;
  return c;
}

// --- reading ---
static int counter_of(const char *name) {
  char one[32];
  for (int i = 0; i < FIGURES; i++) {
    figures_name(i, one);
    if (strcmp(one, name) == 0) return i;
  }
  fail_msg("there is no counter \"%s\"", name);
  return 0;
}

static int64_t of(struct figures_table *table, Wangge__V1__FigureDimension by, const char *key, const char *name) {
  int32_t month;
  assert_true(figures_month_parse("2026-03", &month));
  return figures_row(table, "370117", month, by, key)->counts[counter_of(name)];
}

static int64_t counted(const Wangge__V1__Case *c, const char *name) {
  struct figures_table *table = figures_table_create(arena);
  figures_count(table, c, 1);
  return of(table, BY(ALL), "", name);
}

// --- what a case counts for ---
static void a_case_counts_under_every_dimension(void **state) {
  (void)state;
  struct figures_table *table = figures_table_create(arena);
  const Wangge__V1__Case c = plain();
  figures_count(table, &c, 1);
  static const struct {
    Wangge__V1__FigureDimension by;
    const char *key;
  } WHERE[] = {{BY(ALL), ""},
               {BY(DEPARTMENT), "water"},
               {BY(STREET), "370117001"},
               {BY(COMMUNITY), "370117001001"},
               {BY(GRID), "370117001001001"},
               {BY(CHANNEL), "1"},
               {BY(CATEGORY), "城乡建设"},
               {BY(CATEGORY), "城乡建设/供水供气"},
               {BY(CATEGORY), "城乡建设/供水供气/水压不足"}};
  assert_int_equal(table->count, sizeof WHERE / sizeof *WHERE);
  for (size_t i = 0; i < sizeof WHERE / sizeof *WHERE; i++)
    assert_int_equal(of(table, WHERE[i].by, WHERE[i].key, "opened"), 1);
}

static void what_is_not_known_counts_nowhere(void **state) {
  (void)state;
  struct figures_table *table = figures_table_create(arena);
  Wangge__V1__Case c = plain();
  c.department = c.first_department = c.category = (char *)"";
  c.grid_code = (char *)"3701170010";
  c.first_dispatched_at = 0;
  figures_count(table, &c, 1);
  assert_int_equal(table->count, 2); // all, channel
  assert_int_equal(of(table, BY(ALL), "", "dispatched"), 0);
  assert_int_equal(of(table, BY(ALL), "", "hops"), 0);
}

static void the_month_is_that_of_shanghai(void **state) {
  (void)state;
  struct figures_table *table = figures_table_create(arena);
  Wangge__V1__Case c = plain();
  c.opened_at = wg_civil_to_us((struct wg_civil){2026, 4, 1, 0, 0, 0, 0}) - 1;
  figures_count(table, &c, 1);
  assert_int_equal(of(table, BY(ALL), "", "opened"), 1);
  c.opened_at++;
  figures_count(table, &c, 1);
  assert_int_equal(of(table, BY(ALL), "", "opened"), 1);
}

static void exclusions_leave_the_rates(void **state) {
  (void)state;
  Wangge__V1__Case c = plain();
  c.late = c.signed_late = c.contacted_late = true;
  c.state = STATE(WITHDRAWN);
  assert_int_equal(counted(&c, "withdrawn"), 1);
  assert_int_equal(counted(&c, "late"), 0);
  assert_int_equal(counted(&c, "dispatched"), 0);
  c.state = STATE(VOID);
  assert_int_equal(counted(&c, "voided"), 1);
  assert_int_equal(counted(&c, "signed_late"), 0);
  Wangge__V1__Feedback feedback = WANGGE__V1__FEEDBACK__INIT;
  feedback.beyond_duty_decision = WANGGE__V1__DECISION__DECISION_REJECTED;
  c.feedback = &feedback;
  c.state = STATE(CLOSED);
  assert_int_equal(counted(&c, "late"), 1); // only what was approved is left out
  assert_int_equal(counted(&c, "beyond_duty"), 0);
  feedback.beyond_duty_decision = WANGGE__V1__DECISION__DECISION_APPROVED;
  assert_int_equal(counted(&c, "late"), 0);
  assert_int_equal(counted(&c, "contacted_late"), 0);
  assert_int_equal(counted(&c, "beyond_duty"), 1);
  assert_int_equal(counted(&c, "dispatched"), 1);
}

static void a_held_order_is_neither_in_time_nor_late(void **state) {
  (void)state;
  Wangge__V1__Case c = plain();
  c.state = STATE(HELD);
  c.late = true;
  assert_int_equal(counted(&c, "held"), 1);
  assert_int_equal(counted(&c, "late") + counted(&c, "in_time"), 0);
  c.state = STATE(HANDLING);
  assert_int_equal(counted(&c, "late"), 1);
}

static void answers_are_those_of_the_resident(void **state) {
  (void)state;
  Wangge__V1__Case c = plain();
  Wangge__V1__FollowUp answer = WANGGE__V1__FOLLOW_UP__INIT;
  Wangge__V1__Feedback feedback = WANGGE__V1__FEEDBACK__INIT;
  feedback.resolution = WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED; // the unit's word is no answer
  c.feedback = &feedback;
  c.state = STATE(CLOSED);
  assert_int_equal(counted(&c, "solved"), 0);
  assert_int_equal(counted(&c, "not_rated"), 1);
  c.follow_up = &answer;
  answer.reached = true;
  answer.solved = WANGGE__V1__RESOLUTION__RESOLUTION_UNSOLVED;
  answer.satisfaction = WANGGE__V1__SATISFACTION__SATISFACTION_VERY_DISSATISFIED;
  assert_int_equal(counted(&c, "unsolved"), 1);
  assert_int_equal(counted(&c, "very_dissatisfied"), 1);
  assert_int_equal(counted(&c, "not_rated"), 0);
  answer.solved = (Wangge__V1__Resolution)99; // of a newer program: told as nothing, and nothing is overwritten
  answer.satisfaction = (Wangge__V1__Satisfaction)99;
  assert_int_equal(counted(&c, "explained") + counted(&c, "not_rated") + counted(&c, "closed"), 1);
}

// --- changes add up ---
static unsigned seed;
static int roll(int below) {
  seed = seed * 1103515245u + 12345u;
  return (int)(seed >> 16 & 0x7fff) % below;
}

static void change(Wangge__V1__Case *c, Wangge__V1__FollowUp *answer, Wangge__V1__Contact *contact) {
  static const char *const DEPARTMENTS[] = {"water", "housing", "370117001001001", ""};
  switch (roll(9)) {
  case 0:
    c->state = (Wangge__V1__CaseState)(1 + roll(12));
    break;
  case 1:
    c->department = (char *)(uintptr_t)DEPARTMENTS[roll(4)];
    c->redispatches++;
    break;
  case 2:
    c->late = roll(2);
    break;
  case 3:
    answer->reached = true;
    answer->solved = (Wangge__V1__Resolution)(1 + roll(4));
    answer->satisfaction = (Wangge__V1__Satisfaction)(1 + roll(6));
    break;
  case 4:
    contact->contacted_at = opened_at + roll(1000);
    break;
  case 5:
    c->first_resolved_at = opened_at + roll(400) * WG_DAY_US;
    break;
  case 6:
    c->yellow_cards += roll(3);
    c->problem_id = roll(3) ? 7 : 0;
    break;
  case 7:
    c->returns = roll(2);
    c->round = 1 + roll(3);
    break;
  default:
    c->category = (char *)(uintptr_t)(roll(2) ? "城乡建设/供水供气" : "其他");
  }
}

// Deltas of batches, packed and added elsewhere, are what a count of all cases gives.
static void changes_add_up_to_a_count_of_all(void **state) {
  (void)state;
  enum { CASES = 40 };
  static Wangge__V1__Case cases[CASES];
  static Wangge__V1__FollowUp answers[CASES];
  static Wangge__V1__Contact contacts[CASES];
  struct figures_table *sums = figures_table_create(arena), *all = figures_table_create(arena);
  seed = 20261128;
  for (int i = 0; i < CASES; i++) {
    cases[i] = plain();
    answers[i] = (Wangge__V1__FollowUp)WANGGE__V1__FOLLOW_UP__INIT;
    contacts[i] = (Wangge__V1__Contact)WANGGE__V1__CONTACT__INIT;
    cases[i].order_id = i + 1;
    cases[i].opened_at += roll(60) * WG_DAY_US;
    cases[i].follow_up = &answers[i];
    cases[i].contact = &contacts[i];
  }
  for (int batch = 0; batch < 300; batch++) {
    struct figures_table *delta = figures_table_create(arena);
    for (int k = 0; k < 10; k++) {
      const int i = batch * 10 + k < CASES ? batch * 10 + k : roll(CASES);
      if (batch * 10 + k >= CASES) figures_count(delta, &cases[i], -1);
      change(&cases[i], &answers[i], &contacts[i]);
      figures_count(delta, &cases[i], 1);
    }
    const struct wg_bytes packed = figures_pack(delta, "370117", arena);
    if (packed.size) assert_int_equal(figures_add(sums, "370117", packed, &error), WG_OK);
  }
  for (int i = 0; i < CASES; i++)
    figures_count(all, &cases[i], 1);
  for (size_t i = 0; i < all->count; i++) {
    const struct figures_row *right = all->rows[i];
    assert_memory_equal(figures_row(sums, right->district, right->month, right->by, right->key)->counts, right->counts,
                        sizeof right->counts);
  }
  for (size_t i = 0; i < sums->count; i++) { // and nothing stands where nothing is
    const struct figures_row *ours = sums->rows[i];
    assert_memory_equal(figures_row(all, ours->district, ours->month, ours->by, ours->key)->counts, ours->counts,
                        sizeof ours->counts);
  }
}

static void a_case_that_changes_nothing_packs_to_nothing(void **state) {
  (void)state;
  struct figures_table *delta = figures_table_create(arena);
  const Wangge__V1__Case c = plain();
  figures_count(delta, &c, -1);
  figures_count(delta, &c, 1);
  assert_int_equal(figures_pack(delta, "370117", arena).size, 0);
  figures_count(delta, &c, 1);
  assert_int_equal(figures_pack(delta, "131102", arena).size, 0); // nothing of another district
  assert_true(figures_pack(delta, "370117", arena).size > 0);
}

static void unknown_counters_are_refused(void **state) {
  (void)state;
  int32_t changes[] = {FIGURES, 1};
  Wangge__V1__FigureDelta delta = WANGGE__V1__FIGURE_DELTA__INIT, *rows[] = {&delta};
  Wangge__V1__FigureDeltas deltas = WANGGE__V1__FIGURE_DELTAS__INIT;
  delta.changes = changes;
  delta.n_changes = 2;
  deltas.rows = rows;
  deltas.n_rows = 1;
  uint8_t bytes[64];
  const size_t size = wangge__v1__figure_deltas__pack(&deltas, bytes);
  struct figures_table *sums = figures_table_create(arena);
  assert_int_equal(figures_add(sums, "370117", (struct wg_bytes){bytes, size}, &error), WG_INVALID_ARGUMENT);
  changes[0] = -1;
  const size_t negative = wangge__v1__figure_deltas__pack(&deltas, bytes);
  assert_int_equal(figures_add(sums, "370117", (struct wg_bytes){bytes, negative}, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(figures_add(sums, "370117", (struct wg_bytes){(const uint8_t *)"\x0a\x7f", 2}, &error),
                   WG_INVALID_ARGUMENT);
}

// --- rates ---
static void nothing_has_no_rate(void **state) {
  (void)state;
  const int64_t counts[FIGURES] = {0};
  const Wangge__V1__EvaluationRow *row = rates_row("water", "", counts, &WEIGHTS, arena);
  const Wangge__V1__Rate *const rates[] = {row->signed_in_time, row->response,       row->resolution, row->satisfaction,
                                           row->in_time,        row->closing,        row->rework,     row->repeat,
                                           row->recurrence,     row->first_dispatch, row->proactive};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
    assert_int_equal(rates[i]->known_case, WANGGE__V1__RATE__KNOWN__NOT_SET);
  assert_int_equal(row->composite_known_case, WANGGE__V1__EVALUATION_ROW__COMPOSITE_KNOWN__NOT_SET);
  assert_int_equal(row->hops_known_case, WANGGE__V1__EVALUATION_ROW__HOPS_KNOWN__NOT_SET);
  assert_int_equal(row->days_known_case, WANGGE__V1__EVALUATION_ROW__DAYS_KNOWN__NOT_SET);
  assert_int_equal(row->hops_p90, 0);
}

static bool near(double a, double b) {
  return fabs(a - b) < 1e-4;
}

static void rates_follow_their_formulas(void **state) {
  (void)state;
  int64_t counts[FIGURES] = {0};
  counts[counter_of("dispatched")] = 100;
  counts[counter_of("given_back")] = 8;
  counts[counter_of("hops")] = 125;
  counts[counter_of("hops 1")] = 85;
  counts[counter_of("hops 2")] = 10;
  counts[counter_of("hops 6")] = 5;
  counts[counter_of("contacted_in_time")] = 90;
  counts[counter_of("contacted_late")] = 10;
  counts[counter_of("solved")] = 60;
  counts[counter_of("partly_solved")] = 10;
  counts[counter_of("unsolved")] = 10;
  counts[counter_of("explained")] = 15; // in no rate
  counts[counter_of("very_satisfied")] = 40;
  counts[counter_of("satisfied")] = 30;
  counts[counter_of("basically_satisfied")] = 10;
  counts[counter_of("dissatisfied")] = 15;
  counts[counter_of("very_dissatisfied")] = 5;
  counts[counter_of("not_rated")] = 50; // in no rate
  const Wangge__V1__EvaluationRow *row = rates_row("water", "2026-03", counts, &WEIGHTS, arena);
  assert_true(near(row->first_dispatch->value, 0.92));
  assert_true(near(row->hops_mean, 1.25));
  assert_int_equal(row->hops_p90, 2);
  assert_true(near(row->response->value, 0.9));
  assert_true(near(row->resolution->value, 0.75));
  assert_true(near(row->satisfaction->value, 0.8));
  assert_true(near(row->composite, (30 * 0.9 + 35 * 0.75 + 35 * 0.8) / 100));
  assert_true(near(row->satisfaction_low, 0.7112) && near(row->satisfaction_high, 0.8666)); // Wilson, 80 of 100
  assert_string_equal(row->month, "2026-03");
}

static void days_are_interpolated_in_their_bucket(void **state) {
  (void)state;
  int64_t counts[FIGURES] = {0};
  counts[counter_of("days to 1")] = 10;  // half a day to a day
  counts[counter_of("days to 12")] = 10; // ten to twelve
  const Wangge__V1__EvaluationRow *row = rates_row("", "", counts, &WEIGHTS, arena);
  assert_true(near(row->days_p50, 1));
  assert_true(near(row->days_p90, 11.6));
  assert_int_equal(row->n_days, 2);
  assert_true(near(row->days[1]->up_to, 12) && row->days[1]->orders == 10);
  counts[counter_of("days over 365")] = 1000;
  assert_true(near(rates_row("", "", counts, &WEIGHTS, arena)->days_p90, 365)); // has no upper edge
}

static void tiers_compare_like_with_like(void **state) {
  (void)state;
  assert_string_equal(rates_tier("district", 0, arena), "district/0-9");
  assert_string_equal(rates_tier("grid", 99, arena), "grid/10-99");
  assert_string_equal(rates_tier("", 10000, arena), "unit/10000+");
}

static void months_are_read_strictly(void **state) {
  (void)state;
  int32_t month;
  char text[16];
  assert_true(figures_month_parse("2026-12", &month));
  figures_month_format(month, text);
  assert_string_equal(text, "2026-12");
  static const char *const WRONG[] = {"",           "2026",    "2026-13", "2026-00", "2026-1",
                                      "2026-01-01", "1999-12", "2200-01", "26-01  "};
  for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
    assert_false(figures_month_parse(WRONG[i], &month));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_case_counts_under_every_dimension),
      TEST(what_is_not_known_counts_nowhere),
      TEST(the_month_is_that_of_shanghai),
      TEST(exclusions_leave_the_rates),
      TEST(a_held_order_is_neither_in_time_nor_late),
      TEST(answers_are_those_of_the_resident),
      TEST(changes_add_up_to_a_count_of_all),
      TEST(a_case_that_changes_nothing_packs_to_nothing),
      TEST(unknown_counters_are_refused),
      TEST(nothing_has_no_rate),
      TEST(rates_follow_their_formulas),
      TEST(days_are_interpolated_in_their_bucket),
      TEST(tiers_compare_like_with_like),
      TEST(months_are_read_strictly),
  };
  return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
