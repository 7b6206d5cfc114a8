// Cases and calls for the tests of tracking's loop: what batch.c does of a call, without a batch.
#pragma once

#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "services/tracking/calls.h"
#include "services/tracking/moves.h"

struct tracking_bed {
  struct wg_arena *arena;
  struct wg_calendars *calendars;
  struct tracking_clocks clocks;
  struct tracking_rules rules;
  struct tracking_step step;   // of the newest call or event
  struct tracking_step raised; // that followed from it: supervision; kind NULL: none did
  struct wg_error error;
  int64_t now;
  struct tracking_case subject; // order 7 of district 370117, source hotline-12345
};
extern struct tracking_bed bed;

// For cmocka. bed_set_up begins with a case in HANDLING at department water, on 2026-03-02 09:00, a Monday.
int bed_set_up_group(void **state);
int bed_tear_down_group(void **state);
int bed_set_up(void **state);
int bed_tear_down(void **state);

// Events of routing; the other departments are "housing".
wg_status bed_dispatched(const char *department);
wg_status bed_answered(void);                   // directly, by its source
wg_status bed_event(enum tracking_event event); // of the department that holds the case
// bed_call asks the table, then decides.
wg_status bed_call(unsigned part, const char *by, const char *person, const ProtobufCMessage *request);
// bed_decide decides what was asked for, by another than bed_extend and so on ask; `method` as "DecideExtension".
wg_status bed_decide(const char *method, const char *person, Wangge__V1__Decision decision);
// Calls with what they require filled in, each by who usually makes it.
wg_status bed_contact(bool reached);
wg_status bed_resolve(void);
wg_status bed_review(Wangge__V1__Decision decision);
wg_status bed_follow_up(Wangge__V1__Resolution solved, Wangge__V1__Satisfaction satisfaction, Wangge__V1__Merit merit);
wg_status bed_nobody_reached(void);
wg_status bed_reopen(void);
wg_status bed_extend(int working_days);
wg_status bed_suspend(const char *next_review_on);
wg_status bed_resume(void);
wg_status bed_supervise(int level, int working_days);
wg_status bed_void(void);
wg_status bed_rate(Wangge__V1__Satisfaction satisfaction);
// bed_bring makes a new case and brings it to a state by the shortest way.
void bed_bring(Wangge__V1__CaseState state);
