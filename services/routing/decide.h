// One order: who is responsible for it and what may happen to it; pure. Which events are possible in which state stands
// in the table of states.h, the guards stand here.
//
// Each function looks at the assignment and either changes it and fills `step`, or refuses with a message that lists
// the calls that would be legal. A step with kind NULL says that nothing changed: the event or call is a repeat.
// Who may know of an order: the dispatcher; a unit that has a leg of it or had one. To anybody else it is NOT_FOUND.
//
// The lead's present leg is not in `legs`: it is what the assignment's own fields say (department, decided_*,
// signed_at, lead_leg), so that an order costs one row when it comes. When it ends it becomes a leg like the others.
#pragma once

#include "common/bus/bus.h"
#include "services/routing/duty.h"
#include "services/routing/place/records.h"
#include "services/routing/precedents.h"
#include "services/routing/rules.h"
#include "services/routing/states.h"
#include "services/routing/text/model.h"
#include "services/routing/window.h"

#include "wangge/v1/intake.pb-c.h"
#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

struct routing_supplement { // said after the order, in the order of arrival
  struct routing_supplement *next;
  const char *supplement_id, *text, *by; // text NULL: stored, not loaded
  uint64_t seq;                          // of its event in intake.orders
  bool stored;
};

struct routing_leg {
  struct routing_leg *next;      // of the order
  struct routing_leg *step_next; // of those that one step opened or ended
  int32_t n, parent;             // parent 0: none
  Wangge__V1__LegRole role;
  Wangge__V1__LegState state;
  const char *department, *decided_by, *reason;
  int64_t dispatched_at, signed_at, ended_at, due_at; // 0: not
  bool stored, changed;
};

struct routing_return { // 退单申请
  struct routing_return *older;
  int32_t n, leg;
  Wangge__V1__ReturnReason code;
  Wangge__V1__ReturnOutcome outcome;
  const char *department, *by, *person, *reason, *basis, *proposed;
  const char *reviewed_by, *review_person, *review_reason;
  int64_t at, reviewed_at;
  bool stored, changed;
};

// What was found out about an order when it came (study.h), as it is stored. All empty: it came before that was done.
struct routing_found {
  const char *area; // code of the smallest area known, "" when unknown; 15 digits: the grid
  const char *place_id, *place_name, *place_evidence;
  enum routing_how place_how;
  float place_confidence;
  unsigned place_flags;           // routing_place_flag
  const char *suggested_category; // "" none
  float suggested_confidence;
  bool compared; // there was a model, so that later orders are compared with it
};

// What an order says, as texts are compared; for its category, and for what it is similar to.
struct routing_said {
  struct routing_text text;
  struct routing_vector vector;
};

struct routing_assignment {
  int64_t order_id; // the rest means nothing while exists is false
  const char *district, *source, *category;
  Wangge__V1__AssignmentState state;
  const char *department; // the lead; "" when there is none
  // the first decision, made by the rules
  const char *routed_to, *rule_id, *rule_version, *evidence;
  int64_t routed_at;
  // the decision in force; while a lead holds the order: when and by whom it was dispatched
  const char *decided_by; // "rule" or the principal
  int64_t decided_at;
  const char *reason; // of the principal
  int64_t signed_at;  // by the lead; 0: not
  int32_t hops, steps, lead_leg, adjudications;
  const char *first_receiver, *contact; // "" before the first dispatch
  bool locked;
  struct wg_bytes received;       // packed wangge.v1.OrderReceived; empty when it was not loaded
  const Wangge__V1__Order *order; // of `received`, unpacked; NULL when it was not needed
  struct routing_found found;
  // Of an order received in this batch, with all candidates; NULL: it came earlier. Valid until the batch is stored.
  const struct routing_place *place;
  const struct routing_said *said; // ask routing_study_said
  // the newest step behind the first, so that a repeated call is recognised
  const char *last_kind, *last_department, *last_by, *last_reason, *last_proposed;
  const char *held;               // departments that led it before legs were kept, joined by ","
  struct routing_leg *legs;       // all but the lead's present one, by number
  struct routing_return *returns; // newest first
  struct routing_supplement *supplements;
  struct routing_supplement **supplements_end;
  bool exists, stored, changed; // stored: a row stands in the database already
};

struct routing_step {
  const char *kind;              // as in AssignmentStep; "supplement" is kept apart from the steps
  const char *department, *left; // where it goes; the department it leaves, "" when none
  const char *by, *reason, *proposed;
  const char *person, *basis;          // NULL counts as ""
  int32_t leg;                         // it concerns; 0: the order
  struct routing_leg *opened, *ended;  // legs to be told of, the lead first
  struct routing_return *request;      // requested or reviewed
  struct routing_precedent *precedent; // made
  bool escalated;                      // it is adjudicating now
};

// What deciding needs of the outside.
struct routing_rulebook {
  const struct routing_rules *rules;
  const struct routing_departments *departments;
  const struct routing_duties *duties;         // NULL: no category is a department's duty
  const struct routing_precedents *precedents; // NULL: none
  const struct routing_places *places;         // NULL: the grid that came with an order is believed
  const struct routing_model *model;           // NULL: no suggestions
  struct routing_text_work *text_work;         // beside a model
  double category_confidence;                  // a suggestion that reaches it routes an order without category
  struct routing_window window;
  int64_t now;
  struct wg_arena *arena;
};

// --- events of intake (decide.c) ---
// routing_order_check: what every order must have.
wg_status routing_order_check(const Wangge__V1__Order *order, struct wg_error *error);
// `packed` is the event's payload; it must live as long as the batch. *matched: the rule that decided, or NULL.
wg_status routing_receive(struct routing_assignment *subject, const Wangge__V1__OrderReceived *event,
                          struct wg_bytes packed, struct routing_rulebook *book, struct routing_rule **matched,
                          struct routing_step *step, struct wg_error *error);
wg_status routing_supplement(struct routing_assignment *subject, const Wangge__V1__OrderSupplemented *event,
                             uint64_t seq, struct routing_rulebook *book, struct routing_step *step,
                             struct wg_error *error);
wg_status routing_withdraw(struct routing_assignment *subject, const Wangge__V1__OrderWithdrawn *event,
                           struct routing_rulebook *book, struct routing_step *step, struct wg_error *error);

// --- events of tracking (decide.c); an order that has ended already, or is not ANSWERED any more, stays as it is ---
wg_status routing_void(struct routing_assignment *subject, const Wangge__V1__CaseVoided *event,
                       struct routing_rulebook *book, struct routing_step *step, struct wg_error *error);
wg_status routing_reopen(struct routing_assignment *subject, const Wangge__V1__CaseReopened *event,
                         struct routing_step *step, struct wg_error *error); // needs the whole order

// --- calls; those that dispatch need the whole order (`order`) ---
typedef wg_status routing_decision(struct routing_assignment *subject, const struct wg_principal *caller,
                                   const void *request, struct routing_rulebook *book, struct routing_step *step,
                                   struct wg_error *error);
routing_decision routing_accept, routing_assign, routing_transfer;                // decide.c
routing_decision routing_request_return, routing_review_return, routing_escalate; // returns.c
routing_decision routing_adjudicate;                                              // returns.c
routing_decision routing_transfer_down, routing_add_unit, routing_remove_unit;    // units.c

void routing_supplement_add(struct routing_assignment *subject, struct routing_supplement *supplement);

// routing_received_read unpacks what is stored of an order into the arena; *event has an order. DATA_LOSS otherwise:
// the fault is the database's, not a caller's. (message.c)
wg_status routing_received_read(struct wg_bytes packed, struct wg_arena *arena, const Wangge__V1__OrderReceived **event,
                                struct wg_error *error);

// --- messages of the contract; their texts are those of the assignment (message.c) ---
struct routing_view {
  bool legs, ended;              // legs that work on it now; those that ended, too
  bool persons;                  // acting persons of returns
  struct routing_window *window; // NULL: without return_until
};
Wangge__V1__Assignment *routing_assignment_message(const struct routing_assignment *subject,
                                                   const struct routing_view *view, struct wg_arena *arena);
Wangge__V1__Leg *routing_leg_message(const struct routing_leg *leg, struct wg_arena *arena);
Wangge__V1__ReturnRecord *routing_return_message(const struct routing_return *one, bool persons,
                                                 struct wg_arena *arena);
// routing_may_district: the principal is for this district.
bool routing_may_district(const struct wg_principal *caller, const char *district);
