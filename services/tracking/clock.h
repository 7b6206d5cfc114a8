// Clocks: how long each thing may take, from one INI file, in working days, civil days or hours. All pure.
//
//   [preset]     name = shandong
//   [sign] [contact] [resolve]   normal, urgent, extra_urgent: from the dispatch
//   [contact]    tries: after so many without reaching the resident a feedback is possible
//   [extension]  most (working days behind the old deadline), times
//   [hold]       review: until a held order is looked at again
//   [review] [follow_up]         limit: from the feedback, from its approval
//   [follow_up]  tries, days: after so many tries on so many civil days an order is closed unrated
//   [rework]     limit: of a new round; rounds: after so many, rework goes with supervision one level up
//   [cards]      yellow: so long before the deadline; red: so long behind it
//   [overdue]    urge, criticise: so long behind the deadline
//   [reopen]     within: after its close
//   [answer]     limit: a direct answer that nobody has rated is closed
//   [recurrence] within: a problem that comes again so soon makes the close before ineffective
// Presets: ops/demo/reference/clocks.ini (Shandong) and ops/demo/clocks/beijing4.ini. The window for returns is
// routing's (return_window_working_days).
#pragma once

#include "common/calendar/calendar.h"

#include "wangge/v1/common.pb-c.h"

// Exactly one is set.
struct tracking_limit {
  int working_days; // to the end (24:00) of the n-th working day behind the day it counts from
  int days;         // to the end of the n-th day behind it
  int hours;        // wall clock
};

struct tracking_clocks {
  char preset[32];                                       // name for people, e.g. "shandong"
  struct tracking_limit sign[4], contact[4], resolve[4]; // by wangge.v1.Urgency; UNSPECIFIED is NORMAL
  struct tracking_limit extension, hold, review, follow_up, rework, yellow, red, urge, criticise, reopen, recurrence,
      answer;
  int extensions, contact_tries, follow_up_tries, follow_up_days, rounds;
};

// tracking_clocks_read reads an INI file as above. Every key is required; an error names the line or the missing key.
wg_status tracking_clocks_read(const char *path, struct tracking_clocks *clocks, struct wg_error *error);

struct tracking_due {
  int64_t at;       // UTC µs
  bool provisional; // reaches into a year whose holiday notice is not loaded
  char rule[128];   // how it was computed, for people
};

// tracking_by_urgency: unknown urgencies count as NORMAL.
struct tracking_limit tracking_by_urgency(const struct tracking_limit limits[4], int urgency);
// tracking_due_compute gives the end of a limit that counts from `from`. `what` names the clock in the rule; "": that
// of the first dispatch.
struct tracking_due tracking_due_compute(const struct tracking_clocks *clocks, const struct wg_calendar *calendar,
                                         const char *what, struct tracking_limit limit, int64_t from);
// tracking_limit_end is the same without the rule.
int64_t tracking_limit_end(const struct wg_calendar *calendar, struct tracking_limit limit, int64_t from);
