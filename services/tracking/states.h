// The state machine of a case, as one table: what may happen in which state, by whom, under which guard, and what comes
// of it. The topic files ask this table and hold the guards; nothing else permits an event.
// `wangge-tracking --print-states` prints it; docs/tracking-states.md is what it prints.
#pragma once

#include "common/base/status.h"

#include "wangge/v1/tracking.pb-c.h"

#include <stdio.h>

enum tracking_event {
  // events of routing
  TRACKING_DISPATCHED,
  TRACKING_SIGNED,
  TRACKING_RETURN_REQUESTED,
  TRACKING_RETURN_REJECTED,
  TRACKING_RETURNED,
  TRACKING_ESCALATED,
  TRACKING_ADJUDICATED,
  TRACKING_MOVED,     // DispatchRevoked: another gets it
  TRACKING_WITHDRAWN, // DispatchRevoked: the resident withdrew it
  TRACKING_SUPPLEMENTED,
  TRACKING_MERGED,
  TRACKING_UNMERGED,
  TRACKING_RECURRED, // another order of its problem came
  TRACKING_LATE,     // what it said before it heard that the case is void
  TRACKING_BESIDE,   // whatever happens to units beside the lead
  // calls
  TRACKING_PROGRESS,
  TRACKING_CONTACT,
  TRACKING_RESOLVE,
  TRACKING_APPROVE, // Review, either way
  TRACKING_SEND_BACK,
  TRACKING_CLOSE, // FollowUp, whatever comes of it
  TRACKING_REWORK,
  TRACKING_TRY,
  TRACKING_REOPEN,
  TRACKING_RATE,
  TRACKING_EXTEND,
  TRACKING_DECIDE_EXTENSION,
  TRACKING_SUSPEND,
  TRACKING_HOLD, // DecideSuspension, either way
  TRACKING_HOLD_REFUSED,
  TRACKING_RESUME,
  TRACKING_URGE,
  TRACKING_SUPERVISE,
  TRACKING_ASK_VOID,
  TRACKING_VOID, // DecideVoid, either way
  TRACKING_VOID_REFUSED,
  // by time
  TRACKING_SIGN_OVERDUE,
  TRACKING_CONTACT_OVERDUE,
  TRACKING_CARD, // yellow, red, urged, criticised
  TRACKING_REVIEW_OVERDUE,
  TRACKING_FOLLOW_UP_OVERDUE,
  TRACKING_HOLD_REVIEW,
  TRACKING_SUPERVISION_OVER,
  TRACKING_ARCHIVE,
  TRACKING_ANSWER_OVER,
  // by the problem list
  TRACKING_SOLVED, // the problem it is a member of is solved and verified
};
enum { TRACKING_EVENTS = TRACKING_SOLVED + 1, TRACKING_STATES = WANGGE__V1__CASE_STATE__CASE_STATE_ANSWERED + 1 };

// What somebody is to a case; bits.
enum tracking_part {
  TRACKING_BY_ROUTING = 1 << 0,
  TRACKING_BY_LEAD = 1 << 1,       // the department that holds it
  TRACKING_BY_DISPATCHER = 1 << 2, // reviews, decides, supervises
  TRACKING_BY_SOURCE = 1 << 3,     // pushed the order; asks its resident
  TRACKING_BY_CLOCK = 1 << 4,
  TRACKING_BY_LIST = 1 << 5, // the problem list: shared solutions
};

struct tracking_transition {
  unsigned from; // bits 1 << state; bit 0: no case yet
  enum tracking_event event;
  Wangge__V1__CaseState to; // UNSPECIFIED: stays as it is
  unsigned who;
  const char *guard; // for people; "" none
};
extern const struct tracking_transition TRACKING_TRANSITIONS[];
extern const size_t TRACKING_TRANSITION_COUNT;

// tracking_event_name gives the call or the event of routing by its name in the contract.
const char *tracking_event_name(enum tracking_event event);
const char *tracking_state_name(Wangge__V1__CaseState state);
// tracking_possible: somebody with one of these parts may cause the event in this state (guards aside).
bool tracking_possible(Wangge__V1__CaseState from, enum tracking_event event, unsigned parts);
// tracking_leads_to: the table has this very transition; deciding another is a fault of the program.
bool tracking_leads_to(Wangge__V1__CaseState from, enum tracking_event event, Wangge__V1__CaseState to);
// tracking_legal_text lists what these parts may cause in a state: "Progress (lead), Resume (lead, dispatcher)"; of
// routing and of people the other's is left out. "nothing" when nothing can follow.
void tracking_legal_text(Wangge__V1__CaseState from, unsigned parts, char *text, size_t size);
#define TRACKING_BY_PEOPLE (TRACKING_BY_LEAD | TRACKING_BY_DISPATCHER | TRACKING_BY_SOURCE)
// tracking_print_states prints the table as a Mermaid diagram and as a Markdown table.
void tracking_print_states(FILE *out);
