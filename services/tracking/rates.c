// See rates.h.
#include "services/tracking/rates.h"

#include <math.h>
#include <string.h>

static Wangge__V1__Rate *rate(int64_t part, int64_t whole, struct wg_arena *arena) {
  Wangge__V1__Rate *made = wg_arena_alloc(arena, sizeof *made);
  wangge__v1__rate__init(made);
  made->part = part;
  made->whole = whole;
  if (whole > 0) {
    made->known_case = WANGGE__V1__RATE__KNOWN_VALUE;
    made->value = (double)part / (double)whole;
  }
  return made;
}

// The fields of Figures are int64 and stand in the order of the counters.
static Wangge__V1__Figures *named(const int64_t counts[FIGURES], struct wg_arena *arena) {
  Wangge__V1__Figures *figures = wg_arena_alloc(arena, sizeof *figures);
  wangge__v1__figures__init(figures);
  for (int i = 0; i < FIGURES_NAMED; i++)
    memcpy((char *)figures + wangge__v1__figures__descriptor.fields[i].offset, &counts[i], sizeof counts[i]);
  return figures;
}

// Wilson's interval: of use for few answers, too, and never beyond 0 or 1.
static void interval(Wangge__V1__EvaluationRow *row) {
  const Wangge__V1__Rate *of = row->satisfaction;
  if (of->whole <= 0) return;
  const double z = 1.959964, n = (double)of->whole, p = of->value;
  const double middle = p + z * z / (2 * n), spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  row->satisfaction_low = fmax(0, (middle - spread) / (1 + z * z / n));
  row->satisfaction_high = fmin(1, (middle + spread) / (1 + z * z / n));
}

static int64_t sum_of(const int64_t *counts, int count) {
  int64_t sum = 0;
  for (int i = 0; i < count; i++)
    sum += counts[i];
  return sum;
}

static int hops_quantile(const int64_t *buckets, double share) {
  const double wanted = share * (double)sum_of(buckets, FIGURES_HOP_BUCKETS);
  double seen = 0;
  for (int i = 0; i < FIGURES_HOP_BUCKETS; i++) {
    seen += (double)buckets[i];
    if (seen >= wanted && seen > 0) return i + 1;
  }
  return 0;
}

// The last bucket has no upper edge: what lies in it is told as its lower one.
static bool days_quantile(const int64_t *buckets, double share, double *days) {
  const double wanted = share * (double)sum_of(buckets, FIGURES_DAY_BUCKETS);
  double seen = 0;
  if (wanted <= 0) return false;
  for (int i = 0; i < FIGURES_DAY_BUCKETS; i++) {
    const double here = (double)buckets[i], low = i ? FIGURES_DAY_EDGES[i - 1] : 0;
    if (here > 0 && seen + here >= wanted) {
      const double high = i < FIGURES_DAY_BUCKETS - 1 ? FIGURES_DAY_EDGES[i] : low;
      *days = low + (high - low) * (wanted - seen) / here;
      return true;
    }
    seen += here;
  }
  return false;
}

static void day_buckets(Wangge__V1__EvaluationRow *row, const int64_t *buckets, struct wg_arena *arena) {
  row->days = wg_arena_alloc(arena, sizeof *row->days * FIGURES_DAY_BUCKETS);
  for (int i = 0; i < FIGURES_DAY_BUCKETS; i++) {
    if (!buckets[i]) continue;
    Wangge__V1__DayBucket *bucket = wg_arena_alloc(arena, sizeof *bucket);
    wangge__v1__day_bucket__init(bucket);
    bucket->up_to = i < FIGURES_DAY_BUCKETS - 1 ? FIGURES_DAY_EDGES[i] : 0;
    bucket->orders = buckets[i];
    row->days[row->n_days++] = bucket;
  }
}

static void composite(Wangge__V1__EvaluationRow *row, const struct rates_weights *w) {
  if (!row->response->whole || !row->resolution->whole || !row->satisfaction->whole) return;
  row->composite_known_case = WANGGE__V1__EVALUATION_ROW__COMPOSITE_KNOWN_COMPOSITE;
  row->composite = (w->response * row->response->value + w->resolution * row->resolution->value +
                    w->satisfaction * row->satisfaction->value) /
                   (w->response + w->resolution + w->satisfaction);
}

static void spreads(Wangge__V1__EvaluationRow *row, const int64_t counts[FIGURES]) {
  if (row->figures->dispatched > 0) {
    row->hops_known_case = WANGGE__V1__EVALUATION_ROW__HOPS_KNOWN_HOPS_MEAN;
    row->hops_mean = (double)row->figures->hops / (double)row->figures->dispatched;
  }
  row->hops_p90 = hops_quantile(counts + FIGURES_HOPS_AT, 0.9);
  double days;
  if (days_quantile(counts + FIGURES_DAYS_AT, 0.5, &days)) {
    row->days_known_case = WANGGE__V1__EVALUATION_ROW__DAYS_KNOWN_DAYS_P50;
    row->days_p50 = days;
  }
  if (days_quantile(counts + FIGURES_DAYS_AT, 0.9, &days)) {
    row->days_p90_known_case = WANGGE__V1__EVALUATION_ROW__DAYS_P90_KNOWN_DAYS_P90;
    row->days_p90 = days;
  }
}

Wangge__V1__EvaluationRow *rates_row(const char *key, const char *month, const int64_t counts[FIGURES],
                                     const struct rates_weights *weights, struct wg_arena *arena) {
  Wangge__V1__EvaluationRow *row = wg_arena_alloc(arena, sizeof *row);
  wangge__v1__evaluation_row__init(row);
  row->key = wg_arena_strdup(arena, key);
  row->month = wg_arena_strdup(arena, month);
  Wangge__V1__Figures *f = row->figures = named(counts, arena);
  const int64_t content = f->very_satisfied + f->satisfied + f->basically_satisfied;
  row->signed_in_time = rate(f->signed_in_time, f->signed_in_time + f->signed_late, arena);
  row->response = rate(f->contacted_in_time, f->contacted_in_time + f->contacted_late, arena);
  row->resolution = rate(f->solved, f->solved + f->partly_solved + f->unsolved, arena);
  row->satisfaction = rate(content, content + f->dissatisfied + f->very_dissatisfied, arena);
  row->in_time = rate(f->in_time, f->in_time + f->late, arena);
  row->closing = rate(f->closed, f->dispatched - f->held, arena);
  row->first_dispatch = rate(f->dispatched - f->given_back, f->dispatched, arena);
  row->rework = rate(f->reworked, f->closed, arena);
  row->repeat = rate(f->in_problems, f->opened, arena);
  row->recurrence = rate(f->ineffective, f->closed, arena);
  row->proactive = rate(f->proactive_problems, f->problems, arena);
  composite(row, weights);
  spreads(row, counts);
  day_buckets(row, counts + FIGURES_DAYS_AT, arena);
  interval(row);
  return row;
}

const char *rates_tier(const char *kind, int64_t dispatched, struct wg_arena *arena) {
  const char *volume = dispatched >= 10000  ? "10000+"
                       : dispatched >= 1000 ? "1000-9999"
                       : dispatched >= 100  ? "100-999"
                       : dispatched >= 10   ? "10-99"
                                            : "0-9";
  return wg_arena_printf(arena, "%s/%s", *kind ? kind : "unit", volume);
}
