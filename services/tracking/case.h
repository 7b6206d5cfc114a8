// One case and what may happen to it: the state machine of tracking, pure.
//
//   (none) --OrderDispatched--> TRIAGE (desk) or DISPATCHED --OrderSigned--> HANDLING --Resolve--> RESOLVED
//   TRIAGE --OrderDispatched--> DISPATCHED
//   DISPATCHED, HANDLING, RESOLVED --ReturnRequested--> RETURN_REVIEW --ReturnRejected--> DISPATCHED or HANDLING
//   any of these --OrderReturned, DispatchRevoked (moved)--> TRIAGE
//   any of these, TRIAGE --DisputeEscalated--> ADJUDICATING --OrderAdjudicated, DispatchRevoked--> TRIAGE
//   any but WITHDRAWN --DispatchRevoked (withdrawn)--> WITHDRAWN (end)
//
// Routing owns who is responsible, so what it says of an order is followed even when the department had handed in a
// result; the result stays in the timeline. The deadline counts from the first dispatch to a department: neither
// return, review, adjudication nor transfer stops or renews it, for the resident's clock does not stop
// (《山东省政务服务热线管理 办法》: a return does not interrupt the limit). While a return is under review or who is
// responsible is adjudicated, the department may still note progress (it has the duty to contact the resident), but not
// hand in a result. The case is that of the lead; what units beside it get, sign and lose are steps of the timeline.
//
// Each function looks at the case and either changes it and fills `step`, or refuses with a message that lists what
// would be legal. A step with kind NULL says that nothing changed (a repeat).
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"
#include "services/tracking/clock.h"

#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

struct tracking_case {
  Wangge__V1__Case row; // its texts live in the batch's arena or in the event
  // How it was opened: step 1 (opened), and step 2 (dispatched) when routed_to is not empty.
  const char *routed_to, *routed_by, *routed_why;
  int64_t routed_at;
  int64_t provisional_from; // dispatch from which a provisional deadline is counted; 0: the deadline is final
  int32_t steps;            // number of the newest step
  bool exists;              // a row stands in the database or will by this batch
  bool stored;              // a row stands in the database already
  bool changed;
};

struct tracking_step {
  const char *kind; // NULL: nothing changed
  const char *department, *by, *note;
  const char *request_id; // NULL: none
  int64_t at;
};

// What deciding needs of the outside.
struct tracking_rules {
  const struct tracking_clocks *clocks;
  const struct wg_calendars *calendars;
  uint64_t provisional; // counts deadlines that were computed provisionally
};

// --- events of routing; `at` is the event's time ---
wg_status tracking_case_dispatched(struct tracking_case *subject, const Wangge__V1__OrderDispatched *event, int64_t at,
                                   struct tracking_rules *rules, struct wg_arena *arena, struct tracking_step *step,
                                   struct wg_error *error);
typedef wg_status tracking_event_handler(struct tracking_case *subject, const void *event, int64_t at,
                                         struct tracking_step *step, struct wg_error *error);
tracking_event_handler tracking_case_signed, tracking_case_return_requested, tracking_case_return_rejected,
    tracking_case_returned, tracking_case_escalated, tracking_case_adjudicated, tracking_case_revoked,
    tracking_case_supplemented;

// tracking_case_recount counts a provisional deadline again, now that calendars have changed; while it is provisional
// still nothing changes. A step is filled when the deadline moved.
void tracking_case_recount(struct tracking_case *subject, const struct tracking_rules *rules, int64_t now,
                           struct wg_arena *arena, struct tracking_step *step);

// --- calls of a department; the caller has been checked to hold the case ---
wg_status tracking_case_progress(struct tracking_case *subject, const char *by, const Wangge__V1__ProgressRequest *call,
                                 int64_t now, struct tracking_step *step, struct wg_error *error);
wg_status tracking_case_resolve(struct tracking_case *subject, const char *by, const Wangge__V1__ResolveRequest *call,
                                int64_t now, struct tracking_step *step, struct wg_error *error);
