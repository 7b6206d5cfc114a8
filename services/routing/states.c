// The transition table. See states.h.
#include "services/routing/states.h"

#include "common/base/text.h"
#include <string.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name
#define NONE STATE(UNSPECIFIED)
#define DESK STATE(DESK)
#define DISPATCHED STATE(DISPATCHED)
#define SIGNED STATE(SIGNED)
#define REVIEW STATE(RETURN_REVIEW)
#define ADJUDICATING STATE(ADJUDICATING)
#define WITHDRAWN STATE(WITHDRAWN)
#define ANSWERED STATE(ANSWERED)
#define VOIDED STATE(VOID)

enum {
  LEAD = ROUTING_BY_LEAD,
  CHILD = ROUTING_BY_CHILD,
  ASSIST = ROUTING_BY_ASSIST,
  DISPATCHER = ROUTING_BY_DISPATCHER,
  RULES = ROUTING_BY_RULES,
  INTAKE = ROUTING_BY_INTAKE,
  TRACKING = ROUTING_BY_TRACKING
};

#define GIVE "the unit is known; a department's duty goes to no grid"
#define WINDOW "inside the window; not locked; reason, basis and proposed owner; "
#define OTHER "another person than who requested the return"
#define BOUND "adjudicated assists only by a dispatcher"
#define OBJECT "the lead only after its return was rejected and unless locked"

const struct routing_transition ROUTING_TRANSITIONS[] = {
    {NONE, ROUTING_RECEIVE, DISPATCHED, RULES, "a rule decides; " GIVE},
    {NONE, ROUTING_RECEIVE, DESK, RULES, "else"},
    {NONE, ROUTING_RECEIVE, ANSWERED, INTAKE, "its source has answered it at once"},
    {DESK, ROUTING_ASSIGN, DISPATCHED, DISPATCHER, GIVE},
    {ANSWERED, ROUTING_ASSIGN, DISPATCHED, DISPATCHER, GIVE "; the answer did not do"},
    {DESK, ROUTING_ESCALATE, ADJUDICATING, DISPATCHER, ""},
    {DISPATCHED, ROUTING_ACCEPT, SIGNED, LEAD, ""},
    {DISPATCHED, ROUTING_ACCEPT, DISPATCHED, CHILD | ASSIST, "its own leg"},
    {SIGNED, ROUTING_ACCEPT, SIGNED, CHILD | ASSIST, "its own leg"},
    {REVIEW, ROUTING_ACCEPT, REVIEW, CHILD | ASSIST, "its own leg"},
    {ADJUDICATING, ROUTING_ACCEPT, ADJUDICATING, CHILD | ASSIST, "its own leg"},
    {DISPATCHED, ROUTING_REQUEST_RETURN, REVIEW, LEAD, WINDOW "the first of the order"},
    {DISPATCHED, ROUTING_REQUEST_RETURN, ADJUDICATING, LEAD, WINDOW "the second"},
    {SIGNED, ROUTING_REQUEST_RETURN, REVIEW, LEAD, WINDOW "the first of the order"},
    {SIGNED, ROUTING_REQUEST_RETURN, ADJUDICATING, LEAD, WINDOW "the second"},
    {REVIEW, ROUTING_ACCEPT_RETURN, DESK, DISPATCHER, OTHER},
    {REVIEW, ROUTING_REJECT_RETURN, DISPATCHED, DISPATCHER, OTHER "; the lead had not signed"},
    {REVIEW, ROUTING_REJECT_RETURN, SIGNED, DISPATCHER, OTHER "; the lead had signed"},
    {REVIEW, ROUTING_ESCALATE, ADJUDICATING, DISPATCHER, OTHER},
    {DISPATCHED, ROUTING_ESCALATE, ADJUDICATING, LEAD | DISPATCHER, OBJECT},
    {SIGNED, ROUTING_ESCALATE, ADJUDICATING, LEAD | DISPATCHER, OBJECT},
    {ADJUDICATING, ROUTING_ADJUDICATE, DISPATCHED, DISPATCHER, OTHER "; " GIVE "; locks the order"},
    {DISPATCHED, ROUTING_TRANSFER, DISPATCHED, LEAD | DISPATCHER, "not locked; " GIVE},
    {SIGNED, ROUTING_TRANSFER, DISPATCHED, LEAD | DISPATCHER, "not locked; " GIVE},
    {SIGNED, ROUTING_TRANSFER_DOWN, SIGNED, LEAD | CHILD, "its own leg is signed; not to a higher level; " GIVE},
    {DISPATCHED, ROUTING_ADD_UNIT, DISPATCHED, DISPATCHER, "the unit is known"},
    {SIGNED, ROUTING_ADD_UNIT, SIGNED, LEAD | DISPATCHER, "the unit is known"},
    {DISPATCHED, ROUTING_REMOVE_UNIT, DISPATCHED, LEAD | DISPATCHER, BOUND},
    {SIGNED, ROUTING_REMOVE_UNIT, SIGNED, LEAD | CHILD | DISPATCHER, BOUND "; a child only what it handed down"},
    {DESK, ROUTING_SUPPLEMENT, DESK, INTAKE, ""},
    {DISPATCHED, ROUTING_SUPPLEMENT, DISPATCHED, INTAKE, ""},
    {SIGNED, ROUTING_SUPPLEMENT, SIGNED, INTAKE, ""},
    {REVIEW, ROUTING_SUPPLEMENT, REVIEW, INTAKE, ""},
    {ADJUDICATING, ROUTING_SUPPLEMENT, ADJUDICATING, INTAKE, ""},
    {ANSWERED, ROUTING_SUPPLEMENT, ANSWERED, INTAKE, ""},
    {DESK, ROUTING_WITHDRAW, WITHDRAWN, INTAKE, ""},
    {DISPATCHED, ROUTING_WITHDRAW, WITHDRAWN, INTAKE, ""},
    {SIGNED, ROUTING_WITHDRAW, WITHDRAWN, INTAKE, ""},
    {REVIEW, ROUTING_WITHDRAW, WITHDRAWN, INTAKE, ""},
    {ADJUDICATING, ROUTING_WITHDRAW, WITHDRAWN, INTAKE, ""},
    {ANSWERED, ROUTING_WITHDRAW, WITHDRAWN, INTAKE, ""},
    {DESK, ROUTING_VOID, VOIDED, TRACKING, ""},
    {DISPATCHED, ROUTING_VOID, VOIDED, TRACKING, ""},
    {SIGNED, ROUTING_VOID, VOIDED, TRACKING, ""},
    {REVIEW, ROUTING_VOID, VOIDED, TRACKING, ""},
    {ADJUDICATING, ROUTING_VOID, VOIDED, TRACKING, ""},
    {ANSWERED, ROUTING_VOID, VOIDED, TRACKING, ""},
    {ANSWERED, ROUTING_REOPEN, DESK, TRACKING, "the answer did not do"},
};
const size_t ROUTING_TRANSITION_COUNT = sizeof ROUTING_TRANSITIONS / sizeof *ROUTING_TRANSITIONS;

static const char *const CALLS[ROUTING_EVENTS] = {"OrderReceived",     "Assign",         "Accept",     "RequestReturn",
                                                  "ReviewReturn",      "ReviewReturn",   "Escalate",   "Adjudicate",
                                                  "Transfer",          "TransferDown",   "AddUnit",    "RemoveUnit",
                                                  "OrderSupplemented", "OrderWithdrawn", "CaseVoided", "CaseReopened"};

static const struct wg_bit_name PARTS[] = {{LEAD, "lead"},
                                           {CHILD, "child unit"},
                                           {ASSIST, "assisting unit"},
                                           {DISPATCHER, "dispatcher"},
                                           {RULES, "dispatch rules"},
                                           {INTAKE, "intake"},
                                           {TRACKING, "tracking"},
                                           {0}};

const char *routing_event_call(enum routing_event event) {
  return CALLS[event];
}

bool routing_possible(Wangge__V1__AssignmentState from, enum routing_event event, unsigned parts) {
  for (size_t i = 0; i < ROUTING_TRANSITION_COUNT; i++) {
    const struct routing_transition *one = &ROUTING_TRANSITIONS[i];
    if (one->from == from && one->event == event && one->who & parts) return true;
  }
  return false;
}

bool routing_leads_to(Wangge__V1__AssignmentState from, enum routing_event event, Wangge__V1__AssignmentState to) {
  for (size_t i = 0; i < ROUTING_TRANSITION_COUNT; i++) {
    const struct routing_transition *one = &ROUTING_TRANSITIONS[i];
    if (one->from == from && one->event == event && one->to == to) return true;
  }
  return false;
}

// --- text ---
// who_calls gathers who may make a call in a state, over all its rows.
static unsigned who_calls(Wangge__V1__AssignmentState from, const char *call) {
  unsigned who = 0;
  for (size_t i = 0; i < ROUTING_TRANSITION_COUNT; i++) {
    const struct routing_transition *one = &ROUTING_TRANSITIONS[i];
    if (one->from == from && strcmp(CALLS[one->event], call) == 0) who |= one->who;
  }
  return who & ~(unsigned)(RULES | INTAKE | TRACKING);
}

void routing_calls_text(Wangge__V1__AssignmentState from, char *text, size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (int event = 0; event < ROUTING_EVENTS; event++) {
    if (event && strcmp(CALLS[event], CALLS[event - 1]) == 0) continue;
    const unsigned who = who_calls(from, CALLS[event]);
    if (!who) continue;
    char parts[64];
    wg_bit_names(PARTS, who, parts, sizeof parts);
    const int more = snprintf(text + used, size - used, "%s%s (%s)", used ? ", " : "", CALLS[event], parts);
    if (more < 0 || (size_t)more >= size - used) return;
    used += (size_t)more;
  }
}

static const char *state_name(Wangge__V1__AssignmentState state) {
  static const char *const NAMES[] = {"[*]",           "DESK",         "DISPATCHED", "SIGNED", "WITHDRAWN",
                                      "RETURN_REVIEW", "ADJUDICATING", "ANSWERED",   "VOID"};
  return NAMES[state];
}

void routing_print_states(FILE *out) {
  fputs("```mermaid\nstateDiagram-v2\n", out);
  for (size_t i = 0; i < ROUTING_TRANSITION_COUNT; i++) {
    const struct routing_transition *one = &ROUTING_TRANSITIONS[i];
    if (one->from == one->to) continue; // the table below has them
    char parts[64];
    wg_bit_names(PARTS, one->who, parts, sizeof parts);
    fprintf(out, "  %s --> %s: %s (%s)\n", state_name(one->from), state_name(one->to), CALLS[one->event], parts);
  }
  fputs("  WITHDRAWN --> [*]\n  VOID --> [*]\n```\n\n| from | event | to | who | guard |\n|---|---|---|---|---|\n",
        out);
  for (size_t i = 0; i < ROUTING_TRANSITION_COUNT; i++) {
    const struct routing_transition *one = &ROUTING_TRANSITIONS[i];
    char parts[64];
    wg_bit_names(PARTS, one->who, parts, sizeof parts);
    fprintf(out, "| %s | %s | %s | %s | %s |\n", one->from == NONE ? "–" : state_name(one->from), CALLS[one->event],
            state_name(one->to), parts, one->guard);
  }
}
