// One case and what may happen to it: the state machine of tracking, pure.
//
//   (none) --dispatched--> TRIAGE (desk) or DISPATCHED --signed--> HANDLING --resolved--> RESOLVED
//   DISPATCHED, HANDLING --returned, revoked--> TRIAGE;   any --withdrawn--> WITHDRAWN (end)
//
// Every function looks at the case and either changes it and fills `step`, or refuses with FAILED_PRECONDITION and a
// message that lists what would be legal. A step with kind NULL says that nothing changed (a repeat).
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"
#include "services/tracking/clock.h"

#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

struct tracking_case {
  Wangge__V1__Case row; // its texts live in the batch's arena
  int32_t steps;        // number of the newest step
  bool exists;          // a row stands in the database or will by this batch
  bool stored;          // a row stands in the database already
  bool changed;
};

struct tracking_step {
  const char *kind; // NULL: nothing changed
  const char *department, *by, *note;
  const char *request_id; // NULL: none
};

// What deciding needs of the outside.
struct tracking_rules {
  const struct tracking_clocks *clocks;
  const struct tracking_calendar *calendar;
  int64_t now;
  uint64_t provisional; // counts deadlines that were computed provisionally
};

wg_status tracking_case_dispatched(struct tracking_case *subject, const Wangge__V1__OrderDispatched *event,
                                   struct tracking_rules *rules, struct wg_arena *arena, struct tracking_step *step,
                                   struct wg_error *error);
wg_status tracking_case_signed(struct tracking_case *subject, const Wangge__V1__OrderSigned *event,
                               struct tracking_step *step, struct wg_error *error);
wg_status tracking_case_returned(struct tracking_case *subject, const Wangge__V1__OrderReturned *event,
                                 struct tracking_step *step, struct wg_error *error);
wg_status tracking_case_revoked(struct tracking_case *subject, const Wangge__V1__DispatchRevoked *event,
                                struct tracking_step *step, struct wg_error *error);
wg_status tracking_case_supplemented(struct tracking_case *subject, const Wangge__V1__DispatchSupplemented *event,
                                     struct tracking_step *step, struct wg_error *error);
// The two calls of a department; the caller has been checked to hold the case.
wg_status tracking_case_progress(struct tracking_case *subject, const char *by, const Wangge__V1__ProgressRequest *call,
                                 struct tracking_step *step, struct wg_error *error);
wg_status tracking_case_resolve(struct tracking_case *subject, const char *by, const Wangge__V1__ResolveRequest *call,
                                int64_t now, struct tracking_step *step, struct wg_error *error);
