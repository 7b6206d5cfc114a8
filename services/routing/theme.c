// See theme.h.
#include "services/routing/theme.h"

#include "common/base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 3, LISTS_BITS = 20 }; // at most ORDERS * GRAMS different n-grams: the table is at most half full

struct posting {
  uint32_t order;
  float weight;
};
struct list { // the newest orders that have the gram
  uint32_t gram, count, room;
  struct posting *posting; // a ring once it is full
};
struct cluster {
  uint32_t members;
  float top[TOP]; // of the order looked at
  bool touched;
};
struct finder {
  const struct routing_theme_order *orders;
  size_t count, clusters;
  struct list *list; // open addressing by gram
  struct cluster *cluster;
  uint32_t *of, *seen, *near; // cluster of each order; orders and clusters that were touched
  float *dot, *joined;
};

// --- one order's n-grams ---
struct weighed {
  uint32_t gram;
  float weight;
};

static int heavier(const void *left, const void *right) {
  const struct weighed *a = left, *b = right;
  if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
  return (a->gram > b->gram) - (a->gram < b->gram);
}

void routing_theme_take(struct routing_theme_order *order, const struct routing_vector *vector,
                        struct wg_arena *arena) {
  struct weighed *all = wg_alloc((vector->count + 1) * sizeof *all);
  for (uint32_t i = 0; i < vector->count; i++)
    all[i] = (struct weighed){vector->gram[i], vector->weight[i]};
  qsort(all, vector->count, sizeof *all, heavier);
  const uint32_t count = vector->count < ROUTING_THEME_GRAMS ? vector->count : ROUTING_THEME_GRAMS;
  uint32_t *gram = wg_arena_alloc(arena, (count + 1) * sizeof *gram);
  float *weight = wg_arena_alloc(arena, (count + 1) * sizeof *weight), squares = 0;
  for (uint32_t i = 0; i < count; i++)
    squares += all[i].weight * all[i].weight;
  for (uint32_t i = 0; i < count; i++) {
    gram[i] = all[i].gram;
    weight[i] = all[i].weight / sqrtf(squares);
  }
  free(all);
  order->count = count;
  order->gram = gram;
  order->weight = weight;
}

// --- joining ---
static struct list *list_of(const struct finder *finder, uint32_t gram) {
  uint32_t at = gram >> (32 - LISTS_BITS);
  while (finder->list[at].gram != 0 && finder->list[at].gram != gram)
    at = (at + 1) & ((1 << LISTS_BITS) - 1);
  return &finder->list[at];
}

static void enter(const struct finder *finder, uint32_t number) {
  const struct routing_theme_order *order = &finder->orders[number];
  for (uint32_t i = 0; i < order->count; i++) {
    struct list *list = list_of(finder, order->gram[i]);
    list->gram = order->gram[i];
    if (list->count == list->room && list->room < ROUTING_THEME_POSTINGS) {
      list->room = list->room ? list->room * 2 : 2;
      list->posting = wg_realloc(list->posting, list->room * sizeof *list->posting);
    }
    list->posting[list->count++ % list->room] = (struct posting){number, order->weight[i]};
  }
}

// compare adds up the dot products with all that share an n-gram; gives how many those are.
static size_t compare(const struct finder *finder, const struct routing_theme_order *order) {
  size_t seen = 0;
  for (uint32_t i = 0; i < order->count; i++) {
    const struct list *list = list_of(finder, order->gram[i]);
    const uint32_t count = list->count < list->room ? list->count : list->room;
    for (uint32_t k = 0; k < count; k++) {
      const struct posting *posting = &list->posting[k];
      if (finder->dot[posting->order] == 0) finder->seen[seen++] = posting->order;
      finder->dot[posting->order] += order->weight[i] * posting->weight;
    }
  }
  return seen;
}

static void keep_top(float top[TOP], float cosine) {
  for (int at = 0; at < TOP; at++) {
    if (cosine <= top[at]) continue;
    const float before = top[at];
    top[at] = cosine;
    cosine = before;
  }
}

// same_kind: categories that are known must not contradict each other: equal, or one above the other.
static bool same_kind(const char *a, const char *b) {
  const size_t size = strlen(a), other = strlen(b), common = size < other ? size : other;
  return common == 0 || (strncmp(a, b, common) == 0 && (size == other || (size > other ? a : b)[common] == '/'));
}

// look finds the clusters near an order, by their members of the same kind in other grids; gives how many, in
// finder->near. Each has to be asked for its score.
static size_t look(const struct finder *finder, uint32_t number) {
  const struct routing_theme_order *order = &finder->orders[number];
  const size_t seen = compare(finder, order);
  size_t near = 0;
  for (size_t i = 0; i < seen; i++) {
    const uint32_t other = finder->seen[i];
    struct cluster *cluster = &finder->cluster[finder->of[other]];
    const float cosine = finder->dot[other];
    finder->dot[other] = 0;
    const struct routing_theme_order *one = &finder->orders[other];
    if (strcmp(one->grid, order->grid) == 0 || !same_kind(one->category, order->category)) continue;
    if (!cluster->touched) finder->near[near++] = finder->of[other];
    cluster->touched = true;
    keep_top(cluster->top, cosine);
  }
  return near;
}

// score_of gives the likeness of the order that was looked at, and forgets it.
static float score_of(struct cluster *cluster) {
  const uint32_t of = cluster->members < TOP ? cluster->members : TOP;
  const float score = (cluster->top[0] + cluster->top[1] + cluster->top[2]) / (float)of;
  memset(cluster->top, 0, sizeof cluster->top);
  cluster->touched = false;
  return score;
}

// join puts the order into the cluster it is most like, or into a new one.
static void join(struct finder *finder, uint32_t number) {
  const size_t near = look(finder, number);
  float best = 0;
  uint32_t found = (uint32_t)finder->clusters;
  for (size_t i = 0; i < near; i++) {
    const float score = score_of(&finder->cluster[finder->near[i]]);
    if (score < ROUTING_THEME_LIKE || score < best || (score == best && finder->near[i] > found)) continue;
    best = score;
    found = finder->near[i];
  }
  if (found == finder->clusters) finder->clusters++;
  finder->cluster[found].members++;
  finder->of[number] = found;
  finder->joined[number] = best;
}

// toward adds up how like the members of a cluster are to others; gives how many others those are.
static size_t toward(const struct finder *finder, uint32_t cluster, const uint32_t *members, float *sums,
                     uint32_t *others) {
  size_t count = 0;
  for (uint32_t at = members[cluster]; at != UINT32_MAX; at = members[finder->clusters + at]) {
    const size_t near = look(finder, at);
    for (size_t i = 0; i < near; i++) {
      const uint32_t other = finder->near[i];
      const float score = score_of(&finder->cluster[other]);
      if (other == cluster) continue;
      if (sums[other] == 0) others[count++] = other;
      sums[other] += score;
    }
  }
  return count;
}

// move puts all members of one cluster into another.
static void move(const struct finder *finder, uint32_t from, uint32_t to, uint32_t *members, float score) {
  uint32_t at = members[from], *next = NULL;
  for (; at != UINT32_MAX; at = *next) {
    next = &members[finder->clusters + at];
    finder->of[at] = to;
    if (finder->joined[at] == 0) finder->joined[at] = score;
  }
  if (next) *next = members[to];
  members[to] = members[from];
  members[from] = UINT32_MAX;
  finder->cluster[to].members += finder->cluster[from].members;
  finder->cluster[from].members = 0;
}

// unite: orders that came before any of another grid began clusters of their own. A cluster whose members are, in the
// mean, like those of a larger one joins it.
static void unite(struct finder *finder) {
  const size_t clusters = finder->clusters;
  uint32_t *members = wg_alloc((clusters + finder->count + 1) * sizeof *members); // first of each cluster, next of each
  uint32_t *others = wg_alloc((clusters + 1) * sizeof *others);
  float *sums = wg_zalloc((clusters + 1) * sizeof *sums);
  for (size_t i = 0; i < clusters + finder->count; i++)
    members[i] = UINT32_MAX;
  for (size_t i = finder->count; i-- > 0;) {
    if (finder->of[i] == UINT32_MAX) continue;
    members[clusters + i] = members[finder->of[i]];
    members[finder->of[i]] = (uint32_t)i;
  }
  for (uint32_t from = (uint32_t)clusters; from-- > 0;) {
    const uint32_t size = finder->cluster[from].members;
    const size_t count = toward(finder, from, members, sums, others);
    float best = 0;
    uint32_t to = from;
    for (size_t i = 0; i < count; i++) {
      const float score = sums[others[i]] / (float)size;
      sums[others[i]] = 0;
      if (score < ROUTING_THEME_LIKE || score <= best || finder->cluster[others[i]].members < size) continue;
      best = score;
      to = others[i];
    }
    if (to != from) move(finder, from, to, members, best);
  }
  free(members);
  free(others);
  free(sums);
}

// --- telling ---
static int by_text(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// distinct counts the different texts that are not empty, and finds the most frequent one.
static size_t distinct(const char **texts, size_t count, const char **most, size_t *times) {
  size_t different = 0, run = 0;
  *most = "";
  *times = 0;
  if (count > 1) qsort(texts, count, sizeof *texts, by_text);
  for (size_t i = 0; i < count; i++) {
    const bool again = i > 0 && strcmp(texts[i], texts[i - 1]) == 0;
    run = again ? run + 1 : 1;
    if (!*texts[i]) continue;
    different += !again;
    if (run <= *times) continue;
    *times = run;
    *most = texts[i];
  }
  return different;
}

struct share {
  uint32_t gram, members;
  float sum;
};
static int by_gram(const void *left, const void *right) {
  const struct share *a = left, *b = right;
  return (a->gram > b->gram) - (a->gram < b->gram);
}
static int by_sum(const void *left, const void *right) {
  const struct share *a = left, *b = right;
  if (a->sum != b->sum) return a->sum > b->sum ? -1 : 1;
  return by_gram(left, right);
}

static float centrality(const struct routing_theme_order *order, const struct share *shares, size_t count) {
  float sum = 0;
  for (uint32_t i = 0; i < order->count; i++) {
    const struct share key = {.gram = order->gram[i]};
    const struct share *share = bsearch(&key, shares, count, sizeof *shares, by_gram);
    if (share && share->members > 1) sum += order->weight[i] * share->sum;
  }
  return sum;
}

static void explain(struct routing_theme *theme) {
  size_t all = 0, count = 0;
  for (size_t i = 0; i < theme->count; i++)
    all += theme->members[i].order->count;
  struct share *shares = wg_alloc((all + 1) * sizeof *shares);
  all = 0;
  for (size_t i = 0; i < theme->count; i++) {
    const struct routing_theme_order *order = theme->members[i].order;
    for (uint32_t k = 0; k < order->count; k++)
      shares[all++] = (struct share){order->gram[k], 1, order->weight[k]};
  }
  qsort(shares, all, sizeof *shares, by_gram);
  for (size_t i = 0; i < all; i++) {
    if (count > 0 && shares[count - 1].gram == shares[i].gram) {
      shares[count - 1].members++;
      shares[count - 1].sum += shares[i].sum;
    } else {
      shares[count++] = shares[i];
    }
  }
  float most = -1;
  for (size_t i = 0; i < theme->count; i++) {
    const float central = centrality(theme->members[i].order, shares, count);
    if (central <= most) continue;
    most = central;
    theme->likest = theme->members[i].order;
  }
  qsort(shares, count, sizeof *shares, by_sum);
  for (size_t i = 0; i < count && theme->grams < ROUTING_THEME_TOLD; i++) {
    if ((size_t)shares[i].members * 2 >= theme->count) theme->gram[theme->grams++] = shares[i].gram;
  }
  free(shares);
}

// measure fills what is told of a theme; false: it is in too few grids.
static bool measure(struct routing_theme *theme, size_t grids) {
  const char **texts = wg_alloc((theme->count + 1) * sizeof *texts), *ignored = NULL;
  size_t times = 0;
  float sum = 0;
  for (size_t i = 0; i < theme->count; i++)
    texts[i] = theme->members[i].order->grid;
  theme->grids = distinct(texts, theme->count, &ignored, &times);
  for (size_t i = 0; i < theme->count; i++)
    texts[i] = theme->members[i].order->place_id;
  theme->places = distinct(texts, theme->count, &ignored, &times);
  for (size_t i = 0; i < theme->count; i++)
    texts[i] = theme->members[i].order->category;
  distinct(texts, theme->count, &theme->category, &theme->category_count);
  free(texts);
  for (size_t i = 0; i < theme->count; i++)
    sum += theme->members[i].score;
  theme->score = theme->count > 1 ? sum / (float)(theme->count - 1) : 0;
  if (theme->grids < grids) return false;
  explain(theme);
  return true;
}

static int by_grids(const void *left, const void *right) {
  const struct routing_theme *a = left, *b = right;
  if (a->grids != b->grids) return a->grids > b->grids ? -1 : 1;
  if (a->count != b->count) return a->count > b->count ? -1 : 1;
  return a->members[0].order->id < b->members[0].order->id ? -1 : 1;
}

static size_t tell(const struct finder *finder, size_t grids, struct wg_arena *arena, struct routing_theme **themes) {
  struct routing_theme *all = wg_zalloc((finder->clusters + 1) * sizeof *all);
  size_t told = 0;
  for (size_t i = 0; i < finder->clusters; i++) // one grid holds any number, but no theme is smaller than its grids
    if (finder->cluster[i].members >= grids)
      all[i].members = wg_arena_alloc(arena, finder->cluster[i].members * sizeof *all[i].members);
  for (size_t i = 0; i < finder->count; i++) {
    struct routing_theme *theme = finder->of[i] != UINT32_MAX ? &all[finder->of[i]] : NULL;
    if (theme && theme->members)
      theme->members[theme->count++] = (struct routing_theme_member){&finder->orders[i], finder->joined[i]};
  }
  for (size_t i = 0; i < finder->clusters; i++) {
    if (all[i].members && measure(&all[i], grids)) all[told++] = all[i];
  }
  if (told > 1) qsort(all, told, sizeof *all, by_grids);
  *themes = wg_arena_alloc(arena, (told + 1) * sizeof **themes);
  memcpy(*themes, all, told * sizeof **themes);
  free(all);
  return told;
}

size_t routing_themes_find(const struct routing_theme_order *orders, size_t count, size_t grids, struct wg_arena *arena,
                           struct routing_theme **themes) {
  const size_t most = count < ROUTING_THEME_ORDERS ? count : ROUTING_THEME_ORDERS;
  struct finder finder = {.orders = orders + (count - most), .count = most};
  finder.list = wg_zalloc(((size_t)1 << LISTS_BITS) * sizeof *finder.list);
  finder.cluster = wg_zalloc((most + 1) * sizeof *finder.cluster);
  finder.of = wg_alloc((most + 1) * sizeof *finder.of);
  finder.seen = wg_alloc((most + 1) * sizeof *finder.seen);
  finder.near = wg_alloc((most + 1) * sizeof *finder.near);
  finder.dot = wg_zalloc((most + 1) * sizeof *finder.dot);
  finder.joined = wg_zalloc((most + 1) * sizeof *finder.joined);
  for (uint32_t i = 0; i < most; i++) {
    finder.of[i] = UINT32_MAX;
    if (!*finder.orders[i].grid || finder.orders[i].count == 0) continue;
    join(&finder, i);
    enter(&finder, i);
  }
  unite(&finder);
  const size_t told = tell(&finder, grids, arena, themes);
  for (size_t i = 0; i < (size_t)1 << LISTS_BITS; i++)
    free(finder.list[i].posting);
  free(finder.list);
  free(finder.cluster);
  free(finder.of);
  free(finder.seen);
  free(finder.near);
  free(finder.dot);
  free(finder.joined);
  return told;
}

// --- names ---
static int by_order(const void *left, const void *right) {
  const struct routing_theme_known *a = left, *b = right;
  return (a->order_id > b->order_id) - (a->order_id < b->order_id);
}

static int by_id(const void *left, const void *right) {
  const int64_t *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static bool taken(const struct routing_theme *themes, size_t count, int64_t id) {
  for (size_t i = 0; i < count; i++) {
    if (themes[i].id == id) return true;
  }
  return false;
}

static size_t size_of(const struct routing_theme_known *known, size_t count, int64_t id) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++)
    size += known[i].theme_id == id;
  return size;
}

// continued gives the known theme that shares most members, or 0.
static int64_t continued(const struct routing_theme *themes, size_t at, const struct routing_theme_known *known,
                         size_t known_count) {
  const struct routing_theme *theme = &themes[at];
  int64_t *ids = wg_alloc((theme->count + 1) * sizeof *ids), found = 0;
  size_t count = 0, run = 0, best = 0;
  for (size_t i = 0; i < theme->count; i++) {
    const struct routing_theme_known key = {.order_id = theme->members[i].order->id};
    const struct routing_theme_known *one = bsearch(&key, known, known_count, sizeof *known, by_order);
    if (one) ids[count++] = one->theme_id;
  }
  if (count > 1) qsort(ids, count, sizeof *ids, by_id);
  for (size_t i = 0; i < count; i++) {
    run = i > 0 && ids[i] == ids[i - 1] ? run + 1 : 1;
    if (run <= best || taken(themes, at, ids[i])) continue;
    const size_t old = size_of(known, known_count, ids[i]), smaller = old < theme->count ? old : theme->count;
    if (run * 2 < smaller) continue;
    best = run;
    found = ids[i];
  }
  free(ids);
  return found;
}

void routing_themes_name(struct routing_theme *themes, size_t count, const struct routing_theme_known *known,
                         size_t known_count, int64_t next) {
  for (size_t i = 0; i < count; i++) {
    const int64_t id = known_count ? continued(themes, i, known, known_count) : 0;
    themes[i].id = id ? id : next++;
  }
}

bool routing_sweep_due(int64_t last, int64_t now, int minute) {
  const int64_t of_day = (int64_t)minute * 60 * WG_SECOND_US, local = now + WG_SHANGHAI_OFFSET_US;
  int64_t due = local - local % WG_DAY_US + of_day;
  if (due > local) due -= WG_DAY_US;
  return last == 0 || last + WG_SHANGHAI_OFFSET_US < due;
}
