// Themes (同类诉求): what many places of a district want or suffer alike, for the livelihood list (为民办实事清单).
//
// Found by going once through a district's orders in the order of their numbers, with an inverted index of their
// strongest n-grams in memory: an order joins the theme whose members in *other grids* it is most like (mean cosine of
// the 3 likest, as for problems), or begins one. Members of its own grid do not count: what they share is often no more
// than the name of their place; nor do those of another category, unless one category is above the other or unknown. In
// the end themes that are alike are joined in the same way. A theme is told when it is in enough grids. Links, not
// merges: nothing happens to the orders.
//
// Pure, one thread, no I/O. Memory: about 1 KiB an order.
#pragma once

#include "services/routing/text/vector.h"

enum {
  ROUTING_THEME_ORDERS = 10000,  // newest of a district
  ROUTING_THEME_GRAMS = 48,      // strongest of an order
  ROUTING_THEME_POSTINGS = 1024, // newest orders of an n-gram
  ROUTING_THEME_TOLD = 10        // n-grams that explain a theme
};
#define ROUTING_THEME_LIKE 0.16f // of texts with all names in: they are of many places

struct routing_theme_order {
  int64_t id;
  const char *grid, *place_id, *category; // grid "" : the order is left out; the others may be ""
  uint32_t count;
  const uint32_t *gram; // by routing_theme_take
  const float *weight;  // their squares sum to 1
};
// routing_theme_take fills gram and weight with the strongest of a vector; memory of the arena.
void routing_theme_take(struct routing_theme_order *order, const struct routing_vector *vector, struct wg_arena *arena);

struct routing_theme_member {
  const struct routing_theme_order *order;
  float score; // with which it joined; 0: it began the theme
};
struct routing_theme {
  int64_t id;                               // routing_themes_name; 0: not named
  struct routing_theme_member *members;     // by number
  size_t count, grids, places;              // places: distinct place_ids
  float score;                              // mean of those that joined
  const struct routing_theme_order *likest; // says best what all say
  const char *category;                     // most frequent, "" none
  size_t category_count;
  uint32_t gram[ROUTING_THEME_TOLD]; // that at least half of them share, heaviest first
  size_t grams;
};

// routing_themes_find: `orders` ascending by id, at most ROUTING_THEME_ORDERS are looked at (the last ones). Themes in
// at least `grids` grids, the one with most grids first; memory of the arena, texts those of the orders.
size_t routing_themes_find(const struct routing_theme_order *orders, size_t count, size_t grids, struct wg_arena *arena,
                           struct routing_theme **themes);

// A theme of an earlier sweep: one entry for each member, ascending by order.
struct routing_theme_known {
  int64_t order_id, theme_id;
};
// routing_themes_name gives each theme the id of the known one that it continues: they share at least half of the
// smaller one's members. Each id is used once, larger themes choose first; the others get next, next + 1 …
void routing_themes_name(struct routing_theme *themes, size_t count, const struct routing_theme_known *known,
                         size_t known_count, int64_t next);

// routing_sweep_due: has it been `minute` of a day (Asia/Shanghai) since the last sweep? last 0: there was none, yes.
bool routing_sweep_due(int64_t last, int64_t now, int minute);
