// SQL of the writing connection for problems.
#pragma once

#include "common/stage/stage.h"
#include "services/routing/problem.h"

// routing_problems_load queues what was wanted; nothing when nothing was.
wg_status routing_problems_load(struct wg_batch *batch, struct routing_merges *merges, struct wg_error *error);
// routing_problems_write queues what was decided; behind the new assignments.
wg_status routing_problems_write(struct wg_batch *batch, const struct routing_merges *merges, struct wg_error *error);
// Columns of `problem p`, and of `merge_suggestion s`, in the order that these want them.
#define ROUTING_PROBLEM_COLUMNS                                                                                        \
  "p.problem_id, p.district, p.title, p.place_id, p.grid_code, p.category, p.state, p.members, p.first_at, "           \
  "p.last_at, "                                                                                                        \
  "p.solved_at, p.solved_by, p.solved_reason"
#define ROUTING_SUGGESTED_COLUMNS                                                                                      \
  "s.order_id, s.problem_id, s.district, s.level, s.score::float8, s.idf, s.relation, s.evidence, s.grams, s.state, "  \
  "s.at, s.decided_by, s.person, s.reason, s.decided_at"
enum { ROUTING_PROBLEM_COLUMN_COUNT = 13 };
struct routing_problem *routing_problem_row(const PGresult *result, int row, int column, struct wg_arena *arena);
struct routing_suggested *routing_suggested_row(const PGresult *result, int row, struct wg_arena *arena);
