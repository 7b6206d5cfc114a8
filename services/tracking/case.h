// One case, and what routing says of it: pure. Which event may come in which state is the table of states.h.
//
// Routing owns who is responsible, so what it says of an order is followed even when the department had handed in a
// feedback, the case was held or was closed already; what was said before stays in the timeline. The deadline counts
// from the first dispatch to a department: neither return, review, adjudication nor transfer stops or renews it, for
// the resident's clock does not stop (《山东省政务服务热线管理办法》: a return does not interrupt the limit). While a
// return is under review or who is responsible is adjudicated, the department may still note progress (it has the duty
// to contact the resident), but not hand in a feedback. The case is that of the lead; what units beside it get, sign
// and lose are steps of the timeline.
//
// Each function looks at the case and either changes it and fills `step`, or refuses with a message that lists what
// would be legal. A step with kind NULL says that nothing changed (a repeat). Parts of a case (its sub-messages) are
// never changed in place, because events and replies of the same batch may point at them: they are replaced.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"
#include "services/tracking/clock.h"
#include "services/tracking/states.h"

#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

struct tracking_case {
  Wangge__V1__Case row;        // its texts live in the batch's arena or in the event
  Wangge__V1__CaseFacts facts; // what is not told; `case` in it is unused here
  // How it was opened: step 1 (opened), and step 2 (dispatched) when routed_to is not empty.
  const char *routed_to, *routed_by, *routed_why;
  int64_t routed_at;
  int64_t provisional_from; // day from which a provisional deadline is counted; 0: the deadline is final
  int64_t next_at;          // when time alone will do something; 0: never
  int32_t steps;            // number of the newest step
  bool exists;              // a row stands in the database or will by this batch
  bool stored;              // a row stands in the database already
  bool changed;
  const char *raise; // the step that was just decided raises its supervision, because of this; NULL: it does not
};

enum { TRACKING_DIGEST_BYTES = 32 };

struct tracking_step {
  const char *kind; // NULL: nothing changed
  const char *department, *by, *note;
  const char *person; // NULL: none
  int64_t at;
  Wangge__V1__CaseState state; // behind it
  int64_t due_at;              // when it moved the deadline
  Wangge__V1__CaseStep__DetailCase detail;
  const void *part;       // of that type
  const char *request_id; // NULL: none
  const uint8_t *digest;  // TRACKING_DIGEST_BYTES of the call
};

// What deciding needs of the outside.
struct tracking_rules {
  const struct tracking_clocks *clocks;
  const struct wg_calendars *calendars;
  uint64_t provisional; // counts deadlines that were computed provisionally
  struct wg_arena *arena;
  const struct tracking_responses *responses; // NULL: there are none
};

// Who calls.
struct tracking_caller {
  const char *name;   // principal
  const char *person; // acting_person; "" none
  unsigned parts;     // bits of tracking_part
  int64_t now;
};

void tracking_case_init(struct tracking_case *subject, int64_t order_id);

// --- events of routing; `at` is the event's time ---
typedef wg_status tracking_event_handler(struct tracking_case *subject, const void *event, int64_t at,
                                         struct tracking_rules *rules, struct tracking_step *step,
                                         struct wg_error *error);
tracking_event_handler tracking_case_dispatched, tracking_case_signed, tracking_case_return_requested,
    tracking_case_return_rejected, tracking_case_returned, tracking_case_escalated, tracking_case_adjudicated,
    tracking_case_revoked, tracking_case_supplemented;
// tracking_case_late notes what routing says of a case that is void, whatever it is: it has not heard of that yet.
wg_status tracking_case_late(struct tracking_case *subject, const char *type, int64_t at, struct tracking_rules *rules,
                             struct tracking_step *step, struct wg_error *error);
// problem.c
tracking_event_handler tracking_case_problem_opened, tracking_case_merged, tracking_case_unmerged;
// tracking_case_restored lifts the mark of a close that `left`, which is no member of the problem any more, has shown
// to be ineffective; false: it was not this order that has shown it.
bool tracking_case_restored(struct tracking_case *member, const struct tracking_case *left, int64_t at,
                            struct tracking_step *step);
// tracking_case_recurred marks the close of another member of the problem that `joined` has become a member of, when
// its order came within the days for that; false: it is no such close, nothing changed.
bool tracking_case_recurred(struct tracking_case *member, const struct tracking_case *joined, int64_t at,
                            const struct tracking_rules *rules, struct tracking_step *step);

// tracking_case_solved: a problem of the list that the case is a member of is solved and verified, and the shared
// feedback goes to review as its own; on the desk or in dispute it waits with the case until a department holds it.
// false: the table has nothing for its state, the order came after the solution, or it waits already; nothing changed.
// tracking_case_solution_waited lets what has waited go on; false: nothing waits, or it waits still.
bool tracking_case_solved(struct tracking_case *subject, const Wangge__V1__SharedSolution *solution, int64_t at,
                          struct tracking_rules *rules, struct tracking_step *step);
bool tracking_case_solution_waited(struct tracking_case *subject, int64_t at, struct tracking_rules *rules,
                                   struct tracking_step *step);

// tracking_case_recount counts a provisional deadline again, now that calendars have changed; while it is provisional
// still nothing changes. A step is filled when the deadline moved.
void tracking_case_recount(struct tracking_case *subject, struct tracking_rules *rules, int64_t now,
                           struct tracking_step *step);

// --- calls; that the caller may know of the case and that the event is possible for its parts has been checked ---
typedef wg_status tracking_call_handler(struct tracking_case *subject, const struct tracking_caller *caller,
                                        const void *request, struct tracking_rules *rules, struct tracking_step *step,
                                        struct wg_error *error);
// feedback.c
tracking_call_handler tracking_progress, tracking_contact, tracking_resolve, tracking_review;
// followup.c
tracking_call_handler tracking_follow_up, tracking_reopen, tracking_rate;
// extend.c
tracking_call_handler tracking_extend, tracking_decide_extension;
// hold.c
tracking_call_handler tracking_suspend, tracking_decide_suspension, tracking_resume;
// tracking_hold_end ends the hold of a case that is held; a deadline that passed meanwhile is set anew.
void tracking_hold_end(struct tracking_case *subject, int64_t at, struct tracking_rules *rules);
// supervise.c
tracking_call_handler tracking_urge, tracking_supervise, tracking_void, tracking_decide_void;
enum { TRACKING_TOP_LEVEL = 3 };
// tracking_level is that of its supervision; 0: none.
int32_t tracking_level(const struct tracking_case *subject);
// tracking_supervise_up supervises it one level higher, at the top level anew, for so many working days.
void tracking_supervise_up(struct tracking_case *subject, const char *reason, int32_t working_days, int64_t at,
                           struct tracking_rules *rules);
// tracking_supervise_raised makes the step that follows from `raise`; false: nothing raises it.
bool tracking_supervise_raised(struct tracking_case *subject, int64_t at, struct tracking_rules *rules,
                               struct tracking_step *step);
// tracking_supervise_again starts the clock of a supervision anew, if there is one: a new round begins.
void tracking_supervise_again(struct tracking_case *subject, int64_t at, struct tracking_rules *rules);
