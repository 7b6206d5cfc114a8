// The transition table. See states.h.
#include "services/tracking/states.h"

#include "common/base/text.h"
#include <string.h>

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name
#define BIT(name) (1u << STATE(name))
#define STAYS STATE(UNSPECIFIED)

enum {
  NONE = BIT(UNSPECIFIED),
  TRIAGE = BIT(TRIAGE),
  DISPATCHED = BIT(DISPATCHED),
  HANDLING = BIT(HANDLING),
  REVIEW = BIT(REVIEW),
  RETURN_REVIEW = BIT(RETURN_REVIEW),
  ADJUDICATING = BIT(ADJUDICATING),
  HELD = BIT(HELD),
  FOLLOW_UP = BIT(FOLLOW_UP),
  CLOSED = BIT(CLOSED),
  ANSWERED = BIT(ANSWERED),
  // Given back, disputed or moved, it leaves the department from wherever it is.
  WITH_UNIT = DISPATCHED | HANDLING | REVIEW | HELD | FOLLOW_UP | CLOSED,
  DISPUTED = RETURN_REVIEW | ADJUDICATING,
  OPEN = TRIAGE | DISPATCHED | HANDLING | REVIEW | RETURN_REVIEW | ADJUDICATING | HELD | FOLLOW_UP | ANSWERED,

  ARCHIVED = BIT(ARCHIVED),
  ALL = OPEN | CLOSED | ARCHIVED | BIT(WITHDRAWN) | BIT(VOID),

  ROUTING = TRACKING_BY_ROUTING,
  LEAD = TRACKING_BY_LEAD,
  DISPATCHER = TRACKING_BY_DISPATCHER,
  SOURCE = TRACKING_BY_SOURCE,
  AGENT = DISPATCHER | SOURCE,
  CLOCK = TRACKING_BY_CLOCK,
  LIST = TRACKING_BY_LIST
};

#define OTHERS "another person than handler and reviewer; "
#define ANOTHER "another person than who asked"
#define REOPENS "from CLOSED it counts as reopened"

const struct tracking_transition TRACKING_TRANSITIONS[] = {
    {NONE, TRACKING_DISPATCHED, STATE(DISPATCHED), ROUTING, "to a department"},
    {NONE, TRACKING_DISPATCHED, STATE(TRIAGE), ROUTING, "to the desk"},
    {NONE, TRACKING_DISPATCHED, STATE(ANSWERED), ROUTING, "its source has answered it at once"},
    {TRIAGE | ANSWERED, TRACKING_DISPATCHED, STATE(DISPATCHED), ROUTING, ""},
    {CLOSED, TRACKING_DISPATCHED, STATE(DISPATCHED), ROUTING, "a direct answer did not do; " REOPENS},
    {DISPATCHED, TRACKING_SIGNED, STATE(HANDLING), ROUTING, ""},
    {HANDLING | REVIEW | HELD | FOLLOW_UP | CLOSED, TRACKING_SIGNED, STAYS, ROUTING,
     "its problem was solved before the department signed"},
    {WITH_UNIT, TRACKING_RETURN_REQUESTED, STATE(RETURN_REVIEW), ROUTING, REOPENS},
    {RETURN_REVIEW, TRACKING_RETURN_REJECTED, STATE(DISPATCHED), ROUTING, "the department had not signed"},
    {RETURN_REVIEW, TRACKING_RETURN_REJECTED, STATE(HANDLING), ROUTING, "the department had signed"},
    {WITH_UNIT | DISPUTED, TRACKING_RETURNED, STATE(TRIAGE), ROUTING, REOPENS},
    {WITH_UNIT | TRIAGE | RETURN_REVIEW, TRACKING_ESCALATED, STATE(ADJUDICATING), ROUTING, REOPENS},
    {ADJUDICATING, TRACKING_ADJUDICATED, STATE(TRIAGE), ROUTING, "no department holds it"},
    {ADJUDICATING, TRACKING_ADJUDICATED, STAYS, ROUTING, "a department holds it; DispatchRevoked follows"},
    {WITH_UNIT | DISPUTED, TRACKING_MOVED, STATE(TRIAGE), ROUTING, REOPENS},
    {OPEN, TRACKING_WITHDRAWN, STATE(WITHDRAWN), ROUTING, ""},
    {CLOSED, TRACKING_WITHDRAWN, STAYS, ROUTING, ""},
    {OPEN | CLOSED, TRACKING_SUPPLEMENTED, STAYS, ROUTING, ""},
    {ALL, TRACKING_MERGED, STAYS, ROUTING, ""},
    {ALL, TRACKING_UNMERGED, STAYS, ROUTING, ""},
    {CLOSED | ARCHIVED, TRACKING_RECURRED, STAYS, ROUTING, "within the days for it; the close is marked ineffective"},
    {BIT(VOID), TRACKING_LATE, STAYS, ROUTING, "it is noted and changes nothing"},
    {OPEN | CLOSED, TRACKING_BESIDE, STAYS, ROUTING, ""},

    {HANDLING | DISPUTED | HELD, TRACKING_PROGRESS, STAYS, LEAD, ""},
    {DISPATCHED | HANDLING | DISPUTED | HELD, TRACKING_CONTACT, STAYS, LEAD, ""},
    {HANDLING, TRACKING_RESOLVE, STATE(REVIEW), LEAD, "the resident was contacted, or enough tries were noted"},
    {REVIEW, TRACKING_APPROVE, STATE(FOLLOW_UP), DISPATCHER, "another person than the handler"},
    {REVIEW, TRACKING_SEND_BACK, STATE(HANDLING), DISPATCHER, "another person than the handler; the clock goes on"},
    {FOLLOW_UP, TRACKING_CLOSE, STATE(CLOSED), AGENT, OTHERS "content; or not, without merit; or enough tries"},
    {FOLLOW_UP, TRACKING_REWORK, STATE(HANDLING), AGENT, OTHERS "not content, with merit; next round"},
    {FOLLOW_UP, TRACKING_TRY, STAYS, AGENT, OTHERS "nobody was reached"},
    {CLOSED, TRACKING_REOPEN, STATE(HANDLING), AGENT, "within the time for it; next round"},
    {CLOSED, TRACKING_REOPEN, STATE(TRIAGE), AGENT, "the same, of a direct answer: no department has had it"},
    {ANSWERED, TRACKING_RATE, STATE(CLOSED), AGENT, ""},

    {HANDLING, TRACKING_EXTEND, STAYS, LEAD, "before the deadline; few enough days and times; the resident was told"},
    {HANDLING, TRACKING_DECIDE_EXTENSION, STAYS, DISPATCHER, "it was asked for; " ANOTHER},
    {HANDLING, TRACKING_SUSPEND, STAYS, LEAD, "with plan, public explanation and date of the next review"},
    {HANDLING, TRACKING_HOLD, STATE(HELD), DISPATCHER, "it was asked for; " ANOTHER},
    {HANDLING, TRACKING_HOLD_REFUSED, STAYS, DISPATCHER, "it was asked for; " ANOTHER},
    {HELD, TRACKING_RESUME, STATE(HANDLING), LEAD | DISPATCHER, ""},
    {DISPATCHED | HANDLING | DISPUTED, TRACKING_URGE, STAYS, AGENT, ""},
    {OPEN, TRACKING_SUPERVISE, STAYS, DISPATCHER, "a higher level than before"},
    {OPEN, TRACKING_ASK_VOID, STAYS, DISPATCHER, "a test, or malicious"},
    {OPEN, TRACKING_VOID, STATE(VOID), DISPATCHER, "it was asked for; " ANOTHER},
    {OPEN, TRACKING_VOID_REFUSED, STAYS, DISPATCHER, "it was asked for; " ANOTHER},

    {DISPATCHED, TRACKING_SIGN_OVERDUE, STAYS, CLOCK, ""},
    {DISPATCHED | HANDLING | DISPUTED, TRACKING_CONTACT_OVERDUE, STAYS, CLOCK, "first round, nobody reached"},
    {TRIAGE | DISPATCHED | HANDLING | DISPUTED, TRACKING_CARD, STAYS, CLOCK,
     "before and behind the deadline, each once"},
    {REVIEW, TRACKING_REVIEW_OVERDUE, STAYS, CLOCK, ""},
    {FOLLOW_UP, TRACKING_FOLLOW_UP_OVERDUE, STAYS, CLOCK, ""},
    {HELD, TRACKING_HOLD_REVIEW, STATE(HANDLING), CLOCK, "the date of its review is over"},
    {TRIAGE | DISPATCHED | HANDLING | DISPUTED, TRACKING_SUPERVISION_OVER, STAYS, CLOCK, "below the top level"},
    {CLOSED, TRACKING_ARCHIVE, STATE(ARCHIVED), CLOCK, "it can no longer be reopened"},
    {ANSWERED, TRACKING_ANSWER_OVER, STATE(CLOSED), CLOCK, "not rated in the time for it"},

    {DISPATCHED | HANDLING | HELD, TRACKING_SOLVED, STATE(REVIEW), LIST, "its listed problem is solved and verified"},
    {TRIAGE | DISPUTED, TRACKING_SOLVED, STAYS, LIST, "the solution waits until a department holds it"},
};
const size_t TRACKING_TRANSITION_COUNT = sizeof TRACKING_TRANSITIONS / sizeof *TRACKING_TRANSITIONS;

static const char *const NAMES[TRACKING_EVENTS] = {"OrderDispatched",
                                                   "OrderSigned",
                                                   "ReturnRequested",
                                                   "ReturnRejected",
                                                   "OrderReturned",
                                                   "DisputeEscalated",
                                                   "OrderAdjudicated",
                                                   "DispatchRevoked",
                                                   "OrderWithdrawn",
                                                   "DispatchSupplemented",
                                                   "OrderMerged",
                                                   "OrderUnmerged",
                                                   "(recurrence)",
                                                   "(late)",
                                                   "(other units)",
                                                   "Progress",
                                                   "Contact",
                                                   "Resolve",
                                                   "Review",
                                                   "Review",
                                                   "FollowUp",
                                                   "FollowUp",
                                                   "FollowUp",
                                                   "Reopen",
                                                   "Rate",
                                                   "Extend",
                                                   "DecideExtension",
                                                   "Suspend",
                                                   "DecideSuspension",
                                                   "DecideSuspension",
                                                   "Resume",
                                                   "Urge",
                                                   "Supervise",
                                                   "AskVoid",
                                                   "DecideVoid",
                                                   "DecideVoid",
                                                   "(sign overdue)",
                                                   "(contact overdue)",
                                                   "(yellow card, red card, urged, criticised)",
                                                   "(review overdue)",
                                                   "(follow-up overdue)",
                                                   "(hold review)",
                                                   "(supervised)",
                                                   "(archived)",
                                                   "(not rated)",
                                                   "(problem solved)"};

static const struct wg_bit_name PARTS[] = {{ROUTING, "routing"},
                                           {LEAD, "lead"},
                                           {DISPATCHER, "dispatcher"},
                                           {SOURCE, "source"},
                                           {CLOCK, "time"},
                                           {LIST, "problem list"},
                                           {0}};

const char *tracking_event_name(enum tracking_event event) {
  return NAMES[event];
}

const char *tracking_state_name(Wangge__V1__CaseState state) {
  static const char *const STATES[TRACKING_STATES] = {
      "–",    "TRIAGE",    "DISPATCHED", "HANDLING", "REVIEW", "WITHDRAWN", "RETURN_REVIEW", "ADJUDICATING",
      "HELD", "FOLLOW_UP", "CLOSED",     "ARCHIVED", "VOID",   "ANSWERED"};
  return STATES[state];
}

static bool from_here(const struct tracking_transition *one, Wangge__V1__CaseState from) {
  return one->from >> from & 1;
}

bool tracking_possible(Wangge__V1__CaseState from, enum tracking_event event, unsigned parts) {
  for (size_t i = 0; i < TRACKING_TRANSITION_COUNT; i++) {
    const struct tracking_transition *one = &TRACKING_TRANSITIONS[i];
    if (one->event == event && from_here(one, from) && one->who & parts) return true;
  }
  return false;
}

bool tracking_leads_to(Wangge__V1__CaseState from, enum tracking_event event, Wangge__V1__CaseState to) {
  for (size_t i = 0; i < TRACKING_TRANSITION_COUNT; i++) {
    const struct tracking_transition *one = &TRACKING_TRANSITIONS[i];
    if (one->event == event && from_here(one, from) && (one->to == STAYS ? from : one->to) == to) return true;
  }
  return false;
}

// --- text ---
// who_may gathers who may cause an event in a state, over all its rows.
static unsigned who_may(Wangge__V1__CaseState from, enum tracking_event event) {
  unsigned who = 0;
  for (size_t i = 0; i < TRACKING_TRANSITION_COUNT; i++) {
    const struct tracking_transition *one = &TRACKING_TRANSITIONS[i];
    if (one->event == event && from_here(one, from)) who |= one->who;
  }
  return who;
}

// overlay: what routing says beside the way of the case.
static bool overlay(enum tracking_event event) {
  return event >= TRACKING_MERGED && event <= TRACKING_BESIDE;
}

void tracking_legal_text(Wangge__V1__CaseState from, unsigned parts, char *text, size_t size) {
  size_t used = 0;
  snprintf(text, size, "nothing");
  for (int at = 0; at < TRACKING_EVENTS; at++) {
    const enum tracking_event event = (enum tracking_event)at;
    const unsigned who = who_may(from, event) & parts;
    if (!who || overlay(event) || (event && strcmp(NAMES[event], NAMES[event - 1]) == 0)) continue;
    char names[64];
    wg_bit_names(PARTS, who, names, sizeof names);
    const int more = snprintf(text + used, size - used, "%s%s (%s)", used ? ", " : "", NAMES[event], names);
    if (more < 0 || (size_t)more >= size - used) return;
    used += (size_t)more;
  }
}

static void print_arrows(const struct tracking_transition *one, FILE *out) {
  char parts[64];
  wg_bit_names(PARTS, one->who, parts, sizeof parts);
  for (int state = 0; state < TRACKING_STATES; state++) {
    const Wangge__V1__CaseState from = (Wangge__V1__CaseState)state;
    if (!from_here(one, from) || one->to == STAYS || one->to == from) continue;
    fprintf(out, "  %s --> %s: %s (%s)\n", state ? tracking_state_name(from) : "[*]", tracking_state_name(one->to),
            NAMES[one->event], parts);
  }
}

static void print_row(const struct tracking_transition *one, FILE *out) {
  char parts[64];
  const char *comma = "";
  wg_bit_names(PARTS, one->who, parts, sizeof parts);
  fputs("| ", out);
  for (int state = 0; state < TRACKING_STATES; state++) {
    if (!from_here(one, (Wangge__V1__CaseState)state)) continue;
    fprintf(out, "%s%s", comma, tracking_state_name((Wangge__V1__CaseState)state));
    comma = ", ";
  }
  fprintf(out, " | %s | %s | %s | %s |\n", NAMES[one->event], one->to == STAYS ? "stays" : tracking_state_name(one->to),
          parts, one->guard);
}

void tracking_print_states(FILE *out) {
  fputs("# States of a case\n\nPrinted by `wangge-tracking --print-states`. What stays in its state is in the table "
        "alone.\n\n```mermaid\nstateDiagram-v2\n",
        out);
  for (size_t i = 0; i < TRACKING_TRANSITION_COUNT; i++)
    print_arrows(&TRACKING_TRANSITIONS[i], out);
  fputs("  WITHDRAWN --> [*]\n  ARCHIVED --> [*]\n  VOID --> [*]\n```\n\n| from | event | to | who | guard "
        "|\n|---|---|---|---|---|\n",
        out);
  for (size_t i = 0; i < TRACKING_TRANSITION_COUNT; i++)
    print_row(&TRACKING_TRANSITIONS[i], out);
}
