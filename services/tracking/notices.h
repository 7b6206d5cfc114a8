// Notices (通知): what a step of a case says to the resident, the unit, the workers of the grid or the desk, for
// webhooks. Pure; the table of who hears what is in notices.c. They are events of the stream tracking.notices, made in
// the transaction of their step, so that there is one exactly if there is the step.
#pragma once

#include "services/tracking/case.h"

#include "wangge/v1/lists.pb-c.h"

#define TRACKING_NOTICES "tracking.notices"
enum { TRACKING_NOTICES_MOST = 4 }; // of one step

struct tracking_notice {
  Wangge__V1__CaseNotice message; // its texts live in the case, the step or the arena
  char topic[72];                 // 64 bytes at most
};

// tracking_notices_of gives the notices of a step, `n` being its number; how many. `fresh`: the case is new and the
// step its newest of several.
size_t tracking_notices_of(const struct tracking_case *subject, const struct tracking_step *step, bool fresh,
                           struct wg_arena *arena, struct tracking_notice out[TRACKING_NOTICES_MOST]);
// tracking_notice_verify asks the workers of an area to look whether a listed problem is solved.
void tracking_notice_verify(const Wangge__V1__ListEntry *entry, int64_t at, struct tracking_notice *out);
