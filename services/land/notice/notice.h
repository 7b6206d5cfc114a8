// Public notices (公示) and objections (异议): what other topics of the ledger need of them.
//
// A notice is bound to what it is about by a hash of the content of each subject at the time it was posted. Whoever
// needs "this was posted and nobody's objection stands" asks land_notice_clear with the hash of what is there now: a
// notice of other content, one that still runs, or none at all says no. It is never enough that no notice says the
// contrary.
//
// Content of a subject is all of its body but how far it has come: members named here (subject.c) are left out,
// `state` and `progress` in every kind. So a parcel that goes on from SIGNED to POSTED is still what was posted, and
// one whose area was changed is not. Of a parcel's neighbours it is left out who signed, when, on what, and the verdict
// unless that is MISSING or DISPUTED: signing is what the posting asks for. The canonical bytes:
//
//   "LANDSUBJECT1" ‖ village, 12 digits ‖ length ‖ kind ‖ length ‖ id ‖ length ‖ body packed without those members
//
// lengths u32 big-endian; "packed" as the entry has it (fields in order of their numbers, protobuf-c). The version is
// not part of it, because a move makes one too; content that changes voids a posted notice for good
// (land_notice_touch), so nothing is gained by changing it back.
#pragma once

#include "services/land/action.h"

LAND_MEMBER(Notice, notice)
LAND_MEMBER(Objection, objection)

enum { LAND_SUBJECT_BYTES = 32 };

// land_subject_sha256 gives the hash of a subject's content as this write sees it. False: it is not in force, or is of
// a kind that cannot be posted (notices, objections).
bool land_subject_sha256(const struct land_write *write, int kind, const char *id, uint8_t out[LAND_SUBJECT_BYTES]);

// land_notice_clear: is there a notice of this kind (WANGGE__V1__NOTICE_KIND__…), ENDED_CLEAR, one of whose subjects
// has this hash? *ended_day (may be NULL) is the first civil day on which it was clear, the earliest of several such
// notices: what rests on it may not be signed before.
bool land_notice_clear(const struct land_write *write, int notice_kind, const uint8_t sha256[LAND_SUBJECT_BYTES],
                       int32_t *ended_day);

// land_notice_earliest gives the earliest civil day on which land_notice_clear can become true if nobody objects: of a
// notice that is posted the day behind its end, else as if one were posted today. For `earliest` of findings.
int32_t land_notice_earliest(const struct land_write *write, int notice_kind, const uint8_t sha256[LAND_SUBJECT_BYTES]);

// land_notice_touch voids posted notices whose subjects this write has changed or ended. The ledger calls it behind
// every decide function (land_topic.after).
wg_status land_notice_touch(struct land_write *write, struct wg_error *error);

// --- periods (period.c) ---
// Days a notice of this kind stands at least, by policy.
int land_notice_days(const struct land_write *write, int notice_kind);
// land_period_end gives the last day of a period of `days` whose day 0 is `first_day`: day `days`, or the next working
// day when that one is a day of rest (民法典 201, 203; weekends and the days off of the State Council's notice). The
// period ends at 24:00 of it. `calendar` may be NULL: Monday to Friday.
int32_t land_period_end(const struct wg_calendar *calendar, int32_t first_day, int days);
