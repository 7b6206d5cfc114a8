// Inside the topic of notices: what its files share. Other topics use notice.h.
#pragma once

#include "services/land/notice/notice.h"

#include "wangge/v1/land_notice.pb-c.h"

#define NOTICE_STATE(NAME) WANGGE__V1__NOTICE_STATE__NOTICE_STATE_##NAME
#define OBJECTION_STATE(NAME) WANGGE__V1__OBJECTION_STATE__OBJECTION_STATE_##NAME

enum {
  NOTICE_TITLE_BYTES = 256,
  NOTICE_TEXT_BYTES = 16384,
  NOTICE_SUBJECTS = 20000,
  NOTICE_PLACES = 32,
  NOTICE_PLACE_BYTES = 128,
  NOTICE_DOCS = 64,
  NOTICE_PHOTOS = 32,
  NOTICE_DAYS_MOST = 365,
  OBJECTION_TEXT_BYTES = 4096,
  OBJECTION_DOCS = 32,
};

// --- states (states.c) ---
extern const struct land_move LAND_NOTICE_MOVES[], LAND_OBJECTION_MOVES[];
extern const size_t LAND_NOTICE_MOVE_COUNT, LAND_OBJECTION_MOVE_COUNT;
extern const struct land_states LAND_NOTICE_STATES[]; // the same and what follows of time, to be printed
// The state an event leads a notice or objection to, or -1 with the refusal made.
int land_notice_move(struct land_write *write, const char *id, const Wangge__V1__Notice *notice, const char *event);
int land_objection_move(struct land_write *write, const char *id, const Wangge__V1__Objection *objection,
                        const char *event);

// --- content (subject.c) ---
bool land_subject_postable(int kind);
// land_subject_summary gives what a sheet says of a record in a line or two, Chinese, in the arena; "" for kinds whose
// text of the notice says it (summary.c).
char *land_subject_summary(const struct land_write *write, const Wangge__V1__LandRecord *record);
// A length as it is hashed: u32 big-endian. `bytes` holds it.
struct wg_bytes land_hash_length(uint32_t length, uint8_t bytes[4]);
// land_notice_content hashes all that is posted: content.c says in which order.
void land_notice_content(const char *village, const Wangge__V1__Notice *notice, uint8_t out[LAND_SUBJECT_BYTES]);

// --- standing (standing.c) ---
bool land_notice_has(const Wangge__V1__Notice *notice, const char *kind, const char *id);
// land_notice_settle sets the state of a notice whose period is over by its objections as this write leaves them; of
// one that still runs nothing.
void land_notice_settle(struct land_write *write, const char *notice_id);
wg_status land_notice_end(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error);

// --- decide functions ---
#define LAND_DECIDE(NAME) wg_status land_##NAME(struct land_write *write, struct wg_error *error)
LAND_DECIDE(draft_notice);
LAND_DECIDE(post_notice);
LAND_DECIDE(photograph_notice);
LAND_DECIDE(take_down_notice);
LAND_DECIDE(withdraw_notice);
LAND_DECIDE(file_objection);
LAND_DECIDE(admit_objection);
LAND_DECIDE(decide_objection);
LAND_DECIDE(withdraw_objection);
LAND_DECIDE(appeal_objection);
