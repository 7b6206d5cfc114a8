// Postings of a district, in order of areas and in order of persons.
#include "services/registry/check_survey.h"

#include <stdlib.h>
#include <string.h>

struct registry_posts {
  struct registry_post *by_area, *by_person;
  size_t count;
};

static int compare_role_from(const struct registry_post *a, const struct registry_post *b) {
  if (a->posting->role != b->posting->role) return a->posting->role < b->posting->role ? -1 : 1;
  return strcmp(a->posting->from, b->posting->from);
}

static int compare_area(const void *left, const void *right) {
  const struct registry_post *a = left, *b = right;
  int order = strcmp(a->posting->area, b->posting->area);
  if (!order) order = compare_role_from(a, b);
  return order ? order : strcmp(a->record->code, b->record->code);
}

static int compare_person(const void *left, const void *right) {
  const struct registry_post *a = left, *b = right;
  int order = strcmp(a->posting->person, b->posting->person);
  if (!order && a->posting->role != b->posting->role) return a->posting->role < b->posting->role ? -1 : 1;
  if (!order) order = strcmp(a->posting->area, b->posting->area);
  if (!order) order = strcmp(a->posting->from, b->posting->from);
  return order ? order : strcmp(a->record->code, b->record->code);
}

static bool is_current(const Wangge__V1__Posting *posting, const char *day) {
  return strcmp(posting->from, day) <= 0 && (!*posting->to || strcmp(day, posting->to) <= 0);
}

static const struct registry_posts *posts_of(struct registry_survey *survey) {
  if (survey->posts) return survey->posts;
  struct registry_posts *posts = wg_arena_zalloc(survey->arena, sizeof *posts);
  const size_t most = wg_book_count(survey->book, survey->district, REGISTRY_BODY(POSTING)) + 1;
  posts->by_area = wg_arena_alloc(survey->arena, most * sizeof *posts->by_area);
  posts->by_person = wg_arena_alloc(survey->arena, most * sizeof *posts->by_person);
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(POSTING));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    posts->by_area[posts->count++] =
        (struct registry_post){record, record->posting, is_current(record->posting, survey->day)};
  memcpy(posts->by_person, posts->by_area, posts->count * sizeof *posts->by_area);
  qsort(posts->by_area, posts->count, sizeof *posts->by_area, compare_area);
  qsort(posts->by_person, posts->count, sizeof *posts->by_person, compare_person);
  return survey->posts = posts;
}

// order_area orders a posting against an area and role.
static int order_area(const struct registry_post *post, const char *area, Wangge__V1__PostRole role) {
  const int order = strcmp(post->posting->area, area);
  if (order) return order;
  return (post->posting->role > role) - (post->posting->role < role);
}

const struct registry_post *registry_posts_of(struct registry_survey *survey, const char *area,
                                              Wangge__V1__PostRole role, size_t *count) {
  const struct registry_posts *posts = posts_of(survey);
  size_t low = 0, high = posts->count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (order_area(&posts->by_area[middle], area, role) < 0) low = middle + 1;
    else high = middle;
  }
  size_t end = low;
  while (end < posts->count && order_area(&posts->by_area[end], area, role) == 0)
    end++;
  *count = end - low;
  return posts->by_area + low;
}

const struct registry_post *registry_posts_held(struct registry_survey *survey, const char *person, size_t *count) {
  const struct registry_posts *posts = posts_of(survey);
  size_t low = 0, high = posts->count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (strcmp(posts->by_person[middle].posting->person, person) < 0) low = middle + 1;
    else high = middle;
  }
  size_t end = low;
  while (end < posts->count && strcmp(posts->by_person[end].posting->person, person) == 0)
    end++;
  *count = end - low;
  return posts->by_person + low;
}

const struct registry_post *registry_posts_all(struct registry_survey *survey, size_t *count) {
  const struct registry_posts *posts = posts_of(survey);
  *count = posts->count;
  return posts->by_person;
}

bool registry_posts_overlap(const Wangge__V1__Posting *a, const Wangge__V1__Posting *b) {
  return (!*a->to || strcmp(b->from, a->to) <= 0) && (!*b->to || strcmp(a->from, b->to) <= 0);
}

const char *registry_role_label(Wangge__V1__PostRole role) {
  static const char *const LABELS[] = {"任职",       "网格长",       "专职网格员", "兼职网格员",    "社会工作力量",
                                       "社区工作者", "驿站值班人员", "兼职委员",   "网格党支部书记"};
  return (size_t)role < sizeof LABELS / sizeof *LABELS ? LABELS[role] : LABELS[0];
}
