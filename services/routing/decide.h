// One order's assignment and what may happen to it: the state machine of routing, pure.
//
//   OrderReceived --> DESK (no rule) or DISPATCHED (a rule's department)
//   DISPATCHED --Accept--> SIGNED;  DISPATCHED, SIGNED --Return--> DESK, --Transfer--> DISPATCHED elsewhere
//   DESK --Assign--> DISPATCHED;    any --OrderWithdrawn--> WITHDRAWN (end)
//
// Each function looks at the assignment and either changes it and fills `step`, or refuses with a message that lists
// the calls that would be legal. A step with kind NULL says that nothing changed: the event or call is a repeat.
// Who may know of an order: the dispatcher; a department that holds it or held it before. To anybody else it is
// NOT_FOUND.
#pragma once

#include "common/bus/bus.h"
#include "services/routing/rules.h"

#include "wangge/v1/intake.pb-c.h"
#include "wangge/v1/routing.pb-c.h"

struct routing_supplement { // said after the order, in the order of arrival
  struct routing_supplement *next;
  const char *supplement_id, *text, *by; // text NULL: stored, not loaded
  uint64_t seq;                          // of its event in intake.orders
  bool stored;
};

struct routing_assignment {
  int64_t order_id; // the rest means nothing while exists is false
  const char *district, *source, *category;
  Wangge__V1__AssignmentState state;
  const char *department; // "" on the desk
  // the first decision, made by the rules
  const char *routed_to, *rule_id, *rule_version, *evidence;
  int64_t routed_at;
  // the decision in force
  const char *decided_by; // "rule" or the principal
  int64_t decided_at;
  const char *reason; // of the principal
  int32_t hops, steps;
  struct wg_bytes received; // packed wangge.v1.OrderReceived; empty when it was not loaded
  // the newest step behind the first, so that a repeated call is recognised
  const char *last_kind, *last_department, *last_by, *last_reason, *last_proposed;
  const char *held; // departments it was transferred or assigned to, joined by ","
  struct routing_supplement *supplements;
  struct routing_supplement **supplements_end;
  bool exists, stored, changed; // stored: a row stands in the database already
};

struct routing_step {
  const char *kind;              // as in AssignmentStep; "supplement" is kept apart from the steps
  const char *department, *left; // where it goes; the department it leaves, "" when none
  const char *by, *reason, *proposed;
};

// What deciding needs of the outside.
struct routing_rulebook {
  const struct routing_rules *rules;
  const struct routing_departments *departments;
  int64_t now;
  struct wg_arena *arena;
};

// --- events of intake ---
// `packed` is the event's payload; it must live as long as the batch. *matched: the rule that decided, or NULL.
wg_status routing_receive(struct routing_assignment *subject, const Wangge__V1__OrderReceived *event,
                          struct wg_bytes packed, const struct routing_rulebook *book, struct routing_rule **matched,
                          struct routing_step *step, struct wg_error *error);
wg_status routing_supplement(struct routing_assignment *subject, const Wangge__V1__OrderSupplemented *event,
                             uint64_t seq, const struct routing_rulebook *book, struct routing_step *step,
                             struct wg_error *error);
wg_status routing_withdraw(struct routing_assignment *subject, const Wangge__V1__OrderWithdrawn *event,
                           const struct routing_rulebook *book, struct routing_step *step, struct wg_error *error);

// --- calls ---
wg_status routing_accept(struct routing_assignment *subject, const struct wg_principal *caller,
                         const struct routing_rulebook *book, struct routing_step *step, struct wg_error *error);
wg_status routing_return(struct routing_assignment *subject, const struct wg_principal *caller,
                         const Wangge__V1__ReturnRequest *request, const struct routing_rulebook *book,
                         struct routing_step *step, struct wg_error *error);
wg_status routing_transfer(struct routing_assignment *subject, const struct wg_principal *caller,
                           const Wangge__V1__TransferRequest *request, const struct routing_rulebook *book,
                           struct routing_step *step, struct wg_error *error);
wg_status routing_assign(struct routing_assignment *subject, const struct wg_principal *caller,
                         const Wangge__V1__AssignRequest *request, const struct routing_rulebook *book,
                         struct routing_step *step, struct wg_error *error);

// The message of the contract; its texts are those of the assignment.
Wangge__V1__Assignment *routing_assignment_message(const struct routing_assignment *subject, struct wg_arena *arena);
// routing_may_district: the principal is for this district.
bool routing_may_district(const struct wg_principal *caller, const char *district);
void routing_supplement_add(struct routing_assignment *subject, struct routing_supplement *supplement);
