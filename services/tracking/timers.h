// What happens to a case by time alone: pure. Each clock tells once (its bit in CaseFacts.fired); a deadline that is
// set anew may be told of anew. Which clocks run in which state is the table of states.h.
#pragma once

#include "services/tracking/case.h"

enum tracking_clock {
  TRACKING_CLOCK_SIGN,      // not signed in time
  TRACKING_CLOCK_CONTACT,   // the resident was not reached in time
  TRACKING_CLOCK_YELLOW,    // the deadline is near
  TRACKING_CLOCK_RED,       // it has passed
  TRACKING_CLOCK_URGE,      // urged because of that
  TRACKING_CLOCK_CRITICISE, // named because of that
  TRACKING_CLOCK_REVIEW,    // the feedback was not reviewed in time
  TRACKING_CLOCK_FOLLOW_UP, // the resident was not asked in time
  TRACKING_CLOCK_ARCHIVE,   // can no longer be reopened
  TRACKING_CLOCK_HOLD,      // a hold is looked at again: it ends
  // bits of CaseFacts.fired are kept: new ones go to the end
  TRACKING_CLOCK_SUPERVISE, // not handled in the time of the supervision: its level rises
  TRACKING_CLOCK_ANSWER,    // a direct answer was not rated: it is closed
};
enum { TRACKING_CLOCKS = TRACKING_CLOCK_ANSWER + 1 };

struct tracking_alarm {
  enum tracking_clock clock;
  int64_t at;
};

// tracking_timers_next gives the earliest thing that will happen; false: nothing.
bool tracking_timers_next(const struct tracking_case *subject, const struct tracking_rules *rules,
                          struct tracking_alarm *alarm);
// tracking_timers_set keeps its time with the case.
void tracking_timers_set(struct tracking_case *subject, const struct tracking_rules *rules);
// tracking_timers_fire lets the next thing happen when its time has come; false: it has not, nothing changed.
bool tracking_timers_fire(struct tracking_case *subject, struct tracking_rules *rules, int64_t now,
                          struct tracking_step *step);
// tracking_timers_again: these clocks may tell once more (bits 1 << clock).
void tracking_timers_again(struct tracking_case *subject, uint32_t clocks);
#define TRACKING_CLOCK_BIT(name) (1u << TRACKING_CLOCK_##name)
#define TRACKING_DEADLINE_BITS                                                                                         \
  (TRACKING_CLOCK_BIT(YELLOW) | TRACKING_CLOCK_BIT(RED) | TRACKING_CLOCK_BIT(URGE) | TRACKING_CLOCK_BIT(CRITICISE))
