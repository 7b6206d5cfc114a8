// See notices.h.
#include "services/tracking/notices.h"

#include "common/base/mask.h"

#include <stdio.h>
#include <string.h>

#define KIND(name) WANGGE__V1__CASE_NOTICE_KIND__CASE_NOTICE_KIND_##name
#define TO(name) WANGGE__V1__CASE_NOTICE_AUDIENCE__CASE_NOTICE_AUDIENCE_##name

// Which text a notice carries. Nothing but these is meant for the public.
enum text { NO_TEXT, PUBLIC_REPLY, EXPLANATION, ANSWER };

// One row for each step and audience, by the kinds of wangge.v1.CaseStep. The unit learns of its dispatches from
// routing.dispatch. What is not here is told to nobody but those who follow tracking.cases.
static const struct row {
  const char *step;
  Wangge__V1__CaseNoticeAudience to;
  Wangge__V1__CaseNoticeKind kind;
  enum text text;
} ROWS[] = {
    {"opened", TO(RESIDENT), KIND(RECEIVED), NO_TEXT},
    {"opened", TO(WORKER), KIND(RECEIVED), NO_TEXT},
    {"dispatched", TO(RESIDENT), KIND(DISPATCHED), NO_TEXT},
    {"sign_overdue", TO(UNIT), KIND(SIGN_OVERDUE), NO_TEXT},
    {"contact_overdue", TO(UNIT), KIND(CONTACT_OVERDUE), NO_TEXT},
    {"yellow_card", TO(UNIT), KIND(DEADLINE_NEAR), NO_TEXT},
    {"red_card", TO(UNIT), KIND(DEADLINE_PASSED), NO_TEXT},
    {"urged", TO(UNIT), KIND(URGED), NO_TEXT},
    {"criticised", TO(UNIT), KIND(CRITICISED), NO_TEXT},
    {"supervised", TO(UNIT), KIND(SUPERVISED), NO_TEXT},
    {"recounted", TO(UNIT), KIND(DEADLINE_MOVED), NO_TEXT},
    {"extension_asked", TO(DESK), KIND(EXTENSION_ASKED), NO_TEXT},
    {"extended", TO(UNIT), KIND(DEADLINE_MOVED), NO_TEXT},
    {"extended", TO(RESIDENT), KIND(DEADLINE_MOVED), NO_TEXT},
    {"extension_refused", TO(UNIT), KIND(EXTENSION_REFUSED), NO_TEXT},
    {"hold_asked", TO(DESK), KIND(HOLD_ASKED), NO_TEXT},
    {"held", TO(UNIT), KIND(HELD), NO_TEXT},
    {"held", TO(RESIDENT), KIND(HELD), EXPLANATION},
    {"hold_refused", TO(UNIT), KIND(HOLD_REFUSED), NO_TEXT},
    {"resumed", TO(UNIT), KIND(RESUMED), NO_TEXT},
    {"resumed", TO(RESIDENT), KIND(RESUMED), NO_TEXT},
    {"resolved", TO(RESIDENT), KIND(RESOLVED), NO_TEXT},
    {"problem_solved", TO(RESIDENT), KIND(RESOLVED), NO_TEXT},
    {"problem_solved", TO(UNIT), KIND(RESOLVED), NO_TEXT},
    {"review_overdue", TO(DESK), KIND(REVIEW_OVERDUE), NO_TEXT},
    {"approved", TO(RESIDENT), KIND(PUBLIC_REPLY), PUBLIC_REPLY},
    {"approved", TO(RESIDENT), KIND(FOLLOW_UP_ASKED), NO_TEXT},
    {"sent_back", TO(UNIT), KIND(SENT_BACK), NO_TEXT},
    {"follow_up_overdue", TO(DESK), KIND(FOLLOW_UP_OVERDUE), NO_TEXT},
    {"follow_up_tried", TO(RESIDENT), KIND(FOLLOW_UP_ASKED), NO_TEXT},
    {"closed", TO(RESIDENT), KIND(CLOSED), NO_TEXT},
    {"closed", TO(WORKER), KIND(CLOSED), NO_TEXT},
    {"rework", TO(RESIDENT), KIND(REOPENED), NO_TEXT},
    {"rework", TO(UNIT), KIND(REOPENED), NO_TEXT},
    {"reopened", TO(RESIDENT), KIND(REOPENED), NO_TEXT},
    {"reopened", TO(UNIT), KIND(REOPENED), NO_TEXT},
    {"recurred", TO(DESK), KIND(RECURRED), NO_TEXT},
    {"void_asked", TO(DESK), KIND(VOID_ASKED), NO_TEXT},
    {"voided", TO(UNIT), KIND(VOIDED), NO_TEXT},
    {"withdrawn", TO(RESIDENT), KIND(WITHDRAWN), NO_TEXT},
    {"withdrawn", TO(UNIT), KIND(WITHDRAWN), NO_TEXT},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

static char *text_of(enum text which, const Wangge__V1__Case *row, struct wg_arena *arena) {
  const char *text = "";
  if (which == PUBLIC_REPLY && row->feedback) text = row->feedback->public_reply;
  else if (which == ANSWER && row->answer) text = row->answer->text;
  else if (which == EXPLANATION && row->hold) text = row->hold->public_explanation;
  return (char *)(uintptr_t)(*text ? wg_mask_text(text, arena) : text);
}

// fill says it to the unit that holds the case, or to the desk when none does.
static void fill(const struct row *what, const struct tracking_case *subject, const struct tracking_step *step,
                 struct wg_arena *arena, struct tracking_notice *out) {
  const Wangge__V1__Case *row = &subject->row;
  Wangge__V1__CaseNotice *notice = &out->message;
  wangge__v1__case_notice__init(notice);
  notice->kind = what->kind;
  notice->audience = what->to == TO(UNIT) && !*row->department ? TO(DESK) : what->to;
  notice->district = row->district;
  notice->order_id = row->order_id;
  notice->step = subject->steps;
  notice->at = step->at;
  notice->source = row->source;
  notice->department = row->department;
  notice->grid_code = row->grid_code;
  notice->round = row->round;
  notice->due_at = row->due_at;
  notice->text = text_of(what->text, row, arena);
  if (notice->audience == TO(UNIT)) snprintf(out->topic, sizeof out->topic, "%.64s", row->department);
  else if (notice->audience == TO(RESIDENT)) snprintf(out->topic, sizeof out->topic, "residents-%s", row->district);
  else if (notice->audience == TO(WORKER)) snprintf(out->topic, sizeof out->topic, "workers-%s", row->district);
  else snprintf(out->topic, sizeof out->topic, "desk-%s", row->district);
}

size_t tracking_notices_of(const struct tracking_case *subject, const struct tracking_step *step, bool fresh,
                           struct wg_arena *arena, struct tracking_notice out[TRACKING_NOTICES_MOST]) {
  size_t count = 0;
  for (size_t i = 0; i < ROW_COUNT; i++) {
    const struct row *what = &ROWS[i];
    static const struct row ANSWERED = {"opened", TO(RESIDENT), KIND(ANSWERED), ANSWER};
    if (what->to == TO(RESIDENT) && what->kind == KIND(RECEIVED) && subject->row.answer) what = &ANSWERED;
    // Of a new case only the newest step is told; that it was opened its workers hear all the same.
    const bool opened = fresh && what->to == TO(WORKER) && what->kind == KIND(RECEIVED);
    if (!opened && strcmp(what->step, step->kind) != 0) continue;
    if (what->to == TO(WORKER) && !*subject->row.grid_code) continue;
    fill(what, subject, step, arena, &out[count++]);
  }
  return count;
}

void tracking_notice_verify(const Wangge__V1__ListEntry *entry, int64_t at, struct tracking_notice *out) {
  Wangge__V1__CaseNotice *notice = &out->message;
  wangge__v1__case_notice__init(notice);
  notice->kind = KIND(VERIFICATION_ASKED);
  notice->audience = TO(WORKER);
  notice->district = entry->district;
  notice->entry = entry->code;
  notice->step = entry->version;
  notice->at = at;
  notice->grid_code = entry->area;
  snprintf(out->topic, sizeof out->topic, "workers-%s", entry->district);
}
