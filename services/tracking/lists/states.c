// The table of what may be done to entries of lists, and how a change is decided by it.
#include "services/tracking/lists/change.h"

#include "common/base/text.h"
#include "common/wire/wire.h"
#include "services/tracking/lists/check.h"

#include <stdio.h>
#include <string.h>

#define ACTION(name) WANGGE__V1__CHANGE_ENTRY_REQUEST__ACTION_##name
#define KIND(name) WANGGE__V1__LIST_KIND__LIST_KIND_##name
#define STATE(name) WANGGE__V1__ENTRY_STATE__ENTRY_STATE_##name
#define IN(name) (1u << STATE(name))
#define NEW 1u

enum { REASON_BYTES = 1024, PERSON_BYTES = 64, REQUEST_ID_BYTES = 64 };

static const struct lists_rule RULES[] = {
    {ACTION(PLEDGE_DRAFT), KIND(PLEDGE), NEW | IN(DRAFT), STATE(DRAFT), false, lists_pledge_draft},
    {ACTION(PLEDGE_PROMISE), KIND(PLEDGE), IN(DRAFT), STATE(PROMISED), false, lists_pledge_promise},
    {ACTION(PLEDGE_AMEND), KIND(PLEDGE), IN(PROMISED), 0, true, lists_pledge_amend},
    {ACTION(PLEDGE_UPDATE), KIND(PLEDGE), IN(PROMISED), 0, false, lists_pledge_update},
    {ACTION(PLEDGE_MILESTONE), KIND(PLEDGE), IN(PROMISED), 0, false, lists_pledge_milestone},
    {ACTION(PLEDGE_FINISH), KIND(PLEDGE), IN(PROMISED), 0, false, lists_pledge_finish},
    {ACTION(PLEDGE_WITHDRAW), KIND(PLEDGE), IN(DRAFT) | IN(PROMISED), STATE(WITHDRAWN), true, NULL},
    {ACTION(REVIEW_OPEN), KIND(PLEDGE), IN(FULFILLED) | IN(UNFULFILLED), STATE(REVIEWING), false, lists_review_open},
    {ACTION(REVIEW_VOTE), KIND(PLEDGE), IN(REVIEWING), 0, false, lists_review_vote},
    {ACTION(REVIEW_CLOSE), KIND(PLEDGE), IN(REVIEWING), STATE(REVIEWED), false, lists_review_close},
    {ACTION(MEETING_PLAN), KIND(MEETING), NEW | IN(DRAFT), STATE(DRAFT), false, lists_meeting_plan},
    {ACTION(MEETING_TOPIC), KIND(MEETING), IN(DRAFT) | IN(HELD), 0, false, lists_meeting_topic},
    {ACTION(MEETING_HOLD), KIND(MEETING), IN(DRAFT), STATE(HELD), false, lists_meeting_hold},
    {ACTION(TOPIC_POSITION), KIND(MEETING), IN(HELD), 0, false, lists_topic_position},
    {ACTION(TOPIC_VOTE), KIND(MEETING), IN(HELD), 0, false, lists_topic_vote},
    {ACTION(TOPIC_RESOLVE), KIND(MEETING), IN(HELD), 0, false, lists_topic_resolve},
    {ACTION(MEETING_DISCLOSE), KIND(MEETING), IN(HELD), STATE(DISCLOSED), false, lists_meeting_disclose},
    {ACTION(TOPIC_TASK), KIND(MEETING), IN(DISCLOSED), 0, false, lists_topic_task},
    {ACTION(TOPIC_PLEDGE), KIND(MEETING), IN(DISCLOSED), 0, false, lists_topic_pledge},
    {ACTION(MEETING_CANCEL), KIND(MEETING), IN(DRAFT), STATE(WITHDRAWN), true, NULL},
    {ACTION(QUESTIONNAIRE_DRAFT), KIND(QUESTIONNAIRE), NEW | IN(DRAFT), STATE(DRAFT), false, lists_questionnaire_draft},
    {ACTION(QUESTIONNAIRE_OPEN), KIND(QUESTIONNAIRE), IN(DRAFT), STATE(OPEN), false, lists_questionnaire_open},
    {ACTION(QUESTIONNAIRE_CLOSE), KIND(QUESTIONNAIRE), IN(OPEN), STATE(CLOSED), false, NULL},
    {ACTION(QUESTIONNAIRE_WITHDRAW), KIND(QUESTIONNAIRE), IN(DRAFT), STATE(WITHDRAWN), true, NULL},
    {ACTION(PROBLEM_PUT), KIND(PROBLEM), NEW | IN(LISTED), STATE(LISTED), false, lists_problem_put},
    {ACTION(PROBLEM_ASSIGN), KIND(PROBLEM), IN(LISTED) | IN(ASSIGNED), STATE(ASSIGNED), false, lists_problem_assign},
    {ACTION(PROBLEM_BEGIN), KIND(PROBLEM), IN(ASSIGNED), STATE(IN_PROGRESS), false, NULL},
    {ACTION(PROBLEM_REPORT), KIND(PROBLEM), IN(IN_PROGRESS), STATE(VERIFY), false, lists_problem_report},
    {ACTION(PROBLEM_VERIFY), KIND(PROBLEM), IN(VERIFY), 0, false, lists_problem_verify},
    {ACTION(PROBLEM_RECUR), KIND(PROBLEM), IN(SOLVED), STATE(IN_PROGRESS), true, lists_problem_recur},
    {ACTION(PROBLEM_DROP), KIND(PROBLEM), IN(LISTED) | IN(ASSIGNED), STATE(WITHDRAWN), true, NULL},
};
enum { RULE_COUNT = sizeof RULES / sizeof *RULES };

const struct lists_rule *lists_rule_of(int action) {
  for (size_t i = 0; i < RULE_COUNT; i++) {
    if (RULES[i].action == action) return &RULES[i];
  }
  return NULL;
}

// The number of an action is the number of its field.
const char *lists_action_name(int action) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field(&wangge__v1__change_entry_request__descriptor, (unsigned)action);
  return field ? field->name : "";
}

wg_status lists_check(const Wangge__V1__ChangeEntryRequest *request, struct wg_error *error) {
  const struct lists_rule *rule = lists_rule_of((int)request->action_case);
  if (!rule) return wg_fail(error, WG_INVALID_ARGUMENT, "action", "one action is required");
  wg_status status = lists_check_key(request->district, request->code, error);
  if (status == WG_OK)
    status =
        wg_text_check(request->request_id, REQUEST_ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "request_id", error);
  if (status == WG_OK)
    status = wg_text_check(request->reason, REASON_BYTES, rule->reason ? WG_TEXT_REQUIRED : 0, "reason", error);
  if (status == WG_OK)
    status = wg_text_check(request->acting_person, PERSON_BYTES, WG_TEXT_ONE_LINE, "acting_person", error);
  if (status == WG_OK && request->expected_version < 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "expected_version", "must be 0 or a version");
  return status;
}

// possible lists the actions that an entry's state allows.
static const char *possible(const Wangge__V1__ListEntry *entry, char *text, size_t size) {
  const unsigned here = entry->version ? 1u << entry->state : NEW;
  size_t at = 0;
  text[0] = '\0';
  for (size_t i = 0; i < RULE_COUNT && at < size; i++) {
    if (RULES[i].kind == entry->kind && RULES[i].from & here)
      at += (size_t)snprintf(text + at, size - at, "%s%s", at ? ", " : "", lists_action_name(RULES[i].action));
  }
  return *text ? text : "nothing";
}

wg_status lists_decide(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListEntry *entry = change->entry;
  const Wangge__V1__ChangeEntryRequest *request = change->request;
  const struct lists_rule *rule = lists_rule_of((int)request->action_case);
  const bool exists = entry->version > 0;
  char list[256], word[32];
  if (!exists && !(rule->from & NEW))
    return wg_fail(error, WG_NOT_FOUND, "code", "there is no %s \"%s\" in %s; it begins with %s",
                   wg_enum_name(&wangge__v1__list_kind__descriptor, (int)rule->kind, word), request->code,
                   request->district, possible(entry, list, sizeof list));
  if (request->expected_version && request->expected_version != entry->version)
    return wg_fail(error, WG_ABORTED, "expected_version", "it is version %d by now; read it again",
                   (int)entry->version);
  if (exists && !(rule->from & 1u << entry->state))
    return wg_fail(error, WG_FAILED_PRECONDITION, "action", "it is %s; possible: %s",
                   wg_enum_name(&wangge__v1__entry_state__descriptor, (int)entry->state, word),
                   possible(entry, list, sizeof list));
  if (rule->act) {
    const wg_status status = rule->act(change, error);
    if (status != WG_OK) return status;
  }
  if (rule->to) entry->state = (Wangge__V1__EntryState)rule->to;
  if (!exists) entry->created_at = change->now;
  entry->changed_at = change->now;
  entry->version++;
  return WG_OK;
}
