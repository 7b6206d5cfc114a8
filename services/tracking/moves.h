// What the topic files share: moving a case along the table, taking steps, starting its clock anew.
#pragma once

#include "services/tracking/case.h"

#define TRACKING_STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name
#define TRACKING_DETAIL(name) WANGGE__V1__CASE_STEP__DETAIL_##name

// tracking_may refuses an event that no row of the table permits, with what would be possible. NOT_FOUND-like: a case
// that does not exist permits its first dispatch only.
wg_status tracking_may(const struct tracking_case *subject, enum tracking_event event, unsigned parts,
                       struct wg_error *error);
// tracking_go moves the case; that the table has this transition is asserted.
void tracking_go(struct tracking_case *subject, enum tracking_event event, Wangge__V1__CaseState to);
// tracking_take notes a step. Its time is `at`, or that of the step before when the clock has jumped back.
void tracking_take(struct tracking_case *subject, struct tracking_step *step, const char *kind, const char *department,
                   const char *by, const char *note, int64_t at);
// tracking_take_call notes the step of a call.
void tracking_take_call(struct tracking_case *subject, struct tracking_step *step, const char *kind,
                        const struct tracking_caller *caller, const char *note);
// tracking_actor is who calls, to be kept with the case.
Wangge__V1__CaseActor *tracking_actor(const struct tracking_caller *caller, struct wg_arena *arena);
// tracking_hand_in takes a feedback for its review, behind the step that tells of it; `result` is its handling text.
void tracking_hand_in(struct tracking_case *subject, Wangge__V1__Feedback *feedback, const char *result,
                      Wangge__V1__CaseActor *handler, struct tracking_step *step);
// tracking_must_differ: the caller is another person than `other`, who has done `what`. Both persons given: they must
// differ; else the keys must, for nothing else tells them apart. NULL: nobody.
wg_status tracking_must_differ(const struct tracking_caller *caller, const Wangge__V1__CaseActor *other,
                               const char *what, struct wg_error *error);
// What is asked for and then decided by another: `what` must be waiting for a decision, or must not.
wg_status tracking_must_be_asked(const void *asked, Wangge__V1__Decision decision, const char *what,
                                 struct wg_error *error);
wg_status tracking_must_not_be_asked(const void *asked, Wangge__V1__Decision decision, const char *what,
                                     struct wg_error *error);
// tracking_clear_asked: an extension or a hold that was asked for and not decided lapses.
void tracking_clear_asked(struct tracking_case *subject);
// tracking_set_due starts the deadline anew: `working_days` behind `from`; 0: the limit of the case's urgency.
void tracking_set_due(struct tracking_case *subject, const char *what, int32_t working_days, int64_t from,
                      struct tracking_rules *rules);
// tracking_next_round: it is handled once more, due by the limit of rework from `at`.
void tracking_next_round(struct tracking_case *subject, int64_t at, struct tracking_rules *rules);
// tracking_clear_round forgets feedback, review and follow-up of the round, and what was asked for; that the resident
// was reached stays true.
void tracking_clear_round(struct tracking_case *subject);
