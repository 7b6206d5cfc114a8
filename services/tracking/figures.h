// Figures of evaluation, pure: what a case counts for, and sums of that.
//
// A case counts for itself as it stands, in the month in which its order was received, under each dimension. What a
// change does to the figures is what the case counts for afterwards less what it counted for before, so sums that have
// followed every change equal a count of all cases, whatever happened to them in between.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/evaluation.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

// Counters: the fields of wangge.v1.Figures in their order, then two histograms.
enum { FIGURES_HOP_BUCKETS = 6, FIGURES_DAY_BUCKETS = 22 };
enum {
  FIGURES_NAMED = 37,
  FIGURES_HOPS_AT = FIGURES_NAMED,                         // dispatches of an order: 1 to 5, 6 or more
  FIGURES_DAYS_AT = FIGURES_HOPS_AT + FIGURES_HOP_BUCKETS, // civil days from first dispatch to the first feedback
  FIGURES = FIGURES_DAYS_AT + FIGURES_DAY_BUCKETS
};
extern const double FIGURES_DAY_EDGES[FIGURES_DAY_BUCKETS - 1]; // upper edges, in days; the last bucket has none

struct figures_row {
  const char *district;
  int32_t month; // year * 12 + month - 1
  Wangge__V1__FigureDimension by;
  const char *key;
  uint32_t hash;
  int64_t counts[FIGURES];
};

// Sums by district, month, dimension and key. Lives in an arena.
struct figures_table {
  struct wg_arena *arena;
  struct figures_row **slots; // open addressing; NULL: free
  size_t mask;
  struct figures_row **rows; // in the order they were first named
  size_t count, capacity;
};
struct figures_table *figures_table_create(struct wg_arena *arena);
// figures_row gives the sums of a key, zeros when it is new. The texts are copied.
struct figures_row *figures_row(struct figures_table *table, const char *district, int32_t month,
                                Wangge__V1__FigureDimension by, const char *key);

// figures_count adds what the case counts for, `times` times: 1 for what it is now, -1 for what it was before.
void figures_count(struct figures_table *table, const Wangge__V1__Case *subject, int times);

// figures_pack packs the rows of a district that are not all zero; empty when there are none. figures_add adds what was
// packed; INVALID_ARGUMENT: a counter that this program does not know.
struct wg_bytes figures_pack(const struct figures_table *table, const char *district, struct wg_arena *arena);
wg_status figures_add(struct figures_table *table, const char *district, struct wg_bytes packed,
                      struct wg_error *error);

// "2026-11" <-> 2026 * 12 + 10. Years 2000 to 2199.
bool figures_month_parse(const char *text, int32_t *month);
void figures_month_format(int32_t month, char text[16]);
// figures_name gives a counter's name: its field in wangge.v1.Figures, or "hops 2", "days to 7".
void figures_name(int counter, char name[32]);
