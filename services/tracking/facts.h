// How a case stands in the database: typed columns, and everything else packed (wangge.v1.CaseFacts). The same for
// steps.
#pragma once

#include "common/db/db.h"
#include "services/tracking/case.h"

#define TRACKING_COLUMNS                                                                                               \
  "c.order_id, c.district, c.source, c.state, c.department, c.urgency, c.category, c.title, c.opened_at, "             \
  "c.dispatched_at, nullif(c.due_at, 'infinity'), c.due_rule, c.resolved_at, c.result, c.channel, c.kind, "            \
  "c.grid_code, c.round, c.problem_id, c.steps, c.provisional_from, c.next_at, c.routed_to, c.routed_at, c.facts"
enum { TRACKING_NEXT_AT = 21, TRACKING_COLUMN_COUNT = 25 };

// tracking_row_read fills a case from a row of TRACKING_COLUMNS; its texts are copied into the arena. DATA_LOSS when
// its facts cannot be read.
wg_status tracking_row_read(const PGresult *result, int row, struct wg_arena *arena, struct tracking_case *subject,
                            struct wg_error *error);
// tracking_facts_pack packs what no column holds; no bytes when there is nothing.
struct wg_bytes tracking_facts_pack(const struct tracking_case *subject, struct wg_arena *arena);

// tracking_step_message gives a step as it is told; `n` is its number.
Wangge__V1__CaseStep tracking_step_message(const struct tracking_step *step, int32_t n);
// tracking_detail_pack packs what no column of a step holds; no bytes when there is nothing.
struct wg_bytes tracking_detail_pack(const struct tracking_step *step, struct wg_arena *arena);
// tracking_detail_read unpacks it into a message, empty when there is none.
wg_status tracking_detail_read(struct wg_bytes detail, struct wg_arena *arena, Wangge__V1__CaseStep **step,
                               struct wg_error *error);
