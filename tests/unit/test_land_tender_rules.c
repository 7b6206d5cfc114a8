// Arithmetic of decisions, terms and rents.
#include "common/base/clock.h"
#include "services/land/tender/dues.h"
#include "services/land/tender/money.h"
#include "services/land/tender/term.h"
#include "services/land/tender/votes.h"
#include "tests/unit/unit.h"

static int32_t day(const char *text) {
  int32_t number = 0;
  assert_true(wg_day_parse(text, &number));
  return number;
}

static void rent_is_rounded_once(void **state) {
  (void)state;
  int64_t fen = 0;
  assert_true(land_rent_year(50000, 66667, &fen)); // 1.000005 mu at 500 yuan
  assert_int_equal(fen, 50000);
  assert_true(land_rent_year(100000, 1, &fen)); // 1.5 fen
  assert_int_equal(fen, 2);
  assert_true(land_rent_year(33333, 1, &fen)); // 0.499995 fen
  assert_int_equal(fen, 0);
  assert_true(land_rent_year(0, 1000, &fen));
  assert_int_equal(fen, 0);
  assert_true(land_rent_year(100000, 3400000, &fen)); // 3.4 ha = 51 mu at 1,000 yuan
  assert_int_equal(fen, 5100000);
}

static void rent_that_does_not_fit_is_refused(void **state) {
  (void)state;
  int64_t fen = 7;
  assert_false(land_rent_year(-1, 1, &fen));
  assert_false(land_rent_year(1, -1, &fen));
  assert_false(land_rent_year(LAND_RATE_MOST + 1, 1, &fen));
  assert_false(land_rent_year(1, LAND_AREA_MOST + 1, &fen));
  assert_false(land_rent_year(LAND_RATE_MOST, LAND_AREA_MOST, &fen));
  assert_false(land_share(INT64_MAX, 2, 3, &fen));
  assert_false(land_share(1, 4, 3, &fen));
  assert_false(land_share(1, 0, 0, &fen));
  assert_int_equal(fen, 7);
}

static void mu_of_the_report(void **state) {
  (void)state;
  assert_int_equal(land_mu_hundredths(18330000), 27495);
  assert_int_equal(land_mu_hundredths(13400000), 20100);
  assert_int_equal(land_mu_hundredths(3400000), 5100);
  assert_int_equal(land_mu_hundredths(1000000), 1500);
  assert_int_equal(land_mu_hundredths(333), 0); // 0.4995 of a hundredth
  assert_int_equal(land_mu_hundredths(334), 1);
  assert_int_equal(land_mu_hundredths(INT64_MAX / 3), INT64_C(4611686018427388)); // no overflow on the way
}

static void votes_that_cannot_be(void **state) {
  (void)state;
  static const struct {
    struct land_vote vote;
    const char *fault;
  } cases[] = {
      {{30, 25, 20, 3, 2}, NULL},        {{30, 30, 30, 0, 0}, NULL},
      {{30, 0, 0, 0, 0}, NULL},          {{0, 0, 0, 0, 0}, "eligible"},
      {{-3, 0, 0, 0, 0}, "eligible"},    {{1000001, 1, 1, 0, 0}, "eligible"},
      {{30, 31, 0, 0, 0}, "present"},    {{30, -1, 0, 0, 0}, "present"},
      {{30, 20, 21, 0, 0}, "in_favour"}, {{30, 20, 15, 6, 0}, "against"},
      {{30, 20, 15, -1, 0}, "against"},  {{30, 20, 15, 4, 2}, "abstained"},
      {{30, 20, -1, 4, 2}, "in_favour"}, {{30, 20, INT64_MAX, INT64_MAX, 2}, "in_favour"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *fault = land_vote_fault(&cases[i].vote);
    if (!fault != !cases[i].fault || (fault && strcmp(fault, cases[i].fault) != 0))
      fail_msg("case %zu: %s", i, fault ? fault : "none");
  }
}

static void shares_are_of_the_eligible(void **state) {
  (void)state;
  assert_true(land_vote_passes(&(struct land_vote){.eligible = 30, .present = 20, .in_favour = 20}, 2, 3));
  assert_false(
      land_vote_passes(&(struct land_vote){.eligible = 30, .present = 19, .in_favour = 19}, 2, 3)); // all of them
  assert_int_equal(land_vote_needed(31, 2, 3), 21);
  assert_int_equal(land_vote_needed(1, 2, 3), 1);
  assert_int_equal(land_vote_needed(30, 1, 2), 15);
  for (int64_t eligible = 1; eligible < 200; eligible++) {
    for (int64_t votes = 0; votes <= eligible; votes++) {
      const struct land_vote vote = {.eligible = eligible, .present = eligible, .in_favour = votes};
      assert_int_equal(land_vote_passes(&vote, 2, 3), votes * 3 >= 2 * eligible);
    }
  }
}

static void steps_come_in_order(void **state) {
  (void)state;
  assert_int_equal(land_step_next(0), LAND_STEP_PROPOSE);
  assert_int_equal(land_step_next(LAND_STEP_REVIEW), LAND_STEP_RESOLVE);
  assert_int_equal(land_step_next(LAND_STEP_RESOLVE), 0);
  assert_int_equal(land_step_check(0, 99, true, LAND_STEP_PROPOSE, 10, 10), LAND_STEP_FITS);
  assert_int_equal(land_step_check(0, 0, true, LAND_STEP_RESOLVE, 10, 10), LAND_STEP_ORDER);
  assert_int_equal(land_step_check(1, 10, true, LAND_STEP_PROPOSE, 10, 10), LAND_STEP_ORDER);
  assert_int_equal(land_step_check(1, 10, true, LAND_STEP_DISCUSS, 10, 10), LAND_STEP_FITS); // the same day may be
  assert_int_equal(land_step_check(1, 10, true, LAND_STEP_DISCUSS, 9, 10), LAND_STEP_BEFORE);
  assert_int_equal(land_step_check(1, 10, true, LAND_STEP_DISCUSS, 11, 10), LAND_STEP_FUTURE);
  assert_int_equal(land_step_check(4, 10, true, 5, 10, 10), LAND_STEP_ORDER);
  // A village whose policy does not ask for all of them may leave steps out, but not turn them round.
  assert_int_equal(land_step_check(1, 10, false, LAND_STEP_RESOLVE, 10, 10), LAND_STEP_FITS);
  assert_int_equal(land_step_check(3, 10, false, LAND_STEP_DISCUSS, 10, 10), LAND_STEP_ORDER);
  assert_int_equal(land_step_check(4, 10, false, LAND_STEP_RESOLVE, 10, 10), LAND_STEP_ORDER);
  assert_int_equal(land_step_check(3, 10, false, 5, 10, 10), LAND_STEP_ORDER);
}

static void terms_have_a_first_and_a_last_day(void **state) {
  (void)state;
  assert_int_equal(land_term_last(day("2027-03-01"), 3), day("2030-02-28"));
  assert_int_equal(land_term_last(day("2027-01-01"), 1), day("2027-12-31"));
  assert_false(land_term_over(day("2027-01-01"), day("2056-12-31"), 30));
  assert_true(land_term_over(day("2027-01-01"), day("2057-01-01"), 30));
}

static void the_29th_of_february_comes_back(void **state) {
  (void)state;
  const int32_t leap = day("2028-02-29");
  assert_int_equal(land_years_behind(leap, 1), day("2029-02-28"));
  assert_int_equal(land_years_behind(leap, 4), day("2032-02-29"));
  assert_int_equal(land_term_last(leap, 4), day("2032-02-28"));
  assert_int_equal(land_months_behind(day("2027-01-31"), 1), day("2027-02-28"));
  assert_int_equal(land_months_behind(day("2027-12-31"), 2), day("2028-02-29"));
  assert_int_equal(land_months_behind(day("2027-12-31"), 12), day("2028-12-31"));
  int32_t none;
  assert_false(wg_day_parse("2027-02-29", &none)); // and is refused where it is none
}

static void reminders_come_once_each(void **state) {
  (void)state;
  const int32_t last = day("2030-02-28");
  int left = -1;
  int32_t at = day("2027-03-01");
  static const int expected[] = {180, 90, 30, 7, 0};
  for (size_t i = 0; i < 5; i++) {
    const int32_t next = land_term_mark(last, at, &left);
    assert_int_equal(left, expected[i]);
    assert_int_equal(next, expected[i] ? last - expected[i] : last + 1);
    at = next;
  }
  assert_int_equal(land_term_mark(last, at, &left), INT32_MIN);
  assert_int_equal(land_term_mark(last, last - 60, &left), last - 30); // a clock that slept skips what is past
}

static struct land_due dues[LAND_DUES_MOST];
static int64_t sum_of(size_t count) {
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += dues[i].fen;
  return sum;
}

static void dues_sum_to_the_rent_of_the_term(void **state) {
  (void)state;
  int64_t total = 0;
  size_t count = land_dues_plan(day("2027-03-01"), day("2030-02-28"), 100001, 12, 10, dues, &total);
  assert_int_equal(count, 3);
  assert_int_equal(total, 300003);
  assert_int_equal(dues[1].due, day("2028-03-11"));
  assert_int_equal(dues[1].first, day("2028-03-01"));
  assert_int_equal(dues[1].last, day("2029-02-28"));
  count = land_dues_plan(day("2027-03-01"), day("2030-02-28"), 100001, 3, 0, dues, &total);
  assert_int_equal(count, 12);
  assert_int_equal(sum_of(count), 300003);
  assert_int_equal(dues[0].fen, 25000);
  assert_int_equal(dues[3].fen, 25001);
  count = land_dues_plan(day("2027-03-01"), day("2030-02-28"), 100001, 0, 5, dues, &total);
  assert_int_equal(count, 1);
  assert_int_equal(dues[0].fen, 300003);
  count = land_dues_plan(day("2027-03-01"), day("2028-05-31"), 36600, 12, 0, dues, &total);
  assert_int_equal(count, 2);
  assert_int_equal(dues[1].fen, 9225); // 92 of 365 days
  // Whatever the numbers, every day belongs to one due and nothing is lost.
  for (int days = 0; days < 3000; days += 7) {
    for (int months = 3; months <= 12; months *= 2) {
      const int32_t first = day("2028-02-29"), last = first + days;
      count = land_dues_plan(first, last, 777777, months, 0, dues, &total);
      assert_int_equal(sum_of(count), total);
      int32_t next = first;
      for (size_t i = 0; i < count; i++) {
        assert_int_equal(dues[i].first, next);
        next = dues[i].last + 1;
      }
      assert_int_equal(next, last + 1);
    }
  }
}

static void terms_that_cannot_be_planned(void **state) {
  (void)state;
  int64_t total = 7;
  assert_int_equal(land_dues_plan(100, 99, 100, 12, 0, dues, &total), 0);
  assert_int_equal(land_dues_plan(100, 200, -1, 12, 0, dues, &total), 0);
  assert_int_equal(land_dues_plan(100, 100 + 37000, 100, 12, 0, dues, &total), 0);
  assert_int_equal(land_dues_plan(100, 20000, INT64_MAX / 4, 12, 0, dues, &total), 0);
  assert_int_equal(total, 7);
  const int32_t first = day("2027-01-01");
  assert_int_equal(land_dues_plan(first, land_term_last(first, 100), 100, 3, 0, dues, &total), 400); // the most
}

static void payments_go_to_the_oldest_due(void **state) {
  (void)state;
  int64_t total, shares[3], owed[3];
  const int32_t first = day("2027-03-01");
  size_t count = land_dues_plan(first, land_term_last(first, 3), 1000, 12, 0, dues, &total);
  assert_int_equal(count, 3);
  assert_int_equal(land_dues_pay(dues, count, 1500, shares), 0);
  assert_int_equal(shares[0], 1000);
  assert_int_equal(shares[1], 500);
  assert_int_equal(shares[2], 0);
  assert_int_equal(land_dues_pay(dues, count, 5000, shares), 2000);
  assert_int_equal(land_dues_arrears(dues, count, first), 0); // the last day is in time
  assert_int_equal(land_dues_arrears(dues, count, first + 1), 1000);
  dues[0].paid_fen = 400;
  assert_int_equal(land_dues_arrears(dues, count, first + 1), 600);
  dues[1].cancelled = true;
  assert_int_equal(land_dues_pay(dues, count, 5000, shares), 5000 - 600 - 1000);
  assert_int_equal(shares[1], 0);
  // Ended in the first year: 184 of its 366 days (it has a 29 February) are owed, 502.7 fen.
  dues[0].paid_fen = 1000, dues[1].cancelled = false, dues[1].paid_fen = 100;
  assert_int_equal(land_dues_end(dues, count, first + 183, owed), 1000 - 503 + 100);
  assert_int_equal(owed[0], 503);
  assert_int_equal(owed[1], 0);
  assert_int_equal(land_dues_end(dues, count, land_term_last(first, 3), owed), 0);
  assert_int_equal(owed[2], 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rent_is_rounded_once),
      cmocka_unit_test(rent_that_does_not_fit_is_refused),
      cmocka_unit_test(mu_of_the_report),
      cmocka_unit_test(votes_that_cannot_be),
      cmocka_unit_test(shares_are_of_the_eligible),
      cmocka_unit_test(steps_come_in_order),
      cmocka_unit_test(terms_have_a_first_and_a_last_day),
      cmocka_unit_test(the_29th_of_february_comes_back),
      cmocka_unit_test(reminders_come_once_each),
      cmocka_unit_test(dues_sum_to_the_rent_of_the_term),
      cmocka_unit_test(terms_that_cannot_be_planned),
      cmocka_unit_test(payments_go_to_the_oldest_due),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
