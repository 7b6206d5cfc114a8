// The window in which a lead may give an order back (退单时限), counted from its dispatch.
#pragma once

#include "common/calendar/calendar.h"

struct routing_window {
  const struct wg_calendars *calendars; // NULL: Monday to Friday
  int working_days;                     // to the end (24:00) of the n-th working day behind the day of dispatch
  int hours;                            // > 0: wall clock instead
  // of the newest answer: a batch asks for the same district and day again and again
  char known_district[7];
  int32_t known_day;
  int64_t known_end; // 0: nothing is known
};

// routing_window_end gives when the window of a dispatch ends, UTC µs.
int64_t routing_window_end(struct routing_window *window, const char *district, int64_t dispatched_at);
// routing_window_text says how long it is: "2 working days".
void routing_window_text(const struct routing_window *window, char *text, size_t size);
