// The state machine of an order, as one table: what may happen in which state, by whom, under which guard, and what
// comes of it. decide.c, returns.c and legs.c ask this table and hold the guards; nothing else permits an event.
// `wangge-routing --print-states` prints it.
#pragma once

#include "common/base/status.h"

#include "wangge/v1/routing.pb-c.h"

#include <stdio.h>

enum routing_event {
  ROUTING_RECEIVE, // OrderReceived of intake
  ROUTING_ASSIGN,
  ROUTING_ACCEPT,
  ROUTING_REQUEST_RETURN,
  ROUTING_ACCEPT_RETURN, // ReviewReturn, either way
  ROUTING_REJECT_RETURN,
  ROUTING_ESCALATE,
  ROUTING_ADJUDICATE,
  ROUTING_TRANSFER,
  ROUTING_TRANSFER_DOWN,
  ROUTING_ADD_UNIT,
  ROUTING_REMOVE_UNIT,
  ROUTING_SUPPLEMENT, // OrderSupplemented of intake
  ROUTING_WITHDRAW,   // OrderWithdrawn of intake
  ROUTING_VOID,       // CaseVoided of tracking
  ROUTING_REOPEN,     // CaseReopened of tracking
};
enum { ROUTING_EVENTS = ROUTING_REOPEN + 1 };

// What somebody is to an order; bits.
enum routing_part {
  ROUTING_BY_LEAD = 1 << 0,
  ROUTING_BY_CHILD = 1 << 1,
  ROUTING_BY_ASSIST = 1 << 2,
  ROUTING_BY_DISPATCHER = 1 << 3,
  ROUTING_BY_RULES = 1 << 4,
  ROUTING_BY_INTAKE = 1 << 5,
  ROUTING_BY_TRACKING = 1 << 6,
};

struct routing_transition {
  Wangge__V1__AssignmentState from; // UNSPECIFIED: not received yet
  enum routing_event event;
  Wangge__V1__AssignmentState to;
  unsigned who;
  const char *guard; // for people; "" none
};
extern const struct routing_transition ROUTING_TRANSITIONS[];
extern const size_t ROUTING_TRANSITION_COUNT;

// routing_event_call gives the call or event by its name in the contract: "Accept", "ReviewReturn".
const char *routing_event_call(enum routing_event event);
// routing_possible: somebody with one of these parts may cause the event in this state (guards aside).
bool routing_possible(Wangge__V1__AssignmentState from, enum routing_event event, unsigned parts);
// routing_leads_to: the table has this very transition; deciding another is a fault of the program.
bool routing_leads_to(Wangge__V1__AssignmentState from, enum routing_event event, Wangge__V1__AssignmentState to);
// routing_calls_text lists the calls that are possible: "Assign (dispatcher), Escalate (dispatcher)"; "" when none is.
void routing_calls_text(Wangge__V1__AssignmentState from, char *text, size_t size);
// routing_print_states prints the table as a Mermaid diagram and as a Markdown table.
void routing_print_states(FILE *out);
