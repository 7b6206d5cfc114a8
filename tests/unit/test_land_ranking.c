// Ranking of applications: each gate and key alone, the fixed form of the rows, and three properties over thousands of
// made-up lots (land.md §2.8).
#include "services/land/tender/ranking.h"
#include "tests/unit/unit.h"

enum { MOST = 8, CASES = 4000 };

static struct wg_arena *arena;
static struct land_ranking_rules rules;
static struct land_applicant who[MOST];
static uint8_t nonces[MOST][LAND_NONCE_BYTES];

static int set_up(void **state) {
  (void)state;
  if (arena) wg_arena_reset(arena); // a test may begin again
  else arena = wg_arena_create(1 << 16);
  rules = (struct land_ranking_rules){.lot = "lot-1",
                                      .opens_at_us = 1000,
                                      .closes_at_us = 2000,
                                      .reserve_fen_per_mu = 10000,
                                      .near_bin_m = 50,
                                      .near_first = true,
                                      .round = 1};
  for (size_t i = 0; i < MOST; i++) {
    memset(nonces[i], (int)i + 1, sizeof nonces[i]);
    who[i] = (struct land_applicant){.application = wg_arena_printf(arena, "app-%zu", i + 1),
                                     .household = wg_arena_printf(arena, "h-%zu", i + 1),
                                     .seq = i + 1,
                                     .received_at_us = 1500,
                                     .signed_document = true,
                                     .use_allowed = true,
                                     .member = true,
                                     .offer_fen_per_mu = 20000,
                                     .has_base = true,
                                     .distance_mm = 30000,
                                     .nonce = nonces[i]};
    wg_sha256(&(struct wg_bytes){nonces[i], LAND_NONCE_BYTES}, 1, who[i].nonce_sha256);
  }
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  arena = NULL;
  return 0;
}

static const struct land_ranking_row *row_of(const struct land_ranking *ranking, const char *application) {
  for (size_t i = 0; i < ranking->count; i++) {
    if (strcmp(ranking->rows[i].applicant->application, application) == 0) return &ranking->rows[i];
  }
  fail_msg("no row of %s", application);
  return NULL;
}

static unsigned failed_gates(void) {
  const struct land_ranking ranking = land_rank(&rules, who, 2, arena);
  const struct land_ranking_row *row = row_of(&ranking, "app-1");
  assert_int_equal(row->rank != 0, row->failed == 0);
  return row->failed;
}

static void each_gate_refuses_alone(void **state) {
  (void)state;
  assert_int_equal(failed_gates(), 0);
  who[0].signed_document = false;
  assert_int_equal(failed_gates(), LAND_GATE_SIGNED);
  set_up(NULL);
  who[0].received_at_us = 999;
  assert_int_equal(failed_gates(), LAND_GATE_WINDOW);
  who[0].received_at_us = 1000;
  assert_int_equal(failed_gates(), 0);
  who[0].received_at_us = 1999;
  assert_int_equal(failed_gates(), 0);
  who[0].received_at_us = 2000;
  assert_int_equal(failed_gates(), LAND_GATE_WINDOW);
  set_up(NULL);
  who[0].withdrawn = true;
  assert_int_equal(failed_gates(), LAND_GATE_WITHDRAWN);
  set_up(NULL);
  who[0].offer_fen_per_mu = 9999;
  assert_int_equal(failed_gates(), LAND_GATE_RESERVE);
  who[0].offer_fen_per_mu = 10000;
  assert_int_equal(failed_gates(), 0);
  who[0].overdue = true;
  assert_int_equal(failed_gates(), LAND_GATE_OVERDUE);
  set_up(NULL);
  who[0].use_allowed = false;
  who[0].offer_fen_per_mu = 0;
  assert_int_equal(failed_gates(), LAND_GATE_USE | LAND_GATE_RESERVE); // all reasons, not the first
}

static void a_household_applies_once(void **state) {
  (void)state;
  who[1].household = who[0].household;
  struct land_ranking ranking = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&ranking, "app-1")->rank, 1);
  assert_int_equal(row_of(&ranking, "app-2")->failed, LAND_GATE_SECOND);
  who[0].withdrawn = true; // then the other is its application
  ranking = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&ranking, "app-2")->rank, 1);
  who[0].withdrawn = false;
  who[0].received_at_us = 5000; // so is it when the first came too late
  ranking = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&ranking, "app-2")->rank, 1);
}

static void outsiders_come_in_the_second_round(void **state) {
  (void)state;
  who[0].member = false;
  assert_int_equal(failed_gates(), LAND_GATE_MEMBER);
  rules.outsiders_allowed = true;
  assert_int_equal(failed_gates(), LAND_GATE_MEMBER);
  rules.round = 2;
  assert_int_equal(failed_gates(), 0);
  const struct land_ranking ranking = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&ranking, "app-1")->rank, 2); // a member first on equal terms
  who[0].offer_fen_per_mu++;
  const struct land_ranking dearer = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&dearer, "app-1")->rank, 1);
  rules.outsiders_allowed = false;
  assert_int_equal(failed_gates(), LAND_GATE_OUTSIDER);
}

static void near_is_counted_in_bins(void **state) {
  (void)state;
  assert_int_equal(land_near_key(true, 10, 0, 50), 0);
  assert_int_equal(land_near_key(true, 9, 0, 50), 1); // a corner is no boundary
  assert_int_equal(land_near_key(true, 0, 49999, 50), 1);
  assert_int_equal(land_near_key(true, 0, 50000, 50), 2);
  assert_int_equal(land_near_key(false, 10, 0, 50), INT32_MAX);
  assert_int_equal(land_near_key(true, 0, INT64_MAX, 1), INT32_MAX - 1);
  assert_false(land_near_edge(true, 0, 49989, 50));
  assert_true(land_near_edge(true, 0, 49990, 50));
  assert_true(land_near_edge(true, 0, 50000, 50));
  assert_true(land_near_edge(true, 0, 50010, 50));
  assert_false(land_near_edge(true, 0, 50011, 50));
  assert_false(land_near_edge(true, 0, 0, 50)); // no bin ends there
  assert_false(land_near_edge(true, 10, 50000, 50));
  assert_false(land_near_edge(false, 0, 50000, 50));
}

static void old_is_who_held_it(void **state) {
  (void)state;
  assert_int_equal(land_old_key(&who[0]), LAND_OLD_NONE);
  who[0].held_earlier = true;
  assert_int_equal(land_old_key(&who[0]), LAND_OLD_EARLIER);
  who[0].occupied_days = 365;
  assert_int_equal(land_old_key(&who[0]), LAND_OLD_EARLIER); // has not settled
  who[0].settled_back_rent = true;
  assert_int_equal(land_old_key(&who[0]), LAND_OLD_OCCUPIER);
  who[0].occupied_days = 364;
  assert_int_equal(land_old_key(&who[0]), LAND_OLD_EARLIER);
  who[0].held_last_clean = true;
  assert_int_equal(land_old_key(&who[0]), LAND_OLD_LAST);
}

static void keys_are_compared_in_the_order_of_the_tender(void **state) {
  (void)state;
  who[0].distance_mm = 10000, who[0].offer_fen_per_mu = 10000;
  who[1].distance_mm = 60000, who[1].held_last_clean = true;
  struct land_ranking ranking = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&ranking, "app-1")->rank, 1);
  rules.near_first = false;
  ranking = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&ranking, "app-2")->rank, 1);
  who[0].held_last_clean = true; // as old: then near, and the offer does not matter
  ranking = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&ranking, "app-1")->rank, 1);
  who[0].distance_mm = 60001; // as near: then the offer
  ranking = land_rank(&rules, who, 2, arena);
  assert_int_equal(row_of(&ranking, "app-2")->rank, 1);
}

static void who_keeps_silent_is_last_in_the_draw(void **state) {
  (void)state;
  for (size_t silent = 0; silent < MOST; silent++) {
    set_up(NULL);
    who[silent].nonce = NULL;
    const struct land_ranking ranking = land_rank(&rules, who, MOST, arena);
    assert_int_equal(row_of(&ranking, who[silent].application)->rank, MOST);
  }
  set_up(NULL);
  const uint8_t wrong[LAND_NONCE_BYTES] = {0};
  who[3].nonce = wrong; // not what was committed: as if silent, and not in the seed
  const struct land_ranking lied = land_rank(&rules, who, MOST, arena);
  assert_int_equal(row_of(&lied, "app-4")->rank, MOST);
  who[3].nonce = NULL;
  const struct land_ranking silent = land_rank(&rules, who, MOST, arena);
  assert_memory_equal(lied.seed, silent.seed, sizeof lied.seed);
}

static void the_draw_depends_on_root_and_every_nonce(void **state) {
  (void)state;
  const struct land_ranking first = land_rank(&rules, who, MOST, arena);
  rules.root[31] ^= 1;
  const struct land_ranking other_root = land_rank(&rules, who, MOST, arena);
  assert_memory_not_equal(first.seed, other_root.seed, sizeof first.seed);
  rules.root[31] ^= 1;
  for (size_t i = 0; i < MOST; i++) {
    nonces[i][0] ^= 1;
    wg_sha256(&(struct wg_bytes){nonces[i], LAND_NONCE_BYTES}, 1, who[i].nonce_sha256);
    const struct land_ranking other = land_rank(&rules, who, MOST, arena);
    assert_memory_not_equal(first.seed, other.seed, sizeof first.seed);
    nonces[i][0] ^= 1;
    wg_sha256(&(struct wg_bytes){nonces[i], LAND_NONCE_BYTES}, 1, who[i].nonce_sha256);
  }
  who[2].overdue = true; // the refused have no part in it
  const struct land_ranking without = land_rank(&rules, who, MOST, arena);
  nonces[2][0] ^= 1;
  wg_sha256(&(struct wg_bytes){nonces[2], LAND_NONCE_BYTES}, 1, who[2].nonce_sha256);
  const struct land_ranking still = land_rank(&rules, who, MOST, arena);
  assert_memory_equal(without.seed, still.seed, sizeof without.seed);
}

// The draw is fair enough to be one: over many roots each of eight equal applicants wins about as often.
static void the_draw_prefers_nobody(void **state) {
  (void)state;
  int won[MOST] = {0};
  for (int i = 0; i < CASES; i++) {
    memcpy(rules.root, &i, sizeof i);
    const struct land_ranking ranking = land_rank(&rules, who, MOST, arena);
    won[ranking.rows[0].applicant - who]++;
    if (i % 100 == 0) {
      set_up(NULL);
    }
  }
  for (size_t i = 0; i < MOST; i++)
    assert_in_range(won[i], CASES / MOST - 100, CASES / MOST + 100); // 500 +- 4.8 standard deviations
}

static void the_rows_have_a_fixed_form(void **state) {
  (void)state;
  who[1].has_base = false;
  who[1].overdue = true;
  const struct land_ranking ranking = land_rank(&rules, who, 2, arena);
  struct wg_buffer text = {0};
  land_ranking_text(&rules, &ranking, &text);
  const char *found = wg_buffer_cstr(&text);
  // Seed and draw computed by Python's hashlib from the layout in ranking.h.
  assert_string_equal(found, "LANDRANK1\tlot-1\t1000\t2000\t10000\t50\tnear\t1\t0\t"
                             "5c85955f709283ecce2b74f1b1552918819f390911816e7bb466805a38ab87f3\n"
                             "1\tapp-1\th-1\t0\t1\t3\t-20000\t0\t1\t"
                             "4c00e40b3a253fb1d0fd2fca761b4b77d45817d5e80aa12cdc69e5af442f7ad2\t0\t30000\t0\n"
                             "0\tapp-2\th-2\t32\t2147483647\t3\t-20000\t0\t1\t"
                             "d58cac4b227b7bc82569d409b3937850187c033d00f72b2d4da9c43102100119\t0\t-1\t-1\n");
  wg_buffer_free(&text);
}

// --- properties ---

static uint64_t random_state;
static uint64_t next_random(void) { // xorshift64*, so that every machine sees the same lots
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * UINT64_C(2685821657736338717);
}
static int64_t pick(int64_t below) {
  return (int64_t)(next_random() % (uint64_t)below);
}
static bool often(int percent) {
  return pick(100) < percent;
}

// Facts are drawn from few values, so that ties and edges are common.
static size_t make_up(uint64_t number) {
  set_up(NULL);
  random_state = number * UINT64_C(0x9E3779B97F4A7C15) + 1;
  rules.near_first = often(50);
  rules.round = often(70) ? 1 : 2;
  rules.outsiders_allowed = often(80);
  rules.near_bin_m = 1 + pick(100);
  const size_t count = 1 + (size_t)pick(MOST);
  for (size_t i = 0; i < count; i++) {
    struct land_applicant *a = &who[i];
    if (often(15)) a->household = who[pick((int64_t)i + 1)].household;
    a->signed_document = often(95), a->withdrawn = often(5), a->use_allowed = often(95), a->overdue = often(10);
    a->member = often(85);
    a->received_at_us = 990 + pick(1020);
    a->offer_fen_per_mu = 9000 + 1000 * pick(8);
    a->has_base = often(85);
    a->shared_dm = often(20) ? 8 + pick(5) : 0;
    a->distance_mm = a->shared_dm >= LAND_SHARED_DM ? 0 : pick(5) * rules.near_bin_m * 1000 + pick(3) - 1;
    if (a->distance_mm < 0) a->distance_mm = 0;
    a->held_last_clean = often(20), a->held_earlier = often(30), a->settled_back_rent = often(60);
    a->occupied_days = often(30) ? 360 + pick(10) : 0;
    if (often(15)) a->nonce = NULL;
  }
  return count;
}

static void order_of_the_input_does_not_matter(void **state) {
  (void)state;
  size_t refused = 0, ranked = 0;
  for (uint64_t number = 0; number < CASES; number++) {
    const size_t count = make_up(number);
    const struct land_ranking first = land_rank(&rules, who, count, arena);
    for (size_t i = count; i > 1; i--) {
      const size_t other = (size_t)pick((int64_t)i);
      const struct land_applicant kept = who[i - 1];
      who[i - 1] = who[other];
      who[other] = kept;
    }
    const struct land_ranking again = land_rank(&rules, who, count, arena);
    assert_memory_equal(first.result_sha256, again.result_sha256, LAND_HASH_BYTES);
    ranked += first.ranked, refused += first.count - first.ranked;
  }
  assert_true(ranked > CASES && refused > CASES); // the made-up lots have both
}

static bool draw_decides(const struct land_ranking *ranking) {
  if (ranking->ranked < 2) return false;
  const struct land_ranking_row *a = &ranking->rows[0], *b = &ranking->rows[1];
  return a->near == b->near && a->old == b->old && a->price == b->price && a->member == b->member;
}

// A loser is a household with all it filed: of two applications the second counts when the first is not there.
static void without_a_loser_the_winner_stays(void **state) {
  (void)state;
  size_t tried = 0;
  for (uint64_t number = 0; number < CASES; number++) {
    const size_t count = make_up(number);
    const struct land_ranking all = land_rank(&rules, who, count, arena);
    if (!all.ranked || draw_decides(&all)) continue;
    const char *winner = all.rows[0].applicant->household;
    for (size_t gone = 0; gone < count; gone++) {
      if (strcmp(who[gone].household, winner) == 0) continue;
      struct land_applicant rest[MOST];
      size_t left = 0;
      for (size_t i = 0; i < count; i++) {
        if (strcmp(who[i].household, who[gone].household) != 0) rest[left++] = who[i];
      }
      const struct land_ranking fewer = land_rank(&rules, rest, left, arena);
      assert_string_equal(fewer.rows[0].applicant->application, all.rows[0].applicant->application);
      tried++;
    }
  }
  assert_true(tried > CASES);
}

static void a_nearer_one_never_loses_to_a_farther(void **state) {
  (void)state;
  size_t compared = 0;
  for (uint64_t number = 0; number < CASES; number++) {
    const size_t count = make_up(number);
    rules.near_first = true;
    const struct land_ranking ranking = land_rank(&rules, who, count, arena);
    for (size_t i = 0; i < ranking.ranked; i++) {
      for (size_t j = i + 1; j < ranking.ranked; j++) {
        const struct land_applicant *a = ranking.rows[i].applicant, *b = ranking.rows[j].applicant;
        // Said from the facts, not from the keys: b may not be a whole bin nearer than a.
        if (b->has_base) assert_true(a->has_base);
        if (b->has_base && b->shared_dm >= LAND_SHARED_DM) assert_true(a->shared_dm >= LAND_SHARED_DM);
        if (a->has_base && b->has_base && a->shared_dm < LAND_SHARED_DM)
          assert_true(a->distance_mm < b->distance_mm + rules.near_bin_m * 1000);
        compared++;
      }
    }
  }
  assert_true(compared > CASES);
}

int main(void) {
#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(each_gate_refuses_alone),
      CASE(a_household_applies_once),
      CASE(outsiders_come_in_the_second_round),
      CASE(near_is_counted_in_bins),
      CASE(old_is_who_held_it),
      CASE(keys_are_compared_in_the_order_of_the_tender),
      CASE(who_keeps_silent_is_last_in_the_draw),
      CASE(the_draw_depends_on_root_and_every_nonce),
      CASE(the_draw_prefers_nobody),
      CASE(the_rows_have_a_fixed_form),
      CASE(order_of_the_input_does_not_matter),
      CASE(without_a_loser_the_winner_stays),
      CASE(a_nearer_one_never_loses_to_a_farther),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
