// See problem.h: what follows from a new order.
#include "services/routing/problem.h"

#include "common/stage/stage.h"

#include <string.h>

#define STREAM "routing.dispatch"
#define DESK ""
enum { GRID_DIGITS = 15 };

static const char *or_empty(const char *text) {
  return text ? text : "";
}

static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

struct routing_merges *routing_merges_create(struct routing_merging *merging, struct wg_arena *arena, size_t items,
                                             int64_t now) {
  struct routing_merges *merges = wg_arena_zalloc(arena, sizeof *merges);
  merges->merging = merging;
  merges->arena = arena;
  merges->now = now;
  merges->members_end = &merges->members;
  for (int i = 0; i < 3; i++) {
    merges->places[i] = wg_column_text(arena, items);
    merges->grids[i] = wg_column_text(arena, items);
  }
  merges->orders = wg_column_i64(arena, 8);
  // What another snapshot made cannot be compared: it is made anew from the stored texts.
  const uint64_t idf = merging->model ? merging->model->idf->id : 0;
  if (merging->idf != idf) routing_problem_index_clear(merging->index);
  merging->idf = idf;
  return merges;
}

// --- what an order is ---
void routing_seen_of(struct routing_seen *seen, const Wangge__V1__OrderReceived *event, const char *place_id,
                     const char *area, const struct routing_gazetteer *gazetteer) {
  const Wangge__V1__Order *order = event->order;
  *seen = (struct routing_seen){.order_id = order->order_id,
                                .problem_id = order->order_id,
                                .at = order->received_at,
                                .person = event->reporter_ref,
                                .district = order->district,
                                .place_id = place_id,
                                .grid = strlen(area) == GRID_DIGITS ? area : "",
                                .category = or_empty(order->category),
                                .title = or_empty(order->title)};
  for (const char *id = place_id; *id && seen->named_count < ROUTING_WHERE_NAMES;) {
    seen->named[seen->named_count++] = id;
    const struct routing_entry *entry = gazetteer ? routing_gazetteer_get(gazetteer, id) : NULL;
    id = entry ? or_empty(entry->parent) : "";
  }
}

bool routing_seen_vector(const struct routing_said *said, struct wg_arena *arena, struct routing_seen *seen) {
  seen->text = said->text.hash;
  seen->packed = routing_vector_pack(&said->vector, arena);
  seen->vector = routing_packed_view(seen->packed);
  return seen->text != 0;
}

// --- load ---
static void want(struct routing_merges *merges, struct wg_column *columns[3], const char *district, const char *place,
                 bool grid) {
  char key[ROUTING_KEY_BYTES];
  routing_bucket_key(key, district, place, grid);
  if (!*key || routing_problem_index_has(merges->merging->index, key)) return;
  routing_problem_index_open(merges->merging->index, key);
  wg_push_text(columns[0], wg_arena_strdup(merges->arena, key));
  wg_push_text(columns[1], wg_arena_strdup(merges->arena, district));
  wg_push_text(columns[2], wg_arena_strdup(merges->arena, place));
}

void routing_merges_want(struct routing_merges *merges, const char *district, const char *place_id, const char *area) {
  if (!merges->merging->model) return;
  want(merges, merges->places, district, place_id, false);
  if (strlen(area) == GRID_DIGITS) want(merges, merges->grids, district, area, true);
}

// --- problems and members ---
struct routing_problem *routing_merges_problem(struct routing_merges *merges, int64_t id) {
  struct routing_problem *problem = merges->problems;
  while (problem && problem->id != id)
    problem = problem->next;
  return problem;
}

struct routing_problem *routing_merges_begin(struct routing_merges *merges, const struct routing_seen *first) {
  struct routing_problem *problem = routing_merges_problem(merges, first->problem_id);
  if (problem) return problem;
  struct wg_arena *arena = merges->arena;
  problem = wg_arena_zalloc(arena, sizeof *problem);
  problem->id = first->problem_id;
  problem->first_at = problem->last_at = first->at;
  problem->district = wg_arena_strdup(arena, first->district);
  problem->title = wg_arena_strdup(arena, first->title);
  problem->place_id = wg_arena_strdup(arena, first->place_id);
  problem->grid = wg_arena_strdup(arena, first->grid);
  problem->category = wg_arena_strdup(arena, first->category);
  problem->solved_by = problem->solved_person = problem->solved_reason = "";
  problem->next = merges->problems;
  merges->problems = problem;
  return problem;
}

Wangge__V1__Problem *routing_problem_message(const struct routing_problem *problem, struct wg_arena *arena) {
  Wangge__V1__Problem *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__problem__init(message);
  message->problem_id = problem->id;
  message->district = text(problem->district);
  message->title = text(problem->title);
  message->place_id = text(problem->place_id);
  message->grid_code = text(problem->grid);
  message->category = text(problem->category);
  message->state =
      problem->solved ? WANGGE__V1__PROBLEM_STATE__PROBLEM_STATE_SOLVED : WANGGE__V1__PROBLEM_STATE__PROBLEM_STATE_OPEN;
  message->members = problem->members;
  message->first_at = problem->first_at;
  message->last_at = problem->last_at;
  message->solved_at = problem->solved_at;
  message->solved_by = text(problem->solved_by);
  message->solved_reason = text(problem->solved_reason);
  return message;
}

static void add_member(struct routing_merges *merges, const struct routing_problem *problem, int64_t order_id,
                       const struct routing_member *how) {
  struct routing_member *member = wg_arena_alloc(merges->arena, sizeof *member);
  *member = *how;
  member->next = NULL;
  member->problem = problem;
  member->order_id = order_id;
  *merges->members_end = member;
  merges->members_end = &member->next;
}

void routing_merges_leave(struct routing_merges *merges, struct routing_problem *problem, int64_t order_id,
                          const struct routing_member *how) {
  add_member(merges, problem, order_id, how);
  problem->members--;
  merges->removed++;
}

// open_problem: the first order becomes a member of its own problem when a second one comes.
static void open_problem(struct routing_merges *merges, struct routing_problem *problem) {
  const struct routing_member first = {.by = "system", .person = "", .reason = "", .evidence = ""};
  add_member(merges, problem, problem->id, &first);
  problem->members = 1;
}

void routing_merges_join(struct routing_merges *merges, struct wg_batch *batch, const struct wg_item *item,
                         struct routing_problem *problem, bool alone, const struct routing_seen *seen,
                         const struct routing_member *how) {
  const bool opened = alone && problem->members == 0;
  if (opened) open_problem(merges, problem);
  add_member(merges, problem, seen->order_id, how);
  problem->members++;
  if (seen->at > problem->last_at) problem->last_at = seen->at;
  merges->merged++;
  if (opened) {
    Wangge__V1__ProblemOpened event = WANGGE__V1__PROBLEM_OPENED__INIT;
    event.problem = routing_problem_message(problem, merges->arena);
    event.order_id = problem->id;
    wg_log_append(batch->log, STREAM, DESK, &event.base, item->traceparent);
  }
  Wangge__V1__OrderMerged event = WANGGE__V1__ORDER_MERGED__INIT;
  event.order_id = seen->order_id;
  event.district = text(problem->district);
  event.problem_id = problem->id;
  event.by = text(how->by);
  event.reason = text(how->reason);
  wg_log_append(batch->log, STREAM, DESK, &event.base, item->traceparent);
}

Wangge__V1__MergeSuggestion *routing_suggested_message(const struct routing_suggested *one, struct wg_arena *arena) {
  Wangge__V1__MergeSuggestion *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__merge_suggestion__init(message);
  message->order_id = one->order_id;
  message->problem_id = one->problem_id;
  message->district = text(one->district);
  message->level = (Wangge__V1__SuggestionLevel)one->level;
  message->score = (double)one->score;
  message->idf = (uint64_t)one->idf;
  message->relation = text(one->relation);
  message->evidence = text(one->evidence);
  message->state = (Wangge__V1__SuggestionState)one->state;
  message->at = one->at;
  message->decided_by = text(one->decided_by);
  message->reason = text(one->reason);
  message->decided_at = one->decided_at;
  message->acting_person = text(one->person);
  char *at = wg_arena_strdup(arena, one->grams), *rest = NULL;
  message->grams = wg_arena_alloc(arena, ROUTING_SHARED_GRAMS * sizeof *message->grams);
  for (char *gram = strtok_r(at, " ", &rest); gram && message->n_grams < ROUTING_SHARED_GRAMS;
       gram = strtok_r(NULL, " ", &rest))
    message->grams[message->n_grams++] = gram;
  return message;
}

// --- a new order ---
struct near {
  const struct routing_seen *seen[2 * ROUTING_BUCKET_ORDERS];
  struct routing_similar_member members[2 * ROUTING_BUCKET_ORDERS];
  struct routing_similar_problem problems[2 * ROUTING_BUCKET_ORDERS];
  const struct routing_seen *first[2 * ROUTING_BUCKET_ORDERS]; // of each problem
  size_t count;
};

static struct routing_where where_of(const struct routing_seen *seen) {
  return (struct routing_where){.district = seen->district,
                                .grid = seen->grid,
                                .place_id = seen->place_id,
                                .named = seen->named,
                                .named_count = seen->named_count};
}

// gather makes problems of orders that stand beside each other by problem.
static void gather(struct near *near, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const struct routing_seen *seen = near->seen[i];
    near->members[i] = (struct routing_similar_member){seen->vector, seen->person, seen->text};
    struct routing_similar_problem *problem = near->count ? &near->problems[near->count - 1] : NULL;
    if (!problem || problem->id != seen->problem_id) {
      near->first[near->count] = seen;
      problem = &near->problems[near->count++];
      *problem = (struct routing_similar_problem){.id = seen->problem_id,
                                                  .members = &near->members[i],
                                                  .where = where_of(seen),
                                                  .category = seen->category,
                                                  .solved = seen->solved};
    }
    problem->count++;
    if (seen->at > problem->last) problem->last = seen->at;
    // A member that names its place speaks for those that do not.
    if (!*problem->where.place_id && *seen->place_id) problem->where = where_of(seen);
    if (problem->count > 1 && strcmp(problem->category, seen->category) != 0) problem->category = "";
  }
}

// join_grams puts a space for each NUL but the last.
static const char *join_grams(const struct routing_similar_explanation *explanation, struct wg_arena *arena) {
  if (explanation->count == 0) return "";
  const size_t size = explanation->bytes - 1;
  char *joined = wg_arena_alloc(arena, size + 1);
  memcpy(joined, explanation->gram[0], size + 1);
  for (size_t i = 0; i < size; i++)
    joined[i] = joined[i] ? joined[i] : ' ';
  return joined;
}

static void suggest(struct routing_merges *merges, const struct routing_similar_order *order,
                    const struct routing_seen *seen, const struct near *near, const struct routing_similar *similar) {
  struct routing_similar_explanation why;
  routing_similar_explain(order, &near->problems[similar->problem], similar, merges->arena, &why);
  struct routing_suggested *made = wg_arena_zalloc(merges->arena, sizeof *made);
  made->order_id = seen->order_id;
  made->problem_id = near->problems[similar->problem].id;
  made->district = seen->district;
  made->level = similar->level == ROUTING_STRONG ? WANGGE__V1__SUGGESTION_LEVEL__SUGGESTION_LEVEL_STRONG
                                                 : WANGGE__V1__SUGGESTION_LEVEL__SUGGESTION_LEVEL_SUGGEST;
  made->state = WANGGE__V1__SUGGESTION_STATE__SUGGESTION_STATE_PENDING;
  made->score = similar->score;
  made->idf = (int64_t)why.idf;
  made->relation = routing_relation_name(similar->relation);
  made->evidence = why.evidence;
  made->grams = join_grams(&why, merges->arena);
  made->at = merges->now;
  made->decided_by = made->person = made->reason = "";
  made->next = merges->suggested;
  merges->suggested = made;
  merges->suggestions++;
}

// merge gives the problem the order went to.
static int64_t merge(struct routing_merges *merges, struct wg_batch *batch, const struct wg_item *item,
                     const struct routing_similar_order *order, const struct routing_seen *seen,
                     const struct near *near, const struct routing_similar *similar) {
  struct routing_similar_explanation why;
  routing_similar_explain(order, &near->problems[similar->problem], similar, merges->arena, &why);
  const struct routing_member how = {.by = "system",
                                     .person = "",
                                     .reason = "",
                                     .score = similar->score,
                                     .idf = (int64_t)why.idf,
                                     .evidence = why.evidence};
  const struct routing_seen *first = near->first[similar->problem];
  struct routing_problem *problem = routing_merges_begin(merges, first);
  const bool alone = near->problems[similar->problem].count == 1 && first->order_id == problem->id;
  routing_merges_join(merges, batch, item, problem, alone, seen, &how);
  merges->automatic++;
  return problem->id;
}

void routing_merges_receive(struct routing_merges *merges, struct wg_batch *batch, const struct wg_item *item,
                            const struct routing_seen *given, const struct routing_said *said) {
  struct routing_merging *merging = merges->merging;
  if (!merging->model || !said || (!*given->place_id && !*given->grid)) return;
  wg_arena_reset(merging->scratch);
  struct routing_seen seen = *given;
  if (!routing_seen_vector(said, merging->scratch, &seen)) return;
  struct near *near = wg_arena_alloc(merging->scratch, sizeof *near);
  near->count = 0;
  gather(near, routing_problem_index_near(merging->index, &seen, near->seen));
  if (near->count) {
    struct routing_similar best[ROUTING_SUGGESTIONS];
    const struct routing_similar_order order = {.text = &said->text,
                                                .probe = routing_probe_make(&said->vector, merging->scratch),
                                                .where = where_of(&seen),
                                                .person = seen.person,
                                                .category = seen.category,
                                                .at = seen.at};
    const size_t found =
        routing_similar_rank(&order, near->problems, near->count, &merging->config, best, ROUTING_SUGGESTIONS);
    if (found && best[0].level == ROUTING_AUTOMATIC)
      seen.problem_id = merge(merges, batch, item, &order, &seen, near, &best[0]);
    else
      for (size_t i = 0; i < found; i++)
        suggest(merges, &order, &seen, near, &best[i]);
  }
  routing_problem_index_add(merging->index, &seen);
}

void routing_merges_withdraw(struct routing_merges *merges, const struct routing_seen *seen) {
  routing_problem_index_remove(merges->merging->index, seen);
}
