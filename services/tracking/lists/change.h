// One change of one entry of a list: which actions there are, in which state, and what each does. Pure.
//
//   pledge         (none) --pledge_draft--> DRAFT --pledge_promise--> PROMISED --pledge_finish--> FULFILLED,
//   UNFULFILLED
//                  --review_open--> REVIEWING --review_close--> REVIEWED;  DRAFT, PROMISED --pledge_withdraw-->
//                  WITHDRAWN
//   meeting        (none) --meeting_plan--> DRAFT --meeting_hold--> HELD --meeting_disclose--> DISCLOSED
//                  DRAFT --meeting_cancel--> WITHDRAWN
//   questionnaire  (none) --questionnaire_draft--> DRAFT --questionnaire_open--> OPEN --questionnaire_close--> CLOSED
//                  DRAFT --questionnaire_withdraw--> WITHDRAWN
//   problem        (none) --problem_put--> LISTED --problem_assign--> ASSIGNED --problem_begin--> IN_PROGRESS
//                  --problem_report--> VERIFY --problem_verify--> SOLVED, IN_PROGRESS;  SOLVED --problem_recur-->
//                  IN_PROGRESS LISTED, ASSIGNED --problem_drop--> WITHDRAWN
//
// The whole table is in states.c; a refusal lists what would be possible.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/intake.pb-c.h"
#include "wangge/v1/lists.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

enum {
  LISTS_CODE_BYTES = 40,
  LISTS_TITLE_BYTES = 256,
  LISTS_TEXT_BYTES = 8192,
  LISTS_NOTE_BYTES = 2048,
  LISTS_ATTACHMENTS = 20,
  LISTS_SOURCES = 100,
  LISTS_MILESTONES = 60,
  LISTS_UPDATES = 200,
  LISTS_TOPICS = 50,
  LISTS_POSITIONS = 50,
  LISTS_TASKS = 20,
  LISTS_QUESTIONS = 50,
  LISTS_OPTIONS = 30,
  LISTS_ANSWER_BYTES = 1024,
  LISTS_SCALE = 5,
  LISTS_ORDERS = 1000,
};

struct lists_change {
  const Wangge__V1__ChangeEntryRequest *request; // checked by lists_check; a copy whose parts the entry takes over
  Wangge__V1__ListEntry *entry;                  // a copy that is changed in place; version 0: it is new
  struct wg_arena *arena;
  int64_t now;   // UTC µs
  int32_t today; // civil day in Shanghai
  // topic_pledge: the pledge that is made, given with version 0; one that exists is refused
  Wangge__V1__ListEntry *pledge;
  // topic_task: the order that is made; NULL: none
  Wangge__V1__NewOrder *order;
  // problem_verify: what the orders of a solved problem are given; NULL: it is not solved. Version and caller are the
  // batch's to fill.
  Wangge__V1__SharedSolution *solution;
};
typedef wg_status lists_action(struct lists_change *change, struct wg_error *error);

// One row of the table of what may be done.
struct lists_rule {
  int action; // Wangge__V1__ChangeEntryRequest__ActionCase
  Wangge__V1__ListKind kind;
  unsigned from; // bits 1 << EntryState; bit 0: there is none yet
  int to;        // EntryState; 0: it stays, or the action says
  bool reason;   // a reason is required
  lists_action *act;
};
// lists_rule_of gives the row of an action; NULL: no such action.
const struct lists_rule *lists_rule_of(int action);
const char *lists_action_name(int action); // "pledge_draft"

// lists_check looks at a request alone: limits, required texts, codes.
wg_status lists_check(const Wangge__V1__ChangeEntryRequest *request, struct wg_error *error);
// lists_decide does the action to change->entry, or refuses and leaves nothing that counts.
wg_status lists_decide(struct lists_change *change, struct wg_error *error);

// The actions; each looks at its own part of the request and is called in a state the table allows.
lists_action lists_pledge_draft, lists_pledge_promise, lists_pledge_amend, lists_pledge_update, lists_pledge_milestone,
    lists_pledge_finish, lists_review_open, lists_review_vote, lists_review_close;
lists_action lists_meeting_plan, lists_meeting_topic, lists_meeting_hold, lists_topic_position, lists_topic_vote,
    lists_topic_resolve, lists_meeting_disclose, lists_topic_task, lists_topic_pledge;
lists_action lists_questionnaire_draft, lists_questionnaire_open;
lists_action lists_problem_put, lists_problem_assign, lists_problem_report, lists_problem_verify, lists_problem_recur;
