// Deadlines of the result (办结时限): from the dispatch, by urgency, in working days or in hours.
#pragma once

#include "common/calendar/calendar.h"

#include "wangge/v1/common.pb-c.h"

struct tracking_limit {
  int working_days; // > 0: to the end (24:00) of the n-th working day behind the day of dispatch
  int hours;        // > 0: wall clock; exactly one of the two is set
};
struct tracking_clocks {
  char preset[32];                  // name for people, e.g. "shandong"
  struct tracking_limit resolve[4]; // by wangge.v1.Urgency; UNSPECIFIED is NORMAL
};

// tracking_clocks_read reads an INI file: [preset] name; [resolve] normal, urgent, extra_urgent, each "5 working_days"
// or "24 hours". All four are required.
wg_status tracking_clocks_read(const char *path, struct tracking_clocks *clocks, struct wg_error *error);

struct tracking_due {
  int64_t at;       // UTC µs
  bool provisional; // reaches into a year whose holiday notice is not loaded
  char rule[128];   // how it was computed, for people
};
// tracking_due_compute is pure. Unknown urgencies count as NORMAL.
struct tracking_due tracking_due_compute(const struct tracking_clocks *clocks, const struct wg_calendar *calendar,
                                         int urgency, int64_t dispatched_at);
